"""Keys on paper as PDF: the three parts of the key that counts, and the sealed copy of the key that mixes.

A sheet must never fail to print, so a sign that the fonts lack is printed as a question mark and a title that
is too long is cut short. As with letters, nothing of it touches the disk.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from types import MappingProxyType

from ballots import qr, shares
from ballots.shares import PLACES, Share
from ballots.typeset import typeset_record
from ballots.words import N_

LONGEST_TITLE = 150  # characters

LABELS: Mapping[str, str] = MappingProxyType(
    {
        "secret": N_("GEHEIM"),
        "poll": N_("Voor de stemming"),
        "closes": N_("Stemmen kan"),
        "what": N_("Wat is dit?"),
        "qr": N_("QR-code met de tekens van dit blad. Dezelfde tekens staan eronder in groepjes."),
        "hint": N_(
            "Er zijn geen letters I, L, O en U: een rondje is een nul, een streepje een één. "
            "Het kleine cijfer telt de groepjes."
        ),
        "share": N_("Telsleutel, deel %(part)s van 3"),
        "share_what": N_(
            "Met de telsleutel gaat de stembus open als de stemming voorbij is. Daarvóór kan niemand tellen.\n"
            "De sleutel is in drie delen gesplitst. Twee van de drie zijn nodig om te tellen. "
            "Met één deel kan niemand iets."
        ),
        "share_keep_head": N_("Zo bewaart u dit blad"),
        "share_keep": N_(
            "Bewaar de drie delen apart, bij drie verschillende mensen.\n"
            "Laat dit blad aan niemand zien. Maak geen foto en geen kopie.\n"
            "Breng het mee naar de proef, en als de stemming voorbij is. U scant het dan, of u typt de tekens over.\n"
            "Versnipper het als de uitslag bekend is."
        ),
        "share_then_head": N_("Kwijt?"),
        "share_then": N_(
            "Eén deel kwijt is niet erg: met de andere twee kan er worden geteld. Meld het wel meteen.\n"
            "Twee delen kwijt: dan kan niemand meer tellen. Alle stemmen zijn dan verloren."
        ),
        "share_fields": N_("Bewaard door\nOntvangen op\nHandtekening"),
        "mix": N_("Mengsleutel"),
        "mix_what": N_(
            "Met de mengsleutel gooit de computer de stemmen door elkaar, zodat niemand kan zien welke stem bij "
            "welke brief hoort. Dit is de enige kopie.\n"
            "Wie deze sleutel heeft, en oude kopieën van de stembus, kan nagaan wat er met een brief is gestemd. "
            "Niemand mag hem dus zien."
        ),
        "mix_keep_head": N_("Meteen in de envelop"),
        "mix_keep": N_(
            "Vouw dit blad dicht, met de tekst naar binnen. "
            "Doe het in een envelop waar u niet doorheen kunt kijken.\n"
            "Plak de envelop dicht. Zet met twee mensen een handtekening over de sluiting, en de datum.\n"
            "Schrijf op de envelop: Mengsleutel, en voor welke stemming.\n"
            "Bewaar hem in een kluis, niet bij de computer en niet bij de reservekopieën."
        ),
        "mix_then_head": N_("Daarna"),
        "mix_then": N_(
            "Open de envelop alleen als de computer de sleutel kwijt is. Doe dat met twee mensen. "
            "Zonder sleutel kan niemand stemmen.\n"
            "Is er geteld en nagerekend? Dan wordt de sleutel op de computer vernietigd. "
            "Versnipper dan ook dit blad, in de dichte envelop."
        ),
        "mix_fields": N_("Verzegeld door\nEn door\nOp"),
    }
)
"""The words of the page, in Dutch; a caller may hand in a translation. A line end parts paragraphs and points."""


@dataclass(frozen=True)
class SheetContent:
    """Whose poll it is: who holds it, in what colour, its title, and until when one can vote ("tot en met …")."""

    town: str
    accent: str
    title: str
    closes: str
    logo: str | None = None


def share_sheets(
    content: SheetContent,
    poll: bytes,
    parts: Iterable[Share],
    *,
    moment: datetime,
    labels: Mapping[str, str] = LABELS,
) -> bytes:
    """Return one PDF, a page for each of these parts of the key that counts."""
    sheets = [
        _sheet("share", labels, shares.text(poll, part), labels["share"] % {"part": part.x}, part.x)
        for part in parts
    ]
    return _pdf(content, sheets, moment, labels)


def mix_sheet(
    content: SheetContent,
    poll: bytes,
    secret: bytes,
    *,
    moment: datetime,
    labels: Mapping[str, str] = LABELS,
) -> bytes:
    """Return a PDF of one page: the copy of the key that mixes (32 bytes), for a sealed envelope."""
    return _pdf(
        content, [_sheet("mix", labels, shares.mix_text(poll, secret), labels["mix"])], moment, labels
    )


def _sheet(kind: str, labels: Mapping[str, str], text: str, name: str, part: int = 0) -> dict[str, object]:
    """What one page has for itself alone."""
    groups = text.split()
    return {
        "name": name,
        "part": part,
        "parts": len(PLACES) if part else 0,
        "groups": groups,
        "qr": qr.svg("".join(groups)),
        "keep_head": labels[f"{kind}_keep_head"],
        "then_head": labels[f"{kind}_then_head"],
        **{each: labels[f"{kind}_{each}"].split("\n") for each in ("what", "keep", "then", "fields")},
    }


def _pdf(
    content: SheetContent, sheets: Sequence[Mapping[str, object]], moment: datetime, labels: Mapping[str, str]
) -> bytes:
    title = content.title if len(content.title) <= LONGEST_TITLE else content.title[: LONGEST_TITLE - 1] + "…"
    data = {
        "content": asdict(replace(content, title=title)),
        "labels": dict(labels),
        "title": " · ".join(str(sheet["name"]) for sheet in sheets),
        "sheets": sheets,
    }
    return typeset_record("keysheet", data, moment=moment)
