"""Verb: the regiegroep decides about a plan, with reasons."""

from collections.abc import Sequence
from datetime import datetime

from ballots.database import AnySession, writing
from consult import consultations, initiatives, journal, rules
from consult.lifecycle import Stage, Verdict
from consult.models import Decision, Initiative
from consult.refusals import AmountWrong, CannotDecide, PlanHidden

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
) -> Decision:
    """Record a decision; `amount` in cents, for an award only.

    Raises CannotDecide while a consultation runs or after a final decision, AmountWrong, and what
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
        decision = Decision(
            initiative=plan,
            consultation=consultation,
            verdict=verdict,
            amount=amount if verdict is Verdict.AWARD else None,
            reasons=reasons.strip(),
            departs=rules.departs(verdict, outcome),
            present=list(present),
            aside=list(aside),
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
        )
    return decision
