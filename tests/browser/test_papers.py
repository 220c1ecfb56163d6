"""Every kind of paper in a real browser: filled in by touch, without script and by keyboard, up to the count."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import select

from ballots import letters, paper, polls, serving
from ballots.counting.outcome import Outcome
from ballots.database import db
from ballots.models import Box, Poll
from ballots.paper import BLANK, Kind, Option, Points, Question
from ballots.vault import Vault
from tests.browser.conftest import Opens
from tests.browser.test_pages import AXE, COLOURS, MOST_BYTES, STICKS_OUT, Wire, violations
from tests.browser.town import Place, settings
from tests.browser.walk import to_question
from tests.conftest import close_poll, migrated
from tests.trust.helpers import PAPERS, THEMED, asking

LONG = tuple(
    Option(
        f"plan-{n}",
        f"{n}. Regenwaterafvoervoorziening bij de Burgemeester Scheltemakade",
        n * 100_00 + 50,
        theme,
    )
    for n, theme in enumerate(
        ["Groen en water", "Verkeersveiligheid en bereikbaarheid", "Ontmoeten", "Spelen"] * 5, 1
    )
)
ASKED: Mapping[str, tuple[Question, ...]] = {
    **{name: (question,) for name, question in PAPERS.items() if question.least},  # what may be left open is in several
    "twenty plans": (
        Question(
            "Waar mag het geld heen?", Kind.BASKET, LONG, 1, 20, budget=10_000_00,
            theme_most={"Spelen": 2}, theme_budget={"Ontmoeten": 1_000_00, "Spelen": 3_000_00}, shuffled=True,
        ),
    ),
    "several": tuple(PAPERS[each] for each in ("yes or no", "approve", "few points", "first few", "one or none")),
    # In these the tests look at what the page says, and nothing is counted.
    "theme totals": (
        Question(
            "?", Kind.BASKET, (*THEMED, Option("rust", "Rust", 5_00)), 2, 3,
            theme_budget={"Groen": 45_00}, theme_most={"Groen": 1, "Spelen": 0},
        ),
    ),
    "points totals": (Question("?", Kind.POINTS, THEMED, 1, 2, points=Points(10, 10, 6)),),
    "places": (Question("?", Kind.RANKING, tuple(Option(id, id.upper()) for id in "abcd"), 1, 3),),
}  # fmt: skip
# Per paper: what is chosen by touch, without script, and by keyboard; markings, one for each question.
VOTES: Mapping[str, tuple[str, str, str]] = {
    "yes or no": ("tegen", "blanco", "voor"),
    "one": ("x", "blanco", "bomen"),
    "approve": ("bomen,x", "blanco", "plein-7"),
    "themes": ("boom,bal", "bank", "bal"),
    "basket": ("bomen,plein-7", "x", "bomen,x"),
    "theme baskets": ("boom,bal", "blanco", "bank"),
    "points": ("bomen:4,x:6", "plein-7:9", "bomen:1,plein-7:2,x:7"),
    "few points": ("bank:1,bal:3", "blanco", "boom:2"),
    "ranking": ("x,bomen,plein-7", "plein-7,x,bomen", "bomen,x,plein-7"),
    "first few": ("bal,bank", "boom", "boom,bal"),
    "twenty plans": ("plan-3,plan-4", "plan-1,plan-20", "plan-7"),
    "several": (
        "voor;x;bal:2;boom,bal;x",
        "tegen;bomen,x;blanco;bank;blanco",
        "blanco;blanco;bank:3,bal:1;bal;bomen",
    ),
}


@dataclass
class Papers(Place):
    """A served database in which polls can be held."""

    def hold(self, *questions: Question) -> tuple[bytes, list[str]]:
        """Freeze an open poll with these questions; return its id and the codes of its letters."""
        vault, now = Vault(self.folder / "keys"), datetime.now(UTC)
        with self.inside():
            poll = polls.freeze(db.session, vault, asking(*questions, opens=now), 4, now)
            return poll.id, [code for _, code in letters.printable(db.session, vault, poll)]


@pytest.fixture(scope="module")
def papers(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Papers]:
    folder = tmp_path_factory.mktemp("papers")
    app = migrated(folder, SECRET_KEY=settings(folder)["SECRET_KEY"])
    with serving.served("app:create_app", settings(folder)) as port:
        yield Papers(f"http://127.0.0.1:{port}", app, folder)


def enter(page: Page, code: str) -> None:
    """Open a letter by its code."""
    page.goto("/s")
    page.get_by_label("Uw stemcode").fill(code)
    page.get_by_role("button", name="Verder").click()
    to_question(page)


def field(page: Page, n: int, question: Question, mark: str) -> Locator:
    """Return the field in which this mark is made."""
    id = mark.partition(":")[0]
    if question.kind in (Kind.POINTS, Kind.RANKING) and id != BLANK:
        return page.locator(f'[name="q{n}-{id}"]')
    width = max(len(each) for each in (*(option.id for option in question.options), BLANK))
    return page.locator(f'[name="q{n}"][value="{id.ljust(width)}"]')


def touch(page: Page, n: int, question: Question, marking: str) -> None:
    """Fill in an answer as a thumb does: taps, and the digits of the keyboard on the screen."""
    for mark in marking.split(","):
        where = field(page, n, question, mark)
        if question.kind is Kind.POINTS and mark != BLANK:
            where.fill(mark.partition(":")[2])
        else:
            label = page.locator(f'label[for="{where.get_attribute("id")}"]')
            label.evaluate("label => label.scrollIntoView({ block: 'center' })")  # not under the running line
            label.tap()


def plainly(page: Page, n: int, question: Question, marking: str) -> None:
    """Fill in an answer where there is no script."""
    for place, mark in enumerate(marking.split(","), 1):
        where = field(page, n, question, mark)
        if mark == BLANK or question.kind not in (Kind.POINTS, Kind.RANKING):
            where.check()
        elif question.kind is Kind.POINTS:
            where.fill(mark.partition(":")[2])
        else:
            where.select_option(str(place))


def tab_to(page: Page, where: Locator) -> None:
    for _ in range(80):
        page.keyboard.press("Tab")
        if where.evaluate("field => field === document.activeElement"):
            return
    raise AssertionError(f"no tab leads to {where}")


def keys(page: Page, n: int, question: Question, marking: str) -> None:
    """Fill in an answer with the keyboard only."""
    for place, mark in enumerate(marking.split(","), 1):
        where = field(page, n, question, mark)
        if question.kind in (Kind.YES_NO, Kind.CHOOSE_ONE):
            tab_to(page, page.locator(f'[name="q{n}"]').first)
            page.keyboard.press("Space")
            while not where.is_checked():
                page.keyboard.press("ArrowDown")
            continue
        tab_to(page, where)
        assert where.evaluate(SEEN), "the field is behind the running line"
        if mark == BLANK or question.kind not in (Kind.POINTS, Kind.RANKING):
            page.keyboard.press("Space")
        else:
            page.keyboard.type(mark.partition(":")[2] or str(place))


def by_keys(link: Locator) -> None:
    tab_to(link.page, link)
    link.page.keyboard.press("Enter")


SEEN = """field => {
    const box = field.getBoundingClientRect();
    const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    return top === field || field.parentNode.contains(top);
}"""
Fill = Callable[[Page, int, Question, str], None]


def vote(
    page: Page,
    code: str,
    asked: Sequence[Question],
    markings: Sequence[str],
    fill: Fill,
    send: Callable[[Page, str], None],
) -> None:
    """Vote from the letter to the receipt; `send` presses a button."""
    enter(page, code)
    for n, (question, marking) in enumerate(zip(asked, markings, strict=True), 1):
        to_question(page, n, Locator.click if fill is not keys else by_keys)
        fill(page, n, question, marking)
    send(page, "Controleer uw keuze")
    expect(page.get_by_role("heading", level=1)).to_have_text("Klopt uw keuze?")
    codes = page.locator(".control").all_inner_texts()
    for question, marking, chosen in zip(asked, markings, page.locator(".chosen").all(), strict=True):
        labels = {option.id: option.label for option in question.options}
        items = chosen.locator("li").all_inner_texts()
        marks = paper.chosen(marking)
        assert len(items) == max(1, len(marks))
        assert all(
            item.startswith(labels[mark.partition(":")[0]]) for item, mark in zip(items, marks, strict=False)
        )
    send(page, "Verstuur mijn stem")
    expect(page.get_by_role("heading", level=1)).to_have_text("Uw stem zit in de stembus")
    assert page.locator(".control").all_inner_texts() == codes


def click(page: Page, button: str) -> None:
    page.get_by_role("button", name=button).click()


def press(page: Page, button: str) -> None:
    tab_to(page, page.get_by_role("button", name=button))
    page.keyboard.press("Enter")


@pytest.mark.parametrize("name", VOTES)
def test_every_paper_is_voted_three_ways_and_counted(name: str, opens: Opens, papers: Papers) -> None:
    asked, given = ASKED[name], [text.split(";") for text in VOTES[name]]
    id, codes = papers.hold(*asked)
    phone, plain = opens(papers, 320, 640), opens(papers, 390, 844, java_script_enabled=False)
    vote(phone.new_page(), codes[0], asked, given[0], touch, click)
    vote(plain.new_page(), codes[1], asked, given[1], plainly, click)
    vote(opens(papers, 1280, 700).new_page(), codes[2], asked, given[2], keys, press)
    with papers.inside():
        poll = db.session.get_one(Poll, id)
        close_poll(poll, poll.closes)
        outcomes = polls.outcomes(db.session, poll)
        for n, question in enumerate(asked, 1):
            answers = [markings[n - 1] for markings in given]
            box = db.session.scalars(select(Box.marking).where(Box.poll_id == poll.id, Box.question == n))
            assert Counter(each.strip() for each in box) == Counter(answers)
            assert chosen(outcomes[n - 1], question) == Counter(
                mark.partition(":")[0] for marking in answers for mark in marking.split(",")
            )


def chosen(outcome: Outcome, question: Question) -> Counter[str]:
    """Return how often each option of a question was chosen."""
    return +Counter({id: outcome.votes.get(id, 0) for id in (*(each.id for each in question.options), BLANK)})


# What a page says


@pytest.mark.parametrize("name", ASKED)
def test_a_paper_suits_everybody(name: str, opens: Opens, papers: Papers) -> None:
    """Empty, with something wrong at every kind of place, and at the review: in light and dark, small and large."""
    page = opens(papers, 320, 640).new_page()
    enter(page, papers.hold(*ASKED[name])[1][0])
    found = []
    for n, _ in enumerate(ASKED[name], 1):
        to_question(page, n)
        found += looked(page)
    click(page, "Controleer uw keuze")
    page.locator(".error-summary").wait_for()
    for select_ in page.locator("select").all():
        select_.evaluate("field => { field.value = '2'; }")
    for box in page.locator("[inputmode=numeric]").all():
        box.fill("1,5")
    for box in page.locator("input[type=checkbox]").all():
        if "blank" not in (box.get_attribute("id") or ""):
            page.locator(f'label[for="{box.get_attribute("id")}"]').tap()
    with page.expect_navigation():
        click(page, "Controleer uw keuze")
    found += looked(page)
    for place in page.locator(".error-summary a").all():
        place.click()
        assert page.evaluate("document.activeElement.matches('input, select')")
    assert not found, "\n".join(found)


def looked(page: Page) -> list[str]:
    """Return all that is wrong with a page as it stands, all of it in."""
    page.wait_for_load_state()  # a page without its styles yet has small targets
    found = []
    page.evaluate(AXE_SCRIPT)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found += [f"{scheme}: {line}" for line in violations(page, AXE if scheme == "light" else COLOURS)]
    for direction in ("rtl", "ltr"):
        page.evaluate("direction => { document.documentElement.dir = direction; }", direction)
        found += [f"{direction}: {line}" for line in page.evaluate(STICKS_OUT)]
    return found


def test_a_review_suits_everybody(opens: Opens, papers: Papers) -> None:
    page = opens(papers, 320, 640).new_page()
    enter(page, papers.hold(*ASKED["several"])[1][0])
    for n, (question, marking) in enumerate(
        zip(ASKED["several"], VOTES["several"][0].split(";"), strict=True), 1
    ):
        to_question(page, n)
        touch(page, n, question, marking)
    click(page, "Controleer uw keuze")
    page.locator(".slip").wait_for()
    assert not looked(page)
    click(page, "Wijzig vraag 3")
    expect(page.locator("#q3")).to_be_in_viewport()
    assert field(page, 3, PAPERS["few points"], "bal").input_value() == "2"
    assert field(page, 4, PAPERS["first few"], "boom").input_value() == "1"
    expect(page.get_by_label("Voor", exact=True)).to_be_checked()


@pytest.mark.parametrize("name", ASKED)
def test_a_paper_is_small(name: str, opens: Opens, papers: Papers) -> None:
    page, code = opens(papers).new_page(), papers.hold(*ASKED[name])[1][0]
    page.goto("/s", wait_until="networkidle")
    page.get_by_label("Uw stemcode").fill(code)
    wire = Wire(page)
    page.get_by_role("button", name="Verder").click()
    page.locator("[data-booth=question]").wait_for()
    assert wire.whole() <= MOST_BYTES


def test_what_a_browser_sends_has_one_length(opens: Opens, papers: Papers) -> None:
    page, codes = opens(papers).new_page(), papers.hold(PAPERS["basket"])[1]
    lengths = set()
    for marking, code in zip(("bomen", "x,bomen", "bomen,plein-7", BLANK), codes, strict=True):
        enter(page, code)
        plainly(page, 1, PAPERS["basket"], marking)
        click(page, "Controleer uw keuze")
        with page.expect_request("**/s") as change:
            click(page, "Wijzig")
        to_question(page)
        click(page, "Controleer uw keuze")
        with page.expect_request("**/s/stem") as sent:
            click(page, "Verstuur mijn stem")
        page.get_by_role("heading", name="Uw stem zit in de stembus").wait_for()
        bodies = [request.value.post_data_buffer for request in (change, sent)]
        assert all(bodies)
        lengths.add(tuple(len(body or b"") for body in bodies))
    assert len(lengths) == 1


# The running line


def says(page: Page, text: str, wrong: bool = False) -> None:
    line = page.locator(".tally")
    expect(line).to_have_text(text)
    assert ("is-wrong" in (line.get_attribute("class") or "")) == wrong
    assert line.get_attribute("aria-live") == "polite"


def test_a_basket_tells_what_is_left(opens: Opens, papers: Papers) -> None:
    page, question = opens(papers, 320, 640).new_page(), PAPERS["basket"]
    enter(page, papers.hold(*ASKED["basket"])[1][0])
    says(page, "€ 100 over")
    touch(page, 1, question, "bomen")
    says(page, "€ 60 over")
    touch(page, 1, question, "plein-7,x")
    says(page, "€ 30 te veel", wrong=True)
    touch(page, 1, question, "x")
    says(page, "€ 0 over")
    touch(page, 1, question, BLANK)
    says(page, "U koos blanco én iets anders", wrong=True)
    touch(page, 1, question, "bomen,plein-7")
    says(page, "U koos blanco")
    expect(page.locator(".tally")).to_be_in_viewport()


def test_what_was_chosen_can_be_undone(opens: Opens, papers: Papers) -> None:
    page, question = opens(papers, 320, 640).new_page(), PAPERS["basket"]
    enter(page, papers.hold(*ASKED["basket"])[1][0])
    undo = page.get_by_role("button", name="Ongedaan maken")
    expect(undo).to_be_disabled()
    touch(page, 1, question, "bomen")
    touch(page, 1, question, "x")
    says(page, "€ 30 over")
    undo.click()
    says(page, "€ 60 over")
    assert not field(page, 1, question, "x").is_checked()
    undo.click()
    says(page, "€ 100 over")
    expect(undo).to_be_disabled()


def test_an_order_can_be_undone(opens: Opens, papers: Papers) -> None:
    page, (question,) = opens(papers).new_page(), ASKED["places"]
    enter(page, papers.hold(*ASKED["places"])[1][0])
    touch(page, 1, question, "c,a")
    plainly(page, 1, question, "b")
    for places in ("2010", "0010", "0000"):
        page.get_by_role("button", name="Ongedaan maken").click()
        assert "".join(field(page, 1, question, id).input_value() for id in "abcd") == places
        says(page, f"{4 - places.count('0')} gekozen, nog {places.count('0') - 1} mogelijk")


def test_a_theme_tells_its_own(opens: Opens, papers: Papers) -> None:
    page, (question,) = opens(papers).new_page(), ASKED["theme totals"]
    enter(page, papers.hold(*ASKED["theme totals"])[1][0])
    says(page, "Kies er nog 2, of meer")
    expect(page.locator(".theme__left")).to_have_text(["0 van 1 gekozen · € 45 over", "0 van 0 gekozen"])
    touch(page, 1, question, "bank,boom,bal")
    expect(page.locator(".theme__left")).to_have_text(["1 te veel · € 5 te veel", "1 te veel"])
    says(page, "Te veel bij 2 thema’s", wrong=True)
    touch(page, 1, question, "bal")
    says(page, "Groen: 1 te veel", wrong=True)
    touch(page, 1, question, "bal")
    touch(page, 1, question, "bank,bal")
    expect(page.locator(".theme__left")).to_have_text(["1 van 1 gekozen · € 5 over", "0 van 0 gekozen"])


def test_points_tell_what_is_to_be_divided(opens: Opens, papers: Papers) -> None:
    page, (question,) = opens(papers).new_page(), ASKED["points totals"]
    enter(page, papers.hold(*ASKED["points totals"])[1][0])
    says(page, "Nog 10 punten te verdelen")
    touch(page, 1, question, "bank:5,boom:4")
    says(page, "Nog 1 punt te verdelen")
    touch(page, 1, question, "boom:5")
    says(page, "Alle punten verdeeld")
    touch(page, 1, question, "bal:2")
    says(page, "1 te veel · Punten te veel: 2", wrong=True)
    touch(page, 1, question, "bal:0,boom:")
    says(page, "Nog 5 punten te verdelen")
    touch(page, 1, question, "bank:7")
    says(page, "Hoogstens 6 per keuze", wrong=True)
    field(page, 1, question, "bank").fill("1,5")
    says(page, "Vul hele getallen in", wrong=True)


def test_places_move_along(opens: Opens, papers: Papers) -> None:
    page, (question,) = opens(papers).new_page(), ASKED["places"]
    enter(page, papers.hold(*ASKED["places"])[1][0])

    def stand(places: str) -> None:
        fields = [field(page, 1, question, id) for id in "abcd"]
        assert "".join(each.input_value() for each in fields) == places
        rounds = page.locator(".entry").evaluate_all("all => all.map(each => each.dataset.place || '0')")
        assert "".join(rounds) == places

    says(page, "0 gekozen, nog 3 mogelijk")
    touch(page, 1, question, "c,a")
    stand("2010")
    says(page, "2 gekozen, nog 1 mogelijk")
    plainly(page, 1, question, "b")  # first now: the others make room
    stand("3120")
    says(page, "3 gekozen, meer kan niet")
    touch(page, 1, question, "d")  # full: a tap does nothing
    stand("3120")
    plainly(page, 1, question, "a")  # up from the last place
    stand("1230")
    plainly(page, 1, question, "d")  # full: the last one falls off
    stand("2301")
    touch(page, 1, question, "d")  # taken away again: who is left closes up
    stand("1200")
    field(page, 1, question, "b").select_option("3")
    stand("1300")
    field(page, 1, question, "d").select_option("3")  # the nearest gap is before it
    stand("1203")
    field(page, 1, question, "a").select_option("0")
    stand("0102")


# When something is wrong


@pytest.mark.parametrize("script", [True, False])
def test_what_was_filled_in_stays_when_something_is_wrong(opens: Opens, papers: Papers, script: bool) -> None:
    page = opens(papers, java_script_enabled=script).new_page()
    enter(page, papers.hold(*ASKED["several"])[1][0])
    plainly(page, 1, PAPERS["yes or no"], "voor")
    to_question(page, 2)
    plainly(page, 2, PAPERS["approve"], "bomen,x")
    page.locator("#q2-blank").check()
    to_question(page, 3)
    plainly(page, 3, PAPERS["few points"], "bank:veel,bal:9")
    to_question(page, 4)
    order = page.locator("#q4 label").all_inner_texts()
    field(page, 4, PAPERS["first few"], "boom").select_option("2")
    to_question(page, 5)
    click(page, "Controleer uw keuze")
    expect(page.locator(".error-summary li")).to_have_text(
        [
            "Vraag 2: U koos blanco én iets anders. Kies een van de twee.",
            "Vraag 3: Bank: Vul een heel getal in, of laat het leeg.",
            "Vraag 4: Regenwaterafvoervoorziening: U sloeg plaats 1 over. Geef eerst die plaats.",
        ]
    )
    assert page.locator("#q4 label").all_inner_texts() == order
    expect(page.locator("#q2 input:checked")).to_have_count(3)
    typed = field(page, 3, PAPERS["few points"], "bank")
    assert typed.input_value() == "veel"
    assert typed.get_attribute("aria-invalid") == "true"
    assert field(page, 3, PAPERS["few points"], "bal").input_value() == "9"
    assert field(page, 4, PAPERS["first few"], "boom").input_value() == "2"
    page.get_by_role("link", name="Vraag 3").click()
    expect(typed).to_be_focused()
    expect(page.locator(".tally:visible")).to_have_count(3 if script else 0)


def test_what_is_mended_is_no_longer_called_wrong(opens: Opens, papers: Papers) -> None:
    page = opens(papers, 320, 640).new_page()
    asked = ASKED["several"]
    enter(page, papers.hold(*asked)[1][0])
    to_question(page, 3)
    plainly(page, 3, PAPERS["few points"], "bank:veel,bal:9")
    to_question(page, 4)
    field(page, 4, PAPERS["first few"], "boom").select_option("2")
    to_question(page, 5)
    click(page, "Controleer uw keuze")
    wrong = page.locator(".error-summary li")
    expect(wrong).to_have_count(4)

    def mended(n: int, left: int, marking: str) -> None:
        where = field(page, n, asked[n - 1], marking)
        where.scroll_into_view_if_needed()
        at = where.bounding_box()
        if asked[n - 1].kind is Kind.POINTS:
            where.fill(marking[-1])
        elif asked[n - 1].kind is Kind.RANKING:
            where.select_option(marking[-1])
        else:
            where.check(force=True)
        expect(wrong).to_have_count(left)
        moved = where.bounding_box()
        assert at
        assert moved
        assert abs(at["y"] - moved["y"]) < 2, "the page jumped under the thumb"

    mended(1, 3, "voor")
    expect(page.locator("#q1 .wrong, #q1.field--wrong")).to_have_count(0)
    mended(2, 2, "x")
    mended(3, 2, "bank:1")  # the points are too many still
    expect(page.locator(".tally").nth(1)).to_have_class("tally is-wrong")
    mended(3, 1, "bal:2")
    expect(page.locator("#q3 [aria-invalid]")).to_have_count(0)
    mended(4, 0, "boom:1")
    expect(page.locator(".error-summary")).to_have_count(0)
    expect(page.locator("[role=alert]")).to_have_count(0)
    assert not looked(page)


def test_the_running_line_stays_short_on_a_small_phone(opens: Opens, papers: Papers) -> None:
    page, question = opens(papers, 320, 640).new_page(), ASKED["twenty plans"][0]
    enter(page, papers.hold(*ASKED["twenty plans"])[1][0])
    for marking in ("plan-1", "plan-4,plan-8,plan-12,plan-16", "plan-3,plan-7,plan-11,plan-15,plan-20"):
        touch(page, 1, question, marking)
        box = page.locator(".tally").bounding_box()
        assert box
        assert box["height"] <= 3 * 26, page.locator(".tally").inner_text()
