"""Counter: the office asks a wijk: question, rule, dates, preview, freeze, letters, after.

The pages to draft are those of a wijkraadpleging; those of a buurtstemming stand in `consult/ballot_desk.py`.
From the overview on, both go the same way.
"""

from dataclasses import dataclass
from io import BytesIO
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext, lazy_gettext, ngettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import RadioField, SelectChoice, StringField, TextAreaField, ValidationError
from wtforms.validators import Optional

from ballots import ballot_pages, guard, polls
from ballots.access import open_to
from ballots.database import db
from ballots.definition import Custody
from ballots.models import Poll, PrintRun
from ballots.refusals import Refusal
from ballots.serials import shown
from ballots.terms import in_force
from ballots.web import now, vault
from consult import (
    asked,
    cautions,
    consultations,
    custody_words,
    dossier,
    draft_check,
    keyholding,
    papers_shown,
    points,
    print_work,
    prints,
    proposals,
    quorums,
    reasons,
    rolls,
    rule_words,
)
from consult.desk import actor, after_days, consultation_or_404, is_frozen, plan_or_404, tell
from consult.draft_check import Page, Wrong
from consult.forms import DaysForm, filled, required, show_wrongs, sized
from consult.key_pages import TASKS, late
from consult.models import Consultation, Role
from consult.pages import day, today
from consult.reasons import AgainstFrom
from consult.rolls import RollTotals
from consult.rule_fields import MajorityFields, QuorumFields
from consult.sentences import Sentence
from consult.staff import me

wizard = Blueprint("wizard", __name__, url_prefix="/kantoor/raadplegingen")


def _short(field: TextAreaField) -> None:
    words = reasons.words(field.data or "")
    if words > reasons.MOST_WORDS:
        raise ValidationError(
            gettext(
                "Dit zijn %(words)d woorden. Gebruik er hoogstens %(most)d.",
                words=words,
                most=reasons.MOST_WORDS,
            )
        )


class QuestionForm(FlaskForm):
    """What is asked, in the words that the letter and the page will show."""

    question = StringField(lazy_gettext("De vraag"), [required(), sized(10, 240)])
    summary = TextAreaField(
        lazy_gettext("In het kort"),
        [required(), sized(10, 600)],
        description=lazy_gettext("Drie korte zinnen. Elke zin op een eigen regel."),
    )
    in_favour = TextAreaField(
        lazy_gettext("Argumenten voor"),
        [Optional(), sized(10, 900)],
        description=lazy_gettext(
            "Hoogstens 90 woorden, door de initiatiefnemer. Nog niet klaar? Laat dit nu leeg."
        ),
    )
    against = TextAreaField(
        lazy_gettext("Argumenten tegen"),
        [Optional(), sized(10, 900)],
        description=lazy_gettext(
            "Hoogstens 90 woorden, en ongeveer even lang. Nog niet klaar? Laat dit nu leeg."
        ),
    )
    against_from = RadioField(
        lazy_gettext("Wie schreef de argumenten tegen?"),
        [Optional()],
        choices=[
            SelectChoice(AgainstFrom.RESIDENT, lazy_gettext("Een bewoner die tegen is")),
            SelectChoice(AgainstFrom.POINTS, lazy_gettext("Niemand: ze komen uit de punten van bewoners")),
        ],
    )

    def validate_in_favour(self, field: TextAreaField) -> None:
        _short(field)

    def validate_against(self, field: TextAreaField) -> None:
        _short(field)
        here, there = reasons.words(field.data or ""), reasons.words(self.in_favour.data or "")
        if there and reasons.unfair(self.in_favour.data, field.data):
            raise ValidationError(
                gettext(
                    "Hier staan %(here)d woorden, bij voor %(there)d. Maak beide ongeveer even lang: de kortste "
                    "hoogstens een vijfde korter.",
                    here=here,
                    there=there,
                )
            )

    if_no = TextAreaField(
        lazy_gettext("Wat gebeurt er als het antwoord nee is?"), [required(), sized(5, 600)]
    )
    upkeep = TextAreaField(lazy_gettext("Wie betaalt het onderhoud?"), [required(), sized(5, 600)])


