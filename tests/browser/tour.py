"""Every page of the site, and how a person comes there: name → (who is logged in, steps)."""

from collections.abc import Callable
from typing import TypeAlias

from playwright.sync_api import FilePayload, Page, expect

from demo.town import roll_csv
from tests.browser.town import Place
from tests.browser.walk import to_question

Steps: TypeAlias = Callable[[Page, Place], None]
SAMIRA, KARIN, DIRK, JOKE = "Samira Bakker", "Karin de Wit", "Dirk Post", "Joke Visser"
BRAM = "Bram de Graaf"
CHANGED = "Theehuis in het park"  # letters of it were replaced, void and added
PUT_BACK = "Dierenweide op de Kade"  # three of its votes are not in the copy that was put back
ANNA = "Anna de Boer"
SWIM = "Zwemsteiger bij de Oude Scheepswerf"  # residents can send points about it
CONCERT = "Muziekkoepel op de Werf"  # its points are gathered, its arguments not signed off


def to(path: str, title: str = "") -> Steps:
    """Go to a path; {plan} and {poll} in it are those with this title."""

    def steps(page: Page, place: Place) -> None:
        plan, poll = place.plans.get(title), place.consultations.get(title)
        page.goto(path.format(plan=plan, poll=poll, vouchers=place.vouchers))

    return steps


def mine(page: str) -> Steps:
    """Go to a page behind the private link of an initiator."""

    def steps(browser_page: Page, place: Place) -> None:
        browser_page.goto(f"/mijn-plan/{place.codes['initiator']}{page}")

    return steps


def at_desk(title: str, page: str = "") -> Steps:
    """Go to the office's page of a consultation."""
    return to("/kantoor/raadplegingen/{poll}" + page, title)


def then(first: Steps, *clicks: str, wait: str = ".error-summary") -> Steps:
    """Go somewhere, then press these buttons; wait for what must be seen."""

    def steps(page: Page, place: Place) -> None:
        first(page, place)
        for click in clicks:
            page.get_by_role("button", name=click).first.click()
        page.locator(wait).first.wait_for()

    return steps


def letter(*doing: str) -> Steps:
    """Open an unused letter and go on: "error", "review", "receipt"."""

    def steps(page: Page, place: Place) -> None:
        page.goto("/s")
        page.goto(place.letter())
        button = page.get_by_role("button", name="Controleer uw keuze")
        page.locator(".stage:target").wait_for()
        if "weighing" in doing:
            page.get_by_role("link", name="Verder").click()
        elif doing:
            to_question(page)
        if "error" in doing:
            button.click()
            page.locator(".error-summary").wait_for()
        if "review" in doing or "receipt" in doing:
            page.get_by_text("Voor", exact=True).last.click()
            button.click()
            page.locator(".slip").wait_for()
        if "receipt" in doing:
            page.get_by_role("button", name="Verstuur mijn stem").click()
            page.locator(".js-copy").first.wait_for()
        if "proof" in doing:
            page.get_by_text("Voor wie het wil narekenen").click()

    return steps


def with_points(*doing: str) -> Steps:
    """Open a letter of a paper that asks what weighs most, and go on: "review"."""

    def steps(page: Page, place: Place) -> None:
        page.goto("/s")
        page.get_by_label("Uw stemcode").fill(place.codes["points"])
        page.get_by_role("button", name="Verder").click()
        to_question(page)
        if "review" in doing:
            page.get_by_text("Voor", exact=True).last.click()
        to_question(page, 2)
        if "review" in doing:
            page.get_by_role("button", name="Controleer uw keuze").click()
            page.locator(".slip").first.wait_for()

    return steps


def gather_wrong(page: Page, place: Place) -> None:
    page.goto(f"/regiegroep/raadplegingen/{place.consultations[SWIM]}/punten")
    for number in (1, 2):
        page.get_by_label(f"Punt {number}").fill("Zwemmen in de eigen wijk")
    page.get_by_role("button", name="Bewaar de punten").click()
    page.locator(".error-summary").wait_for()


