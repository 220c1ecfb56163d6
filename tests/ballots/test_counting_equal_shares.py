"""Equal Shares: worked examples, the axioms, ties and lots, an oracle that tries every order, and pabutools."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballots.counting import purses, rounds
from ballots.counting.equal_shares import Completion, EqualSharesRule, Utility, count
from ballots.counting.outcome import Outcome, as_json
from ballots.pabulib import file, reading
from ballots.paper import Money, Option

INSTANCES = 1_000  # random elections that an oracle counts too
ASSEN = Path(__file__).parents[3] / "shared/data/pabulib/Netherlands_Assen_2024.pb"


def rule(budget: Money, completion: str = "none", utility: str = "cost", step: Money = 1) -> EqualSharesRule:
    return EqualSharesRule(budget, Utility(utility), Completion(completion), step)


def options(**costs: Money) -> list[Option]:
    return [Option(id, id.upper(), cost) for id, cost in costs.items()]


def papers(*texts: str) -> list[tuple[tuple[str, ...], int]]:
    """`"ab"` is a ballot for a and b; `""` is one for nothing."""
    return [(tuple(text), 1) for text in texts]


def steps(outcome: Outcome, kind: str) -> list[str | None]:
    return [step.option for step in outcome.steps if step.kind == kind]


def values(outcome: Outcome, kind: str) -> dict[str, Money | str]:
    return dict(next(step.values for step in outcome.steps if step.kind == kind))


# -- worked examples ------------------------------------------------------------------------------


def test_each_pays_the_same_and_who_has_less_pays_what_is_left() -> None:
    # share 10. a: 3 supporters pay 5 each. b: two have 5 left, one has 10; 16 = 5 + 5 + 6
    outcome = count(options(a=15, b=16), papers("ab", "ab", "a", "b"), rule(40))
    assert outcome.winners == ("a", "b")
    assert [(step.kind, step.option, dict(step.values)) for step in outcome.steps] == [
        ("shares", None, {"budget": 40, "voters": 4, "first": 10, "raises": 0, "share": 10}),
        (
            "bought",
            "a",
            {"score": 3, "cost": 15, "price": 5, "rate": Fraction(1, 3)}
            | {"full": 3, "poor": 0, "rest": 0, "left": 25},
        ),
        (
            "bought",
            "b",
            {"score": 3, "cost": 16, "price": 6, "rate": Fraction(3, 8)}
            | {"full": 1, "poor": 2, "rest": 10, "left": 9},
        ),
        ("left", None, {"left": 9, "budget": 40}),
    ]


def test_a_loser_is_told_what_its_supporters_had_left() -> None:
    outcome = count(options(a=15, b=16, c=5), papers("ab", "ab", "a"), rule(30))
    assert outcome.winners == ("a",)
    assert values(outcome, "too-dear") == {"score": 2, "cost": 16, "supporters": 2, "had": 10}
    assert steps(outcome, "unsupported") == ["c"]


def test_by_number_a_cheap_option_comes_before_a_dear_one_with_more_votes() -> None:
    paper = papers("ab", "ab", "a")
    assert count(options(a=21, b=9), paper, rule(24)).winners == ("a",)
    assert count(options(a=21, b=9), paper, rule(24, utility="number")).winners == ("b",)
    outcome = count(options(a=21, b=9), paper, rule(60, utility="number"))
    assert [step.values["rate"] for step in outcome.steps if step.kind == "bought"] == [Fraction(9, 2), 7]


def test_add1_raises_the_shares_until_the_next_result_would_cost_too_much() -> None:
    outcome = count(options(a=7, b=9, c=9), papers("a", "b", "c"), rule(18, "add1"))
    assert outcome.winners == ("a",)  # shares of 9 would buy all three: 25
    assert values(outcome, "shares") == {"budget": 18, "voters": 3, "first": 6, "raises": 2, "share": 8}
    assert values(outcome, "raise-stopped") == (
        {"why": "over", "share": 9, "spent": 25, "budget": 18}
        | {"added": "b,c", "dropped": "", "earlier": ""}
    )


def test_one_step_more_may_also_drop_what_was_bought() -> None:
    # shares of 3 do not buy b for 8; shares of 4 do, and then nothing is left for a
    outcome = count(options(a=1, b=8, c=3), papers("ab", "b"), rule(4, "add1"))
    assert outcome.winners == ("a",)
    stopped = values(outcome, "raise-stopped")
    assert (stopped["why"], stopped["added"], stopped["dropped"]) == ("over", "b", "a")


@pytest.mark.parametrize(
    ("costs", "texts", "why"),
    [({"a": 5, "b": 6}, "ab", "full"), ({"a": 5, "b": 2}, "aa", "all")],
)
def test_add1_stops_where_nothing_is_to_be_gained(costs: dict[str, int], texts: str, why: str) -> None:
    outcome = count(options(**costs), papers(*texts), rule(10, "add1"))
    assert (outcome.winners, values(outcome, "raise-stopped")["why"]) == (("a",), why)


def test_add1u_adds_most_votes_first_what_still_fits() -> None:
    on_paper, paper = options(a=7, b=10, c=9, d=6), papers("a", "b", "c", "c")
    assert count(on_paper, paper, rule(15, "add1")).winners == ("c",)
    outcome = count(on_paper, paper, rule(15, "add1u"))
    assert (outcome.winners, outcome.left) == (("c", "d"), 0)
    assert (steps(outcome, "more"), steps(outcome, "no-money")) == (["d"], ["a", "b"])


def test_equal_rates_are_a_tie_only_when_the_order_matters() -> None:
    apart = count(options(a=5, b=5), papers("a", "b"), rule(10))
    assert (apart.winners, apart.ties) == (("a", "b"), ())
    shared = count(options(a=6, b=6, c=1), papers("abc"), rule(7))
    assert (shared.winners, shared.ties, shared.left) == (("c",), (("a", "b"),), 6)
    assert values(shared, "tie") == {"options": "a,b", "score": 1, "most": 1, "all": 2, "rate": 1}


def test_a_tie_order_parts_equal_rates() -> None:
    for order, winner in ((("lower-cost",), "b"), (("paper-order",), "a")):
        chosen = EqualSharesRule(7, Utility.COST, Completion.NONE, 1, order)  # type: ignore[arg-type]
        assert count(options(a=6, b=5), papers("ab"), chosen).winners == (winner,)


def test_whether_an_option_wins_may_hang_on_a_lot_between_others() -> None:
    # shares of 8/3: a or b, at 2 each; after b the second voter can pay c, after a not
    outcome = count(options(a=4, b=4, c=2), papers("ab", "ac", "b"), rule(8))
    assert (outcome.winners, outcome.ties) == ((), (("a", "b"),))
    assert steps(outcome, "depends") == ["c"]


def test_what_is_free_and_wanted_is_bought_at_once() -> None:
    outcome = count(options(a=0, b=0, c=3), papers("ac"), rule(3))
    assert (outcome.winners, steps(outcome, "unsupported")) == (("a", "c"), ["b"])


def test_nobody_voted() -> None:
    for completion in ("none", "add1", "add1u"):
        outcome = count(options(a=5), [], rule(10, completion))
        assert outcome.ties == ()
        assert outcome.winners == (("a",) if completion == "add1u" else ())


def test_a_blank_ballot_has_its_share_too() -> None:
    assert count(options(a=10), [("a", 1)], rule(10)).winners == ("a",)
    assert count(options(a=10), [("a", 1), ("blanco", 1)], rule(10)).winners == ()


def test_too_many_lots_are_said_to_be_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "MOST_BRANCHES", 5)
    many = options(**dict.fromkeys("abcdefgh", 7))
    outcome = count(many, papers("abcdefgh"), rule(22))
    assert (outcome.winners, outcome.ties) == ((), (tuple("abcdefgh"),))
    assert values(outcome, "stopped")["score"] == 1


def test_what_cannot_be() -> None:
    with pytest.raises(ValueError, match="negative"):
        rule(-1)
    with pytest.raises(ValueError, match="step"):
        rule(1, step=0)
    with pytest.raises(ValueError, match="same id"):
        count(options(a=1) * 2, [], rule(1))
    with pytest.raises(ValueError, match="less than nothing"):
        count(options(a=-1), [], rule(1))
    with pytest.raises(ValueError, match="not on the paper"):
        count(options(a=1), papers("b"), rule(1))


@pytest.mark.skipif(not ASSEN.exists(), reason="the shared Pabulib files are not here")
def test_assen_2024_has_its_official_nine() -> None:
    pb = reading.read_path(str(ASSEN))
    outcome = count(
        file.options(pb), [(cell, 1) for cell in pb.of_votes("vote") or ()], rule(100_000, "add1")
    )
    official = {id for id, cell in (pb.of_projects("selected") or {}).items() if cell == "1"}
    assert len(official) == 9
    assert (set(outcome.winners), outcome.ties, outcome.left) == (official, (), 23_300)
    assert values(outcome, "raise-stopped")["why"] == "over"


# -- axioms ---------------------------------------------------------------------------------------

Case = tuple[list[Option], list[tuple[tuple[str, ...], int]], EqualSharesRule]


@st.composite
def cases(draw: st.DrawFn, completions: Sequence[str] = ("none", "add1", "add1u")) -> Case:
    ids = "abcdef"[: draw(st.integers(1, 6))]
    costs = {id: draw(st.integers(0, 12)) for id in ids}
    marked = st.lists(st.sampled_from(ids), unique=True).map(lambda ids: tuple(sorted(ids)))
    ballots = draw(st.lists(st.tuples(marked, st.integers(1, 3)), max_size=7))
    budget = draw(st.integers(0, sum(costs.values()) + 3))
    utility = draw(st.sampled_from(["cost", "number"]))
    return options(**costs), ballots, rule(budget, draw(st.sampled_from(completions)), utility)


def possible(outcome: Outcome) -> set[str]:
    return {id for tie in outcome.ties for id in tie} | {id for id in steps(outcome, "depends") if id}


@given(cases(), st.randoms(use_true_random=False))
def test_anonymity(case: Case, random: Any) -> None:
    on_paper, ballots, chosen = case
    one_by_one = [(marking, 1) for marking, weight in ballots for _ in range(weight)]
    random.shuffle(one_by_one)
    assert as_json(count(on_paper, one_by_one, chosen)) == as_json(count(on_paper, ballots, chosen))


@given(cases(), st.randoms(use_true_random=False))
def test_neutrality(case: Case, random: Any) -> None:
    on_paper, ballots, chosen = case
    shuffled = list(on_paper)
    random.shuffle(shuffled)
    one, other = count(on_paper, ballots, chosen), count(shuffled, ballots, chosen)
    assert set(one.winners) == set(other.winners)
    assert {frozenset(tie) for tie in one.ties} == {frozenset(tie) for tie in other.ties}
    assert one.left == other.left
    assert possible(one) == possible(other)


@given(cases())
def test_the_budget_is_never_exceeded(case: Case) -> None:
    on_paper, ballots, chosen = case
    outcome = count(on_paper, ballots, chosen)
    spent = sum(option.cost for option in on_paper if option.id in outcome.winners)
    assert spent <= chosen.budget
    assert outcome.left == chosen.budget - spent


@given(cases(["none", "add1"]))
def test_priceability(case: Case) -> None:
    """Nobody pays more than a share; all supporters of a winner pay the same, or all they have left;
    and in the end no option could be bought from what its supporters have left."""
    on_paper, ballots, chosen = case
    outcome = count(on_paper, ballots, chosen)
    if outcome.ties:
        return
    share = values(outcome, "shares")["share"]
    assert not isinstance(share, str)
    left: list[Money] = [share for _ in ballots]
    for step in outcome.steps:
        if step.kind != "bought":
            continue
        price, cost = step.values["price"], step.values["cost"]
        assert not isinstance(price, str)
        paid = [min(price, left[n]) if step.option in ballots[n][0] else 0 for n in range(len(ballots))]
        full = sum(
            weight for n, (ids, weight) in enumerate(ballots) if step.option in ids and left[n] >= price
        )
        assert sum(paid[n] * weight for n, (_, weight) in enumerate(ballots)) == cost
        assert step.values["full"] == full
        assert step.values["full"] * price + step.values["rest"] == cost  # type: ignore[operator]
        left = [left[n] - paid[n] for n in range(len(ballots))]
    for option in on_paper:
        if option.id not in outcome.winners:
            had = sum(left[n] * weight for n, (ids, weight) in enumerate(ballots) if option.id in ids)
            assert had < option.cost or not any(option.id in ids for ids, _ in ballots)


@given(cases(["add1"]))
def test_what_one_step_more_would_change_is_what_a_count_with_such_shares_gives(case: Case) -> None:
    on_paper, ballots, chosen = case
    outcome = count(on_paper, ballots, chosen)
    stopped = [step.values for step in outcome.steps if step.kind == "raise-stopped"]
    if not stopped or "added" not in stopped[0]:
        return
    added, dropped, earlier = (
        set(filter(None, str(stopped[0][name]).split(","))) for name in ("added", "dropped", "earlier")
    )
    share, voters = stopped[0]["share"], values(outcome, "shares")["voters"]
    assert not isinstance(share, str)
    assert not isinstance(voters, str)
    then = count(on_paper, ballots, rule(share * voters, "none", chosen.utility))
    assert set(then.winners) == set(outcome.winners) - dropped | added
    lost = {step.option: step.values for step in outcome.steps if step.kind == "too-dear"}
    place = {id: n for n, id in enumerate(then.winners)}
    for id in added:
        other = str(lost[id].get("instead", ""))
        assert (id in earlier) == (other != "" and place[id] < place.get(other, len(place)))


@given(cases(["none", "add1"]))
def test_who_went_before_a_loser_was_dearer_at_first_and_cheaper_then(case: Case) -> None:
    on_paper, ballots, chosen = case
    outcome = count(on_paper, ballots, chosen)
    bought = [step for step in outcome.steps if step.kind == "bought" and "rate" in step.values]
    share = values(outcome, "shares")["share"]
    for step in (step for step in outcome.steps if "instead" in step.values):
        purses = [(set(marking), weight, Fraction(str(share))) for marking, weight in ballots]
        for one in bought:
            if one.option == step.values["instead"]:
                break
            price = Fraction(str(one.values["price"]))
            purses = [
                (marking, weight, left - min(left, price) if one.option in marking else left)
                for marking, weight, left in purses
            ]
        assert step.values["had_then"] == sum(w * left for ids, w, left in purses if step.option in ids)
        cost, supporters = Fraction(str(step.values["cost"])), int(str(step.values["supporters"]))
        each = cost / supporters
        assert (each / cost if chosen.utility is Utility.COST else each) < Fraction(str(one.values["rate"]))
        assert ("rate_then" in step.values) == (Fraction(str(step.values["had_then"])) >= cost)
        if "rate_then" in step.values:
            assert Fraction(str(step.values["rate_then"])) > Fraction(str(one.values["rate"]))


@given(cases(["add1u"]))
def test_exhaustion_add1u_leaves_nothing_that_fits(case: Case) -> None:
    on_paper, ballots, chosen = case
    outcome = count(on_paper, ballots, chosen)
    if not outcome.ties:
        assert outcome.left is not None
        assert all(o.cost > outcome.left for o in on_paper if o.id not in outcome.winners)


@given(cases(["none"]))
def test_a_group_that_wants_the_same_gets_what_its_shares_can_pay(case: Case) -> None:
    """Who all chose the same one option and hold its cost in shares get it."""
    on_paper, ballots, chosen = case
    outcome = count(on_paper, ballots, chosen)
    voters = sum(weight for _, weight in ballots)
    for option in on_paper:
        alone = sum(weight for ids, weight in ballots if ids == (option.id,))
        if alone and alone * chosen.budget >= option.cost * voters:
            assert option.id in outcome.winners


@settings(max_examples=INSTANCES)
@given(cases(["none"]), st.integers(1, 6))
def test_extended_justified_representation(case: Case, seats: int) -> None:
    """EJR+, where all options cost one: of any l/k of the voters who agree on an option that did not win,
    somebody has l winners."""
    priced, ballots, _ = case
    same = [Option(option.id, option.label, 1) for option in priced]
    outcome = count(same, ballots, rule(seats, utility="number"))
    if outcome.ties:
        return
    won = set(outcome.winners)
    voters = sum(weight for _, weight in ballots)
    for option in same:
        for most in range(1, seats + 1):
            poorer = sum(
                weight for ids, weight in ballots if option.id in ids and len(won.intersection(ids)) < most
            )
            assert option.id in won or not poorer or poorer * seats < most * voters


# -- lots -----------------------------------------------------------------------------------------


def test_a_lot_says_which_of_equals_is_bought_first() -> None:
    on_paper, paper = options(a=6, b=6, c=1), papers("abc")
    for lot in ("ab", "ba"):
        outcome = count(on_paper, paper, rule(7), [tuple(lot)])
        assert (set(outcome.winners), outcome.ties) == ({lot[0], "c"}, ())


def test_a_lot_says_nothing_of_who_was_not_in_it() -> None:
    on_paper, paper = options(a=6, b=6, c=6), papers("abc")
    assert count(on_paper, paper, rule(6), [("a", "b")]).ties == (("a", "c"),)
    assert count(on_paper, paper, rule(6), [("a", "b"), ("c", "a")]).winners == ("c",)


def test_where_a_lot_decides_how_far_shares_are_raised_it_is_drawn_between_those_equals() -> None:
    # shares of 3/2 buy a; of 5/2 a first and then b, or d first, which is more than the budget
    on_paper, paper = options(a=2, b=1, c=5, d=4), papers("ad", "abd")
    tied = count(on_paper, paper, rule(3, "add1"))
    assert (tied.winners, tied.ties, steps(tied, "depends")) == (("a",), (("a", "d"),), ["b"])
    assert count(on_paper, paper, rule(3, "add1"), [("a", "d")]).winners == ("a", "b")
    assert count(on_paper, paper, rule(3, "add1"), [("d", "a")]).winners == ("a",)


@settings(max_examples=INSTANCES)
@given(cases(), st.randoms(use_true_random=False))
def test_every_order_of_every_lot_ends_in_a_possible_outcome(case: Case, random: Any) -> None:
    on_paper, ballots, chosen = case
    outcome, lots = count(*case), list[list[str]]()
    sure, may = set(outcome.winners), set(outcome.winners) | possible(outcome)
    while outcome.ties:
        assert len(lots) < 10, "every lot brings the end nearer"
        lots += [random.sample(tie, len(tie)) for tie in outcome.ties]
        outcome = count(*case, lots)
    assert not steps(outcome, "depends")
    assert sure <= set(outcome.winners) <= may
    if chosen.completion is Completion.NONE:
        share = Fraction(chosen.budget) / max(sum(weight for _, weight in ballots), 1)
        results = every_result(on_paper, ballots, share, chosen.utility is Utility.COST)
        assert set(outcome.winners) in results


# -- an oracle that tries every order -------------------------------------------------------------


def every_result(
    on_paper: list[Option], ballots: list[tuple[tuple[str, ...], int]], share: Money, by_cost: bool
) -> set[frozenset[str]]:
    """Every set that can be bought, equals taken in every order, voter by voter."""
    voters = [ids for ids, weight in ballots for _ in range(weight)]

    def price(cost: Money, left: list[Money]) -> Fraction | None:
        left, rest = sorted(left), Fraction(cost)
        for n, amount in enumerate(left):
            if amount * (len(left) - n) >= rest:
                return rest / (len(left) - n)
            rest -= amount
        return None

    def follow(left: tuple[Money, ...], bought: frozenset[str]) -> Iterator[frozenset[str]]:
        rates = {}
        for option in on_paper:
            purse = [left[n] for n, ids in enumerate(voters) if option.id in ids]
            if option.id not in bought and purse and (due := price(option.cost, purse)) is not None:
                worth = option.cost if by_cost else 1
                rates[option.id] = (due / worth if worth else Fraction(0), due)
        if not rates:
            yield bought
        lowest = min((rate for rate, _ in rates.values()), default=None)
        for id, (rate, due) in rates.items():
            if rate == lowest:
                after = (
                    left[n] - min(due, left[n]) if id in ids else left[n] for n, ids in enumerate(voters)
                )
                yield from follow(tuple(after), bought | {id})

    return set(follow(tuple(share for _ in voters), frozenset()))


@settings(max_examples=INSTANCES)
@given(cases(["none"]))
def test_what_is_certain_is_what_every_order_gives(case: Case) -> None:
    on_paper, ballots, chosen = case
    voters = sum(weight for _, weight in ballots)
    outcome = count(on_paper, ballots, chosen)
    share = Fraction(chosen.budget) / max(voters, 1)
    results = every_result(on_paper, ballots, share, chosen.utility is Utility.COST)
    assert set(outcome.winners) == frozenset.intersection(*results)
    assert bool(outcome.ties) == (len(results) > 1)
    assert frozenset.union(*results) <= set(outcome.winners) | possible(outcome)


# -- other ways of counting the same --------------------------------------------------------------


@settings(max_examples=INSTANCES)
@given(cases())
def test_purses_in_arrays_come_to_the_same(case: Case) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(purses, "QUICK_FROM", 0)
        quick = as_json(count(*case))
        patch.setattr(purses, "QUICK_FROM", 10**9)
        assert quick == as_json(count(*case))


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=INSTANCES)
@given(cases(["none", "add1"]))
def test_pabutools_selects_the_same(case: Case) -> None:
    on_paper, ballots, chosen = case
    if not chosen.budget or not ballots or not all(option.cost for option in on_paper):
        return
    election = pytest.importorskip("pabutools.election", reason="pabutools (an oracle) is not installed")
    rules = pytest.importorskip("pabutools.rules")
    projects = {option.id: election.Project(option.id, option.cost) for option in on_paper}
    instance = election.Instance(projects.values(), budget_limit=chosen.budget)
    voters = [[projects[id] for id in ids] for ids, weight in ballots for _ in range(weight)]
    profile = election.ApprovalProfile(
        [election.ApprovalBallot(voter) for voter in voters], instance=instance
    )
    by_cost = chosen.utility is Utility.COST
    satisfaction = {"sat_class": election.Cost_Sat if by_cost else election.Cardinality_Sat}
    outcome = count(*case)
    if chosen.completion is Completion.NONE:
        every = rules.method_of_equal_shares(instance, profile, resoluteness=False, **satisfaction)
        results = {frozenset(project.name for project in result) for result in every}
        assert set(outcome.winners) == frozenset.intersection(*results)
        assert bool(outcome.ties) == (len(results) > 1)
    else:
        result = rules.exhaustion_by_budget_increase(
            instance, profile, rules.method_of_equal_shares, satisfaction, budget_step=len(voters)
        )
        selected = {project.name for project in result}
        assert set(outcome.winners) <= selected <= set(outcome.winners) | possible(outcome)
