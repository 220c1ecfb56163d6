"""The office prepares a buurtstemming by hand: each page, its mistakes with all that was typed, and who sees what."""

import re
from collections.abc import Sequence
from typing import Any

import pytest
from werkzeug.test import TestResponse

from ballots import polls
from ballots.paper import Kind
from consult import asked, ballot_questions, consultations
from consult.draft_check import check
from consult.drafts import Draft, Way
from consult.models import Consultation
from tests.consult.conftest import ACTOR, BUDGET, SUBJECT, Browser, Place
from tests.consult.test_ballots import CHOICE, held
from tests.consult.test_drafts import PAIRS, drafted
from tests.consult.test_office_pages import sane

DAYS = {"first_day": "2026-06-02", "last_day": "2026-06-14", "lengthen": "0"}


def begin(place: Place) -> tuple[Browser, Consultation, str]:
    """Return the office's browser, an empty buurtstemming with one question, and its address."""
    draft = consultations.start_ballot(place.session, place.wijk(), SUBJECT, ACTOR, place.now)
    ballot_questions.add(place.session, draft, ACTOR, place.now)
    return place.browser("gemeente"), draft, f"/kantoor/buurtstemmingen/{draft.id}"


def with_question(place: Place, **fields: Any) -> tuple[Browser, Consultation, str]:
    """Return the same with these fields of the question filled in, and the address of the question."""
    office, draft, of = begin(place)
    ballot_questions.change(place.session, draft, "q1", fields, ACTOR, place.now)
    return office, draft, f"{of}/vragen/q1"


def question(place: Place, draft: Consultation) -> Draft:
    place.look()
    return asked.drafts(draft)[0]


def summary(page: TestResponse) -> str:
    """Return the error summary of a page; each link in it leads to something on the page."""
    (found,) = re.findall(r'<div class="error-summary".*?</div>', page.text, re.S)
    for id in re.findall(r'href="#([^"]+)"', found):
        assert f'id="{id}"' in page.text, id
    sane(page.text)
    return str(found)


def rows(*options: Sequence[str]) -> dict[str, str]:
    """Return the fields of rows: name, amount, theme, place."""
    return {
        f"options-{n}-{name}": value
        for n, row in enumerate(options)
        for name, value in zip(("label", "cost", "theme", "place"), row, strict=False)
    }


# By hand, from the worklist to the letters


def test_a_buurtbudget_from_start_to_letters(place: Place) -> None:
    office = place.browser("gemeente")
    assert 'href="/kantoor/buurtstemmingen/nieuw"' in office.get("/kantoor").text
    to = office.post("/kantoor/buurtstemmingen/nieuw", {**SUBJECT, "wijk": str(place.wijk().id)}).location
    of = to.removesuffix("/vragen")
    to = office.post(f"{of}/vragen", {"do": "add"}).location
    assert to == f"{of}/vragen/q1/tekst"
    to = office.post(to, {"text": "Welke plannen krijgen geld?", "kind": "approve"}).location
    assert to == f"{of}/vragen/q1/mogelijkheden"
    lines = "Bankje; 2000; Groen; Noord\nBoom; 2.000; Groen; Zuid"
    typed = {**rows(("Schommel", "3.000,00", "Spelen", "Noord")), "lines": lines, "shuffled": "ja"}
    to = office.post(to, typed).location
    assert to == f"{of}/vragen/q1/grenzen"
    to = office.post(to, {"least": "1", "most": "2", "theme_most_1": "1"}).location
    assert to == f"{of}/vragen/q1/telregel"
    to = office.post(to, {"way": "greedy"}).location
    assert to == f"{of}/vragen/q1/spelregels"
    rule = {"pot": "5.000", "skip": "ja", "threshold": "0", "leftover": "more", "tie_order": "lot"}
    to = office.post(
        to, {**rule, "weight": "alike", "theme_caps_1": "2000", "place_caps_0": "€ 4.000"}
    ).location
    assert to == f"{of}/vragen"
    page = office.get(to).text
    assert "Ga verder naar de dagen" in page
    for said in ("U kiest er minstens 1 en hoogstens 2.", "Naar “Groen” gaat samen hoogstens € 2.000."):
        assert said in page, said
    key = office.post(f"{of}/dagen", DAYS).location
    to = office.post(key, {"custody": "service"}).location
    overview = to.removesuffix("/adressen")
    (draft,) = place.session.query(Consultation).all()
    made = question(place, draft)
    assert [(each.id, each.label, each.cost) for each in made.options] == [
        ("a1", "Schommel", 3_000_00),
        ("a2", "Bankje", 2_000_00),
        ("a3", "Boom", 2_000_00),
    ]
    assert (made.theme_most, made.theme_caps, made.place_caps) == (
        {"Groen": 1},
        {"Groen": 2_000_00},
        {"Noord": 4_000_00},
    )
    assert "Vastzetten kan zodra de adressen klaar zijn" in office.get(overview).text
    place.roll(draft)
    page = office.get(overview).text
    assert "Zet de buurtstemming vast" in page
    assert "Naar “Groen” gaat samen hoogstens € 2.000." in page
    sane(page)
    assert "Welke plannen krijgen geld?" in office.get(f"{overview}/voorbeeld").text
    assert office.get(f"{overview}/voorbeeldbrief.pdf").mimetype == "application/pdf"
    assert office.post(f"{overview}/vastzetten", form=overview).location == overview
    assert office.post(f"{overview}/brieven.pdf", form=overview).mimetype == "application/pdf"
    office.post(f"{overview}/gedrukt")
    assert "Druk de brieven" not in office.get(overview).text
    assert "Buurtbudget Noord" in office.get("/kantoor").text


