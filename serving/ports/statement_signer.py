"""The shop's signature under a khata statement, which a customer checks with the published key alone."""

from collections.abc import Mapping
from typing import Protocol


class StatementSigner(Protocol):
    """Signs with Ed25519; a structural twin of `samaan_ml.domain.ed25519.Signer` that publishes its keys."""

    @property
    def key_id(self) -> str:
        """Name of the key that signs: it follows from the public key."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of a signature."""
        ...

    def public_keys(self) -> Mapping[str, bytes]:
        """Return every key by its name, those that signed before included: 32 bytes each."""
        ...
