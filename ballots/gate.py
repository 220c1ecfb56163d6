"""Counter: the last step of a vote, without Flask around it.

Voters send in the same hour, and what Flask does around a page costs more than all of a vote's cryptography.
A vote that is in order is taken in here. Everything else (a refusal, a fault, another request) goes on to the
view `booth.cast` as it came: it does the same and says what is wrong, in the reader's language. That is safe,
because the same vote again gives the same receipt and writes nothing.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs

from ballots import booth

Environ = dict[str, Any]
Served = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
Take = Callable[[Mapping[str, Sequence[str]]], str]

PATH = "/s/stem"
PLAIN, PARTS = "application/x-www-form-urlencoded", "multipart/form-data"  # the page of the booth sends parts
MOST_FIELDS = 1000
# Just what browsers make of our page: a library that reads every form costs more than all else here. What is
# otherwise goes by.
PART = re.compile(r'\r\nContent-Disposition: form-data; name="(?P<name>\w+)"\r\n\r\n(?P<value>[^\r\n]*)\r\n')


class Gate:
    """In front of `served`, the pages: answers each vote that is in order with its receipt's address.

    `take` is `booth.take` with all it needs but the vote; `headers` gives those of every page, for https or not.
    """

    def __init__(self, served: Served, take: Take, headers: Callable[[bool], Mapping[str, str]]) -> None:
        self.served, self.take = served, take
        self.headers = {
            scheme: [*{**headers(scheme == "https"), **booth.UNLOGGED, "Content-Length": "0"}.items()]
            for scheme in ("http", "https")
        }

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == PATH and environ["REQUEST_METHOD"] == "POST" and (size := _size(environ)):
            body = environ["wsgi.input"].read(size)
            whole = len(body) == size  # a vote cut off may read as another one
            if whole and (path := self._taken(environ["CONTENT_TYPE"], body)):
                headers = self.headers[environ["wsgi.url_scheme"]]
                where = environ.get("SCRIPT_NAME", "") + path
                start_response("303 SEE OTHER", [*headers, ("Location", where)])
                return ()
            environ["wsgi.input"] = BytesIO(body)
        return self.served(environ, start_response)

    def _taken(self, kind: str, body: bytes) -> str | None:
        """Return the path of the receipt of this vote, or None for what the view is to answer."""
        try:
            return self.take(fields_of(kind, body))
        except Exception:  # whatever it is, the view meets it too, and can tell
            return None


def fields_of(kind: str, body: bytes) -> Mapping[str, Sequence[str]]:
    """Return the fields of a form of this content type. Raises ValueError for what is none."""
    text = body.decode("ascii")
    if kind.startswith(PLAIN):
        return parse_qs(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    before, *parts, after = text.split("--" + kind.partition("boundary=")[2].strip('"'))
    if before.strip() or after.strip() != "--" or len(parts) > MOST_FIELDS:
        raise ValueError("not a form as a browser sends it")
    fields: dict[str, list[str]] = {}
    for part in parts:
        if not (field := PART.fullmatch(part)):
            raise ValueError("not a field as a browser sends it")
        fields.setdefault(field["name"], []).append(field["value"])
    return fields


def _size(environ: Environ) -> int:
    """Return how many bytes of a form come with this request; 0 for what is no form, or larger than a vote."""
    size = environ.get("CONTENT_LENGTH") or "0"
    if environ.get("CONTENT_TYPE", "").partition(";")[0] not in (PLAIN, PARTS) or not size.isdecimal():
        return 0
    return int(size) if int(size) <= booth.LARGEST else 0
