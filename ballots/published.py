"""Verb: make the poll's own files, once there is nothing left to guess. docs/bundle.md tells each of them."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from sqlalchemy import select

from ballots import bundle, keys, polls
from ballots.counting.outcome import as_json
from ballots.database import AnySession
from ballots.definition import canonical
from ballots.models import Box, Checkpoint, Leaf, Lot, PaperBox, Poll, Record, Redemption
from ballots.pabulib.export import exported
from ballots.pabulib.file import write
from ballots.refusals import NotClosed
from ballots.sealing import Opening
from ballots.terms import in_force, terms
from ballots.vault import Vault

RECOUNT = Path(__file__).parent.parent / "static" / "narekenen.py"  # anyone can count with it, without us
UNIT = "Wijkstem"  # who held the vote, in a file of Pabulib, where the terms name no town


def bundled(session: AnySession, vault: Vault, poll: Poll) -> bytes:
    """Return the poll's own files as a zip, signed. Raises NotClosed, KeyMissing."""
    return bundle.packed(files(session, poll), keys.board_key(vault.read(poll.id, "sign")))


def files(session: AnySession, poll: Poll) -> dict[str, bytes]:
    """Return the poll's own files for a dossier, by name. Raises NotClosed while there is anything to guess.

    A withdrawn poll has no count; fewer ballots than the frozen floor are not published.
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
        **board_files(session, poll),
    }
    if not poll.closed_at:
        return made
    counted = polls.outcomes(session, poll)
    made["outcome.json"] = canonical([as_json(outcome) for outcome in counted])
    if lots := [lot for number in range(len(counted)) for lot in polls.lots(session, poll, number + 1)]:
        made["lots.json"] = canonical([_lot(lot) for lot in lots])
    made["redemptions.csv"] = bundle.redemptions(_used(session, poll))
    if cast.used >= terms(poll).floor:
        made |= _ballots(session, poll)
    return made


def board_files(session: AnySession, poll: Poll) -> dict[str, bytes]:
    """Return what the board shows at any moment, by name: commitments, records and checkpoints."""
    leaves = session.execute(
        select(Leaf.question, Leaf.commitment).where(Leaf.poll_id == poll.id).order_by(Leaf.position)
    )
    records = session.scalars(select(Record).where(Record.poll_id == poll.id).order_by(Record.number))
    notes = session.scalars(
        select(Checkpoint.note).where(Checkpoint.poll_id == poll.id).order_by(Checkpoint.number)
    )
    return {
        "commitments.csv": bundle.commitments((question, commitment) for question, commitment in leaves),
        "records.json": canonical(
            [{"record": json.loads(each.body), "signature": each.signature.hex()} for each in records]
        ),
        "checkpoints.json": canonical(list(notes)),
    }


def _used(session: AnySession, poll: Poll) -> Iterator[tuple[bytes, str]]:
    """Return the proof and channel of every used letter."""
    mine = Redemption.poll_id == poll.id, Redemption.p.is_not(None)
    rows = session.execute(select(Redemption.p, Redemption.channel).where(*mine))
    return ((p, channel) for p, channel in rows if p)


def _lot(lot: Lot) -> Mapping[str, object]:
    return {
        "question": lot.question,
        "drawn": lot.drawn,
        "witnesses": lot.witnesses,
        "at": lot.drawn_at.isoformat(),
    }


def _ballots(session: AnySession, poll: Poll) -> dict[str, bytes]:
    """Return what was cast, each question in the format of the field too."""
    answers = session.scalars(select(Box).where(Box.poll_id == poll.id))
    openings = (Opening(row.question, row.secret, row.marking) for row in answers)
    made = {"openings.csv": bundle.openings(poll.id, openings)}
    papers = session.scalars(select(PaperBox).where(PaperBox.poll_id == poll.id)).all()
    if papers:
        made["paper.csv"] = bundle.paper((row.question, row.marking, row.number) for row in papers)
    frozen = in_force(poll)
    for number, outcome in enumerate(polls.outcomes(session, poll), 1):
        boxes, unit = polls.boxes(session, poll, number), frozen.about.get("town", UNIT)
        if file := exported(poll.id, frozen, number, boxes, outcome, unit):
            made[f"question-{number}.pb"] = write(file).encode()
    return made
