"""What the tests of the policy room share: a town with people, plans in every state, and browsers that log in.

The database is read over a session of its own: inside an app context all requests would share one `g`.
"""

import re
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from html import unescape
from itertools import combinations
from pathlib import Path
from secrets import token_bytes
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pyotp import TOTP
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app import create_app
from ballots import casting, codes, letters, shares
from ballots.counting.greedy import Leftover
from ballots.database import db, prepare
from ballots.database import url as address
from ballots.models import Poll
from ballots.paper import Kind as PaperKind
from ballots.record import Kind
from ballots.terms import frozen
from ballots.vault import Vault
from consult import (
    accounts,
    asked,
    ballot_questions,
    consultations,
    decisions,
    initiatives,
    keyholding,
    points,
    proposals,
    rolls,
    towns,
    vouchers,
)
from consult.days import AMSTERDAM
from consult.drafts import DraftOption, TieOrder, Way, Weight
from consult.lifecycle import Verdict
from consult.models import Consultation, Decision, Initiative, Proposal, Role, Staff, Town, Voucher, Wijk
from consult.secrets import SecretBox
from tests.cluster import Cluster
from tests.conftest import postgres_copy

KEY = "secret of the tests"
PASSWORD = "gele deur kaas fiets"
SITE = "https://localhost"
START = datetime.fromisoformat("2026-06-01T12:00:00+00:00")
ACTOR = "gemeente: Samira Bakker"

# Who there is: e-mail address by function. "zuid" is another wijk, "elders" another town.
PEOPLE = {
    "beheerder": ("karin@voorbeeld.nl", "Karin", Role.BEHEERDER, "Voorbeeldstad", None),
    "gemeente": ("samira@voorbeeld.nl", "Samira", Role.GEMEENTE, "Voorbeeldstad", None),
    "collega": ("noor@voorbeeld.nl", "Noor", Role.GEMEENTE, "Voorbeeldstad", None),
    "regiegroep": ("joke@voorbeeld.nl", "Joke", Role.REGIEGROEP, "Voorbeeldstad", "Noord"),
    "lid": ("ali@voorbeeld.nl", "Ali", Role.REGIEGROEP, "Voorbeeldstad", "Noord"),
    "zuid": ("piet@voorbeeld.nl", "Piet", Role.REGIEGROEP, "Voorbeeldstad", "Zuid"),
    **{
        name.lower(): (f"{name.lower()}@voorbeeld.nl", name, Role.SLEUTELHOUDER, "Voorbeeldstad", None)
        for name in ("Anna", "Bram", "Carla")
    },
    "balie": ("meta@voorbeeld.nl", "Meta", Role.BALIE, "Voorbeeldstad", None),
    "loket": ("sjors@voorbeeld.nl", "Sjors", Role.BALIE, "Voorbeeldstad", None),
    "elders": ("bo@elders.nl", "Bo", Role.GEMEENTE, "Elders", None),
}
MEMBERS = ("Joke", "Ali")

ROLL = (
    "nummeraanduiding;straat;huisnummer;postcode;plaats;aantal;gebruiksdoel\n"
    + "".join(
        f"059920000000{n:04d};Geheimestraat;{n};4321XY;Verstopdorp;1;woonfunctie\n" for n in range(1, 9)
    )
    + "0599200000000900;Geheimestraat;90;4321XY;Verstopdorp;4;gezondheidszorgfunctie\n"
)
LETTERS = 12

