"""No past entry can be altered without a customer's statement or the chain telling."""

import base64
import dataclasses
import json
import zlib
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samaan_ml.domain import ed25519
from samaan_ml.domain.khata import (
    KhataError,
    chain,
    differences,
    link,
    sign_statement,
    verify_chain,
    verify_statement,
)
from samaan_ml.domain.ledger import LedgerEntry, reversal_of

NOW = datetime(2026, 5, 1, 6, tzinfo=UTC)
SIGNER = ed25519.Ed25519Signer("shop-key-1", bytes(range(32)))
KEYS = {"shop-key-1": SIGNER.public_key}


def a_khata(length: int = 6) -> list[LedgerEntry]:
    """Build credits and payments in turn, then a reversal of the second entry."""
    entries = [
        LedgerEntry(
            entry_id=f"e{i}",
            shop_id="s1",
            customer_id="c1",
            kind="payment" if i % 3 == 2 else "credit",
            amount_paise=1_000 * (i + 1),
            at=NOW + timedelta(days=i),
            due_on=None if i % 3 == 2 else date(2026, 6, 1),
            note="चावल 2 kg, தேங்காய்",
            actor="staff-7",
        )
        for i in range(length)
    ]
    return [
        *entries,
        reversal_of(entries[1], entry_id="undo", at=NOW + timedelta(days=length), reason="typed twice"),
    ]


ALTERATIONS = st.sampled_from(
    [("amount_paise", 999), ("at", NOW - timedelta(days=9)), ("note", "other"), ("entry_id", "forged")]
)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 5), ALTERATIONS)
def test_altering_any_past_entry_breaks_the_chain(place: int, change: tuple[str, object]) -> None:
    entries = a_khata()
    links = chain(entries)
    assert verify_chain(zip(entries, links, strict=True)) == links[-1]
    forged = list(entries)
    forged[place] = dataclasses.replace(forged[place], **{change[0]: change[1]})
    with pytest.raises(KhataError, match=f"number {place + 1} "):
        verify_chain(zip(forged, links, strict=True))


def test_dropping_or_swapping_entries_breaks_the_chain() -> None:
    entries, links = a_khata(), chain(a_khata())
    with pytest.raises(KhataError):
        verify_chain(zip(entries[1:], links[1:], strict=True))
    swapped = [entries[1], entries[0], *entries[2:]]
    with pytest.raises(KhataError):
        verify_chain(zip(swapped, links, strict=True))


def test_a_chain_belongs_to_one_khata() -> None:
    entry = a_khata()[0]
    other = dataclasses.replace(entry, customer_id="c2")
    assert link(entry, None).entry_hash != link(other, None).entry_hash


def test_the_name_of_the_staff_is_not_in_the_statement() -> None:
    text = sign_statement(a_khata(), SIGNER, NOW)
    assert "staff-7" not in json.dumps(unpacked(text))


@pytest.mark.parametrize("last", [None, 1, 3, 100])
def test_a_statement_is_checked_offline(last: int | None) -> None:
    entries = a_khata()
    held = verify_statement(sign_statement(entries, SIGNER, NOW, last=last), KEYS)
    assert held.closing_paise == 1_000 + 0 - 3_000 + 4_000 + 5_000 - 6_000
    assert held.head_hash == chain(entries)[-1].entry_hash
    assert [e.entry_id for e in held.entries] == [e.entry_id for e in entries[-(last or 100) :]]
    assert differences(held, entries) == ()


def test_a_statement_of_forty_entries_fits_a_qr_code() -> None:
    assert len(sign_statement(a_khata(40), SIGNER, NOW)) <= 2_953


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_changed_character_passes(data: st.DataObject) -> None:
    text = sign_statement(a_khata(3), SIGNER, NOW)
    place = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from("ABCxyz019-_.").filter(lambda each: each != text[place]))
    altered = text[:place] + letter + text[place + 1 :]
    try:
        same = unpacked(altered) == unpacked(text) and raw_parts(altered) == raw_parts(text)
    except Exception:  # noqa: BLE001 - a text that cannot even be unpacked must be refused below
        same = False
    if not same:
        with pytest.raises(KhataError):
            verify_statement(altered, KEYS)


