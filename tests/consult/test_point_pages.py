"""The pages of points: what a resident, the office and the regiegroep see, and what each may not."""

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

from consult import changes, consultations, initiatives, points
from consult.models import Consultation, SentPoint
from tests.consult.conftest import ACTOR, Place
from tests.consult.test_points import POINTS, asking, gathered, held, send

HOSTILE = '<script>alert("x")</script>'


def sent(place: Place) -> list[str | None]:
    place.look()
    return list(place.session.scalars(select(SentPoint.text).order_by(SentPoint.id)))


def plan_of(draft: Consultation) -> int:
    assert draft.initiative_id is not None
    return draft.initiative_id


# Residents


def test_a_resident_finds_the_field_sends_and_is_thanked(place: Place) -> None:
    draft, resident = asking(place), place.anonymous()
    page = resident.get(f"/plannen/{plan_of(draft)}")
    assert f'href="/punt/{plan_of(draft)}"' in page.text
    assert "maandag 15 juni 2026" in page.text
    answer = resident.post(f"/punt/{plan_of(draft)}", {"text": "Er is geen plek\r\nom te spelen."})
    assert (answer.status_code, answer.location) == (303, f"/punt/{plan_of(draft)}/bedankt")
    thanks = resident.get(answer.location)
    assert "Dank u wel" in thanks.text
    assert sent(place) == ["Er is geen plek om te spelen."]
    for each in (page, answer, thanks):
        assert "Set-Cookie" not in each.headers
    for path in ("/", f"/plannen/{plan_of(draft)}", "/wijk/noord"):
        assert "geen plek" not in resident.get(path).text


def test_the_same_form_twice_is_one_point(place: Place) -> None:
    draft, resident = asking(place), place.anonymous()
    (slip,) = re.findall(r'name="slip" value="([0-9a-f]{32})"', resident.get(f"/punt/{plan_of(draft)}").text)
    for _ in range(2):
        assert resident.bare(f"/punt/{plan_of(draft)}", {"text": "Spelen!", "slip": slip}).status_code == 303
    resident.bare(f"/punt/{plan_of(draft)}", {"text": "Spelen!", "slip": "onzin"})
    resident.bare(f"/punt/{plan_of(draft)}", {"text": "Spelen!"})
    assert sent(place) == ["Spelen!"] * 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Vul dit in."),
        (" \n ", "Schrijf eerst een punt op."),
        ("x" * 281, "Dit zijn 281 tekens. Gebruik er hoogstens 280."),
    ],
)
def test_what_is_wrong_is_said_and_stays_there(place: Place, text: str, said: str) -> None:
    draft = asking(place)
    page = place.anonymous().post(f"/punt/{plan_of(draft)}", {"text": text})
    assert page.status_code == 422
    assert said in page.text
    assert text.strip() in page.text
    assert sent(place) == []


