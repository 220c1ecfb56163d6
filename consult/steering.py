"""Counter: the regiegroep decides. One screen a decision: the outcome beside the form."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext, lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse
from wtforms import RadioField, SelectChoice, SelectMultipleField, TextAreaField
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from ballots import board_words, polls
from ballots.access import open_to
from ballots.database import db
from ballots.refusals import Refusal
from ballots.web import now, said
from consult import consultations, decisions, initiatives, results, rules
from consult.desk import actor, plan_or_404
from consult.forms import MoneyField, sized
from consult.lifecycle import COMING, DECIDABLE, Stage, Verdict
from consult.models import Initiative, Role, Staff
from consult.pages import STAGES, ballots_of
from consult.refusals import (
    AboveConsulted,
    AmountWrong,
    NeedsConsultation,
    NobodyDecides,
    NotPresent,
    QuorumMissed,
    ReasonsNeeded,
)
from consult.staff import wrong

steering = Blueprint("steering", __name__, url_prefix="/regiegroep")


def _checkboxes(label: str) -> SelectMultipleField:
    return SelectMultipleField(label, widget=ListWidget(prefix_label=False), option_widget=CheckboxInput())


class DecisionForm(FlaskForm):
    """A decision about a plan."""

    verdict = RadioField(
        lazy_gettext("Wat beslist de regiegroep?"),
        [InputRequired(lazy_gettext("Kies wat de regiegroep beslist."))],
        choices=[
            SelectChoice(Verdict.AWARD, lazy_gettext("Toekennen")),
            SelectChoice(Verdict.REJECT, lazy_gettext("Afwijzen")),
            SelectChoice(Verdict.DEFER, lazy_gettext("Aanhouden: later beslissen")),
        ],
    )
    amount = MoneyField(
        lazy_gettext("Bedrag"), [Optional()], description=lazy_gettext("Alleen nodig als u toekent.")
    )
    reasons = TextAreaField(
        lazy_gettext("Waarom?"),
        [sized(0, 4000)],
        description=lazy_gettext(
            "Verplicht als u afwijst of afwijkt van de uitslag. Iedereen kan dit lezen."
        ),
    )
    present = _checkboxes(lazy_gettext("Wie was aanwezig?"))
    aside = _checkboxes(lazy_gettext("Wie stapte opzij?"))

    def validate(self, extra_validators: Any = None) -> bool:
        """See that an award has an amount."""
        right: bool = super().validate(extra_validators)
        if self.verdict.data == Verdict.AWARD and self.amount.data is None and not self.amount.errors:
            self.amount.errors = [gettext("Vul het bedrag in dat de regiegroep toekent.")]
            return False
        return right

    def refuse(self, refusal: Refusal) -> None:
        """Show a refusal at the field that it is about."""
        for field, about in (
            (self.amount, (AmountWrong, NeedsConsultation, AboveConsulted, QuorumMissed)),
            (self.reasons, (ReasonsNeeded,)),
            (self.present, (NobodyDecides,)),
            (self.aside, (NotPresent,)),
        ):
            if isinstance(refusal, about):
                wrong(field, refusal)
                return
        self.form_errors = [said(refusal)]


@steering.get("")
@open_to(Role.REGIEGROEP)
def home() -> str:
    """The agenda: what can be decided tonight, what is coming, what was decided."""
    moment = now()
    shown = [(plan, initiatives.where(plan, moment)) for plan in current_user.wijk.initiatives]
    return render_template(
        "consult/steering/home.html",
        wijk=current_user.wijk,
        ready=[each for each in shown if each[1] in DECIDABLE],
        coming=[each for each in shown if each[1] in COMING],
        decided=[
            each for each in shown if initiatives.last_decision(each[0]) and each[1] is not Stage.DEFERRED
        ],
        ballots=ballots_of([current_user.wijk]),
        STAGES=STAGES,
    )


@steering.route("/plannen/<int:id>", methods=["GET", "POST"])
@open_to(Role.REGIEGROEP)
def plan(id: int) -> str | AnyResponse | tuple[str, int]:
    found = plan_or_404(id)
    form = DecisionForm(amount=found.asked)
    members = [member.name for member in _members(found.wijk_id)]
    form.present.choices = form.aside.choices = [SelectChoice(name, name) for name in members]
    if form.validate_on_submit():
        try:
            decisions.decide(
                db.session,
                found,
                Verdict(form.verdict.data),
                form.amount.data,
                form.reasons.data or "",
                form.present.data or [],
                form.aside.data or [],
                actor(),
                now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(gettext("De beslissing is vastgelegd."), "success")
            return redirect(url_for("steering.plan", id=id), 303)
    page = render_template("consult/steering/plan.html", form=form, plan=found, **_shown(found))
    return (page, 422) if form.is_submitted() else page


def _shown(plan: Initiative) -> dict[str, object]:
    """Return what stands beside the decision: the stage, the outcome, and what is near the line."""
    consultation = initiatives.live_consultation(plan)
    evidence = consultations.evidence(db.session, consultation) if consultation else None
    result = None
    if consultation and consultation.poll and evidence and evidence.outcome:
        (result,) = results.of(db.session, consultation.poll)
    stage = initiatives.where(plan, now())
    return {
        "stage": stage,
        "may_decide": stage in decisions.OPEN_TO_DECISION,
        "consultation": consultation,
        "evidence": evidence,
        "result": result,
        "doubts": board_words.doubts(db.session, consultation.poll)
        if consultation and consultation.poll and result
        else [],
        "above": rules.needs_consultation(plan.wijk.town.limit, plan.asked),
        "together": initiatives.together(db.session, plan),
        "decision": initiatives.last_decision(plan),
        "STAGES": STAGES,
        "turnout": polls.turnout(db.session, consultation.poll)
        if consultation and consultation.poll
        else None,
    }


def _members(wijk: int) -> list[Staff]:
    return list(
        db.session.scalars(
            select(Staff)
            .where(Staff.wijk_id == wijk, Staff.role == Role.REGIEGROEP, Staff.active)
            .order_by(Staff.name)
        )
    )
