"""PURE. Voting codes: mint them, read what a hand typed, and the proof chain code → p → h.

A code is 18 symbols (90 bits) and 2 Reed–Solomon check symbols over GF(32), printed as five
groups of four. One wrong symbol is located, so the page can point at a group; it is never
corrected silently. *Dead* codes stand on proofs and control letters: sound, told apart by how they
start, and good for no vote. Source: docs/protocol.md, "Codes".
"""

import hmac
import re
from typing import ClassVar

from ballots.digest import ALPHABET, H, symbols
from ballots.refusals import Refusal
from ballots.words import N_

LENGTH = 20
_CHECKS = 2
PROOF = "PR0EFBR1EF"  # how the code of a proof starts,
CONTROL = "C0NTR01EBR"  # and that of a control letter; one minted letter in 2^50 would

# GF(32) by x^5 + x^2 + 1: powers of the generator 2, and their logarithms.
_POWERS = [1]
for _ in range(30):
    _next = _POWERS[-1] << 1
    _POWERS.append(_next ^ 0b100101 if _next & 32 else _next)
_LOGS = {power: log for log, power in enumerate(_POWERS)}


def _times(a: int, b: int) -> int:
    return 0 if a == 0 or b == 0 else _POWERS[(_LOGS[a] + _LOGS[b]) % 31]


def _syndrome(values: list[int], root: int) -> int:
    """Evaluate the code word at generator^root (Horner); 0 for both roots in a sound code."""
    total = 0
    for value in values:
        total = _times(total, _POWERS[root]) ^ value
    return total


class CodeRefusal(Refusal):
    """What was typed is not a code; `values["group"]` (1 to 5) is where to look, if that is known."""


class CodeLength(CodeRefusal):
    text: ClassVar[str] = N_(
        "Een stemcode heeft 20 tekens: vijf groepjes van vier. U typte er %(typed)d. "
        "Kijk het nog eens na op uw brief."
    )


class CodeMissing(CodeLength):
    text: ClassVar[str] = N_("U vulde nog geen code in. Op uw brief staan vijf groepjes van vier tekens.")


class CodeSymbol(CodeRefusal):
    text: ClassVar[str] = N_(
        "Het teken ‘%(symbol)s’ komt in een stemcode niet voor. Kijk nog eens naar groepje %(group)d."
    )


class CodeTypo(CodeRefusal):
    text: ClassVar[str] = N_("Er zit een typefout in de code. Kijk nog eens naar groepje %(group)d.")


class CodeTypos(CodeRefusal):
    text: ClassVar[str] = N_(
        "Er zitten typefouten in de code. Vergelijk alle vijf groepjes nog eens met uw brief."
    )


class CodeDead(CodeRefusal):
    """The code is sound, but of a letter that nobody can vote with."""


class CodeOfProof(CodeDead):
    text: ClassVar[str] = N_("Deze code staat op een proefdruk. U kunt er niet mee stemmen.")


class CodeOfControl(CodeDead):
    text: ClassVar[str] = N_(
        "Deze code staat op een controlebrief. Die laat zien op welke dag de post komt. U kunt er niet mee stemmen."
    )


def mint(seed: bytes, serial: int) -> str:
    """Return the code of letter `serial` (1, 2, …) in a print run with this 32-byte seed: 20 symbols."""
    word = symbols(hmac.digest(seed, b"%d" % serial, "sha256"), LENGTH - _CHECKS)
    return word + _checks([ALPHABET.index(symbol) for symbol in word])


def dead(kind: str, number: int) -> str:
    """Return the dead code with this number (below 2^40) of a `kind`, PROOF or CONTROL: 20 symbols."""
    word = kind + "".join(ALPHABET[number >> 5 * place & 31] for place in range(7, -1, -1))
    return word + _checks([ALPHABET.index(symbol) for symbol in word])


def is_dead(code: str) -> bool:
    """Say whether the 20 symbols of a sound code are those of a proof or a control letter."""
    return code.startswith((PROOF, CONTROL))


def _checks(values: list[int]) -> str:
    """Return the two symbols that make both syndromes zero (roots generator^1 and generator^2)."""
    one, two = _syndrome([*values, 0, 0], 1), _syndrome([*values, 0, 0], 2)
    # With x at place 1 and y at place 0: one = 2x + y and two = 4x + y, so one + two = 6x.
    x = _times(one ^ two, _POWERS[-_LOGS[_POWERS[1] ^ _POWERS[2]] % 31])
    y = one ^ _times(x, _POWERS[1])
    return ALPHABET[x] + ALPHABET[y]


def forgiven(typed: str) -> str:
    """Return the symbols that a hand meant: case, spaces, hyphens, O for 0 and I or L for 1 are forgiven."""
    text = re.sub(r"[\s\-–—.·_]", "", typed.rpartition("#")[2]).upper()
    return text.replace("O", "0").replace("I", "1").replace("L", "1")


def read(typed: str) -> str:
    """Return the 20 symbols of the code a hand typed (or a scanned link). Raises a `CodeRefusal`."""
    text = forgiven(typed)
    for place, symbol in enumerate(text):
        if symbol not in ALPHABET:
            group = min(place // 4 + 1, 5)
            raise CodeSymbol(symbol=symbol, group=group)
    if not text:
        raise CodeMissing(typed=0)
    if len(text) != LENGTH:
        raise CodeLength(typed=len(text))
    values = [ALPHABET.index(symbol) for symbol in text]
    one, two = _syndrome(values, 1), _syndrome(values, 2)
    if one == two == 0:
        if is_dead(text):
            raise CodeOfProof() if text.startswith(PROOF) else CodeOfControl()
        return text
    if one and two:
        power = (_LOGS[two] - _LOGS[one]) % 31  # one wrong symbol at this power of the code word
        if power < LENGTH:
            group = (LENGTH - 1 - power) // 4 + 1
            raise CodeTypo(group=group)
    raise CodeTypos()


def proof(poll: bytes, code: str) -> bytes:
    """Return p, which only the holder of the code can make; it is revealed when the letter is used."""
    return H("inwissel", poll, code)


def fingerprint(poll: bytes, p: bytes) -> bytes:
    """Return h, all that the database knows of an unused letter."""
    return H("brief", poll, p)
