"""Points from residents to the paper, and the people who see that the arguments are fair."""

from collections.abc import Mapping
from datetime import timedelta
from secrets import token_hex

import pytest
from sqlalchemy import select

from ballots import polls
from ballots.terms import terms
from consult import asked, consultations, decisions, initiatives, points, reasons
from consult.consultations import evidence
from consult.lifecycle import Verdict
from consult.models import Consultation, Initiative, SentPoint
from consult.reasons import Aside
from consult.refusals import (
    AnswersMissing,
    ArgumentsUnfair,
    FieldMissing,
    IsFrozen,
    OfASide,
    PointLong,
    PointMissing,
    PointsDayWrong,
    PointsFull,
    PointsNotAsked,
    PointsOpen,
    PointTwice,
    WroteArguments,
)
from tests.consult.conftest import ACTOR, Place

pytestmark = pytest.mark.both

GROUP = "regiegroep: Joke"
POINTS = {1: "Rust in de straat", 2: "Spelen dichtbij huis", 3: "Wat het kost", 4: "Het groen dat blijft"}
SENT: Mapping[str, int | Aside] = {
    "Mijn kind kan nergens spelen": 2,
    "Spelen!": 2,
    "Te veel lawaai": 1,
    "Veel geld voor een wip": 3,
    "Laat het gras": 4,
    "De burgemeester is een ezel": Aside.PERSON,
}


def asking(place: Place, plan: Initiative | None = None, last: int = 21) -> Consultation:
    """Return a draft that is complete, of which points can be sent for two weeks."""
    draft = place.draft(plan or place.plan(), days=(20, last))
    points.ask(place.session, draft, place.today + timedelta(days=14), ACTOR, place.now)
    return draft


def send(place: Place, draft: Consultation, text: str) -> int:
    """Send a point; return its id."""
    slip = token_hex(16)
    points.send(place.session, draft, text, slip, place.now)
    return place.session.scalars(select(SentPoint.id).where(SentPoint.slip == slip)).one()


def gathered(place: Place, draft: Consultation, sent: Mapping[str, int | Aside] = SENT) -> None:
    """Residents send these, the regiegroep gathers them; the clock stands after the last day then."""
    ids = {send(place, draft, text): where for text, where in sent.items()}
    place.session.refresh(draft)
    place.later(days=15)
    points.gather(place.session, draft, POINTS, GROUP, place.now)
    points.sort(place.session, draft, ids, GROUP, place.now)


def held(place: Place, chosen: Mapping[str, int], plan: Initiative | None = None) -> Consultation:
    """Hold a consultation with points to its count: everybody is in favour, and chooses these points."""
    draft = asking(place, plan)
    gathered(place, draft)
    used = place.freeze(draft)
    place.printed(draft)
    place.later(days=6)
    votes = [[["voor"], [id]] for id, number in chosen.items() for _ in range(number)]
    for code, marks in zip(used, votes, strict=False):
        place.cast(code, marks)
    place.later(days=3)
    place.tick()
    return draft


# Sending


def test_sent_and_kept_without_a_name_or_a_moment(place: Place) -> None:
    draft = asking(place)
    steps = len(place.dump()["journal"])
    send(place, draft, "  Er is  geen\r\nplek om te spelen ")
    place.look()
    (row,) = place.session.scalars(select(SentPoint)).all()
    assert (row.text, row.sent_on, row.number, row.aside) == (
        "Er is geen plek om te spelen",
        place.today,
        None,
        "",
    )
    assert len(place.dump()["journal"]) == steps  # no step tells when it came


def test_a_form_that_is_sent_twice_is_one_point(place: Place) -> None:
    draft = asking(place)
    for _ in range(2):
        points.send(place.session, draft, "Spelen!", "a" * 32, place.now)
    points.send(place.session, draft, "Spelen!", "b" * 32, place.now)  # somebody else, who thinks the same
    assert len(place.dump()["sent_point"]) == 2


@pytest.mark.parametrize(
    ("text", "refusal"), [("", PointMissing), (" \n ", PointMissing), ("x" * 281, PointLong)]
)
def test_what_cannot_be_sent(place: Place, text: str, refusal: type[Exception]) -> None:
    draft = asking(place)
    with pytest.raises(refusal):
        points.send(place.session, draft, text, "a" * 32, place.now)
    assert place.dump()["sent_point"] == []
    send(place, draft, "x" * 280)


