"""Could contested votes have changed the outcome? Held against every way they could have fallen."""

import random
from collections import Counter
from fractions import Fraction
from itertools import combinations_with_replacement

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballots.counting import majority
from ballots.counting.contested import could_change
from ballots.counting.count import Rule, count
from ballots.counting.equal_shares import Completion, EqualSharesRule, Utility
from ballots.counting.greedy import GreedyRule, Leftover
from ballots.counting.majority import Base, Majority, MajorityRule, MissedQuorum, Quorum
from ballots.counting.plurality import PluralityRule
from ballots.counting.ranked import Method, RankedRule
from ballots.paper import BLANK, YES_NO_OPTIONS, Kind, Option, Points, Question
from tests.conftest import RULE
from tests.trust.bundles import PROGRAM
from tests.trust.recounting import load

YES_NO = Question("Voor of tegen?", Kind.YES_NO, YES_NO_OPTIONS)
ANSWERS = ("voor", "tegen", BLANK)
PLANS = (Option("a", "A", 10), Option("b", "B", 20), Option("c", "C", 30))
ONE = Question("Welk plan?", Kind.CHOOSE_ONE, PLANS)
APPROVE = Question("Welke plannen?", Kind.APPROVE, PLANS, 1, 3)

rules = st.builds(
    MajorityRule,
    majority=st.sampled_from(Majority),
    base=st.sampled_from(Base),
    blank_in_majority=st.booleans(),
    quorum=st.sampled_from(Quorum),
    quorum_share=st.sampled_from([Fraction(1, 4), Fraction(1, 2), Fraction(2, 3)]),
    blank_in_turnout=st.booleans(),
    missed_quorum=st.sampled_from(MissedQuorum),
)


def every_way(cast: Counter[str], contested: int) -> set[tuple[int, int, int]]:
    """Return all numbers there could be, were so many of the ballots not there, or others."""
    found = set()
    for gone in combinations_with_replacement(ANSWERS, contested):
        if Counter(gone) <= cast:
            for size in range(contested + 1):
                for back in combinations_with_replacement(ANSWERS, size):
                    now = cast - Counter(gone) + Counter(back)
                    found.add(tuple(now[each] for each in ANSWERS))
    return found  # type: ignore[return-value]


@settings(max_examples=300)
@given(rules, st.tuples(*[st.integers(0, 6)] * 3), st.integers(0, 3), st.integers(0, 8))
def test_yes_or_no_is_exact(
    rule: MajorityRule, numbers: tuple[int, ...], contested: int, unused: int
) -> None:
    cast = Counter(dict(zip(ANSWERS, numbers, strict=True)))
    contested = min(contested, cast.total())
    letters = cast.total() + unused
    outcome = count(YES_NO, rule, {"web": list(cast.items())}, letters)
    answers = set()
    for now in every_way(cast, contested):
        votes = dict(zip(ANSWERS, now, strict=True))
        counted = majority.count(votes, letters, rule)
        enough = next(step.values["short"] == 0 for step in counted.steps if step.kind == "majority")
        answers.add((enough, counted.quorum_met))
    assert could_change(YES_NO, rule, outcome, contested) is (len(answers) > 1)


@pytest.mark.parametrize(
    ("voor", "tegen", "contested", "could"),
    [
        (10, 5, 0, False),
        (10, 5, 2, False),
        (10, 5, 3, True),
        (5, 10, 2, False),
        (5, 10, 3, True),
        (6, 5, 1, True),
    ],
)
def test_more_than_half_the_gap(voor: int, tegen: int, contested: int, could: bool) -> None:
    outcome = count(YES_NO, RULE, {"web": [("voor", voor), ("tegen", tegen)]}, 30)
    assert could_change(YES_NO, RULE, outcome, contested) is could


def winners(question: Question, rule: Rule, ballots: Counter[str]) -> tuple[object, ...]:
    outcome = count(question, rule, {"web": sorted(ballots.items())}, 40)
    return outcome.winners, outcome.quorum_met


