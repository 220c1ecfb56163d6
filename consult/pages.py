"""What every page of the policy shares: the town, words for money and days, footer links."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Flask, current_app, request, url_for
from flask_babel import format_date, format_datetime, gettext, lazy_gettext, ngettext
from flask_login import current_user
from sqlalchemy import select

from ballots import polls, wording
from ballots.access import EVERYONE, rule
from ballots.database import db
from ballots.definition import shown
from ballots.figures import DAY, closing, euros, named, values
from ballots.languages import DUTCH, Language
from ballots.lifecycle import Phase
from ballots.models import Lot
from ballots.paper import Question
from ballots.polls import Turnout
from ballots.prefix import language, without
from ballots.record import Kind
from ballots.web import now
from consult import themes
from consult.days import AMSTERDAM
from consult.journal import REDEEMED_THAT_DAY, Step
from consult.lifecycle import Stage, Verdict
from consult.models import Consultation, Keyholder, Role, Town, Wijk
from consult.sentences import Sentence


def town() -> Town | None:
    """Return the town this page speaks for; None before one is made.

    On a page of staff it is theirs; elsewhere the one whose address this is, or else the first.
    """
    view = current_app.view_functions.get(request.endpoint or "")
    if EVERYONE not in (rule(view) or {EVERYONE}) and current_user.is_authenticated:
        mine: Town = current_user.town
        return mine
    elsewhere = ~Town.base_url.endswith(f"://{request.host}", autoescape=True)
    return db.session.scalar(select(Town).order_by(elsewhere, Town.id).limit(1))


def today() -> date:
    """Return the day it is in the Netherlands."""
    return now().astimezone(AMSTERDAM).date()


# The counters whose pages are read in other languages; what staff works with is in Dutch.
RESIDENTS = ("booth", "board", "finding", "point_box", "public", "search")


def translated(endpoint: str | None) -> bool:
    """Say whether a page is there in other languages; so is that which says that there is no page."""
    return endpoint is None or (endpoint.partition(".")[0] in RESIDENTS and endpoint != "public.hand_in")


def offered(wijken: Sequence[Wijk]) -> list[tuple[Language, str]]:
    """Return the languages one can read this page in, and where: Dutch, and those of any of these wijken.

    What came by POST has no address of its own; the address is then that of a page it began with.
    """
    if not translated(request.endpoint):
        return [(DUTCH, "")]
    theirs = {code for wijk in wijken for code in wijk.languages.split()} | {DUTCH.code, language().code}
    return [
        (each, each.prefix + _address()) for each in current_app.config["LANGUAGES"] if each.code in theirs
    ]


def _address() -> str:
    """Return the path of this page, without its language."""
    if request.method in ("GET", "HEAD"):
        return request.full_path.rstrip("?")
    if request.endpoint == "finding.search":
        return without(url_for("board.find", **(request.view_args or {})))
    return request.path if request.path.startswith("/plannen") or request.path == "/nieuwe-brief" else "/s"


def context() -> dict[str, Any]:
    """Return the variables of every template."""
    here = town()
    shown = language() if translated(request.endpoint) else DUTCH
    return {
        "lang": shown.code,
        "dir": shown.direction,
        "reviewed": shown.reviewed,
        "languages": offered(here.wijken if here else []),
        "switch": None,
        "without": without,
        "home": url_for("public.home"),
        "town": here,
        "theme_css": url_for("public.theme", version=themes.version(here.accent, here.theme))
        if here
        else None,
        "user": current_user,
        "Role": Role,
        "footer_links": [
            (url_for("public.help"), gettext("Hulp bij stemmen")),
            (url_for("public.secrecy"), gettext("Hoe blijft mijn stem geheim?")),
            (url_for("public.genuine"), gettext("Is deze brief echt?")),
            (url_for("public.new_letter"), gettext("Brief kwijt?")),
            (url_for("public.privacy"), gettext("Privacy")),
            (url_for("public.accessibility"), gettext("Toegankelijkheid")),
        ],
    }


def filters(app: Flask) -> None:
    """Add the template filters: money in cents, days, moments, verdicts and steps, in Dutch."""
    app.add_template_filter(euros, "euros")
    app.add_template_filter(wording.in_dutch, "dutch")
    app.add_template_filter(named, "apart")
    app.add_template_filter(closing, "closing")
    app.add_template_filter(day, "day")
    app.add_template_filter(moment, "moment")
    app.add_template_filter(shown, "groups")
    app.add_template_filter(verdict_words, "verdict")
    app.add_template_filter(action_words, "action")
    app.add_template_filter(proposal_words, "proposal")
    app.add_template_filter(journal_row, "journal_row")
    app.add_template_filter(sentence, "sentence")
    app.add_template_filter(holder_row, "holder_row")


def day(value: date) -> str:
    """Return a day as "zondag 14 juni 2026"."""
    return format_date(value, DAY, rebase=False)


def moment(value: datetime) -> str:
    """Return a moment as "zondag 14 juni 2026, 20.15 uur", in Dutch time."""
    return format_datetime(value, gettext("EEEE d MMMM y, HH.mm 'uur'"))


def short(value: datetime) -> str:
    """Return a moment as "14-06-2026, 20.15", in Dutch time, for lists."""
    return format_datetime(value, "dd-MM-y, HH.mm")


# How a stage of a plan is shown: words and the kind of tag.
STAGES = {
    Stage.NEEDS_CONSULTATION: (lazy_gettext("wacht op een wijkraadpleging"), "neutral"),
    Stage.DRAFTING: (lazy_gettext("wijkraadpleging in voorbereiding"), "neutral"),
    Stage.FROZEN: (lazy_gettext("opent binnenkort"), "info"),
    Stage.OPEN: (lazy_gettext("nu stemmen"), "info"),
    Stage.COUNTING: (lazy_gettext("wordt geteld"), "info"),
    Stage.READY: (lazy_gettext("regiegroep beslist"), "info"),
    Stage.DEFERRED: (lazy_gettext("aangehouden"), "warning"),
    Stage.REJECTED: (lazy_gettext("afgewezen"), "wrong"),
    Stage.AWARDED: (lazy_gettext("toegekend"), "success"),
    Stage.GRANTED: (lazy_gettext("beschikking gegeven"), "success"),
    Stage.VOUCHER: (lazy_gettext("voucher klaar"), "success"),
    Stage.REDEEMED: (lazy_gettext("voucher verzilverd"), "success"),
    Stage.WITHDRAWN: (lazy_gettext("ingetrokken"), "neutral"),
}


# How a phase of a buurtstemming is shown.
PHASES = {
    None: (lazy_gettext("in voorbereiding"), "neutral"),
    Phase.FROZEN: (lazy_gettext("opent binnenkort"), "info"),
    Phase.OPEN: (lazy_gettext("nu stemmen"), "info"),
    Phase.DUE: (lazy_gettext("wordt geteld"), "info"),
    Phase.CLOSED: (lazy_gettext("uitslag bekend"), "success"),
    Phase.WITHDRAWN: (lazy_gettext("ingetrokken"), "warning"),
}


@dataclass(frozen=True)
class Ballot:
    """A buurtstemming in a list: where it stands, and how many letters were used."""

    consultation: Consultation
    phase: Phase | None  # None for a draft
    turnout: Turnout | None

    @property
    def words(self) -> tuple[Any, str]:
        """How its phase is shown: words and the kind of tag."""
        return PHASES[self.phase]


def ballots_of(wijken: Sequence[Wijk], drafts: bool = False) -> list[Ballot]:
    """Return the buurtstemmingen of these wijken, the newest first; those still drafted if asked for."""
    theirs = (
        select(Consultation)
        .where(Consultation.wijk_id.in_([wijk.id for wijk in wijken]), Consultation.initiative_id.is_(None))
        .order_by(Consultation.id.desc())
    )
    found = db.session.scalars(theirs if drafts else theirs.where(Consultation.poll_id.is_not(None)))
    moment = now()
    return [
        Ballot(
            each,
            each.poll.phase(moment) if each.poll else None,
            polls.turnout(db.session, each.poll) if each.poll else None,
        )
        for each in found
    ]


def sentence(said: Sentence) -> str:
    """Return a sentence of pure code in the reader's language."""
    return gettext(said.text, **values(said.values)) if said.values else gettext(said.text)


