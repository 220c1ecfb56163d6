"""Plurality: worked examples and properties."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballots.counting import plurality
from ballots.counting.majority import MissedQuorum, Quorum
from ballots.counting.outcome import Outcome, Score
from ballots.counting.plurality import PluralityRule
from ballots.counting.ties import Lots
from ballots.paper import BLANK, Option

NO_QUORUM = PluralityRule()
THIRD = Fraction(1, 3)


def count(
    votes: Mapping[str, int],
    letters: int,
    rule: PluralityRule,
    score: Mapping[str, Score] | None = None,
    lots: Lots = (),
    ballots: int | None = None,
) -> Outcome:
    options = [Option(id, id.upper()) for id in votes if id != BLANK]
    return plurality.count(options, votes, letters, rule, score, lots, ballots)


def kinds(outcome: Outcome) -> list[str]:
    return [step.kind for step in outcome.steps]


def quorum(which: str, share: Fraction, missed: str = "bars", blank: bool = True) -> PluralityRule:
    return PluralityRule(Quorum(which), share, blank, MissedQuorum(missed))


def test_the_most_votes_win_however_few() -> None:
    outcome = count({"a": 3, "b": 5, "c": 4, "blanco": 9}, 0, NO_QUORUM)
    assert (outcome.winners, outcome.quorum_met) == (("b",), None)
    assert outcome.score == {"a": 3, "b": 5, "c": 4}
    assert outcome.votes["blanco"] == 9
    assert [(step.kind, step.option, dict(step.values)) for step in outcome.steps] == [
        ("most", "b", {"score": 5, "next": 4, "ahead": 1}),
        ("behind", "c", {"score": 4, "short": 2}),
        ("behind", "a", {"score": 3, "short": 3}),
    ]


def test_equal_is_a_tie_and_nobody_is_nobody() -> None:
    assert count({"a": 5, "b": 5, "c": 4}, 0, NO_QUORUM).ties == (("a", "b"),)
    assert kinds(count({"a": 0, "b": 0, "blanco": 5}, 0, NO_QUORUM)) == ["nobody"]


def test_a_missed_quorum_bars_or_asks_for_reasons() -> None:
    votes = {"a": 6, "b": 3, "blanco": 1}
    barred = count(votes, 100, quorum("turnout", Fraction(11, 100)))
    assert (barred.winners, barred.quorum_met, kinds(barred)) == ((), False, ["quorum", "behind", "barred"])
    assert dict(barred.steps[0].values)["short"] == 1
    reasons = count(votes, 100, quorum("turnout", Fraction(11, 100), "reasons"))
    assert (reasons.winners, reasons.quorum_met, kinds(reasons)) == (
        ("a",),
        False,
        ["quorum", "most", "behind"],
    )
    assert count(votes, 100, quorum("turnout", Fraction(1, 10))).winners == ("a",)


def test_blanco_counts_for_turnout_only_where_the_rule_says_so() -> None:
    votes = {"a": 6, "b": 3, "blanco": 1}
    assert count(votes, 100, quorum("turnout", Fraction(1, 10), blank=False)).quorum_met is False
    assert count(votes, 100, quorum("in-favour", Fraction(6, 100))).quorum_met is True
    assert count(votes, 100, quorum("in-favour", Fraction(7, 100))).quorum_met is False


def test_a_tie_that_cannot_win_needs_no_lot() -> None:
    outcome = count({"a": 5, "b": 5, "blanco": 1}, 100, quorum("turnout", Fraction(1, 2)))
    assert (outcome.winners, outcome.ties, kinds(outcome)) == ((), (), ["quorum", "barred", "barred"])
    assert [step.option for step in outcome.steps] == [None, "a", "b"]


def test_scores_decide_where_they_are_given() -> None:
    outcome = count({"a": 9, "b": 1, "blanco": 2}, 0, NO_QUORUM, {"a": 3, "b": 12})
    assert (outcome.winners, outcome.score, outcome.votes["a"]) == (("b",), {"a": 3, "b": 12}, 9)


def test_scores_are_compared_exactly() -> None:
    votes = {"a": 1, "b": 1}
    assert count(votes, 0, NO_QUORUM, {"a": THIRD, "b": THIRD + Fraction(1, 10**30)}).winners == ("b",)
    assert count(votes, 0, NO_QUORUM, {"a": THIRD * 3, "b": 1}).ties == (("a", "b"),)
    assert count(votes, 0, NO_QUORUM, {"a": Fraction(5, 2), "b": 1}).steps[1].values["short"] == 2


def test_nothing_is_never_the_most() -> None:
    for number in (0, -2, Fraction(-1, 2)):
        outcome = count({"a": 1}, 0, NO_QUORUM, {"a": number})
        assert (outcome.winners, outcome.ties, kinds(outcome)) == ((), (), ["nobody"])


def test_the_tie_order_and_then_a_lot_part_equals() -> None:
    votes, score = {"a": 2, "b": 3, "c": 3}, {"a": 6, "b": 6, "c": 6}
    by_votes = replace(NO_QUORUM, tie_order=("more-votes",))
    assert count(votes, 0, NO_QUORUM, score).ties == (("a", "b", "c"),)
    assert count(votes, 0, by_votes, score).ties == (("b", "c"),)
    outcome = count(votes, 0, by_votes, score, lots=[("c", "b")])
    assert [(step.kind, step.option, dict(step.values)) for step in outcome.steps] == [
        ("most", "c", {"score": 6, "next": 6, "ahead": 0}),
        ("behind", "b", {"score": 6, "short": 1}),
        ("behind", "a", {"score": 6, "short": 1}),
    ]


def test_where_a_paper_names_several_the_turnout_is_the_papers() -> None:
    votes = {"a": 8, "b": 7, "blanco": 1}
    tenth = quorum("turnout", Fraction(1, 10), blank=False)
    assert count(votes, 100, tenth, ballots=11).quorum_met is True
    assert count(votes, 100, tenth, ballots=10).quorum_met is False
    in_favour = quorum("in-favour", Fraction(8, 100))
    assert count(votes, 100, in_favour, {"a": 1, "b": 9}, ballots=10).quorum_met is False


def test_what_cannot_be() -> None:
    with pytest.raises(ValueError, match="share"):
        quorum("turnout", Fraction(2))
    with pytest.raises(ValueError, match="negative"):
        count({"a": -1}, 0, NO_QUORUM)
    with pytest.raises(ValueError, match="more ballots than letters"):
        count({"a": 2}, 1, quorum("turnout", Fraction(1)))
    with pytest.raises(ValueError, match="unknown tie order"):
        PluralityRule(tie_order=("by-name",))  # type: ignore[arg-type]


votes = st.dictionaries(st.sampled_from(["a", "b", "c", "d", "blanco"]), st.integers(0, 9), min_size=1)


@given(votes)
def test_the_winner_has_more_than_anybody(counts: dict[str, int]) -> None:
    outcome = count(counts, 0, NO_QUORUM)
    score = {id: number for id, number in counts.items() if id != "blanco"}
    top = max(score.values(), default=0)
    first = tuple(id for id, number in score.items() if number == top and top)
    assert outcome.winners == (first if len(first) == 1 else ())
    assert outcome.ties == ((first,) if len(first) > 1 else ())


@given(votes)
def test_monotonicity(counts: dict[str, int]) -> None:
    for winner in count(counts, 0, NO_QUORUM).winners:
        assert count(counts | {winner: counts[winner] + 1}, 0, NO_QUORUM).winners == (winner,)


@given(votes)
def test_short_is_just_enough(counts: dict[str, int]) -> None:
    for step in count(counts, 0, NO_QUORUM).steps:
        if step.kind == "behind" and step.option:
            short = step.values["short"]
            assert isinstance(short, int)
            more = {step.option: counts[step.option] + short}
            assert count(counts | more, 0, NO_QUORUM).winners == (step.option,)
            less = {step.option: counts[step.option] + short - 1}
            assert count(counts | less, 0, NO_QUORUM).winners == ()


@given(votes)
def test_neutrality(counts: dict[str, int]) -> None:
    before = count(counts, 0, NO_QUORUM)
    ids = [id for id in counts if id != BLANK]
    for order in permutations(ids):
        name = dict(zip(ids, order, strict=True)) | {BLANK: BLANK}
        after = count({name[id]: number for id, number in counts.items()}, 0, NO_QUORUM)
        assert after.winners == tuple(name[id] for id in before.winners)
        assert after.ties == tuple(tuple(name[id] for id in tie) for tie in before.ties)


@given(votes, st.randoms(use_true_random=False))
def test_a_lot_ends_every_tie_with_the_luckiest(counts: dict[str, int], random: Random) -> None:
    for tie in count(counts, 0, NO_QUORUM).ties:
        lot = random.sample(tie, len(tie))
        outcome = count(counts, 0, NO_QUORUM, lots=[lot])
        assert (outcome.winners, outcome.ties) == ((lot[0],), ())
