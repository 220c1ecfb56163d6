"""An outcome in plain Dutch: what page and command line say about who won and why.

Every kind of step (the tables in `ballots/counting/*.py`) has one sentence, in the file of its family of
rules: `explaining/budget.py`, `explaining/shares.py`, `explaining/choice.py`, `explaining/ranked.py`. Which family
it is, the rule says; where that is not given the steps do, as well as they can: a count in which nobody chose
anything is much the same by every rule. Works outside a request too; the sentences are then Dutch.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from ballots.counting.count import Rule
from ballots.counting.equal_shares import EqualSharesRule
from ballots.counting.greedy import GreedyRule
from ballots.counting.majority import MajorityRule
from ballots.counting.outcome import Outcome, Step
from ballots.counting.plurality import PluralityRule
from ballots.counting.ranked import Method, RankedRule
from ballots.explaining import budget, channels, choice, ranked, shares
from ballots.explaining.text import as_text
from ballots.explaining.view import Chapter, Result, Row, State
from ballots.explaining.words import (
    HasOptions,
    Reasons,
    Sentences,
    Story,
    Words,
    gettext,
    in_euros,
    ngettext,
    percent,
    votes_in_words,
    whole,
)
from ballots.paper import BLANK, Money
from ballots.words import N_

__all__ = ["Result", "as_text", "headline", "in_euros", "result", "sentences", "votes_in_words"]

# What a table shows better than a sentence under each option.
IN_TABLES = frozenset({"stands", "moved", "duel", "in-channel", "weighed"})


class Ballots(Protocol):
    """How many ballots there are, of how many people nobody knows, and how many came by which way if that is known."""

    @property
    def ballots(self) -> int: ...
    @property
    def ways(self) -> Mapping[str, int]: ...


class Turnout(Protocol):
    """How many letters there were, and by which way they were used."""

    @property
    def issued(self) -> int: ...
    @property
    def used(self) -> int: ...
    @property
    def web(self) -> int: ...
    @property
    def paper(self) -> int: ...


def headline(outcome: Outcome, question: HasOptions, rule: Rule | None = None) -> str:
    """Return one sentence that says how it ended."""
    story = Story(outcome, question, rule=rule)
    return _family(story).headline(story)


def sentences(
    outcome: Outcome,
    question: HasOptions,
    money: Callable[[Money], str] = in_euros,
    rule: Rule | None = None,
) -> list[str]:
    """Return the steps of an outcome as Dutch sentences, in the order in which the rule took them.

    `money` writes an amount in words; without it amounts are cents, as on a live paper.
    """
    story = Story(outcome, question, money, rule)
    known = _family(story).sentences
    return [known[step.kind](Words(story, step)) for step in outcome.steps]


def result(
    outcome: Outcome,
    question: HasOptions,
    turnout: Turnout | None = None,
    money: Callable[[Money], str] = in_euros,
    enough: Callable[[str], int | None] | None = None,
    rule: Rule | None = None,
    joined: bool = False,
    ballots: Ballots | None = None,
) -> Result:
    """Return everything a page shows of an outcome.

    `enough` tells for an option of a divided budget how many votes (points) more would have been
    enough, None when no number is. `rule` is the rule that was applied, where it is known.
    `joined`: paper and internet were put together before the count, one of them being too small.
    `ballots` are what there is to say where it is not known how many letters there were.
    """
    story = Story(outcome, question, lambda amount: _unbroken(money(amount)), rule)
    family = _family(story)
    order = family.order(story)
    return Result(
        headline=family.headline(story),
        turnout=_turnout(turnout) if turnout else _returned(ballots),
        blank=_blank(story),
        how_head=gettext(family.how_head),
        how=(*family.how(story), *channels.how(story)),
        example=tuple(family.example(story)),
        caption=family.caption(story),
        score_head=story.unit.head,
        rows=tuple(_rows(story, family, order, enough)),
        money=tuple(budget.money(story)),
        left_why=(*family.left_why(story), *budget.unspent(story)),
        caps=budget.caps(story),
        channels=channels.chapter(story, [id for id, _ in order], joined),
        course=tuple(family.course(story)),
        lots=tuple(_lots(story, family)),
    )


# -- families of rules -------------------------------------------------------------------------------

Order = list[tuple[str, int | None]]  # option ids, each with its place where it has one


@dataclass(frozen=True)
class _Family:
    """How outcomes of one family of rules are told."""

    own: Sentences
    headline: Callable[[Story], str]
    how: Callable[[Story], list[str]]
    order: Callable[[Story], Order]
    caption: Callable[[Story], str]
    course: Callable[[Story], list[Chapter]] = lambda story: []
    reasons: Callable[[Story, Sequence[Step]], Reasons] | None = None  # else a sentence a step
    how_head: str = N_("Zo is geteld")
    example: Callable[[Story], list[str]] = lambda story: []
    left_why: Callable[[Story], list[str]] = lambda story: []

    @property
    def sentences(self) -> Sentences:
        return {**_OF_ALL, **self.own}


def _family(story: Story) -> _Family:
    """Return what a story is the story of: the rule says so, or else the steps."""
    match story.rule:
        case None:
            return _guessed(story.outcome)
        case MajorityRule():
            return YES_NO
        case PluralityRule():
            return CHOICE
        case GreedyRule():
            return BUDGET
        case EqualSharesRule():
            return SHARES
        case RankedRule(method=Method.RUN_OFF):
            return RUN_OFF
        case RankedRule():
            return SCHULZE


def _guessed(outcome: Outcome) -> _Family:
    """Return what an outcome seems to be an outcome of, by its steps."""
    kinds = {step.kind for step in outcome.steps}
    if outcome.passed is not None:
        return YES_NO
    if not kinds:
        return COUNTED
    if "shares" in kinds:
        return SHARES
    if "left" in kinds:
        return BUDGET
    if kinds & {"unbeaten", "beaten"}:
        return SCHULZE
    if kinds & {"round", "stopped"}:
        return RUN_OFF
    return CHOICE


def _lot(words: Words) -> str:
    order = gettext(", dan ").join(words.story.name(id) for id in words.ids())
    return gettext("Er is geloot. De volgorde werd: %(order)s.", order=order)


_OF_ALL: Sentences = {**channels.SENTENCES, "lot": _lot}

YES_NO = _Family(
    choice.SENTENCES,
    choice.yes_no_headline,
    choice.yes_no_how,
    choice.yes_no_order,
    choice.caption,
)
CHOICE = _Family(
    choice.SENTENCES,
    choice.headline,
    choice.how,
    Story.by_score,
    choice.caption,
)
BUDGET = _Family(
    budget.SENTENCES,
    budget.headline,
    budget.how,
    Story.by_score,
    budget.caption,
    budget.course,
    budget.reasons,
    left_why=budget.left_why,
)
SHARES = _Family(
    shares.SENTENCES,
    budget.headline,
    shares.how,
    shares.order,
    budget.caption,
    shares.course,
    shares.reasons,
    N_("Gelijke delen: zo werkt het"),
    shares.example,
    shares.left_why,
)
RUN_OFF = _Family(
    ranked.RUN_OFF,
    ranked.run_off_headline,
    ranked.run_off_how,
    ranked.run_off_order,
    ranked.run_off_caption,
    ranked.run_off_course,
)
SCHULZE = _Family(
    ranked.SCHULZE,
    ranked.schulze_headline,
    ranked.schulze_how,
    ranked.schulze_order,
    ranked.schulze_caption,
    ranked.schulze_course,
)
COUNTED = _Family(
    {},
    lambda story: gettext("De stemmen zijn geteld. Er is geen regel die iets kiest."),
    lambda story: [],
    Story.by_score,
    choice.caption,
)
FAMILIES = (YES_NO, CHOICE, BUDGET, SHARES, RUN_OFF, SCHULZE)


# -- the rows ----------------------------------------------------------------------------------------


def _rows(
    story: Story, family: _Family, order: Order, enough: Callable[[str], int | None] | None
) -> Iterable[Row]:
    outcome = story.outcome
    score = {**outcome.score, **({BLANK: outcome.votes[BLANK]} if BLANK in dict(order) else {})}
    top = sum(score.values()) if family is YES_NO else max(score.values(), default=0)
    parts = dict(outcome.part_funded)
    for id, place in order:
        option, state = story.options.get(id), _state(story, family, id)
        given = story.money(parts[id]) if id in parts else ""
        why, more = _reasons(story, family, id, state, enough)
        yield Row(
            id=id,
            place=place,
            label=gettext("Blanco") if id == BLANK else story.label(id),
            group=budget.group(story, id),
            cost=story.money(option.cost) if option and outcome.left is not None else "",
            given=given,
            score=story.unit.number(score[id]),
            scored=story.unit.words(score[id]),
            bar=max(0, int(100 * score[id] / top)) if top else 0,
            state=state,
            verdict="" if family is YES_NO else _verdict(state),
            why=tuple(why),
            more=tuple(more),
        )


def _state(story: Story, family: _Family, id: str) -> State:
    outcome = story.outcome
    if id in outcome.winners:
        return State.WON
    if id in dict(outcome.part_funded):
        return State.PART
    if any(step.kind == "depends" for step in story.steps_of(id)) or any(id in tie for tie in outcome.ties):
        return State.LOT
    return State.NONE if family in (YES_NO, COUNTED) else State.LOST


def _verdict(state: State) -> str:
    return {
        State.WON: gettext("gekozen"),
        State.PART: gettext("deels"),
        State.LOT: gettext("loting"),
        State.LOST: gettext("niet gekozen"),
        State.NONE: "",
    }[state]


def _reasons(
    story: Story, family: _Family, id: str, state: State, enough: Callable[[str], int | None] | None
) -> Reasons:
    """Return why an option won or not, with what would have been enough; and what stands behind that."""
    told = [step for step in story.steps_of(id) if step.kind not in IN_TABLES | {"lot"}]
    if family.reasons:
        why, more = family.reasons(story, told)
    else:
        this = gettext("Deze keuze") if story.outcome.left is None else gettext("Dit plan")
        why, more = [family.sentences[step.kind](Words(story, step, this)) for step in told], []
    if not told and family is RUN_OFF:
        why += ranked.last_round(story, id)
    if enough and family is BUDGET and state is not State.WON:
        why += budget.enough(story, id, enough(id))
    return why, more


def _unbroken(amount: str) -> str:
    """Return an amount that no line breaks in two."""
    return amount.replace(" ", "\N{NO-BREAK SPACE}")


# -- the rest ----------------------------------------------------------------------------------------


def _turnout(turnout: Turnout) -> str:
    if not turnout.issued:
        return ""
    text = ngettext(
        "%(number)s van de %(issued)s brieven is gebruikt (%(percent)s).",
        "%(number)s van de %(issued)s brieven zijn gebruikt (%(percent)s).",
        turnout.used,
        issued=whole(turnout.issued),
        percent=percent(Fraction(turnout.used, turnout.issued)),
    )
    return f"{text} {_ways(turnout.web, turnout.paper)}" if turnout.paper else text


def _ways(web: int, paper: int) -> str:
    return gettext("Via internet %(web)s, op papier %(paper)s.", web=whole(web), paper=whole(paper))


def _returned(ballots: Ballots | None) -> str:
    """Return how many voted, where it is not known how many could have: no turnout is guessed."""
    if ballots is None:
        return ""
    text = ngettext(
        "%(number)s stembiljet is geteld.", "%(number)s stembiljetten zijn geteld.", ballots.ballots
    )
    web, paper = ballots.ways.get("internet", 0), ballots.ways.get("paper", 0)
    if paper and web + paper == ballots.ballots:
        text += " " + _ways(web, paper)
    return f"{text} " + gettext(
        "Hoeveel mensen mochten stemmen, staat niet in het bestand. Daarom is de opkomst niet bekend."
    )


def _blank(story: Story) -> str:
    number = story.outcome.votes.get(BLANK, 0)
    if not number or BLANK in story.options or story.outcome.passed is not None:
        return ""
    return ngettext("%(number)s persoon stemde blanco.", "%(number)s mensen stemden blanco.", number)


def _lots(story: Story, family: _Family) -> Iterable[str]:
    """Yield the lots that were drawn, and then those that have yet to be."""
    for step in story.steps("lot", "tie", "stopped"):
        yield family.sentences[step.kind](Words(story, step))
