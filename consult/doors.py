"""Counter: the doors of staff: log in and out, an invitation, and the demo's way in."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from secrets import token_bytes
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    abort,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext, lazy_gettext
from flask_login import current_user, logout_user
from flask_wtf import FlaskForm
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse
from wtforms import (
    EmailField,
    HiddenField,
    PasswordField,
    StringField,
)
from wtforms.validators import EqualTo, InputRequired

from ballots import qr
from ballots.access import EVERYONE, open_to
from ballots.database import db
from ballots.refusals import Refusal
from ballots.web import now, said
from consult import accounts
from consult.models import Staff
from consult.pages import town
from consult.secrets import NONCE, SecretBox, Unreadable
from consult.staff import BOTH_FACTORS, DEMO_LINK, HOMES, demo_on, key, let_in, manager, me, words, wrong

doors = Blueprint("doors", __name__)


# Log in and out


class LogInForm(FlaskForm):
    """What somebody knows, and what their telephone shows now."""

    email = EmailField(lazy_gettext("E-mailadres"), [InputRequired(lazy_gettext("Vul uw e-mailadres in."))])
    password = PasswordField(
        lazy_gettext("Wachtwoord"), [InputRequired(lazy_gettext("Vul uw wachtwoord in."))]
    )
    code = StringField(
        lazy_gettext("Code uit uw app"),
        [InputRequired(lazy_gettext("Vul de zes cijfers in die nu in uw app staan."))],
        description=lazy_gettext("De zes cijfers die nu in uw app staan."),
    )


@doors.route("/inloggen", methods=["GET", "POST"])
@open_to(EVERYONE)
def log_in() -> str | AnyResponse:
    """E-mail address, password and code on one page."""
    back = safe(request.args.get("next"))
    if current_user.is_authenticated:
        return redirect(back or _home(me()), 303)
    form = LogInForm()
    if form.validate_on_submit():
        try:
            staff = accounts.log_in(
                db.session, _box(), form.email.data, form.password.data, form.code.data, now()
            )
        except Refusal as refusal:
            form.form_errors.append(said(refusal))
        else:
            let_in(staff, BOTH_FACTORS)
            return redirect(back or _home(staff), 303)
    message = gettext(manager.login_message) if back else None
    return render_template("consult/doors/log_in.html", form=form, back=back, message=message, demo=demo_on())


@doors.post("/uitloggen")
@open_to(EVERYONE)
def log_out() -> AnyResponse:
    """End this session, everywhere: a copy of the cookie is worth nothing any more."""
    if current_user.is_authenticated:
        accounts.end(db.session, session["login"], now())
    logout_user()
    session.clear()
    flash(gettext("U bent uitgelogd."), "success")
    return redirect(url_for("doors.log_in"), 303)


def safe(target: str | None) -> str | None:
    """Return where to go after logging in, if it is a path of our own site."""
    if not target or not target.startswith("/") or target.startswith("//"):
        return None
    if "\\" in target or any(ord(each) <= 32 or ord(each) == 127 for each in target):
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc else target


def _home(staff: Staff) -> str:
    return url_for(HOMES[staff.role])


# Invitations: a password, then a second factor


class PasswordForm(FlaskForm):
    """The first step of an invitation."""

    password = PasswordField(
        lazy_gettext("Kies een wachtwoord"),
        [InputRequired(lazy_gettext("Kies een wachtwoord."))],
        description=lazy_gettext("Minstens 12 tekens, bijvoorbeeld vier losse woorden."),
    )
    again = PasswordField(
        lazy_gettext("Typ het wachtwoord nog een keer"),
        [
            InputRequired(lazy_gettext("Typ het wachtwoord nog een keer.")),
            EqualTo("password", lazy_gettext("De wachtwoorden zijn niet gelijk. Typ twee keer hetzelfde.")),
        ],
    )


class CodeForm(FlaskForm):
    """The second step; `pending` holds the first, sealed: nothing is kept until the code is right."""

    pending = HiddenField()
    code = StringField(
        lazy_gettext("Code uit uw app"),
        [InputRequired(lazy_gettext("Vul de zes cijfers in die nu in uw app staan."))],
        description=lazy_gettext("De zes cijfers die nu in uw app staan."),
    )


@doors.route("/uitnodiging/<token>", methods=["GET", "POST"])
@open_to(EVERYONE)
def invitation(token: str) -> str | AnyResponse:
    """Choose a password."""
    staff = accounts.invited(db.session, key(), token, now())
    if "pending" in request.form:
        return _second_factor(token, staff)
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            kept = accounts.hashed(staff, form.password.data)
        except Refusal as refusal:
            wrong(form.password, refusal)
        else:
            begun = accounts.begin_totp(staff)
            return _show_code(CodeForm(formdata=None, pending=_seal(token, kept, begun.secret)), staff, begun)
    return render_template("consult/doors/password.html", form=form, person=staff)


def _second_factor(token: str, staff: Staff) -> str | AnyResponse:
    form = CodeForm()
    try:
        kept, secret = _unseal(token, form.pending.data)
    except Unreadable:
        return redirect(url_for("doors.invitation", token=token), 303)
    if form.validate_on_submit():
        try:
            staff = accounts.accept(db.session, _box(), key(), token, kept, secret, form.code.data, now())
        except Refusal as refusal:
            wrong(form.code, refusal)
        else:
            let_in(staff, BOTH_FACTORS)
            flash(gettext("Uw toegang is klaar. U bent ingelogd."), "success")
            return redirect(_home(staff), 303)
    return _show_code(form, staff, accounts.enrolment(staff, secret))


def _show_code(form: CodeForm, staff: Staff, enrolment: accounts.Enrolment) -> str:
    groups = [enrolment.secret[start : start + 4] for start in range(0, len(enrolment.secret), 4)]
    drawn = qr.svg(enrolment.uri).replace("<svg ", '<svg width="240" height="240" aria-hidden="true" ', 1)
    return render_template(
        "consult/doors/code.html", form=form, person=staff, qr=Markup(drawn), groups=groups, uri=enrolment.uri
    )


def _seal(token: str, *texts: str) -> str:
    sealed = _box().seal(json.dumps(texts).encode(), f"enrolment {token}", token_bytes(NONCE))
    return urlsafe_b64encode(sealed).decode()


def _unseal(token: str, pending: str) -> tuple[str, str]:
    try:
        sealed = urlsafe_b64decode(pending.encode())
    except ValueError as error:
        raise Unreadable() from error
    kept, secret = json.loads(_box().open(sealed, f"enrolment {token}"))
    return kept, secret


# The demo: everybody of the fictional town, and a way in


@doors.get("/demo")
@open_to(EVERYONE)
def demo() -> str:
    """The people of the town, with fresh links that log them in once."""
    _demo_or_404()
    here = town()
    return render_template(
        "consult/doors/demo.html",
        people=[
            (staff, *words(staff), accounts.demo_link(key(), staff, now()))
            for staff in (accounts.people(db.session, here) if here else [])
            if staff.active
        ],
    )


@doors.route("/demo/inloggen/<token>", methods=["GET", "POST"])
@open_to(EVERYONE)
def demo_log_in(token: str) -> str | AnyResponse:
    """Log somebody of the fictional town in, on a button: opening the link uses nothing."""
    _demo_or_404()
    if request.method == "POST":
        staff = accounts.demo_log_in(db.session, key(), token, now())
        let_in(staff, DEMO_LINK)
        return redirect(_home(staff), 303)
    staff = accounts.demo_person(db.session, key(), token, now())
    function, may = words(staff)
    return render_template("consult/doors/demo_log_in.html", person=staff, function=function, may=may)


def _demo_or_404() -> None:
    if not demo_on():
        abort(404)


def _box() -> SecretBox:
    return SecretBox(key())
