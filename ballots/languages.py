"""PURE. The languages of residents' pages: one row each, beside translations/CODE/LC_MESSAGES/messages.po.

Dutch is the source and prevails. A catalogue that nobody reviewed is a machine's word: it is off in a real town.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Language:
    """A language: its code (BCP 47), own name, direction, and the marks of its numbers: of thousands, of decimals.

    `reviewed` says who checked the catalogue and when, "A. Naam, juni 2026"; None while nobody did.
    """

    code: str
    name: str
    direction: str = "ltr"
    marks: str = ".,"
    reviewed: str | None = None

    @property
    def prefix(self) -> str:
        """What its addresses begin with."""
        return f"/{self.code}" if self is not DUTCH else ""


DUTCH = Language("nl", "Nederlands", reviewed="de bron")

LANGUAGES: Mapping[str, Language] = {
    each.code: each
    for each in (
        DUTCH,
        Language("en", "English", marks=",."),
        Language("tr", "Türkçe"),
        Language("ar", "العربية", "rtl", ",."),
        Language("uk", "Українська", marks="\u00a0,"),
    )
}


def usable(unreviewed: bool) -> tuple[Language, ...]:
    """Return the languages that may be shown, Dutch first; `unreviewed` ones too in the demo."""
    return tuple(each for each in LANGUAGES.values() if each.reviewed or unreviewed)
