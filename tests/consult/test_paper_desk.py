"""The desk: a letter for a paper, papers entered by two people, a third look, and numbers that agree."""

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
from werkzeug.test import TestResponse

from ballots import polls
from ballots.models import PaperEntry, Redemption
from consult import days, pages
from consult.models import Consultation, JournalEntry
from tests.ballots.test_printing import flat
from tests.consult.conftest import BUDGET, Browser, Place

HERE = Path(__file__).parents[2]


@pytest.fixture
def held(place: Place) -> tuple[Consultation, list[str]]:
    """An open wijkraadpleging and the codes of its letters."""
    draft = place.draft(place.plan())
    used = place.freeze(draft)
    place.printed(draft)
    return draft, used


def redeem(desk: Browser, consultation: Consultation, code: str) -> TestResponse:
    path = f"/balie/{consultation.id}"
    page = desk.post(path, {"code": code})
    assert "Deze brief kan stemmen" in page.text, page.text
    token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)[-1]
    kept = re.findall(r'name="code" value="([^"]+)"', page.text)[0]
    return desk.bare(path, {"csrf_token": token, "code": kept, "do": "redeem"})


def enter(desk: Browser, consultation: Consultation, hand: int, **fields: Any) -> TestResponse:
    return desk.post(f"/balie/{consultation.id}/invoer/{hand}", fields)


def summary(page: TestResponse) -> str:
    assert page.status_code == 422
    found: str = re.findall(r'<div class="error-summary".*?</div>', page.text, re.S)[0]
    return found


def words_of(answer: TestResponse) -> str:
    """Return the text of a PDF."""
    assert answer.mimetype == "application/pdf"
    document = pypdfium2.PdfDocument(answer.data)
    return flat(" ".join(page.get_textpage().get_text_range() for page in document))


def channels(place: Place) -> list[str]:
    place.look()
    return [each.channel for each in place.session.query(Redemption)]


# A letter


@pytest.mark.parametrize("who", ["balie", "gemeente"])
@pytest.mark.parametrize("way", ["typed", "link", "spoilt link"])
def test_a_letter_becomes_a_paper(
    place: Place, held: tuple[Consultation, list[str]], who: str, way: str
) -> None:
    draft, used = held
    desk, code = place.browser(who), used[0]
    typed = {
        "typed": f" {code[:4].lower()}-{code[4:]}",
        "link": f"https://stem.voorbeeldstad.nl/s#{code}",
        "spoilt link": f"{used[1]}https://stem.voorbeeldstad.nl/s#{code}",
    }[way]
    answer = redeem(desk, draft, typed)
    assert answer.location == f"/balie/{draft.id}/uitgereikt"
    page = desk.get(answer.location)
    assert "Geef één leeg biljet" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert channels(place) == ["paper"]
    entry = place.session.query(JournalEntry).filter_by(action="redeem letter for paper").one()
    assert entry.detail == {}
    assert "Met deze brief is al gestemd" in desk.post(f"/balie/{draft.id}", {"code": code}).text


def test_a_ballot_is_handed_out_once(place: Place, held: tuple[Consultation, list[str]]) -> None:
    """A refresh, a bookmark or the desk of another consultation asks for no second ballot."""
    draft, used = held
    other = place.draft(place.plan(title="Bomen"))
    place.freeze(other)
    desk, path = place.browser("balie"), f"/balie/{draft.id}/uitgereikt"
    assert "Geef geen tweede biljet" in desk.get(path).text
    for number, code in enumerate(used[:2], 1):
        redeem(desk, draft, code)
        assert "Geef geen tweede biljet" in desk.get(f"/balie/{other.id}/uitgereikt").text
        before = place.dump()
        assert "Geef één leeg biljet" in desk.get(path).text
        again = desk.get(path).text
        assert "Geef geen tweede biljet" in again
        assert "Geef één leeg biljet" not in again
        assert f"Tot nu toe ingewisseld: {number} brie" in again
        assert code not in again
        assert place.dump() == before


