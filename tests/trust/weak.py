"""Planted weak variants of the service: the same attacks must succeed on these.

Each function is an app factory for the server, and breaks one thing the real one keeps.
"""

import hmac
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, request
from sqlalchemy import Engine, delete, event, func, insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import DBAPIError

from app import create_app
from ballots import casting, checkpoints, mixing, paper_votes, replacing, sealing, turnstile
from ballots.casting import Receipt, Sent, Vote
from ballots.database import AnySession, db, leave, writing
from ballots.keys import MixKeys
from ballots.models import Inbox, Leaf, Poll, Redemption
from ballots.refusals import LetterUsed, Refusal
from ballots.sealing import Opening
from ballots.vault import Vault

Cast = Callable[[AnySession, Vote], Receipt]
Put = Callable[[object, str, object], None]


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


def _door(put: Cast, served: Flask | None = None) -> Flask:
    """Return the app, this one or a new one, with another door."""
    app = served or create_app()
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


def board_first() -> Flask:
    """Looks for a repeat on the board first, then in the inbox: what is moved in between it does not see."""

    def cast(session: AnySession, vote: Vote) -> Receipt:
        controls, tags = vote.receipt.controls, vote.tags
        leave(session)
        on_board = session.scalar(select(func.count()).where(Leaf.control.in_(controls)))
        leave(session)
        time.sleep(0.02)
        waiting = session.scalar(select(func.count()).where(Inbox.tag.in_(tags)))
        if on_board or waiting:
            return vote.receipt
        with writing(session):
            if session.scalar(select(Redemption.h).where(Redemption.h == vote.h)):
                raise LetterUsed()
            session.execute(
                insert(Redemption).values(poll_id=vote.receipt.poll, h=vote.h, p=vote.p, channel="web")
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


def locks() -> Flask:
    """Shuts out an address after ten wrong codes, and the neighbours behind the same address with it."""
    app, wrong = create_app(), Counter[str | None]()
    served = app.wsgi_app

    def shut(environ: dict[str, Any], start_response: Any) -> Any:
        locked = environ["REQUEST_METHOD"] == "POST" and wrong[environ["REMOTE_ADDR"]] > 10
        return (Response(status=429) if locked else served)(environ, start_response)

    app.wsgi_app = shut  # type: ignore[method-assign]

    @app.after_request
    def count(response: Any) -> Any:
        wrong[request.remote_addr] += response.status_code in (404, 422)
        return response

    return app


def little_room() -> Flask:
    """The product, on a disk with room for so many pages more: no weak variant, but what it must stand."""
    app = create_app()
    with app.app_context():
        with db.engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one() + int(os.environ["ROOM"])
        db.engine.dispose()

        @event.listens_for(db.engine, "connect")
        def limit(connection: Any, record: Any) -> None:
            connection.execute(f"PRAGMA max_page_count={pages}")

    return app


def yes_anyway() -> Flask:
    """Says that all is well, also when a vote could not be written."""
    return _door(_cast_or_not)


def yes_on_a_full_disk() -> Flask:
    """The same, on a disk with little room."""
    return _door(_cast_or_not, little_room())


def _cast_or_not(session: AnySession, vote: Vote) -> Receipt:
    with suppress(DBAPIError):
        casting.cast(session, vote, datetime.now(UTC))
    return vote.receipt


def two_steps(put: Put) -> None:
    """A mix takes answers out of the inbox first, and puts them on the board a moment later."""

    def board(session: AnySession, *more: Any) -> None:
        session.commit()
        time.sleep(1)
        boarded(session, *more)

    boarded = mixing._board
    put(mixing, "_board", board)


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
    given = (value for row in rows for value in (row.values() if isinstance(row, dict) else row))
    values = (getattr(value, "obj", value) for value in given)  # psycopg wraps them
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


# What the insider succeeds on. Each plant sets something else in a module: `put` is setattr in a server, and
# monkeypatch.setattr in the process of a test, which mixes and closes.


def planted() -> Flask:
    """Return the app with the plant that WEAK names."""
    {**PLANTS, **LIVES}[os.environ["WEAK"]](setattr)
    return create_app()


def no_inbox(put: Put) -> None:
    """An answer comes on the board as it is cast."""

    def write(session: AnySession, votes: Sequence[Vote]) -> None:
        wrote(session, votes)
        rows = session.execute(select(Inbox.poll_id, Inbox.question, Inbox.sealed)).all()
        position = session.scalar(select(func.count()).select_from(Leaf)) or 0
        for poll, question, sealed in rows:
            c = sealed[:32]
            row = Leaf(poll_id=poll, question=question, control=c[:10], commitment=c, sealed=sealed[32:])
            row.position, position = position, position + 1
            session.add(row)
        session.execute(delete(Inbox))

    wrote = casting._write
    put(sealing, "outer", lambda poll, question, commitment, inner, keys, nonce: commitment + inner)
    put(casting, "_write", write)


def no_outer_layer(put: Put) -> None:
    """The commitment is sealed in the inbox, and the inner envelope beside it as it is on the board."""

    def outer(poll: bytes, q: int, commitment: bytes, inner: bytes, keys: MixKeys, nonce: bytes) -> bytes:
        return sealed(poll, q, commitment, b"", keys, nonce) + inner

    def opened(poll: bytes, q: int, data: bytes, keys: MixKeys) -> tuple[bytes, bytes]:
        return opened_(poll, q, data[:60], keys)[0], data[60:]

    sealed, opened_ = sealing.outer, sealing.outer_opened
    put(sealing, "outer", outer)
    put(sealing, "outer_opened", opened)


def batches_of_one(put: Put) -> None:
    """A mix moves one answer, and leaves one."""
    put(mixing, "CROWD", 1)


def no_padding(put: Put) -> None:
    """A marking is as long as it is."""

    def opening(r: bytes, question: int, marking: str, length: int) -> Opening:
        return Opening(question, hmac.digest(r, b"%d" % question, "sha256"), marking)

    put(sealing, "opening", opening)


def in_order(put: Put) -> None:
    """Answers lie in the inbox in the order in which they came (a rowid), and keep it on the board."""

    class Kept(list[mixing.Sealed]):
        def sort(self, **how: object) -> None:
            pass

    def move(
        session: AnySession, vault: Vault, poll: Poll, secrets: MixKeys, size: int, now: datetime, *_: object
    ) -> int:
        order = "rowid" if session.connection().dialect.name == "sqlite" else "ctid"
        query = text(f"SELECT id, question, sealed FROM inbox ORDER BY {order} LIMIT :size")
        rows = session.execute(query, {"size": size}).all()
        moved = Kept((q, *sealing.outer_opened(poll.id, q, sealed, secrets)) for _, q, sealed in rows)
        session.execute(delete(Inbox).where(Inbox.id.in_([id for id, *_ in rows])))
        mixing._board(session, vault, poll, moved, now)
        return size

    put(mixing, "_move", move)


def parameter_logging(put: Put) -> None:
    """The log tells every statement with its parameters, as a database server may be set to."""

    def tell(connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        sys.stderr.write(f"{statement} {_in_hex(parameters)}\n")
        sys.stderr.flush()

    event.listen(Engine, "before_cursor_execute", tell)


PLANTS: Mapping[str, Callable[[Put], None]] = {
    "no inbox": no_inbox,
    "no outer layer": no_outer_layer,
    "batches of one": batches_of_one,
    "no padding": no_padding,
    "in order": in_order,
    "parameter logging": parameter_logging,
}


# What the state machine over the life of a poll must not live through.


def used_twice(put: Put) -> None:
    """A letter that was used votes again with something else."""

    def settled(
        session: AnySession, votes: Sequence[Vote], now: datetime
    ) -> tuple[list[Receipt | Refusal], list[Vote]]:
        found, taken = right(session, votes, now)
        for vote, came_of_it in zip(votes, found, strict=True):
            if isinstance(came_of_it, LetterUsed):
                _into_inbox(session, vote)
        return [
            vote.receipt if isinstance(each, LetterUsed) else each
            for vote, each in zip(votes, found, strict=True)
        ], taken

    right = casting._settled
    put(casting, "_settled", settled)


def used_after_close(put: Put) -> None:
    """Doors that are closed let votes in."""
    put(casting, "_open", lambda poll, now: True)


def loses_one(put: Put) -> None:
    """A mix loses an answer on the way."""
    right = mixing._board
    put(
        mixing,
        "_board",
        lambda session, vault, poll, answers, now: right(session, vault, poll, answers[1:] or answers, now),
    )


def signs_less(put: Put) -> None:
    """A checkpoint does not hold everything that is on the board."""
    right = checkpoints.sign
    put(
        checkpoints,
        "sign",
        lambda session, vault, poll, added, now: right(session, vault, poll, added[1:], now),
    )


def paper_too(put: Put) -> None:
    """A letter that voted is good for a paper as well."""

    def admit(session: AnySession, poll: Poll, p: bytes, now: datetime) -> None:
        with suppress(LetterUsed):
            right(session, poll, p, now)

    right = casting.admit
    put(casting, "admit", admit)
    # ON CONFLICT is spelled alike on both; a row that is there cannot be replaced, the database refuses that.
    put(paper_votes, "insert", lambda table: upsert(table).on_conflict_do_nothing())


def void_in_name(put: Put) -> None:
    """A letter that is void on the board can still be used."""
    put(replacing, "_void", lambda session, poll, gone: None)


LIVES: Mapping[str, Callable[[Put], None]] = {
    "used twice": used_twice,
    "used after close": used_after_close,
    "loses one": loses_one,
    "signs less": signs_less,
    "paper too": paper_too,
    "void in name": void_in_name,
}
