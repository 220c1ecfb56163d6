"""Turns a template and its data into a tagged PDF that is the same, byte for byte, for the same facts.

Templates stand in `templates/print`. The data travels in memory (`sys.inputs.data`, as JSON) and never
touches the disk: a letter's data holds its secret code. Only the fonts are written, for as long as it takes.
"""

import json
import re
import stat
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

import typst

TEMPLATES = Path(__file__).resolve().parent.parent / "templates" / "print"
MEMORY = 10
"""How many compilations the typesetter keeps what it made, in a cache that the whole process shares."""
FONTS = (
    "FiraGO_Regular",
    "FiraGO_Bold",
    "FiraGO_Italic",
    "FiraGO_BoldItalic",
    "FiraMono_Regular",
    "FiraMono_Bold",
)
ETHIOPIC = re.compile("[\u1200-\u139f]")
ETHIOPIC_FONTS = (
    Path("/usr/share/fonts/truetype/noto/NotoSansEthiopic-Regular.ttf"),
    Path("/usr/share/fonts/truetype/abyssinica/AbyssinicaSIL-Regular.ttf"),
)
"""FiraGO has every script but that of Tigrinya, and no wheel brings it: it is taken from the system (on Debian the
package fonts-sil-abyssinica), for letters only: a record must be the same on every system. Without one such a sign is
refused by name, as any that the fonts lack."""

MISSING = re.compile(r'the text `"(.+?)"` could not be displayed', re.DOTALL)


class TypesetError(Exception):
    """A page could not be made; the message is the typesetter's own, without any of the data."""


def typeset_record(template: str, data: Mapping[str, object], *, moment: datetime) -> bytes:
    """Return what `typeset` does, with `?` for every sign the fonts lack: a record must never fail to print."""
    text = json.dumps(data, ensure_ascii=False)
    text = "".join("?" if unicodedata.category(sign) in ("Cc", "Cf", "Co", "Cs") else sign for sign in text)
    text = re.sub(r"\\u00[01][0-9a-f]", "?", text)  # control characters, as JSON writes them
    for _ in range(100):
        try:
            return typeset(template, json.loads(text), moment=moment)
        except TypesetError as error:
            if not (found := MISSING.search(str(error))):
                raise
            for sign in set(found[1]):
                text = text if sign.isascii() else text.replace(sign, "?")
    raise TypesetError(f"{template}: too many signs that the fonts lack")


def typeset(
    template: str, data: Mapping[str, object], *, moment: datetime, of_the_system: bool = False
) -> bytes:
    """Return `templates/print/<template>.typ`, filled with `data`, as PDF/UA-1 and PDF/A-2a.

    `moment` (aware) is the only date in the file. `of_the_system`: the font for Tigrinya may be taken from there.
    """
    source = TEMPLATES / f"{template}.typ"
    if not source.is_file():
        raise TypesetError(f"no template {template}")
    text = json.dumps(data, ensure_ascii=False)
    with TemporaryDirectory(prefix="typeset-") as room:
        _unpack_fonts(Path(room), of_the_system and ETHIOPIC.search(text) is not None)
        nowhere = Path(room) / "packages"
        try:
            return typst.compile(
                source,
                format="pdf",
                root=TEMPLATES,
                font_paths=typst.Fonts(
                    include_system_fonts=False, include_embedded_fonts=False, font_paths=[room]
                ),
                ignore_system_fonts=True,
                sys_inputs={"data": text},
                pdf_standards=["ua-1", "a-2a"],
                package_path=nowhere,
                package_cache_path=nowhere,
                timestamp=int(moment.astimezone(UTC).timestamp()),
            )
        except typst.TypstError as error:
            raise TypesetError(f"{template}: {error.message}") from None
        finally:
            _forget()


def picture(template: str, data: Mapping[str, object]) -> bytes:
    """Return page 1 of `templates/print/<template>.typ`, filled with `data`, as PNG: a pixel a point.

    A sign that the fonts lack is left out: a picture of a link is no record.
    """
    source = TEMPLATES / f"{template}.typ"
    if not source.is_file():
        raise TypesetError(f"no template {template}")
    with TemporaryDirectory(prefix="typeset-") as room:
        _unpack_fonts(Path(room), ethiopic=False)
        nowhere = Path(room) / "packages"
        try:
            made: bytes = typst.compile(
                source,
                format="png",
                ppi=72,
                root=TEMPLATES,
                font_paths=typst.Fonts(
                    include_system_fonts=False, include_embedded_fonts=False, font_paths=[room]
                ),
                ignore_system_fonts=True,
                sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
                package_path=nowhere,
                package_cache_path=nowhere,
            )
        except typst.TypstError as error:
            raise TypesetError(f"{template}: {error.message}") from None
        return made


def _unpack_fonts(folder: Path, ethiopic: bool) -> None:
    """Write the fonts, which pymupdf-fonts keeps as Python bytes, where the typesetter can read them."""
    fonts = {name: import_module(f"pymupdf_fonts.{name}").fontbuffer for name in FONTS}
    if ethiopic:
        fonts |= {found.stem: found.read_bytes() for found in ETHIOPIC_FONTS if found.is_file()}
    for name, data in fonts.items():
        path = folder / f"{name}.ttf"
        path.write_bytes(data)
        path.chmod(stat.S_IRUSR)


def _forget() -> None:
    """Push this compilation out of the typesetter's cache: thousands of letters are large, and secret."""
    blank = typst.Compiler(
        font_paths=typst.Fonts(include_system_fonts=False, include_embedded_fonts=False),
        ignore_system_fonts=True,
    )
    for _ in range(MEMORY + 1):
        blank.compile(b"", format="svg")
