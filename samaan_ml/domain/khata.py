"""The two-sided khata: entries chained by hash, and a signed statement that a customer checks offline.

Every entry's hash covers the hash before it, so no past entry can be changed, dropped or slipped in without
breaking every later one. A statement carries its entries, the hash before them and the hash after them, signed
by the shop: anyone who holds it (a QR code on paper will do) can check, with no server, that the entries add up,
that the chain holds and that the shop said so; and can later hold the shop's book against it.
"""

import base64
import binascii
import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from samaan_ml.domain.ed25519 import Signer, verify
from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.ledger import LedgerEntry, effect_paise

PREFIX = "KHATA1:"
MAX_CHARACTERS = 65_536
QR_CHARACTERS = 2_331
"""What a QR code of version 40 holds in byte mode at error correction M."""
_MAX_BYTES = 1_000_000
_PUBLIC = ("entry_id", "kind", "amount_paise", "at", "due_on", "reverses", "reason", "note")


class KhataError(RuleError):
    """A chain or a statement does not hold; the text says where."""


@dataclass(frozen=True, slots=True)
class ChainLink:
    """An entry's place in its customer's chain.

    Parameters
    ----------
    sequence : int
        From 1, without gaps, in the order of acceptance.
    previous_hash : str
        Hash of the entry before; of the khata's name for the first.
    entry_hash : str
        SHA-256 over the previous hash and the entry, 64 hexadecimal digits.
    """

    sequence: int
    previous_hash: str
    entry_hash: str


@dataclass(frozen=True, slots=True)
class SignedStatement:
    """A statement as a customer holds it, after checking.

    Parameters
    ----------
    shop_id, customer_id : str
        Whose khata.
    issued_at : datetime
        When it was signed, UTC.
    first_sequence : int
        Place of the first entry in the chain.
    opening_paise, closing_paise : int
        Balances before the first and after the last entry.
    previous_hash, head_hash : str
        Hashes before the first and of the last entry.
    key_id : str
        Key that signed it.
    entries : tuple of LedgerEntry
        In the order of acceptance.
    """

    shop_id: str
    customer_id: str
    issued_at: datetime
    first_sequence: int
    opening_paise: int
    closing_paise: int
    previous_hash: str
    head_hash: str
    key_id: str
    entries: tuple[LedgerEntry, ...]


def genesis_hash(shop_id: str, customer_id: str) -> str:
    """Return what the first entry of a khata is chained to."""
    return _digest(json.dumps(["khata", shop_id, customer_id], ensure_ascii=False).encode())


def link(entry: LedgerEntry, previous: ChainLink | None) -> ChainLink:
    """Chain an entry to the one before (None for the first of its khata).

    The hash covers what the customer sees: everything but the name of the staff member who wrote it.
    """
    before = genesis_hash(entry.shop_id, entry.customer_id) if previous is None else previous.entry_hash
    sequence = 1 if previous is None else previous.sequence + 1
    body = json.dumps([before, sequence, *_public(entry)], ensure_ascii=False, separators=(",", ":"))
    return ChainLink(sequence, before, _digest(body.encode()))


def chain(entries: Iterable[LedgerEntry]) -> tuple[ChainLink, ...]:
    """Chain one customer's entries in the order of acceptance."""
    links: list[ChainLink] = []
    for entry in entries:
        links.append(link(entry, links[-1] if links else None))
    return tuple(links)


def verify_chain(pairs: Iterable[tuple[LedgerEntry, ChainLink]]) -> ChainLink | None:
    """Check a whole chain, in the order of acceptance, and return its head (None for an empty one).

    Raises
    ------
    KhataError
        Naming the first entry whose hash does not follow.
    """
    head: ChainLink | None = None
    for entry, stored in pairs:
        expected = link(entry, head)
        if stored != expected:
            raise KhataError(
                f"entry '{entry.entry_id}' (number {expected.sequence} of the khata) does not follow from the one "
                "before: it or an earlier entry was changed, dropped or slipped in"
            )
        head = stored
    return head


