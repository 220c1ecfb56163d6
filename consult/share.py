"""Counter: a vote as others show it: the picture of a shared link, and the outcome in a frame on another site."""

import hashlib
import json
from threading import Lock

from flask import Blueprint, Response, abort, make_response, render_template, request
from flask_babel import gettext

from ballots.access import EVERYONE, open_to
from ballots.database import db
from ballots.lifecycle import Phase
from ballots.models import Poll
from ballots.terms import in_force
from ballots.typeset import picture
from ballots.web import POLICY, now
from consult import results
from consult.models import Consultation
from consult.pages import town

share = Blueprint("share", __name__)

MOST = 60  # pictures that are kept; one is some 40 KB
_made: dict[str, bytes] = {}
_making = Lock()  # one at a time: typesetting takes a whole core


@share.get("/raadplegingen/<int:id>/kaart.png")
@open_to(EVERYONE)
def card(id: int) -> Response:
    """The picture of a shared link, 1200 by 630 pixels: what it is about, and until when or the answer."""
    found, poll = _frozen_or_404(id)
    facts = _facts(found, poll)
    tag = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:32]
    if request.if_none_match.contains(tag):
        answer = Response(status=304)
    else:
        answer = Response(_picture(tag, facts), mimetype="image/png")
    answer.set_etag(tag)
    answer.headers["Cache-Control"] = "public, no-cache"
    return answer


@share.get("/raadplegingen/<int:id>/uitslag/insluiten")
@open_to(EVERYONE)
def embed(id: int) -> Response:
    """The outcome, small: the one page that another site may show in a frame."""
    found, poll = _frozen_or_404(id)
    page = make_response(
        render_template(
            "consult/public/embed.html",
            consultation=found,
            title=in_force(poll).title,
            poll=poll,
            phase=poll.phase(now()),
            results=results.of(db.session, poll) if poll.closed_at and not poll.withdrawn_at else [],
        )
    )
    page.headers["Content-Security-Policy"] = POLICY.replace("frame-ancestors 'none'", "frame-ancestors *")
    return page


def _facts(found: Consultation, poll: Poll) -> dict[str, str]:
    terms, phase = in_force(poll), poll.phase(now())
    if phase is Phase.WITHDRAWN:
        head, line = gettext("Ingetrokken"), gettext("Deze stemming is ingetrokken.")
    elif poll.closed_at:
        told = results.of(db.session, poll)
        head = gettext("De uitslag")
        line = (
            told[0].result.headline
            if len(told) == 1 or found.initiative
            else gettext("De uitslag is bekend.")
        )
    elif phase is Phase.DUE:
        head, line = gettext("Stemming"), gettext("De stemming is voorbij. De uitslag volgt.")
    else:
        head, line = gettext("Stemming"), gettext("Stem %(closes)s.", closes=terms.closes_text)
    return {
        "town": found.wijk.town.name,
        "wijk": found.wijk.name,
        "head": head,
        "title": terms.title,
        "line": line,
        "accent": found.wijk.town.accent,
    }


def _picture(tag: str, facts: dict[str, str]) -> bytes:
    """Return the picture of these facts, made once: whoever asks meanwhile waits for it."""
    with _making:
        if tag not in _made:
            if len(_made) >= MOST:
                _made.pop(next(iter(_made)))
            _made[tag] = picture("share", facts)
        return _made[tag]


def _frozen_or_404(id: int) -> tuple[Consultation, Poll]:
    here, found = town(), db.session.get(Consultation, id)
    if here is None or found is None or found.poll is None or found.wijk.town_id != here.id:
        abort(404)
    return found, found.poll
