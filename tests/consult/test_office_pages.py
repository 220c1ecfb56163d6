"""The municipality at work: every page in every state, every form with a mistake, and nobody else's business."""

import io
import re
import zipfile
from dataclasses import replace
from typing import Any

import pypdfium2
import pytest
from sqlalchemy import text

from ballots import keys, sealing
from consult import asked, vouchers
from consult.lifecycle import Verdict
from consult.models import Initiative, Voucher
from tests.consult.conftest import KEY, QUORUM, ROLL, TEXTS, Browser, Full, Place
from tests.consult.conftest import RULE as NO_QUORUM

RULE = {
    "first_day": "2026-06-02",
    "last_day": "2026-06-14",
    "lengthen": "7",
    "majority": "absolute",
    "base": "votes",
    "blank_in_majority": "nee",
    "quorum": "turnout",
    "quorum_percent": "15",
    "blank_in_turnout": "ja",
    "missed_quorum": "reasons",
}


def sane(page: str) -> None:
    for wrong in ("Undefined", ">None<", "%(", "{{", "Traceback", "This field", "Not a valid", "must be at"):
        assert wrong not in page, wrong


def paths(full: Full) -> list[str]:
    """Return every page of the office that can be looked at."""
    found = ["/kantoor"]
    for state, id in full.plans.items():
        found.append(f"/kantoor/plannen/{id}")
        if state == "awarded":
            found.append(f"/kantoor/plannen/{id}/beschikking")
    for state, id in full.consultations.items():
        of = f"/kantoor/raadplegingen/{id}"
        found += [of, f"{of}/adressen"]
        if not state.startswith(("draft", "withdrawn, again")):
            found.append(f"{of}/brieven")
        if state != "draft, empty":
            found.append(f"{of}/voorbeeld")
        if state.startswith("draft"):
            found += [f"{of}/vraag", f"{of}/spelregels"]
    for id in full.vouchers.values():
        made = full.place.session.get_one(Voucher, id)
        found.append(f"/kantoor/verzilveren/{vouchers.token(KEY, made)}")
    return found


def test_every_page_in_every_state(full: Full) -> None:
    office = full.browsers["gemeente"]
    for path in paths(full):
        page = office.get(path)
        assert page.status_code == 200, path
        assert len(re.findall(r"<h1", page.text)) == 1, path
        assert "style=" not in page.text, path
        assert not re.search(r"\son\w+=", page.text), path
        sane(page.text)


def test_what_can_no_longer_be_done_leads_back(full: Full) -> None:
    office = full.browsers["gemeente"]
    for state in ("frozen", "open", "due", "closed", "withdrawn"):
        of = f"/kantoor/raadplegingen/{full.consultations[state]}"
        for step in ("vraag", "spelregels"):
            answer = office.get(f"{of}/{step}")
            assert (answer.status_code, answer.location) == (303, of)
    of = f"/kantoor/raadplegingen/{full.consultations['draft, empty']}"
    for step in ("voorbeeld", "voorbeeldbrief.pdf"):
        answer = office.get(f"{of}/{step}")
        assert (answer.status_code, answer.location) == (303, of)
    assert "Dit is nog niet ingevuld" in office.get(of).text
    for state in ("needs", "rejected", "granted"):
        answer = office.get(f"/kantoor/plannen/{full.plans[state]}/beschikking")
        assert (answer.status_code, answer.location) == (303, f"/kantoor/plannen/{full.plans[state]}")


def test_an_empty_town(place: Place) -> None:
    assert "Er is nog niets te doen" in place.browser("gemeente").get("/kantoor").text
    assert "Beheer" in place.browser("beheerder").get("/kantoor").text


@pytest.mark.parametrize(
    "path",
    [
        "/kantoor/plannen/9999",
        "/kantoor/plannen/9999/beschikking",
        "/kantoor/raadplegingen/9999",
        "/kantoor/raadplegingen/9999/vraag",
        "/kantoor/raadplegingen/9999/adressen",
        "/kantoor/raadplegingen/9999/dossier.zip",
        "/kantoor/vouchers/9999.pdf",
        "/kantoor/verzilveren/onzin",
        "/kantoor/plannen/99999999999999999999",
    ],
)
def test_what_is_not_there(full: Full, path: str) -> None:
    assert full.browsers["gemeente"].get(path).status_code == 404


