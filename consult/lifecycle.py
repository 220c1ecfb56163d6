"""PURE. Where a plan stands; it follows from what happened and is stored nowhere.

handed in ──(≤ limit)────────────────────────────▶ ready ──decide──▶ awarded ──▶ granted ──▶ voucher ──▶ redeemed
    └─(> limit)─▶ needs consultation ─▶ drafting ─▶ frozen ─▶ open ─▶ counting ─▶ ready      └─▶ rejected, deferred
"""

from enum import StrEnum

from ballots.lifecycle import Phase


class Verdict(StrEnum):
    """What the regiegroep can decide about a plan."""

    AWARD = "award"
    REJECT = "reject"
    DEFER = "defer"


class Stage(StrEnum):
    """The stages of a plan."""

    NEEDS_CONSULTATION = "needs-consultation"
    DRAFTING = "drafting"
    FROZEN = "frozen"
    OPEN = "open"
    COUNTING = "counting"
    READY = "ready"
    DEFERRED = "deferred"
    REJECTED = "rejected"
    AWARDED = "awarded"
    GRANTED = "granted"
    VOUCHER = "voucher"
    REDEEMED = "redeemed"
    WITHDRAWN = "withdrawn"


# Stages together, as pages show them.
IN_CONSULTATION = (Stage.DRAFTING, Stage.FROZEN, Stage.OPEN, Stage.COUNTING)
COMING = (Stage.NEEDS_CONSULTATION, *IN_CONSULTATION)  # the regiegroep cannot decide yet
DECIDABLE = (Stage.READY, Stage.DEFERRED)
FINISHED = (Stage.REDEEMED, Stage.REJECTED)
CHANGEABLE = (Stage.NEEDS_CONSULTATION, Stage.READY)  # by the initiator, while nobody decided anything
PAID = (Stage.GRANTED, Stage.VOUCHER, Stage.REDEEMED)  # there is something to show of it, sooner or later
HIDEABLE = (Stage.NEEDS_CONSULTATION, Stage.READY, Stage.DRAFTING)  # residents were not asked yet

_RUNNING = {Phase.FROZEN: Stage.FROZEN, Phase.OPEN: Stage.OPEN, Phase.DUE: Stage.COUNTING}


def stage(
    above: bool,
    drafting: bool,
    phase: Phase | None,
    verdict: Verdict | None,
    granted: bool,
    voucher: bool,
    redeemed: bool,
    withdrawn: bool = False,
) -> Stage:
    """Return the stage of a plan.

    `above`: it is above the line. `drafting`, `phase`: of its last consultation that was not
    withdrawn. `verdict`: of its last decision. `withdrawn`: by its initiator.
    """
    if withdrawn:
        return Stage.WITHDRAWN
    if redeemed:
        return Stage.REDEEMED
    if voucher:
        return Stage.VOUCHER
    if granted:
        return Stage.GRANTED
    if verdict is Verdict.AWARD:
        return Stage.AWARDED
    if verdict is Verdict.REJECT:
        return Stage.REJECTED
    if drafting:
        return Stage.DRAFTING
    if phase in _RUNNING:
        return _RUNNING[phase]
    if above and phase is not Phase.CLOSED:
        return Stage.NEEDS_CONSULTATION
    return Stage.DEFERRED if verdict is Verdict.DEFER else Stage.READY
