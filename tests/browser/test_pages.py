"""Every page: nothing that axe can find, nothing that sticks out or is cut, and voter pages stay small."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from tests.browser import shots
from tests.browser.conftest import Opens
from tests.browser.tour import PAGES
from tests.browser.town import Place
from tests.browser.walk import to_question

AXE = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "rules": {"target-size": {"enabled": True}},
}
COLOURS = {
    "resultTypes": ["violations"],
    "runOnly": ["color-contrast", "link-in-text-block"],
}  # all that the dark differs in
MOST_BYTES = 20 * 1024  # of a voter's page over the wire, all in
SIZES = {"phone": (390, 844), "desktop": (1280, 900)}
STICKS_OUT = """() => {
    const out = [], wide = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth > wide) out.push('the page scrolls sideways');
    for (const e of document.body.querySelectorAll('*')) {
        if (e.matches('input, select, textarea') || e.closest('svg, .visually-hidden, .skip, .table-scroll')) continue;
        const box = e.getBoundingClientRect(), name = e.tagName + '.' + e.className;
        if (!box.width) continue;
        if (box.right > wide + 1 || box.left < -1) out.push(name + ' sticks out: ' + e.textContent.trim().slice(0, 40));
        const hides = ['hidden', 'clip'].includes(getComputedStyle(e).overflowX);
        if ((hides || e.tagName === 'BUTTON') && e.scrollWidth > e.clientWidth + 1)
            out.push(name + ' is cut: ' + e.textContent.trim().slice(0, 40));
    }
    return out;
}"""

# What a thumb cannot hit: less than 44 pixels. A link in a sentence is as high as its line.
SMALL = """() => {
    const found = [];
    for (let e of document.querySelectorAll('a, button, input, select, textarea, summary')) {
        if (!e.checkVisibility() || e.type === 'hidden' || e.matches('.skip')) continue;
        const beside = [...e.parentNode.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
        if (e.matches('a') && beside) continue;
        const label = e.matches('[type=radio], [type=checkbox]') && e.labels[0];
        const card = e.matches('.card__title a') && e.closest('.card--link');
        const box = (e.closest('.choice, label') || label || card || e).getBoundingClientRect();
        if (box.height < 43.5 || box.width < 43.5)
            found.push(`${e.tagName} ${box.width} by ${box.height}: ${e.textContent.trim().slice(0, 40)}`);
    }
    return found;
}"""
# A button that is no more than its text: where a browser replaces all colours, only a border is left.
UNSEEN = """() => [...document.querySelectorAll('.button, .choice label, .input')].filter((e) => {
    const style = getComputedStyle(e), solid = parseFloat(style.borderTopWidth) > 0 && style.borderTopStyle !== 'none';
    return e.checkVisibility() && matchMedia('(forced-colors: active)').matches && !e.matches('.button--link') &&
        !(solid && style.borderTopColor !== style.backgroundColor);
}).map((e) => 'no edge: ' + e.textContent.trim().slice(0, 40))"""


@pytest.mark.parametrize("name", PAGES)
def test_a_page_suits_everybody(name: str, opens: Opens, place: Place, keys: Callable[[str], Path]) -> None:
    who, steps = PAGES[name]
    context = opens(place, *SIZES["phone"], storage_state=keys(who) if who else None)
    page = context.new_page()
    steps(page, place)
    page.wait_for_load_state()  # a page without its styles yet has small targets
    found = []
    page.evaluate(AXE_SCRIPT)
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            shots.keep(page, f"{name}, {size}, {scheme}")
            found += [
                f"{size} {scheme}: {line}" for line in violations(page, AXE if scheme == "light" else COLOURS)
            ]
    page.set_viewport_size({"width": 320, "height": 256})  # 1280 by 1024 at 400 %
    found += page.evaluate(STICKS_OUT)
    if who is None:
        found += page.evaluate(SMALL)
        page.emulate_media(color_scheme="light", forced_colors="active")
        found += [f"forced colours: {line}" for line in violations(page, COLOURS) + page.evaluate(UNSEEN)]
        page.emulate_media(forced_colors="none", contrast="more")
        found += [f"more contrast: {line}" for line in violations(page, COLOURS)]
    assert not found, "\n".join(found)
    if who is None:
        assert context.cookies() == []


def violations(page: Page, rules: dict[str, Any]) -> list[str]:
    """Return what axe finds on the page as it is now, a line for each element."""
    results: dict[str, Any] = page.evaluate("options => axe.run(options)", rules)
    return [
        f"{each['id']}: {node['html'][:120]} {node.get('failureSummary', '')[:300]}"
        for each in results["violations"]
        for node in each["nodes"]
    ]


class Wire:
    """What a page costs over the wire, all in, for a phone that has nothing yet."""

    def __init__(self, page: Page) -> None:
        self.page, self.sizes = page, dict[str, int]()
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        session.on(
            "Network.loadingFinished",
            lambda event: self.sizes.update({event["requestId"]: event["encodedDataLength"]}),
        )

    def whole(self) -> int:
        """Return the bytes since the last `sizes.clear()`, with the icon that the browser fetches unseen."""
        self.page.wait_for_load_state()  # a slow machine may be idle for a while before it asks for the styles
        self.page.wait_for_load_state("networkidle")
        assert len(self.sizes) >= 4
        icon = self.page.request.get("/static/img/icon.svg")
        return (
            sum(self.sizes.values())
            + int(icon.headers.get("content-length", len(icon.body())))
            + sum(len(name) + len(value) + 4 for name, value in icon.headers.items())
        )


@pytest.mark.parametrize("step", ["code", "question", "review", "receipt"])
def test_a_voter_page_is_small(step: str, opens: Opens, place: Place) -> None:
    context = opens(place)
    page = context.new_page()
    wire = Wire(page)
    page.goto("/s", wait_until="networkidle")
    if step != "code":
        page.get_by_label("Uw stemcode").fill(place.code())
        wire.sizes.clear()
        page.get_by_role("button", name="Verder").click()
        page.locator(".stage:target").wait_for()
        page.wait_for_load_state("networkidle")
    if step in ("review", "receipt"):
        to_question(page)
        page.get_by_text("Voor", exact=True).last.click()
        wire.sizes.clear()
        page.get_by_role("button", name="Controleer uw keuze").click()
        page.locator(".slip").wait_for()
        page.wait_for_load_state("networkidle")
    if step == "receipt":
        wire.sizes.clear()
        page.get_by_role("button", name="Verstuur mijn stem").click()
        expect(page.locator(".js-copy").first).to_be_visible()
    assert wire.whole() <= MOST_BYTES
