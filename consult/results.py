"""What pages and papers show of a closed poll: each question with its outcome in words, and who saw its lots drawn."""

from collections.abc import Callable
from dataclasses import dataclass

from ballots import explain, polls
from ballots.counting.count import Rule
from ballots.counting.enough import votes_short
from ballots.counting.greedy import GreedyRule
from ballots.counting.outcome import Outcome
from ballots.counting.ties import Lots
from ballots.database import AnySession
from ballots.explaining.view import Result
from ballots.models import Poll
from ballots.paper import Kind, Question
from ballots.terms import terms
from consult.pages import lot_words

MOST_OPTIONS = 80  # of which is told what would have been enough: a second's work, once
MOST_KEPT = 20_000
_kept: dict[tuple[bytes, int, tuple[tuple[str, ...], ...], str], int | None] = {}


@dataclass(frozen=True)
class Counted:
    """A question that was counted. `lots` are sentences: what was drawn, when, and before whom."""

    question: Question
    outcome: Outcome
    result: Result
    lots: tuple[str, ...]


def of(session: AnySession, poll: Poll) -> list[Counted]:
    """Return each question of a closed poll as people read it. Raises NotClosed."""
    frozen, cast = terms(poll), polls.turnout(session, poll)
    found = []
    for number, outcome in enumerate(polls.outcomes(session, poll), 1):
        question, rule = frozen.questions[number - 1], frozen.rules[number - 1]
        lots = polls.lots(session, poll, number)
        result = explain.result(
            outcome,
            question,
            turnout=cast if number == 1 else None,
            enough=_enough(poll.id, number, question, rule, outcome, [lot.drawn for lot in lots]),
            rule=rule,
        )
        found.append(Counted(question, outcome, result, tuple(lot_words(lot, question) for lot in lots)))
    return found


def _enough(
    poll: bytes, number: int, question: Question, rule: Rule, outcome: Outcome, lots: Lots
) -> Callable[[str], int | None] | None:
    """Return what tells how many votes more would have been enough; None where no number of votes says it.

    It is some counts for each option, so on a very long list nobody waits for it; and what was found is kept,
    for a closed poll never changes but by a lot.
    """
    if not isinstance(rule, GreedyRule) or len(question.options) > MOST_OPTIONS:
        return None
    score = outcome.score if question.kind in (Kind.POINTS, Kind.RANKING) else None
    drawn = tuple(map(tuple, lots))

    def short(id: str) -> int | None:
        key = (poll, number, drawn, id)
        if key not in _kept:
            if len(_kept) >= MOST_KEPT:
                _kept.clear()
            _kept[key] = votes_short(question.options, outcome.votes, rule, id, score, lots)
        return _kept[key]

    return short
