"""A bill as far as it is known: every field with where it came from and how far it can be trusted."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from samaan_ml.domain.message_json import Message

FieldStatus = Literal["read", "checked", "repaired", "computed", "typed", "ask", "missing"]
"""How a value was come by.

read: as printed, no equation speaks of it · checked: as printed, and the bill's arithmetic agrees · repaired: the
one least-cost reading that satisfies the arithmetic · computed: not printed, follows from the others · typed: by
the user · ask: more than one reading is possible, the user decides · missing: not on the bill.
"""

BillKind = Literal["bill", "credit_note"]

SETTLED: frozenset[FieldStatus] = frozenset({"read", "checked", "repaired", "computed", "typed"})


@dataclass(frozen=True, slots=True)
class TextField(Message):
    """A text on the bill.

    Parameters
    ----------
    value : str or None
        The text, None where it is missing or the user must say.
    text : str
        As the engine read it.
    tokens : tuple of int
        Positions of its tokens in the reading; none for a typed one.
    confidence : float
        0 to 1.
    status : FieldStatus
        How it was come by.
    options : tuple of str, default=()
        What to offer where the user must say.
    """

    value: str | None
    text: str
    tokens: tuple[int, ...]
    confidence: float
    status: FieldStatus
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NumberField(Message):
    """A whole number on the bill: paise, milli-units or basis points; fields as in `TextField`."""

    value: int | None
    text: str
    tokens: tuple[int, ...]
    confidence: float
    status: FieldStatus
    options: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class DateField(Message):
    """A day on the bill; fields as in `TextField`."""

    value: date | None
    text: str
    tokens: tuple[int, ...]
    confidence: float
    status: FieldStatus
    options: tuple[date, ...] = ()


NO_TEXT = TextField(None, "", (), 0.0, "missing")
NO_NUMBER = NumberField(None, "", (), 0.0, "missing")
NO_DATE = DateField(None, "", (), 0.0, "missing")


@dataclass(frozen=True, slots=True)
class BillLine(Message):
    """One line of goods.

    Parameters
    ----------
    description, hsn : TextField
        What it is, and its tariff heading.
    quantity, free : NumberField
        Charged and free quantity in milli-units.
    unit : str or None
        Unit as printed.
    rate_unit_milli : int, default=1000
        Thousandths of the base unit that the rate is for: 12000 where it is the rate of a dozen.
    rate, discount, tax, amount : NumberField
        In paise; `rate` is for `rate_unit_milli`. Quantity and amount of returned goods are negative.
    tax_basis_points : NumberField
        The line's tax rate (18 % = 1800).
    """

    description: TextField = NO_TEXT
    hsn: TextField = NO_TEXT
    quantity: NumberField = NO_NUMBER
    free: NumberField = NO_NUMBER
    unit: str | None = None
    rate_unit_milli: int = 1000
    rate: NumberField = NO_NUMBER
    discount: NumberField = NO_NUMBER
    tax: NumberField = NO_NUMBER
    tax_basis_points: NumberField = NO_NUMBER
    amount: NumberField = NO_NUMBER


@dataclass(frozen=True, slots=True)
class Violation(Message):
    """A rule that the bill breaks as it stands.

    Parameters
    ----------
    code : str
        Stable name of the rule: line_arithmetic, sum, total_missing, gstin_check, gst_rate, no_lines, sign,
        old_balance.
    message : str
        What is wrong, with the numbers.
    field : str
        Path of the field: "total", "lines.0.amount".
    """

    code: str
    message: str
    field: str


@dataclass(frozen=True, slots=True)
class Suspicion(Message):
    """Text on the paper that speaks to a machine or a clerk instead of stating goods.

    Parameters
    ----------
    token : int
        Position in the reading.
    pattern : str
        Name of what was recognised.
    text : str
        The text, cut to 120 characters.
    """

    token: int
    pattern: str
    text: str


@dataclass(frozen=True, slots=True)
class BillDraft(Message):
    """What a machine made of a bill: a draft to confirm, never a posting.

    Parameters
    ----------
    engine : str
        Engine that read it.
    supplier, supplier_address, supplier_gstin, number : TextField
        Who sold, and the bill's number.
    bill_date : DateField
        The bill's day.
    lines : tuple of BillLine
        The goods.
    subtotal, discount, tax, charges, round_off, total : NumberField
        The foot, in paise; `tax` and `charges` are sums where several are printed.
    violations : tuple of Violation
        Rules broken as it stands.
    suspicions : tuple of Suspicion
        Text that tries to instruct.
    tax_in_amounts : bool, default=True
        Whether the lines' amounts already hold their tax.
    kind : {"bill", "credit_note"}, default="bill"
        A credit note takes goods back: its quantities, amounts and total are negative.
    old_balance : NumberField
        What was owed before, where the bill's total contains it.
    """

    engine: str
    supplier: TextField = NO_TEXT
    supplier_address: TextField = NO_TEXT
    supplier_gstin: TextField = NO_TEXT
    number: TextField = NO_TEXT
    bill_date: DateField = NO_DATE
    lines: tuple[BillLine, ...] = ()
    subtotal: NumberField = NO_NUMBER
    discount: NumberField = NO_NUMBER
    tax: NumberField = NO_NUMBER
    charges: NumberField = NO_NUMBER
    round_off: NumberField = NO_NUMBER
    total: NumberField = NO_NUMBER
    violations: tuple[Violation, ...] = ()
    suspicions: tuple[Suspicion, ...] = ()
    tax_in_amounts: bool = True
    kind: BillKind = "bill"
    old_balance: NumberField = NO_NUMBER

    @property
    def fields_to_ask(self) -> tuple[str, ...]:
        """Paths of the fields that the user must settle before the bill can be posted."""
        return tuple(path for path, each in self.fields() if each.status == "ask")

    @property
    def needs_review(self) -> bool:
        """Whether a person must look before anything is posted."""
        return bool(self.fields_to_ask or self.violations or self.suspicions)

    def fields(self) -> Iterator[tuple[str, TextField | NumberField | DateField]]:
        """Go through all fields with their paths."""
        for name in _HEAD_FIELDS:
            yield name, getattr(self, name)
        for position, line in enumerate(self.lines):
            for name in LINE_FIELDS:
                yield f"lines.{position}.{name}", getattr(line, name)


_HEAD_FIELDS = (
    "supplier",
    "supplier_address",
    "supplier_gstin",
    "number",
    "bill_date",
    "subtotal",
    "discount",
    "tax",
    "charges",
    "round_off",
    "total",
)
LINE_FIELDS = (
    "description",
    "hsn",
    "quantity",
    "free",
    "rate",
    "discount",
    "tax",
    "tax_basis_points",
    "amount",
)
