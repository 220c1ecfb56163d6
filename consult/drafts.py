"""PURE. The draft of a question of a buurtstemming: what the office chose so far.

Nothing that decides has a hidden default: None is what nobody chose yet. `consult/draft_check.py`
names what is missing or wrong; a draft without any of that becomes a question and a rule (`made`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from fractions import Fraction
from typing import Any

from ballots.counting.channels import ChannelRule, Part
from ballots.counting.count import FITS, Rule, WeighedRule
from ballots.counting.equal_shares import Completion, EqualSharesRule, Utility
from ballots.counting.greedy import GreedyRule, Leftover
from ballots.counting.majority import Base as MajorityBase
from ballots.counting.majority import Majority, MajorityRule, MissedQuorum, Quorum
from ballots.counting.plurality import PluralityRule
from ballots.counting.ranked import Method, RankedRule
from ballots.counting.ties import TieKey
from ballots.paper import YES_NO_OPTIONS, Kind, Option, Points, Question
from consult import quorums
from consult.option_lines import Line

ONE_EURO = 100  # the step by which Equal Shares raises a share, in cents
HALF = Fraction(1, 2)


class Way(StrEnum):
    """A way to count, as the office picks one."""

    MAJORITY = "majority"
    PLURALITY = "plurality"
    GREEDY = "greedy"
    EQUAL_SHARES = "equal-shares"
    RUN_OFF = "run-off"
    SCHULZE = "schulze"


class Weight(StrEnum):
    """How answers on paper and online weigh."""

    ALIKE = "alike"  # every answer the same
    HALF_OF_VOTERS = "half-of-voters"  # each channel a half, by the part of its voters
    HALF_OF_VOTES = "half-of-votes"  # each channel a half, by the part of all its votes


class TieOrder(StrEnum):
    """What parts equal options, in this order; a lot is drawn when nothing does."""

    LOT = "lot"
    LOWER_COST = "lower-cost"
    MORE_VOTES = "more-votes"
    LOWER_COST_MORE_VOTES = "lower-cost,more-votes"
    MORE_VOTES_LOWER_COST = "more-votes,lower-cost"
    PAPER_ORDER = "paper-order"

    @property
    def keys(self) -> tuple[TieKey, ...]:
        return _TIE_KEYS[self]


_TIE_KEYS: dict[str, tuple[TieKey, ...]] = {
    "lot": (),
    "lower-cost": ("lower-cost",),
    "more-votes": ("more-votes",),
    "lower-cost,more-votes": ("lower-cost", "more-votes"),
    "more-votes,lower-cost": ("more-votes", "lower-cost"),
    "paper-order": ("paper-order",),
}

_RULES: dict[Way, type] = {
    Way.MAJORITY: MajorityRule,
    Way.PLURALITY: PluralityRule,
    Way.GREEDY: GreedyRule,
    Way.EQUAL_SHARES: EqualSharesRule,
    Way.RUN_OFF: RankedRule,
    Way.SCHULZE: RankedRule,
}
DIVIDES = (Way.GREEDY, Way.EQUAL_SHARES)  # ways that divide a sum of money
WEIGHS = (Way.PLURALITY, Way.GREEDY)  # ways that can weigh paper and online apart


@dataclass(frozen=True)
class DraftOption:
    """Something to choose. `id` is made once; `cost` in cents, None where it has none."""

    id: str
    label: str
    cost: int | None = None
    theme: str = ""
    place: str = ""


@dataclass(frozen=True)
class Draft:
    """A question as far as it is. Money in cents; a theme or place without a limit is not in its mapping."""

    id: str
    text: str = ""
    kind: Kind | None = None
    options: tuple[DraftOption, ...] = ()
    shuffled: bool | None = None
    # what a voter may choose
    least: int | None = None
    most: int | None = None
    unbounded: bool = False  # as many as there are
    theme_most: Mapping[str, int] = field(default_factory=dict)
    budget: int | None = None
    theme_budget: Mapping[str, int] = field(default_factory=dict)
    points_sum: int | None = None
    points_least: int | None = None
    points_each: int | None = None
    # how it is counted
    way: Way | None = None
    majority: Majority | None = None
    base: MajorityBase | None = None
    blank_in_majority: bool | None = None
    quorum: Quorum | None = None
    quorum_percent: int | None = None
    blank_in_turnout: bool | None = None
    missed_quorum: MissedQuorum | None = None
    pot: int | None = None  # the money that is divided
    theme_caps: Mapping[str, int] = field(default_factory=dict)
    place_caps: Mapping[str, int] = field(default_factory=dict)
    skip: bool | None = None
    threshold: int | None = None
    leftover: Leftover | None = None
    utility: Utility | None = None
    completion: Completion | None = None
    tie_order: TieOrder | None = None
    weight: Weight | None = None

    @property
    def themes(self) -> tuple[str, ...]:
        """The themes of the options, in the order of the paper."""
        return tuple(dict.fromkeys(option.theme for option in self.options if option.theme))

    @property
    def places(self) -> tuple[str, ...]:
        """The places of the options, in the order of the paper."""
        return tuple(dict.fromkeys(option.place for option in self.options if option.place))


_ENUMS: dict[str, type[StrEnum]] = {
    "kind": Kind,
    "way": Way,
    "majority": Majority,
    "base": MajorityBase,
    "quorum": Quorum,
    "missed_quorum": MissedQuorum,
    "leftover": Leftover,
    "utility": Utility,
    "completion": Completion,
    "tie_order": TieOrder,
    "weight": Weight,
}
_NAMES = frozenset(each.name for each in fields(Draft))


def dump(draft: Draft) -> dict[str, Any]:
    """Return a draft as JSON knows it."""
    return asdict(draft)


def load(value: Mapping[str, Any]) -> Draft:
    """Return the draft that `dump` wrote, or that a form filled in: text for an enum, "" for nothing."""
    given = {name: each for name, each in value.items() if name in _NAMES}
    for name, kind in _ENUMS.items():
        given[name] = kind(given[name]) if given.get(name) else None
    given["options"] = tuple(
        each if isinstance(each, DraftOption) else DraftOption(**each) for each in given.get("options", ())
    )
    return Draft(**given)


def changed(draft: Draft, values: Mapping[str, Any]) -> Draft:
    """Return the draft with these fields filled in anew."""
    return load({**{name: getattr(draft, name) for name in _NAMES}, **values})


def next_id(letter: str, taken: Iterable[str]) -> str:
    """Return the id after the highest of these: a3 after a1 and a2."""
    return f"{letter}{max((int(id[1:]) for id in taken), default=0) + 1}"


def with_options(draft: Draft, lines: Iterable[tuple[str, Line]]) -> Draft:
    """Return the draft with these options, in this order; an option without an id gets the next.

    A theme or place that differs in capitals only is the one that was named first.
    """
    made: list[DraftOption] = []
    rows = list(lines)
    first: dict[str, str] = {}
    taken = {id for id, _ in rows if id}
    for known, line in rows:
        id = known or next_id("a", taken)
        taken.add(id)
        theme, place = (first.setdefault(name.casefold(), name) for name in (line.theme, line.place))
        made.append(DraftOption(id, line.label, line.cost, theme, place))
    return replace(draft, options=tuple(made))


def ways(kind: Kind) -> tuple[Way, ...]:
    """Return the ways that can count this kind of paper."""
    return tuple(way for way in Way if kind in FITS[_RULES[way]])


def made(draft: Draft) -> tuple[Question, Rule]:
    """Return the question and the rule of a draft of which nothing is missing or wrong."""
    return question(draft), rule(draft)


def question(draft: Draft) -> Question:
    """Return the question of a draft that is complete."""
    assert draft.kind is not None
    if draft.kind is Kind.YES_NO:
        return Question(draft.text, draft.kind, YES_NO_OPTIONS)
    options = tuple(
        Option(each.id, each.label, each.cost or 0, each.theme, each.place) for each in draft.options
    )
    chooses_one = draft.kind is Kind.CHOOSE_ONE
    most = len(options) if draft.unbounded else draft.most or 1
    return Question(
        draft.text,
        draft.kind,
        options,
        least=1 if chooses_one else draft.least or 1,
        most=1 if chooses_one else most,
        budget=draft.budget if draft.kind is Kind.BASKET else None,
        theme_most=dict(draft.theme_most) if draft.kind in (Kind.APPROVE, Kind.BASKET) else {},
        theme_budget=dict(draft.theme_budget) if draft.kind is Kind.BASKET else {},
        points=_points(draft),
        shuffled=bool(draft.shuffled),
    )


def _points(draft: Draft) -> Points | None:
    if draft.kind is not Kind.POINTS:
        return None
    assert draft.points_sum is not None
    return Points(draft.points_sum, draft.points_least or 1, draft.points_each or draft.points_sum)


def rule(draft: Draft) -> Rule:
    """Return the rule of a draft that is complete."""
    keys = draft.tie_order.keys if draft.tie_order else ()
    match draft.way:
        case Way.MAJORITY:
            return quorums.majority_rule(draft)
        case Way.PLURALITY:
            assert draft.quorum is not None
            plurality = PluralityRule(
                draft.quorum,
                quorums.share(draft),
                bool(draft.blank_in_turnout),
                quorums.missed(draft),
                tie_order=keys,
            )
            return _weighed(plurality, draft)
        case Way.GREEDY:
            assert draft.leftover is not None
            greedy = GreedyRule(
                draft.pot or 0,
                dict(draft.theme_caps),
                dict(draft.place_caps),
                draft.leftover,
                keys,
                skip=bool(draft.skip),
                threshold=draft.threshold or 0,
            )
            return _weighed(greedy, draft)
        case Way.EQUAL_SHARES:
            assert draft.utility is not None
            assert draft.completion is not None
            return EqualSharesRule(draft.pot or 0, draft.utility, draft.completion, ONE_EURO, keys)
        case Way.RUN_OFF:
            return RankedRule(Method.RUN_OFF, keys)
        case Way.SCHULZE:
            return RankedRule(Method.SCHULZE, keys)
    raise ValueError("no way to count was chosen")


def _weighed(rule: PluralityRule | GreedyRule, draft: Draft) -> PluralityRule | GreedyRule | WeighedRule:
    if draft.weight in (None, Weight.ALIKE):
        return rule
    part = Part.BALLOTS if draft.weight is Weight.HALF_OF_VOTERS else Part.VOTES
    return WeighedRule(rule, ChannelRule({"web": HALF, "paper": HALF}, part))
