"""What pages and papers tell of what changed after the freeze, in words, and of what contested votes may mean."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext, ngettext
from sqlalchemy import select

from ballots import polls, records
from ballots.counting.contested import could_change
from ballots.database import AnySession
from ballots.models import Poll
from ballots.models import Record as Row
from ballots.record import Kind, Record, decode
from ballots.terms import terms


@dataclass(frozen=True)
class Told:
    """A record as people read it: when, what was done, why, and by how many people."""

    at: datetime
    what: str
    reason: str
    people: int


def of(session: AnySession, poll: Poll) -> list[Told]:
    """Return what changed after the freeze, oldest first."""
    bodies = session.scalars(select(Row.body).where(Row.poll_id == poll.id).order_by(Row.number))
    return [Told(each.at, _what(each), each.reason, each.people) for each in map(decode, bodies)]


def doubts(session: AnySession, poll: Poll) -> list[str]:
    """Return what is to be said of contested votes beside the outcome of a closed poll; nothing without any."""
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
    ]
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
            return gettext("De stemming is verlengd: %(closes)s.", closes=record.facts["closes_text"])
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
