"""Counter: the town asks for points, the regiegroep gathers them, somebody of neither side signs the arguments off."""

from datetime import timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext, ngettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, DateField

from ballots.access import open_to
from ballots.database import db
from ballots.refusals import Refusal
from ballots.web import now, said
from consult import asked, points, reasons
from consult.desk import actor, consultation_or_404, is_frozen, tell
from consult.forms import required
from consult.models import Consultation, Role, SentPoint
from consult.pages import today
from consult.reasons import ASIDE, Aside
from consult.staff import me, wrong

point_desk = Blueprint("points", __name__)

MOST_SHOWN = 40  # points to sort on one page: more is no work for an evening


class AskForm(FlaskForm):
    """Until when residents can send points."""

    last_day = DateField(
        lazy_gettext("Tot en met welke dag?"),
        [required()],
        description=lazy_gettext(
            "Twee weken is genoeg voor de meeste plannen. U kunt deze dag later nog veranderen."
        ),
    )


class SignForm(FlaskForm):
    """That somebody is of neither side, and finds the arguments fair."""

    neither = BooleanField(
        lazy_gettext("Ik dien dit plan niet in, ik schreef niet mee, en ik vind beide teksten eerlijk."),
        [
            required(
                lazy_gettext("Kruis dit aan als het zo is. Is het niet zo, laat dan iemand anders nakijken.")
            )
        ],
    )


@point_desk.route("/kantoor/raadplegingen/<int:id>/punten", methods=["GET", "POST"])
@open_to(Role.GEMEENTE)
def ask(id: int) -> str | AnyResponse | tuple[str, int]:
    """Open the box for points, or move its last day; how far the regiegroep is with them."""
    draft = _about_a_plan(id)
    if draft.poll_id:
        return is_frozen(id)
    advised = today() + timedelta(days=points.ADVISED)
    form = AskForm(last_day=draft.points_until or advised)
    if form.validate_on_submit():
        try:
            points.ask(db.session, draft, form.last_day.data, actor(), now())
        except Refusal as refusal:
            wrong(form.last_day, refusal)
        else:
            flash(gettext("Bewoners kunnen nu punten sturen, op de pagina van het plan."), "success")
            return redirect(url_for("points.ask", id=id), 303)
    page = render_template("consult/points/ask.html", form=form, **_state(draft))
    return (page, 422) if form.errors else page


@point_desk.route("/regiegroep/raadplegingen/<int:id>/punten", methods=["GET", "POST"])
@open_to(Role.REGIEGROEP)
def gather(id: int) -> str | AnyResponse | tuple[str, int]:
    """What was sent, and the points the regiegroep makes of it."""
    draft = _about_a_plan(id)
    if draft.poll_id:
        return _frozen(draft)
    texts = {point.number: point.text for point in draft.points}
    problem, status = "", 200
    if request.method == "POST":
        texts = {number: request.form.get(f"point-{number}", "") for number in range(1, reasons.MOST + 1)}
        try:
            points.gather(db.session, draft, texts, actor(), now())
        except Refusal as refusal:
            problem, status = said(refusal), 422
        else:
            flash(gettext("De punten zijn bewaard."), "success")
            return redirect(url_for("points.gather", id=id), 303)
    waiting = [sent for sent in draft.sent_points if _waits(sent)]
    page = render_template(
        "consult/points/gather.html",
        form=FlaskForm(),
        texts=texts,
        problem=problem,
        waiting=waiting[:MOST_SHOWN],
        gathered=[
            (point, [sent for sent in draft.sent_points if sent.number == point.number])
            for point in draft.points
        ],
        put_aside=[sent for sent in draft.sent_points if sent.aside],
        reasons=reasons,
        **_state(draft),
    )
    return (page, status) if status != 200 else page


@point_desk.post("/regiegroep/raadplegingen/<int:id>/punten/indelen")
@open_to(Role.REGIEGROEP)
def sort(id: int) -> AnyResponse:
    """Put points that were sent in a point of the paper, aside, or back."""
    draft = _about_a_plan(id)
    if draft.poll_id:
        return _frozen(draft)
    places = _places()
    try:
        points.sort(db.session, draft, places, actor(), now())
    except Refusal as refusal:
        tell(refusal)
    else:
        flash(
            ngettext("%(num)s punt is ingedeeld.", "%(num)s punten zijn ingedeeld.", len(places)), "success"
        )
    return redirect(url_for("points.gather", id=id) + "#indelen", 303)


def _places() -> dict[int, int | Aside | None]:
    """Return where each point goes that was sent on in the form; what nobody chose for stays where it is."""
    found: dict[int, int | Aside | None] = {}
    for name, value in request.form.items():
        kind, _, id = name.partition("-")
        if not id.isdecimal() or len(id) > 9:
            continue
        if kind == "back":
            found[int(id)] = None
        elif kind == "sent" and value.isdecimal():
            found[int(id)] = int(value[:3])
        elif kind == "sent" and value in tuple(Aside):
            found[int(id)] = Aside(value)
    return found


@point_desk.route("/argumenten/<int:id>", methods=["GET", "POST"])
@open_to(*points.MAY_SIGN)
def sign_off(id: int) -> str | AnyResponse | tuple[str, int]:
    """The arguments side by side; whoever typed neither and is of neither side says that they are fair."""
    draft = _about_a_plan(id)
    if draft.poll_id:
        return _frozen(draft)
    form = SignForm()
    if form.validate_on_submit():
        try:
            points.sign_off(db.session, draft, me(), now())
        except Refusal as refusal:
            wrong(form.neither, refusal)
        else:
            flash(gettext("Dank u wel. De argumenten zijn nagekeken."), "success")
            return redirect(url_for("points.sign_off", id=id), 303)
    page = render_template(
        "consult/points/sign_off.html",
        form=form,
        lacking=asked.lacking_arguments(draft),
        may_sign=points.may_sign(draft, me()),
        words=reasons.words,
        AGAINST=reasons.AGAINST,
        IN_FAVOUR=reasons.IN_FAVOUR,
        **_state(draft),
    )
    return (page, 422) if form.errors else page


def _state(draft: Consultation) -> dict[str, object]:
    """Return what every page about points says of how far they are."""
    heard, waiting = asked.heard(draft), asked.waiting(draft)
    return {
        "draft": draft,
        "asks": points.asks(draft, now()),
        "heard": heard,
        "number_waiting": waiting,
        "todo": reasons.ungathered(heard, waiting),
        "ASIDE": ASIDE,
    }


def _waits(sent: SentPoint) -> bool:
    return sent.number is None and not sent.aside


def _about_a_plan(id: int) -> Consultation:
    found = consultation_or_404(id)
    return found if found.initiative else abort(404)


def _frozen(draft: Consultation) -> AnyResponse:
    """Return the way on from a page of a draft that is no draft any more."""
    flash(gettext("Deze stemming is vastgezet en kan niet meer veranderen."), "warning")
    if me().role is Role.GEMEENTE:
        return redirect(url_for("wizard.show", id=draft.id), 303)
    assert draft.initiative is not None
    return redirect(url_for("steering.plan", id=draft.initiative.id), 303)
