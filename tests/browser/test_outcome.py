"""The result of every rule in a real browser: nothing axe can find, nothing that sticks out, all readable."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from flask import Flask, render_template_string
from playwright.sync_api import Browser, expect

from app import create_app
from ballots import explain, money, serving
from ballots.access import EVERYONE, open_to
from ballots.counting import count, enough
from ballots.counting.channels import ChannelRule, Part
from ballots.counting.count import Rule, WeighedRule
from ballots.counting.equal_shares import Completion, EqualSharesRule, Utility
from ballots.counting.greedy import GreedyRule, Leftover
from ballots.counting.majority import Base, Majority, MajorityRule, MissedQuorum, Quorum
from ballots.counting.outcome import Outcome
from ballots.counting.plurality import PluralityRule
from ballots.counting.ranked import Method, RankedRule
from ballots.explaining.view import Result
from ballots.pabulib import reading, recount
from ballots.paper import YES_NO_OPTIONS, Kind, Money, Option, Question
from ballots.polls import Turnout
from tests.browser.conftest import Opens
from tests.browser.test_pages import AXE, COLOURS, SIZES, STICKS_OUT, violations
from tests.browser.town import Place, settings
from tests.conftest import migrated

SMALL = (320, 640)
FILES = Path(__file__).parents[3] / "shared/data/pabulib"

PAGE = """{% extends "base.html" %}{% import "ballots/_outcome.html" as o %}
{% block title %}{{ name }}{% endblock %}
{% block head %}<link rel="stylesheet" href="{{ url_for('static', filename='css/result.css') }}">{% endblock %}
{% block content %}<h1>{{ name }}</h1>{{ o.outcome(result) }}{% endblock %}"""

PLANS = (
    Option("a", "Speeltuin met schaduwbomen aan de Lindelaan", 24_000_00, "groen"),
    Option("b", "Moestuin achter het buurthuis", 12_500_00, "groen"),
    Option("c", "Straatfeest", 3_000_00, "samen"),
    Option("d", "Boekenkast", 450_50, "samen"),
    Option("e", "Verkeersdrempels in de schoolstraat", 18_000_00, "veilig"),
    Option("f", "Insectenhotel", 900_00, "groen"),
    Option("g", "Cursus eerste hulp bij ongelukken", 1_200_00, "veilig"),
)
NAMES = tuple(
    Option(id, label)
    for id, label in zip(
        "abcd", ("Lindeplein", "Havenplein", "Plein van de Buren", "Marktplein"), strict=True
    )
)
BASKET = Question("Welke plannen?", Kind.APPROVE, PLANS, 1, 7)
RANKING = Question("Hoe heet het plein?", Kind.RANKING, NAMES, 1, 4)


def votes(**numbers: int) -> list[tuple[str, int]]:
    """`a_b=3`: three ballots for a and b."""
    return [(name.replace("_", ","), number) for name, number in numbers.items()]


def told(question: Question, rule: Rule, letters: int = 900, **boxes: list[tuple[str, int]]) -> Result:
    outcome = count.count(question, rule, boxes, letters)
    web, paper = (sum(number for _, number in boxes.get(name, ())) for name in ("web", "paper"))
    return explain.result(
        outcome,
        question,
        Turnout(letters, web, paper, 0),
        enough=_enough(question, rule, outcome),
        rule=rule,
    )


def _enough(question: Question, rule: Rule, outcome: Outcome) -> Callable[[str], int | None] | None:
    if not isinstance(rule, GreedyRule):
        return None
    return lambda id: enough.votes_short(question.options, outcome.votes, rule, id, outcome.score)


def of_file(name: str) -> Result:
    counted = recount.count(reading.read_path(str(FILES / name)))

    def in_euros(amount: Money) -> str:
        return money.in_words(amount, "€")

    return explain.result(counted.outcome, counted, money=in_euros, rule=counted.rule, ballots=counted)


def budget(leftover: Leftover) -> GreedyRule:
    caps = {"groen": 30_000_00, "veilig": 18_500_00}
    return GreedyRule(50_000_00, caps, {}, leftover, ())


SCHOOL = votes(a_b=61, a_c_d=44, b_c=38, c_d=30, e=22, e_g=19, f_d=17, a_b_c_d_e_f_g=6, g=4, blanco=5)
RANKED = votes(a_b_c=41, b_c=33, c_b=22, d_c=9, d_a=8, b_a=4, d=3, blanco=2)
CYCLE = votes(a_b_c=45, b_c_a=40, c_a_b=35, d_a=2)
RESULTS: dict[str, Callable[[], Result]] = {
    "grenzen": lambda: told(BASKET, budget(Leftover.MORE), web=SCHOOL),
    "deel": lambda: told(BASKET, budget(Leftover.PART), web=SCHOOL),
    "delen": lambda: told(
        BASKET, EqualSharesRule(50_000_00, Utility.COST, Completion.ADD1U, 100_00), web=SCHOOL
    ),
    "loting": lambda: told(BASKET, budget(Leftover.NONE), web=votes(a=40, e=40, b=40, c=12, d=3)),
    "ronden": lambda: told(RANKING, RankedRule(Method.RUN_OFF), web=RANKED),
    "duels": lambda: told(RANKING, RankedRule(Method.SCHULZE), web=CYCLE),
    "kanalen": lambda: told(
        BASKET,
        WeighedRule(
            budget(Leftover.MORE), ChannelRule({"web": Fraction(1, 2), "paper": Fraction(1, 2)}, Part.BALLOTS)
        ),
        web=SCHOOL,
        paper=votes(e=30, e_g=12, a=9, blanco=1),
    ),
    "plein": lambda: told(
        Question("Welk plein?", Kind.CHOOSE_ONE, NAMES),
        PluralityRule(Quorum.TURNOUT, Fraction(1, 5)),
        web=votes(a=80, b=72, c=72, d=3, blanco=9),
    ),
    "ja-nee": lambda: told(
        Question("Mag het?", Kind.YES_NO, YES_NO_OPTIONS),
        MajorityRule(
            Majority.ABSOLUTE, Base.VOTES, False, Quorum.TURNOUT, Fraction(1, 5), True, MissedQuorum.BARS
        ),
        web=votes(voor=180, tegen=192, blanco=11),
    ),
    "amsterdam": lambda: of_file("Netherlands_Amsterdam_604.pb"),
    "assen": lambda: of_file("Netherlands_Assen_2024.pb"),
}
ABSENT = {
    "amsterdam": not (FILES / "Netherlands_Amsterdam_604.pb").exists(),
    "assen": not (FILES / "Netherlands_Assen_2024.pb").exists(),
}


def served_app() -> Flask:
    """Return the app with a page for each of these results."""
    app = create_app()

    @app.get("/uitslag/<name>")
    @open_to(EVERYONE)
    def outcome(name: str) -> str:
        return render_template_string(PAGE, name=name, result=RESULTS[name]())

    return app


@pytest.fixture(scope="module")
def shown(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The pages, served."""
    folder = tmp_path_factory.mktemp("outcomes")
    app = migrated(folder)
    with serving.served(f"{__name__}:served_app", settings(folder)) as port:
        yield Place(f"http://127.0.0.1:{port}", app, folder)


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_suits_everybody(name: str, opens: Opens, shown: Place) -> None:
    if ABSENT.get(name):
        pytest.skip("this Pabulib file is not here")
    page = opens(shown, *SMALL).new_page()
    page.goto(f"/uitslag/{name}")
    expect(page.locator(".big-answer")).to_be_visible()
    page.evaluate(AXE_SCRIPT)
    found = []
    for size, (width, height) in {"desktop": SIZES["desktop"], "small": SMALL}.items():
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            rules = AXE if scheme == "light" else COLOURS
            found += [f"{size} {scheme}: {line}" for line in violations(page, rules)]
    found += page.evaluate(STICKS_OUT)
    assert not found, "\n".join(found)


