"""The blank paper ballot as PDF: every question with a large box at each option, and how to fill it in.

It is the same for everybody: it has no number, and nothing of a letter. Nothing of it touches the disk.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from types import MappingProxyType

from ballots.typeset import typeset_record
from ballots.words import N_

LABELS: Mapping[str, str] = MappingProxyType(
    {
        "name": N_("Stembiljet"),
        "how": N_("Zo stemt u"),
        "steps": N_(
            "Gebruik een pen. Zet geen naam, handtekening of iets anders op dit biljet.\n"
            "Weet u het niet, of wilt u niet kiezen? Kies dan blanco. Vult u niets in, dan is uw stem ongeldig.\n"
            "Een fout gemaakt? Vraag een nieuw biljet en geef dit biljet terug.\n"
            "Vouw het biljet dicht en doe het zelf in de stembus."
        ),
        "question": N_("Vraag %(n)s"),
        "page": N_("Bladzijde %(n)s van %(total)s"),
    }
)
"""The words of the page, in Dutch; a caller may hand in a translation. A line end parts the steps."""


@dataclass(frozen=True)
class PrintedOption:
    """An option as it stands on the paper; `place` and `price` are words under it, or nothing."""

    label: str
    place: str = ""
    price: str = ""


@dataclass(frozen=True)
class PrintedGroup:
    """Options that stand together, under a name if they have one, with their limits in words."""

    name: str
    hint: str
    options: tuple[PrintedOption, ...]


@dataclass(frozen=True)
class PrintedQuestion:
    """A question with what to do and its limits in words. `box` is tick, points or place."""

    text: str
    todo: str
    hint: str
    box: str
    groups: tuple[PrintedGroup, ...]
    blank: str


@dataclass(frozen=True)
class BallotContent:
    """Whose poll it is: the town and its colour, the title, until when one can vote, and the questions."""

    town: str
    accent: str
    title: str
    closes: str
    questions: tuple[PrintedQuestion, ...]
    logo: str | None = None


def blank_ballot(content: BallotContent, *, moment: datetime, labels: Mapping[str, str] = LABELS) -> bytes:
    """Return one blank ballot as PDF, on as many A4 pages as it needs."""
    data = {
        "content": asdict(content),
        "labels": {**labels, "steps": labels["steps"].split("\n")},
    }
    return typeset_record("ballot", data, moment=moment)
