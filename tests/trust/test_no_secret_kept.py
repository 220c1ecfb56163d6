"""Codes and control codes are planted, and everything the service leaves behind is searched for them."""

import io
import secrets
import sqlite3
import tempfile
import zipfile
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from ballots import codes, keys, letters, polls, printing, published, sealing, web
from ballots.database import db, wipe
from ballots.digest import groups
from ballots.models import Box, Poll, Redemption
from ballots.paper import Kind, Option, Question
from ballots.printing import Envelope
from ballots.vault import Vault
from consult import dossier, prints
from tests.ballots.test_printing import CONTENT, MOMENT
from tests.cluster import dumped
from tests.conftest import Clock, Held, close_poll
from tests.consult.conftest import Place
from tests.trust.helpers import Live, asking, send, serve

MakeLive = Callable[..., Live]
SECRETS = ("seed-1", "mix", "open", "sign")
MARKINGS = ("zonnewijzer", "waterrad")  # words that stand in no program and no page of its own accord
LENGTH = max(map(len, MARKINGS))
ASKED = asking(
    Question("Wat komt er?", Kind.CHOOSE_ONE, tuple(Option(id, id.title(), 0) for id in MARKINGS)),
    opens=datetime.now(UTC),
)


def of_text(text: str) -> set[bytes]:
    """Return a code in every spelling somebody may have written down."""
    plain = text.replace(" ", "")
    spelled = {plain, groups(plain), groups(plain).replace(" ", "-"), groups(plain).replace(" ", "+")}
    spelled |= {each.lower() for each in spelled} | {groups(plain).replace(" ", "%20")}
    return {each.encode() for each in spelled} | of_bytes(plain.encode())


def of_bytes(data: bytes) -> set[bytes]:
    """Return bytes as they are, in hexadecimal, in base64, and as Python and SQL write them."""
    shown = {data.hex(), data.hex().upper(), repr(data)[2:-1]}
    shown |= {encode(data).decode().rstrip("=")[:-1] for encode in (b64encode, urlsafe_b64encode)}
    return {data} | {each.encode() for each in shown}


def contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every file under a folder, and what is inside the zips among them."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            yield str(path.relative_to(folder)), data
            if zipfile.is_zipfile(io.BytesIO(data)):
                with zipfile.ZipFile(io.BytesIO(data)) as archive:
                    for name in archive.namelist():
                        yield f"{path.name}/{name}", archive.read(name)


def search(folder: Path, secrets_: Mapping[str, set[bytes]], only: str = "") -> set[tuple[str, str]]:
    """Return (secret, file) for every secret that stands in a file under `folder`."""
    return {
        (name, file)
        for file, data in contents(folder)
        if only in file
        for name, spellings in secrets_.items()
        if any(each in data for each in spellings)
    }


def search_all(folder: Path, address: str, secrets_: Mapping[str, set[bytes]]) -> set[tuple[str, str]]:
    """Search a folder, and where its database is not in it, all that a logical backup takes from there.

    What the files of a whole cluster keep besides that is searched in `test_postgres_cluster.py`.
    """
    if address.startswith("postgresql"):
        (folder / DUMP).write_bytes(dumped(address.replace("+psycopg", "")))
    return search(folder, secrets_)


DUMP = "database.sql"


@dataclass
class Planted:
    """What was planted: never to be found; or in the ballots only, and in no log."""

    never: dict[str, set[bytes]] = field(default_factory=dict)
    not_in_logs: dict[str, set[bytes]] = field(default_factory=dict)


def plant(made: Live) -> Planted:
    """Plant what nobody may keep but in the folder of keys: codes, seeds, keys and what follows from those."""
    planted = Planted({"secret key": of_text(made.secret)})
    vault = Vault(made.folder / "keys")
    for name in SECRETS:
        planted.never[name] = of_bytes(vault.read(made.poll, name))
    mix, sign = keys.mix_keys(vault.read(made.poll, "mix")), vault.read(made.poll, "sign")
    signing = (keys.board_key(sign), keys.receipt_key(sign))
    derived = (mix.mix, mix.tag, *(key.private_bytes_raw() for key in signing))
    planted.never |= {f"derived {number}": of_bytes(key) for number, key in enumerate(derived)}
    for number, code in enumerate(made.codes):
        planted.never[f"code {number}"] = of_text(code)
    return planted


