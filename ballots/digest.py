"""PURE. The one hash of the protocol, and the alphabet people read and type."""

import hashlib

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford base32: no I, L, O, U


def H(*parts: bytes | str) -> bytes:
    """Return SHA-256 over each part's length (4 bytes, big-endian) and bytes; text is UTF-8.

    The lengths keep ("ab", "c") and ("a", "bc") apart. Source: docs/protocol.md, "Bytes".
    """
    hash = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        hash.update(len(data).to_bytes(4, "big"))
        hash.update(data)
    return hash.digest()


def symbols(data: bytes, count: int) -> str:
    """Return the first `count` × 5 bits of `data` as symbols of the alphabet."""
    bits = int.from_bytes(data, "big") >> (len(data) * 8 - count * 5)
    return "".join(ALPHABET[bits >> 5 * place & 31] for place in reversed(range(count)))


def groups(text: str) -> str:
    """Return `text` in groups of four, as it is printed."""
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))
