"""Counter: photos go out: those of residents by a name that cannot be guessed, to the office also of a hidden plan."""

from flask import Blueprint, Response, abort
from sqlalchemy import select

from ballots.access import EVERYONE, open_to
from ballots.database import db
from consult.desk import plan_or_404
from consult.models import Initiative, Photo, Role

photo = Blueprint("photo", __name__)

KEEP = "private, max-age=31536000, immutable"
"""A name is never used for another photo. Private: no cache that many share keeps one after its plan was hidden."""


@photo.get("/foto/<name>-<size>.jpg")
@open_to(EVERYONE)
def show(name: str, size: str) -> Response:
    """A photo, unless its plan is hidden. Of what is not public yet, only who may see it knows the name."""
    found = _found(name)
    plan = _plan(found)
    if plan and plan.hidden_why:
        abort(404)
    return _sent(found, size)


@photo.get("/kantoor/plannen/<int:id>/foto/<name>-<size>.jpg")
@open_to(Role.GEMEENTE)
def office(id: int, name: str, size: str) -> Response:
    """A photo of a plan of the user's town, hidden or not."""
    found = _found(name)
    if _plan(found) is not plan_or_404(id):
        abort(404)
    return _sent(found, size)


def _found(name: str) -> Photo:
    return db.session.scalar(select(Photo).where(Photo.name == name)) or abort(404)


def _plan(found: Photo) -> Initiative | None:
    """Return the plan of a photo; None while that is being written."""
    if found.story:
        return found.story.initiative
    return found.initiative or (found.link.initiative if found.link else None)


def _sent(found: Photo, size: str) -> Response:
    if size not in ("groot", "klein"):
        abort(404)
    data = found.large if size == "groot" else found.small
    return Response(
        data,
        mimetype="image/jpeg",
        headers={
            "Cache-Control": KEEP,
            "X-Content-Type-Options": "nosniff",
            "Content-Disposition": "inline; filename=foto.jpg",
        },
    )
