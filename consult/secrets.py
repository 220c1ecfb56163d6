"""PURE. The secrets of staff: sealed in the database, signed in links, checked as codes and passwords.

Libraries: cryptography (AES-256-GCM, HKDF), itsdangerous, pyotp. Each use of SECRET_KEY has its own key.
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from itsdangerous import BadSignature, TimestampSigner, URLSafeTimedSerializer
from pyotp import TOTP

NONCE = 12  # bytes of a nonce of AES-GCM
STEP = 30  # seconds a code of the app lasts
WINDOW = (-1, 0, 1)  # steps a clock may be off
REST = 6  # characters of a password that must not be the person's own name or address
DIFFERENT = 5  # different characters of a password


class Unreadable(ValueError):
    """What was sealed was changed, was about something else, or was sealed with another key."""


class SecretBox:
    """Seals bytes with a key that only somebody with SECRET_KEY can make."""

    def __init__(self, secret_key: str) -> None:
        key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"wijkstem secret box 1")
        self._cipher = AESGCM(key.derive(secret_key.encode()))

    def seal(self, plain: bytes, about: str, nonce: bytes) -> bytes:
        """Seal `plain`; `about` says of what, and must be the same to open it. Never use a nonce twice."""
        return nonce + self._cipher.encrypt(nonce, plain, about.encode())

    def open(self, sealed: bytes, about: str) -> bytes:
        """Return what was sealed about `about`. Raises Unreadable."""
        try:
            return self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], about.encode())
        except (InvalidTag, ValueError) as error:
            raise Unreadable() from error


@dataclass(frozen=True)
class LinkKind:
    """What a link is for; a link of one kind is never taken for another."""

    salt: str
    lifetime: timedelta


INVITATION = LinkKind("wijkstem invitation", timedelta(days=7))
DEMO = LinkKind("wijkstem demo log-in", timedelta(days=1))


@dataclass(frozen=True)
class Link:
    """What a one-time link says: who it lets in, once, and as long as their secrets are those of `mark`."""

    staff: int
    mark: str
    nonce: str


def sign(secret_key: str, kind: LinkKind, link: Link, now: datetime) -> str:
    """Return the link as text for a URL."""
    token = _serializer(secret_key, kind, now).dumps([link.staff, link.mark, link.nonce])
    return token if isinstance(token, str) else token.decode()


def read(secret_key: str, kind: LinkKind, token: str, now: datetime) -> Link | None:
    """Return what a link says; None if we did not sign it, for this use, or if its time is over."""
    try:
        staff, mark, nonce = _serializer(secret_key, kind, now).loads(
            token, max_age=int(kind.lifetime.total_seconds())
        )
    except BadSignature:
        return None
    return Link(staff, mark, nonce)


class _Signer(TimestampSigner):
    """A signer that goes by the clock it is given."""

    def __init__(self, *args: Any, now: datetime, **more: Any) -> None:
        super().__init__(*args, **more)
        self._now = now

    def get_timestamp(self) -> int:
        return int(self._now.timestamp())


def _serializer(secret_key: str, kind: LinkKind, now: datetime) -> URLSafeTimedSerializer:
    how = {"now": now, "digest_method": hashlib.sha256}
    return URLSafeTimedSerializer(secret_key, salt=kind.salt, signer=_Signer, signer_kwargs=how)


def otpauth(secret: str, email: str, issuer: str) -> str:
    """Return the address of a second factor, as an app on a telephone scans it."""
    return TOTP(secret, interval=STEP).provisioning_uri(name=email, issuer_name=issuer)


def step_of(secret: str, code: str, now: datetime, after: int) -> int | None:
    """Return the time step of a code of about now, if it is later than the last step that was used."""
    app, digits, this = TOTP(secret, interval=STEP), "".join(code.split()), int(now.timestamp()) // STEP
    right = [this + n for n in WINDOW if compare_digest(app.generate_otp(this + n).encode(), digits.encode())]
    return next((step for step in right if step > after), None)


def typed(password: str) -> str:
    """Return a password the same whatever keyboard typed it: é may come as one character or as two."""
    return unicodedata.normalize("NFC", password)


def guessable(password: str, *own: str) -> bool:
    """Say whether little is left of a password without the person's own names, or it repeats itself."""
    rest = password.casefold()
    parts = {part for name in own for part in (name.casefold(), *re.split(r"[\W_]+", name.casefold()))}
    for part in sorted((part for part in parts if len(part) > 1), key=len, reverse=True):
        rest = rest.replace(part, "")
    return len("".join(rest.split())) < REST or len(set(password)) < DIFFERENT
