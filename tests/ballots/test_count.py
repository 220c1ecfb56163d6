"""Any rule on any paper it fits: checked beforehand, counted by channel and together, ties drawn."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballots import paper
from ballots.counting import count as counting
from ballots.counting.channels import ChannelRule, Part
from ballots.counting.count import FITS, Rule, RuleUnfit, WeighedRule, count
from ballots.counting.equal_shares import Completion, EqualSharesRule, Utility
from ballots.counting.greedy import GreedyRule, Leftover
from ballots.counting.majority import Base, Majority, MajorityRule, MissedQuorum, Quorum
from ballots.counting.outcome import as_json
from ballots.counting.plurality import PluralityRule
from ballots.counting.ranked import Method, RankedRule
from ballots.paper import BLANK, YES_NO_OPTIONS, Kind, Option, Points, Question

PLANS = (Option("a", "A", 40), Option("b", "B", 30), Option("c", "C", 30), Option("d", "D", 10))
PAPERS = {
    Kind.YES_NO: Question("?", Kind.YES_NO, YES_NO_OPTIONS),
    Kind.CHOOSE_ONE: Question("?", Kind.CHOOSE_ONE, PLANS),
    Kind.APPROVE: Question("?", Kind.APPROVE, PLANS, 1, 3),
    Kind.BASKET: Question("?", Kind.BASKET, PLANS, 1, 4, budget=70),
    Kind.POINTS: Question("?", Kind.POINTS, PLANS, 1, 4, points=Points(3, 1, 2)),
    Kind.RANKING: Question("?", Kind.RANKING, PLANS, 1, 3),
}
MARKS = {
    Kind.YES_NO: ["voor", "tegen", BLANK],
    Kind.CHOOSE_ONE: ["a", "b", "c", "d", BLANK],
    Kind.APPROVE: ["a", "a,b", "b,c,d", "c,d", BLANK],
    Kind.BASKET: ["a,b", "b,c,d", "d", "a,d", BLANK],
    Kind.POINTS: ["a:2,b:1", "b:2", "c:1,d:2", "d:1", BLANK],
    Kind.RANKING: ["a,b,c", "b", "d,c,b", "c,a", BLANK],
}
HALVES = {"web": Fraction(1, 2), "paper": Fraction(1, 2)}
MAJORITY = MajorityRule(
    Majority.SIMPLE, Base.VOTES, False, Quorum.NONE, Fraction(0), False, MissedQuorum.REASONS
)
GREEDY = GreedyRule(70, {}, {}, Leftover.NONE, ())
RULES: list[Rule] = [
    MAJORITY,
    PluralityRule(),
    GREEDY,
    replace(GREEDY, leftover=Leftover.PART),
    EqualSharesRule(70, Utility.COST, Completion.ADD1U, 1),
    RankedRule(Method.RUN_OFF),
    RankedRule(Method.SCHULZE),
    WeighedRule(PluralityRule(), ChannelRule(HALVES, Part.BALLOTS)),
    WeighedRule(GREEDY, ChannelRule(HALVES, Part.VOTES)),
]


def fits(kind: Kind, rule: Rule) -> bool:
    if not isinstance(rule, WeighedRule):
        return kind in FITS[type(rule)]
    # of ballots, an option can only be a part where it stands on a ballot once
    parts = rule.channels.part is Part.VOTES or kind not in (Kind.POINTS, Kind.RANKING)
    return parts and kind in FITS[type(rule.rule)]


FITTING = [(kind, rule) for kind in Kind for rule in RULES if fits(kind, rule)]
cases = st.sampled_from(FITTING).flatmap(
    lambda case: st.tuples(
        st.just(case),
        st.dictionaries(
            st.sampled_from(["web", "paper"]),
            st.lists(st.sampled_from(MARKS[case[0]]), min_size=1, max_size=12),
            min_size=1,
        ),
    )
)


def boxes(cast: Mapping[str, list[str]]) -> dict[str, list[tuple[str, int]]]:
    return {channel: list(Counter(markings).items()) for channel, markings in cast.items()}


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
def test_which_rule_goes_with_which_paper(kind: Kind, rule: Rule) -> None:
    if fits(kind, rule):
        counting.check(PAPERS[kind], rule)
    else:
        with pytest.raises(RuleUnfit):
            counting.check(PAPERS[kind], rule)


def test_every_paper_has_a_rule_and_every_rule_a_paper() -> None:
    assert {kind for kind, _ in FITTING} == set(Kind)
    assert {type(rule) for _, rule in FITTING} == {type(rule) for rule in RULES}
    for kind, markings in MARKS.items():
        for marking in markings:
            assert paper.marking(PAPERS[kind], paper.chosen(marking) or (BLANK,)) == marking


@given(cases)
def test_votes_are_the_ballots_whatever_the_rule(
    case: tuple[tuple[Kind, Rule], dict[str, list[str]]],
) -> None:
    (kind, rule), cast = case
    outcome = count(PAPERS[kind], rule, boxes(cast), 100)
    expected: Counter[str] = Counter()
    for markings in cast.values():
        for marking in markings:
            expected.update([mark.split(":")[0] for mark in paper.chosen(marking)] or [BLANK])
    assert {id: n for id, n in outcome.votes.items() if n} == dict(expected)
    if len(cast) > 1:
        assert set(outcome.channels) == set(cast)
        for id, n in outcome.votes.items():
            assert sum(votes.get(id, 0) for votes in outcome.channels.values()) == n
    else:
        assert outcome.channels == {}
    as_json(outcome)


@given(cases)
def test_anonymity_only_how_often_counts(case: tuple[tuple[Kind, Rule], dict[str, list[str]]]) -> None:
    (kind, rule), cast = case
    singly = {channel: [(marking, 1) for marking in reversed(box)] for channel, box in cast.items()}
    assert as_json(count(PAPERS[kind], rule, boxes(cast), 100)) == as_json(
        count(PAPERS[kind], rule, singly, 100)
    )


@given(cases)
def test_a_box_may_be_read_once_only(case: tuple[tuple[Kind, Rule], dict[str, list[str]]]) -> None:
    (kind, rule), cast = case
    streams = {channel: iter(box) for channel, box in boxes(cast).items()}
    assert count(PAPERS[kind], rule, streams, 100) == count(PAPERS[kind], rule, boxes(cast), 100)


@given(cases, st.randoms(use_true_random=False))
def test_drawing_lots_ends_every_tie(
    case: tuple[tuple[Kind, Rule], dict[str, list[str]]], random: object
) -> None:
    (kind, rule), cast = case
    lots: list[list[str]] = []
    first = outcome = count(PAPERS[kind], rule, boxes(cast), 100)
    while outcome.ties:
        lot = list(outcome.ties[0])
        random.shuffle(lot)  # type: ignore[attr-defined]
        lots.append(lot)
        assert len(lots) <= len(PLANS), "every lot parts something"
        outcome = count(PAPERS[kind], rule, boxes(cast), 100, lots)
        assert set(first.winners) <= set(outcome.winners)
        assert [step.values["options"] for step in outcome.steps if step.kind == "lot"] == [
            ",".join(lot) for lot in lots
        ]


def test_paper_and_web_each_for_half() -> None:
    """Two on paper weigh as much as six online: of equal weight, so the option of the paper wins nothing lost."""
    cast = {"web": [("a", 5), ("b", 1)], "paper": [("b", 2)]}
    rule = WeighedRule(PluralityRule(), ChannelRule(HALVES, Part.BALLOTS))
    outcome = count(PAPERS[Kind.CHOOSE_ONE], rule, cast, 100)
    assert outcome.score == {"a": Fraction(5, 12), "b": Fraction(7, 12), "c": 0, "d": 0}
    assert outcome.winners == ("b",)
    assert outcome.votes == {"a": 5, "b": 3, "c": 0, "d": 0, BLANK: 0}
    alone = count(PAPERS[Kind.CHOOSE_ONE], rule, {"web": cast["web"]}, 100)
    assert alone.winners == ("a",)


def test_points_and_places_are_scores() -> None:
    rule: Rule = PluralityRule()
    by_points = count(PAPERS[Kind.POINTS], rule, {"web": [("a:2,b:1", 2), ("b:2", 1)]}, 100)
    assert (by_points.votes["a"], by_points.score["a"]) == (2, 4)
    assert (by_points.votes["b"], by_points.score["b"]) == (3, 4)
    places = count(PAPERS[Kind.RANKING], rule, {"web": [("a,b,c", 2), ("b", 3)]}, 100)
    assert places.score == {"a": 6, "b": 13, "c": 2, "d": 0}
    assert places.winners == ("b",)


def test_a_quorum_counts_ballots_not_crosses() -> None:
    """Three voters who approve of three plans each are three voters."""
    rule = PluralityRule(Quorum.TURNOUT, Fraction(1, 2), True, MissedQuorum.BARS)
    for letters, met in ((6, True), (7, False)):
        outcome = count(PAPERS[Kind.APPROVE], rule, {"web": [("b,c,d", 2), (BLANK, 1)]}, letters)
        assert outcome.quorum_met is met


@pytest.mark.parametrize(
    ("question", "rule"),
    [
        (
            PAPERS[Kind.APPROVE],
            WeighedRule(PluralityRule(), ChannelRule({"web": Fraction(1)}, Part.BALLOTS)),
        ),
        (
            PAPERS[Kind.APPROVE],
            WeighedRule(replace(GREEDY, threshold=10), ChannelRule(HALVES, Part.BALLOTS)),
        ),
        (PAPERS[Kind.POINTS], WeighedRule(PluralityRule(), ChannelRule(HALVES, Part.BALLOTS))),
        (replace(PAPERS[Kind.APPROVE], options=(Option("a", "A", -5), Option("b", "B", 1)), most=2), GREEDY),
        (replace(PAPERS[Kind.APPROVE], options=(Option("a", "A", Fraction(1, 2)),), most=1), GREEDY),
    ],
)
def test_what_could_not_be_counted_is_not_frozen(question: Question, rule: Rule) -> None:
    with pytest.raises(RuleUnfit):
        counting.check(question, rule)


@pytest.mark.parametrize(
    "question",
    [
        replace(PAPERS[Kind.BASKET], least=3, budget=60),
        replace(PAPERS[Kind.RANKING], least=0, most=0),
        replace(PAPERS[Kind.POINTS], least=4),
        replace(
            PAPERS[Kind.APPROVE],
            options=tuple(replace(option, theme="Groen") for option in PLANS),
            least=2,
            theme_most={"Groen": 1},
        ),
    ],
)
def test_a_paper_that_nobody_can_fill_in_is_not_frozen(question: Question) -> None:
    with pytest.raises(counting.NobodyCanAnswer):
        counting.check(question, PluralityRule() if question.kind is not Kind.BASKET else GREEDY)
