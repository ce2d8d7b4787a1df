"""Stock and udhaar that were written for a bill which does not exist.

Where stock or khata lie outside the database, a process that dies between the two leaves one without the other until
the request is repeated. If it is not repeated, what was left is found here and can be reversed.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from samaan_ml.domain.ledger import LedgerEntry, reversal_of
from serving.errors import NotFound
from serving.ports import Ports
from serving.ports.clock import id_instant, new_id
from serving.ports.page import walk
from serving.ports.stock import Movement

_PAGE = 200
_ACTOR = "orphans"
_RETURN = "return of bill "
_REASON = "its bill was never written"


@dataclass(frozen=True, slots=True)
class Orphan:
    """What was written for one bill that does not exist.

    Parameters
    ----------
    shop_id : str
        Whose.
    bill : str
        What it names: `sale/` or `bill/` and an id.
    at : datetime
        Of its first movement or entry.
    movements : tuple of Movement
        Stock that still counts.
    entry_id : str or None
        The udhaar entry that still stands.
    """

    shop_id: str
    bill: str
    at: datetime
    movements: tuple[Movement, ...]
    entry_id: str | None = None


def orphans(ports: Ports, shop_id: str) -> Iterator[Orphan]:
    """Find what no bill stands behind, save what is so young that its request may still be repeated.

    Parameters
    ----------
    ports : Ports
        The ports.
    shop_id : str
        Whose.
    """
    until = ports.clock.now() - timedelta(hours=ports.settings.idempotency_hours)
    for source, movements in sorted(_moved(ports, shop_id).items()):
        taken_back = {each.movement_id.removesuffix("-r") for each in movements if each.kind == "reversal"}
        # What undoes a movement of before a count (`~c`) is undone with it.
        still = tuple(
            m
            for m in movements
            if m.kind != "reversal" and not m.movement_id.endswith("~c") and m.movement_id not in taken_back
        )
        if (
            still
            and _entered(still[0].movement_id, still[0].at) < until
            and not _is_there(ports, shop_id, source)
        ):
            yield Orphan(shop_id, source, still[0].at, still)
    for entry in _bill_entries(ports, shop_id):
        if _entered(entry.entry_id, entry.at) < until and not _has_bill(ports, shop_id, entry):
            yield Orphan(shop_id, f"sale/{entry.entry_id}", entry.at, (), entry.entry_id)


def _entered(written_id: str, at: datetime) -> datetime:
    """Return when something was entered, which may be long after it happened."""
    made = id_instant(written_id)
    return at if made is None else max(at, made)


def _has_bill(ports: Ports, shop_id: str, entry: LedgerEntry) -> bool:
    """Return whether the bill or return behind an entry is there: under the entry's id, or a return's own."""
    if _is_there(ports, shop_id, f"sale/{entry.entry_id}"):
        return True
    if not entry.note.startswith(_RETURN):
        return False
    bill_id = entry.note.removeprefix(_RETURN).partition(": ")[0]
    return any(-back.total_paise == entry.amount_paise for back in ports.sales.returns_of(shop_id, bill_id))


def _moved(ports: Ports, shop_id: str) -> dict[str, list[Movement]]:
    """Gather the movements of every bill."""
    found: dict[str, list[Movement]] = defaultdict(list)
    for item in walk(lambda after: ports.items.list_items(shop_id, _PAGE, after)):
        for movement in _movements(ports, shop_id, item.item_id):
            if movement.source is not None and movement.source.startswith(("sale/", "bill/")):
                found[movement.source].append(movement)
    return found


def _movements(ports: Ports, shop_id: str, item_id: str) -> Iterator[Movement]:
    """Walk through an item's movements."""
    return walk(lambda after: ports.stock.movements(shop_id, item_id, _PAGE, after))


def _bill_entries(ports: Ports, shop_id: str) -> Iterator[LedgerEntry]:
    """Walk through the entries that bills and returns wrote and nothing reversed."""
    for customer in walk(lambda after: ports.udhaar.customers(shop_id, _PAGE, after)):
        entries = ports.udhaar.entries(shop_id, customer.customer_id)
        gone = {entry.reverses for entry in entries}
        for entry in entries:
            # A bill under a client's own id is sent until it is answered: its entry waits for it.
            of_bill = entry.note == f"bill {entry.entry_id}" or entry.note.startswith(_RETURN)
            if of_bill and entry.entry_id not in gone:
                yield entry


def _is_there(ports: Ports, shop_id: str, source: str) -> bool:
    """Return whether a bill is there: a sale or return, or a photographed bill that was confirmed."""
    kind, _, bill_id = source.partition("/")
    try:
        if kind == "sale":
            ports.sales.get(shop_id, bill_id)
            return True
        return ports.bills.get(shop_id, bill_id).status == "confirmed"
    except NotFound:
        return False


def take_back(ports: Ports, orphan: Orphan) -> None:
    """Reverse what an orphan moved; done twice, it changes nothing more."""
    back = tuple(
        Movement(f"{m.movement_id}-r", m.item_id, "reversal", -m.quantity_milli, m.at, _ACTOR, _REASON,
                 m.source, m.batch_id)
        for m in orphan.movements
    )  # fmt: skip
    if back:
        ports.stock.move(orphan.shop_id, back, allow_negative=True)
    if orphan.entry_id is not None:
        now = ports.clock.now()
        entry = ports.udhaar.entry(orphan.shop_id, orphan.entry_id)
        ports.udhaar.append(reversal_of(entry, entry_id=new_id(now), at=now, reason=_REASON, actor=_ACTOR))
