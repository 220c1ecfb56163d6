"""The town that the browser visits: the demo's, with a plan in each state the demo leaves out."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from secrets import token_bytes
from typing import Any

import pypdfium2
import zxingcpp
from flask import Flask

from app import create_app
from ballots import archive, casting, custody, guard, letters, replacing
from ballots.counting.greedy import Leftover
from ballots.counting.majority import Quorum
from ballots.database import db
from ballots.definition import Custody
from ballots.paper import Kind as PaperKind
from ballots.record import Kind
from ballots.refusals import Refusal
from ballots.terms import frozen
from ballots.vault import Vault
from consult import (
    accounts,
    ballot_questions,
    changes,
    consultations,
    decisions,
    keyholding,
    proposals,
    rolls,
    vouchers,
)
from consult.drafts import DraftOption, TieOrder, Way, Weight
from consult.lifecycle import Verdict
from consult.models import Consultation, Initiative, Role, Staff, Town
from demo.moves import (
    KEPT,
    Clock,
    Stage,
    dutch_day,
    freeze,
    hand_in,
    hear,
    prepare,
    print_letters,
    share_key,
)
from demo.story import fill
from demo.town import OFFICE, members, roll_csv

GROUP = "regiegroep: Dirk Post"
TEXTS = {
    "question": "Bent u voor of tegen een wijkbakkerij aan de Kade?",
    "summary": "De oude loods wordt een bakkerij.\nHet plan kost € 12.000.\nU kiest voor, tegen of blanco.",
    "in_favour": "Samen brood bakken brengt de buren bij elkaar. De loods staat al jaren leeg.",
    "against": "Er is al een bakker in de wijk. Een oven geeft warmte in de straat.",
    "if_no": "Dan blijft de loods leeg.",
    "upkeep": "De stichting betaalt het onderhoud.",
}


@dataclass
class Place:
    """The served town, and where to find what in it."""

    base: str
    app: Flask
    folder: Path
    plans: dict[str, int] = field(default_factory=dict)
    consultations: dict[str, int] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)  # of polls where no vote can be cast
    vouchers: dict[str, str] = field(default_factory=dict)  # tokens
    sheets: dict[str, list[str]] = field(default_factory=dict)  # what three key sheets say
    invitation: str = ""
    used_pages: int = 0

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Work with the town's database, in the test process."""
        with self.app.app_context():
            yield
            db.session.remove()

    def letter(self) -> str:
        """Return the link on the next letter of the open consultation that nobody has used yet."""
        pdf = pypdfium2.PdfDocument(self.folder / "letters.pdf")
        try:
            while True:
                link = scanned(pdf, self.used_pages)
                self.used_pages += 1
                with self.inside():
                    try:
                        code = link.partition("#")[2]
                        poll, p = casting.find(db.session, code)
                        casting.admit(db.session, poll, p, datetime.now(UTC))
                    except Refusal:
                        continue
                return link
        finally:
            pdf.close()

    def code(self) -> str:
        """Return the code of a letter that nobody has used yet."""
        return self.letter().partition("#")[2]


BUDGET = {
    "text": "Welke plannen moeten geld krijgen?",
    "kind": PaperKind.APPROVE,
    "options": (
        DraftOption("a1", "Bankjes langs de kade", 4_500_00, "Groen", "Noord"),
        DraftOption("a2", "Twintig bomen", 12_000_00, "Groen", "Zuid"),
        DraftOption("a3", "Een schommel voor jong en oud", 9_000_00, "Spelen", "Noord"),
    ),
    "shuffled": True,
    "least": 1,
    "most": 2,
    "theme_most": {"Groen": 1},
    "way": Way.GREEDY,
    "pot": 15_000_00,
    "theme_caps": {"Groen": 12_000_00},
    "skip": True,
    "threshold": 0,
    "leftover": Leftover.MORE,
    "tie_order": TieOrder.LOT,
    "weight": Weight.ALIKE,
}
POINTS = {
    **BUDGET,
    "kind": PaperKind.POINTS,
    "points_sum": 10,
    "points_least": 10,
    "points_each": 5,
    "theme_most": {},
}
NAME = {
    "text": "Hoe gaat de brug heten?",
    "kind": PaperKind.CHOOSE_ONE,
    "options": (DraftOption("a1", "Lindebrug"), DraftOption("a2", "Touwbrug")),
    "shuffled": False,
    "way": Way.PLURALITY,
    "quorum": Quorum.NONE,
    "tie_order": TieOrder.LOT,
    "weight": Weight.ALIKE,
}


