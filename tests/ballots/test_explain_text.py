"""A result as a whole: what is said of turnout, of a count without a rule, and as text for a command line."""

from dataclasses import dataclass

import pytest

from ballots import explain
from ballots.counting import greedy
from ballots.counting.outcome import Outcome
from ballots.counting.ranked import Method, RankedRule
from ballots.paper import Kind, Option
from tests.ballots.explained import PARK, budget, counted, paper, square


@pytest.mark.parametrize(
    ("ways", "said"),
    [
        ({}, "3 stembiljetten zijn geteld. Hoeveel"),
        ({"internet": 2, "paper": 1}, "3 stembiljetten zijn geteld. Via internet 2, op papier 1. Hoeveel"),
        ({"internet": 2, "": 1}, "3 stembiljetten zijn geteld. Hoeveel"),  # of one ballot it is not known
    ],
)
def test_without_letters_no_turnout_is_guessed(ways: dict[str, int], said: str) -> None:
    @dataclass(frozen=True)
    class Returned:
        ballots: int
        ways: dict[str, int]

    outcome = greedy.count(PARK, dict.fromkeys("abcd", 3), budget())
    result = explain.result(outcome, paper(*PARK), ballots=Returned(3, ways))
    assert result.turnout.startswith(said)
    assert result.turnout.endswith("Daarom is de opkomst niet bekend.")


def test_a_count_without_a_rule_names_no_winner() -> None:
    question = paper(*PARK)
    outcome = Outcome({"a": 1}, {"a": 1, "b": 0, "c": 0, "d": 0}, left=100)
    assert explain.headline(outcome, question) == "De stemmen zijn geteld. Er is geen regel die iets kiest."
    assert not explain.result(outcome, question).decided


def test_text_for_a_command_line() -> None:
    long = "Een heel lang plan over bomen, banken en bloemen in de straten tussen het park en het station"
    question = paper(Option("a", long, 60_00), Option("b", "Banken", 30_00))
    outcome = greedy.count(question.options, {"a": 9, "b": 1}, budget())
    lines = explain.as_text(explain.result(outcome, question)).splitlines()
    assert lines[0].startswith("Deze plannen krijgen geld:")
    assert max(map(len, lines)) <= 100
    assert any(line.startswith("  1. Een heel lang plan") and line.endswith("gekozen") for line in lines)
    assert "  Over                 € 10" in lines
    assert not any("\N{NO-BREAK SPACE}" in line for line in lines)


def test_a_table_too_wide_for_a_line_is_told_in_words() -> None:
    ids = "abcdefghijklmnop"
    question = paper(*square(*ids), kind=Kind.RANKING)
    rankings = {"_".join(ids): 1000, "_".join(reversed(ids)): 999}
    outcome = counted(question, RankedRule(Method.SCHULZE), **rankings)
    lines = explain.as_text(explain.result(outcome, question)).splitlines()
    assert max(map(len, lines)) <= 100
    assert any(line.startswith("  1. A-plein: tegen 1 –, tegen 2 1.000 – 999,") for line in lines)
