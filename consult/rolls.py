"""Verbs: the address list of a consultation, from the file of the town to a serial for each letter."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import ColumnElement, Integer, Select, case, delete, func, insert, or_, select

from ballots.database import AnySession, writing
from consult import journal
from consult.addresses import MOST_LETTERS, Address, AddressList, lines, parse, postal_key
from consult.models import Consultation, ExtraLetter, RollEntry, RollUpload
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
        written = lines(entry)
        for serial in _first_letters(entry):
            yield serial, written
    for extra in session.scalars(_extra(consultation).order_by(ExtraLetter.serial)):
        yield extra.serial, lines(extra.entry)


def letters_of(session: AnySession, entry: RollEntry) -> list[int]:
    """Return the serials of all letters that an address ever got, in order."""
    extra = select(ExtraLetter.serial).where(ExtraLetter.roll_entry_id == entry.id)
    return sorted([*_first_letters(entry), *session.scalars(extra)])


def entries_of(
    session: AnySession, consultation: Consultation, serials: Collection[int]
) -> dict[int, RollEntry]:
    """Return the address that each of these letters went to; a serial that was never issued is left out."""
    found = {extra.serial: extra.entry for extra in session.scalars(_extra(consultation))}
    entries = list(
        session.scalars(
            select(RollEntry)
            .where(RollEntry.consultation_id == consultation.id, RollEntry.first_serial.is_not(None))
            .order_by(RollEntry.first_serial)
        )
    )
    firsts = [entry.first_serial or 0 for entry in entries]
    for serial in serials:
        place = bisect_right(firsts, serial) - 1
        if serial not in found and place >= 0 and serial in _first_letters(entries[place]):
            found[serial] = entries[place]
    return {serial: found[serial] for serial in serials if serial in found}


def note_replaced(session: AnySession, consultation: Consultation, fresh: Mapping[int, int]) -> None:
    """Note that letters (old serial → new serial) went to the addresses of the old ones."""
    with writing(session):
        for old, entry in entries_of(session, consultation, fresh).items():
            extra = {"serial": fresh[old], "roll_entry_id": entry.id, "replaces": old}
            session.add(ExtraLetter(consultation_id=consultation.id, **extra))


def note_added(
    session: AnySession,
    consultation: Consultation,
    known: Sequence[tuple[RollEntry, int]],
    new: Sequence[Address],
    serials: Sequence[int],
) -> None:
    """Divide added letters over addresses of the roll that get so many more, and then over new addresses."""
    with writing(session):
        left = iter(serials)
        for entry, number in known:
            for serial in islice(left, number):
                session.add(
                    ExtraLetter(consultation_id=consultation.id, serial=serial, roll_entry_id=entry.id)
                )
        last = session.scalar(
            select(func.max(RollEntry.position)).where(RollEntry.consultation_id == consultation.id)
        )
        for position, address in enumerate(new, (last or 0) + 1):
            first, *_ = islice(left, address.letters)
            facts = {**asdict(address), "position": position, "first_serial": first}
            session.add(RollEntry(consultation_id=consultation.id, **facts))


def copy(session: AnySession, of: Consultation, to: Consultation) -> None:
    """Copy the addresses of a consultation to a draft, each with as many letters as it could vote with."""
    with writing(session):
        more = Counter(
            session.scalars(
                select(ExtraLetter.roll_entry_id).where(
                    ExtraLetter.consultation_id == of.id, ExtraLetter.replaces.is_(None)
                )
            )
        )
        for entry in session.scalars(_in_order(of)):
            facts = {name: getattr(entry, name) for name in COPIED}
            facts["letters"] += more[entry.id]
            session.add(RollEntry(consultation_id=to.id, **facts))


COPIED = (
    *("position", "nummeraanduiding", "street", "number", "letter", "addition", "postcode", "place"),
    *("letters", "special", "reason"),
)


def _first_letters(entry: RollEntry) -> range:
    first = entry.first_serial
    return range(0) if first is None else range(first, first + entry.letters)


def _extra(consultation: Consultation) -> Select[ExtraLetter]:
    return select(ExtraLetter).where(ExtraLetter.consultation_id == consultation.id)


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
