# ruff: noqa: N818 (the names are the API's words: a route raises NotFound, not NotFoundError)
"""Every error the API answers with, each with a stable code.

SamaanError (samaan_ml.domain.errors)
├── RequestError                 the caller fixes it; never alarms
│   ├── InvalidInput             422 invalid_input
│   │   └── NothingRead          422 invalid_input: on an image nobody can read
│   ├── Unauthenticated          401 unauthenticated
│   │   ├── SessionRevoked       401 session_revoked
│   │   └── MfaRequired          401 mfa_required
│   ├── Forbidden                403 forbidden
│   │   ├── ShopClaimMissing     403 shop_claim_missing
│   │   ├── ApprovalRequired     403 approval_required
│   │   └── ApprovalRefused      403 approval_refused
│   ├── NotFound                 404 not_found: missing, or of another shop
│   ├── Conflict                 409 conflict
│   │   ├── AlreadyExists        409 already_exists
│   │   ├── KeyReused            409 idempotency_key_reused
│   │   ├── IdReused             409 id_reused
│   │   ├── TakenBack            409 conflict
│   │   ├── OutOfStock           409 out_of_stock
│   │   ├── StockChanged         409 stock_changed
│   │   └── LimitExceeded        409 credit_limit_exceeded
│   ├── Gone                     410 feed_gone
│   ├── StaleVersion             412 stale_version
│   └── TooManyRequests          429 too_many_requests
└── PortError                    a part behind a port failed; alarms, answered as 503 with Retry-After
    ├── StoreUnavailable         503 store_unavailable
    ├── PredictorUnavailable     503 predictor_unavailable
    └── ServiceUnavailable       503 service_unavailable
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar, Literal

from samaan_ml.domain.errors import RuleError, SamaanError


class RequestError(SamaanError):
    """A request that cannot be done as it stands.

    Parameters
    ----------
    detail : str
        What was wrong and what was got.
    field : str or None, default=None
        The field at fault, as a dotted path from the body's root.
    hint : str or None, default=None
        What to do about it; None takes the class's own hint.
    """

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad_request"
    title: ClassVar[str] = "The request cannot be done"
    default_hint: ClassVar[str | None] = None

    def __init__(self, detail: str, field: str | None = None, hint: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field
        self.hint = hint or self.default_hint
        self.headers: dict[str, str] = {}


class InvalidInput(RequestError):
    """A value in the request breaks a rule."""

    status, code, title = 422, "invalid_input", "A value is not valid"


class NothingRead(InvalidInput):
    """No text was found on an image: a person has to type it in."""


class Unauthenticated(RequestError):
    """No token, or one that does not prove who is calling."""

    status, code, title = 401, "unauthenticated", "Sign in first"
    default_hint = "send 'Authorization: Bearer <access token>' from POST /v1/auth/login"

    def __init__(self, detail: str, field: str | None = None, hint: str | None = None) -> None:
        super().__init__(detail, field, hint)
        self.headers = {"WWW-Authenticate": "Bearer"}


class SessionRevoked(Unauthenticated):
    """The session was ended by a person: the device forgets what it may read."""

    code, title = "session_revoked", "This device was signed out"
    default_hint = "sign in again"


class MfaRequired(Unauthenticated):
    """The password was right; a code of the person's authenticator is needed as well.

    Parameters
    ----------
    challenge : str
        What the next sign-in sends with the code.
    """

    code, title = "mfa_required", "Enter the code of your authenticator app"
    default_hint = "repeat the request with 'challenge' and 'mfa_code'"

    def __init__(self, challenge: str) -> None:
        super().__init__("this account is protected by a second factor", field="mfa_code")
        self.challenge = challenge


class Forbidden(RequestError):
    """The caller is known, and may not do this."""

    status, code, title = 403, "forbidden", "Not allowed"


class ShopClaimMissing(Forbidden):
    """The token is genuine but names no shop: there is no default one."""

    code, title = "shop_claim_missing", "The token belongs to no shop"
    default_hint = "register a shop or ask its owner to add you as a member, then sign in again"


class ApprovalRequired(Forbidden):
    """Staff may do this only with an owner's word.

    Parameters
    ----------
    detail : str
        What passes what staff may do, with the figures.
    actions : tuple of str
        The same as words for programs.
    field : str or None, default=None
        The field at fault.
    """

    code, title = "approval_required", "An owner has to approve this"

    def __init__(self, detail: str, actions: tuple[str, ...], field: str | None = None) -> None:
        super().__init__(detail, field)
        self.actions = actions
        self.approval_id: str | None = None

    def filed(self, approval_id: str) -> None:
        """Note under which id the request now waits for an owner."""
        self.approval_id = approval_id
        self.hint = f"have an owner approve '{approval_id}', then repeat the request with it as Approval-Id"


class ApprovalRefused(Forbidden):
    """The approval named is not for this request, not given, expired or used up."""

    code, title = "approval_refused", "The approval does not open this"
    default_hint = "send the request without Approval-Id to ask for a new approval"


class NotFound(RequestError):
    """The record does not exist, or belongs to another shop."""

    status, code, title = 404, "not_found", "Not found"


class Conflict(RequestError):
    """The request does not fit the present state."""

    status, code, title = 409, "conflict", "The request does not fit the present state"


class AlreadyExists(Conflict):
    """Something with this id or name is there already."""

    code, title = "already_exists", "It exists already"


class KeyReused(Conflict):
    """An Idempotency-Key came again with another request."""

    code, title = "idempotency_key_reused", "The Idempotency-Key was used for another request"
    default_hint = "use a new key for a new request; repeat a key only with the same body"


class IdReused(Conflict):
    """A client's own id came again with another content."""

    code, title = "id_reused", "The id stands for something else"
    default_hint = "give each fact an id of its own; send an id again only with the same content"


