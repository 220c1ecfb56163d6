"""Rankings that elect one, in plain Dutch: the rounds of a run-off, the duels of Schulze."""

from collections.abc import Iterable

from ballots.explaining import choice
from ballots.explaining.view import Cell, Chapter, Table
from ballots.explaining.words import Sentences, Story, Words, gettext, ngettext, papers, people, whole

NOTHING = Cell("–")
MOST_DUELLISTS = 20  # of more options no table of duels can be read, and no list of chains

# -- instant run-off ---------------------------------------------------------------------------------


def run_off_headline(story: Story) -> str:
    """Return one sentence that says who wins."""
    if elected := story.steps("elected"):
        words = Words(story, elected[0])
        return gettext(
            "%(name)s wint met %(score)s van de %(size)s stemmen.",
            name=words.name,
            score=whole(words.number("score")),
            size=whole(words.number("size")),
        )
    return _nobody_won(story)


def _nobody_won(story: Story) -> str:
    if story.outcome.ties:
        return choice.tied(story)
    return gettext("Er is geen winnaar: niemand koos iets.")


def run_off_how(story: Story) -> list[str]:
    """Return what a newcomer needs to know of this rule."""
    return [
        gettext("Ieder zette keuzes op volgorde. Eerst telt ieders eerste keuze."),
        gettext(
            "Heeft geen enkele keuze meer dan de helft, dan valt de keuze met de minste stemmen af."
            " Die stemmen gaan naar de volgende keuze op hetzelfde biljet."
        ),
        gettext("Zo gaat het ronde na ronde door, tot één keuze meer dan de helft heeft."),
    ]


def run_off_order(story: Story) -> list[tuple[str, int | None]]:
    """Return who came furthest first: in the most rounds, then with the most votes."""
    last = {step.option: int(step.values["round"]) for step in story.steps("stands")}
    out = {step.option for step in story.steps("out")}
    ids = sorted(story.options, key=lambda id: (id in out, -last.get(id, 0), -story.outcome.score[id]))
    return [(id, n if last else None) for n, id in enumerate(ids, 1)]


def run_off_caption(story: Story) -> str:
    """Return what the chart shows."""
    return gettext("De laatste ronde waarin elke keuze meedeed")


def last_round(story: Story, id: str) -> list[str]:
    """Return why an option did not win that was never out: it stood in the last round there was."""
    stood = [Words(story, step) for step in story.steps("stands") if step.option == id]
    if not stood:
        return []
    if not story.outcome.winners:
        return [gettext("Deze keuze kan niet meer winnen, hoe er ook wordt geloot.")]
    needed = Words(story, story.steps("round")[-1]).number("needed")
    return [
        gettext(
            "Deze keuze haalde de laatste ronde, met %(score)s. Meer dan de helft is %(needed)s:"
            " %(short)s te weinig.",
            score=stood[-1].score(),
            needed=whole(needed),
            short=story.unit.words(needed - stood[-1].number("score")),
        )
    ]


def run_off_course(story: Story) -> list[Chapter]:
    """Return the rounds: a table of all, and a few sentences for each."""
    rounds: list[list[str]] = []
    for step in story.steps("round", "out", "moved", "either", "elected", "tie", "stopped"):
        if step.kind == "round" or not rounds:
            rounds.append([])
        rounds[-1].append(RUN_OFF[step.kind](Words(story, step)))
    chapters = [Chapter(gettext("Ronde na ronde"), tuple(" ".join(said) for said in rounds), _rounds(story))]
    return chapters if rounds else []


def _rounds(story: Story) -> Table | None:
    """Return the votes of every option in every round."""
    rounds = [Words(story, step) for step in story.steps("round")]
    if not rounds:
        return None
    won = story.outcome.winners
    votes = {(step.option, step.values["round"]): Words(story, step) for step in story.steps("stands")}
    numbers = [words.number("round") for words in rounds]

    def cell(id: str, round: int) -> Cell:
        if (id, round) not in votes:
            return NOTHING
        return Cell(whole(votes[id, round].number("score")), id in won and round == numbers[-1])

    rows = [
        (Cell(story.label(id), id in won), *(cell(id, round) for round in numbers))
        for id, _ in run_off_order(story)
    ]
    for label, name in (
        (gettext("Meer dan de helft is"), "needed"),
        (gettext("Telt niet meer mee"), "exhausted"),
    ):
        if any(words.number(name) for words in rounds):
            rows.append((Cell(label), *(Cell(whole(words.number(name))) for words in rounds)))
    head = [gettext("Keuze"), *(gettext("Ronde %(round)s", round=round) for round in numbers)]
    return Table(gettext("Stemmen in elke ronde"), tuple(head), tuple(rows))


