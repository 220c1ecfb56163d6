"""The staff entrance as a browser meets it: who gets through, and what a request can and cannot change."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pyotp import TOTP
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app import create_app
from ballots.access import EVERYONE, rule
from ballots.database import db, prepare
from consult import accounts, doors, staff
from consult.models import Role, Staff, Town, Wijk
from consult.secrets import SecretBox

KEY = "test only"
PASSWORD = "gele deur kaas fiets"
SITE = "https://localhost"


@dataclass
class World:
    """An app with a town, its database, a clock that can be moved, and the apps on people's telephones.

    The database is read over a session of its own: inside an app context all requests would share one `g`.
    """

    app: Flask
    engine: Engine
    session: Session
    clock: dict[str, datetime]
    phones: dict[str, TOTP] = field(default_factory=dict)

    def later(self, **delta: float) -> None:
        self.clock["now"] += timedelta(**delta)

    @property
    def now(self) -> datetime:
        return self.clock["now"]

    def browser(self) -> "Browser":
        return Browser(self, self.app.test_client())

    def person(self, email: str) -> Staff:
        self.session.rollback()  # look again
        found = accounts.find(self.session, email)
        assert found
        return found

    def dump(self) -> dict[str, list[str]]:
        """Return all there is in the database."""
        with self.engine.connect() as connection:
            return {
                name: sorted(map(repr, connection.execute(text(f'SELECT * FROM "{name}"'))))
                for name in db.metadata.tables
            }


@dataclass
class Browser:
    """A browser over https: takes hidden fields off the page, sends a Referer where our policy lets it."""

    world: World
    client: FlaskClient

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.client.get(path, base_url=SITE, **more)

    def post(self, path: str, data: dict[str, str] | None = None, form: str | None = None) -> TestResponse:
        """Post a form as found on the page `form` (the same path unless said otherwise)."""
        return self.send(path, self.get(form or path), data or {})

    def send(self, path: str, page: TestResponse, data: dict[str, str]) -> TestResponse:
        """Post a form of this page."""
        policy = page.headers.get("Referrer-Policy")
        headers = {} if policy == "no-referrer" else {"Referer": f"{SITE}/"}
        return self.client.post(path, base_url=SITE, data=hidden_fields(page) | data, headers=headers)

    def log_in(self, email: str, next: str = "") -> TestResponse:
        self.world.later(seconds=30)
        code = self.world.phones[email].at(self.world.now)
        return self.post(f"/inloggen{next}", {"email": email, "password": PASSWORD, "code": code})


def hidden_fields(page: TestResponse) -> dict[str, str]:
    inputs = re.findall(r'<input[^>]*type="hidden"[^>]*>', page.text)
    found = {}
    for each in inputs:
        name, value = re.search(r'name="([^"]*)"', each), re.search(r'value="([^"]*)"', each)
        if name:
            found[name[1]] = unescape(value[1]) if value else ""
    return found


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    yield from make_world(tmp_path, demo="")


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[World]:
    yield from make_world(tmp_path, demo="1")


def make_world(folder: Path, demo: str) -> Iterator[World]:
    clock = {"now": datetime(2026, 6, 1, 9, 0, tzinfo=UTC)}
    url = f"sqlite:///{folder / 'test.db'}"
    settings = {"SECRET_KEY": KEY, "DATA_DIR": folder, "DATABASE_URL": url, "DEMO": demo, "TESTING": True}
    app = create_app(settings, lambda: clock["now"])
    engine = create_engine(url)
    prepare(engine)
    db.metadata.create_all(engine)
    with Session(engine) as session:
        yield furnish(World(app, engine, session, clock))
    engine.dispose()
    with app.app_context():
        db.engine.dispose()


def furnish(world: World) -> World:
    wijk = Wijk(name="Noord", slug="noord")
    town = make_town(world, "Voorbeeldstad", wijk)
    people: list[tuple[str, Role, Wijk | None]] = [
        ("ans@voorbeeld.nl", Role.BEHEERDER, None),
        ("gé@voorbeeld.nl", Role.GEMEENTE, None),
        ("rik@voorbeeld.nl", Role.REGIEGROEP, wijk),
    ]
    kept = accounts.HASHER.hash(PASSWORD)
    for email, role, where in people:
        name = email.split("@")[0].title()
        person = accounts.add(world.session, town, where, name, email, role, "test: begin", world.now)
        token, begun = accounts.invitation(KEY, person, world.now), accounts.begin_totp(person)
        world.phones[email] = phone = TOTP(begun.secret)
        box, code = SecretBox(KEY), phone.at(world.now)
        accounts.accept(world.session, box, KEY, token, kept, begun.secret, code, world.now)
    return world


def make_town(world: World, name: str, wijk: Wijk) -> Town:
    town = Town(
        name=name,
        accent="#0b6157",
        base_url="https://stem.voorbeeld.nl",
        address="Plein 1",
        phone="14 000",
        email="stem@voorbeeld.nl",
        limit=10_000_00,
        wijken=[wijk],
    )
    world.session.add(town)
    world.session.commit()
    return town


ADMIN, OFFICE, STEERING = "ans@voorbeeld.nl", "gé@voorbeeld.nl", "rik@voorbeeld.nl"


def paths(app: Flask) -> list[tuple[str, frozenset[str]]]:
    """Return every page of staff with whom it is open to."""
    adapter = app.url_map.bind("localhost", url_scheme="https")
    found = []
    for each in app.url_map.iter_rules():
        if each.build_only:
            continue
        who = rule(app.view_functions[each.endpoint]) or frozenset()
        if EVERYONE not in who:
            values = dict.fromkeys(each.arguments, 1)
            method = "GET" if "GET" in (each.methods or ()) else "POST"
            found.append((f"{method} {adapter.build(each.endpoint, values)}", who))
    return found


# Logging in and out


@pytest.mark.parametrize(
    ("email", "home"), [(ADMIN, "/kantoor"), (OFFICE, "/kantoor"), (STEERING, "/regiegroep")]
)
def test_everybody_gets_to_their_own_home(world: World, email: str, home: str) -> None:
    browser = world.browser()
    answer = browser.log_in(email)
    assert (answer.status_code, answer.location) == (303, home)
    assert browser.get(home).status_code == 200
    assert browser.get("/inloggen").location == home


def test_wrong_log_in_says_one_thing_and_keeps_the_address(world: World) -> None:
    browser, said = world.browser(), set()
    for email, password in [
        (ADMIN, "een ander wachtwoord"),
        ("niemand@voorbeeld.nl", PASSWORD),
        (ADMIN, PASSWORD),
    ]:
        page = browser.post("/inloggen", {"email": email, "password": password, "code": "000000"})
        assert page.status_code == 200
        assert email in page.text
        assert password not in page.text
        said.add(re.findall(r'<div class="error-summary".*?</div>', page.text, re.S)[0])
    assert len(said) == 1
    assert browser.get("/beheer/mensen").status_code == 303


def test_locked_after_five_failures(world: World) -> None:
    browser = world.browser()
    for _ in range(5):
        browser.post("/inloggen", {"email": ADMIN, "password": "een ander wachtwoord", "code": "000000"})
    answer = browser.log_in(ADMIN)
    assert answer.status_code == 200
    assert "Na vijf keer is inloggen een kwartier niet mogelijk" in answer.text
    world.later(minutes=15)
    assert browser.log_in(ADMIN).status_code == 303


def test_code_works_once(world: World) -> None:
    world.later(minutes=1)
    form = {"email": ADMIN, "password": PASSWORD, "code": world.phones[ADMIN].at(world.now)}
    assert world.browser().post("/inloggen", form).status_code == 303
    assert world.browser().post("/inloggen", form).status_code == 200


def test_session_cookie(world: World) -> None:
    cookies = world.browser().log_in(ADMIN).headers.getlist("Set-Cookie")
    assert len(cookies) == 1  # no remember-me
    assert {"Secure", "HttpOnly", "SameSite=Lax"} <= set(cookies[0].split("; "))
    assert "Expires" not in cookies[0]


@pytest.mark.parametrize(
    "target",
    [
        "https://kwaad.nl/",
        "//kwaad.nl/",
        "/\\kwaad.nl/",
        "\\\\kwaad.nl",
        "/\t/kwaad.nl",
        "/\n/kwaad.nl",
        "javascript:alert(1)",
        "kwaad.nl",
        " /kantoor",
        "",
    ],
)
def test_next_never_leaves_the_site(world: World, target: str) -> None:
    assert doors.safe(target) is None
    assert world.browser().log_in(ADMIN, f"?next={quote(target)}").location == "/kantoor"


def test_next_brings_back(world: World) -> None:
    browser = world.browser()
    asked = browser.get("/beheer/mensen?volgorde=naam")
    assert (asked.status_code, asked.location) == (303, "/inloggen?next=/beheer/mensen?volgorde%3Dnaam")
    assert "Log in om deze pagina te openen." in browser.get(asked.location).text
    assert (
        browser.log_in(ADMIN, asked.location.removeprefix("/inloggen")).location
        == "/beheer/mensen?volgorde=naam"
    )


def test_log_out_ends_the_session_for_a_copied_cookie_too(world: World) -> None:
    browser = world.browser()
    browser.log_in(ADMIN)
    cookie = browser.client.get_cookie("wijkstem")
    assert cookie
    assert browser.post("/uitloggen", form="/beheer/mensen").location == "/inloggen"
    assert browser.get("/beheer/mensen").status_code == 303
    browser.client.set_cookie("wijkstem", cookie.value, secure=True)
    assert browser.get("/beheer/mensen").status_code == 303


def test_session_ends_after_eight_hours(world: World) -> None:
    browser = world.browser()
    browser.log_in(ADMIN)
    world.later(hours=7, minutes=59)
    assert browser.get("/beheer/mensen").status_code == 200
    world.later(minutes=1)
    assert browser.get("/beheer/mensen").status_code == 303


def test_session_is_of_one_browser(world: World) -> None:
    browser = world.browser()
    browser.log_in(ADMIN)
    assert browser.get("/beheer/mensen", headers={"User-Agent": "another"}).status_code == 303


def test_csrf(world: World) -> None:
    browser = world.browser()
    form = {"email": ADMIN, "password": PASSWORD, "code": world.phones[ADMIN].at(world.now)}
    assert browser.client.post("/inloggen", base_url=SITE, data=form).status_code == 400
    browser.log_in(ADMIN)
    other = world.person(OFFICE).id
    before = world.dump()
    for path in ("/uitloggen", f"/beheer/mensen/{other}/stoppen", f"/beheer/mensen/{other}/opnieuw"):
        assert browser.client.post(path, base_url=SITE).status_code == 400
        assert browser.client.post(path, base_url=SITE, data={"csrf_token": "mis"}).status_code == 400
    assert world.dump() == before


# The guard


def test_there_are_staff_pages(world: World) -> None:
    assert len(paths(world.app)) > 10


def test_nobody_passes_without_both_factors(world: World) -> None:
    stranger, half, elsewhere = world.browser(), world.browser(), world.browser()
    admin = staff.Person(world.person(ADMIN)).get_id()
    for browser, factor in ((half, None), (elsewhere, "password"), (elsewhere, "demo link")):
        browser.log_in(ADMIN)
        with browser.client.session_transaction(base_url=SITE) as session:
            assert session["_user_id"] == admin
            session.pop("factor")
            session.update({"factor": factor} if factor else {})
    for line, who in paths(world.app):
        method, path = line.split(" ", 1)
        for browser in (stranger, half, elsewhere):
            if method == "GET":
                answer = browser.get(path)
                assert answer.status_code == 303, (line, who)
                assert answer.location.startswith("/inloggen?next="), (line, who)
            else:
                assert browser.client.post(path, base_url=SITE).status_code == 400, (line, who)
                answer = browser.post(path, form="/inloggen")
                assert (answer.status_code, answer.location) == (303, "/inloggen"), (line, who)


@pytest.mark.parametrize(
    ("email", "role"), [(ADMIN, Role.BEHEERDER), (OFFICE, Role.GEMEENTE), (STEERING, Role.REGIEGROEP)]
)
def test_every_page_of_another_role_is_refused(world: World, email: str, role: Role) -> None:
    browser = world.browser()
    browser.log_in(email)
    home = "/regiegroep" if role is Role.REGIEGROEP else "/kantoor"
    refused = [line for line, who in paths(world.app) if role not in who]
    before = world.dump()
    for line in refused:
        method, path = line.split(" ", 1)
        answer = browser.get(path) if method == "GET" else browser.post(path, form=home)
        assert answer.status_code == 403, line
    assert refused
    assert world.dump() == before


def test_change_of_role_or_access_takes_effect_at_once(world: World) -> None:
    browser = world.browser()
    browser.log_in(ADMIN)
    assert browser.get("/beheer/mensen").status_code == 200
    person = world.person(ADMIN)
    person.role = Role.GEMEENTE
    world.session.commit()
    assert browser.get("/beheer/mensen").status_code == 403
    person.role, person.active = Role.BEHEERDER, False
    world.session.commit()
    assert browser.get("/beheer/mensen").status_code == 303
    person.active = True
    world.session.commit()
    assert browser.get("/beheer/mensen").status_code == 200
    accounts.reset(world.session, person, None, world.now)
    assert browser.get("/beheer/mensen").status_code == 303


def test_unknown_page_is_simply_not_there(world: World) -> None:
    assert world.browser().get("/beheer/bestaat-niet").status_code == 404
    assert world.browser().client.post("/beheer/mensen", base_url=SITE).status_code == 405


def test_anonymous_pages_set_no_cookie(world: World) -> None:
    for path in ("/", "/s", "/beheer/mensen", "/bestaat-niet"):
        assert "Set-Cookie" not in world.browser().get(path).headers, path
    visitor = world.browser()
    assert "Set-Cookie" in visitor.get("/inloggen").headers  # for the form's token
    for path in ("/", "/s", "/stemgeheim"):
        assert "Set-Cookie" not in visitor.get(path).headers, path


# Invitations


def invite(world: World) -> tuple[Browser, str, TestResponse]:
    """Let the beheerder add somebody; return the beheerder's browser, the path of the link and the page."""
    browser = world.browser()
    browser.log_in(ADMIN)
    page = browser.post(
        "/beheer/mensen/nieuw",
        {"name": "Jo Bos", "email": "Jo@voorbeeld.nl", "role": "regiegroep", "wijk": "1"},
    )
    return browser, link_on(page), page


