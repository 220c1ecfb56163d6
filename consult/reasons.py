"""PURE. Why people are for or against a plan: the arguments, and the points that weigh.

Residents send points; the regiegroep gathers them into a few; the paper asks which weighs most. That is a
question of its own, and decides nothing: the regiegroep answers those that were chosen most.

What is frozen of it stands in the terms: the question is the second, and `about` holds how many points were
sent (`points sent`), how many were set aside and why (`points aside: WHY`), and how often each was heard
(`heard ID`). Pages read it from there (`told`).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ballots.counting.majority import Quorum
from ballots.counting.outcome import Outcome
from ballots.counting.plurality import PluralityRule
from ballots.definition import Terms
from ballots.paper import Kind, Option, Question
from ballots.words import N_
from consult.sentences import Sentence

MOST_WORDS = 90  # of the arguments for and against, so that both are read
LIKE = 5  # the shorter argument may be one such part of the longer one shorter
LONGEST_SENT = 280  # characters of a point as it is sent
LONGEST = 80  # characters of a point on the paper
FEWEST, MOST = 4, 8  # points on the paper
ANSWERED = 3  # points that are answered: those chosen most, and who is level with the last of them
LONGEST_ANSWER = 280  # characters

WEIGHS = N_("Wat weegt voor u het zwaarst?")
# Equals stand in the order of the paper: nothing is won, so no lot is drawn.
RULE = PluralityRule(Quorum.NONE, tie_order=("paper-order",))


class AgainstFrom(StrEnum):
    """Where the argument against comes from."""

    RESIDENT = "resident"
    POINTS = "points"


class Aside(StrEnum):
    """Why a point that was sent is gathered in none."""

    ELSEWHERE = "elsewhere"  # about something else
    PERSON = "person"  # names or insults somebody
    UNCLEAR = "unclear"


ASIDE: Mapping[Aside, str] = {
    Aside.ELSEWHERE: N_("gaat niet over dit plan"),
    Aside.PERSON: N_("noemt of beledigt iemand"),
    Aside.UNCLEAR: N_("is niet te begrijpen"),
}
AGAINST: Mapping[AgainstFrom, str] = {
    AgainstFrom.RESIDENT: N_("Geschreven door een bewoner die tegen is."),
    AgainstFrom.POINTS: N_("Geschreven op basis van de punten die bewoners stuurden."),
}
IN_FAVOUR = N_("Geschreven door de initiatiefnemer.")


def words(text: str) -> int:
    """Return how many words a text has."""
    return len(text.split())


def unfair(in_favour: str, against: str) -> tuple[Sentence, ...]:
    """Return what makes two arguments that are there unlike: each has at most 90 words, and both are about as long."""
    long = [
        Sentence(text, {"words": number, "most": MOST_WORDS})
        for text, number in (
            (N_("argumenten voor van hoogstens %(most)d woorden (nu %(words)d)"), words(in_favour)),
            (N_("argumenten tegen van hoogstens %(most)d woorden (nu %(words)d)"), words(against)),
        )
        if number > MOST_WORDS
    ]
    shorter, longer = sorted((words(in_favour), words(against)))
    if LIKE * (longer - shorter) > longer:
        text = N_(
            "argumenten die ongeveer even lang zijn: nu %(in_favour)d woorden voor en %(against)d woorden tegen. "
            "De kortste mag hoogstens een vijfde korter zijn"
        )
        long.append(Sentence(text, {"in_favour": words(in_favour), "against": words(against)}))
    return tuple(long)


def ungathered(heard: Mapping[int, int], waiting: int) -> tuple[Sentence, ...]:
    """Return what is still to be done about points: `heard`, how often each was heard; `waiting`, of how many nobody
    decided yet.

    Where everything was set aside there are none, and the paper asks nothing about them.
    """
    lacking = []
    if waiting:
        lacking.append(
            Sentence(N_("een plek voor elk punt van bewoners (er wachten er %(num)d)"), {"num": waiting})
        )
    if heard and not FEWEST <= len(heard) <= MOST:
        text = N_("%(fewest)d tot en met %(most)d punten voor op het stembiljet (nu %(num)d)")
        lacking.append(Sentence(text, {"fewest": FEWEST, "most": MOST, "num": len(heard)}))
    if unheard := [str(number) for number, times in heard.items() if not times]:
        text = N_(
            "een bewoner die het stuurde bij punt %(numbers)s: een punt dat niemand stuurde, kan er niet bij"
        )
        lacking.append(Sentence(text, {"numbers": ", ".join(unheard)}))
    return tuple(lacking)


def id_of(number: int) -> str:
    """Return the id on the paper of the point with this number."""
    return f"p{number}"


def question(points: Mapping[int, str]) -> Question:
    """Return what the paper asks about these points: one of them, or none at all."""
    options = tuple(Option(id_of(number), text) for number, text in points.items())
    return Question(WEIGHS, Kind.CHOOSE_ONE, options, least=0, shuffled=True)


def about(sent: int, aside: Mapping[str, int], heard: Mapping[int, int]) -> dict[str, str]:
    """Return what is frozen about the points beside the question; values are numbers as text."""
    return {
        "points sent": str(sent),
        **{f"points aside: {why}": str(number) for why, number in sorted(aside.items())},
        **{f"heard {id_of(number)}": str(times) for number, times in heard.items()},
    }


@dataclass(frozen=True)
class Weighed:
    """A point on the paper: how often it was heard before, and chosen on the paper (None before the count)."""

    id: str
    text: str
    heard: int
    chosen: int | None


@dataclass(frozen=True)
class Told:
    """What came of the points of a consultation.

    `sent`: how many there were. `aside`: how many of them were set aside, by why. `points`: those chosen most
    first, or before the count those heard most. `unsaid`: how many voters chose none.
    """

    sent: int
    aside: Mapping[Aside, int]
    points: tuple[Weighed, ...]
    unsaid: int | None


def told(terms: Terms, outcomes: Sequence[Outcome] = ()) -> Told | None:
    """Return what is frozen about the points, with what was chosen once it is counted; None where nobody was asked."""
    facts = terms.about
    if "points sent" not in facts:
        return None
    asked = terms.questions[1:2]
    votes = outcomes[1].votes if outcomes and asked else None
    points = [
        Weighed(
            option.id, option.label, int(facts[f"heard {option.id}"]), votes[option.id] if votes else None
        )
        for each in asked
        for option in each.options
    ]
    points.sort(key=lambda point: (-(point.chosen or 0), -point.heard))
    aside = {why: int(facts[f"points aside: {why}"]) for why in Aside if f"points aside: {why}" in facts}
    unsaid = sum(votes.values()) - sum(point.chosen or 0 for point in points) if votes else None
    return Told(int(facts["points sent"]), aside, tuple(points), unsaid)


def weightiest(told: Told | None) -> tuple[Weighed, ...]:
    """Return the points to answer: the three chosen most, and whatever was chosen as often as the third.

    One that nobody chose needs no answer.
    """
    chosen = [point for point in told.points if point.chosen] if told else []
    last = chosen[:ANSWERED][-1].chosen if chosen else None
    return tuple(point for point in chosen if last is not None and (point.chosen or 0) >= last)


def unanswered(points: Collection[Weighed], answers: Mapping[str, str]) -> tuple[Weighed, ...]:
    """Return the points that have no answer yet."""
    return tuple(point for point in points if not answers.get(point.id, "").strip())
