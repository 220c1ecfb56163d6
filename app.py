"""Switches on the lights: connects the rooms, checks that nothing is missing, and serves."""

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click
from dotenv import load_dotenv
from flask import Flask, Request, Response, current_app, redirect, render_template, request
from flask.cli import with_appcontext
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_babel import Babel, gettext
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from sqlalchemy import create_engine, make_url, select
from sqlalchemy.exc import ArgumentError, DataError
from werkzeug.exceptions import BadRequest
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map
from whitenoise import WhiteNoise

import ballots.cli
import consult.cli
from ballots import access, board_pages, booth, finding, languages, serving
from ballots.catalogues import Catalogues
from ballots.database import db, leave, prepare, url
from ballots.gate import Gate, Take
from ballots.prefix import Prefix, language, without
from ballots.refusals import Refusal
from ballots.terminal import plainly
from ballots.vault import Vault
from ballots.web import POLICY, said
from consult import campaign, pages, photo_desk, plan_desk, public, staff, story_desk
from consult.doors import doors
from consult.feeds import feeds
from consult.finance import finance
from consult.key_desk import keys
from consult.keyholder_desk import keyholders
from consult.letter_desk import letter
from consult.models import Town
from consult.office import office
from consult.paper_desk import balie
from consult.people import people
from consult.point_box import point_box
from consult.point_desk import point_desk
from consult.print_desk import press
from consult.roll_desk import roll
from consult.search import search
from consult.share import share
from consult.staff_cli import staff_commands
from consult.steering import steering
from consult.style import style
from consult.wizard import wizard

HERE = Path(__file__).parent

# Every setting: its name in the environment (or in .env), its default, and what it is for.
SETTINGS: dict[str, tuple[str | None, str]] = {
    "SECRET_KEY": (None, "signs sessions and links; any long random text; required to serve"),
    "DATA_DIR": ("instance", "where the database, seed files and letters are kept"),
    "DATABASE_URL": (None, "postgresql://USER:PASSWORD@HOST/NAME; SQLite in DATA_DIR unless it is set"),
    "DEMO": ("", "1 in the demo only: log-in links for the people of the fictional town"),
}

NO_KEY = (
    "SECRET_KEY ontbreekt. Zet in de omgeving of in .env een lange willekeurige tekst, "
    "bijvoorbeeld de uitkomst van: python3 -c 'import secrets; print(secrets.token_hex(32))'"
)

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}


class NotReady(click.ClickException):
    """The app cannot start; the message says what is missing and what to do."""


class Number(IntegerConverter):
    """A number in a path, no larger than a database can hold: beyond it there is no page."""

    def __init__(self, map: Map, **options: Any) -> None:
        super().__init__(map, **{"max": 2**31 - 1, **options})


class Site(Flask):
    """Flask; what is the same for readers of every language has one address: files, and pages of staff."""

    def url_for(self, endpoint: str, **values: Any) -> str:
        address = super().url_for(endpoint, **values)
        shared = endpoint in ("static", "public.theme") or not pages.translated(endpoint)
        return without(address) if shared and not endpoint.startswith(".") else address


