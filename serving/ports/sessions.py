"""Signed-in devices: one session a sign-in, its refresh token rotating."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol


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
    previous_hash: str | None = None
    rotated_at: datetime | None = None


Rotation = Literal["rotated", "repeated", "refused"]
GRACE = timedelta(seconds=60)
"""How long the token before the present one gets the same answer again: the first may have been lost on the way."""


def is_repeated(
    session: Session, presented_hash: str, next_hash: str, shop_id: str | None, now: datetime
) -> bool:
    """Return whether a token that is not the present one asks again for an answer that was just given."""
    same = (session.previous_hash, session.refresh_hash, session.shop_id) == (
        presented_hash,
        next_hash,
        shop_id,
    )
    return (
        same and not session.revoked and session.rotated_at is not None and now - session.rotated_at <= GRACE
    )


class SessionStore(Protocol):
    """Keeps sessions until they expire."""

    def add(self, session: Session) -> None:
        """Keep a new session."""
        ...

    def get(self, session_id: str) -> Session:
        """Return a session, revoked or not, or raise NotFound."""
        ...

    def rotate(
        self, session_id: str, presented_hash: str, next_hash: str, shop_id: str | None, now: datetime
    ) -> Rotation:
        """Exchange the refresh token if the presented one is the present one of a live session.

        Returns
        -------
        {"rotated", "repeated", "refused"}
            "repeated" where the presented one was exchanged less than `GRACE` ago, for the same next one and shop,
            and nothing since; "refused" where it is neither: the session is then revoked, because a token came twice.
        """
        ...

    def of_user(self, user_id: str) -> tuple[Session, ...]:
        """Return a person's sessions that are not revoked, in order of id."""
        ...

    def revoke(self, session_id: str) -> None:
        """End a session; a missing one is no error."""
        ...