def walk(port: int, made: Live, planted: Planted, number: int, marking: str) -> None:
    """Vote as a browser does, with mistakes and repeats on the way."""
    code, r = made.codes[number], secrets.token_bytes(32)
    form = {"code": code, "q1": marking, "r": r.hex()}
    commitment = sealing.opening(r, 1, marking, LENGTH).commitment(made.poll)
    planted.never[f"r {number}"] = of_bytes(r)
    planted.not_in_logs[f"control {number}"] = of_bytes(commitment[:10])
    planted.not_in_logs[f"control code {number}"] = of_text(sealing.control_code(commitment[:10]))
    planted.not_in_logs[f"p {number}"] = of_bytes(codes.proof(made.poll, code))
    planted.not_in_logs[f"marking {number}"] = {marking.encode()}
    assert send(port, "POST", "/s", {"code": groups(code)})[0] == 200
    assert send(port, "POST", "/s", {"code": code[:-1] + "U"})[0] == 422
    assert send(port, "POST", "/s/controle", {"code": code, "r": r.hex()})[0] == 422
    assert sealing.control_code(commitment[:10]) in send(port, "POST", "/s/controle", form)[2]
    status, location, _ = send(port, "POST", "/s/stem", form)
    assert status == 303
    assert send(port, "POST", "/s/stem", form)[1] == location
    assert send(port, "POST", "/s/stem", {**form, "q1": "blanco", "r": "00" * 32})[0] == 409
    assert sealing.control_code(commitment[:10]) in send(port, "GET", location)[2]


def fail(port: int, made: Live, planted: Planted, number: int) -> None:
    """Vote while nothing can be written: an error in the log, and the letter still unused."""
    made.run("ALTER TABLE redemption RENAME COLUMN poll_id TO gone")
    code, r = made.codes[number], secrets.token_bytes(32)
    commitment = sealing.opening(r, 1, MARKINGS[1], LENGTH).commitment(made.poll)
    planted.never[f"p {number}"] = of_bytes(codes.proof(made.poll, code))
    planted.never[f"r {number}"] = of_bytes(r)
    planted.never[f"C {number}"] = of_bytes(commitment)
    assert send(port, "POST", "/s/stem", {"code": code, "q1": MARKINGS[1], "r": r.hex()})[0] == 500
    made.run("ALTER TABLE redemption RENAME COLUMN gone TO poll_id")


def confirm_printing(made: Live) -> None:
    """Make the letters as PDF, as a print shop gets them, and confirm."""
    poll, vault = db.session.get_one(Poll, made.poll), Vault(made.folder / "keys")
    lines = ("Waalstraat 1", "1234 AB  VOORBEELDSTAD")
    envelopes = [Envelope(serial, lines, code) for serial, code in letters.printable(db.session, vault, poll)]
    assert printing.letters(CONTENT, envelopes, moment=MOMENT).startswith(b"%PDF")
    letters.printed(db.session, poll, datetime.now(UTC))
    letters.forget(db.session, vault)


def close_and_publish(made: Live, folder: Path) -> None:
    poll = db.session.get_one(Poll, made.poll)
    close_poll(poll, poll.closes)
    (folder / "bundle.zip").write_bytes(published.bundled(db.session, web.vault(), poll))
    polls.forget(db.session, web.vault(), poll, poll.closes)


@pytest.fixture
def spare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A folder of their own for temporary files, of this process and of the server."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return {"TMPDIR": str(folder)}


def plain_rows(planted: Planted, made: Live, unused: Sequence[int]) -> None:
    for number in unused:
        planted.never[f"p {number}"] = of_bytes(codes.proof(made.poll, made.codes[number]))


@pytest.mark.both
def test_nothing_is_left_behind(live: MakeLive, tmp_path: Path, spare: dict[str, str]) -> None:
    made = live(8, ASKED)
    planted = plant(made)
    plain_rows(planted, made, [6, 7])
    kept = {name: (name, f"data/keys/{made.poll.hex()}.{name}") for name in SECRETS}
    assert search_all(tmp_path, made.address, planted.never) == set(kept.values())
    confirm_printing(made)
    del kept["seed-1"]
    for access_log, voters in ((False, (0, 1)), (True, (2, 3, 4))):
        with serve(made, access_log=access_log, environment=spare) as server:
            for number in voters:
                walk(server.port, made, planted, number, MARKINGS[number % 2])
            # while it runs: -wal, -shm, what waits in memory files
            assert search_all(tmp_path, made.address, planted.never) == set(kept.values())
            fail(server.port, made, planted, 5)
    close_and_publish(made, tmp_path)
    log = made.log.read_text()
    assert "SQL parameters hidden" in log  # it did say what went wrong,
    assert "/s/stem" in log  # and the access log was on
    assert "bundle.zip/openings.csv" in dict(contents(tmp_path))
    assert search_all(tmp_path, made.address, planted.never) == {kept["sign"]}
    assert search(tmp_path, planted.not_in_logs, "server.log") == set()
    assert search(tmp_path, planted.not_in_logs, "tmp/") == set()
    # The search finds what is there: the p of used letters, and the commitments, in what is published.
    database = DUMP if made.address else "data/wijkstem.db"
    assert search(tmp_path, {"p 0": planted.not_in_logs["p 0"]}, database)
    assert {("p 0", "bundle.zip/redemptions.csv"), ("control 0", "bundle.zip/openings.csv")} <= search(
        tmp_path, planted.not_in_logs, "bundle.zip"
    )


