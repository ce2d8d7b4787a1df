"""The JSON form of messages: frozen dataclasses to JSON values and back, with every field checked.

A reader and a writer are built once for each type, because inspecting annotations for every value of a long history
is slow.
"""

from __future__ import annotations

import dataclasses
import json
import math
import types
import typing
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from typing import Any, Literal, Self

from samaan_ml.domain.errors import RuleError

# Path of a value: the path of its container, and its field name or index. Formatted only for errors.
Path = tuple[Any, str | int] | None
Reader = Callable[[Any, Path, bool], Any]
Writer = Callable[[Any], Any]


class Message:
    """A frozen dataclass with a JSON form; subclasses only list their fields."""

    __slots__ = ()

    def to_json(self) -> dict[str, Any]:
        """Turn the message into JSON values."""
        kind: Any = type(self)
        return typing.cast(dict[str, Any], _message_writer(kind)(self))

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
        kind: Any = cls
        return typing.cast(Self, _message_reader(kind)(raw, None, ignore_unknown))


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


@cache
def _hints(cls: type) -> dict[str, Any]:
    """Resolve the field types of a message once."""
    return typing.get_type_hints(cls)


def _is_optional(kind: Any) -> bool:
    """Tell whether a type is one that may be None."""
    return typing.get_origin(kind) in (typing.Union, types.UnionType)


def _present(kind: Any) -> Any:
    """Return the type of an optional value that is there."""
    return next(each for each in typing.get_args(kind) if each is not type(None))


def _is_message(kind: Any) -> bool:
    """Tell whether a type is a message."""
    return isinstance(kind, type) and issubclass(kind, Message)


@cache
def _writer(kind: Any) -> Writer | None:
    """Make the function that writes values of a type; None where JSON takes them as they are."""
    if _is_optional(kind):
        write = _writer(_present(kind))
        return write and (lambda value: None if value is None else write(value))
    if typing.get_origin(kind) is tuple:
        each = _writer(typing.get_args(kind)[0])
        return list if each is None else lambda values: [each(value) for value in values]
    if kind in (date, datetime):
        return lambda value: value.isoformat()
    if _is_message(kind):
        return _message_writer(kind)
    return None


@cache
def _message_writer(cls: type) -> Writer:
    """Make the function that writes messages of a class."""
    hints = _hints(cls)
    fields = [(each.name, _writer(hints[each.name])) for each in dataclasses.fields(cls)]

    def write(message: Any) -> dict[str, Any]:
        return {
            name: getattr(message, name) if to_json is None else to_json(getattr(message, name))
            for name, to_json in fields
        }

    return write


@cache
def _message_reader(cls: type) -> Reader:
    """Make the function that reads messages of a class."""
    hints = _hints(cls)
    known = frozenset(hints)
    fields = [
        (each.name, _reader(hints[each.name]), each.default is dataclasses.MISSING)
        for each in dataclasses.fields(cls)
    ]

    def read(raw: Any, at: Path, ignore_unknown: bool) -> Any:
        if not isinstance(raw, dict):
            name = "".join((_name(at), ".")) if at else cls.__name__
            got = type(raw).__name__
            raise RuleError(f"'{name}' must be an object, got '{got}'", field=name if at else None)
        if not ignore_unknown and not raw.keys() <= known:
            unknown = _name((at, min(set(raw) - known)))
            raise RuleError(f"'{unknown}' is not a field of {cls.__name__}", field=unknown)
        values: dict[str, Any] = {}
        for name, from_json, needed in fields:
            if name in raw:
                values[name] = from_json(raw[name], (at, name), ignore_unknown)
            elif needed:
                missing = _name((at, name))
                raise RuleError(f"'{missing}' is missing", field=missing)
        return cls(**values)

    return read


@cache
def _reader(kind: Any) -> Reader:
    """Make the function that reads values of a type."""
    origin = typing.get_origin(kind)
    if _is_optional(kind):
        read = _reader(_present(kind))
        return lambda raw, at, ignore: None if raw is None else read(raw, at, ignore)
    if origin is tuple:
        return _tuple_reader(typing.get_args(kind)[0])
    if origin is Literal:
        return _literal_reader(typing.get_args(kind))
    if origin is dict:
        return _read_dict
    if _is_message(kind):
        return _message_reader(kind)
    return {str: _read_text, int: _read_int, bool: _read_bool, float: _read_float}.get(kind) or _time_reader(
        kind
    )


