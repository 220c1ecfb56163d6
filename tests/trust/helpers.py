"""What the tests of trust share: a look at every row there is, and a paper with more than one question."""

import http.client
import multiprocessing
import os
import signal
import socket
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain, combinations, permutations, product
from pathlib import Path
from time import sleep
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Engine, Row, create_engine, inspect, text
from sqlalchemy.pool import NullPool

from ballots import paper, serving
from ballots.counting.count import Rule
from ballots.counting.greedy import GreedyRule, Leftover
from ballots.counting.plurality import PluralityRule
from ballots.counting.ranked import Method, RankedRule
from ballots.database import url
from ballots.definition import Terms
from ballots.paper import BLANK, YES_NO_OPTIONS, Kind, Option, Points, Question
from tests.conftest import RULE, START, yes_no

ROOT = Path(__file__).parents[2]
FIGURES: Counter[str] = Counter()  # what the tests found, to be printed when all have run
FULL = os.environ.get("WIJKSTEM_FULL") == "1"  # the long form of the tests: `python3 dev.py test --full`
GREEDY = GreedyRule(
    budget=100_00, theme_caps={}, place_caps={}, leftover=Leftover.NONE, tie_order=("lower-cost",)
)
PLANS = (
    Option("bomen", "Bomen & banken", 40_00),
    Option("plein-7", "Een <script>alert(1)</script> plein", 60_00),
    Option("x", "حديقة", 30_00),
)
THEMED = (
    Option("bank", "Bank", 10_00, "Groen"),
    Option("boom", "Regenwaterafvoervoorziening", 40_00, "Groen"),
    Option("bal", "Balspel", 30_50, "Spelen"),
)
PAPERS: dict[str, Question] = {
    "yes or no": Question("Voor of tegen?", Kind.YES_NO, YES_NO_OPTIONS),
    "one": Question("Welk plan?", Kind.CHOOSE_ONE, PLANS),
    "one or none": Question("Wat weegt het zwaarst?", Kind.CHOOSE_ONE, PLANS, 0, 1),
    "approve": Question("Welke plannen?", Kind.APPROVE, PLANS, 1, 3),
    "themes": Question("Welke plannen?", Kind.APPROVE, THEMED, 1, 3, theme_most={"Groen": 1}),
    "basket": Question("Waar gaat het geld heen?", Kind.BASKET, PLANS, 1, 3, budget=100_00),
    "theme baskets": Question(
        "Waar gaat het geld heen?", Kind.BASKET, THEMED, 1, 3, theme_budget={"Groen": 45_00}
    ),
    "points": Question("Hoe verdeelt u ze?", Kind.POINTS, PLANS, 1, 3, points=Points(10, 9, 10)),
    "few points": Question("Hoe verdeelt u ze?", Kind.POINTS, THEMED, 1, 2, points=Points(4, 2, 3)),
    "ranking": Question("Wat het liefst?", Kind.RANKING, PLANS, 3, 3),
    "first few": Question("Wat het liefst?", Kind.RANKING, THEMED, 1, 2, shuffled=True),
}
RULES: dict[Kind, Rule] = {
    Kind.YES_NO: RULE,
    Kind.CHOOSE_ONE: PluralityRule(),
    Kind.APPROVE: GREEDY,
    Kind.BASKET: GREEDY,
    Kind.POINTS: PluralityRule(),
    Kind.RANKING: RankedRule(Method.SCHULZE),
}


def dump(engine: Engine) -> dict[str, list[str]]:
    """Return every row of every table there is in a database."""
    with engine.connect() as connection:
        return {
            name: sorted(map(repr, connection.execute(text(f'SELECT * FROM "{name}"'))))
            for name in inspect(engine).get_table_names()
        }


def added(before: dict[str, list[str]], after: dict[str, list[str]]) -> dict[str, int]:
    """Return how many rows each table gained; raise when a row went or changed."""
    for table, rows in before.items():
        assert not set(rows) - set(after[table]), f"{table}: a row is gone"
    return {
        table: len(rows) - len(before.get(table, []))
        for table, rows in after.items()
        if rows != before.get(table)
    }


def approve(questions: int = 1, least: int = 1, most: int = 2) -> Terms:
    """Return terms of an open poll with this many questions to approve plans."""
    question = Question("Welke plannen?", Kind.APPROVE, PLANS, least, most)
    return replace(yes_no(), questions=(question,) * questions, rules=(GREEDY,) * questions)


def asking(*questions: Question, opens: datetime = START) -> Terms:
    """Return terms of an open poll with these questions, each with a rule that can count it."""
    rules = tuple(RULES[question.kind] for question in questions)
    return replace(yes_no(opens), questions=questions, rules=rules)


