"""Verbs of paper at the desk: a letter is exchanged for a blank ballot, and what two people entered is settled."""

from collections.abc import Mapping
from datetime import datetime

from ballots import guard, paper_entry, paper_votes
from ballots.database import AnySession, writing
from ballots.models import Poll
from ballots.paper_entry import Settled
from ballots.vault import Vault
from consult import days, journal
from consult.models import Consultation, Staff
from consult.refusals import NotFrozen

REDEEMED, SETTLED = journal.REDEEMED, "settle papers"


def redeem(
    session: AnySession, vault: Vault, consultation: Consultation, p: bytes, actor: str, now: datetime
) -> None:
    """Exchange the letter with proof `p` (`casting.find`) for a paper.

    The journal says that somebody did it, on which day, and never for which letter: where few people come, the
    moment would tell the desk whose it was. Raises NotFrozen, BackupPutBack, and what `casting.admit` does.
    """
    with writing(session):
        guard.compare(session, vault, _poll(consultation))  # an older database forgot which letters were used
        paper_votes.redeem(session, _poll(consultation), p, now)
        journal.write(session, actor, REDEEMED, consultation, days.opens(days.day_of(now)))


def settle(session: AnySession, consultation: Consultation, actor: str, now: datetime) -> Settled:
    """Settle what was entered by two people, whose ids are `who`. Raises NotFrozen, and as `paper_entry.settle`.

    The journal says how many papers there are, why others are missing, and who entered them.
    """
    with writing(session):
        done = paper_entry.settle(session, _poll(consultation), now)
        journal.write(
            session,
            actor,
            SETTLED,
            consultation,
            now,
            papers=done.papers,
            missing={str(number): reason for number, reason in done.missing.items()},
            third_look=list(done.decided),
            entered_by=_names(session, done.who),
        )
    return done


def _names(session: AnySession, who: Mapping[int, tuple[str, ...]]) -> dict[str, list[str]]:
    """Return who entered, by hand, with the names of the accounts."""
    found: dict[str, list[str]] = {}
    for hand, ids in who.items():
        people = (session.get(Staff, int(id)) for id in ids)
        found[str(hand)] = [person.name for person in people if person]
    return found


def _poll(consultation: Consultation) -> Poll:
    if consultation.poll is None:
        raise NotFrozen()
    return consultation.poll
