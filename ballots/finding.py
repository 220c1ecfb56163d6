"""Counter: find a vote back, or look after an unused letter, for a browser without script.

The address lies under that of the booth, of which no proxy keeps a log; nothing typed here is kept.
"""

from flask import Blueprint, Response, request
from flask_babel import gettext

from ballots import codes, published, wording
from ballots.access import EVERYONE, open_to
from ballots.board_pages import Answer, find_page, poll_or_404
from ballots.codes import CodeRefusal
from ballots.database import db
from ballots.digest import ALPHABET
from ballots.models import Poll
from ballots.published import Became
from ballots.terms import terms
from ballots.web import said

finding = Blueprint("finding", __name__, url_prefix="/s/terug")
CONTROL = 16  # symbols of a control code


@finding.before_request
def small() -> None:
    """Read no more than a code can need."""
    request.max_content_length = 8 * 1024


@finding.post("/<poll>")
@open_to(EVERYONE)
def search(poll: str) -> Response:
    """Say what stands under a control code, or what became of a letter."""
    found = poll_or_404(poll)
    typed = request.form.get("control", "")
    answer = _vote(found, typed) if typed.strip() else _letter(found, request.form.get("code", ""))
    page = Response(find_page(found, answer))
    page.headers["Cache-Control"] = "no-store, no-transform"
    return page


def _vote(poll: Poll, typed: str) -> Answer:
    """Return what stands under a control code."""
    read = codes.forgiven(typed)
    if len(read) != CONTROL or set(read) - set(ALPHABET):
        wrong = gettext("Een controlecode heeft 16 tekens: vier groepjes van vier. Kijk de code nog eens na.")
        return "wrong", wrong, []
    number = 0
    for symbol in read:
        number = number << 5 | ALPHABET.index(symbol)
    place = published.found(db.session, poll, number.to_bytes(10, "big"))
    if place is None:
        return "warning", _not_found(poll), []
    if place.marking is None:
        sealed = gettext("Uw stem staat op het stembord. Wat u koos is nu niet te zien: het is verzegeld.")
        return "success", sealed, []
    question = terms(poll).questions[place.question - 1]
    there = gettext(
        "Uw stem staat in de lijst en is geteld. Dit is wat u koos bij “%(text)s”:", text=question.text
    )
    return "success", there, [wording.answer(question, place.marking.split(","))]


def _not_found(poll: Poll) -> str:
    if poll.withdrawn_at:
        return gettext("Deze stemming is ingetrokken. Uw stem is gewist, of stond nog niet op het bord.")
    if not poll.closed_at:
        return gettext(
            "Deze controlecode staat nog niet op het stembord. Dat kan kloppen: stemmen komen er in groepen "
            "op, en de laatste pas na het sluiten. Kijk daarna nog eens."
        )
    return gettext(
        "Deze controlecode staat niet in de lijst. Kijk of u hem goed hebt overgenomen. Stemde u op papier? "
        "Dan hebt u geen controlecode. Stemde u via internet? Bel dan de gemeente: de uitslag is betwist als u "
        "een ontvangstbewijs met een goede handtekening hebt."
    )


def _letter(poll: Poll, typed: str) -> Answer:
    """Return what became of the letter with this code."""
    try:
        p = codes.proof(poll.id, codes.read(typed))
    except CodeRefusal as refusal:
        return "wrong", said(refusal), []
    match published.became(db.session, poll, codes.fingerprint(poll.id, p)):
        case Became.STRANGE:
            strange = gettext(
                "Deze brief staat niet op de lijst van deze stemming. Is het een brief van een andere stemming?"
            )
            return "warning", strange, []
        case Became.LISTED:
            listed = gettext("Deze brief staat op de lijst. Na het sluiten ziet u hier of hij is gebruikt.")
            return "info", listed, []
        case Became.USED:
            used = gettext("Met deze brief is gestemd. Was u dat niet? Bel dan de gemeente.")
            return "warning", used, []
        case Became.VOID:
            return "info", gettext("Deze brief is ongeldig gemaakt en is niet gebruikt."), []
        case Became.WITHDRAWN:
            gone = gettext(
                "Deze stemming is ingetrokken. Deze brief staat op de lijst en is niet meer te gebruiken."
            )
            return "info", gone, []
        case Became.UNUSED:
            unused = gettext("Deze brief staat op de lijst en is niet gebruikt. Niemand heeft ermee gestemd.")
            return "success", unused, []