def ballot(
    stage: Stage, title: str, first: datetime, last: datetime, *questions: Mapping[str, Any]
) -> Consultation:
    """The office drafts a buurtstemming of the Havenkwartier with these questions, and its addresses."""
    session, now = db.session, stage.clock.now
    wijk = next(wijk for wijk in stage.town.wijken if wijk.name == "Havenkwartier")
    texts = {"summary": "De wijk kiest.\nU stemt met uw brief.", "afterwards": "De gemeente doet wat wint."}
    draft = consultations.start_ballot(session, wijk, {"title": title, **texts}, OFFICE, now)
    for fields in questions:
        made = ballot_questions.add(session, draft, OFFICE, now)
        ballot_questions.change(session, draft, made.id, fields, OFFICE, now)
    days = {"first_day": dutch_day(first), "last_day": dutch_day(last)}
    consultations.edit(session, draft, {**days, **KEPT}, OFFICE, now)
    rolls.upload(session, draft, "adressen.csv", roll_csv(wijk.name), OFFICE, now)
    rolls.import_roll(session, draft, OFFICE, now)
    for entry in rolls.worklist(session, draft):
        rolls.decide_special(session, entry, entry.letters, "Elke bewoner een brief.", OFFICE, now)
    return draft


def scanned(pdf: pypdfium2.PdfDocument, page: int) -> str:
    """Return what the QR code on a page of a PDF says, as a camera sees it."""
    sheet = pdf[page]
    bitmap = sheet.render(scale=3, grayscale=True)
    grey = memoryview(bytes(bitmap.buffer)).cast("B", (bitmap.height, bitmap.stride))
    bitmap.close()
    sheet.close()
    (found,) = zxingcpp.read_barcodes(grey)
    text: str = found.text
    return text


def settings(folder: Path) -> dict[str, str]:
    return {
        "SECRET_KEY": "secret of the browser tests",
        "DATA_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'wijkstem.db'}",
        "DEMO": "1",
    }


def filled(folder: Path, base: str) -> Place:
    """Fill the demo's town, with more states, in this folder."""
    given = settings(folder)
    codes = fill(given, base)
    place = Place(base, create_app(given), folder)
    place.codes["initiator"] = codes.plan
    with place.inside():
        _more(place)
    return place


def _changed(stage: Stage, held: Consultation) -> None:
    """Letters are replaced, void and added, one is contested; and a proposal waits for a colleague."""
    session, vault, now = db.session, stage.vault, stage.clock.now
    consultations.edit(session, held, {"lengthen": 7}, OFFICE, now)
    codes = [code for _, code in letters.printable(session, vault, freeze(stage, held))]
    print_letters(stage, held)
    for code in codes[:2]:
        found, p = casting.find(session, code)
        casting.cast(
            session,
            casting.sealed(casting.mix_keys(vault, found.id), frozen(found), p, [["voor"]], token_bytes(32)),
            now,
        )
    changes.replace(session, vault, held, [3], "De brief was kwijt.", OFFICE, now)
    changes.void(session, vault, held, range(5, 9), "Vier brieven kwamen ongeopend terug.", OFFICE, now)
    changes.contest(session, vault, held, [2], "De bewoner zegt dat zij niet stemde.", OFFICE, now)
    samira, bram = (
        session.query(Staff).filter_by(name=name).one() for name in ("Samira Bakker", "Bram de Graaf")
    )
    facts = {"known": [[held.roll[9].id, 1]], "new": []}
    why = "Op dit adres wonen twee gezinnen."
    more = proposals.propose(session, vault, held, Kind.ADD, facts, why, samira, now)
    proposals.confirm(session, vault, more, bram, now)
    why = "In de tekst op de brief stond een verkeerd bedrag."
    proposals.propose(session, vault, held, Kind.RESTART, {}, why, samira, now)


