"""The regiegroep decides, and cannot get past the line."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ballots.refusals import Refusal
from consult import consultations, decisions, initiatives
from consult.lifecycle import Stage, Verdict
from consult.models import Decision
from consult.refusals import (
    AboveConsulted,
    AmountWrong,
    CannotDecide,
    NeedsConsultation,
    NobodyDecides,
    NotPresent,
    QuorumMissed,
    ReasonsNeeded,
)
from tests.consult.conftest import QUORUM, Place

pytestmark = pytest.mark.both

WON = {"voor": 7, "tegen": 3, "blanco": 1}
LOST = {"voor": 3, "tegen": 8}


@pytest.mark.parametrize(
    ("asked", "amount", "refusal"),
    [
        (9_999_99, 9_999_99, None),
        (9_999_99, 10_000_00, None),
        (9_999_99, 10_000_01, NeedsConsultation),
        (10_000_00, 10_000_00, None),
        (10_000_00, 10_000_01, NeedsConsultation),
        (10_000_01, 10_000_01, NeedsConsultation),
        (10_000_01, 9_999_99, NeedsConsultation),
        (10_000_01, 1, NeedsConsultation),
    ],
)
def test_the_gate(place: Place, asked: int, amount: int, refusal: type[Refusal] | None) -> None:
    plan = place.plan(asked)
    if refusal is None:
        assert place.award(plan, amount).amount == amount
        return
    before = place.dump()
    with pytest.raises(refusal):
        place.award(plan, amount)
    assert place.dump() == before


@pytest.mark.parametrize("amount", [None, 0, -1, initiatives.MOST + 1])
def test_an_award_has_an_amount(place: Place, amount: Any) -> None:
    plan = place.plan(5_000_00)
    with pytest.raises(AmountWrong):
        place.decide(plan, Verdict.AWARD, amount)
    assert plan.decisions == []


def test_only_an_award_has_an_amount(place: Place) -> None:
    assert place.decide(place.plan(5_000_00), Verdict.DEFER, 5_000_00).amount is None
    assert place.decide(place.plan(5_000_00), Verdict.REJECT, 5_000_00, "Nee.").amount is None


def test_after_a_count_up_to_the_amount_that_was_asked_about(place: Place) -> None:
    plan = place.plan(24_500_00)
    place.held(plan, WON)
    with pytest.raises(AboveConsulted):
        place.award(plan, 24_500_01)
    decision = place.award(plan, 24_500_00)
    assert decision.consultation is plan.consultations[0]
    assert decision.departs is False
    assert place.actions(plan)[-1] == "decide: award"


def test_a_small_plan_never_gets_more_than_its_consultation_asked(place: Place) -> None:
    plan = place.plan(8_000_00)
    place.held(plan, WON)
    with pytest.raises(AboveConsulted):
        place.award(plan, 8_000_01)


@pytest.mark.parametrize("state", ["draft", "frozen", "open", "due"])
@pytest.mark.parametrize("verdict", list(Verdict))
def test_nothing_is_decided_while_the_neighbourhood_is_asked(
    place: Place, state: str, verdict: Verdict
) -> None:
    plan = place.plan(5_000_00)
    draft = place.draft(plan, days=(1, 1))
    if state != "draft":
        place.freeze(draft)
        place.printed(draft)
    place.later(days={"open": 1, "due": 3}.get(state, 0))
    with pytest.raises(CannotDecide):
        place.decide(plan, verdict, 5_000_00, "Daarom.")
    assert plan.decisions == []


@pytest.mark.parametrize("how", ["withdrawn", "unprinted", "unreconciled"])
def test_a_consultation_that_does_not_count_opens_no_door(place: Place, how: str) -> None:
    plan = place.plan(24_500_00)
    draft = place.draft(plan)
    used = place.freeze(draft)
    if how != "unprinted":
        place.printed(draft)
    place.vote(used, WON)
    if how == "withdrawn":
        place.withdraw(draft)
    place.later(days=3)
    place.tick()
    if how == "unreconciled":
        # letters disappear after the count: more were printed than there are now
        place.force("DELETE FROM letter WHERE serial = 12")
    with pytest.raises(NeedsConsultation):
        place.award(plan, 24_500_00)
    assert plan.decisions == []
    assert place.decide(plan, Verdict.REJECT, reasons="Zo kan het niet.").amount is None


def test_a_missed_quorum_bars(place: Place) -> None:
    plan = place.plan(24_500_00)
    place.held(plan, {"voor": 5}, **QUORUM)
    with pytest.raises(QuorumMissed):
        place.decide(plan, Verdict.AWARD, 24_500_00, "Het moet toch.")
    with pytest.raises(QuorumMissed):
        place.decide(plan, Verdict.AWARD, 5_000_00, "Een beetje dan.")
    assert plan.decisions == []


def test_a_missed_quorum_asks_for_reasons(place: Place) -> None:
    plan = place.plan(24_500_00)
    place.held(plan, {"voor": 5}, **{**QUORUM, "missed_quorum": "reasons"})
    with pytest.raises(ReasonsNeeded):
        place.award(plan, 24_500_00)
    decision = place.decide(plan, Verdict.AWARD, 24_500_00, " Iedereen op het plein wil het. ")
    assert decision.reasons == "Iedereen op het plein wil het."


def test_a_quorum_that_was_met_asks_for_nothing(place: Place) -> None:
    plan = place.plan(24_500_00)
    place.held(plan, {"voor": 6}, **QUORUM)
    assert place.award(plan, 24_500_00).reasons == ""


def test_departing_from_the_outcome_is_possible_and_said(place: Place) -> None:
    lost, won = place.plan(24_500_00), place.plan(24_500_00)
    place.held(lost, LOST)
    place.held(won, WON)
    for plan, verdict in ((lost, Verdict.AWARD), (won, Verdict.REJECT)):
        with pytest.raises(ReasonsNeeded):
            place.decide(plan, verdict, 24_500_00, " ")
        assert place.decide(plan, verdict, 24_500_00, "De buurman verhuist.").departs is True


def test_who_decided(place: Place) -> None:
    plan = place.plan(5_000_00)

    def by(present: list[str], aside: list[str]) -> Decision:
        return decisions.decide(
            place.session, plan, Verdict.AWARD, 5_000_00, "", present, aside, "regiegroep: Joke", place.now
        )

    with pytest.raises(NotPresent):
        by(["Joke"], ["Ali"])
    with pytest.raises(NobodyDecides):
        by(["Ali"], ["Ali"])
    with pytest.raises(NobodyDecides):
        by([], [])
    assert plan.decisions == []
    by(["Joke", "Ali"], ["Ali"])
    place.look()
    assert (plan.decisions[0].present, plan.decisions[0].aside) == (["Joke", "Ali"], ["Ali"])
    assert plan.decisions[0].decided_at == place.now


def test_deferred_is_not_the_end_and_a_decision_is(place: Place) -> None:
    plan = place.plan(5_000_00)
    place.decide(plan, Verdict.DEFER)
    place.decide(plan, Verdict.DEFER)
    place.award(plan, 5_000_00)
    for verdict in Verdict:
        with pytest.raises(CannotDecide):
            place.decide(plan, verdict, 5_000_00, "Toch anders.")
    assert [each.verdict for each in plan.decisions] == [Verdict.DEFER, Verdict.DEFER, Verdict.AWARD]


def test_the_line_may_move_but_not_past_a_plan_unseen(place: Place) -> None:
    plan = place.plan(9_000_00)
    place.execute("UPDATE town SET \"limit\" = 500000 WHERE name = 'Voorbeeldstad'")
    assert initiatives.where(plan, place.now) is Stage.NEEDS_CONSULTATION
    with pytest.raises(NeedsConsultation):
        place.award(plan, 4_000_00)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    asked=st.sampled_from([9_999_99, 10_000_00, 10_000_01, 24_500_00]),
    amount=st.sampled_from([1, 9_999_99, 10_000_00, 10_000_01, 24_500_00, 24_500_01]),
    withdrawn=st.sampled_from([None, True, False]),
)
def test_whatever_came_before_no_award_passes_the_line_without_a_count(
    place: Place, asked: int, amount: int, withdrawn: bool | None
) -> None:
    plan = place.plan(asked)
    if withdrawn is not None:
        draft = place.draft(plan, days=(1, 1))
        place.freeze(draft)
        if withdrawn:
            place.withdraw(draft)
    try:
        place.award(plan, amount)
    except Refusal:
        assert plan.decisions == []
    else:
        assert max(asked, amount) <= 10_000_00
        assert all(consultations.evidence(place.session, each) for each in plan.consultations)
