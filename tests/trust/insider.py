"""An insider with a full dump: looks before and after each vote and each mix, and guesses who voted what.

What is guessed is which revealed p belongs to which published commitment C. The attack knows no keys. It takes
whatever `Store` it is given: a database, and how to look at all of it.
"""

import math
import random
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any, Protocol

import psycopg

from ballots.sealing import Opening

Row = tuple[Any, ...]
SMALLEST = 10  # bytes: less than this may be the same by chance


@dataclass(frozen=True)
class Look:
    """All there is at one moment: every row of every table as the database reads them, the marks that it gave
    them by itself (by the names in `MARKS`), and every file by its name; the logs end in `-wal`.
    """

    rows: Mapping[str, list[Row]]
    marks: Mapping[tuple[str, str], Mapping[Row, int]]
    files: Mapping[str, bytes]


MARKS = ("row", "transaction")  # the number of a row in its table, and of the transaction that wrote it


class Store(Protocol):
    """A database with all that lies around it."""

    def look(self) -> Look:
        """Return all there is now."""


@dataclass(frozen=True)
class SQLiteStore:
    """The files of an SQLite database and what lies beside it: freed pages, write-ahead log in order, statistics."""

    database: Path
    beside: Sequence[Path] = ()

    def look(self) -> Look:
        files = [self.database, *(self.database.with_name(f"{self.database.name}{end}") for end in ENDS)]
        with closing(sqlite3.connect(self.database)) as database:
            names = [
                name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            ]
            rows = {name: list(map(tuple, database.execute(f'SELECT * FROM "{name}"'))) for name in names}
            marks = {(name, "row"): _rowids(database, name) for name in names}
        return Look(
            rows, marks, {path.name: path.read_bytes() for path in (*files, *self.beside) if path.exists()}
        )


ENDS = ("-wal", "-shm")


def _rowids(database: sqlite3.Connection, name: str) -> dict[Row, int]:
    try:
        return {
            row: id for id, *row in database.execute(f'SELECT rowid, * FROM "{name}"') for row in [tuple(row)]
        }
    except sqlite3.OperationalError:  # it has none
        return {}


@dataclass
class PostgresStore:
    """A PostgreSQL database as its administrator has it: where rows lie (`ctid`), which transaction wrote them
    (`xmin`), the files of its tables with what was deleted, its write-ahead log, its statistics and its own log.
    """

    address: str
    beside: Sequence[Path] = ()
    log: bytes = b""
    looks: int = 0
    end: str = ""  # where the write-ahead log goes on after the last look

    def look(self) -> Look:
        with psycopg.connect(self.address, autocommit=True) as database:
            self._read_log(database)  # before old parts of it are put to use again
            if self.looks % CHECKPOINTS == 0:
                database.execute("ANALYZE")
                database.execute("CHECKPOINT")
            self.looks += 1
            self.end = _now(database)
            tables = database.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            ).fetchall()
            rows: dict[str, list[Row]] = {}
            marks: dict[tuple[str, str], dict[Row, int]] = {}
            files = {path.name: path.read_bytes() for path in self.beside}
            for (name,) in tables:
                query = f'{PLACE}, xmin::text::bigint, * FROM "{name}"'
                found = database.execute(query.encode()).fetchall()
                rows[name] = [tuple(map(repr_or_bytes, row)) for _, _, *row in found]
                for column, mark in enumerate(MARKS):
                    values = (int(row[column]) for row in found)
                    marks[name, mark] = dict(zip(rows[name], values, strict=True))
                (data,) = database.execute(READ_TABLE, [f'"{name}"']).fetchone() or (b"",)
                files[f"{name}.db"] = data
            files["statistics"] = repr(
                database.execute("SELECT * FROM pg_stats WHERE schemaname = 'public'").fetchall()
            ).encode()
        return Look(rows, marks, {**files, "pg-wal": self.log})

    def _read_log(self, database: "psycopg.Connection[Any]") -> None:
        """Add what was written to the write-ahead log since the last look."""
        end = _now(database)
        while self.end and self.end != end:
            here = {"start": self.end, "end": end}
            data, self.end = database.execute(READ_LOG, here).fetchone() or (b"", end)
            self.log += data


def _now(database: "psycopg.Connection[Any]") -> str:
    """Return how far the write-ahead log goes."""
    (end,) = database.execute("SELECT pg_current_wal_lsn()::text").fetchone() or ("",)
    return str(end)