def scan(which: str) -> Steps:
    """Scan a letter that cannot vote."""

    def steps(page: Page, place: Place) -> None:
        page.goto(f"/s#{place.codes[which]}")
        page.locator(".drawing + h1").wait_for()
        expect(page.locator("#code")).to_have_count(0)

    return steps


def second_use(page: Page, place: Place) -> None:
    link = place.letter()
    for first in (True, False):
        page.goto("/s")
        page.goto(link)
        if first:
            to_question(page)
            page.get_by_text("Tegen", exact=True).last.click()
            page.get_by_role("button", name="Controleer uw keuze").click()
            page.get_by_role("button", name="Verstuur mijn stem").click()
            page.locator(".js-copy").first.wait_for()
    page.get_by_role("heading", name="Met deze brief is al gestemd").wait_for()


def typo(page: Page, place: Place) -> None:
    page.goto("/s")
    page.get_by_label("Uw stemcode").fill("AAAA BBBB CCCC DDDD EEE")
    page.get_by_role("button", name="Verder").click()
    page.locator(".error-summary").wait_for()


def genuine(typed: str) -> Steps:
    """Type the first groups of a definition's hash."""

    def steps(page: Page, place: Place) -> None:
        page.goto("/echt")
        page.get_by_label("De eerste twee groepjes").fill(typed)
        page.get_by_role("button", name="Zoek de stemming").click()
        page.locator(".notice").wait_for()

    return steps


def invitation(*doing: str) -> Steps:
    def steps(page: Page, place: Place) -> None:
        page.goto(f"/uitnodiging/{place.invitation}")
        if doing:
            password = "drie groene fietsen buiten" if "code" in doing else "kort"
            page.get_by_label("Kies een wachtwoord").fill(password)
            page.get_by_label("Typ het wachtwoord nog een keer").fill(password)
            page.get_by_role("button", name="Verder").click()
            page.locator("details" if "code" in doing else ".error-summary").first.wait_for()

    return steps


def check(serials: str, page: str) -> Steps:
    """Fill in which letters, and come to the page that asks whether it is right."""

    def steps(browser_page: Page, place: Place) -> None:
        at_desk(CHANGED, f"/brieven{page}")(browser_page, place)
        browser_page.get_by_label("Nummers van de brieven").fill(serials)
        browser_page.get_by_label("Waarom?").fill("De brieven zijn nat geworden in de regen.")
        browser_page.get_by_role("button", name="Ga verder").click()
        browser_page.get_by_role("heading", name="Klopt dit?").wait_for()

    return steps


def reopening(page: Page, place: Place) -> None:
    """Fill in the last checkpoint, and come to the page that asks whether it is right."""
    at_desk(PUT_BACK, "/brieven/heropenen")(page, place)
    page.get_by_label("Het laatste controlepunt").fill(place.codes["checkpoint"])
    page.get_by_label("Waarom?").fill("De schijf van de server ging stuk.")
    page.get_by_role("button", name="Ga verder").click()
    page.get_by_role("heading", name="Klopt dit?").wait_for()


def to_reopening(page: Page, place: Place) -> None:
    at_desk("Pluktuin op de Kade")(page, place)
    page.get_by_role("link", name="De stembus weer openen").click()
    page.get_by_role("button", name="Trek dit voorstel in").wait_for()


def volunteer(*clicks: str) -> Steps:
    """Add a volunteer who gets a control letter, then press these buttons."""

    def steps(page: Page, place: Place) -> None:
        at_desk(CHANGED, "/drukwerk/controlebrieven")(page, place)
        page.get_by_label("Naam van de vrijwilliger").fill("Willemijn van der Meulen-Oosterbaan")
        page.get_by_label("Straat en huisnummer").fill("Kade 12")
        page.get_by_label("Postcode en plaats").fill("4321 AA Lindehaven")
        page.get_by_role("button", name="Voeg toe").click()
        page.locator(".panel h2").first.wait_for()
        for click in clicks:
            page.get_by_role("button", name=click).first.click()
            page.locator(".error-summary").wait_for()

    return steps


