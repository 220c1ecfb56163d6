"""PURE (cryptography for Ed25519). The board's tree and its checkpoints: what was public once, stays there.

The tree is that of RFC 6962. Of all its leaves only the right edge is kept, the roots of the full subtrees
that make it up, so that a checkpoint costs what its batch costs, however many leaves there are already.
Source: docs/protocol.md, "The board".
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ballots.refusals import CheckpointForged, CheckpointOther, CheckpointUnreadable

HASH = 32  # bytes
EMPTY_ROOT = hashlib.sha256().digest()

_SIZE = 8  # bytes of the number of leaves in an encoded edge
_ID = 4  # bytes of a key's id
_LAST = "[AEIMQUYcgkosw048]"  # base64 of 4 bits and two zeros: the same bytes have one form only
_NOTE = re.compile(
    r"(?P<text>wijkstem/(?P<poll>[0-9a-f]{32})\n"
    r"(?P<size>0|[1-9][0-9]{0,17})\n"
    rf"(?P<root>[A-Za-z0-9+/]{{42}}{_LAST}=)\n"
    r"records (?P<records>0|[1-9][0-9]{0,17}) (?P<head>[0-9a-f]{64})\n)"
    r"\n"
    rf"— wijkstem/(?P=poll) (?P<signature>[A-Za-z0-9+/]{{90}}{_LAST}=)\n"
)


def leaf(question: int, commitment: bytes) -> bytes:
    """Return the leaf hash of a commitment (32 bytes) to an answer on question 1, 2, …"""
    return leaf_hash(bytes([question]) + commitment)


def leaf_hash(data: bytes) -> bytes:
    """Return RFC 6962's hash of what a leaf holds."""
    return hashlib.sha256(b"\x00" + data).digest()


def _parent(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the root over these leaf hashes, as RFC 6962 defines it; `Edge` gives the same for less."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else EMPTY_ROOT
    left = 1 << (len(leaves) - 1).bit_length() - 1  # the largest power of two below the number of leaves
    return _parent(root(leaves[:left]), root(leaves[left:]))


@dataclass(frozen=True)
class Edge:
    """The right edge of a tree of `size` leaves: the roots of its full subtrees, the largest first (at the left).

    There is one for each bit that is set in `size`.
    """

    size: int = 0
    roots: tuple[bytes, ...] = ()

    def root(self) -> bytes:
        """Return the root of the whole tree, 32 bytes."""
        if not self.roots:
            return EMPTY_ROOT
        return reduce(lambda right, left: _parent(left, right), reversed(self.roots))

    def encode(self) -> bytes:
        """Return the edge as bytes: its size (8, big-endian), then the roots."""
        return self.size.to_bytes(_SIZE, "big") + b"".join(self.roots)

    @classmethod
    def decode(cls, data: bytes) -> "Edge":
        """Return the edge that `encode` wrote. Raises ValueError for bytes that are no edge."""
        size, roots = int.from_bytes(data[:_SIZE], "big"), data[_SIZE:]
        if len(data) < _SIZE or len(roots) != size.bit_count() * HASH:
            raise ValueError("these bytes are not the edge of a tree")
        return cls(size, tuple(roots[start : start + HASH] for start in range(0, len(roots), HASH)))


def grown(edge: Edge, leaves: Iterable[bytes]) -> Edge:
    """Return the edge with these leaf hashes behind what was there."""
    size, roots = edge.size, list(edge.roots)
    for made in leaves:
        full = size
        while full & 1:  # the subtree to the left is as large as what was made: together they are one
            made = _parent(roots.pop(), made)
            full >>= 1
        roots.append(made)
        size += 1
    return Edge(size, tuple(roots))


@dataclass(frozen=True)
class Checkpoint:
    """The board at one moment.

    `poll` is 16 bytes, `size` the number of leaves, `root` their root (32 bytes), `records` the number of
    records and `head` the hash of the last one, or of the definition where there is none (32 bytes).
    """

    poll: bytes
    size: int
    root: bytes
    records: int
    head: bytes

    @property
    def name(self) -> str:
        """The origin of the checkpoint, which is also the name of the key that signs it."""
        return f"wijkstem/{self.poll.hex()}"

    def text(self) -> str:
        """Return what is signed."""
        root = base64.b64encode(self.root).decode()
        return f"{self.name}\n{self.size}\n{root}\nrecords {self.records} {self.head.hex()}\n"


def key_id(name: str, public: bytes) -> bytes:
    """Return the id (4 bytes) by which a signed note knows an Ed25519 key of 32 bytes with this name."""
    return hashlib.sha256(name.encode() + b"\n\x01" + public).digest()[:_ID]


def note(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> str:
    """Return the checkpoint as a signed note."""
    text = checkpoint.text()
    signed = key_id(checkpoint.name, key.public_key().public_bytes_raw()) + key.sign(text.encode())
    return f"{text}\n— {checkpoint.name} {base64.b64encode(signed).decode()}\n"


def read_note(text: str, poll: bytes, public: bytes) -> Checkpoint:
    """Return the checkpoint of this poll that was signed with the board key `public` (32 bytes).

    White space around it and the line ends of another system are forgiven. Raises CheckpointUnreadable for
    anything that is no checkpoint, CheckpointOther for one of another poll, and CheckpointForged for one that
    this key did not sign.
    """
    found = _NOTE.fullmatch(text.replace("\r\n", "\n").strip() + "\n")
    if not found:
        raise CheckpointUnreadable()
    checkpoint = Checkpoint(
        bytes.fromhex(found["poll"]),
        int(found["size"]),
        binascii.a2b_base64(found["root"]),
        int(found["records"]),
        bytes.fromhex(found["head"]),
    )
    if checkpoint.poll != poll:
        raise CheckpointOther()
    signed = binascii.a2b_base64(found["signature"])
    if signed[:_ID] != key_id(checkpoint.name, public):
        raise CheckpointForged()
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signed[_ID:], found["text"].encode())
    except InvalidSignature:
        raise CheckpointForged() from None
    return checkpoint