def test_looking_changes_nothing(place: Place, held: tuple[Consultation, list[str]]) -> None:
    draft, used = held
    desk = place.browser("balie")
    before = place.dump()
    page = desk.post(f"/balie/{draft.id}", {"code": used[0]})
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert place.dump() == before


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "U vulde nog geen code in."),
        ("AAAA BBBB CCCC DDDD EEE", "U typte er 19"),
        ("AAAA BB!B CCCC DDDD EEEE", "Kijk nog eens naar groepje 2"),
        ("x" * 5000, "Een stemcode heeft 20 tekens"),
    ],
)
def test_a_typo_stays_to_be_mended(
    place: Place, held: tuple[Consultation, list[str]], typed: str, said: str
) -> None:
    draft, _ = held
    page = place.browser("balie").post(f"/balie/{draft.id}", {"code": typed})
    assert said in summary(page)
    assert not typed or f'value="{typed}"' in page.text
    assert channels(place) == []


def test_a_wrong_symbol_is_pointed_out(place: Place, held: tuple[Consultation, list[str]]) -> None:
    draft, used = held
    wrong = used[0][:9] + ("0" if used[0][9] != "0" else "1") + used[0][10:]
    page = place.browser("balie").post(f"/balie/{draft.id}", {"code": wrong})
    assert "Kijk nog eens naar groepje 3" in summary(page)
    assert wrong in page.text


def test_letters_that_cannot_vote(place: Place, held: tuple[Consultation, list[str]]) -> None:
    draft, used = held
    place.cast(used[0], [["voor"]])
    other = place.draft(place.plan(title="Bomen"))
    elsewhere = place.freeze(other)
    desk, path = place.browser("balie"), f"/balie/{draft.id}"
    page = desk.post(path, {"code": used[0]})
    assert "Met deze brief is al gestemd" in page.text
    assert "Geef geen biljet." in page.text
    assert used[0] not in page.text
    assert "Deze brief hoort bij een andere stemming" in summary(desk.post(path, {"code": elsewhere[0]}))
    place.propose(draft, "withdraw", reason="Verkeerde vraag.")
    place.withdraw(draft, "Verkeerde vraag.")
    page = desk.get(path)
    assert "Deze stemming is ingetrokken" in page.text
    assert channels(place).count("paper") == 0


def test_a_void_and_an_unknown_letter(place: Place, held: tuple[Consultation, list[str]]) -> None:
    from ballots import codes
    from consult import changes

    draft, used = held
    changes.void(place.session, place.vault, draft, [1], "Terug.", "test", place.now)
    desk, path = place.browser("balie"), f"/balie/{draft.id}"
    assert "Deze brief is niet meer geldig" in desk.post(path, {"code": used[0]}).text
    unknown = codes.mint(bytes(32), 1)
    page = desk.post(path, {"code": unknown})
    assert "Deze code kennen wij niet." in summary(page)
    assert unknown in page.text


def test_after_the_doors_no_letter_is_exchanged(place: Place, held: tuple[Consultation, list[str]]) -> None:
    draft, used = held
    desk = place.browser("balie")
    page = desk.get(f"/balie/{draft.id}")
    assert "code" in page.text
    place.later(days=3)
    desk = place.browser("balie")
    shown = desk.post(f"/balie/{draft.id}", {"code": used[0]})
    assert "U kunt niet meer stemmen met deze brief." in shown.text
    assert channels(place) == []


def test_a_database_that_was_put_back_exchanges_nothing(
    place: Place, held: tuple[Consultation, list[str]]
) -> None:
    """It forgot which letters were used: none becomes a paper until that is clear."""
    draft, used = held
    place.cast(used[1], [["voor"]])
    place.tick()
    place.force("DELETE FROM redemption")
    answer = redeem(place.browser("balie"), draft, used[1])
    assert answer.status_code == 422
    assert "Stemmen kan nu even niet" in answer.text
    assert channels(place) == []


def test_a_code_is_kept_nowhere(
    place: Place, held: tuple[Consultation, list[str]], caplog: pytest.LogCaptureFixture
) -> None:
    """Not of a letter that became a paper, nor of one with a typo: in no table, file, log or message."""
    draft, used = held
    caplog.set_level("DEBUG")
    desk = place.browser("balie")
    typo = used[1][:-1] + ("0" if used[1][-1] != "0" else "1")
    assert typo in desk.post(f"/balie/{draft.id}", {"code": typo}).text
    answer = redeem(desk, draft, used[0])
    following = desk.get(answer.location or "")
    for code in (used[0], typo):
        assert code not in f"{answer.headers}{following.text}{caplog.text}{place.dump()}"
        for path in place.folder.rglob("*"):
            assert path.is_dir() or code.encode() not in path.read_bytes(), path


