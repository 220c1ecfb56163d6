"""The bundle: same facts, same bytes; everything in it can be checked, and no order tells anything."""

import hashlib
import io
import json
import random
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app import create_app
from ballots import bundle, casting, keys, letters, polls, published, web
from ballots.database import db
from ballots.definition import Definition, canonical, decode
from ballots.digest import H, groups, symbols
from ballots.models import Poll
from ballots.paper import longest
from ballots.sealing import Opening
from ballots.vault import Vault
from tests.conftest import KEY, START, Held, close_poll, put, yes_no
from tests.trust.helpers import approve

ROOT = Path(__file__).parents[2]
POLL = bytes(range(16))

names = st.from_regex(r"[a-z]{1,8}\.(csv|json)", fullmatch=True).filter(lambda name: name != "manifest.json")
answers = st.lists(
    st.builds(
        Opening,
        st.integers(1, 12),
        st.binary(min_size=32, max_size=32),
        st.sampled_from(["voor  ", "tegen ", "blanco"]),
    ),
    max_size=6,
    unique_by=lambda each: each.secret,
)


def unpacked(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def cast_all(held: Held, order: list[int]) -> None:
    markings = ["voor", "tegen", "blanco", "voor", "voor"]
    for number in order:
        poll, p = casting.find(db.session, held.codes[number])
        put(poll, p, [[markings[number]]], bytes([number]) * 32, START)


def same_poll(vault: Vault) -> Held:
    """A poll that is the same each time: its id and seed come from a fixed stream."""
    fixed = Vault(vault.folder, lambda size: bytes(range(size)))
    poll = polls.freeze(db.session, fixed, yes_no(), 6, START, lambda size: bytes(range(size)))
    return Held(poll, [code for _, code in letters.printable(db.session, vault, poll)])


def packed(poll: Poll) -> bytes:
    close_poll(poll, poll.closes)
    return published.bundled(db.session, web.vault(), poll)


@pytest.fixture
def closed(held: Held) -> Held:
    """A closed poll with five ballots."""
    cast_all(held, [0, 1, 2, 3, 4])
    close_poll(held.poll, held.poll.closes)
    return held


# Same facts, same bytes


def test_twice_the_same_bytes(closed: Held) -> None:
    one = published.bundled(db.session, web.vault(), closed.poll)
    db.session.expire_all()
    assert published.bundled(db.session, web.vault(), closed.poll) == one


def from_scratch(empty_database: Path, folder: Path, order: list[int]) -> bytes:
    """Hold the same poll in a new database, the letters voting in this order; return its bundle."""
    folder.mkdir()
    shutil.copy(empty_database, folder / "wijkstem.db")
    given = {"SECRET_KEY": "x", "DATA_DIR": str(folder), "TESTING": True}
    with create_app({**given, "DATABASE_URL": f"sqlite:///{folder / 'wijkstem.db'}"}).app_context():
        held = same_poll(Vault(folder / "keys"))
        cast_all(held, order)
        data = packed(held.poll)
        db.session.remove()
        db.engine.dispose()
    return data


def test_the_order_of_voting_leaves_no_trace(empty_database: Path, tmp_path: Path) -> None:
    """The same letters and votes, cast in another order into another database: not a byte differs."""
    orders = [[0, 1, 2, 3, 4], [4, 2, 0, 3, 1], [3, 4, 1, 0, 2]]
    one, *others = [from_scratch(empty_database, tmp_path / str(n), order) for n, order in enumerate(orders)]
    assert others == [one, one]
    assert from_scratch(empty_database, tmp_path / "fewer", [0, 1, 2, 3]) != one


def test_same_bytes_in_another_process(closed: Held) -> None:
    files = published.files(db.session, closed.poll)
    script = (
        "import json, sys; from ballots.bundle import packed; from ballots.keys import board_key; "
        "given = {name: bytes.fromhex(text) for name, text in json.load(sys.stdin)}; "
        "sys.stdout.buffer.write(packed(bytes.fromhex(sys.argv[1]), given, board_key(bytes(32))))"
    )
    for hash_seed, order in (("0", sorted(files)), ("1", sorted(files, reverse=True))):
        given = json.dumps([(name, files[name].hex()) for name in order])
        again = subprocess.run(
            [sys.executable, "-c", script, closed.poll.id.hex()],
            input=given.encode(),
            stdout=subprocess.PIPE,
            check=True,
            cwd=ROOT,
            env={"PYTHONHASHSEED": hash_seed, "TZ": "Asia/Tokyo"},
            timeout=60,
        )
        assert again.stdout == bundle.packed(closed.poll.id, files, keys.board_key(bytes(32)))


@given(st.dictionaries(names, st.binary(max_size=50), max_size=4), st.randoms(use_true_random=False))
def test_packing_knows_no_order_and_no_clock(files: dict[str, bytes], chance: random.Random) -> None:
    shuffled = list(files.items())
    chance.shuffle(shuffled)
    data = bundle.packed(POLL, files, KEY)
    assert bundle.packed(POLL, dict(shuffled), KEY) == data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
    assert {(entry.date_time, entry.create_system, entry.external_attr) for entry in entries} == {
        ((1980, 1, 1, 0, 0, 0), 3, 0o644 << 16)
    }


# What is in it


@given(st.dictionaries(names, st.binary(max_size=50), max_size=4))
def test_the_manifest_covers_every_other_file(files: dict[str, bytes]) -> None:
    inside = unpacked(bundle.packed(POLL, files, KEY))
    listed, signature = inside.pop("manifest.json"), inside.pop("manifest.sig")
    KEY.public_key().verify(bytes.fromhex(signature.decode().rstrip("\n")), listed)
    manifest = json.loads(listed)
    assert inside == files
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    assert manifest == {"version": 1, "poll": POLL.hex(), "sha256": hashes}
    assert listed == canonical(manifest)


def recount(inside: dict[str, bytes]) -> tuple[Definition, list[list[str]], list[list[str]]]:
    """Check a bundle as docs/bundle.md says, from its bytes alone; return definition, openings, redemptions."""
    manifest = json.loads(inside["manifest.json"])["sha256"]
    assert manifest == {
        name: hashlib.sha256(data).hexdigest()
        for name, data in inside.items()
        if not name.startswith("manifest.")
    }
    definition = decode(inside["definition.json"])
    hashed = hashlib.sha256(inside["definition.json"]).hexdigest()
    assert inside["definition.sha256"].decode() == f"{hashed}  definition.json\n"
    tables = []
    for name, head in (
        ("openings.csv", "question;control;commitment;r_q;marking"),
        ("redemptions.csv", "p;channel"),
    ):
        first, *lines, last = inside[name].decode().split("\n")
        assert (first, last) == (head, "")
        assert lines == sorted(lines)
        tables.append([line.split(";") for line in lines])
    for number, control, commitment, secret, marking in tables[0]:
        question = definition.terms.questions[int(number) - 1]
        padded = marking.ljust(longest(question))
        assert H("stem", definition.poll, number, bytes.fromhex(secret), padded).hex() == commitment
        assert control == groups(symbols(bytes.fromhex(commitment), 16))
    assert len({(number, commitment) for number, _, commitment, _, _ in tables[0]}) == len(tables[0])
    fingerprints = {H("brief", definition.poll, bytes.fromhex(p)) for p, _ in tables[1]}
    assert fingerprints <= set(definition.letters)
    assert len(fingerprints) == len(tables[1])
    assert len(tables[0]) == len(tables[1]) * len(definition.terms.questions)
    return definition, tables[0], tables[1]


def test_everything_checks(closed: Held) -> None:
    inside = unpacked(published.bundled(db.session, web.vault(), closed.poll))
    definition, openings, redemptions = recount(inside)
    assert definition.poll == closed.poll.id
    assert sorted(marking for *_, marking in openings) == ["blanco", "tegen", "voor", "voor", "voor"]
    assert {channel for _, channel in redemptions} == {"web"}
    assert json.loads(inside["letters.json"]) == {
        "issued": 12, "used": 5, "open": 7, "void": 0, "web": 5, "paper": 0,
    }  # fmt: skip
    assert json.loads(inside["outcome.json"])[0]["votes"] == {"voor": 3, "tegen": 1, "blanco": 1}


def test_two_questions_check_too(app: Flask, vault: Vault) -> None:
    poll = polls.freeze(db.session, vault, approve(2), 4, START)
    for number, (_, code) in enumerate(letters.printable(db.session, vault, poll)):
        found, p = casting.find(db.session, code)
        put(found, p, [["x", "bomen"], ["blanco"]], bytes([number]) * 32, START)
    inside = unpacked(packed(poll))
    _, openings, redemptions = recount(inside)
    assert (len(openings), len(redemptions)) == (8, 4)
    one = {secret for number, _, _, secret, _ in openings if number == "1"}
    assert not one & {secret for number, _, _, secret, _ in openings if number == "2"}


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("openings.csv", b";tegen\n", b";voor\n"),
        ("openings.csv", b"\n1;", b"\n2;"),
        ("redemptions.csv", b";web\n", b"0;web\n"),
        ("definition.json", b"Lindelaan", b"Beukelaan"),
    ],
)
def test_a_change_is_noticed(closed: Held, name: str, old: bytes, new: bytes) -> None:
    """The recount above can fail: with one value changed and the manifest made again, it does."""
    files = published.files(db.session, closed.poll)
    assert old in files[name]
    files[name] = files[name].replace(old, new, 1)
    with pytest.raises((AssertionError, ValueError, IndexError)):
        recount(unpacked(bundle.packed(closed.poll.id, files, KEY)))


