"""Verbs of the points that weigh: residents send them, the regiegroep gathers them, and somebody of neither side
signs the arguments off.

Of who sends a point nothing is kept, and no step in the journal tells when one came: only the day, which the
daily bound needs.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from ballots.database import AnySession, writing
from ballots.models import Poll
from consult import accounts, asked, days, journal, reasons
from consult.models import Consultation, Initiative, Point, Role, SentPoint, Staff
from consult.reasons import Aside
from consult.refusals import (
    ArgumentsUnfair,
    IsFrozen,
    OfASide,
    PointLong,
    PointMissing,
    PointsDayWrong,
    PointsFull,
    PointsNotAsked,
    PointTwice,
    WroteArguments,
)

ADVISED = 14  # days to send a point
MOST_DAYS = 60
MOST_A_DAY = 200  # for one consultation: more than a wijk sends, and few enough to read
KEPT = timedelta(days=14)  # after the freeze: so long somebody can ask what became of a point
KEPT_UNUSED = timedelta(days=183)  # after the last day, of what was never frozen
MAY_SIGN = (Role.GEMEENTE, Role.REGIEGROEP)


def ask(session: AnySession, draft: Consultation, last_day: date, actor: str, now: datetime) -> None:
    """Let everybody send points, up to and including this day; it may be changed. Raises IsFrozen, PointsDayWrong."""
    if draft.initiative is None:
        raise ValueError("points are about a plan")
    today = days.day_of(now)
    with writing(session):
        if draft.poll_id:
            raise IsFrozen()
        if not today <= last_day <= today + timedelta(days=MOST_DAYS):
            raise PointsDayWrong(most=MOST_DAYS)
        draft.points_until = last_day
        journal.write(session, actor, "ask for points", draft, now, until=last_day.isoformat())


def asks(draft: Consultation | None, now: datetime) -> bool:
    """Say whether a point about this draft can be sent now."""
    if draft is None or draft.poll_id or draft.points_until is None:
        return False
    hidden = draft.initiative is not None and bool(draft.initiative.hidden_why)
    return not hidden and days.day_of(now) <= draft.points_until


def send(session: AnySession, draft: Consultation, text: str, slip: str, now: datetime) -> None:
    """Keep a point; the same `slip` (of a form, 32 hexadecimal digits) twice changes nothing.

    Raises PointsNotAsked, PointMissing, PointLong, PointsFull.
    """
    text, today = " ".join(text.split()), days.day_of(now)
    if not text:
        raise PointMissing()
    if len(text) > reasons.LONGEST_SENT:
        raise PointLong(most=reasons.LONGEST_SENT, length=len(text))
    mine = SentPoint.consultation_id == draft.id
    with writing(session):
        if not asks(draft, now):
            raise PointsNotAsked()
        if session.scalar(select(SentPoint.id).where(mine, SentPoint.slip == slip)):
            return
        today_sent = session.scalar(select(func.count()).where(mine, SentPoint.sent_on == today)) or 0
        if today_sent >= MOST_A_DAY:
            raise PointsFull(most=MOST_A_DAY)
        session.add(SentPoint(consultation_id=draft.id, slip=slip, text=text, sent_on=today))


def gather(
    session: AnySession, draft: Consultation, points: Mapping[int, str], actor: str, now: datetime
) -> None:
    """Write the points of the paper, by their number from 1; one that is empty goes, and what was in it waits again.

    Raises IsFrozen, PointLong, PointTwice.
    """
    kept = {number: " ".join(text.split()) for number, text in sorted(points.items()) if text.strip()}
    if not set(kept) <= set(range(1, reasons.MOST + 1)):
        raise ValueError(f"no such number: {sorted(kept)}")
    for text in kept.values():
        if len(text) > reasons.LONGEST:
            raise PointLong(most=reasons.LONGEST, length=len(text))
    if twice := [text for text, n in Counter(map(str.casefold, kept.values())).items() if n > 1]:
        raise PointTwice(text=twice[0])
    with writing(session):
        if draft.poll_id:
            raise IsFrozen()
        there = {point.number: point for point in draft.points}
        for number, text in kept.items():
            if number in there:
                there[number].text = text
            else:
                draft.points.append(Point(number=number, text=text))
        for number in set(there) - set(kept):
            draft.points.remove(there[number])
        for sent in draft.sent_points:
            if sent.number is not None and sent.number not in kept:
                sent.number = None
        journal.write(session, actor, "gather points", draft, now, points=len(kept))


def sort(
    session: AnySession,
    draft: Consultation,
    places: Mapping[int, int | Aside | None],
    actor: str,
    now: datetime,
) -> None:
    """Put points that were sent, by their id, in a point of the paper, or aside, or back (None).

    Raises IsFrozen, PointMissing where there is no such point on the paper.
    """
    with writing(session):
        if draft.poll_id:
            raise IsFrozen()
        numbers = {point.number for point in draft.points}
        moved = 0
        for sent in draft.sent_points:
            if sent.id not in places:
                continue
            place = places[sent.id]
            number, aside = (None, place.value) if isinstance(place, Aside) else (place, "")
            if number is not None and number not in numbers:
                raise PointMissing()
            moved += (sent.number, sent.aside) != (number, aside)
            sent.number, sent.aside = number, aside
        journal.write(session, actor, "sort points", draft, now, points=moved)


def sign_off(session: AnySession, draft: Consultation, staff: Staff, now: datetime) -> None:
    """Note that somebody who typed neither argument, and is of neither side, finds both fair.

    Raises IsFrozen, WroteArguments, OfASide, ArgumentsUnfair.
    """
    actor = accounts.signature(staff)
    with writing(session):
        if draft.poll_id:
            raise IsFrozen()
        if not may_sign(draft, staff):
            raise WroteArguments()
        plan = draft.initiative
        if (
            plan is None
            or staff.email.casefold() == plan.email.casefold()
            or _same(staff.name, plan.initiator)
        ):
            raise OfASide()
        if lacking := asked.lacking_arguments(draft):
            raise ArgumentsUnfair(lacking="; ".join(map(str, lacking)))
        draft.signed_off_by, draft.signed_off_at = actor, now
        journal.write(session, actor, "sign off arguments", draft, now)


def may_sign(draft: Consultation, staff: Staff) -> bool:
    """Say whether somebody typed neither argument, as far as the service knows."""
    return staff.role in MAY_SIGN and accounts.signature(staff) not in draft.argued_by


def _same(one: str, other: str) -> bool:
    return " ".join(one.casefold().split()) == " ".join(other.casefold().split())


def copy(old: Consultation, new: Consultation) -> None:
    """Let a consultation that is asked again have the same points, heard as often, and the same signature."""
    new.points_until, new.argued_by = old.points_until, list(old.argued_by)
    new.signed_off_by, new.signed_off_at = old.signed_off_by, old.signed_off_at
    new.points = [Point(number=each.number, text=each.text) for each in old.points]
    new.sent_points = [
        SentPoint(slip=each.slip, text=each.text, sent_on=each.sent_on, number=each.number, aside=each.aside)
        for each in old.sent_points
    ]


def forget(session: AnySession, now: datetime) -> list[str]:
    """Delete what was sent as it was written, once its time is over; return about which subjects.

    That is fourteen days after the freeze, and half a year after the last day where nothing was frozen.
    """
    due = []
    with writing(session):
        there = select(SentPoint.consultation_id).where(SentPoint.text.is_not(None)).distinct()
        found = session.scalars(
            select(Consultation)
            .outerjoin(Poll, Consultation.poll_id == Poll.id)
            .where(Consultation.id.in_(there))
            .order_by(Consultation.id)
        ).all()
        for each in found:
            if now < _forgotten_at(each):
                continue
            texts = [sent for sent in each.sent_points if sent.text is not None]
            for sent in texts:
                sent.text = None
            journal.write(session, journal.CLOCK, "delete sent points", each, now, points=len(texts))
            due.append(each.subject)
    return due


def _forgotten_at(consultation: Consultation) -> datetime:
    """Return when what was sent is deleted."""
    if consultation.poll:
        return consultation.poll.frozen_at + KEPT
    assert consultation.points_until is not None
    return days.opens(consultation.points_until) + KEPT_UNUSED


def asking(plan: Initiative, now: datetime) -> Consultation | None:
    """Return the draft about this plan of which points can be sent now."""
    last = plan.consultations[-1] if plan.consultations else None
    return last if asks(last, now) else None
