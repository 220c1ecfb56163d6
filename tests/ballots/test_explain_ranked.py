"""Rankings in Dutch: the rounds of a run-off, the duels of Schulze."""

from dataclasses import replace

import pytest

from ballots import explain
from ballots.counting import count
from ballots.counting.outcome import Outcome, Step
from ballots.counting.ranked import Method, RankedRule
from ballots.paper import Kind, Money, Question
from tests.ballots.explained import counted, paper, square, why


def test_a_run_off_tells_its_rounds() -> None:
    question = paper(*square("a", "b", "c"), kind=Kind.RANKING)
    result = explain.result(counted(question, RankedRule(Method.RUN_OFF), a=5, b_c=4, c_b=2), question)
    assert result.headline == "“B-plein” wint met 6 van de 11 stemmen."
    assert [row.label for row in result.rows] == ["B-plein", "A-plein", "C-plein"]
    assert why(result, "A-plein") == (
        "Deze keuze haalde de laatste ronde, met 5 stemmen. Meer dan de helft is 6: 1 stem te weinig."
    )
    (course,) = result.course
    assert course.table
    assert [cell.text for cell in course.table.rows[2]] == ["C-plein", "2", "–"]
    assert "“B-plein” krijgt er daardoor 2 stemmen bij." in course.sentences[0]


def test_schulze_tells_its_duels() -> None:
    question = paper(*square("a", "b", "c"), kind=Kind.RANKING)
    schulze = RankedRule(Method.SCHULZE)
    result = explain.result(counted(question, schulze, a_b_c=4, b_c_a=3, c_a_b=2), question)
    assert result.headline == "“A-plein” wint."
    assert "Hier wint niemand alle duels." in result.how[-1]
    assert why(result, "A-plein").endswith(
        "Het duel met “C-plein” werd 4 – 5, maar in ketens van duels staat het 6 – 5."
    )
    (course,) = result.course
    assert course.table
    assert [cell.text for cell in course.table.rows[0]] == ["1. A-plein", "–", "6 – 3", "4 – 5"]
    clear = explain.result(counted(question, schulze, a_b_c=3), question)
    assert clear.headline == "“A-plein” wint van elke andere keuze."


def a_circle(size: int) -> tuple[Question, Outcome]:
    """Everybody wins from the next and loses to the one before: nobody wins all duels."""
    ids = tuple(f"o{n:02}" for n in range(size))
    question = Question("Welk plein?", Kind.RANKING, square(*ids), 1, size)
    turned = [(",".join((*ids[n:], *ids[:n])), 1 + (n == 0)) for n in range(size)]
    return question, count.count(question, RankedRule(Method.SCHULZE), {"web": turned}, 500)


def test_duels_of_many_options_are_not_all_told() -> None:
    question, outcome = a_circle(20)
    (course,) = explain.result(outcome, question).course
    assert course.table
    assert len(course.table.rows) == 20
    question, outcome = a_circle(21)
    result = explain.result(outcome, question)
    (course,) = result.course
    assert course.table is None
    assert "te veel duels voor een tabel" in course.sentences[0]
    assert why(result, "O00-plein") == (
        "Deze keuze wordt door geen andere verslagen."
        " 10 duels won het niet, maar in ketens van duels staat geen van die anderen sterker."
    )
    assert all("verslagen door" in why(result, row.label) for row in result.rows[1:])


class Read(dict[str, Money | str]):
    """The values of a step, and how often they were looked at."""

    times = 0

    def __getitem__(self, name: str) -> Money | str:
        self.times += 1
        return super().__getitem__(name)


@pytest.mark.parametrize("size", [5, 20, 40])
def test_a_duel_is_read_as_often_however_many_there_are(size: int) -> None:
    question, outcome = a_circle(size)
    duels = [(step.option, Read(step.values)) for step in outcome.steps if step.kind == "duel"]
    others = (step for step in outcome.steps if step.kind != "duel")
    steps = (*(Step("duel", id, values) for id, values in duels), *others)
    explain.result(replace(outcome, steps=steps), question)
    assert {values.times for _, values in duels} == {3}


@pytest.mark.parametrize(
    ("method", "head", "caption"),
    [
        (Method.RUN_OFF, "Stemmen", "De laatste ronde waarin elke keuze meedeed"),
        (Method.SCHULZE, "Wint van", "Van hoeveel andere elke keuze het wint"),
    ],
)
def test_rankings_that_name_nobody_are_not_told_as_points(method: Method, head: str, caption: str) -> None:
    question, chosen = paper(*square("a", "b"), kind=Kind.RANKING), RankedRule(method)
    outcome = counted(question, chosen, blanco=3)
    result = explain.result(outcome, question, rule=chosen)
    assert result.headline == "Er is geen winnaar: niemand koos iets."
    assert explain.headline(outcome, question, chosen) == result.headline
    assert explain.sentences(outcome, question, rule=chosen) == ["Niemand koos iets, dus niemand wint."]
    assert (result.score_head, result.caption) == (head, caption)
    assert "punt" not in " ".join(result.how)
