"""Guessing codes hinders nobody: every real voter votes at the first try, and no guess is a vote."""

import random
import secrets
from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest

from ballots import codes
from ballots.digest import ALPHABET
from tests.trust.helpers import FULL, Live, at_once, send, serve

pytestmark = pytest.mark.both

MakeLive = Callable[..., Live]
GUESSES = 100_000 if FULL else 2_000
GUESSERS, VOTERS = 4, 40


def guesses(port: int, seed: int, number: int) -> Counter[int]:
    """Try so many codes that look right, one in ten with a typo, to look at and to vote with; count the answers."""
    chance, found = random.Random(seed), Counter[int]()
    for serial in range(number):
        code = codes.mint(chance.randbytes(32), serial)
        if serial % 10 == 9:
            code = code[:-1] + ALPHABET[ALPHABET.index(code[-1]) - 1]
        form = {"code": code, "q1": "voor", "r": secrets.token_hex(32)}
        found[send(port, "POST", chance.choice(("/s", "/s/controle", "/s/stem")), form)[0]] += 1
    return found


def votes(port: int, made: Live) -> Counter[int]:
    """Vote with every letter, each at one try."""
    found = Counter[int]()
    for code in made.codes:
        form = {"code": code, "q1": "tegen", "r": secrets.token_hex(32)}
        found[send(port, "POST", "/s/stem", form)[0]] += 1
    return found


def storm(made: Live, target: str) -> tuple[Counter[int], Counter[int]]:
    """Let people vote while others guess; return what guessers and voters were answered."""
    with serve(made, target) as server:
        jobs = [partial(guesses, server.port, seed, GUESSES // GUESSERS) for seed in range(GUESSERS)]
        *guessed, voted = at_once([*jobs, partial(votes, server.port, made)], wait=7200 if FULL else 120)
    assert isinstance(voted, Counter)
    return sum((each for each in guessed if isinstance(each, Counter)), Counter[int]()), voted


def test_real_voters_notice_nothing_of_guessers(live: MakeLive) -> None:
    made = live(VOTERS)
    guessed, voted = storm(made, "app:create_app")
    assert voted == {303: VOTERS}
    assert guessed.total() == GUESSES
    assert set(guessed) == {404, 422}
    assert made.count("redemption") == made.count("inbox") == VOTERS


def test_a_server_that_locks_out_an_address_locks_out_voters(live: MakeLive) -> None:
    _, voted = storm(live(VOTERS), "tests.trust.weak:locks")
    assert voted[429] > VOTERS // 2
