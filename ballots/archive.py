"""What is kept on disk beside the database: bundles, recounted before keys go, marks of where
boards were, and of polls that are being frozen."""

import io
import json
import os
import secrets
import subprocess
import sys
import zipfile
from pathlib import Path

from ballots.refusals import RecountFailed
from ballots.vault import Vault

RECOUNT = Path(__file__).parent.parent / "static" / "narekenen.py"
RIGHT = (0, 2)  # 2: right, but too few ballots to publish
LONGEST = 3600  # seconds


def keep(vault: Vault, poll: bytes, packed: bytes) -> None:
    """Write the bundle of a poll to disk once it recounts. Raises RecountFailed."""
    new = _written(bundle(vault, poll).with_suffix(f".{secrets.token_hex(8)}"), packed)
    try:
        command = [sys.executable, "-I", str(RECOUNT), str(new)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST, check=False)
        if done.returncode not in RIGHT:
            said = done.stdout.strip() or done.stderr.strip() or f"exit {done.returncode}"
            raise RecountFailed(said=said.splitlines()[-1][-300:])
        _in_place(new, bundle(vault, poll))
    except subprocess.TimeoutExpired as late:
        raise RecountFailed(said="timeout") from late
    finally:
        new.unlink(missing_ok=True)


def kept(vault: Vault, poll: bytes, name: str) -> bytes | None:
    """Return a file of the bundle that was kept, or None where there is no such bundle or file."""
    return member(bundle(vault, poll), name)


def member(packed: Path | bytes, name: str) -> bytes | None:
    """Return a file of a bundle, on disk or at hand; None where there is no such bundle or file, or it is broken."""
    try:
        with zipfile.ZipFile(io.BytesIO(packed) if isinstance(packed, bytes) else packed) as files:
            return files.read(name)
    except (FileNotFoundError, KeyError, zipfile.BadZipFile):
        return None


def remember(vault: Vault, poll: bytes, mark: dict[str, object]) -> None:
    """Keep where the board of a poll is now, outside the database."""
    path = _mark(vault, poll)
    _in_place(_written(path.with_suffix(f".{secrets.token_hex(8)}"), json.dumps(mark).encode()), path)


def remembered(vault: Vault, poll: bytes) -> dict[str, object] | None:
    """Return what was kept last, or None before there was anything."""
    path = _mark(vault, poll)
    found: dict[str, object] | None = json.loads(path.read_bytes()) if path.exists() else None
    return found


def mark_of(vault: Vault, poll: bytes) -> tuple[int, int] | None:
    """Return what tells one mark from the next without reading it; None before there was any."""
    try:
        there = _mark(vault, poll).stat()
    except FileNotFoundError:
        return None
    return there.st_ino, there.st_mtime_ns


def begin(vault: Vault, poll: bytes) -> None:
    """Note, before its first key is on disk, that a poll is being frozen; until `ended`."""
    _in_place(_written(_begun(vault) / f"{poll.hex()}.new", b""), _begun(vault) / poll.hex())


def begun(vault: Vault) -> list[bytes]:
    """Return the polls that began to be frozen and were not looked at since."""
    names = (path.name for path in _begun(vault).glob("*") if not path.suffix)
    return sorted(map(bytes.fromhex, names))


def ended(vault: Vault, poll: bytes) -> None:
    """Note that somebody looked what came of freezing a poll."""
    (_begun(vault) / poll.hex()).unlink(missing_ok=True)


def _begun(vault: Vault) -> Path:
    return vault.folder.parent / "freezing"


def bundle(vault: Vault, poll: bytes) -> Path:
    """Return where the bundle of a poll is kept, if it is."""
    return vault.folder.parent / "bundles" / f"{poll.hex()}.zip"


def _mark(vault: Vault, poll: bytes) -> Path:
    return vault.folder.parent / "board" / f"{poll.hex()}.json"


def _in_place(new: Path, path: Path) -> None:
    """Put a file where it belongs, durably: its folder is on disk too."""
    new.replace(path)
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _written(path: Path, data: bytes) -> Path:
    """Write a file durably, readable by this service only; return its path."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return path