GREEDY = GreedyRule(40, {}, {}, Leftover.NONE, ("lower-cost",))
QUORUM = PluralityRule(Quorum.TURNOUT, Fraction(1, 4), tie_order=("paper-order",))


@pytest.mark.parametrize(
    ("question", "rule", "markings"),
    [
        (ONE, PluralityRule(tie_order=("paper-order",)), ("a", "b", "c", BLANK)),
        (ONE, QUORUM, ("a", "b", "c", BLANK)),
        (APPROVE, GREEDY, ("a", "b", "c", "a,b", "b,c", "a,b,c", BLANK)),
        (
            APPROVE,
            GreedyRule(40, {}, {}, Leftover.NONE, ("lower-cost",), threshold=4),
            ("a", "b", "a,c", BLANK),
        ),
    ],
)
def test_what_is_called_certain_is_certain(question: Question, rule: Rule, markings: tuple[str, ...]) -> None:
    """Ballots are changed at random, as many as are contested; where no change is called possible, none comes."""
    chance, certain = random.Random(4), 0
    for _ in range(150):
        ballots = Counter(chance.choices(markings, [chance.randint(1, 30) for _ in markings], k=30))
        outcome = count(question, rule, {"web": sorted(ballots.items())}, 40)
        contested = chance.randint(1, 3)
        if could_change(question, rule, outcome, contested):
            continue
        certain += 1
        before = winners(question, rule, ballots)
        for _ in range(20):
            gone = Counter(chance.sample(sorted(ballots.elements()), contested))
            back = Counter(chance.choices(markings, k=chance.randint(0, contested)))
            assert winners(question, rule, ballots - gone + back) == before
    assert certain > 10


def test_of_other_rules_nothing_is_ruled_out() -> None:
    ranking = Question("Wat het liefst?", Kind.RANKING, PLANS, 1, 3)
    outcome = count(ranking, RankedRule(Method.SCHULZE), {"web": [("a,b,c", 90)]}, 100)
    assert could_change(ranking, RankedRule(Method.SCHULZE), outcome, 1)
    shares = EqualSharesRule(40, Utility.COST, Completion.NONE, 1)
    outcome = count(APPROVE, shares, {"web": [("a", 90)]}, 100)
    assert could_change(APPROVE, shares, outcome, 1)
    assert not could_change(APPROVE, shares, outcome, 0)


def test_a_ballot_moves_points_and_places_further() -> None:
    points = Question("Hoe verdeelt u ze?", Kind.POINTS, PLANS, 1, 3, points=Points(10, 1, 10))
    rule = PluralityRule()
    outcome = count(points, rule, {"web": [("a:10", 3), ("b:1", 9)]}, 40)  # 30 against 9
    assert not could_change(points, rule, outcome, 1)
    assert could_change(points, rule, outcome, 2)


@settings(max_examples=200)
@given(rules, st.tuples(*[st.integers(0, 9)] * 3), st.integers(1, 4), st.integers(0, 8))
def test_the_recount_judges_the_same(
    rule: MajorityRule, numbers: tuple[int, ...], contested: int, unused: int
) -> None:
    votes = dict(zip(ANSWERS, numbers, strict=True))
    contested = min(contested, sum(numbers))
    letters = sum(numbers) + unused
    outcome = count(YES_NO, rule, {"web": list(votes.items())}, letters)
    written = {
        "name": "majority",
        "majority": str(rule.majority),
        "base": str(rule.base),
        "blank_in_majority": rule.blank_in_majority,
        "quorum": str(rule.quorum),
        "quorum_share": str(rule.quorum_share),
        "blank_in_turnout": rule.blank_in_turnout,
        "missed_quorum": str(rule.missed_quorum),
    }
    certain = PROGRAM_LOADED.is_certain(None, written, {}, {"votes": votes}, letters, contested)
    assert certain is not could_change(YES_NO, rule, outcome, contested)


PROGRAM_LOADED = load(PROGRAM.read_text())
