"""How resident pages look and move: focus that is seen, text that can be read, nothing that jumps."""

from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from consult.themes import contrast
from tests.browser.conftest import Opens
from tests.browser.tour import PAGES
from tests.browser.town import Place
from tests.browser.walk import to_question

# Text and what it stands on, 4.5 to 1 (WCAG 1.4.3); the edge of what can be tapped, 3 to 1 (1.4.11).
TEXTS = [
    (ink, ground) for ink in ("ink", "muted", "link", "wrong") for ground in ("page", "surface", "soft")
] + [("fill-ink", "fill"), ("fill-ink", "fill-hover"), ("accent-ink", "accent"), ("page", "ink")]
TEXTS += [(state, f"{state}-soft") for state in ("info", "success", "warning", "wrong")]
EDGES = [("edge", ground) for ground in ("page", "surface")] + [("link", "surface"), ("ink", "page")]

# A token as "#rrggbb": the browser itself mixes what is mixed.
COLOURS = """(names) => {
    const brush = Object.assign(document.createElement('canvas'), { width: 1, height: 1 })
        .getContext('2d', { willReadFrequently: true });
    const probe = document.body.appendChild(document.createElement('i'));
    return Object.fromEntries(names.map((name) => {
        probe.style.color = `var(--ws-${name})`;
        brush.fillStyle = getComputedStyle(probe).color;
        brush.fillRect(0, 0, 1, 1);
        return [name, '#' + [...brush.getImageData(0, 0, 1, 1).data].slice(0, 3)
            .map((part) => part.toString(16).padStart(2, '0')).join('')];
    }));
}"""


@pytest.mark.parametrize("theme", ["", "lindehaven", "zeeoever"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("wish", ["no-preference", "more"])
def test_text_can_be_read(theme: str, scheme: str, wish: str, opens: Opens, place: Place) -> None:
    context = opens(place, 1280, 900)
    page = context.new_page()
    page.emulate_media(color_scheme=scheme, contrast=wish)  # type: ignore[arg-type]
    page.goto(f"/stijl?thema={theme}" if theme else "/stijl")
    found: dict[str, str] = page.evaluate(COLOURS, sorted({name for pair in TEXTS + EDGES for name in pair}))
    least = [(4.5, pair) for pair in TEXTS] + [(3.0, pair) for pair in EDGES]
    if wish == "more":
        least += [(7.0, ("ink", "page")), (7.0, ("muted", "page")), (7.0, ("edge", "surface"))]
    pale = [
        f"{ink} {found[ink]} on {ground} {found[ground]}: {ratio:.2f}"
        for want, (ink, ground) in least
        if (ratio := contrast(found[ink], found[ground])) < want
    ]
    assert not pale


# What has the focus: where it stands, and whether that is seen; of a choice its label shows it.
FOCUSED = """() => {
    const e = document.activeElement;
    if (!e || e === document.body) return null;
    const shown = e.matches('.choice input') ? document.querySelector(`label[for="${e.id}"]`) : e;
    const style = getComputedStyle(shown), box = shown.getBoundingClientRect();
    return {
        name: e.tagName + ' ' + (e.textContent || e.value || e.id).trim().slice(0, 40),
        seen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
        inside: box.bottom > 0 && box.top < innerHeight && box.width > 0,
        nth: [...document.querySelectorAll('*')].indexOf(e), top: box.top + scrollY,
    };
}"""


def walked(page: Page, step: str) -> list[str]:
    """Press Tab from the top of the page to its end; return what is wrong with where the focus comes."""
    page.evaluate(
        "document.activeElement.blur(); window.getSelection().removeAllRanges(); window.scrollTo(0, 0)"
    )
    stops: list[dict[str, Any]] = []
    for _ in range(60):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop is None or (stops and stop["nth"] <= stops[0]["nth"]):
            break
        stops.append(stop)
    assert len(stops) >= 3, step
    wrong = [f"{step}: no outline at {stop['name']}" for stop in stops if not stop["seen"]]
    wrong += [f"{step}: out of sight: {stop['name']}" for stop in stops if not stop["inside"]]
    for one, other in pairwise(stops):
        if other["nth"] <= one["nth"] or other["top"] < one["top"] - 60:  # parts of one row may differ
            wrong.append(f"{step}: {other['name']} comes after {one['name']}")
    return wrong


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(390, 844), (1280, 900)])
def test_the_focus_is_seen_and_in_order(
    scheme: str, size: tuple[int, int], opens: Opens, place: Place
) -> None:
    page = opens(place, *size, color_scheme=scheme).new_page()
    page.goto("/s")
    found = walked(page, "code")
    page.get_by_label("Uw stemcode").fill(place.code())
    page.get_by_role("button", name="Verder").click()
    page.locator(".stage:target").wait_for()
    found += walked(page, "reading")
    to_question(page)
    found += walked(page, "question")
    page.get_by_text("Voor", exact=True).last.click()
    page.get_by_role("button", name="Controleer uw keuze").click()
    page.locator(".slip").wait_for()
    found += walked(page, "review")
    page.get_by_role("button", name="Verstuur mijn stem").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Uw stem zit in de stembus")
    found += walked(page, "receipt")
    assert not found, "\n".join(found)


SHIFTS = """
    window.shifted = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
        if (!entry.hadRecentInput) { window.shifted += entry.value; }
    })).observe({ type: 'layout-shift', buffered: true });
"""
STILL = [
    "booth, code", "booth, question", "booth, nothing chosen", "booth, review", "booth, receipt", "booth, used",
    "home", "wijk with a vote", "plan, open", "consultation, open", "consultation, decided", "ballot, counted",
    "ballot, tied", "help", "privacy", "accessibility", "secrecy",
]  # fmt: skip


@pytest.mark.parametrize("name", STILL)
def test_nothing_jumps(name: str, opens: Opens, place: Place) -> None:
    context = opens(place)
    context.add_init_script(SHIFTS)
    page, (_, steps) = context.new_page(), PAGES[name]
    steps(page, place)
    page.wait_for_load_state("networkidle")
    page.evaluate("new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen)))")
    assert page.evaluate("window.shifted") == 0


# Parts of a page that still move, or would when they change.
MOVES = """() => [...document.querySelectorAll('*')].filter((e) => ['', '::before', '::after'].some((part) => {
    const style = getComputedStyle(e, part || null), smooth = style.scrollBehavior === 'smooth';
    return parseFloat(style.transitionDuration) > 0 || style.animationName !== 'none' || smooth;
})).map((e) => e.tagName + '.' + e.className)"""


@pytest.mark.parametrize("name", ["booth, question", "consultation, decided", "ballot, counted", "style"])
def test_nothing_moves_for_who_asked_that(name: str, opens: Opens, place: Place) -> None:
    page, (_, steps) = opens(place, reduced_motion="reduce").new_page(), PAGES[name]
    steps(page, place)
    assert page.evaluate(MOVES) == []
