"""The booth as a browser meets it: the whole walk, each refusal its own page, and nothing that tells."""

import gzip
import re
from collections.abc import Sequence
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from ballots import ballot_pages, codes, letters, marks, paper, polls, receipts, sealing, web, wording
from ballots.database import db, writing
from ballots.definition import Terms
from ballots.digest import groups
from ballots.marks import Filled
from ballots.models import Inbox, Poll, Redemption
from ballots.paper import BLANK, Kind, Option, Points, Problem, Question
from ballots.terms import terms
from ballots.vault import Vault
from tests.ballots.test_marks import sent
from tests.conftest import START, Clock, Held, close_poll, in_the_inbox
from tests.trust.helpers import PAPERS, PLANS, added, answers, approve, asking, dump

R = bytes(range(32))
MARKINGS = ["voor", "tegen", BLANK]


def database(app: Flask) -> Path:
    return Path(app.config["DATA_DIR"]) / "wijkstem.db"


def hold(vault: Vault, asked: Terms, count: int = 3) -> Held:
    poll = polls.freeze(db.session, vault, asked, count, START)
    return Held(poll, [code for _, code in letters.printable(db.session, vault, poll)])


def form(code: str, *markings: str, r: bytes = R) -> dict[str, str]:
    return {"code": code, "r": r.hex()} | {f"q{n}": marking for n, marking in enumerate(markings, 1)}


def hidden(page: TestResponse, action: str) -> dict[str, str]:
    """Return the hidden fields of the form with this action, as a browser would send them."""
    found = re.search(rf'<form[^>]*action="{action}(#stap-[0-9])?".*?</form>', page.text, re.DOTALL)
    assert found
    fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', found[0])
    return {name: unescape(value) for name, value in fields}


def control_codes(page: TestResponse) -> list[str]:
    return re.findall(r'<p class="control">([^<]*)</p>', page.text)


def heading(page: TestResponse) -> str:
    found = re.search(r"<h1>(.*?)</h1>", page.text)
    assert found
    return unescape(found[1])


def ballots() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Inbox)) or 0


def said_at(page: TestResponse, id: str) -> str:
    """Return what is said to be wrong at a field, a theme or a question, by the id that points at it."""
    found = re.search(rf'<span class="wrong" id="{id}-wrong">(.*?)</span>', page.text)
    assert found, id
    assert re.search(rf'aria-describedby="[^"]*{id}-wrong', page.text)
    return unescape(found[1])


def summary(page: TestResponse) -> list[tuple[str, str]]:
    """Return the summary of what is wrong: where each line leads, and what it says."""
    lines = re.findall(r'<li><a href="#([^"]*)">(.*?)</a></li>', page.text)
    assert all(f' id="{field}"' in page.text for field, _ in lines)
    return [(field, unescape(said)) for field, said in lines]


# The walk


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("marking", MARKINGS)
def test_the_whole_walk(client: FlaskClient, app: Flask, held: Held, marking: str, script: bool) -> None:
    before = dump(db.engine)
    assert heading(client.get("/s")) == "Vul uw stemcode in"
    page = client.post("/s", data={"code": groups(held.codes[0]).lower()})
    assert page.status_code == 200
    assert "Bent u voor of tegen een speelplek?" in page.text
    fields = hidden(page, "/s/controle")
    assert fields["code"] == held.codes[0]
    if script:
        fields["r"] = R.hex()
    (value,) = (
        each for each in re.findall(r'name="q1" value="([^"]*)"', page.text) if each.strip() == marking
    )
    page = client.post("/s/controle", data=fields | {"q1": value})
    assert heading(page) == "Klopt uw keuze?"
    shown = control_codes(page)
    fields = hidden(page, "/s/stem")
    assert hidden(page, "/s") == {"code": held.codes[0], "q1": fields["q1"]}
    r = bytes.fromhex(fields["r"])
    assert (r == R) == script
    expected = sealing.opening(r, 1, marking, 6).commitment(held.poll.id)
    assert shown == [sealing.control_code(sealing.control(expected))]
    assert dump(db.engine) == before  # nothing was sent yet
    answer = client.post("/s/stem", data=fields)
    assert answer.status_code == 303
    assert added(before, dump(db.engine)) == {"redemption": 1, "inbox": 1}
    receipt = client.get(answer.location)
    assert heading(receipt) == "Uw stem zit in de stembus"
    assert control_codes(receipt) == shown
    assert [answer.marking.strip() for answer in in_the_inbox(held.poll)] == [marking]


