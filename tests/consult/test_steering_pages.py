"""The regiegroep decides: the outcome beside the form, the line at the form, and only its own wijk."""

import re
from typing import Any

import pytest

from consult.lifecycle import Verdict
from consult.models import Initiative
from tests.consult.conftest import QUORUM, Full, Place

WON = {"voor": 7, "tegen": 3, "blanco": 1}
FORM: dict[str, Any] = {
    "verdict": "award",
    "amount": "5.000",
    "reasons": "Een goed plan voor de hele straat.",
    "present": ["Joke", "Ali"],
    "aside": ["Ali"],
}
MAY_DECIDE = {"closed", "deferred", "missed", "missed, reasons", "lost", "withdrawn", "needs", "ready"}


def sane(page: str) -> None:
    for wrong in ("Undefined", ">None<", "%(", "{{", "Traceback", "This field", "Not a valid", "not a valid"):
        assert wrong not in page, wrong


def test_every_page_in_every_state(full: Full) -> None:
    group = full.browsers["regiegroep"]
    for path in ("/regiegroep", *(f"/regiegroep/plannen/{id}" for id in full.plans.values())):
        page = group.get(path)
        assert page.status_code == 200, path
        assert len(re.findall(r"<h1", page.text)) == 1
        assert "style=" not in page.text
        sane(page.text)


def test_the_form_is_there_when_something_can_be_decided(full: Full) -> None:
    group = full.browsers["regiegroep"]
    shown = {
        state
        for state, id in full.plans.items()
        if 'name="verdict"' in group.get(f"/regiegroep/plannen/{id}").text
    }
    assert shown == MAY_DECIDE


def test_the_outcome_stands_beside_the_decision_after_the_count_only(full: Full) -> None:
    group = full.browsers["regiegroep"]
    shown = {
        state
        for state, id in full.plans.items()
        if "big-answer" in group.get(f"/regiegroep/plannen/{id}").text
    }
    counted = {
        "closed",
        "deferred",
        "rejected",
        "awarded",
        "granted",
        "voucher",
        "redeemed",
        "missed",
        "lost",
    }
    assert shown == {*counted, "missed, reasons"}
    assert "11 van 12 brieven" in group.get(f"/regiegroep/plannen/{full.plans['open']}").text


def test_the_agenda(place: Place) -> None:
    group = place.browser("regiegroep")
    assert "Er is nu niets om over te beslissen." in group.get("/regiegroep").text
    place.plan(5_000_00, title="Bankjes")
    place.plan(5_000_00, title="Van een ander", wijk="Zuid")
    page = group.get("/regiegroep").text
    assert "Bankjes" in page
    assert "Van een ander" not in page


def test_only_its_own_wijk(full: Full) -> None:
    before = full.place.dump()
    other = full.browsers["zuid"]
    token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', other.get("/regiegroep").text)[0]
    for id in (*full.plans.values(), 9999):
        assert other.get(f"/regiegroep/plannen/{id}").status_code == 404
        answer = other.bare(f"/regiegroep/plannen/{id}", {**FORM, "csrf_token": token})
        assert answer.status_code == 404
    for function in ("gemeente", "beheerder", "elders"):
        assert full.browsers[function].get("/regiegroep").status_code == 403
        assert full.browsers[function].get(f"/regiegroep/plannen/{full.plans['ready']}").status_code == 403
    assert full.place.dump() == before


def test_without_a_token_nothing_is_decided(full: Full) -> None:
    before = full.place.dump()
    assert (
        full.browsers["regiegroep"].bare(f"/regiegroep/plannen/{full.plans['ready']}", FORM).status_code
        == 400
    )
    assert full.place.dump() == before


def test_decided(place: Place) -> None:
    plan = place.plan(5_000_00)
    group = place.browser("regiegroep")
    answer = group.post(f"/regiegroep/plannen/{plan.id}", FORM)
    assert (answer.status_code, answer.location) == (303, f"/regiegroep/plannen/{plan.id}")
    (decision,) = plan.decisions
    assert (decision.verdict, decision.amount, decision.reasons) == (Verdict.AWARD, 5_000_00, FORM["reasons"])
    assert (decision.present, decision.aside) == (["Joke", "Ali"], ["Ali"])
    page = group.get(answer.location).text
    assert "De beslissing is vastgelegd." in page
    assert 'name="verdict"' not in page
    with place.engine.connect() as connection:
        actor = connection.exec_driver_sql(
            "SELECT actor FROM journal WHERE action = 'decide: award'"
        ).scalar()
    assert actor == "regiegroep: Joke"