def to_proposal(page: Page, place: Place) -> None:
    at_desk(CHANGED)(page, place)
    page.get_by_role("link", name="Stoppen en opnieuw beginnen").click()
    page.get_by_role("button", name="Trek dit voorstel in").wait_for()


def desk(page: str, title: str = "Buurtbudget voor volgend jaar") -> Steps:
    """Go to a page of the office where this buurtstemming is drafted."""
    return to("/kantoor/buurtstemmingen/{poll}" + page, title)


def paper(page: str, typed: str = "", wait: str = "") -> Steps:
    """Go to a page of the desk, and type a code there: as it stands, or that of an unused letter ("paper")."""

    def steps(browser_page: Page, place: Place) -> None:
        to("/balie/{poll}" + page, "Spelregels van het plein")(browser_page, place)
        if typed:
            browser_page.get_by_label("De stemcode op de brief").fill(place.codes.get(typed, typed))
            browser_page.keyboard.press("Enter")
            browser_page.locator(wait).first.wait_for()

    return steps


def options_wrong(page: Page, place: Place) -> None:
    desk("/vragen/q1/mogelijkheden")(page, place)
    page.get_by_label("Bedrag van rij 1").fill("veel")
    page.get_by_text("Veel mogelijkheden in één keer").first.click()
    page.get_by_label("Veel mogelijkheden in één keer").fill("; 5\nFout; gratis")
    page.get_by_role("button", name="Bewaar en ga verder").click()
    page.locator(".error-summary").wait_for()


def removal(page: Page, place: Place) -> None:
    desk("/vragen")(page, place)
    page.get_by_role("button", name="Haal deze vraag weg").first.click()
    page.get_by_role("heading", name="Haal deze vraag weg?").wait_for()


def upload(data: bytes) -> Steps:
    def steps(page: Page, place: Place) -> None:
        page.goto(f"/kantoor/raadplegingen/{place.consultations['Fietsenstalling']}/adressen")
        file = FilePayload(name="adressen.csv", mimeType="text/csv", buffer=data)
        page.get_by_label("Adressenlijst").set_input_files(file)
        page.get_by_role("button", name="Controleer dit bestand").click()
        page.get_by_role("heading", name="Controleer de adressen").wait_for()

    return steps


def special_wrong(page: Page, place: Place) -> None:
    page.goto(f"/kantoor/raadplegingen/{place.consultations['Buurtbibliotheek']}/adressen?q=Kade")
    first = page.locator("article").first
    first.get_by_label("Aantal brieven").fill("999")
    first.get_by_label("Waarom?").fill("")
    first.get_by_role("button", name="Opslaan").click()
    page.locator(".error-summary").wait_for()


def invited(page: Page, place: Place) -> None:
    page.goto("/beheer/mensen")
    page.get_by_role("link", name="Petra Nieuw").click()
    page.get_by_role("button", name="Maak een nieuwe uitnodiging").click()
    page.get_by_label("Link").wait_for()
    place.invitation = page.get_by_label("Link").input_value().rpartition("/")[2]


def person(name: str) -> Steps:
    def steps(page: Page, place: Place) -> None:
        page.goto("/beheer/mensen")
        page.get_by_role("link", name=name).click()
        page.get_by_role("heading", level=1, name=name).wait_for()

    return steps


def decision_wrong(page: Page, place: Place) -> None:
    page.goto(f"/regiegroep/plannen/{place.plans['Muurschildering op de Touwslagerij']}")
    page.get_by_text("Toekennen", exact=True).click()
    page.get_by_label("Bedrag").fill("veel")
    page.get_by_role("button", name="Leg de beslissing vast").click()
    page.locator(".error-summary").wait_for()


