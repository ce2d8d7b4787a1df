"""What every account store must do."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from serving.errors import AlreadyExists, NotFound
from serving.ports.accounts import Account, AccountStore, Membership, Shop


def a_shop(now: datetime, shop_id: str) -> Shop:
    return Shop(shop_id, "Meena Store", "Asia/Kolkata", "MH", "allow", "warn", None, now)


def test_a_person_is_found_by_id_and_address_and_is_there_once(
    accounts: AccountStore, shop_id: str, now: datetime
) -> None:
    account = Account(shop_id, f"{shop_id}@example.in", "Meena", "hash", now)
    accounts.add_account(account)
    assert accounts.account(shop_id) == account
    assert accounts.account_by_email(account.email) == account
    with pytest.raises(AlreadyExists):
        accounts.add_account(replace(account, user_id=shop_id + "x"))
    for missing in (
        lambda: accounts.account("nobody"),
        lambda: accounts.account_by_email("nobody@example.in"),
    ):
        with pytest.raises(NotFound):
            missing()


def test_a_shop_and_its_rules_are_kept(accounts: AccountStore, shop_id: str, now: datetime) -> None:
    shop = a_shop(now, shop_id)
    accounts.add_shop(shop, "meena")
    assert accounts.shop(shop_id) == shop
    changed = replace(shop, negative_stock="block", upi_id="meena@okbank")
    accounts.change_shop(changed)
    assert accounts.shop(shop_id) == changed
    with pytest.raises(AlreadyExists):
        accounts.add_shop(shop, "meena")
    with pytest.raises(NotFound):
        accounts.shop(shop_id + "x")


def test_members_come_and_go_and_change_their_role(
    accounts: AccountStore, shop_id: str, now: datetime
) -> None:
    owner, staff = "owner-" + shop_id, "staff-" + shop_id
    accounts.add_shop(a_shop(now, shop_id), owner)
    accounts.add_shop(a_shop(now + timedelta(hours=1), shop_id + "-2"), owner)
    accounts.set_member(Membership(shop_id, staff, "viewer"), now + timedelta(minutes=1))
    accounts.set_member(Membership(shop_id, staff, "staff"), now + timedelta(minutes=2))
    assert accounts.members(shop_id) == (
        Membership(shop_id, owner, "owner"),
        Membership(shop_id, staff, "staff"),
    )
    assert [member.shop_id for member in accounts.memberships(owner)] == [shop_id, shop_id + "-2"]
    assert (accounts.role(shop_id, owner), accounts.role(shop_id, staff)) == ("owner", "staff")
    accounts.remove_member(shop_id, staff)
    assert accounts.memberships(staff) == ()
    with pytest.raises(NotFound):
        accounts.role(shop_id, staff)
    with pytest.raises(NotFound):
        accounts.role(shop_id + "-2", staff)
    with pytest.raises(NotFound):
        accounts.remove_member(shop_id, staff)


def test_a_phone_number_is_one_persons_whoever_asks_first(
    accounts: AccountStore, shop_id: str, now: datetime
) -> None:
    phone = f"+91{int(shop_id[:8], 16):010}"[:13]
    with pytest.raises(NotFound):
        accounts.account_by_phone(phone)
    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(lambda n: accounts.user_of_phone(phone, f"{shop_id}-{n}", now), range(4)))
    assert found == {accounts.account_by_phone(phone).user_id}
    assert accounts.account_by_phone(phone).password_hash == ""


def test_a_password_hash_is_replaced_for_who_is_there(
    accounts: AccountStore, shop_id: str, now: datetime
) -> None:
    person = Account(shop_id, f"{shop_id}@example.in", "Meena", "", now)
    accounts.add_account(person)
    accounts.set_password_hash(shop_id, "hash")
    assert accounts.account(shop_id) == replace(person, password_hash="hash")
    with pytest.raises(NotFound):
        accounts.set_password_hash("nobody", "hash")


def test_a_person_gets_another_id_with_shops_and_phone(
    accounts: AccountStore, shop_id: str, now: datetime
) -> None:
    before = f"{shop_id}-a"
    accounts.add_account(Account(before, f"{before}@example.in", "Meena", "", now))
    accounts.add_shop(a_shop(now, shop_id), before)
    phone = f"+91{int(shop_id, 16) % 10**10:010}"
    assert accounts.user_of_phone(phone, f"{shop_id}-p", now) == f"{shop_id}-p"
    accounts.change_user_id(before, f"{shop_id}-b")
    accounts.change_user_id(f"{shop_id}-p", f"{shop_id}-q")
    assert [each.shop_id for each in accounts.memberships(f"{shop_id}-b")] == [shop_id]
    assert accounts.memberships(before) == ()
    assert accounts.account_by_phone(phone).user_id == f"{shop_id}-q"
    with pytest.raises(NotFound):
        accounts.account(before)
    with pytest.raises(NotFound):
        accounts.change_user_id(before, "x")
    with pytest.raises(AlreadyExists):
        accounts.change_user_id(f"{shop_id}-b", f"{shop_id}-q")
