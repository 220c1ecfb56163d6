"""A divided budget in plain Dutch: who got money, what was left, which limit was full."""

from collections.abc import Iterable, Sequence

from ballots.counting.greedy import GreedyRule
from ballots.counting.outcome import Step
from ballots.explaining.view import Cell, Chapter, MoneyLine, Table
from ballots.explaining.words import Reasons, Sentences, Story, Words, gettext, ngettext
from ballots.paper import Money

MOST_NAMED = 3  # a headline names so many winners, in so many letters; more are counted
MOST_LETTERS = 100
LEAST_PAID = 2  # with fewer there is no course to follow
Caps = dict[tuple[str, str], Money]  # by ("theme" or "place", its name)


def headline(story: Story) -> str:
    """Return one sentence that says who gets money."""
    outcome = story.outcome
    winners, parts = outcome.winners, [id for id, _ in outcome.part_funded]
    if not winners and not parts:
        if outcome.ties:
            return gettext("Er staat nog niets vast: er moet worden geloot.")
        return gettext("Geen enkel plan krijgt geld.")
    said = []
    letters = sum(len(story.label(id)) for id in winners)
    if len(winners) > MOST_NAMED or (len(winners) > 1 and letters > MOST_LETTERS):
        all = len(story.options)
        said.append(
            gettext("%(number)s van de %(all)s plannen krijgen geld.", number=len(winners), all=all)
            if len(winners) < all
            else gettext("Alle %(all)s plannen krijgen geld.", all=all)
        )
    elif len(winners) == 1:
        said.append(gettext("%(name)s krijgt geld.", name=story.name(winners[0])))
    elif winners:
        said.append(gettext("Deze plannen krijgen geld: %(names)s.", names=story.names(winners)))
    said += [gettext("%(name)s krijgt een deel.", name=story.name(id)) for id in parts]
    if outcome.ties:
        said.append(gettext("Er moet nog worden geloot."))
    return " ".join(said)


def how(story: Story) -> list[str]:
    """Return what a newcomer needs to know of this rule, in paragraphs."""
    paragraphs = [_one_by_one(story), _limits(story), _leftover(story)]
    return [" ".join(said) for said in paragraphs if said]


def _one_by_one(story: Story) -> list[str]:
    budget = Words(story, story.steps("left")[0]).money("budget")
    said = [
        gettext("Er was %(budget)s te verdelen.", budget=budget),
        gettext(
            "Het plan met %(most)s kwam eerst aan de beurt, dan het volgende, enzovoort."
            " Een plan kreeg geld als het nog paste.",
            most=story.unit.most,
        ),
    ]
    if _stops(story):
        said.append(gettext("Bij het eerste plan dat niet paste, stopte de verdeling."))
    else:
        said.append(gettext("Paste het niet, dan werd het overgeslagen."))
    return said


def _stops(story: Story) -> bool:
    """Return whether the rule stops at what does not fit; a step says so only where something came after."""
    if isinstance(story.rule, GreedyRule):
        return not story.rule.skip
    return bool(story.steps("after-stop"))


def _limits(story: Story) -> list[str]:
    said = []
    if under := story.steps("under-threshold"):
        least = Words(story, under[0]).score("threshold")
        said.append(gettext("Een plan had minstens %(least)s nodig.", least=least))
    if caps := _known_caps(story):
        said.append(
            gettext(
                "Elk %(group)s had ook een eigen grens: zoveel geld mocht er hoogstens heen. Was daarvan niet genoeg"
                " over, dan kreeg een plan in de eerste ronde geen geld, ook al was er in totaal nog wel genoeg.",
                group=_group(kind for kind, _ in caps),
            )
            if story.steps("more")
            else gettext(
                "Elk %(group)s had ook een eigen grens: zoveel geld mocht er hoogstens heen. Was daarvan niet genoeg"
                " over, dan kreeg een plan geen geld, ook al was er in totaal nog wel genoeg.",
                group=_group(kind for kind, _ in caps),
            )
        )
    return said


