"""Counter: what happened in a wijk or the town as a feed, and the days of votes for one's own calendar."""

import hashlib
from collections.abc import Sequence

from flask import Blueprint, Response, abort, request, url_for
from flask_babel import gettext

from ballots.access import EVERYONE, open_to
from ballots.database import db
from ballots.lifecycle import Phase
from ballots.models import Poll
from ballots.terms import in_force
from ballots.web import now
from consult import results
from consult.days import day_of, last_day
from consult.feed_files import Event, Item, calendar, json_feed, rss
from consult.models import Consultation, Wijk
from consult.pages import moment, town, verdict_words

feeds = Blueprint("feeds", __name__)

MOST = 30  # items in a feed
FORMS = {"xml": (rss, "application/rss+xml"), "json": (json_feed, "application/feed+json")}


@feeds.get("/nieuws.<form>")
@open_to(EVERYONE)
def of_town(form: str) -> Response:
    """What happened in the town, the newest first."""
    here = town() or abort(404)
    return _feed(form, here.name, url_for("public.home", _external=True), here.wijken)


@feeds.get("/wijk/<slug>/nieuws.<form>")
@open_to(EVERYONE)
def of_wijk(slug: str, form: str) -> Response:
    """What happened in a wijk, the newest first."""
    wijk = _wijk_or_404(slug)
    return _feed(form, wijk.name, url_for("public.wijk", slug=slug, _external=True), [wijk])


@feeds.get("/wijk/<slug>/agenda.ics")
@open_to(EVERYONE)
def days_of_wijk(slug: str) -> Response:
    """The days of every vote in a wijk."""
    wijk = _wijk_or_404(slug)
    return _calendar(wijk.name, [each for each in wijk.consultations if each.poll])


@feeds.get("/raadplegingen/<int:id>/agenda.ics")
@open_to(EVERYONE)
def days(id: int) -> Response:
    """The days of one vote."""
    here, found = town(), db.session.get(Consultation, id)
    if here is None or found is None or found.poll is None or found.wijk.town_id != here.id:
        abort(404)
    return _calendar(found.subject, [found])


def _wijk_or_404(slug: str) -> Wijk:
    here = town()
    found = next((wijk for wijk in (here.wijken if here else []) if wijk.slug == slug), None)
    return found or abort(404)


def _feed(form: str, name: str, home: str, wijken: Sequence[Wijk]) -> Response:
    write, mimetype = FORMS.get(form) or abort(404)
    about = gettext("Nieuwe plannen, stemmingen, uitslagen en besluiten.")
    title = gettext("Wijkstem: %(name)s", name=name)
    return kept(Response(write(title, home, request.base_url, about, _happened(wijken)), mimetype=mimetype))


def _calendar(name: str, consultations: Sequence[Consultation]) -> Response:
    events = [event for each in consultations if each.poll for event in _events(each, each.poll)]
    return kept(Response(calendar(name, events), mimetype="text/calendar"))


def kept(response: Response) -> Response:
    """Return an answer that may be kept, and is asked for again each time: that costs little."""
    response.headers["Cache-Control"] = "public, no-cache"
    response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:32])
    response.make_conditional(request)
    return response


def _happened(wijken: Sequence[Wijk]) -> list[Item]:
    """Return the last things that happened, the newest first. Nothing of a hidden plan or a draft."""
    items: list[Item] = []
    for wijk in wijken:
        for plan in wijk.initiatives:
            if plan.hidden_why:
                continue
            page = url_for("public.plan", id=plan.id, _external=True)
            title = gettext("Nieuw plan in %(wijk)s: %(plan)s", wijk=wijk.name, plan=plan.title)
            items.append(Item(f"{page}#plan", plan.handed_in_at, title, plan.what, page))
            for decision in plan.decisions:
                title = gettext(
                    "De regiegroep besliste over %(plan)s: %(verdict)s",
                    plan=plan.title,
                    verdict=verdict_words(decision.verdict),
                )
                items.append(
                    Item(f"{page}#besluit-{decision.id}", decision.decided_at, title, decision.reasons, page)
                )
        for consultation in wijk.consultations:
            if consultation.poll:
                items += _of_poll(consultation, consultation.poll)
    return sorted(items, key=lambda each: (each.at, each.id), reverse=True)[:MOST]


def _of_poll(consultation: Consultation, poll: Poll) -> list[Item]:
    page = url_for("public.consultation", id=consultation.id, _external=True)
    phase, terms, items = poll.phase(now()), in_force(poll), []
    subject = consultation.subject
    if phase in (Phase.OPEN, Phase.DUE, Phase.CLOSED):
        since = max(poll.opens, poll.ready_at or poll.opens)
        title = gettext("U kunt stemmen over %(subject)s", subject=subject)
        text = gettext("Stemmen kan %(closes)s, met de code uit uw brief.", closes=terms.closes_text)
        items.append(Item(f"{page}#open", since, title, text, page))
    if poll.closed_at:
        title = gettext("De uitslag van %(subject)s", subject=subject)
        answers = " ".join(each.result.headline for each in results.of(db.session, poll))
        items.append(Item(f"{page}#uitslag", poll.closed_at, title, answers, page))
    if poll.withdrawn_at:
        title = gettext("De stemming over %(subject)s is ingetrokken", subject=subject)
        items.append(Item(f"{page}#ingetrokken", poll.withdrawn_at, title, poll.withdrawn_why or "", page))
    return items


def _events(consultation: Consultation, poll: Poll) -> list[Event]:
    """Return the days of voting, and the moment from which the outcome can be there."""
    page = url_for("public.consultation", id=consultation.id, _external=True)
    name = f"{poll.id.hex()}@wijkstem"
    changes = (poll.lengthened_to is not None) + (poll.withdrawn_at is not None)
    stamp = poll.withdrawn_at or poll.frozen_at
    voting = gettext("Stemmen: %(subject)s", subject=consultation.subject)
    how = gettext("U stemt met de code uit uw brief. De stembus sluit %(when)s.", when=moment(poll.ends))
    outcome = gettext("Uitslag: %(subject)s", subject=consultation.subject)
    first, last = day_of(poll.opens), last_day(poll.ends)
    shared = (stamp, changes, poll.withdrawn_at is not None)
    return [
        Event(f"stemmen-{name}", first, last, voting, how, page, *shared),
        Event(f"uitslag-{name}", poll.ends, None, outcome, _when_told(), page, *shared),
    ]


def _when_told() -> str:
    return gettext(
        "Na het tellen ziet iedereen de uitslag op hetzelfde moment. Tot dan is er geen tussenstand."
    )
