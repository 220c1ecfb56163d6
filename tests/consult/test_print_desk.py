"""The office's pages of all that is printed: proofs with dead codes, batches with their job sheets, control letters."""

import hashlib
import io
import json
import re
import zipfile
from datetime import timedelta

import pypdf
import pypdfium2
import pytest
import zxingcpp

from ballots import codes, letters
from ballots.envelopes import PROFILES
from consult import (
    changes,
    consultations,
    dossier,
    letter_languages,
    print_desk,
    print_jobs,
    print_work,
    prints,
)
from consult.models import Consultation
from consult.print_work import Setup
from consult.refusals import (
    ArrivedWhen,
    BatchesPrinted,
    BatchesWait,
    BatchUnknown,
    ControlFull,
    ControlsMissing,
)
from tests.consult.conftest import ACTOR, LETTERS, Place
from tests.consult.test_office_pages import sane


def begin(place: Place) -> tuple[Consultation, list[str], str]:
    draft = place.draft(place.plan(), days=(0, 9))
    return draft, place.freeze(draft), f"/kantoor/raadplegingen/{draft.id}/drukwerk"


def words(pdf: bytes) -> list[str]:
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return [" ".join(page.extract_text().replace("\u00a0", " ").split()) for page in pages]


def scanned(pdf: bytes) -> list[str]:
    """Return the codes that a phone reads off the pages, without the address before them."""
    found = []
    for page in pypdfium2.PdfDocument(pdf):
        bitmap = page.render(scale=150 / 72, grayscale=True)
        grey = memoryview(bytes(bitmap.buffer)).cast("B", (bitmap.height, bitmap.stride))
        found += [each.text.rpartition("#")[2] for each in zxingcpp.read_barcodes(grey)]
    return found


def test_the_page_offers_what_is_of_use_now(place: Place) -> None:
    draft = place.draft(place.plan(), days=(0, 9))
    office, of = place.browser("gemeente"), f"/kantoor/raadplegingen/{draft.id}/drukwerk"
    before = office.get(of).text
    sane(before)
    assert "Komt zodra de stemming is vastgezet." in before
    assert "/stuk/" not in before
    assert office.get(f"{of}/proefblad.pdf").data.startswith(b"%PDF")  # the envelope is tried beforehand
    assert office.get(f"{of}/proef.pdf").data.startswith(b"%PDF")
    used = place.freeze(draft)
    frozen = office.get(of).text
    sane(frozen)
    for key in ("poster-a3", "poster-a4", "flyer", "card", "desk", "script"):
        assert f"{of}/stuk/{key}.pdf" in frozen
        assert office.get(f"{of}/stuk/{key}.pdf").data.startswith(b"%PDF")
    assert "Komt zodra de uitslag er is." in frozen
    assert "Eén per adres: 9." in frozen
    assert office.get(f"{of}/stuk/outcome.pdf").location == of
    assert office.get(f"{of}/stuk/letter.pdf").status_code == 404
    place.printed(draft)
    place.vote(used, {"voor": 7, "tegen": 3})
    place.later(days=11)
    place.tick()
    after = place.browser("gemeente").get(of).text
    assert f"{of}/stuk/outcome.pdf" in after
    assert f"{of}/stuk/card.pdf" not in after
    assert "Niet meer nodig" in after


def test_a_batch_and_its_job_sheet_tell_the_same_file(place: Place) -> None:
    draft, used, of = begin(place)
    office = place.browser("gemeente")
    assert "Opdrachtbon" not in office.get(of).text
    assert office.get(f"{of}/opdrachtbon/1/1.pdf").location == of
    made = office.post(f"{of}/partij.pdf", {"run": "1", "batch": "1"}, form=of)
    assert made.headers["Content-Disposition"].endswith(f"brieven-{draft.id}-1-1.pdf")
    assert made.headers["Cache-Control"] == "no-store"
    assert scanned(made.data) == [codes.read(code) for code in used]
    (sheet,) = words(office.get(f"{of}/opdrachtbon/1/1.pdf").data)
    digest = hashlib.sha256(made.data).hexdigest()
    assert digest in re.sub(r"\s", "", sheet)
    assert f"brieven-{draft.id}-1-1.pdf" in sheet
    assert "1-12" in sheet
    assert re.search(rf"Vellen {LETTERS}\b", sheet)
    assert "1 kant, in kleur" in sheet
    assert not any(codes.read(code)[:4] + " " in sheet for code in used)
    place.look()
    before = place.dump()["journal"]
    again = office.post(f"{of}/partij.pdf", {"run": "1", "batch": "1"}, form=of)
    assert again.data == made.data
    place.look()
    added = place.dump()["journal"][len(before) :]
    assert "make batch" not in str(added)  # the same file is no news


