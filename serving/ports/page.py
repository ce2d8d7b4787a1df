"""A page of a list and where the next one starts."""

from dataclasses import dataclass
from typing import Generic, TypeVar

Row_co = TypeVar("Row_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Page(Generic[Row_co]):
    """Some rows in a stable order; `after` is the key of the last one where more follow."""

    rows: tuple[Row_co, ...]
    after: str | None = None