def _tuple_reader(inner: Any) -> Reader:
    """Make the function that reads a list; a list of plain numbers is checked as a whole."""
    read, plain = _reader(inner), _plain(inner)

    def read_list(raw: Any, at: Path, ignore_unknown: bool) -> tuple[Any, ...]:
        if not isinstance(raw, list):
            raise _wrong(at, "a list", raw)
        if set(map(type, raw)) <= plain:
            _check_largest(raw, inner, at)
            return tuple(raw)
        return tuple([read(each, (at, place), ignore_unknown) for place, each in enumerate(raw)])

    return read_list


@cache
def _plain(kind: Any) -> frozenset[type]:
    """Name the JSON types that a type takes as they are; empty where each value needs a look."""
    whole = set(typing.get_args(kind) if _is_optional(kind) else (kind,))
    return frozenset(whole) if whole <= {int, float, str, type(None)} else frozenset()


_LARGEST = 10**15


_FIRST_YEAR, _LAST_YEAR = 1900, 2200


def _check_largest(raw: list[Any], kind: Any, at: Path) -> None:
    """Refuse numbers that are not finite, and whole ones beyond what models can count with."""
    known = [each for each in raw if each is not None] if _is_optional(kind) else raw
    if not known or isinstance(known[0], str):
        return
    if isinstance(known[0], float):
        if not all(map(math.isfinite, known)):
            place = next(n for n, each in enumerate(raw) if each is not None and not math.isfinite(each))
            raise _wrong((at, place), "a finite number", raw[place])
    elif max(known) > _LARGEST or min(known) < -_LARGEST:
        raise _wrong(at, f"whole numbers from {-_LARGEST} to {_LARGEST}", max(known, key=abs))


def _literal_reader(allowed: tuple[Any, ...]) -> Reader:
    """Make the function that reads one of some values."""

    def read(raw: Any, at: Path, ignore_unknown: bool) -> Any:  # noqa: ARG001
        if raw not in allowed:
            raise _wrong(at, "one of " + ", ".join(map(str, allowed)), raw)
        return raw

    return read


def _read_dict(raw: Any, at: Path, ignore_unknown: bool) -> Any:  # noqa: ARG001
    if not isinstance(raw, dict):
        raise _wrong(at, "an object", raw)
    return raw


def _read_text(raw: Any, at: Path, ignore_unknown: bool) -> Any:  # noqa: ARG001
    if type(raw) is not str:
        raise _wrong(at, "a text", raw)
    return raw


def _read_bool(raw: Any, at: Path, ignore_unknown: bool) -> Any:  # noqa: ARG001
    if type(raw) is not bool:
        raise _wrong(at, "true or false", raw)
    return raw


def _read_int(raw: Any, at: Path, ignore_unknown: bool) -> Any:  # noqa: ARG001
    if type(raw) is not int:
        raise _wrong(at, "a whole number", raw)
    if not -_LARGEST <= raw <= _LARGEST:
        raise _wrong(at, f"whole numbers from {-_LARGEST} to {_LARGEST}", raw)
    return raw


def _read_float(raw: Any, at: Path, ignore_unknown: bool) -> float:  # noqa: ARG001
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise _wrong(at, "a finite number", raw)
    try:
        number = float(raw)
    except OverflowError:  # a whole number of hundreds of digits
        number = math.inf
    if not math.isfinite(number):
        raise _wrong(at, "a finite number", raw)
    return number


def _time_reader(kind: Any) -> Reader:
    """Make the function that reads a day, or an instant with its zone."""
    wanted = "a date like 2026-01-31" if kind is date else "an instant like 2026-01-31T18:00:00Z"

    def read(raw: Any, at: Path, ignore_unknown: bool) -> date | datetime:  # noqa: ARG001
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

    return read


def _name(at: Path) -> str:
    """Write a path out, such as `items.3.start`."""
    parts: list[str] = []
    while at is not None:
        at, part = at
        parts.append(str(part))
    return ".".join(reversed(parts))


def _wrong(at: Path, wanted: str, raw: Any) -> RuleError:
    """Return what was wanted and what was got."""
    name = _name(at)
    return RuleError(f"'{name}' must be {wanted}, got '{str(raw)[:60]}'", field=name)
