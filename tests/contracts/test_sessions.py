"""What every session store must do."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from serving.errors import NotFound
from serving.ports.sessions import Session, SessionStore


def a_session(now: datetime, session_id: str, user_id: str = "meena") -> Session:
    return Session(session_id, user_id, "shop-1", "phone", "hash-1", now, now + timedelta(days=30))


def test_a_session_comes_back_as_it_was_added(sessions: SessionStore, shop_id: str, now: datetime) -> None:
    session = a_session(now, shop_id)
    sessions.add(session)
    assert sessions.get(shop_id) == session
    with pytest.raises(NotFound):
        sessions.get(shop_id + "x")


def test_a_token_rotates_once_and_a_second_time_ends_the_session(
    sessions: SessionStore, shop_id: str, now: datetime
) -> None:
    sessions.add(a_session(now, shop_id))
    assert sessions.rotate(shop_id, "hash-1", "hash-2", "shop-2")
    rotated = sessions.get(shop_id)
    assert (rotated.refresh_hash, rotated.shop_id, rotated.revoked) == ("hash-2", "shop-2", False)
    assert not sessions.rotate(shop_id, "hash-1", "hash-3", None)
    assert sessions.get(shop_id).revoked
    assert not sessions.rotate(shop_id, "hash-2", "hash-3", None)
    assert not sessions.rotate(shop_id + "x", "hash-1", "hash-2", None)


def test_of_rotations_at_once_one_wins(sessions: SessionStore, shop_id: str, now: datetime) -> None:
    sessions.add(a_session(now, shop_id))
    with ThreadPoolExecutor(6) as pool:
        won = list(pool.map(lambda n: sessions.rotate(shop_id, "hash-1", f"new-{n}", None), range(6)))
    assert sum(won) == 1
    assert sessions.get(shop_id).revoked


def test_a_revoked_session_rotates_no_more(sessions: SessionStore, shop_id: str, now: datetime) -> None:
    sessions.add(a_session(now, shop_id))
    sessions.revoke(shop_id)
    sessions.revoke("nothing")
    assert sessions.get(shop_id).revoked
    assert not sessions.rotate(shop_id, "hash-1", "hash-2", None)
    with pytest.raises(NotFound):
        sessions.get("nothing")


def test_a_persons_live_sessions_are_listed(sessions: SessionStore, shop_id: str, now: datetime) -> None:
    user = f"user-{shop_id}"
    made = [a_session(now, f"{shop_id}-{n}", user) for n in range(3)]
    for session in (*made, a_session(now, f"{shop_id}-other", user + "x")):
        sessions.add(session)
    assert sessions.of_user(user) == tuple(made)
    sessions.revoke(made[1].session_id)
    assert sessions.of_user(user) == (made[0], made[2])
    assert sessions.of_user(user) == (made[0], made[2])
    assert sessions.of_user("nobody") == ()
