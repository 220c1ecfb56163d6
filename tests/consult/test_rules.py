"""The line of € 10.000 and what lies around it, as pure facts."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballots.counting.majority import MissedQuorum
from ballots.counting.outcome import Outcome
from ballots.refusals import Refusal
from consult import rules
from consult.lifecycle import Verdict
from consult.refusals import (
    AboveConsulted,
    NeedsConsultation,
    NobodyDecides,
    NotPresent,
    QuorumMissed,
    ReasonsNeeded,
)
from consult.rules import Evidence

LIMIT = rules.DEFAULT_LIMIT
CENT = 1


def outcome(passed: bool | None = True, quorum_met: bool | None = None) -> Outcome:
    return Outcome({"voor": 7, "tegen": 3}, {"voor": 7, "tegen": 3}, passed=passed, quorum_met=quorum_met)


COUNTS = Evidence(24_500_00, True, True, False, outcome(), MissedQuorum.REASONS)


def verdict(limit: int, evidence: Evidence | None, *amounts: int) -> type[Refusal] | None:
    try:
        rules.check_award(limit, evidence, *amounts)
    except Refusal as refusal:
        return type(refusal)
    return None


def test_the_line_is_ten_thousand_euros_in_cents() -> None:
    assert LIMIT == 1_000_000


@pytest.mark.parametrize("asked", [9_999_99, 10_000_00, 10_000_01])
@pytest.mark.parametrize("awarded", [9_999_99, 10_000_00, 10_000_01])
def test_the_highest_of_asked_and_awarded_is_held_against_the_line(asked: int, awarded: int) -> None:
    above = max(asked, awarded) == 10_000_01
    assert verdict(LIMIT, None, asked, awarded) is (NeedsConsultation if above else None)
    assert rules.needs_consultation(LIMIT, asked, awarded) is above
    assert verdict(LIMIT, replace(COUNTS, consulted=10_000_01), asked, awarded) is None


def test_the_line_is_the_towns() -> None:
    assert verdict(5_000_00, None, 5_000_00, 5_000_00) is None
    assert verdict(5_000_00, None, 5_000_00, 5_000_01) is NeedsConsultation
    assert verdict(0, None, 1, 1) is NeedsConsultation


@pytest.mark.parametrize(
    "short",
    [
        {"asked_all": False},
        {"reconciled": False},
        {"withdrawn": True},
        {"outcome": None},
        {"asked_all": False, "reconciled": False},
    ],
)
def test_what_lacks_one_thing_does_not_count(short: dict[str, Any]) -> None:
    evidence = replace(COUNTS, **short)
    assert not evidence.counts
    assert verdict(LIMIT, evidence, 24_500_00, 24_500_00) is NeedsConsultation
    assert verdict(LIMIT, evidence, 9_000_00, 9_000_00) is None


def test_never_above_what_the_neighbourhood_was_asked_about() -> None:
    assert verdict(LIMIT, COUNTS, 24_500_00, 24_500_00) is None
    assert verdict(LIMIT, COUNTS, 24_500_00, 24_500_00 + CENT) is AboveConsulted
    assert verdict(LIMIT, COUNTS, 24_500_00, 20_000_00, 24_500_00 + CENT) is AboveConsulted
    small = replace(COUNTS, consulted=8_000_00)
    assert verdict(LIMIT, small, 8_000_00, 8_000_00 + CENT) is AboveConsulted


def test_a_refused_amount_is_named() -> None:
    with pytest.raises(AboveConsulted, match=r"€ 24\.500\."):
        rules.check_award(LIMIT, COUNTS, 24_500_00, 30_000_00)
    with pytest.raises(NeedsConsultation, match=r"meer dan € 10\.000 gevraagd"):
        rules.check_award(LIMIT, None, 24_500_00, 24_500_00)


def test_a_missed_quorum_bars_whatever_the_amount_or_asks_for_reasons() -> None:
    missed = replace(COUNTS, outcome=outcome(False, False), missed_quorum=MissedQuorum.BARS)
    assert verdict(LIMIT, missed, 24_500_00, 24_500_00) is QuorumMissed
    assert verdict(LIMIT, missed, 24_500_00, 9_000_00) is QuorumMissed
    assert verdict(LIMIT, missed, 9_000_00, 9_000_00) is QuorumMissed
    assert verdict(LIMIT, replace(missed, missed_quorum=MissedQuorum.REASONS), 24_500_00, 24_500_00) is None
    assert verdict(LIMIT, replace(missed, outcome=outcome(True, True)), 24_500_00, 24_500_00) is None
    for passed in (True, False):
        with pytest.raises(ReasonsNeeded):
            rules.check_reasons(Verdict.AWARD, outcome(passed, False), " \n ")
        rules.check_reasons(Verdict.AWARD, outcome(passed, False), "Toch een goed plan.")


def test_lost_is_advice_too() -> None:
    assert verdict(LIMIT, replace(COUNTS, outcome=outcome(False)), 24_500_00, 24_500_00) is None


amounts = st.integers(1, 2 * LIMIT) | st.sampled_from([LIMIT - 1, LIMIT, LIMIT + 1])
maybe = st.none() | st.booleans()
evidences = st.none() | st.builds(
    Evidence,
    amounts,
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.none() | st.builds(outcome, maybe, maybe),
    st.sampled_from(MissedQuorum),
)


@given(st.just(LIMIT) | amounts, evidences, amounts, st.lists(amounts, min_size=1, max_size=4))
def test_nothing_passes_the_line_without_evidence_that_counts(
    limit: int, evidence: Evidence | None, asked: int, awarded: list[int]
) -> None:
    passes = verdict(limit, evidence, asked, *awarded) is None
    counts = evidence is not None and (
        evidence.asked_all and evidence.reconciled and not evidence.withdrawn and evidence.outcome is not None
    )
    if passes and max(asked, *awarded) > limit:
        assert evidence is not None
        assert counts
        assert max(awarded) <= evidence.consulted
        assert evidence.outcome is not None
        assert not (evidence.outcome.quorum_met is False and evidence.missed_quorum is MissedQuorum.BARS)
    if not counts:
        assert passes is (max(asked, *awarded) <= limit)


@pytest.mark.parametrize(
    ("chosen", "passed", "departs"),
    [
        (Verdict.AWARD, True, False),
        (Verdict.AWARD, False, True),
        (Verdict.REJECT, True, True),
        (Verdict.REJECT, False, False),
        (Verdict.DEFER, True, False),
        (Verdict.DEFER, False, False),
        (Verdict.AWARD, None, False),
        (Verdict.REJECT, None, False),
    ],
)
def test_departing_from_the_outcome_asks_for_reasons(
    chosen: Verdict, passed: bool | None, departs: bool
) -> None:
    assert rules.departs(chosen, outcome(passed)) is departs
    assert rules.departs(chosen, None) is False
    rules.check_reasons(chosen, outcome(passed), "Daarom.")
    if departs or chosen is Verdict.REJECT:
        with pytest.raises(ReasonsNeeded):
            rules.check_reasons(chosen, outcome(passed), "")
    else:
        rules.check_reasons(chosen, outcome(passed), "")


def test_a_no_always_has_reasons() -> None:
    with pytest.raises(ReasonsNeeded):
        rules.check_reasons(Verdict.REJECT, None, "\t")
    rules.check_reasons(Verdict.AWARD, None, "")
    rules.check_reasons(Verdict.DEFER, None, "")


def test_somebody_who_was_there_decides() -> None:
    rules.check_quorum_of_group(["Joke", "Ali"], ["Ali"])
    rules.check_quorum_of_group(["Joke"], [])
    with pytest.raises(NotPresent, match=r"Kijk naar: Ali, Bo\."):
        rules.check_quorum_of_group(["Joke"], ["Bo", "Ali"])
    for present, aside in ([], []), (["Joke"], ["Joke"]), (["Joke", "Ali"], ["Ali", "Joke"]):
        with pytest.raises(NobodyDecides):
            rules.check_quorum_of_group(present, aside)
