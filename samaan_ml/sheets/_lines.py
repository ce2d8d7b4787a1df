"""One row of a sheet as one line of sales, or the reason why it cannot be one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from samaan_ml.domain.unit_words import UnitWord, unit_word
from samaan_ml.sheets._cells import Cell, text_of
from samaan_ml.sheets._evidence import days_of, key_of, number_of, side_of
from samaan_ml.sheets._goods import is_service, is_total, says_cancelled, says_return, spoilt_code
from samaan_ml.sheets._line import _ONE, Line, Reading, RefusedRow
from samaan_ml.sheets._numbers import Number

__all__ = ["LineReader"]


_FAR = Decimal(5)
_LONGEST_ITEM = 200
_EARLIEST_YEAR = 1970
_LARGEST = Decimal(10) ** 12


@dataclass(slots=True)
class LineReader:
    """Turns rows into lines, in order.

    Parameters
    ----------
    reading : Reading
        How the sheet is read.
    """

    reading: Reading
    _dated: Cell = None
    _names: tuple[str, ...] = field(init=False)
    _places: tuple[int, ...] = field(init=False)
    _heading: tuple[str, ...] = field(init=False)
    _money_named: bool = field(init=False)

    def __post_init__(self) -> None:
        """Prepare what every row needs."""
        self._names, self._places = tuple(self.reading.columns), tuple(self.reading.columns.values())
        self._heading = tuple(text_of(self.reading.heading[place]) for place in self._places)
        self._money_named = self.reading.money.amount is not None or "price" in self.reading.columns

    def read(self, row: int, cells: Sequence[Cell]) -> Line:
        """Return the line of a row."""
        here = {
            name: cells[place] if place < len(cells) else None
            for name, place in zip(self._names, self._places, strict=True)
        }
        texts = {name: text_of(cell) for name, cell in here.items()}
        raw = tuple(texts.values())
        try:
            return self._line(row, cells, here, texts)._replace(cells=raw)
        except RefusedRow as refused:
            return Line(row, "bad", str(refused), cells=raw)

    def _line(
        self, row: int, cells: Sequence[Cell], here: Mapping[str, Cell], texts: Mapping[str, str]
    ) -> Line:
        """Read a row, or raise RefusedRow."""
        self._check_row(cells, here, texts)
        item, name = self._item(texts)
        kind = texts.get("kind", "").casefold()
        numbers = {field: number_of(cell) for field, cell in here.items() if field in _NUMERIC}
        quantity = self._number("quantity", numbers, texts)
        on = self._day(texts)
        returned = self._is_return(kind, numbers, quantity)
        unit, word, factor = self._unit(item, numbers["quantity"], texts)
        line = Line(
            row,
            "return" if returned else "sale",
            "",
            on,
            item,
            name,
            abs(quantity) * factor,
            unit,
            word,
            factor,
            mrp=self._optional("mrp", numbers),
            cost=self._optional("cost", numbers),
            invoice=texts.get("invoice", ""),
            customer=texts.get("customer", ""),
            shop=texts.get("shop", ""),
            category=texts.get("category", ""),
        )
        if quantity == 0:
            return line._replace(state="zero")
        return self._with_money(line, abs(quantity), numbers, texts)

    def _check_row(self, cells: Sequence[Cell], here: Mapping[str, Cell], texts: Mapping[str, str]) -> None:
        """Reject a row that is not about goods; keep the date that holds for those below it."""
        heading = self.reading.heading
        filled = [name for name, text in texts.items() if text]
        if not filled and not any(text_of(cell) for cell in cells):
            raise RefusedRow("blank row")
        if tuple(texts.values()) == self._heading:
            raise RefusedRow("the heading once more")
        named = texts.get("item") or texts.get("name", "")
        total = next((text for text in (named, texts.get("date", "")) if is_total(text)), None)
        if total is not None:
            raise RefusedRow(f"a total: '{total[:60]}'")
        if texts["date"]:
            self._dated = here["date"]
        if self.reading.fill_down and filled == ["date"]:
            raise RefusedRow("a date alone, taken for the rows below")
        if len(cells) > len(heading) and any(text_of(cell) for cell in cells[len(heading) :]):
            raise RefusedRow(f"{len(cells)} cells where the heading has {len(heading)}")

    def _item(self, texts: Mapping[str, str]) -> tuple[str, str]:
        """Return code and name."""
        name = texts.get("name", "")
        item = texts.get("item", "") or name
        if not item:
            raise RefusedRow("item is missing")
        if len(item) > _LONGEST_ITEM or not item.isprintable():
            raise RefusedRow("item is too long or not printable")
        if spoilt_code(item):
            raise RefusedRow(
                f"the barcode is shortened to '{item}'; format the column as text and export again"
            )
        if key_of(item) not in self.reading.keep_codes and (is_service(item) or (name and is_service(name))):
            raise RefusedRow(f"not goods but a charge or an adjustment: '{item}'")
        return item, name[:_LONGEST_ITEM]

    def _number(self, name: str, numbers: Mapping[str, Number], texts: Mapping[str, str]) -> Decimal:
        """Return a number that must be there."""
        number, text = numbers[name], texts[name]
        value = number.value(self.reading.decimal)
        if value is None:
            raise RefusedRow(f"{name} cannot be read, got '{text[:40]}'" if text else f"{name} is missing")
        if number.open and self.reading.decimals == "mixed":
            raise RefusedRow(
                f"{name} can be read in two ways, got '{text[:40]}'; say which mark is the decimal one"
            )
        if abs(value) > _LARGEST:
            raise RefusedRow(f"{name} is too large, got '{text[:40]}'")
        return value

    def _optional(self, name: str, numbers: Mapping[str, Number]) -> Decimal | None:
        """Return a number that may be missing; below zero counts as missing."""
        value = numbers[name].value(self.reading.decimal) if name in numbers else None
        return value if value is not None and 0 < value <= _LARGEST else None

    def _day(self, texts: Mapping[str, str]) -> date:
        """Return the day of a row: its own, or that of the rows above."""
        cell = self._dated if self.reading.fill_down else (self._dated if texts["date"] else None)
        text = text_of(cell)
        if not text:
            raise RefusedRow("date is missing")
        days, reading = days_of(cell), self.reading.dates
        if days.open and reading == "mixed":
            raise RefusedRow(
                f"date can be read in two ways, got '{text[:40]}'; say whether day or month comes first"
            )
        if days.day_first is None and days.month_first is None:
            raise RefusedRow(f"date cannot be read, got '{text[:40]}'")
        if reading == "mixed":
            day = days.day_first or days.month_first
        else:
            day = days.month_first if reading == "mdy" else days.day_first
        if day is None:
            first = "month" if reading == "mdy" else "day"
            raise RefusedRow(f"date does not exist when read {first} first, as the file's other dates are")
        if self.reading.today is not None and day > self.reading.today:
            raise RefusedRow("date lies in the future")
        if day.year < _EARLIEST_YEAR:
            raise RefusedRow(f"date is before {_EARLIEST_YEAR}")
        return day

    def _is_return(self, kind: str, numbers: Mapping[str, Number], quantity: Decimal) -> bool:
        """Tell goods that came back: a quantity or amount below zero, the other side, or a word that says so."""
        if says_cancelled(kind):
            raise RefusedRow(f"the bill is cancelled: '{kind[:40]}'")
        side = side_of(kind, numbers)
        if not side and kind == "credit" and not self.reading.cash_kinds:
            side = "cr"
        if side and self.reading.sale_side is None:
            raise RefusedRow(f"'{side.title()}' can mark a sale or a return; say which side is a sale")
        amount = numbers["amount"].value(self.reading.decimal) if "amount" in numbers else None
        below = amount is not None and amount < 0 and quantity > 0
        return bool(quantity < 0 or below or says_return(kind) or (side and side != self.reading.sale_side))

    def _unit(self, item: str, quantity: Number, texts: Mapping[str, str]) -> tuple[str, str, Decimal]:
        """Return what a quantity counts, the unit as written, and how many base units that has."""
        word = quantity.word or _first_word(texts.get("unit", ""))
        if not word:
            return "", "", _ONE
        found = quantity.unit or unit_word(word) or UnitWord("piece", None)
        usual = self._usual(key_of(item))
        mine = found.family if found.factor is not None else f"pack {word.casefold()}"
        if usual is not None and mine != usual and not (usual == "piece" and mine.startswith("pack")):
            shown = usual.removeprefix("pack ")
            raise RefusedRow(f"'{item[:40]}' is written in {shown} elsewhere, here in '{word[:20]}'")
        if found.factor is None:
            return "pack", word, _ONE
        return found.family, word, found.factor

    def _usual(self, key: str) -> str | None:
        """Return the unit in which most rows write an item; None where it never changes."""
        counts = self.reading.units.get(key)
        if counts is None or len(counts) < 2:
            return None
        kinds: Counter[str] = Counter()
        for word, count in counts.items():
            if not word:
                continue
            found = unit_word(word)
            kinds[found.family if found is not None and found.factor is not None else f"pack {word}"] += count
        return kinds.most_common(1)[0][0] if len(kinds) > 1 else None

    def _with_money(
        self,
        line: Line,
        written: Decimal,
        numbers: Mapping[str, Number],
        texts: Mapping[str, str],
    ) -> Line:
        """Add price and amount: what was paid wins over what is printed."""
        amount = numbers["amount"].value(self.reading.decimal) if "amount" in numbers else None
        rate_field = "mrp" if self.reading.mrp_is_price else "price"
        rate = None
        if rate_field in numbers and (texts[rate_field] or amount is None):
            rate = self._number(rate_field, numbers, texts)
        if "amount" in numbers and texts["amount"] and (amount is None or numbers["amount"].open):
            amount = self._number("amount", numbers, texts)
        if rate is None and amount is None:
            if not self._money_named and not self.reading.mrp_is_price:
                return line
            name = rate_field if rate_field in numbers else "amount"
            raise RefusedRow(f"{name} is missing")
        self._check_money(line, rate, amount, rate_field)
        if rate is not None:
            line = self._at_rate(line, rate, numbers[rate_field])
        if amount is not None:
            paid = abs(amount) - (
                self._off(abs(amount), numbers, texts) if self.reading.money.before_discount else 0
            )
            return self._paid(line, paid)
        if line.price is None:
            if self._off(written, numbers, texts):
                raise RefusedRow(
                    f"the rate may be of one unit or of a whole '{line.word}'; add a column of amounts"
                )
            return line
        gross = line.price * line.quantity
        off = self._off(gross, numbers, texts)
        return self._paid(line, gross - off) if off else line._replace(amount=gross)

    def _check_money(self, line: Line, rate: Decimal | None, amount: Decimal | None, name: str) -> None:
        """Refuse prices that no sale has."""
        paid = amount if amount is not None else rate
        label = "amount" if amount is not None else name
        if line.state == "return" and paid is not None and (paid == 0 or (rate is not None and rate <= 0)):
            raise RefusedRow(f"{label} is not above 0 on a returned line: a stock adjustment")
        if rate is not None and rate < 0:
            raise RefusedRow(f"{name} is negative")
        if paid == 0:
            raise RefusedRow(f"{label} is 0")

    def _at_rate(self, line: Line, rate: Decimal, number: Number) -> Line:
        """Add the price of a base unit where the unit of the rate is known, else keep the rate as written."""
        if number.per is not None and number.per.factor is not None:
            if line.unit not in ("", "pack", number.per.family):
                raise RefusedRow(f"the rate is per {number.per.family}, the quantity in '{line.word}'")
            return line._replace(price=rate / number.per.factor)
        if line.factor <= 1:  # prices are not quoted by the gram: a rate beside grams is that of a kilogram
            return line._replace(price=rate)
        return line._replace(rate=rate)

    def _paid(self, line: Line, amount: Decimal) -> Line:
        """Add what was paid, which makes the price of a unit; refuse an amount far from the rate."""
        if amount <= 0:
            raise RefusedRow("the discount is as much as the amount")
        expected = [each * line.quantity for each in (line.price,) if each]
        if line.rate:
            expected = [line.rate * line.quantity, line.rate * line.quantity / line.factor]
        if (
            expected
            and line.unit != "pack"
            and not any(each / _FAR <= amount <= each * _FAR for each in expected)
        ):
            raise RefusedRow(f"the amount {amount:f} is far from quantity times rate, {expected[0]:f}")
        return line._replace(amount=amount, price=amount / line.quantity, rate=None)

    def _off(self, gross: Decimal, numbers: Mapping[str, Number], texts: Mapping[str, str]) -> Decimal:
        """Return the discount in rupees."""
        name = "discount_percent" if "discount_percent" in numbers else "discount"
        if name not in numbers or not texts[name]:
            return Decimal(0)
        off = abs(self._number(name, numbers, texts))
        if off == 0:
            return off
        kind = "percent" if numbers[name].percent else self.reading.money.discount
        if kind == "open":
            raise RefusedRow(
                f"the discount '{texts[name][:20]}' can be rupees or percent; name its column as one of them"
            )
        if kind == "percent" and off > 100:
            raise RefusedRow(f"the discount {off:f} % is above 100 %")
        return gross * off / 100 if kind == "percent" else off


_NUMERIC = frozenset(("quantity", "price", "amount", "mrp", "cost", "discount", "discount_percent", "free"))


def _first_word(unit: str) -> str:
    """Return the unit of a cell such as `PCS-PIECES`."""
    return unit.partition("-")[0].strip(" .()") if unit_word(unit) is None else unit
