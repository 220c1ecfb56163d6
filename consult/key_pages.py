"""Counter: what the pages of office and keyholders share: what to do, key sheets as PDF, pairs that were tried."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO

from flask import send_file
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response

from ballots import custody, keysheets
from ballots.database import db
from ballots.keysheets import SheetContent
from ballots.lifecycle import Phase
from ballots.models import Poll
from ballots.terms import terms
from ballots.web import now
from consult.keyholding import Task
from consult.models import Consultation, Keyholder

SOON = timedelta(days=3)  # before the first day: somebody has to be warned

# What the office reads on its worklist, and the kind of tag.
TASKS = {
    Task.RESTORE: (lazy_gettext("De mengsleutel is weg. Zet hem terug uit de envelop."), "wrong"),
    Task.ENVELOPE: (lazy_gettext("Druk het blad van de mengsleutel en doe het in de envelop."), "warning"),
    Task.ASSIGN: (lazy_gettext("Kies drie sleutelhouders."), "warning"),
    Task.PRINT: (lazy_gettext("De sleutelhouders drukken hun blad."), "info"),
    Task.TRY: (lazy_gettext("De sleutelhouders beproeven hun bladen, twee aan twee."), "info"),
    Task.CONFIRM: (lazy_gettext("Bevestig dat de drie sleutelbladen gedrukt zijn."), "warning"),
    Task.OPEN: (lazy_gettext("De stembus wacht op twee sleutelhouders."), "warning"),
    Task.SHRED: (lazy_gettext("Versnipper de sleutelbladen en bevestig het."), "neutral"),
}


@dataclass(frozen=True)
class Pair:
    """Two parts, who keeps them ("" before that is known), and whether they passed their trial."""

    parts: tuple[int, int]
    names: tuple[str, str]
    passed: bool


def pairs(poll: Poll, holders: Sequence[Keyholder]) -> list[Pair]:
    """Return the three pairs of sheets, and which of them gave the key."""
    passed = custody.trials(db.session, poll)
    names = {each.part: each.staff.name for each in holders}
    return [
        Pair((a, b), (names.get(a, ""), names.get(b, "")), f"{a}-{b}" in passed) for a, b in custody.PAIRS
    ]


def late(poll: Poll) -> bool:
    """Say whether the first day is near, or there, while the keys are not ready."""
    return poll.ready_at is None and poll.phase(now()) is Phase.FROZEN and now() >= poll.opens - SOON


def content(consultation: Consultation) -> SheetContent:
    """Return what a sheet says of a frozen consultation."""
    assert consultation.poll is not None
    town, frozen = consultation.wijk.town, terms(consultation.poll)
    return SheetContent(town.name, town.accent, frozen.title, frozen.closes_text)


def labels() -> dict[str, str]:
    """Return the words of a sheet in the reader's language."""
    return {name: gettext(words) for name, words in keysheets.LABELS.items()}


def pdf(data: bytes, name: str) -> Response:
    """Return a sheet as a file to print; nobody on the way keeps it."""
    answer = send_file(BytesIO(data), "application/pdf", as_attachment=True, download_name=name)
    answer.headers["Cache-Control"] = "no-store"  # it holds a key
    return answer
