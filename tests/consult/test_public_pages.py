"""What residents see: every page in every state, and a plan that is handed in."""

import hashlib
import re

import pytest

from consult import initiatives, towns, vouchers
from consult.models import Voucher
from tests.consult.conftest import KEY, Full, Place


def sane(text: str) -> None:
    """A page that nothing leaked into: no undefined value, no placeholder, no English of a library."""
    for wrong in ("Undefined", "None<", ">None", "%(", "{{", "Traceback", "This field", "Not a valid"):
        assert wrong not in text, wrong


def paths(full: Full) -> list[str]:
    found = ["/", "/wijk/noord", "/wijk/zuid", "/plannen/nieuw", "/plannen/nieuw?wijk=zuid"]
    found += ["/stemgeheim", "/echt", "/privacy", "/toegankelijkheid", "/hulp", "/s"]
    found += [f"/plannen/{id}" for id in full.plans.values()]
    for state, id in full.consultations.items():
        if not state.startswith("draft") and state != "withdrawn, again":  # that is a draft anew
            found.append(f"/raadplegingen/{id}")
    return found


def test_every_page_in_every_state(full: Full) -> None:
    client = full.place.anonymous()
    for path in paths(full):
        page = client.get(path)
        assert page.status_code == 200, path
        assert "Set-Cookie" not in page.headers, path
        assert re.findall(r"<h1", page.text) == ["<h1"], path
        assert re.search(r"<title>[^<]+</title>", page.text), path
        assert "style=" not in page.text, path
        assert not re.search(r"\son\w+=", page.text), path
        assert not re.search(r'(?:src|href|action)="(?:https?:)?//', page.text), path
        sane(page.text)


@pytest.mark.parametrize(
    "path", ["/", "/plannen/nieuw", "/s", "/echt", "/privacy", "/toegankelijkheid", "/stemgeheim", "/hulp"]
)
def test_before_there_is_any_town(empty: Place, path: str) -> None:
    page = empty.anonymous().get(path)
    assert page.status_code == 200
    assert "Set-Cookie" not in page.headers
    sane(page.text)


def test_a_town_without_plans_says_what_to_do(place: Place) -> None:
    client = place.anonymous()
    assert "Er zijn nog geen plannen" in client.get("/").text
    assert "In deze wijk zijn nog geen plannen" in client.get("/wijk/noord").text


@pytest.mark.parametrize(
    "path",
    [
        "/plannen/9999",
        "/raadplegingen/9999",
        "/raadplegingen/9999/definitie.json",
        "/wijk/nergens",
        "/wijk/buiten",
        "/voucher/onzin",
        "/voucher/a.b.c",
        "/plannen/abc",
        "/plannen/99999999999999999999999",
    ],
)
def test_what_is_not_there(full: Full, path: str) -> None:
    page = full.place.anonymous().get(path)
    assert page.status_code == 404
    assert "Set-Cookie" not in page.headers
    sane(page.text)


def test_a_draft_is_nobodys_business(full: Full) -> None:
    client = full.place.anonymous()
    for state in ("draft", "draft, empty"):
        assert client.get(f"/raadplegingen/{full.consultations[state]}").status_code == 404
        assert client.get(f"/raadplegingen/{full.consultations[state]}/definitie.json").status_code == 404
    assert "speelplek aan de Lindelaan?" not in client.get(f"/plannen/{full.plans['draft']}").text


def test_what_each_state_says(full: Full) -> None:
    client = full.place.anonymous()
    said = {
        "frozen": "U kunt nog niet stemmen",
        "open": "U kunt nu stemmen",
        "due": "De stemming is voorbij",
        "closed": "Zo is geteld",
        "missed": "Zo is geteld",
        "withdrawn": "De helft van de brieven kwam te laat.",
        "rejected": "De regiegroep besliste: afgewezen",
        "awarded": "€ 24.000",
    }
    for state, words in said.items():
        assert words in client.get(f"/raadplegingen/{full.consultations[state]}").text, state
    plans = {
        "needs": "Eerst een wijkraadpleging",
        "redeemed": "verzilverd",
        "granted": "Z-2026-77",
        "rejected": "Er ligt een kabel.",
        "withdrawn, again": "Een eerdere wijkraadpleging is ingetrokken",
    }
    for state, words in plans.items():
        assert words in client.get(f"/plannen/{full.plans[state]}").text, state


