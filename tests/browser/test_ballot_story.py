"""A buurtbudget from an empty page to the lot that ends it, by clicking only: office, residents and regiegroep."""

from datetime import date, timedelta
from pathlib import Path

import pypdfium2
from playwright.sync_api import Page, expect

from ballots.database import db
from ballots.models import Poll
from ballots.vault import Vault
from consult import consultations
from consult.models import Consultation
from demo.town import roll_csv
from tests.browser.conftest import Opens, log_in
from tests.browser.test_office_story import heading, press, saved
from tests.browser.town import Place, scanned
from tests.browser.walk import to_question

TITLE = "Buurtbudget De Linden"
LINES = """Bankjes aan het water; 4.500; Groen; Noord
Twintig bomen; 12.000; Groen; Zuid
Geveltuinen; 3.000; Groen; Noord
Schommels; 9.000; Spelen; Noord
Straatfeest; 9.000; Samen; Zuid"""
VOTES = (
    ("Bankjes aan het water", "Twintig bomen", "Schommels"),
    ("Bankjes aan het water", "Straatfeest"),
    ("Twintig bomen", "Bankjes aan het water"),
)


def test_a_buurtbudget_by_hand(opens: Opens, new_place: Place, tmp_path: Path) -> None:
    place = new_place
    office, group = (opens(place, 1280, 900).new_page() for _ in range(2))
    log_in(office, "Samira Bakker")

    # What it is about.
    office.goto("/kantoor")
    office.get_by_role("link", name="Bereid een buurtstemming voor").click()
    office.get_by_label("In welke wijk?").select_option("De Linden")
    office.get_by_label("De titel").fill(TITLE)
    office.get_by_label("In het kort").fill("De wijk verdeelt € 20.000.\nU kiest de plannen die u wilt.")
    office.get_by_label("Wat gebeurt er met de uitslag?").fill("De gemeente voert de plannen uit.")
    press(office, "Bewaar en ga verder")

    draft_question(office)
    office.get_by_role("link", name="Ga verder naar de dagen").click()
    today = date.today()
    office.get_by_label("Eerste dag").fill(today.isoformat())
    office.get_by_label("Laatste dag").fill((today + timedelta(days=14)).isoformat())
    office.get_by_label("Met hoeveel dagen mag").fill("0")
    press(office, "Bewaar en ga verder")
    office.get_by_text("De dienst bewaart de sleutel", exact=True).click()
    press(office, "Bewaar en ga verder")

    # To whom, then freeze and print.
    roll = tmp_path / "adressen.csv"
    roll.write_bytes(roll_csv("De Linden"))
    office.get_by_label("Adressenlijst").set_input_files(roll)
    press(office, "Controleer dit bestand")
    press(office, "Voeg deze adressen toe")
    special = office.get_by_role("article").first
    special.get_by_label("Waarom?").fill("Woongroep.")
    special.get_by_role("button", name="Opslaan").click()
    office.get_by_role("link", name="Ga verder naar het overzicht").click()
    expect(office.locator("main")).to_contain_text("Naar “Groen” gaat samen hoogstens € 12.000.")
    press(office, "Zet de buurtstemming vast")
    pdf = pypdfium2.PdfDocument(saved(office, "Maak de brieven (PDF)", tmp_path / "brieven.pdf"))
    links = [scanned(pdf, page) for page in range(len(VOTES))]
    pdf.close()
    office.get_by_role("link", name="Het drukken is gelukt").click()
    press(office, "Ja, alle brieven zijn gedrukt")
    overview = office.url

    # Residents find it, and vote on their telephones.
    for link, choices in zip(links, VOTES, strict=True):
        resident = opens(place).new_page()
        resident.goto("/wijk/de-linden")
        expect(resident.get_by_role("heading", name=TITLE)).to_be_visible()
        vote(resident, link, choices)
        assert resident.context.cookies() == []
    log_in(group, "Joke Visser")
    group.goto("/regiegroep")
    expect(group.locator("main")).to_contain_text(TITLE)
    expect(group.locator("main")).to_contain_text("3 van")

    # Counted: two are equal for the last money, so a lot is drawn before witnesses.
    close(place)
    group.goto("/regiegroep")
    group.get_by_role("link", name=TITLE).click()
    expect(group.locator(".big-answer")).to_contain_text("Er moet nog worden geloot")
    office.goto(overview)
    office.get_by_role("link", name="Leg de loting vast").click()
    office.get_by_label("Schommels").fill("2")
    office.get_by_label("Straatfeest").fill("1")
    office.get_by_label("Wie waren erbij?").fill("Fatma Aydin\nJoop Smit")
    press(office, "Leg de loting vast")
    expect(office.locator(".messages")).to_contain_text("De loting is vastgelegd")
    assert saved(office, "Download het dossier (zip)", tmp_path / "dossier.zip").read_bytes()[:2] == b"PK"

    # What everybody sees: who won, the lot and its witnesses.
    group.reload()
    answer = group.locator(".big-answer").inner_text()
    assert "Straatfeest" in answer
    assert "Schommels" not in answer
    expect(group.locator("main")).to_contain_text("Daarbij waren: Fatma Aydin, Joop Smit.")


