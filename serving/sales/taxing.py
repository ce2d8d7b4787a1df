"""GST of bills and of a period: what a registered shop prints, and what its return (GSTR-1) sums up."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

from samaan_ml.domain.bill_tax import LineTax, RateTax, TaxedLine, add_up, tax_of_bill
from samaan_ml.domain.gst import GstTable, indian_gst, retail_rate_bp
from serving.errors import InvalidInput
from serving.ports.accounts import AccountStore
from serving.ports.items import Item, ItemStore
from serving.ports.sales import Sale, SalesStore
from serving.sales.schemas import BillTax, HsnRow, LineTaxRow, RateTaxRow, TaxSummary, Untaxed

_PAGE = 200
_MOST_DAYS = timedelta(days=366)
_UNIT_CODES = {"piece": "PCS", "kg": "KGS", "l": "LTR"}
"""Unit quantity codes of the GST return; litres are reported as LTR."""


class TaxService:
    """Works out the tax of bills."""

    def __init__(
        self, sales: SalesStore, items: ItemStore, accounts: AccountStore, table: GstTable | None = None
    ) -> None:
        self._sales = sales
        self._items = items
        self._accounts = accounts
        self._table = table or indian_gst()

    def bill(self, shop_id: str, sale_id: str, *, interstate: bool) -> BillTax:
        """Return the tax of a bill or of a return, which is its credit note."""
        sale = self._sales.get(shop_id, sale_id)
        scheme = self._accounts.shop(shop_id).tax_scheme
        items = self._items_of(shop_id, (sale,))
        lines, rates, unknown = self._taxed(sale, items, scheme, interstate=interstate)
        return BillTax(
            sale_id=sale_id,
            sold_on=sale.sold_on,
            scheme=scheme,
            document="credit_note"
            if sale.returns
            else "invoice"
            if scheme == "regular"
            else "bill_of_supply",
            lines=lines,
            rates=[RateTaxRow.model_validate(rate) for rate in rates],
            total_paise=sale.total_paise,
            without_rate=unknown,
        )

    def summary(self, shop_id: str, start: date, end: date) -> TaxSummary:
        """Sum the bills of a period up, returns taken off: consumers by rate, and by tariff heading."""
        if not timedelta() <= end - start <= _MOST_DAYS:
            raise InvalidInput(f"'end' {end} is not within a year from 'start' {start}", field="end")
        scheme = self._accounts.shop(shop_id).tax_scheme
        rates: list[RateTax] = []
        notes: list[RateTax] = []
        hsn: dict[tuple[str, str, int], list[int]] = defaultdict(lambda: [0] * 6)
        unknown: dict[str, int] = defaultdict(int)
        bills = returns = total = 0
        for page in self._pages(shop_id, start, end):
            items = self._items_of(shop_id, page)
            for sale in page:
                if sale.state in ("cancelled", "cancellation"):
                    continue  # a cancelled bill is no supply, and what took it back no credit note
                lines, own, untaxed = self._taxed(sale, items, scheme, interstate=False)
                (notes if sale.returns else rates).extend(own)
                bills, returns = bills + (not sale.returns), returns + bool(sale.returns)
                total += sale.total_paise
                for each in untaxed:
                    unknown[each.item_id] += each.amount_paise
                for line in lines:
                    _note_heading(hsn[_heading(items, line)], line)
        return TaxSummary(
            start=start,
            end=end,
            scheme=scheme,
            bills=bills,
            returns=returns,
            total_paise=total,
            consumers=[RateTaxRow.model_validate(rate) for rate in add_up([*rates, *notes])],
            credit_notes=[RateTaxRow.model_validate(rate) for rate in add_up(notes)],
            headings=[_row(key, sums) for key, sums in sorted(hsn.items())],
            without_rate=[
                Untaxed(item_id=each, amount_paise=paise) for each, paise in sorted(unknown.items())
            ],
        )

    def _pages(self, shop_id: str, start: date, end: date) -> Iterator[tuple[Sale, ...]]:
        """Walk through the bills of a period."""
        after: str | None = None
        while True:
            page = self._sales.list(shop_id, _PAGE, after, start, end)
            yield page.rows
            if page.after is None:
                return
            after = page.after

    def _items_of(self, shop_id: str, sales: tuple[Sale, ...]) -> dict[str, Item]:
        """Return the items of some bills."""
        names = {line.item_id for sale in sales for line in sale.lines}
        return {item.item_id: item for item in self._items.items(shop_id, tuple(names))}

    def _taxed(
        self, sale: Sale, items: dict[str, Item], scheme: str, *, interstate: bool
    ) -> tuple[list[LineTaxRow], tuple[RateTax, ...], list[Untaxed]]:
        """Take a bill apart; lines whose rate is unknown are named, and bear none."""
        if scheme != "regular":
            return [], (), []
        known, unknown = [], []
        for line in sale.lines:
            rate_bp = self._rate(items.get(line.item_id), sale.sold_on)
            if rate_bp is None:
                unknown.append(Untaxed(item_id=line.item_id, amount_paise=line.amount_paise))
            else:
                known.append((line, TaxedLine(line.amount_paise, rate_bp)))
        taxes, rates = tax_of_bill([taxed for _, taxed in known], interstate=interstate)
        rows = [
            _line_row(line.item_id, line.quantity_milli, items[line.item_id].hsn, tax)
            for (line, _), tax in zip(known, taxes, strict=True)
        ]
        return rows, rates, unknown

    def _rate(self, item: Item | None, on: date) -> int | None:
        """Return the rate of an item on a day: of its heading, loose where it is weighed or measured out."""
        return None if item is None else retail_rate_bp(self._table, item.hsn, item.unit, on)


def _line_row(item_id: str, quantity_milli: int, hsn: str | None, tax: LineTax) -> LineTaxRow:
    """Show the tax of a line."""
    return LineTaxRow(
        item_id=item_id,
        hsn=hsn or "",
        quantity_milli=quantity_milli,
        rate_bp=tax.rate_bp,
        amount_paise=tax.amount_paise,
        taxable_paise=tax.taxable_paise,
        cgst_paise=tax.cgst_paise,
        sgst_paise=tax.sgst_paise,
        igst_paise=tax.igst_paise,
    )


def _heading(items: dict[str, Item], line: LineTaxRow) -> tuple[str, str, int]:
    """Name the heading, unit and rate under which a line is summed up."""
    return line.hsn, _UNIT_CODES[items[line.item_id].unit], line.rate_bp


def _note_heading(sums: list[int], line: LineTaxRow) -> None:
    """Add a line to the sums of its heading."""
    parts = (
        line.quantity_milli,
        line.amount_paise,
        line.taxable_paise,
        line.cgst_paise,
        line.sgst_paise,
        line.igst_paise,
    )
    for place, part in enumerate(parts):
        sums[place] += part


def _row(key: tuple[str, str, int], sums: list[int]) -> HsnRow:
    """Show the sums of a heading."""
    hsn, unit_code, rate_bp = key
    quantity, amount, taxable, cgst, sgst, igst = sums
    return HsnRow(
        hsn=hsn,
        unit_code=unit_code,
        rate_bp=rate_bp,
        quantity_milli=quantity,
        amount_paise=amount,
        taxable_paise=taxable,
        cgst_paise=cgst,
        sgst_paise=sgst,
        igst_paise=igst,
    )
