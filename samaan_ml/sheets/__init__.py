"""One reader of sheets of sales, for the command line and the API: standard library, and calamine for old workbooks.

`open_sheet` looks at a whole file and decides how its dates, numbers and columns are read; `Sheet.lines` yields a
line for each row; `describe` says how each column was read, with examples, and what is open.
"""

from samaan_ml.sheets._apart import read_apart
from samaan_ml.sheets._describe import ColumnReading, Question, SheetCard, describe
from samaan_ml.sheets._errors import SheetError
from samaan_ml.sheets._files import Grid
from samaan_ml.sheets._headings import FIELDS
from samaan_ml.sheets._kept import KeptSheet, keep, open_kept
from samaan_ml.sheets._layout import (
    INVOICES,
    PRICED_SALES,
    SALES,
    DateOrder,
    DecimalMark,
    Layout,
    Options,
    Side,
)
from samaan_ml.sheets._line import Line
from samaan_ml.sheets._settling import settled
from samaan_ml.sheets._sheet import Sheet, open_sheet

__all__ = [
    "FIELDS",
    "INVOICES",
    "PRICED_SALES",
    "SALES",
    "ColumnReading",
    "DateOrder",
    "DecimalMark",
    "Grid",
    "KeptSheet",
    "Layout",
    "Line",
    "Options",
    "Question",
    "Sheet",
    "SheetCard",
    "SheetError",
    "Side",
    "describe",
    "keep",
    "open_kept",
    "open_sheet",
    "read_apart",
    "settled",
]
