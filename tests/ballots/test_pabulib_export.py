"""What is exported passes the field's own checker, and counts to the same outcome."""

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pabulib.checker import Checker

from ballots.counting.channels import ChannelRule, Part
from ballots.counting.count import Rule, WeighedRule
from ballots.counting.count import count as count_question
from ballots.counting.equal_shares import Completion, EqualSharesRule, Utility
from ballots.counting.greedy import GreedyRule, Leftover
from ballots.counting.outcome import Outcome
from ballots.counting.plurality import PluralityRule
from ballots.counting.ranked import Method, RankedRule
from ballots.definition import Terms
from ballots.pabulib.export import exported
from ballots.pabulib.file import PbFile, write
from ballots.pabulib.reading import read
from ballots.pabulib.recount import count
from ballots.paper import BLANK, YES_NO_OPTIONS, Kind, Option, Points, Question, marking

POLL = bytes(16)
OPTIONS = (
    Option("a", "Bomen;  «en» gras", 600_00, "groen, water", "oost"),
    Option("b", "Banken", 500_50, "straat"),
    Option("c", "Kas", 400_00, "straat", "west"),
    Option("d", "Feest", 150_00, "groen, water"),
)
APPROVE = Question("Wat wilt u?", Kind.APPROVE, OPTIONS, least=1, most=3)
BASKET = replace(APPROVE, kind=Kind.BASKET, most=4, budget=1200_00, theme_budget={"straat": 600_00})
ONE = replace(APPROVE, kind=Kind.CHOOSE_ONE, most=1)
DIVIDE = replace(APPROVE, kind=Kind.POINTS, points=Points(5, 1, 4))
RANK = replace(APPROVE, kind=Kind.RANKING)
GREEDY = GreedyRule(1100_00, {}, {}, Leftover.NONE, ())
CAPS = replace(GREEDY, theme_caps={"straat": 450_00}, place_caps={"oost": 50_00}, leftover=Leftover.MORE)
SHARES = EqualSharesRule(1100_00, Utility.COST, Completion.NONE, step=100)
RAISED = replace(SHARES, completion=Completion.ADD1)
Boxes = dict[str, list[tuple[str, int]]]


def made(question: Question, rule: Rule, boxes: Boxes) -> tuple[PbFile, Outcome]:
    terms = Terms(
        title="Buurtgeld  2026",
        questions=(question,),
        rules=(rule,),
        opens=datetime(2026, 4, 30, 22, tzinfo=UTC),
        closes=datetime(2026, 5, 14, 22, tzinfo=UTC),
        closes_text="14 mei 2026",
        floor=0,
    )
    outcome = count_question(question, rule, boxes, 100)
    pb = exported(POLL, terms, 1, boxes, outcome, "Kastanjedam")
    assert pb is not None
    return pb, outcome


def complaints(pb: PbFile) -> object:
    return Checker().process_files([write(pb)])[1]["results"]["errors"]


WEB: Boxes = {"web": [("a", 5), ("a,b", 3), ("b,c", 2), ("d", 1)]}
MIXED: Boxes = WEB | {"paper": [("a", 1), ("c,d", 4)]}
POINTED: Boxes = {"web": [("a:4,b:1", 3), ("b:2", 2), ("c:1,d:4", 4)]}
RANKED: Boxes = {"web": [("a,b,c", 3), ("b,a,d", 2), ("c,b,a", 4)]}
SINGLE: Boxes = {"web": [("a", 5), ("b", 3), ("d", 1)]}


