"""Points from a resident's phone to the answer of the regiegroep, by clicking: sent, gathered, chosen, answered."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from ballots.database import db
from ballots.vault import Vault
from consult import consultations
from consult.models import Consultation, Initiative, Town
from demo.moves import Clock, Stage, hand_in, prepare, print_letters
from tests.browser.conftest import Opens, log_in
from tests.browser.test_office_story import heading, press
from tests.browser.town import TEXTS, Place
from tests.browser.walk import to_question

TITLE = "Kruidentuin op de kade"
SENT: Mapping[str, int | str] = {
    "Mijn kinderen leren zo waar eten vandaan komt.": 1,
    "Goed voor de bijen, en het is nu zo grijs.": 2,
    "Wie geeft er water als het zomer is?": 3,
    "Er wordt vast geplast door honden.": 3,
    "Twaalfduizend euro voor wat plantjes?": 4,
    "Sanne van hiernaast houdt zich ook nooit aan afspraken.": "Opzij: noemt of beledigt iemand",
}
POINTS = ("Leren over eten", "Meer groen en bijen", "Wie houdt de tuin netjes?", "Het kost veel geld")


def test_a_raadpleging_that_hears_why(opens: Opens, new_place: Place) -> None:
    place, today = new_place, datetime.now(UTC)
    with place.inside():
        stage = Stage(place.app, 0, Clock(today), db.session.query(Town).one(), Vault(place.folder / "keys"))
        facts = {"title": TITLE, "asked": 12_000_00, "wijk": "Havenkwartier", "place": "Kade 8"}
        facts |= {"what": "Twintig bakken met kruiden.", "for_whom": "Iedereen", "initiator": "Jan Prins"}
        written = {name: TEXTS[name] for name in ("question", "summary", "in_favour", "if_no", "upkeep")}
        written["quorum"] = "none"
        prepare(stage, hand_in(stage, facts), today, today + timedelta(days=14), written)
    phone = opens(place, 360, 740).new_page()
    office, group = (opens(place, 1280, 900).new_page() for _ in range(2))
    log_in(office, "Samira Bakker")
    log_in(group, "Dirk Post")

    # The office asks; residents send.
    phone.goto("/")
    phone.get_by_role("link", name=TITLE).click()
    expect(phone.get_by_role("link", name="Stuur een punt")).to_have_count(0)
    office.goto("/kantoor")
    office.get_by_role("link", name=TITLE).click()
    office.get_by_role("link", name="De punten van bewoners").click()
    press(office, "Vraag bewoners om punten")
    expect(office.locator(".messages")).to_contain_text("kunnen nu punten sturen")
    phone.reload()
    plan_page = phone.url
    phone.get_by_role("link", name="Stuur een punt").click()
    press(phone, "Stuur dit punt")
    expect(phone.locator(".error-summary")).to_be_visible()
    for text in SENT:
        phone.get_by_label("Wat wilt u meegeven?").fill(text)
        press(phone, "Stuur dit punt")
        heading(phone, "Dank u wel. Uw punt is binnen.")
        phone.get_by_role("link", name="Stuur nog een punt").click()
    assert phone.context.cookies() == []

    # The regiegroep reads and gathers them.
    group.goto("/regiegroep")
    group.get_by_role("link", name=f"Punten samenvoegen: {TITLE}").click()
    for number, text in enumerate(POINTS, 1):
        group.get_by_label(f"Punt {number}").fill(text)
    press(group, "Bewaar de punten")
    for text, where in SENT.items():
        label = where if isinstance(where, str) else f"{where}. {POINTS[where - 1]}"
        group.get_by_label(text).select_option(label=label)
    press(group, "Bewaar deze plekken")
    expect(group.locator("main")).to_contain_text("Alles is ingedeeld")
    expect(group.get_by_text("3. Wie houdt de tuin netjes? (2×)")).to_be_visible()
    group.get_by_text("4. Het kost veel geld (1×)").click()
    press(group, "Haal terug Twaalfduizend euro")
    group.get_by_label("Twaalfduizend euro").select_option(label=f"4. {POINTS[3]}")
    press(group, "Bewaar deze plekken")

    # The argument against comes from the points; the regiegroep finds both fair.
    office.get_by_role("link", name="Terug naar het overzicht").click()
    office.get_by_role("link", name="De vraag en de argumenten").click()
    office.get_by_label("Argumenten tegen").fill(TEXTS["against"])
    office.get_by_text("Niemand: ze komen uit de punten van bewoners").click()
    press(office, "Bewaar en ga verder")
    with place.inside():
        draft = db.session.query(Consultation).one()
        draft.points_until = (today - timedelta(days=1)).date()  # as if the last day were over
        id = draft.id
        db.session.commit()
    group.goto("/regiegroep")
    expect(group.get_by_role("link", name="Punten samenvoegen")).to_have_count(0)
    group.get_by_role("link", name=f"Argumenten nakijken: {TITLE}").click()
    group.get_by_label("Ik dien dit plan niet in").check(force=True)
    press(group, "Beide teksten zijn eerlijk")
    office.goto(f"/kantoor/raadplegingen/{id}")
    press(office, "Zet de wijkraadpleging vast")
    expect(office.locator(".messages")).to_contain_text("vastgezet")
    with place.inside():
        town = db.session.query(Town).one()
        stage = Stage(place.app, 0, Clock(today), town, stage.vault)
        codes = print_letters(stage, db.session.get_one(Consultation, id))

    # Everybody reads what was heard; voters may say what weighs most, or not.
    phone.goto(f"/raadplegingen/{id}")
    expect(phone.locator("main")).to_contain_text("Bewoners stuurden 6 punten.")
    expect(phone.locator("main")).to_contain_text("1× noemt of beledigt iemand")
    expect(phone.get_by_role("row", name="Wie houdt de tuin netjes?")).to_contain_text("2×")
    for text in SENT:
        expect(phone.locator("main")).not_to_contain_text(text)
    for code, choice, point in zip(
        codes, ("Voor", "Voor", "Tegen"), (POINTS[1], None, POINTS[3]), strict=False
    ):
        vote(phone, code, choice, point)
    close(place, id)

    # The regiegroep answers what was chosen.
    group.goto("/regiegroep")
    group.get_by_role("link", name=TITLE).click()
    group.get_by_text("Toekennen", exact=True).click()
    for box in group.get_by_role("group", name="Wie was aanwezig?").get_by_role("checkbox").all():
        box.check(force=True)
    group.get_by_label(POINTS[3]).fill("We vragen de helft aan het fonds.")
    press(group, "Leg de beslissing vast")
    expect(group.locator(".error-summary")).to_contain_text("Schrijf in één zin")
    group.get_by_label(POINTS[1]).fill("De bakken staan de hele kade langs.")
    press(group, "Leg de beslissing vast")
    expect(group.get_by_role("heading", name="Besloten: toegekend")).to_be_visible()
    phone.goto(plan_page)
    phone.get_by_role("link", name="Bekijk de uitslag").click()
    expect(phone.locator(".big-answer")).to_contain_text("2 voor, 1 tegen")
    main = phone.locator("main")
    for said in (
        "De bakken staan de hele kade langs.",
        "We vragen de helft aan het fonds.",
        "1 stemmer koos geen punt.",
    ):
        expect(main).to_contain_text(said)
    expect(main).to_contain_text("Dit telt niet mee voor de uitslag")
    assert phone.context.cookies() == []


def vote(phone: Page, code: str, choice: str, point: str | None) -> None:
    """Vote with this letter, and choose a point or skip that question."""
    phone.goto("/s")
    phone.get_by_label("Uw stemcode").fill(code)
    press(phone, "Verder")
    to_question(phone)
    phone.get_by_text(choice, exact=True).last.click()
    to_question(phone, 2)
    if point:
        phone.get_by_label(point, exact=True).check(force=True)
    press(phone, "Controleer uw keuze")
    expect(phone.locator("main")).to_contain_text(point or "Dat zeg ik niet")
    press(phone, "Verstuur mijn stem")
    heading(phone, "Uw stem zit in de stembus")


def close(place: Place, id: int) -> None:
    """Let the clock close the poll, as if its last day were over."""
    with place.inside():
        consultation = db.session.get_one(Consultation, id)
        assert consultation.poll is not None
        ends = consultation.poll.closes + timedelta(minutes=1)
        consultations.tick(db.session, Vault(place.folder / "keys"), ends)
        assert db.session.query(Initiative).one().title == TITLE


def test_a_browser_recounts_what_weighs_most(opens: Opens, place: Place) -> None:
    page = opens(place).new_page()
    page.goto(f"/raadplegingen/{place.consultations['Huiskamer van de buurt']}")
    expect(page.get_by_role("row", name="Hulp met huiswerk voor kinderen").first).to_contain_text("19×")
    page.get_by_role("link", name="Reken zelf na").click()
    page.get_by_role("button", name="Reken na").click()
    expect(page.locator(".js-steps")).to_contain_text("Wat weegt voor u het zwaarst?", timeout=30_000)
    expect(page.locator(".js-end")).to_contain_text("Alles past bij elkaar", timeout=30_000)
