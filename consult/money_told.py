"""Verbs' questions: what of the money of a wijk or a town was awarded to plans, and what of it was used."""

from collections.abc import Iterable

from consult.lifecycle import Verdict
from consult.models import Initiative


def of(plans: Iterable[Initiative]) -> tuple[int, int]:
    """Return what was awarded and what of that was redeemed, in cents; the grant counts where it was given."""
    awarded = redeemed = 0
    for plan in plans:
        last = plan.decisions[-1] if plan.decisions else None
        if plan.grant:
            awarded += plan.grant.amount
            voucher = plan.grant.voucher
            redeemed += voucher.amount if voucher and voucher.redeemed_at else 0
        elif last and last.verdict is Verdict.AWARD:
            awarded += last.amount or 0
    return awarded, redeemed
