"""The demo: a fictional town, made through the verbs, its votes cast over HTTP, then served.

It starts afresh each time in instance/demo and touches nothing else. Time travels while the town is
filled, so that plans stand in every state; the server that follows has the real clock.
"""

import argparse
import http.client
import os
import random
import secrets
import shutil
import socket
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import flask_migrate
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from app import create_app
from ballots import explain, letters, polls, serving
from ballots.database import db
from ballots.definition import shown
from ballots.models import Poll
from ballots.money import euros
from ballots.refusals import Refusal
from ballots.rehearsal import VoteLost, post_vote
from ballots.seeds import Seeds
from ballots.terms import terms
from consult import (
    accounts,
    consultations,
    decisions,
    dossier,
    initiatives,
    prints,
    rolls,
    towns,
    vouchers,
)
from consult.lifecycle import Verdict
from consult.models import Consultation, Initiative, Role, Town, Wijk

HERE = Path(__file__).resolve().parent
FOLDER = HERE / "instance" / "demo"
OFFICE = "gemeente: Samira Bakker"
GROUP = "regiegroep: Joke Visser"

STREETS = {
    "De Linden": (
        ("Lindelaan", "4321 AB", 46),
        ("Kastanjestraat", "4321 AC", 38),
        ("Burgemeester van der Meulenplein", "4321 AD", 24),
        ("Notarisappelgaarde", "4321 AE", 42),
        ("IJsvogelhof", "4321 AG", 30),
        ("’t Koetshuis", "4321 AH", 12),
    ),
    "Havenkwartier": (
        ("Kade", "4323 BA", 52),
        ("Touwslagerij", "4323 BC", 44),
        ("Zeilmakersstraat", "4323 BD", 60),
        ("Oude Scheepswerf", "4323 BE", 36),
        ("Kraanvogelpad", "4323 BG", 28),
    ),
}
PEOPLE = (
    ("Karin de Wit", "karin@wijkstem.example", Role.BEHEERDER, None),
    ("Samira Bakker", "samira@lindehaven.example", Role.GEMEENTE, None),
    ("Joke Visser", "joke@delinden.example", Role.REGIEGROEP, "De Linden"),
    ("Mehmet Yıldız", "mehmet@delinden.example", Role.REGIEGROEP, "De Linden"),
    ("Ineke van den Broek", "ineke@delinden.example", Role.REGIEGROEP, "De Linden"),
    ("Dirk Post", "dirk@havenkwartier.example", Role.REGIEGROEP, "Havenkwartier"),
    ("Amal Haddou", "amal@havenkwartier.example", Role.REGIEGROEP, "Havenkwartier"),
    ("Wim Schouten", "wim@havenkwartier.example", Role.REGIEGROEP, "Havenkwartier"),
)


@dataclass
class Story:
    """The town while it is filled: where it is served, what time it is, and how votes fall."""

    app: Flask
    port: int
    clock: "Clock"
    town: Town
    seeds: Seeds
    dice: random.Random = field(default_factory=lambda: random.Random(2026))

    @property
    def folder(self) -> Path:
        return Path(self.app.config["DATA_DIR"])

    def wijk(self, name: str) -> Wijk:
        return next(wijk for wijk in self.town.wijken if wijk.name == name)


