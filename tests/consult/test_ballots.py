"""A buurtstemming by its verbs: questions, freeze, count, a lot, the papers; and never the award of a plan."""

import io
import json
import zipfile
from typing import Any

import pypdfium2
import pytest

from ballots import polls
from ballots.definition import decode
from ballots.paper import Kind
from ballots.refusals import NotClosed, NoTie, WitnessesMissing
from consult import asked, ballot_questions, consultations, dossier, initiatives, journal, prints
from consult.drafts import TieOrder, Way
from consult.lifecycle import Stage, Verdict
from consult.models import Consultation
from consult.refusals import FieldMissing, IsFrozen, NeedsConsultation, NotFrozen
from tests.consult.conftest import ACTOR, BUDGET, LETTERS, SUBJECT, Place

pytestmark = pytest.mark.both

CHOICE: dict[str, Any] = {
    "text": "Hoe heet het park?",
    "kind": Kind.CHOOSE_ONE,
    "options": BUDGET["options"],
    "shuffled": False,
    "way": Way.PLURALITY,
    "quorum": "none",
    "tie_order": TieOrder.LOT,
    "weight": "alike",
}


def held(place: Place, votes: dict[str, int], *questions: dict[str, Any]) -> Consultation:
    """Hold a buurtstemming from draft to count."""
    ballot = place.ballot(*(questions or (BUDGET,)))
    codes = place.freeze(ballot)
    place.printed(ballot)
    place.vote(codes, votes)
    place.later(days=3)
    place.tick()
    return ballot


def actions(place: Place, ballot: Consultation) -> list[str]:
    return [entry.action for entry in journal.of(place.session, ballot)]


# Drafting


def test_an_empty_one_names_everything_that_is_missing(place: Place) -> None:
    draft = consultations.start_ballot(place.session, place.wijk(), {}, ACTOR, place.now)
    assert list(map(str, asked.missing(draft))) == [*asked.OF_A_BALLOT.values(), "een vraag"]
    ballot_questions.add(place.session, draft, ACTOR, place.now)
    assert str(asked.missing(draft)[-1]) == "vraag 1: nog niet klaar"
    with pytest.raises(FieldMissing, match="vraag 1"):
        place.freeze(draft)
    assert draft.poll_id is None
    assert not place.vault.folder.exists()


@pytest.mark.parametrize("name", list(SUBJECT))
def test_whatever_is_left_open_cannot_be_frozen(place: Place, name: str) -> None:
    draft = place.ballot(BUDGET)
    consultations.edit(place.session, draft, {name: ""}, ACTOR, place.now)
    with pytest.raises(FieldMissing, match=asked.OF_A_BALLOT[name]):
        place.freeze(draft)


def test_the_fields_of_a_plan_are_not_those_of_a_buurtstemming(place: Place) -> None:
    draft = place.ballot(BUDGET)
    with pytest.raises(ValueError, match="in_favour"):
        consultations.edit(place.session, draft, {"in_favour": "Ja"}, ACTOR, place.now)
    with pytest.raises(ValueError, match="title"):
        consultations.edit(place.session, place.draft(place.plan()), {"title": "Ja"}, ACTOR, place.now)


def test_questions_are_added_put_higher_and_taken_off(place: Place) -> None:
    draft = place.ballot(BUDGET, CHOICE)
    third = ballot_questions.add(place.session, draft, ACTOR, place.now)
    assert third.id == "q3"
    ballot_questions.raise_up(place.session, draft, "q3", ACTOR, place.now)
    ballot_questions.raise_up(place.session, draft, "q1", ACTOR, place.now)
    assert [each.id for each in asked.drafts(draft)] == ["q1", "q3", "q2"]
    ballot_questions.remove(place.session, draft, "q3", ACTOR, place.now)
    ballot_questions.change(place.session, draft, "q2", {"text": "Welke naam?"}, ACTOR, place.now)
    place.look()
    assert [(each.id, each.text) for each in asked.drafts(draft)] == [
        ("q1", BUDGET["text"]),
        ("q2", "Welke naam?"),
    ]
    assert asked.drafts(draft)[0].options == BUDGET["options"]


