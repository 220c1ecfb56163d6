"""What casting and mixing cost, each beside what it is measured against, in one and the same run.

Run it as `python -m bench.casting [row …] [--size 0.1]`; rows are casting, mixing and checkpoint. It prints a
Markdown table.

*Mixing*: everything from the inbox to the board and into the box, beside bare AES-GCM and HPKE opening of the
same envelopes; and how much memory it takes more than half as many do. *Checkpoint*: what one costs behind a
large board, beside the same behind an empty one; both in seconds of processor time.

*Casting*: over HTTP, all cryptography, every vote on disk before its receipt. The floor (`bench/floor.py`) is
served by the same server, writes the same two rows into the same kind of database and does nothing else. They
take turns, loaded alike by `PROCESSES` processes with `CONNECTIONS` open connections each.
"""

import argparse
import os
import re
import resource
import socket
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector

import flask_migrate
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app import create_app
from ballots import letters, mixing, polls, serving
from ballots.casting import cast_together, mix_keys, sealed
from ballots.checkpoints import sign
from ballots.codes import proof
from ballots.database import db
from ballots.keys import opening_key
from ballots.models import Inbox, Poll
from ballots.sealing import SUITE
from ballots.terms import frozen
from ballots.vault import Vault
from bench import floor
from bench.counting import spent
from tests import cluster
from tests.conftest import yes_no

PROCESSES, CONNECTIONS = 2, 32
ROUNDS = 5
VOTES = 2_000  # in one round
SECRET = "secret of the bench, which is long enough"
HALF, QUARTER = 0.5, 0.25
BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gW0"
LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Load:
    """What came of one round: votes a second, and the seconds that half, and 99 of 100, took at most."""

    rate: float
    p50: float
    p99: float


def request(body: bytes) -> bytes:
    """Return a vote as it goes over the wire, on a connection that stays open."""
    head = (
        f"POST /s/stem HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n\r\n"
    )
    return head.encode() + body


