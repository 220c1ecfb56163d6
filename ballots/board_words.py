"""The board in words, for pages and papers: what changed after the freeze and what it may mean, what each file is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext, ngettext

from ballots import polls, published, records
from ballots.counting.contested import could_change
from ballots.database import AnySession
from ballots.figures import closing
from ballots.models import Poll
from ballots.published import Event
from ballots.record import Kind, Record
from ballots.terms import terms


@dataclass(frozen=True)
class Told:
    """A record as people read it: what was done, why, when, and by how many people."""

    what: str
    reason: str
    at: datetime
    people: int


@dataclass(frozen=True)
class Entry:
    """One entry of the feed."""

    number: int
    at: datetime
    title: str
    text: str


def told(session: AnySession, poll: Poll) -> list[Told]:
    """Return what changed after the freeze, oldest first."""
    there = published.records_of(session, poll)
    return [Told(_what(each), each.reason, each.at, each.people) for each in there]


def doubts(session: AnySession, poll: Poll, first: int | None = None) -> list[str]:
    """Return what is to be said of contested votes beside the outcome of a closed poll; nothing without any.

    `first`: only of the outcome of so many questions from the first, where the others decide nothing.
    """
    contested = len(records.standing(session, poll).contested)
    if not contested:
        return []
    said = [
        ngettext(
            "Bij %(num)s gebruikte brief zegt het adres dat het niet stemde.",
            "Bij %(num)s gebruikte brieven zegt het adres dat het niet stemde.",
            contested,
        )
    ]
    frozen, outcomes = terms(poll), polls.outcomes(session, poll)
    judged = [
        could_change(question, rule, outcome, contested)
        for question, rule, outcome in zip(frozen.questions, frozen.rules, outcomes, strict=True)
    ][:first]
    return said + _judged(judged)


def _judged(judged: Sequence[bool]) -> list[str]:
    if not any(judged):
        return [gettext("Dat kan de uitslag niet veranderen.")]
    if all(judged):
        return [gettext("Dat kan gevolgen hebben voor de uitslag.")]
    numbers = ", ".join(str(number) for number, could in enumerate(judged, 1) if could)
    return [gettext("Dat kan gevolgen hebben voor de uitslag van vraag %(numbers)s.", numbers=numbers)]


def _what(record: Record) -> str:
    letters = record.facts.get("letters")
    number = len(letters) if isinstance(letters, list) else 0
    match record.kind:
        case Kind.VOID:
            return ngettext(
                "%(num)s brief is ongeldig gemaakt.", "%(num)s brieven zijn ongeldig gemaakt.", number
            )
        case Kind.REPLACE:
            return ngettext(
                "%(num)s brief is vervangen door een nieuwe.",
                "%(num)s brieven zijn vervangen door nieuwe.",
                number,
            )
        case Kind.ADD:
            return ngettext("%(num)s brief is toegevoegd.", "%(num)s brieven zijn toegevoegd.", number)
        case Kind.LENGTHEN:
            return gettext("De stemming is verlengd: %(closes)s.", closes=_closing(record))
        case Kind.WITHDRAW:
            return gettext("De stemming is ingetrokken.")
        case Kind.RESTART:
            return gettext("De stemming is gestopt en begint opnieuw.")
        case Kind.CONTEST:
            return ngettext(
                "Met %(num)s brief is gestemd, maar het adres zegt dat het niet stemde.",
                "Met %(num)s brieven is gestemd, maar de adressen zeggen dat zij niet stemden.",
                number,
            )
        case Kind.RESTORED:
            missing = record.facts["missing"]
            assert isinstance(missing, int)
            return ngettext(
                "Er is een reservekopie teruggezet. Daarin ontbrak %(num)s gebruikte brief.",
                "Er is een reservekopie teruggezet. Daarin ontbraken %(num)s gebruikte brieven.",
                missing,
            )


def _closing(record: Record) -> str:
    said, closes = str(record.facts["closes_text"]), datetime.fromisoformat(str(record.facts["closes"]))
    return closing(said, closes)


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
