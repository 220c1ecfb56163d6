"""Verb: let votes in, those that arrive together in one durable commit.

A thread of its own, one a process, holds the pen. A voter's request hands over what was sent and waits
for the commit; what arrives while one commit is on its way is sealed and written with the next. So nobody
waits for a lock but the pen, and nothing is promised before it is on disk.
"""

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from queue import SimpleQueue

from sqlalchemy.engine import Engine

from ballots.casting import Receipt, Sent, cast_sent
from ballots.refusals import Refusal
from ballots.vault import Vault

MOST = 256  # votes in one commit

Waiting = tuple[Sent, "Future[Receipt | Refusal]"]


class Turnstile:
    """The way in to the inbox of one database; `vault` holds the keys of its polls."""

    def __init__(self, engine: Engine, vault: Vault, clock: Callable[[], datetime]) -> None:
        self.engine = engine
        self.vault = vault
        self.clock = clock
        self.arrived: SimpleQueue[Waiting] = SimpleQueue()
        threading.Thread(target=self._write, name="turnstile", daemon=True).start()

    def cast(self, sent: Sent) -> Receipt:
        """Return the receipt once the vote is on disk. Raises what `casting.sealed` and `casting.cast` raise.

        Whoever calls holds no connection meanwhile: there are fewer of those than voters who wait.
        """
        settled: Future[Receipt | Refusal] = Future()
        self.arrived.put((sent, settled))
        came_of_it = settled.result()
        if isinstance(came_of_it, Refusal):
            raise came_of_it
        return came_of_it

    def _write(self) -> None:
        while True:
            waiting = [self.arrived.get()]
            while len(waiting) < MOST and self._more():
                waiting.append(self.arrived.get())
            self._settle(waiting)

    def _more(self) -> bool:
        """Say whether another vote is here, once the threads that were bringing one had their turn.

        This thread has held them up while it sealed and wrote; without it, they wait for the next commit.
        """
        if self.arrived.empty():
            time.sleep(0)
        return not self.arrived.empty()

    def _settle(self, waiting: list[Waiting]) -> None:
        try:
            settled = cast_sent(self.engine, self.vault, [sent for sent, _ in waiting], self.clock)
        except BaseException as error:  # nothing was written; whoever waits must hear of it
            for _, future in waiting:
                future.set_exception(error)
            return
        for (_, future), came_of_it in zip(waiting, settled, strict=True):
            future.set_result(came_of_it)


_made: dict[tuple[int, int], Turnstile] = {}
_making = threading.Lock()


def of(engine: Engine, vault: Vault, clock: Callable[[], datetime]) -> Turnstile:
    """Return the turnstile of this engine in this process; a thread does not survive a fork."""
    key = os.getpid(), id(engine)
    found = _made.get(key)
    if found is None or found.engine is not engine:
        with _making:
            found = _made.get(key)
            if found is None or found.engine is not engine:
                _made[key] = found = Turnstile(engine, vault, clock)
    return found
