"""PURE. The duels of a count by Schulze, read from its steps once for all sentences that are about them."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from ballots.counting.outcome import Step
from ballots.counting.ranked import strongest_paths

Numbers = tuple[int, int]  # how many put this option higher, and how many the other


class Duels:
    """What voters say of every two options; without steps of the kind `duel` there are none."""

    def __init__(self, ids: Sequence[str], steps: Iterable[Step]) -> None:
        self.ids = ids
        self._of: dict[str, dict[str, Numbers]] = {id: {} for id in ids}
        for step in steps:
            one, other = step.option or "", str(step.values["other"])
            mine, theirs = _whole(step, "for"), _whole(step, "against")
            self._of[one][other], self._of[other][one] = (mine, theirs), (theirs, mine)

    def of(self, id: str) -> Mapping[str, Numbers]:
        """Return the duels of an option, by the other."""
        return self._of[id]

    def not_won(self, id: str) -> list[str]:
        """Return against whom an option lost its duel, or was equal."""
        return [other for other, (mine, theirs) in self._of[id].items() if mine <= theirs]

    @cached_property
    def paths(self) -> Mapping[tuple[str, str], int]:
        """How strong the strongest chain of duels is from each option to each other: work of a third power."""
        strong = strongest_paths(
            [[self._of[one].get(other, (0, 0))[0] for other in self.ids] for one in self.ids]
        )
        return {
            (one, other): strong[i][j] for i, one in enumerate(self.ids) for j, other in enumerate(self.ids)
        }


def _whole(step: Step, name: str) -> int:
    return int(step.values[name])
