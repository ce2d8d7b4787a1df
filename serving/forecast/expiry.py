"""The list of lots that will probably not be sold before they expire."""

from samaan_ml.domain.money import times_quantity
from serving.advice.expiring import ExpiryReader, LotRisk
from serving.forecast.schemas import ExpiryArithmetic, ExpiryRiskList, ExpiryRiskRow
from serving.ports.accounts import AccountStore


class ExpiryService:
    """Shows lots at risk."""

    def __init__(self, reader: ExpiryReader, accounts: AccountStore) -> None:
        self._reader = reader
        self._accounts = accounts

    def at_risk(self, shop_id: str, days: int) -> ExpiryRiskList:
        """List the lots that expire within some days and will not all be sold, the most money first."""
        found = self._reader.read(self._accounts.shop(shop_id), days)
        rows = [_row(each) for each in found.lots if each.risk is None or each.risk.at_risk_milli]
        rows.sort(key=lambda row: (-(row.at_risk_paise or 0), row.expires_on, row.batch_id))
        return ExpiryRiskList(
            on=found.on, days=days, degraded=found.reason is not None, reason=found.reason, rows=rows
        )


def _row(each: LotRisk) -> ExpiryRiskRow:
    """Show one lot."""
    item, risk = each.item, each.risk
    value = item.cost_paise if item.cost_paise is not None else item.price_paise
    return ExpiryRiskRow(
        batch_id=each.lot.batch_id,
        item_id=item.item_id,
        name=item.name,
        expires_on=each.lot.expires_on,
        status="too_little_data" if risk is None else "ok",
        at_risk_milli=risk.at_risk_milli if risk else None,
        at_risk_paise=times_quantity(value, risk.at_risk_milli) if risk else None,
        arithmetic=None
        if risk is None
        else ExpiryArithmetic(
            stock_milli=risk.stock_milli,
            days_left=each.days_left,
            demand_milli=risk.demand_milli,
            sold_before_milli=risk.sold_before_milli,
            unit_value_paise=value,
        ),
    )
