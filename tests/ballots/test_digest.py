"""The one hash of the protocol, against hashlib written out by hand; the vectors stand in docs/protocol.md."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballots.digest import ALPHABET, H, groups, symbols

PROTOCOL = Path(__file__).parents[2] / "docs" / "protocol.md"

VECTORS: list[tuple[tuple[bytes | str, ...], str]] = [
    ((), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    (("",), "df3f619804a92fdb4057192dc43dd748ea778adc52bc498ce80524c014b81119"),
    (("ab", "c"), "f2939f903016e5bb29b1e4a61cdbd376220ca03a24180b39995f2d50f2e0a647"),
    (("a", "bc"), "b534ce16ac9c8b36823f39a395ce8e0e3c7ad9605b82b5444f18cadacd217a5d"),
]

parts = st.lists(st.one_of(st.binary(max_size=9), st.text(max_size=9)), max_size=4)


def by_hand(*given: bytes) -> bytes:
    return hashlib.sha256(b"".join(len(part).to_bytes(4, "big") + part for part in given)).digest()


@pytest.mark.parametrize(("given", "digest"), VECTORS)
def test_vectors(given: tuple[bytes | str, ...], digest: str) -> None:
    assert H(*given).hex() == digest


def test_one_part_written_out() -> None:
    assert H("brief") == hashlib.sha256(b"\x00\x00\x00\x05brief").digest()
    assert H("é") == hashlib.sha256(b"\x00\x00\x00\x02\xc3\xa9").digest()


@given(parts)
def test_is_sha256_over_lengths_and_bytes(given: list[bytes | str]) -> None:
    assert H(*given) == by_hand(*(part.encode() if isinstance(part, str) else part for part in given))


@given(parts, parts)
def test_parts_cannot_be_shifted(one: list[bytes | str], two: list[bytes | str]) -> None:
    as_bytes = [[part.encode() if isinstance(part, str) else part for part in each] for each in (one, two)]
    assert (H(*one) == H(*two)) == (as_bytes[0] == as_bytes[1])


def test_the_alphabet_is_crockfords() -> None:
    everything = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    assert everything.translate({ord(each): None for each in "ILOU"}) == ALPHABET


@given(st.binary(min_size=1, max_size=32), st.data())
def test_symbols_are_the_first_bits(data: bytes, draw: st.DataObject) -> None:
    count = draw.draw(st.integers(0, len(data) * 8 // 5))
    bits = "".join(f"{byte:08b}" for byte in data)
    expected = "".join(ALPHABET[int(bits[start : start + 5], 2)] for start in range(0, count * 5, 5))
    assert symbols(data, count) == expected


def test_groups() -> None:
    assert groups("") == ""
    assert groups("ABCDE") == "ABCD E"
    assert groups("ABCDEFGH") == "ABCD EFGH"


def test_the_vectors_stand_in_the_protocol() -> None:
    said = PROTOCOL.read_text(encoding="utf-8")
    assert all(digest in said for _, digest in VECTORS)
