"""Counter: an initiator tells what came of a plan, behind the private link; the office looks before everybody sees."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from ballots.access import EVERYONE, open_to
from ballots.database import db
from ballots.refusals import Refusal
from ballots.web import now, said
from consult import photos, stories
from consult.models import Initiative
from consult.plan_desk import link_or_404, plan_or_404
from consult.refusals import AltMissing, TooEarly

telling = Blueprint("telling", __name__, url_prefix="/mijn-plan/<token>/resultaat")

LEAST, MOST = 20, 2000  # characters of what came of it


@telling.route("", methods=["GET", "POST"])
@open_to(EVERYONE)
def write(token: str) -> str | AnyResponse | tuple[str, int]:
    """The text and the photos. Whatever button is pressed, what was typed is kept first."""
    plan = plan_or_404(link_or_404(token))
    if not stories.may_tell(plan, now()):
        raise TooEarly()
    if request.method != "POST":
        return _page(token, plan, {})
    text = request.form.get("text", "")
    wrongs: dict[str, str] = {}
    stories.write(db.session, plan, text, now())
    if name := request.form.get("weg"):
        stories.remove_photo(db.session, plan, name, now())
        return redirect(url_for("telling.write", token=token), 303)
    sent = request.files.get("photo")
    data = sent.read(photos.MOST_BYTES + 1) if sent and sent.filename else b""
    if data or "foto" in request.form:
        try:
            if not data:
                wrongs["photo"] = gettext("Kies eerst een foto.")
            else:
                stories.add_photo(
                    db.session, plan, photos.made(data), request.form.get("alt", "")[:200], now()
                )
        except AltMissing as refusal:
            wrongs["alt"] = said(refusal) + " " + gettext("Kies daarna de foto opnieuw.")
        except Refusal as refusal:
            wrongs["photo"] = said(refusal)
    if "sturen" in request.form and not LEAST <= len(text.strip()) <= MOST:
        wrongs["text"] = gettext(
            "Vertel in minstens %(least)d en hoogstens %(most)d tekens wat ervan kwam.",
            least=LEAST,
            most=MOST,
        )
    if wrongs:
        return _page(token, plan, wrongs), 422
    if "sturen" in request.form:
        stories.send(db.session, plan, now())
    return redirect(url_for("telling.write", token=token), 303)


def _page(token: str, plan: Initiative, wrongs: dict[str, str]) -> str:
    return render_template(
        "consult/plan/tell.html",
        token=token,
        plan=plan,
        story=stories.being_told(plan),
        wrongs=wrongs,
        alt=request.form.get("alt", "") if wrongs else "",
        most=stories.MOST_PHOTOS,
    )
