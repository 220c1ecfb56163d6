"""One winner, or yes or no, in plain Dutch: how many votes, how many short, and the quorum."""

from ballots.explaining.words import Sentences, Story, Words, gettext, ids_of, ngettext, share, whole
from ballots.paper import BLANK, Kind

# -- yes or no ---------------------------------------------------------------------------------------


def yes_no_headline(story: Story) -> str:
    """Return one sentence that says whether a question passed."""
    outcome = story.outcome
    facts = {"voor": whole(outcome.votes["voor"]), "tegen": whole(outcome.votes["tegen"])}
    enough = any(step.values["short"] == 0 for step in story.steps("majority"))
    if outcome.passed and outcome.quorum_met is False:
        return gettext(
            "Een meerderheid is voor (%(voor)s voor, %(tegen)s tegen), maar de drempel is niet gehaald.",
            **facts,
        )
    if outcome.passed:
        return gettext("Een meerderheid is voor: %(voor)s voor, %(tegen)s tegen.", **facts)
    if enough:
        return gettext(
            "Het voorstel haalt het niet: de drempel is niet gehaald (%(voor)s voor, %(tegen)s tegen).",
            **facts,
        )
    return gettext("Er is geen meerderheid voor: %(voor)s voor, %(tegen)s tegen.", **facts)


def yes_no_how(story: Story) -> list[str]:
    """Return the whole sum: with two answers that is all there is to tell."""
    return [SENTENCES[step.kind](Words(story, step)) for step in story.steps("counted", "quorum", "majority")]


def yes_no_order(story: Story) -> list[tuple[str, int | None]]:
    """Return the answers in the order of the paper, blanco last; they have no place."""
    blank = [BLANK] if story.outcome.votes.get(BLANK) else []
    return [(id, None) for id in ("voor", "tegen", *blank)]


def caption(story: Story) -> str:
    """Return what the chart shows."""
    return gettext("Wat elke keuze kreeg")


def _counted(words: Words) -> str:
    counts = {name: words.number(name) for name in ("voor", "tegen", "blanco", "letters")}
    all = counts["voor"] + counts["tegen"] + counts["blanco"]
    return ngettext(
        "Er is %(number)s stem op %(letters)s brieven: %(voor)s voor, %(tegen)s tegen, %(blanco)s blanco.",
        "Er zijn %(number)s stemmen op %(letters)s brieven: %(voor)s voor, %(tegen)s tegen, %(blanco)s blanco.",
        all,
        **{name: whole(number) for name, number in counts.items()},
    )


def _quorum(words: Words) -> str:
    facts = {name: whole(words.number(name)) for name in ("letters", "needed", "reached")}
    facts["share"] = share(words.text("share"))
    if words.text("quorum") == "in-favour":
        text = gettext(
            "De drempel is %(share)s van %(letters)s brieven: %(needed)s stemmen voor."
            " Het zijn er %(reached)s.",
            **facts,
        )
    else:
        text = gettext(
            "De drempel is %(share)s van %(letters)s brieven: %(needed)s stemmen. Het zijn er %(reached)s.",
            **facts,
        )
    if short := words.number("short"):
        return f"{text} " + gettext("Dat zijn er %(short)s te weinig.", short=whole(short))
    return f"{text} " + gettext("De drempel is gehaald.")


def _majority(words: Words) -> str:
    facts = {name: whole(words.number(name)) for name in ("size", "voor", "tegen", "needed")}
    of_letters = words.text("base") == "letters"
    match words.text("majority"), of_letters:
        case "simple", _:
            text = gettext("Nodig zijn meer stemmen voor dan tegen: %(needed)s of meer.", **facts)
        case "absolute", True:
            text = gettext(
                "Nodig is meer dan de helft van %(size)s brieven: %(needed)s stemmen voor.", **facts
            )
        case "absolute", False:
            text = gettext("Nodig is meer dan de helft van %(size)s stemmen: %(needed)s voor.", **facts)
        case _, True:
            text = gettext("Nodig is twee derde van %(size)s brieven: %(needed)s stemmen voor.", **facts)
        case _:
            text = gettext("Nodig is twee derde van %(size)s stemmen: %(needed)s voor.", **facts)
    text += " " + gettext("Het zijn er %(voor)s.", **facts)
    if not (short := words.number("short")):
        return text
    return f"{text} " + ngettext(
        "Met %(number)s stem voor erbij was het genoeg geweest.",
        "Met %(number)s stemmen voor erbij was het genoeg geweest.",
        short,
    )


