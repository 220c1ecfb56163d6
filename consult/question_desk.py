"""Counter: one question of a buurtstemming, a subject a page: text, options, limits, way to count, rule.

A page keeps what it was given only when nothing on it is wrong; what other pages lack is theirs to say.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse
from wtforms import Field, SelectChoice

from ballots.access import open_to
from ballots.database import db
from ballots.web import now
from consult import asked, ballot_questions, draft_check
from consult.ballot_desk import ballot_or_404
from consult.ballot_forms import (
    WAYS,
    OptionForm,
    OptionsForm,
    TextForm,
    WayForm,
    limit_field,
    limits_form,
    rule_form,
    values,
)
from consult.desk import actor, is_frozen
from consult.draft_check import Page
from consult.drafts import Draft, changed, ways, with_options
from consult.forms import show_wrongs
from consult.models import Consultation, Role
from consult.option_lines import Line, read
from consult.pages import sentence

question = Blueprint("question", __name__, url_prefix="/buurtstemmingen/<int:id>/vragen/<q>")
View = str | AnyResponse | tuple[str, int]
ROWS = 3  # empty rows on a list without options
ROW = re.compile(r"options-([0-9]{1,4})-[a-z]+")
CELLS = ("id", "label", "cost", "theme", "place")
LIMITS, CAPS = ("theme_most", "theme_budget"), ("theme_caps", "place_caps")


@question.route("/tekst", methods=["GET", "POST"])
@open_to(Role.GEMEENTE)
def text(id: int, q: str) -> View:
    return _step(id, q, Page.TEXT, lambda draft: TextForm(obj=draft), values)


@question.route("/grenzen", methods=["GET", "POST"])
@open_to(Role.GEMEENTE)
def limits(id: int, q: str) -> View:
    return _step(id, q, Page.LIMITS, limits_form, lambda form, draft: values(form, draft, LIMITS))


@question.route("/telregel", methods=["GET", "POST"])
@open_to(Role.GEMEENTE)
def way(id: int, q: str) -> View:
    return _step(id, q, Page.WAY, _way_form, values)


@question.route("/spelregels", methods=["GET", "POST"])
@open_to(Role.GEMEENTE)
def rule(id: int, q: str) -> View:
    return _step(id, q, Page.RULE, rule_form, lambda form, draft: values(form, draft, CAPS))


def _way_form(draft: Draft) -> WayForm:
    form = WayForm(obj=draft)
    form.way.choices = [SelectChoice(way, WAYS[way]) for way in ways(draft.kind)] if draft.kind else []
    return form


def _step(
    id: int,
    q: str,
    page: Page,
    form_of: Callable[[Draft], FlaskForm],
    values_of: Callable[[Any, Draft], Mapping[str, Any]],
) -> View:
    """Show a page of a question, or keep what it was given and go to the next."""
    consultation, draft = _draft_or_404(id, q)
    if consultation.poll_id:
        return is_frozen(id)
    if page not in draft_check.pages(draft) or (page is Page.RULE and not draft.way):
        return redirect(url_for("office.ballot.questions", id=id), 303)
    form = form_of(draft)
    if not form.is_submitted():
        return _page(consultation, draft, page, form)
    read_well = form.validate()
    given = values_of(form, draft)
    wrongs = [wrong for wrong in _check(draft, given) if wrong.page is page]

    def limit(wrong: draft_check.Wrong) -> Field | None:
        return limit_field(form, draft, wrong.field, wrong.of)

    if show_wrongs(form, wrongs, limit) or not read_well:
        return _page(consultation, draft, page, form), 422
    ballot_questions.change(db.session, consultation, q, given, actor(), now())
    return redirect(_next(id, changed(draft, given), page), 303)


def _check(draft: Draft, given: Mapping[str, Any]) -> Sequence[draft_check.Wrong]:
    """Return what is wrong with a draft with these values; a value that no draft can hold was said by its field."""
    try:
        return draft_check.check(changed(draft, given))
    except ValueError:
        return ()


def _page(consultation: Consultation, draft: Draft, page: Page, form: FlaskForm) -> str:
    pages = draft_check.pages(draft)
    return render_template(
        f"consult/ballot/{page}.html",
        consultation=consultation,
        draft=draft,
        form=form,
        number=[each.id for each in asked.drafts(consultation)].index(draft.id) + 1,
        step=pages.index(page) + 1,
        of=len(pages) if draft.kind else len(Page),
        words=WAYS[draft.way] if draft.way else "",
    )


def _next(id: int, draft: Draft, page: Page) -> str:
    """Return the page that follows, or the list of questions after the last."""
    following = draft_check.pages(draft)
    after = following[following.index(page) + 1 :]
    if not after:
        return url_for("office.ballot.questions", id=id)
    return url_for(f"office.question.{after[0]}", id=id, q=draft.id)


@question.route("/mogelijkheden", methods=["GET", "POST"])
@open_to(Role.GEMEENTE)
def options(id: int, q: str) -> View:
    """The options as rows. Adding, moving and dropping rows only shows them so; saving keeps all at once."""
    consultation, draft = _draft_or_404(id, q)
    if consultation.poll_id:
        return is_frozen(id)
    if Page.OPTIONS not in draft_check.pages(draft):
        return redirect(url_for("office.ballot.questions", id=id), 303)
    if request.form.get("do"):
        return _page(consultation, draft, Page.OPTIONS, OptionsForm(_rearranged(request.form)))
    form = OptionsForm(obj=draft)
    if not form.is_submitted():
        while len(form.options) < ROWS:
            form.options.append_entry()
        return _page(consultation, draft, Page.OPTIONS, form)
    given, right = _given(form, draft)
    if not right:
        return _page(consultation, draft, Page.OPTIONS, form), 422
    ballot_questions.change(db.session, consultation, q, given, actor(), now())
    return redirect(_next(id, changed(draft, given), Page.OPTIONS), 303)


def _given(form: OptionsForm, draft: Draft) -> tuple[dict[str, Any], bool]:
    """Return the options on a filled-in form, rows and lines together, and whether all of it is right."""
    right = form.validate()
    lines, faults = read(form.lines.data or "")
    rows = [(str(row.form.id.data or ""), _line(row.form)) for row in form.options if not row.form.blank]
    edited = with_options(draft, [*rows, *(("", line) for line in lines)])
    given = {"options": edited.options, "shuffled": form.shuffled.data}
    if faults:
        form.lines.errors = [
            gettext("Regel %(number)d: %(why)s.", number=fault.number, why=sentence(fault.why))
            for fault in faults
        ]
        return given, False
    wrongs = [wrong for wrong in draft_check.check(changed(draft, given)) if wrong.page is Page.OPTIONS]
    filled = [row.form for row in form.options if not row.form.blank]

    def cell(wrong: draft_check.Wrong) -> Field | None:
        """Return the cell in the rows, or the box of lines: the options in it come after those in rows."""
        if wrong.row is None:
            return None
        return filled[wrong.row][wrong.of] if wrong.row < len(filled) else form.lines

    found = show_wrongs(form, wrongs, cell)
    if not form.options.errors:  # the list asks its rows only when it is validated
        form.options.errors = [row.errors for row in form.options if row.errors]
    return given, right and not found


def _line(row: OptionForm) -> Line:
    return Line(
        " ".join((row.label.data or "").split()),
        row.cost.data,
        " ".join((row.theme.data or "").split()),
        " ".join((row.place.data or "").split()),
    )


def _rearranged(typed: MultiDict[str, str]) -> MultiDict[str, str]:
    """Return what was typed with a row more, a row less, or a row one place higher, as its button says."""
    do, _, which = typed["do"].partition("-")
    rows = sorted({int(found[1]) for name in typed if (found := ROW.fullmatch(name))})
    if do == "add":
        rows.append(max(rows, default=-1) + 1)
    elif which.isdecimal() and int(which) in rows:
        at = rows.index(int(which))
        if do == "remove":
            rows.pop(at)
        elif do == "up" and at:
            rows[at - 1 : at + 1] = rows[at], rows[at - 1]
    others = [(name, value) for name, value in typed.items(multi=True) if not ROW.fullmatch(name)]
    cells = [
        (f"options-{n}-{name}", typed.get(f"options-{row}-{name}", ""))
        for n, row in enumerate(rows)
        for name in CELLS
    ]
    return MultiDict([*others, *cells])


def _draft_or_404(id: int, q: str) -> tuple[Consultation, Draft]:
    consultation = ballot_or_404(id)
    found = next((each for each in asked.drafts(consultation) if each.id == q), None)
    return consultation, found or abort(404)
