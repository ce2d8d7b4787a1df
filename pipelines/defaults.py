"""A definition with other defaults of its parameters."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pipelines.local import Parameter
from samaan_ml.exceptions import ParameterError

__all__ = ["with_defaults"]


def with_defaults(definition: str, parameters: Mapping[str, str]) -> str:
    """Return a definition's parameters other defaults.

    Raises
    ------
    ParameterError
        When it has no such parameter, or the value is of another type.
    """
    document = json.loads(definition)
    known: Sequence[dict[str, Any]] = document["Parameters"]
    unknown = sorted(set(parameters) - {each["Name"] for each in known})
    if unknown:
        raise ParameterError(
            f"the pipeline has no parameter '{unknown[0]}'; it has: {', '.join(e['Name'] for e in known)}"
        )
    for each in known:
        if each["Name"] in parameters:
            each["DefaultValue"] = _typed(each, parameters[each["Name"]])
    return json.dumps(document)


def _typed(parameter: Mapping[str, Any], text: str) -> Any:
    """Read a parameter's value as the parameter's type."""
    kind = Parameter(parameter["Name"], parameter["Type"], choices=tuple(parameter.get("EnumValues") or ()))
    try:
        return kind.read(text)
    except ValueError as error:
        raise ParameterError(str(error)) from None
