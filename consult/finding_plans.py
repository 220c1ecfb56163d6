"""PURE. Search by words: a text is found when every word that was typed stands in it, whatever its case or accents."""

import unicodedata


def words(typed: str) -> tuple[str, ...]:
    """Return the words that were typed, at most ten, as `found` compares them."""
    return tuple(plain(typed).split()[:10])


def found(wanted: tuple[str, ...], *texts: str) -> bool:
    """Say whether every word stands somewhere in these texts; without words nothing is found."""
    held = plain(" ".join(texts))
    return bool(wanted) and all(word in held for word in wanted)


def plain(text: str) -> str:
    """Return a text without accents and capitals: "Café" and "cafe" are alike."""
    split = unicodedata.normalize("NFKD", text).casefold()
    return "".join(sign for sign in split if not unicodedata.combining(sign))
