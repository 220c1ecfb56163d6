"""Verbs: make a town, and its wijken; in which languages a wijk reads."""

import re
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from ballots.database import AnySession, writing
from consult import journal, themes
from consult.models import Town, Wijk
from consult.refusals import ColourWrong, FieldMissing, NameTaken, TownUnknown, UrlWrong


def add(
    session: AnySession,
    name: str,
    base_url: str,
    address: str,
    phone: str,
    email: str,
    accent: str,
    limit: int,
    actor: str,
    now: datetime,
) -> Town:
    """Make a town; `limit` in cents. Raises NameTaken, UrlWrong, ColourWrong, FieldMissing."""
    if not all(text.strip() for text in (name, address, phone, email)):
        raise FieldMissing(fields="naam, adres, telefoon, e-mail")
    if not re.fullmatch(r"https?://[^/\s]+", base_url):
        raise UrlWrong()
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", accent):
        raise ColourWrong()
    with writing(session):
        if session.scalar(select(Town.id).where(Town.name == name)):
            raise NameTaken(name=name)
        town = Town(
            name=name,
            accent=accent,
            base_url=base_url,
            address=address,
            phone=phone,
            email=email,
            limit=limit,
        )
        session.add(town)
        session.flush()
        journal.write(session, actor, "add town", town, now, name=name, limit=limit)
    return town


def set_theme(session: AnySession, town: str, css: bytes | None, actor: str, now: datetime) -> dict[str, str]:
    """Give the town with this name the look of a theme file, or with None ours again; return the tokens taken.

    Raises TownUnknown, ThemeUnreadable, ThemeEmpty, ThemeWrong.
    """
    tokens = themes.read(css) if css is not None else {}
    with writing(session):
        found = session.scalar(select(Town).where(Town.name == town))
        if found is None:
            raise TownUnknown(name=town)
        found.theme = themes.kept(tokens)
        journal.write(session, actor, "set theme", found, now, tokens=len(tokens))
    return tokens


def add_wijk(session: AnySession, town: str, name: str, actor: str, now: datetime) -> Wijk:
    """Make a wijk in the town with this name. Raises TownUnknown, NameTaken."""
    with writing(session):
        found = session.scalar(select(Town).where(Town.name == town))
        if found is None:
            raise TownUnknown(name=town)
        slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
        if not slug or any(wijk.slug == slug for wijk in found.wijken):
            raise NameTaken(name=name)
        wijk = Wijk(town=found, name=name, slug=slug)
        session.add(wijk)
        journal.write(session, actor, "add wijk", found, now, name=name)
    return wijk


def set_languages(
    session: AnySession, wijk: Wijk, languages: Collection[str], actor: str, now: datetime
) -> None:
    """Offer the pages of a wijk in these languages beside Dutch, by their codes."""
    with writing(session):
        wijk.languages = " ".join(languages)
        journal.write(
            session, actor, "set languages", wijk.town, now, wijk=wijk.name, languages=wijk.languages
        )
