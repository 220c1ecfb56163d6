"""What is shown of a closed poll: told once, told anew after a lot, and of paper that was put with the rest."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from threading import Barrier
from typing import Any

import pytest
from flask_babel import force_locale
from sqlalchemy.orm import Session

from ballots import casting, codes, lots, paper_votes, polls
from ballots.paper import Kind
from consult import results
from consult.drafts import DraftOption, TieOrder, Way, Weight
from consult.models import Consultation
from consult.results import Counted
from tests.consult.conftest import BUDGET, Place

CHOICE: dict[str, Any] = {
    "text": "Hoe heet het park?",
    "kind": Kind.CHOOSE_ONE,
    "options": BUDGET["options"],
    "shuffled": False,
    "way": Way.PLURALITY,
    "quorum": "none",
    "tie_order": TieOrder.LOT,
    "weight": Weight.ALIKE,
}
pytestmark = pytest.mark.both

WITNESSES = ["Joke", "Piet"]


def held(place: Place, votes: dict[str, int], question: Mapping[str, Any], on_paper: int = 0) -> Consultation:
    """Hold a buurtstemming from draft to count; so many papers are all for the first option."""
    ballot = place.ballot(question)
    letters = place.freeze(ballot)
    place.printed(ballot)
    place.vote(letters, votes)
    for code in letters[sum(votes.values()) :][:on_paper]:
        poll, p = casting.find(place.session, codes.read(code))
        paper_votes.redeem(place.session, poll, p, place.now)
    place.later(days=3)
    if on_paper:
        paper_votes.enter(place.session, place.poll(ballot), [[["a1"]]] * on_paper, place.now)
    place.tick()
    return ballot


def told(place: Place, ballot: Consultation) -> Counted:
    with place.app.app_context():
        (counted,) = results.of(place.session, place.poll(ballot))
    return counted


def test_what_is_closed_is_told_once_and_again_after_a_lot(place: Place) -> None:
    ballot = held(place, {"a1": 3, "a2": 3, "a3": 1}, CHOICE)
    tied = told(place, ballot)
    assert "Er moet nog worden geloot." in tied.result.headline
    assert told(place, ballot) is tied
    lots.draw(place.session, place.poll(ballot), 1, ["a2", "a1"], WITNESSES, place.now)
    drawn = told(place, ballot)
    assert drawn.result.headline == "“Boom” wint met 3 stemmen."
    assert "1. Boom, 2. Bankje" in drawn.lots[0]
    assert told(place, ballot) is drawn


def test_another_language_is_told_apart(place: Place) -> None:
    ballot = held(place, {"a1": 3}, CHOICE)
    dutch = told(place, ballot)
    with place.app.app_context(), force_locale("en"):
        (english,) = results.of(place.session, place.poll(ballot))
    assert english is not dutch
    assert told(place, ballot) is dutch


def test_several_readers_at_once_get_one_telling(place: Place) -> None:
    many = tuple(DraftOption(f"a{n}", f"Plan {n}", 100_00 * n, "Groen", "Noord") for n in range(1, 41))
    poll = place.poll(held(place, {"a1": 3}, {**BUDGET, "options": many}))
    polls.outcomes(place.session, poll)  # that is counted once has a lock of its own
    id, kind, readers = poll.id, type(poll), 8
    together = Barrier(readers)

    def read(_: int) -> list[Counted]:
        found = []
        with place.app.app_context(), Session(place.engine) as session:
            mine = session.get_one(kind, id)
            for language in ("nl", "en", "ar"):
                with force_locale(language):
                    together.wait()
                    found += results.of(session, mine)
        return found

    with ThreadPoolExecutor(readers) as pool:
        for first, *others in zip(*pool.map(read, range(readers)), strict=True):
            assert all(other is first for other in others)


def test_only_so_many_are_kept(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "MOST_TOLD", 1)
    monkeypatch.setattr(results, "_told", {})
    one, two = (held(place, {"a1": 3}, {**CHOICE, "text": text}) for text in ("Een?", "Twee?"))
    assert [told(place, ballot).question.text for ballot in (one, two, one)] == ["Een?", "Twee?", "Een?"]
    assert len(results._told) == 1


def test_what_would_have_been_enough_is_told_of_a_plain_budget_only(place: Place) -> None:
    votes = {"a1": 5, "a3": 4, "a2": 1}
    alike = told(place, held(place, votes, BUDGET))
    weighed = told(place, held(place, votes, {**BUDGET, "weight": Weight.HALF_OF_VOTERS}))
    short = "Met 5 stemmen meer had dit plan geld gekregen: dan was het eerder aan de beurt geweest dan"
    assert [short in " ".join(row.why) for row in alike.result.rows] == [False, False, True]
    assert not any("meer had dit plan geld gekregen" in " ".join(row.why) for row in weighed.result.rows)


@pytest.mark.parametrize(("on_paper", "sentences"), [(0, 1), (2, 2)])
def test_paper_that_was_put_with_the_rest_is_told(place: Place, on_paper: int, sentences: int) -> None:
    weighed = {**CHOICE, "weight": Weight.HALF_OF_VOTERS}
    counted = told(place, held(place, {"a1": 3, "a2": 1}, weighed, on_paper))
    assert counted.outcome.score["a1"] == Fraction(3 + on_paper, 4 + on_paper)
    assert counted.result.channels
    assert len(counted.result.channels.sentences) == sentences
    assert ("samengevoegd" in counted.result.channels.sentences[0]) is bool(on_paper)
