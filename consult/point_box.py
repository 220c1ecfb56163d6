"""Counter: residents send a point about a plan before it is frozen. No name, no cookie, nothing kept of who sends."""

import re
from secrets import token_hex

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response as AnyResponse
from wtforms import Form, TextAreaField

from ballots.access import EVERYONE, open_to
from ballots.database import db
from ballots.refusals import Refusal
from ballots.web import now, said
from consult import points, reasons
from consult.forms import required
from consult.models import Initiative
from consult.pages import town

point_box = Blueprint("point_box", __name__, url_prefix="/punt")

_SLIP = re.compile(r"[0-9a-f]{32}")


class PointForm(Form):
    """One point."""

    class Meta:
        locales = ("nl",)  # of what is wrong; FlaskForm would ask Flask-Babel, and sets a cookie

    text = TextAreaField(
        lazy_gettext("Wat wilt u meegeven?"),
        [required()],
        description=lazy_gettext(
            "Hoogstens %(most)d tekens. Noem geen namen, adressen of telefoonnummers.",
            most=reasons.LONGEST_SENT,
        ),
    )


@point_box.route("/<int:id>", methods=["GET", "POST"])
@open_to(EVERYONE)
def send(id: int) -> str | AnyResponse | tuple[str, int]:
    """A field for one point, while points are asked; afterwards the page says that it is over."""
    plan = _plan_or_404(id)
    draft = points.asking(plan, now())
    form = PointForm(request.form if request.method == "POST" else None)
    slip = request.form.get("slip", "")
    if request.method == "POST" and draft and form.validate():
        try:
            kept = slip if _SLIP.fullmatch(slip) else token_hex(16)
            points.send(db.session, draft, str(form.text.data), kept, now())
        except Refusal as refusal:
            form.text.errors = [said(refusal)]
        else:
            return redirect(url_for("point_box.thanks", id=id), 303)
    page = render_template(
        "consult/points/send.html",
        form=form,
        plan=plan,
        draft=draft,
        most=reasons.LONGEST_SENT,
        kept=points.KEPT.days,
        slip=slip if _SLIP.fullmatch(slip) else token_hex(16),
    )
    return (page, 422) if form.errors else page


@point_box.get("/<int:id>/bedankt")
@open_to(EVERYONE)
def thanks(id: int) -> str:
    plan = _plan_or_404(id)
    return render_template("consult/points/thanks.html", plan=plan, draft=points.asking(plan, now()))


def _plan_or_404(id: int) -> Initiative:
    found, here = db.session.get(Initiative, id), town()
    if found is None or here is None or found.hidden_why or found.wijk.town_id != here.id:
        abort(404)
    return found
