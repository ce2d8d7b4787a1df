"""Bills as vouchers that Tally imports: a sale each, a credit note for a return, with the tax of each rate."""

from collections.abc import Iterable, Iterator, Mapping
from xml.sax.saxutils import escape

from samaan_ml.domain.bill_tax import TaxedLine, tax_of_bill
from samaan_ml.domain.gst import GstTable, retail_rate_bp
from serving.ports.items import Item
from serving.ports.sales import Sale

_HEAD = (
    "<ENVELOPE><HEADER><TALLYREQUEST>Import Data</TALLYREQUEST></HEADER><BODY><IMPORTDATA>"
    "<REQUESTDESC><REPORTNAME>Vouchers</REPORTNAME></REQUESTDESC><REQUESTDATA>\n"
)
_FOOT = "</REQUESTDATA></IMPORTDATA></BODY></ENVELOPE>\n"
_LEDGERS = {"cash": "Cash", "upi": "UPI", "card": "Card"}


def vouchers(
    sales: Iterable[Sale],
    customers: Mapping[str, str],
    items: Mapping[str, Item],
    table: GstTable | None,
) -> Iterator[bytes]:
    """Write bills as one XML text in pieces; a cancelled bill is no sale and is left out with its cancellation.

    Parameters
    ----------
    sales : iterable of Sale
        The bills and returns.
    customers : mapping of str
        Name by customer id: the ledger of what is on udhaar is the customer's.
    items : mapping of Item
        The items by id, whose headings tell the rates.
    table : GstTable or None
        The rates; None for a shop that shows no tax.

    Examples
    --------
    >>> from datetime import UTC, date, datetime
    >>> from serving.ports.sales import SaleLine
    >>> at = datetime(2026, 3, 10, tzinfo=UTC)
    >>> bill = Sale("s1", at, at.date(), (SaleLine("a", 1000, 4550, 0, 4550),), 4550, "cash", None, "meena")
    >>> text = b"".join(vouchers([bill], {}, {}, None)).decode()
    >>> "<AMOUNT>-45.50</AMOUNT>" in text, "<DATE>20260310</DATE>" in text
    (True, True)
    """
    yield _HEAD.encode()
    for sale in sales:
        if sale.total_paise and sale.state not in ("cancelled", "cancellation"):
            yield _voucher(sale, customers, items, table).encode()
    yield _FOOT.encode()


def _voucher(
    sale: Sale, customers: Mapping[str, str], items: Mapping[str, Item], table: GstTable | None
) -> str:
    """Write one bill; what is received has the sign that Tally gives to debits. All amounts sum to nothing."""
    kind = "Sales" if sale.total_paise > 0 else "Credit Note"
    parties = [(_party(sale, way, customers), -paise) for way, paise in sale.paid.items()]
    entries = "".join(
        f"<ALLLEDGERENTRIES.LIST><LEDGERNAME>{escape(ledger)}</LEDGERNAME>"
        f"<ISDEEMEDPOSITIVE>{'Yes' if paise < 0 else 'No'}</ISDEEMEDPOSITIVE>"
        f"<AMOUNT>{_rupees(paise)}</AMOUNT></ALLLEDGERENTRIES.LIST>"
        for ledger, paise in (*parties, *_sold(sale, items, table))
        if paise
    )
    return (
        f'<TALLYMESSAGE><VOUCHER VCHTYPE="{kind}" ACTION="Create">'
        f"<DATE>{sale.sold_on:%Y%m%d}</DATE><VOUCHERTYPENAME>{kind}</VOUCHERTYPENAME>"
        f"<VOUCHERNUMBER>{escape(sale.bill_number or sale.sale_id)}</VOUCHERNUMBER>"
        f"<PARTYLEDGERNAME>{escape(parties[0][0])}</PARTYLEDGERNAME>{entries}</VOUCHER></TALLYMESSAGE>\n"
    )


def _party(sale: Sale, way: str, customers: Mapping[str, str]) -> str:
    """Name the ledger of a way of payment: that of udhaar is the customer's."""
    customer_id = sale.customer_id or ""
    return customers.get(customer_id, customer_id) if way == "udhaar" else _LEDGERS[way]


def _sold(sale: Sale, items: Mapping[str, Item], table: GstTable | None) -> Iterator[tuple[str, int]]:
    """Yield the ledgers of what was sold: value and tax by rate, and what has no known rate as plain sales."""
    known: list[TaxedLine] = []
    plain = 0
    for line in sale.lines:
        item = items.get(line.item_id)
        rate = None
        if table is not None and item is not None:
            rate = retail_rate_bp(table, item.hsn, item.unit, sale.sold_on)
        if rate is None:
            plain += line.amount_paise
        else:
            known.append(TaxedLine(line.amount_paise, rate))
    yield "Sales", plain
    for each in tax_of_bill(known)[1]:
        yield f"Sales {_percent(each.rate_bp)}", each.taxable_paise
        yield f"CGST {_percent(each.rate_bp, halves=True)}", each.cgst_paise
        yield f"SGST {_percent(each.rate_bp, halves=True)}", each.sgst_paise


def _percent(rate_bp: int, *, halves: bool = False) -> str:
    """Write a rate, or half of it, such as 2.5%."""
    thousandths = rate_bp * (5 if halves else 10)
    whole, part = divmod(thousandths, 1000)
    return f"{whole}.{part:03d}".rstrip("0").rstrip(".") + "%"


def _rupees(paise: int) -> str:
    """Write whole paise as rupees."""
    rupees, rest = divmod(abs(paise), 100)
    return f"{'-' if paise < 0 else ''}{rupees}.{rest:02d}"
