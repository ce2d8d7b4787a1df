"""What every outbox must do."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from serving.adapters.sql.database import Database
from serving.adapters.sql.outbox import SqlOutbox
from serving.ports.outbox import Outbox, OutgoingMessage


@pytest.fixture
def outbox(database: Database) -> Outbox:
    """Each outbox."""
    return SqlOutbox(database)


def test_a_cause_sends_once_and_a_failure_comes_again(outbox: Outbox, shop_id: str, now: datetime) -> None:
    message = OutgoingMessage(f"m-{shop_id}", shop_id, "cause", "push", "text", now, now)
    assert outbox.put(message)
    assert not outbox.put(OutgoingMessage(f"n-{shop_id}", shop_id, "cause", "push", "other", now, now))
    later = OutgoingMessage(f"o-{shop_id}", shop_id, "later", "sms", "text", now, now + timedelta(hours=9))
    assert outbox.put(later)
    assert outbox.waiting(shop_id) == 2
    assert [m for m in outbox.due(now, 1_000) if m.shop_id == shop_id] == [message]
    outbox.failed(message, now + timedelta(minutes=5))
    assert [m for m in outbox.due(now, 1_000) if m.shop_id == shop_id] == []
    again = next(m for m in outbox.due(now + timedelta(minutes=5), 1_000) if m.shop_id == shop_id)
    assert again.attempts == 1
    outbox.postpone(again, now + timedelta(days=1))
    assert [m for m in outbox.due(now + timedelta(hours=1), 1_000) if m.shop_id == shop_id] == []
    (postponed,) = (m for m in outbox.due(now + timedelta(days=1), 1_000) if m.message_id == again.message_id)
    assert postponed.attempts == 1
    outbox.sent(again, now)
    outbox.sent(later, now)
    assert outbox.waiting(shop_id) == 0


def test_of_several_senders_one_takes_a_message_until_its_lease_ends(
    outbox: Outbox, shop_id: str, now: datetime
) -> None:
    message = OutgoingMessage(f"l-{shop_id}", shop_id, "leased", "push", "text", now, now)
    outbox.put(message)
    until = now + timedelta(minutes=5)
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda _: outbox.lease(message, until), range(8))) == 1
    assert [m for m in outbox.due(now, 1_000) if m.shop_id == shop_id] == []
    (again,) = (m for m in outbox.due(until, 1_000) if m.shop_id == shop_id)
    assert again.attempts == 0
    assert outbox.lease(again, until + timedelta(minutes=5))
    outbox.sent(again, until)
    assert not outbox.lease(again, until + timedelta(minutes=9))
