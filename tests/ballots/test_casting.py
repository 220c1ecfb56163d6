"""One letter, one vote: what casting writes, what it refuses, and what a repeat is told."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import IntegrityError

from ballots import casting, codes, letters, mixing, polls, sealing, web
from ballots.casting import Receipt, Sent
from ballots.database import db, writing
from ballots.definition import Custody
from ballots.models import Box, Inbox, Leaf, Redemption
from ballots.refusals import (
    CodeUnknown,
    ControlTaken,
    KeyMissing,
    KeysNotReady,
    LetterUsed,
    LetterVoid,
    MarkingWrong,
    Refusal,
    TooEarly,
    TooLate,
    Withdrawn,
)
from ballots.terms import frozen as known
from ballots.triggers import allow, refuse
from ballots.vault import Vault
from tests.conftest import START, Held, close_poll, hold, in_the_inbox, put, yes_no
from tests.trust.helpers import added, approve, dump

pytestmark = pytest.mark.both

R, OTHER_R = bytes(32), bytes([1]) * 32
TICK = timedelta(microseconds=1)


def vote(
    code: str, chosen: Sequence[Sequence[str]] = (("voor",),), r: bytes = R, now: datetime = START
) -> Receipt:
    poll, p = casting.find(db.session, code)
    return put(poll, p, chosen, r, now)


def database(app: Flask) -> Path:
    return Path(app.config["DATA_DIR"]) / "wijkstem.db"


def frozen(vault: Vault, questions: int = 2) -> Held:
    """An open poll with three letters and this many questions."""
    poll = polls.freeze(db.session, vault, approve(questions), 3, START)
    return Held(poll, [code for _, code in letters.printable(db.session, vault, poll)])


# What a vote writes


def test_a_vote_writes_a_redemption_and_an_answer_and_nothing_else(app: Flask, held: Held) -> None:
    before = dump(db.engine)
    receipt = vote(held.codes[0])
    assert added(before, dump(db.engine)) == {"redemption": 1, "inbox": 1}
    p = codes.proof(held.poll.id, held.codes[0])
    used = db.session.scalars(select(Redemption)).one()
    assert (used.h, used.p, used.channel) == (codes.fingerprint(held.poll.id, p), p, "web")
    answer = db.session.scalars(select(Inbox)).one()
    opening = sealing.opening(R, 1, "voor", 6)
    commitment = opening.commitment(held.poll.id)
    assert in_the_inbox(held.poll) == [opening]
    assert commitment[:10] not in answer.tag + answer.sealed
    assert receipt == Receipt(held.poll.id, (commitment,))
    assert receipt.controls == (commitment[:10],)


def test_a_vote_on_two_questions_writes_two_answers(app: Flask, vault: Vault) -> None:
    two = frozen(vault)
    before = dump(db.engine)
    vote(two.codes[0], [["x", "bomen"], ["blanco"]])
    assert added(before, dump(db.engine)) == {"redemption": 1, "inbox": 2}
    answers = in_the_inbox(two.poll)
    length = len("plein-7,bomen")
    assert {(each.question, each.marking) for each in answers} == {
        (1, "bomen,x".ljust(length)),
        (2, "blanco".ljust(length)),
    }


def test_r_and_the_code_are_not_kept(app: Flask, held: Held) -> None:
    r = bytes(range(100, 132))
    vote(held.codes[0], r=r)
    p = codes.proof(held.poll.id, held.codes[0])
    db.session.remove()
    db.engine.dispose()
    if db.engine.dialect.name == "sqlite":
        kept = b"".join(path.read_bytes() for path in Path(app.config["DATA_DIR"]).glob("wijkstem.db*"))
    else:
        rows = [
            row
            for table in db.metadata.tables
            for row in db.session.execute(text(f'SELECT * FROM "{table}"'))
        ]
        kept = b"\n".join(value for row in rows for value in row if isinstance(value, bytes))
    assert r not in kept
    assert held.codes[0].encode() not in kept
    assert p in kept  # that one is meant to be


def test_the_ids_of_answers_are_random(held: Held) -> None:
    for number, code in enumerate(held.codes):
        vote(code, r=bytes([number]) * 32)
    ids = list(db.session.scalars(select(Inbox.id)))
    assert len({id[:4] for id in ids}) == 12
    assert all(len(id) == 16 for id in ids)


# Repeats


def test_the_same_vote_again_gives_the_same_receipt(app: Flask, held: Held) -> None:
    receipt = vote(held.codes[0])
    after = dump(db.engine)
    for _ in range(3):
        assert vote(held.codes[0]) == receipt
    assert dump(db.engine) == after


def test_also_after_it_was_moved_and_after_close(app: Flask, held: Held) -> None:
    receipt = vote(held.codes[0])
    mixing.finish(db.session, web.vault(), held.poll, START)
    assert vote(held.codes[0]) == receipt
    close_poll(held.poll, held.poll.closes)
    after = dump(db.engine)
    assert vote(held.codes[0], now=held.poll.closes + timedelta(days=9)) == receipt
    assert dump(db.engine) == after


def test_withdrawn_a_repeat_is_told_so_and_no_answer_is_kept(held: Held) -> None:
    vote(held.codes[0])
    polls.withdraw(db.session, web.vault(), held.poll, "reden", START)
    assert db.session.scalar(select(func.count()).select_from(Inbox)) == 0
    with pytest.raises(Withdrawn):
        vote(held.codes[0])


@pytest.mark.parametrize("moved", [False, True])
@pytest.mark.parametrize(("marking", "r"), [("tegen", R), ("voor", OTHER_R), ("blanco", OTHER_R)])
def test_another_marking_or_another_r_is_refused(
    app: Flask, held: Held, marking: str, r: bytes, moved: bool
) -> None:
    vote(held.codes[0])
    if moved:
        mixing.finish(db.session, web.vault(), held.poll, START)
    after = dump(db.engine)
    with pytest.raises(LetterUsed):
        vote(held.codes[0], [[marking]], r)
    assert dump(db.engine) == after


@pytest.mark.parametrize("moved", [False, True])
def test_one_of_two_answers_changed_is_another_vote(app: Flask, vault: Vault, moved: bool) -> None:
    two = frozen(vault)
    vote(two.codes[0], [["x"], ["bomen"]])
    if moved:
        mixing.finish(db.session, web.vault(), two.poll, START)
    after = dump(db.engine)
    with pytest.raises(LetterUsed):
        vote(two.codes[0], [["x"], ["blanco"]])
    assert dump(db.engine) == after


@pytest.mark.parametrize("moved", [False, True])
def test_a_control_code_that_exists_leaves_the_letter_open(app: Flask, held: Held, moved: bool) -> None:
    vote(held.codes[0])
    if moved:
        mixing.finish(db.session, web.vault(), held.poll, START)
    after = dump(db.engine)
    with pytest.raises(ControlTaken):
        vote(held.codes[1])
    assert dump(db.engine) == after
    assert vote(held.codes[1], r=OTHER_R)


def test_one_shared_control_code_of_two_is_refused_whole(app: Flask, vault: Vault) -> None:
    two = frozen(vault)
    vote(two.codes[0], [["x"], ["bomen"]])
    after = dump(db.engine)
    with pytest.raises(ControlTaken):
        vote(two.codes[1], [["x"], ["blanco"]])
    assert dump(db.engine) == after
    assert vote(two.codes[1], [["x"], ["blanco"]], OTHER_R)


def test_the_same_r_in_another_poll_is_another_code(held: Held, vault: Vault) -> None:
    other = polls.freeze(db.session, vault, yes_no(), 1, START)
    (code,) = (code for _, code in letters.printable(db.session, vault, other))
    assert vote(held.codes[0]).controls != vote(code).controls


# Doors


def test_doors_are_exact_to_the_microsecond(app: Flask, vault: Vault) -> None:
    opens = START + timedelta(days=1, microseconds=7)
    poll = polls.freeze(db.session, vault, yes_no(opens, days=1), 4, START)
    mine = [code for _, code in letters.printable(db.session, vault, poll)]
    before = dump(db.engine)
    for now in (START, opens - TICK):
        with pytest.raises(TooEarly) as early:
            vote(mine[0], now=now)
        assert early.value.values["opens"] == opens
    for now in (poll.closes, poll.closes + TICK, poll.closes + timedelta(days=99)):
        with pytest.raises(TooLate):
            vote(mine[0], now=now)
    assert dump(db.engine) == before
    assert vote(mine[0], r=bytes([1]) * 32, now=opens)
    assert vote(mine[1], r=bytes([2]) * 32, now=poll.closes - TICK)


def test_a_closed_poll_takes_nothing_even_with_a_slow_clock(held: Held) -> None:
    close_poll(held.poll, held.poll.closes)
    with pytest.raises(TooLate):
        vote(held.codes[0], now=START)


def test_withdrawn(app: Flask, held: Held) -> None:
    polls.withdraw(db.session, web.vault(), held.poll, "De vraag klopte niet.", START)
    after = dump(db.engine)
    with pytest.raises(Withdrawn) as refused:
        vote(held.codes[0])
    assert refused.value.values == {"reason": "De vraag klopte niet."}
    assert dump(db.engine) == after


def test_void(app: Flask, held: Held) -> None:
    h = codes.fingerprint(held.poll.id, codes.proof(held.poll.id, held.codes[0]))
    with writing(db.session):
        db.session.add(Redemption(poll_id=held.poll.id, h=h, p=None, channel="void"))
    after = dump(db.engine)
    with pytest.raises(LetterVoid):
        vote(held.codes[0])
    assert dump(db.engine) == after
    assert vote(held.codes[1])


def test_unknown(held: Held) -> None:
    for code in (codes.mint(bytes(32), 1), "0" * 20):
        with pytest.raises(CodeUnknown):
            casting.find(db.session, code)


def test_a_proof_that_was_made_up_is_no_letter(app: Flask, held: Held) -> None:
    before = dump(db.engine)
    with pytest.raises((Refusal, IntegrityError)):
        put(held.poll, bytes(32), [["voor"]], R, START)
    db.session.rollback()
    assert dump(db.engine) == before


@pytest.mark.parametrize(
    "chosen",
    [
        [],
        [[]],
        [["voor"], ["voor"]],
        [["zeker"]],
        [["voor", "tegen"]],
        [["voor", "voor"]],
        [["voor", "blanco"]],
        [["Voor"]],
        [[""]],
    ],
)
def test_wrong_markings(app: Flask, held: Held, chosen: list[list[str]]) -> None:
    before = dump(db.engine)
    with pytest.raises(MarkingWrong):
        vote(held.codes[0], chosen)
    assert dump(db.engine) == before


# All or nothing


def test_the_letter_stays_open_when_the_answer_cannot_be_written(app: Flask, held: Held) -> None:
    with writing(db.session):
        for statement in refuse(db.engine.dialect.name, "disk_full", "inbox", "INSERT"):
            db.session.execute(text(statement))
    before = dump(db.engine)
    with pytest.raises(Refusal):
        vote(held.codes[0])
    assert dump(db.engine) == before
    with writing(db.session):
        for statement in allow(db.engine.dialect.name, "disk_full", "inbox"):
            db.session.execute(text(statement))
    assert vote(held.codes[0])


def test_the_key_itself_refuses_a_second_redemption(held: Held) -> None:
    """Below all checks: without any of them the database still takes a letter once."""
    vote(held.codes[0])
    p = codes.proof(held.poll.id, held.codes[0])
    row = {"poll_id": held.poll.id, "h": codes.fingerprint(held.poll.id, p), "p": p, "channel": "web"}
    with pytest.raises(IntegrityError), writing(db.session):
        db.session.add(Redemption(**row))


def test_emptying_the_inbox_moves_everything_once(held: Held) -> None:
    markings = ["voor", "tegen", "blanco", "voor"]
    for number, marking in enumerate(markings):
        vote(held.codes[number], [[marking]], bytes([number]) * 32)
    mixing.finish(db.session, web.vault(), held.poll, START)
    board = db.session.scalars(select(Leaf.commitment)).all()
    mixing.finish(db.session, web.vault(), held.poll, START)
    assert db.session.scalars(select(Leaf.commitment)).all() == board
    assert len(board) == 4
    assert not db.session.scalars(select(Inbox)).all()
    close_poll(held.poll, held.poll.closes)
    box = db.session.scalars(select(Box)).all()
    assert sorted(row.marking.strip() for row in box) == sorted(markings)
    for row in box:
        assert sealing.Opening(1, row.secret, row.marking).commitment(held.poll.id) == row.commitment


# Any order of events


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 3), st.sampled_from(["voor", "tegen", "blanco"]), st.integers(0, 4), st.booleans()
        ),
        max_size=12,
    )
)
def test_any_order_of_votes(app: Flask, vault: Vault, moves: list[tuple[int, str, int, bool]]) -> None:
    """Against a plain model: a letter holds the first vote that was let in; used letters = ballots."""
    poll = polls.freeze(db.session, vault, yes_no(), 4, START)
    mine = [code for _, code in letters.printable(db.session, vault, poll)]
    held: dict[int, tuple[str, int]] = {}
    for letter, marking, r, mix in moves:
        taken = (marking, r) in held.values()
        expected: type[Refusal] | None = LetterUsed if letter in held else None
        if taken:
            expected = None if letter in held else ControlTaken
        try:
            vote(mine[letter], [[marking]], bytes([r]) * 32)
        except Refusal as refused:
            assert expected is type(refused)  # noqa: PT017
        else:
            assert expected is None
            held.setdefault(letter, (marking, r))
        if mix:
            mixing.finish(db.session, web.vault(), poll, START)
        assert polls.turnout(db.session, poll).used == len(held)
    close_poll(poll, poll.closes)
    votes = polls.outcomes(db.session, poll)[0].votes
    assert {name: number for name, number in votes.items() if number} == {
        name: sum(marking == name for marking, _ in held.values())
        for name in {marking for marking, _ in held.values()}
    }


# Together


def sent(code: str, marking: str = "voor", r: bytes | None = R) -> Sent:
    return Sent(code, {"q1": [marking]}, r)


def cast_sent(*given: Sent, now: datetime = START) -> list[Receipt | Refusal]:
    found = casting.cast_sent(db.engine, web.vault(), given, lambda: now)
    db.session.rollback()
    return found


def test_votes_that_arrive_together_get_an_answer_each(app: Flask, held: Held, vault: Vault) -> None:
    other = frozen(vault)
    found = cast_sent(
        sent(held.codes[0]),
        sent("0" * 20, r=OTHER_R),
        sent(held.codes[1], "niemand", OTHER_R),
        sent(held.codes[2], r=None),
        sent(held.codes[3], "tegen", OTHER_R),
        sent(held.codes[0]),  # the same again
        sent(held.codes[0], "tegen"),
        sent(held.codes[4]),  # the r of somebody else, with the same answer
        Sent(other.codes[0], {"q1": ["bomen"], "q2": ["bomen", "x"]}, R),
    )
    kinds = [type(each).__name__ for each in found]
    assert kinds == [
        *("Receipt", "CodeUnknown", "MarkingWrong", "MarkingWrong", "Receipt"),
        *("Receipt", "LetterUsed", "ControlTaken", "Receipt"),
    ]
    assert found[0] == found[5] != found[4]
    assert db.session.scalar(select(func.count()).select_from(Redemption)) == 3
    assert {answer.marking.strip() for answer in in_the_inbox(held.poll)} == {"voor", "tegen"}
    assert len(in_the_inbox(other.poll)) == 2


def test_no_votes_are_no_work(app: Flask) -> None:
    assert cast_sent() == []


def test_a_key_that_cannot_be_read_stops_its_own_poll_only(app: Flask, held: Held, vault: Vault) -> None:
    other = hold(vault, yes_no())
    vault.destroy(held.poll.id, "mix")
    missing, receipt = cast_sent(sent(held.codes[0]), sent(other.codes[0]))
    assert isinstance(missing, KeyMissing)
    assert isinstance(receipt, Receipt)


def test_the_key_is_read_once_for_all_that_arrive_together(
    app: Flask, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, right = list[tuple[bytes, str]](), Vault.read

    def noted(vault: Vault, poll: bytes, name: str) -> bytes:
        read.append((poll, name))
        return right(vault, poll, name)

    monkeypatch.setattr(Vault, "read", noted)
    votes = [sent(code, r=bytes([n]) * 32) for n, code in enumerate(held.codes)]
    assert all(isinstance(each, Receipt) for each in cast_sent(*votes))
    assert read == [(held.poll.id, "mix")]


def test_a_letter_is_found_in_a_poll_that_is_over_or_new(app: Flask, held: Held, vault: Vault) -> None:
    """What was looked up before is no reason to miss a poll that came or went since."""
    with db.engine.connect() as connection:
        assert casting.letter(connection, held.codes[0])[0].id == held.poll.id
    db.session.rollback()
    new = hold(vault, yes_no())
    with db.engine.connect() as connection:
        assert casting.letter(connection, new.codes[0])[0].id == new.poll.id
        with pytest.raises(CodeUnknown):
            casting.letter(connection, "0" * 20)
    close_poll(held.poll, held.poll.closes)
    casting._seen.clear()
    with db.engine.connect() as connection:
        assert casting.letter(connection, held.codes[1])[0].id == held.poll.id
        assert casting.letter(connection, new.codes[1])[0].id == new.poll.id
    assert isinstance(cast_sent(sent(held.codes[1]))[0], TooLate)


def test_a_letter_needs_one_query_once_its_poll_was_seen(app: Flask, held: Held) -> None:
    statements: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
        statements.append(statement)

    with db.engine.connect() as connection:
        casting.letter(connection, held.codes[0])
        event.listen(db.engine, "before_cursor_execute", note)
        casting.letters(connection, held.codes)
        event.remove(db.engine, "before_cursor_execute", note)
    assert len(statements) == 1


def test_who_is_always_a_moment_late_gives_up(
    app: Flask, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A letter that others keep using between our look and our writing is used."""
    tries = []

    def beaten(session: object, votes: object) -> None:
        tries.append(votes)
        raise IntegrityError("", {}, Exception())

    monkeypatch.setattr(casting, "_write", beaten)
    assert [type(each) for each in cast_sent(sent(held.codes[0]))] == [LetterUsed]
    assert len(tries) == casting.RACES