def _leftover(story: Story) -> list[str]:
    said = []
    if more := story.steps("more"):
        first = Words(story, more[0])
        said.append(
            gettext(
                "Dat was de eerste ronde. Daarna was er nog %(left)s over. Vooraf was afgesproken wat daarmee"
                " gebeurt: in een tweede ronde gaat het naar plannen die daar nog in passen, weer op volgorde.",
                left=story.money(first.exact("left") + first.exact("cost")),
            )
            if "left" in first
            else gettext(
                "Vooraf was afgesproken wat er gebeurt met geld dat dan nog over is: in een tweede ronde gaat het"
                " naar plannen die daar nog in passen, weer op volgorde."
            )
        )
        if _known_caps(story):
            said.append(gettext("De grenzen gelden dan niet meer."))
        said.append(
            gettext("Zo kreeg %(names)s toch nog geld.", names=story.name(first.id))
            if len(more) == 1
            else gettext(
                "Zo kregen %(names)s toch nog geld.", names=story.names([step.option or "" for step in more])
            )
        )
    if story.steps("part"):
        said.append(
            gettext(
                "Wat daarna over was, ging naar het eerste plan dat nog geen geld had. Zo was het vooraf afgesproken."
            )
        )
    return said


def caption(story: Story) -> str:
    """Return what the chart shows."""
    return gettext("Wat elk plan kreeg")


def _group(limits: Iterable[str]) -> str:
    """Return what has a limit, by the kinds of step that say so."""
    match sorted({kind.removesuffix("-full") for kind in limits}):
        case ["theme"]:
            return gettext("thema")
        case ["place"]:
            return gettext("gebied")
        case _:
            return gettext("thema of gebied")


def money(story: Story) -> list[MoneyLine]:
    """Return the account: the budget, what went where, and what is left."""
    outcome = story.outcome
    if outcome.left is None or not story.steps("left"):
        return []
    spent = sum((story.options[id].cost for id in outcome.winners), 0)
    budget = Words(story, story.steps("left")[0]).money("budget")
    lines = [MoneyLine(gettext("Budget"), budget)]
    if outcome.winners:
        label = ngettext("%(number)s gekozen plan", "%(number)s gekozen plannen", len(outcome.winners))
        lines.append(MoneyLine(label, f"− {story.money(spent)}", "minus"))
    for id, amount in outcome.part_funded:
        label = gettext("Een deel voor %(name)s", name=story.name(id))
        lines.append(MoneyLine(label, f"− {story.money(amount)}", "minus"))
    rest = gettext("Nog niet verdeeld") if outcome.ties else gettext("Over")
    return [*lines, MoneyLine(rest, story.money(outcome.left), "total")]


def caps(story: Story) -> Table | None:
    """Return what went to each theme and place that has a limit; None where none has."""
    known = _known_caps(story)
    if not known:
        return None
    group = _group(kind for kind, _ in known)
    head = (group.capitalize(), gettext("Grens"), gettext("Gegeven"))
    rows, lifted = [], False
    for (kind, name), cap in known.items():
        given = story.money(_spent(story, "won", kind, name))
        if more := _spent(story, "more", kind, name):
            given, lifted = f"{given} +\N{NO-BREAK SPACE}{story.money(more)}", True
        rows.append((Cell(name), Cell(story.money(cap)), Cell(given)))
    note = gettext("Na de + staat wat er in de tweede ronde bij kwam. Toen golden de grenzen niet meer.")
    caption = gettext("De grens per %(group)s", group=group)
    return Table(caption, head, tuple(rows), note if lifted else "")


def group(story: Story, id: str) -> str:
    """Return the theme and place of an option, where themes and places have limits; else nothing."""
    option, kinds = story.options.get(id), {kind for kind, _ in _known_caps(story)}
    if not option:
        return ""
    named = (
        gettext("thema “%(name)s”", name=option.theme) if "theme" in kinds and option.theme else "",
        gettext("gebied “%(name)s”", name=option.place) if "place" in kinds and option.place else "",
    )
    return ", ".join(filter(None, named))


