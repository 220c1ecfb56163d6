"""What is frozen: one byte form, read back to the same, hashed so that `sha256sum` shows it."""

import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballots import keys
from ballots.counting.channels import ChannelRule, Part
from ballots.counting.count import WeighedRule
from ballots.counting.equal_shares import Completion, EqualSharesRule, Utility
from ballots.counting.greedy import GreedyRule, Leftover
from ballots.counting.majority import Base, Majority, MajorityRule, MissedQuorum, Quorum
from ballots.counting.plurality import PluralityRule
from ballots.counting.ranked import Method, RankedRule
from ballots.definition import Custody, Definition, Terms, Text, canonical, decode, digest, shown
from ballots.keys import Keys
from ballots.paper import YES_NO_OPTIONS, Kind, Option, Points, Question

ROOT = Path(__file__).parents[2]

texts = st.text(st.characters(codec="utf-8"), max_size=20)
money = st.one_of(st.integers(0, 10**9), st.fractions(min_value=0, max_value=10**6))
majority_rules = st.builds(
    MajorityRule,
    st.sampled_from(Majority),
    st.sampled_from(Base),
    st.booleans(),
    st.sampled_from(Quorum),
    st.fractions(min_value=0, max_value=1),
    st.booleans(),
    st.sampled_from(MissedQuorum),
)
tie_orders = st.lists(st.sampled_from(["lower-cost", "more-votes", "paper-order"]), unique=True).map(tuple)
greedy_rules = st.builds(
    GreedyRule,
    money,
    st.dictionaries(texts, money, max_size=3),
    st.dictionaries(texts, money, max_size=3),
    st.sampled_from([Leftover.NONE, Leftover.PART]),
    tie_orders,
    st.booleans(),
    money,
)
shares = st.fractions(min_value=0, max_value=1)
plurality_rules = st.builds(
    PluralityRule, st.sampled_from(Quorum), shares, st.booleans(), st.sampled_from(MissedQuorum), tie_orders
)
rules = st.one_of(
    majority_rules,
    plurality_rules,
    greedy_rules,
    st.builds(
        EqualSharesRule,
        money,
        st.sampled_from(Utility),
        st.sampled_from(Completion),
        st.sampled_from([1, 100, Fraction(1, 2)]),
        tie_orders,
    ),
    st.builds(RankedRule, st.sampled_from(Method), tie_orders),
    st.builds(
        WeighedRule,
        st.one_of(plurality_rules, greedy_rules),
        st.builds(
            ChannelRule,
            st.fractions(Fraction(1, 9), Fraction(8, 9)).map(lambda web: {"web": web, "paper": 1 - web}),
            st.sampled_from(Part),
        ),
    ),
)
options = st.builds(Option, st.from_regex(r"[a-z0-9/_.-]{1,8}", fullmatch=True), texts, money, texts, texts)
amounts = st.dictionaries(texts, money, max_size=2)
questions = st.lists(options, min_size=1, max_size=4, unique_by=lambda option: option.id).flatmap(
    lambda made: st.builds(
        lambda limits, text, shuffled: Question(text, options=tuple(made), shuffled=shuffled, **limits),
        st.one_of(
            st.fixed_dictionaries({"kind": st.just(Kind.APPROVE), "least": st.just(0)}),
            st.fixed_dictionaries({"kind": st.just(Kind.RANKING)}),
            st.fixed_dictionaries({"kind": st.just(Kind.BASKET), "budget": money, "theme_budget": amounts}),
            st.fixed_dictionaries(
                {
                    "kind": st.just(Kind.APPROVE),
                    "theme_most": st.dictionaries(texts, st.integers(0, 9), max_size=2),
                }
            ),
            st.fixed_dictionaries({"kind": st.just(Kind.POINTS), "points": st.just(Points(5, 1, 3))}),
        ),
        texts,
        st.booleans(),
    )
)
moments = st.datetimes(
    datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(timezone(timedelta(hours=2)))
)
definitions = st.builds(
    Definition,
    st.binary(min_size=16, max_size=16),
    st.builds(Keys, *[st.binary(min_size=32, max_size=32)] * 3),
    st.builds(
        Terms,
        title=texts,
        questions=st.lists(questions, min_size=1, max_size=3).map(tuple),
        rules=st.lists(rules, min_size=1, max_size=3).map(tuple),
        opens=moments,
        closes=moments,
        closes_text=texts,
        floor=st.integers(0, 100),
        summary=st.lists(texts, max_size=3).map(tuple),
        texts=st.lists(st.builds(Text, texts, texts), max_size=3).map(tuple),
        about=st.dictionaries(texts, texts, max_size=3),
        custody=st.sampled_from(Custody),
        lengthen=st.integers(0, 30),
    ),
    st.lists(st.binary(min_size=32, max_size=32), max_size=4, unique=True).map(
        lambda letters: tuple(sorted(letters))
    ),
)

