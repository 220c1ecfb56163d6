"""The pages of the address list, as the office uses them."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app import create_app
from ballots.database import Base, db, writing
from ballots.models import Poll
from consult import accounts, roll_desk, rolls
from consult.models import Consultation, Initiative, Role, RollEntry, Staff, Town, Wijk
from consult.roll_desk import ranges

NOW = datetime(2026, 5, 4, 10, tzinfo=UTC)
HERE = "/kantoor/raadplegingen/1/adressen"
ELSEWHERE = "/kantoor/raadplegingen/2/adressen"
BAG = Path(__file__).parents[3] / "shared" / "data" / "bag" / "bagadres-full.csv"
HEADER = "nummeraanduiding;straat;huisnummer;postcode;plaats;aantal;gebruiksdoel;nevenadres\n"
GOOD = HEADER + (
    "0599200000000001;Dorpsstraat;2;1234AB;Herten;80;gezondheidszorgfunctie;f\n"
    "0599200000000002;Dorpsstraat;3;1234AB;Herten;;woonfunctie;f\n"
    "0599200000000003;Dorpsstraat;4;1234AB;Herten;;woonfunctie;t\n"
)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    settings = {
        "SECRET_KEY": "test",
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": "",
        "DEMO": "1",
        "TESTING": True,
        "WTF_CSRF_ENABLED": False,
    }
    app = create_app(settings, clock=lambda: NOW)
    with app.app_context():
        Base.metadata.create_all(db.engine)
        with writing(db.session):
            for name in ("Voorbeeldstad", "Elders"):
                town = Town(
                    name=name,
                    accent="#1f5c48",
                    base_url="https://stem.example",
                    address="",
                    phone="",
                    email="",
                    limit=10_000_00,
                )
                plan = Initiative(
                    wijk=Wijk(town=town, name="Oost", slug="oost"),
                    title="Speeltuin",
                    what="",
                    for_whom="",
                    place="",
                    asked=12_000_00,
                    initiator="",
                    email="",
                    handed_in_at=NOW,
                )
                db.session.add(Consultation(wijk=plan.wijk, initiative=plan))
            db.session.add(
                Staff(
                    town=db.session.get(Town, 1), name="A. de Wit", email="a@stad.example", role=Role.GEMEENTE
                )
            )
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser in which somebody of the office of Voorbeeldstad is logged in."""
    client = app.test_client()
    staff = db.session.scalars(select(Staff)).one()
    token = accounts.demo_link("test", staff, NOW)
    assert client.post(f"/demo/inloggen/{token}").status_code == 303
    return client


def text(response: TestResponse) -> str:
    """What a person reads on a page."""
    return " ".join(unescape(re.sub("<[^>]+>", " ", response.text)).split())


def choose(client: FlaskClient, data: str | bytes, name: str = "lijst.csv") -> TestResponse:
    file = (BytesIO(data.encode() if isinstance(data, str) else data), name)
    return client.post(HERE, data={"file": file})


def add(client: FlaskClient) -> TestResponse:
    shown = re.search(r'name="shown"[^>]*value="([^"]+)"', client.get(f"{HERE}/controle").text)
    assert shown
    return client.post(f"{HERE}/toevoegen", data={"shown": shown[1]}, follow_redirects=True)


def roll() -> int:
    return db.session.scalar(select(func.count()).select_from(RollEntry)) or 0


def care_home() -> RollEntry:
    return db.session.scalars(select(RollEntry).where(RollEntry.number == 2)).one()


def test_from_file_to_roll(client: FlaskClient) -> None:
    response = choose(client, GOOD)
    assert (response.status_code, response.location) == (303, f"{HERE}/controle")
    shown = text(client.get(f"{HERE}/controle"))
    assert "Adressen 2 Brieven 81 Rijen die wegvallen 1 Bijzondere adressen 1" in shown
    assert "Rij 4 : Dorpsstraat 4, 1234AB, Herten" in shown
    assert "Dit is een nevenadres." in shown
    assert "Dit is geen woning: gezondheidszorgfunctie. Voor dit adres zijn 80 brieven gevraagd." in shown
    assert roll() == 0
    assert "lijst.csv is nog niet toegevoegd." in text(client.get(HERE))
    shown = text(add(client))
    assert "De adressenlijst is toegevoegd: 81 brieven." in shown
    assert "Adressen die meedoen 2 Brieven 81" in shown
    assert roll() == 2


