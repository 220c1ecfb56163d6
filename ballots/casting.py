"""Verbs: find a letter, seal an answer, cast. The one hot path: casting writes rows of two tables, no more.

A vote is sealed before it waits for the lock; under the lock, votes that arrived together are settled
and committed together (`ballots/turnstile.py` brings them). Source: docs/protocol.md, "Casting".
"""

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from ballots import codes, keys, paper, sealing
from ballots.database import AnySession, poll_lock, writing
from ballots.definition import Terms
from ballots.lifecycle import Phase
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
from ballots.terms import keys as public_keys
from ballots.terms import terms
from ballots.vault import Vault

RACES = 5  # times that other processes may be a moment earlier, before we give up


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
class Vote:
    """A sealed vote, ready to be written: of which letter, and per question tag, row id and envelope."""

    p: bytes
    h: bytes
    receipt: Receipt
    tags: tuple[bytes, ...]
    ids: tuple[bytes, ...]
    sealed: tuple[bytes, ...]


def find(session: AnySession, code: str) -> tuple[Poll, bytes]:
    """Return the poll this code's letter belongs to, and its proof p. Raises CodeUnknown."""
    proofs = {id: codes.proof(id, code) for id in session.scalars(select(Poll.id))}
    prints = [codes.fingerprint(id, p) for id, p in proofs.items()]
    poll = session.scalar(select(Poll).join(Letter).where(Letter.h.in_(prints)))
    if poll is None:
        raise CodeUnknown()
    return poll, proofs[poll.id]


def admit(session: AnySession, poll: Poll, p: bytes, now: datetime) -> None:
    """Return when this letter may vote now.

    Raises Withdrawn, LetterVoid, LetterUsed, TooEarly, KeysNotReady, TooLate.
    """
    h = codes.fingerprint(poll.id, p)
    channel = session.scalar(select(Redemption.channel).where(Redemption.h == h))
    if refusal := _refused(poll, channel, now):
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
        if paper.check(question, ids):
            raise MarkingWrong()
        made.append(sealing.opening(r, number, paper.marking(question, ids), paper.longest(question)))
    return made


def sealed(
    vault: Vault,
    poll: Poll,
    p: bytes,
    chosen: Sequence[Sequence[str]],
    r: bytes,
    randomness: Callable[[int], bytes] = os.urandom,
) -> Vote:
    """Return the vote in its envelopes; `poll` and `p` are what `find` gave for the code.

    Raises MarkingWrong, and KeyMissing where the poll's mix key cannot be read.
    """
    answers = openings(terms(poll), chosen, r)
    mix, public = keys.mix_keys(vault.read(poll.id, "mix")), public_keys(poll).poll
    tags, envelopes = [], []
    for answer in answers:
        commitment, q = answer.commitment(poll.id), answer.question
        within = sealing.inner(poll.id, answer, public)
        tags.append(sealing.tag(poll.id, q, commitment, mix))
        envelopes.append(sealing.outer(poll.id, q, commitment, within, mix, randomness(sealing.NONCE_BYTES)))
    return Vote(
        p=p,
        h=codes.fingerprint(poll.id, p),
        receipt=Receipt(poll.id, tuple(answer.commitment(poll.id) for answer in answers)),
        tags=tuple(tags),
        ids=tuple(randomness(16) for _ in answers),
        sealed=tuple(envelopes),
    )


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

    The clock is read once they have the lock.
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
    return [LetterUsed()] * len(votes)


def _settled(
    session: AnySession, votes: Sequence[Vote], now: datetime
) -> tuple[list[Receipt | Refusal], list[Vote]]:
    """Return what each vote gets, and those that are to be written."""
    polls = {
        poll.id: poll
        for poll in session.scalars(select(Poll).where(Poll.id.in_({vote.receipt.poll for vote in votes})))
    }
    used = {h: (p, channel) for h, p, channel in _redemptions(session, [vote.h for vote in votes])}
    there = _there(session, votes)
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
        elif refusal := _refused(polls[vote.receipt.poll], channel, now):
            settled.append(refusal)
        else:
            taken.append(vote)
            used[vote.h] = vote.p, "web"
            there |= marks
            settled.append(vote.receipt)
    return settled, taken


Mark = tuple[bytes, int, bytes]  # poll, question, and the 80 bits of a control code


def _marks(vote: Vote) -> list[Mark]:
    return [(vote.receipt.poll, q, control) for q, control in enumerate(vote.receipt.controls, 1)]


def _redemptions(session: AnySession, hs: Collection[bytes]) -> Sequence[tuple[bytes, bytes | None, str]]:
    rows = session.execute(select(Redemption.h, Redemption.p, Redemption.channel).where(Redemption.h.in_(hs)))
    return [(h, p, channel) for h, p, channel in rows]


def _there(session: AnySession, votes: Sequence[Vote]) -> set[Mark]:
    """Return which answers of these votes are in already.

    The inbox first, then the board: the other way round an answer that is moved in between is missed.
    """
    of_tag: Mapping[Mark, Mark] = {
        (vote.receipt.poll, q, tag): mark
        for vote in votes
        for (q, tag), mark in zip(enumerate(vote.tags, 1), _marks(vote), strict=True)
    }
    tags = [tag for _, _, tag in of_tag]
    waiting = session.execute(select(Inbox.poll_id, Inbox.question, Inbox.tag).where(Inbox.tag.in_(tags)))
    there = {of_tag[poll, q, tag] for poll, q, tag in waiting if (poll, q, tag) in of_tag}
    marks = set(of_tag.values())
    leaves = session.execute(
        select(Leaf.poll_id, Leaf.question, Leaf.control).where(
            Leaf.poll_id.in_({poll for poll, _, _ in marks}),
            Leaf.control.in_([control for _, _, control in marks]),
        )
    )
    return there | ({(poll, q, control) for poll, q, control in leaves} & marks)


def _write(session: AnySession, votes: Sequence[Vote]) -> None:
    """Write these votes, each table in the order of its keys, so that no order of arrival is kept."""
    if not votes:
        return
    session.execute(
        insert(Redemption.__table__),  # type: ignore[arg-type]
        [
            {"poll_id": vote.receipt.poll, "h": vote.h, "p": vote.p, "channel": "web"}
            for vote in sorted(votes, key=lambda vote: vote.h)
        ],
    )
    rows = [
        {"poll_id": vote.receipt.poll, "id": id, "question": q, "tag": tag, "sealed": sealed}
        for vote in votes
        for q, (id, tag, sealed) in enumerate(zip(vote.ids, vote.tags, vote.sealed, strict=True), 1)
    ]
    session.execute(insert(Inbox.__table__), sorted(rows, key=lambda row: row["id"]))  # type: ignore[arg-type, return-value]