def draft_question(office: Page) -> None:
    """Draft the question by hand: approve with a limit in a theme, greedy with a cap."""
    press(office, "Maak de eerste vraag")
    office.get_by_label("De vraag").fill("Welke plannen krijgen geld?")
    office.get_by_text("Kruis er een aantal aan").click()
    press(office, "Bewaar en ga verder")
    office.get_by_text("Veel mogelijkheden in één keer").first.click()
    lines = office.get_by_label("Veel mogelijkheden in één keer")
    lines.fill(f"{LINES}\nVoetpad; gratis; Groen")
    office.get_by_text("Ja", exact=True).click()
    press(office, "Bewaar en ga verder")
    expect(office.locator(".error-summary")).to_contain_text("Regel 6: “gratis” is geen bedrag.")
    lines.fill(LINES)
    press(office, "Bewaar en ga verder")
    office.get_by_label("Hoeveel moet een bewoner er minstens kiezen?").fill("1")
    office.get_by_label("Hoeveel mag een bewoner er hoogstens kiezen?").fill("3")
    office.get_by_label("Groen: hoogstens zoveel").fill("2")
    press(office, "Bewaar en ga verder")
    office.get_by_text("Verdeel geld:").click()
    press(office, "Bewaar en ga verder")
    office.get_by_label("Hoeveel geld is er te verdelen?").fill("20.000")
    office.get_by_text("Overslaan en kijken").click()
    office.get_by_label("Hoeveel stemmen moet een plan").fill("0")
    office.get_by_text("Niets: het wordt niet verdeeld").click()
    office.get_by_label("Groen").fill("12.000")
    office.get_by_text("Geen: dan wordt er geloot").click()
    office.get_by_text("Nee. Elke stem telt even zwaar").click()
    press(office, "Bewaar en ga verder")
    expect(office.locator("main")).to_contain_text("Van “Groen” kiest u er hoogstens 2.")


def vote(resident: Page, link: str, choices: tuple[str, ...]) -> None:
    resident.goto(link)
    to_question(resident)
    for choice in choices:
        resident.get_by_role("checkbox", name=choice).check(force=True)
    press(resident, "Controleer uw keuze")
    for choice in choices:
        expect(resident.locator(".chosen")).to_contain_text(choice)
    press(resident, "Verstuur mijn stem")
    heading(resident, "Uw stem zit in de stembus")


def close(place: Place) -> None:
    """Let the clock close the poll, as if its last day were over."""
    with place.inside():
        consultation = db.session.query(Consultation).order_by(Consultation.id.desc()).first()
        assert consultation is not None
        poll = db.session.get_one(Poll, consultation.poll_id)
        moment = poll.closes + timedelta(minutes=1)
        done = consultations.tick(db.session, Vault(place.folder / "keys"), moment)
        assert f"gesloten en geteld: {TITLE}" in done
