"""Sending a sign-in code to a phone."""

from typing import Protocol


class CodeSender(Protocol):
    """Hands one code to the phone's operator."""

    def send(self, phone: str, code: str) -> None:
        """Send it.

        Raises
        ------
        ServiceUnavailable
            When it was not taken.
        """
        ...
