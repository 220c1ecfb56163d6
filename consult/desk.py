"""What the counters of staff share: who acts, and things of one's own town only."""

from flask import abort, flash, redirect, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from ballots.database import db
from ballots.refusals import Refusal
from ballots.web import said
from consult import rolls
from consult.models import Consultation, Initiative, Role, Wijk


def actor() -> str:
    """Return who acts, as the journal names them."""
    return f"{current_user.role}: {current_user.name}"


def plan_or_404(id: int) -> Initiative:
    """Return a plan of the user's town (a regiegroep: of its wijk), or answer 404."""
    plan = db.session.get(Initiative, id)
    if plan is None or not _mine(plan.wijk):
        abort(404)
    return plan


def consultation_or_404(id: int) -> Consultation:
    """Return a consultation of a wijk the user may see, or answer 404."""
    found = db.session.get(Consultation, id)
    if found is None or not _mine(found.wijk):
        abort(404)
    return found


def _mine(wijk: Wijk) -> bool:
    if current_user.role is Role.REGIEGROEP:
        return bool(wijk.id == current_user.wijk_id)
    return bool(wijk.town_id == current_user.town_id)


def tell(refusal: Refusal) -> None:
    """Show a refusal on the next page."""
    flash(said(refusal), "wrong")


def is_frozen(id: int) -> Response:
    """Return the way back from a page of a draft that is no draft any more."""
    flash(gettext("Deze stemming is vastgezet en kan niet meer veranderen."), "warning")
    return redirect(url_for("wizard.show", id=id), 303)


def after_days(draft: Consultation) -> str:
    """Return what follows the pages with days and key: what is not there yet, or else the overview."""
    if draft.custody is None:
        return url_for("keys.choose", id=draft.id)
    ready = rolls.totals(db.session, draft).letters
    return url_for("wizard.show" if ready else "roll.show", id=draft.id)
