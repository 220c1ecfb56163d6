"""Hands: the catalogues of translations, read from their .po files: there is nothing to compile or install."""

from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from ballots.languages import DUTCH

FOLDER = Path(__file__).parent.parent / "translations"


def path(code: str) -> Path:
    """Return where the catalogue of a language is."""
    return FOLDER / code / "LC_MESSAGES" / "messages.po"


@cache
def translations(code: str) -> NullTranslations:
    """Return the translations into a language; into Dutch there are none. Raises OSError where there is no catalogue.

    Reading takes a fraction of a second, once for each process.
    """
    if code == DUTCH.code:
        return NullTranslations()
    compiled = BytesIO()
    with path(code).open("rb") as file:
        write_mo(compiled, read_po(file, locale=code))
    compiled.seek(0)
    return Translations(compiled)


class Catalogues(dict[tuple[str, str], NullTranslations]):
    """What Flask-Babel keeps translations in, by locale and domain: each is read when first asked for."""

    def __missing__(self, key: tuple[str, str]) -> NullTranslations:
        self[key] = translations(key[0])
        return self[key]
