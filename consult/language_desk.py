"""Counter: the municipality says in which languages the pages of each wijk can be read."""

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import SelectChoice, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from ballots.access import open_to
from ballots.database import db
from ballots.languages import DUTCH, LANGUAGES
from ballots.web import now
from consult import towns
from consult.desk import actor
from consult.models import Role
from consult.staff import me

language = Blueprint("language", __name__, url_prefix="/talen")


class _Languages(SelectMultipleField):
    """The languages of one wijk: boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


@language.route("", methods=["GET", "POST"])
@open_to(Role.GEMEENTE)
def show() -> str | AnyResponse:
    """Which languages there are, who reviewed them, and which a wijk offers."""
    wijken, usable = me().town.wijken, current_app.config["LANGUAGES"]
    choices = [SelectChoice(each.code, each.name) for each in usable if each is not DUTCH]

    class LanguagesForm(FlaskForm):
        """A field for each wijk."""

    for wijk in wijken:
        setattr(LanguagesForm, f"wijk_{wijk.id}", _Languages(wijk.name, choices=choices))
    form = LanguagesForm(data={f"wijk_{wijk.id}": wijk.languages.split() for wijk in wijken})
    if choices and form.validate_on_submit():
        for wijk in wijken:
            chosen = form[f"wijk_{wijk.id}"].data
            if chosen != wijk.languages.split():
                towns.set_languages(db.session, wijk, chosen, actor(), now())
        flash(gettext("De talen zijn bewaard."), "success")
        return redirect(url_for("office.language.show"), 303)
    there = [(each, each in usable) for each in LANGUAGES.values() if each is not DUTCH]
    return render_template("consult/office/languages.html", form=form, there=there, wijken=wijken)
