"""Bodies and answers of /v1/auth."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from samaan_ml.domain.calendar import STATES
from serving.http.fields import Answer, Body, Id, MoneyOrNothing, Name, Phone, Zone
from serving.ports.accounts import Role, TaxScheme
from serving.ports.sign_in_events import SignInKind

Email = Annotated[
    str,
    StringConstraints(max_length=254, pattern=r"^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$"),
    Field(examples=["meena@example.in"]),
]
Password = Annotated[str, StringConstraints(min_length=8, max_length=128), Field(examples=["kirana-2026"])]
GivenPassword = Annotated[str, StringConstraints(min_length=1, max_length=128)]
Device = Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")]
RefreshTokenText = Annotated[str, StringConstraints(min_length=1, max_length=4096, pattern=r"^[\x21-\x7e]+$")]


def known_state(region: str) -> str:
    """Refuse a state whose festivals are not known: nothing that follows them would work."""
    if region not in STATES:
        raise ValueError(f"'{region}' is not a state's code; use one of {', '.join(STATES)}")
    return region


Region = Annotated[
    str, StringConstraints(pattern=r"^[A-Z]{2}$"), AfterValidator(known_state), Field(examples=["MH"])
]


class NewShop(Body):
    """A shop to register."""

    name: Name = Field(examples=["Meena General Store"])
    zone: Zone = "Asia/Kolkata"
    region: Region | None = Field(None, description="State code of ISO 3166-2:IN, for the festival calendar.")


class Registration(Body):
    """A person and the first shop."""

    email: Email
    password: Password
    name: Name | None = None
    shop_name: Name = Field(examples=["Meena General Store"])
    zone: Zone = "Asia/Kolkata"
    region: Region | None = None


class Registered(Answer):
    """Who was registered."""

    user_id: Id
    shop_id: Id
    role: Role


Client = Annotated[
    Literal["program", "web"],
    Field(
        description="A web page gets its refresh token as a cookie that no script reads, sent to POST /v1/auth/refresh "
        "alone; a program gets it in the answer."
    ),
]


class Login(Body):
    """A sign-in."""

    email: Email
    password: GivenPassword
    device: Device = ""
    client: Client = "program"
    challenge: str | None = Field(
        None, max_length=4096, description="From the answer `mfa_required`; sent together with `mfa_code`."
    )
    mfa_code: str | None = Field(None, pattern=r"^[0-9]{6,8}$", description="Code of the authenticator app.")

    @model_validator(mode="after")
    def _both_or_neither(self) -> Self:
        """Reject half of a second factor."""
        if (self.challenge is None) != (self.mfa_code is None):
            raise ValueError("send 'challenge' and 'mfa_code' together")
        return self


class TokenRefresh(Body):
    """An exchange of a refresh token, for the same shop or another one of the person's."""

    refresh_token: RefreshTokenText | None = Field(
        None, description="Left out by a web page: its cookie has it."
    )
    shop_id: Id | None = None


class Logout(Body):
    """The end of a session."""

    refresh_token: RefreshTokenText | None = Field(
        None, description="Left out, the session of the access token ends, and a web page's cookie with it."
    )


class PhoneCode(Body):
    """A number to send a code to."""

    phone: Phone


class CodeSent(Answer):
    """A code is on its way."""

    code_id: Id
    expires_in: int


class PhoneLogin(Body):
    """A sign-in with a code."""

    code_id: Id
    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$"), Field(examples=["042917"])]
    device: Device = ""
    client: Client = "program"


class DeviceRow(Answer):
    """A signed-in device."""

    session_id: Id
    device: str
    signed_in_at: datetime
    expires_at: datetime
    this_one: bool


class DeviceList(Answer):
    """The signed-in devices of a person, the newest sign-in first."""

    rows: list[DeviceRow]


class SignInRow(Answer):
    """A sign-in of somebody of the shop, or a failed try."""

    event_id: Id
    user_id: str
    name: str | None = Field(None, description="The person's name.")
    kind: SignInKind
    device: str
    address: str
    at: datetime
    new_device: bool = Field(
        description="Whether this person had signed in on no device of this name before."
    )


class TokenPair(Answer):
    """Tokens: the access token goes into the Authorization header."""

    access_token: str
    refresh_token: str = Field(description="Empty for a web page, which has it as a cookie.")
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 (the scheme, no secret)
    expires_in: int


class ShopRole(Answer):
    """A shop of the caller's and the role in it."""

    shop_id: Id
    name: str
    role: Role


class Me(Answer):
    """Who the token says is calling."""

    user_id: str
    shop_id: str | None
    role: Role
    shops: list[ShopRole]


