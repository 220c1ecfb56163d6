"""Planted weak variants of the service: the same attacks must succeed on these.

Each function is an app factory for the server, and breaks one thing the real one keeps.
"""

import sys
import threading
import time
from collections.abc import Sequence
from contextlib import contextmanager
from typing import Any

from flask import Flask, request
from sqlalchemy import event, text

from app import create_app
from ballots import casting, codes, sealing
from ballots.casting import Receipt
from ballots.database import db, writing
from ballots.models import Inbox, Poll, Redemption
from ballots.terms import terms


def look_then_write() -> Flask:
    """Looks whether a letter is used, and writes a moment later: no lock, and no key that refuses."""

    def cast(
        session: Any, poll: Poll, p: bytes, chosen: Sequence[Sequence[str]], r: bytes, now: Any, *_: Any
    ) -> Receipt:
        answers = casting.openings(terms(poll), chosen, r)
        casting.admit(session, poll, p, now)
        session.rollback()
        time.sleep(1)
        _write(poll, p, answers)
        return _receipt(poll, answers)

    return _weak(cast)


def answer_then_write() -> Flask:
    """Answers first and writes later: whoever pulls the plug in between loses votes."""
    waiting: list[Any] = []

    def cast(
        session: Any, poll: Poll, p: bytes, chosen: Sequence[Sequence[str]], r: bytes, now: Any, *_: Any
    ) -> Receipt:
        answers = casting.openings(terms(poll), chosen, r)
        waiting.append((poll, p, answers))  # and nobody ever gets to it
        return _receipt(poll, answers)

    return _weak(cast)


def talks() -> Flask:
    """Logs what it is sent, as a service with parameter logging would."""
    app = create_app()

    @app.after_request
    def tell(response: Any) -> Any:
        sys.stderr.write(f"{request.method} {request.path} {request.form.to_dict()}\n")
        sys.stderr.flush()
        return response

    return app


def tells_parameters() -> Flask:
    """Writes to the log, when a statement fails, what was in it."""
    app = create_app()
    with app.app_context():

        @event.listens_for(db.engine, "handle_error")
        def tell(context: Any) -> None:
            shown = [bytes(each).hex() for each in context.parameters if isinstance(each, memoryview)]
            sys.stderr.write(f"{context.statement} {shown}\n")
            sys.stderr.flush()

    return app


def _weak(cast: Any) -> Flask:
    app = create_app()
    casting.cast = cast
    return app


def _receipt(poll: Poll, answers: Sequence[sealing.Opening]) -> Receipt:
    return Receipt(poll.id, tuple(sealing.control(answer.commitment(poll.id)) for answer in answers))


_lock = threading.Lock()


@contextmanager
def _one_at_a_time() -> Any:
    with _lock, writing(db.session):
        yield


def _write(poll: Poll, p: bytes, answers: Sequence[sealing.Opening]) -> None:
    h = codes.fingerprint(poll.id, p)
    with _one_at_a_time():
        db.session.execute(
            text(f"INSERT OR IGNORE INTO {Redemption.__tablename__} VALUES (:poll, :h, :p, 'web')"),
            {"poll": poll.id, "h": h, "p": p},
        )
        for answer in answers:
            commitment = answer.commitment(poll.id)
            db.session.add(
                Inbox(
                    poll_id=poll.id,
                    id=commitment[:16],
                    question=answer.question,
                    tag=sealing.control(commitment),
                    sealed=sealing.packed(answer, commitment),
                )
            )
