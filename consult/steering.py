"""Counter: the regiegroep decides. One screen a decision: the outcome beside the form."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext, lazy_gettext, ngettext
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
from ballots.terms import terms
from ballots.web import now, said
from consult import asked, consultations, decisions, initiatives, points, reasons, results, rules
from consult.desk import actor, plan_or_404
from consult.forms import MoneyField, sized
from consult.lifecycle import COMING, DECIDABLE, Stage, Verdict
from consult.models import Consultation, Initiative, Role, Staff
from consult.pages import STAGES, ballots_of
from consult.reasons import Weighed
from consult.refusals import (
    AboveConsulted,
    AmountWrong,
    NeedsConsultation,
    NobodyDecides,
    NotPresent,
    QuorumMissed,
    ReasonsNeeded,
)
from consult.staff import me, wrong

steering = Blueprint("steering", __name__, url_prefix="/regiegroep")
ANSWER = "answer_"  # before the id of a point, the name of the field with the answer to it


def _checkboxes(label: str) -> SelectMultipleField:
    return SelectMultipleField(label, widget=ListWidget(prefix_label=False), option_widget=CheckboxInput())


@dataclass(frozen=True)
class Preparing:
    """What the regiegroep can do about a draft: gather points (so many wait), and see whether arguments are fair."""

    draft: Consultation
    gathers: bool
    waiting: int
    sign: bool


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
        if self.verdict.data in (Verdict.AWARD, Verdict.REJECT):
            for id in (id for id, text in self.answers().items() if not text.strip()):
                self[ANSWER + id].errors = [gettext("Schrijf in één zin wat de regiegroep hierop antwoordt.")]
                right = False
        if self.verdict.data == Verdict.AWARD and self.amount.data is None and not self.amount.errors:
            self.amount.errors = [gettext("Vul het bedrag in dat de regiegroep toekent.")]
            return False
        return right

    def answers(self) -> dict[str, str]:
        """Return the answers to the points, by the id of the point."""
        return {
            name.removeprefix(ANSWER): self[name].data or "" for name in self.data if name.startswith(ANSWER)
        }

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


def _form(plan: Initiative, points: Sequence[Weighed]) -> DecisionForm:
    """Return the form of a decision, with a field for each point that it answers."""
    answers = {
        ANSWER + point.id: TextAreaField(
            point.text,
            [Optional(), sized(5, reasons.LONGEST_ANSWER)],
            description=ngettext(
                "%(num)s stemmer koos dit punt.", "%(num)s stemmers kozen dit punt.", point.chosen
            ),
        )
        for point in points
    }
    form: DecisionForm = type("AnsweringForm", (DecisionForm,), answers)(amount=plan.asked)
    members = [member.name for member in _members(plan.wijk_id)]
    form.present.choices = form.aside.choices = [SelectChoice(name, name) for name in members]
    return form


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
        preparing=[
            todo for each, _ in shown if (todo := _preparing(initiatives.live_consultation(each))) is not None
        ],
        STAGES=STAGES,
    )


def _preparing(draft: Consultation | None) -> Preparing | None:
    """Return what the regiegroep can do about a draft; None where there is nothing to do."""
    if draft is None or draft.poll_id:
        return None
    sign = draft.signed_off_by is None and not asked.lacking_arguments(draft) and points.may_sign(draft, me())
    gathers = bool(draft.points_until) and (
        points.asks(draft, now()) or bool(reasons.ungathered(asked.heard(draft), asked.waiting(draft)))
    )
    return Preparing(draft, gathers, asked.waiting(draft), sign) if gathers or sign else None


@steering.route("/plannen/<int:id>", methods=["GET", "POST"])
@open_to(Role.REGIEGROEP)
def plan(id: int) -> str | AnyResponse | tuple[str, int]:
    found = plan_or_404(id)
    to_answer = decisions.to_answer(db.session, initiatives.live_consultation(found))
    form = _form(found, to_answer)
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
                form.answers(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(gettext("De beslissing is vastgelegd."), "success")
            return redirect(url_for("steering.plan", id=id), 303)
    answers = [form[ANSWER + point.id] for point in to_answer]
    shown = _shown(found)
    page = render_template(
        "consult/steering/plan.html", form=form, plan=found, answers=answers, to_answer=to_answer, **shown
    )
    return (page, 422) if form.is_submitted() else page


def _shown(plan: Initiative) -> dict[str, object]:
    """Return what stands beside the decision: the stage, the outcome, and what is near the line."""
    consultation = initiatives.live_consultation(plan)
    evidence = consultations.evidence(db.session, consultation) if consultation else None
    result = None
    if consultation and consultation.poll and evidence and evidence.outcome:
        result = results.of(db.session, consultation.poll)[0]  # what else it asked decides nothing
    stage = initiatives.where(plan, now())
    return {
        "stage": stage,
        "preparing": _preparing(consultation),
        "told": reasons.told(terms(consultation.poll)) if consultation and consultation.poll else None,
        "may_decide": stage in decisions.OPEN_TO_DECISION,
        "consultation": consultation,
        "evidence": evidence,
        "result": result,
        "doubts": board_words.doubts(db.session, consultation.poll, first=1)
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
