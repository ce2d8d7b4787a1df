"""Client of the Samaan Sathi API. Written by `python -m clients.generator`: change the API, not this file.

The client sends an Idempotency-Key with every write and repeats a request that met a fault (503, 429, a lost
connection) with the same key, so that nothing takes place twice.

    client = Client("http://127.0.0.1:8000")
    client.token = client.auth_login({"email": "meena@example.in", "password": "..."})["access_token"]
    client.sales_post_sale({"lines": [{"item_id": "sugar-1kg", "quantity_milli": 1000}]})
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from typing import Any, Literal, NotRequired, TypedDict, cast


class ApiProblem(Exception):
    """What the API answered instead: `code` is stable, `detail` is for people.

    Parameters
    ----------
    status : int
        Status of the answer.
    problem : dict
        Body of the answer, problem details of RFC 9457.
    retry_after_seconds : float or None, default=None
        When to try again.
    """

    def __init__(self, status: int, problem: dict[str, Any], retry_after_seconds: float | None = None) -> None:
        super().__init__(f"{status} {problem.get('code')}: {problem.get('detail')}")
        self.status = status
        self.code = str(problem.get("code", "unknown"))
        self.detail = str(problem.get("detail", ""))
        self.field = problem.get("field")
        self.hint = problem.get("hint")
        self.request_id = problem.get("request_id")
        self.retry_after_seconds = retry_after_seconds


class Adjustment(TypedDict):
    """Something that happened to the stock of an item, at the time the device saw it."""

    offline: NotRequired[bool]
    clock_offset_seconds: NotRequired[int | None]
    movement_id: NotRequired[str | None]
    item_id: str
    kind: Literal['purchase', 'supplier_return', 'wastage', 'theft', 'gift', 'own_use', 'count']
    quantity_milli: int
    batch_id: NotRequired[str | None]
    at: str
    reason: NotRequired[str | None]


class AdjustmentResult(TypedDict):
    """What became of one adjustment."""

    place: int
    status: Literal['applied', 'unchanged', 'refused']
    movement_id: str | None
    change_milli: int
    on_hand_milli: int | None
    code: str | None
    detail: str | None
    flags: NotRequired[list[str]]


class Adjustments(TypedDict):
    """What a device gathered, in any order: it is entered in the order of its times."""

    adjustments: list[Adjustment]
    atomic: NotRequired[bool]
    ignore_unchanged: NotRequired[bool]


class AdjustmentsDone(TypedDict):
    """What became of each, in the order of the request."""

    applied: int
    refused: int
    results: list[AdjustmentResult]


class AdviceCard(TypedDict):
    """What to do with one item's price; `proof` holds the facts it can be checked against."""

    advice_id: str
    item_id: str
    status: Literal['open', 'accepted', 'rolled_back']
    made_at: str
    model_version: str
    price_before_paise: int
    action: Literal['change', 'hold']
    state: str
    price_paise: int
    grade: Literal['A', 'B', 'C', 'D']
    elasticity: float
    elasticity_lower: float
    elasticity_upper: float
    gain_paise_per_week: int
    gain_lower_paise_per_week: int
    gain_upper_paise_per_week: int
    binding_rule: str | None
    reasons: list[str]
    candidates: list[CandidateRow]
    proof: dict[str, Any]
    arithmetic: NotRequired[GainArithmetic | None]


class AdviceList(TypedDict):
    """Advice for the items asked about, in their order; none at all while no model answers."""

    model_version: str | None
    degraded: bool
    reason: NotRequired[str | None]
    rows: list[AdviceCard]


class AgeBucket(TypedDict):
    """Stock that lies there for so many days at most, and more than the bucket before; null is the rest."""

    up_to_days: int | None
    milli: int


class AgeingRow(TypedDict):
    """What is owed, by days since the goods were given."""

    days_0_30_paise: int
    days_31_60_paise: int
    days_61_90_paise: int
    days_over_90_paise: int


class AlertDraft(TypedDict):
    """What to do about an alert, filled in; nothing is done before it is sent to `path`."""

    action: Literal['order', 'count', 'price', 'remind', 'promise', 'limit']
    method: NotRequired[Literal['POST', 'PATCH']]
    path: str
    body: dict[str, Any]
    inputs: dict[str, int]
    arithmetic: str


class AlertList(TypedDict):
    """What is active, the highest priority first."""

    rows: list[AlertRow]
    unsent_messages: int


class AlertRefresh(TypedDict):
    """How to word and send what is new."""

    language: NotRequired[Literal['en', 'hi', 'hi-Latn', 'bn', 'gu', 'kn', 'mr', 'ta', 'te']]
    channel: NotRequired[Literal['push', 'sms', 'whatsapp', 'email'] | None]


class AlertRow(TypedDict):
    """One alert."""

    alert_id: str
    kind: Literal['stock_out', 'low_stock', 'negative_stock', 'expiry', 'slow_stock', 'overdue', 'broken_promise', 'high_risk', 'seasonal_spike', 'price_anomaly', 'cost_anomaly'] | Literal['offline_fact']
    subject_id: str
    subject_name: str
    stake_paise: int
    priority: int
    text: str
    status: Literal['open', 'snoozed', 'resolved', 'dismissed']
    raised_at: str
    changed_at: str
    snoozed_until: str | None


class Alive(TypedDict):
    """The process runs."""

    status: NotRequired[Literal['ok']]


class Amendment(TypedDict):
    """A person's corrections by path: "total", "supplier", "lines.0.rate"; money in paise, quantity in milli."""

    changes: dict[str, Any]


class ApiKeyCard(TypedDict):
    """A key without its secret."""

    key_id: str
    name: str
    scopes: list[str]
    created_at: str
    expires_at: str | None
    revoked: bool


class ApiKeyList(TypedDict):
    """The shop's keys."""

    rows: list[ApiKeyCard]


class ApprovalCard(TypedDict):
    """What somebody of the shop wants to do, and the answer of an owner."""

    approval_id: str
    actions: list[Literal['price_below_floor', 'limit_override', 'reversal', 'refund', 'backdated_entry', 'count_loss']]
    why: str
    request: AskedRequest
    payload_sha256: str
    asked_by: str
    asked_by_name: NotRequired[str | None]
    asked_at: str
    expires_at: str
    status: Literal['pending', 'approved', 'rejected', 'used', 'expired']
    decided_by: str | None
    decided_by_name: NotRequired[str | None]
    decided_at: str | None
    used_at: str | None
    note: str


class ApprovalDecision(TypedDict):
    """What an owner says to it."""

    note: NotRequired[str]


class Arithmetic(TypedDict):
    """How the order follows: order = packs_up(max(0, max(demand - sold_today, floor) - usable - on_order))."""

    on_hand_milli: int
    expired_milli: int
    on_order_milli: int
    demand_milli: int
    sold_today_milli: int
    floor_milli: int
    horizon_days: int
    service_level: float
    level_used: float
    shortfall_milli: int
    pack_milli: int
    formula: NotRequired[str]
    version: NotRequired[Literal['reorder-2']]


class ArrivedLine(TypedDict):
    """What came of one item."""

    item_id: str
    quantity_milli: int
    unit_cost_paise: NotRequired[int | None]
    free_milli: NotRequired[int]
    batch_id: NotRequired[str | None]
    expires_on: NotRequired[str | None]
    mrp_paise: NotRequired[int | None]


class AskedRequest(TypedDict):
    """The request as it was sent; the approval opens this one and no other."""

    method: str
    path: str
    body: dict[str, Any]


class BadRowCard(TypedDict):
    """A row of a sheet that is not taken in, and why."""

    row: int
    reason: str


class BatchList(TypedDict):
    """Lots with stock, the earliest expiry first."""

    rows: list[BatchRow]
    outside_lots_milli: NotRequired[int | None]


class BatchRow(TypedDict):
    """A lot and what is left of it."""

    batch_id: str
    item_id: str
    expires_on: str | None
    mrp_paise: int | None
    on_hand_milli: int
    received_at: str


class BatchedCredit(TypedDict):
    """A credit of some customer, under its client's own id."""

    offline: NotRequired[bool]
    clock_offset_seconds: NotRequired[int | None]
    entry_id: str
    amount_paise: int
    at: NotRequired[str | None]
    due_on: NotRequired[str | None]
    note: NotRequired[str]
    over_limit: NotRequired[bool]
    kind: Literal['credit']
    customer_id: str


class BatchedPayment(TypedDict):
    """A payment of some customer, under its client's own id."""

    offline: NotRequired[bool]
    clock_offset_seconds: NotRequired[int | None]
    entry_id: str
    amount_paise: int
    at: NotRequired[str | None]
    note: NotRequired[str]
    kind: Literal['payment']
    customer_id: str


class BillCard(TypedDict):
    """A photographed bill; nothing of it is posted before it is confirmed."""

    bill_id: str
    status: Literal['unread', 'draft', 'confirmed']
    created_at: str
    confirmed_at: str | None
    draft: dict[str, Any] | None
    fields_to_ask: list[str]
    guesses: list[list[ItemGuess]]
    note: NotRequired[str | None]


class BillRow(TypedDict):
    """A bill in a list."""

    bill_id: str
    status: Literal['unread', 'draft', 'confirmed']
    created_at: str
    confirmed_at: str | None


class BillTax(TypedDict):
    """The tax of a bill of tax-inclusive prices; a return is its credit note."""

    sale_id: str
    sold_on: str
    scheme: Literal['regular', 'composition', 'unregistered']
    document: Literal['invoice', 'bill_of_supply', 'credit_note']
    lines: list[LineTaxRow]
    rates: list[RateTaxRow]
    total_paise: int
    without_rate: list[Untaxed]


class BodyOcrSendBill(TypedDict):
    """BodyOcrSendBill"""

    image: str


class BodySalesSendSheet(TypedDict):
    """BodySalesSendSheet"""

    file: str


class BudgetCard(TypedDict):
    """An order within the cash in hand: the packs with the most expected profit."""

    budget_paise: int
    cost_paise: int
    left_paise: int
    gain_paise: int
    lost_gain_paise: int
    method: Literal['greedy', 'milp']
    left_out: list[LeftOut]


class Cancellation(TypedDict):
    """Why nothing more is to come."""

    reason: str


class CandidateRow(TypedDict):
    """A price on the ladder and what is expected of it a day: the what-if table."""

    price_paise: int
    units_milli: int
    revenue_paise: int
    profit_paise: int
    legal: bool
    barred_by: str | None


class ChangePage(TypedDict):
    """The changes after a place; each thing stands once, at its newest change."""

    rows: list[ChangeRow]
    next: int
    more: bool


class ChangeRow(TypedDict):
    """A thing that changed, as it is now."""

    seq: int
    kind: Literal['item', 'stock', 'lot', 'order', 'customer', 'balance', 'entry', 'sale', 'price', 'forecast', 'recommendation', 'alert', 'member']
    id: str
    deleted: bool
    row: dict[str, Any] | None


class CodeSent(TypedDict):
    """A code is on its way."""

    code_id: str
    expires_in: int


class ColumnCard(TypedDict):
    """How a column was read."""

    field: str
    heading: str
    form: str
    examples: list[Example]


class Columns(TypedDict):
    """Rows of one form: `fields` names the places of each."""

    fields: list[str]
    rows: list[list[Any]]


class Confirmation(TypedDict):
    """The step without which nothing is posted."""

    lines: list[ConfirmedLine]
    reviewed: NotRequired[bool]
    duplicate: NotRequired[bool]
    order_id: NotRequired[str | None]
    order_complete: NotRequired[bool]


class ConfirmedLine(TypedDict):
    """What one line brings into stock, or takes out of it."""

    line: int
    item_id: str
    quantity_milli: int
    unit_cost_paise: NotRequired[int | None]
    free_milli: NotRequired[int]
    batch_id: NotRequired[str | None]
    expires_on: NotRequired[str | None]
    mrp_paise: NotRequired[int | None]


class Count(TypedDict):
    """A physical count of one item, or of one of its lots."""

    offline: NotRequired[bool]
    clock_offset_seconds: NotRequired[int | None]
    batch_id: NotRequired[str | None]
    count_id: NotRequired[str | None]
    at: NotRequired[str | None]
    counted_milli: int
    expected_milli: NotRequired[int | None]
    ignore_unchanged: NotRequired[bool]
    reason: NotRequired[str | None]


class CountResult(TypedDict):
    """What a count found."""

    item_id: str
    before_milli: int
    counted_milli: int
    difference_milli: int
    variance_paise: int | None
    movement_id: str | None
    flags: NotRequired[list[str]]


class CountSheetRow(TypedDict):
    """A line of a count sheet: what to look for, and nothing of what is expected there."""

    item_id: str
    name: str
    category: str
    unit: Literal['piece', 'kg', 'l']
    barcode: str | None
    aliases: list[str]


class CountedDrawer(TypedDict):
    """A drawer as it was counted; it never changes, and a later count of the day stands beside it."""

    closing_id: str
    on: str
    opening_paise: int
    expected_paise: int
    counted_paise: int
    difference_paise: int
    at: str
    counted_by: str
    counted_by_name: str | None
    note: str


class CountedDrawers(TypedDict):
    """What was counted on some days."""

    rows: list[CountedDrawer]


class CreditNote(TypedDict):
    """What an udhaar bill did to the customer's khata."""

    customer_id: str
    entry_id: str
    balance_paise: int
    limit_paise: int | None
    over_limit: bool


class CustomerCard(TypedDict):
    """A customer's account on the shop's present day."""

    customer_id: str
    name: str
    phone: str | None
    limit_paise: int | None
    credit_days: int
    balance_paise: int
    oldest_due_on: str | None
    reminders: bool
    status: Literal['advance', 'paid', 'pending', 'overdue']
    as_of: str
    due_paise: int
    advance_paise: int
    overdue_paise: int
    days_past_due: int
    next_due_on: str | None
    ageing: AgeingRow


class CustomerChange(TypedDict):
    """New values of a customer's fields; what is left out stays."""

    name: NotRequired[str | None]
    phone: NotRequired[str | None]
    limit_paise: NotRequired[int | None]
    credit_days: NotRequired[int | None]
    reminders: NotRequired[bool | None]


class CustomerRow(TypedDict):
    """A customer and what is owed."""

    customer_id: str
    name: str
    phone: str | None
    limit_paise: int | None
    credit_days: int
    balance_paise: int
    oldest_due_on: str | None
    reminders: bool
    status: Literal['advance', 'paid', 'pending', 'overdue']


