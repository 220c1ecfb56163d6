"""Verbs of who holds the key that opens ballots: the service, or three people of whom any two can open.

Source: docs/protocol.md, "Keys".
"""

from datetime import datetime
from itertools import combinations

from sqlalchemy import select

from ballots import keys, shares
from ballots.database import AnySession, writing
from ballots.definition import Custody
from ballots.models import Poll, Trial
from ballots.refusals import SheetsOther, SheetsWait
from ballots.shares import Share
from ballots.terms import keys as public_keys
from ballots.terms import terms
from ballots.vault import Vault

PAIRS = tuple(combinations(shares.PLACES, 2))


def entrust(vault: Vault, poll: bytes, custody: Custody, opening: bytes) -> None:
    """Store the opening secret of a new poll with the service, or as three shares until those are printed."""
    if custody is Custody.SERVICE:
        vault.make(poll, "open", opening)
        return
    for share in shares.split(opening, vault.randomness(shares.SECRET)):
        vault.make(poll, f"share-{share.x}", share.data)


def held(vault: Vault, poll: Poll) -> bytes:
    """Return the opening secret where the service has it. Raises SheetsWait where keyholders do, KeyMissing."""
    if terms(poll).custody is Custody.KEYHOLDERS:
        raise SheetsWait()
    return vault.read(poll.id, "open")


def sheets(vault: Vault, poll: Poll) -> list[str]:
    """Return the texts of the three key sheets, to print. Raises KeyMissing once printing was confirmed."""
    return [shares.text(poll.id, Share(x, vault.read(poll.id, f"share-{x}"))) for x in shares.PLACES]


def sheets_printed(session: AnySession, vault: Vault, poll: Poll, now: datetime) -> bool:
    """Destroy what the key sheets are printed from; return whether it was still there."""
    there = [vault.destroy(poll.id, f"share-{x}") for x in shares.PLACES]
    _ready(session, vault, poll, now)
    return any(there)


def joined(poll: Poll, one: str, other: str) -> bytes:
    """Return the opening secret that two sheets give, as they were typed or scanned.

    Raises SheetsOther, and what `shares.read` and `shares.joined` raise.
    """
    first, second = shares.read(one, poll.id), shares.read(other, poll.id)
    secret = shares.joined(first, second)
    if keys.opening_key(secret).public_key().public_bytes_raw() != public_keys(poll).poll:
        raise SheetsOther()
    return secret


def tried(session: AnySession, vault: Vault, poll: Poll, one: str, other: str, now: datetime) -> str:
    """Record that a pair of sheets gives the key, and forget it again; return the pair, such as "1-3".

    The poll is ready to open once all three pairs did, and no copy of a share is left here.
    Raises what `joined` raises.
    """
    joined(poll, one, other)
    pair = "-".join(str(x) for x in sorted(shares.read(each, poll.id).x for each in (one, other)))
    with writing(session):
        if session.get(Trial, (poll.id, pair)) is None:
            session.add(Trial(poll_id=poll.id, pair=pair, passed_at=now))
            session.flush()
    _ready(session, vault, poll, now)
    return pair


def trials(session: AnySession, poll: Poll) -> set[str]:
    """Return the pairs that passed."""
    return set(session.scalars(select(Trial.pair).where(Trial.poll_id == poll.id)))


def _ready(session: AnySession, vault: Vault, poll: Poll, now: datetime) -> None:
    kept = any(vault.has(poll.id, f"share-{x}") for x in shares.PLACES)
    with writing(session):
        if poll.ready_at is None and len(trials(session, poll)) == len(PAIRS) and not kept:
            poll.ready_at = now
