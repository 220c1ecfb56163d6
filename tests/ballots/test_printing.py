"""The letters as a resident, a print shop and a screen reader meet them: read back from the PDF itself."""

import io
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

import pypdf
import pypdfium2
import pytest
import typst
import zxingcpp

from ballots import qr
from ballots.envelopes import PROFILES, Box, Profile
from ballots.printing import (
    LABELS,
    SMALLEST_MODULE,
    SPECIMEN_CODE,
    AddressTooLong,
    Envelope,
    HostTooLong,
    LetterContent,
    Line,
    NothingToPrint,
    SignMissing,
    TextTooLong,
    groups,
    letters,
)
from ballots.typeset import TEMPLATES, TypesetError, typeset

MOMENT = datetime(2026, 5, 18, 10, 0, tzinfo=UTC)
MM = 72 / 25.4
DPI = 200
NOBODY = "Niemand kan opzoeken wat u hebt gestemd, ook de gemeente niet."

CONTENT = LetterContent(
    town="Gemeente Voorbeeldstad",
    accent="#00695c",
    sender=("Gemeente Voorbeeldstad", "Postbus 100", "1234 AB Voorbeeldstad"),
    return_line="Retour: Postbus 100, 1234 AB Voorbeeldstad",
    date="18 mei 2026",
    subject="Stem mee over een speeltuin op het Merwedeplein",
    opening=(
        "Bewoners hebben een plan gemaakt voor een speeltuin op het Merwedeplein. Het plan kost € 12.500.",
        "Elk adres krijgt één brief. De uitslag is een advies. Wie beslist, legt uit waarom.",
    ),
    question="Vindt u dat er een speeltuin moet komen op het Merwedeplein?",
    options=("Voor", "Tegen", "Blanco"),
    closes="tot en met zondag 14 juni",
    base="https://stem.voorbeeldstad.nl",
    type_at="stem.voorbeeldstad.nl/s",
    one_vote="Eén stem per brief. Woont u met meer mensen? Beslis samen.",
    paper="Liever op papier? Kom met deze brief naar Waalstraat 12.",
    secrecy=NOBODY,
    lost="Vraag een nieuwe aan op stem.voorbeeldstad.nl/nieuw of bel 14 0123.",
    contact=("14 0123, werkdagen 9–17 uur", "stem@voorbeeldstad.nl"),
    trust="Scan niet. Typ zelf stem.voorbeeldstad.nl/echt, of bel 14 0123. Wij vragen nooit DigiD, BSN, geld "
    "of uw naam. Zet geen foto van deze brief op internet.",
    signatories=(("Fatima el Amrani", "bewonersgroep"), ("Jan-Willem de Groot", "bewonersgroep")),
    definition_hash="3f9a0c7712de45b8a1c09e6b7742ff01" * 2,
    privacy="Wij gebruikten alleen uw adres. Meer leest u op stem.voorbeeldstad.nl/privacy.",
    languages=(
        Line("en", "ltr", "Read this in English: stem.voorbeeldstad.nl/en"),
        Line("tr", "ltr", "Türkçe okuyun: stem.voorbeeldstad.nl/tr"),
        Line("ar", "rtl", "اقرأ بالعربية: stem.voorbeeldstad.nl/ar"),
        Line("pl", "ltr", "Po polsku: stem.voorbeeldstad.nl/pl"),
        Line("uk", "ltr", "Українською: stem.voorbeeldstad.nl/uk"),
        Line("so", "ltr", "Af Soomaali: stem.voorbeeldstad.nl/so"),
    ),
)

PARAGRAPH = (
    "Bewoners van de Rivierenbuurt en de winkeliers aan de Amsterdamsestraatweg hebben samen een plan "
    "gemaakt om het Burgemeester van Tuyllplein opnieuw in te richten, met bomen, banken, een speeltuin en "
    "een plek voor de markt, zodat ook ouderen er kunnen zitten."
)
LONGEST = replace(
    CONTENT,
    accent="#ffcc00",
    subject="Stem mee over de nieuwe inrichting van het Burgemeester van Tuyllplein en de markt",
    opening=(PARAGRAPH, PARAGRAPH, PARAGRAPH[:200]),
    question="Vindt u dat het Burgemeester van Tuyllplein opnieuw moet worden ingericht met twaalf bomen, "
    "zes banken, een speeltuin voor kinderen tot twaalf jaar en een vaste plek voor de weekmarkt, ook als er "
    "daardoor veertien parkeerplaatsen verdwijnen?",
    options=("Voor, zoals in het plan", "Tegen, laat het zo", "Blanco"),
    closes="tot en met woensdag 30 september 2026, 24.00 uur",
    base="https://raadpleging.stem.alphenaandenrijn-voorbeeld.nl",
    type_at="raadpleging.stem.alphenaandenrijn-voorbeeld.nl/s",
    privacy=CONTENT.privacy + " De koppeling tussen adres en brief wissen wij na de klachtentermijn.",
    languages=(*CONTENT.languages, Line("fa", "rtl", "به فارسی: stem.voorbeeldstad.nl/fa")),
)

