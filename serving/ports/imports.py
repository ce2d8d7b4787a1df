"""Imported sheets: seen first, then imported, and reversed when wrong."""

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
    """Keeps the state of imported sheets."""

    def add(self, shop_id: str, record: ImportRecord) -> None:
        """Add a sheet."""
        ...

    def get(self, shop_id: str, import_id: str) -> ImportRecord:
        """Return a sheet, or raise NotFound."""
        ...

    def recount(self, shop_id: str, import_id: str, rows: int, bad_rows: int) -> None:
        """Set the counts of a sheet that is not taken in yet, or raise Conflict."""
        ...

    def move_on(self, shop_id: str, import_id: str, before: ImportStatus, after: ImportStatus) -> None:
        """Move a sheet from one status to the next, or raise Conflict."""
        ...
