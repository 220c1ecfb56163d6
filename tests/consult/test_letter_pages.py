"""The office's pages of what changes after the freeze: fill in, look, do; and what residents read of it."""

import re
from collections.abc import Callable

import pytest

from ballots import board_words, letters, polls, records
from consult import changes
from consult.models import Consultation
from tests.consult.conftest import ACTOR, Place
from tests.consult.put_back import put_back
from tests.consult.test_office_pages import sane

WHY = "De brief kwam <b>nat</b> aan."


def begin(place: Place, **fields: object) -> tuple[Consultation, list[str], str]:
    draft = place.draft(place.plan(), days=(0, 9), **{"lengthen": 7, **fields})
    used = place.freeze(draft)
    return draft, used, f"/kantoor/raadplegingen/{draft.id}"


def changed(place: Place, consultation: Consultation) -> int:
    place.look()
    return records.standing(place.session, place.poll(consultation)).number


def test_one_letter_is_replaced_after_a_second_look(place: Place) -> None:
    draft, used, of = begin(place)
    place.printed(draft)
    office = place.browser("gemeente")
    found = office.get(f"{of}/brieven?q=3").text
    assert "Geheimestraat 3" in found
    assert f"{of}/brieven/vervangen?nummers=3" in found
    assert ">3</textarea>" in office.get(f"{of}/brieven/vervangen?nummers=3").text.replace("\r\n", "")
    form = {"serials": "3", "reason": WHY}
    look = office.post(f"{of}/brieven/vervangen", form)
    assert (look.status_code, changed(place, draft)) == (200, 0)
    assert "Klopt dit?" in look.text
    assert "Geheimestraat 3" in look.text
    assert "nat&lt;/b&gt;" in look.text
    back = office.post(f"{of}/brieven/vervangen", {**form, "sure": "change"})
    assert (back.status_code, changed(place, draft)) == (200, 0)
    assert "nat&lt;/b&gt;" in back.text
    done = office.post(f"{of}/brieven/vervangen", {**form, "sure": "yes"})
    assert (done.location, changed(place, draft)) == (of, 1)
    page = office.get(of).text
    assert "Brief 13 komt ervoor in de plaats" in page
    assert "Nieuwe brieven: 13" in page
    sane(page)
    pdf = office.post(f"{of}/brieven.pdf", {"run": "2"}, form=of)
    assert pdf.data.startswith(b"%PDF")
    assert pdf.headers["Content-Disposition"].endswith(f"brieven-{draft.id}-2.pdf")
    assert office.post(f"{of}/gedrukt?run=2").location == of
    place.look()
    assert letters.runs(place.session, place.poll(draft))[1].printed_at == place.now
    assert not place.vault.has(place.poll(draft).id, "seed-2")
    assert "ongeldig" in office.get(f"{of}/brieven?q=Geheimestraat+3").text
    assert "Deze brief is niet meer geldig" in place.anonymous().bare("/s", {"code": used[2]}).text


def test_the_fourth_letter_in_a_week_waits_for_a_colleague(place: Place) -> None:
    draft, _, of = begin(place)
    office, colleague = place.browser("gemeente"), place.browser("collega")
    sentence = "De laatste 7 dagen zijn al 3 brieven door één persoon vervangen."
    for serial in (2, 3, 4):
        form = {"serials": str(serial), "reason": WHY}
        assert sentence not in office.post(f"{of}/brieven/vervangen", form).text
        assert office.post(f"{of}/brieven/vervangen", {**form, "sure": "yes"}).location == of
    assert changed(place, draft) == 3
    form = {"serials": "5", "reason": WHY}
    look = colleague.post(f"{of}/brieven/vervangen", form).text  # whoever replaced the others
    assert sentence in look
    assert ">Stel voor om te vervangen<" in look
    made = colleague.post(f"{of}/brieven/vervangen", {**form, "sure": "yes"}).location
    assert changed(place, draft) == 3
    assert sentence not in office.post(f"{of}/brieven/vervangen", {**form, "serials": "5-6"}).text
    assert office.post(made, {"do": "confirm"}).location == of
    assert changed(place, draft) == 4
    with place.app.app_context(), place.app.test_request_context():
        assert [each.people for each in board_words.told(place.session, place.poll(draft))] == [1, 1, 1, 2]


