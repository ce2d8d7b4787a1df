"""Bodies and answers of /v1/sales/imports."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from serving.http.fields import Answer, Body
from serving.ports.imports import ImportStatus

Heading = Annotated[str, StringConstraints(min_length=1, max_length=200)]
DateOrder = Literal["dmy", "mdy"]
Decimal = Literal["dot", "comma"]
Side = Literal["dr", "cr"]


class SheetOptions(Body):
    """How a sheet is to be read, where it is not read right by itself."""

    columns: dict[str, Heading] = Field(
        default_factory=dict,
        max_length=30,
        description="Headings by field: date, item, name, quantity, unit, price, amount, discount ...",
        examples=[{"amount": "Net Rs"}],
    )
    date_order: DateOrder | None = Field(
        None, description="Whether 05/03/24 begins with the day or the month."
    )
    decimal: Decimal | None = Field(None, description="The decimal mark.")
    sheet: Heading | None = Field(None, description="Name of a workbook's sheet.")
    sale_side: Side | None = Field(None, description="Which of Dr and Cr marks a sale.")


class BadRowCard(Answer):
    """A row of a sheet that is not taken in, and why."""

    row: int
    reason: str


class Example(Answer):
    """A cell as it is written, and as it was read; empty where it was not."""

    written: str
    read: str


class ColumnCard(Answer):
    """How a column was read."""

    field: str
    heading: str
    form: str
    examples: list[Example] = Field(description="Up to three.")


class QuestionCard(Answer):
    """What can be read in another way: the option that says so, and its choices."""

    option: str
    text: str
    choices: list[str]


class ReadingCard(Answer):
    """How a sheet was read; another reading can be asked for."""

    kind: str
    sheet: str | None
    other_sheets: list[str]
    heading_row: int
    dates: str
    decimals: str
    columns: list[ColumnCard]
    ignored: list[str] = Field(description="Headings of columns that are not used.")
    questions: list[QuestionCard]


class DayThere(Answer):
    """A day of which rows are there already."""

    on: date
    rows: int
    amount_paise: int


class OverlapCard(Answer):
    """Rows that are in the shop's sales already: same day, item, quantity and amount."""

    rows: int
    amount_paise: int
    day_count: int
    days: list[DayThere] = Field(description="The first fifty.")


class ImportCard(Answer):
    """What a sheet holds; nothing is entered before it is confirmed."""

    import_id: str
    status: ImportStatus
    rows: int
    bad_rows: int
    zero_rows: int = Field(0, description="Rows that say that none were sold; they are kept as such.")
    first_day: date | None
    last_day: date | None
    amount_paise: int
    problems: list[BadRowCard] = Field(
        description="The first fifty: bad rows, and days that are there already."
    )
    unknown_items: list[str] = Field(description="The first fifty.")
    unknown_count: int
    overlap: OverlapCard | None = None
    reading: ReadingCard | None = None


class ImportRow(Answer):
    """One row of a sheet, as it would be entered."""

    row: int
    state: Literal["sale", "zero", "bad"]
    reason: str
    on: date | None
    item: str
    item_id: str | None
    unit: str
    quantity_milli: int
    unit_price_paise: int
    amount_paise: int


class ImportConfirmation(Body):
    """The step without which nothing is entered."""

    create_items: bool = Field(False, description="Add the items that the shop does not know.")
    take: Literal["new", "all"] = Field("new", description="Only rows that do not exist already, or all.")


class ImportDone(Answer):
    """What a sheet changed."""

    import_id: str
    status: ImportStatus
    bills: int
    created_items: int
    rows: int = 0
    skipped_rows: int = Field(0, description="Rows that were there already.")
