import re
from xml.etree import ElementTree

import pytest
import zxingcpp

from ballots import qr

TEXTS = [
    "https://stem.voorbeeldstad.nl/s#7KQ29BZ5M3XW8TDR4HJ6",
    "otpauth://totp/Wijkstem:anna%40voorbeeldstad.nl?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Wijkstem",
    "STEM",
]


def painted(svg: str) -> list[list[bool]]:
    """Fill the dark path of `svg` by the even-odd rule, a module at a time: what a printer would do."""
    root = ElementTree.fromstring(svg)
    side = int(root.attrib["viewBox"].split()[2])
    path = list(root)[1].attrib["d"]
    walls: set[tuple[int, int]] = set()
    x = y = 0
    for loop in re.findall(r"M(\d+) (\d+)([^M]*)", path):
        x, y = x0, y0 = int(loop[0]), int(loop[1])
        for way, length in re.findall(r"([hv])(-?\d+)", loop[2]):
            if way == "h":
                x += int(length)
            else:
                walls |= {(x, row) for row in range(min(y, y + int(length)), max(y, y + int(length)))}
                y += int(length)
        walls ^= {(x0, row) for row in range(min(y, y0), max(y, y0))}  # z closes upright, or along a row
    rows = []
    for row in range(side):
        dark, modules = False, []
        for column in range(side):
            dark ^= (column, row) in walls
            modules.append(dark)
        rows.append(modules)
    return rows


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("mask", [*range(8), None])
def test_the_drawing_has_exactly_the_modules_of_the_code(text: str, mask: int | None) -> None:
    assert painted(qr.svg(text, mask=mask)) == [list(row) for row in qr.matrix(text, mask=mask)]


@pytest.mark.parametrize("text", TEXTS)
def test_a_reader_reads_it_back_at_level_m(text: str) -> None:
    modules = painted(qr.svg(text))
    side = len(modules) * 4
    grey = bytes(0 if modules[y // 4][x // 4] else 255 for y in range(side) for x in range(side))
    (found,) = zxingcpp.read_barcodes(memoryview(grey).cast("B", (side, side)))
    assert found.text == text
    assert found.ec_level == "M"


def test_the_quiet_zone_is_four_modules_wide() -> None:
    modules = qr.matrix(TEXTS[0])
    edge = [*modules[:4], *modules[-4:], *zip(*[(*row[:4], *row[-4:]) for row in modules], strict=True)]
    assert not any(any(row) for row in edge)
    assert modules[4][4]


def test_the_same_text_gives_the_same_drawing_without_style_or_script() -> None:
    svg = qr.svg(TEXTS[0])
    assert svg == qr.svg(TEXTS[0])
    assert "style" not in svg
    assert "script" not in svg
    assert TEXTS[0] not in svg
