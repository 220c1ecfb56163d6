"""Verbs of residents who ask for a new letter, and of the office that sees to it.

Whoever asks learns nothing: what is stored does not depend on whether the address is on the list, and the
list is looked at by the office only. A request is deleted once the count is over.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from ballots import replacing
from ballots.database import AnySession, writing
from ballots.lifecycle import Phase
from ballots.models import Poll
from consult import journal, rolls
from consult.addresses import in_a_line
from consult.models import Consultation, LetterRequest, RollEntry, Town, Wijk

MOST_A_DAY = 200  # for one consultation: more than a wijk loses, and too few to bury the office
HANDLED = ("replaced", "used", "not listed")


def can_be_asked(session: AnySession, town: Town, now: datetime) -> Sequence[Consultation]:
    """Return the consultations of a town of which letters can still be replaced."""
    found = session.scalars(
        select(Consultation)
        .join(Consultation.poll)
        .join(Consultation.wijk)
        .where(Wijk.town_id == town.id, Poll.closed_at.is_(None), Poll.withdrawn_at.is_(None))
        .order_by(Consultation.id)
    )
    return [each for each in found if each.poll and each.poll.phase(now) in (Phase.FROZEN, Phase.OPEN)]


def ask(session: AnySession, consultation: Consultation, postcode: str, house: str, today: date) -> None:
    """Note that somebody asks for a new letter; the same address twice, or too many a day, changes nothing."""
    try:
        with writing(session):
            asked_today = session.scalar(
                select(func.count()).where(
                    LetterRequest.consultation_id == consultation.id, LetterRequest.asked_on == today
                )
            )
            if (asked_today or 0) < MOST_A_DAY:
                session.add(
                    LetterRequest(
                        consultation_id=consultation.id,
                        postcode=postcode,
                        house=_written(house),
                        asked_on=today,
                    )
                )
                session.flush()
    except IntegrityError:
        pass  # this address asked before


def _written(house: str) -> str:
    """Return a house number as it is compared: 12-A, 12 a and 12a are the same."""
    return re.sub(r"[^0-9A-Z]", "", house.upper())[:20]


@dataclass(frozen=True)
class Match:
    """An address on the list that a request may mean, and its letters: serial and how it stands."""

    address: str
    letters: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Asked:
    """A request, with what the list has there."""

    request: LetterRequest
    matches: tuple[Match, ...]


def waiting(session: AnySession, consultation: Consultation) -> list[Asked]:
    """Return the requests that nobody saw to yet, the oldest first."""
    requests = session.scalars(
        select(LetterRequest)
        .where(LetterRequest.consultation_id == consultation.id, LetterRequest.handled.is_(None))
        .order_by(LetterRequest.asked_on, LetterRequest.id)
    )
    return [Asked(each, tuple(_matches(session, consultation, each))) for each in requests]


def _matches(session: AnySession, consultation: Consultation, request: LetterRequest) -> list[Match]:
    """Return the addresses with this postcode and house: exactly, or else with this number at least."""
    there = session.scalars(
        select(RollEntry).where(
            RollEntry.consultation_id == consultation.id, RollEntry.postcode == request.postcode
        )
    ).all()
    number = re.match(r"[0-9]*", request.house)
    exact = [e for e in there if _written(f"{e.number}{e.letter}{e.addition}") == request.house]
    near = [e for e in there if number and str(e.number) == number[0]]
    found = []
    for entry in exact or near:
        serials = rolls.letters_of(session, entry)
        states = replacing.states(session, _poll(consultation), serials) if serials else {}
        found.append(Match(in_a_line(entry), tuple((n, states[n].channel or "") for n in sorted(states))))
    return found


def handle(
    session: AnySession, consultation: Consultation, id: int, how: str, actor: str, now: datetime
) -> None:
    """Note how a request was seen to, one of `HANDLED`; the journal does not name the address."""
    if how not in HANDLED:
        raise ValueError(f"not a way to see to a request: {how}")
    with writing(session):
        request = session.get(LetterRequest, id)
        if request is None or request.consultation_id != consultation.id or request.handled:
            return
        request.handled = how
        journal.write(session, actor, "handle letter request", consultation, now, how=how)


def number_waiting(session: AnySession, town: Town) -> dict[int, int]:
    """Return how many requests wait, by consultation."""
    rows = session.execute(
        select(LetterRequest.consultation_id, func.count())
        .join(Consultation, Consultation.id == LetterRequest.consultation_id)
        .join(Wijk, Wijk.id == Consultation.wijk_id)
        .where(Wijk.town_id == town.id, LetterRequest.handled.is_(None))
        .group_by(LetterRequest.consultation_id)
    )
    return {consultation: number for consultation, number in rows}  # noqa: C416


def forget(session: AnySession, consultation: Consultation) -> None:
    """Delete every request about a consultation that is over: nothing comes of it any more."""
    with writing(session):
        session.execute(delete(LetterRequest).where(LetterRequest.consultation_id == consultation.id))


def _poll(consultation: Consultation) -> Poll:
    assert consultation.poll is not None
    return consultation.poll
