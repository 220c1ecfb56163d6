"""A poll's life: born frozen, never changed, closed once, its numbers always in agreement."""

import os
import stat
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select, text
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.exc import DatabaseError

from ballots import casting, codes, letters, paper_votes, polls, published, replacing, web
from ballots.database import Moment, db, writing
from ballots.definition import Definition, decode, digest
from ballots.lifecycle import Phase, phase
from ballots.models import Box, Checkpoint, Inbox, Leaf, Letter, Poll, Redemption
from ballots.refusals import (
    AlreadyClosed,
    AlreadyWithdrawn,
    AnswerSpoiled,
    DatesWrong,
    NoLetters,
    NotClosed,
    NotDue,
    NotReconciled,
    ReasonMissing,
    Refusal,
    TooLate,
)
from ballots.vault import Vault
from tests.conftest import START, Held, close_poll, put, yes_no
from tests.trust.helpers import dump

pytestmark = pytest.mark.both

SECOND = timedelta(seconds=1)
BOARD = ("commitments.csv", "records.json", "checkpoints.json")
TICK = timedelta(microseconds=1)


def vote(held: Held, letter: int, marking: str = "voor", now: datetime = START) -> casting.Receipt:
    poll, p = casting.find(db.session, held.codes[letter])
    return put(poll, p, [[marking]], bytes([letter]) * 32, now)


def database(app: Flask) -> Path:
    return Path(app.config["DATA_DIR"]) / "wijkstem.db"


# Freeze


def test_freeze(app: Flask, vault: Vault) -> None:
    terms = yes_no(START + timedelta(days=1))
    poll = polls.freeze(db.session, vault, terms, 5, START)
    definition = decode(poll.definition)
    assert definition.terms == terms
    assert definition.poll == poll.id
    assert poll.hash == digest(poll.definition)
    assert (poll.opens, poll.closes, poll.frozen_at) == (terms.opens, terms.closes, START)
    stored = db.session.scalars(select(Letter).order_by(Letter.serial)).all()
    assert [letter.serial for letter in stored] == [1, 2, 3, 4, 5]
    assert tuple(sorted(letter.h for letter in stored)) == definition.letters
    minted = [codes.mint(vault.read(poll.id, "seed-1"), serial) for serial in range(1, 6)]
    assert [codes.fingerprint(poll.id, codes.proof(poll.id, each)) for each in minted] == [
        letter.h for letter in stored
    ]


def test_only_the_service_can_read_the_secrets(app: Flask, vault: Vault) -> None:
    before = os.umask(0)
    try:
        poll = polls.freeze(db.session, vault, yes_no(), 1, START)
    finally:
        os.umask(before)
    files = {file.suffix[1:]: file for file in vault.folder.iterdir()}
    assert set(files) == {"seed-1", "mix", "open", "sign"}
    assert stat.S_IMODE(vault.folder.stat().st_mode) == 0o700
    for name, file in files.items():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert file.read_bytes() == vault.read(poll.id, name)
        assert len(file.read_bytes()) == 32
    assert len({file.read_bytes() for file in files.values()}) == 4


def test_the_secrets_are_on_disk_before_the_poll_is(app: Flask, tmp_path: Path) -> None:
    seen = []

    class Watched(Vault):
        def make(self, poll: bytes, name: str, secret: bytes | None = None) -> bytes:
            made = super().make(poll, name, secret)
            seen.append((self.has(poll, name), db.session.get(Poll, poll)))
            return made

    polls.freeze(db.session, Watched(tmp_path / "keys"), yes_no(), 1, START)
    assert seen == [(True, None)] * 4


def broken_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    def issue(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(letters, "issue", issue)


def broken_definition(monkeypatch: pytest.MonkeyPatch) -> None:
    def encode(_: object) -> bytes:
        raise UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed")

    monkeypatch.setattr(Definition, "encode", encode)


def broken_letter_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters, "mint", lambda seed, poll, serials: [bytes(32)] * len(list(serials)))


