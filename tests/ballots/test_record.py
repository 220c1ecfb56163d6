"""Records: their bytes, their links, and which may follow which."""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ballots import record
from ballots.definition import canonical
from ballots.record import (
    NO_FACTS,
    Facts,
    Kind,
    Problem,
    Record,
    RecordWrong,
    Standing,
    applied,
    decode,
    followed,
    link,
    needed,
    of_closing,
    of_letters,
    of_missing,
    of_pairs,
    sign,
    verify,
)

PROTOCOL = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")
DEFINITION = bytes(range(0x60, 0x80))
H1 = bytes.fromhex("0e816854edc3ad5a133d1e14dca62e30648a06f15d73802e56082e227d05e96c")
H2 = bytes.fromhex("8bf02fe972a5ba8f5d97ff653c2ac6d49bbfa0e874881e265491a92c25549b94")
A, B, C = (bytes([n]) * 32 for n in (1, 2, 3))
NEW, NEWER, NEWEST = (bytes([n]) * 32 for n in (0xA0, 0xB0, 0xC0))
CLOSES = datetime(2026, 6, 14, 22, 15, 0, 1, UTC)
CLOSES_TEXT = "tot en met zondag 14 juni 2026"
WEEK_LATER, WEEK_LATER_TEXT = CLOSES + timedelta(days=7), "tot en met zondag 21 juni 2026"
BEFORE, AFTER = datetime(2026, 6, 2, 9, 30, tzinfo=UTC), CLOSES + timedelta(hours=1)
KEY = Ed25519PrivateKey.from_private_bytes(
    bytes.fromhex("defffe0b18a4a603abaceea491fcd0840d5d6a2e8a94327a75858b22ade4bd89")
)
PUBLIC = KEY.public_key().public_bytes_raw()
FROZEN = record.frozen(DEFINITION, [A, B, C, H1], CLOSES, CLOSES_TEXT, 7)

# As in docs/protocol.md, worked out there without this program: hash and signature.
FIRST = Record(1, DEFINITION, Kind.REPLACE, of_pairs([(H1, H2)]), "Brief kwijt", 1, BEFORE)
FIRST_HASH = "e15c8abbdf8e3961dd816be8365d98ee2672c1594dcd6769c1d463734063db47"
SECOND = Record(
    2,
    bytes.fromhex(FIRST_HASH),
    Kind.LENGTHEN,
    of_closing(WEEK_LATER, WEEK_LATER_TEXT),
    "De post bezorgde één week niet.",
    2,
    datetime(2026, 6, 10, 8, tzinfo=UTC),
)
VECTORS = [
    (
        FIRST,
        FIRST_HASH,
        "5ee5f6403250d6eeebf5c99961937ccc110717531843dbc80cf0dd1c5915b0e7"
        "8397d4ea1cf26a9019eed31e43aca4be3c3f25eebb3d7e5522f33b72f70c200b",
    ),
    (
        SECOND,
        "d87b07eae3683e99bf850b090f6b951a8ff9f0fcc5fb53aa34df281b07922a7b",
        "5c8424a3dd817394369c87bfc68d977b0458c8d9fdd92c6b7d6d820346244ce0"
        "a0099f14aab87cd53c42e44e6e75dc8ef8e71e410e59b355153d5cd0dc675807",
    ),
]


def step(
    standing: Standing,
    kind: Kind,
    facts: Facts = NO_FACTS,
    people: int = 2,
    at: datetime = BEFORE,
    reason: str = "Omdat.",
) -> Standing:
    """Apply one more record."""
    return followed(standing, standing.next(kind, facts, reason, people, at).encode())


def refused(problem: Problem, does: Callable[..., Standing], *given: Any, **named: Any) -> None:
    with pytest.raises(RecordWrong) as caught:
        does(*given, **named)
    assert caught.value.problem is problem
    assert str(caught.value) == problem.value


@pytest.mark.parametrize(("made", "hash", "signature"), VECTORS)
def test_vectors(made: Record, hash: str, signature: str) -> None:
    body = made.encode()
    assert link(body).hex() == hash
    assert sign(body, KEY).hex() == signature
    assert f"```json\n{body.decode()}\n```\n\n- `{hash}`\n- `{signature}`\n" in PROTOCOL


