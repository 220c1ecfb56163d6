"""PURE. What is odd about a counted Pabulib file: nothing that stops a count, all that one should know.

What is asked of every ballot is asked of arrays of numpy.
"""

import operator
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ballots.counting import greedy
from ballots.counting.equal_shares import EqualSharesRule
from ballots.counting.greedy import GreedyRule
from ballots.counting.outcome import Outcome, Score, decimal
from ballots.money import in_words
from ballots.pabulib import rules
from ballots.pabulib.ballots import Ballots
from ballots.pabulib.file import PbFile, number
from ballots.pabulib.rules import POINTED, Limit, Of
from ballots.paper import Option
from ballots.words import N_

if TYPE_CHECKING:
    from ballots.counting.blocks import Array


@dataclass(frozen=True)
class Remark:
    """Something to know about the file; `text` is a Dutch message id, `values` fill its placeholders.

    Whole numbers are written with their thousands apart; what is to stay as it is, is text.
    """

    text: str
    values: Mapping[str, object]

    def __str__(self) -> str:
        return self.text % {name: _written(value) for name, value in self.values.items()}


def _written(value: object) -> object:
    return f"{value:,}".replace(",", ".") if isinstance(value, int) else value


MOST_NAMED = 3  # themes in a remark

# What a ballot is that breaks a limit: (least, of, per theme), in words of one who fills it in.
BROKEN = {
    (True, Of.NUMBER, False): N_("te weinig plannen"),
    (False, Of.NUMBER, False): N_("te veel plannen"),
    (True, Of.NUMBER, True): N_("te weinig plannen van één thema"),
    (False, Of.NUMBER, True): N_("te veel plannen van één thema"),
    (True, Of.COST, False): N_("plannen die samen te weinig kosten"),
    (False, Of.COST, False): N_("plannen die samen te veel kosten"),
    (True, Of.COST, True): N_("plannen van één thema die samen te weinig kosten"),
    (False, Of.COST, True): N_("plannen van één thema die samen te veel kosten"),
    (True, Of.SUM, False): N_("samen te weinig punten"),
    (False, Of.SUM, False): N_("samen te veel punten"),
    (True, Of.EACH, False): N_("te weinig punten voor één plan"),
    (False, Of.EACH, False): N_("te veel punten voor één plan"),
}


def remarks(pb: PbFile, options: Sequence[Option], ballots: Ballots, outcome: Outcome) -> list[Remark]:
    """Return everything to know about a file and how it was counted."""
    return [
        *_rule(pb, options),
        *_limits(pb, options, ballots, outcome),
        *_repeats(pb, options, ballots, outcome),
        *_rows(pb),
        *_numbers(pb, ballots),
        *_official(pb, outcome),
    ]


# -- the rule ----------------------------------------------------------------------------------------


def _rule(pb: PbFile, options: Sequence[Option]) -> Iterable[Remark]:
    """Yield what the file says of its rule that was not, or could not be, applied."""
    rule = rules.rule(pb)
    if rule is None and rules.names_rule(pb):
        text = N_(
            "De regel “%(rule)s” past Wijkstem niet toe; de stemmen zijn geteld, er is niemand gekozen."
        )
        yield Remark(text, {"rule": pb.meta["rule"][:40]})
    elif rule is None:
        text = N_("Het bestand noemt zijn regel niet; de stemmen zijn geteld, er is niemand gekozen.")
        yield Remark(text, {})
    if isinstance(rule, GreedyRule):
        yield from _greedy(pb, options, rule)
    if isinstance(rule, EqualSharesRule) and rules.threshold(pb):
        yield Remark(N_("De drempel in het bestand is bij deze regel niet toegepast."), {})
    if number(pb.meta.get("default_score") or "0") != 0 and rules.vote_type(pb) in POINTED:
        text = N_(
            "De punten voor wie niet op een biljet staat (default_score: %(given)s) zijn niet meegeteld."
        )
        yield Remark(text, {"given": pb.meta["default_score"][:40]})
    comment = pb.meta.get("comment", "").lower()
    if re.search(r"\bweigh|\bgewogen|\bweging", comment) and re.search(r"\bpaper|\bpapier", comment):
        text = N_(
            "Dat papier en internet een eigen gewicht hebben, staat alleen in een opmerking; het is niet toegepast."
        )
        yield Remark(text, {})


