"""From a marking to its commitment and control code, against hashlib and hmac written out by hand."""

import hashlib
import hmac
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballots import sealing
from ballots.digest import ALPHABET
from ballots.sealing import Opening
from tests.ballots import test_codes

PROTOCOL = Path(__file__).parents[2] / "docs" / "protocol.md"
POLL = bytes(range(16))
R = bytes(range(32, 64))

# question, marking, padded to: r_q, C, control code; as in docs/protocol.md
VECTORS = [
    (
        (1, "voor", 6),
        "607258ad5a90d0014ba11ac123f7d711a6436b980a22b0674f6ca3bf48ab7d5a",
        "a49a50d0140e3dd6678ad900b949106831a5afdc69e66181fe59b4db820a4551",
        "MJD5 1M0M 1RYX CSWA",
    ),
    (
        (1, "tegen", 6),
        "607258ad5a90d0014ba11ac123f7d711a6436b980a22b0674f6ca3bf48ab7d5a",
        "f1f83803d64c684413b67b6c3ee8914a767168fd527506c8128838697bd4b6a3",
        "Y7W3 G0YP 9HM4 84XP",
    ),
    (
        (1, "blanco", 6),
        "607258ad5a90d0014ba11ac123f7d711a6436b980a22b0674f6ca3bf48ab7d5a",
        "b3e5c7aaef9d94af507412044b13d7c3dcc908964edb7cb1550521d6f9d19d33",
        "PFJW FAQF KPAA YM3M",
    ),
    (
        (2, "a,c", 9),
        "b4759baf68dd7670b03321c5867d203623a41404462a482cb637d28f1879adce",
        "ed94c98884f6ea166c92f8ac93016c832ed0c339366d22ae74dd727b564807f0",
        "XPAC K244 YVN1 CV4J",
    ),
]

answers = st.builds(
    sealing.opening,
    st.binary(min_size=32, max_size=32),
    st.integers(1, 255),
    st.text(st.sampled_from("abcxyz,/_.-019"), min_size=1, max_size=30),
    st.integers(0, 60),
)


@pytest.mark.parametrize(("said", "secret", "commitment", "control"), VECTORS)
def test_vectors(said: tuple[int, str, int], secret: str, commitment: str, control: str) -> None:
    question, marking, length = said
    answer = sealing.opening(R, question, marking, length)
    assert answer.secret.hex() == secret
    assert answer.commitment(POLL).hex() == commitment
    assert sealing.control_code(sealing.control(answer.commitment(POLL))) == control


def test_written_out() -> None:
    question, marking = 2, "a,c      "
    secret = hmac.new(R, b"2", hashlib.sha256).digest()
    hashed = b"".join(
        len(part).to_bytes(4, "big") + part for part in (b"stem", POLL, b"2", secret, marking.encode())
    )
    answer = sealing.opening(R, question, "a,c", 9)
    assert answer == Opening(2, secret, marking)
    assert answer.commitment(POLL) == hashlib.sha256(hashed).digest()
    bits = "".join(f"{byte:08b}" for byte in hashlib.sha256(hashed).digest())[:80]
    written = "".join(ALPHABET[int(bits[start : start + 5], 2)] for start in range(0, 80, 5))
    shown = sealing.control_code(sealing.control(answer.commitment(POLL)))
    assert shown.replace(" ", "") == written
    assert [len(each) for each in shown.split(" ")] == [4, 4, 4, 4]


def test_everything_is_bound() -> None:
    base = sealing.opening(R, 1, "voor", 6).commitment(POLL)
    others = [
        sealing.opening(R, 1, "tegen", 6).commitment(POLL),
        sealing.opening(R, 2, "voor", 6).commitment(POLL),
        sealing.opening(bytes(32), 1, "voor", 6).commitment(POLL),
        sealing.opening(R, 1, "voor", 7).commitment(POLL),
        sealing.opening(R, 1, "voor", 6).commitment(bytes(16)),
    ]
    assert len({base, *others}) == 6


def test_two_questions_share_nothing_that_can_be_seen() -> None:
    one, two = sealing.opening(R, 1, "voor", 6), sealing.opening(R, 2, "voor", 6)
    assert one.secret != two.secret
    assert one.commitment(POLL)[:4] != two.commitment(POLL)[:4]
    assert R not in (one.secret, two.secret)


@given(answers)
def test_the_inbox_gives_back_what_was_packed(answer: Opening) -> None:
    commitment = answer.commitment(POLL)
    packed = sealing.packed(answer, commitment)
    assert packed[:32] == commitment
    assert sealing.opened(packed) == answer


@pytest.mark.parametrize("marking", ["voor", "tegen", "blanco"])
def test_every_marking_packs_to_the_same_length(marking: str) -> None:
    answer = sealing.opening(R, 1, marking, 6)
    assert len(sealing.packed(answer, answer.commitment(POLL))) == 32 + 32 + 1 + 6


def test_the_vectors_stand_in_the_protocol() -> None:
    said = PROTOCOL.read_text(encoding="utf-8")
    for _, *values in VECTORS:
        assert all(value in said for value in values)
    for values_of_code in test_codes.VECTORS.values():
        assert all(value in said for value in values_of_code)
