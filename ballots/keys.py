"""PURE (cryptography). The keys of a poll: what its three secrets give. docs/protocol.md, "Keys"."""

from dataclasses import dataclass
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ballots.digest import H

KEPT = 64  # keys of so many polls are held in memory


@dataclass(frozen=True)
class Keys:
    """The public keys of a poll, 32 bytes each: its ballots are sealed to `poll` (X25519);
    `board` and `receipt` (Ed25519) check what the service signs."""

    poll: bytes
    board: bytes
    receipt: bytes


@dataclass(frozen=True)
class MixKeys:
    """What recognises and opens the outer seal: 32 bytes each."""

    mix: bytes
    tag: bytes


def _derived(secret: bytes, info: str) -> bytes:
    return HKDF(SHA256(), 32, None, info.encode()).derive(secret)


@lru_cache(KEPT)
def mix_keys(secret: bytes) -> MixKeys:
    """Return the mix key and the tag key of this secret."""
    return MixKeys(_derived(secret, "wijkstem mix"), _derived(secret, "wijkstem tag"))


def mix_check(poll: bytes, secret: bytes) -> bytes:
    """Return what a poll remembers of the secret `mix`, to know it by; it tells nothing of its 256 bits."""
    return H("mengsleutel", poll, secret)


@lru_cache(KEPT)
def board_key(secret: bytes) -> Ed25519PrivateKey:
    """Return the key that signs the board: checkpoints, records, manifest."""
    return Ed25519PrivateKey.from_private_bytes(_derived(secret, "wijkstem board"))


@lru_cache(KEPT)
def receipt_key(secret: bytes) -> Ed25519PrivateKey:
    """Return the key that signs receipts."""
    return Ed25519PrivateKey.from_private_bytes(_derived(secret, "wijkstem receipt"))


def opening_key(secret: bytes) -> X25519PrivateKey:
    """Return the key that opens ballots."""
    return X25519PrivateKey.from_private_bytes(secret)


@lru_cache(KEPT)
def sealing_key(public: bytes) -> X25519PublicKey:
    """Return the key that ballots are sealed to."""
    return X25519PublicKey.from_public_bytes(public)


def public(opening: bytes, signing: bytes) -> Keys:
    """Return the public keys that belong to the secrets `open` and `sign`."""
    return Keys(
        opening_key(opening).public_key().public_bytes_raw(),
        board_key(signing).public_key().public_bytes_raw(),
        receipt_key(signing).public_key().public_bytes_raw(),
    )