def _round(words: Words) -> str:
    text = gettext(
        "Ronde %(round)s: er tellen %(papers)s mee, dus nodig zijn %(needed)s stemmen.",
        round=words.number("round"),
        papers=papers(words.number("size")),
        needed=whole(words.number("needed")),
    )
    if exhausted := words.number("exhausted"):
        text += " " + ngettext(
            "%(number)s biljet noemt geen keuze meer die nog meedoet.",
            "%(number)s biljetten noemen geen keuze meer die nog meedoet.",
            exhausted,
        )
    return text


def _stands(words: Words) -> str:
    return gettext(
        "%(name)s heeft %(score)s in ronde %(round)s.",
        name=words.name,
        round=words.number("round"),
        score=words.score(),
    )


def _out(words: Words) -> str:
    text = gettext(
        "%(name)s valt af in ronde %(round)s, met %(score)s.",
        name=words.name,
        round=words.number("round"),
        score=words.score(),
    )
    if not words.exact("short"):
        return text
    return f"{text} " + gettext(
        "Dat is %(short)s te weinig om meer te hebben dan de volgende.", short=words.score("short")
    )


def _moved(words: Words) -> str:
    return gettext(
        "%(name)s krijgt er daardoor %(gained)s bij.", name=words.name, gained=words.score("gained")
    )


def _elected(words: Words) -> str:
    return gettext(
        "%(name)s wint in ronde %(round)s: %(score)s van de %(size)s stemmen is meer dan de helft.",
        name=words.name,
        round=words.number("round"),
        score=whole(words.number("score")),
        size=whole(words.number("size")),
    )


def _either(words: Words) -> str:
    return gettext(
        "%(names)s hebben elk %(score)s, het minste van alle."
        " Wie van hen het eerst afvalt, maakt voor de winnaar niet uit.",
        names=words.names(),
        score=words.score(),
    )


def _run_off_tie(words: Words) -> str:
    return gettext(
        "%(names)s hebben elk %(score)s, het minste van alle. Een van hen valt af, en dat maakt uit voor"
        " wie er wint. Een loting bepaalt wie afvalt.",
        names=words.names(),
        score=words.score(),
    )


def _depends(words: Words) -> str:
    return gettext("%(name)s kan nog winnen. Dat hangt af van de loting.", name=words.name)


def _stopped(words: Words) -> str:
    return gettext("Er staan te veel keuzes gelijk om elke loting na te gaan. Er moet worden geloot.")


def _no_rankings(words: Words) -> str:
    return gettext("Niemand koos iets, dus niemand wint.")


RUN_OFF: Sentences = {
    "round": _round,
    "stands": _stands,
    "out": _out,
    "moved": _moved,
    "elected": _elected,
    "either": _either,
    "tie": _run_off_tie,
    "depends": _depends,
    "stopped": _stopped,
    "nobody": _no_rankings,
}


# -- Schulze -----------------------------------------------------------------------------------------


def schulze_headline(story: Story) -> str:
    """Return one sentence that says who wins."""
    if not story.outcome.winners:
        return _nobody_won(story)
    (id,) = story.outcome.winners
    if not story.duels.not_won(id):
        return gettext("%(name)s wint van elke andere keuze.", name=story.name(id))
    return gettext("%(name)s wint.", name=story.name(id))


def schulze_how(story: Story) -> list[str]:
    """Return what a newcomer needs to know of this rule; of chains only where they mattered."""
    said = [
        gettext(
            "Ieder zette keuzes op volgorde. Daarna is elke keuze met elke andere vergeleken:"
            " welke van de twee zetten de meeste mensen hoger? Zo’n vergelijking heet een duel."
        ),
        gettext("Wie van elke andere wint, is gekozen. Dit heet de methode van Schulze."),
    ]
    first = [step.option for step in story.steps("unbeaten") if step.option]
    if any(story.duels.not_won(id) for id in first):
        said.append(
            gettext(
                "Hier wint niemand alle duels. Dan tellen ook ketens: wint A van B en B van C,"
                " dan staat A ook sterk tegenover C. Een keten is zo sterk als het zwakste duel erin."
            )
        )
    return said


def schulze_order(story: Story) -> list[tuple[str, int | None]]:
    """Return the options from the strongest to the weakest."""
    return story.by_score()


