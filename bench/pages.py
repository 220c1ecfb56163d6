"""What pages weigh over the wire, and how often a phone waits for the network.

Run it as `python -m bench.pages`. It fills the town of the demo, serves it as a real town is served, and opens the
pages that residents see in Chromium, on a phone that has nothing yet: everything included, headers, styles, scripts
and icon too, compressed where the protocol allows it. Weights are in bytes as the browser counts them
(`encodedDataLength`). Round trips are the waits that follow each other: the longest chain of requests of which
each is asked for by the answer to the one before it (a redirect, a stylesheet of the page, a picture of that
stylesheet); making the connection is not in it. It prints a Markdown table.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from ballots import serving
from tests.browser.town import Place, filled, settings
from tests.browser.walk import to_question
from tests.conftest import migrated

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
BOOTH, RESULT = 20 * 1024, 40 * 1024  # bytes
PHONE = {"width": 390, "height": 844}
RESULTS = {"result, voor en tegen": "Huiskamer van de buurt", "result, budget": "Buurtbudget Havenkwartier"}


@dataclass
class Wire:
    """Everything a page asked for since the last `begin`, as the browser itself counts it."""

    page: Page
    depths: dict[str, int] = field(default_factory=dict)  # which wait in a row an address is
    sizes: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        session = self.page.context.new_cdp_session(self.page)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        session.on("Network.requestWillBeSent", self._asked)
        session.on("Network.loadingFinished", self._answered)

    def begin(self) -> None:
        """Forget what went before."""
        self.depths.clear()
        self.sizes.clear()

    def _asked(self, event: dict[str, Any]) -> None:
        asked_by = event["initiator"].get("url", "")
        if "redirectResponse" in event:  # a redirect keeps its number: its answer is a wait of its own
            asked_by = event["redirectResponse"]["url"]
            self.sizes[asked_by] = int(event["redirectResponse"]["encodedDataLength"])
        elif event["type"] == "Document":
            asked_by = ""
        self.depths[event["request"]["url"]] = 1 + self.depths.get(asked_by, 0)

    def _answered(self, event: dict[str, Any]) -> None:
        self.sizes[event["requestId"]] = int(event["encodedDataLength"])

    def weight(self) -> int:
        """Return the bytes, with the icon that a browser fetches unseen."""
        icon = self.page.request.get("/static/img/icon.svg")
        headers = sum(len(name) + len(value) + 4 for name, value in icon.headers.items())
        return sum(self.sizes.values()) + int(icon.headers.get("content-length", 0)) + headers

    def trips(self) -> int:
        """Return how many waits follow each other."""
        return max(self.depths.values(), default=0)


@contextmanager
def opened(browser: Browser, base: str) -> Iterator[tuple[Page, Wire]]:
    with browser.new_context(base_url=base, viewport=PHONE, is_mobile=True, has_touch=True) as context:  # type: ignore[arg-type]
        page = context.new_page()
        yield page, Wire(page)


def booth(browser: Browser, place: Place) -> Iterator[tuple[str, int, int]]:
    """Vote, with each page as the first that this phone sees; yield name, bytes and round trips."""
    with opened(browser, place.base) as (page, wire):

        def now(name: str) -> tuple[str, int, int]:
            page.wait_for_load_state("networkidle")
            found = name, wire.weight(), wire.trips()
            wire.begin()
            return found

        page.goto("/s", wait_until="networkidle")
        yield now("booth, code")
        page.get_by_label("Uw stemcode").fill(place.code())
        page.get_by_role("button", name="Verder").click()
        page.locator(".stage:target").wait_for()
        yield now("booth, question")
        to_question(page)
        page.get_by_text("Voor", exact=True).last.click()
        page.get_by_role("button", name="Controleer uw keuze").click()
        page.locator(".slip").wait_for()
        yield now("booth, review")
        page.get_by_role("button", name="Verstuur mijn stem").click()
        page.locator(".js-copy").first.wait_for()
        yield now("booth, receipt")


def others(browser: Browser, place: Place) -> Iterator[tuple[str, int, int]]:
    """Open a result, the wijk and a plan; yield name, bytes and round trips."""
    paths = {name: f"/raadplegingen/{place.consultations[title]}" for name, title in RESULTS.items()}
    paths |= {"wijk": "/wijk/de-linden", "plan": f"/plannen/{place.plans['Speelplek aan de Lindelaan']}"}
    for name, path in {**paths, "home": "/", "help": "/hulp"}.items():
        with opened(browser, place.base) as (page, wire):
            page.goto(path, wait_until="networkidle")
            yield name, wire.weight(), wire.trips()


def main() -> None:
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        migrated(folder)
        flags = ["--no-sandbox", "--disable-gpu", "--disable-quic"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        with serving.served("app:create_app", settings(folder)) as port:
            with redirect_stdout(sys.stderr):  # the demo tells its story
                place = filled(folder, f"http://127.0.0.1:{port}")
            found = [*booth(browser, place), *others(browser, place)]
        browser.close()
    over = False
    print("| page, first visit | over the wire | round trips | target | met |")
    print("|---|---|---|---|---|")
    for page, weight, trips in found:
        most = BOOTH if page.startswith("booth") else RESULT if page.startswith("result") else 0
        over |= bool(most) and weight > most
        target = f"≤ {most // 1024} KB | {'yes' if weight <= most else '**no**'}" if most else "– | –"
        print(f"| {page} | {weight / 1024:.1f} KB | {trips} | {target} |")
    sys.exit(over)


if __name__ == "__main__":
    main()