def test_the_vectors_applied() -> None:
    standing = applied(FROZEN, (made.encode() for made, _, _ in VECTORS))
    assert (standing.number, standing.head.hex()) == (2, VECTORS[1][1])
    assert standing.added == {H2}
    assert standing.void == {H1}
    assert (standing.closes, standing.closes_text) == (WEEK_LATER, WEEK_LATER_TEXT)
    assert standing.issued == 5
    assert [standing.lists(h) for h in (A, H1, H2, NEW)] == [True, True, True, False]
    assert [standing.counts(h) for h in (A, H1, H2, NEW)] == [True, False, True, False]


def test_a_body_is_what_anybody_would_write() -> None:
    assert json.loads(FIRST.encode()) == {
        "number": 1,
        "previous": DEFINITION.hex(),
        "kind": "replace",
        "facts": {"letters": [[H1.hex(), H2.hex()]]},
        "reason": "Brief kwijt",
        "people": 1,
        "at": "2026-06-02T09:30:00+00:00",
    }
    assert canonical(json.loads(FIRST.encode())) == FIRST.encode()


def test_facts_are_sorted_and_moments_are_utc() -> None:
    assert of_letters([B, A]) == {"letters": [A.hex(), B.hex()]}
    assert of_pairs([(B, NEW), (A, NEWER)]) == {"letters": [[A.hex(), NEWER.hex()], [B.hex(), NEW.hex()]]}
    local = BEFORE.astimezone(timezone(timedelta(hours=2)))
    assert of_closing(local, "x")["closes"] == "2026-06-02T09:30:00+00:00"
    assert FROZEN.next(Kind.WITHDRAW, NO_FACTS, "x", 2, local).encode().count(b"T09:30:00+00:00") == 1


@given(
    st.builds(
        Record,
        st.integers(1, 10**6),
        st.binary(min_size=32, max_size=32),
        st.sampled_from(Kind),
        st.dictionaries(st.text("ab"), st.integers() | st.lists(st.text("xy"))),
        st.text(st.characters(exclude_categories=["Cs"])),
        st.integers(1, 2),
        st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)),
    )
)
def test_a_record_is_read_as_it_was_written(made: Record) -> None:
    assert decode(made.encode()) == made


def test_only_the_board_key_signs() -> None:
    body, other = FIRST.encode(), SECOND.encode()
    signature = sign(body, KEY)
    assert verify(body, signature, PUBLIC)
    assert not verify(other, signature, PUBLIC)
    assert not verify(body, signature[:-1] + b"\0", PUBLIC)
    assert not verify(body, b"", PUBLIC)
    stranger = Ed25519PrivateKey.from_private_bytes(bytes(32))
    assert not verify(body, sign(body, stranger), PUBLIC)


PLAIN = json.loads(FIRST.encode())
CHANGED: list[dict[str, object]] = [
    {"extra": 1},
    {"number": True},
    {"number": "1"},
    {"previous": 1},
    {"previous": DEFINITION.hex().upper()},
    {"previous": "60"},
    {"kind": "forget"},
    {"kind": ["void"]},
    {"facts": []},
    {"facts": None},
    {"reason": 1},
    {"people": None},
    {"people": True},
    {"at": 0},
    {"at": "2026-06-02"},
    {"at": "2026-06-02T09:30:00"},
    {"at": "2026-06-02T11:30:00+02:00"},
    {"at": "2026-06-02 09:30:00+00:00"},
    {"at": "2026-06-02T09:30:00Z"},
    {"at": "gisteren"},
]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"x",
        b"[]",
        b"1",
        b"null",
        b"{}",
        b"\xff",
        b'{"a":' * 50_000,
        FIRST.encode() + b" ",
        FIRST.encode() + b"\n",
        json.dumps(PLAIN).encode(),
        FIRST.encode().replace(b'"people":1', b'"people":1,"people":1'),
        FIRST.encode().replace(b'"number":1', b'"number":1.0'),
        FIRST.encode().replace(b'"number":1', b'"number":NaN'),
        FIRST.encode().replace(b'"number":1', b'"number":' + b"1" * 5000),
        *(canonical({key: PLAIN[key] for key in PLAIN if key != left_out}) for left_out in PLAIN),
        *(canonical({**PLAIN, **changed}) for changed in CHANGED),
    ],
)
def test_what_is_no_record(body: bytes) -> None:
    refused(Problem.FORM, followed, FROZEN, body)


