"""Counter: the municipality works. What needs somebody today, and everything about one plan."""

from flask import Blueprint, render_template
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import select

from ballots import letters, polls
from ballots.access import open_to
from ballots.database import db
from ballots.models import Poll
from ballots.web import now
from consult import initiatives, journal
from consult.desk import plan_or_404
from consult.lifecycle import Stage
from consult.models import Initiative, Role, Wijk
from consult.pages import STAGES

office = Blueprint("office", __name__, url_prefix="/kantoor")

# The stages in which the office has something to do, the most pressing first.
TO_DO = (
    Stage.COUNTING,
    Stage.FROZEN,
    Stage.AWARDED,
    Stage.GRANTED,
    Stage.VOUCHER,
    Stage.DRAFTING,
    Stage.NEEDS_CONSULTATION,
    Stage.OPEN,
)


@office.get("")
@open_to(Role.GEMEENTE, Role.BEHEERDER)
def home() -> str:
    if current_user.role is Role.BEHEERDER:
        return render_template("consult/office/beheer.html")
    plans = db.session.scalars(
        select(Initiative)
        .join(Wijk)
        .where(Wijk.town_id == current_user.town_id)
        .order_by(Initiative.handed_in_at.desc())
    ).all()
    moment = now()
    shown = [(plan, initiatives.where(plan, moment), initiatives.live_consultation(plan)) for plan in plans]
    return render_template(
        "consult/office/home.html",
        work=sorted((each for each in shown if each[1] in TO_DO), key=lambda each: TO_DO.index(each[1])),
        others=[each for each in shown if each[1] not in TO_DO],
        turnouts={
            each[2].id: polls.turnout(db.session, each[2].poll)
            for each in shown
            if each[1] is Stage.OPEN and each[2] and each[2].poll
        },
        unprinted={each[2].id for each in shown if each[2] and each[2].poll and _unprinted(each[2].poll)},
        STAGES=STAGES,
        Stage=Stage,
    )


def _unprinted(poll: Poll) -> bool:
    return any(run.printed_at is None for run in letters.runs(db.session, poll))


@office.get("/plannen/<int:id>")
@open_to(Role.GEMEENTE)
def plan(id: int) -> str:
    found = plan_or_404(id)
    return render_template(
        "consult/office/plan.html",
        plan=found,
        stage=initiatives.where(found, now()),
        consultation=initiatives.live_consultation(found),
        decision=initiatives.last_decision(found),
        together=initiatives.together(db.session, found),
        journal=journal.of(db.session, found),
        form=FlaskForm(),
        STAGES=STAGES,
        Stage=Stage,
    )
