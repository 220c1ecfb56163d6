"""Handing in a plan behind a private link: page by page, with every mistake and its sentence; following it; telling."""

import re
from dataclasses import dataclass
from html import unescape
from io import BytesIO
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader
from werkzeug.test import TestResponse

from consult import initiatives, photos, plan_drafts, stories
from consult.lifecycle import Verdict
from consult.models import Initiative, Photo, PlanLink
from tests.consult.conftest import ACTOR, SITE, Browser, Place
from tests.consult.test_photos import JPEG, REFUSED, file, picture
from tests.consult.test_public_pages import sane

HOSTILE = '<script>alert("x")</script>&amp;<b>'
FIRST = {"title": "Bankjes in de zon", "what": "Twee bankjes bij de bushalte."}
ANSWERS: dict[str, dict[str, str]] = {
    "plan": FIRST,
    "voor-wie": {"for_whom": "Oudere buren"},
    "waar": {"wijk": "noord", "place": "Lindelaan"},
    "geld": {"amount": "1.250,50", "upkeep": "De buren samen"},
    "foto": {},
    "over-u": {"initiator": "Noor van Houten", "email": "noor@voorbeeld.example"},
}


@dataclass
class Writer:
    """Somebody at their private link."""

    place: Place
    browser: Browser
    path: str  # of the link

    def get(self, rest: str = "") -> TestResponse:
        answer = self.browser.get(self.path + rest)
        assert "Set-Cookie" not in answer.headers
        sane(answer.text)
        return answer

    def post(self, rest: str, data: dict[str, Any] | None = None) -> TestResponse:
        answer = self.browser.bare(self.path + rest, data or {})
        answer.request.environ["wsgi.input"].close()  # a large upload lies in a file
        assert "Set-Cookie" not in answer.headers
        return answer

    def step(self, step: str, **changed: Any) -> TestResponse:
        return self.post(f"/stap/{step}", {**ANSWERS[step], **changed})

    def all(self, **more: Any) -> None:
        for step in ANSWERS:
            assert self.step(step, **(more if step == "foto" else {})).status_code == 303, step

    @property
    def plan(self) -> Initiative:
        return self.place.session.query(Initiative).one()


@pytest.fixture
def writer(place: Place) -> Writer:
    return begun(place)


def begun(place: Place, path: str = "/plannen/nieuw") -> Writer:
    browser = place.anonymous()
    answer = browser.bare(path, FIRST)
    assert answer.status_code == 303
    found = re.match(r"(/mijn-plan/[\w-]{22})/stap/voor-wie\?nieuw=1$", answer.location)
    assert found
    return Writer(place, browser, found[1])


def read_qr(pdf: bytes) -> str:
    """Return what the QR code on the first page says, as a camera sees it."""
    document = pypdfium2.PdfDocument(pdf)
    bitmap = document[0].render(scale=3, grayscale=True)
    grey = memoryview(bytes(bitmap.buffer)).cast("B", (bitmap.height, bitmap.stride))
    (found,) = zxingcpp.read_barcodes(grey)
    said: str = found.text
    bitmap.close()
    document.close()
    return said


def sent(data: bytes = JPEG, name: str = "foto.jpg", alt: str = "Een leeg grasveld") -> dict[str, Any]:
    return {"photo": (BytesIO(data), name), "alt": alt}


def summary(page: TestResponse) -> str:
    (found,) = re.findall(r'<div class="error-summary".*?</div>', page.text, re.S)
    return unescape(found)


def test_looking_keeps_nothing(place: Place) -> None:
    before = place.dump()
    page = place.anonymous().get("/plannen/nieuw?wijk=zuid")
    assert page.status_code == 200
    assert "30 dagen" in page.text
    for nothing in ({}, {"title": " ", "what": "\n"}):
        page = place.anonymous().bare("/plannen/nieuw", nothing)
        assert page.status_code == 422
        assert "Geef uw plan een naam." in summary(page)
        assert "Vertel wat u wilt doen." in summary(page)
    assert place.dump() == before