def link_on(page: TestResponse) -> str:
    links = re.findall(r"https://stem\.voorbeeld\.nl(/uitnodiging/[\w.-]+)", page.text)
    assert len(links) == 1
    found: str = links[0]
    return found


def choose_password(browser: Browser, path: str, password: str = PASSWORD) -> TestResponse:
    return browser.post(path, {"password": password, "again": password})


def phone_of(page: TestResponse) -> TOTP:
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", page.text)
    assert secret
    return TOTP(secret[1].replace(" ", ""))


def test_from_invitation_to_home(world: World) -> None:
    _, path, _ = invite(world)
    browser = world.browser()
    assert "Welkom, Jo Bos" in browser.get(path).text
    page = choose_password(browser, path)
    assert page.text.count("<svg width") == 1
    assert 'href="otpauth://totp/' in page.text
    assert "style=" not in page.text
    phone = phone_of(page)
    wrong = browser.send(path, page, {"code": "000000"})
    assert "Deze code klopt niet." in wrong.text
    assert phone_of(wrong).secret == phone.secret  # scanned once is enough
    done = browser.send(path, wrong, {"code": phone.at(world.now)})
    assert (done.status_code, done.location) == (303, "/regiegroep")
    assert browser.get("/regiegroep").status_code == 200
    assert world.browser().get(path).status_code == 409
    world.phones["jo@voorbeeld.nl"] = phone
    assert world.browser().log_in("jo@voorbeeld.nl").location == "/regiegroep"


