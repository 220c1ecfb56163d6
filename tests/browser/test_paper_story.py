"""Two people enter the papers by keyboard only, look a third time where they differ, and confirm."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from ballots import casting
from ballots.database import db
from ballots.vault import Vault
from consult import consultations, paper_work
from consult.models import Consultation, Town
from demo.moves import Clock, Stage, print_letters
from demo.town import OFFICE
from tests.browser.conftest import Opens, log_in
from tests.browser.test_office_story import heading, press, saved
from tests.browser.test_pages import AXE, STICKS_OUT, violations
from tests.browser.town import NAME, POINTS, Place, ballot


def over(place: Place, papers: int) -> int:
    """Hold a buurtstemming that is over, with so many letters exchanged for paper; return its id."""
    return hold(place, papers, timedelta(days=-2))[0]


def hold(place: Place, papers: int, ends: timedelta) -> tuple[int, list[str]]:
    """Hold a buurtstemming that ends so long from now; return its id, and the codes that are not exchanged."""
    with place.inside():
        now, town = datetime.now(UTC), db.session.query(Town).one()
        stage = Stage(place.app, 0, Clock(now - timedelta(days=9)), town, Vault(place.folder / "keys"))
        held = ballot(stage, "De nieuwe brug", stage.clock.now, now + ends, NAME, POINTS)
        codes = print_letters(stage, held)
        assert held.poll is not None
        moment = held.poll.opens + timedelta(hours=1)
        for code in codes[:papers]:
            _, p = casting.find(db.session, code)
            paper_work.redeem(db.session, stage.vault, held, p, OFFICE, moment)
        return held.id, codes[papers:]


def suits(page: Page) -> None:
    """Nothing that axe can find, nothing that sticks out, on a telephone and on a desk."""
    page.evaluate(AXE_SCRIPT)
    found = violations(page, AXE)
    size = page.viewport_size
    page.set_viewport_size({"width": 320, "height": 640})
    found += page.evaluate(STICKS_OUT)
    assert size
    page.set_viewport_size(size)
    assert not found, "\n".join(found)


def paper(page: Page, number: str, name: str, first: str, second: str) -> None:
    """Enter a paper without a mouse: the number of the name, Enter to the points, Tab, Enter."""
    keys = page.keyboard
    expect(page.get_by_label("Nummer van de keuze")).to_be_focused()
    keys.type(number)
    expect(page.get_by_label(name)).to_be_checked()
    expect(page.get_by_role("status")).to_contain_text(name)
    keys.press("Enter")
    keys.type(first)
    keys.press("Tab")
    keys.type(second)
    keys.press("Enter")


def test_two_people_a_third_look_and_the_count(opens: Opens, new_place: Place, tmp_path: Path) -> None:
    place = new_place
    id = over(place, 2)
    samira, bram = (opens(place, 1280, 900).new_page() for _ in range(2))
    log_in(samira, "Samira Bakker")
    log_in(bram, "Bram de Graaf")
    assert saved_ballot(samira, id, tmp_path).stat().st_size > 9000

    for page, hand, second in ((samira, "eerste", ("2", "Touwbrug")), (bram, "tweede", ("1", "Lindebrug"))):
        page.goto("/balie")
        page.get_by_role("link", name="De nieuwe brug").click()
        suits(page)
        page.get_by_role("link", name=f"Begin met de {hand} invoer").click()
        heading(page, "Papier 1 van 2")
        expect(page.get_by_label("Nummer van de keuze")).to_be_focused()
        page.keyboard.press("Enter")  # to the points
        page.keyboard.press("Enter")  # nothing chosen yet
        expect(page.locator(".error-summary")).to_contain_text("Staat er niets?")
        suits(page)
        paper(page, "1", "Lindebrug", "5", "5")
        heading(page, "Papier 2 van 2")
        paper(page, *second, "5", "4")
        expect(page.locator(".error-summary")).to_contain_text("Geef nog 1 punt.")
        page.get_by_label("Bankjes langs de kade").fill("5")
        page.get_by_label("Twintig bomen").fill("5")
        page.get_by_label("Twintig bomen").press("Enter")
        heading(page, "Papieren biljetten invoeren")

    expect(bram.locator(".notice--warning")).to_contain_text("Zoek deze biljetten op: 2.")
    suits(bram)
    bram.get_by_role("link", name="Kijk een derde keer").click()
    heading(bram, "Biljet 2")
    bram.get_by_text("Dit biljet is er niet").click()
    press(bram, "Voer in als ontbrekend")
    expect(bram.locator(".error-summary")).to_contain_text("Schrijf op waarom")
    suits(bram)
    bram.get_by_label("Waarom is het er niet?").fill("Het viel in het water.")
    press(bram, "Voer in als ontbrekend")
    bram.get_by_role("link", name="Naar bevestigen").click()
    suits(bram)
    press(bram, "Bevestig")
    heading(bram, "Kloppen de aantallen?")
    expect(bram.locator(".tag--success")).to_have_count(3)
    expect(bram.locator("main")).to_contain_text("Biljet 2: Het viel in het water.")
    suits(bram)

    with place.inside():
        consultations.tick(db.session, Vault(place.folder / "keys"), datetime.now(UTC))
        poll = db.session.get_one(Consultation, id).poll
        assert poll is not None
        assert poll.closed_at


def saved_ballot(page: Page, id: int, folder: Path) -> Path:
    page.goto(f"/balie/{id}")
    return saved(page, "Leeg biljet (PDF)", folder / "biljet.pdf")


def test_a_letter_is_exchanged_for_one_ballot(opens: Opens, new_place: Place) -> None:
    id, codes = hold(new_place, 1, timedelta(days=3))
    page = opens(new_place, 1280, 900).new_page()
    log_in(page, "Samira Bakker")
    page.goto(f"/balie/{id}")
    page.get_by_label("De stemcode op de brief").fill(codes[0])
    page.keyboard.press("Enter")
    press(page, "Wissel in voor een papieren biljet")
    heading(page, "Geef één leeg biljet")
    suits(page)
    page.reload()
    heading(page, "Geef geen tweede biljet")
    suits(page)