def test_each_row_says_why_and_unfolds_the_sums_behind_it(opens: Opens, shown: Place) -> None:
    page = opens(shown, *SMALL).new_page()
    page.goto("/uitslag/delen")
    row = page.get_by_role("row", name="Verkeersdrempels in de schoolstraat")
    expect(row).to_contain_text("te weinig")
    sums = row.get_by_text("In het begin hadden")
    expect(sums).to_be_hidden()
    row.locator("summary").press("Enter")
    expect(sums).to_be_visible()


def test_a_row_can_be_linked_to(opens: Opens, shown: Place) -> None:
    page = opens(shown, *SMALL).new_page()
    page.goto("/uitslag/grenzen#keuze-4")
    expect(page.locator("tr:target")).to_be_in_viewport()


def test_the_idea_comes_before_the_list_and_the_whole_calculation_after_it_folded(
    opens: Opens, shown: Place
) -> None:
    page = opens(shown, *SMALL).new_page()
    page.goto("/uitslag/delen")
    tops = [
        page.get_by_role("heading", name="Gelijke delen: zo werkt het").bounding_box(),
        page.get_by_role("table", name="Wat elk plan kreeg").bounding_box(),
        page.get_by_role("heading", name="De hele berekening").bounding_box(),
    ]
    assert [box["y"] for box in tops if box] == sorted(box["y"] for box in tops if box)
    expect(page.get_by_text("Equal Shares")).to_be_hidden()


def test_the_chart_is_a_table_on_a_phone_too(opens: Opens, shown: Place) -> None:
    page = opens(shown, *SMALL).new_page()
    page.goto("/uitslag/grenzen")
    chart = page.get_by_role("table", name="Wat elk plan kreeg")
    expect(chart.get_by_role("columnheader")).to_have_count(5)
    row = chart.get_by_role("row").nth(1)
    expect(row.get_by_role("rowheader")).to_contain_text("Straatfeest")
    expect(row.get_by_role("cell")).to_contain_text(["118", "€ 3.000", "gekozen", "Paste meteen."])
    trees = chart.get_by_role("row", name="Speeltuin met schaduwbomen")
    expect(trees.get_by_role("rowheader")).to_contain_text("thema “groen”")


@pytest.mark.parametrize("name", ["grenzen", "delen", "duels"])
def test_a_result_can_be_read_from_right_to_left_and_on_paper(name: str, opens: Opens, shown: Place) -> None:
    page = opens(shown, *SMALL).new_page()
    page.goto(f"/uitslag/{name}")
    page.evaluate("document.documentElement.dir = 'rtl'")
    assert page.evaluate(STICKS_OUT) == []
    page.evaluate("document.documentElement.dir = 'ltr'")
    page.set_viewport_size({"width": 660, "height": 900})  # A4 within its margins
    page.emulate_media(media="print")
    assert page.evaluate(STICKS_OUT) == []
    for sentence in page.locator(".result-why p, .result-why li, .result-fold li").all():
        expect(sentence).to_be_visible()
