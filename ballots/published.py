"""Verb: make the poll's own files, once there is nothing left to guess. docs/bundle.md tells each of them."""

from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import select

from ballots import bundle, polls
from ballots.counting.outcome import as_json
from ballots.database import AnySession
from ballots.definition import canonical
from ballots.models import Box, Lot, PaperBox, Poll, Redemption
from ballots.pabulib.export import exported
from ballots.pabulib.file import write
from ballots.refusals import NotClosed
from ballots.sealing import Opening
from ballots.terms import terms

RECOUNT = Path(__file__).parent.parent / "static" / "narekenen.py"  # anyone can count with it, without us
UNIT = "Wijkstem"  # who held the vote, in a file of Pabulib, where the terms name no town


def files(session: AnySession, poll: Poll) -> dict[str, bytes]:
    """Return the poll's own files for a dossier, by name. Raises NotClosed while there is anything to guess.

    A withdrawn poll gives its definition only; fewer ballots than the frozen floor are not published.
    """
    if not (poll.closed_at or poll.withdrawn_at):
        raise NotClosed()
    cast = polls.turnout(session, poll)
    made = {
        RECOUNT.name: RECOUNT.read_bytes(),
        "definition.json": poll.definition,
        "definition.sha256": f"{poll.hash.hex()}  definition.json\n".encode(),
        "letters.json": canonical(
            {
                "issued": cast.issued,
                "used": cast.used,
                "open": cast.open,
                "void": cast.void,
                "web": cast.web,
                "paper": cast.paper,
            }
        ),
    }
    if not poll.closed_at:
        return made
    counted = polls.outcomes(session, poll)
    made["outcome.json"] = canonical([as_json(outcome) for outcome in counted])
    if lots := [lot for number in range(len(counted)) for lot in polls.lots(session, poll, number + 1)]:
        made["lots.json"] = canonical([_lot(lot) for lot in lots])
    if cast.used >= terms(poll).floor:
        made |= _ballots(session, poll)
    return made


def _lot(lot: Lot) -> Mapping[str, object]:
    return {
        "question": lot.question,
        "drawn": lot.drawn,
        "witnesses": lot.witnesses,
        "at": lot.drawn_at.isoformat(),
    }


def _ballots(session: AnySession, poll: Poll) -> dict[str, bytes]:
    """Return what was cast, each question in the format of the field too, and the letters that were used."""
    answers = session.scalars(select(Box).where(Box.poll_id == poll.id))
    openings = (Opening(row.question, row.secret, row.marking) for row in answers)
    made = {"openings.csv": bundle.openings(poll.id, openings)}
    papers = session.scalars(select(PaperBox).where(PaperBox.poll_id == poll.id)).all()
    if papers:
        made["paper.csv"] = bundle.paper((row.question, row.marking, row.number) for row in papers)
    used = session.execute(
        select(Redemption.p, Redemption.channel).where(
            Redemption.poll_id == poll.id, Redemption.p.is_not(None)
        )
    )
    made["redemptions.csv"] = bundle.redemptions((p, channel) for p, channel in used if p)
    frozen = terms(poll)
    for number, outcome in enumerate(polls.outcomes(session, poll), 1):
        boxes, unit = polls.boxes(session, poll, number), frozen.about.get("town", UNIT)
        if file := exported(poll.id, frozen, number, boxes, outcome, unit):
            made[f"question-{number}.pb"] = write(file).encode()
    return made
