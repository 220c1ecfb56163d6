"""Counter: the desk. A letter is exchanged for a blank ballot; after the doors closed two people enter the papers.

A voting code is in the body of a POST and on the page that asks again; it is in no address, log, message or
table.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext, lazy_gettext, ngettext
from flask_wtf import FlaskForm
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse
from wtforms import StringField

from ballots import ballot_pages, casting, codes, marks, paper_entry, paper_votes, refused
from ballots.access import open_to
from ballots.ballot_print import blank_ballot
from ballots.codes import CodeRefusal
from ballots.database import db
from ballots.definition import Terms
from ballots.lifecycle import Phase
from ballots.marks import Filled
from ballots.models import Poll
from ballots.paper import UNUSABLE, Problem, Question
from ballots.paper_entry import HANDS, THIRD, Comparison
from ballots.refusals import CodeUnknown, PaperNotBoth, PaperOtherHand, PaperWithoutReason, Refusal
from ballots.terms import in_force
from ballots.web import now, said, vault
from consult import paper_keys, paper_work, papers_shown
from consult.desk import actor, consultation_or_404, tell
from consult.key_pages import pdf
from consult.models import Consultation, Role, Wijk
from consult.refusals import LetterElsewhere
from consult.staff import me, wrong

balie = Blueprint("balie", __name__, url_prefix="/balie")

DESK = Role.BALIE, Role.GEMEENTE
HANDED = "handed"  # in the session of the desk: for which consultation one ballot is to be handed out, once
LONGEST_CODE = 200  # characters: a scanner may type a whole link
Page = str | AnyResponse | tuple[str, int]


class CodeForm(FlaskForm):
    """The code of a letter, typed or scanned."""

    code = StringField(
        lazy_gettext("De stemcode op de brief"),
        description=lazy_gettext("Scan de QR-code, of typ de vijf groepjes van vier tekens."),
    )


@balie.after_request
def unkept(response: Response) -> Response:
    """Keep the desk out of every cache: its pages can hold a code."""
    response.headers["Cache-Control"] = "no-store"
    return response


@dataclass(frozen=True)
class Typed:
    """The numbers typed at a question, and what is wrong with them; `field` is where to mend that."""

    text: str = ""
    wrong: str = ""
    field: str = ""


@dataclass(frozen=True)
class Line:
    """A consultation on the list of the desk, with what it asks: exchange, enter, or nothing now."""

    consultation: Consultation
    phase: Phase
    papers: int
    waiting: str


@balie.get("")
@open_to(*DESK)
def home() -> str:
    """The consultations of the town, those that ask something of the desk first."""
    found = db.session.scalars(
        select(Consultation)
        .join(Wijk)
        .where(Wijk.town_id == me().town_id, Consultation.poll_id.is_not(None))
        .order_by(Consultation.id.desc())
    )
    order = [Phase.DUE, Phase.OPEN, Phase.FROZEN, Phase.CLOSED, Phase.WITHDRAWN]
    lines = sorted(map(_line, found), key=lambda line: order.index(line.phase))
    return render_template("consult/paper/home.html", lines=lines)


def _line(found: Consultation) -> Line:
    assert found.poll is not None
    papers = paper_votes.redeemed(db.session, found.poll)
    return Line(found, found.poll.phase(now()), papers, _waiting(found.poll))


def _waiting(poll: Poll) -> str:
    """Return what is to be done about papers that are not entered, and by when; nothing where none wait."""
    found = papers_shown.waiting(db.session, poll, now())
    return papers_shown.todo(found) if found else ""


@balie.route("/<int:id>", methods=["GET", "POST"])
@open_to(*DESK)
def desk(id: int) -> Page:
    """Look at a letter, and exchange it for a blank ballot."""
    consultation, poll = _frozen_or_404(id)
    form = CodeForm()
    refusal: Refusal | None = None
    if form.validate_on_submit():
        typed = form.code.data or ""
        try:
            code = codes.read(typed[:LONGEST_CODE])
            p = _letter(poll, code)
            if request.form.get("do") == "redeem":
                paper_work.redeem(db.session, vault(), consultation, p, actor(), now())
                session[HANDED] = id
                return redirect(url_for("balie.handed", id=id), 303)
            return render_template(
                "consult/paper/letter.html", consultation=consultation, form=form, code=code
            )
        except (CodeRefusal, CodeUnknown, LetterElsewhere) as typo:
            wrong(form.code, typo)
        except Refusal as found:
            refusal = found
            form.code.data = ""  # this letter is done with; the next one is scanned into an empty field
    page = render_template(
        "consult/paper/desk.html",
        consultation=consultation,
        poll=poll,
        phase=poll.phase(now()),
        form=form,
        refused=refused.words(refusal) if refusal else None,
        reason=str(refusal.values.get("reason") or "") if refusal else "",
        papers=paper_votes.redeemed(db.session, poll),
        longest=LONGEST_CODE,
    )
    return (page, 422) if form.is_submitted() else page


def _letter(poll: Poll, code: str) -> bytes:
    """Return the proof of a letter of this poll that can vote now; raises why it cannot."""
    found, p = casting.find(db.session, code)
    if found.id != poll.id:
        raise LetterElsewhere()
    casting.admit(db.session, poll, p, now())
    return p


@balie.get("/<int:id>/uitgereikt")
@open_to(*DESK)
def handed(id: int) -> str:
    """The letter was exchanged: hand out one blank ballot. Said once; who looks again is told that it was."""
    consultation, poll = _frozen_or_404(id)
    first = session.get(HANDED) == id
    if first:
        del session[HANDED]
    papers = paper_votes.redeemed(db.session, poll)
    return render_template("consult/paper/handed.html", consultation=consultation, first=first, papers=papers)


@balie.get("/<int:id>/biljet.pdf")
@open_to(*DESK)
def blank(id: int) -> AnyResponse:
    """A blank ballot to print."""
    consultation, poll = _frozen_or_404(id)
    made = blank_ballot(
        papers_shown.content(consultation, in_force(poll)), moment=now(), labels=papers_shown.labels()
    )
    return pdf(made, f"stembiljet-{id}.pdf")


@balie.get("/<int:id>/invoer")
@open_to(*DESK)
def papers(id: int) -> str:
    """Where the two who enter start, and what has to be looked at a third time."""
    consultation, poll = _frozen_or_404(id)
    taken = paper_entry.taken_by(db.session, poll)
    found = paper_entry.compare(db.session, poll)
    return render_template(
        "consult/paper/papers.html",
        form=FlaskForm(),
        consultation=consultation,
        poll=poll,
        phase=poll.phase(now()),
        found=found,
        hands=[(hand, found.done[hand - 1], _may(taken, hand)) for hand in HANDS],
        waiting=_waiting(poll),
    )


def _may(taken: dict[int, set[str]], hand: int) -> str:
    """Say whether the user can be this hand: "mine", "free", "other" (they are the other hand)."""
    who = str(me().id)
    if who in taken.get(3 - hand, set()):
        return "other"
    return "mine" if who in taken.get(hand, set()) else "free"


@balie.route("/<int:id>/invoer/<int:hand>", methods=["GET", "POST"])
@open_to(*DESK)
def enter(id: int, hand: int) -> Page:
    """Enter one paper after another; only one's own progress is shown."""
    consultation, poll = _frozen_or_404(id)
    if hand not in (*HANDS, THIRD):
        abort(404)
    asked, form = in_force(poll), FlaskForm()
    forms: Sequence[Filled] = ()
    typed: Sequence[Typed] = [Typed()] * len(asked.questions)
    problems: Sequence[Sequence[Problem]] = ()
    errors: list[str] = []
    status = 200
    if form.validate_on_submit():
        forms, typed, seen, problems = _sent(asked)
        missing = request.form.get("do") == "missing"
        number = request.form.get("number", 0, type=int)
        reason = request.form.get("reason", "")
        if missing:
            typed, problems = [Typed()] * len(asked.questions), [()] * len(asked.questions)
        if not any(problems) and not any(each.wrong for each in typed):
            try:
                paper_entry.enter(
                    db.session, poll, hand, str(me().id), number, None if missing else seen, now(), reason
                )
                return redirect(url_for("balie.enter", id=id, hand=hand), 303)
            except PaperWithoutReason as refusal:
                errors = [said(refusal)]
            except Refusal as refusal:
                tell(refusal)
                back = "balie.papers" if isinstance(refusal, PaperOtherHand) else "balie.enter"
                return redirect(_back(poll, id, hand, back), 303)
        status = 422
    elif form.is_submitted():
        status = 400
    number_ = paper_entry.next_number(db.session, poll, hand)
    if number_ is None or not _enterable(poll):
        if _enterable(poll):
            flash(*_finished(hand, paper_entry.compare(db.session, poll)))
        return redirect(url_for("balie.papers", id=id), 303)
    questions, said_wrong = ballot_pages.shown(asked, forms=forms, problems=problems)
    said_wrong = [*_numbers_wrong(typed), *said_wrong]
    bad = [n for n, each in enumerate(typed, 1) if each.wrong or (problems and problems[n - 1])]
    page = render_template(
        "consult/paper/enter.html",
        consultation=consultation,
        form=form,
        hand=hand,
        number=number_,
        total=paper_votes.redeemed(db.session, poll),
        back=number_ > 1 if hand in HANDS else bool(paper_entry.compare(db.session, poll).decided),
        questions=questions,
        unusable=[UNUSABLE in each.picked for each in forms] or [False] * len(questions),
        typed=typed,
        focus=next(iter(bad), 1),
        wrong=said_wrong,
        errors=errors,
        reason=request.form.get("reason", ""),
    )
    return (page, status) if status != 200 else page


