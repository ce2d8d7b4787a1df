"""Files: photographs of bills, imported sheets."""

from typing import Protocol


class BlobStore(Protocol):
    """Keeps bytes under a key of letters, digits, `-`, `_`, `.` and `/`."""

    def put(self, key: str, data: bytes) -> None:
        """Keep the bytes; half a file is never seen.

        Raises
        ------
        StoreUnavailable
            When they could not be kept.
        """
        ...

    def get(self, key: str) -> bytes:
        """Return the bytes, or raise NotFound."""
        ...

    def delete(self, key: str) -> None:
        """Delete the bytes; none there is no error."""
        ...
