"""Equal Shares in plain Dutch: what everybody could spend, who paid what, and where the money ran out."""

from math import ceil, floor

from ballots.counting.equal_shares import EqualSharesRule, Utility
from ballots.explaining import budget
from ballots.explaining.view import Cell, Chapter, Table
from ballots.explaining.words import (
    Sentences,
    Story,
    Words,
    gettext,
    ngettext,
    people,
    whole,
)
from ballots.paper import BLANK


def how(story: Story) -> list[str]:
    """Return what a newcomer needs to know of this rule, in paragraphs."""
    shared = [
        gettext("Het budget is verdeeld in gelijke delen: ieder kreeg evenveel te besteden."),
        *(_shares(Words(story, step)) for step in story.steps("shares")),
        gettext("Dit heet “Equal Shares”. Zo heeft ieder evenveel invloed, ook wie met weinigen is."),
    ]
    paid = [
        gettext(
            "Een plan krijgt geld als de mensen die het kozen het samen kunnen betalen. Ieder van hen betaalt"
            " evenveel; wie minder over heeft, betaalt wat er nog is. Veel stemmen is dus niet altijd genoeg:"
            " hoe duurder het plan, hoe meer zij samen nodig hebben."
        ),
        _turn(story),
    ]
    if story.steps("more", "no-money"):
        paid.append(gettext("Wat aan het eind over was, ging naar wat nog paste, de meeste stemmen eerst."))
    return [" ".join(shared), " ".join(paid)]


def _turn(story: Story) -> str:
    """Return whose turn it was, time and again."""
    if _by_number(story):
        return gettext("Steeds was het plan aan de beurt waarvoor ieder het minst hoefde te betalen.")
    return gettext(
        "Steeds was het plan aan de beurt waarvan elke euro over de meeste mensen verdeeld kon worden."
    )


def _by_number(story: Story) -> bool:
    """Return whether the rate is the price itself, and not the price for each euro that is bought.

    Without the rule the purchases tell it.
    """
    if isinstance(story.rule, EqualSharesRule):
        return story.rule.utility is Utility.NUMBER
    bought = [Words(story, step) for step in story.steps("bought") if step.values.get("price")]
    return any(words.exact("rate") == words.exact("price") and words.exact("cost") != 1 for words in bought)


def order(story: Story) -> list[tuple[str, int | None]]:
    """Return the options in the order of buying, numbered; then the others, most votes first."""
    winners = story.outcome.winners
    bought = [(id, n) for n, id in enumerate(winners, 1)]
    return [*bought, *((id, None) for id, _ in story.by_score() if id not in winners)]


def course(story: Story) -> list[Chapter]:
    """Return how the money ran: what was bought, and what happened to the shares."""
    said = [Words(story, step) for step in story.steps("raise-stopped", "left")]
    bought = [Words(story, step) for step in story.steps("bought") if "price" in step.values]
    table = None
    if bought:
        table = Table(
            gettext("Wat er werd gekocht, op volgorde"),
            (
                gettext("Plan"),
                gettext("Kosten"),
                gettext("Mensen"),
                gettext("Hoogstens per persoon"),
                gettext("Rest van het budget"),
            ),
            tuple(_purchase(words) for words in bought),
            gettext("Bedragen per persoon zijn afgerond. Wie minder over had, betaalde minder."),
        )
    sentences = []
    if shares := story.steps("shares"):
        sentences = _raises(Words(story, shares[0]))
    sentences += [
        SENTENCES[step.kind](words)
        for step, words in zip(story.steps("raise-stopped", "left"), said, strict=True)
    ]
    return [Chapter(gettext("Hoe het geld liep"), tuple(sentences), table)]


def _purchase(words: Words) -> tuple[Cell, ...]:
    return (
        Cell(words.story.label(words.id)),
        Cell(words.money("cost")),
        Cell(whole(words.number("full") + words.number("poor"))),
        Cell(words.story.rounded(words.exact("price"))),
        Cell(words.money("left")),
    )


def _shares(words: Words) -> str:
    if not words.number("voters"):
        return gettext("Er was %(budget)s te verdelen, maar niemand stemde.", budget=words.money("budget"))
    return gettext(
        "Er was %(budget)s en er stemden %(voters)s. Dat is %(first)s voor ieder.",
        budget=words.money("budget"),
        voters=people(words.number("voters")),
        first=words.about("first"),
    )


