"""PURE (cryptography). The receipt as part of an address that means nothing a day later.

After Send the voter is sent on to a page of her own (303), so that a reload sends nothing again. That
page's address is the receipt, encrypted: the same vote on the same day gives the same address
(AES-SIV, RFC 5297). An address that a log kept opens nothing after the next day.
"""

import base64
import binascii
from datetime import date, timedelta
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_POLL_BYTES, _COMMITMENT_BYTES = 16, 32


@lru_cache(4)
def _cipher(secret: str, day: date) -> AESSIV:
    info = f"wijkstem receipt {day.isoformat()}".encode()
    return AESSIV(HKDF(SHA256(), 64, None, info).derive(secret.encode()))


def wrap(secret: str, day: date, poll: bytes, commitments: tuple[bytes, ...]) -> str:
    """Return the token of a receipt of this day, made with the service's secret."""
    sealed = _cipher(secret, day).encrypt(poll + b"".join(commitments), None)
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def unwrap(secret: str, today: date, token: str) -> tuple[bytes, tuple[bytes, ...]] | None:
    """Return (poll, commitments) of a token that `wrap` made today or yesterday, or None for anything else."""
    return _opened(secret, today, token) or _opened(secret, today - timedelta(days=1), token)


def _opened(secret: str, day: date, token: str) -> tuple[bytes, tuple[bytes, ...]] | None:
    try:
        sealed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        data = _cipher(secret, day).decrypt(sealed, None)
    except (InvalidTag, binascii.Error, ValueError):
        return None
    rest = data[_POLL_BYTES:]
    return data[:_POLL_BYTES], tuple(
        rest[start : start + _COMMITMENT_BYTES] for start in range(0, len(rest), _COMMITMENT_BYTES)
    )
