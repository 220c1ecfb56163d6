"""A resident votes in a real browser: from the QR code on the printed letter to a counted vote."""

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from ballots import polls
from ballots.database import db
from ballots.vault import Vault
from consult import consultations
from consult.models import Consultation
from tests.browser.conftest import Opens
from tests.browser.town import Place
from tests.browser.walk import to_question

OPEN = "Speelplek aan de Lindelaan"


def used(place: Place) -> int:
    with place.inside():
        poll = db.session.get_one(Consultation, place.consultations[OPEN]).poll
        assert poll is not None
        return polls.turnout(db.session, poll).used


def choose(page: Page, option: str) -> None:
    to_question(page)
    page.get_by_text(option, exact=True).last.click()
    page.get_by_role("button", name="Controleer uw keuze").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Klopt uw keuze?")


def send(page: Page) -> str:
    """Send the vote on the review page; return the control code of the receipt."""
    promised = page.locator(".control").inner_text()
    page.get_by_role("button", name="Verstuur mijn stem").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Uw stem zit in de stembus")
    code = page.locator(".control").inner_text()
    assert code == promised
    return code


def typed(page: Page, code: str) -> None:
    page.goto("/s")
    page.get_by_label("Uw stemcode").fill(" ".join(re.findall("....", code)).lower())
    page.get_by_role("button", name="Verder").click()


def test_a_scanned_letter_is_a_vote(phone: Page, place: Place) -> None:
    link, before = place.letter(), used(place)
    code = link.partition("#")[2]
    seen: list[str] = []
    phone.on("request", lambda request: seen.append(request.url))
    phone.goto(link)
    expect(phone.locator(".stage:target h1")).to_have_text(OPEN)
    assert phone.url == f"{place.base}/s#stap-1"
    choose(phone, "Voor")
    expect(phone.locator(".chosen")).to_have_text("Voor")
    control = send(phone)
    assert re.fullmatch(r"[0-9A-Z]{4}(.[0-9A-Z]{4}){3}", control)
    phone.reload()
    expect(phone.locator(".control")).to_have_text(control)
    assert used(place) == before + 1
    assert not [url for url in seen if code in url.split("#")[0] or quote(code) in url.split("#")[0]]

    phone.goto(link)
    expect(phone.get_by_role("heading", level=1)).to_have_text("Met deze brief is al gestemd")
    assert used(place) == before + 1


def test_it_works_without_javascript(plain: Page, place: Place) -> None:
    before = used(place)
    typed(plain, place.code())
    choose(plain, "Tegen")
    send(plain)
    plain.get_by_role("link", name="Klaar, volgende persoon").click()
    expect(plain.get_by_label("Uw stemcode")).to_have_value("")
    assert used(place) == before + 1


def test_a_typo_is_pointed_out_and_what_was_typed_stays(phone: Page, place: Place) -> None:
    code = place.code()
    wrong = code[:9] + ("7" if code[9] != "7" else "8") + code[10:]
    typed(phone, wrong)
    field = phone.get_by_label("Uw stemcode")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(phone.locator("#code-wrong")).to_contain_text("groepje 3")
    assert re.sub(r"\s", "", field.input_value()).upper() == wrong
    phone.locator(".error-summary a").click()
    expect(field).to_be_focused()
    field.fill(code)
    phone.get_by_role("button", name="Verder").click()
    expect(phone.locator(".stage:target h1")).to_have_text(OPEN)


def test_the_keyboard_is_enough(opens: Opens, place: Place) -> None:
    page = opens(place, 1280, 900).new_page()
    page.goto("/s")

    def tab_to(selector: str) -> None:
        for _ in range(20):
            page.keyboard.press("Tab")
            if page.evaluate("what => document.activeElement.matches(what)", selector):
                return
        raise AssertionError(f"no tab leads to {selector}")

    tab_to("#code")
    page.keyboard.type(place.code())
    page.keyboard.press("Enter")
    expect(page.locator(".stage:target h1")).to_have_text(OPEN)
    for _ in "reading", "weighing":
        tab_to("main a.button")
        page.keyboard.press("Enter")
    tab_to("input[type=radio]")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Tegen", exact=True)).to_be_checked()
    tab_to("main button")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Klopt uw keuze?")
    tab_to("main button")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Uw stem zit in de stembus")