def sign_statement(
    entries: Sequence[LedgerEntry],
    signer: Signer,
    issued_at: datetime,
    *,
    last: int | None = None,
    links: Sequence[ChainLink] | None = None,
) -> str:
    """Write one customer's statement as a text that fits a QR code, signed by the shop.

    Parameters
    ----------
    entries : sequence of LedgerEntry
        All entries of the khata, in the order of acceptance.
    signer : Signer
        The shop's key.
    issued_at : datetime
        Aware instant.
    last : int or None, default=None
        How many of the last entries to show; the earlier ones are in the opening balance and, through the
        chain, in the hash. None shows all.
    links : sequence of ChainLink or None, default=None
        The entries' links, already checked; None chains them here.

    Returns
    -------
    str
        "KHATA1:" and two base64url parts, the statement and its signature.

    Raises
    ------
    KhataError
        If there is nothing to state, or a reversal cancels an entry that is not given.
    """
    if not entries:
        raise KhataError("the khata has no entries; there is nothing to sign")
    links = chain(entries) if links is None else links
    first = 0 if last is None else max(len(entries) - last, 0)
    known = {entry.entry_id: entry for entry in entries}
    effects = [effect_paise(entry, known.get(entry.reverses or "")) for entry in entries]
    body = {
        "s": entries[0].shop_id,
        "c": entries[0].customer_id,
        "t": issued_at.astimezone(UTC).isoformat(),
        "q": first + 1,
        "o": sum(effects[:first]),
        "b": sum(effects),
        "p": links[first].previous_hash if first < len(links) else links[-1].entry_hash,
        "h": links[-1].entry_hash,
        "k": signer.key_id,
        "e": [
            [*_public(entry), effect] for entry, effect in zip(entries[first:], effects[first:], strict=True)
        ],
    }
    packed = zlib.compress(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(), 9)
    return f"{PREFIX}{_b64(packed)}.{_b64(signer.sign(packed))}"


def sign_for_qr(
    entries: Sequence[LedgerEntry],
    signer: Signer,
    issued_at: datetime,
    *,
    links: Sequence[ChainLink] | None = None,
) -> tuple[str, int]:
    """Write the statement with as many of the last entries as one QR code holds.

    Parameters
    ----------
    entries : sequence of LedgerEntry
        All entries of the khata, in the order of acceptance.
    signer : Signer
        The shop's key.
    issued_at : datetime
        Aware instant.
    links : sequence of ChainLink or None, default=None
        The entries' links, already checked; None chains them here.

    Returns
    -------
    text : str
        At most `QR_CHARACTERS` long, as long as a single entry is not longer.
    shown : int
        How many entries it shows.

    Raises
    ------
    KhataError
        If there is nothing to state.
    """
    known = chain(entries) if links is None else links
    most = min(len(entries), 256)
    least = 1
    text = sign_statement(entries, signer, issued_at, last=least, links=known)
    while least < most:
        middle = (least + most + 1) // 2
        longer = sign_statement(entries, signer, issued_at, last=middle, links=known)
        if len(longer) <= QR_CHARACTERS:
            least, text = middle, longer
        else:
            most = middle - 1
    return text, least


def verify_statement(text: str, public_keys: Mapping[str, bytes]) -> SignedStatement:
    """Check a statement with nothing but the shop's public key.

    Parameters
    ----------
    text : str
        What the QR code holds.
    public_keys : mapping of key id to bytes
        The shop's published keys, 32 bytes each.

    Returns
    -------
    SignedStatement
        What the shop signed.

    Raises
    ------
    KhataError
        If it is no statement, the signature is not the shop's, the chain does not hold or the sum is wrong.
    """
    packed, signature = _unpack(text)
    body = _body(packed)
    key = public_keys.get(str(body.get("k")))
    if key is None:
        raise KhataError(f"the statement is signed with the key '{body.get('k')}', which is not the shop's")
    if not verify(key, packed, signature):
        raise KhataError(
            "the signature does not belong to this statement: it was altered, or never the shop's"
        )
    try:
        held = _statement(body)
        effects = [int(row[-1]) for row in body["e"]]
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise KhataError(f"the statement is malformed: {error}") from None
    _check_statement(held, effects)
    return held