@pytest.mark.parametrize(("kind", "way"), PAIRS)
def test_every_page_of_every_kind_shows_what_was_kept_and_keeps_it(
    place: Place, kind: Kind, way: Way
) -> None:
    """Open each page of a complete question and send it back as it is: nothing changes."""
    fields = {name: value for name, value in vars(drafted(kind, way)).items() if name != "id"}
    office, draft, of = with_question(place, **fields)
    kept = question(place, draft)
    assert check(kept) == ()
    at = f"{of}/tekst"
    for _ in range(5):
        page = office.get(at)
        sane(page.text)
        assert len(re.findall("<h1", page.text)) == 1
        answer = office.post(at, _as_shown(page))
        assert answer.status_code == 303, (at, answer.text)
        assert question(place, draft) == kept, at
        at = answer.location
        if at.endswith("/vragen"):
            return
    pytest.fail("the pages of a question have no end")


def _as_shown(page: TestResponse) -> dict[str, str]:
    """Return the fields of a page as a browser would send them back."""
    found = dict[str, str]()
    form = page.text[page.text.index("<main") :]
    for tag in re.findall(r"<input[^>]*>", form):
        said = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
        chooses = said.get("type") in ("radio", "checkbox")
        if "name" in said and (not chooses or re.search(r"\schecked\b", tag)):
            found[said["name"]] = said.get("value", "")
    return found


# Mistakes


@pytest.mark.parametrize("name", [*SUBJECT, "wijk"])
def test_starting_with_a_gap(place: Place, name: str) -> None:
    office, before = place.browser("gemeente"), place.dump()["consultation"]
    typed = {**SUBJECT, "wijk": str(place.wijk().id), name: ""}
    page = office.post("/kantoor/buurtstemmingen/nieuw", typed)
    assert page.status_code == 422
    assert f'href="#{name}"' in summary(page)
    for other, value in SUBJECT.items():
        if other != name:
            assert value.splitlines()[0] in page.text
    assert place.dump()["consultation"] == before


def test_only_a_wijk_of_ones_own_town(place: Place) -> None:
    office = place.browser("gemeente")
    page = office.post("/kantoor/buurtstemmingen/nieuw", {**SUBJECT, "wijk": str(place.wijk("Buiten").id)})
    assert page.status_code == 422
    assert place.session.query(Consultation).all() == []


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"text": "", "kind": "approve"}, "text"),
        ({"text": "Wat?"}, "kind-0"),
        ({"text": "Wat?", "kind": "loterij"}, "kind-0"),
        ({"text": "x" * 241, "kind": "approve"}, "text"),
    ],
)
def test_a_text_with_a_mistake(place: Place, typed: dict[str, str], wrong: str) -> None:
    office, draft, of = begin(place)
    page = office.post(f"{of}/vragen/q1/tekst", typed)
    assert page.status_code == 422
    assert f'href="#{wrong}"' in summary(page)
    assert typed["text"] in page.text
    assert question(place, draft) == Draft("q1")