def _back(poll: Poll, id: int, hand: int, page: str) -> str:
    """Return where to go on after a refusal: the papers, once there is nothing to enter."""
    if page == "balie.enter" and _enterable(poll):
        return url_for("balie.enter", id=id, hand=hand)
    return url_for("balie.papers", id=id)


def _finished(hand: int, found: Comparison) -> tuple[str, str]:
    """Return why there is nothing to enter for this hand, and the kind of message that is."""
    if hand == THIRD and not found.complete:
        return said(PaperNotBoth()), "info"
    if hand == THIRD:
        return gettext("Alle verschillen zijn bekeken."), "success"
    return gettext("U hebt alle biljetten ingevoerd. Dank u wel."), "success"


def _enterable(poll: Poll) -> bool:
    try:
        paper_votes.enterable(poll, now())
    except Refusal:
        return False
    return True


def _sent(
    asked: Terms,
) -> tuple[list[Filled], list[Typed], list[Sequence[str]], list[Sequence[Problem]]]:
    """Return what was sent: per question the form, the numbers typed, the marks, and what is wrong with them."""
    fields = request.form.to_dict(flat=False)
    forms: list[Filled] = []
    typed: list[Typed] = []
    seen: list[Sequence[str]] = []
    problems: list[Sequence[Problem]] = []
    for n, question in enumerate(asked.questions, 1):
        form, numbers = _typed(question, n, marks.taken(question, n, fields))
        found, named = marks.marks_of(question, form)
        if numbers.wrong or (form.picked == (UNUSABLE,) and not form.typed):
            found, named = form.picked, ()
        forms.append(form)
        typed.append(numbers)
        seen.append(found)
        problems.append(named)
    return forms, typed, seen, problems


