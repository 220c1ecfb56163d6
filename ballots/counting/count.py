"""PURE. Count a question by whatever rule was frozen with it."""

from collections.abc import Iterable

from ballots.counting import greedy, majority
from ballots.counting.greedy import GreedyRule
from ballots.counting.majority import MajorityRule
from ballots.counting.outcome import Outcome
from ballots.counting.tally import tally
from ballots.paper import Question

Rule = MajorityRule | GreedyRule


def count(question: Question, rule: Rule, ballots: Iterable[tuple[str, int]], letters: int) -> Outcome:
    """Return the outcome of these (canonical marking, how many) pairs; `letters` is how many were sent."""
    votes = tally([option.id for option in question.options], ballots)
    if isinstance(rule, MajorityRule):
        return majority.count(votes, letters, rule)
    return greedy.count(question.options, votes, rule)