def test_password_alone_opens_nothing(world: World) -> None:
    _, path, _ = invite(world)
    before = world.dump()
    browser = world.browser()
    page = choose_password(browser, path)
    assert PASSWORD not in page.text
    assert world.dump() == before
    assert browser.get("/regiegroep").status_code == 303


@pytest.mark.parametrize(
    ("password", "again", "said"),
    [
        ("te kort", "te kort", "Dit wachtwoord is te kort."),
        ("jo@voorbeeld.nl", "jo@voorbeeld.nl", "Dit wachtwoord is makkelijk te raden."),
        (PASSWORD, "iets heel anders", "De wachtwoorden zijn niet gelijk."),
        ("", "", "Kies een wachtwoord."),
    ],
)
def test_password_refused(world: World, password: str, again: str, said: str) -> None:
    _, path, _ = invite(world)
    page = world.browser().post(path, {"password": password, "again": again})
    assert said in page.text
    assert "pending" not in page.text


def test_pending_of_another_invitation_is_worth_nothing(world: World) -> None:
    browser, path, _ = invite(world)
    page = choose_password(world.browser(), path)
    pending, phone = hidden_fields(page)["pending"], phone_of(page)
    person = world.person("jo@voorbeeld.nl")
    again = browser.post(f"/beheer/mensen/{person.id}/opnieuw", form=f"/beheer/mensen/{person.id}")
    other = link_on(again)
    for rubbish in (pending, "", "é", "x" * 80):
        before = world.dump()
        answer = world.browser().post(other, {"pending": rubbish, "code": phone.at(world.now)})
        assert (answer.status_code, answer.location) == (303, other)
        assert world.dump() == before


