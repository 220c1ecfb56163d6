"""Verb: read what is frozen of a poll, as every verb and page needs it."""

from dataclasses import replace

from ballots.definition import Terms, decode
from ballots.keys import Keys
from ballots.models import Poll

_parsed: dict[bytes, tuple[Terms, Keys]] = {}


def terms(poll: Poll) -> Terms:
    """Return the terms of a poll. They cannot change, so each is parsed once and kept by its hash."""
    return _frozen(poll)[0]


def in_force(poll: Poll) -> Terms:
    """Return the terms of a poll with the end that counts now: voting may have been lengthened."""
    frozen = terms(poll)
    if poll.lengthened_to is None:
        return frozen
    said = poll.lengthened_text or frozen.closes_text
    return replace(frozen, closes=poll.lengthened_to, closes_text=said)


def keys(poll: Poll) -> Keys:
    """Return the public keys of a poll."""
    return _frozen(poll)[1]


def _frozen(poll: Poll) -> tuple[Terms, Keys]:
    if poll.hash not in _parsed:
        read = decode(poll.definition)
        _parsed[poll.hash] = read.terms, read.keys
    return _parsed[poll.hash]
