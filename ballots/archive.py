"""Where bundles are kept, and recounted before keys go: on disk, by the program that anyone can run."""

import os
import subprocess
import sys
from pathlib import Path

from ballots.refusals import RecountFailed
from ballots.vault import Vault

RECOUNT = Path(__file__).parent.parent / "static" / "narekenen.py"
RIGHT = (0, 2)  # 2: right, but too few ballots to publish
LONGEST = 3600  # seconds


def keep(vault: Vault, poll: bytes, bundle: bytes) -> Path:
    """Write the bundle of a poll to disk and recount it; return where it is. Raises RecountFailed."""
    folder = vault.folder.parent / "bundles"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{poll.hex()}.zip"
    with path.with_suffix(".new").open("wb") as file:
        file.write(bundle)
        file.flush()
        os.fsync(file.fileno())
    command = [sys.executable, "-I", str(RECOUNT), str(path.with_suffix(".new"))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST, check=False)
    if done.returncode not in RIGHT:
        raise RecountFailed(said=(done.stdout.strip() or done.stderr.strip()).splitlines()[-1][-300:])
    path.with_suffix(".new").replace(path)
    return path
