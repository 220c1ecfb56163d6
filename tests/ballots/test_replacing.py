"""What life demands of letters and days: one transaction with its public record, all or nothing."""

import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from ballots import casting, codes, letters, paper_votes, polls, records, replacing
from ballots.database import db, writing
from ballots.lifecycle import Phase
from ballots.models import Checkpoint, Letter, Poll, Record, Redemption
from ballots.polls import Turnout
from ballots.record import Kind, decode
from ballots.refusals import (
    AlreadyClosed,
    AlreadyWithdrawn,
    KeyMissing,
    LengthenedBefore,
    LengthenNever,
    LengthenNotLater,
    LengthenTooLong,
    LettersContested,
    LettersMixed,
    LettersMixedUsed,
    LettersOpen,
    LettersUnknown,
    LettersUsed,
    LettersVoid,
    LetterVoid,
    NoLetters,
    ReasonMissing,
    ReplacedAlone,
    SerialsMissing,
    TooLate,
)
from ballots.terms import in_force
from ballots.vault import Vault
from tests.conftest import START, Held, close_poll, hold, put, yes_no

pytestmark = pytest.mark.both

WHY = "De brief kwam ongeopend terug."
SECOND = timedelta(seconds=1)
TEXT = "tot en met maandag 22 juni 2026"


@pytest.fixture
def open_poll(app: Flask, vault: Vault) -> Held:
    """A poll of twelve letters that may be lengthened by a week."""
    return hold(vault, replace(yes_no(), lengthen=7))


def vote(code: str, marking: str = "voor") -> None:
    poll, p = casting.find(db.session, code)
    put(poll, p, [[marking]], secrets.token_bytes(32), START)


def counted(poll: Poll) -> tuple[int, int, int, int]:
    """Return issued, used, open and void, which add up."""
    cast = polls.turnout(db.session, poll)
    assert cast.issued == cast.used + cast.open + cast.void
    assert cast.open >= 0
    stands = records.standing(db.session, poll)
    assert (cast.issued, cast.sent) == (stands.issued, stands.sent)
    return cast.issued, cast.used, cast.open, cast.void


def last(poll: Poll) -> Record:
    found = db.session.scalars(select(Record).where(Record.poll_id == poll.id).order_by(Record.number)).all()
    return found[-1]


def everything(poll: Poll) -> list[object]:
    """Return how much there is of all that a verb here could add, and when the poll ends."""
    db.session.rollback()
    tables = (Letter, Redemption, Record, Checkpoint)
    numbers = [
        db.session.scalar(select(func.count()).select_from(each).where(each.poll_id == poll.id))
        for each in tables
    ]
    return [*numbers, len(letters.runs(db.session, poll)), poll.ends]


def test_void(open_poll: Held, vault: Vault) -> None:
    vote(open_poll.codes[0])
    replacing.void(db.session, vault, open_poll.poll, [2, 5], f" {WHY} ", START)
    assert counted(open_poll.poll) == (12, 1, 9, 2)
    for code in (open_poll.codes[1], open_poll.codes[4]):
        with pytest.raises(LetterVoid):
            vote(code)
    vote(open_poll.codes[2])
    made = decode(last(open_poll.poll).body)
    gone = {
        codes.fingerprint(open_poll.poll.id, codes.proof(open_poll.poll.id, open_poll.codes[n]))
        for n in (1, 4)
    }
    assert (made.kind, made.people, made.reason, made.at) == (Kind.VOID, 1, WHY, START)
    assert records.standing(db.session, open_poll.poll).void == gone


def test_replace(open_poll: Held, vault: Vault) -> None:
    poll = open_poll.poll
    letters.printed(db.session, poll, START)
    letters.forget(db.session, vault)
    assert replacing.replace(db.session, vault, poll, [3], "Brief kwijt", 1, START) == {3: 13}
    assert replacing.replace(db.session, vault, poll, [9, 4], "Nat geworden", 2, START) == {4: 14, 9: 15}
    assert counted(poll) == (15, 0, 12, 3)
    assert polls.turnout(db.session, poll).sent == 12
    runs = letters.runs(db.session, poll)
    assert [(run.number, run.first, run.last, run.replaces) for run in runs] == [
        (1, 1, 12, False),
        (2, 13, 13, True),
        (3, 14, 15, True),
    ]
    fresh = dict(letters.printable(db.session, vault, poll))
    assert list(fresh) == [13, 14, 15]
    assert [serial for serial, _ in letters.printable(db.session, vault, poll, 3)] == [14, 15]
    for code in fresh.values():
        vote(code)
    for serial in (3, 4, 9):
        with pytest.raises(LetterVoid):
            vote(open_poll.codes[serial - 1])
    assert counted(poll) == (15, 3, 9, 3)
    assert [
        decode(each.body).people for each in db.session.scalars(select(Record).order_by(Record.number))
    ] == [1, 2]


