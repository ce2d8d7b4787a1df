"""The rules of signing up, members and shops."""

from dataclasses import replace

from serving.auth.phone import SignInLog
from serving.auth.schemas import (
    Login,
    Me,
    Member,
    MemberList,
    NewShop,
    Registered,
    Registration,
    ShopCard,
    ShopRole,
    ShopRules,
    SignInRow,
)
from serving.errors import Conflict, MfaRequired, NotFound, TooManyRequests, Unauthenticated
from serving.ports.accounts import AccountStore, Shop
from serving.ports.clock import Clock, new_id
from serving.ports.identity import Claims, IdentityProvider, Tokens
from serving.ports.page import Page
from serving.ports.rate_limiter import RateLimiter
from serving.ports.sign_in_events import SignInEvent, SignInEventStore

_SIGN_INS = 10
_PER_SECONDS = 300
"""Ten tries to sign in to one account in five minutes."""


class AuthService:
    """Registers people and shops, and signs people in."""

    def __init__(
        self,
        identity: IdentityProvider,
        accounts: AccountStore,
        limiter: RateLimiter,
        events: SignInEventStore,
        log: SignInLog,
        clock: Clock,
    ) -> None:
        self._events = events
        self._log = log
        self._identity = identity
        self._accounts = accounts
        self._limiter = limiter
        self._clock = clock

    def register(self, body: Registration) -> Registered:
        """Create a person and the first shop."""
        now = self._clock.now()
        user_id = self._identity.sign_up(new_id(now), body.email, body.name or body.email, body.password)
        shop = self.open_shop(user_id, NewShop(name=body.shop_name, zone=body.zone, region=body.region))
        return Registered(user_id=user_id, shop_id=shop.shop_id, role="owner")

    def open_shop(self, user_id: str, body: NewShop) -> ShopCard:
        """Create a shop that the person owns."""
        now = self._clock.now()
        shop = Shop(new_id(now), body.name, body.zone, body.region, "allow", "warn", None, now)
        self._accounts.add_shop(shop, user_id)
        self._identity.assign_shop(user_id, shop.shop_id, "owner")
        return ShopCard.model_validate(shop)

    def sign_in(self, body: Login, address: str) -> Tokens:
        """Exchange a password for tokens; guesses on one account, codes included, are slowed down."""
        email = body.email.lower()
        wait = self._limiter.take(f"login:{email}", _SIGN_INS / _PER_SECONDS, _SIGN_INS)
        if wait > 0:
            raise TooManyRequests("too many tries to sign in to this account", max(1, round(wait + 0.5)))
        try:
            if body.challenge is not None and body.mfa_code is not None:
                tokens = self._identity.answer_challenge(email, body.challenge, body.mfa_code)
            else:
                tokens = self._identity.sign_in(email, body.password, body.device)
        except MfaRequired:
            raise
        except Unauthenticated:
            self._note_failure(email, body.device, address)
            raise
        user_id = self._identity.verify(tokens.access_token).user_id
        self._log.note(user_id, "password", body.device, address)
        return tokens

    def _note_failure(self, email: str, device: str, address: str) -> None:
        """Note a wrong password where somebody has the address."""
        try:
            account = self._accounts.account_by_email(email.lower())
        except NotFound:
            return
        self._log.note(account.user_id, "wrong_password", device, address)

    def sign_ins(self, shop_id: str, limit: int, after: str | None) -> Page[SignInEvent]:
        """Return who of the shop signed in, or whose password or code was guessed at, the newest first."""
        members = tuple(each.user_id for each in self._accounts.members(shop_id))
        return self._events.of_users(members, limit, after)

    def sign_in_rows(self, shop_id: str, events: tuple[SignInEvent, ...]) -> list[SignInRow]:
        """Translate sign-ins, with names."""
        names = self._accounts.names(shop_id, tuple({each.user_id for each in events}))
        return [
            SignInRow.model_validate(each).model_copy(update={"name": names.get(each.user_id)})
            for each in events
        ]

    def me(self, claims: Claims) -> Me:
        """Return who is calling and in which shops."""
        shops = [
            ShopRole(shop_id=each.shop_id, name=self._accounts.shop(each.shop_id).name, role=each.role)
            for each in self._accounts.memberships(claims.user_id)
        ]
        return Me(user_id=claims.user_id, shop_id=claims.shop_id, role=claims.role, shops=shops)

    def shop(self, shop_id: str) -> ShopCard:
        """Return the caller's shop."""
        return ShopCard.model_validate(self._accounts.shop(shop_id))

    def change_shop(self, shop_id: str, rules: ShopRules) -> ShopCard:
        """Change the rules given."""
        chosen = rules.model_dump(exclude_none=True)
        shop = replace(self._accounts.shop(shop_id), **chosen)
        self._accounts.change_shop(shop)
        return ShopCard.model_validate(shop)

    def members(self, shop_id: str) -> MemberList:
        """Return the people of the shop."""
        found = self._accounts.members(shop_id)
        names = self._accounts.names(shop_id, tuple(each.user_id for each in found))
        return MemberList(
            rows=[
                Member(user_id=each.user_id, name=names.get(each.user_id), role=each.role) for each in found
            ]
        )

    def remove_member(self, shop_id: str, user_id: str) -> None:
        """Take a person out; the last owner stays."""
        self._check_owner_left(shop_id, user_id)
        self._accounts.remove_member(shop_id, user_id)

    def _check_owner_left(self, shop_id: str, leaving: str) -> None:
        """Refuse to leave a shop without an owner."""
        owners = {each.user_id for each in self._accounts.members(shop_id) if each.role == "owner"}
        if owners == {leaving}:
            raise Conflict("the shop would have no owner", hint="make another member owner first")
