"""PURE. What stands on the ballots of a `.pb` file, and what that adds up to, in arrays of numpy.

An option scores its votes on an approval or choose-1 paper, and the points beside it on a cumulative or
scoring paper. On an ordinal paper the first of m places scores m points, the next m - 1, and so on.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from ballots.counting.outcome import Score
from ballots.pabulib import lists
from ballots.pabulib.file import MissingColumn, PbError, PbFile, items, number, plain
from ballots.pabulib.lists import Lists, exact
from ballots.pabulib.rules import POINTED, VoteType, most_places, vote_type
from ballots.paper import Money
from ballots.words import N_

if TYPE_CHECKING:
    from ballots.counting.blocks import Array


class UnknownProject(PbError):
    text = N_("De stem op regel %(line)d noemt project %(id)s, maar dat project staat niet in het bestand.")


class NotPoints(PbError):
    text = N_("“%(given)s” op regel %(line)d is geen aantal punten.")


class UnequalPoints(PbError):
    text = N_("De stem op regel %(line)d noemt %(projects)d projecten en geeft %(points)d keer punten.")


@dataclass(frozen=True, eq=False)
class Ballots:
    """The ballots of a file.

    `texts`  what was chosen on each: ids as often as they stand there, with commas between.
    `lists`  the same in numbers.
    `points`  what each item on those lists scores, on a paper with points or places.
    `votes`  how often each option stands on a ballot.
    `score`  what a rule compares.
    """

    texts: Sequence[str]
    lists: Lists
    points: "Array | None"
    votes: Mapping[str, int]
    score: Mapping[str, Score]

    @property
    def size(self) -> int:
        return len(self.texts)

    def grouped(self) -> Iterable[tuple[str, int]]:
        """Return the texts that differ, and how many voters gave each."""
        return Counter(self.texts).items()

    def worth(self, each: Sequence[Money]) -> "Array":
        """Return what the options on every ballot are worth together; `each` is what one is worth."""
        items = self.lists.items
        return self.lists.sums(exact([*each, 0], len(items))[items])

    def given(self) -> "Array":
        """Return how many points every ballot gives in all."""
        assert self.points is not None
        return self.lists.sums(self.points)


def ballots(pb: PbFile) -> list[tuple[str, ...]]:
    """Return the ids on every ballot, in the order of the file and as often as they stand there."""
    return [tuple(items(cell)) for cell in pb.of_votes("vote") or ()]


def added(pb: PbFile) -> Ballots:
    """Return the ballots of a file and what they add up to. Raises PbError where that cannot be read."""
    kind, ids = vote_type(pb), [project.id for project in pb.projects]
    texts, chosen = _chosen(pb, ids)
    votes = dict(zip(ids, np.bincount(chosen.items, minlength=len(ids)).tolist(), strict=False))
    if kind is VoteType.ORDINAL:
        points = _placed(chosen, most_places(pb))
    elif kind in POINTED:
        points = _pointed(pb, chosen)
    else:
        return Ballots(texts, chosen, None, votes, votes)
    totals = np.zeros(len(ids) + 1, points.dtype)
    np.add.at(totals, chosen.items, points)
    score = {id: plain(total) for id, total in zip(ids, totals.tolist(), strict=False)}
    return Ballots(texts, chosen, points, votes, score)


def _chosen(pb: PbFile, ids: Sequence[str]) -> tuple[Sequence[str], Lists]:
    """Return what was chosen on every ballot, in text and in numbers."""
    cells = pb.of_votes("vote") or []
    try:
        return cells, lists.read(ids, cells)
    except ValueError:
        tidy = [",".join(items(cell)) for cell in cells]
    try:
        return tidy, lists.read(ids, tidy)
    except ValueError:
        raise _unknown(pb, ids) from None


def _unknown(pb: PbFile, ids: Iterable[str]) -> UnknownProject:
    """Return the refusal that names the first project that is not in the file."""
    known, lines = set(ids), pb.votes.lines
    line, id = next(
        (line, id)
        for line, chosen in zip(lines, ballots(pb), strict=True)
        for id in chosen
        if id not in known
    )
    return UnknownProject(line=line, id=id[:80])


def _placed(rankings: Lists, places: int | None) -> "Array":
    """Return the points of places; without a number of places the longest ranking fills them all."""
    longest = int(rankings.sizes.max(initial=0))
    first = longest if places is None else places
    scores = exact([max(first - place, 0) for place in range(longest + 1)], len(rankings.items))
    return scores[rankings.places]


def _pointed(pb: PbFile, chosen: Lists) -> "Array":
    """Return the points that stand beside what was chosen."""
    column = pb.of_votes("points")
    if column is None:
        raise MissingColumn(line=pb.votes_header, section="VOTES", column="points")
    beside = [items(cell) for cell in column]
    numbers = {item: number(item) for item in set(chain.from_iterable(beside))}
    known = {item: value for item, value in numbers.items() if value is not None}
    sizes = [len(points) for points in beside]
    if len(known) < len(numbers) or sizes != chosen.sizes.tolist():
        raise _unclear(pb, beside, known)
    points = lists.read([*known], [",".join(points) for points in beside])
    return exact([*known.values(), 0], len(points.items))[points.items]


def _unclear(pb: PbFile, beside: Sequence[Sequence[str]], known: Mapping[str, Money]) -> PbError:
    """Return the refusal that names the first points that are no numbers, or too many or too few."""
    for line, ids, points in zip(pb.votes.lines, ballots(pb), beside, strict=True):
        if wrong := [item for item in points if item not in known]:
            return NotPoints(given=wrong[0][:40], line=line)
        if len(ids) != len(points):
            return UnequalPoints(line=line, projects=len(ids), points=len(points))
    raise AssertionError("the points are clear")
