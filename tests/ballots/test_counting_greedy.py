"""The greedy rule: worked examples, properties, and an oracle that tries every order."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import permutations, product

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ballots.counting.greedy import GreedyRule, Leftover, count
from ballots.counting.outcome import Outcome, as_json
from ballots.paper import Money, Option


def rule(
    budget: Money, leftover: str = "none", tie_order: tuple[str, ...] = (), **caps: Mapping[str, Money]
) -> GreedyRule:
    return GreedyRule(
        budget,
        caps.get("themes", {}),
        caps.get("places", {}),
        Leftover(leftover),
        tie_order,  # type: ignore[arg-type]
    )


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


# -- the oracle: every order a lot could give, simulated one by one ---------------------------------


def every_end(
    options: list[Option], votes: dict[str, int], rule: GreedyRule
) -> Iterator[tuple[tuple[str, ...], set[str], dict[str, Money]]]:
    """Yield (order, winners, part-funded) for every order of the options that respects the scores."""
    scores = sorted({votes[o.id] for o in options}, reverse=True)
    groups = [[o for o in options if votes[o.id] == score] for score in scores]
    for parts in product(*(permutations(group) for group in groups)):
        order = [o for part in parts for o in part]
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
        part: dict[str, Money] = {}
        if rule.leftover is Leftover.MORE:
            for o in order:
                if o.id not in won and o.cost <= left:
                    won.add(o.id)
                    left -= o.cost
        if rule.leftover is Leftover.PART and left > 0:
            for o in order:
                if o.id not in won:
                    part[o.id] = min(left, o.cost)
                    break
        yield tuple(o.id for o in order), won, part


@st.composite
def elections(
    draw: st.DrawFn, leftovers: tuple[str, ...] = ("none", "more", "part")
) -> tuple[list[Option], dict[str, int], GreedyRule]:
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
    return options, votes, rule(budget, draw(st.sampled_from(leftovers)), themes=themes, places=places)


@settings(max_examples=250, deadline=None, derandomize=True)
@given(elections())
def test_only_what_is_certain_in_every_order_is_reported(
    case: tuple[list[Option], dict[str, int], GreedyRule],
) -> None:
    _, votes, _ = case
    ends = list(every_end(*case))
    outcome = count(*case)
    always = set.intersection(*(won for _, won, _ in ends))
    ever = set.union(*(won | set(part) for _, won, part in ends))
    assert set(outcome.winners) == always
    certain = [part for _, _, part in ends]
    expected = certain[0] if all(part == certain[0] for part in certain) else {}
    assert dict(outcome.part_funded) == expected
    tied = {id for tie in outcome.ties for id in tie}
    unsure = tied | set(steps(outcome, "depends"))
    assert unsure == ever - always - set(expected)
    for tie in outcome.ties:
        assert len(tie) > 1
        assert len({votes[id] for id in tie}) == 1


@settings(max_examples=250, deadline=None, derandomize=True)
@given(elections(("none",)))
def test_a_tie_is_exactly_what_the_order_of_equals_decides(
    case: tuple[list[Option], dict[str, int], GreedyRule],
) -> None:
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


@settings(max_examples=150, deadline=None, derandomize=True)
@given(elections(), st.randoms(use_true_random=False), st.permutations("uvwxyz"))
def test_order_and_names_do_not_matter(case, random, names) -> None:  # type: ignore[no-untyped-def]
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


@settings(max_examples=150, deadline=None, derandomize=True)
@given(elections())
def test_money_adds_up_and_caps_hold(case: tuple[list[Option], dict[str, int], GreedyRule]) -> None:
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


@settings(max_examples=250, deadline=None, derandomize=True)
@given(elections(), st.data(), st.integers(1, 4))
def test_more_approvals_never_turn_a_winner_into_a_loser(case, data, extra) -> None:  # type: ignore[no-untyped-def]
    options, votes, rule = case
    winners = count(*case).winners
    assume(winners)
    lucky = data.draw(st.sampled_from(winners))
    assert lucky in count(options, votes | {lucky: votes[lucky] + extra}, rule).winners