def test_the_whole_way(writer: Writer) -> None:
    first = writer.get("/stap/voor-wie?nieuw=1").text
    assert f"https://stem.voorbeeldstad.nl{writer.path}" in first
    for step, following in zip(ANSWERS, [*list(ANSWERS)[1:], None], strict=True):
        page = writer.get(f"/stap/{step}")
        assert page.status_code == 200
        assert len(re.findall("<h1", page.text)) == 1
        answer = writer.step(step, **(sent() if step == "foto" else {}))
        assert answer.location == (f"{writer.path}/stap/{following}" if following else writer.path)
    checked = writer.get().text
    for said in ("Bankjes in de zon", "€ 1.250,50", "Noord", "De buren samen", "noor@voorbeeld.example"):
        assert said in checked
    assert writer.place.session.query(Initiative).count() == 0
    answer = writer.post("/indienen")
    assert answer.status_code == 303
    assert writer.post("/indienen").status_code == 303  # a double tap
    plan = writer.plan
    assert (plan.asked, plan.title, plan.wijk.name, plan.upkeep) == (
        1_250_50,
        "Bankjes in de zon",
        "Noord",
        "De buren samen",
    )
    followed = writer.get(answer.location.removeprefix(writer.path)).text
    assert "Uw plan is ingediend" in followed
    assert "De regiegroep" in followed
    public = writer.browser.get(f"/plannen/{plan.id}").text
    assert plan.photo
    assert f"/foto/{plan.photo.name}-groot.jpg" in public
    assert 'alt="Een leeg grasveld"' in public
    assert writer.path not in public
    assert "van Houten" not in public


WRONG: list[tuple[str, dict[str, str], str, str]] = [
    ("plan", {"title": ""}, "title", "Geef uw plan een naam."),
    ("plan", {"title": "x"}, "title", "Gebruik minstens 3 en hoogstens 80 tekens."),
    ("plan", {"title": "x" * 81}, "title", "Gebruik minstens 3 en hoogstens 80 tekens."),
    ("plan", {"what": ""}, "what", "Vertel wat u wilt doen."),
    ("plan", {"what": "kort"}, "what", "Gebruik minstens 10 en hoogstens 4000 tekens."),
    ("plan", {"what": "x" * 4001}, "what", "Gebruik minstens 10 en hoogstens 4000 tekens."),
    ("voor-wie", {"for_whom": ""}, "for_whom", "Vertel voor wie het is."),
    ("voor-wie", {"for_whom": "  \n "}, "for_whom", "Vertel voor wie het is."),
    ("waar", {"wijk": ""}, "wijk", "Kies een wijk."),
    ("waar", {"wijk": "buiten"}, "wijk", "Kies een wijk uit de lijst."),
    ("waar", {"wijk": "nergens"}, "wijk", "Kies een wijk uit de lijst."),
    ("waar", {"place": ""}, "place", "Vertel waar het komt."),
    ("geld", {"amount": ""}, "amount", "Vul in hoeveel geld u vraagt."),
    *(
        ("geld", {"amount": amount}, "amount", "")
        for amount in ("veel", "-5", "1.5", "10,000", "1e3", "9999999999999", "١٢٣")
    ),
    ("geld", {"amount": "0"}, "amount", "Vul een bedrag in dat groter is dan nul."),
    ("geld", {"amount": "1000000,01"}, "amount", "Vul een bedrag in van hoogstens € 1.000.000."),
    ("geld", {"upkeep": ""}, "upkeep", "Vertel wie het onderhoud betaalt."),
    ("over-u", {"initiator": ""}, "initiator", "Vul uw naam in."),
    ("over-u", {"email": ""}, "email", "Vul uw e-mailadres in."),
    *(
        ("over-u", {"email": email}, "email", "Dit is geen e-mailadres.")
        for email in ("noor@huis", "a b@c.nl", "noor.nl", "@huis.nl", "noor@@huis.nl", "noor@.nl")
    ),
]