def _put_back(stage: Stage, held: Consultation) -> str:
    """Three letters that were used at the last tick are not in the database; return the last checkpoint."""
    session, vault, now = db.session, stage.vault, stage.clock.now
    for code in print_letters(stage, held)[:5]:
        found, p = casting.find(session, code)
        keys = casting.mix_keys(vault, found.id)
        casting.cast(session, casting.sealed(keys, frozen(found), p, [["voor"]], token_bytes(32)), now)
    poll = held.poll
    assert poll is not None
    guard.mark(session, vault, poll)
    last = archive.remembered(vault, poll.id)
    assert last is not None
    archive.remember(vault, poll.id, {**last, "used": 8, "redeemed": 8})
    return str(last["note"])


def _contested(stage: Stage, id: int) -> None:
    """After the count ten addresses say that they did not vote."""
    held = db.session.get_one(Consultation, id)
    assert held.poll is not None
    states = replacing.states(db.session, held.poll, range(1, 200))
    used = [serial for serial, state in states.items() if state.channel][:10]
    why = "Bewoners van één portiek zeggen dat hun brieven uit de hal zijn gehaald."
    changes.contest(db.session, stage.vault, held, used, why, OFFICE, stage.clock.now)


def _more(place: Place) -> None:
    town = db.session.query(Town).one()
    now = datetime.now(UTC)
    clock = Clock(now)
    stage = Stage(place.app, 0, clock, town, Vault(place.folder / "keys"))
    for held in db.session.query(Consultation):
        place.consultations[held.subject] = held.id
    for known in db.session.query(Initiative):
        place.plans[known.title] = known.id
        for consultation in known.consultations:
            place.consultations[known.title] = consultation.id

    def plan(title: str, asked: int = 12_000_00, wijk: str = "Havenkwartier") -> Initiative:
        facts = {"title": title, "asked": asked, "wijk": wijk, "place": f"Kade {len(place.plans)}"}
        facts |= {"what": "Een plan van bewoners voor de hele wijk.", "for_whom": "Voor alle buren"}
        made = hand_in(stage, {**facts, "initiator": f"Bewoner {len(place.plans)}"})
        place.plans[title] = made.id
        return made

    def prepared(title: str, first: datetime, last: datetime, **asks: str) -> Consultation:
        draft = prepare(stage, plan(title), first, last, {**TEXTS, **asks})
        place.consultations[title] = draft.id
        return draft

    clock.now = now - timedelta(days=13)
    tied = ballot(stage, "Naam voor de nieuwe brug", clock.now, now - timedelta(days=6), NAME)
    counted = ballot(stage, "Buurtbudget Havenkwartier", clock.now, now - timedelta(days=6), BUDGET, NAME)
    for held, votes in ((tied, [[["a1"]], [["a2"]]]), (counted, [[["a1", "a3"], ["a1"]], [["a2"], ["a2"]]])):
        place.consultations[held.title] = held.id
        for code, marks in zip(print_letters(stage, held), votes, strict=False):
            found, p = casting.find(db.session, code)
            vote = casting.sealed(
                casting.mix_keys(stage.vault, found.id), frozen(found), p, marks, token_bytes(32)
            )
            casting.cast(db.session, vote, clock.now)
    asked = ballot(stage, "Spelregels van het plein", now, now + timedelta(days=9), BUDGET)
    place.codes["paper"] = print_letters(stage, asked)[-1]
    drafted = ballot(stage, "Buurtbudget voor volgend jaar", now, now + timedelta(days=9), BUDGET, POINTS)
    unfinished = ballot(stage, "Een leeg biljet", now, now + timedelta(days=9), {})
    for each in (asked, drafted, unfinished):
        place.consultations[each.title] = each.id

    clock.now = now - timedelta(days=12)
    unvoted = prepared("Wijkbakkerij", clock.now, now - timedelta(days=5))
    codes = print_letters(stage, unvoted)
    poll = unvoted.poll
    assert poll is not None
    place.codes["late"] = codes[0]
    clock.now = poll.closes + timedelta(minutes=1)
    consultations.tick(db.session, stage.vault, clock.now)

    clock.now = now
    withdrawn = prepared("Kabelbaan over de haven", now, now + timedelta(days=9))
    codes = print_letters(stage, withdrawn)
    place.codes["withdrawn"] = codes[0]
    why = "De tekst op de brief was niet goed. U krijgt een nieuwe brief."
    consultations.withdraw(db.session, stage.vault, withdrawn, why, OFFICE, now)

    _changed(stage, prepared("Theehuis in het park", now, now + timedelta(days=9)))
    _contested(stage, place.consultations["Muurschildering op de Touwslagerij"])

    printed = prepared("Steiger voor roeiboten", now + timedelta(days=3), now + timedelta(days=16))
    codes = print_letters(stage, printed)
    place.codes["early"] = codes[0]
    freeze(stage, prepared("Podium op de Kade", now + timedelta(days=3), now + timedelta(days=16)))
    prepared("Buurtbibliotheek", now + timedelta(days=3), now + timedelta(days=16))
    _keyed(place, stage, prepared)
    _heard(place, stage, prepared)
    days = now, now + timedelta(days=9)
    place.codes["checkpoint"] = _put_back(stage, prepared("Dierenweide op de Kade", *days))
    shut = prepared("Pluktuin op de Kade", *days)
    note = {"note": _put_back(stage, shut)}
    samira = db.session.query(Staff).filter_by(name="Samira Bakker").one()
    why = "De schijf van de server ging stuk. Wij zetten de kopie van vannacht terug."
    proposals.propose(db.session, stage.vault, shut, Kind.RESTORED, note, why, samira, now)
    empty = consultations.start(db.session, plan("Fietsenstalling"), OFFICE, now)
    place.consultations["Fietsenstalling"] = empty.id

    def decided(title: str, verdict: Verdict, why: str = "Past bij de spelregels.") -> Initiative:
        made = plan(title, 3_000_00)
        amount = 3_000_00 if verdict is Verdict.AWARD else None
        people = members("Havenkwartier")
        decisions.decide(db.session, made, verdict, amount, why, people, people[2:], GROUP, now)
        return made

    decided("Schaakclub", Verdict.DEFER, "Eerst vragen we wat het per jaar kost.")
    granted = decided("Zwemvlot", Verdict.AWARD)
    vouchers.grant(db.session, granted, 3_000_00, now.date(), "LH-2026-0500", OFFICE, now)
    ready = decided("Boekenruilkast", Verdict.AWARD)
    vouchers.grant(db.session, ready, 3_000_00, now.date(), "LH-2026-0501", OFFICE, now)
    key = place.app.config["SECRET_KEY"]
    place.vouchers["ready"] = vouchers.token(key, vouchers.issue(db.session, ready, OFFICE, now))
    redeemed = db.session.get_one(Initiative, place.plans["Huiskamer van de buurt"]).grant
    assert redeemed is not None
    assert redeemed.voucher is not None
    place.vouchers["redeemed"] = vouchers.token(key, redeemed.voucher)

    guest = accounts.add(
        db.session, town, None, "Petra Nieuw", "petra@lindehaven.example", Role.GEMEENTE,
        accounts.COMMAND_LINE, now,
    )  # fmt: skip
    place.invitation = accounts.invitation(key, guest, now)


