"""The greedy rule: worked examples, properties, and an oracle that tries every order."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import permutations, product
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ballots.counting.greedy import GreedyRule, Leftover, count
from ballots.counting.outcome import Outcome, Score, as_json
from ballots.counting.tally import tally
from ballots.counting.ties import TieKey
from ballots.pabulib import ballots as pb_ballots
from ballots.pabulib import file, reading, rules
from ballots.paper import Money, Option

FILES = Path(__file__).parents[3] / "shared/data/pabulib"
NONE: Mapping[str, Money] = {}


def rule(
    budget: Money,
    leftover: str = "none",
    tie_order: tuple[TieKey, ...] = (),
    themes: Mapping[str, Money] = NONE,
    places: Mapping[str, Money] = NONE,
    skip: bool = True,
    threshold: Score = 0,
) -> GreedyRule:
    return GreedyRule(budget, themes, places, Leftover(leftover), tie_order, skip, threshold)


def option(id: str, cost: Money, theme: str = "", place: str = "") -> Option:
    return Option(id, id.upper(), cost, theme, place)


def steps(outcome: Outcome, kind: str) -> list[str | None]:
    return [step.option for step in outcome.steps if step.kind == kind]


# -- worked examples ------------------------------------------------------------------------------


def test_most_votes_first_and_skip_what_does_not_fit() -> None:
    options = [option("a", 60), option("b", 50), option("c", 30)]
    outcome = count(options, {"a": 9, "b": 8, "c": 7}, rule(100))
    assert outcome.winners == ("a", "c")
    assert outcome.left == 10
    assert [(step.kind, step.option, dict(step.values)) for step in outcome.steps] == [
        ("won", "a", {"score": 9, "cost": 60, "left": 40}),
        ("no-money", "b", {"score": 8, "cost": 50, "left": 40}),
        ("won", "c", {"score": 7, "cost": 30, "left": 10}),
        ("left", None, {"left": 10, "budget": 100}),
    ]


def test_caps_hold_back_and_more_lifts_them() -> None:
    options = [option("a", 40, "green"), option("b", 40, "green"), option("c", 10, "art")]
    votes = {"a": 9, "b": 8, "c": 7}
    held = count(options, votes, rule(100, themes={"green": 50}))
    assert (held.winners, held.left) == (("a", "c"), 50)
    assert dict(held.steps[1].values) == {"score": 8, "cost": 40, "left": 10, "name": "green", "cap": 50}
    lifted = count(options, votes, rule(100, "more", themes={"green": 50}))
    assert (lifted.winners, lifted.left) == (("a", "c", "b"), 10)
    assert steps(lifted, "more") == ["b"]


def test_place_caps() -> None:
    options = [option("a", 40, place="east"), option("b", 40, place="east"), option("c", 10, place="west")]
    outcome = count(options, {"a": 9, "b": 8, "c": 7}, rule(100, places={"east": 50}))
    assert outcome.winners == ("a", "c")
    assert steps(outcome, "place-full") == ["b"]


def test_part_gives_the_rest_to_the_next_one() -> None:
    options = [option("a", 60), option("b", 50), option("c", 70)]
    outcome = count(options, {"a": 9, "b": 8, "c": 7}, rule(100, "part"))
    assert (outcome.winners, outcome.part_funded, outcome.left) == (("a",), (("b", 40),), 0)


def test_part_never_gives_more_than_the_cost() -> None:
    options = [option("a", 40, "green"), option("b", 40, "green")]
    outcome = count(options, {"a": 9, "b": 8}, rule(100, "part", themes={"green": 50}))
    assert (outcome.winners, outcome.part_funded, outcome.left) == (("a",), (("b", 40),), 20)


def test_nothing_left_is_nothing_to_part() -> None:
    outcome = count([option("a", 100), option("b", 1)], {"a": 2, "b": 1}, rule(100, "part"))
    assert (outcome.winners, outcome.part_funded, outcome.left) == (("a",), (), 0)


def test_tied_for_the_last_place() -> None:
    options = [option("a", 60), option("b", 30), option("c", 40)]
    outcome = count(options, {"a": 9, "b": 5, "c": 5}, rule(100))
    assert outcome.winners == ("a",)
    assert outcome.ties == (("b", "c"),)
    assert outcome.left == 40
    tie = next(step for step in outcome.steps if step.kind == "tie")
    assert tie.values == {"options": "b,c", "score": 5, "most": 1, "all": 2}


def test_equals_that_all_fit_are_no_tie() -> None:
    outcome = count([option("a", 60), option("b", 40)], {"a": 5, "b": 5}, rule(100))
    assert (outcome.winners, outcome.ties) == (("a", "b"), ())


def test_an_equal_that_fits_in_no_order_is_not_in_the_tie() -> None:
    options = [option("a", 30), option("b", 40), option("big", 60)]
    outcome = count(options, {"a": 5, "b": 5, "big": 5}, rule(50))
    assert outcome.ties == (("a", "b"),)
    assert steps(outcome, "no-money") == ["big"]


def test_an_equal_that_fits_in_every_order_wins() -> None:
    options = [option("a", 30), option("b", 30), option("small", 10)]
    for budget in (40, 50):  # 40: it fits exactly
        outcome = count(options, {"a": 5, "b": 5, "small": 5}, rule(budget))
        assert outcome.winners == ("small",)
        assert outcome.ties == (("a", "b"),)


def test_an_equal_that_fits_exactly_after_every_order_wins() -> None:
    options = [option("x", 6), option("a", 4, "green"), option("b", 5, "green")]
    outcome = count(options, dict.fromkeys("xab", 5), rule(11, themes={"green": 5}))
    assert outcome.winners == ("x",)
    assert outcome.ties == (("a", "b"),)


def test_what_comes_after_a_tie_wins_when_it_fits_whatever_the_lot() -> None:
    options = [option("a", 30), option("b", 40), option("c", 10), option("d", 15)]
    outcome = count(options, {"a": 5, "b": 5, "c": 4, "d": 3}, rule(55))
    assert outcome.winners == ("c",)  # 55-40 leaves 15: c fits; d only after a
    assert outcome.ties == (("a", "b"),)
    assert steps(outcome, "depends") == ["d"]
    assert outcome.left == 45  # the money of the tie is still in it


def test_tie_orders() -> None:
    options = [option("b", 40), option("a", 30)]
    votes = {"a": 5, "b": 5}
    assert count(options, votes, rule(50, tie_order=("lower-cost",))).winners == ("a",)
    assert count(options, votes, rule(50, tie_order=("paper-order",))).winners == ("b",)
    assert count(options, votes, rule(50, tie_order=("more-votes",))).ties == (("b", "a"),)
    same = [option("b", 40), option("a", 40)]
    assert count(same, votes, rule(50, tie_order=("lower-cost",))).ties == (("b", "a"),)
    assert count(same, votes, rule(50, tie_order=("lower-cost", "paper-order"))).winners == ("b",)


def test_a_tie_for_what_is_left() -> None:
    options = [option("a", 60), option("b", 50), option("c", 70)]
    outcome = count(options, {"a": 9, "b": 8, "c": 8}, rule(100, "part"))
    assert (outcome.winners, outcome.part_funded, outcome.left) == (("a",), (), 40)
    assert outcome.ties == (("b", "c"),)


def test_a_tie_that_more_money_mends_is_no_tie() -> None:
    options = [option("a", 40, "green"), option("b", 40, "green")]
    outcome = count(options, {"a": 8, "b": 8}, rule(100, "more", themes={"green": 50}))
    assert (set(outcome.winners), outcome.ties, outcome.left) == ({"a", "b"}, (), 20)
    assert not steps(outcome, "depends")


def test_alike_options_stay_cheap_however_many() -> None:
    options = [option(f"p{n}", 10) for n in range(400)]
    outcome = count(options, {o.id: 1 for o in options}, rule(1005))
    assert len(outcome.ties[0]) == 400
    assert outcome.winners == ()
    assert next(step for step in outcome.steps if step.kind == "tie").values["most"] == 100


def test_a_tie_too_large_to_work_out_stops_and_says_so() -> None:
    options = [option("top", 5), *(option(f"p{n}", 1000 + n) for n in range(40)), option("big", 10**15)]
    votes = {o.id: 1 for o in options} | {"top": 9, "big": 0}
    outcome = count([*options, option("last", 1)], votes | {"last": 0}, rule(20_000))
    assert outcome.winners == ("top",)
    assert outcome.ties == (tuple(f"p{n}" for n in range(40)),)
    assert steps(outcome, "stopped") == [None]
    assert "big" in steps(outcome, "no-money")
    assert steps(outcome, "depends") == ["last"]


def test_after_a_stop_left_over_money_may_still_lift_a_cap() -> None:
    options = [*(option(f"p{n}", 1000 + n) for n in range(40)), option("capped", 60, "green")]
    votes = {o.id: 1 for o in options} | {"capped": 0}
    held = count(options, votes, rule(20_000, themes={"green": 50}))
    assert steps(held, "theme-full") == ["capped"]
    lifted = count(options, votes, rule(20_000, "more", themes={"green": 50}))
    assert steps(lifted, "depends") == ["capped"]


def test_a_thousand_different_equals_do_not_break_it() -> None:
    options = [option(f"p{n}", 1000 + n) for n in range(1500)]
    outcome = count(options, {o.id: 4 for o in options}, rule(1_000_000))
    assert len(outcome.ties[0]) == 1500
    assert steps(outcome, "stopped") == [None]
    assert len(count(options, {o.id: 4 for o in options}, rule(10_000_000)).winners) == 1500


def test_free_options_win_and_costs_may_be_fractions() -> None:
    options = [option("a", Fraction(1, 2)), option("free", 0), option("b", Fraction(1, 3))]
    outcome = count(options, {"a": 3, "b": 2, "free": 1}, rule(Fraction(1, 2)))
    assert outcome.winners == ("a", "free")
    assert outcome.left == 0
    assert as_json(outcome)["left"] == "0"


def test_json_writes_money_as_text_and_votes_as_numbers() -> None:
    written = as_json(count([option("a", Fraction(5, 2))], {"a": 3, "blanco": 1}, rule(4)))
    assert written["votes"] == {"a": 3, "blanco": 1}
    assert written["score"] == {"a": 3}
    assert written["left"] == "1.5"
    assert written["steps"][0]["values"] == {"score": 3, "cost": "2.5", "left": "1.5"}


# -- scores, a threshold, and stopping at the first that does not fit -------------------------------


def test_scores_decide_and_votes_are_told() -> None:
    options = [option("a", 60), option("b", 50)]
    outcome = count(
        options, {"a": 9, "b": 2, "blanco": 4}, rule(100), {"a": Fraction(1, 3), "b": Fraction(1, 2)}
    )
    assert (outcome.winners, outcome.votes) == (("b",), {"a": 9, "b": 2, "blanco": 4})
    assert outcome.score == {"a": Fraction(1, 3), "b": Fraction(1, 2)}
    assert as_json(outcome)["score"] == {"a": "1/3", "b": "0.5"}


def test_more_votes_part_equal_scores() -> None:
    options = [option("a", 60), option("b", 60)]
    votes, score = {"a": 3, "b": 4}, {"a": 7, "b": 7}
    assert count(options, votes, rule(100), score).ties == (("a", "b"),)
    assert count(options, votes, rule(100, tie_order=("more-votes",)), score).winners == ("b",)


def test_a_lot_parts_a_tie() -> None:
    options = [option("a", 60), option("b", 30), option("c", 40)]
    votes = {"a": 9, "b": 5, "c": 5}
    for lot, winners in ((("b", "c"), ("a", "b")), (("c", "b"), ("a", "c"))):
        outcome = count(options, votes, rule(100), lots=[lot])
        assert (outcome.winners, outcome.ties) == (winners, ())


def test_under_the_threshold_nothing_is_won_also_not_of_what_is_left() -> None:
    options = [option("a", 60), option("b", 50), option("c", 10)]
    votes = {"a": 9, "b": 3, "c": 2}
    assert count(options, votes, rule(100, "part", threshold=3)).part_funded == (("b", 40),)
    for leftover in ("none", "more", "part"):
        outcome = count(options, votes, rule(100, leftover, threshold=4))
        assert (outcome.winners, outcome.part_funded) == (("a",), ())
        assert [
            (step.option, dict(step.values)) for step in outcome.steps if step.kind == "under-threshold"
        ] == [
            ("b", {"score": 3, "cost": 50, "threshold": 4, "short": 1}),
            ("c", {"score": 2, "cost": 10, "threshold": 4, "short": 2}),
        ]


def test_without_skipping_nobody_comes_after_the_first_that_does_not_fit() -> None:
    options = [option("a", 60), option("b", 50), option("c", 10), option("d", 0)]
    votes = {"a": 9, "b": 8, "c": 7, "d": 6}
    outcome = count(options, votes, rule(100, skip=False))
    assert [(step.kind, step.option, dict(step.values)) for step in outcome.steps] == [
        ("won", "a", {"score": 9, "cost": 60, "left": 40}),
        ("no-money", "b", {"score": 8, "cost": 50, "left": 40}),
        ("after-stop", "c", {"score": 7, "cost": 10}),
        ("after-stop", "d", {"score": 6, "cost": 0}),
        ("left", None, {"left": 40, "budget": 100}),
    ]
    assert count(options, votes, rule(100, "part", skip=False)).part_funded == (("b", 40),)


def test_without_skipping_a_full_cap_stops_too() -> None:
    options = [option("a", 40, "green"), option("b", 40, "green"), option("c", 10)]
    outcome = count(options, {"a": 9, "b": 8, "c": 7}, rule(100, themes={"green": 50}, skip=False))
    assert (outcome.winners, steps(outcome, "theme-full"), steps(outcome, "after-stop")) == (
        ("a",),
        ["b"],
        ["c"],
    )


def test_without_skipping_the_lot_is_among_all_equals() -> None:
    options = [option("a", 30), option("big", 60), option("later", 1)]
    votes = {"a": 5, "big": 5, "later": 4}
    outcome = count(options, votes, rule(50, skip=False))
    assert (outcome.winners, outcome.ties, steps(outcome, "after-stop")) == ((), (("a", "big"),), ["later"])
    assert count(options, votes, rule(50, skip=False), lots=[("a", "big")]).winners == ("a",)
    assert count(options, votes, rule(50, skip=False), lots=[("big", "a")]).winners == ()


def test_without_skipping_equals_of_which_none_fits_need_no_lot() -> None:
    outcome = count([option("a", 60), option("b", 70)], {"a": 5, "b": 5}, rule(50, skip=False))
    assert (outcome.winners, outcome.ties, steps(outcome, "no-money")) == ((), (), ["a", "b"])


def test_without_skipping_a_tie_too_large_to_work_out_stops_as_well() -> None:
    options = [option("top", 5), *(option(f"p{n}", 1000 + n) for n in range(40)), option("last", 1)]
    votes = {o.id: 2 for o in options} | {"top": 9, "last": 1}
    outcome = count(options, votes, rule(20_000, skip=False))
    assert (outcome.winners, outcome.ties) == (("top",), (tuple(f"p{n}" for n in range(40)),))
    assert (steps(outcome, "stopped"), steps(outcome, "after-stop")) == ([None], ["last"])


def test_what_is_left_is_certain_also_where_a_lot_changes_how_much_that_is() -> None:
    options = [option("held", 5, "full"), option("a", 3, "green"), option("b", 4, "green")]
    outcome = count(options, {"held": 9, "a": 5, "b": 5}, rule(30, "part", themes={"full": 0, "green": 4}))
    assert (outcome.part_funded, outcome.ties) == ((("held", 5),), (("a", "b"),))
    part = next(step for step in outcome.steps if step.kind == "part")
    assert part.values == {"score": 9, "cost": 5, "amount": 5}  # what that leaves hangs on the lot


def test_rules_that_cannot_be() -> None:
    with pytest.raises(ValueError, match="negative"):
        rule(-1)
    with pytest.raises(ValueError, match="negative"):
        rule(1, themes={"green": -1})
    with pytest.raises(ValueError, match="after all"):
        rule(1, "more", skip=False)
    with pytest.raises(ValueError, match="unknown tie order"):
        rule(1, tie_order=("by-name",))  # type: ignore[arg-type]
    for options in ([option("a", -1)], [option("a", 1), option("a", 1)]):
        with pytest.raises(ValueError, match=r"less than nothing|same id"):
            count(options, {"a": 1}, rule(1))


# -- the oracle: every order a lot could give, simulated one by one ---------------------------------

Case = tuple[list[Option], dict[str, int], GreedyRule]
End = tuple[tuple[str, ...], set[str], dict[str, Money]]


def one_end(order: list[Option], rule: GreedyRule) -> End:
    """Return (order, winners, part-funded) for this order: the rule as one would tell it."""
    left = rule.budget
    themes, places = dict(rule.theme_caps), dict(rule.place_caps)
    won: set[str] = set()
    for o in order:
        if o.cost <= min(left, themes.get(o.theme, left), places.get(o.place, left)):
            won.add(o.id)
            left -= o.cost
            if o.theme in themes:
                themes[o.theme] -= o.cost
            if o.place in places:
                places[o.place] -= o.cost
        elif not rule.skip:
            break
    lost = [o for o in order if o.id not in won]
    part: dict[str, Money] = {}
    if rule.leftover is Leftover.MORE:
        for o in lost:
            if o.cost <= left:
                won.add(o.id)
                left -= o.cost
    if rule.leftover is Leftover.PART and left > 0 and lost:
        part[lost[0].id] = min(left, lost[0].cost)
    return tuple(o.id for o in order), won, part


def every_end(options: list[Option], votes: dict[str, int], rule: GreedyRule) -> Iterator[End]:
    """Yield what becomes of every order of the options that respects the scores."""
    scores = sorted({n for n in votes.values() if n >= rule.threshold}, reverse=True)
    groups = [[o for o in options if votes[o.id] == score] for score in scores]
    for parts in product(*(permutations(group) for group in groups)):
        yield one_end([o for part in parts for o in part], rule)


@st.composite
def elections(
    draw: st.DrawFn, leftovers: tuple[str, ...] = ("none", "more", "part"), skip: bool = True
) -> Case:
    ids = "abcdef"[: draw(st.integers(1, 6))]
    costs = st.integers(0, 12)
    options = [
        option(id, draw(costs), draw(st.sampled_from(["", "x", "y"])), draw(st.sampled_from(["", "p"])))
        for id in ids
    ]
    votes = {id: draw(st.integers(0, 3)) for id in ids}
    themes = draw(st.dictionaries(st.sampled_from(["x", "y"]), st.integers(0, 20)))
    places = draw(st.dictionaries(st.sampled_from(["p"]), st.integers(0, 20)))
    budget = draw(st.integers(0, 30))
    made = rule(budget, draw(st.sampled_from(leftovers)), themes=themes, places=places, skip=skip)
    return options, votes, replace(made, threshold=draw(st.integers(0, 2)))


stopping = elections(("none", "part"), skip=False)


def uncertain(outcome: Outcome) -> set[str]:
    tied = {id for tie in outcome.ties for id in tie}
    return tied | {id for id in steps(outcome, "depends") if id}


@settings(max_examples=250, deadline=None, derandomize=True)
@given(elections())
def test_only_what_is_certain_in_every_order_is_reported(case: Case) -> None:
    _, votes, _ = case
    ends = list(every_end(*case))
    outcome = count(*case)
    always = set.intersection(*(won for _, won, _ in ends))
    ever = set.union(*(won | set(part) for _, won, part in ends))
    assert set(outcome.winners) == always
    certain = [part for _, _, part in ends]
    expected = certain[0] if all(part == certain[0] for part in certain) else {}
    assert dict(outcome.part_funded) == expected
    assert uncertain(outcome) - always == ever - always - set(expected)
    for tie in outcome.ties:
        assert len(tie) > 1
        assert len({votes[id] for id in tie}) == 1


@settings(max_examples=150, deadline=None, derandomize=True)
@given(stopping)
def test_without_skipping_too_only_what_is_certain_is_reported(case: Case) -> None:
    _, votes, _ = case
    ends = list(every_end(*case))
    outcome = count(*case)
    always = set.intersection(*(won for _, won, _ in ends))
    ever = set.union(*(won | set(part) for _, won, part in ends))
    assert set(outcome.winners) == always
    certain = [part for _, _, part in ends]
    expected = certain[0] if all(part == certain[0] for part in certain) else {}
    assert dict(outcome.part_funded) == expected
    assert len(outcome.ties) <= 1
    assert uncertain(outcome) >= ever - always - set(expected)
    for tie in outcome.ties:  # all equals are in the lot, whether they fit or not
        assert set(tie) == {id for id, number in votes.items() if number == votes[tie[0]]}


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.one_of(elections(("none", "more")), elections(("none",), skip=False)))
def test_a_tie_says_how_many_of_it_can_be_funded_at_once(case: Case) -> None:
    for step in count(*case).steps:
        if step.kind == "tie":
            tied = set(str(step.values["options"]).split(","))
            assert step.values["all"] == len(tied)
            assert step.values["most"] == max(len(won & tied) for _, won, _ in every_end(*case))


@settings(max_examples=250, deadline=None, derandomize=True)
@given(elections(("none",)))
def test_a_tie_is_exactly_what_the_order_of_equals_decides(case: Case) -> None:
    _, votes, _ = case
    outcome = count(*case)
    fates: dict[tuple[str, tuple[str, ...]], set[bool]] = {}
    for order, won, _ in every_end(*case):
        for id in votes:  # the order of all the others of unequal score stays the same
            others = tuple(other for other in order if votes[other] != votes[id])
            fates.setdefault((id, others), set()).add(id in won)
    by_own_lot = {id for (id, _), fate in fates.items() if len(fate) == 2}
    assert {id for tie in outcome.ties for id in tie} == by_own_lot
    assert len({votes[tie[0]] for tie in outcome.ties}) == len(outcome.ties)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.one_of(elections(), stopping), st.randoms(use_true_random=False))
def test_lots_one_by_one_end_in_one_possible_outcome_and_sure_winners_stay(
    case: Case, random: Random
) -> None:
    options, votes, rule = case
    outcome, lots = count(*case), list[list[str]]()
    while outcome.ties:
        tie = random.choice(outcome.ties)
        lots.append(random.sample(tie, len(tie)))
        before, outcome = outcome, count(options, votes, rule, lots=lots)
        assert set(before.winners) <= set(outcome.winners)
        assert set(before.part_funded) <= set(outcome.part_funded)
    assert not steps(outcome, "depends")
    ends = [(won, part) for _, won, part in every_end(*case)]
    assert (set(outcome.winners), dict(outcome.part_funded)) in ends


def test_a_lot_may_be_needed_with_an_equal_that_wins_anyhow() -> None:
    # who of a and c comes first under the cap decides whether b or c can be paid from what is left
    options = [option("b", 11, "y"), option("a", 1, "y"), option("c", 3, "y")]
    votes, by = {"b": 3, "a": 2, "c": 2}, rule(12, "more", themes={"y": 3})
    outcome = count(options, votes, by)
    assert (outcome.winners, outcome.ties) == (("a",), (("a", "c"),))
    assert set(count(options, votes, by, lots=[("a", "c")]).winners) == {"a", "b"}
    assert set(count(options, votes, by, lots=[("c", "a")]).winners) == {"a", "c"}


def test_a_lot_may_be_needed_between_equals_that_both_win_anyhow() -> None:
    # under the cap only one of c and d fits at first, and what it leaves there decides about b
    options = [option("c", 6, "x"), option("d", 7, "x"), option("a", 8, "x"), option("b", 4, "x")]
    votes, by = {"c": 4, "d": 4, "a": 3, "b": 2}, rule(23, "more", themes={"x": 10})
    outcome = count(options, votes, by)
    assert (set(outcome.winners), outcome.ties) == ({"c", "d"}, (("c", "d"),))
    assert set(count(options, votes, by, lots=[("c", "d")]).winners) == {"c", "d", "b"}
    assert set(count(options, votes, by, lots=[("d", "c")]).winners) == {"c", "d", "a"}


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.one_of(elections(), stopping), st.randoms(use_true_random=False), st.permutations("uvwxyz"))
def test_neutrality_order_and_names_of_options_do_not_matter(
    case: Case, random: Random, names: list[str]
) -> None:
    options, votes, rule = case
    outcome = count(*case)
    shuffled = random.sample(options, len(options))
    again = count(shuffled, votes, rule)
    assert set(again.winners) == set(outcome.winners)
    assert {frozenset(t) for t in again.ties} == {frozenset(t) for t in outcome.ties}
    assert (again.left, again.part_funded) == (outcome.left, outcome.part_funded)

    name = dict(zip("abcdef", names, strict=True))
    renamed = count(
        [option(name[o.id], o.cost, o.theme, o.place) for o in options],
        {name[id]: n for id, n in votes.items()},
        rule,
    )
    assert renamed.winners == tuple(name[id] for id in outcome.winners)
    assert renamed.ties == tuple(tuple(name[id] for id in tie) for tie in outcome.ties)
    assert renamed.left == outcome.left


papers = st.lists(st.tuples(st.lists(st.sampled_from("abcdef"), unique=True).map(tuple), st.integers(1, 3)))


@settings(max_examples=50, deadline=None, derandomize=True)
@given(elections(), papers, st.randoms(use_true_random=False))
def test_anonymity_neither_order_nor_grouping_of_ballots_matters(
    case: Case, papers: list[tuple[tuple[str, ...], int]], random: Random
) -> None:
    options, _, rule = case
    everyone = [option(id, 5) for id in "abcdef" if id not in {o.id for o in options}] + options
    one_by_one = [(paper, 1) for paper, weight in papers for _ in range(weight)]
    random.shuffle(one_by_one)
    ids = [o.id for o in everyone]
    assert count(everyone, tally(ids, one_by_one), rule) == count(everyone, tally(ids, papers), rule)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.one_of(elections(), stopping))
def test_feasibility_money_adds_up_and_budget_and_caps_hold(case: Case) -> None:
    options, _, rule = case
    outcome = count(*case)
    by_id = {o.id: o for o in options}
    spent = sum(by_id[id].cost for id in outcome.winners) + sum(amount for _, amount in outcome.part_funded)
    assert outcome.left is not None
    assert outcome.left == rule.budget - spent >= 0
    assert not {id for id, _ in outcome.part_funded} & set(outcome.winners)
    assert len(set(outcome.winners)) == len(outcome.winners)
    before_leftover = [id for id in outcome.winners if id not in steps(outcome, "more")]
    for theme, cap in rule.theme_caps.items():
        assert sum(by_id[id].cost for id in before_leftover if by_id[id].theme == theme) <= cap
    for place, cap in rule.place_caps.items():
        assert sum(by_id[id].cost for id in before_leftover if by_id[id].place == place) <= cap
    # every option is accounted for in some step
    told = {step.option for step in outcome.steps}
    for step in outcome.steps:
        if step.kind in ("tie", "stopped"):
            told |= set(str(step.values["options"]).split(","))
    assert set(by_id) <= told
    as_json(outcome)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(elections(("more",)))
def test_exhaustiveness_what_is_left_fits_nobody_that_could_win(case: Case) -> None:
    options, votes, rule = case
    outcome = count(*case)
    assume(not outcome.ties)
    assert outcome.left is not None
    for o in options:
        if o.id not in outcome.winners and votes[o.id] >= rule.threshold:
            assert o.cost > outcome.left


@settings(max_examples=250, deadline=None, derandomize=True)
@given(st.one_of(elections(), stopping), st.data(), st.integers(1, 4))
def test_monotonicity_more_approvals_never_turn_a_winner_into_a_loser(
    case: Case, data: st.DataObject, extra: int
) -> None:
    options, votes, rule = case
    winners = count(*case).winners
    assume(winners)
    lucky = data.draw(st.sampled_from(winners))
    assert lucky in count(options, votes | {lucky: votes[lucky] + extra}, rule).winners


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.one_of(elections(), stopping))
def test_the_frozen_order_of_the_paper_is_one_order(case: Case) -> None:
    options, votes, rule = case
    taken = sorted((o for o in options if votes[o.id] >= rule.threshold), key=lambda o: -votes[o.id])
    outcome = count(options, votes, replace(rule, tie_order=("paper-order",)))
    _, won, part = one_end(taken, rule)
    assert (set(outcome.winners), dict(outcome.part_funded), outcome.ties) == (won, part, ())


# -- others' counts -----------------------------------------------------------------------------------


def test_pabutools_selects_the_same() -> None:
    election = pytest.importorskip("pabutools.election")
    rules = pytest.importorskip("pabutools.rules")
    random = Random(0)
    for _ in range(1000):
        options = [option(f"p{n}", random.randint(1, 40)) for n in range(random.randint(1, 6))]
        numbers = random.sample(range(1, 9), len(options))  # no two equal
        budget = random.randint(1, 100)
        projects = {o.id: election.Project(o.id, o.cost) for o in options}
        papers: list[Any] = [
            election.ApprovalBallot(
                [projects[o.id] for o, most in zip(options, numbers, strict=True) if most > n]
            )
            for n in range(max(numbers))
        ]
        theirs = rules.greedy_utilitarian_welfare(
            election.Instance(projects.values(), budget),
            election.ApprovalProfile(papers),
            sat_class=election.Cost_Sat,  # satisfaction per euro is then the number of votes
        )
        votes = dict(zip(projects, numbers, strict=True))
        assert set(count(options, votes, rule(budget)).winners) == {project.name for project in theirs}


@pytest.mark.skipif(not FILES.exists(), reason="the real ballots are not on this machine")
@pytest.mark.parametrize(("name", "winners"), [("324", 3), ("523", 2), ("588", 9), ("643", 1)])
def test_amsterdam_by_the_plain_reading(name: str, winners: int) -> None:
    pb = reading.read((FILES / f"Netherlands_Amsterdam_{name}.pb").read_bytes())
    options, asked = file.options(pb), rules.rule(pb)
    assert isinstance(asked, GreedyRule)
    votes = pb_ballots.added(pb).votes
    outcome = count(options, votes, asked)
    _, won, part = one_end(sorted(options, key=lambda o: -votes[o.id]), asked)
    assert (set(outcome.winners), dict(outcome.part_funded), outcome.ties) == (won, part, ())
    assert len(won) == winners