def _greedy(pb: PbFile, options: Sequence[Option], rule: GreedyRule) -> Iterable[Remark]:
    if rules.leftover(pb) is not rule.leftover:
        text = N_("Wat er met restgeld gebeurt (“%(text)s”) is hier niet bekend; het blijft over.")
        yield Remark(text, {"text": pb.meta["leftover_budget"][:80]})
    if "threshold" in pb.meta.get("rule", "").lower() and not pb.meta.get("min_project_score_threshold"):
        yield Remark(
            N_("De regel heeft een drempel, maar het bestand noemt hem niet; er is er geen toegepast."), {}
        )
    withdrawn = [option.id for option in options if option.cost == rules.WITHDRAWN]
    if withdrawn and not rule.skip:
        text = N_(
            "Ingetrokken, want de kosten staan op 999999999: %(ids)s; de telling gaat daar gewoon door."
        )
        yield Remark(text, {"ids": _few(withdrawn)})
    for caps, names in (
        (rule.theme_caps, {option.theme for option in options}),
        (rule.place_caps, {option.place for option in options}),
    ):
        for name in sorted(names - set(caps) - {""}) if caps else []:
            text = N_("Voor “%(name)s” noemt het bestand geen grens; daar geldt alleen het budget.")
            yield Remark(text, {"name": name})


def _few(ids: Sequence[str]) -> str:
    return ", ".join(ids[:10]) + (" …" if len(ids) > 10 else "")


# -- the ballots -------------------------------------------------------------------------------------


def _limits(pb: PbFile, options: Sequence[Option], ballots: Ballots, outcome: Outcome) -> Iterable[Remark]:
    """Yield how many ballots break the file's own limits, and limits not understood."""
    found, unclear = rules.limits(pb)
    broken = [(limit, by_name) for limit in found if (by_name := _breaking(limit, options, ballots))]
    each = [_either(by_name.values(), ballots.size) for _, by_name in broken]
    if broken:
        text = N_(
            "Stembiljetten die anders zijn ingevuld dan mocht: %(number)s van de %(all)s (%(limits)s)."
            " Wat erop staat, telt gewoon mee."
        )
        either = _either(each, ballots.size)
        if _same_without(either, pb, options, ballots, outcome):
            text = N_(
                "Stembiljetten die anders zijn ingevuld dan mocht: %(number)s van de %(all)s (%(limits)s)."
                " Wat erop staat, telt gewoon mee. Voor de uitslag maakt het niets uit: ook zonder deze biljetten"
                " krijgen dezelfde plannen geld."
            )
        said = [
            _broken(limit, by_name, int(np.count_nonzero(which)) if len(each) > 1 else None, pb)
            for (limit, by_name), which in zip(broken, each, strict=True)
        ]
        numbers = {"number": int(np.count_nonzero(either)), "all": ballots.size}
        yield Remark(text, numbers | {"limits": "; ".join(said)})
    for key in unclear:
        yield Remark(N_("De grens %(key)s in het bestand is niet te begrijpen."), {"key": key})


def _repeats(pb: PbFile, options: Sequence[Option], ballots: Ballots, outcome: Outcome) -> Iterable[Remark]:
    """Yield on how many ballots a project stands more than once; and that it decided nothing, where that is so."""
    if twice := ballots.lists.repeating():
        text = N_(
            "Stembiljetten waarop hetzelfde plan vaker staat: %(number)s. Zo staat het in het bestand en zo is het "
            "geteld: elke keer telt mee."
        )
        if _same_without_repeats(pb, options, ballots, outcome):
            text = N_(
                "Stembiljetten waarop hetzelfde plan vaker staat: %(number)s. Zo staat het in het bestand en zo is het "
                "geteld: elke keer telt mee. Voor wie er geld krijgt, maakt dat niets uit."
            )
        yield Remark(text, {"number": twice})


