"""The dossier: the same bytes for the same facts, all of what was asked and decided, nobody's address."""

import hashlib
import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from ballots import codes
from consult import decisions, dossier
from consult.lifecycle import Verdict
from consult.models import Consultation
from consult.refusals import NothingToExport
from tests.consult.conftest import PEOPLE, TEXTS, Place
from tests.consult.test_points import SENT
from tests.consult.test_points import held as points_held

pytestmark = pytest.mark.both

VOTES = {"voor": 7, "tegen": 3, "blanco": 1}


def build(place: Place, consultation: Consultation) -> bytes:
    with place.app.app_context():
        return dossier.build(place.session, place.vault, consultation)


def opened(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def said(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    words = " ".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return " ".join(words.split())


def whole(place: Place) -> Consultation:
    """Return a consultation that went all the way."""
    plan = place.plan(24_500_00)
    consultation = place.held(plan, VOTES)
    place.award(plan, 24_000_00)
    place.grant(plan, 24_000_00)
    place.redeem(place.issue(plan))
    return consultation


def test_same_facts_same_bytes(place: Place, tmp_path: Path) -> None:
    consultation = whole(place)
    before = place.dump()
    first = build(place, consultation)
    place.later(days=400)
    assert build(place, consultation) == first
    out = tmp_path / "uit" / "dossier.zip"
    out.parent.mkdir()
    ran = place.app.test_cli_runner().invoke(args=["consult", "export", str(consultation.id), str(out)])
    assert ran.exit_code == 0, ran.output
    assert out.read_bytes() == first
    button = place.browser("gemeente").get(f"/kantoor/raadplegingen/{consultation.id}/dossier.zip")
    assert button.mimetype == "application/zip"
    assert button.data == first
    assert {**place.dump(), "staff": []} == {**before, "staff": []}  # logging in is another matter


def test_other_facts_other_bytes(place: Place) -> None:
    plan = place.plan(24_500_00)
    consultation = place.held(plan, VOTES)
    seen = {build(place, consultation)}
    place.award(plan, 24_000_00)
    seen.add(build(place, consultation))
    place.grant(plan, 24_000_00)
    seen.add(build(place, consultation))
    voucher = place.issue(plan)
    seen.add(build(place, consultation))
    place.redeem(voucher)
    seen.add(build(place, consultation))
    assert len(seen) == 5


BOARD = ("checkpoints.json", "commitments.csv", "records.json")


def test_the_manifest_holds_for_every_file(place: Place) -> None:
    files = opened(build(place, whole(place)))
    files.pop("manifest.sig")
    listed = json.loads(files.pop("manifest.json"))["sha256"]
    assert listed == {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    assert set(files) == {
        "decisions.json",
        "definition.json",
        "definition.sha256",
        "grant.json",
        "journal.json",
        "letters.json",
        "narekenen.py",
        "openings.csv",
        "outcome.json",
        "plan.json",
        "redemptions.csv",
        "report.pdf",
        *BOARD,
    }


def test_what_residents_sent_and_what_came_of_it(place: Place) -> None:
    plan = place.plan()
    consultation = points_held(place, {"p4": 5, "p1": 3, "p2": 2, "blanco": 2}, plan)
    answers = {"p4": "Het groen blijft.", "p1": "Om tien uur is het stil.", "p2": "Graag."}
    session, who = place.session, "regiegroep: Joke"
    decisions.decide(session, plan, Verdict.AWARD, 24_500_00, "", ["Joke"], [], who, place.now, answers)
    files = opened(build(place, consultation))
    told = json.loads(files["points.json"])
    assert (told["sent"], told["aside"], told["none chosen"]) == (6, {"person": 1}, 2)
    assert [(each["id"], each["heard"], each["chosen"]) for each in told["points"]] == [
        ("p4", 1, 5),
        ("p1", 1, 3),
        ("p2", 2, 2),
        ("p3", 1, 0),
    ]
    assert json.loads(files["decisions.json"])[0]["answers"] == answers
    everything = b"".join(data for name, data in files.items() if name.endswith((".json", ".csv"))).decode()
    report = said(files["report.pdf"])
    assert [text for text in SENT if text in everything or text in report] == []  # never as it was written
    for words in ("Bewoners stuurden 6 punten", "1× noemt of beledigt iemand", "Om tien uur is het stil."):
        assert words in report
    assert "Uitslag van vraag" not in report  # what weighs most is no outcome


def test_the_recount_counts_what_weighs_most_too(place: Place, tmp_path: Path) -> None:
    consultation = points_held(place, {"p4": 5, "p1": 3, "p2": 2, "blanco": 2})
    (tmp_path / "dossier.zip").write_bytes(build(place, consultation))
    program = Path(__file__).parents[2] / "static" / "narekenen.py"
    ran = subprocess.run(
        [sys.executable, str(program), "dossier.zip"], cwd=tmp_path, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stdout
    assert "vraag 2 (Wat weegt voor u het zwaarst?) opnieuw geteld" in ran.stdout


def test_what_is_in_it(place: Place) -> None:
    consultation = whole(place)
    files = opened(build(place, consultation))
    read: dict[str, Any] = {name: json.loads(data) for name, data in files.items() if name.endswith(".json")}
    assert files["definition.json"] == place.poll(consultation).definition
    assert hashlib.sha256(files["definition.json"]).hexdigest() in files["definition.sha256"].decode()
    assert read["letters.json"] == {"issued": 12, "used": 11, "open": 1, "void": 0, "web": 11, "paper": 0}
    assert read["outcome.json"][0]["votes"] == VOTES
    assert read["outcome.json"][0]["passed"] is True
    assert read["outcome.json"][0]["steps"]
    assert len(files["openings.csv"].splitlines()) == len(files["redemptions.csv"].splitlines()) == 12
    (decision,) = read["decisions.json"]
    assert (decision["verdict"], decision["amount"], decision["departs"]) == ("award", 24_000_00, False)
    assert read["grant.json"]["reference"] == "Z-2026-77"
    assert read["grant.json"]["redeemed"]
    assert read["plan.json"]["asked"] == 24_500_00
    assert read["plan.json"]["limit"] == 10_000_00
    assert [entry["action"] for entry in read["journal.json"]] == place.actions(consultation.initiative)


def test_the_report_is_for_people(place: Place) -> None:
    words = said(opened(build(place, whole(place)))["report.pdf"])
    for each in (
        TEXTS["question"],
        "Speelplek aan de Lindelaan",
        "Uitslag",
        "Voor",
        "toegekend",
        "€ 24.000",
        "Z-2026-77",
        "stemming gesloten en geteld",
        "voucher verzilverd",
    ):
        assert each in words, each
    assert re.search(r"Verstuurd 12 Gebruikt 11 Niet gebruikt 1 Ongeldig 0", words)


def test_nobody_is_in_it_but_who_acted_in_public(place: Place) -> None:
    plan = place.plan(24_500_00)
    draft = place.draft(plan)
    used = place.freeze(draft)
    place.printed(draft)
    place.vote(used, VOTES)
    place.later(days=3)
    place.tick()
    place.award(plan, 24_000_00)
    place.grant(plan, 24_000_00)
    place.redeem(place.issue(plan))
    files = opened(build(place, draft))
    everything = "".join(
        said(data) if name.endswith(".pdf") else data.decode()
        for name, data in files.items()
        if name != "narekenen.py"
    )
    squeezed = re.sub(r"[\s-]", "", everything)
    for secret in (
        "Geheimestraat",
        "Verstopdorp",
        "4321XY",
        "05992000",
        plan.initiator,
        plan.initiator.replace(" ", ""),
        plan.email,
        "@",
        *(email for email, *_ in PEOPLE.values()),
        *used,
        *(codes.read(code) for code in used),
    ):
        assert secret not in everything, secret
        assert secret not in squeezed, secret
    assert plan.title in everything


def test_few_ballots_are_not_published_one_by_one(place: Place) -> None:
    files = opened(build(place, place.held(place.plan(), {"voor": 9})))
    assert "openings.csv" not in files
    assert json.loads(files["outcome.json"])[0]["votes"]["voor"] == 9


@pytest.mark.parametrize("state", ["draft", "frozen", "open", "due"])
def test_before_the_close_there_is_none(place: Place, tmp_path: Path, state: str) -> None:
    draft = place.draft(place.plan(), days=(1, 1))
    if state != "draft":
        place.freeze(draft)
    place.later(days={"open": 1, "due": 3}.get(state, 0))
    with pytest.raises(NothingToExport):
        build(place, draft)
    out = tmp_path / "dossier.zip"
    ran = place.app.test_cli_runner().invoke(args=["consult", "export", str(draft.id), str(out)])
    assert ran.exit_code == 1
    assert ran.output.splitlines() == [f"Error: {NothingToExport.text}"]
    assert not out.exists()
    office = place.browser("gemeente")
    answer = office.get(f"/kantoor/raadplegingen/{draft.id}/dossier.zip")
    assert answer.status_code == 303
    assert NothingToExport.text in office.get(answer.location).text


def test_a_withdrawn_one_says_why_and_counts_nothing(place: Place) -> None:
    plan = place.plan()
    draft = place.draft(plan)
    place.vote(place.freeze(draft), VOTES)
    place.withdraw(draft, "De helft van de brieven kwam te laat.")
    first = build(place, draft)
    files = opened(first)
    assert set(files) == {
        "decisions.json",
        "definition.json",
        "definition.sha256",
        "journal.json",
        "letters.json",
        "narekenen.py",
        "manifest.json",
        "manifest.sig",
        "plan.json",
        "report.pdf",
        *BOARD,
    }
    assert json.loads(files["letters.json"])["void"] == 1
    words = said(files["report.pdf"])
    assert "De helft van de brieven kwam te laat." in words
    assert "Uitslag" not in words
    again = place.held(plan, VOTES)
    assert "De helft" not in said(opened(build(place, again))["report.pdf"])


def test_each_consultation_has_its_own_decision(place: Place) -> None:
    plan = place.plan()
    withdrawn = place.draft(plan)
    place.freeze(withdrawn)
    place.withdraw(withdrawn)
    place.held(plan, VOTES)
    place.award(plan, 24_000_00)
    place.grant(plan, 24_000_00)
    files = opened(build(place, withdrawn))
    assert json.loads(files["decisions.json"]) == []
    assert "grant.json" not in files
    assert "Z-2026-77" not in said(files["report.pdf"])


def test_export_says_what_is_wrong(place: Place, tmp_path: Path) -> None:
    runner = place.app.test_cli_runner()
    unknown = runner.invoke(args=["consult", "export", "99", str(tmp_path / "x.zip")])
    assert (unknown.exit_code, unknown.output) == (1, "Error: Er is geen stemming met nummer 99.\n")
    consultation = place.held(place.plan(), VOTES)
    nowhere = tmp_path / "nergens" / "x.zip"
    ran = runner.invoke(args=["consult", "export", str(consultation.id), str(nowhere)])
    assert ran.exit_code == 1
    assert len(ran.output.splitlines()) == 1
    assert str(nowhere) in ran.output


def test_reasons_of_a_departure_are_in_it(place: Place) -> None:
    plan = place.plan()
    consultation = place.held(plan, VOTES)
    place.decide(plan, Verdict.REJECT, reasons="Onder het gras ligt <een> kabel & een buis.")
    files = opened(build(place, consultation))
    assert json.loads(files["decisions.json"])[0]["departs"] is True
    assert "Onder het gras ligt <een> kabel & een buis." in said(files["report.pdf"])
