"""The requests that prepared tables stand for: what batch transform and the latency check ask a model."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from samaan_ml.domain.messages import Request, encode
from training.areas import Area
from training.payloads import requests_for
from training.shop_tables import ShopTables

__all__ = ["requests_of", "write_requests"]


def requests_of(area: Area, folder: Path, horizon_days: int = 14) -> Iterator[tuple[str, Request]]:
    """Go through the shops of a folder of tables and the requests of each.

    Raises
    ------
    DataError
        When a table or a column is missing.
    """
    with tempfile.TemporaryDirectory(prefix="samaan-requests-") as scratch:
        tables = ShopTables.open(folder, (*area.required, *area.optional), Path(scratch))
        for shop in tables.shops(area.required[0]):
            for _, own in tables.of([shop]):
                for request in requests_for(area.name, own, shop, horizon_days):
                    yield shop, request


def write_requests(area: Area, folder: Path, target: Path, horizon_days: int = 14) -> int:
    """Write one file of JSON lines a shop, a request a line; give the number of requests."""
    count = 0
    for place, (_, request) in enumerate(requests_of(area, folder, horizon_days)):
        # Named by place: a shop's own name need not make a file name.
        (target / f"{place:06d}.jsonl").write_bytes(encode(request) + b"\n")
        count += 1
    return count