def test_another_town_sees_nothing_and_does_nothing(full: Full) -> None:
    stranger = full.browsers["elders"]
    before = full.place.dump()
    for path in paths(full):
        if path != "/kantoor":
            assert stranger.get(path).status_code == 404, path
    home = stranger.get("/kantoor").text
    assert "Plan " not in home
    plan, consultation = full.plans["granted"], full.consultations["draft"]
    for path in (
        f"/kantoor/plannen/{plan}/voucher",
        f"/kantoor/plannen/{plan}/verbergen",
        f"/kantoor/plannen/{full.plans['awarded']}/beschikking",
        f"/kantoor/raadplegingen/bij-plan/{full.plans['needs']}",
        f"/kantoor/raadplegingen/{consultation}/vraag",
        f"/kantoor/raadplegingen/{consultation}/vastzetten",
        f"/kantoor/raadplegingen/{full.consultations['frozen']}/brieven.pdf",
        f"/kantoor/raadplegingen/{full.consultations['frozen']}/gedrukt",
        f"/kantoor/raadplegingen/{full.consultations['open']}/brieven/stoppen",
        f"/kantoor/raadplegingen/{full.consultations['open']}/brieven/vervangen",
    ):
        token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', home)[0]
        assert stranger.bare(path, {"csrf_token": token, "reason": "Een lange reden."}).status_code == 404, (
            path
        )
    for id in full.vouchers.values():
        assert stranger.get(f"/kantoor/vouchers/{id}.pdf").status_code == 404
    assert full.place.dump() == before


def test_other_roles_are_refused(full: Full) -> None:
    for function in ("regiegroep", "beheerder"):
        for path in paths(full):
            if path != "/kantoor" or function == "regiegroep":
                assert full.browsers[function].get(path).status_code == 403, (function, path)


def test_without_a_token_nothing_happens(full: Full) -> None:
    office, before = full.browsers["gemeente"], full.place.dump()
    draft, frozen = full.consultations["draft"], full.consultations["frozen"]
    for path in (
        f"/kantoor/plannen/{full.plans['granted']}/voucher",
        f"/kantoor/plannen/{full.plans['ready']}/verbergen",
        f"/kantoor/raadplegingen/bij-plan/{full.plans['needs']}",
        f"/kantoor/raadplegingen/{draft}/vraag",
        f"/kantoor/raadplegingen/{draft}/vastzetten",
        f"/kantoor/raadplegingen/{frozen}/gedrukt",
        f"/kantoor/raadplegingen/{frozen}/brieven.pdf",
        f"/kantoor/raadplegingen/{frozen}/brieven/stoppen",
        f"/kantoor/raadplegingen/{frozen}/brieven/ongeldig",
        f"/kantoor/plannen/{full.plans['awarded']}/beschikking",
    ):
        answer = office.bare(path, {**TEXTS, "reason": "Een lange reden."})
        assert answer.status_code == 400, path
        assert "Dit verzoek klopt niet" in answer.text
    assert full.place.dump() == before


# From plan to frozen letters, by hand


def begin(place: Place, asked: int = 24_500_00) -> tuple[Browser, int, str]:
    office, plan = place.browser("gemeente"), place.plan(asked)
    answer = office.post(f"/kantoor/raadplegingen/bij-plan/{plan.id}", form=f"/kantoor/plannen/{plan.id}")
    assert answer.status_code == 303
    return office, plan.id, answer.location.removesuffix("/vraag")


