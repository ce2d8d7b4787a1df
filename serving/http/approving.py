"""Maker and checker: what staff may do only with an owner's word.

A request that needs it is refused with `approval_required` and waits, as it was sent, for an owner. Approved, it is
sent again with `Approval-Id` and done: the approval opens that very request of that very person, once, in the same
unit of work.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, cast

from fastapi import Depends, Header, Request
from pydantic import BaseModel, StringConstraints

from samaan_ml.domain.money import divide_up, times_quantity
from serving.errors import ApprovalRefused, ApprovalRequired, NotFound
from serving.http.callers import Caller, caller_of, ports_of
from serving.http.client_facts import BELOW_FLOOR, NEEDS_APPROVAL, OVER_LIMIT
from serving.ports import Ports
from serving.ports.accounts import Shop
from serving.ports.approvals import Approval, ApprovalAction
from serving.ports.clock import local_day, new_id
from serving.ports.items import Item


@dataclass(frozen=True, slots=True)
class Need:
    """One reason for which a request needs an owner's word."""

    action: ApprovalAction
    why: str
    field: str | None = None

    @property
    def flag(self) -> str:
        """The word for it on a fact that was entered without asking."""
        return {"price_below_floor": BELOW_FLOOR, "limit_override": OVER_LIMIT}.get(
            self.action, NEEDS_APPROVAL
        )


def below_floor(
    item_id: str, price_paise: int, cost_paise: int | None, floor_percent: int, field: str
) -> list[Need]:
    """Return whether a price of a unit lies below what staff may take for it; without a cost nothing does.

    Examples
    --------
    >>> below_floor("sugar", 4_000, 4_000, 100, "price_paise")
    []
    >>> below_floor("sugar", 4_399, 4_000, 110, "price_paise")[0].why
    "4399 paise for 'sugar' is below the floor of 4400 (110 % of its cost)"
    """
    floor = divide_up((cost_paise or 0) * floor_percent, 100)
    if price_paise >= floor:
        return []
    why = f"{price_paise} paise for '{item_id}' is below the floor of {floor} ({floor_percent} % of its cost)"
    return [Need("price_below_floor", why, field)]


def backdated(at: datetime, now: datetime, shop: Shop, field: str) -> list[Need]:
    """Tell whether something is entered for a day further back than staff may."""
    age_days = (local_day(now, shop.zone) - local_day(at, shop.zone)).days
    if age_days <= shop.staff_backdate_days:
        return []
    why = f"it is entered for {age_days} days ago; staff enter up to {shop.staff_backdate_days} days back"
    return [Need("backdated_entry", why, field)]


def count_loss(item: Item, difference_milli: int, shop: Shop, field: str) -> list[Need]:
    """Tell whether a count writes off more than staff may, at cost, or at the price where that is not known."""
    worth = item.price_paise if item.cost_paise is None else item.cost_paise
    loss = times_quantity(worth, max(-difference_milli, 0))
    if loss <= shop.staff_count_loss_paise:
        return []
    why = f"the count of '{item.item_id}' writes off {loss} paise; staff write off up to {shop.staff_count_loss_paise}"
    return [Need("count_loss", why, field)]


class Approving:
    """Lets one request of one caller pass, or files it for an owner.

    Parameters
    ----------
    ports : Ports
        The ports.
    caller : Caller
        Who asks; owners pass.
    method, path : str
        The request's.
    approval_id : str or None
        The approval that came with it.
    """

    def __init__(self, ports: Ports, caller: Caller, method: str, path: str, approval_id: str | None) -> None:
        self._ports = ports
        self._caller = caller
        self._method = method
        self._path = path
        self._approval_id = approval_id
        self._request = ""

    @contextmanager
    def of(self, body: BaseModel) -> Iterator[None]:
        """Surround a unit of work; where it needs a word that is missing, file the request after it is rolled back."""
        asked = {"method": self._method, "path": self._path, "body": body.model_dump(mode="json")}
        self._request = json.dumps(asked, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        try:
            yield
        except ApprovalRequired as needed:
            needed.filed(self._file(needed))
            raise

    def need(self, needs: Sequence[Need]) -> None:
        """Pass where nothing is needed or an owner has approved; call it inside the unit of work, before writing.

        Raises
        ------
        ApprovalRequired
            When no approval came with the request, or it is for less.
        ApprovalRefused
            When the approval is another request's or person's, not given, expired or used.
        """
        if not needs or self._caller.role == "owner":
            return
        actions = tuple(dict.fromkeys(need.action for need in needs))
        if self._approval_id is None or not set(actions) <= set(self._use(self._approval_id).actions):
            raise ApprovalRequired("; ".join(need.why for need in needs), actions, needs[0].field)

    def allow(self, needs: Sequence[Need], *, offline: bool) -> set[str]:
        """Pass or ask like `need`; what has happened already is flagged instead, unless an owner enters it."""
        if not offline:
            self.need(needs)
            return set()
        return {NEEDS_APPROVAL} if needs and self._caller.role != "owner" else set()

    def _use(self, approval_id: str) -> Approval:
        """Use an approval up; what fails afterwards gives it back with the unit of work."""
        now = self._ports.clock.now()
        try:
            approval = self._ports.approvals.get(self._caller.shop_id, approval_id)
        except NotFound:
            raise ApprovalRefused(f"there is no approval '{approval_id}'") from None
        same = hmac.compare_digest(approval.payload_sha256, self._hash())
        if approval.asked_by != self._caller.user_id or not same:
            raise ApprovalRefused(f"approval '{approval_id}' is for another request")
        if approval.status != "approved":
            raise ApprovalRefused(f"approval '{approval_id}' is {approval.status}, not approved")
        if approval.expires_at <= now:
            raise ApprovalRefused(f"approval '{approval_id}' has expired")
        self._ports.approvals.change(
            self._caller.shop_id, replace(approval, status="used", used_at=now), "approved"
        )
        return approval

    def _file(self, needed: ApprovalRequired) -> str:
        """Keep the request for an owner to decide on, once for the same request, and return its id."""
        ports, shop_id, user_id = self._ports, self._caller.shop_id, self._caller.user_id
        with ports.transactions.begin():
            now = ports.clock.now()
            known = ports.approvals.waiting(shop_id, user_id, self._hash(), now)
            actions = cast(tuple[ApprovalAction, ...], needed.actions)
            if known is not None and set(actions) <= set(known.actions):
                return known.approval_id
            asked = Approval(
                approval_id=new_id(now),
                actions=actions,
                why=needed.detail,
                request=self._request,
                payload_sha256=self._hash(),
                asked_by=user_id,
                asked_at=now,
                expires_at=now + timedelta(minutes=ports.settings.approval_minutes),
            )
            ports.approvals.add(shop_id, asked)
        return asked.approval_id

    def _hash(self) -> str:
        """Return the hash of the request as it was sent."""
        return hashlib.sha256(self._request.encode()).hexdigest()


ApprovalId = Annotated[
    Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$")] | None,
    Header(
        alias="Approval-Id",
        description="An owner's approval of this very request, where staff may not do it alone.",
    ),
]


async def the_approving(request: Request, approval_id: ApprovalId = None) -> Approving:
    """Prepare a request that may need an owner's word; the route names its caller first."""
    return Approving(ports_of(request), caller_of(request), request.method, request.url.path, approval_id)


TheApproving = Annotated[Approving, Depends(the_approving)]