class Day(TypedDict):
    """The day's list."""

    on: str
    language: Literal['en', 'hi', 'hi-Latn', 'bn', 'gu', 'kn', 'mr', 'ta', 'te']
    rows: list[Recommendation]
    hidden: int
    wording: Literal['template', 'model']
    degraded: bool


class DayClosing(TypedDict):
    """What a day took, and what should be in the drawer: opening + cash bills and returns + udhaar collected."""

    on: str
    bills: int
    returns: int
    cancelled: NotRequired[int]
    sold: dict[str, int]
    returned: dict[str, int]
    udhaar_given_paise: int
    udhaar_collected_paise: int
    opening_paise: int
    expected_cash_paise: int
    counted_paise: int | None
    difference_paise: int | None
    closings: NotRequired[list[CountedDrawer]]


class DayForecast(TypedDict):
    """What was forecast for a day, the last time before it began."""

    made_at: str
    as_of: str
    model_version: str
    p10_milli: int | None
    p50_milli: int | None
    p90_milli: int | None


class DayRow(TypedDict):
    """The demand of one day."""

    on: str
    mean_milli: int
    quantiles: list[QuantileRow]


class DaySummary(TypedDict):
    """What was sold on a day."""

    on: str
    amount_paise: int
    items: int


class DayThere(TypedDict):
    """A day of which rows are there already."""

    on: str
    rows: int
    amount_paise: int


class Decision(TypedDict):
    """What the shop does with a recommendation."""

    choice: Literal['accepted', 'dismissed']
    reason: NotRequired[str]


class DecisionDone(TypedDict):
    """A decision as it was kept."""

    key: str
    choice: Literal['accepted', 'dismissed']
    stake_paise: int


class DeviceList(TypedDict):
    """The signed-in devices of a person, the newest sign-in first."""

    rows: list[DeviceRow]


class DeviceRow(TypedDict):
    """A signed-in device."""

    session_id: str
    device: str
    signed_in_at: str
    expires_at: str
    this_one: bool


class DifferenceRow(TypedDict):
    """Where what came is not what was ordered: milli-units, or paise a unit for `dearer` and `cheaper`."""

    item_id: str
    kind: Literal['missing', 'more', 'not_ordered', 'dearer', 'cheaper']
    ordered: int
    got: int


class Done(TypedDict):
    """Nothing more to say than that it is done."""

    done: NotRequired[bool]


class DraftLines(TypedDict):
    """Lines to put into a supplier's draft."""

    supplier_id: NotRequired[str | None]
    lines: list[NewOrderLine]


class DrawerCount(TypedDict):
    """What was counted in the drawer at the end of a day."""

    closing_id: NotRequired[str | None]
    on: NotRequired[str | None]
    opening_paise: NotRequired[int]
    counted_paise: int
    note: NotRequired[str]


class DriverRow(TypedDict):
    """What moves the forecast, in milli-units a day."""

    name: str
    milli: int


class EntryBatch(TypedDict):
    """Some entries in one request, as a phone gathered them."""

    entries: list[BatchedCredit | BatchedPayment]
    atomic: NotRequired[bool]


class EntryBatchDone(TypedDict):
    """What became of each entry, in the order of the request."""

    applied: int
    replayed: int
    refused: int
    results: list[EntryResult]


class EntryDone(TypedDict):
    """An entry and the balance after it."""

    entry: EntryRow
    balance_paise: int
    limit_paise: int | None
    over_limit: bool


class EntryResult(TypedDict):
    """What became of one entry of a batch."""

    place: int
    entry_id: str
    status: Literal['applied', 'replayed', 'refused']
    done: EntryDone | None
    code: NotRequired[str | None]
    detail: NotRequired[str | None]
    field: NotRequired[str | None]


class EntryRow(TypedDict):
    """One line of the khata; it never changes."""

    entry_id: str
    customer_id: str
    kind: Literal['credit', 'payment', 'reversal', 'write_off']
    amount_paise: int
    at: str
    due_on: str | None
    reverses: str | None
    reason: str
    note: str
    actor: str
    actor_name: NotRequired[str | None]
    recorded_at: NotRequired[str | None]
    flags: NotRequired[list[str]]


class EventList(TypedDict):
    """What happened around a khata, the oldest first."""

    customer_id: str
    rows: list[EventRow]


class EventRow(TypedDict):
    """A promise, reminder, pause, dispute or closing; it never changes."""

    event_id: str
    customer_id: str
    kind: Literal['promise', 'reminder', 'pause', 'dispute', 'closing']
    at: str
    amount_paise: int | None
    start_on: str | None
    until_on: str | None
    about: str | None
    text: str
    actor: str
    closed: bool


class Example(TypedDict):
    """A cell as it is written, and as it was read; empty where it was not."""

    written: str
    read: str


class ExpiryArithmetic(TypedDict):
    """How the quantity at risk follows."""

    stock_milli: int
    days_left: int
    level_used: NotRequired[float | None]
    demand_milli: int
    sold_before_milli: int
    unit_value_paise: int
    formula: NotRequired[str]
    version: NotRequired[Literal['expiry-2']]


class ExpiryRiskList(TypedDict):
    """Lots at risk, the most money first."""

    on: str
    days: int
    degraded: bool
    reason: NotRequired[str | None]
    rows: list[ExpiryRiskRow]


class ExpiryRiskRow(TypedDict):
    """A lot that will probably not be sold in time."""

    batch_id: str
    item_id: str
    name: str
    expires_on: str | None
    status: Literal['ok', 'too_little_data']
    at_risk_milli: int | None
    at_risk_paise: int | None
    arithmetic: ExpiryArithmetic | None


class ExposureCard(TypedDict):
    """What the whole shop has out on udhaar."""

    as_of: str
    due_paise: int
    advance_paise: int
    overdue_paise: int
    customers_owing: int
    customers_overdue: int
    largest_share: float
    inflow: InflowRow


class ForecastCard(TypedDict):
    """Forecasts of some items."""

    starts_on: str
    horizon_days: int
    history_until: str | None
    stale: bool
    model_version: str | None
    degraded: bool
    reason: NotRequired[str | None]
    items: list[ItemForecastCard]


class ForecastJob(TypedDict):
    """Where the forecast of the whole shop stands; each look at it does the next hundred items."""

    job_id: str
    status: Literal['running', 'done', 'cancelled', 'failed']
    horizon_days: int
    total: int
    completed: int
    progress_ratio: float
    waiting_for_model: bool
    created_at: str
    changed_at: str


class ForecastQuestion(TypedDict):
    """Which items, how far ahead, and what is known of the days ahead."""

    item_ids: list[str]
    horizon_days: NotRequired[int]
    explain: NotRequired[bool]
    plans: NotRequired[list[ItemPlan]]
    covariates: NotRequired[list[KnownColumn]]


class FoundCustomers(TypedDict):
    """Customers that a search found, the best first."""

    rows: list[CustomerRow]


class FoundItems(TypedDict):
    """Items that a search found, the best first."""

    rows: list[ItemCard]


class GainArithmetic(TypedDict):
    """How the expected gain follows, by `formula`; units are not rounded, so that it comes out to the paisa."""

    objective: Literal['profit', 'revenue']
    price_now_paise: int
    price_paise: int
    units_now_milli: int
    elasticity: float
    std_error: float
    elasticity_lower: float
    elasticity_upper: float
    cost_paise: int | None
    gst_rate_bp: int
    composition: bool
    net_now_paise: int
    net_paise: int
    units: float
    units_at_lower: float
    units_at_upper: float
    formula: str
    version: str


class HeldStatement(TypedDict):
    """A statement that a customer shows."""

    statement: str


class HistoryDay(TypedDict):
    """What happened to an item on a day."""

    on: str
    open: bool
    sold_milli: int
    returned_milli: int
    amount_paise: int
    sold_out_share: float | None
    price_paise: int | None
    forecast: DayForecast | None


class Home(TypedDict):
    """The first screen."""

    seq: int
    as_of: str
    on: str
    shop: HomeShop
    caller: HomeCaller
    today: HomeToday
    khata: HomeKhata
    alerts: list[HomeAlert]
    alerts_open: int
    orders_due: list[HomeOrder]
    forecast: HomeForecast | None
    changed: HomeChanged
    snapshot: NotRequired[HomeSnapshot | None]
    list: list[HomeThing]


class HomeAlert(TypedDict):
    """An active alert."""

    alert_id: str
    kind: Literal['stock_out', 'low_stock', 'negative_stock', 'expiry', 'slow_stock', 'overdue', 'broken_promise', 'high_risk', 'seasonal_spike', 'price_anomaly', 'cost_anomaly'] | Literal['offline_fact']
    subject_id: str
    subject_name: str
    stake_paise: int
    priority: int
    text: str
    status: Literal['open', 'snoozed', 'resolved', 'dismissed']
    raised_at: str
    changed_at: str
    snoozed_until: str | None


class HomeCaller(TypedDict):
    """Who asks, and what this person may do."""

    user_id: str
    role: Literal['owner', 'staff', 'accountant', 'viewer']
    rights: list[Literal['sell', 'give_credit', 'move_stock', 'set_price', 'set_rules', 'manage_members']]


class HomeChanged(TypedDict):
    """What changed since midnight, by kind."""

    since: str
    counts: dict[str, int]


class HomeForecast(TypedDict):
    """How fresh the forecasts are."""

    made_at: str
    as_of: str
    items: int
    model_version: str


class HomeKhata(TypedDict):
    """What is owed to the shop."""

    due_paise: int
    advance_paise: int
    customers_owing: int
    customers_overdue: int


class HomeOrder(TypedDict):
    """An order that is to be in soon."""

    supplier_id: str
    name: str
    visit_on: str
    order_due_by: str


class HomeShop(TypedDict):
    """The shop and its rules."""

    shop_id: str
    name: str
    zone: str
    upi_id: str | None
    negative_stock: Literal['allow', 'block']
    over_limit: Literal['warn', 'block']
    staff_floor_percent: int


class HomeSnapshot(TypedDict):
    """All that a new phone starts from."""

    items: Columns
    customers: Columns
    suppliers: Columns
    lots: Columns


class HomeThing(TypedDict):
    """Something worth doing; /v1/recommendations has its call and the wording of a model."""

    key: str
    kind: Literal['stock_out', 'low_stock', 'negative_stock', 'expiry', 'slow_stock', 'overdue', 'broken_promise', 'high_risk', 'seasonal_spike', 'price_anomaly', 'cost_anomaly']
    subject_id: str
    subject_name: str
    stake_paise: int
    urgent_in_days: int
    text: str
    inputs: dict[str, int]
    arithmetic: str


class HomeToday(TypedDict):
    """What came in today, returns taken off, and what moved in the khatas."""

    amount_paise: int
    bills: int
    returns: int
    by_payment: dict[str, int]
    given_paise: int
    received_paise: int


class HsnRow(TypedDict):
    """What was sold under one tariff heading, unit and rate."""

    rate_bp: int
    amount_paise: int
    taxable_paise: int
    cgst_paise: int
    sgst_paise: int
    igst_paise: int
    hsn: str
    unit_code: str
    quantity_milli: int


class ImportCard(TypedDict):
    """What a sheet holds; nothing is entered before it is confirmed."""

    import_id: str
    status: Literal['preview', 'done', 'undone']
    rows: int
    bad_rows: int
    zero_rows: NotRequired[int]
    first_day: str | None
    last_day: str | None
    amount_paise: int
    problems: list[BadRowCard]
    unknown_items: list[str]
    unknown_count: int
    overlap: NotRequired[OverlapCard | None]
    reading: NotRequired[ReadingCard | None]


class ImportConfirmation(TypedDict):
    """The step without which nothing is entered."""

    create_items: NotRequired[bool]
    take: NotRequired[Literal['new', 'all']]


class ImportDone(TypedDict):
    """What a sheet changed."""

    import_id: str
    status: Literal['preview', 'done', 'undone']
    bills: int
    created_items: int
    rows: NotRequired[int]
    skipped_rows: NotRequired[int]


class ImportRow(TypedDict):
    """One row of a sheet, as it would be entered."""

    row: int
    state: Literal['sale', 'zero', 'bad']
    reason: str
    on: str | None
    item: str
    item_id: str | None
    unit: str
    quantity_milli: int
    unit_price_paise: int
    amount_paise: int


class InflowRow(TypedDict):
    """What of today's dues is expected to be paid in the coming days, from the shop's own past weeks."""

    days: int
    expected_paise: int
    lower_paise: int
    upper_paise: int
    coverage: float
    windows: int


class InvitationCard(TypedDict):
    """An open invitation of the shop."""

    invitation_id: str
    address: str
    role: Literal['owner', 'staff', 'accountant', 'viewer']
    invited_by: str
    created_at: str
    expires_at: str


class InvitationList(TypedDict):
    """The open invitations of the shop, the newest first."""

    rows: list[InvitationCard]


class ItemCard(TypedDict):
    """An item and its stock."""

    item_id: str
    name: str
    category: str
    unit: Literal['piece', 'kg', 'l']
    price_paise: int
    cost_paise: int | None
    mrp_paise: int | None
    barcode: str | None
    hsn: str | None
    aliases: list[str]
    names: NotRequired[dict[str, str]]
    pack_milli: int
    lead_time_days: int
    service_level: float
    reorder_point_milli: int | None
    supplier_id: str | None
    shelf_life_days: NotRequired[int | None]
    known_value: bool
    on_hand_milli: int
    version: int
    archived: bool
    sold_28d_milli: NotRequired[int | None]


class ItemChange(TypedDict):
    """New values of an item's fields; what is left out stays. Prices change under /v1/pricing or here."""

    name: NotRequired[str | None]
    category: NotRequired[str | None]
    price_paise: NotRequired[int | None]
    cost_paise: NotRequired[int | None]
    mrp_paise: NotRequired[int | None]
    barcode: NotRequired[str | None]
    hsn: NotRequired[str | None]
    aliases: NotRequired[list[str] | None]
    names: NotRequired[dict[str, str] | None]
    pack_milli: NotRequired[int | None]
    lead_time_days: NotRequired[int | None]
    service_level: NotRequired[float | None]
    reorder_point_milli: NotRequired[int | None]
    supplier_id: NotRequired[str | None]
    shelf_life_days: NotRequired[int | None]
    known_value: NotRequired[bool | None]
    archived: NotRequired[bool | None]