@pytest.mark.parametrize(
    "changed",
    [
        {"verdict": ""},
        {"verdict": "misschien"},
        {"amount": ""},
        {"amount": "veel"},
        {"amount": "0"},
        {"amount": "10,000"},
        {"amount": "10.000,01"},
        {"verdict": "reject", "reasons": "  "},
        {"present": []},
        {"present": ["Joke"], "aside": ["Ali"]},
        {"present": ["Joke", "Ali"], "aside": ["Joke", "Ali"]},
        {"present": ["Piet"]},
        {"aside": ["Karin"]},
    ],
)
def test_a_mistake_is_pointed_out_and_costs_nothing_typed(place: Place, changed: dict[str, Any]) -> None:
    plan = place.plan(9_999_99)
    group = place.browser("regiegroep")
    before = place.dump()
    typed = {**FORM, **changed}
    page = group.post(f"/regiegroep/plannen/{plan.id}", typed)
    assert page.status_code == 422
    assert place.dump() == before
    (summary,) = re.findall(r'<div class="error-summary".*?</div>', page.text, re.S)
    links = re.findall(r'href="#([^"]+)"', summary)
    assert links
    assert all(f'id="{id}"' in page.text for id in links)
    about = {"present", "aside"} if "present" in changed else set(changed)
    assert {id.removesuffix("-0") for id in links} & about
    sane(page.text)
    assert typed["reasons"].strip() in page.text
    if typed["amount"]:
        assert f'value="{typed["amount"]}"' in page.text
    if "present" not in changed:
        assert len(re.findall(r'<input checked [^>]*name="present"', page.text)) == 2


@pytest.mark.parametrize(
    ("asked", "amount", "status"),
    [
        (9_999_99, "9.999,99", 303),
        (9_999_99, "10.000", 303),
        (9_999_99, "10.000,01", 422),
        (10_000_00, "10000", 303),
        (10_000_01, "10.000", 422),
        (10_000_01, "10.000,01", 422),
        (10_000_01, "0,01", 422),
    ],
)
def test_the_line(place: Place, asked: int, amount: str, status: int) -> None:
    plan = place.plan(asked)
    group = place.browser("regiegroep")
    answer = group.post(f"/regiegroep/plannen/{plan.id}", {**FORM, "amount": amount})
    assert answer.status_code == status
    assert len(plan.decisions) == (status == 303)
    if status == 422:
        assert "zonder een geldige wijkraadpleging" in answer.text


def test_after_the_count(place: Place) -> None:
    plan = place.plan(24_500_00)
    place.held(plan, WON)
    group = place.browser("regiegroep")
    page = group.post(f"/regiegroep/plannen/{plan.id}", {**FORM, "amount": "24.500,01"})
    assert page.status_code == 422
    assert "De wijkraadpleging ging over € 24.500." in page.text
    assert group.post(f"/regiegroep/plannen/{plan.id}", {**FORM, "amount": "24500"}).status_code == 303
    assert [each.amount for each in plan.decisions] == [24_500_00]


def test_a_missed_quorum_is_said_and_bars(place: Place) -> None:
    plan = place.plan(24_500_00)
    place.held(plan, {"voor": 5}, **QUORUM)
    group = place.browser("regiegroep")
    shown = group.get(f"/regiegroep/plannen/{plan.id}").text
    assert "drempel" in shown
    page = group.post(f"/regiegroep/plannen/{plan.id}", {**FORM, "amount": "24500"})
    assert page.status_code == 422
    assert "dan niets worden toegekend" in page.text
    assert plan.decisions == []


@pytest.mark.parametrize("state", ["drafting", "open", "due", "decided"])
def test_a_post_at_the_wrong_moment_changes_nothing(place: Place, state: str) -> None:
    plan = place.plan(5_000_00)
    group = place.browser("regiegroep")
    path = f"/regiegroep/plannen/{plan.id}"
    token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', group.get(path).text)[0]
    if state == "decided":
        place.decide(plan, Verdict.REJECT, reasons="Nee.")
    else:
        draft = place.draft(plan, days=(0, 1))
        if state != "drafting":
            place.freeze(draft)
    if state == "due":
        place.clock["now"] = place.poll(draft).closes
        group = place.browser("regiegroep")
        token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', group.get(path).text)[0]
    before = place.dump()
    page = group.bare(path, {**FORM, "csrf_token": token})
    assert page.status_code == 422
    assert "kan nu niet worden beslist" in page.text
    assert place.dump() == before


def test_plans_that_belong_together_are_shown_together(place: Place) -> None:
    first = place.plan(6_000_00, title="Bank een", email="noor@initiatief.example")
    second = place.plan(6_000_00, title="Bank twee", email="NOOR@initiatief.example")
    for function, path in (("regiegroep", "/regiegroep"), ("gemeente", "/kantoor")):
        page = place.browser(function).get(f"{path}/plannen/{first.id}").text
        assert "Bank twee" in page
        assert "twaalf maanden" in page
    assert "€ 12.000" in place.browser("regiegroep").get(f"/regiegroep/plannen/{second.id}").text


def test_reasons_are_shown_as_text(place: Place) -> None:
    plan = place.plan(5_000_00)
    hostile = '<script>alert("x")</script>'
    group = place.browser("regiegroep")
    group.post(f"/regiegroep/plannen/{plan.id}", {**FORM, "verdict": "reject", "reasons": hostile})
    assert place.session.get_one(Initiative, plan.id).decisions[0].reasons == hostile
    office = place.browser("gemeente").get(f"/kantoor/plannen/{plan.id}").text
    for page in (
        group.get(f"/regiegroep/plannen/{plan.id}").text,
        group.get(f"/plannen/{plan.id}").text,
        office,
    ):
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page
