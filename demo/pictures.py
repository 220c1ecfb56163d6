"""The photos of the demo: small drawings, made when the town is filled, that go in through the real photo reader."""

from collections.abc import Callable
from io import BytesIO
from typing import TypeAlias

from PIL import Image, ImageDraw

Colour: TypeAlias = str
Pen: TypeAlias = ImageDraw.ImageDraw
WIDE, HIGH, FINE = 1200, 800, 2  # pixels, and how much larger it is drawn, to smooth its edges
SKY, GRASS, PATH, BRICK, WALL, ROOF = "#cfe6ee", "#8fb56b", "#d8c7a8", "#b9583f", "#e9d6bb", "#5b4a44"
GREEN, DARK, LIGHT, WOOD, WATER, INK = "#4f7d46", "#355a34", "#f3c65d", "#8a5f3c", "#6fa9c4", "#33302c"


def picture(name: str) -> bytes:
    """Return the drawing of this name, as the JPEG file that a telephone would send."""
    image = Image.new("RGB", (WIDE * FINE, HIGH * FINE), SKY)
    pen = ImageDraw.Draw(image)
    _street(pen)
    SCENES[name](pen)
    out = BytesIO()
    image.resize((WIDE, HIGH), Image.Resampling.LANCZOS).save(out, "JPEG", quality=90)
    return out.getvalue()


def _box(pen: Pen, x: int, y: int, width: int, height: int, colour: Colour, round: int = 0) -> None:
    box = [x * FINE, y * FINE, (x + width) * FINE, (y + height) * FINE]
    pen.rounded_rectangle(box, round * FINE, fill=colour)


def _shape(pen: Pen, colour: Colour, *points: tuple[int, int]) -> None:
    pen.polygon([(x * FINE, y * FINE) for x, y in points], fill=colour)


def _disc(pen: Pen, x: int, y: int, radius: int, colour: Colour) -> None:
    pen.ellipse(
        [(x - radius) * FINE, (y - radius) * FINE, (x + radius) * FINE, (y + radius) * FINE], fill=colour
    )


def _line(pen: Pen, colour: Colour, width: int, *points: tuple[int, int]) -> None:
    pen.line([(x * FINE, y * FINE) for x, y in points], fill=colour, width=width * FINE, joint="curve")


def _street(pen: Pen) -> None:
    """Houses with gables, and the ground before them."""
    _disc(pen, 1030, 130, 60, "#fbe9b0")
    for at, (x, width, top, wall) in enumerate(
        [(0, 210, 250, BRICK), (210, 190, 200, WALL), (400, 230, 270, "#a9493a"), (630, 180, 215, WALL),
         (810, 220, 255, BRICK), (1030, 200, 210, "#c98f6b")]
    ):  # fmt: skip
        _box(pen, x, top, width, 560 - top, wall)
        middle = x + width // 2
        _shape(pen, ROOF, (x - 6, top), (middle, top - 95), (x + width + 6, top))
        for row in range(2):
            for column in (x + 35, x + width - 85):
                _box(pen, column, top + 40 + 110 * row, 50, 66, LIGHT if (at + row) % 3 else "#dce8ea", 3)
        _box(pen, middle - 26, 450, 52, 110, "#2f5d50", 4)
    _box(pen, 0, 552, WIDE, 250, PATH)


def _tree(pen: Pen, x: int, y: int, size: int) -> None:
    _box(pen, x - size // 9, y - size, 2 * size // 9, size, WOOD)
    for dx, dy, part in ((-45, -105, 52), (45, -105, 52), (0, -150, 62), (0, -95, 60)):
        _disc(
            pen, x + dx * size // 100, y + dy * size // 100, part * size // 100, GREEN if dy < -100 else DARK
        )


def _person(pen: Pen, x: int, y: int, size: int, coat: Colour, skin: Colour) -> None:
    _box(pen, x - size // 5, y - size // 3, size // 6, size // 3, INK, 3)
    _box(pen, x + size // 20, y - size // 3, size // 6, size // 3, INK, 3)
    _box(pen, x - size // 4, y - 3 * size // 4, size // 2, size // 2, coat, size // 8)
    _disc(pen, x, y - size + size // 12, size // 6, skin)


def _planter(pen: Pen, x: int, y: int) -> None:
    for dx, colour in ((15, GREEN), (48, "#d8607a"), (80, DARK), (112, LIGHT), (140, GREEN)):
        _line(pen, DARK, 6, (x + dx, y), (x + dx, y - 50))
        _disc(pen, x + dx, y - 62, 27, colour)
    _shape(pen, WOOD, (x - 8, y - 8), (x + 164, y - 8), (x + 150, y + 78), (x + 6, y + 78))
    _box(pen, x - 14, y - 18, 184, 20, "#a3744b", 4)


def _field(pen: Pen) -> None:
    _box(pen, 0, 575, WIDE, 225, GRASS)
    for x in range(20, WIDE, 74):
        _line(pen, DARK, 3, (x, 640 + x * 7 % 130), (x + 6, 622 + x * 7 % 130), (x + 12, 640 + x * 7 % 130))


def _planters(pen: Pen) -> None:
    for x in (60, 330, 700, 960):
        _planter(pen, x, 640)
    _person(pen, 610, 745, 190, "#c2702f", "#8d5a3b")


def _playground(pen: Pen) -> None:
    _field(pen)
    _tree(pen, 150, 690, 190)
    _tree(pen, 1080, 680, 170)


def _living_room(pen: Pen) -> None:
    _box(pen, 0, 0, WIDE, 590, "#f0e2cb")
    _box(pen, 0, 590, WIDE, 210, WOOD)
    _box(pen, 90, 110, 420, 330, "#ffffff", 6)
    _box(pen, 106, 126, 388, 298, SKY)
    _box(pen, 294, 126, 12, 298, "#ffffff")
    _shape(pen, ROOF, (120, 330), (200, 250), (280, 330))
    _box(pen, 130, 330, 140, 94, BRICK)
    _tree(pen, 400, 424, 105)
    for row in range(3):
        _box(pen, 760, 180 + 90 * row, 330, 14, "#7b5535")
        for book in range(11):
            tall = 46 + (book * 37 + row * 11) % 28
            _box(
                pen,
                772 + 28 * book,
                180 + 90 * row - tall,
                22,
                tall,
                (BRICK, GREEN, LIGHT, WATER, ROOF)[(book + row) % 5],
                2,
            )
    _line(pen, INK, 5, (620, 0), (620, 150))
    _shape(pen, LIGHT, (560, 210), (590, 150), (650, 150), (680, 210))
    for x, coat, skin in (
        (330, "#7c4f8c", "#f0c9a8"),
        (560, "#2f6f8f", "#7a4a30"),
        (790, "#c2702f", "#d9a77f"),
    ):
        _person(pen, x, 700, 260, coat, skin)
    _box(pen, 220, 610, 690, 32, "#c79a63", 6)
    _box(pen, 270, 640, 24, 150, "#a3744b")
    _box(pen, 840, 640, 24, 150, "#a3744b")
    for x in (380, 520, 680):
        _box(pen, x, 582, 40, 30, "#ffffff", 6)


def _garden(pen: Pen) -> None:
    _field(pen)
    for x in (90, 480, 860):
        _planter(pen, x, 670)
    _box(pen, 690, 560, 90, 140, WATER, 20)


SCENES: dict[str, Callable[[Pen], None]] = {
    "planters": _planters,
    "field": _playground,
    "living room": _living_room,
    "garden": _garden,
}
