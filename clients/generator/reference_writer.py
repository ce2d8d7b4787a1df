"""Writes the pages of `docs/reference/api`: one a slice, and a front page with the rules that all share."""

import json
from collections.abc import Iterator
from typing import Any

from clients.generator.operations import Operation, operations
from serving.errors import PortError, RequestError
from serving.http.problems import PLAIN_CODES

_NOTE = "<!-- Written by `python -m clients.generator`: change the API, not this page. -->\n\n"


def write_reference(document: dict[str, Any]) -> dict[str, str]:
    """Return the text of each page by its file name."""
    by_tag: dict[str, list[Operation]] = {}
    for operation in operations(document):
        by_tag.setdefault(operation.tag, []).append(operation)
    pages = {f"{tag}.md": _page(tag, found, document) for tag, found in by_tag.items()}
    return {"README.md": _front(by_tag, document), **pages}


def _front(by_tag: dict[str, list[Operation]], document: dict[str, Any]) -> str:
    """Write the front page."""
    lines = [_NOTE + "# The API", "", document["info"]["description"].strip(), ""]
    lines += [
        "The same as a document: `/openapi.json` of a running server, or `clients/openapi.json`. Clients:",
        "`clients/samaan_client.py` and `clients/samaan-client.ts`, one file each, without",
        "dependencies.",
        "",
        "| operation | what it does |",
        "|---|---|",
    ]
    for tag, found in by_tag.items():
        for each in found:
            link = f"[`{each.method.upper()} {each.path}`]({tag}.md#{each.name.replace('_', '-')})"
            lines.append(f"| {link} | {_cell(each.description)} |")
    lines += ["", "## Errors", "", "| status | code | when |", "|---|---|---|"]
    seen = set()
    for error in _family(*RequestError.__subclasses__(), PortError):
        status = getattr(error, "status", 503)
        if error.code not in seen:
            lines.append(f"| {status} | `{error.code}` | {_cell((error.__doc__ or '').split('.')[0])}. |")
        seen.add(error.code)
    lines += [f"| {status} | `{code}` | {_cell(when)} |" for code, (status, when) in PLAIN_CODES.items()]
    return "\n".join(lines) + "\n"


def _family(*roots: Any) -> Iterator[Any]:
    """Yield classes and all below them."""
    for root in roots:
        yield root
        yield from _family(*root.__subclasses__())


def _page(tag: str, found: list[Operation], document: dict[str, Any]) -> str:
    """Write the page of one slice."""
    parts = [_NOTE + f"# {tag.title()}\n"]
    shown: dict[str, None] = {}
    for each in found:
        parts.append(_operation(each))
        for schema in (each.body, each.answer):
            _collect(schema or {}, document, shown)
    parts.append("## Shapes\n")
    schemas = document["components"]["schemas"]
    parts += [_shape(name, schemas[name]) for name in sorted(shown)]
    return "\n".join(parts)


def _collect(schema: Any, document: dict[str, Any], shown: dict[str, None]) -> None:
    """Find the shapes that a schema leads to."""
    if isinstance(schema, dict):
        name = str(schema.get("$ref", "")).rpartition("/")[2]
        if name and name not in shown:
            shown[name] = None
            _collect(document["components"]["schemas"][name], document, shown)
        for part in schema.values():
            _collect(part, document, shown)
    elif isinstance(schema, list):
        for part in schema:
            _collect(part, document, shown)


def _operation(operation: Operation) -> str:
    """Write one operation."""
    lines = [f"## {operation.name.replace('_', '-')}", "", f"`{operation.method.upper()} {operation.path}`"]
    lines += ["", operation.description, ""]
    if not operation.needs_token:
        lines += ["No token is needed.", ""]
    if operation.parameters:
        lines += ["| parameter | in | type | |", "|---|---|---|---|"]
        for p in operation.parameters:
            about = ("required. " if p.required else "") + p.description
            lines.append(f"| `{p.name}` | {p.place} | {_word(p.schema)} | {_cell(about)} |")
        lines.append("")
    if operation.file_field:
        lines += [f"The body is a form with the file `{operation.file_field}`.", ""]
    if operation.body:
        text = json.dumps(operation.example, ensure_ascii=False, indent=1)
        lines += [f"The body is {_word(operation.body)}:", "", f"```json\n{text}\n```", ""]
    answer = f"{_word(operation.answer)}" if operation.answer else "text"
    good = [status for status in operation.statuses if status[0] == "2"]
    lines += [f"Answers {', '.join(good)} with {answer}; otherwise a [Problem](README.md#errors).", ""]
    return "\n".join(lines)


def _shape(name: str, schema: dict[str, Any]) -> str:
    """Write one shape."""
    lines = [f"### {name}", "", " ".join(schema.get("description", "").split()), ""]
    required = schema.get("required", [])
    if schema.get("properties"):
        lines += ["| field | type | |", "|---|---|---|"]
    for field, part in schema.get("properties", {}).items():
        about = part.get("description", "")
        if field not in required:
            default = json.dumps(part.get("default"), ensure_ascii=False)
            about = f"may be left out ({default}). {about}"
        lines.append(f"| `{field}` | {_word(part)} | {_cell(about)} |")
    return "\n".join(lines) + "\n"


def _word(schema: dict[str, Any]) -> str:
    """Write a type in words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "const" in schema or "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema.get("enum", [schema.get("const")]))
    if "anyOf" in schema:
        return " or ".join(_word(each) for each in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_word(schema.get('items', {}))}"
    bounds = [
        f"{sign} {int(schema[key]) if float(schema[key]).is_integer() else schema[key]}"
        for key, sign in (("minimum", "≥"), ("maximum", "≤"), ("maxLength", "length ≤"))
        if key in schema
    ]
    kind = str(schema.get("format") or schema.get("type", "any"))
    return f"{kind} ({', '.join(bounds)})" if bounds else kind


def _cell(text: str) -> str:
    """Write text so that a table can hold it."""
    return " ".join(text.split()).replace("|", "\\|")
