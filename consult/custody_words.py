"""PURE. Who keeps the key of a poll, and how long voting may be lengthened, in words: before freezing and after."""

from ballots.definition import Custody, Terms
from ballots.words import N_
from consult.sentences import Sentence

KEPT = {
    Custody.SERVICE: N_(
        "De stemmen zijn verzegeld. De dienst bewaart de sleutel, buiten de database, "
        "en vernietigt hem na de telling."
    ),
    Custody.KEYHOLDERS: N_(
        "De stemmen zijn verzegeld. Drie sleutelhouders bewaren elk een deel van de sleutel op papier. "
        "Pas na afloop openen twee van hen samen de stembus."
    ),
}
LOST = N_(
    "Eén blad kwijt is niet erg. Twee bladen kwijt: dan kan niemand de stemmen nog openen en is de "
    "raadpleging mislukt."
)
NEVER = N_("Het stemmen wordt nooit verlengd.")
ONE_DAY = N_("Het stemmen kan één keer worden verlengd, met hoogstens één dag en met een openbare reden.")
DAYS = N_("Het stemmen kan één keer worden verlengd, met hoogstens %(days)d dagen en met een openbare reden.")


def kept(custody: Custody) -> Sentence:
    """Return who keeps the key."""
    return Sentence(KEPT[custody])


def lengthened(days: int) -> Sentence:
    """Return by how many days voting may be lengthened."""
    return Sentence({0: NEVER, 1: ONE_DAY}.get(days, DAYS), {"days": days} if days > 1 else {})


def frozen(terms: Terms) -> tuple[Sentence, ...]:
    """Return both, of what is frozen or would be."""
    return kept(terms.custody), lengthened(terms.lengthen)
