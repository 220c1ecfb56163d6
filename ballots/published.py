"""Verb: make the poll's own files, once there is nothing left to guess. docs/bundle.md tells each of them."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select

from ballots import archive, board, bundle, keys, polls, record
from ballots.counting.outcome import as_json
from ballots.database import AnySession
from ballots.definition import canonical
from ballots.models import Box, Checkpoint, Leaf, Lot, PaperBox, Poll, Record, Redemption
from ballots.pabulib.export import exported
from ballots.pabulib.file import write
from ballots.refusals import NotClosed
from ballots.sealing import Opening
from ballots.terms import in_force, terms
from ballots.terms import keys as public_keys
from ballots.vault import Vault

RECOUNT = Path(__file__).parent.parent / "static" / "narekenen.py"  # anyone can count with it, without us
UNIT = "Wijkstem"  # who held the vote, in a file of Pabulib, where the terms name no town


def bundled(session: AnySession, vault: Vault, poll: Poll) -> bytes:
    """Return the poll's own files as a zip, signed. Raises NotClosed, KeyMissing."""
    return bundle.packed(files(session, poll), keys.board_key(vault.read(poll.id, "sign")))


def is_kept(session: AnySession, vault: Vault, poll: Poll) -> bool:
    """Say whether the bundle that was kept holds every record and lot there is."""
    there = {
        name: session.scalar(select(func.count()).select_from(table).where(table.poll_id == poll.id)) or 0
        for name, table in (("records.json", Record), ("lots.json", Lot))
    }
    return all(
        len(json.loads(archive.kept(vault, poll.id, name) or b"[]")) == number
        for name, number in there.items()
    )


def files(session: AnySession, poll: Poll) -> dict[str, bytes]:
    """Return the poll's own files for a dossier, by name. Raises NotClosed while there is anything to guess.

    A withdrawn poll has no count; fewer ballots than the frozen floor are not published.
    """
    if not (poll.closed_at or poll.withdrawn_at):
        raise NotClosed()
    cast = polls.turnout(session, poll)
    made = {
        **live(session, poll),
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
    made["redemptions.csv"] = bundle.redemptions(_used(session, poll))
    if cast.used >= terms(poll).floor:
        made |= _ballots(session, poll)
    return made


LIVE = ("definition.json", "definition.sha256", "records.json", "checkpoints.json", "commitments.csv")


# Every name that a file of a bundle can have.
NAMES = re.compile(
    r"narekenen\.py|definition\.(json|sha256)|(letters|records|checkpoints|outcome|lots)\.json"
    r"|(commitments|openings|redemptions|paper)\.csv|question-[1-9][0-9]*\.pb"
)


def live(session: AnySession, poll: Poll) -> dict[str, bytes]:
    """Return what the board shows at any moment, by name (`LIVE`), and the program that recounts."""
    return {
        RECOUNT.name: RECOUNT.read_bytes(),
        "definition.json": poll.definition,
        "definition.sha256": f"{poll.hash.hex()}  definition.json\n".encode(),
        **_board(session, poll),
    }


def _board(session: AnySession, poll: Poll) -> dict[str, bytes]:
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


@dataclass(frozen=True)
class Event:
    """Something that came on the board: a checkpoint, or a record with the checkpoint that first held it."""

    number: int
    at: datetime
    size: int  # answers on the board then
    told: record.Record | None = None


def feed(session: AnySession, poll: Poll) -> list[Event]:
    """Return everything that came on the board, the newest first."""
    told = {each.number: each for each in records_of(session, poll)}
    events: list[Event] = []
    seen = 0
    public = public_keys(poll).board
    for row in session.scalars(
        select(Checkpoint).where(Checkpoint.poll_id == poll.id).order_by(Checkpoint.number)
    ):
        read = board.read_note(row.note, poll.id, public)
        new = told[read.records] if read.records > seen else None
        events.append(Event(row.number, row.made_at, read.size, new))
        seen = read.records
    return events[::-1]


def records_of(session: AnySession, poll: Poll) -> list[record.Record]:
    """Return the records of a poll, in order."""
    bodies = select(Record.body).where(Record.poll_id == poll.id).order_by(Record.number)
    return list(map(record.decode, session.scalars(bodies)))


def on_board(session: AnySession, poll: Poll) -> int:
    """Return how many answers there are on the board, to the first question: one a voter."""
    mine = Leaf.poll_id == poll.id, Leaf.question == 1
    return session.scalar(select(func.count()).select_from(Leaf).where(*mine)) or 0


@dataclass(frozen=True)
class Place:
    """Where an answer stands: at which question, and with which marking where that is public."""

    question: int
    marking: str | None


def found(session: AnySession, poll: Poll, control: bytes) -> Place | None:
    """Return what stands on the board under a control code (10 bytes), or None."""
    leaf = session.scalar(select(Leaf).where(Leaf.poll_id == poll.id, Leaf.control == control))
    if leaf is None:
        return None
    public = poll.closed_at and polls.turnout(session, poll).used >= terms(poll).floor
    opened = session.get(Box, (poll.id, leaf.question, leaf.commitment)) if public else None
    return Place(leaf.question, opened.marking.rstrip() if opened else None)


def was_used(session: AnySession, poll: Poll, h: bytes) -> bool:
    """Say whether somebody voted with the letter of this fingerprint."""
    row = session.get(Redemption, (poll.id, h))
    return row is not None and row.p is not None


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
