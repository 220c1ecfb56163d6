"""Verb: read the frozen terms of a poll, as every verb and page needs them."""

from ballots.definition import Terms, decode
from ballots.models import Poll

_parsed: dict[bytes, Terms] = {}


def terms(poll: Poll) -> Terms:
    """Return the terms of a poll. They cannot change, so each is parsed once and kept by its hash."""
    if poll.hash not in _parsed:
        _parsed[poll.hash] = decode(poll.definition).terms
    return _parsed[poll.hash]
