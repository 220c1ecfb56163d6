"""Mixing: how many move, which, in what order they lie on the board, and what is opened of them."""

import random
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from flask import Flask
from sqlalchemy import func, literal, select, update
from sqlalchemy.orm import Session

from ballots import board, casting, keys, mixing, paper_votes, sealing
from ballots.casting import find
from ballots.checkpoints import latest
from ballots.database import db, writing
from ballots.mixing import OnBoard
from ballots.models import Box, Checkpoint, Inbox, Leaf, PaperBox, Poll
from ballots.paper import longest
from ballots.refusals import AnswerSpoiled, KeyMissing
from ballots.terms import frozen, terms
from ballots.terms import keys as public_keys
from ballots.vault import Vault
from tests.conftest import START, Held, close_poll, hold, put, yes_no
from tests.trust.helpers import approve

MARKS = ("voor", "tegen", "blanco")


def voted(held: Held, count: int, marks: Sequence[str] = MARKS) -> set[bytes]:
    """Vote with so many letters; return the commitments."""
    found = set()
    for number, code in enumerate(held.codes[:count]):
        poll, p = find(db.session, code)
        chosen = [[marks[number % len(marks)]]] * len(terms(poll).questions)
        found |= set(put(poll, p, chosen, secrets.token_bytes(32), START).commitments)
    return found


def number(table: type[Inbox] | type[Leaf] | type[Box] | type[Checkpoint], poll: Poll) -> int:
    return db.session.scalar(select(func.count()).where(table.poll_id == poll.id)) or 0


def leaves(poll: Poll) -> list[tuple[int, int, bytes]]:
    query = select(Leaf.position, Leaf.question, Leaf.commitment).where(Leaf.poll_id == poll.id)
    return [(at, question, c) for at, question, c in db.session.execute(query.order_by(Leaf.position))]


