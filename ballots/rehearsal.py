"""Take a Pabulib file through the real path: freeze, letters, votes over HTTP, close, count.

Everything happens in a temporary database, behind a server of its own on a free loopback port.
"""

import http.client
import secrets
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from threading import local
from urllib.parse import urlencode

import flask_migrate
from flask import Flask

from ballots import bundle, filecount, letters, pabulib, paper, polls
from ballots.counting.outcome import Outcome
from ballots.database import db
from ballots.definition import Terms
from ballots.pabulib import PbFile
from ballots.paper import BLANK, Question
from ballots.refusals import Refusal
from ballots.seeds import Seeds
from ballots.serving import served
from ballots.web import now
from ballots.words import N_

Factory = Callable[..., Flask]
VOTERS_AT_ONCE = 4


class VoteLost(Refusal):
    text = N_("Een stem kreeg een onverwacht antwoord (%(status)d). Het naspelen is gestopt.")


@dataclass(frozen=True)
class Rehearsed:
    """What came of a rehearsal: how many votes went in and how many were refused, and the count."""

    cast: int
    refused: int
    seconds: float
    counted: filecount.FileCount
    bundle: bytes


def rehearse(
    factory: Factory, pb: PbFile, voters: int | None, progress: Callable[[int], None] = lambda n: None
) -> Rehearsed:
    """Hold the poll of a file for real, for its first `voters` voters; `progress` hears of each vote.

    Raises a Refusal when the file cannot be put on a live paper.
    """
    question = pabulib.live_question(pb)
    ballots = pabulib.ballots(pb)[:voters]
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="wijkstem-rehearsal-") as folder:
        settings = {
            "SECRET_KEY": secrets.token_hex(32),
            "DATA_DIR": folder,
            "DATABASE_URL": f"sqlite:///{folder}/rehearsal.db",
        }
        app = factory(settings)
        with app.app_context():
            flask_migrate.upgrade()
            terms, seeds = _terms(pb, question, now()), Seeds(Path(folder) / "seeds")
            poll = polls.freeze(db.session, seeds, terms, len(ballots), terms.opens)
            codes = [code for _, code in letters.printable(db.session, seeds, poll)]
            db.session.rollback()
            with served(f"{factory.__module__}:{factory.__name__}", settings) as port:
                refused = _vote(port, codes, ballots, question, progress)
            polls.close(db.session, poll, poll.closes)
            outcome = polls.outcome(db.session, poll)
            files = bundle.packed(polls.files(db.session, poll))
            db.session.remove()
            db.engine.dispose()
    counted = replace(
        filecount.count(replace(pb, votes=pb.votes[:voters])),
        outcome=_in_units(outcome),
        ballots=len(ballots),
    )
    return Rehearsed(len(ballots) - refused, refused, time.monotonic() - started, counted, files)


def _terms(pb: PbFile, question: Question, opens: datetime) -> Terms:
    return Terms(
        title=pb.meta.get("description", "") or "Pabulib",
        questions=(question,),
        rule=pabulib.live_rule(pb),
        opens=opens,
        closes=opens + timedelta(days=1),
        closes_text="tot morgen",
        floor=0,
    )


def _in_units(outcome: Outcome) -> Outcome:
    """Return the outcome of a live paper as that of the file: money in its unit, and no blanco."""
    return replace(
        outcome,
        votes={id: number for id, number in outcome.votes.items() if id != BLANK},
        left=None if outcome.left is None else Fraction(outcome.left) / 100,
        part_funded=tuple((id, Fraction(amount) / 100) for id, amount in outcome.part_funded),
    )


def _vote(
    port: int,
    codes: Sequence[str],
    ballots: Sequence[tuple[str, ...]],
    question: Question,
    progress: Callable[[int], None],
) -> int:
    """Cast every ballot over HTTP, as the booth sends it; return how many the paper refused."""
    mine, opened = local(), ExitStack()

    def cast(voter: tuple[str, tuple[str, ...]]) -> bool:
        code, chosen = voter
        if not hasattr(mine, "connection"):
            mine.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            opened.callback(mine.connection.close)
        status = post_vote(mine.connection, code, [",".join(chosen) or BLANK])
        refused = bool(paper.check(question, chosen or (BLANK,)))
        if status != (400 if refused else 303):
            raise VoteLost(status=status)
        return refused

    refused = 0
    with opened, ThreadPoolExecutor(VOTERS_AT_ONCE) as pool:
        for done, was_refused in enumerate(pool.map(cast, zip(codes, ballots, strict=True)), 1):
            refused += was_refused
            progress(done)
    return refused


def post_vote(connection: http.client.HTTPConnection, code: str, markings: Sequence[str]) -> int:
    """Send one vote as the booth's review page does; return the status of the answer."""
    form = {"code": code, "r": secrets.token_hex(32)}
    form |= {f"q{number}": marking for number, marking in enumerate(markings, 1)}
    connection.request(
        "POST", "/s/stem", urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"}
    )
    answer = connection.getresponse()
    answer.read()
    return answer.status
