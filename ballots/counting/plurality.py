"""PURE. One winner: the option with the highest score, however low that is.

Scores are votes, or points, or whatever the paper comes to. `blanco` is no option and never wins; it
may count for the turnout. A quorum is a share of the letters sent (`ballots/counting/majority.py`).
Equals are parted by the tie order and the lots that were drawn (`ballots/counting/ties.py`).

| kind | option | values |
|---|---|---|
| `quorum` | – | quorum, share, letters, reached, needed, short |
| `most` | yes | score, next (the highest score of another; absent where there is no other), ahead |
| `behind` | yes | score, short (how many more would have been more than anybody has) |
| `tie` | – | options, score, most (1), all: equal at the top |
| `nobody` | – | score: no option has more than nothing |
| `barred` | yes | score: it would have won, or was equal at the top, but the quorum is not met |

A winner that is 0 `ahead` won by the tie order or by lot.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from ballots.counting import majority, ties
from ballots.counting.majority import MissedQuorum, Quorum
from ballots.counting.outcome import Outcome, Score, Step
from ballots.counting.ties import Lots, Order, TieKey
from ballots.paper import BLANK, Option


@dataclass(frozen=True)
class PluralityRule:
    """The rule of a choice of one. `in-favour` is the votes of the option with the highest score.

    `tie_order` names, in order, what parts equals at the top; it may be empty, and then equal is equal.
    """

    quorum: Quorum = Quorum.NONE
    quorum_share: Fraction = Fraction(0)
    blank_in_turnout: bool = True
    missed_quorum: MissedQuorum = MissedQuorum.BARS
    tie_order: tuple[TieKey, ...] = ()

    def __post_init__(self) -> None:
        majority.check_share(self.quorum_share)
        ties.check(self.tie_order)


def count(
    options: Sequence[Option],
    votes: Mapping[str, int],
    letters: int,
    rule: PluralityRule,
    score: Mapping[str, Score] | None = None,
    lots: Lots = (),
    ballots: int | None = None,
) -> Outcome:
    """Return which option has the highest score.

    `votes` holds the votes of every option, and `blanco` where the paper offers it. `score` is what is
    compared; without it the votes are. `ballots` is how many papers there are; without it there is one
    for each vote, as where a paper names one option. `letters` is the number of letters sent, and is
    not looked at without a quorum. Where a missed quorum bars, nobody wins. Raises ValueError for a
    negative count and, with a quorum, for more ballots than letters.
    """
    if any(number < 0 for number in votes.values()):
        raise ValueError("a count cannot be negative")
    ballots = sum(votes.values()) if ballots is None else ballots
    if rule.quorum is not Quorum.NONE and ballots > letters:
        raise ValueError("more ballots than letters")
    score = {option.id: (votes if score is None else score)[option.id] for option in options}
    top = highest(score, ties.order(options, votes, rule.tie_order, lots))
    turnout = ballots - (0 if rule.blank_in_turnout else votes.get(BLANK, 0))
    in_favour = max((votes[id] for id in top.first), default=0)
    quorum = majority.quorum_step(rule.quorum, rule.quorum_share, letters, turnout, in_favour)
    met = None if quorum is None else quorum.values["short"] == 0
    winners, tied, steps = top.winners, top.ties, top.steps
    if met is False and rule.missed_quorum is MissedQuorum.BARS:
        barred = tuple(Step("barred", id, {"score": score[id]}) for id in top.first)
        steps = (*(step for step in steps if step.kind not in ("most", "tie")), *barred)
        winners, tied = (), ()  # no lot is needed for what cannot win
    steps = (*([quorum] if quorum else []), *steps)
    return Outcome(dict(votes), score, winners=winners, ties=tied, steps=steps, quorum_met=met)


@dataclass(frozen=True)
class Highest:
    """Who come first: one, or several that nothing parts, or nobody; and the steps that say so."""

    first: tuple[str, ...]
    steps: tuple[Step, ...]

    @property
    def winners(self) -> tuple[str, ...]:
        return self.first if len(self.first) == 1 else ()

    @property
    def ties(self) -> tuple[tuple[str, ...], ...]:
        return (self.first,) if len(self.first) > 1 else ()


def highest(score: Mapping[str, Score], order: Order) -> Highest:
    """Return who has the highest score; `order` parts equals. Nothing is never the most."""
    top = max(score.values(), default=0)
    if top <= 0:
        return Highest((), (Step("nobody", None, {"score": top}),))
    luckiest = min(order(id) for id, number in score.items() if number == top)
    first = tuple(id for id, number in score.items() if number == top and order(id) == luckiest)
    others = {id: number for id, number in score.items() if id not in first}
    if len(first) > 1:
        told = Step("tie", None, {"options": ",".join(first), "score": top, "most": 1, "all": len(first)})
    else:
        next = max(others.values(), default=None)
        lead = {"ahead": top} if next is None else {"next": next, "ahead": top - next}
        told = Step("most", first[0], {"score": top, **lead})
    behind = [
        Step("behind", id, {"score": number, "short": floor(top - number) + 1})
        for id, number in sorted(others.items(), key=lambda item: (-item[1], order(item[0])))
    ]
    return Highest(first, (told, *behind))
