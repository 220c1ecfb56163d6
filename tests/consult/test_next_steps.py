"""Whose turn it is with a plan, and when the next step is expected."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consult.lifecycle import Stage
from consult.next_steps import GROUP, RESIDENTS, TOWN, TURNS, YOU, Expected, expected

DAYS = st.dates(date(2020, 1, 1), date(2040, 1, 1))


def test_every_stage_has_a_turn() -> None:
    assert set(TURNS) == set(Stage)
    assert {turn.who for turn in TURNS.values()} == {TOWN, GROUP, RESIDENTS, YOU}
    for stage, turn in TURNS.items():
        assert turn.does.endswith("."), stage
        assert bool(turn.yours) == (turn.who == YOU), stage  # others read "de initiatiefnemer"
        assert turn.within is None or turn.who in (TOWN, GROUP), stage  # we promise nothing for residents


@given(st.sampled_from(Stage), DAYS, DAYS, DAYS)
def test_a_day_that_was_announced_is_told_as_it_is(
    stage: Stage, since: date, announced: date, today: date
) -> None:
    assert expected(stage, since, announced, today) == Expected(announced, announced=True, late=False)


@given(st.sampled_from(Stage), DAYS, DAYS)
def test_a_guess_is_late_from_the_day_after(stage: Stage, since: date, today: date) -> None:
    found, within = expected(stage, since, None, today), TURNS[stage].within
    if within is None:
        assert found is None
        return
    assert found is not None
    assert (found.day, found.announced) == (since + within, False)
    assert found.late == (today - since > within)


@pytest.mark.parametrize(("days", "late"), [(0, False), (42, False), (43, True)])
def test_six_weeks_for_the_regiegroep(days: int, late: bool) -> None:
    found = expected(Stage.READY, date(2026, 6, 1), None, date(2026, 6, 1) + timedelta(days=days))
    assert found == Expected(date(2026, 7, 13), announced=False, late=late)
