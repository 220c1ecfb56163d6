"""PURE (cryptography). The poll's own files: what was frozen, what came in, what the count says.

They are one zip, always the same bytes.

docs/bundle.md specifies each file and its encoding.
"""

import hashlib
import io
import zipfile
from collections.abc import Iterable, Mapping

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ballots.definition import canonical
from ballots.sealing import Opening, control, control_code

EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment a zip can hold: no clock in the file
# Most of it is random hexadecimal, in which there is nothing to search for: level 9 gives a file 1% smaller,
# and takes twice as long to pack and half as long again to unpack.
LEVEL = 3


def openings(poll: bytes, answers: Iterable[Opening]) -> bytes:
    """Return `openings.csv`, sorted, so that no order tells anything.

    Question, the control code as the voter has it, commitment, r_q, marking.
    """
    lines = []
    for each in answers:
        commitment = each.commitment(poll)
        code = control_code(control(commitment))
        lines.append(
            f"{each.question};{code};{commitment.hex()};{each.secret.hex()};{each.marking.rstrip()}\n"
        )
    return ("question;control;commitment;r_q;marking\n" + "".join(sorted(lines))).encode()


def redemptions(rows: Iterable[tuple[bytes, str]]) -> bytes:
    """Return `redemptions.csv`: each revealed p and its channel, sorted."""
    return ("p;channel\n" + "".join(sorted(f"{p.hex()};{channel}\n" for p, channel in rows))).encode()


def paper(rows: Iterable[tuple[int, str, int]]) -> bytes:
    """Return `paper.csv`: question, marking and on how many papers it stands, sorted."""
    lines = sorted(f"{question};{marking};{number}\n" for question, marking, number in rows)
    return ("question;marking;number\n" + "".join(lines)).encode()


def commitments(leaves: Iterable[tuple[int, bytes]]) -> bytes:
    """Return `commitments.csv`: question and commitment, in the order of the tree."""
    return ("question;commitment\n" + "".join(f"{q};{c.hex()}\n" for q, c in leaves)).encode()


VERSION = 1  # of the form of these files; docs/bundle.md


def manifest(poll: bytes, files: Mapping[str, bytes], key: Ed25519PrivateKey) -> dict[str, bytes]:
    """Return `manifest.json`, with the poll and the SHA-256 of each file, and its signature by the board key."""
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    listed = canonical({"version": VERSION, "poll": poll.hex(), "sha256": hashes})
    return {"manifest.json": listed, "manifest.sig": f"{key.sign(listed).hex()}\n".encode()}


def packed(poll: bytes, files: Mapping[str, bytes], key: Ed25519PrivateKey) -> bytes:
    """Return a zip of these files of a poll (its id, 16 bytes) and their signed manifest; same files, same bytes."""
    everything = {**files, **manifest(poll, files, key)}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(everything):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system = 3  # Unix, wherever it is made
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, everything[name], compresslevel=LEVEL)
    return buffer.getvalue()
