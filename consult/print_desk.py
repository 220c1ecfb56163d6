"""Counter: all that is printed: proofs, batches for the print shop, control letters, and pieces for the wijk."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import DateField, RadioField, SelectChoice, SelectMultipleField, StringField
from wtforms.validators import Regexp
from wtforms.widgets import CheckboxInput, ListWidget

from ballots import letters
from ballots.access import open_to
from ballots.database import db
from ballots.envelopes import PROFILES
from ballots.refusals import Refusal
from ballots.serials import shown
from ballots.web import now, vault
from consult import cautions, consultations, letter_languages, pieces, print_jobs, print_work, prints
from consult.desk import actor, consultation_or_404, tell
from consult.forms import required, sized
from consult.models import Consultation, Role
from consult.pieces import PIECES, Many, Piece
from consult.print_work import Batch, Setup
from consult.refusals import ArrivedWhen
from consult.staff import wrong

press = Blueprint("print", __name__, url_prefix="/kantoor/raadplegingen/<int:id>/drukwerk")

Page = str | AnyResponse | tuple[str, int]

# Each language in its own name: whoever needs it recognises it.
LANGUAGES = {
    "en": "English",
    "tr": "Türkçe",
    "ar": "العربية",
    "pl": "Polski",
    "uk": "Українська",
    "so": "Soomaali",
    "ti": "ትግርኛ",
}


class SetupForm(FlaskForm):
    """Which envelope, and which languages beside Dutch."""

    envelope = RadioField(
        lazy_gettext("In welke envelop gaan de brieven?"),
        [required(lazy_gettext("Kies een envelop."))],
        choices=[SelectChoice(key, lazy_gettext(profile.name)) for key, profile in PROFILES.items()],
    )
    languages = SelectMultipleField(
        lazy_gettext("Welke talen krijgen een regel op de voorkant?"),
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    back = RadioField(lazy_gettext("Welke taal komt op de achterkant?"), default="")


class ControlForm(FlaskForm):
    """A volunteer who gets a control letter."""

    name = StringField(lazy_gettext("Naam van de vrijwilliger"), [required(), sized(2, 80)])
    street = StringField(lazy_gettext("Straat en huisnummer"), [required(), sized(3, 60)])
    place = StringField(
        lazy_gettext("Postcode en plaats"),
        [
            required(),
            sized(8, 60),
            Regexp(
                r"^\s*[1-9][0-9]{3}\s?[A-Za-z]{2}\s+\S",
                message=lazy_gettext("Begin met de postcode, zoals 1234 AB Voorbeeldstad."),
            ),
        ],
    )


class ArrivedForm(FlaskForm):
    """On which day a control letter came."""

    arrived_on = DateField(lazy_gettext("Kwam aan op"), [required(lazy_gettext("Kies een dag."))])


@dataclass(frozen=True)
class Offered:
    """A piece as the page offers it: how many, whether it can be made now, and if not why."""

    piece: Piece
    many: str
    ready: bool
    why_not: str


@press.get("")
@open_to(Role.GEMEENTE)
def show(id: int) -> str:
    """All that can be printed for a consultation, in the order in which it is needed."""
    consultation = consultation_or_404(id)
    poll, setup = consultation.poll, print_work.setup(db.session, consultation)
    waiting = consultations.unprinted(db.session, poll) if poll else []
    runs = letters.runs(db.session, poll) if poll else []
    done = print_work.batches(db.session, consultation, [run for run in runs if run not in waiting])
    return render_template(
        "consult/print/show.html",
        consultation=consultation,
        poll=poll,
        setup=setup,
        envelope=setup.profile.name,
        spoken=", ".join(LANGUAGES[each] for each in setup.languages),
        back=LANGUAGES.get(setup.back, ""),
        caution=cautions.strange_host(consultation.wijk.town.base_url, consultation.wijk.town.email),
        fixed=bool(runs) and (bool(print_work.made(db.session, consultation)) or len(waiting) < len(runs)),
        waiting=_lines(print_work.batches(db.session, consultation, waiting)),
        handed=[each for each in _lines(done) if each["batch"].made],
        controls=print_work.controls(db.session, consultation),
        offered=_offered(consultation),
        form=FlaskForm(),
    )


def _lines(batches: Sequence[Batch]) -> list[dict[str, Any]]:
    return [
        {
            "batch": each,
            "serials": shown(each.made.letters if each.made else range(each.first, each.last + 1)),
        }
        for each in batches
    ]


def _offered(consultation: Consultation) -> list[Offered]:
    """Return every piece, with why it cannot be made now where it cannot."""
    poll, at = consultation.poll, now()
    found = []
    for piece in PIECES.values():
        ready = pieces.of_use(piece, poll, at)
        if ready:
            why = ""
        elif piece.after:
            why = gettext("Komt zodra de uitslag er is.")
        elif poll is None:
            why = gettext("Komt zodra de stemming is vastgezet.")
        else:
            why = gettext("Niet meer nodig: er kan niet meer worden gestemd.")
        found.append(Offered(piece, _many(consultation, piece), ready, why))
    return found


def _many(consultation: Consultation, piece: Piece) -> str:
    number = pieces.copies(db.session, consultation, piece)
    if piece.many is Many.ADDRESS:
        return gettext("Eén per adres: %(number)s.", number=number)
    if piece.many is Many.WIJK:
        return gettext("Ongeveer %(number)s voor de hele wijk.", number=number)
    return gettext("Eén voor elke plek.")


@press.route("/envelop", methods=["GET", "POST"])
@open_to(Role.GEMEENTE)
def setup(id: int) -> Page:
    """Choose the envelope and the languages, until the first letters are made."""
    consultation = consultation_or_404(id)
    form = SetupForm(obj=print_work.setup(db.session, consultation))
    there = letter_languages.usable(unreviewed=current_app.config["DEMO"] == "1")
    form.languages.choices = [SelectChoice(code, LANGUAGES[code]) for code in there]
    form.back.choices = [
        SelectChoice("", gettext("Geen: de achterkant blijft leeg")),
        *form.languages.choices,
    ]
    if form.validate_on_submit():
        chosen = Setup(form.envelope.data, tuple(form.languages.data or ()), form.back.data or "")
        try:
            print_work.choose(db.session, consultation, chosen, actor(), now())
        except Refusal as refusal:
            tell(refusal)
        else:
            flash(gettext("Bewaard. Bekijk nu het proefblad en de PROEF-brieven."), "success")
        return redirect(url_for("print.show", id=id), 303)
    page = render_template("consult/print/setup.html", consultation=consultation, form=form, there=there)
    return (page, 422) if form.is_submitted() else page


@press.get("/proefblad.pdf")
@open_to(Role.GEMEENTE)
def proof_page(id: int) -> AnyResponse:
    """The window of the envelope, drawn on a sheet to fold."""
    consultation = consultation_or_404(id)
    try:
        return _pdf(print_jobs.proof_page(db.session, consultation, now()), f"proefblad-{id}.pdf")
    except Refusal as refusal:
        return _back(id, refusal)


@press.get("/proef.pdf")
@open_to(Role.GEMEENTE)
def proofs(id: int) -> AnyResponse:
    """Letters marked PROEF with dead codes, to the addresses that are hardest to print."""
    consultation = consultation_or_404(id)
    try:
        return _pdf(prints.proofs(db.session, consultation, now()), f"proef-{id}.pdf")
    except Refusal as refusal:
        return _back(id, refusal)


@press.post("/partij.pdf")
@open_to(Role.GEMEENTE)
def batch(id: int) -> AnyResponse:
    """A batch of letters for the print shop. It is made anew each time and kept nowhere, until confirmed."""
    consultation = consultation_or_404(id)
    run, number = request.form.get("run", 1, type=int), request.form.get("batch", 1, type=int)
    try:
        made = prints.letters(db.session, vault(), consultation, actor(), now(), run, number)
    except Refusal as refusal:
        return _back(id, refusal)
    return _pdf(made, print_jobs.filename(consultation, run, number), kept=True)


@press.get("/opdrachtbon/<int:run>/<int:number>.pdf")
@open_to(Role.GEMEENTE)
def job_sheet(id: int, run: int, number: int) -> AnyResponse:
    """What the print shop must know of a batch that was made."""
    consultation = consultation_or_404(id)
    try:
        made = print_jobs.job_sheet(db.session, consultation, run, number)
    except Refusal as refusal:
        return _back(id, refusal)
    return _pdf(made, f"opdrachtbon-{id}-{run}-{number}.pdf")


@press.get("/stuk/<key>.pdf")
@open_to(Role.GEMEENTE)
def piece(id: int, key: str) -> AnyResponse:
    """A poster, flyer, card, script, or the result."""
    consultation = consultation_or_404(id)
    if key not in PIECES:
        abort(404)
    try:
        return _pdf(pieces.made(db.session, consultation, key, now()), f"{key}-{id}.pdf")
    except Refusal as refusal:
        return _back(id, refusal)


@press.get("/controlebrieven.pdf")
@open_to(Role.GEMEENTE)
def control_letters(id: int) -> AnyResponse:
    """The letters to the volunteers, to be posted along with the others."""
    consultation = consultation_or_404(id)
    try:
        return _pdf(prints.control_letters(db.session, consultation), f"controlebrieven-{id}.pdf")
    except Refusal as refusal:
        return _back(id, refusal)


@press.route("/controlebrieven", methods=["GET", "POST"])
@open_to(Role.GEMEENTE, Role.BALIE)
def controls(id: int) -> Page:
    """Who gets a control letter, and on which day it came; the desk notes it when somebody calls."""
    consultation = consultation_or_404(id)
    if consultation.poll is None:
        abort(404)
    adding = request.form.get("number") is None
    form = ControlForm() if adding else ControlForm(formdata=None)
    noting = ArrivedForm(formdata=None) if adding else ArrivedForm()
    number = request.form.get("number", 0, type=int)
    if adding and form.validate_on_submit():
        try:
            given = (form.name.data, form.street.data, form.place.data)
            fresh = print_work.add_control(db.session, consultation, *given, actor(), now())
        except Refusal as refusal:
            wrong(form.name, refusal)
        else:
            flash(gettext("Controlebrief C%(number)d staat klaar.", number=fresh.number), "success")
            return redirect(url_for("print.controls", id=id), 303)
    elif not adding and (request.form.get("do") == "undo" or noting.validate_on_submit()):
        day = None if request.form.get("do") == "undo" else noting.arrived_on.data
        try:
            print_work.arrived(db.session, consultation, number, day, actor(), now())
        except ArrivedWhen as refusal:
            wrong(noting.arrived_on, refusal)
        except Refusal as refusal:
            return _back(id, refusal)
        else:
            flash(gettext("Genoteerd."), "success")
            return redirect(url_for("print.controls", id=id), 303)
    there = print_work.controls(db.session, consultation)
    page = render_template(
        "consult/print/controls.html",
        consultation=consultation,
        controls=there,
        summary=prints.control_words(there),
        form=form,
        noting=noting,
        number=number,
    )
    return (page, 422) if form.errors or noting.errors else page


def _back(id: int, refusal: Refusal) -> AnyResponse:
    tell(refusal)
    return redirect(url_for("print.show", id=id), 303)


def _pdf(data: bytes, name: str, kept: bool = False) -> AnyResponse:
    answer = send_file(BytesIO(data), "application/pdf", as_attachment=kept, download_name=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer
