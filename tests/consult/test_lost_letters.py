"""A new letter is asked for without learning anything, and seen to by the office."""

import re
from datetime import timedelta

import pytest

from consult import lost_letters
from consult.models import Consultation, LetterRequest
from tests.consult.conftest import Browser, Place

pytestmark = pytest.mark.both

WRONG = [
    ({"postcode": "", "house": "1"}, "postcode"),
    ({"postcode": "12 AB", "house": "1"}, "postcode"),
    ({"postcode": "1234 AB", "house": ""}, "house"),
    ({"postcode": "1234 AB", "house": "A"}, "house"),
]


@pytest.fixture
def asked(place: Place) -> Consultation:
    """An open consultation of which the letters are out."""
    draft = place.draft(place.plan(), days=(0, 9))
    place.freeze(draft)
    place.printed(draft)
    return draft


def ask(place: Place, consultation: Consultation, postcode: str, house: str) -> str:
    fields = {"consultation": consultation.id, "postcode": postcode, "house": house}
    answer = place.anonymous().bare("/nieuwe-brief", fields)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    return answer.text


def home(consultation: Consultation) -> tuple[str, str]:
    entry = next(each for each in consultation.roll if each.letters == 1 and each.postcode)
    return entry.postcode, f"{entry.number}{entry.letter}{entry.addition}"


def waiting(place: Place) -> list[LetterRequest]:
    place.look()
    return list(place.session.query(LetterRequest))


def test_the_answer_tells_nothing(place: Place, asked: Consultation) -> None:
    postcode, house = home(asked)
    pages = {
        ask(place, asked, postcode, house),
        ask(place, asked, postcode, house),  # again
        ask(place, asked, postcode.lower(), f" {house.lower()}"),  # and written otherwise
        ask(place, asked, "9999ZZ", "1"),
    }
    assert len(pages) == 1
    assert "Uw vraag is binnen" in pages.pop()
    assert sorted((each.postcode, each.house) for each in waiting(place)) == sorted(
        [(postcode, re.sub(r"[^0-9A-Z]", "", house.upper())), ("9999ZZ", "1")]
    )


@pytest.mark.parametrize(("fields", "name"), WRONG)
def test_what_is_filled_in_wrong_is_said(
    place: Place, asked: Consultation, fields: dict[str, str], name: str
) -> None:
    answer = place.anonymous().bare("/nieuwe-brief", {**fields, "consultation": asked.id})
    assert answer.status_code == 422
    assert f'href="#{name}"' in answer.text
    assert not waiting(place)


def test_too_many_a_day_are_not_kept_and_nobody_sees_it(
    place: Place, asked: Consultation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lost_letters, "MOST_A_DAY", 2)
    pages = {ask(place, asked, "1234AB", str(number)) for number in range(1, 6)}
    assert len(pages) == 1
    assert len(waiting(place)) == 2
    place.later(days=1)
    ask(place, asked, "1234AB", "9")
    assert len(waiting(place)) == 3


def test_without_a_vote_there_is_nothing_to_ask(place: Place) -> None:
    assert "nu geen stemming" in place.anonymous().get("/nieuwe-brief").text


def test_the_office_sees_what_the_list_has_and_sees_to_it(place: Place, asked: Consultation) -> None:
    postcode, house = home(asked)
    ask(place, asked, postcode, house)
    ask(place, asked, "9999ZZ", "1")
    office = place.browser("gemeente")
    assert "2 adressen vragen een nieuwe brief" in office.get("/kantoor").text
    path = f"/kantoor/raadplegingen/{asked.id}/brieven/aanvragen"
    page = office.get(path).text
    assert "Dit adres staat niet op de lijst" in page
    serial = re.findall(r"nummers=([0-9]+)", page)[0]
    assert (
        office.get(f"/kantoor/raadplegingen/{asked.id}/brieven/vervangen?nummers={serial}").status_code == 200
    )
    for request, how in zip(waiting(place), ("replaced", "not listed"), strict=True):
        assert office.post(path, {"request": request.id, "how": how}).status_code == 303
    assert "Niemand wacht op een nieuwe brief" in office.get(path).text
    assert place.actions(asked.initiative)[-2:] == ["handle letter request"] * 2
    assert postcode not in str(place.dump()["journal"])


def test_nobody_else_sees_who_asked(place: Place, asked: Consultation) -> None:
    ask(place, asked, *home(asked))
    path = f"/kantoor/raadplegingen/{asked.id}/brieven/aanvragen"
    for function in ("regiegroep", "beheerder", "elders"):
        assert place.browser(function).get(path).status_code in (403, 404)
    answer = Browser(place, place.anonymous().client).get(path)
    assert answer.status_code in (302, 303)


def test_after_the_count_no_request_is_kept(place: Place, asked: Consultation) -> None:
    ask(place, asked, *home(asked))
    place.clock["now"] = place.poll(asked).closes + timedelta(minutes=1)
    place.tick()
    assert not waiting(place)
