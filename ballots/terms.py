"""Verb: read what is frozen of a poll, as every verb and page needs it."""

from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.engine import Connection

from ballots.definition import Terms, decode
from ballots.keys import Keys
from ballots.models import Poll


@dataclass(frozen=True)
class Frozen:
    """What never changes of a poll: its id (16 bytes), its terms and its keys: the public ones, and which one mixes."""

    id: bytes
    terms: Terms
    keys: Keys
    mix_check: bytes | None = None  # by which the key of its outer seals is known


_parsed: dict[bytes, Frozen] = {}  # by the hash of the definition: each is parsed once


def frozen(poll: Poll) -> Frozen:
    """Return what is frozen of a poll."""
    return _parsed.get(poll.hash) or _parse(poll.hash, poll.definition, poll.mix_check)


def read(connection: Connection, id: bytes, hash: bytes) -> Frozen:
    """Return what is frozen of the poll with this id and hash."""
    if found := _parsed.get(hash):
        return found
    mine = select(Poll.definition, Poll.mix_check).where(Poll.id == id)
    return _parse(hash, *connection.execute(mine).one())


def _parse(hash: bytes, definition: bytes, mix_check: bytes | None) -> Frozen:
    read = decode(definition)
    return _parsed.setdefault(hash, Frozen(read.poll, read.terms, read.keys, mix_check))


def terms(poll: Poll) -> Terms:
    """Return the terms of a poll."""
    return frozen(poll).terms


def in_force(poll: Poll) -> Terms:
    """Return the terms of a poll with the end that counts now: voting may have been lengthened."""
    unchanged = terms(poll)
    if poll.lengthened_to is None:
        return unchanged
    said = poll.lengthened_text or unchanged.closes_text
    return replace(unchanged, closes=poll.lengthened_to, closes_text=said)


def keys(poll: Poll) -> Keys:
    """Return the public keys of a poll."""
    return frozen(poll).keys
