"""The booth on a phone of eight years ago: its stylesheets without all that such a browser does not know."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from ballots import serving
from tests.browser import shots
from tests.browser.conftest import Opens
from tests.browser.old_phone import read
from tests.browser.test_pages import STICKS_OUT
from tests.browser.test_papers import ASKED, VOTES, Papers, click, enter, touch
from tests.browser.town import settings
from tests.browser.walk import to_question
from tests.conftest import migrated

# What lies over a text, or over another part that can be tapped.
OVERLAPS = """() => {
    const found = [], box = (e) => e.getBoundingClientRect();
    const text = (e) => {
        const range = document.createRange();
        range.selectNodeContents(e);
        return range.getBoundingClientRect();
    };
    const cross = (a, b, from, to) => a[from] < b[to] - 1 && b[from] < a[to] - 1;
    const over = (a, b) => cross(a, b, 'left', 'right') && cross(a, b, 'top', 'bottom');
    const seen = (e) => e.checkVisibility() && box(e).width && !e.closest('.runs'); // which floats
    for (const input of document.querySelectorAll('.choice input')) {
        const label = document.querySelector(`label[for="${input.id}"]`);
        if (seen(input) && over(box(input), text(label))) found.push('a box lies over ' + label.textContent);
    }
    const parts = [...document.querySelectorAll('main a, main button, main .choice, main .input')].filter(seen);
    parts.forEach((one, n) => parts.slice(n + 1).forEach((other) => {
        if (!one.contains(other) && !other.contains(one) && over(box(one), box(other)))
            found.push(`${one.textContent.trim()} lies over ${other.textContent.trim()}`);
    }));
    for (const e of document.querySelectorAll('main h1, main p, main .choice'))
        if (seen(e) && box(e).left < 8) found.push('against the edge: ' + e.textContent.trim().slice(0, 40));
    return found;
}"""


@pytest.fixture(scope="module")
def papers(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Papers]:
    folder = tmp_path_factory.mktemp("old-phone")
    app = migrated(folder, SECRET_KEY=settings(folder)["SECRET_KEY"])
    with serving.served("app:create_app", settings(folder)) as port:
        yield Papers(f"http://127.0.0.1:{port}", app, folder)


def old(context: BrowserContext) -> Page:
    """Return a page of a phone that leaves out of a stylesheet what it does not know."""

    def styled(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=read(answer.text())[0])

    context.route("**/*.css", styled)
    return context.new_page()


@pytest.mark.parametrize("name", ["several", "twenty plans"])
def test_an_old_phone_votes(name: str, opens: Opens, papers: Papers) -> None:
    page, found = old(opens(papers, 360, 640)), list[str]()

    def look(step: str) -> None:
        page.wait_for_load_state("networkidle")
        shots.keep(page, f"old phone, {name}, {step}")
        found.extend(f"{step}: {line}" for line in page.evaluate(STICKS_OUT) + page.evaluate(OVERLAPS))

    page.goto("/s")
    look("code")
    enter(page, papers.hold(*ASKED[name])[1][0])
    answers = VOTES[name][0].split(";")
    for n, (question, marking) in enumerate(zip(ASKED[name], answers, strict=True), 1):
        to_question(page, n)
        touch(page, n, question, marking)
        look(f"question {n}")
    click(page, "Controleer uw keuze")
    expect(page.get_by_role("heading", level=1)).to_have_text("Klopt uw keuze?")
    look("review")
    click(page, "Verstuur mijn stem")
    expect(page.get_by_role("heading", level=1)).to_have_text("Uw stem zit in de stembus")
    look("receipt")
    assert not found, "\n".join(found)


def test_the_check_finds_what_lies_over_something(opens: Opens, papers: Papers) -> None:
    page = old(opens(papers, 360, 640))
    enter(page, papers.hold(*ASKED["yes or no"])[1][0])
    page.evaluate(
        "document.querySelectorAll('.choice label').forEach(label => { label.style.padding = '1rem'; })"
    )
    assert any("a box lies over Voor" in line for line in page.evaluate(OVERLAPS))
