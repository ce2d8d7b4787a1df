"""Which rows of a sheet are no goods: sums, charges, and codes that a spreadsheet has spoilt."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["is_service", "is_total", "says_cancelled", "says_return", "spoilt_code"]

_RETURN_WORDS = ("return", "credit note", "creditnote", "refund", "वापसी", "wapsi", "vapsi", "वापस")
_CANCEL_WORDS = ("cancel", "void", "रद्द")
_TOTAL_WORDS = re.compile(
    r"(?:grand |sub ?|page )?(?:total|totals)\b|(?:कुल|योग|जोड़)(?: योग| जोड़)?(?:[ :.\-]|$)|(?:kul|jod)(?:[ :.\-]|$)"
    r"|sum$|(?:opening|closing) balance|brought forward|carried (?:forward|over)|[bc]/f\b",
    re.IGNORECASE,
)
_SERVICES = re.compile(
    r"(?:postage|post|dot|carriage|shipping|freight|delivery|courier|transport|discount|bank|commission|service|"
    r"amazon ?fee|round(?:ed|ing)? ?off|[cs]gst|igst|gst|vat|tax|packing|labour|adjust(?:ed|ment)?|bad debts?|"
    r"write ?off|damages?|damaged|samples?|gift (?:card|voucher)|manual|sundry|cheque|भाड़ा|छूट|डाक)s?"
    r"(?: (?:charge|fee|debt|adjustment|amount|account))?s?[\s\d.,%@()/-]*",
    re.IGNORECASE,
)
"""What an invoice charges besides goods; the whole code or name must be one."""

_SPOILT = re.compile(r"[0-9](?:[.,][0-9]{1,14})?[eE]\+?[0-9]{1,3}")
_LONGEST = 60


@lru_cache(maxsize=65536)
def is_total(item: str) -> bool:
    """Return whether a row is a sum and not an item.

    Examples
    --------
    >>> [is_total(each) for each in ("Grand Total:", "कुल योग", "Total", "Totapuri mango", "C/F", "कुलफी")]
    [True, True, True, False, True, False]
    """
    return bool(_TOTAL_WORDS.match(item[:_LONGEST].strip(" *.:")))


@lru_cache(maxsize=65536)
def is_service(name: str) -> bool:
    """Tell a charge, a tax or an adjustment from goods, by code or name."""
    return len(name) <= _LONGEST and _SERVICES.fullmatch(name.strip()) is not None


def spoilt_code(item: str) -> bool:
    """Tell a barcode that a spreadsheet has shortened to `8.90103E+12`."""
    return len(item) <= _LONGEST and _SPOILT.fullmatch(item) is not None


def says_return(kind: str) -> bool:
    """Return whether a transaction's type, in lower case, is a return."""
    return any(word in kind for word in _RETURN_WORDS)


def says_cancelled(kind: str) -> bool:
    """Return whether a transaction's type, in lower case, says that it was cancelled."""
    return any(word in kind for word in _CANCEL_WORDS)
