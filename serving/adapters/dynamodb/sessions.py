"""Sessions on DynamoDB: key `sessionId`, removed by the table's time-to-live on `expiresAt`."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from serving.adapters.dynamodb.table import DynamoTable, Refused
from serving.errors import NotFound
from serving.ports.sessions import Rotation, Session, is_repeated

_NAMES = {
    "session_id": "sessionId",
    "user_id": "userId",
    "shop_id": "shopId",
    "device": "device",
    "refresh_hash": "refreshHash",
    "created_at": "createdAt",
    "revoked": "revoked",
    "previous_hash": "previousHash",
}


def _of_user(user_id: str) -> str:
    """Name the row that lists a person's sessions; no session's id holds a '#'."""
    return f"user#{user_id}"


class DynamoSessionStore:
    """Keeps sessions in the table Sessions.

    Parameters
    ----------
    table : DynamoTable
        The table.
    """

    def __init__(self, table: DynamoTable) -> None:
        self._table = table

    def add(self, session: Session) -> None:
        """Keep a new session."""
        row: dict[str, Any] = {theirs: getattr(session, ours) for ours, theirs in _NAMES.items()}
        expires = session.expires_at.timestamp()
        row |= {"expiresAt": int(expires), "expiresMicros": round(expires % 1 * 1_000_000)}
        index = self._table.updating(
            {"sessionId": _of_user(session.user_id)},
            "ADD sessionIds :one",
            {":one": {session.session_id}},
            "attribute_not_exists(revoked)",
        )
        self._table.write([self._table.putting(row), index])

    def get(self, session_id: str) -> Session:
        """Return a session."""
        row = self._table.get({"sessionId": session_id})
        if row is None:
            raise NotFound("no such session")
        values: dict[str, Any] = {ours: row.get(theirs) for ours, theirs in _NAMES.items()}
        rotated = row.get("rotatedAt")
        values["rotated_at"] = None if rotated is None else datetime.fromisoformat(rotated)
        values["created_at"] = datetime.fromisoformat(row["createdAt"])
        expires = datetime.fromtimestamp(row["expiresAt"], UTC).replace(microsecond=row["expiresMicros"])
        return Session(**values, expires_at=expires)

    def of_user(self, user_id: str) -> tuple[Session, ...]:
        """Return a person's live sessions, by the row that lists them; those that ended are taken off it."""
        listed = self._table.get({"sessionId": _of_user(user_id)}) or {}
        found, ended = [], set()
        for session_id in sorted(listed.get("sessionIds", ())):
            try:
                session = self.get(session_id)
            except NotFound:
                ended.add(session_id)
                continue
            if session.revoked:
                ended.add(session_id)
            else:
                found.append(session)
        if ended:
            key, there = {"sessionId": _of_user(user_id)}, "attribute_exists(sessionId)"
            self._table.write(
                [self._table.updating(key, "DELETE sessionIds :ended", {":ended": ended}, there)]
            )
        return tuple(found)

    def rotate(
        self, session_id: str, presented_hash: str, next_hash: str, shop_id: str | None, now: datetime
    ) -> Rotation:
        """Exchange the token's hash on condition, else look whether it was exchanged just now."""
        live = "revoked = :live AND refreshHash = :presented"
        values = {":live": False, ":presented": presented_hash, ":next": next_hash}
        change = "SET refreshHash = :next, previousHash = :presented, rotatedAt = :now" + (
            ", shopId = :shop" if shop_id else " REMOVE shopId"
        )
        values |= {":now": now}
        values |= {":shop": shop_id} if shop_id else {}
        try:
            self._table.write([self._table.updating({"sessionId": session_id}, change, values, live)])
        except Refused:
            return self._repeated(session_id, presented_hash, next_hash, shop_id, now)
        return "rotated"

    def _repeated(
        self, session_id: str, presented_hash: str, next_hash: str, shop_id: str | None, now: datetime
    ) -> Rotation:
        """Answer a token exchanged just now again; one that comes later ends its session."""
        with suppress(NotFound):
            if is_repeated(self.get(session_id), presented_hash, next_hash, shop_id, now):
                return "repeated"
        self.revoke(session_id)
        return "refused"

    def revoke(self, session_id: str) -> None:
        """End a session that is there."""
        ended = self._table.updating(
            {"sessionId": session_id}, "SET revoked = :ended", {":ended": True}, "attribute_exists(sessionId)"
        )
        try:
            self._table.write([ended])
        except Refused:
            return
