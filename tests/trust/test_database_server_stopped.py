"""The database server stops at once while people vote: what was promised is there when it comes back."""

import multiprocessing
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from app import create_app
from ballots import database, polls
from ballots.database import db
from ballots.models import Poll
from tests.cluster import Cluster, running
from tests.conftest import close_poll, cluster_folder, migrated
from tests.trust.helpers import FULL, Live, Server, send, serve
from tests.trust.test_nothing_lost import CLIENTS, Given, acknowledged, audit, client, recounts

MakeLive = Callable[..., Live]
ROUNDS = 100 if FULL else 5
A_STOP = 25  # acknowledged votes before each stop
LONG = 3600 if FULL else 120  # seconds
SAID = (
    "Er ging bij ons iets mis. Probeer het over een paar minuten opnieuw. Was u aan het stemmen? "
    "Verstuur uw stem dan nog een keer. Zij telt nooit dubbel."
)


@pytest.fixture
def own() -> Iterator[Cluster]:
    """A cluster to stop; what nobody asked it to write at once, it writes after seconds."""
    with cluster_folder() as folder, running(folder, {"wal_writer_delay": "10s"}) as made:
        yield made


@pytest.fixture
def database_url(own: Cluster, tmp_path: Path) -> str:
    address = own.make("live")
    migrated(tmp_path, DATABASE_URL=address)
    return address


def promises_nothing() -> object:
    """The service as it would be with a database that answers before it wrote."""
    database.OURS = {**database.OURS, "synchronous_commit": "off"}
    return create_app()


def vote_while(
    made: Live, target: str, logs: Sequence[Path], times: int, happens: Callable[[Server], None]
) -> list[Given]:
    """Let clients vote, and let this happen so many times in between; return what was acknowledged."""
    context = multiprocessing.get_context("fork")
    with ExitStack() as stack:
        server = stack.enter_context(serve(made, target))
        clients = [
            context.Process(target=client, args=(server.port, made.codes[n::CLIENTS], log, True), daemon=True)
            for n, log in enumerate(logs)
        ]
        for each in clients:
            each.start()
            stack.callback(each.kill)
        for number in range(1, times + 1):
            until = time.monotonic() + LONG
            while len(acknowledged(logs)) < number * A_STOP and time.monotonic() < until:
                time.sleep(0.002)
            happens(server)
        for each in clients:
            each.join(LONG)
            assert each.exitcode == 0
    return acknowledged(logs)


def stop_at_once(own: Cluster, server: Server) -> None:
    """Stop the database server at once and start it again; meanwhile every page says in one sentence what to do."""
    own.stop(signal.SIGQUIT)
    for method, path in (("GET", "/"), ("POST", "/s"), ("POST", "/s/stem")):
        status, _, page = send(server.port, method, path, {"code": "EXGV3K1549YZS85XDPQX", "q1": "voor"})
        assert (status, SAID in page) == (500, True), path
    own.start()


def test_the_database_server_stops_while_people_vote(live: MakeLive, own: Cluster, tmp_path: Path) -> None:
    made = live(ROUNDS * A_STOP + 60)
    logs = [tmp_path / f"receipts-{n}" for n in range(CLIENTS)]
    given = vote_while(made, "app:create_app", logs, ROUNDS, partial(stop_at_once, own))
    assert own.log.read_text().count("received immediate shutdown request") == ROUNDS
    db.engine.dispose()
    poll = db.session.get_one(Poll, made.poll)
    close_poll(poll, poll.closes)
    assert audit(made, given) == []
    recounts(made)
    assert len(given) <= polls.turnout(db.session, poll).used == made.count("box") <= len(made.codes)
    assert len(given) >= len(made.codes) * 4 // 5  # the others closed their page


def test_a_database_that_answers_before_it_writes_is_caught(
    live: MakeLive, own: Cluster, tmp_path: Path
) -> None:
    made = live(A_STOP + 20)
    logs = [tmp_path / f"receipts-{n}" for n in range(CLIENTS)]
    target = "tests.trust.test_database_server_stopped:promises_nothing"
    given = vote_while(made, target, logs, 1, partial(stop_at_once, own))
    db.engine.dispose()
    poll = db.session.get_one(Poll, made.poll)
    close_poll(poll, poll.closes)
    assert "0 ballots of a receipt" in audit(made, given)