def test_each_record_follows_the_one_before_it() -> None:
    one = FROZEN.next(Kind.VOID, of_letters([A]), "x", 1, BEFORE).encode()
    then = followed(FROZEN, one)
    two = then.next(Kind.VOID, of_letters([B]), "x", 1, BEFORE).encode()
    assert applied(FROZEN, [one, two]).void == {A, B}
    for wrong in ([two], [one, one], [one, two, two]):
        refused(Problem.PLACE, applied, FROZEN, wrong)
    for number, previous in ((1, then.head), (3, then.head), (0, then.head), (2, DEFINITION), (2, bytes(32))):
        other = Record(number, previous, Kind.VOID, of_letters([B]), "x", 1, BEFORE).encode()
        refused(Problem.PLACE, followed, then, other)


def test_nothing_applied_is_what_was_frozen() -> None:
    assert applied(FROZEN, []) == FROZEN
    assert (FROZEN.number, FROZEN.head, FROZEN.issued, FROZEN.closes) == (0, DEFINITION, 4, CLOSES)


def test_void() -> None:
    standing = step(FROZEN, Kind.VOID, of_letters([B, A]), people=1)
    assert standing.void == {A, B}
    assert standing.issued == 4
    refused(Problem.NOT_OPEN, step, standing, Kind.VOID, of_letters([B]), 1)
    refused(Problem.NOT_OPEN, step, standing, Kind.VOID, of_letters([C, NEW]), 1)


def test_replace() -> None:
    standing = step(FROZEN, Kind.REPLACE, of_pairs([(A, NEW)]), people=1)
    standing = step(standing, Kind.REPLACE, of_pairs([(NEW, NEWER), (B, NEWEST)]), people=2)
    assert standing.void == {A, B, NEW}
    assert standing.added == {NEW, NEWER, NEWEST}
    refused(Problem.NOT_OPEN, step, standing, Kind.REPLACE, of_pairs([(NEW, H2)]), 1)
    refused(Problem.NOT_OPEN, step, standing, Kind.REPLACE, of_pairs([(H2, DEFINITION)]), 1)
    for known in (A, C, NEW, NEWER):
        facts = of_pairs([(C, known)])
        refused(Problem.NOT_NEW, step, standing, Kind.REPLACE, facts, 1)


def test_add() -> None:
    standing = step(FROZEN, Kind.ADD, of_letters([NEWER, NEW]))
    assert standing.added == {NEW, NEWER}
    assert standing.issued == 6
    assert step(standing, Kind.VOID, of_letters([NEW])).void == {NEW}
    refused(Problem.NOT_NEW, step, standing, Kind.ADD, of_letters([NEW]))
    refused(Problem.NOT_NEW, step, standing, Kind.ADD, of_letters([A]))


def test_contest() -> None:
    standing = step(FROZEN, Kind.CONTEST, of_letters([A]), people=1, at=AFTER)
    assert standing.contested == {A}
    assert standing.counts(A)
    for kind, facts in ((Kind.VOID, of_letters([A])), (Kind.REPLACE, of_pairs([(A, NEW)]))):
        refused(Problem.NOT_OPEN, step, standing, kind, facts)
    refused(Problem.NOT_OPEN, step, standing, Kind.CONTEST, of_letters([NEW]))
    gone = step(FROZEN, Kind.VOID, of_letters([A]))
    refused(Problem.NOT_OPEN, step, gone, Kind.CONTEST, of_letters([A]))


def test_lengthen() -> None:
    standing = step(FROZEN, Kind.LENGTHEN, of_closing(WEEK_LATER, WEEK_LATER_TEXT))
    assert (standing.closes, standing.closes_text, standing.lengthened) == (WEEK_LATER, WEEK_LATER_TEXT, True)
    refused(Problem.TWICE, step, standing, Kind.LENGTHEN, of_closing(WEEK_LATER, "x"))
    instant = timedelta(microseconds=1)
    latest = WEEK_LATER + timedelta(hours=1)  # the clock may have been put back
    assert step(FROZEN, Kind.LENGTHEN, of_closing(latest, "x")).closes == latest
    refused(Problem.TOO_LONG, step, FROZEN, Kind.LENGTHEN, of_closing(latest + instant, "x"))
    refused(Problem.NOT_LATER, step, FROZEN, Kind.LENGTHEN, of_closing(CLOSES, "x"))
    assert step(FROZEN, Kind.LENGTHEN, of_closing(CLOSES + instant, "x")).closes == CLOSES + instant
    never = record.frozen(DEFINITION, [A], CLOSES, CLOSES_TEXT, 0)
    refused(Problem.TOO_LONG, step, never, Kind.LENGTHEN, of_closing(CLOSES + instant, "x"))


