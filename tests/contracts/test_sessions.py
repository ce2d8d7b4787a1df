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
    assert sessions.rotate(shop_id, "hash-1", "hash-2", "shop-2", now) == "rotated"
    rotated = sessions.get(shop_id)
    assert (rotated.refresh_hash, rotated.shop_id, rotated.revoked) == ("hash-2", "shop-2", False)
    assert sessions.rotate(shop_id, "hash-1", "hash-3", None, now) == "refused"
    assert sessions.get(shop_id).revoked
    assert sessions.rotate(shop_id, "hash-2", "hash-3", None, now) == "refused"
    assert sessions.rotate(shop_id + "x", "hash-1", "hash-2", None, now) == "refused"


def test_a_token_that_was_exchanged_just_now_gets_the_same_answer_for_a_minute(
    sessions: SessionStore, shop_id: str, now: datetime
) -> None:
    asked = (shop_id, "hash-1", "hash-2", "shop-2")
    sessions.add(a_session(now, shop_id))
    assert sessions.rotate(*asked, now) == "rotated"
    assert sessions.rotate(*asked, now + timedelta(seconds=60)) == "repeated"
    assert sessions.get(shop_id).rotated_at == now
    assert sessions.rotate(*asked, now + timedelta(seconds=61)) == "refused"
    assert sessions.get(shop_id).revoked


def test_a_token_from_before_the_last_exchange_ends_the_session_even_within_the_minute(
    sessions: SessionStore, shop_id: str, now: datetime
) -> None:
    sessions.add(a_session(now, shop_id))
    assert sessions.rotate(shop_id, "hash-1", "hash-2", "shop-1", now) == "rotated"
    assert sessions.rotate(shop_id, "hash-2", "hash-3", "shop-1", now) == "rotated"
    assert sessions.rotate(shop_id, "hash-1", "hash-2", "shop-1", now) == "refused"
    assert sessions.get(shop_id).revoked


def test_another_shop_is_another_answer(sessions: SessionStore, shop_id: str, now: datetime) -> None:
    sessions.add(a_session(now, shop_id))
    assert sessions.rotate(shop_id, "hash-1", "hash-2", "shop-1", now) == "rotated"
    assert sessions.rotate(shop_id, "hash-1", "hash-2", "shop-2", now) == "refused"


def test_of_rotations_at_once_one_wins(sessions: SessionStore, shop_id: str, now: datetime) -> None:
    sessions.add(a_session(now, shop_id))
    with ThreadPoolExecutor(6) as pool:
        won = list(pool.map(lambda n: sessions.rotate(shop_id, "hash-1", f"new-{n}", None, now), range(6)))
    assert won.count("rotated") == 1
    assert sessions.get(shop_id).revoked


def test_a_revoked_session_rotates_no_more(sessions: SessionStore, shop_id: str, now: datetime) -> None:
    sessions.add(a_session(now, shop_id))
    sessions.revoke(shop_id)
    sessions.revoke("nothing")
    assert sessions.get(shop_id).revoked
    assert sessions.rotate(shop_id, "hash-1", "hash-2", None, now) == "refused"
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
