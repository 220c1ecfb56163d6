"""Verbs of asking a wijk: draft, freeze, print, withdraw, draw a lot, and what the clock does."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from ballots import archive, custody, database_log, guard, letters, lots, mixing, polls, published
from ballots.database import AnySession, leave, writing
from ballots.definition import Custody
from ballots.lifecycle import Phase
from ballots.models import Poll, PrintRun
from ballots.refusals import Refusal, SheetsWait
from ballots.terms import terms as terms_of
from ballots.vault import Vault
from consult import initiatives, journal, keyholding, lost_letters, plan_drafts, points, print_work, rolls
from consult.asked import ARGUMENTS, draft_terms, editable, fingerprint, frozen_rule
from consult.days import AMSTERDAM as AMSTERDAM
from consult.lifecycle import Stage
from consult.models import Consultation, Initiative, Wijk
from consult.refusals import (
    BatchesWait,
    ConsultationExists,
    DraftChanged,
    IsFrozen,
    KeyholdersFew,
    LettersNotMade,
    LettersPrinted,
    NotFrozen,
    PlanHidden,
    PointsOpen,
    SpecialsOpen,
    TickFailed,
)
from consult.rules import Evidence

LOG = logging.getLogger(__name__)
STARTABLE = (Stage.NEEDS_CONSULTATION, Stage.READY, Stage.DEFERRED)


def start(session: AnySession, plan: Initiative, actor: str, now: datetime) -> Consultation:
    """Start a draft about a plan; one that ended but does not count stands in the way of nothing.

    Raises PlanHidden, and ConsultationExists while there is one, or after a decision.
    """
    with writing(session):
        live = initiatives.live_consultation(plan)
        found = evidence(session, live) if live else None
        over = found is not None and found.outcome is not None and not found.counts
        if plan.hidden_why:
            raise PlanHidden()
        if initiatives.where(plan, now) not in STARTABLE or (live and not over):
            raise ConsultationExists()
        return _started(
            session, Consultation(wijk=plan.wijk, initiative=plan, upkeep=plan.upkeep), actor, now
        )


def start_ballot(
    session: AnySession, wijk: Wijk, fields: Mapping[str, str], actor: str, now: datetime
) -> Consultation:
    """Start the draft of a buurtstemming: a wijk is asked, about no plan in particular. `fields` as in `edit`."""
    with writing(session):
        draft = _started(session, Consultation(wijk=wijk, questions=[]), actor, now)
        edit(session, draft, fields, actor, now)
    return draft


def _started(session: AnySession, draft: Consultation, actor: str, now: datetime) -> Consultation:
    session.add(draft)
    session.flush()
    journal.write(session, actor, "start consultation", draft, now)
    return draft


def edit(
    session: AnySession, draft: Consultation, fields: Mapping[str, object], actor: str, now: datetime
) -> None:
    """Change fields of a draft, by name (`asked.editable`). Raises IsFrozen."""
    if strange := set(fields) - editable(draft):
        raise ValueError(f"not the office's to edit: {sorted(strange)}")
    with writing(session):
        if draft.poll_id:
            raise IsFrozen()
        before = {name: getattr(draft, name) for name in ARGUMENTS}
        for name, value in fields.items():
            setattr(draft, name, value.strip() if isinstance(value, str) else value)
        _argued(draft, {name for name in ARGUMENTS if getattr(draft, name) != before[name]}, actor)
        journal.write(session, actor, "edit consultation", draft, now, fields=sorted(fields))


def _argued(draft: Consultation, changed: set[str], actor: str) -> None:
    """Note who typed an argument; whoever found the arguments fair has not seen what changed."""
    if changed:
        draft.signed_off_by = draft.signed_off_at = None
    if changed & {"in_favour", "against"} and actor not in draft.argued_by:
        draft.argued_by = [*draft.argued_by, actor]


def freeze(
    session: AnySession,
    vault: Vault,
    draft: Consultation,
    actor: str,
    now: datetime,
    shown: str | None = None,
) -> Poll:
    """Freeze a draft: make its poll and letters; from here on nothing that voters see can change.

    `shown` is the fingerprint of what the office looked at: what a colleague changed since is not frozen.

    Raises IsFrozen, PlanHidden, PointsOpen, DraftChanged, FieldMissing, SpecialsOpen, KeyholdersFew, and
    what `polls.freeze` raises.
    """
    made: list[bytes] = []
    try:
        with writing(session):
            if draft.poll_id:
                raise IsFrozen()
            if draft.initiative and draft.initiative.hidden_why:
                raise PlanHidden()
            if points.asks(draft, now):
                raise PointsOpen()
            if shown is not None and shown != fingerprint(session, draft):
                raise DraftChanged()
            totals = rolls.totals(session, draft)
            terms = draft_terms(session, draft, now)
            if totals.special_open:
                raise SpecialsOpen(count=totals.special_open)
            there = len(keyholding.people(session, draft.wijk.town))
            if terms.custody is Custody.KEYHOLDERS and there < len(keyholding.PARTS):
                raise KeyholdersFew(there=there)
            rolls.assign_serials(session, draft)
            rolls.forget_upload(session, draft)
            poll = polls.freeze(session, vault, terms, totals.letters, now)
            made.append(poll.id)
            draft.amount = draft.initiative.asked if draft.initiative else None
            draft.poll = poll  # last: from here on the database refuses any change of this row
            journal.write(
                session,
                actor,
                "freeze consultation",
                draft,
                now,
                hash=poll.hash.hex(),
                letters=totals.letters,
                addresses=totals.addresses,
                left_out=totals.left_out,
                custody=str(terms.custody),
            )
    except BaseException:
        for id in made:  # the poll was undone with everything else, and so are its codes
            vault.destroy_all(id)
        raise
    return poll


def make_letters(
    session: AnySession, consultation: Consultation, actor: str, now: datetime, number: int | None = None
) -> None:
    """Note that the letters (of one print run, or all) were made. Raises NotFrozen, LettersPrinted."""
    with writing(session):
        poll = _poll(consultation)
        waiting = unprinted(session, poll, number)
        if not waiting:
            raise LettersPrinted()
        letters.made(session, poll, now, number)
        count = sum(run.last - run.first + 1 for run in waiting)
        journal.write(session, actor, "make letters", consultation, now, letters=count)


def unprinted(session: AnySession, poll: Poll, number: int | None = None) -> list[PrintRun]:
    """Return the print runs (or the one with this number) of which printing is not confirmed."""
    found = letters.runs(session, poll)
    return [run for run in found if run.printed_at is None and number in (None, run.number)]


def confirm_printed(
    session: AnySession,
    vault: Vault,
    consultation: Consultation,
    actor: str,
    now: datetime,
    number: int | None = None,
) -> None:
    """Confirm that the letters (of one print run, or all) are printed: from then on the codes are on paper only.

    Raises NotFrozen, LettersNotMade, BatchesWait.
    """
    with writing(session):
        poll = _poll(consultation)
        waiting = unprinted(session, poll, number)
        if any(run.made_at is None for run in waiting):
            raise LettersNotMade()
        if lacking := print_work.unmade(session, consultation, waiting):
            raise BatchesWait(which=", ".join(f"{each.first}–{each.last}" for each in lacking))
        if letters.printed(session, poll, now, number):
            journal.write(session, actor, "confirm printing, destroy codes", consultation, now)
    letters.forget(session, vault)


def withdraw(
    session: AnySession, vault: Vault, consultation: Consultation, reason: str, actor: str, now: datetime
) -> None:
    """Withdraw a frozen consultation with a public reason; it is never counted. Raises what `polls.withdraw` does.

    Two people decided it (`consult/proposals.py`).
    """
    with writing(session):
        _stop(session, vault, consultation, reason, now, again=False)
        journal.write(session, actor, "withdraw consultation", consultation, now, reason=reason.strip())
    letters.forget(session, vault)


def restart(
    session: AnySession, vault: Vault, consultation: Consultation, reason: str, actor: str, now: datetime
) -> Consultation:
    """Withdraw a frozen consultation, to be asked again; return the draft that copies all of it but the days.

    Two people decided it. Raises what `polls.withdraw` does.
    """
    with writing(session):
        _stop(session, vault, consultation, reason, now, again=True)
        copied = {
            name: getattr(consultation, name) for name in editable(consultation) - {"first_day", "last_day"}
        }
        draft = Consultation(
            wijk=consultation.wijk,
            initiative=consultation.initiative,
            follows=consultation,
            questions=consultation.questions,
            **copied,
        )
        session.add(draft)
        session.flush()
        points.copy(consultation, draft)
        rolls.copy(session, consultation, draft)
        journal.write(session, actor, "restart consultation", consultation, now, reason=reason.strip())
        journal.write(session, actor, "start consultation", draft, now, follows=consultation.id)
    letters.forget(session, vault)
    return draft


def _stop(
    session: AnySession, vault: Vault, consultation: Consultation, reason: str, now: datetime, again: bool
) -> None:
    poll = _poll(consultation)
    polls.withdraw(session, vault, poll, reason, now, again)
    letters.printed(session, poll, now)


@dataclass(frozen=True)
class Ticked:
    """What a tick did, a line each, and what it could not do: of which consultation (or what else), and why."""

    done: list[str] = field(default_factory=list)
    waits: list[tuple[str, Refusal]] = field(default_factory=list)


def tick(session: AnySession, vault: Vault, now: datetime) -> list[str]:
    """Do what `ticked` does; return what was done. Raises the first refusal after everything else was done."""
    found = ticked(session, vault, now)
    for _, refusal in found.waits:
        raise refusal
    return found.done


def ticked(session: AnySession, vault: Vault, now: datetime) -> Ticked:
    """Do whatever is due: mix what is open, close and count what is over, destroy keys that have served.

    Idempotent. What was done tells too which polls wait for their key sheets. What else waits for a person
    (papers, a lost key), or goes wrong as nobody foresaw, stops only its own poll: the others go on.
    """
    leave(session)  # or whoever cleans the database now would wait for what we read, while we wait for them
    with vault.alone():
        return _ticked(session, vault, now)


def _ticked(session: AnySession, vault: Vault, now: datetime) -> Ticked:
    found = Ticked()
    try:
        database_log.check(session)
    except Refusal as loud:
        found.waits.append(("de database", loud))
    for consultation in _running(session, now):
        with _apart(session, found, consultation.subject):
            _run(session, vault, consultation, now, found.done)
    for consultation in _to_forget(session):
        with _apart(session, found, title := consultation.subject):
            forget(session, vault, consultation, now)
            found.done.append(f"nagerekend en sleutels vernietigd: {title}")
    for consultation in _forgotten(session):
        with _apart(session, found, title := consultation.subject):
            poll = _poll(consultation)
            # A lot may be drawn, or a letter contested, after it was kept.
            if not published.is_kept(session, vault, poll):
                archive.keep(vault, poll.id, published.bundled(session, vault, poll))
                found.done.append(f"bundel vernieuwd: {title}")
    with _apart(session, found, "de punten van bewoners"):
        for title in points.forget(session, now):
            found.done.append(f"punten van bewoners gewist: {title}")
    with _apart(session, found, "de codes van brieven"):
        if forgotten := letters.forget(session, vault):
            found.done.append(f"codes vernietigd van {forgotten} bevestigde druk")
    with _apart(session, found, "sleutels van wat niet werd vastgezet"):
        if cut_off := polls.sweep(session, vault):
            found.done.append(f"sleutels vernietigd van {cut_off} stemming die niet werd vastgezet")
    with _apart(session, found, "plannen die niemand afmaakte"):
        if stale := plan_drafts.sweep(session, now):
            found.done.append(f"plannen weggegooid die niemand afmaakte: {stale}")
    with _apart(session, found, "de database"):
        if not polls.clean(session, now):
            found.done.append(
                "de database kon nog niet worden schoongemaakt; start de dienst een keer opnieuw"
            )
    return found


@contextmanager
def _apart(session: AnySession, found: Ticked, of: str) -> Iterator[None]:
    """Note what cannot be done here, and let the rest go on; what nobody foresaw goes to the log too."""
    try:
        yield
    except SheetsWait:
        found.done.append(f"wacht op twee sleutelhouders: {of}")
    except Refusal as refusal:
        found.waits.append((of, refusal))
    except Exception:  # whatever it is, it is the trouble of this poll
        leave(session)
        LOG.exception("tick, %s", of)
        found.waits.append((of, TickFailed()))


def _run(
    session: AnySession, vault: Vault, consultation: Consultation, now: datetime, done: list[str]
) -> None:
    """Do what is due of one that opened; add what was done to this list."""
    poll, title = _poll(consultation), consultation.subject
    if _opened(session, consultation, poll):
        done.append(f"geopend: {title}")
    guard.mark(session, vault, poll)
    if poll.phase(now) is not Phase.DUE:
        mixing.mix(session, vault, poll, now)
        guard.mark(session, vault, poll)
    elif close(session, vault, consultation, now):
        done.append(f"gesloten en geteld: {title}")


def _running(session: AnySession, now: datetime) -> Sequence[Consultation]:
    """Return what opened and is not counted or withdrawn."""
    return session.scalars(
        select(Consultation)
        .join(Consultation.poll)
        .where(Poll.closed_at.is_(None), Poll.withdrawn_at.is_(None), Poll.opens <= now)
        .order_by(Consultation.id)
    ).all()


def _to_forget(session: AnySession) -> Sequence[Consultation]:
    """Return what is over while its keys are still there."""
    over = Poll.closed_at.is_not(None) | Poll.withdrawn_at.is_not(None)
    return session.scalars(
        select(Consultation)
        .join(Consultation.poll)
        .where(over, Poll.forgotten_at.is_(None))
        .order_by(Consultation.id)
    ).all()


def _forgotten(session: AnySession) -> Sequence[Consultation]:
    """Return what is over and has a bundle that was kept."""
    return session.scalars(
        select(Consultation)
        .join(Consultation.poll)
        .where(Poll.forgotten_at.is_not(None))
        .order_by(Consultation.id)
    ).all()


def _opened(session: AnySession, consultation: Consultation, poll: Poll) -> bool:
    """Note that the doors opened; False when that was noted already, or they could not."""
    if journal.has(session, consultation, "open") or poll.ready_at is None:
        return False
    with writing(session):
        journal.write(session, journal.CLOCK, "open", consultation, max(poll.opens, poll.ready_at))
    return True


def close(
    session: AnySession,
    vault: Vault,
    consultation: Consultation,
    now: datetime,
    opening: bytes | None = None,
    actor: str = journal.CLOCK,
) -> bool:
    """Close and count what is over; `opening` and raises as in `polls.close`. False when it was closed already."""
    poll = _poll(consultation)
    polls.opened(session, vault, poll, now, opening)
    with writing(session):
        if not polls.close(session, vault, poll, now, opening):
            return False
        cast = polls.turnout(session, poll)
        journal.write(
            session,
            actor,
            "close and count",
            consultation,
            now,
            issued=cast.issued,
            used=cast.used,
            open=cast.open,
            void=cast.void,
        )
    return True


def unseal(
    session: AnySession,
    vault: Vault,
    consultation: Consultation,
    one: str,
    other: str,
    actor: str,
    now: datetime,
) -> bool:
    """Open with two key sheets, count, and forget the key; False when it was closed already.

    The next tick counts again from the bundle and destroys the other keys. Raises NotFrozen, and what
    `custody.joined` and `polls.close` raise.
    """
    secret = custody.joined(_poll(consultation), one, other)
    with vault.alone():
        leave(session)  # what somebody else did while we waited
        guard.compare(session, vault, _poll(consultation))
        closed = close(session, vault, consultation, now, secret, actor)
        polls.clean(session, now)  # where it cannot, the next tick does
    return closed


def forget(session: AnySession, vault: Vault, consultation: Consultation, now: datetime) -> None:
    """Destroy the keys of what is over, once its bundle was written and recounts.

    Raises RecountFailed, NotClosed, and KeyStays: then the next tick does it again.
    """
    poll = _poll(consultation)
    archive.keep(vault, poll.id, published.bundled(session, vault, poll))
    with writing(session):
        lost_letters.forget(session, consultation)
        print_work.forget(session, consultation)
        journal.write(session, journal.CLOCK, "recount, destroy keys", consultation, now)
        polls.forget(session, vault, poll, now)  # last: nothing of this is committed while a file is left


def draw_lot(
    session: AnySession,
    consultation: Consultation,
    question: int,
    drawn: Sequence[str],
    witnesses: Sequence[str],
    actor: str,
    now: datetime,
) -> None:
    """Record a lot drawn in public between options that are equal. Raises NotFrozen, and what `lots.draw` does."""
    with writing(session):
        poll = _poll(consultation)
        lot = lots.draw(session, poll, question, drawn, witnesses, now)
        labels = {option.id: option.label for option in terms_of(poll).questions[question - 1].options}
        journal.write(
            session,
            actor,
            "draw lot",
            consultation,
            now,
            question=question,
            drawn=[labels[id] for id in lot.drawn],
            witnesses=lot.witnesses,
        )


def evidence(session: AnySession, consultation: Consultation) -> Evidence | None:
    """Return what is known of a frozen wijkraadpleging.

    None for a draft, and for a buurtstemming: whatever it asked, it never carries the award of a plan.
    """
    poll = consultation.poll
    if poll is None or consultation.initiative is None or consultation.amount is None:
        return None
    cast = polls.turnout(session, poll)
    runs = letters.runs(session, poll)
    made = sum(run.last - run.first + 1 for run in runs)
    asked = [run for run in runs if not run.replaces or run.first < run.last]  # one lost letter bars no plan
    return Evidence(
        consulted=consultation.amount,
        asked_all=made == cast.issued
        and all(run.printed_at and run.made_at and run.made_at < poll.ends for run in asked),
        reconciled=cast.issued == cast.used + cast.open + cast.void,
        withdrawn=poll.withdrawn_at is not None,
        outcome=polls.outcomes(session, poll)[0] if poll.closed_at else None,
        missed_quorum=frozen_rule(poll).missed_quorum,
    )


def _poll(consultation: Consultation) -> Poll:
    if consultation.poll is None:
        raise NotFrozen()
    return consultation.poll