class RuleForm(MajorityFields, QuorumFields, DaysForm):
    """When and by which rule. Nothing has a default: what nobody chose cannot be frozen."""

    def validate(self, extra_validators: Any = None) -> bool:
        """See that the days are right, and that everything the chosen rule needs was chosen."""
        right = super().validate(extra_validators)
        missing = quorums.missing_majority(SimpleNamespace(**self.data))
        return (
            not show_wrongs(self, (Wrong(Page.RULE, name, draft_check.CHOOSE) for name in missing)) and right
        )


@wizard.post("/bij-plan/<int:id>")
@open_to(Role.GEMEENTE)
def start(id: int) -> AnyResponse:
    plan = plan_or_404(id)
    try:
        draft = consultations.start(db.session, plan, actor(), now())
    except Refusal as refusal:
        tell(refusal)
        return redirect(url_for("office.plan", id=id), 303)
    return redirect(url_for("wizard.question", id=draft.id), 303)


@dataclass(frozen=True)
class Step:
    """A step of the preparation as the overview lists it."""

    label: str
    url: str
    done: bool
    state: str
    why: str = ""


@wizard.get("/<int:id>")
@open_to(Role.GEMEENTE)
def show(id: int) -> str:
    """One page for the whole life of a consultation: what is done, what is next."""
    found = consultation_or_404(id)
    poll, lacking = found.poll, asked.missing(found)
    totals = rolls.totals(db.session, found)
    return render_template(
        "consult/office/consultation.html",
        consultation=found,
        plan=found.initiative,
        poll=poll,
        phase=poll.phase(now()) if poll else None,
        missing=lacking,
        steps=[] if poll else _steps(found, totals),
        totals=totals,
        turnout=polls.turnout(db.session, poll) if poll else None,
        papers=papers_shown.waiting(db.session, poll, now()) if poll else None,
        todo=papers_shown.todo,
        unprinted=_unprinted(poll) if poll else [],
        proposals=proposals.waiting(db.session, found, now()) if poll else [],
        me=me(),
        rules=[] if lacking or poll else _rules(found),
        kept=_kept(found) if poll or not lacking else (),
        keyholders=found.custody == Custody.KEYHOLDERS,
        keys_wait=keyholding.tasks(db.session, vault(), found, now()),
        TASKS=TASKS,
        lost=custody_words.LOST,
        keys_late=poll is not None and late(poll),
        lost_votes=guard.lost(db.session, vault(), poll) if poll and not poll.withdrawn_at else None,
        tied=bool(poll and poll.closed_at and any(each.ties for each in polls.outcomes(db.session, poll))),
        cautions=[] if lacking or poll else _cautions(found, totals),
        shown=None if poll else asked.fingerprint(db.session, found),
        form=FlaskForm(),
    )


def _cautions(draft: Consultation, totals: RollTotals) -> tuple[Sentence, ...]:
    """Return what the office should look at once more, now that freezing is one click away."""
    places, town = rolls.places(db.session, draft), draft.wijk.town.name
    return cautions.cautions(totals, places, town, draft.first_day, today(), asked.FLOOR)


@dataclass(frozen=True)
class Waiting:
    """A print run of which printing is not confirmed, and what its letters are for."""

    run: PrintRun
    number: int
    batches: int
    words: str


def _unprinted(poll: Poll) -> list[Waiting]:
    found = []
    for run in consultations.unprinted(db.session, poll):
        number = run.last - run.first + 1
        kinds = (gettext("De brieven"), gettext("Nieuwe brieven"), gettext("Toegevoegde brieven"))
        kind = kinds[0 if run.number == 1 else 1 if run.replaces else 2]
        found.append(
            Waiting(
                run, number, len(print_work.ranges(run)), f"{kind}: {shown(range(run.first, run.last + 1))}"
            )
        )
    return found


def _rules(draft: Consultation) -> list[dict[str, Any]]:
    """Return each question of a complete draft with its rule in words."""
    return [
        {
            "text": question.text,
            "choosing": rule_words.choosing(question),
            "counting": rule_words.counting(question, rule, asked.FLOOR, draft.initiative is not None),
        }
        for question, rule in asked.questions(draft)
    ]


