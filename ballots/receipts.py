"""PURE (cryptography). The receipt as part of an address: what a log keeps of it tells nobody anything.

After Send the voter is sent on to a page of her own (303), so that a reload sends nothing again. That
page's address is the receipt, encrypted: the same vote gives the same address (AES-SIV, RFC 5297).
"""

import base64
import binascii

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ballots.sealing import CONTROL_BYTES

_POLL_BYTES = 16


def _cipher(secret: str) -> AESSIV:
    return AESSIV(HKDF(SHA256(), 64, None, b"wijkstem receipt").derive(secret.encode()))


def wrap(secret: str, poll: bytes, controls: tuple[bytes, ...]) -> str:
    """Return the token of a receipt, made with the service's secret."""
    sealed = _cipher(secret).encrypt(poll + b"".join(controls), None)
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def unwrap(secret: str, token: str) -> tuple[bytes, tuple[bytes, ...]] | None:
    """Return (poll, controls) of a token that `wrap` made, or None for anything else."""
    try:
        sealed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        data = _cipher(secret).decrypt(sealed, None)
    except (InvalidTag, binascii.Error, ValueError):
        return None
    controls = data[_POLL_BYTES:]
    return data[:_POLL_BYTES], tuple(
        controls[start : start + CONTROL_BYTES] for start in range(0, len(controls), CONTROL_BYTES)
    )