def test_new_invitation_ends_the_old_one(world: World) -> None:
    browser, old, _ = invite(world)
    page = choose_password(world.browser(), old)
    person = world.person("jo@voorbeeld.nl")
    new = link_on(browser.post(f"/beheer/mensen/{person.id}/opnieuw", form=f"/beheer/mensen/{person.id}"))
    assert world.browser().get(old).status_code == 409
    late = world.browser()
    data = {"pending": hidden_fields(page)["pending"], "code": phone_of(page).at(world.now)}
    assert late.post(old, data, form="/inloggen").status_code == 409
    assert world.browser().get(new).status_code == 200


def test_invitation_lasts_a_week(world: World) -> None:
    _, path, _ = invite(world)
    world.later(days=7, seconds=1)
    page = world.browser().get(path)
    assert page.status_code == 409
    assert "Deze uitnodiging werkt niet meer" in page.text


# People


def test_invitation_is_shown_once(world: World) -> None:
    browser, path, page = invite(world)
    assert path in page.text
    assert page.headers["Cache-Control"] == "no-store"
    person = world.person("jo@voorbeeld.nl")
    for where in ("/beheer/mensen", f"/beheer/mensen/{person.id}"):
        shown = browser.get(where).text
        assert "uitgenodigd" in shown
        assert "/uitnodiging/" not in shown


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"email": OFFICE}, "Met dit e-mailadres heeft iemand al toegang."),
        ({"email": "geen adres"}, "Dit e-mailadres klopt niet."),
        ({"role": "regiegroep"}, "Kies de wijk."),
        ({"role": "gemeente", "wijk": "1"}, "Kies geen wijk."),
        ({"role": "koning"}, "error-summary"),
        ({"wijk": "99"}, "error-summary"),
        ({"name": ""}, "Vul de naam in."),
    ],
)
def test_add_person_refuses(world: World, data: dict[str, str], said: str) -> None:
    browser = world.browser()
    browser.log_in(ADMIN)
    before = world.dump()
    whole = {"name": "Jo Bos", "email": "jo@voorbeeld.nl", "role": "gemeente", "wijk": ""}
    page = browser.post("/beheer/mensen/nieuw", whole | data)
    assert said in page.text
    assert "error-summary" in page.text
    assert world.dump() == before