def test_the_wizard_from_start_to_letters(place: Place) -> None:
    office, id, of = begin(place)
    assert office.post(f"{of}/vraag", TEXTS).location == f"{of}/spelregels"
    assert office.post(f"{of}/spelregels", RULE).location == f"{of}/bewaring"
    assert office.post(f"{of}/bewaring", {"custody": "service"}).location == f"{of}/adressen"
    (draft,) = place.session.get_one(Initiative, id).consultations
    assert (draft.blank_in_majority, draft.blank_in_turnout, draft.quorum_percent) == (False, True, 15)
    assert "Dit moet nog" in office.get(of).text  # nobody saw yet whether the arguments are fair
    place.look()
    place.sign(draft)
    assert "Zet de wijkraadpleging vast" not in office.get(of).text  # no addresses yet
    place.roll(draft)
    before = office.get(of).text
    assert "vastzetten kan maar één keer" in before
    assert "Adressen in Verstopdorp, niet in Voorbeeldstad: 9." in before
    assert "weinig brieven" not in before
    shown = office.get(f"{of}/voorbeeld").text
    assert TEXTS["question"] in shown
    assert (
        "PROEF"
        in pypdfium2.PdfDocument(office.get(f"{of}/voorbeeldbrief.pdf").data)[0]
        .get_textpage()
        .get_text_range()
    )
    assert office.post(f"{of}/vastzetten", form=of).location == of
    place.look()
    assert draft.poll_id is not None
    pdf = office.post(f"{of}/brieven.pdf", form=of)
    assert pdf.mimetype == "application/pdf"
    assert len(pypdfium2.PdfDocument(pdf.data)) == 12
    assert office.post(f"{of}/gedrukt", form=of).location == of
    assert "Het drukken is gelukt" not in office.get(of).text


def test_what_is_seldom_meant_is_said_before_freezing(place: Place) -> None:
    office, id, of = begin(place)
    office.post(f"{of}/vraag", TEXTS)
    office.post(f"{of}/spelregels", {**RULE, "first_day": "2026-06-01"})
    office.post(f"{of}/bewaring", {"custody": "service"})
    (draft,) = place.session.get_one(Initiative, id).consultations
    place.sign(draft)
    place.roll(draft, "\n".join(ROLL.splitlines()[:3]).replace("Verstopdorp", "VOORBEELDSTAD"))
    page = office.get(of).text
    assert "Kijk hier nog eens naar" in page
    assert "Er gaan weinig brieven uit: 2." in page
    assert "De eerste dag is vandaag" in page
    assert "Adressen in" not in page


def test_freezing_what_is_not_ready_says_what_is_missing(place: Place) -> None:
    office, _, of = begin(place)
    token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', office.get(f"{of}/vraag").text)[0]
    answer = office.bare(f"{of}/vastzetten", {"csrf_token": token})
    assert (answer.status_code, answer.location) == (303, of)
    page = office.get(of).text
    assert "Dit is nog niet ingevuld: de vraag" in page


LATER = ("in_favour", "against", "against_from")  # arguments may come after the points of residents


def test_arguments_may_come_later(place: Place) -> None:
    office, _, of = begin(place)
    answer = office.post(f"{of}/vraag", {**TEXTS, **dict.fromkeys(LATER, "")})
    assert (answer.status_code, answer.location) == (303, f"{of}/spelregels")
    page = office.get(of).text
    for missing in ("argumenten voor", "argumenten tegen", "wie de argumenten tegen schreef"):
        assert f"<li>{missing}</li>" in page


def test_arguments_that_differ_in_length_are_not_kept(place: Place) -> None:
    office, _, of = begin(place)
    page = office.post(f"{of}/vraag", {**TEXTS, "against": "Het grasveld blijft beter open, voor iedereen."})
    assert page.status_code == 422
    assert "Hier staan 7 woorden, bij voor 5." in page.text
    page = office.post(f"{of}/vraag", {**TEXTS, "in_favour": "woord " * 91, "against": "woord " * 91})
    assert page.text.count("Dit zijn 91 woorden. Gebruik er hoogstens 90.") == 4  # in the summary too


