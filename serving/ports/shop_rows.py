"""Everything that is stored of one shop, as plain rows: what an archive is made of and filled from."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

Row = Mapping[str, str | int | float | bool | None]
"""One row as JSON has it: days and instants (UTC) as ISO texts, the shop left out."""


class ShopRows(Protocol):
    """Reads and fills the tables of one store, in the same form whatever the store is."""

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables, in the order in which they are to be filled."""
        ...

    def read(self, shop_id: str) -> Iterator[tuple[str, Row]]:
        """Yield each row with its table's name: table by table, in order of key.

        A database gives them all of one instant.
        """
        ...

    def fill(self, shop_id: str, table: str, rows: Iterable[Row]) -> None:
        """Write rows into a table that has none of this shop; projections come out as they were.

        Raises
        ------
        InvalidInput
            When a row does not fit the table.
        """
        ...
