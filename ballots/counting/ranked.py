"""PURE. Count rankings: points for places (Borda), instant run-off, Schulze.

A ranking names options, the most wanted first; it may name only a few. In every outcome `votes` is
how many rankings name an option, and `blanco` how many name none.

**Borda**, as in the files of the field: of m places the first gives m points, the second m - 1, and
so on. The points decide as in `ballots/counting/points.py`, with its steps.

**Instant run-off.** Every ranking counts for the first option on it that is still in. Who has more
than half of those rankings wins; else the option with the fewest is out, and its rankings move on.
`score` is an option's votes in the last round it was in.

**Schulze.** In a duel of two options a ranking is for the one it names first, or for the one it names
at all. A path is a chain of duels won; it is as strong as the fewest votes that won a duel in it. An
option beats another when its strongest path to it is stronger than the strongest path back; who is
beaten by nobody wins. `score` is how many options an option beats.

| kind | option | values |
|---|---|---|
| `round` | – | round, size (rankings that count in it), needed (more than half), exhausted (name nobody in it) |
| `stands` | yes | round, score |
| `out` | yes | round, score, short (how many votes more it needed to have more than the next; 0 in a tie) |
| `moved` | yes | round, gained (votes that came from who went out) |
| `elected` | yes | round, score, size, needed |
| `either` | – | options, score, round: equally few, but whoever goes out first the same option wins |
| `tie` | – | options, score, most (1), all: equally few and it matters; or beaten by nobody |
| `depends` | yes | score: not in the tie, but might win |
| `stopped` | – | options, score: too many possible lots to work out; all these count as tied |
| `nobody` | – | score (0): there are no rankings |
| `duel` | yes | other, for, against: what rankings say of these two |
| `unbeaten` | yes | score, other, strength, back: the closest anybody came to beating it (others absent when alone) |
| `beaten` | yes | score, other, strength, back: by whom, the strongest path from it, and the path back |

Scores of a run-off and `strength`, `back`, `for`, `against` are numbers of rankings.

**Ties.** Equally few votes are followed every way a lot could go; what is in a round hangs only on who
is still in, never on the order in which others went out. It is no tie when all ways elect the same.

With many different rankings numpy (where it is installed) counts them, in whole numbers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from itertools import chain, combinations, islice
from typing import Any, Protocol

from ballots.counting import greedy
from ballots.counting.greedy import GreedyRule
from ballots.counting.outcome import Outcome, Step
from ballots.counting.points import Added, highest
from ballots.counting.tally import Marking
from ballots.paper import BLANK, Money, Option, chosen

MOST_SETS = 5_000  # sets of options still in, looked at in one run-off before a tie is too large
QUICK_FROM = 2_000  # different rankings from which on numpy is worth it
AT_ONCE = 50_000  # rankings turned into numbers at a time

Papers = Iterable[tuple[Marking, int]]  # a ranking (canonical text, or ids) and how many gave it
Values = dict[str, Money | str]


# -- the rankings ------------------------------------------------------------------------------------


class _Rankings(Protocol):
    """Rankings of options by number; `blank` name nobody and are in no other number."""

    blank: int
    size: int

    def named(self) -> list[int]:
        """Return how many rankings name each option."""

    def points(self, most: int) -> list[int]:
        """Return the points of each option; `most` for a first place, one less for each next."""

    def firsts(self, still: frozenset[int]) -> list[int]:
        """Return for each option how many rankings name it first of those still in."""

    def duels(self) -> list[list[int]]:
        """Return in row i at j how many rankings put option i before option j."""


def _rankings(ids: Sequence[str], papers: Papers) -> _Rankings:
    if len(set(ids)) != len(ids):
        raise ValueError("two options with the same id")
    rest = iter(papers)
    first = list(islice(rest, QUICK_FROM))
    if len(first) == QUICK_FROM and find_spec("numpy") is not None:
        return _QuickRankings(ids, chain(first, rest))
    return _PlainRankings(ids, chain(first, rest))


class _PlainRankings:
    def __init__(self, ids: Sequence[str], papers: Papers) -> None:
        place = {id: n for n, id in enumerate(ids)}
        self.options, self.blank = range(len(ids)), 0
        self.rankings: dict[tuple[int, ...], int] = {}
        for marking, weight in papers:
            if weight < 0:
                raise ValueError("a ballot cannot weigh less than nothing")
            names = marking if isinstance(marking, tuple) else chosen(marking)
            if names == (BLANK,):
                names = ()
            if unknown := [id for id in names if id not in place]:
                raise ValueError(f"not on the paper: {unknown[0]!r}")
            ranking = tuple(dict.fromkeys(place[id] for id in names))
            if ranking:
                self.rankings[ranking] = self.rankings.get(ranking, 0) + weight
            else:
                self.blank += weight
        self.size = sum(self.rankings.values())

    def named(self) -> list[int]:
        named = [0 for _ in self.options]
        for ranking, weight in self.rankings.items():
            for n in ranking:
                named[n] += weight
        return named

    def points(self, most: int) -> list[int]:
        sums = [0 for _ in self.options]
        for ranking, weight in self.rankings.items():
            for place, n in enumerate(ranking[:most]):
                sums[n] += (most - place) * weight
        return sums

    def firsts(self, still: frozenset[int]) -> list[int]:
        firsts = [0 for _ in self.options]
        for ranking, weight in self.rankings.items():
            first = next((n for n in ranking if n in still), None)
            if first is not None:
                firsts[first] += weight
        return firsts

    def duels(self) -> list[list[int]]:
        duels = [[0 for _ in self.options] for _ in self.options]
        for ranking, weight in self.rankings.items():
            behind = set(self.options)
            for n in ranking:
                behind.discard(n)
                for other in behind:
                    duels[n][other] += weight
        return duels


class _QuickRankings:
    """The same in arrays: `order` has a row for each place, and last a row of nobody."""

    def __init__(self, ids: Sequence[str], papers: Papers) -> None:
        np = self.np = import_module("numpy")
        self.options = range(len(ids))
        self.nobody = len(ids)
        self.kind = np.uint8 if len(ids) < 255 else np.uint16
        place = {id: n for n, id in enumerate(ids)}
        blocks, weights, rest = [], [], iter(papers)
        while block := list(islice(rest, AT_ONCE)):
            markings, numbers = zip(*block, strict=True)
            blocks.append(self._block(place, markings))
            weights.append(np.array(numbers, np.int64))
        order, weight = np.concatenate(blocks, axis=1), np.concatenate(weights)
        if (weight < 0).any():
            raise ValueError("a ballot cannot weigh less than nothing")
        filled = order[0] != self.nobody
        self.blank = int(weight[~filled].sum())
        if self.blank or not filled.all():
            order, weight = order[:, filled], weight[filled]
        self.order, self.weight = order, weight
        self.even = bool((weight == 1).all())
        self.size = int(weight.sum())
        self.still = frozenset(self.options)  # of the firsts looked at last, and
        self.at = np.zeros(len(weight), self.kind)  # the place of the first of them on each ranking

    def _block(self, place: dict[str, int], markings: Sequence[Marking]) -> Any:
        np = self.np
        texts = [text for text in markings if isinstance(text, str)]
        if len(texts) == len(markings) and BLANK not in texts:
            stop = int(np.iinfo(self.kind).max)
            numbers = self._numbers(place | {"\n": stop}, ",\n,".join(texts).split(","))
            stops = np.flatnonzero(numbers == stop)
            lengths = np.diff(stops, prepend=-1, append=len(numbers)) - 1
            numbers = numbers[numbers != stop]
        else:
            named = [marking if isinstance(marking, tuple) else chosen(marking) for marking in markings]
            named = [() if names == (BLANK,) else names for names in named]
            numbers = self._numbers(place, chain.from_iterable(named))
            lengths = np.fromiter(map(len, named), np.intp, len(named))
        width = max(int(lengths.max()), len(place))
        rows = np.repeat(np.arange(len(markings)), lengths)
        columns = np.arange(len(numbers)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        order = np.full((width + 1, len(markings)), self.nobody, self.kind)
        order[columns, rows] = numbers
        return self._once(order, len(place))

    def _numbers(self, place: dict[str, int], ids: Iterable[str]) -> Any:
        """Return the numbers of these options, in one array."""
        try:
            if self.kind is self.np.uint8:
                return self.np.frombuffer(bytes(map(place.__getitem__, ids)), self.kind)
            return self.np.array(list(map(place.__getitem__, ids)), self.kind)
        except KeyError as error:
            raise ValueError(f"not on the paper: {error.args[0]!r}") from None

    def _once(self, order: Any, options: int) -> Any:
        """Return the rankings with each option only where it stands first, and nobody at the end."""
        np = self.np
        for column in range(1, len(order)):
            twice = np.zeros(order.shape[1], np.bool_)
            for before in range(column):
                twice |= order[before] == order[column]
            for n in np.flatnonzero(twice & (order[column] != self.nobody)):
                kept = list(dict.fromkeys(number for number in order[:, n].tolist() if number != self.nobody))
                order[:, n] = kept + [self.nobody] * (len(order) - len(kept))
        return order[: options + 1]

    def _sum(self, which: Any) -> int:
        return int(self.np.count_nonzero(which)) if self.even else int(self.weight[which].sum())

    def named(self) -> list[int]:
        return [sum(self._sum(row == n) for row in self.order) for n in self.options]

    def points(self, most: int) -> list[int]:
        rows = self.order[:most]
        return [
            sum((most - place) * self._sum(row == n) for place, row in enumerate(rows)) for n in self.options
        ]

    def firsts(self, still: frozenset[int]) -> list[int]:
        np = self.np
        if not still <= self.still:
            self.at = np.zeros(len(self.weight), self.kind)
        self.still = still
        gone = np.ones(self.nobody + 1, np.bool_)
        gone[[*still, self.nobody]] = False
        columns = np.arange(len(self.weight))
        first = self.order[self.at, columns]
        stuck = np.flatnonzero(gone[first])
        while len(stuck):
            self.at[stuck] += 1
            first[stuck] = self.order[self.at[stuck], stuck]
            stuck = stuck[gone[first[stuck]]]
        return [self._sum(first == n) if n in still else 0 for n in self.options]

    def duels(self) -> list[list[int]]:
        np = self.np
        columns = np.arange(len(self.weight))
        place = np.full((self.nobody + 1, len(self.weight)), self.nobody, self.kind)
        for n, row in enumerate(self.order[:-1]):
            place[row, columns] = n
        return [[self._sum(place[i] < place[j]) if i != j else 0 for j in self.options] for i in self.options]


def _votes(ids: Sequence[str], rankings: _Rankings) -> dict[str, int]:
    votes = dict(zip(ids, rankings.named(), strict=True))
    return votes | ({} if BLANK in votes else {BLANK: rankings.blank})


# -- Borda -------------------------------------------------------------------------------------------


def add(ids: Sequence[str], papers: Papers, places: int) -> Added:
    """Return votes and points of every option, where a first place gives `places` points.

    Places after the last that gives points give nothing. Raises ValueError for an id that is not on
    the paper and for a negative weight, as all counts of this file do.
    """
    if places < 1:
        raise ValueError("at least one place gives points")
    rankings = _rankings(ids, papers)
    return Added(_votes(ids, rankings), dict(zip(ids, rankings.points(places), strict=True)))


def divide(options: Sequence[Option], papers: Papers, places: int, rule: GreedyRule) -> Outcome:
    """Return who wins the budget, most points first (`ballots/counting/greedy.py`)."""
    added = add([option.id for option in options], papers, places)
    score = {id: int(number) for id, number in added.score.items()}
    return replace(greedy.count(options, score, rule), votes=added.votes)


def borda(ids: Sequence[str], papers: Papers, places: int) -> Outcome:
    """Return which one option has the most points."""
    added = add(ids, papers, places)
    winners, ties, steps = highest(added.score)
    return Outcome(added.votes, added.score, winners=winners, ties=ties, steps=steps)


# -- instant run-off ---------------------------------------------------------------------------------


def run_off(ids: Sequence[str], papers: Papers) -> Outcome:
    """Return who wins an instant run-off."""
    rankings = _rankings(ids, papers)
    return _RunOff(ids, rankings).outcome()


class _TooMany(Exception):
    """More possible lots than can be followed."""


class _RunOff:
    """One run-off under way."""

    def __init__(self, ids: Sequence[str], rankings: _Rankings) -> None:
        self.ids, self.rankings = ids, rankings
        self.known: dict[frozenset[int], list[int]] = {}
        self.winners: dict[frozenset[int], frozenset[int]] = {}
        self.steps: list[Step] = []

    def outcome(self) -> Outcome:
        still = frozenset(range(len(self.ids)))
        score = dict.fromkeys(self.ids, 0)
        won: tuple[str, ...] = ()
        ties: tuple[tuple[str, ...], ...] = ()
        if not self.rankings.size:
            self.steps.append(Step("nobody", None, {"score": 0}))
        else:
            try:
                self._possible(still)
                won, ties = self._tell(still, score)
            except _TooMany:
                score |= dict(zip(self.ids, self._firsts(still), strict=True))
                ties = (tuple(self.ids),)
                values: Values = {"options": ",".join(self.ids), "score": max(score.values())}
                self.steps.append(Step("stopped", None, values))
        votes = _votes(self.ids, self.rankings)
        return Outcome(votes, dict(score), winners=won, ties=ties, steps=tuple(self.steps))

    def _firsts(self, still: frozenset[int]) -> list[int]:
        if still not in self.known:
            if len(self.known) >= MOST_SETS:
                raise _TooMany
            self.known[still] = self.rankings.firsts(still)
        return self.known[still]

    def _elected(self, still: frozenset[int]) -> int | None:
        """Return who has more than half of the rankings that count here, if anybody has."""
        firsts = self._firsts(still)
        size = sum(firsts)
        return next((n for n in still if 2 * firsts[n] > size), None)

    def _fewest(self, still: frozenset[int]) -> tuple[frozenset[int], bool]:
        """Return who have the fewest votes, and whether they are all out before anybody else can be.

        They are, when the votes of all of them together are fewer than those of the next.
        """
        firsts = self._firsts(still)
        least = min(firsts[n] for n in still)
        fewest = frozenset(n for n in still if firsts[n] == least)
        next = min((firsts[n] for n in still - fewest), default=0)
        return fewest, len(fewest) == 1 or least * len(fewest) < next

    def _possible(self, still: frozenset[int]) -> frozenset[int]:
        """Return everybody who can win from here."""
        if still not in self.winners:
            elected = self._elected(still)
            if elected is not None:
                self.winners[still] = frozenset({elected})
            else:
                fewest, together = self._fewest(still)
                if fewest == still and len(still) == 2:
                    self.winners[still] = still
                elif together:
                    self.winners[still] = self._possible(still - fewest)
                else:
                    ways = [self._possible(still - {n}) for n in sorted(fewest)]
                    self.winners[still] = frozenset().union(*ways)
        return self.winners[still]

    def _tell(
        self, still: frozenset[int], score: dict[str, int]
    ) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
        """Add the steps round by round; return who won, or the tie at which that can no longer be told."""
        round = 1
        while True:
            firsts = self._firsts(still)
            size = sum(firsts)
            facts: Values = {"round": round, "size": size, "needed": size // 2 + 1}
            self.steps.append(Step("round", None, facts | {"exhausted": self.rankings.size - size}))
            for n in sorted(still, key=lambda n: (-firsts[n], n)):
                score[self.ids[n]] = firsts[n]
                self.steps.append(Step("stands", self.ids[n], {"round": round, "score": firsts[n]}))
            elected = self._elected(still)
            if elected is not None:
                self.steps.append(Step("elected", self.ids[elected], facts | {"score": firsts[elected]}))
                return (self.ids[elected],), ()

            fewest, together = self._fewest(still)
            out = sorted(fewest)
            ids = tuple(self.ids[n] for n in out)
            tied: Values = {"options": ",".join(ids), "score": firsts[out[0]]}
            if not together:
                possible = self._possible(still)
                if len(possible) > 1:
                    self.steps.append(Step("tie", None, tied | {"most": 1, "all": len(ids)}))
                    for n in sorted(possible - fewest):
                        self.steps.append(Step("depends", self.ids[n], {"score": firsts[n]}))
                    return (), (ids,)
                self.steps.append(Step("either", None, tied | {"round": round}))
                out = out[:1]
            next = min(firsts[n] for n in still.difference(out))
            for n in out:
                short = next - firsts[n] + 1 if together else 0
                values: Values = {"round": round, "score": firsts[n], "short": short}
                self.steps.append(Step("out", self.ids[n], values))
            still = still.difference(out)
            for n in sorted(still):
                if gained := self._firsts(still)[n] - firsts[n]:
                    self.steps.append(Step("moved", self.ids[n], {"round": round, "gained": gained}))
            round += 1


# -- Schulze -----------------------------------------------------------------------------------------


def schulze(ids: Sequence[str], papers: Papers) -> Outcome:
    """Return who wins by the Schulze method; several who are beaten by nobody are a tie."""
    rankings = _rankings(ids, papers)
    votes = _votes(ids, rankings)
    if not rankings.size:
        return Outcome(votes, dict.fromkeys(ids, 0), steps=(Step("nobody", None, {"score": 0}),))
    duels, options = rankings.duels(), range(len(ids))
    paths = strongest_paths(duels)
    score = {ids[i]: sum(paths[i][j] > paths[j][i] for j in options) for i in options}
    unbeaten = [i for i in options if all(paths[i][j] >= paths[j][i] for j in options)]

    steps = []
    for i, j in combinations(options, 2):
        values: Values = {"other": ids[j], "for": duels[i][j], "against": duels[j][i]}
        steps.append(Step("duel", ids[i], values))
    won: tuple[str, ...] = (ids[unbeaten[0]],)
    ties: tuple[tuple[str, ...], ...] = ()
    if len(unbeaten) > 1:
        won, ties = (), (tuple(ids[i] for i in unbeaten),)
        values = {"options": ",".join(ties[0]), "score": max(score[id] for id in ties[0])}
        steps.append(Step("tie", None, values | {"most": 1, "all": len(unbeaten)}))
    for i in sorted(options, key=lambda i: (i not in unbeaten, -score[ids[i]], i)):
        # the other whose lead is largest: who beats it, or came closest to that
        values = {"score": score[ids[i]]}
        if len(ids) > 1:
            j = max((j for j in options if j != i), key=lambda j: paths[j][i] - paths[i][j])
            values |= {"other": ids[j]}
            one, two = (i, j) if i in unbeaten else (j, i)
            values |= {"strength": paths[one][two], "back": paths[two][one]}
        steps.append(Step("unbeaten" if i in unbeaten else "beaten", ids[i], values))
    return Outcome(votes, score, winners=won, ties=ties, steps=tuple(steps))


def strongest_paths(duels: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return in row i at j the strength of the strongest path from i to j; 0 where there is none."""
    options = range(len(duels))
    paths = [[duels[i][j] if duels[i][j] > duels[j][i] else 0 for j in options] for i in options]
    for via in options:
        for i in options:
            for j in options:
                if i != j:
                    paths[i][j] = max(paths[i][j], min(paths[i][via], paths[via][j]))
    return paths
