"""The tables of the policy: towns, people, plans, consultations and what was decided.

Money is whole cents. The tie between an address and its letters is `RollEntry.first_serial`, and
`ExtraLetter` for those it got later; nothing goes on from a letter to a ballot.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy import Enum as OneOf
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ballots.database import Base, Moment
from ballots.models import Poll
from consult.days import last_day
from consult.lifecycle import Verdict


class Role(StrEnum):
    """What a member of staff may do. More roles come with later rooms."""

    BEHEERDER = "beheerder"  # the service: towns, wijken and people
    GEMEENTE = "gemeente"  # the office of a town
    REGIEGROEP = "regiegroep"  # the steering group of one wijk
    SLEUTELHOUDER = "sleutelhouder"  # keeps a key sheet of a town's consultations
    BALIE = "balie"  # the desk of a town: exchanges letters for paper, and enters it


class Town(Base):
    """A town with its look, its public address and the line above which a consultation is needed."""

    __tablename__ = "town"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    accent: Mapped[str] = mapped_column(String(7))  # "#rrggbb"
    theme: Mapped[str] = mapped_column(Text, default="")  # design tokens, as consult/themes.py keeps them
    base_url: Mapped[str]  # where letters send people, e.g. https://stem.voorbeeldstad.nl
    address: Mapped[str] = mapped_column(Text)  # sender of letters, lines
    phone: Mapped[str]
    email: Mapped[str]
    limit: Mapped[int]  # cents; above it no voucher without a wijkraadpleging
    wijken: Mapped[list["Wijk"]] = relationship(back_populates="town", order_by="Wijk.name")


class Wijk(Base):
    """A neighbourhood with a regiegroep of its own."""

    __tablename__ = "wijk"
    __table_args__ = (UniqueConstraint("town_id", "slug"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    town_id: Mapped[int] = mapped_column(ForeignKey("town.id"))
    name: Mapped[str]
    slug: Mapped[str]
    languages: Mapped[str] = mapped_column(default="")  # codes beside Dutch, with spaces between them
    town: Mapped[Town] = relationship(back_populates="wijken")
    initiatives: Mapped[list["Initiative"]] = relationship(
        back_populates="wijk", order_by="Initiative.handed_in_at.desc()"
    )
    consultations: Mapped[list["Consultation"]] = relationship(
        back_populates="wijk", order_by="Consultation.id.desc()"
    )


class Staff(Base):
    """Somebody who logs in. `totp_secret` is encrypted; `totp_step` is the last time step that was used."""

    __tablename__ = "staff"
    id: Mapped[int] = mapped_column(primary_key=True)
    town_id: Mapped[int] = mapped_column(ForeignKey("town.id"))
    wijk_id: Mapped[int | None] = mapped_column(ForeignKey("wijk.id"))
    name: Mapped[str]
    email: Mapped[str] = mapped_column(unique=True)
    role: Mapped[Role] = mapped_column(
        OneOf(Role, native_enum=False, values_callable=lambda e: [m.value for m in e])
    )
    active: Mapped[bool] = mapped_column(default=True)
    password_hash: Mapped[str | None]
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_step: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(Moment)
    town: Mapped[Town] = relationship()
    wijk: Mapped[Wijk | None] = relationship()


class UsedLink(Base):
    """A one-time link that was used; its nonce can never be used again."""

    __tablename__ = "used_link"
    nonce: Mapped[str] = mapped_column(primary_key=True)
    used_at: Mapped[datetime] = mapped_column(Moment)


class Initiative(Base):
    """A plan of residents. Its stage follows from what happened (`consult/lifecycle.py`)."""

    __tablename__ = "initiative"
    id: Mapped[int] = mapped_column(primary_key=True)
    wijk_id: Mapped[int] = mapped_column(ForeignKey("wijk.id"))
    title: Mapped[str]
    what: Mapped[str] = mapped_column(Text)
    for_whom: Mapped[str] = mapped_column(Text)
    place: Mapped[str]
    asked: Mapped[int]  # cents
    initiator: Mapped[str]
    email: Mapped[str]
    handed_in_at: Mapped[datetime] = mapped_column(Moment)
    hidden_why: Mapped[str] = mapped_column(default="")  # why residents do not see it; empty for most
    upkeep: Mapped[str] = mapped_column(Text, default="")  # who pays for it later, as the initiator says
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)  # by the initiator; it is hidden too then
    wijk: Mapped[Wijk] = relationship(back_populates="initiatives")
    consultations: Mapped[list["Consultation"]] = relationship(
        back_populates="initiative", order_by="Consultation.id"
    )
    decisions: Mapped[list["Decision"]] = relationship(back_populates="initiative", order_by="Decision.id")
    grant: Mapped["Grant | None"] = relationship(back_populates="initiative")
    photo: Mapped["Photo | None"] = relationship(back_populates="initiative")
    stories: Mapped[list["Story"]] = relationship(back_populates="initiative", order_by="Story.id")

    @property
    def story(self) -> "Story | None":
        """What came of it, as everybody may read it."""
        return next((each for each in reversed(self.stories) if each.shown_at), None)


class PlanLink(Base):
    """A private link of an initiator: to a plan that is being written, and from then on to the plan itself.

    Only a hash of the secret in its path is kept. `fields` are the answers as they were typed, right or wrong; they
    are gone once the plan is handed in, and there again while it is being changed.
    """

    __tablename__ = "plan_link"
    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    town_id: Mapped[int] = mapped_column(ForeignKey("town.id"))
    initiative_id: Mapped[int | None] = mapped_column(ForeignKey("initiative.id"), index=True)
    fields: Mapped[dict[str, str]] = mapped_column(JSON)
    touched_at: Mapped[datetime] = mapped_column(Moment)  # when something was last typed
    town: Mapped[Town] = relationship()
    initiative: Mapped[Initiative | None] = relationship()
    photo: Mapped["Photo | None"] = relationship(back_populates="link")


class Photo(Base):
    """A photo as `consult/photos.py` made it: of what is being written, of a plan, or of what came of it.

    It stands in the database, so that it goes and is backed up with its plan; a town has hundreds, not millions.
    It is in no dossier: what residents are asked about is the text, and a photo may have to go for who is in it.
    """

    __tablename__ = "photo"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(32), unique=True)  # in its address; cannot be guessed
    link_id: Mapped[int | None] = mapped_column(ForeignKey("plan_link.id"), unique=True)
    initiative_id: Mapped[int | None] = mapped_column(ForeignKey("initiative.id"), unique=True)
    story_id: Mapped[int | None] = mapped_column(ForeignKey("story.id"), index=True)
    alt: Mapped[str] = mapped_column(Text)  # what is to be seen on it, for who cannot see it
    width: Mapped[int]  # of the large one, in pixels
    height: Mapped[int]
    large: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    small: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    link: Mapped[PlanLink | None] = relationship(back_populates="photo")
    initiative: Mapped[Initiative | None] = relationship(back_populates="photo")
    story: Mapped["Story | None"] = relationship(back_populates="photos")


class Story(Base):
    """What came of a plan, as its initiator tells it: typed, sent, looked at by the office, and then shown or not."""

    __tablename__ = "story"
    id: Mapped[int] = mapped_column(primary_key=True)
    initiative_id: Mapped[int] = mapped_column(ForeignKey("initiative.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    shown_at: Mapped[datetime | None] = mapped_column(Moment)
    returned_why: Mapped[str] = mapped_column(Text, default="")  # why the office did not show it
    initiative: Mapped[Initiative] = relationship(back_populates="stories")
    photos: Mapped[list[Photo]] = relationship(
        back_populates="story", order_by=Photo.id, cascade="all, delete-orphan"
    )

    @property
    def waits(self) -> bool:
        """Whether the office is to look at it."""
        return self.sent_at is not None and self.shown_at is None


class Consultation(Base):
    """The wijk is asked: a draft until `poll` is there, then as frozen as the poll is.

    With a plan it is a wijkraadpleging about that plan. Without one it is a buurtstemming, with a
    title and questions of its own (`consult/drafts.py`). The rule has no defaults: what nobody chose
    is NULL, and cannot be frozen.
    """

    __tablename__ = "consultation"
    id: Mapped[int] = mapped_column(primary_key=True)
    wijk_id: Mapped[int] = mapped_column(ForeignKey("wijk.id"))
    initiative_id: Mapped[int | None] = mapped_column(ForeignKey("initiative.id"))
    poll_id: Mapped[bytes | None] = mapped_column(ForeignKey("poll.id"), unique=True)
    summary: Mapped[str] = mapped_column(Text, default="")  # "In het kort", a sentence a line
    first_day: Mapped[date | None]
    last_day: Mapped[date | None]
    lengthen: Mapped[int | None]  # the most days by which voting may once be lengthened; 0: never
    follows_id: Mapped[int | None] = mapped_column(ForeignKey("consultation.id"))  # which was stopped
    custody: Mapped[str | None]  # who keeps the key that opens ballots
    # of a buurtstemming
    title: Mapped[str] = mapped_column(default="")
    afterwards: Mapped[str] = mapped_column(Text, default="")  # what is done with the outcome
    questions: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    # of a wijkraadpleging
    question: Mapped[str] = mapped_column(default="")
    in_favour: Mapped[str] = mapped_column(Text, default="")
    against: Mapped[str] = mapped_column(Text, default="")
    if_no: Mapped[str] = mapped_column(Text, default="")
    upkeep: Mapped[str] = mapped_column(Text, default="")
    against_from: Mapped[str | None]  # of consult.reasons.AgainstFrom
    argued_by: Mapped[list[str]] = mapped_column(JSON, default=list)  # who typed arguments, as in the journal
    signed_off_by: Mapped[str | None]  # who found the arguments fair, as in the journal
    signed_off_at: Mapped[datetime | None] = mapped_column(Moment)
    points_until: Mapped[date | None]  # the last day to send a point; None: nobody was asked
    majority: Mapped[str | None]
    base: Mapped[str | None]
    blank_in_majority: Mapped[bool | None]
    quorum: Mapped[str | None]
    quorum_percent: Mapped[int | None]
    blank_in_turnout: Mapped[bool | None]
    missed_quorum: Mapped[str | None]
    amount: Mapped[int | None]  # cents consulted on, set when frozen
    wijk: Mapped[Wijk] = relationship(back_populates="consultations")
    initiative: Mapped[Initiative | None] = relationship(back_populates="consultations")
    poll: Mapped[Poll | None] = relationship()
    follows: Mapped["Consultation | None"] = relationship(
        remote_side=[id], foreign_keys=[follows_id], back_populates="followed_by"
    )
    followed_by: Mapped["Consultation | None"] = relationship(
        foreign_keys=[follows_id], back_populates="follows", uselist=False
    )
    roll: Mapped[list["RollEntry"]] = relationship(
        back_populates="consultation", order_by="RollEntry.position", cascade="all, delete-orphan"
    )

    points: Mapped[list["Point"]] = relationship(order_by="Point.number", cascade="all, delete-orphan")
    sent_points: Mapped[list["SentPoint"]] = relationship(order_by="SentPoint.id")

    @property
    def ends_on(self) -> date | None:
        """The last day to vote, as it stands: it may have been lengthened."""
        if self.poll and self.poll.lengthened_to:
            return last_day(self.poll.lengthened_to)
        return self.last_day

    @property
    def subject(self) -> str:
        """What it is about: the title of the plan, or its own."""
        return self.initiative.title if self.initiative else self.title


class Point(Base):
    """A point that weighs for or against a plan, in the words of the regiegroep; what was sent is gathered in it."""

    __tablename__ = "point"
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str]


class SentPoint(Base):
    """What somebody sent, never published as written: of whom and from where is not kept.

    It is gathered in point `number`, or set `aside` for a reason (of `consult.reasons.Aside`), or waits. `slip`
    is of the form it came on, so that sending a form twice is one point. `text` is NULL once forgotten: what
    stays tells how often each point was heard.
    """

    __tablename__ = "sent_point"
    __table_args__ = (UniqueConstraint("consultation_id", "slip"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    slip: Mapped[str] = mapped_column(String(32))
    text: Mapped[str | None] = mapped_column(Text)
    sent_on: Mapped[date]
    number: Mapped[int | None]
    aside: Mapped[str] = mapped_column(default="")


class Keyholder(Base):
    """Who of the town keeps which of the three key sheets of a consultation."""

    __tablename__ = "keyholder"
    __table_args__ = (UniqueConstraint("consultation_id", "staff_id"),)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 1, 2 or 3
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    printed_at: Mapped[datetime | None] = mapped_column(Moment)  # when it was first put on paper
    staff: Mapped[Staff] = relationship()


class RollEntry(Base):
    """An address of a consultation, in postal order, and how many letters it gets (0: left out, with a reason)."""

    __tablename__ = "roll_entry"
    __table_args__ = (UniqueConstraint("consultation_id", "nummeraanduiding"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), index=True)
    position: Mapped[int]
    nummeraanduiding: Mapped[str] = mapped_column(String(16))
    street: Mapped[str]
    number: Mapped[int]
    letter: Mapped[str] = mapped_column(default="")
    addition: Mapped[str] = mapped_column(default="")
    postcode: Mapped[str] = mapped_column(default="")
    place: Mapped[str]
    letters: Mapped[int] = mapped_column(default=1)
    special: Mapped[str] = mapped_column(default="")  # why somebody should look at it; empty for most
    reason: Mapped[str] = mapped_column(default="")  # what the office decided about it, and why
    first_serial: Mapped[int | None]
    consultation: Mapped[Consultation] = relationship(back_populates="roll")


class ExtraLetter(Base):
    """A letter that an address got after the freeze: in place of the one with serial `replaces`, or one more."""

    __tablename__ = "extra_letter"
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), primary_key=True)
    serial: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    roll_entry_id: Mapped[int] = mapped_column(ForeignKey("roll_entry.id"), index=True)
    replaces: Mapped[int | None]
    entry: Mapped[RollEntry] = relationship()


class Proposal(Base):
    """What one member of staff wants to change after the freeze, until a second confirms it.

    `facts` are those of its kind (`consult/proposals.py`). It is confirmed or taken back once, and stays.
    """

    __tablename__ = "proposal"
    __table_args__ = (CheckConstraint("confirmed_by_id != proposed_by_id", name="two_people"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), index=True)
    kind: Mapped[str]  # of ballots.record.Kind
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(Text)
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    proposed_at: Mapped[datetime] = mapped_column(Moment)
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    taken_back_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    taken_back_at: Mapped[datetime | None] = mapped_column(Moment)
    consultation: Mapped[Consultation] = relationship()
    proposed_by: Mapped[Staff] = relationship(foreign_keys=[proposed_by_id])


class LetterRequest(Base):
    """An address where somebody asked for a new letter, as it was typed; `handled` is how the office saw to it."""

    __tablename__ = "letter_request"
    __table_args__ = (UniqueConstraint("consultation_id", "postcode", "house"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    postcode: Mapped[str] = mapped_column(String(6))
    house: Mapped[str] = mapped_column(String(20))
    asked_on: Mapped[date]
    handled: Mapped[str | None]


class PrintSetup(Base):
    """How the letters of a consultation are printed (`consult/print_work.py`)."""

    __tablename__ = "print_setup"
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), primary_key=True)
    envelope: Mapped[str]  # a key of ballots.envelopes.PROFILES
    languages: Mapped[list[str]] = mapped_column(JSON)  # a line each on the front
    back: Mapped[str] = mapped_column(default="")  # the language of the back; empty for none


class PrintBatch(Base):
    """A batch of letters as the print shop got it: which, on how many pages, and the SHA-256 of the file."""

    __tablename__ = "print_batch"
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), primary_key=True)
    run: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    letters: Mapped[list[int]] = mapped_column(JSON)  # their serials, in the order of the sheets
    pages: Mapped[int]
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    made_at: Mapped[datetime] = mapped_column(Moment)


class ControlLetter(Base):
    """A letter with a dead code to a volunteer, who tells on which day it came."""

    __tablename__ = "control_letter"
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]
    street: Mapped[str]
    place: Mapped[str]
    arrived_on: Mapped[date | None]


class RollUpload(Base):
    """An address list that was handed over and shown, and waits for the office to say yes."""

    __tablename__ = "roll_upload"
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), primary_key=True)
    name: Mapped[str]
    data: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    uploaded_at: Mapped[datetime] = mapped_column(Moment)


class Decision(Base):
    """A decision of the regiegroep, with its reasons and who took part."""

    __tablename__ = "decision"
    id: Mapped[int] = mapped_column(primary_key=True)
    initiative_id: Mapped[int] = mapped_column(ForeignKey("initiative.id"))
    consultation_id: Mapped[int | None] = mapped_column(ForeignKey("consultation.id"))
    verdict: Mapped[Verdict] = mapped_column(
        OneOf(Verdict, native_enum=False, values_callable=lambda e: [m.value for m in e])
    )
    amount: Mapped[int | None]  # cents, for an award
    reasons: Mapped[str] = mapped_column(Text)
    departs: Mapped[bool]  # from the outcome of the consultation
    answers: Mapped[dict[str, str]] = mapped_column(
        JSON, default=dict
    )  # to the points chosen most, by their id
    present: Mapped[list[str]] = mapped_column(JSON)
    aside: Mapped[list[str]] = mapped_column(JSON)
    decided_at: Mapped[datetime] = mapped_column(Moment)
    initiative: Mapped[Initiative] = relationship(back_populates="decisions")
    consultation: Mapped[Consultation | None] = relationship()


class Grant(Base):
    """The town's grant that follows an award: a voucher is a subsidy."""

    __tablename__ = "grant"
    id: Mapped[int] = mapped_column(primary_key=True)
    initiative_id: Mapped[int] = mapped_column(ForeignKey("initiative.id"), unique=True)
    amount: Mapped[int]  # cents
    granted_on: Mapped[date]
    reference: Mapped[str]
    initiative: Mapped[Initiative] = relationship(back_populates="grant")
    voucher: Mapped["Voucher | None"] = relationship(back_populates="grant")


class Voucher(Base):
    """The voucher of a grant: redeemed once, whole."""

    __tablename__ = "voucher"
    id: Mapped[int] = mapped_column(primary_key=True)
    grant_id: Mapped[int] = mapped_column(ForeignKey("grant.id"), unique=True)
    number: Mapped[str] = mapped_column(unique=True)
    amount: Mapped[int]  # cents
    issued_at: Mapped[datetime] = mapped_column(Moment)
    redeemed_at: Mapped[datetime | None] = mapped_column(Moment)
    grant: Mapped[Grant] = relationship(back_populates="voucher")


class JournalEntry(Base):
    """One step that was taken; the database refuses to change or delete it."""

    __tablename__ = "journal"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    actor: Mapped[str]  # a function and a name, or "Wijkstem" for what happens by the clock
    action: Mapped[str]
    town_id: Mapped[int | None] = mapped_column(ForeignKey("town.id"))
    initiative_id: Mapped[int | None] = mapped_column(ForeignKey("initiative.id"), index=True)
    consultation_id: Mapped[int | None] = mapped_column(ForeignKey("consultation.id"), index=True)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