def test_without_script_every_review_has_another_control_code(client: FlaskClient, held: Held) -> None:
    pages = [client.post("/s/controle", data={"code": held.codes[0], "q1": "voor"}) for _ in range(2)]
    assert control_codes(pages[0]) != control_codes(pages[1])
    with_script = [client.post("/s/controle", data=form(held.codes[0], "voor")) for _ in range(2)]
    assert control_codes(with_script[0]) == control_codes(with_script[1])


def test_several_questions(client: FlaskClient, app: Flask, vault: Vault) -> None:
    two = hold(vault, approve(2, least=0))
    page = client.post("/s", data={"code": two.codes[0]})
    assert page.text.count("<fieldset") == 2
    fields: dict[str, Any] = hidden(page, "/s/controle")
    page = client.post("/s/controle", data=fields | {"q1": ["x    ", "bomen"], "q2": BLANK})
    shown = control_codes(page)
    assert len(set(shown)) == 2
    fields = hidden(page, "/s/stem")
    assert [fields["q1"].strip(), fields["q2"].strip()] == ["bomen,x", BLANK]
    answer = client.post("/s/stem", data=fields)
    assert control_codes(client.get(answer.location)) == shown
    assert ballots() == 2


def test_one_wrong_answer_of_two_is_pointed_at_and_the_other_kept(client: FlaskClient, vault: Vault) -> None:
    two = hold(vault, approve(2))
    page = client.post("/s/controle", data={"code": two.codes[0], "q1": ["bomen", "x"]})
    assert page.status_code == 422
    assert page.text.count("question field--wrong") == 1
    assert page.text.count(" checked") == 2
    assert said_at(page, "q2") == "U koos nog niets. Weet u het niet? Kies dan blanco."
    assert summary(page) == [("q2-1", f"Vraag 2: {said_at(page, 'q2')}")]


@pytest.mark.parametrize(
    ("name", "picked", "typed", "at", "said"),
    [
        ("approve", [], {}, "q1", "U koos nog niets."),
        ("approve", ["bomen", BLANK], {}, "q1", "U koos blanco én iets anders."),
        ("approve", ["nergens"], {}, "q1", "Deze keuze staat niet op het stembiljet."),
        ("approve", ["bomen", "bomen"], {}, "q1", "U koos iets twee keer."),
        ("one", ["bomen", "x"], {}, "q1", "Dat is er 1 te veel. Haal er 1 weg."),
        ("themes", ["bank", "boom"], {}, "q1-t1", "Dat is er 1 te veel."),
        ("basket", ["bomen", "plein-7", "x"], {}, "q1", "Dat is samen € 30 te duur."),
        ("theme baskets", ["bank", "boom"], {}, "q1-t1", "Dat is samen € 5 te duur. Haal iets weg."),
        ("points", [], {}, "q1", "U gaf nog geen punten."),
        ("points", [BLANK], {"x": "3"}, "q1", "U koos blanco én iets anders."),
        ("points", [], {"x": "drie"}, "q1-3", "Vul een heel getal in"),
        ("points", [], {"x": "8"}, "q1", "Geef nog 1 punt."),
        ("points", [], {"x": "8", "bomen": "4"}, "q1", "U gaf samen 2 punten te veel."),
        ("few points", [], {"bal": "4"}, "q1-3", "Dat is 1 punt te veel."),
        ("few points", [], {"bal": "1", "bank": "1", "boom": "1"}, "q1", "Dat is er 1 te veel."),
        ("ranking", [], {"x": "1"}, "q1", "Kies er nog 2."),
        ("ranking", [BLANK], {"x": "1"}, "q1", "U koos blanco én iets anders."),
        ("ranking", [], {"x": "1", "bomen": "1"}, "q1-1", "U gaf plaats 1 meer dan één keer."),
        ("ranking", [], {"x": "3", "bomen": "1"}, "q1-3", "U sloeg plaats 2 over."),
        ("ranking", [], {"x": "eerst"}, "q1-3", "Kies een plaats uit de lijst."),
    ],
)
def test_what_is_wrong_is_said_where_it_is(
    client: FlaskClient,
    app: Flask,
    vault: Vault,
    name: str,
    picked: list[str],
    typed: dict[str, str],
    at: str,
    said: str,
) -> None:
    one = hold(vault, asking(PAPERS[name]))
    before = dump(db.engine)
    filled: dict[str, Any] = sent(PAPERS[name], Filled(tuple(picked), typed))
    page = client.post("/s/controle", data={"code": one.codes[0], "r": R.hex(), **filled})
    assert page.status_code == 422
    assert said_at(page, at).replace("\u00a0", " ").startswith(said)
    assert any(said in line.replace("\u00a0", " ") for _, line in summary(page))
    assert hidden(page, "/s/controle")["r"] == R.hex()
    assert all(f'value="{text}"' in page.text for text in typed.values() if name.endswith("points"))
    assert client.post("/s/stem", data={**form(one.codes[0]), **filled}).status_code == 400
    assert dump(db.engine) == before