def _same_without_repeats(pb: PbFile, options: Sequence[Option], ballots: Ballots, outcome: Outcome) -> bool:
    """Return whether a count in which each project counts once a ballot certainly ends the same.

    Only simple counts, of votes by a rule that skips, are done again; of others it is not said.
    """
    once = Counter(id for text in ballots.texts for id in set(text.split(",")))
    return _same_with(once, pb, options, ballots, outcome)


def _same_without(
    which: "Array", pb: PbFile, options: Sequence[Option], ballots: Ballots, outcome: Outcome
) -> bool:
    """Return whether a count without these ballots certainly ends the same; of which counts, as above."""
    less = Counter(id for n in which.nonzero()[0].tolist() for id in ballots.texts[n].split(","))
    votes = {id: number - less[id] for id, number in ballots.votes.items()}
    return _same_with(votes, pb, options, ballots, outcome)


def _same_with(
    votes: Mapping[str, int], pb: PbFile, options: Sequence[Option], ballots: Ballots, outcome: Outcome
) -> bool:
    """Return whether these votes certainly end as the outcome does."""
    rule = rules.rule(pb)
    if not isinstance(rule, GreedyRule) or not rule.skip or ballots.points is not None:
        return False
    other = greedy.count(options, {option.id: votes[option.id] for option in options}, rule)
    return (set(other.winners), other.part_funded, other.ties) == (
        set(outcome.winners),
        outcome.part_funded,
        outcome.ties,
    )


def _broken(limit: Limit, names: Iterable[str], number: int | None, pb: PbFile) -> str:
    """Return what is wrong with ballots that break a limit, and what was allowed.

    `names` are the themes in which they do. `number` is how many do, None where that is said already.
    """
    text = N_("%(said)s, toegestaan was %(allowed)s")
    if number is not None:
        text = N_("%(said)s: %(number)s, toegestaan was %(allowed)s")
    said = BROKEN[limit.least, limit.of, "" not in limit.amounts]
    return text % {"said": said, "number": _written(number), "allowed": _allowed(limit, sorted(names), pb)}


def _allowed(limit: Limit, names: Sequence[str], pb: PbFile) -> str:
    """Return what a limit allows: of the whole ballot, or of the themes with these names."""
    currency = pb.meta.get("currency", "")
    in_money = limit.of is Of.COST

    def bound(name: str) -> str:
        amount = limit.amounts[name]
        written = (
            in_words(amount, "€" if currency in ("", "EUR") else currency)
            if in_money
            else decimal(amount).replace(".", ",")
        )
        return (N_("minstens %(amount)s") if limit.least else N_("hoogstens %(amount)s")) % {
            "amount": written
        }

    if "" in limit.amounts:
        return bound("")
    if len(names) > 1 and len(set(limit.amounts.values())) == 1:
        return N_("%(bound)s per thema") % {"bound": bound(names[0])}
    said = [N_("%(bound)s voor “%(name)s”") % {"bound": bound(name), "name": name} for name in names]
    return ", ".join(said[:MOST_NAMED]) + (" …" if len(said) > MOST_NAMED else "")


def _breaking(limit: Limit, options: Sequence[Option], ballots: Ballots) -> "Mapping[str, Array]":
    """Return of every ballot whether it is outside the limit, by theme; of no theme that none is outside of."""
    outside = operator.lt if limit.least else operator.gt
    if limit.of is Of.EACH:
        assert ballots.points is not None
        which = {"": ballots.lists.any(outside(ballots.points, limit.amounts[""]))}
    elif limit.of is Of.SUM:
        which = {"": outside(ballots.given(), limit.amounts[""])}
    else:
        which = {
            name: outside(_taken(limit, name, options, ballots), bound)
            for name, bound in limit.amounts.items()
        }
    return {name: found for name, found in which.items() if found.any()}


