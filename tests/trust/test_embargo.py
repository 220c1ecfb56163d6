"""Nobody sees an interim result: two polls in which other votes were cast look the same, to everybody, until close."""

import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from pyotp import TOTP
from sqlalchemy import select

from ballots import keys, mixing, polls, sealing
from ballots.models import Inbox
from ballots.vault import Vault
from tests.conftest import postgres_copy
from tests.consult.conftest import PEOPLE, SITE, Browser, Place, open_place
from tests.trust import weak

# Voted in this order, with the same letters and the same r: nearly the opposite of each other.
ONE = ("voor",) * 8 + ("tegen", "blanco")
OTHER = ("tegen",) * 9 + ("voor",)
# What is random, or follows from it, has a length only: hashes, tokens, envelopes, numbers of sessions.
RANDOM = re.compile(r"[0-9a-f]{32,}|[0-9A-Za-z_\-+/.]{40,}=*|([0-9A-Z]{4} ){3}[0-9A-Z]{4}")

Seen = dict[str, object]


@dataclass
class Twin:
    """One of two polls that were one until somebody voted."""

    place: Place
    poll: bytes
    browsers: Mapping[str, Browser]

    def vote(self, codes: list[str], markings: tuple[str, ...]) -> None:
        """Vote over HTTP, and mix as soon as that can be."""
        for number, (code, marking) in enumerate(zip(codes, markings, strict=False)):
            form = {"code": code, "q1": marking, "r": f"{number:064x}"}
            for path in ("/s", "/s/controle", "/s/stem"):
                answer = self.browsers["nobody"].bare(path, form)
                assert answer.status_code in (200, 303), answer.text
        self.place.tick()

    def seen(self) -> Seen:
        """Return all there is to see: rows and their lengths, files and theirs, and every page to everybody."""
        found: Seen = {}
        self.place.look()
        for table, rows in self.place.tables().items():
            found[f"table {table}"] = sorted(tuple(map(shape, row)) for row in rows)
        for path in sorted(self.place.folder.rglob("*")):
            if path.is_file() and not path.name.endswith("-shm"):
                found[f"file {path.relative_to(self.place.folder)}"] = path.stat().st_size
        for who, browser in self.browsers.items():
            for address in paths(self.place.app, self.poll):
                answer = browser.client.get(address, base_url=SITE)
                text = (
                    ""
                    if answer.content_type.endswith(("pdf", "zip", "png"))
                    else answer.get_data(as_text=True)
                )
                shown = RANDOM.sub(lambda found: "·" * len(found[0]), text)
                found[f"{address} as {who}"] = (answer.status_code, len(answer.get_data()), shown)
                answer.close()  # or the file it came from stays open
        return found


def shape(value: object) -> object:
    """Return what bytes and texts come to, once what is random in them is left out."""
    if isinstance(value, bytes):
        return len(value)
    return RANDOM.sub(lambda found: "·" * len(found[0]), value) if isinstance(value, str) else value


def paths(app: Flask, poll: bytes) -> list[str]:
    """Return an address of every route that can be looked at, about this poll and its consultation."""
    adapter = app.url_map.bind("localhost")
    found = []
    for rule in app.url_map.iter_rules():
        if rule.build_only or "GET" not in (rule.methods or ()):
            continue
        values = {
            name: poll.hex() if "poll" in name else 1 if f"<int:{name}>" in rule.rule else "noord"
            for name in rule.arguments
        }
        found.append(str(adapter.build(rule.endpoint, values)))
    return sorted(found)


Twins = Callable[[], tuple[Twin, Twin, list[str]]]


Copy = Callable[[Place | None], Path | str]


