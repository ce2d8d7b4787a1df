"""Codes sent to a phone: each works once, for a few minutes, for a few tries."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SignInCode:
    """A code that was sent; only a hash of it is kept."""

    code_id: str
    phone: str
    code_hash: str
    created_at: datetime
    expires_at: datetime
    tries: int = 0
    used: bool = False


class SignInCodeStore(Protocol):
    """Keeps the codes that were sent."""

    def add(self, code: SignInCode, since: datetime, most: int) -> bool:
        """Add a code unless its phone got so many from an instant on, and tell whether it was added."""
        ...

    def take_try(self, code_id: str, now: datetime, most: int) -> SignInCode:
        """Count one try and return the code, or raise NotFound where it is used, over or out of tries."""
        ...

    def use(self, code_id: str) -> bool:
        """Use a code up, and tell whether this call was the one that did."""
        ...
