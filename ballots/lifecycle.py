"""PURE. Where a poll stands.

    frozen ──opens──▶ open ──closes──▶ due ──close──▶ closed
       └──────────────┴──withdraw──▶ withdrawn

Doors open and close by the clock alone; `due` is the time between the door and the count.
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
    opens: datetime, closes: datetime, closed: datetime | None, withdrawn: datetime | None, now: datetime
) -> Phase:
    """Return the phase at `now`; a poll is open from `opens` until, not including, `closes`."""
    if withdrawn:
        return Phase.WITHDRAWN
    if closed:
        return Phase.CLOSED
    if now < opens:
        return Phase.FROZEN
    return Phase.OPEN if now < closes else Phase.DUE
