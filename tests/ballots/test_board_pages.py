"""The board for everybody: what is there before and after close, and what never is."""

import hashlib
import io
import json
import xml.etree.ElementTree as ET
import zipfile
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from ballots import board, casting, codes, mixing, published, records, sealing, web
from ballots.database import db, writing
from ballots.keys import Keys
from ballots.record import Kind, of_letters
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


@pytest.mark.parametrize("wrong", ["", "00", "zz", "0" * 32, "A" * 32])
def test_a_board_that_is_not_there(client: FlaskClient, held: Held, wrong: str) -> None:
    assert client.get(f"/bord/{wrong}").status_code == 404
    assert client.get(f"/bord/{held.poll.id.hex().upper()}").status_code == 404


def test_the_feed_tells_checkpoints_and_records(client: FlaskClient, crowd: Held) -> None:
    mixing.mix(db.session, web.vault(), crowd.poll, START + timedelta(hours=1))
    p = codes.proof(crowd.poll.id, crowd.codes[-1])
    facts = of_letters([codes.fingerprint(crowd.poll.id, p)])
    with writing(db.session):
        records.add(db.session, web.vault(), crowd.poll, Kind.VOID, facts, "Kwam <terug>.", 1, START)
    answer = client.get(at(crowd, "/feed.xml"))
    assert answer.mimetype == "application/atom+xml"
    atom = "{http://www.w3.org/2005/Atom}"
    entries = ET.fromstring(answer.text).findall(f"{atom}entry")
    titles = [entry.findtext(f"{atom}title") for entry in entries]
    assert titles == ["1 brief is ongeldig gemaakt", "Controlepunt 2", "Controlepunt 1"]
    assert "Kwam <terug>." in (entries[0].findtext(f"{atom}summary") or "")
    page = client.get(at(crowd)).text
    assert "1 brief is ongeldig gemaakt" in page
    assert "Kwam &lt;terug&gt;." in page


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


def test_a_withdrawn_poll_shows_why(client: FlaskClient, held: Held) -> None:
    from ballots import polls

    control = vote(held, 0)
    polls.withdraw(db.session, web.vault(), held.poll, "De vraag klopte niet.", START)
    page = client.get(at(held)).text
    assert "De vraag klopte niet." in page
    assert "De stemming is ingetrokken" in page
    assert "is ingetrokken. Uw stem is gewist" in search(client, held, control=control)
    assert client.get(at(held, "/openings.csv")).status_code == 404


def test_pages_with_a_script_may_fetch_from_here_only(client: FlaskClient, held: Held) -> None:
    for path in ("/vind-uw-stem", "/reken-zelf-na"):
        policy = client.get(at(held, path)).headers["Content-Security-Policy"]
        assert "connect-src 'self'" in policy
        assert "default-src 'none'" in policy
        assert "http" not in policy
    assert "connect-src" not in client.get(at(held)).headers["Content-Security-Policy"]
