"""Could contested letters change a majority: the browser and narekenen.py say the same, and both are right."""

import random
from collections.abc import Iterator
from itertools import product
from types import ModuleType
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import lab
from tests.trust.bundles import PROGRAM
from tests.trust.test_recount import load

COULD = """async (cases) => {
    const { couldChange } = await import('/js/recount/outcome.js');
    return cases.map(([rule, votes, letters, contested]) => {
        const read = { ...rule, quorum_share: lab.fractions.exact(rule.quorum_share) };
        return couldChange(null, read, new Map([['votes', new Map(votes)]]), letters, contested);
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
