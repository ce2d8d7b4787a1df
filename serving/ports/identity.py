"""Who is calling: sign-up, sign-in and the proof of it."""

from dataclasses import dataclass
from typing import Protocol

from serving.ports.accounts import Role
from serving.ports.sessions import Session


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified token, or an API key, says.

    Parameters
    ----------
    user_id : str
        Who; `key:` and its id for a key.
    shop_id : str or None
        For which shop.
    role : Role
        In which role.
    session_id : str or None
        Of which sign-in.
    scopes : frozenset of str or None, default=None
        What a key may do, as `area:read` and `area:write`; None is whatever the role may.
    """

    user_id: str
    shop_id: str | None
    role: Role
    session_id: str | None
    scopes: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Tokens:
    """The answer to a sign-in: a short-lived access token and the refresh token for the next one."""

    access_token: str
    refresh_token: str
    expires_in_seconds: int


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """A public RSA key (RFC 7517): modulus and exponent in base64url."""

    key_id: str
    modulus: str
    exponent: str


class IdentityProvider(Protocol):
    """Signs people in and verifies their tokens."""

    def sign_up(self, user_id: str, email: str, name: str, password: str) -> str:
        """Create the person and return the user id in use.

        Raises
        ------
        AlreadyExists
            When the e-mail address is taken.
        InvalidInput
            When the password is too weak for the provider.
        """
        ...

    def assign_shop(self, user_id: str, shop_id: str, role: Role) -> None:
        """Make the shop the one that the person's next token names."""
        ...

    def sign_in(self, email: str, password: str, device: str) -> Tokens:
        """Exchange a password for tokens.

        Raises
        ------
        Unauthenticated
            When the address or the password is wrong.
        MfaRequired
            When a second factor is needed; its challenge goes to `answer_challenge`.
        """
        ...

    def answer_challenge(self, email: str, challenge: str, code: str) -> Tokens:
        """Exchange a challenge and a code of the person's authenticator for tokens, or raise Unauthenticated."""
        ...

    def sign_in_verified(self, user_id: str, device: str) -> Tokens:
        """Give tokens to a person who proved it otherwise, by a code on the phone.

        Raises
        ------
        Conflict
            When the provider proves people itself.
        """
        ...

    def set_password(self, user_id: str, password: str) -> str:
        """Return a person another password, or a first one, end all sessions, and return the user id in use.

        A provider of its own that does not know the person takes them in, under an id of its own.

        Raises
        ------
        NotFound
            When there is no such person.
        InvalidInput
            When the password is too weak for the provider.
        """
        ...

    def devices(self, user_id: str) -> tuple[Session, ...]:
        """Return a person's signed-in devices, or raise Conflict where the provider does not tell."""
        ...

    def end_device(self, user_id: str, session_id: str) -> None:
        """Sign one of a person's devices out, or raise NotFound."""
        ...

    def sign_out_everywhere(self, user_id: str) -> None:
        """End all sessions of a person."""
        ...

    def refresh(self, refresh_token: str, shop_id: str | None = None) -> Tokens:
        """Exchange a refresh token, for the same or another of the person's shops.

        Raises
        ------
        Unauthenticated
            When it is unknown, expired, revoked or was used before (its whole family is then revoked).
        NotFound
            When the person is no member of the shop asked for.
        """
        ...

    def sign_out(self, refresh_token: str) -> None:
        """End the session of a refresh token; an unknown one is no error."""
        ...

    def verify(self, access_token: str) -> Claims:
        """Check signature, issuer, audience, use, expiry and session, or raise Unauthenticated."""
        ...

    def verification_keys(self) -> tuple[VerificationKey, ...]:
        """Return the public keys that tokens can be verified with."""
        ...
