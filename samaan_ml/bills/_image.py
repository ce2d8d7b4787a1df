"""Hygiene of an uploaded image without decoding it: kind, size, bombs, and what a photograph tells of its taker.

JPEG and PNG are parsed segment by segment. Only what the picture needs is kept; EXIF (position, device, time),
thumbnails, comments and text chunks go, the orientation alone stays, rewritten.
"""

import hashlib
import struct
import zlib
from dataclasses import dataclass
from typing import Literal

from samaan_ml.domain.errors import RuleError

ImageKind = Literal["jpeg", "png"]

MAX_BYTES = 10 * 2**20
MAX_PIXELS = 40_000_000
_MAX_EDGE = 20_000
_PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = {
    b"IHDR",
    b"PLTE",
    b"IDAT",
    b"IEND",
    b"tRNS",
    b"gAMA",
    b"cHRM",
    b"sRGB",
    b"sBIT",
    b"bKGD",
    b"pHYs",
}
_FRAME_MARKERS = {0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}
_KNOWN_OTHERS = (
    (b"%PDF", "a PDF"),
    (b"GIF8", "a GIF"),
    (b"RIFF", "a WebP"),
    (b"BM", "a BMP"),
    (b"II*\x00", "a TIFF"),
    (b"MM\x00*", "a TIFF"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
    (b"<", "a text or SVG"),
)


@dataclass(frozen=True, slots=True)
class CleanImage:
    """An image fit to store and to read.

    Parameters
    ----------
    data : bytes
        The image without metadata.
    kind : {"jpeg", "png"}
        Its format, by its own bytes.
    width, height : int
        Size in pixels as stored.
    orientation : int
        EXIF orientation, 1 to 8; 1 is upright.
    sha256 : str
        Fingerprint of `data`: the same file uploaded again has the same one.
    """

    data: bytes
    kind: ImageKind
    width: int
    height: int
    orientation: int
    sha256: str


def clean_image(data: bytes, *, max_bytes: int = MAX_BYTES, max_pixels: int = MAX_PIXELS) -> CleanImage:
    """Check an uploaded image and strip what is not picture.

    Parameters
    ----------
    data : bytes
        The upload.
    max_bytes : int, default=10485760
        Largest upload.
    max_pixels : int, default=40000000
        Largest picture; a small file that unpacks to more is a decompression bomb.

    Raises
    ------
    RuleError
        Field "image": empty, too large, not JPEG or PNG by its bytes, broken, or too many pixels.
    """
    if not data:
        raise _refused("it is empty")
    if len(data) > max_bytes:
        raise _refused(f"it has {len(data)} bytes, the most is {max_bytes}")
    if data.startswith(b"\xff\xd8\xff"):
        clean, width, height, orientation = _clean_jpeg(data)
        kind: ImageKind = "jpeg"
    elif data.startswith(_PNG_MAGIC):
        clean, width, height, orientation = _clean_png(data)
        kind = "png"
    else:
        got = next((name for magic, name in _KNOWN_OTHERS if data.startswith(magic)), "something else")
        raise _refused(f"it must be a JPEG or PNG photograph, got {got}")
    if not (0 < width <= _MAX_EDGE and 0 < height <= _MAX_EDGE) or width * height > max_pixels:
        raise _refused(
            f"it claims {width} x {height} pixels, the most is {max_pixels} with edges up to {_MAX_EDGE}"
        )
    if kind == "png":
        _check_png_bomb(clean)
    return CleanImage(clean, kind, width, height, orientation, hashlib.sha256(clean).hexdigest())


def _refused(reason: str) -> RuleError:
    """Return why an image is refused."""
    return RuleError(
        f"the image cannot be used: {reason}; send a JPEG or PNG photograph of the bill", field="image"
    )


def _clean_jpeg(data: bytes) -> tuple[bytes, int, int, int]:
    """Copy a JPEG's picture segments; return it with width, height and orientation."""
    kept = [b"\xff\xd8"]
    width = height = 0
    orientation, place = 1, 2
    while True:
        marker, place = _next_marker(data, place)
        if marker == 0xDA:
            break
        if marker == 0xD9:
            raise _refused("the JPEG ends before its picture")
        if marker in {0x01, *range(0xD0, 0xD8)}:
            continue
        length = struct.unpack(">H", data[place : place + 2])[0] if place + 2 <= len(data) else 0
        body = data[place + 2 : place + length]
        if length < 2 or len(body) != length - 2:
            raise _refused("the JPEG is cut off")
        if marker in _FRAME_MARKERS:
            if len(body) < 6:
                raise _refused("the JPEG's frame is broken")
            height, width = struct.unpack(">HH", body[1:5])
        if marker == 0xE1 and body.startswith(b"Exif\x00\x00"):
            orientation = _exif_orientation(body[6:])
        elif marker == 0xE0 or marker == 0xEE or (not 0xE0 <= marker <= 0xEF and marker != 0xFE):
            kept.append(data[place - 2 : place + length])
        place += length
    if not width:
        raise _refused("the JPEG has no frame")
    if orientation != 1:
        kept.insert(1, _orientation_segment(orientation))
    end = data.rfind(b"\xff\xd9")
    scan = data[place - 2 : end + 2] if end > place else data[place - 2 :] + b"\xff\xd9"
    return b"".join(kept) + scan, width, height, orientation


def _next_marker(data: bytes, place: int) -> tuple[int, int]:
    """Return the next marker and the place after it."""
    if place >= len(data) or data[place] != 0xFF:
        raise _refused("the JPEG is broken")
    while place < len(data) and data[place] == 0xFF:
        place += 1
    if place >= len(data):
        raise _refused("the JPEG is cut off")
    return data[place], place + 1


def _exif_orientation(tiff: bytes) -> int:
    """Read the orientation tag (0x0112) of an EXIF block; 1 where there is none or the block is broken."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None or len(tiff) < 8:
        return 1
    (offset,) = struct.unpack(order + "I", tiff[4:8])
    if offset + 2 > len(tiff):
        return 1
    (count,) = struct.unpack(order + "H", tiff[offset : offset + 2])
    for entry in range(min(count, 100)):
        start = offset + 2 + 12 * entry
        if start + 12 > len(tiff):
            return 1
        tag, kind = struct.unpack(order + "HH", tiff[start : start + 4])
        if tag == 0x0112 and kind == 3:
            (value,) = struct.unpack(order + "H", tiff[start + 8 : start + 10])
            return value if 1 <= value <= 8 else 1
    return 1


def _orientation_segment(orientation: int) -> bytes:
    """Write an EXIF segment that holds the orientation and nothing else."""
    tiff = (
        b"MM\x00*\x00\x00\x00\x08\x00\x01"
        + struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0)
        + b"\x00\x00\x00\x00"
    )
    body = b"Exif\x00\x00" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def _clean_png(data: bytes) -> tuple[bytes, int, int, int]:
    """Copy a PNG's picture chunks; return it with width, height and orientation."""
    kept = [_PNG_MAGIC]
    width = height = 0
    place, orientation = len(_PNG_MAGIC), 1
    while place + 12 <= len(data):
        length, name = struct.unpack(">I4s", data[place : place + 8])
        end = place + 12 + length
        if end > len(data):
            raise _refused("the PNG is cut off")
        body = data[place + 8 : end - 4]
        if zlib.crc32(name + body) != struct.unpack(">I", data[end - 4 : end])[0]:
            raise _refused("a checksum of the PNG is wrong")
        if name == b"IHDR" and len(body) == 13:
            width, height = struct.unpack(">II", body[:8])
        elif name == b"eXIf":
            orientation = _exif_orientation(body)
        if name in _PNG_KEPT:
            kept.append(data[place:end])
        place = end
        if name == b"IEND":
            break
    else:
        raise _refused("the PNG has no end")
    if not width:
        raise _refused("the PNG has no header")
    return b"".join(kept), width, height, orientation


def _check_png_bomb(data: bytes) -> None:
    """Unpack the picture's stream piece by piece and refuse one that holds more than its header says."""
    width, height, depth, colour = struct.unpack(">IIBB", data[16:26])
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}.get(colour)
    if channels is None or depth not in {1, 2, 4, 8, 16}:
        raise _refused("the PNG's header is broken")
    # Interlacing adds a filter byte a row and pass; twice the rows covers it.
    allowed = ((width * channels * depth + 7) // 8 + 16) * height * 2 + 1024
    unpacker, unpacked, place = zlib.decompressobj(), 0, len(_PNG_MAGIC)
    while place + 12 <= len(data):
        length, name = struct.unpack(">I4s", data[place : place + 8])
        if name == b"IDAT":
            pending = data[place + 8 : place + 8 + length]
            try:
                while pending:
                    unpacked += len(unpacker.decompress(pending, 1 << 20))
                    pending = unpacker.unconsumed_tail
                    if unpacked > allowed:
                        raise _refused("it unpacks to more than its header says")
            except zlib.error:
                raise _refused("the PNG's picture is broken") from None
        place += 12 + length
