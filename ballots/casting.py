"""Verb: cast. The one hot path: it writes a redemption and the answers, and nothing else.

Source: docs/protocol.md, "Casting".
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from ballots import codes, paper, sealing
from ballots.database import AnySession, writing
from ballots.definition import Terms
from ballots.lifecycle import Phase
from ballots.models import Box, Inbox, Letter, Poll, Redemption
from ballots.refusals import (
    CodeUnknown,
    ControlTaken,
    LetterUsed,
    LetterVoid,
    MarkingWrong,
    TooEarly,
    TooLate,
    Withdrawn,
)
from ballots.sealing import Opening
from ballots.terms import terms


@dataclass(frozen=True)
class Receipt:
    """What the voter gets: the poll and, per question, the 10 bytes of the control code."""

    poll: bytes
    controls: tuple[bytes, ...]


def find(session: AnySession, code: str) -> tuple[Poll, bytes]:
    """Return the poll this code's letter belongs to, and its proof p. Raises CodeUnknown."""
    proofs = {id: codes.proof(id, code) for id in session.scalars(select(Poll.id))}
    prints = [codes.fingerprint(id, p) for id, p in proofs.items()]
    poll = session.scalar(select(Poll).join(Letter).where(Letter.h.in_(prints)))
    if poll is None:
        raise CodeUnknown()
    return poll, proofs[poll.id]


def admit(session: AnySession, poll: Poll, p: bytes, now: datetime) -> None:
    """Return when this letter may vote now. Raises Withdrawn, LetterVoid, LetterUsed, TooEarly, TooLate."""
    at = poll.phase(now)
    if at is Phase.WITHDRAWN:
        raise Withdrawn(reason=poll.withdrawn_why)
    channel = session.scalar(
        select(Redemption.channel).where(
            Redemption.poll_id == poll.id, Redemption.h == codes.fingerprint(poll.id, p)
        )
    )
    if channel:
        raise LetterVoid() if channel == "void" else LetterUsed()
    if at is Phase.FROZEN:
        raise TooEarly(opens=poll.opens)
    if at is not Phase.OPEN:
        raise TooLate()


def openings(terms: Terms, chosen: Sequence[Sequence[str]], r: bytes) -> list[Opening]:
    """Return the opening of each answer; `chosen` holds the option ids per question. Raises MarkingWrong."""
    if len(chosen) != len(terms.questions):
        raise MarkingWrong()
    made = []
    for number, (question, ids) in enumerate(zip(terms.questions, chosen, strict=True), 1):
        if paper.check(question, ids):
            raise MarkingWrong()
        made.append(sealing.opening(r, number, paper.marking(question, ids), paper.longest(question)))
    return made


def cast(
    session: AnySession,
    poll: Poll,
    p: bytes,
    chosen: Sequence[Sequence[str]],
    r: bytes,
    now: datetime,
    randomness: Callable[[int], bytes] = os.urandom,
) -> Receipt:
    """Put one vote in the inbox and claim its letter, together or not at all; return the receipt.

    `poll` and `p` are what `find` gave for the code. The same letter, marking and `r` again give the
    same receipt, also after the poll closed. Raises MarkingWrong, ControlTaken, and what `admit` raises.
    """
    answers = openings(terms(poll), chosen, r)
    commitments = [answer.commitment(poll.id) for answer in answers]
    receipt = Receipt(poll.id, tuple(map(sealing.control, commitments)))
    try:
        with writing(session):
            if _seen(session, poll.id, p, commitments):
                return receipt
            admit(session, poll, p, now)
            h = codes.fingerprint(poll.id, p)
            session.execute(insert(Redemption).values(poll_id=poll.id, h=h, p=p, channel="web"))
            session.execute(
                insert(Inbox),
                [
                    {
                        "poll_id": poll.id,
                        "id": randomness(16),
                        "question": answer.question,
                        "tag": sealing.control(commitment),
                        "sealed": sealing.packed(answer, commitment),
                    }
                    for answer, commitment in zip(answers, commitments, strict=True)
                ],
            )
    except IntegrityError as lost:  # another vote with this letter, or this C, was a moment earlier
        if _seen(session, poll.id, p, commitments):
            return receipt
        raise LetterUsed() from lost
    return receipt


def _seen(session: AnySession, poll: bytes, p: bytes, commitments: Sequence[bytes]) -> bool:
    """Say whether this very vote is in already. Raises ControlTaken when it is, but this letter is unused.

    The inbox first, then the box: the other way round a vote that is moved in between is missed.
    """
    found = 0
    for number, commitment in enumerate(commitments, 1):
        tag = sealing.control(commitment)
        found += (
            session.scalar(
                select(
                    select(Inbox.id)
                    .where(Inbox.poll_id == poll, Inbox.question == number, Inbox.tag == tag)
                    .exists()
                    | select(Box.commitment)
                    .where(
                        Box.poll_id == poll,
                        Box.question == number,
                        Box.commitment.between(tag, tag + b"\xff" * (32 - len(tag))),
                    )
                    .exists()
                )
            )
            or 0
        )
    if not found:
        return False
    used = session.scalar(select(Redemption.h).where(Redemption.poll_id == poll, Redemption.p == p))
    if used is None:
        raise ControlTaken()
    return found == len(commitments)
