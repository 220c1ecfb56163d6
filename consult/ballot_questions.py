"""Verbs: the questions of a buurtstemming, as long as it is a draft."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from ballots.database import AnySession, writing
from consult import journal
from consult.asked import drafts
from consult.drafts import Draft, changed, dump, next_id
from consult.models import Consultation
from consult.refusals import IsFrozen


def add(session: AnySession, draft: Consultation, actor: str, now: datetime) -> Draft:
    """Add an empty question at the end. Raises IsFrozen."""
    made: list[Draft] = []

    def added(found: Sequence[Draft]) -> Sequence[Draft]:
        made.append(Draft(next_id("q", (each.id for each in found))))
        return [*found, *made]

    _edit(session, draft, added, actor, now)
    return made[0]


def change(
    session: AnySession,
    draft: Consultation,
    id: str,
    values: Mapping[str, Any],
    actor: str,
    now: datetime,
) -> None:
    """Fill in fields of one question, by name; what a colleague did to others stays. Raises IsFrozen."""
    _edit(
        session,
        draft,
        lambda found: [changed(each, values) if each.id == id else each for each in found],
        actor,
        now,
    )


def remove(session: AnySession, draft: Consultation, id: str, actor: str, now: datetime) -> None:
    """Take a question off the paper. Raises IsFrozen."""
    _edit(session, draft, lambda found: [each for each in found if each.id != id], actor, now)


def raise_up(session: AnySession, draft: Consultation, id: str, actor: str, now: datetime) -> None:
    """Put a question one place nearer to the top. Raises IsFrozen."""

    def raised(found: Sequence[Draft]) -> Sequence[Draft]:
        order = list(found)
        at = next((n for n, each in enumerate(order) if each.id == id), 0)
        if at:
            order[at - 1 : at + 1] = order[at], order[at - 1]
        return order

    _edit(session, draft, raised, actor, now)


def _edit(
    session: AnySession,
    draft: Consultation,
    edited: Callable[[Sequence[Draft]], Sequence[Draft]],
    actor: str,
    now: datetime,
) -> None:
    with writing(session):
        if draft.poll_id:
            raise IsFrozen()
        draft.questions = [dump(each) for each in edited(drafts(draft))]
        journal.write(session, actor, "edit consultation", draft, now, fields=["questions"])
