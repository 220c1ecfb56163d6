"""Verbs that follow an award: the town grants, a voucher is issued, and redeemed once, whole."""

from datetime import date, datetime

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import select

from ballots.database import AnySession, writing
from consult import consultations, initiatives, journal, rules
from consult.lifecycle import Verdict
from consult.models import Grant, Initiative, Voucher
from consult.refusals import (
    AlreadyGranted,
    AlreadyRedeemed,
    AmountWrong,
    FieldMissing,
    GrantAboveAward,
    NotAwarded,
)


def grant(
    session: AnySession,
    plan: Initiative,
    amount: int,
    granted_on: date,
    reference: str,
    actor: str,
    now: datetime,
) -> Grant:
    """Grant at most what was awarded (cents). Raises NotAwarded, AlreadyGranted, GrantAboveAward, FieldMissing."""
    with writing(session):
        if plan.grant:
            raise AlreadyGranted()
        if not reference.strip():
            raise FieldMissing(fields="kenmerk")
        if amount <= 0:
            raise AmountWrong()
        _check(session, plan, amount)
        granted = Grant(initiative=plan, amount=amount, granted_on=granted_on, reference=reference.strip())
        session.add(granted)
        journal.write(
            session,
            actor,
            "grant",
            plan,
            now,
            amount=amount,
            granted_on=granted_on.isoformat(),
            reference=granted.reference,
        )
    return granted


def issue(session: AnySession, plan: Initiative, actor: str, now: datetime) -> Voucher:
    """Issue the voucher of a grant; once, the same one is returned again. Raises NotAwarded."""
    with writing(session):
        if plan.grant is None:
            raise NotAwarded()
        if plan.grant.voucher:
            return plan.grant.voucher
        _check(session, plan, plan.grant.amount)
        voucher = Voucher(
            grant=plan.grant,
            number=f"{plan.grant.granted_on.year}-{plan.grant.id:04d}",
            amount=plan.grant.amount,
            issued_at=now,
        )
        session.add(voucher)
        journal.write(
            session, actor, "issue voucher", plan, now, number=voucher.number, amount=voucher.amount
        )
    return voucher


def redeem(session: AnySession, voucher: Voucher, actor: str, now: datetime) -> None:
    """Redeem a voucher, once and whole. Raises AlreadyRedeemed."""
    with writing(session):
        if voucher.redeemed_at:
            raise AlreadyRedeemed(number=voucher.number)
        plan = voucher.grant.initiative
        _check(session, plan, voucher.amount)
        voucher.redeemed_at = now
        journal.write(
            session, actor, "redeem voucher", plan, now, number=voucher.number, amount=voucher.amount
        )


def _check(session: AnySession, plan: Initiative, amount: int) -> None:
    """Test line and award again: no way past them, whichever door one comes through.

    Raises what `rules.check_award` raises, NotAwarded, GrantAboveAward.
    """
    decision = initiatives.last_decision(plan)
    awarded = decision.amount or 0 if decision and decision.verdict is Verdict.AWARD else 0
    consultation = initiatives.live_consultation(plan)
    evidence = consultations.evidence(session, consultation) if consultation else None
    rules.check_award(plan.wijk.town.limit, evidence, plan.asked, awarded, amount)
    if not awarded:
        raise NotAwarded()
    if amount > awarded:
        raise GrantAboveAward()


def token(secret: str, voucher: Voucher) -> str:
    """Return the signed token in a voucher's QR code."""
    return str(URLSafeSerializer(secret, salt="voucher").dumps(voucher.number))


def read(session: AnySession, secret: str, token: str) -> Voucher | None:
    """Return the voucher of a token that this service signed, or None."""
    try:
        number = URLSafeSerializer(secret, salt="voucher").loads(token)
    except BadData:
        return None
    return session.scalar(select(Voucher).where(Voucher.number == number))