class TakenBack(Conflict):
    """A store outside the database took this very write back already; tried once more, it is a write of its own."""

    default_hint = "send it once more"


class OutOfStock(Conflict):
    """The shop blocks sales below zero, and the stock does not reach."""

    code, title = "out_of_stock", "Not enough stock"


class StockChanged(Conflict):
    """The stock is not what the caller expected, so that a count would hide what happened meanwhile."""

    code, title = "stock_changed", "The stock is another than expected"
    default_hint = "read the stock again and count once more"

    @classmethod
    def since(cls, item_id: str, on_hand_milli: int) -> "StockChanged":
        """Say that another write came between reading the stock and moving it."""
        return cls(f"the stock of '{item_id}' is no longer {on_hand_milli} milli-units", field="item_id")


class LimitExceeded(Conflict):
    """The credit would pass the customer's limit."""

    code, title = "credit_limit_exceeded", "The credit limit would be passed"


class Gone(RequestError):
    """Changes that are kept no longer: what is there now is to be read as a whole."""

    status, code, title = 410, "feed_gone", "Changes that old are gone"
    default_hint = "read GET /v1/home?full=1 and go on from its 'seq'"


class StaleVersion(RequestError):
    """If-Match does not hold any more."""

    status, code, title = 412, "stale_version", "It changed since you read it"
    default_hint = "read it again and repeat the change on what you find"


class TooManyRequests(RequestError):
    """A rate limit was reached.

    Parameters
    ----------
    detail : str
        Which limit.
    retry_after_seconds : int
        When the next request can pass.
    """

    status, code, title = 429, "too_many_requests", "Too many requests"

    def __init__(self, detail: str, retry_after_seconds: int) -> None:
        super().__init__(detail, hint=f"wait {retry_after_seconds} s and repeat")
        self.headers = {"Retry-After": str(retry_after_seconds)}


class PortError(SamaanError):
    """A store or service behind a port did not do its work; the request may be repeated.

    Parameters
    ----------
    detail : str
        What failed, without addresses or credentials; the cause goes to the log.
    retry_after_seconds : int, default=2
        When to try again.
    """

    code: ClassVar[str] = "service_unavailable"
    title: ClassVar[str] = "A part of the service is not available"
    hint: ClassVar[str] = "repeat the request with the same Idempotency-Key; nothing is done twice"

    def __init__(self, detail: str, retry_after_seconds: int = 2) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retry_after_seconds = retry_after_seconds


class StoreUnavailable(PortError):
    """A store timed out, refused or lost the connection."""

    code, title = "store_unavailable", "The store is not available"


DegradedReason = Literal["model_missing", "model_broken", "model_failed", "endpoint_unreachable"]
"""Why no model answered: none was trained, its files are damaged, it failed on the question, no endpoint answered."""


class PredictorUnavailable(PortError):
    """No model answered.

    Parameters
    ----------
    detail : str
        What failed.
    reason : str, default="model_failed"
        Which kind of fault, for answers that go on without the model.
    retry_after_seconds : int, default=2
        When to try again.
    """

    code, title = "predictor_unavailable", "The model is not available"

    def __init__(
        self, detail: str, reason: DegradedReason = "model_failed", retry_after_seconds: int = 2
    ) -> None:
        super().__init__(detail, retry_after_seconds)
        self.reason: DegradedReason = reason


class ServiceUnavailable(PortError):
    """Another service (identity, OCR, notifications, text) did not answer."""


@contextmanager
def rules_as_input() -> Iterator[None]:
    """Turn a broken rule of the domain into an invalid value of the request, where each part is answered on its own."""
    try:
        yield
    except RuleError as error:
        raise InvalidInput(str(error), error.field, error.hint) from error
