"""Routes of /v1/ocr."""

import hashlib
from typing import Annotated

from fastapi import APIRouter, Depends, File, UploadFile

from serving.http.depends import TheCaller, ThePage, ThePorts, TheWrite, Writer
from serving.http.fields import Body, Id, PageOf
from serving.http.known_callers import KnownCallerRoute
from serving.ocr.schemas import Amendment, BillCard, BillRow, Confirmation, Posted
from serving.ocr.service import OcrService
from serving.ports.cache import Topic
from serving.receiving import Receiver

router = APIRouter(prefix="/ocr", tags=["ocr"], route_class=KnownCallerRoute)
_CHANGES: tuple[Topic, ...] = ("api", "inventory", "forecast", "recommendations")


class _Upload(Body):
    """What stands for an uploaded file in the fingerprint of a write."""

    sha256: str


async def the_service(ports: ThePorts) -> OcrService:
    """Build the service over the ports."""
    return OcrService(
        bills=ports.bills,
        blobs=ports.blobs,
        reader=ports.bill_reader,
        items=ports.items,
        receiver=Receiver(items=ports.items, stock=ports.stock, lots=ports.lots),
        orders=ports.orders,
        accounts=ports.accounts,
        clock=ports.clock,
    )


Service = Annotated[OcrService, Depends(the_service)]


@router.post("/bills", status_code=201)
def send_bill(
    image: Annotated[UploadFile, File(description="A JPEG or PNG photograph of a bill.")],
    caller: Writer,
    write: TheWrite,
    service: Service,
) -> BillCard:
    """Send a photograph of a bill: it is cleaned, kept and read into a draft; nothing is posted."""
    data = image.file.read()
    asked = _Upload(sha256=hashlib.sha256(data).hexdigest())
    return write.once_prepared(
        BillCard, asked, lambda: service.read(caller.shop_id, data), lambda photo: service.keep(caller, photo)
    )


@router.get("/bills")
def list_bills(caller: TheCaller, service: Service, page: ThePage) -> PageOf[BillRow]:
    """List bills, the newest first."""
    found = service.page(caller.shop_id, page.limit, page.after)
    return page.answer(found, (BillRow.model_validate(record) for record in found.rows))


@router.get("/bills/{bill_id}")
def read_bill(bill_id: Id, caller: TheCaller, service: Service) -> BillCard:
    """Return a bill's draft, with what to ask about and guesses at its items."""
    return service.get(caller.shop_id, bill_id)


@router.post("/bills/{bill_id}/read", status_code=201)
def read_again(bill_id: Id, caller: Writer, write: TheWrite, service: Service) -> BillCard:
    """Read a kept photograph again that could not be read when it came."""
    return write.once_prepared(
        BillCard,
        None,
        lambda: service.read_again(caller.shop_id, bill_id),
        lambda reading: service.keep_reading(caller.shop_id, *reading),
    )


@router.patch("/bills/{bill_id}")
def amend_bill(bill_id: Id, body: Amendment, caller: Writer, write: TheWrite, service: Service) -> BillCard:
    """Correct fields of a draft; the arithmetic is checked again."""
    return write.once(BillCard, body, lambda: service.amend(caller.shop_id, bill_id, body))


@router.post("/bills/{bill_id}/confirm", status_code=201)
def confirm_bill(
    bill_id: Id, body: Confirmation, caller: Writer, write: TheWrite, service: Service
) -> Posted:
    """Post the confirmed lines into stock, once."""
    return write.once(Posted, body, lambda: service.confirm(caller, bill_id, body), _CHANGES)
