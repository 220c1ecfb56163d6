"""Counter: what the booth answers when it cannot do what was asked: a page for each refusal, with what to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import render_template, request, url_for
from flask_babel import format_datetime, gettext

from ballots.codes import CodeOfControl, CodeOfProof, CodeRefusal
from ballots.refusals import (
    BackupPutBack,
    CodeUnknown,
    ControlTaken,
    KeyMissing,
    KeysNotReady,
    LetterUsed,
    LetterVoid,
    MarkingWrong,
    Refusal,
    StatementsLogged,
    TooEarly,
    TooLate,
    Withdrawn,
)
from ballots.web import said
from ballots.words import N_

Page = tuple[str, int]


@dataclass(frozen=True)
class Known:
    """A page that says why: its status, heading, text (or else the refusal's own), what to do, and drawing.

    `again` says that the voter begins anew, with another random number behind the control code.
    """

    status: int
    heading: str
    text: str = ""
    what_to_do: tuple[str, ...] = ()
    drawing: str = "wrong"
    again: bool = False


ASK = N_("Vragen? De gemeente helpt u. Het telefoonnummer staat op uw brief.")
UNKNOWN = Known(
    404,
    N_("Deze code kennen wij niet"),
    "",
    (N_("Kijk of de code op uw brief dezelfde is als de code die u typte."), ASK),
)
PAGES: Mapping[type[Refusal], Known] = {
    CodeRefusal: UNKNOWN,
    CodeOfProof: Known(
        410,
        N_("Dit is een proefdruk"),
        N_("Met deze brief kan niemand stemmen. Hij is gemaakt om het drukken te proberen."),
        (N_("Hoort u bij deze stemming? Dan krijgt u een eigen brief met de post."), ASK),
    ),
    CodeOfControl: Known(
        410,
        N_("Dit is een controlebrief"),
        N_("Met deze brief kan niemand stemmen. Hij laat zien op welke dag de post de brieven bezorgt."),
        (N_("Schrijf op welke dag hij kwam en geef dat door aan de gemeente."), ASK),
        "done",
    ),
    CodeUnknown: UNKNOWN,
    LetterUsed: Known(
        409,
        N_("Met deze brief is al gestemd"),
        N_("Elke brief telt één keer. De stem die al in de stembus zit, telt."),
        (
            N_("Verstuurde u net zelf, en viel de verbinding weg? Dan is het gelukt. U hoeft niets te doen."),
            N_("Woont u met meer mensen op dit adres? Misschien heeft iemand anders al gestemd."),
            N_("Denkt u dat dit niet klopt? Bel dan de gemeente. Het nummer staat op uw brief."),
        ),
        "done",
    ),
    TooEarly: Known(
        403,
        N_("U kunt nog niet stemmen"),
        N_("De stemming opent %(when)s."),
        (N_("Bewaar uw brief en kom dan terug."),),
        "closed",
    ),
    TooLate: Known(
        410,
        N_("De stemming is gesloten"),
        N_("U kunt niet meer stemmen met deze brief."),
        (N_("De uitslag komt op deze website."),),
        "closed",
    ),
    KeysNotReady: Known(
        403,
        N_("U kunt nog niet stemmen"),
        N_("De sleutels van de stembus zijn nog niet alle drie beproefd. Probeer het morgen opnieuw."),
        (ASK,),
        "closed",
    ),
    KeyMissing: Known(
        503,
        N_("Stemmen kan nu even niet"),
        N_("Er ging bij ons iets mis. Uw brief blijft geldig. Probeer het over een uur opnieuw."),
        (ASK,),
    ),
    StatementsLogged: Known(
        503,
        N_("Stemmen kan nu even niet"),
        N_("Er ging bij ons iets mis. Uw brief blijft geldig. Probeer het over een uur opnieuw."),
        (ASK,),
    ),
    BackupPutBack: Known(
        503,
        N_("Stemmen kan nu even niet"),
        N_("Er ging bij ons iets mis. Uw brief blijft geldig. Probeer het morgen opnieuw."),
        (ASK,),
    ),
    Withdrawn: Known(
        410,
        N_("Deze stemming is ingetrokken"),
        N_("Uw brief is niet meer geldig. Er wordt niets geteld."),
        (ASK,),
        "closed",
    ),
    LetterVoid: Known(
        410,
        N_("Deze brief is niet meer geldig"),
        N_("De gemeente heeft deze brief ongeldig gemaakt."),
        (N_("Kreeg u een nieuwe brief? Gebruik dan die."), ASK),
        "closed",
    ),
    ControlTaken: Known(409, N_("Uw stem is niet verstuurd"), "", (ASK,), again=True),
    MarkingWrong: Known(
        400,
        N_("Uw stem is niet verstuurd"),
        N_("Er ging iets mis met uw keuze. Vul uw stemcode nog een keer in en kies opnieuw."),
        (ASK,),
        again=True,
    ),
    Refusal: Known(400, N_("Dit kan niet"), "", (ASK,)),
}


def page_of(refusal: Refusal) -> Page:
    """Return the page of a refusal, with a status that keeps it apart."""
    known = _known(refusal)
    heading, text = words(refusal)
    return page(
        known.status,
        heading,
        text,
        [gettext(each) for each in known.what_to_do],
        known.drawing,
        str(refusal.values.get("reason", "")),
        known.again,
    )


def words(refusal: Refusal) -> tuple[str, str]:
    """Return what the booth says of a refusal: the heading, and why."""
    known, opens = _known(refusal), refusal.values.get("opens")
    when = format_datetime(opens, gettext("EEEE d MMMM y 'om' HH.mm 'uur'")) if opens else ""
    return gettext(known.heading), gettext(known.text, when=when) if known.text else said(refusal)


def _known(refusal: Refusal) -> Known:
    return next(PAGES[kind] for kind in type(refusal).__mro__ if kind in PAGES)


def page(
    status: int,
    heading: str,
    text: str,
    what_to_do: Sequence[str] = (),
    drawing: str = "wrong",
    reason: str = "",
    again: bool = False,
) -> Page:
    """Return a page that says what cannot be done, why, and what to do instead."""
    return (
        render_template(
            "ballots/refused.html",
            heading=heading,
            text=text,
            what_to_do=what_to_do,
            drawing=drawing,
            reason=reason,
            again=again,
            again_url=url_for("booth.enter_code"),
        ),
        status,
    )


def code_again(refusal: Refusal) -> Page:
    """Return the page to type the code again: what was typed stays, the wrong group is pointed out."""
    status = 404 if isinstance(refusal, CodeUnknown) else 422
    return (
        render_template(
            "ballots/enter_code.html",
            error=said(refusal),
            typed=request.form.get("code", "")[:80],
            group=refusal.values.get("group"),
            ask=gettext(ASK) if isinstance(refusal, CodeUnknown) else "",
        ),
        status,
    )
