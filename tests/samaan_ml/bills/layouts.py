"""Bills of Indian distributors, made up: twenty layouts by the columns, units, taxes and feet they have."""

# ruff: noqa: E501 (tables stand as they are)

import random
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from samaan_ml.bills import Box, Reading, Token

TODAY = date(2026, 11, 30)
GOODS = (
    ("Toor Dal", "0713"), ("Sugar M-30", "1701"), ("Parle-G 80g", "1905"), ("Surf Excel 1kg", "3402"),
    ("Tata Salt 1kg", "2501"), ("Amul Butter 100g", "0405"), ("Maggi 70g", "1902"), ("Colgate 100g", "3306"),
    ("Red Label 250g", "0902"), ("Lux Soap", "3401"),
)  # fmt: skip
_WIDTH = 8.0


@dataclass(frozen=True)
class Layout:
    """What a bill has: its columns and its foot."""

    name: str
    discount: Literal["", "percent", "percent_unmarked", "rupees"] = ""
    tax: Literal[
        "", "foot_halves", "foot_igst", "percent_in", "percent_out", "halves_in", "half_rates_in", "igst_in"
    ] = ""
    unit: Literal["", "dz", "g", "column", "gross"] = ""
    free: Literal["", "plus", "column"] = ""
    suffix: bool = False
    serial: bool = False
    hsn: bool = False
    mrp: bool = False
    old_balance: bool = False
    carried: bool = False
    round_off: bool = True
    foot_discount: bool = False
    hsn_table: bool = False
    heads: tuple[str, str, str, str] = ("Item", "Qty", "Rate", "Amount")
    total: str = "Grand Total"


LAYOUTS = (
    Layout("plain"),
    Layout("serial and hsn", serial=True, hsn=True, heads=("Description of Goods", "Qty", "Rate", "Amount")),
    Layout("mrp", mrp=True, serial=True, total="Net Amount"),
    Layout("percent discount", discount="percent", tax="foot_halves"),
    Layout("unmarked percent", discount="percent_unmarked"),
    Layout("rupee discount", discount="rupees", tax="foot_igst", total="Net Payable"),
    Layout("gst percent in line", tax="percent_in", discount="percent"),
    Layout("gst percent, tax in foot", tax="percent_out"),
    Layout("cgst and sgst columns", tax="halves_in", hsn=True),
    Layout("igst column", tax="igst_in"),
    Layout("cgst% and sgst% columns", tax="half_rates_in"),
    Layout("dozens with suffix", unit="dz", suffix=True),
    Layout("grams", unit="g"),
    Layout("unit column", unit="column", heads=("Particulars", "Qty", "Rate", "Amt")),
    Layout("gross", unit="gross"),
    Layout("free in quantity", free="plus"),
    Layout("free column", free="column", discount="percent", tax="foot_halves"),
    Layout("foot discount", foot_discount=True, tax="foot_halves"),
    Layout("carried forward", carried=True, suffix=True),
    Layout("hsn table at the foot", tax="foot_halves", hsn=True, hsn_table=True, heads=("Product", "Qty", "Price", "Value")),
)  # fmt: skip


@dataclass
class Made:
    """A bill as cells, and what it says: (quantity in base milli-units, amount, free) a line, and the total."""

    rows: list[list[tuple[float, str]]]
    lines: list[tuple[int, int, int]]
    total: int


