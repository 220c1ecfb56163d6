"""Yes or no: every majority, base and quorum, and how many votes short."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballots.counting.majority import Base, Majority, MajorityRule, MissedQuorum, Quorum, count
from ballots.counting.outcome import as_json

SIMPLE = MajorityRule(Majority.SIMPLE, Base.VOTES, False, Quorum.NONE, Fraction(0), False, MissedQuorum.BARS)


def votes(voor: int, tegen: int, blanco: int = 0) -> dict[str, int]:
    return {"voor": voor, "tegen": tegen, "blanco": blanco}


def passed(rule: MajorityRule, voor: int, tegen: int, blanco: int = 0, letters: int = 1000) -> bool | None:
    return count(votes(voor, tegen, blanco), letters, rule).passed


def short(
    rule: MajorityRule, kind: str, voor: int, tegen: int, blanco: int = 0, letters: int = 1000
) -> object:
    outcome = count(votes(voor, tegen, blanco), letters, rule)
    return next(step.values["short"] for step in outcome.steps if step.kind == kind)


def test_the_rule_has_no_hidden_default() -> None:
    with pytest.raises(TypeError):
        MajorityRule(Majority.SIMPLE)  # type: ignore[call-arg]


def test_simple_is_more_voor_than_tegen_and_equal_is_none() -> None:
    assert passed(SIMPLE, 51, 50)
    assert passed(SIMPLE, 50, 50) is False
    assert passed(SIMPLE, 0, 0) is False
    assert passed(SIMPLE, 1, 0, 99)
    assert short(SIMPLE, "majority", 50, 50) == 1


def test_absolute_is_more_than_half_of_the_base() -> None:
    rule = replace(SIMPLE, majority=Majority.ABSOLUTE)
    assert passed(rule, 51, 49)
    assert passed(rule, 50, 50) is False
    assert passed(rule, 50, 40, 10)
    with_blank = replace(rule, blank_in_majority=True)
    assert passed(with_blank, 50, 40, 10) is False
    assert passed(with_blank, 51, 40, 10)
    of_letters = replace(rule, base=Base.LETTERS)
    assert passed(of_letters, 500, 0) is False
    assert passed(of_letters, 501, 0)
    assert short(of_letters, "majority", 450, 0) == 51


def test_two_thirds_is_at_least_two_thirds() -> None:
    rule = replace(SIMPLE, majority=Majority.TWO_THIRDS)
    assert passed(rule, 2, 1)
    assert passed(rule, 66, 34) is False
    assert passed(rule, 67, 33)
    assert passed(rule, 0, 0) is False
    assert short(rule, "majority", 66, 34) == 2  # 68 of 102


def test_quorum_of_turnout() -> None:
    rule = replace(SIMPLE, quorum=Quorum.TURNOUT, quorum_share=Fraction(1, 5))
    met = count(votes(150, 50), 1000, rule)
    assert (met.passed, met.quorum_met) == (True, True)
    missed = count(votes(150, 49, 30), 1000, rule)
    assert (missed.passed, missed.quorum_met) == (False, False)
    assert short(rule, "quorum", 150, 49, 30) == 1
    with_blank = count(votes(150, 49, 1), 1000, replace(rule, blank_in_turnout=True))
    assert with_blank.quorum_met
    third = replace(rule, quorum_share=Fraction(1, 3))
    assert count(votes(333, 0), 1000, third).quorum_met is False
    assert count(votes(334, 0), 1000, third).quorum_met


def test_quorum_in_favour() -> None:
    rule = replace(SIMPLE, quorum=Quorum.IN_FAVOUR, quorum_share=Fraction(1, 4))
    assert count(votes(249, 10), 1000, rule).passed is False
    assert count(votes(250, 10), 1000, rule).passed


def test_a_missed_quorum_may_ask_for_reasons_only() -> None:
    rule = replace(
        SIMPLE, quorum=Quorum.TURNOUT, quorum_share=Fraction(1, 2), missed_quorum=MissedQuorum.REASONS
    )
    outcome = count(votes(2, 1), 1000, rule)
    assert (outcome.passed, outcome.quorum_met, outcome.winners) == (True, False, ("voor",))


def test_impossible_counts_are_refused() -> None:
    for wrong, letters in ((votes(-1, 0), 10), (votes(6, 5), 10), ({"ja": 1}, 10)):
        with pytest.raises(ValueError, match=r"negative|more votes|counts voor"):
            count(wrong, letters, SIMPLE)


def test_json() -> None:
    written = as_json(count(votes(3, 1, 1), 10, SIMPLE))
    assert written["passed"] is True
    assert written["quorum_met"] is None
    assert written["left"] is None
    assert written["steps"][0] == {
        "kind": "counted",
        "option": None,
        "values": {"voor": 3, "tegen": 1, "blanco": 1, "letters": 10},
    }


rules = st.builds(
    MajorityRule,
    st.sampled_from(Majority),
    st.sampled_from(Base),
    st.booleans(),
    st.sampled_from(Quorum),
    st.fractions(0, 1, max_denominator=20),
    st.booleans(),
    st.sampled_from(MissedQuorum),
)
numbers = st.integers(0, 60)


@settings(max_examples=500, deadline=None, derandomize=True)
@given(rules, numbers, numbers, numbers, st.integers(0, 40))
def test_short_is_exactly_what_would_have_been_enough(
    rule: MajorityRule, voor: int, tegen: int, blanco: int, unused: int
) -> None:
    rule = replace(rule, quorum=Quorum.NONE)
    letters = voor + tegen + blanco + unused
    missing = short(rule, "majority", voor, tegen, blanco, letters)
    assert isinstance(missing, int)
    outcome = count(votes(voor, tegen, blanco), letters, rule)
    assert outcome.passed == (missing == 0)
    room = letters if rule.base is Base.LETTERS else letters + missing
    if voor + missing + tegen + blanco <= room:
        assert passed(rule, voor + missing, tegen, blanco, room)
        if missing > 1:
            assert not passed(rule, voor + missing - 1, tegen, blanco, room)
    needed = next(step.values["needed"] for step in outcome.steps if step.kind == "majority")
    assert outcome.passed == (voor >= int(str(needed)))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(rules, numbers, numbers, numbers, st.integers(1, 40))
def test_one_more_in_favour_never_undoes_a_pass(
    rule: MajorityRule, voor: int, tegen: int, blanco: int, unused: int
) -> None:
    letters = voor + tegen + blanco + unused
    if count(votes(voor, tegen, blanco), letters, rule).passed:
        assert count(votes(voor + 1, tegen, blanco), letters, rule).passed