class ItemForecastCard(TypedDict):
    """The demand of one item and the order that follows."""

    item_id: str
    status: Literal['ok', 'review', 'too_little_data']
    source: Literal['model', 'saved', 'statistical', 'none']
    method: str | None
    confidence: Literal['high', 'medium', 'low'] | None
    made_at: str
    forecast_id: str | None
    days: list[DayRow]
    total_quantiles: list[QuantileRow]
    drivers: list[DriverRow]
    reorder: Reorder | None


class ItemGuess(TypedDict):
    """An item of the shop that a printed name may stand for."""

    item_id: str
    score: float
    same_pack: bool
    automatic: bool
    reason: str


class ItemHistory(TypedDict):
    """An item by day, the oldest first."""

    item_id: str
    unit: Literal['piece', 'kg', 'l']
    rows: list[HistoryDay]


class ItemPlan(TypedDict):
    """What is planned for, or known of, one item."""

    item_id: str
    prices: NotRequired[list[PlannedPrice]]
    covariates: NotRequired[list[KnownColumn]]


class JobQuestion(TypedDict):
    """How far ahead everything the shop sells is to be forecast."""

    horizon_days: NotRequired[int]


class JsonWebKey(TypedDict):
    """A public key (RFC 7517)."""

    kty: NotRequired[Literal['RSA']]
    use: NotRequired[Literal['sig']]
    alg: NotRequired[Literal['RS256']]
    kid: str
    n: str
    e: str


class JsonWebKeySet(TypedDict):
    """The keys that tokens can be verified with."""

    keys: list[JsonWebKey]


class KeyRotation(TypedDict):
    """A key's replacement, and how long both work."""

    overlap_minutes: NotRequired[int]


class KhataComparison(TypedDict):
    """A statement that the shop once signed, compared with today's ledger."""

    customer_id: str
    issued_at: str
    closing_paise: int
    shown: int
    later_entries: int
    differences: list[str]


class KhataKey(TypedDict):
    """A public key that statements are checked with."""

    key_id: str
    algorithm: NotRequired[Literal['Ed25519']]
    public_key: str


class KhataKeys(TypedDict):
    """All keys, those that signed before included."""

    keys: list[KhataKey]


class KnownColumn(TypedDict):
    """A number known for each day, past and ahead: a promotion, the weather, school holidays."""

    name: str
    start: str
    values: list[float | None]


class LeftOut(TypedDict):
    """What the cash in hand does not reach for."""

    item_id: str
    left_out_milli: int
    cost_paise: int | None
    lost_gain_paise: int | None
    reason: Literal['budget', 'cost_unknown']


class LimitAnswer(TypedDict):
    """The limit at the counter, with its arithmetic."""

    customer_id: str
    allowed: bool
    balance_paise: int
    amount_paise: int
    balance_after_paise: int
    limit_paise: int | None
    room_paise: int | None
    policy: Literal['warn', 'block']


class LimitQuestion(TypedDict):
    """A credit that may be given or not."""

    amount_paise: int


class LimitRaiseRow(TypedDict):
    """A payment that raises the suggested limit; `limit_arithmetic` is the proof, to be recomputed."""

    pay_paise: int
    limit_paise: int
    probability_30: float
    limit_arithmetic: dict[str, Any]


class LineRow(TypedDict):
    """A line as it was sold; in a return, quantity and amount are negative."""

    item_id: str
    quantity_milli: int
    unit_price_paise: int
    unit: NotRequired[str | None]
    unit_milli: NotRequired[int]
    discount_paise: int
    amount_paise: int


class LineTaxRow(TypedDict):
    """The tax of one line."""

    rate_bp: int
    amount_paise: int
    taxable_paise: int
    cgst_paise: int
    sgst_paise: int
    igst_paise: int
    item_id: str
    hsn: str
    quantity_milli: int


class Login(TypedDict):
    """A sign-in."""

    email: str
    password: str
    device: NotRequired[str]
    client: NotRequired[Literal['program', 'web']]
    challenge: NotRequired[str | None]
    mfa_code: NotRequired[str | None]


class Logout(TypedDict):
    """The end of a session."""

    refresh_token: NotRequired[str | None]


class LowStockList(TypedDict):
    """Items at or below their reorder point, those below zero first."""

    rows: list[StockLevel]


class Me(TypedDict):
    """Who the token says is calling."""

    user_id: str
    shop_id: str | None
    role: Literal['owner', 'staff', 'accountant', 'viewer']
    shops: list[ShopRole]


class Member(TypedDict):
    """A person of the shop."""

    user_id: str
    name: NotRequired[str | None]
    role: Literal['owner', 'staff', 'accountant', 'viewer']


class MemberList(TypedDict):
    """The people of the shop."""

    rows: list[Member]


class MoreLines(TypedDict):
    """Lines to add to a draft; an item that is there already is ordered as the larger of the two."""

    lines: list[NewOrderLine]


class MovementList(TypedDict):
    """The movements entered and the stock after them."""

    movements: list[MovementRow]
    stock: list[StockLevel]


class MovementRow(TypedDict):
    """A movement as it was entered; it never changes."""

    movement_id: str
    item_id: str
    kind: Literal['purchase', 'sale', 'customer_return', 'supplier_return', 'wastage', 'theft', 'gift', 'own_use', 'count', 'reversal']
    quantity_milli: int
    at: str
    actor: str
    actor_name: NotRequired[str | None]
    reason: str | None
    source: str | None
    batch_id: str | None
    unit_cost_paise: int | None
    flags: NotRequired[list[str]]


class MyInvitation(TypedDict):
    """A role that a shop offers to the caller."""

    invitation_id: str
    shop_id: str
    shop_name: str
    role: Literal['owner', 'staff', 'accountant', 'viewer']
    expires_at: str


class MyInvitationList(TypedDict):
    """The open invitations to the caller, the newest first."""

    rows: list[MyInvitation]


class NamedSale(TypedDict):
    """A bill under its client's own id."""

    offline: NotRequired[bool]
    clock_offset_seconds: NotRequired[int | None]
    sale_id: str
    lines: list[NewLine]
    payment: NotRequired[Literal['cash', 'upi', 'card', 'udhaar']]
    payments: NotRequired[list[Paid] | None]
    discount_paise: NotRequired[int]
    customer_id: NotRequired[str | None]
    sold_at: NotRequired[str | None]
    due_on: NotRequired[str | None]
    total_paise: NotRequired[int | None]
    over_limit: NotRequired[bool]


class NewApiKey(TypedDict):
    """A key for another program: a till, a scale, an accounting program."""

    name: str
    scopes: list[str]
    expires_in_days: NotRequired[int | None]


class NewApiKeyCard(TypedDict):
    """A new key; `api_key` is shown this once and goes into the header X-Api-Key."""

    key_id: str
    name: str
    scopes: list[str]
    created_at: str
    expires_at: str | None
    revoked: bool
    api_key: NotRequired[str | None]


class NewBatch(TypedDict):
    """A delivery lot with its own expiry and printed price."""

    batch_id: NotRequired[str | None]
    quantity_milli: int
    expires_on: NotRequired[str | None]
    mrp_paise: NotRequired[int | None]
    unit_cost_paise: NotRequired[int | None]
    at: NotRequired[str | None]


class NewCancellation(TypedDict):
    """Why a bill is cancelled, on its own day; goods, khata and money go back."""

    offline: NotRequired[bool]
    clock_offset_seconds: NotRequired[int | None]
    cancellation_id: NotRequired[str | None]
    reason: str
    at: NotRequired[str | None]


class NewClosing(TypedDict):
    """How it ended."""

    outcome: str


class NewCredit(TypedDict):
    """Goods or money given on udhaar without a bill."""

    offline: NotRequired[bool]
    clock_offset_seconds: NotRequired[int | None]
    entry_id: NotRequired[str | None]
    amount_paise: int
    at: NotRequired[str | None]
    due_on: NotRequired[str | None]
    note: NotRequired[str]
    over_limit: NotRequired[bool]


class NewCustomer(TypedDict):
    """A customer to add."""

    customer_id: NotRequired[str | None]
    name: str
    phone: NotRequired[str | None]
    limit_paise: NotRequired[int | None]
    credit_days: NotRequired[int]
    reminders: NotRequired[bool]


class NewDispute(TypedDict):
    """Why the customer does not agree with an entry."""

    reason: str


class NewItem(TypedDict):
    """An item to add."""

    item_id: NotRequired[str | None]
    name: str
    category: NotRequired[str]
    unit: NotRequired[Literal['piece', 'kg', 'l']]
    price_paise: int
    cost_paise: NotRequired[int | None]
    mrp_paise: NotRequired[int | None]
    barcode: NotRequired[str | None]
    hsn: NotRequired[str | None]
    aliases: NotRequired[list[str]]
    names: NotRequired[dict[str, str]]
    pack_milli: NotRequired[int]
    lead_time_days: NotRequired[int]
    service_level: NotRequired[float]
    reorder_point_milli: NotRequired[int | None]
    supplier_id: NotRequired[str | None]
    shelf_life_days: NotRequired[int | None]
    known_value: NotRequired[bool]
    opening_stock_milli: NotRequired[int]


class NewItemDone(TypedDict):
    """An item that was added."""

    item_id: str
    name: str
    category: str
    unit: Literal['piece', 'kg', 'l']
    price_paise: int
    cost_paise: int | None
    mrp_paise: int | None
    barcode: str | None
    hsn: str | None
    aliases: list[str]
    names: NotRequired[dict[str, str]]
    pack_milli: int
    lead_time_days: int
    service_level: float
    reorder_point_milli: int | None
    supplier_id: str | None
    shelf_life_days: NotRequired[int | None]
    known_value: bool
    on_hand_milli: int
    version: int
    archived: bool
    sold_28d_milli: NotRequired[int | None]
    similar: NotRequired[list[SimilarItem]]


class NewLine(TypedDict):
    """One line of a bill."""

    item_id: str
    quantity_milli: int
    unit: NotRequired[str | None]
    pack_of: NotRequired[int | None]
    unit_price_paise: NotRequired[int | None]
    discount_paise: NotRequired[int]


class NewMember(TypedDict):
    """A person by e-mail address or phone, and the role to give or to offer."""

    email: NotRequired[str | None]
    phone: NotRequired[str | None]
    role: Literal['owner', 'staff', 'accountant', 'viewer']


class NewMemberDone(TypedDict):
    """A member's changed role, or an invitation, which says nothing of whether the address has an account."""

    user_id: str | None
    role: Literal['owner', 'staff', 'accountant', 'viewer']
    invitation_id: str | None
    state: Literal['member', 'invited']


class NewMovement(TypedDict):
    """Stock that came in or went out, apart from sales."""

    offline: NotRequired[bool]
    clock_offset_seconds: NotRequired[int | None]
    movement_id: NotRequired[str | None]
    item_id: str
    kind: Literal['purchase', 'supplier_return', 'wastage', 'theft', 'gift', 'own_use']
    quantity_milli: int
    batch_id: NotRequired[str | None]
    at: NotRequired[str | None]
    reason: NotRequired[str | None]
    unit_cost_paise: NotRequired[int | None]
    free_milli: NotRequired[int]


class NewMovements(TypedDict):
    """Some movements, entered together: all of them or none."""

    movements: list[NewMovement]


class NewOrder(TypedDict):
    """A draft to make."""

    offline: NotRequired[bool]
    clock_offset_seconds: NotRequired[int | None]
    order_id: NotRequired[str | None]
    supplier_id: NotRequired[str | None]
    lines: list[NewOrderLine]
    expected_on: NotRequired[str | None]
    note: NotRequired[str]


class NewOrderLine(TypedDict):
    """One item to order."""

    item_id: str
    quantity_milli: int
    unit_cost_paise: NotRequired[int | None]


class NewPause(TypedDict):
    """Days to leave a customer in peace: a death in the family, a festival, an illness."""

    start_on: str
    end_on: str
    reason: str


class NewPayment(TypedDict):
    """Money received; more than is owed becomes an advance."""

    offline: NotRequired[bool]
    clock_offset_seconds: NotRequired[int | None]
    entry_id: NotRequired[str | None]
    amount_paise: int
    at: NotRequired[str | None]
    note: NotRequired[str]


class NewPlannedPrice(TypedDict):
    """A price that is to hold from a day ahead on, until another one is set."""

    from_on: str
    price_paise: int
    reason: str


class NewPrice(TypedDict):
    """A price set by hand."""

    price_paise: int
    reason: str


class NewPromise(TypedDict):
    """A customer's word to pay."""

    offline: NotRequired[bool]
    clock_offset_seconds: NotRequired[int | None]
    entry_id: NotRequired[str | None]
    at: NotRequired[str | None]
    amount_paise: int
    pay_by: str


class NewReminder(TypedDict):
    """A reminder that the shop sends now."""

    language: NotRequired[Literal['en', 'hi', 'mr', 'ta', 'bn']]
    channel: NotRequired[Literal['whatsapp', 'sms', 'call', 'in_person']]


class NewReturn(TypedDict):
    """Goods of a bill that came back."""

    offline: NotRequired[bool]
    clock_offset_seconds: NotRequired[int | None]
    return_id: NotRequired[str | None]
    lines: list[ReturnedLine]
    reason: str
    at: NotRequired[str | None]
    refunds: NotRequired[list[Paid] | None]


class NewReversal(TypedDict):
    """Why an entry is reversed."""

    reason: str


class NewSale(TypedDict):
    """A bill."""

    offline: NotRequired[bool]
    clock_offset_seconds: NotRequired[int | None]
    sale_id: NotRequired[str | None]
    lines: list[NewLine]
    payment: NotRequired[Literal['cash', 'upi', 'card', 'udhaar']]
    payments: NotRequired[list[Paid] | None]
    discount_paise: NotRequired[int]
    customer_id: NotRequired[str | None]
    sold_at: NotRequired[str | None]
    due_on: NotRequired[str | None]
    total_paise: NotRequired[int | None]
    over_limit: NotRequired[bool]


class NewSettlement(TypedDict):
    """A part that is taken for the whole due."""

    paid_paise: int
    reason: str


class NewShop(TypedDict):
    """A shop to register."""

    name: str
    zone: NotRequired[str]
    region: NotRequired[str | None]


class NewSupplier(TypedDict):
    """Who delivers, how fast and on what terms."""

    name: str
    phone: NotRequired[str | None]
    lead_time_days: NotRequired[int]
    visit_weekdays: NotRequired[list[int]]
    minimum_order_paise: NotRequired[int]
    credit_days: NotRequired[int]
    order_days_before: NotRequired[int]
    order_by: NotRequired[str]
    on_holiday: NotRequired[Literal['skipped', 'next_day']]
    closed_on: NotRequired[list[str]]


