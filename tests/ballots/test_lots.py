"""Lots drawn in public: recorded once, with witnesses, and the outcome follows them."""

import json
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from ballots import casting, lots, polls, published
from ballots.counting.count import Rule, RuleUnfit
from ballots.counting.greedy import GreedyRule, Leftover
from ballots.counting.plurality import PluralityRule
from ballots.counting.ranked import Method, RankedRule
from ballots.database import db
from ballots.definition import Terms
from ballots.pabulib import reading, recount
from ballots.paper import Kind, Option, Question
from ballots.refusals import NotClosed, NoTie, WitnessesMissing
from ballots.vault import Vault
from tests.conftest import START, Held, close_poll, hold, put, yes_no
from tests.trust.helpers import dump

pytestmark = pytest.mark.both

PLANS = tuple(Option(id, f"Plan {id}", 10_00) for id in "abcd")
GREEDY = GreedyRule(20_00, {}, {}, Leftover.NONE, ())
WITNESSES = ["Jo Bos", "Mehmet Y\u0131ld\u0131z"]


def terms(kind: Kind, rule: Rule, most: int = 4) -> Terms:
    question = Question("Welke?", kind, PLANS, 1, most)
    return replace(yes_no(), questions=(question,), rules=(rule,), floor=0)


def voted(vault: Vault, asked: Terms, *markings: str) -> Held:
    """Return a closed poll in which these markings were cast."""
    held = hold(vault, asked, len(markings) + 1)
    for n, marking in enumerate(markings):
        poll, p = casting.find(db.session, held.codes[n])
        put(poll, p, [marking.split(",")], bytes([n]) * 32, START)
    close_poll(held.poll, held.poll.closes)
    return held


def draw(held: Held, drawn: str, witnesses: list[str] = WITNESSES) -> None:
    lots.draw(db.session, held.poll, 1, list(drawn), witnesses, held.poll.closes)


def test_a_lot_decides_and_the_next_tie_comes_up(app: Flask, vault: Vault) -> None:
    held = voted(vault, terms(Kind.APPROVE, GREEDY), "a,b,c", "a,b,c", "d")
    (outcome,) = polls.outcomes(db.session, held.poll)
    assert (outcome.winners, outcome.ties) == ((), (("a", "b", "c"),))
    draw(held, "cab")
    (outcome,) = polls.outcomes(db.session, held.poll)
    assert (outcome.winners, outcome.ties) == (("c", "a"), ())
    assert (outcome.steps[0].kind, outcome.steps[0].values["options"]) == ("lot", "c,a,b")
    with pytest.raises(NoTie):
        draw(held, "abc")
    recorded = json.loads(published.files(db.session, held.poll)["lots.json"])
    assert recorded == [
        {
            "question": 1,
            "drawn": ["c", "a", "b"],
            "witnesses": WITNESSES,
            "at": held.poll.closes.isoformat(),
        }
    ]


@pytest.mark.parametrize(
    ("kind", "rule", "markings"),
    [
        (Kind.APPROVE, PluralityRule(), ("a,b", "a,b", "c")),
        (Kind.RANKING, RankedRule(Method.RUN_OFF), ("a,b", "b,a")),
        (Kind.RANKING, RankedRule(Method.SCHULZE), ("a,b", "b,a")),
    ],
)
@pytest.mark.parametrize("drawn", ["ab", "ba"])
def test_the_first_drawn_is_the_lucky_one(
    app: Flask, vault: Vault, kind: Kind, rule: Rule, markings: tuple[str, ...], drawn: str
) -> None:
    held = voted(vault, terms(kind, rule), *markings)
    (outcome,) = polls.outcomes(db.session, held.poll)
    assert (outcome.winners, [set(tie) for tie in outcome.ties]) == ((), [{"a", "b"}])
    draw(held, drawn)
    (outcome,) = polls.outcomes(db.session, held.poll)
    assert (outcome.winners, outcome.ties) == ((drawn[0],), ())


@pytest.mark.parametrize("drawn", ["", "ab", "abcd", "aabc", "abx"])
def test_only_what_is_tied_is_drawn(app: Flask, vault: Vault, drawn: str) -> None:
    held = voted(vault, terms(Kind.APPROVE, GREEDY), "a,b,c", "a,b,c", "d")
    before = dump(db.engine)
    with pytest.raises(NoTie):
        draw(held, drawn)
    assert dump(db.engine) == before


@pytest.mark.parametrize("witnesses", [[], ["Jo Bos"], ["Jo Bos", " ", ""], ["Jo Bos", "Jo Bos "]])
def test_two_people_saw_it(app: Flask, vault: Vault, witnesses: list[str]) -> None:
    held = voted(vault, terms(Kind.APPROVE, GREEDY), "a,b,c")
    before = dump(db.engine)
    with pytest.raises(WitnessesMissing):
        draw(held, "abc", witnesses)
    assert dump(db.engine) == before


def test_not_before_the_count(app: Flask, held: Held) -> None:
    with pytest.raises(NotClosed):
        draw(held, "ab")


def test_a_lot_is_never_drawn_again(app: Flask, vault: Vault) -> None:
    held = voted(vault, terms(Kind.APPROVE, GREEDY), "a,b,c")
    draw(held, "cab")
    for change in ("UPDATE lot SET drawn = '[]'", "DELETE FROM lot"):
        with pytest.raises(DatabaseError, match="never changed"):
            db.session.execute(text(change))
        db.session.rollback()


def test_a_rule_that_cannot_count_the_paper_is_not_frozen(app: Flask, vault: Vault) -> None:
    before = dump(db.engine)
    for kind, rule in [
        (Kind.APPROVE, RankedRule(Method.SCHULZE)),
        (Kind.RANKING, yes_no().rules[0]),
        (Kind.APPROVE, yes_no().rules[0]),
    ]:
        with pytest.raises(RuleUnfit):
            hold(vault, terms(kind, rule))
    assert dump(db.engine) == before


def test_what_was_cast_can_be_counted_with_other_programs(app: Flask, vault: Vault) -> None:
    """The question in the format of the field counts to the same, and tells nothing of who came first."""
    held = voted(vault, terms(Kind.APPROVE, replace(GREEDY, budget=30_00)), "a,b,c", "a,b", "a", "blanco")
    data = published.files(db.session, held.poll)["question-1.pb"]
    counted = recount.count(reading.read(data))
    (outcome,) = polls.outcomes(db.session, held.poll)
    assert counted.outcome.winners == outcome.winners == ("a", "b", "c")
    assert dict(counted.outcome.votes) == {"a": 3, "b": 2, "c": 1, "d": 0}
    assert counted.remarks == ()


def test_a_yes_no_question_has_no_place_in_that_format(held: Held) -> None:
    close_poll(held.poll, held.poll.closes)
    assert not [name for name in published.files(db.session, held.poll) if name.endswith(".pb")]
