"""The booth in a browser of eight years ago: nothing newer that such a phone cannot do without.

Where a newer feature is used, `HARMLESS` says what is lost without it; everything else that is newer fails here.
tests/browser/test_old_phone.py then votes with all of it taken away. What a resident needs for voting and reading is
looked at; recounting and finding a vote back in the browser are modules, and ask for a newer one.
"""

import re
from pathlib import Path

import pytest

from tests.browser.old_phone import read

STATIC = Path(__file__).parents[1] / "static"
STYLES = [
    f"css/{name}.css"
    for name in ("tokens", "base", "booth", "paper", "components", "result", "board", "print")
]
SCRIPTS = ["js/booth.js", "js/scan.js", "js/read.js", "js/paper.js"]

# What browsers of 2018 (Chrome 66, Firefox 60, Safari 11.1) lack, and what a voter loses with it.
HARMLESS = {
    ":focus-visible": "the outline also shows after a tap",
    "::details-content": "what is folded away stays so when printed",
    "::marker": "the colour of a triangle",
    "::file-selector-button": "the look of a button of the office",
    "aspect-ratio": "the shape of a picture that is cut to size",
    "accent-color": "radio buttons are blue",
    "content with an alternative": "the line before it says the same sign, which a screen reader then reads",
    "gap": "parts stand close; in a grid of the booth the old name, grid-gap, is used",
    "hyphens": "long words break anywhere",
    "inset": "only the title of a card can be tapped, and a line between steps of time is gone",
    "logical space": "narrower indents; where things would overlap the old -webkit- name stands before it",
    "min(), max(), clamp()": "one column where there could be two",
    "text-wrap": "a heading breaks where it is full",
    "text-underline": "a line under a link lies closer",
    "prefers-color-scheme": "always light",
    "prefers-contrast": "captions stay grey",
    "scroll-margin": "a step is not scrolled to its very top",
    "break-inside": "a row may break when printed",
    "float to a logical side": "the question stands in the edge of its field",
    "overflow-wrap: anywhere": "word-break stands before it",
}

# Of a script: an expression that finds it, and since when a browser reads it. A script that is newer is not run at all.
SYNTAX = {
    "?.": (r"\?\.\D", 2020),
    "??": (r"\?\?", 2020),
    "catch without a name": (r"catch\s*\{", 2018.8),
    "replaceAll, at, flat, fromEntries": (r"\.(?:replaceAll|at|flat|flatMap|fromEntries|matchAll)\(", 2019),
    "private fields": (r"\bthis\.#", 2021),
    "import": (r"^\s*(?:import|export)\b|\bimport\(", 2018),
    "numbers with _": (r"\b\d+_\d", 2019),
    "named groups or look behind": (r"\(\?<", 2020),
    "optional methods": (r"\.(?:replaceChildren|toggleAttribute|scrollTo\(\{|randomUUID)\b", 2020),
}


def code(script: str) -> str:
    """Return a script without its comments and texts."""
    return re.sub(r"/\*.*?\*/|'(?:[^'\\\n]|\\.)*'", "''", script, flags=re.DOTALL)


@pytest.mark.parametrize("name", STYLES)
def test_a_style_asks_nothing_newer_that_matters(name: str) -> None:
    _, lacking = read((STATIC / name).read_text())
    assert not set(lacking) - set(HARMLESS)


def test_every_line_of_the_table_is_used() -> None:
    _, lacking = read("".join((STATIC / name).read_text() for name in STYLES))
    assert not set(HARMLESS) - set(lacking)


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_can_be_read(name: str) -> None:
    script = code((STATIC / name).read_text())
    found = [what for what, (looks, _) in SYNTAX.items() if re.search(looks, script, re.MULTILINE)]
    assert not found


def test_what_is_newer_is_found() -> None:
    assert "?." in [what for what, (looks, _) in SYNTAX.items() if re.search(looks, "a?.b")]
    css = "a:is(b) { color: red } a { aspect-ratio: 1; top: 0; inset: 0 } @container (width > 1px) { a { left: 0 } }"
    assert read(css) == ("a {\n  top: 0;\n}\n", [":is", "aspect-ratio", "inset", "@container"])
    css = "a:not(.b)::before { margin: 0 1rem; color: var(--x) } @media print { a { top: 0 } }"
    assert read(css)[1] == []
    assert read("@supports selector(:has(a)) { a:has(b) { top: 0 } }") == ("", [])
