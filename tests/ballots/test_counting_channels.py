"""Weighted channels: worked examples and properties."""

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballots.counting import greedy, plurality
from ballots.counting.channels import Channel, ChannelRule, Part, weigh
from ballots.counting.greedy import GreedyRule, Leftover
from ballots.counting.outcome import Outcome, as_json
from ballots.counting.plurality import PluralityRule
from ballots.counting.tally import tally
from ballots.pabulib import ballots as pb_ballots
from ballots.pabulib import file, reading
from ballots.paper import Option

KRAKOW = Path(__file__).parents[3] / "shared/data/pabulib/Poland_Krakow_2018_Wzgorza_Krzeslawickie.pb"
HALF = Fraction(1, 2)
HALVES = {"paper": HALF, "web": HALF}
IDS = ("a", "b")


def rule(part: str = "ballots") -> ChannelRule:
    return ChannelRule(HALVES, Part(part))


def test_each_channel_counts_for_half_however_many_used_it() -> None:
    channels = {"paper": Channel({"a": 2, "b": 1, "blanco": 1}, 3), "web": Channel({"a": 10, "b": 90}, 90)}
    weighed = weigh(IDS, channels, rule())
    assert weighed.score == {
        "a": HALF * Fraction(2, 3) + HALF * Fraction(1, 9),
        "b": HALF * Fraction(1, 3) + HALF,
    }
    assert [(step.kind, step.option, dict(step.values)) for step in weighed.steps[:5]] == [
        ("channel", None, {"name": "paper", "weight": "1/2", "size": 3}),
        ("channel", None, {"name": "web", "weight": "1/2", "size": 90}),
        ("in-channel", "a", {"name": "paper", "counted": 2, "size": 3, "adds": Fraction(1, 3)}),
        ("in-channel", "a", {"name": "web", "counted": 10, "size": 90, "adds": Fraction(1, 18)}),
        ("weighed", "a", {"score": Fraction(7, 18)}),
    ]


def test_a_few_papers_may_decide_what_a_rule_then_compares() -> None:
    # 60 on the web for b, 40 for a; of the 10 on paper 8 for a
    channels = {"paper": Channel({"a": 8, "b": 2}, 10), "web": Channel({"a": 40, "b": 60}, 100)}
    score = weigh(IDS, channels, rule()).score
    options, votes = (Option("a", "A", 50), Option("b", "B", 60)), {"a": 48, "b": 62}
    assert score == {"a": Fraction(3, 5), "b": Fraction(2, 5)}
    assert plurality.count(options, votes, 0, PluralityRule(), score).winners == ("a",)
    divided = greedy.count(options, votes, GreedyRule(100, {}, {}, Leftover.NONE, ()), score)
    assert (divided.winners, divided.votes, divided.score) == (("a",), votes, score)


def test_points_are_weighed_as_votes_are() -> None:
    channels = {"paper": Channel({"a": 9, "b": 1}, 2), "web": Channel({"a": Fraction(5, 2), "b": 10}, 5)}
    assert weigh(IDS, channels, rule("votes")).score == {
        "a": HALF * (Fraction(9, 10) + Fraction(1, 5)),
        "b": HALF * (Fraction(1, 10) + Fraction(4, 5)),
    }
    assert weigh(IDS, channels, rule()).score == {  # points a ballot
        "a": HALF * (Fraction(9, 2) + HALF),
        "b": HALF * (HALF + 2),
    }


def test_one_channel_has_all_the_weight_and_none_is_called_empty() -> None:
    together = {"web": Channel({"a": 1, "b": 2}, 4)}
    weighed = weigh(IDS, together, rule())
    assert weighed.score == {"a": Fraction(1, 4), "b": HALF}
    assert [(step.kind, dict(step.values)) for step in weighed.steps if step.option is None] == [
        ("one-channel", {"name": "web", "size": 4})
    ]


def test_json_writes_ratios_exactly() -> None:
    channels = {"paper": Channel({"a": 2}, 3), "web": Channel({"a": 4}, 4)}
    weighed = weigh(IDS, channels, rule())
    by = {name: {"a": int(channel.score["a"])} for name, channel in channels.items()}
    written = as_json(Outcome({"a": 6}, weighed.score, steps=weighed.steps, channels=by))
    assert written["channels"] == {"paper": {"a": 2}, "web": {"a": 4}}
    assert written["score"] == {"a": "5/6", "b": 0}
    assert [step["values"]["adds"] for step in written["steps"] if step["kind"] == "in-channel"] == [
        "1/3",
        "0.5",
        "0",
        "0",
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
    weighed = weigh(IDS, {"web": Channel({"a": 1, "b": 2}, 2), "paper": Channel({}, 0)}, rule())
    assert weighed.score == {"a": HALF, "b": 1}
    assert [step.kind for step in weighed.steps[:2]] == ["empty-channel", "channel"]
    assert weigh(IDS, {}, rule()).score == {"a": 0, "b": 0}
    assert weigh(IDS, {"web": Channel({"blanco": 3}, 3)}, rule("votes")).score == {"a": 0, "b": 0}


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


@pytest.mark.skipif(not KRAKOW.exists(), reason="the real ballots are not on this machine")
def test_real_ballots_on_paper_and_by_internet_weigh_half_each() -> None:
    pb = reading.read(KRAKOW.read_bytes())
    ids = tuple(option.id for option in file.options(pb))
    came = list(zip(pb.of_votes("voting_method") or (), pb_ballots.ballots(pb), strict=True))
    chose = {name: [(ballot, 1) for by, ballot in came if by == name] for name in ("paper", "internet")}
    channels = {name: Channel(tally(ids, ballots), len(ballots)) for name, ballots in chose.items()}
    assert [channel.ballots for channel in channels.values()] == [422, 333]
    weighed = weigh(ids, channels, ChannelRule({"paper": HALF, "internet": HALF}, Part.BALLOTS))
    for id in ids:
        paper, internet = (sum(id in ballot for ballot, _ in ballots) for ballots in chose.values())
        assert weighed.score[id] == Fraction(paper * 333 + internet * 422, 2 * 422 * 333)


@st.composite
def channels(draw: st.DrawFn) -> Channel:
    ballots = draw(st.integers(0, 20))
    counts = st.integers(0, ballots)
    return Channel({"a": draw(counts), "b": draw(counts)}, ballots)


@given(channels(), channels(), st.integers(1, 9))
def test_scale_a_channel_counts_the_same_however_many_times_over(
    one: Channel, two: Channel, times: int
) -> None:
    many = Channel({id: times * number for id, number in two.score.items()}, times * two.ballots)
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
    if one.score["a"] < one.ballots:
        more = Channel({**one.score, "a": one.score["a"] + 1}, one.ballots)
        assert weigh(IDS, {"paper": more, "web": two}, rule()).score["a"] > score["a"]


@given(channels(), channels())
def test_the_steps_add_up_to_the_score(one: Channel, two: Channel) -> None:
    weighed = weigh(IDS, {"paper": one, "web": two}, rule())
    for id in IDS:
        parts = [
            step.values["adds"] for step in weighed.steps if (step.kind, step.option) == ("in-channel", id)
        ]
        assert sum(parts) == weighed.score[id]  # type: ignore[arg-type]