def test_a_frozen_one_never_changes(place: Place) -> None:
    draft = place.ballot(BUDGET)
    place.freeze(draft)
    before = place.dump()
    session, now = place.session, place.now
    for verb in (
        lambda: ballot_questions.add(session, draft, ACTOR, now),
        lambda: ballot_questions.change(session, draft, "q1", {"text": "Anders"}, ACTOR, now),
        lambda: ballot_questions.remove(session, draft, "q1", ACTOR, now),
        lambda: ballot_questions.raise_up(session, draft, "q1", ACTOR, now),
        lambda: consultations.edit(session, draft, {"title": "Anders"}, ACTOR, now),
    ):
        with pytest.raises(IsFrozen):
            verb()
    assert place.dump() == before


def test_what_is_frozen_is_what_was_drafted(place: Place) -> None:
    draft = place.ballot(BUDGET, CHOICE)
    place.freeze(draft)
    terms = decode(place.poll(draft).definition).terms
    assert terms.questions == tuple(question for question, _ in asked.questions(draft))
    assert terms.rules == tuple(rule for _, rule in asked.questions(draft))
    assert (terms.title, terms.summary) == (SUBJECT["title"], tuple(SUBJECT["summary"].splitlines()))
    assert [(text.heading, text.text) for text in terms.texts] == [
        ("Wat gebeurt er met de uitslag?", SUBJECT["afterwards"])
    ]
    assert "plan" not in terms.about
    assert terms.about["letters"] == str(LETTERS)


def test_a_question_that_a_colleague_changed_is_not_frozen_unseen(place: Place) -> None:
    draft = place.ballot(BUDGET)
    seen = asked.fingerprint(place.session, draft)
    ballot_questions.change(place.session, draft, "q1", {"pot": 6_000_00}, ACTOR, place.now)
    assert asked.fingerprint(place.session, draft) != seen


# From freeze to outcome


def test_from_draft_to_outcome_and_dossier(place: Place) -> None:
    ballot = held(place, {"a1,a3": 5, "a2": 4, "blanco": 1})
    (outcome,) = polls.outcomes(place.session, place.poll(ballot))
    assert outcome.winners == ("a1", "a3")
    assert outcome.left == 0
    assert actions(place, ballot)[-3:] == ["open", "close and count", "recount, destroy keys"]
    files = _opened(built(place, ballot))
    assert {"plan.json", "decisions.json", "grant.json"}.isdisjoint(files)
    assert json.loads(files["outcome.json"])[0]["winners"] == ["a1", "a3"]
    assert [entry["action"] for entry in json.loads(files["journal.json"])] == actions(place, ballot)
    report = _text(files["report.pdf"])
    for said in ("Dossier buurtstemming", SUBJECT["title"], BUDGET["text"], "Bankje", "€ 5.000", "Groen"):
        assert said in report, said
    assert "wijkraadpleging" not in report.lower()


def test_its_letter_says_what_it_is(place: Place) -> None:
    for questions, wanted in (
        ((BUDGET,), ("Buurtstemming: Buurtbudget Noord", BUDGET["text"], "Bankje", "Blanco")),
        ((BUDGET, CHOICE), ("1. Welke plannen krijgen geld?", "2. Hoe heet het park?")),
        ((CHOICE,) * 4, ("Wij stellen u 4 vragen.",)),
    ):
        draft = place.ballot(*questions)
        with place.app.test_request_context():
            letter = _text(prints.specimen(place.session, draft, place.now))
        for said in (*wanted, "De wijk verdeelt geld.", SUBJECT["afterwards"]):
            assert said in letter, said
        assert "None" not in letter
        assert "wijkraadpleging" not in letter.lower()


