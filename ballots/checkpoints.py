"""Verb: sign what is on the board now. The cost grows with what is added, not with what is there."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from ballots import board, keys
from ballots.board import Edge
from ballots.database import AnySession, writing
from ballots.models import Checkpoint, Poll, Record
from ballots.record import link
from ballots.vault import Vault


def sign(
    session: AnySession, vault: Vault, poll: Poll, added: Sequence[tuple[int, bytes]], now: datetime
) -> Checkpoint:
    """Add a checkpoint: what was there, and behind it these (question, commitment). Raises KeyMissing."""
    key = keys.board_key(vault.read(poll.id, "sign"))
    with writing(session):
        before = latest(session, poll)
        edge = Edge.decode(before.edge) if before else Edge()
        edge = board.grown(edge, [board.leaf(question, commitment) for question, commitment in added])
        record = last_record(session, poll)
        made = Checkpoint(
            poll_id=poll.id,
            number=before.number + 1 if before else 1,
            note=board.note(
                board.Checkpoint(
                    poll=poll.id,
                    size=edge.size,
                    root=edge.root(),
                    records=record.number if record else 0,
                    head=link(record.body) if record else poll.hash,
                ),
                key,
            ),
            edge=edge.encode(),
            made_at=now,
        )
        session.add(made)
        session.flush()
    return made


def latest(session: AnySession, poll: Poll) -> Checkpoint | None:
    """Return the last checkpoint of a poll."""
    mine = select(Checkpoint).where(Checkpoint.poll_id == poll.id)
    return session.scalar(mine.order_by(Checkpoint.number.desc()).limit(1))


def last_record(session: AnySession, poll: Poll) -> Record | None:
    """Return the last record of a poll."""
    mine = select(Record).where(Record.poll_id == poll.id)
    return session.scalar(mine.order_by(Record.number.desc()).limit(1))
