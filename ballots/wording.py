"""Counter: the paper in the voter's words: its limits, what is wrong with an answer, and the answer itself.

What a page shows of an answer is padded, so that every answer makes a page of the same length.
"""

from collections.abc import Mapping, Sequence

from flask_babel import gettext, ngettext
from markupsafe import Markup

from ballots.definition import Custody
from ballots.figures import euros, reader
from ballots.languages import DUTCH
from ballots.paper import BLANK, Kind, Money, Option, Problem, Question

SINGLE = (Kind.YES_NO, Kind.CHOOSE_ONE)


def in_dutch(text: str) -> str:
    """Return a frozen text as the page shows it: in another language marked as Dutch, or translated if it is ours."""
    if reader() is DUTCH or not text:
        return text
    ours: str = gettext(text)  # such as "Voor", or "Argumenten voor"
    return ours if ours != text else Markup('<span lang="nl" dir="ltr">{}</span>').format(text)


def blank(question: Question) -> str:
    """Return the words of the answer that chooses nothing; where nothing need be chosen it is not for or against."""
    said: str = gettext("Dat zeg ik niet") if question.least == 0 else gettext("Blanco (ik kies niet)")
    return said


def theme(name: str) -> str:
    """Return the name of a theme as it is shown; the options without one stand together under a name too."""
    return in_dutch(name) if name else str(gettext("Overig"))


def price(option: Option) -> str:
    """Return what an option costs, or nothing."""
    return euros(int(option.cost)) if option.cost else ""


def amount(cents: Money) -> str:
    """Return an amount of money inside a sentence: it is not broken off at the end of a line."""
    return euros(int(cents)).replace(" ", "\u00a0")


def sealed(custody: Custody) -> str:
    """Return who can open the box, as a voter reads it."""
    if custody is Custody.KEYHOLDERS:
        said = gettext(
            "Uw stem gaat verzegeld in de stembus. Na afloop openen twee van de drie sleutelhouders die."
        )
    else:
        said = gettext("Uw stem gaat verzegeld in de stembus. Pas na afloop gaat die open.")
    return str(said)


# The limits


def limited(question: Question) -> bool:
    """Say whether there is a limit to how many options may be chosen, other than that there are no more."""
    return question.least > 1 or question.most < len(question.options)


def hint(question: Question) -> str:
    """Return the limits of a question in words; those of a theme stand at the theme (`theme_hint`)."""
    optional = gettext("U mag deze vraag overslaan.") if question.least == 0 else ""
    if question.kind in SINGLE:
        return optional
    said = [optional] if optional else []
    if question.points:
        said += _points(question)
    if question.kind is Kind.RANKING:
        said.append(gettext("Zet op volgorde. Plaats 1 is wat u het liefst wilt."))
    if question.budget is not None:
        said.append(gettext("Kies voor samen hoogstens %(budget)s.", budget=amount(question.budget)))
    if question.kind is Kind.RANKING and question.least == len(question.options):
        said.append(gettext("Geef ze allemaal een plaats."))
    elif limited(question) or not said:
        said.append(_number(question.least, question.most, len(question.options)))
    return " ".join(said)


def theme_hint(question: Question, name: str) -> str:
    """Return the limits of a theme in words, if it has any."""
    said = []
    if name in question.theme_most:
        said.append(_number(0, question.theme_most[name], len(question.options)))
    if name in question.theme_budget:
        budget = amount(question.theme_budget[name])
        said.append(gettext("Kies voor samen hoogstens %(budget)s.", budget=budget))
    return " ".join(said)


def _number(least: int, most: int, options: int) -> str:
    said: str
    if least == most:
        said = ngettext("Kies er precies %(num)d.", "Kies er precies %(num)d.", most)
    elif least > 1 and most < options:
        said = gettext("Kies er minstens %(least)d en hoogstens %(most)d.", least=least, most=most)
    elif least > 1:
        said = ngettext("Kies er minstens %(num)d.", "Kies er minstens %(num)d.", least)
    elif most < options:
        said = ngettext("Kies er hoogstens %(num)d.", "Kies er hoogstens %(num)d.", most)
    else:
        said = gettext("Kies er zoveel als u wilt.")
    return said


def _points(question: Question) -> list[str]:
    """Return the limits of a points paper, a sentence each."""
    assert question.points
    sum, least, each = question.points.sum, question.points.least, question.points.each
    said = [ngettext("U hebt %(num)d punt.", "U hebt %(num)d punten.", sum)]
    if least == sum:
        said.append(gettext("Verdeel ze allemaal."))
    elif least > 1:
        said.append(ngettext("Geef minstens %(num)d punt.", "Geef minstens %(num)d punten.", least))
    if each < sum:
        said.append(ngettext("Geef hoogstens %(num)d per keuze.", "Geef hoogstens %(num)d per keuze.", each))
    return said


def tally(question: Question) -> Mapping[str, str]:
    """Return the sentences of the running line and the marks of its amounts; the script fills in {n} and {m}."""
    if question.kind in SINGLE:
        return {}
    exact = question.least == question.most
    if exact:
        few, full = gettext("Nog {n} te kiezen"), gettext("{n} gekozen, klaar")
    else:
        few, full = gettext("Kies er nog {n}, of meer"), gettext("{n} gekozen, meer kan niet")
    room = gettext("{n} gekozen, nog {m} mogelijk")
    if question.points:
        room = full = ""  # how many there are matters less than their points
    elif not limited(question):
        room = full = gettext("{n} gekozen")
    words = {
        "blank": gettext("U koos blanco"),
        "mixed": gettext("U koos blanco én iets anders"),
        "few": few,
        "room": room,
        "full": full,
        "over": gettext("{n} te veel"),
        "left": gettext("{n} over"),
        "marks": reader().marks,  # of its amounts: of thousands, of decimals
    }
    if question.theme_most:
        words["theme"] = gettext("{n} van {m} gekozen")
    if question.theme_most or question.theme_budget:
        words["themes"] = gettext("Te veel bij {n} thema’s")
    if question.points:
        words |= {
            "point": gettext("Nog 1 punt te verdelen"),
            "points": gettext("Nog {n} punten te verdelen"),
            "given": gettext("Alle punten verdeeld"),
            "overgiven": gettext("Punten te veel: {n}"),
            "each": gettext("Hoogstens {n} per keuze"),
            "whole": gettext("Vul hele getallen in"),
        }
    return words


