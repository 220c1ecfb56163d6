"""What pages and papers show of a closed poll: each question with its outcome in words, and who saw its lots drawn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from threading import Lock

from flask_babel import get_locale

from ballots import explain, polls
from ballots.counting.count import Rule
from ballots.counting.enough import votes_short
from ballots.counting.greedy import GreedyRule
from ballots.counting.outcome import Outcome
from ballots.database import AnySession
from ballots.explaining.view import Result
from ballots.models import Lot, Poll
from ballots.paper import Kind, Question
from ballots.terms import terms
from consult.pages import lot_words

MOST_OPTIONS = 80  # of which is told what would have been enough: some counts for each option


@dataclass(frozen=True)
class Counted:
    """A question that was counted. `lots` are sentences: what was drawn, when, and before whom."""

    question: Question
    outcome: Outcome
    result: Result
    lots: tuple[str, ...]


_Drawn = tuple[tuple[str, ...], ...]
_told: dict[tuple[bytes, int, _Drawn, str], Counted] = {}
_telling = Lock()  # several who ask at once wait for one telling
MOST_TOLD = 200  # questions that are kept


def of(session: AnySession, poll: Poll) -> list[Counted]:
    """Return each question of a closed poll as people read it. Raises NotClosed.

    A closed poll never changes but by a lot, so each is told once in a language and kept until a lot is drawn.
    """
    return [
        _question(session, poll, number, outcome)
        for number, outcome in enumerate(polls.outcomes(session, poll), 1)
    ]


def _question(session: AnySession, poll: Poll, number: int, outcome: Outcome) -> Counted:
    lots = polls.lots(session, poll, number)
    key = (poll.id, number, tuple(tuple(lot.drawn) for lot in lots), str(get_locale()))
    if found := _told.get(key):
        return found
    with _telling:
        if found := _told.get(key):
            return found
        if len(_told) >= MOST_TOLD:
            _told.pop(next(iter(_told)))
        _told[key] = _tell(session, poll, number, outcome, lots)
        return _told[key]


def _tell(session: AnySession, poll: Poll, number: int, outcome: Outcome, lots: Sequence[Lot]) -> Counted:
    frozen, cast = terms(poll), polls.turnout(session, poll)
    question, rule = frozen.questions[number - 1], frozen.rules[number - 1]
    result = explain.result(
        outcome,
        question,
        turnout=replace(cast, issued=cast.sent) if number == 1 else None,
        enough=_enough(question, rule, outcome, [lot.drawn for lot in lots]),
        rule=rule,
        joined=bool(cast.paper) and min(cast.web, cast.paper) < frozen.floor,
    )
    return Counted(question, outcome, result, tuple(lot_words(lot, question) for lot in lots))


def _enough(
    question: Question, rule: Rule, outcome: Outcome, lots: Sequence[Sequence[str]]
) -> Callable[[str], int | None] | None:
    """Return what tells how many votes more would have been enough; None where no number of votes says it.

    Nor on a very long list, or of more equals than can be followed: that is too much work.
    """
    if not isinstance(rule, GreedyRule) or len(question.options) > MOST_OPTIONS:
        return None
    if any(step.kind == "stopped" for step in outcome.steps):
        return None
    score = outcome.score if question.kind in (Kind.POINTS, Kind.RANKING) else None
    return lambda id: votes_short(question.options, outcome.votes, rule, id, score, lots)
