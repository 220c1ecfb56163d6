"""Counter: the office records a lot that was drawn in public, between options that the rule could not part."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from ballots import explain, polls
from ballots.access import open_to
from ballots.counting.outcome import Outcome
from ballots.database import db
from ballots.models import Poll
from ballots.paper import Question
from ballots.refusals import Refusal, WitnessesMissing
from ballots.terms import terms
from ballots.web import now
from consult import consultations
from consult.ballot_forms import LotForm, lot_form
from consult.desk import actor, consultation_or_404, tell
from consult.models import Role
from consult.staff import wrong

lot = Blueprint("lot", __name__, url_prefix="/raadplegingen/<int:id>/loting")


@lot.route("", methods=["GET", "POST"])
@open_to(Role.GEMEENTE)
def draw(id: int) -> str | AnyResponse | tuple[str, int]:
    """One tie a page; when another comes up after it, this page shows that one."""
    consultation = consultation_or_404(id)
    poll = consultation.poll
    tied = _first_tie(poll) if poll and poll.closed_at else None
    if tied is None:
        return redirect(url_for("wizard.show", id=id), 303)
    number, question, outcome = tied
    labels = {option.id: option.label for option in question.options if option.id in outcome.ties[0]}
    form = lot_form(labels)
    if form.validate_on_submit() and (drawn := _drawn(form, list(labels))):
        try:
            witnesses = (form.witnesses.data or "").splitlines()
            consultations.draw_lot(db.session, consultation, number, drawn, witnesses, actor(), now())
        except WitnessesMissing as refusal:
            wrong(form.witnesses, refusal)
        except Refusal as refusal:
            tell(refusal)
            return redirect(url_for("wizard.show", id=id), 303)
        else:
            flash(gettext("De loting is vastgelegd. De uitslag is opnieuw berekend."), "success")
            return redirect(url_for("wizard.show", id=id), 303)
    page = render_template(
        "consult/ballot/lot.html",
        consultation=consultation,
        form=form,
        question=question,
        number=number,
        several=len(terms(poll).questions) > 1 if poll else False,
        labels=labels,
        reasons=_reasons(outcome, question),
    )
    return (page, 422) if form.is_submitted() else page


def _first_tie(poll: Poll) -> tuple[int, Question, Outcome] | None:
    """Return the number of the first question in which options are still equal, with its outcome."""
    pairs = zip(terms(poll).questions, polls.outcomes(db.session, poll), strict=True)
    found = ((n, question, outcome) for n, (question, outcome) in enumerate(pairs, 1) if outcome.ties)
    return next(found, None)


def _reasons(outcome: Outcome, question: Question) -> list[str]:
    """Return why a lot is needed, in the words of the outcome."""
    said = zip(outcome.steps, explain.sentences(outcome, question), strict=True)
    return [text for step, text in said if step.kind in ("tie", "stopped")]


def _drawn(form: LotForm, ids: list[str]) -> list[str]:
    """Return the options in the order drawn; nothing, and why at the fields, when places are not 1, 2, …"""
    places = {id: form[f"place_{id}"].data for id in ids}
    if sorted(places.values()) == list(range(1, len(ids) + 1)):
        return sorted(ids, key=lambda id: places[id])
    text = gettext("Geef elke mogelijkheid een eigen plek, van 1 tot en met %(last)d.", last=len(ids))
    form[f"place_{ids[0]}"].errors = [text]
    return []