def test_stop_and_resume(world: World) -> None:
    browser, theirs = world.browser(), world.browser()
    browser.log_in(ADMIN)
    theirs.log_in(OFFICE)
    page = f"/beheer/mensen/{world.person(OFFICE).id}"
    assert theirs.get("/kantoor").status_code == 200
    assert browser.post(f"{page}/stoppen", form=page).location == page
    assert theirs.get("/kantoor").status_code == 303
    assert world.browser().log_in(OFFICE).status_code == 200
    browser.post(f"{page}/hervatten", form=page)
    assert world.browser().log_in(OFFICE).status_code == 303


def test_nobody_locks_themselves_out(world: World) -> None:
    browser = world.browser()
    browser.log_in(ADMIN)
    page = f"/beheer/mensen/{world.person(ADMIN).id}"
    assert "Dit bent u zelf." in browser.get(page).text
    before = world.dump()
    for verb in ("stoppen", "opnieuw"):
        assert browser.post(f"{page}/{verb}", form="/beheer/mensen/nieuw").status_code == 409
    assert world.dump() == before


def test_people_of_another_town_are_not_there(world: World) -> None:
    elders = make_town(world, "Elders", Wijk(name="Zuid", slug="zuid"))
    other = accounts.add(
        world.session, elders, None, "Els", "els@b.nl", Role.GEMEENTE, "test: begin", world.now
    )
    browser = world.browser()
    browser.log_in(ADMIN)
    assert "els@b.nl" not in browser.get("/beheer/mensen").text
    assert browser.get(f"/beheer/mensen/{other.id}").status_code == 404
    before = world.dump()
    for verb in ("stoppen", "hervatten", "opnieuw"):
        assert (
            browser.post(f"/beheer/mensen/{other.id}/{verb}", form="/beheer/mensen/nieuw").status_code == 404
        )
    assert world.dump() == before


