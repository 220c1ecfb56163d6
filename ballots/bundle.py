"""PURE. The poll's own files: what was frozen, what came in, what the count says; one zip, always the same bytes.

docs/bundle.md specifies each file and its encoding.
"""

import hashlib
import io
import zipfile
from collections.abc import Iterable, Mapping

from ballots.definition import canonical
from ballots.sealing import Opening, control, control_code

EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment a zip can hold: no clock in the file


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


def packed(files: Mapping[str, bytes]) -> bytes:
    """Return a zip of these files and a manifest.json with the SHA-256 of each; same files, same bytes."""
    manifest = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    everything = {**files, "manifest.json": canonical({"sha256": manifest})}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(everything):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system = 3  # Unix, wherever it is made
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, everything[name], compresslevel=9)
    return buffer.getvalue()
