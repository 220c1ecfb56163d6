"""PURE. Draws a text as a QR code: one SVG path, for letters and for screens.

Level M and a quiet zone of four, with a mask that is fixed beforehand: searching for the best of the
eight costs seven times as much, and any reader copes with each of them.
"""

from collections.abc import Sequence

from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode

QUIET = 4
MASK = 3

Matrix = Sequence[Sequence[bool]]
Point = tuple[int, int]


def svg(text: str, *, mask: int | None = MASK) -> str:
    """Return `text` as a QR code on white, one user unit a module, quiet zone included."""
    return draw(matrix(text, mask=mask))


def matrix(text: str, *, mask: int | None = MASK) -> Matrix:
    """Return the modules of the QR code of `text`, quiet zone included; True is dark."""
    code = QRCode(error_correction=ERROR_CORRECT_M, mask_pattern=mask, border=QUIET)
    code.add_data(text)
    code.make(fit=True)
    modules: Matrix = code.get_matrix()
    return modules


def draw(modules: Matrix) -> str:
    """Return square `modules` as a minimal SVG."""
    side = len(modules)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="{_outline(modules)}"/></svg>'
    )


def _outline(modules: Matrix) -> str:
    """Trace the border between dark and light, so that neighbouring modules show no seam in print."""
    steps = _border(modules)
    path: list[str] = []
    while steps:
        here = corner = next(iter(steps))
        path.append(f"M{here[0]} {here[1]}")
        heading: Point | None = None
        while here in steps:
            there = steps[here].pop()
            if not steps[here]:
                del steps[here]
            towards = (there[0] - here[0], there[1] - here[1])
            if heading not in (None, towards):
                path.append(_line(corner, here))
                corner = here
            heading, here = towards, there
        path.append("z")
    return "".join(path)


def _border(modules: Matrix) -> dict[Point, list[Point]]:
    """Return every edge between a dark and a light module, clockwise round the dark, by where it starts."""
    steps: dict[Point, list[Point]] = {}
    for y, row in enumerate(modules):
        for x, dark in enumerate(row):
            if not dark:
                continue
            if not modules[y - 1][x]:
                steps.setdefault((x, y), []).append((x + 1, y))
            if not row[x + 1]:
                steps.setdefault((x + 1, y), []).append((x + 1, y + 1))
            if not modules[y + 1][x]:
                steps.setdefault((x + 1, y + 1), []).append((x, y + 1))
            if not row[x - 1]:
                steps.setdefault((x, y + 1), []).append((x, y))
    return steps


def _line(start: Point, end: Point) -> str:
    return f"h{end[0] - start[0]}" if start[1] == end[1] else f"v{end[1] - start[1]}"