def test_not_before_and_not_after(place: Place) -> None:
    draft = place.draft(place.plan(), days=(20, 21))
    for days, fits in ((0, False), (14, True), (15, False)):
        if days:
            points.ask(place.session, draft, place.today + timedelta(days=14), ACTOR, place.now)
            place.later(days=days)
        assert points.asks(draft, place.now) is fits
        if fits:
            send(place, draft, "Net op tijd")
            place.later(days=-days)
        else:
            with pytest.raises(PointsNotAsked):
                send(place, draft, "Te vroeg of te laat")


def test_not_about_a_hidden_plan_or_a_frozen_question(place: Place) -> None:
    plan = place.plan()
    draft = asking(place, plan)
    initiatives.hide(place.session, plan, "Een belediging.", ACTOR, place.now)
    with pytest.raises(PointsNotAsked):
        send(place, draft, "Spelen!")
    initiatives.show(place.session, plan, ACTOR, place.now)
    gathered(place, draft)
    place.freeze(draft)
    with pytest.raises(PointsNotAsked):
        send(place, draft, "Spelen!")
    with pytest.raises(IsFrozen):
        points.ask(place.session, draft, place.today, ACTOR, place.now)


def test_a_flood_ends_for_the_day(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(points, "MOST_A_DAY", 3)
    draft, other = asking(place), asking(place)
    for n in range(3):
        send(place, draft, f"Punt {n}")
    with pytest.raises(PointsFull):
        send(place, draft, "Nog een")
    send(place, other, "Over iets anders")
    place.later(days=1)
    send(place, draft, "Nog een")


@pytest.mark.parametrize("days", [-1, 61])
def test_a_last_day_that_cannot_be(place: Place, days: int) -> None:
    draft = place.draft(place.plan())
    with pytest.raises(PointsDayWrong):
        points.ask(place.session, draft, place.today + timedelta(days=days), ACTOR, place.now)
    assert draft.points_until is None


# Gathering


def test_how_often_each_was_heard_is_counted(place: Place) -> None:
    draft = asking(place)
    gathered(place, draft)
    assert asked.heard(draft) == {1: 1, 2: 2, 3: 1, 4: 1}
    assert asked.waiting(draft) == 0
    assert asked.missing(draft) == []
    (first, *_) = draft.sent_points
    points.sort(place.session, draft, {first.id: None}, GROUP, place.now)
    assert (asked.heard(draft)[2], asked.waiting(draft)) == (1, 1)


def test_a_point_that_goes_lets_go_what_was_in_it(place: Place) -> None:
    draft = asking(place)
    gathered(place, draft)
    points.gather(place.session, draft, {**POINTS, 2: " ", 5: "Iets nieuws"}, GROUP, place.now)
    place.look()
    assert [(each.number, each.text) for each in draft.points] == [
        (1, POINTS[1]),
        (3, POINTS[3]),
        (4, POINTS[4]),
        (5, "Iets nieuws"),
    ]
    assert asked.waiting(draft) == 2
    assert list(map(str, asked.missing(draft))) == [
        "een plek voor elk punt van bewoners (er wachten er 2)",
        "een bewoner die het stuurde bij punt 5: een punt dat niemand stuurde, kan er niet bij",
    ]
    with pytest.raises(FieldMissing, match="punt 5"):
        place.freeze(draft)


def test_what_cannot_be_gathered(place: Place) -> None:
    draft = asking(place)
    id = send(place, draft, "Spelen!")
    before = place.dump()
    with pytest.raises(PointLong):
        points.gather(place.session, draft, {1: "x" * 81}, GROUP, place.now)
    with pytest.raises(PointTwice):
        points.gather(place.session, draft, {1: "Rust", 2: "rust "}, GROUP, place.now)
    with pytest.raises(PointMissing):
        points.sort(place.session, draft, {id: 1}, GROUP, place.now)
    assert place.dump() == before


def test_points_of_another_consultation_stay_where_they_are(place: Place) -> None:
    draft, other = asking(place), asking(place)
    id = send(place, other, "Spelen!")
    points.gather(place.session, draft, POINTS, GROUP, place.now)
    points.sort(place.session, draft, {id: 1}, GROUP, place.now)
    place.look()
    assert asked.waiting(other) == 1


# Fair arguments


def test_nobody_signs_off_what_they_wrote(place: Place) -> None:
    draft = place.draft(place.plan())
    for text, writer in (("Dit gras blijft beter open.", "Samira"), ("Dit gras blijft echt open.", "Noor")):
        consultations.edit(place.session, draft, {"against": text}, f"gemeente: {writer}", place.now)
        assert draft.signed_off_by is None  # it was another text that was found fair
    for writer in ("gemeente", "collega"):  # who wrote the first text, and who changed it
        with pytest.raises(WroteArguments):
            place.sign(draft, writer)
    with pytest.raises(FieldMissing, match="de handtekening van iemand die geen van beide"):
        place.freeze(draft)
    place.sign(draft, "lid")
    assert draft.signed_off_by == "regiegroep: Ali"
    place.freeze(draft)
    assert terms(place.poll(draft)).about["arguments checked by"] == "regiegroep"
    with pytest.raises(IsFrozen):
        place.sign(draft, "lid")


def test_a_member_of_another_function_does_not_sign(place: Place) -> None:
    draft = place.draft(place.plan())
    with pytest.raises(WroteArguments):
        points.sign_off(place.session, draft, place.staff("balie"), place.now)


@pytest.mark.parametrize("same", [{"email": "ALI@voorbeeld.nl"}, {"initiator": "ali"}])
def test_nor_does_who_handed_in_the_plan(place: Place, same: dict[str, str]) -> None:
    draft = place.draft(place.plan(24_500_00, **same))
    with pytest.raises(OfASide):
        place.sign(draft, "lid")


def test_other_fields_leave_the_signature_and_each_text_of_the_argument_takes_it_away(place: Place) -> None:
    draft = place.draft(place.plan())
    consultations.edit(place.session, draft, {"summary": "Iets anders.", "lengthen": 3}, ACTOR, place.now)
    consultations.edit(place.session, draft, {"upkeep": f" {draft.upkeep} "}, ACTOR, place.now)
    assert draft.signed_off_by == "gemeente: Noor"
    for name in ("question", "in_favour", "against", "if_no", "upkeep"):
        consultations.edit(place.session, draft, {name: f"{getattr(draft, name)} Echt."}, ACTOR, place.now)
        assert draft.signed_off_by is None, name
        draft.signed_off_by = "gemeente: Noor"


def test_unfair_arguments_are_not_signed_off(place: Place) -> None:
    draft = place.draft(place.plan(), against="Nee.")
    assert draft.signed_off_by is None
    with pytest.raises(ArgumentsUnfair, match="nu 5 woorden voor en 1 woorden tegen"):
        points.sign_off(place.session, draft, place.staff("collega"), place.now)


# The paper and the outcome


def test_not_frozen_while_points_can_come(place: Place) -> None:
    draft = asking(place)
    with pytest.raises(PointsOpen):
        place.freeze(draft)
    assert draft.poll_id is None


def test_the_paper_asks_which_point_weighs_most(place: Place) -> None:
    draft = asking(place)
    gathered(place, draft)
    place.freeze(draft)
    frozen = terms(place.poll(draft))
    _, second = frozen.questions
    assert second.text == "Wat weegt voor u het zwaarst?"
    assert [(option.id, option.label) for option in second.options] == [
        (f"p{n}", text) for n, text in POINTS.items()
    ]
    found = reasons.told(frozen)
    assert found is not None
    assert (found.sent, found.aside, found.unsaid) == (6, {Aside.PERSON: 1}, None)
    assert [(point.id, point.heard, point.chosen) for point in found.points] == [
        ("p2", 2, None),
        ("p1", 1, None),
        ("p3", 1, None),
        ("p4", 1, None),
    ]
    assert all(text not in str(frozen) for text in SENT)  # never as it was written


def test_nobody_sent_anything_and_nothing_more_is_asked(place: Place) -> None:
    draft = asking(place)
    place.later(days=15)
    place.freeze(draft)
    frozen = terms(place.poll(draft))
    assert len(frozen.questions) == 1
    assert reasons.told(frozen) == reasons.Told(0, {}, (), None)


def test_without_points_it_is_as_it_was(place: Place) -> None:
    draft = place.held(place.plan(), {"voor": 3})
    frozen = terms(place.poll(draft))
    assert len(frozen.questions) == 1
    assert reasons.told(frozen) is None
    assert decisions.to_answer(place.session, draft) == ()


def test_the_gate_looks_at_the_question_about_the_plan(place: Place) -> None:
    draft = held(place, {"p1": 2, "p2": 1, "blanco": 3})
    found = evidence(place.session, draft)
    assert found is not None
    assert found.counts
    assert found.outcome is not None
    assert (found.outcome.passed, found.outcome.votes["voor"]) == (True, 6)
    assert not any(outcome.ties for outcome in polls.outcomes(place.session, place.poll(draft)))


def test_the_points_chosen_most_are_answered(place: Place) -> None:
    plan = place.plan()
    draft = held(place, {"p4": 3, "p1": 2, "p2": 2, "p3": 1, "blanco": 2}, plan)
    weighed = decisions.to_answer(place.session, draft)
    assert [(point.id, point.chosen) for point in weighed] == [("p4", 3), ("p2", 2), ("p1", 2)]

    def decide(verdict: Verdict, answers: Mapping[str, str]) -> None:
        amount = plan.asked if verdict is Verdict.AWARD else None
        session, now = place.session, place.now
        decisions.decide(session, plan, verdict, amount, "Omdat.", ["Joke"], [], GROUP, now, answers)

    before = place.dump()
    for verdict in (Verdict.AWARD, Verdict.REJECT):
        with pytest.raises(AnswersMissing, match="Spelen dichtbij huis"):
            decide(verdict, {"p4": "Ja.", "p1": "Dat kan.", "p2": "  "})
    assert place.dump() == before
    decide(Verdict.DEFER, {})
    decide(
        Verdict.AWARD,
        {"p4": " Het groen\nblijft. ", "p1": "Dat kan.", "p2": "Graag.", "p3": "Niet gevraagd."},
    )
    decision = initiatives.last_decision(plan)
    assert decision is not None
    assert decision.answers == {"p4": "Het groen blijft.", "p2": "Graag.", "p1": "Dat kan."}


# What is kept


def test_what_was_sent_goes_two_weeks_after_the_freeze_and_the_counts_stay(place: Place) -> None:
    draft = asking(place)
    gathered(place, draft)
    place.freeze(draft)
    frozen_at = place.now
    place.clock["now"] = frozen_at + points.KEPT - timedelta(seconds=1)
    assert points.forget(place.session, place.now) == []
    place.clock["now"] = frozen_at + points.KEPT
    assert "punten van bewoners gewist: Speelplek aan de Lindelaan" in place.tick()
    assert points.forget(place.session, place.now) == []
    place.look()
    assert asked.heard(draft) == {1: 1, 2: 2, 3: 1, 4: 1}
    everything = str(place.dump())
    assert [text for text in SENT if text in everything] == []
    assert place.actions(draft.initiative).count("delete sent points") == 1


def test_what_was_never_frozen_is_not_kept_for_ever(place: Place) -> None:
    draft = asking(place)
    send(place, draft, "Spelen!")
    place.later(days=14 + 182)
    assert points.forget(place.session, place.now) == []
    place.later(days=2)
    assert points.forget(place.session, place.now) == [draft.subject]


def test_who_starts_over_keeps_the_points(place: Place) -> None:
    draft = asking(place, last=40)
    gathered(place, draft)
    place.freeze(draft)
    place.later(days=15)
    place.tick()  # what was sent is gone by now
    place.confirm(place.propose(draft, "restart", reason="De brieven kwamen te laat."))
    place.look()
    new = draft.followed_by
    assert new is not None
    assert {point.number: point.text for point in new.points} == POINTS
    days = {"first_day": place.today, "last_day": place.today}
    consultations.edit(place.session, new, days, ACTOR, place.now)
    place.freeze(new)
    one, other = (reasons.told(terms(place.poll(each))) for each in (draft, new))
    assert one == other
