"""PURE. Whose turn it is with a plan, what they do, and when an initiator may expect it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from ballots.words import N_
from consult.lifecycle import Stage

TOWN, GROUP, RESIDENTS, YOU = N_("De gemeente"), N_("De regiegroep"), N_("De bewoners"), N_("U")


@dataclass(frozen=True)
class Turn:
    """Who is next, and what they do, in Dutch. `within`: how long that takes as a rule, a term of ours.

    `yours` is what is said to the initiator alone where that differs.
    """

    who: str
    does: str
    within: timedelta | None = None
    yours: str = ""


TURNS: Mapping[Stage, Turn] = {
    Stage.NEEDS_CONSULTATION: Turn(
        TOWN, N_("De gemeente bereidt een wijkraadpleging voor."), timedelta(weeks=6)
    ),
    Stage.DRAFTING: Turn(
        TOWN, N_("De gemeente maakt de vraag en de adressenlijst klaar."), timedelta(weeks=6)
    ),
    Stage.FROZEN: Turn(RESIDENTS, N_("De brieven zijn onderweg. Daarna kunnen bewoners stemmen.")),
    Stage.OPEN: Turn(RESIDENTS, N_("Bewoners kunnen nu stemmen met de code uit hun brief.")),
    Stage.COUNTING: Turn(TOWN, N_("De stemming is voorbij. De stemmen worden geteld."), timedelta(days=4)),
    Stage.READY: Turn(GROUP, N_("De regiegroep bespreekt het plan en beslist."), timedelta(weeks=6)),
    Stage.DEFERRED: Turn(
        GROUP, N_("De regiegroep wil later beslissen. Hieronder staat waarom."), timedelta(weeks=6)
    ),
    Stage.REJECTED: Turn(
        YOU,
        N_("De regiegroep heeft het plan afgewezen. Hieronder staat waarom."),
        yours=N_("De regiegroep heeft uw plan afgewezen. Lees waarom. U mag het opnieuw proberen."),
    ),
    Stage.AWARDED: Turn(TOWN, N_("De gemeente legt de toekenning vast in een brief."), timedelta(weeks=3)),
    Stage.GRANTED: Turn(TOWN, N_("De gemeente maakt de voucher."), timedelta(weeks=2)),
    Stage.VOUCHER: Turn(
        YOU,
        N_("De initiatiefnemer verzilvert de voucher en gaat aan de slag."),
        yours=N_("Verzilver de voucher bij de gemeente en ga aan de slag."),
    ),
    Stage.REDEEMED: Turn(
        YOU,
        N_("De initiatiefnemer voert het plan uit."),
        yours=N_("Voer uw plan uit, en laat aan de wijk zien wat ervan kwam."),
    ),
    Stage.WITHDRAWN: Turn(
        YOU, N_("Dit plan is ingetrokken."), yours=N_("U trok dit plan in. U mag opnieuw beginnen.")
    ),
}


@dataclass(frozen=True)
class Expected:
    """The day by which the next step is expected, or announced; `late` once an expected day is past."""

    day: date
    announced: bool
    late: bool


def expected(stage: Stage, since: date, announced: date | None, today: date) -> Expected | None:
    """Return when the next step comes.

    `since` is the day of the last step. `announced` is the day that was made known, of a vote that opens or ends;
    it is no guess, so it is never late. None where nobody else is waited for.
    """
    if announced:
        return Expected(announced, announced=True, late=False)
    within = TURNS[stage].within
    if within is None:
        return None
    day = since + within
    return Expected(day, announced=False, late=day < today)
