"""PURE. Choose one: the option with the most votes wins, however few that are.

`blanco` is no option and never wins; it may count for the turnout. A quorum, where the rule has one,
is a share of the letters sent, as in `ballots/counting/majority.py`.

| kind | option | values |
|---|---|---|
| `quorum` | – | quorum, share, letters, reached, needed, short |
| `most`, `behind`, `tie`, `nobody` | | as in `ballots/counting/points.py`; scores are numbers of votes |
| `barred` | yes | score: it has the most votes, but the quorum is not met |
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from ballots.counting.majority import MissedQuorum, Quorum
from ballots.counting.outcome import Outcome, Step
from ballots.counting.points import highest
from ballots.paper import BLANK


@dataclass(frozen=True)
class PluralityRule:
    """The rule of a choice of one. `in-favour` is the votes of the option that has the most."""

    quorum: Quorum = Quorum.NONE
    quorum_share: Fraction = Fraction(0)
    blank_in_turnout: bool = True
    missed_quorum: MissedQuorum = MissedQuorum.BARS

    def __post_init__(self) -> None:
        if not 0 <= self.quorum_share <= 1:
            raise ValueError("a quorum is a share between 0 and 1")


def count(votes: Mapping[str, int], letters: int, rule: PluralityRule) -> Outcome:
    """Return which option has the most votes.

    `votes` holds the votes of every option, in the order of the paper, and `blanco` where the paper
    offers it; `letters` is the number of letters sent, and is not looked at without a quorum. Where
    a missed quorum bars, nobody wins. Raises ValueError for a negative count and, with a quorum, for
    more votes than letters.
    """
    if any(number < 0 for number in votes.values()):
        raise ValueError("a count cannot be negative")
    if rule.quorum is not Quorum.NONE and sum(votes.values()) > letters:
        raise ValueError("more votes than letters")
    score = {id: number for id, number in votes.items() if id != BLANK}
    winners, ties, steps = highest(score)
    quorum = _quorum(votes, score, letters, rule)
    met = None if quorum is None else quorum.values["short"] == 0
    if quorum and met is False and rule.missed_quorum is MissedQuorum.BARS:
        barred = tuple(Step("barred", id, {"score": score[id]}) for id in winners)
        steps = (quorum, *(step for step in steps if step.kind != "most"), *barred)
        winners, ties = (), ()  # no lot is needed for what cannot win
    elif quorum:
        steps = (quorum, *steps)
    return Outcome(dict(votes), score, winners=winners, ties=ties, steps=steps, quorum_met=met)


def _quorum(
    votes: Mapping[str, int], score: Mapping[str, int], letters: int, rule: PluralityRule
) -> Step | None:
    """Return the step of the quorum; exactly the share is enough. None where there is no quorum."""
    if rule.quorum is Quorum.NONE:
        return None
    if rule.quorum is Quorum.IN_FAVOUR:
        reached = max(score.values(), default=0)
    else:
        reached = sum(score.values()) + (votes.get(BLANK, 0) if rule.blank_in_turnout else 0)
    needed = ceil(rule.quorum_share * letters)
    return Step(
        "quorum",
        None,
        {
            "quorum": str(rule.quorum),
            "share": str(rule.quorum_share),
            "letters": letters,
            "reached": reached,
            "needed": needed,
            "short": max(needed - reached, 0),
        },
    )