TEXTS = {
    "question": "Bent u voor of tegen een speelplek aan de Lindelaan?",
    "summary": "Het grasveld wordt een speelplek.\nDat kost geld.\nU kiest voor, tegen of blanco.",
    "in_favour": "Kinderen hebben een plek nodig.",
    "against": "Dit grasveld blijft beter open.",
    "if_no": "Dan blijft het grasveld.",
    "upkeep": "De gemeente betaalt het onderhoud.",
    "against_from": "resident",
}
RULE = {
    "majority": "simple",
    "base": None,
    "blank_in_majority": None,
    "quorum": "none",
    "quorum_percent": None,
    "blank_in_turnout": None,
    "missed_quorum": None,
}
KEPT = {"lengthen": 7, "custody": "service"}
BY_THREE: dict[str, Any] = {"custody": "keyholders"}
SUBJECT = {
    "title": "Buurtbudget Noord",
    "summary": "De wijk verdeelt geld.\nU kiest de plannen.",
    "afterwards": "De gemeente voert de plannen uit die winnen.",
}
BUDGET: Mapping[str, Any] = {
    "text": "Welke plannen krijgen geld?",
    "kind": PaperKind.APPROVE,
    "options": (
        DraftOption("a1", "Bankje", 2_000_00, "Groen", "Noord"),
        DraftOption("a2", "Boom", 2_000_00, "Groen", "Zuid"),
        DraftOption("a3", "Schommel", 3_000_00, "Spelen", "Noord"),
    ),
    "shuffled": True,
    "least": 1,
    "most": 2,
    "theme_most": {"Groen": 1},
    "way": Way.GREEDY,
    "pot": 5_000_00,
    "theme_caps": {"Groen": 2_000_00},
    "skip": True,
    "threshold": 0,
    "leftover": Leftover.NONE,
    "tie_order": TieOrder.LOT,
    "weight": Weight.ALIKE,
}
QUORUM = {"quorum": "turnout", "quorum_percent": 50, "blank_in_turnout": True, "missed_quorum": "bars"}


