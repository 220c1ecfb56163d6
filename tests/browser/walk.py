"""The way through a paper in the booth: one thing a page."""

from collections.abc import Callable

from playwright.sync_api import Locator, Page


def to_question(page: Page, n: int = 1, follow: Callable[[Locator], None] = Locator.click) -> None:
    """Go on, step by step, from where the page stands to question n; `follow` takes a link."""
    page.locator("[data-booth=question]").wait_for()
    page.wait_for_load_state()  # a page without its styles yet shows every step
    while not page.locator(f"#q{n}").is_visible():
        follow(page.locator(".stage:target .buttons a"))