@pytest.mark.parametrize(("cast", "moved"), [(0, 0), (99, 0), (100, 50), (101, 51)])
def test_a_mix_moves_a_crowd_and_leaves_one_or_does_nothing(
    app: Flask, vault: Vault, cast: int, moved: int
) -> None:
    held = hold(vault, yes_no(), 101)
    voted(held, cast)
    before = number(Checkpoint, held.poll)
    assert mixing.mix(db.session, vault, held.poll, START) == moved
    assert (number(Inbox, held.poll), number(Leaf, held.poll)) == (cast - moved, moved)
    assert number(Checkpoint, held.poll) == before + bool(moved)
    assert cast - moved == mixing.CROWD or not moved


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Crowds of two, portions of three and openings two at a time."""
    monkeypatch.setattr(mixing, "CROWD", 2)
    monkeypatch.setattr(mixing, "PORTION", 3)
    monkeypatch.setattr(mixing, "OPENED_AT_ONCE", 2)


@pytest.mark.usefixtures("small")
def test_a_mix_moves_no_more_than_a_portion(app: Flask, vault: Vault, held: Held) -> None:
    voted(held, 12)
    assert mixing.mix(db.session, vault, held.poll, START) == 3
    assert number(Inbox, held.poll) == 9


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("cast", "portions"), [(0, []), (1, [1]), (4, [4]), (5, [3, 2]), (7, [3, 4]), (12, [3, 3, 3, 3])]
)
def test_the_last_mix_moves_everything_in_portions_that_are_crowds(
    app: Flask, vault: Vault, held: Held, cast: int, portions: list[int]
) -> None:
    expected = voted(held, cast)
    mixing.finish(db.session, vault, held.poll, START)
    found = leaves(held.poll)
    assert [at for at, _, _ in found] == list(range(cast))
    assert {c for *_, c in found} == expected
    start = 0
    for size in portions:  # each in the order of its commitments, whatever the order of voting
        portion = [c for *_, c in found[start : start + size]]
        assert portion == sorted(portion)
        start += size
    assert start == cast
    assert number(Checkpoint, held.poll) == 1 + len(portions)  # and one of the freeze


@pytest.mark.usefixtures("small")
def test_each_question_moves_as_many_and_lies_together(app: Flask, vault: Vault) -> None:
    held = hold(vault, approve(3), 6)
    voted(held, 5, ("bomen", "x"))
    assert mixing.mix(db.session, vault, held.poll, START) == 3
    assert [question for _, question, _ in leaves(held.poll)] == [1] * 3 + [2] * 3 + [3] * 3
    assert number(Inbox, held.poll) == 6
    mixing.finish(db.session, vault, held.poll, START)
    assert [question for _, question, _ in leaves(held.poll)][9:] == [1] * 2 + [2] * 2 + [3] * 2


@pytest.mark.usefixtures("small")
def test_which_answers_move_is_chance_that_nobody_can_foresee(
    app: Flask, vault: Vault, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []

    class Chance(random.SystemRandom):
        def sample(self, population: Sequence[bytes], k: int, **more: object) -> list[bytes]:  # type: ignore[override]
            drawn.append((len(population), k))
            return super().sample(population, k)

    monkeypatch.setattr(random, "SystemRandom", Chance)
    voted(held, 8)
    assert mixing.mix(db.session, vault, held.poll, START) == 3
    assert drawn == [(8, 3)]


def test_many_are_moved_in_slices(app: Flask, vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [list(each) for each in mixing._slices([b"a", b"b", b"c"], 2)] == [[b"a", b"b"], [b"c"]]
    assert list(mixing._slices([], 2)) == []


@pytest.mark.usefixtures("small")
def test_a_withdrawn_poll_is_not_mixed(app: Flask, vault: Vault, held: Held) -> None:
    voted(held, 8)
    db.session.execute(update(Poll).values(withdrawn_at=START, withdrawn_why="Fout."))
    db.session.commit()
    assert mixing.mix(db.session, vault, held.poll, START) == 0
    assert number(Inbox, held.poll) == 8


@pytest.mark.usefixtures("small")
def test_one_poll_is_mixed_and_another_left_alone(app: Flask, vault: Vault, held: Held) -> None:
    other = hold(vault, yes_no(), 6)
    voted(held, 5)
    voted(other, 6)
    mixing.mix(db.session, vault, held.poll, START)
    mixing.finish(db.session, vault, held.poll, START)
    assert (number(Inbox, held.poll), number(Inbox, other.poll)) == (0, 6)
    close_poll(held.poll, held.poll.closes)
    assert (number(Box, held.poll), number(Leaf, other.poll), number(Box, other.poll)) == (5, 0, 0)


@pytest.mark.usefixtures("small")
def test_without_the_key_nothing_moves(app: Flask, vault: Vault, held: Held) -> None:
    voted(held, 8)
    vault.destroy(held.poll.id, "mix")
    for move in (mixing.mix, mixing.finish):
        with pytest.raises(KeyMissing):
            move(db.session, vault, held.poll, START)
    assert (number(Inbox, held.poll), number(Leaf, held.poll)) == (8, 0)


@pytest.mark.usefixtures("small")
def test_an_answer_that_somebody_changed_in_the_inbox_stops_the_mix(
    app: Flask, vault: Vault, held: Held
) -> None:
    voted(held, 8)
    spoiled = db.session.scalars(select(Inbox)).first()
    assert spoiled
    sealed = spoiled.sealed[:-1] + bytes([spoiled.sealed[-1] ^ 1])
    db.session.rollback()
    with db.engine.begin() as connection:
        for (name,) in connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'inbox'"
        ).fetchall():
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        connection.execute(update(Inbox).where(Inbox.id == spoiled.id).values(sealed=sealed))
    with pytest.raises(AnswerSpoiled):
        mixing.finish(db.session, vault, held.poll, START)
    assert number(Inbox, held.poll) + number(Leaf, held.poll) == 8


def test_the_last_mix_sees_a_vote_that_came_while_somebody_read(app: Flask, vault: Vault, held: Held) -> None:
    """What the session read before is no reason to leave a vote behind."""
    assert number(Inbox, held.poll) == 0  # a snapshot without it
    with Session(db.engine) as other:
        poll, p = find(other, held.codes[0])
        mix = casting.mix_keys(vault, poll.id)
        vote = casting.sealed(mix, frozen(poll), p, [["voor"]], bytes(32))
        casting.cast(other, vote, START)
    mixing.finish(db.session, vault, held.poll, START)
    assert number(Leaf, held.poll) == 1


@pytest.mark.usefixtures("small")
def test_each_checkpoint_holds_what_is_there(app: Flask, vault: Vault, held: Held) -> None:
    voted(held, 7)
    later = START + timedelta(hours=1)
    mixing.mix(db.session, vault, held.poll, later)
    checkpoint = latest(db.session, held.poll)
    assert checkpoint
    assert checkpoint.made_at == later
    read = board.read_note(checkpoint.note, held.poll.id, public_keys(held.poll).board)
    assert read.size == 3
    assert read.root == board.root([board.leaf(question, c) for _, question, c in leaves(held.poll)])


# Paper that joins


@pytest.mark.usefixtures("small")
def test_paper_that_joins_is_an_answer_like_the_others(app: Flask, vault: Vault) -> None:
    held = hold(vault, replace(approve(2), floor=3), 8)
    web = voted(held, 4, ("bomen", "x"))
    for code in held.codes[4:7]:
        poll, p = find(db.session, code)
        paper_votes.redeem(db.session, poll, p, START)
    papers = [[["x"], ["blanco"]], [["x"], ["bomen", "x"]]]
    paper_votes.enter(db.session, held.poll, papers, held.poll.closes, unusable=1)
    before, made = leaves(held.poll), iter(range(100))
    size = number(Checkpoint, held.poll)

    def last() -> list[mixing.Sealed]:
        return mixing.papers(db.session, held.poll, lambda size: bytes([next(made)]) * size)

    mixing.finish(db.session, vault, held.poll, held.poll.closes, last)
    last_batch = [each for each in leaves(held.poll) if each not in before]
    assert number(Checkpoint, held.poll) == size + 1  # one batch: nothing parts the papers from the others
    assert [(q, c) for _, q, c in last_batch] == sorted((q, c) for _, q, c in last_batch)
    joined = [c for _, _, c in last_batch if c not in web]
    assert len(joined) == 4
    assert web & {c for *_, c in last_batch}
    kept = db.session.scalars(select(PaperBox)).all()
    assert {(row.question, row.marking, row.number) for row in kept} == {
        (1, "ongeldig", 1),
        (2, "ongeldig", 1),
    }
    mixing.open_all(db.session, held.poll, keys.opening_key(vault.read(held.poll.id, "open")))
    boxes = {row.commitment: row for row in db.session.scalars(select(Box))}
    opened = [(boxes[c].question, boxes[c].marking.strip()) for c in joined]
    assert sorted(opened) == [(1, "x"), (1, "x"), (2, "blanco"), (2, "bomen,x")]
    assert len({boxes[c].secret for c in joined}) == 4
    assert {len(boxes[c].marking) for c in joined if boxes[c].question == 1} == {
        len(row.marking) for row in boxes.values() if row.question == 1
    }


@pytest.mark.usefixtures("small")
def test_no_paper_that_counts_makes_no_checkpoint(app: Flask, vault: Vault, held: Held) -> None:
    before = number(Checkpoint, held.poll)
    mixing.finish(
        db.session, vault, held.poll, held.poll.closes, lambda: mixing.papers(db.session, held.poll)
    )
    assert number(Checkpoint, held.poll) == before


@pytest.mark.usefixtures("small")
def test_paper_is_padded_to_the_longest_answer_of_its_own_question(app: Flask, vault: Vault) -> None:
    short, long = approve(1, most=1), approve(1, most=3)
    both = replace(short, questions=short.questions + long.questions, rules=short.rules + long.rules)
    held = hold(vault, both, 3)
    poll, p = find(db.session, held.codes[0])
    paper_votes.redeem(db.session, poll, p, START)
    paper_votes.enter(db.session, held.poll, [[["x"], ["x"]]], held.poll.closes)
    key = opening_key(vault, held.poll)
    with writing(db.session):
        taken = mixing.papers(db.session, held.poll)
    opened = [sealing.inner_opened(held.poll.id, question, inner, key) for question, _, inner in taken]
    lengths = {answer.question: len(answer.marking) for answer in opened}
    assert lengths == {n: longest(question) for n, question in enumerate(both.questions, 1)}
    assert lengths[1] < lengths[2]


@pytest.mark.usefixtures("small")
def test_where_only_papers_are_the_last_mix_is_theirs_alone(app: Flask, vault: Vault, held: Held) -> None:
    poll, p = find(db.session, held.codes[0])
    paper_votes.redeem(db.session, poll, p, START)
    paper_votes.enter(db.session, held.poll, [[["voor"]]], held.poll.closes)
    before = number(Checkpoint, held.poll)
    mixing.finish(
        db.session, vault, held.poll, held.poll.closes, lambda: mixing.papers(db.session, held.poll)
    )
    assert [(at, question) for at, question, _ in leaves(held.poll)] == [(0, 1)]
    assert number(Checkpoint, held.poll) == before + 1


@pytest.mark.usefixtures("small")
def test_who_mixes_keeps_voters_waiting(
    app: Flask, vault: Vault, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock that voters share is not shared with a mix."""
    taken = []
    monkeypatch.setattr(mixing, "poll_lock", lambda session, poll, shared: taken.append((poll, shared)))
    voted(held, 5)
    mixing.mix(db.session, vault, held.poll, START)
    mixing.finish(db.session, vault, held.poll, START)
    assert set(taken) == {(held.poll.id, False)}
    assert len(taken) == 2


