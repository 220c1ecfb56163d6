"""PURE. Ballots as arrays of numpy, a block of them at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from ballots.counting.tally import AT_ONCE, Ballots
from ballots.paper import BLANK

if TYPE_CHECKING:  # it takes a tenth of a second, so it is imported where it is used
    from numpy.typing import NDArray

    Array = NDArray[Any]

COMMA, EDGE = 44, 0  # the bytes after a mark: another follows, or it was the last one of the ballot


@dataclass(frozen=True)
class Block:
    """Some ballots.

    `marks` are options by number, ballot after ballot, as they stand there; the number after the last
    is nobody, and stands alone on a ballot without options. `sizes` is how many stand on each ballot
    and `weights` how many voters gave it.
    """

    marks: "Array"
    sizes: "Array"
    weights: "Array"

    @property
    def ballots(self) -> "Array":
        """The number of the ballot that each mark stands on."""
        import numpy as np

        numbers: Array = np.arange(len(self.sizes)).repeat(self.sizes)
        return numbers

    @property
    def places(self) -> "Array":
        """The place of each mark on its ballot; the first is 0."""
        import numpy as np

        starts = np.cumsum(self.sizes) - self.sizes
        places: Array = np.arange(len(self.marks)) - starts.repeat(self.sizes)
        return places


def blocks(ids: Sequence[str], ballots: Ballots) -> Iterator[Block]:
    """Yield all ballots. Raises ValueError for an id not among `ids` and for a negative weight.

    Making a text for each mark would take most of the time, so the bytes of all are read at once.
    """
    import numpy as np

    reader, rest = _Reader(ids), iter(ballots)
    while block := list(islice(rest, AT_ONCE)):
        markings, numbers = zip(*block, strict=True)
        weights = np.array(numbers, np.int64)
        if weights.min() < 0:
            raise ValueError("a ballot cannot weigh less than nothing")
        texts = [marking if isinstance(marking, str) else ",".join(marking) for marking in markings]
        yield Block(*reader.read(texts), weights)


class _Reader:
    """Reads marks a byte further at a time, all of them at once.

    In row s of `after` stands what state follows state s on each byte. State 0 is an id that is not
    known and state n + 1 is option n, all of it read; they stay as they are. All others, from `start`,
    are the first bytes of some id.
    """

    def __init__(self, ids: Sequence[str]) -> None:
        import numpy as np

        numbers = {"": len(ids), BLANK: len(ids)} | {id: n for n, id in enumerate(ids)}
        self.start = len(ids) + 2
        states = self.start + 1
        self.after = np.zeros((states + sum(len(id.encode()) for id in numbers), 256), np.int32)
        self.after[: self.start] = np.arange(self.start)[:, None]
        for id, number in numbers.items():
            if "," in id or "\0" in id:
                continue  # no ballot can name it
            state = self.start
            for byte in id.encode():
                if not self.after[state, byte]:
                    self.after[state, byte] = states
                    states += 1
                state = int(self.after[state, byte])
            self.after[state, [COMMA, EDGE]] = number + 1

    def read(self, texts: Sequence[str]) -> tuple["Array", "Array"]:
        """Return the marks of these texts, and how many stand on each. Raises ValueError for an unknown id."""
        import numpy as np

        bytes = np.frombuffer("\0".join((*texts, "")).encode(), np.uint8)
        ends = ((bytes == COMMA) | (bytes == EDGE)).nonzero()[0]
        starts = np.concatenate([[0], ends[:-1] + 1])
        at, state = starts, np.full(len(starts), self.start, np.int32)
        while (state >= self.start).any():
            state = self.after[state, bytes[at]]
            at = np.minimum(at + 1, len(bytes) - 1)
        if not state.all():
            first = int((state == 0).argmax())
            id = bytes[starts[first] : ends[first]].tobytes().decode()
            raise ValueError(f"not on the paper: {id!r}")
        last = (bytes[ends] == EDGE).nonzero()[0]
        return state - 1, np.diff(last, prepend=-1)
