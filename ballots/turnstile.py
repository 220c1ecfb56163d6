"""Verb: let votes in, those that arrive together in one durable commit.

A thread of its own, one a process, holds the pen. A voter's request hands over a sealed vote and waits
for the commit; what arrives while one commit is on its way is written with the next. So nobody waits for
a lock but the pen, and nothing is promised before it is on disk.
"""

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from queue import SimpleQueue

from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from ballots import guard
from ballots.casting import Receipt, Vote, cast_together
from ballots.database import AnySession, leave
from ballots.models import Poll
from ballots.refusals import BackupPutBack, Refusal
from ballots.vault import Vault

MOST = 256  # votes in one commit

Waiting = tuple[Vote, "Future[Receipt | Refusal]"]


class Turnstile:
    """The way in to the inbox of one database."""

    def __init__(self, engine: Engine, vault: Vault, clock: Callable[[], datetime]) -> None:
        self.engine = engine
        self.vault = vault
        self.clock = clock
        self.arrived: SimpleQueue[Waiting] = SimpleQueue()
        threading.Thread(target=self._write, name="turnstile", daemon=True).start()

    def cast(self, session: AnySession, vote: Vote) -> Receipt:
        """Return the receipt once the vote is on disk; `session` lets go of what it read meanwhile.

        Raises what `casting.cast` raises.
        """
        leave(session)
        settled: Future[Receipt | Refusal] = Future()
        self.arrived.put((vote, settled))
        came_of_it = settled.result()
        if isinstance(came_of_it, Refusal):
            raise came_of_it
        return came_of_it

    def _write(self) -> None:
        while True:
            votes = [self.arrived.get()]
            while not self.arrived.empty() and len(votes) < MOST:
                votes.append(self.arrived.get())
            self._settle(votes)

    def _settle(self, votes: list[Waiting]) -> None:
        try:
            with Session(self.engine) as session:
                behind = self._behind(session, {vote.receipt.poll for vote, _ in votes})
                for vote, waiting in votes:
                    if vote.receipt.poll in behind:
                        waiting.set_result(behind[vote.receipt.poll])
                votes = [each for each in votes if each[0].receipt.poll not in behind]
                settled = cast_together(session, [vote for vote, _ in votes], self.clock)
        except BaseException as error:  # nothing was written; whoever waits must hear of it
            for _, waiting in votes:
                waiting.set_exception(error)
            return
        for (_, waiting), came_of_it in zip(votes, settled, strict=True):
            waiting.set_result(came_of_it)

    def _behind(self, session: Session, polls: set[bytes]) -> dict[bytes, Refusal]:
        """Return the polls of which an older database was put back; looked at once a connection."""
        compared: set[bytes] = session.connection().info.setdefault("compared", set())
        behind: dict[bytes, Refusal] = {}
        for poll in polls - compared:
            try:
                guard.compare(session, self.vault, session.get_one(Poll, poll))
                compared.add(poll)
            except BackupPutBack as refusal:
                behind[poll] = refusal
        return behind


_made: dict[tuple[int, int], Turnstile] = {}
_making = threading.Lock()


def of(engine: Engine, vault: Vault, clock: Callable[[], datetime]) -> Turnstile:
    """Return the turnstile of this engine in this process; a thread does not survive a fork."""
    key = os.getpid(), id(engine)
    with _making:
        found = _made.get(key)
        if found is None or found.engine is not engine:
            _made[key] = found = Turnstile(engine, vault, clock)
        return found
