"""Three keyholders by clicking only: each prints a sheet, they try them, and two open the box."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_bytes

import pypdfium2
from playwright.sync_api import Page, expect

from ballots import casting
from ballots.database import db
from ballots.terms import frozen
from ballots.vault import Vault
from consult import consultations
from consult.models import Consultation, Town
from demo.moves import Clock, Stage, freeze, hand_in, prepare, print_letters, share_key
from demo.town import OFFICE
from tests.browser.conftest import Opens, log_in
from tests.browser.test_office_story import heading, press, saved
from tests.browser.town import TEXTS, Place, scanned

ROOT = Path(__file__).parents[2]
PEOPLE = ("Anna de Boer", "Bram Willems", "Carla Mol")


@contextmanager
def drafted(place: Place, since: timedelta, days: tuple[int, int]) -> Iterator[tuple[Stage, Consultation]]:
    """A draft that three people are to keep the key of, made so long ago; its days count from now."""
    with place.inside():
        now = datetime.now(UTC)
        town = db.session.query(Town).one()
        stage = Stage(place.app, 0, Clock(now - since), town, Vault(place.folder / "keys"))
        facts = {"title": "Kiosk op de Kade", "asked": 12_000_00, "wijk": "Havenkwartier", "place": "Kade"}
        facts |= {"what": "Een kiosk.", "for_whom": "Voor alle buren", "initiator": "Noor de Wit"}
        first, last = (now + timedelta(days=each) for each in days)
        plan = hand_in(stage, facts)
        yield stage, prepare(stage, plan, first, last, {**TEXTS, "custody": "keyholders"})
        db.session.rollback()


def type_in(page: Page, one: str, other: str) -> None:
    """Type one sheet; scan the other with a scanner that types, and ends with a new line."""
    page.get_by_label("Het eerste blad").fill(one)
    page.get_by_label("Het tweede blad").fill("")
    page.get_by_label("Het tweede blad").press_sequentially(other)
    page.get_by_label("Het tweede blad").press("Enter")


def test_three_print_and_try_before_it_opens(opens: Opens, new_place: Place, tmp_path: Path) -> None:
    place = new_place
    with drafted(place, timedelta(), (2, 9)) as (stage, draft):
        consultations.freeze(db.session, stage.vault, draft, OFFICE, stage.clock.now)
    office = opens(place, 1280, 900).new_page()
    log_in(office, "Samira Bakker")
    expect(office.locator(".worklist").first).to_contain_text("Kies drie sleutelhouders.")
    office.locator(".worklist a").first.click()

    # The envelope.
    assert saved(office, "Maak het sleutelblad (PDF)", tmp_path / "mengsleutel.pdf").stat().st_size > 9000
    press(office, "Het blad ligt in de envelop")
    expect(office.locator(".messages")).to_contain_text("in de dichte envelop")

    # Who keeps what; each prints only the own sheet.
    for part, name in enumerate(PEOPLE, 1):
        field = office.get_by_label(f"Deel {part}")
        (offered,) = [each for each in field.locator("option").all_inner_texts() if each.startswith(name)]
        assert "toegang sinds" in offered
        field.select_option(label=offered)
    press(office, "Verdeel de bladen")
    sheets, pages = [], []
    for part, name in enumerate(PEOPLE, 1):
        page = opens(place).new_page()
        log_in(page, name)
        expect(page.locator("main")).to_contain_text(f"U bewaart deel {part} van 3.")
        pdf = pypdfium2.PdfDocument(saved(page, "Maak mijn sleutelblad (PDF)", tmp_path / f"{part}.pdf"))
        assert len(pdf) == 1
        sheets.append(scanned(pdf, 0))
        pdf.close()
        pages.append(page)

    # Two by two, with a typing mistake on the way.
    anna = pages[0]
    anna.goto("/sleutels")
    anna.get_by_role("link", name="Beproef de bladen").click()
    mistake = sheets[1][:9] + ("7" if sheets[1][9] != "7" else "8") + sheets[1][10:]
    type_in(anna, sheets[0], mistake)
    press(anna, "Beproef deze twee bladen")
    expect(anna.locator(".error-summary")).to_contain_text("groepje 3")
    expect(anna.get_by_label("Het eerste blad")).to_have_value(sheets[0])
    for number, (a, b) in enumerate(((0, 1), (0, 2), (1, 2)), 1):
        type_in(anna, sheets[a], sheets[b])
        press(anna, "Beproef deze twee bladen")
        expect(anna.locator(".tag--success")).to_have_count(number)
    expect(anna.locator("main")).to_contain_text("Alle drie de paren zijn gelukt")

    # Confirm, and it is ready.
    office.reload()
    office.get_by_role("link", name="De bladen zijn gedrukt en bewaard").click()
    press(office, "Ja, alle drie de bladen zijn bewaard")
    expect(office.locator("main")).to_contain_text("Er is nu niets te doen.")
    anna.goto("/sleutels")
    expect(anna.locator("main")).to_contain_text("Uw sleutels zijn beproefd.")
    expect(anna.get_by_role("button", name="Maak mijn sleutelblad")).to_have_count(0)


def test_two_open_and_anybody_recounts(opens: Opens, new_place: Place, tmp_path: Path) -> None:
    place = new_place
    with drafted(place, timedelta(days=9), (-9, -2)) as (stage, draft):
        poll = freeze(stage, draft)
        sheets = share_key(stage, draft)
        for code in print_letters(stage, draft)[:12]:
            found, p = casting.find(db.session, code)
            vote = casting.sealed(
                casting.mix_keys(stage.vault, found.id), frozen(found), p, [["voor"]], token_bytes(32)
            )
            casting.cast(db.session, vote, poll.opens + timedelta(hours=1))
        said = consultations.tick(db.session, stage.vault, datetime.now(UTC))
        assert said[-1] == "wacht op twee sleutelhouders: Kiosk op de Kade"
        id = draft.id
    resident, keyholder = opens(place).new_page(), opens(place).new_page()
    resident.goto(f"/raadplegingen/{id}")
    expect(resident.locator("main")).to_contain_text("Twee van de drie sleutelhouders openen die.")
    log_in(keyholder, "Carla Mol")
    keyholder.get_by_role("link", name="Open de stembus").click()
    type_in(keyholder, sheets[2], sheets[0])
    press(keyholder, "Open en tel")
    heading(keyholder, "De stembus is open en geteld")
    expect(keyholder.locator("main")).to_contain_text("Bewaar uw blad tot dat hier staat.")
    resident.reload()
    expect(resident.locator(".big-answer")).to_contain_text("12 voor, 0 tegen")
    with place.inside():
        consultations.tick(db.session, Vault(place.folder / "keys"), datetime.now(UTC))
    keyholder.reload()
    expect(keyholder.locator("main")).to_contain_text("Versnipper nu uw blad.")

    office = opens(place, 1280, 900).new_page()
    log_in(office, "Samira Bakker")
    office.goto(f"/kantoor/raadplegingen/{id}/sleutels")
    press(office, "De bladen zijn versnipperd")
    expect(office.locator("main")).to_contain_text("Ook op papier is er niets meer.")
    office.goto(f"/kantoor/raadplegingen/{id}")
    bundle = saved(office, "Download het dossier (zip)", tmp_path / "dossier.zip")
    command = [sys.executable, "-I", str(ROOT / "static" / "narekenen.py"), str(bundle)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