class Clock:
    """A clock that goes where it is put."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def main() -> None:
    options = argparse.ArgumentParser(prog="python3 dev.py demo", description=__doc__)
    options.add_argument("--port", type=int, default=8000, help="where to serve on loopback (default 8000)")
    options.add_argument("--no-serve", action="store_true", help="stop after the story")
    chosen = options.parse_args()
    if not chosen.no_serve and taken(chosen.port):
        sys.exit(
            f"Poort {chosen.port} is bezet. Kies een andere: python3 dev.py demo --port {chosen.port + 1}"
        )
    print("Wij vullen een verzonnen gemeente. Dit is het verhaal van één wijkraadpleging.", flush=True)
    key = secrets.token_hex(32)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True, mode=0o700)
    settings = {
        "SECRET_KEY": key,
        "DATA_DIR": str(FOLDER),
        "DATABASE_URL": f"sqlite:///{FOLDER / 'wijkstem.db'}",
        "DEMO": "1",
    }
    base = f"http://127.0.0.1:{chosen.port}"
    voting_code = fill(settings, base)
    print()
    print(f"  De brieven van de open wijkraadpleging   {FOLDER / 'letters.pdf'}")
    print(f"  Het dossier van de afgeronde             {FOLDER / 'dossier.zip'}")
    if chosen.no_serve:
        return
    print(f"  De openbare pagina                       {base}/")
    print(f"  Stemmen met een brief                    {base}/s#{voting_code}")
    app = create_app(settings)
    with app.app_context():
        for name, role in (("Samira Bakker", "gemeente"), ("Joke Visser", "regiegroep")):
            staff = next(
                each
                for each in accounts.people(db.session, db.session.query(Town).one())
                if each.name == name
            )
            link = accounts.demo_link(key, staff, datetime.now(UTC))
            print(f"  Inloggen als {role:<27} {base}/demo/inloggen/{link}")
    print(f"  Inloggen als iemand anders               {base}/demo")
    print("\n  Stoppen: Ctrl+C", flush=True)
    os.environ.update(settings)
    command = serving.command("demo:served", chosen.port)
    os.execv(command[0], command)


def taken(port: int) -> bool:
    """Say whether something listens on this loopback port already."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def served() -> Flask:
    """Return the app of the demo for the server, with a tick every minute. The server's end is its end."""
    app = create_app()
    parent = os.getppid()

    def minutes() -> None:
        ticked = 0.0
        while os.getppid() == parent:
            if time.monotonic() - ticked >= 60 or not ticked:
                ticked = time.monotonic()
                with app.app_context(), suppress(Refusal):  # a count that does not agree waits for a person
                    consultations.tick(db.session, Seeds(app.config["DATA_DIR"] / "seeds"), datetime.now(UTC))
            time.sleep(1)
        os._exit(0)

    threading.Thread(target=minutes, daemon=True).start()
    return app


def fill(settings: dict[str, str], base: str) -> str:
    """Fill the town, telling the story of one consultation; return a code that can still vote."""
    clock = Clock(datetime.now(UTC))
    app = create_app(settings, clock)
    with app.app_context():
        flask_migrate.upgrade(directory=str(HERE / "migrations"))
        today = clock.now
        clock.now = today - timedelta(days=70)
        town = make_town(base, clock.now)
        with served_here(app) as port:
            story = Story(app, port, clock, town, Seeds(app.config["DATA_DIR"] / "seeds"))
            small_plans(story, today)
            told(story, today)
            waiting(story, today)
            code = open_now(story, today)
            clock.now = today
            consultations.tick(db.session, story.seeds, today)
        db.session.remove()
        db.engine.dispose()
    return code


