"""A drafted question: what is missing or wrong, what it becomes, and that nothing is lost on the way."""

import json
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballots.counting.channels import Part
from ballots.counting.count import WeighedRule, count
from ballots.counting.count import check as fit
from ballots.counting.equal_shares import Completion, EqualSharesRule, Utility
from ballots.counting.greedy import GreedyRule, Leftover
from ballots.counting.majority import Base, Majority, MissedQuorum, Quorum
from ballots.counting.ranked import Method, RankedRule
from ballots.paper import BLANK, Kind, Points
from ballots.paper import check as check_marks
from consult import rule_words
from consult.draft_check import MOST_OPTIONS, Page, check, pages
from consult.drafts import (
    Draft,
    DraftOption,
    TieOrder,
    Way,
    Weight,
    changed,
    dump,
    load,
    made,
    next_id,
    ways,
    with_options,
)
from consult.option_lines import Line, read

OPTIONS = (
    DraftOption("a1", "Bankje", 1_500_00, "Groen", "Noord"),
    DraftOption("a2", "Boom", 3_000_00, "Groen", "Zuid"),
    DraftOption("a3", "Schommel", 9_000_00, "Spelen", "Noord"),
    DraftOption("a4", "Feest", 2_000_00),
)
LIMITED: Mapping[Kind, dict[str, Any]] = {
    Kind.YES_NO: {},
    Kind.CHOOSE_ONE: {},
    Kind.APPROVE: {"least": 1, "most": 3, "theme_most": {"Groen": 1}},
    Kind.BASKET: {"least": 1, "unbounded": True, "budget": 10_000_00, "theme_budget": {"Groen": 3_000_00}},
    Kind.POINTS: {"least": 1, "most": 4, "points_sum": 10, "points_least": 10, "points_each": 5},
    Kind.RANKING: {"least": 1, "most": 3},
}
QUORUM: dict[str, Any] = {
    "quorum": Quorum.TURNOUT,
    "quorum_percent": 20,
    "blank_in_turnout": True,
    "missed_quorum": MissedQuorum.BARS,
}
RULED: Mapping[Way, dict[str, Any]] = {
    Way.MAJORITY: {"majority": Majority.ABSOLUTE, "base": Base.VOTES, "blank_in_majority": True, **QUORUM},
    Way.PLURALITY: {"tie_order": TieOrder.LOT, "weight": Weight.ALIKE, **QUORUM},
    Way.GREEDY: {
        "pot": 12_000_00,
        "theme_caps": {"Groen": 4_000_00},
        "place_caps": {"Noord": 9_000_00},
        "skip": True,
        "threshold": 0,
        "leftover": Leftover.MORE,
        "tie_order": TieOrder.LOWER_COST,
        "weight": Weight.HALF_OF_VOTES,
    },
    Way.EQUAL_SHARES: {
        "pot": 12_000_00,
        "utility": Utility.COST,
        "completion": Completion.ADD1U,
        "tie_order": TieOrder.PAPER_ORDER,
    },
    Way.RUN_OFF: {"tie_order": TieOrder.LOT},
    Way.SCHULZE: {"tie_order": TieOrder.MORE_VOTES_LOWER_COST},
}
PAIRS = [(kind, way) for kind in Kind for way in ways(kind)]


def drafted(kind: Kind, way: Way, **fields: Any) -> Draft:
    """Return a complete draft of this kind of paper, counted this way."""
    options = () if kind is Kind.YES_NO else OPTIONS
    draft = Draft("q1", "Wat wilt u?", kind, options, shuffled=True, way=way)
    return replace(draft, **{**LIMITED[kind], **RULED[way], **fields})


def ballot(draft: Draft) -> list[str]:
    """Return marks that are valid on the paper of a draft."""
    marks = {Kind.YES_NO: ["voor"], Kind.POINTS: ["a1:5", "a3:5"]}
    return marks.get(draft.kind or Kind.YES_NO, ["a1"])


def fields(draft: Draft) -> set[str]:
    return {wrong.field for wrong in check(draft)}


# Every paper with every rule that can count it


