"""Prices of several sizes: no customer gains by buying another way."""

from itertools import combinations_with_replacement, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.pack_prices import pack_faults, pack_prices

SIZES = st.lists(st.sampled_from([50, 100, 200, 250, 500, 1_000, 2_000, 5_000]), min_size=1, unique=True)


@given(st.integers(100, 200_000), SIZES, st.integers(0, 1_000))
def test_the_unit_price_never_rises_with_the_size(unit: int, sizes: list[int], premium: int) -> None:
    prices = pack_prices(unit, tuple(sizes), small_premium_bp=premium)
    assert sorted(prices) == sorted(sizes)
    assert pack_faults(prices) == ()
    ordered = sorted(prices)
    for small, large in pairwise(ordered):
        assert prices[small] * large >= prices[large] * small


@given(st.integers(100, 200_000), SIZES)
def test_no_set_of_smaller_packs_is_cheaper_than_a_larger_one(unit: int, sizes: list[int]) -> None:
    prices = pack_prices(unit, tuple(sizes))
    for large in prices:
        for count in (2, 3, 4):
            for packs in combinations_with_replacement([s for s in prices if s < large], count):
                if sum(packs) == large:
                    assert sum(prices[pack] for pack in packs) >= prices[large]


def test_a_larger_pack_that_costs_more_each_is_named() -> None:
    (fault,) = pack_faults({250: 1_500, 500: 3_100, 1_000: 5_800})
    assert str(fault) == "500 milli-units cost more each than 250: buy the small one twice"


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(RuleError, match="sizes above zero"):
        pack_prices(6_000, (0, 500))
    with pytest.raises(RuleError, match="a size and a price above zero"):
        pack_faults({250: 0})
