"""PURE. A frozen question and its rule in words: the same sentences before freezing, on the page and in the report."""

from collections.abc import Iterator, Mapping
from functools import singledispatch

from ballots.counting.channels import Part
from ballots.counting.count import Rule, WeighedRule
from ballots.counting.equal_shares import Completion, EqualSharesRule
from ballots.counting.greedy import GreedyRule, Leftover
from ballots.counting.majority import Base, Majority, MajorityRule, MissedQuorum, Quorum
from ballots.counting.plurality import PluralityRule
from ballots.counting.ranked import Method, RankedRule
from ballots.counting.ties import TieKey
from ballots.explaining import idea
from ballots.money import euros
from ballots.paper import Kind, Money, Question
from ballots.words import N_
from consult.sentences import Sentence

Sentences = Iterator[Sentence]
TOGETHER = N_(
    "Zijn er op papier of online minder dan %(floor)d stemmen? Dan tellen alle stemmen samen, elk even zwaar. "
    "Zo blijft geheim wie wat stemde."
)


WEIGHS = (
    Sentence(N_("Deze vraag telt niet mee voor de uitslag. We tellen alleen hoe vaak elk punt is gekozen.")),
    Sentence(
        N_("Als de regiegroep beslist, geeft zij antwoord op de drie punten die het meest zijn gekozen.")
    ),
)


def choosing(question: Question) -> tuple[Sentence, ...]:
    """Return what a voter may do on this paper, a sentence a limit."""
    return tuple(_choosing(question))


def counting(question: Question, rule: Rule, floor: int, awards: bool = False) -> tuple[Sentence, ...]:
    """Return how it is counted, a sentence a choice that was made.

    `floor`: with fewer ballots than this in a channel the channels are not kept apart. `awards`: the outcome
    is advice to the regiegroep, which may then award a plan.
    """
    if awards and not isinstance(
        rule, MajorityRule
    ):  # beside the question about the plan, this one decides nothing
        return WEIGHS
    said = tuple(_rule(rule, question, awards))
    if isinstance(rule, WeighedRule):
        said = (*said, Sentence(TOGETHER, {"floor": floor}))
    return (*said, Sentence(N_("De uitslag is een advies aan de regiegroep."))) if awards else said


# -- the paper ---------------------------------------------------------------------------------------


def _choosing(question: Question) -> Sentences:
    match question.kind:
        case Kind.YES_NO:
            yield Sentence(N_("U kiest voor, tegen of blanco."))
            return
        case Kind.CHOOSE_ONE if question.least == 0:
            yield Sentence(N_("U kunt er één kiezen. U mag deze vraag ook overslaan."))
        case Kind.CHOOSE_ONE:
            yield Sentence(N_("U kiest er één."))
        case Kind.POINTS:
            yield from _points(question)
        case _:
            yield _number(question)
    for theme, most in question.theme_most.items():
        yield Sentence(N_("Van “%(theme)s” kiest u er hoogstens %(most)d."), {"theme": theme, "most": most})
    if question.budget is not None:
        yield Sentence(
            N_("Wat u kiest, kost samen hoogstens %(amount)s."), {"amount": _money(question.budget)}
        )
    for theme, budget in question.theme_budget.items():
        text = N_("Wat u van “%(theme)s” kiest, kost samen hoogstens %(amount)s.")
        yield Sentence(text, {"theme": theme, "amount": _money(budget)})
    if question.least:
        yield Sentence(N_("U mag ook blanco stemmen."))
    if question.shuffled:
        yield Sentence(
            N_("Elke bewoner ziet de mogelijkheden in een andere volgorde. Dat maakt de kansen gelijk.")
        )


def _number(question: Question) -> Sentence:
    values = {"least": question.least, "most": question.most}
    ranks = question.kind is Kind.RANKING
    if question.least == question.most:
        return Sentence(
            N_("U zet er precies %(most)d op volgorde. Bovenaan staat wat u het liefst wilt.")
            if ranks
            else N_("U kiest er precies %(most)d."),
            values,
        )
    if question.least == 1 and question.most == len(question.options):
        return Sentence(
            N_("U zet er zoveel op volgorde als u wilt. Bovenaan staat wat u het liefst wilt.")
            if ranks
            else N_("U kiest er zoveel als u wilt."),
        )
    return Sentence(
        N_("U zet er %(least)d tot en met %(most)d op volgorde. Bovenaan staat wat u het liefst wilt.")
        if ranks
        else N_("U kiest er minstens %(least)d en hoogstens %(most)d."),
        values,
    )


def _points(question: Question) -> Sentences:
    assert question.points is not None
    points = question.points
    yield Sentence(N_("U verdeelt %(sum)d punten."), {"sum": points.sum})
    if points.least == points.sum:
        yield Sentence(N_("U geeft ze allemaal weg."))
    else:
        yield Sentence(N_("U geeft er minstens %(least)d weg."), {"least": points.least})
    if points.each < points.sum:
        yield Sentence(N_("Eén mogelijkheid krijgt er van u hoogstens %(each)d."), {"each": points.each})
    if question.least > 1 or question.most < len(question.options):
        yield Sentence(
            N_("U geeft punten aan minstens %(least)d en hoogstens %(most)d mogelijkheden."),
            {"least": question.least, "most": question.most},
        )


