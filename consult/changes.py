"""Verbs: what the office changes about letters once they are out, by itself; each on record and in the journal.

What takes two people stands in `consult/proposals.py`.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from ballots import archive, published, replacing
from ballots.database import AnySession, writing
from ballots.models import Poll
from ballots.vault import Vault
from consult import journal, rolls
from consult.models import Consultation
from consult.refusals import NotFrozen


def void(
    session: AnySession,
    vault: Vault,
    consultation: Consultation,
    serials: Collection[int],
    reason: str,
    actor: str,
    now: datetime,
) -> None:
    """Make letters void: returned mail, booked unopened, or spoiled sheets. Raises what `replacing.void` does."""
    with writing(session):
        replacing.void(session, vault, frozen(consultation), serials, reason, now)
        _tell(session, actor, "void letters", consultation, serials, reason, now)


def replace(
    session: AnySession,
    vault: Vault,
    consultation: Consultation,
    serials: Collection[int],
    reason: str,
    actor: str,
    now: datetime,
    people: int = 1,
) -> Mapping[int, int]:
    """Replace letters by new ones to the same addresses; return old serial → new serial.

    Two letters or more take two people, and so does one where `replacing.alone` leaves none. Raises what
    `replacing.replace` does.
    """
    with writing(session):
        fresh = replacing.replace(session, vault, frozen(consultation), serials, reason, people, now)
        rolls.note_replaced(session, consultation, fresh)
        _tell(session, actor, "replace letters", consultation, serials, reason, now)
    return fresh


def contest(
    session: AnySession,
    vault: Vault,
    consultation: Consultation,
    serials: Collection[int],
    reason: str,
    actor: str,
    now: datetime,
) -> None:
    """Record that letters were used while their addresses say that they did not vote; also after the count.

    Raises what `replacing.contest` does.
    """
    poll = frozen(consultation)
    with writing(session):
        replacing.contest(session, vault, poll, serials, reason, now)
        _tell(session, actor, "contest letters", consultation, serials, reason, now)
    if poll.forgotten_at:  # the bundle was kept without this
        archive.keep(vault, poll.id, published.bundled(session, vault, poll))


def frozen(consultation: Consultation) -> Poll:
    """Return the poll of a consultation. Raises NotFrozen."""
    if consultation.poll is None:
        raise NotFrozen()
    return consultation.poll


def _tell(
    session: AnySession,
    actor: str,
    action: str,
    consultation: Consultation,
    serials: Collection[int],
    reason: str,
    now: datetime,
) -> None:
    """Write the journal: how many letters and why. Not which: serials lead to addresses, and the dossier is public."""
    journal.write(session, actor, action, consultation, now, letters=len(serials), reason=reason.strip())
