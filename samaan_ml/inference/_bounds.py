"""The most items that one question may name."""

from __future__ import annotations

from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.messages import MAX_ITEMS


def _bound(count: int) -> None:
    """Refuse a request of more items than one answer may hold."""
    if count > MAX_ITEMS:
        raise RuleError(
            f"a request holds at most {MAX_ITEMS} items, got {count}; ask in parts", field="items"
        )