PLAIN = Envelope(412, ("Merwedeplein 12", "5678 CD  VOORBEELDSTAD"), "7KQ29BZ5M3XW8TDR4HJ6")
LONG_ADDRESS = Envelope(
    123456,
    (
        "Bewonersvereniging De Oude Gasfabriek, kamer 112",
        "Burgemeester Jonkheer van Nispen tot Sevenaerstraatweg-Zuidzijde 1234B-3hoog",
        "Gebouw C",
        "2400 AA  ALPHEN AAN DEN RIJN-BUITENGEBIED",
    ),
    "8B5S2ZQ0D1G6C70K4AX9",
)
OTHER = Envelope(413, ("Bornsesteeg 1-5A3", "6049 HD  HERTEN"), "0123456789ABCDEFGHJK")


@dataclass(frozen=True)
class Page:
    """What stands on one page: its text, the QR code a reader finds on it, and where everything is."""

    text: str
    qr: str
    qr_box: Box
    pieces: tuple[tuple[str, Box], ...]
    sizes: tuple[tuple[str, float], ...]

    def where(self, words: str) -> Box:
        """The box of the first piece of text that holds `words`."""
        return next(box for text, box in self.pieces if words in text)


def read(pdf: bytes) -> list[Page]:
    return [_read_page(page) for page in pypdfium2.PdfDocument(pdf)]


def _read_page(page: Any) -> Page:
    bitmap = page.render(scale=DPI / 72, grayscale=True)
    grey = memoryview(bytes(bitmap.buffer)).cast("B", (bitmap.height, bitmap.stride))
    (found,) = zxingcpp.read_barcodes(grey)
    first, last, px = found.position.top_left, found.position.bottom_right, 25.4 / DPI
    words, high = page.get_textpage(), page.get_height()
    pieces = []
    for index in range(words.count_rects()):
        left, bottom, right, top = words.get_rect(index)
        box = Box(left / MM, (high - top) / MM, right / MM, (high - bottom) / MM)
        pieces.append((words.get_text_bounded(left, bottom, right, top), box))
    sizes = [
        (words.get_text_range(index, 1), pypdfium2.raw.FPDFText_GetFontSize(words.raw, index))
        for index in range(words.count_chars())
    ]
    qr_box = Box(first.x * px, first.y * px, last.x * px, last.y * px)
    return Page(words.get_text_range(), found.text, qr_box, tuple(pieces), tuple(sizes))


def shrunk(box: Box, by: float = 0.5) -> Box:
    return Box(box.left + by, box.top + by, box.right - by, box.bottom - by)


def flat(text: str) -> str:
    return " ".join(text.replace("\ufffe", "").split())


Printed = tuple[LetterContent, list[Envelope], list[Page], Profile]


@pytest.fixture(scope="module", params=[(text, key) for key in PROFILES for text in ("usual", "longest")])
def printed(request: pytest.FixtureRequest) -> Printed:
    content = CONTENT if request.param[0] == "usual" else LONGEST
    envelopes, profile = [OTHER, PLAIN, LONG_ADDRESS], PROFILES[request.param[1]]
    return content, envelopes, read(letters(content, envelopes, moment=MOMENT, profile=profile)), profile


def test_one_page_a_letter_in_the_order_given(
    printed: Printed,
) -> None:
    _, envelopes, pages, _ = printed
    assert len(pages) == len(envelopes)
    for envelope, page in zip(envelopes, pages, strict=True):
        assert f"Brief {envelope.serial}" in page.text
        for line in envelope.address:
            assert flat(line) in flat(page.text)


def test_the_qr_read_off_the_page_leads_to_the_booth_with_the_code(
    printed: Printed,
) -> None:
    content, envelopes, pages, _ = printed
    for envelope, page in zip(envelopes, pages, strict=True):
        assert page.qr == f"{content.base}/s#{envelope.code}"


