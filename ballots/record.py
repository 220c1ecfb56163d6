"""PURE (cryptography for Ed25519). Records: what life demanded after the freeze, and what it comes to.

A record is canonical JSON, linked to the one before it by its hash and signed by the board key. Applied in
order to the frozen definition, records say which letters there are and until when voting goes on. Which
letters are *used* no record tells: who writes or checks one must look that up.
Source: docs/protocol.md, "The board".
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import reduce
from types import MappingProxyType

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ballots.definition import canonical

Facts = Mapping[str, object]
"""The facts of a record, as JSON knows them; each kind has its own, made by the functions called `of_…`."""


class Kind(StrEnum):
    """What a record does."""

    VOID = "void"
    REPLACE = "replace"
    ADD = "add"
    LENGTHEN = "lengthen"
    WITHDRAW = "withdraw"
    RESTART = "restart"
    CONTEST = "contest"
    RESTORED = "restored"


ENDING = frozenset({Kind.WITHDRAW, Kind.RESTART})
AFTER_CLOSE = frozenset({Kind.CONTEST, Kind.RESTORED})
"""All others come before close."""

_ALONE = frozenset({Kind.VOID, Kind.REPLACE, Kind.CONTEST})  # one person may decide these
_HASH = re.compile(r"[0-9a-f]{64}")


class Problem(StrEnum):
    """Why a record may not follow the ones before it."""

    FORM = "it is not written as a record"
    FACTS = "its facts are not those of its kind"
    PLACE = "it does not follow the record before it"
    REASON = "it gives no reason"
    PEOPLE = "too few people decided it"
    ENDED = "the poll was withdrawn before it"
    LATE = "it comes after close"
    NOT_OPEN = "a letter is not listed, or void already"
    NOT_NEW = "a new letter is listed already"
    TWICE = "voting was lengthened before"
    NOT_LATER = "voting would not go on longer"
    TOO_LONG = "voting would go on longer than was frozen"


class RecordWrong(ValueError):
    """A record may not follow the ones before it; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.value)
        self.problem = problem


def of_letters(letters: Iterable[bytes]) -> Facts:
    """Return the facts of a void, an add or a contest of these h."""
    return {"letters": sorted(h.hex() for h in letters)}


def of_pairs(pairs: Iterable[tuple[bytes, bytes]]) -> Facts:
    """Return the facts of a replace: (old h, new h) of each letter."""
    return {"letters": [[old.hex(), new.hex()] for old, new in sorted(pairs)]}


def of_closing(closes: datetime, closes_text: str) -> Facts:
    """Return the facts of a lengthen: the new moment of closing (aware), and its day as people read it."""
    return {"closes": _written(closes), "closes_text": closes_text}


def of_missing(missing: int) -> Facts:
    """Return the facts of a restored: how many used letters the backup had lost."""
    return {"missing": missing}


NO_FACTS: Facts = MappingProxyType({})
"""Those of a withdraw and a restart."""


def needed(kind: Kind, facts: Facts) -> int:
    """Return how many people must decide a record of this kind with these facts."""
    letters = facts.get("letters")
    several = kind is Kind.REPLACE and isinstance(letters, list) and len(letters) > 1
    return 1 if kind in _ALONE and not several else 2


@dataclass(frozen=True)
class Record:
    """One record: its number (1, 2, …), the hash before it, what it does, why, by how many people and when."""

    number: int
    previous: bytes
    kind: Kind
    facts: Facts
    reason: str
    people: int
    at: datetime

    def encode(self) -> bytes:
        """Return the body: the bytes that are signed, hashed and published."""
        return canonical(
            {
                "number": self.number,
                "previous": self.previous.hex(),
                "kind": self.kind,
                "facts": dict(self.facts),
                "reason": self.reason,
                "people": self.people,
                "at": _written(self.at),
            }
        )


def decode(body: bytes) -> Record:
    """Return the record that `encode` wrote. Raises RecordWrong (FORM) for any other bytes."""
    try:
        value = json.loads(body)
        record = Record(
            value["number"],
            _hash(value["previous"]),
            Kind(value["kind"]),
            value["facts"],
            value["reason"],
            value["people"],
            _moment(value["at"]),
        )
        kinds = (type(record.number), type(record.facts), type(record.reason), type(record.people))
        written = kinds == (int, dict, str, int) and record.encode() == body
    except (KeyError, TypeError, ValueError, RecursionError):
        raise RecordWrong(Problem.FORM) from None
    _demand(written, Problem.FORM)
    return record


