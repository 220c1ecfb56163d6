"""The language of a page: it stands in the address, its catalogue is whole, and the Dutch beneath it is plain."""

import ast
import re
from collections.abc import Iterator
from importlib import util
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from ballots import figures, languages, wording
from ballots.catalogues import path, translations
from ballots.database import db
from ballots.languages import DUTCH, LANGUAGES, Language
from ballots.paper import Kind, Option, Question
from ballots.prefix import Prefix
from consult import towns
from consult.models import Wijk
from tests.conftest import Held, yes_no

HERE = Path(__file__).parents[1]
OTHERS = [each for each in LANGUAGES.values() if each is not DUTCH]
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|\{\w+\}")

spec = util.spec_from_file_location("residents", HERE / "translations" / "residents.py")
assert spec
assert spec.loader
residents = util.module_from_spec(spec)
spec.loader.exec_module(residents)


@pytest.fixture(scope="module")
def wanted() -> Catalog:
    """What residents meet, as the sources are now."""
    found: Catalog = residents.extracted()
    return found


def catalogue(language: Language) -> Catalog:
    with path(language.code).open("rb") as file:
        return read_po(file, locale=language.code)


def strings(value: object) -> tuple[str, ...]:
    """Return a string of a catalogue as its forms: one, or those of a plural; none where it is empty."""
    forms = value if isinstance(value, (tuple, list)) else (value,)
    return tuple(str(form or "") for form in forms)


# The catalogues


def test_the_template_is_up_to_date(wanted: Catalog) -> None:
    with (HERE / "translations" / "residents.pot").open("rb") as file:
        there = read_po(file)
    assert {each.id for each in there} == {each.id for each in wanted}, "run translations/residents.py"


def test_a_language_is_a_row_and_a_file() -> None:
    files = {each.parts[-3] for each in (HERE / "translations").glob("*/LC_MESSAGES/messages.po")}
    assert files == {each.code for each in OTHERS}


@pytest.mark.parametrize("language", OTHERS, ids=lambda each: each.code)
def test_a_catalogue_is_whole(language: Language, wanted: Catalog) -> None:
    """Nothing is missing, unsure or left over; what is filled in stays, and every plural has its forms."""
    there, wrong = catalogue(language), []
    assert {each.id for each in there} == {each.id for each in wanted}, "run translations/residents.py"
    for each in there:
        if not each.id:
            continue
        ids, forms = strings(each.id), strings(each.string)
        number = there.num_plurals if isinstance(each.id, tuple) else 1
        may = {found for id in ids for found in PLACEHOLDER.findall(id)}
        if each.fuzzy or len(forms) != number or not all(forms):
            wrong.append(f"not filled in: {each.id}")
        elif number == 1 and sorted(PLACEHOLDER.findall(forms[0])) != sorted(PLACEHOLDER.findall(ids[0])):
            wrong.append(f"other values: {forms[0]}")
        elif any(set(PLACEHOLDER.findall(form)) - may for form in forms):
            wrong.append(f"other values: {forms}")
        elif number > 1 and not may - {"%(num)d", "%(num)s", "%(number)s"} <= set(
            PLACEHOLDER.findall(forms[-1])
        ):
            wrong.append(f"a value is lost: {forms[-1]}")
    assert wrong == []


def test_each_number_has_its_own_form() -> None:
    """Babel numbers the forms of Arabic its own way: a hundred comes before eleven."""
    said = translations("ar").ungettext
    forms = {
        number: said("%(number)s stem", "%(number)s stemmen", number) for number in (1, 2, 3, 11, 60, 100)
    }
    assert forms == {
        1: "صوت واحد",
        2: "صوتان",
        3: "%(number)s أصوات",
        11: "%(number)s صوتًا",
        60: "%(number)s صوتًا",
        100: "%(number)s صوت",
    }