@pytest.mark.parametrize(("step", "changed", "field", "sentence"), WRONG)
def test_a_mistake_is_pointed_out_and_nothing_typed_is_lost(
    writer: Writer, step: str, changed: dict[str, str], field: str, sentence: str
) -> None:
    page = writer.step(step, **changed)
    assert page.status_code == 422
    assert f'href="#{field}"' in summary(page)
    assert sentence in summary(page)
    assert f'id="{field}"' in page.text
    assert "Fout:" in page.text
    sane(page.text)
    for english in ("This field", "Field must", "Not a valid", "characters long"):
        assert english not in page.text
    for name, value in {**ANSWERS[step], **changed}.items():
        if name != "wijk" and value.strip():
            assert value in unescape(page.text)
            later = writer.get(f"/stap/{step}")  # the telephone died, and the link was kept
            assert value in unescape(later.text)
    for other in ANSWERS:
        if other != step:
            writer.step(other)
    checked = writer.post("/indienen")
    assert checked.status_code == 422
    assert f"/stap/{step}?fout=1&terug=1#{field}" in summary(checked)
    assert sentence in summary(checked)
    again = writer.get(f"/stap/{step}?fout=1&terug=1")
    assert f'href="#{field}"' in summary(again)
    assert writer.place.session.query(Initiative).count() == 0


def test_the_first_page_keeps_what_is_half_right(place: Place) -> None:
    browser = place.anonymous()
    answer = browser.bare("/plannen/nieuw", {"title": "Bankjes", "what": ""})
    page = browser.get(answer.location)
    assert "Vertel wat u wilt doen." in summary(page)
    assert 'value="Bankjes"' in page.text


@pytest.mark.both
def test_bytes_that_a_database_cannot_hold_are_no_error(place: Place) -> None:
    browser = place.anonymous()
    answer = browser.bare("/plannen/nieuw", {"title": "Bank\0jes", "what": FIRST["what"], "wijk": "no\0ord"})
    assert answer.status_code == 303
    writer = Writer(place, browser, answer.location.partition("/stap")[0])
    for step, answers in ANSWERS.items():
        more = {name: value if name == "wijk" else f"{value}\0" for name, value in answers.items()}
        writer.step(step, **more, **(sent(alt="Een\0 veld") if step == "foto" else {}))
    assert writer.post("/indienen").status_code == 303
    assert writer.plan.title == "Bankjes in de zon"
    assert writer.plan.photo
    assert writer.plan.photo.alt == "Een veld"


def test_a_wijk_that_was_pointed_at(place: Place) -> None:
    browser = place.anonymous()
    assert 'name="wijk" value="zuid"' in browser.get("/plannen/nieuw?wijk=zuid").text
    answer = browser.bare("/plannen/nieuw", {**FIRST, "wijk": "zuid"})
    path = answer.location.partition("/stap")[0]
    assert re.search(r'<option selected value="zuid"', browser.get(f"{path}/stap/waar").text)


def test_changing_an_answer_leads_back_to_the_check(writer: Writer) -> None:
    writer.all()
    assert "/stap/geld?terug=1" in unescape(writer.get().text)
    page = writer.get("/stap/geld?terug=1").text
    assert 'name="terug"' in page
    assert "Terug naar uw antwoorden" in page
    answer = writer.step("geld", amount="900", terug="1")
    assert answer.location == writer.path
    assert "€ 900" in writer.get().text


def test_going_back_shows_what_was_typed(writer: Writer) -> None:
    writer.step("voor-wie")
    page = writer.get("/stap/waar").text
    assert f'href="{writer.path}/stap/voor-wie"' in page
    assert "Oudere buren" in writer.get("/stap/voor-wie").text


@pytest.mark.parametrize("name", REFUSED)
def test_a_photo_that_is_refused(writer: Writer, name: str) -> None:
    data, refusal = REFUSED[name]
    if not data:
        return  # an empty file is no file
    page = writer.step("foto", **sent(data, "foto.jpg", "Een bankje"))
    assert page.status_code == 422
    said = str(refusal(least=200) if "%(" in refusal.text else refusal())
    assert said in summary(page)
    assert 'href="#photo"' in summary(page)
    assert 'value="Een bankje"' in page.text
    assert writer.place.session.query(Photo).count() == 0


def test_a_photo_needs_words(writer: Writer) -> None:
    page = writer.step("foto", **sent(alt=""))
    assert page.status_code == 422
    assert "Schrijf in één zin wat er op de foto te zien is." in summary(page)
    assert writer.place.session.query(Photo).count() == 1  # the photo itself is not lost
    for step in ANSWERS:
        if step != "foto":
            writer.step(step)
    assert writer.post("/indienen").status_code == 422
    assert writer.post("/stap/foto", {"alt": "Een bankje"}).status_code == 303
    assert writer.post("/indienen").status_code == 303