class JsonWebKey(Answer):
    """A public key (RFC 7517)."""

    kty: Literal["RSA"] = "RSA"
    use: Literal["sig"] = "sig"
    alg: Literal["RS256"] = "RS256"
    kid: str
    n: str
    e: str


class JsonWebKeySet(Answer):
    """The keys that tokens can be verified with."""

    keys: list[JsonWebKey]


class ShopRules(Body):
    """What an owner may choose; what is left out stays."""

    name: Name | None = None
    zone: Zone | None = None
    region: Region | None = None
    negative_stock: Literal["allow", "block"] | None = Field(
        None, description="Whether a sale may pass the recorded stock."
    )
    over_limit: Literal["warn", "block"] | None = Field(
        None, description="What happens when a credit passes the customer's limit."
    )
    upi_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{2,60}@[A-Za-z0-9]{2,30}$")] | None = (
        None
    )
    staff_floor_percent: Annotated[int, Field(strict=True, ge=0, le=1000)] | None = Field(
        None,
        description="Lowest price that staff may set or sell at without an owner, in percent of cost; 0: any.",
    )
    tax_scheme: TaxScheme | None = Field(
        None, description="How the shop stands to GST: only bills of a regular one show tax."
    )
    staff_refund_days: Annotated[int, Field(strict=True, ge=0, le=366)] | None = Field(
        None,
        description="For how many days after the sale staff may give money back for their own bills without an owner; "
        "0: on the day itself.",
    )
    staff_backdate_days: Annotated[int, Field(strict=True, ge=0, le=366)] | None = Field(
        None, description="How many days back staff may enter something without an owner."
    )
    staff_count_loss_paise: MoneyOrNothing | None = Field(
        None, description="Highest value at cost that a count may write off without an owner."
    )


class ShopCard(Answer):
    """A shop and its rules."""

    shop_id: Id
    name: str
    zone: str
    region: str | None
    negative_stock: Literal["allow", "block"]
    over_limit: Literal["warn", "block"]
    upi_id: str | None
    staff_floor_percent: int
    tax_scheme: TaxScheme
    staff_refund_days: int
    staff_backdate_days: int
    staff_count_loss_paise: int


class NewMember(Body):
    """A person by e-mail address or phone, and the role to give or to offer."""

    email: Email | None = None
    phone: Phone | None = None
    role: Role

    @model_validator(mode="after")
    def _one_address(self) -> Self:
        """Refuse none and two."""
        if (self.email is None) == (self.phone is None):
            raise ValueError("send either 'email' or 'phone'")
        return self


class Member(Answer):
    """A person of the shop."""

    user_id: str
    name: str | None = None
    role: Role


class NewMemberDone(Answer):
    """A member's changed role, or an invitation, which says nothing of whether the address has an account."""

    user_id: str | None = Field(description="Null where the person was invited.")
    role: Role
    invitation_id: str | None
    state: Literal["member", "invited"]


class InvitationCard(Answer):
    """An open invitation of the shop."""

    invitation_id: str
    address: str
    role: Role
    invited_by: str
    created_at: datetime
    expires_at: datetime


class InvitationList(Answer):
    """The open invitations of the shop, the newest first."""

    rows: list[InvitationCard]


class MyInvitation(Answer):
    """A role that a shop offers to the caller."""

    invitation_id: str
    shop_id: str
    shop_name: str
    role: Role
    expires_at: datetime


class MyInvitationList(Answer):
    """The open invitations to the caller, the newest first."""

    rows: list[MyInvitation]


class MemberList(Answer):
    """The people of the shop."""

    rows: list[Member]


Scope = Annotated[
    str,
    StringConstraints(
        pattern=r"^(inventory|orders|sales|ocr|forecast|pricing|udhaar|recommendations|alerts):(read|write)$"
    ),
    Field(
        description="An area and what may be done in it: `read` is GET, `write` everything.",
        examples=["sales:write"],
    ),
]


class NewApiKey(Body):
    """A key for another program: a till, a scale, an accounting program."""

    name: Name = Field(examples=["Counter till"])
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=16)]
    expires_in_days: Annotated[int, Field(ge=1, le=3650)] | None = None


class KeyRotation(Body):
    """A key's replacement, and how long both work."""

    overlap_minutes: Annotated[int, Field(ge=0, le=43_200)] = 1440


class ApiKeyCard(Answer):
    """A key without its secret."""

    key_id: Id
    name: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    revoked: bool


class NewApiKeyCard(ApiKeyCard):
    """A new key; `api_key` is shown this once and goes into the header X-Api-Key."""

    api_key: str | None = Field(None, description="The key itself; absent when the request is repeated.")


class ApiKeyList(Answer):
    """The shop's keys."""

    rows: list[ApiKeyCard]
