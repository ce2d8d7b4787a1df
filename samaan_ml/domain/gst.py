"""Goods and services tax by tariff heading and date of supply, as effective-dated data.

The table that comes along (`gst_rates.csv`) names the headings a kirana shop sells; it is a convenience and no
tax advice: a shop can give its own table. A heading that is not in it has no known rate, never a guessed one.
Rates are in basis points (1 % = 100), amounts in paise.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Literal

from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.money import divide_half_away

Packing = Literal["packed", "loose"]

RATES_BP = (0, 25, 300, 500, 1200, 1800, 2800, 4000)
"""Every rate that has been in force since 2017."""
HIGHEST_RATE_BP = RATES_BP[-1]
"""What a rate that is not known may be at most."""
_SHORTEST_SUMMED = 4
COMPOSITION_RATE_BP = 100
"""A trader under composition pays this on turnover, takes no input credit and shows no tax on the bill."""


@dataclass(frozen=True, slots=True)
class GstRate:
    """One rate of one heading from a day on.

    Parameters
    ----------
    hsn : str
        Tariff heading: 2 to 8 digits; a longer one outranks a shorter one.
    packing : {"any", "packed", "loose"}
        Pulses, flour and rice are taxed when pre-packaged and labelled and free when loose.
    from_date : date
        First day of supply at this rate.
    rate_bp : int
        The rate in basis points, central and state half together.
    what : str
        What the heading is about.
    """

    hsn: str
    packing: Literal["any", "packed", "loose"]
    from_date: date
    rate_bp: int
    what: str


@dataclass(frozen=True, slots=True)
class GstTable:
    """Rates by heading and date.

    Parameters
    ----------
    rates : tuple of GstRate
        All rates, any order.

    Examples
    --------
    >>> table = indian_gst()
    >>> table.rate_bp("3305", date(2025, 9, 21)), table.rate_bp("3305", date(2025, 9, 22))
    (1800, 500)
    >>> table.rate_bp("1006", date(2026, 1, 1), "loose"), table.rate_bp("1006", date(2026, 1, 1), "packed")
    (0, 500)
    >>> [(rate.hsn, rate.rate_bp) for rate in table.candidates("2202", date(2026, 1, 1))]
    [('220210', 4000), ('220299', 500)]
    """

    rates: tuple[GstRate, ...]

    def find(self, hsn: str, on: date, packing: Packing = "packed") -> GstRate | None:
        """Rate in force on the date of supply, None where the table does not know one rate of the heading then.

        A heading of which the table has only the parts has their rate where all of them have the same.
        """
        found = self.candidates(hsn, on, packing)
        return found[0] if len({rate.rate_bp for rate in found}) == 1 else None

    def candidates(self, hsn: str, on: date, packing: Packing = "packed") -> tuple[GstRate, ...]:
        """Rates in force on the date of supply that an item of a heading may have.

        Parameters
        ----------
        hsn : str
            Tariff heading of 2 to 8 digits.
        on : date
            Date of supply.
        packing : {"packed", "loose"}, default="packed"
            How it is sold.

        Returns
        -------
        tuple of GstRate
            The rate of the longest heading of the table that the given one is or belongs to. Where there is none,
            the rate of each part of it that the table has; of a chapter (fewer than 4 digits) none, for a table
            knows few parts of it. Empty where nothing is known.

        Raises
        ------
        RuleError
            When the heading is malformed.
        """
        digits = _digits(hsn)
        in_force = [rate for rate in self.rates if rate.packing in ("any", packing) and rate.from_date <= on]
        holding = [rate for rate in in_force if digits.startswith(rate.hsn)]
        if holding:
            return (max(holding, key=lambda rate: (len(rate.hsn), rate.from_date)),)
        parts: dict[str, GstRate] = {}
        for rate in sorted(in_force, key=lambda rate: (rate.hsn, rate.from_date)):
            if len(digits) >= _SHORTEST_SUMMED and rate.hsn.startswith(digits):
                parts[rate.hsn] = rate
        return tuple(parts.values())

    def rate_bp(self, hsn: str, on: date, packing: Packing = "packed") -> int:
        """Rate in basis points on the date of supply.

        Raises
        ------
        RuleError
            When the heading is malformed, not in the table on that day, or has parts of different rates.
        """
        found = self.candidates(hsn, on, packing)
        if not found:
            raise RuleError(
                f"no GST rate is known for HSN '{hsn}' on {on}; give the rate itself", field="hsn"
            )
        if len({rate.rate_bp for rate in found}) > 1:
            parts = ", ".join(f"{rate.hsn} ({rate.what}) {rate.rate_bp / 100:g} %" for rate in found)
            raise RuleError(
                f"HSN '{hsn}' is ambiguous, its parts have different GST rates on {on}: {parts}; "
                "give the longer heading or the rate itself",
                field="hsn",
            )
        return found[0].rate_bp

    def changes_between(
        self, hsn: str, first: date, last: date, packing: Packing = "packed"
    ) -> tuple[date, ...]:
        """Days after `first` and up to `last` on which the rate of a heading, or of a part of it, changed."""

        def rates(day: date) -> dict[str, int]:
            return {rate.hsn: rate.rate_bp for rate in self.candidates(hsn, day, packing)}

        days = sorted({rate.from_date for rate in self.rates if first < rate.from_date <= last})
        before = rates(first)
        out = []
        for day in days:
            now = rates(day)
            if now != before:
                out.append(day)
            before = now
        return tuple(out)


@dataclass(frozen=True, slots=True)
class TaxSplit:
    """A price with tax taken apart; the parts add up to the price to the paisa.

    Parameters
    ----------
    net_paise : int
        What the shop keeps before its own costs.
    cgst_paise, sgst_paise : int
        Central and state tax shown on the bill; both 0 under composition.
    composition_paise : int
        Tax on turnover that a shop under composition pays out of its own pocket.
    """

    net_paise: int
    cgst_paise: int
    sgst_paise: int
    composition_paise: int

    @property
    def tax_paise(self) -> int:
        """All tax contained in the price."""
        return self.cgst_paise + self.sgst_paise + self.composition_paise


def rate_problem(rate_bp: int) -> str | None:
    """Return why a number of basis points can be no GST rate; None where it can.

    A percent or a fraction given for basis points falls on no rate that was ever in force.

    Examples
    --------
    >>> rate_problem(1800) is None
    True
    >>> rate_problem(18)
    '18 bp (0.18 %) has never been a GST rate; 18 % is 1800 basis points'
    """
    if rate_bp in RATES_BP:
        return None
    said = f"{rate_bp} bp ({rate_bp / 100:g} %) has never been a GST rate"
    return f"{said}; {rate_bp} % is {100 * rate_bp} basis points" if 100 * rate_bp in RATES_BP else said


def stated_rate_bp(rate_bp: object = None, percent: object = None) -> int | None:
    """Read the rate of an item that is stated in basis points, in percent or in both; None where in neither.

    Raises
    ------
    RuleError
        When it has never been a rate, or the two disagree.

    Examples
    --------
    >>> stated_rate_bp(percent="18"), stated_rate_bp(500, 5.0), stated_rate_bp()
    (1800, 500, None)
    """
    found: set[int] = set()
    for name, value, times in (("gst_rate_bp", rate_bp, 1), ("gst_percent", percent, 100)):
        if value is None or value != value:
            continue
        try:
            exact = float(str(value)) * times
        except ValueError:
            exact = -1.0
        if abs(exact - round(exact)) > 1e-6 or round(exact) not in RATES_BP:
            unit = "basis points, 1800 for 18 %" if times == 1 else "percent, 18 for 18 %"
            raise RuleError(f"'{value}' has never been a GST rate; expected {unit}", field=name)
        found.add(round(exact))
    if len(found) > 1:
        raise RuleError(f"gst_rate_bp '{rate_bp}' and gst_percent '{percent}' disagree", field="gst_percent")
    return next(iter(found), None)


def split_price(price_paise: int, rate_bp: int, *, composition: bool = False) -> TaxSplit:
    """Take the tax out of a price that contains it, halves rounded up.

    Examples
    --------
    >>> split_price(11800, 1800)
    TaxSplit(net_paise=10000, cgst_paise=900, sgst_paise=900, composition_paise=0)
    >>> split_price(11800, 1800, composition=True)
    TaxSplit(net_paise=11682, cgst_paise=0, sgst_paise=0, composition_paise=118)
    """
    if price_paise < 0 or not 0 <= rate_bp <= 10_000:
        raise RuleError(f"a price of {price_paise} paise at a rate of {rate_bp} bp cannot be split")
    if composition:
        due = divide_half_away(price_paise * COMPOSITION_RATE_BP, 10_000)
        return TaxSplit(price_paise - due, 0, 0, due)
    net = divide_half_away(price_paise * 10_000, 10_000 + rate_bp)
    tax = price_paise - net
    return TaxSplit(net, tax - tax // 2, tax // 2, 0)


def with_tax(net_paise: int, rate_bp: int) -> int:
    """Price with tax of a net amount, halves rounded up.

    Examples
    --------
    >>> with_tax(10000, 500)
    10500
    """
    return divide_half_away(net_paise * (10_000 + rate_bp), 10_000)


@cache
def indian_gst() -> GstTable:
    """The table that comes along, read on first use."""
    with files("samaan_ml.domain").joinpath("gst_rates.csv").open(encoding="utf-8") as source:
        return read_gst_table(source)


def read_gst_table(lines: Iterable[str]) -> GstTable:
    """Read a table with the columns hsn, packing, from, rate_bp, what.

    Raises
    ------
    RuleError
        When a line is not of that form; the line is named.
    """
    rates = []
    for number, row in enumerate(csv.DictReader(lines), start=2):
        try:
            packing = row["packing"]
            if packing not in ("any", "packed", "loose"):
                raise ValueError(f"packing '{packing}' is not one of any, packed, loose")
            rate_bp = int(row["rate_bp"])
            if rate_bp not in RATES_BP:
                raise ValueError(f"{rate_bp} bp has never been a GST rate")
            start = date.fromisoformat(row["from"])
            rates.append(GstRate(_digits(row["hsn"]), packing, start, rate_bp, row["what"] or ""))  # type: ignore[arg-type]
        except (KeyError, TypeError, ValueError) as error:
            raise RuleError(f"line {number} of the GST table cannot be read: {error}") from None
    return GstTable(tuple(rates))


def _digits(hsn: str) -> str:
    """A heading as digits."""
    digits = hsn.replace(" ", "").replace(".", "")
    if not digits.isdigit() or not 2 <= len(digits) <= 8:
        raise RuleError(f"'{hsn}' is not an HSN heading of 2 to 8 digits", field="hsn")
    return digits


def retail_rate_bp(table: GstTable, hsn: str | None, unit: str, on: date) -> int | None:
    """Return the rate at which a shop sells an item on a day, or None where its heading says none or several.

    Parameters
    ----------
    table : GstTable
        The rates.
    hsn : str or None
        The item's tariff heading.
    unit : str
        The item's unit: what is weighed or measured out is sold loose, pieces are packed.
    on : date
        The day of the supply.

    Returns
    -------
    int or None
        Basis points.
    """
    found = None if hsn is None else table.find(hsn, on, "packed" if unit == "piece" else "loose")
    return None if found is None else found.rate_bp
