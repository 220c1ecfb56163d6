"""The dossier of a consultation: everything that was asked, answered and decided, in one zip.

Same facts, same bytes: nothing in it tells when it was made, and making it is no fact.
"""

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from ballots import bundle, keys, polls, published
from ballots.database import AnySession
from ballots.definition import canonical
from ballots.terms import terms
from ballots.vault import Vault
from consult import journal, print_work, prints, reasons
from consult.models import Consultation, Decision, Initiative
from consult.refusals import NothingToExport


def build(session: AnySession, vault: Vault, consultation: Consultation) -> bytes:
    """Return the zip of a closed or withdrawn consultation. Raises NothingToExport before that."""
    poll, plan = consultation.poll, consultation.initiative
    if poll is None or not (poll.closed_at or poll.withdrawn_at):
        raise NothingToExport()
    files = published.files(session, poll)
    decision = None
    if told := reasons.told(terms(poll), polls.outcomes(session, poll) if poll.closed_at else ()):
        files["points.json"] = canonical(_points(told))
    if plan:
        entries = [e for e in journal.of(session, plan) if e.consultation_id in (None, consultation.id)]
        decisions = [each for each in plan.decisions if each.consultation_id == consultation.id]
        decision = decisions[-1] if decisions else None
        files |= _of_a_plan(plan, decisions)
    else:
        entries = journal.of(session, consultation)
    steps, last = journal.told(entries), entries[-1].at
    files["journal.json"] = canonical([_plain(asdict(step)) for step in steps])
    if controls := print_work.published(session, consultation):
        files["control_letters.json"] = canonical(controls)
    files["report.pdf"] = prints.report(session, consultation, decision, steps, last)
    return bundle.packed(poll.id, files, keys.board_key(vault.read(poll.id, "sign")))


def _of_a_plan(plan: Initiative, decisions: list[Decision]) -> dict[str, bytes]:
    """Return the files about the plan itself, what was decided, and the grant that followed."""
    files = {
        "plan.json": canonical(
            _plain(
                {
                    "title": plan.title,
                    "what": plan.what,
                    "for whom": plan.for_whom,
                    "place": plan.place,
                    "asked": plan.asked,
                    "handed in": plan.handed_in_at,
                    "wijk": plan.wijk.name,
                    "town": plan.wijk.town.name,
                    "limit": plan.wijk.town.limit,
                }
            )
        ),
        "decisions.json": canonical([_plain(_decision(each)) for each in decisions]),
    }
    if decisions and plan.grant:
        granted, voucher = plan.grant, plan.grant.voucher
        files["grant.json"] = canonical(
            _plain(
                {
                    "amount": granted.amount,
                    "granted on": granted.granted_on,
                    "reference": granted.reference,
                    "voucher": voucher and voucher.number,
                    "redeemed": voucher and voucher.redeemed_at,
                }
            )
        )
    return files


def _points(told: reasons.Told) -> dict[str, Any]:
    """Return what residents sent, how often each point was heard and chosen."""
    return {
        "sent": told.sent,
        "aside": {str(why): number for why, number in told.aside.items()},
        "points": [asdict(point) for point in told.points],
        "none chosen": told.unsaid,
    }


def _decision(decision: Decision) -> dict[str, Any]:
    return {
        "verdict": str(decision.verdict),
        "amount": decision.amount,
        "reasons": decision.reasons,
        "answers": decision.answers,
        "departs": decision.departs,
        "present": decision.present,
        "aside": decision.aside,
        "decided": decision.decided_at,
    }


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    """Return facts as JSON knows them: moments and days in ISO form."""
    return {
        name: each.isoformat() if isinstance(each, datetime | date) else each for name, each in facts.items()
    }