@dataclass
class Place:
    """A town with its database, its clock, and verbs that need few words."""

    app: Flask
    engine: Engine
    session: Session
    folder: Path
    clock: dict[str, datetime]
    phones: dict[str, TOTP] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        return self.clock["now"]

    @property
    def today(self) -> date:
        return self.now.astimezone(AMSTERDAM).date()

    @property
    def vault(self) -> Vault:
        return Vault(self.folder / "keys")

    def later(self, **delta: float) -> None:
        self.clock["now"] += timedelta(**delta)

    def look(self) -> None:
        """Forget what was read, to see what a request changed."""
        self.session.rollback()

    def town(self, name: str = "Voorbeeldstad") -> Town:
        return self.session.query(Town).filter_by(name=name).one()

    def wijk(self, name: str = "Noord") -> Wijk:
        return self.session.query(Wijk).filter_by(name=name).one()

    def plan(self, asked: int = 24_500_00, wijk: str = "Noord", **texts: str) -> Initiative:
        given = {
            "title": "Speelplek aan de Lindelaan",
            "what": "Een klimboom en een waterpomp op het grasveld.",
            "for_whom": "Kinderen",
            "place": f"Lindelaan {token_bytes(4).hex()}",
            "initiator": "Noor van Houten",
            "email": f"noor-{token_bytes(4).hex()}@initiatief.example",
        }
        return initiatives.hand_in(self.session, self.wijk(wijk), self.now, asked=asked, **(given | texts))

    def draft(self, plan: Initiative, days: tuple[int, int] = (0, 1), **fields: Any) -> Consultation:
        """Return a draft that can be frozen; `days`: the first and the last, counted from today."""
        draft = consultations.start(self.session, plan, ACTOR, self.now)
        first, last = (self.today + timedelta(days=each) for each in days)
        given: dict[str, object] = {**TEXTS, **RULE, **KEPT, "first_day": first, "last_day": last, **fields}
        consultations.edit(self.session, draft, given, ACTOR, self.now)
        self.roll(draft)
        self.sign(draft)
        return draft

    def sign(self, draft: Consultation, by: str = "collega") -> None:
        """Somebody who wrote neither argument finds both fair, once they are there."""
        if not asked.lacking_arguments(draft):
            points.sign_off(self.session, draft, self.staff(by), self.now)

    def ballot(
        self, *questions: Mapping[str, Any], days: tuple[int, int] = (0, 1), wijk: str = "Noord", **more: Any
    ) -> Consultation:
        """Return the draft of a buurtstemming with these questions (fields by name) that can be frozen."""
        draft = consultations.start_ballot(self.session, self.wijk(wijk), SUBJECT, ACTOR, self.now)
        for fields in questions:
            made = ballot_questions.add(self.session, draft, ACTOR, self.now)
            ballot_questions.change(self.session, draft, made.id, fields, ACTOR, self.now)
        first, last = (self.today + timedelta(days=each) for each in days)
        given = {"first_day": first, "last_day": last, **KEPT, **more}
        consultations.edit(self.session, draft, given, ACTOR, self.now)
        self.roll(draft)
        return draft

    def roll(self, draft: Consultation, data: str = ROLL) -> None:
        rolls.upload(self.session, draft, "adressen.csv", data.encode(), ACTOR, self.now)
        rolls.import_roll(self.session, draft, ACTOR, self.now)
        for entry in rolls.worklist(self.session, draft):
            rolls.decide_special(
                self.session, entry, entry.letters, "Elke bewoner een brief.", ACTOR, self.now
            )

    def keyholders(self) -> list[Staff]:
        return keyholding.people(self.session, self.town())

    def shared(self, consultation: Consultation, tried: bool = True) -> list[str]:
        """Three keyholders print their sheets, and try them too; return what the sheets say."""
        by_part = dict(zip(keyholding.PARTS, self.keyholders(), strict=True))
        keyholding.assign(self.session, consultation, by_part, ACTOR, self.now)
        sheets = []
        for person in by_part.values():
            share = keyholding.print_share(
                self.session, self.vault, consultation, person, person.name, self.now
            )
            sheets.append(shares.text(self.poll(consultation).id, share))
        for one, other in combinations(sheets, 2) if tried else ():
            keyholding.try_pair(self.session, self.vault, consultation, one, other, "test", self.now)
        return sheets

    def freeze(self, draft: Consultation) -> list[str]:
        """Freeze; return the codes of the letters."""
        poll = consultations.freeze(self.session, self.vault, draft, ACTOR, self.now)
        return [code for _, code in letters.printable(self.session, self.vault, poll)]

    def printed(self, consultation: Consultation) -> None:
        consultations.make_letters(self.session, consultation, ACTOR, self.now)
        consultations.confirm_printed(self.session, self.vault, consultation, ACTOR, self.now)

    def cast(self, code: str, marks: Sequence[Sequence[str]]) -> None:
        """Cast a vote with this code: the marks of each question."""
        poll, p = casting.find(self.session, codes.read(code))
        vote = casting.sealed(casting.mix_keys(self.vault, poll.id), frozen(poll), p, marks, token_bytes(32))
        casting.cast(self.session, vote, self.now)

    def vote(self, used: Sequence[str], votes: Mapping[str, int]) -> None:
        """Cast so many votes of each kind (marks with commas), each with the next of these codes."""
        markings = [marking for marking, count in votes.items() for _ in range(count)]
        for code, marking in zip(used, markings, strict=False):
            self.cast(code, [marking.split(",")])

    def tick(self) -> list[str]:
        return consultations.tick(self.session, self.vault, self.now)

    def held(self, plan: Initiative, votes: Mapping[str, int], **fields: Any) -> Consultation:
        """Hold a consultation from draft to count; the clock stands three days later then."""
        consultation = self.draft(plan, **fields)
        used = self.freeze(consultation)
        self.printed(consultation)
        self.vote(used, votes)
        self.later(days=3)
        self.tick()
        return consultation

    def withdraw(
        self, consultation: Consultation, reason: str = "De helft van de brieven kwam te laat."
    ) -> None:
        consultations.withdraw(self.session, self.vault, consultation, reason, ACTOR, self.now)

    def staff(self, function: str) -> Staff:
        return self.session.query(Staff).filter_by(email=PEOPLE[function][0]).one()

    def propose(
        self,
        consultation: Consultation,
        kind: str,
        by: str = "gemeente",
        reason: str = "Het moet.",
        **facts: Any,
    ) -> Proposal:
        return proposals.propose(
            self.session, self.vault, consultation, Kind(kind), facts, reason, self.staff(by), self.now
        )

    def confirm(self, proposal: Proposal, by: str = "collega") -> None:
        proposals.confirm(self.session, self.vault, proposal, self.staff(by), self.now)

    def decide(
        self, plan: Initiative, verdict: Verdict, amount: int | None = None, reasons: str = ""
    ) -> Decision:
        actor = "regiegroep: Joke"
        return decisions.decide(self.session, plan, verdict, amount, reasons, MEMBERS, (), actor, self.now)

    def award(self, plan: Initiative, amount: int) -> Decision:
        return self.decide(plan, Verdict.AWARD, amount)

    def grant(self, plan: Initiative, amount: int) -> None:
        vouchers.grant(self.session, plan, amount, self.today, "Z-2026-77", ACTOR, self.now)

    def issue(self, plan: Initiative) -> Voucher:
        return vouchers.issue(self.session, plan, ACTOR, self.now)

    def redeem(self, voucher: Voucher) -> None:
        vouchers.redeem(self.session, voucher, ACTOR, self.now)

    def poll(self, consultation: Consultation) -> Poll:
        assert consultation.poll is not None
        return consultation.poll

    def actions(self, plan: Initiative | None) -> list[str]:
        """Return what the journal says was done about a plan."""
        assert plan is not None
        query = text("SELECT action FROM journal WHERE initiative_id = :id ORDER BY id")
        with self.engine.connect() as connection:
            return list(connection.execute(query, {"id": plan.id}).scalars())

    def execute(self, statement: str, **values: object) -> None:
        """Write into the database by hand, past every verb."""
        self.session.rollback()
        with self.engine.begin() as connection:
            connection.execute(text(statement), values)

    def force(self, statement: str, **values: object) -> None:
        """Write into the database by hand, past its triggers and foreign keys too."""
        self.session.rollback()
        if self.engine.dialect.name == "postgresql":
            with self.engine.begin() as connected:
                connected.execute(text("SET LOCAL session_replication_role = replica"))
                connected.execute(text(statement), values)
            return
        with closing(sqlite3.connect(self.folder / "wijkstem.db", timeout=30)) as connection, connection:
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            ).fetchall():
                connection.execute(f"DROP TRIGGER {name}")
            connection.execute(statement, values)

    def tables(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return every row of every table."""
        with self.engine.connect() as connection:
            return {
                name: list(map(tuple, connection.execute(text(f'SELECT * FROM "{name}"'))))
                for name in db.metadata.tables
            }

    def dump(self) -> dict[str, list[str]]:
        """Return all there is in the database."""
        return {name: sorted(map(repr, rows)) for name, rows in self.tables().items()}

    def anonymous(self) -> "Browser":
        return Browser(self, self.app.test_client())

    def browser(self, function: str) -> "Browser":
        """Return the browser of somebody who just logged in, with password and code."""
        self.later(seconds=30)
        browser, email = self.anonymous(), PEOPLE[function][0]
        code = self.phones[function].at(self.now)
        answer = browser.post("/inloggen", {"email": email, "password": PASSWORD, "code": code})
        assert answer.status_code == 303, answer.text
        return browser


@dataclass
class Browser:
    """A browser over https that takes hidden fields off the page it posts a form of."""

    place: Place
    client: FlaskClient

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.client.get(path, base_url=SITE, **more)

    def post(self, path: str, data: Mapping[str, Any] | None = None, form: str | None = None) -> TestResponse:
        """Post a form as found on the page `form` (the same path unless said otherwise)."""
        page = self.get(form or path)
        assert page.status_code == 200, (form or path, page.status_code)
        answer = self.client.post(path, base_url=SITE, data={**hidden(page), **(data or {})})
        self.place.look()
        return answer

    def bare(self, path: str, data: Mapping[str, Any] | None = None) -> TestResponse:
        """Post without a CSRF token."""
        answer = self.client.post(path, base_url=SITE, data=data)
        self.place.look()
        return answer


def hidden(page: TestResponse) -> dict[str, str]:
    found = {}
    for each in re.findall(r'<input[^>]*type="hidden"[^>]*>', page.text):
        name, value = re.search(r'name="([^"]*)"', each), re.search(r'value="([^"]*)"', each)
        if name:
            found[name[1]] = unescape(value[1]) if value else ""
    return found


@cache
def _kept() -> str:
    return accounts.HASHER.hash(PASSWORD)


def _furnish(place: Place) -> None:
    """Make the towns and their people, long enough ago to confirm what a colleague proposes now."""
    session = place.session
    place.later(days=-30)
    for name in ("Voorbeeldstad", "Elders"):
        towns.add(
            session,
            name,
            f"https://stem.{name.lower()}.nl",
            "Gemeentehuis\nPlein 1",
            "14 000",
            f"stem@{name.lower()}.nl",
            "#1f5c48",
            10_000_00,
            "test",
            place.now,
        )
    for town, wijk in (("Voorbeeldstad", "Noord"), ("Voorbeeldstad", "Zuid"), ("Elders", "Buiten")):
        towns.add_wijk(session, town, wijk, "test", place.now)
    for function, (email, name, role, town, where) in PEOPLE.items():
        wijk_ = place.wijk(where) if where else None
        person = accounts.add(session, place.town(town), wijk_, name, email, role, "test", place.now)
        token, begun = accounts.invitation(KEY, person, place.now), accounts.begin_totp(person)
        place.phones[function] = phone = TOTP(begun.secret)
        code = phone.at(place.now)
        accounts.accept(session, SecretBox(KEY), KEY, token, _kept(), begun.secret, code, place.now)


def open_place(database: Path | str, folder: Path, phones: dict[str, TOTP]) -> Iterator[Place]:
    """Yield a place on a copy of this SQLite database, or on the database at this address."""
    clock = {"now": START}
    if isinstance(database, Path):
        shutil.copy(database, folder / "wijkstem.db")
        database = f"sqlite:///{folder / 'wijkstem.db'}"
    url = address(database)
    settings = {"SECRET_KEY": KEY, "DATA_DIR": str(folder), "DATABASE_URL": url, "TESTING": True}
    app = create_app(settings, lambda: clock["now"])
    engine = create_engine(url)
    prepare(engine)
    with Session(engine) as session:
        yield Place(app, engine, session, folder, clock, phones)
    engine.dispose()
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="session")
def furnished(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, TOTP]]:
    """A database with the towns and the people, to copy; and the apps on their telephones."""
    folder, phones = tmp_path_factory.mktemp("furnished"), dict[str, TOTP]()
    for place in open_place(empty_database, folder, phones):
        _furnish(place)
    return folder / "wijkstem.db", phones


@pytest.fixture(scope="session")
def furnished_template(
    cluster: Cluster, empty_template: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, dict[str, TOTP]]:
    """The same on PostgreSQL: the name of the database to copy, one for each folder of tests that asks."""
    phones, name = dict[str, TOTP](), f"furnished_{secrets.token_hex(4)}"
    for place in open_place(cluster.make(name, empty_template), tmp_path_factory.mktemp("furnished"), phones):
        _furnish(place)
    return name, phones


@pytest.fixture
def place(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    """A town with people and nothing else."""
    if backend == "postgresql":
        template, phones = request.getfixturevalue("furnished_template")
        with postgres_copy(request.getfixturevalue("cluster"), template) as url:
            yield from open_place(url, tmp_path, phones)
    else:
        yield from open_place(*_sqlite(request, tmp_path))


def _sqlite(request: pytest.FixtureRequest, folder: Path) -> tuple[Path, Path, dict[str, TOTP]]:
    database, phones = request.getfixturevalue("furnished")
    return database, folder, phones


@pytest.fixture
def empty(database_url: str, tmp_path: Path) -> Iterator[Place]:
    """A service before anything was made."""
    yield from open_place(database_url, tmp_path, {})


@dataclass
class Full:
    """A town with a plan in every state; only look, change nothing."""

    place: Place
    plans: dict[str, int]  # id of the plan, by state
    consultations: dict[str, int]
    vouchers: dict[str, int]
    browsers: dict[str, Browser]


@pytest.fixture(scope="session")
def full(furnished: tuple[Path, dict[str, TOTP]], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Full]:
    for place in open_place(furnished[0], tmp_path_factory.mktemp("full"), furnished[1]):
        yield _fill(place)


@pytest.fixture(scope="session")
def full_on_postgresql(
    cluster: Cluster,
    furnished_template: tuple[str, dict[str, TOTP]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Full]:
    """The same on PostgreSQL."""
    template, phones = furnished_template
    with postgres_copy(cluster, template) as url:
        for place in open_place(url, tmp_path_factory.mktemp("full"), phones):
            yield _fill(place)


def _fill(place: Place) -> Full:
    plans: dict[str, Initiative] = {}
    held: dict[str, Consultation] = {}
    given: dict[str, Voucher] = {}

    def closed(state: str, votes: Mapping[str, int], **fields: Any) -> Callable[[], None]:
        plans[state] = place.plan(title=f"Plan {state}")
        held[state] = place.draft(plans[state], **fields)
        used = place.freeze(held[state])
        place.printed(held[state])
        return lambda: place.vote(used, votes)

    for state in ("closed", "deferred", "rejected", "awarded", "granted", "voucher", "redeemed"):
        closed(state, {"voor": 7, "tegen": 3, "blanco": 1})()
    closed("missed", {"voor": 2, "tegen": 1}, **QUORUM)()
    closed("missed, reasons", {"voor": 2, "tegen": 1}, **{**QUORUM, "missed_quorum": "reasons"})()
    closed("lost", {"voor": 3, "tegen": 8})()
    place.later(days=3)
    place.tick()
    closed("due", {"voor": 7, "tegen": 3, "blanco": 1}, days=(0, 0))()
    closed("open", {"voor": 7, "tegen": 3, "blanco": 1}, days=(0, 20))()
    for state in ("withdrawn", "withdrawn, again"):
        closed(state, {"voor": 2})()
        place.withdraw(held[state])
    place.later(days=1)
    held["withdrawn, again"] = place.draft(plans["withdrawn, again"], days=(5, 9))
    plans["frozen"] = place.plan(title="Plan frozen")
    held["frozen"] = place.draft(plans["frozen"], days=(5, 9))
    place.freeze(held["frozen"])
    plans["draft"] = place.plan(title="Plan draft")
    held["draft"] = place.draft(plans["draft"], days=(5, 9))
    plans["draft, empty"] = place.plan(title="Plan draft, empty")
    held["draft, empty"] = consultations.start(place.session, plans["draft, empty"], ACTOR, place.now)
    plans["needs"] = place.plan(title="Plan needs")
    plans["ready"] = place.plan(9_999_99, title="Plan ready")
    place.decide(plans["deferred"], Verdict.DEFER)
    place.decide(plans["rejected"], Verdict.REJECT, reasons="Er ligt een kabel.")
    for state in ("awarded", "granted", "voucher", "redeemed"):
        place.award(plans[state], 24_000_00)
    for state in ("granted", "voucher", "redeemed"):
        place.grant(plans[state], 24_000_00)
    for state in ("voucher", "redeemed"):
        given[state] = place.issue(plans[state])
    place.redeem(given["redeemed"])
    return Full(
        place,
        {state: each.id for state, each in plans.items()},
        {state: each.id for state, each in held.items()},
        {state: each.id for state, each in given.items()},
        {function: place.browser(function) for function in PEOPLE},
    )