def test_two_questions_are_counted_apart(place: Place) -> None:
    ballot = place.ballot(BUDGET, CHOICE)
    codes = place.freeze(ballot)
    place.printed(ballot)
    for code, marks in zip(
        codes, ([["a1"], ["a3"]], [["a1", "a3"], ["a3"]], [["a3"], ["blanco"]]), strict=False
    ):
        place.cast(code, marks)
    place.later(days=3)
    place.tick()
    budget, name = polls.outcomes(place.session, place.poll(ballot))
    assert (budget.votes["a1"], name.votes["a3"], name.winners) == (2, 2, ("a3",))


def test_a_withdrawn_one_is_never_counted(place: Place) -> None:
    ballot = place.ballot(BUDGET)
    place.freeze(ballot)
    place.printed(ballot)
    place.withdraw(ballot)
    place.later(days=3)
    assert place.tick() == ["nagerekend en sleutels vernietigd: Buurtbudget Noord"]
    assert "report.pdf" in _opened(built(place, ballot))


# A lot


def test_a_lot_decides_and_stands_in_the_journal(place: Place) -> None:
    ballot = held(place, {"a1": 3, "a2": 3})
    before = polls.outcomes(place.session, place.poll(ballot))[0]
    assert set(before.ties[0]) == {"a1", "a2"}
    consultations.draw_lot(place.session, ballot, 1, ["a2", "a1"], ["Fatma", "Joop", ""], ACTOR, place.now)
    after = polls.outcomes(place.session, place.poll(ballot))[0]
    assert (after.ties, after.winners) == ((), ("a2", "a3"))
    entry = journal.of(place.session, ballot)[-1]
    assert (entry.action, entry.detail) == (
        "draw lot",
        {"question": 1, "drawn": ["Boom", "Bankje"], "witnesses": ["Fatma", "Joop"]},
    )
    report = _text(_opened(built(place, ballot))["report.pdf"])
    assert "Fatma, Joop" in report


def test_a_lot_that_is_refused_leaves_nothing(place: Place) -> None:
    draft = place.ballot(BUDGET)
    with pytest.raises(NotFrozen):
        consultations.draw_lot(place.session, draft, 1, ["a1", "a2"], ["A", "B"], ACTOR, place.now)
    ballot = held(place, {"a1": 3, "a2": 3})
    before = place.dump()
    for drawn, witnesses, refusal in (
        (["a1", "a2"], ["Fatma", " "], WitnessesMissing),
        (["a1", "a3"], ["Fatma", "Joop"], NoTie),
        (["a1"], ["Fatma", "Joop"], NoTie),
    ):
        with pytest.raises(refusal):
            consultations.draw_lot(place.session, ballot, 1, drawn, witnesses, ACTOR, place.now)
    assert place.dump() == before


def test_no_lot_before_the_close(place: Place) -> None:
    ballot = place.ballot(BUDGET)
    place.freeze(ballot)
    with pytest.raises(NotClosed):
        consultations.draw_lot(place.session, ballot, 1, ["a1", "a2"], ["A", "B"], ACTOR, place.now)


# The gate


def test_a_buurtstemming_never_carries_the_award_of_a_plan(place: Place) -> None:
    """However the wijk chose, a plan above the line still needs a wijkraadpleging of its own."""
    plan = place.plan(24_500_00)
    ballot = held(place, {"a1,a3": 10})
    assert consultations.evidence(place.session, ballot) is None
    assert initiatives.live_consultation(plan) is None
    assert initiatives.where(plan, place.now) is Stage.NEEDS_CONSULTATION
    with pytest.raises(NeedsConsultation):
        place.decide(plan, Verdict.AWARD, 24_500_00)
    assert ballot.amount is None


def built(place: Place, ballot: Consultation) -> bytes:
    with place.app.test_request_context():
        return dossier.build(place.session, place.vault, ballot)


def _opened(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def _text(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        whole = " ".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()
    return " ".join(whole.replace("\u00a0", " ").split())
