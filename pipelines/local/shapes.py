"""The fields that a step's request must have for it to be run here, found missing or misshapen before anything runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["MAX_HOSTS", "misshapen"]

MAX_HOSTS = 64
"""The most processes that stand for a job's instances; a larger number is taken for a mistake."""

_OPEN = (frozenset(("Get",)), frozenset(("Std:Join",)), frozenset(("Std:JsonGet",)))


def misshapen(value: Any, fields: Mapping[str, Any], where: str = "") -> Iterator[str]:
    """Find what of a request is missing or of another shape; what a reference stands for is known later.

    Parameters
    ----------
    value : object
        The request, or a part of it.
    fields : mapping
        By name: a mapping of further fields, a list with one mapping for a list of such structures, a type, a list
        with one type, or "count" for a number of hosts. A name that ends in `?` may be left out.
    where : str, default=""
        Path of the part.

    Yields
    ------
    str
        Field and what is wrong.

    Examples
    --------
    >>> list(misshapen({"Input": [{"Uri": 5}]}, {"Input": [{"Uri": str}], "Name?": str}))
    ["Input[0].Uri: must be text, got 5"]
    >>> list(misshapen({"Input": {"Get": "Parameters.Input"}}, {"Input": [{"Uri": str}]}))
    []
    """
    if not isinstance(value, Mapping):
        yield f"{where or 'Arguments'}: must be a structure, got {value!r}"
        return
    for name, wanted in fields.items():
        field = f"{where}.{name}".strip(".").rstrip("?")
        found = value.get(name.rstrip("?"))
        if found is None:
            if not name.endswith("?"):
                yield f"{field}: missing"
        elif not _is_open(found):
            yield from _misshapen_field(found, wanted, field)


def _misshapen_field(found: Any, wanted: Any, field: str) -> Iterator[str]:
    """Find what of one field is wrong."""
    if isinstance(wanted, list):
        if not isinstance(found, list):
            yield f"{field}: must be a list, got {found!r}"
            return
        for place, each in enumerate(found):
            if not _is_open(each):
                yield from _misshapen_field(each, wanted[0], f"{field}[{place}]")
    elif isinstance(wanted, Mapping):
        yield from misshapen(found, wanted, field)
    elif wanted is str and not isinstance(found, str):
        yield f"{field}: must be text, got {found!r}"
    elif wanted is dict and not isinstance(found, Mapping):
        yield f"{field}: must be a structure, got {found!r}"
    elif wanted is float and (isinstance(found, bool) or not isinstance(found, int | float) or found <= 0):
        yield f"{field}: must be a number above zero, got {found!r}"
    elif wanted == "count" and (type(found) is not int or not 1 <= found <= MAX_HOSTS):
        yield f"{field}: must be a whole number from 1 to {MAX_HOSTS}, got {found!r}"


def _is_open(value: Any) -> bool:
    """Return whether a value is a reference, resolved only when its step runs."""
    return isinstance(value, Mapping) and set(value) in _OPEN
