"""Keys on paper as a keyholder and a camera meet them: read back from the PDF itself."""

import io
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

import pypdf
import pytest
import typst

from ballots.keysheets import LABELS, LONGEST_TITLE, SheetContent, mix_sheet, share_sheets
from ballots.shares import joined, mix_text, read_mix, split, text
from ballots.shares import read as read_share
from tests.ballots.test_printing import Page, flat, read, shrunk

MOMENT = datetime(2026, 5, 18, 10, 0, tzinfo=UTC)
POLL = bytes(range(16))
SECRET = bytes(range(0x80, 0xA0))
PARTS = split(SECRET, bytes.fromhex("8073c5350194424ae08065ce5e4ec13d562a0119ac0892488abfa8578cdcc4fe"))
MIX_KEY = bytes(range(0xC0, 0xE0))
CONTENT = SheetContent(
    town="Gemeente Voorbeeldstad",
    accent="#00695c",
    title="Een speeltuin op het Merwedeplein",
    closes="tot en met zondag 14 juni 2026",
)
LONGEST = replace(
    CONTENT,
    town="Gemeente Alphen aan den Rijn en de dorpen daaromheen",
    accent="#ffcc00",
    title="Vindt u dat het Burgemeester van Tuyllplein opnieuw moet worden ingericht met twaalf bomen, zes "
    "banken, een speeltuin voor kinderen tot twaalf jaar en een vaste plek voor de weekmarkt?",
    closes="tot en met woensdag 30 september 2026, 24.00 uur",
)


@pytest.fixture(scope="module", params=["usual", "longest"])
def content(request: pytest.FixtureRequest) -> SheetContent:
    return CONTENT if request.param == "usual" else LONGEST


@pytest.fixture(scope="module")
def pages(content: SheetContent) -> list[Page]:
    """The three parts, and the sheet of the mix key."""
    made = read(share_sheets(content, POLL, PARTS, moment=MOMENT))
    return made + read(mix_sheet(content, POLL, MIX_KEY, moment=MOMENT))


def test_one_page_a_sheet_that_says_which_it_is(content: SheetContent, pages: list[Page]) -> None:
    assert len(pages) == 4
    for page, name in zip(
        pages, [*(LABELS["share"] % {"part": x} for x in (1, 2, 3)), LABELS["mix"]], strict=True
    ):
        said = flat(page.text)
        assert name in said
        assert content.title[:100] in said
        assert content.town in said
        assert f"Stemmen kan {content.closes}" in said
        assert "GEHEIM" in said


def test_a_camera_reads_the_key_off_the_page(pages: list[Page]) -> None:
    shares = [read_share(page.qr, POLL) for page in pages[:3]]
    assert shares == list(PARTS)
    assert {joined(one, other) for one, other in combinations(shares, 2)} == {SECRET}
    assert read_mix(pages[3].qr, POLL) == MIX_KEY


def test_a_hand_can_type_it_off_the_page(pages: list[Page]) -> None:
    said = [*(text(POLL, part) for part in PARTS), mix_text(POLL, MIX_KEY)]
    for page, sheet in zip(pages, said, strict=True):
        for number, group in enumerate(sheet.split(), 1):
            assert f"{number} {group}" in flat(page.text)
            signs = "".join(sign for sign, _ in page.sizes)
            start = signs.index(group)
            assert min(size for _, size in page.sizes[start : start + 4]) >= 14


def test_the_qr_is_coarse_and_nothing_overlaps(pages: list[Page]) -> None:
    for page in pages:
        assert page.qr_box.right - page.qr_box.left > 40
        pieces = [(said, box) for said, box in page.pieces if said.strip()]
        for (one, a), (other, b) in combinations(pieces, 2):
            assert not shrunk(a).touches(b), (one, other)
        for said, box in pieces:
            assert box.left > 15, said
            assert box.right < 195, said
            assert box.bottom < 290, said
            assert not box.touches(page.qr_box), said


def test_a_share_says_what_losing_it_means_and_holds_nothing_of_another(pages: list[Page]) -> None:
    for page, part in zip(pages[:3], PARTS, strict=True):
        said = flat(page.text)
        for line in "\n".join(LABELS[f"share_{each}"] for each in ("what", "keep", "then", "fields")).split(
            "\n"
        ):
            assert line in said
        for other in PARTS:
            groups = text(POLL, other).split()[2:]
            assert all(group in said for group in groups) == (other == part)
            assert other == part or not any(group in said for group in groups)


def test_the_mix_sheet_says_what_to_do_with_the_envelope(pages: list[Page]) -> None:
    said = flat(pages[3].text)
    for line in "\n".join(LABELS[f"mix_{each}"] for each in ("what", "keep", "then", "fields")).split("\n"):
        assert line in said


def test_a_title_that_does_not_fit_is_cut_and_signs_without_a_letter_become_question_marks() -> None:
    odd = replace(CONTENT, title="Parkeren 🚗 bij de ብ" + "m" * 5000)
    (page,) = read(mix_sheet(odd, POLL, MIX_KEY, moment=MOMENT))
    assert "Parkeren ? bij de ? mmm" in flat(page.text)
    assert 100 < flat(page.text).count("m") < LONGEST_TITLE * 2
    assert read_mix(page.qr, POLL) == MIX_KEY


def test_the_same_sheet_gives_the_same_bytes() -> None:
    once = share_sheets(CONTENT, POLL, PARTS[:1], moment=MOMENT)
    assert share_sheets(CONTENT, POLL, iter(PARTS[:1]), moment=MOMENT) == once
    assert share_sheets(CONTENT, POLL, PARTS[1:2], moment=MOMENT) != once


def test_a_screen_reader_finds_language_title_and_the_words_for_the_qr() -> None:
    document = pypdf.PdfReader(io.BytesIO(share_sheets(CONTENT, POLL, PARTS[1:], moment=MOMENT)))
    root: Any = document.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "nl"
    assert document.metadata is not None
    assert document.metadata.title == f"Telsleutel, deel 2 van 3 · Telsleutel, deel 3 van 3 – {CONTENT.title}"


def test_a_translation_takes_the_place_of_every_word() -> None:
    labels = {key: "\n".join(f"«{key}»" for _ in said.split("\n")) for key, said in LABELS.items()}
    pages = read(
        share_sheets(CONTENT, POLL, PARTS[:1], moment=MOMENT, labels=labels | {"share": "«share»%(part)s"})
    )
    pages += read(mix_sheet(CONTENT, POLL, MIX_KEY, moment=MOMENT, labels=labels))
    said = flat("".join(page.text for page in pages))
    for key, words in LABELS.items():
        assert key == "qr" or f"«{key}»" in said
        assert not any(line in said for line in words.split("\n") if len(line) > 3)


def test_a_key_never_touches_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    real, seen = typst.compile, list[Path]()
    secret = mix_text(POLL, MIX_KEY).split()[4]

    def spy(*args: Any, **kwargs: Any) -> bytes:
        assert secret in kwargs["sys_inputs"]["data"]
        pdf = real(*args, **kwargs)
        seen.extend(tmp_path.rglob("*"))
        assert all(path.is_dir() or path.suffix == ".ttf" for path in seen)
        assert isinstance(pdf, bytes)
        return pdf

    monkeypatch.setattr(typst, "compile", spy)
    mix_sheet(CONTENT, POLL, MIX_KEY, moment=MOMENT)
    assert seen
    assert not list(tmp_path.iterdir())
