"""Invitations to a shop: membership starts when the person accepts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from serving.ports.accounts import Role

InvitationState = Literal["open", "accepted", "declined", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Invitation:
    """A role in a shop, offered to the owner of an e-mail address or phone number.

    Parameters
    ----------
    invitation_id, shop_id : str
        The invitation and the shop.
    address : str
        E-mail address in lower case, or phone number with its country.
    role : str
        What is offered.
    invited_by : str
        The owner.
    created_at, expires_at : datetime
        From when until when it can be accepted.
    state : {"open", "accepted", "declined", "withdrawn"}, default="open"
        What became of it.
    """

    invitation_id: str
    shop_id: str
    address: str
    role: Role
    invited_by: str
    created_at: datetime
    expires_at: datetime
    state: InvitationState = "open"


class InvitationStore(Protocol):
    """Keeps invitations; one that is open for the same shop and address is replaced by a newer one."""

    def add(self, invitation: Invitation) -> None:
        """Add an invitation in place of an open one for the same shop and address."""
        ...

    def get(self, invitation_id: str) -> Invitation:
        """Return an invitation, or raise NotFound."""
        ...

    def open_for(self, addresses: tuple[str, ...], now: datetime) -> tuple[Invitation, ...]:
        """Return the open invitations to some addresses that have not expired, the newest first."""
        ...

    def open_of(self, shop_id: str, now: datetime) -> tuple[Invitation, ...]:
        """Return the open invitations of a shop that have not expired, the newest first."""
        ...

    def settle(self, invitation_id: str, state: InvitationState) -> None:
        """Close an open invitation, or raise Conflict where it is open no longer."""
        ...
