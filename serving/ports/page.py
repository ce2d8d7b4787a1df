"""A page of a list and where the next one starts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

Row_co = TypeVar("Row_co", covariant=True)
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row_co]):
    """Some rows in a stable order; `after` is the key of the last one where more follow."""

    rows: tuple[Row_co, ...]
    after: str | None = None


def walk(list_page: Callable[[str | None], Page[Row]]) -> Iterator[Row]:
    """Go through the rows of all pages, each page read when its first row is wanted.

    Parameters
    ----------
    list_page : callable
        Returns the page that follows a key; None asks for the first one.

    Examples
    --------
    >>> pages = {None: Page((1, 2), "2"), "2": Page((3,))}
    >>> list(walk(pages.__getitem__))
    [1, 2, 3]
    """
    after: str | None = None
    while True:
        page = list_page(after)
        yield from page.rows
        if page.after is None:
            return
        after = page.after
