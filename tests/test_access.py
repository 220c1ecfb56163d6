"""Who may open what, for every route; and what the app asks before it starts."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

import app as house
from app import NotReady, create_app
from ballots.access import EVERYONE, open_to, rule
from consult.models import Role

HERE = Path(__file__).parents[1]

# Every route, and who may open it. A new route is a new line here.
EVERYBODY = {
    "board.bundle", "board.checkpoint", "board.feed", "board.file", "board.find", "board.recount", "board.show",
    "booth.cast", "booth.enter_code", "booth.lost", "booth.open_letter", "booth.receipt", "booth.review",
    "booth.voted",
    "feeds.days", "feeds.days_of_wijk", "feeds.of_town", "feeds.of_wijk",
    "search.archive", "search.look", "share.card", "share.embed",
    "doors.demo", "doors.demo_log_in", "doors.invitation", "doors.log_in", "doors.log_out",
    "finding.search",
    "point_box.send", "point_box.thanks",
    "public.accessibility",
    "public.consultation", "public.definition", "public.genuine", "public.hand_in",
    "public.healthz", "public.help", "public.home", "public.new_letter", "public.plan", "public.privacy",
    "public.secrecy", "public.theme", "style.show", "style.booth", "style.theme",
    "public.voucher", "public.wijk",
    "campaign.flyer", "campaign.kit", "photo.show",
    "plans.again", "plans.change", "plans.leave", "plans.send", "plans.show", "plans.step", "telling.write",
}  # fmt: skip
ONLY = {
    Role.BEHEERDER: {
        "people.activate", "people.add", "people.deactivate", "people.everybody", "people.person",
        "people.reset",
    },
    Role.GEMEENTE: {
        "finance.grant", "finance.issue", "finance.printed", "finance.redeem",
        "office.ballot.arrange", "office.ballot.days", "office.ballot.questions", "office.ballot.start",
        "office.ballot.subject", "office.hide", "office.language.show", "office.lot.draw", "office.plan",
        "office.question.limits", "office.question.options", "office.question.rule", "office.question.text",
        "office.question.way", "office.show",
        "office.initiators.give_back", "office.initiators.remove_photo", "office.initiators.renew",
        "office.initiators.show", "photo.office",
        "letter.add", "letter.contest", "letter.lengthen", "letter.more", "letter.proposal", "letter.replace",
        "letter.reopen", "letter.requests",
        "letter.show", "letter.stop", "letter.void",
        "keys.assign", "keys.choose", "keys.mix_sheet", "keys.printed", "keys.restore", "keys.seal",
        "keys.show", "keys.shred",
        "print.batch", "print.control_letters", "print.job_sheet", "print.piece", "print.proof_page",
        "print.proofs", "print.setup", "print.show",
        "points.ask",
        "roll.add", "roll.check", "roll.decide", "roll.show", "wizard.export", "wizard.freeze",
        "wizard.preview", "wizard.print_letters", "wizard.printed", "wizard.question", "wizard.rule",
        "wizard.show", "wizard.specimen", "wizard.start",
    },
    Role.REGIEGROEP: {"points.gather", "points.sort", "steering.home", "steering.plan"},
    Role.BALIE: set(),
    Role.SLEUTELHOUDER: {"keyholders.home", "keyholders.sheet", "keyholders.trial", "keyholders.unseal"},
}  # fmt: skip
TABLE: dict[str, frozenset[str]] = {
    **dict.fromkeys(EVERYBODY, frozenset({EVERYONE})),
    **{name: frozenset({role}) for role, names in ONLY.items() for name in names},
    **{
        f"balie.{name}": frozenset({Role.BALIE, Role.GEMEENTE})
        for name in ("home", "desk", "handed", "blank", "papers", "enter", "undo", "confirm", "numbers")
    },
    "print.controls": frozenset({Role.BALIE, Role.GEMEENTE}),
    "points.sign_off": frozenset({Role.GEMEENTE, Role.REGIEGROEP}),
    "office.home": frozenset({Role.GEMEENTE, Role.BEHEERDER}),
}


def endpoints(app: Flask) -> set[str]:
    return {each.endpoint for each in app.url_map.iter_rules() if not each.build_only}


def test_every_route_has_the_rule_of_the_table(app: Flask) -> None:
    found = {name: rule(app.view_functions[name]) for name in endpoints(app)}
    assert found == TABLE


@pytest.fixture
def as_role(app: Flask, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A client whose requests reach an empty view behind the real guard."""
    for name in endpoints(app):
        kept = rule(app.view_functions[name]) or frozenset()
        app.view_functions[name] = open_to(*kept)(lambda **_: "in")
    app.config["WTF_CSRF_ENABLED"] = False
    return app.test_client()


class Somebody:
    def __init__(self, role: Role | None) -> None:
        self.role = role
        self.is_authenticated = role is not None


