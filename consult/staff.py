"""Who is logged in, and what they may open.

The one place where the access rule of a view is enforced: `guard`, before each request.
"""

from datetime import timedelta
from secrets import token_urlsafe
from typing import Any

from flask import (
    abort,
    current_app,
    redirect,
    request,
    session,
    url_for,
)
from flask_babel import gettext
from flask_login import LoginManager, current_user, login_user
from werkzeug.wrappers import Response as AnyResponse

from ballots.access import EVERYONE, rule
from ballots.database import db
from ballots.refusals import Refusal
from ballots.web import now, said
from ballots.words import N_
from consult import accounts
from consult.models import Role, Staff

SESSION = timedelta(hours=8)
BOTH_FACTORS, DEMO_LINK = "password and code", "demo link"  # how somebody got in

# What a role is called, and what it may do.
ROLES = {
    Role.GEMEENTE: (
        N_("Gemeente"),
        N_("Bereidt stemmingen voor, laat de brieven drukken en geeft de voucher uit."),
    ),
    Role.REGIEGROEP: (N_("Regiegroep"), N_("Ziet de plannen van de wijk en beslist erover.")),
    Role.BALIE: (N_("Balie"), N_("Wisselt brieven in voor papier en voert de papieren biljetten in.")),
    Role.SLEUTELHOUDER: (
        N_("Sleutelhouder"),
        N_("Bewaart een sleutelblad en opent na afloop samen met een ander de stembus."),
    ),
    Role.BEHEERDER: (N_("Beheerder"), N_("Geeft mensen toegang. Kan niet bij de plannen.")),
}
HOMES = {
    Role.GEMEENTE: "office.home",
    Role.BEHEERDER: "office.home",
    Role.REGIEGROEP: "steering.home",
    Role.SLEUTELHOUDER: "keyholders.home",
    Role.BALIE: "balie.home",
}


class Manager(LoginManager):
    """Flask-Login, but quiet towards who is not logged in: their pages must not set or clear any cookie."""

    def _session_protection_failed(self) -> bool:
        return "_user_id" in session and bool(super()._session_protection_failed())

    def _update_remember_cookie(self, response: AnyResponse) -> AnyResponse:
        """Do nothing: nobody is remembered past a session, and to look there makes every page one's own."""
        return response


manager = Manager()
manager.session_protection = "strong"  # works as long as sessions are not permanent
manager.login_view = "doors.log_in"
manager.login_message = N_("Log in om deze pagina te openen.")


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
    if session.get("factor") != BOTH_FACTORS and not (session.get("factor") == DEMO_LINK and demo_on()):
        return None
    if not 0 <= now().timestamp() - session.get("since", 0) < SESSION.total_seconds():
        return None
    if accounts.ended(db.session, session.get("login", "")):
        return None
    staff = db.session.get(Staff, int(number))
    return Person(staff) if staff and staff.active and accounts.mark(staff) == mark else None


manager.user_loader(_who)


def let_in(staff: Staff, factor: str) -> None:
    """Begin a session for somebody who showed who they are by this factor."""
    session.clear()
    session.update(factor=factor, since=int(now().timestamp()), login=token_urlsafe(16))
    login_user(Person(staff))


def demo_on() -> bool:
    """Say whether this is the demo."""
    return str(current_app.config.get("DEMO")) in ("1", "True")


def words(staff: Staff) -> tuple[str, str]:
    """Return what somebody's function is called, with the wijk, and what it may do."""
    name, may = ROLES[staff.role]
    function = f"{gettext(name)} {staff.wijk.name}" if staff.wijk else gettext(name)
    return function, gettext(may)


def wrong(field: Any, refusal: Refusal) -> None:
    """Show a refusal at the field of a form that caused it."""
    field.errors = [*field.errors, said(refusal)]


def key() -> str:
    """Return the secret that signs sessions and links."""
    secret: str = current_app.config["SECRET_KEY"]
    return secret


def invitation_link(secret: str, staff: Staff) -> str:
    """Return a fresh invitation, on the public address of the town, whatever this request came by."""
    token = accounts.invitation(secret, staff, now())
    with current_app.test_request_context(base_url=staff.town.base_url):
        return url_for("doors.invitation", token=token, _external=True)
