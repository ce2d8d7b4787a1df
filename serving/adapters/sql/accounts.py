"""People, shops and memberships in SQL."""

import dataclasses
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from serving.adapters.sql.database import Database
from serving.adapters.sql.schema import accounts, api_keys, memberships, phones, shops
from serving.errors import AlreadyExists, NotFound
from serving.ports.accounts import PHONE_DOMAIN, Account, Membership, Role, Shop

_ROLE = sa.select(memberships.c.role).where(
    memberships.c.shop_id == sa.bindparam("shop_id"), memberships.c.user_id == sa.bindparam("user_id")
)
_KEY = "key:"
"""Begins the actor of what a program did."""
_SHOP = sa.select(shops).where(shops.c.shop_id == sa.bindparam("shop_id"))


class SqlAccountStore:
    """Keeps people, shops and memberships in their tables."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_account(self, account: Account) -> None:
        """Add a person."""
        try:
            with self._database.writing() as db:
                db.execute(accounts.insert().values(dataclasses.asdict(account)))
        except IntegrityError:
            raise AlreadyExists(
                "an account with this e-mail address is there already", field="email"
            ) from None

    def account(self, user_id: str) -> Account:
        """Return a person by id."""
        return self._account(accounts.c.user_id == user_id, "user")

    def account_by_email(self, email: str) -> Account:
        """Return a person by e-mail address."""
        return self._account(accounts.c.email == email, "e-mail address")

    def account_by_phone(self, phone: str) -> Account:
        """Return a person by phone number."""
        whose = sa.select(phones.c.user_id).where(phones.c.phone == phone)
        return self._account(accounts.c.user_id == whose.scalar_subquery(), "phone number")

    def phones(self, user_id: str) -> tuple[str, ...]:
        """Return the numbers of a person."""
        query = sa.select(phones.c.phone).where(phones.c.user_id == user_id).order_by(phones.c.phone)
        with self._database.reading() as db:
            return tuple(db.execute(query).scalars())

    def user_of_phone(self, phone: str, user_id: str, now: datetime) -> str:
        """Return the number to the first who asks and tell whose it is."""
        with self._database.begin():
            if self._database.insert_new(phones, {"phone": phone, "user_id": user_id}, "phone"):
                email = f"{phone.removeprefix('+')}{PHONE_DOMAIN}"
                self.add_account(Account(user_id, email, phone, "", now))
        return self.account_by_phone(phone).user_id

    def names(self, shop_id: str, actors: tuple[str, ...]) -> dict[str, str]:
        """Read people and keys."""
        if not actors:
            return {}
        keys = [each.removeprefix(_KEY) for each in actors if each.startswith(_KEY)]
        people = sa.select(accounts.c.user_id, accounts.c.name).where(accounts.c.user_id.in_(actors))
        programs = sa.select(_KEY + api_keys.c.key_id, api_keys.c.name).where(
            api_keys.c.shop_id == shop_id, api_keys.c.key_id.in_(keys)
        )
        with self._database.reading() as db:
            found = [row for query in (people, programs) for row in db.execute(query)]
        return {str(actor): str(name) for actor, name in found}

    def set_password_hash(self, user_id: str, password_hash: str) -> None:
        """Replace the hash of a person who is there."""
        change = accounts.update().where(accounts.c.user_id == user_id).values(password_hash=password_hash)
        with self._database.writing() as db:
            if db.execute(change).rowcount == 0:
                raise NotFound("no account with this user")

    def change_user_id(self, user_id: str, new_id: str) -> None:
        """Change the id in all three tables."""
        try:
            with self._database.writing() as db:
                for table in (accounts, memberships, phones):
                    change = table.update().where(table.c.user_id == user_id).values(user_id=new_id)
                    if db.execute(change).rowcount == 0 and table is accounts:
                        raise NotFound("no account with this user")
        except IntegrityError:
            raise AlreadyExists("this user id is somebody's already", field="user_id") from None

    def _account(self, where: sa.ColumnElement[bool], what: str) -> Account:
        """Return the one person that fits."""
        with self._database.reading() as db:
            row = db.execute(sa.select(accounts).where(where)).mappings().one_or_none()
        if row is None:
            raise NotFound(f"no account with this {what}")
        return Account(**row)

    def add_shop(self, shop: Shop, owner_id: str) -> None:
        """Add a shop and its owner's membership."""
        try:
            with self._database.writing() as db:
                db.execute(shops.insert().values(dataclasses.asdict(shop)))
                self.set_member(Membership(shop.shop_id, owner_id, "owner"), shop.created_at)
        except IntegrityError:
            raise AlreadyExists(f"shop '{shop.shop_id}' is there already", field="shop_id") from None

    def shop(self, shop_id: str) -> Shop:
        """Return a shop."""
        with self._database.reading() as db:
            row = db.execute(_SHOP, {"shop_id": shop_id}).mappings().one_or_none()
        if row is None:
            raise NotFound("no such shop")
        return Shop(**row)

    def shop_ids(self) -> tuple[str, ...]:
        """Return all shops' ids in order."""
        with self._database.reading() as db:
            return tuple(db.execute(sa.select(shops.c.shop_id).order_by(shops.c.shop_id)).scalars())

    def change_shop(self, shop: Shop) -> None:
        """Replace a shop's rules."""
        with self._database.writing() as db:
            db.execute(shops.update().where(shops.c.shop_id == shop.shop_id).values(dataclasses.asdict(shop)))

    def memberships(self, user_id: str) -> tuple[Membership, ...]:
        """Return the shops of a person."""
        return self._memberships(memberships.c.user_id == user_id)

    def role(self, shop_id: str, user_id: str) -> Role:
        """Return the role of a person in a shop."""
        with self._database.reading() as db:
            role: Role | None = db.execute(
                _ROLE, {"shop_id": shop_id, "user_id": user_id}
            ).scalar_one_or_none()
        if role is None:
            raise NotFound("no such member")
        return role

    def members(self, shop_id: str) -> tuple[Membership, ...]:
        """Return the people of a shop."""
        return self._memberships(memberships.c.shop_id == shop_id)

    def _memberships(self, where: sa.ColumnElement[bool]) -> tuple[Membership, ...]:
        """Return the memberships that fit, the oldest first."""
        m = memberships.c
        query = (
            sa.select(m.shop_id, m.user_id, m.role).where(where).order_by(m.added_at, m.shop_id, m.user_id)
        )
        with self._database.reading() as db:
            return tuple(Membership(**row) for row in db.execute(query).mappings())

    def set_member(self, member: Membership, now: datetime) -> None:
        """Add a member or change the role."""
        m = memberships
        with self._database.writing() as db:
            changed = db.execute(
                m.update()
                .where(m.c.shop_id == member.shop_id, m.c.user_id == member.user_id)
                .values(role=member.role)
            )
            if changed.rowcount == 0:
                db.execute(m.insert().values(**dataclasses.asdict(member), added_at=now))
            self._database.note(member.shop_id, "member", member.user_id)

    def remove_member(self, shop_id: str, user_id: str) -> None:
        """Take a member out."""
        m = memberships
        with self._database.writing() as db:
            gone = db.execute(m.delete().where(m.c.shop_id == shop_id, m.c.user_id == user_id))
            self._database.note(shop_id, "member", user_id)
        if gone.rowcount == 0:
            raise NotFound("no such member")