@pytest.mark.parametrize("name", [name for name in TEXTS if name not in LATER])
def test_a_question_with_a_gap(place: Place, name: str) -> None:
    office, id, of = begin(place)
    page = office.post(f"{of}/vraag", {**TEXTS, name: ""})
    assert page.status_code == 422
    (summary,) = re.findall(r'<div class="error-summary".*?</div>', page.text, re.S)
    assert f'href="#{name}"' in summary
    for other, typed in TEXTS.items():
        if other not in (name, "against_from"):
            assert typed.splitlines()[0] in page.text
    assert place.session.get_one(Initiative, id).consultations[0].question == ""
    sane(page.text)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"first_day": ""}, "first_day"),
        ({"last_day": ""}, "last_day"),
        ({"first_day": "31-02-2026"}, "first_day"),
        ({"last_day": "morgen"}, "last_day"),
        ({"last_day": "2026-06-01"}, "last_day"),
        ({"first_day": "2026-05-31"}, "first_day"),
        ({"lengthen": ""}, "lengthen"),
        ({"lengthen": "-1"}, "lengthen"),
        ({"lengthen": "31"}, "lengthen"),
        ({"lengthen": "een week"}, "lengthen"),
        ({"majority": ""}, "majority"),
        ({"majority": "helft"}, "majority"),
        ({"quorum": ""}, "quorum"),
        ({"quorum_percent": "0"}, "quorum_percent"),
        ({"quorum_percent": "101"}, "quorum_percent"),
        ({"quorum_percent": "veel"}, "quorum_percent"),
        ({"missed_quorum": "misschien"}, "missed_quorum"),
    ],
)
def test_a_rule_with_a_mistake(place: Place, changed: dict[str, str], field: str) -> None:
    office, id, of = begin(place)
    page = office.post(f"{of}/spelregels", {**RULE, **changed})
    assert page.status_code == 422
    (summary,) = re.findall(r'<div class="error-summary".*?</div>', page.text, re.S)
    assert re.search(rf'href="#{field}(-0)?"', summary)
    assert place.session.get_one(Initiative, id).consultations[0].majority is None
    sane(page.text)
    for other in ("first_day", "last_day", "lengthen", "quorum_percent"):
        if other not in changed:
            assert f'value="{RULE[other]}"' in page.text
    for other in ("majority", "base", "quorum", "missed_quorum", "blank_in_turnout"):
        if other not in changed:
            assert re.search(rf'<input checked [^>]*name="{other}"[^>]*value="{RULE[other]}"', page.text), (
                other
            )


def test_nothing_is_chosen_beforehand(place: Place) -> None:
    office, _, of = begin(place)
    page = office.get(f"{of}/spelregels").text
    assert "checked" not in page
    assert not re.search(r'type="(?:date|number)"[^>]*value="[^"]+"', page)


def test_hiding_a_plan(place: Place) -> None:
    office, plan = place.browser("gemeente"), place.plan(title="Iets lelijks")
    of = f"/kantoor/plannen/{plan.id}"
    assert office.post(f"{of}/verbergen", {"reason": " "}, form=of).status_code == 303
    assert plan.hidden_why == ""
    office.post(f"{of}/verbergen", {"reason": "Het beledigt iemand."}, form=of)
    assert plan.hidden_why == "Het beledigt iemand."
    office.post(f"{of}/verbergen", {"reason": "Twee keer klikken."}, form=of)
    assert plan.hidden_why
    office.post(f"{of}/tonen", form=of)
    assert plan.hidden_why == ""
    assert place.actions(plan) == ["hand in plan", "hide plan", "hide plan", "show plan"]


# Money


@pytest.mark.parametrize(
    "changed",
    [
        {"amount": ""},
        {"amount": "veel"},
        {"amount": "10,000"},
        {"amount": "0"},
        {"amount": "5000,01"},
        {"granted_on": ""},
        {"granted_on": "2026-02-30"},
        {"reference": ""},
        {"reference": "    "},
    ],
)
def test_a_grant_with_a_mistake(place: Place, changed: dict[str, str]) -> None:
    plan = place.plan(5_000_00)
    place.award(plan, 5_000_00)
    office = place.browser("gemeente")
    typed = {"amount": "4.999,99", "granted_on": "2026-06-01", "reference": "Z-2026-1", **changed}
    page = office.post(f"/kantoor/plannen/{plan.id}/beschikking", typed)
    assert page.status_code == 422
    assert "error-summary" in page.text
    sane(page.text)
    for name, value in typed.items():
        if value.strip() and name not in changed:
            assert f'value="{value}"' in page.text
    assert plan.grant is None


