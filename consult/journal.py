"""Verb: write the append-only journal. Every verb writes its step here, in its own transaction."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from ballots.database import AnySession, writing
from consult.models import Consultation, Initiative, JournalEntry, Town

CLOCK = "Wijkstem"  # the actor of what happens by the clock


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


def has(session: AnySession, consultation: Consultation, action: str) -> bool:
    """Say whether this step of a consultation was taken already."""
    found = select(JournalEntry.id).where(
        JournalEntry.consultation_id == consultation.id, JournalEntry.action == action
    )
    return session.scalar(found.limit(1)) is not None
