"""Sheets read into kept files: at most two at a time, the large ones in another process."""

from __future__ import annotations

import tempfile
import threading
from datetime import date
from pathlib import Path

from samaan_ml.sheets import Options, SheetCard, SheetError, read_apart
from serving.errors import InvalidInput, StoreUnavailable
from serving.sales.import_schemas import (
    ColumnCard,
    Example,
    QuestionCard,
    ReadingCard,
    SheetOptions,
)

MAX_ROWS = 250_000
_AT_ONCE, _PATIENCE_SECONDS, _RETRY_SECONDS = 2, 30.0, 15
_readers = threading.BoundedSemaphore(_AT_ONCE)


def read_sheet(data: bytes, today: date, asked: SheetOptions) -> bytes:
    """Read a sheet and return it as a kept file.

    Raises
    ------
    InvalidInput
        When it is no sheet, lacks a column or is too long.
    StoreUnavailable
        When others' sheets are being read for too long.
    """
    options = Options(asked.columns, asked.date_order, asked.decimal, asked.sheet, asked.sale_side, today)
    if not _readers.acquire(timeout=_PATIENCE_SECONDS):
        raise StoreUnavailable("other sheets are being read", retry_after_seconds=_RETRY_SECONDS)
    try:
        with tempfile.NamedTemporaryFile(prefix="sheet.") as file:
            file.write(data)
            file.flush()
            return read_apart(Path(file.name), options, max_rows=MAX_ROWS)
    except SheetError as error:
        raise InvalidInput(str(error), field=error.field or "file", hint=error.hint) from None
    finally:
        _readers.release()


def reading_card(card: SheetCard) -> ReadingCard:
    """Return how a sheet was read."""
    return ReadingCard(
        kind=card.kind,
        sheet=card.sheet,
        other_sheets=list(card.other_sheets),
        heading_row=card.heading_row,
        dates=card.dates,
        decimals=card.decimals,
        columns=[
            ColumnCard(
                field=each.field,
                heading=each.heading,
                form=each.form,
                examples=[Example(written=written, read=read) for written, read in each.examples],
            )
            for each in card.columns
        ],
        ignored=list(card.ignored),
        questions=[
            QuestionCard(option=each.option, text=each.text, choices=list(each.choices))
            for each in card.questions
        ],
    )
