"""Counter: the language of a page stands in its address, `/en/…`; Dutch has no prefix.

A language is no setting of a person, so no cookie keeps it: an address that is shared or printed shows what its
sender saw. Outside the app the prefix becomes part of where the app is mounted, so every address it makes has it too.
"""

from collections.abc import Callable, Collection, Iterable
from typing import Any

from flask import has_request_context, request

from ballots.languages import DUTCH, LANGUAGES, Language

KEY = "wijkstem.language"  # in the environ; no header of a request can set a name with a dot

Environ = dict[str, Any]
Served = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class Prefix:
    """In front of `served`: takes a prefix of one of these languages off the path."""

    def __init__(self, served: Served, languages: Collection[Language]) -> None:
        self.served = served
        self.codes = {each.code for each in languages if each is not DUTCH}

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        code, _, rest = environ["PATH_INFO"][1:].partition("/")
        if code in self.codes:
            mounted = f"{environ.get('SCRIPT_NAME', '')}/{code}"
            environ = {**environ, "PATH_INFO": f"/{rest}", "SCRIPT_NAME": mounted, KEY: code}
        return self.served(environ, start_response)


def language() -> Language:
    """Return the language of the page that is asked for; Dutch outside a request."""
    return LANGUAGES[request.environ.get(KEY, DUTCH.code)] if has_request_context() else DUTCH


def without(address: str) -> str:
    """Return a path of this site without the language that the page asked for has."""
    return address.removeprefix(language().prefix)
