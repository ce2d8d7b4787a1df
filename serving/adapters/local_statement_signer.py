"""Signing keys of khata statements: from a setting, or in files beside the local issuer's keys."""

import base64
import binascii
import hashlib
import os
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from samaan_ml.domain.ed25519 import Ed25519Signer
from samaan_ml.domain.errors import RuleError
from serving.errors import StoreUnavailable


class LocalStatementSigner:
    """Signs with the last key, publishes all: a new key does not make the statements of before unreadable.

    Parameters
    ----------
    read_keys : callable
        Returns the private keys, 32 bytes each, the one to sign with last; called on first use.
    """

    def __init__(self, read_keys: Callable[[], Sequence[bytes]]) -> None:
        self._read_keys = read_keys
        self._lock = threading.Lock()
        self._signers: tuple[Ed25519Signer, ...] = ()

    @property
    def key_id(self) -> str:
        """Name of the key that signs."""
        return self._all()[-1].key_id

    def sign(self, message: bytes) -> bytes:
        """Return the signature of a message."""
        return self._all()[-1].sign(message)

    def public_keys(self) -> Mapping[str, bytes]:
        """Return every key by its name."""
        return {signer.key_id: signer.public_key for signer in self._all()}

    def _all(self) -> tuple[Ed25519Signer, ...]:
        """Read the keys once."""
        with self._lock:
            if not self._signers:
                self._signers = tuple(_signer(key) for key in self._read_keys())
            return self._signers


def keys_of_setting(value: str) -> tuple[bytes, ...]:
    """Read private keys from a setting: base64 of 32 bytes each, by comma, the one to sign with last.

    Raises
    ------
    RuleError
        When one is not 32 bytes in base64.
    """
    keys = []
    for number, text in enumerate(value.split(","), 1):
        try:
            key = base64.b64decode(text.strip(), validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != 32:
            raise RuleError(
                f"key {number} of SAMAAN_KHATA_KEYS is not 32 bytes in base64; "
                "make one with: openssl rand -base64 32",
                field="khata_keys",
            )
        keys.append(key)
    return tuple(keys)


def keys_of_folder(folder: Path) -> tuple[bytes, ...]:
    """Read the keys `khata-*.key` of a folder in order of name, writing the first one where there is none."""
    try:
        if not any(folder.glob("khata-*.key")):
            _write_key(folder)
        keys = tuple(path.read_bytes() for path in sorted(folder.glob("khata-*.key")))
    except OSError as error:
        raise StoreUnavailable(f"the signing key of statements cannot be read: {error.strerror}") from error
    if any(len(key) != 32 for key in keys):
        raise StoreUnavailable("a signing key of statements is not 32 bytes long")
    return keys


def _write_key(folder: Path) -> None:
    """Make a key that only its owner can read; two processes at once end with one and the same."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = folder / f".draft-{secrets.token_hex(8)}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(32))
    try:
        os.link(draft, folder / "khata-0001.key")
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _signer(private_key: bytes) -> Ed25519Signer:
    """Name a key by its public half, so that no other key can be published under its name."""
    nameless = Ed25519Signer("", private_key)
    return Ed25519Signer(hashlib.sha256(nameless.public_key).hexdigest()[:16], private_key)