def test_every_problem_has_a_sentence(app: Flask) -> None:
    rows = re.findall(r"^ *\| (`.*?) \|", f"{Problem.__doc__}\n{marks.marks_of.__doc__}", re.M)
    kinds = [kind for row in rows for kind in re.findall(r"`([a-z-]+)`", row)]
    assert len(kinds) == 16
    with app.test_request_context():
        said = {wording.wrong(PAPERS["points"], Problem(kind, 2, "x", "Groen")) for kind in kinds}
    assert len(said) >= 14
    assert all(each[0].isupper() and each.endswith(".") for each in said)


@pytest.mark.parametrize(
    ("name", "answer", "shown"),
    [
        ("approve", ("x", "bomen"), ["Bomen & banken € 40", "حديقة € 30"]),
        ("basket", ("bomen",), ["Bomen & banken € 40", "Samen € 40. Er blijft € 60 over."]),
        ("theme baskets", ("bal", "bank"), ["Bank € 10", "Balspel € 30,50", "Samen € 40,50."]),
        ("points", ("x:1", "bomen:9"), ["Bomen & banken 9 punten", "حديقة 1 punt"]),
        (
            "ranking",
            ("x", "plein-7", "bomen"),
            ["حديقة", "Een <script>alert(1)</script> plein", "Bomen & banken"],
        ),
        ("ranking", (BLANK,), ["Blanco (ik kies niet)"]),
    ],
)
def test_the_review_says_the_choice_in_words(
    client: FlaskClient, vault: Vault, name: str, answer: tuple[str, ...], shown: list[str]
) -> None:
    one = hold(vault, asking(PAPERS[name]))
    page = client.post("/s/controle", data=form(one.codes[0], ",".join(answer)))
    found = re.search(r'<div class="chosen">(.*?)</div>', page.text)
    assert found
    assert ('<ol class="choice">' in found[1]) == (name == "ranking" and answer != (BLANK,))
    items = re.findall(r"<(?:li|p class=\"spent\")>(.*?)</(?:li|p)>", found[1])
    texts = [unescape(re.sub(r"<[^>]*>", "", each)).replace("\u00a0", " ") for each in items]
    if name == "ranking" and answer != (BLANK,):
        assert [text.split(" €")[0] for text in texts] == shown
    else:
        assert texts == shown


def test_a_question_that_may_be_left_open(client: FlaskClient, vault: Vault) -> None:
    """Nothing is filled in beforehand; whoever skips it reads so, and every answer makes a page of one length."""
    options = tuple(Option(id, f"Punt {id}") for id in ("a", "bb", "c"))
    optional = Question("Wat weegt het zwaarst?", Kind.CHOOSE_ONE, options, least=0)
    one = hold(vault, asking(PAPERS["yes or no"], optional), 3)
    page = client.post("/s", data={"code": one.codes[0]})
    assert "checked" not in page.text
    assert "U mag deze vraag overslaan." in page.text
    assert page.text.count("Dat zeg ik niet") == page.text.count("Blanco (ik kies niet)") == 1
    skipped = client.post("/s/controle", data={"code": one.codes[0], "q1": "voor", "q2": ""})
    left_out = client.post("/s/controle", data={"code": one.codes[0], "q1": "voor"})
    chosen = client.post("/s/controle", data=form(one.codes[0], "voor", "bb"))
    assert "Dat zeg ik niet" in skipped.text
    assert "Punt bb" in chosen.text
    assert len({len(each.data) for each in (skipped, left_out, chosen)}) == 1
    assert hidden(skipped, "/s/stem")["q2"].strip() == BLANK
    changed = client.post("/s", data=hidden(skipped, "/s") | {"change": "2"})
    assert len(re.findall(r" checked", changed.text)) == 2
    missing = client.post("/s/controle", data={"code": one.codes[0], "q2": "a"})
    assert missing.status_code == 422  # the first question is not to be skipped
    sent_vote = client.post("/s/stem", data=hidden(skipped, "/s/stem"))
    assert sent_vote.status_code == 303