@pytest.mark.parametrize("broken", [broken_letters, broken_definition, broken_letter_row])
def test_nothing_is_left_behind_when_freezing_fails(
    broken: Callable[[pytest.MonkeyPatch], None], app: Flask, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = dump(db.engine)
    broken(monkeypatch)
    with pytest.raises((OSError, ValueError, DatabaseError)):
        polls.freeze(db.session, vault, yes_no(), 3, START)
    assert dump(db.engine) == before
    assert list(vault.folder.iterdir()) == []


class Cut(Vault):
    """A vault whose service is cut off while it freezes: nobody tidies up."""

    def destroy_all(self, poll: bytes, but: str = "") -> None:
        pass


def test_what_a_freeze_that_was_cut_off_left_is_swept_away(
    app: Flask, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = polls.freeze(db.session, vault, yes_no(), 1, START)
    theirs = {f"{live.id.hex()}.{name}" for name in ("mix", "open", "sign", "seed-1")}
    with monkeypatch.context() as broken:
        broken_letters(broken)
        with pytest.raises(OSError, match="disk full"):
            polls.freeze(db.session, Cut(vault.folder), yes_no(), 3, START)
    assert len(list(vault.folder.iterdir())) == 8
    unknown = bytes(range(16))  # of a database that is newer than this one
    vault.make(unknown, "mix")
    assert polls.sweep(db.session, vault) == 1
    assert {path.name for path in vault.folder.iterdir()} == {*theirs, f"{unknown.hex()}.mix"}
    assert polls.sweep(db.session, vault) == 0


def test_a_freeze_that_goes_on_is_waited_for(app: Flask, tmp_path: Path) -> None:
    swept: list[int] = []

    def sweep() -> None:
        with app.app_context():
            swept.append(polls.sweep(db.session, Vault(tmp_path / "keys")))
            db.session.remove()

    other = threading.Thread(target=sweep)

    class Slow(Vault):
        def make(self, poll: bytes, name: str, secret: bytes | None = None) -> bytes:
            made = super().make(poll, name, secret)
            if name == "seed-1":  # all of its files are there, and no poll yet
                other.start()
                other.join(0.5)
            return made

    poll = polls.freeze(db.session, Slow(tmp_path / "keys"), yes_no(), 1, START)
    other.join()
    assert swept == [0]
    assert Vault(tmp_path / "keys").has(poll.id, "mix")


def test_frozen_inside_a_larger_step_it_fails_with_it(app: Flask, vault: Vault) -> None:
    before = dump(db.engine)

    def larger() -> None:
        with writing(db.session):
            polls.freeze(db.session, vault, yes_no(), 3, START)
            raise OSError("later in the same transaction")

    with pytest.raises(OSError, match="later"):
        larger()
    assert dump(db.engine) == before


@pytest.mark.parametrize("count", [0, -1])
def test_no_poll_without_letters(app: Flask, vault: Vault, count: int) -> None:
    with pytest.raises(NoLetters):
        polls.freeze(db.session, vault, yes_no(), count, START)
    assert not vault.folder.exists()


@pytest.mark.parametrize(
    ("opens", "closes", "right"),
    [
        (START, START + TICK, True),
        (START + SECOND, START + 2 * SECOND, True),
        (START - TICK, START + SECOND, False),
        (START, START, False),
        (START + SECOND, START, False),
    ],
)
def test_dates(app: Flask, vault: Vault, opens: datetime, closes: datetime, right: bool) -> None:
    terms = replace(yes_no(), opens=opens, closes=closes)
    if right:
        assert polls.freeze(db.session, vault, terms, 1, START)
        return
    with pytest.raises(DatesWrong):
        polls.freeze(db.session, vault, terms, 1, START)
    assert not vault.folder.exists()


# What the database itself refuses

CHANGES = [
    "UPDATE poll SET definition = hash",
    "UPDATE poll SET hash = id",
    "UPDATE poll SET id = hash",
    "UPDATE poll SET opens = '2020-01-01'",
    "UPDATE poll SET closes = '2030-01-01'",
    "UPDATE poll SET frozen_at = '2020-01-01'",
    "UPDATE poll SET closed_at = NULL",
    "UPDATE poll SET closed_at = '2030-01-01'",
    "UPDATE poll SET withdrawn_at = '2030-01-01'",
    "DELETE FROM poll",
    "UPDATE redemption SET channel = 'void'",
    "UPDATE redemption SET p = NULL",
    "DELETE FROM redemption",
    "INSERT INTO redemption SELECT poll_id, h, NULL, 'void' FROM redemption WHERE TRUE "
    "ON CONFLICT (poll_id, h) DO UPDATE SET channel = excluded.channel",
    "UPDATE inbox SET sealed = tag",
    "UPDATE box SET marking = 'tegen '",
    "UPDATE box SET question = 2",
    "DELETE FROM box",
    "INSERT INTO box SELECT poll_id, question, commitment, secret, 'tegen ' FROM box WHERE TRUE "
    "ON CONFLICT (poll_id, question, commitment) DO UPDATE SET marking = excluded.marking",
    "UPDATE leaf SET commitment = control",
    "DELETE FROM leaf",
    "UPDATE checkpoint SET note = ''",
    "DELETE FROM checkpoint",
    "UPDATE journal SET actor = 'x'",
    "DELETE FROM journal",
]
OF_ONE_KIND = {
    "sqlite": [  # it deletes without a word, unless the triggers are recursive
        "INSERT OR REPLACE INTO redemption SELECT poll_id, h, NULL, 'void' FROM redemption",
        "INSERT OR REPLACE INTO box SELECT poll_id, question, commitment, secret, 'tegen ' FROM box",
    ],
    "postgresql": ["TRUNCATE redemption", "TRUNCATE box", "TRUNCATE leaf", "TRUNCATE journal"],
}


def test_the_database_refuses(app: Flask, held: Held, vault: Vault) -> None:
    """Closed, and with one more poll that has a vote in its inbox: a row in every table, and none gives way."""
    vote(held, 0)
    close_poll(held.poll, held.poll.closes)
    second = polls.freeze(db.session, vault, yes_no(held.poll.closes), 2, START)
    more = Held(second, [code for poll, code in letters.printable(db.session, vault, second)])
    vote(more, 0, now=second.opens)
    with writing(db.session):
        db.session.execute(
            text(
                "INSERT INTO journal (at, actor, action, detail) VALUES ('2026-06-01', 'test', 'test', '{}')"
            )
        )
    before = dump(db.engine)
    assert all(before[table] for table in ("poll", "redemption", "inbox", "box", "journal"))
    for change in CHANGES + OF_ONE_KIND[db.engine.dialect.name]:
        with pytest.raises(DatabaseError, match="only added to, never changed"), writing(db.session):
            db.session.execute(text(change))
        assert dump(db.engine) == before, change


def test_without_the_triggers_the_same_changes_would_pass(app: Flask, held: Held) -> None:
    """The weak variant: the same statements, the triggers dropped; they all change something."""
    vote(held, 0)
    close_poll(held.poll, held.poll.closes)
    db.session.remove()
    with db.engine.connect() as weak:
        without_triggers(weak)
        for change in CHANGES:
            if (
                "journal" not in change
                and "inbox" not in change
                and not change.startswith("DELETE FROM poll")
            ):
                here = weak.begin_nested()
                assert weak.execute(text(change)).rowcount > 0, change
                here.rollback()
        weak.rollback()


def without_triggers(connection: Connection) -> None:
    """Take what refuses out of the way: triggers, and keys that other tables hold on to."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        return
    connection.execute(text("PRAGMA defer_foreign_keys = ON"))
    for name in connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
        connection.execute(text(f"DROP TRIGGER {name}"))


# Phases


def test_phases() -> None:
    opens, closes = START, START + SECOND
    for ready in (opens - SECOND, None):
        held = Phase.OPEN if ready else Phase.FROZEN
        assert phase(opens, closes, ready, None, None, opens - TICK) is Phase.FROZEN
        assert phase(opens, closes, ready, None, None, opens) is held
        assert phase(opens, closes, ready, None, None, closes - TICK) is held
        assert phase(opens, closes, ready, None, None, closes) is Phase.DUE
        assert phase(opens, closes, ready, closes, None, opens) is Phase.CLOSED
        assert phase(opens, closes, ready, None, opens, closes) is Phase.WITHDRAWN


@given(st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_a_moment_is_kept_to_the_microsecond(moment: datetime) -> None:
    kept = Moment().process_bind_param(moment, DefaultDialect())
    assert kept is not None
    assert Moment().process_result_value(kept, DefaultDialect()) == moment


# Withdraw


def test_withdraw(held: Held) -> None:
    vote(held, 0)
    polls.withdraw(db.session, web.vault(), held.poll, " De vraag klopte niet. ", START + SECOND)
    cast = polls.turnout(db.session, held.poll)
    assert (cast.issued, cast.used, cast.open, cast.void) == (12, 1, 0, 11)
    assert held.poll.phase(START + SECOND) is Phase.WITHDRAWN
    assert held.poll.withdrawn_why == "De vraag klopte niet."
    assert db.session.scalar(select(func.count(Redemption.p))) == 1  # of a void letter p stays unknown
    with pytest.raises(AlreadyWithdrawn):
        polls.withdraw(db.session, web.vault(), held.poll, "nog eens", START)
    with pytest.raises(AlreadyWithdrawn):
        close_poll(held.poll, held.poll.closes)
    with pytest.raises(NotClosed):
        polls.outcomes(db.session, held.poll)[0]
    assert set(published.files(db.session, held.poll)) == {
        "narekenen.py",
        "definition.json",
        "definition.sha256",
        "letters.json",
        *BOARD,
    }
    assert db.session.scalar(select(func.count()).select_from(Box)) == 0


@pytest.mark.parametrize("reason", ["", " ", "\n\t"])
def test_withdraw_needs_a_reason(app: Flask, held: Held, reason: str) -> None:
    before = dump(db.engine)
    with pytest.raises(ReasonMissing):
        polls.withdraw(db.session, web.vault(), held.poll, reason, START)
    assert dump(db.engine) == before


def test_what_is_closed_cannot_be_withdrawn(held: Held) -> None:
    close_poll(held.poll, held.poll.closes)
    with pytest.raises(AlreadyClosed):
        polls.withdraw(db.session, web.vault(), held.poll, "te laat", held.poll.closes)


def test_withdraw_touches_no_other_poll(held: Held, vault: Vault) -> None:
    other = polls.freeze(db.session, vault, yes_no(), 4, START)
    polls.withdraw(db.session, web.vault(), held.poll, "deze wel", START)
    cast = polls.turnout(db.session, other)
    assert (cast.issued, cast.open, cast.void) == (4, 4, 0)


# Close


def test_not_before_its_time(app: Flask, held: Held) -> None:
    vote(held, 0)
    before = dump(db.engine)
    for now in (START, held.poll.closes - TICK):
        with pytest.raises(NotDue):
            close_poll(held.poll, now)
    assert dump(db.engine) == before
    assert close_poll(held.poll, held.poll.closes)


def test_close_is_done_once(app: Flask, held: Held) -> None:
    for letter, marking in enumerate(["voor", "voor", "tegen", "blanco"]):
        vote(held, letter, marking)
    assert close_poll(held.poll, held.poll.closes) is True
    after = dump(db.engine)
    assert close_poll(held.poll, held.poll.closes + SECOND) is False
    assert dump(db.engine) == after
    assert held.poll.closed_at == held.poll.closes
    assert db.session.scalar(select(func.count()).select_from(Inbox)) == 0
    outcome = polls.outcomes(db.session, held.poll)[0]
    assert outcome.votes == {"voor": 2, "tegen": 1, "blanco": 1}
    assert outcome.passed


def lose_a_ballot() -> None:
    db.session.execute(text("DELETE FROM inbox WHERE id = (SELECT id FROM inbox LIMIT 1)"))


def add_a_ballot() -> None:
    poll = db.session.scalars(select(Inbox.poll_id)).first()
    extra = {"control": bytes(10), "commitment": bytes(32), "sealed": bytes(80)}
    db.session.add(Leaf(poll_id=poll, position=0, question=1, **extra))


@pytest.mark.parametrize("meddle", [lose_a_ballot, add_a_ballot])
def test_close_refuses_numbers_that_disagree(meddle: Callable[[], None], app: Flask, held: Held) -> None:
    for letter in range(3):
        vote(held, letter)
    with writing(db.session):
        meddle()
    with pytest.raises((NotReconciled, AnswerSpoiled)):
        close_poll(held.poll, held.poll.closes)
    assert held.poll.closed_at is None
    assert db.session.scalar(select(func.count()).select_from(Box)) == 0
    with pytest.raises(NotClosed):
        polls.outcomes(db.session, held.poll)[0]


def test_nobody_sees_anything_before_close(held: Held) -> None:
    vote(held, 0)
    for ask in (polls.outcomes, published.files):
        with pytest.raises(NotClosed):
            ask(db.session, held.poll)


@given(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99), st.integers(0, 99))
def test_turnout_always_adds_up(web: int, on_paper: int, void: int, unused: int) -> None:
    cast = polls.Turnout(web + on_paper + void + unused, web, on_paper, void)
    assert (cast.used, cast.open) == (web + on_paper, unused)


def test_turnout_adds_up_after_every_step(held: Held) -> None:
    def agrees() -> polls.Turnout:
        cast = polls.turnout(db.session, held.poll)
        assert cast.issued == cast.used + cast.open + cast.void == 12
        answers = db.session.scalar(select(func.count()).select_from(Inbox))
        assert answers == (0 if held.poll.withdrawn_at else cast.used)  # what is never counted is not kept
        return cast

    assert agrees().used == 0
    for step, (letter, marking) in enumerate(
        [(0, "voor"), (0, "voor"), (0, "tegen"), (1, "zeker"), (2, "blanco")]
    ):
        try:
            vote(held, letter, marking)
        except Refusal:
            assert step in (2, 3)
        agrees()
    assert agrees().used == 2
    polls.withdraw(db.session, web.vault(), held.poll, "genoeg", START)
    assert agrees().void == 10


def test_the_floor_hides_the_ballots(app: Flask, held: Held, vault: Vault) -> None:
    """The floor is 3: with two ballots no openings are given, with three they are."""
    for letter in range(2):
        vote(held, letter)
    close_poll(held.poll, held.poll.closes)
    assert set(published.files(db.session, held.poll)) == {
        "narekenen.py",
        "definition.json",
        "definition.sha256",
        "letters.json",
        "outcome.json",
        "redemptions.csv",
        *BOARD,
    }
    second = polls.freeze(db.session, vault, yes_no(), 3, START)
    more = Held(second, [code for _, code in letters.printable(db.session, vault, second)])
    for letter in range(3):
        vote(more, letter)
    close_poll(second, second.closes)
    assert {"openings.csv", "redemptions.csv", *BOARD} < set(published.files(db.session, second))


# After the last mix


def test_after_the_last_mix_nothing_is_added_whatever_a_clock_says(held: Held, vault: Vault) -> None:
    """A request that read the clock a moment before, or a host whose clock is behind, comes too late all the same."""
    vote(held, 0)
    before = held.poll.closes - SECOND
    polls.seal(db.session, vault, held.poll, held.poll.closes)
    assert held.poll.phase(before) is Phase.DUE
    with pytest.raises(TooLate):
        vote(held, 1, now=before)
    poll, p = casting.find(db.session, held.codes[2])
    with pytest.raises(TooLate):
        paper_votes.redeem(db.session, poll, p, before)
    with pytest.raises(AlreadyClosed):
        polls.withdraw(db.session, vault, held.poll, "te laat", before)
    with pytest.raises(AlreadyClosed):
        replacing.void(db.session, vault, held.poll, [3], "te laat", before)
    assert polls.close(db.session, vault, held.poll, held.poll.closes)
    assert polls.turnout(db.session, held.poll).used == 1


def test_a_letter_used_behind_its_back_keeps_a_poll_from_closing(held: Held, vault: Vault) -> None:
    vote(held, 0)
    polls.seal(db.session, vault, held.poll, held.poll.closes)
    p = codes.proof(held.poll.id, held.codes[1])
    h = codes.fingerprint(held.poll.id, p)
    with writing(db.session):
        db.session.add(Redemption(poll_id=held.poll.id, h=h, p=p, channel="web"))
    with pytest.raises(NotReconciled):
        polls.close(db.session, vault, held.poll, held.poll.closes)
    assert held.poll.closed_at is None


def test_papers_that_join_cannot_be_told_from_the_others(held: Held, vault: Vault) -> None:
    """Nine by web and one on paper, floor three: no checkpoint and no place in the tree parts the one from the nine."""
    for number in range(9):
        vote(held, number)
    poll, p = casting.find(db.session, held.codes[9])
    paper_votes.redeem(db.session, poll, p, START)
    paper_votes.enter(db.session, held.poll, [[["blanco"]]], held.poll.closes)
    polls.close(db.session, vault, held.poll, held.poll.closes)
    notes = db.session.scalars(select(Checkpoint.note).order_by(Checkpoint.number)).all()
    assert [note.split("\n")[1] for note in notes] == ["0", "10"]
    leaves = db.session.scalars(select(Leaf.commitment).order_by(Leaf.position)).all()
    assert list(leaves) == sorted(leaves)
