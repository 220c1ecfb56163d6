"""Verbs of staff: who may log in, with which secrets, and what happens when somebody guesses.

What a stranger can learn by logging in is nothing: an unknown address, a wrong password, a wrong or used
code and a locked account get the same sentence after the same work. A lock is told to nobody:
the answer would show who guessed right. It lasts a quarter of an hour, so that a stranger cannot keep somebody out.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from secrets import token_bytes, token_urlsafe
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pyotp import random_base32
from sqlalchemy import func, select

from ballots.database import AnySession, writing
from ballots.refusals import Refusal
from consult import journal
from consult.models import JournalEntry, Role, Staff, Town, UsedLink, Wijk
from consult.refusals import (
    CodeWrong,
    DemoLinkOver,
    EmailTaken,
    EmailWrong,
    FieldMissing,
    InvitationOver,
    NotRecognised,
    NotYourself,
    PasswordGuessable,
    PasswordShort,
    WijkElsewhere,
    WijkMissing,
    WijkNeedless,
)
from consult.secrets import (
    DEMO,
    INVITATION,
    NONCE,
    Link,
    LinkKind,
    SecretBox,
    Unreadable,
    guessable,
    otpauth,
    read,
    sign,
    step_of,
    typed,
)

HASHER = PasswordHasher()  # argon2id, with the parameters of RFC 9106

LEAST = 12  # characters of a password
ALLOWED = 5  # failures before a lock
LOCK = timedelta(minutes=15)
EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
INVITED = "invited "  # stands before a random text in password_hash until a password is chosen
COMMAND_LINE = "beheerder: opdrachtregel"  # who acts where nobody is logged in
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@dataclass(frozen=True)
class Enrolment:
    """A second factor to be confirmed: the secret to type and the address to scan. Nowhere stored yet."""

    secret: str
    uri: str


# Who there is


def people(session: AnySession, town: Town) -> list[Staff]:
    """Return everybody who has or had access in a town, by name."""
    return list(session.scalars(select(Staff).where(Staff.town_id == town.id).order_by(Staff.name, Staff.id)))


def find(session: AnySession, email: str) -> Staff | None:
    """Return who has this address, however it was typed."""
    return session.scalar(select(Staff).where(Staff.email == _tidy(email)))


def enrolled(staff: Staff) -> bool:
    """Say whether somebody has a password and a second factor, so that they can log in."""
    return not (staff.password_hash or INVITED).startswith(INVITED) and staff.totp_secret is not None


def signature(staff: Staff) -> str:
    """Return how the journal names somebody: a function and a name."""
    return f"{staff.role}: {staff.name}"


def mark(staff: Staff) -> str:
    """Return a fingerprint of somebody's secrets; links and sessions end when it changes."""
    state = f"{staff.password_hash or ''}|{(staff.totp_secret or b'').hex()}"
    return sha256(state.encode()).hexdigest()[:32]


WAY_IN = ("give access", "reset access", "set password", "set second factor")


def changed_at(session: AnySession, staff: Staff) -> datetime | None:
    """Return when somebody's account or its way in was last made or changed, as the journal says; None: never."""
    theirs = (
        JournalEntry.town_id == staff.town_id,
        JournalEntry.action.in_(WAY_IN),
        JournalEntry.detail["staff"].as_integer() == staff.id,
    )
    return session.scalar(select(func.max(JournalEntry.at)).where(*theirs))


# Access: given, stopped, given anew


def add(
    session: AnySession,
    town: Town,
    wijk: Wijk | None,
    name: str,
    email: str,
    role: Role,
    actor: str,
    now: datetime,
) -> Staff:
    """Give somebody access; they choose a password and a second factor by invitation.

    Raises FieldMissing, EmailWrong, EmailTaken, WijkMissing, WijkNeedless, WijkElsewhere.
    """
    name, email = " ".join(name.split()), _tidy(email)
    if not name:
        raise FieldMissing(fields="naam")
    if not EMAIL.fullmatch(email):
        raise EmailWrong()
    if role is Role.REGIEGROEP and wijk is None:
        raise WijkMissing()
    if role is not Role.REGIEGROEP and wijk is not None:
        raise WijkNeedless()
    if wijk is not None and wijk.town_id != town.id:
        raise WijkElsewhere()
    with writing(session):
        if find(session, email):
            raise EmailTaken()
        staff = Staff(town=town, wijk=wijk, name=name, email=email, role=role, password_hash=_nothing())
        session.add(staff)
        session.flush()
        detail = {"staff": staff.id, "role": str(role), "wijk": wijk.slug if wijk else None}
        journal.write(session, actor, "give access", town, now, **detail)
    return staff


