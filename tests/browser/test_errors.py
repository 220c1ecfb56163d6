"""Every wrong thing one can do with a letter, and the sentence that a resident reads: one table, in a real browser.

What goes wrong on the way (no answer, two phones, a copied control code) stands in test_bad_reception.py.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from ballots import codes, letters, polls, replacing, serving
from ballots.codes import CodeRefusal, CodeTypos
from ballots.database import db
from ballots.digest import ALPHABET
from ballots.paper import Question
from ballots.vault import Vault
from tests.browser.conftest import Opens
from tests.browser.test_papers import Papers, enter, plainly
from tests.browser.town import settings
from tests.conftest import migrated
from tests.trust.helpers import PAPERS, asking

CALL = "Vragen? De gemeente helpt u. Het telefoonnummer staat op uw brief."
YES_NO = PAPERS["yes or no"]


class Town(Papers):
    """A served database, with a letter in every state."""

    def letter(self, state: str = "open", question: Question = YES_NO) -> str:
        """Return the code of a letter of a poll of its own, that is open or early, late, withdrawn, void, replaced."""
        vault, now = Vault(self.folder / "keys"), datetime.now(UTC)
        begun = now + {"early": timedelta(days=3), "late": timedelta(days=-30)}.get(state, timedelta())
        with self.inside():
            poll = polls.freeze(db.session, vault, asking(question, opens=begun), 4, min(begun, now))
            made = [code for _, code in letters.printable(db.session, vault, poll)]
            if state == "withdrawn":
                polls.withdraw(db.session, vault, poll, "Het bedrag op de brief klopte niet.", now)
            if state == "void":
                replacing.void(db.session, vault, poll, [1], "De brief kwam terug.", now)
            if state == "replaced":
                replacing.replace(db.session, vault, poll, [1], "De brief was kwijt.", 1, now)
        return made[0]


@pytest.fixture(scope="module")
def town(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("errors")
    app = migrated(folder, SECRET_KEY=settings(folder)["SECRET_KEY"])
    with serving.served("app:create_app", settings(folder)) as port:
        yield Town(f"http://127.0.0.1:{port}", app, folder)


def typed(page: Page, text: str) -> None:
    page.goto("/s")
    page.get_by_label("Uw stemcode").fill(text)
    page.get_by_role("button", name="Verder").click()


def other(sign: str) -> str:
    return ALPHABET[(ALPHABET.index(sign) + 1) % len(ALPHABET)]


def two_typos(code: str) -> str:
    """Return the code with two signs wrong, such that no group can be pointed at."""
    for sign in ALPHABET:
        wrong = code[:2] + sign + code[3:17] + other(code[17]) + code[18:]
        try:
            codes.read(wrong)
        except CodeTypos:
            return wrong
        except CodeRefusal:
            continue
    raise AssertionError("every pair of typos is located")


# What is typed, from the code of a good letter; and what is said.
TYPED: Mapping[str, tuple[Callable[[str], str], str]] = {
    "nothing": (lambda _: " ", "U vulde nog geen code in. Op uw brief staan vijf groepjes van vier tekens."),
    "one sign too few": (
        lambda code: code[:-1],
        "Een stemcode heeft 20 tekens: vijf groepjes van vier. U typte er 19. Kijk het nog eens na op uw brief.",
    ),
    "one sign too many": (
        lambda code: code + "7",
        "Een stemcode heeft 20 tekens: vijf groepjes van vier. U typte er 21. Kijk het nog eens na op uw brief.",
    ),
    "a typo in group 3": (
        lambda code: code[:9] + other(code[9]) + code[10:],
        "Er zit een typefout in de code. Kijk nog eens naar groepje 3.",
    ),
    "a sign that no code has": (
        lambda code: "U" + code[1:],
        "Het teken ‘U’ komt in een stemcode niet voor. Kijk nog eens naar groepje 1.",
    ),
    "two typos": (
        two_typos,
        "Er zitten typefouten in de code. Vergelijk alle vijf groepjes nog eens met uw brief.",
    ),
    "a code of another town": (
        lambda _: codes.mint(bytes(32), 1),
        "Deze code kennen wij niet. Kijk of de code en het webadres dezelfde zijn als op de brief.",
    ),
}


@pytest.mark.parametrize("name", TYPED)
def test_a_code_that_is_not_right(name: str, opens: Opens, town: Town) -> None:
    page, (text, said) = opens(town).new_page(), TYPED[name]
    given = text(town.letter())
    typed(page, given)
    expect(page.get_by_role("heading", name="Kijk uw stemcode nog eens na")).to_be_visible()
    expect(page.locator(".error-summary li")).to_have_text([said])
    expect(page.get_by_label("Uw stemcode")).to_have_value(given)
    if name == "a code of another town":
        expect(page.locator(".error-summary p")).to_have_text(CALL)


def sloppy(code: str) -> str:
    """Return the code as a hand writes it: small letters, O for 0, I and l for 1, dashes and spaces."""
    text = code.lower().replace("0", "O").replace("1", "I", 1).replace("1", "l")
    return f" {text[:4]}-{text[4:8]} – {text[8:]}. "


def test_what_a_code_forgives(opens: Opens, town: Town) -> None:
    page, seen = opens(town).new_page(), set[str]()
    while not {"0", "1"} <= seen:  # letters until both signs were met
        code = town.letter()
        seen |= set(code)
        typed(page, sloppy(code))
        expect(page.locator(".stage:target h1")).to_have_text("Speelplek aan de Lindelaan")


# The state of the letter; then heading, why, what to do, and where the button leads.
REFUSED: Mapping[str, tuple[str, str, list[str], str]] = {
    "early": (
        "U kunt nog niet stemmen",
        "De stemming opent {opens}.",
        ["Bewaar uw brief en kom dan terug."],
        "andere",
    ),
    "late": (
        "De stemming is gesloten",
        "U kunt niet meer stemmen met deze brief.",
        ["De uitslag komt op deze website."],
        "andere",
    ),
    "withdrawn": (
        "Deze stemming is ingetrokken",
        "Uw brief is niet meer geldig. Er wordt niets geteld.",
        [CALL],
        "andere",
    ),
    "void": (
        "Deze brief is niet meer geldig",
        "De gemeente heeft deze brief ongeldig gemaakt.",
        ["Kreeg u een nieuwe brief? Gebruik dan die.", CALL],
        "andere",
    ),
    "replaced": (
        "Deze brief is niet meer geldig",
        "De gemeente heeft deze brief ongeldig gemaakt.",
        ["Kreeg u een nieuwe brief? Gebruik dan die.", CALL],
        "andere",
    ),
    "used": (
        "Met deze brief is al gestemd",
        "Elke brief telt één keer. De stem die al in de stembus zit, telt.",
        [
            "Verstuurde u net zelf, en viel de verbinding weg? Dan is het gelukt. U hoeft niets te doen.",
            "Woont u met meer mensen op dit adres? Misschien heeft iemand anders al gestemd.",
            "Denkt u dat dit niet klopt? Bel dan de gemeente. Het nummer staat op uw brief.",
        ],
        "andere",
    ),
}


@pytest.mark.parametrize("state", REFUSED)
def test_a_letter_that_cannot_vote(state: str, opens: Opens, town: Town) -> None:
    page, (heading, why, todo, button) = opens(town).new_page(), REFUSED[state]
    code = town.letter(state)
    if state == "used":
        enter(page, code)
        page.get_by_text("Voor", exact=True).last.click()
        page.get_by_role("button", name="Controleer uw keuze").click()
        page.get_by_role("button", name="Verstuur mijn stem").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Uw stem zit in de stembus")
    typed(page, code)
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    lead = page.locator(".lead").inner_text()
    if state == "early":
        day, moment = lead[len("De stemming opent ") :].split(" ", 1)
        assert day in ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag")
        assert moment.endswith(" uur.")
    else:
        assert lead == why
    expect(page.locator(".brief li")).to_have_text(todo)
    if state == "withdrawn":
        expect(page.locator("main")).to_contain_text("Reden: Het bedrag op de brief klopte niet.")
    expect(page.locator("main a.button")).to_have_text(f"Stem met een {button} brief")


# The paper, what is filled in; and what is said on top, where the field cannot be seen.
CHOSEN: Mapping[str, tuple[str, str, str]] = {
    "nothing": ("approve", "", "U koos nog niets. Weet u het niet? Kies dan blanco."),
    "too many": ("themes", "bank,boom", "Groen: Dat is er 1 te veel. Haal er 1 weg."),
    "over the budget": ("basket", "bomen,plein-7,x", "Dat is samen € 30 te duur. Haal iets weg."),
    "blank and something": ("approve", "bomen,blanco", "U koos blanco én iets anders. Kies een van de twee."),
    "no points": ("points", "", "U gaf nog geen punten. Weet u het niet? Kies dan blanco."),
    "too few points": ("points", "x:8", "Geef nog 1 punt."),
    "too many points": ("points", "x:8,bomen:4", "U gaf samen 2 punten te veel. Haal er 2 weg."),
    "too many for one": (
        "few points",
        "bal:4",
        "Balspel: Dat is 1 punt te veel. Vul hier een lager getal in.",
    ),
    "half a point": ("points", "x:1.5", "حديقة: Vul een heel getal in, of laat het leeg."),
    "a rank for too few": ("ranking", "x", "Kies er nog 2."),
    "the same place twice": (
        "ranking",
        "bomen=1,x=1",
        "Bomen & banken: U gaf plaats 1 meer dan één keer. Geef elke plaats één keer.",
    ),
    "a place left out": (
        "ranking",
        "bomen=1,plein-7=3",
        "Een <script>alert(1)</script> plein: U sloeg plaats 2 over. Geef eerst die plaats.",
    ),
}


@pytest.mark.parametrize("name", CHOSEN)
def test_a_paper_that_is_not_right(name: str, opens: Opens, town: Town) -> None:
    kind, marks, said = CHOSEN[name]
    page = opens(town, java_script_enabled=False).new_page()  # with script a ranking mends itself
    enter(page, town.letter(question=PAPERS[kind]))
    if "=" in marks:
        for mark in marks.split(","):
            id, place = mark.split("=")
            page.locator(f'[name="q1-{id}"]').select_option(place)
    elif marks:
        plainly(page, 1, PAPERS[kind], marks)
    page.get_by_role("button", name="Controleer uw keuze").click()
    expect(page.get_by_role("heading", name="Er is nog iets niet goed")).to_be_visible()
    lines = [
        text.replace("\N{NO-BREAK SPACE}", " ")
        for text in page.locator(".error-summary li").all_inner_texts()
    ]
    assert lines[0] == said
    page.locator(".error-summary a").first.click()
    expect(page.locator("#q1")).to_be_in_viewport()


@pytest.mark.parametrize("path", ["/s/controle", "/s/stem"])
def test_an_address_that_was_typed_leads_to_the_start(path: str, opens: Opens, town: Town) -> None:
    page = opens(town).new_page()
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_have_text("Vul uw stemcode in")


def test_a_receipt_that_is_none(opens: Opens, town: Town) -> None:
    page = opens(town).new_page()
    page.goto("/s/bon/onzin")
    expect(page.get_by_role("heading", level=1)).to_have_text("Dit is geen geldig ontvangstbewijs")
    expect(page.locator(".lead")).to_have_text(
        "Deze link klopt niet of is te oud. Uw stem telt ook zonder ontvangstbewijs."
    )
