"""Verb: read the ballot box of a closed poll, for the count."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from sqlalchemy import func, select

from ballots.database import AnySession
from ballots.models import Box

AT_ONCE = 10_000  # answers read at a time, about


def markings(session: AnySession, poll: bytes, question: int) -> Iterator[tuple[str, int]]:
    """Yield the canonical markings in the box for a question, and how often; some of them more than once.

    The database joins thousands of answers to one text, which takes less time than handing over
    rows, and only so many are held at once: commitments are spread evenly, so a slice of all there can
    be holds such a part of the answers. Equal ones are grouped here, slice by slice: grouped by the
    database rankings would take three times as long, as hardly any two of them are equal.
    """
    mine = (Box.poll_id == poll, Box.question == question)
    answers = session.scalar(select(func.count()).where(*mine)) or 0
    slices = answers // AT_ONCE + 1
    edges = [(2**32 * n // slices).to_bytes(4, "big") for n in range(slices)]
    for low, high in pairwise([*edges, b"\xff" * 33]):
        texts = select(func.aggregate_strings(Box.marking, "\n")).where(
            *mine, Box.commitment >= low, Box.commitment < high
        )
        if (lines := session.scalar(texts)) is not None:
            yield from Counter(map(str.rstrip, lines.split("\n"))).items()
