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

from ballots.sealing import Opening

Row = tuple[Any, ...]
SMALLEST = 10  # bytes: less than this may be the same by chance


@dataclass(frozen=True)
class Look:
    """All there is at one moment: every row of every table as the database reads them, and every file."""

    rows: Mapping[str, list[Row]]
    files: Mapping[str, bytes]


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
            rows |= {f"{name}, by rowid": by for name in names if (by := _by_rowid(database, name))}
        return Look(rows, {path.name: path.read_bytes() for path in (*files, *self.beside) if path.exists()})


ENDS = ("-wal", "-shm")


def _by_rowid(database: sqlite3.Connection, name: str) -> list[Row]:
    try:
        return list(database.execute(f'SELECT * FROM "{name}" ORDER BY rowid'))
    except sqlite3.OperationalError:  # it has none
        return []


@dataclass(frozen=True)
class Voter:
    """What the insider saw of one vote: the p it revealed, when, the inbox rows that came with it, and lengths."""

    p: bytes
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
        voter = Voter(proof, len(self.voters), new(before, after, "inbox"), lengths)
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
        found = {"equal bytes": self._equal_bytes(openings)}
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