def test_a_photo_is_replaced_and_taken_away(writer: Writer) -> None:
    writer.step("foto", **sent())
    writer.step("foto", **sent(file(picture(), "PNG"), "b.png", "Iets anders"))
    (kept,) = writer.place.session.query(Photo).all()
    assert kept.alt == "Iets anders"
    assert "Haal de foto weg" in writer.get("/stap/foto").text
    answer = writer.post("/stap/foto", {"weg": "1", "alt": "Iets anders"})
    assert answer.location.endswith("/stap/foto")
    assert writer.place.session.query(Photo).count() == 0
    assert "Iets anders" not in writer.get("/stap/foto").text


def test_how_a_photo_goes_out(writer: Writer) -> None:
    writer.all(**sent(file(picture(3000, 2000))))
    writer.post("/indienen")
    photo = writer.plan.photo
    assert photo
    for size, width in (("groot", 1600), ("klein", 640)):
        answer = writer.browser.get(f"/foto/{photo.name}-{size}.jpg")
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
        assert "Set-Cookie" not in answer.headers
        assert Image.open(BytesIO(answer.data)).width == width
    for path in (f"/foto/{photo.name}-mega.jpg", f"/foto/{'0' * 32}-groot.jpg"):
        assert writer.browser.get(path).status_code == 404
    initiatives.hide(writer.place.session, writer.plan, "Iemand staat erop.", ACTOR, writer.place.now)
    assert writer.browser.get(f"/foto/{photo.name}-groot.jpg").status_code == 404
    office = writer.place.browser("gemeente")
    path = f"/kantoor/plannen/{writer.plan.id}/foto/{photo.name}-groot.jpg"
    assert office.get(path).status_code == 200
    assert writer.place.browser("elders").get(path).status_code == 404
    assert path in office.get(f"/kantoor/plannen/{writer.plan.id}").text


def test_what_people_write_is_shown_as_text(place: Place) -> None:
    writer = begun(place)
    for step, answers in ANSWERS.items():
        texts = {name: HOSTILE for name in answers if name not in ("wijk", "amount", "email")}
        writer.step(step, **texts, **(sent(alt=HOSTILE) if step == "foto" else {}))
    pages = [writer.get(f"/stap/{step}").text for step in ANSWERS] + [writer.get().text]
    assert writer.post("/indienen").status_code == 303
    id = writer.plan.id
    office, group = place.browser("gemeente"), place.browser("regiegroep")
    pages += [writer.get(path).text for path in ("", "/campagne", "/weg")]
    pages += [writer.browser.get(path).text for path in ("/", "/wijk/noord", f"/plannen/{id}")]
    pages += [office.get(path).text for path in ("/kantoor", f"/kantoor/plannen/{id}")]
    pages += [group.get(path).text for path in ("/regiegroep", f"/regiegroep/plannen/{id}")]
    for page in pages:
        assert "<script>alert" not in page
    assert sum("&lt;script&gt;alert(" in page for page in pages) > 10


@pytest.mark.parametrize("path", ["/mijn-plan/onzin", "/mijn-plan/onzin/stap/plan", "/mijn-plan/a/campagne"])
def test_a_link_that_does_not_work_says_what_to_do(place: Place, path: str) -> None:
    page = place.anonymous().get(path)
    assert page.status_code == 404
    assert "Deze link werkt niet" in page.text
    assert "30 dagen" in page.text


def test_another_towns_address_does_not_open_it(writer: Writer) -> None:
    page = writer.browser.client.get(writer.path, base_url="https://stem.elders.nl")
    assert page.status_code == 404


def test_looking_changes_nothing(writer: Writer) -> None:
    def look() -> None:
        before = writer.place.dump()
        for rest in (
            "",
            "/weg",
            "/campagne",
            "/a4.pdf",
            "/resultaat",
            *(f"/stap/{step}" for step in ANSWERS),
        ):
            writer.browser.get(writer.path + rest)
            writer.browser.client.head(writer.path + rest, base_url=SITE)
        assert writer.place.dump() == before

    look()
    writer.all()
    writer.post("/indienen")
    look()


