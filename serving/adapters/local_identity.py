"""A local issuer: passwords with argon2, RS256 tokens with the claims that Cognito gives."""

import base64
import hashlib
import hmac
import os
import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, get_args

from serving.errors import NotFound, SessionRevoked, Unauthenticated
from serving.ports.accounts import Account, AccountStore, Role
from serving.ports.clock import Clock, new_id
from serving.ports.identity import Claims, Tokens, VerificationKey
from serving.ports.sessions import Session, SessionStore

if TYPE_CHECKING:
    from argon2 import PasswordHasher
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

_LEEWAY_SECONDS = 10
_REMEMBERED_TOKENS = 4_096


@dataclass(frozen=True, slots=True)
class TokenRules:
    """Who issues tokens for whom, and how long they live."""

    issuer: str
    audience: str
    access_minutes: int
    refresh_days: int


class LocalIdentity:
    """Signs people in against the accounts of the own database.

    Parameters
    ----------
    accounts : AccountStore
        People and memberships.
    sessions : SessionStore
        Signed-in devices.
    clock : Clock
        The time.
    keys_folder : Path
        Where the signing keys lie, `*.pem`, the newest name signing; made on first use.
    rules : TokenRules
        Issuer, audience and lifetimes.
    """

    def __init__(
        self,
        accounts: AccountStore,
        sessions: SessionStore,
        clock: Clock,
        keys_folder: Path,
        rules: TokenRules,
    ) -> None:
        self._accounts = accounts
        self._sessions = sessions
        self._clock = clock
        self._keys_folder = keys_folder
        self._rules = rules
        self._lock = threading.Lock()
        self._keys: dict[str, RSAPrivateKey] | None = None
        self._hasher: PasswordHasher | None = None
        self._nobody = ""
        self._proved: OrderedDict[str, tuple[str, dict[str, Any]]] = OrderedDict()

    def sign_up(self, user_id: str, email: str, name: str, password: str) -> str:
        """Keep the person with an argon2id hash of the password."""
        hashed = self._passwords().hash(password)
        self._accounts.add_account(Account(user_id, email.lower(), name, hashed, self._clock.now()))
        return user_id

    def assign_shop(self, user_id: str, shop_id: str, role: Role) -> None:
        """Do nothing: the next token reads the memberships."""

    def sign_in(self, email: str, password: str, device: str) -> Tokens:
        """Check the password; a wrong one and an unknown address take the same time."""
        from argon2.exceptions import InvalidHashError, VerificationError

        passwords = self._passwords()
        try:
            account: Account | None = self._accounts.account_by_email(email.lower())
        except NotFound:
            account = None
        try:
            passwords.verify(account.password_hash if account else self._nobody, password)
        except (VerificationError, InvalidHashError):
            account = None
        if account is None:
            raise Unauthenticated("e-mail address or password is wrong", hint="check both and try again")
        return self._open_session(account, device)

    def answer_challenge(self, email: str, challenge: str, code: str) -> Tokens:  # noqa: ARG002
        """Refuse: this issuer asks for no second factor."""
        raise Unauthenticated("the challenge is unknown", hint="sign in again")

    def sign_in_verified(self, user_id: str, device: str) -> Tokens:
        """Start a session of a person who is known."""
        return self._open_session(self._accounts.account(user_id), device)

    def set_password(self, user_id: str, password: str) -> str:
        """Keep the new hash, then revoke, so that no session of the old password begins in between unseen."""
        self._accounts.set_password_hash(user_id, self._passwords().hash(password))
        self.sign_out_everywhere(user_id)
        return user_id

    def devices(self, user_id: str) -> tuple[Session, ...]:
        """Return the sessions that are not over."""
        now = self._clock.now()
        return tuple(each for each in self._sessions.of_user(user_id) if each.expires_at > now)

    def end_device(self, user_id: str, session_id: str) -> None:
        """Revoke a session of the person's."""
        if session_id not in {each.session_id for each in self._sessions.of_user(user_id)}:
            raise NotFound("no such device", field="session_id")
        self._sessions.revoke(session_id)

    def sign_out_everywhere(self, user_id: str) -> None:
        """Revoke every session of the person's."""
        for each in self._sessions.of_user(user_id):
            self._sessions.revoke(each.session_id)

    def _open_session(self, account: Account, device: str) -> Tokens:
        """Start a session on the person's first shop."""
        now = self._clock.now()
        memberships = self._accounts.memberships(account.user_id)
        shop_id = memberships[0].shop_id if memberships else None
        secret = secrets.token_urlsafe(32)
        expires = now + timedelta(days=self._rules.refresh_days)
        session = Session(new_id(now), account.user_id, shop_id, device, _digest(secret), now, expires)
        self._sessions.add(session)
        return self._tokens(session, secret, now)

    def refresh(self, refresh_token: str, shop_id: str | None = None) -> Tokens:
        """Rotate the token; one that comes twice gets the same answer for a minute, then ends the whole family."""
        session, secret = self._session_of(refresh_token)
        chosen = self._present_shop(session) if shop_id is None else shop_id
        if shop_id is not None:
            self._role(session.user_id, shop_id)
        now = self._clock.now()
        for fresh in self._next_secrets(session.session_id, secret):
            presented, following = _digest(secret), _digest(fresh)
            if self._is_older_key(session, presented, following):
                continue
            rotation = self._sessions.rotate(session.session_id, presented, following, chosen, now)
            if rotation == "refused":
                break
            given = now if rotation == "rotated" else self._sessions.get(session.session_id).rotated_at
            return self._tokens(replace(session, shop_id=chosen), fresh, given or now)
        self._sessions.revoke(session.session_id)
        raise Unauthenticated("the refresh token was used before or revoked", hint="sign in again")

    @staticmethod
    def _is_older_key(session: Session, presented_hash: str, next_hash: str) -> bool:
        """Return whether a token was exchanged under another signing key than the one just tried."""
        return session.previous_hash == presented_hash and session.refresh_hash != next_hash

    def _next_secrets(self, session_id: str, secret: str) -> Iterator[str]:
        """Make the secret that follows one, the newest signing key's first.

        It is made from the one before by a key that only the server has: the same token gets the same next one again,
        and nothing but hashes is kept of either.
        """
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

        for key in reversed(self._all_keys().values()):
            raw = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
            own = hashlib.sha256(b"refresh" + raw).digest()
            digest = hmac.new(own, f"{session_id}.{secret}".encode(), hashlib.sha256).digest()
            yield base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def sign_out(self, refresh_token: str) -> None:
        """Revoke the session if the token is one of it."""
        try:
            session, _ = self._session_of(refresh_token)
        except Unauthenticated:
            return
        self._sessions.revoke(session.session_id)

    def _session_of(self, refresh_token: str) -> tuple[Session, str]:
        """Find the live session that a refresh token names."""
        session_id, _, secret = refresh_token.partition(".")
        try:
            session = self._sessions.get(session_id)
        except NotFound:
            session = None
        if session is not None and session.revoked:
            raise SessionRevoked("the session of this refresh token was ended")
        if session is None or session.expires_at <= self._clock.now():
            raise Unauthenticated("the refresh token is unknown or expired", hint="sign in again")
        return session, secret

    def _role(self, user_id: str, shop_id: str) -> Role:
        """Return the role of a person in a shop, or raise NotFound."""
        try:
            return self._accounts.role(shop_id, user_id)
        except NotFound:
            raise NotFound("no such shop", field="shop_id") from None

    def _present_shop(self, session: Session) -> str | None:
        """Return the session's shop, or the first other one of a person who was taken out of it."""
        shops = [member.shop_id for member in self._accounts.memberships(session.user_id)]
        return session.shop_id if session.shop_id in shops else next(iter(shops), None)

    def _tokens(self, session: Session, secret: str, given_at: datetime) -> Tokens:
        """Sign an access token for a session, given at an instant; its claims are named as Cognito names them."""
        import jwt

        now = int(given_at.timestamp())
        lifetime = self._rules.access_minutes * 60
        claims: dict[str, Any] = {
            "sub": session.user_id,
            "iss": self._rules.issuer,
            "aud": self._rules.audience,
            "token_use": "id",
            "iat": now,
            "exp": now + lifetime,
            "origin_jti": session.session_id,
        }
        if session.shop_id is not None:
            claims["custom:shopId"] = session.shop_id
            claims["custom:role"] = self._role(session.user_id, session.shop_id)
        key_id, key = self._signing_key()
        token = jwt.encode(claims, key, algorithm="RS256", headers={"kid": key_id})
        return Tokens(token, f"{session.session_id}.{secret}", lifetime)

    def verify(self, access_token: str) -> Claims:
        """Check the token against the own keys, then the session behind it."""
        claims = self._decode(access_token)
        try:
            session = self._sessions.get(str(claims["origin_jti"]))
        except NotFound:
            session = None
        if session is None or session.revoked or session.user_id != claims["sub"]:
            raise Unauthenticated("the session of this token has ended", hint="sign in again")
        role = claims.get("custom:role", "viewer")
        if role not in get_args(Role):
            raise Unauthenticated("the token names an unknown role")
        shop_id = claims.get("custom:shopId")
        if shop_id is not None and not (isinstance(shop_id, str) and shop_id):
            raise Unauthenticated("the token's shop is not a text")
        return Claims(str(claims["sub"]), shop_id, cast(Role, role), session.session_id)

    def _decode(self, access_token: str) -> dict[str, Any]:
        """Check signature, issuer, audience and use, once a token; expiry, and that its key is still ours, always."""
        with self._lock:
            known = self._proved.get(access_token)
        if known is None or known[0] not in self._all_keys():
            known = self._prove(access_token)
            with self._lock:
                self._proved[access_token] = known
                if len(self._proved) > _REMEMBERED_TOKENS:
                    self._proved.popitem(last=False)
        claims = known[1]
        if claims["exp"] <= self._clock.now().timestamp() - _LEEWAY_SECONDS:
            raise Unauthenticated("the token has expired", hint="use POST /v1/auth/refresh")
        return claims

    def _prove(self, access_token: str) -> tuple[str, dict[str, Any]]:
        """Check all of a token that time does not change; return its key's id and its claims."""
        import jwt

        try:
            key_id = jwt.get_unverified_header(access_token).get("kid")
            key = self._all_keys()[key_id].public_key() if key_id in self._all_keys() else None
            if key is None:
                raise Unauthenticated("the token's key is unknown")
            claims: dict[str, Any] = jwt.decode(
                access_token,
                key,
                algorithms=["RS256"],
                audience=self._rules.audience,
                issuer=self._rules.issuer,
                leeway=_LEEWAY_SECONDS,
                options={
                    "require": ["exp", "iat", "sub", "aud", "iss"],
                    "verify_exp": False,
                    "verify_iat": False,
                },
            )
        except jwt.InvalidTokenError as error:
            raise Unauthenticated(f"the token is not valid: {error}") from None
        if claims.get("token_use") != "id" or "origin_jti" not in claims:
            raise Unauthenticated("the token is not one for this API")
        if not isinstance(claims["exp"], int):
            raise Unauthenticated("the token's expiry is no number")
        return str(key_id), claims

    def verification_keys(self) -> tuple[VerificationKey, ...]:
        """Return the public halves of all keys."""
        keys = []
        for key_id, key in self._all_keys().items():
            numbers = key.public_key().public_numbers()
            keys.append(VerificationKey(key_id, _base64_number(numbers.n), _base64_number(numbers.e)))
        return tuple(keys)

    def _passwords(self) -> "PasswordHasher":
        """Return the hasher, with the cost OWASP recommends for argon2id."""
        from argon2 import PasswordHasher

        with self._lock:
            if self._hasher is None:
                self._hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
                self._nobody = self._hasher.hash(secrets.token_urlsafe(16))
            return self._hasher

    def _signing_key(self) -> "tuple[str, RSAPrivateKey]":
        """Return the newest key."""
        return list(self._all_keys().items())[-1]

    def _all_keys(self) -> "dict[str, RSAPrivateKey]":
        """Return all keys by their id, the newest last; make the first one where there is none."""
        with self._lock:
            if self._keys is None:
                self._keys = _load_keys(self._keys_folder)
            return self._keys


def _load_keys(folder: Path) -> "dict[str, RSAPrivateKey]":
    """Read the keys of a folder, writing one where it is empty."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    if not any(folder.glob("*.pem")):
        _write_key(folder)
    keys: dict[str, RSAPrivateKey] = {}
    for path in sorted(folder.glob("*.pem")):
        key = load_pem_private_key(path.read_bytes(), password=None)
        if isinstance(key, RSAPrivateKey):
            numbers = key.public_key().public_numbers()
            keys[_thumbprint(_base64_number(numbers.n), _base64_number(numbers.e))] = key
    return keys


def _write_key(folder: Path) -> None:
    """Make a signing key that only its owner can read; two processes at once end with one and the same."""
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    draft = folder / f".draft-{secrets.token_hex(8)}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(text)
    try:
        os.link(draft, folder / "0001.pem")
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _digest(secret: str) -> str:
    """Return what is kept of a random secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _base64_number(number: int) -> str:
    """Write a number as RFC 7518 wants it."""
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _thumbprint(modulus: str, exponent: str) -> str:
    """Return the key's id: its RFC 7638 thumbprint."""
    text = f'{{"e":"{exponent}","kty":"RSA","n":"{modulus}"}}'
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
