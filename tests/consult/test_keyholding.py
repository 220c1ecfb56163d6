"""Three keyholders, from the draft to the recount; the sheet in the envelope; and every page about them."""

import io
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from werkzeug.test import TestResponse

from ballots import custody, shares
from ballots.digest import groups
from ballots.lifecycle import Phase
from ballots.refusals import KeyMissing, SheetsPrinted, SheetsUntried
from consult import accounts, asked, consultations, dossier, keyholding
from consult.keyholding import Task
from consult.models import Consultation, Role
from consult.refusals import (
    FieldMissing,
    KeyholderChanged,
    KeyholdersFew,
    KeyholdersNeedless,
    KeyholdersNotThree,
    KeysInUse,
    MixSheetNotMade,
    MixSheetSealed,
    NoSheetOfYours,
    NotFrozen,
    SheetTaken,
)
from tests.consult.conftest import ACTOR, BY_THREE, Browser, Full, Place

pytestmark = pytest.mark.both

HERE = Path(__file__).parents[2]


@pytest.fixture
def kept(place: Place) -> Consultation:
    """A frozen wijkraadpleging of next week, whose key three people are to keep."""
    draft = place.draft(place.plan(), days=(7, 9), **BY_THREE)
    place.freeze(draft)
    return draft


def tasks(place: Place, consultation: Consultation) -> tuple[Task, ...]:
    return keyholding.tasks(place.session, place.vault, consultation, place.now)


def in_the_vault(place: Place, consultation: Consultation) -> set[str]:
    id = place.poll(consultation).id.hex()
    return {path.name.partition(".")[2] for path in place.vault.folder.glob(f"{id}.*")}


def scanned(answer: TestResponse) -> str:
    """Return what the QR code on a sheet says, as a camera sees it."""
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Cache-Control"] == "no-store"
    pdf = pypdfium2.PdfDocument(answer.data)
    assert len(pdf) == 1
    bitmap = pdf[0].render(scale=3, grayscale=True)
    grey = memoryview(bytes(bitmap.buffer)).cast("B", (bitmap.height, bitmap.stride))
    (found,) = zxingcpp.read_barcodes(grey)
    return str(found.text)


def summary(page: TestResponse) -> str:
    assert page.status_code == 422
    found: str = re.findall(r'<div class="error-summary".*?</div>', page.text, re.S)[0]
    return found


# The draft


def test_nothing_is_chosen_for_the_office(place: Place) -> None:
    for name, words in (("custody", "wie de sleutel bewaart"), ("lengthen", "hoeveel dagen")):
        without: dict[str, Any] = {name: None}
        draft = place.draft(place.plan(), **without)
        assert [words in str(each) for each in asked.missing(draft)] == [True]
        with pytest.raises(FieldMissing, match=words):
            place.freeze(draft)


@pytest.mark.parametrize("days", [-1, 31])
def test_days_to_lengthen_have_a_bound(place: Place, days: int) -> None:
    with pytest.raises(FieldMissing):
        place.freeze(place.draft(place.plan(), lengthen=days))


def test_what_was_chosen_is_frozen_and_told(place: Place) -> None:
    service: dict[str, Any] = {"custody": "service"}
    for chosen, days, said in (
        (service, 0, ("De dienst bewaart de sleutel", "wordt nooit verlengd")),
        (BY_THREE, 1, ("Drie sleutelhouders bewaren", "hoogstens één dag")),
        (BY_THREE, 30, ("Pas na afloop openen twee", "hoogstens 30 dagen")),
    ):
        draft = place.draft(place.plan(), days=(7, 9), lengthen=days, **chosen)
        office = place.browser("gemeente")
        before = office.get(f"/kantoor/raadplegingen/{draft.id}").text
        place.freeze(draft)
        public = place.anonymous().get(f"/raadplegingen/{draft.id}").text
        after = office.get(f"/kantoor/raadplegingen/{draft.id}").text
        for words in said:
            assert words in before
            assert words in public
            assert words in after
        assert ("Twee bladen kwijt" in before) == (chosen == BY_THREE)


