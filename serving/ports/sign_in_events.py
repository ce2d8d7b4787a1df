"""Who signed in, from where and when, and who tried to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from serving.ports.page import Page

SignInKind = Literal["password", "phone", "wrong_password", "wrong_code", "everywhere_out", "password_set"]


@dataclass(frozen=True, slots=True)
class SignInEvent:
    """One sign-in, failed try, end of all sessions or password set by the operator; never changed."""

    event_id: str
    user_id: str
    kind: SignInKind
    device: str
    address: str
    at: datetime
    new_device: bool


class SignInEventStore(Protocol):
    """Keeps the events."""

    def add(self, event: SignInEvent) -> None:
        """Add an event."""
        ...

    def knows_device(self, user_id: str, device: str) -> bool:
        """Return whether a person signed in on a device of this name before."""
        ...

    def of_users(self, user_ids: tuple[str, ...], limit: int, after: str | None) -> Page[SignInEvent]:
        """Return the events of some people, the newest first."""
        ...
