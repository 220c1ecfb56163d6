"""PURE. Count rankings: points for places, instant run-off, Schulze.

A ranking names options, the most wanted first; it may name only a few. In every outcome `votes` is
how many rankings name an option, and `blanco` how many name none.

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
| `out` | yes | round, score, short (how many votes more it needed to have more than the next; 1 where equal) |
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

**Ties.** Of those with equally few votes the unluckiest goes out first, and of the unbeaten the luckiest
wins (`ballots/counting/equals.py`). Of equals that nothing parts a run-off is followed every way a lot
could go; what is in a round hangs only on who is still in, never on the order in which others went out.
It is no tie when all ways elect the same.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from ballots.counting import ties
from ballots.counting.equals import luckiest, unluckiest
from ballots.counting.outcome import Outcome, Step
from ballots.counting.points import Added
from ballots.counting.rankings import Rankings
from ballots.counting.tally import Ballots
from ballots.counting.ties import Lots, Order, TieKey
from ballots.paper import Money, Option

MOST_SETS = 5_000  # sets of options still in, looked at in one run-off before a tie is too large

Values = dict[str, Money | str]


class Method(StrEnum):
    """How rankings elect one option."""

    RUN_OFF = "run-off"
    SCHULZE = "schulze"


@dataclass(frozen=True)
class RankedRule:
    """The rule of a ranking that elects one; `tie_order` names, in order, what parts equals."""

    method: Method
    tie_order: tuple[TieKey, ...] = ()

    def __post_init__(self) -> None:
        ties.check(self.tie_order)


# -- points for places -------------------------------------------------------------------------------


def add(ids: Sequence[str], papers: Ballots, places: int) -> Added:
    """Return votes and points of every option, where a first place gives `places` points.

    Places after the last that gives points give nothing. Raises ValueError for an id that is not on
    the paper and for a negative weight, as all counts of this file do.
    """
    if places < 1:
        raise ValueError("at least one place gives points")
    rankings = Rankings(ids, papers)
    return Added(rankings.votes, dict(zip(ids, rankings.points(places), strict=True)))


# -- instant run-off ---------------------------------------------------------------------------------


def run_off(options: Sequence[Option], papers: Ballots, rule: RankedRule, lots: Lots = ()) -> Outcome:
    """Return who wins an instant run-off."""
    rankings = Rankings([option.id for option in options], papers)
    return _RunOff(rankings, ties.order(options, rankings.votes, rule.tie_order, ()), lots).outcome()


class _TooMany(Exception):
    """More possible lots than can be followed."""


class _RunOff:
    """One run-off under way."""

    def __init__(self, rankings: Rankings, order: Order, lots: Lots) -> None:
        self.ids, self.rankings, self.order, self.lots = rankings.ids, rankings, order, lots
        self.place = {id: n for n, id in enumerate(self.ids)}
        self.known: dict[frozenset[int], list[int]] = {}
        self.winners: dict[frozenset[int], frozenset[int]] = {}
        self.steps: list[Step] = []

    def outcome(self) -> Outcome:
        still = frozenset(range(len(self.ids)))
        score = dict.fromkeys(self.ids, 0)
        winner: str | None = None
        tied: tuple[str, ...] = ()
        if not self.rankings.size:
            self.steps.append(Step("nobody", None, {"score": 0}))
        else:
            try:
                self._possible(still)
                winner, tied = self._tell(still, score)
            except _TooMany:
                score |= dict(zip(self.ids, self._firsts(still), strict=True))
                tied = tuple(self.ids)
                values: Values = {"options": ",".join(tied), "score": max(score.values())}
                self.steps.append(Step("stopped", None, values))
        return _outcome(self.rankings, score, winner, tied, self.steps)

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

    def _out(self, still: frozenset[int]) -> tuple[frozenset[int], bool]:
        """Return who may be out now, and whether they all are, before anybody else can be.

        They are, when the votes of all who have the fewest are together fewer than those of the next.
        Else one of them is: the unluckiest, or of those that nothing parts any.
        """
        firsts = self._firsts(still)
        least = min(firsts[n] for n in still)
        fewest = frozenset(n for n in still if firsts[n] == least)
        next = min((firsts[n] for n in still - fewest), default=0)
        if least * len(fewest) < next:
            return fewest, True
        last = unluckiest((self.ids[n] for n in fewest), self.order, self.lots)
        return frozenset(self.place[id] for id in last), len(last) == 1

    def _ways(self, still: frozenset[int]) -> Iterator[frozenset[int]]:
        """Yield who may be still in after this; nobody comes after who is elected."""
        if self._elected(still) is None:
            out, together = self._out(still)
            yield from [still - out] if together else (still - {n} for n in sorted(out))

    def _possible(self, still: frozenset[int]) -> frozenset[int]:
        """Return everybody who can win from here; without recursion, for it may be as deep as a paper is long."""
        path = [(still, self._ways(still))]
        while path:
            at, ways = path[-1]
            way = next((way for way in ways if way not in self.winners), None)
            if way is not None:
                path.append((way, self._ways(way)))
                continue
            elected = self._elected(at)
            ends = frozenset() if elected is None else frozenset({elected})
            self.winners[at] = ends.union(*(self.winners[way] for way in self._ways(at)))
            path.pop()
        return self.winners[still]

    def _tell(self, still: frozenset[int], score: dict[str, int]) -> tuple[str | None, tuple[str, ...]]:
        """Add the steps round by round; return who won, or the equals at which that can no longer be told."""
        round = 1
        while True:
            firsts = self._firsts(still)
            size = sum(firsts)
            facts: Values = {"round": round, "size": size, "needed": size // 2 + 1}
            self._step("round", None, facts | {"exhausted": self.rankings.size - size})
            for n in sorted(still, key=lambda n: (-firsts[n], n)):
                score[self.ids[n]] = firsts[n]
                self._step("stands", n, {"round": round, "score": firsts[n]})
            elected = self._elected(still)
            if elected is not None:
                self._step("elected", elected, facts | {"score": firsts[elected]})
                return self.ids[elected], ()

            may, all_go = self._out(still)
            out = sorted(may)
            if not all_go:
                possible, tied = self._possible(still), tuple(self.ids[n] for n in out)
                values: Values = {"options": ",".join(tied), "score": firsts[out[0]]}
                if len(possible) > 1:
                    self._step("tie", None, values | {"most": 1, "all": len(tied)})
                    for n in sorted(possible - may):
                        self._step("depends", n, {"score": firsts[n]})
                    return None, tied
                self._step("either", None, values | {"round": round})
                out = out[:1]
            still = still.difference(out)
            next = min(firsts[n] for n in still)
            for n in out:
                short = next - firsts[n] + 1
                self._step("out", n, {"round": round, "score": firsts[n], "short": short})
            for n in sorted(still):
                if gained := self._firsts(still)[n] - firsts[n]:
                    self._step("moved", n, {"round": round, "gained": gained})
            round += 1

    def _step(self, kind: str, n: int | None, values: Values) -> None:
        self.steps.append(Step(kind, None if n is None else self.ids[n], values))


# -- Schulze -----------------------------------------------------------------------------------------


def schulze(options: Sequence[Option], papers: Ballots, rule: RankedRule, lots: Lots = ()) -> Outcome:
    """Return who wins by the Schulze method."""
    rankings = Rankings([option.id for option in options], papers)
    ids = rankings.ids
    if not rankings.size:
        steps = [Step("nobody", None, {"score": 0})]
        return _outcome(rankings, dict.fromkeys(ids, 0), None, (), steps)
    duels, every = rankings.duels(), range(len(ids))
    paths = strongest_paths(duels)
    score = {ids[i]: sum(paths[i][j] > paths[j][i] for j in every) for i in every}
    unbeaten = [i for i in every if all(paths[i][j] >= paths[j][i] for j in every)]
    order = ties.order(options, rankings.votes, rule.tie_order, ())
    first = tuple(luckiest((ids[i] for i in unbeaten), order, lots))

    steps = [
        Step("duel", ids[i], {"other": ids[j], "for": duels[i][j], "against": duels[j][i]})
        for i, j in combinations(every, 2)
    ]
    if len(first) > 1:
        values: Values = {"options": ",".join(first), "score": max(score[id] for id in first)}
        steps.append(Step("tie", None, values | {"most": 1, "all": len(first)}))
    for i in sorted(every, key=lambda i: (i not in unbeaten, ids[i] not in first, -score[ids[i]], i)):
        values = {"score": score[ids[i]]} | _closest(ids, paths, i, i in unbeaten)
        steps.append(Step("unbeaten" if i in unbeaten else "beaten", ids[i], values))
    return _outcome(rankings, score, first[0] if len(first) == 1 else None, first, steps)


def _closest(ids: Sequence[str], paths: Sequence[Sequence[int]], i: int, unbeaten: bool) -> Values:
    """Return the other that beats an option by most, or came closest to that; and the paths between them."""
    others = [j for j in range(len(ids)) if j != i]
    if not others:
        return {}
    j = max(others, key=lambda j: paths[j][i] - paths[i][j])
    one, two = (i, j) if unbeaten else (j, i)
    return {"other": ids[j], "strength": paths[one][two], "back": paths[two][one]}


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


def _outcome(
    rankings: Rankings, score: dict[str, int], winner: str | None, tied: tuple[str, ...], steps: list[Step]
) -> Outcome:
    """Return an outcome of one winner, or of a tie, or of neither."""
    winners = () if winner is None else (winner,)
    return Outcome(
        rankings.votes, score, winners, ties=(tied,) if tied and not winners else (), steps=tuple(steps)
    )
