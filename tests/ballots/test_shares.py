"""Keys on paper: any two shares give the key, one says nothing, and no typing mistake gets through."""

from collections import Counter
from itertools import combinations, permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballots import shares
from ballots.digest import ALPHABET, groups
from ballots.shares import (
    NotAShare,
    NotTheMixKey,
    Share,
    SheetLength,
    SheetOfAnotherPoll,
    SheetRefusal,
    SheetSymbol,
    SheetTwice,
    SheetTypo,
    SheetTypos,
    joined,
    mix_text,
    read,
    read_mix,
    split,
    text,
)

PROTOCOL = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")
POLL = bytes(range(16))

# As in docs/protocol.md, worked out there without this program.
SECRET = bytes(range(0x80, 0xA0))
SLOPE = bytes.fromhex("8073c5350194424ae08065ce5e4ec13d562a0119ac0892488abfa8578cdcc4fe")
SHEETS = {
    1: (
        "00f247b68511c4cd6809ef45d2c34fb2c6bb938a389d04df122632cc10415a61",
        "1000 G40R 03S4 FDM5 272C TT09 XX2X 5GTF PB3B Q4WA 72EG 9QRJ 4RSC R421 B9GG C0B7",
    ),
    2: (
        "9b6713e986b602135392400c301117f53cc590a1d785a90797fcd1359f3e0d78",
        "2000 G40R KDKH 7TC6 PR11 6MWJ 8063 048Q YMYC B451 TY2T J1WQ ZK8K B7SY 1NW0 RVDC",
    ),
    3: (
        "1b14d6dc87224059b31225c26e5fd6c86aef91b87b8d3b4f1d43796213e2c986",
        "3000 G40R 3CAD DQ47 4905 KCRJ 4Q16 WQYP S1NE Z4DR FE6K PKRX 8DWP 44Z2 S630 C11J",
    ),
}
MIX_KEY = bytes(range(0xC0, 0xE0))
MIX_SHEET = "M000 G40R R30W 5GY4 RQ3C FJ69 SB5W SKEE SZ8D 3MPK TKAX DNYR V7DD QQ6X VVFG 1GA1"
TYPED = SHEETS[1][1].replace(" ", "")

keys = st.binary(min_size=32, max_size=32)
polls = st.binary(min_size=16, max_size=16)


def wrong(said: str, place: int, other: str) -> str:
    return said[:place] + other + said[place + 1 :]


def others(symbol: str) -> str:
    return ALPHABET.replace(symbol, "")


@pytest.mark.parametrize("x", SHEETS)
def test_vectors_of_shares(x: int) -> None:
    data, said = SHEETS[x]
    share = split(SECRET, SLOPE)[x - 1]
    assert share == Share(x, bytes.fromhex(data))
    assert text(POLL, share) == said
    assert read(said, POLL) == share
    assert f"| {x} | `{data}` | `{said}` |" in PROTOCOL


def test_vector_of_the_mix_key() -> None:
    assert mix_text(POLL, MIX_KEY) == MIX_SHEET
    assert read_mix(MIX_SHEET, POLL) == MIX_KEY
    assert f"`{MIX_SHEET}`" in PROTOCOL


@given(keys, keys)
def test_any_two_shares_give_the_key(secret: bytes, slope: bytes) -> None:
    for one, other in permutations(split(secret, slope), 2):
        assert joined(one, other) == secret


@given(st.sampled_from([1, 2, 3]), keys, keys)
def test_one_share_fits_every_key(x: int, data: bytes, secret: bytes) -> None:
    """Whatever the key is, there is randomness that gives this share: alone it rules out none."""
    one = Share(x, data)
    origin = Share(0, secret)
    slope = bytes(
        next(slope for slope in range(256) if shares._times(slope, x) == a ^ b)
        for a, b in zip(one.data, origin.data, strict=True)
    )
    assert split(secret, slope)[x - 1] == one


def test_one_byte_of_a_share_is_as_likely_whatever_the_key() -> None:
    for x in (0, 1, 2):
        for byte in (0, 1, 0x80, 0xFF):
            seen = Counter(split(bytes([byte] * 32), bytes([slope] * 32))[x].data[0] for slope in range(256))
            assert set(seen.values()) == {1}
            assert len(seen) == 256


def test_shares_of_different_keys_give_neither() -> None:
    one, other = split(SECRET, SLOPE)[0], split(MIX_KEY, SLOPE)[1]
    assert joined(one, other) not in (SECRET, MIX_KEY)


def test_the_same_sheet_twice() -> None:
    one, two, _ = split(SECRET, SLOPE)
    with pytest.raises(SheetTwice):
        joined(one, one)
    with pytest.raises(SheetTwice):
        joined(two, Share(2, bytes(32)))


@pytest.mark.parametrize(("secret", "slope"), [(31, 32), (33, 33), (32, 31), (32, 33), (0, 0)])
def test_a_key_has_32_bytes(secret: int, slope: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        split(bytes(secret), bytes(slope))


@given(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255))
def test_the_field_is_one(a: int, b: int, c: int) -> None:
    times = shares._times
    assert times(a, b) == times(b, a)
    assert times(a, times(b, c)) == times(times(a, b), c)
    assert times(a, b ^ c) == times(a, b) ^ times(a, c)
    assert times(a, 1) == a
    if a:
        assert times(a, shares._inverse(a)) == 1


def test_the_field_is_that_of_aes() -> None:
    """The products that FIPS 197 works out, §4.2."""
    assert shares._times(0x57, 0x83) == 0xC1
    assert shares._times(0x57, 0x13) == 0xFE
    assert shares._inverse(0x53) == 0xCA


