"""The seed files of print runs: outside the database and its backups, gone once printing is confirmed."""

import os
from collections.abc import Callable
from pathlib import Path

from ballots.refusals import SeedMissing


class Seeds:
    """A folder of seed files, one of 32 bytes for each print run, readable by this service only."""

    def __init__(self, folder: Path, randomness: Callable[[int], bytes] = os.urandom) -> None:
        self.folder = folder
        self.randomness = randomness

    def _path(self, poll: bytes, run: int) -> Path:
        return self.folder / f"{poll.hex()}-{run}.seed"

    def make(self, poll: bytes, run: int) -> bytes:
        """Make, store durably and return the seed of a print run that has none yet."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        seed = self.randomness(32)
        handle = os.open(self._path(poll, run), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(seed)
            file.flush()
            os.fsync(handle)
        self._sync()
        return seed

    def read(self, poll: bytes, run: int) -> bytes:
        """Return the seed of a print run. Raises SeedMissing once printing was confirmed."""
        try:
            return self._path(poll, run).read_bytes()
        except FileNotFoundError as missing:
            raise SeedMissing() from missing

    def destroy(self, poll: bytes, run: int) -> bool:
        """Overwrite and remove the seed; return whether there was one."""
        path = self._path(poll, run)
        if not path.exists():
            return False
        try:
            with path.open("r+b") as file:
                file.write(bytes(32))
                file.flush()
                os.fsync(file.fileno())
        finally:  # also where nothing more can be written
            path.unlink()
        self._sync()
        return True

    def _sync(self) -> None:
        handle = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
