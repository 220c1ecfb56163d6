"""The words of an outcome: translation, numbers, names, and the step that a sentence is about.

Works outside a request too; the sentences are then Dutch.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import floor
from typing import Protocol, cast

import flask_babel

from ballots.counting.count import Rule, WeighedRule
from ballots.counting.outcome import Outcome, Score, Step, decimal
from ballots.counting.ranked import Method, RankedRule
from ballots.explaining.duels import Duels
from ballots.figures import euros, local, named
from ballots.paper import Kind, Money, Option

MOST_DECIMALS = 6  # of a percentage
MOST_LISTED = 8  # names in one sentence


def gettext(text: str, **values: object) -> str:
    """Return the translation of a Dutch sentence, its placeholders filled."""
    return str(flask_babel.gettext(text, **values))


def ngettext(one: str, many: str, num: int, **values: object) -> str:
    """Return the translation of a Dutch sentence for one or for `num` of a thing."""
    return str(flask_babel.ngettext(one, many, num, **{"number": whole(num), **values}))


class HasOptions(Protocol):
    """A `Question`, or anything else with options to take the names and costs from."""

    @property
    def options(self) -> Sequence[Option]: ...


def in_euros(amount: Money) -> str:
    """Return an amount in cents, as a live paper has it, in words."""
    return euros(int(amount))


# -- numbers -----------------------------------------------------------------------------------------


def whole(number: int) -> str:
    """Return a whole number with its thousands apart: `1.811`."""
    return local(f"{number:,}".replace(",", "."))


def written(score: Score) -> str:
    """Return a score as a number: `1.811`, `0,5`, or `1/3` where no decimals can write it."""
    if Fraction(score).denominator == 1:
        return whole(int(score))
    return local(decimal(score).replace(".", ","))


def percent(ratio: Score, decimals: int = 0) -> str:
    """Return a ratio as a rounded percentage: `27%`, or `27,3%` with one decimal."""
    value = floor(Fraction(ratio) * 100 * 10**decimals + Fraction(1, 2))
    head, tail = divmod(value, 10**decimals)
    return whole(head) + (local(f",{tail:0{decimals}d}") if decimals else "") + "%"


def share(ratio: str | Fraction) -> str:
    """Return a share in words: `de helft`, `20%`, or `1/3` where that is no whole number of percents."""
    value = Fraction(ratio)
    if value == Fraction(1, 2):
        return gettext("de helft")
    return percent(value) if (value * 100).denominator == 1 else str(value)


def votes_in_words(score: Score) -> str:
    """Return a number of votes in words: `1 stem`, `12 stemmen`."""
    if Fraction(score).denominator != 1:
        return gettext("%(number)s stemmen", number=written(score))
    return ngettext("%(number)s stem", "%(number)s stemmen", int(score))


def _points_in_words(score: Score) -> str:
    if Fraction(score).denominator != 1:
        return gettext("%(number)s punten", number=written(score))
    return ngettext("%(number)s punt", "%(number)s punten", int(score))


def _duels_in_words(score: Score) -> str:
    return gettext("wint van %(number)s andere", number=written(score))


def people(number: int) -> str:
    """Return a number of people in words."""
    return ngettext("%(number)s persoon", "%(number)s mensen", number)


def papers(number: int) -> str:
    """Return a number of papers in words."""
    return ngettext("%(number)s biljet", "%(number)s biljetten", number)


@dataclass(frozen=True)
class Unit:
    """What scores are: their name above a column, the most of them, one as a number, one in words."""

    head: str
    most: str
    number: Callable[[Score], str]
    words: Callable[[Score], str]


def unit(outcome: Outcome, kind: Kind | None, rule: Rule | None = None) -> Unit:
    """Return what the scores of this outcome are: votes, points, weighed parts, or duels won.

    `kind` is that of the paper; without it scores are votes. Without `rule` the steps tell the rule.
    """
    kinds = {step.kind for step in outcome.steps}
    method = rule.method if isinstance(rule, RankedRule) else None
    if method is Method.SCHULZE or kinds & {"unbeaten", "beaten"}:
        return Unit(
            gettext("Wint van"), gettext("de meeste gewonnen vergelijkingen"), written, _duels_in_words
        )
    if "weighed" in kinds:
        return _weighed(outcome.score.values(), apart="one-channel" not in kinds)
    run_off = method is Method.RUN_OFF or kinds & {"round", "elected"}
    if kind is Kind.POINTS or (kind is Kind.RANKING and not run_off):
        return Unit(gettext("Punten"), gettext("de meeste punten"), written, _points_in_words)
    return Unit(gettext("Stemmen"), gettext("de meeste stemmen"), written, votes_in_words)


def _weighed(scores: Iterable[Score], apart: bool) -> Unit:
    """Return the unit of weighed scores, with so many decimals that different ones look different.

    `apart`: there was more than one channel to weigh.
    """
    different = set(scores)
    decimals = 1
    while decimals < MOST_DECIMALS and len({percent(score, decimals) for score in different}) < len(
        different
    ):
        decimals += 1

    def words(score: Score) -> str:
        return percent(score, decimals)

    if not apart:
        return Unit(gettext("Deel"), gettext("het grootste deel"), words, words)
    return Unit(gettext("Gewogen deel"), gettext("het grootste gewogen deel"), words, words)


# -- an outcome being told ---------------------------------------------------------------------------


def ids_of(step: Step) -> list[str]:
    """Return the options that a step names together, such as equals."""
    return listed(step, "options")


def listed(step: Step, name: str) -> list[str]:
    """Return the options in one value of a step."""
    return [id for id in str(step.values.get(name, "")).split(",") if id]


class Story:
    """An outcome with what is needed to tell it: names, units, how money is written.

    `rule` is the one that chose, of weighed scores too; None where only the steps tell it.
    """

    def __init__(
        self,
        outcome: Outcome,
        question: HasOptions,
        money: Callable[[Money], str] = in_euros,
        rule: Rule | None = None,
    ) -> None:
        self.outcome, self.money = outcome, money
        self.rule = rule.rule if isinstance(rule, WeighedRule) else rule
        self.options = {option.id: option for option in question.options}
        self.kind = getattr(question, "kind", None)
        self.unit = unit(outcome, self.kind, self.rule)
        self.weighed = any(step.kind == "weighed" for step in outcome.steps)

    def label(self, id: str) -> str:
        """Return the label of an option; an id without an option is its own label."""
        return self.options[id].label if id in self.options else id

    def name(self, id: str) -> str:
        """Return the label of an option in quotes."""
        return f"“{named(self.label(id))}”"

    def names(self, ids: Sequence[str]) -> str:
        """Return these options in one enumeration, a long one cut short."""
        if len(ids) > MOST_LISTED:
            first = ", ".join(self.name(id) for id in ids[:MOST_LISTED])
            return gettext("%(names)s en nog %(number)s", names=first, number=whole(len(ids) - MOST_LISTED))
        *most, last = [self.name(id) for id in ids]
        return gettext("%(names)s en %(last)s", names=", ".join(most), last=last) if most else last

    def about(self, amount: Money) -> str:
        """Return an amount that was worked out: rounded, and then it says so."""
        if Fraction(amount).denominator == 1:
            return self.money(amount)
        return gettext("ongeveer %(amount)s", amount=self.rounded(amount))

    def rounded(self, amount: Money) -> str:
        """Return an amount to the nearest unit of money."""
        return self.money(floor(amount + Fraction(1, 2)))

    def steps(self, *kinds: str) -> list[Step]:
        """Return the steps of these kinds, in order."""
        return [step for step in self.outcome.steps if step.kind in kinds]

    def steps_of(self, id: str) -> Sequence[Step]:
        """Return the steps that tell about an option, alone or among equals."""
        return self._steps_of.get(id, ())

    @cached_property
    def _steps_of(self) -> Mapping[str, Sequence[Step]]:
        found: dict[str, list[Step]] = {}
        for step in self.outcome.steps:
            for id in dict.fromkeys((step.option or "", *ids_of(step))):
                found.setdefault(id, []).append(step)
        return found

    @cached_property
    def duels(self) -> Duels:
        """The duels of a count by Schulze."""
        return Duels(list(self.options), self.steps("duel"))

    def by_score(self) -> list[tuple[str, int | None]]:
        """Return the options from the highest score to the lowest, with their place; equals share one."""
        score = self.outcome.score
        told = {step.option: -n for n, step in enumerate(reversed(self.outcome.steps))}
        ids = sorted(self.options, key=lambda id: (-score[id], told.get(id, 1)))
        return [(id, 1 + sum(other > score[id] for other in score.values())) for id in ids]


class Words:
    """One step of a story, its values ready for a sentence.

    `name` is the subject of the sentence. `named` is the same with score and cost behind it, for a
    sentence that says neither. Under the heading of an option both are `this`: "Dit plan", say.
    """

    def __init__(self, story: Story, step: Step, this: str = "") -> None:
        self.story, self.step, self.values = story, step, step.values
        self.id = step.option or ""
        self.name = this or story.name(self.id)
        self.named = this or f"{self.name} ({self._facts()})"

    def _facts(self) -> str:
        facts = [self.score()] if "score" in self else []
        if "cost" in self:
            facts.append(self.money("cost"))
        return ", ".join(facts)

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def text(self, name: str) -> str:
        return str(self.values[name])

    def ids(self) -> list[str]:
        return ids_of(self.step)

    def names(self) -> str:
        return self.story.names(self.ids())

    def exact(self, name: str) -> Money:
        return cast(Money, self.values[name])

    def number(self, name: str) -> int:
        return int(self.exact(name))

    def money(self, name: str) -> str:
        return self.story.money(self.exact(name))

    def about(self, name: str) -> str:
        return self.story.about(self.exact(name))

    def score(self, name: str = "score") -> str:
        return self.story.unit.words(self.exact(name))


Sentence = Callable[[Words], str]
Sentences = Mapping[str, Sentence]
# Why an option won or not, in a sentence or two; and what stands behind that, for who asks.
Reasons = tuple[list[str], list[str]]