def _kept(consultation: Consultation) -> tuple[Sentence, ...]:
    """Return who keeps the key, and whether voting may be lengthened; of a draft where all is filled in."""
    if consultation.poll:
        return custody_words.frozen(in_force(consultation.poll))
    assert consultation.lengthen is not None
    assert consultation.custody is not None
    return (
        custody_words.kept(Custody(consultation.custody)),
        custody_words.lengthened(consultation.lengthen),
    )


def _steps(draft: Consultation, totals: RollTotals) -> list[Step]:
    """Return what has to be filled in, in order; looking and freezing is the last step, on the page itself."""
    filled, todo = gettext("ingevuld"), gettext("nog doen")

    def step(label: str, endpoint: str, done: object) -> Step:
        return Step(label, url_for(endpoint, id=draft.id), bool(done), filled if done else todo)

    days = draft.first_day and draft.last_day and draft.lengthen is not None
    if draft.initiative:
        steps = [
            step(gettext("De vraag en de argumenten"), "wizard.question", not asked.lacking_arguments(draft)),
            step(gettext("Dagen en spelregels"), "wizard.rule", draft.majority and days),
        ]
    else:
        drafts = asked.drafts(draft)
        ready = drafts and not any(map(draft_check.check, drafts))
        steps = [
            step(gettext("Titel en in het kort"), "office.ballot.subject", draft.title and draft.afterwards),
            step(gettext("De vragen en de spelregels"), "office.ballot.questions", ready),
            step(gettext("De dagen"), "office.ballot.days", days),
        ]
    key = step(gettext("De sleutel van de stembus"), "keys.choose", draft.custody)
    steps = [*steps, key, _roll_step(draft, totals)]
    return [*steps, _points_step(draft), _signature_step(draft)] if draft.initiative else steps


def _points_step(draft: Consultation) -> Step:
    label, url = gettext("De punten van bewoners"), url_for("points.ask", id=draft.id)
    until, sent = draft.points_until, len(draft.sent_points)
    if until is None:
        return Step(label, url, True, gettext("niet gevraagd"))
    why = gettext("Tot en met %(day)s. Gestuurd: %(sent)s.", day=day(until), sent=sent)
    if points.asks(draft, now()):
        return Step(label, url, False, gettext("loopt"), why)
    todo = reasons.ungathered(asked.heard(draft), asked.waiting(draft))
    return Step(label, url, not todo, gettext("regiegroep voegt samen") if todo else gettext("klaar"), why)


def _signature_step(draft: Consultation) -> Step:
    label, url = gettext("De argumenten nakijken"), url_for("points.sign_off", id=draft.id)
    signed = draft.signed_off_by
    why = "" if signed else gettext("Door een collega of de regiegroep: iemand die niet meeschreef.")
    return Step(label, url, bool(signed), gettext("nagekeken") if signed else gettext("nog doen"), why)


def _roll_step(draft: Consultation, totals: RollTotals) -> Step:
    done = bool(totals.letters) and not totals.special_open
    if totals.special_open:
        state = ngettext(
            "%(num)s bijzonder adres wacht", "%(num)s bijzondere adressen wachten", totals.special_open
        )
    else:
        state = gettext("ingevuld") if done else gettext("nog doen")
    why = gettext(
        "%(addresses)s adressen, %(letters)s brieven", addresses=totals.addresses, letters=totals.letters
    )
    url = url_for("roll.show", id=draft.id)
    return Step(gettext("De adressen"), url, done, state, why if totals.letters else "")


@wizard.route("/<int:id>/vraag", methods=["GET", "POST"])
@open_to(Role.GEMEENTE)
def question(id: int) -> str | AnyResponse | tuple[str, int]:
    draft = _about_a_plan(id)
    if draft.poll_id:
        return is_frozen(id)
    form = QuestionForm(obj=draft)
    if form.validate_on_submit():
        consultations.edit(db.session, draft, filled(form), actor(), now())
        return redirect(url_for("wizard.rule", id=id), 303)
    page = render_template("consult/office/question.html", form=form, draft=draft)
    return (page, 422) if form.is_submitted() else page


@wizard.route("/<int:id>/spelregels", methods=["GET", "POST"])
@open_to(Role.GEMEENTE)
def rule(id: int) -> str | AnyResponse | tuple[str, int]:
    draft = _about_a_plan(id)
    if draft.poll_id:
        return is_frozen(id)
    form = RuleForm(obj=draft)
    if form.validate_on_submit():
        consultations.edit(db.session, draft, filled(form), actor(), now())
        return redirect(after_days(draft), 303)
    page = render_template("consult/office/rule.html", form=form, draft=draft)
    return (page, 422) if form.is_submitted() else page