def link(body: bytes) -> bytes:
    """Return the hash by which the next record, and a checkpoint, name this one."""
    return hashlib.sha256(body).digest()


def sign(body: bytes, key: Ed25519PrivateKey) -> bytes:
    """Return the board key's signature over a body, 64 bytes."""
    return key.sign(body)


def verify(body: bytes, signature: bytes, public: bytes) -> bool:
    """Return whether the board key `public` (32 bytes) signed this body."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, body)
    except InvalidSignature:
        return False
    return True


@dataclass(frozen=True)
class Standing:
    """How a poll stands: as it was frozen, with the records so far applied.

    `frozen` are the h of the definition, `added` those of added letters and replacements; of both together
    some are `void` and others `contested`. `latest` is the last moment to which voting may be lengthened.
    `number` and `head` are those of the last record (0 and the definition's hash when there is none), `ended`
    is how the poll was withdrawn, `missing` how many used letters restored backups had lost, and `replaced` how
    many letters are replacements.
    """

    head: bytes
    frozen: frozenset[bytes]
    closes: datetime
    closes_text: str
    latest: datetime
    number: int = 0
    added: frozenset[bytes] = frozenset()
    void: frozenset[bytes] = frozenset()
    contested: frozenset[bytes] = frozenset()
    lengthened: bool = False
    ended: Kind | None = None
    missing: int = 0
    replaced: int = 0

    @property
    def sent(self) -> int:
        """How many letters were sent, one for each that may vote: a replacement is not one more."""
        return self.issued - self.replaced

    @property
    def issued(self) -> int:
        """How many letters were ever issued: used, open and void together."""
        return len(self.frozen) + len(self.added)

    def lists(self, h: bytes) -> bool:
        """Return whether this letter was ever issued."""
        return h in self.frozen or h in self.added

    def counts(self, h: bytes) -> bool:
        """Return whether a vote with this letter counts: it is listed, and not void."""
        return self.lists(h) and h not in self.void

    def next(self, kind: Kind, facts: Facts, reason: str, people: int, at: datetime) -> Record:
        """Return the record that would follow; `followed` says whether it may."""
        return Record(self.number + 1, self.head, kind, facts, reason, people, at)


def frozen(
    hash: bytes, letters: Iterable[bytes], closes: datetime, closes_text: str, lengthen: int
) -> Standing:
    """Return how a poll stands at the freeze: its definition's hash and letters, and the terms that may change.

    `lengthen` is the most days (of 24 hours) by which voting may be lengthened; 0: never. One hour more is
    allowed, since the same time of day comes an hour later once the clock was put back.
    """
    most = timedelta(days=lengthen, hours=1) if lengthen else timedelta(0)
    return Standing(hash, frozenset(letters), closes, closes_text, closes + most)


def applied(standing: Standing, bodies: Iterable[bytes]) -> Standing:
    """Return how the poll stands after these records, in order. Raises RecordWrong at the first that may not be."""
    return reduce(followed, bodies, standing)


def followed(standing: Standing, body: bytes) -> Standing:
    """Return how the poll stands after one more record. Raises RecordWrong where it may not follow."""
    record = decode(body)
    _demand(record.number == standing.number + 1 and record.previous == standing.head, Problem.PLACE)
    _demand(standing.ended is None, Problem.ENDED)
    _demand(record.reason.strip() != "", Problem.REASON)
    _demand(needed(record.kind, record.facts) <= record.people <= 2, Problem.PEOPLE)
    _demand(record.kind in AFTER_CLOSE or record.at < standing.closes, Problem.LATE)
    return replace(_changed(standing, record), number=record.number, head=link(body))


def _changed(standing: Standing, record: Record) -> Standing:
    """Return what the record's kind and facts make of the standing."""
    match record.kind:
        case Kind.VOID:
            return _voided(standing, _letters(record.facts))
        case Kind.REPLACE:
            old, new = _pairs(record.facts)
            changed = _added(_voided(standing, old), new)
            return replace(changed, replaced=standing.replaced + len(new))
        case Kind.ADD:
            return _added(standing, _letters(record.facts))
        case Kind.CONTEST:
            letters = _letters(record.facts)
            _demand(all(standing.counts(h) for h in letters), Problem.NOT_OPEN)
            return replace(standing, contested=standing.contested | letters)
        case Kind.LENGTHEN:
            return _lengthened(standing, record.facts)
        case Kind.RESTORED:
            missing = record.facts.get("missing")
            if record.facts.keys() != {"missing"} or type(missing) is not int or missing < 0:
                raise RecordWrong(Problem.FACTS)
            return replace(standing, missing=standing.missing + missing)
        case ending:  # withdraw and restart, the only two that are left
            _demand(not record.facts, Problem.FACTS)
            return replace(standing, ended=ending)


def _voided(standing: Standing, letters: frozenset[bytes]) -> Standing:
    # A contested letter was used, so it cannot be open.
    open_still = all(standing.counts(h) and h not in standing.contested for h in letters)
    _demand(open_still, Problem.NOT_OPEN)
    return replace(standing, void=standing.void | letters)


def _added(standing: Standing, letters: frozenset[bytes]) -> Standing:
    _demand(not any(standing.lists(h) for h in letters), Problem.NOT_NEW)
    return replace(standing, added=standing.added | letters)


def _lengthened(standing: Standing, facts: Facts) -> Standing:
    _demand(not standing.lengthened, Problem.TWICE)
    closes_text = facts.get("closes_text")
    if facts.keys() != {"closes", "closes_text"} or not isinstance(closes_text, str) or not closes_text:
        raise RecordWrong(Problem.FACTS)
    try:
        closes = _moment(facts["closes"])
    except ValueError:
        raise RecordWrong(Problem.FACTS) from None
    _demand(closes > standing.closes, Problem.NOT_LATER)
    _demand(closes <= standing.latest, Problem.TOO_LONG)
    return replace(standing, closes=closes, closes_text=closes_text, lengthened=True)


def _letters(facts: Facts) -> frozenset[bytes]:
    """Return the h in a sorted list of one or more."""
    letters = _different(_listed(facts))
    _demand(letters == sorted(letters), Problem.FACTS)
    return frozenset(letters)


def _pairs(facts: Facts) -> tuple[frozenset[bytes], frozenset[bytes]]:
    """Return the old and the new h of a sorted list of one or more pairs."""
    pairs = [pair for pair in _listed(facts) if isinstance(pair, list) and len(pair) == 2]
    _demand(len(pairs) == len(_listed(facts)), Problem.FACTS)
    old, new = _different([pair[0] for pair in pairs]), _different([pair[1] for pair in pairs])
    _demand(old == sorted(old), Problem.FACTS)
    return frozenset(old), frozenset(new)


def _listed(facts: Facts) -> list[object]:
    letters = facts.get("letters")
    if facts.keys() != {"letters"} or not isinstance(letters, list) or not letters:
        raise RecordWrong(Problem.FACTS)
    return letters


def _different(values: list[object]) -> list[bytes]:
    """Return the hashes that these are, in their order; no two may be the same."""
    try:
        hashes = [_hash(value) for value in values]
    except ValueError:
        raise RecordWrong(Problem.FACTS) from None
    _demand(len(set(hashes)) == len(hashes), Problem.FACTS)
    return hashes


def _demand(holds: bool, problem: Problem) -> None:
    if not holds:
        raise RecordWrong(problem)


def _hash(value: object) -> bytes:
    """Return 32 bytes that are written in hexadecimal."""
    if not isinstance(value, str) or not _HASH.fullmatch(value):
        raise ValueError("not a hash")
    return bytes.fromhex(value)


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _moment(value: object) -> datetime:
    """Return the moment that `_written` wrote."""
    if not isinstance(value, str):
        raise ValueError("not a moment")
    moment = datetime.fromisoformat(value)
    if moment.utcoffset() != timedelta(0) or moment.isoformat() != value:
        raise ValueError("not a moment in UTC")
    return moment
