"""Verbs and questions about the private link of an initiator: write a plan, hand it in, change it, withdraw it."""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from ballots.database import AnySession, writing
from ballots.money import euros
from consult import initiatives, journal
from consult.initiatives import INITIATOR
from consult.lifecycle import CHANGEABLE, HIDEABLE
from consult.models import Initiative, Photo, PlanLink, Town, Wijk
from consult.photos import Made
from consult.refusals import AmountWrong, CannotHide, PlanTakenUp

KEPT = timedelta(days=30)
"""How long what somebody began to write is kept after they last typed in it. A term of ours; the pages say it."""
TEXTS = ("title", "what", "for_whom", "place", "upkeep", "initiator", "email")
WITHDRAWN = "De initiatiefnemer trok dit plan in."
LONGEST = 10_000  # characters of an answer that is kept while it is too long to hand in


def begin(
    session: AnySession,
    town: Town,
    fields: Mapping[str, str],
    now: datetime,
    plan: Initiative | None = None,
) -> str:
    """Begin a plan with these answers, or give a link to one that is there; return the secret in its path."""
    token = secrets.token_urlsafe(16)
    with writing(session):
        session.add(
            PlanLink(
                token_hash=_hash(token),
                town_id=town.id,
                initiative=plan,
                fields=_tidy(fields),
                touched_at=now,
            )
        )
    return token


def find(session: AnySession, town: Town, token: str) -> PlanLink | None:
    """Return the link with this secret, of this town."""
    found = select(PlanLink).where(PlanLink.token_hash == _hash(token), PlanLink.town_id == town.id)
    return session.scalar(found)


def keep(session: AnySession, link: PlanLink, fields: Mapping[str, str], now: datetime) -> None:
    """Keep these answers as they were typed, right or wrong, beside those that are there."""
    with writing(session):
        if not is_open(link):
            raise PlanTakenUp()
        link.fields = {**link.fields, **_tidy(fields)}
        link.touched_at = now


def is_open(link: PlanLink) -> bool:
    """Say whether something is being written here: a new plan, or changes to one."""
    return link.initiative_id is None or bool(link.fields)


def add_photo(session: AnySession, link: PlanLink, made: Made, alt: str, now: datetime) -> None:
    """Put this photo with what is being written, in place of the one that was there."""
    with writing(session):
        if not is_open(link):
            raise PlanTakenUp()
        if link.photo:
            session.delete(link.photo)
            session.flush()
        session.add(photo(made, alt, link=link))
        link.touched_at = now


def describe_photo(session: AnySession, link: PlanLink, alt: str, now: datetime) -> None:
    """Keep what is to be seen on the photo."""
    with writing(session):
        if link.photo and is_open(link):
            link.photo.alt = storable(alt).strip()
            link.touched_at = now


def remove_photo(session: AnySession, link: PlanLink, now: datetime) -> None:
    """Take the photo away from what is being written."""
    with writing(session):
        if link.photo and is_open(link):
            session.delete(link.photo)
            link.touched_at = now


def photo(made: Made, alt: str, **of: Any) -> Photo:
    """Return a photo to be kept, of a link, a plan or a story."""
    return Photo(
        name=secrets.token_hex(16),
        alt=storable(alt).strip(),
        width=made.width,
        height=made.height,
        large=made.large,
        small=made.small,
        **of,
    )


def copied(found: Photo, **of: Any) -> Photo:
    """Return the same photo for something else."""
    return photo(Made(found.large, found.small, found.width, found.height), found.alt, **of)


def hand_in(
    session: AnySession, link: PlanLink, wijk: Wijk, asked: int, texts: Mapping[str, str], now: datetime
) -> Initiative:
    """Hand in what was written, once: sent twice it is the same plan. `asked` in cents; `texts` as in TEXTS.

    Raises what `initiatives.hand_in` raises.
    """
    with writing(session):
        if link.initiative:
            return link.initiative
        plan = initiatives.hand_in(session, wijk, now, asked=asked, **texts)
        link.initiative, link.fields, link.touched_at = plan, {}, now
        _give_photo(session, link, plan)
    return plan


def fields_of(plan: Initiative) -> dict[str, str]:
    """Return the answers of a plan as somebody would type them."""
    texts = {name: getattr(plan, name) for name in TEXTS}
    return {**texts, "wijk": plan.wijk.slug, "amount": euros(plan.asked).removeprefix("€ ")}


def may_change(plan: Initiative, now: datetime) -> bool:
    """Say whether the initiator may still change the plan: nobody prepares or decided anything about it yet."""
    return (
        initiatives.where(plan, now) in CHANGEABLE
        and not plan.hidden_why
        and not plan.decisions
        and not plan.consultations
    )


def begin_change(session: AnySession, link: PlanLink, plan: Initiative, now: datetime) -> None:
    """Take the answers of the plan up again, to change them; nobody sees it before `change`. Raises PlanTakenUp."""
    with writing(session):
        if not may_change(plan, now):
            raise PlanTakenUp()
        if link.fields:
            return
        link.fields, link.touched_at = fields_of(plan), now
        if plan.photo:
            session.add(copied(plan.photo, link=link))


