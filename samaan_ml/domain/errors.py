"""The root of every error this project raises on purpose.

SamaanError
├── RuleError            a request that breaks a rule of the shop's world (logical: the caller fixes it)
└── (samaan_ml.exceptions adds the library's branches, serving.errors the API's)
"""


class SamaanError(Exception):
    """Root of all errors raised on purpose; its text is fit to show to a user."""


class RuleError(SamaanError, ValueError):
    """A value or a step that the rules of the domain do not allow.

    Parameters
    ----------
    message : str
        What was wrong, what was got, what to do.
    field : str or None, default=None
        The field at fault, where there is one.
    hint : str or None, default=None
        What the caller can do instead.
    """

    def __init__(self, message: str, field: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.field = field
        self.hint = hint
