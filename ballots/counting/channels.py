"""PURE. Weigh channels: paper and web each count for half, however many used them.

An option's score is, channel by channel, its part of what that channel holds, times the channel's
weight, added up. So with two channels of a half, an option that all paper ballots and a third of the
web ballots chose scores 1/2 + 1/6. Scores are exact fractions, for another rule to compare.

| kind | option | values |
|---|---|---|
| `channel` | – | name, weight, size (ballots, or scores added up: what the parts are parts of) |
| `one-channel` | – | name, size: all came in through it, or was put with it; it has all the weight |
| `empty-channel` | – | name, weight: nothing in it, so its weight went to the others |
| `in-channel` | yes | name, counted (its votes or points there), size, adds (that part, weighed) |
| `weighed` | yes | score |

`weight` is as text, such as `1/2`; `adds` and `score` are ratios.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from ballots.counting.outcome import Score, Step


class Part(StrEnum):
    """What an option's votes (or points) in a channel are a part of."""

    BALLOTS = "ballots"  # all ballots in it, blanco included: which part of these voters chose it
    VOTES = "votes"  # all votes (points) for options in it: which part of all that was chosen


@dataclass(frozen=True)
class ChannelRule:
    """The weight of every channel, more than nothing and together one, and what parts are taken of.

    A channel in which there is nothing leaves its weight to the others, in proportion. So does one
    that was so small that its ballots were put with another's before the count.

    Parts of BALLOTS are for votes, where an option stands on a ballot once; points and places are for
    parts of VOTES, for of the ballots they could be more than all.
    """

    weights: Mapping[str, Fraction]
    part: Part

    def __post_init__(self) -> None:
        if not self.weights or min(self.weights.values()) <= 0 or sum(self.weights.values()) != 1:
            raise ValueError("the weights of channels are more than nothing, and together one")


@dataclass(frozen=True)
class Channel:
    """What came in through one channel: votes (or points) per option, and how many ballots."""

    score: Mapping[str, Score]
    ballots: int


@dataclass(frozen=True)
class Weighed:
    """The exact scores, and the steps that explain them."""

    score: dict[str, Fraction]
    steps: tuple[Step, ...]


def weigh(ids: tuple[str, ...], channels: Mapping[str, Channel], rule: ChannelRule) -> Weighed:
    """Return the scores of the options `ids`, in that order.

    What a channel holds for anything else (blanco) plays no part in a score. Raises ValueError for a
    channel without a weight, and for a negative count.
    """
    if unknown := set(channels) - set(rule.weights):
        raise ValueError(f"a channel without a weight: {min(unknown)!r}")
    sizes = {name: _size(ids, channels[name], rule.part) for name in rule.weights if name in channels}
    used = sum((rule.weights[name] for name, size in sizes.items() if size), Fraction(0))
    weights = {name: rule.weights[name] / used for name, size in sizes.items() if size}

    parts = {
        id: [_part(id, name, channels[name], sizes[name], weights[name]) for name in weights] for id in ids
    }
    score = {id: sum((Fraction(part.values["adds"]) for part in parts[id]), Fraction(0)) for id in ids}
    # where only one came in, another may have been put with it, so none is called empty
    named = channels if len(channels) == 1 else rule.weights
    steps = [_channel(name, sizes, weights, rule) for name in rule.weights if name in named]
    for id in ids:
        steps += [*parts[id], Step("weighed", id, {"score": score[id]})]
    return Weighed(score, tuple(steps))


def _size(ids: tuple[str, ...], channel: Channel, part: Part) -> Score:
    """Return what the parts in a channel are parts of; 0 where there is nothing in it."""
    if channel.ballots < 0 or any(number < 0 for number in channel.score.values()):
        raise ValueError("a count cannot be negative")
    counted = sum(channel.score.get(id, 0) for id in ids)
    if counted and not channel.ballots:
        raise ValueError("votes without ballots")
    return counted if part is Part.VOTES else channel.ballots


def _part(id: str, name: str, channel: Channel, size: Score, weight: Fraction) -> Step:
    counted = channel.score.get(id, 0)
    values = {"name": name, "counted": counted, "size": size, "adds": weight * Fraction(counted) / size}
    return Step("in-channel", id, values)


def _channel(
    name: str, sizes: Mapping[str, Score], weights: Mapping[str, Fraction], rule: ChannelRule
) -> Step:
    if name not in weights:
        return Step("empty-channel", None, {"name": name, "weight": str(rule.weights[name])})
    if len(sizes) == 1:
        return Step("one-channel", None, {"name": name, "size": sizes[name]})
    return Step("channel", None, {"name": name, "weight": str(weights[name]), "size": sizes[name]})
