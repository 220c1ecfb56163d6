"""PURE. Numbers of letters as people write them: one a line, ranges, commas; and back again.

`12-20` and `12 t/m 20` are ranges. A number that stands there twice counts once: a scanner reads a
letter again. Other signs around a number are not forgiven: a typing error must not hit another letter.
"""

import re
from collections.abc import Iterable

from ballots.refusals import SerialsMissing, SerialsTooMany, SerialsWrong

MOST = 50_000  # numbers in one go
_PART = re.compile(r"(\d{1,9})(?:(?:-|–|t/m)(\d{1,9}))?", re.ASCII)
_AROUND_RANGE = re.compile(r"[ \t]*(-|–|t/m)[ \t]*")
LONGEST_SHOWN = 12  # signs of what cannot be read: it may be a voting code


def read(text: str) -> tuple[int, ...]:
    """Return the serials in a text, sorted, each once. Raises SerialsMissing, SerialsWrong, SerialsTooMany."""
    found: set[int] = set()
    for part in re.split(r"[\s,;]+", _AROUND_RANGE.sub(r"\1", text)):
        if not part:
            continue
        match = _PART.fullmatch(part)
        if not match:
            raise SerialsWrong(part=part[:LONGEST_SHOWN])
        first, last = int(match[1]), int(match[2] or match[1])
        if not 0 < first <= last:
            raise SerialsWrong(part=part[:LONGEST_SHOWN])
        if last - first >= MOST or len(found) + last - first >= MOST:
            raise SerialsTooMany(most=MOST)
        found.update(range(first, last + 1))
    if not found:
        raise SerialsMissing()
    return tuple(sorted(found))


def shown(serials: Iterable[int]) -> str:
    """Return serials as people read them: `3, 12-20, 31`."""
    runs: list[list[int]] = []
    for serial in sorted(set(serials)):
        if runs and serial == runs[-1][1] + 1:
            runs[-1][1] = serial
        else:
            runs.append([serial, serial])
    return ", ".join(
        str(first) if first == last else f"{first}, {last}" if last == first + 1 else f"{first}-{last}"
        for first, last in runs
    )
