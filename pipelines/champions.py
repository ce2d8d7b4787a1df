"""Where the gate finds the champion: the first one laid, and the registry's own kept there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from training.champion import ARCHIVE, NOBODY, archived_version, write_champion

__all__ = ["NOBODY", "NOBODY_TEXT", "lay_champion", "lay_first_champion"]

NOBODY_TEXT = '{"champion": null}\n'


def lay_champion(registered: Path, place: Path) -> None:
    """Make a local store say what the registry says: its champion, or that nothing serves yet.

    A pipeline writes its champion there itself; after a promotion or a rollback the registry's is another one.

    Parameters
    ----------
    registered : Path
        The champion that the registry exported.
    place : Path
        Folder of the address that the gate reads.
    """
    if (registered / "manifest.json").is_file():
        from samaan_ml.artifacts import read_manifest

        if archived_version(place) != read_manifest(registered).model_version:
            write_champion(registered.resolve(), [], place)
    elif not (place / ARCHIVE).is_file():
        place.mkdir(parents=True, exist_ok=True)
        (place / NOBODY).write_text(NOBODY_TEXT, "utf-8")


def lay_first_champion(s3: Any, bucket: str, area: str, prefix: str = "champions") -> str:
    """Say on S3 that nothing serves yet, if no address is known; return the address.

    The service refuses an input under which nothing is stored; the stack of `infra/` lays the same file.

    Parameters
    ----------
    s3 : S3 client
        The client.
    bucket, area, prefix : str
        Where champions are.
    """
    place = f"{prefix}/{area}"
    found = s3.list_objects_v2(Bucket=bucket, Prefix=f"{place}/", MaxKeys=1)
    if not found.get("KeyCount"):
        s3.put_object(Bucket=bucket, Key=f"{place}/{NOBODY}", Body=NOBODY_TEXT.encode())
    return f"s3://{bucket}/{place}"