def test_thrown_away(writer: Writer) -> None:
    assert "Alles weggooien?" in writer.get("/weg").text
    assert "Wij bewaren niets meer" in writer.post("/weg").text
    assert writer.place.session.query(PlanLink).count() == 0
    assert writer.browser.get(writer.path).status_code == 404


def test_changed_and_withdrawn(writer: Writer) -> None:
    writer.all(**sent())
    writer.post("/indienen")
    assert "Verander uw plan" in writer.get().text
    assert writer.get("/stap/plan").status_code == 303
    writer.post("/wijzigen")
    page = writer.get().text
    assert "Bewaar de wijzigingen" in page
    assert "Een leeg grasveld" in page
    writer.step("plan", title="Drie bankjes")
    assert "Drie bankjes" not in writer.browser.get("/").text
    answer = writer.post("/indienen")
    assert answer.location.endswith("?veranderd=1")
    assert "Drie bankjes" in writer.browser.get("/").text
    assert writer.plan.photo
    writer.post("/wijzigen")
    writer.step("plan", title="Vier bankjes")
    assert "Wijzigingen weggooien?" in writer.get("/weg").text
    writer.post("/weg")
    assert writer.plan.title == "Drie bankjes"
    assert "Plan intrekken?" in writer.get("/weg").text
    assert writer.post("/weg").status_code == 303
    assert "ingetrokken" in writer.get().text
    assert "Drie bankjes" not in writer.browser.get("/").text
    assert writer.browser.get(f"/plannen/{writer.plan.id}").status_code == 404
    office = writer.place.browser("gemeente").get(f"/kantoor/plannen/{writer.plan.id}").text
    assert "De initiatiefnemer trok dit plan in." in office
    assert "Zet het plan terug" not in office


def test_not_changed_once_it_was_taken_up(writer: Writer) -> None:
    writer.all()
    writer.post("/indienen")
    writer.place.decide(writer.plan, Verdict.DEFER, reasons="Eerst een offerte.")
    page = writer.get().text
    assert "Verander uw plan" not in page
    assert "Trek uw plan in" not in page
    assert "Eerst een offerte." in writer.browser.get(f"/plannen/{writer.plan.id}").text
    assert writer.get("/weg").status_code == 409
    for verb, said in (("/wijzigen", "al in behandeling"), ("/weg", "Daarom blijft het te zien.")):
        answer = writer.post(verb)
        assert answer.status_code == 409
        assert said in answer.text


def test_after_a_no_one_begins_again(writer: Writer) -> None:
    writer.all(**sent())
    writer.post("/indienen")
    writer.place.decide(writer.plan, Verdict.REJECT, reasons="Er ligt een kabel.")
    page = writer.get().text
    assert "Wat woog zwaar?" in page
    assert "Er ligt een kabel." in page
    answer = writer.post("/opnieuw")
    assert answer.location != writer.path
    anew = Writer(writer.place, writer.browser, answer.location)
    page = anew.get().text
    assert "Bankjes in de zon" in page
    assert "Een leeg grasveld" in page
    anew.post("/indienen")
    assert writer.place.session.query(Initiative).count() == 2


def test_where_it_stands_all_the_way(place: Place) -> None:
    plan = place.plan()
    token = plan_drafts.begin(place.session, place.town(), {}, place.now, plan)
    writer = Writer(place, place.anonymous(), f"/mijn-plan/{token}")

    def who() -> tuple[str, bool, bool]:
        page = unescape(writer.get().text)
        found = re.search(r'class="turn"><strong>(.*?)<', page)
        assert found
        public = re.search(r'class="turn"><strong>(.*?)<', place.anonymous().get(f"/plannen/{plan.id}").text)
        assert public
        assert public[1] == found[1].replace("U", "De initiatiefnemer")
        return found[1], "Verwacht: voor" in page, "langer dan wij" in page

    seen = [who()]
    place.later(weeks=7)
    seen.append(who())
    draft = place.draft(plan, days=(1, 2))
    used = place.freeze(draft)
    place.printed(draft)
    seen.append(who())
    page = writer.get("/campagne").text
    assert "Stemmen kan vanaf" in page
    assert draft.first_day
    place.later(days=1)
    seen.append(who())
    place.vote(used, {"voor": 7, "tegen": 3})
    place.later(days=2)
    seen.append(who())
    place.tick()
    seen.append(who())
    place.award(plan, 20_000_00)
    seen.append(who())
    place.grant(plan, 20_000_00)
    seen.append(who())
    place.redeem(place.issue(plan))
    seen.append(who())
    assert seen == [
        ("De gemeente", True, False),
        ("De gemeente", False, True),
        ("De bewoners", False, False),
        ("De bewoners", False, False),
        ("De gemeente", True, False),
        ("De regiegroep", True, False),
        ("De gemeente", True, False),
        ("De gemeente", True, False),
        ("U", False, False),
    ]