def test_a_replacement_is_not_one_more_letter_sent() -> None:
    assert (FROZEN.issued, FROZEN.sent) == (4, 4)
    standing = step(FROZEN, Kind.REPLACE, of_pairs([(A, NEW), (B, NEWER)]), 2)
    assert (standing.issued, standing.sent, standing.replaced) == (6, 4, 2)
    standing = step(standing, Kind.ADD, of_letters([NEWEST]), 2)
    assert (standing.issued, standing.sent) == (7, 5)
    assert step(standing, Kind.VOID, of_letters([C])).sent == 5


@pytest.mark.parametrize("kind", record.ENDING)
def test_after_a_withdrawal_nothing_follows(kind: Kind) -> None:
    assert FROZEN.ended is None
    standing = step(FROZEN, kind)
    assert standing.ended is kind
    for other, facts, at in (
        (Kind.VOID, of_letters([A]), BEFORE),
        (Kind.WITHDRAW, NO_FACTS, BEFORE),
        (Kind.CONTEST, of_letters([A]), AFTER),
        (Kind.RESTORED, of_missing(1), AFTER),
    ):
        refused(Problem.ENDED, step, standing, other, facts, 2, at)


def test_restored() -> None:
    standing = step(step(FROZEN, Kind.RESTORED, of_missing(3)), Kind.RESTORED, of_missing(0), at=AFTER)
    assert standing.missing == 3


FACTS: list[tuple[Kind, Facts]] = [
    (Kind.VOID, of_letters([A])),
    (Kind.REPLACE, of_pairs([(A, NEW)])),
    (Kind.ADD, of_letters([NEW])),
    (Kind.LENGTHEN, of_closing(WEEK_LATER, "x")),
    (Kind.WITHDRAW, NO_FACTS),
    (Kind.RESTART, NO_FACTS),
    (Kind.CONTEST, of_letters([A])),
    (Kind.RESTORED, of_missing(1)),
]


def test_every_kind_is_in_these_tests_and_in_the_protocol() -> None:
    assert [kind for kind, _ in FACTS] == list(Kind)
    assert all(f"\n| `{kind}` | " in PROTOCOL for kind in Kind)


@pytest.mark.parametrize(("kind", "facts"), FACTS)
def test_a_reason_is_never_empty(kind: Kind, facts: Facts) -> None:
    for reason in ("", " ", "\n\t"):
        refused(Problem.REASON, step, FROZEN, kind, facts, reason=reason)


@pytest.mark.parametrize(("kind", "facts"), FACTS)
def test_so_many_people_decide(kind: Kind, facts: Facts) -> None:
    alone = kind in (Kind.VOID, Kind.REPLACE, Kind.CONTEST)
    assert needed(kind, facts) == (1 if alone else 2)
    step(FROZEN, kind, facts, people=2)
    if alone:
        step(FROZEN, kind, facts, people=1)
    for people in (-1, 0, 3) if alone else (-1, 0, 1, 3):
        refused(Problem.PEOPLE, step, FROZEN, kind, facts, people)


def test_two_replacements_take_two_people() -> None:
    facts = of_pairs([(A, NEW), (B, NEWER)])
    assert needed(Kind.REPLACE, facts) == 2
    refused(Problem.PEOPLE, step, FROZEN, Kind.REPLACE, facts, people=1)
    assert needed(Kind.VOID, of_letters([A, B])) == 1


@pytest.mark.parametrize(("kind", "facts"), FACTS)
def test_what_may_come_after_close(kind: Kind, facts: Facts) -> None:
    step(FROZEN, kind, facts, at=CLOSES - timedelta(microseconds=1))
    for at in (CLOSES, AFTER):
        if kind in (Kind.CONTEST, Kind.RESTORED):
            step(FROZEN, kind, facts, at=at)
        else:
            refused(Problem.LATE, step, FROZEN, kind, facts, at=at)


def test_close_is_when_it_was_lengthened_to() -> None:
    standing = step(FROZEN, Kind.LENGTHEN, of_closing(WEEK_LATER, "x"))
    assert step(standing, Kind.VOID, of_letters([A]), at=AFTER).void == {A}
    refused(Problem.LATE, step, standing, Kind.VOID, of_letters([A]), at=WEEK_LATER)


