"""Counter: the office prepares a wijkraadpleging: question, rule, dates, preview, freeze, letters, after."""

from datetime import timedelta
from io import BytesIO

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import (
    DateField,
    IntegerField,
    RadioField,
    SelectChoice,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import NumberRange, Optional

from ballots import ballot_pages, letters, polls
from ballots.access import open_to
from ballots.counting.majority import Base, Majority, MissedQuorum, Quorum
from ballots.database import db
from ballots.refusals import Refusal
from ballots.terms import terms
from ballots.web import now
from consult import consultations, dossier, prints, rolls
from consult.desk import actor, consultation_or_404, plan_or_404, seeds, tell
from consult.forms import required, sized
from consult.models import Consultation, Role
from consult.pages import today

wizard = Blueprint("wizard", __name__, url_prefix="/kantoor/raadplegingen")
YES, NO = "ja", "nee"
MOST_WORDS = 90  # of the arguments for and against, so that both are read


def _yes_or_no(label: str) -> RadioField:
    return RadioField(
        label,
        [Optional()],
        choices=[SelectChoice(YES, lazy_gettext("Ja")), SelectChoice(NO, lazy_gettext("Nee"))],
    )


def _short(field: TextAreaField) -> None:
    words = len((field.data or "").split())
    if words > MOST_WORDS:
        raise ValidationError(
            gettext(
                "Dit zijn %(words)d woorden. Gebruik er hoogstens %(most)d.", words=words, most=MOST_WORDS
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
        [required(), sized(10, 900)],
        description=lazy_gettext("Hoogstens 90 woorden, door de initiatiefnemer."),
    )
    against = TextAreaField(
        lazy_gettext("Argumenten tegen"),
        [required(), sized(10, 900)],
        description=lazy_gettext("Hoogstens 90 woorden, door een bewoner die tegen is. Ongeveer even lang."),
    )

    def validate_in_favour(self, field: TextAreaField) -> None:
        _short(field)

    def validate_against(self, field: TextAreaField) -> None:
        _short(field)

    if_no = TextAreaField(
        lazy_gettext("Wat gebeurt er als het antwoord nee is?"), [required(), sized(5, 600)]
    )
    upkeep = TextAreaField(lazy_gettext("Wie betaalt het onderhoud?"), [required(), sized(5, 600)])


class RuleForm(FlaskForm):
    """When and by which rule. Nothing has a default: what nobody chose cannot be frozen."""

    first_day = DateField(
        lazy_gettext("Eerste dag"),
        [required()],
        description=lazy_gettext(
            "De stemming opent om middernacht. Kiest u vandaag? Dan opent zij bij het vastzetten."
        ),
    )
    last_day = DateField(
        lazy_gettext("Laatste dag"),
        [required()],
        description=lazy_gettext("Tot een kwartier na middernacht telt een stem nog mee."),
    )
    majority = RadioField(
        lazy_gettext("Welke meerderheid is nodig?"),
        [required()],
        choices=[
            SelectChoice(Majority.SIMPLE, lazy_gettext("Gewoon: meer stemmen voor dan tegen")),
            SelectChoice(Majority.ABSOLUTE, lazy_gettext("Absoluut: meer dan de helft is voor")),
            SelectChoice(
                Majority.TWO_THIRDS, lazy_gettext("Twee derde: minstens twee van de drie zijn voor")
            ),
        ],
    )
    base = RadioField(
        lazy_gettext("De helft of twee derde waarvan?"),
        [Optional()],
        description=lazy_gettext(
            "Alleen nodig bij absoluut en twee derde. Bij ‘alle brieven’ werkt een tegenstander "
            "die thuisblijft mee als een stem tegen."
        ),
        choices=[
            SelectChoice(Base.VOTES, lazy_gettext("Van de stemmen die binnenkomen")),
            SelectChoice(Base.LETTERS, lazy_gettext("Van alle brieven die zijn verstuurd")),
        ],
    )
    blank_in_majority = _yes_or_no(lazy_gettext("Telt blanco mee voor de meerderheid?"))
    quorum = RadioField(
        lazy_gettext("Is er een drempel?"),
        [required()],
        choices=[
            SelectChoice(Quorum.NONE, lazy_gettext("Nee. Elke opkomst is genoeg")),
            SelectChoice(
                Quorum.TURNOUT,
                lazy_gettext(
                    "Ja, een deel van de brieven moet zijn gebruikt. Een tegenstander kan dan thuisblijven"
                ),
            ),
            SelectChoice(
                Quorum.IN_FAVOUR,
                lazy_gettext(
                    "Ja, een deel van alle brieven moet vóór zijn. Thuisblijven maakt dan geen verschil"
                ),
            ),
        ],
    )
    quorum_percent = IntegerField(
        lazy_gettext("Hoeveel procent van de brieven?"), [Optional(), NumberRange(1, 100)]
    )
    blank_in_turnout = _yes_or_no(lazy_gettext("Telt blanco mee voor de opkomst?"))
    missed_quorum = RadioField(
        lazy_gettext("Wat als de drempel niet wordt gehaald?"),
        [Optional()],
        choices=[
            SelectChoice(MissedQuorum.BARS, lazy_gettext("Dan kan er niets worden toegekend")),
            SelectChoice(
                MissedQuorum.REASONS, lazy_gettext("Dan kan het wel, maar de regiegroep schrijft op waarom")
            ),
        ],
    )

    def fields(self) -> dict[str, object]:
        """Return the values as the draft keeps them: True, False or None for the yes-or-no questions."""
        values = {name: value or None for name, value in self.data.items() if name != "csrf_token"}
        return values | {
            name: {YES: True, NO: False}.get(str(values[name]))
            for name in ("blank_in_majority", "blank_in_turnout")
        }


class ReasonForm(FlaskForm):
    reason = TextAreaField(
        lazy_gettext("Waarom trekt u deze wijkraadpleging in?"),
        [required(), sized(10, 1000)],
        description=lazy_gettext("Iedereen kan dit lezen, ook wie de brief scant."),
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


@wizard.get("/<int:id>")
@open_to(Role.GEMEENTE)
def show(id: int) -> str:
    """One page for the whole life of a consultation: what is done, what is next."""
    found = consultation_or_404(id)
    poll, lacking = found.poll, consultations.missing(found)
    return render_template(
        "consult/office/consultation.html",
        consultation=found,
        plan=found.initiative,
        poll=poll,
        phase=poll.phase(now()) if poll else None,
        missing=lacking,
        totals=rolls.totals(db.session, found),
        turnout=polls.turnout(db.session, poll) if poll else None,
        runs=letters.runs(db.session, poll) if poll else [],
        rule=None if lacking else consultations.rule(found),
        shown=None if poll else consultations.fingerprint(db.session, found),
        form=FlaskForm(),
    )


@wizard.route("/<int:id>/vraag", methods=["GET", "POST"])
@open_to(Role.GEMEENTE)
def question(id: int) -> str | AnyResponse | tuple[str, int]:
    return _step(consultation_or_404(id), QuestionForm, "question", gettext("De vraag"), 1)


@wizard.route("/<int:id>/spelregels", methods=["GET", "POST"])
@open_to(Role.GEMEENTE)
def rule(id: int) -> str | AnyResponse | tuple[str, int]:
    return _step(consultation_or_404(id), RuleForm, "rule", gettext("Dagen en spelregels"), 2)


def _step(
    draft: Consultation, kind: type[FlaskForm], name: str, title: str, number: int
) -> str | AnyResponse | tuple[str, int]:
    if draft.poll_id:
        flash(gettext("Deze wijkraadpleging is vastgezet en kan niet meer veranderen."), "warning")
        return redirect(url_for("wizard.show", id=draft.id), 303)
    form = kind(obj=draft) if kind is QuestionForm else kind(data=_shown(draft))
    wrong = False
    if form.is_submitted():
        wrong = not form.validate()
        if isinstance(form, RuleForm) and not wrong and form.first_day.data and form.last_day.data:
            if form.last_day.data < form.first_day.data:
                form.last_day.errors = [gettext("De laatste dag ligt voor de eerste dag.")]
                wrong = True
            elif form.last_day.data > today() + timedelta(days=366):
                form.last_day.errors = [gettext("Deze dag ligt meer dan een jaar vooruit.")]
                wrong = True
            elif form.first_day.data < today():
                form.first_day.errors = [gettext("Deze dag is al voorbij.")]
                wrong = True
        if not wrong:
            fields = form.fields() if isinstance(form, RuleForm) else _texts(form)
            consultations.edit(db.session, draft, fields, actor(), now())
            following = "wizard.rule" if kind is QuestionForm else "wizard.show"
            return redirect(url_for(following, id=draft.id), 303)
    page = render_template(
        f"consult/office/{name}.html",
        form=form,
        consultation=draft,
        plan=draft.initiative,
        title=title,
        step=number,
    )
    return (page, 422) if wrong else page


def _shown(draft: Consultation) -> dict[str, object]:
    """Return the draft's rule as the form shows it."""
    words = {True: YES, False: NO, None: None}
    return {
        name: words[getattr(draft, name)] if name.startswith("blank") else getattr(draft, name)
        for name in (
            "first_day",
            "last_day",
            "majority",
            "base",
            "blank_in_majority",
            "quorum",
            "quorum_percent",
            "blank_in_turnout",
            "missed_quorum",
        )
    }


def _texts(form: FlaskForm) -> dict[str, object]:
    return {name: value for name, value in form.data.items() if name != "csrf_token"}


@wizard.get("/<int:id>/voorbeeld")
@open_to(Role.GEMEENTE)
def preview(id: int) -> str | AnyResponse:
    """The page with the question, as a voter will see it."""
    draft = consultation_or_404(id)
    try:
        asked = terms(draft.poll) if draft.poll else consultations.draft_terms(db.session, draft, now())
    except Refusal as refusal:
        tell(refusal)
        return redirect(url_for("wizard.show", id=id), 303)
    return ballot_pages.question_page(asked, "", preview=True)


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
        consultations.freeze(db.session, seeds(), draft, actor(), now(), request.form.get("shown", ""))
    except Refusal as refusal:
        tell(refusal)
    else:
        flash(gettext("De wijkraadpleging is vastgezet. Maak nu de brieven."), "success")
    return redirect(url_for("wizard.show", id=id), 303)


@wizard.post("/<int:id>/brieven.pdf")
@open_to(Role.GEMEENTE)
def print_letters(id: int) -> AnyResponse:
    """All letters in one PDF. It is made anew each time and kept nowhere, until printing is confirmed."""
    consultation = consultation_or_404(id)
    try:
        return _pdf(prints.letters(db.session, seeds(), consultation, actor(), now()), f"brieven-{id}.pdf")
    except Refusal as refusal:
        tell(refusal)
        return redirect(url_for("wizard.show", id=id), 303)


@wizard.route("/<int:id>/gedrukt", methods=["GET", "POST"])
@open_to(Role.GEMEENTE)
def printed(id: int) -> str | AnyResponse:
    """Confirm that printing is done, on a page that says what it means: the codes are gone then."""
    consultation, form = consultation_or_404(id), FlaskForm()
    if not form.validate_on_submit():
        return render_template("consult/office/printed.html", consultation=consultation, form=form)
    try:
        consultations.confirm_printed(db.session, seeds(), consultation, actor(), now())
    except Refusal as refusal:
        tell(refusal)
    else:
        flash(gettext("Bevestigd. De codes staan nu alleen nog op de brieven."), "success")
    return redirect(url_for("wizard.show", id=id), 303)


@wizard.route("/<int:id>/intrekken", methods=["GET", "POST"])
@open_to(Role.GEMEENTE)
def withdraw(id: int) -> str | AnyResponse | tuple[str, int]:
    consultation = consultation_or_404(id)
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            consultations.withdraw(db.session, seeds(), consultation, str(form.reason.data), actor(), now())
        except Refusal as refusal:
            tell(refusal)
        else:
            flash(gettext("De wijkraadpleging is ingetrokken."), "success")
        return redirect(url_for("wizard.show", id=id), 303)
    page = render_template("consult/office/withdraw.html", form=form, consultation=consultation)
    return (page, 422) if form.is_submitted() else page


@wizard.get("/<int:id>/dossier.zip")
@open_to(Role.GEMEENTE)
def export(id: int) -> AnyResponse:
    consultation = consultation_or_404(id)
    try:
        data = dossier.build(db.session, consultation)
    except Refusal as refusal:
        tell(refusal)
        return redirect(url_for("wizard.show", id=id), 303)
    return send_file(BytesIO(data), "application/zip", True, f"dossier-{id}.zip")


def _pdf(data: bytes, name: str) -> AnyResponse:
    answer = send_file(BytesIO(data), "application/pdf", download_name=name)
    answer.headers["Cache-Control"] = "no-store"  # it holds every code
    return answer
