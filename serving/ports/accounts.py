"""People who sign in, the shops, and who may do what in which."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

Role = Literal["owner", "staff", "accountant", "viewer"]
PHONE_DOMAIN = "@phone.invalid"
"""Ends the e-mail address of a person who has a phone number alone; nothing is ever delivered there (RFC 2606)."""


TaxScheme = Literal["regular", "composition", "unregistered"]


@dataclass(frozen=True, slots=True)
class Account:
    """A person who can sign in; the hash is empty where another service keeps the password."""

    user_id: str
    email: str
    name: str
    password_hash: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop and the rules its owner chose.

    Parameters
    ----------
    shop_id, name : str
        The shop.
    zone : str
        Time zone whose midnight ends its day.
    region : str or None
        State or region, for the festival calendar.
    negative_stock : {"allow", "block"}
        Whether a sale may pass the recorded stock.
    over_limit : {"warn", "block"}
        What happens at the counter when a credit passes the customer's limit.
    upi_id : str or None
        Where customers pay, for reminders.
    created_at : datetime
        When it was registered.
    staff_floor_percent : int, default=100
        Lowest price that staff may set or sell at without an owner's word, in percent of the item's cost; 0: any.
    tax_scheme : {"regular", "composition", "unregistered"}, default="regular"
        How the shop stands to GST: only bills of a regular one show tax.
    staff_refund_days : int, default=0
        For how many days after the sale staff may give money back for a bill of their own; 0: on the day itself.
    staff_backdate_days : int, default=2
        How many days back staff may enter something.
    staff_count_loss_paise : int, default=50000
        Highest value at cost that a count of staff's may write off.
    """

    shop_id: str
    name: str
    zone: str
    region: str | None
    negative_stock: Literal["allow", "block"]
    over_limit: Literal["warn", "block"]
    upi_id: str | None
    created_at: datetime
    staff_floor_percent: int = 100
    tax_scheme: TaxScheme = "regular"
    staff_refund_days: int = 0
    staff_backdate_days: int = 2
    staff_count_loss_paise: int = 50_000


@dataclass(frozen=True, slots=True)
class Membership:
    """What a person may do in a shop."""

    shop_id: str
    user_id: str
    role: Role


class AccountStore(Protocol):
    """Keeps people, shops and memberships."""

    def add_account(self, account: Account) -> None:
        """Add a person.

        Raises
        ------
        AlreadyExists
            When the e-mail address is taken.
        """
        ...

    def account(self, user_id: str) -> Account:
        """Return a person by id, or raise NotFound."""
        ...

    def account_by_email(self, email: str) -> Account:
        """Return a person by e-mail address in lower case, or raise NotFound."""
        ...

    def account_by_phone(self, phone: str) -> Account:
        """Return a person by phone number with its country, or raise NotFound."""
        ...

    def phones(self, user_id: str) -> tuple[str, ...]:
        """Return the phone numbers of a person, with their countries."""
        ...

    def user_of_phone(self, phone: str, user_id: str, now: datetime) -> str:
        """Return whose number it is, having made a person of that id where the number was new.

        Such a person has no password, and for an e-mail address the number under `phone.invalid`.
        """
        ...

    def names(self, shop_id: str, actors: tuple[str, ...]) -> Mapping[str, str]:
        """Return the names of those who acted in a shop: people, and the keys of other programs (`key:` and id)."""
        ...

    def set_password_hash(self, user_id: str, password_hash: str) -> None:
        """Replace a person's password hash, or raise NotFound."""
        ...

    def change_user_id(self, user_id: str, new_id: str) -> None:
        """Return a person, with memberships and phone, another id; what was written under the old one keeps it.

        Raises
        ------
        NotFound
            When the person does not exist.
        AlreadyExists
            When the new id is somebody's.
        """
        ...

    def add_shop(self, shop: Shop, owner_id: str) -> None:
        """Add a shop and its first owner."""
        ...

    def shop(self, shop_id: str) -> Shop:
        """Return a shop, or raise NotFound."""
        ...

    def shop_ids(self) -> tuple[str, ...]:
        """Return the ids of all shops, for the operator's own work."""
        ...

    def change_shop(self, shop: Shop) -> None:
        """Replace the rules of a shop."""
        ...

    def memberships(self, user_id: str) -> tuple[Membership, ...]:
        """Return the shops of a person, the oldest first."""
        ...

    def role(self, shop_id: str, user_id: str) -> Role:
        """Return what a person may do in a shop, or raise NotFound."""
        ...

    def members(self, shop_id: str) -> tuple[Membership, ...]:
        """Return the people of a shop, the oldest first."""
        ...

    def set_member(self, member: Membership, now: datetime) -> None:
        """Add a person to a shop or change the role."""
        ...

    def remove_member(self, shop_id: str, user_id: str) -> None:
        """Take a person out of a shop, or raise NotFound."""
        ...
