"""Verbs' questions about a draft: what is still missing, and the terms that would be frozen now."""

from collections import Counter
from datetime import datetime

from sqlalchemy import select

from ballots.counting.count import Rule
from ballots.counting.majority import MajorityRule
from ballots.database import AnySession
from ballots.definition import Custody, Terms, Text, canonical, digest
from ballots.models import Poll
from ballots.money import euros
from ballots.paper import YES_NO_OPTIONS, Kind, Question
from ballots.terms import terms as terms_of
from ballots.words import N_
from consult import draft_check, quorums, reasons, rolls
from consult.days import AMSTERDAM, closes, closes_text, opens
from consult.drafts import Draft, load, made
from consult.models import Consultation, Initiative, Role, Staff
from consult.refusals import FieldMissing
from consult.sentences import Sentence

FLOOR = 10  # with fewer ballots than this none are published: a small count would expose people

MOST_DAYS = 30  # by which voting may be lengthened

# What must be filled in before a consultation can be frozen, and how the office calls it.
DAYS = {
    "first_day": N_("de eerste dag"),
    "last_day": N_("de laatste dag"),
    "lengthen": N_("met hoeveel dagen er verlengd mag worden"),
    "custody": N_("wie de sleutel bewaart"),
}
OF_A_PLAN = {
    "question": N_("de vraag"),
    "summary": N_("in het kort"),
    "in_favour": N_("argumenten voor"),
    "against": N_("argumenten tegen"),
    "if_no": N_("wat er gebeurt als het antwoord nee is"),
    "upkeep": N_("wie het onderhoud betaalt"),
    "against_from": N_("wie de argumenten tegen schreef"),
    **DAYS,
}
OF_A_BALLOT = {
    "title": N_("de titel"),
    "summary": N_("in het kort"),
    "afterwards": N_("wat er met de uitslag gebeurt"),
    **DAYS,
}
ARGUMENTS = ("question", "in_favour", "against", "if_no", "upkeep", "against_from")
SIGNATURE = N_("de handtekening van iemand die geen van beide argumenten schreef")
RULE_OF_A_PLAN = (
    *("majority", "base", "blank_in_majority"),
    *("quorum", "quorum_percent", "blank_in_turnout", "missed_quorum"),
)


def editable(draft: Consultation) -> frozenset[str]:
    """Return the fields that the office writes; nothing else of a draft can be edited."""
    fields = {*OF_A_PLAN, *RULE_OF_A_PLAN} if draft.initiative else {*OF_A_BALLOT}
    return frozenset(fields | {"lengthen"})


def drafts(draft: Consultation) -> tuple[Draft, ...]:
    """Return the questions of a buurtstemming as far as they are."""
    return tuple(map(load, draft.questions))


def missing(draft: Consultation) -> list[Sentence]:
    """Return what still has to be filled in, in the office's words; nothing has a hidden default."""
    needed = OF_A_PLAN if draft.initiative else OF_A_BALLOT
    lacking = [Sentence(words) for name, words in needed.items() if getattr(draft, name) in (None, "")]
    if draft.lengthen is not None and not 0 <= draft.lengthen <= MOST_DAYS:
        lacking.append(Sentence(DAYS["lengthen"]))
    if draft.initiative:
        lacking += [Sentence(words) for words in quorums.missing_majority(draft).values()]
        return lacking + _reasons_missing(draft)
    if not draft.questions:
        return [*lacking, Sentence(N_("een vraag"))]
    return lacking + [
        Sentence(N_("vraag %(number)d: nog niet klaar"), {"number": number})
        for number, each in enumerate(drafts(draft), 1)
        if draft_check.check(each)
    ]


def _reasons_missing(draft: Consultation) -> list[Sentence]:
    """Return what a wijkraadpleging lacks of fair arguments and of the points of residents."""
    both = draft.in_favour and draft.against
    lacking = list(reasons.unfair(draft.in_favour, draft.against)) if both else []
    if draft.signed_off_by is None:
        lacking.append(Sentence(SIGNATURE))
    return lacking + list(reasons.ungathered(heard(draft), waiting(draft)))


def lacking_arguments(draft: Consultation) -> list[Sentence]:
    """Return what has to be there before anybody can say that the arguments are fair."""
    lacking = [Sentence(OF_A_PLAN[name]) for name in ARGUMENTS if not getattr(draft, name)]
    return lacking or list(reasons.unfair(draft.in_favour, draft.against))


def heard(draft: Consultation) -> dict[int, int]:
    """Return how often each point of the paper was heard, by its number."""
    times = Counter(sent.number for sent in draft.sent_points)
    return {point.number: times[point.number] for point in draft.points}