@pytest.mark.parametrize(("kind", "way"), PAIRS)
def test_a_complete_draft_can_be_frozen_and_counted(kind: Kind, way: Way) -> None:
    draft = drafted(kind, way)
    assert check(draft) == ()
    question, rule = made(draft)
    fit(question, rule)
    marks = ballot(draft)
    assert check_marks(question, marks) == ()
    outcome = count(question, rule, {"web": [(",".join(marks), 3), (BLANK, 1)], "paper": []}, 10)
    assert outcome.votes[marks[0].partition(":")[0]] == 3
    assert rule_words.choosing(question)
    assert all("%(" not in str(each) for each in rule_words.counting(question, rule, 10))


def test_every_dutch_ballot_can_be_made() -> None:
    """The kinds and rules of the Dutch ballots, each with the others that fit it."""
    assert {way for _, way in PAIRS} == set(Way)
    assert set(ways(Kind.APPROVE)) == {Way.PLURALITY, Way.GREEDY, Way.EQUAL_SHARES}
    assert set(ways(Kind.BASKET)) == {Way.GREEDY, Way.EQUAL_SHARES}
    assert set(ways(Kind.RANKING)) == {Way.PLURALITY, Way.GREEDY, Way.RUN_OFF, Way.SCHULZE}


@pytest.mark.parametrize(("kind", "way"), PAIRS)
def test_whatever_nobody_chose_is_named(kind: Kind, way: Way) -> None:
    """No field of a complete draft has a default: without it, it is the one thing that is named."""
    draft = drafted(kind, way)
    free = {"theme_most", "theme_caps", "place_caps", "theme_budget", "unbounded", "budget"}
    chosen: dict[str, Any] = {
        "text": "",
        "kind": None,
        **dict.fromkeys({**LIMITED[kind], **RULED[way], "way": None}),
    }
    if kind is not Kind.YES_NO:
        chosen["shuffled"] = None
    for name, empty in chosen.items():
        if name not in free:
            assert fields(replace(draft, **{name: empty})) >= {name}, name


@pytest.mark.parametrize(("kind", "way"), PAIRS)
def test_json_keeps_all_of_it(kind: Kind, way: Way) -> None:
    draft = drafted(kind, way)
    assert load(json.loads(json.dumps(dump(draft)))) == draft
    assert changed(draft, {"text": "Iets anders"}) == replace(draft, text="Iets anders")


anything = st.builds(
    Draft,
    id=st.just("q1"),
    text=st.sampled_from(["", "Wat wilt u?"]),
    kind=st.sampled_from([None, *Kind]),
    options=st.sampled_from([(), OPTIONS, OPTIONS[:1], (*OPTIONS, DraftOption("a5", "Zonder bedrag"))]),
    shuffled=st.sampled_from([None, True, False]),
    least=st.sampled_from([None, -1, 0, 1, 2, 4, 9]),
    most=st.sampled_from([None, 0, 1, 3, 4, 9]),
    unbounded=st.booleans(),
    theme_most=st.sampled_from([{}, {"Groen": 1}, {"Groen": 0}, {"Weg": 2}]),
    budget=st.sampled_from([None, 0, 1_000_00, 10_000_00]),
    theme_budget=st.sampled_from([{}, {"Groen": 3_000_00}, {"Weg": 1}]),
    points_sum=st.sampled_from([None, 0, 3, 10]),
    points_least=st.sampled_from([None, 0, 3, 10]),
    points_each=st.sampled_from([None, 0, 1, 5, 11]),
    way=st.sampled_from([None, *Way]),
    majority=st.sampled_from([None, *Majority]),
    base=st.sampled_from([None, *Base]),
    blank_in_majority=st.sampled_from([None, True]),
    quorum=st.sampled_from([None, *Quorum]),
    quorum_percent=st.sampled_from([None, 0, 20, 101]),
    blank_in_turnout=st.sampled_from([None, False]),
    missed_quorum=st.sampled_from([None, *MissedQuorum]),
    pot=st.sampled_from([None, 0, 1_00, 12_000_00]),
    theme_caps=st.sampled_from([{}, {"Groen": 0}, {"Weg": 1}]),
    place_caps=st.sampled_from([{}, {"Noord": 5_000_00}]),
    skip=st.sampled_from([None, True, False]),
    threshold=st.sampled_from([None, -1, 0, 5]),
    leftover=st.sampled_from([None, *Leftover]),
    utility=st.sampled_from([None, *Utility]),
    completion=st.sampled_from([None, *Completion]),
    tie_order=st.sampled_from([None, *TieOrder]),
    weight=st.sampled_from([None, *Weight]),
)


