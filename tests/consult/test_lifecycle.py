"""Where a plan stands, from what happened to it."""

from itertools import product

import pytest

from ballots.lifecycle import Phase
from consult.lifecycle import Stage, Verdict, stage


@pytest.mark.parametrize(
    ("above", "drafting", "phase", "verdict", "money", "expected"),
    [
        (False, False, None, None, 0, Stage.READY),
        (True, False, None, None, 0, Stage.NEEDS_CONSULTATION),
        (True, True, None, None, 0, Stage.DRAFTING),
        (False, True, None, None, 0, Stage.DRAFTING),
        (True, False, Phase.FROZEN, None, 0, Stage.FROZEN),
        (True, False, Phase.OPEN, None, 0, Stage.OPEN),
        (False, False, Phase.OPEN, None, 0, Stage.OPEN),
        (True, False, Phase.DUE, None, 0, Stage.COUNTING),
        (True, False, Phase.CLOSED, None, 0, Stage.READY),
        (True, False, Phase.WITHDRAWN, None, 0, Stage.NEEDS_CONSULTATION),
        (True, False, Phase.CLOSED, Verdict.DEFER, 0, Stage.DEFERRED),
        (True, False, Phase.OPEN, Verdict.DEFER, 0, Stage.OPEN),
        (True, True, None, Verdict.DEFER, 0, Stage.DRAFTING),
        (True, False, Phase.CLOSED, Verdict.REJECT, 0, Stage.REJECTED),
        (True, False, Phase.CLOSED, Verdict.AWARD, 0, Stage.AWARDED),
        (True, False, Phase.CLOSED, Verdict.AWARD, 1, Stage.GRANTED),
        (True, False, Phase.CLOSED, Verdict.AWARD, 2, Stage.VOUCHER),
        (True, False, Phase.CLOSED, Verdict.AWARD, 3, Stage.REDEEMED),
    ],
)
def test_stage(
    above: bool, drafting: bool, phase: Phase | None, verdict: Verdict | None, money: int, expected: Stage
) -> None:
    assert stage(above, drafting, phase, verdict, money >= 1, money >= 2, money >= 3) is expected


def test_nothing_is_ready_above_the_line_without_a_count() -> None:
    for drafting, phase, verdict in product((False, True), (None, *Phase), (None, Verdict.DEFER)):
        found = stage(True, drafting, phase, verdict, False, False, False)
        if found is Stage.READY:
            assert phase is Phase.CLOSED


def test_what_was_withdrawn_stays_so() -> None:
    for above, drafting, phase in product((False, True), (False, True), (None, *Phase)):
        assert stage(above, drafting, phase, None, False, False, False, withdrawn=True) is Stage.WITHDRAWN
