"""The tables of the voting machine.

An answer travels inbox → board → box: as it was cast, under two seals; without the outer one, on the
public board; and opened, after the doors closed. Nothing ties a used letter to a ballot: `Redemption`
and `Inbox` share no key, time, counter or sequence, and both are stored in the order of random bytes
(WITHOUT ROWID on SQLite).
"""

from datetime import datetime

from sqlalchemy import JSON, Enum, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ballots.database import Base, Moment
from ballots.lifecycle import Phase, phase

UNORDERED = {"sqlite_with_rowid": False}
CHANNELS = ("web", "paper", "void")


def poll_key() -> Mapped[bytes]:
    """Return a primary key column that refers to a poll."""
    return mapped_column(ForeignKey("poll.id"), primary_key=True)


class Poll(Base):
    """A frozen poll. It is born frozen: the definition never changes, only what happened is added."""

    __tablename__ = "poll"
    __table_args__ = (
        # What every vote asks of a poll: read from here SQLite need not read through the definition.
        Index(
            "ix_poll_at_hand",
            *("id", "hash", "opens", "closes", "ready_at", "lengthened_to", "mixed_at"),
            *("closed_at", "withdrawn_at"),
        ),
    )
    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    definition: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    opens: Mapped[datetime] = mapped_column(Moment)
    closes: Mapped[datetime] = mapped_column(Moment)
    frozen_at: Mapped[datetime] = mapped_column(Moment)
    ready_at: Mapped[datetime | None] = mapped_column(Moment)  # its keys are where they should be
    lengthened_to: Mapped[datetime | None] = mapped_column(Moment)
    lengthened_text: Mapped[str | None] = mapped_column(String)  # the new last day, in words
    mixed_at: Mapped[datetime | None] = mapped_column(Moment)  # nothing more comes on the board
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)
    withdrawn_why: Mapped[str | None] = mapped_column(String)
    forgotten_at: Mapped[datetime | None] = mapped_column(Moment)  # its secret keys were destroyed
    mix_check: Mapped[bytes | None] = mapped_column(LargeBinary(32))  # of which key its outer seals are
    cleaned_at: Mapped[datetime | None] = mapped_column(Moment)  # nothing tells any more what came with what

    @property
    def ends(self) -> datetime:
        """When the doors close."""
        return self.lengthened_to or self.closes

    def phase(self, now: datetime) -> Phase:
        """Return where the poll stands at this moment, by the clock."""
        at = phase(self.opens, self.ends, self.ready_at, self.closed_at, self.withdrawn_at, now)
        # Once the last mix is done nothing may be added, also where another clock is behind.
        return Phase.DUE if self.mixed_at and at in (Phase.FROZEN, Phase.OPEN) else at


class PrintRun(Base):
    """Letters printed together: serials `first` to `last`, from one seed file, until printing is confirmed."""

    __tablename__ = "print_run"
    poll_id: Mapped[bytes] = poll_key()
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first: Mapped[int]
    last: Mapped[int]
    replaces: Mapped[bool] = mapped_column(default=False)  # each of its letters takes the place of a void one
    made_at: Mapped[datetime | None] = mapped_column(Moment)  # when they were first put on paper to print
    printed_at: Mapped[datetime | None] = mapped_column(Moment)


class Letter(Base):
    """A letter: its fingerprint h and the serial that is printed on it. The code exists nowhere.

    h is the whole key, since it is made from the poll too: a scanned code finds its letter at once.
    """

    __tablename__ = "letter"
    __table_args__ = (UniqueConstraint("poll_id", "serial"), UNORDERED)
    h: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    poll_id: Mapped[bytes] = mapped_column(ForeignKey("poll.id"))
    serial: Mapped[int]


class Redemption(Base):
    """A letter that can no longer be used: voted with (then p is known), or void."""

    __tablename__ = "redemption"
    __table_args__ = (UNORDERED,)
    poll_id: Mapped[bytes] = poll_key()
    h: Mapped[bytes] = mapped_column(ForeignKey("letter.h"), primary_key=True)
    p: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    channel: Mapped[str] = mapped_column(Enum(*CHANNELS, name="channel", native_enum=False))