def test_the_code_to_type_stands_in_five_groups_of_four_at_14_points_or_more(
    printed: Printed,
) -> None:
    _, envelopes, pages, _ = printed
    for envelope, page in zip(envelopes, pages, strict=True):
        parts = groups(envelope.code)
        assert [len(part) for part in parts] == [4] * 5
        assert " ".join(parts) in flat(page.text)
        letters_only = "".join(sign for sign, _ in page.sizes)
        start = letters_only.index(parts[0])
        assert min(size for sign, size in page.sizes[start : start + 20]) >= 14


def test_everything_the_letter_says_is_on_its_page(
    printed: Printed,
) -> None:
    content, _, pages, _ = printed
    said = [
        content.subject,
        *content.opening,
        content.question,
        *content.options,
        content.closes,
        content.type_at,
        content.one_vote,
        content.secrecy,
        content.lost,
        content.trust,
        content.privacy,
        content.addressee,
        *(part for name_and_role in content.signatories for part in name_and_role),
        *(line.text for line in content.languages if line.direction == "ltr"),
        " ".join(groups(content.definition_hash)),
    ]
    for page in pages:
        for text in said:
            assert flat(text) in flat(page.text)


def test_no_two_texts_overlap_and_all_stay_on_the_sheet(
    printed: Printed,
) -> None:
    _, _, pages, _ = printed
    for page in pages:
        latin = [(text, box) for text, box in page.pieces if text.strip() and max(text) < "\u0590"]
        for (one, a), (other, b) in combinations(latin, 2):
            assert not shrunk(a).touches(b), (one, other)
        for text, box in latin:
            assert box.left > 8, text
            assert box.right < 202, text
            assert box.top > 8, text
            assert box.bottom < 290, text
            assert not box.touches(page.qr_box), text


def test_no_envelope_shows_the_code_or_the_qr(
    printed: Printed,
) -> None:
    _, envelopes, pages, profile = printed
    for envelope, page in zip(envelopes, pages, strict=True):
        assert not page.qr_box.touches(profile.ever)
        for group in groups(envelope.code):
            assert not page.where(group).touches(profile.ever)


def test_every_envelope_shows_the_whole_address_wherever_the_sheet_slides(
    printed: Printed,
) -> None:
    content, envelopes, pages, profile = printed
    for envelope, page in zip(envelopes, pages, strict=True):
        for words in [
            content.addressee,
            *(line.split()[0] for line in envelope.address),
            f"{envelope.serial}",
        ]:
            box = page.where(words)
            assert profile.always.holds(box)


def test_the_qr_is_coarse_enough_and_off_every_fold(
    printed: Printed,
) -> None:
    content, envelopes, pages, profile = printed
    for envelope, page in zip(envelopes, pages, strict=True):
        modules = len(qr.matrix(f"{content.base}/s#{envelope.code}")) - 2 * qr.QUIET
        module = (page.qr_box.right - page.qr_box.left) / modules
        assert module >= SMALLEST_MODULE
        quiet = qr.QUIET * module
        for fold in (*profile.folds, 297 / 2):
            assert not page.qr_box.top - quiet <= fold <= page.qr_box.bottom + quiet


def test_the_same_letters_give_the_same_bytes_whatever_the_clock_says() -> None:
    once = letters(CONTENT, [PLAIN, OTHER], moment=MOMENT)
    assert letters(CONTENT, iter([PLAIN, OTHER]), moment=MOMENT) == once
    assert letters(CONTENT, [OTHER, PLAIN], moment=MOMENT) != once


def test_a_screen_reader_finds_language_title_headings_and_the_words_for_the_qr() -> None:
    document = pypdf.PdfReader(io.BytesIO(letters(CONTENT, [PLAIN, OTHER], moment=MOMENT)))
    root: Any = document.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "nl"
    assert document.metadata is not None
    assert document.metadata.title == f"{CONTENT.subject} – {CONTENT.town}"
    roles: list[str] = []
    words: list[str] = []

    def walk(element: Any) -> None:
        element = element.get_object()
        if isinstance(element, list):
            for child in element:
                walk(child)
        elif isinstance(element, dict):
            roles.append(str(element.get("/S")))
            words.append(str(element.get("/Alt", "")))
            walk(element.get("/K", []))

    walk(root["/StructTreeRoot"]["/K"])
    assert roles.count("/H1") == 2
    assert roles.count("/Figure") == 2
    assert words.count(LABELS["qr"]) == 2