@pytest.mark.parametrize("name", PAPERS)
def test_who_changes_finds_the_choice_filled_in(client: FlaskClient, vault: Vault, name: str) -> None:
    """And the page has one length, whatever was chosen; for two questions a button leads to each."""
    one = hold(vault, asking(PAPERS[name], PAPERS["yes or no"]))
    lengths = set()
    for answer in answers(PAPERS[name]):
        review = client.post("/s/controle", data=form(one.codes[0], ",".join(answer), "voor"))
        page = client.post("/s", data=hidden(review, "/s"))
        for n in re.findall(r'formaction="/s#(stap-[0-9]+)"', review.text):
            assert f'id="{n}"' in page.text
        assert review.text.count("formaction") == 2
        lengths.add(len(page.data))
        first = page.text.partition('id="q2"')[0]
        values = {
            unescape(id): value
            for id, value in re.findall(r'name="q1-([^"]*)" value="([^"]*)"', first)
            if value
        }
        for id, options in re.findall(r'<select[^>]* name="q1-([^"]*)"[^>]*>(.*?)</select>', first):
            (picked,) = re.findall(r"<option[^>]* selected>(\w+)", options)
            values |= {id: picked} if picked != "geen" else {}
        ticked = re.findall(r'value="([^"]*)" checked', first)
        filled = Filled(tuple(each.strip() for each in ticked), values)
        given, problems = marks.marks_of(PAPERS[name], filled)
        assert not problems
        assert paper.marking(PAPERS[name], given) == paper.marking(PAPERS[name], answer)
    assert len(lengths) == 1


# The order of the options


def labels(page: TestResponse) -> list[str]:
    return [unescape(each) for each in re.findall(r'<label for="q1-\d+">(.*?)<', page.text)]


def test_every_letter_has_an_order_of_its_own_and_keeps_it(client: FlaskClient, vault: Vault) -> None:
    options = tuple(Option(f"o{n}", f"Plan {n}", 0, "AB"[n % 2]) for n in range(8))
    question = Question("Welke?", Kind.APPROVE, options, 1, 8, shuffled=True)
    one = hold(vault, asking(question, question), 12)
    orders = set()
    for code in one.codes:
        first = client.post("/s", data={"code": code})
        order = labels(first)
        orders.add(tuple(order))
        assert sorted(order) == [option.label for option in options]
        assert len({int(label[-1]) % 2 for label in order[:4]}) == 1  # themes stay together
        again = client.post("/s", data={"code": code})
        wrong = client.post("/s/controle", data={"code": code, "q1": "o3"})
        review = client.post("/s/controle", data=form(code, "o3,o1", "o2"))
        changed = client.post("/s", data=hidden(review, "/s"))
        assert wrong.status_code == 422
        assert labels(again) == labels(wrong) == labels(changed) == order
        assert hidden(review, "/s/stem")["q1"].strip() == "o1,o3"  # the order of the paper, not of the page
        assert first.text.index('value="blanco"') > max(first.text.index(f">{label}<") for label in order)
    assert len(orders) > 6


def test_the_preview_keeps_the_order_of_the_paper(app: Flask) -> None:
    with app.test_request_context():
        page = ballot_pages.question_page(asking(PAPERS["first few"]), "", preview=True)
    assert page.index("Bank") < page.index("Regenwater") < page.index("Balspel")
    assert "booth.js" not in page


def test_the_script_for_papers_comes_with_the_kinds_that_need_it(client: FlaskClient, vault: Vault) -> None:
    for name, question in PAPERS.items():
        page = client.post("/s", data={"code": hold(vault, asking(question)).codes[0]})
        assert (
            ("paper.js" in page.text)
            == ("paper.css" in page.text)
            == (name not in ("yes or no", "one", "one or none"))
        )


# Repeats


def test_the_same_post_again_leads_to_the_same_receipt(client: FlaskClient, app: Flask, held: Held) -> None:
    vote = form(held.codes[0], "voor")
    first = client.post("/s/stem", data=vote)
    after = dump(db.engine)
    for _ in range(3):
        again = client.post("/s/stem", data={**vote, "code": groups(held.codes[0])})
        assert (again.status_code, again.location) == (303, first.location)
        assert again.data == first.data
    assert dump(db.engine) == after


