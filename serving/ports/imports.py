"""Imported sheets: seen first, then taken in, and taken back when wrong."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

ImportStatus = Literal["preview", "done", "undone"]


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """One sheet."""

    import_id: str
    blob_key: str
    status: ImportStatus
    rows: int
    bad_rows: int
    actor: str
    created_at: datetime


class ImportStore(Protocol):
    """Keeps what became of imported sheets."""

    def add(self, shop_id: str, record: ImportRecord) -> None:
        """Add a sheet."""
        ...

    def get(self, shop_id: str, import_id: str) -> ImportRecord:
        """Return a sheet, or raise NotFound."""
        ...

    def taken_in(self, shop_id: str, lines: int) -> tuple[ImportRecord, ...]:
        """Return the sheets of so many lines, good and bad together, that are taken in and not taken back."""
        ...

    def move_on(self, shop_id: str, import_id: str, before: ImportStatus, after: ImportStatus) -> None:
        """Move a sheet from one status to the next, or raise Conflict."""
        ...