def test_back_and_change(phone: Page, place: Place) -> None:
    link, before = place.letter(), used(place)
    phone.goto(link)
    choose(phone, "Voor")
    first = phone.locator(".control").inner_text()
    phone.get_by_role("button", name="Wijzig").click()
    expect(phone.locator("#q1")).to_be_visible()
    choose(phone, "Blanco (ik kies niet)")
    expect(phone.locator(".chosen")).to_have_text("Blanco (ik kies niet)")
    assert phone.locator(".control").inner_text() != first
    phone.go_back()
    expect(phone.get_by_label("Uw stemcode")).to_have_value("")  # the code is kept nowhere
    phone.goto(link)
    choose(phone, "Tegen")
    send(phone)
    assert used(place) == before + 1


def test_back_goes_one_step_back(phone: Page, place: Place) -> None:
    phone.goto(place.letter())
    to_question(phone)
    phone.get_by_text("Tegen", exact=True).last.click()
    expect(phone.locator(".stage:target .progress")).to_contain_text("Stap 3 van 4")
    phone.go_back()
    expect(phone.locator(".stage:target h1")).to_have_text("Voordat u kiest")
    phone.locator(".stage:target").get_by_role("link", name="Terug").click()
    expect(phone.locator(".stage:target h1")).to_have_text(OPEN)
    to_question(phone)
    expect(phone.get_by_label("Tegen", exact=True)).to_be_checked()


def test_who_loses_the_page_halfway_finds_the_choice_again(phone: Page, place: Place) -> None:
    link = place.letter()
    phone.goto(link)
    to_question(phone)
    expect(phone.locator("#q1")).to_be_visible()
    phone.get_by_text("Tegen", exact=True).last.click()
    phone.reload()
    expect(phone.get_by_label("Uw stemcode")).to_have_value("")
    expect(phone.locator("#begun")).to_be_visible()
    phone.goto("about:blank")
    phone.goto(link)
    to_question(phone)
    expect(phone.get_by_label("Tegen", exact=True)).to_be_checked()
    phone.goto("/s")
    phone.goto(place.letter())  # another letter in the same window: nothing is filled in
    to_question(phone)
    expect(phone.locator("#q1 input:checked")).to_have_count(0)


def test_the_keys_on_the_screen_type_a_code(phone: Page, place: Place) -> None:
    phone.goto("/s")
    phone.get_by_text("Toetsen op het scherm").click()
    keys = phone.locator(".pad__keys button")
    expect(keys).to_have_count(33)
    keys.get_by_text("Z", exact=True).click()
    phone.get_by_role("button", name="Wis het laatste teken").click()
    code = place.code()
    for sign in code:
        keys.get_by_text(sign, exact=True).click()
    assert phone.get_by_label("Uw stemcode").input_value() == " ".join(re.findall("....", code))
    assert keys.first.bounding_box()["height"] >= 44  # type: ignore[index]
    phone.get_by_role("button", name="Verder").click()
    expect(phone.locator(".stage:target h1")).to_have_text(OPEN)


# A voice as a telephone has it: this browser has none of its own.
VOICE = """
    window.spoken = [];
    const synthesis = {
        speaking: false, getVoices: () => VOICES,
        speak(said) { this.speaking = true; window.spoken.push(said.text); },
        cancel() { this.speaking = false; },
    };
    Object.defineProperty(window, 'speechSynthesis', { value: synthesis });
    window.SpeechSynthesisUtterance = function (text) { this.text = text; };
"""


