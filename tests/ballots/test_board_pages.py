"""The board for everybody: what is there before and after close, and what never is."""

import hashlib
import io
import json
import secrets
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from ballots import (
    archive,
    board,
    casting,
    checkpoints,
    codes,
    lots,
    mixing,
    published,
    records,
    replacing,
    sealing,
    web,
)
from ballots.counting.greedy import GreedyRule, Leftover
from ballots.database import db, writing
from ballots.keys import Keys
from ballots.paper import Kind, Option, Question
from ballots.published import Became
from ballots.record import Kind as RecordKind
from ballots.record import of_letters
from ballots.terms import keys as keys_of
from ballots.vault import Vault
from tests.conftest import START, Held, close_poll, hold, put, yes_no

pytestmark = pytest.mark.both

CROWD = 110  # letters: enough for a mix before close


def vote(held: Held, number: int, marking: str = "voor") -> str:
    """Cast a vote; return its control code."""
    poll, p = casting.find(db.session, held.codes[number])
    receipt = put(poll, p, [[marking]], number.to_bytes(32, "big"), START)
    return sealing.shown(receipt.commitments[0])


def at(held: Held, path: str = "") -> str:
    return f"/bord/{held.poll.id.hex()}{path}"


@pytest.fixture
def crowd(app: object, vault: Vault) -> Held:
    """A poll with votes enough to be mixed while it is open, and 110 letters."""
    held = hold(vault, yes_no(), CROWD)
    for number in range(105):
        vote(held, number, ("voor", "tegen")[number % 2])
    return held


def test_an_empty_board_shows_what_is_frozen(client: FlaskClient, held: Held) -> None:
    page = client.get(at(held)).text
    assert "Het stembord" in page
    assert "Speelplek aan de Lindelaan" in page
    definition = client.get(at(held, "/definition.json")).data
    assert hashlib.sha256(definition).digest() == held.poll.hash
    assert client.get(at(held, "/commitments.csv")).data == b"question;commitment\n"
    assert json.loads(client.get(at(held, "/records.json")).data) == []
    assert client.get(at(held, "/narekenen.py")).data.startswith(b"#!/usr/bin/env python3")


def public(held: Held) -> Keys:
    return keys_of(held.poll)


def test_a_mix_puts_a_crowd_on_the_board_and_leaves_one(client: FlaskClient, crowd: Held) -> None:
    before = client.get(at(crowd, "/controlepunt")).text
    assert mixing.mix(db.session, web.vault(), crowd.poll, START) == 55
    after = client.get(at(crowd, "/controlepunt")).text
    lines = client.get(at(crowd, "/commitments.csv")).text.splitlines()[1:]
    assert len(lines) == 55
    assert lines == sorted(lines)
    old, new = (board.read_note(each, crowd.poll.id, public(crowd).board) for each in (before, after))
    assert (old.size, new.size) == (0, 55)
    leaves = [board.leaf(int(q), bytes.fromhex(c)) for q, c in (line.split(";") for line in lines)]
    assert new.root == board.root(leaves)
    assert (
        mixing.mix(db.session, web.vault(), crowd.poll, START) == 0
    )  # fifty are left: they wait for company


@pytest.mark.parametrize(
    "name", ["openings.csv", "redemptions.csv", "outcome.json", "letters.json", "x", "../app.py"]
)
def test_nothing_of_the_count_is_there_before_close(client: FlaskClient, crowd: Held, name: str) -> None:
    mixing.mix(db.session, web.vault(), crowd.poll, START)
    assert client.get(at(crowd, f"/{name}")).status_code == 404
    assert client.get(at(crowd, "/bundel.zip")).status_code == 404


def test_after_close_everything_is_there(client: FlaskClient, crowd: Held) -> None:
    mixing.mix(db.session, web.vault(), crowd.poll, START)
    earlier = client.get(at(crowd, "/controlepunt")).text
    close_poll(crowd.poll, crowd.poll.closes)
    files = published.files(db.session, crowd.poll)
    for name, data in files.items():
        answer = client.get(at(crowd, f"/{name}"))
        assert (answer.status_code, answer.data) == (200, data), name
        assert name in client.get(at(crowd)).text
    with zipfile.ZipFile(io.BytesIO(client.get(at(crowd, "/bundel.zip")).data)) as bundle:
        assert set(bundle.namelist()) == {*files, "manifest.json", "manifest.sig"}
    then = board.read_note(earlier, crowd.poll.id, public(crowd).board)
    lines = client.get(at(crowd, "/commitments.csv")).text.splitlines()[1:]
    assert len(lines) == 105
    leaves = [board.leaf(int(q), bytes.fromhex(c)) for q, c in (line.split(";") for line in lines)]
    assert board.root(leaves[: then.size]) == then.root  # what was there then still is


