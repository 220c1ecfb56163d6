"""The append-only journal: every verb writes its step here, in its own transaction."""

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
    town = initiative.wijk.town if initiative else about
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


def of(session: AnySession, initiative: Initiative) -> list[JournalEntry]:
    """Return the steps of a plan and its consultations, oldest first."""
    return list(
        session.scalars(
            select(JournalEntry).where(JournalEntry.initiative_id == initiative.id).order_by(JournalEntry.id)
        )
    )


def has(session: AnySession, consultation: Consultation, action: str) -> bool:
    """Say whether this step of a consultation was taken already."""
    found = select(JournalEntry.id).where(
        JournalEntry.consultation_id == consultation.id, JournalEntry.action == action
    )
    return session.scalar(found.limit(1)) is not None