def rupees(paise: int, *, suffix: bool = False) -> str:
    """Write an amount the Indian way."""
    head, tail = str(paise // 100)[:-3], str(paise // 100)[-3:]
    while head:
        tail, head = f"{head[-2:]},{tail}", head[:-2]
    return f"{tail}/-" if suffix and paise % 100 == 0 else f"{tail}.{paise % 100:02d}"


def right(x: float, text: str) -> tuple[float, str]:
    """Place a text that ends at x."""
    return x - _WIDTH * len(text), text


def share(amount: int, basis_points: int) -> int:
    """Return a percentage of an amount, rounded half up."""
    return (amount * basis_points + 5_000) // 10_000


def make(layout: Layout, rng: random.Random) -> Made:
    """Make a bill of a layout."""
    day = (TODAY - timedelta(rng.randint(1, 60))).strftime(
        rng.choice(("%d/%m/%y", "%d-%m-%Y", "%d.%m.%y", "%d-%b-%Y"))
    )
    rows: list[list[tuple[float, str]]] = [
        [(200, rng.choice(("SHREE GANESH TRADERS", "Mahalaxmi Agencies", "NEW BHARAT DISTRIBUTORS")))],
        [(200, "12 Market Yard, Pune 411037")],
        [(0, f"Bill No: SG/{rng.randint(100, 999)}/26-27"), (500, f"Date: {day}")],
    ]
    columns = _columns(layout)
    rows.append(
        [
            (columns[name] if left else columns[name] - _WIDTH * len(text), text)
            for name, text, left in _heads(layout)
        ]
    )
    lines, sums, taxes = [], 0, 0
    goods = rng.sample(GOODS, rng.randint(4, 8))
    for number, (name, hsn) in enumerate(goods, start=1):
        cells, line, tax = _line(layout, rng, columns, number, name, hsn)
        rows.append(cells)
        lines.append(line)
        sums, taxes = sums + line[1], taxes + tax
        if layout.carried and number == 3:
            rows.append(
                [(300, "Carried Forward"), right(columns["amount"], rupees(sums, suffix=layout.suffix))]
            )
    total = _foot(layout, rng, rows, columns, sums, taxes)
    return Made(rows, lines, total)


def _columns(layout: Layout) -> dict[str, float]:
    """Return the right (for words the left) edge of each column."""
    names = ["qty", "unit", "free", "mrp", "rate", "discount", "tax", "tax2", "amount"]
    used = {"qty": True, "unit": layout.unit == "column", "free": layout.free == "column", "mrp": layout.mrp, "rate": True,
            "discount": bool(layout.discount), "tax": layout.tax in ("percent_in", "percent_out", "halves_in", "half_rates_in", "igst_in"),
            "tax2": layout.tax in ("halves_in", "half_rates_in"), "amount": True}  # fmt: skip
    places = {"serial": 0.0, "item": 40.0 if layout.serial else 0.0, "hsn": 260.0}
    x = 300.0 if not layout.hsn else 360.0
    for name in names:
        if used[name]:
            x += 95.0
            places[name] = x
    return places


def _heads(layout: Layout) -> list[tuple[str, str, bool]]:
    """Return the headings: column, text, and whether it stands at the left edge."""
    item, quantity, rate, amount = layout.heads
    tax = {
        "percent_in": "GST%",
        "percent_out": "GST%",
        "halves_in": "CGST",
        "half_rates_in": "CGST%",
        "igst_in": "IGST",
    }
    found = [("item", item, True), ("qty", quantity, False)]
    found += [("serial", "Sr", True)] * layout.serial + [("hsn", "HSN", True)] * layout.hsn
    found += [("unit", "Unit", False)] * (layout.unit == "column") + [("free", "Free", False)] * (
        layout.free == "column"
    )
    found += [("mrp", "MRP", False)] * layout.mrp + [("rate", rate, False)]
    found += [("discount", "Disc%" if layout.discount == "percent" else "Disc", False)] * bool(
        layout.discount
    )
    found += [("tax", tax.get(layout.tax, ""), False)] * (layout.tax in tax)
    found += [("tax2", "SGST%" if layout.tax == "half_rates_in" else "SGST", False)] * (
        layout.tax in ("halves_in", "half_rates_in")
    )
    return [*found, ("amount", amount, False)]


def _line(
    layout: Layout, rng: random.Random, columns: dict[str, float], number: int, name: str, hsn: str
) -> tuple[list[tuple[float, str]], tuple[int, int, int], int]:
    """Make one line: its cells, what it says, and the tax that the foot adds."""
    count, rate = rng.randint(1, 24), rng.randint(40, 400) * 100
    base, word, unit = count * 1000, str(count), ""
    gross = count * rate
    if layout.unit in ("dz", "gross"):
        base, word = count * (12_000 if layout.unit == "dz" else 144_000), f"{count} {layout.unit}"
    elif layout.unit == "g":
        grams = rng.choice((250, 500, 750, 1250))
        base, word, gross = grams, f"{grams} gm", (grams * rate + 500) // 1000
    elif layout.unit == "column":
        unit = rng.choice(("PCS", "KG", "DOZ"))
        base = count * (12_000 if unit == "DOZ" else 1000)
    free = rng.choice((0, 1, 2)) if layout.free else 0
    if layout.free == "plus" and free:
        word = f"{count}+{free}"
    off, tax = rng.choice((0, 200, 500, 1000)), rng.choice((0, 500, 1800))
    taken = share(gross, off) if layout.discount else 0
    amount, foot_tax = gross - taken, 0
    cells = [
        (columns["item"], name),
        right(columns["qty"], word),
        right(columns["rate"], rupees(rate, suffix=layout.suffix)),
    ]
    cells += [(columns["serial"], str(number))] * layout.serial + [(columns["hsn"], hsn)] * layout.hsn
    if layout.mrp:
        cells.append(right(columns["mrp"], rupees(rate * 5 // 4)))
    if unit:
        cells.append(right(columns["unit"], unit))
    if layout.free == "column":
        cells.append(right(columns["free"], str(free)))
    if layout.discount:
        shown = {"percent": f"{off // 100}%", "percent_unmarked": str(off // 100), "rupees": rupees(taken)}
        cells.append(right(columns["discount"], shown[layout.discount]))
    if layout.tax in ("percent_in", "percent_out"):
        cells.append(right(columns["tax"], f"{tax // 100}%"))
        amount, foot_tax = (
            (amount + share(amount, tax), 0) if layout.tax == "percent_in" else (amount, share(amount, tax))
        )
    elif layout.tax == "igst_in":
        cells.append(right(columns["tax"], rupees(share(amount, tax))))
        amount += share(amount, tax)
    elif layout.tax in ("halves_in", "half_rates_in"):
        half = share(amount, tax // 2)
        text = rupees(half) if layout.tax == "halves_in" else f"{tax / 200:g}%"
        cells += [right(columns["tax"], text), right(columns["tax2"], text)]
        amount += 2 * half if layout.tax == "halves_in" else share(amount, tax)
    cells.append(right(columns["amount"], rupees(amount, suffix=layout.suffix)))
    return sorted(cells), (base, amount, free * (12_000 if unit == "DOZ" else 1000)), foot_tax


def _foot(
    layout: Layout,
    rng: random.Random,
    rows: list[list[tuple[float, str]]],
    columns: dict[str, float],
    sums: int,
    taxes: int,
) -> int:
    """Add the foot, and return the total."""
    x, at = columns["amount"], columns["rate"] - 60

    def say(label: str, amount: int) -> None:
        rows.append(
            [
                (at - 120, label),
                right(x, ("-" if amount < 0 else "") + rupees(abs(amount), suffix=layout.suffix)),
            ]
        )

    total = sums
    if layout.foot_discount:
        off = share(sums, 200)
        say("Sub Total", sums)
        say("Less Cash Discount", off)
        total -= off
    if layout.tax == "foot_halves":
        half = share(total, 250)
        say("Taxable Value", total)
        say("CGST 2.5%", half)
        say("SGST 2.5%", half)
        total += 2 * half
    elif layout.tax == "foot_igst":
        say("IGST 5%", share(total, 500))
        total += share(total, 500)
    elif layout.tax == "percent_out":
        say("Add GST", taxes)
        total += taxes
    even = (total + 50) // 100 * 100 - total if layout.round_off else 0
    if even:
        say("Round Off", even)
    say(layout.total, total + even)
    if layout.hsn_table:
        rows.append([(0, "HSN"), (150, "Taxable"), (300, "CGST"), (420, "SGST"), (540, "Total Tax")])
        half = share(sums, 250)
        rows.append(
            [
                (0, "0713"),
                right(210, rupees(sums)),
                right(360, rupees(half)),
                right(480, rupees(half)),
                right(620, rupees(2 * half)),
            ]
        )
    rows.append([(0, "Goods once sold will not be taken back"), (500, "For " + rows[0][0][1])])
    return total + even


def read(rows: list[list[tuple[float, str]]], rng: random.Random, wrong_digits: float = 0.0) -> Reading:
    """Return the words of a bill as an engine reads them, some of their digits wrong."""
    tokens = []
    for y, row in enumerate(rows):
        for start, text in row:
            x = start
            for word in text.split(" "):
                seen = "".join(
                    rng.choice("0123456789") if c.isdigit() and rng.random() < wrong_digits else c
                    for c in word
                )
                tokens.append(Token(seen, Box(x, y * 22, x + _WIDTH * len(word), y * 22 + 12)))
                x += _WIDTH * (len(word) + 1)
    return Reading("made", tuple(tokens))
