"""Plans: handed in, where they stand, and which belong together."""

from typing import Any

import pytest

from ballots.refusals import Refusal
from consult import initiatives
from consult.lifecycle import Stage, Verdict
from consult.refusals import AmountWrong, FieldMissing
from tests.consult.conftest import Place

pytestmark = pytest.mark.both

FIELDS = ("title", "what", "for_whom", "place", "initiator", "email")


def test_handed_in_as_it_was_written(place: Place) -> None:
    plan = place.plan(8_000_50, title="  Bankjes ", what="Twee bankjes.\nIn de schaduw.")
    place.look()
    assert (plan.title, plan.what, plan.asked) == ("Bankjes", "Twee bankjes.\nIn de schaduw.", 8_000_50)
    assert plan.handed_in_at == place.now
    assert place.actions(plan) == ["hand in plan"]


@pytest.mark.parametrize(
    ("asked", "changed", "refusal"),
    [(100_00, {name: " \n"}, FieldMissing) for name in FIELDS]
    + [(asked, {}, AmountWrong) for asked in (0, -1, initiatives.MOST + 1)],
)
def test_refused_and_nothing_changed(
    place: Place, asked: int, changed: dict[str, Any], refusal: type[Refusal]
) -> None:
    before = place.dump()
    with pytest.raises(refusal):
        place.plan(asked, **changed)
    assert place.dump() == before


def test_the_most_is_allowed(place: Place) -> None:
    assert place.plan(initiatives.MOST).asked == initiatives.MOST


@pytest.mark.parametrize(
    ("asked", "stage"),
    [(9_999_99, Stage.READY), (10_000_00, Stage.READY), (10_000_01, Stage.NEEDS_CONSULTATION)],
)
def test_above_means_above(place: Place, asked: int, stage: Stage) -> None:
    assert initiatives.where(place.plan(asked), place.now) is stage


def test_the_whole_way(place: Place) -> None:
    plan = place.plan()

    def where() -> Stage:
        place.look()
        return initiatives.where(plan, place.now)

    stages = [where()]
    draft = place.draft(plan, days=(1, 2))
    stages.append(where())
    used = place.freeze(draft)
    place.printed(draft)
    stages.append(where())
    place.later(days=1)
    stages.append(where())
    place.vote(used, {"voor": 7, "tegen": 3})
    place.later(days=2)
    stages.append(where())
    place.tick()
    stages.append(where())
    place.decide(plan, Verdict.DEFER)
    stages.append(where())
    place.award(plan, 20_000_00)
    stages.append(where())
    place.grant(plan, 20_000_00)
    stages.append(where())
    voucher = place.issue(plan)
    stages.append(where())
    place.redeem(voucher)
    stages.append(where())
    assert stages == [
        Stage.NEEDS_CONSULTATION,
        Stage.DRAFTING,
        Stage.FROZEN,
        Stage.OPEN,
        Stage.COUNTING,
        Stage.READY,
        Stage.DEFERRED,
        Stage.AWARDED,
        Stage.GRANTED,
        Stage.VOUCHER,
        Stage.REDEEMED,
    ]


def test_withdrawn_is_as_if_it_never_counted(place: Place) -> None:
    plan = place.plan()
    draft = place.draft(plan)
    place.freeze(draft)
    place.withdraw(draft)
    assert initiatives.live_consultation(plan) is None
    assert initiatives.where(plan, place.now) is Stage.NEEDS_CONSULTATION
    again = place.draft(plan)
    assert initiatives.live_consultation(plan) is again


def test_plans_that_belong_together(place: Place) -> None:
    mine = place.plan(6_000_00, email="Noor@initiatief.example", place="Lindelaan")
    same_person = place.plan(6_000_00, email="noor@Initiatief.example", wijk="Zuid")
    same_place = place.plan(6_000_00, place="LINDELAAN")
    place.plan(6_000_00, place="Lindelaan", wijk="Zuid")  # a street of the same name elsewhere
    place.plan(6_000_00)
    place.plan(6_000_00, wijk="Buiten", email="noor@initiatief.example")  # another town
    assert initiatives.together(place.session, mine) == [same_person, same_place]
    place.later(days=364)
    near = place.plan(6_000_00, email="noor@initiatief.example")
    place.later(days=2)
    far = place.plan(6_000_00, email="noor@initiatief.example")
    assert initiatives.together(place.session, mine) == [same_person, same_place, near]
    assert mine not in initiatives.together(place.session, far)