# -- the most wins -----------------------------------------------------------------------------------


def headline(story: Story) -> str:
    """Return one sentence that says who wins."""
    outcome = story.outcome
    if outcome.winners:
        (id,) = outcome.winners
        facts = {"name": story.name(id), "score": story.unit.words(outcome.score[id])}
        if outcome.quorum_met is False:
            return gettext("%(name)s wint met %(score)s, maar de drempel is niet gehaald.", **facts)
        return gettext("%(name)s wint met %(score)s.", **facts)
    if outcome.ties:
        return tied(story)
    if outcome.quorum_met is False and not story.steps("nobody"):
        return gettext("Er is geen winnaar: de drempel is niet gehaald.")
    return gettext("Er is geen winnaar: geen enkele keuze kreeg steun.")


def tied(story: Story) -> str:
    """Return one sentence that says between whom a lot has to choose."""
    names = story.names(story.outcome.ties[0])
    return gettext("%(names)s staan gelijk. Er moet nog worden geloot.", names=names)


def how(story: Story) -> list[str]:
    """Return what a newcomer needs to know of this rule, and whether the quorum was met."""
    said = [
        *paper(story),
        gettext(
            "De keuze met %(most)s wint. Meer dan de helft is daarvoor niet nodig.", most=story.unit.most
        ),
    ]
    return said + [_quorum(Words(story, step)) for step in story.steps("quorum")]


def paper(story: Story) -> list[str]:
    """Return how votes became points, where they did."""
    match story.kind:
        case Kind.POINTS:
            return [gettext("Ieder verdeelde punten. Al die punten zijn opgeteld.")]
        case Kind.RANKING:
            return [
                gettext(
                    "Ieder zette keuzes op volgorde. De eerste kreeg de meeste punten,"
                    " elke volgende een punt minder. Al die punten zijn opgeteld."
                )
            ]
        case _:
            return []


def _most(words: Words) -> str:
    facts = {"name": words.name, "score": words.score()}
    if not words.exact("ahead"):
        return gettext("%(name)s wint met %(score)s.", **facts) + f" {_parted(words)}"
    if "next" not in words:
        return gettext("%(name)s wint met %(score)s.", **facts)
    return gettext(
        "%(name)s wint met %(score)s. De volgende had %(next)s, dus %(ahead)s minder.",
        **facts,
        next=words.score("next"),
        ahead=words.score("ahead"),
    )


def _behind(words: Words) -> str:
    facts = {"name": words.name, "score": words.score()}
    if words.exact("score") == max(words.story.outcome.score.values()):
        return gettext("%(name)s had %(score)s.", **facts) + f" {_parted(words)}"
    if words.story.weighed:
        return gettext("%(name)s had %(score)s. Een andere keuze had meer.", **facts)
    return gettext(
        "%(name)s had %(score)s. Dat is %(short)s te weinig om te winnen.",
        **facts,
        short=words.score("short"),
    )


def _parted(words: Words) -> str:
    """Return what parted an option from another with as much."""
    if any(words.id in ids_of(lot) for lot in words.story.steps("lot")):
        return gettext("Een ander had evenveel; het lot besliste.")
    return gettext("Een ander had evenveel; de volgorde die vooraf vaststond, besliste.")


def _tie(words: Words) -> str:
    return gettext(
        "%(names)s staan bovenaan, elk met %(score)s. Er kan er maar één winnen. Een loting bepaalt welke.",
        names=words.names(),
        score=words.score(),
    )


def nobody(words: Words) -> str:
    """Return the sentence of a count in which there is nobody to win."""
    return gettext("Geen enkele keuze kreeg steun, dus niemand wint.")


def _barred(words: Words) -> str:
    facts = {"name": words.name, "score": words.score()}
    if len(words.story.steps("barred")) > 1:
        return gettext(
            "%(name)s stond met %(score)s gelijk bovenaan, maar de drempel is niet gehaald.", **facts
        )
    return gettext("%(name)s had %(score)s en zou hebben gewonnen, maar de drempel is niet gehaald.", **facts)


SENTENCES: Sentences = {
    "counted": _counted,
    "quorum": _quorum,
    "majority": _majority,
    "most": _most,
    "behind": _behind,
    "tie": _tie,
    "nobody": nobody,
    "barred": _barred,
}
