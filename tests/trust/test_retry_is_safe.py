"""The same vote sent again is one ballot and one receipt: fifty times, in any order, cut off, during a mix."""

import multiprocessing
import random
import secrets
import socket
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from time import sleep
from urllib.parse import urlencode

import pytest

from ballots import mixing, polls, web
from ballots.database import db
from ballots.models import Poll
from tests.conftest import close_poll
from tests.trust.helpers import Live, Server, at_once, send, serve

pytestmark = pytest.mark.both

MakeLive = Callable[..., Live]
VOTERS, TIMES, PROCESSES = 12, 50, 10

Form = Mapping[str, str]


def cut_off(port: int, form: Form) -> None:
    """Send a vote and hang up before there is an answer."""
    body = urlencode(form)
    with closing(socket.create_connection(("127.0.0.1", port), timeout=30)) as connection:
        connection.sendall(
            f"POST /s/stem HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\n\r\n{body}".encode()
        )


def sending(port: int, forms: Sequence[Form], seed: int) -> list[tuple[str, int, str]]:
    """Send these in an order of its own, one in five cut off; return code, status and Location of the others."""
    chance, answers = random.Random(seed), []
    for form in chance.sample(forms, len(forms)):
        if chance.random() < 0.2:
            cut_off(port, form)
        else:
            answers.append((form["code"], *send(port, "POST", "/s/stem", form)[:2]))
    return answers


def storm(server: Server) -> tuple[Counter[int], dict[str, set[str]]]:
    """Let every voter send the same vote fifty times while another process mixes; return statuses and receipts."""
    made, busy = server.live, multiprocessing.get_context("fork").Value("i", PROCESSES)
    forms = [
        {"code": code, "q1": ("voor", "tegen", "blanco")[n % 3], "r": secrets.token_hex(32)}
        for n, code in enumerate(made.codes)
    ]

    def send_some(seed: int) -> list[tuple[str, int, str]]:
        try:
            return sending(server.port, [form for form in forms for _ in range(TIMES // PROCESSES)], seed)
        finally:
            with busy.get_lock():
                busy.value -= 1

    def mix() -> int:
        """Move an answer as soon as there are two, so that many a repeat comes while its answer is on the way."""
        db.engine.dispose(close=False)  # what the parent opened is the parent's
        mixing.CROWD, moved = 1, 0
        while busy.value:
            moved += mixing.mix(
                db.session, web.vault(), db.session.get_one(Poll, made.poll), datetime.now(UTC)
            )
            db.session.rollback()
            sleep(0.005)
        return moved

    *sent, moved = at_once([*(partial(send_some, seed) for seed in range(PROCESSES)), mix])
    assert isinstance(moved, int)
    assert moved > VOTERS // 2
    answers = [answer for each in sent if isinstance(each, list) for answer in each]
    assert len(answers) > VOTERS * TIMES / 2, sent
    receipts: dict[str, set[str]] = {form["code"]: set() for form in forms}
    for code, status, location in answers:
        if status == 303:
            receipts[code].add(location)
    return Counter(status for _, status, _ in answers), receipts


def test_fifty_times_the_same_vote_while_somebody_mixes(live: MakeLive) -> None:
    made = live(VOTERS)
    with serve(made) as server:
        statuses, receipts = storm(server)
        assert set(statuses) == {303}
        assert {len(found) for found in receipts.values()} == {1}
    assert made.count("redemption") == VOTERS
    assert made.count("inbox") + made.count("leaf") == VOTERS
    poll = db.session.get_one(Poll, made.poll)
    close_poll(poll, poll.closes)
    assert made.count("box") == VOTERS == polls.turnout(db.session, poll).used


def test_a_server_that_looks_on_the_board_first_refuses_honest_repeats(live: MakeLive) -> None:
    with serve(live(VOTERS), "tests.trust.weak:board_first") as server:
        statuses, _ = storm(server)
        assert statuses[409] > 0