def hexes(*letters: bytes) -> list[str]:
    return [h.hex() for h in letters]


WRONG_LISTS: Iterable[object] = (
    None,
    [],
    {},
    "x",
    [1],
    [None],
    ["x"],
    [A.hex().replace("0", "O")],
    [A.hex()[:-1]],
    [A.hex() + "0"],
    [NEW.hex().upper()],
    hexes(B, A),
    hexes(A, A),
    [hexes(A)],
)


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        *((kind, {"letters": each}) for kind in (Kind.VOID, Kind.ADD, Kind.CONTEST) for each in WRONG_LISTS),
        *((kind, {**of_letters([A]), "more": 1}) for kind in (Kind.VOID, Kind.ADD, Kind.CONTEST)),
        *((kind, NO_FACTS) for kind, facts in FACTS if facts),
        (Kind.VOID, of_pairs([(A, NEW)])),
        *((Kind.REPLACE, {"letters": each}) for each in WRONG_LISTS if each != [hexes(A)]),
        (Kind.REPLACE, {**of_pairs([(A, NEW)]), "more": 1}),
        (Kind.REPLACE, {"letters": [hexes(A)]}),
        (Kind.REPLACE, {"letters": [hexes(A, NEW, NEWER)]}),
        (Kind.REPLACE, {"letters": [hexes(A, NEW), A.hex()]}),
        (Kind.REPLACE, {"letters": [hexes(B, NEW), hexes(A, NEWER)]}),
        (Kind.REPLACE, {"letters": [hexes(A, NEW), hexes(A, NEWER)]}),
        (Kind.REPLACE, {"letters": [hexes(A, NEW), hexes(B, NEW)]}),
        (Kind.REPLACE, {"letters": [[A.hex(), 1]]}),
        (Kind.REPLACE, {"letters": [[1, NEW.hex()]]}),
        (Kind.LENGTHEN, {"closes": WEEK_LATER.isoformat()}),
        (Kind.LENGTHEN, {"closes_text": "x"}),
        (Kind.LENGTHEN, {**of_closing(WEEK_LATER, "x"), "more": 1}),
        (Kind.LENGTHEN, of_closing(WEEK_LATER, "")),
        (Kind.LENGTHEN, {"closes": WEEK_LATER.isoformat(), "closes_text": 1}),
        (Kind.LENGTHEN, {"closes": 1, "closes_text": "x"}),
        (Kind.LENGTHEN, {"closes": "morgen", "closes_text": "x"}),
        (Kind.LENGTHEN, {"closes": "2026-06-20T22:15:00", "closes_text": "x"}),
        (Kind.LENGTHEN, {"closes": "2026-06-20T22:15:00+02:00", "closes_text": "x"}),
        (Kind.RESTORED, {"missing": -1}),
        (Kind.RESTORED, {"missing": True}),
        (Kind.RESTORED, {"missing": "1"}),
        (Kind.RESTORED, {"missing": 1, "more": 1}),
        (Kind.WITHDRAW, {"more": 1}),
        (Kind.RESTART, {"letters": []}),
    ],
)
def test_facts_of_another_form(kind: Kind, facts: Facts) -> None:
    refused(Problem.FACTS, step, FROZEN, kind, facts)


@given(st.data())
def test_whatever_follows_the_letters_add_up(data: st.DataObject) -> None:
    """Void ones are listed, old ones stay listed, and a refused record changes nothing."""
    standing, problems = FROZEN, set[Problem]()
    pool = [bytes([n]) * 32 for n in range(1, 9)]
    for _ in range(data.draw(st.integers(0, 8))):
        kind = data.draw(st.sampled_from([Kind.VOID, Kind.ADD, Kind.REPLACE, Kind.CONTEST]))
        letters = data.draw(st.lists(st.sampled_from(pool), min_size=2, max_size=4, unique=True))
        half = len(letters) // 2
        pairs = of_pairs(zip(letters[:half], letters[half:], strict=False))
        try:
            then = step(standing, kind, pairs if kind is Kind.REPLACE else of_letters(letters))
        except RecordWrong as wrong:
            problems.add(wrong.problem)
            continue
        listed = then.frozen | then.added
        assert then.issued == len(listed)
        assert then.void | then.contested <= listed
        assert not then.void & then.contested
        assert then.void >= standing.void
        assert then.added >= standing.added
        standing = then
    assert problems <= {Problem.NOT_OPEN, Problem.NOT_NEW}
