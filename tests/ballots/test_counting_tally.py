"""Adding up ballots."""

import random
from fractions import Fraction

import pytest

from ballots.counting.outcome import decimal, number
from ballots.counting.tally import Marking, tally


def test_markings_and_ids_add_up_in_paper_order() -> None:
    ballots: list[tuple[Marking, int]] = [
        ("b,a", 1),
        ("a", 2),
        ("blanco", 1),
        (("b", "b"), 1),
        ((), 5),
        (("a",), 0),
    ]
    assert list(tally(["a", "b", "c"], ballots).items()) == [("a", 3), ("b", 3), ("c", 0), ("blanco", 1)]
    random.Random(1).shuffle(ballots)
    assert tally(["a", "b", "c"], ballots) == {"a": 3, "b": 3, "c": 0, "blanco": 1}


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="not on the paper"):
        tally(["a"], [("z", 1)])
    with pytest.raises(ValueError, match="less than nothing"):
        tally(["a"], [("a", -1)])


def test_decimals_are_exact() -> None:
    assert [decimal(n) for n in (0, 4500, -3)] == ["0", "4500", "-3"]
    assert [decimal(Fraction(t)) for t in ("1/2", "-5/4", "1/40", "1/3")] == ["0.5", "-1.25", "0.025", "1/3"]
    assert decimal(Fraction(10**30 + 1, 10)) == "1" + "0" * 29 + ".1"
    assert (number(3), number(Fraction(6, 2)), number(Fraction(1, 4))) == (3, 3, "0.25")
