"""Verb: make the poll's own files, once there is nothing left to guess. docs/bundle.md tells each of them."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from threading import Lock

from sqlalchemy import func, select

from ballots import archive, board, bundle, checkpoints, keys, polls, record
from ballots.counting.outcome import as_json
from ballots.database import AnySession
from ballots.definition import canonical
from ballots.models import Box, Checkpoint, Leaf, Letter, Lot, PaperBox, Poll, Record, Redemption
from ballots.pabulib.export import exported, fits
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
    return bundle.packed(poll.id, files(session, poll), keys.board_key(vault.read(poll.id, "sign")))


def is_over(poll: Poll) -> bool:
    """Say whether there is nothing left to guess: it was counted, or withdrawn."""
    return poll.closed_at is not None or poll.withdrawn_at is not None


def is_kept(session: AnySession, vault: Vault, poll: Poll) -> bool:
    """Say whether the bundle that was kept holds all there is now: the last checkpoint, and every lot.

    A record is there only with a checkpoint that holds it, so one that was added is seen by its checkpoint.
    """
    latest = checkpoints.latest(session, poll)
    kept = json.loads(archive.kept(vault, poll.id, "checkpoints.json") or b"[]")
    lots = json.loads(archive.kept(vault, poll.id, "lots.json") or b"[]")
    same = bool(kept) and latest is not None and kept[-1] == latest.note
    return is_over(poll) and same and len(lots) == _lots(session, poll)


def state(session: AnySession, poll: Poll) -> str:
    """Return what every file of a poll hangs on, hashed: while it is the same, so are they.

    Leaves and records come with a checkpoint, whose note names both; outcomes follow lots, and a poll that
    closed or was withdrawn changes in nothing else. A new version of the service may write them otherwise.
    """
    latest = checkpoints.latest(session, poll)
    on_it = (latest.number, latest.note) if latest else ()
    last = session.scalar(select(func.max(Record.number)).where(Record.poll_id == poll.id))
    program = hashlib.sha256(RECOUNT.read_bytes()).hexdigest()
    facts = poll.hash.hex(), on_it, last, _lots(session, poll), poll.closed_at, poll.withdrawn_at, program
    return hashlib.sha256(repr(facts).encode()).hexdigest()


def _lots(session: AnySession, poll: Poll) -> int:
    return session.scalar(select(func.count()).select_from(Lot).where(Lot.poll_id == poll.id)) or 0


_made: dict[
    tuple[str, str], bytes
] = {}  # by the state of the poll and the name: a new state has files of its own
_making = Lock()  # several who ask at once wait for one that is made
MOST_MADE = 64 * 1024 * 1024  # bytes that are kept together


def _once(state: str, name: str, make: Callable[[], bytes]) -> bytes:
    """Return what was made of this state under this name, or make it; the oldest make room."""
    if found := _made.get((state, name)):
        return found
    with _making:
        if found := _made.get((state, name)):
            return found
        made = make()
        while _made and sum(map(len, _made.values())) + len(made) > MOST_MADE:
            _made.pop(next(iter(_made)))
        if len(made) <= MOST_MADE:
            _made[state, name] = made
        return made


def names(session: AnySession, poll: Poll) -> list[str]:
    """Return the names of the files there are now; of a poll that is over those of its bundle."""
    return sorted([*_parts(session, poll), *(SIGNED if is_over(poll) else ())])


def shown(session: AnySession, vault: Vault, poll: Poll, name: str, state: str) -> bytes | None:
    """Return a file as it is now, or None where there is none; `state` is that of the poll.

    Of a poll that is over it comes out of one bundle, so that all of them agree. Raises KeyMissing.
    """
    if is_over(poll):
        return archive.member(bundle_shown(session, vault, poll, state), name)
    make = _parts(session, poll).get(name)
    return _once(state, name, make) if make else None


def bundle_shown(session: AnySession, vault: Vault, poll: Poll, state: str) -> Path | bytes:
    """Return the bundle as it is now: the one that was kept, or its bytes. Raises NotClosed, KeyMissing."""
    if is_kept(session, vault, poll):
        return archive.bundle(vault, poll.id)
    return _once(state, "", partial(bundled, session, vault, poll))


def files(session: AnySession, poll: Poll) -> dict[str, bytes]:
    """Return the poll's own files for a dossier, by name. Raises NotClosed while there is anything to guess.

    A withdrawn poll has no count; fewer ballots than the frozen floor are not published.
    """
    if not is_over(poll):
        raise NotClosed()
    return {name: make() for name, make in _parts(session, poll).items()}


LIVE = ("definition.json", "definition.sha256", "records.json", "checkpoints.json", "commitments.csv")
SIGNED = ("manifest.json", "manifest.sig")

Part = Callable[[], bytes]


def _parts(session: AnySession, poll: Poll) -> dict[str, Part]:
    """Return what makes each file there is now, by name: before the end only what the board shows then."""
    parts: dict[str, Part] = {
        RECOUNT.name: RECOUNT.read_bytes,
        "definition.json": lambda: poll.definition,
        "definition.sha256": lambda: f"{poll.hash.hex()}  definition.json\n".encode(),
        "records.json": partial(_records, session, poll),
        "checkpoints.json": partial(_checkpoints, session, poll),
        "commitments.csv": partial(_commitments, session, poll),
    }
    if is_over(poll):
        cast = polls.turnout(session, poll)
        parts["letters.json"] = partial(_letters, cast)
        if poll.closed_at:
            parts |= _counted(session, poll)
            if cast.used >= terms(poll).floor:
                parts |= _ballots(session, poll)
    return parts


def _letters(cast: polls.Turnout) -> bytes:
    return canonical(
        {
            "issued": cast.issued,
            "used": cast.used,
            "open": cast.open,
            "void": cast.void,
            "web": cast.web,
            "paper": cast.paper,
        }
    )


def _counted(session: AnySession, poll: Poll) -> dict[str, Part]:
    """Return what makes the files of the count."""
    parts: dict[str, Part] = {
        "outcome.json": lambda: canonical([as_json(outcome) for outcome in polls.outcomes(session, poll)]),
        "redemptions.csv": lambda: bundle.redemptions(_used(session, poll)),
    }
    if _lots(session, poll):
        parts["lots.json"] = partial(_drawn, session, poll)
    return parts


def _drawn(session: AnySession, poll: Poll) -> bytes:
    numbers = range(1, len(terms(poll).questions) + 1)
    return canonical([_lot(lot) for number in numbers for lot in polls.lots(session, poll, number)])


def _records(session: AnySession, poll: Poll) -> bytes:
    rows = session.scalars(select(Record).where(Record.poll_id == poll.id).order_by(Record.number))
    return canonical([{"record": json.loads(each.body), "signature": each.signature.hex()} for each in rows])


def _checkpoints(session: AnySession, poll: Poll) -> bytes:
    mine = select(Checkpoint.note).where(Checkpoint.poll_id == poll.id)
    return canonical(list(session.scalars(mine.order_by(Checkpoint.number))))


def _commitments(session: AnySession, poll: Poll) -> bytes:
    leaves = session.execute(
        select(Leaf.question, Leaf.commitment).where(Leaf.poll_id == poll.id).order_by(Leaf.position)
    )
    return bundle.commitments((question, commitment) for question, commitment in leaves)


@dataclass(frozen=True)
class Event:
    """Something that came on the board: a checkpoint, or a record with the checkpoint that first held it."""

    number: int
    at: datetime
    size: int  # answers on the board then
    told: record.Record | None = None


FED = 100  # entries of the feed, the newest: whoever follows it asks more often than that


def feed(session: AnySession, poll: Poll) -> list[Event]:
    """Return what came on the board last, the newest first; `FED` at most."""
    mine = select(Checkpoint).where(Checkpoint.poll_id == poll.id).order_by(Checkpoint.number.desc())
    rows = session.scalars(mine.limit(FED + 1)).all()  # one more: how many records there were before
    public = public_keys(poll).board
    read = [board.read_note(row.note, poll.id, public) for row in rows]
    before = [note.records for note in read[1:]] + ([0] if len(rows) <= FED else [])
    told = {each.number: each for each in _records_after(session, poll, min(before, default=0))}
    return [
        Event(row.number, row.made_at, note.size, told[note.records] if note.records > earlier else None)
        for row, note, earlier in zip(rows, read, before, strict=False)
    ]


def _records_after(session: AnySession, poll: Poll, number: int) -> list[record.Record]:
    mine = Record.poll_id == poll.id, Record.number > number
    return list(map(record.decode, session.scalars(select(Record.body).where(*mine).order_by(Record.number))))


def records_of(session: AnySession, poll: Poll) -> list[record.Record]:
    """Return the records of a poll, in order."""
    return _records_after(session, poll, 0)


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


class Became(StrEnum):
    """What became of a letter."""

    STRANGE = "not of this poll"
    LISTED = "of this poll; whether it was used is public after the end"
    USED = "used"
    VOID = "void"
    WITHDRAWN = "not used, and never to be"
    UNUSED = "not used"


def became(session: AnySession, poll: Poll, h: bytes) -> Became:
    """Return what became of the letter of this fingerprint, without reading the whole list of letters."""
    letter, row = session.get(Letter, h), session.get(Redemption, (poll.id, h))
    if letter is None or letter.poll_id != poll.id:
        return Became.STRANGE
    if not is_over(poll):
        return Became.LISTED
    if row and row.p is not None:
        return Became.USED
    if poll.withdrawn_at:
        return Became.WITHDRAWN
    return Became.VOID if row else Became.UNUSED


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


def _ballots(session: AnySession, poll: Poll) -> dict[str, Part]:
    """Return what makes the files of what was cast, each question in the format of the field too."""
    parts: dict[str, Part] = {"openings.csv": partial(_openings, session, poll)}
    papers = select(PaperBox).where(PaperBox.poll_id == poll.id)
    if session.scalar(select(papers.exists())):
        parts["paper.csv"] = lambda: bundle.paper(
            (row.question, row.marking, row.number) for row in session.scalars(papers)
        )
    for number, question in enumerate(terms(poll).questions, 1):
        if fits(question):
            parts[f"question-{number}.pb"] = partial(_for_others, session, poll, number)
    return parts


def _openings(session: AnySession, poll: Poll) -> bytes:
    answers = session.scalars(select(Box).where(Box.poll_id == poll.id))
    return bundle.openings(poll.id, (Opening(row.question, row.secret, row.marking) for row in answers))


def _for_others(session: AnySession, poll: Poll, number: int) -> bytes:
    frozen, outcome = in_force(poll), polls.outcomes(session, poll)[number - 1]
    boxes, unit = polls.boxes(session, poll, number), frozen.about.get("town", UNIT)
    file = exported(poll.id, frozen, number, boxes, outcome, unit)
    assert file is not None
    return write(file).encode()
