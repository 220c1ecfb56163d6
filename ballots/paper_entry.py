"""Verbs of entering papers twice: two people each enter every paper, a third look decides where they differ.

The papers get a number for this, in any order; nothing ties it to a letter. What the two agree on goes to
`paper_votes.enter`, and what each of them saw is deleted in the same transaction.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select

from ballots import paper_votes
from ballots.database import AnySession, writing
from ballots.models import PaperEntry, Poll
from ballots.paper import UNUSABLE
from ballots.paper_votes import Paper
from ballots.refusals import (
    PaperAgrees,
    PaperAllEntered,
    PaperCompared,
    PaperNotBoth,
    PaperNothingToUndo,
    PaperNotNext,
    PaperOtherHand,
    PaperUnsettled,
    PaperWithoutReason,
)
from ballots.terms import terms

HANDS = (1, 2)  # who enter every paper
THIRD = 3  # the look that decides
LONGEST_REASON = 300  # characters


@dataclass(frozen=True)
class Comparison:
    """How far both are: of so many `papers` the first entered `done[0]` and the second `done[1]`.

    `differ` are the numbers that they entered otherwise and that had no third look, `decided` those that had one.
    Both are empty until both hands entered every paper: who knows where they differ, can give in to the other.
    """

    papers: int
    done: tuple[int, int]
    differ: tuple[int, ...]
    decided: tuple[int, ...]

    @property
    def complete(self) -> bool:
        """Both entered every paper."""
        return self.done == (self.papers, self.papers)

    @property
    def agreed(self) -> bool:
        """Every paper has one answer."""
        return self.complete and not self.differ


@dataclass(frozen=True)
class Settled:
    """What was settled: how many papers count, why others are missing by number, and who entered, by hand."""

    papers: int
    missing: Mapping[int, str]
    decided: tuple[int, ...]
    who: Mapping[int, tuple[str, ...]]


def next_number(session: AnySession, poll: Poll, hand: int) -> int | None:
    """Return which paper this hand enters next; None when there is none."""
    if hand == THIRD:
        return next(iter(compare(session, poll).differ), None)
    done = _done(session, poll, hand)
    return done + 1 if done < paper_votes.redeemed(session, poll) else None


def taken_by(session: AnySession, poll: Poll) -> dict[int, set[str]]:
    """Return who entered papers so far, by hand."""
    found: dict[int, set[str]] = {}
    mine = select(PaperEntry.hand, PaperEntry.who).where(PaperEntry.poll_id == poll.id).distinct()
    for hand, who in session.execute(mine):
        found.setdefault(hand, set()).add(who)
    return found


def enter(
    session: AnySession,
    poll: Poll,
    hand: int,
    who: str,
    number: int,
    marks: Paper | None,
    now: datetime,
    reason: str = "",
) -> None:
    """Enter what somebody (`who`, any text that tells people apart) sees on paper `number`.

    `marks` is None when the paper is not there, with the reason. A hand goes through the papers in order; the
    third goes through those that differ, once both are complete. Raises what `paper_votes.enterable` does,
    PaperOtherHand, PaperNotBoth, PaperAllEntered, PaperNotNext, PaperAgrees, PaperWithoutReason, and PaperWrong.
    """
    if hand not in (*HANDS, THIRD):
        raise ValueError(f"no such hand: {hand}")
    with writing(session):
        paper_votes.enterable(poll, now)
        if hand in HANDS and who in taken_by(session, poll).get(3 - hand, set()):
            raise PaperOtherHand()
        turn = next_number(session, poll, hand)
        if hand == THIRD:
            found = compare(session, poll)
            if not found.complete:
                raise PaperNotBoth()
            if number not in found.differ:
                raise PaperAgrees(number=number)
        if turn is None:
            raise PaperAllEntered()
        if hand in HANDS and number != turn:
            raise PaperNotNext(next=turn)
        if marks is None and not reason.strip():
            raise PaperWithoutReason()
        seen = None
        if marks is not None:
            seen = json.dumps(paper_votes.markings(terms(poll).questions, marks, number))
        why = "" if seen else reason.strip()[:LONGEST_REASON]
        session.add(PaperEntry(poll_id=poll.id, hand=hand, number=number, markings=seen, reason=why, who=who))


def undo(session: AnySession, poll: Poll, hand: int, who: str, now: datetime) -> int:
    """Take back the last paper of this hand, or the last third look; return its number.

    A hand takes nothing back once both are complete: then it can be seen where they differ. Raises
    PaperOtherHand where this person is the other hand, PaperCompared, PaperNothingToUndo, and what
    `paper_votes.enterable` does.
    """
    with writing(session):
        paper_votes.enterable(poll, now)
        if hand in HANDS and who in taken_by(session, poll).get(3 - hand, set()):
            raise PaperOtherHand()
        if hand in HANDS and compare(session, poll).complete:
            raise PaperCompared()
        mine = PaperEntry.poll_id == poll.id, PaperEntry.hand == hand
        last = session.scalar(select(func.max(PaperEntry.number)).where(*mine))
        if last is None:
            raise PaperNothingToUndo()
        session.execute(delete(PaperEntry).where(*mine, PaperEntry.number == last))
    return last


def compare(session: AnySession, poll: Poll) -> Comparison:
    """Return how far the two are, and once both entered every paper where they differ."""
    first, second, third = (_entries(session, poll, hand) for hand in (*HANDS, THIRD))
    papers, done = paper_votes.redeemed(session, poll), (len(first), len(second))
    if done != (papers, papers):
        return Comparison(papers, done, (), ())
    unlike = [number for number in sorted(first) if first[number].markings != second[number].markings]
    return Comparison(
        papers,
        done,
        tuple(number for number in unlike if number not in third),
        tuple(number for number in unlike if number in third),
    )


def missing(session: AnySession, poll: Poll) -> dict[int, str]:
    """Return which papers are agreed not to be there, and why."""
    return {number: each.reason for number, each in _agreed(session, poll).items() if each.markings is None}


def settle(session: AnySession, poll: Poll, now: datetime) -> Settled:
    """Put what every paper agrees on in the paper box, in place of what was there, and forget who saw what.

    Raises PaperUnsettled while papers lack or differ, and what `paper_votes.enter` does.
    """
    with writing(session):
        paper_votes.enterable(poll, now)
        found = compare(session, poll)
        if not found.agreed or not found.papers:
            raise PaperUnsettled()
        agreed = _agreed(session, poll)
        papers = [
            [
                [UNUSABLE] if marking == UNUSABLE else marking.split(",")
                for marking in json.loads(each.markings)
            ]
            for each in agreed.values()
            if each.markings
        ]
        gone = missing(session, poll)
        who = {hand: tuple(sorted(people)) for hand, people in sorted(taken_by(session, poll).items())}
        paper_votes.enter(session, poll, papers, now, unusable=len(gone))
        clear(session, poll)
    return Settled(len(papers), gone, found.decided, who)


def clear(session: AnySession, poll: Poll) -> None:
    """Delete what was entered and not settled."""
    with writing(session):
        session.execute(delete(PaperEntry).where(PaperEntry.poll_id == poll.id))


def _done(session: AnySession, poll: Poll, hand: int) -> int:
    mine = PaperEntry.poll_id == poll.id, PaperEntry.hand == hand
    return session.scalar(select(func.count()).select_from(PaperEntry).where(*mine)) or 0


def _agreed(session: AnySession, poll: Poll) -> dict[int, PaperEntry]:
    """Return what counts of each paper: the third look where there was one, else what the first entered."""
    first, third = _entries(session, poll, 1), _entries(session, poll, THIRD)
    return dict(sorted((first | third).items()))


def _entries(session: AnySession, poll: Poll, hand: int) -> dict[int, PaperEntry]:
    mine = PaperEntry.poll_id == poll.id, PaperEntry.hand == hand
    return {each.number: each for each in session.scalars(select(PaperEntry).where(*mine))}
