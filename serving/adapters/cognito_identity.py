"""Amazon Cognito: sign-up and sign-in by its API, tokens verified here against its published keys."""

import json
import secrets
import threading
import time
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast, get_args

from serving.errors import (
    AlreadyExists,
    Conflict,
    InvalidInput,
    MfaRequired,
    NotFound,
    ServiceUnavailable,
    Unauthenticated,
)
from serving.ports.accounts import PHONE_DOMAIN, Account, AccountStore, Role
from serving.ports.clock import Clock
from serving.ports.identity import Claims, Tokens, VerificationKey
from serving.ports.sessions import Session

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

_KEYS_SECONDS = 3_600
_MIN_REFETCH_SECONDS = 30
_LEEWAY_SECONDS = 10
_TOTP = "SOFTWARE_TOKEN_MFA"
_TRIES = 3
_POOL = "use the sign-in and the devices of the user pool"


class CognitoIdentity:
    """Signs people in against a user pool; shops and roles stay in the own database.

    Parameters
    ----------
    accounts : AccountStore
        People and memberships.
    clock : Clock
        The time.
    client : CognitoIdentityProviderClient
        Client to use.
    pool_id, client_id : str
        The user pool and its app client, with the attributes custom:shopId and custom:role.
    region : str
        The pool's region.
    fetch_keys : callable or None, default=None
        Returns the pool's key set; read from its address where left out.
    """

    def __init__(
        self,
        accounts: AccountStore,
        clock: Clock,
        client: "CognitoIdentityProviderClient",
        pool_id: str,
        client_id: str,
        region: str,
        fetch_keys: Callable[[], Mapping[str, Any]] | None = None,
    ) -> None:
        self._accounts = accounts
        self._clock = clock
        self._client = client
        self._pool_id = pool_id
        self._client_id = client_id
        self._issuer = f"https://cognito-idp.{region}.amazonaws.com/{pool_id}"
        self._fetch_keys = fetch_keys or self._download_keys
        self._lock = threading.Lock()
        self._keys: dict[str, Mapping[str, str]] = {}
        self._fetched = float("-inf")

    def sign_up(self, user_id: str, email: str, name: str, password: str) -> str:  # noqa: ARG002
        """Create the person in the pool, confirmed, and keep the pool's id of them; `user_id` is not used.

        Who is in the pool and never had a password of their own is left of a try whose password was refused.
        """
        address = email.lower()
        try:
            known = self._call("admin_get_user", UserPoolId=self._pool_id, Username=address)
        except NotFound:
            subject = self._create(address)
        else:
            if known["UserStatus"] != "FORCE_CHANGE_PASSWORD":
                raise AlreadyExists("an account with this e-mail address is there already", field="email")
            subject = _subject(known["UserAttributes"])
        self._keep_password(address, password)
        self._accounts.add_account(Account(subject, address, name, "", self._clock.now()))
        return subject

    def _create(self, address: str) -> str:
        """Put a person into the pool, the address confirmed, and return the pool's id of them."""
        # No mail is sent to the address of a phone number: it is never confirmed.
        confirmed = "false" if address.endswith(PHONE_DOMAIN) else "true"
        attributes: Any = [
            {"Name": "email", "Value": address},
            {"Name": "email_verified", "Value": confirmed},
        ]
        made = self._call(
            "admin_create_user",
            UserPoolId=self._pool_id,
            Username=address,
            UserAttributes=attributes,
            MessageAction="SUPPRESS",
        )
        return _subject(made["User"]["Attributes"])

    def _keep_password(self, address: str, password: str) -> None:
        """Return a person of the pool a password that need not be changed."""
        self._call(
            "admin_set_user_password",
            UserPoolId=self._pool_id,
            Username=address,
            Password=password,
            Permanent=True,
        )

    def assign_shop(self, user_id: str, shop_id: str, role: Role) -> None:
        """Write shop and role into the person's attributes; the next token carries them."""
        attributes: Any = [
            {"Name": "custom:shopId", "Value": shop_id},
            {"Name": "custom:role", "Value": role},
        ]
        self._call(
            "admin_update_user_attributes",
            UserPoolId=self._pool_id,
            Username=self._accounts.account(user_id).email,
            UserAttributes=attributes,
        )

    def sign_in(self, email: str, password: str, device: str) -> Tokens:  # noqa: ARG002 (Cognito tracks devices)
        """Exchange a password; the identity token is the one that names the shop."""
        answer = self._call(
            "initiate_auth",
            ClientId=self._client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": email.lower(), "PASSWORD": password},
        )
        return self._tokens_of(answer)

    def answer_challenge(self, email: str, challenge: str, code: str) -> Tokens:
        """Send the code of the person's authenticator to the pool."""
        answer = self._call(
            "respond_to_auth_challenge",
            ClientId=self._client_id,
            ChallengeName=_TOTP,
            Session=challenge,
            ChallengeResponses={"USERNAME": email.lower(), f"{_TOTP}_CODE": code},
        )
        return self._tokens_of(answer)

    def _tokens_of(self, answer: Any) -> Tokens:
        """Read the tokens of a sign-in, or raise what the pool asks for instead."""
        result = answer.get("AuthenticationResult")
        if result is not None:
            return self._of_a_shop(Tokens(result["IdToken"], result["RefreshToken"], result["ExpiresIn"]))
        if answer.get("ChallengeName") == _TOTP:
            raise MfaRequired(str(answer["Session"]))
        raise Unauthenticated(
            f"the user pool asks for '{answer.get('ChallengeName')}' first", hint="set a new password"
        )

    def sign_in_verified(self, user_id: str, device: str) -> Tokens:  # noqa: ARG002
        """Sign in a person who proved the phone number, with a password that lives for this one call.

        The pool has no way to give tokens for a proof of ours but its custom challenges, which need functions of their
        own. A person of a phone number has no password to lose; one who signs in by e-mail keeps theirs.
        """
        address = self._accounts.account(user_id).email
        if not address.endswith(PHONE_DOMAIN):
            raise Conflict("this person signs in by e-mail address", hint="use POST /v1/auth/login")
        subject = self._taken_in(user_id, address)
        # A simultaneous sign-in of the same number can replace the password in between.
        for _ in range(_TRIES):
            password = f"{secrets.token_urlsafe(48)}aA1-"
            self._keep_password(address, password)
            try:
                answer = self._call(
                    "admin_initiate_auth",
                    UserPoolId=self._pool_id,
                    ClientId=self._client_id,
                    AuthFlow="ADMIN_USER_PASSWORD_AUTH",
                    AuthParameters={"USERNAME": address, "PASSWORD": password},
                )
            except Unauthenticated:
                continue
            return self._tokens_of(answer)
        raise ServiceUnavailable(f"the user pool did not sign '{subject}' in")

    def _taken_in(self, user_id: str, address: str) -> str:
        """Return the pool's id of a person, who is taken into the pool where they are not in it yet."""
        try:
            subject = _subject(
                self._call("admin_get_user", UserPoolId=self._pool_id, Username=address)["UserAttributes"]
            )
        except NotFound:
            subject = self._create(address)
        if subject != user_id:
            self._accounts.change_user_id(user_id, subject)
            for member in self._accounts.memberships(subject)[:1]:
                self.assign_shop(subject, member.shop_id, member.role)
        return subject

    def set_password(self, user_id: str, password: str) -> str:
        """Let the pool keep it and revoke every refresh token; identity tokens end with their hour.

        Who came with an imported shop is in no pool and is taken into this one. A repetition after a fault finds
        what the first try left there.
        """
        address = self._accounts.account(user_id).email
        subject = self._taken_in(user_id, address)
        self._keep_password(address, password)
        self.sign_out_everywhere(subject)
        return subject

    def devices(self, user_id: str) -> tuple[Session, ...]:  # noqa: ARG002
        """Refuse: the pool remembers devices, by the person's own access token."""
        raise Conflict("the user pool keeps the list of devices", hint=_POOL)

    def end_device(self, user_id: str, session_id: str) -> None:  # noqa: ARG002
        """Refuse, as for the list."""
        raise Conflict("the user pool keeps the list of devices", hint=_POOL)

    def sign_out_everywhere(self, user_id: str) -> None:
        """Let the pool revoke every refresh token; identity tokens end with their hour."""
        self._call(
            "admin_user_global_sign_out",
            UserPoolId=self._pool_id,
            Username=self._accounts.account(user_id).email,
        )

    def refresh(self, refresh_token: str, shop_id: str | None = None) -> Tokens:
        """Exchange a refresh token; another shop is first written into the attributes."""
        tokens = self._refreshed(refresh_token)
        if shop_id is None:
            return self._of_a_shop(tokens)
        user_id = str(self._decode(tokens.access_token)["sub"])
        try:
            role = self._accounts.role(shop_id, user_id)
        except NotFound:
            raise NotFound("no such shop", field="shop_id") from None
        self.assign_shop(user_id, shop_id, role)
        return self._refreshed(tokens.refresh_token)

    def _of_a_shop(self, tokens: Tokens) -> Tokens:
        """Return tokens of the person's first shop where theirs name one that the person was taken out of."""
        claims = self._decode(tokens.access_token)
        members = self._accounts.memberships(str(claims["sub"]))
        named = claims.get("custom:shopId")
        if not named or not members or named in {member.shop_id for member in members}:
            return tokens
        self.assign_shop(str(claims["sub"]), members[0].shop_id, members[0].role)
        return self._refreshed(tokens.refresh_token)

    def _refreshed(self, refresh_token: str) -> Tokens:
        """Ask for new tokens."""
        if not refresh_token:
            raise Unauthenticated("no refresh token was sent")
        answer = self._call(
            "initiate_auth",
            ClientId=self._client_id,
            AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters={"REFRESH_TOKEN": refresh_token},
        )
        result = answer["AuthenticationResult"]
        return Tokens(result["IdToken"], result.get("RefreshToken", refresh_token), result["ExpiresIn"])

    def sign_out(self, refresh_token: str) -> None:
        """Revoke the refresh token and what was made of it."""
        try:
            self._call("revoke_token", ClientId=self._client_id, Token=refresh_token)
        except (Unauthenticated, InvalidInput, NotFound):
            return

    def verify(self, access_token: str) -> Claims:
        """Check the token against the pool's keys; the role is the one the database has today."""
        claims = self._decode(access_token)
        if claims.get("token_use") != "id":
            raise Unauthenticated("the token is not one for this API")
        shop_id = claims.get("custom:shopId")
        role = claims.get("custom:role", "viewer")
        if role not in get_args(Role) or not (shop_id is None or isinstance(shop_id, str)):
            raise Unauthenticated("the token names no known role or shop")
        return Claims(str(claims["sub"]), shop_id or None, cast(Role, role), claims.get("origin_jti"))

    def _decode(self, token: str) -> dict[str, Any]:
        """Check signature, issuer, audience and expiry."""
        import jwt

        try:
            key = self._key(str(jwt.get_unverified_header(token).get("kid")))
            claims: dict[str, Any] = jwt.decode(
                token,
                jwt.PyJWK(dict(key)).key,
                algorithms=["RS256"],
                audience=self._client_id,
                issuer=self._issuer,
                options={
                    "require": ["exp", "sub", "aud", "iss"],
                    "verify_exp": False,
                    "verify_iat": False,
                },
            )
        except jwt.PyJWTError as error:
            raise Unauthenticated(f"the token is not valid: {error}") from None
        if claims["exp"] <= self._clock.now().timestamp() - _LEEWAY_SECONDS:
            raise Unauthenticated("the token has expired", hint="use POST /v1/auth/refresh")
        return claims

    def _key(self, key_id: str) -> Mapping[str, str]:
        """Return a key of the pool, fetching the set when it is old or lacks this one, not at every stranger's."""
        with self._lock:
            age = time.monotonic() - self._fetched
            if age > _KEYS_SECONDS or (key_id not in self._keys and age > _MIN_REFETCH_SECONDS):
                self._keys = {each["kid"]: each for each in self._fetch_keys()["keys"]}
                self._fetched = time.monotonic()
            if key_id not in self._keys:
                raise Unauthenticated("the token's key is unknown")
            return self._keys[key_id]

    def _download_keys(self) -> Mapping[str, Any]:
        """Read the pool's key set."""
        address = f"{self._issuer}/.well-known/jwks.json"
        try:
            with urllib.request.urlopen(address, timeout=3) as answer:  # noqa: S310 (https, of our own making)
                keys: Mapping[str, Any] = json.loads(answer.read())
        except (OSError, ValueError) as error:
            raise ServiceUnavailable("the identity service did not answer") from error
        return keys

    def verification_keys(self) -> tuple[VerificationKey, ...]:
        """Return the pool's keys."""
        return tuple(VerificationKey(k["kid"], k["n"], k["e"]) for k in self._fetch_keys()["keys"])

    def _call(self, name: str, **asked: Any) -> Any:
        """Call the pool and translate its refusals."""
        from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

        try:
            return getattr(self._client, name)(**asked)
        except ParamValidationError:
            raise Unauthenticated("e-mail address, password, token or challenge is wrong") from None
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == "InvalidPasswordException":
                raise InvalidInput(
                    "the password is too weak for the pool's policy", field="password"
                ) from None
            if code == "UsernameExistsException":
                raise AlreadyExists(
                    "an account with this e-mail address is there already", field="email"
                ) from None
            if code == "UserNotFoundException" and name.startswith("admin_"):
                raise NotFound("no such person") from None
            if code in _WRONG:
                raise Unauthenticated("e-mail address, password or token is wrong") from None
            raise ServiceUnavailable("the identity service refused") from error
        except BotoCoreError as error:
            raise ServiceUnavailable("the identity service did not answer") from error


_WRONG = frozenset(
    {
        "CodeMismatchException",
        "ExpiredCodeException",
        "InvalidParameterException",
        "NotAuthorizedException",
        "UserNotFoundException",
    }
)


def _subject(attributes: Iterable[Mapping[str, str]]) -> str:
    """Find the pool's id among a person's attributes."""
    return next(each["Value"] for each in attributes if each["Name"] == "sub")


def cognito_client(region: str, endpoint_url: str | None = None) -> "CognitoIdentityProviderClient":
    """Make a client with short timeouts."""
    import boto3
    from botocore.config import Config

    config = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 2})
    return boto3.client("cognito-idp", region_name=region, endpoint_url=endpoint_url, config=config)