class NewWriteOff(TypedDict):
    """A due that the shop gives up."""

    amount_paise: int
    reason: str


class OrderCard(TypedDict):
    """An order to one supplier."""

    order_id: str
    state: Literal['draft', 'placed', 'part_received', 'received', 'cancelled']
    supplier_id: str | None
    supplier_name: str | None
    lines: list[OrderLineRow]
    cost_paise: int
    received_cost_paise: int
    expected_on: str | None
    note: str
    reason: str
    created_at: str
    created_by: str
    placed_at: str | None
    closed_at: str | None
    share_text: str
    version: int


class OrderChange(TypedDict):
    """New values of a draft; what is left out stays."""

    lines: NotRequired[list[NewOrderLine] | None]
    expected_on: NotRequired[str | None]
    note: NotRequired[str | None]


class OrderDifference(TypedDict):
    """Where a bill is not what was ordered: milli-units, or paise a unit for `dearer` and `cheaper`."""

    item_id: str
    kind: Literal['missing', 'more', 'not_ordered', 'dearer', 'cheaper']
    ordered: int
    got: int


class OrderLineRow(TypedDict):
    """One item of an order."""

    item_id: str
    name: str
    unit: Literal['piece', 'kg', 'l']
    quantity_milli: int
    pack_milli: int
    packs: int
    received_milli: int
    open_milli: int
    unit_cost_paise: int | None
    cost_paise: int | None
    received_cost_paise: int


class OverlapCard(TypedDict):
    """Rows that are in the shop's sales already: same day, item, quantity and amount."""

    rows: int
    amount_paise: int
    day_count: int
    days: list[DayThere]


class PageOfApprovalCard(TypedDict):
    """PageOfApprovalCard"""

    rows: list[ApprovalCard]
    next_cursor: str | None


class PageOfBillRow(TypedDict):
    """PageOfBillRow"""

    rows: list[BillRow]
    next_cursor: str | None


class PageOfCountSheetRow(TypedDict):
    """PageOfCountSheetRow"""

    rows: list[CountSheetRow]
    next_cursor: str | None


class PageOfCustomerRow(TypedDict):
    """PageOfCustomerRow"""

    rows: list[CustomerRow]
    next_cursor: str | None


class PageOfEntryRow(TypedDict):
    """PageOfEntryRow"""

    rows: list[EntryRow]
    next_cursor: str | None


class PageOfImportRow(TypedDict):
    """PageOfImportRow"""

    rows: list[ImportRow]
    next_cursor: str | None


class PageOfItemCard(TypedDict):
    """PageOfItemCard"""

    rows: list[ItemCard]
    next_cursor: str | None


class PageOfItemForecastCard(TypedDict):
    """PageOfItemForecastCard"""

    rows: list[ItemForecastCard]
    next_cursor: str | None


class PageOfMovementRow(TypedDict):
    """PageOfMovementRow"""

    rows: list[MovementRow]
    next_cursor: str | None


class PageOfOrderCard(TypedDict):
    """PageOfOrderCard"""

    rows: list[OrderCard]
    next_cursor: str | None


class PageOfPlannedPriceRow(TypedDict):
    """PageOfPlannedPriceRow"""

    rows: list[PlannedPriceRow]
    next_cursor: str | None


class PageOfPriceChangeRow(TypedDict):
    """PageOfPriceChangeRow"""

    rows: list[PriceChangeRow]
    next_cursor: str | None


class PageOfSaleCard(TypedDict):
    """PageOfSaleCard"""

    rows: list[SaleCard]
    next_cursor: str | None


class PageOfSignInRow(TypedDict):
    """PageOfSignInRow"""

    rows: list[SignInRow]
    next_cursor: str | None


class PageOfSnapshotRow(TypedDict):
    """PageOfSnapshotRow"""

    rows: list[SnapshotRow]
    next_cursor: str | None


class PageOfStockAgeRow(TypedDict):
    """PageOfStockAgeRow"""

    rows: list[StockAgeRow]
    next_cursor: str | None


class Paid(TypedDict):
    """A part of a payment."""

    kind: Literal['cash', 'upi', 'card', 'udhaar']
    paise: int


class PaidRow(TypedDict):
    """What was paid in one way; below zero it went back."""

    kind: Literal['cash', 'upi', 'card', 'udhaar']
    paise: int


class PhoneCode(TypedDict):
    """A number to send a code to."""

    phone: str


class PhoneLogin(TypedDict):
    """A sign-in with a code."""

    code_id: str
    code: str
    device: NotRequired[str]
    client: NotRequired[Literal['program', 'web']]


class Placing(TypedDict):
    """How a draft is sent to the supplier."""

    expected_on: NotRequired[str | None]


class PlannedPrice(TypedDict):
    """What an item will sell for on some days of the horizon; on the others today's price holds."""

    from_on: str
    until_on: str
    price_paise: int


class PlannedPriceRow(TypedDict):
    """A planned price and what became of it."""

    plan_id: str
    item_id: str
    from_on: str
    price_paise: int
    price_before_paise: int
    reason: str
    actor: str
    made_at: str
    advice_id: str | None
    status: Literal['planned', 'applied', 'withdrawn', 'refused']
    settled_at: str | None
    change_id: str | None
    outcome: str


class Posted(TypedDict):
    """What a confirmed bill did."""

    bill_id: str
    movement_ids: list[str]
    learned: int
    returned: NotRequired[int]
    order_id: NotRequired[str | None]
    differences: NotRequired[list[OrderDifference]]


class PriceChangeRow(TypedDict):
    """One change of a price; it never changes itself."""

    change_id: str
    item_id: str
    at: str
    on: str
    before_paise: int
    after_paise: int
    actor: str
    reason: str
    advice_id: str | None
    rolls_back: str | None


class PriceFrom(TypedDict):
    """From when on advice is to be followed."""

    from_on: str


class PriceQuestion(TypedDict):
    """Which items' prices are in question."""

    item_ids: list[str]
    objective: NotRequired[Literal['profit', 'revenue']]


class PromiseCard(TypedDict):
    """All promises of a customer, the oldest first, and their count."""

    customer_id: str
    kept: int
    broken: int
    open: int
    rows: list[PromiseRow]


class PromiseRow(TypedDict):
    """A promise and what became of it; it breaks on the day after its last one."""

    promise_id: str
    customer_id: str
    amount_paise: int
    made_at: str
    pay_by: str
    outcome: Literal['open', 'kept', 'broken', 'withdrawn']
    flags: NotRequired[list[str]]


class QuantileRow(TypedDict):
    """A level of the distribution and its value."""

    level: float
    milli: int


class QuestionCard(TypedDict):
    """What can be read in another way: the option that says so, and its choices."""

    option: str
    text: str
    choices: list[str]


class QueueRow(TypedDict):
    """A customer with something overdue, and whether a reminder is worth it: gain = recovered - goodwill."""

    customer_id: str
    name: str
    overdue_paise: int
    days_past_due: int
    action: Literal['remind', 'wait', 'talk']
    why: str
    gain_paise: int | None
    recovered_paise: int | None
    goodwill_paise: int | None
    probability_30: float | None
    reminders_14: int
    broken_promises: int
    send_at: str | None
    refused: str


class RateTaxRow(TypedDict):
    """The lines of one rate together: taxable + cgst + sgst + igst = amount."""

    rate_bp: int
    amount_paise: int
    taxable_paise: int
    cgst_paise: int
    sgst_paise: int
    igst_paise: int


class Readiness(TypedDict):
    """The state of each part; `degraded` still answers, with less."""

    status: Literal['ok', 'degraded', 'down']
    parts: dict[str, str]


class ReadingCard(TypedDict):
    """How a sheet was read; another reading can be asked for."""

    kind: str
    sheet: str | None
    other_sheets: list[str]
    heading_row: int
    dates: str
    decimals: str
    columns: list[ColumnCard]
    ignored: list[str]
    questions: list[QuestionCard]


class Receipt(TypedDict):
    """Goods that came for an order."""

    offline: NotRequired[bool]
    clock_offset_seconds: NotRequired[int | None]
    receipt_id: NotRequired[str | None]
    lines: list[ArrivedLine]
    complete: NotRequired[bool]
    at: NotRequired[str | None]


class ReceiptDone(TypedDict):
    """An order after goods came, and where they differ from what was still to come."""

    order: OrderCard
    movement_ids: list[str]
    differences: list[DifferenceRow]
    flags: NotRequired[list[str]]


class Recommendation(TypedDict):
    """One thing to do today."""

    key: str
    kind: Literal['stock_out', 'low_stock', 'negative_stock', 'expiry', 'slow_stock', 'overdue', 'broken_promise', 'high_risk', 'seasonal_spike', 'price_anomaly', 'cost_anomaly']
    subject_id: str
    subject_name: str
    stake_paise: int
    urgent_in_days: int
    text: str
    inputs: dict[str, int]
    arithmetic: str
    version: NotRequired[Literal['signals-1']]
    draft: RequestDraft


class RecoveryQueue(TypedDict):
    """Whom to remind first; those to leave alone come last."""

    as_of: str
    degraded: bool
    reason: NotRequired[str | None]
    model_version: str | None
    overdue_customers: int
    rows: list[QueueRow]


class RefreshDone(TypedDict):
    """What a refresh changed."""

    raised: int
    resolved: int
    queued: int


class Registered(TypedDict):
    """Who was registered."""

    user_id: str
    shop_id: str
    role: Literal['owner', 'staff', 'accountant', 'viewer']


class Registration(TypedDict):
    """A person and the first shop."""

    email: str
    password: str
    name: NotRequired[str | None]
    shop_name: str
    zone: NotRequired[str]
    region: NotRequired[str | None]


class Reminder(TypedDict):
    """A text and a payment link, for the shop to send; and when it may be sent."""

    customer_id: str
    phone: str | None
    amount_paise: int
    text: str
    upi_link: str | None
    whatsapp_link: str | None
    send_at: str | None
    refused: str


class ReminderSent(TypedDict):
    """A reminder that was written down as sent."""

    event: EventRow
    reminder: Reminder


class Reorder(TypedDict):
    """What to order now: the reorder list's quantity, whatever the horizon of the forecast beside it."""

    order_milli: int
    runs_out_on: str | None
    order_by: str | None
    lead_time_days: int
    arithmetic: Arithmetic


class ReorderList(TypedDict):
    """What to order, the most urgent first."""

    starts_on: str
    horizon_days: int
    model_version: str | None
    degraded: bool
    reason: NotRequired[str | None]
    rows: list[ReorderRow]
    suppliers: list[SupplierOrder]
    cost_paise: int
    budget: NotRequired[BudgetCard | None]


class ReorderRow(TypedDict):
    """One line of an order list: order = the arithmetic's order + what was added."""

    item_id: str
    name: str
    supplier_id: str | None
    order_milli: int
    added_milli: int
    drafted_milli: int
    packs: int
    unit_cost_paise: int | None
    cost_paise: int | None
    order_by: str | None
    status: Literal['ok', 'review', 'too_little_data']
    arithmetic: Arithmetic


class RequestDraft(TypedDict):
    """The call that does what is recommended; nothing is done until the shop makes it."""

    method: Literal['GET', 'POST']
    path: str
    body: NotRequired[dict[str, Any] | None]


class ReturnedLine(TypedDict):
    """What came back of one item."""

    item_id: str
    quantity_milli: int


class RiskCard(TypedDict):
    """How likely a customer is to be late; without a model there are no figures, never invented ones."""

    customer_id: str
    as_of: str
    degraded: bool
    reason: NotRequired[str | None]
    risk: RiskFigures | None


class RiskFigures(TypedDict):
    """What the model says of a customer."""

    probability_30: float
    probability_60: float
    lower: float
    upper: float
    days_to_pay: float | None
    due_paise: int
    paid_soon_paise: int
    thin_file: bool
    reasons: list[RiskReason]
    limit_paise: int
    limit_arithmetic: dict[str, Any]
    limit_raise: LimitRaiseRow | None
    model_version: str


class RiskReason(TypedDict):
    """One reason; a positive contribution raises the risk."""

    feature: str
    text: str
    contribution: float


class Rollback(TypedDict):
    """Why a change of price is reversed."""

    reason: str


class SaleBatch(TypedDict):
    """Some bills in one request, as a phone gathered them."""

    sales: list[NamedSale]
    atomic: NotRequired[bool]


class SaleBatchDone(TypedDict):
    """What became of each bill, in the order of the request."""

    applied: int
    replayed: int
    refused: int
    results: list[SaleResult]


class SaleCard(TypedDict):
    """A bill."""

    sale_id: str
    sold_at: str
    sold_on: str
    lines: list[LineRow]
    line_count: NotRequired[int]
    total_paise: int
    payment: Literal['cash', 'upi', 'card', 'udhaar', 'split']
    payments: NotRequired[list[PaidRow]]
    discount_paise: NotRequired[int]
    bill_number: NotRequired[str | None]
    number: NotRequired[int | None]
    financial_year: NotRequired[str]
    state: NotRequired[Literal['posted', 'part_returned', 'returned', 'cancelled', 'return', 'cancellation']]
    customer_id: str | None
    returns: NotRequired[str | None]
    reason: NotRequired[str | None]
    actor: NotRequired[str]
    actor_name: NotRequired[str | None]
    recorded_at: NotRequired[str | None]
    flags: NotRequired[list[str]]


class SaleDone(TypedDict):
    """A bill and what it changed."""

    sale_id: str
    sold_at: str
    sold_on: str
    lines: list[LineRow]
    line_count: NotRequired[int]
    total_paise: int
    payment: Literal['cash', 'upi', 'card', 'udhaar', 'split']
    payments: NotRequired[list[PaidRow]]
    discount_paise: NotRequired[int]
    bill_number: NotRequired[str | None]
    number: NotRequired[int | None]
    financial_year: NotRequired[str]
    state: NotRequired[Literal['posted', 'part_returned', 'returned', 'cancelled', 'return', 'cancellation']]
    customer_id: str | None
    returns: NotRequired[str | None]
    reason: NotRequired[str | None]
    actor: NotRequired[str]
    actor_name: NotRequired[str | None]
    recorded_at: NotRequired[str | None]
    flags: NotRequired[list[str]]
    upi: NotRequired[UpiPayment | None]
    stock: list[StockAfter]
    credit: NotRequired[CreditNote | None]


