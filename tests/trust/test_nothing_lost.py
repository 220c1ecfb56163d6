"""The plug is pulled while people vote, while answers are mixed, counted or printed, and the disk is full:
every receipt that was given, signed, is a ballot that is counted, once, and the whole recounts.
"""

import json
import multiprocessing
import os
import random
import re
import resource
import secrets
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from ballots import archive, codes, keys, letters, mixing, polls, published, sealing, web
from ballots.database import db
from ballots.digest import H
from ballots.models import Box, Poll
from ballots.refusals import NotReconciled
from ballots.terms import keys as public_keys
from tests.conftest import close_poll, put
from tests.trust import weak
from tests.trust.helpers import FULL, Live, at_once, free_port, send, serve

MakeLive = Callable[..., Live]
ROUNDS = 100 if FULL else 5
CLIENTS, EACH = 3, 80 if not FULL else 950
REFUSED = 3  # exit code of a process that got no room
A_KILL = 25  # acknowledged votes before each kill
LONG = 120 if not FULL else 3600  # seconds before a client gives up

# What a client wrote down: status, marking, of its receipt C and signature, and what it was told instead.
Given = dict[str, object]


def client(port: int, mine: Sequence[str], log: Path, insists: bool = False) -> None:
    """Vote with each letter; try again whenever no answer came; write every receipt down once it is here.

    Who insists tries again too when the answer is that something went wrong.
    """
    with log.open("a") as receipts:
        for number, code in enumerate(mine):
            marking = ("voor", "tegen", "blanco")[number % 3]
            form = {"code": code, "q1": marking, "r": secrets.token_hex(32)}
            impatient = number % 10 == 9  # this one closes the page at once: her vote may be in or not
            answer = patiently(port, "POST", "/s/stem", form, 1 if impatient else 10**6, insists)
            if answer is None:
                continue
            status, location, said = answer
            page = patiently(port, "GET", location, insists=insists) if status == 303 else None
            found = re.search(r"([0-9a-f]{64})\s+([0-9a-f]{128})", page[2]) if page else None
            c, signature = found.groups() if found else ("", "")
            noted = {"status": status, "marking": marking, "C": c, "signature": signature, "said": said}
            receipts.write(json.dumps(noted))
            receipts.write("\n")
            receipts.flush()


def patiently(
    port: int,
    method: str,
    path: str,
    form: dict[str, str] | None = None,
    tries: int = 10**6,
    insists: bool = False,
) -> tuple[int, str, str] | None:
    """Send until there is an answer; None when there was none in so many tries, or for too long."""
    give_up = time.monotonic() + LONG
    while tries and time.monotonic() < give_up:
        tries -= 1
        with suppress(OSError):
            answer = send(port, method, path, form)
            if answer[0] < 500 or not insists:
                return answer
        time.sleep(0.05)
    return None


def acknowledged(logs: Sequence[Path]) -> list[Given]:
    lines = [line for log in logs if log.exists() for line in log.read_text().split("\n")[:-1]]
    return [json.loads(line) for line in lines]


def vote_while_killing(made: Live, target: str, logs: Sequence[Path], kills: int) -> list[Given]:
    """Let clients vote, kill the server some times in between; return what was acknowledged."""
    port, context = free_port(), multiprocessing.get_context("fork")
    clients = [
        context.Process(target=client, args=(port, made.codes[n::CLIENTS], log), daemon=True)
        for n, log in enumerate(logs)
    ]
    with ExitStack() as stack:
        server = stack.enter_context(serve(made, target, port))
        for each in clients:
            each.start()
            stack.callback(each.kill)
        for kill in range(1, kills + 1):
            until = time.monotonic() + LONG
            while len(acknowledged(logs)) < kill * A_KILL and time.monotonic() < until:
                time.sleep(0.002)
            server.kill()
            server = stack.enter_context(serve(made, target, port))
        for each in clients:
            each.join(LONG)
            assert each.exitcode == 0
    return acknowledged(logs)


def audit(made: Live, given: Sequence[Given]) -> list[str]:
    """Return what is wrong: a receipt that is not signed, or without a ballot or with two, or a strange status."""
    db.session.rollback()
    poll = db.session.get_one(Poll, made.poll)
    key = Ed25519PublicKey.from_public_bytes(public_keys(poll).receipt)
    counted = Counter(db.session.scalars(select(Box.commitment).where(Box.poll_id == made.poll)))
    wrong = []
    for each in given:
        c, signature = (bytes.fromhex(str(each[name])) for name in ("C", "signature"))
        if each["status"] != 303:
            wrong.append(f"status {each['status']}")
            continue
        key.verify(signature, H("bon", made.poll, c))
        if counted[c] != 1:
            wrong.append(f"{counted[c]} ballots of a receipt")
    return wrong


