"""PURE. Add up points: a voter divides points among options, or gives each option a mark.

The points decide where votes do otherwise: the budget is divided as in `ballots/counting/greedy.py`
with the points as scores (`divide`), or the one option with the most points wins (`most`). In the
outcome `votes` is on how many papers an option stands and `score` is its points.

| kind | option | values |
|---|---|---|
| `most` | yes | score, next (the highest score of another; absent where there is no other), ahead |
| `behind` | yes | score, short (how many points more would have been the most) |
| `tie` | – | options, score, most (1), all: equal at the top |
| `nobody` | – | score: no option has more than nothing |

`divide` has the steps of the greedy rule. Scores are numbers of points.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from ballots.counting import greedy
from ballots.counting.greedy import GreedyRule
from ballots.counting.outcome import Outcome, Score, Step
from ballots.paper import Option

Points = int | Fraction
Paper = Sequence[tuple[str, Points]]  # (option id, points) as they stand on the paper


@dataclass(frozen=True)
class Added:
    """What the papers come to: on how many each option stands, and its points."""

    votes: dict[str, int]
    score: dict[str, Points]


def add(ids: Iterable[str], papers: Iterable[tuple[Paper, int]]) -> Added:
    """Return votes and points of every id of `ids`, in that order.

    `papers` are pairs of a paper and its weight (1 for an ordinary ballot). An option that stands on
    a paper twice counts twice. Points under nothing count as they stand. Raises ValueError for an id
    that is not on the paper and for a negative weight.
    """
    votes = dict.fromkeys(ids, 0)
    score: dict[str, Points] = dict.fromkeys(votes, 0)
    for paper, weight in papers:
        if weight < 0:
            raise ValueError("a ballot cannot weigh less than nothing")
        for id, points in paper:
            if id not in votes:
                raise ValueError(f"not on the paper: {id!r}")
            votes[id] += weight
            score[id] += points * weight
    return Added(votes, {id: _whole(points) for id, points in score.items()})


def _whole(points: Points) -> Points:
    return int(points) if points.denominator == 1 else points


def divide(options: Sequence[Option], papers: Iterable[tuple[Paper, int]], rule: GreedyRule) -> Outcome:
    """Return who wins the budget: most points first. Raises what `add` and `greedy.count` raise."""
    added = add((option.id for option in options), papers)
    return replace(greedy.count(options, _whole_scores(added.score), rule), votes=added.votes)


def _whole_scores(score: Mapping[str, Points]) -> dict[str, int]:
    # the greedy rule compares whole numbers
    if any(points.denominator != 1 for points in score.values()):
        raise ValueError("a budget is divided by whole points")
    return {id: int(points) for id, points in score.items()}


def most(ids: Iterable[str], papers: Iterable[tuple[Paper, int]]) -> Outcome:
    """Return which one option has the most points; nothing is never the most."""
    added = add(ids, papers)
    winners, ties, steps = highest(added.score)
    return Outcome(added.votes, added.score, winners=winners, ties=ties, steps=steps)


def highest(
    score: Mapping[str, Score],
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...], tuple[Step, ...]]:
    """Return winners, ties and steps of `the highest score wins`, options in the order of `score`."""
    top = max(score.values(), default=0)
    if top <= 0:
        return (), (), (Step("nobody", None, {"score": top}),)
    first = tuple(id for id, points in score.items() if points == top)
    behind = [
        Step("behind", id, {"score": points, "short": _short(top - points)})
        for id, points in sorted(score.items(), key=lambda item: -item[1])
        if points < top
    ]
    if len(first) > 1:
        values = {"options": ",".join(first), "score": top, "most": 1, "all": len(first)}
        return (), (first,), (Step("tie", None, values), *behind)
    others = [points for points in score.values() if points < top]
    lead = {"next": max(others), "ahead": top - max(others)} if others else {"ahead": top}
    return first, (), (Step("most", first[0], {"score": top, **lead}), *behind)


def _short(gap: Score) -> int:
    """Return the least whole number that is more than the gap."""
    return gap.numerator // gap.denominator + 1