def test_a_large_run_goes_in_batches_that_must_all_be_made(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(print_work, "BATCH", 5)
    draft, used, of = begin(place)
    office = place.browser("gemeente")
    assert "Maak de brieven in partijen" in office.get(of.removesuffix("/drukwerk")).text
    assert "Partij 3 van 3" in office.get(of).text
    files = [
        office.post(f"{of}/partij.pdf", {"run": "1", "batch": str(number)}, form=of).data for number in (1, 3)
    ]
    assert [len(scanned(each)) for each in files] == [5, 2]
    with place.app.app_context(), pytest.raises(BatchesWait, match="6–10"):
        consultations.confirm_printed(place.session, place.vault, draft, ACTOR, place.now)
    files.insert(1, office.post(f"{of}/partij.pdf", {"run": "1", "batch": "2"}, form=of).data)
    assert [code for each in files for code in scanned(each)] == [codes.read(code) for code in used]
    with place.app.test_request_context(), pytest.raises(BatchUnknown):
        prints.letters(place.session, place.vault, draft, ACTOR, place.now, 1, 4)
    place.look()
    consultations.confirm_printed(place.session, place.vault, draft, ACTOR, place.now)
    assert "Opdrachtbon: brieven 6-10" in office.get(of).text


def test_a_batch_of_which_every_letter_is_void_holds_nothing_up(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(print_work, "BATCH", LETTERS - 1)
    draft, _, of = begin(place)
    changes.void(place.session, place.vault, draft, [LETTERS], "Nat geworden.", ACTOR, place.now)
    office = place.browser("gemeente")
    assert office.post(f"{of}/partij.pdf", {"run": "1", "batch": "2"}, form=of).location == of
    assert "geen brieven om te drukken" in office.get(of).text
    office.post(f"{of}/partij.pdf", {"run": "1", "batch": "1"}, form=of)
    place.look()
    consultations.confirm_printed(place.session, place.vault, draft, ACTOR, place.now)
    assert letters.runs(place.session, place.poll(draft))[0].printed_at == place.now


def test_a_spoiled_sheet_is_left_out_and_its_new_letter_has_a_batch_of_its_own(place: Place) -> None:
    draft, used, of = begin(place)
    office = place.browser("gemeente")
    letters_of = of.removesuffix("/drukwerk") + "/brieven"
    office.post(f"{of}/partij.pdf", {"run": "1", "batch": "1"}, form=of)
    assert ">4-5</textarea>" in office.get(f"{letters_of}/vervangen?nummers=4-5").text.replace("\r\n", "")
    place.confirm(place.propose(draft, "replace", serials=[4, 5]))
    left = office.post(f"{of}/partij.pdf", {"run": "1", "batch": "1"}, form=of).data
    assert scanned(left) == [codes.read(code) for n, code in enumerate(used, 1) if n not in (4, 5)]
    (sheet,) = words(office.get(f"{of}/opdrachtbon/1/1.pdf").data)
    assert "1-3, 6-12" in sheet
    assert hashlib.sha256(left).hexdigest() in re.sub(r"\s", "", sheet)
    fresh = office.post(f"{of}/partij.pdf", {"run": "2", "batch": "1"}, form=of).data
    assert len(scanned(fresh)) == 2
    assert "Partij 2.1: brieven 13, 14" in words(office.get(f"{of}/opdrachtbon/2/1.pdf").data)[0]


def test_a_proof_has_dead_codes_that_the_booth_calls_a_proof(place: Place) -> None:
    draft, used, of = begin(place)
    place.printed(draft)
    proofs = place.browser("gemeente").get(f"{of}/proef.pdf").data
    found = scanned(proofs)
    assert len(found) >= 2
    assert len(set(found)) == len(found)
    assert not {codes.read(code) for code in used} & set(found)
    assert all("PROEF" in page for page in words(proofs))
    for code in found:
        page = place.anonymous().bare("/s", {"code": code})
        assert page.status_code == 410
        assert "Dit is een proefdruk" in page.text


@pytest.mark.parametrize("key", PROFILES)
def test_the_proof_page_draws_the_window_in_its_real_size(place: Place, key: str) -> None:
    draft, _, of = begin(place)
    print_work.choose(place.session, draft, Setup(key), ACTOR, place.now)
    pdf = place.browser("gemeente").get(f"{of}/proefblad.pdf").data
    (text,) = words(pdf)
    assert PROFILES[key].name in text
    assert scanned(pdf) == [codes.dead(codes.PROOF, 0)]
    page, mm = pypdf.PdfReader(io.BytesIO(pdf)).pages[0], 25.4 / 72
    assert (round(float(page.mediabox.width) * mm), round(float(page.mediabox.height) * mm)) == (210, 297)
    drawn = pypdfium2.PdfDocument(pdf)[0]
    boxes = [each.get_bounds() for each in drawn.get_objects() if each.type == 2]
    for wanted in (PROFILES[key].always, PROFILES[key].ever):
        size = (wanted.left, wanted.top, wanted.right, wanted.bottom)
        shown = [
            (left * mm, 297 - top * mm, right * mm, 297 - bottom * mm) for left, bottom, right, top in boxes
        ]
        assert any(
            all(abs(one - other) < 0.6 for one, other in zip(size, box, strict=True)) for box in shown
        ), (size, shown)


def test_envelope_and_languages_are_chosen_until_letters_are_made(place: Place) -> None:
    draft, _, of = begin(place)
    office = place.browser("gemeente")
    office.post(f"{of}/envelop", {"envelope": "c5-right", "languages": ["en"], "back": "tr"})
    assert print_work.setup(place.session, draft) == Setup()  # nobody reviewed them: they are off
    assert "nagekeken" in office.get(f"{of}/envelop").text
    place.app.config["DEMO"] = "1"
    form = {"envelope": "c5-right", "languages": ["en", "ar"], "back": "tr"}
    assert office.post(f"{of}/envelop", {**form, "envelope": "pigeon"}).status_code == 422
    assert office.post(f"{of}/envelop", form).location == of
    page = office.get(of).text
    assert "C5, venster rechts" in page
    assert "English, العربية" in page
    made = office.post(f"{of}/partij.pdf", {"run": "1", "batch": "1"}, form=of).data
    pages = words(made)
    assert len(pages) == 2 * LETTERS
    assert "choose English" in pages[0]
    assert "Mahalleniz" in pages[1]
    assert "2 kanten, in kleur" in words(office.get(f"{of}/opdrachtbon/1/1.pdf").data)[0]
    assert "De envelop en de talen liggen nu vast." in office.get(of).text
    office.post(f"{of}/envelop", {**form, "envelope": "dl-left"})
    assert "Alle brieven moeten gelijk zijn" in office.get(of).text
    place.look()
    with pytest.raises(BatchesPrinted):
        print_work.choose(place.session, draft, Setup(), ACTOR, place.now)
    assert print_work.setup(place.session, draft) == Setup("c5-right", ("en", "ar"), "tr")


@pytest.mark.parametrize("wrong", [Setup("pigeon"), Setup(languages=("xx",)), Setup(back="nl")])
def test_what_does_not_exist_cannot_be_chosen(place: Place, wrong: Setup) -> None:
    draft = place.draft(place.plan())
    with pytest.raises(ValueError, match="no such"):
        print_work.choose(place.session, draft, wrong, ACTOR, place.now)


def test_every_language_of_a_letter_has_its_own_name() -> None:
    assert set(print_desk.LANGUAGES) == set(letter_languages.TEXTS)


CONTROL = {"name": "Wim de Boer", "street": "Dorpsstraat 3", "place": "4321 XY Verstopdorp"}


def test_control_letters_look_like_any_other_and_cannot_vote(place: Place) -> None:
    draft, used, of = begin(place)
    place.printed(draft)
    office = place.browser("gemeente")
    assert office.get(f"{of}/controlebrieven.pdf").location == of
    with place.app.test_request_context(), pytest.raises(ControlsMissing):
        prints.control_letters(place.session, draft)
    wrong = office.post(f"{of}/controlebrieven", {**CONTROL, "place": "Verstopdorp"})
    assert wrong.status_code == 422
    assert "Begin met de postcode" in wrong.text
    sane(wrong.text)
    assert office.post(f"{of}/controlebrieven", CONTROL).location == f"{of}/controlebrieven"
    pdf = office.get(f"{of}/controlebrieven.pdf").data
    (text,) = words(pdf)
    assert "Dit is een controlebrief" in text
    assert "Dorpsstraat 3" in text
    assert "Brief C1" in text
    assert "Wim" not in text
    (code,) = scanned(pdf)
    assert code == codes.dead(codes.CONTROL, 1)
    assert code not in {codes.read(each) for each in used}
    page = place.anonymous().bare("/s", {"code": code})
    assert (page.status_code, "Dit is een controlebrief" in page.text) == (410, True)


def test_the_desk_notes_when_a_control_letter_came_and_the_dossier_tells_the_day_alone(place: Place) -> None:
    draft, used, of = begin(place)
    place.printed(draft)
    for name in ("Wim de Boer", "Els Smit"):
        print_work.add_control(place.session, draft, name, "Dorpsstraat 3", "4321 XY  DORP", ACTOR, place.now)
    place.later(days=2)
    desk, here = place.browser("balie"), f"{of}/controlebrieven"
    page = desk.get(here).text
    sane(page)
    assert "nog van geen enkele is de dag bekend" in page
    assert "Controlebrieven (PDF)" not in page
    assert desk.get(of).status_code == 403
    future = (place.today + timedelta(days=1)).isoformat()
    late = desk.post(here, {"number": "1", "arrived_on": future})
    assert late.status_code == 422
    assert "niet later dan vandaag" in late.text
    sane(late.text)
    assert desk.post(here, {"number": "1", "arrived_on": ""}).status_code == 422
    assert desk.post(here, {"number": "9", "arrived_on": place.today.isoformat()}).location == of
    assert desk.post(here, {"number": "1", "arrived_on": place.today.isoformat()}).location == here
    assert "1 van 2 aangekomen, op woensdag 3 juni 2026" in desk.get(here).text
    assert "1 van 2 aangekomen" in place.browser("gemeente").get(of.replace("drukwerk", "brieven")).text
    desk.post(here, {"number": "1", "do": "undo"})
    assert "nog van geen enkele is de dag bekend" in desk.get(here).text
    desk.post(here, {"number": "1", "arrived_on": place.today.isoformat()})
    place.look()
    print_work.arrived(place.session, draft, 2, place.today - timedelta(days=1), ACTOR, place.now)
    place.vote(used, {"voor": 7, "tegen": 3})
    place.later(days=11)
    place.tick()
    over = place.browser("gemeente").get(here).text
    assert "Wim" not in over
    assert "2 van 2 aangekomen" in over
    assert all(not (each.name or each.street) for each in print_work.controls(place.session, draft))
    with place.app.test_request_context():
        data = dossier.build(place.session, place.vault, draft)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert json.loads(files["control_letters.json"]) == [
        {"number": 1, "arrived": "2026-06-03"},
        {"number": 2, "arrived": "2026-06-02"},
    ]
    report = " ".join(words(files["report.pdf"]))
    assert "2 van 2 aangekomen, van dinsdag 2 juni 2026 tot en met woensdag 3 juni 2026" in report
    whole = b"".join(files.values()) + report.encode()
    for secret in (b"Wim", b"Els Smit", b"Dorpsstraat"):
        assert secret not in whole


def test_control_letters_have_bounds(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    draft, *_ = begin(place)
    to = ("Wim", "Kade 1", "4321 XY  DORP")
    print_work.add_control(place.session, draft, *to, ACTOR, place.now)
    with pytest.raises(ArrivedWhen):
        print_work.arrived(place.session, draft, 1, place.today - timedelta(days=1), ACTOR, place.now)
    monkeypatch.setattr(print_work, "MOST_CONTROLS", 1)
    with pytest.raises(ControlFull):
        print_work.add_control(place.session, draft, *to, ACTOR, place.now)


def test_a_stranger_sees_and_changes_nothing(place: Place) -> None:
    draft, _, of = begin(place)
    stranger, before = place.browser("elders"), place.dump()["control_letter"]
    for path in ("", "/envelop", "/proefblad.pdf", "/proef.pdf", "/controlebrieven", "/controlebrieven.pdf"):
        assert stranger.get(f"{of}{path}").status_code == 404
    for path in ("/opdrachtbon/1/1.pdf", "/stuk/poster-a4.pdf"):
        assert stranger.get(f"{of}{path}").status_code == 404
    assert place.dump()["control_letter"] == before
    assert [run.made_at for run in letters.runs(place.session, place.poll(draft))] == [None]


def test_rows_of_a_digest() -> None:
    assert print_jobs.rows("ab" * 16) == ["abab abab abab abab", "abab abab abab abab"]


@pytest.mark.parametrize(
    ("kind", "said"), [(codes.PROOF, "staat op een proefdruk"), (codes.CONTROL, "staat op een controlebrief")]
)
def test_the_desk_gives_no_ballot_for_a_dead_code(place: Place, kind: str, said: str) -> None:
    draft, *_ = begin(place)
    place.printed(draft)
    desk, before = place.browser("balie"), place.dump()["redemption"]
    for do in ("", "redeem"):
        page = desk.post(f"/balie/{draft.id}", {"code": codes.dead(kind, 3), "do": do})
        assert said in page.text
        assert "Geef één leeg biljet" not in page.text
    assert place.dump()["redemption"] == before
