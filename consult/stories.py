"""Verbs about what came of a plan: its initiator tells it and sends photos, the office looks, everybody reads."""

from datetime import datetime

from sqlalchemy import select

from ballots.database import AnySession, writing
from ballots.refusals import ReasonMissing
from consult import initiatives, journal, plan_drafts
from consult.initiatives import INITIATOR
from consult.lifecycle import PAID
from consult.models import Initiative, Story, Town, Wijk
from consult.photos import Made
from consult.refusals import AltMissing, FieldMissing, PhotosFull, StoryGone, StoryWaits, TooEarly

MOST_PHOTOS = 4


def may_tell(plan: Initiative, now: datetime) -> bool:
    """Say whether there is something to tell: the town gave money."""
    return initiatives.where(plan, now) in PAID


def being_told(plan: Initiative) -> Story | None:
    """Return the story that is written, waits for the office, or came back; None where there is none."""
    last = plan.stories[-1] if plan.stories else None
    return last if last and not last.shown_at else None


def write(session: AnySession, plan: Initiative, text: str, now: datetime) -> Story:
    """Keep the text as it was typed. Raises TooEarly, StoryWaits."""
    with writing(session):
        story = _own(session, plan, now)
        story.text = plan_drafts.storable(text).strip()
    return story


def add_photo(session: AnySession, plan: Initiative, made: Made, alt: str, now: datetime) -> None:
    """Add a photo. Raises TooEarly, StoryWaits, AltMissing, PhotosFull."""
    with writing(session):
        if not alt.strip():
            raise AltMissing()
        story = _own(session, plan, now)
        if len(story.photos) >= MOST_PHOTOS:
            raise PhotosFull(most=MOST_PHOTOS)
        story.photos.append(plan_drafts.photo(made, alt))


def remove_photo(session: AnySession, plan: Initiative, name: str, now: datetime) -> None:
    """Take the photo of this name away. Raises TooEarly, StoryWaits."""
    with writing(session):
        story = _own(session, plan, now)
        story.photos = [each for each in story.photos if each.name != name]


def send(session: AnySession, plan: Initiative, now: datetime) -> None:
    """Send the story to the office; sent twice it is the same. Raises TooEarly, FieldMissing."""
    with writing(session):
        story = being_told(plan)
        if story and story.waits:
            return
        if not may_tell(plan, now):
            raise TooEarly()
        if story is None or not story.text:
            raise FieldMissing(fields="wat ervan kwam")
        story.sent_at, story.returned_why = now, ""
        journal.write(session, INITIATOR, "send story", plan, now, photos=len(story.photos))


def show(session: AnySession, story: Story, actor: str, now: datetime) -> None:
    """Put a story on the website. Raises StoryGone when it does not wait any more."""
    with writing(session):
        if not story.waits:
            raise StoryGone()
        story.shown_at = now
        journal.write(session, actor, "show story", story.initiative, now)


def give_back(session: AnySession, story: Story, why: str, actor: str, now: datetime) -> None:
    """Send a story back, or take it off the website, and say why. Raises ReasonMissing, StoryGone."""
    if not why.strip():
        raise ReasonMissing()
    with writing(session):
        if story.sent_at is None:
            raise StoryGone()
        story.sent_at = story.shown_at = None
        story.returned_why = why.strip()
        journal.write(session, actor, "return story", story.initiative, now, reason=story.returned_why)


def waiting(session: AnySession, town: Town) -> list[Story]:
    """Return the stories that the office of a town is to look at, oldest first."""
    return list(
        session.scalars(
            select(Story)
            .join(Initiative)
            .join(Wijk)
            .where(Wijk.town_id == town.id, Story.sent_at.is_not(None), Story.shown_at.is_(None))
            .order_by(Story.sent_at)
        )
    )


def _own(session: AnySession, plan: Initiative, now: datetime) -> Story:
    """Return the story that may be written in; a new one where there is none."""
    if not may_tell(plan, now):
        raise TooEarly()
    story = being_told(plan)
    if story is None:
        story = Story(initiative=plan, text="", returned_why="")
        session.add(story)
    elif story.waits:
        raise StoryWaits()
    return story
