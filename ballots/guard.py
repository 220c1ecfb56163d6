"""Verbs: notice that an older database was put back, and open the booth again once that is clear.

A database cannot tell that it is a copy from before. So where the board was, and how many letters were
used, is kept outside it at every tick; a database that holds less lost votes, and nobody votes until two
people have compared it with the last published checkpoint. Source: docs/protocol.md, "A backup put back".
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy import func, select

from ballots import archive, board, checkpoints, records
from ballots.board import Edge
from ballots.database import AnySession, poll_lock, writing
from ballots.models import Checkpoint, Leaf, Poll, Record, Redemption
from ballots.record import Kind, link, of_missing
from ballots.refusals import AlreadyWithdrawn, BackupBehind, BackupNone, BackupPutBack
from ballots.terms import keys
from ballots.vault import Vault


@dataclass(frozen=True)
class Mark:
    """Where a poll was: its last checkpoint, and how many letters were used or void, and used.

    `shut`: an older database was seen. From then on only the record with this hash (`opens`, hexadecimal) opens
    the booth: it is named here before it is committed, so that neither goes without the other.
    """

    note: str
    redeemed: int
    used: int
    shut: bool = False
    opens: str = ""


@dataclass(frozen=True)
class Lost:
    """What an older database lacks: so many used letters; and whether the board itself lost what stood on it."""

    letters: int
    board: bool


def mark(session: AnySession, vault: Vault, poll: Poll) -> None:
    """Keep where a poll is, unless it is behind what was kept before. Raises BackupPutBack."""
    compare(session, vault, poll)
    here = _here(session, poll)
    archive.remember(vault, poll.id, asdict(here))


def compare(session: AnySession, vault: Vault, poll: Poll) -> None:
    """Return when this database holds all that was there at the last tick. Raises BackupPutBack."""
    if last := _ahead(session, vault, poll):
        if not last.shut:
            archive.remember(vault, poll.id, asdict(replace(last, shut=True)))
        raise BackupPutBack()


def lost(session: AnySession, vault: Vault, poll: Poll) -> Lost | None:
    """Return what an older database lacks of the last tick; None where it holds it all. Writes nothing."""
    last = _ahead(session, vault, poll)
    return _lost(session, poll, last) if last else None


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


def compared(session: AnySession, vault: Vault, poll: Poll, published: str) -> int:
    """Return how many used letters are missing from an older database that can go on all the same.

    It holds the last published checkpoint, `published`, which comes from whoever follows the board; and the last
    one that was kept here, for where nobody has one or it is not the last. Raises BackupNone where the booth is
    not shut, BackupBehind where the board itself lost votes, and what `board.read_note` raises.
    """
    then = board.read_note(published, poll.id, keys(poll).board)
    gone = lost(session, vault, poll)
    if gone is None:
        raise BackupNone()
    if gone.board or not _holds(session, poll, then):
        raise BackupBehind()
    return gone.letters


def reopen(session: AnySession, vault: Vault, poll: Poll, published: str, reason: str, now: datetime) -> int:
    """Open the booth of a poll that was put back, once it holds the last published checkpoint.

    Two people decided it. Returns how many used letters are missing, which a record tells everybody: those
    voters can vote again, and their receipts show what was lost. The booth opens when that record is committed,
    by `writing` here or around this. Raises AlreadyWithdrawn, ReasonMissing, KeyMissing, and what `compared` raises.
    """
    with writing(session):
        poll_lock(session, poll.id, shared=False)
        session.refresh(poll)
        if poll.withdrawn_at:
            raise AlreadyWithdrawn()
        gone = compared(session, vault, poll, published)
        last = _last(vault, poll)
        assert last is not None
        told = records.add(session, vault, poll, Kind.RESTORED, of_missing(gone), reason, 2, now)
        opens = link(told.body).hex()
        archive.remember(vault, poll.id, asdict(replace(last, shut=True, opens=opens)))
    return gone


def _ahead(session: AnySession, vault: Vault, poll: Poll) -> Mark | None:
    """Return where the poll was, where this database is an older one and was not opened again since."""
    last = _last(vault, poll)
    if last is None or (last.opens and _told(session, poll, bytes.fromhex(last.opens))):
        return None
    there = select(Checkpoint.number).where(Checkpoint.poll_id == poll.id, Checkpoint.note == last.note)
    older = last.shut or session.scalar(there) is None or _here(session, poll).redeemed < last.redeemed
    return last if older else None


def _lost(session: AnySession, poll: Poll, last: Mark) -> Lost:
    board_lost = bool(last.note) and not _holds(
        session, poll, board.read_note(last.note, poll.id, keys(poll).board)
    )
    return Lost(max(0, last.used - _here(session, poll).used), board_lost)


def _holds(session: AnySession, poll: Poll, then: board.Checkpoint) -> bool:
    """Say whether every leaf and record of a checkpoint is here."""
    return (
        _root(session, poll, then.size) == then.root
        and records.standing(session, poll).number >= then.records
    )


def _told(session: AnySession, poll: Poll, opens: bytes) -> bool:
    bodies = session.scalars(select(Record.body).where(Record.poll_id == poll.id))
    return any(link(body) == opens for body in bodies)


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
