"""Codes as hands type them: one wrong symbol is pointed at, two are never let through."""

from itertools import combinations, product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballots import codes
from ballots.codes import CodeLength, CodeRefusal, CodeSymbol, CodeTypo, CodeTypos
from ballots.digest import ALPHABET, groups

SEED = bytes(range(32))
POLL = bytes(range(16))

# serial: code, p, h; as in docs/protocol.md, worked out there without this program
VECTORS = {
    1: (
        "EXGV3K1549YZS85XDPQX",
        "4a5e2b61e8b626fe39a4928e9ef1cd93c21bc60b2b3f603a4b9e7e4d8b236686",
        "0e816854edc3ad5a133d1e14dca62e30648a06f15d73802e56082e227d05e96c",
    ),
    2: (
        "G3EW6D0QPHMY29PPZQQY",
        "4385c3dc10d29b3fab215dd084037d2cbc800b29dc6eaaf46f8e989e49fbb8f4",
        "8bf02fe972a5ba8f5d97ff653c2ac6d49bbfa0e874881e265491a92c25549b94",
    ),
    412: (
        "17ZGJ59818CNPJHC6FAE",
        "e154fff7153d11969dbf806e0b9b07f955f679e78db19942cd4e6eb8a138544f",
        "eb9f3e4a73c4431326582a88ce78edd53c8c2f88dad208e5693197940c31534f",
    ),
}
CODE = VECTORS[1][0]

seeds = st.binary(min_size=32, max_size=32)
serials = st.integers(1, 10**6)


def wrong(code: str, place: int, other: str) -> str:
    return code[:place] + other + code[place + 1 :]


def others(symbol: str) -> str:
    return ALPHABET.replace(symbol, "")


@pytest.mark.parametrize("serial", VECTORS)
def test_vectors(serial: int) -> None:
    code, p, h = VECTORS[serial]
    assert codes.mint(SEED, serial) == code
    assert codes.proof(POLL, code).hex() == p
    assert codes.fingerprint(POLL, bytes.fromhex(p)).hex() == h
    assert codes.read(code) == code


def test_codes_of_a_run_differ_and_use_the_whole_alphabet() -> None:
    run = [codes.mint(SEED, serial) for serial in range(1, 2001)]
    assert len(set(run)) == 2000
    assert all(set("".join(column)) == set(ALPHABET) for column in zip(*run, strict=True))


def test_another_seed_or_serial_is_another_code() -> None:
    assert codes.mint(bytes(32), 1) != codes.mint(SEED, 1) != codes.mint(SEED, 2)


