"""Bills: what an engine read on paper becomes a draft whose every number is traced and checked.

Standard library only, so that the API may import it. OCR text is data: nothing in it is ever followed, and a
draft posts nothing.
"""

from samaan_ml.bills._amend import amend
from samaan_ml.bills._dates import find_date
from samaan_ml.bills._draft import (
    BillDraft,
    BillLine,
    DateField,
    FieldStatus,
    NumberField,
    Suspicion,
    TextField,
    Violation,
)
from samaan_ml.bills._duplicates import duplicate_key, near_duplicate
from samaan_ml.bills._gst import find_gstin, gst_rates, is_gstin
from samaan_ml.bills._image import CleanImage, ImageKind, clean_image
from samaan_ml.bills._injection import find_suspicions
from samaan_ml.bills._matching import CatalogueItem, ItemMatch, alias_key, match_item, transliterate
from samaan_ml.bills._numbers import (
    Numeral,
    Quantity,
    parse_amount,
    parse_numeral,
    parse_percent,
    parse_quantity,
)
from samaan_ml.bills._read import read_bill
from samaan_ml.bills._tokens import Box, Hint, HintKind, Reading, Token

__all__ = [
    "BillDraft",
    "BillLine",
    "Box",
    "CatalogueItem",
    "CleanImage",
    "DateField",
    "FieldStatus",
    "Hint",
    "HintKind",
    "ImageKind",
    "ItemMatch",
    "NumberField",
    "Numeral",
    "Quantity",
    "Reading",
    "Suspicion",
    "TextField",
    "Token",
    "Violation",
    "alias_key",
    "amend",
    "clean_image",
    "duplicate_key",
    "find_date",
    "find_gstin",
    "find_suspicions",
    "gst_rates",
    "is_gstin",
    "match_item",
    "near_duplicate",
    "parse_amount",
    "parse_numeral",
    "parse_percent",
    "parse_quantity",
    "read_bill",
    "transliterate",
]
