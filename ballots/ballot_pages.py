"""Counter: the pages of the booth that show a paper: with its questions to fill in, and with the answers to check."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask import render_template, request
from flask_babel import gettext
from markupsafe import Markup

from ballots import marks, sealing, wording
from ballots.definition import Terms, Text
from ballots.figures import closing
from ballots.marks import TYPED, Filled
from ballots.paper import BLANK, Kind, Money, Option, Problem, Question
from ballots.sealing import Opening

CHECKED = " checked"

Themes = Sequence[tuple[str, Sequence[Option]]]


@dataclass(frozen=True)
class Choice:
    """An option as the page shows it: `field` is the id of its field on the page, `name` what it is sent as.

    `value` is what is sent, or stands there; `state` is the attribute that tells so, and as long when it
    tells otherwise: a page that is filled in with a valid answer has the same length for each.
    """

    field: str
    name: str
    label: str
    value: str
    state: Markup
    place: str = ""
    price: str = ""
    cost: int = 0
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True)
class Theme:
    """Options that stand together under a name; `hint` says their limits, `limits` are for the script."""

    name: str
    choices: tuple[Choice, ...]
    hint: str
    limits: Mapping[str, int]
    wrong: tuple[str, ...]


@dataclass(frozen=True)
class Steps:
    """The way through a paper, one thing a page: what it is about, what to weigh, each question, and the check.

    `opening` says whether there is something to read first, `reading` whether the texts have a page of their own.
    """

    opening: bool
    reading: bool
    questions: int

    def question(self, n: int) -> int:
        """Return which step question n (from 1) is."""
        return self.opening + self.reading + n

    @property
    def last(self) -> int:
        """The check, and so how many steps there are."""
        return self.question(self.questions) + 1


def steps(asked: Terms) -> Steps:
    """Return the steps of this paper. One short text stands with the summary; more get a page."""
    return Steps(bool(asked.summary or asked.texts), len(asked.texts) > 1, len(asked.questions))


@dataclass(frozen=True)
class Asked:
    """A question as the page shows it. `control` is radio, checkbox, points or place.

    `optional`: it may be left open.
    """

    n: int
    text: str
    control: str
    themes: tuple[Theme, ...]
    blank: Choice
    hint: str
    limits: Mapping[str, int]
    tally: Mapping[str, str]
    wrong: tuple[str, ...]
    optional: bool = False


def question_page(
    asked: Terms,
    code: str,
    seed: bytes = b"",
    forms: Sequence[Filled] = (),
    problems: Sequence[Sequence[Problem]] = (),
    preview: bool = False,
) -> str:
    """Return the page with the questions, filled in as these forms are.

    `seed` gives shuffled options their order (`marks.themes`). `preview` shows the page to whoever prepares it,
    without a way to vote.
    """
    questions, wrong = shown(asked, seed, forms, problems)
    return render_template(
        "ballots/question.html",
        title=asked.title,
        summary=[_unbroken(line) for line in asked.summary],
        texts=[Text(each.heading, _unbroken(each.text)) for each in asked.texts],
        questions=questions,
        wrong=wrong,
        steps=steps(asked),
        code=code,
        r=request.form.get("r", ""),
        closes=gettext("Stemmen kan %(closes)s.", closes=closing(asked.closes_text, asked.closes)),
        sealed=wording.sealed(asked.custody),
        preview=preview,
    )


def _unbroken(text: str) -> str:
    """Return the text with its amounts on one line: an amount and its sign stay together."""
    return text.replace("€ ", "€\N{NO-BREAK SPACE}")


def shown(
    asked: Terms,
    seed: bytes = b"",
    forms: Sequence[Filled] = (),
    problems: Sequence[Sequence[Problem]] = (),
) -> tuple[list[Asked], list[tuple[str, str]]]:
    """Return the questions as a page shows them, and what is wrong: a field and a sentence each."""
    forms = forms or [Filled()] * len(asked.questions)
    problems = problems or [()] * len(asked.questions)
    questions, wrong = [], []
    for n, (question, form, named) in enumerate(zip(asked.questions, forms, problems, strict=True), 1):
        themes = marks.themes(question, n, seed)
        questions.append(_asked(n, question, themes, form, named))
        for field, said in _summary(n, question, themes, named):
            several = len(asked.questions) > 1
            wrong.append((field, gettext("Vraag %(n)s: %(said)s", n=n, said=said) if several else said))
    return questions, wrong


def _asked(n: int, question: Question, themes: Themes, form: Filled, problems: Sequence[Problem]) -> Asked:
    fields, typed = _fields(n, themes), question.kind in TYPED
    width = max(map(len, (*fields, BLANK)))

    def wrong(place: str) -> tuple[str, ...]:
        return tuple(wording.wrong(question, each) for each in problems if _where(question, each) == place)

    def choice(option: Option) -> Choice:
        given = form.typed.get(option.id, "")
        return Choice(
            field=fields[option.id],
            name=f"q{n}-{option.id}" if typed else f"q{n}",
            label=wording.in_dutch(option.label),
            value=given if typed else option.id.ljust(width),
            state=_typed(question, given) if typed else _checked(option.id in form.picked),
            place=option.place,
            price=wording.price(option),
            cost=int(option.cost),
            wrong=wrong(option.id),
        )

    def group(name: str, options: Sequence[Option]) -> Theme:
        return Theme(
            name=wording.theme(name) if name or len(themes) > 1 else "",
            choices=tuple(map(choice, options)),
            hint=wording.theme_hint(question, name),
            limits=_present(most=question.theme_most.get(name), budget=question.theme_budget.get(name)),
            wrong=wrong(f"theme {name}"),
        )

    return Asked(
        n=n,
        text=question.text,
        control=_control(question),
        themes=tuple(group(*each) for each in themes),
        blank=Choice(
            f"q{n}-blank",
            f"q{n}",
            wording.blank(question),
            BLANK.ljust(width),
            _checked(BLANK in form.picked),
        ),
        hint=wording.hint(question),
        limits=_limits(question),
        tally=wording.tally(question),
        wrong=wrong(""),
        optional=question.least == 0,
    )


def _fields(n: int, themes: Themes) -> dict[str, str]:
    """Return the id on the page of each option's field, in the order of the page."""
    options = [option for _, options in themes for option in options]
    return {option.id: f"q{n}-{place}" for place, option in enumerate(options, 1)}