def deactivate(session: AnySession, staff: Staff, by: Staff, now: datetime) -> None:
    """Stop somebody's access, at once. Raises NotYourself."""
    if staff.id == by.id:
        raise NotYourself()
    with writing(session):
        staff.active = False
        journal.write(session, signature(by), "stop access", staff.town, now, staff=staff.id)


def activate(session: AnySession, staff: Staff, by: Staff, now: datetime) -> None:
    """Let somebody in again, with the password and second factor they had."""
    with writing(session):
        staff.active = True
        journal.write(session, signature(by), "resume access", staff.town, now, staff=staff.id)


def reset(session: AnySession, staff: Staff, by: Staff | None, now: datetime) -> None:
    """Clear password, second factor and lock, so that only a new invitation works. Raises NotYourself.

    `by` is None on the command line.
    """
    if by is not None and staff.id == by.id:
        raise NotYourself()
    with writing(session):
        staff.password_hash, staff.totp_secret, staff.totp_step = _nothing(), None, 0
        staff.failures, staff.locked_until = 0, None
        actor = signature(by) if by else COMMAND_LINE
        journal.write(session, actor, "reset access", staff.town, now, staff=staff.id)


# The password and the second factor


def hashed(staff: Staff, password: str, *, hasher: PasswordHasher = HASHER) -> str:
    """Return a new password as it is kept. Raises PasswordShort, PasswordGuessable."""
    plain = typed(password)
    if len(plain) < LEAST:
        raise PasswordShort(least=LEAST)
    if guessable(plain, staff.email, staff.name):
        raise PasswordGuessable()
    return hasher.hash(plain)


def set_password(
    session: AnySession, staff: Staff, password: str, now: datetime, *, hasher: PasswordHasher = HASHER
) -> None:
    """Give somebody a password. Raises PasswordShort, PasswordGuessable."""
    _keep_password(session, staff, hashed(staff, password, hasher=hasher), now)


def begin_totp(staff: Staff) -> Enrolment:
    """Return a fresh second factor for an app on a telephone; `confirm_totp` makes it count."""
    return enrolment(staff, random_base32())


def enrolment(staff: Staff, secret: str) -> Enrolment:
    """Return the second factor with this secret, to show it again."""
    return Enrolment(secret, otpauth(secret, staff.email, f"Wijkstem {staff.town.name}"))


def confirm_totp(
    session: AnySession, box: SecretBox, staff: Staff, secret: str, code: str, now: datetime
) -> None:
    """Keep a second factor, sealed, when a code of it is right; that code cannot log in. Raises CodeWrong."""
    with writing(session):
        step = step_of(secret, code, now, after=0)
        if step is None:
            raise CodeWrong()
        staff.totp_secret = box.seal(secret.encode(), _about(staff), token_bytes(NONCE))
        staff.totp_step = step
        staff.failures, staff.locked_until = 0, None
        journal.write(session, signature(staff), "set second factor", staff.town, now, staff=staff.id)


# Logging in


def log_in(
    session: AnySession,
    box: SecretBox,
    email: str,
    password: str,
    code: str,
    now: datetime,
    *,
    hasher: PasswordHasher = HASHER,
) -> Staff:
    """Return who this is. Raises NotRecognised.

    A failure is counted and committed before it is refused, so never call this inside `writing`. The slow
    verification happens before the write lock is taken, so that guessing cannot hold up voting; what counts
    is decided under the lock, one attempt after another.
    """
    before = find(session, email)
    kept = before.password_hash if before and enrolled(before) else None
    right = _verify(hasher, kept, password)
    with writing(session):
        staff = find(session, email)
        known = right and staff is not None and staff.active and staff.password_hash == kept
        step = _unused_step(box, staff, code, now) if known and staff else None
        refusal = _answer(session, staff, step, now)
    if refusal or staff is None:
        raise refusal or NotRecognised()
    return staff


def end(session: AnySession, login: str, now: datetime) -> None:
    """End a session: its number is used up, also for whoever kept a copy of the cookie."""
    with writing(session):
        if not ended(session, login):
            session.add(UsedLink(nonce=login, used_at=now))


def ended(session: AnySession, login: str) -> bool:
    """Say whether a session or link was used up."""
    return session.get(UsedLink, login) is not None


# One-time links


