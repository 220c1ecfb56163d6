"""The disk of PostgreSQL is full while people vote, while answers are mixed and while they are counted.

Every receipt that was given is a ballot that is counted, once; what was refused is not; with room it goes on.

The server gets a limit on how long a file may be, which it takes for a full disk. It asks for no mount and no
privileges, and like a real one it lets what is there be written again. `pad` makes a table so long that it is the
first one without room.
"""

import secrets
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from itertools import count
from pathlib import Path

import psycopg
import pytest
from flask import current_app
from psycopg.errors import DiskFull
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from ballots import polls
from ballots.database import db
from ballots.models import Box, Poll
from tests.cluster import Cluster, as_postgres, running
from tests.conftest import close_poll, cluster_folder, migrated
from tests.trust.helpers import FIGURES, FULL, Live, Server, at_once, send, serve
from tests.trust.test_database_server_stopped import A_STOP, SAID, vote_while
from tests.trust.test_nothing_lost import (
    CLIENTS,
    Given,
    acknowledged,
    audit,
    cast_all,
    client,
    mix_all,
    recounts,
)

MakeLive = Callable[..., Live]
ROUNDS = 100 if FULL else 5
PAGE = 8192  # bytes; tables get longer by so many
SEGMENT = 2**20  # bytes of each file of the write-ahead log, made as long as this at once
LITTLE = 8 * 1024  # bytes of the log: some votes
SOON = 120  # seconds for the database to go down, and to come back
PORTION = 60  # letters: about what a page has room for

# A row of each table that votes go through, no longer than a real one: where no more of these fit, no real one does.
ROWS = {
    "redemption": {"h": "id", "p": "id || id", "channel": "'web'"},
    "inbox": {"id": "id", "question": "1", "tag": "id", "sealed": "id || id"},
    "leaf": {"position": "n", "question": "1", "control": "id", "commitment": "id", "sealed": "id || id"},
    "box": {"question": "1", "commitment": "id", "secret": "id || id", "marking": "'blanco'"},
}


@pytest.fixture
def own() -> Iterator[Cluster]:
    """A cluster that gets no room; nothing that was left behind is cleared away to make some."""
    if shutil.which("prlimit") is None:
        pytest.skip("no prlimit here (Debian: util-linux)")
    with (
        cluster_folder() as folder,
        running(folder, {"autovacuum": "off", "min_wal_size": "2MB"}, ["--wal-segsize=1"]) as made,
    ):
        yield made


@pytest.fixture
def database_url(own: Cluster, tmp_path: Path) -> str:
    address = own.make("live")
    migrated(tmp_path, DATABASE_URL=address)
    return address


def limit(own: Cluster, size: int | None) -> None:
    """Let no process of the cluster write a file longer than so many bytes; None: as long as they like.

    The first process comes first: who is born after it inherits. The hard limit stays, so that it can be undone.
    """
    assert own.process
    first, soft = own.process.pid, "unlimited" if size is None else size
    _limit(first, soft)
    for each in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # gone meanwhile
            if int(each.read_text().rpartition(")")[2].split()[1]) == first:
                _limit(int(each.parent.name), soft)


def _limit(process: int, soft: int | str) -> None:
    """Set the limit of one process; if it is gone meanwhile, so much the better."""
    command = ["prlimit", f"--pid={process}", f"--fsize={soft}:"]
    subprocess.run(command, capture_output=True, check=False, **as_postgres())


@contextmanager
def no_page_more(own: Cluster, made: Live) -> Iterator[None]:
    """The longest table gets no page more, and no other gets longer than it."""
    ((longest,),) = made.run("SELECT max(pg_relation_size(oid)) FROM pg_class")
    assert longest >= SEGMENT, "no table is longer than a file of the write-ahead log: pad one first"
    limit(own, longest // PAGE * PAGE + PAGE // 2)  # a full disk also stops in the middle of a page
    try:
        yield
    finally:
        limit(own, None)


def pad(made: Live, table: str) -> None:
    """Make this table the longest, with rows that are never committed: nobody sees them, and their pages stay."""
    row = ROWS[table]
    rows = text(
        f'INSERT INTO "{table}" (poll_id, {", ".join(row)}) SELECT :poll, {", ".join(row.values())} '
        "FROM (SELECT n, uuid_send(gen_random_uuid()) AS id FROM generate_series(:first, :first + 999) AS n) AS new"
    )
    sizes = text("SELECT pg_relation_size(:table), max(pg_relation_size(oid)) FROM pg_class")
    with db.engine.connect() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))  # no letter has to be there
        for first in count(1_000_000, 1000):
            connection.execute(rows, {"poll": made.poll, "first": first})
            size, longest = connection.execute(sizes, {"table": table}).one()
            if size >= SEGMENT and size == longest:
                break
        connection.rollback()


