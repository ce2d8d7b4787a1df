"""Reports which changes of an OpenAPI document would break a client that was written for the one before."""

from collections.abc import Iterator
from typing import Any

from clients.generator.operations import Operation, operations, resolved

_Shape = dict[str, Any]


def breaking_changes(before: _Shape, after: _Shape) -> list[str]:
    """Compare two documents.

    Breaking is: an operation, an answer's field or a value that a caller may send is removed; a field or parameter
    is newly required or of another type; an answer's field may newly be left out.

    Parameters
    ----------
    before : dict
        The document that clients know.
    after : dict
        The document that is to replace it.

    Returns
    -------
    list of str
        One line a change, empty where old clients go on working.
    """
    new = {(each.method, each.path): each for each in operations(after)}
    found: list[str] = []
    for old in operations(before):
        name = f"{old.method.upper()} {old.path}"
        if (old.method, old.path) not in new:
            found.append(f"{name}: is gone")
            continue
        found += _operation(name, old, new[old.method, old.path], before, after)
    return sorted(dict.fromkeys(found))


def _operation(name: str, old: Operation, now: Operation, before: _Shape, after: _Shape) -> Iterator[str]:
    """Compare one operation."""
    known = {(p.place, p.name): p for p in old.parameters}
    here = {(p.place, p.name) for p in now.parameters}
    for place, word in known:
        if (place, word) not in here:
            yield f"{name}: the parameter '{word}' is gone"
    for p in now.parameters:
        was = known.get((p.place, p.name))
        if p.required and (was is None or not was.required):
            yield f"{name}: the parameter '{p.name}' is newly required"
        if was is not None:
            yield from _taken(f"{name} {p.name}", was.schema, p.schema, before, after, frozenset())
    good = {status for status in old.statuses if status[0] == "2"}
    for status in sorted(good - set(now.statuses)):
        yield f"{name}: no longer answers {status}"
    if now.body is not None:
        yield from _taken(f"{name} body", old.body or {}, now.body, before, after, frozenset())
    if old.answer is not None:
        yield from _given(f"{name} answer", old.answer, now.answer or {}, before, after, frozenset())


def _types(schema: _Shape, document: _Shape) -> set[str]:
    """Return the types that a value may have."""
    schema = resolved(schema, document)
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices:
        return set().union(*(_types(each, document) for each in choices))
    kind = schema.get("type")
    return {str(kind)} if kind else set()


def _values(schema: _Shape) -> set[str] | None:
    """Return the values that may be sent, None where they are not listed."""
    if "const" in schema:
        return {repr(schema["const"])}
    return {repr(each) for each in schema["enum"]} if "enum" in schema else None


def _taken(
    where: str, old: _Shape, now: _Shape, before: _Shape, after: _Shape, seen: frozenset[str]
) -> Iterator[str]:
    """Compare what is sent to the API: all that was accepted must be accepted."""
    lost = (
        _types(old, before) - _types(now, after) - ({"integer"} if "number" in _types(now, after) else set())
    )
    if lost and _types(now, after):
        yield f"{where}: no longer takes {', '.join(sorted(lost))}"
        return
    for one, other, deeper in _pairs(old, now, before, after, seen):
        values, fewer = _values(other), _values(one)
        if values is not None and (fewer is None or fewer - values):
            yield f"{where}: no longer takes {', '.join(sorted((fewer or {'any text'}) - values))}"
        fields, known = other.get("properties", {}), one.get("properties", {})
        for field in set(other.get("required", [])) - set(one.get("required", [])):
            yield f"{where}.{field}: is newly required"
        for field, part in known.items():
            if field in fields:
                yield from _taken(f"{where}.{field}", part, fields[field], before, after, deeper)
            elif other.get("additionalProperties") is False:
                yield f"{where}.{field}: is no longer taken"


def _given(
    where: str, old: _Shape, now: _Shape, before: _Shape, after: _Shape, seen: frozenset[str]
) -> Iterator[str]:
    """Compare what the API answers: all that was there must be there, and nothing of another type."""
    new_types = _types(now, after) - _types(old, before)
    new_types -= {"integer"} if "number" in _types(old, before) else set()
    if new_types and _types(old, before):
        yield f"{where}: may newly be {', '.join(sorted(new_types))}"
        return
    for one, other, deeper in _pairs(old, now, before, after, seen):
        fields = other.get("properties", {})
        for field, part in one.get("properties", {}).items():
            if field not in fields:
                yield f"{where}.{field}: is gone"
                continue
            if field in one.get("required", []) and field not in other.get("required", []):
                yield f"{where}.{field}: may newly be left out"
            yield from _given(f"{where}.{field}", part, fields[field], before, after, deeper)


def _pairs(
    old: _Shape, now: _Shape, before: _Shape, after: _Shape, seen: frozenset[str]
) -> Iterator[tuple[_Shape, _Shape, frozenset[str]]]:
    """Pair the parts of two schemas that stand for the same: objects, items of lists, choices in their order."""
    name = str(old.get("$ref", ""))
    if name and name in seen:
        return
    deeper = seen | {name} if name else seen
    old, now = resolved(old, before), resolved(now, after)
    choices = [old.get("anyOf") or old.get("oneOf"), now.get("anyOf") or now.get("oneOf")]
    if any(choices):
        ones, others = (
            [each for each in found or [plain] if resolved(each, document).get("type") != "null"]
            for found, plain, document in ((choices[0], old, before), (choices[1], now, after))
        )
        for one, other in zip(ones, others, strict=False):
            yield from _pairs(one, other, before, after, deeper)
    elif "items" in old and "items" in now:
        yield from _pairs(old["items"], now["items"], before, after, deeper)
    else:
        yield old, now, deeper
