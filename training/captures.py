"""The files in which SageMaker keeps a sample of an endpoint's questions and answers, read line by line.

A capture is a JSON line below `ENDPOINT/VARIANT/yyyy/mm/dd/hh/`: `captureData.endpointInput` and `.endpointOutput` hold
the bodies, as they are or in base64, `eventMetadata` when it was. A line that is no capture is handed on with its
reason: a file cut short is no reason not to read the others.

References
----------
Amazon SageMaker AI Developer Guide, Capture data from real-time endpoint.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from samaan_ml.exceptions import DataError

__all__ = ["Body", "Capture", "Damaged", "late_files", "read_captures"]

_HOUR_FOLDER = re.compile(r"/(\d{4})/(\d{2})/(\d{2})/(\d{2})/[^/]+$", re.ASCII)
_FARTHEST = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Body:
    """A question or an answer as it was sent: its content type, without parameters, and its bytes."""

    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Capture:
    """A question and its answer.

    Parameters
    ----------
    event_id : str
        The service's name for it.
    at : datetime
        Aware instant of the answer.
    question : Body
        What was asked.
    answer : Body or None
        What was answered; None where answers are not captured.
    """

    event_id: str
    at: datetime
    question: Body
    answer: Body | None


@dataclass(frozen=True, slots=True)
class Damaged:
    """A line that cannot be used: its file, its number from 1 (0 is the whole file), and why."""

    file: str
    line: int
    reason: str


def late_files(folder: Path, period: timedelta) -> tuple[list[Path], int]:
    """Find the capture files of the last hours, by the hour folders they lie in; the others need not be opened.

    Parameters
    ----------
    folder : Path
        Folder of the capture files.
    period : timedelta
        How long before the newest hour folder a file's own may begin. Files in none count as late.

    Returns
    -------
    list of Path and int
        The late files, sorted, and how many older ones there are.
    """
    found = [(path, _hour_of(path)) for path in sorted(folder.rglob("*.jsonl"))]
    newest = max((hour for _, hour in found if hour is not None), default=None)
    late = [path for path, hour in found if newest is None or hour is None or newest - hour <= period]
    return late, len(found) - len(late)


def _hour_of(path: Path) -> datetime | None:
    """Return the beginning of the hour whose folder a file lies in."""
    named = _HOUR_FOLDER.search(path.as_posix())
    try:
        return named and datetime(*map(int, named.groups()), tzinfo=UTC)  # type: ignore[arg-type, misc]
    except ValueError:
        return None  # four numbers, but no hour


def read_captures(folder: Path, files: Iterable[Path]) -> Iterator[tuple[str, int, Capture | Damaged]]:
    """Read captures file by file, one line at a time.

    Parameters
    ----------
    folder : Path
        Folder of the capture files.
    files : iterable of Path
        Those of its files that are wanted.

    Yields
    ------
    tuple of str, int, and Capture or Damaged
        The file's path below the folder, the line's number from 1, and what the line holds.
    """
    for path in files:
        name, hour = path.relative_to(folder).as_posix(), _hour_of(path)
        try:
            with path.open("rb") as stream:
                for number, line in enumerate(stream, 1):
                    if line.strip():
                        yield name, number, _read(name, number, line, hour)
        except OSError as error:
            yield name, 0, Damaged(name, 0, f"the file cannot be read: {error.strerror}")


def _read(name: str, number: int, line: bytes, hour: datetime | None) -> Capture | Damaged:
    """Read a line, or say why it cannot be."""
    try:
        document = json.loads(line)
        data, about = _object(document, "captureData"), _object(document, "eventMetadata")
        at = datetime.fromisoformat(_text(about, "inferenceTime"))
        if at.tzinfo is None:
            raise DataError("'inferenceTime' names no zone")
        if hour is not None and abs(at - hour) > _FARTHEST:
            # One wrong year would make every other capture an old one.
            raise DataError("'inferenceTime' is far from the hour of the file's folder")
        answer = _body(data, "endpointOutput") if "endpointOutput" in data else None
        return Capture(_text(about, "eventId"), at, _body(data, "endpointInput"), answer)
    except (DataError, ValueError, RecursionError) as error:
        return Damaged(name, number, str(error))


def _body(data: Mapping[str, Any], name: str) -> Body:
    """Read one side of a capture."""
    side = _object(data, name)
    text, encoding = _text(side, "data"), _text(side, "encoding")
    if encoding not in ("JSON", "CSV", "BASE64"):
        raise DataError(f"'{name}' is encoded as '{encoding}', which is not known")
    content = base64.b64decode(text, validate=True) if encoding == "BASE64" else text.encode()
    kind = str(side.get("observedContentType") or "").partition(";")[0].strip().lower()
    return Body(kind, content)


def _object(document: Any, name: str) -> Mapping[str, Any]:
    """Return a part that must be an object."""
    found = document.get(name) if isinstance(document, dict) else None
    if not isinstance(found, dict):
        raise DataError(f"'{name}' is missing or no object")
    return found


def _text(document: Mapping[str, Any], name: str) -> str:
    """Return a value that must be text."""
    found = document.get(name)
    if not isinstance(found, str):
        raise DataError(f"'{name}' is missing or no text")
    return found
