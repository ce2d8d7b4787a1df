"""One unit of work over the stores that share a database."""

from contextlib import AbstractContextManager
from typing import Protocol


class Transactions(Protocol):
    """Opens units of work: all writes of the stores inside take place together or not at all.

    Stores outside the database (DynamoDB) take part by ids: every write carries an id made from the request's
    key, and a repeated write with the same id changes nothing.
    """

    def begin(self) -> AbstractContextManager[None]:
        """Open a unit of work; inside another one, join it."""
        ...

    def ping(self) -> None:
        """Reach the database once.

        Raises
        ------
        StoreUnavailable
            When it does not answer.
        """
        ...