def test_a_replacement_can_be_replaced(open_poll: Held, vault: Vault) -> None:
    replacing.replace(db.session, vault, open_poll.poll, [3], "Brief kwijt", 1, START)
    replacing.replace(db.session, vault, open_poll.poll, [13], "Weer kwijt", 1, START)
    assert counted(open_poll.poll) == (14, 0, 12, 2)
    assert polls.turnout(db.session, open_poll.poll).sent == 12


def test_one_person_replaces_three_letters_a_week_alone(open_poll: Held, vault: Vault) -> None:
    """Whoever it is, and whatever two people decided meanwhile."""
    poll = open_poll.poll
    for serial, days in ((1, 0), (2, 1), (3, 2)):
        now = START + timedelta(days=days)
        assert replacing.alone(db.session, poll, now) == 3 - days
        replacing.replace(db.session, vault, poll, [serial], WHY, 1, now)
    now = START + timedelta(days=7) - SECOND
    assert replacing.alone(db.session, poll, now) == 0
    with pytest.raises(ReplacedAlone, match=r"De laatste 7 dagen zijn al 3 brieven"):
        replacing.replace(db.session, vault, poll, [4], WHY, 1, now)
    assert polls.turnout(db.session, poll).issued == 15
    assert replacing.replace(db.session, vault, poll, [4], WHY, 2, now) == {4: 16}
    assert replacing.alone(db.session, poll, now) == 0
    replacing.replace(db.session, vault, poll, [5], WHY, 1, START + timedelta(days=7))
    assert replacing.alone(db.session, poll, START + timedelta(days=7)) == 0


def test_each_run_is_printed_and_confirmed_by_itself(open_poll: Held, vault: Vault) -> None:
    poll = open_poll.poll
    replacing.replace(db.session, vault, poll, [3], "Brief kwijt", 1, START)
    printable = [serial for serial, _ in letters.printable(db.session, vault, poll)]
    assert printable == [1, 2, *range(4, 14)]  # not the one that is void before it was printed
    letters.made(db.session, poll, START, 2)
    assert [run.made_at for run in letters.runs(db.session, poll)] == [None, START]
    assert letters.printed(db.session, poll, START, 2)
    assert not letters.printed(db.session, poll, START, 2)
    assert letters.forget(db.session, vault) == 1
    assert (vault.has(poll.id, "seed-1"), vault.has(poll.id, "seed-2")) == (True, False)
    assert letters.printed(db.session, poll, START)


def test_add(open_poll: Held, vault: Vault) -> None:
    added = replacing.add(db.session, vault, open_poll.poll, 3, "De nieuwbouw was vergeten.", START)
    assert list(added) == [13, 14, 15]
    assert counted(open_poll.poll) == (15, 0, 15, 0)
    assert polls.turnout(db.session, open_poll.poll).sent == 15
    fresh = dict(letters.printable(db.session, vault, open_poll.poll, 2))
    vote(fresh[14])
    assert decode(last(open_poll.poll).body).people == 2
    for count in (0, -1, replacing.MOST_ADDED + 1):
        with pytest.raises(NoLetters):
            replacing.add(db.session, vault, open_poll.poll, count, WHY, START)


def test_a_seed_that_came_to_nothing_is_no_seed(open_poll: Held, vault: Vault) -> None:
    """A crash between the seed and the commit leaves a file; the next run gets a seed of its own."""
    orphan = vault.make(open_poll.poll.id, "seed-2")
    replacing.add(db.session, vault, open_poll.poll, 1, "Vergeten", START)
    assert vault.read(open_poll.poll.id, "seed-2") != orphan
    ((_, code),) = letters.printable(db.session, vault, open_poll.poll, 2)
    vote(code)


def test_lengthen(open_poll: Held, vault: Vault) -> None:
    poll = open_poll.poll
    before, later = poll.closes, poll.closes + timedelta(days=7, hours=1)
    with pytest.raises(LengthenNotLater):
        replacing.lengthen(db.session, vault, poll, before, TEXT, WHY, START)
    with pytest.raises(LengthenTooLong, match="7 dagen"):
        replacing.lengthen(db.session, vault, poll, later + SECOND, TEXT, WHY, START)
    replacing.lengthen(db.session, vault, poll, later, TEXT, "De post was laat.", before - SECOND)
    assert (poll.ends, poll.lengthened_text, poll.closes) == (later, TEXT, before)
    assert (in_force(poll).closes, in_force(poll).closes_text) == (later, TEXT)
    assert poll.phase(later - SECOND) is Phase.OPEN
    put(*casting.find(db.session, open_poll.codes[0]), [["voor"]], secrets.token_bytes(32), later - SECOND)
    with pytest.raises(TooLate):
        put(*casting.find(db.session, open_poll.codes[1]), [["voor"]], secrets.token_bytes(32), later)
    with pytest.raises(LengthenedBefore):
        replacing.lengthen(db.session, vault, poll, later, TEXT, WHY, before)
    replacing.void(db.session, vault, poll, [5], WHY, later - SECOND)  # before close, as it stands now


