"""Every kind of step has its sentence: those of the tables, and those of real counts by every rule."""

import re
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from ballots import counting, explain
from ballots.counting import count, enough
from ballots.counting.channels import ChannelRule, Part
from ballots.counting.count import Rule, WeighedRule
from ballots.counting.equal_shares import Completion, EqualSharesRule, Utility
from ballots.counting.greedy import GreedyRule, Leftover
from ballots.counting.majority import Base, Majority, MajorityRule, MissedQuorum, Quorum
from ballots.counting.plurality import PluralityRule
from ballots.counting.ranked import Method, RankedRule
from ballots.explaining.view import Result, State
from ballots.paper import BLANK, YES_NO_OPTIONS, Kind, Option, Points, Question

ROOM = Path(counting.__path__[0])
FAMILIES = {
    "outcome.py": (explain.BUDGET, explain.YES_NO),
    "plurality.py": (explain.CHOICE,),
    "equal_shares.py": (explain.SHARES,),
    "ranked.py": (explain.RUN_OFF, explain.SCHULZE),
}
RARE = {"stopped"}  # more possible lots than can be followed; `test_explain_budget.py` counts one


def kinds_told(text: str) -> set[str]:
    """Return the kinds of step in the tables of a file's docstring."""
    tables = re.findall(r"^\| kind \| option \| values \|\n\|[-|]+\|\n((?:\|.*\n)+)", text, re.M)
    rows = [row.split("|")[1] for table in tables for row in table.splitlines()]
    return {kind for row in rows for kind in re.findall(r"`([^`]+)`", row)}


TABLES = {path.name: kinds_told(path.read_text()) for path in sorted(ROOM.glob("*.py"))}


def test_every_kind_in_a_table_has_a_sentence_in_its_family() -> None:
    assert set(FAMILIES) | {"channels.py"} <= {name for name, kinds in TABLES.items() if kinds}
    for name, kinds in TABLES.items():
        known = {kind for family in FAMILIES.get(name, explain.FAMILIES) for kind in family.sentences}
        assert not kinds - known, name


# -- real counts by every rule -----------------------------------------------------------------------

IDS = "abcde"
SHARES = (Fraction(0), Fraction(1, 5), Fraction(1, 2))


@st.composite
def papers(draw: st.DrawFn) -> Question:
    kind = draw(st.sampled_from([Kind.CHOOSE_ONE, Kind.APPROVE, Kind.POINTS, Kind.RANKING]))
    size = draw(st.integers(1, 5))
    options = tuple(
        Option(
            id,
            f"Plan {id}",
            draw(st.integers(0, 6)) * 100,
            draw(st.sampled_from(["", "groen"])),
            draw(st.sampled_from(["", "noord"])),
        )
        for id in IDS[:size]
    )
    points = Points(6, 1, 6) if kind is Kind.POINTS else None
    return Question("Welke?", kind, options, 1, 1 if kind is Kind.CHOOSE_ONE else size, points=points)


def marking(draw: st.DrawFn, question: Question) -> str:
    ids = [option.id for option in question.options]
    some = draw(st.lists(st.sampled_from(ids), max_size=question.most, unique=True))
    if not some:
        return BLANK
    if question.kind is Kind.POINTS:
        return ",".join(f"{id}:{draw(st.integers(1, 3))}" for id in some)
    return ",".join(some if question.kind is Kind.RANKING else sorted(some))


@st.composite
def boxes(draw: st.DrawFn, question: Question) -> dict[str, list[tuple[str, int]]]:
    names = draw(st.sampled_from([("web",), ("web", "paper"), ("paper",)]))
    return {
        name: [(marking(draw, question), draw(st.integers(1, 4))) for _ in range(draw(st.integers(0, 6)))]
        for name in names
    }


def greedy_rules() -> st.SearchStrategy[GreedyRule]:
    money = st.integers(0, 12).map(lambda n: n * 100)
    return st.builds(
        lambda budget, theme, place, leftover, keys, skip, threshold: GreedyRule(
            budget,
            {} if theme is None else {"groen": theme},
            {} if place is None else {"noord": place},
            leftover if skip else Leftover.PART,
            keys,
            skip,
            threshold,
        ),
        money,
        st.none() | money,
        st.none() | money,
        st.sampled_from(Leftover),
        st.sampled_from([(), ("lower-cost",)]),
        st.booleans(),
        st.integers(0, 3),
    )


def plurality_rules() -> st.SearchStrategy[PluralityRule]:
    return st.builds(
        PluralityRule,
        st.sampled_from(Quorum),
        st.sampled_from(SHARES),
        st.booleans(),
        st.sampled_from(MissedQuorum),
        st.sampled_from([(), ("paper-order",)]),
    )


def weighed(rule: PluralityRule | GreedyRule) -> WeighedRule:
    weights = {"web": Fraction(1, 3), "paper": Fraction(2, 3)}
    return WeighedRule(rule, ChannelRule(weights, Part.BALLOTS))


