"""Counter: the staff entrance. Who is let in, to which pages, and how somebody gets their keys.

The one place where the access rule of a view is enforced: `guard`, before each request.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from secrets import token_bytes, token_urlsafe
from typing import Any
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext, lazy_gettext
from flask_login import LoginManager, current_user, login_user, logout_user
from flask_wtf import FlaskForm
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse
from wtforms import (
    EmailField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
)
from wtforms.validators import EqualTo, InputRequired, Length

from ballots import qr
from ballots.access import EVERYONE, open_to, rule
from ballots.database import db
from ballots.refusals import Refusal
from ballots.web import now, said
from ballots.words import N_
from consult import accounts
from consult.models import Role, Staff
from consult.pages import town
from consult.refusals import EmailTaken, EmailWrong, WijkElsewhere, WijkMissing, WijkNeedless
from consult.secrets import NONCE, SecretBox, Unreadable

SESSION = timedelta(hours=8)
BOTH_FACTORS, DEMO_LINK = "password and code", "demo link"  # how somebody got in

# What a role is called, and what it may do.
ROLES = {
    Role.GEMEENTE: (
        N_("Gemeente"),
        N_("Bereidt een wijkraadpleging voor, laat de brieven drukken en geeft de voucher uit."),
    ),
    Role.REGIEGROEP: (N_("Regiegroep"), N_("Ziet de plannen van de wijk en beslist erover.")),
    Role.BEHEERDER: (N_("Beheerder"), N_("Geeft mensen toegang. Kan niet bij de plannen.")),
}
HOMES = {Role.GEMEENTE: "office.home", Role.BEHEERDER: "office.home", Role.REGIEGROEP: "steering.home"}


class Manager(LoginManager):
    """Flask-Login, but quiet towards who is not logged in: their pages must not set or clear any cookie."""

    def _session_protection_failed(self) -> bool:
        return "_user_id" in session and bool(super()._session_protection_failed())


manager = Manager()
manager.session_protection = "strong"  # works as long as sessions are not permanent
manager.login_view = "doors.log_in"
manager.login_message = N_("Log in om deze pagina te openen.")

doors = Blueprint("doors", __name__)


class Person:
    """Somebody who is logged in, to Flask-Login; for the rest, the row of `Staff` itself."""

    is_authenticated = True
    is_anonymous = False

    def __init__(self, staff: Staff) -> None:
        self.staff = staff

    @property
    def is_active(self) -> bool:
        return self.staff.active

    def get_id(self) -> str:
        return f"{self.staff.id}.{accounts.mark(self.staff)}"

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["staff"], name)


def guard() -> AnyResponse | None:
    """Let a request through if the rule of its view allows it; before each request."""
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None:
        return None
    who = rule(view) or frozenset()
    if EVERYONE in who:
        return None
    if not current_user.is_authenticated:
        back = request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else None
        return redirect(url_for("doors.log_in", next=back), 303)
    if current_user.role not in who:
        abort(403)
    return None


def me() -> Staff:
    """Return who is logged in; only for views that are not open to everyone."""
    staff: Staff = current_user.staff
    return staff


def _who(id: str) -> Person | None:
    """Return who a session is of, as long as it is good: asked anew on each request."""
    number, _, mark = id.partition(".")
    if session.get("factor") != BOTH_FACTORS and not (session.get("factor") == DEMO_LINK and _demo()):
        return None
    if not 0 <= now().timestamp() - session.get("since", 0) < SESSION.total_seconds():
        return None
    if accounts.ended(db.session, session.get("login", "")):
        return None
    staff = db.session.get(Staff, int(number))
    return Person(staff) if staff and staff.active and accounts.mark(staff) == mark else None


manager.user_loader(_who)


def _let_in(staff: Staff, factor: str) -> None:
    session.clear()
    session.update(factor=factor, since=int(now().timestamp()), login=token_urlsafe(16))
    login_user(Person(staff))


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
            _let_in(staff, BOTH_FACTORS)
            return redirect(back or _home(staff), 303)
    message = gettext(manager.login_message) if back else None
    return render_template("consult/doors/log_in.html", form=form, back=back, message=message, demo=_demo())


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
    staff = accounts.invited(db.session, _key(), token, now())
    if "pending" in request.form:
        return _second_factor(token, staff)
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            kept = accounts.hashed(staff, form.password.data)
        except Refusal as refusal:
            _wrong(form.password, refusal)
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
            staff = accounts.accept(db.session, _box(), _key(), token, kept, secret, form.code.data, now())
        except Refusal as refusal:
            _wrong(form.code, refusal)
        else:
            _let_in(staff, BOTH_FACTORS)
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
            (staff, *_words(staff), accounts.demo_link(_key(), staff, now()))
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
        staff = accounts.demo_log_in(db.session, _key(), token, now())
        _let_in(staff, DEMO_LINK)
        return redirect(_home(staff), 303)
    staff = accounts.demo_person(db.session, _key(), token, now())
    function, may = _words(staff)
    return render_template("consult/doors/demo_log_in.html", person=staff, function=function, may=may)


def _demo() -> bool:
    return str(current_app.config.get("DEMO")) in ("1", "True")


def _demo_or_404() -> None:
    if not _demo():
        abort(404)


# The beheerder gives and takes access


class PersonForm(FlaskForm):
    """Somebody new."""

    name = StringField(
        lazy_gettext("Naam"), [InputRequired(lazy_gettext("Vul de naam in.")), Length(max=120)]
    )
    email = EmailField(
        lazy_gettext("E-mailadres"),
        [InputRequired(lazy_gettext("Vul het e-mailadres in.")), Length(max=200)],
        description=lazy_gettext("Hiermee logt deze persoon in."),
    )
    role = RadioField(lazy_gettext("Functie"), [InputRequired(lazy_gettext("Kies de functie."))])
    wijk = SelectField(
        lazy_gettext("Wijk"), [], description=lazy_gettext("Alleen voor iemand van een regiegroep.")
    )


@doors.get("/beheer/mensen")
@open_to(Role.BEHEERDER)
def people() -> str:
    """Everybody who has or had access."""
    shown = [(each, *_words(each), _state(each)) for each in accounts.people(db.session, me().town)]
    return render_template("consult/doors/people.html", people=shown)


@doors.route("/beheer/mensen/nieuw", methods=["GET", "POST"])
@open_to(Role.BEHEERDER)
def add_person() -> str:
    """Give somebody access, and show the invitation."""
    by = me()
    form = PersonForm()
    form.role.choices = [
        SelectChoice(role.value, f"{gettext(name)}: {gettext(may)}") for role, (name, may) in ROLES.items()
    ]
    wijken = {str(wijk.id): wijk for wijk in by.town.wijken}
    form.wijk.choices = [
        SelectChoice("", gettext("Geen wijk")),
        *(SelectChoice(id, wijk.name) for id, wijk in wijken.items()),
    ]
    if form.validate_on_submit():
        wijk, role = wijken.get(form.wijk.data), Role(form.role.data)
        try:
            staff = accounts.add(
                db.session,
                by.town,
                wijk,
                form.name.data,
                form.email.data,
                role,
                accounts.signature(by),
                now(),
            )
        except (EmailWrong, EmailTaken) as refusal:
            _wrong(form.email, refusal)
        except (WijkMissing, WijkNeedless, WijkElsewhere) as refusal:
            _wrong(form.wijk, refusal)
        except Refusal as refusal:
            _wrong(form.name, refusal)
        else:
            return _invite(staff)
    return render_template("consult/doors/add_person.html", form=form)


@doors.get("/beheer/mensen/<int:id>")
@open_to(Role.BEHEERDER)
def person(id: int) -> str:
    """One person, and what the beheerder can do."""
    staff = _person_or_404(id)
    function, may = _words(staff)
    return render_template(
        "consult/doors/person.html",
        person=staff,
        function=function,
        may=may,
        state=_state(staff),
        myself=staff.id == me().id,
    )


@doors.post("/beheer/mensen/<int:id>/stoppen")
@open_to(Role.BEHEERDER)
def deactivate(id: int) -> AnyResponse:
    """Stop somebody's access."""
    staff = _person_or_404(id)
    accounts.deactivate(db.session, staff, me(), now())
    flash(gettext("%(name)s kan niet meer inloggen.", name=staff.name), "success")
    return redirect(url_for("doors.person", id=id), 303)