def test_the_whole_file() -> None:
    pb, _ = made(APPROVE, GREEDY, MIXED)
    assert read(write(pb)) == replace(pb, votes_header=0)
    assert dict(pb.meta) == {
        "description": "Buurtgeld 2026",
        "country": "Netherlands",
        "unit": "Kastanjedam",
        "instance": "2026",
        "num_projects": "4",
        "vote_type": "approval",
        "date_begin": "01.05.2026",
        "date_end": "14.05.2026",
        "language": "nl",
        "currency": "EUR",
        "num_votes": "16",
        "budget": "1100",
        "rule": "greedy",
        "min_length": "1",
        "max_length": "3",
        "categories": "groen / water,straat",
        "neighborhoods": "oost,west",
    }
    assert pb.project_columns == (
        "project_id", "cost", "votes", "name", "category", "selected", "neighborhood",
    )  # fmt: skip
    assert [project.cells for project in pb.projects] == [
        ("a", "600", "9", "Bomen; «en» gras", "groen / water", "1", "oost"),
        ("c", "400", "6", "Kas", "straat", "1", "west"),
        ("b", "500.5", "5", "Banken", "straat", "0", "-"),
        ("d", "150", "5", "Feest", "groen / water", "0", "-"),
    ]
    assert pb.vote_columns == ("voter_id", "vote", "voting_method")
    rows = list(pb.votes.rows())
    assert [row[0] for row in rows] == [str(n) for n in range(1, 17)]
    assert sorted(row[1:] for row in rows) == sorted(
        [("a", "internet")] * 5 + [("a,b", "internet")] * 3 + [("b,c", "internet")] * 2
        + [("d", "internet"), ("a", "paper")] + [("c,d", "paper")] * 4
    )  # fmt: skip


@pytest.mark.parametrize(
    ("question", "rule", "boxes"),
    [
        (APPROVE, GREEDY, WEB),
        (APPROVE, replace(GREEDY, skip=False), WEB),
        (APPROVE, replace(GREEDY, threshold=Fraction(5, 2)), MIXED),
        (APPROVE, replace(GREEDY, skip=False, threshold=3), MIXED),
        (APPROVE, replace(GREEDY, tie_order=("lower-cost",)), MIXED),
        (APPROVE, replace(GREEDY, leftover=Leftover.PART), WEB),
        (APPROVE, CAPS, MIXED),
        (APPROVE, replace(GREEDY, budget=2000_00), WEB),
        (BASKET, GREEDY, WEB),
        (BASKET, SHARES, WEB),
        (APPROVE, SHARES, MIXED),
        (APPROVE, RAISED, MIXED),
        (ONE, GREEDY, SINGLE),
        (ONE, PluralityRule(), SINGLE),
        (APPROVE, PluralityRule(), MIXED),
        (DIVIDE, GREEDY, POINTED),
        (DIVIDE, PluralityRule(), POINTED),
        (RANK, GREEDY, RANKED),
        (RANK, PluralityRule(), RANKED),
    ],
)
def test_it_passes_the_checker_and_counts_the_same(question: Question, rule: Rule, boxes: Boxes) -> None:
    pb, outcome = made(question, rule, boxes)
    assert complaints(pb) == {}
    counted = count(read(write(pb))).outcome
    ids = [option.id for option in question.options]
    assert {id: counted.votes[id] for id in ids} == {id: outcome.votes[id] for id in ids}
    assert {id: counted.score[id] for id in ids} == dict(outcome.score)
    ties = {id for tie in counted.ties for id in tie}
    assert set(counted.winners) == set(outcome.winners) - ties  # the format has no tie order
    assert [id for id, _ in counted.part_funded] == [id for id, _ in outcome.part_funded]


