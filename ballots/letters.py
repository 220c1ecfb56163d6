"""Verbs of letters: mint and issue them, print them again, confirm that printing is done."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import func, insert, select

from ballots import codes
from ballots.database import AnySession, writing
from ballots.models import Letter, Poll, PrintRun
from ballots.refusals import KeyMissing, SeedMissing
from ballots.vault import Vault


def mint(seed: bytes, poll: bytes, serials: Iterable[int]) -> list[bytes]:
    """Return the fingerprints of the letters with these serials, in their order."""
    return [codes.fingerprint(poll, codes.proof(poll, codes.mint(seed, serial))) for serial in serials]


def issue(session: AnySession, poll: bytes, run: int, fingerprints: Sequence[bytes]) -> None:
    """Store the letters of a print run; serials go on from the last one of the poll."""
    with writing(session):
        first = (session.scalar(select(func.max(Letter.serial)).where(Letter.poll_id == poll)) or 0) + 1
        last = first + len(fingerprints) - 1
        session.add(PrintRun(poll_id=poll, number=run, first=first, last=last))
        session.execute(
            insert(Letter),
            [{"poll_id": poll, "h": h, "serial": serial} for serial, h in enumerate(fingerprints, first)],
        )


def printable(session: AnySession, vault: Vault, poll: Poll) -> Iterator[tuple[int, str]]:
    """Yield (serial, code) of every letter whose printing is not confirmed, in order of serial.

    Raises SeedMissing where the seed of such letters is lost.
    """
    for run in runs(session, poll):
        if run.printed_at is None:
            seed = _seed(vault, poll, run.number)
            for serial in range(run.first, run.last + 1):
                yield serial, codes.mint(seed, serial)


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


def made(session: AnySession, poll: Poll, now: datetime) -> None:
    """Note that the letters were made, to be printed; the first time counts."""
    with writing(session):
        for run in runs(session, poll):
            if run.printed_at is None and run.made_at is None:
                run.made_at = now


def printed(session: AnySession, poll: Poll, now: datetime) -> bool:
    """Confirm that printing is done; False when that was so already.

    `forget` follows once this is committed: a seed that outlives the confirmation by a crash is
    destroyed at the next tick, one destroyed before it could not be reprinted.
    """
    with writing(session):
        waiting = [run for run in runs(session, poll) if run.printed_at is None]
        for run in waiting:
            run.printed_at = now
    return bool(waiting)


def forget(session: AnySession, vault: Vault) -> int:
    """Destroy every seed of which printing was confirmed; return how many there were.

    From here on the codes exist on the printed letters only.
    """
    confirmed = session.execute(
        select(PrintRun.poll_id, PrintRun.number).where(PrintRun.printed_at.is_not(None))
    )
    return sum(vault.destroy(poll, f"seed-{number}") for poll, number in confirmed)