def test_a_file_that_did_not_change_is_not_sent_again(client: FlaskClient, held: Held) -> None:
    first = client.get(at(held, "/definition.json"))
    again = client.get(at(held, "/definition.json"), headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def asked(client: FlaskClient, held: Held, name: str, had: str = "") -> TestResponse:
    """Ask for a file of the board, as a browser does that had it with this ETag."""
    return client.get(at(held, f"/{name}"), headers={"If-None-Match": had} if had else {}, buffered=True)


def test_what_did_not_change_is_not_even_read(client: FlaskClient, crowd: Held) -> None:
    mixing.mix(db.session, web.vault(), crowd.poll, START)
    names = ["commitments.csv", "records.json", "checkpoints.json", "definition.json"]
    had = {name: asked(client, crowd, name).headers["ETag"] for name in names}
    assert len(set(had.values())) == len(names)
    close_poll(crowd.poll, crowd.poll.closes)
    names += ["openings.csv", "redemptions.csv", "outcome.json", "manifest.json", "bundel.zip"]
    for name in names[:4]:
        assert asked(client, crowd, name, had[name]).status_code == 200
    had = {name: asked(client, crowd, name).headers["ETag"] for name in names}
    said: list[str] = []

    def heard(connection: object, cursor: object, statement: str, *rest: object) -> None:
        said.append(statement)

    event.listen(db.engine, "before_cursor_execute", heard)
    try:
        for name in names:
            again = asked(client, crowd, name, had[name])
            assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", had[name])
    finally:
        event.remove(db.engine, "before_cursor_execute", heard)
    assert said
    assert not [each for each in said if "FROM leaf" in each or "FROM box" in each or "definition" in each]


def test_what_was_made_is_made_once_and_takes_no_more_than_its_room(
    client: FlaskClient, crowd: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    mixing.mix(db.session, web.vault(), crowd.poll, START)
    first = asked(client, crowd, "commitments.csv").data
    said: list[str] = []
    event.listen(
        db.engine, "before_cursor_execute", lambda c, cursor, statement, *rest: said.append(statement)
    )
    assert asked(client, crowd, "commitments.csv").data == first
    assert not [each for each in said if "FROM leaf" in each]
    room = len(first) + 100
    monkeypatch.setattr(published, "MOST_MADE", room)
    for name in (
        "checkpoints.json",
        "records.json",
        "definition.sha256",
        "commitments.csv",
        "definition.json",
    ):
        assert asked(client, crowd, name).status_code == 200
        published._once(secrets.token_hex(4), name, lambda: bytes(50))
        assert sum(map(len, published._made.values())) <= room
    assert published._once("of a poll", "too large to keep", lambda: bytes(room + 1)) == bytes(room + 1)
    assert ("of a poll", "too large to keep") not in published._made


def test_what_changes_shows_at_the_next_request(client: FlaskClient, vault: Vault) -> None:
    """Whatever was kept, on disk or in memory, nobody gets a file of before."""
    question = Question(
        "Wat?", Kind.CHOOSE_ONE, (Option("a", "Een bank", 10_00), Option("b", "Een boom", 10_00))
    )
    rule = GreedyRule(10_00, {}, {}, Leftover.NONE, ())
    tied = replace(yes_no(), questions=(question,), rules=(rule,))
    held = hold(vault, tied, CROWD)
    for number in range(104):
        vote(held, number, ("a", "b")[number % 2])

    def void() -> None:
        replacing.void(db.session, vault, held.poll, [CROWD], "Kwam terug.", START)

    def contest() -> None:
        replacing.contest(db.session, vault, held.poll, [1], "Zij stemde niet.", held.poll.closes)

    def keep() -> None:
        archive.keep(vault, held.poll.id, published.bundled(db.session, vault, held.poll))

    def lot() -> None:
        lots.draw(db.session, held.poll, 1, ["b", "a"], ["Anna", "Bram"], held.poll.closes)

    changes: list[tuple[Callable[[], object], set[str]]] = [
        (lambda: mixing.mix(db.session, vault, held.poll, START), {"commitments.csv", "checkpoints.json"}),
        (void, {"records.json", "checkpoints.json"}),
        (lambda: close_poll(held.poll, held.poll.closes), {"commitments.csv", "checkpoints.json"}),
        (keep, set()),
        (contest, {"records.json", "checkpoints.json", "manifest.json", "bundel.zip"}),
        (keep, set()),
        (lot, {"outcome.json", "lots.json", "manifest.json", "bundel.zip"}),
        (keep, set()),
    ]
    names = [*published.LIVE, "outcome.json", "lots.json", "openings.csv", "manifest.json", "bundel.zip"]
    for change, changed in changes:
        before = {name: asked(client, held, name) for name in names}
        change()
        db.session.rollback()
        for name in names:
            now = asked(client, held, name, before[name].headers.get("ETag", ""))
            if name in changed:
                assert (now.status_code, now.data != before[name].data) == (200, True), name
            got = asked(client, held, name)
            if now.status_code == 304:
                assert got.data == before[name].data, name
            if got.status_code == 200 and name in published.LIVE:
                assert got.data == published._parts(db.session, held.poll)[name](), name
        if published.is_over(held.poll):
            whole = published.bundled(db.session, vault, held.poll)
            assert asked(client, held, "bundel.zip").data == whole
            with zipfile.ZipFile(io.BytesIO(whole)) as packed:
                assert published.names(db.session, held.poll) == packed.namelist()
                for name in packed.namelist():
                    assert asked(client, held, name).data == packed.read(name), name


def test_a_backup_put_back_shows_what_it_holds(client: FlaskClient, held: Held, vault: Vault) -> None:
    """The bundle that was kept is of a later moment: it is not shown as if it were of this database."""
    before = asked(client, held, "checkpoints.json").data
    with suppress(ZeroDivisionError), writing(db.session):
        close_poll(held.poll, held.poll.closes)
        later = published.bundled(db.session, vault, held.poll)
        raise ZeroDivisionError
    archive.keep(vault, held.poll.id, later)
    assert asked(client, held, "letters.json").status_code == 404
    assert asked(client, held, "bundel.zip").status_code == 404
    assert asked(client, held, "checkpoints.json").data == before


def test_the_zip_that_was_kept_goes_out_as_it_is(client: FlaskClient, held: Held, vault: Vault) -> None:
    close_poll(held.poll, held.poll.closes)
    made = asked(client, held, "bundel.zip")
    archive.keep(vault, held.poll.id, published.bundled(db.session, vault, held.poll))
    kept = asked(client, held, "bundel.zip")
    assert kept.data == made.data == archive.bundle(vault, held.poll.id).read_bytes()
    assert kept.headers["ETag"] == made.headers["ETag"]
    assert kept.headers["Cache-Control"] == "public, no-cache"
    assert kept.headers["Content-Disposition"] == f"attachment; filename=bundel-{held.poll.id.hex()[:8]}.zip"
    part = client.get(at(held, "/bundel.zip"), headers={"Range": "bytes=10-19"}, buffered=True)
    assert (part.status_code, part.data) == (206, made.data[10:20])


@pytest.mark.parametrize("wrong", ["", "00", "zz", "0" * 32, "A" * 32])
def test_a_board_that_is_not_there(client: FlaskClient, held: Held, wrong: str) -> None:
    assert client.get(f"/bord/{wrong}").status_code == 404
    assert client.get(f"/bord/{held.poll.id.hex().upper()}").status_code == 404


def test_the_feed_tells_checkpoints_and_records(client: FlaskClient, crowd: Held) -> None:
    mixing.mix(db.session, web.vault(), crowd.poll, START + timedelta(hours=1))
    p = codes.proof(crowd.poll.id, crowd.codes[-1])
    facts = of_letters([codes.fingerprint(crowd.poll.id, p)])
    with writing(db.session):
        records.add(db.session, web.vault(), crowd.poll, RecordKind.VOID, facts, "Kwam <terug>.", 1, START)
    answer = client.get(at(crowd, "/feed.xml"))
    assert answer.mimetype == "application/atom+xml"
    atom = "{http://www.w3.org/2005/Atom}"
    entries = ET.fromstring(answer.text).findall(f"{atom}entry")
    titles = [entry.findtext(f"{atom}title") for entry in entries]
    assert titles == ["1 brief is ongeldig gemaakt.", "Controlepunt 2", "Controlepunt 1"]
    assert "Kwam <terug>." in (entries[0].findtext(f"{atom}summary") or "")
    page = client.get(at(crowd)).text
    assert "1 brief is ongeldig gemaakt." in page
    assert "Kwam &lt;terug&gt;." in page


@pytest.mark.parametrize("more", [0, 1, 30])
def test_the_feed_tells_the_last_hundred(client: FlaskClient, held: Held, vault: Vault, more: int) -> None:
    """Also where a record stands at the edge: it is told with the checkpoint that first held it."""
    with writing(db.session):
        for number in range(published.FED - 2):
            if number in (more, 40):
                facts = of_letters(
                    [codes.fingerprint(held.poll.id, codes.proof(held.poll.id, held.codes[number % 12]))]
                )
                records.add(db.session, vault, held.poll, RecordKind.VOID, facts, "Kwam terug.", 1, START)
            checkpoints.sign(db.session, vault, held.poll, [], START)
    told = [(each.number, each.told) for each in published.feed(db.session, held.poll)]
    assert [number for number, _ in told] == list(range(101, 1, -1))
    there = {number: record.number for number, record in told if record}
    assert there == {43: 2} | ({more + 2: 1} if more + 2 > 1 else {})
    assert client.get(at(held, "/feed.xml")).text.count("<entry>") == 100


# Find a vote back without script


def search(client: FlaskClient, held: Held, **typed: str) -> str:
    answer = client.post(f"/s/terug/{held.poll.id.hex()}", data=typed)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store, no-transform"
    assert "Set-Cookie" not in answer.headers
    return answer.text


def test_a_vote_is_found_back(client: FlaskClient, held: Held) -> None:
    controls = [vote(held, number, marking) for number, marking in enumerate(("voor", "tegen", "blanco"))]
    assert "staat nog niet op het stembord" in search(client, held, control=controls[0])
    close_poll(held.poll, held.poll.closes)
    for control, label in zip(controls, ("Voor", "Tegen", "Blanco (ik kies niet)"), strict=True):
        for typed in (control, control.lower().replace(" ", "-")):
            page = search(client, held, control=typed)
            assert "Uw stem staat in de lijst en is geteld" in page
            assert f"<li>{label}" in page.replace("<b>", "").replace("</b>", "")
    assert "staat niet in de lijst" in search(client, held, control="0000 0000 0000 0000")
    assert "heeft 16 tekens" in search(client, held, control="0000")


def test_under_the_floor_a_vote_stays_sealed(client: FlaskClient, held: Held) -> None:
    control = vote(held, 0)
    close_poll(held.poll, held.poll.closes)
    page = search(client, held, control=control)
    assert "het is verzegeld" in page
    assert "<li>Voor" not in page


def test_what_became_of_a_letter(client: FlaskClient, held: Held) -> None:
    for number in range(3):
        vote(held, number)
    assert "Na het sluiten ziet u hier" in search(client, held, code=held.codes[0])
    close_poll(held.poll, held.poll.closes)
    assert "Met deze brief is gestemd" in search(client, held, code=held.codes[0])
    assert "Niemand heeft ermee gestemd" in search(client, held, code=held.codes[5])
    assert "staat niet op de lijst" in search(client, held, code=codes.mint(bytes(32), 1))
    typo = ("B" if held.codes[0][0] == "A" else "A") + held.codes[0][1:]
    assert "groepje 1" in search(client, held, code=typo)


def test_a_letter_is_looked_up_by_itself(client: FlaskClient, held: Held, vault: Vault) -> None:
    """Not by reading all of the definition; and it says what the whole list says."""
    other = hold(vault, yes_no())
    gone = codes.fingerprint(held.poll.id, codes.proof(held.poll.id, held.codes[3]))
    replacing.void(db.session, vault, held.poll, [4], "Kwam ongeopend terug.", START)
    for number in range(3):
        vote(held, number)
    close_poll(held.poll, held.poll.closes)
    standing = records.standing(db.session, held.poll)
    for code in [*held.codes, *other.codes]:
        h = codes.fingerprint(held.poll.id, codes.proof(held.poll.id, code))
        became = published.became(db.session, held.poll, h)
        assert (became is not Became.STRANGE) == standing.lists(h)
        assert (became is Became.VOID) == (h == gone)
    said: list[str] = []
    event.listen(
        db.engine, "before_cursor_execute", lambda c, cursor, statement, *rest: said.append(statement)
    )
    assert "ongeldig gemaakt" in search(client, held, code=held.codes[3])
    assert said
    assert not [each for each in said if "definition" in each]


def test_a_withdrawn_poll_shows_why(client: FlaskClient, held: Held) -> None:
    from ballots import polls

    control = vote(held, 0)
    polls.withdraw(db.session, web.vault(), held.poll, "De vraag klopte niet.", START)
    page = client.get(at(held)).text
    assert "De vraag klopte niet." in page
    assert "De stemming is ingetrokken" in page
    assert "is ingetrokken. Uw stem is gewist" in search(client, held, control=control)
    assert client.get(at(held, "/openings.csv")).status_code == 404
    assert "niet meer te gebruiken" in search(client, held, code=held.codes[4])
    assert "is gestemd" in search(client, held, code=held.codes[0])


def test_pages_with_a_script_may_fetch_from_here_only(client: FlaskClient, held: Held) -> None:
    for path in ("/vind-uw-stem", "/reken-zelf-na"):
        policy = client.get(at(held, path)).headers["Content-Security-Policy"]
        assert "connect-src 'self'" in policy
        assert "default-src 'none'" in policy
        assert "http" not in policy
    assert "connect-src" not in client.get(at(held)).headers["Content-Security-Policy"]
