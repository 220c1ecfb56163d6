"""What people do in the demo: each move is a verb of the house, at the moment the clock was put on."""

import http.client
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import combinations
from pathlib import Path
from types import MappingProxyType
from typing import Any

from flask import Flask

from ballots import letters, paper, shares
from ballots.database import db
from ballots.definition import Custody
from ballots.models import Poll
from ballots.paper import BLANK, Question
from ballots.rehearsal import VoteLost, post_vote
from ballots.terms import terms
from ballots.vault import Vault
from consult import (
    accounts,
    asked,
    ballot_questions,
    consultations,
    decisions,
    initiatives,
    keyholding,
    option_lines,
    photos,
    plan_drafts,
    points,
    rolls,
    stories,
)
from consult.days import AMSTERDAM
from consult.drafts import with_options
from consult.keyholding import Task
from consult.lifecycle import Verdict
from consult.models import Consultation, Initiative, Staff, Town
from consult.reasons import Aside
from demo.pictures import picture
from demo.town import COLLEAGUE, OFFICE, members, roll_csv

RULE: Mapping[str, object] = {
    "majority": "simple",
    "quorum": "turnout",
    "quorum_percent": 15,
    "blank_in_turnout": True,
    "missed_quorum": "bars",
}

AGAINST: Mapping[str, object] = {"against_from": "resident"}
KEPT: Mapping[str, object] = {"lengthen": 7, "custody": Custody.SERVICE.value}


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
    vault: Vault
    links: dict[str, str] = field(default_factory=dict)  # the secret of the private link of each plan
    dice: random.Random = field(default_factory=lambda: random.Random(2026))

    @property
    def folder(self) -> Path:
        return Path(self.app.config["DATA_DIR"])


def hand_in(stage: Stage, plan: Mapping[str, Any]) -> Initiative:
    """A resident hands in a plan of town.toml."""
    wijk = next(wijk for wijk in stage.town.wijken if wijk.name == plan["wijk"])
    email = plan["initiator"].lower().replace(" ", ".") + "@voorbeeld.example"
    texts = {name: plan[name] for name in ("title", "what", "for_whom", "place", "initiator")}
    texts |= {"email": email, "upkeep": plan.get("upkeep", "")}
    now = stage.clock.now
    token = plan_drafts.begin(db.session, stage.town, texts, now)
    link = plan_drafts.find(db.session, stage.town, token)
    assert link is not None
    if "picture" in plan:
        made = photos.made(picture(plan["picture"]))
        plan_drafts.add_photo(db.session, link, made, plan["alt"], now)
    handed_in = plan_drafts.hand_in(db.session, link, wijk, plan["asked"], texts, now)
    stage.links[handed_in.title] = token
    return handed_in


def show_off(stage: Stage, plan: Initiative, facts: Mapping[str, Any]) -> None:
    """The initiator tells what came of it, with a photo; the office puts it on the website."""
    session, now = db.session, stage.clock.now
    stories.write(session, plan, facts["story"], now)
    stories.add_photo(session, plan, photos.made(picture(facts["shown"])), facts["shown_alt"], now)
    stories.send(session, plan, now)
    stories.show(session, plan.stories[-1], OFFICE, now)


def prepare_ballot(stage: Stage, facts: Mapping[str, Any], first: datetime, last: datetime) -> Consultation:
    """The office drafts a buurtstemming of town.toml: questions, rules, addresses."""
    now = stage.clock.now
    wijk = next(wijk for wijk in stage.town.wijken if wijk.name == facts["wijk"])
    texts = {name: facts[name] for name in ("title", "summary", "afterwards")}
    draft = consultations.start_ballot(db.session, wijk, texts, OFFICE, now)
    days = {"first_day": dutch_day(first), "last_day": dutch_day(last)}
    kept = {name: facts.get(name, value) for name, value in KEPT.items()}
    consultations.edit(db.session, draft, {**days, **kept}, OFFICE, now)
    for given in facts["questions"]:
        question = ballot_questions.add(db.session, draft, OFFICE, now)
        lines, _ = option_lines.read(given["options"])
        options = with_options(question, [("", line) for line in lines]).options
        values = {**given, "options": options}
        ballot_questions.change(db.session, draft, question.id, values, OFFICE, now)
    import_roll(stage, draft)
    return draft


