"""Counter: search plans and votes, and the archive of what is finished, by year. Works without a script.

Searched here and not by the database: SQLite's LIKE tells É from é and PostgreSQL's needs an extension for accents,
and a town has some hundreds of plans. What is hidden, or still drafted, is in neither.
"""

from collections.abc import Iterator

from flask import Blueprint, render_template, request
from flask_babel import gettext

from ballots.access import EVERYONE, open_to
from ballots.lifecycle import Phase
from ballots.web import now
from consult import initiatives
from consult.days import day_of
from consult.finding_plans import found, words
from consult.lifecycle import FINISHED
from consult.models import Consultation, Initiative, Wijk
from consult.pages import PHASES, STAGES, town

search = Blueprint("search", __name__)

LONGEST = 100  # signs of what is searched for
MOST = 50  # that are shown of each kind


@search.get("/zoeken")
@open_to(EVERYONE)
def look() -> str:
    """The plans and votes in which every word stands."""
    typed = request.args.get("q", "")[:LONGEST].replace("\0", "").strip()
    wanted = words(typed)
    plans = [
        plan
        for plan in _plans()
        if found(wanted, plan.title, plan.what, plan.for_whom, plan.place, plan.wijk.name)
    ]
    votes = [
        vote
        for vote in _votes()
        if found(wanted, vote.subject, vote.question, vote.summary, vote.wijk.name, *_asked(vote))
    ]
    return render_template(
        "consult/public/search.html",
        typed=typed,
        plans=[(plan, initiatives.where(plan, now())) for plan in plans[:MOST]],
        votes=_told(votes[:MOST]),
        total=len(plans) + len(votes),
        STAGES=STAGES,
    )


@search.get("/archief")
@open_to(EVERYONE)
def archive() -> str:
    """What is finished, by the year in which it was: the newest first."""
    years: dict[int, tuple[list[object], list[Consultation]]] = {}
    for plan in _plans():
        stage = initiatives.where(plan, now())
        if stage in FINISHED:
            years.setdefault(_finished(plan), ([], []))[0].append((plan, stage))
    for vote in _votes():
        over = vote.poll and (vote.poll.closed_at or vote.poll.withdrawn_at)
        if over:
            years.setdefault(day_of(over).year, ([], []))[1].append(vote)
    shown = [(year, plans, _told(votes)) for year, (plans, votes) in sorted(years.items(), reverse=True)]
    return render_template("consult/public/archive.html", years=shown, STAGES=STAGES)


def _wijken() -> list[Wijk]:
    here = town()
    return here.wijken if here else []


def _plans() -> Iterator[Initiative]:
    return (plan for wijk in _wijken() for plan in wijk.initiatives if not plan.hidden_why)


def _votes() -> Iterator[Consultation]:
    return (each for wijk in _wijken() for each in wijk.consultations if each.poll)


def _asked(vote: Consultation) -> list[str]:
    """Return the texts of the questions of a buurtstemming and what can be chosen."""
    found = []
    for question in vote.questions or []:
        found.append(str(question.get("text", "")))
        found += [str(option.get("label", "")) for option in question.get("options", [])]
    return found


def _finished(plan: Initiative) -> int:
    """Return the year in which a plan was: its voucher redeemed, or the plan rejected."""
    voucher = plan.grant.voucher if plan.grant else None
    decision = initiatives.last_decision(plan)
    at = (voucher and voucher.redeemed_at) or (decision and decision.decided_at) or plan.handed_in_at
    return day_of(at).year


def _told(votes: list[Consultation]) -> list[dict[str, object]]:
    """Return votes as the cards of the public pages read them."""
    phases = [(vote, vote.poll.phase(now()) if vote.poll else Phase.FROZEN) for vote in votes]
    return [{"consultation": vote, "words": PHASES[phase], "title": _title(vote)} for vote, phase in phases]


def _title(vote: Consultation) -> str:
    return vote.subject if vote.initiative is None else gettext("Stemming: %(plan)s", plan=vote.subject)
