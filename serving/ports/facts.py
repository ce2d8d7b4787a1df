"""Facts under the ids of their clients, kept without expiry: sent again, they are answered from the record."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

FactKind = Literal["sale", "entry", "promise", "movement", "order", "receipt", "item", "customer"]


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact as its sender named it, by an id of its own or by the key of the request.

    Parameters
    ----------
    kind : str
        Within which kind the id is unique.
    fact_id : str
        The sender's own id.
    fingerprint : str
        Hash of what was sent; the same id with another one is refused.
    field : str
        The field that carried the id, for the refusal.
    """

    kind: FactKind
    fact_id: str
    fingerprint: str
    field: str


@dataclass(frozen=True, slots=True)
class FactMark:
    """What was noted with a fact: when it was recorded, and what an owner should look at."""

    recorded_at: datetime
    flags: tuple[str, ...]


class FactStore(Protocol):
    """Keeps facts and marks, in the same unit of work as what they stand for."""

    def claim(self, shop_id: str, fact: Fact, now: datetime) -> str | None:
        """Take the id for this fact, waiting for another request that holds it.

        Returns
        -------
        str or None
            The stored answer where the fact was entered before, None where it is to be entered now.

        Raises
        ------
        IdReused
            When the id stands for another content.
        """
        ...

    def reserve(self, shop_id: str, fact: Fact, now: datetime) -> datetime:
        """Note the id in a unit of work of its own and return when that was first done.

        The note outlives a process that dies before the fact is complete; the ids of what the fact writes outside
        the database are made from it.

        Raises
        ------
        IdReused
            When the id stands for another content.
        """
        ...

    def release(self, shop_id: str, fact: Fact) -> None:
        """Forget a reserved id whose write failed and was reversed; a complete one stays."""
        ...

    def complete(self, shop_id: str, fact: Fact, answer: str) -> None:
        """Store the answer under the id claimed before."""
        ...

    def mark(self, shop_id: str, kind: FactKind, fact_id: str, mark: FactMark) -> None:
        """Note flags with a fact, whether or not a client named it."""
        ...

    def marks(self, shop_id: str, kind: FactKind, fact_ids: tuple[str, ...]) -> Mapping[str, FactMark]:
        """Return what was noted with some facts, by id; nothing for those without a note."""
        ...
