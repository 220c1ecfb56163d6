"""PURE. A counted live question as a `.pb` file, for everyone who studies or recounts it.

The field's own checker (pabulib-checker) accepts what is made here, and `recount.count` comes to the
same votes, scores and winners, but for what the format has no words for: a frozen tie order, a lot,
weighed channels, duels and rounds. Such a rule is called `unknown`, with a comment that says it.
A choice of one without money is a budget of 1 in which every option costs 1.

The format knows no blanco: such ballots are left out, with a comment that says how many. Nor does it
know options that cost nothing, or more than the whole budget; they are written as they are.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from math import ceil, floor
from zoneinfo import ZoneInfo

from ballots.counting.count import Rule, WeighedRule
from ballots.counting.equal_shares import Completion, EqualSharesRule, Utility
from ballots.counting.greedy import GreedyRule, Leftover
from ballots.counting.outcome import Outcome, decimal
from ballots.counting.plurality import PluralityRule
from ballots.definition import Terms
from ballots.pabulib.file import Meta, PbFile, Project, Row, Votes
from ballots.paper import Kind, Money, Option, Question, chosen

HERE = ZoneInfo("Europe/Amsterdam")
CENT = 100
VOTE_TYPES = {
    Kind.CHOOSE_ONE: "choose-1",
    Kind.APPROVE: "approval",
    Kind.BASKET: "approval",
    Kind.POINTS: "cumulative",
    Kind.RANKING: "ordinal",
}
METHODS = {"web": "internet", "paper": "paper"}
LEFTOVERS = {
    Leftover.MORE: "Fund additional projects that fit within leftover budget ordered by score",
    Leftover.PART: "Partially fund one additional project with highest score",
}
SHARES = {Completion.NONE: "equalshares", Completion.ADD1: "equalshares/add1"}

Boxes = Mapping[str, Iterable[tuple[str, int]]]  # by channel: a canonical marking, and how many gave it


def fits(question: Question) -> bool:
    """Say whether the format can hold a question: not one of voor and tegen, or of one option."""
    return question.kind is not Kind.YES_NO and len(question.options) >= 2


def exported(
    poll: bytes, terms: Terms, number: int, boxes: Boxes, outcome: Outcome, unit: str
) -> PbFile | None:
    """Return question `number` (1 is the first) of a counted poll; None for one the format cannot hold.

    That is a question of voor and tegen, or of one option. `unit` names who held the vote: a municipality
    or an organisation. The order of the voters comes from a hash of what they voted, and tells nothing.
    """
    question = terms.questions[number - 1]
    if not fits(question):
        return None
    everyone = _ballots(poll, number, boxes)
    ballots = [ballot for ballot in everyone if ballot.marks]
    blank = len(everyone) - len(ballots)
    asked = _asked(terms.rules[number - 1], outcome, blank)
    scores = question.kind is Kind.POINTS or {len(ballot.marks) for ballot in ballots} == {question.most}
    shown = _shown(question, asked, outcome, scores)
    entries = {
        **_facts(terms, question, unit),
        "num_votes": str(len(ballots)),
        "budget": _money(asked.budget),
        "rule": asked.rule,
        **asked.keys,
        **_limits(question, asked),
        "comment": " ".join(f"#{n}: {text}" for n, text in enumerate(_comments(asked, blank), 1)),
    }
    if sum(floor(project.cost) for project in shown.projects) <= floor(Fraction(asked.budget, CENT)):
        entries["fully_funded"] = "1"
    columns, votes = _votes(question, ballots)
    return PbFile(
        entries=tuple(Meta(key, value, 0) for key, value in entries.items() if value),
        project_columns=shown.columns,
        projects=shown.projects,
        vote_columns=columns,
        votes=Votes.of(votes, len(columns), [0] * len(votes)),
    )


def _money(cents: Money) -> str:
    return decimal(Fraction(cents) / CENT)


def _listed(name: str) -> str:
    """Return a name as it can stand in a list with commas."""
    return " ".join(name.replace(",", " /").split())


# -- the voters --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Ballot:
    """What one voter chose (nothing for blanco), and through which channel it came."""

    marks: tuple[str, ...]
    channel: str


def _ballots(poll: bytes, number: int, boxes: Boxes) -> list[_Ballot]:
    """Return every ballot, in an order that nobody can tie to anything."""
    keyed = []
    for channel, box in boxes.items():
        totals: dict[str, int] = {}
        for marking, voters in box:
            totals[marking] = totals.get(marking, 0) + voters
        for marking, voters in totals.items():
            ballot = _Ballot(chosen(marking), channel)
            for n in range(voters):
                said = f"{number};{channel};{marking};{n}".encode()
                keyed.append((hashlib.sha256(poll + said).digest(), ballot))
    return [ballot for _, ballot in sorted(keyed, key=lambda pair: pair[0])]


def _votes(question: Question, ballots: Sequence[_Ballot]) -> tuple[Row, list[Row]]:
    """Return columns and rows of VOTES; how was voted only where there was more than one way."""
    several = len({ballot.channel for ballot in ballots}) > 1
    columns = ["voter_id", "vote", *(["points"] if question.points else [])]
    rows = []
    for n, ballot in enumerate(ballots, 1):
        cells = [str(n)]
        if question.points:  # the format wants the most points first
            pairs = sorted((mark.split(":") for mark in ballot.marks), key=lambda pair: -int(pair[1]))
            cells += [",".join(id for id, _ in pairs), ",".join(points for _, points in pairs)]
        else:
            cells.append(",".join(ballot.marks))
        rows.append((*cells, *([METHODS[ballot.channel]] if several else [])))
    return (*columns, *(["voting_method"] if several else [])), rows


# -- META --------------------------------------------------------------------------------------------


def _facts(terms: Terms, question: Question, unit: str) -> dict[str, str]:
    several = len(terms.questions) > 1
    opens, last = terms.opens, terms.closes - timedelta(microseconds=1)
    return {
        "description": " ".join((f"{terms.title}: {question.text}" if several else terms.title).split()),
        "country": "Netherlands",
        "unit": " ".join(unit.split()),
        "instance": str(opens.astimezone(HERE).year),
        "num_projects": str(len(question.options)),
        "vote_type": VOTE_TYPES[question.kind],
        "date_begin": _day(opens),
        "date_end": _day(last),
        "language": "nl",
        "currency": "EUR",
    }


def _day(moment: datetime) -> str:
    return moment.astimezone(HERE).strftime("%d.%m.%Y")


def _themes(question: Question) -> list[str]:
    return list(dict.fromkeys(option.theme for option in question.options if option.theme))


def _limits(question: Question, asked: "_Asked") -> dict[str, str]:
    """Return the limits of the paper, and the names of the themes and places."""
    themes = _themes(question)
    places = list(dict.fromkeys(option.place for option in question.options if option.place))
    keys = {
        "min_length": str(max(question.least, 1)),
        "max_length": str(question.most),
        "categories": ",".join(map(_listed, themes)),
        "neighborhoods": ",".join(map(_listed, places)),
        "budget_per_category": _per_name(themes, asked.theme_caps, asked.budget),
        "budget_per_neighborhood": _per_name(places, asked.place_caps, asked.budget),
    }
    if question.budget is not None:
        keys["max_sum_cost"] = _money(question.budget)
    everything = sum(option.cost for option in question.options)
    keys["max_sum_cost_per_category"] = _per_name(themes, question.theme_budget, everything)
    if points := question.points:
        keys |= {"max_points": str(points.each), "min_sum_points": str(points.least)}
        keys["max_sum_points"] = str(points.sum)
    most = {question.theme_most.get(theme) for theme in themes}
    if len(most) == 1 and None not in most:  # the format has one number for all themes
        keys["max_length_per_category"] = str(most.pop())
    return keys


def _per_name(names: Sequence[str], amounts: Mapping[str, Money], otherwise: Money) -> str:
    """Return an amount for every name; nothing where there are no amounts."""
    if not set(names) & set(amounts):
        return ""
    return ",".join(_money(amounts.get(name, otherwise)) for name in names)


def _comments(asked: "_Asked", blank: int) -> Iterable[str]:
    if asked.comment:
        yield asked.comment
    if blank:
        yield f"{blank} blank ballots, which choose no project, are not in this file."


# -- the rule ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Asked:
    """A rule in the words of the format: its name, what it divides (cents), what it says beside that.

    `free`: no money is divided, so every option costs 1.
    """

    rule: str
    budget: Money
    keys: Mapping[str, str]
    comment: str = ""
    free: bool = False
    theme_caps: Mapping[str, Money] = field(default_factory=dict)
    place_caps: Mapping[str, Money] = field(default_factory=dict)
    threshold: int = 0


def _asked(rule: Rule, outcome: Outcome, blank: int) -> _Asked:
    """Return how a rule is told."""
    if isinstance(rule, GreedyRule):
        return _greedy(rule)
    if isinstance(rule, EqualSharesRule):
        return _shares(rule, blank)
    if isinstance(rule, PluralityRule) and (outcome.winners or outcome.ties):
        told = "Nothing costs money here: each option costs 1 and the budget is 1, so that the one with the most wins."
        return _Asked("greedy", CENT, {}, told, free=True)
    if isinstance(rule, WeighedRule):
        told = "Votes on paper and on the internet have a weight of their own, which this format cannot tell."
        budget = rule.rule.budget if isinstance(rule.rule, GreedyRule) else CENT
        return _Asked("unknown", budget, {}, told, free=isinstance(rule.rule, PluralityRule))
    told = "One option is chosen by a rule that this format has no name for; each option costs 1, the budget is 1."
    return _Asked("unknown", CENT, {}, told, free=True)


def _greedy(rule: GreedyRule) -> _Asked:
    threshold = ceil(rule.threshold)
    keys = {"min_project_score_threshold": str(threshold)} if threshold > 0 else {}
    name = "greedy-no-skip" if not rule.skip else "greedy-threshold" if keys else "greedy"
    if rule.leftover in LEFTOVERS:
        keys["leftover_budget"] = LEFTOVERS[rule.leftover]
    return _Asked(
        name, rule.budget, keys, theme_caps=rule.theme_caps, place_caps=rule.place_caps, threshold=threshold
    )


def _shares(rule: EqualSharesRule, blank: int) -> _Asked:
    """Return Equal Shares by cost; the format has no other, and no voters who chose nobody."""
    plain = rule.utility is Utility.COST and rule.completion in SHARES and rule.step == CENT
    if plain and not blank:
        return _Asked(SHARES[rule.completion], rule.budget, {})
    told = f"Equal Shares by {rule.utility}, completion {rule.completion}, step {_money(rule.step)}"
    told += f", among {blank} more voters who chose no project." if blank else "."
    return _Asked("unknown", rule.budget, {}, told)


# -- the options -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Shown:
    """The table of PROJECTS."""

    columns: Row
    projects: tuple[Project, ...]


def _shown(question: Question, asked: _Asked, outcome: Outcome, scores: bool) -> _Shown:
    """Return the options, the highest first. `scores`: the format scores a ballot as we do.

    Who won is in the file unless the checker would say otherwise of it: it knows no caps, no left-over
    money and no ties, and reads Equal Shares otherwise.
    """
    scored = question.kind in (Kind.POINTS, Kind.RANKING) and scores and asked.rule != "unknown"
    figures = outcome.score if scored else outcome.votes
    won = dict.fromkeys(outcome.winners, "1") | {id: "2" for id, _ in outcome.part_funded}
    options = sorted(
        question.options, key=lambda option: (-figures[option.id], option.id not in outcome.winners)
    )
    costs = {option.id: Fraction(1) if asked.free else Fraction(option.cost) / CENT for option in options}
    told = _told(options, costs, figures, asked, outcome)
    names = ["project_id", "cost", "votes", *(["score"] if scored else []), "name"]
    themes, places = any(option.theme for option in options), any(option.place for option in options)
    names += [*(["category"] if themes else []), *(["selected"] if told else [])]
    names += ["neighborhood"] if places else []
    projects = []
    for option in options:
        cells = [option.id, decimal(costs[option.id]), str(outcome.votes[option.id])]
        cells += [decimal(outcome.score[option.id])] if scored else []
        cells += [" ".join(option.label.split()) or option.id]
        cells += [_listed(option.theme)] if themes else []
        cells += [won.get(option.id, "0")] if told else []
        cells += [_listed(option.place) or "-"] if places else []
        cost = costs[option.id]
        projects.append(Project(option.id, int(cost) if cost.denominator == 1 else cost, tuple(cells), 0))
    return _Shown(tuple(names), tuple(projects))


def _told(
    options: Sequence[Option],
    costs: Mapping[str, Fraction],
    figures: Mapping[str, Money],
    asked: _Asked,
    outcome: Outcome,
) -> bool:
    """Return whether the checker comes to the winners too, from these options in this order."""
    if asked.rule == "unknown":
        return True
    budget = Fraction(asked.budget) / CENT
    if not asked.rule.startswith("greedy"):
        return False  # it raises shares otherwise than we do, and gives up on some equals
    left, winners = budget, set()
    for option in options:
        if figures[option.id] < asked.threshold:
            continue
        if costs[option.id] <= left:
            winners.add(option.id)
            left -= costs[option.id]
        elif asked.rule == "greedy-no-skip":
            break
    # it also looks, in whole units of money, whether anything else still fits
    spare = floor(budget) - sum(floor(costs[id]) for id in outcome.winners)
    fits = any(
        floor(costs[option.id]) <= spare and figures[option.id] > asked.threshold
        for option in options
        if option.id not in outcome.winners
    )
    return winners == set(outcome.winners) and (asked.rule == "greedy-no-skip" or not fits)
