"""Signing in with a code on the phone, and what is known of sign-ins and devices."""

import hashlib
import hmac
import secrets
from datetime import timedelta

from serving.auth.schemas import CodeSent, DeviceList, DeviceRow, PhoneLogin
from serving.errors import NotFound, TooManyRequests, Unauthenticated
from serving.ports.accounts import AccountStore
from serving.ports.clock import Clock, new_id
from serving.ports.code_sender import CodeSender
from serving.ports.identity import IdentityProvider, Tokens
from serving.ports.rate_limiter import RateLimiter
from serving.ports.sign_in_codes import SignInCode, SignInCodeStore
from serving.ports.sign_in_events import SignInEvent, SignInEventStore, SignInKind

_LIVES = timedelta(minutes=5)
_WINDOW = timedelta(minutes=10)
_MOST_CODES = 5
"""Codes a number may get within the window."""
_MOST_CODES_OF_AN_ADDRESS = 20
_MOST_TRIES = 5


class SignInLog:
    """Notes who signed in, where and when."""

    def __init__(self, events: SignInEventStore, clock: Clock) -> None:
        self._events = events
        self._clock = clock

    def note(self, user_id: str, kind: SignInKind, device: str, address: str) -> None:
        """Add what happened; a sign-in on a device of another name than before is marked."""
        now = self._clock.now()
        new = kind in ("password", "phone") and not self._events.knows_device(user_id, device)
        self._events.add(SignInEvent(new_id(now), user_id, kind, device, address, now, new))


class PhoneSignIn:
    """Sends codes and exchanges them for tokens."""

    def __init__(
        self,
        codes: SignInCodeStore,
        sender: CodeSender,
        identity: IdentityProvider,
        accounts: AccountStore,
        limiter: RateLimiter,
        log: SignInLog,
        clock: Clock,
    ) -> None:
        self._codes = codes
        self._sender = sender
        self._identity = identity
        self._accounts = accounts
        self._limiter = limiter
        self._log = log
        self._clock = clock

    def send_code(self, phone: str, address: str) -> CodeSent:
        """Send a code; a number that is known and one that is not get the same answer."""
        seconds = _WINDOW.total_seconds()
        rate = _MOST_CODES_OF_AN_ADDRESS / seconds
        if (wait := self._limiter.take(f"codes:{address}", rate, _MOST_CODES_OF_AN_ADDRESS)) > 0:
            raise TooManyRequests(
                "too many codes were asked for from this address", max(1, round(wait + 0.5))
            )
        now, number = self._clock.now(), international(phone)
        code_id, digits = secrets.token_hex(16), f"{secrets.randbelow(10**6):06}"
        code = SignInCode(code_id, number, _digest(code_id, digits), now, now + _LIVES)
        if not self._codes.add(code, now - _WINDOW, _MOST_CODES):
            raise TooManyRequests("too many codes were sent to this number", round(seconds))
        self._sender.send(number, digits)
        return CodeSent(code_id=code_id, expires_in=round(_LIVES.total_seconds()))

    def sign_in(self, body: PhoneLogin, address: str) -> Tokens:
        """Exchange a code for tokens; the first one of a number makes its account."""
        try:
            code = self._codes.take_try(body.code_id, self._clock.now(), _MOST_TRIES)
        except NotFound:
            raise self._refusal() from None
        if not hmac.compare_digest(code.code_hash, _digest(body.code_id, body.code)):
            self._note_failure(code.phone, body.device, address)
            raise self._refusal()
        if not self._codes.use(body.code_id):
            raise self._refusal()
        user_id = self._accounts.user_of_phone(code.phone, new_id(self._clock.now()), self._clock.now())
        tokens = self._identity.sign_in_verified(user_id, body.device)
        self._log.note(user_id, "phone", body.device, address)
        return tokens

    def _note_failure(self, phone: str, device: str, address: str) -> None:
        """Note a wrong code where somebody has the number."""
        try:
            self._log.note(self._accounts.account_by_phone(phone).user_id, "wrong_code", device, address)
        except NotFound:
            return

    @staticmethod
    def _refusal() -> Unauthenticated:
        """Say the same of a wrong, an unknown, a used and an old code."""
        return Unauthenticated("the code is wrong, used or over", hint="ask for a new one")


class Devices:
    """The signed-in devices of a person."""

    def __init__(self, identity: IdentityProvider, log: SignInLog) -> None:
        self._identity = identity
        self._log = log

    def all(self, user_id: str, present: str | None) -> DeviceList:
        """List them, the newest sign-in first."""
        rows = [
            DeviceRow(
                session_id=each.session_id,
                device=each.device,
                signed_in_at=each.created_at,
                expires_at=each.expires_at,
                this_one=each.session_id == present,
            )
            for each in self._identity.devices(user_id)
        ]
        return DeviceList(rows=sorted(rows, key=lambda row: row.signed_in_at, reverse=True))

    def end(self, user_id: str, session_id: str) -> None:
        """Sign one device out; that of another person is not there."""
        self._identity.end_device(user_id, session_id)

    def end_all(self, user_id: str, address: str) -> None:
        """Sign every device out, this one too."""
        self._identity.sign_out_everywhere(user_id)
        self._log.note(user_id, "everywhere_out", "", address)


def international(phone: str) -> str:
    """Write a number with its country; ten digits are an Indian one.

    Examples
    --------
    >>> international("9812345678"), international("919812345678"), international("+14155550100")
    ('+919812345678', '+919812345678', '+14155550100')
    """
    digits = phone.removeprefix("+")
    return f"+91{digits}" if len(digits) == 10 and not phone.startswith("+") else f"+{digits}"


def _digest(code_id: str, digits: str) -> str:
    """Return what is kept of a code."""
    return hashlib.sha256(f"{code_id}:{digits}".encode()).hexdigest()
