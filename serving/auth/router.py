"""Routes of /v1/auth."""

from typing import Annotated

from fastapi import APIRouter, Cookie, Depends, Path, Request, Response

from serving.auth import approval_router
from serving.auth.api_keys import ApiKeyService
from serving.auth.inviting import InvitingService
from serving.auth.phone import Devices, PhoneSignIn, SignInLog, SmsReach
from serving.auth.schemas import (
    ApiKeyList,
    CodeSent,
    DeviceList,
    InvitationList,
    JsonWebKey,
    JsonWebKeySet,
    KeyRotation,
    Login,
    Logout,
    Me,
    Member,
    MemberList,
    MyInvitationList,
    NewApiKey,
    NewApiKeyCard,
    NewMember,
    NewMemberDone,
    NewShop,
    PhoneCode,
    PhoneLogin,
    Registered,
    Registration,
    ShopCard,
    ShopRules,
    SignInRow,
    TokenPair,
    TokenRefresh,
)
from serving.auth.service import AuthService
from serving.errors import Unauthenticated
from serving.http.callers import Bearer, address, verified
from serving.http.depends import Owner, TheCaller, TheClaims, ThePage, ThePorts, TheWrite, anonymous
from serving.http.fields import Done, Id, PageOf
from serving.http.known_callers import KnownCallerRoute
from serving.http.writes import IdempotencyKey, Write
from serving.ports import Ports
from serving.ports.cache import Topic
from serving.ports.identity import Tokens

router = APIRouter(prefix="/auth", tags=["auth"], route_class=KnownCallerRoute)
public = [Depends(anonymous)]


async def the_service(ports: ThePorts) -> AuthService:
    """Build the service over the ports."""
    log = SignInLog(ports.sign_in_events, ports.clock)
    return AuthService(
        identity=ports.identity,
        accounts=ports.accounts,
        limiter=ports.rate_limiter,
        events=ports.sign_in_events,
        log=log,
        clock=ports.clock,
    )


Service = Annotated[AuthService, Depends(the_service)]
UserId = Annotated[Id, Path()]


_COOKIE = "samaan_refresh"
_COOKIE_PATH = "/v1/auth/refresh"


def _pair(tokens: Tokens, response: Response, ports: Ports, *, web: bool) -> TokenPair:
    """Translate tokens; a web page's refresh token goes into a cookie that only the way to refresh gets."""
    if web:
        response.set_cookie(
            _COOKIE,
            tokens.refresh_token,
            max_age=ports.settings.refresh_token_days * 86_400,
            path=_COOKIE_PATH,
            secure=True,
            httponly=True,
            samesite="strict",
        )
    return TokenPair(
        access_token=tokens.access_token,
        refresh_token="" if web else tokens.refresh_token,
        expires_in=tokens.expires_in_seconds,
    )


async def registration_write(
    ports: ThePorts, request: Request, response: Response, key: IdempotencyKey = None
) -> Write:
    """Prepare the one write of somebody who has no shop yet."""
    return Write(ports, "registration", key, f"{request.method} {request.url.path}", response)


@router.post("/register", status_code=201, dependencies=public)
def register(
    body: Registration, write: Annotated[Write, Depends(registration_write)], service: Service
) -> Registered:
    """Register a person with a first shop; sign in afterwards."""
    # The password stays out of the fingerprint: a fast hash of it must not lie in the database.
    asked = body.model_copy(update={"password": ""})
    return write.once(Registered, asked, lambda: service.register(body))


@router.post("/login", dependencies=public)
def login(body: Login, service: Service, request: Request, response: Response, ports: ThePorts) -> TokenPair:
    """Exchange e-mail address and password for tokens."""
    tokens = service.sign_in(body, address(request))
    return _pair(tokens, response, ports, web=body.client == "web")


async def the_phone_sign_in(ports: ThePorts) -> PhoneSignIn:
    """Build the service of codes over the ports."""
    return PhoneSignIn(
        ports.sign_in_codes,
        ports.code_sender,
        ports.identity,
        ports.accounts,
        ports.rate_limiter,
        SignInLog(ports.sign_in_events, ports.clock),
        ports.clock,
        SmsReach(ports.settings.sms_countries, ports.settings.sms_codes_a_day),
    )


Phones = Annotated[PhoneSignIn, Depends(the_phone_sign_in)]


@router.post("/phone/code", status_code=202, dependencies=public)
def send_code(body: PhoneCode, phones: Phones, request: Request) -> CodeSent:
    """Send a sign-in code to a phone: five at most in ten minutes."""
    return phones.send_code(body.phone, address(request))


