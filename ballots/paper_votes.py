"""Verbs of votes on paper: a letter is redeemed at the desk, the papers are entered after the doors close.

The two share nothing: a redeemed letter names no paper, and of the papers only is kept how often each
marking was found. Source: docs/protocol.md, "Paper".
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, insert, select
from sqlalchemy.exc import IntegrityError

from ballots import casting, codes, paper
from ballots.database import AnySession, poll_lock, writing
from ballots.lifecycle import Phase
from ballots.models import PaperBox, Poll, Redemption
from ballots.paper import Question
from ballots.refusals import (
    AlreadyClosed,
    LetterUsed,
    NegativeNumber,
    PaperTooEarly,
    PaperTooMany,
    PaperWrong,
    Withdrawn,
)
from ballots.terms import terms

Paper = Sequence[Sequence[str]]  # for each question the marks that were found


def redeem(session: AnySession, poll: Poll, p: bytes, now: datetime) -> None:
    """Claim a letter for a vote on paper; `poll` and `p` are what `casting.find` gave for its code.

    Raises what `casting.admit` raises.
    """
    try:
        with writing(session):
            poll_lock(session, poll.id, shared=True)
            casting.admit(session, poll, p, now)
            h = codes.fingerprint(poll.id, p)
            session.execute(insert(Redemption).values(poll_id=poll.id, h=h, p=p, channel="paper"))
    except IntegrityError as lost:  # somebody used this letter a moment earlier
        raise LetterUsed() from lost


def enter(session: AnySession, poll: Poll, papers: Sequence[Paper], now: datetime, unusable: int = 0) -> None:
    """Enter all papers of a poll; what was entered before is replaced, so a mistake is mended by entering again.

    `unusable` papers are missing, or cannot be counted: they make up the number and count for nobody.
    Raises PaperTooEarly while the doors are open, AlreadyClosed, Withdrawn, PaperWrong with the number of
    the first wrong paper, and PaperTooMany when there are more papers than letters redeemed for them.
    """
    questions = terms(poll).questions
    with writing(session):
        enterable(poll, now)
        if unusable < 0:
            raise NegativeNumber()
        found: Counter[tuple[int, str]] = Counter()
        for number, marks in enumerate(papers, 1):
            found.update(enumerate(markings(questions, marks, number), 1))
        over = len(papers) + unusable - redeemed(session, poll)
        if over > 0:
            raise PaperTooMany(over=over)
        found += Counter({(n, paper.UNUSABLE): unusable for n in range(1, len(questions) + 1)})
        session.execute(delete(PaperBox).where(PaperBox.poll_id == poll.id))
        for (question, marking), number in sorted(found.items()):
            session.add(PaperBox(poll_id=poll.id, question=question, marking=marking, number=number))


def enterable(poll: Poll, now: datetime) -> None:
    """Return when papers can be entered now. Raises PaperTooEarly, AlreadyClosed, Withdrawn."""
    at = poll.phase(now)
    if at is Phase.WITHDRAWN:
        raise Withdrawn()
    if at is Phase.CLOSED or poll.mixed_at:
        raise AlreadyClosed()
    if at is not Phase.DUE:
        raise PaperTooEarly()


def markings(questions: Sequence[Question], marks: Paper, number: int) -> list[str]:
    """Return the canonical marking of each question; raises PaperWrong with the number of this paper.

    Where nobody can tell what was chosen for one question of the paper, its only mark is `paper.UNUSABLE`.
    """
    if len(marks) != len(questions):
        raise PaperWrong(number=number)
    found = []
    for question, given in zip(questions, marks, strict=True):
        if list(given) == [paper.UNUSABLE]:
            found.append(paper.UNUSABLE)
        elif paper.check(question, given):
            raise PaperWrong(number=number)
        else:
            found.append(paper.marking(question, given))
    return found


def redeemed(session: AnySession, poll: Poll) -> int:
    """Return how many letters were redeemed for a paper."""
    mine = Redemption.poll_id == poll.id, Redemption.channel == "paper"
    return session.scalar(select(func.count()).where(*mine)) or 0


def entered(session: AnySession, poll: Poll, question: int) -> int:
    """Return how many papers were entered for a question, the unusable ones too."""
    return (
        session.scalar(
            select(func.sum(PaperBox.number)).where(
                PaperBox.poll_id == poll.id, PaperBox.question == question
            )
        )
        or 0
    )
