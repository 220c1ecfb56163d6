"""Counter: what an initiator tells the neighbours with: texts to copy, the days, and a poster and flyer as PDF.

All of it leads to the plan's own page, never to the booth: a code comes in a letter, and from nobody else.
"""

from datetime import date

from flask import Blueprint, Response, abort, render_template, request
from flask_babel import gettext

from ballots import qr
from ballots.access import EVERYONE, open_to
from ballots.money import euros
from ballots.typeset import typeset_record
from ballots.web import now
from consult import initiatives
from consult.lifecycle import COMING, Stage
from consult.models import Initiative
from consult.pages import day
from consult.plan_desk import link_or_404, plan_or_404

campaign = Blueprint("campaign", __name__, url_prefix="/mijn-plan/<token>")

PAPERS = ("a4", "a5")  # a poster, and a flyer
LONGEST = 420  # characters of what a flyer tells of the plan


def _plan(token: str) -> Initiative:
    plan = plan_or_404(link_or_404(token))
    return abort(404) if plan.hidden_why else plan


def page_of(plan: Initiative) -> str:
    """Return the address of a plan's own page."""
    return f"{plan.wijk.town.base_url}/plannen/{plan.id}"


def dates(plan: Initiative) -> tuple[date, date] | None:
    """Return the first and the last day to vote on a plan, once they are frozen and not past."""
    held = initiatives.live_consultation(plan)
    if initiatives.where(plan, now()) not in (Stage.FROZEN, Stage.OPEN) or not held or not held.first_day:
        return None
    return (held.first_day, held.ends_on) if held.ends_on else None


def voting(plan: Initiative) -> str:
    """Say of a plan whether residents vote on it: "none", "coming" (or now), "over"."""
    stage = initiatives.where(plan, now())
    if stage in COMING:
        return "coming"
    return "over" if initiatives.live_consultation(plan) else "none"


@campaign.get("/campagne")
@open_to(EVERYONE)
def kit(token: str) -> str:
    """Texts to copy, the days, and what to print."""
    plan = _plan(token)
    return render_template(
        "consult/plan/campaign.html",
        token=token,
        plan=plan,
        dates=dates(plan),
        voting=voting(plan),
        texts=texts(plan),
        page=page_of(plan),
    )


def texts(plan: Initiative) -> list[tuple[str, str]]:
    """Return what each text is for, and the text."""
    voting = ""
    if days := dates(plan):
        voting = " " + gettext(
            "Stemmen kan van %(first)s tot en met %(last)s, met de code uit de brief die op elk adres komt.",
            first=day(days[0]),
            last=day(days[1]),
        )
    facts = {"plan": plan.title, "wijk": plan.wijk.name, "place": plan.place, "page": page_of(plan)}
    return [
        (
            gettext("Voor een bericht aan uw buren"),
            gettext("Wij hebben een plan voor %(wijk)s: %(plan)s.", **facts)
            + voting
            + " "
            + gettext("Lees het hier: %(page)s", **facts),
        ),
        (
            gettext("Voor de wijkkrant of een website"),
            gettext(
                "Bewoners van %(wijk)s hebben een plan gemaakt: %(plan)s. Het komt hier: %(place)s. "
                "Zij vragen daarvoor %(amount)s.",
                amount=euros(plan.asked),
                **facts,
            )
            + voting
            + " "
            + gettext("Vindt u iets van het plan? Praat met uw buren, en lees meer op %(page)s", **facts),
        ),
        (
            gettext("Voor een gesprek aan de deur"),
            gettext(
                "Goedemiddag, ik woon hier in de wijk. Wij hebben een plan: %(plan)s. Mag ik u er iets over "
                "vertellen? Wij horen ook graag wat u er niet goed aan vindt.",
                **facts,
            ),
        ),
    ]


@campaign.get("/<paper>.pdf")
@open_to(EVERYONE)
def flyer(token: str, paper: str) -> Response:
    """A poster (a4) or a flyer (a5), with the QR code of the plan's page."""
    plan = _plan(token)
    if paper not in PAPERS:
        abort(404)
    pdf = typeset_record("campaign", content(plan, paper), moment=plan.handed_in_at)
    name = gettext("poster") if paper == "a4" else gettext("flyer")
    return Response(
        pdf,
        mimetype="application/pdf",
        headers={
            "Content-Disposition": f'{"inline" if "bekijk" in request.args else "attachment"}; filename="{name}.pdf"'
        },
    )


def content(plan: Initiative, paper: str) -> dict[str, object]:
    """Return what a poster or flyer says."""
    town, page = plan.wijk.town, page_of(plan)
    days = dates(plan)
    return {
        "paper": paper,
        "title": plan.title,
        "town": town.name,
        "accent": town.accent,
        "eyebrow": gettext("Een plan van bewoners van %(wijk)s", wijk=plan.wijk.name),
        "what": _paragraphs(_short(plan.what, LONGEST)),
        "facts": [
            (gettext("Waar"), plan.place),
            (gettext("Voor wie"), _short(" ".join(plan.for_whom.split()), 120)),
            (gettext("Gevraagd"), euros(plan.asked)),
        ],
        "photo": {"data": list(plan.photo.large), "alt": plan.photo.alt} if plan.photo else None,
        "dates": {
            "heading": gettext("De wijk stemt"),
            "first": gettext("van %(day)s", day=day(days[0])),
            "last": gettext("tot en met %(day)s", day=day(days[1])),
            "how": gettext("Elk adres krijgt een brief met een code. Alleen daarmee kunt u stemmen."),
        }
        if days
        else None,
        "qr": qr.svg(page),
        "labels": {
            "scan": gettext("Scan en lees het plan"),
            "qr": gettext("QR-code naar de pagina van het plan"),
            "page": page.partition("://")[2],
            "by": gettext("Deze poster is gemaakt door bewoners, niet door de gemeente."),
        },
    }


def _paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a text; of many short ones, one."""
    found = [line.strip() for line in text.splitlines() if line.strip()]
    return found if len(found) <= 3 else [" ".join(found)]


def _short(text: str, most: int) -> str:
    """Return a text that fits, cut between two words."""
    return text if len(text) <= most else text[:most].rsplit(" ", 1)[0] + " …"