def form(fields: Mapping[str, str]) -> bytes:
    """Return a form as a browser sends that of the review page: in parts."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    return "".join((*parts, f"--{BOUNDARY}--\r\n")).encode()


def whole(answer: bytearray) -> bool:
    """Say whether an answer is all there."""
    head, end, body = answer.partition(b"\r\n\r\n")
    found = LENGTH.search(head)
    return bool(end) and (found is None or len(body) >= int(found[1]))


def send_all(port: int, bodies: Sequence[bytes]) -> list[float]:
    """Send these over `CONNECTIONS` connections, each the next as soon as it has an answer; return the seconds
    that each took. Raises AssertionError for any answer but a 303.
    """
    waiting, taken = iter(map(request, bodies)), []
    answers: dict[socket.socket, bytearray] = {}
    with DefaultSelector() as selector:
        for _ in range(CONNECTIONS):
            connection = socket.create_connection(("127.0.0.1", port))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if (first := next(waiting, None)) is None:
                connection.close()
                break
            connection.sendall(first)
            selector.register(connection, EVENT_READ, time.perf_counter())
        while selector.get_map():
            for key, _ in selector.select():
                assert isinstance(key.fileobj, socket.socket)
                connection = key.fileobj
                answer = answers.setdefault(connection, bytearray())
                answer += connection.recv(65536)
                if not whole(answer):
                    continue
                assert answer.startswith(b"HTTP/1.1 303"), answer
                answer.clear()
                taken.append(time.perf_counter() - key.data)
                if (following := next(waiting, None)) is None:
                    selector.unregister(connection)
                    connection.close()
                else:
                    connection.sendall(following)
                    selector.modify(connection, EVENT_READ, time.perf_counter())
    return taken


def loaded(pool: ProcessPoolExecutor, port: int, bodies: Sequence[bytes]) -> Load:
    """Send these from all processes at once."""
    start = time.perf_counter()
    sent = [pool.submit(send_all, port, bodies[n::PROCESSES]) for n in range(PROCESSES)]
    taken = sorted(seconds for each in sent for seconds in each.result())
    rate = len(taken) / (time.perf_counter() - start)
    assert len(taken) == len(bodies)
    return Load(rate, taken[len(taken) // 2], taken[len(taken) * 99 // 100])


@contextmanager
def polling(settings: Mapping[str, str], count: int) -> Iterator[list[bytes]]:
    """Make a poll with so many letters, and yield the body of a vote with each."""
    app = create_app(settings)
    with app.app_context():
        flask_migrate.upgrade()
        vault, now = Vault(Path(settings["DATA_DIR"]) / "keys"), datetime.now(UTC)
        poll = polls.freeze(db.session, vault, yes_no(now), count, now)
        codes = [code for _, code in letters.printable(db.session, vault, poll)]
        db.session.remove()
        yield [
            form(
                {
                    "code": code,
                    "r": os.urandom(32).hex(),
                    "q1": ("voor", "tegen", "blanco")[n % 3].ljust(6),
                }
            )
            for n, code in enumerate(codes)
        ]
        db.session.remove()
        db.engine.dispose()


def casting_row(folder: Path, size: float) -> Iterator[str]:
    """Votes over HTTP beside the floor, on SQLite and on PostgreSQL."""
    yield from beside_the_floor(
        "SQLite", folder, size, f"sqlite:///{folder / 'ours.db'}", str(folder / "floor.db")
    )
    folder.chmod(0o711)  # PostgreSQL runs as a user of its own, and must come through
    with cluster.running(folder / "cluster") as postgresql:
        yield from beside_the_floor(
            "PostgreSQL", folder, size, postgresql.make("ours"), postgresql.make("floor")
        )


def beside_the_floor(name: str, folder: Path, size: float, database: str, bare: str) -> Iterator[str]:
    """Votes over HTTP into a database that is empty, beside the floor on a `bare` one."""
    votes = int(VOTES * size)
    data = folder / name
    data.mkdir()
    settings = {"SECRET_KEY": SECRET, "DATA_DIR": str(data), "DATABASE_URL": database}
    with (
        ProcessPoolExecutor(PROCESSES, get_context("fork")) as pool,
        polling(settings, votes * (ROUNDS + 1)) as ours,
        serving.served("app:create_app", settings) as port,
        serving.served("bench.floor:create_app", {"FLOOR_DATABASE": bare}) as floor_port,
    ):
        plain = [os.urandom(200) for _ in range(votes)]
        loads: list[tuple[Load, Load]] = []
        for number in range(ROUNDS + 1):  # of which the first warms up
            floors = loaded(pool, floor_port, plain)
            loads.append((loaded(pool, port, ours[number * votes : (number + 1) * votes]), floors))
        assert waiting(settings) == votes * (ROUNDS + 1)
        alone, together = raw(bare, 1), raw(bare, 256)
    cast, beside = (middle([pair[side] for pair in loads[1:]]) for side in (0, 1))
    ratio = statistics.median(ours.rate / floor_.rate for ours, floor_ in loads[1:])
    yield (
        f"| votes a second, {name} | {cast.rate:,.0f} | {beside.rate:,.0f} (a raw loop: {alone:,.0f} commits of "
        f"one, {together:,.0f} votes in commits of 256) | {ratio:.0%} | ≥ {HALF:.0%} | {met(ratio >= HALF)} |"
    )
    spread = cast.p99 / cast.p50
    yield (
        f"| 99 of 100 votes within, against half of them, {name} | {cast.p99 * 1e3:.1f} ms | {cast.p50 * 1e3:.1f} ms "
        f"| {spread:.1f}× | ≤ 10× | {met(spread <= 10)} |"
    )


def waiting(settings: Mapping[str, str]) -> int:
    """Return how many answers are in the inbox."""
    with create_app(settings).app_context():
        found = db.session.scalar(select(func.count()).select_from(Inbox)) or 0
        db.session.remove()
        db.engine.dispose()
    return found


def middle(loads: Sequence[Load]) -> Load:
    """Return the medians of some rounds."""
    return Load(
        statistics.median(each.rate for each in loads),
        statistics.median(each.p50 for each in loads),
        statistics.median(each.p99 for each in loads),
    )


def raw(address: str, together: int) -> float:
    """Return how many votes a second a bare loop writes there, with so many in one durable commit."""
    number, write = 512, floor.opened(address)
    votes = [floor.rows(os.urandom(200)) for _ in range(number)]
    start = time.perf_counter()
    for first in range(0, number, together):
        write(votes[first : first + together])
    return number / (time.perf_counter() - start)


# -- mixing ------------------------------------------------------------------------------------------


@contextmanager
def opened(folder: Path) -> Iterator[Session]:
    """Yield a session on a database in this folder."""
    settings = {
        "SECRET_KEY": SECRET,
        "DATA_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'mixing.db'}",
    }
    with create_app(settings).app_context():
        yield db.session()
        db.session.remove()
        db.engine.dispose()


def fill(folder: Path, number: int) -> None:
    """Make a poll there with so many answers in its inbox, sealed as voters do, and as many letters used."""
    with opened(folder) as session:
        flask_migrate.upgrade()
        vault, now = Vault(folder / "keys"), datetime.now(UTC)
        poll = polls.freeze(session, vault, yes_no(now), number, now)
        mix, known = mix_keys(vault, poll.id), frozen(poll)
        codes = [code for _, code in letters.printable(session, vault, poll)]
        for some in (codes[start : start + 256] for start in range(0, number, 256)):
            votes = [
                sealed(mix, known, proof(poll.id, code), [[("voor", "tegen")[n % 2]]], os.urandom(32))
                for n, code in enumerate(some)
            ]
            cast_together(session, votes, lambda: now)


def open_bare(folder: Path) -> float:
    """Open every envelope in the inbox, and do nothing with it; return the seconds."""
    with opened(folder) as session:
        poll, vault, bare = session.scalars(select(Poll)).one(), Vault(folder / "keys"), 0.0
        cipher, place = AESGCM(mix_keys(vault, poll.id).mix), poll.id + b"\x01"
        key, info = opening_key(vault.read(poll.id, "open")), b"wijkstem stem" + place
        for rows in session.execute(text("SELECT sealed FROM inbox")).partitions(1_000):
            start = spent()
            for (row,) in rows:
                SUITE.decrypt(cipher.decrypt(row[:12], row[12:], place)[32:], key, info)
            bare += spent() - start
        return bare


def mix_and_open(folder: Path) -> tuple[float, float]:
    """Mix and open everything there; return the seconds, and by how many MB the memory grew."""
    with opened(folder) as session:
        poll, vault = session.scalars(select(Poll)).one(), Vault(folder / "keys")
        key = opening_key(vault.read(poll.id, "open"))
        before, start = peak(), spent()
        mixing.finish(session, vault, poll, poll.closes)
        mixing.open_all(session, poll, key)
        taken = spent() - start
        used, counted = (
            session.execute(text(f"SELECT count(*) FROM {t}")).scalar_one() for t in ("redemption", "box")
        )
        assert used == counted
        return taken, peak() - before


def peak() -> float:
    """Return the most memory that this process had so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def mixing_row(folder: Path, size: float) -> Iterator[str]:
    """Mixing and opening beside bare opening, and memory by the number of answers; each in a process of its own."""
    number = int(100_000 * size)
    memory: dict[int, float] = {}
    for count in (number // 2, number):
        there = folder / str(count)
        there.mkdir()
        for work in (partial(fill, there, count), partial(open_bare, there), partial(mix_and_open, there)):
            with ProcessPoolExecutor(1, get_context("spawn")) as pool:
                came_of_it = pool.submit(work).result()
            if isinstance(came_of_it, float):
                bare = came_of_it
            elif came_of_it:
                ours, memory[count] = came_of_it
    yield (
        f"| {number:,} answers mixed and opened, beside bare AES-GCM and HPKE opening | {ours:.1f} s | {bare:.1f} s "
        f"| {bare / ours:.0%} of its speed | ≥ {QUARTER:.0%} | {met(bare / ours >= QUARTER)} |"
    )
    half, whole = memory.values()
    yield (
        f"| its memory above what was there, beside half as many | {whole:.0f} MB | {half:.0f} MB "
        f"| {whole - half:+.0f} MB | ≤ +16 MB | {met(whole - half <= 16)} |"
    )


def checkpoint_row(folder: Path, size: float) -> Iterator[str]:
    """A checkpoint over 500 new leaves behind none, and behind very many."""
    settings = {
        "SECRET_KEY": SECRET,
        "DATA_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'board.db'}",
    }
    with create_app(settings).app_context():
        flask_migrate.upgrade()
        vault, now = Vault(folder / "keys"), datetime.now(UTC)
        there = int(1_000_000 * size)
        boards = {count: polls.freeze(db.session, vault, yes_no(now), 1, now) for count in (0, there)}
        sign(db.session, vault, boards[there], [(1, os.urandom(32)) for _ in range(there)], now)
        taken: dict[int, list[float]] = {0: [], there: []}
        for _ in range(40):
            for count, poll in boards.items():  # they take turns
                added = [(1, os.urandom(32)) for _ in range(500)]
                start = spent()
                sign(db.session, vault, poll, added, now)
                taken[count].append(spent() - start)
        db.session.remove()
        db.engine.dispose()
    empty, full = (statistics.median(seconds) for seconds in taken.values())
    yield (
        f"| a checkpoint over 500 answers, behind {there:,} and behind none | {full * 1e3:.1f} ms "
        f"| {empty * 1e3:.1f} ms | {full / empty:.2f}× | ≤ 1.5× | {met(full / empty <= 1.5)} |"
    )


def met(right: bool) -> str:
    return "yes" if right else "**no**"


ROWS: Mapping[str, Callable[[Path, float], Iterator[str]]] = {
    "casting": casting_row,
    "mixing": mixing_row,
    "checkpoint": checkpoint_row,
}


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("rows", nargs="*", metavar="row", help=", ".join(ROWS))
    arguments.add_argument("--size", type=float, default=1.0, help="this part of the votes")
    given = arguments.parse_args()
    if unknown := set(given.rows) - set(ROWS):
        arguments.error(f"no such row: {min(unknown)}")
    print("| work | ours | beside it | ratio | target | met |\n|---|---|---|---|---|---|")
    for name in given.rows or ROWS:
        with tempfile.TemporaryDirectory() as folder:
            for row in ROWS[name](Path(folder), given.size):
                print(row, flush=True)


if __name__ == "__main__":
    main()