def test_who_is_always_late_holds_up_nobody_else(
    app: Flask, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One letter of a batch is used elsewhere each time: the others of that batch are cast all the same."""
    late, write = held.codes[1], casting._write
    h = codes.fingerprint(held.poll.id, codes.proof(held.poll.id, late))

    def beaten(session: Any, votes: Sequence[casting.Vote]) -> None:
        if any(vote.h == h for vote in votes):
            raise IntegrityError("", {}, Exception())
        write(session, votes)

    monkeypatch.setattr(casting, "_write", beaten)
    came = cast_sent(*(sent(code, r=bytes([n]) * 32) for n, code in enumerate(held.codes[:3])))
    assert [type(each) for each in came] == [Receipt, LetterUsed, Receipt]
    used = set(db.session.scalars(select(Redemption.p)))
    assert used == {codes.proof(held.poll.id, code) for code in (held.codes[0], held.codes[2])}


def test_an_answer_too_many_or_too_few_is_no_marking(app: Flask, vault: Vault) -> None:
    terms = approve(2)
    for chosen in ([["bomen"]], [["bomen"]] * 3):
        with pytest.raises(MarkingWrong):
            casting.openings(terms, chosen, R)


def test_who_may_not_vote_is_told_why_before_she_does(app: Flask, held: Held) -> None:
    """The same as casting itself would say, at each moment of a poll."""
    found = casting.find(db.session, held.codes[0])
    casting.admit(db.session, *found, START)
    casting.admit(db.session, *found, held.poll.closes - TICK)
    for now, refusal in ((START - TICK, TooEarly), (held.poll.closes, TooLate)):
        with pytest.raises(refusal):
            casting.admit(db.session, *found, now)
    vote(held.codes[0])
    with pytest.raises(LetterUsed):
        casting.admit(db.session, *found, START)
    polls.withdraw(db.session, web.vault(), held.poll, "De vraag klopte niet.", START)
    with pytest.raises(Withdrawn, check=lambda refusal: refusal.values["reason"] == "De vraag klopte niet."):
        casting.admit(db.session, *found, START)


def test_each_answer_is_sealed_with_the_tag_and_place_of_its_question(app: Flask, vault: Vault) -> None:
    held = frozen(vault)
    poll, p = casting.find(db.session, held.codes[0])
    mix = casting.mix_keys(vault, poll.id)
    vote = casting.sealed(mix, known(poll), p, [["bomen"], ["x"]], R)
    answers = casting.openings(approve(2), [["bomen"], ["x"]], R)
    commitments = [answer.commitment(poll.id) for answer in answers]
    assert vote.tags == tuple(sealing.tag(poll.id, q, c, mix) for q, c in enumerate(commitments, 1))
    opened = [sealing.outer_opened(poll.id, q, each, mix)[0] for q, each in enumerate(vote.sealed, 1)]
    assert opened == commitments == list(vote.receipt.commitments)
    assert (vote.p, vote.h) == (p, codes.fingerprint(poll.id, p))
    assert len({len(each) for each in (*vote.ids, *vote.tags)}) == 1


def test_a_poll_whose_keys_are_not_ready_is_no_poll_that_opens_later(app: Flask, vault: Vault) -> None:
    held = hold(vault, replace(yes_no(), custody=Custody.KEYHOLDERS))
    early, at_the_hour, late = (
        type(cast_sent(sent(held.codes[0]), now=now)[0])
        for now in (START - TICK, START, held.poll.closes - TICK)
    )
    assert (early, at_the_hour, late) == (TooEarly, KeysNotReady, KeysNotReady)
