"""Planted weak variants of the service: the same attacks must succeed on these.

Each function is an app factory for the server, and breaks one thing the real one keeps.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask, request
from sqlalchemy import event, insert, select, text

from app import create_app
from ballots import casting, turnstile
from ballots.casting import Receipt, Sent, Vote
from ballots.database import AnySession, db, leave, writing
from ballots.models import Inbox, Redemption
from ballots.refusals import LetterUsed
from ballots.vault import Vault

Cast = Callable[[AnySession, Vote], Receipt]


@dataclass(frozen=True)
class Door:
    """What stands in the place of the turnstile: it does with a sealed vote what it is told to."""

    vault: Vault
    put: Cast

    def cast(self, sent: Sent) -> Receipt:
        poll, p = casting.letter(db.session.connection(), sent.code)
        chosen = [tuple(sent.fields[f"q{n}"]) for n, _ in enumerate(poll.terms.questions, 1)]
        mix = casting.mix_keys(self.vault, poll.id)
        return self.put(db.session, casting.sealed(mix, poll, p, chosen, sent.r or b""))


def _door(put: Cast) -> Flask:
    """Return the app with another door."""
    app = create_app()
    turnstile.of = lambda engine, vault, clock: Door(vault, put)  # type: ignore[assignment, return-value]
    return app


def look_then_write() -> Flask:
    """Looks whether a letter is used, and writes a moment later: no lock, and no key that refuses."""

    def cast(session: AnySession, vote: Vote) -> Receipt:
        if session.scalar(select(Redemption.h).where(Redemption.h == vote.h)):
            raise LetterUsed()
        leave(session)
        time.sleep(1)
        with writing(session):
            session.execute(
                text("INSERT INTO redemption VALUES (:poll, :h, :p, 'web') ON CONFLICT DO NOTHING"),
                {"poll": vote.receipt.poll, "h": vote.h, "p": vote.p},
            )
            _into_inbox(session, vote)
        return vote.receipt

    return _door(cast)


def answer_then_write() -> Flask:
    """Answers first and writes later: whoever pulls the plug in between loses votes."""
    waiting: list[Vote] = []

    def cast(session: AnySession, vote: Vote) -> Receipt:
        waiting.append(vote)  # and nobody ever gets to it
        return vote.receipt

    return _door(cast)


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
            sys.stderr.write(f"{context.statement} {_in_hex(context.parameters)}\n")
            sys.stderr.flush()

    return app


def _in_hex(parameters: Any) -> list[str]:
    """Return the bytes among the parameters of a statement, of one row or of many."""
    rows = parameters if isinstance(parameters, list) else [parameters]
    values = (value for row in rows for value in (row.values() if isinstance(row, dict) else row))
    return [bytes(value).hex() for value in values if isinstance(value, bytes | memoryview)]


def _into_inbox(session: AnySession, vote: Vote) -> None:
    rows = zip(vote.ids, vote.tags, vote.sealed, strict=True)
    session.execute(
        insert(Inbox),
        [
            {"poll_id": vote.receipt.poll, "id": id, "question": q, "tag": tag, "sealed": sealed}
            for q, (id, tag, sealed) in enumerate(rows, 1)
        ],
    )
