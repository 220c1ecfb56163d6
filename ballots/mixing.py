"""Verbs: take the outer envelope off, in shuffled batches, on the way to the board; open what is there.

A mix leaves nothing by which an answer on the board could be told from the others that went with it.
Source: docs/protocol.md, "Mixing and opening".
"""

import os
import random
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import Row, delete, func, insert, select
from sqlalchemy.exc import IntegrityError

from ballots import checkpoints, custody, keys, paper, sealing
from ballots.database import AnySession, poll_lock, writing
from ballots.keys import MixKeys
from ballots.models import Box, Inbox, Leaf, PaperBox, Poll
from ballots.paper import UNUSABLE
from ballots.refusals import AnswerSpoiled
from ballots.sealing import Opening
from ballots.terms import keys as public_keys
from ballots.terms import terms
from ballots.vault import Vault

CROWD = 50  # answers a question that a mix before close moves, and leaves, at least
PORTION = 10_000  # answers a question that one transaction moves, at most
OPENED_AT_ONCE = 2_000

Sealed = tuple[int, bytes, bytes]  # question, commitment, inner envelope
OnBoard = Row[int, bytes, bytes, int]  # the same, and the position


def mix(session: AnySession, vault: Vault, poll: Poll, now: datetime) -> int:
    """Move a crowd of answers from the inbox to the board, and leave one; return how many a question.

    Moves nothing while there are fewer than two crowds. Raises KeyMissing.
    """
    secrets = _secrets(vault, poll)
    with writing(session):
        poll_lock(session, poll.id, shared=False)
        waiting = _waiting(session, poll)
        if waiting < 2 * CROWD or poll.withdrawn_at:
            return 0
        return _move(session, vault, poll, secrets, min(waiting - CROWD, PORTION), now)


def finish(
    session: AnySession, vault: Vault, poll: Poll, now: datetime, last: Callable[[], list[Sealed]] = list
) -> None:
    """Move everything that is left, portion by portion, once the doors are closed.

    A portion is one transaction: interrupted anywhere, the next call goes on to the same set. A portion
    and what it leaves are crowds, or it takes all. `last` is called in the transaction of the last one,
    under the lock, and returns what goes among its answers. Raises KeyMissing, and what `last` raises.
    """
    while True:
        with writing(session):
            poll_lock(session, poll.id, shared=False)
            waiting = _waiting(session, poll)  # under the lock: a vote that was on its way is in by now
            ends = waiting < PORTION + CROWD
            joined = last() if ends else []
            if waiting:
                secrets = _secrets(vault, poll)
                _move(session, vault, poll, secrets, waiting if ends else PORTION, now, joined)
            elif joined:
                _board(session, vault, poll, joined, now)
        if ends:
            return


def _secrets(vault: Vault, poll: Poll) -> MixKeys:
    return keys.mix_keys(custody.mix_secret(vault, poll.id, poll.mix_check))


def _waiting(session: AnySession, poll: Poll) -> int:
    """Return how many answers a question the inbox holds."""
    mine = Inbox.poll_id == poll.id, Inbox.question == 1
    return session.scalar(select(func.count()).select_from(Inbox).where(*mine)) or 0


def _move(
    session: AnySession,
    vault: Vault,
    poll: Poll,
    secrets: MixKeys,
    size: int,
    now: datetime,
    joined: Sequence[Sealed] = (),
) -> int:
    """Move `size` answers of each question, chosen at random, these among them; return `size`."""
    moved: list[Sealed] = list(joined)
    for question in range(1, len(terms(poll).questions) + 1):
        mine = Inbox.poll_id == poll.id, Inbox.question == question
        ids = session.scalars(select(Inbox.id).where(*mine)).all()
        chosen = random.SystemRandom().sample(ids, size)
        for some in _slices(chosen, 500):
            these = Inbox.poll_id == poll.id, Inbox.id.in_(some)
            moved += (
                (question, *_unwrapped(poll, question, sealed, secrets))
                for sealed in session.scalars(select(Inbox.sealed).where(*these))
            )
            session.execute(delete(Inbox).where(*these))
    _board(session, vault, poll, moved, now)
    return size


