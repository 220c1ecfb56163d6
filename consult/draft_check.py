"""PURE. What is missing or wrong in a draft of a question, field by field, in the office's words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ballots.counting.count import NobodyCanAnswer, RuleUnfit
from ballots.counting.count import check as fit
from ballots.counting.greedy import Leftover
from ballots.counting.majority import Quorum
from ballots.money import euros
from ballots.paper import Kind
from ballots.words import N_
from consult import quorums
from consult.drafts import DIVIDES, WEIGHS, Draft, Way, Weight, made, ways
from consult.option_lines import LONGEST
from consult.sentences import Sentence

MOST_OPTIONS = 200
MOST_PLACES = 20  # of a ranking; nobody ranks more, and every place is a line in every list on the page
MOST_POINTS = 1_000_000
LONGEST_TEXT = 240


class Page(StrEnum):
    """The pages of a question in the office, one subject each."""

    TEXT = "text"
    OPTIONS = "options"
    LIMITS = "limits"
    WAY = "way"
    RULE = "rule"


@dataclass(frozen=True)
class Wrong:
    """A field of a page that is empty or wrong, and the sentence that says so.

    Where a page has the field more than once, `row` says which of the options (0, 1, …) and `of` which
    of its cells, or `of` alone which theme or place.
    """

    page: Page
    field: str
    why: Sentence
    of: str = ""
    row: int | None = None


CHOOSE = Sentence(N_("Kies een van de mogelijkheden."))
FILL = Sentence(N_("Vul dit in."))


def pages(draft: Draft) -> tuple[Page, ...]:
    """Return the pages this question has, in order; the others have nothing to ask."""
    if draft.kind is None:
        return (Page.TEXT,)
    if draft.kind is Kind.YES_NO:
        return (Page.TEXT, Page.WAY, Page.RULE)
    if draft.kind is Kind.CHOOSE_ONE:
        return (Page.TEXT, Page.OPTIONS, Page.WAY, Page.RULE)
    return tuple(Page)


def check(draft: Draft) -> tuple[Wrong, ...]:
    """Return everything that is missing or wrong; nothing when the draft can be frozen."""
    found = [*_text(draft)]
    asked = pages(draft)
    if Page.OPTIONS in asked:
        found += _options(draft)
    if Page.LIMITS in asked:
        found += _limits(draft)
    if Page.RULE in asked:
        found += _way(draft)
        if draft.way:
            found += _rule(draft)
    if not found:  # the machine's own word, so that the freeze is never a surprise
        try:
            fit(*made(draft))
        except NobodyCanAnswer as refusal:
            found.append(Wrong(Page.LIMITS, "least", Sentence(refusal.text)))
        except RuleUnfit as refusal:
            found.append(Wrong(Page.WAY, "way", Sentence(refusal.text)))
    return tuple(found)


def _text(draft: Draft) -> Iterator[Wrong]:
    if not draft.text.strip():
        yield Wrong(Page.TEXT, "text", FILL)
    elif len(draft.text) > LONGEST_TEXT:
        why = Sentence(N_("Maak de vraag korter: hoogstens %(most)d tekens."), {"most": LONGEST_TEXT})
        yield Wrong(Page.TEXT, "text", why)
    if draft.kind is None:
        yield Wrong(Page.TEXT, "kind", CHOOSE)


def _options(draft: Draft) -> Iterator[Wrong]:
    def wrong(text: str, row: int | None = None, cell: str = "", **values: object) -> Wrong:
        return Wrong(Page.OPTIONS, "options", Sentence(text, values), cell, row)

    if len(draft.options) < 2:
        yield wrong(N_("Zet minstens twee mogelijkheden op het biljet."))
    if len(draft.options) > MOST_OPTIONS:
        yield wrong(N_("Er passen hoogstens %(most)d mogelijkheden op een biljet."), most=MOST_OPTIONS)
    for row, each in enumerate(draft.options):
        if not each.label:
            yield wrong(N_("Elke mogelijkheid heeft een naam nodig."), row, "label")
    if any(len(getattr(each, name)) > most for each in draft.options for name, most in LONGEST.items()):
        yield wrong(N_("Een naam, thema of plek is te lang."))
    seen = set[str]()
    for row, each in enumerate(draft.options):
        if each.label and each.label.casefold() in seen:
            text = N_("“%(label)s” staat er meer dan één keer. Geef elk een eigen naam.")
            yield wrong(text, row, "label", label=each.label)
        seen.add(each.label.casefold())
    if draft.kind is Kind.BASKET or draft.way in DIVIDES:
        for row, each in enumerate(draft.options):
            if not each.cost:
                text = N_("“%(label)s” heeft nog geen bedrag. Dat is nodig.")
                yield wrong(text, row, "cost", label=each.label)
    if draft.shuffled is None:
        yield Wrong(Page.OPTIONS, "shuffled", CHOOSE)


def _limits(draft: Draft) -> Iterator[Wrong]:
    size = len(draft.options)

    def wrong(field: str, text: str, **values: object) -> Wrong:
        return Wrong(Page.LIMITS, field, Sentence(text, values))

    if draft.least is None:
        yield Wrong(Page.LIMITS, "least", FILL)
    elif not 1 <= draft.least <= size:
        yield wrong("least", N_("Kies een getal van 1 tot en met %(most)d."), most=size)
    if not draft.unbounded:
        if draft.most is None:
            yield wrong("most", N_("Vul in hoeveel er hoogstens mogen, of kies: zoveel als een bewoner wil."))
        elif not 1 <= draft.most <= size:
            yield wrong("most", N_("Kies een getal van 1 tot en met %(most)d."), most=size)
        elif draft.least and draft.most < draft.least <= size:
            yield wrong(
                "most",
                N_("Hoogstens (%(most)d) is minder dan minstens (%(least)d)."),
                most=draft.most,
                least=draft.least,
            )
    elif draft.most is not None:
        yield wrong(
            "most", N_("U vulde een getal in én koos “zoveel als een bewoner wil”. Kies een van de twee.")
        )
    places = size if draft.unbounded else draft.most
    if draft.kind is Kind.RANKING and (places or 0) > MOST_PLACES:
        yield wrong("most", N_("Meer dan %(most)d plaatsen invullen doet niemand."), most=MOST_PLACES)
    if draft.kind in (Kind.APPROVE, Kind.BASKET):
        yield from _theme_most(draft)
    if draft.kind is Kind.BASKET:
        yield from _basket(draft)
    if draft.kind is Kind.POINTS:
        yield from _points(draft)


def _theme_most(draft: Draft) -> Iterator[Wrong]:
    yield from _gone(Page.LIMITS, "theme_most", draft.theme_most, draft.themes)
    if low := [theme for theme, most in draft.theme_most.items() if most < 1]:
        why = Sentence(N_("Een grens per thema is 1 of meer. Geen grens? Laat leeg."))
        yield from (Wrong(Page.LIMITS, "theme_most", why, theme) for theme in low)
        return
    reachable = 0
    for theme in ("", *draft.themes):
        there = sum(each.theme == theme for each in draft.options)
        reachable += min(there, draft.theme_most.get(theme, there))
    if draft.least and draft.options and draft.least > reachable:
        yield Wrong(
            Page.LIMITS,
            "theme_most",
            Sentence(
                N_(
                    "Met deze grenzen kan een bewoner er hoogstens %(most)d kiezen, en minstens %(least)d moet."
                ),
                {"most": reachable, "least": draft.least},
            ),
        )


def _basket(draft: Draft) -> Iterator[Wrong]:
    yield from _gone(Page.LIMITS, "theme_budget", draft.theme_budget, draft.themes)
    cheapest = sorted(each.cost or 0 for each in draft.options)[: draft.least or 1]
    for each in draft.options:
        limit = min(draft.theme_budget.get(each.theme, each.cost or 0), draft.budget or each.cost or 0)
        if each.cost and each.cost > limit:
            why = N_("“%(label)s” kost %(cost)s. Met %(limit)s kan niemand dit kiezen.")
            values = {"label": each.label, "cost": euros(each.cost), "limit": euros(limit)}
            field = "budget" if draft.budget and each.cost > draft.budget else "theme_budget"
            yield Wrong(Page.LIMITS, field, Sentence(why, values), each.theme if field != "budget" else "")
    if draft.budget is None:
        if not draft.theme_budget:
            why = N_("Vul het bedrag in waarmee een bewoner kiest, of hieronder een bedrag per thema.")
            yield Wrong(Page.LIMITS, "budget", Sentence(why))
    elif draft.budget < sum(cheapest):
        why = N_("Hiermee kan een bewoner niets kiezen: nodig is minstens %(amount)s.")
        yield Wrong(Page.LIMITS, "budget", Sentence(why, {"amount": euros(sum(cheapest))}))


def _points(draft: Draft) -> Iterator[Wrong]:
    def wrong(field: str, text: str, **values: object) -> Wrong:
        return Wrong(Page.LIMITS, field, Sentence(text, values))

    total = draft.points_sum
    if total is None:
        yield Wrong(Page.LIMITS, "points_sum", FILL)
    elif not 1 <= total <= MOST_POINTS:
        yield wrong("points_sum", N_("Kies een getal van 1 tot en met %(most)d."), most=MOST_POINTS)
    for name in ("points_least", "points_each"):
        value = getattr(draft, name)
        if value is None:
            yield Wrong(Page.LIMITS, name, FILL)
        elif total and not 1 <= value <= total:
            yield wrong(name, N_("Kies een getal van 1 tot en met %(most)d."), most=total)
    most = len(draft.options) if draft.unbounded else draft.most
    if most and draft.points_each and draft.points_least and draft.points_least > draft.points_each * most:
        yield wrong(
            "points_least",
            N_("Zoveel punten kan een bewoner niet kwijt: hoogstens %(most)d."),
            most=draft.points_each * most,
        )
    if draft.least and total and draft.least > total:
        yield wrong("least", N_("Er zijn minder punten dan mogelijkheden die een bewoner moet kiezen."))


def _way(draft: Draft) -> Iterator[Wrong]:
    assert draft.kind is not None
    if draft.way is None:
        yield Wrong(Page.WAY, "way", CHOOSE)
    elif draft.way not in ways(draft.kind):
        why = N_("Deze telregel past niet bij dit soort stembiljet. Kies een andere regel.")
        yield Wrong(Page.WAY, "way", Sentence(why))


def _rule(draft: Draft) -> Iterator[Wrong]:
    if draft.way is Way.MAJORITY:
        yield from _lacking(quorums.missing_majority(draft))
        yield from _percent(draft)
        return
    if draft.way is Way.PLURALITY:
        yield from _lacking(quorums.missing_quorum(draft))
        yield from _percent(draft)
    if draft.way in DIVIDES:
        yield from _pot(draft)
    if draft.way is Way.GREEDY:
        yield from _greedy(draft)
    if draft.way is Way.EQUAL_SHARES:
        yield from _chosen(draft, "utility", "completion")
    yield from _chosen(draft, "tie_order")
    if draft.way in WEIGHS:
        yield from _chosen(draft, "weight")
    if draft.kind in (Kind.POINTS, Kind.RANKING) and draft.weight is Weight.HALF_OF_VOTERS:
        why = N_(
            "Bij punten en plaatsen kan dit niet. Neem het deel van alle punten, of tel alles even zwaar."
        )
        yield Wrong(Page.RULE, "weight", Sentence(why))


def _lacking(missing: Mapping[str, str]) -> Iterator[Wrong]:
    for name in missing:
        yield Wrong(Page.RULE, name, FILL if name == "quorum_percent" else CHOOSE)


def _percent(draft: Draft) -> Iterator[Wrong]:
    asked = draft.quorum not in (None, Quorum.NONE) and draft.quorum_percent is not None
    if asked and not 1 <= (draft.quorum_percent or 0) <= 100:
        why = Sentence(N_("Kies een getal van 1 tot en met %(most)d."), {"most": 100})
        yield Wrong(Page.RULE, "quorum_percent", why)


def _chosen(draft: Draft, *names: str) -> Iterator[Wrong]:
    for name in names:
        if getattr(draft, name) is None:
            yield Wrong(Page.RULE, name, CHOOSE)


def _pot(draft: Draft) -> Iterator[Wrong]:
    if draft.pot is None:
        yield Wrong(Page.RULE, "pot", FILL)
    elif draft.pot < 1:
        yield Wrong(Page.RULE, "pot", Sentence(N_("Vul een bedrag in dat groter is dan nul.")))
    elif draft.options and all((each.cost or 0) > draft.pot for each in draft.options):
        yield Wrong(Page.RULE, "pot", Sentence(N_("Elke mogelijkheid kost meer dan dit bedrag.")))


def _greedy(draft: Draft) -> Iterator[Wrong]:
    yield from _gone(Page.RULE, "theme_caps", draft.theme_caps, draft.themes)
    yield from _gone(Page.RULE, "place_caps", draft.place_caps, draft.places)
    yield from _hollow(draft, "theme_caps", draft.theme_caps, [each.theme for each in draft.options])
    yield from _hollow(draft, "place_caps", draft.place_caps, [each.place for each in draft.options])
    yield from _chosen(draft, "skip", "leftover")
    if draft.skip is False and draft.leftover is Leftover.MORE:
        why = N_(
            "U stopt bij het eerste plan dat niet past. Dan kan er daarna niets meer bij. Kies iets anders."
        )
        yield Wrong(Page.RULE, "leftover", Sentence(why))
    if draft.threshold is None:
        yield Wrong(Page.RULE, "threshold", FILL)
    elif draft.threshold < 0:
        yield Wrong(Page.RULE, "threshold", Sentence(N_("Vul 0 in, of meer.")))
    elif draft.threshold and draft.weight not in (None, Weight.ALIKE):
        why = N_(
            "Tellen papier en online elk voor de helft? Dan kan er geen grens in stemmen zijn. Vul 0 in."
        )
        yield Wrong(Page.RULE, "threshold", Sentence(why))


def _hollow(draft: Draft, field: str, caps: Mapping[str, int], names: list[str]) -> Iterator[Wrong]:
    """Yield caps under which nothing can win, and caps that are no cap at all."""
    for name, cap in caps.items():
        costs = [each.cost or 0 for each, its in zip(draft.options, names, strict=True) if its == name]
        if costs and min(costs) > cap:
            why = N_("Met %(cap)s voor “%(name)s” kan daar niets winnen: alles kost meer.")
        elif draft.pot and cap > draft.pot:
            why = N_("%(cap)s voor “%(name)s” is meer dan er te verdelen is. Laat leeg, of kies minder.")
        else:
            continue
        yield Wrong(Page.RULE, field, Sentence(why, {"cap": euros(cap), "name": name}), name)


def _gone(page: Page, field: str, limits: Mapping[str, int], names: tuple[str, ...]) -> Iterator[Wrong]:
    """Yield limits of a theme or place that no option has any more: nobody chose to lift them."""
    for name in limits:
        if name not in names:
            why = N_(
                "Er is een grens voor “%(name)s”, maar geen mogelijkheid heet nog zo. Kijk de grenzen na."
            )
            yield Wrong(page, field, Sentence(why, {"name": name}))