def left_why(story: Story) -> list[str]:
    """Return why money is left, where no lot has yet to decide about it."""
    outcome = story.outcome
    if not outcome.left or outcome.ties or not story.steps("left"):
        return []
    funded = {*outcome.winners, *(id for id, _ in outcome.part_funded)}
    open = [option for option in story.options.values() if option.id not in funded]
    fitting = [option.id for option in open if option.cost <= outcome.left]
    if not open:
        return [gettext("Er is geld over, want alle plannen zijn betaald.")]
    if not fitting:
        return [gettext("Elk plan dat niet gekozen is, kost meer dan wat er over is.")]
    kinds = {step.kind for id in fitting for step in story.steps_of(id)}
    said = [gettext("Er is geld over. Toch gaat dat niet naar een plan dat daar nog in past.")]
    if full := kinds & {"theme-full", "place-full"}:
        said.append(gettext("De grens per %(group)s blijft gelden.", group=_group(full)))
    if kinds & {"after-stop", "no-money"} and _stops(story):
        said.append(gettext("De verdeling stopt bij het eerste plan dat niet past."))
    if "under-threshold" in kinds:
        least = Words(story, story.steps("under-threshold")[0]).score("threshold")
        said.append(gettext("Een plan heeft minstens %(least)s nodig.", least=least))
    return [" ".join((*said, gettext("Zo was het vooraf afgesproken.")))]


def unspent(story: Story) -> list[str]:
    """Return that nothing here gets what is left, where that is certain; who then decides, no count knows."""
    if not story.outcome.left or story.outcome.ties or not story.steps("left"):
        return []
    return [
        gettext(
            "Wat over is, gaat in deze telling naar geen van de plannen. Wat er verder mee gebeurt, bepaalt de"
            " telling niet."
        )
    ]


def course(story: Story) -> list[Chapter]:
    """Return how the money ran, plan by plan, for who wants to follow it."""
    paid = [Words(story, step) for step in story.steps("won", "more", "part") if "left" in step.values]
    if len(paid) < LEAST_PAID:
        return []
    rows = [
        (
            Cell(words.story.label(words.id)),
            Cell(words.money("amount" if "amount" in words else "cost")),
            Cell(words.money("left")),
        )
        for words in paid
    ]
    late = sum(words.step.kind == "more" for words in paid)
    note = ngettext(
        "Het laatste plan kreeg geld in de tweede ronde.",
        "De laatste %(number)s plannen kregen geld in de tweede ronde.",
        late,
    )
    head = (gettext("Plan"), gettext("Kosten"), gettext("Daarna over"))
    table = Table(gettext("Wat er werd betaald, op volgorde"), head, tuple(rows), note if late else "")
    return [Chapter(gettext("Het geld, plan voor plan"), table=table, folded=True)]


def _known_caps(story: Story) -> Caps:
    """Return the limits of the rule; where it is not known, those that something came up against."""
    known: Caps = {}
    if isinstance(story.rule, GreedyRule):
        known |= {("theme", name): cap for name, cap in story.rule.theme_caps.items()}
        known |= {("place", name): cap for name, cap in story.rule.place_caps.items()}
    for step in story.steps("theme-full", "place-full"):
        words = Words(story, step)
        known[step.kind.removesuffix("-full"), words.text("name")] = words.exact("cap")
    return known


def _spent(story: Story, won: str, kind: str, name: str) -> Money:
    """Return what options of a theme or place got by steps of the kind `won`."""
    options = [story.options[step.option] for step in story.steps(won) if step.option]
    return sum((o.cost for o in options if (o.theme if kind == "theme" else o.place) == name), 0)


def enough(story: Story, id: str, number: int | None) -> list[str]:
    """Return what `number` votes (or points) more would have done; None is that no number helps."""
    if number is None:
        return [gettext("Ook met %(most)s had het niet gepast.", most=story.unit.most)]
    more = story.unit.words(number)
    if number == 0:
        return []
    if id in dict(story.outcome.part_funded):
        return [gettext("Met %(more)s meer had het plan het hele bedrag gekregen.", more=more)]
    if any(id in tie for tie in story.outcome.ties):
        return [gettext("Met %(more)s meer was het zonder loting gekozen.", more=more)]
    if any(step.kind == "under-threshold" for step in story.steps_of(id)):
        return [gettext("Met %(more)s meer had dit plan geld gekregen.", more=more)]
    score, enough = story.outcome.score, story.outcome.score[id] + number
    passed = [other for other in story.options if max(score[id], enough - 1) <= score[other] < enough]
    passed = [other for other in passed if other != id]
    level = [other for other in story.options if score[other] == enough]
    later = {step.option for step in story.steps("more")}
    if passed and not level and later.issuperset(passed):
        return [
            gettext(
                "Met %(more)s meer had dit plan geld gekregen: dan was het in de tweede ronde eerder aan de beurt"
                " geweest dan %(names)s, toen er nog genoeg geld was.",
                more=more,
                names=story.names(passed),
            )
        ]
    capped = _capped(story, id)
    if passed and not level and capped:
        return [
            gettext(
                "Met %(more)s meer had dit plan geld gekregen: dan was het eerder aan de beurt geweest dan %(names)s,"
                " toen er nog genoeg geld was, ook voor “%(group)s”.",
                more=more,
                names=story.names(passed),
                group=capped,
            )
        ]
    if passed and not level:  # with fewer it had not passed these
        return [
            gettext(
                "Met %(more)s meer had dit plan geld gekregen: dan was het eerder aan de beurt geweest dan %(names)s,"
                " toen er nog genoeg geld was.",
                more=more,
                names=story.names(passed),
            )
        ]
    return [
        gettext(
            "Met %(more)s meer had dit plan geld gekregen: dan was het eerder aan de beurt geweest, toen er nog"
            " genoeg geld was.",
            more=more,
        )
    ]