def test_a_statement_resealed_with_another_key_is_refused() -> None:
    thief = ed25519.Ed25519Signer("shop-key-1", bytes(32))
    with pytest.raises(KhataError, match="signature"):
        verify_statement(sign_statement(a_khata(), thief, NOW), KEYS)
    stranger = ed25519.Ed25519Signer("other", bytes(32))
    with pytest.raises(KhataError, match="'other', which is not the shop's"):
        verify_statement(sign_statement(a_khata(), stranger, NOW), KEYS)


def test_a_signed_lie_about_the_sum_is_found() -> None:
    body = unpacked(sign_statement(a_khata(), SIGNER, NOW))
    with pytest.raises(KhataError, match="add up"):
        verify_statement(resigned({**body, "b": body["b"] - 1}), KEYS)
    rows = [list(row) for row in body["e"]]
    rows[0][2] += 1
    with pytest.raises(KhataError, match="chain does not hold"):
        verify_statement(resigned({**body, "e": rows}), KEYS)
    with pytest.raises(KhataError, match="malformed"):
        verify_statement(resigned({"k": "shop-key-1", "s": "s1"}), KEYS)


@pytest.mark.parametrize(
    "text", ["", "KHATA1:", "KHATA1:abc", "hello", "KHATA1:%%%.%%%", "KHATA1:" + "A" * 70_000 + ".A"]
)
def test_what_is_no_statement_is_refused_politely(text: str) -> None:
    with pytest.raises(KhataError):
        verify_statement(text, KEYS)


def test_a_compressed_bomb_is_not_unpacked() -> None:
    bomb = zlib.compress(b" " * 50_000_000, 9)
    text = f"KHATA1:{b64(bomb)}.{b64(SIGNER.sign(bomb))}"
    with pytest.raises(KhataError):
        verify_statement(text, KEYS)


def test_a_customer_can_hold_the_book_against_the_statement() -> None:
    entries = a_khata()
    held = verify_statement(sign_statement(entries, SIGNER, NOW, last=2), KEYS)
    cheated = list(entries)
    cheated[0] = dataclasses.replace(cheated[0], amount_paise=9_999)
    assert differences(held, cheated) == ("an entry before number 6 was changed",)
    cheated = list(entries)
    cheated[5] = dataclasses.replace(cheated[5], note="something else")
    assert differences(held, cheated) == ("entry 6 ('e5') was changed: note",)
    assert differences(held, entries[:-1]) == ("entry 7 ('undo') is no longer in the book",)
    later = LedgerEntry(entry_id="new", shop_id="s1", customer_id="c1", kind="credit", amount_paise=5, at=NOW)
    assert differences(held, [*entries, later]) == ()


@settings(max_examples=10, deadline=None)
@given(st.binary(max_size=80), st.binary(min_size=32, max_size=32))
def test_checking_agrees_with_the_signing_library(message: bytes, secret: bytes) -> None:
    signer = ed25519.Ed25519Signer("k", secret)
    signature = signer.sign(message)
    assert ed25519.verify(signer.public_key, message, signature)
    assert not ed25519.verify(signer.public_key, message + b"!", signature)
    assert not ed25519.verify(signer.public_key, message, signature[:-1] + bytes([signature[-1] ^ 1]))


def test_keys_and_signatures_that_are_none_are_refused() -> None:
    signature = SIGNER.sign(b"m")
    assert not ed25519.verify(b"short", b"m", signature)
    assert not ed25519.verify(SIGNER.public_key, b"m", signature[:10])
    assert not ed25519.verify(b"\xff" * 32, b"m", signature)
    order = (2**252 + 27742317777372353535851937790883648493).to_bytes(32, "little")
    assert not ed25519.verify(SIGNER.public_key, b"m", signature[:32] + order)


def unpacked(text: str) -> dict:
    """Return a statement's content without checking it."""
    return json.loads(zlib.decompress(raw_parts(text)[0]))


def raw_parts(text: str) -> list[bytes]:
    """Return a statement's two parts as bytes."""
    parts = text.removeprefix("KHATA1:").split(".")
    return [base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in parts]


def resigned(body: dict) -> str:
    """Sign a changed content with the shop's own key."""
    packed = zlib.compress(json.dumps(body, ensure_ascii=False).encode())
    return f"KHATA1:{b64(packed)}.{b64(SIGNER.sign(packed))}"


def b64(raw: bytes) -> str:
    """Write base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