def lot_words(lot: Lot, question: Question) -> str:
    """Return what was drawn, when and before whom."""
    labels = {option.id: option.label for option in question.options}
    return gettext(
        "Loting op %(when)s: %(drawn)s. Daarbij waren: %(witnesses)s.",
        when=moment(lot.drawn_at),
        drawn=", ".join(f"{n}. {labels[id]}" for n, id in enumerate(lot.drawn, 1)),
        witnesses=", ".join(lot.witnesses),
    )


def proposal_words(kind: str) -> str:
    """Return what a proposal of this kind would do."""
    return {
        Kind.WITHDRAW: gettext("De stemming intrekken"),
        Kind.RESTART: gettext("Stoppen en opnieuw beginnen"),
        Kind.LENGTHEN: gettext("De stemming verlengen"),
        Kind.REPLACE: gettext("Brieven vervangen"),
        Kind.ADD: gettext("Brieven toevoegen"),
        Kind.RESTORED: gettext("De stembus weer openen"),
    }[Kind(kind)]


def verdict_words(verdict: Verdict) -> str:
    """Return a verdict in the words of the regiegroep."""
    return {
        Verdict.AWARD: gettext("toegekend"),
        Verdict.REJECT: gettext("afgewezen"),
        Verdict.DEFER: gettext("aangehouden"),
    }[verdict]