def test_a_replacement_says_so_on_paper(place: Place) -> None:
    import io

    from pypdf import PdfReader

    draft, _, of = begin(place)
    place.printed(draft)
    changes.replace(place.session, place.vault, draft, [3], WHY, ACTOR, place.now)
    place.confirm(place.propose(draft, "lengthen", last_day="2026-06-14"))
    office = place.browser("gemeente")
    pdf = office.post(f"{of}/brieven.pdf", {"run": "2"}, form=of).data
    said = " ".join(PdfReader(io.BytesIO(pdf)).pages[0].extract_text().split())
    assert "De code op die brief werkt niet meer" in said
    assert "tot en met zondag 14 juni 2026" in said
    assert "Geheimestraat 3" in said


def test_several_letters_wait_for_a_colleague(place: Place) -> None:
    draft, _, of = begin(place)
    office, colleague = place.browser("gemeente"), place.browser("collega")
    form = {"serials": "2-4\n6", "reason": WHY, "sure": "yes"}
    made = office.post(f"{of}/brieven/vervangen", form)
    assert (made.status_code, changed(place, draft)) == (303, 0)
    assert made.location is not None
    own = office.get(made.location).text
    assert "Wacht op een collega" in own
    assert ">Bevestig<" not in own
    assert "wacht op een collega" in office.get("/kantoor").text
    assert "wacht op uw bevestiging" in colleague.get("/kantoor").text
    assert "wacht op uw bevestiging" in colleague.get(of).text
    office.post(made.location, {"do": "confirm"})
    assert changed(place, draft) == 0  # also when the button is forged
    assert "Dit hebt u zelf voorgesteld" in office.get(made.location).text
    assert "4 brieven: 2-4, 6" in colleague.get(made.location).text
    assert colleague.post(made.location, {"do": "confirm"}).location == of
    assert changed(place, draft) == 1
    assert "wacht op" not in colleague.get("/kantoor").text
    assert "Bevestigd" in colleague.get(made.location).text
    place.look()
    assert polls.turnout(place.session, place.poll(draft)).replaced == 4


def test_a_colleague_lets_a_proposal_go(place: Place) -> None:
    draft, _, of = begin(place)
    office, colleague = place.browser("gemeente"), place.browser("collega")
    made = office.post(f"{of}/brieven/stoppen", {"how": "withdraw", "reason": WHY, "sure": "yes"}).location
    assert colleague.post(made, {"do": "back"}).location == of
    assert "Ingetrokken" in colleague.get(made).text
    assert colleague.post(made, {"do": "confirm"}, form=of).status_code == 303
    assert changed(place, draft) == 0
    assert "Dit voorstel is al bevestigd of ingetrokken" in colleague.get(made).text


def test_stopping_and_starting_over(place: Place) -> None:
    draft, _, of = begin(place)
    office, colleague = place.browser("gemeente"), place.browser("collega")
    for form in ({"reason": WHY}, {"how": "restart", "reason": ""}, {"how": "delete", "reason": WHY}):
        assert office.post(f"{of}/brieven/stoppen", form).status_code == 422
    form = {"how": "restart", "reason": WHY}
    assert "Wij beginnen opnieuw" in office.post(f"{of}/brieven/stoppen", form).text
    made = office.post(f"{of}/brieven/stoppen", {**form, "sure": "yes"}).location
    assert "Alle brieven worden ongeldig" in colleague.get(made).text
    new = colleague.post(made, {"do": "confirm"}).location
    assert new not in (None, of)
    assert "Dagen en spelregels" in colleague.get(new).text
    assert "Naar de nieuwe stemming" in office.get(of).text
    public = place.anonymous().get(f"/raadplegingen/{draft.id}").text
    assert "Er komt een nieuwe stemming" in public
    place.look()
    later = draft.followed_by
    assert later is not None
    later.first_day = later.last_day = place.today
    place.session.commit()
    place.freeze(later)
    assert f'href="/raadplegingen/{later.id}"' in place.anonymous().get(f"/raadplegingen/{draft.id}").text
    public = place.anonymous().get(f"/raadplegingen/{later.id}").text
    assert "Deze stemming volgt op een eerdere" in public
    assert f'href="/raadplegingen/{draft.id}"' in public