class SaleResult(TypedDict):
    """What became of one bill of a batch."""

    place: int
    sale_id: str
    status: Literal['applied', 'replayed', 'refused']
    sale: SaleDone | None
    code: NotRequired[str | None]
    detail: NotRequired[str | None]
    field: NotRequired[str | None]


class SalesSummary(TypedDict):
    """What was sold by day."""

    days: list[DaySummary]
    amount_paise: int


class SettlementDone(TypedDict):
    """Both entries of a settlement."""

    payment: EntryRow
    write_off: EntryRow
    balance_paise: int


class SheetOptions(TypedDict):
    """How a sheet is to be read, where it is not read right by itself."""

    columns: NotRequired[dict[str, str]]
    date_order: NotRequired[Literal['dmy', 'mdy'] | None]
    decimal: NotRequired[Literal['dot', 'comma'] | None]
    sheet: NotRequired[str | None]
    sale_side: NotRequired[Literal['dr', 'cr'] | None]


class ShopCard(TypedDict):
    """A shop and its rules."""

    shop_id: str
    name: str
    zone: str
    region: str | None
    negative_stock: Literal['allow', 'block']
    over_limit: Literal['warn', 'block']
    upi_id: str | None
    staff_floor_percent: int
    tax_scheme: Literal['regular', 'composition', 'unregistered']
    staff_refund_days: int
    staff_backdate_days: int
    staff_count_loss_paise: int


class ShopRole(TypedDict):
    """A shop of the caller's and the role in it."""

    shop_id: str
    name: str
    role: Literal['owner', 'staff', 'accountant', 'viewer']


class ShopRules(TypedDict):
    """What an owner may choose; what is left out stays."""

    name: NotRequired[str | None]
    zone: NotRequired[str | None]
    region: NotRequired[str | None]
    negative_stock: NotRequired[Literal['allow', 'block'] | None]
    over_limit: NotRequired[Literal['warn', 'block'] | None]
    upi_id: NotRequired[str | None]
    staff_floor_percent: NotRequired[int | None]
    tax_scheme: NotRequired[Literal['regular', 'composition', 'unregistered'] | None]
    staff_refund_days: NotRequired[int | None]
    staff_backdate_days: NotRequired[int | None]
    staff_count_loss_paise: NotRequired[int | None]


class SignInRow(TypedDict):
    """A sign-in of somebody of the shop, or a failed try."""

    event_id: str
    user_id: str
    name: NotRequired[str | None]
    kind: Literal['password', 'phone', 'wrong_password', 'wrong_code', 'everywhere_out', 'password_set']
    device: str
    address: str
    at: str
    new_device: bool


class SignedKhata(TypedDict):
    """A statement that the customer can check offline, with the published key alone."""

    customer_id: str
    issued_at: str
    entries: int
    shown: int
    closing_paise: int
    head_hash: str
    key_id: str
    statement: str
    fits_qr: bool


class SimilarItem(TypedDict):
    """An item that a new one may be the same as."""

    item_id: str
    name: str


class Snapshot(TypedDict):
    """A forecast as the model gave it; it never changes."""

    forecast_id: str
    item_id: str
    as_of: str
    horizon_days: int
    made_at: str
    model_version: str
    data_hash: str | None
    method: str
    confidence: Literal['high', 'medium', 'low']
    days: list[DayRow]
    total_quantiles: list[QuantileRow]
    drivers: list[DriverRow]


class SnapshotRow(TypedDict):
    """What identifies a forecast that was kept."""

    forecast_id: str
    item_id: str
    as_of: str
    horizon_days: int
    made_at: str
    model_version: str
    data_hash: str | None


class Snooze(TypedDict):
    """How long an alert is to be quiet."""

    hours: int


class StatementCard(TypedDict):
    """Entries between two balances: opening + given - received = closing."""

    customer_id: str
    start: str | None
    end: str | None
    opening_paise: int
    given_paise: int
    received_paise: int
    closing_paise: int
    lines: list[StatementRow]


class StatementRow(TypedDict):
    """An entry in a statement and the balance after it."""

    entry: EntryRow
    day: str
    effect_paise: int
    balance_paise: int


class StockAfter(TypedDict):
    """The stock of an item after the bill."""

    item_id: str
    on_hand_milli: int
    negative: bool


class StockAgeRow(TypedDict):
    """How old and how slow an item's stock is; the oldest counts as sold first."""

    item_id: str
    name: str
    state: Literal['moving', 'slow', 'dead']
    on_hand_milli: int
    sold_milli: int
    window_days: int
    slow_days: int
    cover_days: float | None
    days_since_sale: int | None
    oldest_since: str | None
    ages: list[AgeBucket]
    unit_value_paise: int
    value_paise: int


class StockLevel(TypedDict):
    """The stock of one item."""

    item_id: str
    on_hand_milli: int
    unit: Literal['piece', 'kg', 'l']
    low: bool


class SupplierCard(TypedDict):
    """A supplier."""

    supplier_id: str
    name: str
    phone: str | None
    lead_time_days: int
    visit_weekdays: list[int]
    minimum_order_paise: int
    credit_days: int
    order_days_before: int
    order_by: str
    on_holiday: Literal['skipped', 'next_day']
    closed_on: list[str]
    next_visit_on: str | None
    next_order_visit_on: str | None
    order_due_by: str | None


class SupplierList(TypedDict):
    """The suppliers in order of id."""

    rows: list[SupplierCard]


class SupplierOrder(TypedDict):
    """One supplier's part of an order list, beside his visits and his minimum."""

    supplier_id: str
    name: str
    visit_on: str | None
    order_due_by: str | None
    horizon_days: int
    minimum_order_paise: int
    needed_paise: int
    cost_paise: int
    minimum: Literal['met', 'filled', 'below', 'cost_unknown']
    short_paise: int
    reason: str
    credit_days: int
    pay_by: str | None


class TaxSummary(TypedDict):
    """A period as the GST return sums it up; a composition or unregistered shop has no tax lines."""

    start: str
    end: str
    scheme: Literal['regular', 'composition', 'unregistered']
    bills: int
    returns: int
    total_paise: int
    consumers: list[RateTaxRow]
    credit_notes: list[RateTaxRow]
    headings: list[HsnRow]
    without_rate: list[Untaxed]


class TokenPair(TypedDict):
    """Tokens: the access token goes into the Authorization header."""

    access_token: str
    refresh_token: str
    token_type: NotRequired[Literal['Bearer']]
    expires_in: int


class TokenRefresh(TypedDict):
    """An exchange of a refresh token, for the same shop or another one of the person's."""

    refresh_token: NotRequired[str | None]
    shop_id: NotRequired[str | None]


class Untaxed(TypedDict):
    """An item whose rate is not known: it has no tariff heading, or one of several rates."""

    item_id: str
    amount_paise: int


class UpiPayment(TypedDict):
    """How a bill is paid by UPI; the link is the content of the QR code, too."""

    uri: str
    reference: str
    amount_paise: int


class FieldProblem(TypedDict):
    """What is wrong with one field."""

    field: str
    message: str


class Problem(TypedDict):
    """An error."""

    type: str
    code: str
    title: str
    status: int
    detail: str
    field: NotRequired[str | None]
    hint: NotRequired[str | None]
    errors: NotRequired[list[FieldProblem] | None]
    approval_id: NotRequired[str | None]
    challenge: NotRequired[str | None]
    request_id: str