def test_also_after_close(client: FlaskClient, held: Held, clock: Clock) -> None:
    vote = form(held.codes[0], "voor")
    first = client.get(client.post("/s/stem", data=vote).location).data
    clock.now = held.poll.closes  # another day, so the receipt has another address
    assert client.get(client.post("/s/stem", data=vote).location).data == first
    close_poll(held.poll, clock.now)
    late = client.get(client.post("/s/stem", data=vote).location)  # still a receipt; the code is public now
    assert late.status_code == 200
    assert re.search(r"(?:[0-9A-Z]{4} ){3}[0-9A-Z]{4}", first.decode())
    assert not re.search(r"(?:[0-9A-Z]{4} ){3}[0-9A-Z]{4}", late.text)


def test_reloading_the_receipt_sends_nothing(client: FlaskClient, app: Flask, held: Held) -> None:
    receipt = client.post("/s/stem", data=form(held.codes[0], "voor")).location
    after = dump(db.engine)
    assert client.get(receipt).data == client.get(receipt).data
    assert dump(db.engine) == after


# Refusals


def test_every_refusal_has_a_page_of_its_own(
    client: FlaskClient, app: Flask, held: Held, vault: Vault, clock: Clock
) -> None:
    later = hold(vault, Terms(**{**terms(held.poll).__dict__, "opens": START + timedelta(days=3)}))
    gone = hold(vault, terms(held.poll))
    polls.withdraw(db.session, web.vault(), gone.poll, "De <b>vraag</b> klopte niet.", START)
    void = codes.fingerprint(held.poll.id, codes.proof(held.poll.id, held.codes[2]))
    with writing(db.session):
        db.session.add(Redemption(poll_id=held.poll.id, h=void, p=None, channel="void"))
    assert client.post("/s/stem", data=form(held.codes[0], "voor")).status_code == 303
    before = dump(db.engine)
    unknown, mine, new = codes.mint(bytes(32), 1), held.codes[0], bytes([7]) * 32
    typo = mine[:-1] + ("Z" if mine[-1] != "Z" else "Y")
    tried = {
        "used": (form(held.codes[0], "tegen"), 409, "Met deze brief is al gestemd", "bel"),
        "taken": (form(held.codes[1], "voor"), 409, "Uw stem is niet verstuurd", "krijgt u een nieuwe"),
        "void": (form(held.codes[2], "voor", r=new), 410, "Deze brief is niet meer geldig", "nieuwe brief"),
        "early": (form(later.codes[0], "voor"), 403, "U kunt nog niet stemmen", "4 juni 2026 om 14.00 uur"),
        "withdrawn": (form(gone.codes[0], "voor"), 410, "Deze stemming is ingetrokken", "niet meer geldig"),
        "unknown": (form(unknown, "voor"), 404, "Deze code kennen wij niet", "Kijk of de code"),
        "typo": (form(typo, "voor"), 404, "Deze code kennen wij niet", "Kijk of de code"),
        "marking": (form(held.codes[1], "zeker"), 400, "Uw stem is niet verstuurd", "Kies opnieuw"),
        "no r": (form(held.codes[1], "voor") | {"r": ""}, 400, "Uw stem is niet verstuurd", "Kies opnieuw"),
    }
    seen = set()
    for name, (vote, status, said, todo) in tried.items():
        page = client.post("/s/stem", data=vote)
        assert (name, page.status_code, heading(page)) == (name, status, said)
        assert todo.lower() in page.text.lower(), name
        seen.add(heading(page))
    assert "De &lt;b&gt;vraag&lt;/b&gt; klopte niet." in client.post("/s", data={"code": gone.codes[0]}).text
    clock.now = held.poll.closes
    page = client.post("/s/stem", data=form(held.codes[1], "voor", r=new))
    assert (page.status_code, heading(page)) == (410, "De stemming is gesloten")
    assert len(seen | {heading(page)}) == 7
    assert dump(db.engine) == before


@pytest.mark.parametrize("path", ["/s", "/s/controle"])
def test_a_letter_that_cannot_vote_is_told_before_it_chooses(
    client: FlaskClient, held: Held, clock: Clock, path: str
) -> None:
    client.post("/s/stem", data=form(held.codes[0], "voor"))
    assert client.post(path, data=form(held.codes[0], "voor")).status_code == 409
    clock.now = held.poll.closes
    assert client.post(path, data=form(held.codes[1], "voor")).status_code == 410
    clock.now = START - timedelta(microseconds=1)
    assert client.post(path, data=form(held.codes[1], "voor")).status_code == 403


