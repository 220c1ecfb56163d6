"""Counter: the command line of the policy: flask consult …, flask town …, flask tick."""

from pathlib import Path

import click
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import select

from ballots.database import db
from ballots.money import parse
from ballots.terminal import plainly
from ballots.web import now, vault
from consult import consultations, dossier, towns
from consult.accounts import COMMAND_LINE
from consult.models import Consultation
from consult.rules import DEFAULT_LIMIT

consult = click.Group("consult", help="Wijkraadplegingen en buurtstemmingen: dossiers.")


@consult.command("list")
@with_appcontext
def list_() -> None:
    """Laat alle wijkraadplegingen en buurtstemmingen zien, met hun nummer."""
    with plainly():
        for found in db.session.scalars(select(Consultation).order_by(Consultation.id)):
            phase = str(found.poll.phase(now())) if found.poll else "draft"
            wijk = found.wijk
            click.echo(f"{found.id}  {phase:<10}  {wijk.town.name}, {wijk.name}: {found.subject}")


@consult.command("export")
@click.argument("id", type=int)
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def export(id: int, out: Path) -> None:
    """Schrijf het dossier van wijkraadpleging of buurtstemming ID naar OUT.zip."""
    with plainly():
        found = db.session.get(Consultation, id)
        if found is None:
            raise click.ClickException(f"Er is geen stemming met nummer {id}.")
        out.write_bytes(dossier.build(db.session, vault(), found))
    click.echo(f"Het dossier staat in {out}.")


@click.command("tick")
@with_appcontext
def tick() -> None:
    """Doe wat nu moet gebeuren: openen, sluiten en tellen. Mag zo vaak als u wilt."""
    with plainly():
        found = consultations.ticked(db.session, vault(), now())
    for line in found.done:
        click.echo(line)
    for of, refusal in found.waits:
        click.echo(f"Niet gelukt, {of}: {refusal}", err=True)
    if found.waits:
        raise click.exceptions.Exit(1)


town_commands = AppGroup("town", help="Gemeenten en hun wijken.")


@town_commands.command("add")
@click.option("--name", required=True, help="Naam van de gemeente.")
@click.option(
    "--url", required=True, help="Webadres op de brieven, bijvoorbeeld https://stem.voorbeeldstad.nl."
)
@click.option("--address", required=True, help="Afzender van de brieven; regels gescheiden door een komma.")
@click.option("--phone", required=True, help="Telefoonnummer op de brieven.")
@click.option("--email", required=True, help="E-mailadres op de brieven.")
@click.option("--accent", default="#1f5c48", show_default=True, help="Kleur van de gemeente.")
@click.option(
    "--limit",
    default=str(DEFAULT_LIMIT // 100),
    show_default=True,
    help="Grens in euro voor een wijkraadpleging.",
)
def add_town(name: str, url: str, address: str, phone: str, email: str, accent: str, limit: str) -> None:
    """Voeg een gemeente toe."""
    with plainly():
        lines = "\n".join(line.strip() for line in address.split(","))
        towns.add(db.session, name, url, lines, phone, email, accent, parse(limit), COMMAND_LINE, now())
    click.echo(f"{name} is toegevoegd. Voeg nu wijken toe met: flask town wijk {name!r} NAAM")


@town_commands.command("theme")
@click.argument("town")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def set_theme(town: str, file: Path | None) -> None:
    """Geef gemeente TOWN de huisstijl in FILE (.css, NL Design System); zonder FILE weer de onze."""
    with plainly():
        tokens = towns.set_theme(db.session, town, file.read_bytes() if file else None, COMMAND_LINE, now())
    for name, value in tokens.items():
        click.echo(f"{name}: {value}")
    click.echo(f"De huisstijl van {town} is bijgewerkt. Bekijk hem op /stijl.")


@town_commands.command("wijk")
@click.argument("town")
@click.argument("name")
def add_wijk(town: str, name: str) -> None:
    """Voeg wijk NAME toe aan gemeente TOWN."""
    with plainly():
        towns.add_wijk(db.session, town, name, COMMAND_LINE, now())
    click.echo(f"{name} is toegevoegd aan {town}.")