@given(polls, st.sampled_from([1, 2, 3]), keys)
def test_a_sheet_is_read_as_it_was_printed(poll: bytes, x: int, data: bytes) -> None:
    said = text(poll, Share(x, data))
    assert len(said.replace(" ", "")) == 64
    assert [len(group) for group in said.split()] == [4] * 16
    assert read(said, poll) == Share(x, data)
    assert read_mix(mix_text(poll, data), poll) == data


@pytest.mark.parametrize(
    "said",
    [
        TYPED.lower(),
        "-".join(SHEETS[1][1].split()),
        f"\n {SHEETS[1][1]}\n".replace(" ", "\n"),
        TYPED.replace("0", "O").replace("1", "l"),
        TYPED.replace("0", "o").replace("1", "I"),
    ],
)
def test_forgiving(said: str) -> None:
    assert read(said, POLL) == Share(1, bytes.fromhex(SHEETS[1][0]))


@pytest.mark.parametrize("sheet", [*(said for _, said in SHEETS.values()), MIX_SHEET])
def test_a_wrong_symbol_is_located(sheet: str) -> None:
    """At each place: the group that is named is the right one. Once in 500 times there are two, and none is."""
    said, unnamed = sheet.replace(" ", ""), 0
    reading = read_mix if sheet is MIX_SHEET else read
    for place in range(64):
        with pytest.raises((SheetTypo, SheetTypos)) as refused:
            reading(wrong(said, place, others(said[place])[place % 31]), POLL)
        unnamed += refused.type is SheetTypos
        assert refused.value.values.get("group", place // 4 + 1) == place // 4 + 1
    assert unnamed <= 1


@pytest.mark.parametrize("sheet", [*(said for _, said in SHEETS.values()), MIX_SHEET])
def test_every_single_wrong_symbol_is_refused(sheet: str) -> None:
    """All 1,984 of a sheet, without what is done to locate them."""
    said = sheet.replace(" ", "")
    assert shares._sound(said, POLL)
    tried = [wrong(said, place, other) for place in range(64) for other in others(said[place])]
    assert len(set(tried)) == 64 * 31
    assert [other for other in tried if shares._sound(other, POLL)] == []


def test_without_check_symbols_wrong_symbols_would_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same attack on a weak reader: it lets those in the bytes through, so the tests above can fail."""
    monkeypatch.setattr(shares, "_checks", lambda kind, poll, data: TYPED[-4:])
    passed = [other for _, other in shares._neighbours(TYPED) if shares._sound(other, POLL)]
    assert len(passed) == 51 * 31 + 1 + 3  # of the last symbol four bits are spare; x may be 2, 3 or M


def test_two_wrong_symbols() -> None:
    for one, two in [(8, 9), (0, 63), (20, 40), (60, 61), *combinations((12, 13, 14), 2)]:
        with pytest.raises(SheetTypos):
            read(wrong(wrong(TYPED, one, others(TYPED[one])[0]), two, others(TYPED[two])[0]), POLL)


def test_swapped_groups() -> None:
    parts = SHEETS[1][1].split()
    parts[4], parts[5] = parts[5], parts[4]
    with pytest.raises(SheetTypos):
        read("".join(parts), POLL)


def test_where_two_groups_could_be_wrong_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = wrong(TYPED, 8, others(TYPED[8])[0])
    other = wrong(typed, 30, others(typed[30])[0])
    real = shares._sound
    monkeypatch.setattr(shares, "_sound", lambda said, poll: real(TYPED if said == other else said, poll))
    with pytest.raises(SheetTypos):
        read(typed, POLL)


@pytest.mark.parametrize("reading", [read, read_mix])
def test_a_sheet_of_another_poll(reading: object) -> None:
    assert callable(reading)
    for said in (text(bytes(16), Share(1, SECRET)), mix_text(bytes(16), SECRET)):
        with pytest.raises(SheetOfAnotherPoll):
            reading(said, POLL)


def test_a_poll_that_starts_the_same_is_another_poll() -> None:
    """The sheet shows 35 bits of it; the check symbols are over all."""
    with pytest.raises(SheetTypos):
        read(text(POLL[:15] + b"\xff", Share(1, SECRET)), POLL)


def test_a_sheet_of_the_other_kind() -> None:
    with pytest.raises(NotAShare):
        read(MIX_SHEET, POLL)
    with pytest.raises(NotTheMixKey):
        read_mix(SHEETS[2][1], POLL)


@pytest.mark.parametrize("place", [0, 3, 4, 31, 63])
def test_a_symbol_that_no_sheet_has_is_named_with_its_group(place: int) -> None:
    for strange in "Uu@é":
        with pytest.raises(SheetSymbol) as refused:
            read(wrong(TYPED, place, strange), POLL)
        assert refused.value.values == {"symbol": strange.upper(), "group": place // 4 + 1}


def test_a_strange_symbol_far_off_points_at_the_last_group() -> None:
    with pytest.raises(SheetSymbol) as refused:
        read("0" * 100 + "%", POLL)
    assert refused.value.values == {"symbol": "%", "group": 16}


@pytest.mark.parametrize("said", ["", " ", "-", TYPED[:63], TYPED + "0", TYPED * 2, TYPED[:20]])
def test_wrong_length(said: str) -> None:
    with pytest.raises(SheetLength) as refused:
        read(said, POLL)
    assert refused.value.values == {"typed": len(said.strip(" -"))}


@given(st.one_of(st.text(max_size=70), st.text(ALPHABET, min_size=64, max_size=64)))
def test_anything_typed_is_a_share_or_a_refusal(typed: str) -> None:
    for reading in (read, read_mix):
        with pytest.raises(SheetRefusal) as refused:
            reading(typed, POLL)
        assert str(refused.value).endswith(".")


def test_groups_are_those_of_the_page() -> None:
    assert groups(TYPED) == SHEETS[1][1]
