"""The zip file of an archive: written with a manifest of sums, read with distrust.

Nothing of it is ever unpacked to a path that the file names: a name is looked up in the manifest and has to be one
that an export writes. Sizes are known from the manifest before a byte is inflated.
"""

import hashlib
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from serving.errors import InvalidInput

FORMAT = "samaan-shop-1"
MANIFEST = "manifest.json"
_MAX_MANIFEST = 64 * 1_048_576
_NAME = re.compile(r"tables/[a-z_]{1,64}\.jsonl|blobs/[0-9]{6,9}|tally/sales\.xml")
_PIECE = 1 << 20
_THEN = (1980, 1, 1, 0, 0, 0)
"""The time of every entry: an archive of the same state is the same bytes, but for the manifest's time."""


@dataclass(frozen=True, slots=True)
class FileSum:
    """What the manifest says of one file; `rows` counts its lines."""

    rows: int
    bytes: int
    sha256: str


@dataclass(slots=True)
class Manifest:
    """What an archive holds.

    Parameters
    ----------
    shop_id : str
        Whose it is.
    exported_at : str
        When, as an ISO text.
    files : dict of FileSum
        Every other file by its name.
    blobs : dict of str
        Key of each blob by its file's name.
    missing_blobs : list of str
        Keys that rows name and the blob store had not.
    state_sha256 : str
        One sum over all tables and blobs: equal states have equal ones, whatever store they lie in.
    """

    shop_id: str
    exported_at: str
    files: dict[str, FileSum] = field(default_factory=dict)
    blobs: dict[str, str] = field(default_factory=dict)
    missing_blobs: list[str] = field(default_factory=list)
    state_sha256: str = ""

    def seal(self) -> None:
        """Take the sum over tables and blobs; what is made from them (Tally's file) stays out."""
        lines = [
            f"{self.blobs.get(name, name)} {each.sha256}\n"
            for name, each in self.files.items()
            if each.rows and not name.startswith("tally/")
        ]
        self.state_sha256 = hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()


