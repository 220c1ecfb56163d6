"""Counter: where a plan stands, as its initiator and everybody else read it: whose turn it is, what happened."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext

from ballots.money import euros
from consult import initiatives, next_steps
from consult.days import day_of
from consult.lifecycle import Stage
from consult.models import Initiative
from consult.next_steps import TURNS, YOU, Expected
from consult.pages import day, verdict_words

Row = tuple[str, str, str]  # what, when, state of the timeline: done, now, next


@dataclass(frozen=True)
class Standing:
    """Where a plan stands, in words."""

    stage: Stage
    who: str
    does: str
    expected: Expected | None
    happened: list[Row]


def standing(plan: Initiative, moment: datetime, yours: bool = False) -> Standing:
    """Return where a plan stands; `yours`: as its initiator reads it."""
    stage = initiatives.where(plan, moment)
    turn = TURNS[stage]
    done = sorted(_happened(plan, moment), key=lambda each: each[0])
    consultation = initiatives.live_consultation(plan)
    announced = None
    if consultation and stage is Stage.FROZEN:
        announced = consultation.first_day
    elif consultation and stage is Stage.OPEN:
        announced = consultation.ends_on
    found = next_steps.expected(stage, done[-1][0], announced, day_of(moment))
    who = gettext("De initiatiefnemer") if turn.who == YOU and not yours else gettext(turn.who)
    does = gettext((yours and turn.yours) or turn.does)
    rows: list[Row] = [(said, day(when), "done") for when, said in done]
    if stage is not Stage.WITHDRAWN:
        rows.append((does, _when(found), "now"))
    return Standing(stage, who, does, found, rows)


def _when(found: Expected | None) -> str:
    if found is None:
        return ""
    if found.announced:
        return day(found.day)
    if found.late:
        return gettext("dit duurt langer dan wij verwachtten")
    return gettext("wij verwachten: voor %(day)s", day=day(found.day))


def _happened(plan: Initiative, moment: datetime) -> Iterator[tuple[date, str]]:
    """Yield what was done, and the day it was."""
    yield day_of(plan.handed_in_at), gettext("Het plan is ingediend.")
    for each in plan.consultations:
        poll = each.poll
        if poll is None:
            continue
        yield day_of(poll.frozen_at), gettext("De vraag aan de wijk is vastgezet.")
        if poll.withdrawn_at:
            yield day_of(poll.withdrawn_at), gettext("De wijkraadpleging is ingetrokken.")
        elif poll.opens <= moment:
            yield day_of(poll.opens), gettext("De bewoners konden gaan stemmen.")
        if poll.closed_at:
            yield day_of(poll.closed_at), gettext("De stemmen zijn geteld.")
    for decision in plan.decisions:
        yield (
            day_of(decision.decided_at),
            gettext("De regiegroep besliste: %(verdict)s.", verdict=verdict_words(decision.verdict)),
        )
    if plan.grant:
        amount = euros(plan.grant.amount)
        yield plan.grant.granted_on, gettext("De gemeente gaf %(amount)s.", amount=amount)
        if voucher := plan.grant.voucher:
            yield day_of(voucher.issued_at), gettext("De voucher is gemaakt.")
            if voucher.redeemed_at:
                yield day_of(voucher.redeemed_at), gettext("De voucher is verzilverd.")
    if plan.story and plan.story.shown_at:
        yield day_of(plan.story.shown_at), gettext("De initiatiefnemer liet zien wat ervan kwam.")
    if plan.withdrawn_at:
        yield day_of(plan.withdrawn_at), gettext("Het plan is ingetrokken.")
