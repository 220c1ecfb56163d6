"""What is printed beside the letters, read back from the PDF itself: right for this moment, and without any code."""

import io
import re
from typing import Any

import pypdf
import pypdfium2
import pytest
import zxingcpp

from ballots import codes, qr
from ballots.printing import SMALLEST_MODULE
from consult import pieces, proposals, results
from consult.models import Consultation
from consult.pieces import PIECES, Many
from consult.refusals import NotFrozen, PieceNotNow, PieceTooLong
from tests.consult.conftest import BUDGET, Place

MM = 72 / 25.4
SIZES = {"A3": (297, 420), "A4": (210, 297), "A5": (148, 210), "A6": (148, 105)}
BEFORE = [key for key, piece in PIECES.items() if not piece.after]
LONG = {
    "question": "Vindt u dat het Burgemeester van Tuyllplein opnieuw moet worden ingericht met twaalf bomen, zes "
    "banken, een speeltuin voor kinderen tot twaalf jaar en een plek voor de weekmarkt, ook zonder parkeerplaatsen?",
    "summary": "\n".join(
        ["Het plein wordt opnieuw ingericht, met bomen, banken, een speeltuin en de weekmarkt."] * 6
    ),
    "in_favour": "Kinderen uit de wijk hebben geen plek om veilig te spelen. " * 8,
    "against": "Er verdwijnen parkeerplaatsen die bewoners niet missen kunnen. " * 10,
    "if_no": "Dan blijft het plein zoals het nu is, met het gras erbij. " * 10,
    "upkeep": "De gemeente betaalt het onderhoud van banken en bomen. " * 10,
}
LONG_TITLE = (
    "Vrijwilligersorganisatiecoördinatievriendelijke herinrichting van het Burgemeester van Tuyllplein"
)


def made(place: Place, consultation: Consultation, key: str) -> bytes:
    with place.app.test_request_context():
        return pieces.made(place.session, consultation, key, place.now)


def words(pdf: bytes) -> str:
    text = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    return " ".join(text.replace("\u00a0", " ").split())


def links(pdf: bytes) -> list[str]:
    """Return what a phone reads off the pages; each code is coarse enough for an old one."""
    found = []
    for page in pypdfium2.PdfDocument(pdf):
        bitmap = page.render(scale=150 / 72, grayscale=True)
        grey = memoryview(bytes(bitmap.buffer)).cast("B", (bitmap.height, bitmap.stride))
        for each in zxingcpp.read_barcodes(grey):
            wide = abs(each.position.top_right.x - each.position.top_left.x) * 25.4 / 150
            modules = len(qr.matrix(each.text)) - 2 * qr.QUIET
            assert wide / modules >= SMALLEST_MODULE * 0.97
            found.append(each.text)
    return found


def start(place: Place, **fields: Any) -> tuple[Consultation, list[str]]:
    draft = place.draft(place.plan(), days=(0, 9), **fields)
    return draft, place.freeze(draft)


@pytest.mark.parametrize("key", BEFORE)
def test_what_invites_to_vote_says_until_when_and_has_no_code(place: Place, key: str) -> None:
    draft, used = start(place)
    pdf, piece = made(place, draft, key), PIECES[key]
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    wide, high = SIZES[piece.format[:2]]
    assert len(pages) == piece.pages
    for page in pages:
        assert abs(float(page.mediabox.width) / MM - wide) < 1
        assert abs(float(page.mediabox.height) / MM - high) < 1
    text = words(pdf)
    assert draft.subject in text
    assert "tot en met woensdag 10 juni 2026" in text
    squeezed = re.sub(r"\s", "", text)
    for code in used:
        assert codes.read(code) not in squeezed
    place_of = f"/raadplegingen/{draft.id}"
    for link in links(pdf):
        assert link == f"{place.town().base_url}{place_of}"
    assert bool(links(pdf)) == (key not in ("desk", "script"))
    assert made(place, draft, key) == pdf


def test_the_reminder_says_that_the_letter_stays_valid(place: Place) -> None:
    draft, _ = start(place)
    text = words(made(place, draft, "card"))
    assert "De brief op de koelkast blijft geldig" in text
    assert "Wij weten niet wie al stemde" in text


def test_the_flyer_has_both_sides_and_what_follows(place: Place) -> None:
    draft, _ = start(place)
    text = words(made(place, draft, "flyer"))
    for each in (draft.question, draft.in_favour, draft.against, draft.if_no, draft.upkeep):
        assert each in text


