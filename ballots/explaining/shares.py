"""Equal Shares in plain Dutch: the idea, an example of it from this count, who paid what, and what was left."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import ceil, floor

from ballots.counting.equal_shares import EqualSharesRule, Utility
from ballots.counting.outcome import Step
from ballots.explaining import budget, idea
from ballots.explaining.view import Cell, Chapter, Table
from ballots.explaining.words import (
    Reasons,
    Sentences,
    Story,
    Words,
    gettext,
    listed,
    ngettext,
    people,
    whole,
)
from ballots.paper import BLANK


def how(story: Story) -> list[str]:
    """Return what a newcomer needs to know of this rule, in short paragraphs."""
    shares = [Words(story, step) for step in story.steps("shares")]
    said = [*map(_shares, shares), gettext(idea.TOGETHER), gettext(idea.TURN[_utility(story)])]
    said += [_larger(words) for words in shares if words.number("raises")]
    if story.steps("more", "no-money"):
        said.append(gettext("Wat aan het eind over was, ging naar wat nog paste, de meeste stemmen eerst."))
    said.append(gettext(idea.NOT_ONLY_VOTES))
    if pair := _pair(story):
        few, many = pair
        said.append(
            ngettext(
                "Zo won hier een plan met %(number)s stem, en een plan met %(more)s niet. Dat kwam zo:",
                "Zo won hier een plan met %(number)s stemmen, en een plan met %(more)s niet. Dat kwam zo:",
                few.number("score"),
                more=whole(many.number("score")),
            )
        )
    return said


def example(story: Story) -> list[str]:
    """Return why of two plans of this count the one with fewer votes won, where there are such."""
    pair = _pair(story)
    return [_could_pay(pair[0]), _could_not_pay(*reversed(pair))] if pair else []


def _pair(story: Story) -> tuple[Words, Words] | None:
    """Return a plan that was bought and one with more votes that was not, as close in votes as there are.

    That is the hardest pair to understand. Of equally close ones it is the pair with the most votes, then that
    with the dearest winner and the cheapest loser.
    """
    bought = [Words(story, step) for step in story.steps("bought") if step.values.get("price")]
    lost = [Words(story, step) for step in story.steps("too-dear") if "had" in step.values]
    lost = [words for words in lost if words.id not in story.outcome.winners]
    pairs = [(few, many) for few in bought for many in lost if few.exact("score") < many.exact("score")]

    def rank(pair: tuple[Words, Words]) -> tuple[Fraction | int | str, ...]:
        few, many = pair
        gap = many.exact("score") - few.exact("score")
        dear = (-few.exact("score"), -few.exact("cost"), many.exact("cost"))
        return (gap, *dear, many.values.get("instead") != few.id, few.name, many.name)

    return min(pairs, key=rank, default=None)


def _could_pay(words: Words) -> str:
    if not words.number("poor"):
        return ngettext(
            "%(plan)s: de ene persoon die het koos, kon dat betalen.",
            "%(plan)s: ieder moest %(price)s betalen. Dat konden zij allemaal.",
            words.number("full"),
            plan=words.named,
            price=words.about("price"),
        )
    return gettext(
        "%(plan)s: zij konden dat samen betalen. Wie genoeg had, betaalde %(price)s; wie minder had, betaalde dat.",
        plan=words.named,
        price=words.about("price"),
    )


def _could_not_pay(words: Words, instead: Words) -> str:
    """Return why a plan was not bought, and `instead` was: not each could pay as much, nor all of them together."""
    story, supporters = words.story, words.number("supporters")
    each = Fraction(words.exact("cost")) / supporters
    facts = {"plan": words.named, "each": story.about(each), "short": _short(words)}
    facts["had"] = story.money(floor(words.exact("had")))
    if each > Words(story, story.steps("shares")[0]).exact("share"):  # too dear from the beginning
        return ngettext(
            "%(plan)s: dat kon de ene persoon die het koos, niet betalen. Die had nog %(had)s: %(short)s te weinig.",
            "%(plan)s: ieder moest %(each)s betalen. Zoveel had niemand. Samen hadden zij nog %(had)s:"
            " %(short)s te weinig.",
            supporters,
            **facts,
        )
    said = [
        gettext(
            "%(plan)s: ieder moest %(each)s betalen. Niet iedereen had dat nog, want er was al betaald voor andere"
            " plannen.",
            **facts,
        ),
        *(_went_first(words, instead) if words.values.get("instead") == instead.id else []),
        gettext("Aan het eind hadden zij in gedachten nog %(had)s: %(short)s te weinig.", **facts)
        if _in_thought(words)
        else gettext("Aan het eind hadden zij samen nog %(had)s: %(short)s te weinig.", **facts),
    ]
    return " ".join(said)


def _went_first(words: Words, instead: Words) -> list[str]:
    """Return why `instead` went before a plan, and what the supporters of that still had at that moment."""
    if "rate_then" not in words:
        return [gettext("Toen %(name)s aan de beurt was, hadden zij samen al te weinig.", name=instead.name)]
    if _utility(words.story) is Utility.NUMBER:
        why = gettext("Daardoor werd het voor de anderen duurder, en ging %(name)s voor.", name=instead.name)
    elif instead.number("poor"):
        why = gettext("Daardoor telden zij minder zwaar mee, en ging %(name)s voor.", name=instead.name)
    else:
        why = ngettext(
            "Daardoor telden zij samen maar voor %(counted)s stemmers: minder dan %(number)s. Dus ging %(name)s voor.",
            "Daardoor telden zij samen maar voor %(counted)s stemmers: minder dan %(number)s. Dus ging %(name)s voor.",
            instead.number("full"),
            counted=_counted(words),
            name=instead.name,
        )
    facts = {name: words.story.money(floor(words.exact(f"had_{name}"))) for name in ("then", "after")}
    if words.exact("had_after") < words.exact("cost"):
        return [
            why,
            gettext(
                "Op dat moment hadden zij samen nog wel genoeg: %(then)s. Maar ook van hen betaalden mensen mee aan"
                " %(name)s. Daarna hadden zij samen nog %(after)s: te weinig.",
                name=instead.name,
                **facts,
            ),
        ]
    return [
        why,
        gettext(
            "Op dat moment hadden zij samen nog wel genoeg: %(then)s. Maar daarna betaalden zij voor andere plannen.",
            **facts,
        ),
    ]


def _counted(words: Words, rate: str = "rate_then", digits: int = 1) -> str:
    """Return for how many supporters a plan's count, where not each can pay its price: what it costs in prices.

    Rounded down to so many decimals, so that it stays below the number of the plan that went before.
    """
    number, rest = divmod(floor(10**digits / words.exact(rate)), 10**digits)
    return f"{number},{rest:0{digits}}" if rest else str(number)


def _in_thought(words: Words) -> bool:
    """Return whether supporters had more together than the money that is really left."""
    left = words.story.outcome.left
    return left is not None and not words.story.outcome.ties and words.exact("had") > left


def _larger(words: Words) -> str:
    """Return that shares were raised and why, and how they can be more together than there is."""
    raises = words.number("raises")
    text = gettext(
        "Zo bleef er eerst geld over: wat nog niet gekozen was, was te duur voor de mensen die erop stemden."
    )
    text += " " + ngettext(
        "Daarom is nog een keer geteld, met %(step)s meer voor ieder. Alleen de laatste telling geldt: daarin had ieder"
        " %(share)s.",
        "Daarom is steeds opnieuw geteld, elke keer met %(step)s meer voor ieder. Alleen de laatste telling geldt:"
        " daarin had ieder %(share)s.",
        raises,
        step=words.story.money(Fraction(words.exact("share") - words.exact("first")) / raises),
        share=words.about("share"),
    )
    text += " " + gettext(
        "Al die bedragen samen zijn meer dan er is. Dat kan, want het blijft geld in gedachten: niet alles wordt"
        " besteed, en de gekozen plannen mogen samen nooit meer kosten dan %(budget)s.",
        budget=words.money("budget"),
    )
    winners = words.story.outcome.winners
    if words.story.outcome.ties or not winners:
        return text
    spent = sum(words.story.options[id].cost for id in winners)
    return f"{text} " + ngettext(
        "Het gekozen plan kost %(spent)s.",
        "De %(number)s gekozen plannen kosten samen %(spent)s.",
        len(winners),
        spent=words.story.money(spent),
    )


def _utility(story: Story) -> Utility:
    """Return whether the rate is the price itself, or the price for each euro that is bought.

    Without the rule the purchases tell it.
    """
    if isinstance(story.rule, EqualSharesRule):
        return story.rule.utility
    bought = [Words(story, step) for step in story.steps("bought") if step.values.get("price")]
    if any(words.exact("rate") == words.exact("price") and words.exact("cost") != 1 for words in bought):
        return Utility.NUMBER
    return Utility.COST


def order(story: Story) -> list[tuple[str, int | None]]:
    """Return who won and then the others, most votes first.

    Without places: neither votes nor the order of buying say who is chosen, and a number seems to.
    """
    winners = frozenset(story.outcome.winners)
    by_score = [id for id, _ in story.by_score()]
    return [(id, None) for id in sorted(by_score, key=lambda id: id not in winners)]


def course(story: Story) -> list[Chapter]:
    """Return how the money ran, for who wants to follow it: the shares, and what was paid for each plan in turn."""
    bought = [Words(story, step) for step in story.steps("bought") if "price" in step.values]
    table = None
    if bought:
        table = Table(
            gettext("Wat er werd betaald, op volgorde"),
            (gettext("Plan"), gettext("Per persoon"), gettext("Daarna over")),
            tuple(_purchase(place, words) for place, words in enumerate(bought, 1)),
            gettext("Bedragen per persoon zijn afgerond. Wie minder over had, betaalde minder."),
        )
    said = []
    for step in story.steps("shares"):
        said += _raises(Words(story, step))
    said.append(gettext("In het Engels heet deze manier “Equal Shares”."))
    return [Chapter(gettext("De hele berekening"), tuple(said), table, folded=True)]


def left_why(story: Story) -> list[str]:
    """Return why the shares did not grow further, and so why money is left."""
    stopped = [Words(story, step) for step in story.steps("raise-stopped") if story.outcome.left]
    over = [words.text("why") == "over" for words in stopped]
    return [*([_left(story)] if any(over) else []), *map(_raise_stopped, stopped)]


def _purchase(place: int, words: Words) -> tuple[Cell, ...]:
    return (
        Cell(f"{place}.\N{NO-BREAK SPACE}{words.story.label(words.id)}"),
        Cell(words.story.rounded(words.exact("price"))),
        Cell(words.money("left")),
    )


def _shares(words: Words) -> str:
    if not words.number("voters"):
        return gettext("Er was %(budget)s te verdelen, maar niemand stemde.", budget=words.money("budget"))
    return gettext(
        "Er was %(budget)s en er stemden %(voters)s. Dat geld is in gedachten gelijk verdeeld: elke stemmer kreeg "
        "%(first)s te besteden aan de plannen van zijn of haar keuze. Niemand betaalde met eigen geld.",
        budget=words.money("budget"),
        voters=people(words.number("voters")),
        first=words.about("first"),
    )


def _raises(words: Words) -> list[str]:
    """Return what happened to the shares, where they were raised."""
    raises = words.number("raises")
    if not raises:
        return []
    blank = words.story.outcome.votes.get(BLANK)
    step = Fraction(words.exact("share") - words.exact("first")) / raises
    return [
        gettext("Met %(first)s per persoon bleef er eerst geld over.", first=words.about("first")),
        *([gettext("Ook wie blanco stemde, had dat bedrag; het bleef liggen.")] if blank else []),
        ngettext(
            "Daarom kreeg ieder %(number)s keer %(step)s meer te besteden, en is opnieuw geteld."
            " Het werd %(share)s voor ieder.",
            "Daarom kreeg ieder %(number)s keer %(step)s meer te besteden, en is steeds opnieuw geteld."
            " Het werd %(share)s voor ieder.",
            raises,
            step=words.story.money(step),
            share=words.about("share"),
        ),
    ]


# -- why, under the heading of an option --------------------------------------------------------------


def reasons(story: Story, told: Sequence[Step]) -> Reasons:
    """Return why an option won or not, in a sentence or two; and the sums behind that, for who asks."""
    why: list[str] = []
    more: list[str] = []
    for step in told:
        words = Words(story, step, gettext("Dit plan"))
        match step.kind:
            case "bought" if words.exact("cost") and "price" in words:
                why.append(_paid(words))
                more += _payments(words)
            case "too-dear" if "had" in words:
                why += [_came_short(words), *_not_theirs(words)]
                more += _purse(words)
            case "unsupported":
                why.append(gettext("Niemand koos dit plan."))
            case "more":
                more = [*why, *more]  # what came before is no longer why
                why = [SENTENCES["more"](words)]
            case _:
                why.append(SENTENCES[step.kind](words))
    return why, more


def _paid(words: Words) -> str:
    full, poor = words.number("full"), words.number("poor")
    facts = {"all": whole(full + poor), "price": words.about("price")}
    if not poor:
        return ngettext(
            "%(number)s persoon betaalde het hele bedrag.",
            "%(number)s mensen betaalden elk %(price)s.",
            full,
            **facts,
        )
    if not words.exact("rest"):
        return ngettext(
            "%(number)s van de %(all)s mensen had nog geld over en betaalde alles.",
            "%(number)s van de %(all)s mensen hadden nog geld over: zij betaalden elk %(price)s.",
            full,
            **facts,
        )
    return gettext("%(all)s mensen betaalden elk %(price)s, of wat zij nog over hadden.", **facts)


def _payments(words: Words) -> list[str]:
    """Return the sum of what was paid, where not all paid the same; rounded so that it adds up."""
    full, poor, rest = words.number("full"), words.number("poor"), words.exact("rest")
    if not poor or not rest:
        return []
    money, cost = words.story.money, words.exact("cost")
    small = floor(rest + Fraction(1, 2))
    return [
        ngettext(
            "%(number)s persoon betaalde %(together)s.",
            "%(number)s mensen betaalden elk %(price)s: samen %(together)s.",
            full,
            price=words.about("price"),
            together=money(cost - small),
        ),
        ngettext(
            "%(number)s persoon had minder over en betaalde dat: %(rest)s.",
            "%(number)s mensen hadden minder over en betaalden dat: samen %(rest)s.",
            poor,
            rest=money(small),
        ),
        gettext(
            "%(large)s + %(small)s = %(cost)s.",
            large=money(cost - small),
            small=money(small),
            cost=money(cost),
        ),
    ]


def _came_short(words: Words) -> str:
    had = words.story.money(floor(words.exact("had")))
    if _in_thought(words):
        return ngettext(
            "%(number)s persoon had in gedachten nog %(had)s: %(short)s te weinig.",
            "%(number)s mensen hadden in gedachten samen nog %(had)s: %(short)s te weinig.",
            words.number("supporters"),
            had=had,
            short=_short(words),
        )
    return ngettext(
        "%(number)s persoon had nog %(had)s: %(short)s te weinig.",
        "%(number)s mensen hadden samen nog %(had)s: %(short)s te weinig.",
        words.number("supporters"),
        had=had,
        short=_short(words),
    )


def _not_theirs(words: Words) -> list[str]:
    """Return why money that is left does not help a plan that lost, where it is enough for it."""
    outcome = words.story.outcome
    if outcome.ties or words.id in outcome.winners or not outcome.left or outcome.left < words.exact("cost"):
        return []
    return [
        gettext(
            "Er is wel genoeg geld over. Maar dat mag er niet bij: de mensen die op een plan stemden, moeten het samen"
            " betalen."
        )
    ]


def _short(words: Words) -> str:
    """Return what the supporters lacked: a rounded amount that with what they had makes the cost."""
    return words.story.money(ceil(words.exact("cost") - words.exact("had")))


def _purse(words: Words) -> list[str]:
    """Return how what the supporters still had came about."""
    shares = words.story.steps("shares")
    if not shares:
        return []
    share = Words(words.story, shares[0]).exact("share")
    had, number = floor(words.exact("had")), words.number("supporters")
    began = floor(share * number + Fraction(1, 2))
    money = words.story.money
    said = [
        ngettext(
            "Deze persoon had in het begin %(share)s.",
            "In het begin hadden zij elk %(share)s: samen %(began)s.",
            number,
            share=words.story.about(share),
            began=money(began),
        )
    ]
    if began > had:
        said.append(
            ngettext(
                "Daarvan ging %(spent)s naar andere plannen. Over: %(had)s.",
                "Daarvan ging %(spent)s naar andere plannen die zij kozen. Over: %(had)s.",
                number,
                spent=money(began - had),
                had=money(had),
            )
        )
    return said


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
            "%(name)s is niet gekozen: de mensen die het kozen, komen samen te kort, hoe er ook wordt geloot.",
            name=words.named,
        )
    had = words.exact("had")
    return gettext(
        "%(name)s is niet gekozen: het plan kost %(cost)s en de mensen die het kozen, hadden samen"
        " nog %(had)s. Zij kwamen %(short)s te kort.",
        name=words.named,
        cost=words.money("cost"),
        had=words.story.money(floor(had)),
        short=_short(words),
    )


def _unsupported(words: Words) -> str:
    return gettext("%(name)s is niet gekozen: niemand koos het.", name=words.named)


def _raise_stopped(words: Words) -> str:
    match words.text("why"):
        case "over":
            return _one_step_more(words)
        case "full":
            return gettext(
                "Nog meer geld voor ieder had geen zin: in wat over was, paste geen ander plan meer."
            )
        case "all":
            return gettext("Nog meer geld voor ieder had geen zin: alles wat iemand koos, was al gekozen.")
        case _:
            return gettext("Nog meer geld voor ieder had geen zin: ieder had al zoveel als het hele budget.")


def _left(story: Story) -> str:
    """Return that money is left, and why that does not go to what fits in it, where nothing was added afterwards."""
    text = gettext("Er is geld over.")
    if any(step.kind in ("more", "no-money", "tie", "depends") for step in story.outcome.steps):
        return text
    return f"{text} " + gettext(
        "Dat gaat niet vanzelf naar een plan dat erin past: de mensen die erop stemden, moeten het samen "
        "kunnen betalen. Zo was het vooraf afgesproken."
    )


def _one_step_more(words: Words) -> str:
    """Return why shares were not raised once more: which plans come in and go out then, and that it costs too much.

    A plan that came short by much more than a step each may come in. Named alone that looks like a mistake, so it
    is told that it comes earlier then.
    """
    story = words.story
    step = words.exact("share") - Words(story, story.steps("shares")[0]).exact("share")
    return " ".join(
        (
            gettext(
                "Nog %(step)s meer voor ieder kon niet. Dan kosten de gekozen plannen samen %(spent)s: meer dan de"
                " %(budget)s die er is. Daarom is dit de laatste telling.",
                step=story.money(step),
                spent=words.money("spent"),
                budget=words.money("budget"),
            ),
            *(_would_change(words) if "added" in words else ()),
        )
    )


def _would_change(words: Words) -> Iterable[str]:
    """Yield which plans would come in with one step more, and why, and which would go out."""
    story, earlier = words.story, listed(words.step, "earlier")
    if len(earlier) > 1:
        yield gettext(
            "Het wordt dan te duur, doordat %(names)s eerder aan de beurt zijn. De mensen die erop stemden, hebben dan"
            " nog niet betaald voor de plannen daarna, en kunnen het samen betalen.",
            names=story.names(earlier),
        )
    elif earlier:
        lost = {step.option: step for step in story.steps("too-dear")}
        other = story.name(str(words.values.get("overtaken", lost[earlier[0]].values["instead"])))
        yield gettext(
            "Het wordt dan te duur, doordat %(name)s vóór %(other)s gaat. De mensen die erop stemden, hebben dan nog"
            " niet betaald voor dat plan en de plannen daarna. Zij kunnen het samen betalen.",
            name=story.name(earlier[0]),
            other=other,
        )
        if "rate_now" in words and _utility(story) is Utility.COST:
            yield gettext(
                "In deze telling ging %(other)s net voor: zij telden toen samen voor %(counted)s stemmers.",
                other=other,
                counted=_counted(words, "rate_now", 2),
            )
    if added := [id for id in listed(words.step, "added") if id not in earlier]:
        yield gettext(
            "De mensen die op %(names)s stemden, hebben dan samen wel genoeg.", names=story.names(added)
        )
    if dropped := listed(words.step, "dropped"):
        yield gettext(
            "De mensen die op %(names)s stemden, hebben dan juist samen te weinig over.",
            names=story.names(dropped),
        )


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
