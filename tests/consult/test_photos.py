"""Photos of strangers: made small and upright, rid of what they tell, and refused in one sentence."""

import struct
import zlib
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from ballots.refusals import Refusal
from consult import photos
from consult.refusals import PhotoBroken, PhotoHeic, PhotoHuge, PhotoSmall, PhotoUnknown

RED, BLUE = (200, 30, 30), (30, 30, 200)


def picture(width: int = 900, height: int = 600, mode: str = "RGB") -> Image.Image:
    """Red above, blue below."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (0, height // 2, width, height))
    return image.convert(mode)


def file(image: Image.Image, kind: str = "JPEG", **more: object) -> bytes:
    out = BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


def near(image: Image.Image, at: tuple[int, int], colour: tuple[int, int, int]) -> bool:
    found = image.convert("RGB").getpixel(at)
    assert isinstance(found, tuple)
    return all(abs(one - other) < 25 for one, other in zip(found, colour, strict=True))


def told() -> Image.Exif:
    """What a telephone writes along: where, when, who, and which way is up."""
    exif = Image.Exif()
    exif[0x010F], exif[0x013B], exif[0x0132] = "Telefoonmerk", "Noor van Houten", "2026:06:01 12:00:00"
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 5.0, 1.0), 3: "E", 4: (4.0, 18.0, 2.0)})
    return exif


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    ("size", "large", "small"),
    [
        ((900, 600), (900, 600), (640, 427)),
        ((4000, 3000), (1600, 1200), (640, 480)),
        ((300, 3000), (160, 1600), (64, 640)),
        ((200, 200), (200, 200), (200, 200)),
    ],
)
def test_made_small(kind: str, size: tuple[int, int], large: tuple[int, int], small: tuple[int, int]) -> None:
    made = photos.made(file(picture(*size), kind))
    assert (made.width, made.height) == large
    for data, expected in ((made.large, large), (made.small, small)):
        image = opened(data)
        assert (image.format, image.size, image.mode) == ("JPEG", expected, "RGB")
        assert near(image, (5, 5), RED)
        assert near(image, (5, expected[1] - 6), BLUE)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_nothing_it_told_is_left(kind: str) -> None:
    exif, profile = told(), ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    sent = file(picture(), kind, exif=exif, icc_profile=profile, comment=b"Noor was hier", xmp=b"<x>Noor</x>")
    assert dict(opened(sent).getexif().get_ifd(0x8825))
    made = photos.made(sent)
    for data in (made.large, made.small):
        image = opened(data)
        image.load()
        assert dict(image.getexif()) == {}
        assert dict(image.getexif().get_ifd(0x8825)) == {}
        assert set(image.info) <= {
            "jfif",
            "jfif_version",
            "jfif_unit",
            "jfif_density",
            "progressive",
            "progression",
        }
        for word in (b"Exif", b"Telefoonmerk", b"Noor", b"ICC_PROFILE", b"http"):
            assert word not in data


@pytest.mark.parametrize(
    ("orientation", "red"),
    [
        (1, "top"),
        (2, "top"),
        (3, "bottom"),
        (4, "bottom"),
        (5, "left"),
        (6, "right"),
        (7, "right"),
        (8, "left"),
    ],
)
def test_turned_upright(orientation: int, red: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    made = photos.made(file(picture(1200, 800), "JPEG", exif=exif))
    image = opened(made.large)
    wide, high = image.size
    assert (wide > high) == (orientation < 5)
    at = {
        "top": (wide // 2, 5),
        "bottom": (wide // 2, high - 6),
        "left": (5, high // 2),
        "right": (wide - 6, high // 2),
    }
    assert {side for side, point in at.items() if near(image, point, RED)} == {red}


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("L", "JPEG"),
        ("CMYK", "JPEG"),
        ("P", "PNG"),
        ("1", "PNG"),
        ("LA", "PNG"),
        ("RGBA", "PNG"),
        ("I;16", "PNG"),
    ],
)
def test_every_way_of_keeping_colours(mode: str, kind: str) -> None:
    image = Image.new("I;16", (300, 300), 9000) if mode == "I;16" else picture(300, 300, mode)
    assert opened(photos.made(file(image, kind)).large).mode == "RGB"


def test_what_is_clear_becomes_white() -> None:
    image = Image.new("RGBA", (300, 300), (0, 0, 0, 0))
    assert near(opened(photos.made(file(image, "PNG")).large), (9, 9), (255, 255, 255))


def test_the_same_for_the_same() -> None:
    data = file(picture(1800, 900))
    assert photos.made(data) == photos.made(data)


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is so large."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0"))
        + chunk(b"IEND", b"")
    )


JPEG = file(picture())
REFUSED = {
    "nothing": (b"", PhotoUnknown),
    "text": (b"dit is geen foto", PhotoUnknown),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", PhotoUnknown),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', PhotoUnknown),
    "gif": (file(picture(), "GIF"), PhotoUnknown),
    "tiff": (file(picture(), "TIFF"), PhotoUnknown),
    "heic": (b"\0\0\0\x24ftypheic\0\0\0\0mif1heic" + bytes(99), PhotoHeic),
    "avif": (b"\0\0\0\x20ftypavif\0\0\0\0avifmif1" + bytes(99), PhotoHeic),
    "too many bytes": (JPEG + bytes(photos.MOST_BYTES), PhotoHuge),
    "a bomb": (bomb(30_000, 30_000), PhotoHuge),
    "a small bomb": (bomb(5_001, 5_000), PhotoHuge),
    "an icon": (file(picture(199, 900), "PNG"), PhotoSmall),
    "cut off": (JPEG[: len(JPEG) // 2], PhotoBroken),
    "cut off, png": (file(picture(), "PNG")[:-40], PhotoBroken),
    "cut off, webp": (file(picture(), "WEBP")[:-40], PhotoBroken),
    "its first bytes only": (JPEG[:12], PhotoBroken),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_in_one_sentence(name: str) -> None:
    data, refusal = REFUSED[name]
    with pytest.raises(refusal) as raised:
        photos.made(data)
    assert str(raised.value).endswith(".")


@given(
    st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), min_size=1, max_size=12),
    st.sampled_from(["JPEG", "PNG", "WEBP"]),
)
@settings(max_examples=120)
def test_whatever_is_damaged_is_refused_or_made(changes: list[tuple[int, int]], kind: str) -> None:
    data = bytearray(file(picture(260, 240), kind))
    for at, value in changes:
        data[at % len(data)] = value
    try:
        made = photos.made(bytes(data))
    except Refusal:
        return
    assert opened(made.large).format == "JPEG"


@given(st.binary(max_size=300))
def test_whatever_is_sent_is_refused(data: bytes) -> None:
    with pytest.raises(Refusal):
        photos.made(data)