def keyholder(title: str, page: str, *typed: int, typo: bool = False) -> Steps:
    """Go to a page of the keyholders, and send these sheets of this consultation (0, 1, 2)."""

    def steps(page_: Page, place: Place) -> None:
        page_.goto(f"/sleutels/{place.consultations[title]}/{page}")
        if typed:
            said = [place.sheets[title][number] for number in typed]
            said[1] = said[1][:12] + ("X" if said[1][12] != "X" else "Y") + said[1][13:] if typo else said[1]
            page_.get_by_label("Het eerste blad").fill(said[0])
            page_.get_by_label("Het tweede blad").fill(said[1])
            page_.locator("main form button").click()
            page_.locator(".error-summary").wait_for()

    return steps


def sheet_wrong(page: Page, place: Place) -> None:
    at_desk("Vuurplaats op de Kade", "/sleutels/terugzetten")(page, place)
    page.get_by_label("De tekens van het blad").fill(place.sheets["Fontein op de Kade"][0])
    page.get_by_role("button", name="Zet terug").click()
    page.locator(".error-summary").wait_for()


FAULTY = roll_csv("De Linden") + b"Lindelaan;x;;;4321AB;Lindehaven;12;woonfunctie;;VBO;f;1\r\n"
PUBLIC_PLANS = {
    "needs a consultation": "Moestuin op de Oude Scheepswerf",
    "can be decided": "Taalcafé in de kantine",
    "open": "Speelplek aan de Lindelaan",
    "counted": "Muurschildering op de Touwslagerij",
    "awarded": "Jeu-de-boulesbaan met bankjes",
    "granted": "Zwemvlot",
    "voucher": "Boekenruilkast",
    "redeemed": "Huiskamer van de buurt",
    "rejected": "Privéparkeerplaats op de Kade",
    "deferred": "Schaakclub",
    "withdrawn": "Kabelbaan over de haven",
}
POLLS = {
    "open": "Speelplek aan de Lindelaan",
    "decided": "Huiskamer van de buurt",
    "counted": "Muurschildering op de Touwslagerij",
    "nobody voted": "Wijkbakkerij",
    "withdrawn": "Kabelbaan over de haven",
    "to come": "Steiger voor roeiboten",
    "keys not tried": "Fontein op de Kade",
    "sealed": "Zeepkist op de Kade",
}
KEYS = {
    "nothing to do": "Podium op de Kade",
    "envelope, to assign": "Kiosk op de Kade",
    "to try": "Fontein op de Kade",
    "to confirm": "Molen op de Kade",
    "lost": "Vuurplaats op de Kade",
    "to open": "Zeepkist op de Kade",
    "to shred": "Wijkbakkerij",
}

BALLOTS = {
    "open": "Spelregels van het plein",
    "tied": "Naam voor de nieuwe brug",
    "counted": "Buurtbudget Havenkwartier",
}

OFFICE_PLANS = ("needs a consultation", "open", "awarded", "granted", "redeemed", "withdrawn")

