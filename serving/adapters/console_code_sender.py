"""Sign-in codes on the terminal of the service: the embedded default, for one machine."""

import sys


class ConsoleCodeSender:
    """Writes the code to standard error, past the log, which must hold neither codes nor phones."""

    def send(self, phone: str, code: str) -> None:
        """Show the code and the end of the number."""
        sys.stderr.write(f"sign-in code for the phone ending in {phone[-4:]}: {code}\n")
