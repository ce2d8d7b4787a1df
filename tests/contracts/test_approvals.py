"""What every store of approvals must do."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from serving.adapters.sql.approvals import SqlApprovalStore
from serving.adapters.sql.database import Database
from serving.errors import Conflict, NotFound
from serving.ports.approvals import Approval, ApprovalStore


@pytest.fixture
def approvals(database: Database) -> ApprovalStore:
    """Each store of approvals."""
    return SqlApprovalStore(database)


def an_approval(now: datetime, number: int = 1, **fields: str) -> Approval:
    return replace(
        Approval(
            approval_id=f"a{number:03d}",
            actions=("price_below_floor", "limit_override"),
            why="4000 paise is below the floor",
            request='{"body":{},"method":"POST","path":"/v1/sales"}',
            payload_sha256="f" * 64,
            asked_by="suresh",
            asked_at=now,
            expires_at=now + timedelta(hours=2),
        ),
        **fields,
    )


def test_an_approval_comes_back_in_its_shop_alone(
    approvals: ApprovalStore, shop_id: str, now: datetime
) -> None:
    asked = an_approval(now)
    approvals.add(shop_id, asked)
    assert approvals.get(shop_id, "a001") == asked
    with pytest.raises(NotFound):
        approvals.get(shop_id + "x", "a001")


def test_pages_are_the_newest_first_by_status_and_person(
    approvals: ApprovalStore, shop_id: str, now: datetime
) -> None:
    for number in range(5):
        approvals.add(shop_id, an_approval(now, number, asked_by="suresh" if number % 2 else "anita"))
    first = approvals.list(shop_id, 2, None)
    assert [each.approval_id for each in first.rows] == ["a004", "a003"]
    rest = approvals.list(shop_id, 9, first.after)
    assert [each.approval_id for each in rest.rows] == ["a002", "a001", "a000"]
    assert rest.after is None
    mine = approvals.list(shop_id, 9, None, status="pending", asked_by="suresh")
    assert [each.approval_id for each in mine.rows] == ["a003", "a001"]
    assert approvals.list(shop_id, 9, None, status="used").rows == ()
    assert approvals.list(shop_id + "x", 9, None).rows == ()


def test_what_waits_is_found_by_person_and_request_until_it_expires(
    approvals: ApprovalStore, shop_id: str, now: datetime
) -> None:
    approvals.add(shop_id, an_approval(now))
    found = approvals.waiting(shop_id, "suresh", "f" * 64, now)
    assert found is not None
    assert found.approval_id == "a001"
    for person, payload, at in (
        ("anita", "f" * 64, now),
        ("suresh", "e" * 64, now),
        ("suresh", "f" * 64, now + timedelta(hours=2)),
    ):
        assert approvals.waiting(shop_id, person, payload, at) is None
    approvals.change(shop_id, replace(found, status="rejected"), "pending")
    assert approvals.waiting(shop_id, "suresh", "f" * 64, now) is None


def test_of_those_who_use_it_at_once_one_does(approvals: ApprovalStore, shop_id: str, now: datetime) -> None:
    approvals.add(shop_id, an_approval(now, status="approved"))
    used = an_approval(now, status="used")

    def use(_: int) -> bool:
        try:
            approvals.change(shop_id, used, "approved")
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(use, range(6))) == 1
    assert approvals.get(shop_id, "a001").status == "used"
