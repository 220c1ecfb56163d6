"""Verbs: what life demands of letters and days once a poll is frozen: void, replace, add, lengthen, contest.

Each is one transaction that keeps voters waiting, and puts a public record on the board in that same
transaction. All or nothing: a refusal names every letter that stands in the way.
Source: docs/protocol.md, "The board".
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select

from ballots import guard, letters, record, records
from ballots.database import AnySession, poll_lock, writing
from ballots.lifecycle import Phase
from ballots.models import Letter, Poll, Redemption
from ballots.record import Kind
from ballots.refusals import (
    AlreadyClosed,
    AlreadyWithdrawn,
    LengthenedBefore,
    LengthenNever,
    LengthenNotLater,
    LengthenTooLong,
    LettersContested,
    LettersMixed,
    LettersMixedUsed,
    LettersOpen,
    LettersUnknown,
    LettersUsed,
    LettersVoid,
    NoLetters,
    Refusal,
    ReplacedAlone,
    SerialsMissing,
)
from ballots.serials import shown
from ballots.vault import Vault

AT_ONCE = 500  # letters asked for in one query
MOST_ADDED = 50_000
MOST_ALONE = 3  # letters of a poll that one person replaces without another, whoever it is, in any
ALONE_IN = timedelta(days=7)  # so long: who prints a letter can vote with it


@dataclass(frozen=True)
class State:
    """A letter: its fingerprint, and the channel through which it went, None while it is open."""

    h: bytes
    channel: str | None


def states(session: AnySession, poll: Poll, serials: Iterable[int]) -> dict[int, State]:
    """Return how the letters with these serials stand; one that was never issued is left out."""
    wanted = sorted(set(serials))
    found: dict[int, State] = {}
    for start in range(0, len(wanted), AT_ONCE):
        rows = session.execute(
            select(Letter.serial, Letter.h, Redemption.channel)
            .outerjoin(Redemption, Redemption.h == Letter.h)
            .where(Letter.poll_id == poll.id, Letter.serial.in_(wanted[start : start + AT_ONCE]))
        )
        found.update((serial, State(h, channel)) for serial, h, channel in rows)
    return found


def live(poll: Poll, now: datetime) -> None:
    """Return while letters and days of a poll can still change. Raises AlreadyClosed, AlreadyWithdrawn."""
    at = poll.phase(now)
    if at is Phase.WITHDRAWN:
        raise AlreadyWithdrawn()
    if at in (Phase.DUE, Phase.CLOSED):
        raise AlreadyClosed()


def open_letters(session: AnySession, poll: Poll, serials: Collection[int]) -> dict[int, bytes]:
    """Return the h of each of these letters, which are all open.

    Raises SerialsMissing, LettersUnknown, LettersUsed, LettersVoid, and LettersMixed where several of these hold.
    """
    found = _known(session, poll, serials)
    wrong: dict[type[Refusal], list[int]] = {}
    for serial in serials:
        if serial not in found:
            wrong.setdefault(LettersUnknown, []).append(serial)
        elif channel := found[serial].channel:
            wrong.setdefault(LettersVoid if channel == "void" else LettersUsed, []).append(serial)
    _refuse(wrong, LettersMixed)
    return {serial: found[serial].h for serial in serials}


def used_letters(session: AnySession, poll: Poll, serials: Collection[int]) -> dict[int, bytes]:
    """Return the h of each of these letters, which were all used and not contested before.

    Raises SerialsMissing, LettersUnknown, LettersOpen, LettersVoid, LettersContested, and LettersMixedUsed where
    several of these hold.
    """
    found = _known(session, poll, serials)
    before = records.standing(session, poll).contested
    wrong: dict[type[Refusal], list[int]] = {}
    for serial in serials:
        if serial not in found:
            wrong.setdefault(LettersUnknown, []).append(serial)
        elif found[serial].channel is None:
            wrong.setdefault(LettersOpen, []).append(serial)
        elif found[serial].channel == "void":
            wrong.setdefault(LettersVoid, []).append(serial)
        elif found[serial].h in before:
            wrong.setdefault(LettersContested, []).append(serial)
    _refuse(wrong, LettersMixedUsed)
    return {serial: found[serial].h for serial in serials}


def alone(session: AnySession, poll: Poll, now: datetime) -> int:
    """Return how many letters one person may still replace alone now; the public records say how many were."""
    lately = records.since(session, poll, now - ALONE_IN)
    replaced = [each for each in lately if each.kind is Kind.REPLACE and each.people == 1]
    return max(0, MOST_ALONE - len(replaced))


def may_lengthen(session: AnySession, poll: Poll, closes: datetime) -> None:
    """Return when voting may go on until `closes`.

    Raises LengthenNever, LengthenedBefore, LengthenNotLater, and LengthenTooLong.
    """
    stands = records.standing(session, poll)
    if stands.lengthened:
        raise LengthenedBefore()
    if stands.latest == stands.closes:
        raise LengthenNever()
    if closes <= stands.closes:
        raise LengthenNotLater()
    if closes > stands.latest:
        raise LengthenTooLong(days=(stands.latest - stands.closes).days)


def void(
    session: AnySession, vault: Vault, poll: Poll, serials: Collection[int], reason: str, now: datetime
) -> None:
    """Make letters void that are still open: returned unopened, or spoiled sheets.

    Raises what `open_letters` and `live` raise, ReasonMissing, KeyMissing.
    """
    with _changing(session, vault, poll):
        live(poll, now)
        gone = open_letters(session, poll, serials)
        records.add(session, vault, poll, Kind.VOID, record.of_letters(gone.values()), reason, 1, now)
        _void(session, poll, gone.values())


def replace(
    session: AnySession,
    vault: Vault,
    poll: Poll,
    serials: Collection[int],
    reason: str,
    people: int,
    now: datetime,
) -> Mapping[int, int]:
    """Make letters void that are still open, and issue a new one for each; return old serial → new serial.

    The new ones are a print run of their own, in the order of the old. `people` decided it: of two letters
    or more two, and of one where `alone` leaves none. Raises what `void` raises, ReplacedAlone.
    """
    with _changing(session, vault, poll):
        live(poll, now)
        gone = open_letters(session, poll, serials)
        if people < 2 and not alone(session, poll, now):
            raise ReplacedAlone(most=MOST_ALONE, days=ALONE_IN.days)
        old = sorted(gone)
        with letters.issued_more(session, vault, poll, len(old), replaces=True) as (first, fresh):
            facts = record.of_pairs(zip((gone[serial] for serial in old), fresh, strict=True))
            records.add(session, vault, poll, Kind.REPLACE, facts, reason, people, now)
            _void(session, poll, gone.values())
    return {serial: first + place for place, serial in enumerate(old)}


def add(
    session: AnySession, vault: Vault, poll: Poll, count: int, reason: str, now: datetime
) -> Sequence[int]:
    """Issue letters for addresses that were forgotten, as a print run of their own; return their serials.

    Two people decided it. Raises NoLetters, and what `live` raises, ReasonMissing, KeyMissing.
    """
    if not 0 < count <= MOST_ADDED:
        raise NoLetters()
    with _changing(session, vault, poll):
        live(poll, now)
        with letters.issued_more(session, vault, poll, count, replaces=False) as (first, fresh):
            records.add(session, vault, poll, Kind.ADD, record.of_letters(fresh), reason, 2, now)
    return range(first, first + count)


def lengthen(
    session: AnySession,
    vault: Vault,
    poll: Poll,
    closes: datetime,
    closes_text: str,
    reason: str,
    now: datetime,
) -> None:
    """Let voting go on until `closes`; `closes_text` is the new last day as people read it.

    Once, by at most what was frozen; two people decided it. Raises what `live` and `may_lengthen` raise,
    ReasonMissing, KeyMissing.
    """
    with _changing(session, vault, poll):
        live(poll, now)
        may_lengthen(session, poll, closes)
        facts = record.of_closing(closes, closes_text)
        records.add(session, vault, poll, Kind.LENGTHEN, facts, reason, 2, now)
        poll.lengthened_to, poll.lengthened_text = closes, closes_text


def contest(
    session: AnySession, vault: Vault, poll: Poll, serials: Collection[int], reason: str, now: datetime
) -> None:
    """Put on record that these letters were used while their addresses say that they did not vote.

    It changes nothing else, and may come after close. Raises what `used_letters` raises, AlreadyWithdrawn,
    ReasonMissing, KeyMissing.
    """
    with _changing(session, vault, poll):
        if poll.withdrawn_at:
            raise AlreadyWithdrawn()
        them = used_letters(session, poll, serials)
        records.add(session, vault, poll, Kind.CONTEST, record.of_letters(them.values()), reason, 1, now)


@contextmanager
def _changing(session: AnySession, vault: Vault, poll: Poll) -> Iterator[None]:
    """Write while no voter does: what is checked here is so until it is committed. Raises BackupPutBack."""
    with writing(session):
        poll_lock(session, poll.id, shared=False)
        session.refresh(poll)  # what others did to it while we waited
        guard.compare(session, vault, poll)
        yield


def _known(session: AnySession, poll: Poll, serials: Collection[int]) -> dict[int, State]:
    if not serials:
        raise SerialsMissing()
    return states(session, poll, serials)


NAMES: Mapping[type[Refusal], str] = {
    LettersUnknown: "unknown",
    LettersUsed: "used",
    LettersVoid: "void",
    LettersOpen: "open",
    LettersContested: "contested",
}


def _refuse(wrong: Mapping[type[Refusal], Sequence[int]], mixed: type[Refusal]) -> None:
    """Raise what is wrong with letters, if anything, naming each of them; `mixed` where it is several things."""
    if len(wrong) == 1:
        ((refusal, serials),) = wrong.items()
        raise refusal(serials=shown(serials))
    if wrong:
        raise mixed(**{name: shown(wrong.get(refusal, ())) or "–" for refusal, name in NAMES.items()})


def _void(session: AnySession, poll: Poll, gone: Iterable[bytes]) -> None:
    session.execute(
        insert(Redemption),
        [{"poll_id": poll.id, "h": h, "p": None, "channel": "void"} for h in sorted(gone)],
    )
