"""Counter: residents vote. scan or type → mark → review → send → receipt.

Only `cast` changes anything. No page sets a cookie; the code is the secret, and it travels in
bodies only. Source: docs/protocol.md, "The link" and "Casting".
"""

import gzip
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.engine import Engine
from werkzeug.wrappers import Response as AnyResponse

from ballots import ballot_pages, casting, codes, keys, marks, receipts, refused, sealing, turnstile
from ballots.access import EVERYONE, open_to
from ballots.casting import Sent
from ballots.codes import CodeDead, CodeRefusal
from ballots.database import db
from ballots.definition import Terms
from ballots.digest import H
from ballots.figures import closing
from ballots.marks import Filled
from ballots.models import Poll
from ballots.paper import Problem
from ballots.refusals import CodeUnknown, KeyMissing, Refusal
from ballots.refused import Page
from ballots.terms import in_force
from ballots.vault import Vault
from ballots.web import now, vault

booth = Blueprint("booth", __name__, url_prefix="/s")

SWITCH = (
    "switch"  # sent by a button that shows the page again in another language, with what was typed so far
)
LARGEST = 64 * 1024  # bytes: no more than a vote can need
# Out of every cache, and no proxy compresses them: a length would tell the vote.
UNLOGGED = {"Cache-Control": "no-store, no-transform"}


@booth.before_request
def small() -> None:
    """Read no more than that."""
    request.max_content_length = LARGEST


@booth.after_request
def unlogged(response: Response) -> Response:
    """Keep voter pages out of every cache."""
    response.headers.update(UNLOGGED)
    return response


@booth.get("")
@open_to(EVERYONE)
def enter_code() -> Response:
    """The page a scanned letter opens; script reads the code from the fragment, others type it."""
    return _light(render_template("ballots/enter_code.html", typed=""))


@booth.post("")
@open_to(EVERYONE)
def open_letter() -> Response | str | Page:
    """The questions, for the holder of a code; filled in for who comes back from the review to change."""
    try:
        code, poll, p = _letter()
    except CodeDead as refusal:
        return refused.page_of(refusal)
    except (CodeRefusal, CodeUnknown) as refusal:
        if SWITCH in request.form:
            return render_template("ballots/enter_code.html", typed=request.form.get("code", "")[:80])
        return refused.code_again(refusal)
    except Refusal as refusal:
        return refused.page_of(refusal)
    asked = in_force(poll)
    forms, chosen, problems = _sent(asked)
    if SWITCH in request.form:
        return ballot_pages.question_page(asked, code, _seed(poll, p), forms)
    begun = any(form != Filled() for form in forms)
    forms = [
        Filled() if wrong or form == Filled() else marks.filled(question, given)
        for question, form, given, wrong in zip(asked.questions, forms, chosen, problems, strict=True)
    ]
    page = ballot_pages.question_page(asked, code, _seed(poll, p), forms)
    return page if begun else _light(page)


@booth.post("/controle")
@open_to(EVERYONE)
def review() -> str | Page:
    """What the voter chose, and the control code, before anything is sent."""
    try:
        code, poll, p = _letter()
    except Refusal as refusal:
        return refused.page_of(refusal)
    asked = in_force(poll)
    forms, chosen, problems = _sent(asked)
    if any(problems):
        return ballot_pages.question_page(asked, code, _seed(poll, p), forms, problems), 422
    r = _r(request.form.get("r", "")) or secrets.token_bytes(32)
    return ballot_pages.review_page(asked, code, r, casting.openings(asked, chosen, r), poll.id)


@booth.get("/controle")
@booth.get("/stem")
@open_to(EVERYONE)
def lost() -> AnyResponse:
    """To the start: who types the address of a page, or comes back to it later, has no letter open."""
    return redirect(url_for("booth.enter_code"), 303)


@booth.post("/stem")
@open_to(EVERYONE)
def cast() -> AnyResponse | Page:
    """Send: the one step that changes anything. The same vote again leads to the same receipt.

    `ballots/gate.py` does the same before it, for a vote that is in order.
    """
    try:
        config = current_app.config
        fields = request.form.to_dict(flat=False)
        path = take(fields, db.engine, vault(), config["CLOCK"], config["SECRET_KEY"])
    except Refusal as refusal:
        return refused.page_of(refusal)
    return redirect(request.script_root + path, 303)


