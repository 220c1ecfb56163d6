"""From a marking to its commitment and control code, against hashlib and hmac written out by hand."""

import hashlib
import hmac
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature, InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from ballots import keys, sealing
from ballots.digest import ALPHABET, H
from ballots.sealing import Opening
from tests.ballots import test_codes

PROTOCOL = Path(__file__).parents[2] / "docs" / "protocol.md"
POLL = bytes(range(16))
R = bytes(range(32, 64))
SIGN = bytes(range(0x60, 0x80))
OPENING, MIX = keys.opening_key(bytes(range(0x40, 0x60))), keys.mix_keys(bytes(range(0x80, 0xA0)))
PUBLIC = OPENING.public_key().public_bytes_raw()

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


# Envelopes


@given(answers, st.binary(min_size=12, max_size=12))
def test_both_envelopes_give_back_what_was_sealed(answer: Opening, nonce: bytes) -> None:
    commitment = answer.commitment(POLL)
    within = sealing.inner(POLL, answer, PUBLIC)
    sealed = sealing.outer(POLL, answer.question, commitment, within, MIX, nonce)
    assert sealing.outer_opened(POLL, answer.question, sealed, MIX) == (commitment, within)
    assert sealing.inner_opened(POLL, answer.question, within, OPENING) == answer
    for piece in (commitment[:8], answer.secret[:8]):
        assert piece not in sealed
        assert piece not in within or piece in commitment


def test_the_same_answer_is_sealed_differently_each_time() -> None:
    answer = sealing.opening(R, 1, "voor", 6)
    assert sealing.inner(POLL, answer, PUBLIC) != sealing.inner(POLL, answer, PUBLIC)


def test_no_length_tells_the_marking() -> None:
    made = {
        (len(inner), len(sealing.outer(POLL, 1, answer.commitment(POLL), inner, MIX, bytes(12))))
        for marking in ("voor", "tegen", "blanco")
        for answer in [sealing.opening(R, 1, marking, 6)]
        for inner in [sealing.inner(POLL, answer, PUBLIC)]
    }
    inner = 32 + 32 + 6 + 16  # encapsulated key, r_q, marking, tag
    assert made == {(inner, 12 + 32 + inner + 16)}


@pytest.mark.parametrize("flipped", range(0, 146, 5))
def test_a_changed_envelope_does_not_open(flipped: int) -> None:
    answer = sealing.opening(R, 1, "voor", 6)
    within = sealing.inner(POLL, answer, PUBLIC)
    sealed = bytearray(sealing.outer(POLL, 1, answer.commitment(POLL), within, MIX, bytes(12)))
    sealed[flipped] ^= 1
    with pytest.raises(InvalidTag):
        sealing.outer_opened(POLL, 1, bytes(sealed), MIX)


def test_an_envelope_opens_in_its_own_place_only() -> None:
    answer = sealing.opening(R, 1, "voor", 6)
    within = sealing.inner(POLL, answer, PUBLIC)
    sealed = sealing.outer(POLL, 1, answer.commitment(POLL), within, MIX, bytes(12))
    for poll, question in ((bytes(16), 1), (POLL, 2)):
        with pytest.raises(InvalidTag):
            sealing.outer_opened(poll, question, sealed, MIX)
        with pytest.raises(InvalidTag):
            sealing.inner_opened(poll, question, within, OPENING)
    with pytest.raises(InvalidTag):
        sealing.outer_opened(POLL, 1, sealed, keys.mix_keys(bytes(32)))
    with pytest.raises(InvalidTag):
        sealing.inner_opened(POLL, 1, within, keys.opening_key(bytes([9]) * 32))


def test_a_tag_tells_a_repeat_and_no_more() -> None:
    commitment = sealing.opening(R, 1, "voor", 6).commitment(POLL)
    tag = sealing.tag(POLL, 1, commitment, MIX)
    assert tag == sealing.tag(POLL, 1, commitment[:10] + bytes(22), MIX)
    assert len(tag) == 16
    others = [
        sealing.tag(bytes(16), 1, commitment, MIX),
        sealing.tag(POLL, 2, commitment, MIX),
        sealing.tag(POLL, 1, commitment, keys.mix_keys(bytes(32))),
        sealing.tag(POLL, 1, bytes(32), MIX),
    ]
    assert len({tag, *others}) == 5


def test_a_receipt_is_checked_with_the_public_key() -> None:
    commitment = sealing.opening(R, 1, "voor", 6).commitment(POLL)
    key = keys.receipt_key(SIGN)
    signature = sealing.receipt(POLL, commitment, key)
    assert signature == sealing.receipt(POLL, commitment, key)
    key.public_key().verify(signature, H("bon", POLL, commitment))
    with pytest.raises(InvalidSignature):
        key.public_key().verify(signature, H("bon", POLL, bytes(32)))


def test_the_vectors_stand_in_the_protocol() -> None:
    said = PROTOCOL.read_text(encoding="utf-8")
    public, commitment = keys.public(bytes(range(0x40, 0x60)), SIGN), bytes.fromhex(VECTORS[0][2])
    for value in (public.poll, public.board, public.receipt, MIX.mix, MIX.tag):
        assert f"| `{value.hex()}` |" in said
    assert f"`tag` = `{sealing.tag(POLL, 1, commitment, MIX).hex()}`" in said
    assert f"`{sealing.receipt(POLL, commitment, keys.receipt_key(SIGN)).hex()}`" in said
    for _, *values in VECTORS:
        assert all(value in said for value in values)
    for values_of_code in test_codes.VECTORS.values():
        assert all(value in said for value in values_of_code)


def test_the_control_code_of_a_commitment_is_that_of_its_first_80_bits() -> None:
    commitment = bytes(range(32))
    assert sealing.shown(commitment) == sealing.control_code(commitment[:10]) == "000G 40R4 0M30 E209"
