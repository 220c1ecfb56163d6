"""Towns and wijken: what is asked of them before they exist."""

from typing import Any

import pytest

from ballots.refusals import Refusal
from consult import towns
from consult.refusals import ColourWrong, FieldMissing, NameTaken, TownUnknown, UrlWrong
from tests.consult.conftest import Place

pytestmark = pytest.mark.both

GOOD: dict[str, Any] = {
    "name": "Lindehaven",
    "base_url": "https://stem.lindehaven.nl",
    "address": "Plein 1",
    "phone": "14 012",
    "email": "stem@lindehaven.nl",
    "accent": "#0b6157",
    "limit": 10_000_00,
}


def add(place: Place, **changed: object) -> None:
    towns.add(place.session, **{**GOOD, **changed}, actor="test", now=place.now)


def test_added_once_with_a_line_in_the_journal(place: Place) -> None:
    add(place)
    town = place.town("Lindehaven")
    assert (town.limit, town.accent) == (10_000_00, "#0b6157")
    assert any(
        "'add town'" in row and "'test'" in row and "Lindehaven" in row for row in place.dump()["journal"]
    )
    with pytest.raises(NameTaken):
        add(place)


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"name": " "}, FieldMissing),
        ({"address": ""}, FieldMissing),
        ({"phone": "\n"}, FieldMissing),
        ({"email": ""}, FieldMissing),
        ({"base_url": "stem.lindehaven.nl"}, UrlWrong),
        ({"base_url": "https://stem.lindehaven.nl/"}, UrlWrong),
        ({"base_url": "https://stem.lindehaven.nl/pad"}, UrlWrong),
        ({"base_url": "javascript:alert(1)"}, UrlWrong),
        ({"base_url": "https://a b"}, UrlWrong),
        ({"accent": "groen"}, ColourWrong),
        ({"accent": "#fff"}, ColourWrong),
        ({"accent": "#00000g"}, ColourWrong),
        ({"accent": "#000000;}body{display:none"}, ColourWrong),
    ],
)
def test_refused_and_nothing_changed(place: Place, changed: dict[str, str], refusal: type[Refusal]) -> None:
    before = place.dump()
    with pytest.raises(refusal):
        add(place, **changed)
    assert place.dump() == before


def test_wijk_gets_an_address_of_its_own(place: Place) -> None:
    wijk = towns.add_wijk(place.session, "Voorbeeldstad", "De Linden & ’t Hof", "test", place.now)
    assert wijk.slug == "de-linden-t-hof"
    before = place.dump()
    for name in ("de LINDEN t hof", "!!!", ""):
        with pytest.raises(NameTaken):
            towns.add_wijk(place.session, "Voorbeeldstad", name, "test", place.now)
    with pytest.raises(TownUnknown):
        towns.add_wijk(place.session, "Nergens", "West", "test", place.now)
    assert place.dump() == before


def test_the_same_wijk_name_in_two_towns(place: Place) -> None:
    towns.add_wijk(place.session, "Elders", "Noord", "test", place.now)
    assert [wijk.name for wijk in place.town("Elders").wijken] == ["Buiten", "Noord"]
