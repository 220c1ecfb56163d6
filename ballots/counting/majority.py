"""PURE. Yes or no: does the question pass, and if not, how many votes short.

Whole numbers and fractions only. Which majority, of what, and whether there is a quorum is
nobody's default: the rule names all of it before the first vote.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import ceil

from ballots.counting.outcome import Outcome, Step
from ballots.paper import BLANK


class Majority(StrEnum):
    """How much in favour is enough; equal is never enough."""

    SIMPLE = "simple"  # more voor than tegen
    ABSOLUTE = "absolute"  # more than half of the base
    TWO_THIRDS = "two-thirds"  # at least two thirds of the base


class Base(StrEnum):
    """What an absolute or two-thirds majority is a majority of."""

    VOTES = "votes"  # voor and tegen, and blanco where the rule says so
    LETTERS = "letters"  # every address a letter was sent to


class Quorum(StrEnum):
    """What must reach `quorum_share` of the letters sent."""

    NONE = "none"
    TURNOUT = "turnout"
    IN_FAVOUR = "in-favour"


class MissedQuorum(StrEnum):
    """What a missed quorum means."""

    BARS = "bars"  # the question cannot pass
    REASONS = "reasons"  # it can; whoever decides must give reasons


@dataclass(frozen=True)
class MajorityRule:
    """The rule of a yes/no question. `quorum_share` is a share of the letters sent, 0 to 1."""

    majority: Majority
    base: Base
    blank_in_majority: bool
    quorum: Quorum
    quorum_share: Fraction
    blank_in_turnout: bool
    missed_quorum: MissedQuorum

    def __post_init__(self) -> None:
        check_share(self.quorum_share)


def count(votes: Mapping[str, int], letters: int, rule: MajorityRule) -> Outcome:
    """Return whether the question passed.

    `votes` counts `voor`, `tegen` and `blanco` (an absent one is 0); `letters` is the number of
    letters sent. `winners` is (`voor`,) when it passed. Raises ValueError for counts that cannot
    be: negative, unknown answers, or more votes than letters.
    """
    if set(votes) - {"voor", "tegen", BLANK}:
        raise ValueError("a yes/no question counts voor, tegen and blanco")
    voor, tegen, blank = votes.get("voor", 0), votes.get("tegen", 0), votes.get(BLANK, 0)
    if min(voor, tegen, blank) < 0:
        raise ValueError("a count cannot be negative")
    if voor + tegen + blank > letters:
        raise ValueError("more votes than letters")

    majority = _majority(voor, tegen, blank, letters, rule)
    turnout = voor + tegen + (blank if rule.blank_in_turnout else 0)
    quorum = quorum_step(rule.quorum, rule.quorum_share, letters, turnout, voor)
    passed = majority.values["short"] == 0
    quorum_met = None if quorum is None else quorum.values["short"] == 0
    if quorum_met is False and rule.missed_quorum is MissedQuorum.BARS:
        passed = False

    counted = Step("counted", None, {"voor": voor, "tegen": tegen, "blanco": blank, "letters": letters})
    return Outcome(
        votes={"voor": voor, "tegen": tegen, BLANK: blank},
        score={"voor": voor, "tegen": tegen},
        winners=("voor",) if passed else (),
        steps=(counted, *([quorum] if quorum else []), majority),
        passed=passed,
        quorum_met=quorum_met,
    )


def _majority(voor: int, tegen: int, blank: int, letters: int, rule: MajorityRule) -> Step:
    """Return the step of the majority.

    `needed` is how many in favour would have been enough with the same `size` of the base; `short`
    is how many extra votes in favour would have been enough (0 when it is enough). Where the base
    is the votes cast, each extra vote makes the base one larger; `short` reckons with that.
    """
    if rule.base is Base.LETTERS:
        size, grows = letters, 0
    else:
        size, grows = voor + tegen + (blank if rule.blank_in_majority else 0), 1

    match rule.majority:
        case Majority.SIMPLE:
            needed = tegen + 1
            short = needed - voor
        case Majority.ABSOLUTE:  # 2 * (voor + short) > size + grows * short
            needed = size // 2 + 1
            short = (size - 2 * voor) // (2 - grows) + 1
        case Majority.TWO_THIRDS:  # 3 * (voor + short) >= 2 * (size + grows * short)
            needed = max(1, ceil(Fraction(2 * size, 3)))
            short = ceil(Fraction(2 * size - 3 * voor, 3 - 2 * grows))
    if voor + max(short, 0) == 0:  # nobody in favour is never a majority, not even of nobody
        short = 1
    return Step(
        "majority",
        None,
        {
            "majority": str(rule.majority),
            "base": str(rule.base),
            "size": size,
            "voor": voor,
            "tegen": tegen,
            "needed": needed,
            "short": max(short, 0),
        },
    )


def quorum_step(quorum: Quorum, share: Fraction, letters: int, turnout: int, in_favour: int) -> Step | None:
    """Return the step of a quorum; exactly the share is enough. None where there is no quorum.

    `turnout` is how many papers count for it, `in_favour` how many votes what might win has.
    """
    if quorum is Quorum.NONE:
        return None
    reached = in_favour if quorum is Quorum.IN_FAVOUR else turnout
    needed = ceil(share * letters)
    return Step(
        "quorum",
        None,
        {
            "quorum": str(quorum),
            "share": str(share),
            "letters": letters,
            "reached": reached,
            "needed": needed,
            "short": max(needed - reached, 0),
        },
    )


def check_share(share: Fraction) -> None:
    """Return when this can be the share of the letters that a quorum asks for. Raises ValueError."""
    if not 0 <= share <= 1:
        raise ValueError("a quorum is a share between 0 and 1")
