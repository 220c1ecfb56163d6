"""PURE. Count a question by whatever rule was frozen with it.

What a paper *scores* and which rule then *chooses* are two things: votes, points or places on a
ranking become a score for every option; a rule compares the scores. Two rules need the ballots
themselves: Equal Shares (who chose what together) and the rules of duels and rounds.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import chain

from ballots.counting import channels as weighing
from ballots.counting import equal_shares, greedy, majority, plurality, points, ranked, tally
from ballots.counting.channels import ChannelRule, Part
from ballots.counting.equal_shares import EqualSharesRule
from ballots.counting.greedy import GreedyRule
from ballots.counting.majority import MajorityRule
from ballots.counting.outcome import Outcome, Score, Step
from ballots.counting.plurality import PluralityRule
from ballots.counting.ranked import Method, RankedRule
from ballots.counting.ties import Lots
from ballots.paper import BLANK, Kind, Question, answerable
from ballots.refusals import Refusal
from ballots.words import N_

Ballots = Iterable[tuple[str, int]]  # canonical marking, how many voters gave it


@dataclass(frozen=True)
class WeighedRule:
    """Compare scores in which each channel has the weight that was agreed, however many used it."""

    rule: PluralityRule | GreedyRule
    channels: ChannelRule


Rule = MajorityRule | PluralityRule | GreedyRule | EqualSharesRule | RankedRule | WeighedRule

LIVE = ("web", "paper")  # the channels of a live poll
CHOOSING = frozenset({Kind.CHOOSE_ONE, Kind.APPROVE, Kind.BASKET})
FITS: Mapping[type, frozenset[Kind]] = {
    MajorityRule: frozenset({Kind.YES_NO}),
    PluralityRule: frozenset({Kind.CHOOSE_ONE, Kind.APPROVE, Kind.POINTS, Kind.RANKING}),
    GreedyRule: CHOOSING | {Kind.POINTS, Kind.RANKING},
    EqualSharesRule: CHOOSING,
    RankedRule: frozenset({Kind.RANKING}),
}


class RuleUnfit(Refusal):
    text = N_("Deze telregel past niet bij dit soort stembiljet. Kies een andere regel of een ander biljet.")


class NobodyCanAnswer(Refusal):
    text = N_("Met deze grenzen kan een bewoner alleen blanco stemmen. Maak de grenzen ruimer.")


def check(question: Question, rule: Rule) -> None:
    """Return when a live paper can be answered and this rule can count it; asked before a poll is frozen.

    What is frozen cannot be mended, so empty boxes are counted to see that it works. Raises RuleUnfit,
    NobodyCanAnswer.
    """
    chooses = rule.rule if isinstance(rule, WeighedRule) else rule
    if question.kind not in FITS[type(chooses)]:
        raise RuleUnfit()
    if isinstance(rule, WeighedRule) and not _weighable(question, rule):
        raise RuleUnfit()
    if any(not isinstance(option.cost, int) for option in question.options):
        raise RuleUnfit()
    if not answerable(question):
        raise NobodyCanAnswer()
    try:
        count(question, rule, {channel: [] for channel in LIVE}, 0)
    except ValueError as error:
        raise RuleUnfit() from error


def _weighable(question: Question, rule: WeighedRule) -> bool:
    """Say whether the scores of channels mean something: a part is at most all, and no threshold is above it."""
    once = question.kind not in (Kind.POINTS, Kind.RANKING)  # an option scores one for each ballot at most
    parts = once or rule.channels.part is Part.VOTES
    threshold = isinstance(rule.rule, GreedyRule) and bool(rule.rule.threshold)
    return parts and not threshold and set(rule.channels.weights) == set(LIVE)


def count(
    question: Question, rule: Rule, boxes: Mapping[str, Ballots], letters: int, lots: Lots = ()
) -> Outcome:
    """Return the outcome of a question.

    `boxes` holds the ballots by the channel they came through; `letters` is how many were sent;
    `lots` are those drawn since an earlier count ended in a tie.
    """
    if isinstance(rule, EqualSharesRule | RankedRule):
        several = len(boxes) > 1  # a box can be read once, and then it is read twice
        kept = {name: list(box) if several else box for name, box in boxes.items()}
        ballots = chain.from_iterable(kept.values())
        if isinstance(rule, EqualSharesRule):
            outcome = equal_shares.count(question.options, ballots, rule, lots)
        else:
            method = ranked.run_off if rule.method is Method.RUN_OFF else ranked.schulze
            outcome = method(question.options, ballots, rule, lots)
        by = {name: scored(question, box) for name, box in kept.items()} if several else {}
    else:
        by = {name: scored(question, box) for name, box in boxes.items()}
        outcome = _compare(question, rule, by, letters, lots)
    drawn = tuple(Step("lot", None, {"options": ",".join(lot)}) for lot in lots)
    channels = {name: each.votes for name, each in by.items()} if len(by) > 1 else {}
    return replace(outcome, steps=drawn + outcome.steps, channels=channels)


@dataclass(frozen=True)
class Scored:
    """What a box comes to: how many ballots, how often each option was chosen (blanco too), the scores."""

    size: int
    votes: Mapping[str, int]
    score: Mapping[str, Score]


def scored(question: Question, ballots: Ballots) -> Scored:
    """Return votes and scores of a box: points on a points paper, m for the first of m places on a ranking."""
    ids = [option.id for option in question.options]
    size = 0

    def box() -> Ballots:
        nonlocal size
        for marking, number in ballots:
            size += number
            yield marking, number

    if question.kind is Kind.POINTS:
        given = points.add(ids, box())
        return Scored(size, given.votes, given.score)
    if question.kind is Kind.RANKING:
        placed = ranked.add(ids, box(), question.most)
        return Scored(size, placed.votes, placed.score)
    votes = tally.tally(ids, box())
    return Scored(size, votes, {id: votes[id] for id in ids})


def _compare(
    question: Question,
    rule: MajorityRule | PluralityRule | GreedyRule | WeighedRule,
    by: Mapping[str, Scored],
    letters: int,
    lots: Lots,
) -> Outcome:
    """Return what a rule that looks at scores only makes of these."""
    ids = tuple(option.id for option in question.options)
    votes = {id: sum(each.votes.get(id, 0) for each in by.values()) for id in (*ids, BLANK)}
    if isinstance(rule, MajorityRule):
        return majority.count(votes, letters, rule)
    score: dict[str, Score] = {id: sum(each.score[id] for each in by.values()) for id in ids}
    steps: tuple[Step, ...] = ()
    if isinstance(rule, WeighedRule):
        used = {name: weighing.Channel(each.score, each.size) for name, each in by.items()}
        weighed = weighing.weigh(ids, used, rule.channels)
        score, steps, rule = dict(weighed.score), weighed.steps, rule.rule
    if isinstance(rule, PluralityRule):
        ballots = sum(each.size for each in by.values())
        outcome = plurality.count(question.options, votes, letters, rule, score, lots, ballots)
    else:
        outcome = greedy.count(question.options, votes, rule, score, lots)
    return replace(outcome, steps=steps + outcome.steps)
