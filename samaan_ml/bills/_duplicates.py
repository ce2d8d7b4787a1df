"""The same bill twice: by what it says, however it was photographed."""

import hashlib

from samaan_ml.bills._draft import BillDraft
from samaan_ml.bills._layout import squash


def duplicate_key(draft: BillDraft) -> str | None:
    """Return the key that two photographs of one bill share: supplier, number, date and total.

    Parameters
    ----------
    draft : BillDraft
        A draft, best after the user's corrections.

    Returns
    -------
    str or None
        None where too little is known: the total, and two of seller, number and date, are needed.

    Examples
    --------
    >>> duplicate_key(BillDraft(engine="typed")) is None
    True
    """
    seller = draft.supplier_gstin.value or squash(draft.supplier.value or "")
    number = "".join(c for c in (draft.number.value or "").upper() if c.isalnum()).lstrip("0")
    day = draft.bill_date.value.isoformat() if draft.bill_date.value else ""
    if draft.total.value is None or sum(map(bool, (seller, number, day))) < 2:
        return None
    return hashlib.sha256("\x1f".join((seller, number, day, str(draft.total.value))).encode()).hexdigest()


def near_duplicate(one: BillDraft, other: BillDraft) -> bool:
    """Return whether two drafts are probably one bill although an engine read them differently.

    The same total with the same day or number, from sellers whose names agree but for a few letters; or the same
    lines, amount by amount, on the same day.
    """
    if one.total.value is None or one.total.value != other.total.value:
        return False
    same_day = one.bill_date.value is not None and one.bill_date.value == other.bill_date.value
    same_number = bool(one.number.value) and one.number.value == other.number.value
    if not (same_day or same_number):
        return False
    gstins = one.supplier_gstin.value, other.supplier_gstin.value
    if None not in gstins:
        return gstins[0] == gstins[1]
    amounts = [line.amount.value for line in one.lines]
    same_lines = len(amounts) > 1 and amounts == [line.amount.value for line in other.lines]
    return (
        same_lines or similarity(squash(one.supplier.value or ""), squash(other.supplier.value or "")) >= 0.7
    )


def similarity(one: str, other: str) -> float:
    """Return the share of letter pairs that two words have in common (Dice), 0 to 1.

    Examples
    --------
    >>> similarity("sugar", "sugar"), similarity("sugar", "rice")
    (1.0, 0.0)
    """
    if not one or not other:
        return 0.0
    if one == other:
        return 1.0
    pairs, others = _pairs(one), _pairs(other)
    rest = list(others)
    shared = 0
    for pair in pairs:
        if pair in rest:
            rest.remove(pair)
            shared += 1
    return 2 * shared / (len(pairs) + len(others))


def _pairs(word: str) -> list[str]:
    """List the neighbouring letters of a word, its edges marked."""
    marked = f"^{word}$"
    return [marked[i : i + 2] for i in range(len(marked) - 1)]
