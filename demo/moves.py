"""What people do in the demo: each move is a verb of the house, at the moment the clock was put on."""

import http.client
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from flask import Flask

from ballots import letters
from ballots.database import db
from ballots.models import Poll
from ballots.rehearsal import VoteLost, post_vote
from ballots.seeds import Seeds
from consult import consultations, decisions, initiatives, rolls
from consult.lifecycle import Verdict
from consult.models import Consultation, Initiative, Town
from demo.town import OFFICE, members, roll_csv

RULE: Mapping[str, object] = {
    "majority": "simple",
    "quorum": "turnout",
    "quorum_percent": 15,
    "blank_in_turnout": True,
    "missed_quorum": "bars",
}


class Clock:
    """A clock that goes where it is put."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Stage:
    """The town while it is filled: where it is served, what time it is, and how votes fall."""

    app: Flask
    port: int
    clock: Clock
    town: Town
    seeds: Seeds
    dice: random.Random = field(default_factory=lambda: random.Random(2026))

    @property
    def folder(self) -> Path:
        return Path(self.app.config["DATA_DIR"])


def hand_in(stage: Stage, plan: Mapping[str, Any]) -> Initiative:
    """A resident hands in a plan of town.toml."""
    wijk = next(wijk for wijk in stage.town.wijken if wijk.name == plan["wijk"])
    email = plan["initiator"].lower().replace(" ", ".") + "@voorbeeld.example"
    texts = {name: plan[name] for name in ("title", "what", "for_whom", "place", "asked", "initiator")}
    return initiatives.hand_in(db.session, wijk, stage.clock.now, email=email, **texts)


def prepare(
    stage: Stage, plan: Initiative, first: datetime, last: datetime, asks: Mapping[str, str]
) -> Consultation:
    """The office drafts a consultation: question, rule, addresses."""
    now = stage.clock.now
    draft = consultations.start(db.session, plan, OFFICE, now)
    days = {"first_day": dutch_day(first), "last_day": dutch_day(last)}
    consultations.edit(db.session, draft, {**asks, **RULE, **days}, OFFICE, now)
    rolls.upload(db.session, draft, "adressen.csv", roll_csv(plan.wijk.name), OFFICE, now)
    rolls.import_roll(db.session, draft, OFFICE, now)
    for entry in rolls.worklist(db.session, draft):
        why = "Woonzorgcentrum: elke bewoner krijgt een brief."
        rolls.decide_special(db.session, entry, entry.letters, why, OFFICE, now)
    return draft


def freeze(stage: Stage, consultation: Consultation) -> Poll:
    """The office freezes."""
    return consultations.freeze(db.session, stage.seeds, consultation, OFFICE, stage.clock.now)


def print_letters(stage: Stage, consultation: Consultation) -> list[str]:
    """The office prints and confirms; return the codes as they stand on the letters, in random order."""
    poll = consultation.poll or freeze(stage, consultation)
    codes = [code for _, code in letters.printable(db.session, stage.seeds, poll)]
    consultations.make_letters(db.session, consultation, OFFICE, stage.clock.now)
    consultations.confirm_printed(db.session, stage.seeds, consultation, OFFICE, stage.clock.now)
    stage.dice.shuffle(codes)
    return codes


def vote(stage: Stage, codes: Sequence[str], counts: Mapping[str, int]) -> None:
    """So many residents vote over HTTP, in random order, with the first of these codes."""
    markings = [marking for marking, count in counts.items() for _ in range(count)]
    stage.dice.shuffle(markings)
    db.session.rollback()
    connection = http.client.HTTPConnection("127.0.0.1", stage.port, timeout=60)
    for code, marking in zip(codes, markings, strict=False):
        status = post_vote(connection, code, [marking])
        if status != 303:
            raise VoteLost(status=status)
    connection.close()


def decide(stage: Stage, plan: Initiative, verdict: Verdict, amount: int | None, why: str) -> None:
    """The regiegroep decides, with everybody present and the last one standing aside."""
    names = members(plan.wijk.name)
    actor = f"regiegroep: {names[0]}"
    decisions.decide(db.session, plan, verdict, amount, why, names, names[-1:], actor, stage.clock.now)


def dutch_day(moment: datetime) -> date:
    return moment.astimezone(consultations.AMSTERDAM).date()
