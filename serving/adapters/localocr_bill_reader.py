"""Bills read on this machine: by the tesseract command, or by the rapidocr package, whichever is there.

Neither is needed to run the API: a reader without its engine answers 503 and names what to install. Pillow turns
the photograph upright; it is imported on the first image only.
"""

import csv
import io
import os
import shutil
import subprocess
import warnings
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from samaan_ml.bills import Box, Reading, Token
from serving.errors import InvalidInput, NothingRead, ServiceUnavailable
from serving.ports.bill_reader import BillReader

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PIXELS = 40_000_000
LONGEST_EDGE = 2_600
_SMALLEST_EDGE = 900
_NO_TEXT_HINT = "photograph the bill flat, near and in light"
_SLOW_SECONDS = 30


class TesseractBillReader:
    """Reads with the tesseract command line, one thread a call.

    Parameters
    ----------
    languages : str, default="eng"
        Tesseract's language codes, joined by "+": "eng+hin", "eng+script/Devanagari".
    timeout_seconds : float, default=30.0
        A page that takes longer is given up.
    command : str, default="tesseract"
        Name or path of the program.
    """

    def __init__(
        self, languages: str = "eng", timeout_seconds: float = 30.0, command: str = "tesseract"
    ) -> None:
        self._languages = languages
        self._timeout = timeout_seconds
        self._command = command

    def read(self, image: bytes) -> Reading:
        """Return the words that tesseract found."""
        program = shutil.which(self._command)
        if program is None:
            raise ServiceUnavailable(
                "the program 'tesseract' is not installed; install the package tesseract-ocr",
                retry_after_seconds=600,
            )
        tokens = tuple(_tesseract_tokens(self._run(program, _png_of(upright(image)))))
        if not tokens:
            raise NothingRead("no text was found on the image", field="image", hint=_NO_TEXT_HINT)
        return Reading("tesseract", tokens)

    def _run(self, program: str, png: bytes) -> str:
        """Run the program on an image, image in and table out through pipes: no file is left behind."""
        arguments = [program, "stdin", "stdout", "-l", self._languages, "--psm", "6", "tsv"]
        try:
            done = subprocess.run(  # noqa: S603 - a fixed program; the languages come from the settings
                arguments,
                input=png,
                capture_output=True,
                timeout=self._timeout,
                check=False,
                env={**os.environ, "OMP_THREAD_LIMIT": "1"},
            )
        except subprocess.TimeoutExpired as error:
            raise ServiceUnavailable(
                "reading the bill took too long", retry_after_seconds=_SLOW_SECONDS
            ) from error
        except OSError as error:
            raise ServiceUnavailable(
                "the program 'tesseract' could not be run", retry_after_seconds=600
            ) from error
        if done.returncode != 0:
            said = done.stderr.decode("utf-8", "replace")
            if "Error opening data file" in said or "Failed loading language" in said:
                message = (
                    f"tesseract lacks the language data '{self._languages}'; install it or change the setting"
                )
                raise ServiceUnavailable(message, retry_after_seconds=600)
            raise NothingRead("tesseract could not read the image", field="image", hint=_NO_TEXT_HINT)
        return done.stdout.decode("utf-8", "replace")


def _tesseract_tokens(table: str) -> Iterator[Token]:
    """Go through the words of tesseract's table."""
    rows = csv.DictReader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE)
    for row in rows:
        text = (row.get("text") or "").strip()
        if row.get("level") != "5" or not text:
            continue
        left, top, width, height = (float(row[name]) for name in ("left", "top", "width", "height"))
        confidence = min(1.0, max(0.0, float(row["conf"]) / 100))
        page = max(0, int(row.get("page_num") or 1) - 1)
        yield Token(text, Box(left, top, left + width, top + height), confidence, page)