def _unwrapped(poll: Poll, question: int, sealed: bytes, secrets: MixKeys) -> tuple[bytes, bytes]:
    try:
        return sealing.outer_opened(poll.id, question, sealed, secrets)
    except InvalidTag as spoiled:
        raise AnswerSpoiled() from spoiled


def _board(session: AnySession, vault: Vault, poll: Poll, answers: list[Sealed], now: datetime) -> None:
    """Put answers on the board behind what is there, in the order of question and commitment."""
    answers.sort(key=lambda answer: answer[:2])
    first = session.scalar(select(func.count()).select_from(Leaf).where(Leaf.poll_id == poll.id)) or 0
    session.execute(
        insert(Leaf.__table__),  # type: ignore[arg-type]
        [
            {
                "poll_id": poll.id,
                "position": position,
                "question": question,
                "control": sealing.control(commitment),
                "commitment": commitment,
                "sealed": inner,
            }
            for position, (question, commitment, inner) in enumerate(answers, first)
        ],
    )
    checkpoints.sign(session, vault, poll, [answer[:2] for answer in answers], now)


def papers(session: AnySession, poll: Poll, randomness: Callable[[int], bytes] = os.urandom) -> list[Sealed]:
    """Take every paper marking out of its box; return each as an answer like the others, for the last portion.

    So a count of very few on paper, or of very few others, shows nobody's choice.
    """
    public, questions = public_keys(poll).poll, terms(poll).questions
    with writing(session):
        usable = PaperBox.poll_id == poll.id, PaperBox.marking != UNUSABLE
        joined = []
        for row in session.scalars(select(PaperBox).where(*usable)):
            length = paper.longest(questions[row.question - 1])
            for _ in range(row.number):
                answer = Opening(row.question, randomness(32), row.marking.ljust(length))
                inner = sealing.inner(poll.id, answer, public)
                joined.append((row.question, answer.commitment(poll.id), inner))
        session.execute(delete(PaperBox).where(*usable))
    return joined


def open_all(session: AnySession, poll: Poll, key: X25519PrivateKey) -> None:
    """Open what is on the board into the box, some thousands a transaction; goes on where it was interrupted.

    Raises AnswerSpoiled where an envelope does not open, or not to its commitment.
    """
    after = session.scalar(select(func.count()).select_from(Box).where(Box.poll_id == poll.id)) or 0
    after -= 1  # they are opened in the order of the board, so this many are there
    while rows := _unopened(session, poll, after):
        opened = [_opened(poll, leaf, key) for leaf in rows]
        try:
            with writing(session):
                session.execute(insert(Box.__table__), opened)  # type: ignore[arg-type]
        except IntegrityError:
            pass  # somebody else who closes this poll opened the same ones a moment earlier
        after += len(rows)


def _unopened(session: AnySession, poll: Poll, after: int) -> Sequence[OnBoard]:
    query = (
        select(Leaf.question, Leaf.commitment, Leaf.sealed, Leaf.position)
        .where(Leaf.poll_id == poll.id, Leaf.position > after)
        .order_by(Leaf.position)
    )
    return session.execute(query.limit(OPENED_AT_ONCE)).all()


def _opened(poll: Poll, leaf: OnBoard, key: X25519PrivateKey) -> dict[str, object]:
    try:
        answer = sealing.inner_opened(poll.id, leaf.question, leaf.sealed, key)
    except (InvalidTag, ValueError) as spoiled:
        raise AnswerSpoiled() from spoiled
    if answer.commitment(poll.id) != leaf.commitment:
        raise AnswerSpoiled()
    return {
        "poll_id": poll.id,
        "question": leaf.question,
        "commitment": leaf.commitment,
        "secret": answer.secret,
        "marking": answer.marking,
    }


def _slices(ids: Sequence[bytes], size: int) -> Iterable[Sequence[bytes]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))
