"""The command line: towns, the tick, and one sentence for whatever goes wrong."""

from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import event

from ballots.database import db
from consult.models import Town
from consult.refusals import TickFailed
from tests.consult.conftest import Place


def run(place: Place, *arguments: str) -> Result:
    result = place.app.test_cli_runner().invoke(args=list(arguments))
    place.look()
    return result


NEW = [
    "--name",
    "Lindehaven",
    "--url",
    "https://stem.lindehaven.nl",
    "--phone",
    "14 012",
    "--email",
    "a@l.nl",
]


def test_a_town_and_its_wijken(place: Place) -> None:
    made = run(place, "town", "add", *NEW, "--address", "Gemeente Lindehaven, Markt 1 , 1234 AB")
    assert (made.exit_code, "Lindehaven is toegevoegd." in made.output) == (0, True)
    town = place.session.query(Town).filter_by(name="Lindehaven").one()
    assert town.limit == 10_000_00
    assert town.address == "Gemeente Lindehaven\nMarkt 1\n1234 AB"
    wijk = run(place, "town", "wijk", "Lindehaven", "De Linden")
    assert wijk.output == "De Linden is toegevoegd aan Lindehaven.\n"
    assert [each.slug for each in town.wijken] == ["de-linden"]


@pytest.mark.parametrize(("typed", "cents"), [("5000", 5_000_00), ("7.500,50", 7_500_50), ("0", 0)])
def test_a_line_of_its_own(place: Place, typed: str, cents: int) -> None:
    assert run(place, "town", "add", *NEW, "--address", "Markt 1", "--limit", typed).exit_code == 0
    assert place.town("Lindehaven").limit == cents


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["town", "add", *NEW, "--address", "Markt 1", "--limit", "veel"], "geen bedrag"),
        (["town", "add", *NEW, "--address", "Markt 1", "--accent", "groen"], "De kleur is"),
        (["town", "add", *NEW, "--address", "Markt 1", "--url", "lindehaven.nl"], "Het webadres moet"),
        (["town", "add", *NEW, "--address", " "], "nog niet ingevuld"),
        (["town", "add", *NEW, "--address", "Markt 1", "--name", "Elders"], "Elders is al gebruikt"),
        (["town", "wijk", "Nergens", "West"], "De gemeente Nergens is er niet"),
        (["town", "wijk", "Voorbeeldstad", "noord"], "al gebruikt"),
    ],
)
def test_one_sentence_for_what_is_wrong(place: Place, arguments: list[str], said: str) -> None:
    before = place.dump()
    done = run(place, *arguments)
    assert done.exit_code == 1
    assert len(done.output.splitlines()) == 1
    assert said in done.output
    assert "%(" not in done.output
    assert place.dump() == before


def test_tick(place: Place) -> None:
    assert run(place, "tick").output == ""
    draft = place.draft(place.plan(title="Bankjes"))
    place.vote(place.freeze(draft), {"voor": 2})
    place.printed(draft)
    assert run(place, "tick").output == "geopend: Bankjes\n"
    place.later(days=4)
    assert (
        run(place, "tick").output
        == "gesloten en geteld: Bankjes\nnagerekend en sleutels vernietigd: Bankjes\n"
    )
    again = run(place, "tick")
    assert (again.exit_code, again.output) == (0, "")


def test_a_tick_that_fails_says_of_what_and_does_the_rest(place: Place) -> None:
    broken, sound = place.draft(place.plan(title="Stuk")), place.draft(place.plan(title="Heel"))
    for draft in (broken, sound):
        place.vote(place.freeze(draft), {"voor": 2})
    mark = place.vault.folder.parent / "board" / f"{place.poll(broken).id.hex()}.json"
    mark.parent.mkdir(exist_ok=True)
    mark.write_text("no mark")
    place.later(days=4)
    done = run(place, "tick")
    assert done.exit_code == 1
    assert "gesloten en geteld: Heel" in done.stdout
    assert "Stuk" not in done.stdout.replace("geopend: Stuk", "")
    said = [line for line in done.stderr.splitlines() if line.startswith("Niet gelukt")]
    assert said == [f"Niet gelukt, Stuk: {TickFailed()}"]


def test_list(place: Place) -> None:
    assert run(place, "consult", "list").output == ""
    draft = place.draft(place.plan(title="Bankjes"))
    open_ = place.draft(place.plan(title="Muur"), days=(0, 4))
    place.freeze(open_)
    listed = run(place, "consult", "list").output.splitlines()
    assert [line.split() for line in listed] == [
        [str(draft.id), "draft", "Voorbeeldstad,", "Noord:", "Bankjes"],
        [str(open_.id), "open", "Voorbeeldstad,", "Noord:", "Muur"],
    ]


def test_a_tick_that_does_not_add_up_is_one_sentence(place: Place) -> None:
    draft = place.draft(place.plan())
    place.vote(place.freeze(draft), {"voor": 2})
    place.force("DELETE FROM inbox WHERE id = (SELECT min(id) FROM inbox)")
    place.later(days=4)
    done = run(place, "tick")
    assert done.exit_code == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(
        f"Niet gelukt, {draft.subject}: De telling klopt niet: 12 brieven, waarvan 2 gebruikt"
    )
    assert place.poll(draft).closed_at is None


def no_page_more(connection: Any, record: Any) -> None:
    connection.execute("PRAGMA max_page_count = 1")  # of SQLite: what there is, and nothing more


def test_one_sentence_when_the_disk_is_full(place: Place) -> None:
    """On SQLite; on PostgreSQL it is in `tests/trust/test_full_disk_postgresql.py`."""
    before = place.dump()
    with place.app.app_context():
        event.listen(db.engine, "connect", no_page_more)
        db.engine.dispose()
    said = run(place, "town", "add", *NEW, "--address", "Markt 1" * 100_000)
    assert said.exit_code == 1
    assert said.output == (
        "Error: De schijf van de database is vol. Wat al klaar was, is bewaard; de rest niet. "
        "Maak ruimte en probeer het opnieuw.\n"
    )
    assert place.dump() == before
