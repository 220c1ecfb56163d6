"""PURE. Weigh channels: paper and web each count for half, however many used them.

An option's score is, channel by channel, its part of what that channel holds, times the channel's
weight, added up. So with two channels of a half, an option that all paper ballots and a third of the
web ballots chose scores 1/2 + 1/6. Scores are exact fractions, for another rule to compare.

| kind | option | values |
|---|---|---|
| `channel` | – | name, weight, size (ballots or votes in it, what the parts are parts of) |
| `empty-channel` | – | name, weight: nothing in it, so its weight went to the others |
| `in-channel` | yes | name, votes, size, adds (what the option's part in this channel adds to its score) |
| `weighed` | yes | score |

`weight` is as text, such as `1/2`; `adds` and `score` are ratios.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from ballots.counting.outcome import Step


class Part(StrEnum):
    """What an option's votes in a channel are a part of."""

    BALLOTS = "ballots"  # all ballots in it, blanco included: which part of these voters chose it
    VOTES = "votes"  # all votes for options in it: which part of all that was chosen


@dataclass(frozen=True)
class ChannelRule:
    """The weight of every channel, more than nothing and together one, and what parts are taken of.

    A channel without ballots leaves its weight to the others, in proportion.
    """

    weights: Mapping[str, Fraction]
    part: Part

    def __post_init__(self) -> None:
        if not self.weights or min(self.weights.values()) <= 0 or sum(self.weights.values()) != 1:
            raise ValueError("the weights of channels are more than nothing, and together one")


@dataclass(frozen=True)
class Channel:
    """What came in through one channel: votes (or points) per option, and how many ballots."""

    votes: Mapping[str, int]
    ballots: int


@dataclass(frozen=True)
class Weighed:
    """The result: votes of all channels together, exact scores, and the steps that explain them."""

    votes: dict[str, int]
    score: dict[str, Fraction]
    steps: tuple[Step, ...]


def weigh(ids: tuple[str, ...], channels: Mapping[str, Channel], rule: ChannelRule) -> Weighed:
    """Return the scores of the options `ids`, in that order.

    Votes for anything else (blanco) play no part in a score. Raises ValueError for a channel without
    a weight and for a negative count.
    """
    if unknown := set(channels) - set(rule.weights):
        raise ValueError(f"a channel without a weight: {min(unknown)!r}")
    if any(number < 0 for c in channels.values() for number in (c.ballots, *c.votes.values())):
        raise ValueError("a count cannot be negative")
    sizes = dict.fromkeys(rule.weights, 0)
    for name, channel in channels.items():
        chosen = sum(channel.votes.get(id, 0) for id in ids)
        sizes[name] = chosen if rule.part is Part.VOTES else channel.ballots
        if chosen and not sizes[name]:
            raise ValueError("votes without ballots")
    used = sum((weight for name, weight in rule.weights.items() if sizes[name]), Fraction(0))

    votes = {id: sum(channel.votes.get(id, 0) for channel in channels.values()) for id in ids}
    score = dict.fromkeys(ids, Fraction(0))
    steps: list[Step] = []
    parts: list[Step] = []
    for name, weight in rule.weights.items():
        if not sizes[name]:
            steps.append(Step("empty-channel", None, {"name": name, "weight": str(weight)}))
            continue
        values: dict[str, int | Fraction | str] = {"name": name, "weight": str(weight / used)}
        steps.append(Step("channel", None, values | {"size": sizes[name]}))
        for id in ids:
            number = channels[name].votes.get(id, 0)
            adds = weight / used * Fraction(number, sizes[name])
            score[id] += adds
            parts.append(
                Step("in-channel", id, {"name": name, "votes": number, "size": sizes[name], "adds": adds})
            )
    for id in ids:
        steps += [part for part in parts if part.option == id]
        steps.append(Step("weighed", id, {"score": score[id]}))
    return Weighed(votes, score, tuple(steps))
