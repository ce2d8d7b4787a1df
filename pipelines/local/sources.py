"""The fields of a request that say what a job reads: how they are understood, and which are refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipelines.local.storage import Source

__all__ = ["channel_problems", "source_of", "source_problems"]

_KINDS = {"S3Prefix": "prefix", "ManifestFile": "manifest"}
_FILE_MODES = ("File", "FastFile")
_SHARING = ("FullyReplicated", "ShardedByS3Key")


def source_of(raw: Mapping[str, Any]) -> Source:
    """Read an `S3DataSource` or an `S3Input`."""
    kind = _KINDS.get(str(raw.get("S3DataType", "S3Prefix")), "prefix")
    return Source(str(raw["S3Uri"]), kind)  # type: ignore[arg-type]


def source_problems(where: str, raw: Mapping[str, Any]) -> Iterator[str]:
    """Find fields of an `S3DataSource` or an `S3Input` that would be read otherwise than the service does."""
    kind = raw.get("S3DataType", "S3Prefix")
    if kind == "AugmentedManifestFile":
        yield (
            f"{where}.S3DataType: 'AugmentedManifestFile' is read in Pipe mode only, which is not available here; "
            "give a ManifestFile, or read the JSON lines as an S3Prefix"
        )
    elif isinstance(kind, str) and kind not in _KINDS:
        yield f"{where}.S3DataType: '{kind}' is not known; {' and '.join(_KINDS)} are"
    sharing = raw.get("S3DataDistributionType", "FullyReplicated")
    if isinstance(sharing, str) and sharing not in _SHARING:
        yield f"{where}.S3DataDistributionType: '{sharing}' is not known; {' and '.join(_SHARING)} are"
    yield from _mode_problems(f"{where}.S3InputMode", raw.get("S3InputMode"))
    yield from _compression_problems(f"{where}.S3CompressionType", raw.get("S3CompressionType"))


def channel_problems(channel: Mapping[str, Any]) -> Iterator[str]:
    """Find fields of a training channel that would be read otherwise than the service does."""
    where = f"InputDataConfig[{channel.get('ChannelName')}]"
    source = channel.get("DataSource", {}).get("S3DataSource")
    if source is None:
        yield f"{where}.DataSource: only S3DataSource can be read here"
    else:
        yield from source_problems(f"{where}.DataSource.S3DataSource", source)
    yield from _mode_problems(f"{where}.InputMode", channel.get("InputMode"))
    yield from _compression_problems(f"{where}.CompressionType", channel.get("CompressionType"))
    wrapper = channel.get("RecordWrapperType", "None")
    if isinstance(wrapper, str) and wrapper != "None":
        yield f"{where}.RecordWrapperType: '{wrapper}' wraps the records of Pipe mode only; leave it out"


def _mode_problems(field: str, mode: object) -> Iterator[str]:
    """Refuse a mode that gives no files."""
    if isinstance(mode, str) and mode not in _FILE_MODES:
        yield f"{field}: '{mode}' is not available here; use 'File'"


def _compression_problems(field: str, compression: object) -> Iterator[str]:
    """Refuse decompression, which the service does in Pipe mode alone."""
    if isinstance(compression, str) and compression != "None":
        yield (
            f"{field}: '{compression}' is undone in Pipe mode only, which is not available here; "
            "leave it out and decompress in the job"
        )
