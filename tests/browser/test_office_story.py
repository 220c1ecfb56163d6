"""One consultation from plan to redeemed voucher, by clicking only: resident, office and regiegroep."""

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
from tests.browser.town import Place, scanned
from tests.browser.walk import to_question

TITLE = "Waterspeelplaats op het Kraanvogelpad"
TEXTS = {
    "De vraag": "Bent u voor of tegen een waterspeelplaats op het Kraanvogelpad?",
    "In het kort": "Er komt een plek met water.\nHet plan kost € 10.000,01.\nU kiest voor, tegen of blanco.",
    "Argumenten voor": "Kinderen spelen graag met water, en in de zomer is het er koel.",
    "Argumenten tegen": "Water kost geld, en het geeft modder en lawaai bij de huizen.",
    "Wat gebeurt er als het antwoord nee is?": "Dan blijft het pad zoals het is.",
    "Wie betaalt het onderhoud?": "De gemeente keurt de pomp elk jaar.",
}


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def saved(page: Page, name: str, path: Path) -> Path:
    """Press a button or link that gives a file; return where it is kept."""
    with page.expect_download() as download:
        page.get_by_text(name, exact=True).click()
    download.value.save_as(path)
    return path


def test_from_plan_to_redeemed_voucher(opens: Opens, new_place: Place, tmp_path: Path) -> None:
    place = new_place
    resident = opens(place).new_page()
    office, group = (opens(place, 1280, 900).new_page() for _ in range(2))
    log_in(office, "Samira Bakker")
    log_in(group, "Dirk Post")

    # A resident hands in a plan, one cent above the line.
    resident.goto("/")
    resident.get_by_role("link", name="Plan indienen").click()
    resident.get_by_label("Hoe heet uw plan?").fill(TITLE)
    resident.get_by_label("Wat wilt u doen?").fill("Een pomp, een goot en een zandbak voor de hele buurt.")
    press(resident, "Bewaar en ga verder")
    resident.get_by_label("Voor wie is het?").fill("Voor kinderen")
    press(resident, "Bewaar en ga verder")
    resident.get_by_label("Voor welke wijk").select_option(label="Havenkwartier")
    resident.get_by_label("Waar komt het?").fill("Kraanvogelpad, bij nummer 3")
    press(resident, "Bewaar en ga verder")
    resident.get_by_label("Hoeveel geld vraagt u?").fill("10.000,01")
    resident.get_by_label("Wie betaalt het onderhoud?").fill("De gemeente.")
    press(resident, "Bewaar en ga verder")
    heading(resident, "Hebt u een foto?")
    press(resident, "Bewaar en ga verder")
    resident.get_by_label("Uw naam").fill("Lotte de Boer")
    resident.get_by_label("Uw e-mailadres").fill("lotte@voorbeeld.example")
    press(resident, "Bewaar en ga verder")
    press(resident, "Dien het plan in")
    resident.get_by_role("link", name="Bekijk uw plan op de website").click()
    expect(resident.locator("main")).to_contain_text("Eerst een wijkraadpleging")
    plan_page = resident.url

    # The regiegroep cannot award it yet.
    group.goto("/regiegroep")
    group.get_by_role("link", name=TITLE).click()
    decide(group, "Toekennen", "")
    expect(group.locator(".error-summary")).to_be_visible()

    # The office prepares a consultation.
    office.goto("/kantoor")
    office.get_by_role("link", name=TITLE).click()
    press(office, "Bereid een wijkraadpleging voor")
    for label, text in TEXTS.items():
        office.get_by_label(label).fill(text)
    office.get_by_text("Een bewoner die tegen is", exact=True).click()
    press(office, "Bewaar en ga verder")
    today = date.today()
    office.get_by_label("Eerste dag").fill(today.isoformat())
    office.get_by_label("Laatste dag").fill((today + timedelta(days=14)).isoformat())
    office.get_by_label("Met hoeveel dagen mag").fill("7")
    office.locator("input[name=majority][value=simple]").check(force=True)
    office.locator("input[name=quorum][value=none]").check(force=True)
    press(office, "Bewaar en ga verder")
    office.get_by_text("De dienst bewaart de sleutel", exact=True).click()
    press(office, "Bewaar en ga verder")

    # The address list, with an address that needs a decision.
    roll = tmp_path / "adressen.csv"
    roll.write_bytes(roll_csv("De Linden"))
    office.get_by_label("Adressenlijst").set_input_files(roll)
    press(office, "Controleer dit bestand")
    press(office, "Voeg deze adressen toe")
    special = office.get_by_role("article").first
    special.get_by_label("Aantal brieven").fill("3")
    special.get_by_label("Waarom?").fill("Woongroep met drie bewoners.")
    special.get_by_role("button", name="Opslaan").click()
    expect(office.locator(".messages")).to_contain_text("opgeslagen")
    office.get_by_role("link", name="Ga verder naar het overzicht").click()

    # Whoever wrote the arguments cannot say that they are fair; somebody of the regiegroep does.
    office.get_by_role("link", name="De argumenten nakijken").click()
    expect(office.locator("main")).to_contain_text("U schreef zelf mee")
    office.go_back()
    group.goto("/regiegroep")
    group.get_by_role("link", name=f"Argumenten nakijken: {TITLE}").click()
    press(group, "Beide teksten zijn eerlijk")
    expect(group.locator(".error-summary")).to_be_visible()
    group.get_by_label("Ik dien dit plan niet in").check(force=True)
    press(group, "Beide teksten zijn eerlijk")
    expect(group.locator(".messages")).to_contain_text("nagekeken")
    office.reload()

    # What voters will see, then freeze and print.
    office.get_by_role("link", name="Bekijk de stempagina").click()
    expect(office.get_by_text("Voorbeeld.")).to_be_visible()
    expect(office.get_by_role("button", name="Controleer uw keuze")).to_be_disabled()
    office.go_back()
    specimen = saved(office, "Bekijk de brief (PROEF)", tmp_path / "proef.pdf")
    assert b"%PDF" in specimen.read_bytes()[:8]
    press(office, "Zet de wijkraadpleging vast")
    letters = saved(office, "Maak de brieven (PDF)", tmp_path / "brieven.pdf")
    pdf = pypdfium2.PdfDocument(letters)
    link, sheets = scanned(pdf, 0), len(pdf)
    pdf.close()
    assert sheets == 194  # 191 addresses with one letter, and one with three
    office.get_by_role("link", name="Het drukken is gelukt").click()
    press(office, "Ja, alle brieven zijn gedrukt")
    expect(office.locator(".messages")).to_contain_text("De codes staan nu alleen nog op de brieven")

    # A resident votes.
    resident.goto(link)
    to_question(resident)
    resident.get_by_text("Voor", exact=True).last.click()
    press(resident, "Controleer uw keuze")
    press(resident, "Verstuur mijn stem")
    heading(resident, "Uw stem zit in de stembus")

    # The regiegroep sees turnout only, until the clock closes the poll.
    group.goto("/regiegroep")
    group.get_by_role("link", name=TITLE).click()
    expect(group.locator("main")).to_contain_text("1 van 194 brieven")
    expect(group.get_by_role("button", name="Leg de beslissing vast")).to_have_count(0)
    close(place, TITLE)

    # It decides, beside the outcome.
    group.reload()
    expect(group.locator(".big-answer")).to_contain_text("1 voor, 0 tegen")
    decide(group, "Toekennen", "De buurt is voor.")
    expect(group.get_by_role("heading", name="Besloten: toegekend")).to_be_visible()

    # The office grants, makes the voucher, and redeems it from its QR code.
    office.goto("/kantoor")
    office.get_by_role("link", name=TITLE).click()
    office.get_by_role("link", name="Leg de beschikking vast").click()
    office.get_by_label("Kenmerk").fill("LH-2026-0777")
    press(office, "Leg vast")
    press(office, "Maak de voucher")
    voucher = pypdfium2.PdfDocument(saved(office, "Open de voucher (PDF)", tmp_path / "voucher.pdf"))
    link = scanned(voucher, 0)
    voucher.close()
    office.goto(link)
    expect(office.get_by_role("heading", level=1)).to_contain_text("is echt")
    office.get_by_role("link", name="Ik werk bij de gemeente: verzilveren").click()
    press(office, "Verzilver deze voucher")
    expect(office.locator(".messages")).to_contain_text("verzilverd")

    # Everybody sees what came of it, and the dossier proves it.
    resident.goto(plan_page.partition("?")[0])
    expect(resident.get_by_text("voucher verzilverd", exact=True)).to_be_visible()
    office.get_by_role("link", name="Wijkraadpleging en dossier").click()
    dossier = saved(office, "Download het dossier (zip)", tmp_path / "dossier.zip")
    assert dossier.read_bytes()[:2] == b"PK"
    assert resident.context.cookies() == []


def decide(page: Page, verdict: str, why: str) -> None:
    page.get_by_text(verdict, exact=True).click()
    page.get_by_label("Waarom?").fill(why)
    for box in page.get_by_role("group", name="Wie was aanwezig?").get_by_role("checkbox").all():
        box.check(force=True)
    press(page, "Leg de beslissing vast")


def close(place: Place, title: str) -> None:
    """Let the clock close the poll about this plan, as if its last day were over."""
    with place.inside():
        consultation = db.session.query(Consultation).order_by(Consultation.id.desc()).first()
        assert consultation is not None
        assert consultation.subject == title
        poll = db.session.get_one(Poll, consultation.poll_id)
        done = consultations.tick(
            db.session, Vault(place.folder / "keys"), poll.closes + timedelta(minutes=1)
        )
        assert f"gesloten en geteld: {title}" in done
