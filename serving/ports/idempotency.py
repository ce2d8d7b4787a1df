"""Answers kept by the caller's key, so that a repeated write is answered and not done again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class WriteKey:
    """The key of one write: whose it is, the caller's key and a fingerprint of what was asked."""

    scope: str
    key: str
    fingerprint: str


class IdempotencyStore(Protocol):
    """Keeps the answer of each keyed write, in the same unit of work as the write itself."""

    def claim(self, write: WriteKey, now: datetime) -> str | None:
        """Take the key for this write, waiting for another one that holds it.

        Returns
        -------
        str or None
            The stored answer where the write was done before, None where it is to be done now.

        Raises
        ------
        KeyReused
            When the key was used for another request.
        """
        ...

    def reserve(self, write: WriteKey, now: datetime) -> datetime:
        """Note the key in a unit of work of its own and return when that was first done.

        Needed where a store outside the database takes part: the note outlives a process that dies before the
        write is complete, and the write's ids are made from it.

        Raises
        ------
        KeyReused
            When the key was used for another request.
        """
        ...

    def release(self, write: WriteKey) -> None:
        """Forget a reserved key whose write failed and was reversed; one that is complete stays."""
        ...

    def complete(self, write: WriteKey, answer: str) -> None:
        """Store the answer under the key claimed before."""
        ...

    def purge(self, now: datetime) -> int:
        """Drop the keys that are older than the store keeps them, and return how many they were."""
        ...

    def find(self, write: WriteKey) -> str | None:
        """Return the stored answer without taking the key, or raise KeyReused."""
        ...
