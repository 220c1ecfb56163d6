"""Counter: the office and the keys of a consultation: who keeps them, the sheet in the envelope, what comes next."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import RadioField, SelectChoice, SelectField, TextAreaField

from ballots import custody, keysheets
from ballots.access import open_to
from ballots.database import db
from ballots.definition import Custody
from ballots.refusals import Refusal
from ballots.terms import terms
from ballots.web import now, said, vault
from consult import accounts, consultations, custody_words, keyholding
from consult.desk import actor, after_days, consultation_or_404, is_frozen, tell
from consult.forms import filled, required
from consult.key_pages import TASKS, content, labels, late, pairs, pdf
from consult.models import Consultation, Role, Staff
from consult.pages import short
from consult.staff import wrong

keys = Blueprint("keys", __name__, url_prefix="/kantoor/raadplegingen")


class ChoiceForm(FlaskForm):
    """Who keeps the key. Nobody is chosen beforehand."""

    custody = RadioField(
        lazy_gettext("Wie bewaart de sleutel van de stembus?"),
        [required(lazy_gettext("Kies een van de mogelijkheden."))],
        choices=[
            SelectChoice(Custody.SERVICE, lazy_gettext("De dienst bewaart de sleutel")),
            SelectChoice(Custody.KEYHOLDERS, lazy_gettext("Drie sleutelhouders bewaren de sleutel")),
        ],
    )


class HoldersForm(FlaskForm):
    """Who keeps which part."""

    part_1 = SelectField(lazy_gettext("Deel 1"), [required(lazy_gettext("Kies wie deel 1 bewaart."))])
    part_2 = SelectField(lazy_gettext("Deel 2"), [required(lazy_gettext("Kies wie deel 2 bewaart."))])
    part_3 = SelectField(lazy_gettext("Deel 3"), [required(lazy_gettext("Kies wie deel 3 bewaart."))])


class RestoreForm(FlaskForm):
    """What stands on the sheet in the envelope."""

    sheet = TextAreaField(
        lazy_gettext("De tekens van het blad van de mengsleutel"),
        [required(lazy_gettext("Typ de tekens die op het blad staan."))],
        description=lazy_gettext("Zestien groepjes van vier tekens. U mag de QR-code ook scannen."),
    )


@keys.route("/<int:id>/bewaring", methods=["GET", "POST"])
@open_to(Role.GEMEENTE)
def choose(id: int) -> str | AnyResponse | tuple[str, int]:
    """Choose who keeps the key, on a page that says what it means."""
    draft = consultation_or_404(id)
    if draft.poll_id:
        return is_frozen(id)
    form = ChoiceForm(obj=draft)
    if form.validate_on_submit():
        consultations.edit(db.session, draft, filled(form), actor(), now())
        return redirect(after_days(draft), 303)
    page = render_template(
        "consult/keys/choose.html",
        form=form,
        draft=draft,
        able=len(keyholding.people(db.session, draft.wijk.town)),
        lost=custody_words.LOST,
    )
    return (page, 422) if form.is_submitted() else page


@keys.get("/<int:id>/sleutels")
@open_to(Role.GEMEENTE)
def show(id: int) -> str | AnyResponse:
    """Where the keys are, and what has to be done about them."""
    return _page(consultation_or_404(id))


def _page(found: Consultation, form: HoldersForm | None = None) -> str | AnyResponse:
    poll = found.poll
    if poll is None:
        return redirect(url_for("keys.choose", id=found.id), 303)
    tasks = keyholding.tasks(db.session, vault(), found, now())
    return render_template(
        "consult/keys/show.html",
        consultation=found,
        poll=poll,
        phase=poll.phase(now()),
        tasks=tasks,
        TASKS=TASKS,
        kept=custody_words.kept(terms(poll).custody),
        lost=custody_words.LOST,
        keyholders=terms(poll).custody is Custody.KEYHOLDERS,
        holders=keyholding.holders(db.session, found),
        pairs=pairs(poll, keyholding.holders(db.session, found)),
        able=len(keyholding.people(db.session, found.wijk.town)),
        sealed=keyholding.sealed(db.session, found),
        late=late(poll),
        form=form or _holders_form(found),
    )


def _holders_form(found: Consultation) -> HoldersForm:
    """Return the form with who can be chosen, filled in as it is assigned now."""
    kept = {each.part: each for each in keyholding.holders(db.session, found)}
    form = HoldersForm(data={f"part_{part}": str(each.staff_id) for part, each in kept.items()})
    able = {each.id: each for each in keyholding.people(db.session, found.wijk.town)}
    for part in keyholding.PARTS:
        mine = {kept[part].staff_id: kept[part].staff} if part in kept else {}
        form[f"part_{part}"].choices = [
            SelectChoice("", gettext("Kies een sleutelhouder")),
            *(SelectChoice(str(each.id), _since(each)) for each in (able | mine).values()),
        ]
    return form


def _since(person: Staff) -> str:
    """Return who somebody is, and how long they have had this way in: a stranger behind a name is a new one."""
    changed = accounts.changed_at(db.session, person)
    if changed is None:
        return person.name
    return gettext("%(name)s (toegang sinds %(when)s)", name=person.name, when=short(changed))


@keys.post("/<int:id>/sleutels")
@open_to(Role.GEMEENTE)
def assign(id: int) -> str | AnyResponse | tuple[str | AnyResponse, int]:
    """Say who keeps which part."""
    found = consultation_or_404(id)
    form = _holders_form(found)
    if form.validate_on_submit():
        theirs = {str(each.id): each for each in keyholding.people(db.session, found.wijk.town)}
        theirs |= {str(each.staff_id): each.staff for each in keyholding.holders(db.session, found)}
        by_part = {part: theirs[form[f"part_{part}"].data] for part in keyholding.PARTS}
        try:
            keyholding.assign(db.session, found, by_part, actor(), now())
        except Refusal as refusal:
            form.form_errors = [said(refusal)]
        else:
            flash(gettext("De bladen zijn verdeeld. Elke sleutelhouder drukt zijn eigen blad."), "success")
            return redirect(url_for("keys.show", id=id), 303)
    return _page(found, form), 422


@keys.post("/<int:id>/sleutels/mengsleutel.pdf")
@open_to(Role.GEMEENTE)
def mix_sheet(id: int) -> AnyResponse:
    """The sheet for the envelope. It is made anew each time and kept nowhere."""
    found = consultation_or_404(id)
    try:
        secret = keyholding.print_mix(db.session, vault(), found, actor(), now())
    except Refusal as refusal:
        tell(refusal)
        return redirect(url_for("keys.show", id=id), 303)
    assert found.poll is not None
    sheet = keysheets.mix_sheet(content(found), found.poll.id, secret, moment=now(), labels=labels())
    return pdf(sheet, f"mengsleutel-{id}.pdf")


@keys.post("/<int:id>/sleutels/envelop")
@open_to(Role.GEMEENTE)
def seal(id: int) -> AnyResponse:
    """Confirm that the sheet is in its envelope."""
    return _done(
        id,
        lambda found: keyholding.seal_mix(db.session, found, actor(), now()),
        gettext("Bevestigd: het blad ligt in de dichte envelop."),
    )


@keys.post("/<int:id>/sleutels/versnipperd")
@open_to(Role.GEMEENTE)
def shred(id: int) -> AnyResponse:
    """Confirm that the paper is gone too."""
    return _done(
        id,
        lambda found: keyholding.shred(db.session, found, actor(), now()),
        gettext("Bevestigd: de bladen zijn versnipperd."),
    )


def _done(id: int, verb: Any, words: str) -> AnyResponse:
    """Do this to a consultation, say so or what is wrong, and show the keys again."""
    try:
        verb(consultation_or_404(id))
    except Refusal as refusal:
        tell(refusal)
    else:
        flash(words, "success")
    return redirect(url_for("keys.show", id=id), 303)


@keys.route("/<int:id>/sleutels/gedrukt", methods=["GET", "POST"])
@open_to(Role.GEMEENTE)
def printed(id: int) -> str | AnyResponse:
    """Confirm that three sheets are in three hands, on a page that says what it means."""
    found, form = consultation_or_404(id), FlaskForm()
    if not form.validate_on_submit():
        return render_template("consult/keys/printed.html", consultation=found, form=form)
    return _done(
        id,
        lambda found: keyholding.confirm_printed(db.session, vault(), found, actor(), now()),
        gettext("Bevestigd. De sleutel staat nu alleen nog op de drie bladen."),
    )


@keys.route("/<int:id>/sleutels/terugzetten", methods=["GET", "POST"])
@open_to(Role.GEMEENTE)
def restore(id: int) -> str | AnyResponse | tuple[str, int]:
    """Put a lost mix key back: the sheet is typed, and stays in the field when it is not right."""
    found, form = consultation_or_404(id), RestoreForm()
    poll = found.poll
    if poll is None or poll.forgotten_at or custody.mix_key_there(vault(), poll):
        return redirect(url_for("keys.show", id=id), 303)
    if form.validate_on_submit():
        try:
            keyholding.restore_mix(db.session, vault(), found, form.sheet.data, actor(), now())
        except Refusal as refusal:
            wrong(form.sheet, refusal)
        else:
            flash(gettext("De mengsleutel staat er weer. Stemmen kan weer."), "success")
            return redirect(url_for("keys.show", id=id), 303)
    page = render_template("consult/keys/restore.html", consultation=found, form=form)
    return (page, 422) if form.is_submitted() else page