def test_the_flyer_of_a_buurtstemming_names_what_one_can_choose(place: Place) -> None:
    ballot = place.ballot(BUDGET, days=(0, 9))
    place.freeze(ballot)
    text = words(made(place, ballot, "flyer"))
    for said in ("Bankje (€ 2.000)", "Schommel (€ 3.000)", "De gemeente voert de plannen uit die winnen."):
        assert said in text


def test_a_vote_that_was_lengthened_is_printed_with_its_new_day(place: Place) -> None:
    draft, _ = start(place)
    old = made(place, draft, "poster-a4")
    place.confirm(place.propose(draft, "lengthen", last_day="2026-06-14"))
    assert "zondag 14 juni 2026" in words(made(place, draft, "poster-a4"))
    assert "zondag 14 juni 2026" not in words(old)
    assert proposals.waiting(place.session, draft, place.now) == []


def test_the_result_is_told_in_the_words_of_its_page_and_leads_there(place: Place) -> None:
    draft, used = start(place)
    place.vote(used, {"voor": 7, "tegen": 3})
    with pytest.raises(PieceNotNow):
        made(place, draft, "outcome")
    place.later(days=11)
    place.tick()
    pdf = made(place, draft, "outcome")
    text = words(pdf)
    with place.app.test_request_context():
        (counted,) = results.of(place.session, place.poll(draft))
    assert counted.result.headline in text
    assert counted.result.turnout in text
    for row in counted.result.rows:
        assert row.label in text
    assert counted.result.how[0] in text
    assert links(pdf) == [f"{place.town().base_url}/raadplegingen/{draft.id}"]
    assert made(place, draft, "outcome") == pdf
    assert "tot en met woensdag 10 juni" in text
    with pytest.raises(PieceNotNow):
        made(place, draft, "poster-a4")


def test_nothing_is_printed_of_what_is_not_frozen_or_was_withdrawn(place: Place) -> None:
    draft = place.draft(place.plan())
    assert not any(pieces.of_use(piece, None, place.now) for piece in PIECES.values())
    with pytest.raises(NotFrozen):
        made(place, draft, "poster-a4")
    place.freeze(draft)
    place.withdraw(draft)
    for key in PIECES:
        with pytest.raises(PieceNotNow):
            made(place, draft, key)
    with pytest.raises(KeyError):
        made(place, draft, "letter")


def test_long_words_names_and_texts_break_nothing(place: Place) -> None:
    town = place.town()
    town.name = "Gemeente Alphen aan den Rijn-Buitengebied"
    town.base_url = "https://raadpleging.stem.alphenaandenrijn-voorbeeld.nl"
    place.session.commit()
    draft = place.draft(place.plan(title=LONG_TITLE), days=(0, 9), **LONG)
    place.freeze(draft)
    for key in BEFORE:
        on_the_sheet(made(place, draft, key))
    assert LONG["against"].strip() in words(
        made(place, draft, "flyer")
    )  # both sides, whatever else gives way
    place.later(days=11)
    place.tick()
    on_the_sheet(made(place, draft, "outcome"))


def on_the_sheet(pdf: bytes) -> None:
    """See that every text stays 5 mm from the edge."""
    for page in pypdfium2.PdfDocument(pdf):
        text, (wide, high) = page.get_textpage(), page.get_size()
        for index in range(text.count_rects()):
            left, bottom, right, top = text.get_rect(index)
            said = text.get_text_bounded(left, bottom, right, top)
            if said.strip():
                assert min(left, bottom, wide - right, high - top) > 5 * MM, said


def test_what_can_never_fit_is_refused(place: Place) -> None:
    draft, _ = start(place)
    with place.app.test_request_context(), pytest.raises(PieceTooLong):
        pieces.printed(
            "script",
            {
                **dict.fromkeys(("name", "town", "title", "foot"), "x"),
                "accent": "#000000",
                "logo": None,
                "facts": [],
                "answers": [["Vraag?", "Antwoord. " * 900]],
            },
            place.poll(draft).frozen_at,
            1,
        )


def test_how_many_are_advised(place: Place) -> None:
    draft, _ = start(place)
    for piece in PIECES.values():
        advised = pieces.copies(place.session, draft, piece)
        expected = {Many.ADDRESS: 9, Many.WIJK: pieces.LEAST_POSTERS, Many.PLACE: None}[piece.many]
        assert advised == expected