def test_a_mistake_is_pointed_at_and_what_was_typed_stays(client: FlaskClient, held: Held) -> None:
    code = held.codes[0]
    typed = groups(code[:9] + ("Z" if code[9] != "Z" else "Y") + code[10:]).lower()
    page = client.post("/s", data={"code": typed})
    assert page.status_code == 422
    assert f'value="{typed}"' in page.text
    assert "Kijk nog eens naar groepje 3." in page.text
    assert 'aria-invalid="true"' in page.text


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        ("", 422, "U vulde nog geen code in."),
        ("ABCD", 422, "U typte er 4."),
        ("ABCD EFGU", 422, "Het teken ‘U’"),
        ("0" * 20, 404, "Deze code kennen wij niet."),
        ('"><script>alert(1)</script>', 422, "&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"),
    ],
)
def test_what_was_typed_stays(client: FlaskClient, held: Held, typed: str, status: int, said: str) -> None:
    page = client.post("/s", data={"code": typed})
    assert page.status_code == status
    assert said in page.text
    assert "<script>alert" not in page.text
    found = re.search(r'<input class="input code-input"[^>]* value="([^"]*)"', page.text)
    assert found
    assert unescape(found[1]) == typed


@pytest.mark.parametrize("token", ["x", "A" * 56, "%00", "é", "..%2f..", "A" * 2000])
def test_a_receipt_that_is_none(client: FlaskClient, held: Held, token: str) -> None:
    page = client.get(f"/s/bon/{token}")
    assert page.status_code == 404
    assert page.text.count("<h1>") == 1


def test_a_receipt_of_no_poll(client: FlaskClient, app: Flask, held: Held) -> None:
    token = receipts.wrap(app.config["SECRET_KEY"], START.date(), bytes(16), (bytes(10),))
    assert client.get(f"/s/bon/{token}").status_code == 404


# What an answer tells


def every_answer(client: FlaskClient, held: Held) -> list[TestResponse]:
    """Return an answer of every kind the booth gives."""
    vote = form(held.codes[0], "voor")
    sent = client.post("/s/stem", data=vote)
    return [
        client.get("/s"),
        client.head("/s"),
        client.options("/s"),
        client.post("/s", data={"code": held.codes[1]}),
        client.post("/s", data={"code": "x"}),
        client.post("/s/controle", data=form(held.codes[1], "voor")),
        client.post("/s/controle", data=form(held.codes[1])),
        sent,
        client.get(sent.location),
        client.get("/s/bon/x"),
        client.post("/s/stem", data=form(held.codes[0], "tegen")),
        client.post("/s/stem", data=form("x", "tegen")),
        client.get("/s/stem"),
        client.put("/s"),
        client.get("/s/niets"),
        client.post("/s", data={"code": "x" * 70_000}),
    ]