def test_what_was_not_agreed_is_not_lengthened(held: Held, vault: Vault) -> None:
    with pytest.raises(LengthenNever):
        replacing.lengthen(db.session, vault, held.poll, held.poll.closes + SECOND, TEXT, WHY, START)


def test_contest(open_poll: Held, vault: Vault) -> None:
    poll = open_poll.poll
    for code in open_poll.codes[:4]:
        vote(code)
    paper_votes.redeem(db.session, *casting.find(db.session, open_poll.codes[4]), START)
    replacing.contest(db.session, vault, poll, [1], "Het adres zegt dat het niet stemde.", START)
    paper_votes.enter(db.session, poll, [[["voor"]]], poll.closes)
    close_poll(poll, poll.closes)
    replacing.contest(db.session, vault, poll, [5, 2], "Zij ook niet.", poll.closes + timedelta(days=3))
    assert len(records.standing(db.session, poll).contested) == 3
    assert counted(poll) == (12, 5, 7, 0)
    with pytest.raises(LettersContested, match=": 1, 2"):
        replacing.contest(db.session, vault, poll, [1, 2, 3], WHY, START)


def _states(held: Held, vault: Vault) -> None:
    """Letter 1 is used, 2 contested, 3 void, 4 used on paper; the others are open."""
    vote(held.codes[0])
    vote(held.codes[1])
    replacing.contest(db.session, vault, held.poll, [2], WHY, START)
    replacing.void(db.session, vault, held.poll, [3], WHY, START)
    paper_votes.redeem(db.session, *casting.find(db.session, held.codes[3]), START)


Verb = Callable[[Vault, Poll, list[int]], object]
VERBS: dict[str, Verb] = {
    "void": lambda vault, poll, serials: replacing.void(db.session, vault, poll, serials, WHY, START),
    "replace": lambda vault, poll, serials: replacing.replace(
        db.session, vault, poll, serials, WHY, 2, START
    ),
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    ("serials", "refusal", "named"),
    [
        ([], SerialsMissing, ""),
        ([5, 13, 14, 15, 99], LettersUnknown, "13-15, 99"),
        ([5, 0], LettersUnknown, "0"),
        ([5, 4, 1, 2], LettersUsed, "1, 2, 4"),
        ([5, 3], LettersVoid, "3"),
        ([1, 3, 5, 6, 77], LettersMixed, "stemming: 77. Al gestemd: 1. Al ongeldig: 3."),
    ],
)
def test_one_letter_that_cannot_stops_all_and_is_named(
    open_poll: Held, vault: Vault, verb: str, serials: list[int], refusal: type[Exception], named: str
) -> None:
    _states(open_poll, vault)
    before = everything(open_poll.poll)
    with pytest.raises(refusal) as caught:
        VERBS[verb](vault, open_poll.poll, serials)
    assert named in str(caught.value)
    assert everything(open_poll.poll) == before
    assert not vault.has(open_poll.poll.id, "seed-2")


@pytest.mark.parametrize(
    ("serials", "refusal", "named"),
    [
        ([], SerialsMissing, ""),
        ([1, 13], LettersUnknown, "13"),
        ([1, 5, 6], LettersOpen, "5, 6"),
        ([1, 3], LettersVoid, "3"),
        ([1, 2], LettersContested, "2"),
        ([1, 2, 3, 4, 5, 13], LettersMixedUsed, ": 13. Nog niet gestemd: 5. Ongeldig: 3. Al betwist: 2."),
    ],
)
def test_only_a_used_letter_is_contested(
    open_poll: Held, vault: Vault, serials: list[int], refusal: type[Exception], named: str
) -> None:
    _states(open_poll, vault)
    before = everything(open_poll.poll)
    with pytest.raises(refusal) as caught:
        replacing.contest(db.session, vault, open_poll.poll, serials, WHY, START)
    assert named in str(caught.value)
    assert everything(open_poll.poll) == before