@doors.post("/beheer/mensen/<int:id>/hervatten")
@open_to(Role.BEHEERDER)
def activate(id: int) -> AnyResponse:
    """Let somebody in again."""
    staff = _person_or_404(id)
    accounts.activate(db.session, staff, me(), now())
    flash(gettext("%(name)s kan weer inloggen.", name=staff.name), "success")
    return redirect(url_for("doors.person", id=id), 303)


@doors.post("/beheer/mensen/<int:id>/opnieuw")
@open_to(Role.BEHEERDER)
def reset(id: int) -> str:
    """Clear somebody's password and second factor, and show a new invitation."""
    staff = _person_or_404(id)
    accounts.reset(db.session, staff, me(), now())
    return _invite(staff)


def _invite(staff: Staff) -> str:
    """Show an invitation: this once, since it is kept nowhere."""
    token = accounts.invitation(_key(), staff, now())
    link = url_for("doors.invitation", token=token, _external=True)
    return render_template("consult/doors/invited.html", person=staff, link=link)


def _person_or_404(id: int) -> Staff:
    staff = db.session.get(Staff, id)
    return staff if staff and staff.town_id == me().town_id else abort(404)


def _words(staff: Staff) -> tuple[str, str]:
    """Return what somebody's function is called, with the wijk, and what it may do."""
    name, may = ROLES[staff.role]
    function = f"{gettext(name)} {staff.wijk.name}" if staff.wijk else gettext(name)
    return function, gettext(may)


def _state(staff: Staff) -> tuple[str, str]:
    """Return how somebody's access stands, in words, and the kind of tag."""
    if not staff.active:
        return gettext("gestopt"), "neutral"
    if not accounts.enrolled(staff):
        return gettext("uitgenodigd"), "info"
    if staff.locked_until and staff.locked_until > now():
        return gettext("tijdelijk op slot"), "warning"
    return gettext("heeft toegang"), "success"


def _wrong(field: Any, refusal: Refusal) -> None:
    field.errors = [*field.errors, said(refusal)]


def _box() -> SecretBox:
    return SecretBox(_key())


def _key() -> str:
    key: str = current_app.config["SECRET_KEY"]
    return key