def test_headers_of_every_answer(client: FlaskClient, held: Held) -> None:
    answers = every_answer(client, held)
    assert {answer.status_code for answer in answers} == {200, 303, 404, 405, 409, 413, 422}
    for answer in answers:
        said = answer.headers
        assert "Set-Cookie" not in said, answer.request.path
        assert "no-store" in said["Cache-Control"]
        assert said["Referrer-Policy"] == "no-referrer"
        assert said["X-Content-Type-Options"] == "nosniff"
        policy = dict(each.strip().split(" ", 1) for each in said["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
        assert "Content-Encoding" not in said
        if answer.request.path != "/s/niets" and answer.status_code not in (405, 413):
            assert "no-transform" in said["Cache-Control"]
    assert not client._cookies


def test_only_a_page_without_a_choice_is_compressed(client: FlaskClient, held: Held) -> None:
    code, reads = held.codes[0], {"Accept-Encoding": "gzip, br"}
    for path, fields in (("/s", None), ("/s", {"code": code})):
        plain = client.open(path, method="POST" if fields else "GET", data=fields)
        small = client.open(path, method="POST" if fields else "GET", data=fields, headers=reads)
        assert small.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(small.data) == plain.data
        assert len(small.data) < len(plain.data) / 2
        assert "Content-Encoding" not in plain.headers
    chosen = form(code, "voor")
    for path in ("/s", "/s/controle", "/s/stem"):
        assert "Content-Encoding" not in client.post(path, data=chosen, headers=reads).headers
    assert (
        "Content-Encoding"
        not in client.get(client.post("/s/stem", data=chosen).location, headers=reads).headers
    )


def test_no_page_loads_anything_from_elsewhere(client: FlaskClient, held: Held) -> None:
    for answer in every_answer(client, held):
        for url in re.findall(r'(?:src|href|action)="([^"]*)"', answer.text):
            assert re.match(r"/(?!/)|#", url), url
        assert not re.search(r"<style|<script(?! src=)|\son[a-z]+=|\sstyle=", answer.text)


def test_codes_travel_in_bodies_only(client: FlaskClient, held: Held) -> None:
    for answer in every_answer(client, held):
        assert not any(code in str(answer.headers) or code in answer.request.url for code in held.codes)


def test_the_address_of_the_receipt_tells_nothing(client: FlaskClient, held: Held) -> None:
    page = client.post("/s/controle", data=form(held.codes[0], "voor"))
    location = client.post("/s/stem", data=form(held.codes[0], "voor")).location
    control = sealing.control(sealing.opening(R, 1, "voor", 6).commitment(held.poll.id))
    for secret in (held.codes[0], control_codes(page)[0].replace(" ", ""), control.hex(), held.poll.id.hex()):
        assert secret.lower() not in location.lower()


# Lengths


def sizes(client: FlaskClient, code: str, chosen: Sequence[str], r: bytes, script: bool) -> tuple[int, ...]:
    """Return the lengths, headers and all, of review, cast and receipt for this choice."""
    given: dict[str, Any] = {"code": code, "q1": chosen} | ({"r": r.hex()} if script else {})
    review = client.post("/s/controle", data=given)
    assert review.status_code == 200, chosen
    cast = client.post("/s/stem", data=hidden(review, "/s/stem"))
    assert cast.status_code == 303
    receipt = client.get(cast.location)
    return tuple(len(each.data) + len(str(each.headers)) for each in (review, cast, receipt))


@pytest.mark.parametrize("script", [True, False])
def test_yes_no_and_blank_answers_have_one_length(client: FlaskClient, held: Held, script: bool) -> None:
    letters_ = iter(held.codes)
    seen = {
        marking: {sizes(client, next(letters_), [marking], bytes([n, m]) * 16, script) for n in range(3)}
        for m, marking in enumerate(MARKINGS)
    }
    assert len(set.union(*seen.values())) == 1, seen


@pytest.mark.parametrize("name", PAPERS)
def test_all_answers_to_a_question_have_one_length(client: FlaskClient, vault: Vault, name: str) -> None:
    every = answers(PAPERS[name])
    assert len(every) >= 3
    one = hold(vault, asking(PAPERS[name]), len(every))
    seen = {
        answer: sizes(client, one.codes[n], [",".join(answer)], bytes([n]) * 32, True)
        for n, answer in enumerate(every)
    }
    assert len(set(seen.values())) == 1, seen


@pytest.mark.parametrize("name", PAPERS)
def test_what_is_sent_has_one_length_too(client: FlaskClient, vault: Vault, name: str) -> None:
    one = hold(vault, asking(PAPERS[name]))
    fields = [
        hidden(client.post("/s/controle", data=form(one.codes[0], ",".join(answer))), "/s/stem")
        for answer in answers(PAPERS[name])
    ]
    assert {len(each["q1"]) for each in fields} == {paper.longest(PAPERS[name])}


cents = st.integers(0, 2_000_000)
names = st.text("aé€<&\"'", min_size=1, max_size=4)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(
    st.lists(st.tuples(names, cents), min_size=1, max_size=3),
    st.sampled_from([Kind.APPROVE, Kind.BASKET, Kind.POINTS, Kind.RANKING]),
    st.integers(1, 3),
    cents,
)
def test_every_answer_is_shown_in_one_length(
    app: Flask, things: list[tuple[str, int]], kind: Kind, most: int, budget: int
) -> None:
    options = tuple(Option(str(n), label, cost) for n, (label, cost) in enumerate(things))
    limits: dict[str, Any] = {"budget": budget} if kind is Kind.BASKET else {}
    limits |= {"points": Points(12, 1, 11)} if kind is Kind.POINTS else {}
    question = Question("?", kind, options, 1, min(most, len(options)), **limits)
    with app.test_request_context():
        shown = [wording.answer(question, answer) for answer in answers(question)]
    assert len({len(each.encode()) for each in shown}) == 1


def test_without_padding_the_lengths_would_tell(
    client: FlaskClient, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The weak variant: the same look at the lengths, without padding, tells every choice apart."""
    monkeypatch.setattr(paper, "longest", lambda question: 0)
    weak = hold(vault, approve(most=1))
    seen = {
        chosen: sizes(client, code, [chosen], bytes([n]) * 32, True)
        for n, (chosen, code) in enumerate(zip(("bomen", "plein-7", "x"), weak.codes, strict=True))
    }
    assert len(set(seen.values())) == 3


# Whatever is posted


def test_labels_are_text(client: FlaskClient, vault: Vault) -> None:
    one = hold(vault, approve(most=3))
    chosen = [option.id for option in PLANS]
    pages = [
        client.post("/s", data={"code": one.codes[0]}),
        client.post("/s/controle", data={"code": one.codes[0], "q1": chosen}),
        client.post("/s/controle", data={"code": one.codes[0], "q1": [*chosen, "<script>"]}),
    ]
    for page in pages:
        assert "<script>" not in page.text
        assert "Een &lt;script&gt;alert(1)&lt;/script&gt; plein" in page.text
        assert "Bomen &amp; banken" in page.text
        assert "حديقة" in page.text


junk = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["voor", "tegen,voor", ",", "blanco,blanco", "voor  ", R.hex(), "00", "zz" * 32, "é" * 64, "\0", "q1"]
    ),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=120)
@given(
    st.sampled_from(["/s", "/s/controle", "/s/stem"]),
    st.lists(st.tuples(st.sampled_from(["code", "r", "q1", "q2", "q0", "", "x"]), junk), max_size=6),
    st.booleans(),
)
def test_bad_forms_never_break_it(
    client: FlaskClient, held: Held, path: str, fields: list[tuple[str, str]], with_code: bool
) -> None:
    given: dict[str, Any] = {}
    for name, value in fields:
        given.setdefault(name, []).append(value)
    if with_code:
        given["code"] = [held.codes[0]]
    answer = client.post(path, data=given)
    assert answer.status_code in (200, 303, 400, 404, 409, 422)
    assert answer.status_code == 303 or "<h1" in answer.text
    if answer.status_code == 303:
        assert path == "/s/stem"
        assert given["r"][0].strip()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
@given(
    st.sampled_from(["/s", "/s/controle", "/s/stem"]),
    st.binary(max_size=60),
    st.sampled_from(
        [
            "application/x-www-form-urlencoded",
            "application/x-www-form-urlencoded; charset=utf-7",
            "multipart/form-data; boundary=x",
            "multipart/form-data",
            "application/json",
            "text/plain",
            "",
            "é",
        ]
    ),
)
def test_bad_bodies_never_break_it(
    client: FlaskClient, held: Held, path: str, body: bytes, kind: str
) -> None:
    for data in (body, b"code=" + held.codes[0].encode() + b"&q1=voor&r=" + body):
        answer = client.post(path, data=data, content_type=kind)
        assert answer.status_code in (200, 400, 404, 422)


def test_nothing_is_voted_by_junk(client: FlaskClient, held: Held) -> None:
    for r in ("", "0" * 62, "0" * 66, "zz" * 32, R.hex() + "\n0"):
        assert client.post("/s/stem", data=form(held.codes[0], "voor") | {"r": r}).status_code == 400
    for path in ("/s/stem", "/s/controle"):
        lost = client.get(path, query_string=form(held.codes[0], "voor"))
        assert (lost.status_code, lost.headers["Location"]) == (303, "/s")
    assert client.post("/s/stem", query_string=form(held.codes[0], "voor")).status_code == 404
    assert ballots() == 0
    assert db.session.scalar(select(func.count()).select_from(Poll)) == 1


@pytest.mark.parametrize(
    ("kind", "heading_of"),
    [(codes.PROOF, "Dit is een proefdruk"), (codes.CONTROL, "Dit is een controlebrief")],
)
def test_a_dead_code_is_refused_as_what_it_is(
    client: FlaskClient, app: Flask, held: Held, kind: str, heading_of: str
) -> None:
    code = codes.dead(kind, 7)
    for page in (
        client.post("/s", data={"code": groups(code)}),
        client.post("/s/controle", data=form(code, "voor")),
        client.post("/s/stem", data=form(code, "voor")),
    ):
        assert page.status_code == 410
        assert heading(page) == heading_of
        assert "Met deze brief kan niemand stemmen" in unescape(page.text)
    assert ballots() == 0