@pytest.mark.parametrize("state", ["frozen", "open", "due", "withdrawn"])
def test_no_outcome_before_the_close(full: Full, state: str) -> None:
    page = full.place.anonymous().get(f"/raadplegingen/{full.consultations[state]}").text
    for word in ("Zo is geteld", 'class="bars"', "big-answer", "brieven zijn gebruikt"):
        assert word not in page


def test_the_definition_byte_for_byte(full: Full) -> None:
    client = full.place.anonymous()
    id = full.consultations["open"]
    answer = client.get(f"/raadplegingen/{id}/definitie.json")
    assert answer.mimetype == "application/json"
    shown = re.sub(r"[\s-]", "", client.get(f"/raadplegingen/{id}").text.lower())
    assert hashlib.sha256(answer.data).hexdigest() in shown


def test_initiators_stay_unnamed(full: Full) -> None:
    client = full.place.anonymous()
    for path in paths(full):
        text = client.get(path).text
        assert "Noor van Houten" not in text, path
        assert "initiatief.example" not in text, path


def test_looking_changes_nothing(full: Full) -> None:
    before = full.place.dump()
    client = full.place.anonymous()
    for path in paths(full):
        client.get(path)
        client.client.head(path)
    assert full.place.dump() == before


def test_a_hidden_plan_is_gone_for_residents(place: Place) -> None:
    plan = place.plan(title="Iets lelijks")
    client = place.anonymous()
    assert "Iets lelijks" in client.get("/").text
    initiatives.hide(place.session, plan, "Het beledigt iemand.", "gemeente: Samira", place.now)
    for path in ("/", "/wijk/noord", f"/plannen/{plan.id}"):
        page = client.get(path)
        assert "Iets lelijks" not in page.text
        assert "beledigt" not in page.text
    assert client.get(f"/plannen/{plan.id}").status_code == 404


# Vouchers and the look


def test_the_public_page_of_a_voucher(full: Full) -> None:
    client = full.place.anonymous()
    for state, tag in (("voucher", "geldig"), ("redeemed", "al verzilverd")):
        made = full.place.session.get_one(Voucher, full.vouchers[state])
        page = client.get(f"/voucher/{vouchers.token(KEY, made)}")
        assert page.status_code == 200
        assert tag in page.text
        assert "Set-Cookie" not in page.headers
        assert "Noor van Houten" not in page.text


def test_the_towns_colour(place: Place) -> None:
    path = re.findall(r"/thema-[0-9a-f]{8}\.css", place.anonymous().get("/").text)[0]
    answer = place.anonymous().get(path)
    assert answer.mimetype == "text/css"
    assert "#1f5c48" in answer.text
    towns.set_theme(place.session, place.town().name, b".t { --nl-link-color: #003366 }", "test", place.now)
    again = re.findall(r"/thema-[0-9a-f]{8}\.css", place.anonymous().get("/").text)[0]
    assert again != path
    assert "--nl-link-color: #003366;" in place.anonymous().get(again).text


def test_health(place: Place) -> None:
    assert place.anonymous().get("/healthz").text == "ok\n"


@pytest.mark.both
def test_paths_that_a_database_cannot_hold_are_no_error(place: Place) -> None:
    for path in ("/wijk/a%00b", "/voucher/a%00b", "/plannen/9223372036854775807", "/plannen/99999999999999"):
        assert place.anonymous().get(path).status_code in (400, 404)
    for path in ("/mijn-plan/a%00b", "/foto/a%00b-groot.jpg", "/mijn-plan/%ff%fe"):
        assert place.anonymous().get(path).status_code in (400, 404)
