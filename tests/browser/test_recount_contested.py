"""Could contested letters change an outcome: the browser and narekenen.py say the same, and both are right."""

import random
from collections.abc import Iterator
from itertools import product
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import lab
from tests.trust.bundles import PROGRAM
from tests.trust.recounting import load

COULD = """async (cases) => {
    const { couldChange } = await import('/js/recount/outcome.js');
    return cases.map(([rule, votes, letters, contested, question = null, score = [], cast = 0]) => {
        const read = { ...rule };
        for (const name of ['quorum_share', 'threshold']) {
            if (name in rule) { read[name] = lab.fractions.exact(rule[name]); }
        }
        const outcome = new Map([['votes', new Map(votes)], ['score', new Map(score)]]);
        return couldChange(question, read, outcome, letters, contested, cast);
    });
}"""
SIDES = ("voor", "tegen", "blanco")


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with lab.opened(browser) as page:
        yield page


def every_way(votes: dict[str, int], contested: int) -> Iterator[dict[str, int]]:
    """Yield every way that so many answers, or all there are, could have been others or not there."""
    most = range(contested + 1)
    for gone in product(*(range(min(contested, votes[side]) + 1) for side in SIDES)):
        if sum(gone) == min(contested, sum(votes.values())):
            for back in product(most, repeat=3):
                if sum(back) <= sum(gone):
                    pairs = zip(SIDES, gone, back, strict=True)
                    yield {side: votes[side] - less + more for side, less, more in pairs}


def drawn(chance: random.Random) -> tuple[dict[str, Any], dict[str, int], int, int]:
    """Return a rule, votes, the number of letters and how many of the used ones are contested."""
    rule = {
        "name": "majority",
        "majority": chance.choice(("simple", "absolute", "two-thirds")),
        "base": chance.choice(("votes", "letters")),
        "blank_in_majority": chance.random() < 0.5,
        "quorum": chance.choice(("none", "turnout", "in-favour")),
        "quorum_share": chance.choice(("1/10", "1/4", "1/3", "1/2")),
        "blank_in_turnout": chance.random() < 0.5,
        "missed_quorum": chance.choice(("bars", "reasons")),
    }
    votes = {side: chance.randrange(9) for side in SIDES}
    cast = max(1, sum(votes.values()))
    return rule, votes, cast + chance.randrange(12), chance.randint(1, min(4, cast))


def test_the_browser_and_the_program_say_the_same(page: Page) -> None:
    program: ModuleType = load(PROGRAM.read_text())
    chance = random.Random(4)
    cases = [drawn(chance) for _ in range(300)]
    said = page.evaluate(COULD, [[rule, list(votes.items()), *rest] for rule, votes, *rest in cases])
    certain = [program.is_certain(None, rule, {}, {"votes": votes}, *rest) for rule, votes, *rest in cases]
    assert said == ["no" if each else "yes" for each in certain]
    assert 50 < said.count("yes") < 250
    for (rule, votes, letters, contested), sure in zip(cases, certain, strict=True):
        found = {
            (
                program.majority({**rule, "quorum": "none"}, moved, letters)["passed"],
                program.majority(rule, moved, letters)["quorum_met"],
            )
            for moved in every_way(votes, contested)
        }
        assert sure == (len(found) == 1), (rule, votes, letters, contested)


IDS = ("a", "b", "c")


def most_wins(chance: random.Random) -> tuple[dict[str, Any], dict[str, Any], dict[str, int], dict[str, int]]:
    """Return a plurality or greedy rule, a question, votes and scores."""
    kind = chance.choice(("choose-one", "approve", "points", "ranking"))
    ids = IDS[: chance.randint(1, 3)]
    question = {
        "kind": kind,
        "ids": ids,
        "most": len(ids),
        "points": {"each": 2} if kind == "points" else None,
    }
    votes = {id: chance.randrange(25) for id in ids}
    score = (
        {id: n * chance.randint(1, 3) for id, n in votes.items()} if kind in ("points", "ranking") else votes
    )
    rule = {
        "name": chance.choice(("plurality", "greedy")),
        "quorum": chance.choice(("none", "turnout", "in-favour")),
        "quorum_share": chance.choice(("1/10", "1/3", "1/2")),
        "blank_in_turnout": chance.random() < 0.5,
        "threshold": chance.choice((0, 0, "7", "15/2", "-1")),
    }
    return rule, question, {**votes, "blanco": chance.randrange(4)}, score


def test_where_the_most_wins_they_say_the_same_too(page: Page) -> None:
    program: ModuleType = load(PROGRAM.read_text())
    chance, certain = random.Random(6), []
    cases: list[list[Any]] = []
    for _ in range(600):
        rule, question, votes, score = most_wins(chance)
        cast, contested = max(1, sum(votes.values())), chance.randint(1, 3)
        letters = cast + chance.randrange(60)
        asked = SimpleNamespace(**question)
        told = {"votes": votes, "score": score}
        certain.append(program.is_certain(asked, rule, {"web": {"": cast}}, told, letters, contested))
        cases.append([rule, list(votes.items()), letters, contested, question, list(score.items()), cast])
    said = page.evaluate(COULD, cases)
    assert said == ["no" if each else "unknown" for each in certain]
    for name in ("plurality", "greedy"):
        sure = [each for each, case in zip(certain, cases, strict=True) if case[0]["name"] == name]
        assert 30 < sum(sure) < len(sure) - 30
