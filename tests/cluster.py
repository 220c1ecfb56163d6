"""A PostgreSQL cluster of the tests' own: thrown away afterwards, on loopback and a socket, ended by its own pid.

Without PostgreSQL the tests that need it are skipped, and fail where REQUIRE_POSTGRES=1 says that it must be there.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
    """A cluster; `folder` holds its data and its log, `settings` are what it is started with."""

    folder: Path
    port: int
    settings: dict[str, str]
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start the server, and return once it answers."""
        given = {
            **SETTINGS,
            **self.settings,
            "port": str(self.port),
            "unix_socket_directories": str(self.folder),
        }
        options = [part for name, value in given.items() for part in ("-c", f"{name}={value}")]
        command = [str(needed() / "postgres"), "-D", str(self.folder / "data"), *options]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, start_new_session=True, **as_postgres()
            )
        for _ in range(300):
            assert self.process.poll() is None, self.log.read_text()
            try:
                psycopg.connect(self.url(), connect_timeout=5).close()
                return
            except psycopg.OperationalError:
                time.sleep(0.1)
        raise AssertionError(self.log.read_text())

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop the server: SIGINT sends everybody away first, SIGQUIT drops everything as it is."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(60)

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


def client(name: str) -> Path:
    """Return a program that comes with the server."""
    return (needed() / "initdb").resolve().parent / name


def dumped(address: str, form: str = "plain") -> bytes:
    """Return a logical backup of the database at this address, as the manual of PostgreSQL makes it."""
    command = [str(client("pg_dump")), f"--format={form}", address]
    return subprocess.run(command, check=True, capture_output=True).stdout


def as_postgres() -> dict[str, Any]:
    """Return how a process is started as the user that PostgreSQL may run as: it refuses root."""
    there: dict[str, Any] = {"cwd": "/"}
    if os.geteuid() == 0:
        there |= {"user": "postgres", "group": "postgres", "extra_groups": []}
    return there


@contextmanager
def running(
    folder: Path, settings: dict[str, str] | None = None, made_with: Sequence[str] = ()
) -> Iterator[Cluster]:
    """Make a cluster in this empty folder, with these arguments of initdb, and run it with these settings."""
    programs, data = needed(), folder / "data"
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    initdb = [str(programs / "initdb"), "-D", str(data), "-A", "trust", "-U", "postgres", "-E", "UTF8"]
    subprocess.run(
        [*initdb, *made_with],
        check=True,
        stdout=subprocess.DEVNULL,
        **as_postgres(),
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    cluster = Cluster(folder, port, settings or {})
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
