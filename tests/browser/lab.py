"""A blank page that can load the modules of static/js, and what tests ask of it."""

import base64
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

STATIC = Path(__file__).parents[2] / "static"

# What the functions that tests evaluate find on the page, in `lab`.
START = """async () => {
    const names = ['ballots', 'bytes', 'checkpoints', 'codes', 'count', 'definition', 'find', 'fractions', 'index',
                   'json', 'paper', 'recount', 'sha256', 'signatures', 'tree', 'zip'];
    window.lab = {};
    for (const name of names) { lab[name] = await import(`/js/recount/${name}.js`); }
    lab.binary = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
    lab.files = (files) => new Map(Object.entries(files).map(([name, data]) => [name, lab.binary(data)]));
}"""


class _Quiet(SimpleHTTPRequestHandler):
    def __init__(self, *given: Any, headers: Mapping[str, str], **named: Any) -> None:
        self.more = headers
        super().__init__(*given, **named)

    def end_headers(self) -> None:
        for name, value in self.more.items():
            self.send_header(name, value)
        super().end_headers()

    def do_GET(self) -> None:
        if self.path != "/":
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>lab</title>")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path = STATIC, headers: Mapping[str, str] | None = None) -> Iterator[str]:
    """Serve this folder on a free loopback port, and a blank page at its root; yield the address."""
    handler = partial(_Quiet, directory=str(folder), headers=headers or {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def opened(browser: Browser) -> Iterator[Page]:
    """Open a blank page in which `lab` holds the modules."""
    with served() as base, browser.new_context() as context:
        page = context.new_page()
        page.goto(base)
        page.evaluate(START)
        yield page


def encoded(files: Mapping[str, bytes]) -> dict[str, str]:
    """Return files as `lab.files` reads them."""
    return {name: base64.b64encode(data).decode() for name, data in files.items()}


def recounted(page: Page, files: Mapping[str, bytes], **known: Any) -> tuple[str, list[dict[str, Any]]]:
    """Recount files; return how it ended, and all that was said but for progress."""
    end, said = page.evaluate(RECOUNT, [encoded(files), known])
    return end, said


RECOUNT = """async ([files, known]) => {
    const said = [];
    const end = await lab.recount.recount(lab.files(files), known, (kind, key, values) => {
        if (kind !== 'progress') { said.push({ kind, key, values }); }
    });
    return [end, said];
}"""
