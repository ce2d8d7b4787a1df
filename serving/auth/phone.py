"""Signing in with a code on the phone, and what is known of sign-ins and devices."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from serving.auth.schemas import CodeSent, DeviceList, DeviceRow, PhoneLogin
from serving.errors import InvalidInput, NotFound, TooManyRequests, Unauthenticated
from serving.http.phone_numbers import normalised
from serving.ports.accounts import AccountStore
from serving.ports.clock import Clock, new_id
from serving.ports.code_sender import CodeSender
from serving.ports.identity import IdentityProvider, Tokens
from serving.ports.rate_limiter import RateLimiter
from serving.ports.sign_in_codes import CodeLimit, SignInCode, SignInCodeStore
from serving.ports.sign_in_events import SignInEvent, SignInEventStore, SignInKind

_LIVES = timedelta(minutes=5)
_WINDOW = timedelta(minutes=10)
_DAY = timedelta(days=1)
_MONTH = timedelta(days=30)
_CODES_IN_WINDOW = 5
_CODES_A_DAY = 15
_CODES_A_MONTH = 120
_WRONG_A_DAY = 20
_WRONG_A_MONTH = 60
"""A guess is right once in a million: 60 wrong tries and the 25 of codes already sent stay below 1 in 10,000."""
_CODES_OF_AN_ADDRESS = 20
_CODES_OF_AN_ADDRESS_A_DAY = 60
_MOST_TRIES = 5
_INDIAN_MOBILE = re.compile(r"\+91[6-9][0-9]{9}")


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


@dataclass(frozen=True, slots=True)
class SmsReach:
    """Where codes may be sent, and how many.

    Attackers ask for codes to numbers whose operators pay them a share of the price of each message.

    Parameters
    ----------
    countries : tuple of str
        Country calling codes. Of India only mobile numbers are reached: ten digits, the first from 6 to 9.
    a_day : int
        Codes a day for all numbers together.
    """

    countries: tuple[str, ...] = ("91",)
    a_day: int = 2_000

    def check(self, number: str) -> None:
        """Raise InvalidInput where no code is sent to a number, written with its country."""
        country = next((each for each in self.countries if number.startswith(f"+{each}")), None)
        if country is None or (country == "91" and not _INDIAN_MOBILE.fullmatch(number)):
            raise InvalidInput(
                "no code is sent to this number", field="phone", hint="use an Indian mobile number"
            )


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
        reach: SmsReach,
    ) -> None:
        self._reach = reach
        self._codes = codes
        self._sender = sender
        self._identity = identity
        self._accounts = accounts
        self._limiter = limiter
        self._log = log
        self._clock = clock

    def send_code(self, phone: str, address: str) -> CodeSent:
        """Send a code; a number that is known and one that is not get the same answer."""
        number = normalised(phone)
        self._reach.check(number)
        self._take_of_address(address)
        now, digits, code_id = self._clock.now(), f"{secrets.randbelow(10**6):06}", secrets.token_hex(16)
        code = SignInCode(code_id, number, _digest(code_id, digits), now, now + _LIVES)
        if not self._codes.add(code, _limits(now)):
            raise TooManyRequests("too many codes were sent to this number", round(_WINDOW.total_seconds()))
        if (
            wait := self._limiter.take(
                "codes:all", self._reach.a_day / _DAY.total_seconds(), self._reach.a_day
            )
        ) > 0:
            raise TooManyRequests("too many codes were sent today", max(1, round(wait + 0.5)))
        self._sender.send(number, digits)
        return CodeSent(code_id=code_id, expires_in=round(_LIVES.total_seconds()))

    def _take_of_address(self, address: str) -> None:
        """Count a code for the address that asks, within ten minutes and within a day."""
        for name, window, most in (
            ("codes", _WINDOW, _CODES_OF_AN_ADDRESS),
            ("codes-a-day", _DAY, _CODES_OF_AN_ADDRESS_A_DAY),
        ):
            if (wait := self._limiter.take(f"{name}:{address}", most / window.total_seconds(), most)) > 0:
                raise TooManyRequests(
                    "too many codes were asked for from this address", max(1, round(wait + 0.5))
                )

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
        # A provider of its own may have given the person an id of its own.
        self._log.note(self._identity.verify(tokens.access_token).user_id, "phone", body.device, address)
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
        """Sign one device out; that of another person is NotFound."""
        self._identity.end_device(user_id, session_id)

    def end_all(self, user_id: str, address: str) -> None:
        """Sign every device out, this one too."""
        self._identity.sign_out_everywhere(user_id)
        self._log.note(user_id, "everywhere_out", "", address)


def _limits(now: datetime) -> tuple[CodeLimit, ...]:
    """Return the limits of one number at an instant."""
    return (
        CodeLimit(now - _WINDOW, _CODES_IN_WINDOW, _CODES_IN_WINDOW * _MOST_TRIES),
        CodeLimit(now - _DAY, _CODES_A_DAY, _WRONG_A_DAY),
        CodeLimit(now - _MONTH, _CODES_A_MONTH, _WRONG_A_MONTH),
    )


def _digest(code_id: str, digits: str) -> str:
    """Return what is kept of a code."""
    return hashlib.sha256(f"{code_id}:{digits}".encode()).hexdigest()