def take(
    fields: Mapping[str, Sequence[str]],
    engine: Engine,
    vault: Vault,
    clock: Callable[[], datetime],
    secret: str,
) -> str:
    """Take in the vote in these fields of a form; return its receipt's path, below the service's own root.

    Needs no Flask around it. Raises the Refusal of a vote that is not in order.
    """
    receipt = turnstile.of(engine, vault, clock).cast(sent(fields))
    token = receipts.wrap(secret, clock().date(), receipt.poll, receipt.commitments)
    return f"{booth.url_prefix}/bon/{token}"


@booth.get("/gestemd")
@open_to(EVERYONE)
def voted() -> Response:
    """A card to share, that tells nothing but that somebody voted."""
    return _light(render_template("ballots/voted.html"))


@booth.get("/bon/<token>")
@open_to(EVERYONE)
def receipt(token: str) -> str | Page:
    """The receipt: the vote is in the box, under this control code."""
    found = receipts.unwrap(current_app.config["SECRET_KEY"], now().date(), token)
    poll = db.session.get(Poll, found[0]) if found else None
    if found is None or poll is None:
        return refused.page(
            404,
            gettext("Dit is geen geldig ontvangstbewijs"),
            gettext("Deze link klopt niet of is te oud. Uw stem telt ook zonder ontvangstbewijs."),
        )
    asked = in_force(poll)
    return render_template(
        "ballots/receipt.html",
        title=asked.title,
        # Once every vote is public a control code shows one, so an address in a log must not show the code.
        control_codes=[] if poll.closed_at else list(map(sealing.shown, found[1])),
        proofs=[] if poll.closed_at else _proofs(poll, found[1]),
        result_moment=gettext(
            "Stemmen kan %(closes)s. Daarna wordt geteld en staat de uitslag op deze website.",
            closes=closing(asked.closes_text, asked.closes),
        ),
    )


def _proofs(poll: Poll, commitments: Sequence[bytes]) -> list[tuple[str, str]]:
    """Return commitment and signature of each answer, hexadecimal; none where the key is gone."""
    try:
        key = keys.receipt_key(vault().read(poll.id, "sign"))
    except KeyMissing:
        return []
    return [(each.hex(), sealing.receipt(poll.id, each, key).hex()) for each in commitments]


def _light(page: str) -> Response:
    """Return a page compressed, for who can read that. Only a page that no choice is on: else its length tells."""
    answer = Response(page)
    answer.vary.add("Accept-Encoding")
    if request.accept_encodings.quality("gzip") > 0:
        answer.set_data(gzip.compress(page.encode(), 6, mtime=0))
        answer.content_encoding = "gzip"
    return answer


def _letter() -> tuple[str, Poll, bytes]:
    """Return the code in the form, its poll and its proof. Raises a Refusal when it cannot vote now."""
    code = codes.read(request.form.get("code", ""))
    poll, p = casting.find(db.session, code)
    casting.admit(db.session, poll, p, now())
    return code, poll, p


def _seed(poll: Poll, p: bytes) -> bytes:
    """Return where the order of shuffled options comes from: the letter, so nothing has to be kept."""
    return H("volgorde", poll.id, p)


def _sent(asked: Terms) -> tuple[list[Filled], list[Sequence[str]], list[Sequence[Problem]]]:
    """Return what was sent: per question the form, the marks in it, and what is wrong with them."""
    fields = request.form.to_dict(flat=False)
    forms = [marks.taken(question, n, fields) for n, question in enumerate(asked.questions, 1)]
    read = [marks.marks_of(question, form) for question, form in zip(asked.questions, forms, strict=True)]
    return forms, [chosen for chosen, _ in read], [problems for _, problems in read]


def sent(fields: Mapping[str, Sequence[str]]) -> Sent:
    """Return the vote in these fields of a form. Raises CodeRefusal."""
    return Sent(
        codes.read(next(iter(fields.get("code", ())), "")), fields, _r(next(iter(fields.get("r", ())), ""))
    )


def _r(text: str) -> bytes | None:
    """Return the 32 random bytes that the form brought, or None where they are not."""
    try:
        r = bytes.fromhex(text)
    except ValueError:
        return None
    return r if len(r) == 32 else None