def test_the_pdf_declares_ua_and_a_and_brings_its_own_fonts() -> None:
    pdf = letters(LONGEST, [LONG_ADDRESS], moment=MOMENT)
    document = pypdf.PdfReader(io.BytesIO(pdf))
    xmp = document.trailer["/Root"]["/Metadata"].get_data().decode()  # type: ignore[index]
    assert "<pdfuaid:part>1</pdfuaid:part>" in xmp
    assert "<pdfaid:part>2</pdfaid:part>" in xmp
    fonts: Any = document.pages[0]["/Resources"]["/Font"]  # type: ignore[index]
    names = set()
    for font in fonts.values():
        descendant = font.get_object()["/DescendantFonts"][0].get_object()
        assert {"/FontFile2", "/FontFile3"} & set(descendant["/FontDescriptor"].get_object())
        names.add(str(descendant["/BaseFont"]).partition("+")[2])
    assert names == {"FiraGO-Regular", "FiraGO-Bold", "FiraMono-Regular", "FiraMono-Bold"}


def test_a_secret_code_never_touches_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    real, seen = typst.compile, []

    def spy(*args: Any, **kwargs: Any) -> bytes:
        assert PLAIN.code[:4] in kwargs["sys_inputs"]["data"]
        pdf = real(*args, **kwargs)
        for path in tmp_path.rglob("*"):
            seen.append(path)
            assert path.stat().st_mode & 0o077 == 0
            assert path.is_dir() or path.suffix == ".ttf"
        assert isinstance(pdf, bytes)
        return pdf

    monkeypatch.setattr(typst, "compile", spy)
    letters(CONTENT, [PLAIN], moment=MOMENT)
    assert seen
    assert not list(tmp_path.iterdir())
    monkeypatch.setattr(typst, "compile", real)
    with pytest.raises(TextTooLong):
        letters(replace(CONTENT, opening=(PARAGRAPH,) * 9), [PLAIN], moment=MOMENT)
    assert not list(tmp_path.iterdir())


def test_a_proof_carries_a_dead_code_and_says_so() -> None:
    pdf = letters(replace(CONTENT, specimen=True), [PLAIN], moment=MOMENT)
    (page,) = read(pdf)
    assert page.qr == f"{CONTENT.base}/s#{SPECIMEN_CODE}"
    assert " ".join(groups(SPECIMEN_CODE)) in flat(page.text)
    assert PLAIN.code[:4] not in page.text
    assert "PROEF" in page.text
    assert str(pypdf.PdfReader(io.BytesIO(pdf)).metadata.title).endswith("PROEF")  # type: ignore[union-attr]


def test_the_logo_of_the_town_takes_the_place_of_its_name() -> None:
    logo = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 10"><rect width="40" height="10"/></svg>'
    plain = letters(CONTENT, [PLAIN], moment=MOMENT)
    with_logo = letters(replace(CONTENT, logo=logo), [PLAIN], moment=MOMENT)
    assert read(plain)[0].text.count(CONTENT.town) == read(with_logo)[0].text.count(CONTENT.town) + 1


def test_every_fixed_word_comes_from_the_labels() -> None:
    labels = {key: f"«{key}»" for key in LABELS}
    (page,) = read(letters(CONTENT, [PLAIN], moment=MOMENT, labels=labels))
    for key, word in LABELS.items():
        assert word not in page.text
        assert key in ("qr", "specimen") or f"«{key}»" in page.text


@pytest.mark.parametrize(
    ("content", "envelope", "refusal"),
    [
        (replace(CONTENT, opening=(PARAGRAPH,) * 9), PLAIN, TextTooLong),
        (replace(CONTENT, question=PARAGRAPH * 4), PLAIN, TextTooLong),
        (replace(CONTENT, lost=PARAGRAPH * 4), PLAIN, TextTooLong),
        (replace(CONTENT, trust=PARAGRAPH * 4), PLAIN, TextTooLong),
        (replace(CONTENT, one_vote=PARAGRAPH * 2), PLAIN, TextTooLong),
        (CONTENT, replace(PLAIN, address=(PARAGRAPH, PARAGRAPH)), AddressTooLong),
        (replace(CONTENT, base="https://" + "stem." * 20 + "nl"), PLAIN, HostTooLong),
        (replace(CONTENT, languages=(Line("bo", "ltr", "བོད་སྐད་"),)), PLAIN, SignMissing),
    ],
)
def test_what_does_not_fit_is_refused_in_words(
    content: LetterContent, envelope: Envelope, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal) as caught:
        letters(content, [envelope], moment=MOMENT)
    assert envelope.code not in str(caught.value)


