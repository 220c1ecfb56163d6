"""Counter: the office prepares a buurtstemming: what it is about, which questions, which days.

The pages of one question stand in `consult/question_desk.py`; the overview, the addresses and all that
follows are those of every consultation (`consult/wizard.py`, `consult/roll_desk.py`).
"""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse

from ballots.access import open_to
from ballots.database import db
from ballots.web import now
from consult import asked, ballot_questions, consultations, draft_check, rule_words
from consult.ballot_forms import KINDS, StartForm, SubjectForm
from consult.desk import actor, after_days, consultation_or_404, is_frozen
from consult.drafts import Draft, made
from consult.forms import DaysForm, filled, wijk_choices
from consult.models import Consultation, Role
from consult.sentences import Sentence

ballot = Blueprint("ballot", __name__, url_prefix="/buurtstemmingen")


@ballot.route("/nieuw", methods=["GET", "POST"])
@open_to(Role.GEMEENTE)
def start() -> str | AnyResponse | tuple[str, int]:
    form = StartForm()
    wijken = {str(wijk.id): wijk for wijk in current_user.town.wijken}
    form.wijk.choices = wijk_choices((id, wijk.name) for id, wijk in wijken.items())
    if form.validate_on_submit():
        fields = {name: form[name].data or "" for name in ("title", "summary", "afterwards")}
        draft = consultations.start_ballot(db.session, wijken[form.wijk.data], fields, actor(), now())
        return redirect(url_for("office.ballot.questions", id=draft.id), 303)
    page = render_template("consult/ballot/subject.html", form=form, draft=None)
    return (page, 422) if form.is_submitted() else page


@ballot.route("/<int:id>/titel", methods=["GET", "POST"])
@open_to(Role.GEMEENTE)
def subject(id: int) -> str | AnyResponse | tuple[str, int]:
    draft = ballot_or_404(id)
    if draft.poll_id:
        return is_frozen(id)
    form = SubjectForm(obj=draft)
    if form.validate_on_submit():
        consultations.edit(db.session, draft, filled(form), actor(), now())
        return redirect(url_for("office.ballot.questions", id=id), 303)
    page = render_template("consult/ballot/subject.html", form=form, draft=draft)
    return (page, 422) if form.is_submitted() else page


@ballot.get("/<int:id>/vragen")
@open_to(Role.GEMEENTE)
def questions(id: int) -> str | AnyResponse:
    """The questions in their order, each with what it asks in words, or with what is still missing."""
    draft = ballot_or_404(id)
    if draft.poll_id:
        return is_frozen(id)
    listed = [_listed(each) for each in asked.drafts(draft)]
    ready = bool(listed) and not any(each["wrongs"] for each in listed)
    return render_template(
        "consult/ballot/questions.html", draft=draft, listed=listed, ready=ready, form=FlaskForm()
    )


def _listed(each: Draft) -> dict[str, object]:
    wrongs = draft_check.check(each)
    said: tuple[Sentence, ...] = ()
    if not wrongs:
        question, rule = made(each)
        said = (*rule_words.choosing(question), *rule_words.counting(question, rule, asked.FLOOR))
    return {
        "draft": each,
        "kind": KINDS[each.kind] if each.kind else "",
        "pages": draft_check.pages(each),
        "wrongs": wrongs,
        "said": said,
    }


@ballot.post("/<int:id>/vragen")
@open_to(Role.GEMEENTE)
def arrange(id: int) -> str | AnyResponse:
    """Add a question, put one higher, or after a second look take one off: `do` says which."""
    draft = ballot_or_404(id)
    if draft.poll_id:
        return is_frozen(id)
    do, _, which = request.form.get("do", "").partition("-")
    if do == "add":
        new = ballot_questions.add(db.session, draft, actor(), now())
        return redirect(url_for("office.question.text", id=id, q=new.id), 303)
    if do == "remove":
        found = next((each for each in asked.drafts(draft) if each.id == which), None) or abort(404)
        return render_template("consult/ballot/remove.html", draft=draft, question=found, form=FlaskForm())
    if do == "drop":
        ballot_questions.remove(db.session, draft, which, actor(), now())
    elif do == "up":
        ballot_questions.raise_up(db.session, draft, which, actor(), now())
    else:
        abort(400)
    return redirect(url_for("office.ballot.questions", id=id), 303)


@ballot.route("/<int:id>/dagen", methods=["GET", "POST"])
@open_to(Role.GEMEENTE)
def days(id: int) -> str | AnyResponse | tuple[str, int]:
    draft = ballot_or_404(id)
    if draft.poll_id:
        return is_frozen(id)
    form = DaysForm(obj=draft)
    if form.validate_on_submit():
        consultations.edit(db.session, draft, filled(form), actor(), now())
        return redirect(after_days(draft), 303)
    page = render_template("consult/ballot/days.html", form=form, draft=draft)
    return (page, 422) if form.is_submitted() else page


def ballot_or_404(id: int) -> Consultation:
    """Return a buurtstemming of the user's town, or answer 404."""
    found = consultation_or_404(id)
    return abort(404) if found.initiative else found
