"""Counter: the forms of what changes after the freeze: letters, days, addresses, and stopping."""

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectChoice,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import NumberRange

from ballots import serials
from ballots.refusals import Refusal
from ballots.web import said
from consult.addresses import MOST_LETTERS
from consult.forms import required, sized


def why() -> TextAreaField:
    """Return the last field of each form."""
    return TextAreaField(
        lazy_gettext("Waarom?"),
        [required(lazy_gettext("Schrijf op waarom.")), sized(5, 1000)],
        description=lazy_gettext("Iedereen kan dit lezen. Schrijf er geen naam of adres in."),
    )


class ReasonForm(FlaskForm):
    """Why; everybody reads it. `sure` is filled in on the page that shows what will be done."""

    sure = HiddenField()
    reason: TextAreaField


class LettersForm(ReasonForm):
    """Which letters; `read` holds their numbers once the form is valid."""

    serials = TextAreaField(
        lazy_gettext("Nummers van de brieven"),
        [required(lazy_gettext("Vul het nummer van een brief in."))],
        description=lazy_gettext(
            "Elk nummer op een eigen regel, of een reeks zoals 12-20. U kunt de lijst van een scanner hier plakken."
        ),
    )
    reason = why()
    read: tuple[int, ...] = ()

    def validate_serials(self, field: TextAreaField) -> None:
        try:
            self.read = serials.read(field.data or "")
        except Refusal as refusal:
            raise ValidationError(said(refusal)) from refusal


class LengthenForm(ReasonForm):
    last_day = DateField(lazy_gettext("Nieuwe laatste dag"), [required(lazy_gettext("Kies een dag."))])
    reason = why()


class AddForm(ReasonForm):
    """Addresses that were forgotten, as rows of an address list."""

    typed = TextAreaField(
        lazy_gettext("De vergeten adressen"),
        [required(lazy_gettext("Plak de rijen van de adressen."))],
        description=lazy_gettext(
            "Plak rijen met dezelfde kolommen als de adressenlijst. In de eerste rij staan de namen van de "
            "kolommen, met een puntkomma ertussen."
        ),
    )
    reason = why()


class MoreForm(ReasonForm):
    """More letters for an address that is on the roll."""

    letters = IntegerField(
        lazy_gettext("Hoeveel brieven erbij?"),
        [
            required(lazy_gettext("Vul een getal in.")),
            NumberRange(1, MOST_LETTERS, lazy_gettext("Kies een getal van 1 tot en met %(max)d.")),
        ],
        default=1,
    )
    reason = why()


class ReopenForm(ReasonForm):
    """The last published checkpoint, with which a database that was put back is compared."""

    note = TextAreaField(
        lazy_gettext("Het laatste controlepunt"),
        [required(lazy_gettext("Plak het controlepunt.")), sized(1, 2000)],
        description=lazy_gettext(
            "Plak de hele tekst van het bestand controlepunt.txt dat van het stembord is bewaard voordat de "
            "oudere kopie werd teruggezet."
        ),
    )
    reason = why()


class StopForm(ReasonForm):
    how = RadioField(
        lazy_gettext("Wat gebeurt er daarna?"),
        [required(lazy_gettext("Kies wat er daarna gebeurt."))],
        choices=[
            SelectChoice("withdraw", lazy_gettext("Niets: de stemming wordt ingetrokken")),
            SelectChoice("restart", lazy_gettext("Wij beginnen opnieuw, met dezelfde vraag en adressen")),
        ],
    )
    reason = why()