HEARD: Mapping[str, Any] = {
    "points": [
        {"text": "Een plek om elkaar te ontmoeten", "sent": ["Gezellig!", "Ik ken hier nog niemand."]},
        {"text": "Geluid in de avond", "sent": ["Ik slaap met het raam open, en dan hoor je alles."]},
        {"text": "Wat het per jaar kost", "sent": ["Wie betaalt dit over vijf jaar?", "Duur"]},
        {"text": "Ook goed te bereiken met rollator of rolstoel", "sent": ["Kan mijn vader er komen?"]},
    ],
    "aside": {"elsewhere": ["En de stoep dan?"], "person": [], "unclear": []},
}


def _heard(place: Place, stage: Stage, prepared: Callable[..., Consultation]) -> None:
    """Consultations with points: gathered and to be signed off, open to vote, and counted with nothing decided."""
    clock, now = stage.clock, stage.clock.now
    clock.now = now - timedelta(days=10)
    draft = prepared("Muziekkoepel op de Werf", now + timedelta(days=2), now + timedelta(days=9))
    hear(stage, draft, HEARD, 7)
    consultations.edit(db.session, draft, {"upkeep": "De gemeente doet het."}, OFFICE, clock.now)

    clock.now = now - timedelta(days=10)
    voted = prepared("Wijkkeuken op de Werf", now - timedelta(days=1), now + timedelta(days=9))
    hear(stage, voted, HEARD, 7)
    freeze(stage, voted)
    place.codes["points"], *_ = print_letters(stage, voted)

    clock.now = now - timedelta(days=30)
    counted = prepared(
        "Dierenweide op de Werf", now - timedelta(days=20), now - timedelta(days=8), quorum="none"
    )
    hear(stage, counted, HEARD, 7)
    poll = freeze(stage, counted)
    marks = [
        [["voor"], ["p1"]],
        [["voor"], ["p3"]],
        [["tegen"], ["p2"]],
        [["voor"], ["p1"]],
        [["voor"], ["blanco"]],
    ]
    for code, given in zip(print_letters(stage, counted), marks, strict=False):
        found, p = casting.find(db.session, code)
        vote = casting.sealed(
            casting.mix_keys(stage.vault, found.id), frozen(found), p, given, token_bytes(32)
        )
        casting.cast(db.session, vote, poll.opens + timedelta(hours=1))
    clock.now = now
    consultations.tick(db.session, stage.vault, now)


