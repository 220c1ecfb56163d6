"""What the counters of staff share: who acts, and things of one's own town only."""

from flask import abort, current_app, flash
from flask_login import current_user

from ballots.database import db
from ballots.refusals import Refusal
from ballots.seeds import Seeds
from ballots.web import said
from consult.models import Consultation, Initiative, Role


def actor() -> str:
    """Return who acts, as the journal names them."""
    return f"{current_user.role}: {current_user.name}"


def plan_or_404(id: int) -> Initiative:
    """Return a plan of the user's town (a regiegroep: of its wijk), or answer 404."""
    plan = db.session.get(Initiative, id)
    if plan is None or plan.wijk.town_id != current_user.town_id:
        abort(404)
    if current_user.role is Role.REGIEGROEP and plan.wijk_id != current_user.wijk_id:
        abort(404)
    return plan


def consultation_or_404(id: int) -> Consultation:
    """Return a consultation about a plan the user may see, or answer 404."""
    found = db.session.get(Consultation, id) or abort(404)
    plan_or_404(found.initiative_id)
    return found


def seeds() -> Seeds:
    """Return the folder of seed files."""
    return Seeds(current_app.config["DATA_DIR"] / "seeds")


def tell(refusal: Refusal) -> None:
    """Show a refusal on the next page."""
    flash(said(refusal), "wrong")
