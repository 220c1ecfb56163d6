"""The private link: what is typed is kept, handed in once, changed while nobody took it up, and swept up."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from ballots.refusals import ReasonMissing, Refusal
from consult import consultations, initiatives, plan_drafts, stories
from consult.lifecycle import Stage, Verdict
from consult.models import Initiative, Photo, PlanLink, Story
from consult.photos import Made
from consult.refusals import (
    AltMissing,
    AmountWrong,
    CannotHide,
    FieldMissing,
    PhotosFull,
    PlanTakenUp,
    PlanWithdrawn,
    StoryGone,
    StoryWaits,
    TooEarly,
)
from tests.consult.conftest import ACTOR, Place

pytestmark = pytest.mark.both

MADE = Made(b"groot", b"klein", 800, 600)
TEXTS = {
    "title": "Bankjes in de zon",
    "what": "Twee bankjes.",
    "for_whom": "Oudere buren",
    "place": "Lindelaan",
    "upkeep": "De buren samen.",
    "initiator": "Noor",
    "email": "noor@voorbeeld.example",
}


@dataclass
class Writing:
    """A plan that is being written, over its link."""

    place: Place
    token: str

    @property
    def link(self) -> PlanLink:
        found = plan_drafts.find(self.place.session, self.place.town(), self.token)
        assert found
        return found

    def hand_in(self, **changed: str) -> Initiative:
        return plan_drafts.hand_in(
            self.place.session, self.link, self.place.wijk(), 1_250_00, {**TEXTS, **changed}, self.place.now
        )

    def photo(self, alt: str = "Een bankje") -> None:
        plan_drafts.add_photo(self.place.session, self.link, MADE, alt, self.place.now)


@pytest.fixture
def writing(place: Place) -> Writing:
    return Writing(
        place, plan_drafts.begin(place.session, place.town(), {"title": "Bankjes in de zon"}, place.now)
    )


def test_the_secret_is_nowhere(writing: Writing) -> None:
    assert len(writing.token) == 22
    assert writing.token not in repr(writing.place.dump())
    assert plan_drafts.find(writing.place.session, writing.place.town("Elders"), writing.token) is None
    assert plan_drafts.find(writing.place.session, writing.place.town(), writing.token[:-1]) is None
    other = plan_drafts.begin(writing.place.session, writing.place.town(), {}, writing.place.now)
    assert other != writing.token


def test_what_is_typed_is_kept(writing: Writing) -> None:
    place = writing.place
    place.later(days=2)
    plan_drafts.keep(
        place.session, writing.link, {"amount": "veel", "what": "x\0y" + "z" * 20_000}, place.now
    )
    place.look()
    kept = writing.link.fields
    assert (kept["title"], kept["amount"]) == ("Bankjes in de zon", "veel")
    assert kept["what"] == "xy" + "z" * (plan_drafts.LONGEST - 2)
    assert writing.link.touched_at == place.now


def test_handed_in_once(writing: Writing) -> None:
    place = writing.place
    writing.photo()
    plan = writing.hand_in()
    assert writing.hand_in(title="Iets anders") == plan
    place.look()
    assert place.session.query(Initiative).count() == 1
    assert (plan.title, plan.upkeep, plan.asked) == ("Bankjes in de zon", "De buren samen.", 1_250_00)
    assert plan.photo
    assert (plan.photo.alt, plan.photo.large, plan.photo.link_id) == ("Een bankje", b"groot", None)
    assert (writing.link.initiative, writing.link.fields, writing.link.photo) == (plan, {}, None)
    assert place.actions(plan) == ["hand in plan"]


def test_a_plan_with_a_mistake_is_not_handed_in(writing: Writing) -> None:
    before = writing.place.dump()
    with pytest.raises(FieldMissing):
        writing.hand_in(what=" ")
    assert writing.place.dump() == before


def test_after_handing_in_nothing_is_typed(writing: Writing) -> None:
    place = writing.place
    writing.hand_in()
    with pytest.raises(PlanTakenUp):
        plan_drafts.keep(place.session, writing.link, {"title": "x"}, place.now)
    with pytest.raises(PlanTakenUp):
        writing.photo()


def test_one_photo_at_a_time(writing: Writing) -> None:
    place = writing.place
    writing.photo()
    writing.photo("Twee bankjes")
    (kept,) = place.session.query(Photo).all()
    assert kept.alt == "Twee bankjes"
    plan_drafts.describe_photo(place.session, writing.link, " Drie ", place.now)
    assert kept.alt == "Drie"
    plan_drafts.remove_photo(place.session, writing.link, place.now)
    assert place.session.query(Photo).count() == 0


def test_changed_while_nobody_took_it_up(writing: Writing) -> None:
    place = writing.place
    writing.photo()
    plan = writing.hand_in()
    plan_drafts.begin_change(place.session, writing.link, plan, place.now)
    assert writing.link.fields == {**TEXTS, "wijk": "noord", "amount": "1.250"}
    plan_drafts.keep(place.session, writing.link, {"title": "Banken"}, place.now)
    writing.photo("Een andere foto")
    assert plan.title == "Bankjes in de zon"
    assert plan.photo
    assert plan.photo.alt == "Een bankje"

    def change(asked: int = 2_000_00) -> None:
        texts = {**TEXTS, "title": "Banken"}
        plan_drafts.change(place.session, writing.link, plan, place.wijk("Zuid"), asked, texts, place.now)

    with pytest.raises(AmountWrong):
        change(0)
    change()
    place.look()
    assert (plan.title, plan.asked, plan.wijk.name) == ("Banken", 2_000_00, "Zuid")
    assert plan.photo.alt == "Een andere foto"
    assert place.session.query(Photo).count() == 1
    change(3_000_00)  # sent twice
    assert plan.asked == 2_000_00
    assert place.actions(plan) == ["hand in plan", "change plan"]


def test_changes_that_are_left_change_nothing(writing: Writing) -> None:
    place = writing.place
    writing.photo()
    plan = writing.hand_in()
    before = place.dump()
    plan_drafts.begin_change(place.session, writing.link, plan, place.now)
    plan_drafts.stop_change(place.session, writing.link)
    assert place.dump() == before
    plan_drafts.begin_change(place.session, writing.link, plan, place.now)
    texts = {name: getattr(plan, name) for name in plan_drafts.TEXTS}
    plan_drafts.change(place.session, writing.link, plan, plan.wijk, plan.asked, texts, place.now)
    assert place.actions(plan) == ["hand in plan"]  # nothing was changed, so nothing is told


def decided(place: Place, plan: Initiative) -> None:
    place.decide(plan, Verdict.DEFER)


def prepared(place: Place, plan: Initiative) -> None:
    consultations.start(place.session, plan, ACTOR, place.now)


def hidden(place: Place, plan: Initiative) -> None:
    initiatives.hide(place.session, plan, "Het beledigt iemand.", ACTOR, place.now)


@pytest.mark.parametrize("taken_up", [decided, prepared, hidden])
def test_not_changed_once_it_was_taken_up(
    writing: Writing, taken_up: Callable[[Place, Initiative], None]
) -> None:
    place = writing.place
    plan = writing.hand_in()
    plan_drafts.begin_change(place.session, writing.link, plan, place.now)
    taken_up(place, plan)
    before = place.dump()
    with pytest.raises(PlanTakenUp):
        plan_drafts.change(place.session, writing.link, plan, plan.wijk, 1, TEXTS, place.now)
    assert place.dump() == before
    plan_drafts.stop_change(place.session, writing.link)
    with pytest.raises(PlanTakenUp):
        plan_drafts.begin_change(place.session, writing.link, plan, place.now)


def test_withdrawn_for_good(writing: Writing) -> None:
    place = writing.place
    plan = writing.hand_in()
    plan_drafts.withdraw(place.session, plan, place.now)
    plan_drafts.withdraw(place.session, plan, place.now)
    assert initiatives.where(plan, place.now) is Stage.WITHDRAWN
    assert place.actions(plan) == ["hand in plan", "withdraw plan"]
    with pytest.raises(PlanWithdrawn):
        initiatives.show(place.session, plan, ACTOR, place.now)
    with pytest.raises(Refusal):
        place.award(plan, 1_250_00)
    with pytest.raises(Refusal):
        prepared(place, plan)


def test_not_withdrawn_once_residents_were_asked(place: Place) -> None:
    plan = place.plan()
    place.freeze(place.draft(plan))
    with pytest.raises(CannotHide):
        plan_drafts.withdraw(place.session, plan, place.now)
    small = place.plan(5_000_00)
    decided(place, small)
    with pytest.raises(CannotHide):
        plan_drafts.withdraw(place.session, small, place.now)


def test_again_with_the_same_answers(writing: Writing) -> None:
    place = writing.place
    writing.photo()
    plan = writing.hand_in()
    place.decide(plan, Verdict.REJECT, reasons="Er ligt een kabel.")
    anew = Writing(place, plan_drafts.again(place.session, plan, place.now))
    assert anew.link.initiative_id is None
    assert anew.link.fields == {**TEXTS, "wijk": "noord", "amount": "1.250"}
    assert anew.link.photo
    assert plan.photo
    assert anew.link.photo.large == plan.photo.large
    assert anew.hand_in() != plan


def test_a_new_link_ends_the_old_one(writing: Writing) -> None:
    place = writing.place
    plan = writing.hand_in()
    plan_drafts.begin_change(place.session, writing.link, plan, place.now)
    writing.photo()
    new = plan_drafts.renew(place.session, plan, ACTOR, place.now)
    assert plan_drafts.find(place.session, place.town(), writing.token) is None
    assert Writing(place, new).link.initiative == plan


def test_swept_up_after_a_month_of_silence(writing: Writing) -> None:
    place = writing.place
    writing.photo()
    handed = Writing(place, plan_drafts.begin(place.session, place.town(), {}, place.now))
    plan = handed.hand_in()
    place.later(days=20)
    plan_drafts.keep(place.session, writing.link, {"title": "Nog bezig"}, place.now)
    plan_drafts.begin_change(place.session, handed.link, plan, place.now)
    place.later(days=30)
    assert plan_drafts.sweep(place.session, place.now) == 0
    place.later(seconds=1)
    assert "plannen weggegooid die niemand afmaakte: 1" in place.tick()
    assert plan_drafts.find(place.session, place.town(), writing.token) is None
    assert (handed.link.initiative, handed.link.fields) == (plan, {})
    assert place.session.query(Photo).count() == 0
    assert place.tick() == []


def test_thrown_away_at_once(writing: Writing) -> None:
    place = writing.place
    plan_drafts.discard(place.session, writing.link)
    assert place.session.query(PlanLink).count() == 0
    handed = Writing(place, plan_drafts.begin(place.session, place.town(), {}, place.now))
    handed.hand_in()
    plan_drafts.discard(place.session, handed.link)
    assert place.session.query(PlanLink).count() == 1


# What came of it


@pytest.fixture
def paid(place: Place) -> Initiative:
    plan = place.plan(5_000_00)
    place.award(plan, 5_000_00)
    place.grant(plan, 5_000_00)
    return plan


def test_told_looked_at_and_shown(place: Place, paid: Initiative) -> None:
    session, now = place.session, place.now
    stories.write(session, paid, "  De bankjes staan er. ", now)
    stories.add_photo(session, paid, MADE, "Twee bankjes", now)
    assert (paid.story, stories.waiting(session, place.town())) == (None, [])
    stories.send(session, paid, now)
    stories.send(session, paid, now)
    (story,) = stories.waiting(session, place.town())
    assert stories.waiting(session, place.town("Elders")) == []
    assert paid.story is None
    for late in (
        lambda: stories.write(session, paid, "Toch anders", now),
        lambda: stories.add_photo(session, paid, MADE, "Nog een", now),
        lambda: stories.remove_photo(session, paid, story.photos[0].name, now),
    ):
        with pytest.raises(StoryWaits):
            late()
    stories.show(session, story, ACTOR, now)
    assert paid.story is story
    assert (story.text, [each.alt for each in story.photos]) == ("De bankjes staan er.", ["Twee bankjes"])
    with pytest.raises(StoryGone):
        stories.show(session, story, ACTOR, now)
    stories.write(session, paid, "Een jaar later.", now)
    assert paid.story is story  # until the new one was looked at
    assert place.actions(paid)[-2:] == ["send story", "show story"]


def test_sent_back_and_sent_again(place: Place, paid: Initiative) -> None:
    session, now = place.session, place.now
    stories.write(session, paid, "Met Piet uit nummer 7.", now)
    stories.send(session, paid, now)
    story = paid.stories[0]
    with pytest.raises(ReasonMissing):
        stories.give_back(session, story, " ", ACTOR, now)
    stories.give_back(session, story, "Noem geen buren bij naam.", ACTOR, now)
    with pytest.raises(StoryGone):
        stories.give_back(session, story, "Nog eens.", ACTOR, now)
    assert stories.being_told(paid) is story
    assert story.returned_why == "Noem geen buren bij naam."
    stories.write(session, paid, "Met de buren.", now)
    stories.send(session, paid, now)
    stories.show(session, story, ACTOR, now)
    assert (story.text, story.returned_why) == ("Met de buren.", "")
    stories.give_back(session, story, "Iemand wil niet op de foto.", ACTOR, now)
    assert paid.story is None


def test_a_story_is_refused(place: Place, paid: Initiative) -> None:
    session, now = place.session, place.now
    early = place.plan(5_000_00)
    for attempt, refusal in (
        (lambda: stories.write(session, early, "Klaar!", now), TooEarly),
        (lambda: stories.send(session, early, now), TooEarly),
        (lambda: stories.send(session, paid, now), FieldMissing),
        (lambda: stories.add_photo(session, paid, MADE, " ", now), AltMissing),
    ):
        with pytest.raises(refusal):
            attempt()
    for _ in range(stories.MOST_PHOTOS):
        stories.add_photo(session, paid, MADE, "Een bankje", now)
    with pytest.raises(PhotosFull):
        stories.add_photo(session, paid, MADE, "Een bankje", now)
    stories.remove_photo(session, paid, paid.stories[0].photos[0].name, now)
    assert place.session.query(Photo).count() == stories.MOST_PHOTOS - 1
    with pytest.raises(FieldMissing):
        stories.send(session, paid, now)
    assert place.session.query(Story).count() == 1
