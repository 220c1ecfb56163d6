"""Residents read and vote in another language: what is typed stays, nothing sticks out, no cookie keeps it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Locator, Page, expect

from ballots.catalogues import translations
from ballots.languages import DUTCH, LANGUAGES, Language
from tests.browser.conftest import Opens
from tests.browser.test_pages import AXE, STICKS_OUT, violations
from tests.browser.test_vote import OPEN, used
from tests.browser.town import Place
from tests.browser.walk import to_question

OTHERS = [each for each in LANGUAGES.values() if each is not DUTCH]


def words(language: Language) -> Callable[[str], str]:
    return translations(language.code).ugettext


def switch(page: Page, language: Language) -> Locator:
    """Return the entry of a language in the list at the foot."""
    return page.locator("#languages").get_by_text(language.name, exact=True)


def suits(page: Page, place: Place, language: Language) -> None:
    """See that a page is in this language, for everybody, and no wider than a small phone; keep a picture of it."""
    expect(page.locator("html")).to_have_attribute("lang", language.code)
    expect(page.locator("html")).to_have_attribute("dir", language.direction)
    page.wait_for_load_state()
    page.evaluate(AXE_SCRIPT)
    found = violations(page, AXE)
    page.set_viewport_size({"width": 320, "height": 640})
    found += page.evaluate(STICKS_OUT)
    page.set_viewport_size({"width": 360, "height": 740})
    small = page.locator("#languages").evaluate(
        "list => [...list.querySelectorAll('a, button')].filter(e => e.getBoundingClientRect().height < 44).length"
    )
    screens = place.folder / "screens"
    screens.mkdir(exist_ok=True)
    page.screenshot(path=screens / f"{language.code}-{len(list(screens.iterdir()))}.png", full_page=True)
    assert not found, "\n".join(found)
    assert small == 0


@pytest.mark.parametrize("language", OTHERS, ids=lambda each: each.code)
def test_from_the_letter_to_the_receipt(language: Language, opens: Opens, place: Place) -> None:
    """A letter is scanned, which opens it in Dutch; there the voter goes over to another language."""
    _ = words(language)
    context = opens(place, 360, 740)
    page, before = context.new_page(), used(place)
    page.goto(place.letter())
    expect(page.locator(".stage:target h1")).to_have_text(OPEN)
    to_question(page)
    page.get_by_text("Tegen", exact=True).last.click()
    switch(page, language).click()
    expect(page.locator(".stage:target h1 [lang=nl][dir=ltr]")).to_have_text(OPEN)
    suits(page, place, language)
    to_question(page)
    expect(page.get_by_role("button", name=_("Controleer uw keuze"))).to_be_visible()
    expect(page.get_by_label(_("Tegen"), exact=True)).to_be_checked()
    suits(page, place, language)

    page.get_by_role("button", name=_("Controleer uw keuze")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(_("Klopt uw keuze?"))
    expect(page.locator(".chosen")).to_have_text(_("Tegen"))
    suits(page, place, language)
    control = page.locator(".control").inner_text()
    switch(page, DUTCH).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Klopt uw keuze?")
    expect(page.locator(".control")).to_have_text(control)  # written down or not, it is the same vote
    switch(page, language).click()
    page.get_by_role("button", name=_("Verstuur mijn stem")).click()

    expect(page.get_by_role("heading", level=1)).to_have_text(_("Uw stem zit in de stembus"))
    expect(page.locator(".control")).to_have_text(control)
    assert re.fullmatch(rf"{place.base}/{language.code}/s/bon/.+", page.url)
    suits(page, place, language)
    switch(page, DUTCH).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Uw stem zit in de stembus")
    expect(page.locator(".control")).to_have_text(control)
    assert used(place) == before + 1
    assert context.cookies() == []


@pytest.mark.parametrize("language", OTHERS, ids=lambda each: each.code)
def test_what_is_typed_stays_without_javascript(language: Language, plain: Page, place: Place) -> None:
    _ = words(language)
    code = place.code()
    plain.goto("/s")
    plain.get_by_label("Uw stemcode").fill(code[:7].lower())
    switch(plain, language).click()
    field = plain.get_by_label(_("Uw stemcode"))
    expect(field).to_have_value(code[:7].lower())
    expect(field).not_to_have_attribute("aria-invalid", "true")  # nobody said that it was all
    field.fill(code)
    field.press("Enter")  # goes on, in this language: the switch is not what Enter presses
    to_question(plain)
    plain.get_by_role("button", name=_("Controleer uw keuze")).click()
    expect(plain.locator(".error-summary")).to_contain_text(
        _("U koos nog niets. Weet u het niet? Kies dan blanco.")
    )
    switch(plain, DUTCH).click()
    expect(plain.locator(".stage:target h1")).to_have_text(OPEN)


@pytest.mark.parametrize("language", OTHERS, ids=lambda each: each.code)
@pytest.mark.parametrize("which", ["early", "late", "withdrawn"])
def test_a_refusal_in_another_language(language: Language, which: str, phone: Page, place: Place) -> None:
    phone.goto(f"/s#{place.codes[which]}")
    phone.locator(".drawing + h1").wait_for()
    dutch = phone.get_by_role("heading", level=1).inner_text()
    switch(phone, language).click()
    expect(phone.get_by_role("heading", level=1)).to_have_text(words(language)(dutch))
    suits(phone, place, language)


PAGES = {
    "home": "/",
    "wijk": "/wijk/de-linden",
    "plan": "/plannen/{plan}",
    "open": "/raadplegingen/{open}",
    "counted": "/raadplegingen/{counted}",
    "board": "/bord/{poll}",
    "find": "/bord/{poll}/vind-uw-stem",
    "recount": "/bord/{poll}/reken-zelf-na",
    "new letter": "/nieuwe-brief",
    "secrecy": "/stemgeheim",
    "genuine": "/echt",
    "privacy": "/privacy",
    "accessibility": "/toegankelijkheid",
    "missing": "/bestaat-niet",
}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("language", OTHERS, ids=lambda each: each.code)
def test_a_page_suits_everybody_in_each_language(
    name: str, language: Language, opens: Opens, place: Place
) -> None:
    counted = place.consultations["Samen het Meulenplein opknappen"]
    context = opens(place, 360, 740)
    page = context.new_page()
    page.goto(f"/raadplegingen/{counted}")
    poll = page.locator("a[href^='/bord/']").first.get_attribute("href")
    assert poll
    path = PAGES[name].format(
        plan=place.plans[OPEN],
        open=place.consultations[OPEN],
        counted=counted,
        poll=poll.split("/")[2],
    )
    page.goto(path)
    switch(page, language).click()
    expect(page).to_have_url(f"{place.base}/{language.code}{path}")
    suits(page, place, language)
    stays = page.locator("main a[href^='/']").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    dutch = ("/static/", "/inloggen", "/kantoor", "/plannen/nieuw", "/foto/")
    files = (".ics", ".xml", ".json")
    assert all(each.startswith((f"/{language.code}/", *dutch)) or each.endswith(files) for each in stays), (
        stays
    )
    assert context.cookies() == []


def test_the_office_chooses_the_languages_of_a_wijk(
    opens: Opens, place: Place, keys: Callable[[str], Path]
) -> None:
    page = opens(place, 1280, 900, storage_state=keys("Samira Bakker")).new_page()
    visitor = opens(place).new_page()

    def choose(chosen: bool) -> None:
        page.goto("/kantoor/talen")
        arabic = page.get_by_role("group", name="Havenkwartier").get_by_label("العربية")
        arabic.set_checked(chosen)
        page.get_by_role("button", name="Bewaar").click()
        expect(page.get_by_role("status")).to_contain_text("De talen zijn bewaard.")
        visitor.goto("/wijk/havenkwartier")

    choose(False)
    expect(switch(visitor, LANGUAGES["en"])).to_be_visible()
    expect(switch(visitor, LANGUAGES["ar"])).to_have_count(0)
    choose(True)
    expect(switch(visitor, LANGUAGES["ar"])).to_be_visible()