CHECKPOINTS = 25  # so many looks apart the server writes its tables to their files, and its statistics
PLACE = "SELECT (ctid::text::point)[0] * 65536 + (ctid::text::point)[1]"
READ_TABLE = "SELECT pg_read_binary_file(pg_relation_filepath(%s::regclass))"
# What a segment of the log holds from `start` on, at most up to `end`; and where that ends.
READ_LOG = """
    WITH size AS (SELECT pg_size_bytes(current_setting('wal_segment_size')) AS segment),
    here AS (SELECT segment, mod(%(start)s::pg_lsn - '0/0'::pg_lsn, segment)::bigint AS first FROM size),
    part AS (SELECT first, least(segment - first, (%(end)s::pg_lsn - %(start)s::pg_lsn))::bigint AS bytes FROM here)
    SELECT pg_read_binary_file('pg_wal/' || pg_walfile_name(%(start)s::pg_lsn + 1), first, bytes),
        (%(start)s::pg_lsn + bytes)::text FROM part
"""


def repr_or_bytes(value: object) -> object:
    """Return a value of a row that can be told apart and looked up."""
    return value if isinstance(value, bytes | int | str) or value is None else repr(value)


@dataclass(frozen=True)
class Voter:
    """What the insider saw of one vote: the p it revealed and in which row, when, the inbox rows that came with it,
    and lengths.
    """

    p: bytes
    letter: Row
    order: int
    answers: frozenset[Row]
    lengths: tuple[int, ...]


@dataclass(frozen=True)
class Batch:
    """What came on the board at once, whose answers went from the inbox then, and all there was before and after."""

    voters: tuple[Voter, ...]
    leaves: tuple[Row, ...]
    before: Look
    after: Look


