"""PURE. The rules of the voucher system: when a consultation is needed, when it counts, what may be awarded.

Source of the line: "Bij initiatieven boven de 10 duizend euro moet een wijkraadpleging worden
gehouden" (Bewonersbudgetten, Ministerie van BZK). *Boven* means above, in cents.
"""

from collections.abc import Collection
from dataclasses import dataclass

from ballots.counting.majority import MissedQuorum
from ballots.counting.outcome import Outcome
from ballots.money import euros
from consult.lifecycle import Verdict
from consult.refusals import (
    AboveConsulted,
    NeedsConsultation,
    NobodyDecides,
    NotPresent,
    QuorumMissed,
    ReasonsNeeded,
)

DEFAULT_LIMIT = 10_000_00  # cents; a setting of the town


@dataclass(frozen=True)
class Evidence:
    """What is known of a consultation that ended: the facts that make it count, and its outcome.

    `consulted` is the amount it asked about, in cents; `asked_all` says that every letter of the
    frozen roll was made and its printing confirmed.
    """

    consulted: int
    asked_all: bool
    reconciled: bool
    withdrawn: bool
    outcome: Outcome | None
    missed_quorum: MissedQuorum

    @property
    def counts(self) -> bool:
        """Frozen, asked of the whole roll, closed by its dates, reconciled, counted and not withdrawn."""
        return self.asked_all and self.reconciled and self.outcome is not None and not self.withdrawn

    @property
    def barred(self) -> bool:
        """Say whether the threshold was missed, and by the frozen rule nothing can be awarded then."""
        missed = self.outcome is not None and self.outcome.quorum_met is False
        return missed and self.missed_quorum is MissedQuorum.BARS


def needs_consultation(limit: int, *amounts: int) -> bool:
    """Say whether a plan with these amounts (asked, awarded, granted, vouchers; cents) is above the line."""
    return max(amounts) > limit


def check_award(limit: int, evidence: Evidence | None, asked: int, *amounts: int) -> None:
    """Return when these amounts may be awarded, granted or paid out.

    Raises NeedsConsultation, QuorumMissed, AboveConsulted.
    """
    if evidence and evidence.outcome and not evidence.withdrawn:
        if max(amounts) > evidence.consulted:
            raise AboveConsulted(consulted=euros(evidence.consulted))
        if evidence.barred:
            raise QuorumMissed()
    if needs_consultation(limit, asked, *amounts) and not (evidence and evidence.counts):
        raise NeedsConsultation(limit=euros(limit))


def departs(verdict: Verdict, outcome: Outcome | None) -> bool:
    """Say whether a decision departs from the advice of the neighbourhood."""
    if outcome is None or outcome.passed is None:
        return False
    return verdict is (Verdict.REJECT if outcome.passed else Verdict.AWARD)


def check_reasons(verdict: Verdict, outcome: Outcome | None, reasons: str) -> None:
    """Return when the reasons suffice: compulsory for a no, a departure, and a missed quorum.

    Raises ReasonsNeeded.
    """
    missed = outcome is not None and outcome.quorum_met is False and verdict is Verdict.AWARD
    if (verdict is Verdict.REJECT or missed or departs(verdict, outcome)) and not reasons.strip():
        raise ReasonsNeeded()


def check_quorum_of_group(present: Collection[str], aside: Collection[str]) -> None:
    """Return when somebody decided: who stood aside was present, and not everybody did.

    Raises NotPresent, NobodyDecides.
    """
    if absent := set(aside) - set(present):
        raise NotPresent(names=", ".join(sorted(absent)))
    if not set(present) - set(aside):
        raise NobodyDecides()
