"""Verbs of two people: one proposes a change after the freeze, a second confirms it, and then it is done.

| kind | facts |
|---|---|
| `withdraw`, `restart` | none |
| `lengthen` | `last_day`, ISO 8601 |
| `replace` | `serials` |
| `add` | `known`: pairs of an id in the roll and how many letters more; `new`: addresses as in `addresses.Address` |
| `restored` | `note`: the last published checkpoint, with which the database that was put back is compared |

Whoever gives access could otherwise be both people: make an account, or set one anew, and confirm with it. So
a confirmer's account stood, with the same way in, for `SETTLED` before the proposal. Long enough for a colleague
who was shut out to notice; short enough to wait for where nobody else is left.

Until then nothing changes. What the poll no longer allows by then is refused, and stays a proposal.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from ballots import guard, letters, replacing
from ballots.database import AnySession, writing
from ballots.lifecycle import Phase
from ballots.models import Poll
from ballots.record import Kind
from ballots.refusals import AlreadyWithdrawn, NoLetters, ReasonMissing, Refusal
from ballots.vault import Vault
from consult import accounts, changes, consultations, journal, rolls
from consult.addresses import MOST_LETTERS, Address
from consult.changes import frozen
from consult.days import closes, closes_text
from consult.models import Consultation, Proposal, Role, RollEntry, Staff, Wijk
from consult.refusals import (
    AddressKnown,
    ConfirmerNew,
    LettersWrong,
    ProposalDone,
    ProposalStale,
    ProposalWaits,
    SamePerson,
)

KINDS = (Kind.WITHDRAW, Kind.RESTART, Kind.LENGTHEN, Kind.REPLACE, Kind.ADD, Kind.RESTORED)
SEVERAL = (Kind.REPLACE, Kind.ADD)  # more than one of these may wait at once
SETTLED = timedelta(days=3)


def propose(
    session: AnySession,
    vault: Vault,
    consultation: Consultation,
    kind: Kind,
    facts: Mapping[str, Any],
    reason: str,
    by: Staff,
    now: datetime,
) -> Proposal:
    """Propose a change, which must be possible now. Raises ReasonMissing, ProposalWaits, and what `check` raises."""
    if kind not in KINDS:
        raise ValueError(f"one person decides about {kind}")
    if not reason.strip():
        raise ReasonMissing()
    with writing(session):
        check(session, vault, consultation, kind, facts, now)
        if kind not in SEVERAL and any(each.kind == kind for each in waiting(session, consultation, now)):
            raise ProposalWaits()
        made = Proposal(
            consultation_id=consultation.id,
            kind=str(kind),
            facts=dict(facts),
            reason=reason.strip(),
            proposed_by_id=by.id,
            proposed_at=now,
        )
        session.add(made)
        session.flush()
        journal.write(
            session, named(by), f"propose: {kind}", consultation, now, proposal=made.id, reason=made.reason
        )
    return made


def confirm(session: AnySession, vault: Vault, proposal: Proposal, by: Staff, now: datetime) -> None:
    """Confirm a proposal of somebody else, and do what it says, in one transaction.

    Raises SamePerson, ConfirmerNew, ProposalDone, ProposalStale, and what the change itself raises.
    """
    with writing(session):
        session.refresh(proposal)
        _waits(proposal, now)
        if by.id == proposal.proposed_by_id:
            raise SamePerson()
        if not _settled(session, proposal, by):
            raise ConfirmerNew(days=SETTLED.days)
        proposal.confirmed_by_id, proposal.confirmed_at = by.id, now
        actor = f"{named(proposal.proposed_by)}, {named(by)}"
        _do(session, vault, proposal, actor, now)
    letters.forget(session, vault)


def confirmers(session: AnySession, proposal: Proposal) -> list[Staff]:
    """Return who can confirm a proposal, by name."""
    town = proposal.consultation.wijk.town
    able = (
        each
        for each in accounts.people(session, town)
        if each.role is Role.GEMEENTE and each.active and each.id != proposal.proposed_by_id
    )
    return [each for each in able if accounts.enrolled(each) and _settled(session, proposal, each)]


def take_back(session: AnySession, proposal: Proposal, by: Staff, now: datetime) -> None:
    """Let a proposal go, one's own or a colleague's. Raises ProposalDone."""
    with writing(session):
        session.refresh(proposal)
        if proposal.confirmed_at or proposal.taken_back_at:
            raise ProposalDone()
        proposal.taken_back_by_id, proposal.taken_back_at = by.id, now
        journal.write(
            session, named(by), "take back proposal", proposal.consultation, now, proposal=proposal.id
        )


def waiting(session: AnySession, consultation: Consultation, now: datetime) -> list[Proposal]:
    """Return the proposals that can still be confirmed, oldest first."""
    mine = _open().where(Proposal.consultation_id == consultation.id)
    return [each for each in session.scalars(mine) if not _stale(each, now)]


def waiting_in(session: AnySession, town_id: int, now: datetime) -> list[Proposal]:
    """Return those of all consultations of a town."""
    mine = _open().join(Consultation).join(Wijk).where(Wijk.town_id == town_id)
    return [each for each in session.scalars(mine) if not _stale(each, now)]


def check(
    session: AnySession,
    vault: Vault,
    consultation: Consultation,
    kind: Kind,
    facts: Mapping[str, Any],
    now: datetime,
) -> None:
    """Return when this change could be made now.

    Raises NotFrozen, AlreadyClosed, AlreadyWithdrawn, and what the change itself would raise.
    """
    poll = frozen(consultation)
    if kind is Kind.RESTORED:
        if poll.withdrawn_at:
            raise AlreadyWithdrawn()
        guard.compared(session, vault, poll, facts["note"])
        return
    replacing.live(poll, now)
    if kind is Kind.LENGTHEN:
        replacing.may_lengthen(session, poll, closes(_day(facts)))
    elif kind is Kind.REPLACE:
        replacing.open_letters(session, poll, facts["serials"])
    elif kind is Kind.ADD:
        _addresses(session, consultation, facts)


def obstacle(
    session: AnySession, vault: Vault, proposal: Proposal, by: Staff, now: datetime
) -> Refusal | None:
    """Return why a proposal cannot be confirmed by this person as things stand; None when it can, or is theirs."""
    try:
        _waits(proposal, now)
        if by.id != proposal.proposed_by_id and not _settled(session, proposal, by):
            raise ConfirmerNew(days=SETTLED.days)
        check(session, vault, proposal.consultation, Kind(proposal.kind), proposal.facts, now)
    except Refusal as refusal:
        return refusal
    return None


def named(staff: Staff) -> str:
    """Return a member of staff as the journal names them."""
    return f"{staff.role}: {staff.name}"


def number_added(facts: Mapping[str, Any]) -> int:
    """Return how many letters an `add` asks for."""
    return sum(number for _, number in facts["known"]) + sum(each["letters"] for each in facts["new"])


def _do(session: AnySession, vault: Vault, proposal: Proposal, actor: str, now: datetime) -> None:
    consultation, facts, reason = proposal.consultation, proposal.facts, proposal.reason
    poll = frozen(consultation)
    match Kind(proposal.kind):
        case Kind.WITHDRAW:
            consultations.withdraw(session, vault, consultation, reason, actor, now)
        case Kind.RESTART:
            consultations.restart(session, vault, consultation, reason, actor, now)
        case Kind.REPLACE:
            changes.replace(session, vault, consultation, facts["serials"], reason, actor, now, people=2)
        case Kind.LENGTHEN:
            day = _day(facts)
            replacing.lengthen(session, vault, poll, closes(day), closes_text(day), reason, now)
            last_day = day.isoformat()
            journal.write(
                session, actor, "lengthen voting", consultation, now, last_day=last_day, reason=reason
            )
        case Kind.ADD:
            known, new = _addresses(session, consultation, facts)
            count = number_added(facts)
            serials = replacing.add(session, vault, poll, count, reason, now)
            rolls.note_added(session, consultation, known, new, serials)
            journal.write(session, actor, "add letters", consultation, now, letters=count, reason=reason)
        case _:  # restored, the only one of KINDS that is left
            missing = guard.reopen(session, vault, poll, facts["note"], reason, now)
            journal.write(session, actor, "restore backup", consultation, now, missing=missing, reason=reason)


def _addresses(
    session: AnySession, consultation: Consultation, facts: Mapping[str, Any]
) -> tuple[list[tuple[RollEntry, int]], list[Address]]:
    """Return what letters are added for. Raises NoLetters, LettersWrong, AddressKnown."""
    known = [(session.get_one(RollEntry, id), number) for id, number in facts["known"]]
    new = [Address(**each) for each in facts["new"]]
    if any(entry.consultation_id != consultation.id for entry, _ in known):
        raise ValueError("an address of another consultation")
    if not known and not new:
        raise NoLetters()
    if any(not 0 < number <= MOST_LETTERS for number in [*(n for _, n in known), *(a.letters for a in new)]):
        raise LettersWrong(most=MOST_LETTERS)
    there = session.scalars(
        select(RollEntry).where(
            RollEntry.consultation_id == consultation.id,
            RollEntry.nummeraanduiding.in_([each.nummeraanduiding for each in new]),
        )
    ).all()
    if there:
        from_there = ", ".join(f"{each.street} {each.number}{each.letter}" for each in there)
        raise AddressKnown(addresses=from_there)
    return known, new


def _day(facts: Mapping[str, Any]) -> date:
    return date.fromisoformat(facts["last_day"])


def _open() -> Any:
    return (
        select(Proposal)
        .where(Proposal.confirmed_at.is_(None), Proposal.taken_back_at.is_(None))
        .order_by(Proposal.id)
    )


def _stale(proposal: Proposal, now: datetime) -> bool:
    """Say whether the poll moved on, so that no such change can be made any more."""
    poll: Poll = frozen(proposal.consultation)
    if proposal.kind == Kind.RESTORED:
        return poll.withdrawn_at is not None
    return poll.phase(now) not in (Phase.FROZEN, Phase.OPEN)


def _settled(session: AnySession, proposal: Proposal, by: Staff) -> bool:
    """Say whether somebody had the account and the way in of now long enough before this was proposed."""
    changed = accounts.changed_at(session, by)
    return changed is None or changed <= proposal.proposed_at - SETTLED


def _waits(proposal: Proposal, now: datetime) -> None:
    if proposal.confirmed_at or proposal.taken_back_at:
        raise ProposalDone()
    if _stale(proposal, now):
        raise ProposalStale()