# -- why, under the heading of an option --------------------------------------------------------------


def reasons(story: Story, told: Sequence[Step]) -> Reasons:
    """Return why an option won or not, in a sentence or two; and what stands behind that, for who asks."""
    why: list[str] = []
    more: list[str] = []
    for step in told:
        words = Words(story, step, gettext("Dit plan"))
        match step.kind:
            case "won" if "left" in words:
                why.append(
                    gettext("Paste meteen.")
                )  # in what, is told once (`how`); what it left, in a table (`course`)
            case "more" if "left" in words:
                more = [*why, *more, _from_the_rest(words)]
                why = [_late(step.kind for step in told)]  # what came before is no longer why
            case "no-money" if "left" in words:
                why += [_dearer(words), *_beyond_caps(words), *_rest_too_small(words)]
            case "theme-full" | "place-full" if "left" in words:
                why += [_over_the_cap(words), *_rest_too_small(words)]
                more.append(_cap(words))
            case _:
                why.append(SENTENCES[step.kind](words))
    return why, more


def _late(kinds: Iterable[str]) -> str:
    if full := {"theme-full", "place-full"} & set(kinds):
        return gettext(
            "Paste in de eerste ronde niet binnen de grens van het %(group)s. Kreeg geld in de tweede ronde.",
            group=_group(full),
        )
    return gettext("Paste in de eerste ronde niet. Kreeg geld in de tweede ronde.")


def _from_the_rest(words: Words) -> str:
    before = words.story.money(words.exact("left") + words.exact("cost"))
    return gettext(
        "Toen dit plan in de tweede ronde aan de beurt kwam, was er nog %(before)s. Daarna was er nog %(left)s.",
        before=before,
        left=words.money("left"),
    )


def _dearer(words: Words) -> str:
    facts = {
        "left": words.money("left"),
        "short": words.story.money(words.exact("cost") - words.exact("left")),
    }
    if words.story.steps("more"):
        return gettext(
            "Paste in de eerste ronde niet: er was nog %(left)s. Dat is %(short)s te weinig.", **facts
        )
    return gettext("Paste niet: er was nog %(left)s. Dat is %(short)s te weinig.", **facts)


def _over_the_cap(words: Words) -> str:
    facts = {
        "group": words.text("name"),
        "left": words.money("left"),
        "short": words.story.money(words.exact("cost") - words.exact("left")),
    }
    if words.id in words.story.outcome.winners:  # in the second round
        return gettext(
            "In de eerste ronde was voor “%(group)s” nog %(left)s over. Dat is %(short)s te weinig.", **facts
        )
    if words.story.steps("more"):
        return gettext(
            "Paste in de eerste ronde niet: voor “%(group)s” was nog %(left)s over. Dat is %(short)s te weinig.",
            **facts,
        )
    return gettext("Paste niet: voor “%(group)s” was nog %(left)s over. Dat is %(short)s te weinig.", **facts)


def _cap(words: Words) -> str:
    return gettext(
        "De grens voor “%(group)s” is %(cap)s. Daarvan was al %(spent)s gegeven.",
        group=words.text("name"),
        cap=words.money("cap"),
        spent=words.story.money(words.exact("cap") - words.exact("left")),
    )