# -- the rules ---------------------------------------------------------------------------------------


@singledispatch
def _rule(rule: object, question: Question, awards: bool) -> Sentences:
    raise TypeError(f"no words for {rule!r}")


@_rule.register
def _majority(rule: MajorityRule, question: Question, awards: bool) -> Sentences:
    if rule.majority is Majority.SIMPLE:
        yield Sentence(
            N_(
                "Er is een meerderheid als er meer stemmen voor zijn dan tegen. Blanco telt daarvoor niet mee."
            )
        )
    else:
        if rule.majority is Majority.ABSOLUTE:
            yield Sentence(N_("Er is een meerderheid als meer dan de helft voor is."))
        else:
            yield Sentence(N_("Er is een meerderheid als minstens twee derde voor is."))
        if rule.base is Base.LETTERS:
            yield Sentence(N_("Dat is gerekend over alle verstuurde brieven."))
        elif rule.blank_in_majority:
            yield Sentence(N_("Dat is gerekend over alle stemmen, met blanco erbij."))
        else:
            yield Sentence(N_("Dat is gerekend over de stemmen voor en tegen. Blanco telt niet mee."))
    yield from _quorum(rule, awards)


def _quorum(rule: MajorityRule | PluralityRule, awards: bool) -> Sentences:
    if rule.quorum is Quorum.NONE:
        yield Sentence(N_("Er is geen drempel."))
        return
    percent = {"percent": str(rule.quorum_share * 100)}
    if rule.quorum is Quorum.TURNOUT:
        yield Sentence(N_("De opkomst moet minstens %(percent)s%% van de brieven zijn."), percent)
        if rule.blank_in_turnout:
            yield Sentence(N_("Blanco telt daarbij mee."))
        else:
            yield Sentence(N_("Blanco telt daarbij niet mee."))
    elif isinstance(rule, MajorityRule):
        yield Sentence(N_("Minstens %(percent)s%% van alle brieven moet voor zijn."), percent)
    else:
        yield Sentence(
            N_("Wat wint, moet stemmen hebben op minstens %(percent)s%% van alle brieven."), percent
        )
    bars = rule.missed_quorum is MissedQuorum.BARS
    if awards and bars:
        yield Sentence(N_("Wordt dat niet gehaald? Dan kan er niets worden toegekend."))
    elif awards:
        yield Sentence(
            N_("Wordt dat niet gehaald? Dan kan de regiegroep toch toekennen, maar zij schrijft op waarom.")
        )
    elif bars and isinstance(rule, MajorityRule):
        yield Sentence(N_("Wordt dat niet gehaald? Dan is het antwoord nee."))
    elif bars:
        yield Sentence(N_("Wordt dat niet gehaald? Dan wint er niets."))
    else:
        yield Sentence(
            N_("Wordt dat niet gehaald? Dan mag de uitslag toch worden gevolgd, met uitleg waarom.")
        )


@_rule.register
def _plurality(rule: PluralityRule, question: Question, awards: bool) -> Sentences:
    yield Sentence(
        {
            Kind.POINTS: N_("De mogelijkheid met de meeste punten wint."),
            Kind.RANKING: N_(
                "Een plek hoger geeft een punt meer. De mogelijkheid met de meeste punten wint."
            ),
        }.get(question.kind, N_("De mogelijkheid met de meeste stemmen wint."))
    )
    yield from _quorum(rule, awards)
    yield from _ties(rule.tie_order)


@_rule.register
def _greedy(rule: GreedyRule, question: Question, awards: bool) -> Sentences:
    yield Sentence(N_("Er is %(amount)s te verdelen."), {"amount": _money(rule.budget)})
    yield Sentence(
        {
            Kind.POINTS: N_("Wie de meeste punten heeft, komt het eerst aan de beurt, daarna de volgende."),
            Kind.RANKING: N_(
                "Een plek hoger geeft een punt meer. Wie de meeste punten heeft, komt het eerst aan de beurt."
            ),
        }.get(
            question.kind, N_("Wie de meeste stemmen heeft, komt het eerst aan de beurt, daarna de volgende.")
        )
    )
    if rule.skip:
        yield Sentence(N_("Past iets niet meer? Dan slaan we het over en kijken we naar de volgende."))
    else:
        yield Sentence(N_("Past iets niet meer? Dan stoppen we daar."))
    if rule.threshold:
        scored = question.kind in (Kind.POINTS, Kind.RANKING)
        yield Sentence(
            N_("Wat van iedereen samen minder dan %(least)s punten krijgt, doet niet mee.")
            if scored
            else N_("Wat minder dan %(least)s stemmen krijgt, doet niet mee."),
            {"least": rule.threshold},
        )
    yield from _caps(rule.theme_caps)
    yield from _caps(rule.place_caps)
    yield Sentence(
        {
            Leftover.NONE: N_("Blijft er geld over? Dan wordt dat niet verdeeld."),
            Leftover.MORE: N_(
                "Blijft er geld over? Dan gaan we nog een keer langs de rij. Alles wat nog past, krijgt dan "
                "ook geld. Grenzen per thema of plek gelden dan niet meer."
            ),
            Leftover.PART: N_(
                "Blijft er geld over? Dan krijgt het eerste plan dat niet paste wat er over is: een deel van "
                "wat het kost."
            ),
        }[rule.leftover]
    )
    yield from _ties(rule.tie_order)