def _numbers_wrong(typed: Sequence[Typed]) -> list[tuple[str, str]]:
    """Return what is wrong with the numbers, as the summary of a page says it: a field and a sentence each."""
    return [
        (each.field, gettext("Vraag %(n)s: %(said)s", n=n, said=each.wrong) if len(typed) > 1 else each.wrong)
        for n, each in enumerate(typed, 1)
        if each.wrong
    ]


def _typed(question: Question, n: int, form: Filled) -> tuple[Filled, Typed]:
    """Return the form with the choices whose numbers were typed, where those were not made in it as well."""
    text = request.form.get(f"q{n}-nr", "")[:LONGEST_CODE]
    numbered, field = question.kind not in marks.TYPED, f"q{n}-nr"
    if not (form.picked or form.typed or (numbered and text.strip())):
        nothing = (
            gettext("Voer in wat er staat. Staat er niets? Kies dan ook dat.")
            if question.least == 0
            else gettext("Voer in wat er staat. Staat er niets? Kies dan ongeldig.")
        )
        return form, Typed(text, nothing, field if numbered else f"q{n}-1")
    if not numbered or not text.strip():
        return form, Typed()
    options = [option.id for _, group in marks.themes(question, n) for option in group]
    chosen = paper_keys.chosen(text, options)
    if chosen is None:
        last = len(paper_keys.choices(options))
        return form, Typed(text, gettext("Typ een nummer van 1 tot en met %(last)s.", last=last), field)
    if form.picked and set(form.picked) != set(chosen):
        differs = gettext("Het nummer is een andere keuze dan die u aanklikte. Kies er één.")
        return form, Typed(text, differs, field)
    return Filled(chosen), Typed(text)


