"""PURE. What a `.pb` file asks of a count: how was voted, by which rule, within which limits.

The `comment` of a file is never interpreted. Money is in the file's own unit.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ballots.counting.equal_shares import Completion, EqualSharesRule, Utility
from ballots.counting.greedy import GreedyRule, Leftover
from ballots.counting.outcome import Score
from ballots.pabulib.file import PbError, PbFile, money, number
from ballots.paper import Money
from ballots.words import N_

WITHDRAWN = 999_999_999  # this cost says that a project was withdrawn after all


class NoBudget(PbError):
    text = N_("In het deel META, tot en met regel %(line)d, ontbreekt het budget (budget).")


class NoVoteType(PbError):
    text = N_("In het deel META, tot en met regel %(line)d, ontbreekt hoe er is gestemd (vote_type).")


class UnknownVoteType(PbError):
    text = N_("Op regel %(line)d staat een manier van stemmen die Wijkstem niet kent: “%(given)s”.")


class NotNumber(PbError):
    text = N_("“%(given)s” op regel %(line)d is geen bruikbaar getal (%(what)s).")


class UnequalNames(PbError):
    text = N_("Op regel %(line)d staan %(values)d waarden voor %(key)s, maar er zijn %(names)d namen.")


class VoteType(StrEnum):
    """How was voted."""

    APPROVAL = "approval"
    CHOOSE_ONE = "choose-1"
    CUMULATIVE = "cumulative"  # points divided among projects
    SCORING = "scoring"  # points for each project apart
    ORDINAL = "ordinal"  # projects in order, the most wanted first


POINTED = frozenset({VoteType.CUMULATIVE, VoteType.SCORING})
CHOSEN = frozenset({VoteType.APPROVAL, VoteType.CHOOSE_ONE})


def vote_type(pb: PbFile) -> VoteType:
    """Return how was voted. Raises PbError where that is absent or unknown."""
    given = pb.meta.get("vote_type", "")
    if not given:
        raise NoVoteType(line=pb.line_of("vote_type"))
    for kind in VoteType:
        if _plain(given) == _plain(kind):
            return kind
    raise UnknownVoteType(line=pb.line_of("vote_type"), given=given[:40])


def _plain(name: str) -> str:
    """Return a name without capitals and whatever stands between its words."""
    return re.sub("[^a-z0-9]", "", name.lower())


# -- the rule ----------------------------------------------------------------------------------------

GREEDY = frozenset({"greedy", "greedynoskip", "greedythreshold"})
SHARES: Mapping[str, Completion] = {
    "equalshares": Completion.NONE,
    "equalsharesadd1": Completion.ADD1,
    "equalsharesadd1u": Completion.ADD1U,
}


def names_rule(pb: PbFile) -> bool:
    """Return whether the file names a rule at all."""
    return _plain(pb.meta.get("rule", "")) not in ("", "unknown")


def rule(pb: PbFile) -> GreedyRule | EqualSharesRule | None:
    """Return how the file divides its budget; None where it names no rule, or none that we can apply.

    The format has no tie order, so none is assumed: equal is equal. Equal Shares go by cost, raised by
    one whole unit of money at a time, and only where projects were chosen: not for points or places.
    Raises PbError where the budget, or a number that decides, is absent or cannot be read.
    """
    name = _plain(pb.meta.get("rule", ""))
    if name in SHARES and vote_type(pb) in CHOSEN:
        return EqualSharesRule(budget(pb), Utility.COST, SHARES[name], 1)
    if name not in GREEDY:
        return None
    skip = name != "greedynoskip"
    after = leftover(pb) or Leftover.NONE
    return GreedyRule(
        budget=budget(pb),
        theme_caps=_per_name(pb, "budget_per_category", THEMES),
        place_caps=_per_name(pb, "budget_per_neighborhood", PLACES)
        or _per_name(pb, "budget_per_neighbourhood", PLACES),
        leftover=after if skip or after is not Leftover.MORE else Leftover.NONE,
        tie_order=(),
        skip=skip,
        threshold=threshold(pb),
    )


def budget(pb: PbFile) -> Money:
    """Return the budget. Raises PbError where it is absent or no amount."""
    if "budget" not in pb.meta:
        raise NoBudget(line=pb.line_of("budget"))
    return money(pb.meta["budget"], pb.line_of("budget"), "budget")


def threshold(pb: PbFile) -> Score:
    """Return the least score a project needs; 0 where the file asks none."""
    key = "min_project_score_threshold"
    given = pb.meta.get(key, "")
    least = number(given) if given else 0
    if least is None:
        raise NotNumber(given=given[:40], line=pb.line_of(key), what=key)
    return least


def leftover(pb: PbFile) -> Leftover | None:
    """Return what the file does with left-over money; None where it says something not known here."""
    text = pb.meta.get("leftover_budget", "").lower()
    if not text:
        return Leftover.NONE
    if text.startswith("fund additional project"):
        return Leftover.MORE
    if text.startswith("partially fund one"):
        return Leftover.PART
    return None


def most_places(pb: PbFile) -> int | None:
    """Return how many places of a ranking give points; None where the file does not say."""
    given = pb.meta.get("max_length", "")
    places = number(given) if given else None
    if given and (not isinstance(places, int) or places < 1):
        raise NotNumber(given=given[:40], line=pb.line_of("max_length"), what="max_length")
    return places if isinstance(places, int) else None


THEMES = (("categories",), "category")  # keys that name them, column that holds them
PLACES = (("neighborhoods", "neighbourhoods"), "neighborhood")


def _per_name(pb: PbFile, key: str, names_of: tuple[tuple[str, ...], str]) -> dict[str, Money]:
    """Return an amount per theme or place: the file gives one value for all, or one per name."""
    given = pb.meta.get(key, "")
    if not given:
        return {}
    line = pb.line_of(key)
    values = [money(value.strip(), line, key) for value in given.split(",")]
    keys, column = names_of
    listed = next((pb.meta[name] for name in keys if pb.meta.get(name)), "")
    names = [name.strip() for name in listed.split(",") if name.strip()]
    if not names:
        found = (pb.of_projects(column) or {}).values()
        names = list(dict.fromkeys(name for name in found if name))
    if len(values) == 1:
        values = values * len(names)
    if len(values) != len(names):
        raise UnequalNames(line=line, key=key, values=len(values), names=len(names))
    return dict(zip(names, values, strict=True))


# -- limits of a ballot ------------------------------------------------------------------------------


class Of(StrEnum):
    """What a limit is of."""

    NUMBER = "length"  # projects on the ballot
    COST = "sum_cost"  # what they cost together
    SUM = "sum_points"  # points on the ballot
    EACH = "points"  # points for one project


@dataclass(frozen=True)
class Limit:
    """A limit a file sets on a ballot: a least or a most, for all its projects or per theme."""

    key: str
    of: Of
    least: bool
    amounts: Mapping[str, Money]  # by theme; for the whole ballot under the empty name


def limits(pb: PbFile) -> tuple[list[Limit], list[str]]:
    """Return the limits the file sets on a ballot, and the keys of those that cannot be understood.

    Two kinds of voting set one of themselves: choose-1, and cumulative, which knows no points under nothing.
    """
    found, unclear = [], []
    if vote_type(pb) is VoteType.CHOOSE_ONE and not pb.meta.get("max_length"):
        found.append(Limit("choose-1", Of.NUMBER, least=False, amounts={"": 1}))
    if vote_type(pb) is VoteType.CUMULATIVE and not pb.meta.get("min_points"):
        found.append(Limit("cumulative", Of.EACH, least=True, amounts={"": 0}))
    for of in Of:
        if of in (Of.SUM, Of.EACH) and vote_type(pb) not in POINTED:
            continue
        for end in ("", "_per_category") if of in (Of.NUMBER, Of.COST) else ("",):
            for least in (True, False):
                key = f"{'min' if least else 'max'}_{of}{end}"
                if not pb.meta.get(key):
                    continue
                try:
                    amounts = _per_name(pb, key, THEMES) if end else {"": _amount(pb, key)}
                    found.append(Limit(key, of, least, amounts))
                except PbError:
                    unclear.append(key)
    return found, unclear


def _amount(pb: PbFile, key: str) -> Money:
    amount = number(pb.meta[key])
    if amount is None:
        raise NotNumber(given=pb.meta[key][:40], line=pb.line_of(key), what=key)
    return amount
