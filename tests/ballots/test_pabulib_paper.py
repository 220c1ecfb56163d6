"""A file as a live paper: its limits, its rule in cents, the marks of its voters."""

from fractions import Fraction

import pytest

from ballots.counting.equal_shares import Completion, EqualSharesRule, Utility
from ballots.counting.greedy import GreedyRule
from ballots.pabulib.paper import NoRule, NotOnPaper, by_paper, live_question, live_rule, marks, on_paper
from ballots.pabulib.reading import read
from ballots.pabulib.recount import count
from ballots.paper import Kind, Option, Points
from tests.ballots.test_pabulib_recount import POINTS, PROJECTS, RANKED, VOTES, file


def test_the_live_paper() -> None:
    question = live_question(read(file()))
    assert (question.kind, question.least, question.most, question.budget) == (Kind.APPROVE, 1, 3, None)
    assert question.options == (
        Option("1", "Bomen", 600_00),
        Option("2", "Banken", 500_00),
        Option("3", "Kas", 400_00),
    )
    bounded = live_question(read(file("min_length;2", "max_length;9")))
    assert (bounded.least, bounded.most) == (2, 3)
    one = live_question(read(file(vote_type="choose-1")))
    assert (one.kind, one.least, one.most) == (Kind.CHOOSE_ONE, 1, 1)


def test_a_basket_in_all_and_per_theme() -> None:
    basket = live_question(read(file("max_sum_cost;999.99", "min_length_per_category;0")))
    assert (basket.kind, basket.budget, basket.theme_budget) == (Kind.BASKET, 999_99, {})
    projects = "PROJECTS\nproject_id;cost;category\n1;600;x\n2;500;x\n3;400;y\n"
    per_theme = ("categories;x,y", "max_sum_cost_per_category;700,400", "max_length_per_category;2")
    themes = live_question(read(file(*per_theme, projects=projects)))
    assert (themes.kind, themes.budget) == (Kind.BASKET, None)
    assert (themes.theme_budget, themes.theme_most) == ({"x": 700_00, "y": 400_00}, {"x": 2, "y": 2})
    only = live_question(read(file("categories;x,y", "max_length_per_category;2,1", projects=projects)))
    assert (only.kind, only.theme_most) == (Kind.APPROVE, {"x": 2, "y": 1})


@pytest.mark.parametrize(
    ("meta", "points"),
    [
        ([], Points(sum=6, least=1, each=6)),  # the largest ballot gives 6
        (["max_sum_points;10"], Points(sum=10, least=1, each=10)),
        (["max_sum_points;10", "min_sum_points;5", "max_points;4"], Points(sum=10, least=5, each=4)),
        (["max_points;40", "min_points;1"], Points(sum=6, least=1, each=6)),
    ],
)
def test_a_points_paper(meta: list[str], points: Points) -> None:
    question = live_question(read(file(*meta, votes=POINTS, vote_type="cumulative")))
    assert (question.kind, question.points, question.least, question.most) == (Kind.POINTS, points, 1, 3)


@pytest.mark.parametrize(("meta", "least", "most"), [([], 1, 3), (["min_length;2", "max_length;2"], 2, 2)])
def test_a_ranking(meta: list[str], least: int, most: int) -> None:
    question = live_question(read(file(*meta, votes=RANKED, vote_type="ordinal")))
    assert (question.kind, question.least, question.most) == (Kind.RANKING, least, most)


@pytest.mark.parametrize(
    "text",
    [
        file("min_sum_cost;10"),
        file("min_length;4"),
        file("min_length_per_category;1", "categories;x"),
        file("max_length;veel"),
        file("max_length;1.5"),
        file(projects=PROJECTS.replace("600", "600.001")),
        file("max_length;4", votes=RANKED, vote_type="ordinal"),
        file("min_points;2", votes=POINTS, vote_type="scoring"),
        file("max_sum_points;2.5", votes=POINTS, vote_type="scoring"),
        file("min_sum_points;5", "max_points;1", votes=POINTS, vote_type="scoring"),
    ],
)
def test_what_a_live_paper_cannot_hold_is_refused_but_counted(text: str) -> None:
    with pytest.raises(NotOnPaper) as refused:
        live_question(read(text))
    assert str(refused.value).startswith("Met dit bestand kan geen echte stemming")
    assert count(read(text)).outcome.votes


def test_the_rule_is_in_cents() -> None:
    caps = ("categories;x", "budget_per_category;5.5", "min_project_score_threshold;2")
    rule = live_rule(read(file(*caps, projects="PROJECTS\nproject_id;cost;category\n1;1;x\n2;1;x\n3;1;x\n")))
    assert isinstance(rule, GreedyRule)
    assert (rule.budget, rule.theme_caps, rule.threshold) == (1000_00, {"x": 550}, 2)
    shares = live_rule(read(file(rule="equalshares/add1")))
    assert shares == EqualSharesRule(1000_00, Utility.COST, Completion.ADD1, step=100)


@pytest.mark.parametrize("rule", ["unknown", "", "greedy-custom"])
def test_a_live_poll_needs_a_rule(rule: str) -> None:
    with pytest.raises(NoRule):
        live_rule(read(file(rule=rule)))


def test_a_withdrawn_project_is_counted_by_a_rule_that_stops_but_not_live() -> None:
    pb = read(file(projects=PROJECTS.replace("600", "999999999"), rule="greedy-no-skip"))
    assert count(pb).outcome.winners == ("2", "3")
    with pytest.raises(NotOnPaper):
        live_rule(pb)


def test_marks_are_what_the_voters_made() -> None:
    assert marks(read(file())) == [("1", "2"), ("1",), ("1", "2", "3"), ()]
    points = marks(read(file(votes=POINTS, vote_type="scoring")))
    assert points == [("1:5", "2:1"), ("2:2",), ("3:0.5", "1:-1"), ()]


@pytest.mark.parametrize("odd", ["drie bomen", "blanco", "é", "x" * 41])
def test_an_id_that_cannot_stand_on_a_paper_makes_all_a_number(odd: str) -> None:
    pb = read(file(projects=PROJECTS.replace("2;", f"{odd};"), votes=VOTES.replace("1,2", f"1,{odd}")))
    assert on_paper(pb) == {"1": "1", odd: "2", "3": "3"}
    assert [option.id for option in live_question(pb).options] == ["1", "2", "3"]
    assert marks(pb)[2] == ("1", "2", "3")
    assert on_paper(read(file(projects=PROJECTS.replace("2;", "A/2.b_-;"), votes="VOTES\nvote\n"))) == {
        "1": "1",
        "A/2.b_-": "A/2.b_-",
        "3": "3",
    }


def test_who_voted_on_paper() -> None:
    votes = "VOTES\nvoter_id;vote;voting_method\na;1;paper\nb;1;internet\nc;1;\nd;1; Paper\n"
    assert by_paper(read(file(votes=votes))) == [True, False, False, True]
    assert by_paper(read(file())) == [False] * 4


def test_money_stays_exact_on_its_way_to_cents() -> None:
    pb = read(file(budget="0,3", projects="PROJECTS\nproject_id;cost\n1;0.1\n2;,2\n3;0.01\n"))
    assert [option.cost for option in live_question(pb).options] == [10, 20, 1]
    assert count(pb).outcome.left == Fraction("0.3") - Fraction("0.1") - Fraction("0.2")
