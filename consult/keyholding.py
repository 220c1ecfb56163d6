"""Verbs of the keys of a consultation: on paper, in whose hands, tried, put back, and gone again.

Paper has no column in the database: whether a sheet was printed, sealed or shredded is what the journal says.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select

from ballots import custody, shares
from ballots.database import AnySession, writing
from ballots.definition import Custody
from ballots.lifecycle import Phase
from ballots.models import Poll
from ballots.shares import Share
from ballots.terms import terms
from ballots.vault import Vault
from consult import accounts, journal
from consult.models import Consultation, JournalEntry, Keyholder, Role, Staff, Town, Wijk
from consult.refusals import (
    KeyholderChanged,
    KeyholdersNeedless,
    KeyholdersNotThree,
    KeysInUse,
    MixSheetNotMade,
    MixSheetSealed,
    NoSheetOfYours,
    NotFrozen,
    SheetTaken,
)

PARTS = shares.PLACES
ASSIGNED = "assign key sheets"
MIX_PRINTED, SHARE_PRINTED = "print mix sheet", "print key sheet"
CONFIRMED = "confirm key sheets, destroy copies"
SEALED, SHREDDED = "seal mix sheet", "shred key sheets"


class Task(StrEnum):
    """What has to be done next about the keys of a consultation, the most pressing first."""

    RESTORE = "restore"  # the key that mixes is gone from the service
    OPEN = "open"  # two keyholders open the box
    ASSIGN = "assign"  # who keeps which part
    PRINT = "print"  # keyholders print their sheets
    TRY = "try"  # they try them, two by two
    CONFIRM = "confirm"  # the service destroys what sheets are printed from
    ENVELOPE = "envelope"  # the sheet of the key that mixes is not in its envelope yet
    SHRED = "shred"  # the keys have served: destroy the paper


@dataclass(frozen=True)
class Todo:
    """The tasks of a consultation, the most pressing first."""

    consultation: Consultation
    tasks: tuple[Task, ...]


def people(session: AnySession, town: Town) -> list[Staff]:
    """Return who can be a keyholder in a town."""
    theirs = Staff.town_id == town.id, Staff.role == Role.SLEUTELHOUDER, Staff.active
    return list(session.scalars(select(Staff).where(*theirs).order_by(Staff.name, Staff.id)))


def holders(session: AnySession, consultation: Consultation) -> list[Keyholder]:
    """Return who keeps which sheet, by part; nobody as long as it is not assigned."""
    mine = select(Keyholder).where(Keyholder.consultation_id == consultation.id)
    return list(session.scalars(mine.order_by(Keyholder.part)))


def assign(
    session: AnySession, consultation: Consultation, by_part: Mapping[int, Staff], actor: str, now: datetime
) -> None:
    """Say who keeps which part; a part that was printed stays with whom it was printed for.

    Raises NotFrozen, KeyholdersNeedless, KeyholdersNotThree, SheetTaken, SheetsPrinted.
    """
    with writing(session):
        _with_keyholders(consultation)
        able = {each.id for each in people(session, consultation.wijk.town)}
        kept = {each.part: each for each in holders(session, consultation)}
        for part, holder in kept.items():
            if holder.printed_at and by_part.get(part) is not holder.staff:
                raise SheetTaken(part=part, name=holder.staff.name)
        chosen = {
            part: staff for part, staff in by_part.items() if part not in kept or not kept[part].printed_at
        }
        whole = set(by_part) == set(PARTS) and len({each.id for each in by_part.values()}) == len(PARTS)
        if not whole or not {each.id for each in chosen.values()} <= able:
            raise KeyholdersNotThree()
        for part in chosen.keys() & kept.keys():
            session.delete(kept[part])
        session.flush()  # two people may change places
        session.add_all(
            Keyholder(consultation_id=consultation.id, part=part, staff_id=staff.id)
            for part, staff in chosen.items()
        )
        names = {str(part): staff.name for part, staff in sorted(by_part.items())}
        journal.write(session, actor, ASSIGNED, consultation, now, parts=names)


def print_share(
    session: AnySession, vault: Vault, consultation: Consultation, person: Staff, actor: str, now: datetime
) -> Share:
    """Return the part that this person keeps, to print.

    Whoever gives access could otherwise set the accounts of two keyholders anew and print what they keep: a
    change after the sheets were assigned asks for the office's word again. Raises NotFrozen, NoSheetOfYours,
    KeyholderChanged, SheetsPrinted.
    """
    with writing(session):
        poll = _poll(consultation)
        mine = Keyholder.consultation_id == consultation.id, Keyholder.staff_id == person.id
        holder = session.scalar(select(Keyholder).where(*mine))
        if holder is None:
            raise NoSheetOfYours()
        changed, assigned = accounts.changed_at(session, person), _assigned_at(session, consultation)
        if changed and assigned and changed > assigned:
            raise KeyholderChanged()
        share = custody.share(vault, poll, holder.part)
        holder.printed_at = holder.printed_at or now
        journal.write(session, actor, SHARE_PRINTED, consultation, now, part=holder.part)
    return share


def _assigned_at(session: AnySession, consultation: Consultation) -> datetime | None:
    """Return when the sheets were last assigned."""
    mine = JournalEntry.consultation_id == consultation.id, JournalEntry.action == ASSIGNED
    return session.scalar(select(func.max(JournalEntry.at)).where(*mine))


def try_pair(
    session: AnySession,
    vault: Vault,
    consultation: Consultation,
    one: str,
    other: str,
    actor: str,
    now: datetime,
) -> str:
    """Try two sheets, as they were typed; return the pair, such as "1-3". Raises what `custody.tried` raises."""
    with writing(session):
        poll = _with_keyholders(consultation)
        pair = custody.tried(session, vault, poll, one, other, now)
        journal.write(session, actor, "try key sheets", consultation, now, pair=pair)
    return pair


def confirm_printed(
    session: AnySession, vault: Vault, consultation: Consultation, actor: str, now: datetime
) -> None:
    """Confirm that three tried sheets are in three hands: here nothing is left to print them from.

    Doing it again finishes what was interrupted. Raises NotFrozen, KeyholdersNeedless, SheetsUntried.
    """
    with writing(session):
        poll = _with_keyholders(consultation)
        there = custody.sheets_printed(session, vault, poll, now)
        if there or not journal.has(session, consultation, CONFIRMED):
            journal.write(session, actor, CONFIRMED, consultation, now)


def print_mix(
    session: AnySession, vault: Vault, consultation: Consultation, actor: str, now: datetime
) -> bytes:
    """Return the 32 bytes of the sheet for the envelope, to print. Raises NotFrozen, MixSheetSealed, KeyMissing."""
    with writing(session):
        poll = _poll(consultation)
        if journal.has(session, consultation, SEALED):
            raise MixSheetSealed()
        secret = custody.mix_secret(vault, poll.id, poll.mix_check)
        journal.write(session, actor, MIX_PRINTED, consultation, now)
    return secret


def seal_mix(session: AnySession, consultation: Consultation, actor: str, now: datetime) -> None:
    """Confirm that the sheet lies in its sealed envelope. Raises NotFrozen, MixSheetNotMade, MixSheetSealed."""
    with writing(session):
        _poll(consultation)
        if journal.has(session, consultation, SEALED):
            raise MixSheetSealed()
        if not journal.has(session, consultation, MIX_PRINTED):
            raise MixSheetNotMade()
        journal.write(session, actor, SEALED, consultation, now)


def restore_mix(
    session: AnySession, vault: Vault, consultation: Consultation, typed: str, actor: str, now: datetime
) -> None:
    """Put a lost mix key back from the sheet in the envelope. Raises NotFrozen, and as `custody.mix_restored`."""
    poll = _poll(consultation)
    made = False
    try:
        with writing(session):
            custody.mix_restored(session, vault, poll, typed)
            made = True
            journal.write(session, actor, "restore mix key", consultation, now)
    except BaseException:
        if made:  # what nobody wrote down did not happen
            vault.destroy(poll.id, "mix")
        raise


def shred(session: AnySession, consultation: Consultation, actor: str, now: datetime) -> None:
    """Confirm that the paper is destroyed, after the keys themselves were. Raises NotFrozen, KeysInUse."""
    with writing(session):
        if not _poll(consultation).forgotten_at:
            raise KeysInUse()
        if not journal.has(session, consultation, SHREDDED):
            journal.write(session, actor, SHREDDED, consultation, now)


def sealed(session: AnySession, consultation: Consultation) -> bool:
    """Say whether the sheet of the mix key was confirmed to lie in its envelope."""
    return journal.has(session, consultation, SEALED)


def step(session: AnySession, poll: Poll, consultation: Consultation, now: datetime) -> Task | None:
    """Return what the keyholders or the office do next about the three sheets; None when it is nothing."""
    if terms(poll).custody is not Custody.KEYHOLDERS:
        return None
    if poll.phase(now) is Phase.DUE:
        return Task.OPEN if poll.ready_at else None
    if poll.ready_at or poll.phase(now) is not Phase.FROZEN:
        return None
    theirs = holders(session, consultation)
    if len(theirs) < len(PARTS):
        return Task.ASSIGN
    if any(each.printed_at is None for each in theirs):
        return Task.PRINT
    return Task.CONFIRM if len(custody.trials(session, poll)) == len(custody.PAIRS) else Task.TRY


def tasks(session: AnySession, vault: Vault, consultation: Consultation, now: datetime) -> tuple[Task, ...]:
    """Return what has to be done about the keys of a consultation now, the most pressing first."""
    done = _done(session, [consultation.id]).get(consultation.id, set())
    return _tasks(session, vault, consultation, done, now)


def worklist(session: AnySession, vault: Vault, town: Town, now: datetime) -> list[Todo]:
    """Return the consultations of a town of which the keys ask something, the most pressing first."""
    frozen = session.scalars(
        select(Consultation)
        .join(Wijk)
        .where(Wijk.town_id == town.id, Consultation.poll_id.is_not(None))
        .order_by(Consultation.id)
    ).all()
    done = _done(session, [each.id for each in frozen])
    todos = (
        Todo(each, _tasks(session, vault, each, done.get(each.id, set()), now))
        for each in frozen
        if SHREDDED not in done.get(each.id, set())
    )
    order = list(Task)
    return sorted((each for each in todos if each.tasks), key=lambda each: order.index(each.tasks[0]))


def _done(session: AnySession, ids: Iterable[int]) -> dict[int, set[str]]:
    """Return which of the steps with paper were taken, by consultation."""
    steps = (MIX_PRINTED, SHARE_PRINTED, SEALED, SHREDDED)
    query = select(JournalEntry.consultation_id, JournalEntry.action).where(
        JournalEntry.consultation_id.in_(list(ids)), JournalEntry.action.in_(steps)
    )
    found: dict[int, set[str]] = {}
    for id, action in session.execute(query):
        found.setdefault(id or 0, set()).add(action)
    return found


def _tasks(
    session: AnySession, vault: Vault, consultation: Consultation, done: set[str], now: datetime
) -> tuple[Task, ...]:
    poll = consultation.poll
    if poll is None:
        return ()
    if poll.forgotten_at:
        on_paper = bool(done & {MIX_PRINTED, SHARE_PRINTED})
        return (Task.SHRED,) if on_paper and SHREDDED not in done else ()
    if poll.closed_at or poll.withdrawn_at:
        return ()  # the next tick destroys them
    found = []
    if not custody.mix_key_there(vault, poll):
        found.append(Task.RESTORE)
    elif SEALED not in done:
        found.append(Task.ENVELOPE)
    if next_ := step(session, poll, consultation, now):
        found.append(next_)
    return tuple(sorted(found, key=list(Task).index))


def _poll(consultation: Consultation) -> Poll:
    if consultation.poll is None:
        raise NotFrozen()
    return consultation.poll


def _with_keyholders(consultation: Consultation) -> Poll:
    poll = _poll(consultation)
    if terms(poll).custody is not Custody.KEYHOLDERS:
        raise KeyholdersNeedless()
    return poll