class ArchiveWriter:
    """Writes files one after the other and the manifest last; a file that is not whole never gets its name.

    Parameters
    ----------
    path : Path
        Where the archive is to lie.
    manifest : Manifest
        Filled as files are added.
    """

    def __init__(self, path: Path, manifest: Manifest) -> None:
        self._path = path
        self._draft = path.with_name(path.name + ".part")
        self.manifest = manifest
        path.parent.mkdir(parents=True, exist_ok=True)
        self._zip = zipfile.ZipFile(self._draft, "w")

    def add(self, name: str, pieces: Iterable[bytes]) -> None:
        """Write one file of some pieces: a table's lines."""
        digest, size, rows = hashlib.sha256(), 0, 0
        with self._zip.open(_entry(name), "w", force_zip64=True) as file:
            for rows, piece in enumerate(pieces, 1):  # noqa: B007 (counted)
                file.write(piece)
                digest.update(piece)
                size += len(piece)
        self.manifest.files[name] = FileSum(rows, size, digest.hexdigest())

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write the manifest and give the file its name, or leave nothing behind."""
        if kind is None:
            self.manifest.seal()
            text = json.dumps({"format": FORMAT} | asdict(self.manifest), ensure_ascii=False, indent=1)
            self._zip.writestr(_entry(MANIFEST), text)
        self._zip.close()
        if kind is None:
            self._draft.replace(self._path)
        else:
            self._draft.unlink(missing_ok=True)


def _entry(name: str) -> zipfile.ZipInfo:
    """Describe an entry."""
    info = zipfile.ZipInfo(name, _THEN)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info


class ArchiveReader:
    """Reads an archive that may be damaged, forged or a bomb; every fault is one InvalidInput of one line.

    Parameters
    ----------
    path : Path
        The file.
    max_bytes : int
        Most that it may hold unpacked.
    """

    def __init__(self, path: Path, max_bytes: int) -> None:
        self._path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile, ValueError) as error:
            raise InvalidInput(f"'{path}' is not a whole archive of a shop: {error}") from error
        try:
            self.manifest = self._checked(max_bytes)
            for name in self.manifest.files:
                for _ in self._pieces(name):
                    pass
        except BaseException:
            self._zip.close()
            raise

    def _checked(self, max_bytes: int) -> Manifest:
        """Compare what the zip file lists with its manifest, before anything is unpacked."""
        listed = {info.filename: info for info in self._zip.infolist()}
        if len(listed) != len(self._zip.infolist()):
            raise self._refused("it names a file twice")
        if MANIFEST not in listed or listed[MANIFEST].file_size > _MAX_MANIFEST:
            raise self._refused("it has no manifest of a sensible size")
        manifest = self._parsed(b"".join(self._pieces(MANIFEST)))
        strange = [name for name in listed if name != MANIFEST and not _NAME.fullmatch(name)]
        if strange:
            raise self._refused(f"it holds {strange[0]!r}, which no export writes")
        differ = sorted((listed.keys() - {MANIFEST}) ^ manifest.files.keys())
        if differ:
            raise self._refused(f"file and manifest disagree about '{differ[0]}'")
        for name, each in manifest.files.items():
            if listed[name].file_size != each.bytes:
                raise self._refused(f"'{name}' has {listed[name].file_size} bytes, not {each.bytes}")
        total = sum(each.bytes for each in manifest.files.values())
        if total > max_bytes:
            raise self._refused(f"unpacked it has {total} bytes, more than {max_bytes}")
        if manifest.blobs.keys() != {name for name in manifest.files if name.startswith("blobs/")}:
            raise self._refused("the manifest does not say what its blobs are")
        sealed = manifest.state_sha256
        manifest.seal()
        if manifest.state_sha256 != sealed:
            raise self._refused("the sum over all files differs")
        return manifest

    def _parsed(self, raw: bytes) -> Manifest:
        """Read the manifest."""
        try:
            said: dict[str, Any] = json.loads(raw)
            if said.pop("format") != FORMAT:
                raise self._refused("its manifest is of another format")
            files = {str(name): FileSum(**each) for name, each in said.pop("files").items()}
            manifest = Manifest(**said, files=files)
            numbers = [n for each in files.values() for n in (each.rows, each.bytes)]
            texts = [manifest.shop_id, manifest.state_sha256, *manifest.blobs.values()]
            if not all(type(n) is int and n >= 0 for n in numbers) or not all(type(t) is str for t in texts):
                raise TypeError("a value is of the wrong kind")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise self._refused(f"its manifest cannot be read ({error})") from error
        return manifest

    def _pieces(self, name: str) -> Iterator[bytes]:
        """Unpack a file piece by piece and, of all but the manifest, check its sum at the end."""
        digest = hashlib.sha256()
        try:
            with self._zip.open(name) as file:
                while piece := file.read(_PIECE):
                    digest.update(piece)
                    yield piece
        except (OSError, EOFError, RuntimeError, ValueError, zipfile.BadZipFile, zlib.error) as error:
            raise self._refused(f"'{name}' cannot be unpacked ({error})") from error
        if name != MANIFEST and digest.hexdigest() != self.manifest_sum(name):
            raise self._refused(f"the sum of '{name}' differs")

    def manifest_sum(self, name: str) -> str:
        """Return the sum that the manifest has for a file."""
        return self.manifest.files[name].sha256

    def _refused(self, why: str) -> InvalidInput:
        """Word a refusal."""
        return InvalidInput(f"'{self._path}' is not a whole archive of a shop: {why}", hint="export again")

    def bytes_of(self, name: str) -> bytes:
        """Return a file."""
        return b"".join(self._pieces(name))

    def rows_of(self, name: str) -> Iterator[dict[str, Any]]:
        """Yield the rows of a table."""
        rest = b""
        for piece in self._pieces(name):
            *lines, rest = (rest + piece).split(b"\n")
            yield from (self._row(name, line) for line in lines)
        if rest:
            raise self._refused(f"'{name}' ends within a row")

    def _row(self, name: str, line: bytes) -> dict[str, Any]:
        """Read one row of plain values."""
        try:
            row = json.loads(line)
        except ValueError as error:
            raise self._refused(f"a row of '{name}' is no JSON") from error
        if not isinstance(row, dict) or any(isinstance(value, list | dict) for value in row.values()):
            raise self._refused(f"a row of '{name}' is no plain object")
        return row

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self._zip.close()
