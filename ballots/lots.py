"""Verb: record a lot that was drawn in public, between options that the rule could not part."""

from collections.abc import Sequence
from datetime import datetime

from ballots import polls
from ballots.database import AnySession, writing
from ballots.models import Lot, Poll
from ballots.refusals import NoTie, WitnessesMissing

FEWEST_WITNESSES = 2


def draw(
    session: AnySession,
    poll: Poll,
    question: int,
    drawn: Sequence[str],
    witnesses: Sequence[str],
    now: datetime,
) -> Lot:
    """Record the order in which tied options were drawn, the first drawn first; the outcome follows it.

    `drawn` holds exactly the option ids of one tie in the present outcome of question 1, 2, …; another
    tie may come up after it. Raises NotClosed, NoTie, WitnessesMissing.
    """
    present = list(dict.fromkeys(name.strip() for name in witnesses if name.strip()))
    number = len(polls.lots(session, poll, question)) + 1
    outcomes = polls.outcomes(session, poll)  # counted before the lock, which voters of other polls wait for
    if not 1 <= question <= len(outcomes):
        raise NoTie()
    if len(set(drawn)) != len(drawn) or set(drawn) not in map(set, outcomes[question - 1].ties):
        raise NoTie()
    if len(present) < FEWEST_WITNESSES:
        raise WitnessesMissing()
    with writing(session):
        if len(polls.lots(session, poll, question)) >= number:  # somebody recorded one a moment earlier
            raise NoTie()
        lot = Lot(
            poll_id=poll.id,
            question=question,
            number=number,
            drawn=list(drawn),
            witnesses=present,
            drawn_at=now,
        )
        session.add(lot)
    return lot
