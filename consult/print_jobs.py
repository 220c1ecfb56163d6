"""What goes to the print shop beside the letters: the proof page of the envelope, and a job sheet a batch."""

from datetime import datetime
from typing import Any

from flask_babel import gettext, ngettext

from ballots import codes, printing, qr
from ballots.database import AnySession
from ballots.serials import shown
from consult import pieces, print_work
from consult.models import Consultation, PrintBatch
from consult.pages import moment
from consult.refusals import BatchUnknown

A_ROW = 4  # groups of the SHA-256 in a row, of
A_GROUP = 4  # symbols


def proof_page(session: AnySession, consultation: Consultation, now: datetime) -> bytes:
    """Return a sheet with the window of the chosen envelope drawn on it: fold it, put it in, and shake."""
    profile = print_work.setup(session, consultation).profile
    code = f"{consultation.wijk.town.base_url}/s#{codes.dead(codes.PROOF, 0)}"
    wide, high = profile.window
    data: dict[str, Any] = {
        **_look(consultation),
        "name": gettext("Proefblad"),
        "envelope": gettext(profile.name),
        "profile": printing.geometry(profile),
        "address_here": gettext("Hier staat het adres"),
        "always": gettext("Dit deel ziet u altijd, hoe het vel ook schuift."),
        "ever": gettext("Tot hier kan het venster komen. Er mag geen code in staan."),
        "fold": gettext("vouw"),
        "head": gettext("Klopt deze envelop?"),
        "steps": [
            gettext("Druk dit vel op ware grootte: niet “passend maken”. De streep hieronder is dan 10 cm."),
            gettext("Vouw op de gestippelde lijn. Het adres zit aan de buitenkant, bovenaan."),
            gettext("Doe het in de envelop en schud. Schuif het vel naar alle vier de kanten."),
            gettext("U ziet altijd het hele witte vak, en nooit iets buiten het gekleurde vak."),
            gettext("Klopt dat niet? Kies een andere envelop, of bel ons voordat u drukt."),
        ],
        "ruler": gettext("Deze streep is 10 centimeter"),
        "sizes": gettext(
            "Envelop %(envelope)s mm. Venster %(window)s mm, %(left)s mm van links en %(bottom)s mm van onder.",
            envelope=f"{_mm(profile.width)} × {_mm(profile.height)}",
            window=f"{_mm(wide)} × {_mm(high)}",
            left=_mm(profile.left),
            bottom=_mm(profile.bottom),
        ),
        "qr": qr.svg(code),
        "qr_alt": gettext("QR-code van een proef, zonder stem"),
        "qr_words": gettext(
            "Scan deze code met een oude telefoon. Er hoort te staan: “Dit is een proefdruk”. Lukt dat niet, dan is de "
            "druk te licht of te grof."
        ),
    }
    frozen = consultation.poll.frozen_at if consultation.poll else now
    return pieces.printed("proofpage", data, frozen, 1)


def job_sheet(session: AnySession, consultation: Consultation, run: int, number: int) -> bytes:
    """Return what goes along with a batch that was made: its letters, sheets, envelope, and the SHA-256 of its file.

    Raises BatchUnknown.
    """
    batch = session.get(PrintBatch, (consultation.id, run, number))
    if batch is None:
        raise BatchUnknown()
    setup = print_work.setup(session, consultation)
    sheets, sides = len(batch.letters), batch.pages // len(batch.letters)
    name = str(number) if run == 1 else f"{run}.{number}"
    folds = " en ".join(map(_mm, setup.profile.folds))
    town, digest = consultation.wijk.town, batch.sha256.hex()
    data: dict[str, Any] = {
        **_look(consultation),
        "name": gettext("Opdrachtbon"),
        "title": gettext("Partij %(name)s: brieven %(letters)s", name=name, letters=shown(batch.letters)),
        "about": consultation.subject,
        "facts": [
            (gettext("Bestand"), filename(consultation, run, number)),
            (gettext("Brieven"), shown(batch.letters)),
            (gettext("Vellen"), str(sheets)),
            (
                gettext("Bedrukking"),
                ngettext("%(num)d kant, in kleur", "%(num)d kanten, in kleur", sides),
            ),
            (gettext("Papier"), gettext("A4, wit, 90 tot 120 grams, mat")),
            (gettext("Envelop"), gettext(setup.profile.name)),
            (
                gettext("Vouwen"),
                gettext(
                    "bij %(folds)s mm van boven",
                    folds=folds,
                ),
            ),
            (gettext("Gemaakt"), moment(batch.made_at)),
        ],
        "hash_head": gettext("Is dit het goede bestand? SHA-256"),
        "hash": rows(digest),
        "hash_how": gettext(
            "Reken dit na met certutil -hashfile BESTAND SHA256 (Windows) of sha256sum BESTAND (Mac, Linux). Komt er "
            "iets anders uit? Druk niet, en bel %(phone)s.",
            phone=town.phone,
        ),
        "how_head": gettext("Zo drukt u"),
        "how": [
            gettext("Op ware grootte, in de volgorde van het bestand. Niets samenvoegen of passend maken."),
            gettext("Elk vel is één brief met een eigen code. Dubbele vellen mogen niet de deur uit."),
            gettext(
                "Maak geen kopie van het bestand. Wis het als de partij klaar is: wie de codes heeft, kan stemmen."
            ),
            gettext(
                "Scan van elke honderd vellen er één: de QR-code moet leesbaar zijn. Open de pagina niet."
            ),
        ],
        "spoiled_head": gettext("Mislukte vellen"),
        "spoiled": gettext(
            "Druk een mislukt vel niet opnieuw. Schrijf het nummer van de brief op en geef het door: er komt een "
            "nieuwe brief met een nieuwe code. Versnipper het vel."
        ),
        "fields": [
            gettext("Nummers van mislukte vellen"),
            gettext("Aantal afgeleverd"),
            gettext("Datum en naam"),
        ],
    }
    return pieces.printed("jobsheet", data, batch.made_at, 1)


def filename(consultation: Consultation, run: int, number: int) -> str:
    """Return what the file of a batch is called."""
    return f"brieven-{consultation.id}-{run}-{number}.pdf"


def rows(digest: str) -> list[str]:
    """Return a hexadecimal digest in groups, a few a row, as eyes compare it."""
    parts = [digest[start : start + A_GROUP] for start in range(0, len(digest), A_GROUP)]
    return [" ".join(parts[start : start + A_ROW]) for start in range(0, len(parts), A_ROW)]


def _mm(length: float) -> str:
    """Return millimetres as Dutch people write them."""
    return f"{length:g}".replace(".", ",")


def _look(consultation: Consultation) -> dict[str, object]:
    town = consultation.wijk.town
    return {"town": town.name, "accent": town.accent, "logo": None}
