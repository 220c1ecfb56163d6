"""A real browser, and the town of the demo served for it."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    Route,
    sync_playwright,
)

from ballots import serving
from demo import town as demo_town
from tests.browser.town import Place, filled, settings
from tests.conftest import migrated

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 20_000  # milliseconds; a bound, not a wait


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's chromium; without it these tests are skipped, unless REQUIRE_BROWSER=1."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not found:
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail("REQUIRE_BROWSER=1, but there is no chromium (apt-get install chromium)")
        pytest.skip("no chromium found (apt-get install chromium, or set CHROMIUM to its path)")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def place(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The town, filled once and served."""
    folder = tmp_path_factory.mktemp("town")
    migrated(folder)
    with serving.served("app:create_app", settings(folder)) as port:
        yield filled(folder, f"http://127.0.0.1:{port}")


@pytest.fixture
def new_place(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A town of its own for one test, with wijken and people but no plans."""
    folder = tmp_path_factory.mktemp("new-town")
    app = migrated(folder, DEMO="1", SECRET_KEY=settings(folder)["SECRET_KEY"])
    with serving.served("app:create_app", settings(folder)) as port:
        place = Place(f"http://127.0.0.1:{port}", app, folder)
        with place.inside():
            demo_town.make(place.base, datetime.now(UTC) - timedelta(days=60))
        yield place


@dataclass
class Watch:
    """What pages did that they should not: complaints in the console, and requests elsewhere."""

    bases: set[str] = field(default_factory=set)
    urls: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def over(self, page: Page) -> None:
        page.set_default_timeout(PATIENCE)
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))
        page.on("request", self._asked)
        page.on("response", self._answered)

    def _said(self, message: ConsoleMessage) -> None:
        """A page with status 4xx is also "a resource that failed to load"; `_answered` sees to those."""
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.wrong.append(f"console: {message.text}")

    def _asked(self, request: Request) -> None:
        self.urls.append(request.url)
        if not any(request.url.startswith(f"{base}/") for base in self.bases):
            self.wrong.append(f"elsewhere: {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 500 or (
            response.status >= 400 and not response.request.is_navigation_request()
        ):
            self.wrong.append(f"{response.status}: {response.url}")


Opens = Callable[..., BrowserContext]


@pytest.fixture
def opens(browser: Browser) -> Iterator[Opens]:
    """Open windows of any size; afterwards, see that their pages behaved."""
    opened: list[BrowserContext] = []
    watch = Watch()

    def window(place: Place, width: int = 390, height: int = 844, **more: object) -> BrowserContext:
        watch.bases.add(place.base)
        context = browser.new_context(
            base_url=place.base,
            viewport={"width": width, "height": height},
            has_touch=width < 800,
            is_mobile=width < 800,
            locale="nl-NL",
            **more,  # type: ignore[arg-type]
        )
        context.on("page", watch.over)
        context.route("**/*.pdf", _as_download)
        opened.append(context)
        return context

    yield window
    for context in opened:
        context.close()
    assert not watch.wrong


@pytest.fixture
def phone(opens: Opens, place: Place) -> Iterator[Page]:
    """A voter's telephone: no page may leave a cookie on it."""
    yield from _cookieless(opens(place))


@pytest.fixture
def plain(opens: Opens, place: Place) -> Iterator[Page]:
    """A telephone without JavaScript."""
    yield from _cookieless(opens(place, java_script_enabled=False))


def _as_download(route: Route) -> None:
    """Let a PDF be a file, not a page of the browser's own viewer."""
    answer = route.fetch()
    route.fulfill(response=answer, headers={**answer.headers, "content-disposition": "attachment"})


def _cookieless(context: BrowserContext) -> Iterator[Page]:
    yield context.new_page()
    assert context.cookies() == []


@pytest.fixture(scope="session")
def keys(browser: Browser, place: Place, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Log somebody of the demo in, once, by clicking; return the file with their session."""
    folder = tmp_path_factory.mktemp("keys")

    def key(name: str) -> Path:
        kept = folder / f"{name}.json"
        if not kept.exists():
            with browser.new_context(base_url=place.base) as context:
                page = context.new_page()
                log_in(page, name)
                context.storage_state(path=kept)
        return kept

    return key


def log_in(page: Page, name: str) -> None:
    """Log in by the demo's own link."""
    page.goto("/demo")
    page.get_by_role("link", name=name).click()
    page.get_by_role("button", name="Inloggen").click()
    page.get_by_role("button", name="Uitloggen").wait_for()