@pytest.mark.parametrize("who", ["regiegroep", "anna", "beheerder"])
def test_others_have_no_desk(place: Place, held: tuple[Consultation, list[str]], who: str) -> None:
    assert place.browser(who).get(f"/balie/{held[0].id}").status_code == 403


def test_another_town_has_no_desk_here(place: Place, held: tuple[Consultation, list[str]]) -> None:
    desk = place.browser("elders")
    for path in ("", "/invoer", "/invoer/1", "/aantallen", "/biljet.pdf", "/uitgereikt"):
        assert desk.get(f"/balie/{held[0].id}{path}").status_code == 404


def test_without_a_token_nothing_happens(place: Place, held: tuple[Consultation, list[str]]) -> None:
    draft, used = held
    desk = place.browser("balie")
    assert desk.bare(f"/balie/{draft.id}", {"code": used[0], "do": "redeem"}).status_code == 400
    assert channels(place) == []


def test_the_desk_logs_in_at_its_list(place: Place, held: tuple[Consultation, list[str]]) -> None:
    desk = place.browser("balie")
    assert desk.get("/inloggen").location == "/balie"
    assert held[0].subject in desk.get("/balie").text
    said = words_of(desk.get(f"/balie/{held[0].id}/biljet.pdf"))
    for words in (
        "Bent u voor of tegen een speelplek",
        "Voor",
        "Tegen",
        "Blanco",
        "Zet een kruisje in één vakje.",
    ):
        assert words in said


# The papers


@pytest.fixture
def due(place: Place, held: tuple[Consultation, list[str]]) -> tuple[Consultation, Browser, Browser]:
    """Three letters were exchanged, eight were used on the web, the doors are closed; two desks."""
    draft, used = held
    place.vote(used[3:], {"voor": 7, "tegen": 1})
    one = place.browser("balie")
    for code in used[:3]:
        redeem(one, draft, code)
    place.later(days=3)
    return draft, place.browser("balie"), place.browser("loket")


def test_nothing_is_entered_while_the_doors_are_open(
    place: Place, held: tuple[Consultation, list[str]]
) -> None:
    desk = place.browser("balie")
    redeem(desk, held[0], held[1][0])
    assert desk.get(f"/balie/{held[0].id}/invoer/1").location == f"/balie/{held[0].id}/invoer"
    assert "zodat niemand een tussenstand ziet" in desk.get(f"/balie/{held[0].id}/invoer").text


