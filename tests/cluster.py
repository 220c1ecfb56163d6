"""A PostgreSQL cluster of the tests' own: thrown away afterwards, on loopback and a socket, ended by its own pid.

Without PostgreSQL the tests that need it are skipped, and fail where REQUIRE_POSTGRES=1 says that it must be there.
"""

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "fsync": "on",
    "shared_buffers": "32MB",
}


def binaries() -> Path | None:
    """Return the folder with initdb and postgres, of the newest version there is."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).parent
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


def needed() -> Path:
    """Return that folder, or skip this test, or fail it where a skip is not allowed."""
    if found := binaries():
        return found
    if os.environ.get("REQUIRE_POSTGRES") == "1":
        pytest.fail("PostgreSQL is not here, and REQUIRE_POSTGRES=1 says it must be: install postgresql")
    pytest.skip("no PostgreSQL here (Debian: postgresql)")


@dataclass
class Cluster:
    """A running cluster; `folder` holds its data and its log."""

    folder: Path
    port: int
    process: "subprocess.Popen[bytes]"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def url(self, name: str = "postgres") -> str:
        """Return the address of a database, as DATABASE_URL wants it."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def run(self, statement: str) -> None:
        """Run a statement of administration."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement.encode())

    def make(self, name: str, template: str = "template1") -> str:
        """Make a database, as a copy of another, and return its address."""
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def drop(self, name: str) -> None:
        """Drop a database, whoever is connected."""
        self.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def as_postgres(command: Sequence[str]) -> list[str]:
    """Return the command for the user that PostgreSQL may run as: it refuses root."""
    return ["runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else list(command)


@contextmanager
def running(folder: Path, settings: dict[str, str] | None = None) -> Iterator[Cluster]:
    """Make a cluster in this empty folder and run it."""
    programs, data = needed(), folder / "data"
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    subprocess.run(
        as_postgres(
            [str(programs / "initdb"), "-D", str(data), "-A", "trust", "-U", "postgres", "-E", "UTF8"]
        ),
        check=True,
        stdout=subprocess.DEVNULL,
        cwd="/",
    )
    with started(folder, settings) as cluster:
        yield cluster


@contextmanager
def started(folder: Path, settings: dict[str, str] | None = None) -> Iterator[Cluster]:
    """Run a cluster that was made in this folder before."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    given = {**SETTINGS, "port": str(port), "unix_socket_directories": str(folder), **(settings or {})}
    options = [part for name, value in given.items() for part in ("-c", f"{name}={value}")]
    command = as_postgres([str(needed() / "postgres"), "-D", str(folder / "data"), *options])
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd="/", start_new_session=True)
    cluster = Cluster(folder, port, process)
    try:
        _wait(cluster)
        yield cluster
    finally:
        process.terminate()
        process.wait(60)


def _wait(cluster: Cluster) -> None:
    for _ in range(300):
        assert cluster.process.poll() is None, cluster.log.read_text()
        try:
            psycopg.connect(cluster.url(), connect_timeout=5).close()
            return
        except psycopg.OperationalError:
            time.sleep(0.1)
    raise AssertionError(cluster.log.read_text())
