"""Counter: the questions of a plan, one form a page, filled from what was typed before."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext, lazy_gettext
from werkzeug.datastructures import MultiDict
from wtforms import Form, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import Optional

from consult import initiatives
from consult.forms import MoneyField, required, sized


def _tidy(text: str | None) -> str | None:
    return text and text.strip()


class StepForm(Form):
    """The questions of one page."""

    class Meta:
        locales = ("nl",)  # of what is wrong; FlaskForm would ask Flask-Babel, and sets a cookie


class WhatForm(StepForm):
    title = StringField(
        lazy_gettext("Hoe heet uw plan?"),
        [required(lazy_gettext("Geef uw plan een naam.")), sized(3, 80)],
        [_tidy],
        description=lazy_gettext("Kort en duidelijk, bijvoorbeeld: Speelplek aan de Lindelaan"),
    )
    what = TextAreaField(
        lazy_gettext("Wat wilt u doen?"),
        [required(lazy_gettext("Vertel wat u wilt doen.")), sized(10, 4000)],
        [_tidy],
        description=lazy_gettext("Vertel wat u wilt maken of doen. Gewone woorden zijn het beste."),
    )


class ForWhomForm(StepForm):
    for_whom = TextAreaField(
        lazy_gettext("Voor wie is het?"),
        [required(lazy_gettext("Vertel voor wie het is.")), sized(3, 1000)],
        [_tidy],
        description=lazy_gettext("Bijvoorbeeld: voor kinderen tot twaalf jaar en wie met ze meekomt."),
    )


class WhereForm(StepForm):
    wijk = SelectField(
        lazy_gettext("Voor welke wijk is het?"),
        [required(lazy_gettext("Kies een wijk."))],
        validate_choice=False,
    )
    place = StringField(
        lazy_gettext("Waar komt het?"),
        [required(lazy_gettext("Vertel waar het komt.")), sized(2, 120)],
        [_tidy],
        description=lazy_gettext("Een straat, plein of gebouw in de wijk"),
    )

    def validate_wijk(self, field: SelectField) -> None:
        if field.data not in [value for value, *_ in field.iter_choices()]:
            raise ValidationError(gettext("Kies een wijk uit de lijst."))


class CostForm(StepForm):
    amount = MoneyField(
        lazy_gettext("Hoeveel geld vraagt u?"), [required(lazy_gettext("Vul in hoeveel geld u vraagt."))]
    )
    upkeep = TextAreaField(
        lazy_gettext("Wie betaalt het onderhoud?"),
        [required(lazy_gettext("Vertel wie het onderhoud betaalt.")), sized(3, 600)],
        [_tidy],
        description=lazy_gettext(
            "Wie houdt het heel en schoon, ook over een paar jaar? Weet u het nog niet? Schrijf dat dan op. "
            "Is er geen onderhoud? Schrijf: niet nodig."
        ),
    )

    def validate_amount(self, field: MoneyField) -> None:
        if field.data is not None and field.data <= 0:
            raise ValidationError(gettext("Vul een bedrag in dat groter is dan nul."))
        if field.data is not None and field.data > initiatives.MOST:
            raise ValidationError(gettext("Vul een bedrag in van hoogstens € 1.000.000."))


class PhotoForm(StepForm):
    """The photo itself is read by `plan_desk`; here only the words that go with it."""

    alt = StringField(
        lazy_gettext("Wat is er op de foto te zien?"),
        [Optional(), sized(3, 200)],
        [_tidy],
        description=lazy_gettext(
            "Eén zin, voor wie de foto niet kan zien. Bijvoorbeeld: een kaal grasveld met twee bomen."
        ),
    )


class YouForm(StepForm):
    initiator = StringField(
        lazy_gettext("Uw naam"), [required(lazy_gettext("Vul uw naam in.")), sized(2, 80)], [_tidy]
    )
    email = StringField(
        lazy_gettext("Uw e-mailadres"),
        [required(lazy_gettext("Vul uw e-mailadres in.")), sized(5, 120)],
        [_tidy],
        description=lazy_gettext("De gemeente gebruikt dit adres alleen voor vragen over uw plan."),
    )

    def validate_email(self, field: StringField) -> None:
        name, at, host = (field.data or "").strip().partition("@")
        if (
            not (name and at and "." in host.strip(".") and "@" not in host)
            or " " in (field.data or "").strip()
        ):
            raise ValidationError(
                gettext("Dit is geen e-mailadres. Een e-mailadres lijkt op naam@voorbeeld.nl.")
            )


STEPS: Mapping[str, type[StepForm]] = {
    "plan": WhatForm,
    "voor-wie": ForWhomForm,
    "waar": WhereForm,
    "geld": CostForm,
    "foto": PhotoForm,
    "over-u": YouForm,
}
TITLES: Mapping[str, Any] = {
    "plan": lazy_gettext("Wat is uw plan?"),
    "voor-wie": lazy_gettext("Voor wie is het?"),
    "waar": lazy_gettext("Waar komt het?"),
    "geld": lazy_gettext("Wat kost het?"),
    "foto": lazy_gettext("Hebt u een foto?"),
    "over-u": lazy_gettext("Wie bent u?"),
}


def form_of(step: str, fields: Mapping[str, str], wijken: list[Any]) -> StepForm:
    """Return the form of a step, filled with answers as they were typed; spaces alone are no answer."""
    form = STEPS[step](MultiDict({name: text if text.strip() else "" for name, text in fields.items()}))
    if isinstance(form, WhereForm):
        form.wijk.choices = wijken
    return form


def names_of(step: str) -> list[str]:
    """Return the names of the answers of a step."""
    return [name for name, _ in STEPS[step]()._fields.items()]
