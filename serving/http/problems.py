"""Errors as problem details (RFC 9457): one shape, a stable code, the field, a hint and the request's id."""

import logging
from collections.abc import Mapping
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.printed_price import AboveMrpError
from serving.errors import ApprovalRequired, InvalidInput, MfaRequired, PortError, RequestError
from serving.http.observability import request_id
from serving.http.problem_titles import language_of, title_in

_log = logging.getLogger("serving.http.problems")
MEDIA_TYPE = "application/problem+json"
_SHOWN = 20

_HTTP: dict[int, tuple[str, str, str | None]] = {
    400: ("malformed_request", "The request cannot be read", None),
    404: ("not_found", "Not found", "see /docs for the routes"),
    405: ("method_not_allowed", "This route has no such method", "see /docs for the routes"),
    413: ("body_too_large", "The body is too large", "send less at once"),
}


PLAIN_CODES: dict[str, tuple[int, str]] = {
    "malformed_request": (400, "The request cannot be read."),
    "malformed_json": (400, "The body is not JSON."),
    "method_not_allowed": (405, "This route has no such method."),
    "body_too_large": (413, "The body is too large."),
    "rule_broken": (422, "A rule of the shop's world is broken, as a due day before the credit."),
    "internal_error": (500, "A defect of ours, logged under the request's id."),
}
"""The codes that no class of `serving.errors` stands for, with a status and when they come."""


class FieldProblem(BaseModel):
    """What is wrong with one field."""

    field: str = Field(description="Dotted path from the body's root, or the name of a parameter.")
    message: str


class Problem(BaseModel):
    """An error."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(description="A URI of the kind of problem.", examples=["urn:samaan:problem:not_found"])
    code: str = Field(description="Stable word for programs.", examples=["not_found"])
    title: str = Field(description="In the language of Accept-Language, where it is one of the shops'.")
    status: int
    detail: str
    field: str | None = None
    hint: str | None = None
    errors: list[FieldProblem] | None = None
    approval_id: str | None = Field(None, description="What an owner has to approve first.")
    challenge: str | None = Field(
        None, description="What a sign-in sends together with the code that it needs."
    )
    request_id: str


def problem(
    request: Request,
    status: int,
    code: str,
    title: str,
    detail: str,
    *,
    field: str | None = None,
    hint: str | None = None,
    errors: list[FieldProblem] | None = None,
    approval_id: str | None = None,
    challenge: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Build the answer; its title is in the language that the caller likes best of those there are."""
    language = language_of(request.headers.get("accept-language"))
    body = Problem(
        type=f"urn:samaan:problem:{code}",
        code=code,
        title=title_in(language, code, title),
        status=status,
        detail=detail,
        field=field,
        hint=hint,
        errors=errors,
        approval_id=approval_id,
        challenge=challenge,
        request_id=request_id.get(),
    )
    return JSONResponse(
        body.model_dump(exclude_none=True),
        status,
        {**(headers or {}), "Content-Language": language, "Vary": "Accept-Language"},
        media_type=MEDIA_TYPE,
    )


async def on_request_error(request: Request, error: Exception) -> JSONResponse:
    """Answer an error of the caller's."""
    error = cast(RequestError, error)
    return problem(
        request,
        error.status,
        error.code,
        error.title,
        error.detail,
        field=error.field,
        hint=error.hint,
        approval_id=error.approval_id if isinstance(error, ApprovalRequired) else None,
        challenge=error.challenge if isinstance(error, MfaRequired) else None,
        headers=error.headers,
    )


async def on_rule_error(request: Request, error: Exception) -> JSONResponse:
    """Answer a broken rule of the domain."""
    error = cast(RuleError, error)
    code, title = "rule_broken", "A rule of the shop's world is broken"
    if isinstance(error, AboveMrpError):  # a value of the request: clients know it by this code
        code, title = InvalidInput.code, InvalidInput.title
    return problem(request, 422, code, title, str(error), field=error.field, hint=error.hint)


async def on_port_error(request: Request, error: Exception) -> JSONResponse:
    """Answer and log a fault behind a port."""
    error = cast(PortError, error)
    _log.error(error.code, exc_info=error)
    headers = {"Retry-After": str(error.retry_after_seconds)}
    return problem(request, 503, error.code, error.title, error.detail, hint=error.hint, headers=headers)