def rules(kind: Kind) -> st.SearchStrategy[Rule]:
    """Return the rules that can count this kind of paper."""
    scores = plurality_rules() | greedy_rules()
    shares = st.builds(
        EqualSharesRule,
        st.integers(0, 12).map(lambda n: n * 100),
        st.sampled_from(Utility),
        st.sampled_from(Completion),
        st.just(100),
        st.sampled_from([(), ("lower-cost",)]),
    )
    ranked = st.builds(RankedRule, st.sampled_from(Method))
    every: Mapping[type, st.SearchStrategy[Rule]] = {
        PluralityRule: scores,
        WeighedRule: scores.map(weighed),
        EqualSharesRule: shares,
        RankedRule: ranked,
    }
    fitting = [rule for type, rule in every.items() if type is WeighedRule or kind in count.FITS[type]]
    return st.one_of(fitting)


def fits(question: Question, rule: Rule) -> bool:
    try:
        count.check(question, rule)
    except count.RuleUnfit:
        return False
    return True


def check(result: Result) -> None:
    """See that a result is finished Dutch, and that nobody is left without a reason."""
    text = explain.as_text(result)
    assert "%(" not in text
    assert "None" not in text
    assert max(map(len, text.splitlines())) <= 100
    assert result.headline
    for row in result.rows:
        assert 0 <= row.bar <= 100
        assert row.why or not row.verdict or row.score in ("0", "0,0%"), "no reason given"
        assert row.why or not row.more, "the sums without what they are of"
        why = " ".join(row.why)
        assert "geen geld" not in why or row.state is State.LOST, why
        gets = re.search(r"krijgt (alsnog )?geld|krijgt wat|^Paste meteen|Kreeg geld|betaald", why)
        assert not gets or row.state in (State.WON, State.PART), why


def of(kind: Kind, **costs: int) -> Question:
    """`a_groen=600`: an option a in the theme groen that costs 600."""
    names = [name.partition("_") for name in costs]
    options = tuple(
        Option(id, f"Plan {id}", cost, theme)
        for (id, _, theme), cost in zip(names, costs.values(), strict=True)
    )
    return Question("Welke?", kind, options, 1, len(options))


def a_run_off(**rankings: int) -> tuple[Question, Rule, list[tuple[str, int]]]:
    question = of(Kind.RANKING, a=0, b=0, c=0, d=0)
    return question, RankedRule(Method.RUN_OFF), [(text.replace("_", ","), n) for text, n in rankings.items()]


# What small ballots that are drawn blindly seldom show.
SELDOM: tuple[tuple[Question, Rule, list[tuple[str, int]]], ...] = (
    (  # whoever of a and b wins, c does not fit: in the theme, or in the budget
        of(Kind.APPROVE, a_groen=600, b=900, c_groen=500),
        GreedyRule(1200, {"groen": 700}, {}, Leftover.NONE, ()),
        [("a", 2), ("b", 2), ("c", 1)],
    ),
    (  # c fits after a only
        of(Kind.APPROVE, a=600, b=900, c=500),
        GreedyRule(1200, {}, {}, Leftover.NONE, ()),
        [("a", 2), ("b", 2), ("c", 1)],
    ),
    (  # b fits in the budget, not in the theme
        of(Kind.APPROVE, a_groen=600, b_groen=500),
        GreedyRule(1200, {"groen": 700}, {}, Leftover.NONE, ()),
        [("a", 2), ("b", 1)],
    ),
    a_run_off(a=8, b=4, c_a=2, d_a=2),
)


def test_every_count_has_its_words() -> None:
    """Count all sorts of small ballots by every rule; together they show every kind of step."""
    seen: set[str] = set()
    for question, rule, box in SELDOM:
        outcome = count.count(question, rule, {"web": box}, 60)
        seen.update(step.kind for step in outcome.steps)
        check(explain.result(outcome, question, rule=rule))

    @settings(max_examples=600)
    @given(st.data())
    def tell(data: st.DataObject) -> None:
        question = data.draw(papers())
        rule = data.draw(rules(question.kind))
        if not fits(question, rule):
            return
        drawn = data.draw(st.lists(st.permutations([o.id for o in question.options]), max_size=1))
        outcome = count.count(question, rule, data.draw(boxes(question)), 60, drawn)
        seen.update(step.kind for step in outcome.steps)
        assert len(explain.sentences(outcome, question)) == len(outcome.steps)
        short = None
        if isinstance(rule, GreedyRule):
            greedy_rule = rule

            def short(id: str) -> int | None:
                return enough.votes_short(
                    question.options, outcome.votes, greedy_rule, id, outcome.score, drawn
                )

        check(explain.result(outcome, question, enough=short, rule=rule))

    @settings(max_examples=200)
    @given(
        st.integers(0, 20),
        st.integers(0, 20),
        st.integers(0, 5),
        st.builds(
            MajorityRule,
            st.sampled_from(Majority),
            st.sampled_from(Base),
            st.booleans(),
            st.sampled_from(Quorum),
            st.sampled_from(SHARES),
            st.booleans(),
            st.sampled_from(MissedQuorum),
        ),
    )
    def tell_yes_no(voor: int, tegen: int, blank: int, rule: MajorityRule) -> None:
        question = Question("Mag het?", Kind.YES_NO, YES_NO_OPTIONS)
        box = [("voor", voor), ("tegen", tegen), (BLANK, blank)]
        outcome = count.count(question, rule, {"web": box}, 60)
        seen.update(step.kind for step in outcome.steps)
        assert len(explain.sentences(outcome, question)) == len(outcome.steps)
        check(explain.result(outcome, question, rule=rule))

    tell()
    tell_yes_no()
    assert set().union(*TABLES.values()) - seen <= RARE
    assert "lot" in seen
