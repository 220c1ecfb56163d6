"""Verbs: notice that an older database was put back, and open the booth again once that is clear.

A database cannot tell that it is a copy from before. So where the board was, and how many letters were
used, is kept outside it at every tick; a database that holds less lost votes, and nobody votes until a
person has compared it with the last published checkpoint. Source: docs/protocol.md, "A backup put back".
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy import func, select

from ballots import archive, board, checkpoints, records
from ballots.board import Edge
from ballots.database import AnySession, poll_lock, writing
from ballots.models import Checkpoint, Leaf, Poll, Redemption
from ballots.record import Kind, of_missing
from ballots.refusals import BackupBehind, BackupPutBack
from ballots.terms import keys
from ballots.vault import Vault


@dataclass(frozen=True)
class Mark:
    """Where a poll was: its last checkpoint, and how many letters were used or void, and used."""

    note: str
    redeemed: int
    used: int
    shut: bool = False  # an older database was seen: only `reopen` opens again


def mark(session: AnySession, vault: Vault, poll: Poll) -> None:
    """Keep where a poll is, unless it is behind what was kept before. Raises BackupPutBack."""
    compare(session, vault, poll)
    here = _here(session, poll)
    archive.remember(vault, poll.id, asdict(here))


def compare(session: AnySession, vault: Vault, poll: Poll) -> None:
    """Return when this database holds all that was there at the last tick. Raises BackupPutBack."""
    last = _last(vault, poll)
    if last is None:
        return
    known = session.scalar(
        select(Checkpoint.number).where(Checkpoint.poll_id == poll.id, Checkpoint.note == last.note)
    )
    if last.shut:
        raise BackupPutBack()
    if known is None or _here(session, poll).redeemed < last.redeemed:
        archive.remember(vault, poll.id, asdict(replace(last, shut=True)))
        raise BackupPutBack()


def behind(session: AnySession, vault: Vault, polls: Collection[bytes]) -> dict[bytes, BackupPutBack]:
    """Return of which of these polls an older database was put back; each is looked at once a connection and mark.

    A tick makes a new mark, also where it saw that the database went back under a service that kept running:
    so no connection goes on for longer than a minute on what it saw before.
    """
    compared: dict[bytes, object] = session.connection().info.setdefault("compared", {})
    found: dict[bytes, BackupPutBack] = {}
    for poll in set(polls):
        mark = archive.mark_of(vault, poll)
        if poll in compared and compared[poll] == mark:
            continue
        try:
            compare(session, vault, session.get_one(Poll, poll))
            compared[poll] = mark
        except BackupPutBack as refusal:
            found[poll] = refusal
    return found


def reopen(session: AnySession, vault: Vault, poll: Poll, published: str, reason: str, now: datetime) -> int:
    """Open the booth of a poll that was put back, once it holds the last published checkpoint.

    `published` is that checkpoint, from whoever follows the board. Returns how many used letters are missing,
    which a record tells everybody: those voters can vote again, and their receipts show what was lost. Two
    people decided it. Raises BackupBehind where the board itself lost votes, what `board.read_note` raises,
    ReasonMissing, and KeyMissing.
    """
    then = board.read_note(published, poll.id, keys(poll).board)
    with writing(session):
        poll_lock(session, poll.id, shared=False)
        there = _root(session, poll, then.size) == then.root
        if not there or records.standing(session, poll).number < then.records:
            raise BackupBehind()
        last, here = _last(vault, poll), _here(session, poll)
        missing = max(0, last.used - here.used) if last else 0
        records.add(session, vault, poll, Kind.RESTORED, of_missing(missing), reason, 2, now)
    here = _here(session, poll)
    archive.remember(vault, poll.id, asdict(here))
    return missing


def _last(vault: Vault, poll: Poll) -> Mark | None:
    found = archive.remembered(vault, poll.id)
    return Mark(**found) if found else None  # type: ignore[arg-type]


def _here(session: AnySession, poll: Poll) -> Mark:
    found = checkpoints.latest(session, poll)
    mine = select(func.count()).select_from(Redemption).where(Redemption.poll_id == poll.id)
    redeemed = session.scalar(mine) or 0
    used = session.scalar(mine.where(Redemption.p.is_not(None))) or 0
    return Mark(found.note if found else "", redeemed, used)


def _root(session: AnySession, poll: Poll, size: int) -> bytes | None:
    """Return the root over the first `size` leaves here, or None where there are fewer."""
    rows = session.execute(
        select(Leaf.question, Leaf.commitment)
        .where(Leaf.poll_id == poll.id, Leaf.position < size)
        .order_by(Leaf.position)
    )
    edge = board.grown(Edge(), (board.leaf(question, commitment) for question, commitment in rows))
    return edge.root() if edge.size == size else None