@pytest.mark.parametrize(("voices", "there"), [("[{ lang: 'nl-NL' }]", True), ("[{ lang: 'de-DE' }]", False)])
def test_the_device_reads_what_is_on_the_screen(phone: Page, place: Place, voices: str, there: bool) -> None:
    phone.add_init_script(VOICE.replace("VOICES", voices))
    phone.goto(place.letter())
    expect(phone.locator(".stage:target h1")).to_have_text(OPEN)
    button = phone.locator(".read")
    if not there:
        expect(button).to_be_hidden()
        return
    button.click()
    expect(button).to_have_text("Stop")
    spoken = phone.evaluate("window.spoken")
    assert spoken[0] == OPEN
    assert "In het kort" in spoken
    assert "Voordat u kiest" not in spoken
    button.click()
    expect(button).to_have_text("Lees voor")
    button.click()
    phone.get_by_role("link", name="Verder").click()
    expect(button).to_have_text("Lees voor")


def test_two_taps_on_send_are_one_vote(phone: Page, place: Place) -> None:
    before = used(place)
    phone.goto(place.letter())
    choose(phone, "Voor")
    promised = phone.locator(".control").inner_text()
    phone.get_by_role("button", name="Verstuur mijn stem").dblclick()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Uw stem zit in de stembus")
    expect(phone.locator(".control")).to_have_text(promised)
    assert used(place) == before + 1


def test_the_same_vote_again_is_the_same_receipt(plain: Page, place: Place) -> None:
    before = used(place)
    typed(plain, place.code())
    choose(plain, "Voor")
    form = dict(
        plain.locator("form").first.locator("input").evaluate_all("all => all.map(i => [i.name, i.value])")
    )
    control = send(plain)
    receipt = plain.url
    again = plain.request.post("/s/stem", form=form)
    assert again.url == receipt
    assert control in again.text()
    assert used(place) == before + 1


def test_nothing_is_left_for_the_next_person(phone: Page, place: Place) -> None:
    code = place.code()
    phone.goto("/s")
    typed(phone, code)
    choose(phone, "Tegen")
    control = send(phone)
    phone.get_by_role("link", name="Klaar, volgende persoon").click()
    expect(phone.get_by_label("Uw stemcode")).to_have_value("")
    assert phone.evaluate("sessionStorage.length + localStorage.length") == 0
    for _ in range(phone.evaluate("history.length") - 2):  # all but the empty page it began with
        phone.go_back()
        expect(phone.get_by_label("Uw stemcode")).to_have_value("")
        assert control not in phone.content()
        assert code[:4] not in phone.content()


@pytest.mark.parametrize(
    ("which", "heading"),
    [
        ("early", "U kunt nog niet stemmen"),
        ("late", "De stemming is gesloten"),
        ("withdrawn", "Deze stemming is ingetrokken"),
    ],
)
def test_a_letter_that_cannot_vote_says_why(phone: Page, place: Place, which: str, heading: str) -> None:
    phone.goto(f"/s#{place.codes[which]}")
    expect(phone.get_by_role("heading", level=1)).to_have_text(heading)


def test_every_vote_is_counted(phone: Page, place: Place) -> None:
    """Last in this file: it closes the open consultation, by the clock."""
    before = used(place)
    phone.goto(place.letter())
    choose(phone, "Voor")
    send(phone)
    with place.inside():
        poll = db.session.get_one(Consultation, place.consultations[OPEN]).poll
        assert poll is not None
        over = poll.closes + timedelta(minutes=1)  # other polls of the town wait for people then
        assert consultations.ticked(db.session, Vault(place.folder / "keys"), over).done
        assert sum(polls.outcomes(db.session, poll)[0].votes.values()) == before + 1
    phone.goto(f"/raadplegingen/{place.consultations[OPEN]}")
    expect(phone.locator("main")).to_contain_text(f"{before + 1} van de")