def recounts(made: Live) -> None:
    """Make the bundle and let the program that anyone can run count it; raise where that fails."""
    db.session.rollback()
    poll, vault = db.session.get_one(Poll, made.poll), web.vault()
    archive.keep(vault, made.poll, published.bundled(db.session, vault, poll))


@pytest.mark.both
def test_kill_nine_while_people_vote(live: MakeLive, tmp_path: Path) -> None:
    made = live(CLIENTS * EACH)
    logs = [tmp_path / f"receipts-{n}" for n in range(CLIENTS)]
    given = vote_while_killing(made, "app:create_app", logs, ROUNDS)
    poll = db.session.get_one(Poll, made.poll)
    close_poll(poll, poll.closes)
    assert audit(made, given) == []
    recounts(made)
    cast = polls.turnout(db.session, poll)
    assert cast.used == made.count("box") == made.count("redemption")
    assert made.count("inbox") == 0
    closed_their_page = CLIENTS * (EACH // 10)
    assert len(made.codes) - closed_their_page <= len(given) <= cast.used <= len(made.codes)
    votes = polls.outcomes(db.session, poll)[0].votes
    for marking, number in Counter(str(each["marking"]) for each in given).items():
        assert number <= votes[marking] <= number + cast.used - len(given)
    assert len({each["C"] for each in given}) == len(given)


@pytest.mark.both
def test_a_server_that_answers_before_it_writes_is_caught(live: MakeLive, tmp_path: Path) -> None:
    made = live(45)
    logs = [tmp_path / f"receipts-{n}" for n in range(CLIENTS)]
    given = vote_while_killing(made, "tests.trust.weak:answer_then_write", logs, 1)
    poll = db.session.get_one(Poll, made.poll)
    close_poll(poll, poll.closes)
    assert {each["status"] for each in given} == {303}
    assert "0 ballots of a receipt" in audit(made, given)


def test_a_second_process_leaves_the_log_of_the_server_alone(live: MakeLive) -> None:
    """The clock's process comes and goes while the server runs; the log the server writes to stays the one on disk.

    It once did not: a handle that was opened and closed at each connection dropped the server's locks, and the
    next process to leave took the log away; what the server wrote after that was lost.
    """
    made = live(24)

    def vote(code: str) -> int:
        form = {"code": code, "q1": "voor", "r": secrets.token_hex(32)}
        return send(server.port, "POST", "/s/stem", form)[0]

    db.session.remove()
    db.engine.dispose()  # the server is the only one that holds the database
    with serve(made) as server:
        assert set(at_once([partial(vote, code) for code in made.codes[:20]])) == {
            303
        }  # over many connections
        for number, code in enumerate(made.codes[20:], 21):
            with closing(sqlite3.connect(made.database)) as other:
                other.execute("SELECT count(*) FROM poll").fetchone()
            assert vote(code) == 303
            assert made.count("redemption") == number


# Killed while it mixes, or closes


def cast_all(made: Live) -> list[Given]:
    """Vote with every letter, over no wire; return the receipts as a client keeps them."""
    given: list[Given] = []
    poll, vault = db.session.get_one(Poll, made.poll), web.vault()
    key = keys.receipt_key(vault.read(made.poll, "sign"))
    for number, code in enumerate(made.codes):
        marking = ("voor", "tegen", "blanco")[number % 3]
        p = codes.proof(made.poll, code)
        (c,) = put(poll, p, [[marking]], secrets.token_bytes(32), poll.opens).commitments
        signature = sealing.receipt(made.poll, c, key).hex()
        given.append({"status": 303, "marking": marking, "C": c.hex(), "signature": signature})
    return given


def killed(work: Callable[[], object], after: float) -> bool:
    """Do this in a process of its own and kill it after so many seconds; say whether it was killed in time."""

    def alone() -> None:
        db.engine.dispose(close=False)  # what the parent opened is the parent's
        work()

    process = multiprocessing.get_context("fork").Process(target=alone, daemon=True)
    process.start()
    process.join(after)
    if process.is_alive() and process.pid:
        os.kill(process.pid, signal.SIGKILL)
    process.join(30)
    return process.exitcode == -signal.SIGKILL


def until_done(made: Live, work: Callable[[Poll], object], seed: int) -> int:
    """Do this over and over, killed after ever longer, until it comes to its end; return how often it was killed."""
    chance, kills, longest = random.Random(seed), 0, 0.01 if FULL else 0.05
    while killed(lambda: work(db.session.get_one(Poll, made.poll)), chance.uniform(longest / 4, longest)):
        kills += 1
        longest *= 1.01 if FULL else 1.15  # ever longer, so that it ends; in the long form after more kills
    return kills


def mix_all(poll: Poll) -> None:
    while mixing.mix(db.session, web.vault(), poll, poll.opens):
        db.session.rollback()


@pytest.mark.both
@pytest.mark.usefixtures("small_steps")
def test_killed_while_it_mixes_and_closes(live: MakeLive) -> None:
    made, kills = live(90), 0
    given = cast_all(made)
    for number in range(3):
        kills += until_done(made, mix_all, number)
    assert made.count("leaf") + made.count("inbox") == len(given)
    assert made.count("leaf") > 60
    kills += until_done(made, lambda poll: close_poll(poll, poll.closes), 9)
    assert kills >= ROUNDS or not FULL
    assert kills >= 2
    assert audit(made, given) == []
    recounts(made)
    assert made.count("box") == len(given)


@pytest.mark.both
@pytest.mark.usefixtures("small_steps")
def test_a_mix_in_two_steps_loses_votes_when_it_is_killed(
    live: MakeLive, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = live(40)
    given = cast_all(made)
    weak.two_steps(monkeypatch.setattr)
    assert killed(lambda: mix_all(db.session.get_one(Poll, made.poll)), 0.4)
    assert made.count("leaf") + made.count("inbox") < len(given)
    monkeypatch.undo()
    poll = db.session.get_one(Poll, made.poll)
    with pytest.raises(NotReconciled):  # and nothing is counted,
        close_poll(poll, poll.closes)
    mixing.open_all(db.session, poll, keys.opening_key(web.vault().read(made.poll, "open")))
    assert "0 ballots of a receipt" in audit(made, given)  # for votes are gone


# Full disk


def without_room(made: Live, work: Callable[[Poll], object], room: int) -> bool:
    """Do this in a process that can write no file longer than so many bytes; say whether the database refused.

    The write-ahead log is emptied first, so that this is the room that there is.
    """
    db.session.rollback()
    with closing(sqlite3.connect(made.database)) as database:
        assert database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0

    def alone() -> None:
        db.engine.dispose(close=False)  # what the parent opened is the parent's
        poll = db.session.get_one(Poll, made.poll)
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
        try:
            work(poll)
        except OperationalError:
            os._exit(REFUSED)
        os._exit(0)

    process = multiprocessing.get_context("fork").Process(target=alone, daemon=True)
    process.start()
    process.join(LONG)
    assert process.exitcode in (0, REFUSED), process.exitcode
    return process.exitcode == REFUSED


def test_a_full_disk_while_people_vote(live: MakeLive, tmp_path: Path) -> None:
    """Votes are refused with an error, none is promised and lost, and all go in once there is room."""
    made, logs = live(150), [tmp_path / "full", tmp_path / "room"]
    with serve(made, "tests.trust.weak:little_room", environment={"ROOM": "8"}) as server:
        client(server.port, made.codes[:100], logs[0])
    first = acknowledged(logs[:1])
    assert {each["status"] for each in first} == {303, 500}
    assert all("Zij telt nooit dubbel." in str(each["said"]) for each in first if each["status"] == 500)
    with serve(made) as server:
        for code in made.codes:  # who was refused tries again with the same letter; another r is another vote
            form = {"code": code, "q1": "voor", "r": secrets.token_hex(32)}
            assert send(server.port, "POST", "/s/stem", form)[0] in (303, 409)
    poll = db.session.get_one(Poll, made.poll)
    assert polls.turnout(db.session, poll).used == len(made.codes)
    close_poll(poll, poll.closes)
    assert audit(made, [each for each in first if each["status"] == 303]) == []
    recounts(made)


@pytest.mark.usefixtures("small_steps")
def test_a_full_disk_while_answers_are_mixed_and_counted_and_letters_printed(live: MakeLive) -> None:
    """What cannot be written is written in part by nobody: with room it goes on, and nothing is missing."""
    made = live(90)
    poll, vault, given = db.session.get_one(Poll, made.poll), web.vault(), cast_all(made)
    assert without_room(made, confirm_printing, 4096)
    letters.forget(db.session, vault)  # a confirmation that could not be written destroys no seed
    assert [code for _, code in letters.printable(db.session, vault, poll)] == made.codes
    refused = 0
    for step in (mix_all, lambda poll: close_poll(poll, poll.closes)):
        for room in range(4_096, 400_000, 40_000):  # it comes a step further each time
            refused += without_room(made, step, room)
            db.session.rollback()
            assert made.count("inbox") + made.count("leaf") == len(given)
            assert made.count("box") in (0, len(given)) or poll.closed_at is None
        step(poll)
    assert refused > 5
    assert audit(made, given) == []
    recounts(made)


def confirm_printing(poll: Poll) -> None:
    letters.printed(db.session, poll, datetime.now(UTC))


def test_a_casting_that_says_yes_on_a_full_disk_is_caught(live: MakeLive, tmp_path: Path) -> None:
    made, log = live(100), tmp_path / "full"
    with serve(made, "tests.trust.weak:yes_on_a_full_disk", environment={"ROOM": "8"}) as server:
        client(server.port, made.codes, log)
    poll = db.session.get_one(Poll, made.poll)
    close_poll(poll, poll.closes)
    assert "0 ballots of a receipt" in audit(made, acknowledged([log]))
