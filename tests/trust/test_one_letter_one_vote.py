"""Thirty processes at the door with one letter: one vote."""

import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from time import sleep

import pytest

from ballots import letters, polls, replacing, web
from ballots.database import db
from ballots.definition import Terms
from ballots.models import Poll
from ballots.refusals import LettersUsed, NotDue
from tests.conftest import yes_no
from tests.trust.helpers import Live, Server, at_once, send, serve

pytestmark = pytest.mark.both

MakeLive = Callable[..., Live]
MARKINGS = ("voor", "tegen", "blanco")
CROWD = 30


def vote(port: int, code: str, marking: str, r: str) -> tuple[int, str]:
    status, location, _ = send(port, "POST", "/s/stem", {"code": code, "q1": marking, "r": r})
    return status, location


def storm(server: Server) -> tuple[Counter[int], int]:
    """Post one letter from thirty processes at once, each with an r of its own; return statuses and ballots."""
    code = server.live.codes[0]
    jobs = [partial(vote, server.port, code, MARKINGS[n % 3], secrets.token_hex(32)) for n in range(CROWD)]
    answers = [answer if isinstance(answer, tuple) else (0, answer) for answer in at_once(jobs)]
    return Counter(status for status, _ in answers), server.live.count("inbox")


def test_thirty_processes_with_one_letter(live: MakeLive) -> None:
    with serve(live(2)) as server:
        statuses, ballots = storm(server)
        assert statuses == {303: 1, 409: CROWD - 1}
        assert ballots == server.live.count("redemption") == 1
        assert vote(server.port, server.live.codes[1], "voor", secrets.token_hex(32))[0] == 303


def test_the_same_storm_on_a_weak_server_gets_more_votes_in(live: MakeLive) -> None:
    with serve(live(1), "tests.trust.weak:look_then_write") as server:
        statuses, ballots = storm(server)
        assert statuses[303] > 1
        assert ballots > 1


def test_thirty_times_the_same_vote_is_one_vote_and_one_receipt(live: MakeLive) -> None:
    with serve(live(1)) as server:
        same = partial(vote, server.port, server.live.codes[0], "tegen", secrets.token_hex(32))
        answers = at_once([same] * CROWD)
        assert len(set(answers)) == 1
        status, location = same()
        assert (status, location) == answers[0]
        assert status == 303
        assert location.startswith("/s/bon/")
        assert server.live.count("inbox") == server.live.count("redemption") == 1


@pytest.mark.parametrize("head_start", [0, 4, 10])
def test_withdrawing_against_voting(live: MakeLive, head_start: int) -> None:
    """Whoever comes first: every letter is used with its ballot, or void without one."""
    made = live(20)
    with serve(made) as server:
        for code in made.codes[:head_start]:
            assert vote(server.port, code, "voor", secrets.token_hex(32))[0] == 303

        def withdraw() -> str:
            db.engine.dispose(close=False)  # what the parent opened is the parent's
            poll = db.session.get_one(Poll, made.poll)
            polls.withdraw(db.session, web.vault(), poll, "De vraag klopte niet.", datetime.now(UTC))
            return "withdrawn"

        jobs: list[Callable[[], object]] = [
            partial(vote, server.port, code, "tegen", secrets.token_hex(32))
            for code in made.codes[head_start:]
        ]
        *answers, done = at_once([*jobs, withdraw])
        assert done == "withdrawn"
        statuses = Counter(answer[0] if isinstance(answer, tuple) else 0 for answer in answers)
        assert set(statuses) <= {303, 410}
        db.session.rollback()
        cast = polls.turnout(db.session, db.session.get_one(Poll, made.poll))
        assert cast.used == head_start + statuses[303]
        assert made.count("inbox") == 0  # never counted, so never kept
        assert cast.void == statuses[410]
        assert (cast.issued, cast.open) == (20, 0)
        assert vote(server.port, made.codes[-1], "voor", secrets.token_hex(32))[0] == 410


def decided(made: Live, verb: str, serials: list[int]) -> str:
    """Void or replace letters in a process of its own; return what came of it."""
    db.engine.dispose(close=False)  # what the parent opened is the parent's
    poll, now = db.session.get_one(Poll, made.poll), datetime.now(UTC)
    try:
        if verb == "void":
            replacing.void(db.session, web.vault(), poll, serials, "Ongeopend terug.", now)
        else:
            replacing.replace(db.session, web.vault(), poll, serials, "Brief kwijt.", 2, now)
    except LettersUsed:
        return "used"
    return "done"


