"""A poll to which everything happened recounts; whoever cheats with a record, holding the board key, is caught."""

import json
import secrets
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask

from ballots import casting, codes, keys, letters, polls, published, records, replacing
from ballots.counting.majority import Quorum
from ballots.database import db
from ballots.models import Poll
from ballots.record import Kind, of_missing
from ballots.vault import Vault
from tests.conftest import RULE, START, close_poll, hold, put, yes_no
from tests.trust.bundles import PROGRAM, Files, rebuilt, rows, signed, table, unpacked, zipped

WHY = "Er was iets met de post."
LENGTHEN = 7


def run(path: Path, *more: str) -> tuple[int, str]:
    """Run the program as a resident does."""
    command = [sys.executable, "-I", str(PROGRAM), str(path), *more]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout


def vote(code: str, marking: str, days: float = 0) -> None:
    poll, p = casting.find(db.session, code)
    put(poll, p, [[marking]], secrets.token_bytes(32), START + timedelta(days=days))


def everything_happened(vault: Vault) -> tuple[Files, Ed25519PrivateKey, Poll]:
    """Hold a poll with a record of every kind that does not end it; the rule looks at letters sent.

    Letter 3 is replaced by 13 and 13 by 14; 4 and 5 by 15 and 16; 6 is void; 17 and 18 are added.
    """
    # Of twelve letters and two added seven are exactly half; of all eighteen that were issued they are not.
    rule = replace(
        RULE,
        quorum=Quorum.TURNOUT,
        quorum_share=Fraction(1, 2),
        blank_in_turnout=True,
    )
    held = hold(vault, replace(yes_no(), lengthen=LENGTHEN, rules=(rule,)))
    poll, session = held.poll, db.session
    vote(held.codes[0], "voor")
    vote(held.codes[1], "tegen")
    replacing.replace(session, vault, poll, [3], WHY, 1, START)
    replacing.replace(session, vault, poll, [13], WHY, 1, START)
    replacing.replace(session, vault, poll, [4, 5], WHY, 2, START)
    replacing.void(session, vault, poll, [6], WHY, START)
    replacing.add(session, vault, poll, 2, WHY, START)
    closes = poll.closes + timedelta(days=LENGTHEN, hours=1)
    replacing.lengthen(session, vault, poll, closes, "tot en met zondag 21 juni 2026", WHY, START)
    replacing.contest(session, vault, poll, [2], WHY, START)
    records.add(session, vault, poll, Kind.RESTORED, of_missing(1), WHY, 2, START)
    fresh = dict(letters.printable(session, vault, poll))
    for serial, marking in ((14, "voor"), (15, "voor"), (16, "blanco"), (17, "tegen")):
        vote(fresh[serial], marking, days=20)
    vote(held.codes[6], "voor", days=20)
    close_poll(poll, poll.ends)
    replacing.contest(session, vault, poll, [14], WHY, poll.ends + timedelta(days=2))
    key = keys.board_key(vault.read(poll.id, "sign"))
    return unpacked(published.bundled(session, vault, poll)), key, poll


@pytest.mark.both
def test_a_poll_to_which_everything_happened_recounts(app: Flask, vault: Vault, tmp_path: Path) -> None:
    files, key, poll = everything_happened(vault)
    kinds = [each["record"]["kind"] for each in json.loads(files["records.json"])]
    assert kinds == [*["replace"] * 3, "void", "add", "lengthen", "contest", "restored", "contest"]
    code, said = run(zipped(tmp_path / "a.zip", files), "--hash", poll.hash.hex())
    assert code == 0, said
    assert "Gebruikte brieven die daarin misten: 1." in said
    assert "waarvan het adres zegt dat het niet stemde: 2." in said
    (outcome,) = polls.outcomes(db.session, poll)
    assert outcome.quorum_met  # seven of fourteen that were sent, though eighteen were issued
    assert json.loads(files["letters.json"]) == {
        **{"issued": 18, "used": 7, "open": 6, "void": 5},
        **{"web": 7, "paper": 0},
    }
    assert run(zipped(tmp_path / "b.zip", rebuilt(files, key)))[0] == 0  # so rebuilding alone changes nothing


@pytest.mark.both
@pytest.mark.parametrize("again", [False, True])
def test_a_poll_that_was_stopped_recounts(app: Flask, vault: Vault, tmp_path: Path, again: bool) -> None:
    held = hold(vault, yes_no())
    vote(held.codes[0], "voor")
    replacing.replace(db.session, vault, held.poll, [3], WHY, 1, START)
    polls.withdraw(db.session, vault, held.poll, WHY, START, again)
    files = unpacked(published.bundled(db.session, vault, held.poll))
    assert json.loads(files["records.json"])[-1]["record"]["kind"] == ("restart" if again else "withdraw")
    code, said = run(zipped(tmp_path / "a.zip", files))
    assert (code, "ingetrokken" in said) == (2, True), said