SMALL = Definition(
    bytes(range(16)),
    keys.public(bytes(range(0x40, 0x60)), bytes(range(0x60, 0x80))),
    Terms(
        title="Speelplek",
        questions=(Question("Bent u vóór?", Kind.YES_NO, YES_NO_OPTIONS),),
        rules=(
            MajorityRule(
                Majority.SIMPLE, Base.VOTES, False, Quorum.TURNOUT, Fraction(1, 5), True, MissedQuorum.BARS
            ),
        ),
        opens=datetime(2026, 6, 1, 12, tzinfo=UTC),
        closes=datetime(2026, 6, 14, 22, 15, 0, 1, tzinfo=UTC),
        closes_text="tot en met zondag 14 juni 2026",
        floor=10,
    ),
    (bytes([255]) * 32, bytes(32)),
)
SMALL_BYTES = (
    '{"keys":{"board":"f3cce7362b14c02147b7a554e28bf2ec5024daeec9a8cd39c7f9cfe646957c76",'
    '"poll":"79a631eede1bf9c98f12032cdeadd0e7a079398fc786b88cc846ec89af85a51a",'
    '"receipt":"ef6b6a693adc7ea7eb7bfbced2c9b58f14580373430824a116d9551fa34fccec"},'
    '"letters":["0000000000000000000000000000000000000000000000000000000000000000",'
    '"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"],'
    '"poll":"000102030405060708090a0b0c0d0e0f","protocol":"wijkstem/1","terms":{"about":{},'
    '"closes":"2026-06-14T22:15:00.000001+00:00","closes_text":"tot en met zondag 14 juni 2026",'
    '"custody":"service","floor":10,"lengthen":0,'
    '"opens":"2026-06-01T12:00:00+00:00","questions":[{"budget":null,"kind":"yes-no","least":1,"most":1,'
    '"options":[{"cost":0,"id":"voor","label":"Voor","place":"","theme":""},'
    '{"cost":0,"id":"tegen","label":"Tegen","place":"","theme":""}],"points":null,"shuffled":false,'
    '"text":"Bent u vóór?","theme_budget":{},"theme_most":{}}],'
    '"rules":[{"base":"votes","blank_in_majority":false,"blank_in_turnout":true,"majority":"simple",'
    '"missed_quorum":"bars","name":"majority","quorum":"turnout","quorum_share":"1/5"}],'
    '"summary":[],"texts":[],"title":"Speelplek"}}'
)


@given(definitions)
def test_round_trip(definition: Definition) -> None:
    data = definition.encode()
    again = decode(data)
    assert again == definition
    assert again.encode() == data
    assert type(again.terms.rules[0]) is type(definition.terms.rules[0])
    assert again.terms.opens.utcoffset() == timedelta(0)


@given(definitions)
def test_is_json_that_anyone_can_read(definition: Definition) -> None:
    read = json.loads(definition.encode())
    assert read["letters"] == sorted(read["letters"])
    assert canonical(read) == definition.encode()


def test_vector() -> None:
    assert SMALL.encode().decode() == SMALL_BYTES
    assert digest(SMALL.encode()) == hashlib.sha256(SMALL_BYTES.encode()).digest()
    said = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
    assert SMALL_BYTES in said
    assert hashlib.sha256(SMALL_BYTES.encode()).hexdigest() in said


def test_order_of_letters_and_facts_makes_no_difference() -> None:
    one = replace(SMALL, terms=replace(SMALL.terms, about={"a": "1", "b": "2"}))
    two = replace(
        SMALL, terms=replace(SMALL.terms, about={"b": "2", "a": "1"}), letters=tuple(reversed(SMALL.letters))
    )
    assert one.encode() == two.encode()


SAME = ("title", "closes_text", "floor", "opens", "closes", "summary", "about")


def test_a_zone_makes_no_difference() -> None:
    terms = replace(SMALL.terms, opens=SMALL.terms.opens.astimezone(timezone(timedelta(hours=2))))
    assert replace(SMALL, terms=terms).encode() == SMALL.encode()


@pytest.mark.parametrize("other", [*SAME, "custody", "lengthen"])
def test_every_change_changes_the_hash(other: str) -> None:
    changed = {
        "title": "Speelplek ",
        "closes_text": "",
        "floor": 9,
        "opens": SMALL.terms.opens + timedelta(microseconds=1),
        "closes": SMALL.terms.closes - timedelta(microseconds=1),
        "summary": ("",),
        "about": {"": ""},
        "custody": Custody.KEYHOLDERS,
        "lengthen": 1,
    }[other]
    terms = replace(SMALL.terms, **{other: changed})  # type: ignore[arg-type]
    assert digest(replace(SMALL, terms=terms).encode()) != digest(SMALL.encode())


def test_same_bytes_in_another_process() -> None:
    """Hash seeds and set orders differ from process to process; the bytes do not."""
    script = (
        "import sys; from ballots.definition import decode; "
        "sys.stdout.buffer.write(decode(sys.stdin.buffer.read()).encode())"
    )
    for hash_seed in ("0", "1"):
        made = subprocess.run(
            [sys.executable, "-c", script],
            input=SMALL.encode(),
            stdout=subprocess.PIPE,
            check=True,
            cwd=ROOT,
            env={"PYTHONHASHSEED": hash_seed},
            timeout=60,
        )
        assert made.stdout == SMALL.encode()


def test_shown_in_groups() -> None:
    printed = shown(digest(SMALL.encode()))
    assert [len(group) for group in printed.split(" ")] == [4] * 16
    assert bytes.fromhex(printed) == digest(SMALL.encode())
