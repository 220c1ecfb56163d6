"""Random small elections, and how the recount knows them."""

import json
import random
from collections import Counter
from dataclasses import dataclass, replace
from fractions import Fraction
from types import ModuleType
from typing import Any

from ballots.counting.channels import ChannelRule, Part
from ballots.counting.count import LIVE, Rule, WeighedRule, check
from ballots.counting.equal_shares import Completion, EqualSharesRule, Utility
from ballots.counting.greedy import GreedyRule, Leftover
from ballots.counting.majority import Base, Majority, MajorityRule, MissedQuorum, Quorum
from ballots.counting.plurality import PluralityRule
from ballots.counting.ranked import Method, RankedRule
from ballots.counting.ties import TieKey
from ballots.paper import Kind, Option, Points, Question
from ballots.refusals import Refusal
from tests.conftest import yes_no
from tests.trust import bundles
from tests.trust.bundles import (
    YES_NO,
    marks,
)


@dataclass(frozen=True)
class Election:
    """A random small election: costs and votes are often equal, so that there are ties."""

    question: Question
    rule: Rule
    boxes: dict[str, Counter[str]]
    letters: int


def election(chance: random.Random) -> Election | None:
    """Return one that a poll may be frozen with, if the dice gave that."""
    kind = chance.choice(list(Kind))
    question, rule = _question(chance, kind), _rule(chance, kind)
    try:
        check(question, rule)
    except Refusal:
        return None
    voters = chance.choice([0, 1, 2, 3, 4, 6, 9, 15])
    cast = [",".join(marks(chance, question)) for _ in range(voters)]
    boxes = {"web": Counter(cast)}
    if chance.random() < 0.4 and voters > 1:
        boxes = dict(zip(LIVE, (Counter(cast[: voters // 2]), Counter(cast[voters // 2 :])), strict=True))
    return Election(question, rule, boxes, voters + chance.randint(1, 5))


def _question(chance: random.Random, kind: Kind) -> Question:
    if kind is Kind.YES_NO:
        return YES_NO
    costs = chance.choice([[0, 10, 20, 30], [10], [10, 20], range(1, 60)])
    options = tuple(
        Option(
            f"o{n}",
            f"Plan {n}",
            chance.choice(costs),
            chance.choice(["", "A", "B"]),
            chance.choice(["", "P"]),
        )
        for n in range(chance.randint(1, 7))
    )
    most = 1 if kind is Kind.CHOOSE_ONE else chance.randint(1, len(options))
    question = Question("Wat?", Kind.APPROVE, options, chance.choice([0, 1]), most)
    if kind is Kind.BASKET:
        return replace(question, kind=kind, budget=chance.choice([None, 50]), theme_budget={"A": 30})
    if kind is Kind.POINTS:
        return replace(question, kind=kind, points=Points(6, chance.randint(1, min(6, 4 * most)), 4))
    return replace(question, kind=kind)


def _rule(chance: random.Random, kind: Kind) -> Rule:
    keys: list[TieKey] = ["lower-cost", "more-votes", "paper-order"]
    tie_order = tuple(chance.sample(keys, chance.choice([0, 0, 0, 1, 2])))
    quorum, share = chance.choice(list(Quorum)), Fraction(chance.randint(0, 5), chance.randint(5, 9))
    blank, missed = chance.random() < 0.5, chance.choice(list(MissedQuorum))
    skip = chance.random() < 0.7
    quorum_rule = (quorum, share, blank, missed)
    majority = MajorityRule(chance.choice(list(Majority)), chance.choice(list(Base)), not blank, *quorum_rule)
    plurality = PluralityRule(*quorum_rule, tie_order)
    caps: list[dict[str, int]] = [{}, {"A": chance.choice([0, 20, 30])}]
    budget, threshold = chance.choice([0, 10, 25, 30, 40, 60, 100]), Fraction(chance.choice([0, 0, 2, 3]), 2)
    leftover = chance.choice([each for each in Leftover if skip or each is not Leftover.MORE])
    greedy = GreedyRule(
        budget, chance.choice(caps), chance.choice([{}, {"P": 20}]), leftover, tie_order, skip, threshold
    )
    utility, completion = chance.choice(list(Utility)), chance.choice(list(Completion))
    step = Fraction(chance.choice([1, 2, 10]), 2)
    shares = EqualSharesRule(budget, utility, completion, step, tie_order)
    ranked = RankedRule(chance.choice(list(Method)), tie_order)
    weight = Fraction(chance.randint(1, 4), 5)
    channels = ChannelRule({"web": weight, "paper": 1 - weight}, chance.choice(list(Part)))
    by_votes = WeighedRule(plurality, channels)
    by_money = WeighedRule(replace(greedy, threshold=0), channels)
    rules: list[Rule] = [plurality, greedy, shares, ranked, by_votes, by_money]
    return majority if kind is Kind.YES_NO else chance.choice(rules)


KEYS = bundles.invented_keys(random.Random(1))[1]


def known_to(program: ModuleType, held: Election) -> tuple[Any, Any]:
    """Return the question and the rule as the recount knows them: from the definition only."""
    terms = replace(yes_no(), questions=(held.question,), rules=(held.rule,))
    fingerprints = [bytes([n]) * 32 for n in range(held.letters)]
    data = bundles.definition(bytes(16), terms, fingerprints, KEYS)
    definition = program.Definition(json.loads(data), "")
    return definition.questions[0], definition.rules[0]
