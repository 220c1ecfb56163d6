"""Two programs that never saw each other count the same: the service and narekenen.py.

They share no code; random small elections are counted by both, after each lot too.
"""

import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations_with_replacement
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ballots.counting.count import count
from ballots.counting.greedy import GreedyRule, Leftover
from ballots.counting.majority import MajorityRule
from ballots.counting.outcome import as_json
from ballots.counting.plurality import PluralityRule
from ballots.paper import Kind, Option, Question
from tests.trust.bundles import (
    Case,
    canonical,
    made,
    marks,
    signed,
)
from tests.trust.elections import Election, election, known_to
from tests.trust.recounting import RIGHT, WRONG, ends, on_letter, verdict, zipped


def counted(program: ModuleType, held: Election, drawn: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Return what the recount makes of an election."""
    question, rule = known_to(program, held)
    found: dict[str, Any] = program.count(question, rule, held.boxes, held.letters, list(map(list, drawn)))
    return found


@pytest.mark.parametrize("start", range(0, 2000, 250))
def test_both_count_the_same(program: ModuleType, start: int) -> None:
    """And again after each lot, until nothing is equal."""
    rules, with_lots = Counter[type](), 0
    for seed in range(start, start + 250):
        chance = random.Random(seed)
        held = election(chance)
        if held is None:
            continue
        drawn: list[Sequence[str]] = []
        for _ in range(5):
            boxes = {channel: list(box.items()) for channel, box in held.boxes.items()}
            outcome = count(held.question, held.rule, boxes, held.letters, drawn)
            service = as_json(outcome)
            del service["steps"]
            assert counted(program, held, drawn) == service, (seed, held, drawn)
            if not outcome.ties:
                break
            tie = chance.choice(outcome.ties)
            drawn.append(chance.sample(tie, len(tie)))
        rules[type(held.rule)] += 1
        with_lots += bool(drawn)
    assert len(rules) == 6
    assert with_lots > 5


@pytest.mark.parametrize("options", [3, 24])
def test_ties_too_many_to_follow_are_said_and_not_hidden(
    tmp_path: Path, program: ModuleType, options: int
) -> None:
    """Of 24 that are equal and all cost something else nobody can follow every lot; of three, anybody."""
    plans = tuple(Option(f"plan-{n}", f"Plan {n}", 10_00 + 37 * 2**n % 1009) for n in range(options))
    question = Question("Welke plannen?", Kind.APPROVE, plans, 1, options)
    rule = GreedyRule(sum(plan.cost for plan in plans) // 2, {}, {}, Leftover.NONE, ())
    choice = tuple(plan.id for plan in plans)
    files, key = made(Case(((question, rule),), web=4, choice=choice, undrawn=True))
    end, said = ends(program, zipped(tmp_path, files), "--hash", on_letter(files))
    assert end == RIGHT
    assert ("NIET nagerekend" in said) == (options == 24)
    assert ("Alles klopt." in said) == (options == 3)
    (outcome,) = json.loads(files["outcome.json"])
    for change in ({"left": "0"}, {"votes": {**outcome["votes"], "plan-1": 4}}):
        altered = signed(files | {"outcome.json": canonical([outcome | change])}, key)
        assert verdict(program, tmp_path, altered) == WRONG


def test_an_outcome_is_called_certain_only_when_it_is(program: ModuleType) -> None:
    """Whatever votes are contested, and whatever they should have been: it stays the same outcome."""
    certain = Counter[type]()
    for seed in range(3000):
        chance = random.Random(seed)
        held = election(chance)
        if held is None or len(held.boxes) > 1 or held.question.most > 2 or len(held.question.options) > 3:
            continue
        question, rule = known_to(program, held)
        contested = chance.choice([1, 1, 2])
        box = held.boxes["web"]
        outcome = program.count(question, rule, held.boxes, held.letters, [])
        if not program.is_certain(question, rule, held.boxes, outcome, held.letters, contested):
            continue
        certain[type(held.rule)] += 1
        for changed in others(chance, held.question, box, contested):
            now = program.count(question, rule, {"web": changed}, held.letters, [])
            for part in ("winners", "part_funded", "ties", "passed", "quorum_met"):
                assert now[part] == outcome[part], (seed, held, changed)
    assert min(certain[MajorityRule], certain[PluralityRule], certain[GreedyRule]) > 5


def others(
    chance: random.Random, question: Question, box: Counter[str], contested: int
) -> Iterator[Counter[str]]:
    """Yield boxes in which up to so many votes are gone, or are another that is valid."""
    valid = [None, *{",".join(marks(chance, question)) for _ in range(30)}]
    for gone in combinations_with_replacement(sorted(box), contested):
        if Counter(gone) - box:
            continue
        for instead in combinations_with_replacement(valid, contested):
            yield box - Counter(gone) + Counter(filter(None, instead))