def test_from_the_desk_to_the_recount(
    place: Place, due: tuple[Consultation, Browser, Browser], tmp_path: Path
) -> None:
    draft, one, other = due
    base = f"/balie/{draft.id}"
    page = one.get(f"{base}/invoer/1").text
    assert "Papier 1 van 3" in page
    assert "autofocus" in page
    for marking in ("voor", "tegen", "tegen"):
        assert enter(one, draft, 1, q1=marking).status_code == 303
    assert one.get(f"{base}/invoer/1").location == f"{base}/invoer"
    assert "Haal het laatste biljet terug" in one.get(f"{base}/invoer").text
    one.post(f"{base}/invoer/1/terug", form=f"{base}/invoer")
    enter(one, draft, 1, q1="tegen")
    assert "Eerst het papier" in place.browser("gemeente").get(f"/kantoor/raadplegingen/{draft.id}").text
    for marking in ("voor", "voor", "tegen"):
        assert other.get(f"{base}/invoer/3").location == f"{base}/invoer"  # nobody is told where they differ
        page = other.get(f"{base}/invoer").text
        assert "De derde blik begint als allebei alle biljetten hebben ingevoerd" in page
        assert "Zoek deze biljetten op" not in page
        assert enter(other, draft, 2, q1=marking).status_code == 303
    page = other.get(f"{base}/invoer").text
    assert "Zoek deze biljetten op: 2." in page
    assert "Haal het laatste biljet terug" not in page
    assert other.post(f"{base}/invoer/2/terug", form=f"{base}/invoer/3").location == f"{base}/invoer"
    assert "niemand nog een biljet terughalen" in other.get(f"{base}/invoer").text
    assert other.get(f"{base}/invoer/bevestig").location == f"{base}/invoer"
    assert "3 ≠ 0" in other.get(f"{base}/aantallen").text
    with pytest.raises(Exception, match="papieren stemmen"):
        place.tick()
    assert "Biljet 2" in other.get(f"{base}/invoer/3").text
    assert enter(other, draft, 3, q1="tegen").status_code == 303
    answer = other.post(f"{base}/invoer/bevestig")
    assert answer.location == f"{base}/aantallen"
    assert answer.location
    page = other.get(answer.location).text
    assert "3 = 3" in page
    assert page.count("✓") == 3
    assert place.session.query(PaperEntry).count() == 0
    entry = place.session.query(JournalEntry).filter_by(action="settle papers").one()
    assert entry.detail == {
        "papers": 3,
        "missing": {},
        "third_look": [2],
        "entered_by": {"1": ["Meta"], "2": ["Sjors"], "3": ["Sjors"]},
    }
    assert any("gesloten en geteld" in line for line in place.tick())
    assert place.browser("balie").get(f"{base}/aantallen").text.count("✓") == 3
    made = place.browser("gemeente").get(f"/kantoor/raadplegingen/{draft.id}/dossier.zip")
    assert made.status_code == 200
    with zipfile.ZipFile(io.BytesIO(made.data)) as dossier:
        steps = {each["action"]: each for each in json.loads(dossier.read("journal.json"))}
        assert "settle papers" in steps
        exchanged = steps["redeem letters for paper"]
        assert exchanged["detail"] == {"letters": 3}
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", exchanged["at"])
    (tmp_path / "dossier.zip").write_bytes(made.data)
    command = [sys.executable, "-I", str(HERE / "static" / "narekenen.py"), str(tmp_path / "dossier.zip")]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stdout


def test_everybody_is_told_that_papers_wait_and_by_when(
    place: Place, due: tuple[Consultation, Browser, Browser]
) -> None:
    """Nothing counts by itself while papers wait, so no page says so: not to residents, the office or the desk."""
    draft, one, other = due
    with place.app.app_context(), place.app.test_request_context():
        by = pages.day(days.papers_by(place.poll(draft).ends))
    public, office = f"/raadplegingen/{draft.id}", "/kantoor"

    def seen() -> dict[str, str]:
        found = {path: place.browser("gemeente").get(path).text for path in (public, office)}
        found["work"] = place.browser("gemeente").get(f"/kantoor/raadplegingen/{draft.id}").text
        return found | {path: one.get(path).text for path in ("/balie", f"/balie/{draft.id}/invoer")}

    shown = seen()
    for path, page in shown.items():
        assert f"uiterlijk {by}" in page, path
        assert "vanzelf geteld" not in page
        assert "binnen een paar minuten" not in page
        if path != public:
            assert "Voer de 3 papieren biljetten in, met zijn tweeën, " in page, path
    assert "Twee mensen van de gemeente voeren die biljetten in" in shown[public]
    assert f"/balie/{draft.id}/invoer" in shown[office]
    place.later(days=3)
    one, other = place.browser("balie"), place.browser("loket")
    shown = seen()
    assert "Dat duurt langer dan gepland" in shown[public]
    assert "Voer de 3 papieren biljetten vandaag nog in" in shown[office]
    for hand, desk in ((1, one), (2, other)):
        for _ in range(3):
            enter(desk, draft, hand, q1="voor")
    assert "Twee mensen van de gemeente" in one.get(public).text  # entered is not yet confirmed
    one.post(f"/balie/{draft.id}/invoer/bevestig")
    shown = seen()
    assert "binnen een paar minuten" in shown[public]
    assert "vanzelf geteld" in shown[office]
    assert "uiterlijk" not in "".join(shown.values())


