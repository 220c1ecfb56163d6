"""PURE. Keys on paper: the poll key in three shares of which any two give it back, and the mix key as a whole.

A share is a point of a line over GF(256), byte by byte (Shamir's scheme), so one alone says nothing. What a
sheet holds is text that can be typed: 64 symbols, read as forgivingly as a code. A wrong symbol is looked
for, so the page can point at a group; it is never corrected silently. Source: docs/protocol.md, "Keys".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from ballots.codes import forgiven
from ballots.digest import ALPHABET, H, groups, symbols
from ballots.refusals import Refusal
from ballots.words import N_

SECRET = 32  # bytes
LENGTH = 64  # symbols
PLACES = (1, 2, 3)
MIX = "M"  # stands on the sheet of the mix key where a share has its x

_POLL = 7  # symbols
_CHECKS = 4
_DATA = LENGTH - 1 - _POLL - _CHECKS
_SPARE = _DATA * 5 - SECRET * 8  # zero bits behind the secret


class SheetRefusal(Refusal):
    """What was typed is not the sheet that was asked for."""


class SheetLength(SheetRefusal):
    text: ClassVar[str] = N_(
        "Op een sleutelblad staan 64 tekens: zestien groepjes van vier. U typte er %(typed)d. "
        "Kijk het nog eens na op het blad."
    )


class SheetSymbol(SheetRefusal):
    text: ClassVar[str] = N_(
        "Het teken ‘%(symbol)s’ komt op een sleutelblad niet voor. Kijk nog eens naar groepje %(group)d."
    )


class SheetTypo(SheetRefusal):
    text: ClassVar[str] = N_("Er zit een typefout in de tekens. Kijk nog eens naar groepje %(group)d.")


class SheetTypos(SheetRefusal):
    text: ClassVar[str] = N_(
        "Er zitten typefouten in de tekens. Vergelijk alle zestien groepjes nog eens met het blad."
    )


class SheetOfAnotherPoll(SheetRefusal):
    text: ClassVar[str] = N_(
        "Dit blad hoort bij een andere stemming. Pak het blad waar deze stemming op staat."
    )


class NotAShare(SheetRefusal):
    text: ClassVar[str] = N_(
        "Dit is het blad van de mengsleutel. Hier is een blad van de telsleutel nodig: deel 1, 2 of 3."
    )


class NotTheMixKey(SheetRefusal):
    text: ClassVar[str] = N_("Dit is een deel van de telsleutel. Hier is het blad van de mengsleutel nodig.")


class SheetTwice(SheetRefusal):
    text: ClassVar[str] = N_("Dit is twee keer hetzelfde blad. Pak er een ander blad bij.")


@dataclass(frozen=True)
class Share:
    """A point of the line: its place x (1, 2 or 3) and 32 bytes."""

    x: int
    data: bytes


def split(secret: bytes, randomness: bytes) -> tuple[Share, Share, Share]:
    """Return three shares of a secret, by as much randomness; both are 32 bytes."""
    if len(secret) != SECRET or len(randomness) != SECRET:
        raise ValueError("a secret and its randomness are 32 bytes")
    one, two, three = (
        Share(x, bytes(start ^ _times(slope, x) for start, slope in zip(secret, randomness, strict=True)))
        for x in PLACES
    )
    return one, two, three


def joined(one: Share, other: Share) -> bytes:
    """Return the secret (32 bytes) of which these are two shares. Raises SheetTwice for the same one twice.

    Shares of different secrets give something too: try the key before trusting it.
    """
    if one.x == other.x:
        raise SheetTwice()
    # The line through both, at 0: each share weighs x of the other / (x of the one + x of the other).
    run = _inverse(one.x ^ other.x)
    weight, other_weight = _times(other.x, run), _times(one.x, run)
    pairs = zip(one.data, other.data, strict=True)
    return bytes(_times(a, weight) ^ _times(b, other_weight) for a, b in pairs)


def text(poll: bytes, share: Share) -> str:
    """Return what the sheet of this share says: 64 symbols in groups of four."""
    return groups(_body(str(share.x), poll, share.data) + _checks(str(share.x), poll, share.data))


def read(typed: str, poll: bytes) -> Share:
    """Return the share on a sheet of this poll, as a hand typed it or a camera read it. Raises a `SheetRefusal`."""
    kind, data = _read(typed, poll)
    if kind == MIX:
        raise NotAShare()
    return Share(int(kind), data)


def mix_text(poll: bytes, secret: bytes) -> str:
    """Return what the sheet of the mix key says: the 32 bytes of `POLL.mix` as 64 symbols in groups of four."""
    return groups(_body(MIX, poll, secret) + _checks(MIX, poll, secret))


def read_mix(typed: str, poll: bytes) -> bytes:
    """Return the 32 bytes on the sheet of this poll's mix key. Raises a `SheetRefusal`."""
    kind, data = _read(typed, poll)
    if kind != MIX:
        raise NotTheMixKey()
    return data


def _body(kind: str, poll: bytes, data: bytes) -> str:
    """Return what a sheet says before its check symbols."""
    return kind + symbols(poll, _POLL) + symbols(data + bytes(1), _DATA)


def _checks(kind: str, poll: bytes, data: bytes) -> str:
    made = H("sleutelblad", poll, data) if kind == MIX else H("deel", poll, kind, data)
    return symbols(made, _CHECKS)


def _read(typed: str, poll: bytes) -> tuple[str, bytes]:
    """Return the kind of a sheet (its x, or M) and its 32 bytes."""
    said = forgiven(typed)
    for place, symbol in enumerate(said):
        if symbol not in ALPHABET:
            raise SheetSymbol(symbol=symbol, group=min(place, LENGTH - 1) // 4 + 1)
    if len(said) != LENGTH:
        raise SheetLength(typed=len(said))
    if sound := _sound(said, poll):
        return sound
    suspects = {place // 4 + 1 for place, other in _neighbours(said) if _sound(other, poll)}
    if len(suspects) == 1:
        raise SheetTypo(group=suspects.pop())
    if said[1 : 1 + _POLL] != symbols(poll, _POLL):
        raise SheetOfAnotherPoll()
    raise SheetTypos()


def _sound(said: str, poll: bytes) -> tuple[str, bytes] | None:
    """Return the kind and the bytes in 64 symbols of this poll, or None where anything is wrong."""
    kind, bits = said[0], 0
    for symbol in said[1 + _POLL : -_CHECKS]:
        bits = bits << 5 | ALPHABET.index(symbol)
    data = (bits >> _SPARE).to_bytes(SECRET, "big")
    known = kind == MIX or kind in map(str, PLACES)
    return (kind, data) if known and said == _body(kind, poll, data) + _checks(kind, poll, data) else None


def _neighbours(said: str) -> Iterator[tuple[int, str]]:
    """Yield every text that differs from this one in one symbol, with the place where it does."""
    for place, symbol in enumerate(said):
        for other in ALPHABET.replace(symbol, ""):
            yield place, said[:place] + other + said[place + 1 :]


def _times(a: int, b: int) -> int:
    """Return a × b in GF(256), by x⁸ = x⁴ + x³ + x + 1."""
    product = 0
    while b:
        product ^= a if b & 1 else 0
        a = a << 1 ^ (0x11B if a & 0x80 else 0)
        b >>= 1
    return product


def _inverse(a: int) -> int:
    """Return what a is to be multiplied by to give 1; a is not 0."""
    return next(b for b in range(1, 256) if _times(a, b) == 1)