def _keyed(place: Place, stage: Stage, prepared: Callable[..., Consultation]) -> None:
    """Consultations with the keys in every state, of which keyholders keep most."""
    clock, now = stage.clock, stage.clock.now
    soon = now + timedelta(days=2), now + timedelta(days=16)
    kept = {"custody": Custody.KEYHOLDERS.value}

    def assigned(consultation: Consultation) -> list[str]:
        """Assign and print; return what the sheets say."""
        people = keyholding.people(db.session, stage.town)
        by_part = dict(zip(keyholding.PARTS, people, strict=True))
        keyholding.assign(db.session, consultation, by_part, OFFICE, now)
        poll = consultation.poll
        assert poll is not None
        for person in people:
            keyholding.print_share(db.session, stage.vault, consultation, person, person.name, now)
        place.sheets[consultation.subject] = sheets = custody.sheets(stage.vault, poll)
        return sheets

    consultations.freeze(db.session, stage.vault, prepared("Kiosk op de Kade", *soon, **kept), OFFICE, now)
    tried = prepared("Fontein op de Kade", *soon, **kept)
    freeze(stage, tried)
    one, other, _ = assigned(tried)
    keyholding.try_pair(db.session, stage.vault, tried, one, other, "Anna", now)
    unconfirmed = prepared("Molen op de Kade", *soon, **kept)
    freeze(stage, unconfirmed)
    for one, other in combinations(assigned(unconfirmed), 2):
        keyholding.try_pair(db.session, stage.vault, unconfirmed, one, other, "Anna", now)
    lost = prepared("Vuurplaats op de Kade", now + timedelta(days=30), now + timedelta(days=40))
    poll = freeze(stage, lost)
    stage.vault.destroy(poll.id, "mix")

    clock.now = now - timedelta(days=9)
    over = prepared("Zeepkist op de Kade", clock.now, now - timedelta(days=2), **kept)
    poll = freeze(stage, over)
    place.sheets[over.subject] = share_key(stage, over)
    for code in print_letters(stage, over)[:12]:
        found, p = casting.find(db.session, code)
        vote = casting.sealed(
            casting.mix_keys(stage.vault, found.id), frozen(found), p, [["voor"]], token_bytes(32)
        )
        casting.cast(db.session, vote, poll.opens + timedelta(hours=1))
    clock.now = now
    consultations.tick(db.session, stage.vault, now)
