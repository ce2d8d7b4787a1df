"""Bills as the API shows them."""

from samaan_ml.domain.bill_numbers import financial_year
from serving.ports.facts import FactMark
from serving.ports.items import ItemStore
from serving.ports.sales import Sale
from serving.ports.udhaar import Customer
from serving.sales.schemas import CreditNote, LineRow, PaidRow, SaleCard, StockAfter


def card(
    sale: Sale, mark: FactMark | None = None, name: str | None = None, *, with_lines: bool = True
) -> SaleCard:
    """Translate a bill."""
    return SaleCard(
        sale_id=sale.sale_id,
        sold_at=sale.sold_at,
        sold_on=sale.sold_on,
        lines=[LineRow.model_validate(line) for line in sale.lines] if with_lines else [],
        line_count=len(sale.lines),
        total_paise=sale.total_paise,
        payment=sale.payment,
        payments=[PaidRow(kind=kind, paise=paise) for kind, paise in sale.paid.items()],
        discount_paise=sale.discount_paise,
        bill_number=sale.bill_number,
        number=sale.place,
        financial_year=financial_year(sale.sold_on),
        state=sale.state,
        customer_id=sale.customer_id,
        returns=sale.returns,
        reason=sale.reason,
        actor=sale.actor,
        actor_name=name,
        recorded_at=sale.recorded_at,
        flags=list(mark.flags) if mark else [],
    )


def credit_note(after: Customer, entry_id: str) -> CreditNote:
    """Return how a customer's khata stands after an entry."""
    passed = after.limit_paise is not None and after.balance_paise > after.limit_paise
    return CreditNote(
        customer_id=after.customer_id,
        entry_id=entry_id,
        balance_paise=after.balance_paise,
        limit_paise=after.limit_paise,
        over_limit=passed,
    )


def stock_after(items: ItemStore, shop_id: str, sale: Sale) -> list[StockAfter]:
    """Return the stock of a bill's items."""
    after = items.items(shop_id, tuple(line.item_id for line in sale.lines))
    return [
        StockAfter(item_id=i.item_id, on_hand_milli=i.on_hand_milli, negative=i.on_hand_milli < 0)
        for i in after
    ]