class Client:
    """Calls the API of one address for one shop.

    Parameters
    ----------
    base_url : str
        Address of the API, without `/v1`.
    token : str or None, default=None
        Access token.
    api_key : str or None, default=None
        API key, for programs; used where there is no token.
    timeout_seconds : float, default=30.0
        How long to wait for an answer.
    attempts : int, default=3
        How often a request that met a fault is sent at most.
    """

    def __init__(
        self,
        base_url: str,
        token: str | None = None,
        api_key: str | None = None,
        timeout_seconds: float = 30.0,
        attempts: int = 3,
    ) -> None:
        if not base_url.startswith(("http://", "https://")):
            raise ValueError(f"'{base_url}' is no http or https address")
        self.base_url = base_url.rstrip("/")
        self.token = token
        self.api_key = api_key
        self.timeout_seconds = timeout_seconds
        self.attempts = attempts

    def _call(
        self,
        method: str,
        path: str,
        query: dict[str, Any],
        headers: dict[str, Any],
        body: Any = None,
        file: tuple[str, bytes, str] | None = None,
    ) -> Any:
        """Send a request, again after a fault, and return what was answered."""
        url = self.base_url + path
        asked = {
            name: ("true" if value else "false") if isinstance(value, bool) else value
            for name, value in query.items()
            if value is not None
        }
        if asked:
            url += "?" + urllib.parse.urlencode(asked, doseq=True)
        sent = {name: str(value) for name, value in headers.items() if value is not None}
        if self.token is not None:
            sent["Authorization"] = f"Bearer {self.token}"
        elif self.api_key is not None:
            sent["X-Api-Key"] = self.api_key
        data: bytes | None = None
        if file is not None:
            data, sent["Content-Type"] = _form(*file)
        elif body is not None:
            data, sent["Content-Type"] = json.dumps(body).encode(), "application/json"
        for attempt in range(1, self.attempts + 1):
            try:
                return self._send(urllib.request.Request(url, data, sent, method=method))
            except ApiProblem as problem:
                if problem.status not in (429, 503) or attempt == self.attempts:
                    raise
                time.sleep(min(problem.retry_after_seconds or attempt, 30.0))
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                if attempt == self.attempts or (method != "GET" and "Idempotency-Key" not in sent):
                    raise
                time.sleep(0.2 * attempt)
        raise AssertionError("not reached")

    def _send(self, request: urllib.request.Request) -> Any:
        """Send a request once."""
        try:
            with urllib.request.urlopen(request, timeout=self.timeout_seconds) as answer:  # noqa: S310
                raw = answer.read()
                kind = answer.headers.get_content_type()
        except urllib.error.HTTPError as refused:
            with refused:
                raise _problem(refused) from None
        return json.loads(raw) if kind == "application/json" else raw.decode()

    def auth_register(
        self, body: Registration, *, idempotency_key: str | None = None
    ) -> Registered:
        """Register a person with a first shop; sign in afterwards."""
        return cast("Registered", self._call("POST", "/v1/auth/register", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def auth_login(
        self, body: Login
    ) -> TokenPair:
        """Exchange e-mail address and password for tokens."""
        return cast("TokenPair", self._call("POST", "/v1/auth/login", {}, {}, body))

    def auth_send_code(
        self, body: PhoneCode
    ) -> CodeSent:
        """Send a sign-in code to a phone: five at most in ten minutes."""
        return cast("CodeSent", self._call("POST", "/v1/auth/phone/code", {}, {}, body))

    def auth_login_by_phone(
        self, body: PhoneLogin
    ) -> TokenPair:
        """Exchange a code for tokens; a new number has no shop yet: open one, or be made a member."""
        return cast("TokenPair", self._call("POST", "/v1/auth/phone/login", {}, {}, body))

    def auth_list_devices(
        self
    ) -> DeviceList:
        """List the devices on which the caller is signed in."""
        return cast("DeviceList", self._call("GET", "/v1/auth/devices", {}, {}))

    def auth_end_device(
        self, session_id: str
    ) -> Done:
        """Sign a device of the caller's out; its tokens end at once."""
        return cast("Done", self._call("DELETE", f"/v1/auth/devices/{urllib.parse.quote(session_id, safe='')}", {}, {}))

    def auth_log_out_everywhere(
        self
    ) -> Done:
        """Sign every device of the caller's out, this one too."""
        return cast("Done", self._call("POST", "/v1/auth/logout-everywhere", {}, {}))

    def auth_list_sign_ins(
        self, *, limit: int | None = None, cursor: str | None = None
    ) -> PageOfSignInRow:
        """List who of the shop signed in, on which device, and failed tries, the newest first."""
        return cast("PageOfSignInRow", self._call("GET", "/v1/auth/sign-ins", {"limit": limit, "cursor": cursor}, {}))

    def auth_refresh(
        self, body: TokenRefresh
    ) -> TokenPair:
        """Exchange a refresh token for new tokens; sent again within a minute, its answer lost, it gets the same."""
        return cast("TokenPair", self._call("POST", "/v1/auth/refresh", {}, {}, body))

    def auth_logout(
        self, body: Logout
    ) -> Done:
        """End the session of a refresh token, or of the access token; its access tokens end with it."""
        return cast("Done", self._call("POST", "/v1/auth/logout", {}, {}, body))

    def auth_key_set(
        self
    ) -> JsonWebKeySet:
        """Return the keys that tokens can be verified with."""
        return cast("JsonWebKeySet", self._call("GET", "/v1/auth/jwks.json", {}, {}))

    def auth_who_am_i(
        self
    ) -> Me:
        """Return who is calling, for which shop, and which other shops there are."""
        return cast("Me", self._call("GET", "/v1/auth/me", {}, {}))

    def auth_open_shop(
        self, body: NewShop, *, idempotency_key: str | None = None
    ) -> ShopCard:
        """Open another shop; refresh with its id to get a token for it."""
        return cast("ShopCard", self._call("POST", "/v1/auth/shops", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def auth_read_shop(
        self
    ) -> ShopCard:
        """Return the token's shop and its rules."""
        return cast("ShopCard", self._call("GET", "/v1/auth/shop", {}, {}))

    def auth_change_shop(
        self, body: ShopRules, *, idempotency_key: str | None = None
    ) -> ShopCard:
        """Change the shop's rules."""
        return cast("ShopCard", self._call("PATCH", "/v1/auth/shop", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def auth_list_members(
        self
    ) -> MemberList:
        """Return the people of the shop."""
        return cast("MemberList", self._call("GET", "/v1/auth/members", {}, {}))

    def auth_set_member(
        self, body: NewMember, *, idempotency_key: str | None = None
    ) -> NewMemberDone:
        """Change a member's role, or invite a person, who becomes a member by accepting."""
        return cast("NewMemberDone", self._call("POST", "/v1/auth/members", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def auth_list_sent_invitations(
        self
    ) -> InvitationList:
        """List the open invitations of the shop."""
        return cast("InvitationList", self._call("GET", "/v1/auth/members/invitations", {}, {}))

    def auth_withdraw_invitation(
        self, invitation_id: str, *, idempotency_key: str | None = None
    ) -> Done:
        """Take an invitation back."""
        return cast("Done", self._call("DELETE", f"/v1/auth/members/invitations/{urllib.parse.quote(invitation_id, safe='')}", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}))

    def auth_list_invitations(
        self
    ) -> MyInvitationList:
        """List the roles that shops offer to the caller."""
        return cast("MyInvitationList", self._call("GET", "/v1/auth/invitations", {}, {}))

    def auth_accept_invitation(
        self, invitation_id: str, *, idempotency_key: str | None = None
    ) -> Member:
        """Become a member of the shop; refresh with its id to get a token for it."""
        return cast("Member", self._call("POST", f"/v1/auth/invitations/{urllib.parse.quote(invitation_id, safe='')}/accept", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}))

    def auth_decline_invitation(
        self, invitation_id: str, *, idempotency_key: str | None = None
    ) -> Done:
        """Refuse an invitation."""
        return cast("Done", self._call("POST", f"/v1/auth/invitations/{urllib.parse.quote(invitation_id, safe='')}/decline", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}))

    def auth_leave_shop(
        self, shop_id: str, *, idempotency_key: str | None = None
    ) -> Done:
        """Leave a shop; its last owner stays."""
        return cast("Done", self._call("POST", f"/v1/auth/shops/{urllib.parse.quote(shop_id, safe='')}/leave", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}))

    def auth_remove_member(
        self, user_id: str, *, idempotency_key: str | None = None
    ) -> Done:
        """Take a person out of the shop."""
        return cast("Done", self._call("DELETE", f"/v1/auth/members/{urllib.parse.quote(user_id, safe='')}", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}))

    def auth_list_api_keys(
        self
    ) -> ApiKeyList:
        """Return the keys that other programs use, without their secrets."""
        return cast("ApiKeyList", self._call("GET", "/v1/auth/api-keys", {}, {}))

    def auth_create_api_key(
        self, body: NewApiKey, *, idempotency_key: str | None = None
    ) -> NewApiKeyCard:
        """Make a key for another program; it is shown in this answer and never again."""
        return cast("NewApiKeyCard", self._call("POST", "/v1/auth/api-keys", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def auth_rotate_api_key(
        self, key_id: str, body: KeyRotation, *, idempotency_key: str | None = None
    ) -> NewApiKeyCard:
        """Replace a key; the old one works until the overlap is over."""
        return cast("NewApiKeyCard", self._call("POST", f"/v1/auth/api-keys/{urllib.parse.quote(key_id, safe='')}/rotation", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def auth_revoke_api_key(
        self, key_id: str, *, idempotency_key: str | None = None
    ) -> Done:
        """Take a key back at once."""
        return cast("Done", self._call("DELETE", f"/v1/auth/api-keys/{urllib.parse.quote(key_id, safe='')}", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}))

    def auth_list_approvals(
        self, *, status: Literal['pending', 'approved', 'rejected', 'used'] | None = None, limit: int | None = None, cursor: str | None = None
    ) -> PageOfApprovalCard:
        """List what needs or got an owner's approval, newest first; people who are not owners see their own."""
        return cast("PageOfApprovalCard", self._call("GET", "/v1/auth/approvals", {"status": status, "limit": limit, "cursor": cursor}, {}))

    def auth_read_approval(
        self, approval_id: str
    ) -> ApprovalCard:
        """Return one with the request it is for."""
        return cast("ApprovalCard", self._call("GET", f"/v1/auth/approvals/{urllib.parse.quote(approval_id, safe='')}", {}, {}))

    def auth_approve(
        self, approval_id: str, body: ApprovalDecision, *, idempotency_key: str | None = None
    ) -> ApprovalCard:
        """Let the request pass once; the asker repeats it with the header Approval-Id."""
        return cast("ApprovalCard", self._call("POST", f"/v1/auth/approvals/{urllib.parse.quote(approval_id, safe='')}/approve", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def auth_reject(
        self, approval_id: str, body: ApprovalDecision, *, idempotency_key: str | None = None
    ) -> ApprovalCard:
        """Refuse the request."""
        return cast("ApprovalCard", self._call("POST", f"/v1/auth/approvals/{urllib.parse.quote(approval_id, safe='')}/reject", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def inventory_add_item(
        self, body: NewItem, *, idempotency_key: str | None = None
    ) -> NewItemDone:
        """Add an item; items of nearly the same name are pointed out."""
        return cast("NewItemDone", self._call("POST", "/v1/inventory/items", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def inventory_list_items(
        self, *, category: str | None = None, order: Literal['id', 'sold'] | None = None, limit: int | None = None, cursor: str | None = None
    ) -> PageOfItemCard:
        """List the items in order of id, or by what was sold of them in the last 28 days."""
        return cast("PageOfItemCard", self._call("GET", "/v1/inventory/items", {"category": category, "order": order, "limit": limit, "cursor": cursor}, {}))

    def inventory_search_items(
        self, *, q: str, limit: int | None = None
    ) -> FoundItems:
        """Find items by any of their names, the best fit first."""
        return cast("FoundItems", self._call("GET", "/v1/inventory/search", {"q": q, "limit": limit}, {}))

    def inventory_read_count_sheet(
        self, *, category: str | None = None, limit: int | None = None, cursor: str | None = None
    ) -> PageOfCountSheetRow:
        """List what is to be counted without what is expected, for a blind count; the count tells the variance."""
        return cast("PageOfCountSheetRow", self._call("GET", "/v1/inventory/count-sheet", {"category": category, "limit": limit, "cursor": cursor}, {}))

    def inventory_list_ageing(
        self, *, window_days: int | None = None, slow_days: int | None = None, limit: int | None = None, cursor: str | None = None
    ) -> PageOfStockAgeRow:
        """List the items in stock in order of id: how old the stock is, whether it moves, what it is worth."""
        return cast("PageOfStockAgeRow", self._call("GET", "/v1/inventory/ageing", {"window_days": window_days, "slow_days": slow_days, "limit": limit, "cursor": cursor}, {}))

    def inventory_read_item(
        self, item_id: str
    ) -> ItemCard:
        """Return an item; its ETag begins with its version."""
        return cast("ItemCard", self._call("GET", f"/v1/inventory/items/{urllib.parse.quote(item_id, safe='')}", {}, {}))

    def inventory_change_item(
        self, item_id: str, body: ItemChange, *, if_match: str | None = None, idempotency_key: str | None = None
    ) -> ItemCard:
        """Change an item; with If-Match, only if it was not changed meanwhile."""
        return cast("ItemCard", self._call("PATCH", f"/v1/inventory/items/{urllib.parse.quote(item_id, safe='')}", {}, {"if-match": if_match, "Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def inventory_read_history(
        self, item_id: str, *, days: int | None = None, start: str | None = None, end: str | None = None
    ) -> ItemHistory:
        """Return an item by day: sold, returned, share of the day sold out, price, and what was forecast for it."""
        return cast("ItemHistory", self._call("GET", f"/v1/inventory/items/{urllib.parse.quote(item_id, safe='')}/history", {"days": days, "start": start, "end": end}, {}))

    def inventory_read_stock(
        self, item_id: str
    ) -> StockLevel:
        """Return the stock of an item."""
        return cast("StockLevel", self._call("GET", f"/v1/inventory/items/{urllib.parse.quote(item_id, safe='')}/stock", {}, {}))

    def inventory_move_stock(
        self, body: NewMovements, *, approval_id: str | None = None, idempotency_key: str | None = None
    ) -> MovementList:
        """Enter deliveries, wastage and the like: all of them or none."""
        return cast("MovementList", self._call("POST", "/v1/inventory/movements", {}, {"Approval-Id": approval_id, "Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def inventory_adjust_stock(
        self, body: Adjustments, *, approval_id: str | None = None, idempotency_key: str | None = None
    ) -> AdjustmentsDone:
        """Enter what a device gathered, by its times; each on its own, with a result, or `atomic`: all or none."""
        return cast("AdjustmentsDone", self._call("POST", "/v1/inventory/adjustments", {}, {"Approval-Id": approval_id, "Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def inventory_list_movements(
        self, item_id: str, *, limit: int | None = None, cursor: str | None = None
    ) -> PageOfMovementRow:
        """List an item's movements, the newest first."""
        return cast("PageOfMovementRow", self._call("GET", f"/v1/inventory/items/{urllib.parse.quote(item_id, safe='')}/movements", {"limit": limit, "cursor": cursor}, {}))

    def inventory_count_stock(
        self, item_id: str, body: Count, *, approval_id: str | None = None, idempotency_key: str | None = None
    ) -> CountResult:
        """Enter a physical count; staff need an owner's approval to write off more than the shop's limit."""
        return cast("CountResult", self._call("POST", f"/v1/inventory/items/{urllib.parse.quote(item_id, safe='')}/counts", {}, {"Approval-Id": approval_id, "Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def inventory_receive_batch(
        self, item_id: str, body: NewBatch, *, idempotency_key: str | None = None
    ) -> BatchRow:
        """Take a delivery lot with its own expiry and printed price into stock."""
        return cast("BatchRow", self._call("POST", f"/v1/inventory/items/{urllib.parse.quote(item_id, safe='')}/batches", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def inventory_list_batches(
        self, item_id: str
    ) -> BatchList:
        """List an item's lots, the earliest expiry first."""
        return cast("BatchList", self._call("GET", f"/v1/inventory/items/{urllib.parse.quote(item_id, safe='')}/batches", {}, {}))

    def inventory_list_low_stock(
        self
    ) -> LowStockList:
        """List the items at or below their reorder point."""
        return cast("LowStockList", self._call("GET", "/v1/inventory/low-stock", {}, {}))

    def inventory_list_expiring(
        self, *, days: int | None = None
    ) -> BatchList:
        """List the lots that expire within some days, the earliest first."""
        return cast("BatchList", self._call("GET", "/v1/inventory/expiring", {"days": days}, {}))

    def inventory_save_supplier(
        self, supplier_id: str, body: NewSupplier, *, idempotency_key: str | None = None
    ) -> SupplierCard:
        """Add or replace a supplier."""
        return cast("SupplierCard", self._call("PUT", f"/v1/inventory/suppliers/{urllib.parse.quote(supplier_id, safe='')}", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def inventory_list_suppliers(
        self
    ) -> SupplierList:
        """List the suppliers and their next visit days."""
        return cast("SupplierList", self._call("GET", "/v1/inventory/suppliers", {}, {}))

    def orders_add_order(
        self, body: NewOrder, *, idempotency_key: str | None = None
    ) -> OrderCard:
        """Make a draft order; nothing is on its way before it is placed."""
        return cast("OrderCard", self._call("POST", "/v1/orders", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def orders_list_orders(
        self, *, state: Literal['draft', 'placed', 'part_received', 'received', 'cancelled'] | None = None, supplier_id: str | None = None, limit: int | None = None, cursor: str | None = None
    ) -> PageOfOrderCard:
        """List the orders, the newest first."""
        return cast("PageOfOrderCard", self._call("GET", "/v1/orders", {"state": state, "supplier_id": supplier_id, "limit": limit, "cursor": cursor}, {}))

    def orders_draft_order(
        self, body: DraftLines, *, idempotency_key: str | None = None
    ) -> OrderCard:
        """Put lines into the supplier's draft, or make one; an item already there is ordered as the larger of the two."""
        return cast("OrderCard", self._call("POST", "/v1/orders/draft", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def orders_read_order(
        self, order_id: str
    ) -> OrderCard:
        """Return an order."""
        return cast("OrderCard", self._call("GET", f"/v1/orders/{urllib.parse.quote(order_id, safe='')}", {}, {}))

    def orders_change_order(
        self, order_id: str, body: OrderChange, *, idempotency_key: str | None = None
    ) -> OrderCard:
        """Change the lines, the expected day or the note of a draft."""
        return cast("OrderCard", self._call("PATCH", f"/v1/orders/{urllib.parse.quote(order_id, safe='')}", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def orders_extend_order(
        self, order_id: str, body: MoreLines, *, idempotency_key: str | None = None
    ) -> OrderCard:
        """Add lines to a draft."""
        return cast("OrderCard", self._call("POST", f"/v1/orders/{urllib.parse.quote(order_id, safe='')}/lines", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def orders_place_order(
        self, order_id: str, body: Placing, *, idempotency_key: str | None = None
    ) -> OrderCard:
        """Note that a draft was sent to the supplier: what it asks for counts as on order."""
        return cast("OrderCard", self._call("POST", f"/v1/orders/{urllib.parse.quote(order_id, safe='')}/place", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def orders_receive_order(
        self, order_id: str, body: Receipt, *, idempotency_key: str | None = None
    ) -> ReceiptDone:
        """Take goods of an order into stock, with their lots and costs, and list where they differ from the order."""
        return cast("ReceiptDone", self._call("POST", f"/v1/orders/{urllib.parse.quote(order_id, safe='')}/receipts", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def orders_cancel_order(
        self, order_id: str, body: Cancellation, *, idempotency_key: str | None = None
    ) -> OrderCard:
        """Close an order of which nothing more is to come; what came stays in stock."""
        return cast("OrderCard", self._call("POST", f"/v1/orders/{urllib.parse.quote(order_id, safe='')}/cancel", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def sales_post_sale(
        self, body: NewSale, *, approval_id: str | None = None, idempotency_key: str | None = None
    ) -> SaleDone:
        """Post a bill: the stock falls, and on udhaar the customer's balance rises, together or not at all."""
        return cast("SaleDone", self._call("POST", "/v1/sales", {}, {"Approval-Id": approval_id, "Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def sales_list_sales(
        self, *, start: str | None = None, end: str | None = None, lines: bool | None = None, payment: Literal['cash', 'upi', 'card', 'udhaar', 'split'] | None = None, customer_id: str | None = None, state: Literal['posted', 'part_returned', 'returned', 'cancelled', 'return', 'cancellation'] | None = None, on: str | None = None, limit: int | None = None, cursor: str | None = None
    ) -> PageOfSaleCard:
        """List bills and returns, the newest entered first, without their lines unless they are asked for."""
        return cast("PageOfSaleCard", self._call("GET", "/v1/sales", {"start": start, "end": end, "lines": lines, "payment": payment, "customer_id": customer_id, "state": state, "on": on, "limit": limit, "cursor": cursor}, {}))

    def sales_post_sales(
        self, body: SaleBatch, *, idempotency_key: str | None = None
    ) -> SaleBatchDone:
        """Post up to a hundred bills, each on its own with a result, or `atomic`: all or none."""
        return cast("SaleBatchDone", self._call("POST", "/v1/sales/batch", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def sales_summarise(
        self, *, days: int | None = None
    ) -> SalesSummary:
        """Sum the last days up, today included."""
        return cast("SalesSummary", self._call("GET", "/v1/sales/summary", {"days": days}, {}))

    def sales_close_day(
        self, *, on: str | None = None, opening_paise: int | None = None, counted_paise: int | None = None
    ) -> DayClosing:
        """Sum a day up by payment method: what should be in the drawer, what was counted, and what is missing."""
        return cast("DayClosing", self._call("GET", "/v1/sales/closing", {"on": on, "opening_paise": opening_paise, "counted_paise": counted_paise}, {}))

    def sales_keep_closing(
        self, body: DrawerCount, *, idempotency_key: str | None = None
    ) -> CountedDrawer:
        """Keep what was counted in the drawer; a correction is another count, and both stay."""
        return cast("CountedDrawer", self._call("POST", "/v1/sales/closings", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def sales_list_closings(
        self, *, start: str, end: str
    ) -> CountedDrawers:
        """List what was counted on some days, by day and time."""
        return cast("CountedDrawers", self._call("GET", "/v1/sales/closings", {"start": start, "end": end}, {}))

    def sales_sum_gst_up(
        self, *, start: str, end: str
    ) -> TaxSummary:
        """Sum the GST of a period up as the return asks for it: consumers by rate, credit notes, tariff headings."""
        return cast("TaxSummary", self._call("GET", "/v1/sales/gst", {"start": start, "end": end}, {}))

    def sales_send_sheet(
        self, content: bytes, file_name: str = "file", *, columns: list[str] | None = None, date_order: Literal['dmy', 'mdy'] | None = None, decimal: Literal['dot', 'comma'] | None = None, sheet: str | None = None, sale_side: Literal['dr', 'cr'] | None = None, idempotency_key: str | None = None
    ) -> ImportCard:
        """Send a sheet of past sales and see how it is read and what it holds; nothing is entered yet."""
        return cast("ImportCard", self._call("POST", "/v1/sales/imports", {"columns": columns, "date_order": date_order, "decimal": decimal, "sheet": sheet, "sale_side": sale_side}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, file=("file", content, file_name)))

    def sales_read_import(
        self, import_id: str
    ) -> ImportCard:
        """Return a sheet as it was seen."""
        return cast("ImportCard", self._call("GET", f"/v1/sales/imports/{urllib.parse.quote(import_id, safe='')}", {}, {}))

    def sales_list_import_rows(
        self, import_id: str, *, state: Literal['sale', 'zero', 'bad'] | None = None, limit: int | None = None, cursor: str | None = None
    ) -> PageOfImportRow:
        """List the rows of a sheet as they would be entered, in the sheet's order."""
        return cast("PageOfImportRow", self._call("GET", f"/v1/sales/imports/{urllib.parse.quote(import_id, safe='')}/rows", {"state": state, "limit": limit, "cursor": cursor}, {}))

    def sales_read_sheet_again(
        self, import_id: str, body: SheetOptions, *, idempotency_key: str | None = None
    ) -> ImportCard:
        """Read a sheet that is not confirmed yet in another way."""
        return cast("ImportCard", self._call("POST", f"/v1/sales/imports/{urllib.parse.quote(import_id, safe='')}/read", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def sales_confirm_import(
        self, import_id: str, body: ImportConfirmation, *, idempotency_key: str | None = None
    ) -> ImportDone:
        """Enter a sheet: one bill a day, all of it or nothing; stock is not moved."""
        return cast("ImportDone", self._call("POST", f"/v1/sales/imports/{urllib.parse.quote(import_id, safe='')}/confirm", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def sales_undo_import(
        self, import_id: str, *, idempotency_key: str | None = None
    ) -> ImportDone:
        """Take an entered sheet back."""
        return cast("ImportDone", self._call("POST", f"/v1/sales/imports/{urllib.parse.quote(import_id, safe='')}/undo", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}))

    def sales_read_tax(
        self, sale_id: str, *, interstate: bool | None = None
    ) -> BillTax:
        """Return the GST of a bill, taken out of its prices rate by rate; of a return, that of its credit note."""
        return cast("BillTax", self._call("GET", f"/v1/sales/{urllib.parse.quote(sale_id, safe='')}/tax", {"interstate": interstate}, {}))

    def sales_read_sale(
        self, sale_id: str
    ) -> SaleCard:
        """Return a bill."""
        return cast("SaleCard", self._call("GET", f"/v1/sales/{urllib.parse.quote(sale_id, safe='')}", {}, {}))

    def sales_read_upi(
        self, sale_id: str
    ) -> UpiPayment:
        """Return the link, and content of the QR code, by which the customer pays this bill exactly."""
        return cast("UpiPayment", self._call("GET", f"/v1/sales/{urllib.parse.quote(sale_id, safe='')}/upi", {}, {}))

    def sales_give_back(
        self, sale_id: str, body: NewReturn, *, approval_id: str | None = None, idempotency_key: str | None = None
    ) -> SaleDone:
        """Take goods of a bill back."""
        return cast("SaleDone", self._call("POST", f"/v1/sales/{urllib.parse.quote(sale_id, safe='')}/returns", {}, {"Approval-Id": approval_id, "Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def sales_cancel_sale(
        self, sale_id: str, body: NewCancellation, *, approval_id: str | None = None, idempotency_key: str | None = None
    ) -> SaleDone:
        """Cancel a bill on its own day, and return what takes it back: stock, lots, khata and money."""
        return cast("SaleDone", self._call("POST", f"/v1/sales/{urllib.parse.quote(sale_id, safe='')}/cancel", {}, {"Approval-Id": approval_id, "Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def ocr_send_bill(
        self, content: bytes, file_name: str = "file", *, idempotency_key: str | None = None
    ) -> BillCard:
        """Send a photograph of a bill: it is cleaned, kept and read into a draft; nothing is posted."""
        return cast("BillCard", self._call("POST", "/v1/ocr/bills", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, file=("image", content, file_name)))

    def ocr_list_bills(
        self, *, limit: int | None = None, cursor: str | None = None
    ) -> PageOfBillRow:
        """List bills, the newest first."""
        return cast("PageOfBillRow", self._call("GET", "/v1/ocr/bills", {"limit": limit, "cursor": cursor}, {}))

    def ocr_read_bill(
        self, bill_id: str
    ) -> BillCard:
        """Return a bill's draft, with what to ask about and guesses at its items."""
        return cast("BillCard", self._call("GET", f"/v1/ocr/bills/{urllib.parse.quote(bill_id, safe='')}", {}, {}))

    def ocr_amend_bill(
        self, bill_id: str, body: Amendment, *, idempotency_key: str | None = None
    ) -> BillCard:
        """Correct fields of a draft; the arithmetic is checked again."""
        return cast("BillCard", self._call("PATCH", f"/v1/ocr/bills/{urllib.parse.quote(bill_id, safe='')}", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def ocr_read_again(
        self, bill_id: str, *, idempotency_key: str | None = None
    ) -> BillCard:
        """Read a kept photograph again that could not be read when it came."""
        return cast("BillCard", self._call("POST", f"/v1/ocr/bills/{urllib.parse.quote(bill_id, safe='')}/read", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}))

    def ocr_confirm_bill(
        self, bill_id: str, body: Confirmation, *, idempotency_key: str | None = None
    ) -> Posted:
        """Post the confirmed lines into stock, once."""
        return cast("Posted", self._call("POST", f"/v1/ocr/bills/{urllib.parse.quote(bill_id, safe='')}/confirm", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def forecast_forecast(
        self, body: ForecastQuestion
    ) -> ForecastCard:
        """Forecast the demand of some items, with the order to place now and its arithmetic."""
        return cast("ForecastCard", self._call("POST", "/v1/forecast", {}, {}, body))

    def forecast_forecast_item(
        self, item_id: str, *, horizon_days: int | None = None, explain: bool | None = None
    ) -> ForecastCard:
        """Forecast the demand of one item."""
        return cast("ForecastCard", self._call("GET", f"/v1/forecast/items/{urllib.parse.quote(item_id, safe='')}", {"horizon_days": horizon_days, "explain": explain}, {}))

    def forecast_reorder(
        self, *, horizon_days: int | None = None, supplier_id: str | None = None, fill_minimum: bool | None = None, budget_paise: int | None = None
    ) -> ReorderList:
        """List what to order for the whole shop or one supplier, the most urgent first, with each supplier's order."""
        return cast("ReorderList", self._call("GET", "/v1/forecast/reorder", {"horizon_days": horizon_days, "supplier_id": supplier_id, "fill_minimum": fill_minimum, "budget_paise": budget_paise}, {}))

    def forecast_list_expiry_risk(
        self, *, days: int | None = None
    ) -> ExpiryRiskList:
        """List the lots that expire within some days and will probably not all be sold, the most money first."""
        return cast("ExpiryRiskList", self._call("GET", "/v1/forecast/expiry-risk", {"days": days}, {}))

    def forecast_list_snapshots(
        self, item_id: str, *, limit: int | None = None, cursor: str | None = None
    ) -> PageOfSnapshotRow:
        """List the forecasts of an item that were kept, the newest first."""
        return cast("PageOfSnapshotRow", self._call("GET", f"/v1/forecast/items/{urllib.parse.quote(item_id, safe='')}/snapshots", {"limit": limit, "cursor": cursor}, {}))

    def forecast_read_snapshot_of_day(
        self, item_id: str, *, as_of: str, horizon_days: int | None = None
    ) -> Snapshot:
        """Return the first forecast that starts on a day; the same bytes whenever it is asked for."""
        return cast("Snapshot", self._call("GET", f"/v1/forecast/items/{urllib.parse.quote(item_id, safe='')}/snapshot", {"as_of": as_of, "horizon_days": horizon_days}, {}))

    def forecast_read_snapshot(
        self, forecast_id: str
    ) -> Snapshot:
        """Return a forecast that was kept; it never changes."""
        return cast("Snapshot", self._call("GET", f"/v1/forecast/snapshots/{urllib.parse.quote(forecast_id, safe='')}", {}, {}))

    def forecast_start_job(
        self, body: JobQuestion, *, idempotency_key: str | None = None
    ) -> ForecastJob:
        """Ask for the forecast of everything the shop sells; look at `Location` until it is done."""
        return cast("ForecastJob", self._call("POST", "/v1/forecast/jobs", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def forecast_look_at_job(
        self, job_id: str
    ) -> ForecastJob:
        """Return how far a job is; each look does the next hundred items."""
        return cast("ForecastJob", self._call("GET", f"/v1/forecast/jobs/{urllib.parse.quote(job_id, safe='')}", {}, {}))

    def forecast_cancel_job(
        self, job_id: str, *, idempotency_key: str | None = None
    ) -> ForecastJob:
        """Stop a job; what it made is kept."""
        return cast("ForecastJob", self._call("POST", f"/v1/forecast/jobs/{urllib.parse.quote(job_id, safe='')}/cancel", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}))

    def forecast_list_job_results(
        self, job_id: str, *, limit: int | None = None, cursor: str | None = None
    ) -> PageOfItemForecastCard:
        """List what a job made so far, in order of item id."""
        return cast("PageOfItemForecastCard", self._call("GET", f"/v1/forecast/jobs/{urllib.parse.quote(job_id, safe='')}/results", {"limit": limit, "cursor": cursor}, {}))

    def pricing_recommend(
        self, body: PriceQuestion, *, idempotency_key: str | None = None
    ) -> AdviceList:
        """Ask for price advice; nothing changes until it is accepted."""
        return cast("AdviceList", self._call("POST", "/v1/pricing/recommend", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def pricing_read_advice(
        self, advice_id: str
    ) -> AdviceCard:
        """Return a piece of advice."""
        return cast("AdviceCard", self._call("GET", f"/v1/pricing/advice/{urllib.parse.quote(advice_id, safe='')}", {}, {}))

    def pricing_accept(
        self, advice_id: str, *, idempotency_key: str | None = None
    ) -> PriceChangeRow:
        """Take advice: the price changes now."""
        return cast("PriceChangeRow", self._call("POST", f"/v1/pricing/advice/{urllib.parse.quote(advice_id, safe='')}/accept", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}))

    def pricing_set_price(
        self, item_id: str, body: NewPrice, *, approval_id: str | None = None, idempotency_key: str | None = None
    ) -> PriceChangeRow:
        """Change a price by hand, within the printed maximum; below the shop's floor staff need an owner's approval."""
        return cast("PriceChangeRow", self._call("POST", f"/v1/pricing/items/{urllib.parse.quote(item_id, safe='')}/price", {}, {"Approval-Id": approval_id, "Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def pricing_roll_back(
        self, change_id: str, body: Rollback, *, idempotency_key: str | None = None
    ) -> PriceChangeRow:
        """Take a change of price back; both stay in the audit."""
        return cast("PriceChangeRow", self._call("POST", f"/v1/pricing/changes/{urllib.parse.quote(change_id, safe='')}/rollback", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def pricing_plan_price(
        self, item_id: str, body: NewPlannedPrice, *, approval_id: str | None = None, idempotency_key: str | None = None
    ) -> PlannedPriceRow:
        """Plan a price from a day ahead on; forecasts and orders know it, and on that day it becomes the price."""
        return cast("PlannedPriceRow", self._call("POST", f"/v1/pricing/items/{urllib.parse.quote(item_id, safe='')}/planned-prices", {}, {"Approval-Id": approval_id, "Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def pricing_plan_advice(
        self, advice_id: str, body: PriceFrom, *, idempotency_key: str | None = None
    ) -> PlannedPriceRow:
        """Take advice from a day ahead on."""
        return cast("PlannedPriceRow", self._call("POST", f"/v1/pricing/advice/{urllib.parse.quote(advice_id, safe='')}/plan", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def pricing_withdraw_plan(
        self, plan_id: str, body: Rollback, *, idempotency_key: str | None = None
    ) -> PlannedPriceRow:
        """Take back a planned price that still is to come."""
        return cast("PlannedPriceRow", self._call("POST", f"/v1/pricing/planned-prices/{urllib.parse.quote(plan_id, safe='')}/withdrawal", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def pricing_list_planned_prices(
        self, *, item_id: str | None = None, limit: int | None = None, cursor: str | None = None
    ) -> PageOfPlannedPriceRow:
        """List planned prices and what became of them, the newest first."""
        return cast("PageOfPlannedPriceRow", self._call("GET", "/v1/pricing/planned-prices", {"item_id": item_id, "limit": limit, "cursor": cursor}, {}))

    def pricing_list_changes(
        self, *, item_id: str | None = None, limit: int | None = None, cursor: str | None = None
    ) -> PageOfPriceChangeRow:
        """List changes of prices, the newest first."""
        return cast("PageOfPriceChangeRow", self._call("GET", "/v1/pricing/changes", {"item_id": item_id, "limit": limit, "cursor": cursor}, {}))

    def udhaar_add_customer(
        self, body: NewCustomer, *, idempotency_key: str | None = None
    ) -> CustomerRow:
        """Add a customer."""
        return cast("CustomerRow", self._call("POST", "/v1/udhaar/customers", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def udhaar_list_customers(
        self, *, status: Literal['overdue'] | None = None, limit: int | None = None, cursor: str | None = None
    ) -> PageOfCustomerRow:
        """List customers in order of id, or the overdue ones by their oldest due day."""
        return cast("PageOfCustomerRow", self._call("GET", "/v1/udhaar/customers", {"status": status, "limit": limit, "cursor": cursor}, {}))

    def udhaar_search_customers(
        self, *, q: str, limit: int | None = None
    ) -> FoundCustomers:
        """Find customers by name or phone number, the best fit first."""
        return cast("FoundCustomers", self._call("GET", "/v1/udhaar/customers/search", {"q": q, "limit": limit}, {}))

    def udhaar_read_exposure(
        self
    ) -> ExposureCard:
        """Sum up what the whole shop has out on udhaar."""
        return cast("ExposureCard", self._call("GET", "/v1/udhaar/exposure", {}, {}))

    def udhaar_read_customer(
        self, customer_id: str
    ) -> CustomerCard:
        """Return a customer's account today: balance, ageing, status."""
        return cast("CustomerCard", self._call("GET", f"/v1/udhaar/customers/{urllib.parse.quote(customer_id, safe='')}", {}, {}))

    def udhaar_change_customer(
        self, customer_id: str, body: CustomerChange, *, idempotency_key: str | None = None
    ) -> CustomerRow:
        """Change a customer's fields, the limit among them."""
        return cast("CustomerRow", self._call("PATCH", f"/v1/udhaar/customers/{urllib.parse.quote(customer_id, safe='')}", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def udhaar_give_credit(
        self, customer_id: str, body: NewCredit, *, approval_id: str | None = None, idempotency_key: str | None = None
    ) -> EntryDone:
        """Write goods given on udhaar; to pass the limit staff need an owner's approval, unless it is past already."""
        return cast("EntryDone", self._call("POST", f"/v1/udhaar/customers/{urllib.parse.quote(customer_id, safe='')}/credits", {}, {"Approval-Id": approval_id, "Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def udhaar_receive_payment(
        self, customer_id: str, body: NewPayment, *, approval_id: str | None = None, idempotency_key: str | None = None
    ) -> EntryDone:
        """Write a payment; more than is owed becomes an advance."""
        return cast("EntryDone", self._call("POST", f"/v1/udhaar/customers/{urllib.parse.quote(customer_id, safe='')}/payments", {}, {"Approval-Id": approval_id, "Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def udhaar_write_entries(
        self, body: EntryBatch, *, idempotency_key: str | None = None
    ) -> EntryBatchDone:
        """Write up to a hundred credits and payments, each on its own with a result, or `atomic`: all or none."""
        return cast("EntryBatchDone", self._call("POST", "/v1/udhaar/entries/batch", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def udhaar_write_off(
        self, customer_id: str, body: NewWriteOff, *, idempotency_key: str | None = None
    ) -> EntryDone:
        """Give up a due."""
        return cast("EntryDone", self._call("POST", f"/v1/udhaar/customers/{urllib.parse.quote(customer_id, safe='')}/write-offs", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def udhaar_settle_dues(
        self, customer_id: str, body: NewSettlement, *, idempotency_key: str | None = None
    ) -> SettlementDone:
        """Take a part for the whole due: a payment, and the rest written off, both or neither."""
        return cast("SettlementDone", self._call("POST", f"/v1/udhaar/customers/{urllib.parse.quote(customer_id, safe='')}/settlement", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def udhaar_reverse_entry(
        self, entry_id: str, body: NewReversal, *, approval_id: str | None = None, idempotency_key: str | None = None
    ) -> EntryDone:
        """Take an entry back with a reason, staff with an owner's approval; nothing is deleted."""
        return cast("EntryDone", self._call("POST", f"/v1/udhaar/entries/{urllib.parse.quote(entry_id, safe='')}/reversal", {}, {"Approval-Id": approval_id, "Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def udhaar_list_entries(
        self, customer_id: str, *, start: str | None = None, end: str | None = None, on: str | None = None, limit: int | None = None, cursor: str | None = None
    ) -> PageOfEntryRow:
        """List a customer's entries, the newest entered first."""
        return cast("PageOfEntryRow", self._call("GET", f"/v1/udhaar/customers/{urllib.parse.quote(customer_id, safe='')}/entries", {"start": start, "end": end, "on": on, "limit": limit, "cursor": cursor}, {}))

    def udhaar_read_statement(
        self, customer_id: str, *, start: str | None = None, end: str | None = None
    ) -> StatementCard:
        """Return the entries of a span of days between their two balances."""
        return cast("StatementCard", self._call("GET", f"/v1/udhaar/customers/{urllib.parse.quote(customer_id, safe='')}/statement", {"start": start, "end": end}, {}))

    def udhaar_check_limit(
        self, customer_id: str, body: LimitQuestion
    ) -> LimitAnswer:
        """Ask at the counter whether a credit keeps the limit; nothing is written."""
        return cast("LimitAnswer", self._call("POST", f"/v1/udhaar/customers/{urllib.parse.quote(customer_id, safe='')}/limit-check", {}, {}, body))

    def udhaar_read_risk(
        self, customer_id: str, *, what_if: bool | None = None
    ) -> RiskCard:
        """Return how likely the customer is to be late, with reasons, a suggested limit and what would raise it."""
        return cast("RiskCard", self._call("GET", f"/v1/udhaar/customers/{urllib.parse.quote(customer_id, safe='')}/risk", {"what_if": what_if}, {}))

    def udhaar_rank_overdue(
        self, *, limit: int | None = None
    ) -> RecoveryQueue:
        """Rank the overdue by what a reminder is worth, each with the instant from which it may be sent."""
        return cast("RecoveryQueue", self._call("GET", "/v1/udhaar/recovery", {"limit": limit}, {}))

    def udhaar_add_promise(
        self, customer_id: str, body: NewPromise, *, idempotency_key: str | None = None
    ) -> PromiseRow:
        """Write down a customer's word to pay by a day."""
        return cast("PromiseRow", self._call("POST", f"/v1/udhaar/customers/{urllib.parse.quote(customer_id, safe='')}/promises", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def udhaar_list_promises(
        self, customer_id: str
    ) -> PromiseCard:
        """Return a customer's promises: kept, broken, open."""
        return cast("PromiseCard", self._call("GET", f"/v1/udhaar/customers/{urllib.parse.quote(customer_id, safe='')}/promises", {}, {}))

    def udhaar_add_pause(
        self, customer_id: str, body: NewPause, *, idempotency_key: str | None = None
    ) -> EventRow:
        """Leave a customer in peace for some days."""
        return cast("EventRow", self._call("POST", f"/v1/udhaar/customers/{urllib.parse.quote(customer_id, safe='')}/pauses", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def udhaar_add_dispute(
        self, entry_id: str, body: NewDispute, *, idempotency_key: str | None = None
    ) -> EventRow:
        """Write down that the customer does not agree with an entry; reminders stop until it is closed."""
        return cast("EventRow", self._call("POST", f"/v1/udhaar/entries/{urllib.parse.quote(entry_id, safe='')}/disputes", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def udhaar_close_event(
        self, event_id: str, body: NewClosing, *, idempotency_key: str | None = None
    ) -> EventRow:
        """Settle a dispute, cancel a promise or end a pause; the event itself stays."""
        return cast("EventRow", self._call("POST", f"/v1/udhaar/events/{urllib.parse.quote(event_id, safe='')}/closing", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def udhaar_list_events(
        self, customer_id: str
    ) -> EventList:
        """Return all promises, reminders, pauses, disputes and closings of a customer."""
        return cast("EventList", self._call("GET", f"/v1/udhaar/customers/{urllib.parse.quote(customer_id, safe='')}/events", {}, {}))

    def udhaar_read_reminder(
        self, customer_id: str, *, language: Literal['en', 'hi', 'mr', 'ta', 'bn'] | None = None
    ) -> Reminder:
        """Word a reminder of what is overdue, with a UPI link; the shop sends it, not this service."""
        return cast("Reminder", self._call("GET", f"/v1/udhaar/customers/{urllib.parse.quote(customer_id, safe='')}/reminder", {"language": language}, {}))

    def udhaar_send_reminder(
        self, customer_id: str, body: NewReminder, *, idempotency_key: str | None = None
    ) -> ReminderSent:
        """Write down that the shop sends a reminder now; refused outside 08:00 to 19:00, too often, or in a pause."""
        return cast("ReminderSent", self._call("POST", f"/v1/udhaar/customers/{urllib.parse.quote(customer_id, safe='')}/reminders", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def udhaar_read_khata_keys(
        self
    ) -> KhataKeys:
        """Publish the keys that statements are checked with."""
        return cast("KhataKeys", self._call("GET", "/v1/udhaar/khata-keys", {}, {}))

    def udhaar_read_khata(
        self, customer_id: str, *, last: int | None = None
    ) -> SignedKhata:
        """Sign a statement that the customer can check offline; `samaan khata verify` does."""
        return cast("SignedKhata", self._call("GET", f"/v1/udhaar/customers/{urllib.parse.quote(customer_id, safe='')}/khata", {"last": last}, {}))

    def udhaar_compare_khata(
        self, customer_id: str, body: HeldStatement
    ) -> KhataComparison:
        """Hold the book against a statement that the customer shows; nothing is written."""
        return cast("KhataComparison", self._call("POST", f"/v1/udhaar/customers/{urllib.parse.quote(customer_id, safe='')}/khata/comparison", {}, {}, body))

    def recommendations_read_day(
        self, *, language: Literal['en', 'hi', 'hi-Latn', 'bn', 'gu', 'kn', 'mr', 'ta', 'te'] | None = None, limit: int | None = None
    ) -> Day:
        """Return what is worth doing today, the most rupees first, each with its arithmetic."""
        return cast("Day", self._call("GET", "/v1/recommendations", {"language": language, "limit": limit}, {}))

    def recommendations_decide(
        self, recommendation: str, body: Decision, *, idempotency_key: str | None = None
    ) -> DecisionDone:
        """Accept or dismiss a recommendation; a dismissed one stays away for a week."""
        return cast("DecisionDone", self._call("POST", f"/v1/recommendations/{urllib.parse.quote(recommendation, safe='')}/decision", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def alerts_list_alerts(
        self
    ) -> AlertList:
        """Return what is active, the highest priority first."""
        return cast("AlertList", self._call("GET", "/v1/alerts", {}, {}))

    def alerts_refresh(
        self, body: AlertRefresh, *, idempotency_key: str | None = None
    ) -> RefreshDone:
        """Look at the shop again: raise what is new, resolve what is over, queue messages if asked."""
        return cast("RefreshDone", self._call("POST", "/v1/alerts/refresh", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def alerts_draft(
        self, alert_id: str
    ) -> AlertDraft:
        """Fill in what to do about an alert; it is done only when it is sent to its path."""
        return cast("AlertDraft", self._call("GET", f"/v1/alerts/{urllib.parse.quote(alert_id, safe='')}/draft", {}, {}))

    def alerts_snooze(
        self, alert_id: str, body: Snooze, *, idempotency_key: str | None = None
    ) -> AlertRow:
        """Keep an alert quiet for some hours."""
        return cast("AlertRow", self._call("POST", f"/v1/alerts/{urllib.parse.quote(alert_id, safe='')}/snooze", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}, body))

    def alerts_dismiss(
        self, alert_id: str, *, idempotency_key: str | None = None
    ) -> AlertRow:
        """Put an alert away; it comes again only if its cause comes again later."""
        return cast("AlertRow", self._call("POST", f"/v1/alerts/{urllib.parse.quote(alert_id, safe='')}/dismiss", {}, {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}))

    def changes_list_changes(
        self, *, after: int | None = None, limit: int | None = None
    ) -> ChangePage:
        """Return what changed in the shop after a place in its sequence, or stream it (`Accept: text/event-stream`)."""
        return cast("ChangePage", self._call("GET", "/v1/changes", {"after": after, "limit": limit}, {}))

    def home_read_home(
        self, *, language: Literal['en', 'hi', 'hi-Latn', 'bn', 'gu', 'kn', 'mr', 'ta', 'te'] | None = None, full: bool | None = None
    ) -> Home:
        """Return the first screen in one answer: today's sums, what is worth doing, alerts, orders due, rights."""
        return cast("Home", self._call("GET", "/v1/home", {"language": language, "full": full}, {}))

    def health_alive(
        self
    ) -> Alive:
        """Tell that the process runs."""
        return cast("Alive", self._call("GET", "/health", {}, {}))

    def health_ready(
        self
    ) -> Readiness:
        """Tell the state of the parts: 503 only where nothing can be served."""
        return cast("Readiness", self._call("GET", "/ready", {}, {}))

    def health_metrics(
        self
    ) -> str:
        """Return requests and their seconds in the text format of Prometheus."""
        return cast(str, self._call("GET", "/metrics", {}, {}))


def _problem(refused: urllib.error.HTTPError) -> ApiProblem:
    """Read what was answered instead."""
    wait = refused.headers.get("Retry-After")
    try:
        problem = json.loads(refused.read())
    except ValueError:
        problem = {"code": "unreadable_answer", "detail": refused.reason}
    return ApiProblem(refused.code, problem, float(wait) if wait else None)


def _form(name: str, content: bytes, file_name: str) -> tuple[bytes, str]:
    """Write a file as a form."""
    edge = uuid.uuid4().hex
    safe = "".join(letter for letter in file_name if letter.isprintable() and letter not in '"\\') or "file"
    head = f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="{safe}"\r\n'
    head += "Content-Type: application/octet-stream\r\n\r\n"
    return head.encode() + content + f"\r\n--{edge}--\r\n".encode(), f"multipart/form-data; boundary={edge}"