@router.post("/phone/login", dependencies=public)
def login_by_phone(
    body: PhoneLogin, phones: Phones, request: Request, response: Response, ports: ThePorts
) -> TokenPair:
    """Exchange a code for tokens; a new number has no shop yet: open one, or be made a member."""
    return _pair(phones.sign_in(body, address(request)), response, ports, web=body.client == "web")


async def the_devices(ports: ThePorts) -> Devices:
    """Build the service of devices over the ports."""
    return Devices(ports.identity, SignInLog(ports.sign_in_events, ports.clock))


TheDevices = Annotated[Devices, Depends(the_devices)]


@router.get("/devices")
def list_devices(claims: TheClaims, devices: TheDevices) -> DeviceList:
    """List the devices on which the caller is signed in."""
    return devices.all(claims.user_id, claims.session_id)


@router.delete("/devices/{session_id}")
def end_device(session_id: Annotated[Id, Path()], claims: TheClaims, devices: TheDevices) -> Done:
    """Sign a device of the caller's out; its tokens end at once."""
    devices.end(claims.user_id, session_id)
    return Done()


@router.post("/logout-everywhere")
def log_out_everywhere(claims: TheClaims, devices: TheDevices, request: Request) -> Done:
    """Sign every device of the caller's out, this one too."""
    devices.end_all(claims.user_id, address(request))
    return Done()


@router.get("/sign-ins")
def list_sign_ins(caller: Owner, service: Service, page: ThePage) -> PageOf[SignInRow]:
    """List who of the shop signed in, on which device, and failed tries, the newest first."""
    found = service.sign_ins(caller.shop_id, page.limit, page.after)
    return page.answer(found, service.sign_in_rows(caller.shop_id, found.rows))


@router.post("/refresh", dependencies=public)
def refresh(
    body: TokenRefresh,
    ports: ThePorts,
    response: Response,
    cookie: Annotated[str | None, Cookie(alias=_COOKIE, max_length=4096, include_in_schema=False)] = None,
) -> TokenPair:
    """Exchange a refresh token for new tokens; sent again within a minute, its answer lost, it gets the same.

    Later a token that comes twice ends its whole session.
    """
    token = body.refresh_token or cookie
    if token is None:
        raise Unauthenticated("no refresh token was sent", hint="sign in again")
    return _pair(ports.identity.refresh(token, body.shop_id), response, ports, web=not body.refresh_token)


@router.post("/logout", dependencies=public, openapi_extra={"security": [{}]})
def logout(body: Logout, ports: ThePorts, request: Request, response: Response, token: Bearer) -> Done:
    """End the session of a refresh token, or of the access token; its access tokens end with it."""
    if body.refresh_token is not None:
        ports.identity.sign_out(body.refresh_token)
        return Done()
    said = verified(request, token, None)
    if said.session_id is None:
        raise Unauthenticated(
            "the access token is of no session that can be ended", hint="send the refresh token"
        )
    ports.identity.end_device(said.user_id, said.session_id)
    response.delete_cookie(_COOKIE, path=_COOKIE_PATH, secure=True, httponly=True, samesite="strict")
    return Done()


@router.get("/jwks.json", dependencies=public)
def key_set(ports: ThePorts) -> JsonWebKeySet:
    """Return the keys that tokens can be verified with."""
    keys = ports.identity.verification_keys()
    return JsonWebKeySet(keys=[JsonWebKey(kid=key.key_id, n=key.modulus, e=key.exponent) for key in keys])


@router.get("/me")
def who_am_i(claims: TheClaims, service: Service) -> Me:
    """Return who is calling, for which shop, and which other shops there are."""
    return service.me(claims)


async def person_write(
    ports: ThePorts, request: Request, response: Response, claims: TheClaims, key: IdempotencyKey = None
) -> Write:
    """Prepare a write of a person rather than of a shop."""
    return Write(ports, f"user:{claims.user_id}", key, f"{request.method} {request.url.path}", response)


@router.post("/shops", status_code=201)
def open_shop(
    body: NewShop, claims: TheClaims, write: Annotated[Write, Depends(person_write)], service: Service
) -> ShopCard:
    """Open another shop; refresh with its id to get a token for it."""
    return write.once(ShopCard, body, lambda: service.open_shop(claims.user_id, body))


@router.get("/shop")
def read_shop(caller: TheCaller, service: Service) -> ShopCard:
    """Return the token's shop and its rules."""
    return service.shop(caller.shop_id)


@router.patch("/shop")
def change_shop(body: ShopRules, caller: Owner, write: TheWrite, service: Service) -> ShopCard:
    """Change the shop's rules."""
    topics: tuple[Topic, ...] = ("api", "inventory", "forecast", "recommendations")
    return write.once(ShopCard, body, lambda: service.change_shop(caller.shop_id, body), topics)


@router.get("/members")
def list_members(caller: TheCaller, service: Service) -> MemberList:
    """Return the people of the shop."""
    return service.members(caller.shop_id)


