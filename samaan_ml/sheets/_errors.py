"""Errors for sheets that cannot be read."""

from __future__ import annotations

from samaan_ml.domain.errors import RuleError

__all__ = ["SheetError"]


class SheetError(RuleError):
    """The file is not a sheet that can be read; the text says why.

    Parameters
    ----------
    message : str
        What is wrong with the file.
    field : str or None, default=None
        The option at fault, where there is one.
    hint : str or None, default=None
        What to do.
    """

    def __init__(self, message: str, field: str | None = None, hint: str | None = None) -> None:
        super().__init__(message, field)
        self.hint = hint
