"""The receipt in an address: the same vote the same address, and nothing that a log could read."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballots import receipts

SECRET = "secret of the tests"
POLL = bytes(range(16))
DAY = date(2026, 6, 1)
commitments = st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=4).map(tuple)


@given(st.text(max_size=40), st.binary(min_size=16, max_size=16), commitments)
def test_round_trip(secret: str, poll: bytes, given_: tuple[bytes, ...]) -> None:
    token = receipts.wrap(secret, DAY, poll, given_)
    assert token == receipts.wrap(secret, DAY, poll, given_)
    assert receipts.unwrap(secret, DAY, token) == (poll, given_)
    assert receipts.unwrap(secret + "x", DAY, token) is None
    assert token.isascii()
    assert not set(token) - set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_same_length_for_everyone() -> None:
    for questions in (1, 2, 3):
        lengths = {len(receipts.wrap(SECRET, DAY, POLL, (bytes([n]) * 32,) * questions)) for n in range(256)}
        assert len(lengths) == 1


def test_every_changed_symbol_is_refused() -> None:
    token = receipts.wrap(SECRET, DAY, POLL, (bytes(32),))
    for place, symbol in enumerate(token[:-1]):  # the last may hold bits that stand for nothing
        other = "A" if symbol != "A" else "B"
        assert receipts.unwrap(SECRET, DAY, token[:place] + other + token[place + 1 :]) is None


def test_control_code_cannot_be_read_in_it() -> None:
    control = bytes(range(200, 210))
    one = receipts.wrap(SECRET, DAY, POLL, (control,))
    two = receipts.wrap(SECRET, DAY, POLL, (control[:-1] + b"\0",))
    assert sum(a == b for a, b in zip(one, two, strict=True)) < len(one) // 2  # SIV: all of it changes


@pytest.mark.parametrize("junk", ["", "A", "AA", "====", "é", "%00", "A" * 22, "A" * 1000, "../../x", "\0"])
def test_junk(junk: str) -> None:
    assert receipts.unwrap(SECRET, DAY, junk) is None


@given(st.text(max_size=80))
def test_anything_is_a_receipt_or_nothing(token: str) -> None:
    assert receipts.unwrap(SECRET, DAY, token) is None


def test_opens_today_and_tomorrow_and_never_after() -> None:
    token = receipts.wrap(SECRET, DAY, POLL, (bytes(32),))
    opens = [receipts.unwrap(SECRET, DAY + timedelta(days=n), token) is not None for n in range(-1, 4)]
    assert opens == [False, True, True, False, False]
