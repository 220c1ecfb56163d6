"""PURE. Envelopes with a window: which part of an A4 sheet shows, wherever the sheet slides in them.

Everything is in millimetres. The sheet is folded so that its top panel lies behind the window; it is smaller
than the envelope, so it slides. What must be read stands where it *always* shows, what must not be seen keeps
out of where it *ever* shows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ballots.words import N_

SHEET = (210.0, 297.0)


@dataclass(frozen=True)
class Box:
    """A rectangle on the sheet, from its top left corner."""

    left: float
    top: float
    right: float
    bottom: float

    def touches(self, other: "Box") -> bool:
        """Say whether the two have any of their area in common."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def holds(self, other: "Box") -> bool:
        """Say whether the other lies within this one."""
        return (
            self.left <= other.left
            and self.top <= other.top
            and self.right >= other.right
            and self.bottom >= other.bottom
        )


@dataclass(frozen=True)
class Profile:
    """An envelope, seen from its window side, and how the sheet is folded to fit.

    `left` and `bottom` are from the edges of the envelope to its window; `folds` from the top of the sheet.
    `qr` is the side of the QR code with its quiet zone.
    """

    name: str
    width: float
    height: float
    left: float
    bottom: float
    window: tuple[float, float]
    folds: tuple[float, ...]
    qr: float = 40

    @property
    def ever(self) -> Box:
        """Whatever of the sheet can come before the window."""
        top = self.height - self.bottom - self.window[1]
        return Box(
            self.left - (self.width - SHEET[0]),
            top - (self.height - self.folds[0]),
            self.left + self.window[0],
            top + self.window[1],
        )

    @property
    def always(self) -> Box:
        """What of the sheet shows wherever it slides."""
        top = self.height - self.bottom - self.window[1]
        return Box(
            self.left,
            top,
            self.left + self.window[0] - (self.width - SHEET[0]),
            top + self.window[1] - (self.height - self.folds[0]),
        )

    @property
    def on_the_right(self) -> bool:
        """Say whether the window lies right of the middle."""
        return self.left + self.window[0] / 2 > self.width / 2


DL_LEFT = Profile(N_("EA5/6 (DL), venster links"), 220, 110, 17, 20, (110, 40), (99, 198))
C5_LEFT = Profile(N_("C5, venster links"), 229, 162, 17, 72, (110, 40), (148.5,))
DL_RIGHT = Profile(N_("EA5/6 (DL), venster rechts"), 220, 110, 93, 20, (110, 40), (99, 198))
C5_RIGHT = Profile(N_("C5, venster rechts"), 229, 162, 102, 72, (110, 40), (148.5,))
PROFILES: Mapping[str, Profile] = MappingProxyType(
    {"dl-left": DL_LEFT, "c5-left": C5_LEFT, "dl-right": DL_RIGHT, "c5-right": C5_RIGHT}
)
USUAL = "dl-left"
"""The usual Dutch ones: a window of 110 × 40 mm. Makers differ a little: measure with the proof page."""
