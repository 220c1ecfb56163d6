"""Letters as PDF: one page an envelope, in the order given, all the same but for who and which code.

One compile makes one PDF, so that tags and bytes stay as the typesetter wrote them. It takes some 6 ms and
0.7 MB of memory a letter: hand over more than `BATCH` in batches.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from types import MappingProxyType

from ballots import codes, qr
from ballots.envelopes import DL_LEFT, Profile
from ballots.refusals import Refusal
from ballots.typeset import TypesetError, typeset
from ballots.words import N_

BATCH = 500
"""Letters a print shop takes in one go, and a small server makes in 4 s and 0.4 GB."""

SMALLEST_MODULE = 0.75
"""Millimetres: below this a telephone of ten years old has trouble."""

SPECIMEN_CODE = codes.dead(codes.PROOF, 0)
"""What a proof prints instead of a code, so that no living code can stand on one."""

LABELS: Mapping[str, str] = MappingProxyType(
    {
        "serial": N_("Brief"),
        "date": N_("Datum"),
        "contact": N_("Vragen?"),
        "secrecy": N_("Uw stem is geheim"),
        "lost": N_("Brief kwijt?"),
        "hash": N_("Controlegetal"),
        "regards": N_("Met vriendelijke groet,"),
        "question": N_("De vraag"),
        "closes": N_("Stemmen kan"),
        "how": N_("Zo stemt u"),
        "scan": N_("Scan de QR-code met de camera van uw telefoon."),
        "type": N_("Of ga naar"),
        "enter": N_("en typ daar uw code:"),
        "hint": N_("De code heeft geen letters I, L, O en U: een rondje is een nul, een streepje een één."),
        "qr": N_("QR-code met uw persoonlijke link om te stemmen. Dezelfde code staat ernaast in letters."),
        "trust": N_("Vertrouwt u dit niet?"),
        "specimen": N_("PROEF"),
    }
)
"""The fixed words of the page, in Dutch; a caller may hand in a translation."""


class NothingToPrint(Refusal):
    text = N_("Er zijn geen brieven om te drukken.")


class TextTooLong(Refusal):
    text = N_(
        "De brief past niet op één bladzijde. Maak de inleiding, de vraag of de regels eromheen korter."
    )


class BackTooLong(Refusal):
    text = N_("De tweede taal past niet op de achterkant. Maak die tekst korter.")


class AddressTooLong(Refusal):
    text = N_("Het adres van brief %(serial)s past niet in het venster van de envelop. Kort een regel in.")


class HostTooLong(Refusal):
    text = N_("Het webadres %(base)s is te lang: de QR-code wordt te fijn voor oude telefoons.")


class SignMissing(Refusal):
    text = N_("De drukletter heeft dit teken niet: %(sign)s. Schrijf het anders of laat die regel weg.")


@dataclass(frozen=True)
class Line:
    """A line in another language: its code ("ar") and which way it runs ("ltr" or "rtl")."""

    language: str
    direction: str
    text: str


@dataclass(frozen=True)
class Back:
    """The back of the sheet: the letter once more in a second language."""

    language: str
    direction: str
    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class LetterContent:
    """Everything a letter says, but for the fixed words in `LABELS`."""

    town: str
    accent: str
    sender: tuple[str, ...]
    return_line: str
    date: str
    subject: str
    opening: tuple[str, ...]
    question: str
    options: tuple[str, ...]
    closes: str
    base: str
    type_at: str
    one_vote: str
    secrecy: str
    lost: str
    contact: tuple[str, ...]
    trust: str
    signatories: tuple[tuple[str, str], ...]
    definition_hash: str
    privacy: str
    languages: tuple[Line, ...] = ()
    back: Back | None = None
    paper: str = ""
    addressee: str = N_("Aan de bewoners van")
    logo: str | None = None
    specimen: bool = False


@dataclass(frozen=True)
class Envelope:
    """One letter: its serial (or a name of its own), the lines of its address, and the twenty symbols of its code."""

    serial: int | str
    address: tuple[str, ...]
    code: str


def letters(
    content: LetterContent,
    envelopes: Iterable[Envelope],
    *,
    moment: datetime,
    labels: Mapping[str, str] = LABELS,
    profile: Profile = DL_LEFT,
) -> bytes:
    """Return one PDF, a sheet for each of `envelopes`: the same bytes for the same letters and `moment`.

    A sheet is one page, or two where the content has a back.
    """
    sheets = [_page(content, envelope, profile) for envelope in envelopes]
    if not sheets:
        raise NothingToPrint
    data = {
        "content": asdict(content),
        "labels": dict(labels),
        "profile": geometry(profile),
        "hash": _rows(content.definition_hash),
        "letters": sheets,
    }
    try:
        pdf = typeset("letter", data, moment=moment, of_the_system=True)
    except TypesetError as error:
        raise refusal(error) from None
    if (count := pages(pdf)) != len(sheets) * (2 if content.back else 1):
        raise TypesetError(f"{len(sheets)} letters took {count} pages")
    return pdf


def geometry(profile: Profile) -> dict[str, object]:
    """Return an envelope as the templates know it, in millimetres."""
    return {
        **asdict(profile),
        "ever": asdict(profile.ever),
        "always": asdict(profile.always),
        "right": profile.on_the_right,
    }


def groups(code: str) -> list[str]:
    """Return `code` in groups of four, as a hand copies it."""
    return [code[start : start + 4] for start in range(0, len(code), 4)]


def _page(content: LetterContent, envelope: Envelope, profile: Profile) -> dict[str, object]:
    """What one letter has for itself alone."""
    code = SPECIMEN_CODE if content.specimen and not codes.is_dead(envelope.code) else envelope.code
    if not re.fullmatch("[0-9A-HJKMNP-TV-Z]{20}", code):
        raise ValueError(f"letter {envelope.serial} has no code of twenty symbols")
    if not 2 <= len(envelope.address) <= 4:
        raise ValueError(f"the address of letter {envelope.serial} has {len(envelope.address)} lines")
    modules = qr.matrix(f"{content.base}/s#{code}")
    if profile.qr / len(modules) < SMALLEST_MODULE:
        raise HostTooLong(base=content.base)
    return {
        "serial": str(envelope.serial),
        "address": envelope.address,
        "code": groups(code),
        "qr": qr.draw(modules),
    }


def refusal(error: TypesetError) -> Exception:
    """What the typesetter's complaint means to the office; an unknown one stays what it is."""
    said = str(error)
    if found := re.search(r"overfull: address (\d+)", said):
        return AddressTooLong(serial=found[1])
    if "overfull: back" in said:
        return BackTooLong()
    if "overfull:" in said:
        return TextTooLong()
    if found := re.search(r'the text `"(.+?)"` could not be displayed', said):
        return SignMissing(sign=found[1])
    return error


def _rows(definition_hash: str) -> list[str]:
    """The hash in groups of four, four groups a line."""
    parts = groups("".join(definition_hash.split()))
    return [" ".join(parts[start : start + 4]) for start in range(0, len(parts), 4)]


def pages(pdf: bytes) -> int:
    """How many pages the PDF says it has."""
    return max(int(count) for count in re.findall(rb"/Type\s*/Pages[^>]*?/Count (\d+)", pdf))
