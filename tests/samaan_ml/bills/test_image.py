"""Uploads: what is no photograph is refused, what tells of its taker is stripped."""

import io
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samaan_ml.bills import clean_image
from samaan_ml.domain.errors import RuleError

Image = pytest.importorskip("PIL.Image", reason="Pillow makes the pictures of these tests")
PNG_MAGIC = b"\x89PNG\r\n\x1a\n"


def picture(kind: str, size: tuple[int, int] = (64, 48), **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise(size, 40).convert("RGB").save(buffer, format=kind, **options)
    return buffer.getvalue()


def exif(orientation: int) -> bytes:
    data = Image.Exif()
    data[0x0112] = orientation
    data[0x010F] = "SECRETPHONE"
    position = data.get_ifd(0x8825)
    position[1], position[2] = "N", (26.9, 55.0, 12.0)
    return bytes(data.tobytes())


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_photograph_passes_and_shows_the_same_picture(kind: str) -> None:
    original = picture(kind)
    clean = clean_image(original)
    assert (clean.kind, clean.width, clean.height, clean.orientation) == (kind.lower(), 64, 48, 1)
    before, after = Image.open(io.BytesIO(original)), Image.open(io.BytesIO(clean.data))
    assert before.convert("RGB").tobytes() == after.convert("RGB").tobytes()


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_position_and_device_are_gone_and_the_orientation_stays(kind: str) -> None:
    original = picture(kind, exif=exif(6))
    assert b"SECRETPHONE" in original
    clean = clean_image(original)
    assert b"SECRETPHONE" not in clean.data
    assert clean.orientation == 6
    if kind == "JPEG":
        kept = Image.open(io.BytesIO(clean.data)).getexif()
        assert dict(kept) == {0x0112: 6}


def test_comments_and_text_chunks_are_gone() -> None:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Comment", "taken at home")
    assert b"taken at home" not in clean_image(picture("PNG", pnginfo=info)).data
    assert b"taken at home" not in clean_image(picture("JPEG", comment=b"taken at home")).data


def test_what_follows_the_end_of_the_picture_is_cut_off() -> None:
    for kind in ("JPEG", "PNG"):
        assert b"PK\x03\x04payload" not in clean_image(picture(kind) + b"PK\x03\x04payload").data


def test_the_same_file_has_the_same_fingerprint() -> None:
    data = picture("JPEG")
    assert clean_image(data).sha256 == clean_image(data).sha256


def test_a_billion_pixels_are_refused_before_any_is_unpacked() -> None:
    header = struct.pack(">IIBBBBB", 1, 10**9, 8, 2, 0, 0, 0)
    bomb = (
        PNG_MAGIC
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 10_000))
        + chunk(b"IEND", b"")
    )
    with pytest.raises(RuleError, match="pixels"):
        clean_image(bomb)


def test_a_picture_that_unpacks_to_more_than_it_says_is_refused() -> None:
    header = struct.pack(">IIBBBBB", 10, 10, 8, 2, 0, 0, 0)
    stream = zlib.compress(b"\0" * 5_000_000)
    bomb = PNG_MAGIC + chunk(b"IHDR", header) + chunk(b"IDAT", stream) + chunk(b"IEND", b"")
    with pytest.raises(RuleError, match="unpacks"):
        clean_image(bomb)


@pytest.mark.parametrize(
    ("data", "got"),
    [
        (b"", "empty"),
        (b"%PDF-1.7", "PDF"),
        (b"GIF89a", "GIF"),
        (b"<svg onload=alert(1)>", "SVG"),
        (b"PK\x03\x04", "ZIP"),
        (b"MZ\x90", "program"),
        (b"hello", "something else"),
        (b"\xff\xd8\xff\xd9", "broken|before its picture|cut off"),
        (PNG_MAGIC, "no end"),
    ],
)
def test_other_files_are_refused_by_name(data: bytes, got: str) -> None:
    with pytest.raises(RuleError, match=got) as caught:
        clean_image(data)
    assert caught.value.field == "image"


def test_an_upload_over_the_limit_is_refused() -> None:
    with pytest.raises(RuleError, match="the most is 100"):
        clean_image(picture("PNG"), max_bytes=100)


JPEG, PNG = picture("JPEG"), picture("PNG")


@given(st.sampled_from([JPEG, PNG]), st.integers(0, 3_000), st.binary(min_size=1, max_size=8), st.booleans())
def test_broken_files_are_refused_or_cleaned_and_never_crash(
    data: bytes, place: int, noise: bytes, cut: bool
) -> None:
    at = place % len(data)
    broken = data[:at] if cut else data[:at] + noise + data[at + len(noise) :]
    try:
        clean = clean_image(broken)
    except RuleError:
        return
    assert clean.width * clean.height <= 40_000_000
