"""Nobody can look up how an address voted: an insider who dumps everything guesses no better than chance."""

import secrets
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations

import pytest
from sqlalchemy import select

from ballots import codes, mixing, paper, polls, sealing, web
from ballots.database import db
from ballots.models import Box, Poll
from ballots.paper import Kind, Option, Question
from ballots.sealing import Opening
from tests.conftest import close_poll
from tests.trust import weak
from tests.trust.helpers import Live, asking, send, serve
from tests.trust.insider import Insider, PostgresStore, SQLiteStore, Store, tail

MakeLive = Callable[..., Live]
VOTERS = 160
CHANCE = 1e-6
SEED = 2026

# Ids of such lengths that nearly every choice has a length of its own, if nothing is padded.
LENGTHS = (1, 3, 7, 15, 31, 40, 40)
OPTIONS = tuple(Option(f"{n}".ljust(length, "x"), f"Plan {n}", 0) for n, length in enumerate(LENGTHS))
QUESTION = Question("Welke plannen?", Kind.APPROVE, OPTIONS, 1, len(OPTIONS))
CHOICES = [[option.id for option in chosen] for size in range(1, 8) for chosen in combinations(OPTIONS, size)]


@dataclass(frozen=True)
class Attacked:
    """What came of an attack: how many p were linked to their C by each strategy, out of how many batches."""

    hits: Mapping[str, int]
    batches: list[int]


def attack(
    made: Live, target: str = "app:create_app", environment: Mapping[str, str] | None = None
) -> Attacked:
    """Let people vote one by one while an insider looks, mix whenever that can be, close, and let her guess.

    The clock of the close is the test's; everything else is as in service.
    """
    poll, vault = db.session.get_one(Poll, made.poll), web.vault()
    right: dict[bytes, bytes] = {}  # what only the voters know
    with serve(made, target, environment=environment) as server:
        insider = Insider(store(made))
        for number, code in enumerate(made.codes):
            form = {"code": code, "r": secrets.token_hex(32)}
            form["q1"] = ",".join(CHOICES[number * 37 % len(CHOICES)])
            review = send(server.port, "POST", "/s/controle", form)
            cast = send(server.port, "POST", "/s/stem", form)
            receipt = send(server.port, "GET", cast[1])
            assert (review[0], cast[0], receipt[0]) == (200, 303, 200)
            insider.voted(tuple(len(part) for answer in (review, cast, receipt) for part in answer[1:]))
            right[codes.proof(made.poll, code)] = commitment(poll, form)
            db.session.rollback()
            mixing.mix(db.session, vault, poll, poll.opens)
            insider.mixed()
    db.session.rollback()
    while polls.turnout(db.session, poll).used and not poll.closed_at:
        close_poll(poll, poll.closes)
        insider.mixed()
    rows = db.session.scalars(select(Box).where(Box.poll_id == made.poll))
    openings = {row.commitment: Opening(row.question, row.secret, row.marking) for row in rows}
    assert set(right.values()) == set(openings)
    found = insider.guesses(openings, SEED)
    hits = {name: sum(right[p] == c for p, c in guessed.items()) for name, guessed in found.items()}
    assert sum(len(batch.leaves) for batch in insider.batches) == len(made.codes)
    return Attacked(hits, [len(batch.leaves) for batch in insider.batches])


def store(made: Live) -> Store:
    return PostgresStore(made.address, [made.log]) if made.address else SQLiteStore(made.database, [made.log])


def commitment(poll: Poll, form: Mapping[str, str]) -> bytes:
    r, marking = bytes.fromhex(form["r"]), paper.marking(QUESTION, form["q1"].split(","))
    return sealing.opening(r, 1, marking, paper.longest(QUESTION)).commitment(poll.id)


@pytest.mark.both
def test_an_insider_guesses_no_better_than_chance(live: MakeLive) -> None:
    came = attack(live(VOTERS, asking(QUESTION, opens=datetime.now(UTC))))
    assert len(came.batches) >= 3
    assert min(came.batches[:-1]) >= mixing.CROWD
    told = {name: hits for name, hits in came.hits.items() if tail(hits, len(came.batches)) < CHANCE}
    assert not told, came.batches


@pytest.mark.both
@pytest.mark.parametrize("name", weak.PLANTS)
def test_the_same_insider_links_most_votes_of_a_weak_variant(
    live: MakeLive, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    made = live(120, asking(QUESTION, opens=datetime.now(UTC)))
    if name == "in order" and not made.address:  # rows of PostgreSQL lie in that order anyhow
        with_a_rowid(made)
    if name != "parameter logging":  # the log is the server's
        weak.PLANTS[name](monkeypatch.setattr)
    came = attack(made, "tests.trust.weak:planted", {"WEAK": name})
    best = max(came.hits, key=lambda strategy: came.hits[strategy])
    assert came.hits[best] > len(made.codes) / 2, (best, came)
    assert tail(came.hits[best], min(len(came.batches), 3)) < CHANCE


def with_a_rowid(made: Live) -> None:
    """Make the inbox a table in the order of insertion."""
    with closing(sqlite3.connect(made.database)) as database:
        (sql,) = database.execute("SELECT sql FROM sqlite_master WHERE name = 'inbox'").fetchone()
        database.execute("DROP TABLE inbox")
        database.execute(sql.replace("WITHOUT ROWID", ""))


def test_the_tail_is_that_of_poisson() -> None:
    assert tail(0, 3) == 1
    assert tail(1, 3) == pytest.approx(0.950213, abs=1e-6)
    assert tail(5, 3) == pytest.approx(0.184737, abs=1e-6)
    assert tail(20, 3) < CHANCE < tail(12, 3)
