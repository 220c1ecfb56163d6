"""Counter: paper in the reader's words: the blank ballot to print, and whether the numbers agree."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext, ngettext
from sqlalchemy import func, select

from ballots import ballot_print, marks, paper_votes, polls, wording
from ballots.ballot_print import BallotContent, PrintedGroup, PrintedOption, PrintedQuestion
from ballots.database import AnySession
from ballots.definition import Terms
from ballots.lifecycle import Phase
from ballots.models import Inbox, Leaf, Poll
from ballots.paper import Kind, Question
from ballots.terms import terms
from consult import days, journal, pages
from consult.models import Consultation
from consult.paper_work import SETTLED


@dataclass(frozen=True)
class Reconciled:
    """A line of the reconciliation: what must be equal to what, how it adds up, and what to do if it does not.

    `state` is right, waiting (somebody still has to do something) or wrong.
    """

    says: str
    sum: str
    state: str
    todo: str = ""


def labels() -> dict[str, str]:
    """Return the words of the blank ballot in the reader's language."""
    return {name: gettext(words) for name, words in ballot_print.LABELS.items()}


def content(consultation: Consultation, asked: Terms) -> BallotContent:
    """Return what the blank ballot of a frozen consultation says."""
    town = consultation.wijk.town
    return BallotContent(
        town.name,
        town.accent,
        asked.title,
        gettext("Stemmen kan %(closes)s.", closes=asked.closes_text),
        tuple(_printed(n, question) for n, question in enumerate(asked.questions, 1)),
    )


def _printed(n: int, question: Question) -> PrintedQuestion:
    themes = marks.themes(question, n)
    return PrintedQuestion(
        question.text,
        _todo(question),
        wording.hint(question),
        {Kind.POINTS: "points", Kind.RANKING: "place"}.get(question.kind, "tick"),
        tuple(
            PrintedGroup(
                wording.theme(name) if name or len(themes) > 1 else "",
                wording.theme_hint(question, name),
                tuple(PrintedOption(each.label, each.place, wording.price(each)) for each in options),
            )
            for name, options in themes
        ),
        wording.blank(question),
    )


def _todo(question: Question) -> str:
    words: str
    if question.kind in wording.SINGLE:
        words = gettext("Zet een kruisje in één vakje.")
        if question.least == 0:
            words += " " + gettext("Zet u geen kruisje? Dan telt dat als “dat zeg ik niet”.")
    elif question.kind is Kind.POINTS:
        words = gettext("Schrijf in het vak hoeveel punten u geeft. Geeft u niets? Laat het vak dan leeg.")
    elif question.kind is Kind.RANKING:
        words = gettext("Schrijf een 1 bij wat u het liefst wilt, een 2 bij uw tweede keus, enzovoort.")
    else:
        words = gettext("Zet een kruisje in elk vakje dat u kiest.")
    return words


@dataclass(frozen=True)
class Waiting:
    """Papers that are still to be entered after the close, so that nothing is counted yet.

    `by` is the day by which that is to be done; `late`: it is past.
    """

    papers: int
    by: date
    late: bool


def waiting(session: AnySession, poll: Poll, now: datetime) -> Waiting | None:
    """Return what papers of a poll that is over wait to be entered; None where counting waits for no paper."""
    if poll.phase(now) is not Phase.DUE or poll.mixed_at:
        return None
    papers, by = polls.papers_waiting(session, poll), days.papers_by(poll.ends)
    return Waiting(papers, by, days.day_of(now) > by) if papers else None


def todo(waiting: Waiting) -> str:
    """Return what the office has to do next, and by when."""
    words: str
    day = pages.day(waiting.by)
    if waiting.late:
        words = ngettext(
            "Voer het papieren biljet vandaag nog in, met zijn tweeën. Dat moest uiterlijk %(day)s klaar zijn.",
            "Voer de %(num)d papieren biljetten vandaag nog in, met zijn tweeën. Dat moest uiterlijk %(day)s "
            "klaar zijn.",
            waiting.papers,
            day=day,
        )
    else:
        words = ngettext(
            "Voer het papieren biljet in, met zijn tweeën, uiterlijk %(day)s. Daarna kan er worden geteld.",
            "Voer de %(num)d papieren biljetten in, met zijn tweeën, uiterlijk %(day)s. Daarna kan er worden "
            "geteld.",
            waiting.papers,
            day=day,
        )
    return words


def reconciled(session: AnySession, poll: Poll, now: datetime) -> list[Reconciled]:
    """Return the lines that must agree before anything is counted."""
    cast, questions = polls.turnout(session, poll), len(terms(poll).questions)
    letters = Reconciled(
        gettext("Verstuurd = gebruikt + niet gebruikt + ongeldig"),
        f"{cast.issued} = {cast.used} + {cast.open} + {cast.void}",
        "right" if cast.issued == cast.used + cast.open + cast.void else "wrong",
        gettext("Er wordt niets geteld. Waarschuw de beheerder."),
    )
    if poll.phase(now) is Phase.WITHDRAWN:
        return [letters]
    entered = min(paper_votes.entered(session, poll, number) for number in range(1, questions + 1))
    joined = cast.paper - entered if poll.mixed_at else 0  # very few papers go to the board with the others
    return [
        letters,
        _papers(poll, cast.paper, entered + joined, now),
        _web(session, poll, cast.web, joined),
    ]


def _papers(poll: Poll, redeemed: int, entered: int, now: datetime) -> Reconciled:
    says = gettext("Ingewisseld voor papier = papieren biljetten ingevoerd")
    if redeemed == entered:
        return Reconciled(says, f"{redeemed} = {entered}", "right")
    todo = gettext("Voer de biljetten in als de stemming voorbij is. Tot dan ziet niemand een tussenstand.")
    if poll.phase(now) is Phase.DUE:
        todo = ngettext(
            "Er wordt niets geteld tot ook het laatste biljet is ingevoerd en bevestigd. Is het er niet? "
            "Voer het dan in als ontbrekend, met de reden.",
            "Er wordt niets geteld tot ook de laatste %(num)d biljetten zijn ingevoerd en bevestigd. Zijn ze er "
            "niet? Voer ze dan in als ontbrekend, met de reden.",
            redeemed - entered,
        )
    if entered > redeemed:
        todo = gettext("Er zijn meer biljetten ingevoerd dan ingewisseld. Voer alle biljetten opnieuw in.")
    return Reconciled(says, f"{redeemed} ≠ {entered}", "waiting" if entered < redeemed else "wrong", todo)


def _web(session: AnySession, poll: Poll, used: int, joined: int) -> Reconciled:
    inbox, board = (_answers(session, table, poll) for table in (Inbox, Leaf))
    there = board - joined
    return Reconciled(
        gettext("Gestemd op internet = op het stembord + nog te mengen"),
        f"{used} {'=' if used == there + inbox else '≠'} {there} + {inbox}",
        "right" if used == there + inbox else "wrong",
        gettext(
            "Er wordt niets geteld. Waarschuw de beheerder: er ontbreken stemmen, of er zijn er te veel."
        ),
    )


def _answers(session: AnySession, table: type[Inbox] | type[Leaf], poll: Poll) -> int:
    mine = table.poll_id == poll.id, table.question == 1
    return session.scalar(select(func.count()).select_from(table).where(*mine)) or 0


def reasons(session: AnySession, consultation: Consultation) -> Mapping[str, str]:
    """Return why papers are missing, by their number, as the journal says it of the last time they were settled."""
    steps = [each for each in journal.of(session, consultation) if each.action == SETTLED]
    return dict(steps[-1].detail["missing"]) if steps else {}