def test_the_poster_leads_to_the_plan_and_nowhere_else(writer: Writer) -> None:
    writer.all(**sent())
    writer.post("/indienen")
    plan = writer.plan
    for paper, width in (("a4", 210), ("a5", 148)):
        answer = writer.browser.get(f"{writer.path}/{paper}.pdf")
        assert answer.mimetype == "application/pdf"
        assert "Set-Cookie" not in answer.headers
        (page,) = PdfReader(BytesIO(answer.data)).pages
        assert abs(float(page.mediabox.width) / 72 * 25.4 - width) < 0.5
        text = page.extract_text()
        for said in ("Bankjes in de zon", "Lindelaan", "Noord"):
            assert said in text
        assert "Noor van Houten" not in text
        assert writer.path.rpartition("/")[2] not in text
        assert read_qr(answer.data) == f"https://stem.voorbeeldstad.nl/plannen/{plan.id}"
    assert writer.browser.get(f"{writer.path}/a3.pdf").status_code == 404
    kit = unescape(writer.get("/campagne").text)
    assert "Over dit plan wordt niet gestemd" in kit
    assert f"https://stem.voorbeeldstad.nl/plannen/{plan.id}" in kit
    assert writer.path.rpartition("/")[2] not in re.sub(r'(?:href|action)="[^"]*"', "", kit)


@pytest.mark.parametrize("what", ["Een heel lang woord. " * 190, "a\n\nbb\n" * 600])
def test_the_longest_plan_fits_on_one_page(place: Place, what: str) -> None:
    plan = place.plan(
        title="Langestraat " * 6 + "12345678",
        what=what,
        for_whom="buren " * 160,
        place="aan de kade " * 10,
    )
    token = plan_drafts.begin(place.session, place.town(), {}, place.now, plan)
    link = plan_drafts.find(place.session, place.town(), token)
    assert link
    for with_photo in (False, True):
        if with_photo:
            place.session.add(plan_drafts.photo(photos.made(JPEG), "Een veld", initiative=plan))
            place.session.commit()
        for paper in ("a4", "a5"):
            answer = place.anonymous().get(f"/mijn-plan/{token}/{paper}.pdf")
            assert len(PdfReader(BytesIO(answer.data)).pages) == 1


# What came of it


@pytest.fixture
def paid(writer: Writer) -> Writer:
    writer.all()
    writer.post("/indienen")
    writer.place.award(writer.plan, 1_250_50)
    writer.place.grant(writer.plan, 1_250_50)
    return writer


TOLD = "De bankjes staan er. Elke middag zit er iemand."


