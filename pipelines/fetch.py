"""Brings what a definition reads from S3 into the local store."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from pipelines.local import Definition
from samaan_ml.exceptions import DataError, MissingExtraError

__all__ = ["fetch_inputs", "inputs_of"]

_WRITTEN = ("S3Output", "S3OutputPath", "OutputDataConfig", "CheckpointConfig", "DebugHookConfig", "ProfilerConfig",
            "TransformOutput", "ProcessingOutputConfig", "OutputS3Uri")  # fmt: skip


def inputs_of(definition: Definition, parameters: Mapping[str, Any]) -> list[str]:
    """List the addresses that a definition reads and that no step of it writes.

    Parameters
    ----------
    definition : Definition
        The definition.
    parameters : mapping
        Values of parameters, in the place of their defaults.
    """
    values = {**definition.defaults(), **parameters}
    steps = [step.with_parameters(values) for step in definition.steps]
    read = {uri for step in steps for uri in _addresses([step.arguments, step.extra], written=False)}
    made = {uri for step in steps for uri in _addresses(step.arguments, written=True)}
    return sorted(uri for uri in read if not any(_is_below(uri, place) for place in made))


def fetch_inputs(
    definition: Definition, parameters: Mapping[str, Any], root: Path, client: Any = None
) -> Iterator[str]:
    """Download a definition's inputs below a folder, each file whole or not at all.

    Yields
    ------
    str
        A line for each address.

    Raises
    ------
    DataError
        When nothing is stored at an address.
    """
    if client is None:
        try:
            import boto3
        except ImportError:
            raise MissingExtraError("boto3", "pipelines") from None
        client = boto3.client("s3")
    for uri in inputs_of(definition, parameters):
        bucket, _, prefix = uri.removeprefix("s3://").partition("/")
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        keys = [
            each["Key"]
            for page in pages
            for each in page.get("Contents", ())
            if not each["Key"].endswith("/")
        ]
        if not keys:
            raise DataError(f"nothing is stored at '{uri}'")
        for key in keys:
            _download(client, bucket, key, root)
        yield f"{uri}: {len(keys)} file{'s' if len(keys) > 1 else ''}"


def _download(client: Any, bucket: str, key: str, root: Path) -> None:
    """Download one object."""
    if ".." in PurePosixPath(key).parts:
        raise DataError(f"'s3://{bucket}/{key}' leaves its bucket")
    target = root / bucket / key
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    client.download_file(bucket, key, str(part))
    part.replace(target)


def _addresses(value: Any, *, written: bool, inside: bool = False) -> Iterator[str]:
    """Go through the addresses inside a request that are written, or those that are read."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            if key not in ("IfSteps", "ElseSteps"):
                yield from _addresses(each, written=written, inside=inside or key in _WRITTEN)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _addresses(each, written=written, inside=inside)
    elif isinstance(value, str) and inside == written:
        bare = value.strip('"')
        if bare.startswith("s3://"):
            yield bare


def _is_below(uri: str, place: str) -> bool:
    """Return whether an address is what a step writes, or below it."""
    return uri == place or uri.startswith(place.rstrip("/") + "/")