async def the_inviting(ports: ThePorts) -> InvitingService:
    """Build the service of invitations over the ports."""
    return InvitingService(
        accounts=ports.accounts, invitations=ports.invitations, identity=ports.identity, clock=ports.clock
    )


Inviting = Annotated[InvitingService, Depends(the_inviting)]
InvitationId = Annotated[Id, Path()]


@router.post("/members", status_code=201)
def set_member(body: NewMember, caller: Owner, write: TheWrite, inviting: Inviting) -> NewMemberDone:
    """Change a member's role, or invite a person, who becomes a member by accepting."""
    return write.once(NewMemberDone, body, lambda: inviting.set_member(caller.shop_id, caller.user_id, body))


@router.get("/members/invitations")
def list_sent_invitations(caller: Owner, inviting: Inviting) -> InvitationList:
    """List the open invitations of the shop."""
    return inviting.sent(caller.shop_id)


@router.delete("/members/invitations/{invitation_id}")
def withdraw_invitation(
    invitation_id: InvitationId, caller: Owner, write: TheWrite, inviting: Inviting
) -> Done:
    """Take an invitation back."""

    def work() -> Done:
        inviting.withdraw(caller.shop_id, invitation_id)
        return Done()

    return write.once(Done, None, work)


@router.get("/invitations")
def list_invitations(claims: TheClaims, inviting: Inviting) -> MyInvitationList:
    """List the roles that shops offer to the caller."""
    return inviting.mine(claims.user_id)


@router.post("/invitations/{invitation_id}/accept", status_code=201)
def accept_invitation(
    invitation_id: InvitationId,
    claims: TheClaims,
    write: Annotated[Write, Depends(person_write)],
    inviting: Inviting,
) -> Member:
    """Become a member of the shop; refresh with its id to get a token for it."""
    return write.once(Member, None, lambda: inviting.accept(claims.user_id, invitation_id))


@router.post("/invitations/{invitation_id}/decline", status_code=201)
def decline_invitation(
    invitation_id: InvitationId,
    claims: TheClaims,
    write: Annotated[Write, Depends(person_write)],
    inviting: Inviting,
) -> Done:
    """Refuse an invitation."""

    def work() -> Done:
        inviting.decline(claims.user_id, invitation_id)
        return Done()

    return write.once(Done, None, work)


@router.post("/shops/{shop_id}/leave", status_code=201)
def leave_shop(
    shop_id: Annotated[Id, Path()],
    claims: TheClaims,
    write: Annotated[Write, Depends(person_write)],
    inviting: Inviting,
) -> Done:
    """Leave a shop; its last owner stays."""

    def work() -> Done:
        inviting.leave(claims.user_id, shop_id)
        return Done()

    return write.once(Done, None, work)


@router.delete("/members/{user_id}")
def remove_member(user_id: UserId, caller: Owner, write: TheWrite, service: Service) -> Done:
    """Take a person out of the shop."""

    def work() -> Done:
        service.remove_member(caller.shop_id, user_id)
        return Done()

    return write.once(Done, None, work)


async def the_keys(ports: ThePorts) -> ApiKeyService:
    """Build the service of API keys."""
    return ApiKeyService(ports.api_keys, ports.clock)


Keys = Annotated[ApiKeyService, Depends(the_keys)]
KeyId = Annotated[Id, Path()]


@router.get("/api-keys")
def list_api_keys(caller: Owner, keys: Keys) -> ApiKeyList:
    """Return the keys that other programs use, without their secrets."""
    return keys.keys(caller.shop_id)


@router.post("/api-keys", status_code=201)
def create_api_key(body: NewApiKey, caller: Owner, write: TheWrite, keys: Keys) -> NewApiKeyCard:
    """Make a key for another program; it is shown in this answer and never again."""
    made = write.once(NewApiKeyCard, body, lambda: keys.create(caller.shop_id, caller.user_id, body))
    return keys.revealed(made)


@router.post("/api-keys/{key_id}/rotation", status_code=201)
def rotate_api_key(
    key_id: KeyId, body: KeyRotation, caller: Owner, write: TheWrite, keys: Keys
) -> NewApiKeyCard:
    """Replace a key; the old one works until the overlap is over."""
    made = write.once(NewApiKeyCard, body, lambda: keys.rotate(caller.shop_id, caller.user_id, key_id, body))
    return keys.revealed(made)


@router.delete("/api-keys/{key_id}")
def revoke_api_key(key_id: KeyId, caller: Owner, write: TheWrite, keys: Keys) -> Done:
    """Take a key back at once."""

    def work() -> Done:
        keys.revoke(caller.shop_id, key_id)
        return Done()

    return write.once(Done, None, work)


router.include_router(approval_router.router)