# While people vote


Voted = tuple[str, Given]  # a letter, and what was answered


def vote(port: int, mine: Sequence[str], folder: Path) -> list[Voted]:
    """Vote with these letters, some clients at once."""
    slices = [mine[n::CLIENTS] for n in range(CLIENTS)]
    logs = [folder / secrets.token_hex(8) for _ in slices]
    at_once([partial(client, port, some, log) for some, log in zip(slices, logs, strict=True)])
    pairs = zip(slices, logs, strict=True)
    return [pair for some, log in pairs for pair in zip(some, acknowledged([log]), strict=True)]


def comes_out(made: Live, given: Sequence[Given]) -> None:
    """See that what was given is what is counted, to the last vote, that it recounts, and is the outcome."""
    poll = db.session.get_one(Poll, made.poll)
    close_poll(poll, poll.closes)
    assert audit(made, given) == []
    recounts(made)
    counted = db.session.scalars(select(Box.commitment).where(Box.poll_id == made.poll)).all()
    assert sorted(each.hex() for each in counted) == sorted(str(each["C"]) for each in given)
    assert polls.turnout(db.session, poll).used == len(given)
    assert polls.outcomes(db.session, poll)[0].votes == Counter(each["marking"] for each in given)


@pytest.mark.parametrize("table", ["redemption", "inbox"])
def test_a_full_disk_while_people_vote(live: MakeLive, own: Cluster, tmp_path: Path, table: str) -> None:
    """Whatever cannot be written, the letter or the answer, it is both or neither; who was refused votes again."""
    made = live(ROUNDS * 4 * PORTION)
    pad(made, table)
    portions = (made.codes[start : start + PORTION] for start in range(0, len(made.codes), PORTION))
    given: list[Given] = []
    with serve(made) as server:
        for _ in range(ROUNDS):
            first, refused = list[Voted](), set[str]()
            with no_page_more(own, made):
                while not refused:  # until no page has any room left
                    first += vote(server.port, next(portions), tmp_path)
                    refused = {code for code, each in first if each["status"] == 500}
                assert send(server.port, "POST", "/s", {"code": min(refused)})[0] == 200  # the letter is read
            again = vote(server.port, [code for code, _ in first], tmp_path)
            for code, later in again:  # with another r it is another vote
                assert later["status"] == (303 if code in refused else 409)
            assert all(SAID in str(each["said"]) for code, each in first if code in refused)
            given += [each for _, each in [*first, *again] if each["status"] == 303]
            FIGURES["votes refused by PostgreSQL without room, and cast with room"] += len(refused)
    assert own.log.read_text().count("could not extend file") >= ROUNDS
    comes_out(made, given)


def test_a_casting_that_says_yes_without_room_is_caught(live: MakeLive, own: Cluster, tmp_path: Path) -> None:
    made = live(3 * PORTION)
    pad(made, "inbox")
    with serve(made, "tests.trust.weak:yes_anyway") as server, no_page_more(own, made):
        given = [each for _, each in vote(server.port, made.codes, tmp_path)]
    poll = db.session.get_one(Poll, made.poll)
    close_poll(poll, poll.closes)
    assert {each["status"] for each in given} == {303}
    assert "0 ballots of a receipt" in audit(made, given)


# While people vote, and the log has no room: PostgreSQL itself goes down