def waiting(draft: Consultation) -> int:
    """Return of how many points that were sent nobody decided yet what they are."""
    return sum(sent.number is None and not sent.aside for sent in draft.sent_points)


def questions(draft: Consultation) -> tuple[tuple[Question, Rule], ...]:
    """Return each question of a complete draft with its rule."""
    if draft.initiative:
        question = Question(draft.question, Kind.YES_NO, YES_NO_OPTIONS)
        first = (question, quorums.majority_rule(draft))
        points = {point.number: point.text for point in draft.points}
        return (first, (reasons.question(points), reasons.RULE)) if points else (first,)
    return tuple(map(made, drafts(draft)))


def frozen_rule(poll: Poll) -> MajorityRule:
    """Return the rule that was frozen with a wijkraadpleging's poll."""
    frozen = terms_of(poll).rules[0]
    assert isinstance(frozen, MajorityRule)
    return frozen


def draft_terms(session: AnySession, draft: Consultation, now: datetime) -> Terms:
    """Return the terms as they would be frozen now: a first day that is today opens at once.

    Raises FieldMissing.
    """
    if lacking := missing(draft):
        raise FieldMissing(fields=", ".join(map(str, lacking)))
    assert draft.first_day is not None  # `missing` said so
    assert draft.last_day is not None
    assert draft.lengthen is not None
    assert draft.custody is not None
    totals = rolls.totals(session, draft)
    today = now.astimezone(AMSTERDAM).date()
    pairs = questions(draft)
    plan = draft.initiative
    return Terms(
        title=draft.subject,
        questions=tuple(question for question, _ in pairs),
        rules=tuple(rule for _, rule in pairs),
        opens=now if draft.first_day == today else opens(draft.first_day),
        closes=closes(draft.last_day),
        closes_text=closes_text(draft.last_day),
        floor=FLOOR,
        summary=tuple(line.strip() for line in draft.summary.splitlines() if line.strip()),
        texts=_texts(draft),
        about={
            "town": draft.wijk.town.name,
            "wijk": draft.wijk.name,
            **(_about(plan) if plan else {}),
            **_reasons(draft),
            "first day": draft.first_day.isoformat(),
            "last day": draft.last_day.isoformat(),
            "signed by": "\n".join(signatories(session, draft)),
            "addresses": str(totals.addresses),
            "letters": str(totals.letters),
            "addresses left out": str(totals.left_out),
        },
        custody=Custody(draft.custody),
        lengthen=draft.lengthen,
    )


def _texts(draft: Consultation) -> tuple[Text, ...]:
    if draft.initiative is None:
        return (Text(N_("Wat gebeurt er met de uitslag?"), draft.afterwards),)
    return (
        Text(N_("Argumenten voor"), draft.in_favour),
        Text(N_("Argumenten tegen"), draft.against),
        Text(N_("Wat gebeurt er als het antwoord nee is?"), draft.if_no),
        Text(N_("Wie betaalt het onderhoud?"), draft.upkeep),
    )


def _about(plan: Initiative) -> dict[str, str]:
    return {
        "plan": plan.title,
        "what": plan.what,
        "for whom": plan.for_whom,
        "place": plan.place,
        "amount": euros(plan.asked),
        "limit": euros(plan.wijk.town.limit),
    }


def _reasons(draft: Consultation) -> dict[str, str]:
    """Return what is frozen of where arguments and points came from; names of people stay out."""
    if draft.initiative is None or draft.signed_off_by is None:
        return {}
    said = {
        "against from": draft.against_from or "",
        "arguments checked by": draft.signed_off_by.partition(":")[0],
    }
    if draft.points_until is None:
        return said
    aside = Counter(sent.aside for sent in draft.sent_points if sent.aside)
    return said | reasons.about(len(draft.sent_points), aside, heard(draft))


def signatories(session: AnySession, draft: Consultation) -> list[str]:
    """Return the names of the two members of the regiegroep that sign the letter."""
    return list(
        session.scalars(
            select(Staff.name)
            .where(Staff.wijk_id == draft.wijk_id, Staff.role == Role.REGIEGROEP, Staff.active)
            .order_by(Staff.name)
            .limit(2)
        )
    )


def fingerprint(session: AnySession, draft: Consultation) -> str:
    """Return a mark of a draft as it is now: another mark means that somebody changed it."""
    totals = rolls.totals(session, draft)
    facts = {name: str(getattr(draft, name)) for name in sorted(editable(draft))}
    whole = [facts, draft.questions, totals.addresses, totals.letters, totals.left_out]
    whole += [draft.signed_off_by, [[point.number, point.text] for point in draft.points], _reasons(draft)]
    return digest(canonical(whole)).hex()
