"""One rule of rounding: to the nearest whole, halves away from zero, for numbers and for arrays alike."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from samaan_ml.domain.money import (
    divide_down,
    divide_half_away,
    divide_up,
    round_half_away,
    rupees_to_paise,
    share_of,
    times_quantity,
)
from samaan_ml.rounding import amounts_of, half_away, paise_of

numbers = st.floats(-1e15, 1e15, allow_nan=False)
halves = st.integers(-(10**12), 10**12).map(lambda n: n + 0.5)
whole = st.integers(-(10**14), 10**14)
DECIMALS = st.integers(-(10**10), 10**10).map(
    lambda n: n / 1000
)  # rupees with three decimals, as sheets hold them


def nearest(value: Fraction) -> int:
    """The rule, written with exact fractions."""
    size = abs(value)
    rounded = int(size) + (size - int(size) >= Fraction(1, 2))
    return -rounded if value < 0 else rounded


@given(numbers | halves)
@example(0.49999999999999994)
@example(4503599627370497.5)
@example(-0.5)
def test_a_float_rounds_to_the_nearest_whole_and_a_half_away_from_zero(value: float) -> None:
    assert round_half_away(value) == nearest(Fraction(value))
    assert half_away([value])[0] == round_half_away(value)


@given(whole, st.integers(1, 10**6))
def test_a_division_rounds_as_the_exact_fraction_does(numerator: int, denominator: int) -> None:
    exact = Fraction(numerator, denominator)
    assert divide_half_away(numerator, denominator) == nearest(exact)
    assert divide_down(numerator, denominator) <= exact <= divide_up(numerator, denominator)
    assert divide_up(numerator, denominator) - divide_down(numerator, denominator) <= 1


@given(DECIMALS | st.floats(-1e9, 1e9, allow_nan=False))
@example(12.345)
@example(1.005)
@example(-2.675)
@example(0.285)
def test_rupees_become_paise_by_their_decimals_in_arrays_too(rupees: float) -> None:
    exact = int((Decimal(str(rupees)) * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    assert rupees_to_paise(rupees) == exact
    assert paise_of(rupees) == exact
    assert paise_of([[rupees, -rupees]]).tolist() == [[exact, -exact]]


@given(st.integers(-(10**7), 10**7), st.integers(-(10**7), 10**7))
def test_an_amount_is_the_same_for_one_line_and_for_a_table(price: int, quantity: int) -> None:
    assert times_quantity(price, quantity) == nearest(Fraction(price * quantity, 1000))
    assert amounts_of(np.array([price]), np.array([quantity])).tolist() == [times_quantity(price, quantity)]


@given(st.integers(0, 10**12), st.integers(0, 10_000))
def test_a_refund_is_the_negative_of_the_charge(amount: int, basis_points: int) -> None:
    assert share_of(-amount, basis_points) == -share_of(amount, basis_points)


def test_what_is_no_number_stays_none() -> None:
    assert np.isnan(half_away([np.nan, np.inf])).tolist() == [True, False]
    assert np.isnan(paise_of([np.nan]))[0]


@pytest.mark.parametrize(
    ("rupees", "paise"), [(0.125, 13), (0.115, 12), (-0.125, -13), (2.5, 250), (1e-9, 0)]
)
def test_known_amounts(rupees: float, paise: int) -> None:
    assert paise_of([rupees]).tolist() == [paise]