@pytest.mark.parametrize(
    ("question", "rule", "boxes", "words"),
    [
        (RANK, RankedRule(Method.SCHULZE), RANKED, "no name for"),
        (RANK, RankedRule(Method.RUN_OFF), RANKED, "no name for"),
        (APPROVE, replace(SHARES, completion=Completion.ADD1U), WEB, "add1u"),
        (APPROVE, replace(SHARES, utility=Utility.NUMBER), WEB, "by number"),
        (APPROVE, SHARES, {"web": [*WEB["web"], (BLANK, 3)]}, "3 more voters"),
        (
            APPROVE,
            WeighedRule(GREEDY, ChannelRule({"web": Fraction(1, 2), "paper": Fraction(1, 2)}, Part.BALLOTS)),
            MIXED,
            "weight",
        ),
    ],
)
def test_a_rule_the_format_has_no_words_for_is_unknown(
    question: Question, rule: Rule, boxes: Boxes, words: str
) -> None:
    pb, outcome = made(question, rule, boxes)
    assert complaints(pb) == {}
    assert pb.meta["rule"] == "unknown"
    assert words in pb.meta["comment"]
    selected = pb.of_projects("selected") or {}
    assert {id for id, told in selected.items() if told == "1"} == set(outcome.winners)
    assert count(pb).outcome.winners == ()


def test_blanco_is_left_out_and_said_so() -> None:
    pb, _ = made(APPROVE, GREEDY, {"web": [*WEB["web"], (BLANK, 2)]})
    assert len(pb.votes) == 11
    assert pb.meta["comment"].startswith("#1: 2 blank ballots")
    assert complaints(pb) == {}


def test_unequal_rankings_have_no_score_that_the_format_knows() -> None:
    pb, outcome = made(RANK, GREEDY, {"web": [("a,b", 3), ("c", 2)]})
    assert pb.of_projects("score") is None
    assert complaints(pb) == {}
    assert dict(count(pb).outcome.score) == dict(outcome.score)


def test_the_same_ballots_in_any_order_make_the_same_file() -> None:
    backwards: Boxes = {name: box[::-1] for name, box in MIXED.items()}
    split: Boxes = {"web": [("a", 2), *WEB["web"][1:], ("a", 3)], "paper": MIXED["paper"]}
    assert made(APPROVE, GREEDY, MIXED)[0] == made(APPROVE, GREEDY, backwards)[0]
    assert made(APPROVE, GREEDY, MIXED)[0] == made(APPROVE, GREEDY, split)[0]


@pytest.mark.parametrize("kind", [Kind.YES_NO, Kind.APPROVE])
def test_a_question_of_voor_and_tegen_or_of_one_option_is_no_such_file(kind: Kind) -> None:
    question = Question("?", kind, YES_NO_OPTIONS if kind is Kind.YES_NO else OPTIONS[:1])
    terms = Terms("T", (question,), (GREEDY,), datetime.now(UTC), datetime.now(UTC), "", 0)
    assert exported(POLL, terms, 1, {}, Outcome({}, {}), "T") is None


MARKS = st.lists(st.sampled_from("abcd"), min_size=1, max_size=3, unique=True)


@settings(max_examples=120, deadline=None, derandomize=True)
@given(
    st.lists(MARKS, min_size=1, max_size=15),
    st.sampled_from([APPROVE, RANK, DIVIDE]),
    st.integers(601, 1700),
    st.lists(st.integers(1, 600), min_size=4, max_size=4),
    st.sampled_from([GREEDY, CAPS, replace(GREEDY, skip=False), SHARES, RAISED, PluralityRule()]),
)
def test_any_count_at_all_passes_the_checker(
    chosen: list[list[str]], question: Question, budget: int, costs: list[int], rule: Rule
) -> None:
    assume(not isinstance(rule, EqualSharesRule) or question is APPROVE)
    options = tuple(replace(each, cost=cost * 100) for each, cost in zip(OPTIONS, costs, strict=True))
    question = replace(question, options=options)
    if not isinstance(rule, PluralityRule):
        assert isinstance(rule, GreedyRule | EqualSharesRule)
        rule = replace(rule, budget=budget * 100)
    marks = [[f"{id}:1" for id in ids] if question.points else ids for ids in chosen]
    boxes: Boxes = {"web": [(marking(question, each), 1) for each in marks]}
    pb, outcome = made(question, rule, boxes)
    assert complaints(pb) == {}, write(pb)
    counted = count(pb).outcome
    assert (set(counted.winners), counted.score) == (set(outcome.winners), outcome.score)