def test_no_letters_no_pdf() -> None:
    with pytest.raises(NothingToPrint):
        letters(CONTENT, [], moment=MOMENT)


@pytest.mark.parametrize("code", ["", "7KQ2", "7KQ29BZ5M3XW8TDR4HJI", "7kq29bz5m3xw8tdr4hj6"])
def test_only_a_code_as_minted_is_printed(code: str) -> None:
    with pytest.raises(ValueError, match="letter 412"):
        letters(CONTENT, [replace(PLAIN, code=code)], moment=MOMENT)


def test_templates_fetch_nothing() -> None:
    sources = [path.read_text() for path in TEMPLATES.glob("*.typ")]
    assert sources
    assert not any('"@' in source for source in sources)


def test_a_template_that_is_missing_or_lacks_data_is_named() -> None:
    with pytest.raises(TypesetError, match="no template pigeon"):
        typeset("pigeon", {}, moment=MOMENT)
    with pytest.raises(TypesetError, match="letter: "):
        typeset("letter", {}, moment=MOMENT)


REPORT = {
    "title": "Speeltuin Merwedeplein",
    "subtitle": "18 mei tot en met 14 juni 2026",
    "town": "Gemeente Voorbeeldstad",
    "accent": "#00695c",
    "sections": [
        {
            "heading": "Uitslag",
            "paragraphs": ["Er zijn 561 brieven gebruikt."],
            "facts": [["Verstuurd", "1.204"]],
            "table": {
                "columns": ["Wat", "Aantal"],
                "rows": [["Voor", "412"], ["Tegen", "133"]],
                "numeric": [1],
            },
            "chart": [
                {"label": "Voor", "value": 412, "display": "412"},
                {"label": "Tegen", "value": 0, "display": "0"},
            ],
        },
        {"heading": "Leeg", "paragraphs": [], "facts": [], "table": None, "chart": None},
        {"heading": "Lijst", "table": {"columns": ["A", "B"], "rows": [["x", "y"]] * 80, "numeric": []}},
        {"heading": "Niets geteld", "chart": [{"label": "Voor", "value": 0, "display": "0"}]},
    ],
}
VOUCHER = {
    "title": "Waardebon",
    "number": "W-2026-0042",
    "town": "Gemeente Voorbeeldstad",
    "accent": "#00695c",
    "plan": "Een speeltuin op het Merwedeplein",
    "initiator": "Aisha Bouzid",
    "amount": "€ 12.500",
    "redeem": "Verzilveren: één keer, in één bedrag",
    "facts": [["Toegekend", "22 juni 2026"], ["Verleend", "29 juni 2026, kenmerk Z-2026-118834"]],
    "objection": {"heading": "Niet eens met dit besluit?", "text": "U kunt binnen zes weken bezwaar maken."},
    "contact": ["14 0123"],
    "qr": qr.svg("https://stem.voorbeeldstad.nl/bon/abc.def"),
    "labels": {"number": "Nummer", "initiator": "Voor", "amount": "Waarde", "qr": "QR-code", "scan": "Scan"},
}


@pytest.mark.parametrize(("template", "data", "pages"), [("voucher", VOUCHER, 1), ("report", REPORT, 4)])
def test_the_other_pages_are_tagged_and_the_same_every_time(
    template: str, data: dict[str, object], pages: int
) -> None:
    pdf = typeset(template, data, moment=MOMENT)
    assert typeset(template, data, moment=MOMENT) == pdf
    document = pypdf.PdfReader(io.BytesIO(pdf))
    assert len(document.pages) == pages
    root: Any = document.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "nl"
    assert "/StructTreeRoot" in root
    text = flat("".join(page.extract_text() for page in document.pages))
    assert str(data["title"]) in text


def test_the_qr_of_a_voucher_is_read_off_the_page() -> None:
    (page,) = read(typeset("voucher", VOUCHER, moment=MOMENT))
    assert page.qr == "https://stem.voorbeeldstad.nl/bon/abc.def"
    assert "€ 12.500" in flat(page.text)