def test_freezing_needs_three_keyholders(place: Place) -> None:
    draft = place.draft(place.plan(), **BY_THREE)
    people, admin = place.keyholders(), accounts.find(place.session, "karin@voorbeeld.nl")
    assert admin
    accounts.deactivate(place.session, people[0], admin, place.now)
    before = place.dump()
    with pytest.raises(KeyholdersFew, match="nu 2"):
        place.freeze(draft)
    assert place.dump() == before
    office = place.browser("gemeente")
    assert "nu 2 sleutelhouders" in office.get(f"/kantoor/raadplegingen/{draft.id}/bewaring").text
    accounts.activate(place.session, people[0], admin, place.now)
    place.freeze(draft)


def test_the_page_that_chooses_says_what_losing_means(place: Place) -> None:
    draft = place.draft(place.plan(), custody=None)
    office, path = place.browser("gemeente"), f"/kantoor/raadplegingen/{draft.id}/bewaring"
    page = office.get(path).text
    assert "Twee bladen kwijt: dan kan niemand de stemmen nog openen" in page
    assert "checked" not in page
    for wrong in ({}, {"custody": "niemand"}):
        assert "#custody-0" in summary(office.post(path, wrong))
    assert office.post(path, {"custody": "keyholders"}).location == f"/kantoor/raadplegingen/{draft.id}"
    place.freeze(draft)
    assert office.get(path).status_code == 303


# Who keeps which sheet


def test_three_different_people_of_the_town(place: Place, kept: Consultation) -> None:
    a, b, c = place.keyholders()
    stranger = accounts.add(
        place.session,
        place.town("Elders"),
        None,
        "Dirk",
        "d@elders.nl",
        Role.SLEUTELHOUDER,
        "test",
        place.now,
    )
    office = accounts.find(place.session, "samira@voorbeeld.nl")
    assert office
    before = place.dump()
    for wrong in ({1: a, 2: b}, {1: a, 2: a, 3: b}, {1: a, 2: b, 3: stranger}, {1: a, 2: b, 3: office}):
        with pytest.raises(KeyholdersNotThree):
            keyholding.assign(place.session, kept, wrong, ACTOR, place.now)
    assert place.dump() == before
    for order in ((a, b, c), (b, a, c)):  # two may change places
        keyholding.assign(place.session, kept, dict(zip((1, 2, 3), order, strict=True)), ACTOR, place.now)
    assert [each.staff.name for each in keyholding.holders(place.session, kept)] == ["Bram", "Anna", "Carla"]


def test_a_keyholder_whose_account_was_set_anew_prints_nothing_before_the_office_says_so(
    place: Place, kept: Consultation
) -> None:
    by_part = dict(zip(keyholding.PARTS, place.keyholders(), strict=True))
    anna = by_part[1]
    keyholding.assign(place.session, kept, by_part, ACTOR, place.now)
    keyholding.print_share(place.session, place.vault, kept, anna, "Anna", place.now)
    place.later(seconds=1)
    accounts.reset(place.session, anna, place.staff("beheerder"), place.now)
    before = place.dump()
    with pytest.raises(KeyholderChanged, match="opnieuw te verdelen"):
        keyholding.print_share(place.session, place.vault, kept, anna, "Anna", place.now)
    assert place.dump() == before
    keyholding.print_share(place.session, place.vault, kept, by_part[2], "Bram", place.now)
    page = place.browser("gemeente").get(f"/kantoor/raadplegingen/{kept.id}/sleutels").text
    assert "Anna (toegang sinds 01-06-2026" in page
    assert "Bram (toegang sinds 02-05-2026" in page
    keyholding.assign(place.session, kept, by_part, ACTOR, place.now)  # the same people, on purpose
    assert keyholding.print_share(place.session, place.vault, kept, anna, "Anna", place.now).x == 1


def test_a_printed_sheet_stays_with_whom_it_was_printed_for(place: Place, kept: Consultation) -> None:
    a, b, c = place.keyholders()
    keyholding.assign(place.session, kept, {1: a, 2: b, 3: c}, ACTOR, place.now)
    keyholding.print_share(place.session, place.vault, kept, a, "Anna", place.now)
    with pytest.raises(SheetTaken, match="Deel 1 is al gedrukt voor Anna"):
        keyholding.assign(place.session, kept, {1: b, 2: a, 3: c}, ACTOR, place.now)
    keyholding.assign(place.session, kept, {1: a, 2: c, 3: b}, ACTOR, place.now)
    assert [each.staff.name for each in keyholding.holders(place.session, kept)] == ["Anna", "Carla", "Bram"]


