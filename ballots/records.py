"""Verb: put on the board what life demanded after the freeze. Signed, public, with a reason; only ever added."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select

from ballots import checkpoints, keys, record
from ballots.database import AnySession, writing
from ballots.definition import decode
from ballots.models import Poll, Record
from ballots.record import Facts, Kind, Standing
from ballots.record import decode as read
from ballots.refusals import ReasonMissing
from ballots.vault import Vault


def add(
    session: AnySession,
    vault: Vault,
    poll: Poll,
    kind: Kind,
    facts: Facts,
    reason: str,
    people: int,
    now: datetime,
) -> Record:
    """Add a record of this kind, decided by so many people, and a checkpoint that holds it.

    It belongs in the transaction of what it tells (`writing`). Raises ReasonMissing, KeyMissing, and
    RecordWrong for what may not follow the records before it.
    """
    if not reason.strip():
        raise ReasonMissing()
    with writing(session):
        stands = standing(session, poll)
        body = stands.next(kind, facts, reason.strip(), people, now).encode()
        record.followed(stands, body)
        key = keys.board_key(vault.read(poll.id, "sign"))
        made = Record(poll_id=poll.id, number=stands.number + 1, body=body, signature=record.sign(body, key))
        session.add(made)
        session.flush()
        checkpoints.sign(session, vault, poll, [], now)
    return made


def standing(session: AnySession, poll: Poll) -> Standing:
    """Return how a poll stands: as it was frozen, with its records applied."""
    frozen = decode(poll.definition)
    terms = frozen.terms
    start = record.frozen(poll.hash, frozen.letters, terms.closes, terms.closes_text, terms.lengthen)
    return record.applied(start, _bodies(session, poll))


def since(session: AnySession, poll: Poll, moment: datetime) -> list[record.Record]:
    """Return the records of a poll that are younger than this moment, in order."""
    return [each for each in map(read, _bodies(session, poll)) if each.at > moment]


def _bodies(session: AnySession, poll: Poll) -> Iterator[bytes]:
    return iter(
        session.scalars(select(Record.body).where(Record.poll_id == poll.id).order_by(Record.number)).all()
    )