# What is wrong


def wrong(question: Question, problem: Problem) -> str:
    """Return what is wrong and what to do, in a sentence; it stands at the option, theme or question."""
    number = int(problem.amount)
    said: str
    match problem.kind:
        case "nothing" if question.points:
            said = gettext("U gaf nog geen punten. Weet u het niet? Kies dan blanco.")
        case "nothing":
            said = gettext("U koos nog niets. Weet u het niet? Kies dan blanco.")
        case "mixed":
            said = gettext("U koos blanco én iets anders. Kies een van de twee.")
        case "twice":
            said = gettext("U koos iets twee keer. Kies opnieuw, alles één keer.")
        case "too-few":
            said = ngettext("Kies er nog %(num)d.", "Kies er nog %(num)d.", number)
        case "too-many" | "theme-too-many":
            said = ngettext(
                "Dat is er %(num)d te veel. Haal er %(num)d weg.",
                "Dat zijn er %(num)d te veel. Haal er %(num)d weg.",
                number,
            )
        case "over-budget" | "theme-over-budget":
            said = gettext("Dat is samen %(over)s te duur. Haal iets weg.", over=amount(problem.amount))
        case "no-points":
            said = gettext("Vul een heel getal in, of laat het leeg.")
        case "too-few-points":
            said = ngettext("Geef nog %(num)d punt.", "Geef nog %(num)d punten.", number)
        case "too-many-points":
            said = ngettext(
                "U gaf samen %(num)d punt te veel. Haal er %(num)d weg.",
                "U gaf samen %(num)d punten te veel. Haal er %(num)d weg.",
                number,
            )
        case "option-over":
            said = ngettext(
                "Dat is %(num)d punt te veel. Vul hier een lager getal in.",
                "Dat zijn %(num)d punten te veel. Vul hier een lager getal in.",
                number,
            )
        case "no-place":
            said = gettext("Kies een plaats uit de lijst.")
        case "same-place":
            said = gettext(
                "U gaf plaats %(place)d meer dan één keer. Geef elke plaats één keer.", place=number
            )
        case "gap":
            said = gettext("U sloeg plaats %(place)d over. Geef eerst die plaats.", place=number)
        case _:  # unknown
            said = gettext("Deze keuze staat niet op het stembiljet. Kies opnieuw.")
    return said


# The answer


def answer(question: Question, marks: Sequence[str]) -> Markup:
    """Return a valid answer as a list, padded so that every answer makes a page of the same length."""
    options = {option.id: option for option in question.options}
    tag, spent = ("ol" if question.kind is Kind.RANKING else "ul"), Markup("")
    if list(marks) == [BLANK]:
        tag, items = "ul", [_item(blank(question))]
    elif question.points:
        given = [mark.split(":") for mark in marks]
        items = [_item(in_dutch(options[id].label), _given(int(points))) for id, points in given]
    else:
        items = [_item(in_dutch(options[id].label), price(options[id])) for id in marks]
        if question.kind is Kind.BASKET:
            spent = _spent(question, sum(options[id].cost for id in marks))
    shown = _list(tag, items) + spent
    return shown + " " * (_longest(question) - _bytes(shown))


def _longest(question: Question) -> int:
    """Return a length in bytes that no valid answer exceeds. It follows from the question alone."""
    if question.points:
        digits = {10**n - 1 for n in range(1, len(str(question.points.each)))}
        given = max((_given(number) for number in {1, question.points.each, *digits}), key=_bytes)
        items = [_item(in_dutch(option.label), given) for option in question.options]
    else:
        items = [_item(in_dutch(option.label), price(option)) for option in question.options]
    longest = sorted(items, key=_bytes, reverse=True)[: question.most]
    spent = 0
    if (
        question.kind is Kind.BASKET
    ):  # no amount is longer than the largest there can be, with cents behind it
        largest = max(question.budget or 0, sum(option.cost for option in question.options))
        spent = _bytes(_spent(question, 0)) + 2 * _bytes(f"{amount(largest)},50")
    return max(_bytes(_list("ul", [_item(blank(question))])), _bytes(_list("ul", longest)) + spent)


def _bytes(text: str) -> int:
    return len(text.encode())


def _list(tag: str, items: Sequence[Markup]) -> Markup:
    return Markup('<{0} class="choice">{1}</{0}>').format(tag, Markup("").join(items))


def _item(label: str, beside: str = "") -> Markup:
    shown = Markup(' <span class="cost">{}</span>').format(beside) if beside else ""
    return Markup("<li>{}{}</li>").format(label, shown)


def _given(points: int) -> str:
    said: str = ngettext("%(num)d punt", "%(num)d punten", points)
    return said


def _spent(question: Question, spent: Money) -> Markup:
    """Return what a basket costs in all, and what is left of its budget."""
    said = gettext("Samen %(spent)s.", spent=amount(spent))
    if question.budget is not None:
        left = amount(question.budget - spent)
        said += " " + gettext("Er blijft %(left)s over.", left=left)
    return Markup('<p class="spent">{}</p>').format(said)
