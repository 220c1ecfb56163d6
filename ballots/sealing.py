"""PURE. From a marking to its commitment and control code.

`r` is 32 random bytes made for one voter, never stored. Each question gets its own r_q from it,
so that a voter's answers to several questions cannot be joined again.
Source: docs/protocol.md, "Casting".
"""

import hmac
from dataclasses import dataclass

from ballots.digest import H, groups, symbols

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


def packed(answer: Opening, commitment: bytes) -> bytes:
    """Return the answer as the inbox holds it: C ‖ r_q ‖ question (1 byte) ‖ marking."""
    return commitment + answer.secret + bytes([answer.question]) + answer.marking.encode()


def opened(sealed: bytes) -> Opening:
    """Return the answer that `packed` wrote."""
    return Opening(sealed[64], sealed[32:64], sealed[65:].decode())
