"""Counter: what the office does for an initiator: a photo taken away, a lost link, and what came of it looked at."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from ballots.access import open_to
from ballots.database import db
from ballots.refusals import Refusal
from ballots.web import now
from consult import plan_drafts, stories
from consult.desk import actor, plan_or_404, tell
from consult.models import Role, Story

initiators = Blueprint("initiators", __name__, url_prefix="/plannen/<int:id>")


@initiators.post("/foto-weg")
@open_to(Role.GEMEENTE)
def remove_photo(id: int) -> AnyResponse:
    plan_drafts.remove_public_photo(db.session, plan_or_404(id), actor(), now())
    flash(gettext("De foto is weggehaald."), "success")
    return redirect(url_for("office.plan", id=id), 303)


@initiators.post("/nieuwe-link")
@open_to(Role.GEMEENTE)
def renew(id: int) -> str:
    """Show a new private link, this once."""
    plan = plan_or_404(id)
    token = plan_drafts.renew(db.session, plan, actor(), now())
    link = plan.wijk.town.base_url + url_for("plans.show", token=token)
    return render_template("consult/plan/renewed.html", plan=plan, link=link)


@initiators.post("/verhaal/<int:story>/tonen")
@open_to(Role.GEMEENTE)
def show(id: int, story: int) -> AnyResponse:
    found = _story(id, story)
    try:
        stories.show(db.session, found, actor(), now())
        flash(gettext("Het staat nu op de website."), "success")
    except Refusal as refusal:
        tell(refusal)
    return redirect(url_for("office.plan", id=id), 303)


@initiators.post("/verhaal/<int:story>/terug")
@open_to(Role.GEMEENTE)
def give_back(id: int, story: int) -> AnyResponse:
    found = _story(id, story)
    try:
        stories.give_back(db.session, found, request.form.get("reason", "")[:500], actor(), now())
        flash(gettext("Het is teruggestuurd. De initiatiefnemer leest waarom."), "success")
    except Refusal as refusal:
        tell(refusal)
    return redirect(url_for("office.plan", id=id), 303)


def _story(id: int, story: int) -> Story:
    found = db.session.get(Story, story)
    if found is None or found.initiative is not plan_or_404(id):
        abort(404)
    return found
