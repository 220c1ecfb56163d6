"""Counter: `flask staff`, for the first beheerder and for when nobody can log in any more."""

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import select

from ballots.database import db
from ballots.terminal import plainly
from ballots.web import now
from consult import accounts
from consult.models import Role, Staff, Town, Wijk
from consult.staff import invitation_link

staff_commands = AppGroup("staff", help="Mensen die inloggen: toegang geven, lijst, opnieuw.")


@staff_commands.command("add")
@click.option("--town", "town_name", required=True, help="Naam van de gemeente.")
@click.option("--email", required=True, help="E-mailadres om mee in te loggen.")
@click.option("--name", required=True, help="Naam van de persoon.")
@click.option(
    "--role", required=True, type=click.Choice([role.value for role in Role]), help="Wat deze persoon mag."
)
@click.option("--wijk", "wijk_name", help="De wijk, bij een lid van een regiegroep.")
def add(town_name: str, email: str, name: str, role: str, wijk_name: str | None) -> None:
    """Geef iemand toegang, en druk de uitnodiging af."""
    with plainly():
        key = _key()
        town = _town(town_name)
        wijk = _wijk(town, wijk_name) if wijk_name else None
        person = accounts.add(db.session, town, wijk, name, email, Role(role), accounts.COMMAND_LINE, now())
        _print_invitation(key, person)


@staff_commands.command("list")
def list_() -> None:
    """Laat zien wie toegang heeft of had."""
    with plainly():
        for person in db.session.scalars(select(Staff).order_by(Staff.town_id, Staff.name)):
            where = f"{person.town.name}, {person.wijk.name}" if person.wijk else person.town.name
            state = "toegang" if accounts.enrolled(person) else "uitgenodigd"
            state = state if person.active else "gestopt"
            click.echo(f"{person.email}  {person.name}  {person.role}  {where}  {state}")


@staff_commands.command("reset")
@click.argument("email")
def reset(email: str) -> None:
    """Wis wachtwoord en tweede factor van EMAIL, en druk een nieuwe uitnodiging af."""
    with plainly():
        key = _key()
        person = accounts.find(db.session, email)
        if person is None:
            raise click.ClickException(f"Niemand heeft toegang met {email}. Kijk met: flask staff list")
        accounts.reset(db.session, person, None, now())
        _print_invitation(key, person)


def _key() -> str:
    key: str | None = current_app.config["SECRET_KEY"]
    if not key:
        raise click.ClickException(
            "SECRET_KEY ontbreekt. Zonder die sleutel kan geen uitnodiging worden gemaakt."
        )
    return key


def _town(name: str) -> Town:
    town = db.session.scalar(select(Town).where(Town.name == name))
    if town is None:
        there = ", ".join(db.session.scalars(select(Town.name).order_by(Town.name))) or "nog geen enkele"
        raise click.ClickException(f"De gemeente {name} is er niet. Wel: {there}.")
    return town


def _wijk(town: Town, name: str) -> Wijk:
    for wijk in town.wijken:
        if name in (wijk.name, wijk.slug):
            return wijk
    there = ", ".join(wijk.name for wijk in town.wijken) or "nog geen enkele"
    raise click.ClickException(f"De wijk {name} is er niet in {town.name}. Wel: {there}.")


def _print_invitation(key: str, person: Staff) -> None:
    link = invitation_link(key, person)
    click.echo(f"Uitnodiging voor {person.name}, 7 dagen geldig en één keer te gebruiken:")
    click.echo(link)
