"""Verbs of a poll's life: freeze, withdraw, close; and what may be asked of it: turnout, outcome."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, literal, null, select

from ballots import bundle, letters, mixing
from ballots.counting.count import count
from ballots.counting.outcome import Outcome, as_json
from ballots.database import AnySession, writing
from ballots.definition import Definition, Terms, canonical, digest
from ballots.lifecycle import Phase
from ballots.models import Box, Inbox, Letter, Poll, Redemption
from ballots.refusals import (
    AlreadyClosed,
    AlreadyWithdrawn,
    DatesWrong,
    NoLetters,
    NotClosed,
    NotDue,
    NotReconciled,
    ReasonMissing,
)
from ballots.sealing import Opening
from ballots.seeds import Seeds
from ballots.terms import terms as terms_of


@dataclass(frozen=True)
class Turnout:
    """Letters by what became of them; at any moment issued = used + open + void."""

    issued: int
    web: int
    paper: int
    void: int

    @property
    def used(self) -> int:
        return self.web + self.paper

    @property
    def open(self) -> int:
        return self.issued - self.used - self.void


def freeze(
    session: AnySession,
    seeds: Seeds,
    terms: Terms,
    count: int,
    now: datetime,
    randomness: Callable[[int], bytes] = os.urandom,
) -> Poll:
    """Make a poll with `count` letters (serials 1 … count) that can never change again.

    The seed file of the letters is on disk before the poll is; a poll that fails leaves none behind.
    Raises NoLetters, DatesWrong.
    """
    if count < 1:
        raise NoLetters()
    if not now <= terms.opens < terms.closes:
        raise DatesWrong()
    poll = randomness(16)
    try:
        fingerprints = letters.mint(seeds.make(poll, 1), poll, range(1, count + 1))
        data = Definition(poll, terms, tuple(sorted(fingerprints))).encode()
        with writing(session):
            frozen = Poll(
                id=poll,
                definition=data,
                hash=digest(data),
                opens=terms.opens,
                closes=terms.closes,
                frozen_at=now,
            )
            session.add(frozen)
            session.flush()
            letters.issue(session, poll, 1, fingerprints)
    except BaseException:
        seeds.destroy(poll, 1)
        raise
    return frozen


def withdraw(session: AnySession, poll: Poll, reason: str, now: datetime) -> None:
    """Withdraw a poll before its doors close: every unused letter becomes void, no answer is kept or counted.

    Raises ReasonMissing, AlreadyClosed, AlreadyWithdrawn.
    """
    if not reason.strip():
        raise ReasonMissing()
    with writing(session):
        if poll.closed_at or poll.phase(now) is Phase.DUE:
            raise AlreadyClosed()
        if poll.withdrawn_at:
            raise AlreadyWithdrawn()
        used = select(Redemption.h).where(Redemption.poll_id == poll.id)
        unused = select(Letter.poll_id, Letter.h, null(), literal("void")).where(
            Letter.poll_id == poll.id, Letter.h.not_in(used)
        )
        session.execute(insert(Redemption).from_select(["poll_id", "h", "p", "channel"], unused))
        session.execute(
            delete(Inbox).where(Inbox.poll_id == poll.id)
        )  # it is never counted, so it is not kept
        poll.withdrawn_at = now
        poll.withdrawn_why = reason.strip()


def close(session: AnySession, poll: Poll, now: datetime) -> bool:
    """Close a poll whose time is over: empty the inbox into the box and see that the numbers agree.

    Returns False when it was closed already. Raises NotDue, AlreadyWithdrawn, NotReconciled.
    """
    with writing(session):
        at = poll.phase(now)
        if at is Phase.CLOSED:
            return False
        if at is Phase.WITHDRAWN:
            raise AlreadyWithdrawn()
        if at is not Phase.DUE:
            raise NotDue()
        mixing.empty_inbox(session, poll.id)
        cast = turnout(session, poll)
        for question in range(1, len(terms_of(poll).questions) + 1):
            ballots = session.scalar(
                select(func.count()).where(Box.poll_id == poll.id, Box.question == question)
            )
            if ballots != cast.used:
                raise NotReconciled(
                    issued=cast.issued, used=cast.used, open=cast.open, void=cast.void, ballots=ballots
                )
        poll.closed_at = now
    return True


def turnout(session: AnySession, poll: Poll) -> Turnout:
    """Return how many letters were issued and what became of them."""
    issued = session.scalar(select(func.count()).where(Letter.poll_id == poll.id)) or 0
    rows = session.execute(
        select(Redemption.channel, func.count())
        .where(Redemption.poll_id == poll.id)
        .group_by(Redemption.channel)
    )
    by = dict(rows.all())
    return Turnout(issued, by.get("web", 0), by.get("paper", 0), by.get("void", 0))


def outcome(session: AnySession, poll: Poll) -> Outcome:
    """Count the box of a closed poll by its frozen rule. Raises NotClosed."""
    if not poll.closed_at:
        raise NotClosed()
    rows = session.execute(
        select(Box.marking, func.count())
        .where(Box.poll_id == poll.id, Box.question == 1)
        .group_by(Box.marking)
    )
    frozen = terms_of(poll)
    issued = turnout(session, poll).issued
    ballots = [(marking.rstrip(), number) for marking, number in rows]
    return count(frozen.questions[0], frozen.rule, ballots, issued)


def files(session: AnySession, poll: Poll) -> dict[str, bytes]:
    """Return the poll's own files for a dossier, by name. Raises NotClosed while there is anything to guess.

    A withdrawn poll gives its definition only; fewer ballots than the frozen floor are not published.
    """
    if not (poll.closed_at or poll.withdrawn_at):
        raise NotClosed()
    made = {
        "definition.json": poll.definition,
        "definition.sha256": f"{poll.hash.hex()}  definition.json\n".encode(),
    }
    cast = turnout(session, poll)
    made["letters.json"] = canonical(
        {
            "issued": cast.issued,
            "used": cast.used,
            "open": cast.open,
            "void": cast.void,
            "web": cast.web,
            "paper": cast.paper,
        }
    )
    if not poll.closed_at:
        return made
    made["outcome.json"] = canonical(as_json(outcome(session, poll)))
    if cast.used >= terms_of(poll).floor:
        answers = session.scalars(select(Box).where(Box.poll_id == poll.id))
        made["openings.csv"] = bundle.openings(
            poll.id, (Opening(row.question, row.secret, row.marking) for row in answers)
        )
        used = session.execute(
            select(Redemption.p, Redemption.channel).where(
                Redemption.poll_id == poll.id, Redemption.p.is_not(None)
            )
        )
        made["redemptions.csv"] = bundle.redemptions((p, channel) for p, channel in used if p)
    return made
