"""The blank ballot as a voter meets it: read back from the PDF itself."""

import io
from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations
from typing import Any

import pypdf
import pypdfium2
import pytest

from ballots.ballot_print import (
    LABELS,
    BallotContent,
    PrintedGroup,
    PrintedOption,
    PrintedQuestion,
    blank_ballot,
)
from tests.ballots.test_printing import MM, flat

MOMENT = datetime(2026, 6, 1, tzinfo=UTC)
YES_NO = PrintedQuestion(
    "Bent u voor of tegen een speelplek?",
    "Zet een kruisje in één vakje.",
    "",
    "tick",
    (PrintedGroup("", "", (PrintedOption("Voor"), PrintedOption("Tegen"))),),
    "Blanco (ik kies niet)",
)
PLANS = tuple(PrintedOption(f"Plan nummer {n}", "Noord", "€ 2.000") for n in range(1, 61))
BASKET = replace(
    YES_NO,
    text="Welke plannen krijgen geld?",
    todo="Zet een kruisje in elk vakje dat u kiest.",
    hint="Kies voor samen hoogstens € 5.000.",
    groups=(
        PrintedGroup("Groen", "Kies er hoogstens 3.", PLANS[:40]),
        PrintedGroup("Overig", "", PLANS[40:]),
    ),
)
CONTENT = BallotContent(
    "Gemeente Voorbeeldstad", "#1f5c48", "Speelplek", "Stemmen kan tot en met 14 juni.", (YES_NO,)
)


def texts(pdf: bytes) -> list[str]:
    return [flat(page.get_textpage().get_text_range()) for page in pypdfium2.PdfDocument(pdf)]


def boxes(pdf: bytes) -> list[tuple[int, float, float]]:
    """Return the boxes to write in, as page, width and height in millimetres: stroked paths that are not lines."""
    found = []
    for number, page in enumerate(pypdfium2.PdfDocument(pdf)):
        for each in page.get_objects(max_depth=5):
            if each.type == pypdfium2.raw.FPDF_PAGEOBJ_PATH:
                left, bottom, right, top = each.get_bounds()
                wide, high = (right - left) / MM, (top - bottom) / MM
                if 8 < high < 13 and 8 < wide < 25:
                    found.append((number, wide, high))
    return found


def test_a_box_for_each_option_and_for_blank() -> None:
    pdf = blank_ballot(CONTENT, moment=MOMENT)
    (said,) = texts(pdf)
    for words in (
        CONTENT.title,
        CONTENT.town,
        CONTENT.closes,
        YES_NO.text,
        YES_NO.todo,
        "Voor",
        "Tegen",
        YES_NO.blank,
    ):
        assert words in said
    for line in LABELS["steps"].split("\n"):
        assert line in said
    assert len(boxes(pdf)) == 3
    assert "Bladzijde" not in said
    assert "Vraag 1" not in said


@pytest.mark.parametrize("box", ["points", "place"])
def test_numbers_have_room(box: str) -> None:
    pdf = blank_ballot(replace(CONTENT, questions=(replace(YES_NO, box=box),)), moment=MOMENT)
    assert sorted(round(wide) for _, wide, _ in boxes(pdf)) == [10, 21, 21]


def test_many_options_go_on_over_pages() -> None:
    pdf = blank_ballot(replace(CONTENT, accent="#ffcc00", questions=(YES_NO, BASKET)), moment=MOMENT)
    pages = texts(pdf)
    whole = " ".join(pages)
    assert len(pages) > 2
    for number, said in enumerate(pages, 1):
        assert f"Bladzijde {number} van {len(pages)}" in said
        assert CONTENT.title in said
    for option in PLANS:
        assert f"{option.label} " in whole
    for words in ("Vraag 1", "Vraag 2", "Groen", "Kies er hoogstens 3.", "Overig", "€ 2.000", BASKET.hint):
        assert words in whole
    assert len(boxes(pdf)) == 3 + len(PLANS) + 1


def test_nothing_overlaps_or_falls_off_the_page() -> None:
    long = "Vindt u dat het Burgemeester van Tuyllplein opnieuw moet worden ingericht met twaalf bomen? " * 3
    odd = replace(
        YES_NO,
        text=long,
        groups=(PrintedGroup("", "", (PrintedOption(long, long), PrintedOption("Nee 🚗"))),),
    )
    pdf = blank_ballot(replace(CONTENT, title=long[:200], questions=(odd,) * 3), moment=MOMENT)
    assert "Nee ?" in " ".join(texts(pdf))
    for page in pypdfium2.PdfDocument(pdf):
        words = page.get_textpage()
        rects = [words.get_rect(index) for index in range(words.count_rects())]
        for left, bottom, right, _ in rects:
            assert left / MM > 15
            assert right / MM < 195
            assert bottom / MM > 8
        for a, b in combinations(rects, 2):
            apart = a[2] <= b[0] + 1 or b[2] <= a[0] + 1 or a[3] <= b[1] + 1.5 or b[3] <= a[1] + 1.5
            assert apart, (words.get_text_bounded(*a), words.get_text_bounded(*b))


def test_every_ballot_is_the_same() -> None:
    assert blank_ballot(CONTENT, moment=MOMENT) == blank_ballot(CONTENT, moment=MOMENT)


def test_a_screen_reader_finds_language_and_title() -> None:
    document = pypdf.PdfReader(io.BytesIO(blank_ballot(CONTENT, moment=MOMENT)))
    root: Any = document.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "nl"
    assert document.metadata is not None
    assert document.metadata.title == "Stembiljet – Speelplek"


def test_a_translation_takes_the_place_of_every_word() -> None:
    labels = {key: f"«{key}»" for key in LABELS}
    whole = " ".join(
        texts(blank_ballot(replace(CONTENT, questions=(YES_NO, BASKET)), moment=MOMENT, labels=labels))
    )
    for key, words in LABELS.items():
        assert f"«{key}»" in whole
        assert not any(line in whole for line in words.split("\n") if len(line) > 12)