def test_a_paper_that_is_not_there(place: Place, due: tuple[Consultation, Browser, Browser]) -> None:
    draft, one, other = due
    for hand, desk in ((1, one), (2, other)):
        for answer in ("voor", "ongeldig"):
            enter(desk, draft, hand, q1=answer)
        refused = enter(desk, draft, hand, do="missing")
        assert "Schrijf op waarom dit biljet er niet is" in summary(refused)
        assert enter(desk, draft, hand, do="missing", reason="Niet in de bus.").status_code == 303
    page = one.get(f"/balie/{draft.id}/invoer/bevestig").text
    assert "Biljet 3: Niet in de bus." in page
    one.post(f"/balie/{draft.id}/invoer/bevestig")
    page = one.get(f"/balie/{draft.id}/aantallen").text
    assert "Biljet 3: Niet in de bus." in page
    assert page.count("✓") == 3
    place.tick()
    assert place.poll(draft).closed_at


def test_a_vote_too_many_or_too_few_shows(place: Place, due: tuple[Consultation, Browser, Browser]) -> None:
    draft, one, _ = due
    assert "8 = 0 + 8" in one.get(f"/balie/{draft.id}/aantallen").text
    place.force("DELETE FROM inbox WHERE id = (SELECT id FROM inbox LIMIT 1)")
    page = one.get(f"/balie/{draft.id}/aantallen").text
    assert "8 ≠ 0 + 7" in page
    assert "Waarschuw de beheerder" in page
    assert page.count("✓") == 1


def test_few_papers_on_the_board_with_the_others_still_agree(
    place: Place, held: tuple[Consultation, list[str]]
) -> None:
    draft, used = held
    place.vote(used[1:], {"voor": 9})
    redeem(place.browser("balie"), draft, used[0])
    place.later(days=3)
    for who, hand in (("loket", 1), ("gemeente", 2)):
        desk = place.browser(who)
        enter(desk, draft, hand, q1="tegen")
    desk.post(f"/balie/{draft.id}/invoer/bevestig")
    place.tick()
    page = place.browser("balie").get(f"/balie/{draft.id}/aantallen").text
    assert "9 = 9 + 0" in page
    assert page.count("✓") == 3


def test_of_a_withdrawn_consultation_the_letters_agree(
    place: Place, held: tuple[Consultation, list[str]]
) -> None:
    place.withdraw(held[0])
    page = place.browser("gemeente").get(f"/balie/{held[0].id}/aantallen").text
    assert "12 = 0 + 0 + 12" in page
    assert page.count("✓") == 1


def test_blank_is_what_is_marked_blank_and_nothing_at_all_is_unusable(
    place: Place, due: tuple[Consultation, Browser, Browser]
) -> None:
    draft, one, other = due
    page = one.get(f"/balie/{draft.id}/invoer/1").text
    choices = re.findall(
        r'<input type="radio"[^>]* value="(blanco|ongeldig)".*?<label[^>]*>.*?</span> (.*?)</label>', page
    )
    assert choices == [
        ("blanco", "Blanco is aangekruist"),
        ("ongeldig", "Ongeldig: niets ingevuld, niet te lezen, of tegen de regels ingevuld"),
    ]
    for desk, hand in ((one, 1), (other, 2)):
        for answer in ("voor", "blanco", "ongeldig"):
            enter(desk, draft, hand, q1=answer)
    one.post(f"/balie/{draft.id}/invoer/bevestig")
    place.tick()
    (outcome,) = polls.outcomes(place.session, place.poll(draft))
    assert outcome.votes == {"voor": 8, "tegen": 1, "blanco": 1}  # seven, one and none on the web


def test_wrong_papers_are_refused_in_the_words_of_the_booth(
    place: Place, due: tuple[Consultation, Browser, Browser]
) -> None:
    draft, one, _ = due
    for fields, said in (
        ({}, "Staat er niets? Kies dan ongeldig."),
        ({"q1": ["voor", "blanco"]}, "U koos blanco én iets anders"),
        ({"q1": "misschien"}, "Deze keuze staat niet op het stembiljet"),
        ({"q1": ["voor", "ongeldig"]}, "Deze keuze staat niet op het stembiljet"),
    ):
        assert said in summary(enter(one, draft, 1, **fields))
    assert "Papier 1 van 3" in one.get(f"/balie/{draft.id}/invoer/1").text