def test_returned_mail_is_booked_from_a_scanner(place: Place) -> None:
    draft, used, of = begin(place)
    office = place.browser("gemeente")
    form = {"serials": "5\r\n7\r\n5\r\n9-11\r\n", "reason": "Onbestelbaar terug."}
    assert "5 brieven: 5, 7, 9-11" in office.post(f"{of}/brieven/ongeldig", form).text
    assert office.post(f"{of}/brieven/ongeldig", {**form, "sure": "yes"}).location == f"{of}/brieven"
    assert changed(place, draft) == 1
    public = place.anonymous().get(f"/raadplegingen/{draft.id}").text
    assert "Wat er veranderde" in public
    assert "5 brieven zijn ongeldig gemaakt." in public
    assert "Onbestelbaar terug." in public
    for secret in ("Geheimestraat", "9-11", used[4]):
        assert secret not in public


@pytest.mark.parametrize(
    ("page", "form", "said"),
    [
        ("vervangen", {"serials": ""}, "Vul het nummer van een brief in."),
        ("vervangen", {"serials": "drie"}, "“drie” is geen nummer van een brief."),
        ("vervangen", {"serials": "3\n99\n100"}, "horen niet bij een brief van deze stemming: 99, 100."),
        ("vervangen", {"serials": "1-3"}, "Met deze brieven is al gestemd: 1, 2."),
        (
            "ongeldig",
            {"serials": "1\n12\n40"},
            "Geen brief van deze stemming: 40. Al gestemd: 1. Al ongeldig: 12.",
        ),
        ("ongeldig", {"serials": "3", "reason": ""}, "Schrijf op waarom."),
        ("ongeldig", {"serials": "3", "reason": "kort"}, "Gebruik minstens 5"),
        ("betwist", {"serials": "1\n5"}, "Met deze brieven is nog niet gestemd: 5."),
        ("verlengen", {"last_day": ""}, "Kies een dag."),
        ("verlengen", {"last_day": "2026-06-10"}, "Kies een dag na de laatste dag die nu geldt."),
        ("verlengen", {"last_day": "2026-06-18"}, "Deze stemming kan hoogstens 7 dagen langer duren."),
        ("toevoegen", {"typed": ""}, "Plak de rijen van de adressen."),
        ("toevoegen", {"typed": "straat;huisnummer\nA;1"}, "ontbreken kolommen"),
        (
            "toevoegen",
            {"typed": "HEAD\n0599200000000001;Geheimestraat;1;4321XY;Verstopdorp"},
            "staan al op de lijst",
        ),
        ("toevoegen", {"typed": "HEAD\n12;Nieuwstraat;een;4321XY;Verstopdorp"}, "Rij 2: "),
        ("erbij/1", {"letters": "0"}, "Kies een getal van 1 tot en met 500."),
        ("erbij/1", {"letters": "veel"}, ""),
        ("stoppen", {"how": ""}, "Kies wat er daarna gebeurt."),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_nothing_changes(
    place: Place, page: str, form: dict[str, str], said: str
) -> None:
    draft, used, of = begin(place)
    place.vote(used, {"voor": 2})
    changes.void(place.session, place.vault, draft, [12], "Misdruk.", ACTOR, place.now)
    page = page.replace("/1", f"/{draft.roll[0].id}")
    office = place.browser("gemeente")
    place.look()
    before = place.dump()
    head = "nummeraanduiding;straat;huisnummer;postcode;plaats"
    given = {
        "reason": "Het moet echt.",
        **{name: value.replace("HEAD", head) for name, value in form.items()},
    }
    for sure in ("", "yes"):
        answer = office.post(f"{of}/brieven/{page}", {**given, "sure": sure})
        assert answer.status_code == 422, answer.text
        assert "Er is nog iets niet goed" in answer.text
        assert said in answer.text.replace("&#39;", "'")
        sane(answer.text)
    assert {name: rows for name, rows in place.dump().items() if name != "staff"} == {
        name: rows for name, rows in before.items() if name != "staff"
    }


def test_letters_are_added(place: Place) -> None:
    draft, _, of = begin(place)
    office, colleague = place.browser("gemeente"), place.browser("collega")
    typed = (
        "nummeraanduiding;straat;huisnummer;postcode;plaats;aantal;gebruiksdoel\n"
        "0599200000000777;Nieuwstraat;7;4321XZ;Verstopdorp;2;winkelfunctie\n"
    )
    form = {"typed": typed, "reason": "De nieuwbouw was vergeten."}
    look = office.post(f"{of}/brieven/toevoegen", form).text
    assert "Nieuwstraat 7, 4321 XZ Verstopdorp" in look
    assert "2 brieven" in look
    made = office.post(f"{of}/brieven/toevoegen", {**form, "sure": "yes"}).location
    assert "Nieuwstraat 7" in colleague.get(made).text
    colleague.post(made, {"do": "confirm"})
    assert changed(place, draft) == 1
    assert "Toegevoegde brieven: 13, 14" in colleague.get(of).text
    assert "Brief 14" in colleague.get(f"{of}/brieven?q=Nieuwstraat").text
    entry = draft.roll[0].id
    form = {"letters": "2", "reason": "Er wonen twee gezinnen."}
    assert "Brieven erbij" in office.post(f"{of}/brieven/erbij/{entry}", form).text
    made = office.post(f"{of}/brieven/erbij/{entry}", {**form, "sure": "yes"}).location
    colleague.post(made, {"do": "confirm"})
    assert changed(place, draft) == 2
    assert office.get(f"{of}/brieven/erbij/99999").status_code == 404
    public = place.anonymous().get(f"/raadplegingen/{draft.id}").text
    assert public.count("2 brieven zijn toegevoegd.") == 2
    assert "Nieuwstraat" not in public


def test_the_new_last_day_is_shown_everywhere(place: Place) -> None:
    draft, used, of = begin(place)
    place.printed(draft)
    office, colleague = place.browser("gemeente"), place.browser("collega")
    form = {"last_day": "2026-06-14", "reason": "De post was laat."}
    assert "tot en met zondag 14 juni 2026" in office.post(f"{of}/brieven/verlengen", form).text
    made = office.post(f"{of}/brieven/verlengen", {**form, "sure": "yes"}).location
    old, new = "woensdag 10 juni 2026", "zondag 14 juni 2026"
    anonymous = place.anonymous()
    pages: dict[str, Callable[[], str]] = {
        "public": lambda: anonymous.get(f"/raadplegingen/{draft.id}").text,
        "wijk": lambda: anonymous.get("/wijk/noord").text,
        "booth": lambda: anonymous.bare("/s", {"code": used[0]}).text,
        "office": lambda: office.get("/kantoor").text,
    }
    for page in pages.values():
        assert old in page()
    colleague.post(made, {"do": "confirm"})
    for name, page in pages.items():
        text = re.sub(r"(?s)<ol class=\"told\">.*?</ol>", "", page())
        assert (old in text, new in text) == (False, True), name
    assert "Verleng de stemming" not in office.get(f"{of}/brieven").text
    assert "15 juni 2026, 00.15" in office.get(of).text


def test_contested_letters_warn_where_they_could_change_the_outcome(place: Place) -> None:
    draft, used, of = begin(place)
    place.printed(draft)
    place.vote(used, {"voor": 6, "tegen": 4})
    office = place.browser("gemeente")
    assert "Het adres zegt: wij stemden niet" in office.get(f"{of}/brieven?q=1").text
    form = {"serials": "1", "reason": "Bewoner was op vakantie.", "sure": "yes"}
    assert office.post(f"{of}/brieven/betwist", form).status_code == 303
    place.later(days=20)
    place.tick()
    office = place.browser("gemeente")
    public = f"/raadplegingen/{draft.id}"
    told = place.anonymous().get(public).text
    assert "Bij 1 gebruikte brief zegt het adres dat het niet stemde." in told
    assert "Dat kan gevolgen hebben voor de uitslag." in told  # 5 to 5 is no majority
    for page in ("vervangen", "ongeldig", "verlengen", "toevoegen", "stoppen"):
        assert office.get(f"{of}/brieven/{page}").location == f"{of}/brieven"
    assert (
        office.post(f"{of}/brieven/betwist", {**form, "serials": "2"}).status_code == 303
    )  # also afterwards
    assert "Bij 2 gebruikte brieven" in place.anonymous().get(public).text
    wide, used, _ = begin(place)
    place.vote(used, {"voor": 9, "tegen": 2})
    changes.contest(place.session, place.vault, wide, [1], "Niet gestemd.", ACTOR, place.now)
    place.later(days=20)
    place.tick()
    assert "Dat kan de uitslag niet veranderen." in place.anonymous().get(f"/raadplegingen/{wide.id}").text


def test_every_kind_of_record_in_words(place: Place) -> None:
    draft, used, _ = begin(place)
    place.vote(used, {"voor": 1})
    changes.contest(place.session, place.vault, draft, [1], "Een.", ACTOR, place.now)
    changes.void(place.session, place.vault, draft, [12], "Twee.", ACTOR, place.now)
    changes.replace(place.session, place.vault, draft, [11], "Drie.", ACTOR, place.now)
    for kind, facts in (
        ("add", {"known": [[draft.roll[0].id, 1]], "new": []}),
        ("lengthen", {"last_day": "2026-06-14"}),
        ("restored", {}),
        ("restart", {}),
    ):
        more = {"note": put_back(place, draft, 1)} if kind == "restored" else facts
        place.confirm(place.propose(draft, kind, **more))
    with place.app.app_context(), place.app.test_request_context():
        told = board_words.told(place.session, place.poll(draft))
    assert [each.what for each in told] == [
        "Met 1 brief is gestemd, maar het adres zegt dat het niet stemde.",
        "1 brief is ongeldig gemaakt.",
        "1 brief is vervangen door een nieuwe.",
        "1 brief is toegevoegd.",
        "De stemming is verlengd: tot en met zondag 14 juni 2026.",
        "Er is een reservekopie teruggezet. Daarin ontbrak 1 gebruikte brief.",
        "De stemming is gestopt en begint opnieuw.",
    ]
    assert [each.people for each in told] == [1, 1, 1, 2, 2, 2, 2]
    public = place.anonymous().get(f"/raadplegingen/{draft.id}").text
    assert "1 brief is toegevoegd." in public
    assert "door twee mensen besloten" in public


def test_search(place: Place) -> None:
    of = begin(place)[2]
    office = place.browser("gemeente")
    assert "0 brieven gevonden." in office.get(f"{of}/brieven?q=Nergensstraat").text
    assert "0 brieven gevonden." in office.get(f"{of}/brieven?q=99").text
    assert "4 brieven gevonden." in office.get(f"{of}/brieven?q=4321XY+90").text
    assert "Brief 12" in office.get(f"{of}/brieven?q=12").text
    assert office.get(f"{of}/brieven?q=%00%25'").status_code == 200
    assert office.get(f"{of}/brieven?q={'9' * 30}").status_code == 200


def test_a_draft_and_another_town(place: Place) -> None:
    draft, _, of = begin(place)
    made = place.propose(draft, "withdraw")
    empty = place.draft(place.plan())
    office, stranger = place.browser("gemeente"), place.browser("elders")
    assert office.get(f"/kantoor/raadplegingen/{empty.id}/brieven").status_code == 404
    other = begin(place)[2]
    assert office.get(f"{other}/brieven/voorstel/{made.id}").status_code == 404
    for page in ("", "/vervangen", f"/voorstel/{made.id}"):
        assert stranger.get(f"{of}/brieven{page}").status_code == 404
    token = re.findall(
        r'name="csrf_token"[^>]*value="([^"]+)"', stranger.get("/kantoor/buurtstemmingen/nieuw").text
    )
    answer = stranger.bare(f"{of}/brieven/voorstel/{made.id}", {"csrf_token": token[0], "do": "confirm"})
    assert answer.status_code == 404
    assert changed(place, draft) == 0
    for role in ("regiegroep", "beheerder"):
        assert place.browser(role).get(f"{of}/brieven/voorstel/{made.id}").status_code == 403
