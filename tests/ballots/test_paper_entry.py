"""Papers entered by two people: what they agree on counts, a third look decides, and one person is never both."""

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import func, select

from ballots import paper_entry, paper_votes, polls, published, web
from ballots.database import db
from ballots.models import PaperBox, PaperEntry, Poll
from ballots.refusals import (
    AlreadyClosed,
    PaperAgrees,
    PaperAllEntered,
    PaperCompared,
    PaperNotBoth,
    PaperNothingToUndo,
    PaperNotNext,
    PaperOtherHand,
    PaperTooEarly,
    PaperUnsettled,
    PaperWithoutReason,
    PaperWrong,
    Withdrawn,
)
from ballots.vault import Vault
from tests.ballots.test_paper_votes import SECOND, redeem
from tests.ballots.test_polls import vote
from tests.conftest import START, Held, close_poll, hold, yes_no
from tests.trust.helpers import dump

pytestmark = pytest.mark.both

A, B, C = "anna", "bram", "carla"


@pytest.fixture
def three(held: Held) -> Poll:
    """A poll with three papers, and four votes on the web, that is over."""
    for letter in range(3):
        redeem(held, letter)
    for letter in range(3, 7):
        vote(held, letter)
    return held.poll


def enter(poll: Poll, hand: int, who: str, *papers: str | None, start: int = 1) -> None:
    """Enter these papers in order; None is one that is not there."""
    for number, marking in enumerate(papers, start):
        marks = None if marking is None else [[marking]]
        paper_entry.enter(
            db.session, poll, hand, who, number, marks, poll.closes, "Weg." if not marks else ""
        )


def rows() -> int:
    return db.session.scalar(select(func.count()).select_from(PaperEntry)) or 0


def box() -> list[tuple[int, str, int]]:
    found = db.session.execute(select(PaperBox.question, PaperBox.marking, PaperBox.number))
    return sorted((question, marking, number) for question, marking, number in found)


def test_what_two_people_agree_on_counts(three: Poll) -> None:
    enter(three, 1, A, "voor", "tegen", "voor")
    enter(three, 2, B, "voor", "tegen", "voor")
    found = paper_entry.compare(db.session, three)
    assert (found.papers, found.done, found.differ, found.agreed) == (3, (3, 3), (), True)
    done = paper_entry.settle(db.session, three, three.closes)
    assert done == paper_entry.Settled(3, {}, (), {1: (A,), 2: (B,)})
    assert box() == [(1, "tegen", 1), (1, "voor", 2)]
    assert rows() == 0
    assert close_poll(three, three.closes)
    (outcome,) = polls.outcomes(db.session, three)
    assert outcome.channels["paper"] == {"voor": 2, "tegen": 1, "blanco": 0}


def test_a_third_look_decides_where_they_differ(three: Poll) -> None:
    enter(three, 1, A, "voor", "tegen", "voor")
    enter(three, 2, B, "tegen", "tegen", None)
    assert paper_entry.compare(db.session, three).differ == (1, 3)
    with pytest.raises(PaperUnsettled):
        paper_entry.settle(db.session, three, three.closes)
    with pytest.raises(PaperAgrees, match="biljet 2"):
        enter(three, 3, C, "voor", start=2)
    assert paper_entry.next_number(db.session, three, 3) == 1
    enter(three, 3, C, "blanco")
    assert paper_entry.next_number(db.session, three, 3) == 3
    enter(three, 3, C, None, start=3)
    assert paper_entry.compare(db.session, three).decided == (1, 3)
    assert paper_entry.missing(db.session, three) == {3: "Weg."}
    done = paper_entry.settle(db.session, three, three.closes)
    assert (done.papers, done.missing, done.decided) == (2, {3: "Weg."}, (1, 3))
    assert box() == [(1, "blanco", 1), (1, "ongeldig", 1), (1, "tegen", 1)]
    close_poll(three, three.closes)
    assert b"1;ongeldig;1\n" in published.files(db.session, three)["paper.csv"]


def test_nobody_is_both_hands(three: Poll) -> None:
    enter(three, 1, A, "voor")
    before = dump(db.engine)
    with pytest.raises(PaperOtherHand):
        enter(three, 2, A, "voor")
    with pytest.raises(PaperOtherHand):
        paper_entry.undo(db.session, three, 2, A, three.closes)
    assert dump(db.engine) == before
    enter(three, 1, C, "voor", start=2)  # a colleague goes on with the first
    enter(three, 2, B, "voor")
    with pytest.raises(PaperOtherHand):
        enter(three, 2, C, "voor", start=2)
    assert paper_entry.taken_by(db.session, three) == {1: {A, C}, 2: {B}}


def test_a_hand_goes_through_the_papers_in_order(three: Poll) -> None:
    with pytest.raises(PaperNotNext, match="biljet 1"):
        enter(three, 1, A, "voor", start=2)
    enter(three, 1, A, "voor")
    with pytest.raises(PaperNotNext, match="biljet 2"):  # sent twice
        enter(three, 1, A, "voor")
    enter(three, 1, A, "voor", "voor", start=2)
    with pytest.raises(PaperAllEntered):
        enter(three, 1, A, "voor", start=4)
    assert paper_entry.next_number(db.session, three, 1) is None
    with pytest.raises(PaperUnsettled):
        paper_entry.settle(db.session, three, three.closes)
    with pytest.raises(ValueError, match="no such hand"):
        enter(three, 4, A, "voor")


