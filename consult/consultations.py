"""Verbs of asking a wijk: draft, freeze, print, withdraw, draw a lot, and what the clock does."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select

from ballots import letters, lots, polls
from ballots.database import AnySession, wipe, writing
from ballots.lifecycle import Phase
from ballots.models import Poll
from ballots.refusals import NotReconciled
from ballots.seeds import Seeds
from ballots.terms import terms as terms_of
from consult import initiatives, journal, rolls
from consult.asked import draft_terms, editable, fingerprint, frozen_rule
from consult.days import AMSTERDAM as AMSTERDAM
from consult.lifecycle import Stage
from consult.models import Consultation, Initiative, Wijk
from consult.refusals import (
    ConsultationExists,
    DraftChanged,
    IsFrozen,
    LettersNotMade,
    LettersPrinted,
    NotFrozen,
    PlanHidden,
    SpecialsOpen,
)
from consult.rules import Evidence

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
        return _started(session, Consultation(wijk=plan.wijk, initiative=plan), actor, now)


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
        for name, value in fields.items():
            setattr(draft, name, value.strip() if isinstance(value, str) else value)
        journal.write(session, actor, "edit consultation", draft, now, fields=sorted(fields))


def freeze(
    session: AnySession,
    seeds: Seeds,
    draft: Consultation,
    actor: str,
    now: datetime,
    shown: str | None = None,
) -> Poll:
    """Freeze a draft: make its poll and letters; from here on nothing that voters see can change.

    `shown` is the fingerprint of what the office looked at: what a colleague changed since is not frozen.

    Raises IsFrozen, PlanHidden, DraftChanged, FieldMissing, SpecialsOpen, and what `polls.freeze` raises.
    """
    made: list[bytes] = []
    try:
        with writing(session):
            if draft.poll_id:
                raise IsFrozen()
            if draft.initiative and draft.initiative.hidden_why:
                raise PlanHidden()
            if shown is not None and shown != fingerprint(session, draft):
                raise DraftChanged()
            totals = rolls.totals(session, draft)
            terms = draft_terms(session, draft, now)
            if totals.special_open:
                raise SpecialsOpen(count=totals.special_open)
            rolls.assign_serials(session, draft)
            rolls.forget_upload(session, draft)
            poll = polls.freeze(session, seeds, terms, totals.letters, now)
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
            )
    except BaseException:
        for id in made:  # the poll was undone with everything else, and so are its codes
            seeds.destroy(id, 1)
        raise
    return poll


def make_letters(session: AnySession, consultation: Consultation, actor: str, now: datetime) -> None:
    """Note that the letters were made. Raises NotFrozen, LettersPrinted."""
    with writing(session):
        poll = _poll(consultation)
        waiting = [run for run in letters.runs(session, poll) if run.printed_at is None]
        if not waiting:
            raise LettersPrinted()
        letters.made(session, poll, now)
        count = sum(run.last - run.first + 1 for run in waiting)
        journal.write(session, actor, "make letters", consultation, now, letters=count)


def confirm_printed(
    session: AnySession, seeds: Seeds, consultation: Consultation, actor: str, now: datetime
) -> None:
    """Confirm that the letters are printed: the seeds are destroyed, the codes are on paper only.

    Raises NotFrozen, LettersNotMade.
    """
    with writing(session):
        if any(run.made_at is None for run in letters.runs(session, _poll(consultation))):
            raise LettersNotMade()
        if letters.printed(session, _poll(consultation), now):
            journal.write(session, actor, "confirm printing, destroy codes", consultation, now)
    letters.forget(session, seeds)


def withdraw(
    session: AnySession, seeds: Seeds, consultation: Consultation, reason: str, actor: str, now: datetime
) -> None:
    """Withdraw a frozen consultation with a public reason; it is never counted. Raises what `polls.withdraw` does."""
    with writing(session):
        poll = _poll(consultation)
        polls.withdraw(session, poll, reason, now)
        letters.printed(session, poll, now)
        journal.write(session, actor, "withdraw consultation", consultation, now, reason=reason.strip())
    letters.forget(session, seeds)


def tick(session: AnySession, seeds: Seeds, now: datetime) -> list[str]:
    """Do whatever is due: note that doors opened, close and count what is over. Idempotent.

    Returns what was done, a line each. Raises NotReconciled after everything else was done.
    """
    done, closed = [], False
    wrong: NotReconciled | None = None
    running = session.scalars(
        select(Consultation)
        .join(Consultation.poll)
        .where(Poll.closed_at.is_(None), Poll.withdrawn_at.is_(None), Poll.opens <= now)
        .order_by(Consultation.id)
    ).all()
    for consultation in running:
        title = consultation.subject
        try:
            with writing(session):
                poll = _poll(consultation)
                if not journal.has(session, consultation, "open"):
                    journal.write(session, journal.CLOCK, "open", consultation, poll.opens)
                    done.append(f"geopend: {title}")
                if poll.phase(now) is Phase.DUE and polls.close(session, poll, now):
                    cast = polls.turnout(session, poll)
                    journal.write(
                        session,
                        journal.CLOCK,
                        "close and count",
                        consultation,
                        now,
                        issued=cast.issued,
                        used=cast.used,
                        open=cast.open,
                        void=cast.void,
                    )
                    done.append(f"gesloten en geteld: {title}")
                    closed = True
        except NotReconciled as refusal:  # this one waits for a person; the others go on
            wrong = wrong or refusal
    if forgotten := letters.forget(session, seeds):
        done.append(f"codes vernietigd van {forgotten} bevestigde druk")
    if closed and not wipe(session):
        done.append("de database kon nog niet worden schoongemaakt; start de dienst een keer opnieuw")
    if wrong:
        raise wrong
    return done


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
    return Evidence(
        consulted=consultation.amount,
        asked_all=made == cast.issued
        and all(run.printed_at and run.made_at and run.made_at < poll.closes for run in runs),
        reconciled=cast.issued == cast.used + cast.open + cast.void,
        withdrawn=poll.withdrawn_at is not None,
        outcome=polls.outcomes(session, poll)[0] if poll.closed_at else None,
        missed_quorum=frozen_rule(poll).missed_quorum,
    )


def _poll(consultation: Consultation) -> Poll:
    if consultation.poll is None:
        raise NotFrozen()
    return consultation.poll
