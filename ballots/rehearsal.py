"""Take a Pabulib file through the real path: freeze, letters, votes over HTTP and on paper, close, count.

Everything happens in a temporary database, behind a server of its own on a free loopback port.
"""

import http.client
import secrets
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from threading import local
from urllib.parse import urlencode

import flask_migrate
from flask import Flask

from ballots import casting, letters, paper, paper_votes, polls, published
from ballots.counting.outcome import Outcome
from ballots.database import db
from ballots.definition import Terms
from ballots.models import Poll
from ballots.pabulib import paper as pb_paper
from ballots.pabulib import recount
from ballots.pabulib.file import PbFile
from ballots.paper import BLANK, Question
from ballots.refusals import Refusal
from ballots.serving import served
from ballots.web import now, vault
from ballots.words import N_

Factory = Callable[..., Flask]
Progress = Callable[[int], None]
VOTERS_AT_ONCE = 4


class VoteLost(Refusal):
    text = N_("Een stem kreeg een onverwacht antwoord (%(status)d). Het naspelen is gestopt.")


class NobodyVoted(Refusal):
    text = N_("In dit bestand staat geen enkele stem; er is niets na te spelen.")


@dataclass(frozen=True)
class Rehearsed:
    """What came of a rehearsal: how many votes went in and how many were refused, and the count."""

    cast: int
    refused: int
    seconds: float
    counted: recount.FileCount
    bundle: bytes


@dataclass(frozen=True)
class Voter:
    """One voter of the file: the code on the letter, the marks, whether these are on paper."""

    code: str
    marks: tuple[str, ...]
    on_paper: bool


def rehearse(
    factory: Factory, pb: PbFile, voters: int | None, progress: Progress = lambda n: None
) -> Rehearsed:
    """Hold the poll of a file for real, for its first `voters` voters; `progress` hears of each vote.

    What the paper does not allow is refused, and that letter stays unused. Raises a Refusal when the
    file cannot be put on a live paper.
    """
    pb = pb.only(range(min(voters or len(pb.votes), len(pb.votes))))
    if not pb.votes:
        raise NobodyVoted
    counted, question = recount.count(pb), pb_paper.live_question(pb)
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
            terms, keys = _terms(pb, question, now()), vault()
            poll = polls.freeze(db.session, keys, terms, len(pb.votes), terms.opens)
            them = _voters([code for _, code in letters.printable(db.session, keys, poll)], pb)
            db.session.rollback()
            refused = sum(bool(paper.check(question, voter.marks)) for voter in them)
            with served(f"{factory.__module__}:{factory.__name__}", settings) as port:
                _vote(port, [voter for voter in them if not voter.on_paper], question, progress)
            _on_paper(poll, [voter for voter in them if voter.on_paper], question)
            progress(len(them))
            polls.close(db.session, keys, poll, poll.closes)
            outcome = _as_in_file(polls.outcomes(db.session, poll)[0], pb_paper.on_paper(pb))
            files = published.bundled(db.session, keys, poll)
            db.session.remove()
            db.engine.dispose()
    return Rehearsed(
        cast=len(them) - refused,
        refused=refused,
        seconds=time.monotonic() - started,
        counted=replace(counted, outcome=outcome),
        bundle=files,
    )


def _voters(codes: Sequence[str], pb: PbFile) -> list[Voter]:
    """Return the voters of a file, each with a letter; an empty ballot says blanco."""
    them = zip(codes, pb_paper.marks(pb), pb_paper.by_paper(pb), strict=True)
    return [Voter(code, marks or (BLANK,), on_paper) for code, marks, on_paper in them]


def _terms(pb: PbFile, question: Question, opens: datetime) -> Terms:
    return Terms(
        title=pb.meta.get("description", "") or "Pabulib",
        questions=(question,),
        rules=(pb_paper.live_rule(pb),),
        opens=opens,
        closes=opens + timedelta(days=1),
        closes_text="tot morgen",
        floor=0,
    )


def _as_in_file(outcome: Outcome, on_paper: Mapping[str, str]) -> Outcome:
    """Return the numbers of a live outcome as the file has them: its ids, its unit of money, no blanco."""
    file = {live: id for id, live in on_paper.items()}
    return Outcome(
        votes={file[id]: number for id, number in outcome.votes.items() if id in file},
        score={file[id]: score for id, score in outcome.score.items()},
        winners=tuple(file[id] for id in outcome.winners),
        part_funded=tuple((file[id], Fraction(amount) / 100) for id, amount in outcome.part_funded),
        left=None if outcome.left is None else Fraction(outcome.left) / 100,
        ties=tuple(tuple(file[id] for id in tie) for tie in outcome.ties),
    )


# -- voting ------------------------------------------------------------------------------------------


def _vote(port: int, voters: Sequence[Voter], question: Question, progress: Progress) -> None:
    """Cast these ballots over HTTP, as the booth sends them. Raises VoteLost where an answer surprises."""
    mine, opened = local(), ExitStack()

    def cast(voter: Voter) -> None:
        if not hasattr(mine, "connection"):
            mine.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            opened.callback(mine.connection.close)
        status = post_vote(mine.connection, voter.code, [",".join(voter.marks)])
        if status != (400 if paper.check(question, voter.marks) else 303):
            raise VoteLost(status=status)

    with opened, ThreadPoolExecutor(VOTERS_AT_ONCE) as pool:
        for done, _ in enumerate(pool.map(cast, voters), 1):
            progress(done)


def _on_paper(poll: Poll, voters: Sequence[Voter], question: Question) -> None:
    """Redeem the letters of these voters while the doors are open; enter their papers once they are closed."""
    valid = [voter for voter in voters if not paper.check(question, voter.marks)]
    for voter in valid:
        found, p = casting.find(db.session, voter.code)
        paper_votes.redeem(db.session, found, p, now())
    if valid:
        paper_votes.enter(db.session, poll, [[voter.marks] for voter in valid], poll.closes)


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
