"""Counter: the office brings in the address list, checks it, and looks at the special addresses."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext, ngettext
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from werkzeug.wrappers import Response as AnyResponse
from wtforms import HiddenField, IntegerField, StringField
from wtforms.validators import InputRequired, Length

from ballots.access import open_to
from ballots.database import db
from ballots.refusals import Refusal
from ballots.web import now, said
from consult import rolls
from consult.addresses import AddressList, Remark, in_a_line
from consult.desk import actor, consultation_or_404, tell
from consult.models import Consultation, Role, RollEntry
from consult.refusals import AddressReasonMissing, LettersWrong

roll = Blueprint("roll", __name__, url_prefix="/kantoor/raadplegingen/<int:id>/adressen")

ON_A_PAGE = 20  # special addresses
FOLDS = 8  # a longer list of rows is folded
RANGES = 200  # a still longer one shows row numbers only


class UploadForm(FlaskForm):
    file = FileField(
        lazy_gettext("Adressenlijst"),
        [FileRequired(lazy_gettext("Kies een bestand."))],
        description=lazy_gettext(
            "Een CSV-bestand uit de BAG. Namen van bewoners horen er niet in: een brief gaat naar een adres."
        ),
    )


class ImportForm(FlaskForm):
    shown = HiddenField()  # which upload the office looked at


class DecisionForm(FlaskForm):
    letters = IntegerField(
        lazy_gettext("Aantal brieven"),
        [InputRequired(lazy_gettext("Vul een getal in. Bij 0 doet het adres niet mee."))],
        description=lazy_gettext("0 = doet niet mee"),
    )
    reason = StringField(
        lazy_gettext("Waarom?"),
        [InputRequired(lazy_gettext(AddressReasonMissing.text)), Length(max=300)],
        description=lazy_gettext("Bijvoorbeeld: zorghuis met 80 bewoners"),
    )


@dataclass(frozen=True)
class Group:
    """The same sentence about several rows."""

    text: str
    rows: str  # "2–7, 9"
    count: int
    remarks: Sequence[Remark]  # empty where there are too many to show one by one

    @property
    def folded(self) -> bool:
        return self.count > FOLDS


@roll.route("", methods=["GET", "POST"])
@open_to(Role.GEMEENTE)
def show(id: int) -> str | AnyResponse | tuple[str, int]:
    consultation = consultation_or_404(id)
    form = UploadForm()
    if not form.is_submitted():
        return _page(consultation, form)
    if not form.validate():
        return _page(consultation, form), 422
    file = form.file.data
    try:
        found = rolls.upload(db.session, consultation, file.filename or "", file.read(), actor(), now())
    except Refusal as refusal:
        form.file.errors = [said(refusal)]
        return _page(consultation, form), 422
    if not found.sound:
        return _check(consultation, found), 422
    return redirect(url_for("roll.check", id=id), 303)


@roll.get("/controle")
@open_to(Role.GEMEENTE)
def check(id: int) -> str | AnyResponse:
    """What the file that waits holds; nothing is imported yet."""
    consultation = consultation_or_404(id)
    waits = rolls.waiting(db.session, consultation)
    if waits is None or consultation.poll_id is not None:
        return redirect(url_for("roll.show", id=id), 303)
    form = ImportForm(data={"shown": waits.uploaded_at.isoformat()})
    return _check(consultation, rolls.read(waits), form)


@roll.post("/toevoegen")
@open_to(Role.GEMEENTE)
def add(id: int) -> AnyResponse:
    consultation = consultation_or_404(id)
    form = ImportForm()
    if not form.validate_on_submit():
        abort(400)
    try:
        found = rolls.import_roll(db.session, consultation, actor(), now(), _moment(form.shown.data))
    except Refusal as refusal:
        tell(refusal)
        following = "roll.check" if rolls.waiting(db.session, consultation) else "roll.show"
        return redirect(url_for(following, id=id), 303)
    said_so = ngettext(
        "De adressenlijst is toegevoegd: %(num)d brief.",
        "De adressenlijst is toegevoegd: %(num)d brieven.",
        found.letters,
    )
    flash(said_so, "success")
    return redirect(url_for("roll.show", id=id), 303)


@roll.post("/<int:entry_id>/besluit")
@open_to(Role.GEMEENTE)
def decide(id: int, entry_id: int) -> AnyResponse | tuple[str, int]:
    """What the office decides about one address."""
    consultation = consultation_or_404(id)
    entry = db.session.get(RollEntry, entry_id)
    if entry is None or entry.consultation_id != consultation.id:
        abort(404)
    form = DecisionForm(prefix=_prefix(entry))
    if not form.validate_on_submit():
        return _page(consultation, UploadForm(formdata=None), (entry, form)), 422
    assert form.letters.data is not None
    try:
        rolls.decide_special(db.session, entry, form.letters.data, str(form.reason.data), actor(), now())
    except LettersWrong as refusal:
        form.letters.errors = [said(refusal)]
    except AddressReasonMissing as refusal:
        form.reason.errors = [said(refusal)]
    except Refusal as refusal:
        tell(refusal)
    else:
        flash(gettext("Uw besluit is opgeslagen."), "success")
    if form.errors:
        return _page(consultation, UploadForm(formdata=None), (entry, form)), 422
    words = request.args.get("q")
    return redirect(url_for("roll.show", id=id, q=words, _anchor="bijzonder"), 303)


def _page(
    consultation: Consultation, form: UploadForm, wrong: tuple[RollEntry, DecisionForm] | None = None
) -> str:
    words = request.args.get("q", "").strip()
    if words:
        listed = rolls.find(db.session, consultation, words)
    else:
        listed = rolls.worklist(db.session, consultation)
    pages = max(1, -(-len(listed) // ON_A_PAGE))
    page = min(max(request.args.get("pagina", 1, int), 1), pages)
    if wrong and wrong[0] in listed:
        page = listed.index(wrong[0]) // ON_A_PAGE + 1
    here = listed[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]
    if wrong and wrong[0] not in here:
        here = [wrong[0], *here]
    return render_template(
        "consult/roll/show.html",
        consultation=consultation,
        plan=consultation.initiative,
        frozen=consultation.poll_id is not None,
        form=form,
        wrong=wrong[1] if wrong else None,
        totals=rolls.totals(db.session, consultation),
        waits=rolls.waiting(db.session, consultation),
        words=words,
        listed=len(listed),
        addresses=[
            (entry, in_a_line(entry), wrong[1] if wrong and entry is wrong[0] else _form(entry))
            for entry in here
        ],
        page=page,
        pages=pages,
    )


def _check(consultation: Consultation, found: AddressList, form: ImportForm | None = None) -> str:
    return render_template(
        "consult/roll/check.html",
        consultation=consultation,
        plan=consultation.initiative,
        form=form,
        found=found,
        now=rolls.totals(db.session, consultation),
        faults=_grouped(found.faults),
        left_out=_grouped(found.left_out),
        warnings=_grouped(found.warnings),
        special=[(in_a_line(address), address.letters, address.special) for address in found.special],
        folds=FOLDS,
    )


def _prefix(entry: RollEntry) -> str:
    return f"adres-{entry.id}"


def _form(entry: RollEntry) -> DecisionForm:
    return DecisionForm(
        formdata=None, prefix=_prefix(entry), data={"letters": entry.letters, "reason": entry.reason}
    )


def _moment(text: str | None) -> datetime:
    """Return the moment in a form; what cannot be read is no upload's moment."""
    try:
        return datetime.fromisoformat(text or "")
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)


def _grouped(remarks: Iterable[Remark]) -> list[Group]:
    """Return the remarks by what they say, in the order in which each is first said."""
    groups: dict[str, list[Remark]] = {}
    for remark in remarks:
        groups.setdefault(_translated(remark), []).append(remark)
    return [
        Group(text, ranges([one.row for one in ones]), len(ones), ones if len(ones) <= RANGES else ())
        for text, ones in groups.items()
    ]


def _translated(remark: Remark) -> str:
    text: str = gettext(remark.text, **remark.values) if remark.values else gettext(remark.text)
    return text


def ranges(rows: Iterable[int]) -> str:
    """Return row numbers as people write them: "2–7, 9"."""
    runs: list[list[int]] = []
    for row in rows:
        if runs and row == runs[-1][1] + 1:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in runs)
