"""Verbs: move answers from the inbox to the box, and a handful of paper among them."""

from collections.abc import Callable, Iterable

from sqlalchemy import delete, insert, select

from ballots.database import AnySession, writing
from ballots.models import Box, Inbox, PaperBox
from ballots.paper import UNUSABLE
from ballots.sealing import Opening, opened


def empty_inbox(session: AnySession, poll: bytes) -> int:
    """Move every answer of this poll to the box, sorted by commitment, in one transaction; return how many.

    Interrupted anywhere, nothing has moved; called again, it moves what is left.
    """
    with writing(session):
        rows = session.scalars(select(Inbox.sealed).where(Inbox.poll_id == poll)).all()
        _put(session, poll, map(opened, rows))
        session.execute(delete(Inbox).where(Inbox.poll_id == poll))
    return len(rows)


def join_paper(
    session: AnySession, poll: bytes, lengths: list[int], randomness: Callable[[int], bytes]
) -> None:
    """Put every paper marking in the box as an answer like the others, padded to its question's length.

    So a count of very few on paper, or of very few others, shows nobody's choice.
    """
    with writing(session):
        usable = PaperBox.poll_id == poll, PaperBox.marking != UNUSABLE
        rows = session.scalars(select(PaperBox).where(*usable)).all()
        answers = (
            Opening(row.question, randomness(32), row.marking.ljust(lengths[row.question - 1]))
            for row in rows
            for _ in range(row.number)
        )
        _put(session, poll, answers)
        session.execute(delete(PaperBox).where(*usable))


def _put(session: AnySession, poll: bytes, answers: Iterable[Opening]) -> None:
    """Add answers to the box in the order of their commitments."""
    rows = [
        {
            "poll_id": poll,
            "question": answer.question,
            "commitment": answer.commitment(poll),
            "secret": answer.secret,
            "marking": answer.marking,
        }
        for answer in answers
    ]
    if rows:
        rows.sort(key=lambda row: (row["question"], row["commitment"]))
        session.execute(insert(Box), rows)
