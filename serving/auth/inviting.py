"""Membership by invitation: an owner offers a role, the person accepts or declines, and may leave."""

from datetime import timedelta

from serving.auth.schemas import (
    InvitationCard,
    InvitationList,
    Member,
    MyInvitation,
    MyInvitationList,
    NewMember,
    NewMemberDone,
)
from serving.errors import Conflict, NotFound
from serving.ports.accounts import AccountStore, Membership, Role
from serving.ports.clock import Clock, new_id
from serving.ports.identity import IdentityProvider
from serving.ports.invitations import Invitation, InvitationStore

_VALID = timedelta(days=14)


class InvitingService:
    """Invites people and lets them answer."""

    def __init__(
        self,
        accounts: AccountStore,
        invitations: InvitationStore,
        identity: IdentityProvider,
        clock: Clock,
    ) -> None:
        self._accounts = accounts
        self._invitations = invitations
        self._identity = identity
        self._clock = clock

    def set_member(self, shop_id: str, owner: str, body: NewMember) -> NewMemberDone:
        """Change a member's role, or invite: the answer is the same whether the address has an account or not."""
        address = body.email.lower() if body.email is not None else str(body.phone)
        member = self._member(shop_id, address)
        if member is not None:
            self._check_owner_left(shop_id, member, body.role)
            self._accounts.set_member(Membership(shop_id, member, body.role), self._clock.now())
            return NewMemberDone(user_id=member, role=body.role, invitation_id=None, state="member")
        now = self._clock.now()
        invitation = Invitation(new_id(now), shop_id, address, body.role, owner, now, now + _VALID)
        self._invitations.add(invitation)
        return NewMemberDone(
            user_id=None, role=body.role, invitation_id=invitation.invitation_id, state="invited"
        )

    def _member(self, shop_id: str, address: str) -> str | None:
        """Return the member who has an address."""
        try:
            account = (
                self._accounts.account_by_email(address)
                if "@" in address
                else self._accounts.account_by_phone(address)
            )
            self._accounts.role(shop_id, account.user_id)
        except NotFound:
            return None
        return account.user_id

    def sent(self, shop_id: str) -> InvitationList:
        """Return the open invitations of a shop."""
        found = self._invitations.open_of(shop_id, self._clock.now())
        return InvitationList(rows=[InvitationCard.model_validate(each) for each in found])

    def withdraw(self, shop_id: str, invitation_id: str) -> None:
        """Take an invitation back."""
        if self._invitations.get(invitation_id).shop_id != shop_id:
            raise NotFound(f"no invitation '{invitation_id}'", field="invitation_id")
        self._invitations.settle(invitation_id, "withdrawn")

    def mine(self, user_id: str) -> MyInvitationList:
        """Return the open invitations to a person's addresses."""
        found = self._invitations.open_for(self._addresses(user_id), self._clock.now())
        return MyInvitationList(
            rows=[
                MyInvitation(
                    invitation_id=each.invitation_id,
                    shop_id=each.shop_id,
                    shop_name=self._accounts.shop(each.shop_id).name,
                    role=each.role,
                    expires_at=each.expires_at,
                )
                for each in found
            ]
        )

    def accept(self, user_id: str, invitation_id: str) -> Member:
        """Become a member; the active shop stays the one it was, unless there was none."""
        invitation = self._own(user_id, invitation_id)
        alone = not self._accounts.memberships(user_id)
        self._invitations.settle(invitation_id, "accepted")
        now = self._clock.now()
        self._accounts.set_member(Membership(invitation.shop_id, user_id, invitation.role), now)
        if alone:
            self._identity.assign_shop(user_id, invitation.shop_id, invitation.role)
        return Member(user_id=user_id, role=invitation.role)

    def decline(self, user_id: str, invitation_id: str) -> None:
        """Refuse an invitation."""
        self._own(user_id, invitation_id)
        self._invitations.settle(invitation_id, "declined")

    def leave(self, user_id: str, shop_id: str) -> None:
        """Leave a shop; its last owner stays."""
        self._check_owner_left(shop_id, user_id, None)
        self._accounts.remove_member(shop_id, user_id)

    def _own(self, user_id: str, invitation_id: str) -> Invitation:
        """Return an open invitation to a person; another person gets NotFound."""
        for each in self._invitations.open_for(self._addresses(user_id), self._clock.now()):
            if each.invitation_id == invitation_id:
                return each
        raise NotFound(f"no invitation '{invitation_id}'", field="invitation_id")

    def _addresses(self, user_id: str) -> tuple[str, ...]:
        """Return the e-mail address and the phones of a person."""
        return (self._accounts.account(user_id).email.lower(), *self._accounts.phones(user_id))

    def _check_owner_left(self, shop_id: str, leaving: str, role: Role | None) -> None:
        """Refuse to leave a shop without an owner."""
        owners = {each.user_id for each in self._accounts.members(shop_id) if each.role == "owner"}
        if role != "owner" and owners == {leaving}:
            raise Conflict("the shop would have no owner", hint="make another member owner first")
