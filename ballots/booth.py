"""Counter: residents vote. scan or type → mark → review → send → receipt.

Only `cast` changes anything. No page sets a cookie; the code is the secret, and it travels in
bodies only. Source: docs/protocol.md, "The link" and "Casting".
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask_babel import format_datetime, gettext, ngettext
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from ballots import casting, codes, paper, receipts, sealing
from ballots.access import EVERYONE, open_to
from ballots.codes import CodeRefusal
from ballots.database import db
from ballots.definition import Terms
from ballots.models import Poll
from ballots.money import euros
from ballots.paper import BLANK, Kind, Problem, Question
from ballots.refusals import (
    CodeUnknown,
    ControlTaken,
    LetterUsed,
    LetterVoid,
    MarkingWrong,
    Refusal,
    TooEarly,
    TooLate,
    Withdrawn,
)
from ballots.terms import terms
from ballots.web import now, said

booth = Blueprint("booth", __name__, url_prefix="/s")
Page = tuple[str, int]
SINGLE = (Kind.YES_NO, Kind.CHOOSE_ONE)


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
        return _code_again(refusal)
    except Refusal as refusal:
        return _refused(refusal)
    return question_page(terms(poll), code)


@booth.post("/controle")
@open_to(EVERYONE)
def review() -> str | Page:
    """What the voter chose, and the control code, before anything is sent."""
    try:
        code = codes.read(request.form.get("code", ""))
        poll, p = casting.find(db.session, code)
        casting.admit(db.session, poll, p, now())
    except Refusal as refusal:
        return _refused(refusal)
    asked = terms(poll)
    chosen = _chosen(asked)
    problems = {
        n: paper.check(q, ids) for n, (q, ids) in enumerate(zip(asked.questions, chosen, strict=True), 1)
    }
    if any(problems.values()):
        return question_page(asked, code, chosen, problems), 422
    r = _r() or secrets.token_bytes(32)
    answers = casting.openings(asked, chosen, r)
    commitments = [answer.commitment(poll.id) for answer in answers]
    return render_template(
        "ballots/review.html",
        title=asked.title,
        answers=[(q.text, _choice(q, ids)) for q, ids in zip(asked.questions, chosen, strict=True)],
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
        return _refused(refusal)
    token = receipts.wrap(current_app.config["SECRET_KEY"], receipt.poll, receipt.controls)
    return redirect(url_for("booth.receipt", token=token), 303)


@booth.get("/bon/<token>")
@open_to(EVERYONE)
def receipt(token: str) -> str | Page:
    """The receipt: the vote is in the box, under this control code."""
    found = receipts.unwrap(current_app.config["SECRET_KEY"], token)
    poll = db.session.get(Poll, found[0]) if found else None
    if found is None or poll is None:
        return _page(
            404,
            gettext("Dit is geen geldig ontvangstbewijs"),
            gettext("Deze link klopt niet of is te oud. Uw stem telt ook zonder ontvangstbewijs."),
        )
    asked = terms(poll)
    return render_template(
        "ballots/receipt.html",
        title=asked.title,
        control_codes=[sealing.control_code(control) for control in found[1]],
        result_moment=gettext(
            "U kunt stemmen %(closes)s. Daarna wordt geteld en staat de uitslag op deze website.",
            closes=asked.closes_text,
        ),
    )


# What a page needs


@dataclass(frozen=True)
class Choice:
    """An option as the page shows it. `value` has the same length for every option of a question."""

    id: str
    label: str
    value: str
    cost_text: str
    checked: bool


@dataclass(frozen=True)
class Asked:
    """A question as the page shows it, with what is wrong, if anything."""

    n: int
    text: str
    kind: str
    single: bool
    options: list[Choice]
    hint: str
    error: str


def question_page(
    asked: Terms,
    code: str,
    chosen: Sequence[Sequence[str]] = (),
    problems: dict[int, Problem | None] | None = None,
    preview: bool = False,
) -> str:
    """Return the page with the question. `preview` shows it to whoever prepares it, without a way to vote."""
    picked = list(chosen) or [()] * len(asked.questions)
    return render_template(
        "ballots/question.html",
        title=asked.title,
        summary=asked.summary,
        texts=asked.texts,
        questions=[
            _asked(n, question, ids, (problems or {}).get(n))
            for n, (question, ids) in enumerate(zip(asked.questions, picked, strict=True), 1)
        ],
        code=code,
        r=request.form.get("r", ""),
        closes=gettext("Stemmen kan %(closes)s.", closes=asked.closes_text),
        preview=preview,
    )


def _asked(n: int, question: Question, picked: Sequence[str], problem: Problem | None) -> Asked:
    shown = [
        (option.id, option.label, euros(int(option.cost)) if option.cost else "")
        for option in question.options
    ]
    shown.append((BLANK, gettext("Blanco (ik kies niet)"), ""))
    width = max(len(id) for id, _, _ in shown)
    choices = [Choice(id, label, id.ljust(width), cost, id in picked) for id, label, cost in shown]
    single = question.kind in SINGLE
    return Asked(
        n,
        question.text,
        str(question.kind),
        single,
        choices,
        _hint(question),
        _wrong(problem) if problem else "",
    )


def _hint(question: Question) -> str:
    if question.kind in SINGLE:
        return ""
    if question.budget is not None:
        return gettext("Kies plannen voor samen hoogstens %(budget)s.", budget=euros(int(question.budget)))
    if question.least == question.most:
        return ngettext("Kies er %(num)d.", "Kies er precies %(num)d.", question.most)
    return gettext(
        "Kies er minstens %(least)d en hoogstens %(most)d.", least=question.least, most=question.most
    )


def _wrong(problem: Problem) -> str:
    amount = int(problem.amount)
    if problem.kind == "nothing":
        return gettext("U koos nog niets. Weet u het niet? Kies dan blanco.")
    if problem.kind == "mixed":
        return gettext("U koos blanco én iets anders. Kies een van de twee.")
    if problem.kind == "too-few":
        return ngettext("Kies er nog %(num)d.", "Kies er nog %(num)d.", amount)
    if problem.kind == "too-many":
        return ngettext("Dat is er %(num)d te veel.", "Dat zijn er %(num)d te veel.", amount)
    if problem.kind == "over-budget":
        return gettext("Dat is samen %(over)s te duur.", over=euros(amount))
    return gettext("Deze keuze staat niet op het stembiljet. Kies opnieuw.")


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


def _choice(question: Question, picked: Sequence[str]) -> Markup:
    """Return the chosen labels as a list, padded so that every choice makes a page of the same length."""
    items = {option.id: Markup("<li>{}</li>").format(option.label) for option in question.options}
    items[BLANK] = Markup("<li>{}</li>").format(gettext("Blanco (ik kies niet)"))
    lengths = sorted((len(item.encode()) for item in items.values()), reverse=True)
    longest = sum(lengths[: 1 if question.kind in SINGLE else max(1, question.most)])
    shown = Markup("").join(items[id] for id in picked)
    return Markup('<ul class="choice">{}</ul>').format(shown) + " " * (longest - len(shown.encode()))


def _code_again(refusal: Refusal) -> Page:
    """The page to type the code again: what was typed stays, the wrong group is pointed out."""
    status = 404 if isinstance(refusal, CodeUnknown) else 422
    return (
        render_template(
            "ballots/enter_code.html",
            error=said(refusal),
            typed=request.form.get("code", "")[:80],
            group=refusal.values.get("group"),
        ),
        status,
    )


def _refused(refusal: Refusal) -> Page:
    """The page of a refusal: each has its own heading, says what to do, and keeps its status apart."""
    ask = gettext("Vragen? De gemeente helpt u. Het telefoonnummer staat op uw brief.")
    again = gettext("Kijk of de code op uw brief dezelfde is als de code die u typte.")
    if isinstance(refusal, CodeRefusal | CodeUnknown):
        return _page(404, gettext("Deze code kennen wij niet"), said(refusal), [again, ask], "wrong")
    if isinstance(refusal, LetterUsed):
        return _page(
            409,
            gettext("Met deze brief is al gestemd"),
            gettext("Elke brief telt één keer. De stem die al in de stembus zit, telt."),
            [
                gettext("Woont u met meer mensen op dit adres? Misschien heeft iemand anders al gestemd."),
                gettext("Denkt u dat dit niet klopt? Bel dan de gemeente. Het nummer staat op uw brief."),
            ],
            "done",
        )
    if isinstance(refusal, TooEarly):
        opens = refusal.values["opens"]
        when = format_datetime(opens, "EEEE d MMMM y 'om' HH.mm 'uur'")
        return _page(
            403,
            gettext("U kunt nog niet stemmen"),
            gettext("De stemming opent %(when)s.", when=when),
            [gettext("Bewaar uw brief en kom dan terug.")],
            "closed",
        )
    if isinstance(refusal, TooLate):
        return _page(
            410,
            gettext("De stemming is gesloten"),
            gettext("U kunt niet meer stemmen met deze brief."),
            [gettext("De uitslag komt op deze website.")],
            "closed",
        )
    if isinstance(refusal, Withdrawn):
        return _page(
            410,
            gettext("Deze stemming is ingetrokken"),
            gettext("Uw brief is niet meer geldig. Er wordt niets geteld."),
            [ask],
            "closed",
            str(refusal.values["reason"]),
        )
    if isinstance(refusal, LetterVoid):
        return _page(
            410,
            gettext("Deze brief is niet meer geldig"),
            gettext("De gemeente heeft deze brief ongeldig gemaakt."),
            [gettext("Kreeg u een nieuwe brief? Gebruik dan die."), ask],
            "wrong",
        )
    if isinstance(refusal, ControlTaken):
        return _page(409, gettext("Maak een nieuwe controlecode"), said(refusal), [ask], "wrong")
    return _page(400, gettext("Dit kan niet"), said(refusal), [ask], "wrong")


def _page(
    status: int,
    heading: str,
    text: str,
    what_to_do: Sequence[str] = (),
    drawing: str = "wrong",
    reason: str = "",
) -> Page:
    return (
        render_template(
            "ballots/refused.html",
            heading=heading,
            text=text,
            what_to_do=what_to_do,
            drawing=drawing,
            reason=reason,
            again_url=url_for("booth.enter_code"),
        ),
        status,
    )
