"""From an idea to what came of it, on a telephone of 360 pixels: with and without JavaScript, each page looked at."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import FilePayload, Page, expect

from ballots.database import db
from consult import decisions, vouchers
from consult.lifecycle import Verdict
from consult.models import Initiative
from demo.pictures import picture
from demo.town import OFFICE, members
from tests.browser.conftest import Opens, log_in
from tests.browser.test_pages import AXE, COLOURS, STICKS_OUT, violations
from tests.browser.town import Place

Look = Callable[[Page, str], None]
PHOTO = FilePayload(name="IMG_0001.jpg", mimeType="image/jpeg", buffer=picture("planters"))
ALT = "Vier plantenbakken voor een rij huizen."


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """Look at a page: axe in light and dark, nothing sticks out at 320 pixels, and a picture is kept of it."""
    seen: list[str] = []

    def looked(page: Page, name: str) -> None:
        seen.append(name)
        page.wait_for_load_state()
        page.screenshot(path=tmp_path / f"{len(seen):02}-{name}.png", full_page=True)
        page.evaluate(AXE_SCRIPT)
        found = violations(page, AXE)
        page.emulate_media(color_scheme="dark")
        found += violations(page, COLOURS)
        page.screenshot(path=tmp_path / f"{len(seen):02}-{name}-dark.png", full_page=True)
        page.emulate_media(color_scheme="light")
        size = page.viewport_size
        page.set_viewport_size({"width": 320, "height": 640})
        found += page.evaluate(STICKS_OUT)
        if size:
            page.set_viewport_size(size)
        assert not found, name + "\n" + "\n".join(found)

    return looked


def onward(page: Page) -> None:
    page.get_by_role("button", name="Bewaar en ga verder").click()
    page.wait_for_load_state()


def written(page: Page, look: Look) -> str:
    """Write a plan up to the check page, with the mistakes people make; return its private link."""
    page.goto("/")
    page.get_by_role("link", name="Plan indienen").click()
    look(page, "begin")
    onward(page)
    look(page, "begin-wrong")
    page.get_by_label("Hoe heet uw plan?").fill("Plantenbakken in de Kade")
    page.get_by_label("Wat wilt u doen?").fill("Twaalf bakken met bloemen voor de huizen zonder voortuin.")
    onward(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Voor wie is het?")
    look(page, "for-whom")
    link = page.get_by_label("Kopieer de link").input_value()
    page.get_by_label("Voor wie is het?").fill("Voor iedereen in de straat")
    onward(page)
    page.goto(link)  # another day
    page.get_by_role("link", name="Ga verder met").click()
    page.get_by_label("Voor welke wijk").select_option(label="Havenkwartier")
    page.get_by_label("Waar komt het?").fill("Kade")
    look(page, "where")
    onward(page)
    page.get_by_role("link", name="Ga verder met").click()
    page.get_by_label("Hoeveel geld vraagt u?").fill("vierduizend")
    onward(page)
    look(page, "money-wrong")
    page.locator(".error-summary a").first.click()
    expect(page.get_by_label("Hoeveel geld vraagt u?")).to_be_focused()
    page.get_by_label("Hoeveel geld vraagt u?").fill("4.200")
    page.get_by_label("Wie betaalt het onderhoud?").fill("Bewoners geven water.")
    onward(page)
    page.goto(link + "/stap/foto")
    page.get_by_label("Kies of maak een foto").set_input_files(
        FilePayload(name="brief.pdf", mimeType="application/pdf", buffer=b"%PDF-1.7 geen foto")
    )
    onward(page)
    expect(page.locator(".error-summary")).to_contain_text("geen foto die wij kunnen lezen")
    look(page, "photo-wrong")
    page.get_by_label("Kies of maak een foto").set_input_files(PHOTO)
    onward(page)
    expect(page.locator("#alt-wrong")).to_be_visible()
    expect(page.locator("main img")).to_be_visible()
    look(page, "photo-without-words")
    page.get_by_label("Wat is er op de foto te zien?").fill(ALT)
    onward(page)
    page.get_by_role("link", name="Terug naar de vorige vraag").click()
    expect(page.get_by_label("Wat is er op de foto te zien?")).to_have_value(ALT)
    onward(page)
    page.get_by_label("Uw naam").fill("Ria Smeets")
    page.get_by_label("Uw e-mailadres").fill("ria.smeets")
    onward(page)
    look(page, "you-wrong")
    page.get_by_label("Uw e-mailadres").fill("ria@voorbeeld.example")
    onward(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Kijk uw antwoorden na")
    look(page, "check")
    return link


def test_from_an_idea_to_what_came_of_it(new_place: Place, opens: Opens, look: Look) -> None:
    context = opens(new_place, 360, 740)
    page = context.new_page()
    link = written(page, look)
    page.get_by_role("button", name="Dien het plan in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Plantenbakken in de Kade")
    expect(page.locator(".turn")).to_have_text("De regiegroep")
    look(page, "follow")
    page.get_by_role("button", name="Verander uw plan").click()
    page.get_by_role("link", name="Wat kost het?").click()
    page.get_by_label("Hoeveel geld vraagt u?").fill("3.900")
    onward(page)
    look(page, "changing")
    page.get_by_role("button", name="Bewaar de wijzigingen").click()
    expect(page.get_by_text("De wijzigingen zijn bewaard")).to_be_visible()
    page.get_by_role("link", name="Trek uw plan in").click()
    look(page, "withdraw")
    page.get_by_role("link", name="Nee, ga terug").click()
    page.get_by_role("link", name="Vertel uw buren").click()
    look(page, "campaign")
    with page.expect_download() as poster:
        page.get_by_role("link", name="Poster, A4").click()
    assert poster.value.path().read_bytes().startswith(b"%PDF")
    page.goto(link)
    page.get_by_role("link", name="Bekijk uw plan op de website").click()
    expect(page.get_by_role("img", name=ALT)).to_be_visible()
    page.get_by_role("img", name=ALT).scroll_into_view_if_needed()
    expect(page.get_by_role("img", name=ALT)).to_have_js_property("complete", True)
    assert page.evaluate("document.querySelector('main img').naturalWidth") > 0
    look(page, "public")

    with new_place.inside():
        now, people = datetime.now(UTC), members("Havenkwartier")
        plan = db.session.query(Initiative).one()
        id, asked = plan.id, plan.asked
        decisions.decide(db.session, plan, Verdict.AWARD, asked, "Mooi.", people, (), "regiegroep: Dirk", now)
        vouchers.grant(db.session, plan, asked, now.date(), "LH-1", OFFICE, now)
    assert asked == 3_900_00
    page.goto(link)
    page.get_by_role("link", name="Laat zien wat ervan kwam").click()
    look(page, "tell")
    page.get_by_label("Wat kwam ervan?").fill("Kort")
    page.get_by_role("button", name="Stuur naar de gemeente").click()
    look(page, "tell-wrong")
    page.get_by_label("Wat kwam ervan?").fill("Dertig buren vulden samen de bakken. Nu kent iedereen elkaar.")
    page.get_by_label("Foto", exact=True).set_input_files(PHOTO)
    page.get_by_label("Wat is er op de foto te zien?").fill(ALT)
    page.get_by_role("button", name="Voeg deze foto toe").click()
    expect(page.get_by_role("button", name="Haal deze foto weg")).to_be_visible()
    look(page, "tell-photo")
    page.get_by_role("button", name="Stuur naar de gemeente").click()
    expect(page.get_by_text("De gemeente kijkt ernaar")).to_be_visible()
    look(page, "told")

    desk = opens(new_place, 1280, 900).new_page()
    log_in(desk, "Samira Bakker")
    desk.goto("/kantoor")
    desk.get_by_role("link", name="Plantenbakken in de Kade").first.click()
    look(desk, "office")
    desk.get_by_role("button", name="Zet het op de website").click()
    expect(desk.get_by_text("Het staat nu op de website.")).to_be_visible()
    page.goto("/wijk/havenkwartier")
    expect(page.get_by_role("heading", name="Dit deden bewoners")).to_be_visible()
    look(page, "wijk")
    page.set_viewport_size({"width": 1280, "height": 900})
    look(page, "wijk-desktop")
    page.goto(f"/plannen/{id}")
    look(page, "public-told-desktop")
    desk.goto(f"/kantoor/plannen/{id}")
    desk.get_by_text("is de eigen link kwijt").click()
    desk.get_by_role("button", name="Maak een nieuwe link").click()
    look(desk, "renewed")
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("Deze link werkt niet")
    assert context.cookies() == []


def test_without_javascript_and_after_a_no(new_place: Place, opens: Opens, tmp_path: Path) -> None:
    context = opens(new_place, 360, 740, java_script_enabled=False)
    page = context.new_page()
    link = written(page, lambda page, name: None)
    page.get_by_role("button", name="Dien het plan in").click()
    with new_place.inside():
        plan, people = db.session.query(Initiative).one(), members("Havenkwartier")
        why = "Er ligt een kabel onder de stoep."
        actor, now = "regiegroep: Dirk", datetime.now(UTC)
        decisions.decide(db.session, plan, Verdict.REJECT, None, why, people, (), actor, now)
    page.goto(link)
    expect(page.get_by_role("heading", name="Wat woog zwaar?")).to_be_visible()
    expect(page.get_by_text("Er ligt een kabel onder de stoep.")).to_be_visible()
    page.screenshot(path=tmp_path / "after-a-no.png", full_page=True)
    page.get_by_role("button", name="Begin een nieuw plan hiermee").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Kijk uw antwoorden na")
    expect(page.get_by_role("img", name=ALT)).to_be_visible()
    assert page.get_by_label("Kopieer de link").input_value() != link
    page.get_by_role("link", name="Gooi weg wat u schreef").click()
    page.get_by_role("button", name="Gooi alles weg").click()
    expect(page.get_by_role("heading", name="Weggegooid")).to_be_visible()
    assert context.cookies() == []
