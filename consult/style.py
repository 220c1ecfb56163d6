"""Counter: the style page: every part that pages are built of, in every state, in the look of any town."""

from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Response, abort, render_template, request
from flask_babel import lazy_gettext
from wtforms import Form, RadioField, SelectChoice, SelectMultipleField, StringField, TextAreaField
from wtforms.widgets import CheckboxInput, ListWidget

from ballots.access import EVERYONE, open_to
from consult import themes
from consult.forms import MoneyField
from consult.themes import TOKENS

style = Blueprint("style", __name__)

EXAMPLES = Path(__file__).parents[1] / "static" / "themes"
# Examples of a theme, in that folder; a real town's comes by `flask town theme`.
THEMES = {"lindehaven": "Lindehaven", "zeeoever": "Zeeoever"}
COLOURS = (
    "accent",
    "page",
    "surface",
    "soft",
    "ink",
    "muted",
    "line",
    "edge",
    "link",
    "fill",
    "brick",
    "butter",
    "wrong",
)
DRAWINGS = ("letter", "done", "closed", "wrong", "empty")


class Sample(Form):
    """A form of every kind of field."""

    name = StringField(lazy_gettext("Hoe heet uw plan?"), description=lazy_gettext("Kort en duidelijk"))
    what = TextAreaField(lazy_gettext("Wat wilt u doen?"))
    amount = MoneyField(lazy_gettext("Hoeveel geld vraagt u?"))
    choice = RadioField(
        lazy_gettext("Bent u voor of tegen?"),
        choices=[SelectChoice("voor", lazy_gettext("Voor")), SelectChoice("tegen", lazy_gettext("Tegen"))],
        default="voor",
    )
    several = SelectMultipleField(
        lazy_gettext("Welke plannen kiest u?"),
        choices=[
            SelectChoice("a", lazy_gettext("Een speelplek")),
            SelectChoice("b", lazy_gettext("Een buurtmoestuin")),
        ],
        default=["a"],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


@dataclass(frozen=True)
class Bar:
    """A row of a chart."""

    label: str
    value: int
    display: str
    emphasised: bool = False


@style.get("/stijl")
@open_to(EVERYONE)
def show() -> str:
    """Every part in every state; `?thema=` shows it in the look of an example town."""
    wrong = Sample(prefix="fout")
    wrong.name.errors = [lazy_gettext("Vul in hoe uw plan heet.")]
    wrong.what.errors = [lazy_gettext("Vertel in een paar zinnen wat u wilt doen.")]
    return render_template(
        "consult/style/show.html",
        form=Sample(formdata=None),
        wrong=wrong,
        bars=[Bar("Voor", 84, "84", True), Bar("Tegen", 31, "31"), Bar("Blanco", 6, "6")],
        tokens=TOKENS,
        colours=COLOURS,
        drawings=DRAWINGS,
        themes=THEMES,
        chosen=_chosen(),
    )


@style.get("/stijl/stemhokje")
@open_to(EVERYONE)
def booth() -> str:
    """The parts of the booth."""
    return render_template("consult/style/booth.html", themes=THEMES, chosen=_chosen())


@style.get("/stijl/thema-<name>.css")
@open_to(EVERYONE)
def theme(name: str) -> Response:
    """An example of a theme, taken over as that of a town is."""
    if name not in THEMES:
        abort(404)
    css = themes.stylesheet("", themes.read((EXAMPLES / f"{name}.css").read_bytes()))
    return Response(css, mimetype="text/css", headers={"Cache-Control": "public, max-age=3600"})


def _chosen() -> str:
    given = request.args.get("thema", "")
    return given if given in THEMES else ""
