"""Verbs: the address list of a consultation, from the file of the town to a serial for each letter."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Integer, Select, case, delete, func, insert, or_, select

from ballots.database import AnySession, writing
from consult import journal
from consult.addresses import MOST_LETTERS, AddressList, lines, parse, postal_key
from consult.models import Consultation, RollEntry, RollUpload
from consult.refusals import (
    AddressReasonMissing,
    LettersWrong,
    RollChanged,
    RollFaulty,
    RollFrozen,
    RollNothingWaiting,
)


@dataclass(frozen=True)
class RollTotals:
    """What the roll amounts to."""

    addresses: int  # that get a letter or more
    letters: int
    left_out: int  # by a decision of the office
    special_open: int  # that nobody has looked at yet


def upload(
    session: AnySession, consultation: Consultation, name: str, data: bytes, actor: str, now: datetime
) -> AddressList:
    """Read a file and keep it for the office to say yes to, in place of the one before; return what it holds.

    A list that is not sound is returned and not kept. Raises RollFrozen, and what `parse` raises.
    """
    found = parse(data, name)
    with writing(session):
        _changeable(consultation)
        if not found.sound:
            return found
        session.execute(delete(RollUpload).where(RollUpload.consultation_id == consultation.id))
        session.execute(
            insert(RollUpload).values(
                consultation_id=consultation.id, name=name[-200:], data=data, uploaded_at=now
            )
        )
        journal.write(session, actor, "upload roll", consultation, now, **_counts(found))
    return found


def waiting(session: AnySession, consultation: Consultation) -> RollUpload | None:
    """Return the file that waits for a yes."""
    return session.scalar(select(RollUpload).where(RollUpload.consultation_id == consultation.id))


def read(file: RollUpload) -> AddressList:
    """Return what an upload holds."""
    return parse(file.data, file.name)


def forget_upload(session: AnySession, consultation: Consultation) -> None:
    """Drop a file that was looked at and never added: once frozen it has no purpose."""
    with writing(session):
        session.execute(delete(RollUpload).where(RollUpload.consultation_id == consultation.id))


def import_roll(
    session: AnySession,
    consultation: Consultation,
    actor: str,
    now: datetime,
    shown: datetime | None = None,
) -> AddressList:
    """Replace the roll by the file that waits, whole or not at all; the file itself is deleted.

    `shown` is the upload the office looked at: another one is not imported unseen.
    Raises RollFrozen, RollNothingWaiting, RollChanged, RollFaulty.
    """
    file = waiting(session, consultation)
    if file is None:
        raise RollNothingWaiting()
    came = file.uploaded_at
    found = read(file)  # before the lock: it takes seconds, and votes wait for a lock
    with writing(session):
        _changeable(consultation)
        file = waiting(session, consultation)
        if file is None:
            raise RollNothingWaiting()
        if file.uploaded_at != came or shown not in (None, came):
            raise RollChanged()
        if not found.sound:
            raise RollFaulty()
        session.execute(delete(RollEntry).where(RollEntry.consultation_id == consultation.id))
        session.execute(
            insert(RollEntry),
            [
                {"consultation_id": consultation.id, "position": position, **asdict(address)}
                for position, address in enumerate(sorted(found.entries, key=postal_key), 1)
            ],
        )
        session.delete(file)
        session.expire(consultation, ["roll"])
        journal.write(session, actor, "import roll", consultation, now, **_counts(found))
    return found


def decide_special(
    session: AnySession, entry: RollEntry, letters: int, reason: str, actor: str, now: datetime
) -> None:
    """Give an address so many letters; 0 leaves it out.

    Raises RollFrozen, LettersWrong, AddressReasonMissing.
    """
    with writing(session):
        _changeable(entry.consultation)
        if not 0 <= letters <= MOST_LETTERS:
            raise LettersWrong(most=MOST_LETTERS)
        if not reason.strip():
            raise AddressReasonMissing()
        before = entry.letters
        entry.letters = letters
        entry.reason = reason.strip()
        journal.write(
            session, actor, "decide address", entry.consultation, now, letters_before=before, letters=letters
        )


def worklist(session: AnySession, consultation: Consultation) -> list[RollEntry]:
    """Return the special addresses: those still open first, then those decided, each in postal order."""
    return list(
        session.scalars(
            select(RollEntry)
            .where(
                RollEntry.consultation_id == consultation.id,
                or_(RollEntry.special != "", RollEntry.reason != ""),
            )
            .order_by(case((RollEntry.reason == "", 0), else_=1), RollEntry.position)
        )
    )


def find(session: AnySession, consultation: Consultation, words: str, most: int = 25) -> list[RollEntry]:
    """Return the first addresses that match every word: of a street or place, a number or a postcode."""
    wanted = words.split()[:6]
    if not wanted:
        return []
    return list(
        session.scalars(
            select(RollEntry)
            .where(RollEntry.consultation_id == consultation.id, *map(_matches, wanted))
            .order_by(RollEntry.position)
            .limit(most)
        )
    )


def _matches(word: str) -> ColumnElement[bool]:
    word = word.strip(",")
    if word.isascii() and word.isdecimal() and len(word) <= 9:
        return or_(RollEntry.number == int(word), RollEntry.postcode.startswith(word))
    return or_(
        RollEntry.street.icontains(word, autoescape=True),
        RollEntry.place.icontains(word, autoescape=True),
        RollEntry.postcode.icontains(word, autoescape=True),
    )


def totals(session: AnySession, consultation: Consultation) -> RollTotals:
    """Return what the roll amounts to now."""

    def count(those: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((those, 1), else_=0), type_=Integer), 0)

    row = session.execute(
        select(
            count(RollEntry.letters > 0),
            func.coalesce(func.sum(RollEntry.letters, type_=Integer), 0),
            count(RollEntry.letters == 0),
            count((RollEntry.special != "") & (RollEntry.reason == "")),
        ).where(RollEntry.consultation_id == consultation.id)
    ).one()
    return RollTotals(*row)


def places(session: AnySession, consultation: Consultation) -> dict[str, int]:
    """Return in which places the addresses lie that get a letter, and how many in each."""
    found = (
        select(RollEntry.place, func.count())
        .where(RollEntry.consultation_id == consultation.id, RollEntry.letters > 0)
        .group_by(RollEntry.place)
    )
    return {row[0]: row[1] for row in session.execute(found)}


def assign_serials(session: AnySession, consultation: Consultation) -> None:
    """Number the letters 1, 2, … in postal order: each address knows its first serial."""
    with writing(session):
        serial = 1
        for entry in session.scalars(_in_order(consultation)):
            entry.first_serial = serial if entry.letters else None
            serial += entry.letters


def envelopes(session: AnySession, consultation: Consultation) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the serial and the address lines of each letter, in the order of the serials."""
    for entry in session.scalars(_in_order(consultation).where(RollEntry.first_serial.is_not(None))):
        assert entry.first_serial is not None
        written = lines(entry)
        for serial in range(entry.first_serial, entry.first_serial + entry.letters):
            yield serial, written


def _in_order(consultation: Consultation) -> Select[RollEntry]:
    return select(RollEntry).where(RollEntry.consultation_id == consultation.id).order_by(RollEntry.position)


def _changeable(consultation: Consultation) -> None:
    if consultation.poll_id is not None:
        raise RollFrozen()


def _counts(found: AddressList) -> dict[str, int]:
    """What the journal may hold: never an address."""
    return {
        "addresses": len(found.entries),
        "letters": found.letters,
        "left_out": len(found.left_out),
        "special": len(found.special),
        "warnings": len(found.warnings),
    }
