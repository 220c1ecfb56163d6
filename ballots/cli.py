"""`flask ballots …`: what the voting machine does from a command line.

Plain click: no app context, no database, no secret. What a command needs is imported when it runs,
so that `flask --help` stays quick.
"""

import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import with_appcontext

if TYPE_CHECKING:
    from ballots.pabulib.recount import FileCount
    from ballots.paper import Money

ballots = click.Group("ballots", help="Stemmen tellen en naspelen.")


@ballots.command("count")
@click.argument("files", nargs=-1, required=True, metavar="BESTAND…", type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="Schrijf per bestand één regel JSON.")
@click.option("--explain", is_flag=True, help="Vertel van elke keuze waarom die wint of niet.")
def count_files(files: tuple[str, ...], as_json: bool, explain: bool) -> None:
    """Tel stembestanden van Pabulib (.pb) na."""
    failed = False
    for given in files:
        try:
            text = _json(given) if as_json else _in_words(given, explain)
        except Exception as error:  # one bad file must not cost the others their count
            failed = True
            sentence = _sentence(error)
            text = json.dumps({"file": given, "error": sentence}) if as_json else f"{given}: {sentence}"
        click.echo(text)
    if failed:
        sys.exit(1)


def _json(given: str) -> str:
    from ballots.pabulib import reading, recount

    return json.dumps(recount.as_line(given, recount.count(reading.read_path(given))))


def _in_words(given: str, explain: bool) -> str:
    """Return the count of a file as a person reads it: how it ended, a table, what is odd about the file."""
    from ballots.pabulib import reading, recount

    counted = recount.count(reading.read_path(given))
    lines = [f"{counted.title or given} ({given})", "", _explained(counted) if explain else _table(counted)]
    return "\n".join([*lines, *(f"Let op: {remark}" for remark in counted.remarks), ""])


def _explained(counted: "FileCount") -> str:
    """Return everything an outcome tells: for each option why it won or did not."""
    from ballots import explain
    from ballots.pabulib import recount

    money = _money(counted)
    result = explain.result(
        counted.outcome,
        counted,
        money=money,
        enough=recount.enough(counted),
        rule=counted.rule,
        ballots=counted,
    )
    return explain.as_text(result)


def _table(counted: "FileCount") -> str:
    """Return how it ended in one sentence, and what each option scores and costs."""
    from ballots import explain
    from ballots.explaining.words import written

    outcome, money = counted.outcome, _money(counted)
    state = dict.fromkeys(outcome.winners, "gekozen") | {id: "deels" for id, _ in outcome.part_funded}
    state |= {id: "gelijk" for tie in outcome.ties for id in tie}
    lines = [explain.headline(outcome, counted), ""]
    for option in sorted(counted.options, key=lambda option: -outcome.score[option.id]):
        score = written(outcome.score[option.id])
        lines.append(f"{score:>9}  {money(option.cost):>14}  {state.get(option.id, ''):8} {option.label}")
    return "\n".join([*lines, ""])


def _money(counted: "FileCount") -> Callable[["Money"], str]:
    """Return what writes an amount in the file's currency."""
    from ballots import money

    currency = "€" if counted.currency in ("", "EUR") else counted.currency
    return lambda amount: money.in_words(amount, currency)


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
    from ballots import explain, rehearsal
    from ballots.pabulib import reading, recount

    try:
        pb = reading.read_path(file)
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
        click.echo(json.dumps(recount.as_line(file, done.counted) | facts))
    else:
        click.echo(f"{done.cast} stemmen uitgebracht, {done.refused} geweigerd, {done.seconds:.1f} seconden.")
        click.echo(explain.headline(done.counted.outcome, done.counted, done.counted.rule))
