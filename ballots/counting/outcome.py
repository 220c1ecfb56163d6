"""PURE. What a count answers: numbers, winners, ties, and the steps that explain them.

Every rule of this room returns an `Outcome`. Its `steps` stand in the order in which the rule
took them and hold every number that decided, so that a page can say in words why an option won.

| kind | option | values |
|---|---|---|
| `counted` | – | voor, tegen, blanco, letters |
| `quorum` | – | quorum, share, letters, reached, needed, short |
| `majority` | – | majority, base, size, voor, tegen, needed, short |
| `won` | yes | score, cost, left (money after it; absent where that hangs on a lot) |
| `no-money` | yes | score, cost, left (money there was; absent where that hangs on a lot) |
| `theme-full`, `place-full` | yes | score, cost, name, cap, left (under the cap; may be absent) |
| `no-room` | yes | score, cost: whatever a lot gives, it never fits, for reasons that differ |
| `tie` | – | options, score, most (how many of them can be funded at once), all (how many they are) |
| `depends` | yes | score, cost: equal to nobody, but whether it fits hangs on a lot between others |
| `stopped` | – | options, score: too many possible lots to work out; all these count as tied |
| `after-stop` | yes | score, cost: it came after one that did not fit, where the rule stops at that |
| `under-threshold` | yes | score, cost, threshold, short: it needed that score to win anything |
| `more` | yes | score, cost, left: funded from what was left over, caps lifted |
| `part` | yes | score, cost, amount, left (may be absent): gets what was left over, at most its cost |
| `left` | – | left, budget: what the winners and the part-funded leave |

Other rules have kinds of their own, told in their files: `plurality.py`, `equal_shares.py`,
`ranked.py`, and `channels.py` of scores that are weighed.

`score`, `threshold`, `most`, `all`, `short`, `needed`, `size` and the yes/no counts are numbers of
votes (or of points, or options; a weighed score is a ratio); `cost`, `left`, `cap`, `amount`, `budget`
are money; `options` joins ids with commas.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from ballots.paper import Money

Score = int | Fraction
MONEY_VALUES = frozenset(
    {"cost", "left", "cap", "amount", "budget", "price", "first", "share", "rest", "had", "had_then"}
    | {"had_after", "spent"}
)
RATIO_VALUES = frozenset({"rate", "rate_then", "rate_now", "adds"})


@dataclass(frozen=True)
class Step:
    """One thing the rule did or found; the table above names the kinds and their values."""

    kind: str
    option: str | None
    values: Mapping[str, Money | str]


@dataclass(frozen=True)
class Outcome:
    """The answer of a rule.

    `votes`        how often each option was chosen, blanco included where the paper offers it.
    `score`        what the rule compared, for each option.
    `winners`      option ids in the order in which they won; certain, whatever a lot would give.
    `part_funded`  option id and the money it gets; never a winner too.
    `left`         money that the winners and the part-funded leave; None where no money is divided.
    `ties`         sets of options with an equal score between which only a lot can choose. A winner may
                   be in one: it wins whatever the lot gives, but when it does decides about another.
    `passed`       whether a yes/no question passed; None for other rules.
    `quorum_met`   whether the quorum was met; None where there is none.
    `channels`     the votes of each channel, where ballots are known by how they came in.

    Money is in the unit of the options' costs: cents on a live paper, the file's unit in a file.
    """

    votes: Mapping[str, int]
    score: Mapping[str, Score]
    winners: tuple[str, ...] = ()
    part_funded: tuple[tuple[str, Money], ...] = ()
    left: Money | None = None
    ties: tuple[tuple[str, ...], ...] = ()
    steps: tuple[Step, ...] = ()
    passed: bool | None = None
    quorum_met: bool | None = None
    channels: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


def decimal(amount: Money) -> str:
    """Return an exact number as a decimal string without needless zeros: `4500`, `0.5`, `-1.25`.

    A fraction that no decimal can write, such as a third, is returned as `1/3`.
    """
    value = Fraction(amount)
    places, rest = 0, value.denominator
    while rest % 10 == 0:
        rest, places = rest // 10, places + 1
    while rest % 5 == 0:
        rest, places = rest // 5, places + 1
    while rest % 2 == 0:
        rest, places = rest // 2, places + 1
    if rest != 1:
        return str(value)
    if not places:
        return str(value.numerator)
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    return ("-" if value < 0 else "") + digits[:-places] + "." + digits[-places:]


def number(score: Score) -> int | str:
    """Return a score for JSON: a whole number as it is, another as a decimal string."""
    return int(score) if Fraction(score).denominator == 1 else decimal(score)


def as_json(outcome: Outcome) -> dict[str, Any]:
    """Return the canonical JSON form of an outcome: every field by its name.

    Money and ratios are exact text (`4500`, `0.5`, `1/3`), and so is a score that is not whole.
    """
    return {
        "votes": dict(outcome.votes),
        "score": {id: number(score) for id, score in outcome.score.items()},
        "winners": list(outcome.winners),
        "part_funded": [[id, decimal(amount)] for id, amount in outcome.part_funded],
        "left": None if outcome.left is None else decimal(outcome.left),
        "ties": [list(tie) for tie in outcome.ties],
        "steps": [
            {
                "kind": step.kind,
                "option": step.option,
                "values": {name: _value(name, value) for name, value in step.values.items()},
            }
            for step in outcome.steps
        ],
        "passed": outcome.passed,
        "quorum_met": outcome.quorum_met,
        "channels": {name: dict(votes) for name, votes in outcome.channels.items()},
    }


def _value(name: str, value: Money | str) -> int | str:
    if isinstance(value, str):
        return value
    return decimal(value) if name in MONEY_VALUES | RATIO_VALUES else number(value)