class RapidOcrBillReader:
    """Reads with the rapidocr package (PP-OCR models in the wheel); slower and surer than tesseract.

    Parameters
    ----------
    threads : int, default=1
        Threads of the inference engine.
    """

    def __init__(self, threads: int = 1) -> None:
        self._threads = threads
        self._engine: Any = None

    def read(self, image: bytes) -> Reading:
        """Return the lines that rapidocr found."""
        engine = self._loaded()
        # Pillow decodes, so that its limits hold; the engine gets plain pixels.
        result = engine(_png_of(upright(image)))
        boxes, texts, scores = result.boxes, result.txts, result.scores
        if boxes is None or not texts:
            raise NothingRead("no text was found on the image", field="image", hint=_NO_TEXT_HINT)
        return Reading("rapidocr", tuple(_rapid_tokens(boxes, texts, scores)))

    def _loaded(self) -> Any:
        """Load the models on the first image."""
        if self._engine is None:
            try:
                from rapidocr import RapidOCR
            except ImportError as error:
                message = "the package 'rapidocr' is not installed; run: pip install 'samaan-sathi[ocr]'"
                raise ServiceUnavailable(message, retry_after_seconds=600) from error
            self._engine = RapidOCR(
                params={
                    "Global.use_cls": False,
                    "Global.max_side_len": 1280,
                    "Global.log_level": "error",
                    "EngineConfig.onnxruntime.intra_op_num_threads": self._threads,
                    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
                }
            )
        return self._engine


def _rapid_tokens(boxes: Any, texts: Sequence[str], scores: Sequence[float]) -> Iterator[Token]:
    """Go through the lines of rapidocr's answer; its boxes are four corners."""
    for corners, text, score in zip(boxes, texts, scores, strict=True):
        across = [float(point[0]) for point in corners]
        down = [float(point[1]) for point in corners]
        if text.strip():
            box = Box(min(across), min(down), max(across), max(down))
            yield Token(text.strip(), box, min(1.0, max(0.0, float(score))))


class NoEngineBillReader:
    """Stands where no engine is installed: says so on each image."""

    def read(self, image: bytes) -> Reading:
        """Refuse, naming what to install."""
        raise ServiceUnavailable(
            f"no reading engine is installed for an image of {len(image)} bytes: install the program 'tesseract' "
            "(package tesseract-ocr) or run: pip install 'samaan-sathi[ocr]'",
            retry_after_seconds=600,
        )


def local_bill_reader(languages: str = "eng", timeout_seconds: float = 30.0) -> BillReader:
    """Choose the engine that this machine has: tesseract, else rapidocr, else one that says what is missing."""
    from importlib.util import find_spec

    if shutil.which("tesseract"):
        return TesseractBillReader(languages, timeout_seconds)
    if find_spec("rapidocr") is not None:
        return RapidOcrBillReader()
    return NoEngineBillReader()


def upright(data: bytes) -> "Image":
    """Open an image within limits, turn it upright, make it grey and of a size that engines like.

    Raises
    ------
    InvalidInput
        When it cannot be decoded or has too many pixels.
    ServiceUnavailable
        When Pillow is not installed.
    """
    try:
        from PIL import Image, ImageOps, UnidentifiedImageError
    except ImportError as error:
        message = "the package 'pillow' is not installed; run: pip install 'samaan-sathi[ocr]'"
        raise ServiceUnavailable(message, retry_after_seconds=600) from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            opened = Image.open(io.BytesIO(data), formats=("JPEG", "PNG"))
            if opened.width * opened.height > MAX_PIXELS:
                raise InvalidInput(f"the image has more than {MAX_PIXELS} pixels", field="image")
            picture = ImageOps.exif_transpose(opened).convert("L")
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        ValueError,
        Image.DecompressionBombWarning,
    ) as error:
        raise InvalidInput(
            "the image cannot be opened", field="image", hint="send a JPEG or PNG photograph"
        ) from error
    except Image.DecompressionBombError as error:
        raise InvalidInput("the image unpacks to too many pixels", field="image") from error
    return picture.resize(_fitting(picture.width, picture.height))


def _fitting(width: int, height: int) -> tuple[int, int]:
    """Return the size at which small print is legible and large photographs are not slow."""
    scale = min(1.0, LONGEST_EDGE / max(width, height))
    if min(width, height) * scale < _SMALLEST_EDGE:
        scale = min(_SMALLEST_EDGE / min(width, height), LONGEST_EDGE / max(width, height), 3.0)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _png_of(picture: "Image") -> bytes:
    """Write an image for the engine."""
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG", compress_level=1)
    return buffer.getvalue()
