"""Bills: fields from given words on SROIE and WildReceipt, and digit repair on simulated bills.

    python benchmarks/bills.py --data DIR [--out FILE]

SROIE and WildReceipt give every word with its box, so that this measures the reading of words, not of pixels. The
simulated bills misread each digit with a probability and ask: how many are wholly right without a question, how
many are silently wrong. Receipts with an even position (in sorted order) served to write the rules; the table
shows them ("seen") beside the others ("held out").
"""

import argparse
import csv
import json
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from samaan_ml.bills import BillDraft, Box, Reading, Token, find_date, parse_amount, read_bill

TODAY = date(2026, 11, 23)


@dataclass
class Tally:
    """Right answers and cases by measure and by part."""

    right: Counter[tuple[str, str]] = field(default_factory=Counter)
    cases: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, measure: str, part: str, right: float, cases: float = 1.0) -> None:
        """Count one case."""
        self.right[measure, part] += right  # type: ignore[assignment]
        self.cases[measure, part] += cases  # type: ignore[assignment]

    def share(self, measure: str, part: str) -> float:
        """Return the share of right ones."""
        return self.right[measure, part] / max(self.cases[measure, part], 1e-9)

    def measures(self) -> list[str]:
        """Name the measures in the order in which they came."""
        return list(dict.fromkeys(measure for measure, _ in self.cases))


def flat(text: str | None) -> str:
    """Lower case, letters and digits only."""
    return re.sub(r"[^a-z0-9]", "", (text or "").lower())


def sroie(folder: Path) -> Iterator[tuple[Reading, dict[str, str]]]:
    """Go through the receipts: a token a printed line."""
    for path in sorted((folder / "box").glob("*.csv")):
        tokens = []
        for row in csv.reader(
            path.read_text(encoding="utf-8", errors="replace").splitlines(), quoting=csv.QUOTE_NONE
        ):
            if len(row) >= 9:
                x = [float(value) for value in row[0:8:2]]
                y = [float(value) for value in row[1:8:2]]
                tokens.append(Token(",".join(row[8:]), Box(min(x), min(y), max(x), max(y))))
        key = json.loads((folder / "key" / f"{path.stem}.json").read_text(encoding="utf-8"))
        yield Reading("given", tuple(tokens)), key


def score_sroie(folder: Path, tally: Tally, show: Callable[[str], None]) -> float:
    """Compare the four key fields; returns CPU seconds."""
    spent = 0.0
    for place, (reading, key) in enumerate(sroie(folder)):
        began = time.process_time()
        draft = read_bill(reading, today=TODAY)
        spent += time.process_time() - began
        part = "seen" if place % 2 == 0 else "held out"
        wanted = find_date(key["date"], TODAY)
        answers = {
            "sroie company": flat(draft.supplier.value) == flat(key["company"]),
            "sroie date": wanted is not None and draft.bill_date.value == wanted[0],
            "sroie address": flat(draft.supplier_address.value) == flat(key["address"]),
            "sroie total": draft.total.value is not None and draft.total.value == parse_amount(key["total"]),
        }
        for measure, right in answers.items():
            tally.add(measure, part, float(right))
            if not right:
                show(f"{part} {place} {measure}: {key} GOT {got(draft)}")
    return spent


def got(draft: BillDraft) -> str:
    """Write the head of a draft on one line."""
    total = None if draft.total.value is None else draft.total.value / 100
    head = f"{draft.supplier.value!r} {draft.bill_date.value} {draft.supplier_address.value!r}"
    return f"{head} {total} {draft.total.status}"


STORE, DATE, ITEM, QUANTITY, PRICE, SUBTOTAL, TAX, TOTAL = 1, 7, 11, 13, 15, 17, 19, 23


def wildreceipt(path: Path) -> Iterator[tuple[Reading, dict[int, list[str]]]]:
    """Go through the receipts: a token a labelled box."""
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        tokens, labels = [], {}
        for each in sorted(record["annotations"], key=lambda a: (min(a["box"][1::2]), min(a["box"][0::2]))):
            x, y = each["box"][0::2], each["box"][1::2]
            if each["text"].strip():
                tokens.append(Token(each["text"], Box(min(x), min(y), max(x), max(y))))
                labels.setdefault(each["label"], []).append(each["text"])
        yield Reading("given", tuple(tokens)), labels