# Opening


def opening_key(vault: Vault, poll: Poll) -> X25519PrivateKey:
    return keys.opening_key(vault.read(poll.id, "open"))


@pytest.mark.usefixtures("small")
def test_opening_goes_on_where_it_was_interrupted(
    app: Flask, vault: Vault, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = voted(held, 7)
    mixing.finish(db.session, vault, held.poll, START)
    right, opened, tries = mixing._opened, list[int](), 4

    def tired(poll: Poll, leaf: OnBoard, key: X25519PrivateKey) -> dict[str, object]:
        opened.append(leaf.position)
        if len(opened) == tries:
            raise RuntimeError("the plug is pulled")
        return right(poll, leaf, key)

    monkeypatch.setattr(mixing, "_opened", tired)
    with pytest.raises(RuntimeError):
        mixing.open_all(db.session, held.poll, opening_key(vault, held.poll))
    assert number(Box, held.poll) == 2
    opened.clear()
    tries = 100
    mixing.open_all(db.session, held.poll, opening_key(vault, held.poll))
    assert opened == [2, 3, 4, 5, 6]
    assert set(db.session.scalars(select(Box.commitment))) == expected
    mixing.open_all(db.session, held.poll, opening_key(vault, held.poll))
    assert number(Box, held.poll) == 7


@pytest.mark.usefixtures("small")
def test_two_who_open_at_once_open_to_the_same_box(
    app: Flask, vault: Vault, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = voted(held, 5)
    mixing.finish(db.session, vault, held.poll, START)
    right, other = mixing._unopened, list[bool]()

    def late(session: Session, poll: Poll, after: int) -> Sequence[OnBoard]:
        rows = right(session, poll, after)
        if not other:
            other.append(True)
            with Session(db.engine) as theirs:
                mixing.open_all(theirs, theirs.get_one(Poll, poll.id), opening_key(vault, poll))
        return rows

    monkeypatch.setattr(mixing, "_unopened", late)
    mixing.open_all(db.session, held.poll, opening_key(vault, held.poll))
    assert set(db.session.scalars(select(Box.commitment))) == expected
    assert number(Box, held.poll) == 5


@pytest.mark.parametrize("what", ["another key", "another answer", "another envelope"])
def test_what_does_not_open_to_its_commitment_is_not_counted(
    app: Flask, vault: Vault, held: Held, what: str
) -> None:
    voted(held, 3)
    mixing.finish(db.session, vault, held.poll, START)
    sealed = mixing._unopened(db.session, held.poll, 1)[0].sealed
    key, poll = opening_key(vault, held.poll), held.poll
    if what == "another key":
        key = X25519PrivateKey.generate()
    elif what == "another answer":
        answer = sealing.Opening(1, bytes(32), "voor  ")
        sealed = sealing.inner(poll.id, answer, public_keys(poll).poll)
    else:
        sealed = b"too short"
    spoiled = select(Leaf.question, Leaf.commitment, literal(sealed).label("sealed"), Leaf.position)
    (leaf,) = db.session.execute(spoiled.where(Leaf.position == 2)).all()
    with pytest.raises(AnswerSpoiled):
        mixing._opened(poll, leaf, key)