def prepare(
    stage: Stage, plan: Initiative, first: datetime, last: datetime, asks: Mapping[str, str]
) -> Consultation:
    """The office drafts a consultation: question, rule, addresses; `asks` may choose another rule or custody.

    A colleague who wrote nothing of it sees that the arguments are fair.
    """
    now = stage.clock.now
    draft = consultations.start(db.session, plan, OFFICE, now)
    days = {"first_day": dutch_day(first), "last_day": dutch_day(last)}
    consultations.edit(db.session, draft, {**RULE, **KEPT, **AGAINST, **asks, **days}, OFFICE, now)
    import_roll(stage, draft)
    if not asked.lacking_arguments(draft):
        colleague = db.session.query(Staff).filter_by(name=COLLEAGUE).one()
        points.sign_off(db.session, draft, colleague, now)
    return draft


def hear(stage: Stage, draft: Consultation, heard: Mapping[str, Any], days: int) -> None:
    """Residents send points for so many days; the regiegroep gathers them. `heard` as in town.toml."""
    clock, session = stage.clock, db.session
    points.ask(session, draft, dutch_day(clock.now + timedelta(days=days)), OFFICE, clock.now)
    gathered: Sequence[Mapping[str, Any]] = heard["points"]
    texts: list[tuple[str, int | Aside]]
    texts = [(text, n) for n, each in enumerate(gathered, 1) for text in each["sent"]]
    texts += [(text, Aside(why)) for why, several in heard["aside"].items() for text in several]
    stage.dice.shuffle(texts)
    for at, (text, _) in enumerate(texts):
        sent_at = clock.now + timedelta(days=days * at / len(texts))
        points.send(session, draft, text, stage.dice.randbytes(16).hex(), sent_at)
    clock.now += timedelta(days=days + 1)
    member = f"regiegroep: {members(draft.wijk.name)[0]}"
    points.gather(session, draft, {n: each["text"] for n, each in enumerate(gathered, 1)}, member, clock.now)
    known = dict(texts)
    session.refresh(draft)
    places = {sent.id: known[sent.text] for sent in draft.sent_points if sent.text}
    points.sort(session, draft, places, member, clock.now)


def import_roll(stage: Stage, draft: Consultation) -> None:
    """The office imports the addresses of the wijk, and decides about the special ones."""
    now = stage.clock.now
    rolls.upload(db.session, draft, "adressen.csv", roll_csv(draft.wijk.name), OFFICE, now)
    rolls.import_roll(db.session, draft, OFFICE, now)
    for entry in rolls.worklist(db.session, draft):
        why = "Woonzorgcentrum: elke bewoner krijgt een brief."
        rolls.decide_special(db.session, entry, entry.letters, why, OFFICE, now)


def freeze(stage: Stage, consultation: Consultation) -> Poll:
    """The office freezes, and puts the sheet of the mix key in its envelope."""
    now = stage.clock.now
    poll = consultations.freeze(db.session, stage.vault, consultation, OFFICE, now)
    keyholding.print_mix(db.session, stage.vault, consultation, OFFICE, now)
    keyholding.seal_mix(db.session, consultation, OFFICE, now)
    return poll


def share_key(stage: Stage, consultation: Consultation) -> list[str]:
    """Three keyholders print their sheets and try them, two by two; return what the sheets say."""
    now, session = stage.clock.now, db.session
    poll, people = consultation.poll, keyholding.people(session, stage.town)
    assert poll is not None
    by_part = dict(zip(keyholding.PARTS, people, strict=False))
    keyholding.assign(session, consultation, by_part, OFFICE, now)
    sheets = []
    for person in by_part.values():
        name = accounts.signature(person)
        share = keyholding.print_share(session, stage.vault, consultation, person, name, now)
        sheets.append(shares.text(poll.id, share))
    for one, other in combinations(sheets, 2):
        keyholding.try_pair(session, stage.vault, consultation, one, other, name, now)
    keyholding.confirm_printed(session, stage.vault, consultation, OFFICE, now)
    return sheets