def test_nobody_prints_the_sheet_of_another(place: Place, kept: Consultation) -> None:
    a, b, c = place.keyholders()
    with pytest.raises(NoSheetOfYours):
        keyholding.print_share(place.session, place.vault, kept, a, "Anna", place.now)
    keyholding.assign(place.session, kept, {1: c, 2: a, 3: b}, ACTOR, place.now)
    anna = place.browser("anna")
    share = shares.read(
        scanned(anna.post(f"/sleutels/{kept.id}/blad.pdf", form="/sleutels")), _id(place, kept)
    )
    assert share.x == 2
    outsider = accounts.find(place.session, "samira@voorbeeld.nl")
    assert outsider
    with pytest.raises(NoSheetOfYours):
        keyholding.print_share(place.session, place.vault, kept, outsider, "Samira", place.now)
    assert not list(place.folder.rglob("*.pdf"))


def _id(place: Place, consultation: Consultation) -> bytes:
    return place.poll(consultation).id


def test_with_service_custody_there_are_no_sheets(place: Place) -> None:
    draft = place.draft(place.plan())
    a, b, c = place.keyholders()
    with pytest.raises(NotFrozen):
        keyholding.assign(place.session, draft, {1: a, 2: b, 3: c}, ACTOR, place.now)
    place.freeze(draft)
    with pytest.raises(KeyholdersNeedless):
        keyholding.assign(place.session, draft, {1: a, 2: b, 3: c}, ACTOR, place.now)
    with pytest.raises(KeyholdersNeedless):
        keyholding.confirm_printed(place.session, place.vault, draft, ACTOR, place.now)
    anna = place.browser("anna")
    for page in ("proef", "openen"):
        assert anna.get(f"/sleutels/{draft.id}/{page}").status_code == 404
    assert tasks(place, draft) == (Task.ENVELOPE,)


# The whole way


