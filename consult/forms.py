"""Counter: what the forms of every counter share: fields, days, and what is wrong in words that help."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import DateField, Field, IntegerField, RadioField, SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange
from wtforms.widgets import TextInput

from ballots.money import euros, parse
from ballots.refusals import Refusal
from ballots.web import said
from consult.asked import MOST_DAYS
from consult.draft_check import Wrong
from consult.pages import sentence, today

FURTHEST = timedelta(days=366)
MOST_LONGER = 60  # days


def wijk_choices(wijken: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    """Return the choices of a wijk; of several none is filled in beforehand, for nobody would look at it again."""
    choices = [SelectChoice(value, name) for value, name in wijken]
    return [SelectChoice("", gettext("Kies een wijk")), *choices] if len(choices) > 1 else choices


def required(said: str | None = None) -> InputRequired:
    """Return the rule that something is filled in; `said` names the field where a page asks much else."""
    return InputRequired(said or lazy_gettext("Vul dit in."))


def sized(least: int, most: int) -> Length:
    """Return the rule that a text has between `least` and `most` characters."""
    return Length(least, most, lazy_gettext("Gebruik minstens %(min)d en hoogstens %(max)d tekens."))


class MoneyField(Field):
    """Euros as people write them. `data` is whole cents, None while empty or not to be understood."""

    widget = TextInput()
    data: int | None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else euros(self.data).removeprefix("€ ")

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = str(valuelist[0]).strip() if valuelist else ""
        self.raw_data = [typed] if typed else []  # spaces are nothing
        self.data = None
        if typed:
            try:
                self.data = parse(typed)
            except Refusal as refusal:
                raise ValueError(said(refusal)) from refusal


class YesNoField(RadioField):
    """A question with two answers, and none before somebody gives one. `data` is True, False or None."""

    def __init__(
        self, label: str, validators: Any = None, yes: str | None = None, no: str | None = None, **more: Any
    ) -> None:
        choices = [
            SelectChoice("ja", yes or lazy_gettext("Ja")),
            SelectChoice("nee", no or lazy_gettext("Nee")),
        ]
        super().__init__(label, validators, coerce=_truth, choices=choices, **more)


def _truth(value: object) -> bool:
    if value in ("ja", True):
        return True
    if value in ("nee", False):
        return False
    raise ValueError(gettext("Kies ja of nee."))


class DaysForm(FlaskForm):
    """The days of a vote."""

    first_day = DateField(
        lazy_gettext("Eerste dag"),
        [required()],
        description=lazy_gettext(
            "De stemming opent om middernacht. Kiest u vandaag? Dan opent zij bij het vastzetten."
        ),
    )
    last_day = DateField(
        lazy_gettext("Laatste dag"),
        [required()],
        description=lazy_gettext("Tot een kwartier na middernacht telt een stem nog mee."),
    )
    lengthen = IntegerField(
        lazy_gettext("Met hoeveel dagen mag het stemmen worden verlengd?"),
        [
            required(),
            NumberRange(0, MOST_DAYS, lazy_gettext("Kies een getal van %(min)s tot en met %(max)s.")),
        ],
        description=lazy_gettext(
            "Dit ligt vast en is voor iedereen te lezen. Vul 0 in als verlengen nooit mag. Anders kan het één "
            "keer, hoogstens zoveel dagen, bijvoorbeeld als de post te laat bezorgt."
        ),
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """See that the days are in order, and not past or far away."""
        right: bool = super().validate(extra_validators)
        first, last = self.first_day.data, self.last_day.data
        if not (first and last):
            return right
        if last < first:
            return _wrong(self.last_day, gettext("De laatste dag ligt voor de eerste dag."))
        if last > today() + FURTHEST:
            return _wrong(self.last_day, gettext("Deze dag ligt meer dan een jaar vooruit."))
        if first < today():
            return _wrong(self.first_day, gettext("Deze dag is al voorbij."))
        return right


def _wrong(field: Field, text: str) -> bool:
    field.errors = [*field.errors, text]
    return False


def show_wrongs(
    form: FlaskForm, wrongs: Iterable[Wrong], at: Callable[[Wrong], Field | None] | None = None
) -> bool:
    """Show what a draft check found, each at its field; say whether there was anything.

    `at` finds the field of what a page asks more than once; else it is the one of that name. A field that
    could not be read keeps its own sentence; what no field of this form can mend stands on top.
    """
    said, found = set[str](), False
    for wrong in wrongs:
        found, text = True, sentence(wrong.why)
        field = at(wrong) if at else None
        if field is None and wrong.field in form:
            field = form[wrong.field]
        if field is None:
            form.form_errors = [*form.form_errors, text]
        elif not field.errors or field.name in said:
            field.errors = [*field.errors, text]
            said.add(field.name)
    return found


def filled(form: FlaskForm) -> dict[str, Any]:
    """Return what a form holds, by field."""
    return {name: value for name, value in form.data.items() if name != "csrf_token"}