@pytest.mark.parametrize("verb", ["void", "replace"])
def test_voiding_or_replacing_against_voting(live: MakeLive, verb: str) -> None:
    """Ten letters, each voted with and taken away at once: used with its ballot, or void without one."""
    made = live(10)
    with serve(made) as server:
        votes: list[Callable[[], object]] = [
            partial(vote, server.port, code, "tegen", secrets.token_hex(32)) for code in made.codes
        ]
        takes: list[Callable[[], object]] = [
            partial(decided, made, verb, [serial]) for serial in range(1, 11)
        ]
        answers = at_once([each for pair in zip(votes, takes, strict=True) for each in pair])
        statuses = [answer[0] if isinstance(answer, tuple) else 0 for answer in answers[::2]]
        for status, came in zip(statuses, answers[1::2], strict=True):
            assert (status, came) in {(303, "used"), (410, "done")}
        db.session.rollback()
        poll = db.session.get_one(Poll, made.poll)
        cast = polls.turnout(db.session, poll)
        assert cast.used == statuses.count(303) == made.count("inbox")
        assert cast.void == statuses.count(410)
        assert cast.issued == cast.used + cast.open + cast.void == 10 + cast.replaced
        assert cast.replaced == (cast.void if verb == "replace" else 0)
        fresh = [code for serial, code in letters.printable(db.session, web.vault(), poll) if serial > 10]
        assert len(fresh) == cast.replaced
        for code in fresh:
            assert vote(server.port, code, "voor", secrets.token_hex(32))[0] == 303


def test_many_letters_are_taken_away_all_or_none(live: MakeLive) -> None:
    made = live(10)
    with serve(made) as server:
        votes: list[Callable[[], object]] = [
            partial(vote, server.port, code, "voor", secrets.token_hex(32)) for code in made.codes[:5]
        ]
        *answers, came = at_once([*votes, partial(decided, made, "replace", list(range(1, 11)))])
        statuses = Counter(answer[0] if isinstance(answer, tuple) else 0 for answer in answers)
        db.session.rollback()
        cast = polls.turnout(db.session, db.session.get_one(Poll, made.poll))
        if came == "done":
            assert statuses == {410: 5}
            assert (cast.issued, cast.used, cast.void) == (20, 0, 10)
        else:
            assert came == "used"
            assert statuses == {303: 5}
            assert (cast.issued, cast.used, cast.void) == (10, 5, 0)


VOTERS, OPEN_FOR = 60, timedelta(seconds=8)


def at_the_bell(
    made: Live, target: str, environment: Mapping[str, str] | None = None
) -> tuple[Counter[int], object]:
    """Let voters post until well after the doors close, while another process closes as soon as it is due.

    Return their statuses, and what came of closing.
    """
    poll = db.session.get_one(Poll, made.poll)
    closes = poll.closes
    db.session.rollback()
    with serve(made, target, environment=environment) as server:

        def vote_in_time(number: int) -> list[int]:
            """Vote with every tenth letter, one in each tenth of a second around the bell."""
            found = []
            for code in made.codes[number::10]:
                sleep(max(0.0, (closes - datetime.now(UTC)).total_seconds() - 0.4))
                found.append(vote(server.port, code, "voor", secrets.token_hex(32))[0])
                sleep(0.15)
            return found

        def close() -> str:
            db.engine.dispose(close=False)  # what the parent opened is the parent's
            while True:
                try:
                    mine = db.session.get_one(Poll, made.poll)
                    return f"closed: {polls.close(db.session, web.vault(), mine, datetime.now(UTC))}"
                except NotDue:
                    db.session.rollback()

        *voters, closed = at_once([*(partial(vote_in_time, n) for n in range(10)), close])
    return Counter(status for each in voters if isinstance(each, list) for status in each), closed


def closing_soon() -> Terms:
    now = datetime.now(UTC)
    return replace(yes_no(now), closes=now + OPEN_FOR)


def test_at_the_moment_of_close_a_vote_is_in_and_counted_or_refused(live: MakeLive) -> None:
    made = live(VOTERS, closing_soon())
    statuses, closed = at_the_bell(made, "app:create_app")
    assert closed == "closed: True"
    assert set(statuses) <= {303, 410}  # both, unless this machine was too slow to be in time
    assert statuses.total() == VOTERS
    assert made.count("box") == made.count("redemption") == statuses[303]
    assert made.count("inbox") == 0


def test_a_server_that_does_not_look_at_the_time_takes_votes_that_nobody_counts(live: MakeLive) -> None:
    made = live(VOTERS, closing_soon())
    statuses, _ = at_the_bell(made, "tests.trust.weak:planted", {"WEAK": "used after close"})
    assert statuses[303] > made.count("box")