def _taken(limit: Limit, name: str, options: Sequence[Option], ballots: Ballots) -> "Array":
    """Return of every ballot how many projects stand there, or what they cost; of one theme, or of all."""
    if limit.of is Of.NUMBER and not name:
        return ballots.lists.sizes
    worth = [option.cost if limit.of is Of.COST else 1 for option in options]
    return ballots.worth([n if name in ("", o.theme) else 0 for n, o in zip(worth, options, strict=True)])


def _either(which: Iterable["Array"], size: int) -> "Array":
    """Return where any of these arrays of truths, each so long, is true."""
    either: Array = np.logical_or.reduce([np.zeros(size, np.bool_), *which])
    return either


def _rows(pb: PbFile) -> Iterable[Remark]:
    """Yield what is odd about the rows of the file."""
    wide = [row.line for row in pb.projects if len(row.cells) > len(pb.project_columns)]
    wide += [pb.votes.lines[n] for n in pb.votes.beyond]
    if wide:
        text = N_("Regels met meer kolommen dan hun kop: %(number)s (de eerste is regel %(line)s).")
        yield Remark(text, {"number": len(wide), "line": str(wide[0])})
    voters = pb.of_votes("voter_id") or []
    different = len(set(voters)) - ("" in voters)
    if repeated := len(voters) - voters.count("") - different:
        text = N_(
            "Stembiljetten van een kiezer die al eerder in het bestand staat: %(number)s; zij tellen mee."
        )
        yield Remark(text, {"number": repeated})


# -- what the file says itself -----------------------------------------------------------------------


def _numbers(pb: PbFile, ballots: Ballots) -> Iterable[Remark]:
    """Yield where the file's own numbers differ from what is counted."""
    for key, counted, text in (
        (
            "num_projects",
            len(pb.projects),
            N_("Het aantal plannen is volgens het bestand %(stated)s; geteld zijn er %(counted)s."),
        ),
        (
            "num_votes",
            ballots.size,
            N_("Het aantal stembiljetten is volgens het bestand %(stated)s; geteld zijn er %(counted)s."),
        ),
    ):
        stated = pb.meta.get(key, "")
        if stated and number(stated) != counted:
            yield Remark(text, {"stated": stated[:40], "counted": counted})
    columns: tuple[tuple[str, Mapping[str, Score]], ...] = (
        ("votes", ballots.votes),
        ("score", ballots.score),
    )
    for column, numbers in columns:
        cells = pb.of_projects(column) or {}
        other = [id for id, cell in cells.items() if cell and number(cell) != numbers[id]]
        if other:
            text = N_(
                "De kolom %(column)s van het bestand is anders dan geteld; aantal plannen: %(number)s"
                " (bij %(id)s staat %(stated)s, geteld is %(counted)s)."
            )
            id = other[0]
            values = {"column": column, "number": len(other), "id": id, "stated": cells[id][:40]}
            yield Remark(text, values | {"counted": decimal(numbers[id])})


def _official(pb: PbFile, outcome: Outcome) -> Iterable[Remark]:
    """Yield where the winners stated in the file are not those counted (ties and part-funded aside).

    1 is a winner and 0 is none; with another number the file means something of its own.
    """
    stated = {id: number(cell) for id, cell in (pb.of_projects("selected") or {}).items()}
    if rules.rule(pb) is None or not any(stated.values()):
        return
    unsure = {id for tie in outcome.ties for id in tie} | {id for id, _ in outcome.part_funded}
    unsure |= {step.option for step in outcome.steps if step.kind == "depends" and step.option}
    other = [
        id
        for id, n in stated.items()
        if n in (0, 1) and id not in unsure and (n == 1) != (id in outcome.winners)
    ]
    if other:
        text = N_(
            "De winnaars in het bestand zijn andere; aantal plannen dat verschilt: %(number)s (%(ids)s)."
        )
        yield Remark(text, {"number": len(other), "ids": _few(other)})
