"""PURE. What would have been enough: how many votes more, and an option had certainly won."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from math import ceil, floor

from ballots.counting import greedy
from ballots.counting.greedy import GreedyRule
from ballots.counting.outcome import Score
from ballots.counting.ties import Lots
from ballots.paper import Option

MOST_STEPS = 2_000  # choices looked at in each count: many options are asked about, and somebody waits


def votes_short(
    options: Sequence[Option],
    votes: Mapping[str, int],
    rule: GreedyRule,
    id: str,
    score: Mapping[str, Score] | None = None,
    lots: Lots = (),
) -> int | None:
    """Return the least whole number of votes more with which option `id` would certainly have won.

    0 for a winner, None when no number helps. Where `score` is given it is points that are added, and
    the votes stay as they are. The greedy rule is monotone: with more, a winner stays a winner. And
    only passing another option, or drawing level with it, changes anything; so a few counts tell it.
    A tie too large to work out soon is no certain win; where such ties are in it, a lower number might do
    as well.
    """
    given = votes if score is None else score
    marks = {0, *_marks(given, id, [option.id for option in options]), ceil(rule.threshold - given[id])}
    numbers = sorted(number for number in marks if number >= 0)

    def wins(number: int) -> bool:
        if score is None:
            outcome = greedy.count(options, {**votes, id: votes[id] + number}, rule, None, lots, MOST_STEPS)
        else:
            outcome = greedy.count(options, votes, rule, {**score, id: score[id] + number}, lots, MOST_STEPS)
        return id in outcome.winners

    place = bisect_left(numbers, True, key=wins)
    return numbers[place] if place < len(numbers) else None


def _marks(score: Mapping[str, Score], id: str, ids: Sequence[str]) -> set[int]:
    """Return the whole numbers with which an option draws level with another, or just passes it."""
    gaps = {score[other] - score[id] for other in ids}
    return {ceil(gap) for gap in gaps} | {floor(gap) + 1 for gap in gaps}
