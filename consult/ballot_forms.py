"""Counter: the forms of a buurtstemming. A field is called as in the draft, whose check says what is wrong."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    Field,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length, Optional

from ballots.counting.equal_shares import Completion, Utility
from ballots.counting.greedy import Leftover
from ballots.paper import Kind
from consult.drafts import Draft, TieOrder, Way, Weight
from consult.forms import MoneyField, YesNoField, required, sized
from consult.option_lines import LONGEST
from consult.rule_fields import MajorityFields, QuorumFields

KINDS = {
    Kind.CHOOSE_ONE: lazy_gettext("Kies er één"),
    Kind.APPROVE: lazy_gettext("Kruis er een aantal aan"),
    Kind.BASKET: lazy_gettext("Boodschappenmand: kies plannen voor samen hoogstens een bedrag"),
    Kind.POINTS: lazy_gettext("Verdeel punten"),
    Kind.RANKING: lazy_gettext("Zet op volgorde: bovenaan wat de bewoner het liefst wil"),
    Kind.YES_NO: lazy_gettext("Voor of tegen"),
}
WAYS = {
    Way.MAJORITY: lazy_gettext("Meerderheid: is er genoeg voor?"),
    Way.PLURALITY: lazy_gettext("Eén winnaar: wat het hoogst eindigt, wint"),
    Way.GREEDY: lazy_gettext("Verdeel geld: wat het hoogst eindigt krijgt eerst, zolang er geld is"),
    Way.EQUAL_SHARES: lazy_gettext(
        "Gelijke delen: elke stemmer mag een even groot deel uitgeven; wat stemmers samen betalen, krijgt geld"
    ),
    Way.RUN_OFF: lazy_gettext("Eén winnaar: de laatste valt steeds af, tot er één meer dan de helft heeft"),
    Way.SCHULZE: lazy_gettext("Eén winnaar: wie van alle andere wint, twee aan twee (Schulze)"),
}


def _choices(words: Mapping[Any, Any]) -> list[SelectChoice]:
    return [SelectChoice(each, text) for each, text in words.items()]


class SubjectForm(FlaskForm):
    """What a buurtstemming is about, and what follows from it."""

    title = StringField(lazy_gettext("De titel"), [required(), sized(3, 80)])
    summary = TextAreaField(
        lazy_gettext("In het kort"),
        [required(), sized(10, 600)],
        description=lazy_gettext("Drie korte zinnen. Elke zin op een eigen regel."),
    )
    afterwards = TextAreaField(
        lazy_gettext("Wat gebeurt er met de uitslag?"),
        [required(), sized(10, 600)],
        description=lazy_gettext(
            "Bijvoorbeeld: De gemeente voert de plannen uit die winnen. Of: De uitslag is een advies."
        ),
    )


class StartForm(SubjectForm):
    """The same, and in which wijk."""

    wijk = SelectField(lazy_gettext("In welke wijk?"), [required()])


class TextForm(FlaskForm):
    """The question itself and the kind of paper."""

    text = StringField(lazy_gettext("De vraag"), description=lazy_gettext("Eén zin, in gewone woorden."))
    kind = RadioField(lazy_gettext("Hoe kiest een bewoner?"), [Optional()], choices=_choices(KINDS))


class OptionForm(Form):
    """A row of the list of options. `id` is of an option that is kept; a row without one is new."""

    id = HiddenField()
    label = StringField(lazy_gettext("Naam"), [Length(max=LONGEST["label"])])
    cost = MoneyField(lazy_gettext("Bedrag"))
    theme = StringField(lazy_gettext("Thema"), [Length(max=LONGEST["theme"])])
    place = StringField(lazy_gettext("Plek"), [Length(max=LONGEST["place"])])

    @property
    def blank(self) -> bool:
        """Say whether nobody typed anything in this row."""
        return not any(str(field._value()).strip() for field in self if field.name != self.id.name)


class OptionsForm(FlaskForm):
    """The options as rows, and many lines at once."""

    options = FieldList(FormField(OptionForm), lazy_gettext("De mogelijkheden"))
    lines = TextAreaField(
        lazy_gettext("Veel mogelijkheden in één keer"),
        description=lazy_gettext(
            "Op elke regel: naam; bedrag; thema; plek. Alleen de naam is nodig. Plakken uit een rekenblad "
            "kan ook."
        ),
    )
    shuffled = YesNoField(
        lazy_gettext("Ziet elke bewoner ze in een andere volgorde?"),
        [Optional()],
        description=lazy_gettext(
            "Wat bovenaan staat, wordt vaker gekozen. Met ‘ja’ is dat eerlijk verdeeld."
        ),
    )


class LimitsForm(FlaskForm):
    """What a voter may choose; the fields that a kind of paper does not have are taken out by `limits_form`."""

    # in the order of the page, which is that of the errors on top of it
    points_sum = IntegerField(lazy_gettext("Hoeveel punten heeft een bewoner te verdelen?"), [Optional()])
    points_least = IntegerField(
        lazy_gettext("Hoeveel daarvan moet een bewoner minstens weggeven?"),
        [Optional()],
        description=lazy_gettext("Moeten ze allemaal op? Vul dan hetzelfde getal in."),
    )
    points_each = IntegerField(
        lazy_gettext("Hoeveel mag een bewoner hoogstens aan één mogelijkheid geven?"), [Optional()]
    )
    budget = MoneyField(
        lazy_gettext("Voor welk bedrag mag een bewoner samen kiezen?"),
        description=lazy_gettext("Leeg: geen grens voor alles samen, alleen per thema."),
    )
    least = IntegerField(lazy_gettext("Hoeveel moet een bewoner er minstens kiezen?"), [Optional()])
    most = IntegerField(lazy_gettext("Hoeveel mag een bewoner er hoogstens kiezen?"), [Optional()])
    unbounded = BooleanField(lazy_gettext("Zoveel als een bewoner wil"))


_OF_POINTS = ("points_sum", "points_least", "points_each")
_UNUSED = {
    Kind.APPROVE: (*_OF_POINTS, "budget"),
    Kind.BASKET: _OF_POINTS,
    Kind.POINTS: ("budget",),
    Kind.RANKING: (*_OF_POINTS, "budget"),
}


def limits_form(draft: Draft) -> LimitsForm:
    """Return the form with the limits of this kind of paper, with a field for each theme."""
    themes = draft.themes
    amounts = draft.kind is Kind.BASKET
    counted = draft.kind in (Kind.APPROVE, Kind.BASKET)
    made: dict[str, Any] = {}
    for n, theme in enumerate(themes):
        if counted:
            label = gettext("%(theme)s: hoogstens zoveel", theme=theme)
            made[f"theme_most_{n}"] = IntegerField(label, [Optional()])
        if amounts:
            label = gettext("%(theme)s: hoogstens dit bedrag", theme=theme)
            made[f"theme_budget_{n}"] = MoneyField(label)
    form = type("LimitsForm", (LimitsForm,), made)(
        obj=draft, data=_numbered(draft, "theme_most", "theme_budget")
    )
    for name in _UNUSED[draft.kind] if draft.kind else ():
        delattr(form, name)
    return form


class WayForm(FlaskForm):
    """The rule; only those that can count this kind of paper are offered."""

    way = RadioField(lazy_gettext("Hoe worden de stemmen geteld?"), [Optional()])


_TIES = {
    TieOrder.LOT: lazy_gettext("Geen: dan wordt er geloot, in het openbaar"),
    TieOrder.LOWER_COST: lazy_gettext("Het goedkoopste gaat voor, en anders wordt er geloot"),
    TieOrder.LOWER_COST_MORE_VOTES: lazy_gettext(
        "Het goedkoopste gaat voor, dan wat door meer mensen is gekozen, en anders wordt er geloot"
    ),
    TieOrder.MORE_VOTES: lazy_gettext("Wat door meer mensen is gekozen gaat voor, en anders wordt er geloot"),
    TieOrder.MORE_VOTES_LOWER_COST: lazy_gettext(
        "Wat door meer mensen is gekozen gaat voor, dan het goedkoopste, en anders wordt er geloot"
    ),
    TieOrder.PAPER_ORDER: lazy_gettext("Wat het eerst in uw lijst staat gaat voor"),
}
_WEIGHTS = {
    Weight.ALIKE: lazy_gettext("Nee. Elke stem telt even zwaar"),
    Weight.HALF_OF_VOTERS: lazy_gettext(
        "Ja, en we tellen mensen: welk deel van de mensen koos dit, op papier en online?"
    ),
    Weight.HALF_OF_VOTES: lazy_gettext(
        "Ja, en we tellen stemmen: welk deel van alle stemmen kreeg dit, op papier en online?"
    ),
}


def _tie_order() -> RadioField:
    return RadioField(
        lazy_gettext("Wat gaat voor als er twee gelijk staan?"), [Optional()], choices=_choices(_TIES)
    )


def _weight() -> RadioField:
    return RadioField(
        lazy_gettext("Tellen papier en online elk voor de helft?"),
        [Optional()],
        description=lazy_gettext(
            "Bijvoorbeeld: op papier kiest iedereen een plan, en online niemand. Met ‘ja’ telt het plan dan voor de "
            "helft, ook als er online veel meer mensen stemden. Zonder stemmen op papier maakt het niet uit."
        ),
        choices=_choices(_WEIGHTS),
    )


class MajorityForm(MajorityFields, QuorumFields, FlaskForm):
    """Of a question with voor and tegen."""


class PluralityForm(QuorumFields, FlaskForm):
    """Of one winner."""

    tie_order = _tie_order()
    weight = _weight()


class GreedyForm(FlaskForm):
    """Of money that goes to the highest first."""

    pot = MoneyField(lazy_gettext("Hoeveel geld is er te verdelen?"))
    skip = YesNoField(
        lazy_gettext("Wat als een plan niet meer past in het geld dat er nog is?"),
        [Optional()],
        yes=lazy_gettext("Overslaan en kijken of een volgend plan wel past"),
        no=lazy_gettext("Stoppen: alles eronder krijgt niets"),
    )
    threshold = IntegerField(
        lazy_gettext("Hoeveel stemmen moet een plan minstens krijgen?"),
        [Optional()],
        description=lazy_gettext("Met minder krijgt het geen geld. Vul 0 in als er geen grens is."),
    )
    leftover = RadioField(
        lazy_gettext("Wat gebeurt er met geld dat overblijft?"),
        [Optional()],
        choices=[
            SelectChoice(Leftover.NONE, lazy_gettext("Niets: het wordt niet verdeeld")),
            SelectChoice(
                Leftover.MORE,
                lazy_gettext(
                    "Nog een keer langs de rij: wat past krijgt geld, ook boven de grenzen hieronder"
                ),
            ),
            SelectChoice(
                Leftover.PART,
                lazy_gettext("Het eerste plan dat niet paste krijgt het, als deel van de kosten"),
            ),
        ],
    )
    tie_order = _tie_order()
    weight = _weight()


class EqualSharesForm(FlaskForm):
    """Of Equal Shares."""

    pot = MoneyField(lazy_gettext("Hoeveel geld is er te verdelen?"))
    utility = RadioField(
        lazy_gettext("Welk plan komt het eerst aan de beurt?"),
        [Optional()],
        choices=[
            SelectChoice(
                Utility.COST, lazy_gettext("Naar kosten: waarvan ieder het kleinste deel hoeft te betalen")
            ),
            SelectChoice(
                Utility.NUMBER, lazy_gettext("Naar aantal: waarvoor ieder het minst hoeft te betalen")
            ),
        ],
        description=lazy_gettext(
            "Naar kosten geeft grote plannen een kans. Naar aantal levert meer en kleinere plannen op."
        ),
    )
    completion = RadioField(
        lazy_gettext("Gelijke delen gebruiken bijna nooit al het geld. Wat dan?"),
        [Optional()],
        choices=[
            SelectChoice(Completion.NONE, lazy_gettext("Niets: wat overblijft wordt niet verdeeld")),
            SelectChoice(
                Completion.ADD1,
                lazy_gettext(
                    "Opnieuw tellen met een deel dat steeds € 1 groter is, zolang alles te betalen is"
                ),
            ),
            SelectChoice(
                Completion.ADD1U,
                lazy_gettext("Hetzelfde, en daarna de meeste stemmen eerst voor wat nog past"),
            ),
        ],
    )
    tie_order = _tie_order()


class RankedForm(FlaskForm):
    """Of instant run-off and Schulze."""

    tie_order = _tie_order()


_FORMS: dict[Way, type[FlaskForm]] = {
    Way.MAJORITY: MajorityForm,
    Way.PLURALITY: PluralityForm,
    Way.GREEDY: GreedyForm,
    Way.EQUAL_SHARES: EqualSharesForm,
    Way.RUN_OFF: RankedForm,
    Way.SCHULZE: RankedForm,
}


_POINTS_WORDS = {
    Kind.POINTS: lazy_gettext(
        "Alle punten van alle bewoners bij elkaar. Met minder krijgt het geen geld. Vul 0 in als er geen grens is."
    ),
    Kind.RANKING: lazy_gettext(
        "Een plek hoger op een biljet is een punt meer. Met minder punten krijgt het geen geld. Vul 0 in als er "
        "geen grens is."
    ),
}


def rule_form(draft: Draft) -> FlaskForm:
    """Return the form of the rule that was picked; for dividing money with a cap for each theme and place."""
    assert draft.way is not None
    caps: dict[str, MoneyField] = {}
    if draft.way is Way.GREEDY:
        for name, groups in (("theme_caps", draft.themes), ("place_caps", draft.places)):
            caps |= {f"{name}_{n}": MoneyField(group) for n, group in enumerate(groups)}
    base = _FORMS[draft.way]
    form: FlaskForm = type(base.__name__, (base,), caps)(
        obj=draft, data=_numbered(draft, "theme_caps", "place_caps")
    )
    if "threshold" in form and draft.kind in _POINTS_WORDS:
        form.threshold.label.text = gettext(
            "Hoeveel punten moet een plan minstens krijgen, van iedereen samen?"
        )
        form.threshold.description = _POINTS_WORDS[draft.kind]
    if "tie_order" in form and not any(option.cost for option in draft.options):
        form.tie_order.choices = [
            each for each in form.tie_order.choices if "lower-cost" not in TieOrder(each.value).keys
        ]
    return form


def _numbered(draft: Draft, *limits: str) -> dict[str, int]:
    """Return limits by theme or place as their numbered fields have them."""
    return {
        f"{name}_{n}": getattr(draft, name)[group]
        for name in limits
        for n, group in enumerate(_groups(draft, name))
        if group in getattr(draft, name)
    }


def _groups(draft: Draft, limit: str) -> tuple[str, ...]:
    return draft.places if limit.startswith("place") else draft.themes


def limit_field(form: FlaskForm, draft: Draft, limit: str, group: str) -> Field | None:
    """Return the field of a limit for one theme or place; None where this form has none."""
    groups = _groups(draft, limit)
    if group not in groups:
        return None
    found: Field = form[f"{limit}_{groups.index(group)}"]
    return found


def values(form: FlaskForm, draft: Draft, limits: Iterable[str] = ()) -> dict[str, Any]:
    """Return what a form says about a draft, by field; its numbered fields become `limits` by name again."""
    found = {name: value for name, value in form.data.items() if hasattr(draft, name)}
    for limit in limits:
        filled = {group: form.data.get(f"{limit}_{n}") for n, group in enumerate(_groups(draft, limit))}
        found[limit] = {group: value for group, value in filled.items() if value is not None}
    return found


class LotForm(FlaskForm):
    """A lot that was drawn; the places of the options are fields of their own, made by `lot_form`."""

    witnesses: TextAreaField


def _witnesses() -> TextAreaField:
    return TextAreaField(
        lazy_gettext("Wie waren erbij?"),
        [required(lazy_gettext("Noem twee of meer mensen die bij de loting waren."))],
        description=lazy_gettext(
            "Minstens twee mensen, elke naam op een eigen regel. Iedereen kan dit lezen."
        ),
    )


def lot_form(labels: Mapping[str, str]) -> LotForm:
    """Return the form for a lot between these options: id and label."""
    places = {
        f"place_{id}": IntegerField(label, [required(lazy_gettext("Vul bij elke mogelijkheid de plek in."))])
        for id, label in labels.items()
    }
    return type("LotForm", (LotForm,), {**places, "witnesses": _witnesses()})()  # in the order of the page