def invitation(secret_key: str, staff: Staff, now: datetime) -> str:
    """Return a link to choose a password and a second factor; it ends when they are set, or are reset."""
    return _link(secret_key, INVITATION, staff, now)


def invited(session: AnySession, secret_key: str, token: str, now: datetime) -> Staff:
    """Return whom an invitation is for, without using it. Raises InvitationOver."""
    return _opened(session, secret_key, INVITATION, token, now)[0]


def accept(
    session: AnySession,
    box: SecretBox,
    secret_key: str,
    token: str,
    password_hash: str,
    secret: str,
    code: str,
    now: datetime,
) -> Staff:
    """Use an invitation: password (made by `hashed`) and second factor, all or nothing.

    Raises InvitationOver, CodeWrong.
    """
    with writing(session):
        staff = _consume(session, secret_key, INVITATION, token, now)
        _keep_password(session, staff, password_hash, now)
        confirm_totp(session, box, staff, secret, code, now)
    return staff


def demo_link(secret_key: str, staff: Staff, now: datetime) -> str:
    """Return a link that logs somebody in without secrets. The counter takes it in the demo only."""
    return _link(secret_key, DEMO, staff, now)


def demo_person(session: AnySession, secret_key: str, token: str, now: datetime) -> Staff:
    """Return whom a demo link is for, without using it. Raises DemoLinkOver."""
    return _opened(session, secret_key, DEMO, token, now)[0]


def demo_log_in(session: AnySession, secret_key: str, token: str, now: datetime) -> Staff:
    """Use a demo link. Raises DemoLinkOver."""
    with writing(session):
        return _consume(session, secret_key, DEMO, token, now)


def _link(secret_key: str, kind: LinkKind, staff: Staff, now: datetime) -> str:
    return sign(secret_key, kind, Link(staff.id, mark(staff), token_urlsafe(16)), now)


def _opened(
    session: AnySession, secret_key: str, kind: LinkKind, token: str, now: datetime
) -> tuple[Staff, Link]:
    link = read(secret_key, kind, token, now)
    staff = session.get(Staff, link.staff) if link else None
    if not link or not staff or not staff.active or mark(staff) != link.mark or ended(session, link.nonce):
        raise InvitationOver() if kind is INVITATION else DemoLinkOver()
    return staff, link


def _consume(session: AnySession, secret_key: str, kind: LinkKind, token: str, now: datetime) -> Staff:
    staff, link = _opened(session, secret_key, kind, token, now)
    session.add(UsedLink(nonce=link.nonce, used_at=now))
    return staff


def _tidy(email: str) -> str:
    return email.strip().lower()


def _nothing() -> str:
    """Return what stands for a password until there is one; it differs, so that older invitations end."""
    return INVITED + token_urlsafe(16)


def _about(staff: Staff) -> str:
    return f"totp of staff {staff.id}"


def _keep_password(session: AnySession, staff: Staff, password_hash: str, now: datetime) -> None:
    with writing(session):
        staff.password_hash = password_hash
        journal.write(session, signature(staff), "set password", staff.town, now, staff=staff.id)


def _unused_step(box: SecretBox, staff: Staff, code: str, now: datetime) -> int | None:
    try:
        secret = box.open(staff.totp_secret or b"", _about(staff)).decode()
    except Unreadable:  # SECRET_KEY was changed: a beheerder has to reset this person
        return None
    return step_of(secret, code, now, after=staff.totp_step)


def _answer(session: AnySession, staff: Staff | None, step: int | None, now: datetime) -> Refusal | None:
    """Record an attempt and return what is wrong with it; `step` is there when both secrets are right."""
    if staff is None:
        return NotRecognised()
    if staff.locked_until and staff.locked_until > now:
        return NotRecognised()
    if step is not None:
        staff.totp_step, staff.failures, staff.locked_until = step, 0, None
        return None
    staff.failures += 1
    if staff.failures % ALLOWED == 0:
        _lock(session, staff, now)
    return NotRecognised()


def _lock(session: AnySession, staff: Staff, now: datetime) -> None:
    staff.locked_until = now + LOCK
    detail = {"staff": staff.id, "failures": staff.failures}
    journal.write(session, journal.CLOCK, "lock account", staff.town, now, **detail)


def _verify(hasher: PasswordHasher, kept: str | None, password: str) -> bool:
    """Say whether a password is right; where there is none, spend the same work on nobody's."""
    try:
        hasher.verify(kept or _nobody(hasher), typed(password))
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


@cache
def _nobody(hasher: PasswordHasher) -> str:
    return hasher.hash(token_urlsafe(16))