@pytest.mark.parametrize(
    ("typed", "wrong", "said"),
    [
        ({**rows(("Bankje", "10")), "shuffled": "ja"}, "options-0", "minstens twee"),
        ({**rows(("Bankje", "10"), ("Boom", "5"))}, "shuffled-0", "Kies een van"),
        ({**rows(("Bankje", "veel"), ("Boom", "5")), "shuffled": "ja"}, "options-0-cost", "“veel”"),
        ({**rows(("", "10"), ("Boom", "5")), "shuffled": "ja"}, "options-0-label", "een naam nodig"),
        ({**rows(("Boom", "10"), ("boom", "5")), "shuffled": "ja"}, "options-1-label", "meer dan één keer"),
        ({**rows(("x" * 121, "10"), ("Boom", "5")), "shuffled": "ja"}, "options-0-label", ""),
        (
            {**rows(("Boom", "10")), "lines": "Goed; 5\n; 3\nFout; veel", "shuffled": "nee"},
            "lines",
            "Regel 2: de naam ontbreekt. Regel 3: “veel” is geen bedrag.",
        ),
    ],
)
def test_options_with_a_mistake(place: Place, typed: dict[str, str], wrong: str, said: str) -> None:
    office, draft, of = with_question(place, text="Wat?", kind=Kind.APPROVE)
    before = question(place, draft)
    page = office.post(f"{of}/mogelijkheden", typed)
    assert page.status_code == 422
    assert f'href="#{wrong}"' in summary(page)
    assert said in " ".join(page.text.split())
    for value in typed.values():
        assert value.replace("\n", "\r\n") in page.text or value in page.text, value
    assert question(place, draft) == before


def test_rows_are_added_moved_and_dropped_and_nothing_is_lost(place: Place) -> None:
    office, draft, of = with_question(place, text="Wat?", kind=Kind.APPROVE, options=BUDGET["options"])
    at = f"{of}/mogelijkheden"
    typed = {**rows(("Bankje", "veel"), ("Boom", "5", "Groen"), ("Hok", "", "", "Zuid")), "lines": "Fiets; 3"}
    more = office.post(at, {**typed, "options-0-id": "a1", "do": "add"})
    assert more.status_code == 200
    assert len(re.findall(r'<tr id="options-', more.text)) == 4
    higher = office.post(at, {**_as_shown(more), "lines": "Fiets; 3", "do": "up-1"})
    assert re.findall(r'name="options-\d-label"[^>]*value="([^"]*)"', higher.text) == [
        "Boom",
        "Bankje",
        "Hok",
        "",
    ]
    dropped = office.post(at, {**_as_shown(higher), "lines": "Fiets; 3", "do": "remove-0"})
    assert re.findall(r'name="options-\d-label"[^>]*value="([^"]*)"', dropped.text) == ["Bankje", "Hok", ""]
    assert 'value="veel"' in dropped.text
    assert "Fiets; 3" in dropped.text
    assert re.search(r'name="options-0-id"[^>]*value="a1"', dropped.text)
    for nonsense in ("remove-99", "up-x", "iets"):
        assert office.post(at, {**typed, "do": nonsense}).status_code == 200
    assert question(place, draft).options == BUDGET["options"]


@pytest.mark.parametrize(
    ("kind", "typed", "wrong"),
    [
        (Kind.APPROVE, {"most": "2"}, "least"),
        (Kind.APPROVE, {"least": "1"}, "most"),
        (Kind.APPROVE, {"least": "twee", "most": "2"}, "least"),
        (Kind.APPROVE, {"least": "2", "most": "9"}, "most"),
        (Kind.BASKET, {"least": "1", "unbounded": "y"}, "budget"),
        (Kind.BASKET, {"least": "1", "unbounded": "y", "budget": "veel"}, "budget"),
        (Kind.BASKET, {"least": "1", "unbounded": "y", "theme_budget_0": "veel"}, "theme_budget_0"),
        (Kind.POINTS, {"least": "1", "most": "2"}, "points_sum"),
        (
            Kind.POINTS,
            {"least": "1", "most": "2", "points_sum": "5", "points_least": "5", "points_each": "6"},
            "points_each",
        ),
        (Kind.RANKING, {"least": "3", "most": "2"}, "most"),
    ],
)
def test_limits_with_a_mistake(place: Place, kind: Kind, typed: dict[str, str], wrong: str) -> None:
    office, draft, of = with_question(place, text="Wat?", kind=kind, options=BUDGET["options"], shuffled=True)
    before = question(place, draft)
    page = office.post(f"{of}/grenzen", typed)
    assert page.status_code == 422
    assert f'href="#{wrong}"' in summary(page)
    for value in typed.values():
        assert f'value="{value}"' in page.text
    assert question(place, draft) == before