@pytest.fixture
def copied(backend: str, request: pytest.FixtureRequest) -> Iterator[tuple[Copy, dict[str, TOTP]]]:
    """Return what copies the database of a place (or one with nothing but people), and the telephones of those.

    On PostgreSQL it gives the address of the copy; on SQLite the file that is copied as its place is opened.
    """
    given = request.getfixturevalue
    if backend == "sqlite":
        database, phones = given("furnished")
        yield lambda of: of.folder / "wijkstem.db" if of else database, phones
        return
    template, phones = given("furnished_template")
    with ExitStack() as stack:

        def copy(of: Place | None) -> str:
            name = of.engine.url.database if of else template
            return stack.enter_context(postgres_copy(given("cluster"), str(name)))

        yield copy, phones


@pytest.fixture
def twins(
    copied: tuple[Copy, dict[str, TOTP]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Twins]:
    """Return what makes a poll with its letters, twice the same, the doors open."""
    monkeypatch.setattr(mixing, "CROWD", 3)  # so that there is something on the board
    copy, phones = copied
    with ExitStack() as stack:

        def opened(name: str, as_it_is: Place | None = None) -> Place:
            (tmp_path / name).mkdir(exist_ok=True)
            places = open_place(copy(as_it_is), tmp_path / name, phones)
            stack.callback(lambda: next(places, None))
            return next(places)

        def make() -> tuple[Twin, Twin, list[str]]:
            first = opened("first")
            consultation = first.draft(first.plan())
            codes = first.freeze(consultation)
            first.printed(consultation)
            poll = first.poll(consultation).id
            first.tick()
            first.session.close()
            first.engine.dispose()
            both = []
            for name in ("one", "other"):
                shutil.copytree(first.folder / "keys", tmp_path / name / "keys")
                place = opened(name, first)
                browsers = {who: place.browser(who) for who in PEOPLE} | {"nobody": place.anonymous()}
                both.append(Twin(place, poll, browsers))
            return both[0], both[1], codes

        yield make


def told(twins: Twins) -> set[str]:
    """Let each of the twins vote its own way; return where that can be seen before close."""
    one, other, codes = twins()
    assert one.seen() == other.seen()  # nothing but chance keeps them apart yet
    one.vote(codes, ONE)
    other.vote(codes, OTHER)
    first, second = one.seen(), other.seen()
    assert len(first) > 100
    return {name for name in {*first, *second} if first.get(name) != second.get(name)}


@pytest.mark.both
def test_until_close_nothing_tells_what_was_voted(twins: Twins) -> None:
    assert told(twins) == set()


@pytest.mark.both
def test_after_close_the_same_look_tells_them_apart(twins: Twins) -> None:
    one, other, codes = twins()
    one.vote(codes, ONE)
    other.vote(codes, OTHER)
    for twin in (one, other):
        polls._counted.clear()  # one process counts both of them here, under one id
        twin.place.later(days=3)
        twin.place.tick()
    assert one.seen() != other.seen()


def test_without_padding_the_lengths_of_columns_tell(twins: Twins, monkeypatch: pytest.MonkeyPatch) -> None:
    weak.no_padding(monkeypatch.setattr)
    assert "table inbox" in told(twins)


def test_an_interim_count_somewhere_is_seen(twins: Twins) -> None:
    """The service could open what it holds the key of: a page for insiders that does is caught."""

    def made() -> tuple[Twin, Twin, list[str]]:
        one, other, codes = twins()
        for twin in (one, other):
            twin.place.app.jinja_env.globals["_"] = counted(twin)
        return one, other, codes

    assert any(" as gemeente" in name for name in told(made))


def counted(twin: Twin) -> Callable[..., str]:
    """Return a translation that adds how many said "voor" so far."""
    from flask_babel import gettext

    def translated(text: str, **values: object) -> str:
        vault, voor = Vault(twin.place.folder / "keys"), 0
        mix, opening = (vault.read(twin.poll, name) for name in ("mix", "open"))
        for q, sealed in twin.place.session.execute(select(Inbox.question, Inbox.sealed)):
            _, inner = sealing.outer_opened(twin.poll, q, sealed, keys.mix_keys(mix))
            answer = sealing.inner_opened(twin.poll, q, inner, keys.opening_key(opening))
            voor += answer.marking.strip() == "voor"
        return f"{gettext(text, **values)} {voor}"

    return translated