def score_wildreceipt(path: Path, tally: Tally, show: Callable[[str], None]) -> float:
    """Compare store, date, totals and the lines of goods; returns CPU seconds."""
    spent = 0.0
    for place, (reading, labels) in enumerate(wildreceipt(path)):
        began = time.process_time()
        draft = read_bill(reading, today=TODAY)
        spent += time.process_time() - began
        part = "seen" if place % 2 == 0 else "held out"
        if STORE in labels:
            right = flat(draft.supplier.value) == flat("".join(labels[STORE])) or flat(
                draft.supplier.value
            ) in {flat(text) for text in labels[STORE]}
            tally.add("wild store", part, float(right))
            if not right:
                show(f"{part} {place} store {labels[STORE]} GOT {draft.supplier.value!r}")
        days = {found[0] for text in labels.get(DATE, []) if (found := find_date(text, TODAY))}
        if days:
            tally.add("wild date", part, float(draft.bill_date.value in days))
            if draft.bill_date.value not in days:
                show(f"{part} {place} date {labels[DATE]} GOT {draft.bill_date.value}")
        for measure, label, value in (
            ("wild total", TOTAL, draft.total.value),
            ("wild subtotal", SUBTOTAL, draft.subtotal.value),
        ):
            amounts = {parse_amount(text) for text in labels.get(label, [])} - {None}
            if amounts:
                tally.add(measure, part, float(value in amounts))
                if value not in amounts:
                    show(f"{part} {place} {measure} {labels[label]} GOT {value}")
        score_lines(draft, labels, tally, part)
    return spent


def score_lines(draft: BillDraft, labels: dict[int, list[str]], tally: Tally, part: str) -> None:
    """Add the items' names and the lines' amounts found to the F1 measures."""
    names = Counter(flat(text) for text in labels.get(ITEM, []))
    found = Counter(flat(line.description.value) for line in draft.lines if line.description.value)
    shared = sum((names & found).values())
    tally.add("wild item name F1", part, 2.0 * shared, sum(names.values()) + sum(found.values()))
    prices = Counter(parse_amount(text) for text in labels.get(PRICE, []))
    amounts = Counter(line.amount.value for line in draft.lines if line.amount.value is not None)
    for line in draft.lines:
        if line.rate.status in {"read", "checked", "repaired"} and line.rate.value is not None:
            amounts[line.rate.value] += 1
    shared = sum((prices & amounts).values())
    tally.add("wild price F1", part, 2.0 * shared, sum(prices.values()) + sum(amounts.values()))


# --- simulated bills --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TrueLine:
    """One line as it was printed, in paise and milli-units."""

    name: str
    quantity: int
    rate: int
    discount: int
    tax: int
    amount: int


GOODS = (
    "Toor dal",
    "Sugar",
    "Parle-G",
    "Surf Excel",
    "Tata salt",
    "Aata 5 kg",
    "Amul butter",
    "Maggi",
    "Colgate",
    "Red Label",
)
HEADINGS = ("Item", "Qty", "Rate", "Disc", "GST", "Amount")
LEFT = (0.0, 300.0, 380.0, 480.0, 580.0, 680.0)


def a_bill(rng: random.Random) -> tuple[list[TrueLine], int]:
    """Draw a purchase bill of four to eight lines."""
    lines = []
    for _ in range(rng.randint(4, 8)):
        quantity, rate = (
            rng.choice((1, 2, 3, 4, 5, 6, 10, 12, 24)),
            rng.randint(10, 500) * rng.choice((100, 50, 25)),
        )
        goods = quantity * rate
        discount = (goods * rng.choice((0, 0, 0, 2, 5)) + 50) // 100
        tax = ((goods - discount) * rng.choice((0, 500, 500, 1800)) + 5_000) // 10_000
        lines.append(
            TrueLine(rng.choice(GOODS), quantity * 1000, rate, discount, tax, goods - discount + tax)
        )
    return lines, sum(line.amount for line in lines)