def _all(vault: Vault, poll: Poll, reason: str, now: object) -> dict[str, Callable[[], object]]:
    return {
        "void": lambda: replacing.void(db.session, vault, poll, [5], reason, now),  # type: ignore[arg-type]
        "replace": lambda: replacing.replace(db.session, vault, poll, [5], reason, 1, now),  # type: ignore[arg-type]
        "add": lambda: replacing.add(db.session, vault, poll, 2, reason, now),  # type: ignore[arg-type]
        "lengthen": lambda: replacing.lengthen(
            db.session,
            vault,
            poll,
            poll.closes + SECOND,
            TEXT,
            reason,
            now,  # type: ignore[arg-type]
        ),
        "contest": lambda: replacing.contest(db.session, vault, poll, [1], reason, now),  # type: ignore[arg-type]
    }


ALL = ("void", "replace", "add", "lengthen", "contest")


@pytest.mark.parametrize("name", ALL)
def test_nothing_without_a_reason(open_poll: Held, vault: Vault, name: str) -> None:
    vote(open_poll.codes[0])
    before = everything(open_poll.poll)
    with pytest.raises(ReasonMissing):
        _all(vault, open_poll.poll, " \n", START)[name]()
    assert everything(open_poll.poll) == before
    assert not vault.has(open_poll.poll.id, "seed-2")


@pytest.mark.parametrize("name", ALL)
def test_nothing_without_the_key_that_signs(open_poll: Held, vault: Vault, name: str) -> None:
    vote(open_poll.codes[0])
    before = everything(open_poll.poll)
    vault.destroy(open_poll.poll.id, "sign")
    with pytest.raises(KeyMissing):
        _all(vault, open_poll.poll, WHY, START)[name]()
    assert everything(open_poll.poll) == before
    assert not any(serial > 12 for serial, _ in letters.printable(db.session, vault, open_poll.poll))


@pytest.mark.parametrize("name", ALL)
def test_nothing_after_a_withdrawal(open_poll: Held, vault: Vault, name: str) -> None:
    vote(open_poll.codes[0])
    polls.withdraw(db.session, vault, open_poll.poll, WHY, START)
    before = everything(open_poll.poll)
    with pytest.raises(AlreadyWithdrawn):
        _all(vault, open_poll.poll, WHY, START)[name]()
    assert everything(open_poll.poll) == before


@pytest.mark.parametrize("name", ["void", "replace", "add", "lengthen"])
@pytest.mark.parametrize("closed", [False, True])
def test_nothing_once_the_doors_closed(open_poll: Held, vault: Vault, name: str, closed: bool) -> None:
    vote(open_poll.codes[0])
    if closed:
        close_poll(open_poll.poll, open_poll.poll.closes)
    before = everything(open_poll.poll)
    with pytest.raises(AlreadyClosed):
        _all(vault, open_poll.poll, WHY, open_poll.poll.closes)[name]()
    assert everything(open_poll.poll) == before


class PowerCut(Exception):
    """The commit does not reach the disk."""


@pytest.mark.parametrize("name", ALL)
def test_the_record_and_what_it_tells_come_together_or_not(open_poll: Held, vault: Vault, name: str) -> None:
    vote(open_poll.codes[0])
    before = everything(open_poll.poll)

    def fail(*_: object) -> None:
        raise PowerCut

    session = db.session()
    event.listen(session, "before_commit", fail)
    with pytest.raises(PowerCut):
        _all(vault, open_poll.poll, WHY, START)[name]()
    event.remove(session, "before_commit", fail)
    assert everything(open_poll.poll) == before
    _all(vault, open_poll.poll, WHY, START)[name]()
    assert decode(last(open_poll.poll).body).number == 1
    counted(open_poll.poll)


def test_inside_another_write_it_joins(open_poll: Held, vault: Vault) -> None:
    with suppress(PowerCut), writing(db.session):
        replacing.replace(db.session, vault, open_poll.poll, [5], WHY, 1, START)
        raise PowerCut
    assert counted(open_poll.poll) == (12, 0, 12, 0)
    replacing.replace(db.session, vault, open_poll.poll, [5], WHY, 1, START)
    ((_, code),) = letters.printable(db.session, vault, open_poll.poll, 2)
    vote(code)


def test_many_letters_at_once(app: Flask, vault: Vault) -> None:
    poll = polls.freeze(db.session, vault, yes_no(), 1300, START)
    replacing.void(db.session, vault, poll, range(1, 1201), WHY, START)
    replacing.replace(db.session, vault, poll, range(1201, 1300), WHY, 2, START)
    assert counted(poll) == (1399, 0, 100, 1299)


def test_a_quorum_of_letters_is_of_letters_sent() -> None:
    assert Turnout(issued=14, web=5, paper=1, void=3, replaced=2).sent == 12
    assert Turnout(issued=14, web=5, paper=1, void=3, replaced=2).open == 5
