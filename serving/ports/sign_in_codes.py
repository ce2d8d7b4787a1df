"""Codes sent to a phone: each works once, for a few minutes, for a few tries."""

from collections.abc import Sequence
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


@dataclass(frozen=True, slots=True)
class CodeLimit:
    """What one phone may have from an instant on.

    Parameters
    ----------
    since : datetime
        Start of the window; it ends with the code that is asked for.
    codes : int
        Codes sent.
    wrong_tries : int
        Wrong codes entered, over all codes sent in the window.
    """

    since: datetime
    codes: int
    wrong_tries: int


class SignInCodeStore(Protocol):
    """Keeps the codes that were sent."""

    def add(self, code: SignInCode, limits: Sequence[CodeLimit]) -> bool:
        """Add a code unless its phone has reached one of the limits, and return whether it was added.

        Codes older than every limit's window are deleted.
        """
        ...

    def take_try(self, code_id: str, now: datetime, most: int) -> SignInCode:
        """Count one try and return the code, or raise NotFound where it is used, over or out of tries."""
        ...

    def use(self, code_id: str) -> bool:
        """Use a code up, and tell whether this call was the one that did."""
        ...