def _control(question: Question) -> str:
    if question.kind in wording.SINGLE:
        return "radio"
    return {Kind.POINTS: "points", Kind.RANKING: "place"}.get(question.kind, "checkbox")


def _checked(checked: bool) -> Markup:
    return Markup(CHECKED if checked else " " * len(CHECKED))


def _typed(question: Question, text: str) -> Markup:
    """Return the text of a field as an attribute, as long as the longest valid text makes it."""
    width = len(str(question.points.each)) if question.points else 0
    return Markup(' value="{}"{}').format(text, " " * (width - len(text)))


def _limits(question: Question) -> dict[str, int]:
    """Return what the running line has to count."""
    counted = wording.limited(question) or (question.budget is None and question.points is None)
    exact, points = question.least == question.most, question.points
    return _present(
        least=question.least if exact or question.least > 1 else None,
        most=question.most if counted else None,
        budget=question.budget,
        points=points.sum if points else None,
        each=points.each if points else None,
        give=points.least if points and points.least > 1 else None,
    )


def _present(**limits: Money | None) -> dict[str, int]:
    return {name: int(limit) for name, limit in limits.items() if limit is not None}


def _where(question: Question, problem: Problem) -> str:
    """Return where on the page a problem stands: at an option, at a theme, or at the question."""
    if question.kind in TYPED and problem.option in {option.id for option in question.options}:
        return problem.option
    return f"theme {problem.theme}" if problem.theme else ""


def _summary(
    n: int, question: Question, themes: Themes, problems: Sequence[Problem]
) -> Iterator[tuple[str, str]]:
    """Yield each problem with the field to mend it at; here the words name the option or the theme too."""
    fields = _fields(n, themes)
    labels = {option.id: option.label for option in question.options}
    labels |= {f"theme {name}": name for name, _ in themes}
    fields |= {f"theme {name}": fields[options[0].id] for name, options in themes}
    for problem in problems:
        where, said = _where(question, problem), wording.wrong(question, problem)
        yield fields.get(where, f"q{n}-1"), f"{labels[where]}: {said}" if where else said


@dataclass(frozen=True)
class Answered:
    """A question with its answer, as the review page shows it; `step` is where it is asked."""

    n: int
    step: int
    text: str
    shown: Markup
    control_code: str


def review_page(asked: Terms, code: str, r: bytes, openings: Sequence[Opening], poll: bytes) -> str:
    """Return the page on which a voter checks these answers, and their control codes, before they are sent."""
    way = steps(asked)
    return render_template(
        "ballots/review.html",
        title=asked.title,
        steps=way,
        answers=[
            Answered(
                opening.question,
                way.question(opening.question),
                question.text,
                wording.answer(question, opening.marking.strip().split(",")),
                sealing.control_code(sealing.control(opening.commitment(poll))),
            )
            for question, opening in zip(asked.questions, openings, strict=True)
        ],
        hidden=[("code", code), ("r", r.hex())] + [(f"q{each.question}", each.marking) for each in openings],
    )
