"""Bills as vouchers that Tally imports: a sale each, a credit note for a return."""

from collections.abc import Iterable, Iterator, Mapping
from xml.sax.saxutils import escape

from serving.ports.shop_rows import Row

_HEAD = (
    "<ENVELOPE><HEADER><TALLYREQUEST>Import Data</TALLYREQUEST></HEADER><BODY><IMPORTDATA>"
    "<REQUESTDESC><REPORTNAME>Vouchers</REPORTNAME></REQUESTDESC><REQUESTDATA>\n"
)
_FOOT = "</REQUESTDATA></IMPORTDATA></BODY></ENVELOPE>\n"
_LEDGERS = {"cash": "Cash", "upi": "UPI", "card": "Card"}


def vouchers(sales: Iterable[Row], customers: Mapping[str, str]) -> Iterator[bytes]:
    """Write bills, read from rows of `sales_transactions`, as one XML text in pieces.

    Parameters
    ----------
    sales : iterable of Row
        The bills and returns.
    customers : mapping of str
        Name by customer id: the ledger of an udhaar bill is the customer's.

    Examples
    --------
    >>> bill = {"sale_id": "s1", "sold_on": "2026-03-10", "total_paise": 4550, "payment": "cash", "customer_id": None}
    >>> text = b"".join(vouchers([bill], {})).decode()
    >>> "<AMOUNT>-45.50</AMOUNT>" in text, "<DATE>20260310</DATE>" in text
    (True, True)
    """
    yield _HEAD.encode()
    for sale in sales:
        total = int(sale["total_paise"] or 0)
        if total:
            yield _voucher(sale, total, customers).encode()
    yield _FOOT.encode()


def _voucher(sale: Row, total: int, customers: Mapping[str, str]) -> str:
    """Write one bill; what is received has the sign that Tally gives to debits."""
    kind = "Sales" if total > 0 else "Credit Note"
    customer_id = str(sale["customer_id"] or "")
    party = (
        customers.get(customer_id, customer_id)
        if sale["payment"] == "udhaar"
        else _LEDGERS.get(str(sale["payment"]), "Cash")
    )
    entries = "".join(
        f"<ALLLEDGERENTRIES.LIST><LEDGERNAME>{escape(ledger)}</LEDGERNAME>"
        f"<ISDEEMEDPOSITIVE>{'Yes' if paise < 0 else 'No'}</ISDEEMEDPOSITIVE>"
        f"<AMOUNT>{_rupees(paise)}</AMOUNT></ALLLEDGERENTRIES.LIST>"
        for ledger, paise in ((party, -total), ("Sales", total))
    )
    return (
        f'<TALLYMESSAGE><VOUCHER VCHTYPE="{kind}" ACTION="Create">'
        f"<DATE>{str(sale['sold_on']).replace('-', '')}</DATE><VOUCHERTYPENAME>{kind}</VOUCHERTYPENAME>"
        f"<VOUCHERNUMBER>{escape(str(sale['sale_id']))}</VOUCHERNUMBER>"
        f"<PARTYLEDGERNAME>{escape(party)}</PARTYLEDGERNAME>{entries}</VOUCHER></TALLYMESSAGE>\n"
    )


def _rupees(paise: int) -> str:
    """Write whole paise as rupees."""
    rupees, rest = divmod(abs(paise), 100)
    return f"{'-' if paise < 0 else ''}{rupees}.{rest:02d}"
