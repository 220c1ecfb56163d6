"""The form of a paper: what is filled in becomes marks and back, and every letter has an order of its own."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballots import marks, paper
from ballots.marks import Filled
from ballots.paper import BLANK, YES_NO_OPTIONS, Kind, Option, Points, Problem, Question
from tests.trust.helpers import PAPERS, answers

Fields = dict[str, list[str]]


@st.composite
def questions(draw: st.DrawFn) -> Question:
    """Any small question: of each kind, with limits of every sort."""
    ids = draw(
        st.lists(
            st.sampled_from(["a", "b-1", "c/d", "e.f", "g_", "1", "2"]), min_size=1, max_size=4, unique=True
        )
    )
    options = tuple(
        Option(id, id.upper(), draw(st.integers(0, 50)), draw(st.sampled_from(["", "T", "U"]))) for id in ids
    )
    kind = draw(st.sampled_from(Kind))
    least = draw(st.integers(0, len(ids)))
    most = draw(st.integers(max(1, least), len(ids)))
    shuffled = draw(st.booleans())
    if kind in (Kind.YES_NO, Kind.CHOOSE_ONE):
        return Question("?", kind, YES_NO_OPTIONS if kind is Kind.YES_NO else options, shuffled=shuffled)
    if kind is Kind.POINTS:
        sum = draw(st.integers(1, 5))
        each = draw(st.integers(1, sum))
        points = Points(sum, draw(st.integers(1, min(sum, each * most))), each)
        return Question("?", kind, options, min(least, 1), most, points=points, shuffled=shuffled)
    budget = draw(st.integers(0, 150)) if kind is Kind.BASKET else None
    theme_most = {"T": draw(st.integers(0, 3))} if kind in (Kind.APPROVE, Kind.BASKET) else {}
    return Question("?", kind, options, least, most, budget, theme_most, shuffled=shuffled)


def sent(question: Question, form: Filled, number: int = 1) -> Fields:
    """Return the fields a browser sends when a form stands like this."""
    fields: Fields = {f"q{number}": list(form.picked)}
    if question.kind in marks.TYPED:
        none = "0" if question.kind is Kind.RANKING else ""
        fields |= {f"q{number}-{each.id}": [form.typed.get(each.id, none)] for each in question.options}
    return fields


@given(questions(), st.integers(1, 12))
def test_every_answer_goes_through_the_form_and_back(question: Question, number: int) -> None:
    for answer in answers(question):
        form = marks.filled(question, answer)
        assert marks.marks_of(question, form) == (answer, ())
        read = marks.taken(question, number, sent(question, form, number))
        given, problems = marks.marks_of(question, read)
        assert not problems
        assert paper.marking(question, given) == paper.marking(question, answer)


@given(questions())
def test_a_whole_marking_in_one_field_is_the_same_answer(question: Question) -> None:
    for answer in answers(question):
        text = paper.marking(question, answer)
        form = marks.taken(question, 2, {"q2": [text.ljust(40)]})
        given, problems = marks.marks_of(question, form)
        assert not problems
        assert paper.marking(question, given) == text


texts = st.sampled_from(["", "0", "00", "1", "2", "03", " 2 ", "9", "-1", "1,5", "x", "²", "9" * 12, BLANK])


@given(questions(), st.data())
def test_what_is_named_wrong_is_no_answer_and_the_rest_is(question: Question, data: st.DataObject) -> None:
    ids = [option.id for option in question.options]
    fields: Fields = {"q1": data.draw(st.lists(st.sampled_from([*ids, BLANK, "", "x"]), max_size=3))}
    fields |= {f"q1-{id}": [data.draw(texts)] for id in data.draw(st.lists(st.sampled_from(ids)))}
    form = marks.taken(question, 1, fields)
    given, problems = marks.marks_of(question, form)
    if not problems:
        assert paper.marking(question, given)
    elif not {each.kind for each in problems} & {"no-place", "same-place", "gap"}:
        assert problems == paper.check(question, given)
    else:
        assert question.kind is Kind.RANKING
        assert all(each.option in form.typed for each in problems)


def ranking(**places: str) -> tuple[Problem, ...]:
    options = tuple(Option(id, id) for id in "abcd")
    form = Filled(typed=places)
    return marks.marks_of(Question("?", Kind.RANKING, options, 1, 3), form)[1]


@pytest.mark.parametrize(
    ("places", "problems"),
    [
        ({}, (Problem("nothing"),)),
        ({"a": "1", "c": "2"}, ()),
        ({"a": "3", "b": "1", "c": "2"}, ()),
        ({"a": "x"}, (Problem("no-place", option="a"),)),
        ({"a": "2", "b": "2"}, (Problem("same-place", 2, "a"), Problem("same-place", 2, "b"))),
        ({"a": "1", "b": "3", "c": "3"}, (Problem("same-place", 3, "b"), Problem("same-place", 3, "c"))),
        ({"b": "2"}, (Problem("gap", 1, "b"),)),
        ({"a": "1", "b": "3"}, (Problem("gap", 2, "b"),)),
        ({"a": "2", "b": "5"}, (Problem("gap", 1, "a"), Problem("gap", 3, "b"))),
        ({"a": "1", "b": "2", "c": "3", "d": "4"}, (Problem("too-many", 1),)),
    ],
)
def test_places(places: dict[str, str], problems: tuple[Problem, ...]) -> None:
    assert ranking(**places) == problems


@pytest.mark.parametrize(
    ("typed", "given", "problems"),
    [
        ({"bomen": "4", "x": " 06 "}, ("bomen:4", "x:6"), ()),
        ({"bomen": "10", "x": "0"}, ("bomen:10",), ()),
        ({"bomen": "1,5"}, ("bomen:1,5",), (Problem("no-points", option="bomen"),)),
        ({"bomen": "-1"}, ("bomen:-1",), (Problem("no-points", option="bomen"),)),
        ({"bomen": "9", "x": "4"}, ("bomen:9", "x:4"), (Problem("too-many-points", 3),)),
        ({"bomen": "2"}, ("bomen:2",), (Problem("too-few-points", 7),)),
    ],
)
def test_points(typed: dict[str, str], given: tuple[str, ...], problems: tuple[Problem, ...]) -> None:
    fields = {f"q1-{id}": [text] for id, text in typed.items()}
    form = marks.taken(PAPERS["points"], 1, fields)
    assert marks.marks_of(PAPERS["points"], form) == (given, problems)


def test_blanco_beside_anything_is_mixed() -> None:
    for name in ("points", "ranking"):
        form = Filled((BLANK,), {"bomen": "2", "x": "2"})
        assert marks.marks_of(PAPERS[name], form)[1] == (Problem("mixed"),)


# The order of the page


@given(questions(), st.integers(1, 4), st.binary(min_size=32, max_size=32))
def test_the_order_is_the_letters_own_and_themes_stay_together(
    question: Question, number: int, seed: bytes
) -> None:
    shown = marks.themes(question, number, seed)
    assert shown == marks.themes(question, number, seed)
    options = [option for _, each in shown for option in each]
    assert Counter(options) == Counter(question.options)
    assert all(option.theme == theme for theme, each in shown for option in each)
    assert "" not in [theme for theme, _ in shown][:-1]
    if not question.shuffled:
        assert shown == marks.themes(question)


def test_no_option_profits_from_its_place() -> None:
    question = Question("?", Kind.RANKING, tuple(Option(id, id) for id in "abcd"), 1, 4, shuffled=True)
    firsts = Counter(
        marks.themes(question, 1, bytes([n, m]))[0][1][0].id for n in range(64) for m in range(64)
    )
    assert all(abs(firsts[id] - 1024) < 100 for id in "abcd")  # the same counts at every run
    orders = [marks.themes(question, number, b"letter") for number in range(1, 6)]
    assert len({str(order) for order in orders}) > 1
    assert marks.themes(question) == [("", question.options)]


@pytest.mark.parametrize("kind", [Kind.CHOOSE_ONE, Kind.APPROVE, Kind.RANKING])
def test_a_question_of_which_nothing_need_be_chosen_may_be_left_open(kind: Kind) -> None:
    options = (Option("a", "A"), Option("b", "B"))
    optional, needed = (Question("?", kind, options, least, 1) for least in (0, 1))
    assert marks.marks_of(optional, Filled()) == ((BLANK,), ())
    assert marks.marks_of(optional, Filled((BLANK,))) == ((BLANK,), ())
    assert marks.marks_of(optional, Filled(("x",)))[1] == (Problem("unknown", option="x"),)
    assert marks.marks_of(needed, Filled()) == ((), (Problem("nothing"),))
