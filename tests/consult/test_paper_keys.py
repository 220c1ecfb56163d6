"""Numbers typed on the keyboard: each is one choice of the page, and what is no number of it chooses nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consult.paper_keys import choices, chosen, numbers

OPTIONS = [f"a{n}" for n in range(1, 12)]


@pytest.mark.parametrize(
    ("text", "picked"),
    [
        ("", ()),
        ("  ", ()),
        ("1", ("a1",)),
        ("01", ("a1",)),
        ("11", ("a11",)),
        ("1 1", ("a1",)),
        ("3, 1;2+4", ("a3", "a1", "a2", "a4")),
        ("12", ("blanco",)),
        ("13", ("ongeldig",)),
        ("1 13", ("a1", "ongeldig")),
        ("14", None),
        ("0", None),
        ("-1", None),
        ("1.", None),
        ("1 x", None),
        ("²", None),
        ("9" * 200, None),
    ],
)
def test_a_number_is_a_choice(text: str, picked: tuple[str, ...] | None) -> None:
    assert chosen(text, OPTIONS) == picked


@given(st.lists(st.sampled_from(choices(OPTIONS)), unique=True))
def test_the_other_way_round(picked: list[str]) -> None:
    assert chosen(numbers(picked, OPTIONS), OPTIONS) == tuple(picked)
