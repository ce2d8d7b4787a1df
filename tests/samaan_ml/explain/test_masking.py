"""What names a person is masked; what does not stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samaan_ml.explain import is_aadhaar, mask_personal


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("9876543210", "[phone]"),
        ("+91 98765 43210", "[phone]"),
        ("०९८७६५४३२१०", "[phone]"),
        ("987-654-3210", "[phone]"),
        ("2341 2341 2346", "[aadhaar]"),
        ("234123412346", "[aadhaar]"),
        ("ABCPE1234F", "[pan]"),
        ("27AAPFU0939F1ZV", "[gstin]"),
        ("ramesh.k@okhdfcbank", "[upi]"),
        ("9876543210@ybl", "[upi]"),
        ("ramesh@example.co.in", "[email]"),
    ],
)
def test_a_personal_number_is_masked(text: str, masked: str) -> None:
    assert mask_personal(f"see {text} there") == f"see {masked} there"


@pytest.mark.parametrize(
    "text", ["₹1,18,400", "234123412347", "12 Nov 2026", "Order 24 pieces", "HSN 19053100", "5000 @ 12"]
)
def test_amounts_and_other_numbers_stay(text: str) -> None:
    assert mask_personal(text) == text


@given(st.integers(10**10, 10**11 - 1), st.integers(0, 11), st.integers(1, 9))
def test_verhoeff_finds_every_single_wrong_digit(number: int, place: int, shift: int) -> None:
    right = next(f"{number}{check}" for check in range(10) if is_aadhaar(f"{number}{check}"))
    digit = str((int(right[place]) + shift) % 10)
    assert not is_aadhaar(right[:place] + digit + right[place + 1 :])