# The demo


def test_outside_the_demo_there_is_no_demo(world: World) -> None:
    token = accounts.demo_link(KEY, world.person(ADMIN), world.now)
    browser = world.browser()
    before = world.dump()
    assert browser.get("/demo").status_code == 404
    assert browser.get(f"/demo/inloggen/{token}").status_code == 404
    assert browser.post(f"/demo/inloggen/{token}", form="/inloggen").status_code == 404
    assert browser.get("/beheer/mensen").status_code == 303
    assert "/demo" not in browser.get("/inloggen").text
    assert world.dump() == before


@pytest.mark.parametrize("value", ["0", "false", "nee"])
def test_demo_is_switched_on_by_one_word_only(world: World, value: str) -> None:
    world.app.config["DEMO"] = value
    assert world.browser().get("/demo").status_code == 404


def test_demo_logs_in_once(demo: World) -> None:
    browser = demo.browser()
    links = re.findall(r'href="(/demo/inloggen/[^"]+)"', browser.get("/demo").text)
    assert len(links) == 3
    before = demo.dump()
    page = browser.get(links[0])
    assert "Inloggen als Ans" in page.text
    assert demo.dump() == before
    assert browser.get("/beheer/mensen").status_code == 303
    done = browser.post(links[0])
    assert (done.status_code, done.location) == (303, "/kantoor")
    assert browser.get("/beheer/mensen").status_code == 200
    again = demo.browser()
    assert again.post(links[0], form=links[1]).status_code == 409
    assert again.get("/beheer/mensen").status_code == 303
    demo.app.config["DEMO"] = ""  # the same cookie, when the demo is over
    assert browser.get("/beheer/mensen").status_code == 303


