"""Counter: the pages of the booth, in words: the question, what is wrong with an answer, each refusal.

What a page shows of a choice is padded, so that every choice makes a page of the same length.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template, request, url_for
from flask_babel import format_datetime, gettext, ngettext
from markupsafe import Markup

from ballots.codes import CodeRefusal
from ballots.definition import Terms
from ballots.money import euros
from ballots.paper import BLANK, Kind, Problem, Question
from ballots.refusals import (
    CodeUnknown,
    ControlTaken,
    LetterUsed,
    LetterVoid,
    Refusal,
    TooEarly,
    TooLate,
    Withdrawn,
)
from ballots.web import said

Page = tuple[str, int]
SINGLE = (Kind.YES_NO, Kind.CHOOSE_ONE)


@dataclass(frozen=True)
class Choice:
    """An option as the page shows it. `value` has the same length for every option of a question."""

    id: str
    label: str
    value: str
    cost_text: str
    checked: bool


@dataclass(frozen=True)
class Asked:
    """A question as the page shows it, with what is wrong, if anything."""

    n: int
    text: str
    kind: str
    single: bool
    options: list[Choice]
    hint: str
    error: str


def question_page(
    asked: Terms,
    code: str,
    chosen: Sequence[Sequence[str]] = (),
    problems: dict[int, Problem | None] | None = None,
    preview: bool = False,
) -> str:
    """Return the page with the question. `preview` shows it to whoever prepares it, without a way to vote."""
    picked = list(chosen) or [()] * len(asked.questions)
    return render_template(
        "ballots/question.html",
        title=asked.title,
        summary=asked.summary,
        texts=asked.texts,
        questions=[
            _asked(n, question, ids, (problems or {}).get(n))
            for n, (question, ids) in enumerate(zip(asked.questions, picked, strict=True), 1)
        ],
        code=code,
        r=request.form.get("r", ""),
        closes=gettext("Stemmen kan %(closes)s.", closes=asked.closes_text),
        preview=preview,
    )


def _asked(n: int, question: Question, picked: Sequence[str], problem: Problem | None) -> Asked:
    shown = [
        (option.id, option.label, euros(int(option.cost)) if option.cost else "")
        for option in question.options
    ]
    shown.append((BLANK, gettext("Blanco (ik kies niet)"), ""))
    width = max(len(id) for id, _, _ in shown)
    choices = [Choice(id, label, id.ljust(width), cost, id in picked) for id, label, cost in shown]
    single = question.kind in SINGLE
    return Asked(
        n,
        question.text,
        str(question.kind),
        single,
        choices,
        _hint(question),
        _wrong(problem) if problem else "",
    )


def _hint(question: Question) -> str:
    if question.kind in SINGLE:
        return ""
    if question.budget is not None:
        return gettext("Kies plannen voor samen hoogstens %(budget)s.", budget=euros(int(question.budget)))
    if question.least == question.most:
        return ngettext("Kies er %(num)d.", "Kies er precies %(num)d.", question.most)
    return gettext(
        "Kies er minstens %(least)d en hoogstens %(most)d.", least=question.least, most=question.most
    )


def _wrong(problem: Problem) -> str:
    amount = int(problem.amount)
    if problem.kind == "nothing":
        return gettext("U koos nog niets. Weet u het niet? Kies dan blanco.")
    if problem.kind == "mixed":
        return gettext("U koos blanco én iets anders. Kies een van de twee.")
    if problem.kind == "too-few":
        return ngettext("Kies er nog %(num)d.", "Kies er nog %(num)d.", amount)
    if problem.kind == "too-many":
        return ngettext("Dat is er %(num)d te veel.", "Dat zijn er %(num)d te veel.", amount)
    if problem.kind == "over-budget":
        return gettext("Dat is samen %(over)s te duur.", over=euros(amount))
    return gettext("Deze keuze staat niet op het stembiljet. Kies opnieuw.")


def choice(question: Question, picked: Sequence[str]) -> Markup:
    """Return the chosen labels as a list, padded so that every choice makes a page of the same length."""
    items = {option.id: Markup("<li>{}</li>").format(option.label) for option in question.options}
    items[BLANK] = Markup("<li>{}</li>").format(gettext("Blanco (ik kies niet)"))
    lengths = sorted((len(item.encode()) for item in items.values()), reverse=True)
    longest = sum(lengths[: 1 if question.kind in SINGLE else max(1, question.most)])
    shown = Markup("").join(items[id] for id in picked)
    return Markup('<ul class="choice">{}</ul>').format(shown) + " " * (longest - len(shown.encode()))


def code_again(refusal: Refusal) -> Page:
    """The page to type the code again: what was typed stays, the wrong group is pointed out."""
    status = 404 if isinstance(refusal, CodeUnknown) else 422
    return (
        render_template(
            "ballots/enter_code.html",
            error=said(refusal),
            typed=request.form.get("code", "")[:80],
            group=refusal.values.get("group"),
        ),
        status,
    )


def refused(refusal: Refusal) -> Page:
    """The page of a refusal: each has its own heading, says what to do, and keeps its status apart."""
    ask = gettext("Vragen? De gemeente helpt u. Het telefoonnummer staat op uw brief.")
    again = gettext("Kijk of de code op uw brief dezelfde is als de code die u typte.")
    if isinstance(refusal, CodeRefusal | CodeUnknown):
        return page(404, gettext("Deze code kennen wij niet"), said(refusal), [again, ask], "wrong")
    if isinstance(refusal, LetterUsed):
        return page(
            409,
            gettext("Met deze brief is al gestemd"),
            gettext("Elke brief telt één keer. De stem die al in de stembus zit, telt."),
            [
                gettext("Woont u met meer mensen op dit adres? Misschien heeft iemand anders al gestemd."),
                gettext("Denkt u dat dit niet klopt? Bel dan de gemeente. Het nummer staat op uw brief."),
            ],
            "done",
        )
    if isinstance(refusal, TooEarly):
        opens = refusal.values["opens"]
        when = format_datetime(opens, "EEEE d MMMM y 'om' HH.mm 'uur'")
        return page(
            403,
            gettext("U kunt nog niet stemmen"),
            gettext("De stemming opent %(when)s.", when=when),
            [gettext("Bewaar uw brief en kom dan terug.")],
            "closed",
        )
    if isinstance(refusal, TooLate):
        return page(
            410,
            gettext("De stemming is gesloten"),
            gettext("U kunt niet meer stemmen met deze brief."),
            [gettext("De uitslag komt op deze website.")],
            "closed",
        )
    if isinstance(refusal, Withdrawn):
        return page(
            410,
            gettext("Deze stemming is ingetrokken"),
            gettext("Uw brief is niet meer geldig. Er wordt niets geteld."),
            [ask],
            "closed",
            str(refusal.values["reason"]),
        )
    if isinstance(refusal, LetterVoid):
        return page(
            410,
            gettext("Deze brief is niet meer geldig"),
            gettext("De gemeente heeft deze brief ongeldig gemaakt."),
            [gettext("Kreeg u een nieuwe brief? Gebruik dan die."), ask],
            "wrong",
        )
    if isinstance(refusal, ControlTaken):
        return page(409, gettext("Maak een nieuwe controlecode"), said(refusal), [ask], "wrong")
    return page(400, gettext("Dit kan niet"), said(refusal), [ask], "wrong")


def page(
    status: int,
    heading: str,
    text: str,
    what_to_do: Sequence[str] = (),
    drawing: str = "wrong",
    reason: str = "",
) -> Page:
    return (
        render_template(
            "ballots/refused.html",
            heading=heading,
            text=text,
            what_to_do=what_to_do,
            drawing=drawing,
            reason=reason,
            again_url=url_for("booth.enter_code"),
        ),
        status,
    )
