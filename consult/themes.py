"""PURE. A town's own look: the design tokens of its theme file, under the names of the NL Design System.

A theme is a stylesheet that sets custom properties (`--basis-…`, `--nl-…`), as the tools of the NL Design System
write it. Only the tokens that our stylesheets listen to are taken; everything else in the file is left alone, so a
whole theme can be dropped in. Nothing that could load something, or hide it, gets through.
"""

import re
from collections.abc import Iterator, Mapping

from ballots.digest import H
from consult.refusals import ThemeEmpty, ThemeUnreadable, ThemeWrong

# What static/css/tokens.css listens to, and what it is for.
TOKENS: Mapping[str, str] = {
    "--basis-color-action-1-inverse-bg-default": "de kleur van de gemeente",
    "--basis-color-action-1-inverse-color-default": "de tekst daarop",
    "--basis-color-default-bg-document": "de achtergrond van de pagina",
    "--basis-color-default-color-document": "de tekst",
    "--basis-color-default-color-subtle": "de bijschriften",
    "--basis-color-default-border-subtle": "de lijnen",
    "--basis-text-font-family-default": "het lettertype",
    "--basis-heading-font-family": "het lettertype van koppen",
    "--basis-border-radius-md": "de hoeken van knoppen en velden",
    "--basis-border-radius-lg": "de hoeken van kaders",
    "--nl-button-border-radius": "de hoeken van knoppen",
    "--nl-button-primary-background-color": "de kleur van een knop",
    "--nl-button-primary-color": "de tekst op een knop",
    "--nl-link-color": "de kleur van een link",
}
# Text and what it stands on: WCAG 2.2, 1.4.3 asks 4.5 to 1. What a theme leaves out is ours (static/css/tokens.css).
PAIRS = (
    ("--basis-color-action-1-inverse-color-default", "--basis-color-action-1-inverse-bg-default"),
    ("--nl-button-primary-color", "--nl-button-primary-background-color"),
    ("--basis-color-default-color-document", "--basis-color-default-bg-document"),
    ("--basis-color-default-color-subtle", "--basis-color-default-bg-document"),
    ("--nl-link-color", "--basis-color-default-bg-document"),
)
OURS = {
    "--basis-color-default-bg-document": "#faf7f2",
    "--basis-color-default-color-document": "#24211d",
    "--basis-color-default-color-subtle": "#5c554c",
}
LEAST_CONTRAST = 4.5
LARGEST = 512 * 1024  # bytes; a whole theme is some 200 KB
COLOUR = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)
LENGTH = re.compile(r"\d{0,3}(?:\.\d{1,4})?(?:px|rem|em|%)?")
FONT = r"""(?:"[\w -]+"|'[\w -]+'|[\w-]+(?: [\w-]+)*)"""
FONTS = re.compile(rf"{FONT}(?:\s*,\s*{FONT}){{0,9}}", re.ASCII)
DECLARED = re.compile(r"(--[a-z0-9-]+)\s*:\s*([^;{}]+)")


def read(css: bytes) -> dict[str, str]:
    """Return the tokens in a theme file that we listen to: name to value.

    A token that points to another (`var(--…)`) is followed. Raises ThemeUnreadable (not a text), ThemeEmpty (none
    of our tokens in it), ThemeWrong (a value that is no colour, length or font, or text too pale to read).
    """
    try:
        text = css.decode() if len(css) <= LARGEST else ""
    except UnicodeDecodeError:
        text = ""
    if not text or "\0" in text:
        raise ThemeUnreadable()
    declared = dict(DECLARED.findall(re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)))
    tokens = {name: _followed(declared, name) for name in TOKENS if name in declared}
    if not tokens:
        raise ThemeEmpty()
    for name, value in tokens.items():
        if not _kind(name).fullmatch(value):
            raise ThemeWrong(name=name, value=value[:60])
    for ink, ground, ratio in too_pale(tokens):
        raise ThemeWrong(
            name=ink, value=f"{tokens.get(ink, OURS.get(ink))} op {ground}, contrast {ratio:.1f}"
        )
    return tokens


def too_pale(tokens: Mapping[str, str]) -> Iterator[tuple[str, str, float]]:
    """Yield text that is too hard to read: its token, the token it stands on, and their contrast."""
    for ink, ground in PAIRS:
        if ink in tokens or ground in tokens:
            one, other = tokens.get(ink, OURS.get(ink)), tokens.get(ground, OURS.get(ground))
            if one and other and (ratio := contrast(one, other)) < LEAST_CONTRAST:
                yield ink, ground, ratio


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours "#rgb" or "#rrggbb", from 1 to 21. Source: WCAG 2.2, "contrast ratio"."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def stylesheet(accent: str, tokens: Mapping[str, str]) -> str:
    """Return the stylesheet of a town: its colour, and then its own tokens."""
    colour = tokens.get("--basis-color-action-1-inverse-bg-default", accent)
    return (
        ":root {\n" + "".join(f"  {line}\n" for line in (f"--ws-accent: {colour};", *_lines(tokens))) + "}\n"
    )


def version(accent: str, theme: str) -> str:
    """Return what tells one stylesheet of a town from the next: eight hexadecimal digits."""
    return H("thema", accent.encode(), theme.encode()).hex()[:8]


def kept(tokens: Mapping[str, str]) -> str:
    """Return tokens as the text that is kept with the town."""
    return "\n".join(_lines(tokens))


def tokens_of(theme: str) -> dict[str, str]:
    """Return the tokens in a text that `kept` made."""
    return {
        name: value.rstrip(";")
        for name, _, value in (line.partition(": ") for line in theme.split("\n"))
        if name
    }


def _lines(tokens: Mapping[str, str]) -> Iterator[str]:
    return (f"{name}: {value};" for name, value in sorted(tokens.items()))


def _followed(declared: Mapping[str, str], name: str) -> str:
    value = " ".join(declared[name].split())
    for _ in range(10):  # a theme that turns in circles ends as a value that is none
        points = re.fullmatch(r"var\((--[a-z0-9-]+)(?:,.*)?\)", value)
        if not points or points[1] not in declared:
            break
        value = " ".join(declared[points[1]].split())
    return value


def _kind(name: str) -> re.Pattern[str]:
    return FONTS if "font-family" in name else LENGTH if "radius" in name else COLOUR


def _luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    parts = [sign * 2 for sign in digits] if len(digits) == 3 else re.findall("..", digits)
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (int(each, 16) / 255 for each in parts)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