@given(anything)
def test_a_draft_is_either_named_wrong_or_made(draft: Draft) -> None:
    """Whatever was typed: nothing is wrong and the machine takes it, or something is and its page exists."""
    assert load(json.loads(json.dumps(dump(draft)))) == draft
    wrongs = check(draft)
    if not wrongs:
        fit(*made(draft))
    assert {wrong.page for wrong in wrongs} <= set(pages(draft))
    assert all("%(" not in str(wrong.why) for wrong in wrongs)


@given(st.sampled_from(PAIRS), st.data())
def test_a_draft_with_one_field_changed_is_named_wrong_or_made(
    pair: tuple[Kind, Way], data: st.DataObject
) -> None:
    other = data.draw(anything)
    name = data.draw(st.sampled_from(sorted(dump(other))))
    draft = changed(drafted(*pair), {name: getattr(other, name)})
    if not check(draft):
        question, rule = made(draft)
        fit(question, rule)
        assert all("%(" not in str(each) for each in rule_words.counting(question, rule, 10))


# What is wrong, and where it is said


@pytest.mark.parametrize(
    ("kind", "way", "wrong", "field", "said"),
    [
        (Kind.APPROVE, Way.GREEDY, {"options": OPTIONS[:1]}, "options", "minstens twee"),
        (Kind.APPROVE, Way.GREEDY, {"least": 0}, "least", "van 1 tot en met 4"),
        (Kind.APPROVE, Way.GREEDY, {"least": 5}, "least", "van 1 tot en met 4"),
        (Kind.APPROVE, Way.GREEDY, {"most": 5}, "most", "van 1 tot en met 4"),
        (Kind.APPROVE, Way.GREEDY, {"least": 2, "most": 1}, "most", "minder dan minstens (2)"),
        (Kind.APPROVE, Way.GREEDY, {"theme_most": {"Groen": 0}}, "theme_most", "1 of meer"),
        (Kind.APPROVE, Way.GREEDY, {"theme_most": {"Weg": 2}}, "theme_most", "“Weg”"),
        (
            Kind.APPROVE,
            Way.GREEDY,
            {"least": 4, "most": 4},
            "theme_most",
            "hoogstens 3 kiezen, en minstens 4",
        ),
        (Kind.BASKET, Way.GREEDY, {"budget": None, "theme_budget": {}}, "budget", "per thema"),
        (Kind.BASKET, Way.GREEDY, {"budget": 1_000_00}, "budget", "€ 1.500"),
        (Kind.BASKET, Way.GREEDY, {"least": 2, "budget": 3_000_00}, "budget", "€ 3.500"),
        (Kind.POINTS, Way.GREEDY, {"points_sum": 0}, "points_sum", "van 1"),
        (Kind.POINTS, Way.GREEDY, {"points_least": 11}, "points_least", "tot en met 10"),
        (Kind.POINTS, Way.GREEDY, {"points_each": 11}, "points_each", "tot en met 10"),
        (Kind.POINTS, Way.GREEDY, {"points_each": 2}, "points_least", "hoogstens 8"),
        (Kind.POINTS, Way.GREEDY, {"points_each": 1, "points_sum": 3, "least": 4}, "least", "minder punten"),
        (Kind.APPROVE, Way.RUN_OFF, {}, "way", "past niet"),
        (Kind.CHOOSE_ONE, Way.MAJORITY, {}, "way", "past niet"),
        (Kind.APPROVE, Way.GREEDY, {"pot": 0}, "pot", "groter is dan nul"),
        (Kind.APPROVE, Way.GREEDY, {"pot": 1_000_00}, "pot", "meer dan dit bedrag"),
        (Kind.APPROVE, Way.GREEDY, {"threshold": -1}, "threshold", "0 in"),
        (Kind.APPROVE, Way.GREEDY, {"threshold": 3}, "threshold", "elk voor de helft"),
        (Kind.APPROVE, Way.GREEDY, {"skip": False}, "leftover", "U stopt bij"),
        (Kind.APPROVE, Way.GREEDY, {"theme_caps": {"Weg": 1}}, "theme_caps", "“Weg”"),
        (Kind.APPROVE, Way.GREEDY, {"place_caps": {"Weg": 1}}, "place_caps", "“Weg”"),
        (Kind.YES_NO, Way.MAJORITY, {"quorum_percent": 0}, "quorum_percent", "van 1 tot en met 100"),
        (Kind.CHOOSE_ONE, Way.PLURALITY, {"quorum_percent": 101}, "quorum_percent", "tot en met 100"),
        (Kind.CHOOSE_ONE, Way.PLURALITY, {"text": "x" * 241}, "text", "240"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    kind: Kind, way: Way, wrong: dict[str, Any], field: str, said: str
) -> None:
    found = {each.field: str(each.why) for each in check(drafted(kind, way, **wrong))}
    assert said in found[field]


@pytest.mark.parametrize("way", [Way.GREEDY, Way.EQUAL_SHARES])
def test_money_is_divided_only_among_what_has_a_price(way: Way) -> None:
    draft = drafted(Kind.APPROVE, way, options=(*OPTIONS, DraftOption("a5", "Fontein")))
    (wrong,) = check(draft)
    assert (wrong.page, wrong.field, wrong.why.values) == (Page.OPTIONS, "options", {"label": "Fontein"})
    assert check(drafted(Kind.APPROVE, Way.PLURALITY, options=(*OPTIONS, DraftOption("a5", "Fontein")))) == ()


def test_two_with_one_name_and_too_many() -> None:
    twice = (*OPTIONS, DraftOption("a5", "bankje", 1_00))
    (wrong,) = check(drafted(Kind.APPROVE, Way.GREEDY, options=twice))
    assert "“bankje” staat er meer dan één keer" in str(wrong.why)
    assert (wrong.row, wrong.of) == (4, "label")
    many = tuple(DraftOption(f"a{n}", f"Plan {n}", 1_00) for n in range(1, MOST_OPTIONS + 2))
    found = check(drafted(Kind.APPROVE, Way.PLURALITY, options=many, theme_most={}))
    assert [wrong.field for wrong in found] == ["options"]


def test_an_empty_draft_asks_for_its_text_and_kind_only() -> None:
    assert fields(Draft("q1")) == {"text", "kind"}
    assert pages(Draft("q1")) == (Page.TEXT,)
    assert Page.LIMITS not in pages(drafted(Kind.CHOOSE_ONE, Way.PLURALITY))


# What it becomes


def test_the_question_that_is_made() -> None:
    question, rule = made(drafted(Kind.APPROVE, Way.GREEDY, weight=Weight.HALF_OF_VOTERS))
    assert (question.least, question.most, dict(question.theme_most), question.shuffled) == (
        1,
        3,
        {"Groen": 1},
        True,
    )
    assert [(each.id, each.cost, each.theme, each.place) for each in question.options][:2] == [
        ("a1", 1_500_00, "Groen", "Noord"),
        ("a2", 3_000_00, "Groen", "Zuid"),
    ]
    assert isinstance(rule, WeighedRule)
    assert rule.channels.weights == {"web": Fraction(1, 2), "paper": Fraction(1, 2)}
    assert rule.channels.part is Part.BALLOTS
    assert rule.rule == GreedyRule(
        12_000_00,
        {"Groen": 4_000_00},
        {"Noord": 9_000_00},
        Leftover.MORE,
        ("lower-cost",),
        skip=True,
        threshold=0,
    )


def test_other_rules_that_are_made() -> None:
    stops = made(
        drafted(
            Kind.POINTS,
            Way.GREEDY,
            skip=False,
            threshold=5,
            weight=Weight.ALIKE,
            leftover=Leftover.PART,
            tie_order=TieOrder.LOT,
        )
    )[1]
    assert isinstance(stops, GreedyRule)
    assert (stops.skip, stops.threshold, stops.leftover, stops.tie_order) == (False, 5, Leftover.PART, ())
    shares = made(drafted(Kind.BASKET, Way.EQUAL_SHARES))[1]
    assert shares == EqualSharesRule(12_000_00, Utility.COST, Completion.ADD1U, 100, ("paper-order",))
    assert made(drafted(Kind.RANKING, Way.SCHULZE))[1] == RankedRule(
        Method.SCHULZE, ("more-votes", "lower-cost")
    )
    assert made(drafted(Kind.POINTS, Way.PLURALITY))[0].points == Points(10, 10, 5)
    basket = made(drafted(Kind.BASKET, Way.GREEDY))[0]
    assert (basket.budget, basket.theme_budget, basket.most) == (10_000_00, {"Groen": 3_000_00}, 4)


def test_what_a_kind_does_not_use_is_left_out() -> None:
    """A draft keeps what was typed for another kind; the question does not."""
    rich = {**LIMITED[Kind.BASKET], **LIMITED[Kind.POINTS], "theme_most": {"Groen": 1}}
    question, _ = made(drafted(Kind.CHOOSE_ONE, Way.PLURALITY, **rich))
    assert (question.most, question.budget, question.points, question.theme_most) == (1, None, None, {})


def test_ids_are_made_once() -> None:
    first = with_options(Draft("q1"), [("", Line("Bankje")), ("", Line("Boom"))])
    assert [each.id for each in first.options] == ["a1", "a2"]
    rows = [("a2", Line("Boom")), ("", Line("Feest")), ("a1", Line("Bank"))]
    assert [(each.id, each.label) for each in with_options(first, rows).options] == [
        ("a2", "Boom"),
        ("a3", "Feest"),
        ("a1", "Bank"),
    ]
    assert next_id("q", []) == "q1"


# Many lines at once


def test_lines_are_read() -> None:
    lines, faults = read("Bankje; 1.500; Groen; Noord\n\nBoom\nFeest;€ 2.000,50\nHok\t300\tSpelen\n")
    assert faults == []
    assert lines == [
        Line("Bankje", 1_500_00, "Groen", "Noord"),
        Line("Boom"),
        Line("Feest", 2_000_50),
        Line("Hok", 300_00, "Spelen"),
    ]


def test_every_faulty_line_is_named() -> None:
    lines, faults = read("Goed; 10\n; 5\nDuur; veel\nTe; 1; veel; delen; hier\n" + "x" * 121)
    assert [line.label for line in lines] == ["Goed"]
    assert [(fault.number, str(fault.why)) for fault in faults] == [
        (2, "de naam ontbreekt"),
        (3, "“veel” is geen bedrag"),
        (4, "er staan 5 delen; hoogstens vier passen: naam; bedrag; thema; plek"),
        (5, f"“{'x' * 30}…” is langer dan 120 tekens"),
    ]


words = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=20)
lists = st.lists(
    st.tuples(words, st.integers(0, 10**6), words | st.just(""), words | st.just("")), max_size=8
)


@given(lists, st.sampled_from([";", " ; ", "\t"]))
def test_nothing_on_a_line_is_lost(rows: list[tuple[str, int, str, str]], between: str) -> None:
    text = "\n".join(between.join(map(str, row)) for row in rows)
    expected = [Line(label, euros * 100, theme, place) for label, euros, theme, place in rows]
    assert read(text) == (expected, [])


# In words


@pytest.mark.parametrize(
    ("kind", "way", "fields", "said"),
    [
        (Kind.APPROVE, Way.GREEDY, {}, "Van “Groen” kiest u er hoogstens 1."),
        (Kind.APPROVE, Way.GREEDY, {"least": 3}, "U kiest er precies 3."),
        (Kind.APPROVE, Way.GREEDY, {"unbounded": True}, "U kiest er zoveel als u wilt."),
        (Kind.BASKET, Way.GREEDY, {}, "Wat u kiest, kost samen hoogstens € 10.000."),
        (Kind.BASKET, Way.GREEDY, {}, "Wat u van “Groen” kiest, kost samen hoogstens € 3.000."),
        (Kind.POINTS, Way.GREEDY, {}, "U verdeelt 10 punten."),
        (Kind.POINTS, Way.GREEDY, {}, "Eén mogelijkheid krijgt er van u hoogstens 5."),
        (
            Kind.RANKING,
            Way.RUN_OFF,
            {},
            "U zet er 1 tot en met 3 op volgorde. Bovenaan staat wat u het liefst wilt.",
        ),
        (Kind.APPROVE, Way.GREEDY, {}, "Naar “Noord” gaat samen hoogstens € 9.000."),
        (
            Kind.APPROVE,
            Way.GREEDY,
            {"skip": False, "leftover": Leftover.NONE},
            "Past iets niet meer? Dan stoppen we daar.",
        ),
        (
            Kind.APPROVE,
            Way.GREEDY,
            {"leftover": Leftover.NONE},
            "Blijft er geld over? Dan wordt dat niet verdeeld.",
        ),
        (Kind.APPROVE, Way.GREEDY, {}, "Staan er twee gelijk? Dan gaat het goedkoopste voor."),
        (Kind.APPROVE, Way.GREEDY, {}, "Is dat ook gelijk? Dan wordt er in het openbaar geloot."),
        (
            Kind.APPROVE,
            Way.GREEDY,
            {"weight": Weight.ALIKE, "threshold": 4},
            "Wat minder dan 4 stemmen krijgt, doet niet mee.",
        ),
        (Kind.POINTS, Way.PLURALITY, {}, "De mogelijkheid met de meeste punten wint."),
        (Kind.CHOOSE_ONE, Way.PLURALITY, {}, "De opkomst moet minstens 20% van de brieven zijn."),
        (Kind.YES_NO, Way.MAJORITY, {}, "Wordt dat niet gehaald? Dan is het antwoord nee."),
    ],
)
def test_what_was_chosen_is_said(kind: Kind, way: Way, fields: dict[str, Any], said: str) -> None:
    question, rule = made(drafted(kind, way, **fields))
    words = [*rule_words.choosing(question), *rule_words.counting(question, rule, 10)]
    assert said in list(map(str, words))


def test_halves_are_explained_with_their_exception() -> None:
    words = list(map(str, rule_words.counting(*made(drafted(Kind.APPROVE, Way.GREEDY)), 10)))
    assert any("elk voor de helft" in each for each in words)
    assert "minder dan 10 stemmen" in words[-1]
    alike = rule_words.counting(*made(drafted(Kind.APPROVE, Way.GREEDY, weight=Weight.ALIKE)), 10)
    assert not any("helft" in str(each) for each in alike)


def test_only_a_wijkraadpleging_is_said_to_be_advice() -> None:
    pair = made(drafted(Kind.YES_NO, Way.MAJORITY))
    assert "advies" not in " ".join(map(str, rule_words.counting(*pair, 10)))
    advice = list(map(str, rule_words.counting(*pair, 10, True)))
    assert advice[-2:] == [
        "Wordt dat niet gehaald? Dan kan er niets worden toegekend.",
        "De uitslag is een advies aan de regiegroep.",
    ]


@pytest.mark.parametrize("kind", [Kind.POINTS, Kind.RANKING])
def test_points_are_no_part_of_voters(kind: Kind) -> None:
    assert fields(drafted(kind, Way.GREEDY, weight=Weight.HALF_OF_VOTERS)) == {"weight"}


def test_nobody_ranks_more_than_twenty() -> None:
    many = tuple(DraftOption(f"a{n}", f"Plan {n}", 100) for n in range(1, 23))
    assert fields(drafted(Kind.RANKING, Way.SCHULZE, options=many, unbounded=True)) == {"most"}
    assert fields(drafted(Kind.RANKING, Way.SCHULZE, options=many, least=1, most=20)) == set()


def test_limits_that_leave_only_blanco_are_named() -> None:
    """Each limit could be met, but not together."""
    options = tuple(DraftOption(f"a{n}", f"Plan {n}", 1_000_00, "Groen") for n in (1, 2, 3))
    tight = drafted(Kind.BASKET, Way.GREEDY, options=options, least=2, theme_most={}, place_caps={})
    assert "least" in fields(replace(tight, budget=9_000_00, theme_budget={"Groen": 1_500_00}))


def test_what_nobody_can_choose_or_win_is_named() -> None:
    dear = drafted(Kind.BASKET, Way.GREEDY, theme_budget={"Groen": 2_000_00}, budget=9_000_00)
    assert any("niemand dit kiezen" in str(each.why) for each in check(dear))
    hollow = drafted(Kind.APPROVE, Way.GREEDY, theme_caps={"Groen": 1_00})
    assert any("niets winnen" in str(each.why) for each in check(hollow))
    wide = drafted(Kind.APPROVE, Way.GREEDY, theme_caps={"Groen": 99_000_00})
    assert any("meer dan er te verdelen is" in str(each.why) for each in check(wide))


def test_capitals_make_no_other_theme() -> None:
    lines = [("", Line("Bank", 100, "Groen", "Noord")), ("", Line("Boom", 100, "groen", "NOORD"))]
    draft = with_options(Draft("q1"), lines)
    assert (draft.themes, draft.places) == (("Groen",), ("Noord",))