@pytest.mark.skipif(not BAG.exists(), reason="the BAG sample stands beside the repository, not in it")
def test_the_bag_file_goes_in_as_it_is(client: FlaskClient) -> None:
    assert choose(client, BAG.read_bytes(), BAG.name).status_code == 303
    assert "toegevoegd: 5 brieven" in text(add(client))


def test_every_fault_is_shown_and_nothing_changes(client: FlaskClient) -> None:
    choose(client, GOOD)
    add(client)
    many = "".join(f"05992000001{row:05};;{row};1234AB;Herten;;;\n" for row in range(1, 301))
    response = choose(client, GOOD + "0599200000000002;Kerkplein;1;1234AC;Herten;;;\n" + many)
    shown = text(response)
    assert response.status_code == 422
    assert "Dit bestand heeft 301 fouten" in shown
    assert "Deze nummeraanduiding staat ook op rij 3." in shown
    assert "Rij 5 : Kerkplein 1" in shown
    assert "De kolom straat is leeg. 300 rijen Bekijk de rijen Rij 6–305" in shown
    assert "Voeg deze adressen toe" not in shown
    assert "Kies een ander bestand" in shown
    assert roll() == 2


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ("", "In dit bestand staan geen adressen."),
        (b"PK\x03\x04", "Wij kunnen adressen.xlsx niet lezen. Sla het bestand op als CSV"),
        ("straat;huisnummer\nKade;1\n", "ontbreken kolommen: nummeraanduiding, woonplaats"),
    ],
)
def test_no_address_list(client: FlaskClient, data: str | bytes, sentence: str) -> None:
    response = choose(client, data, "adressen.xlsx")
    assert response.status_code == 422
    assert sentence in text(response)
    assert 'href="#file"' in response.text


def test_no_file(client: FlaskClient) -> None:
    response = client.post(HERE, data={})
    assert response.status_code == 422
    assert "Kies een bestand." in text(response)


def test_what_a_file_holds_is_shown_as_text(client: FlaskClient) -> None:
    choose(client, HEADER + "0599200000000001;<b>Dorp</b>;2;1234AB;Herten;2;;\n", "<i>lijst.csv")
    page = client.get(f"{HERE}/controle").text + client.get(HERE).text
    assert "&lt;b&gt;Dorp&lt;/b&gt; 2" in page
    assert "&lt;i&gt;lijst.csv" in page
    assert "<b>Dorp" not in page
    assert "<i>lijst" not in page


def test_only_rows_that_fall_away(client: FlaskClient) -> None:
    response = choose(client, HEADER + "0599200000000001;Dorpsstraat;2;1234AB;Herten;;;t\n")
    assert response.status_code == 422
    assert "Er blijft geen adres over" in text(response)
    assert "Rij 2 : Dorpsstraat 2" in text(response)


def test_a_file_that_was_not_shown_is_not_added(client: FlaskClient) -> None:
    choose(client, GOOD)
    for shown in ("", "onzin", "2020-01-01T00:00:00+00:00", "2026-05-04T10:00:00"):
        response = client.post(f"{HERE}/toevoegen", data={"shown": shown}, follow_redirects=True)
        assert "Een collega koos ondertussen een ander bestand." in text(response)
    assert roll() == 0


def test_nothing_to_add(client: FlaskClient) -> None:
    assert client.get(f"{HERE}/controle").location == HERE
    response = client.post(f"{HERE}/toevoegen", data={}, follow_redirects=True)
    assert "Er staat geen adressenlijst klaar." in text(response)