class Inbox(Base):
    """One answer as it was cast. `tag` recognises a repeat; `sealed` holds the answer under two seals."""

    __tablename__ = "inbox"
    __table_args__ = (UniqueConstraint("poll_id", "question", "tag"), UNORDERED)
    poll_id: Mapped[bytes] = poll_key()
    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    question: Mapped[int]
    tag: Mapped[bytes] = mapped_column(LargeBinary(16))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class Leaf(Base):
    """One answer on the public board: its commitment, and the answer under the poll's seal.

    `control` is the start of the commitment, by which a voter finds it; no two of a question are equal.
    """

    __tablename__ = "leaf"
    __table_args__ = (UniqueConstraint("poll_id", "question", "control"), UNORDERED)
    poll_id: Mapped[bytes] = poll_key()
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 0, 1, … in the tree
    question: Mapped[int]
    control: Mapped[bytes] = mapped_column(LargeBinary(10))
    commitment: Mapped[bytes] = mapped_column(LargeBinary(32))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class Checkpoint(Base):
    """What the board was at a moment, signed. `edge` is the right edge of its tree, to go on from."""

    __tablename__ = "checkpoint"
    poll_id: Mapped[bytes] = poll_key()
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    note: Mapped[str] = mapped_column(String)
    edge: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(Moment)


class Record(Base):
    """What life demanded after the freeze: signed, public, only ever added. docs/protocol.md, "The board"."""

    __tablename__ = "record"
    poll_id: Mapped[bytes] = poll_key()
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    signature: Mapped[bytes] = mapped_column(LargeBinary(64))


class Trial(Base):
    """A pair of key sheets that gave the poll's key before it opened."""

    __tablename__ = "trial"
    poll_id: Mapped[bytes] = poll_key()
    pair: Mapped[str] = mapped_column(String(3), primary_key=True)  # "1-2", "1-3", "2-3"
    passed_at: Mapped[datetime] = mapped_column(Moment)


class Box(Base):
    """The ballot box: opened answers in the order of their commitments, to be counted."""

    __tablename__ = "box"
    __table_args__ = (UNORDERED,)
    poll_id: Mapped[bytes] = poll_key()
    question: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    commitment: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    secret: Mapped[bytes] = mapped_column(LargeBinary(32))
    marking: Mapped[str] = mapped_column(String)


class PaperBox(Base):
    """What was marked on paper ballots: a marking of a question, and on how many papers it stands."""

    __tablename__ = "paper_box"
    __table_args__ = (UNORDERED,)
    poll_id: Mapped[bytes] = poll_key()
    question: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    marking: Mapped[str] = mapped_column(String, primary_key=True)
    number: Mapped[int]


class PaperEntry(Base):
    """What somebody saw on a paper ballot: two people enter each, and a third look decides where they differ.

    `hand` is 1, 2 or 3, `number` what is written on the paper when they are entered; nothing ties it to a
    letter. `markings` is a JSON list with a marking for each question; NULL when the paper is missing, and
    then `reason` says why. They are gone once they are settled.
    """

    __tablename__ = "paper_entry"
    __table_args__ = (UNORDERED,)
    poll_id: Mapped[bytes] = poll_key()
    hand: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    markings: Mapped[str | None] = mapped_column(String)
    reason: Mapped[str] = mapped_column(String)
    who: Mapped[str] = mapped_column(String)


class Lot(Base):
    """A lot that was drawn in public between options that the rule could not part; it never changes."""

    __tablename__ = "lot"
    poll_id: Mapped[bytes] = poll_key()
    question: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    drawn: Mapped[list[str]] = mapped_column(JSON)  # option ids, in the order drawn
    witnesses: Mapped[list[str]] = mapped_column(JSON)
    drawn_at: Mapped[datetime] = mapped_column(Moment)