def in_order(page: TestResponse) -> list[str]:
    """Return the fields the summary links to, having seen that they stand on the page in that order."""
    named = re.findall(r'href="#([^"]+)"', summary(page))
    places = [page.text.index(f'id="{field}"') for field in named]
    assert places == sorted(places), named
    return list(dict.fromkeys(named))


def test_what_is_wrong_with_an_option_is_said_in_its_row(place: Place) -> None:
    office, _, of = with_question(place, text="Wat?", kind=Kind.BASKET)
    typed = rows(("Bankje", "100"), ("", ""), ("", "5"), ("bankje", "veel"), ("Hok", ""))
    page = office.post(f"{of}/mogelijkheden", {**typed, "lines": "Fiets; 3\nBoom"})
    assert page.status_code == 422
    assert in_order(page) == [
        *("options-2-label", "options-3-label", "options-3-cost", "options-4-cost", "lines", "shuffled-0")
    ]
    for cell in ("options-2-label", "options-3-label", "options-3-cost", "options-4-cost"):
        assert f'id="{cell}-wrong"' in page.text
    assert "“Boom” heeft nog geen bedrag" in page.text
    few = office.post(f"{of}/mogelijkheden", {**rows(("Bankje", "100")), "shuffled": "ja"})
    assert "Zet minstens twee mogelijkheden op het biljet." in few.text.split("</form>")[-2]


def test_mistakes_are_listed_in_the_order_of_the_page(place: Place) -> None:
    office, _, of = with_question(
        place, text="Wat?", kind=Kind.BASKET, options=BUDGET["options"], shuffled=True, way=Way.GREEDY
    )
    basket = office.post(f"{of}/grenzen", {"theme_most_0": "0", "theme_budget_0": "1"})
    assert in_order(basket) == ["least", "most", "theme_most_0", "theme_budget_0"]
    rule = office.post(f"{of}/spelregels", {"pot": "x", "theme_caps_0": "1", "place_caps_0": "veel"})
    assert in_order(rule)[0] == "pot"
    assert in_order(rule)[-2:] == ["theme_caps_0", "place_caps_0"]
    office, _, of = with_question(
        place, text="Wat?", kind=Kind.POINTS, options=BUDGET["options"], shuffled=True
    )
    assert in_order(office.post(f"{of}/grenzen", {})) == [
        *("points_sum", "points_least", "points_each", "least", "most")
    ]


GREEDY = {
    "pot": "5000",
    "skip": "ja",
    "threshold": "0",
    "leftover": "none",
    "tie_order": "lot",
    "weight": "alike",
}
SHARES = {"pot": "5000", "utility": "cost", "completion": "add1", "tie_order": "lot"}
PLURALITY = {"quorum": "none", "tie_order": "lot", "weight": "alike"}


@pytest.mark.parametrize(
    ("way", "right", "changed", "wrong"),
    [
        *((Way.GREEDY, GREEDY, {name: ""}, name) for name in GREEDY),
        *((Way.EQUAL_SHARES, SHARES, {name: ""}, name) for name in SHARES),
        *((Way.PLURALITY, PLURALITY, {name: ""}, name) for name in PLURALITY),
        (Way.GREEDY, GREEDY, {"pot": "veel"}, "pot"),
        (Way.GREEDY, GREEDY, {"pot": "0"}, "pot"),
        (Way.GREEDY, GREEDY, {"theme_caps_0": "veel"}, "theme_caps_0"),
        (Way.GREEDY, GREEDY, {"threshold": "2", "weight": "half-of-votes"}, "threshold"),
        (Way.GREEDY, GREEDY, {"leftover": "weg"}, "leftover"),
        (Way.GREEDY, GREEDY, {"skip": "soms"}, "skip"),
        (Way.PLURALITY, PLURALITY, {"quorum": "turnout"}, "quorum_percent"),
    ],
)
def test_a_rule_with_a_mistake(
    place: Place, way: Way, right: dict[str, str], changed: dict[str, str], wrong: str
) -> None:
    office, draft, of = with_question(
        place, text="Wat?", kind=Kind.APPROVE, options=BUDGET["options"], shuffled=True, way=way
    )
    before = question(place, draft)
    typed = {name: value for name, value in {**right, **changed}.items() if value}
    page = office.post(f"{of}/spelregels", typed)
    assert page.status_code == 422
    assert re.search(rf'href="#{wrong}(-0)?"', summary(page))
    for name, value in right.items():
        if name not in changed:
            assert re.search(
                rf'name="{name}"[^>]*value="{value}"|value="{value}"[^>]*name="{name}"', page.text
            )
    assert question(place, draft) == before
    assert office.post(f"{of}/spelregels", right).status_code == 303