def unseal(stage: Stage, consultation: Consultation, sheets: Sequence[str]) -> None:
    """Two keyholders type their sheets once voting is over."""
    one, other = sheets
    name = accounts.signature(keyholding.people(db.session, stage.town)[0])
    consultations.unseal(db.session, stage.vault, consultation, one, other, name, stage.clock.now)


def shred(stage: Stage) -> None:
    """The office destroys the paper of keys that have served."""
    for todo in keyholding.worklist(db.session, stage.vault, stage.town, stage.clock.now):
        if Task.SHRED in todo.tasks:
            keyholding.shred(db.session, todo.consultation, OFFICE, stage.clock.now)


def print_letters(stage: Stage, consultation: Consultation) -> list[str]:
    """The office prints and confirms; return the codes as they stand on the letters, in random order."""
    poll = consultation.poll or freeze(stage, consultation)
    codes = [code for _, code in letters.printable(db.session, stage.vault, poll)]
    consultations.make_letters(db.session, consultation, OFFICE, stage.clock.now)
    consultations.confirm_printed(db.session, stage.vault, consultation, OFFICE, stage.clock.now)
    stage.dice.shuffle(codes)
    return codes


def vote(stage: Stage, codes: Sequence[str], counts: Mapping[str, int]) -> None:
    """So many residents vote over HTTP, in random order, with the first of these codes.

    `counts`: how many of each answer; of several questions with a space between.
    """
    markings = [answers.split() for answers, count in counts.items() for _ in range(count)]
    stage.dice.shuffle(markings)
    cast(stage, codes, markings)


def vote_at_random(stage: Stage, codes: Sequence[str], poll: Poll, count: int) -> None:
    """So many residents vote as they like, the first options on the paper a little more often."""
    questions = terms(poll).questions
    cast(stage, codes, [[any_marking(stage, question) for question in questions] for _ in range(count)])


def any_marking(stage: Stage, question: Question) -> str:
    """Return a valid marking: options are taken up in random order, as long as the paper allows them."""
    if stage.dice.random() < 0.04:
        return BLANK
    order = sorted(enumerate(question.options), key=lambda each: stage.dice.random() * (each[0] + 3))
    wanted = stage.dice.randint(question.least, min(question.most, 5))
    marks: list[str] = []
    for _, option in order:
        if len(marks) < wanted and not paper.check(question, [*marks, option.id]):
            marks.append(option.id)
    return paper.marking(question, marks)


def cast(stage: Stage, codes: Sequence[str], ballots: Sequence[Sequence[str]]) -> None:
    """Cast these ballots over HTTP, each with a code of its own."""
    db.session.rollback()
    connection = http.client.HTTPConnection("127.0.0.1", stage.port, timeout=60)
    for code, markings in zip(codes, ballots, strict=False):
        status = post_vote(connection, code, markings)
        if status != 303:
            raise VoteLost(status=status)
    connection.close()


def decide(
    stage: Stage,
    plan: Initiative,
    verdict: Verdict,
    amount: int | None,
    why: str,
    answers: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """The regiegroep decides, with everybody present and the last one standing aside.

    `answers`: what it says to each point, by the point's text; those that were chosen most are answered.
    """
    names = members(plan.wijk.name)
    actor = f"regiegroep: {names[0]}"
    weighed = decisions.to_answer(db.session, initiatives.live_consultation(plan))
    said = {point.id: answers[point.text] for point in weighed}
    now = stage.clock.now
    decisions.decide(db.session, plan, verdict, amount, why, names, names[-1:], actor, now, said)


def dutch_day(moment: datetime) -> date:
    return moment.astimezone(AMSTERDAM).date()