def schulze_caption(story: Story) -> str:
    """Return what the chart shows."""
    return gettext("Van hoeveel andere elke keuze het wint")


def schulze_course(story: Story) -> list[Chapter]:
    """Return all duels in one table; where they are too many, that each option has the one that counted."""
    ids = [id for id, _ in schulze_order(story)]
    if not story.steps("duel"):
        return []
    heading = gettext("Twee aan twee")
    if len(ids) > MOST_DUELLISTS:
        told = gettext(
            "Er waren te veel duels voor een tabel. Bij elke keuze staat het duel waar het om ging."
        )
        return [Chapter(heading, (told,))]

    def cell(mine: int, theirs: int) -> Cell:
        return Cell(f"{whole(mine)} – {whole(theirs)}", mine > theirs)

    rows = []
    for n, id in enumerate(ids, 1):
        duels = story.duels.of(id)
        cells = [NOTHING if other == id else cell(*duels[other]) for other in ids]
        rows.append((Cell(f"{n}. {story.label(id)}"), *cells))
    head = [gettext("Keuze"), *(gettext("tegen %(number)s", number=n) for n in range(1, len(ids) + 1))]
    note = gettext(
        "In elk vak: hoeveel mensen de keuze links hoger zetten, en hoeveel de andere."
        " Een gewonnen duel is vet."
    )
    table = Table(gettext("Alle duels"), tuple(head), tuple(rows), note)
    return [Chapter(heading, table=table)]


def _duel(words: Words) -> str:
    return gettext(
        "%(name)s tegen %(other)s: %(for_)s zetten de eerste hoger, %(against)s de tweede.",
        name=words.name,
        other=words.story.name(words.text("other")),
        for_=people(words.number("for")),
        against=people(words.number("against")),
    )


def _unbeaten(words: Words) -> str:
    if "other" not in words:
        return gettext("%(name)s is de enige keuze.", name=words.name)
    said = [gettext("%(name)s wordt door geen andere verslagen.", name=words.name)]
    if not words.story.duels.not_won(words.id):
        mine, theirs = words.story.duels.of(words.id)[words.text("other")]
        said.append(
            gettext(
                "Het dichtst bij kwam %(other)s: dat duel werd %(mine)s – %(theirs)s.",
                other=words.story.name(words.text("other")),
                mine=whole(mine),
                theirs=whole(theirs),
            )
        )
    return " ".join([*said, *_despite(words)])


def _despite(words: Words) -> Iterable[str]:
    """Yield for every duel that an unbeaten option did not win why that did not beat it."""
    duels = words.story.duels
    not_won = duels.not_won(words.id)
    if not_won and len(duels.ids) > MOST_DUELLISTS:
        yield ngettext(
            "%(number)s duel won het niet, maar in ketens van duels staat die ander niet sterker.",
            "%(number)s duels won het niet, maar in ketens van duels staat geen van die anderen sterker.",
            len(not_won),
        )
        return
    for other in not_won:
        mine, theirs = duels.of(words.id)[other]
        yield gettext(
            "Het duel met %(other)s werd %(mine)s – %(theirs)s, maar in ketens van duels staat het"
            " %(strength)s – %(back)s.",
            other=words.story.name(other),
            mine=whole(mine),
            theirs=whole(theirs),
            strength=whole(duels.paths[words.id, other]),
            back=whole(duels.paths[other, words.id]),
        )


def _beaten(words: Words) -> str:
    mine, theirs = words.story.duels.of(words.id)[words.text("other")]
    facts = {
        "name": words.name,
        "other": words.story.name(words.text("other")),
        "mine": whole(mine),
        "theirs": whole(theirs),
        "strength": whole(words.number("strength")),
        "back": whole(words.number("back")),
    }
    if theirs > mine:
        return gettext(
            "%(name)s wordt verslagen door %(other)s: dat duel werd %(mine)s – %(theirs)s.",
            **facts,
        )
    return gettext(
        "%(name)s wordt verslagen door %(other)s, in ketens van duels: %(back)s – %(strength)s."
        " Hun eigen duel werd %(mine)s – %(theirs)s.",
        **facts,
    )


def _schulze_tie(words: Words) -> str:
    return gettext(
        "%(names)s worden door geen andere keuze verslagen. Er kan er maar één winnen."
        " Een loting bepaalt welke.",
        names=words.names(),
    )


SCHULZE: Sentences = {
    "duel": _duel,
    "unbeaten": _unbeaten,
    "beaten": _beaten,
    "tie": _schulze_tie,
    "nobody": _no_rankings,
}
