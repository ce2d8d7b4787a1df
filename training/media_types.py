"""Content types and Accept lists as clients of endpoints write them."""

from __future__ import annotations

from collections.abc import Collection

__all__ = ["chosen", "media_type"]

_ALIASES = {
    "application/x-jsonlines": "application/jsonlines",
    "application/jsonl": "application/jsonlines",
    "application/x-ndjson": "application/jsonlines",
    "application/vnd.apache.parquet": "application/x-parquet",
    "text/json": "application/json",
    "application/csv": "text/csv",
}
_MOST_RANGES = 32


def media_type(text: str) -> str:
    """Read a content type: in any case, without its parameters, by its usual name.

    Examples
    --------
    >>> media_type("Application/X-JsonLines; charset=utf-8")
    'application/jsonlines'
    """
    bare = text.split(";", 1)[0].strip().lower()
    return _ALIASES.get(bare, bare)


def chosen(accept: str, kind: str, offered: Collection[str]) -> str | None:
    """Choose what to answer by an Accept list; None where nothing fits.

    Parameters
    ----------
    accept : str
        The list, with wildcards and weights (RFC 9110); empty accepts everything.
    kind : str
        Type of the body, which is preferred where the list leaves the choice.
    offered : collection of str
        Types that the body can be answered in.

    Examples
    --------
    >>> chosen("text/html, application/json;q=0.9, */*;q=0.1", "text/csv", ["text/csv", "application/json"])
    'application/json'
    """
    if not accept.strip():
        return kind
    ranges = sorted(map(_weighed, accept.split(",")[:_MOST_RANGES]), key=lambda each: -each[1])
    for wanted, weight in ranges:
        fitting = [each for each in (kind, *offered) if each in offered and _fits(each, wanted)]
        if weight > 0 and fitting:
            return fitting[0]
    return None


def _weighed(text: str) -> tuple[str, float]:
    """Read one range and its weight; a weight that is none counts fully."""
    _, *parameters = text.split(";")
    weight = 1.0
    for each in parameters:
        name, _, value = each.partition("=")
        if name.strip().lower() == "q":
            try:
                weight = float(value)
            except ValueError:
                weight = 1.0
    return media_type(text), weight


def _fits(kind: str, wanted: str) -> bool:
    """Return whether a type is within a range."""
    return wanted in ("*/*", "*", kind) or (wanted.endswith("/*") and kind.startswith(wanted[:-1]))
