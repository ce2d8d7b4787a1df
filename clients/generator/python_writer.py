"""Writes the Python client: one file over the standard library alone."""

import keyword
import re
from typing import Any

from clients.generator.operations import Operation, Parameter, class_name, operations

_HEAD = '''"""Client of the Samaan Sathi API. Written by `python -m clients.generator`: change the API, not this file.

The client sends an Idempotency-Key with every write and repeats a request that met a fault (503, 429, a lost
connection) with the same key, so that nothing takes place twice.

    client = Client("http://127.0.0.1:8000")
    client.token = client.auth_login({"email": "meena@example.in", "password": "..."})["access_token"]
    client.sales_post_sale({"lines": [{"item_id": "sugar-1kg", "quantity_milli": 1000}]})
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from typing import Any, Literal, NotRequired, TypedDict, cast


class ApiProblem(Exception):
    """What the API answered instead: `code` is stable, `detail` is for people.

    Parameters
    ----------
    status : int
        Status of the answer.
    problem : dict
        Body of the answer, problem details of RFC 9457.
    retry_after_seconds : float or None, default=None
        When to try again.
    """

    def __init__(self, status: int, problem: dict[str, Any], retry_after_seconds: float | None = None) -> None:
        super().__init__(f"{status} {problem.get('code')}: {problem.get('detail')}")
        self.status = status
        self.code = str(problem.get("code", "unknown"))
        self.detail = str(problem.get("detail", ""))
        self.field = problem.get("field")
        self.hint = problem.get("hint")
        self.request_id = problem.get("request_id")
        self.retry_after_seconds = retry_after_seconds
'''

_CLIENT = '''

class Client:
    """Calls the API of one address for one shop.

    Parameters
    ----------
    base_url : str
        Address of the API, without `/v1`.
    token : str or None, default=None
        Access token.
    api_key : str or None, default=None
        API key, for programs; used where there is no token.
    timeout_seconds : float, default=30.0
        How long to wait for an answer.
    attempts : int, default=3
        How often a request that met a fault is sent at most.
    """

    def __init__(
        self,
        base_url: str,
        token: str | None = None,
        api_key: str | None = None,
        timeout_seconds: float = 30.0,
        attempts: int = 3,
    ) -> None:
        if not base_url.startswith(("http://", "https://")):
            raise ValueError(f"'{base_url}' is no http or https address")
        self.base_url = base_url.rstrip("/")
        self.token = token
        self.api_key = api_key
        self.timeout_seconds = timeout_seconds
        self.attempts = attempts

    def _call(
        self,
        method: str,
        path: str,
        query: dict[str, Any],
        headers: dict[str, Any],
        body: Any = None,
        file: tuple[str, bytes, str] | None = None,
    ) -> Any:
        """Send a request, again after a fault, and return what was answered."""
        url = self.base_url + path
        asked = {
            name: ("true" if value else "false") if isinstance(value, bool) else value
            for name, value in query.items()
            if value is not None
        }
        if asked:
            url += "?" + urllib.parse.urlencode(asked, doseq=True)
        sent = {name: str(value) for name, value in headers.items() if value is not None}
        if self.token is not None:
            sent["Authorization"] = f"Bearer {self.token}"
        elif self.api_key is not None:
            sent["X-Api-Key"] = self.api_key
        data: bytes | None = None
        if file is not None:
            data, sent["Content-Type"] = _form(*file)
        elif body is not None:
            data, sent["Content-Type"] = json.dumps(body).encode(), "application/json"
        for attempt in range(1, self.attempts + 1):
            try:
                return self._send(urllib.request.Request(url, data, sent, method=method))
            except ApiProblem as problem:
                if problem.status not in (429, 503) or attempt == self.attempts:
                    raise
                time.sleep(min(problem.retry_after_seconds or attempt, 30.0))
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                if attempt == self.attempts or (method != "GET" and "Idempotency-Key" not in sent):
                    raise
                time.sleep(0.2 * attempt)
        raise AssertionError("not reached")

    def _send(self, request: urllib.request.Request) -> Any:
        """Send a request once."""
        try:
            with urllib.request.urlopen(request, timeout=self.timeout_seconds) as answer:  # noqa: S310
                raw = answer.read()
                kind = answer.headers.get_content_type()
        except urllib.error.HTTPError as refused:
            with refused:
                raise _problem(refused) from None
        return json.loads(raw) if kind == "application/json" else raw.decode()

'''

