"""The JSON form of messages: frozen dataclasses to JSON values and back, with every field checked."""

from __future__ import annotations

import dataclasses
import json
import math
import types
import typing
from datetime import date, datetime
from functools import cache
from typing import Any, Literal, Self

from samaan_ml.domain.errors import RuleError


class Message:
    """A frozen dataclass with a JSON form; subclasses only list their fields."""

    __slots__ = ()

    def to_json(self) -> dict[str, Any]:
        """Turn the message into JSON values."""
        return {f.name: _encode(getattr(self, f.name)) for f in dataclasses.fields(self)}  # type: ignore[arg-type]

    @classmethod
    def from_json(cls, raw: Any, *, ignore_unknown: bool = False) -> Self:
        """Read the message from JSON values.

        Parameters
        ----------
        raw : object
            What JSON held.
        ignore_unknown : bool, default=False
            Whether fields of a later version are left out instead of refused, for what a newer program wrote.

        Raises
        ------
        RuleError
            Naming the field, when one is missing, unknown or of another type.
        """
        return typing.cast(Self, _decode_message(cls, raw, "", ignore_unknown))


def _decode(document: bytes | str, kinds: dict[str, Any], *, ignore_unknown: bool) -> Any:
    """Read a document of one of the kinds."""
    try:
        raw = json.loads(document)
    except ValueError as error:
        raise RuleError(f"the message is not JSON: {error}") from None
    except RecursionError:
        raise RuleError("the message is nested too deeply") from None
    if not isinstance(raw, dict) or str(raw.get("kind")) not in kinds:
        got = raw.get("kind") if isinstance(raw, dict) else type(raw).__name__
        raise RuleError(f"'kind' must be one of {', '.join(kinds)}, got '{got}'", field="kind")
    kind = str(raw.pop("kind"))
    return kinds[kind].from_json(raw, ignore_unknown=ignore_unknown)


def _encode(value: Any) -> Any:
    """Turn a field's value into JSON values."""
    if isinstance(value, Message):
        return value.to_json()
    if isinstance(value, tuple):
        return [_encode(each) for each in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


@cache
def _hints(cls: type) -> dict[str, Any]:
    """Resolve the field types of a message once."""
    return typing.get_type_hints(cls)


def _decode_message(cls: type, raw: Any, at: str, ignore_unknown: bool) -> Any:
    """Read one message, naming the path of the field at fault."""
    if not isinstance(raw, dict):
        raise RuleError(
            f"'{at or cls.__name__}' must be an object, got '{type(raw).__name__}'", field=at or None
        )
    hints = _hints(cls)
    unknown = sorted(set(raw) - set(hints))
    if unknown and not ignore_unknown:
        raise RuleError(f"'{at + unknown[0]}' is not a field of {cls.__name__}", field=at + unknown[0])
    values: dict[str, Any] = {}
    for each in dataclasses.fields(cls):
        if each.name in raw:
            values[each.name] = _decode_value(
                hints[each.name], raw[each.name], at + each.name, ignore_unknown
            )
        elif each.default is dataclasses.MISSING:
            raise RuleError(f"'{at + each.name}' is missing", field=at + each.name)
    return cls(**values)


def _decode_value(kind: Any, raw: Any, at: str, ignore_unknown: bool) -> Any:
    """Read one value of an annotated type."""
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        if raw is None:
            return None
        inner = next(a for a in typing.get_args(kind) if a is not type(None))
        return _decode_value(inner, raw, at, ignore_unknown)
    if origin is tuple:
        if not isinstance(raw, list):
            raise _wrong(at, "a list", raw)
        inner = typing.get_args(kind)[0]
        if set(map(type, raw)) <= _plain(inner):  # a long history is not read value by value
            _check_largest(raw, inner, at)
            return tuple(raw)
        return tuple(_decode_value(inner, each, f"{at}.{i}", ignore_unknown) for i, each in enumerate(raw))
    if origin is Literal:
        if raw not in typing.get_args(kind):
            raise _wrong(at, "one of " + ", ".join(map(str, typing.get_args(kind))), raw)
        return raw
    if origin is dict:
        if not isinstance(raw, dict):
            raise _wrong(at, "an object", raw)
        return raw
    if isinstance(kind, type) and issubclass(kind, Message):
        return _decode_message(kind, raw, at + ".", ignore_unknown)
    return _decode_scalar(kind, raw, at)


@cache
def _plain(kind: Any) -> frozenset[type]:
    """Name the JSON types that a type takes as they are; empty where each value needs a look."""
    is_union = typing.get_origin(kind) in (typing.Union, types.UnionType)
    whole = set(typing.get_args(kind) if is_union else (kind,))
    return frozenset(whole) if whole <= {int, str, type(None)} else frozenset()


_LARGEST = 10**15


_FIRST_YEAR, _LAST_YEAR = 1900, 2200


_WORDS = {str: "a text", int: "a whole number", bool: "true or false", float: "a finite number"}


def _decode_scalar(kind: Any, raw: Any, at: str) -> Any:
    """Read a text, number, truth value, day or instant."""
    if kind is float and isinstance(raw, int | float) and not isinstance(raw, bool):
        try:
            number = float(raw)
        except OverflowError:  # a whole number of hundreds of digits
            number = math.inf
        if not math.isfinite(number):
            raise _wrong(at, "a finite number", raw)
        return number
    if kind in (date, datetime):
        return _decode_time(kind, raw, at)
    if type(raw) is not kind:
        raise _wrong(at, _WORDS[kind], raw)
    if kind is int:
        _check_largest([raw], int, at)
    return raw


def _check_largest(raw: list[Any], kind: Any, at: str) -> None:
    """Refuse whole numbers beyond what models can count with."""
    if kind is str:
        return
    known = raw if kind is int else [each for each in raw if each is not None]
    if known and isinstance(known[0], int) and (max(known) > _LARGEST or min(known) < -_LARGEST):
        raise _wrong(at, f"whole numbers from {-_LARGEST} to {_LARGEST}", max(known, key=abs))


def _decode_time(kind: Any, raw: Any, at: str) -> date | datetime:
    """Read a day, or an instant with its zone."""
    wanted = "a date like 2026-01-31" if kind is date else "an instant like 2026-01-31T18:00:00Z"
    if not isinstance(raw, str):
        raise _wrong(at, wanted, raw)
    try:
        value: date | datetime = kind.fromisoformat(raw)
    except ValueError:
        raise _wrong(at, wanted, raw) from None
    if isinstance(value, datetime) and value.tzinfo is None:
        raise _wrong(at, "an instant with a zone", raw)
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        raise _wrong(at, f"a day of {_FIRST_YEAR} to {_LAST_YEAR}", raw)
    return value


def _wrong(at: str, wanted: str, raw: Any) -> RuleError:
    """Return what was wanted and what was got."""
    return RuleError(f"'{at}' must be {wanted}, got '{str(raw)[:60]}'", field=at)
