"""The foot of a bill: subtotal, discount, taxes, rounding and the total, distinguished by their labels."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from samaan_ml.bills._layout import Number, Row, squash

_TOTAL = (
    ("grandtotal", 5.0),
    ("netpayable", 5.0),
    ("amountpayable", 5.0),
    ("netamount", 4.6),
    ("netamt", 4.6),
    ("nettotal", 4.8),
    ("totalpayable", 5.0),
    ("totaldue", 4.4),
    ("amountdue", 4.6),
    ("balancedue", 4.2),
    ("billamount", 4.6),
    ("billtotal", 4.6),
    ("invoicetotal", 4.8),
    ("invoiceamount", 4.6),
    ("invoicevalue", 4.6),
    ("roundedtotal", 5.6),
    ("totalrounded", 5.6),
    ("roundtotal", 5.0),
    ("totalamount", 4.2),
    ("totalamt", 4.2),
    ("totalrs", 4.2),
    ("totalinc", 4.5),
    ("totalsales", 4.0),
    ("total", 4.0),
    ("topay", 4.0),
    ("payable", 4.0),
    ("montant", 3.0),
    ("कुलयोग", 5.0),
    ("कुलराशि", 4.8),
    ("कुलरकम", 4.8),
    ("देयराशि", 5.0),
    ("महायोग", 5.0),
    ("योग", 4.0),
    ("कुल", 4.0),
    ("kulrakam", 4.8),
    ("kul", 4.0),
)
_NO_TOTAL = re.compile(
    r"total(?:no|qty|quant|item|sav|disc|pcs|piece|point|weight|tender|paid|cash|change|cgst|sgst|igst|gst|tax|vat)"
    r"|(?:no|numberof|qty|item|gst|tax|disc|saving|point)s?(?:amount|amt)?total(?!inc)|totalsaved|yousaved|subtotal|itemtotal"
    r"|(?:gst|tax|vat)(?:amount|amt|included|summary|code)|incl(?:ude|usive)?(?:d|s)?(?:of)?(?:gst|vat|tax)(?:\w*?)(?:amt|amount)$"
)
_SUBTOTAL = re.compile(
    r"sub-?tot|subtl|subtt|itemtotal|totalexcl|total\w*exclu|totalbefore|taxablevalue|taxableamount|totaltaxable|grosstotal"
    r"|grossamount|grossamt|goodsvalue|foodtotal|totalsales?excl|उपयोग|उपकुल"
)
_TAX = re.compile(
    r"(?:^|total|add|plus|output|central|state|out)(?:cgst|sgst|utgst|igst|gst|vat|salestax|servicetax|tax|hst|pst|tva|mwst|cess)|कर$"
)
_NO_TAX = re.compile(
    r"taxinvoice|gstin|gstid|gstno|gstreg|taxid|taxable|gstsummary|taxcode|invoice|vatno|vatreg|vatnumber|taxtotal\w*incl|excl"
)
_DISCOUNT = re.compile(
    r"^(?:less)?(?:total|trade|cash|special|bill|member)?(?:disc|discount|rebate|scheme|छूट|बट्टा)"
)
_ROUNDING = re.compile(r"round|पूर्णांक|rndoff|rnding|rounding")
_OLD_BALANCE = re.compile(
    r"(?:old|prev|previous|last|opening|op|closing|purana|pichla|पुराना|पिछला)\w{0,6}?(?:bal|balance|dues?|outstanding|baki|bakaya|बकाया|बाकी)"
    r"|^(?:arrears?|outstanding|bakaya|baki|बकाया)|broughtforward|broughtfwd|carriedforward|carriedover|carriedfwd|^(?:bf|cf)$"
)
_LONGEST_LABEL, _MOST_WORDS_AFTER = 34, 1
"""Letters of the longest label of a total; a sentence that speaks of totals is none."""
_CHARGES = re.compile(
    r"freight|cartage|transport|packing|delivery|labour|hamali|loading|servicecharge|svchg|svccharge|gratuity|tips?$|भाड़ा|ढुलाई"
)
_PAID = re.compile(
    r"^(?:cash|change|card|visa|master|debit|credit|paid|tender|amounttendered|balance$|upi|paytm|phonepe|gpay|receiv|नकद)|cashreceived|changedue|cashtend|tendered"
)


@dataclass(slots=True)
class Foot:
    """Where the parts of the foot stand.

    Parameters
    ----------
    start : int
        Row at which the foot begins; rows before it may be goods.
    total, subtotal, discount, charges, round_off : Number or None
        The numerals found.
    taxes : list of (str, Number)
        Tax amounts with their labels.
    paid : list of Number
        Amounts handed over and given back.
    copies : int
        How often the foot prints the total's amount.
    old_balance : Number or None
        What was owed before this bill, where the total contains it.
    """

    start: int
    total: Number | None = None
    subtotal: Number | None = None
    discount: Number | None = None
    charges: Number | None = None
    round_off: Number | None = None
    taxes: list[tuple[str, Number]] = field(default_factory=list)
    paid: list[Number] = field(default_factory=list)
    copies: int = 1
    old_balance: Number | None = None


def label_of(row: Row) -> str:
    """Name what a row of the foot states: subtotal, total, tax, discount, rounding, charges, paid or nothing."""
    letters = row.letters
    if not letters or len(letters) > 60:
        return ""
    if _OLD_BALANCE.search(letters):
        return "balance"
    if _SUBTOTAL.search(letters):
        return "subtotal"
    if _ROUNDING.search(letters) and not re.search(
        r"total(?:after)?round(?:ed|rm|rs)|roundedtotal|roundtotal", letters
    ):
        return "rounding"
    if _PAID.search(letters):
        return "paid"
    if total_strength(letters):
        return "total"
    if _DISCOUNT.search(letters):
        return "discount"
    if _CHARGES.search(letters):
        return "charges"
    if _TAX.search(letters) and not _NO_TAX.search(letters):
        return "tax"
    return ""


def total_strength(letters: str) -> float:
    """Return how strongly a label claims the amount to be paid; 0 where it does not."""
    if len(letters) > _LONGEST_LABEL:
        return 0.0
    if _NO_TOTAL.search(letters) and not re.search(
        r"total\w*incl\w*(?:gst|tax|vat)|grandtotal|roundedtotal", letters
    ):
        return 0.0
    strengths = [strength for word, strength in _TOTAL if word in letters]
    if not strengths:
        return 0.0
    spare = max(0, len(letters) - 22)
    return max(strengths) - 0.04 * spare


def read_foot(rows: Sequence[Row], first: int) -> Foot:
    """Find the parts of the foot in the rows from `first` on.

    The total is the amount with the strongest claim: its label, how far down it stands, how often the same amount
    is printed, and whether it equals what was paid less the change.
    """
    labelled = [(place, row, label_of(row)) for place, row in enumerate(rows) if place >= first]
    amounts = {place: _amount_of(rows, place, label) for place, row, label in labelled if label}
    starts = [
        place for place, _, label in labelled if label in {"subtotal", "total", "tax"} and amounts.get(place)
    ]
    foot = Foot(min(starts, default=len(rows)))
    for place, row, label in labelled:
        number = amounts.get(place)
        if number is None:
            continue
        if label == "paid":
            foot.paid.append(number)
        elif label == "balance":
            foot.old_balance = foot.old_balance or (None if _is_carried(row) else number)
        elif place >= foot.start or label in {"discount", "charges", "rounding"}:
            _file(foot, label, row, number)
    foot.total = _best_total(rows, labelled, amounts, foot)
    _drop_what_follows_payment(foot)
    if foot.total is not None:
        below = [_worth(number) for row in rows[foot.start :] for number in row.numbers() if number.is_money]
        foot.copies = max(1, min(3, below.count(_worth(foot.total))))
    return foot


def _is_carried(row: Row) -> bool:
    """Tell a sum that is carried from page to page from a debt."""
    return re.search(r"forward|fwd|carried|^(?:bf|cf)$", row.letters) is not None


def _file(foot: Foot, label: str, row: Row, number: Number) -> None:
    """Put an amount where its label says."""
    if label == "subtotal" and foot.subtotal is None:
        foot.subtotal = number
    elif label == "discount" and foot.discount is None:
        foot.discount = number
    elif label == "charges" and foot.charges is None:
        foot.charges = number
    elif label == "rounding" and foot.round_off is None:
        foot.round_off = number
    elif label == "tax" and foot.total is None:
        foot.taxes.append((row.letters, number))


def _amount_of(rows: Sequence[Row], place: int, label: str) -> Number | None:
    """Return the amount that belongs to a label: the last one of its row, else the row beside or below it."""
    own = [number for number in rows[place].numbers() if number.is_money or number.numeral.decimals == 0]
    money = [number for number in own if number.is_money]
    if money:
        return money[-1]
    if (
        own
        and label in {"total", "subtotal", "tax", "discount", "paid", "rounding"}
        and len(own[-1].numeral.digits) <= 7
    ):
        last = own[-1]
        if last.box.left > rows[place].words[0].box.right or len(rows[place].words) > 1:
            return last
    return _amount_nearby(rows, place)


def _amount_nearby(rows: Sequence[Row], place: int) -> Number | None:
    """Look for an amount standing alone just above or below its label, as skewed photographs have it."""
    row = rows[place]
    best: tuple[float, Number] | None = None
    for other in (*rows[max(0, place - 1) : place], *rows[place + 1 : place + 2]):
        numbers = [number for number in other.numbers() if number.is_money]
        if len(numbers) != 1 or other.letters.strip() not in {"", "rm", "rs", "रु", "usd", "inr"}:
            continue
        away = abs(other.middle - row.middle)
        if away <= 1.6 * max(row.height, other.height) and (best is None or away < best[0]):
            best = away, numbers[0]
    return best[1] if best else None


def _best_total(
    rows: Sequence[Row],
    labelled: Sequence[tuple[int, Row, str]],
    amounts: dict[int, Number | None],
    foot: Foot,
) -> Number | None:
    """Return the amount that is most likely the one to be paid."""
    claims: list[tuple[float, int, Number]] = []
    for place, row, label in labelled:
        number = amounts.get(place)
        if label == "total" and number is not None and _worth(number) and not _reads_on(row, number):
            claims.append((total_strength(row.letters), place, number))
    if not claims:
        return _total_without_label(rows, foot)
    largest = max(_worth(number) for _, _, number in claims)
    handed = [_worth(number) for number in foot.paid]
    differences = {a - b for a in handed for b in handed if a > b} | set(handed)
    printed = [_worth(number) for row in rows for number in row.numbers() if number.is_money]

    def score(claim: tuple[float, int, Number]) -> tuple[float, int]:
        strength, place, number = claim
        worth = _worth(number)
        if worth < largest / 5:
            strength -= 3.0
        strength += 0.8 if worth in differences else 0.0
        strength += min(printed.count(worth), 4) * 0.15
        strength += 0.5 if foot.round_off is not None and worth % 5 == 0 else 0.0
        return strength, place

    return max(claims, key=score)[2]


def _reads_on(row: Row, number: Number) -> bool:
    """Tell a sentence that holds an amount from a label and its amount: words follow the number."""
    after = [word for word in row.words if word.box.left >= number.box.right and len(squash(word.text)) > 1]
    return len(after) > _MOST_WORDS_AFTER


def _total_without_label(rows: Sequence[Row], foot: Foot) -> Number | None:
    """Take what was paid, else the largest amount of the lower half, where nothing is called a total."""
    if foot.paid:
        return max(foot.paid, key=_worth)
    lower = [
        number for row in rows[len(rows) // 3 :] for number in row.numbers() if number.numeral.decimals == 2
    ]
    return max(lower, key=_worth, default=None)


def _worth(number: Number) -> int:
    """Return an amount in paise, 0 where it is finer."""
    return abs(number.numeral.scaled(2) or 0)


def _drop_what_follows_payment(foot: Foot) -> None:
    """Forget taxes of a summary that repeats the total's tax under it."""
    if foot.total is None:
        return
    total = foot.total.box
    above = [
        (label, number) for label, number in foot.taxes if number.box.middle <= total.middle + total.height
    ]
    foot.taxes = above or foot.taxes[:1]
    foot.taxes = [(label, number) for label, number in foot.taxes if _worth(number) < _worth(foot.total) // 2]
