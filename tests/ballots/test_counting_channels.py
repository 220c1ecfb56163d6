"""Weighted channels: worked examples and properties."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballots.counting.channels import Channel, ChannelRule, Part, weigh

HALF = Fraction(1, 2)
HALVES = {"paper": HALF, "web": HALF}
IDS = ("a", "b")


def rule(part: str = "ballots") -> ChannelRule:
    return ChannelRule(HALVES, Part(part))


def test_each_channel_counts_for_half_however_many_used_it() -> None:
    channels = {"paper": Channel({"a": 2, "b": 1, "blanco": 1}, 3), "web": Channel({"a": 10, "b": 90}, 90)}
    weighed = weigh(IDS, channels, rule())
    assert weighed.votes == {"a": 12, "b": 91}
    assert weighed.score == {
        "a": HALF * Fraction(2, 3) + HALF * Fraction(1, 9),
        "b": HALF * Fraction(1, 3) + HALF,
    }
    assert [(step.kind, step.option, dict(step.values)) for step in weighed.steps[:5]] == [
        ("channel", None, {"name": "paper", "weight": "1/2", "size": 3}),
        ("channel", None, {"name": "web", "weight": "1/2", "size": 90}),
        ("in-channel", "a", {"name": "paper", "votes": 2, "size": 3, "adds": Fraction(1, 3)}),
        ("in-channel", "a", {"name": "web", "votes": 10, "size": 90, "adds": Fraction(1, 18)}),
        ("weighed", "a", {"score": Fraction(7, 18)}),
    ]


def test_parts_of_votes_add_up_to_one() -> None:
    channels = {"paper": Channel({"a": 2, "b": 1}, 3), "web": Channel({"a": 1, "b": 9}, 9)}
    weighed = weigh(IDS, channels, rule("votes"))
    assert weighed.score == {
        "a": HALF * (Fraction(2, 3) + Fraction(1, 10)),
        "b": HALF * (Fraction(1, 3) + Fraction(9, 10)),
    }
    assert sum(weighed.score.values()) == 1


def test_an_empty_channel_leaves_its_weight_to_the_others() -> None:
    weighed = weigh(IDS, {"web": Channel({"a": 1, "b": 2}, 2)}, rule())
    assert weighed.score == {"a": HALF, "b": 1}
    assert [step.kind for step in weighed.steps[:2]] == ["empty-channel", "channel"]
    assert weigh(IDS, {}, rule()).score == {"a": 0, "b": 0}


def test_what_cannot_be() -> None:
    for weights in ({}, {"web": HALF}, {"web": Fraction(3, 2), "paper": -HALF}):
        with pytest.raises(ValueError, match="together one"):
            ChannelRule(weights, Part.BALLOTS)
    with pytest.raises(ValueError, match="without a weight"):
        weigh(IDS, {"phone": Channel({}, 0)}, rule())
    with pytest.raises(ValueError, match="negative"):
        weigh(IDS, {"web": Channel({"a": -1}, 1)}, rule())
    with pytest.raises(ValueError, match="without ballots"):
        weigh(IDS, {"web": Channel({"a": 1}, 0)}, rule())


@st.composite
def channels(draw: st.DrawFn) -> Channel:
    ballots = draw(st.integers(0, 20))
    counts = st.integers(0, ballots)
    return Channel({"a": draw(counts), "b": draw(counts)}, ballots)


@given(channels(), channels(), st.integers(1, 9))
def test_scale_a_channel_counts_the_same_however_many_times_over(
    one: Channel, two: Channel, times: int
) -> None:
    many = Channel({id: times * number for id, number in two.votes.items()}, times * two.ballots)
    for part in ("ballots", "votes"):
        before = weigh(IDS, {"paper": one, "web": two}, rule(part)).score
        assert weigh(IDS, {"paper": one, "web": many}, rule(part)).score == before


@given(channels(), channels())
def test_symmetry_equal_channels_may_be_swapped(one: Channel, two: Channel) -> None:
    swapped = weigh(IDS, {"paper": two, "web": one}, rule()).score
    assert weigh(IDS, {"paper": one, "web": two}, rule()).score == swapped


@given(channels(), channels())
def test_monotonicity_and_bounds(one: Channel, two: Channel) -> None:
    score = weigh(IDS, {"paper": one, "web": two}, rule()).score
    assert all(0 <= number <= 1 for number in score.values())
    if one.votes["a"] < one.ballots:
        more = Channel({**one.votes, "a": one.votes["a"] + 1}, one.ballots)
        assert weigh(IDS, {"paper": more, "web": two}, rule()).score["a"] > score["a"]


@given(channels(), channels())
def test_the_steps_add_up_to_the_score(one: Channel, two: Channel) -> None:
    weighed = weigh(IDS, {"paper": one, "web": two}, rule())
    for id in IDS:
        parts = [
            step.values["adds"] for step in weighed.steps if (step.kind, step.option) == ("in-channel", id)
        ]
        assert sum(parts) == weighed.score[id]  # type: ignore[arg-type]
