"""The machine's clock."""

from datetime import UTC, datetime


class SystemClock:
    """Reads the time of the machine."""

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        return datetime.now(UTC)