def test_a_number_chooses(place: Place, due: tuple[Consultation, Browser, Browser]) -> None:
    """Without the script too: 1 and 2 are the options, 3 is blank and 4 unusable."""
    draft, one, other = due
    for typed, said in (
        ("5", "Typ een nummer van 1 tot en met 4."),
        ("0", "Typ een nummer van 1 tot en met 4."),
        ("voor", "Typ een nummer van 1 tot en met 4."),
        ("1 2", "Dat is er 1 te veel."),
        (" ", "Staat er niets? Kies dan ongeldig."),
    ):
        page = enter(one, draft, 1, **{"q1-nr": typed})
        assert said in summary(page)
        assert not typed.strip() or f'value="{typed}"' in page.text
        assert len(re.findall(" autofocus", page.text)) == 1
    assert "andere keuze dan die u aanklikte" in summary(
        enter(one, draft, 1, **{"q1-nr": "1", "q1": "tegen"})
    )
    for typed, marking in (("2", "tegen"), (" 3 ", "blanco"), ("4", "ongeldig")):
        assert enter(one, draft, 1, **{"q1-nr": typed}).status_code == 303
        assert enter(other, draft, 2, q1=marking, **{"q1-nr": typed}).status_code == 303
    assert "De twee invoeren zijn gelijk" in one.get(f"/balie/{draft.id}/invoer").text


def test_nobody_is_both(place: Place, due: tuple[Consultation, Browser, Browser]) -> None:
    draft, one, other = due
    enter(one, draft, 1, q1="voor")
    page = one.get(f"/balie/{draft.id}/invoer").text
    assert "U deed de andere invoer" in page
    answer = enter(one, draft, 2, q1="voor")
    assert answer.location == f"/balie/{draft.id}/invoer"
    assert "De andere keer moet een collega doen" in one.get(answer.location).text
    page = other.get(f"/balie/{draft.id}/invoer").text
    assert "Begin met de tweede invoer" in page
    assert "Ingevoerd: 1" not in page


def test_take_back_and_send_twice(place: Place, due: tuple[Consultation, Browser, Browser]) -> None:
    draft, one, _ = due
    base = f"/balie/{draft.id}/invoer"
    enter(one, draft, 1, q1="voor")
    again = enter(one, draft, 1, q1="voor", number="1")
    assert again.location == f"{base}/1"
    page = one.get(f"{base}/1").text
    assert "niet aan de beurt" in page
    assert "Papier 2 van 3" in page
    assert one.post(f"{base}/1/terug", form=f"{base}/1").location == f"{base}/1"
    assert "Papier 1 van 3" in one.get(f"{base}/1").text
    assert one.post(f"{base}/1/terug", form=f"{base}/1").location == base
    assert "Er is geen biljet om terug te halen" in one.get(base).text


def test_every_kind_on_one_paper(place: Place) -> None:
    """Several questions, themes and money: a paper spoilt for one question counts for the other."""
    draft = place.ballot(BUDGET, {**BUDGET, "text": "En welke het jaar daarna?"})
    used = place.freeze(draft)
    place.printed(draft)
    desk = place.browser("balie")
    for code in used[:4]:
        redeem(desk, draft, code)
    said = words_of(desk.get(f"/balie/{draft.id}/biljet.pdf"))
    for words in ("Groen", "Schommel", "€ 3.000", "Vraag 2", "Zet een kruisje in elk vakje dat u kiest."):
        assert words in said
    place.later(days=3)
    for who, hand in (("gemeente", 1), ("balie", 2)):
        desk = place.browser(who)
        assert "Dat is er 1 te veel" in summary(enter(desk, draft, hand, q1=["a1", "a2"], q2="blanco"))
        clicked = {"q1": ["a3", "a1"], "q2": "ongeldig"}
        enter(desk, draft, hand, **(clicked if hand == 1 else {"q1-nr": "3,1", "q2-nr": "5"}))
        for _ in range(3):
            enter(desk, draft, hand, q1="a1", q2="blanco")
    desk.post(f"/balie/{draft.id}/invoer/bevestig")
    done = place.tick()
    assert any("gesloten en geteld" in line for line in done)
    assert any("nagerekend" in line for line in done)