def action_words(action: str) -> str:
    """Return a step of the journal in Dutch; one without words yet stays as it is."""
    return {
        "hand in plan": gettext("plan ingediend"),
        "hide plan": gettext("plan verborgen"),
        "show plan": gettext("plan weer zichtbaar"),
        "change plan": gettext("plan veranderd"),
        "withdraw plan": gettext("plan ingetrokken"),
        "remove photo": gettext("foto weggehaald"),
        "renew plan link": gettext("nieuwe privélink gegeven"),
        "send story": gettext("verteld wat ervan kwam"),
        "show story": gettext("wat ervan kwam op de website gezet"),
        "return story": gettext("wat ervan kwam teruggestuurd"),
        "start consultation": gettext("voorbereiding van de stemming begonnen"),
        "edit consultation": gettext("voorbereiding bewerkt"),
        "ask for points": gettext("bewoners om punten gevraagd"),
        "gather points": gettext("punten voor het biljet geschreven"),
        "sort points": gettext("punten van bewoners ingedeeld"),
        "sign off arguments": gettext("argumenten nagekeken"),
        "delete sent points": gettext("teksten van bewoners gewist"),
        "upload roll": gettext("adressenlijst aangeboden"),
        "import roll": gettext("adressen toegevoegd"),
        "decide address": gettext("over een bijzonder adres beslist"),
        "freeze consultation": gettext("stemming vastgezet"),
        "make letters": gettext("brieven gemaakt"),
        "choose envelope": gettext("envelop en talen gekozen"),
        "make batch": gettext("partij voor de drukker gemaakt"),
        "add control letter": gettext("controlebrief toegevoegd"),
        "note control letter": gettext("dag van een controlebrief genoteerd"),
        "confirm printing, destroy codes": gettext("drukken bevestigd, codes vernietigd"),
        "assign key sheets": gettext("sleutelbladen verdeeld"),
        "print key sheet": gettext("sleutelblad gedrukt"),
        "try key sheets": gettext("sleutelbladen beproefd"),
        "confirm key sheets, destroy copies": gettext("sleutelbladen bevestigd, kopieën vernietigd"),
        "print mix sheet": gettext("blad van de mengsleutel gedrukt"),
        "seal mix sheet": gettext("blad van de mengsleutel in de envelop"),
        "restore mix key": gettext("mengsleutel teruggezet"),
        "shred key sheets": gettext("sleutelbladen versnipperd"),
        "withdraw consultation": gettext("stemming ingetrokken"),
        "restart consultation": gettext("stemming gestopt, om opnieuw te beginnen"),
        "void letters": gettext("brieven ongeldig gemaakt"),
        "replace letters": gettext("brieven vervangen"),
        "contest letters": gettext("brieven als betwist genoteerd"),
        "add letters": gettext("brieven toegevoegd"),
        "lengthen voting": gettext("stemming verlengd"),
        "restore backup": gettext("reservekopie teruggezet, stembus weer open"),
        "propose: withdraw": gettext("voorgesteld: de stemming intrekken"),
        "propose: restart": gettext("voorgesteld: stoppen en opnieuw beginnen"),
        "propose: lengthen": gettext("voorgesteld: de stemming verlengen"),
        "propose: replace": gettext("voorgesteld: brieven vervangen"),
        "propose: add": gettext("voorgesteld: brieven toevoegen"),
        "propose: restored": gettext("voorgesteld: de stembus weer openen"),
        "take back proposal": gettext("voorstel ingetrokken"),
        "redeem letter for paper": gettext("brief ingewisseld voor papier"),
        "settle papers": gettext("papieren biljetten bevestigd"),
        "open": gettext("stemming geopend"),
        "close and count": gettext("stemming gesloten en geteld"),
        "handle letter request": gettext("vraag om een nieuwe brief afgehandeld"),
        "recount, destroy keys": gettext("uitslag nagerekend, sleutels vernietigd"),
        "draw lot": gettext("loting vastgelegd"),
        "decide: award": gettext("regiegroep: toegekend"),
        "decide: reject": gettext("regiegroep: afgewezen"),
        "decide: defer": gettext("regiegroep: aangehouden"),
        "grant": gettext("beschikking gegeven"),
        "issue voucher": gettext("voucher gemaakt"),
        "redeem voucher": gettext("voucher verzilverd"),
        "add town": gettext("gemeente toegevoegd"),
        "set theme": gettext("huisstijl ingesteld"),
        "add wijk": gettext("wijk toegevoegd"),
        "set languages": gettext("talen van een wijk gekozen"),
        "give access": gettext("toegang gegeven"),
        "stop access": gettext("toegang gestopt"),
        "resume access": gettext("toegang hervat"),
        "reset access": gettext("toegang opnieuw"),
        "set password": gettext("wachtwoord gekozen"),
        "set second factor": gettext("tweede factor ingesteld"),
        "lock account": gettext("account tijdelijk op slot"),
    }.get(action, action)


def holder_row(holder: Keyholder) -> tuple[str, str]:
    """Return a key sheet as a term and a value: which part, whose, and when it was printed."""
    part = gettext("Deel %(part)s", part=holder.part)
    when = gettext("gedrukt op %(when)s", when=short(holder.printed_at)) if holder.printed_at else ""
    return part, f"{holder.staff.name}, " + (when or gettext("nog niet gedrukt"))


def step_words(step: Step) -> str:
    """Return what was done in a step of the journal."""
    if step.action != REDEEMED_THAT_DAY:
        return action_words(step.action)
    words: str = ngettext(
        "%(num)d brief ingewisseld voor papier",
        "%(num)d brieven ingewisseld voor papier",
        step.detail["letters"],
    )
    return words


def when(step: Step) -> str:
    """Return when a step was taken as "14-06-2026, 20.15", or the day alone where no more is known."""
    return short(step.at) if isinstance(step.at, datetime) else format_date(step.at, "dd-MM-y", rebase=False)


def journal_row(step: Step) -> tuple[str, str]:
    """Return a step of the journal as a term and a value."""
    return when(step), f"{step_words(step)} ({step.actor})"
