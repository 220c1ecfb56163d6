"""Verbs of a wijkraadpleging: draft, freeze, print, withdraw, and what the clock does."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from sqlalchemy import select

from ballots import letters, polls
from ballots.counting.majority import Base, Majority, MajorityRule, MissedQuorum, Quorum
from ballots.database import AnySession, wipe, writing
from ballots.definition import Terms, Text, canonical, digest
from ballots.lifecycle import Phase
from ballots.models import Poll
from ballots.money import euros
from ballots.paper import YES_NO_OPTIONS, Kind, Question
from ballots.refusals import NotReconciled
from ballots.seeds import Seeds
from ballots.terms import terms as terms_of
from ballots.words import N_
from consult import initiatives, journal, rolls
from consult.days import closes_text
from consult.lifecycle import Stage
from consult.models import Consultation, Initiative, Role, Staff
from consult.refusals import (
    ConsultationExists,
    DraftChanged,
    FieldMissing,
    IsFrozen,
    LettersNotMade,
    LettersPrinted,
    NotFrozen,
    PlanHidden,
    SpecialsOpen,
)
from consult.rules import Evidence

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
GRACE = timedelta(minutes=15)  # after the printed day, for whoever is busy voting at midnight
FLOOR = 10  # with fewer ballots than this none are published: a small count would expose people

STARTABLE = (Stage.NEEDS_CONSULTATION, Stage.READY, Stage.DEFERRED)

# What the office writes; nothing else of a draft can be edited.
EDITABLE = {
    *("question", "summary", "in_favour", "against", "if_no", "upkeep"),
    *("first_day", "last_day", "majority", "base", "blank_in_majority"),
    *("quorum", "quorum_percent", "blank_in_turnout", "missed_quorum"),
}

# What must be filled in before a consultation can be frozen, and how the office calls it.
REQUIRED = {
    "question": N_("de vraag"),
    "summary": N_("in het kort"),
    "in_favour": N_("argumenten voor"),
    "against": N_("argumenten tegen"),
    "if_no": N_("wat er gebeurt als het antwoord nee is"),
    "upkeep": N_("wie het onderhoud betaalt"),
    "first_day": N_("de eerste dag"),
    "last_day": N_("de laatste dag"),
    "majority": N_("de meerderheid"),
    "quorum": N_("de drempel"),
}


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
        draft = Consultation(initiative=plan)
        session.add(draft)
        session.flush()
        journal.write(session, actor, "start consultation", draft, now)
    return draft


def edit(
    session: AnySession, draft: Consultation, fields: Mapping[str, object], actor: str, now: datetime
) -> None:
    """Change fields of a draft, by name (EDITABLE). Raises IsFrozen."""
    if strange := set(fields) - EDITABLE:
        raise ValueError(f"not the office's to edit: {sorted(strange)}")
    with writing(session):
        if draft.poll_id:
            raise IsFrozen()
        for name, value in fields.items():
            setattr(draft, name, value.strip() if isinstance(value, str) else value)
        journal.write(session, actor, "edit consultation", draft, now, fields=sorted(fields))


def missing(draft: Consultation) -> list[str]:
    """Return what still has to be filled in, in the office's words; nothing has a hidden default."""
    needed = dict(REQUIRED)
    if draft.majority in (Majority.ABSOLUTE, Majority.TWO_THIRDS):
        needed["base"] = N_("waarvan de meerderheid wordt genomen")
        if draft.base == Base.VOTES:
            needed["blank_in_majority"] = N_("of blanco meetelt voor de meerderheid")
    if draft.quorum in (Quorum.TURNOUT, Quorum.IN_FAVOUR):
        needed["quorum_percent"] = N_("het percentage van de drempel")
        needed["missed_quorum"] = N_("wat er gebeurt als de drempel niet wordt gehaald")
    if draft.quorum == Quorum.TURNOUT:
        needed["blank_in_turnout"] = N_("of blanco meetelt voor de opkomst")
    return [words for name, words in needed.items() if getattr(draft, name) in (None, "")]


