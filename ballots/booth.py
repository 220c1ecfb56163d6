"""Counter: residents vote. scan or type → mark → review → send → receipt.

Only `cast` changes anything. No page sets a cookie; the code is the secret, and it travels in
bodies only. Source: docs/protocol.md, "The link" and "Casting".
"""

import secrets

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from ballots import ballot_pages, casting, codes, paper, receipts, sealing
from ballots.access import EVERYONE, open_to
from ballots.ballot_pages import Page
from ballots.codes import CodeRefusal
from ballots.database import db
from ballots.definition import Terms
from ballots.models import Poll
from ballots.refusals import (
    CodeUnknown,
    MarkingWrong,
    Refusal,
)
from ballots.terms import terms
from ballots.web import now

booth = Blueprint("booth", __name__, url_prefix="/s")


@booth.before_request
def small() -> None:
    """Read no more than a vote can need."""
    request.max_content_length = 64 * 1024


@booth.after_request
def unlogged(response: Response) -> Response:
    """Keep voter pages out of every cache, and tell proxies not to compress: a length would tell the vote."""
    response.headers["Cache-Control"] = "no-store, no-transform"
    return response


@booth.get("")
@open_to(EVERYONE)
def enter_code() -> str:
    """The page a scanned letter opens; script reads the code from the fragment, others type it."""
    return render_template("ballots/enter_code.html", typed="")


@booth.post("")
@open_to(EVERYONE)
def open_letter() -> str | Page:
    """The question, for the holder of a code."""
    try:
        code = codes.read(request.form.get("code", ""))
        poll, p = casting.find(db.session, code)
        casting.admit(db.session, poll, p, now())
    except (CodeRefusal, CodeUnknown) as refusal:
        return ballot_pages.code_again(refusal)
    except Refusal as refusal:
        return ballot_pages.refused(refusal)
    return ballot_pages.question_page(terms(poll), code)


@booth.post("/controle")
@open_to(EVERYONE)
def review() -> str | Page:
    """What the voter chose, and the control code, before anything is sent."""
    try:
        code = codes.read(request.form.get("code", ""))
        poll, p = casting.find(db.session, code)
        casting.admit(db.session, poll, p, now())
    except Refusal as refusal:
        return ballot_pages.refused(refusal)
    asked = terms(poll)
    chosen = _chosen(asked)
    problems = {
        n: paper.check(q, ids) for n, (q, ids) in enumerate(zip(asked.questions, chosen, strict=True), 1)
    }
    if any(problems.values()):
        return ballot_pages.question_page(asked, code, chosen, problems), 422
    r = _r() or secrets.token_bytes(32)
    answers = casting.openings(asked, chosen, r)
    commitments = [answer.commitment(poll.id) for answer in answers]
    return render_template(
        "ballots/review.html",
        title=asked.title,
        answers=[
            (q.text, ballot_pages.choice(q, ids)) for q, ids in zip(asked.questions, chosen, strict=True)
        ],
        control_codes=[sealing.control_code(sealing.control(commitment)) for commitment in commitments],
        hidden=[("code", code), ("r", r.hex())]
        + [(f"q{answer.question}", answer.marking) for answer in answers],
        code=code,
    )


@booth.post("/stem")
@open_to(EVERYONE)
def cast() -> AnyResponse | Page:
    """Send: the one step that changes anything. The same vote again leads to the same receipt."""
    try:
        code = codes.read(request.form.get("code", ""))
        poll, p = casting.find(db.session, code)
        r = _r()
        if r is None:
            raise MarkingWrong()
        receipt = casting.cast(db.session, poll, p, _chosen(terms(poll)), r, now())
    except Refusal as refusal:
        return ballot_pages.refused(refusal)
    token = receipts.wrap(current_app.config["SECRET_KEY"], now().date(), receipt.poll, receipt.controls)
    return redirect(url_for("booth.receipt", token=token), 303)


@booth.get("/bon/<token>")
@open_to(EVERYONE)
def receipt(token: str) -> str | Page:
    """The receipt: the vote is in the box, under this control code."""
    found = receipts.unwrap(current_app.config["SECRET_KEY"], now().date(), token)
    poll = db.session.get(Poll, found[0]) if found else None
    if found is None or poll is None:
        return ballot_pages.page(
            404,
            gettext("Dit is geen geldig ontvangstbewijs"),
            gettext("Deze link klopt niet of is te oud. Uw stem telt ook zonder ontvangstbewijs."),
        )
    asked = terms(poll)
    return render_template(
        "ballots/receipt.html",
        title=asked.title,
        # Once every vote is public a control code shows one, so an address in a log must not show the code.
        control_codes=[] if poll.closed_at else [sealing.control_code(control) for control in found[1]],
        result_moment=gettext(
            "U kunt stemmen %(closes)s. Daarna wordt geteld en staat de uitslag op deze website.",
            closes=asked.closes_text,
        ),
    )


def _chosen(asked: Terms) -> list[list[str]]:
    """Return the option ids in the form, per question: several values, or one with commas."""
    return [
        [id.strip() for value in request.form.getlist(f"q{n}") for id in value.split(",") if id.strip()]
        for n in range(1, len(asked.questions) + 1)
    ]


def _r() -> bytes | None:
    """Return the 32 random bytes in the form, or None where they are not."""
    try:
        r = bytes.fromhex(request.form.get("r", ""))
    except ValueError:
        return None
    return r if len(r) == 32 else None
