"""Verbs and questions about plans: hand one in, see where it stands."""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from ballots.database import AnySession, writing
from ballots.refusals import ReasonMissing
from consult import journal
from consult.lifecycle import Stage, Verdict, stage
from consult.models import Consultation, Decision, Initiative, Wijk
from consult.refusals import AmountWrong, CannotHide, FieldMissing, PlanWithdrawn
from consult.rules import needs_consultation

INITIATOR = "Initiatiefnemer"
MOST = 1_000_000_00  # cents; above this somebody typed a zero too many


def hand_in(
    session: AnySession,
    wijk: Wijk,
    now: datetime,
    *,
    title: str,
    what: str,
    for_whom: str,
    place: str,
    asked: int,
    initiator: str,
    email: str,
    upkeep: str = "",
) -> Initiative:
    """Hand in a plan for a wijk; `asked` in cents. Raises FieldMissing, AmountWrong."""
    texts = {
        "title": title,
        "what": what,
        "for_whom": for_whom,
        "place": place,
        "initiator": initiator,
        "email": email,
    }
    if empty := [name for name, text in texts.items() if not text.strip()]:
        raise FieldMissing(fields=", ".join(empty))
    if not 0 < asked <= MOST:
        raise AmountWrong()
    with writing(session):
        plan = Initiative(
            wijk=wijk,
            asked=asked,
            upkeep=upkeep.strip(),
            handed_in_at=now,
            **{name: text.strip() for name, text in texts.items()},
        )
        session.add(plan)
        session.flush()
        journal.write(session, INITIATOR, "hand in plan", plan, now, title=plan.title, asked=asked)
    return plan


def hide(session: AnySession, plan: Initiative, reason: str, actor: str, now: datetime) -> None:
    """Take a plan off the public pages, for a reason (an insult, somebody's data). Raises ReasonMissing, CannotHide.

    A plan of which a consultation was frozen stays to be seen: residents are or were asked about it.
    """
    if not reason.strip():
        raise ReasonMissing()
    with writing(session):
        if any(consultation.poll_id for consultation in plan.consultations) or plan.decisions:
            raise CannotHide()
        plan.hidden_why = reason.strip()
        journal.write(session, actor, "hide plan", plan, now, reason=plan.hidden_why)


def show(session: AnySession, plan: Initiative, actor: str, now: datetime) -> None:
    """Put a plan back on the public pages. Raises PlanWithdrawn."""
    with writing(session):
        if plan.withdrawn_at:
            raise PlanWithdrawn()
        if plan.hidden_why:
            plan.hidden_why = ""
            journal.write(session, actor, "show plan", plan, now)


def live_consultation(plan: Initiative) -> Consultation | None:
    """Return the last consultation of a plan, unless it was withdrawn."""
    last = plan.consultations[-1] if plan.consultations else None
    return None if last is None or (last.poll and last.poll.withdrawn_at) else last


def last_decision(plan: Initiative) -> Decision | None:
    """Return the decision that stands."""
    return plan.decisions[-1] if plan.decisions else None


def where(plan: Initiative, now: datetime) -> Stage:
    """Return the stage of a plan at this moment."""
    consultation = live_consultation(plan)
    poll = consultation.poll if consultation else None
    decision = last_decision(plan)
    if decision and decision.verdict is Verdict.DEFER and decision.consultation is not consultation:
        decision = None  # it was put off before this consultation, which speaks for itself
    voucher = plan.grant.voucher if plan.grant else None
    return stage(
        above=needs_consultation(plan.wijk.town.limit, plan.asked),
        drafting=consultation is not None and poll is None,
        phase=poll.phase(now) if poll else None,
        verdict=decision.verdict if decision else None,
        granted=plan.grant is not None,
        voucher=voucher is not None,
        redeemed=bool(voucher and voucher.redeemed_at),
        withdrawn=plan.withdrawn_at is not None,
    )


def together(session: AnySession, plan: Initiative) -> list[Initiative]:
    """Return the other plans of the same initiator, or at the same place, within twelve months.

    They are shown together against the line, so that nobody splits a plan to stay under it.
    """
    year = timedelta(days=365)
    return list(
        session.scalars(
            select(Initiative)
            .join(Wijk)
            .where(
                Wijk.town_id == plan.wijk.town_id,
                Initiative.id != plan.id,
                Initiative.handed_in_at.between(plan.handed_in_at - year, plan.handed_in_at + year),
                (func.lower(Initiative.email) == plan.email.lower())
                | (func.lower(Initiative.place) == plan.place.lower()) & (Initiative.wijk_id == plan.wijk_id),
            )
            .order_by(Initiative.handed_in_at)
        )
    )
