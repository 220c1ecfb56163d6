"""Every Dutch sentence stands in the catalogue, and none in a template outside it.

The command that brings translations/messages.pot up to date stands in babel.cfg.
"""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

HERE = Path(__file__).parents[1]
CATALOGUE = HERE / "translations" / "messages.pot"
TEMPLATES = sorted((HERE / "templates").rglob("*.html"))
NAMES = {"Wijkstem"}  # names are the same in every language
SIGNS = {"€"}

LITERAL = r"(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')"
MARKED = re.compile(rf"\b_\(\s*{LITERAL}|\bngettext\(\s*{LITERAL}\s*,\s*{LITERAL}", re.S)


def extract(to: Path) -> None:
    """Run the command of babel.cfg, with another output."""
    command = re.findall(r"^#\s+\S*pybabel (.*)$", (HERE / "babel.cfg").read_text(), re.M)[0]
    arguments = shlex.split(command)
    arguments[arguments.index("-o") + 1] = str(to)
    module = "from babel.messages.frontend import main; main()"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", module, "-q", *arguments],
        cwd=HERE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_catalogue_is_up_to_date(tmp_path: Path) -> None:
    extract(tmp_path / "now.pot")
    now = (tmp_path / "now.pot").read_text()
    assert now == CATALOGUE.read_text(), "run the command in babel.cfg"


def test_the_catalogue_holds_what_each_way_of_marking_marks() -> None:
    with CATALOGUE.open("rb") as file:
        known = {str(each.id[0] if isinstance(each.id, tuple) else each.id) for each in read_po(file)}
    for sentence in (
        "Dit kan niet",  # gettext, in app.py
        "Met deze brief is al gestemd.",  # N_, in a refusal
        "Hoe heet uw plan?",  # lazy_gettext, in a form
        "Dien een plan in",  # _, in a template
        "%(num)d plan",  # ngettext, in a template
    ):
        assert sentence in known, sentence
    assert len(known) > 300


def test_no_sentence_twice_with_another_ending() -> None:
    """Placeholders of a sentence can be filled in: each is %(name)s or %(name)d, or a doubled percent."""
    with CATALOGUE.open("rb") as file:
        for each in read_po(file):
            for text in each.id if isinstance(each.id, tuple) else (each.id,):
                assert "%" not in re.sub(r"%\(\w+\)[sd]|%%", "", str(text)), text


def bare(source: str) -> list[str]:
    """Return text that a reader would see and no catalogue knows: between tags, in attributes, in calls."""
    source = re.sub(r"\{#.*?#\}", "", source, flags=re.S)
    code = re.findall(r"\{[{%].*?[%}]\}", source, re.S)
    found = []
    for each in code:
        for literal in re.findall(LITERAL, MARKED.sub("", each)):
            inside = literal[1:-1]
            if re.match(r"[A-ZÀ-Ý][^.]*\s\w", inside):
                found.append(inside)
    shown = re.sub(r"\{[{%].*?[%}]\}", "\0", source, flags=re.S)
    shown = re.sub(r"<(script|style)\b.*?</\1>", "", shown, flags=re.S)
    for value in re.findall(r'\b(?:aria-label|alt|title|placeholder)="([^"]*)"', shown):
        found.append(value)
    # attributes that a macro writes, which hold no words
    shown = re.sub(r'\s(?:data-[\w\0-]*|aria-(?:invalid|describedby))="[^"]*"', "", shown)
    for node in re.sub(r"<[^>]*>", "\0", shown, flags=re.S).split("\0"):
        found.append(node)
    return [
        each.strip()
        for each in found
        if re.search(r"[^\W\d_]{2,}", re.sub(r"&\w+;", "", each)) and each.strip() not in NAMES | SIGNS
    ]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(HERE / "templates").as_posix())
def test_no_text_outside_the_catalogue(path: Path) -> None:
    if path.suffix == ".css":
        return
    assert bare(path.read_text()) == []


@pytest.mark.parametrize(
    "planted",
    [
        "<p>Hallo wereld</p>",
        '<p>{{ _("Goed") }} en fout</p>',
        '<img alt="Een huis">',
        '<a aria-label="Menu">{{ x }}</a>',
        '{{ c.notice("info", "Let op dit") }}',
        "{% set x = 'Een zin hier' %}",
    ],
)
def test_planted_text_is_found(planted: str) -> None:
    assert bare(planted)


@pytest.mark.parametrize(
    "fine",
    [
        '<p class="lead muted">{{ _("Hallo wereld") }}</p>',
        '{{ ngettext("%(num)d plan", "%(num)d plannen", n) }}',
        "{# Een uitleg voor wie dit leest #}",
        '<span aria-hidden="true">€</span> 12 · &nbsp;',
        '{{ c.field(form.title, _("Kort: \\"zo\\""), autocomplete="off") }}',
    ],
)
def test_marked_text_is_fine(fine: str) -> None:
    assert bare(fine) == []
