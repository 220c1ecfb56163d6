"""What of a folded sheet an envelope shows, worked out by sliding it about; and the code as a phone sees it."""

import io
import math
from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any

import numpy as np
import pypdf
import pypdfium2
import pytest
import zxingcpp

from ballots.envelopes import PROFILES, SHEET, Box
from ballots.printing import Back, BackTooLong, Envelope, Line, letters
from ballots.typeset import ETHIOPIC_FONTS
from consult import letter_languages
from tests.ballots.test_printing import CONTENT, LONGEST, MOMENT, PLAIN, flat


@pytest.mark.parametrize("key", PROFILES)
def test_ever_and_always_are_what_sliding_the_sheet_about_shows(key: str) -> None:
    profile = PROFILES[key]
    shown = []
    for right, down in product((0, 0.5, 1), repeat=2):
        x = right * (profile.width - SHEET[0])  # where the sheet's corner lies in the envelope
        y = down * (profile.height - profile.folds[0])
        top = profile.height - profile.bottom - profile.window[1]
        shown.append(
            Box(
                profile.left - x,
                top - y,
                profile.left + profile.window[0] - x,
                top + profile.window[1] - y,
            )
        )
    assert profile.ever == Box(
        min(each.left for each in shown),
        min(each.top for each in shown),
        max(each.right for each in shown),
        max(each.bottom for each in shown),
    )
    assert profile.always == Box(
        max(each.left for each in shown),
        max(each.top for each in shown),
        min(each.right for each in shown),
        min(each.bottom for each in shown),
    )
    assert all(profile.ever.holds(each) and each.holds(profile.always) for each in shown)
    assert profile.on_the_right == ("right" in key)


@pytest.mark.parametrize("key", PROFILES)
def test_the_window_lies_within_the_envelope_and_the_top_panel(key: str) -> None:
    profile = PROFILES[key]
    assert profile.left + profile.window[0] < profile.width
    assert profile.bottom + profile.window[1] < profile.height
    assert profile.ever.bottom < profile.folds[0]


def camera(page: Any, degrees: float, ink: float, paper: float, noise: float, dpi: int = 150) -> np.ndarray:
    """Photograph a page: turned, on grey paper, a little blurred and noisy. Returns grey levels 0 to 255."""
    bitmap = page.render(scale=dpi / 72, grayscale=True)
    flat = np.frombuffer(bitmap.buffer, np.uint8).reshape(bitmap.height, bitmap.stride)[:, : bitmap.width]
    grey = ink + (paper - ink) * flat.astype(float) / 255
    high, wide = grey.shape
    side = math.ceil(math.hypot(high, wide))
    y, x = np.mgrid[0:side, 0:side] - side / 2
    turn = math.radians(degrees)
    from_x = np.rint(x * math.cos(turn) + y * math.sin(turn) + wide / 2).astype(int)
    from_y = np.rint(y * math.cos(turn) - x * math.sin(turn) + high / 2).astype(int)
    inside = (from_x >= 0) & (from_x < wide) & (from_y >= 0) & (from_y < high)
    photo = np.full((side, side), paper / 3)  # the table it lies on
    photo[inside] = grey[from_y[inside], from_x[inside]]
    blurred = (photo + np.roll(photo, 1, 0) + np.roll(photo, 1, 1) + np.roll(photo, (1, 1), (0, 1))) / 4
    shade = np.linspace(1.0, 0.8, side)[None, :]  # light from one side
    grain = np.random.default_rng(7).normal(0, noise, (side, side))
    return np.clip(blurred * shade + grain, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("degrees", [0, 7, 33, 90, 178, 261])
def test_a_phone_reads_the_code_off_grey_paper_turned_and_with_noise(degrees: float) -> None:
    for content in (CONTENT, LONGEST):
        (page,) = pypdfium2.PdfDocument(letters(content, [PLAIN], moment=MOMENT))
        photo = np.ascontiguousarray(camera(page, degrees, ink=25, paper=128, noise=8))
        (found,) = zxingcpp.read_barcodes(photo)
        assert found.text == f"{content.base}/s#{PLAIN.code}"


def test_a_photo_of_another_letter_reads_as_another() -> None:
    """The reader does not know what it should find."""
    other = Envelope(9, PLAIN.address, "0123456789ABCDEFGHJK")
    (page,) = pypdfium2.PdfDocument(letters(CONTENT, [other], moment=MOMENT))
    (found,) = zxingcpp.read_barcodes(np.ascontiguousarray(camera(page, 7, 25, 128, 8)))
    assert found.text.endswith(other.code)


def test_without_the_quiet_zone_and_contrast_it_would_not() -> None:
    """The photo is bad enough to notice: at ink nearly as light as the paper nothing is read."""
    (page,) = pypdfium2.PdfDocument(letters(CONTENT, [PLAIN], moment=MOMENT))
    assert not zxingcpp.read_barcodes(np.ascontiguousarray(camera(page, 7, ink=122, paper=128, noise=8)))


def back(language: str) -> Back:
    title, paragraphs = letter_languages.back(
        language, "stem.voorbeeldstad.nl/s", date(2026, 6, 14), "14 0123"
    )
    return Back(language, letter_languages.direction(language), title, paragraphs)


ETHIOPIC = pytest.mark.skipif(
    not any(path.is_file() for path in ETHIOPIC_FONTS), reason="no font for Tigrinya on this system"
)


@pytest.mark.parametrize(
    "language",
    [pytest.param(each, marks=[ETHIOPIC] if each == "ti" else []) for each in letter_languages.TEXTS],
)
def test_the_back_says_it_again_in_a_second_language(language: str) -> None:
    content = replace(CONTENT, back=back(language))
    pdf = letters(content, [PLAIN, replace(PLAIN, serial=413)], moment=MOMENT)
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    assert len(pages) == 4
    for behind in (pages[1], pages[3]):
        text = flat(behind.extract_text())
        assert "stem.voorbeeldstad.nl/s" in text
        assert PLAIN.code[:4] not in text
    images = [len(page.images) for page in pages]
    assert images[1] == images[3] == 0
    assert letters(content, [PLAIN], moment=MOMENT) == letters(content, [PLAIN], moment=MOMENT)


def test_every_language_has_a_line_and_the_same_paragraphs() -> None:
    assert set(letter_languages.TEXTS) == {"en", "tr", "ar", "pl", "uk", "so", "ti"}
    for language, texts in letter_languages.TEXTS.items():
        assert "%(host)s" in texts.line
        assert len(texts.paragraphs) == 6
        assert "2026" in back(language).paragraphs[0]
        assert "14 0123" in back(language).paragraphs[-1]
    assert letter_languages.lines(["nl", "ar", "xx"], "a.nl/s") == [
        ("ar", letter_languages.TEXTS["ar"].line % {"host": "a.nl/s"})
    ]


def test_a_back_that_is_too_long_is_refused() -> None:
    long = replace(back("en"), paragraphs=back("en").paragraphs * 9)
    with pytest.raises(BackTooLong):
        letters(replace(CONTENT, back=long), [PLAIN], moment=MOMENT)


@ETHIOPIC
def test_all_lines_fit_on_the_longest_letter() -> None:
    said = tuple(
        Line(language, letter_languages.direction(language), line)
        for language, line in letter_languages.lines(letter_languages.TEXTS, "stem.voorbeeldstad.nl/s")
    )
    for profile in PROFILES.values():
        pdf = letters(replace(LONGEST, languages=said), [PLAIN], moment=MOMENT, profile=profile)
        text = flat(pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text())
        assert "choose English" in text
        assert "dooro Soomaali" in text