async def on_validation_error(request: Request, error: Exception) -> JSONResponse:
    """Answer a body or parameter that does not fit the schema, naming each field."""
    error = cast(RequestValidationError, error)
    found = error.errors()
    if any(each["type"] == "json_invalid" for each in found):
        return problem(
            request,
            400,
            "malformed_json",
            "The body is not JSON",
            str(found[0].get("ctx", {}).get("error", "")),
        )
    errors = [FieldProblem(field=_path(each["loc"]), message=_message(each)) for each in found[:_SHOWN]]
    first = errors[0]
    return problem(
        request,
        422,
        "invalid_input",
        "A value is not valid",
        f"'{first.field}': {first.message}" + (f" (and {len(found) - 1} more)" if len(found) > 1 else ""),
        field=first.field,
        hint="see /docs for the fields and their bounds",
        errors=errors,
    )


def _path(location: tuple[int | str, ...]) -> str:
    """Write where a value lies, without the word for body, query or path."""
    return ".".join(str(part) for part in location[1:]) or str(location[0])


def _message(error: Mapping[str, Any]) -> str:
    """Write what is wrong; a secret's value is never repeated, nor any other."""
    return str(error["msg"]).removeprefix("Value error, ")


async def on_http_error(request: Request, error: Exception) -> JSONResponse:
    """Answer what the framework refuses: unknown routes, methods, sizes."""
    error = cast(HTTPException, error)
    code, title, hint = _HTTP.get(error.status_code, ("http_error", "The request was refused", None))
    return problem(
        request, error.status_code, code, title, str(error.detail), hint=hint, headers=error.headers
    )


async def on_unexpected(request: Request, error: Exception) -> JSONResponse:
    """Answer a defect of ours without telling its inside; the log has it under the request's id.

    This runs outside all middleware, where the request's id is known from its scope alone.
    """
    own_id = str(getattr(request.state, "request_id", "-"))
    token = request_id.set(own_id)
    try:
        _log.error("unexpected", exc_info=error)
        return problem(
            request,
            500,
            "internal_error",
            "Something went wrong here",
            "the fault is logged under this request id",
            headers={
                "X-Request-Id": own_id,
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "no-store",
            },
        )
    finally:
        request_id.reset(token)


def install(app: FastAPI) -> None:
    """Register the handlers."""
    app.add_exception_handler(RequestError, on_request_error)
    app.add_exception_handler(RuleError, on_rule_error)
    app.add_exception_handler(PortError, on_port_error)
    app.add_exception_handler(RequestValidationError, on_validation_error)
    app.add_exception_handler(HTTPException, on_http_error)
    app.add_exception_handler(Exception, on_unexpected)


_DESCRIBED: dict[str, str] = {
    "400": "The request cannot be read.",
    "401": "No valid token.",
    "403": "The role, or a token without a shop, may not do this.",
    "404": "Not there, or not yours.",
    "409": "It does not fit the present state, or the Idempotency-Key was used for another request.",
    "412": "It changed since it was read.",
    "413": "The body is too large.",
    "422": "A value is not valid; `field` names it.",
    "429": "Too many requests; wait as `Retry-After` says.",
    "503": "A part of the service is down; `Retry-After` says when to repeat.",
}


def describe(schema: dict[str, Any]) -> dict[str, Any]:
    """Put the problems that every operation may answer into an OpenAPI document."""
    components = schema.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        components.pop(unused, None)
    own = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    components |= own.pop("$defs", {}) | {"Problem": own}
    schema["components"]["responses"] = {status: _answer(status) for status in _DESCRIBED}
    for path in schema.get("paths", {}).values():
        for method, operation in path.items():
            if isinstance(operation, dict) and "responses" in operation:
                _describe_operation(method, operation)
    return schema


def _answer(status: str) -> dict[str, Any]:
    """Describe the problem of a status once for all operations."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    answer: dict[str, Any] = {"description": _DESCRIBED[status], "content": content}
    if status in {"429", "503"}:
        answer["headers"] = {
            "Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait."}
        }
    return answer


def _describe_operation(method: str, operation: dict[str, Any]) -> None:
    """Put the problems of one operation in; those that cannot happen to it are left out."""
    wanted = set(_DESCRIBED)
    if not operation.get("security"):
        wanted -= {"403"}
    if method == "get":
        wanted -= {"412", "413"}
    for status in sorted(wanted):
        operation["responses"][status] = {"$ref": f"#/components/responses/{status}"}
