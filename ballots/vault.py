"""The secret files of polls: outside the database and its backups, gone once they have served.

| name | is | goes when |
|---|---|---|
| `seed-1`, `seed-2`, … | the seed of a print run | printing is confirmed |
| `mix` | of the outer seal | the recount of the bundle has passed |
| `open` | of the poll's seal; not there with keyholders | the same |
| `share-1` … `share-3` | what a key sheet is printed from | its printing is confirmed |
| `sign` | of board and receipts | the dossier is archived |
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ballots.refusals import KeyMissing, KeyStays

SIZE = 32


class Vault:
    """A folder of 32-byte files, a name a poll, readable by this service only."""

    def __init__(self, folder: Path, randomness: Callable[[int], bytes] = os.urandom) -> None:
        self.folder = folder
        self.randomness = randomness

    def _path(self, poll: bytes, name: str) -> Path:
        return self.folder / f"{poll.hex()}.{name}"

    def make(self, poll: bytes, name: str, secret: bytes | None = None) -> bytes:
        """Store durably, and return, a secret that is not there yet; drawn unless it is given."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = secret or self.randomness(SIZE)
        handle = os.open(self._path(poll, name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(made)
            file.flush()
            os.fsync(handle)
        self._sync()
        return made

    def read(self, poll: bytes, name: str) -> bytes:
        """Return a secret. Raises KeyMissing where it cannot be read, or is not whole."""
        try:
            secret = self._path(poll, name).read_bytes()
        except OSError as missing:
            raise KeyMissing() from missing
        if len(secret) != SIZE:
            raise KeyMissing()
        return secret

    def has(self, poll: bytes, name: str) -> bool:
        """Say whether there is such a secret."""
        return self._path(poll, name).exists()

    def destroy(self, poll: bytes, name: str) -> bool:
        """Overwrite and remove a secret; return whether there was one. Raises KeyStays where that fails."""
        path = self._path(poll, name)
        if not path.exists():
            return False
        try:
            try:
                with path.open("r+b") as file:
                    file.write(bytes(SIZE))
                    file.flush()
                    os.fsync(file.fileno())
            finally:  # also where nothing more can be written
                path.unlink()
            self._sync()
        except OSError as failed:
            raise KeyStays(file=path.name) from failed
        return True

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until nobody else is closing, counting or destroying keys, and keep them waiting meanwhile."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.folder / "lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def destroy_all(self, poll: bytes, but: str = "") -> None:
        """Destroy every secret of a poll, but this one. Raises KeyStays, after it tried each of them."""
        stays: list[KeyStays] = []
        for path in self.folder.glob(f"{poll.hex()}.*"):
            name = path.name.partition(".")[2]
            try:
                if name != but:
                    self.destroy(poll, name)
            except KeyStays as failed:
                stays.append(failed)
        if stays:
            raise stays[0]

    def _sync(self) -> None:
        handle = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