def _caps(caps: Mapping[str, Money]) -> Sentences:
    for name, cap in caps.items():
        yield Sentence(
            N_("Naar “%(name)s” gaat samen hoogstens %(amount)s."), {"name": name, "amount": _money(cap)}
        )


@_rule.register
def _equal_shares(rule: EqualSharesRule, question: Question, awards: bool) -> Sentences:
    yield Sentence(
        N_(
            "Er is %(amount)s te verdelen. In gedachten krijgt elke stemmer daarvan een even groot deel. "
            "Niemand betaalt met eigen geld."
        ),
        {"amount": _money(rule.budget)},
    )
    yield from map(Sentence, (idea.TOGETHER, idea.TURN[rule.utility], idea.NOT_ONLY_VOTES))
    yield Sentence(
        {
            Completion.NONE: N_("Wat zo niet wordt gebruikt, blijft over."),
            Completion.ADD1: N_(
                "Blijft er geld over? Dan tellen we opnieuw, met een deel dat steeds %(step)s groter is, zolang "
                "de gekozen plannen samen kunnen worden betaald."
            ),
            Completion.ADD1U: N_(
                "Blijft er geld over? Dan tellen we opnieuw, met een deel dat steeds %(step)s groter is, zolang "
                "de gekozen plannen samen kunnen worden betaald. "
                "Wat daarna nog past, krijgt ook geld: de meeste stemmen eerst."
            ),
        }[rule.completion],
        {"step": _money(rule.step)},
    )
    yield from _ties(rule.tie_order)


@_rule.register
def _ranked(rule: RankedRule, question: Question, awards: bool) -> Sentences:
    if rule.method is Method.RUN_OFF:
        yield Sentence(N_("Elke stem telt eerst voor wat daarop bovenaan staat."))
        yield Sentence(
            N_(
                "Heeft niets meer dan de helft? Dan valt af wat de minste stemmen heeft. Die stemmen gaan naar "
                "hun volgende keus. Zo gaan we door tot er een winnaar is."
            )
        )
    else:
        yield Sentence(N_("We vergelijken de mogelijkheden twee aan twee: wat staat op meer stemmen hoger?"))
        yield Sentence(
            N_(
                "Wat van alle andere wint, is de winnaar. Is er een kring (A wint van B, B van C, C van A)? "
                "Dan tellen de duidelijkste overwinningen (de methode van Schulze)."
            )
        )
    yield from _ties(rule.tie_order)


@_rule.register
def _weighed(rule: WeighedRule, question: Question, awards: bool) -> Sentences:
    chosen, *rest = _rule(rule.rule, question, awards)
    yield chosen
    if rule.channels.part is Part.BALLOTS:
        part = N_(
            "We kijken welk deel van de mensen op papier iets koos, en welk deel online. Het gemiddelde van die "
            "twee telt."
        )
    else:
        part = N_(
            "We kijken welk deel van alle stemmen op papier iets kreeg, en welk deel online. Het gemiddelde van "
            "die twee telt."
        )
    yield Sentence(
        N_("Papier en online tellen elk voor de helft, hoeveel mensen ook papier of online kozen.")
    )
    yield Sentence(part)
    yield from rest


def _ties(keys: tuple[TieKey, ...]) -> Sentences:
    words = {
        "lower-cost": N_("Staan er twee gelijk? Dan gaat het goedkoopste voor."),
        "more-votes": N_("Staan er twee gelijk? Dan gaat voor wat door meer mensen is gekozen."),
        "paper-order": N_("Staan er twee gelijk? Dan gaat voor wat het eerst in de lijst staat."),
    }
    then = {
        "lower-cost": N_("Is dat ook gelijk? Dan gaat het goedkoopste voor."),
        "more-votes": N_("Is dat ook gelijk? Dan gaat voor wat door meer mensen is gekozen."),
        "paper-order": N_("Is dat ook gelijk? Dan gaat voor wat het eerst in de lijst staat."),
    }
    for place, key in enumerate(keys):
        yield Sentence((then if place else words)[key])
    if "paper-order" not in keys:
        yield Sentence(
            N_("Is dat ook gelijk? Dan wordt er in het openbaar geloot.")
            if keys
            else N_("Staan er twee gelijk? Dan wordt er in het openbaar geloot.")
        )


def _money(amount: Money) -> str:
    return euros(int(amount))