def no_log_more(own: Cluster, server: Server, code: str) -> bool:
    """Leave little room in the log, and make some once the database went down; say whether a voter was told."""
    down = own.log.read_text().count("PANIC")
    limit(own, SEGMENT - PAGE // 2)
    until = time.monotonic() + SOON
    try:
        while own.log.read_text().count("PANIC") == down:
            assert time.monotonic() < until
            with suppress(psycopg.OperationalError, psycopg.InternalError):
                fill_the_log(own)
            time.sleep(0.02)
        status, _, page = send(server.port, "POST", "/s", {"code": code})
        assert (status == 500) == (SAID in page)  # it may have come back for a moment
    finally:
        limit(own, None)
    while not answers(own):
        assert time.monotonic() < until
    return status == 500


def fill_the_log(own: Cluster) -> None:
    """Write so much to the log that little room is left in its last file; where that is so already, a bit more."""
    with psycopg.connect(own.url(), autocommit=True, connect_timeout=5) as connection:
        (used,) = connection.execute("SELECT pg_current_wal_insert_lsn() - '0/0'").fetchone() or (0,)
        much = max(SEGMENT - int(used) % SEGMENT - LITTLE, 100)
        connection.execute("SELECT pg_logical_emit_message(false, '', repeat('x', %s))", (much,))


def answers(own: Cluster) -> bool:
    """Start the database where it stopped; say whether it answers."""
    assert own.process
    if own.process.poll() is not None:
        own.start()
    with suppress(psycopg.OperationalError):
        psycopg.connect(own.url(), connect_timeout=5).close()
        return True
    time.sleep(0.05)
    return False


def test_no_room_for_the_log_while_people_vote(live: MakeLive, own: Cluster, tmp_path: Path) -> None:
    made, told = live(ROUNDS * A_STOP + 100), list[bool]()
    logs = [tmp_path / f"receipts-{n}" for n in range(CLIENTS)]

    def full(server: Server) -> None:
        told.append(no_log_more(own, server, made.codes[0]))

    given = vote_while(made, "app:create_app", logs, ROUNDS, full)
    assert own.log.read_text().count("could not write to") >= ROUNDS
    assert sum(told) > ROUNDS // 2
    db.engine.dispose()
    poll = db.session.get_one(Poll, made.poll)
    close_poll(poll, poll.closes)
    assert audit(made, given) == []
    recounts(made)
    assert len(given) <= polls.turnout(db.session, poll).used == made.count("box") <= len(made.codes)
    assert len(given) >= len(made.codes) * 4 // 5  # the others closed their page


# While answers are mixed and counted


def without_room(work: Callable[[Poll], object], poll: bytes) -> bool:
    """Do this; say whether there was no room for it."""
    db.session.rollback()
    try:
        work(db.session.get_one(Poll, poll))
    except OperationalError as error:
        if not isinstance(error.orig, DiskFull):
            raise
        return True
    return False


@pytest.mark.usefixtures("small_steps")
def test_a_full_disk_while_answers_are_mixed_and_counted(live: MakeLive, own: Cluster) -> None:
    """What cannot be written is written in part by nobody: with room it goes on, and nothing is missing."""
    made, refused = live(45 * ROUNDS), Counter[str]()
    given = cast_all(made)

    def close(poll: Poll) -> None:
        close_poll(poll, poll.closes)

    for table, step in (("leaf", mix_all), ("box", close)):
        pad(made, table)
        for _ in range(ROUNDS):
            with no_page_more(own, made):
                refused[table] += without_room(step, made.poll)
            db.session.rollback()
            assert made.count("inbox") + made.count("leaf") == len(given)
            assert made.count("box") in (0, len(given)) or not db.session.get_one(Poll, made.poll).closed_at
        assert not without_room(step, made.poll)
    assert refused["leaf"] == ROUNDS
    assert refused["box"] > ROUNDS // 2
    comes_out(made, given)


# What a command says


def test_a_command_says_that_the_disk_is_full(live: MakeLive, own: Cluster) -> None:
    made = live(3)
    pad(made, "inbox")
    long = secrets.token_hex(2**20)  # longer than the longest table
    town = ["town", "add", "--name=Dorp", "--url=https://dorp.nl", "--phone=14", "--email=a@dorp.nl"]
    with no_page_more(own, made):
        said = current_app.test_cli_runner().invoke(args=[*town, f"--address={long}"])
    assert said.exit_code == 1
    assert said.output == (
        "Error: De schijf van de database is vol. Wat al klaar was, is bewaard; de rest niet. "
        "Maak ruimte en probeer het opnieuw.\n"
    )
    assert made.run("SELECT * FROM town") == []
