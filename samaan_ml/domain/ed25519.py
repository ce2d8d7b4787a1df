"""Ed25519 signatures (RFC 8032): checking with the standard library alone, signing through `cryptography`.

Checking handles public data only, so plain integers do; signing handles a secret and is left to a library that
guards against timing. A customer's phone, a court or a script can check a statement without installing
anything.
"""

import hashlib
from typing import Protocol

from samaan_ml.domain.errors import SamaanError

_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)

Point = tuple[int, int, int, int]
"""Extended coordinates X, Y, Z, T with x = X / Z, y = Y / Z, x y = T / Z."""


class Signer(Protocol):
    """What signs statements: a private key and the name it is known by."""

    @property
    def key_id(self) -> str:
        """Return the key's name, under which its public half is published."""

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of an Ed25519 signature."""


class Ed25519Signer:
    """A signer over a raw private key.

    Parameters
    ----------
    key_id : str
        Name under which the public key is published.
    private_key : bytes
        32 bytes.

    Raises
    ------
    SamaanError
        If `cryptography` is not installed.
    """

    def __init__(self, key_id: str, private_key: bytes) -> None:
        try:
            from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        except ImportError:
            raise SamaanError(
                "signing needs 'cryptography'; run: pip install 'samaan-sathi[serving]'"
            ) from None
        self.key_id = key_id
        self._key = Ed25519PrivateKey.from_private_bytes(private_key)

    def sign(self, message: bytes) -> bytes:
        """Return the signature of a message."""
        return self._key.sign(message)

    @property
    def public_key(self) -> bytes:
        """Return the 32 bytes to publish."""
        return self._key.public_key().public_bytes_raw()


def verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether a signature is the key's own of this message.

    Examples
    --------
    The first test vector of RFC 8032, section 7.1:

    >>> key = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    >>> signature = bytes.fromhex(
    ...     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
    ...     "d25bf5f0595bbe24655141438e7a100b")
    >>> verify(key, b"", signature), verify(key, b"x", signature)
    (True, False)
    """
    if len(public_key) != 32 or len(signature) != 64:
        return False
    key, nonce = _decompress(public_key), _decompress(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if key is None or nonce is None or s >= _ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + public_key + message).digest()
    h = int.from_bytes(digest, "little") % _ORDER
    return _same(_times(s, _BASE), _plus(nonce, _times(h, key)))


def _plus(p: Point, q: Point) -> Point:
    """Add two points."""
    a = (p[1] - p[0]) * (q[1] - q[0]) % _P
    b = (p[1] + p[0]) * (q[1] + q[0]) % _P
    c = 2 * p[3] * q[3] * _D % _P
    d = 2 * p[2] * q[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(factor: int, point: Point) -> Point:
    """Multiply a point by doubling and adding."""
    total: Point = (0, 1, 1, 0)
    while factor:
        if factor & 1:
            total = _plus(total, point)
        point = _plus(point, point)
        factor >>= 1
    return total


def _same(p: Point, q: Point) -> bool:
    """Compare two points whatever their scale."""
    return (p[0] * q[2] - q[0] * p[2]) % _P == 0 and (p[1] * q[2] - q[1] * p[2]) % _P == 0


def _decompress(raw: bytes) -> Point | None:
    """Read a point from its 32 bytes; None where there is none."""
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    x = None if y >= _P else _x_of(y, sign)
    return None if x is None else (x, y, 1, x * y % _P)


def _x_of(y: int, sign: int) -> int | None:
    """Return the x of a y on the curve; None where there is none."""
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    if square == 0:
        return None if sign else 0
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT % _P
    if (x * x - square) % _P:
        return None
    return _P - x if x & 1 != sign else x


_BASE_Y = 4 * pow(5, _P - 2, _P) % _P
_BASE_X = _x_of(_BASE_Y, 0) or 0
_BASE: Point = (_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % _P)