def _about_a_plan(id: int) -> Consultation:
    found = consultation_or_404(id)
    return found if found.initiative else abort(404)


@wizard.get("/<int:id>/voorbeeld")
@open_to(Role.GEMEENTE)
def preview(id: int) -> str | AnyResponse:
    """The page with the question, as a voter will see it."""
    draft = consultation_or_404(id)
    try:
        asked_now = in_force(draft.poll) if draft.poll else asked.draft_terms(db.session, draft, now())
    except Refusal as refusal:
        tell(refusal)
        return redirect(url_for("wizard.show", id=id), 303)
    return ballot_pages.question_page(asked_now, "", preview=True)


@wizard.get("/<int:id>/voorbeeldbrief.pdf")
@open_to(Role.GEMEENTE)
def specimen(id: int) -> AnyResponse:
    """A letter marked PROEF, with a code that never works."""
    draft = consultation_or_404(id)
    try:
        return _pdf(prints.specimen(db.session, draft, now()), "voorbeeldbrief.pdf")
    except Refusal as refusal:
        tell(refusal)
        return redirect(url_for("wizard.show", id=id), 303)


@wizard.post("/<int:id>/vastzetten")
@open_to(Role.GEMEENTE)
def freeze(id: int) -> AnyResponse:
    draft = consultation_or_404(id)
    try:
        prints.trial(db.session, draft, now())
        consultations.freeze(db.session, vault(), draft, actor(), now(), request.form.get("shown", ""))
    except Refusal as refusal:
        tell(refusal)
    else:
        flash(gettext("De stemming is vastgezet. Maak nu de brieven en het sleutelblad."), "success")
    return redirect(url_for("wizard.show", id=id), 303)


@wizard.post("/<int:id>/brieven.pdf")
@open_to(Role.GEMEENTE)
def print_letters(id: int) -> AnyResponse:
    """The letters of a print run in one PDF. It is made anew each time and kept nowhere, until confirmed."""
    consultation = consultation_or_404(id)
    run = request.form.get("run", type=int)
    try:
        made = prints.letters(db.session, vault(), consultation, actor(), now(), run)
        return _pdf(made, f"brieven-{id}.pdf" if run in (None, 1) else f"brieven-{id}-{run}.pdf", kept=True)
    except Refusal as refusal:
        tell(refusal)
        return redirect(url_for("wizard.show", id=id), 303)


@wizard.route("/<int:id>/gedrukt", methods=["GET", "POST"])
@open_to(Role.GEMEENTE)
def printed(id: int) -> str | AnyResponse:
    """Confirm that printing is done, on a page that says what it means: the codes are gone then."""
    consultation, form = consultation_or_404(id), FlaskForm()
    run = request.args.get("run", type=int)
    if not form.validate_on_submit():
        return render_template("consult/office/printed.html", consultation=consultation, form=form)
    try:
        consultations.confirm_printed(db.session, vault(), consultation, actor(), now(), run)
    except Refusal as refusal:
        tell(refusal)
    else:
        flash(gettext("Bevestigd. De codes staan nu alleen nog op de brieven."), "success")
    return redirect(url_for("wizard.show", id=id), 303)


@wizard.get("/<int:id>/dossier.zip")
@open_to(Role.GEMEENTE)
def export(id: int) -> AnyResponse:
    consultation = consultation_or_404(id)
    try:
        data = dossier.build(db.session, vault(), consultation)
    except Refusal as refusal:
        tell(refusal)
        return redirect(url_for("wizard.show", id=id), 303)
    return send_file(BytesIO(data), "application/zip", True, f"dossier-{id}.zip")


def _pdf(data: bytes, name: str, kept: bool = False) -> AnyResponse:
    """Return a PDF to look at, or one to keep, beside the page that says what comes next."""
    answer = send_file(BytesIO(data), "application/pdf", as_attachment=kept, download_name=name)
    answer.headers["Cache-Control"] = "no-store"  # it holds every code
    return answer
