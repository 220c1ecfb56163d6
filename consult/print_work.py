"""Verbs of printing: the envelope, what the print shop was handed, and control letters that prove the day of delivery.

A print run goes to the print shop in batches of at most `BATCH` sheets. Of each is kept which serials it holds and the
SHA-256 of its file, so that the shop sees that it has the right one; of the file itself nothing stays here.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update

from ballots import replacing
from ballots.database import AnySession, writing
from ballots.envelopes import PROFILES, USUAL, Profile
from ballots.models import Poll, PrintRun
from ballots.printing import BATCH
from consult import journal, letter_languages
from consult.days import day_of
from consult.models import Consultation, ControlLetter, PrintBatch, PrintSetup
from consult.refusals import (
    ArrivedWhen,
    BatchesPrinted,
    ControlFull,
    ControlGone,
    NotFrozen,
)

MOST_CONTROLS = 50


@dataclass(frozen=True)
class Setup:
    """How the letters of a consultation are printed: envelope, languages on the front, and the one on the back."""

    envelope: str = USUAL
    languages: tuple[str, ...] = ()
    back: str = ""

    @property
    def profile(self) -> Profile:
        """The envelope."""
        return PROFILES[self.envelope]


@dataclass(frozen=True)
class Batch:
    """Letters for the print shop to take in one go: of which run, the how manieth of how many, and from where to where.

    `made` is what was handed over, None while nothing was.
    """

    run: int
    number: int
    of: int
    first: int
    last: int
    made: PrintBatch | None


def setup(session: AnySession, consultation: Consultation) -> Setup:
    """Return how the letters are printed; the usual envelope and Dutch alone until somebody chose."""
    found = session.get(PrintSetup, consultation.id)
    return Setup(found.envelope, tuple(found.languages), found.back) if found else Setup()


def choose(session: AnySession, consultation: Consultation, chosen: Setup, actor: str, now: datetime) -> None:
    """Choose how the letters are printed, until the first batch is made: all letters are alike.

    Raises BatchesPrinted; ValueError for an envelope or a language that does not exist.
    """
    known = set(letter_languages.TEXTS)
    if chosen.envelope not in PROFILES or not {*chosen.languages, chosen.back} <= {*known, ""}:
        raise ValueError(f"no such envelope or language: {chosen}")
    with writing(session):
        poll = consultation.poll
        if poll and (made(session, consultation) or _any_printed(session, poll)):
            raise BatchesPrinted()
        found = session.get(PrintSetup, consultation.id) or PrintSetup(consultation_id=consultation.id)
        found.envelope, found.languages, found.back = chosen.envelope, list(chosen.languages), chosen.back
        session.add(found)
        facts = {"envelope": chosen.envelope, "languages": list(chosen.languages), "back": chosen.back}
        journal.write(session, actor, "choose envelope", consultation, now, **facts)


def _any_printed(session: AnySession, poll: Poll) -> bool:
    found = select(PrintRun.number).where(PrintRun.poll_id == poll.id, PrintRun.printed_at.is_not(None))
    return session.scalar(found.limit(1)) is not None


def ranges(run: PrintRun) -> list[range]:
    """Return the serials of each batch of a print run, in order."""
    return [range(first, min(first + BATCH, run.last + 1)) for first in range(run.first, run.last + 1, BATCH)]


def made(session: AnySession, consultation: Consultation) -> dict[tuple[int, int], PrintBatch]:
    """Return the batches that were handed over, by run and number."""
    theirs = select(PrintBatch).where(PrintBatch.consultation_id == consultation.id)
    return {(each.run, each.number): each for each in session.scalars(theirs)}


def batches(session: AnySession, consultation: Consultation, runs: Collection[PrintRun]) -> list[Batch]:
    """Return the batches of these print runs, in order."""
    done = made(session, consultation)

    def of_all() -> Iterator[Batch]:
        for run in runs:
            parts = ranges(run)
            for number, part in enumerate(parts, 1):
                yield Batch(run.number, number, len(parts), part[0], part[-1], done.get((run.number, number)))

    return list(of_all())


def hand_over(
    session: AnySession,
    consultation: Consultation,
    run: int,
    number: int,
    letters: Sequence[int],
    pages: int,
    sha256: bytes,
    actor: str,
    now: datetime,
) -> None:
    """Note which letters a batch holds, on how many pages, and the SHA-256 of its file; the last one made counts.

    The same file again is no news.
    """
    with writing(session):
        key = consultation.id, run, number
        found = session.get(PrintBatch, key) or PrintBatch(
            consultation_id=consultation.id, run=run, number=number
        )
        if found.sha256 == sha256:
            return
        found.letters, found.pages, found.sha256, found.made_at = list(letters), pages, sha256, now
        session.add(found)
        journal.write(
            session,
            actor,
            "make batch",
            consultation,
            now,
            run=run,
            batch=number,
            letters=len(letters),
            sha256=sha256.hex(),
        )


def unmade(session: AnySession, consultation: Consultation, runs: Collection[PrintRun]) -> list[Batch]:
    """Return the batches of runs of several that were never handed over: such a run is not printed.

    One of which every letter is void already has nothing to print.
    """
    found = [each for each in batches(session, consultation, runs) if each.of > 1 and each.made is None]
    return [each for each in found if _any_live(session, consultation, each)]


def _any_live(session: AnySession, consultation: Consultation, batch: Batch) -> bool:
    assert consultation.poll is not None
    found = replacing.states(session, consultation.poll, range(batch.first, batch.last + 1))
    return any(state.channel != "void" for state in found.values())


def controls(session: AnySession, consultation: Consultation) -> list[ControlLetter]:
    """Return the control letters, in order of number."""
    theirs = select(ControlLetter).where(ControlLetter.consultation_id == consultation.id)
    return list(session.scalars(theirs.order_by(ControlLetter.number)))


def add_control(
    session: AnySession,
    consultation: Consultation,
    name: str,
    street: str,
    place: str,
    actor: str,
    now: datetime,
) -> ControlLetter:
    """Add a control letter to a volunteer: `street` with the number, `place` with the postcode before it.

    Raises NotFrozen, ControlFull. The journal names nobody.
    """
    with writing(session):
        if consultation.poll is None:
            raise NotFrozen()
        there = controls(session, consultation)
        if len(there) >= MOST_CONTROLS:
            raise ControlFull(most=MOST_CONTROLS)
        number = max((each.number for each in there), default=0) + 1
        fresh = ControlLetter(
            consultation_id=consultation.id,
            number=number,
            name=name.strip(),
            street=street.strip(),
            place=place.strip(),
        )
        session.add(fresh)
        journal.write(session, actor, "add control letter", consultation, now, number=number)
    return fresh


def arrived(
    session: AnySession, consultation: Consultation, number: int, day: date | None, actor: str, now: datetime
) -> None:
    """Note on which day a control letter came; None takes a mistake back.

    Raises ControlGone, and ArrivedWhen for a day before the freeze or one that is still to come.
    """
    with writing(session):
        found = session.get(ControlLetter, (consultation.id, number))
        if found is None or consultation.poll is None:
            raise ControlGone()
        if day is not None and not day_of(consultation.poll.frozen_at) <= day <= day_of(now):
            raise ArrivedWhen()
        found.arrived_on = day
        facts = {"number": number, "day": day.isoformat() if day else None}
        journal.write(session, actor, "note control letter", consultation, now, **facts)


def forget(session: AnySession, consultation: Consultation) -> None:
    """Delete who got the control letters of a consultation that is over; number and day stay."""
    with writing(session):
        theirs = ControlLetter.consultation_id == consultation.id
        session.execute(update(ControlLetter).where(theirs).values(name="", street="", place=""))


def published(session: AnySession, consultation: Consultation) -> list[dict[str, object]]:
    """Return what the dossier says of the control letters: number and day, and nothing of who got them."""
    return [
        {"number": each.number, "arrived": each.arrived_on.isoformat() if each.arrived_on else None}
        for each in controls(session, consultation)
    ]
