"""GST in bills: published examples, and that lines, rates and total always agree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samaan_ml.domain.bill_tax import RateTax, TaxedLine, add_up, tax_of_bill
from samaan_ml.domain.errors import RuleError


@pytest.mark.parametrize(
    ("amount", "rate_bp", "taxable", "half"),
    [
        (1_180_00, 1800, 1_000_00, 90_00),  # the reverse calculation of the tax authorities' guides
        (11_200_00, 1200, 10_000_00, 600_00),
        (105_00, 500, 100_00, 2_50),
        (1_400_00, 4000, 1_000_00, 200_00),
        (100_00, 1800, 84_74, 7_63),  # 7.627...: both halves are rounded, the value is what is left
        (100_00, 0, 100_00, 0),
        (1, 500, 1, 0),
    ],
)
def test_tax_is_taken_out_of_a_price_that_contains_it(
    amount: int, rate_bp: int, taxable: int, half: int
) -> None:
    _, [rate] = tax_of_bill([TaxedLine(amount, rate_bp)])
    assert (rate.taxable_paise, rate.cgst_paise, rate.sgst_paise, rate.igst_paise) == (taxable, half, half, 0)


def test_goods_for_another_state_bear_the_integrated_tax() -> None:
    _, [rate] = tax_of_bill([TaxedLine(100_00, 1800)], interstate=True)
    assert rate == RateTax(1800, 100_00, 84_75, 0, 0, 15_25)


def test_a_return_is_the_bill_with_its_signs_turned() -> None:
    sold, _ = tax_of_bill([TaxedLine(33_33, 500), TaxedLine(66_67, 500)])
    back, _ = tax_of_bill([TaxedLine(-33_33, 500), TaxedLine(-66_67, 500)])
    assert sum(line.taxable_paise for line in (*sold, *back)) == 0
    assert sum(line.cgst_paise for line in (*sold, *back)) == 0


def test_a_rate_that_cannot_be_is_refused() -> None:
    with pytest.raises(RuleError, match="basis points"):
        tax_of_bill([TaxedLine(100, -1)])


LINES = st.lists(
    st.builds(TaxedLine, st.integers(0, 10**7), st.sampled_from([0, 25, 300, 500, 1200, 1800, 2800, 4000])),
    max_size=12,
)


@given(lines=LINES, interstate=st.booleans())
def test_lines_rates_and_total_agree(lines: list[TaxedLine], interstate: bool) -> None:
    by_line, by_rate = tax_of_bill(lines, interstate=interstate)
    names = ("amount_paise", "taxable_paise", "cgst_paise", "sgst_paise", "igst_paise")
    for rate in by_rate:
        own = [line for line in by_line if line.rate_bp == rate.rate_bp]
        for name in names:
            assert sum(getattr(line, name) for line in own) == getattr(rate, name)
    for part in (*by_line, *by_rate):
        taxes = part.cgst_paise + part.sgst_paise + part.igst_paise
        assert part.taxable_paise + taxes == part.amount_paise
        assert part.cgst_paise == part.sgst_paise
        assert abs(taxes - part.amount_paise * part.rate_bp / (10_000 + part.rate_bp)) <= 2
    assert sum(rate.amount_paise for rate in by_rate) == sum(line.amount_paise for line in lines)
    assert add_up([*by_rate, *by_rate]) == tuple(
        RateTax(rate.rate_bp, *(2 * getattr(rate, name) for name in names)) for rate in by_rate
    )
