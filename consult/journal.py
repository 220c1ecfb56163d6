"""Verb: write the append-only journal. Every verb writes its step here, in its own transaction."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from ballots.database import AnySession, writing
from consult import days
from consult.models import Consultation, Initiative, JournalEntry, Town

CLOCK = "Wijkstem"  # the actor of what happens by the clock
REDEEMED = "redeem letter for paper"
REDEEMED_THAT_DAY = "redeem letters for paper"


@dataclass(frozen=True)
class Step:
    """A step as it is told and published: `at` is a moment, or the day only of what was done so many times."""

    at: datetime | date
    actor: str
    action: str
    detail: Mapping[str, Any]


def write(
    session: AnySession,
    actor: str,
    action: str,
    about: Consultation | Initiative | Town,
    now: datetime,
    **detail: Any,
) -> None:
    """Add a step. `action` is a short English verb phrase; `detail` holds plain JSON facts, never a secret."""
    consultation = about if isinstance(about, Consultation) else None
    initiative = consultation.initiative if consultation else about if isinstance(about, Initiative) else None
    town = about if isinstance(about, Town) else about.wijk.town
    with writing(session):
        session.add(
            JournalEntry(
                at=now,
                actor=actor,
                action=action,
                town_id=town.id,
                initiative_id=initiative.id if initiative else None,
                consultation_id=consultation.id if consultation else None,
                detail=detail,
            )
        )


def of(session: AnySession, about: Initiative | Consultation) -> list[JournalEntry]:
    """Return the steps of a plan with all its consultations, or of one consultation, oldest first."""
    theirs = (
        JournalEntry.initiative_id == about.id
        if isinstance(about, Initiative)
        else JournalEntry.consultation_id == about.id
    )
    return list(session.scalars(select(JournalEntry).where(theirs).order_by(JournalEntry.id)))


def told(entries: Iterable[JournalEntry]) -> list[Step]:
    """Return these steps as everybody may read them, oldest first.

    Of letters that were exchanged for paper only how many a day, and by whom; they stand at the start of their
    day. One by one, with their moment or between other steps, they would tell the desk whose they were.
    """
    steps: list[tuple[datetime, Step]] = []
    exchanged: dict[date, list[str]] = {}
    for each in entries:
        if each.action == REDEEMED:
            exchanged.setdefault(days.day_of(each.at), []).append(each.actor)
        else:
            steps.append((each.at, Step(each.at, each.actor, each.action, each.detail)))
    for day, actors in exchanged.items():
        step = Step(day, ", ".join(sorted(set(actors))), REDEEMED_THAT_DAY, {"letters": len(actors)})
        steps.append((days.opens(day), step))
    return [step for _, step in sorted(steps, key=lambda each: each[0])]


def has(session: AnySession, consultation: Consultation, action: str) -> bool:
    """Say whether this step of a consultation was taken already."""
    found = select(JournalEntry.id).where(
        JournalEntry.consultation_id == consultation.id, JournalEntry.action == action
    )
    return session.scalar(found.limit(1)) is not None
