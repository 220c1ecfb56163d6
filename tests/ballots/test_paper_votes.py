"""Votes on paper: a letter redeemed at the desk, papers entered after the doors, a handful joined."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import DatabaseError

from ballots import casting, codes, paper_votes, polls, published, web
from ballots.database import db
from ballots.models import Box, PaperBox, Poll, Redemption
from ballots.refusals import (
    AlreadyClosed,
    LetterUsed,
    LetterVoid,
    NegativeNumber,
    NotReconciled,
    PaperTooEarly,
    PaperTooMany,
    PaperWaits,
    PaperWrong,
    TooEarly,
    TooLate,
    Withdrawn,
)
from ballots.vault import Vault
from tests.ballots.test_polls import vote
from tests.conftest import START, Held, close_poll, hold, yes_no
from tests.trust.helpers import dump

pytestmark = pytest.mark.both

SECOND = timedelta(seconds=1)
Papers = list[list[list[str]]]


def redeem(held: Held, letter: int) -> None:
    poll, p = casting.find(db.session, held.codes[letter])
    paper_votes.redeem(db.session, poll, p, START)


def papers(*markings: str) -> Papers:
    return [[[marking]] for marking in markings]


def enter(poll: Poll, entered: Papers) -> None:
    paper_votes.enter(db.session, poll, entered, poll.closes)


def test_a_letter_counts_once_over_all_channels(held: Held) -> None:
    redeem(held, 0)
    vote(held, 1)
    for letter in (0, 1):
        with pytest.raises(LetterUsed):
            redeem(held, letter)
        with pytest.raises(LetterUsed):
            vote(held, letter, "tegen")
    cast = polls.turnout(db.session, held.poll)
    assert (cast.web, cast.paper, cast.open) == (1, 1, 10)


def test_only_while_the_doors_are_open(held: Held) -> None:
    poll, p = casting.find(db.session, held.codes[0])
    with pytest.raises(TooEarly):
        paper_votes.redeem(db.session, poll, p, START - SECOND)
    with pytest.raises(TooLate):
        paper_votes.redeem(db.session, poll, p, poll.closes)
    polls.withdraw(db.session, web.vault(), poll, "De vraag klopte niet.", START)
    with pytest.raises(Withdrawn):
        paper_votes.redeem(db.session, poll, p, START)
    with pytest.raises(Withdrawn):
        enter(poll, [])


def test_a_void_letter_is_no_paper_either(held: Held) -> None:
    poll, p = casting.find(db.session, held.codes[0])
    paper_votes.redeem(db.session, poll, p, START)
    row = db.session.scalars(select(Redemption)).one()
    assert (row.p, row.channel) == (p, "paper")
    void = casting.find(db.session, held.codes[1])[1]
    db.session.add(Redemption(poll_id=poll.id, h=codes.fingerprint(poll.id, void), p=None, channel="void"))
    db.session.commit()
    with pytest.raises(LetterVoid):
        paper_votes.redeem(db.session, poll, void, START)


def test_paper_and_web_are_counted_apart_and_together(held: Held) -> None:
    for letter in range(4):
        vote(held, letter, "voor")
        redeem(held, 4 + letter)
    enter(held.poll, papers("tegen", "voor"))
    with pytest.raises(PaperWaits, match="2 papieren"):
        close_poll(held.poll, held.poll.closes)
    enter(held.poll, papers("tegen", "voor", "tegen", "blanco"))
    assert close_poll(held.poll, held.poll.closes)
    (outcome,) = polls.outcomes(db.session, held.poll)
    assert outcome.votes == {"voor": 5, "tegen": 2, "blanco": 1}
    assert outcome.channels == {
        "web": {"voor": 4, "tegen": 0, "blanco": 0},
        "paper": {"voor": 1, "tegen": 2, "blanco": 1},
    }
    files = published.files(db.session, held.poll)
    assert files["paper.csv"].decode() == "question;marking;number\n1;blanco;1\n1;tegen;2\n1;voor;1\n"
    assert files["openings.csv"].count(b"\n") == 1 + 4
    assert files["redemptions.csv"].count(b"paper\n") == 4


@pytest.mark.parametrize(("web", "paper"), [(5, 2), (2, 5), (0, 4), (1, 1)])
def test_a_handful_is_joined_with_the_others(held: Held, web: int, paper: int) -> None:
    """The floor is three: neither the few on paper nor the few others can be seen apart."""
    for letter in range(web):
        vote(held, letter, "voor")
    for letter in range(web, web + paper):
        redeem(held, letter)
    enter(held.poll, papers(*["tegen"] * paper))
    close_poll(held.poll, held.poll.closes)
    assert db.session.scalar(select(func.count()).select_from(PaperBox)) == 0
    answers = db.session.scalars(select(Box)).all()
    assert len(answers) == web + paper
    assert {len(answer.marking) for answer in answers} == {6}
    (outcome,) = polls.outcomes(db.session, held.poll)
    assert outcome.votes == {"voor": web, "tegen": paper, "blanco": 0}
    assert outcome.channels == {}
    assert "paper.csv" not in published.files(db.session, held.poll)


def test_nothing_is_entered_before_the_doors_close(app: Flask, held: Held) -> None:
    redeem(held, 0)
    before = dump(db.engine)
    with pytest.raises(PaperTooEarly):
        paper_votes.enter(db.session, held.poll, papers("voor"), held.poll.closes - SECOND)
    assert dump(db.engine) == before


@pytest.mark.parametrize("wrong", [[["misschien"]], [["voor", "tegen"]], [[]], [], [["voor"], ["voor"]]])
def test_one_wrong_paper_and_none_is_entered(app: Flask, held: Held, wrong: list[list[str]]) -> None:
    for letter in range(3):
        redeem(held, letter)
    before = dump(db.engine)
    with pytest.raises(PaperWrong, match="2e biljet"):
        enter(held.poll, [[["voor"]], wrong, [["voor"]]])
    assert dump(db.engine) == before


def test_never_more_papers_than_letters(app: Flask, held: Held) -> None:
    redeem(held, 0)
    redeem(held, 1)
    enter(held.poll, papers("voor"))
    before = dump(db.engine)
    with pytest.raises(PaperTooMany, match="1 meer"):
        enter(held.poll, papers("voor", "voor", "voor"))
    with pytest.raises(PaperTooMany, match="1 meer"):
        paper_votes.enter(db.session, held.poll, papers("voor", "voor"), held.poll.closes, unusable=1)
    assert dump(db.engine) == before
    enter(held.poll, papers("voor", "tegen"))
    close_poll(held.poll, held.poll.closes)
    with pytest.raises(AlreadyClosed):
        enter(held.poll, papers("voor"))


def test_a_paper_too_many_in_the_database_is_not_counted(held: Held) -> None:
    for letter in range(3):
        redeem(held, letter)
    enter(held.poll, papers("voor", "voor", "voor"))
    db.session.add(PaperBox(poll_id=held.poll.id, question=1, marking="tegen", number=1))
    db.session.commit()
    with pytest.raises(NotReconciled):
        close_poll(held.poll, held.poll.closes)


def test_every_question_of_a_paper(app: Flask, vault: Vault) -> None:
    terms = yes_no()
    held = hold(vault, replace(terms, questions=terms.questions * 2, rules=terms.rules * 2))
    for letter in range(3):
        redeem(held, letter)
    enter(held.poll, [[["voor"], ["tegen"]], [["voor"], ["blanco"]], [["tegen"], ["tegen"]]])
    close_poll(held.poll, held.poll.closes)
    votes = [outcome.votes for outcome in polls.outcomes(db.session, held.poll)]
    assert votes == [{"voor": 2, "tegen": 1, "blanco": 0}, {"voor": 0, "tegen": 2, "blanco": 1}]


def test_the_same_papers_twice_are_the_same_papers(app: Flask, held: Held) -> None:
    for letter in range(6):
        redeem(held, letter)
    enter(held.poll, papers("voor", "tegen", "voor"))
    once = dump(db.engine)
    enter(held.poll, papers("voor", "voor", "tegen"))
    assert dump(db.engine) == once
    enter(held.poll, papers("tegen"))  # a mistake is mended until the count
    rows = db.session.execute(select(PaperBox.marking, PaperBox.number)).all()
    assert [tuple(row) for row in rows] == [("tegen", 1)]


@pytest.mark.parametrize("web", [4, 0])
def test_a_lost_paper_locks_nobody_out(held: Held, web: int) -> None:
    """Papers that are gone or spoilt make up the number, are told, and count for nobody."""
    for letter in range(web):
        vote(held, letter, "voor")
    for letter in range(web, web + 4):
        redeem(held, letter)
    enter(held.poll, papers("tegen", "tegen", "voor"))
    with pytest.raises(PaperWaits):
        close_poll(held.poll, held.poll.closes)
    paper_votes.enter(db.session, held.poll, papers("tegen", "tegen", "voor"), held.poll.closes, unusable=1)
    assert close_poll(held.poll, held.poll.closes)
    (outcome,) = polls.outcomes(db.session, held.poll)
    assert outcome.votes == {"voor": web + 1, "tegen": 2, "blanco": 0}
    assert b"1;ongeldig;1\n" in published.files(db.session, held.poll)["paper.csv"]


def test_no_fewer_than_none_are_unusable(held: Held) -> None:
    with pytest.raises(NegativeNumber):
        paper_votes.enter(db.session, held.poll, [], held.poll.closes, unusable=-1)


def test_after_the_count_the_database_takes_no_paper(held: Held) -> None:
    for letter in range(3):
        redeem(held, letter)
        vote(held, 3 + letter)
    enter(held.poll, papers("voor", "voor", "voor"))
    close_poll(held.poll, held.poll.closes)
    id = held.poll.id
    for row in (
        PaperBox(poll_id=id, question=1, marking="tegen", number=1),
        Box(poll_id=id, question=1, commitment=bytes(32), secret=bytes(32), marking="tegen "),
    ):
        db.session.add(row)
        with pytest.raises(DatabaseError, match="never changed"):
            db.session.flush()
        db.session.rollback()
