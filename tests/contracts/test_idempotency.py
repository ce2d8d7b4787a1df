"""What every store of answers must do."""

import contextlib
import threading
from datetime import datetime, timedelta

import pytest

from serving.adapters.sql.database import Database
from serving.errors import KeyReused
from serving.ports.idempotency import IdempotencyStore, WriteKey


def test_a_key_is_claimed_once_and_then_answered(
    idempotency: IdempotencyStore, shop_id: str, now: datetime
) -> None:
    write = WriteKey(shop_id, "key", "print")
    assert idempotency.find(write) is None
    assert idempotency.claim(write, now) is None
    idempotency.complete(write, '{"done": true}')
    assert idempotency.claim(write, now) == idempotency.find(write) == '{"done": true}'
    for other in (WriteKey(shop_id, "key", "other"),):
        with pytest.raises(KeyReused):
            idempotency.claim(other, now)
        with pytest.raises(KeyReused):
            idempotency.find(other)
    assert idempotency.claim(WriteKey(shop_id + "x", "key", "other"), now) is None


def test_a_key_is_free_again_after_its_time(
    idempotency: IdempotencyStore, shop_id: str, now: datetime
) -> None:
    write = WriteKey(shop_id, "key", "print")
    idempotency.claim(write, now)
    idempotency.complete(write, "{}")
    assert idempotency.claim(write, now + timedelta(hours=47)) == "{}"
    assert idempotency.claim(WriteKey(shop_id, "key", "other"), now + timedelta(hours=49)) is None


def test_a_claim_in_a_unit_of_work_that_fails_is_undone(
    idempotency: IdempotencyStore, database: Database, shop_id: str, now: datetime
) -> None:
    write = WriteKey(shop_id, "key", "print")
    with contextlib.suppress(RuntimeError), database.begin():
        idempotency.claim(write, now)
        raise RuntimeError("on the way")
    assert idempotency.claim(write, now) is None


def test_a_second_writer_with_the_key_waits_for_the_first_ones_answer(
    idempotency: IdempotencyStore, database: Database, shop_id: str, now: datetime
) -> None:
    write = WriteKey(shop_id, "key", "print")
    claimed = threading.Event()
    answers: list[str | None] = []

    def first() -> None:
        with database.begin():
            idempotency.claim(write, now)
            claimed.set()
            threading.Event().wait(0.2)
            idempotency.complete(write, "first")

    def second() -> None:
        claimed.wait(5)
        with database.begin():
            answers.append(idempotency.claim(write, now))

    threads = [threading.Thread(target=work) for work in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert answers == ["first"]
