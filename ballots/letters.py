"""Verbs of letters: mint and issue them, print them again, confirm that printing is done."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import func, insert, select

from ballots import codes
from ballots.database import AnySession, writing
from ballots.models import Letter, Poll, PrintRun, Redemption
from ballots.refusals import KeyMissing, KeyStays, SeedMissing
from ballots.vault import Vault


def mint(seed: bytes, poll: bytes, serials: Iterable[int]) -> list[bytes]:
    """Return the fingerprints of the letters with these serials, in their order."""
    return [codes.fingerprint(poll, codes.proof(poll, codes.mint(seed, serial))) for serial in serials]


def issue(
    session: AnySession, poll: bytes, run: int, fingerprints: Sequence[bytes], replaces: bool = False
) -> None:
    """Store the letters of a print run; serials go on from the last one of the poll."""
    with writing(session):
        first = _last_serial(session, poll) + 1
        last = first + len(fingerprints) - 1
        session.add(PrintRun(poll_id=poll, number=run, first=first, last=last, replaces=replaces))
        session.execute(
            insert(Letter),
            [{"poll_id": poll, "h": h, "serial": serial} for serial, h in enumerate(fingerprints, first)],
        )


@contextmanager
def issued_more(
    session: AnySession, vault: Vault, poll: Poll, count: int, replaces: bool
) -> Iterator[tuple[int, list[bytes]]]:
    """Issue a further print run from a seed of its own; give its first serial and the h in order of serial.

    Around what records it, in one transaction (`writing`), for the last serial must stay the last. The seed is
    on disk before that commits, and destroyed where what is inside fails. Where only the commit fails, a seed
    is left of codes that were issued to nobody; the next run of this number takes its place.
    """
    number = max((run.number for run in runs(session, poll)), default=0) + 1
    first = _last_serial(session, poll.id) + 1
    vault.destroy(poll.id, f"seed-{number}")
    try:
        seed = vault.make(poll.id, f"seed-{number}")
        fingerprints = mint(seed, poll.id, range(first, first + count))
        issue(session, poll.id, number, fingerprints, replaces)
        yield first, fingerprints
    except BaseException:
        vault.destroy(poll.id, f"seed-{number}")
        raise


def _last_serial(session: AnySession, poll: bytes) -> int:
    return session.scalar(select(func.max(Letter.serial)).where(Letter.poll_id == poll)) or 0


def printable(
    session: AnySession, vault: Vault, poll: Poll, number: int | None = None
) -> Iterator[tuple[int, str]]:
    """Yield (serial, code) of every letter whose printing is not confirmed, in order of serial.

    Of one print run only where `number` says which. A letter that is void already is not printed.
    Raises SeedMissing where the seed of such letters is lost.
    """
    for run in runs(session, poll):
        if run.printed_at is None and number in (None, run.number):
            seed, gone = _seed(vault, poll, run.number), _void(session, poll, run)
            for serial in range(run.first, run.last + 1):
                if serial not in gone:
                    yield serial, codes.mint(seed, serial)


def _void(session: AnySession, poll: Poll, run: PrintRun) -> set[int]:
    return set(
        session.scalars(
            select(Letter.serial)
            .join(Redemption, Redemption.h == Letter.h)
            .where(
                Letter.poll_id == poll.id,
                Letter.serial.between(run.first, run.last),
                Redemption.channel == "void",
            )
        )
    )


def _seed(vault: Vault, poll: Poll, run: int) -> bytes:
    try:
        return vault.read(poll.id, f"seed-{run}")
    except KeyMissing as missing:
        raise SeedMissing() from missing


def runs(session: AnySession, poll: Poll) -> Sequence[PrintRun]:
    """Return the print runs of a poll, in order."""
    return session.scalars(
        select(PrintRun).where(PrintRun.poll_id == poll.id).order_by(PrintRun.number)
    ).all()


def made(session: AnySession, poll: Poll, now: datetime, number: int | None = None) -> None:
    """Note that the letters (of one print run, or all) were made, to be printed; the first time counts."""
    with writing(session):
        for run in runs(session, poll):
            if run.printed_at is None and run.made_at is None and number in (None, run.number):
                run.made_at = now


def printed(session: AnySession, poll: Poll, now: datetime, number: int | None = None) -> bool:
    """Confirm that printing (of one print run, or all) is done; False when that was so already.

    `forget` follows once this is committed: a seed that outlives the confirmation by a crash is
    destroyed at the next tick, one destroyed before it could not be reprinted.
    """
    with writing(session):
        found = runs(session, poll)
        waiting = [run for run in found if run.printed_at is None and number in (None, run.number)]
        for run in waiting:
            run.printed_at = now
    return bool(waiting)


def forget(session: AnySession, vault: Vault) -> int:
    """Destroy every seed of which printing was confirmed, or whose poll is over; return how many there were.

    From here on the codes exist on the printed letters only. Raises KeyStays, after it tried each of them;
    every tick tries again.
    """
    served = session.execute(
        select(PrintRun.poll_id, PrintRun.number)
        .join(Poll, Poll.id == PrintRun.poll_id)
        .where(PrintRun.printed_at.is_not(None) | Poll.forgotten_at.is_not(None))
    )
    gone, stays = 0, list[KeyStays]()
    for poll, number in served:
        try:
            gone += vault.destroy(poll, f"seed-{number}")
        except KeyStays as failed:
            stays.append(failed)
    if stays:
        raise stays[0]
    return gone