Record = dict[str, Any]
Attack = Callable[[list[Record], Poll], None]


def h(poll: Poll, serial: int) -> str:
    return replacing.states(db.session, poll, [serial])[serial].h.hex()


def body(records: list[Record], kind: str) -> Record:
    """Return the first record of a kind."""
    found: Record = next(each["record"] for each in records if each["record"]["kind"] == kind)
    return found


def of(kind: str, /, **fields: Any) -> Attack:
    """Return what changes these fields of the first record of a kind."""
    return lambda records, poll: body(records, kind).update(fields)


def late(kind: str) -> Attack:
    return lambda records, poll: body(records, kind).update(at=poll.ends.isoformat())


def about(kind: str, *serials: int) -> Attack:
    """Return what makes a record be about other letters; 0 is one that never was."""

    def attack(records: list[Record], poll: Poll) -> None:
        them = sorted(h(poll, serial) if serial else secrets.token_hex(32) for serial in serials)
        body(records, kind)["facts"]["letters"] = them

    return attack


def until(days: float) -> Attack:
    """Return what lengthens the vote by so many days more than it was."""

    def attack(records: list[Record], poll: Poll) -> None:
        body(records, "lengthen")["facts"]["closes"] = (poll.ends + timedelta(days=days)).isoformat()

    return attack


def without(kind: str) -> Attack:
    return lambda records, poll: records.remove(next(r for r in records if r["record"]["kind"] == kind))


def twice(kind: str) -> Attack:
    return lambda records, poll: records.append({"record": dict(body(records, kind))})


ATTACKS: dict[str, Attack] = {
    "letters added by one": of("add", people=1),
    "two letters replaced by one": lambda records, poll: records[2]["record"].update(people=1),
    "lengthened by one": of("lengthen", people=1),
    "restored by one": of("restored", people=1),
    "replaced by nobody": of("replace", people=0),
    "no reason": of("void", reason=" "),
    "a letter void that is on no list": about("void", 0),
    "a letter void that was used": about("void", 7),
    "a letter void that was void": about("void", 3),
    "nothing void": about("void"),
    "another letter void": about("void", 6, 8),
    "one letter more added than were issued": about("add", 17, 18, 0),
    "letters added that were there": about("add", 1, 2),
    "a letter contested that was not used": about("contest", 8),
    "a letter contested that was void": about("contest", 3),
    "void after close": late("void"),
    "added after close": late("add"),
    "replaced after close": late("replace"),
    "lengthened after close": late("lengthen"),
    "lengthened too far": until(1 / 86400),
    "lengthened to an earlier day": until(-LENGTHEN - 1),
    "lengthened twice": twice("lengthen"),
    "void twice": twice("void"),
    "replaced twice": twice("replace"),
    "added twice": twice("add"),
    "the replacement taken out": without("replace"),
    "the void taken out": without("void"),
    "the addition taken out": without("add"),
    "a kind that nobody knows": of("void", kind="forget"),
    "withdrawn in between": lambda records, poll: records[3]["record"].update(
        kind="withdraw", facts={}, people=2
    ),
    "restored less than nothing": of("restored", facts={"missing": -1}),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_who_cheats_with_a_record_is_caught(app: Flask, vault: Vault, tmp_path: Path, name: str) -> None:
    """Everything is signed again with the real key, and every number follows; only the rules are broken.

    He cheats in the files, so it is all one which database they came from.
    """
    files, key, poll = everything_happened(vault)
    records = json.loads(files["records.json"])
    ATTACKS[name](records, poll)
    changed = {**files, "records.json": json.dumps(records).encode()}
    changed = rebuilt(changed, key)
    if name in KEEPS_LETTERS:
        changed["letters.json"] = files["letters.json"]
        changed = signed(changed, key)
    code, said = run(zipped(tmp_path / "a.zip", changed), "--hash", poll.hash.hex())
    assert code == 1, said
    assert said.splitlines()[-1].startswith("FOUT: "), said


KEEPS_LETTERS = {"another letter void", "the void taken out", "one letter more added than were issued"}
"""Where the numbers that were stated give it away; with other numbers this would be another, honest poll."""


@pytest.mark.both
@pytest.mark.parametrize("serial", [3, 4, 6, 13])
def test_a_void_letter_that_votes_is_caught(app: Flask, vault: Vault, tmp_path: Path, serial: int) -> None:
    """The insider puts the p of a void letter in place of that of a used one."""
    files, key, poll = everything_happened(vault)
    seed = vault.read(poll.id, "seed-2" if serial > 12 else "seed-1")
    p = codes.proof(poll.id, codes.mint(seed, serial))
    lines = [";".join(cells) for cells in rows(files, "redemptions.csv")[1:]] + [f"{p.hex()};web"]
    changed = rebuilt({**files, "redemptions.csv": table("p;channel", lines)}, key)
    code, said = run(zipped(tmp_path / "a.zip", changed))
    assert code == 1
    assert "ongeldig" in said.splitlines()[-1]
