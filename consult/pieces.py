"""What is printed beside the letters: poster, flyer, card, desk card, script for the telephone, the result on A3.

None of it has a code: whoever reads it votes with the letter. Each piece is made from what was frozen, so the
same facts give the same bytes. What there is, and when it is of use, stands in `PIECES`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_babel import gettext

from ballots import printing, qr
from ballots.database import AnySession
from ballots.explaining.view import State
from ballots.lifecycle import Phase
from ballots.models import Poll
from ballots.money import euros
from ballots.paper import Question
from ballots.terms import in_force
from ballots.typeset import TypesetError, typeset
from ballots.words import N_
from consult import results, rolls
from consult.models import Consultation
from consult.refusals import NotFrozen, PieceNotNow, PieceTooLong

PER_POSTER = 100  # addresses
LEAST_POSTERS = 5
MOST_OPTIONS = 12  # of a question on a flyer
MOST_WHY = 4  # sentences of the rule on the A3


class Many(StrEnum):
    """How many of a piece a wijk needs: one an address, some a wijk, or one a place."""

    ADDRESS = "address"
    WIJK = "wijk"
    PLACE = "place"


@dataclass(frozen=True)
class Piece:
    """Something to print: what it is called, its size, what it is for, how many, how many pages, and when."""

    key: str
    name: str
    format: str
    purpose: str
    many: Many
    pages: int | None
    after: bool = False


PIECES: Mapping[str, Piece] = {
    piece.key: piece
    for piece in (
        Piece(
            "poster-a3",
            N_("Poster, groot"),
            N_("A3, staand"),
            N_("Voor de etalage, het wijkcentrum en de bibliotheek."),
            Many.WIJK,
            1,
        ),
        Piece(
            "poster-a4",
            N_("Poster, klein"),
            N_("A4, staand"),
            N_("Voor het prikbord, de lift en de portiek."),
            Many.WIJK,
            1,
        ),
        Piece(
            "flyer",
            N_("Flyer"),
            N_("A5, twee kanten"),
            N_("Voor op de markt en aan de deur. Op de achterkant staan de argumenten."),
            Many.ADDRESS,
            2,
        ),
        Piece(
            "card",
            N_("Herinneringskaart"),
            N_("A6, liggend, twee kanten"),
            N_("Halverwege in elke brievenbus. Er staat geen code op: de brief blijft geldig."),
            Many.ADDRESS,
            2,
        ),
        Piece(
            "desk",
            N_("Baliekaart"),
            N_("A5, twee kanten"),
            N_("Voor de balie: voor wie op papier stemt, en voor wie daar werkt."),
            Many.PLACE,
            2,
        ),
        Piece(
            "script",
            N_("Belscript"),
            N_("A4"),
            N_("Voor wie de telefoon opneemt: wat mensen vragen, en wat waar is."),
            Many.PLACE,
            1,
        ),
        Piece(
            "outcome",
            N_("De uitslag"),
            N_("A3, staand"),
            N_("Voor het wijkcentrum, op de dag van de uitslag."),
            Many.PLACE,
            None,
            after=True,
        ),
    )
}


def of_use(piece: Piece, poll: Poll | None, now: datetime) -> bool:
    """Say whether a piece can be made now: what invites to vote until the doors close, the result after the count."""
    if poll is None:
        return False
    wanted = (Phase.CLOSED,) if piece.after else (Phase.FROZEN, Phase.OPEN)
    return poll.phase(now) in wanted


def made(session: AnySession, consultation: Consultation, key: str, now: datetime) -> bytes:
    """Return a piece as PDF. Raises NotFrozen, PieceNotNow, PieceTooLong, SignMissing; KeyError for no such key."""
    piece, poll = PIECES[key], consultation.poll
    if poll is None:
        raise NotFrozen()
    if not of_use(piece, poll, now):
        raise PieceNotNow()
    template, tell = TOLD[key]
    data = {**_look(consultation, piece), **tell(session, consultation, poll, key)}
    made_at = poll.closed_at if piece.after and poll.closed_at else poll.frozen_at
    return printed(template, data, made_at, piece.pages)


def printed(template: str, data: Mapping[str, object], moment: datetime, pages: int | None) -> bytes:
    """Return a filled template of so many pages (None: any). Raises PieceTooLong, SignMissing."""
    try:
        pdf = typeset(template, data, moment=moment)
    except TypesetError as error:
        if "overfull:" in str(error):
            raise PieceTooLong() from None
        raise printing.refusal(error) from None
    if pages is not None and printing.pages(pdf) != pages:
        raise PieceTooLong()
    return pdf


def _look(consultation: Consultation, piece: Piece) -> dict[str, object]:
    """Return what every piece shows: whose it is, what it is about, and where to read on."""
    wijk, town = consultation.wijk, consultation.wijk.town
    kind = (
        gettext("Wijkraadpleging %(wijk)s", wijk=wijk.name)
        if consultation.initiative
        else gettext("Buurtstemming %(wijk)s", wijk=wijk.name)
    )
    return {
        "name": gettext(piece.name),
        "town": town.name,
        "accent": town.accent,
        "logo": None,
        "eyebrow": kind,
        "title": consultation.subject,
        "qr": qr.svg(f"{town.base_url}/raadplegingen/{consultation.id}"),
        "qr_alt": gettext("QR-code van de pagina over deze stemming. Er zit geen stemcode in."),
        "url": f"{_host(consultation)}/raadplegingen/{consultation.id}",
        "url_words": gettext("Lees alles op de website"),
    }


def _host(consultation: Consultation) -> str:
    return consultation.wijk.town.base_url.partition("://")[2]


def _steps() -> list[str]:
    return [
        gettext("Zoek de brief die u thuis kreeg. Daarop staat uw code."),
        gettext("Scan de QR-code op die brief, of typ uw code."),
        gettext("Kies, controleer en verstuur. Liever op papier? Neem de brief mee naar de balie."),
    ]


def _foot(consultation: Consultation) -> str:
    town = consultation.wijk.town
    return gettext(
        "Stemmen kan alleen met de brief die u thuis kreeg. Brief kwijt? Bel %(phone)s of vraag een nieuwe op "
        "%(host)s/nieuwe-brief.",
        phone=town.phone,
        host=_host(consultation),
    )


def _poster(session: AnySession, consultation: Consultation, poll: Poll, key: str) -> dict[str, object]:
    said = in_force(poll)
    return {
        "paper": key.rpartition("-")[2],
        "lead": said.questions[0].text if len(said.questions) == 1 else " ".join(said.summary),
        "call": gettext("Stem mee"),
        "closes": said.closes_text,
        "how": gettext("Zo stemt u"),
        "steps": _steps(),
        "foot": _foot(consultation),
    }


def _flyer(session: AnySession, consultation: Consultation, poll: Poll, key: str) -> dict[str, object]:
    said = in_force(poll)
    options = [] if consultation.initiative else [_options(question) for question in said.questions]
    if len(options) == 1:  # the question stands above it
        options = [(gettext("Waaruit kunt u kiezen?"), options[0][1])]
    return {
        **_poster(session, consultation, poll, key),
        "summary": list(said.summary),
        "question_label": gettext("De vraag") if len(said.questions) == 1 else gettext("De vragen"),
        "question": said.questions[0].text
        if len(said.questions) == 1
        else gettext("Wij stellen u %(number)d vragen.", number=len(said.questions)),
        "sides": consultation.initiative is not None,
        "texts": [*options, *((gettext(each.heading), each.text) for each in said.texts)],
    }


def _options(question: Question) -> tuple[str, str]:
    """Return a question with what one can choose, as far as a flyer has room."""
    shown = [
        f"{option.label} ({euros(int(option.cost))})" if option.cost else option.label
        for option in question.options[:MOST_OPTIONS]
    ]
    if more := len(question.options) - len(shown):
        shown.append(gettext("en nog %(number)d mogelijkheden op de website", number=more))
    return question.text, "\n".join(shown)


def _card(session: AnySession, consultation: Consultation, poll: Poll, key: str) -> dict[str, object]:
    town, host = consultation.wijk.town, _host(consultation)
    return {
        "ask": gettext("Hebt u al gestemd?"),
        "fridge": gettext("De brief op de koelkast blijft geldig. Stemde u al? Dan hoeft u niets te doen."),
        "closes": gettext("Stemmen kan %(closes)s", closes=in_force(poll).closes_text),
        "about": gettext("Waar gaat het over?"),
        "facts": [
            (
                gettext("Zo stemt u"),
                gettext("Pak de brief. Scan de QR-code, of typ uw code op %(host)s/s.", host=host),
            ),
            (
                gettext("Brief kwijt?"),
                gettext(
                    "Vraag een nieuwe op %(host)s/nieuwe-brief, of bel %(phone)s.",
                    host=host,
                    phone=town.phone,
                ),
            ),
            (
                gettext("Liever op papier?"),
                gettext("Neem de brief mee naar de balie. Daar krijgt u een biljet."),
            ),
        ],
        "foot": gettext(
            "Aan alle adressen in de wijk. Wij weten niet wie al stemde. %(town)s, %(phone)s",
            town=town.name,
            phone=town.phone,
        ),
    }


def _desk(session: AnySession, consultation: Consultation, poll: Poll, key: str) -> dict[str, object]:
    closes = gettext("Stemmen kan %(closes)s", closes=in_force(poll).closes_text)
    common = {"about": consultation.subject, "closes": closes}
    voter = [
        gettext("Geef uw brief aan de medewerker."),
        gettext("U krijgt een leeg biljet. De brief is dan gebruikt."),
        gettext("Vul het biljet in waar niemand meekijkt. Zet er geen naam op."),
        gettext("Vouw het dicht en doe het zelf in de stembus."),
    ]
    staff = [
        gettext("Scan of typ de code op de brief. Klopt hij, dan is de brief gebruikt."),
        gettext("Geef één leeg biljet. Zet er niets op. Houd de brief apart en versnipper hem."),
        gettext("Kijk niet mee. Help alleen wie erom vraagt, en vul nooit zelf iets in."),
        gettext("Een fout gemaakt? Scheur het biljet door en geef een nieuw."),
        gettext("Geen brief, geen biljet. Vraag met de bewoner een nieuwe brief aan."),
    ]
    return {
        "faces": [
            {
                **common,
                "whom": gettext("Voor u"),
                "head": gettext("Hier stemt u op papier"),
                "steps": voter,
                "note": gettext(
                    "Zonder brief kunt u niet stemmen. Vraag ons om een nieuwe; die komt met de post."
                ),
            },
            {
                **common,
                "whom": gettext("Voor de medewerker"),
                "head": gettext("Zo gaat het aan de balie"),
                "steps": staff,
                "note": gettext(
                    "Noteer nergens wie er kwam. Wij bewaren alleen op welke dag een brief werd ingewisseld."
                ),
            },
        ]
    }


def _script(session: AnySession, consultation: Consultation, poll: Poll, key: str) -> dict[str, object]:
    town, host, said = consultation.wijk.town, _host(consultation), in_force(poll)
    answers = [
        (
            gettext("Is deze brief echt?"),
            gettext(
                "Ja, als er %(host)s op staat. De brief is van %(town)s en de regiegroep. Laat de beller zelf "
                "%(host)s/echt typen.",
                host=host,
                town=town.name,
            ),
        ),
        (
            gettext("Vragen ze om mijn gegevens?"),
            gettext(
                "Nooit. Geen DigiD, BSN, geld of naam. Vraagt iemand dat toch? Dan is het oplichting: noteer het."
            ),
        ),
        (
            gettext("Ik ben mijn brief kwijt."),
            gettext(
                "Vraag een nieuwe aan op %(host)s/nieuwe-brief. Hij komt met de post. De oude werkt dan niet meer. "
                "Geef nooit een code door de telefoon.",
                host=host,
            ),
        ),
        (
            gettext("Er staat dat al is gestemd."),
            gettext(
                "Vraag of een huisgenoot het deed. Zo niet: noteer het nummer van de brief, niet de code, en geef het "
                "door. De stem kan er niet uit, maar het komt op het openbare bord."
            ),
        ),
        (
            gettext("Ik heb geen telefoon of computer."),
            gettext(
                "Kom met de brief naar de balie en stem op papier. Daar helpt iemand u, zonder mee te kijken."
            ),
        ),
        (
            gettext("Wij wonen met meer mensen."),
            gettext("Eén brief is één stem, voor het hele adres. Beslis samen."),
        ),
        (
            gettext("Wie mag stemmen? Er staat geen naam op."),
            gettext("De brief is voor het adres. Namen gebruiken wij niet, alleen adressen in de wijk."),
        ),
        (
            gettext("Ziet u wat ik stem?"),
            gettext(
                "Nee. Wij zien dat een brief is gebruikt, niet wat er is gekozen. Meer staat op %(host)s/stemgeheim.",
                host=host,
            ),
        ),
        (
            gettext("Kan ik mijn stem nog veranderen?"),
            gettext("Nee. Een stem die verstuurd is, blijft zo."),
        ),
        (
            gettext("Wanneer is de uitslag er?"),
            gettext(
                "Na de laatste dag wordt geteld. Tot dan weet niemand de stand. De uitslag komt op de website."
            ),
        ),
    ]
    return {
        "facts": [
            (gettext("Stemmen kan"), said.closes_text),
            (gettext("De website"), host),
            (gettext("De pagina hierover"), f"{host}/raadplegingen/{consultation.id}"),
        ],
        "answers": answers,
        "foot": gettext(
            "Weet u het niet? Noteer de vraag en een nummer, en mail %(email)s.", email=town.email
        ),
    }


def _outcome(session: AnySession, consultation: Consultation, poll: Poll, key: str) -> dict[str, object]:
    """Say of each question what the result page says, in the same words."""
    counted = results.of(session, poll)
    questions = []
    for each in counted:
        shown = each.result
        questions.append(
            {
                "question": each.question.text,
                "headline": shown.headline,
                "turnout": f"{shown.turnout} {shown.blank}".strip(),
                "rows": [
                    {
                        "label": row.label,
                        "bar": row.bar,
                        "score": row.score,
                        "verdict": row.verdict,
                        "won": row.state in (State.WON, State.PART),
                    }
                    for row in shown.rows
                ],
                "why": [*shown.how[:MOST_WHY], *shown.lots, *each.lots],
            }
        )
    return {
        "questions": questions,
        "why": gettext("Waarom is dit de uitslag?"),
        "url_words": gettext("Lees en reken na"),
        "recount": gettext("Reken het zelf na:"),
        "foot": gettext(
            "op %(url)s staat alles wat daarvoor nodig is. Stemmen kon %(closes)s.",
            url=f"{_host(consultation)}/raadplegingen/{consultation.id}",
            closes=in_force(poll).closes_text,
        ),
    }


Tell = Callable[[AnySession, Consultation, Poll, str], dict[str, Any]]
TOLD: Mapping[str, tuple[str, Tell]] = {
    "poster-a3": ("poster", _poster),
    "poster-a4": ("poster", _poster),
    "flyer": ("flyer", _flyer),
    "card": ("card", _card),
    "desk": ("desk", _desk),
    "script": ("script", _script),
    "outcome": ("outcome", _outcome),
}


def copies(session: AnySession, consultation: Consultation, piece: Piece) -> int | None:
    """Return how many of a piece are advised; None where it is one for each place that wants it."""
    addresses = rolls.totals(session, consultation).addresses
    if piece.many is Many.ADDRESS:
        return addresses
    return max(LEAST_POSTERS, addresses // PER_POSTER) if piece.many is Many.WIJK else None
