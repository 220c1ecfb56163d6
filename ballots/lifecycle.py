"""PURE. Where a poll stands.

    frozen ──opens──▶ open ──closes──▶ due ──close──▶ closed
       └──────────────┴──withdraw──▶ withdrawn

Doors open and close by the clock alone, once the keys are ready; `due` is the time between the door
and the count.
"""

from datetime import datetime
from enum import StrEnum


class Phase(StrEnum):
    """The phases of a frozen poll."""

    FROZEN = "frozen"
    OPEN = "open"
    DUE = "due"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


def phase(
    opens: datetime,
    closes: datetime,
    ready: datetime | None,
    closed: datetime | None,
    withdrawn: datetime | None,
    now: datetime,
) -> Phase:
    """Return the phase at `now`; a poll is open from `opens` until, not including, `closes`.

    A poll whose keys were not ready in time never opened, and has nothing to count when its time is over.
    """
    if withdrawn:
        return Phase.WITHDRAWN
    if closed:
        return Phase.CLOSED
    if now < opens or (now < closes and ready is None):
        return Phase.FROZEN
    return Phase.OPEN if now < closes else Phase.DUE