def test_taking_the_last_one_back(three: Poll) -> None:
    with pytest.raises(PaperNothingToUndo):
        paper_entry.undo(db.session, three, 1, A, three.closes)
    enter(three, 1, A, "voor", "voor", "voor")
    enter(three, 2, B, "voor", "tegen")
    for hand, who, last in ((2, B, 2), (1, A, 3)):
        assert paper_entry.undo(db.session, three, hand, who, three.closes) == last
    assert paper_entry.compare(db.session, three).done == (2, 1)
    enter(three, 2, B, "voor", "voor", start=2)
    enter(three, 1, A, "tegen", start=3)
    assert paper_entry.compare(db.session, three).differ == (3,)


def test_where_they_differ_is_told_once_both_are_complete(three: Poll) -> None:
    """Until then neither hand can be steered by the other, and a third look would tell on both."""
    enter(three, 1, A, "voor", "tegen", "voor")
    enter(three, 2, B, "tegen", "voor")
    before = dump(db.engine)
    found = paper_entry.compare(db.session, three)
    assert (found.done, found.differ, found.complete) == ((3, 2), (), False)
    assert paper_entry.next_number(db.session, three, 3) is None
    with pytest.raises(PaperNotBoth):
        enter(three, 3, C, "voor")
    assert dump(db.engine) == before
    enter(three, 2, B, "voor", start=3)
    assert paper_entry.compare(db.session, three).differ == (1, 2)


def test_nothing_is_taken_back_once_it_is_seen_where_they_differ(three: Poll) -> None:
    enter(three, 1, A, "voor", "tegen", "voor")
    enter(three, 2, B, "tegen", "tegen", "voor")
    before = dump(db.engine)
    for hand, who in ((1, A), (2, B), (1, C)):
        with pytest.raises(PaperCompared, match="een derde keer"):
            paper_entry.undo(db.session, three, hand, who, three.closes)
    assert dump(db.engine) == before
    with pytest.raises(PaperNothingToUndo):
        paper_entry.undo(db.session, three, 3, C, three.closes)
    enter(three, 3, C, "blanco")
    assert (
        paper_entry.undo(db.session, three, 3, C, three.closes) == 1
    )  # the third look itself may look again
    assert dump(db.engine) == before


@pytest.mark.parametrize("marks", [[["misschien"]], [["voor", "tegen"]], [[]], [], [["voor"], ["voor"]]])
def test_a_wrong_paper_is_not_entered(three: Poll, marks: list[list[str]]) -> None:
    before = dump(db.engine)
    with pytest.raises(PaperWrong, match="1e biljet"):
        paper_entry.enter(db.session, three, 1, A, 1, marks, three.closes)
    with pytest.raises(PaperWithoutReason):
        paper_entry.enter(db.session, three, 1, A, 1, None, three.closes, "  ")
    assert dump(db.engine) == before


def test_only_between_the_doors_and_the_count(held: Held) -> None:
    poll = held.poll
    redeem(held, 0)
    for verb in (
        lambda at: paper_entry.enter(db.session, poll, 1, A, 1, [["voor"]], at),
        lambda at: paper_entry.undo(db.session, poll, 1, A, at),
        lambda at: paper_entry.settle(db.session, poll, at),
    ):
        with pytest.raises(PaperTooEarly):
            verb(poll.closes - SECOND)
    paper_votes.enter(db.session, poll, [[["voor"]]], poll.closes)
    enter(poll, 1, A, "voor")
    close_poll(poll, poll.closes)
    assert rows() == 0  # what was never settled is not kept either
    with pytest.raises(AlreadyClosed):
        enter(poll, 2, B, "voor")
    with pytest.raises(AlreadyClosed):
        paper_entry.settle(db.session, poll, poll.closes)


def test_of_a_withdrawn_poll_nothing_is_entered(held: Held) -> None:
    redeem(held, 0)
    polls.withdraw(db.session, web.vault(), held.poll, "De vraag klopte niet.", START)
    with pytest.raises(Withdrawn):
        enter(held.poll, 1, A, "voor")


def test_without_papers_there_is_nothing_to_settle(held: Held) -> None:
    with pytest.raises(PaperUnsettled):
        paper_entry.settle(db.session, held.poll, held.poll.closes)


def test_settled_papers_can_be_entered_again_until_the_count(three: Poll) -> None:
    for marking in ("voor", "tegen"):
        enter(three, 1, A, *[marking] * 3)
        enter(three, 2, B, *[marking] * 3)
        paper_entry.settle(db.session, three, three.closes)
    assert box() == [(1, "tegen", 3)]


def test_a_paper_spoilt_for_one_question_counts_for_the_other(app: Flask, vault: Vault) -> None:
    """Also where so few are on paper that it joins the others."""
    terms = yes_no()
    held = hold(vault, replace(terms, questions=terms.questions * 2, rules=terms.rules * 2))
    for letter in range(2):
        redeem(held, letter)
    seen = [[["voor"], ["ongeldig"]], [["tegen"], ["tegen"]]]
    for hand, who in ((1, A), (2, B)):
        for number, marks in enumerate(seen, 1):
            paper_entry.enter(db.session, held.poll, hand, who, number, marks, held.poll.closes)
    paper_entry.settle(db.session, held.poll, held.poll.closes)
    assert box() == [(1, "tegen", 1), (1, "voor", 1), (2, "ongeldig", 1), (2, "tegen", 1)]
    close_poll(held.poll, held.poll.closes)
    votes = [outcome.votes for outcome in polls.outcomes(db.session, held.poll)]
    assert votes == [{"voor": 1, "tegen": 1, "blanco": 0}, {"voor": 0, "tegen": 1, "blanco": 0}]