def test_from_award_to_redeemed_by_hand(place: Place) -> None:
    plan = place.plan(5_000_00)
    place.award(plan, 5_000_00)
    office, of = place.browser("gemeente"), f"/kantoor/plannen/{plan.id}"
    form = office.get(f"{of}/beschikking").text
    assert 'value="5.000"' in form
    assert 'value="2026-06-01"' in form
    office.post(f"{of}/beschikking", {"amount": "4.999,99", "granted_on": "2026-05-30", "reference": "Z-1"})
    assert plan.grant is not None
    assert (plan.grant.amount, plan.grant.granted_on.isoformat()) == (4_999_99, "2026-05-30")
    office.post(f"{of}/voucher", form=of)
    voucher = plan.grant.voucher
    assert voucher is not None
    pdf = office.get(f"/kantoor/vouchers/{voucher.id}.pdf")
    assert pdf.data.startswith(b"%PDF")
    redeem = f"/kantoor/verzilveren/{vouchers.token(KEY, voucher)}"
    office.get(redeem)
    assert voucher.redeemed_at is None
    assert office.post(redeem).location == of
    assert voucher.redeemed_at is not None
    assert "al verzilverd" in office.get(redeem).text
    token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', office.get(of).text)
    answer = office.bare(redeem, {"csrf_token": token[0]})
    assert answer.status_code == 303
    assert "al verzilverd. Een voucher kan één keer" in office.get(of).text
    assert place.actions(plan).count("redeem voucher") == 1


def test_the_line_holds_at_the_office_too(place: Place) -> None:
    """A decision, a grant and a voucher that somebody wrote into the database past the line."""
    awarded, granted, issued = (place.plan(24_500_00) for _ in range(3))
    office = place.browser("gemeente")
    for plan in (awarded, granted, issued):
        place.execute(
            "INSERT INTO decision (initiative_id, verdict, amount, reasons, departs, present, aside, decided_at)"
            " VALUES (:id, 'award', 2450000, '', 0, '[]', '[]', '2026-06-01 12:00:00.000000')",
            id=plan.id,
        )
    for plan in (granted, issued):
        place.execute(
            'INSERT INTO "grant" (initiative_id, amount, granted_on, reference)'
            " VALUES (:id, 2450000, '2026-06-01', 'X')",
            id=plan.id,
        )
    place.execute(
        "INSERT INTO voucher (grant_id, number, amount, issued_at)"
        " SELECT id, 'X-1', 2450000, '2026-06-01 12:00:00.000000' FROM \"grant\" WHERE initiative_id = :id",
        id=issued.id,
    )
    form = {"amount": "24500", "granted_on": "2026-06-01", "reference": "Z-1"}
    page = office.post(f"/kantoor/plannen/{awarded.id}/beschikking", form)
    assert page.status_code == 422
    assert "zonder een geldige wijkraadpleging" in page.text
    office.post(f"/kantoor/plannen/{granted.id}/voucher", form=f"/kantoor/plannen/{granted.id}")
    assert "zonder een geldige wijkraadpleging" in office.get(f"/kantoor/plannen/{granted.id}").text
    assert issued.grant is not None
    voucher = issued.grant.voucher
    assert voucher is not None
    office.post(f"/kantoor/verzilveren/{vouchers.token(KEY, voucher)}")
    assert "zonder een geldige wijkraadpleging" in office.get(f"/kantoor/plannen/{issued.id}").text
    assert awarded.grant is None
    assert granted.grant is not None
    assert granted.grant.voucher is None
    assert voucher.redeemed_at is None


# Turnout, never counts


def staff_pages(place: Place, plans: list[Initiative], browsers: dict[str, Browser]) -> dict[str, str]:
    """Return what all staff can see of these plans, without what differs from one answer to the next."""
    seen = {}
    for function, browser in browsers.items():
        found = ["/kantoor", "/regiegroep", "/", "/wijk/noord"]
        for plan in plans:
            (held,) = plan.consultations
            found += [f"/kantoor/plannen/{plan.id}", f"/regiegroep/plannen/{plan.id}", f"/plannen/{plan.id}"]
            of = f"/kantoor/raadplegingen/{held.id}"
            found += [of, f"{of}/voorbeeld", f"{of}/adressen", f"{of}/brieven", f"/raadplegingen/{held.id}"]
            found.append(f"{of}/brieven?q=Geheimestraat")
        for path in found:
            page = browser.get(path)
            if page.status_code == 200:
                seen[f"{function} {path}"] = re.sub(r'value="[^"]{60,}"', "", page.text)
    return seen


