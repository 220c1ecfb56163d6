"""Reading the ballot box: every answer once, whatever the size of what is read at a time."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import insert

from ballots import box
from ballots.database import db, writing
from ballots.models import Box, Poll

pytestmark = pytest.mark.both

MOMENT = datetime(2026, 6, 1, 12, tzinfo=UTC)
HERE, ELSEWHERE = b"p" * 16, b"q" * 16


@pytest.fixture
def polls(app: Flask) -> None:
    """Two polls without anything in them."""
    with writing(db.session):
        for id in (HERE, ELSEWHERE):
            db.session.add(
                Poll(id=id, definition=b"", hash=b"", opens=MOMENT, closes=MOMENT, frozen_at=MOMENT)
            )


def put(poll: bytes, question: int, markings: list[str], commitments: list[bytes]) -> None:
    rows = [
        {
            "poll_id": poll,
            "question": question,
            "commitment": commitment,
            "secret": b"",
            "marking": marking.ljust(12),
        }
        for marking, commitment in zip(markings, commitments, strict=True)
    ]
    with writing(db.session):
        db.session.execute(insert(Box), rows)


def read(poll: bytes, question: int) -> Counter[str]:
    found: Counter[str] = Counter()
    for marking, number in box.markings(db.session, poll, question):
        found[marking] += number
    return found


@pytest.mark.usefixtures("polls")
@pytest.mark.parametrize("at_once", [1, 3, 50, 4_000])
def test_every_answer_is_read_once_without_its_padding(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(box, "AT_ONCE", at_once)
    edges = [b"\x00" * 32, b"\xff" * 32, b"\x80" + b"\x00" * 31, b"\x7f" + b"\xff" * 31]
    spread = [bytes([n, 9]) + b"\x05" * 30 for n in range(1, 247)]
    markings = ["a1", "b-2", "a1,b-2", "blanco", "a1"] * 50
    put(HERE, 1, markings, [*edges, *spread])
    put(HERE, 2, ["z"], [b"\x01" * 32])
    put(ELSEWHERE, 1, ["y"], [b"\x01" * 32])
    assert read(HERE, 1) == Counter(markings)
    assert read(HERE, 2) == {"z": 1}
    assert read(ELSEWHERE, 1) == {"y": 1}


@pytest.mark.usefixtures("polls")
def test_answers_whose_commitments_lie_close_together_are_read_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(box, "AT_ONCE", 2)
    put(HERE, 1, ["a"] * 20, [b"\x42" * 31 + bytes([n]) for n in range(20)])
    assert read(HERE, 1) == {"a": 20}


@pytest.mark.usefixtures("polls")
def test_an_empty_box_holds_nothing() -> None:
    assert read(HERE, 1) == {}