@pytest.mark.both
def test_a_dossier_holds_no_code(place: Place) -> None:
    """The whole way of the policy room too: freeze, print, confirm, vote, count, dossier."""
    consultation = place.draft(place.plan())
    mine = place.freeze(consultation)
    poll = place.poll(consultation).id
    planted = {f"code {number}": of_text(code) for number, code in enumerate(mine)}
    planted |= {f"p {n}": of_bytes(codes.proof(poll, code)) for n, code in enumerate(mine) if n > 10}
    planted |= {name: of_bytes(place.vault.read(poll, name)) for name in SECRETS}
    address = place.app.config["DATABASE_URL"]
    assert {name for name, _ in search_all(place.folder, address, planted)} == set(SECRETS)
    with place.app.test_request_context():
        made = prints.letters(place.session, place.vault, consultation, "test", place.now)
    assert made.startswith(b"%PDF")
    place.printed(consultation)
    place.vote(mine, {"voor": 7, "tegen": 3, "blanco": 1})
    place.later(days=3)
    place.tick()
    with place.app.test_request_context():
        (place.folder / "dossier.zip").write_bytes(dossier.build(place.session, place.vault, consultation))
    assert {"dossier.zip/journal.json", "dossier.zip/report.pdf"} <= dict(contents(place.folder)).keys()
    found = {name for name, _ in search_all(place.folder, address, planted)}
    assert found == {"sign"}  # it goes with the archived dossier
    assert search(place.folder, planted, "dossier.zip") == set()


def test_a_server_that_logs_what_it_is_sent_is_caught(live: MakeLive, tmp_path: Path) -> None:
    made = live(2, ASKED)
    planted = plant(made)
    with serve(made, "tests.trust.weak:talks") as server:
        walk(server.port, made, planted, 0, MARKINGS[0])
    found = search(tmp_path, planted.never, "server.log")
    assert {("code 0", "server.log"), ("r 0", "server.log")} <= found
    assert search(tmp_path, planted.not_in_logs, "server.log") == {("marking 0", "server.log")}
    assert not any(name == "code 1" for name, _ in found)


@pytest.mark.both
def test_an_error_that_tells_its_parameters_is_caught(live: MakeLive, tmp_path: Path) -> None:
    made = live(2, ASKED)
    planted = plant(made)
    with serve(made, "tests.trust.weak:tells_parameters") as server:
        fail(server.port, made, planted, 0)
    assert search(tmp_path, planted.never, "server.log")


@pytest.mark.both
@pytest.mark.parametrize("spelling", ["plain", "groups", "lower", "hex", "base64"])
def test_a_code_in_the_database_is_caught(live: MakeLive, tmp_path: Path, spelling: str) -> None:
    """On SQLite also in a row that was deleted but not wiped, which is why the service wipes."""
    made = live(1)
    planted = plant(made)
    code = made.codes[0]
    kept = {
        "plain": code,
        "groups": groups(code),
        "lower": code.lower(),
        "hex": code.encode().hex(),
        "base64": b64encode(code.encode()).decode(),
    }[spelling]
    if made.address:
        made.run("CREATE TABLE helper (note TEXT)")
        made.run("INSERT INTO helper VALUES (:kept)", kept=kept)
        assert ("code 0", DUMP) in search_all(tmp_path, made.address, planted.never)
        return
    with closing(sqlite3.connect(made.database)) as database:
        database.execute("PRAGMA secure_delete=OFF")
        database.execute("CREATE TABLE helper (note TEXT)")
        database.execute("INSERT INTO helper VALUES (?)", (kept,))
        database.execute("DELETE FROM helper")
        database.commit()
    assert any(name == "code 0" for name, _ in search(tmp_path, planted.never, "wijkstem.db"))


def test_the_order_of_arrival_is_gone_after_the_count(app: Flask, held: Held, clock: Clock) -> None:
    """The write-ahead log tells which answer came with which letter, until the file is written anew."""
    database = Path(app.config["DATA_DIR"]) / "wijkstem.db"
    log = database.with_name(database.name + "-wal")
    client = app.test_client()
    for number, code in enumerate(held.codes):
        client.post("/s/stem", data={"code": code, "q1": "voor", "r": f"{number:064x}"})
    used = [p for p in db.session.scalars(select(Redemption.p)) if p]
    assert len(used) == len(held.codes)
    assert log.stat().st_size > 0  # the weak state: every commit stands there, in its order
    assert all(p in log.read_bytes() for p in used)
    clock.now = held.poll.closes
    close_poll(held.poll, clock.now)
    assert wipe(db.session)
    assert not log.exists() or log.stat().st_size == 0
    kept = database.read_bytes()
    by_key = sorted(used, key=lambda p: codes.fingerprint(held.poll.id, p))
    places = [kept.index(p) for p in by_key]
    assert places in (
        sorted(places),
        sorted(places, reverse=True),
    )  # the order of random keys, not of arrival
    assert db.session.scalar(select(func.count()).select_from(Box)) == len(held.codes)
