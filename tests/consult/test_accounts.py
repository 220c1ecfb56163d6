"""Accounts: who gets in, who does not, and what either of them can learn from the answer."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type
from pyotp import TOTP
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from ballots.database import prepare, url
from ballots.refusals import Refusal
from consult import accounts
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
from consult.secrets import INVITATION, NONCE, Link, SecretBox, Unreadable, guessable, read, sign, step_of

pytestmark = pytest.mark.both

KEY = "test only"
BOX = SecretBox(KEY)
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
PASSWORD = "gele deur kaas fiets"
MINUTES = timedelta(minutes=1)


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    engine = create_engine(url(database_url))
    prepare(engine)
    with Session(engine) as session:
        yield session
    engine.dispose()


@pytest.fixture
def town(session: Session) -> Town:
    return make_town(session, "Voorbeeldstad")


@pytest.fixture
def admin(session: Session, town: Town) -> Staff:
    return accounts.add(
        session, town, None, "Ans Baas", "ans@voorbeeld.nl", Role.BEHEERDER, "test: begin", NOW
    )


def make_town(session: Session, name: str) -> Town:
    town = Town(
        name=name,
        accent="#0b6157",
        base_url="https://stem.voorbeeld.nl",
        address="Plein 1",
        phone="14 000",
        email="stem@voorbeeld.nl",
        limit=10_000_00,
        wijken=[Wijk(name="Noord", slug="noord")],
    )
    session.add(town)
    session.commit()
    return town


def enrol(session: Session, staff: Staff, now: datetime = NOW) -> TOTP:
    begun = accounts.begin_totp(staff)
    app = TOTP(begun.secret)
    accounts.set_password(session, staff, PASSWORD, now, hasher=CHEAP)
    accounts.confirm_totp(session, BOX, staff, begun.secret, app.at(now), now)
    return app


def log_in(session: Session, staff: Staff | str, password: str, code: str, now: datetime) -> Staff:
    email = staff if isinstance(staff, str) else staff.email
    return accounts.log_in(session, BOX, email, password, code, now, hasher=CHEAP)


def refused(session: Session, staff: Staff | str, password: str, code: str, now: datetime) -> Refusal:
    with pytest.raises(Refusal) as caught:
        log_in(session, staff, password, code, now)
    return caught.value


def actions(session: Session) -> list[str]:
    return list(session.scalars(select(JournalEntry.action).order_by(JournalEntry.id)))


# Adding


@pytest.mark.parametrize(
    ("name", "email", "role", "wijk", "refusal"),
    [
        (" ", "a@b.nl", Role.GEMEENTE, None, FieldMissing),
        ("Jo", "geen adres", Role.GEMEENTE, None, EmailWrong),
        ("Jo", "a@b@c.nl", Role.GEMEENTE, None, EmailWrong),
        ("Jo", "a@b..nl", Role.GEMEENTE, None, EmailWrong),
        ("Jo", "  ANS@voorbeeld.nl ", Role.GEMEENTE, None, EmailTaken),
        ("Jo", "a@b.nl", Role.REGIEGROEP, None, WijkMissing),
        ("Jo", "a@b.nl", Role.GEMEENTE, "own", WijkNeedless),
        ("Jo", "a@b.nl", Role.REGIEGROEP, "other", WijkElsewhere),
    ],
)
def test_add_refuses(
    session: Session,
    town: Town,
    admin: Staff,
    name: str,
    email: str,
    role: Role,
    wijk: str | None,
    refusal: type[Refusal],
) -> None:
    there = {"own": town.wijken[0], "other": make_town(session, "Elders").wijken[0], None: None}[wijk]
    before = len(actions(session))
    with pytest.raises(refusal):
        accounts.add(session, town, there, name, email, role, "test: begin", NOW)
    assert len(actions(session)) == before
    assert accounts.people(session, town) == [admin]


def test_added_person_can_do_nothing_yet(session: Session, town: Town) -> None:
    jo = accounts.add(
        session, town, town.wijken[0], " Jo  Bos ", "Jo@B.nl", Role.REGIEGROEP, "test: begin", NOW
    )
    assert (jo.name, jo.email, accounts.enrolled(jo)) == ("Jo Bos", "jo@b.nl", False)
    assert isinstance(refused(session, jo, jo.password_hash or "", "000000", NOW), NotRecognised)
    entry = session.scalars(select(JournalEntry)).one()
    assert (entry.action, entry.town_id, entry.detail) == (
        "give access",
        town.id,
        {"staff": jo.id, "role": "regiegroep", "wijk": "noord"},
    )


# Passwords


@pytest.mark.parametrize("password", ["", "te kort", "elf tekens!"])
def test_short_password(session: Session, admin: Staff, password: str) -> None:
    with pytest.raises(PasswordShort, match="12"):
        accounts.set_password(session, admin, password, NOW, hasher=CHEAP)


@pytest.mark.parametrize(
    "password",
    ["ans@voorbeeld.nl", "Ans Baas Ans Baas", "ansbaasvoorbeeld", "ANSBAAS20261", "aaaaaaaaaaaaaa"],
)
def test_guessable_password(session: Session, admin: Staff, password: str) -> None:
    with pytest.raises(PasswordGuessable):
        accounts.set_password(session, admin, password, NOW, hasher=CHEAP)


def test_symbols_are_a_password() -> None:
    assert not guessable("!@#$%^&*()_+-=", "ans@voorbeeld.nl", "Ans Baas")


def test_password_is_argon2id_with_the_library_defaults(session: Session, admin: Staff) -> None:
    accounts.set_password(session, admin, PASSWORD, NOW)
    defaults, used = PasswordHasher(), extract_parameters(admin.password_hash or "")
    assert used.type is Type.ID
    assert (used.time_cost, used.memory_cost, used.parallelism) == (
        defaults.time_cost,
        defaults.memory_cost,
        defaults.parallelism,
    )


def test_password_typed_on_another_keyboard(session: Session, admin: Staff) -> None:
    begun = accounts.begin_totp(admin)
    accounts.set_password(session, admin, "caf\u00e9 met een terras", NOW, hasher=CHEAP)
    accounts.confirm_totp(session, BOX, admin, begun.secret, TOTP(begun.secret).at(NOW), NOW)
    later = NOW + MINUTES
    assert log_in(session, admin, "cafe\u0301 met een terras", TOTP(begun.secret).at(later), later) is admin


# The second factor


def test_secret_is_sealed_and_bound_to_its_row(session: Session, town: Town, admin: Staff) -> None:
    app = enrol(session, admin)
    sealed = admin.totp_secret or b""
    assert app.secret.encode() not in sealed
    assert BOX.open(sealed, f"totp of staff {admin.id}") == app.secret.encode()
    for box, about in [(BOX, "totp of staff 99"), (SecretBox("other"), f"totp of staff {admin.id}")]:
        with pytest.raises(Unreadable):
            box.open(sealed, about)
    jo = accounts.add(session, town, None, "Jo Bos", "jo@b.nl", Role.GEMEENTE, "test: begin", NOW)
    enrol(session, jo)
    jo.totp_secret = sealed  # somebody with the database puts their own second factor on another's row
    session.commit()
    assert isinstance(refused(session, jo, PASSWORD, app.at(NOW + MINUTES), NOW + MINUTES), NotRecognised)


@pytest.mark.parametrize("sealed", [b"", b"x" * NONCE, b"x" * 40])
def test_box_refuses_rubbish(sealed: bytes) -> None:
    with pytest.raises(Unreadable):
        BOX.open(sealed, "anything")


def test_wrong_code_keeps_nothing(session: Session, admin: Staff) -> None:
    begun = accounts.begin_totp(admin)
    wrong = TOTP(begun.secret).at(NOW + timedelta(minutes=10))
    for code in (wrong, "", "abc", "１２３４５６"):
        with pytest.raises(CodeWrong):
            accounts.confirm_totp(session, BOX, admin, begun.secret, code, NOW)
    assert admin.totp_secret is None


@pytest.mark.parametrize(("off", "fits"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_window_of_one_step(off: int, fits: bool) -> None:
    secret = "JBSWY3DPEHPK3PXP" * 2
    code = TOTP(secret).at(NOW + timedelta(seconds=off))
    assert (step_of(secret, code, NOW, after=0) is not None) is fits


def test_code_works_once_and_never_an_earlier_one(session: Session, admin: Staff) -> None:
    app = enrol(session, admin)
    assert isinstance(refused(session, admin, PASSWORD, app.at(NOW), NOW), NotRecognised)  # used to enrol
    later = NOW + 2 * MINUTES
    code = app.at(later)
    assert log_in(session, admin, PASSWORD, f" {code[:3]} {code[3:]}", later) is admin
    assert isinstance(refused(session, admin, PASSWORD, code, later), NotRecognised)
    before = app.at(later - timedelta(seconds=30))
    assert isinstance(refused(session, admin, PASSWORD, before, later), NotRecognised)
    after = later + timedelta(seconds=30)
    assert log_in(session, admin, PASSWORD, app.at(after), after) is admin


def at_once(session: Session, attempts: list[tuple[str, str, str]], now: datetime) -> list[str]:
    """Log in on as many threads as there are attempts, released together; return how each ended, sorted."""
    gate, engine = Barrier(len(attempts)), session.get_bind()
    session.rollback()

    def attempt(one: tuple[str, str, str]) -> str:
        with Session(engine) as own:
            gate.wait()
            try:
                return log_in(own, *one, now).email
            except Refusal as refusal:
                return type(refusal).__name__

    with ThreadPoolExecutor(len(attempts)) as pool:
        return sorted(pool.map(attempt, attempts))


def test_one_code_at_once_lets_one_in(session: Session, admin: Staff) -> None:
    app, now = enrol(session, admin), NOW + MINUTES
    attempts = [(admin.email, PASSWORD, app.at(now))] * 4
    assert at_once(session, attempts, now) == ["NotRecognised"] * 3 + ["ans@voorbeeld.nl"]


def test_guesses_at_once_are_all_counted(session: Session, admin: Staff) -> None:
    app, now = enrol(session, admin), NOW + MINUTES
    guesses = [(admin.email, PASSWORD, f"{guess:06}") for guess in range(12) if f"{guess:06}" != app.at(now)]
    assert set(at_once(session, guesses, now)) == {"NotRecognised"}
    assert admin.failures == 5
    assert isinstance(refused(session, admin, PASSWORD, app.at(now), now), NotRecognised)


# One sentence


def test_same_sentence_whatever_is_wrong(
    session: Session, town: Town, admin: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = enrol(session, admin)
    gone = accounts.add(session, town, None, "Jo Bos", "jo@b.nl", Role.GEMEENTE, "test: begin", NOW)
    theirs = enrol(session, gone)
    accounts.deactivate(session, gone, admin, NOW)
    new = accounts.add(session, town, None, "Ed Vos", "ed@b.nl", Role.GEMEENTE, "test: begin", NOW)
    now = NOW + MINUTES
    verified: list[str] = []
    verify = PasswordHasher.verify

    def spied(self: PasswordHasher, hash: str, password: str) -> bool:
        verified.append(password)
        return verify(self, hash, password)

    monkeypatch.setattr(PasswordHasher, "verify", spied)
    attempts: list[tuple[Staff | str, str, str]] = [
        ("niemand@voorbeeld.nl", PASSWORD, app.at(now)),
        (admin, "een ander wachtwoord", app.at(now)),
        (admin, PASSWORD, "000000"),
        (admin, PASSWORD, ""),
        (gone, PASSWORD, theirs.at(now)),
        (new, PASSWORD, "000000"),
    ]
    said = {str(refused(session, *attempt, now)) for attempt in attempts}
    assert len(said) == 1
    assert len(verified) == len(attempts)  # the same work each time


# Throttle


def fail(session: Session, staff: Staff | str, times: int, now: datetime) -> set[str]:
    return {str(refused(session, staff, "een ander wachtwoord", "000000", now)) for _ in range(times)}


def test_locked_after_five_failures(session: Session, admin: Staff) -> None:
    app = enrol(session, admin)
    now = NOW + MINUTES
    fail(session, admin, 4, now)
    assert admin.locked_until is None
    fail(session, admin, 1, now)
    assert admin.locked_until == now + 15 * MINUTES
    last = now + timedelta(minutes=14, seconds=59)
    for moment in (now, last):
        assert isinstance(refused(session, admin, PASSWORD, app.at(moment), moment), NotRecognised)
    free = now + 15 * MINUTES
    assert log_in(session, admin, PASSWORD, app.at(free), free) is admin
    assert (admin.failures, admin.locked_until) == (0, None)


def test_four_failures_are_forgotten_by_a_log_in(session: Session, admin: Staff) -> None:
    app = enrol(session, admin)
    for minute in (1, 2, 3):
        now = NOW + minute * MINUTES
        fail(session, admin, 4, now)
        log_in(session, admin, PASSWORD, app.at(now), now)
    assert admin.failures == 0


def test_every_lock_is_as_long_as_the_first(session: Session, admin: Staff) -> None:
    enrol(session, admin)
    now, lengths = NOW, []
    for _ in range(9):
        fail(session, admin, 5, now)
        assert admin.locked_until
        lengths.append((admin.locked_until - now) // MINUTES)
        now = admin.locked_until
    assert lengths == [15] * 9  # longer, and a stranger could keep somebody out for as long as they like
    assert actions(session).count("lock account") == 9


def test_lock_tells_a_stranger_nothing(session: Session, admin: Staff) -> None:
    app = enrol(session, admin)
    now = NOW + MINUTES
    known, unknown = fail(session, admin, 8, now), fail(session, "niemand@voorbeeld.nl", 8, now)
    assert known == unknown
    assert str(refused(session, admin, PASSWORD, "000000", now)) in unknown
    assert str(refused(session, admin, "een ander wachtwoord", app.at(now), now)) in unknown
    assert str(refused(session, admin, PASSWORD, app.at(now), now)) in unknown


def test_attempts_during_a_lock_do_not_lengthen_it(session: Session, admin: Staff) -> None:
    enrol(session, admin)
    fail(session, admin, 5, NOW)
    until = admin.locked_until
    fail(session, admin, 20, NOW + MINUTES)
    assert (admin.failures, admin.locked_until) == (5, until)


def test_failure_is_kept_though_it_is_refused(session: Session, admin: Staff) -> None:
    enrol(session, admin)
    fail(session, admin, 1, NOW)
    session.rollback()
    assert admin.failures == 1


# Stopped, resumed, reset


def test_deactivated(session: Session, town: Town, admin: Staff) -> None:
    jo = accounts.add(session, town, None, "Jo Bos", "jo@b.nl", Role.GEMEENTE, "test: begin", NOW)
    app = enrol(session, jo)
    now = NOW + MINUTES
    with pytest.raises(NotYourself):
        accounts.deactivate(session, admin, admin, now)
    accounts.deactivate(session, jo, admin, now)
    assert isinstance(refused(session, jo, PASSWORD, app.at(now), now), NotRecognised)
    accounts.activate(session, jo, admin, now)
    assert log_in(session, jo, PASSWORD, app.at(now), now) is jo


def test_reset_clears_everything(session: Session, town: Town, admin: Staff) -> None:
    jo = accounts.add(session, town, None, "Jo Bos", "jo@b.nl", Role.GEMEENTE, "test: begin", NOW)
    app = enrol(session, jo)
    fail(session, jo, 5, NOW)
    with pytest.raises(NotYourself):
        accounts.reset(session, admin, admin, NOW)
    before = accounts.mark(jo)
    accounts.reset(session, jo, admin, NOW)
    assert not accounts.enrolled(jo)
    assert (jo.totp_secret, jo.totp_step, jo.failures, jo.locked_until) == (None, 0, 0, None)
    assert accounts.mark(jo) != before
    assert isinstance(refused(session, jo, PASSWORD, app.at(NOW + MINUTES), NOW + MINUTES), NotRecognised)


def test_journal_knows_every_step_and_no_secret(session: Session, town: Town, admin: Staff) -> None:
    jo = accounts.add(session, town, None, "Jo Bos", "jo@b.nl", Role.GEMEENTE, "test: begin", NOW)
    app = enrol(session, jo)
    fail(session, jo, 5, NOW)
    kept = jo.password_hash or "?"
    accounts.reset(session, jo, admin, NOW)
    accounts.reset(session, jo, None, NOW)
    entries = list(session.scalars(select(JournalEntry).order_by(JournalEntry.id)))[1:]
    assert [(entry.actor, entry.action) for entry in entries] == [
        ("test: begin", "give access"),
        ("gemeente: Jo Bos", "set password"),
        ("gemeente: Jo Bos", "set second factor"),
        ("Wijkstem", "lock account"),
        ("beheerder: Ans Baas", "reset access"),
        ("beheerder: opdrachtregel", "reset access"),
    ]
    assert {entry.town_id for entry in entries} == {town.id}
    written = str([entry.detail for entry in entries])
    assert not any(secret in written for secret in (PASSWORD, app.secret, kept, "jo@b.nl"))


# One-time links


def accept(session: Session, token: str, now: datetime) -> Staff:
    staff = accounts.invited(session, KEY, token, now)
    begun = accounts.begin_totp(staff)
    kept = accounts.hashed(staff, PASSWORD, hasher=CHEAP)
    return accounts.accept(session, BOX, KEY, token, kept, begun.secret, TOTP(begun.secret).at(now), now)


def test_invitation_works_once(session: Session, admin: Staff) -> None:
    token = accounts.invitation(KEY, admin, NOW)
    assert accept(session, token, NOW) is admin
    assert accounts.enrolled(admin)
    assert session.scalars(select(UsedLink)).one()
    with pytest.raises(InvitationOver):
        accept(session, token, NOW)


def test_invitation_survives_a_wrong_code(session: Session, admin: Staff) -> None:
    token = accounts.invitation(KEY, admin, NOW)
    kept = accounts.hashed(admin, PASSWORD, hasher=CHEAP)
    with pytest.raises(CodeWrong):
        accounts.accept(session, BOX, KEY, token, kept, accounts.begin_totp(admin).secret, "000000", NOW)
    assert not accounts.enrolled(admin)
    assert session.scalars(select(UsedLink)).all() == []
    assert actions(session) == ["give access"]
    accept(session, token, NOW)


def test_invitation_is_superseded(session: Session, town: Town, admin: Staff) -> None:
    jo = accounts.add(session, town, None, "Jo Bos", "jo@b.nl", Role.GEMEENTE, "test: begin", NOW)
    first = accounts.invitation(KEY, jo, NOW)
    accounts.reset(session, jo, admin, NOW)
    with pytest.raises(InvitationOver):
        accept(session, first, NOW)
    second, third = accounts.invitation(KEY, jo, NOW), accounts.invitation(KEY, jo, NOW)
    accept(session, third, NOW)
    with pytest.raises(InvitationOver):  # the password is set
        accept(session, second, NOW)


def test_links_of_no_use(session: Session, town: Town, admin: Staff) -> None:
    jo = accounts.add(session, town, None, "Jo Bos", "jo@b.nl", Role.GEMEENTE, "test: begin", NOW)
    token = accounts.invitation(KEY, jo, NOW)
    week = timedelta(days=7)
    assert accounts.invited(session, KEY, token, NOW + week) is jo
    strange = sign(KEY, INVITATION, Link(99, "mark", "nonce"), NOW)
    for text, now in [
        (token, NOW + week + timedelta(seconds=1)),
        (token[:-9] + ("A" if token[-9] != "A" else "B") + token[-8:], NOW),
        (accounts.invitation("other key", jo, NOW), NOW),
        (accounts.demo_link(KEY, jo, NOW), NOW),
        (strange, NOW),
        ("rubbish", NOW),
    ]:
        with pytest.raises(InvitationOver):
            accounts.invited(session, KEY, text, now)
    with pytest.raises(DemoLinkOver):
        accounts.demo_log_in(session, KEY, token, NOW)
    accounts.deactivate(session, jo, admin, NOW)
    with pytest.raises(InvitationOver):
        accounts.invited(session, KEY, token, NOW)


def test_demo_link_works_once_a_day(session: Session, admin: Staff) -> None:
    first, second = accounts.demo_link(KEY, admin, NOW), accounts.demo_link(KEY, admin, NOW)
    assert accounts.demo_log_in(session, KEY, first, NOW) is admin
    with pytest.raises(DemoLinkOver):
        accounts.demo_log_in(session, KEY, first, NOW)
    with pytest.raises(DemoLinkOver):
        accounts.demo_log_in(session, KEY, second, NOW + timedelta(days=1, seconds=1))
    assert accounts.demo_log_in(session, KEY, second, NOW) is admin


def test_link_goes_by_the_clock_it_is_given() -> None:
    link = Link(1, "mark", "nonce")
    long_ago = datetime(2001, 1, 1, tzinfo=UTC)
    assert read(KEY, INVITATION, sign(KEY, INVITATION, link, long_ago), long_ago) == link


def test_ended_session_stays_ended(session: Session) -> None:
    assert not accounts.ended(session, "some login")
    accounts.end(session, "some login", NOW)
    accounts.end(session, "some login", NOW)
    assert accounts.ended(session, "some login")
