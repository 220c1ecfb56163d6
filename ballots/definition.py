"""PURE. What is frozen: the terms of a poll, its letters, and the one byte form that is hashed.

The hash of a definition is the SHA-256 of its canonical JSON (UTF-8, sorted keys, no spaces),
so `sha256sum definition.json` shows it to anyone. Source: docs/protocol.md, "The definition".
"""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from fractions import Fraction
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from ballots.counting.count import Rule, WeighedRule
from ballots.counting.equal_shares import EqualSharesRule
from ballots.counting.greedy import GreedyRule
from ballots.counting.majority import MajorityRule
from ballots.counting.plurality import PluralityRule
from ballots.counting.ranked import RankedRule
from ballots.digest import groups
from ballots.keys import Keys
from ballots.paper import Question

PROTOCOL = "wijkstem/1"
_RULES: dict[str, type[Rule]] = {
    "majority": MajorityRule,
    "plurality": PluralityRule,
    "greedy": GreedyRule,
    "equal-shares": EqualSharesRule,
    "ranked": RankedRule,
    "weighed": WeighedRule,
}


@dataclass(frozen=True)
class Text:
    """A headed piece of text beside the question, such as the reasons for or against."""

    heading: str
    text: str


class Custody(StrEnum):
    """Who holds the key that opens ballots."""

    SERVICE = "service"  # a file of the service
    KEYHOLDERS = "keyholders"  # three people with a sheet each; any two open


@dataclass(frozen=True)
class Terms:
    """What is asked, of whom, by which rule a question, and when.

    `opens` and `closes` are aware moments: votes count from `opens` until, not including, `closes`.
    `closes_text` is the day as printed. `floor`: with fewer ballots than this none are published.
    `lengthen` is the most days by which voting may once be lengthened. `about` holds facts of whoever
    set the poll, frozen along with it.
    """

    title: str
    questions: tuple[Question, ...]
    rules: tuple[Rule, ...]
    opens: datetime
    closes: datetime
    closes_text: str
    floor: int
    summary: tuple[str, ...] = ()
    texts: tuple[Text, ...] = ()
    about: Mapping[str, str] = field(default_factory=dict)
    custody: Custody = Custody.SERVICE
    lengthen: int = 0


@dataclass(frozen=True)
class Definition:
    """A frozen poll: its random id (16 bytes), public keys, terms and the sorted fingerprints of its letters."""

    poll: bytes
    keys: Keys
    terms: Terms
    letters: tuple[bytes, ...]

    def encode(self) -> bytes:
        """Return the canonical bytes."""
        return canonical(
            {
                "protocol": PROTOCOL,
                "poll": self.poll.hex(),
                "keys": {name: key.hex() for name, key in dataclasses.asdict(self.keys).items()},
                "terms": _plain(self.terms),
                "letters": [h.hex() for h in sorted(self.letters)],
            }
        )


def canonical(value: object) -> bytes:
    """Return the one JSON form of a value: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def decode(data: bytes) -> Definition:
    """Return the definition these canonical bytes stand for."""
    value = json.loads(data)
    return Definition(
        bytes.fromhex(value["poll"]),
        Keys(**{name: bytes.fromhex(key) for name, key in value["keys"].items()}),
        _made(Terms, value["terms"]),
        tuple(bytes.fromhex(h) for h in value["letters"]),
    )


def digest(data: bytes) -> bytes:
    """Return the hash of a definition's canonical bytes."""
    return hashlib.sha256(data).digest()


def shown(hash: bytes) -> str:
    """Return a hash as it is printed and typed: hexadecimal in groups of four."""
    return groups(hash.hex())


def _plain(value: Any) -> Any:
    """Return a value of the definition as JSON knows it; a rule is written with its name, a Fraction as p/q."""
    if dataclasses.is_dataclass(value):
        plain = {each.name: _plain(getattr(value, each.name)) for each in dataclasses.fields(value)}
        named = [name for name, rule in _RULES.items() if type(value) is rule]
        return plain | ({"name": named[0]} if named else {})
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Fraction):
        return str(value)
    return value


def _made(kind: Any, value: Any) -> Any:
    """Return the value of this type that `_plain` wrote down."""
    if get_origin(kind) is UnionType and set(get_args(kind)) <= set(_RULES.values()):
        return _made(_RULES[value["name"]], {key: each for key, each in value.items() if key != "name"})
    if dataclasses.is_dataclass(kind):
        kinds = get_type_hints(kind)
        return kind(**{key: _made(kinds[key], each) for key, each in value.items()})  # type: ignore[operator]
    origin, inner = get_origin(kind), get_args(kind)
    if origin is tuple:
        return tuple(_made(inner[0], each) for each in value)
    if origin is Mapping:
        return {key: _made(inner[1], each) for key, each in value.items()}
    if origin in (Union, UnionType):
        if isinstance(value, dict):  # the one dataclass that may also be absent
            return _made(next(each for each in inner if dataclasses.is_dataclass(each)), value)
        exact = Fraction in inner and isinstance(value, str)
        return Fraction(value) if exact else value
    if kind is datetime:
        return datetime.fromisoformat(value)
    if kind is Fraction or (isinstance(kind, type) and issubclass(kind, StrEnum)):
        return kind(value)
    return value
