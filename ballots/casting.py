"""Verbs: find a letter, seal an answer, cast. The one hot path: casting writes rows of two tables, no more.

Votes that arrived together go together (`ballots/turnstile.py` brings them): one look for their letters,
sealed before anything waits for the lock, and under the lock settled in one commit. Statements stand ready
at the top and go over the bare connection: every vote pays for what is made anew here.
Source: docs/protocol.md, "Casting".
"""

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from operator import itemgetter
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import bindparam, insert, select
from sqlalchemy.engine import Connection, Engine, Row
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ballots import codes, custody, database_log, guard, keys, paper, sealing
from ballots.database import AnySession, poll_lock, writing
from ballots.definition import Terms
from ballots.keys import MixKeys
from ballots.lifecycle import Phase, phase
from ballots.marks import marks_of, taken
from ballots.models import Inbox, Leaf, Letter, Poll, Redemption
from ballots.refusals import (
    CodeUnknown,
    ControlTaken,
    KeysNotReady,
    LetterUsed,
    LetterVoid,
    MarkingWrong,
    Refusal,
    TooEarly,
    TooLate,
    Withdrawn,
)
from ballots.sealing import Opening
from ballots.terms import Frozen, read
from ballots.vault import Vault

RACES = 5  # times that other processes may be a moment earlier, before we give up

Moments = datetime | None
Running = Row[bytes, bytes, datetime, datetime, Moments, Moments, Moments, Moments]

_OVER = Poll.closed_at.is_not(None) | Poll.withdrawn_at.is_not(None)
_RUNNING = select(
    *(Poll.id, Poll.hash, Poll.opens, Poll.closes, Poll.ready_at),
    *(Poll.lengthened_to, Poll.mixed_at, Poll.closed_at, Poll.withdrawn_at),
).where(~_OVER)
_ENDED = select(Poll.id, Poll.hash).where(_OVER)
_LETTERS = select(Letter.h).where(Letter.h.in_(bindparam("hs", expanding=True)))
_USED = select(Redemption.h, Redemption.p, Redemption.channel).where(
    Redemption.h.in_(bindparam("hs", expanding=True))
)
_WAITING = select(Inbox.poll_id, Inbox.question, Inbox.tag).where(
    Inbox.poll_id.in_(bindparam("polls", expanding=True)),
    Inbox.question.in_(bindparam("questions", expanding=True)),
    Inbox.tag.in_(bindparam("tags", expanding=True)),
)
_ON_BOARD = select(Leaf.poll_id, Leaf.question, Leaf.control).where(
    Leaf.poll_id.in_(bindparam("polls", expanding=True)),
    Leaf.question.in_(bindparam("questions", expanding=True)),
    Leaf.control.in_(bindparam("controls", expanding=True)),
)
_REDEEM, _PUT = insert(Redemption.__table__), insert(Inbox.__table__)  # type: ignore[arg-type]

