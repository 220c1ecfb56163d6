"""Counter: the municipality works. What needs somebody today, and everything about one plan."""

from datetime import datetime

from flask import Blueprint, redirect, render_template, url_for
from flask_babel import gettext, lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse
from wtforms import TextAreaField

from ballots import guard, letters, polls
from ballots.access import open_to
from ballots.database import db
from ballots.lifecycle import Phase
from ballots.models import Poll
from ballots.refusals import Refusal
from ballots.web import now, vault
from consult import initiatives, journal, keyholding, lost_letters, papers_shown, proposals, stories
from consult.ballot_desk import ballot
from consult.desk import actor, plan_or_404, tell
from consult.forms import sized
from consult.key_pages import TASKS
from consult.language_desk import language
from consult.lifecycle import HIDEABLE, IN_CONSULTATION, Stage
from consult.lot_desk import lot
from consult.models import Consultation, Initiative, Role, Town, Wijk
from consult.pages import STAGES, Ballot, ballots_of
from consult.plan_office import initiators
from consult.question_desk import question
from consult.staff import me

office = Blueprint("office", __name__, url_prefix="/kantoor")
for inner in (ballot, question, lot, language, initiators):
    office.register_blueprint(inner)

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
        ballots=[(each, _next(each)) for each in ballots_of(current_user.town.wijken, drafts=True)],
        papers=_papers(current_user.town, moment),
        put_back=_put_back(current_user.town),
        proposals=proposals.waiting_in(db.session, current_user.town_id, moment),
        me=me(),
        stories=stories.waiting(db.session, current_user.town),
        requests=lost_letters.number_waiting(db.session, current_user.town),
        keys=keyholding.worklist(db.session, vault(), current_user.town, moment),
        TASKS=TASKS,
        IN_CONSULTATION=IN_CONSULTATION,
        STAGES=STAGES,
        Stage=Stage,
    )


def _papers(town: Town, moment: datetime) -> dict[int, str]:
    """Return what is to be done about papers that wait to be entered, by the id of their consultation."""
    over = select(Poll, Consultation.id).join(Consultation).join(Wijk)
    theirs = over.where(Wijk.town_id == town.id, Poll.closed_at.is_(None), Poll.withdrawn_at.is_(None))
    return {
        id: papers_shown.todo(found)
        for poll, id in db.session.execute(theirs)
        if (found := papers_shown.waiting(db.session, poll, moment))
    }


def _put_back(town: Town) -> list[Consultation]:
    """Return what nobody can vote in since an older database was put back."""
    theirs = select(Consultation).join(Consultation.poll).join(Wijk, Wijk.id == Consultation.wijk_id)
    running = theirs.where(Wijk.town_id == town.id, Poll.closed_at.is_(None), Poll.withdrawn_at.is_(None))
    found = db.session.scalars(running.order_by(Consultation.id)).all()
    return [each for each in found if each.poll and guard.lost(db.session, vault(), each.poll)]


def _next(ballot: Ballot) -> str:
    """Return what the office does next about a buurtstemming, or what it waits for."""
    poll, cast = ballot.consultation.poll, ballot.turnout
    if poll is None or cast is None:
        return gettext("Maak de buurtstemming af.")
    if ballot.phase is not Phase.WITHDRAWN and _unprinted(poll):
        return gettext("Druk de brieven en bevestig dat het drukken klaar is.")
    if ballot.phase is Phase.CLOSED and any(each.ties for each in polls.outcomes(db.session, poll)):
        return gettext("Er staan mogelijkheden gelijk. Leg de loting vast.")
    return gettext("Opkomst: %(used)s van %(issued)s brieven.", used=cast.used, issued=cast.sent)


def _unprinted(poll: Poll) -> bool:
    return any(run.printed_at is None for run in letters.runs(db.session, poll))


class HideForm(FlaskForm):
    """Why residents should not see a plan."""

    reason = TextAreaField(
        lazy_gettext("Waarom moet dit plan van de website?"),
        [sized(0, 500)],
        description=lazy_gettext("Bijvoorbeeld: het beledigt iemand. Bewoners zien deze reden niet."),
    )


@office.post("/plannen/<int:id>/verbergen")
@open_to(Role.GEMEENTE)
def hide(id: int) -> AnyResponse:
    form = HideForm()
    try:
        initiatives.hide(db.session, plan_or_404(id), form.reason.data or "", actor(), now())
    except Refusal as refusal:
        tell(refusal)
    return redirect(url_for("office.plan", id=id), 303)


@office.post("/plannen/<int:id>/tonen")
@open_to(Role.GEMEENTE)
def show(id: int) -> AnyResponse:
    initiatives.show(db.session, plan_or_404(id), actor(), now())
    return redirect(url_for("office.plan", id=id), 303)


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
        journal=journal.told(journal.of(db.session, found)),
        form=HideForm(),
        HIDEABLE=HIDEABLE,
        IN_CONSULTATION=IN_CONSULTATION,
        STAGES=STAGES,
        Stage=Stage,
    )
