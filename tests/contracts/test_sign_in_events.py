"""What every store of sign-ins must do."""

from datetime import datetime

import pytest

from serving.adapters.sql.database import Database
from serving.adapters.sql.sign_in_events import SqlSignInEventStore
from serving.ports.sign_in_events import SignInEvent, SignInEventStore, SignInKind


@pytest.fixture
def events(database: Database) -> SignInEventStore:
    """Each store of sign-ins."""
    return SqlSignInEventStore(database)


def an_event(user_id: str, now: datetime, name: str, kind: SignInKind = "phone") -> SignInEvent:
    return SignInEvent(f"{user_id}-{name}", user_id, kind, "tablet", "127.0.0.1", now, True)


def test_events_of_some_people_come_page_by_page_the_newest_first(
    events: SignInEventStore, shop_id: str, now: datetime
) -> None:
    made = [an_event(shop_id, now, str(n)) for n in range(3)]
    for event in (*made, an_event(shop_id + "x", now, "0")):
        events.add(event)
    first = events.of_users((shop_id, "nobody"), 2, None)
    rest = events.of_users((shop_id,), 2, first.after)
    assert (*first.rows, *rest.rows) == tuple(made[::-1])
    assert rest.after is None
    assert events.of_users((), 9, None).rows == ()


def test_a_device_is_known_after_a_sign_in_and_not_after_a_wrong_code(
    events: SignInEventStore, shop_id: str, now: datetime
) -> None:
    events.add(an_event(shop_id, now, "0", "wrong_code"))
    assert not events.knows_device(shop_id, "tablet")
    events.add(an_event(shop_id, now, "1"))
    assert events.knows_device(shop_id, "tablet")
    assert not events.knows_device(shop_id + "x", "tablet")