def test_no_secret_and_no_moment_of_voting_in_it(closed: Held) -> None:
    everything = b"\n".join(unpacked(published.bundled(db.session, web.vault(), closed.poll)).values())
    assert not any(code.encode() in everything for code in closed.codes)
    assert b"serial" not in everything
    moments = json.loads(closed.poll.definition)["terms"]
    assert moments["opens"] != moments["closes"]
    assert everything.count(b"2026-06-") == 2  # opens and closes


@given(answers, st.randoms(use_true_random=False))
def test_order_reveals_nothing(given_: list[Opening], chance: random.Random) -> None:
    shuffled = list(given_)
    chance.shuffle(shuffled)
    assert bundle.openings(POLL, shuffled) == bundle.openings(POLL, given_)
    rows = [(each.secret, "web") for each in given_]
    assert bundle.redemptions(reversed(rows)) == bundle.redemptions(rows)


def test_a_weak_bundle_in_order_of_voting_would_show_it() -> None:
    """The weak variant: unsorted lines differ with the order of voting, so the tests above can fail."""

    def unsorted(given_: list[Opening]) -> str:
        return "".join(f"{each.question};{each.commitment(POLL).hex()}\n" for each in given_)

    cast_in = [Opening(1, bytes([n]) * 32, "voor  ") for n in range(5)]
    assert unsorted(cast_in) != unsorted(cast_in[::-1])
    assert bundle.openings(POLL, cast_in) == bundle.openings(POLL, cast_in[::-1])
