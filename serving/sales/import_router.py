"""Routes of /v1/sales/imports."""

import hashlib
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, File, Query, UploadFile

from serving.errors import InvalidInput
from serving.http.depends import Owner, TheCaller, ThePage, ThePorts, TheWrite
from serving.http.fields import Body, Id, PageOf
from serving.http.known_callers import KnownCallerRoute
from serving.ports.cache import Topic
from serving.sales.import_schemas import (
    DateOrder,
    Decimal,
    Heading,
    ImportCard,
    ImportConfirmation,
    ImportDone,
    ImportRow,
    SheetOptions,
    Side,
)
from serving.sales.importing import ImportService

router = APIRouter(prefix="/imports", route_class=KnownCallerRoute)
_CHANGES: tuple[Topic, ...] = ("api", "inventory", "forecast", "recommendations")


class _Upload(Body):
    """What stands for an uploaded file in the fingerprint of a write."""

    sha256: str
    options: SheetOptions


async def the_imports(ports: ThePorts) -> ImportService:
    """Build the service of imports over the ports."""
    return ImportService(
        sales=ports.sales,
        items=ports.items,
        imports=ports.imports,
        blobs=ports.blobs,
        accounts=ports.accounts,
        clock=ports.clock,
    )


Imports = Annotated[ImportService, Depends(the_imports)]


async def the_options(
    columns: Annotated[
        list[Heading] | None,
        Query(max_length=30, description="FIELD=HEADING, where a column is not found by its heading."),
    ] = None,
    date_order: Annotated[
        DateOrder | None, Query(description="Whether 05/03/24 begins with the day or the month.")
    ] = None,
    decimal: Annotated[Decimal | None, Query(description="The decimal mark.")] = None,
    sheet: Annotated[Heading | None, Query(description="Name of a workbook's sheet.")] = None,
    sale_side: Annotated[Side | None, Query(description="Which of Dr and Cr marks a sale.")] = None,
) -> SheetOptions:
    """Read how a sheet is to be read."""
    pairs = [each.partition("=") for each in columns or ()]
    for name, sign, heading in pairs:
        if not (name and sign and heading):
            raise InvalidInput("'columns' takes FIELD=HEADING", field="columns", hint="columns=amount=Net Rs")
    named = {name.strip(): heading.strip() for name, _, heading in pairs}
    return SheetOptions(
        columns=named, date_order=date_order, decimal=decimal, sheet=sheet, sale_side=sale_side
    )


Options = Annotated[SheetOptions, Depends(the_options)]


@router.post("", status_code=201)
def send_sheet(
    file: Annotated[
        UploadFile,
        File(
            description="CSV, Excel (.xlsx, .xls), OpenDocument or Tally XML: date, item, quantity, price or amount."
        ),
    ],
    options: Options,
    caller: Owner,
    write: TheWrite,
    imports: Imports,
) -> ImportCard:
    """Send a sheet of past sales and see how it is read and what it holds; nothing is entered yet."""
    data = file.file.read()
    asked = _Upload(sha256=hashlib.sha256(data).hexdigest(), options=options)
    return write.once_prepared(
        ImportCard,
        asked,
        lambda: imports.look(caller.shop_id, data, options),
        lambda seen: imports.preview(caller, seen),
    )


@router.get("/{import_id}")
def read_import(import_id: Id, caller: TheCaller, imports: Imports) -> ImportCard:
    """Return a sheet as it was seen."""
    return imports.card(caller.shop_id, import_id)


@router.get("/{import_id}/rows")
def list_import_rows(
    import_id: Id,
    caller: TheCaller,
    imports: Imports,
    page: ThePage,
    state: Annotated[
        Literal["sale", "zero", "bad"] | None, Query(description="Rows of this state only.")
    ] = None,
) -> PageOf[ImportRow]:
    """List the rows of a sheet as they would be entered, in the sheet's order."""
    found = imports.rows(caller.shop_id, import_id, state, page.limit, page.after)
    return page.answer(found, (ImportRow.model_validate(row) for row in found.rows))


@router.post("/{import_id}/read", status_code=201)
def read_sheet_again(
    import_id: Id, body: SheetOptions, caller: Owner, write: TheWrite, imports: Imports
) -> ImportCard:
    """Read a sheet that is not confirmed yet in another way."""
    return write.once_prepared(
        ImportCard,
        body,
        lambda: imports.look_again(caller.shop_id, import_id, body),
        lambda seen: imports.preview_again(caller.shop_id, seen),
    )


@router.post("/{import_id}/confirm", status_code=201)
def confirm_import(
    import_id: Id, body: ImportConfirmation, caller: Owner, write: TheWrite, imports: Imports
) -> ImportDone:
    """Enter a sheet: one bill a day, all of it or nothing; stock is not moved.

    Rows that are in the sales already are left out, unless `take` is `all`.
    """
    return write.once_prepared(
        ImportDone,
        body,
        lambda: imports.prepare(caller.shop_id, import_id),
        lambda rows: imports.take_in(caller, import_id, rows, create_items=body.create_items, take=body.take),
        _CHANGES,
    )


@router.post("/{import_id}/undo", status_code=201)
def undo_import(import_id: Id, caller: Owner, write: TheWrite, imports: Imports) -> ImportDone:
    """Take an entered sheet back."""
    return write.once(ImportDone, None, lambda: imports.undo(caller, import_id), _CHANGES)
