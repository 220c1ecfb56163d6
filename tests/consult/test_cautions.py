"""What is said before freezing: nothing wrong, but seldom meant."""

from datetime import date

import pytest

from consult.cautions import cautions, strange_host
from consult.rolls import RollTotals

TODAY = date(2026, 6, 1)
LATER = date(2026, 6, 20)


def said(
    letters: int = 100,
    addresses: int = 100,
    left_out: int = 0,
    places: dict[str, int] | None = None,
    first: date | None = LATER,
) -> list[str]:
    totals = RollTotals(addresses, letters, left_out, 0)
    return [
        str(each) for each in cautions(totals, places or {"Lindehaven": 100}, "Lindehaven", first, TODAY, 10)
    ]


def test_nothing_odd_is_nothing_said() -> None:
    assert said() == []
    assert said(letters=180) == []  # a care home with many letters
    assert said(places={"LINDEHAVEN": 40, "Linde haven": 60, "": 3}) == []


@pytest.mark.parametrize(("letters", "few"), [(9, True), (10, False)])
def test_few_letters(letters: int, few: bool) -> None:
    assert any(f"weinig brieven uit: {letters}." in text for text in said(letters, letters)) is few


@pytest.mark.parametrize(("left_out", "many"), [(101, True), (100, False)])
def test_far_fewer_letters_than_addresses(left_out: int, many: bool) -> None:
    assert any("zoveel adressen geen brief" in text for text in said(left_out=left_out)) is many


def test_a_vote_that_opens_at_once() -> None:
    (text,) = said(first=TODAY)
    assert text.startswith("De eerste dag is vandaag")
    assert said(first=None) == []


def test_addresses_of_another_place() -> None:
    assert said(places={"Lindehaven": 90, "Elzendorp": 10}) == [
        "Adressen in Elzendorp, niet in Lindehaven: 10. Horen die bij deze wijk?"
    ]
    many = said(places={"A": 1, "B": 4, "C": 2, "D": 1, "E": 1})
    assert [text[:12] for text in many[:3]] == ["Adressen in ", "Adressen in ", "Adressen in "]
    assert many[0].startswith("Adressen in B")
    assert many[3] == "Er zijn ook adressen in nog 2 andere plaatsen."


@pytest.mark.parametrize(
    ("base_url", "strange"),
    [
        ("https://stem.lindehaven.nl", False),
        ("https://lindehaven.nl", False),
        ("https://STEM.Lindehaven.nl:8443", False),
        ("https://stem-lindehaven.nl", True),
        ("https://lindehaven.nl.stemmen.example", True),
        ("http://127.0.0.1:8000", True),
    ],
)
def test_a_host_outside_the_domain_of_the_town(base_url: str, strange: bool) -> None:
    found = strange_host(base_url, "wijken@lindehaven.nl")
    assert (found is not None) == strange
    if found:
        assert "lindehaven.nl, waar de gemeente vandaan mailt" in str(found)
