"""PURE. Could contested votes have changed the outcome?

A contested vote was cast with a letter whose address says that it did not vote. Which ballot it is nobody
knows: so any so many ballots may be it, and each of these should not be there, or say something else.
The recount (`static/narekenen.py`) judges by the same bounds.
"""

from collections.abc import Iterator, Mapping
from itertools import pairwise, permutations

from ballots.counting import majority
from ballots.counting.count import Rule
from ballots.counting.greedy import GreedyRule
from ballots.counting.majority import MajorityRule
from ballots.counting.outcome import Outcome, Score
from ballots.counting.plurality import PluralityRule
from ballots.paper import Kind, Question


def could_change(question: Question, rule: Rule, outcome: Outcome, contested: int) -> bool:
    """Return whether so many contested votes could have changed who won, or whether the quorum was met.

    Exact for yes or no. For plurality and greedy a no is certain and a yes means that it cannot be ruled out;
    of other rules nothing can be ruled out.
    """
    if not contested:
        return False
    if isinstance(rule, MajorityRule):
        return len({_answer(votes, outcome, rule) for votes in _others(outcome.votes, contested)}) > 1
    if not isinstance(rule, PluralityRule | GreedyRule):
        return True
    swing = contested * _most(question)
    ranked: list[Score] = sorted(outcome.score.values(), reverse=True)
    apart = [higher - lower > 2 * swing for higher, lower in pairwise(ranked)]
    if isinstance(rule, GreedyRule):
        return not (all(apart) and all(_clear(score, rule, swing) for score in ranked))
    return not (ranked[0] > swing and all(apart[:1]) and _quorum_stays(outcome, contested))


def _answer(votes: Mapping[str, int], outcome: Outcome, rule: MajorityRule) -> tuple[bool, bool | None]:
    """Return whether there is a majority, whatever the quorum, and whether the quorum is met."""
    letters = next(int(step.values["letters"]) for step in outcome.steps if step.kind == "counted")
    counted = majority.count(votes, letters, rule)
    enough = next(step.values["short"] == 0 for step in counted.steps if step.kind == "majority")
    return enough, counted.quorum_met


def _others(votes: Mapping[str, int], contested: int) -> Iterator[dict[str, int]]:
    """Yield the counts as they are, and the furthest they could have been.

    Majority and quorum are each a straight line through the counts; so what no corner changes, nothing does.
    In a corner the ballots taken away are of one answer as far as it goes, then of another; and none come
    back, or all of them with one answer.
    """
    yield dict(votes)
    for order in permutations(votes):
        left, rest = dict(votes), contested
        for id in order:
            gone = min(rest, left[id])
            left[id] -= gone
            rest -= gone
        yield left
        for id in votes:
            yield {**left, id: left[id] + contested - rest}


def _most(question: Question) -> int:
    """Return how far one ballot can move the score of an option."""
    if question.kind is Kind.POINTS and question.points:
        return question.points.each
    return question.most if question.kind is Kind.RANKING else 1


def _clear(score: Score, rule: GreedyRule, swing: int) -> bool:
    """Say whether a score stays on its side of the threshold."""
    return rule.threshold <= 0 or not -swing <= score - rule.threshold <= swing


def _quorum_stays(outcome: Outcome, contested: int) -> bool:
    for step in outcome.steps:
        if step.kind == "quorum":
            reached, needed = int(step.values["reached"]), int(step.values["needed"])
            return (reached - contested >= needed) == (reached + contested >= needed)
    return True
