"""Rows of a Parquet file, for the reader of sheets."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from samaan_ml.exceptions import DataError
from samaan_ml.sheets import Grid

__all__ = ["parquet_grid"]

_BATCH_ROWS = 20_000


def parquet_grid(path: Path) -> Grid | None:
    """Return the rows of a Parquet file; None where it is of another kind."""
    with path.open("rb") as file:
        if file.read(4) != b"PAR1":
            return None
    return Grid("parquet", partial(_rows, path))


def _rows(path: Path) -> Generator[tuple[int, list[Any]], None, None]:
    """Yield the names of the columns as row 0, then the rows, from 1."""
    row = 1
    try:
        with pq.ParquetFile(path) as file:
            yield 0, [str(name) for name in file.schema_arrow.names]
            for batch in file.iter_batches(batch_size=_BATCH_ROWS):
                columns = [column.to_pylist() for column in batch.columns]
                for cells in zip(*columns, strict=True):
                    yield row, list(cells)
                    row += 1
    except GeneratorExit:
        raise
    except Exception as error:  # pyarrow raises a dozen types for a broken file
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(f"'{path}' cannot be read as Parquet near row {row}: {first}") from error
