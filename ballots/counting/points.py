"""PURE. Add up points: a voter divides points among options, or gives each option a mark.

What the points decide is for a rule: the highest score wins (`ballots/counting/plurality.py`), or the
highest scores divide a budget (`ballots/counting/greedy.py`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from ballots.paper import BLANK, chosen

Points = int | Fraction
Given = tuple[tuple[str, Points], ...]  # (option id, points) as they stand on a paper


@dataclass(frozen=True)
class Added:
    """What the papers come to: on how many each option stands (and how many are blanco), its points."""

    votes: dict[str, int]
    score: dict[str, Points]


def add(ids: Iterable[str], papers: Iterable[tuple[str | Given, int]]) -> Added:
    """Return the votes and the points of every id of `ids`, in that order.

    `papers` are pairs of a paper and its weight (1 for an ordinary ballot). A paper is its canonical
    text, or the pairs as they stand in a file: an option that stands there twice counts twice, and
    points under nothing count as they stand. Raises ValueError for an id that is not on the paper,
    for a text that is none, and for a negative weight.
    """
    votes = dict.fromkeys(ids, 0)
    score: dict[str, Points] = dict.fromkeys(votes, 0)
    votes.setdefault(BLANK, 0)
    for paper, weight in papers:
        if weight < 0:
            raise ValueError("a ballot cannot weigh less than nothing")
        if paper == BLANK:
            votes[BLANK] += weight
        for id, points in read(paper) if isinstance(paper, str) else paper:
            if id not in score:
                raise ValueError(f"not on the paper: {id!r}")
            votes[id] += weight
            score[id] += points * weight
    return Added(votes, {id: _whole(points) for id, points in score.items()})


def read(text: str) -> Given:
    """Return the options and points of a canonical text such as `a:3,b:1`; none for blanco."""
    marks = (mark.partition(":") for mark in chosen(text))
    return tuple((id, int(points)) for id, _, points in marks)


def _whole(points: Points) -> Points:
    return int(points) if points.denominator == 1 else points