@contextmanager
def served_here(app: Flask) -> Iterator[int]:
    """Serve the app in this process, whose clock travels, on a free loopback port."""

    class Quiet(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_request(self, *_: object) -> None:
            """Say nothing."""

    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def make_town(base: str, now: datetime) -> Town:
    sender = "Gemeente Lindehaven\nTeam Wijken\nMarkt 1\n4321 AA Lindehaven"
    town = towns.add(
        db.session,
        "Lindehaven",
        base,
        sender,
        "14 0123",
        "wijken@lindehaven.example",
        "#1f5c48",
        10_000_00,
        accounts.COMMAND_LINE,
        now,
    )
    for name in STREETS:
        towns.add_wijk(db.session, town.name, name, accounts.COMMAND_LINE, now)
    for name, email, role, wijk in PEOPLE:
        where = next((each for each in town.wijken if each.name == wijk), None)
        accounts.add(db.session, town, where, name, email, role, accounts.COMMAND_LINE, now)
    return town


def roll_csv(wijk: str) -> bytes:
    """Return the address list of a wijk as a town would export it: some special ones among them."""
    rows = [
        "openbareruimte;huisnummer;huisletter;huisnummertoevoeging;postcode;woonplaats;nummeraanduiding;"
        "verblijfsobjectgebruiksdoel;verblijfsobjectstatus;object_type;nevenadres;aantal"
    ]
    number = 321_200_000_000_000 + (0 if wijk == "De Linden" else 50_000)
    for street, postcode, houses in STREETS[wijk]:
        for n in range(1, houses + 1):
            number += 1
            letter = "A" if n % 17 == 0 else ""
            addition = "2" if n % 23 == 0 else ""
            kind = "LIG" if street == "Kade" and n > 48 else "VBO"
            use = "Ligplaats" if kind == "LIG" else "woonfunctie"
            count = "1"
            if street == "Kastanjestraat" and n == 38:
                use, count = "gezondheidszorgfunctie", "24"
            rows.append(
                f"{street};{n};{letter};{addition};{postcode.replace(' ', '')};Lindehaven;{number};{use};"
                f"Verblijfsobject in gebruik;{kind};f;{count}"
            )
    return ("\r\n".join(rows) + "\r\n").encode()


def hand_in(
    story: Story, wijk: str, title: str, asked: int, place: str, what: str, for_whom: str, who: str
) -> Initiative:
    email = who.lower().replace(" ", ".") + "@voorbeeld.example"
    return initiatives.hand_in(
        db.session,
        story.wijk(wijk),
        story.clock.now,
        title=title,
        what=what,
        for_whom=for_whom,
        place=place,
        asked=asked,
        initiator=who,
        email=email,
    )


def small_plans(story: Story, today: datetime) -> None:
    """Plans that need no consultation, and one that still waits for one."""
    clock = story.clock
    clock.now = today - timedelta(days=62)
    redeemed = hand_in(
        story,
        "De Linden",
        "Plantenbakken in de Kastanjestraat",
        4_200_00,
        "Kastanjestraat",
        "Twaalf grote plantenbakken voor de huizen zonder voortuin. Bewoners geven zelf water.",
        "Voor iedereen in de straat",
        "Ria Smeets",
    )
    clock.now += timedelta(days=6)
    decide(
        story, redeemed, Verdict.AWARD, 4_200_00, "Past goed bij onze spelregels en veel buren helpen mee."
    )
    clock.now += timedelta(days=5)
    vouchers.grant(db.session, redeemed, 4_200_00, clock.now.date(), "LH-2026-0311", OFFICE, clock.now)
    voucher = vouchers.issue(db.session, redeemed, OFFICE, clock.now)
    clock.now += timedelta(days=9)
    vouchers.redeem(db.session, voucher, OFFICE, clock.now)

    clock.now = today - timedelta(days=30)
    rejected = hand_in(
        story,
        "Havenkwartier",
        "Privéparkeerplaats op de Kade",
        2_500_00,
        "Kade",
        "Een paaltje en een bord, zodat onze auto altijd voor de deur kan staan.",
        "Voor ons huis",
        "Bas Kramer",
    )
    clock.now += timedelta(days=8)
    decide(
        story,
        rejected,
        Verdict.REJECT,
        None,
        "Een plan moet er zijn voor meer mensen dan één huis.",
        "Havenkwartier",
    )

    clock.now = today - timedelta(days=6)
    hand_in(
        story,
        "De Linden",
        "Buurtmaaltijd op het plein",
        1_850_00,
        "Burgemeester van der Meulenplein",
        "Vier keer per jaar koken en eten we samen op het plein. Van het geld kopen we tafels en pannen.",
        "Voor alle buren, jong en oud",
        "Fatma Kaya",
    )
    clock.now += timedelta(days=3)
    hand_in(
        story,
        "Havenkwartier",
        "Moestuin op de Oude Scheepswerf",
        12_750_00,
        "Oude Scheepswerf",
        "Dertig moestuinbakken op de lege plek naast de loods, met een regenton en een gereedschapskist.",
        "Voor bewoners zonder tuin",
        "Piet-Jan Wolters",
    )
    clock.now += timedelta(days=1)
    hand_in(
        story,
        "Havenkwartier",
        "Taalcafé in de kantine",
        960_00,
        "Touwslagerij 12",
        "Elke woensdag oefenen buren samen Nederlands, met koffie en thee.",
        "Voor wie Nederlands leert",
        "Yonas Tesfay",
    )


def told(story: Story, today: datetime) -> None:
    """The consultation of the story: from plan to redeemed voucher."""
    clock = story.clock
    clock.now = today - timedelta(days=58, hours=2)
    plan = hand_in(
        story,
        "De Linden",
        "Huiskamer van de buurt",
        32_000_00,
        "Lindelaan 2",
        "De oude winkel op de hoek wordt een huiskamer voor de buurt: koffie, een leestafel en huiswerkhulp.\n"
        "Vrijwilligers doen elke dag de deur open.",
        "Voor ouderen die alleen zijn, en voor kinderen na school",
        "Hanneke Dijkstra",
    )
    tell(
        f"{plan.initiator} vraagt {euros(plan.asked)} voor “{plan.title}”. Dat is meer dan {euros(story.town.limit)}: eerst een wijkraadpleging."
    )
    consultation = prepare(
        story, plan, first=clock.now + timedelta(days=7), last=clock.now + timedelta(days=20),
        question="Bent u voor of tegen een huiskamer van de buurt aan de Lindelaan?",
        summary=("De oude winkel wordt een huiskamer voor de hele buurt.", "Het plan kost € 32.000.", "U kiest voor, tegen of blanco."),
        in_favour="Veel mensen in de wijk zijn alleen. In de huiskamer is elke dag iemand voor een praatje. Kinderen krijgen er hulp met huiswerk. De winkel staat nu leeg en dat maakt de hoek somber.",
        against="Het is veel geld voor één plek. Er is al een buurthuis in de wijk, op tien minuten lopen. Meer bezoek geeft ook meer drukte en fietsen op de stoep van de Lindelaan.",
        if_no="Dan blijft de winkel leeg. De regiegroep kan het geld aan een ander plan geven.",
        upkeep="De stichting van bewoners betaalt de huur en het onderhoud uit de opbrengst van de koffie.",
    )  # fmt: skip
    poll, codes = print_run(story, consultation)
    totals = rolls.totals(db.session, consultation)
    tell(
        f"De gemeente zet de vraag vast: {totals.letters} brieven voor {totals.addresses} adressen, controlegetal {shown(poll.hash)[:19]} …"
    )
    tell(
        "De brieven zijn gedrukt; daarna zijn de codes vernietigd. In de database staan alleen vingerafdrukken."
    )
    clock.now = poll.opens
    tick(story)
    clock.now += timedelta(days=2)
    vote(story, codes, {"voor": 84, "tegen": 31, "blanco": 6})
    cast = polls.turnout(db.session, poll)
    tell(f"{cast.used} bewoners stemmen over het web. Niemand ziet een tussenstand.")
    clock.now = poll.closes + timedelta(minutes=1)
    tick(story)
    clock.now += timedelta(hours=20)
    outcome, question = polls.outcome(db.session, poll), terms(poll).questions[0]
    tell(f"De uitslag: {explain.headline(outcome, question)}")
    clock.now += timedelta(days=4)
    decide(
        story,
        plan,
        Verdict.AWARD,
        32_000_00,
        "De wijk is duidelijk voor. We letten samen met de vrijwilligers op de fietsen.",
    )
    tell(f"De regiegroep kent {euros(32_000_00)} toe, met redenen; één lid stapt opzij.")
    clock.now += timedelta(days=6)
    vouchers.grant(db.session, plan, 32_000_00, clock.now.date(), "LH-2026-0347", OFFICE, clock.now)
    voucher = vouchers.issue(db.session, plan, OFFICE, clock.now)
    tell(f"De gemeente geeft een beschikking en maakt voucher {voucher.number}.")
    clock.now += timedelta(days=3)
    vouchers.redeem(db.session, voucher, OFFICE, clock.now)
    tell("De voucher is verzilverd: één keer, in één bedrag.")
    (story.folder / "dossier.zip").write_bytes(dossier.build(db.session, consultation))
    tell("Het dossier bewijst het geheel: definitie, brieven, stemmen, uitslag, beslissing, logboek.")


def tick(story: Story) -> None:
    """Let the clock do what is due, and tell it."""
    for done in consultations.tick(db.session, story.seeds, story.clock.now):
        tell(f"De klok: {done}.")


def waiting(story: Story, today: datetime) -> None:
    """One that is counted and waits for a decision, and one that was awarded."""
    clock = story.clock
    clock.now = today - timedelta(days=40)
    awarded = hand_in(
        story,
        "Havenkwartier",
        "Jeu-de-boulesbaan met bankjes",
        14_600_00,
        "Kraanvogelpad",
        "Een baan van schelpen met vier banken eromheen. De buurt houdt hem zelf schoon.",
        "Voor iedereen die een balletje wil gooien",
        "Gerrit Blom",
    )
    held(story, awarded, 14, {"voor": 61, "tegen": 40, "blanco": 4},
        question="Bent u voor of tegen een jeu-de-boulesbaan aan het Kraanvogelpad?",
        summary=("Er komt een baan met vier banken.", "Het plan kost € 14.600.", "U kiest voor, tegen of blanco."),
        in_favour="Op het Kraanvogelpad is nu niets te doen. Een baan met banken brengt jong en oud samen en kost weinig onderhoud.",
        against="Het Kraanvogelpad is nu juist stil. Een baan geeft geluid op zomeravonden, vlak onder de slaapkamers van de huizen.",
        if_no="Dan blijft het grasveld zoals het is.",
        upkeep="Een groep van tien buren onderhoudt de baan. De gemeente maait eromheen.",
    )  # fmt: skip
    decide(
        story,
        awarded,
        Verdict.AWARD,
        14_000_00,
        "Een meerderheid is voor. Een van de banken vervalt.",
        "Havenkwartier",
    )

    clock.now = today - timedelta(days=24)
    counted = hand_in(
        story,
        "Havenkwartier",
        "Muurschildering op de Touwslagerij",
        18_400_00,
        "Touwslagerij 40",
        "Een kunstenaar uit de wijk schildert met bewoners de geschiedenis van de haven op de lange blinde muur.",
        "Voor iedereen die er langs loopt",
        "Chaima El Idrissi",
    )
    held(story, counted, 10, {"voor": 38, "tegen": 47, "blanco": 9},
        question="Bent u voor of tegen een muurschildering op de Touwslagerij?",
        summary=("Op de blinde muur komt een schildering over de haven.", "Het plan kost € 18.400.", "U kiest voor, tegen of blanco."),
        in_favour="De muur is al jaren kaal en vies. Een schildering vertelt het verhaal van de haven en van de mensen die er werkten.",
        against="Voor dit geld kan er ook groen tegen de muur groeien. Een schildering bladdert en moet over tien jaar weer over.",
        if_no="Dan blijft de muur kaal. De eigenaar maakt hem wel schoon.",
        upkeep="De eigenaar van het pand betaalt het onderhoud, tien jaar lang.",
    )  # fmt: skip


def held(story: Story, plan: Initiative, days: int, votes: dict[str, int], **texts: object) -> None:
    """Hold a consultation about a plan from start to count."""
    clock = story.clock
    consultation = prepare(
        story, plan, first=clock.now + timedelta(days=2), last=clock.now + timedelta(days=2 + days), **texts
    )
    poll, codes = print_run(story, consultation)
    clock.now = poll.opens + timedelta(days=1)
    vote(story, codes, votes)
    clock.now = poll.closes + timedelta(minutes=1)
    consultations.tick(db.session, story.seeds, clock.now)
    clock.now += timedelta(hours=20)


def open_now(story: Story, today: datetime) -> str:
    """The consultation that is open: its letters stay behind as the printer got them."""
    clock = story.clock
    clock.now = today - timedelta(days=9)
    plan = hand_in(
        story,
        "De Linden",
        "Speelplek aan de Lindelaan",
        24_500_00,
        "Lindelaan, naast nummer 46",
        "Het kale grasveld wordt een speelplek met een klimboom, een waterpomp en een zandbak.\n"
        "Er komen ook twee banken in de schaduw voor opa's en oma's.",
        "Voor kinderen tot twaalf jaar, en wie met ze meekomt",
        "Noor van Houten",
    )
    consultation = prepare(
        story, plan, first=today - timedelta(days=5), last=today + timedelta(days=9),
        question="Bent u voor of tegen een speelplek aan de Lindelaan?",
        summary=("Het grasveld aan de Lindelaan wordt een speelplek.", "Het plan kost € 24.500.", "U kiest voor, tegen of blanco."),
        in_favour="In onze wijk wonen honderd kinderen, maar er is geen plek om te spelen. De speelplek heeft natuurlijke toestellen en veel schaduw. Ouders en grootouders ontmoeten elkaar er vanzelf.",
        against="Het grasveld is de laatste open plek in de straat. Hondenbezitters gebruiken het elke dag. Een speelplek geeft geluid, ook in het weekend, en trekt ’s avonds hangjongeren.",
        if_no="Dan blijft het grasveld zoals het is.",
        upkeep="De gemeente keurt de toestellen elk jaar. Bewoners houden de plek zelf schoon.",
    )  # fmt: skip
    pdf = prints.letters(db.session, story.seeds, frozen(story, consultation), OFFICE, clock.now)
    (story.folder / "letters.pdf").write_bytes(pdf)
    poll, codes = print_run(story, consultation)
    clock.now = poll.opens + timedelta(days=1)
    vote(story, codes, {"voor": 29, "tegen": 12, "blanco": 2})
    return codes[-1]


def prepare(story: Story, plan: Initiative, first: datetime, last: datetime, **texts: object) -> Consultation:
    """Draft a consultation: question, rule, addresses."""
    now = story.clock.now
    draft = consultations.start(db.session, plan, OFFICE, now)
    summary = texts.pop("summary")
    assert isinstance(summary, Sequence)
    rule: dict[str, object] = {
        "first_day": dutch_day(first),
        "last_day": dutch_day(last),
        "majority": "simple",
        "quorum": "turnout",
        "quorum_percent": 15,
        "blank_in_turnout": True,
        "missed_quorum": "bars",
    }
    consultations.edit(db.session, draft, {**texts, "summary": "\n".join(summary), **rule}, OFFICE, now)
    rolls.upload(db.session, draft, "adressen.csv", roll_csv(plan.wijk.name), OFFICE, now)
    rolls.import_roll(db.session, draft, OFFICE, now)
    for entry in rolls.worklist(db.session, draft):
        rolls.decide_special(
            db.session, entry, entry.letters, "Woonzorgcentrum: elke bewoner krijgt een brief.", OFFICE, now
        )
    return draft


def frozen(story: Story, consultation: Consultation) -> Consultation:
    consultations.freeze(db.session, story.seeds, consultation, OFFICE, story.clock.now)
    return consultation


def print_run(story: Story, consultation: Consultation) -> tuple[Poll, list[str]]:
    """Freeze, print and confirm; return the codes as they stand on the printed letters, in random order."""
    if consultation.poll is None:
        frozen(story, consultation)
    poll = consultation.poll
    assert poll is not None
    codes = [code for _, code in letters.printable(db.session, story.seeds, poll)]
    consultations.confirm_printed(db.session, story.seeds, consultation, OFFICE, story.clock.now)
    story.dice.shuffle(codes)
    return poll, codes


def vote(story: Story, codes: Sequence[str], counts: dict[str, int]) -> None:
    """Cast so many votes over HTTP, in random order, with the first of these codes."""
    markings = [marking for marking, count in counts.items() for _ in range(count)]
    story.dice.shuffle(markings)
    db.session.rollback()
    connection = http.client.HTTPConnection("127.0.0.1", story.port, timeout=60)
    for code, marking in zip(codes, markings, strict=False):
        status = post_vote(connection, code, [marking])
        if status != 303:
            raise VoteLost(status=status)
    connection.close()


def decide(
    story: Story, plan: Initiative, verdict: Verdict, amount: int | None, why: str, wijk: str = "De Linden"
) -> None:
    """The regiegroep decides, with everybody present and the last one standing aside."""
    names = [name for name, _, _, where in PEOPLE if where == wijk]
    actor = GROUP if wijk == "De Linden" else "regiegroep: Dirk Post"
    decisions.decide(db.session, plan, verdict, amount, why, names, names[-1:], actor, story.clock.now)


def dutch_day(moment: datetime) -> date:
    return moment.astimezone(consultations.AMSTERDAM).date()


def tell(line: str) -> None:
    print(f"  · {line}", flush=True)


if __name__ == "__main__":
    main()
