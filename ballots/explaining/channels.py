"""Where the votes came in, in plain Dutch: on the internet and on paper, and how each weighed."""

from fractions import Fraction
from math import floor

from ballots.explaining.view import Cell, Chapter, Table
from ballots.explaining.words import Sentences, Story, Words, gettext, percent, share, whole, written
from ballots.paper import BLANK


def channel(name: str) -> str:
    """Return the name of a channel in words."""
    return {"web": gettext("internet"), "paper": gettext("papier")}.get(name, name)


def how(story: Story) -> list[str]:
    """Return that channels have a weight of their own, where there is more than one of them."""
    if not story.weighed or story.steps("one-channel"):
        return []
    return [
        gettext("Elke manier van stemmen telde voor een vast deel mee, hoeveel mensen die manier ook kozen.")
    ]


def chapter(story: Story, ids: list[str], joined: bool) -> Chapter | None:
    """Return the votes of each channel, options in the order of `ids`; None where there is nothing to tell.

    `joined`: channels were put together before the count, one of them being too small.
    """
    channels = story.outcome.channels
    weighing = story.steps("channel", "one-channel", "empty-channel")
    if not channels and not weighing:
        return None
    said = [SENTENCES[step.kind](Words(story, step)) for step in weighing]
    said += _example(story, ids)
    if joined and weighing:
        said.insert(0, _joined())
    return Chapter(gettext("Internet en papier"), tuple(said), _table(story, ids) if channels else None)


def _example(story: Story, ids: list[str]) -> list[str]:
    """Return how the first option comes to its part; rounded so that it adds up."""
    parts = [Words(story, step) for step in story.steps("in-channel") if ids and step.option == ids[0]]
    if len(parts) < 2:
        return []
    total = floor(Fraction(story.outcome.score[ids[0]]) * 1000 + Fraction(1, 2))
    shown = [floor(words.exact("adds") * 1000 + Fraction(1, 2)) for words in parts[1:]]
    shown.insert(0, total - sum(shown))
    said = [
        gettext(
            "via %(channel)s %(counted)s van de %(size)s (telt voor %(adds)s)",
            counted=written(words.exact("counted")),
            size=written(words.exact("size")),
            channel=channel(words.text("name")),
            adds=percent(Fraction(adds, 1000), 1),
        )
        for words, adds in zip(parts, shown, strict=True)
    ]
    return [
        gettext(
            "Een voorbeeld. %(name)s kreeg %(parts)s. Samen is dat %(total)s.",
            name=story.name(ids[0]),
            parts=gettext(" en ").join(said),
            total=percent(Fraction(total, 1000), 1),
        )
    ]


def _table(story: Story, ids: list[str]) -> Table:
    channels = story.outcome.channels
    blank = [BLANK] if any(votes.get(BLANK) for votes in channels.values()) and BLANK not in ids else []
    rows = []
    for id in [*ids, *blank]:
        numbers = [votes.get(id, 0) for votes in channels.values()]
        label = gettext("Blanco") if id == BLANK else story.label(id)
        cells = [Cell(label), *(Cell(whole(number)) for number in numbers), Cell(whole(sum(numbers)))]
        if story.weighed:
            cells.append(Cell(story.unit.number(story.outcome.score[id]) if id != BLANK else "–"))
        rows.append(tuple(cells))
    head = [gettext("Keuze"), *(channel(name) for name in channels), gettext("samen")]
    if story.weighed:
        head.append(gettext("gewogen"))
    return Table(gettext("Hoe vaak gekozen, op elke manier van stemmen"), tuple(head), tuple(rows))


def _channel(words: Words) -> str:
    return gettext(
        "Stemmen via %(channel)s wegen samen voor %(weight)s, hoeveel het er ook zijn.",
        channel=channel(words.text("name")),
        weight=share(words.text("weight")),
    )


def _joined() -> str:
    return gettext(
        "Op papier of via internet waren er minder stemmen dan het aantal dat vooraf was afgesproken."
        " Daarom zijn papier en internet samengevoegd. Zo blijft geheim wie wat stemde."
    )


def _one_channel(words: Words) -> str:
    return gettext("Er was één groep stemmen: elke stem woog even zwaar.")


def _empty_channel(words: Words) -> str:
    return gettext(
        "Via %(channel)s kwam niets binnen. Dat gewicht ging naar de rest.",
        channel=channel(words.text("name")),
    )


def _in_channel(words: Words) -> str:
    return gettext(
        "%(name)s kreeg via %(channel)s %(counted)s van de %(size)s. Gewogen is dat %(adds)s.",
        name=words.name,
        channel=channel(words.text("name")),
        counted=written(words.exact("counted")),
        size=written(words.exact("size")),
        adds=percent(words.exact("adds"), 1),
    )


def _weighed(words: Words) -> str:
    return gettext("%(name)s komt samen op %(score)s.", name=words.name, score=words.score())


SENTENCES: Sentences = {
    "channel": _channel,
    "one-channel": _one_channel,
    "empty-channel": _empty_channel,
    "in-channel": _in_channel,
    "weighed": _weighed,
}