def answers(question: Question) -> list[tuple[str, ...]]:
    """Return the marks of every valid answer to a small question."""
    ids = [option.id for option in question.options]
    sizes = range(1, question.most + 1)
    every: Iterator[tuple[str, ...]]
    if question.points:
        given = range(question.points.each + 1)
        every = (
            tuple(f"{id}:{n}" for id, n in zip(ids, each, strict=True) if n)
            for each in product(given, repeat=len(ids))
        )
    else:
        pick = permutations if question.kind is Kind.RANKING else combinations
        every = chain.from_iterable(pick(ids, size) for size in sizes)
    return [(BLANK,), *(each for each in every if not paper.check(question, each))]


# A poll behind a real server


@dataclass
class Live:
    """An open poll in a database of its own, and the way to serve it; several may have been made."""

    folder: Path
    log: Path
    poll: bytes = b""
    address: str = ""  # of its database, where that is not SQLite in `folder`
    codes: list[str] = field(default_factory=list)
    secret: str = "secret of a live test"

    @property
    def database(self) -> Path:
        return self.folder / "wijkstem.db"

    @property
    def settings(self) -> dict[str, str]:
        return {
            "SECRET_KEY": self.secret,
            "DATA_DIR": str(self.folder),
            "DATABASE_URL": self.address or f"sqlite:///{self.database}",
        }

    def run(self, statement: str, **values: object) -> Sequence[Row[Any]]:
        """Run one statement in the database past the service, on a connection of its own; return its rows."""
        engine = create_engine(url(self.settings["DATABASE_URL"]), poolclass=NullPool)
        with engine.begin() as connection:
            done = connection.execute(text(statement), values)
            return done.all() if done.returns_rows else []

    def count(self, table: str) -> int:
        """Return how many rows of the poll a table has."""
        ((found,),) = self.run(f'SELECT count(*) FROM "{table}" WHERE poll_id = :poll', poll=self.poll)
        return int(found)


class Server:
    """The server we run, as a process group of its own, what it says going to a file."""

    def __init__(
        self, live: Live, target: str, port: int, access_log: bool, environment: dict[str, str]
    ) -> None:
        command = serving.command(target, port)
        if access_log:
            command = ["--access-log" if each == "--no-access-log" else each for each in command]
            command[command.index("--log-level") + 1] = "debug"
        self.live, self.port = live, port
        with live.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                env={**os.environ, **live.settings, **environment},
                cwd=ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait()

    def _wait(self) -> None:
        for _ in range(600):
            assert self.process.poll() is None, self.live.log.read_text()
            with suppress(OSError):
                if send(self.port, "GET", "/s")[0] == 200:
                    return
            sleep(0.1)
        raise AssertionError(self.live.log.read_text())

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        """End the whole process group, at once or politely."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, how)
        self.process.wait(30)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


@contextmanager
def serve(
    live: Live,
    target: str = "app:create_app",
    port: int = 0,
    access_log: bool = False,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """Serve a poll; whatever happens, its processes are gone afterwards."""
    server = Server(live, target, port or free_port(), access_log, dict(environment or {}))
    try:
        yield server
    finally:
        server.kill(signal.SIGTERM)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def send(port: int, method: str, path: str, form: Mapping[str, str] | None = None) -> tuple[int, str, str]:
    """Send one request on a connection of its own; return status, Location and body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        body = urlencode(form) if form else None
        connection.request(method, path, body, {"Content-Type": "application/x-www-form-urlencoded"})
        answer = connection.getresponse()
        return answer.status, answer.getheader("Location") or "", answer.read().decode(errors="replace")
    except http.client.HTTPException as error:
        raise ConnectionError(str(error)) from error
    finally:
        connection.close()


def at_once(jobs: Sequence[Callable[[], object]], wait: float = 90) -> list[object]:
    """Run each job in an OS process of its own, all released by one barrier; return what each returned."""
    context = multiprocessing.get_context("fork")
    barrier, answers = context.Barrier(len(jobs)), context.Queue()

    def run(number: int) -> None:
        try:
            barrier.wait(wait)
            answers.put((number, jobs[number]()))
        except BaseException as error:
            answers.put((number, repr(error)))

    processes = [context.Process(target=run, args=(number,), daemon=True) for number in range(len(jobs))]
    for process in processes:
        process.start()
    try:
        found = dict(answers.get(timeout=wait) for _ in processes)
    finally:
        for process in processes:
            process.join(wait)
            if process.is_alive():
                process.kill()
    return [found[number] for number in range(len(jobs))]