def turned(place: Place, poll: bytes, sealed: bytes) -> bytes:
    """Return what a sealed vote would be had its voter chosen the opposite."""
    mix, key = keys.mix_keys(place.vault.read(poll, "mix")), keys.opening_key(place.vault.read(poll, "open"))
    _, inner = sealing.outer_opened(poll, 1, sealed, mix)
    cast = sealing.inner_opened(poll, 1, inner, key)
    other = replace(cast, marking={"voor": "tegen ", "tegen": "voor  "}[cast.marking.strip()])
    inner = sealing.inner(poll, other, key.public_key().public_bytes_raw())
    return sealing.outer(poll, 1, other.commitment(poll), inner, mix, bytes(12))


def test_staff_see_turnout_and_never_a_count_before_the_close(place: Place) -> None:
    """All pages stay the same, letter for letter, when every vote is turned into its opposite."""
    plans = [place.plan(title="Open plan"), place.plan(title="Plan dat wacht op de telling")]
    for plan, days in zip(plans, ((0, 20), (0, 1)), strict=True):
        draft = place.draft(plan, days=days)
        used = place.freeze(draft)
        place.printed(draft)
        place.vote(used, {"voor": 8, "tegen": 1})
    place.later(days=3)
    browsers = {name: place.browser(name) for name in ("gemeente", "regiegroep", "lid", "beheerder")}
    first = staff_pages(place, plans, browsers)
    assert any("9 van 12" in page for page in first.values())
    assert len(first) > 25
    with place.engine.connect() as connection:
        rows = connection.execute(text("SELECT poll_id, id, sealed FROM inbox")).all()
    assert len(rows) == 18
    for poll, id, sealed in rows:
        place.force(
            "UPDATE inbox SET sealed = :sealed WHERE id = :id", id=id, sealed=turned(place, poll, sealed)
        )
    assert staff_pages(place, plans, browsers) == first
    for function in browsers:
        assert not any('class="bars"' in page for name, page in first.items() if name.startswith(function))
    place.tick()
    place.look()
    assert staff_pages(place, plans, browsers) != first


def test_the_office_downloads_the_dossier(full: Full) -> None:
    office = full.browsers["gemeente"]
    for state in ("closed", "withdrawn", "redeemed", "missed"):
        answer = office.get(f"/kantoor/raadplegingen/{full.consultations[state]}/dossier.zip")
        assert answer.status_code == 200
        assert f"dossier-{full.consultations[state]}.zip" in answer.headers["Content-Disposition"]
        assert "manifest.json" in zipfile.ZipFile(io.BytesIO(answer.data)).namelist()


def test_what_is_typed_in_a_draft_is_shown_as_text(place: Place) -> None:
    office, _, of = begin(place)
    hostile = '<script>alert("x")</script>'
    fields: dict[str, Any] = {**dict.fromkeys(TEXTS, hostile), "against_from": "points"}
    assert office.post(f"{of}/vraag", fields).status_code == 303
    assert office.post(f"{of}/spelregels", RULE).status_code == 303
    assert office.post(f"{of}/bewaring", {"custody": "service"}).status_code == 303
    for path in (of, f"{of}/vraag", f"{of}/voorbeeld", of.replace("/kantoor/raadplegingen", "/argumenten")):
        assert "<script>alert" not in office.get(path).text


def test_both_rules_are_told_as_they_were_frozen(place: Place) -> None:
    client = place.anonymous()
    pages = []
    for fields in (NO_QUORUM, QUORUM):
        draft = place.draft(place.plan(), **fields)
        place.freeze(draft)
        pages.append(client.get(f"/raadplegingen/{draft.id}").text)
    assert "50% van de brieven" not in pages[0]
    assert "50% van de brieven" in pages[1]
    assert asked.frozen_rule(place.poll(draft)).quorum_share == pytest.approx(0.5)


def test_a_rejected_plan_asks_nothing_of_the_office(place: Place) -> None:
    plan = place.plan()
    place.decide(plan, Verdict.REJECT, reasons="Nee.")
    office = place.browser("gemeente")
    page = office.get(f"/kantoor/plannen/{plan.id}").text
    assert "Er is niets te doen" in page
    token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', office.get("/kantoor").text)[0]
    office.bare(f"/kantoor/raadplegingen/bij-plan/{plan.id}", {"csrf_token": token})
    assert plan.consultations == []