PAGES: dict[str, tuple[str | None, Steps]] = {
    "home": (None, to("/")),
    "wijk": (None, to("/wijk/havenkwartier")),
    "wijk with a vote": (None, to("/wijk/de-linden")),
    "hand in": (None, to("/plannen/nieuw")),
    "hand in, errors": (None, then(to("/plannen/nieuw"), "Bewaar en ga verder")),
    "my plan, open": (None, mine("")),
    "my plan, campaign": (None, mine("/campagne")),
    "my plan, cannot be withdrawn": (None, mine("/weg")),
    "my plan, no such link": (None, to("/mijn-plan/onzin")),
    **{f"plan, {name}": (None, to("/plannen/{plan}", title)) for name, title in PUBLIC_PLANS.items()},
    **{f"consultation, {name}": (None, to("/raadplegingen/{poll}", title)) for name, title in POLLS.items()},
    **{f"ballot, {name}": (None, to("/raadplegingen/{poll}", title)) for name, title in BALLOTS.items()},
    "style": (None, to("/stijl")),
    "style of another town": (None, to("/stijl?thema=zeeoever")),
    "style of the booth": (None, to("/stijl/stemhokje?thema=zeeoever")),
    "a card to share": (None, to("/s/gestemd")),
    "secrecy": (None, to("/stemgeheim")),
    "privacy": (None, to("/privacy")),
    "genuine": (None, to("/echt")),
    "genuine, unknown": (None, genuine("0000 0000")),
    "genuine, no hash": (None, genuine("zzzz")),
    "search": (None, to("/zoeken?q=speel")),
    "search, nothing": (None, to("/zoeken?q=zeppelin")),
    "archive": (None, to("/archief")),
    "outcome in a frame": (
        None,
        to("/raadplegingen/{poll}/uitslag/insluiten", "Muurschildering op de Touwslagerij"),
    ),
    "accessibility": (None, to("/toegankelijkheid")),
    "help": (None, to("/hulp")),
    "new letter": (None, to("/nieuwe-brief")),
    "new letter, errors": (None, then(to("/nieuwe-brief"), "Vraag een nieuwe brief")),
    "no such page": (None, to("/bestaat-niet")),
    "voucher": (None, to("/voucher/{vouchers[ready]}")),
    "voucher, redeemed": (None, to("/voucher/{vouchers[redeemed]}")),
    "voucher, false": (None, to("/voucher/onzin")),
    "plan, asks for points": (None, to("/plannen/{plan}", SWIM)),
    "points, send": (None, to("/punt/{plan}", SWIM)),
    "points, send, errors": (None, then(to("/punt/{plan}", SWIM), "Stuur dit punt")),
    "points, thanks": (None, to("/punt/{plan}/bedankt", SWIM)),
    "points, over": (None, to("/punt/{plan}", "Huiskamer van de buurt")),
    "points, ask": (SAMIRA, at_desk(SWIM, "/punten")),
    "points, not asked": (SAMIRA, at_desk("Buurtbibliotheek", "/punten")),
    "points, gather": (DIRK, to("/regiegroep/raadplegingen/{poll}/punten", SWIM)),
    "points, gather, errors": (DIRK, gather_wrong),
    "points, gathered": (DIRK, to("/regiegroep/raadplegingen/{poll}/punten", CONCERT)),
    "points, plan of the regiegroep": (DIRK, to("/regiegroep/plannen/{plan}", CONCERT)),
    "arguments": (DIRK, to("/argumenten/{poll}", CONCERT)),
    "arguments, errors": (DIRK, then(to("/argumenten/{poll}", CONCERT), "Beide teksten zijn eerlijk")),
    "arguments, wrote them": (SAMIRA, to("/argumenten/{poll}", CONCERT)),
    "arguments, not ready": (BRAM, to("/argumenten/{poll}", SWIM)),
    "arguments, signed off": (DIRK, to("/argumenten/{poll}", "Buurtbibliotheek")),
    "consultation, with points": (None, to("/raadplegingen/{poll}", "Wijkkeuken op de Werf")),
    "consultation, points counted": (None, to("/raadplegingen/{poll}", "Dierenweide op de Werf")),
    "decision, with points": (DIRK, to("/regiegroep/plannen/{plan}", "Dierenweide op de Werf")),
    "booth, what weighs most": (None, with_points()),
    "booth, what weighs most, review": (None, with_points("review")),
    "booth, code": (None, to("/s")),
    "booth, typo": (None, typo),
    "booth, question": (None, letter()),
    "booth, nothing chosen": (None, letter("error")),
    "booth, review": (None, letter("review")),
    "booth, receipt": (None, letter("receipt")),
    "booth, receipt with its proof": (None, letter("receipt", "proof")),
    "booth, used": (None, second_use),
    "booth, early": (None, scan("early")),
    "booth, late": (None, scan("late")),
    "booth, withdrawn": (None, scan("withdrawn")),
    "booth, no receipt": (None, to("/s/bon/onzin")),
    "log in": ("", to("/inloggen")),
    "log in, errors": ("", then(to("/inloggen"), "Inloggen")),
    "demo": ("", to("/demo")),
    "invitation": ("", invitation()),
    "invitation, errors": ("", invitation("wrong")),
    "invitation, second factor": ("", invitation("code")),
    "office": (SAMIRA, to("/kantoor")),
    **{
        f"office plan, {name}": (SAMIRA, to("/kantoor/plannen/{plan}", title))
        for name, title in PUBLIC_PLANS.items()
        if name in OFFICE_PLANS
    },
    "office poll, empty draft": (SAMIRA, at_desk("Fietsenstalling")),
    "office poll, draft": (SAMIRA, at_desk("Buurtbibliotheek")),
    "office poll, unprinted": (SAMIRA, at_desk("Podium op de Kade")),
    **{f"office poll, {name}": (SAMIRA, at_desk(title)) for name, title in POLLS.items()},
    "office question": (SAMIRA, at_desk("Buurtbibliotheek", "/vraag")),
    "office question, errors": (
        SAMIRA,
        then(at_desk("Fietsenstalling", "/vraag"), "Bewaar en ga verder"),
    ),
    "office rule": (SAMIRA, at_desk("Buurtbibliotheek", "/spelregels")),
    "office rule, errors": (
        SAMIRA,
        then(at_desk("Fietsenstalling", "/spelregels"), "Bewaar en ga verder"),
    ),
    "office ballot, start": (SAMIRA, to("/kantoor/buurtstemmingen/nieuw")),
    "office ballot, start, errors": (
        SAMIRA,
        then(to("/kantoor/buurtstemmingen/nieuw"), "Bewaar en ga verder"),
    ),
    "office ballot, draft": (SAMIRA, at_desk("Buurtbudget voor volgend jaar")),
    "office ballot, unfinished": (SAMIRA, at_desk("Een leeg biljet")),
    **{f"office ballot, {name}": (SAMIRA, at_desk(title)) for name, title in BALLOTS.items()},
    "office ballot, subject": (SAMIRA, desk("/titel")),
    "office ballot, questions": (SAMIRA, desk("/vragen")),
    "office ballot, questions, unfinished": (SAMIRA, desk("/vragen", "Een leeg biljet")),
    "office ballot, remove a question": (SAMIRA, removal),
    "office ballot, text": (SAMIRA, desk("/vragen/q1/tekst")),
    "office ballot, text, errors": (
        SAMIRA,
        then(desk("/vragen/q1/tekst", "Een leeg biljet"), "Bewaar en ga verder"),
    ),
    "office ballot, options": (SAMIRA, desk("/vragen/q1/mogelijkheden")),
    "office ballot, options, errors": (SAMIRA, options_wrong),
    "office ballot, limits": (SAMIRA, desk("/vragen/q1/grenzen")),
    "office ballot, limits of points": (SAMIRA, desk("/vragen/q2/grenzen")),
    "office ballot, way": (SAMIRA, desk("/vragen/q1/telregel")),
    "office ballot, rule": (SAMIRA, desk("/vragen/q1/spelregels")),
    "office ballot, days": (SAMIRA, desk("/dagen")),
    "office ballot, preview": (SAMIRA, at_desk("Buurtbudget voor volgend jaar", "/voorbeeld")),
    "office lot": (SAMIRA, at_desk("Naam voor de nieuwe brug", "/loting")),
    "office lot, errors": (
        SAMIRA,
        then(at_desk("Naam voor de nieuwe brug", "/loting"), "Leg de loting vast"),
    ),
    "keys, choose": (SAMIRA, at_desk("Buurtbibliotheek", "/bewaring")),
    "keys, choose, errors": (SAMIRA, then(at_desk("Fietsenstalling", "/bewaring"), "Bewaar en ga verder")),
    **{f"keys, {name}": (SAMIRA, at_desk(title, "/sleutels")) for name, title in KEYS.items()},
    "keys, assign, errors": (
        SAMIRA,
        then(at_desk("Kiosk op de Kade", "/sleutels"), "Verdeel de bladen"),
    ),
    "keys, printed": (SAMIRA, at_desk("Molen op de Kade", "/sleutels/gedrukt")),
    "keys, restore": (SAMIRA, at_desk("Vuurplaats op de Kade", "/sleutels/terugzetten")),
    "keys, restore, errors": (SAMIRA, sheet_wrong),
    "paper, desk": (SAMIRA, paper("")),
    "paper, desk, errors": (SAMIRA, paper("", "AAAA BBBB CCCC DDDD EEE", ".error-summary")),
    "paper, letter": (SAMIRA, paper("", "paper", "text=Deze brief kan stemmen")),
    "paper, handed already": (SAMIRA, paper("/uitgereikt")),
    "paper, home": (SAMIRA, to("/balie")),
    "paper, too early": (SAMIRA, paper("/invoer")),
    "paper, numbers": (SAMIRA, paper("/aantallen")),
    "keyholder": (ANNA, to("/sleutels")),
    "keyholder, trial": (ANNA, keyholder("Fontein op de Kade", "proef")),
    "keyholder, trial, errors": (ANNA, keyholder("Fontein op de Kade", "proef", 0, 1, typo=True)),
    "keyholder, trial, twice": (ANNA, keyholder("Fontein op de Kade", "proef", 1, 1)),
    "keyholder, trial, done": (ANNA, keyholder("Molen op de Kade", "proef")),
    "keyholder, open": (ANNA, keyholder("Zeepkist op de Kade", "openen")),
    "keyholder, open, errors": (ANNA, keyholder("Zeepkist op de Kade", "openen", 2, 1, typo=True)),
    "keyholder, opened": (ANNA, to("/sleutels/{poll}/openen", "Samen het Meulenplein opknappen")),
    "keyholder, too early": (ANNA, keyholder("Molen op de Kade", "openen")),
    "office printed": (SAMIRA, at_desk("Podium op de Kade", "/gedrukt")),
    "office preview": (SAMIRA, at_desk("Buurtbibliotheek", "/voorbeeld")),
    "letters": (SAMIRA, at_desk(CHANGED, "/brieven")),
    "letters, found": (SAMIRA, at_desk(CHANGED, "/brieven?q=Kade 1")),
    "letters, none": (SAMIRA, at_desk(CHANGED, "/brieven?q=Nergensstraat")),
    "letters, withdrawn": (SAMIRA, at_desk("Kabelbaan over de haven", "/brieven?q=1")),
    **{
        f"letters, {page}{', errors' if wrong else ''}": (
            SAMIRA,
            then(at_desk(CHANGED, f"/brieven/{page}"), "Ga verder")
            if wrong
            else at_desk(CHANGED, f"/brieven/{page}"),
        )
        for page in ("vervangen", "ongeldig", "betwist", "toevoegen", "verlengen", "stoppen")
        for wrong in (False, True)
    },
    "print, draft": (SAMIRA, at_desk("Buurtbibliotheek", "/drukwerk")),
    "print": (SAMIRA, at_desk(CHANGED, "/drukwerk")),
    "print, letters wait": (SAMIRA, at_desk("Podium op de Kade", "/drukwerk")),
    "print, envelope": (SAMIRA, at_desk("Buurtbibliotheek", "/drukwerk/envelop")),
    "print, control letters, errors": (
        SAMIRA,
        then(at_desk(CHANGED, "/drukwerk/controlebrieven"), "Voeg toe"),
    ),
    "print, control letters": (SAMIRA, volunteer()),
    "print, control letters, no day": (SAMIRA, volunteer("Noteer")),
    "letters, check": (SAMIRA, check("20-24", "/vervangen")),
    "letters, check one": (SAMIRA, check("20", "/ongeldig")),
    "proposal, mine": (SAMIRA, to_proposal),
    "proposal, a colleague's": (BRAM, to_proposal),
    "office, a proposal waits": (BRAM, to("/kantoor")),
    "office poll, put back": (SAMIRA, at_desk(PUT_BACK)),
    "letters, heropenen": (SAMIRA, at_desk(PUT_BACK, "/brieven/heropenen")),
    "letters, heropenen, errors": (SAMIRA, then(at_desk(PUT_BACK, "/brieven/heropenen"), "Ga verder")),
    "letters, heropenen, check": (SAMIRA, reopening),
    "proposal to open, mine": (SAMIRA, to_reopening),
    "proposal to open, a colleague's": (BRAM, to_reopening),
    "office poll, changed": (SAMIRA, at_desk(CHANGED)),
    "consultation, changed": (None, to("/raadplegingen/{poll}", CHANGED)),
    "consultation, contested": (None, to("/raadplegingen/{poll}", "Muurschildering op de Touwslagerij")),
    "roll, empty": (SAMIRA, at_desk("Fietsenstalling", "/adressen")),
    "roll": (SAMIRA, at_desk("Buurtbibliotheek", "/adressen")),
    "roll, errors": (SAMIRA, special_wrong),
    "roll, frozen": (SAMIRA, at_desk("Podium op de Kade", "/adressen")),
    "roll, check": (SAMIRA, upload(roll_csv("De Linden"))),
    "roll, faults": (SAMIRA, upload(FAULTY)),
    "grant": (SAMIRA, to("/kantoor/plannen/{plan}/beschikking", "Jeu-de-boulesbaan met bankjes")),
    "grant, errors": (
        SAMIRA,
        then(to("/kantoor/plannen/{plan}/beschikking", "Jeu-de-boulesbaan met bankjes"), "Leg vast"),
    ),
    "redeem": (SAMIRA, to("/kantoor/verzilveren/{vouchers[ready]}")),
    "redeem, done": (SAMIRA, to("/kantoor/verzilveren/{vouchers[redeemed]}")),
    "forbidden": (SAMIRA, to("/regiegroep")),
    "beheer": (KARIN, to("/kantoor")),
    "office languages": (SAMIRA, to("/kantoor/talen")),
    "people": (KARIN, to("/beheer/mensen")),
    "person": (KARIN, person("Samira Bakker")),
    "person, oneself": (KARIN, person("Karin de Wit")),
    "add person": (KARIN, to("/beheer/mensen/nieuw")),
    "add person, errors": (KARIN, then(to("/beheer/mensen/nieuw"), "Toevoegen")),
    "invited": (KARIN, invited),
    "steering": (DIRK, to("/regiegroep")),
    "steering, a vote runs": (JOKE, to("/regiegroep")),
    "decision": (DIRK, to("/regiegroep/plannen/{plan}", "Muurschildering op de Touwslagerij")),
    "decision, errors": (DIRK, decision_wrong),
    "decision, nobody voted": (DIRK, to("/regiegroep/plannen/{plan}", "Wijkbakkerij")),
    "decision, small": (DIRK, to("/regiegroep/plannen/{plan}", "Taalcafé in de kantine")),
    "decision, above the limit": (DIRK, to("/regiegroep/plannen/{plan}", "Moestuin op de Oude Scheepswerf")),
    "decision, deferred": (DIRK, to("/regiegroep/plannen/{plan}", "Schaakclub")),
    "decision, made": (DIRK, to("/regiegroep/plannen/{plan}", "Jeu-de-boulesbaan met bankjes")),
    "decision, not yet": (JOKE, to("/regiegroep/plannen/{plan}", "Speelplek aan de Lindelaan")),
}
