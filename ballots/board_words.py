"""Counter: the board in words: what each file is, what a record tells, what came on the board when."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext, ngettext

from ballots.published import Event
from ballots.record import Kind, Record


@dataclass(frozen=True)
class Told:
    """A record as a page tells it: what happened, why, and when."""

    number: int
    what: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class Entry:
    """One entry of the feed."""

    number: int
    at: datetime
    title: str
    text: str


def told(record: Record) -> Told:
    """Return a record in words."""
    return Told(record.number, _what(record), record.reason, record.at)


def _what(record: Record) -> str:
    letters = record.facts.get("letters")
    count = len(letters) if isinstance(letters, list) else 0
    match record.kind:
        case Kind.VOID:
            return ngettext(
                "%(num)d brief is ongeldig gemaakt", "%(num)d brieven zijn ongeldig gemaakt", count
            )
        case Kind.REPLACE:
            return ngettext(
                "%(num)d brief is vervangen door een nieuwe",
                "%(num)d brieven zijn vervangen door nieuwe",
                count,
            )
        case Kind.ADD:
            return ngettext(
                "%(num)d brief is toegevoegd voor een vergeten adres",
                "%(num)d brieven zijn toegevoegd voor vergeten adressen",
                count,
            )
        case Kind.LENGTHEN:
            return gettext("Er kan langer worden gestemd: %(closes)s", closes=record.facts["closes_text"])
        case Kind.WITHDRAW:
            return gettext("De stemming is ingetrokken")
        case Kind.RESTART:
            return gettext("De stemming is gestopt en begint opnieuw")
        case Kind.CONTEST:
            return ngettext(
                "Van %(num)d gebruikte brief zegt het adres dat het niet stemde",
                "Van %(num)d gebruikte brieven zegt het adres dat het niet stemde",
                count,
            )
        case Kind.RESTORED:
            return gettext(
                "Er is een reservekopie teruggezet; gebruikte brieven die ontbreken: %(missing)s",
                missing=record.facts["missing"],
            )


def event(came: Event) -> Entry:
    """Return what came on the board in words."""
    size = ngettext("%(num)d stem op het stembord", "%(num)d stemmen op het stembord", came.size)
    if came.told is None:
        return Entry(came.number, came.at, gettext("Controlepunt %(n)s", n=came.number), size)
    return Entry(came.number, came.at, _what(came.told), f"{came.told.reason} ({size})")


def file(name: str) -> str:
    """Return what a file of the bundle is, in a few words."""
    known = {
        "narekenen.py": gettext("het programma dat alles natelt"),
        "definition.json": gettext("wat is vastgezet: de vraag, de regels en de brieven"),
        "definition.sha256": gettext("het controlegetal daarvan"),
        "letters.json": gettext("hoeveel brieven er zijn en wat ermee gebeurde"),
        "records.json": gettext("wat er na het vastzetten veranderde"),
        "checkpoints.json": gettext("alle ondertekende controlepunten"),
        "commitments.csv": gettext("alle stemmen, verzegeld, in de volgorde van het bord"),
        "openings.csv": gettext("alle stemmen, geopend, met hun controlecode"),
        "redemptions.csv": gettext("de bewijzen van de gebruikte brieven"),
        "outcome.json": gettext("de uitslag met alle stappen van de telling"),
        "manifest.json": gettext("de lijst van alle bestanden, met hun vingerafdruk"),
        "manifest.sig": gettext("de handtekening onder die lijst"),
        "lots.json": gettext("de lotingen"),
        "paper.csv": gettext("hoe vaak elke keuze op papier stond"),
    }
    return known.get(name) or gettext("de stemmen in het formaat van Pabulib")
