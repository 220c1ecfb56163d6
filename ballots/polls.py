"""Verbs of a poll's life: freeze, withdraw, close, forget; and what may be asked of it: turnout, outcomes."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from sqlalchemy import delete, func, insert, literal, null, select, update

from ballots import (
    archive,
    box,
    checkpoints,
    custody,
    database_log,
    guard,
    keys,
    letters,
    mixing,
    paper_entry,
    paper_votes,
    records,
)
from ballots.counting.count import Ballots, check, count
from ballots.counting.outcome import Outcome
from ballots.database import AnySession, poll_lock, wipe, writing
from ballots.definition import Custody, Definition, Terms, digest
from ballots.lifecycle import Phase
from ballots.models import Box, Inbox, Leaf, Letter, Lot, PaperBox, Poll, PrintRun, Redemption
from ballots.paper import UNUSABLE
from ballots.record import NO_FACTS, Kind
from ballots.refusals import (
    AlreadyClosed,
    AlreadyWithdrawn,
    AnswerSpoiled,
    DatesWrong,
    NoLetters,
    NotClosed,
    NotDue,
    NotReconciled,
    PaperWaits,
)
from ballots.terms import terms as terms_of
from ballots.vault import Vault


@dataclass(frozen=True)
class Turnout:
    """Letters by what became of them; at any moment issued = used + open + void.

    `replaced` of those issued take the place of others that are void.
    """

    issued: int
    web: int
    paper: int
    void: int
    replaced: int = 0

    @property
    def sent(self) -> int:
        """How many may vote: one more letter for an address that lost its own is not one more."""
        return self.issued - self.replaced

    @property
    def used(self) -> int:
        return self.web + self.paper

    @property
    def open(self) -> int:
        return self.issued - self.used - self.void


@dataclass(frozen=True)
class Progress:
    """How far a poll that is over has come: answers to its first question, and papers not entered yet."""

    cast: int
    on_board: int
    opened: int
    papers_waiting: int


def freeze(
    session: AnySession,
    vault: Vault,
    terms: Terms,
    count: int,
    now: datetime,
    randomness: Callable[[int], bytes] = os.urandom,
) -> Poll:
    """Make a poll with `count` letters (serials 1 … count) that can never change again.

    Its keys and the seed of its letters are on disk before the poll is; a poll that fails leaves none behind.
    Raises NoLetters, DatesWrong, RuleUnfit, NobodyCanAnswer, StatementsLogged.
    """
    if count < 1:
        raise NoLetters()
    if not now <= terms.opens < terms.closes:
        raise DatesWrong()
    if not terms.questions or terms.floor < 0 or terms.lengthen < 0:
        raise ValueError("a poll asks something; its floor and the days to lengthen are not below zero")
    for question, rule in zip(terms.questions, terms.rules, strict=True):
        check(question, rule)
    database_log.check(session)
    poll = randomness(16)
    try:
        with writing(session):  # from before the first file on, so that `sweep` never meets half of them
            archive.begin(vault, poll)
            opening = vault.randomness(32)
            custody.entrust(vault, poll, terms.custody, opening)
            mixing_secret = vault.make(poll, "mix")
            public = keys.public(opening, vault.make(poll, "sign"))
            fingerprints = letters.mint(vault.make(poll, "seed-1"), poll, range(1, count + 1))
            data = Definition(poll, public, terms, tuple(sorted(fingerprints))).encode()
            frozen = Poll(
                id=poll,
                definition=data,
                hash=digest(data),
                opens=terms.opens,
                closes=terms.closes,
                frozen_at=now,
                mix_check=keys.mix_check(poll, mixing_secret),
                ready_at=now if terms.custody is Custody.SERVICE else None,
            )
            session.add(frozen)
            session.flush()
            letters.issue(session, poll, 1, fingerprints)
            checkpoints.sign(session, vault, frozen, [], now)
    except BaseException:
        vault.destroy_all(poll)
        raise
    return frozen


def sweep(session: AnySession, vault: Vault) -> int:
    """Destroy the secrets of polls whose freezing was cut off; return of how many. Raises KeyStays.

    Only of polls that began to be frozen since the last sweep: a poll that was there once keeps its keys, also
    when an older database that does not know it is put back.
    """
    cut_off = 0
    if not (begun := archive.begun(vault)):
        return 0
    with writing(session):  # whoever is freezing now comes first
        for poll in begun:
            if session.get(Poll, poll) is None:
                vault.destroy_all(poll)
                cut_off += 1
            archive.ended(vault, poll)
    return cut_off


def withdraw(
    session: AnySession, vault: Vault, poll: Poll, reason: str, now: datetime, again: bool = False
) -> None:
    """Withdraw a poll before its doors close: every unused letter becomes void, no answer is kept or counted.

    Two people decided it; `again` says that it will be asked again. What is on the board stays there, sealed.

    Raises ReasonMissing, AlreadyClosed, AlreadyWithdrawn, BackupPutBack, KeyMissing.
    """
    with writing(session):
        poll_lock(session, poll.id, shared=False)
        session.refresh(poll)
        guard.compare(session, vault, poll)
        if poll.closed_at or poll.phase(now) is Phase.DUE:
            raise AlreadyClosed()
        if poll.withdrawn_at:
            raise AlreadyWithdrawn()
        kind = Kind.RESTART if again else Kind.WITHDRAW
        records.add(session, vault, poll, kind, NO_FACTS, reason, 2, now)
        used = select(Redemption.h).where(Redemption.poll_id == poll.id)
        unused = select(Letter.poll_id, Letter.h, null(), literal("void")).where(
            Letter.poll_id == poll.id, Letter.h.not_in(used)
        )
        session.execute(insert(Redemption).from_select(["poll_id", "h", "p", "channel"], unused))
        session.execute(delete(Inbox).where(Inbox.poll_id == poll.id))  # never counted, so not kept
        poll.withdrawn_at = now
        poll.withdrawn_why = reason.strip()


def close(session: AnySession, vault: Vault, poll: Poll, now: datetime, opening: bytes | None = None) -> bool:
    """Close a poll whose time is over: the last mix, open what is on the board, see that the numbers agree.

    `opening` is the secret that two key sheets gave (`custody.joined`), where keyholders have it.
    Returns False when it was closed already. Interrupted anywhere, the next call goes on. Raises NotDue,
    AlreadyWithdrawn, PaperWaits, NotReconciled, SheetsWait, KeyMissing, AnswerSpoiled.
    """
    if not opened(session, vault, poll, now, opening):
        return False
    with writing(session):
        poll_lock(session, poll.id, shared=False)
        session.refresh(poll)
        if poll.closed_at:
            return False
        cast = turnout(session, poll)
        for question in range(1, len(terms_of(poll).questions) + 1):
            opened_here = _answers(session, Box, poll, question)
            if opened_here != _answers(session, Leaf, poll, question):
                raise AnswerSpoiled()
            ballots = opened_here + paper_votes.entered(session, poll, question)
            if ballots != cast.used or _answers(session, Inbox, poll, question):
                raise NotReconciled(
                    issued=cast.issued, used=cast.used, open=cast.open, void=cast.void, ballots=ballots
                )
        poll.closed_at = now
    return True


def opened(
    session: AnySession, vault: Vault, poll: Poll, now: datetime, opening: bytes | None = None
) -> bool:
    """Do of `close` all that takes time, in transactions of its own; False when it was closed already."""
    at = poll.phase(now)
    if at is Phase.CLOSED:
        return False
    if at is Phase.WITHDRAWN:
        raise AlreadyWithdrawn()
    if at is not Phase.DUE:
        raise NotDue()
    seal(session, vault, poll, now)
    if not _answers(session, Leaf, poll, 1):
        return True  # nothing to open, so nobody has to come with a key
    if opening is None:
        opening = custody.held(vault, poll)
    mixing.open_all(session, poll, keys.opening_key(opening))
    return True


def seal(session: AnySession, vault: Vault, poll: Poll, now: datetime) -> None:
    """Put everything that was cast on the board, and see that the numbers agree; nothing is added any more.

    Where paper or the others are fewer than the frozen floor, the paper joins the others.
    Raises PaperWaits, NotReconciled, KeyMissing, AnswerSpoiled.
    """
    if poll.mixed_at:
        return
    if waiting := papers_waiting(session, poll):
        raise PaperWaits(waiting=waiting)

    def last() -> list[mixing.Sealed]:
        """See, while nobody else writes, that this is the end; return the papers that go with it."""
        session.refresh(poll)
        if poll.mixed_at:
            return []
        if poll.phase(now) is not Phase.DUE:
            raise NotDue()
        frozen, cast = terms_of(poll), turnout(session, poll)
        for question in range(1, len(frozen.questions) + 1):
            _reconcile(session, poll, question, cast)
        paper_entry.clear(session, poll)
        poll.mixed_at = now
        return mixing.papers(session, poll) if cast.paper and min(cast.web, cast.paper) < frozen.floor else []

    mixing.finish(session, vault, poll, now, last)


def papers_waiting(session: AnySession, poll: Poll) -> int:
    """Return how many papers of some question are not entered yet."""
    redeemed, questions = turnout(session, poll).paper, len(terms_of(poll).questions)
    entered = (paper_votes.entered(session, poll, question) for question in range(1, questions + 1))
    return max(0, max(redeemed - each for each in entered))


def progress(session: AnySession, poll: Poll) -> Progress:
    """Return how far closing has come: cast, on the board, opened; nothing of what anybody chose."""
    return Progress(
        turnout(session, poll).web,
        _answers(session, Leaf, poll, 1),
        _answers(session, Box, poll, 1),
        0 if poll.mixed_at else papers_waiting(session, poll),
    )


def _reconcile(session: AnySession, poll: Poll, question: int, cast: Turnout) -> None:
    """Return when there are as many answers as redeemed letters, on paper and otherwise."""
    web = _answers(session, Leaf, poll, question) + _answers(session, Inbox, poll, question)
    on_paper = paper_votes.entered(session, poll, question)
    if (web, on_paper) != (cast.web, cast.paper):
        raise NotReconciled(
            issued=cast.issued, used=cast.used, open=cast.open, void=cast.void, ballots=web + on_paper
        )


def _answers(
    session: AnySession, table: type[Inbox] | type[Leaf] | type[Box], poll: Poll, question: int
) -> int:
    mine = table.poll_id == poll.id, table.question == question
    return session.scalar(select(func.count()).select_from(table).where(*mine)) or 0


def forget(session: AnySession, vault: Vault, poll: Poll, now: datetime) -> None:
    """Destroy what could open or tie answers, of a poll that is over; from here on nobody can.

    That it is so is only committed once every file is gone: a crash or a failure in between is mended by calling
    this again. What signs the dossier stays. Raises NotClosed, KeyStays.
    """
    with writing(session):
        if not (poll.closed_at or poll.withdrawn_at):
            raise NotClosed()
        vault.destroy_all(poll.id, but="sign")
        poll.forgotten_at = poll.forgotten_at or now


def clean(session: AnySession, now: datetime) -> bool:
    """Write anew what answers of polls that are over went through (`wipe`); False where it could not.

    Which polls still wait for it is in the database: after a crash or a failure the next call does it.
    """
    over = Poll.closed_at.is_not(None) | Poll.withdrawn_at.is_not(None)
    waiting = session.scalars(select(Poll.id).where(over, Poll.cleaned_at.is_(None))).all()
    if not waiting:
        return True
    if not wipe(session):
        return False
    with writing(session):
        these = Poll.id.in_(waiting), Poll.cleaned_at.is_(None)
        session.execute(update(Poll).where(*these).values(cleaned_at=now))
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
    replaced = session.scalar(
        select(func.sum(PrintRun.last - PrintRun.first + 1)).where(
            PrintRun.poll_id == poll.id, PrintRun.replaces
        )
    )
    return Turnout(issued, by.get("web", 0), by.get("paper", 0), by.get("void", 0), replaced or 0)


_counted: dict[tuple[bytes, int, tuple[tuple[str, ...], ...]], Outcome] = {}
_counting = Lock()  # several who ask at once wait for one count
MOST_COUNTED = 500  # outcomes that are kept


def outcomes(session: AnySession, poll: Poll) -> tuple[Outcome, ...]:
    """Count the boxes of a closed poll, question by question, by its frozen rules. Raises NotClosed.

    What is in the box of a closed poll cannot change, so each is counted once and kept until a lot is drawn.
    """
    if not poll.closed_at:
        raise NotClosed()
    return tuple(_outcome(session, poll, number) for number in range(1, len(terms_of(poll).questions) + 1))


def _outcome(session: AnySession, poll: Poll, number: int) -> Outcome:
    frozen, drawn = terms_of(poll), [tuple(lot.drawn) for lot in lots(session, poll, number)]
    key = (poll.id, number, tuple(drawn))
    if found := _counted.get(key):
        return found
    with _counting:
        if found := _counted.get(key):
            return found
        question, rule = frozen.questions[number - 1], frozen.rules[number - 1]
        sent = turnout(session, poll).sent
        if len(_counted) >= MOST_COUNTED:
            _counted.pop(next(iter(_counted)))
        _counted[key] = count(question, rule, boxes(session, poll, number), sent, drawn)
        return _counted[key]


def boxes(session: AnySession, poll: Poll, question: int) -> dict[str, Ballots]:
    """Return the ballots by channel; of paper only where there is any that kept apart."""
    boxes: dict[str, Ballots] = {"web": box.markings(session, poll.id, question)}
    on_paper = session.execute(
        select(PaperBox.marking, PaperBox.number).where(
            PaperBox.poll_id == poll.id, PaperBox.question == question, PaperBox.marking != UNUSABLE
        )
    )
    if rows := [(marking, number) for marking, number in on_paper]:
        boxes["paper"] = rows
    return boxes


def lots(session: AnySession, poll: Poll, question: int) -> Sequence[Lot]:
    """Return the lots drawn for a question, in order."""
    return session.scalars(
        select(Lot).where(Lot.poll_id == poll.id, Lot.question == question).order_by(Lot.number)
    ).all()