def printed(lines: list[TrueLine], total: int, rng: random.Random, error: float) -> tuple[Reading, int]:
    """Print a bill and misread each digit of its numbers with a probability; also the number of digits."""
    digits = 0

    def misread(text: str) -> str:
        nonlocal digits
        digits += sum(c.isdigit() for c in text)
        return "".join(
            rng.choice([d for d in "0123456789" if d != c]) if c.isdigit() and rng.random() < error else c
            for c in text
        )

    def money(paise: int) -> str:
        return misread(f"{paise // 100}.{paise % 100:02d}")

    rows: list[tuple[str, ...]] = [("GUPTA TRADERS",), HEADINGS]
    rows += [
        (
            line.name,
            misread(str(line.quantity // 1000)),
            *map(money, (line.rate, line.discount, line.tax, line.amount)),
        )
        for line in lines
    ]
    rows.append(("Grand Total", "", "", "", "", money(total)))
    tokens = [
        Token(cell, Box(LEFT[column], 30.0 * row, LEFT[column] + 11.0 * len(cell), 30.0 * row + 20))
        for row, cells in enumerate(rows)
        for column, cell in enumerate(cells)
        if cell
    ]
    return Reading("simulated", tuple(tokens)), digits


def score_repair(bills: int, error: float, seed: int = 7) -> dict[str, float]:
    """Read simulated bills and count what came of them."""
    rng = random.Random(seed)
    counts: Counter[str] = Counter()
    began = time.process_time()
    for _ in range(bills):
        lines, total = a_bill(rng)
        reading, digits = printed(lines, total, rng, error)
        counts["digits"] += digits
        draft = read_bill(reading, today=TODAY)
        truth = [(t.quantity, t.rate, t.discount, t.tax, t.amount) for t in lines]
        fields = [[ln.quantity, ln.rate, ln.discount, ln.tax, ln.amount] for ln in draft.lines]
        as_read = (
            all(each.status in {"read", "checked"} for row in fields for each in row)
            and not draft.needs_review
        )
        right = [tuple(each.value for each in row) for row in fields] == truth and draft.total.value == total
        counts["asked"] += draft.needs_review
        counts["right"] += right and not draft.needs_review
        counts["wrong"] += not right and not draft.needs_review
        counts["untouched"] += as_read and right
    spent = (time.process_time() - began) / bills
    return {
        "digit error": error,
        "digits a bill": counts["digits"] / bills,
        "right before": counts["untouched"] / bills,
        "right after": counts["right"] / bills,
        "asked": counts["asked"] / bills,
        "silently wrong": counts["wrong"] / bills,
        "CPU s a bill": spent,
    }


def main() -> None:
    """Run all measures and print them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, help="folder with sroie/ and wildreceipt/; without it only the simulation"
    )
    parser.add_argument("--out", type=Path, help="write the results as JSON")
    parser.add_argument("--bills", type=int, default=1000, help="simulated bills for each error rate")
    parser.add_argument("--show", action="store_true", help="print each wrong field")
    arguments = parser.parse_args()
    show = print if arguments.show else lambda _: None
    tally, seconds = Tally(), {}
    if arguments.data and (arguments.data / "sroie").is_dir():
        seconds["sroie"] = score_sroie(arguments.data / "sroie", tally, show)
    if arguments.data and (arguments.data / "wildreceipt").is_dir():
        seconds["wildreceipt"] = score_wildreceipt(
            arguments.data / "wildreceipt" / "annotations.jsonl", tally, show
        )
    print(f"{'measure':<22}{'seen':>8}{'held out':>10}")
    for measure in tally.measures():
        print(f"{measure:<22}{tally.share(measure, 'seen'):>8.3f}{tally.share(measure, 'held out'):>10.3f}")
    for name, spent in seconds.items():
        print(f"CPU seconds, {name}: {spent:.1f}")
    repairs = (
        [score_repair(arguments.bills, error) for error in (0.005, 0.01, 0.02)] if arguments.bills else []
    )
    for result in repairs:
        print("  ".join(f"{name} {value:.4g}" for name, value in result.items()))
    if arguments.out:
        parts = {m: {p: tally.share(m, p) for p in ("seen", "held out")} for m in tally.measures()}
        arguments.out.write_text(
            json.dumps({"fields": parts, "cpu_seconds": seconds, "repair": repairs}, indent=1)
        )


if __name__ == "__main__":
    main()