_TAIL = '''

def _problem(refused: urllib.error.HTTPError) -> ApiProblem:
    """Read what was answered instead."""
    wait = refused.headers.get("Retry-After")
    try:
        problem = json.loads(refused.read())
    except ValueError:
        problem = {"code": "unreadable_answer", "detail": refused.reason}
    return ApiProblem(refused.code, problem, float(wait) if wait else None)


def _form(name: str, content: bytes, file_name: str) -> tuple[bytes, str]:
    """Write a file as a form."""
    edge = uuid.uuid4().hex
    safe = "".join(letter for letter in file_name if letter.isprintable() and letter not in '"\\\\') or "file"
    head = f'--{edge}\\r\\nContent-Disposition: form-data; name="{name}"; filename="{safe}"\\r\\n'
    head += "Content-Type: application/octet-stream\\r\\n\\r\\n"
    return head.encode() + content + f"\\r\\n--{edge}--\\r\\n".encode(), f"multipart/form-data; boundary={edge}"
'''


def write_python(document: dict[str, Any]) -> str:
    """Return the text of the client."""
    models = [_model(name, schema) for name, schema in document["components"]["schemas"].items()]
    methods = [_method(operation) for operation in operations(document)]
    return _HEAD + "".join(models) + _CLIENT + "\n".join(methods) + _TAIL


def python_type(schema: dict[str, Any]) -> str:
    """Write the type of a schema."""
    if "$ref" in schema:
        return class_name(schema["$ref"].rpartition("/")[2])
    if "const" in schema:
        return f"Literal[{schema['const']!r}]"
    if "enum" in schema:
        return f"Literal[{', '.join(repr(each) for each in schema['enum'])}]"
    if "anyOf" in schema or "oneOf" in schema:
        parts = [python_type(each) for each in schema.get("anyOf") or schema["oneOf"]]
        return " | ".join(dict.fromkeys(parts))
    match schema.get("type"):
        case "array":
            return f"list[{python_type(schema.get('items', {}))}]"
        case "object":
            inner = schema.get("additionalProperties")
            return f"dict[str, {python_type(inner) if isinstance(inner, dict) else 'Any'}]"
    plain = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
    return plain.get(str(schema.get("type")), "Any")


def _model(name: str, schema: dict[str, Any]) -> str:
    """Write one schema as a type."""
    own = class_name(name)
    about = _sentence(schema.get("description", own))
    if "properties" not in schema:
        return f"\n\n{own} = {python_type(schema)}\n"
    lines = []
    required = schema.get("required", [])
    for field, part in schema["properties"].items():
        kind = python_type(part)
        lines.append(f"    {field}: {kind if field in required else f'NotRequired[{kind}]'}")
        if field != field.strip() or not field.isidentifier() or keyword.iskeyword(field):
            raise ValueError(f"'{name}.{field}' is no name of a field in Python")
    return f'\n\nclass {own}(TypedDict):\n    """{about}"""\n\n' + "\n".join(lines) + "\n"


def _method(operation: Operation) -> str:
    """Write one operation as a method."""
    given = ["self"]
    given += [f"{p.word}: {python_type(p.schema)}" for p in operation.of("path")]
    given += [f"body: {python_type(operation.body)}"] if operation.body else []
    given += ["content: bytes", 'file_name: str = "file"'] if operation.file_field else []
    named = [_optional(p) for p in (*operation.of("query"), *operation.of("header"))]
    named += ["idempotency_key: str | None = None"] if operation.has_key else []
    if named:
        given += ["*", *named]
    answer = python_type(operation.answer) if operation.answer else "str"
    path = re.sub(r"\{(\w+)\}", r"{_quoted(\1)}", operation.path).replace("_quoted(", "urllib.parse.quote(")
    path = re.sub(r"quote\((\w+)\)", r"quote(\1, safe='')", path)
    query = ", ".join(f'"{p.name}": {p.word}' for p in operation.of("query"))
    headers = [f'"{p.name}": {p.word}' for p in operation.of("header")]
    if operation.has_key:
        headers.append('"Idempotency-Key": idempotency_key or uuid.uuid4().hex')
    sent = f"{{{query}}}, {{{', '.join(headers)}}}"
    sent += ", body" if operation.body else ""
    sent += f', file=("{operation.file_field}", content, file_name)' if operation.file_field else ""
    literal = f'f"{path}"' if "{" in path else f'"{path}"'
    call = f'self._call("{operation.method.upper()}", {literal}, {sent})'
    return (
        f"    def {operation.name}(\n        {', '.join(given)}\n    ) -> {answer}:\n"
        f'        """{_sentence(operation.description)}"""\n'
        f'        return cast("{answer}", {call})\n'.replace('cast("str"', "cast(str")
    )


def _optional(parameter: Parameter) -> str:
    """Write a parameter that may be left out."""
    kind = python_type(parameter.schema)
    if parameter.required:
        return f"{parameter.word}: {kind}"
    return f"{parameter.word}: {kind if 'None' in kind.split(' | ') else f'{kind} | None'} = None"


def _sentence(text: str) -> str:
    """Return the first paragraph as one line that a docstring can hold."""
    return " ".join(text.split("\n\n", maxsplit=1)[0].split()).replace("\\", "\\\\").replace('"""', "'''")