@balie.post("/<int:id>/invoer/<int:hand>/terug")
@open_to(*DESK)
def undo(id: int, hand: int) -> AnyResponse:
    """Take back the last paper of this hand, to enter it again."""
    _, poll = _frozen_or_404(id)
    if hand not in (*HANDS, THIRD):
        abort(404)
    if FlaskForm().validate_on_submit():
        try:
            last = paper_entry.undo(db.session, poll, hand, str(me().id), now())
            flash(gettext("Biljet %(number)s is teruggehaald. Voer het opnieuw in.", number=last), "info")
        except Refusal as refusal:
            tell(refusal)
            return redirect(url_for("balie.papers", id=id), 303)
    return redirect(url_for("balie.enter", id=id, hand=hand), 303)


@balie.route("/<int:id>/invoer/bevestig", methods=["GET", "POST"])
@open_to(*DESK)
def confirm(id: int) -> Page:
    """Confirm what the two agree on; from then on it can be counted."""
    consultation, poll = _frozen_or_404(id)
    form = FlaskForm()
    if form.validate_on_submit():
        try:
            done = paper_work.settle(db.session, consultation, actor(), now())
        except Refusal as refusal:
            tell(refusal)
            return redirect(url_for("balie.papers", id=id), 303)
        flash(
            ngettext(
                "%(num)d papieren biljet is bevestigd en telt mee.",
                "%(num)d papieren biljetten zijn bevestigd en tellen mee.",
                done.papers,
            ),
            "success",
        )
        return redirect(url_for("balie.numbers", id=id), 303)
    found: Comparison = paper_entry.compare(db.session, poll)
    if not found.agreed or not found.papers or not _enterable(poll):
        return redirect(url_for("balie.papers", id=id), 303)
    return render_template(
        "consult/paper/confirm.html",
        consultation=consultation,
        form=form,
        found=found,
        missing=paper_entry.missing(db.session, poll),
    )


@balie.get("/<int:id>/aantallen")
@open_to(*DESK)
def numbers(id: int) -> str:
    """Whether the numbers agree, line by line, and what to do where they do not."""
    consultation, poll = _frozen_or_404(id)
    return render_template(
        "consult/paper/numbers.html",
        consultation=consultation,
        poll=poll,
        phase=poll.phase(now()),
        lines=papers_shown.reconciled(db.session, poll, now()),
        missing=papers_shown.reasons(db.session, consultation),
    )


def _frozen_or_404(id: int) -> tuple[Consultation, Poll]:
    found = consultation_or_404(id)
    return (found, found.poll) if found.poll else abort(404)