def _raises(words: Words) -> list[str]:
    """Return what happened to the shares, where they were raised."""
    if not words.number("raises"):
        return []
    blank = words.story.outcome.votes.get(BLANK)
    return [
        gettext(
            "Met %(first)s per persoon bleef er geld over, omdat niet ieder deel op ging.",
            first=words.about("first"),
        ),
        *([gettext("Ook wie blanco stemde had een deel; dat bleef liggen.")] if blank else []),
        ngettext(
            "Daarom is ieders deel %(number)s keer een stapje verhoogd en is steeds opnieuw geteld:"
            " het werd %(share)s.",
            "Daarom is ieders deel %(number)s keer een stapje verhoogd en is steeds opnieuw geteld:"
            " het werd %(share)s.",
            words.number("raises"),
            share=words.about("share"),
        ),
        gettext(
            "Dat is rekengeld. De gekozen plannen samen mogen nooit meer kosten dan %(budget)s.",
            budget=words.money("budget"),
        ),
    ]


# -- a sentence for each kind of step ----------------------------------------------------------------


def _bought(words: Words) -> str:
    if "price" not in words:
        return gettext(
            "%(name)s krijgt geld, hoe er ook wordt geloot. Wat ieder ervoor betaalt, hangt van de loting af.",
            name=words.named,
        )
    if not words.exact("cost"):
        return gettext("%(name)s kost niets en is dus gekozen.", name=words.named)
    full, poor = words.number("full"), words.number("poor")
    if not poor:
        return ngettext(
            "%(name)s is betaald door de ene persoon die het koos: %(price)s.",
            "%(name)s is betaald door de %(number)s mensen die het kozen: ieder betaalde %(price)s.",
            full,
            name=words.named,
            price=words.about("price"),
        )
    text = ngettext(
        "%(name)s is betaald door de mensen die het kozen: %(number)s van hen betaalde %(price)s.",
        "%(name)s is betaald door de mensen die het kozen: %(number)s van hen betaalden ieder %(price)s.",
        full,
        name=words.named,
        price=words.about("price"),
    )
    if not words.exact("rest"):
        rest = ngettext(
            "%(number)s persoon had niets meer over.", "%(number)s mensen hadden niets meer over.", poor
        )
    else:
        rest = ngettext(
            "%(number)s persoon had minder over en betaalde dat: %(rest)s.",
            "%(number)s mensen hadden minder over en betaalden dat: samen %(rest)s.",
            poor,
            rest=words.about("rest"),
        )
    return f"{text} {rest}"


def _too_dear(words: Words) -> str:
    if "had" not in words:
        return gettext(
            "%(name)s is niet gekocht: de mensen die het kozen, komen samen te kort, hoe er ook wordt geloot.",
            name=words.named,
        )
    had = words.exact("had")
    return gettext(
        "%(name)s is niet gekocht: het plan kost %(cost)s en de mensen die het kozen, hadden samen"
        " nog %(had)s. Zij kwamen %(short)s te kort.",
        name=words.named,
        cost=words.money("cost"),
        had=words.story.money(floor(had)),
        short=words.story.money(ceil(words.exact("cost") - had)),
    )


def _unsupported(words: Words) -> str:
    return gettext("%(name)s is niet gekocht: niemand koos het.", name=words.named)


def _raise_stopped(words: Words) -> str:
    match words.text("why"):
        case "over":
            return gettext(
                "Nog een stapje erbij kon niet: dan kostten de gekozen plannen samen %(spent)s."
                " Er is maar %(budget)s.",
                spent=words.money("spent"),
                budget=words.money("budget"),
            )
        case "full":
            return gettext("Verhogen had daarna geen zin: in wat over was, paste geen ander plan meer.")
        case "all":
            return gettext("Verhogen had daarna geen zin: alles wat iemand koos, was gekocht.")
        case _:
            return gettext("Verder verhogen had geen zin: ieders deel was al zo groot als het hele budget.")


def _no_money(words: Words) -> str:
    if "left" not in words:
        return gettext("%(name)s past niet in wat aan het eind over was.", name=words.named)
    return gettext(
        "%(name)s past niet in wat aan het eind over was: dat was %(left)s.",
        name=words.named,
        left=words.money("left"),
    )


def _tie(words: Words) -> str:
    if "rate" not in words:  # of what is added at the end, most votes first
        return budget.tie(words)
    text = gettext(
        "%(names)s waren tegelijk aan de beurt. Een loting bepaalt wie voorgaat.", names=words.names()
    )
    most, all = words.number("most"), words.number("all")
    if most == all:
        return text
    return f"{text} " + gettext(
        "Hoogstens %(most)s van de %(all)s plannen kan geld krijgen.", most=most, all=all
    )


SENTENCES: Sentences = {
    "shares": _shares,
    "bought": _bought,
    "too-dear": _too_dear,
    "unsupported": _unsupported,
    "raise-stopped": _raise_stopped,
    "tie": _tie,
    "depends": budget.depends,
    "stopped": budget.stopped,
    "more": budget.more,
    "no-money": _no_money,
    "left": budget.left,
}