def test_from_draft_to_recount(place: Place, tmp_path: Path) -> None:
    """By hand: assign, print, try, confirm; vote; two sheets open; anybody recounts."""
    plan = place.plan()
    draft = place.draft(plan, days=(3, 9), **BY_THREE)
    used = place.freeze(draft)
    place.printed(draft)
    of, office = f"/kantoor/raadplegingen/{draft.id}/sleutels", place.browser("gemeente")
    assert tasks(place, draft) == (Task.ASSIGN, Task.ENVELOPE)

    # The envelope.
    mix = scanned(office.post(f"{of}/mengsleutel.pdf", form=of))
    assert shares.read_mix(mix, _id(place, draft)) == place.vault.read(_id(place, draft), "mix")
    assert office.post(f"{of}/envelop", form=of).status_code == 303
    assert "Maak het sleutelblad" not in office.get(of).text

    # Assign, print, try.
    people = {f"part_{n}": str(each.id) for n, each in enumerate(place.keyholders(), 1)}
    assert office.post(of, people).location == of
    assert tasks(place, draft) == (Task.PRINT,)
    keyholders = [place.browser(name) for name in ("anna", "bram", "carla")]
    sheets = [scanned(each.post(f"/sleutels/{draft.id}/blad.pdf", form="/sleutels")) for each in keyholders]
    assert tasks(place, draft) == (Task.TRY,)
    trial = f"/sleutels/{draft.id}/proef"
    for a, b in ((0, 1), (2, 0), (1, 2)):
        assert place.poll(draft).ready_at is None
        assert keyholders[a].post(trial, {"one": sheets[a], "other": sheets[b]}).location == trial
        assert "passen samen" in keyholders[a].get(trial).text
    assert "Alle drie de paren zijn gelukt" in keyholders[1].get(trial).text
    assert tasks(place, draft) == (Task.CONFIRM,)
    assert office.post(f"{of}/gedrukt").location == of
    assert tasks(place, draft) == ()
    assert in_the_vault(place, draft) == {"mix", "sign"}
    assert keyholders[0].get(trial).status_code == 303  # nothing left to try
    again = keyholders[0].client.post(
        f"/sleutels/{draft.id}/blad.pdf", base_url="https://localhost", data=_token(keyholders[0])
    )
    assert again.mimetype != "application/pdf"

    # Vote, and close.
    place.later(days=3)
    assert place.tick() == ["geopend: Speelplek aan de Lindelaan"]
    place.vote(used, {"voor": 7, "tegen": 3, "blanco": 1})
    place.later(days=8)
    opening = f"/sleutels/{draft.id}/openen"
    for _ in range(2):
        assert place.tick() == ["wacht op twee sleutelhouders: Speelplek aan de Lindelaan"]
    assert tasks(place, draft) == (Task.OPEN,)
    office, bram = place.browser("gemeente"), place.browser("bram")
    public = place.anonymous().get(f"/raadplegingen/{draft.id}").text
    assert "Twee van de drie sleutelhouders openen die." in public
    assert "De stembus wacht op twee sleutelhouders." in office.get(of).text
    typed = {"one": sheets[2].lower(), "other": groups(sheets[0])}
    assert bram.post(opening, typed).location == opening
    place.look()
    assert place.poll(draft).phase(place.now) is Phase.CLOSED
    assert "Nog één stap" in bram.get(opening).text
    assert place.tick() == ["nagerekend en sleutels vernietigd: Speelplek aan de Lindelaan"]
    assert "Nagerekend en vernietigd" in bram.get(opening).text
    assert in_the_vault(place, draft) == {"sign"}

    # Gone on paper too.
    assert tasks(place, draft) == (Task.SHRED,)
    assert office.post(f"{of}/versnipperd", form=of).location == of
    assert tasks(place, draft) == ()

    # Who did it stands in the journal, and anybody counts again.
    entries = dict(zip(place.actions(plan), range(100), strict=False))
    assert entries["confirm key sheets, destroy copies"] < entries["open"] < entries["close and count"]
    with place.app.test_request_context():
        data = dossier.build(place.session, place.vault, draft)
    journal = zipfile.ZipFile(io.BytesIO(data)).read("journal.json").decode()
    assert '"action":"close and count","actor":"sleutelhouder: Bram"' in journal
    (tmp_path / "dossier.zip").write_bytes(data)
    command = [sys.executable, "-I", str(HERE / "static" / "narekenen.py"), str(tmp_path / "dossier.zip")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def _token(browser: Browser) -> dict[str, str]:
    """Return the token of any form that this browser can see."""
    found = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', browser.get("/sleutels").text)
    return {"csrf_token": found[0]}


# Trials and opening, with mistakes


def wrong_sheets(
    place: Place, kept: Consultation, sheets: list[str]
) -> dict[str, tuple[dict[str, str], str]]:
    """Return what somebody may type instead of two sheets, and what the page says then."""
    other = place.draft(place.plan(), days=(7, 9), **BY_THREE)
    place.freeze(other)
    typo = sheets[1][:12] + ("X" if sheets[1][12] != "X" else "Y") + sheets[1][13:]
    invented = shares.text(_id(place, kept), shares.Share(2, bytes(range(32))))
    mix = shares.mix_text(_id(place, kept), place.vault.read(_id(place, kept), "mix"))
    return {
        "nothing": ({"one": sheets[0], "other": ""}, "Typ de tekens van het tweede blad."),
        "typo": ({"one": sheets[0], "other": typo}, "Kijk nog eens naar groepje 3."),
        "short": ({"one": sheets[0][:-5], "other": sheets[1]}, "U typte er 60."),
        "a strange sign": (
            {"one": "é" + sheets[0][1:], "other": sheets[1]},
            "komt op een sleutelblad niet voor",
        ),
        "twice": ({"one": sheets[1], "other": sheets[1]}, "twee keer hetzelfde blad"),
        "another poll": (
            {"one": sheets[0], "other": place.shared(other, tried=False)[1]},
            "een andere stemming",
        ),
        "mix": ({"one": mix, "other": sheets[1]}, "het blad van de mengsleutel"),
        "made up": ({"one": sheets[0], "other": invented}, "passen niet bij elkaar"),
    }


def test_a_trial_with_a_mistake(place: Place, kept: Consultation) -> None:
    sheets = place.shared(kept, tried=False)
    anna, path = place.browser("anna"), f"/sleutels/{kept.id}/proef"
    for name, (typed, said) in wrong_sheets(place, kept, sheets).items():
        before = place.dump()
        page = anna.post(path, typed)
        assert said in summary(page), name
        for each in typed.values():
            assert each in page.text  # what was typed stays
        assert place.dump() == before
        assert page.headers["Cache-Control"] == "no-store"
    with pytest.raises(SheetsUntried):
        keyholding.confirm_printed(place.session, place.vault, kept, ACTOR, place.now)
    assert 'autocomplete="off"' in anna.get(path).text


def test_opening_with_a_mistake(place: Place) -> None:
    draft = place.draft(place.plan(), days=(0, 2), **BY_THREE)
    used = place.freeze(draft)
    sheets = place.shared(draft)
    keyholding.confirm_printed(place.session, place.vault, draft, ACTOR, place.now)
    place.vote(used, {"voor": 4})
    wrong = wrong_sheets(place, draft, sheets)
    carla, path = place.browser("carla"), f"/sleutels/{draft.id}/openen"
    early = carla.get(path).text
    assert "nog niet voorbij" in early
    assert "<textarea" not in early
    place.later(days=4)
    place.tick()
    carla = place.browser("carla")
    for name, (typed, said) in wrong.items():
        before = place.dump()
        page = carla.post(path, typed)
        assert said in summary(page), name
        for each in typed.values():
            assert each in page.text
        assert place.dump() == before
    assert consultations.unseal(place.session, place.vault, draft, sheets[0], sheets[1], "test", place.now)
    assert not consultations.unseal(
        place.session, place.vault, draft, sheets[1], sheets[2], "test", place.now
    )


def test_two_lost_sheets_leave_it_sealed_and_others_go_on(place: Place) -> None:
    """The tick says so each time, and stops nothing else."""
    both: tuple[dict[str, Any], ...] = (BY_THREE, {})
    for fields in both:
        draft = place.draft(place.plan(title=f"Plan {fields}"), **fields)
        used = place.freeze(draft)
        if fields:
            place.shared(draft)
            keyholding.confirm_printed(place.session, place.vault, draft, ACTOR, place.now)
        place.vote(used, {"voor": 3})
    place.later(days=4)
    done = place.tick()
    assert [line for line in done if line.startswith("wacht op twee sleutelhouders")]
    assert [line for line in done if line.startswith("gesloten en geteld: Plan {}")]


def test_keys_that_were_never_ready_end_without_sheets(place: Place) -> None:
    draft = place.draft(place.plan(), days=(1, 2), **BY_THREE)
    place.freeze(draft)
    office = place.browser("gemeente")
    for page in (f"/kantoor/raadplegingen/{draft.id}/sleutels", f"/kantoor/raadplegingen/{draft.id}"):
        assert "De eerste dag is dichtbij" in office.get(page).text
    place.later(days=1, hours=1)
    assert place.tick() == []  # it does not open
    assert "nog niet gebeurd" in place.anonymous().get(f"/raadplegingen/{draft.id}").text
    place.later(days=3)
    assert place.tick()[0].startswith("gesloten en geteld")


# The envelope


def test_the_sheet_in_the_envelope(place: Place) -> None:
    draft = place.draft(place.plan())
    place.freeze(draft)
    with pytest.raises(MixSheetNotMade):
        keyholding.seal_mix(place.session, draft, ACTOR, place.now)
    for _ in range(2):  # a jam in the printer
        secret = keyholding.print_mix(place.session, place.vault, draft, ACTOR, place.now)
    assert secret == place.vault.read(_id(place, draft), "mix")
    with pytest.raises(KeysInUse):
        keyholding.shred(place.session, draft, ACTOR, place.now)
    keyholding.seal_mix(place.session, draft, ACTOR, place.now)
    with pytest.raises(MixSheetSealed):
        keyholding.print_mix(place.session, place.vault, draft, ACTOR, place.now)
    with pytest.raises(MixSheetSealed):
        keyholding.seal_mix(place.session, draft, ACTOR, place.now)


def test_a_lost_mix_key_stops_voting_until_the_envelope_is_opened(place: Place) -> None:
    draft = place.draft(place.plan(), days=(0, 5))
    used = place.freeze(draft)
    id = _id(place, draft)
    sheet = shares.mix_text(id, place.vault.read(id, "mix"))
    place.vote(used, {"voor": 1})
    place.vault.destroy(id, "mix")
    with pytest.raises(KeyMissing):
        place.vote(used[1:], {"voor": 1})
    office, of = place.browser("gemeente"), f"/kantoor/raadplegingen/{draft.id}/sleutels"
    assert tasks(place, draft) == (Task.RESTORE,)
    assert "De mengsleutel is weg" in office.get("/kantoor").text
    wrong = shares.mix_text(id, bytes(32))
    page = office.post(f"{of}/terugzetten", {"sheet": wrong})
    assert "hoort niet bij deze stemming" in summary(page)
    assert wrong in page.text
    assert office.post(f"{of}/terugzetten", {"sheet": sheet.lower()}).location == of
    place.vote(used[1:], {"voor": 1})
    assert office.get(f"{of}/terugzetten").status_code == 303


# Pages by role


def test_the_keyholder_sees_keys_of_the_own_town_only(full: Full) -> None:
    anna = full.browsers["anna"]
    assert "Er is nog geen stembus met sleutelhouders" in anna.get("/sleutels").text
    for path in (
        "/kantoor",
        "/regiegroep",
        f"/kantoor/raadplegingen/{full.consultations['frozen']}/sleutels",
    ):
        assert anna.get(path).status_code == 403
    for function in ("gemeente", "regiegroep", "beheerder"):
        assert full.browsers[function].get("/sleutels").status_code == 403
    assert (
        full.browsers["elders"]
        .get(f"/kantoor/raadplegingen/{full.consultations['frozen']}/sleutels")
        .status_code
        == 404
    )


@pytest.mark.parametrize("state", ["frozen", "open", "due", "closed", "withdrawn", "draft"])
def test_the_page_of_the_keys_in_every_state(full: Full, state: str) -> None:
    before = full.place.dump()
    answer = full.browsers["gemeente"].get(
        f"/kantoor/raadplegingen/{full.consultations[state]}/sleutels", follow_redirects=True
    )
    assert answer.status_code == 200
    for wrong in ("Undefined", ">None<", "%(", "{{"):
        assert wrong not in answer.text
    assert full.place.dump() == before


def test_the_office_assigns_with_a_mistake(place: Place, kept: Consultation) -> None:
    office, of = place.browser("gemeente"), f"/kantoor/raadplegingen/{kept.id}/sleutels"
    a, b, c = (str(each.id) for each in place.keyholders())
    before = place.dump()
    for typed, said in (
        ({"part_1": a, "part_2": b, "part_3": ""}, "Kies wie deel 3 bewaart."),
        ({"part_1": a, "part_2": a, "part_3": b}, "drie verschillende sleutelhouders"),
        ({"part_1": a, "part_2": b, "part_3": "999"}, "#part_3"),
    ):
        assert said in summary(office.post(of, typed))
    assert place.dump() == before
    assert office.post(of, {"part_1": c, "part_2": b, "part_3": a}).status_code == 303


def test_sheets_cannot_be_confirmed_by_a_page_either(place: Place, kept: Consultation) -> None:
    place.shared(kept, tried=False)
    office, of = place.browser("gemeente"), f"/kantoor/raadplegingen/{kept.id}/sleutels"
    office.post(f"{of}/gedrukt")
    assert "Nog niet alle drie de paren zijn beproefd" in office.get(of).text
    assert len(custody.sheets(place.vault, place.poll(kept))) == 3


def test_nothing_is_printed_twice_after_it_was_confirmed(place: Place, kept: Consultation) -> None:
    place.shared(kept)
    keyholding.confirm_printed(place.session, place.vault, kept, ACTOR, place.now)
    keyholding.confirm_printed(place.session, place.vault, kept, ACTOR, place.now)  # changes nothing
    with pytest.raises(SheetsPrinted):
        keyholding.print_share(place.session, place.vault, kept, place.keyholders()[0], "Anna", place.now)


def test_the_worklist_of_the_office(place: Place, kept: Consultation) -> None:
    service = place.draft(place.plan(title="Ander plan"))
    place.freeze(service)

    def listed() -> dict[str, Any]:
        found = keyholding.worklist(place.session, place.vault, place.town(), place.now)
        return {todo.consultation.subject: todo.tasks for todo in found}

    assert listed() == {
        kept.subject: (Task.ASSIGN, Task.ENVELOPE),
        "Ander plan": (Task.ENVELOPE,),
    }
    assert list(listed()) == [kept.subject, "Ander plan"]
    page = place.browser("gemeente").get("/kantoor").text
    assert "Kies drie sleutelhouders." in page
    assert keyholding.worklist(place.session, place.vault, place.town("Elders"), place.now) == []
    place.withdraw(service)
    assert "Ander plan" not in listed()
