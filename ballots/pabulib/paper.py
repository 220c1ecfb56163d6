"""PURE. A `.pb` file as a live poll: its question, its rule, and the marks its voters made.

Money becomes cents. Where an id cannot stand on a paper (`ballots/paper.py`) all projects stand there
by their number in the file, 1, 2, 3 …; `on_paper` tells which is which.
"""

from collections.abc import Mapping
from dataclasses import replace
from math import ceil

from ballots.counting.equal_shares import EqualSharesRule
from ballots.counting.greedy import GreedyRule
from ballots.counting.outcome import decimal
from ballots.pabulib.ballots import added, ballots
from ballots.pabulib.file import PbFile, items, number, options
from ballots.pabulib.rules import POINTED, WITHDRAWN, Of, VoteType, limits, rule, vote_type
from ballots.paper import Kind, Money, Option, Points, Question
from ballots.refusals import Refusal
from ballots.words import N_

CENT = 100  # so many cents make one of the file's unit


class NotOnPaper(Refusal):
    """The file can be counted, but what it asks of a ballot cannot be put on a live paper."""

    text = N_("Met dit bestand kan geen echte stemming worden nagespeeld: %(what)s.")


class NoRule(Refusal):
    text = N_(
        "Dit bestand noemt geen regel die Wijkstem kan toepassen, en zonder regel kan er niet worden gestemd."
    )


# -- the paper ---------------------------------------------------------------------------------------


def live_question(pb: PbFile) -> Question:
    """Return the file's question as a live paper, money in cents.

    A limit that the file does not set is no limit: the paper then takes as many projects as there are,
    and as many points, or places of a ranking, as the largest ballot of the file needs. Raises
    NotOnPaper for a limit that a paper cannot hold, and what reading the ballots raises.
    """
    kind, names, bounds = vote_type(pb), on_paper(pb), _Bounds(pb)
    choices = tuple(replace(option, id=names[option.id], cost=_cents(option.cost)) for option in options(pb))
    text = pb.meta.get("description") or "Pabulib"
    least, most = bounds.whole("min_length", 1), bounds.whole("max_length", len(choices))
    try:
        if kind is VoteType.CHOOSE_ONE:
            return Question(text, Kind.CHOOSE_ONE, choices)
        if kind is VoteType.ORDINAL:
            return Question(text, Kind.RANKING, choices, least, _places(pb, bounds, len(choices)))
        if kind in POINTED:
            points = _points(pb, bounds)
            return Question(text, Kind.POINTS, choices, least, min(most, len(choices)), points=points)
        spend = bounds.amounts("max_sum_cost")
        per_theme = bounds.amounts("max_sum_cost_per_category")
        return Question(
            text,
            Kind.BASKET if spend or per_theme else Kind.APPROVE,
            choices,
            least,
            min(most, len(choices)),
            budget=_cents(spend[""]) if spend else None,
            theme_most={name: _whole(n) for name, n in bounds.amounts("max_length_per_category").items()},
            theme_budget={name: _cents(amount) for name, amount in per_theme.items()},
        )
    except ValueError:
        raise NotOnPaper(what=N_("de grenzen van een stembiljet spreken elkaar tegen")) from None


def on_paper(pb: PbFile) -> Mapping[str, str]:
    """Return under which id each project stands on the paper."""
    ids = [project.id for project in pb.projects]
    if all(map(_fits, ids)):
        return dict(zip(ids, ids, strict=True))
    return {id: str(number) for number, id in enumerate(ids, 1)}


def _fits(id: str) -> bool:
    try:
        Question("", Kind.CHOOSE_ONE, (Option(id, id),))
    except ValueError:
        return False
    return True


class _Bounds:
    """The limits of a file, by key. Raises NotOnPaper for those a paper cannot hold."""

    def __init__(self, pb: PbFile) -> None:
        found, unclear = limits(pb)
        self.limits = {limit.key: limit for limit in found}
        for limit in found:
            free = 1 if limit.of is Of.EACH else 0  # every mark on a points paper is one point or more
            held = not limit.least or limit.key in ("min_length", "min_sum_points")
            if not held and max(limit.amounts.values(), default=0) > free:
                unclear.append(limit.key)
        if unclear:
            raise NotOnPaper(what=unclear[0])

    def amounts(self, key: str) -> Mapping[str, Money]:
        """Return the amounts of a limit; nothing where there is none."""
        return self.limits[key].amounts if key in self.limits else {}

    def whole(self, key: str, otherwise: int) -> int:
        """Return a limit that is one whole number."""
        return _whole(self.amounts(key).get("", otherwise))


def _whole(amount: Money) -> int:
    if amount.denominator != 1:
        raise NotOnPaper(what=N_("een grens is geen heel getal"))
    return int(amount)


def _cents(amount: Money) -> int:
    cents = amount * CENT
    if cents.denominator != 1:
        raise NotOnPaper(what=N_("een bedrag is fijner dan een cent"))
    return int(cents)


def _places(pb: PbFile, bounds: _Bounds, projects: int) -> int:
    places = bounds.whole("max_length", int(added(pb).lists.sizes.max(initial=1)))
    if places > projects:  # the first would score more than a live paper gives
        raise NotOnPaper(what="max_length")
    return places


def _points(pb: PbFile, bounds: _Bounds) -> Points:
    total = bounds.whole("max_sum_points", ceil(max([1, *added(pb).given().tolist()])))
    each = min(bounds.whole("max_points", total), total)
    return Points(sum=total, least=max(bounds.whole("min_sum_points", 1), 1), each=each)


# -- the rule ----------------------------------------------------------------------------------------


def live_rule(pb: PbFile) -> GreedyRule | EqualSharesRule:
    """Return the file's rule for a live poll, money in cents. Raises NoRule, also where it has none we know."""
    asked = rule(pb)
    if asked is None:
        raise NoRule
    if isinstance(asked, EqualSharesRule):
        return replace(asked, budget=_cents(asked.budget), step=CENT)
    if not asked.skip and any(project.cost == WITHDRAWN for project in pb.projects):
        raise NotOnPaper(what=N_("een project is na de stemming ingetrokken"))
    return replace(
        asked,
        budget=_cents(asked.budget),
        theme_caps={name: _cents(cap) for name, cap in asked.theme_caps.items()},
        place_caps={name: _cents(cap) for name, cap in asked.place_caps.items()},
    )


# -- the voters --------------------------------------------------------------------------------------


def marks(pb: PbFile) -> list[tuple[str, ...]]:
    """Return the marks on every ballot of a file that can be counted, in its order; none for an empty one."""
    names = on_paper(pb)
    made = [tuple(names[id] for id in ids) for ids in ballots(pb)]
    if vote_type(pb) not in POINTED:
        return made
    given = [map(number, items(cell)) for cell in pb.of_votes("points") or ()]
    return [
        tuple(f"{id}:{decimal(each or 0)}" for id, each in zip(ids, points, strict=True))
        for ids, points in zip(made, given, strict=True)
    ]


def by_paper(pb: PbFile) -> list[bool]:
    """Return of every voter whether the file says that the vote came in on paper."""
    return [cell.strip().lower() == "paper" for cell in pb.of_votes("voting_method") or [""] * len(pb.votes)]
