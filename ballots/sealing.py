"""PURE (cryptography). From a marking to its commitment and control code, and into two envelopes.

`r` is 32 random bytes made for one voter, never stored. Each question gets its own r_q from it,
so that a voter's answers to several questions cannot be joined again. The inner envelope opens with
the poll's key, after close; the outer one with the mix key, on the way to the board.
Sealing draws its own randomness, the one pure file that does. Source: docs/protocol.md, "Casting".
"""

import hmac
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from ballots.digest import H, groups, symbols
from ballots.keys import MixKeys, sealing_key

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
NONCE_BYTES = 12

CONTROL_BYTES = 10  # 80 bits: 16 symbols


@dataclass(frozen=True)
class Opening:
    """One answer with all that is needed to check its commitment: `marking` is padded with spaces."""

    question: int  # 1, 2, …
    secret: bytes  # r_q, 32 bytes
    marking: str

    def commitment(self, poll: bytes) -> bytes:
        """Return C, 32 bytes."""
        return H("stem", poll, str(self.question), self.secret, self.marking)


def opening(r: bytes, question: int, marking: str, length: int) -> Opening:
    """Return the opening of `marking` for question number `question`, padded to `length` bytes."""
    return Opening(question, hmac.digest(r, b"%d" % question, "sha256"), marking.ljust(length))


def control(commitment: bytes) -> bytes:
    """Return the first 80 bits of a commitment."""
    return commitment[:CONTROL_BYTES]


def control_code(control: bytes) -> str:
    """Return these 80 bits as a voter writes them down: four groups of four symbols."""
    return groups(symbols(control, 16))


def shown(commitment: bytes) -> str:
    """Return the control code of a commitment."""
    return control_code(control(commitment))


def inner(poll: bytes, answer: Opening, key: bytes) -> bytes:
    """Return the answer sealed to the poll's public key; its length depends on the question only."""
    text = answer.secret + answer.marking.encode()
    return SUITE.encrypt(text, sealing_key(key), _info(poll, answer.question))


def outer(poll: bytes, question: int, commitment: bytes, inner: bytes, keys: MixKeys, nonce: bytes) -> bytes:
    """Return commitment and inner envelope sealed with the mix key; `nonce` is 12 random bytes."""
    return nonce + AESGCM(keys.mix).encrypt(nonce, commitment + inner, _place(poll, question))


def outer_opened(poll: bytes, question: int, sealed: bytes, keys: MixKeys) -> tuple[bytes, bytes]:
    """Return (commitment, inner) of what `outer` made. Raises InvalidTag for anything else."""
    nonce, text = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    opened = AESGCM(keys.mix).decrypt(nonce, text, _place(poll, question))
    return opened[:32], opened[32:]


def inner_opened(poll: bytes, question: int, sealed: bytes, key: X25519PrivateKey) -> Opening:
    """Return the answer that `inner` sealed. Raises InvalidTag for anything else."""
    text = SUITE.decrypt(sealed, key, _info(poll, question))
    return Opening(question, text[:32], text[32:].decode())


def tag(poll: bytes, question: int, commitment: bytes, keys: MixKeys) -> bytes:
    """Return the 16 bytes by which the inbox recognises a repeat, without showing what it repeats."""
    mark = H("merk", poll, str(question), control(commitment))
    return hmac.digest(keys.tag, mark, "sha256")[:16]


def receipt(poll: bytes, commitment: bytes, key: Ed25519PrivateKey) -> bytes:
    """Return the signature (64 bytes) that makes a commitment a receipt; the same one each time."""
    return key.sign(H("bon", poll, commitment))


def _place(poll: bytes, question: int) -> bytes:
    return poll + bytes([question])


def _info(poll: bytes, question: int) -> bytes:
    return b"wijkstem stem" + _place(poll, question)