def imported(file: str) -> Iterator[str]:
    """Yield the files of the house that a file imports."""
    for node in ast.walk(ast.parse((HERE / file).read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            for name in node.names:
                both = (f"{node.module}.{name.name}", node.module)
                found = [each for each in both if (HERE / f"{each.replace('.', '/')}.py").exists()]
                yield from (f"{each.replace('.', '/')}.py" for each in found[:1])


def test_every_file_behind_residents_pages_is_looked_through() -> None:
    """What the counters for everybody import is extracted, or is named as what only staff reads."""
    seen, todo = (
        set[str](),
        ["ballots/booth.py", "ballots/board_pages.py", "ballots/finding.py", "consult/public.py"],
    )
    while todo:
        if (file := todo.pop()) not in seen:
            seen.add(file)
            todo += imported(file)
    marked = {
        file
        for file in seen
        if re.search(r"\b(?:N_|l?\w*gettext)\((?!\))\s*[\"']", (HERE / file).read_text())
    }
    known = {each.relative_to(HERE).as_posix() for each, _ in residents.files()}
    assert marked - known - set(residents.NOT_RESIDENTS) == set()


def test_every_template_of_residents_pages_is_looked_through() -> None:
    """Whatever a counter for everybody renders, and what that extends, imports or includes."""
    known = {
        each.relative_to(HERE / "templates").as_posix()
        for each, _ in residents.files()
        if "templates" in each.parts
    }
    todo = {
        name
        for file in ("booth", "ballot_pages", "refused", "board_pages", "finding")
        for name in re.findall(
            r'"(ballots/[\w/]+\.(?:html|xml))"', (HERE / "ballots" / f"{file}.py").read_text()
        )
    } | set(re.findall(r'"(consult/public/\w+\.html)"', (HERE / "consult" / "public.py").read_text()))
    seen = set[str]()
    while todo:
        name = todo.pop()
        seen.add(name)
        source = (HERE / "templates" / name).read_text()
        todo |= set(re.findall(r'{%-? (?:extends|import|include|from) "([^"]+)"', source)) - seen
    assert len(seen) > 20
    assert seen - known == set()


# The address


@pytest.fixture
def everywhere(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The app where languages that nobody reviewed are on, with a wijk that offers them all."""
    made = create_app(
        {
            "SECRET_KEY": "secret of the tests",
            "DATA_DIR": str(tmp_path),
            "DATABASE_URL": database_url,
            "LANGUAGES": languages.usable(unreviewed=True),
        }
    )
    with made.app_context():
        now = yes_no().opens
        town = towns.add(
            db.session,
            "Voorbeeldstad",
            "http://localhost",
            "Markt 1",
            "14 0123",
            "a@b.nl",
            "#1f5c48",
            1,
            "test",
            now,
        )
        for name in ("Noord", "Zuid"):
            towns.add_wijk(db.session, town.name, name, "test", now)
        noord = db.session.query(Wijk).filter_by(name="Noord").one()
        towns.set_languages(db.session, noord, [each.code for each in OTHERS], "test", now)
        yield made
        db.session.remove()
        db.engine.dispose()


def test_a_language_nobody_reviewed_is_off_in_a_real_town(client: FlaskClient, app: Flask) -> None:
    assert [each.code for each in app.config["LANGUAGES"]] == ["nl"]
    assert client.get("/en/s").status_code == 404
    assert b"languages" not in client.get("/s").data
    assert all(each.reviewed is None for each in OTHERS)  # else the line above says something else


@pytest.mark.parametrize("language", OTHERS, ids=lambda each: each.code)
def test_a_page_and_its_links_are_in_the_language_of_the_address(
    everywhere: Flask, language: Language
) -> None:
    answer = everywhere.test_client().get(f"/{language.code}/s")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert answer.headers["Content-Language"] == language.code
    assert "Set-Cookie" not in answer.headers
    assert f'<html lang="{language.code}" dir="{language.direction}">' in page
    assert translations(language.code).ugettext("Vul uw stemcode in") in page
    assert f'action="/{language.code}/s#stap-1"' in page
    links = re.findall(r'(?<!form)(?:href|src|action)="(/[^"]*)"', page)
    assert {each for each in links if each.startswith(("/static/", "/thema-"))}
    others = [each for each in links if not each.startswith((f"/{language.code}/", "/static/", "/thema-"))]
    assert others == []  # the switch is buttons here


def test_each_page_says_where_it_is_in_the_others(everywhere: Flask) -> None:
    page = everywhere.test_client().get("/en/wijk/noord?a=b").get_data(as_text=True)
    found = re.findall(r'<link rel="alternate" hreflang="(\w+)" href="([^"]+)"', page)
    assert found == [(each.code, f"{each.prefix}/wijk/noord?a=b") for each in LANGUAGES.values()]


def test_a_wijk_offers_its_own_languages(everywhere: Flask) -> None:
    client = everywhere.test_client()
    assert b'hreflang="ar"' in client.get("/wijk/noord").data
    assert b'hreflang="ar"' not in client.get("/wijk/zuid").data
    assert b'hreflang="ar"' in client.get("/").data  # of one wijk of the town at least


def test_pages_of_staff_are_in_dutch_only(everywhere: Flask) -> None:
    client = everywhere.test_client()
    answer = client.get("/en/kantoor?a=b")
    assert (answer.status_code, answer.headers["Location"]) == (307, "/kantoor?a=b")
    assert 'lang="nl"' in client.get("/inloggen").get_data(as_text=True)


@pytest.mark.parametrize("path", ["/xx/s", "/enx/s", "/nl/s", "/en/en/s", "/en//voorbeeld.nl/kantoor"])
def test_what_is_no_language_is_no_page(everywhere: Flask, path: str) -> None:
    assert everywhere.test_client().get(path).status_code in (404, 308)


def test_a_vote_in_another_language_goes_through_the_gate(held: Held, app: Flask) -> None:
    """The receipt is in the language of the vote; nothing else differs."""
    app.wsgi_app = Prefix(app.wsgi_app, LANGUAGES.values())  # type: ignore[method-assign]
    form = {"code": held.codes[0], "q1": "voor", "r": "20" * 32}
    answer = app.test_client().post("/ar/s/stem", data=form)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/ar/s/bon/")
    assert app.test_client().post("/s/stem", data=form).headers["Location"] == answer.headers["Location"][3:]


# Figures and names


@pytest.mark.parametrize(
    ("code", "amount", "number", "day"),
    [
        ("nl", "€ 4.500,50", "1.811", "tot en met zondag 14 juni 2026"),
        ("en", "€ 4,500.50", "1,811", "up to and including Sunday 14 June 2026"),
        ("ar", "€ 4,500.50", "1,811", "حتى نهاية يوم الأحد 14 يونيو 2026"),
    ],
)
def test_figures_follow_the_language(app: Flask, code: str, amount: str, number: str, day: str) -> None:
    asked = yes_no()
    with app.test_request_context("/", environ_overrides={"wijkstem.language": code}):
        assert figures.euros(4_500_50) == amount
        assert figures.local("1.811") == number
        basket = Question("?", Kind.BASKET, (Option("a", "A", 100), Option("b", "B", 200)), budget=250)
        assert wording.tally(basket)["marks"] == LANGUAGES[code].marks
        assert figures.values({"limit": "€ 4.500,50", "name": "1.5"}) == {"limit": amount, "name": "1.5"}
        assert figures.closing(asked.closes_text, asked.closes.replace(hour=1)) == day
        kept = figures.closing("zolang er soep is", asked.closes)
        assert kept.strip("\u2068\u2069") == "zolang er soep is"  # said in other words, those words stay


def test_the_towns_own_words_are_marked_as_dutch(app: Flask) -> None:
    with app.test_request_context("/", environ_overrides={"wijkstem.language": "en"}):
        assert wording.in_dutch("Een <bankje>") == '<span lang="nl" dir="ltr">Een &lt;bankje&gt;</span>'
        assert wording.in_dutch("Voor") == "For"  # ours
        assert wording.in_dutch("") == ""


def test_on_a_dutch_page_they_are_as_they_were(app: Flask) -> None:
    with app.test_request_context("/"):
        assert wording.in_dutch("Een <bankje>") == "Een <bankje>"  # escaped by the page, as always


# Plain Dutch (B1): short sentences, short words, and not those of docs/house.md

MOST_WORDS, MOST_LETTERS = 20, 15
AVOID = re.compile(r"\b(?:huishouden|verkiezing|stembureau|stempas|referendum)", re.IGNORECASE)
LONG_WORDS = {
    "Persoonsgegevens",  # the name of an authority
    "Toegankelijkheid",  # what the statement is called by law
    "toegankelijkheid",
    "toegankelijkheidsverklaring",
    "gegevensbescherming",  # whom to ask, by law
    "verantwoordelijk",
}
# How sentences begin that cannot be shorter and stay exact.
LONG_SENTENCES = (
    "Dan is uit de database, en uit alle",
    "De volledige code van uw stem heeft 64",
    "Van elke stem wordt nagekeken of die",
    "Was daarvan niet genoeg over, dan kreeg",
    "Wie tijdens de stemming stiekem de baas",
    "Zolang de sleutels er zijn, kan iemand",
)


def sentences(text: str) -> list[str]:
    return [each for each in re.split(r"(?<=[.?!:;])\s+|\\n", PLACEHOLDER.sub("x", text)) if each.strip()]


def texts(wanted: Catalog) -> list[str]:
    return [text for each in wanted for text in strings(each.id) if text]


def test_dutch_sentences_are_short(wanted: Catalog) -> None:
    long = {each for text in texts(wanted) for each in sentences(text) if len(each.split()) > MOST_WORDS}
    assert [each for each in long if not each.startswith(LONG_SENTENCES)] == []
    assert len(long) == len(LONG_SENTENCES)  # an exception that is no longer needed goes


def test_dutch_words_are_short(wanted: Catalog) -> None:
    long = {
        word
        for text in texts(wanted)
        for word in re.findall(r"[^\W\d_]+", PLACEHOLDER.sub("", text))
        if len(word) > MOST_LETTERS
    }
    assert long - LONG_WORDS == set()
    assert LONG_WORDS - long == set()


def test_words_to_avoid_are_avoided(wanted: Catalog) -> None:
    assert [each for each in texts(wanted) if AVOID.search(each)] == []
    house = (HERE / "docs" / "house.md").read_text()
    assert all(word in house for word in ("huishouden", "verkiezing", "stembureau", "stempas", "referendum"))
