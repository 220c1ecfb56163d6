"""Verb: the regiegroep decides about a plan, with reasons."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from ballots import polls
from ballots.database import AnySession, writing
from ballots.terms import terms
from consult import consultations, initiatives, journal, rules
from consult.lifecycle import Stage, Verdict
from consult.models import Consultation, Decision, Initiative
from consult.reasons import Weighed, told, unanswered, weightiest
from consult.refusals import AmountWrong, AnswersMissing, CannotDecide, PlanHidden

OPEN_TO_DECISION = (Stage.READY, Stage.DEFERRED, Stage.NEEDS_CONSULTATION)


def decide(
    session: AnySession,
    plan: Initiative,
    verdict: Verdict,
    amount: int | None,
    reasons: str,
    present: Sequence[str],
    aside: Sequence[str],
    actor: str,
    now: datetime,
    answers: Mapping[str, str] = MappingProxyType({}),
) -> Decision:
    """Record a decision; `amount` in cents, for an award only.

    `answers`: to each point that the wijk chose most (`to_answer`), by its id; only putting off needs none.

    Raises AnswersMissing; CannotDecide while a consultation runs or after a final decision, AmountWrong, and what
    `rules.check_award`, `check_reasons` and `check_quorum_of_group` raise.
    """
    with writing(session):
        if plan.hidden_why:
            raise PlanHidden()
        if initiatives.where(plan, now) not in OPEN_TO_DECISION:
            raise CannotDecide()
        consultation = initiatives.live_consultation(plan)
        evidence = consultations.evidence(session, consultation) if consultation else None
        outcome = evidence.outcome if evidence else None
        if verdict is Verdict.AWARD:
            if amount is None or not 0 < amount <= initiatives.MOST:
                raise AmountWrong()
            rules.check_award(plan.wijk.town.limit, evidence, plan.asked, amount)
        rules.check_quorum_of_group(present, aside)
        rules.check_reasons(verdict, outcome, reasons)
        points = to_answer(session, consultation)
        if verdict is not Verdict.DEFER and (lacking := unanswered(points, answers)):
            raise AnswersMissing(points=", ".join(point.text for point in lacking))
        decision = Decision(
            initiative=plan,
            consultation=consultation,
            verdict=verdict,
            amount=amount if verdict is Verdict.AWARD else None,
            reasons=reasons.strip(),
            departs=rules.departs(verdict, outcome),
            present=list(present),
            aside=list(aside),
            answers={
                point.id: " ".join(answers[point.id].split()) for point in points if answers.get(point.id)
            },
            decided_at=now,
        )
        session.add(decision)
        journal.write(
            session,
            actor,
            f"decide: {verdict}",
            plan,
            now,
            amount=decision.amount,
            departs=decision.departs,
            reasons=decision.reasons,
            present=decision.present,
            aside=decision.aside,
            answers=decision.answers,
        )
    return decision


def to_answer(session: AnySession, consultation: Consultation | None) -> tuple[Weighed, ...]:
    """Return the points that a decision after this consultation answers."""
    if consultation is None or consultation.poll is None or consultation.poll.closed_at is None:
        return ()
    poll = consultation.poll
    return weightiest(told(terms(poll), polls.outcomes(session, poll)))