def test_told_looked_at_and_shown_to_everybody(paid: Writer) -> None:
    place = paid.place
    assert "Laat zien wat ervan kwam" in paid.get().text
    answer = paid.post("/resultaat", {"text": TOLD, "foto": "1", **sent(alt="Twee bankjes")})
    assert answer.status_code == 303
    assert paid.post("/resultaat", {"text": TOLD, "sturen": "1"}).status_code == 303
    assert "De gemeente kijkt ernaar" in paid.get("/resultaat").text
    home = ("/", "/wijk/noord", f"/plannen/{paid.plan.id}")
    assert not any(TOLD in paid.browser.get(path).text for path in home)
    office = place.browser("gemeente")
    assert "Kijk of het op de website mag." in office.get("/kantoor").text
    path = f"/kantoor/plannen/{paid.plan.id}"
    page = office.get(path).text
    assert TOLD in page
    story = paid.plan.stories[0].id
    assert place.browser("elders").bare(f"{path}/verhaal/{story}/tonen").status_code in (302, 303, 400, 404)
    office.post(f"{path}/verhaal/{story}/tonen", form=path)
    for each in home:
        page = paid.browser.get(each).text
        assert TOLD in page, each
        assert 'alt="Twee bankjes"' in page, each
    office.post(f"{path}/verhaal/{story}/terug", {"reason": "Iemand wil niet op de foto."}, form=path)
    assert not any(TOLD in paid.browser.get(each).text for each in home)
    assert "Iemand wil niet op de foto." in paid.get("/resultaat").text
    assert TOLD in paid.get("/resultaat").text


def test_a_reason_is_needed_to_send_it_back(paid: Writer) -> None:
    stories.write(paid.place.session, paid.plan, TOLD, paid.place.now)
    stories.send(paid.place.session, paid.plan, paid.place.now)
    office, path = paid.place.browser("gemeente"), f"/kantoor/plannen/{paid.plan.id}"
    answer = office.post(f"{path}/verhaal/{paid.plan.stories[0].id}/terug", {"reason": " "}, form=path)
    assert answer.status_code == 303
    assert "waarom" in office.get(path).text
    assert paid.plan.stories[0].waits


@pytest.mark.parametrize(
    ("data", "field", "sentence"),
    [
        ({"text": "", "sturen": "1"}, "text", "Vertel in minstens 20"),
        ({"text": "kort", "sturen": "1"}, "text", "Vertel in minstens 20"),
        ({"text": "x" * 2001, "sturen": "1"}, "text", "hoogstens 2000 tekens"),
        ({"text": TOLD, "foto": "1"}, "photo", "Kies eerst een foto."),
        ({"text": TOLD, "foto": "1", **sent(alt=" ")}, "alt", "Schrijf bij de foto in één zin"),
        ({"text": TOLD, "foto": "1", **sent(b"geen foto")}, "photo", "geen foto die wij kunnen lezen"),
    ],
)
def test_a_mistake_in_what_came_of_it(paid: Writer, data: dict[str, Any], field: str, sentence: str) -> None:
    data = {
        name: (BytesIO(each[0].getvalue()), each[1]) if name == "photo" else each
        for name, each in data.items()
    }
    page = paid.post("/resultaat", data)
    assert page.status_code == 422
    assert f'href="#{field}"' in summary(page)
    assert sentence in summary(page)
    assert str(data["text"]) in page.text
    assert str(data["text"]) in paid.get("/resultaat").text
    sane(page.text)


def test_a_photo_of_it_is_taken_away(paid: Writer) -> None:
    paid.post("/resultaat", {"text": TOLD, "foto": "1", **sent()})
    (kept,) = paid.plan.stories[0].photos
    paid.post("/resultaat", {"text": TOLD + " Ja.", "weg": kept.name})
    assert paid.place.session.query(Photo).count() == 0
    assert TOLD + " Ja." in paid.get("/resultaat").text


def test_too_early_to_tell(writer: Writer) -> None:
    assert writer.browser.get(writer.path + "/resultaat").status_code == 404
    writer.all()
    writer.post("/indienen")
    page = writer.browser.get(writer.path + "/resultaat")
    assert page.status_code == 409
    assert "Dit kan pas als de gemeente geld" in page.text


def test_the_office_helps(writer: Writer) -> None:
    writer.all(**sent())
    writer.post("/indienen")
    office, path = writer.place.browser("gemeente"), f"/kantoor/plannen/{writer.plan.id}"
    page = office.post(f"{path}/nieuwe-link", form=path)
    found = re.search(r"https://stem\.voorbeeldstad\.nl(/mijn-plan/[\w-]+)", page.text)
    assert found
    assert writer.browser.get(writer.path).status_code == 404
    assert writer.browser.get(found[1]).status_code == 200
    office.post(f"{path}/foto-weg", form=path)
    assert writer.place.session.query(Photo).count() == 0
    assert writer.place.actions(writer.plan)[-2:] == ["renew plan link", "remove photo"]