def differences(held: SignedStatement, book: Sequence[LedgerEntry]) -> tuple[str, ...]:
    """Hold a shop's book (all entries, in the order of acceptance) against a statement the customer holds.

    Returns
    -------
    tuple of str
        What differs, in words; empty when the book still contains what was signed.
    """
    end = held.first_sequence - 1 + len(held.entries)
    found = []
    for number, entry in enumerate(held.entries, held.first_sequence):
        now = book[number - 1] if number <= len(book) else None
        if now is None:
            found.append(f"entry {number} ('{entry.entry_id}') is no longer in the book")
        elif _public(now) != _public(entry):
            changed = [
                name for name, a, b in zip(_PUBLIC, _public(now), _public(entry), strict=True) if a != b
            ]
            found.append(f"entry {number} ('{entry.entry_id}') was changed: {', '.join(changed)}")
    head = chain(book[:end])[-1].entry_hash if 0 < end <= len(book) else None
    if not found and head is not None and head != held.head_hash:
        found.append(f"an entry before number {held.first_sequence} was changed")
    return tuple(found)


def _check_statement(held: SignedStatement, effects: Sequence[int]) -> None:
    """Check chain and sum of a statement whose signature holds."""
    before = ChainLink(held.first_sequence - 1, "", held.previous_hash)
    if held.first_sequence == 1 and held.previous_hash != genesis_hash(held.shop_id, held.customer_id):
        raise KhataError("the statement's chain does not begin at the khata's beginning")
    for entry in held.entries:
        before = link(entry, before)
    if before.entry_hash != held.head_hash:
        raise KhataError("the statement's chain does not hold: an entry was altered")
    known = {entry.entry_id: entry for entry in held.entries}
    for entry, effect in zip(held.entries, effects, strict=True):
        target = known.get(entry.reverses or "")
        outside = entry.kind == "reversal" and target is None
        if abs(effect) != entry.amount_paise if outside else effect != effect_paise(entry, target):
            raise KhataError(f"entry '{entry.entry_id}' does not add what the statement says")
    if held.opening_paise + sum(effects) != held.closing_paise:
        raise KhataError("the statement's entries do not add up to its balance")


def _statement(body: Mapping[str, Any]) -> SignedStatement:
    """Read a statement's fields."""
    shop, customer = str(body["s"]), str(body["c"])
    entries = tuple(_entry(shop, customer, row) for row in body["e"])
    return SignedStatement(
        shop_id=shop,
        customer_id=customer,
        issued_at=datetime.fromisoformat(body["t"]),
        first_sequence=int(body["q"]),
        opening_paise=int(body["o"]),
        closing_paise=int(body["b"]),
        previous_hash=str(body["p"]),
        head_hash=str(body["h"]),
        key_id=str(body["k"]),
        entries=entries,
    )


def _entry(shop_id: str, customer_id: str, row: Sequence[Any]) -> LedgerEntry:
    """Read one entry of a statement."""
    fields = dict(zip(_PUBLIC, row[: len(_PUBLIC)], strict=True))
    fields["at"] = datetime.fromisoformat(fields["at"])
    fields["due_on"] = None if fields["due_on"] is None else date.fromisoformat(fields["due_on"])
    return LedgerEntry(shop_id=shop_id, customer_id=customer_id, **fields)


def _public(entry: LedgerEntry) -> list[Any]:
    """Return what the customer sees of an entry, as JSON values."""
    values = [getattr(entry, name) for name in _PUBLIC]
    return [value.isoformat() if isinstance(value, date) else value for value in values]


def _unpack(text: str) -> tuple[bytes, bytes]:
    """Split a statement's text into its parts."""
    if not text.startswith(PREFIX) or text.count(".") != 1 or len(text) > MAX_CHARACTERS:
        raise KhataError(f"this is not a khata statement; it begins with '{PREFIX}' and has two parts")
    try:
        packed, signature = (_unb64(part) for part in text[len(PREFIX) :].split("."))
    except (binascii.Error, ValueError):
        raise KhataError("the statement's text is damaged; scan or copy it again") from None
    return packed, signature


def _body(packed: bytes) -> dict[str, Any]:
    """Read the statement's JSON, refusing to unpack what would fill the memory."""
    try:
        unpacked = zlib.decompressobj().decompress(packed, _MAX_BYTES)
        body = json.loads(unpacked)
    except (zlib.error, ValueError):
        raise KhataError("the statement's text is damaged; scan or copy it again") from None
    if not isinstance(body, dict):
        raise KhataError("this is not a khata statement")
    return body


def _digest(body: bytes) -> str:
    """Return SHA-256 in hexadecimal."""
    return hashlib.sha256(body).hexdigest()


def _b64(raw: bytes) -> str:
    """Write base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _unb64(text: str) -> bytes:
    """Read base64url without padding; any other character is an error."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