def change(
    session: AnySession,
    link: PlanLink,
    plan: Initiative,
    wijk: Wijk,
    asked: int,
    texts: Mapping[str, str],
    now: datetime,
) -> None:
    """Put the changes into the plan. The journal tells which answers changed, not what they were.

    Raises PlanTakenUp when somebody took it up meanwhile, AmountWrong.
    """
    with writing(session):
        if not link.fields:
            return  # sent twice
        if not may_change(plan, now):
            raise PlanTakenUp()
        if not 0 < asked <= initiatives.MOST:
            raise AmountWrong()
        given: dict[str, Any] = {
            **{name: texts[name].strip() for name in TEXTS},
            "asked": asked,
            "wijk": wijk,
        }
        changed = [name for name, value in given.items() if getattr(plan, name) != value]
        for name in changed:
            setattr(plan, name, given[name])
        if (plan.photo and (plan.photo.large, plan.photo.alt)) != (
            link.photo and (link.photo.large, link.photo.alt)
        ):
            changed.append("photo")
        _give_photo(session, link, plan)
        link.fields = {}
        if changed:
            journal.write(session, INITIATOR, "change plan", plan, now, changed=changed, asked=asked)


def stop_change(session: AnySession, link: PlanLink) -> None:
    """Throw the changes away; the plan stays as it is."""
    with writing(session):
        if link.initiative_id is not None:
            link.fields = {}
            if link.photo:
                session.delete(link.photo)


def _give_photo(session: AnySession, link: PlanLink, plan: Initiative) -> None:
    if plan.photo:
        session.delete(plan.photo)
        session.flush()
    if link.photo:
        found = link.photo
        found.link_id, found.initiative_id = None, plan.id
    session.flush()
    session.expire(plan, ["photo"])
    session.expire(link, ["photo"])


def may_withdraw(plan: Initiative, now: datetime) -> bool:
    """Say whether the initiator may still withdraw the plan: residents were not asked, nobody decided."""
    asked = any(each.poll_id for each in plan.consultations)
    return initiatives.where(plan, now) in HIDEABLE and not asked and not plan.decisions


def withdraw(session: AnySession, plan: Initiative, now: datetime) -> None:
    """Take a plan back; it leaves the public pages for good. Raises CannotHide once residents were asked."""
    with writing(session):
        if plan.withdrawn_at:
            return
        if not may_withdraw(plan, now):
            raise CannotHide()
        plan.withdrawn_at, plan.hidden_why = now, WITHDRAWN
        journal.write(session, INITIATOR, "withdraw plan", plan, now)


def again(session: AnySession, plan: Initiative, now: datetime) -> str:
    """Begin a new plan with the answers and the photo of this one; return the secret of its link."""
    with writing(session):
        token = begin(session, plan.wijk.town, fields_of(plan), now)
        link = find(session, plan.wijk.town, token)
        if plan.photo and link:
            session.add(copied(plan.photo, link=link))
    return token


def renew(session: AnySession, plan: Initiative, actor: str, now: datetime) -> str:
    """Give a new private link to a plan, in place of those there were; return its secret."""
    with writing(session):
        for link in session.scalars(select(PlanLink).where(PlanLink.initiative_id == plan.id)):
            _delete(session, link)
        token = begin(session, plan.wijk.town, {}, now, plan)
        journal.write(session, actor, "renew plan link", plan, now)
    return token


def remove_public_photo(session: AnySession, plan: Initiative, actor: str, now: datetime) -> None:
    """Take the photo off a plan for good, such as when somebody on it did not want to be."""
    with writing(session):
        if plan.photo:
            session.delete(plan.photo)
            journal.write(session, actor, "remove photo", plan, now)


def discard(session: AnySession, link: PlanLink) -> None:
    """Throw away what was written and not handed in."""
    with writing(session):
        if link.initiative_id is None:
            _delete(session, link)


def sweep(session: AnySession, now: datetime) -> int:
    """Delete what lay still for `KEPT` and was never handed in; return how many. Changes left so go too."""
    old = list(session.scalars(select(PlanLink.id).where(PlanLink.touched_at < now - KEPT)))
    if not old:
        return 0
    deleted = 0
    with writing(session):
        for link in session.scalars(
            select(PlanLink).where(PlanLink.touched_at < now - KEPT, PlanLink.initiative_id.is_(None))
        ):
            _delete(session, link)
            deleted += 1
        for link in session.scalars(
            select(PlanLink).where(PlanLink.touched_at < now - KEPT, PlanLink.initiative_id.is_not(None))
        ):
            if link.fields:
                stop_change(session, link)
    return deleted


def _delete(session: AnySession, link: PlanLink) -> None:
    if link.photo:
        session.delete(link.photo)
        session.flush()
    session.delete(link)


def _hash(token: str) -> bytes:
    """A token has 128 random bits, so its hash needs no salt and no slowness."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def storable(text: str) -> str:
    """Return a text as a database can hold it."""
    return text.replace("\0", "")[:LONGEST]


def _tidy(fields: Mapping[str, str]) -> dict[str, str]:
    return {name: storable(text) for name, text in fields.items()}
