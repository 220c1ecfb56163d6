"""Counter: keyholders print their sheet, try it two by two, and open the box when voting is over.

Any keyholder of the town may type sheets in: what opens is the sheets, not who is logged in. So nothing is
lost when somebody's account is. What was typed is in the body of a POST and on the page that asks again; it
is in no address, log, message or table.
"""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse
from wtforms import TextAreaField

from ballots import keysheets, polls, shares
from ballots.access import open_to
from ballots.database import db
from ballots.definition import Custody
from ballots.lifecycle import Phase
from ballots.models import Poll
from ballots.refusals import Refusal
from ballots.shares import SheetRefusal
from ballots.web import now, said, vault
from consult import consultations, custody_words, journal, keyholding
from consult.desk import actor, consultation_or_404, tell
from consult.forms import required
from consult.key_pages import content, labels, late, pairs, pdf
from consult.models import Consultation, Role, Wijk
from consult.staff import me, wrong

keyholders = Blueprint("keyholders", __name__, url_prefix="/sleutels")


class SheetsForm(FlaskForm):
    """Two sheets, typed or scanned."""

    one = TextAreaField(
        lazy_gettext("Het eerste blad"), [required(lazy_gettext("Typ de tekens van het eerste blad."))]
    )
    other = TextAreaField(
        lazy_gettext("Het tweede blad"), [required(lazy_gettext("Typ de tekens van het tweede blad."))]
    )

    def read(self, poll: Poll) -> bool:
        """Say whether this was sent and both can be sheets of this poll; else each field says what is wrong."""
        if not self.validate_on_submit():
            return False
        right = True
        for field in (self.one, self.other):
            try:
                shares.read(field.data, poll.id)
            except SheetRefusal as refusal:
                wrong(field, refusal)
                right = False
        return right


@keyholders.get("")
@open_to(Role.SLEUTELHOUDER)
def home() -> str:
    """The consultations of the town whose key is kept by keyholders, and what they ask of them."""
    found = db.session.scalars(
        select(Consultation)
        .join(Wijk)
        .where(
            Wijk.town_id == me().town_id,
            Consultation.poll_id.is_not(None),
            Consultation.custody == Custody.KEYHOLDERS.value,
        )
        .order_by(Consultation.id.desc())
    )
    return render_template("consult/keyholders/home.html", shown=[_shown(each) for each in found])


def _shown(found: Consultation) -> dict[str, Any]:
    poll = found.poll
    assert poll is not None
    holders = keyholding.holders(db.session, found)
    return {
        "consultation": found,
        "poll": poll,
        "phase": poll.phase(now()),
        "step": keyholding.step(db.session, poll, found, now()),
        "mine": next((each for each in holders if each.staff_id == me().id), None),
        "passed": sum(each.passed for each in pairs(poll, holders)),
        "shredded": journal.has(db.session, found, keyholding.SHREDDED),
        "late": late(poll),
    }


@keyholders.post("/<int:id>/blad.pdf")
@open_to(Role.SLEUTELHOUDER)
def sheet(id: int) -> AnyResponse:
    """One's own sheet, and nobody else's. It is made anew each time and kept nowhere."""
    found, _ = _kept_or_404(id)
    try:
        part = keyholding.print_share(db.session, vault(), found, me(), actor(), now())
    except Refusal as refusal:
        tell(refusal)
        return redirect(url_for("keyholders.home"), 303)
    assert found.poll is not None
    made = keysheets.share_sheets(content(found), found.poll.id, [part], moment=now(), labels=labels())
    return pdf(made, f"sleutelblad-{id}-deel-{part.x}.pdf")


@keyholders.route("/<int:id>/proef", methods=["GET", "POST"])
@open_to(Role.SLEUTELHOUDER)
def trial(id: int) -> str | AnyResponse | tuple[str, int]:
    """Try two sheets: they must give the key. Nothing of them is kept."""
    found, poll = _kept_or_404(id)
    form = SheetsForm()
    if poll.phase(now()) is not Phase.FROZEN or poll.ready_at:
        flash(gettext("Er hoeft niets meer te worden beproefd."), "info")
        return redirect(url_for("keyholders.home"), 303)
    if form.read(poll):
        try:
            pair = keyholding.try_pair(
                db.session, vault(), found, form.one.data, form.other.data, actor(), now()
            )
        except Refusal as refusal:
            form.form_errors = [said(refusal)]
        else:
            one, other = pair.split("-")
            flash(gettext("Deel %(one)s en deel %(other)s passen samen.", one=one, other=other), "success")
            return redirect(url_for("keyholders.trial", id=id), 303)
    page = render_template(
        "consult/keyholders/trial.html",
        consultation=found,
        poll=poll,
        pairs=pairs(poll, keyholding.holders(db.session, found)),
        late=late(poll),
        form=form,
    )
    return (page, 422) if form.is_submitted() else page


@keyholders.route("/<int:id>/openen", methods=["GET", "POST"])
@open_to(Role.SLEUTELHOUDER)
def unseal(id: int) -> str | AnyResponse | tuple[str, int]:
    """Open the box with two sheets, once voting is over; show how far it is."""
    found, poll = _kept_or_404(id)
    form = SheetsForm()
    if poll.phase(now()) is Phase.DUE and form.read(poll):
        try:
            consultations.unseal(db.session, vault(), found, form.one.data, form.other.data, actor(), now())
        except Refusal as refusal:
            form.form_errors = [said(refusal)]
        else:
            return redirect(url_for("keyholders.unseal", id=id), 303)
    page = render_template(
        "consult/keyholders/unseal.html",
        consultation=found,
        poll=poll,
        phase=poll.phase(now()),
        progress=polls.progress(db.session, poll),
        lost=custody_words.LOST,
        form=form,
    )
    return (page, 422) if form.errors else page


def _kept_or_404(id: int) -> tuple[Consultation, Poll]:
    """Return a consultation of the user's town whose key is kept by keyholders."""
    found = consultation_or_404(id)
    if found.poll is None or found.custody != Custody.KEYHOLDERS:
        abort(404)
    return found, found.poll
