"""Verb: move answers from the inbox to the box."""

from sqlalchemy import delete, insert, select

from ballots.database import AnySession, writing
from ballots.models import Box, Inbox
from ballots.sealing import opened


def empty_inbox(session: AnySession, poll: bytes) -> int:
    """Move every answer of this poll to the box, sorted by commitment, in one transaction; return how many.

    Interrupted anywhere, nothing has moved; called again, it moves what is left.
    """
    with writing(session):
        rows = session.scalars(select(Inbox.sealed).where(Inbox.poll_id == poll)).all()
        answers = [
            {
                "poll_id": poll,
                "question": opening.question,
                "commitment": opening.commitment(poll),
                "secret": opening.secret,
                "marking": opening.marking,
            }
            for opening in map(opened, rows)
        ]
        if answers:
            answers.sort(key=lambda answer: (answer["question"], answer["commitment"]))
            session.execute(insert(Box), answers)
            session.execute(delete(Inbox).where(Inbox.poll_id == poll))
    return len(answers)
