"""PURE. A photo from somebody's telephone: read with suspicion, turned upright, made small, and rid of all it tells.

Library: Pillow. What goes out is made anew from the colours alone, so no place, time, name or thumbnail that the
telephone wrote along can be in it. It goes out as JPEG: a browser of eight years ago knows no WebP.
"""

import re
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageCms, ImageOps

from consult.refusals import PhotoBroken, PhotoHeic, PhotoHuge, PhotoSmall, PhotoUnknown

MOST_BYTES = 20 * 1024 * 1024  # of the file that is sent
LEAST = 200  # pixels of each side: less is an icon
LARGE, SMALL = 1600, 640  # pixels of the longest side: on a page of its own, and in a list
MOST_PIXELS = {"JPEG": 50_000_000, "MPO": 50_000_000, "PNG": 25_000_000, "WEBP": 25_000_000}
"""How many pixels a file of each kind may have. A JPEG is made smaller while it is read; the others are not."""
QUALITY = 80
BEGINS = re.compile(rb"\xff\xd8\xff|\x89PNG\r\n|RIFF....WEBP", re.DOTALL)  # what such a file starts with
# The first word of a file of Apple's and Google's newer kinds, after `ftyp`.
NEWER = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis")


@dataclass(frozen=True)
class Made:
    """A photo as it is kept: two JPEG files, and the width and height of the large one in pixels."""

    large: bytes
    small: bytes
    width: int
    height: int


def made(data: bytes) -> Made:
    """Return a photo made of a JPEG, PNG or WebP file.

    Raises PhotoHeic, PhotoUnknown (no photo, or of another kind), PhotoHuge (bytes or pixels: a bomb is refused by
    what its first bytes say, before it is unpacked), PhotoSmall, PhotoBroken (cut off or damaged).
    """
    if len(data) > MOST_BYTES:
        raise PhotoHuge()
    if data[4:8] == b"ftyp" and data[8:12] in NEWER:
        raise PhotoHeic()
    try:
        found = Image.open(BytesIO(data), formats=("JPEG", "PNG", "WEBP"))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PhotoHuge() from None
    except Exception:  # whatever a reader of strangers' bytes raises, it means this
        raise (PhotoBroken() if BEGINS.match(data) else PhotoUnknown()) from None
    with found:
        width, height = found.size
        if width * height > MOST_PIXELS[found.format or "PNG"]:
            raise PhotoHuge()
        if min(width, height) < LEAST:
            raise PhotoSmall(least=LEAST)
        try:
            bare = _bare(found)
        except Exception:
            raise PhotoBroken() from None
    large = _within(bare, LARGE)
    return Made(_jpeg(large), _jpeg(_within(bare, SMALL)), *large.size)


def _bare(found: Image.Image) -> Image.Image:
    """Return the colours of an image alone: upright, in sRGB, on white where it was clear."""
    found.draft("RGB", (LARGE, LARGE))  # a JPEG is unpacked at the smallest size that will do
    found.load()
    profile = found.info.get("icc_profile")
    upright = ImageOps.exif_transpose(found)
    if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
        clear = upright.convert("RGBA")
        plain = Image.new("RGB", clear.size, "white")
        plain.paste(clear, mask=clear.getchannel("A"))
    else:
        plain = _in_srgb(upright, profile) or upright.convert("RGB")
    return Image.frombytes("RGB", plain.size, plain.tobytes())


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image | None:
    """Return an image in the colours that every screen knows; None where it names no other that can be read."""
    if not profile or image.mode not in ("RGB", "CMYK"):
        return None
    try:
        theirs = ImageCms.ImageCmsProfile(BytesIO(profile))
        return ImageCms.profileToProfile(image, theirs, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None


def _within(image: Image.Image, side: int) -> Image.Image:
    """Return the image with its longest side at most so many pixels."""
    smaller = image.copy()
    smaller.thumbnail((side, side), Image.Resampling.LANCZOS)
    return smaller


def _jpeg(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return out.getvalue()