@dataclass
class Insider:
    """Looks and remembers. `INBOX` and `LEAF` below are where their columns are."""

    store: Store
    voters: list[Voter] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)
    bytes_by_look: list[tuple[Voter | None, bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.seen = self.store.look()

    def voted(self, lengths: tuple[int, ...]) -> None:
        """Look after one vote, whose answers had these lengths."""
        before, after = self._looked()
        (redemption,) = new(before, after, "redemption")
        proof = bytes(redemption[REDEMPTION.index("p")])
        voter = Voter(proof, redemption, len(self.voters), new(before, after, "inbox"), lengths)
        self.voters.append(voter)
        self._note(voter, before, after)

    def mixed(self) -> None:
        """Look after what may have been a mix."""
        self._note(None, *self._looked())

    def _looked(self) -> tuple[Look, Look]:
        before, self.seen = self.seen, self.store.look()
        return before, self.seen

    def _note(self, voter: Voter | None, before: Look, after: Look) -> None:
        self.bytes_by_look.append((voter, b"\0".join(changed(before, after))))
        if leaves := new(before, after, "leaf"):
            gone = new(after, before, "inbox")
            whose = [each for each in self.voters if each.answers & gone]
            if voter and not gone:  # no inbox: it came on the board with the vote itself
                whose = [voter]
            self.batches.append(Batch(tuple(whose), tuple(leaves), before, after))

    def guesses(self, openings: Mapping[bytes, Opening], seed: int) -> dict[str, dict[bytes, bytes]]:
        """Return by each strategy which C it guesses for each p; `openings` are public by now, by C."""
        found = {"equal bytes": self._equal_bytes(openings), "one transaction": self._one_transaction()}
        for (by, of_voter), (along, of_leaf) in product(VOTER_KEYS.items(), LEAF_KEYS.items()):
            for backwards in (False, True):
                name = f"{by} × {along}{', backwards' if backwards else ''}"
                chance = random.Random(f"{seed} {name}")
                found[name] = {}
                for batch in self.batches:
                    voters = ordered(batch.voters, of_voter(batch), chance)
                    leaves = ordered(batch.leaves, of_leaf(batch, openings), chance)
                    pairs = zip(voters, leaves[::-1] if backwards else leaves, strict=False)
                    found[name] |= {voter.p: commitment(leaf) for voter, leaf in pairs}
        return found

    def _equal_bytes(self, openings: Mapping[bytes, Opening]) -> dict[bytes, bytes]:
        """Return each p in whose look bytes of an answer were seen first: C, control code, r_q, envelope."""
        envelopes = {commitment(leaf): envelope(leaf) for batch in self.batches for leaf in batch.leaves}
        found = {}
        for c, answer in openings.items():
            pieces = (c[:SMALLEST], c[SMALLEST : 2 * SMALLEST], answer.secret, envelopes[c][: 4 * SMALLEST])
            for piece in pieces:
                spelled = (piece, piece.hex().encode())
                looks = (voter for voter, data in self.bytes_by_look if any(each in data for each in spelled))
                first = next(looks, None)
                if first:
                    found[first.p] = c
        return found

    def _one_transaction(self) -> dict[bytes, bytes]:
        """Return each p with the answer on the board that the same transaction wrote."""
        leaves = {mark: row for row, mark in self.seen.marks.get(("leaf", "transaction"), {}).items()}
        letters = self.seen.marks.get(("redemption", "transaction"), {})
        return {
            bytes(row[REDEMPTION.index("p")]): commitment(leaves[mark])
            for row, mark in letters.items()
            if mark in leaves
        }


REDEMPTION = ("poll_id", "h", "p", "channel")
INBOX = ("poll_id", "id", "question", "tag", "sealed")
LEAF = ("poll_id", "position", "question", "control", "commitment", "sealed")


def new(before: Look, after: Look, table: str) -> frozenset[Row]:
    return frozenset(after.rows[table]) - frozenset(before.rows[table])


def changed(before: Look, after: Look, page: int = 4096) -> Iterator[bytes]:
    """Yield what is new in the files, page by page; of a log its new end, of the write-ahead log its new frames."""
    for name, data in after.files.items():
        old = before.files.get(name, b"")
        if data.startswith(old) and len(data) > len(old):
            yield data[len(old) :]
            continue
        for start in range(0, len(data), page):
            if data[start : start + page] != old[start : start + page]:
                yield data[start : start + page]


def commitment(leaf: Row) -> bytes:
    return bytes(leaf[LEAF.index("commitment")])


def envelope(leaf: Row) -> bytes:
    return bytes(leaf[LEAF.index("sealed")])


def answer_of(voter: Voter) -> Row:
    """Return the inbox row that came with a vote, or nothing in it where there is no inbox."""
    return min(voter.answers, key=repr, default=(b"", b"", 1, b"", b""))


Key = Callable[[Any], Any]


def ordered(them: Sequence[object], key: Key, chance: random.Random) -> list[Any]:
    """Return these in order; which of equals comes first is chance."""
    return sorted(them, key=lambda each: (key(each), chance.random()))


def marked(look: Look, table: str, mark: str) -> Callable[[Row], int]:
    """Return the mark that the database gave a row by itself, where there is one."""
    marks = look.marks.get((table, mark), {})
    return lambda row: marks.get(row, -1)


def place(look: Look, table: str) -> Callable[[Row], int]:
    """Return where a row stands among those of a table as they are read."""
    places = {row: number for number, row in enumerate(look.rows.get(table, ()))}
    return lambda row: places.get(row, -1)


def offset(look: Look, end: str) -> Callable[[bytes], int]:
    """Return where these bytes stand first in the file whose name ends so."""
    data = next((data for name, data in look.files.items() if name.endswith(end)), b"")
    return lambda piece: data.find(piece) if piece else -1


def _id(voter: Voter) -> bytes:
    return bytes(answer_of(voter)[INBOX.index("id")])


def _length(voter: Voter) -> int:
    return len(bytes(answer_of(voter)[INBOX.index("sealed")]))


VOTER_KEYS: Mapping[str, Callable[[Batch], Key]] = {
    "arrival": lambda batch: lambda voter: voter.order,
    "place in the inbox": lambda batch: lambda voter: place(batch.before, "inbox")(answer_of(voter)),
    "rowid in the inbox": lambda batch: (
        lambda voter: place(batch.before, "inbox, by rowid")(answer_of(voter))
    ),
    "offset in the file": lambda batch: lambda voter: offset(batch.before, ".db")(_id(voter)),
    "offset in the write-ahead log": lambda batch: lambda voter: offset(batch.before, "-wal")(_id(voter)),
    "offset of p": lambda batch: lambda voter: offset(batch.before, "-wal")(voter.p),
    "length in the inbox": lambda batch: _length,
    "lengths of answers": lambda batch: lambda voter: voter.lengths,
}
LEAF_KEYS: Mapping[str, Callable[[Batch, Mapping[bytes, Opening]], Key]] = {
    "position": lambda batch, openings: lambda leaf: leaf[LEAF.index("position")],
    "place on the board": lambda batch, openings: place(batch.after, "leaf"),
    "row on the board": lambda batch, openings: marked(batch.after, "leaf", "row"),
    "transaction": lambda batch, openings: marked(batch.after, "leaf", "transaction"),
    "offset in the file": lambda batch, openings: lambda leaf: offset(batch.after, ".db")(commitment(leaf)),
    "offset in the write-ahead log": lambda batch, openings: (
        lambda leaf: offset(batch.after, "-wal")(commitment(leaf))
    ),
    "length on the board": lambda batch, openings: lambda leaf: len(envelope(leaf)),
    "length of the marking": lambda batch, openings: (
        lambda leaf: len(openings[commitment(leaf)].marking.rstrip())
    ),
}


def tail(hits: int, expected: float) -> float:
    """Return how likely it is to guess so many or more by chance: of each batch one is guessed right on average,
    however large it is, so hits are as good as Poisson with the number of batches.
    """
    return 1 - sum(math.exp(-expected) * expected**n / math.factorial(n) for n in range(hits))
