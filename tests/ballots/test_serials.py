"""Numbers of letters as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballots import serials
from ballots.refusals import Refusal, SerialsMissing, SerialsTooMany, SerialsWrong


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("12", (12,)),
        (" 12\r\n13\n\n12 ", (12, 13)),
        ("12-14", (12, 13, 14)),
        ("12 – 14, 3;7", (3, 7, 12, 13, 14)),
        ("12 t/m 13", (12, 13)),
        ("5-5", (5,)),
        ("0012", (12,)),
    ],
)
def test_read(text: str, found: tuple[int, ...]) -> None:
    assert serials.read(text) == found


@pytest.mark.parametrize(
    "text", ["0", "-3", "14-12", "12-", "3.5", "12-13-14", "abc", "twaalf", "٣", "1234567890"]
)
def test_what_is_no_number_is_named(text: str) -> None:
    with pytest.raises(SerialsWrong) as caught:
        serials.read(f"1\n{text}")
    assert f"“{text[: serials.LONGEST_SHOWN]}" in str(caught.value)


def test_a_voting_code_is_not_shown_whole() -> None:
    with pytest.raises(SerialsWrong) as caught:
        serials.read("EXGV3K1549YZS85XDPQX")
    assert "EXGV3K1549YZS85XDPQX" not in str(caught.value)


@pytest.mark.parametrize("text", ["", " \n , ;"])
def test_nothing(text: str) -> None:
    with pytest.raises(SerialsMissing):
        serials.read(text)


@pytest.mark.parametrize("text", [f"1-{serials.MOST + 1}", "1-999999999", f"1-{serials.MOST}\n900000-900009"])
def test_too_many(text: str) -> None:
    with pytest.raises(SerialsTooMany):
        serials.read(text)


def test_shown() -> None:
    assert serials.shown([3, 1, 2, 9, 8, 20]) == "1-3, 8, 9, 20"
    assert serials.shown([]) == ""


@given(st.sets(st.integers(1, 300), min_size=1))
def test_what_is_shown_reads_back(numbers: set[int]) -> None:
    assert serials.read(serials.shown(numbers)) == tuple(sorted(numbers))


@given(st.text(alphabet="0123456789-–,; \nt/m", max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = serials.read(text)
    except Refusal:
        return
    assert found
    assert list(found) == sorted(set(found))
    assert found[0] > 0
