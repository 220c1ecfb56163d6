"""Fill the town, and tell the story of one consultation. Time travels, so that plans stand in every state."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import flask_migrate
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from app import create_app
from ballots import explain, polls
from ballots.database import db
from ballots.definition import shown
from ballots.money import euros
from ballots.terms import terms
from ballots.web import vault
from consult import consultations, dossier, points, prints, rolls, vouchers
from consult.lifecycle import Verdict
from consult.models import Initiative
from demo import town
from demo.moves import (
    Clock,
    Stage,
    decide,
    dutch_day,
    freeze,
    hand_in,
    hear,
    prepare,
    prepare_ballot,
    print_letters,
    share_key,
    show_off,
    shred,
    unseal,
    vote,
    vote_at_random,
)
from demo.town import OFFICE

PLANS, BALLOTS = town.FACTS["plans"], town.FACTS["ballots"]


@dataclass(frozen=True)
class Codes:
    """Codes of letters that were not used yet, of what is open now."""

    consultation: str
    ballot: str
    plan: str = ""  # the secret of an initiator's private link


def fill(settings: dict[str, str], base: str) -> Codes:
    """Fill the town in the folder of these settings; return codes that can still vote."""
    clock = Clock(datetime.now(UTC))
    app = create_app(settings, clock)
    with app.app_context():
        flask_migrate.upgrade()
        today = clock.now
        clock.now = today - timedelta(days=70)
        made = town.make(base, clock.now)
        with served_here(app) as port:
            stage = Stage(app, port, clock, made, vault())
            small_plans(stage, today)
            told(stage, today)
            waiting(stage, today)
            asking(stage, today)
            counted_ballot(stage, today)
            codes = Codes(
                open_now(stage, today), open_ballot(stage, today), stage.links[PLANS["speelplek"]["title"]]
            )
            clock.now = today
            consultations.tick(db.session, stage.vault, today)
            shred(stage)
        db.session.remove()
        db.engine.dispose()
    return codes


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


def small_plans(stage: Stage, today: datetime) -> None:
    """Plans that need no consultation, and one that still waits for one."""
    clock = stage.clock
    clock.now = today - timedelta(days=62)
    redeemed = hand_in(stage, PLANS["plantenbakken"])
    clock.now += timedelta(days=6)
    why = "Past goed bij onze spelregels en veel buren helpen mee."
    decide(stage, redeemed, Verdict.AWARD, redeemed.asked, why)
    clock.now += timedelta(days=5)
    pay(stage, redeemed, "LH-2026-0311")
    clock.now += timedelta(days=12)
    show_off(stage, redeemed, PLANS["plantenbakken"])

    clock.now = today - timedelta(days=30)
    rejected = hand_in(stage, PLANS["parkeerplaats"])
    clock.now += timedelta(days=8)
    decide(stage, rejected, Verdict.REJECT, None, "Een plan moet er zijn voor meer mensen dan één huis.")

    for days, name in ((6, "buurtmaaltijd"), (3, "moestuin"), (2, "taalcafe")):
        clock.now = today - timedelta(days=days)
        hand_in(stage, PLANS[name])


def told(stage: Stage, today: datetime) -> None:
    """The consultation of the story: from plan to redeemed voucher."""
    clock, facts = stage.clock, PLANS["huiskamer"]
    clock.now = today - timedelta(days=68, hours=2)
    plan = hand_in(stage, facts)
    tell(f"{plan.initiator} vraagt {euros(plan.asked)} voor “{plan.title}”.")
    tell(f"Dat is meer dan {euros(stage.town.limit)}. Daarom komt er eerst een wijkraadpleging.")
    first, last = clock.now + timedelta(days=17), clock.now + timedelta(days=30)
    consultation = prepare(stage, plan, first, last, facts["asks"])
    hear(stage, consultation, facts["heard"], 9)
    sent, gathered = len(consultation.sent_points), len(consultation.points)
    tell(f"Bewoners sturen {sent} punten: wat weegt mee? De regiegroep voegt ze samen tot {gathered}.")
    poll = freeze(stage, consultation)
    totals = rolls.totals(db.session, consultation)
    tell(f"De gemeente zet de vraag vast: {totals.letters} brieven voor {totals.addresses} adressen.")
    tell(f"Het controlegetal van wat vastligt begint met {shown(poll.hash)[:19]}.")
    codes = print_letters(stage, consultation)
    tell("De brieven zijn gedrukt. De codes staan nu alleen nog op de brieven.")
    clock.now = poll.opens
    tick(stage)
    clock.now += timedelta(days=2)
    vote(stage, codes, facts["votes"])
    tell(
        f"{polls.turnout(db.session, poll).used} bewoners stemmen met hun telefoon. Niemand ziet een tussenstand."
    )
    clock.now = poll.closes + timedelta(minutes=1)
    tick(stage)
    tell(f"De uitslag: {explain.headline(polls.outcomes(db.session, poll)[0], terms(poll).questions[0])}")
    clock.now += timedelta(days=4, hours=20)
    why = "De wijk is duidelijk voor. We letten samen met de vrijwilligers op de fietsen."
    decide(stage, plan, Verdict.AWARD, plan.asked, why, facts["answers"])
    tell(f"De regiegroep kent {euros(plan.asked)} toe en schrijft op waarom. Eén lid stapt opzij.")
    tell("Zij geeft antwoord op de drie punten die het zwaarst wegen.")
    clock.now += timedelta(days=6)
    number = pay(stage, plan, "LH-2026-0347")
    tell(f"De gemeente geeft een beschikking. Voucher {number} is verzilverd: één keer, in één bedrag.")
    clock.now += timedelta(days=4)
    show_off(stage, plan, facts)
    tell(f"{plan.initiator} laat zien wat ervan kwam. De gemeente kijkt mee en zet het op de website.")
    (stage.folder / "dossier.zip").write_bytes(dossier.build(db.session, stage.vault, consultation))
    tell(
        "In het dossier staat alles: de vraag, de brieven, de stemmen, de uitslag, de beslissing, het logboek."
    )


def waiting(stage: Stage, today: datetime) -> None:
    """One that was awarded and waits for the town, and one that is counted and waits for a decision."""
    clock = stage.clock
    clock.now = today - timedelta(days=40)
    awarded = held(stage, "jeu-de-boules", 14, {"voor": 61, "tegen": 40, "blanco": 4})
    decide(stage, awarded, Verdict.AWARD, 14_000_00, "Een meerderheid is voor. Een van de banken vervalt.")
    clock.now = today - timedelta(days=24)
    held(stage, "muurschildering", 10, {"voor": 38, "tegen": 47, "blanco": 9})


def asking(stage: Stage, today: datetime) -> None:
    """A plan about which residents can send points now, before the wijk is asked."""
    clock, facts = stage.clock, PLANS["zwemsteiger"]
    clock.now = today - timedelta(days=6)
    plan = hand_in(stage, facts)
    clock.now += timedelta(days=1)
    draft = consultations.start(db.session, plan, OFFICE, clock.now)
    consultations.edit(db.session, draft, {"question": facts["question"]}, OFFICE, clock.now)
    points.ask(db.session, draft, dutch_day(today + timedelta(days=9)), OFFICE, clock.now)
    for text in facts["sent"]:
        clock.now += timedelta(hours=11)
        points.send(db.session, draft, text, stage.dice.randbytes(16).hex(), clock.now)


def open_now(stage: Stage, today: datetime) -> str:
    """The consultation that is open: its letters stay behind as the printer got them."""
    clock, facts = stage.clock, PLANS["speelplek"]
    clock.now = today - timedelta(days=9)
    plan = hand_in(stage, facts)
    first, last = today - timedelta(days=5), today + timedelta(days=9)
    consultation = prepare(stage, plan, first, last, facts["asks"])
    poll = freeze(stage, consultation)
    pdf = prints.letters(db.session, stage.vault, consultation, OFFICE, clock.now)
    (stage.folder / "letters.pdf").write_bytes(pdf)
    codes = print_letters(stage, consultation)
    clock.now = poll.opens + timedelta(days=1)
    vote(stage, codes, {"voor": 29, "tegen": 12, "blanco": 2})
    return codes[-1]


def counted_ballot(stage: Stage, today: datetime) -> None:
    """A buurtstemming of two questions that is counted, opened by two of three keyholders."""
    clock = stage.clock
    clock.now = today - timedelta(days=34)
    first = clock.now + timedelta(days=4)
    ballot = prepare_ballot(stage, BALLOTS["plein"], first, first + timedelta(days=14))
    poll = freeze(stage, ballot)
    sheets = share_key(stage, ballot)
    codes = print_letters(stage, ballot)
    clock.now = poll.opens + timedelta(days=1)
    vote_at_random(stage, codes, poll, 96)
    clock.now = poll.closes + timedelta(minutes=1)
    tell(f"Over “{ballot.title}” bewaren drie sleutelhouders de sleutel. De stemming is voorbij.")
    tick(stage)
    clock.now += timedelta(hours=20)
    unseal(stage, ballot, sheets[1:])
    tell("Twee van de drie sleutelhouders typen hun blad. De dienst opent de stembus en telt.")
    tick(stage)


def open_ballot(stage: Stage, today: datetime) -> str:
    """A buurtbudget that is open; return a code that was not used."""
    clock = stage.clock
    clock.now = today - timedelta(days=7)
    first, last = today - timedelta(days=3), today + timedelta(days=11)
    ballot = prepare_ballot(stage, BALLOTS["buurtbudget"], first, last)
    poll = freeze(stage, ballot)
    codes = print_letters(stage, ballot)
    clock.now = poll.opens + timedelta(days=1)
    vote_at_random(stage, codes, poll, 37)
    return codes[-1]


def held(stage: Stage, name: str, days: int, votes: dict[str, int]) -> Initiative:
    """Hold a consultation about a plan, from handing in to the count."""
    clock, facts = stage.clock, PLANS[name]
    plan = hand_in(stage, facts)
    first = clock.now + timedelta(days=2)
    consultation = prepare(stage, plan, first, first + timedelta(days=days), facts["asks"])
    poll = freeze(stage, consultation)
    codes = print_letters(stage, consultation)
    clock.now = poll.opens + timedelta(days=1)
    vote(stage, codes, votes)
    clock.now = poll.closes + timedelta(minutes=1)
    consultations.tick(db.session, stage.vault, clock.now)
    clock.now += timedelta(hours=20)
    return plan


def pay(stage: Stage, plan: Initiative, reference: str) -> str:
    """The town grants what was awarded, and the voucher is redeemed; return its number."""
    clock = stage.clock
    award = plan.decisions[-1].amount or 0
    vouchers.grant(db.session, plan, award, clock.now.date(), reference, OFFICE, clock.now)
    voucher = vouchers.issue(db.session, plan, OFFICE, clock.now)
    clock.now += timedelta(days=3)
    vouchers.redeem(db.session, voucher, OFFICE, clock.now)
    return voucher.number


def tick(stage: Stage) -> None:
    """Let the clock do what is due, and tell it."""
    for done in consultations.tick(db.session, stage.vault, stage.clock.now):
        tell(f"De klok: {done}.")


def tell(line: str) -> None:
    print(f"  · {line}", flush=True)