def test_a_full_day_is_said_honestly(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(points, "MOST_A_DAY", 1)
    draft, resident = asking(place), place.anonymous()
    resident.post(f"/punt/{plan_of(draft)}", {"text": "Spelen!"})
    page = resident.post(f"/punt/{plan_of(draft)}", {"text": "Rust!"})
    assert page.status_code == 422
    assert "Vandaag kwamen er al 1 punten binnen." in page.text
    assert "Rust!" in page.text  # nothing typed is lost


def test_no_field_before_after_or_where_nobody_is_to_look(place: Place) -> None:
    plan, resident = place.plan(), place.anonymous()
    assert "U kunt nu geen punt sturen" in resident.get(f"/punt/{plan.id}").text
    draft = asking(place, plan)
    assert "Wat wilt u meegeven?" in resident.get(f"/punt/{plan.id}").text
    initiatives.hide(place.session, plan, "Een belediging.", ACTOR, place.now)
    assert resident.get(f"/punt/{plan.id}").status_code == 404
    initiatives.show(place.session, plan, ACTOR, place.now)
    place.later(days=15)
    page = resident.bare(f"/punt/{plan.id}", {"text": "Te laat"})
    assert "U kunt nu geen punt sturen" in page.text
    assert f'href="/punt/{plan.id}"' not in resident.get(f"/plannen/{plan.id}").text
    assert sent(place) == []
    assert draft.poll_id is None
    for path in ("/punt/999", "/punt/999/bedankt"):
        assert resident.get(path).status_code == 404


# The office and the regiegroep


def test_the_office_asks_and_moves_the_last_day(place: Place) -> None:
    draft, office = place.draft(place.plan(), days=(20, 21)), place.browser("gemeente")
    path = f"/kantoor/raadplegingen/{draft.id}/punten"
    assert 'value="2026-06-15"' in office.get(path).text  # two weeks from now
    wrong = office.post(path, {"last_day": (place.today - timedelta(days=1)).isoformat()})
    assert wrong.status_code == 422
    assert "Kies een dag die nog komt" in wrong.text
    for day in ("2026-06-10", "2026-06-12"):
        assert office.post(path, {"last_day": day}).location == path
        place.look()
        assert str(draft.points_until) == day
    assert "vrijdag 12 juni 2026" in office.get(f"/kantoor/raadplegingen/{draft.id}").text


def test_the_regiegroep_gathers(place: Place) -> None:
    draft = asking(place)
    ids = [send(place, draft, text) for text in (HOSTILE, "Spelen!", "Wat een herrie")]
    group, path = place.browser("regiegroep"), f"/regiegroep/raadplegingen/{draft.id}/punten"
    home = unescape(group.get("/regiegroep").text)
    assert "3 punten van bewoners wachten op een plek." in home
    page = group.get(path).text
    assert HOSTILE not in page
    assert HOSTILE in unescape(page)
    texts = {f"point-{n}": text for n, text in POINTS.items()}
    assert group.post(path, texts).status_code == 303
    twice = group.post(path, {**texts, "point-5": POINTS[1].upper()})
    assert twice.status_code == 422
    assert "Dit punt staat er twee keer" in twice.text
    assert f'value="{POINTS[1].upper()}"' in twice.text
    sort = f"{path}/indelen"
    group.post(sort, {f"sent-{ids[0]}": "person", f"sent-{ids[1]}": "2", f"sent-{ids[2]}": ""}, form=path)
    place.look()
    assert [(each.number, each.aside) for each in draft.sent_points] == [
        (None, "person"),
        (2, ""),
        (None, ""),
    ]
    for nonsense in ("99", "nergens", "-1"):
        group.post(sort, {f"sent-{ids[2]}": nonsense, "sent-x": "2", "sent-999999999999": "1"}, form=path)
    group.post(sort, {f"back-{ids[1]}": "1"}, form=path)
    place.look()
    assert [(each.number, each.aside) for each in draft.sent_points] == [
        (None, "person"),
        (None, ""),
        (None, ""),
    ]


def test_nobody_of_elsewhere_and_nothing_once_it_is_frozen(place: Place) -> None:
    draft = asking(place)
    paths = {
        "zuid": (f"/regiegroep/raadplegingen/{draft.id}/punten", f"/argumenten/{draft.id}"),
        "elders": (f"/kantoor/raadplegingen/{draft.id}/punten", f"/argumenten/{draft.id}"),
    }
    for who, theirs in paths.items():
        browser = place.browser(who)
        assert [browser.get(path).status_code for path in theirs] == [404, 404]
    ballot = place.ballot({})
    office = place.browser("gemeente")
    assert office.get(f"/kantoor/raadplegingen/{ballot.id}/punten").status_code == 404
    gathered(place, draft)
    place.freeze(draft)
    group = place.browser("regiegroep")
    for path in (f"/regiegroep/raadplegingen/{draft.id}/punten", f"/argumenten/{draft.id}"):
        assert group.get(path).location == f"/regiegroep/plannen/{plan_of(draft)}"
    office = place.browser("gemeente")  # a fortnight later
    assert office.get(f"/argumenten/{draft.id}").location == f"/kantoor/raadplegingen/{draft.id}"


def test_who_wrote_reads_and_does_not_sign(place: Place) -> None:
    draft = place.draft(place.plan(), if_no="Dan niet.")
    texts = {"against": "Dit gras blijft beter open. Ja!"}
    consultations.edit(place.session, draft, texts, "gemeente: Samira", place.now)
    path = f"/argumenten/{draft.id}"
    writer, other = place.browser("gemeente"), place.browser("lid")
    page = other.get(path).text
    assert "6 woorden" in page
    assert "U schreef zelf mee" in writer.get(path).text
    token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', writer.get("/kantoor").text)[0]
    forced = writer.bare(path, {"csrf_token": token, "neither": "y"})
    assert forced.status_code == 422
    assert draft.signed_off_by is None
    assert other.post(path).status_code == 422  # nothing was declared
    assert other.post(path, {"neither": "y"}).location == path
    place.look()
    assert draft.signed_off_by == "regiegroep: Ali"
    assert "Door regiegroep: Ali" in other.get(path).text


# What everybody reads


def test_heard_before_and_answered_after(place: Place) -> None:
    plan = place.plan()
    draft = asking(place, plan)
    gathered(place, draft)
    place.freeze(draft)
    page = unescape(place.anonymous().get(f"/raadplegingen/{draft.id}").text)
    assert "Bewoners stuurden 6 punten. De regiegroep voegde die samen tot 4." in page
    assert "1 punt is opzij gelegd: 1× noemt of beledigt iemand." in page
    assert "Zij telt niet mee voor de uitslag" in page
    assert "U kunt er één kiezen. U mag deze vraag ook overslaan." in page
    assert "Deze vraag telt niet mee voor de uitslag." in page
    assert "De mogelijkheid met de meeste stemmen wint" not in page
    assert "Geschreven door een bewoner die tegen is." in page
    assert "Nagekeken door iemand van de gemeente die niet meeschreef." in page


def test_the_decision_page_asks_for_each_answer(place: Place) -> None:
    plan = place.plan()
    draft = held(place, {"p4": 3, "p1": 2, "p2": 1, "p3": 1, "blanco": 2}, plan)
    group, path = place.browser("regiegroep"), f"/regiegroep/plannen/{plan.id}"
    page = group.get(path).text
    assert re.findall(r'name="answer_(p\d)"', page) == [
        "p4",
        "p1",
        "p2",
        "p3",
    ]  # the third and whoever is level
    given = {"verdict": "award", "amount": "24.500", "present": ["Joke"], "answer_p4": "Het groen blijft."}
    wrong = group.post(path, given)
    assert wrong.status_code == 422
    assert wrong.text.count("Schrijf in één zin wat de regiegroep hierop antwoordt.") == 6
    right = group.post(path, {**given, **{f"answer_p{n}": f"Antwoord {n}." for n in (1, 2, 3)}})
    assert right.status_code == 303
    shown = unescape(place.anonymous().get(f"/raadplegingen/{draft.id}").text)
    for said in ("Het groen blijft.", "Antwoord 1.", "Antwoord 3.", "2 stemmers kozen geen punt."):
        assert said in shown
    assert "heeft gewonnen" not in shown
    assert "Het groen blijft." in unescape(group.get(path).text)


def test_contested_letters_are_weighed_for_the_question_about_the_plan_only(place: Place) -> None:
    draft = held(place, {"p1": 3, "p2": 3, "blanco": 4})
    changes.contest(place.session, place.vault, draft, [1], "Niet gestemd.", ACTOR, place.now)
    page = unescape(place.anonymous().get(f"/raadplegingen/{draft.id}").text)
    assert "Dat kan de uitslag niet veranderen." in page
    assert "gevolgen" not in page
