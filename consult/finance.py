"""Counter: the town grants what was awarded, prints the voucher, and redeems it once."""

from io import BytesIO

from flask import Blueprint, abort, current_app, flash, redirect, render_template, send_file, url_for
from flask_babel import gettext, lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import DateField, StringField

from ballots.access import open_to
from ballots.database import db
from ballots.refusals import Refusal
from ballots.web import now, said
from consult import initiatives, prints, vouchers
from consult.desk import actor, plan_or_404, tell
from consult.forms import MoneyField, required, sized
from consult.models import Role, Voucher
from consult.pages import today

finance = Blueprint("finance", __name__, url_prefix="/kantoor")


class GrantForm(FlaskForm):
    """The town's grant: a voucher is a subsidy, so it has a date and a reference."""

    amount = MoneyField(lazy_gettext("Bedrag"), [required(lazy_gettext("Vul het bedrag in."))])
    granted_on = DateField(
        lazy_gettext("Datum van de beschikking"),
        [required(lazy_gettext("Vul de datum van de beschikking in."))],
    )
    reference = StringField(
        lazy_gettext("Kenmerk"),
        [required(lazy_gettext("Vul het kenmerk in.")), sized(2, 60)],
        description=lazy_gettext("Het nummer van de beschikking in uw eigen administratie."),
    )


@finance.route("/plannen/<int:id>/beschikking", methods=["GET", "POST"])
@open_to(Role.GEMEENTE)
def grant(id: int) -> str | AnyResponse | tuple[str, int]:
    plan = plan_or_404(id)
    decision = initiatives.last_decision(plan)
    if decision is None or decision.amount is None or plan.grant:
        return redirect(url_for("office.plan", id=id), 303)
    form = GrantForm(amount=decision.amount, granted_on=today())
    if form.validate_on_submit() and form.amount.data is not None and form.granted_on.data:
        try:
            vouchers.grant(
                db.session,
                plan,
                form.amount.data,
                form.granted_on.data,
                str(form.reference.data),
                actor(),
                now(),
            )
        except Refusal as refusal:
            form.amount.errors = [said(refusal)]
        else:
            flash(gettext("De beschikking is vastgelegd. U kunt nu de voucher maken."), "success")
            return redirect(url_for("office.plan", id=id), 303)
    page = render_template("consult/office/grant.html", form=form, plan=plan, decision=decision)
    return (page, 422) if form.is_submitted() else page


@finance.post("/plannen/<int:id>/voucher")
@open_to(Role.GEMEENTE)
def issue(id: int) -> AnyResponse:
    try:
        vouchers.issue(db.session, plan_or_404(id), actor(), now())
    except Refusal as refusal:
        tell(refusal)
    else:
        flash(gettext("De voucher is gemaakt. Print hem en geef hem aan de initiatiefnemer."), "success")
    return redirect(url_for("office.plan", id=id), 303)


@finance.get("/vouchers/<int:id>.pdf")
@open_to(Role.GEMEENTE)
def printed(id: int) -> AnyResponse:
    voucher = _voucher_or_404(id)
    data = prints.voucher(voucher, vouchers.token(current_app.config["SECRET_KEY"], voucher))
    return send_file(BytesIO(data), "application/pdf", download_name=f"voucher-{voucher.number}.pdf")


@finance.route("/verzilveren/<token>", methods=["GET", "POST"])
@open_to(Role.GEMEENTE)
def redeem(token: str) -> str | AnyResponse:
    found = vouchers.read(db.session, current_app.config["SECRET_KEY"], token) or abort(404)
    voucher = _voucher_or_404(found.id)
    form = FlaskForm()
    if form.validate_on_submit():
        try:
            vouchers.redeem(db.session, voucher, actor(), now())
        except Refusal as refusal:
            tell(refusal)
        else:
            flash(gettext("De voucher is verzilverd."), "success")
        return redirect(url_for("office.plan", id=voucher.grant.initiative_id), 303)
    return render_template("consult/office/redeem.html", voucher=voucher, form=form, token=token)


def _voucher_or_404(id: int) -> Voucher:
    voucher = db.session.get(Voucher, id)
    if voucher is None or voucher.grant.initiative.wijk.town_id != current_user.town_id:
        abort(404)
    return voucher