def rule(draft: Consultation) -> MajorityRule:
    """Return the rule of a complete draft; what the chosen rule does not use gets a value without effect."""
    return MajorityRule(
        majority=Majority(str(draft.majority)),
        base=Base(draft.base or Base.VOTES),
        blank_in_majority=bool(draft.blank_in_majority),
        quorum=Quorum(str(draft.quorum)),
        quorum_share=Fraction(draft.quorum_percent or 0, 100),
        blank_in_turnout=bool(draft.blank_in_turnout),
        missed_quorum=MissedQuorum(draft.missed_quorum or MissedQuorum.REASONS),
    )


def frozen_rule(poll: Poll) -> MajorityRule:
    """Return the rule that was frozen with a consultation's poll."""
    frozen = terms_of(poll).rule
    assert isinstance(frozen, MajorityRule)
    return frozen


def opens(first_day: date) -> datetime:
    """Return the moment a consultation opens: at the start of its first day, Dutch time."""
    return datetime.combine(first_day, time(), AMSTERDAM).astimezone(UTC)


def closes(last_day: date) -> datetime:
    """Return the moment it closes: a grace after the end of its last day, Dutch time."""
    return datetime.combine(last_day + timedelta(days=1), time(), AMSTERDAM).astimezone(UTC) + GRACE


def draft_terms(session: AnySession, draft: Consultation, now: datetime) -> Terms:
    """Return the terms as they would be frozen now: a first day that is today opens at once.

    Raises FieldMissing.
    """
    if lacking := missing(draft):
        raise FieldMissing(fields=", ".join(lacking))
    assert draft.first_day is not None  # `missing` said so
    assert draft.last_day is not None
    plan, totals = draft.initiative, rolls.totals(session, draft)
    today = now.astimezone(AMSTERDAM).date()
    return Terms(
        title=plan.title,
        questions=(Question(draft.question, Kind.YES_NO, YES_NO_OPTIONS),),
        rule=rule(draft),
        opens=now if draft.first_day == today else opens(draft.first_day),
        closes=closes(draft.last_day),
        closes_text=closes_text(draft.last_day),
        floor=FLOOR,
        summary=tuple(line.strip() for line in draft.summary.splitlines() if line.strip()),
        texts=(
            Text(N_("Voor"), draft.in_favour),
            Text(N_("Tegen"), draft.against),
            Text(N_("Wat gebeurt er als het antwoord nee is?"), draft.if_no),
            Text(N_("Wie betaalt het onderhoud?"), draft.upkeep),
        ),
        about={
            "town": plan.wijk.town.name,
            "wijk": plan.wijk.name,
            "plan": plan.title,
            "what": plan.what,
            "for whom": plan.for_whom,
            "place": plan.place,
            "amount": euros(plan.asked),
            "limit": euros(plan.wijk.town.limit),
            "first day": draft.first_day.isoformat(),
            "last day": draft.last_day.isoformat(),
            "signed by": "\n".join(signatories(session, draft)),
            "addresses": str(totals.addresses),
            "letters": str(totals.letters),
            "addresses left out": str(totals.left_out),
        },
    )


def signatories(session: AnySession, draft: Consultation) -> list[str]:
    """Return the names of the two members of the regiegroep that sign the letter."""
    return list(
        session.scalars(
            select(Staff.name)
            .where(Staff.wijk_id == draft.initiative.wijk_id, Staff.role == Role.REGIEGROEP, Staff.active)
            .order_by(Staff.name)
            .limit(2)
        )
    )


def fingerprint(session: AnySession, draft: Consultation) -> str:
    """Return a mark of a draft as it is now: another mark means that somebody changed it."""
    totals = rolls.totals(session, draft)
    facts = {name: str(getattr(draft, name)) for name in sorted(EDITABLE)}
    return digest(canonical([facts, totals.addresses, totals.letters, totals.left_out])).hex()


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
            if draft.initiative.hidden_why:
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
            draft.amount = draft.initiative.asked
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
        title = consultation.initiative.title
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


def evidence(session: AnySession, consultation: Consultation) -> Evidence | None:
    """Return what is known of a frozen consultation; None for a draft."""
    poll = consultation.poll
    if poll is None or consultation.amount is None:
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
        outcome=polls.outcome(session, poll) if poll.closed_at else None,
        missed_quorum=frozen_rule(poll).missed_quorum,
    )


def _poll(consultation: Consultation) -> Poll:
    if consultation.poll is None:
        raise NotFrozen()
    return consultation.poll
