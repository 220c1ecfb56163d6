"""A town's own look: what is taken from a theme file, what is refused, and that text stays readable."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballots.refusals import Refusal
from consult import themes
from consult.refusals import ThemeEmpty, ThemeUnreadable, ThemeWrong
from consult.style import EXAMPLES, THEMES

BUTTON = "--nl-button-primary-background-color"


@pytest.mark.parametrize("name", THEMES)
def test_the_examples_can_be_taken_over(name: str) -> None:
    tokens = themes.read((EXAMPLES / f"{name}.css").read_bytes())
    assert len(tokens) >= 5
    assert not list(themes.too_pale(tokens))
    assert themes.tokens_of(themes.kept(tokens)) == tokens


def test_the_examples_look_different() -> None:
    one, other = (themes.read(Path(EXAMPLES / f"{name}.css").read_bytes()) for name in THEMES)
    assert all(one[name] != other[name] for name in one.keys() & other.keys() if "inverse-color" not in name)


def test_a_token_that_points_to_another_is_followed() -> None:
    css = b".t { --a: #112233; --b: var(--a); --nl-button-primary-background-color: var(--b) }"
    assert themes.read(css)[BUTTON] == "#112233"


def test_the_rest_of_a_theme_is_left_alone() -> None:
    css = b"@import url(//elsewhere/x.css); p { display: none } .t { --nl-button-border-radius: 4px; --x: url(y) }"
    tokens = themes.read(css)
    assert tokens == {"--nl-button-border-radius": "4px"}
    assert themes.stylesheet("#1f5c48", tokens) == (
        ":root {\n  --ws-accent: #1f5c48;\n  --nl-button-border-radius: 4px;\n}\n"
    )


@pytest.mark.parametrize(
    ("css", "refusal"),
    [
        (b"", ThemeUnreadable),
        (b"\xff\xfe", ThemeUnreadable),
        (b"\0", ThemeUnreadable),
        (b"x" * (themes.LARGEST + 1), ThemeUnreadable),
        (b"body { color: red }", ThemeEmpty),
        (b":root { --nl-link-color: url(//elsewhere) }", ThemeWrong),
        (b":root { --nl-link-color: var(--nl-link-color) }", ThemeWrong),
        (b":root { --nl-link-color: red }", ThemeWrong),
        (b":root { --nl-button-border-radius: 9999px }", ThemeWrong),
        (b':root { --basis-text-font-family-default: "x }', ThemeWrong),
        (
            b":root { --nl-button-primary-background-color: #fff; --nl-button-primary-color: #eee }",
            ThemeWrong,
        ),
        (b":root { --basis-color-default-color-document: #cccccc }", ThemeWrong),
    ],
)
def test_what_is_no_theme_is_refused(css: bytes, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        themes.read(css)


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000", "#ffffff", 21), ("#fff", "#fff", 1), ("#777777", "#ffffff", 4.48), ("#1f5c48", "#fff", 7.83)],
)
def test_contrast_as_wcag_counts_it(one: str, other: str, ratio: float) -> None:
    assert themes.contrast(one, other) == pytest.approx(ratio, abs=0.01)


@given(
    st.binary(max_size=200)
    | st.text(alphabet="-:;{}#abcdefnlbuto 0123456789()var,", max_size=200).map(str.encode)
)
def test_no_file_gets_anything_but_tokens_through(css: bytes) -> None:
    try:
        tokens = themes.read(b":root { " + css + b"; --nl-button-border-radius: 1px }")
    except Refusal:
        return
    assert tokens.keys() <= themes.TOKENS.keys()
    made = themes.stylesheet("#000000", tokens)
    assert made.count("{") == made.count("}") == 1
    assert "url" not in made