class Sessions(SecureCookieSessionInterface):
    """Flask's sessions; who brings no cookie, as a voter, needs no key to read it."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)


def create_app(
    settings: Mapping[str, Any] | None = None, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Flask:
    """Return the app. Settings come from the environment, then from `settings`. Raises NotReady."""
    app = Site(__name__, static_folder=None)
    app.url_map.converters["int"] = Number
    app.session_interface = Sessions()
    app.config.from_mapping(_settings(settings or {}), CLOCK=clock, FACTORY=create_app)
    if not app.config["SECRET_KEY"] and _starts():
        raise NotReady(NO_KEY)
    _connect(app)
    app.wsgi_app = Gate(app.wsgi_app, _take(app), _said_with)  # type: ignore[method-assign]
    app.wsgi_app = Prefix(app.wsgi_app, app.config["LANGUAGES"])  # type: ignore[method-assign]
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=0, x_proto=1)  # type: ignore[method-assign]
    app.wsgi_app = _static(app.wsgi_app)  # type: ignore[method-assign]
    missing = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if not rule.build_only and access.rule(app.view_functions[rule.endpoint]) is None
    ]
    if missing:
        raise NotReady(f"Geen toegangsregel voor: {', '.join(sorted(missing))}.")
    return app


def _settings(given: Mapping[str, Any]) -> dict[str, Any]:
    load_dotenv(HERE / ".env")
    settings = {name: os.environ.get(name, default) for name, (default, _) in SETTINGS.items()} | dict(given)
    data = HERE / settings["DATA_DIR"]
    return (
        settings
        | {
            "DATA_DIR": data,
            "SQLALCHEMY_DATABASE_URI": url(settings["DATABASE_URL"] or f"sqlite:///{data / 'wijkstem.db'}"),
            "SQLALCHEMY_ENGINE_OPTIONS": {
                "hide_parameters": True,  # an error in the log tells no vote
                "pool_pre_ping": True,  # a database server that was restarted costs nobody an error
            },
            "LANGUAGES": languages.usable(unreviewed=settings["DEMO"] == "1"),
            "BABEL_DEFAULT_LOCALE": "nl",
            "BABEL_DEFAULT_TIMEZONE": "Europe/Amsterdam",
            "SESSION_COOKIE_NAME": "wijkstem",
            "SESSION_COOKIE_SAMESITE": "Lax",
            "SESSION_COOKIE_SECURE": settings["DEMO"] != "1",
            "MAX_CONTENT_LENGTH": 32 * 1024 * 1024,
            "WTF_CSRF_TIME_LIMIT": None,
            "WTF_CSRF_SSL_STRICT": False,  # it wants a Referer, and we ask browsers to send none
        }
        | {name: value for name, value in given.items() if name not in SETTINGS}
    )


def _starts() -> bool:
    """Say whether this app is going to serve: not when a flask command other than `run` looks it up."""
    context = click.get_current_context(silent=True)
    return context is None or context.info_name == "run"


def _connect(app: Flask) -> None:
    app.add_url_rule("/static/<path:filename>", "static", build_only=True)  # served by WhiteNoise
    _database(app)
    with app.app_context():
        prepare(db.engine)
    Migrate(app, db, directory=str(HERE / "migrations"), render_as_batch=True)
    babel = Babel(app, locale_selector=lambda: language().code)
    with app.app_context():
        babel.domain_instance.cache = Catalogues()
    csrf = CSRFProtect(app)
    staff.manager.init_app(app, add_context_processor=False)
    # No cookie there, so nothing a forged request could ride on.
    initiators = plan_desk.plans, story_desk.telling, campaign.campaign, photo_desk.photo
    ballot = booth.booth, board_pages.board, finding.finding
    voters = (*ballot, public.public, style, feeds, search, share, point_box, *initiators)
    for blueprint in voters:
        csrf.exempt(blueprint)
    desks = letter, press, roll, keys, keyholders, balie, point_desk
    staffed = doors, people, office, wizard, finance, steering, *desks
    for blueprint in (*voters, *staffed):
        app.register_blueprint(blueprint)
    app.before_request(_in_dutch)
    app.before_request(staff.guard)
    app.context_processor(pages.context)
    pages.filters(app)
    app.after_request(_headers)
    app.register_error_handler(Refusal, _refused)
    for status in (400, 403, 404, 405, 413):
        app.register_error_handler(status, _missing)
    app.register_error_handler(DataError, _unheard)
    app.register_error_handler(500, _broken)
    app.cli.add_command(serve)
    app.cli.add_command(ballots.cli.ballots)
    app.cli.add_command(consult.cli.consult)
    app.cli.add_command(consult.cli.tick)
    app.cli.add_command(consult.cli.town_commands)
    app.cli.add_command(staff_commands)


@click.command("serve")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Poort, alleen op deze computer.",
)
@with_appcontext
def serve(port: int) -> None:
    """Start de dienst op deze computer, achter een webserver met https."""
    with plainly():
        if not current_app.config["SECRET_KEY"]:
            raise NotReady(NO_KEY)
        if len(current_app.config["SECRET_KEY"]) < 32:
            raise NotReady("SECRET_KEY is te kort. Gebruik minstens 32 willekeurige tekens.")
        if current_app.config["DEMO"]:
            raise NotReady("DEMO is alleen voor de demo. Haal die instelling weg.")
        if port and serving.taken(port):
            raise NotReady(f"Poort {port} is bezet. Kies een andere: flask serve --port {port + 1}")
        db.session.execute(select(Town.id).limit(1))
    db.engine.dispose()
    serving.compress_static()
    command = serving.command("app:create_app", port)
    os.execv(command[0], command)


def _database(app: Flask) -> None:
    problem = None
    try:
        address = make_url(app.config["SQLALCHEMY_DATABASE_URI"])
        if address.get_backend_name() not in ("sqlite", "postgresql"):
            problem = "DATABASE_URL klopt niet: het moet een SQLite- of een PostgreSQL-database zijn."
        else:
            create_engine(address)  # connects to nothing yet
    except ImportError:
        problem = (
            "Het onderdeel dat met PostgreSQL praat, ontbreekt. Doe eerst: "
            "pip install --require-hashes -r requirements-postgresql.txt"
        )
    except (ArgumentError, ValueError):
        problem = (
            "DATABASE_URL klopt niet. Schrijf postgresql://GEBRUIKER:WACHTWOORD@SERVER/NAAM, "
            "of sqlite:////PAD/NAAR/BESTAND.db"
        )
    if problem:
        if _starts():
            raise NotReady(problem)
        app.config.update(SQLALCHEMY_DATABASE_URI="sqlite://", DATABASE_PROBLEM=problem)
    db.init_app(app)


def _static(served: Any) -> WhiteNoise:
    def headers(shown: Any, path: str, url: str) -> None:
        shown["X-Content-Type-Options"] = "nosniff"  # the rest is for pages, and weighs on a slow phone

    return WhiteNoise(
        served, root=HERE / "static", prefix="static/", max_age=300, add_headers_function=headers
    )


def _take(app: Flask) -> Take:
    """Return what takes in a vote for this app, without Flask around it."""
    with app.app_context():
        engine = db.engine
    vault = Vault(app.config["DATA_DIR"] / "keys")
    return partial(
        booth.take, engine=engine, vault=vault, clock=app.config["CLOCK"], secret=app.config["SECRET_KEY"]
    )


def _said_with(secure: bool) -> dict[str, str]:
    """Return the headers of every page; `secure` says whether it goes out over https."""
    return HEADERS | ({"Strict-Transport-Security": "max-age=31536000"} if secure else {})


def _headers(response: Response) -> Response:
    there = {name.lower() for name, _ in response.headers}
    said = _said_with(request.is_secure)
    if response.mimetype == "text/html" and "Location" not in response.headers:
        said["Content-Language"] = language().code
    response.headers.extend((name, value) for name, value in said.items() if name.lower() not in there)
    return response


def _in_dutch() -> Any:
    """Send whoever asks for a page of staff in another language to the page itself."""
    if language() is languages.DUTCH or pages.translated(request.endpoint):
        return None
    return redirect(request.full_path.rstrip("?"), 307)


def _refused(refusal: Refusal) -> tuple[str, int]:
    return render_template("message.html", heading=gettext("Dit kan niet"), text=said(refusal)), 409


def _missing(error: Any) -> tuple[str, int]:
    headings = {
        403: gettext("U mag deze pagina niet openen"),
        404: gettext("Deze pagina bestaat niet"),
        413: gettext("Dit bestand is te groot"),
    }
    heading = headings.get(error.code, gettext("Dit verzoek klopt niet"))
    text = gettext("Ga terug en probeer het opnieuw. Lukt het niet? Neem dan contact op met uw gemeente.")
    return render_template("message.html", heading=heading, text=text), error.code


def _unheard(error: DataError) -> tuple[str, int]:
    """Answer what no database can hold, such as a text with a byte 0 in it."""
    leave(db.session)
    return _missing(BadRequest())


def _broken(error: Any) -> tuple[str, int]:
    """Say that something is wrong, without asking the database anything: it may be what is wrong."""
    text = gettext(
        "Er ging bij ons iets mis. Probeer het over een paar minuten opnieuw. Was u aan het stemmen? "
        "Verstuur uw stem dan nog een keer. Zij telt nooit dubbel."
    )
    page = current_app.jinja_env.get_template("message.html")
    return page.render(heading=gettext("Er ging iets mis"), text=text), 500
