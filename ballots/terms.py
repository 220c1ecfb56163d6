"""Verb: read what is frozen of a poll, as every verb and page needs it."""

from ballots.definition import Terms, decode
from ballots.keys import Keys
from ballots.models import Poll

_parsed: dict[bytes, tuple[Terms, Keys]] = {}


def terms(poll: Poll) -> Terms:
    """Return the terms of a poll. They cannot change, so each is parsed once and kept by its hash."""
    return _frozen(poll)[0]


def keys(poll: Poll) -> Keys:
    """Return the public keys of a poll."""
    return _frozen(poll)[1]


def _frozen(poll: Poll) -> tuple[Terms, Keys]:
    if poll.hash not in _parsed:
        read = decode(poll.definition)
        _parsed[poll.hash] = read.terms, read.keys
    return _parsed[poll.hash]
