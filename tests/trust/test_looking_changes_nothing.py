"""GET, HEAD and OPTIONS change nothing: every route of the app, as everybody, with the database compared."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from ballots import receipts
from ballots.models import Poll
from consult import accounts
from tests.consult.conftest import KEY, SITE, Full, Place

METHODS = ("GET", "HEAD", "OPTIONS")
STATES = ("open", "closed", "draft")

# Routes that must show something, lest the test looks at refusals only.
SHOWN = {
    "nobody": {"booth.enter_code", "booth.receipt", "public.home", "public.consultation", "doors.log_in"},
    "beheerder": {"people.everybody", "people.person"},
    "gemeente": {
        "wizard.show",
        "wizard.question",
        "wizard.export",
        "finance.printed",
        "office.plan",
        "roll.show",
    },
    "regiegroep": {"steering.home", "steering.plan"},
}


def paths(app: Flask, rule: Rule, ids: list[int], tokens: list[str]) -> list[str]:
    """Return addresses of this route: with ids that are there and one that is not, with tokens good and bad."""
    adapter = app.url_map.bind("localhost")
    tried: list[dict[str, int | str]] = [{}]
    for name in sorted(rule.arguments):
        values: list[int] | list[str] = ids if f"<int:{name}>" in rule.rule else tokens
        tried = [{**each, name: value} for each in tried for value in values]
    return [str(adapter.build(rule.endpoint, each)) for each in tried]


def files(folder: Path) -> dict[str, bytes]:
    """Return every file of the service but the database, which is compared by its rows."""
    every = (path for path in folder.rglob("*") if path.is_file() and ".db" not in path.name)
    return {str(path): path.read_bytes() for path in every}


def a_poll(place: Place) -> bytes:
    found: bytes = place.session.scalars(select(Poll.id)).first() or b""
    return found


@pytest.mark.parametrize("service", ["full", "full_on_postgresql"])
@pytest.mark.parametrize("who", SHOWN)
def test_looking_changes_nothing(service: str, who: str, request: pytest.FixtureRequest) -> None:
    """Every route answers every function without an error of ours, on both databases, and writes nothing."""
    full: Full = request.getfixturevalue(service)
    place = full.place
    client = (place.anonymous() if who == "nobody" else full.browsers[who]).client
    ids = [*(full.consultations[state] for state in STATES), full.plans["ready"], 1, 99_999]
    person = accounts.find(place.session, "samira@voorbeeld.nl")
    assert person
    tokens = [
        "noord",
        "x",
        receipts.wrap(KEY, place.now.date(), a_poll(place), (bytes(10),)),
        accounts.invitation(KEY, person, place.now),
        accounts.demo_link(KEY, person, place.now),
    ]
    place.session.rollback()
    before, kept, seen = place.dump(), files(place.folder), set()
    for rule in place.app.url_map.iter_rules():
        if rule.build_only:
            continue
        for path in paths(place.app, rule, sorted(set(ids)), tokens):
            for method in METHODS:
                with client.open(path, method=method, base_url=SITE) as answer:
                    answer.get_data()
                assert answer.status_code < 500, (method, path)
                if answer.status_code == 200 and method == "GET":
                    seen.add(rule.endpoint)
        assert place.dump() == before, (rule.endpoint, who)
    assert files(place.folder) == kept
    assert SHOWN[who] <= seen


def test_a_look_that_writes_one_row_is_caught(place: Place) -> None:
    """The weak variant: what a page that counts its visitors would do."""
    before = place.dump()

    @place.app.before_request
    def count_visitor() -> None:
        place.execute("INSERT INTO used_link (nonce, used_at) VALUES ('looked', '2026-06-01')")

    assert place.anonymous().get("/s").status_code == 200
    assert place.dump() != before