def _capped(story: Story, id: str) -> str:
    """Return the theme or place whose limit an option was too dear for; or nothing."""
    full = [step for step in story.steps_of(id) if step.kind in ("theme-full", "place-full")]
    if full:
        return Words(story, full[0]).text("name")
    lost = [step for step in story.steps_of(id) if step.kind == "no-money" and "left" in step.values]
    beyond = _beyond(Words(story, lost[0])) if lost else []
    return beyond[0][0] if beyond else ""


def _beyond_caps(words: Words) -> list[str]:
    """Return the limits that a plan for which there was no money was too dear for as well, where that is certain."""
    return [
        gettext(
            "Ook voor “%(group)s” was te weinig over: %(left)s.", group=name, left=words.story.money(rest)
        )
        for name, rest in _beyond(words)
    ]


def _beyond(words: Words) -> list[tuple[str, Money]]:
    """Return those limits: the name of the theme or place, and what was left of its money."""
    story, option, cost = words.story, words.story.options[words.id], words.exact("cost")
    won = [Words(story, step) for step in story.steps("won")]
    if story.outcome.ties or any("left" not in other for other in won):  # a lot may decide who paid before it
        return []
    said = []
    for (kind, name), cap in _known_caps(story).items():
        if name != (option.theme if kind == "theme" else option.place):
            continue
        others = [story.options[other.id] for other in won]
        mine = [other for other in others if (other.theme if kind == "theme" else other.place) == name]
        score = story.outcome.score
        if any(score[other.id] == score[option.id] for other in mine):
            continue
        rest = cap - sum(other.cost for other in mine if score[other.id] > score[option.id])
        if cost > rest:
            said.append((name, rest))
    return said


def _rest_too_small(words: Words) -> list[str]:
    """Return why a plan that did not fit at first got nothing of what was left either, where that is certain.

    Who stands before it in the order has had its turn of what is left; of equals it is not said who that was.
    """
    story, score = words.story, words.story.outcome.score
    lifted = [Words(story, step) for step in story.steps("more")]
    if words.id in story.outcome.winners or not lifted or any("left" not in other for other in lifted):
        return []
    if any(score[other.id] == score[words.id] for other in lifted):
        return []
    before = [other for other in lifted if score[other.id] > score[words.id]]
    left = before[-1].exact("left") if before else lifted[0].exact("left") + lifted[0].exact("cost")
    if left >= words.exact("cost"):
        return []
    if not before:
        return [
            gettext(
                "Ook in de tweede ronde paste het niet: toen was er nog %(left)s.",
                left=story.money(left),
            )
        ]
    return [
        ngettext(
            "Ook in de tweede ronde paste het niet: toen was er nog %(left)s, nadat %(names)s %(given)s had gekregen.",
            "Ook in de tweede ronde paste het niet: toen was er nog %(left)s, nadat %(names)s samen %(given)s hadden"
            " gekregen.",
            len(before),
            left=story.money(left),
            names=story.names([other.id for other in before]),
            given=story.money(sum(other.exact("cost") for other in before)),
        )
    ]


# -- a sentence for each kind of step ----------------------------------------------------------------


def _won(words: Words) -> str:
    if "left" not in words:
        return gettext("%(name)s krijgt geld, hoe er ook wordt geloot.", name=words.named)
    before = words.story.money(words.exact("left") + words.exact("cost"))
    return gettext(
        "%(name)s krijgt geld: er was nog %(before)s. Daarna was er nog %(left)s.",
        name=words.named,
        before=before,
        left=words.money("left"),
    )


def more(words: Words) -> str:
    """Return the sentence of an option that is funded from what was left over."""
    if "left" not in words:
        return gettext(
            "%(name)s krijgt alsnog geld, van wat aan het eind over was, hoe er ook wordt geloot.",
            name=words.named,
        )
    before = words.story.money(words.exact("left") + words.exact("cost"))
    return gettext(
        "%(name)s krijgt alsnog geld, van wat aan het eind over was: dat was nog %(before)s."
        " Daarna was er nog %(left)s.",
        name=words.named,
        before=before,
        left=words.money("left"),
    )


def _part(words: Words) -> str:
    facts = {"name": words.named, "amount": words.money("amount"), "cost": words.money("cost")}
    if words.exact("amount") == words.exact("cost"):
        return gettext("%(name)s krijgt wat over was: %(amount)s, genoeg voor het hele plan.", **facts)
    return gettext("%(name)s krijgt wat over was: %(amount)s van de %(cost)s die het plan kost.", **facts)


