"""Photographed bills: what was read, what a person changed, whether it was confirmed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from serving.ports.page import Page

BillStatus = Literal["unread", "draft", "confirmed"]


@dataclass(frozen=True, slots=True)
class BillRecord:
    """One photograph and the draft made of it; `draft` is the JSON of `samaan_ml.bills.BillDraft`."""

    bill_id: str
    sha256: str
    blob_key: str
    status: BillStatus
    draft: str | None
    duplicate_key: str | None
    actor: str
    created_at: datetime
    confirmed_at: datetime | None = None


class BillStore(Protocol):
    """Keeps bills of a shop and what it learned of suppliers' names for its items."""

    def add(self, shop_id: str, bill: BillRecord) -> None:
        """Add a bill, or raise AlreadyExists when its photograph is there."""
        ...

    def get(self, shop_id: str, bill_id: str) -> BillRecord:
        """Return a bill, or raise NotFound."""
        ...

    def by_photograph(self, shop_id: str, sha256: str) -> BillRecord:
        """Return the bill of a photograph, or raise NotFound."""
        ...

    def confirmed_with(self, shop_id: str, duplicate_key: str) -> tuple[BillRecord, ...]:
        """Return the confirmed bills of the same supplier, number, day and total."""
        ...

    def change(self, shop_id: str, bill: BillRecord, expected: BillStatus) -> None:
        """Replace a bill that is still in the status expected, or raise Conflict."""
        ...

    def list(self, shop_id: str, limit: int, after: str | None) -> Page[BillRecord]:
        """Return bills, the newest first."""
        ...

    def learn(self, shop_id: str, alias: str, item_id: str) -> None:
        """Remember which item a printed name stands for."""
        ...

    def learned(self, shop_id: str) -> dict[str, str]:
        """Return the items by the printed names learned."""
        ...
