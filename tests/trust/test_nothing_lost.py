"""The plug is pulled while people vote: every receipt that was given is a ballot that is counted, once."""

import json
import multiprocessing
import secrets
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from ballots import polls, receipts
from ballots.database import db
from ballots.models import Box, Poll
from tests.conftest import close_poll
from tests.trust.helpers import Live, free_port, send, serve

MakeLive = Callable[..., Live]
CLIENTS, EACH, KILLS = 3, 70, 3
LONG = 120  # seconds before a client gives up


def client(port: int, codes: Sequence[str], log: Path) -> None:
    """Vote with each letter; try again whenever no answer came; write every receipt down once it is here."""
    with log.open("a") as receipts_:
        for number, code in enumerate(codes):
            marking = ("voor", "tegen", "blanco")[number % 3]
            form = {"code": code, "q1": marking, "r": secrets.token_hex(32)}
            give_up = time.monotonic() + LONG
            while time.monotonic() < give_up:
                try:
                    status, location, _ = send(port, "POST", "/s/stem", form)
                except OSError:
                    if number % 10 == 9:
                        break  # this one closes the page: her vote may be in or not
                    time.sleep(0.05)
                    continue
                receipts_.write(json.dumps([status, location, marking]) + "\n")
                receipts_.flush()
                break


def acknowledged(logs: Sequence[Path]) -> list[list[Any]]:
    lines = [line for log in logs if log.exists() for line in log.read_text().split("\n")[:-1]]
    return [json.loads(line) for line in lines]


def vote_while_killing(made: Live, target: str, logs: Sequence[Path], kills: int) -> list[list[Any]]:
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
            while len(acknowledged(logs)) < kill * 25 and time.monotonic() < until:
                time.sleep(0.002)
            server.kill()
            server = stack.enter_context(serve(made, target, port))
        for each in clients:
            each.join(LONG)
            assert each.exitcode == 0
    return acknowledged(logs)


def audit(made: Live, given: list[list[Any]]) -> list[str]:
    """Close, and return what is wrong: a receipt without a ballot or with two, or a status nobody expects."""
    poll = db.session.get_one(Poll, made.poll)
    close_poll(poll, poll.closes)
    counted = Counter(db.session.scalars(select(Box.commitment).where(Box.poll_id == made.poll)))
    wrong = []
    for status, location, _ in given:
        found = receipts.unwrap(made.secret, datetime.now(UTC).date(), location.rpartition("/")[2])
        if status != 303 or found is None:
            wrong.append(f"status {status}")
        elif counted[found[1][0]] != 1:
            wrong.append(f"{counted[found[1][0]]} ballots of a receipt")
    return wrong


def test_kill_nine_while_people_vote(live: MakeLive, tmp_path: Path) -> None:
    made = live(CLIENTS * EACH)
    given = vote_while_killing(
        made, "app:create_app", [tmp_path / f"receipts-{n}" for n in range(CLIENTS)], KILLS
    )
    assert audit(made, given) == []
    poll = db.session.get_one(Poll, made.poll)
    cast = polls.turnout(db.session, poll)
    assert cast.used == made.count("box") == made.count("redemption")
    assert made.count("inbox") == 0
    closed_their_page = CLIENTS * (EACH // 10)
    assert len(made.codes) - closed_their_page <= len(given) <= cast.used <= len(made.codes)
    votes = polls.outcomes(db.session, poll)[0].votes
    for marking, number in Counter(marking for *_, marking in given).items():
        assert number <= votes[marking] <= number + cast.used - len(given)
    assert len({location for _, location, _ in given}) == len(given)


def test_a_server_that_answers_before_it_writes_is_caught(live: MakeLive, tmp_path: Path) -> None:
    made = live(30)
    logs = [tmp_path / f"receipts-{n}" for n in range(CLIENTS)]
    given = vote_while_killing(made, "tests.trust.weak:answer_then_write", logs, 1)
    assert {status for status, *_ in given} == {303}
    assert "0 ballots of a receipt" in audit(made, given)