# Looking changes nothing


def test_looking_changes_nothing(demo: World) -> None:
    browser, path, _ = invite(demo)
    person = demo.person("jo@voorbeeld.nl")
    link = accounts.demo_link(KEY, person, demo.now)
    before = demo.dump()
    for each in (
        "/inloggen",
        path,
        "/demo",
        f"/demo/inloggen/{link}",
        "/beheer/mensen",
        "/beheer/mensen/nieuw",
        f"/beheer/mensen/{person.id}",
    ):
        for visitor in (browser, demo.browser()):
            assert visitor.get(each).status_code in (200, 303), each
            assert visitor.client.head(each, base_url=SITE).status_code in (200, 303), each
    for each in ("/uitloggen", f"/beheer/mensen/{person.id}/stoppen", f"/beheer/mensen/{person.id}/opnieuw"):
        assert browser.get(each).status_code == 405, each
    assert demo.dump() == before


# The command line


def test_flask_staff(world: World) -> None:
    runner = world.app.test_cli_runner()
    line = ["staff", "add", "--town", "Voorbeeldstad", "--name", "Jo Bos", "--email", "jo@b.nl"]
    added = runner.invoke(args=[*line, "--role", "regiegroep", "--wijk", "Noord"])
    assert added.exit_code == 0, added.output
    path = re.findall(r"^https://stem\.voorbeeld\.nl(/uitnodiging/\S+)$", added.output, re.M)[0]
    assert world.browser().get(path).status_code == 200
    assert (
        "jo@b.nl  Jo Bos  regiegroep  Voorbeeldstad, Noord  uitgenodigd"
        in runner.invoke(args=["staff", "list"]).output
    )
    reset = runner.invoke(args=["staff", "reset", "JO@b.nl"])
    assert reset.exit_code == 0
    assert "/uitnodiging/" in reset.output
    assert world.browser().get(path).status_code == 409


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (
            ["add", "--town", "Elders", "--name", "Jo", "--email", "jo@b.nl", "--role", "gemeente"],
            "Elders is er niet",
        ),
        (
            ["add", "--town", "Voorbeeldstad", "--name", "Jo", "--email", "jo", "--role", "gemeente"],
            "klopt niet",
        ),
        (
            ["add", "--town", "Voorbeeldstad", "--name", "Jo", "--email", "j@b.nl", "--role", "regiegroep"],
            "Kies de wijk",
        ),
        (
            [
                "add",
                "--town",
                "Voorbeeldstad",
                "--name",
                "J",
                "--email",
                "j@b.nl",
                "--role",
                "regiegroep",
                "--wijk",
                "x",
            ],
            "De wijk x is er niet",
        ),
        (["reset", "niemand@b.nl"], "Niemand heeft toegang met niemand@b.nl"),
    ],
)
def test_flask_staff_refuses_in_a_sentence(world: World, args: list[str], said: str) -> None:
    before = world.dump()
    answer = world.app.test_cli_runner().invoke(args=["staff", *args])
    assert answer.exit_code == 1
    assert said in answer.output
    assert len(answer.output.splitlines()) == 1
    assert world.dump() == before


def test_flask_staff_without_a_key(world: World) -> None:
    world.app.config["SECRET_KEY"] = None
    before = world.dump()
    answer = world.app.test_cli_runner().invoke(args=["staff", "reset", ADMIN])
    assert answer.exit_code == 1
    assert "SECRET_KEY ontbreekt" in answer.output
    assert world.dump() == before