def test_special_addresses(client: FlaskClient) -> None:
    choose(client, GOOD)
    add(client)
    entry = care_home()
    assert "Dorpsstraat 2, 1234 AB Herten kijk hiernaar" in text(client.get(HERE))
    there, prefix = f"{HERE}/{entry.id}/besluit", f"adres-{entry.id}-"

    def decide(letters: str, reason: str) -> TestResponse:
        data = {prefix + "letters": letters, prefix + "reason": reason}
        return client.post(there, data=data, follow_redirects=True)

    for letters, reason, sentence in (
        ("", "Zorghuis", "Vul een getal in. Bij 0 doet het adres niet mee."),
        ("501", "Zorghuis", "Kies een aantal brieven van 0 tot en met 500."),
        ("-1", "Zorghuis", "Kies een aantal brieven van 0 tot en met 500."),
        ("80", " ", "Schrijf op waarom."),
    ):
        response = decide(letters, reason)
        assert response.status_code == 422
        assert sentence in text(response)
        assert f'href="#{prefix}' in response.text
    assert care_home().reason == ""
    shown = text(decide("0", "Iedereen is verhuisd"))
    assert "Uw besluit is opgeslagen." in shown
    assert "Adressen die meedoen 1 Brieven 1 Adressen die niet meedoen 1" in shown
    assert "doet niet mee" in shown


def test_any_address_can_be_found(client: FlaskClient) -> None:
    choose(client, GOOD)
    add(client)
    shown = text(client.get(f"{HERE}?q=dorps+3"))
    assert "1 adres gevonden." in shown
    assert "Dorpsstraat 3, 1234 AB Herten" in shown
    assert "0 adressen gevonden." in text(client.get(f"{HERE}?q=kade"))


def test_a_long_worklist_has_pages(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roll_desk, "ON_A_PAGE", 2)
    choose(
        client, HEADER + "".join(f"05992000001{row:05};Kade;{row};1234AB;Herten;2;;\n" for row in range(1, 6))
    )
    add(client)
    assert "Bladzijde 1 van 3" in text(client.get(HERE))
    assert "Kade 5, 1234 AB Herten" in text(client.get(f"{HERE}?pagina=3"))
    assert "Bladzijde 3 van 3" in text(client.get(f"{HERE}?pagina=99"))
    assert "Bladzijde 1 van 3" in text(client.get(f"{HERE}?pagina=x"))


def test_a_frozen_list_is_only_shown(client: FlaskClient) -> None:
    choose(client, GOOD)
    add(client)
    choose(client, GOOD)
    consultation = db.session.get_one(Consultation, 1)
    with writing(db.session):
        consultation.poll = Poll(
            id=b"p" * 16, definition=b"", hash=b"h" * 32, opens=NOW, closes=NOW, frozen_at=NOW
        )
    shown = client.get(HERE)
    assert "Deze lijst ligt vast" in text(shown)
    assert '<form method="post" action="/kantoor' not in shown.text
    assert client.get(f"{HERE}/controle").location == HERE
    response = choose(client, GOOD)
    assert response.status_code == 422
    assert "De adressen kunnen niet meer veranderen." in text(response)


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("path", ["", "/controle", "/toevoegen", "/1/besluit"])
def test_another_town_is_out_of_reach(client: FlaskClient, method: str, path: str) -> None:
    response = client.open(ELSEWHERE + path, method=method.upper())
    assert response.status_code in (404, 405)


def test_an_address_of_another_list_is_out_of_reach(client: FlaskClient) -> None:
    other = db.session.get_one(Consultation, 2)
    rolls.upload(db.session, other, "lijst.csv", GOOD.encode(), "gemeente: B", NOW)
    rolls.import_roll(db.session, other, "gemeente: B", NOW)
    assert client.post(f"{HERE}/{care_home().id}/besluit").status_code == 404


def test_the_way_in_is_closed_without_logging_in(app: Flask) -> None:
    response = app.test_client().get(HERE)
    assert response.status_code == 303
    assert "/inloggen" in response.location


def test_a_forged_request_changes_nothing(app: Flask, client: FlaskClient) -> None:
    choose(client, GOOD)
    app.config["WTF_CSRF_ENABLED"] = True
    for path in ("", "/toevoegen", "/1/besluit"):
        assert client.post(HERE + path).status_code == 400
    assert roll() == 0


@pytest.mark.parametrize(
    ("rows", "written"), [([], ""), ([4], "4"), ([2, 3, 4, 7, 9, 10], "2–4, 7, 9–10"), ([5, 5, 6], "5, 5–6")]
)
def test_ranges(rows: list[int], written: str) -> None:
    assert ranges(rows) == written
