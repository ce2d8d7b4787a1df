"""Examples for the OpenAPI document: made from the field's own examples, defaults and bounds, so that they hold."""

import re
from typing import Any

_TEXTS = ("text", "12345678", "a@b", "meena@example.in", "2026-01", "en", "IN", "1.0", "a" * 64)
_FORMATS = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T18:00:00+05:30",
    "email": "meena@example.in",
    "uri": "https://example.in/",
    "time": "18:00:00",
    "binary": "(the file)",
}
_DEEPEST = 8


def add_examples(document: dict[str, Any]) -> dict[str, Any]:
    """Return every JSON body and good answer of a document one example, where it has none."""
    for path in document.get("paths", {}).values():
        for operation in path.values():
            if not isinstance(operation, dict):
                continue
            answers = operation.get("responses", {})
            good = [answer for status, answer in answers.items() if status.startswith("2")]
            for part in (operation.get("requestBody", {}), *good):
                for kind, media in part.get("content", {}).items():
                    if "json" in kind and "schema" in media:
                        media.setdefault("example", sample(media["schema"], document))
    return document


def sample(schema: dict[str, Any], document: dict[str, Any], depth: int = 0) -> Any:
    """Make a value that the schema allows.

    Parameters
    ----------
    schema : dict
        Schema of the value.
    document : dict
        The document that its references point into.
    depth : int, default=0
        How deep the value lies; very deep optional parts are left out.
    """
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return sample(document["components"]["schemas"][name], document, depth + 1)
    for known in ("const", "example", "default"):
        if schema.get(known) is not None:
            return schema[known]
    if schema.get("examples") or schema.get("enum"):
        return (schema.get("examples") or schema["enum"])[0]
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices:
        some = [choice for choice in choices if choice.get("type") != "null"]
        return sample(some[0], document, depth) if some and depth < _DEEPEST else None
    match schema.get("type"):
        case "object":
            return _object(schema, document, depth)
        case "array":
            return _array(schema, document, depth)
        case "string":
            return _text(schema)
        case "integer" | "number":
            return _number(schema)
        case "boolean":
            return False
        case "null":
            return None
    return {}


def _object(schema: dict[str, Any], document: dict[str, Any], depth: int) -> dict[str, Any]:
    """Fill what is required, and what brings an example of its own."""
    made = {}
    required = schema.get("required", [])
    for name, part in schema.get("properties", {}).items():
        if name in required or part.get("examples") is not None:
            made[name] = sample(part, document, depth + 1)
    for name, part in [*schema.get("properties", {}).items()][: not made]:
        made[name] = sample(part, document, depth + 1)
    if schema.get("minProperties", 0) > len(made):
        made["name"] = sample(schema.get("additionalProperties", {}), document, depth + 1)
    return made


def _array(schema: dict[str, Any], document: dict[str, Any], depth: int) -> list[Any]:
    """Fill one place, or as many as must be."""
    if "prefixItems" in schema:
        return [sample(each, document, depth + 1) for each in schema["prefixItems"]]
    if depth >= _DEEPEST and not schema.get("minItems"):
        return []
    return [sample(schema.get("items", {}), document, depth + 1)] * max(1, schema.get("minItems", 1))


def _text(schema: dict[str, Any]) -> str:
    """Choose a text of the format, the pattern and the length."""
    if schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    least, most = schema.get("minLength", 0), schema.get("maxLength", 1 << 20)
    for text in _TEXTS:
        long_enough = text.ljust(least, "x")[:most]
        if "pattern" not in schema or re.search(schema["pattern"], long_enough):
            return long_enough
    raise ValueError(f"no example fits the pattern '{schema['pattern']}'; give the field `examples`")


def _number(schema: dict[str, Any]) -> int | float:
    """Choose a number within the bounds, 1 where they allow it."""
    least = schema.get("minimum", schema.get("exclusiveMinimum"))
    most = schema.get("maximum", schema.get("exclusiveMaximum"))
    wanted: float = 1
    if least is not None and (wanted < least or schema.get("exclusiveMinimum") == wanted):
        wanted = least if "minimum" in schema else least + 1
    if most is not None and wanted > most:
        wanted = most
    if schema["type"] == "number" and wanted == schema.get("exclusiveMaximum"):
        return (0 if least is None else least) / 2 + wanted / 2
    return int(wanted) if float(wanted).is_integer() else wanted