@pytest.mark.parametrize("serial", [1, 2, 412, 9999])
def test_every_single_wrong_symbol_is_located(serial: int) -> None:
    code, tried = codes.mint(SEED, serial), 0
    for place in range(20):
        for other in others(code[place]):
            with pytest.raises(CodeTypo) as refused:
                codes.read(wrong(code, place, other))
            assert refused.value.values == {"group": place // 4 + 1}
            tried += 1
    assert tried == 20 * 31


@given(seeds, serials, st.integers(0, 19), st.integers(1, 31))
def test_a_wrong_symbol_is_located_in_any_code(seed: bytes, serial: int, place: int, step: int) -> None:
    code = codes.mint(seed, serial)
    other = ALPHABET[(ALPHABET.index(code[place]) + step) % 32]
    with pytest.raises(CodeTypo) as refused:
        codes.read(wrong(code, place, other))
    assert refused.value.values["group"] == place // 4 + 1
    assert str(place // 4 + 1) in str(refused.value)


def test_two_wrong_symbols_never_pass() -> None:
    """Every pair of places, with every pair of symbols on some of them: always refused."""
    for one, two in combinations(range(20), 2):
        full = (one, two) in {(0, 1), (3, 4), (17, 18), (18, 19), (0, 19)}
        for a, b in product(others(CODE[one]), others(CODE[two])) if full else [("0", "7"), ("Z", "A")]:
            typed = wrong(wrong(CODE, one, a), two, b)
            if sum(x != y for x, y in zip(typed, CODE, strict=True)) == 2:
                with pytest.raises((CodeTypo, CodeTypos)):
                    codes.read(typed)


@given(seeds, st.lists(st.integers(0, 19), min_size=2, max_size=2, unique=True), st.data())
def test_two_wrong_symbols_never_pass_in_any_code(
    seed: bytes, places: list[int], data: st.DataObject
) -> None:
    code = codes.mint(seed, 7)
    for place in places:
        code = wrong(code, place, data.draw(st.sampled_from(others(code[place]))))
    with pytest.raises((CodeTypo, CodeTypos)):
        codes.read(code)


def test_swapped_neighbours_are_refused() -> None:
    for place in range(19):
        typed = CODE[:place] + CODE[place + 1] + CODE[place] + CODE[place + 2 :]
        if typed != CODE:
            with pytest.raises((CodeTypo, CodeTypos)):
                codes.read(typed)


def test_without_check_symbols_a_wrong_symbol_would_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same attack on a weak reader: it lets all 620 through, so the test above can fail."""
    monkeypatch.setattr(codes, "_syndrome", lambda values, root: 0)
    passed = [codes.read(wrong(CODE, place, other)) for place in range(20) for other in others(CODE[place])]
    assert len(passed) == 620


@pytest.mark.parametrize(
    "typed",
    [
        "EXGV-3K15-49YZ-S85X-DPQX",
        "exgv 3k15 49yz s85x dpqx",
        "  ExGv3K15\t49YZ\nS85XDPQX  ",
        "EXGV–3K15—49YZ·S85X.DPQX",
        "EXGV3KI549YZS85XDPQX",
        "EXGV3KL549YZS85XDPQX",
        "exgv3kl549yzs85xdpqx",
        "EXGV 3K15 49YZ S85X DPQX",
        "https://stem.voorbeeldstad.nl/s#EXGV3K1549YZS85XDPQX",
        "stem.voorbeeldstad.nl/s#exgv-3k15-49yz-s85x-dpqx",
        "#EXGV3K1549YZS85XDPQX",
    ],
)
def test_forgiving(typed: str) -> None:
    assert codes.read(typed) == CODE


def test_a_round_o_is_a_zero() -> None:
    code = next(code for code in (codes.mint(SEED, n) for n in range(1, 99)) if "0" in code)
    assert codes.read(code.replace("0", "O")) == codes.read(code.replace("0", "o")) == code


@given(seeds, serials, st.data())
def test_reading_forgives_whatever_hands_do(seed: bytes, serial: int, data: st.DataObject) -> None:
    code = codes.mint(seed, serial)
    loose = {"0": "0Oo", "1": "1IiLl"}
    typed = "".join(
        data.draw(st.sampled_from(loose.get(symbol, symbol + symbol.lower())))
        + data.draw(st.sampled_from(["", "", "", " ", "-", " - "]))
        for symbol in code
    )
    assert codes.read(typed) == code
    assert codes.read(groups(code)) == code


@pytest.mark.parametrize("place", range(20))
def test_a_symbol_that_no_code_has_is_named_with_its_group(place: int) -> None:
    for strange in "Uu@é":
        with pytest.raises(CodeSymbol) as refused:
            codes.read(wrong(CODE, place, strange))
        assert refused.value.values == {"symbol": strange.upper(), "group": place // 4 + 1}


@pytest.mark.parametrize(
    "typed", ["", " ", "-", "#", CODE[:19], CODE + "0", CODE[:4], CODE * 2, "0" * 10_000]
)
def test_wrong_length(typed: str) -> None:
    with pytest.raises(CodeLength) as refused:
        codes.read(typed)
    assert refused.value.values == {"typed": len(typed.strip(" -#"))}


def test_a_strange_symbol_far_off_points_at_the_last_group() -> None:
    with pytest.raises(CodeSymbol) as refused:
        codes.read("0" * 100 + "%")
    assert refused.value.values == {"symbol": "%", "group": 5}


@given(st.text(max_size=60))
def test_anything_typed_is_a_code_or_a_refusal_that_points_somewhere(typed: str) -> None:
    said: str | CodeRefusal
    try:
        said = codes.read(typed)
    except CodeRefusal as refused:
        said = refused
    if isinstance(said, str):
        assert codes.read(said) == said
    else:
        assert str(said).endswith(".")
        assert said.values.get("group", 1) in range(1, 6)


@pytest.mark.parametrize(
    ("kind", "refusal"), [(codes.PROOF, codes.CodeOfProof), (codes.CONTROL, codes.CodeOfControl)]
)
def test_dead_codes_are_sound_differ_and_are_refused_as_what_they_are(
    kind: str, refusal: type[CodeRefusal]
) -> None:
    numbers = [0, 1, 31, 32, 2**40 - 1]
    made = [codes.dead(kind, number) for number in numbers]
    assert len(set(made)) == len(numbers)
    for code in made:
        assert len(code) == codes.LENGTH
        assert set(code) <= set(ALPHABET)
        assert codes.is_dead(code)
        with pytest.raises(refusal):
            codes.read(code.lower())
        with pytest.raises(CodeTypo):  # the check symbols are right, so a slip of the hand is located
            codes.read(wrong(code, 19, others(code[19])[0]))
    assert not any(codes.is_dead(codes.mint(SEED, serial)) for serial in range(1, 500))


def test_dead_codes_of_the_protocol() -> None:
    protocol = (Path(__file__).parents[2] / "docs/protocol.md").read_text()
    for kind in (codes.PROOF, codes.CONTROL):
        assert f"`{codes.dead(kind, 0)}`" in protocol