# Polls whose letters were seen, by database: it saves looking which polls there are, and decides nothing.
_seen: WeakKeyDictionary[Engine, dict[bytes, Frozen]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Receipt:
    """What the voter gets: the poll and, per question, the commitment."""

    poll: bytes
    commitments: tuple[bytes, ...]

    @property
    def controls(self) -> tuple[bytes, ...]:
        """The 10 bytes of each control code."""
        return tuple(map(sealing.control, self.commitments))


@dataclass(frozen=True)
class Sent:
    """A vote as a voter sent it: the 20 symbols of a code, the fields of the form, and the 32 bytes r."""

    code: str
    fields: Mapping[str, Sequence[str]]
    r: bytes | None


@dataclass(frozen=True)
class Vote:
    """A sealed vote, ready to be written: of which letter, and per question tag, row id and envelope."""

    p: bytes
    h: bytes
    receipt: Receipt
    tags: tuple[bytes, ...]
    ids: tuple[bytes, ...]
    sealed: tuple[bytes, ...]


def letter(connection: Connection, code: str) -> tuple[Frozen, bytes]:
    """Return the poll this code's letter belongs to, and its proof p. Raises CodeUnknown, StatementsLogged."""
    found = letters(connection, [code])[code]
    if found is None:
        raise CodeUnknown()
    return found


def letters(connection: Connection, wanted: Collection[str]) -> dict[str, tuple[Frozen, bytes] | None]:
    """Return for each code what `letter` does, or None; in one query, for polls that were seen before."""
    database_log.check_often(connection)
    seen = _seen.setdefault(connection.engine, {})
    found = {code: (seen[id], p) for code, (id, p) in _among(connection, wanted, seen).items()}
    for query in (_RUNNING, _ENDED):
        if len(found) == len(wanted):
            break
        hashes = {row.id: row.hash for row in connection.execute(query)}
        for code, (id, p) in _among(connection, set(wanted) - set(found), hashes).items():
            found[code] = read(connection, id, hashes[id]), p
            if query is _RUNNING:
                seen[id] = found[code][0]
    return {code: found.get(code) for code in wanted}


def _among(
    connection: Connection, wanted: Collection[str], polls: Collection[bytes]
) -> dict[str, tuple[bytes, bytes]]:
    """Return the poll, one of these, and p of each code that has a letter there."""
    chains = {}
    for code in wanted:
        for poll in polls:
            p = codes.proof(poll, code)
            chains[codes.fingerprint(poll, p)] = code, (poll, p)
    rows = connection.execute(_LETTERS, {"hs": list(chains)}).scalars() if chains else ()
    return dict(chains[h] for h in rows)


def find(session: AnySession, code: str) -> tuple[Poll, bytes]:
    """Return the poll this code's letter belongs to, and its proof p. Raises CodeUnknown."""
    poll, p = letter(session.connection(), code)
    return session.get_one(Poll, poll.id), p


def admit(session: AnySession, poll: Poll, p: bytes, now: datetime) -> None:
    """Return when this letter may vote now.

    Raises Withdrawn, LetterVoid, LetterUsed, TooEarly, KeysNotReady, TooLate.
    """
    h = codes.fingerprint(poll.id, p)
    used = session.execute(_USED, {"hs": [h]}).first()
    if refusal := _refused(poll, used.channel if used else None, now):
        raise refusal


def _refused(poll: Poll, channel: str | None, now: datetime) -> Refusal | None:
    """Return why a letter that went through this channel, or none yet, cannot vote now."""
    at = poll.phase(now)
    if at is Phase.WITHDRAWN:
        return Withdrawn(reason=poll.withdrawn_why)
    if channel:
        return LetterVoid() if channel == "void" else LetterUsed()
    if at is Phase.FROZEN:
        return TooEarly(opens=poll.opens) if now < poll.opens else KeysNotReady()
    return None if at is Phase.OPEN else TooLate()


def openings(terms: Terms, chosen: Sequence[Sequence[str]], r: bytes) -> list[Opening]:
    """Return the opening of each answer; `chosen` holds the option ids per question. Raises MarkingWrong."""
    if len(chosen) != len(terms.questions):
        raise MarkingWrong()
    made = []
    for number, (question, ids) in enumerate(zip(terms.questions, chosen, strict=True), 1):
        try:
            marking = paper.marking(question, ids)
        except ValueError as wrong:
            raise MarkingWrong() from wrong
        made.append(sealing.opening(r, number, marking, paper.longest(question)))
    return made


def sealed(
    mix: MixKeys,
    poll: Frozen,
    p: bytes,
    chosen: Sequence[Sequence[str]],
    r: bytes,
    randomness: Callable[[int], bytes] = os.urandom,
) -> Vote:
    """Return the vote in its envelopes; `poll` and `p` are what `letter` gave for the code, `mix` its keys.

    Raises MarkingWrong.
    """
    answers = openings(poll.terms, chosen, r)
    commitments = tuple(answer.commitment(poll.id) for answer in answers)
    tags, envelopes = [], []
    for answer, commitment in zip(answers, commitments, strict=True):
        q, within = answer.question, sealing.inner(poll.id, answer, poll.keys.poll)
        tags.append(sealing.tag(poll.id, q, commitment, mix))
        envelopes.append(sealing.outer(poll.id, q, commitment, within, mix, randomness(sealing.NONCE_BYTES)))
    return Vote(
        p=p,
        h=codes.fingerprint(poll.id, p),
        receipt=Receipt(poll.id, commitments),
        tags=tuple(tags),
        ids=tuple(randomness(16) for _ in answers),
        sealed=tuple(envelopes),
    )


def mix_keys(vault: Vault, poll: bytes, check: bytes | None = None) -> MixKeys:
    """Return the keys of the outer seal, known by `check`. Raises KeyMissing: without them nobody casts."""
    return keys.mix_keys(custody.mix_secret(vault, poll, check))


def cast_sent(
    engine: Engine, vault: Vault, sent: Sequence[Sent], clock: Callable[[], datetime]
) -> list[Receipt | Refusal]:
    """Find the letters of these votes, seal and cast them, as `cast_together` does; one answer for each."""
    mix = cache(partial(mix_keys, vault))  # read once for all of these
    with Session(engine) as session:
        found = letters(session.connection(), {each.code for each in sent})
        votes: list[Vote | Refusal] = [_sealed_as_sent(mix, each, found[each.code]) for each in sent]
        behind = guard.behind(session, vault, {vote.receipt.poll for vote in votes if isinstance(vote, Vote)})
        votes = [behind.get(each.receipt.poll, each) if isinstance(each, Vote) else each for each in votes]
        settled = iter(cast_together(session, [each for each in votes if isinstance(each, Vote)], clock))
    return [next(settled) if isinstance(each, Vote) else each for each in votes]


def _sealed_as_sent(
    mix: Callable[[bytes, bytes | None], MixKeys], sent: Sent, found: tuple[Frozen, bytes] | None
) -> Vote | Refusal:
    """Return the vote of this form in its envelopes, or why there is none."""
    try:
        if found is None:
            raise CodeUnknown()
        poll, p = found
        answers = [marks_of(q, taken(q, n, sent.fields)) for n, q in enumerate(poll.terms.questions, 1)]
        if sent.r is None or any(problems for _, problems in answers):
            raise MarkingWrong()
        return sealed(mix(poll.id, poll.mix_check), poll, p, [chosen for chosen, _ in answers], sent.r)
    except Refusal as refusal:
        return refusal


def cast(session: AnySession, vote: Vote, now: datetime) -> Receipt:
    """Put one vote in the inbox and claim its letter, together or not at all; return the receipt.

    The same letter, marking and `r` again give the same receipt, also after the poll closed. Raises
    ControlTaken, and what `admit` raises.
    """
    (settled,) = cast_together(session, [vote], lambda: now)
    if isinstance(settled, Refusal):
        raise settled
    return settled


def cast_together(
    session: AnySession, votes: Sequence[Vote], clock: Callable[[], datetime]
) -> list[Receipt | Refusal]:
    """Settle votes in this order and write them in one commit; return a receipt or refusal for each.

    The clock is read once they have the lock. Where other processes are earlier each time, they go one by one.
    """
    for _ in range(RACES):
        try:
            with writing(session, alone=False):
                for poll in sorted({vote.receipt.poll for vote in votes}):
                    poll_lock(session, poll, shared=True)
                settled, taken = _settled(session, votes, clock())
                _write(session, taken)
            return settled
        except IntegrityError:  # another process was a moment earlier with one of these letters
            continue
    if len(votes) > 1:  # whoever loses a race again and again holds nobody else up
        return [settled for vote in votes for settled in cast_together(session, [vote], clock)]
    return [LetterUsed()]


def _settled(
    session: AnySession, votes: Sequence[Vote], now: datetime
) -> tuple[list[Receipt | Refusal], list[Vote]]:
    """Return what each vote gets, and those that are to be written."""
    connection = session.connection()
    running: dict[bytes, Any] = {row.id: row for row in connection.execute(_RUNNING)}
    used: dict[bytes, tuple[bytes | None, str]] = {
        h: (p, channel) for h, p, channel in connection.execute(_USED, {"hs": [vote.h for vote in votes]})
    }
    there = _there(connection, votes)
    settled: list[Receipt | Refusal] = []
    taken: list[Vote] = []
    for vote in votes:
        marks = set(_marks(vote))
        found = len(marks & there)
        p, channel = used.get(vote.h, (None, None))
        if found and p is None:
            settled.append(ControlTaken())
        elif found == len(marks):
            settled.append(vote.receipt)
        elif channel or not _open(running.get(vote.receipt.poll), now):
            poll = session.get_one(Poll, vote.receipt.poll)
            settled.append(_refused(poll, channel, now) or LetterUsed())
        else:
            taken.append(vote)
            used[vote.h] = vote.p, "web"
            there |= marks
            settled.append(vote.receipt)
    return settled, taken


def _open(poll: Running | None, now: datetime) -> bool:
    """Say whether a poll, one of `_RUNNING`, is open now."""
    if poll is None or poll.mixed_at:
        return False
    ends = poll.lengthened_to or poll.closes
    return phase(poll.opens, ends, poll.ready_at, poll.closed_at, poll.withdrawn_at, now) is Phase.OPEN


Mark = tuple[bytes, int, bytes]  # poll, question, and the 80 bits of a control code


def _marks(vote: Vote) -> list[Mark]:
    return [(vote.receipt.poll, q, control) for q, control in enumerate(vote.receipt.controls, 1)]


def _there(connection: Connection, votes: Sequence[Vote]) -> set[Mark]:
    """Return which answers of these votes are in already.

    The inbox first, then the board: the other way round an answer that is moved in between is missed.
    """
    of_tag: Mapping[Mark, Mark] = {
        (vote.receipt.poll, q, tag): mark
        for vote in votes
        for (q, tag), mark in zip(enumerate(vote.tags, 1), _marks(vote), strict=True)
    }
    marks = set(of_tag.values())
    where = {"polls": list({id for id, _, _ in marks}), "questions": list({q for _, q, _ in marks})}
    waiting = connection.execute(_WAITING, {**where, "tags": [tag for _, _, tag in of_tag]})
    there = {of_tag[poll, q, tag] for poll, q, tag in waiting if (poll, q, tag) in of_tag}
    leaves = connection.execute(_ON_BOARD, {**where, "controls": [control for _, _, control in marks]})
    return there | ({(poll, q, control) for poll, q, control in leaves} & marks)


def _write(session: AnySession, votes: Sequence[Vote]) -> None:
    """Write these votes, each table in the order of its keys, so that no order of arrival is kept."""
    if not votes:
        return
    connection = session.connection()
    connection.execute(
        _REDEEM,
        [
            {"poll_id": vote.receipt.poll, "h": vote.h, "p": vote.p, "channel": "web"}
            for vote in sorted(votes, key=lambda vote: vote.h)
        ],
    )
    rows: list[dict[str, Any]] = [
        {"poll_id": vote.receipt.poll, "id": id, "question": q, "tag": tag, "sealed": sealed}
        for vote in votes
        for q, (id, tag, sealed) in enumerate(zip(vote.ids, vote.tags, vote.sealed, strict=True), 1)
    ]
    connection.execute(_PUT, sorted(rows, key=itemgetter("id")))