@pytest.mark.parametrize("role", [None, *Role], ids=lambda role: str(role or "anonymous"))
def test_every_route_for_every_role(
    app: Flask, as_role: FlaskClient, monkeypatch: pytest.MonkeyPatch, role: Role | None
) -> None:
    monkeypatch.setattr("consult.staff.current_user", Somebody(role))
    adapter = app.url_map.bind("localhost")
    tried = 0
    for each in app.url_map.iter_rules():
        if each.build_only:
            continue
        path = adapter.build(each.endpoint, dict.fromkeys(each.arguments, 1))
        for method in sorted((each.methods or set()) - {"OPTIONS"}):
            who = TABLE[each.endpoint]
            status = as_role.open(path, method=method).status_code
            if EVERYONE in who or (role and role in who):
                expected = 200
            else:
                expected = 403 if role else 303
            assert status == expected, (method, path, role)
            tried += 1
    assert tried > 70


def test_a_route_without_a_rule_stops_the_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def planted(app: Flask) -> None:
        app.add_url_rule("/geheim", "planted", lambda: "geheim")
        connect(app)

    connect = house._connect
    monkeypatch.setattr(house, "_connect", planted)
    with pytest.raises(NotReady, match=r"Geen toegangsregel voor: planted\."):
        create_app({"SECRET_KEY": "test", "DATA_DIR": str(tmp_path)})


# Starting


def clean(**more: str) -> dict[str, str]:
    """Return an environment with nothing of ours in it."""
    kept = ("PATH", "HOME", "LANG", "TMPDIR", "SYSTEMROOT", "VIRTUAL_ENV")
    return {name: os.environ[name] for name in kept if name in os.environ} | more


def flask(*arguments: str, env: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "flask", *arguments]
    return subprocess.run(command, cwd=HERE, env=dict(env), capture_output=True, text=True, timeout=60)


no_env_file = pytest.mark.skipif((HERE / ".env").exists(), reason="a .env with a SECRET_KEY may be there")


@no_env_file
def test_no_key_no_app(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    with pytest.raises(NotReady, match=r"^SECRET_KEY ontbreekt\."):
        create_app({"DATA_DIR": str(tmp_path)})
    with pytest.raises(NotReady):
        create_app({"DATA_DIR": str(tmp_path), "SECRET_KEY": ""})
    assert list(tmp_path.iterdir()) == []


@no_env_file
@pytest.mark.parametrize("command", ["run", "serve"])
def test_no_key_no_service(tmp_path: Path, command: str) -> None:
    ran = flask(command, "--port", "0", env=clean(DATA_DIR=str(tmp_path)))
    assert ran.returncode not in (0, None)
    assert ran.stdout == ""
    (line,) = ran.stderr.strip().splitlines()
    assert line.startswith("Error: SECRET_KEY ontbreekt.")


@no_env_file
def test_a_nonsense_database_no_service(tmp_path: Path) -> None:
    env = clean(DATA_DIR=str(tmp_path), SECRET_KEY="x", DATABASE_URL="onzin://")
    for command in ("run", "serve"):
        ran = flask(command, "--port", "0", env=env)
        assert ran.returncode != 0
        assert "DATABASE_URL klopt niet" in ran.stderr
        assert "Traceback" not in ran.stderr + ran.stdout
        assert len(ran.stderr.strip().splitlines()) == 1


HELPS = [
    ["--help"],
    ["ballots", "--help"],
    ["ballots", "count", "--help"],
    ["ballots", "rehearse", "--help"],
    ["consult", "--help"],
    ["consult", "export", "--help"],
    ["staff", "--help"],
    ["staff", "add", "--help"],
    ["town", "--help"],
    ["tick", "--help"],
    ["serve", "--help"],
    ["run", "--help"],
    ["db", "--help"],
    ["routes"],
]


@no_env_file
@pytest.mark.parametrize("arguments", HELPS, ids=" ".join)
@pytest.mark.parametrize("url", [None, "onzin", "postgresql://nergens/niets"])
def test_help_needs_nothing(tmp_path: Path, arguments: list[str], url: str | None) -> None:
    if url and arguments not in (["--help"], ["tick", "--help"], ["ballots", "--help"]):
        return  # one way of going wrong a group is enough; each run costs a second
    env = clean(DATA_DIR=str(tmp_path / "none"), **({"DATABASE_URL": url} if url else {}))
    ran = flask(*arguments, env=env)
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    assert ran.stdout
    assert not (tmp_path / "none").exists()


@no_env_file
def test_a_command_without_its_database_says_so(tmp_path: Path) -> None:
    for env, said in (
        (clean(DATA_DIR=str(tmp_path)), "De database is er niet"),
        (clean(DATA_DIR=str(tmp_path), DATABASE_URL="onzin"), "DATABASE_URL klopt niet"),
    ):
        ran = flask("tick", env=env)
        assert ran.returncode == 1
        (line,) = ran.stderr.strip().splitlines()
        assert said in line


# What every answer carries


@pytest.mark.parametrize("path", ["/", "/s", "/inloggen", "/bestaat-niet", "/healthz"])
def test_headers_of_every_answer(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_stylesheet_is_nothing_but_that(client: FlaskClient) -> None:
    with client.get("/static/css/base.css") as answer:
        assert answer.mimetype == "text/css"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_strict_transport_over_https_only(client: FlaskClient) -> None:
    assert "Strict-Transport-Security" in client.get("/", base_url="https://localhost").headers
    assert "Strict-Transport-Security" not in client.get("/").headers
