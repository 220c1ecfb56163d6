"""`flask ballots …`: what the voting machine does from a command line.

Plain click: no app context, no database, no secret. What a command needs is imported when it runs,
so that `flask --help` stays quick.
"""

import json
import sys

import click
from flask import current_app
from flask.cli import with_appcontext

ballots = click.Group("ballots", help="Stemmen tellen en naspelen.")


@ballots.command("count")
@click.argument("files", nargs=-1, required=True, metavar="BESTAND…", type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="Schrijf per bestand één regel JSON.")
def count_files(files: tuple[str, ...], as_json: bool) -> None:
    """Tel stembestanden van Pabulib (.pb) na."""
    failed = False
    for given in files:
        try:
            text = _json(given) if as_json else _in_words(given)
        except Exception as error:  # one bad file must not cost the others their count
            failed = True
            sentence = _sentence(error)
            text = json.dumps({"file": given, "error": sentence}) if as_json else f"{given}: {sentence}"
        click.echo(text)
    if failed:
        sys.exit(1)


def _json(given: str) -> str:
    from ballots import filecount

    return json.dumps(filecount.as_line(given, filecount.count(filecount.read_path(given))))


def _in_words(given: str) -> str:
    """Return the count of a file as a person reads it: a table, the steps, what is odd about the file."""
    from ballots import explain, filecount, money

    counted = filecount.count(filecount.read_path(given))
    outcome, currency = counted.outcome, counted.currency or "€"
    if currency == "EUR":
        currency = "€"
    parts = dict(outcome.part_funded)
    lines = [f"{counted.title or given} ({given})", explain.headline(outcome, counted), ""]
    by_score = sorted(counted.options, key=lambda option: -outcome.score[option.id])
    for option in by_score:
        won = "gekozen" if option.id in outcome.winners else "deels" if option.id in parts else ""
        cost = money.in_words(option.cost, currency)
        lines.append(
            f"{explain.votes_in_words(outcome.score[option.id]):>14}  {cost:>14}  {won:8} {option.label}"
        )
    lines.append("")
    lines += explain.sentences(outcome, counted, lambda amount: money.in_words(amount, currency))
    lines += [f"Let op: {remark}" for remark in counted.remarks]
    return "\n".join(lines) + "\n"


def _sentence(error: Exception) -> str:
    from ballots.refusals import Refusal

    if isinstance(error, Refusal):
        return str(error)
    if isinstance(error, OSError):
        return f"{error.filename or 'Dit bestand'}: {error.strerror}."
    return f"Dit bestand kan niet worden geteld door een fout in het programma ({type(error).__name__})."


@ballots.command("rehearse")
@click.argument("file", metavar="BESTAND", type=click.Path())
@click.option("--voters", type=click.IntRange(min=1), help="Alleen de eerste zoveel kiezers uit het bestand.")
@click.option(
    "--bundle",
    type=click.Path(dir_okay=False),
    help="Schrijf wat van de stemming bewaard wordt naar deze zip.",
)
@click.option("--json", "as_json", is_flag=True, help="Schrijf de uitslag als één regel JSON.")
@with_appcontext
def rehearse_file(file: str, voters: int | None, bundle: str | None, as_json: bool) -> None:
    """Speel een stembestand na: echte brieven, elke stem over HTTP, in een tijdelijke database."""
    from ballots import explain, filecount, rehearsal

    try:
        pb = filecount.read_path(file)
        if bundle:
            open(bundle, "ab").close()  # a place that cannot be written is told before the work, not after
        most = min(voters or len(pb.votes), len(pb.votes))
        with click.progressbar(length=most, label=file, file=sys.stderr) as bar:
            done = rehearsal.rehearse(
                current_app.config["FACTORY"], pb, voters, lambda n: bar.update(n - bar.pos)
            )
        if bundle:
            with open(bundle, "wb") as out:
                out.write(done.bundle)
    except Exception as error:  # whatever goes wrong with a file is one sentence
        sentence = _sentence(error)
        click.echo(json.dumps({"file": file, "error": sentence}) if as_json else f"{file}: {sentence}")
        sys.exit(1)
    if as_json:
        facts = {"cast": done.cast, "refused": done.refused, "seconds": round(done.seconds, 3)}
        click.echo(json.dumps(filecount.as_line(file, done.counted) | facts))
    else:
        click.echo(f"{done.cast} stemmen uitgebracht, {done.refused} geweigerd, {done.seconds:.1f} seconden.")
        click.echo(explain.headline(done.counted.outcome, done.counted))
