"""Verbs of who holds the key that opens ballots: the service, or three people of whom any two can open;
and of the key that mixes, of which a copy lies in a sealed envelope.

Source: docs/protocol.md, "Keys".
"""

from datetime import datetime
from itertools import combinations

from cryptography.exceptions import InvalidTag
from sqlalchemy import select

from ballots import keys, sealing, shares
from ballots.database import AnySession, writing
from ballots.definition import Custody
from ballots.models import Inbox, Poll, Trial
from ballots.refusals import (
    KeyMissing,
    MixKeyGone,
    MixKeyOther,
    MixKeyStrange,
    MixKeyThere,
    SheetsOther,
    SheetsPrinted,
    SheetsUntried,
    SheetsWait,
)
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


def share(vault: Vault, poll: Poll, x: int) -> Share:
    """Return what a key sheet is printed from. Raises SheetsPrinted once printing was confirmed."""
    try:
        return Share(x, vault.read(poll.id, f"share-{x}"))
    except KeyMissing as gone:
        raise SheetsPrinted() from gone


def sheets(vault: Vault, poll: Poll) -> list[str]:
    """Return the texts of the three key sheets, to print. Raises SheetsPrinted once printing was confirmed."""
    return [shares.text(poll.id, share(vault, poll, x)) for x in shares.PLACES]


def sheets_printed(session: AnySession, vault: Vault, poll: Poll, now: datetime) -> bool:
    """Destroy what the key sheets are printed from; return whether it was still there.

    Every pair has passed its trial before: a sheet that is not right can then still be printed again.
    Raises SheetsUntried.
    """
    if len(trials(session, poll)) < len(PAIRS):
        raise SheetsUntried()
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


def mix_secret(vault: Vault, poll: bytes, check: bytes | None) -> bytes:
    """Return the secret that mixes. Raises KeyMissing, MixKeyStrange where it is not the one of `poll.mix_check`.

    Whoever could plant a file would otherwise know the key of every vote after it. A poll that was frozen
    before there was a check has None.
    """
    secret = vault.read(poll, "mix")
    if check is not None and keys.mix_check(poll, secret) != check:
        raise MixKeyStrange()
    return secret


def mix_key_there(vault: Vault, poll: Poll) -> bool:
    """Say whether the key that mixes can be read, and is the right one; without it nobody can vote."""
    try:
        mix_secret(vault, poll.id, poll.mix_check)
    except KeyMissing:
        return False
    return True


def mix_restored(session: AnySession, vault: Vault, poll: Poll, typed: str) -> None:
    """Put a lost mix key back from its sheet, as it was typed or scanned.

    It must be the key that the poll was frozen with; of a poll from before that was kept the sheet says that it
    is of this poll, and where an answer waits, the key must open it too.
    Raises MixKeyGone, MixKeyThere, MixKeyOther, and what `shares.read_mix` raises.
    """
    if poll.forgotten_at:
        raise MixKeyGone()
    if mix_key_there(vault, poll):
        raise MixKeyThere()
    secret = shares.read_mix(typed, poll.id)
    if poll.mix_check not in (None, keys.mix_check(poll.id, secret)):
        raise MixKeyOther()
    one = session.scalar(select(Inbox).where(Inbox.poll_id == poll.id).limit(1))
    try:
        if one:
            sealing.outer_opened(poll.id, one.question, one.sealed, keys.mix_keys(secret))
    except InvalidTag as other:
        raise MixKeyOther() from other
    vault.destroy(poll.id, "mix")  # what is left of a file that cannot be read
    vault.make(poll.id, "mix", secret)


def _ready(session: AnySession, vault: Vault, poll: Poll, now: datetime) -> None:
    kept = any(vault.has(poll.id, f"share-{x}") for x in shares.PLACES)
    with writing(session):
        if poll.ready_at is None and len(trials(session, poll)) == len(PAIRS) and not kept:
            poll.ready_at = now
