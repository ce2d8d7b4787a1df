"""What every store of sign-in codes must do."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from serving.adapters.sql.database import Database
from serving.adapters.sql.sign_in_codes import SqlSignInCodeStore
from serving.errors import NotFound
from serving.ports.sign_in_codes import CodeLimit, SignInCode, SignInCodeStore

WINDOW = timedelta(minutes=10)


@pytest.fixture
def codes(database: Database) -> SignInCodeStore:
    """Each store of codes."""
    return SqlSignInCodeStore(database)


def a_code(name: str, at: datetime, phone: str) -> SignInCode:
    return SignInCode(f"{phone[-12:]}-{name}", phone, "hash", at, at + timedelta(minutes=5))


def limits(now: datetime, codes: int, wrong_tries: int = 100) -> tuple[CodeLimit, ...]:
    return (CodeLimit(now - WINDOW, codes, wrong_tries),)


def test_a_number_gets_so_many_codes_within_the_window(
    codes: SignInCodeStore, shop_id: str, now: datetime
) -> None:
    phone = f"+{shop_id[:12]}"
    added = [codes.add(a_code(str(n), now, phone), limits(now, 2)) for n in range(3)]
    assert added == [True, True, False]
    later = now + WINDOW + timedelta(seconds=1)
    assert codes.add(a_code("later", later, phone), limits(later, 2))


def test_a_code_has_so_many_tries_and_is_used_once(
    codes: SignInCodeStore, shop_id: str, now: datetime
) -> None:
    code = a_code("one", now, f"+{shop_id[:12]}")
    codes.add(code, limits(now, 5))
    with ThreadPoolExecutor(6) as pool:
        tries = list(pool.map(lambda _: _tries(codes, code.code_id, now), range(6)))
    assert sorted(tries) == [0, 0, 0, 1, 2, 3]
    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(lambda _: codes.use(code.code_id), range(6))) == 1


def _tries(codes: SignInCodeStore, code_id: str, now: datetime) -> int:
    """Count a try and return its number, 0 where it was refused."""
    try:
        return codes.take_try(code_id, now, 3).tries
    except NotFound:
        return 0


def test_a_code_that_is_over_or_used_takes_no_try(
    codes: SignInCodeStore, shop_id: str, now: datetime
) -> None:
    code = a_code("one", now, f"+{shop_id[:12]}")
    codes.add(code, limits(now, 5))
    assert _tries(codes, code.code_id, now + timedelta(minutes=5)) == 0
    assert codes.use(code.code_id)
    assert _tries(codes, code.code_id, now) == 0
    assert _tries(codes, "nothing", now) == 0


def test_wrong_tries_of_a_month_stop_further_codes_and_right_ones_do_not(
    codes: SignInCodeStore, shop_id: str, now: datetime
) -> None:
    phone = f"+{shop_id[:12]}"
    month = (CodeLimit(now - timedelta(days=30), 1_000, 6),)
    for day in range(29, 26, -1):
        at = now - timedelta(days=day)
        code = a_code(str(day), at, phone)
        assert codes.add(code, month)
        for _ in range(3):
            codes.take_try(code.code_id, at, 5)
        codes.use(code.code_id)  # the third try was right
    assert not codes.add(a_code("next", now, phone), month)
    later = now + timedelta(days=4)
    assert codes.add(a_code("later", later, phone), (CodeLimit(later - timedelta(days=30), 1_000, 6),))
