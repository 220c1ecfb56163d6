"""Counter: the beheerder gives people access, and takes it away."""

from flask import (
    Blueprint,
    abort,
    flash,
    redirect,
    render_template,
    url_for,
)
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import (
    EmailField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
)
from wtforms.validators import InputRequired, Length

from ballots.access import open_to
from ballots.database import db
from ballots.refusals import Refusal
from ballots.web import now
from consult import accounts
from consult.models import Role, Staff
from consult.refusals import EmailTaken, EmailWrong, WijkElsewhere, WijkMissing, WijkNeedless
from consult.staff import ROLES, invitation_link, key, me, words, wrong

people = Blueprint("people", __name__, url_prefix="/beheer/mensen")


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


@people.get("")
@open_to(Role.BEHEERDER)
def everybody() -> str:
    """Everybody who has or had access."""
    shown = [(each, *words(each), _state(each)) for each in accounts.people(db.session, me().town)]
    return render_template("consult/people/everybody.html", people=shown)


@people.route("/nieuw", methods=["GET", "POST"])
@open_to(Role.BEHEERDER)
def add() -> str:
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
            wrong(form.email, refusal)
        except (WijkMissing, WijkNeedless, WijkElsewhere) as refusal:
            wrong(form.wijk, refusal)
        except Refusal as refusal:
            wrong(form.name, refusal)
        else:
            return _invite(staff)
    return render_template("consult/people/add.html", form=form)


@people.get("/<int:id>")
@open_to(Role.BEHEERDER)
def person(id: int) -> str:
    """One person, and what the beheerder can do."""
    staff = _person_or_404(id)
    function, may = words(staff)
    return render_template(
        "consult/people/person.html",
        person=staff,
        function=function,
        may=may,
        state=_state(staff),
        myself=staff.id == me().id,
    )


@people.post("/<int:id>/stoppen")
@open_to(Role.BEHEERDER)
def deactivate(id: int) -> AnyResponse:
    """Stop somebody's access."""
    staff = _person_or_404(id)
    accounts.deactivate(db.session, staff, me(), now())
    flash(gettext("%(name)s kan niet meer inloggen.", name=staff.name), "success")
    return redirect(url_for("people.person", id=id), 303)


@people.post("/<int:id>/hervatten")
@open_to(Role.BEHEERDER)
def activate(id: int) -> AnyResponse:
    """Let somebody in again."""
    staff = _person_or_404(id)
    accounts.activate(db.session, staff, me(), now())
    flash(gettext("%(name)s kan weer inloggen.", name=staff.name), "success")
    return redirect(url_for("people.person", id=id), 303)


@people.post("/<int:id>/opnieuw")
@open_to(Role.BEHEERDER)
def reset(id: int) -> str:
    """Clear somebody's password and second factor, and show a new invitation."""
    staff = _person_or_404(id)
    accounts.reset(db.session, staff, me(), now())
    return _invite(staff)


def _invite(staff: Staff) -> str:
    """Show an invitation: this once, since it is kept nowhere."""
    link = invitation_link(key(), staff)
    return render_template("consult/people/invited.html", person=staff, link=link)


def _person_or_404(id: int) -> Staff:
    staff = db.session.get(Staff, id)
    return staff if staff and staff.town_id == me().town_id else abort(404)


def _state(staff: Staff) -> tuple[str, str]:
    """Return how somebody's access stands, in words, and the kind of tag."""
    if not staff.active:
        return gettext("gestopt"), "neutral"
    if not accounts.enrolled(staff):
        return gettext("uitgenodigd"), "info"
    if staff.locked_until and staff.locked_until > now():
        return gettext("tijdelijk op slot"), "warning"
    return gettext("heeft toegang"), "success"
