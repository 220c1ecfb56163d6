"""The server we run: Granian, one worker, WSGI in threads."""

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import IO

from whitenoise.compress import Compressor

from ballots.refusals import Refusal
from ballots.words import N_

THREADS = 32  # most of them wait for the turnstile: the more who wait, the more go in one commit
STATIC = Path(__file__).parent.parent / "static"


class ServerSilent(Refusal):
    text = N_("De proefserver startte niet. Probeer het nog eens. %(said)s")


def command(target: str, port: int) -> list[str]:
    """Return the command that serves factory `target` ("module:name") on this loopback port, without access log."""
    options = ["--interface", "wsgi", "--factory", "--no-ws", "--log-level", "error", "--no-access-log"]
    options += ["--http1-header-read-timeout", "10000"]
    options += ["--blocking-threads", str(THREADS), "--backpressure", "512", "--port", str(port)]
    return [sys.executable, "-m", "granian", *options, target]


def compress_static() -> None:
    """Write a compressed copy beside each static file that is newer than its copy; phones get those.

    Where the files may not be written they go out as they are.
    """
    compressor = Compressor(quiet=True)
    with suppress(OSError):
        for path in STATIC.rglob("*.*"):
            copy = path.with_name(f"{path.name}.gz")
            made = copy.stat().st_mtime if copy.exists() else 0
            if path.suffix in (".css", ".js", ".svg") and made < path.stat().st_mtime - 0.001:
                compressor.compress(str(path))


def taken(port: int) -> bool:
    """Say whether something listens on this loopback port already."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def served(target: str, settings: Mapping[str, str], port: int = 0) -> Iterator[int]:
    """Serve the app that factory `target` makes with these settings on this loopback port (0: a free one); yield it."""
    if not port:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
    compress_static()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command(target, port),
            env={**os.environ, **settings},
            cwd=Path(__file__).parent.parent,
            stdout=said,
            stderr=said,
        )
        try:
            _wait(process, port, said)
            yield port
        finally:
            process.terminate()
            process.wait(20)


def _wait(process: "subprocess.Popen[bytes]", port: int, said: IO[bytes]) -> None:
    """Return once the server answers. Raises ServerSilent when it ends, or says nothing for a minute."""
    for _ in range(600):
        if process.poll() is not None:
            break
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
                connection.request("GET", "/s")
                if connection.getresponse().status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    said.seek(0)
    raise ServerSilent(said=said.read()[-500:].decode(errors="replace"))