def _no_money(words: Words) -> str:
    cost = words.money("cost")
    if "left" not in words:
        return gettext(
            "%(name)s past niet meer: zoveel als het plan kost (%(cost)s), is er niet.",
            name=words.named,
            cost=cost,
        )
    return gettext(
        "%(name)s past niet meer: het plan kost %(cost)s en er was nog %(left)s. Dat is %(short)s te weinig.",
        name=words.named,
        cost=cost,
        left=words.money("left"),
        short=words.story.money(words.exact("cost") - words.exact("left")),
    )


def _cap_full(words: Words) -> str:
    text = gettext(
        "%(name)s past niet binnen de grens voor “%(group)s”. Die grens is %(cap)s.",
        name=words.named,
        cap=words.money("cap"),
        group=words.text("name"),
    )
    if "left" in words:
        text += " " + gettext(
            "Daarvan was nog %(left)s over en het plan kost %(cost)s.",
            left=words.money("left"),
            cost=words.money("cost"),
        )
    return text


def _no_room(words: Words) -> str:
    return gettext("%(name)s past niet meer, hoe er ook wordt geloot.", name=words.named)


def _after_stop(words: Words) -> str:
    return gettext(
        "%(name)s krijgt geen geld: de verdeling was al gestopt bij een plan dat niet paste.",
        name=words.named,
    )


def _under_threshold(words: Words) -> str:
    return gettext(
        "%(name)s krijgt geen geld: minstens %(least)s was nodig. Dat is %(short)s te weinig.",
        name=words.named,
        least=words.score("threshold"),
        short=words.score("short"),
    )


def tie(words: Words) -> str:
    """Return the sentence of equals between which a lot has to choose, and what that decides."""
    text = gettext("%(names)s staan gelijk (%(score)s).", names=words.names(), score=words.score())
    most, all = words.number("most"), words.number("all")
    if _is_about_a_part(words):
        rest = gettext(
            "Wat over is, is voor geen van hen genoeg. Een loting bepaalt wie het krijgt,"
            " als deel van de kosten."
        )
    elif most < all:
        rest = gettext(
            "Er is hier ruimte voor hoogstens %(most)s van de %(all)s. Een loting bepaalt wie voorgaat.",
            most=most,
            all=all,
        )
    else:
        rest = gettext(
            "Of er ruimte is voor alle %(all)s, hangt af van een eerdere loting."
            " Is dat er niet, dan bepaalt een loting wie voorgaat.",
            all=all,
        )
    return f"{text} {rest}"


def _is_about_a_part(words: Words) -> bool:
    """Return whether the lot can only be about a part of the cost: none of them fits in what is left."""
    left = words.story.outcome.left
    options = words.story.options
    return (
        left is not None
        and len(words.story.outcome.ties) == 1
        and all(id in options and options[id].cost > left for id in words.ids())
    )


def depends(words: Words) -> str:
    """Return the sentence of an option whose fate hangs on a lot between others."""
    return gettext(
        "%(name)s moet wachten: of er geld voor is, hangt af van een loting tussen andere plannen.",
        name=words.named,
    )


def stopped(words: Words) -> str:
    """Return the sentence of a tie that is too large to work out."""
    return gettext(
        "Er staan te veel plannen gelijk om elke loting na te gaan."
        " Voor %(names)s en voor wat daarna komt, beslist de loting.",
        names=words.names() if words.ids() else gettext("deze plannen"),
    )


def left(words: Words) -> str:
    """Return the sentence of what is left of the budget."""
    if not words.exact("left"):
        return gettext("Het hele budget van %(budget)s is verdeeld.", budget=words.money("budget"))
    if words.story.outcome.ties:
        return gettext(
            "Van het budget van %(budget)s is %(left)s nog niet verdeeld.",
            budget=words.money("budget"),
            left=words.money("left"),
        )
    return gettext(
        "Van het budget van %(budget)s is %(left)s over.",
        budget=words.money("budget"),
        left=words.money("left"),
    )


SENTENCES: Sentences = {
    "won": _won,
    "more": more,
    "part": _part,
    "no-money": _no_money,
    "theme-full": _cap_full,
    "place-full": _cap_full,
    "no-room": _no_room,
    "after-stop": _after_stop,
    "under-threshold": _under_threshold,
    "tie": tie,
    "depends": depends,
    "stopped": stopped,
    "left": left,
}
