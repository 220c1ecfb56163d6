"""Raising shares under Equal Shares: what is passed over changes nothing, and never is more than a few rounds."""

import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballots.counting import rounds
from ballots.counting.equal_shares import Completion, EqualSharesRule, Utility, count
from ballots.counting.moving import Horizon, Moving
from ballots.counting.outcome import Outcome, as_json
from ballots.counting.rounds import Election, Round
from ballots.counting.ties import TieKey
from ballots.paper import Money, Option

INSTANCES = 1_000  # random elections that are raised step by step too
EURO = 100

Papers = list[tuple[tuple[str, ...], int]]
Case = tuple[list[Option], Papers, EqualSharesRule]


@pytest.fixture(autouse=True, scope="module")
def impatient() -> Iterator[None]:
    """Look ahead at once, so that small elections do too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rounds, "PATIENCE", 1)
        yield


@contextmanager
def step_by_step() -> Iterator[None]:
    """Count every round, as if nothing were ever certain beforehand."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rounds, "certain", lambda election, share: 0)
        yield


@contextmanager
def watched() -> Iterator[list[tuple[Election, int]]]:
    """Note the election and the share of every round that is counted."""
    shares: list[tuple[Election, int]] = []
    hold = rounds.hold

    def noted(election: Election, share: int) -> Round:
        shares.append((election, share))
        return hold(election, share)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rounds, "hold", noted)
        yield shares


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Few voters and a budget of many steps; costs that often are equal, so that lots are in it too."""
    ids = "abcdef"[: draw(st.integers(1, 6))]
    cost = st.one_of(st.integers(0, 6).map(lambda n: n * 20), st.integers(0, 150))
    costs = {id: draw(cost) for id in ids}
    marked = st.lists(st.sampled_from(ids), unique=True).map(lambda ids: tuple(sorted(ids)))
    ballots = draw(st.lists(st.tuples(marked, st.integers(1, 3)), min_size=1, max_size=5))
    order: tuple[TieKey, ...] = draw(st.sampled_from([(), ("lower-cost",), ("more-votes",)]))
    step = draw(st.sampled_from([Fraction(1, 2), Fraction(1), Fraction(2), Fraction(7)]))
    chosen = EqualSharesRule(
        draw(st.integers(0, sum(costs.values()) + 20)),
        draw(st.sampled_from(Utility)),
        draw(st.sampled_from([Completion.ADD1, Completion.ADD1U])),
        step,
        order,
    )
    return [Option(id, id.upper(), cost) for id, cost in costs.items()], ballots, chosen


@settings(max_examples=INSTANCES, deadline=None)
@given(cases())
def test_passing_over_rounds_comes_to_the_same_as_counting_every_one(case: Case) -> None:
    quick = as_json(count(*case))
    with step_by_step():
        assert quick == as_json(count(*case))


@settings(max_examples=300, deadline=None)
@given(cases())
def test_what_is_called_certain_is_so_from_every_round(case: Case) -> None:
    with step_by_step(), watched() as counted:
        count(*case)
    results = {share: rounds.hold(election, share).results for election, share in counted}
    for election, share in counted:
        for raises in range(1, rounds.certain(election, share) + 1):
            later = share + raises * election.step
            assert results.get(later, results[share]) == results[share]


def plans(*costs: Money) -> list[Option]:
    return [Option(f"o{n}", f"Plan {n}", cost) for n, cost in enumerate(costs)]


@pytest.mark.parametrize(
    ("on_paper", "ballots", "why", "raises"),
    [
        # one voter of two pays 600,000 alone, from a share that starts at 500,000
        (plans(600_000 * EURO, 600_000 * EURO), [("o0", 1), ("o1", 1)], "over", 99_999),
        # three voters each want a plan of their own, that takes nearly all of the million
        (
            plans(1_000_000 * EURO, 1_000_000 * EURO, 990_000 * EURO),
            [("o0", 1), ("o1", 1), ("o2", 1)],
            "full",
            656_667,
        ),
    ],
)
def test_a_large_budget_of_few_voters_takes_few_counts(
    on_paper: list[Option], ballots: list[tuple[str, int]], why: str, raises: int
) -> None:
    rule = EqualSharesRule(1_000_000 * EURO, Utility.COST, Completion.ADD1, EURO)
    with watched() as counted:
        outcome = count(on_paper, ballots, rule)
    assert (values(outcome, "raise-stopped")["why"], values(outcome, "shares")["raises"]) == (why, raises)
    assert len(counted) < 20


def test_equals_whose_order_changes_nothing_are_passed_over_too() -> None:
    # nine plans of equal cost that overlap: lots in every round, and every lot comes to the same
    on_paper = plans(*[100_000 * EURO] * 9, 900_000 * EURO)
    ballots = [(f"o{n},o{(n + 1) % 9}", 1) for n in range(9)] + [("o9", 1)]
    rule = EqualSharesRule(950_000 * EURO, Utility.COST, Completion.ADD1, EURO)
    with watched() as counted:
        outcome = count(on_paper, ballots, rule)
    assert len(outcome.winners) == 9
    assert len(counted) < 20


def test_lots_that_follow_each_other_for_ever_are_too_many() -> None:
    on_paper = plans(*[1] * 300)
    ballots = [(",".join(option.id for option in on_paper), 1)]
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + 2 * rounds.MOST_DEEP + 50)
    try:
        outcome = count(on_paper, ballots, EqualSharesRule(250, Utility.COST, Completion.ADD1, 1))
    finally:
        sys.setrecursionlimit(limit)
    assert [step.kind for step in outcome.steps] == ["shares", "stopped", "left"]


def values(outcome: Outcome, kind: str) -> dict[str, Money | str]:
    return dict(next(step.values for step in outcome.steps if step.kind == kind))


# -- numbers that move ----------------------------------------------------------------------------

fractions = st.fractions(-5, 5, max_denominator=4)


@given(fractions, fractions, fractions, fractions, st.booleans())
def test_a_comparison_comes_out_the_same_before_the_horizon(
    now: Fraction, slope: Fraction, other: Fraction, others: Fraction, both: bool
) -> None:
    horizon = Horizon()
    one = Moving.of(now, slope, horizon)
    two = Moving.of(other, others, horizon) if both else other
    outcomes = (one < two, one <= two, one == two, one >= two, one > two)
    assert outcomes == (now < other, now <= other, now == other, now >= other, now > other)
    end = Fraction(100) if horizon.extra is None else horizon.extra
    for part in (Fraction(0), Fraction(1, 3), Fraction(99, 100)):
        x = end * part
        a, b = now + slope * x, other + (others * x if both else 0)
        assert outcomes == (a < b, a <= b, a == b, a >= b, a > b)
