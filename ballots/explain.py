"""An outcome in plain Dutch: what page and command line say about who won and why.

Each step of an outcome (the table in `ballots/counting/outcome.py`) becomes one sentence. Works
outside a request too; the sentences are then Dutch.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Protocol, cast

import flask_babel

from ballots.counting.outcome import Outcome, Score, Step, decimal
from ballots.money import euros
from ballots.paper import Money, Option

MOST_NAMED = 5  # longer lists of winners are counted in a headline, not named


def gettext(text: str, **values: object) -> str:
    """Return the translation of a Dutch sentence, its placeholders filled."""
    return str(flask_babel.gettext(text, **values))


def ngettext(one: str, many: str, num: int) -> str:
    """Return the translation of a Dutch sentence for one or for `num` of a thing."""
    return str(flask_babel.ngettext(one, many, num))


class HasOptions(Protocol):
    """A `Question`, or anything else with options to take the names from."""

    @property
    def options(self) -> Sequence[Option]: ...


def in_euros(amount: Money) -> str:
    """Return an amount in cents, as a live paper has it, in words."""
    return euros(int(amount))


def headline(outcome: Outcome, question: HasOptions) -> str:
    """Return one sentence that says how it ended."""
    if outcome.passed is not None:
        return _yes_no(outcome)
    names = _Names(question)
    funded = [*outcome.winners, *(id for id, _ in outcome.part_funded)]
    if not funded:
        text = gettext("Geen enkel plan krijgt geld.")
    elif len(funded) > MOST_NAMED:
        text = gettext("%(number)d plannen krijgen geld.", number=len(funded))
    elif len(funded) == 1:
        text = gettext("%(name)s krijgt geld.", name=names[funded[0]])
    else:
        text = gettext("Deze plannen krijgen geld: %(names)s.", names=names.list(funded))
    if outcome.ties:
        text += " " + gettext("Er moet nog worden geloot.")
    return text


def sentences(outcome: Outcome, question: HasOptions, money: Callable[[Money], str] = in_euros) -> list[str]:
    """Return the steps of an outcome as Dutch sentences, in the order in which the rule took them.

    `money` writes an amount in words; without it amounts are cents, as on a live paper.
    """
    names = _Names(question)
    return [_SENTENCES[step.kind](_Words(step, names, money)) for step in outcome.steps]


class _Names:
    """The labels of options, in quotes; an id without an option is its own name."""

    def __init__(self, question: HasOptions) -> None:
        self.labels = {option.id: option.label for option in question.options}

    def __getitem__(self, id: str | None) -> str:
        return f"“{self.labels.get(id or '', id or '')}”"

    def list(self, ids: Sequence[str]) -> str:
        *most, last = [self[id] for id in ids]
        return gettext("%(names)s en %(last)s", names=", ".join(most), last=last) if most else last


class _Words:
    """A step, its values ready for a sentence."""

    def __init__(self, step: Step, names: _Names, money: Callable[[Money], str]) -> None:
        self.values, self._names, self._money = step.values, names, money
        self.name = names[step.option]

    def names(self) -> str:
        return self._names.list(self.text("options").split(","))

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def text(self, name: str) -> str:
        return str(self.values[name])

    def number(self, name: str) -> int:
        return int(cast(Money, self.values[name]))

    def money(self, name: str) -> str:
        return self._money(cast(Money, self.values[name]))

    def votes(self, name: str = "score") -> str:
        return votes_in_words(cast(Score, self.values[name]))


def votes_in_words(score: Score) -> str:
    """Return a number of votes in words: `1 stem`, `12 stemmen`."""
    if Fraction(score).denominator != 1:
        return gettext("%(number)s stemmen", number=decimal(score).replace(".", ","))
    return ngettext("%(num)d stem", "%(num)d stemmen", int(score))


# -- dividing a budget -------------------------------------------------------------------------------


def _won(words: _Words) -> str:
    text = gettext(
        "%(name)s krijgt geld: %(votes)s, kosten %(cost)s.",
        name=words.name,
        votes=words.votes(),
        cost=words.money("cost"),
    )
    if "left" in words:
        text += " " + gettext("Daarna is er nog %(left)s.", left=words.money("left"))
    return text


def _more(words: _Words) -> str:
    text = gettext(
        "%(name)s krijgt geld van wat over was: %(votes)s, kosten %(cost)s.",
        name=words.name,
        votes=words.votes(),
        cost=words.money("cost"),
    )
    if "left" in words:
        text += " " + gettext("Daarna is er nog %(left)s.", left=words.money("left"))
    return text


def _part(words: _Words) -> str:
    if words.values["amount"] == words.values["cost"]:
        text = gettext("%(name)s krijgt wat over was: %(amount)s, genoeg voor het hele plan.")
    else:
        text = gettext("%(name)s krijgt wat over was: %(amount)s van de %(cost)s die het kost.")
    return text % {"name": words.name, "amount": words.money("amount"), "cost": words.money("cost")}


def _no_money(words: _Words) -> str:
    facts = {"name": words.name, "votes": words.votes(), "cost": words.money("cost")}
    if "left" not in words:
        return gettext("%(name)s krijgt geen geld: %(votes)s, maar %(cost)s is er niet meer.", **facts)
    return gettext(
        "%(name)s krijgt geen geld: %(votes)s, maar het kost %(cost)s en er was nog %(left)s.",
        **facts,
        left=words.money("left"),
    )


def _cap_full(words: _Words) -> str:
    text = gettext(
        "%(name)s past niet binnen de grens van %(cap)s voor “%(group)s”: %(votes)s, kosten %(cost)s.",
        name=words.name,
        cap=words.money("cap"),
        group=words.text("name"),
        votes=words.votes(),
        cost=words.money("cost"),
    )
    if "left" in words:
        text += " " + gettext("Onder die grens was nog %(left)s.", left=words.money("left"))
    return text


def _no_room(words: _Words) -> str:
    return gettext(
        "%(name)s krijgt geen geld: %(votes)s, maar %(cost)s past niet meer, hoe er ook wordt geloot.",
        name=words.name,
        votes=words.votes(),
        cost=words.money("cost"),
    )


def _tie(words: _Words) -> str:
    return gettext(
        "%(names)s staan gelijk (%(votes)s) en kunnen niet alle %(all)d geld krijgen,"
        " hoogstens %(most)d. Hier is loting nodig.",
        names=words.names(),
        votes=words.votes(),
        all=words.number("all"),
        most=words.number("most"),
    )


def _depends(words: _Words) -> str:
    return gettext(
        "Of %(name)s geld krijgt (%(votes)s, kosten %(cost)s),"
        " hangt af van een loting tussen andere plannen.",
        name=words.name,
        votes=words.votes(),
        cost=words.money("cost"),
    )


def _stopped(words: _Words) -> str:
    return gettext(
        "Bij %(votes)s staan te veel plannen gelijk om elke loting na te gaan."
        " De plannen die daar nog kunnen winnen, gelden als gelijk;"
        " voor wat daarna komt, hangt het van hen af.",
        votes=words.votes(),
    )


def _left(words: _Words) -> str:
    if not words.values["left"]:
        return gettext("Het hele budget van %(budget)s is verdeeld.", budget=words.money("budget"))
    return gettext(
        "Van het budget van %(budget)s is %(left)s nog niet verdeeld.",
        budget=words.money("budget"),
        left=words.money("left"),
    )


# -- yes or no ---------------------------------------------------------------------------------------


def _yes_no(outcome: Outcome) -> str:
    facts = {"voor": outcome.votes["voor"], "tegen": outcome.votes["tegen"]}
    enough = any(step.kind == "majority" and step.values["short"] == 0 for step in outcome.steps)
    if outcome.passed and outcome.quorum_met is False:
        return gettext(
            "Een meerderheid is voor (%(voor)d voor, %(tegen)d tegen), maar de drempel is niet gehaald.",
            **facts,
        )
    if outcome.passed:
        return gettext("Een meerderheid is voor: %(voor)d voor, %(tegen)d tegen.", **facts)
    if enough:
        return gettext(
            "Het voorstel haalt het niet: de drempel is niet gehaald (%(voor)d voor, %(tegen)d tegen).",
            **facts,
        )
    return gettext("Er is geen meerderheid voor: %(voor)d voor, %(tegen)d tegen.", **facts)


def _counted(words: _Words) -> str:
    counts = {name: words.number(name) for name in ("voor", "tegen", "blanco", "letters")}
    return gettext(
        "Er zijn %(all)d stemmen op %(letters)d brieven: %(voor)d voor, %(tegen)d tegen, %(blanco)d blanco.",
        all=counts["voor"] + counts["tegen"] + counts["blanco"],
        **counts,
    )


def _quorum(words: _Words) -> str:
    facts = {
        "share": _share(words.text("share")),
        "letters": words.number("letters"),
        "needed": words.number("needed"),
        "reached": words.number("reached"),
    }
    if words.text("quorum") == "in-favour":
        text = gettext(
            "De drempel is %(share)s van %(letters)d brieven: %(needed)d stemmen voor."
            " Het zijn er %(reached)d.",
            **facts,
        )
    else:
        text = gettext(
            "De drempel is %(share)s van %(letters)d brieven: %(needed)d stemmen. Het zijn er %(reached)d.",
            **facts,
        )
    if short := words.number("short"):
        return f"{text} {gettext('Dat zijn er %(short)d te weinig.', short=short)}"
    return f"{text} {gettext('De drempel is gehaald.')}"


def _share(share: str) -> str:
    """Return a share in words: `20%`, or `1/3` where that is no whole number of percents."""
    percent = Fraction(share) * 100
    return f"{percent.numerator}%" if percent.denominator == 1 else share


def _majority(words: _Words) -> str:
    facts = {name: words.number(name) for name in ("size", "voor", "tegen", "needed")}
    of_letters = words.text("base") == "letters"
    match words.text("majority"), of_letters:
        case "simple", _:
            text = gettext("Nodig zijn meer stemmen voor dan tegen: %(needed)d of meer.", **facts)
        case "absolute", True:
            text = gettext(
                "Nodig is meer dan de helft van %(size)d brieven: %(needed)d stemmen voor.", **facts
            )
        case "absolute", False:
            text = gettext("Nodig is meer dan de helft van %(size)d stemmen: %(needed)d voor.", **facts)
        case _, True:
            text = gettext("Nodig is twee derde van %(size)d brieven: %(needed)d stemmen voor.", **facts)
        case _:
            text = gettext("Nodig is twee derde van %(size)d stemmen: %(needed)d voor.", **facts)
    text += " " + gettext("Het zijn er %(voor)d.", **facts)
    if not (short := words.number("short")):
        return text
    return f"{text} " + ngettext(
        "Met %(num)d stem voor erbij was het genoeg geweest.",
        "Met %(num)d stemmen voor erbij was het genoeg geweest.",
        short,
    )


_SENTENCES: dict[str, Callable[[_Words], str]] = {
    "won": _won,
    "more": _more,
    "part": _part,
    "no-money": _no_money,
    "theme-full": _cap_full,
    "place-full": _cap_full,
    "no-room": _no_room,
    "tie": _tie,
    "depends": _depends,
    "stopped": _stopped,
    "left": _left,
    "counted": _counted,
    "quorum": _quorum,
    "majority": _majority,
}
