"""Signed-in devices: one session a sign-in, its refresh token rotating."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in device; only a hash of its present refresh token is kept."""

    session_id: str
    user_id: str
    shop_id: str | None
    device: str
    refresh_hash: str
    created_at: datetime
    expires_at: datetime
    revoked: bool = False


class SessionStore(Protocol):
    """Keeps sessions until they expire."""

    def add(self, session: Session) -> None:
        """Keep a new session."""
        ...

    def get(self, session_id: str) -> Session:
        """Return a session, revoked or not, or raise NotFound."""
        ...

    def rotate(self, session_id: str, presented_hash: str, next_hash: str, shop_id: str | None) -> bool:
        """Exchange the refresh token if the presented one is the present one of a live session.

        Returns
        -------
        bool
            False where it is not: the session is then revoked, because a token came twice.
        """
        ...

    def of_user(self, user_id: str) -> tuple[Session, ...]:
        """Return a person's sessions that are not revoked, in order of id."""
        ...

    def revoke(self, session_id: str) -> None:
        """End a session; one that is not there is no error."""
        ...
