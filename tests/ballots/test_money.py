"""Euros as people write and read them."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballots.money import MOST_CENTS, NotAnAmount, TooMuchMoney, euros, in_words, parse


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("10000", 10_000_00),
        ("10.000", 10_000_00),
        ("10.000,01", 10_000_01),
        ("9999.99", 9_999_99),
        ("9999,99", 9_999_99),
        ("€ 5,-", 5_00),
        ("€5,--", 5_00),
        (" € 4.500,50 ", 4_500_50),
        ("EUR 12", 12_00),
        ("€\u00a01.234.567,89", 1_234_567_89),
        ("0", 0),
        ("0,01", 1),
        ("007", 7_00),
        ("12500", 12_500_00),
        ("12 500", 12_500_00),
        ("12\u202f500", 12_500_00),
        ("12\u2009500,50", 12_500_50),
        ("1 234 567", 1_234_567_00),
        ("12 500.50", 12_500_50),
        ("€12.500,00", 12_500_00),
        ("€ 12.500,-", 12_500_00),
        ("5 euro", 5_00),
        ("12.500 EUR", 12_500_00),
        ("7,50 €", 7_50),
        ("1000000000", MOST_CENTS),
    ],
)
def test_read(typed: str, cents: int) -> None:
    assert parse(typed) == cents


@pytest.mark.parametrize(
    "typed",
    ["", "  ", "€", "-5", "€ -5", "10,000", "1.5", "10,5", "1.00,00", "1.000.50", "0.500", "10.000.0",
     "12 50", "1 2500", "1.234 567", "1 234.567", "12  500", "0 500", "5 euros", "5 meuro",
     "1,000.00", "tien", "1e3", "٣", "5,-0", "1.2345", "12.34.567", "NaN", "1_000", "+5", "5,"],
)  # fmt: skip
def test_nonsense_and_what_can_be_read_in_two_ways_is_refused(typed: str) -> None:
    with pytest.raises(NotAnAmount) as refused:
        parse(typed)
    assert "geen bedrag" in str(refused.value)


@pytest.mark.parametrize("typed", ["1000000000,01", "9" * 13, "9" * 5000, "1.000.000.001"])
def test_too_much(typed: str) -> None:
    with pytest.raises(TooMuchMoney):
        parse(typed)


def test_written() -> None:
    assert [euros(n) for n in (0, 5, 4_500_00, 4_500_50, 1_234_567_89, -5_00)] == [
        "€ 0", "€ 0,05", "€ 4.500", "€ 4.500,50", "€ 1.234.567,89", "€ -5",
    ]  # fmt: skip
    assert in_words(Fraction("1234.5"), "PLN") == "PLN 1.234,50"
    assert in_words(Fraction("0.125"), "€") == "€ 0,125"


@settings(deadline=None, derandomize=True)
@given(st.integers(0, MOST_CENTS))
def test_what_is_written_reads_the_same(cents: int) -> None:
    assert parse(euros(cents)) == cents