def test_a_limit_of_a_theme_that_is_gone_is_asked_about(place: Place) -> None:
    office, draft, of = with_question(place, **BUDGET)
    renamed = [(each.label, str(each.cost // 100), "Natuur") for each in BUDGET["options"]]
    answer = office.post(f"{of}/mogelijkheden", {**rows(*renamed), "shuffled": "ja"})
    assert answer.status_code == 303
    listed = office.get(of.removesuffix("/q1")).text
    assert "Er is een grens voor “Groen”" in listed
    assert office.post(f"{of}/grenzen", {"least": "1", "most": "2"}).status_code == 303
    assert question(place, draft).theme_most == {}


def test_only_rules_that_fit_are_offered(place: Place) -> None:
    office, _, of = with_question(place, text="Wat?", kind=Kind.RANKING, options=BUDGET["options"])
    page = office.get(f"{of}/telregel").text
    assert set(re.findall(r'name="way"[^>]*value="([^"]+)"', page)) == {
        "plurality",
        "greedy",
        "run-off",
        "schulze",
    }
    assert office.post(f"{of}/telregel", {"way": "equal-shares"}).status_code == 422
    assert office.post(f"{of}/telregel", {}).status_code == 422


@pytest.mark.parametrize(
    "changed", [{"first_day": ""}, {"last_day": "2026-06-01"}, {"first_day": "2026-05-01"}, {"lengthen": ""}]
)
def test_days_with_a_mistake(place: Place, changed: dict[str, str]) -> None:
    office, draft, of = begin(place)
    page = office.post(f"{of}/dagen", {**DAYS, **changed})
    assert page.status_code == 422
    summary(page)
    place.look()
    assert draft.first_day is None


def test_questions_are_put_in_order(place: Place) -> None:
    office, draft, of = begin(place)
    assert office.post(f"{of}/vragen", {"do": "add"}).location == f"{of}/vragen/q2/tekst"
    office.post(f"{of}/vragen", {"do": "up-q2"})
    place.look()
    assert [each.id for each in asked.drafts(draft)] == ["q2", "q1"]
    sure = office.post(f"{of}/vragen", {"do": "remove-q2"})
    assert "Haal deze vraag weg?" in sure.text
    place.look()
    assert len(asked.drafts(draft)) == 2
    office.post(f"{of}/vragen", {"do": "drop-q2"})
    place.look()
    assert [each.id for each in asked.drafts(draft)] == ["q1"]
    assert office.post(f"{of}/vragen", {"do": "iets"}).status_code == 400
    assert office.post(f"{of}/vragen", {"do": "remove-q9"}).status_code == 404


# Where there is nothing


def test_what_is_not_there_or_frozen(place: Place) -> None:
    office = place.browser("gemeente")
    plan = place.draft(place.plan())
    ballot = place.ballot(BUDGET)
    of = f"/kantoor/buurtstemmingen/{ballot.id}"
    for path in (
        "/kantoor/buurtstemmingen/999/vragen",
        f"/kantoor/buurtstemmingen/{plan.id}/vragen",
        f"/kantoor/buurtstemmingen/{plan.id}/titel",
        f"/kantoor/raadplegingen/{ballot.id}/vraag",
        f"/kantoor/raadplegingen/{ballot.id}/spelregels",
        f"{of}/vragen/q9/tekst",
        "/kantoor/raadplegingen/999/loting",
    ):
        assert office.get(path).status_code == 404, path
    place.freeze(ballot)
    overview = f"/kantoor/raadplegingen/{ballot.id}"
    pages = ("tekst", "mogelijkheden", "grenzen", "telregel", "spelregels")
    for path in (f"{of}/titel", f"{of}/vragen", f"{of}/dagen", *(f"{of}/vragen/q1/{each}" for each in pages)):
        assert office.get(path).location == overview, path
    assert office.get(f"{overview}/loting").location == overview


def test_a_page_that_a_question_does_not_have_leads_back(place: Place) -> None:
    office, _, of = with_question(place, text="Wat?", kind=Kind.YES_NO)
    for page in ("mogelijkheden", "grenzen", "spelregels"):
        assert office.get(f"{of}/{page}").location == of.removesuffix("/q1")


def test_another_town_and_other_roles_see_nothing(place: Place) -> None:
    ballot = place.ballot(BUDGET)
    of = f"/kantoor/buurtstemmingen/{ballot.id}"
    stranger, group = place.browser("elders"), place.browser("regiegroep")
    before = place.dump()["consultation"]
    for path in (f"{of}/titel", f"{of}/vragen", f"{of}/dagen", f"{of}/vragen/q1/tekst"):
        assert stranger.get(path).status_code == 404, path
        assert group.get(path).status_code == 403, path
    assert "Buurtbudget" not in stranger.get("/kantoor").text
    token = re.findall(
        r'name="csrf_token"[^>]*value="([^"]+)"', stranger.get("/kantoor/buurtstemmingen/nieuw").text
    )[0]
    answer = stranger.bare(f"{of}/vragen", {"csrf_token": token, "do": "drop-q1"})
    assert answer.status_code == 404
    assert place.dump()["consultation"] == before


# Everybody


def test_residents_and_regiegroep_see_it_from_freeze_to_outcome(place: Place) -> None:
    ballot = place.ballot(BUDGET, CHOICE, days=(1, 2))
    resident, group = place.anonymous(), place.browser("regiegroep")
    at = f"/raadplegingen/{ballot.id}"
    assert resident.get(at).status_code == 404
    assert "Buurtbudget" not in resident.get("/").text + group.get("/regiegroep").text
    codes = place.freeze(ballot)
    place.printed(ballot)
    for where in ("/", "/wijk/noord"):
        assert "opent binnenkort" in resident.get(where).text
    page = resident.get(at).text
    for said in (*SUBJECT.values(), BUDGET["text"], CHOICE["text"], "Bankje", "€ 2.000", "Spelen"):
        assert said.splitlines()[0] in page, said
    assert "Naar “Groen” gaat samen hoogstens € 2.000." in page
    assert "regiegroep" not in page
    sane(page)
    place.later(days=1)
    group = place.browser("regiegroep")
    for where in ("/", "/wijk/noord"):
        assert "Stem met uw brief" in resident.get(where).text
    for code, mark in zip(codes, ("a1", "a1", "a3"), strict=False):
        place.cast(code, [[mark], ["a2"]])
    assert "3 van 12 brieven" in " ".join(group.get("/regiegroep").text.split())
    place.later(days=3)
    place.tick()
    group = place.browser("regiegroep")
    page = resident.get(at).text
    assert page.count("Zo is geteld") == 2
    assert page.count('class="big-answer"') == 2
    assert "css/result.css" in page
    assert "uitslag bekend" in resident.get("/wijk/noord").text
    assert f'href="{at}"' in group.get("/regiegroep").text
    sane(page)
    assert resident.client.get_cookie("wijkstem") is None


def test_a_town_of_another_does_not_show_it(place: Place) -> None:
    ballot = place.ballot(BUDGET, wijk="Buiten")
    place.freeze(ballot)
    assert place.anonymous().get(f"/raadplegingen/{ballot.id}").status_code == 404


# A lot


def test_a_lot_is_recorded_and_shown(place: Place) -> None:
    ballot = held(place, {"a1": 3, "a2": 3})
    office, overview = place.browser("gemeente"), f"/kantoor/raadplegingen/{ballot.id}"
    at = f"{overview}/loting"
    assert f'href="{at}"' in office.get(overview).text
    assert "Leg de loting vast." in office.get("/kantoor").text
    page = office.get(at)
    assert "Bankje" in page.text
    assert "Schommel" not in page.text.replace("Schommel” krijgt", "")
    typed = {"place_a1": "2", "place_a2": "1", "witnesses": "Fatma Aydin\nJoop Smit"}
    for changed, wrong in (
        ({"place_a1": "1"}, "place_a1"),
        ({"place_a1": "3"}, "place_a1"),
        ({"place_a2": ""}, "place_a2"),
        ({"place_a2": "eerste"}, "place_a2"),
        ({"witnesses": "Fatma Aydin"}, "witnesses"),
        ({"witnesses": ""}, "witnesses"),
    ):
        page = office.post(at, {**typed, **changed})
        assert page.status_code == 422, changed
        assert f'href="#{wrong}"' in summary(page)
    assert polls.lots(place.session, place.poll(ballot), 1) == []
    assert office.post(at, typed).location == overview
    place.look()
    assert polls.outcomes(place.session, place.poll(ballot))[0].winners[0] == "a2"
    assert "Er moet worden geloot" not in office.get(overview).text
    public = place.anonymous().get(f"/raadplegingen/{ballot.id}").text
    assert "Fatma Aydin, Joop Smit" in public
    assert office.get(at).location == overview
