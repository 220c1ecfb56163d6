"""Counter: the regiegroep decides. One screen a decision: the outcome beside the form."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext, lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse
from wtforms import RadioField, SelectChoice, SelectMultipleField, StringField, TextAreaField, ValidationError
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from ballots import explain, polls
from ballots.access import open_to
from ballots.database import db
from ballots.money import euros, parse
from ballots.refusals import Refusal
from ballots.terms import terms
from ballots.web import now, said
from consult import consultations, decisions, initiatives, rules
from consult.desk import actor, plan_or_404
from consult.forms import sized
from consult.lifecycle import Verdict
from consult.models import Initiative, Role, Staff
from consult.pages import STAGES, chart

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
    amount = StringField(
        lazy_gettext("Bedrag"), [sized(0, 20)], description=lazy_gettext("Alleen nodig als u toekent.")
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
    cents: int | None = None

    def validate_amount(self, field: StringField) -> None:
        if self.verdict.data == Verdict.AWARD:
            try:
                self.cents = parse(field.data or "")
            except Refusal as refusal:
                raise ValidationError(said(refusal)) from refusal


@steering.get("")
@open_to(Role.REGIEGROEP)
def home() -> str:
    """The agenda: what can be decided tonight, what is coming, what was decided."""
    moment = now()
    shown = [(plan, initiatives.where(plan, moment)) for plan in current_user.wijk.initiatives]
    return render_template(
        "consult/steering/home.html",
        wijk=current_user.wijk,
        ready=[each for each in shown if each[1] in ("ready", "deferred")],
        coming=[
            each
            for each in shown
            if each[1] in ("needs-consultation", "drafting", "frozen", "open", "counting")
        ],
        decided=[
            each for each in shown if initiatives.last_decision(each[0]) and each[1] not in ("deferred",)
        ],
        STAGES=STAGES,
    )


@steering.route("/plannen/<int:id>", methods=["GET", "POST"])
@open_to(Role.REGIEGROEP)
def plan(id: int) -> str | AnyResponse | tuple[str, int]:
    found = plan_or_404(id)
    form = DecisionForm(amount=euros(found.asked).removeprefix("€ "))
    members = [member.name for member in _members(found.wijk_id)]
    form.present.choices = form.aside.choices = [SelectChoice(name, name) for name in members]
    if form.validate_on_submit():
        try:
            decisions.decide(
                db.session,
                found,
                Verdict(form.verdict.data),
                form.cents,
                form.reasons.data or "",
                form.present.data or [],
                form.aside.data or [],
                actor(),
                now(),
            )
        except Refusal as refusal:
            form.form_errors = [said(refusal)]
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
        question = terms(consultation.poll).questions[0]
        result = {
            "headline": explain.headline(evidence.outcome, question),
            "sentences": explain.sentences(evidence.outcome, question),
            "rows": chart(evidence.outcome, question),
            "turnout": polls.turnout(db.session, consultation.poll),
            "outcome": evidence.outcome,
            "question": question,
        }
    stage = initiatives.where(plan, now())
    return {
        "stage": stage,
        "may_decide": stage in decisions.OPEN_TO_DECISION,
        "consultation": consultation,
        "evidence": evidence,
        "result": result,
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
