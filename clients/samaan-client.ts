// Client of the Samaan Sathi API. Written by `python -m clients.generator`: change the API, not this file.
//
// The client sends an Idempotency-Key with every write and repeats a request that met a fault (503, 429, a lost
// connection) with the same key, so that nothing takes place twice.
//
//   const client = new Client("http://127.0.0.1:8000");
//   client.token = (await client.auth_login({ email: "meena@example.in", password: "..." })).access_token;
//   await client.sales_post_sale({ lines: [{ item_id: "sugar-1kg", quantity_milli: 1000 }] });

/** What the API answered instead: `code` is stable, `detail` is for people. */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly field: string | null,
    readonly hint: string | null,
    readonly requestId: string | null,
    readonly retryAfterSeconds: number | null,
  ) {
    super(`${status} ${code}: ${detail}`);
  }
}

/** Something that happened to the stock of an item, at the time the device saw it. */
export interface Adjustment {
  /** It has happened already: it is taken and flagged (`flags`) where a rule of the shop speaks against it. */
  offline?: boolean;
  /** Server's clock less the device's, measured from a `Date` header; added to the device's time. */
  clock_offset_seconds?: number | null;
  /** Your own id, unique in the shop; it never expires: sent again with the same content it is one movement. */
  movement_id?: string | null;
  item_id: string;
  kind: "purchase" | "supplier_return" | "wastage" | "theft" | "gift" | "own_use" | "count";
  /** For a count: what was found on the shelf, which may be nothing. */
  quantity_milli: number;
  /** The lot that it concerns, or that was counted alone. */
  batch_id?: string | null;
  at: string;
  reason?: string | null;
}

/** What became of one adjustment. */
export interface AdjustmentResult {
  /** Its place in the request, from 0. */
  place: number;
  status: "applied" | "unchanged" | "refused";
  movement_id: string | null;
  change_milli: number;
  /** The stock after it; null where it was refused. */
  on_hand_milli: number | null;
  /** Why it was refused. */
  code: string | null;
  detail: string | null;
  /** What an owner may want to know of it. */
  flags?: Array<string>;
}

/** What a device gathered, in any order: it is entered in the order of its times. */
export interface Adjustments {
  adjustments: Array<Adjustment>;
  /** Enter all or none; else each is entered or refused on its own. */
  atomic?: boolean;
  /** Whether a count that agrees leaves no movement behind. */
  ignore_unchanged?: boolean;
}

/** What became of each, in the order of the request. */
export interface AdjustmentsDone {
  applied: number;
  refused: number;
  results: Array<AdjustmentResult>;
}

/** What to do with one item's price; `proof` holds the facts it can be checked against. */
export interface AdviceCard {
  advice_id: string;
  item_id: string;
  status: "open" | "accepted" | "rolled_back";
  made_at: string;
  model_version: string;
  price_before_paise: number;
  action: "change" | "hold";
  /** Why, in a word: change, optimal, small_gain, cost_unknown, ... */
  state: string;
  price_paise: number;
  /** D: no evidence, hold. */
  grade: "A" | "B" | "C" | "D";
  elasticity: number;
  elasticity_lower: number;
  elasticity_upper: number;
  /** Expected change of the objective, with its interval. */
  gain_paise_per_week: number;
  gain_lower_paise_per_week: number;
  gain_upper_paise_per_week: number;
  binding_rule: string | null;
  reasons: Array<string>;
  candidates: Array<CandidateRow>;
  proof: Record<string, unknown>;
  /** What the gain follows from; null where there is none to work out, as without a cost. */
  arithmetic?: GainArithmetic | null;
}

/** Advice for the items asked about, in their order; none at all while no model answers. */
export interface AdviceList {
  model_version: string | null;
  /** Whether no model answered: hold the prices and ask again later. */
  degraded: boolean;
  /** Why no model answered; null where one did. */
  reason?: string | null;
  rows: Array<AdviceCard>;
}

/** Stock that lies there for so many days at most, and more than the bucket before; null is the rest. */
export interface AgeBucket {
  up_to_days: number | null;
  milli: number;
}

/** What is owed, by days since the goods were given. */
export interface AgeingRow {
  days_0_30_paise: number;
  days_31_60_paise: number;
  days_61_90_paise: number;
  days_over_90_paise: number;
}

/** What to do about an alert, filled in; nothing is done before it is sent to `path`. */
export interface AlertDraft {
  action: "order" | "count" | "price" | "remind" | "promise" | "limit";
  method?: "POST" | "PATCH";
  path: string;
  body: Record<string, unknown>;
  /** What the draft follows from. */
  inputs: Record<string, number>;
  arithmetic: string;
}

/** What is active, the highest priority first. */
export interface AlertList {
  rows: Array<AlertRow>;
  unsent_messages: number;
}

/** How to word and send what is new. */
export interface AlertRefresh {
  language?: "en" | "hi" | "hi-Latn" | "bn" | "gu" | "kn" | "mr" | "ta" | "te";
  /** Also send the most pressing new ones there. */
  channel?: "push" | "sms" | "whatsapp" | "email" | null;
}

/** One alert. */
export interface AlertRow {
  alert_id: string;
  kind: "stock_out" | "low_stock" | "negative_stock" | "expiry" | "slow_stock" | "overdue" | "broken_promise" | "high_risk" | "seasonal_spike" | "price_anomaly" | "cost_anomaly" | "offline_fact";
  subject_id: string;
  subject_name: string;
  stake_paise: number;
  /** 1 to 100, from rupees and urgency; higher first. */
  priority: number;
  text: string;
  status: "open" | "snoozed" | "resolved" | "dismissed";
  raised_at: string;
  changed_at: string;
  snoozed_until: string | null;
}

/** The process runs. */
export interface Alive {
  status?: "ok";
}

/** A person's corrections by path: "total", "supplier", "lines.0.rate"; money in paise, quantity in milli. */
export interface Amendment {
  changes: Record<string, unknown>;
}

/** A key without its secret. */
export interface ApiKeyCard {
  key_id: string;
  name: string;
  scopes: Array<string>;
  created_at: string;
  expires_at: string | null;
  revoked: boolean;
}

/** The shop's keys. */
export interface ApiKeyList {
  rows: Array<ApiKeyCard>;
}

/** What somebody of the shop wants to do, and the answer of an owner. */
export interface ApprovalCard {
  approval_id: string;
  actions: Array<"price_below_floor" | "limit_override" | "reversal" | "refund" | "backdated_entry" | "count_loss">;
  why: string;
  request: AskedRequest;
  /** SHA-256 of the request's JSON, by which it is known again. */
  payload_sha256: string;
  asked_by: string;
  asked_by_name?: string | null;
  asked_at: string;
  expires_at: string;
  status: "pending" | "approved" | "rejected" | "used" | "expired";
  decided_by: string | null;
  decided_by_name?: string | null;
  decided_at: string | null;
  used_at: string | null;
  note: string;
}

/** What an owner says to it. */
export interface ApprovalDecision {
  note?: string;
}

/** How the order follows: order = packs_up(max(0, max(demand - sold_today, floor) - usable - on_order)). */
export interface Arithmetic {
  on_hand_milli: number;
  /** Of the stock, what lies in expired lots. */
  expired_milli: number;
  /** What placed orders are still to bring. */
  on_order_milli: number;
  demand_milli: number;
  sold_today_milli: number;
  /** The shop's own reorder point, 0 where there is none. */
  floor_milli: number;
  horizon_days: number;
  service_level: number;
  level_used: number;
  shortfall_milli: number;
  pack_milli: number;
  formula?: string;
  version?: "reorder-2";
}

/** What came of one item. */
export interface ArrivedLine {
  item_id: string;
  /** Thousandths of the item's unit. */
  quantity_milli: number;
  /** As ordered where it is left out. */
  unit_cost_paise?: number | null;
  /** What came free with it; it lowers the cost of a unit. */
  free_milli?: number;
  batch_id?: string | null;
  expires_on?: string | null;
  mrp_paise?: number | null;
}

/** The request as it was sent; the approval opens this one and no other. */
export interface AskedRequest {
  method: string;
  path: string;
  body: Record<string, unknown>;
}

/** A row of a sheet that is not taken in, and why. */
export interface BadRowCard {
  row: number;
  reason: string;
}

/** Lots with stock, the earliest expiry first. */
export interface BatchList {
  rows: Array<BatchRow>;
  /** Stock of the item that belongs to no lot; null where several items are listed. */
  outside_lots_milli?: number | null;
}

/** A lot and what is left of it. */
export interface BatchRow {
  batch_id: string;
  item_id: string;
  expires_on: string | null;
  mrp_paise: number | null;
  on_hand_milli: number;
  received_at: string;
}

/** A credit of some customer, under its client's own id. */
export interface BatchedCredit {
  /** It has happened already: it is taken and flagged (`flags`) where a rule of the shop speaks against it. */
  offline?: boolean;
  /** Server's clock less the device's, measured from a `Date` header; added to the device's time. */
  clock_offset_seconds?: number | null;
  entry_id: string;
  /** Whole paise. */
  amount_paise: number;
  at?: string | null;
  due_on?: string | null;
  note?: string;
  /** That this credit may pass the limit: an owner's word, or staff's with an approval. */
  over_limit?: boolean;
  kind: "credit";
  customer_id: string;
}

/** A payment of some customer, under its client's own id. */
export interface BatchedPayment {
  /** It has happened already: it is taken and flagged (`flags`) where a rule of the shop speaks against it. */
  offline?: boolean;
  /** Server's clock less the device's, measured from a `Date` header; added to the device's time. */
  clock_offset_seconds?: number | null;
  entry_id: string;
  /** Whole paise. */
  amount_paise: number;
  at?: string | null;
  note?: string;
  kind: "payment";
  customer_id: string;
}

/** A photographed bill; nothing of it is posted before it is confirmed. */
export interface BillCard {
  bill_id: string;
  status: "unread" | "draft" | "confirmed";
  created_at: string;
  confirmed_at: string | null;
  /** Every field with its value, source tokens, confidence and check; null while unread. A bill that is unread can be amended and confirmed all the same: it is then typed in. */
  draft: Record<string, unknown> | null;
  /** Fields that a person has to look at. */
  fields_to_ask: Array<string>;
  /** For each line, the items it may be, the best first. */
  guesses: Array<Array<ItemGuess>>;
  note?: string | null;
}

/** A bill in a list. */
export interface BillRow {
  bill_id: string;
  status: "unread" | "draft" | "confirmed";
  created_at: string;
  confirmed_at: string | null;
}

/** The tax of a bill of tax-inclusive prices; a return is its credit note. */
export interface BillTax {
  sale_id: string;
  sold_on: string;
  scheme: "regular" | "composition" | "unregistered";
  document: "invoice" | "bill_of_supply" | "credit_note";
  lines: Array<LineTaxRow>;
  rates: Array<RateTaxRow>;
  total_paise: number;
  without_rate: Array<Untaxed>;
}

/** BodyOcrSendBill */
export interface BodyOcrSendBill {
  /** A JPEG or PNG photograph of a bill. */
  image: string;
}

/** BodySalesSendSheet */
export interface BodySalesSendSheet {
  /** CSV, Excel (.xlsx, .xls), OpenDocument or Tally XML: date, item, quantity, price or amount. */
  file: string;
}

/** An order within the cash in hand: the packs with the most expected profit. */
export interface BudgetCard {
  budget_paise: number;
  cost_paise: number;
  left_paise: number;
  /** Expected profit of the order beyond ordering nothing. */
  gain_paise: number;
  /** Expected profit that is lost with what was left out. */
  lost_gain_paise: number;
  method: "greedy" | "milp";
  left_out: Array<LeftOut>;
}

/** Why nothing more is to come. */
export interface Cancellation {
  reason: string;
}

/** A price on the ladder and what is expected of it a day: the what-if table. */
export interface CandidateRow {
  price_paise: number;
  units_milli: number;
  revenue_paise: number;
  profit_paise: number;
  legal: boolean;
  barred_by: string | null;
}

/** The changes after a place; each thing stands once, at its newest change. */
export interface ChangePage {
  rows: Array<ChangeRow>;
  /** Send it as `after` the next time. */
  next: number;
  /** Whether there are further ones already. */
  more: boolean;
}

/** A thing that changed, as it is now. */
export interface ChangeRow {
  /** Its place in the shop's sequence, which only grows. */
  seq: number;
  kind: "item" | "stock" | "lot" | "order" | "customer" | "balance" | "entry" | "sale" | "price" | "forecast" | "recommendation" | "alert" | "member";
  id: string;
  deleted: boolean;
  /** The thing as its own list gives it; a bill of an import has no lines. Null where it is deleted. */
  row: Record<string, unknown> | null;
}

/** A code is on its way. */
export interface CodeSent {
  code_id: string;
  expires_in: number;
}

/** How a column was read. */
export interface ColumnCard {
  field: string;
  heading: string;
  form: string;
  /** Up to three. */
  examples: Array<Example>;
}

/** Rows of one form: `fields` names the places of each. */
export interface Columns {
  fields: Array<string>;
  rows: Array<Array<unknown>>;
}

/** The step without which nothing is posted. */
export interface Confirmation {
  lines: Array<ConfirmedLine>;
  /** A person has looked at the fields to ask about. */
  reviewed?: boolean;
  /** It is meant, though it looks like a bill confirmed before. */
  duplicate?: boolean;
  /** The placed order whose goods these are. */
  order_id?: string | null;
  /** Whether nothing more will come of that order. */
  order_complete?: boolean;
}

/** What one line brings into stock, or takes out of it. */
export interface ConfirmedLine {
  line: number;
  item_id: string;
  /** Thousandths of the item's unit. */
  quantity_milli: number;
  unit_cost_paise?: number | null;
  /** What came free with it; it lowers the cost of a unit. */
  free_milli?: number;
  batch_id?: string | null;
  /** Of the lot that came; a lot is made where it has no id. */
  expires_on?: string | null;
  mrp_paise?: number | null;
}

/** A physical count of one item, or of one of its lots. */
export interface Count {
  /** It has happened already: it is taken and flagged (`flags`) where a rule of the shop speaks against it. */
  offline?: boolean;
  /** Server's clock less the device's, measured from a `Date` header; added to the device's time. */
  clock_offset_seconds?: number | null;
  /** The lot that was counted alone. */
  batch_id?: string | null;
  /** Your own id of the count, among those of movements. */
  count_id?: string | null;
  /** When it was counted; what moved since then is left out of it. Now, where it is left out. */
  at?: string | null;
  counted_milli: number;
  /** What the caller saw as stock; if it is another, nothing is done (409). */
  expected_milli?: number | null;
  /** Whether a count that agrees leaves no movement behind. */
  ignore_unchanged?: boolean;
  reason?: string | null;
}

/** What a count found. */
export interface CountResult {
  item_id: string;
  before_milli: number;
  counted_milli: number;
  difference_milli: number;
  /** What the difference costs; null where the item's cost is not known. */
  variance_paise: number | null;
  /** Null where a count that agreed was ignored. */
  movement_id: string | null;
  /** What an owner may want to know of a count that came late. */
  flags?: Array<string>;
}

/** A line of a count sheet: what to look for, and nothing of what is expected there. */
export interface CountSheetRow {
  item_id: string;
  name: string;
  category: string;
  unit: "piece" | "kg" | "l";
  barcode: string | null;
  aliases: Array<string>;
}

/** A drawer as it was counted; it never changes, and a later count of the day stands beside it. */
export interface CountedDrawer {
  closing_id: string;
  on: string;
  opening_paise: number;
  /** What should have been in it when it was counted. */
  expected_paise: number;
  counted_paise: number;
  /** Counted less expected. */
  difference_paise: number;
  at: string;
  /** The person's id. */
  counted_by: string;
  counted_by_name: string | null;
  note: string;
}

/** What was counted on some days. */
export interface CountedDrawers {
  rows: Array<CountedDrawer>;
}

/** What an udhaar bill did to the customer's khata. */
export interface CreditNote {
  customer_id: string;
  entry_id: string;
  balance_paise: number;
  limit_paise: number | null;
  over_limit: boolean;
}

/** A customer's account on the shop's present day. */
export interface CustomerCard {
  customer_id: string;
  name: string;
  phone: string | null;
  limit_paise: number | null;
  credit_days: number;
  /** Owed to the shop; below zero: paid in advance (jama). */
  balance_paise: number;
  oldest_due_on: string | null;
  reminders: boolean;
  status: "advance" | "paid" | "pending" | "overdue";
  as_of: string;
  due_paise: number;
  advance_paise: number;
  overdue_paise: number;
  days_past_due: number;
  next_due_on: string | null;
  ageing: AgeingRow;
}

/** New values of a customer's fields; what is left out stays. */
export interface CustomerChange {
  name?: string | null;
  phone?: string | null;
  limit_paise?: number | null;
  credit_days?: number | null;
  reminders?: boolean | null;
}

/** A customer and what is owed. */
export interface CustomerRow {
  customer_id: string;
  name: string;
  phone: string | null;
  limit_paise: number | null;
  credit_days: number;
  /** Owed to the shop; below zero: paid in advance (jama). */
  balance_paise: number;
  oldest_due_on: string | null;
  reminders: boolean;
  status: "advance" | "paid" | "pending" | "overdue";
}

/** The day's list. */
export interface Day {
  on: string;
  language: "en" | "hi" | "hi-Latn" | "bn" | "gu" | "kn" | "mr" | "ta" | "te";
  rows: Array<Recommendation>;
  /** How many were left out: dismissed lately, or beyond the list's length. */
  hidden: number;
  wording: "template" | "model";
  /** Whether the wording fell back to templates. */
  degraded: boolean;
}

/** What a day took, and what should be in the drawer: opening + cash bills and returns + udhaar collected. */
export interface DayClosing {
  on: string;
  bills: number;
  returns: number;
  /** Bills that were cancelled; the sums do not contain them. */
  cancelled?: number;
  /** Paise by kind of payment. */
  sold: Record<string, number>;
  /** Paise by kind of payment, below zero. */
  returned: Record<string, number>;
  /** Bills on udhaar, returns taken off. */
  udhaar_given_paise: number;
  /** What customers paid on their khatas, counted as cash. */
  udhaar_collected_paise: number;
  opening_paise: number;
  expected_cash_paise: number;
  /** As asked for, else as it was counted last. */
  counted_paise: number | null;
  /** Counted less expected; null where nothing was counted. */
  difference_paise: number | null;
  /** What was counted on this day, the newest last. */
  closings?: Array<CountedDrawer>;
}

/** What was forecast for a day, the last time before it began. */
export interface DayForecast {
  made_at: string;
  as_of: string;
  model_version: string;
  p10_milli: number | null;
  p50_milli: number | null;
  p90_milli: number | null;
}

/** The demand of one day. */
export interface DayRow {
  on: string;
  mean_milli: number;
  quantiles: Array<QuantileRow>;
}

/** What was sold on a day. */
export interface DaySummary {
  on: string;
  amount_paise: number;
  items: number;
}

/** A day of which rows are there already. */
export interface DayThere {
  on: string;
  rows: number;
  amount_paise: number;
}

/** What the shop does with a recommendation. */
export interface Decision {
  choice: "accepted" | "dismissed";
  reason?: string;
}

/** A decision as it was kept. */
export interface DecisionDone {
  key: string;
  choice: "accepted" | "dismissed";
  stake_paise: number;
}

/** The signed-in devices of a person, the newest sign-in first. */
export interface DeviceList {
  rows: Array<DeviceRow>;
}

/** A signed-in device. */
export interface DeviceRow {
  session_id: string;
  device: string;
  signed_in_at: string;
  expires_at: string;
  this_one: boolean;
}

/** Where what came is not what was ordered: milli-units, or paise a unit for `dearer` and `cheaper`. */
export interface DifferenceRow {
  item_id: string;
  kind: "missing" | "more" | "not_ordered" | "dearer" | "cheaper";
  ordered: number;
  got: number;
}

/** Nothing more to say than that it is done. */
export interface Done {
  done?: boolean;
}

/** Lines to put into a supplier's draft. */
export interface DraftLines {
  supplier_id?: string | null;
  lines: Array<NewOrderLine>;
}

/** What was counted in the drawer at the end of a day. */
export interface DrawerCount {
  /** Your own id; one is made where it is left out. */
  closing_id?: string | null;
  /** The day; today where it is left out. */
  on?: string | null;
  /** Cash at the start of the day. */
  opening_paise?: number;
  /** Whole paise. */
  counted_paise: number;
  note?: string;
}

/** What moves the forecast, in milli-units a day. */
export interface DriverRow {
  name: string;
  milli: number;
}

/** Some entries in one request, as a phone gathered them. */
export interface EntryBatch {
  entries: Array<BatchedCredit | BatchedPayment>;
  /** Write all or none; else each is written or refused on its own. */
  atomic?: boolean;
}

/** What became of each entry, in the order of the request. */
export interface EntryBatchDone {
  applied: number;
  replayed: number;
  refused: number;
  results: Array<EntryResult>;
}

/** An entry and the balance after it. */
export interface EntryDone {
  entry: EntryRow;
  balance_paise: number;
  limit_paise: number | null;
  over_limit: boolean;
}

/** What became of one entry of a batch. */
export interface EntryResult {
  /** Its place in the request, from 0. */
  place: number;
  entry_id: string;
  status: "applied" | "replayed" | "refused";
  /** Null where it was refused. */
  done: EntryDone | null;
  /** Why it was refused. */
  code?: string | null;
  detail?: string | null;
  field?: string | null;
}

/** One line of the khata; it never changes. */
export interface EntryRow {
  entry_id: string;
  customer_id: string;
  kind: "credit" | "payment" | "reversal" | "write_off";
  amount_paise: number;
  at: string;
  due_on: string | null;
  reverses: string | null;
  reason: string;
  note: string;
  actor: string;
  /** The person's or key's name, in lists. */
  actor_name?: string | null;
  /** When the server entered it, where it came late. */
  recorded_at?: string | null;
  /** What an owner may want to know of an entry that came late. */
  flags?: Array<string>;
}

/** What happened around a khata, the oldest first. */
export interface EventList {
  customer_id: string;
  rows: Array<EventRow>;
}

/** A promise, reminder, pause, dispute or closing; it never changes. */
export interface EventRow {
  event_id: string;
  customer_id: string;
  kind: "promise" | "reminder" | "pause" | "dispute" | "closing";
  at: string;
  amount_paise: number | null;
  start_on: string | null;
  until_on: string | null;
  /** The entry disputed, or the event closed. */
  about: string | null;
  text: string;
  actor: string;
  closed: boolean;
}

/** A cell as it is written, and as it was read; empty where it was not. */
export interface Example {
  written: string;
  read: string;
}

/** How the quantity at risk follows. */
export interface ExpiryArithmetic {
  stock_milli: number;
  days_left: number;
  /** Always null: the expected demand counts, not a quantile. */
  level_used?: number | null;
  /** Expected demand for the item from now until the lot expires, less what was sold today. */
  demand_milli: number;
  /** Of it, what lots that expire earlier take. */
  sold_before_milli: number;
  /** The item's cost, or its price where that is not known. */
  unit_value_paise: number;
  formula?: string;
  version?: "expiry-2";
}

/** Lots at risk, the most money first. */
export interface ExpiryRiskList {
  on: string;
  days: number;
  /** Whether older or simpler figures than the model's went in. */
  degraded: boolean;
  /** Why no model answered; null where one did. */
  reason?: string | null;
  rows: Array<ExpiryRiskRow>;
}

/** A lot that will probably not be sold in time. */
export interface ExpiryRiskRow {
  batch_id: string;
  item_id: string;
  name: string;
  expires_on: string | null;
  status: "ok" | "too_little_data";
  /** Null where there is too little data for a number. */
  at_risk_milli: number | null;
  at_risk_paise: number | null;
  arithmetic: ExpiryArithmetic | null;
}

/** What the whole shop has out on udhaar. */
export interface ExposureCard {
  as_of: string;
  due_paise: number;
  advance_paise: number;
  overdue_paise: number;
  customers_owing: number;
  customers_overdue: number;
  /** Share of the dues that the largest debtor has. */
  largest_share: number;
  inflow: InflowRow;
}

/** Forecasts of some items. */
export interface ForecastCard {
  starts_on: string;
  horizon_days: number;
  /** Last day with a bill; a new forecast follows new sales. */
  history_until: string | null;
  /** Whether no sale was entered for over a week. */
  stale: boolean;
  model_version: string | null;
  /** Whether no model answered and older or simpler figures stand in. */
  degraded: boolean;
  /** Why no model answered; null where one did. */
  reason?: string | null;
  items: Array<ItemForecastCard>;
}

/** Where the forecast of the whole shop stands; each look at it does the next hundred items. */
export interface ForecastJob {
  job_id: string;
  status: "running" | "done" | "cancelled" | "failed";
  horizon_days: number;
  total: number;
  completed: number;
  progress_ratio: number;
  /** Whether no model answered just now; the job goes on with the next look. */
  waiting_for_model: boolean;
  created_at: string;
  changed_at: string;
}

/** Which items, how far ahead, and what is known of the days ahead. */
export interface ForecastQuestion {
  item_ids: Array<string>;
  horizon_days?: number;
  /** Whether to add what drives each forecast. */
  explain?: boolean;
  /** Prices and promotions planned for the days ahead, by item. */
  plans?: Array<ItemPlan>;
  /** Further columns of the calendar, for the whole shop. */
  covariates?: Array<KnownColumn>;
}

/** Customers that a search found, the best first. */
export interface FoundCustomers {
  rows: Array<CustomerRow>;
}

/** Items that a search found, the best first. */
export interface FoundItems {
  rows: Array<ItemCard>;
}

/** How the expected gain follows, by `formula`; units are not rounded, so that it comes out to the paisa. */
export interface GainArithmetic {
  objective: "profit" | "revenue";
  price_now_paise: number;
  price_paise: number;
  /** Units a day at today's price. */
  units_now_milli: number;
  elasticity: number;
  std_error: number;
  elasticity_lower: number;
  elasticity_upper: number;
  cost_paise: number | null;
  /** Tax contained in the price; 0 where it is not known. */
  gst_rate_bp: number;
  /** Whether the shop pays 1 % of its turnover instead of that tax. */
  composition: boolean;
  net_now_paise: number;
  /** The price without the tax. */
  net_paise: number;
  /** Expected units a day at the recommended price. */
  units: number;
  /** The same at `elasticity_lower`. */
  units_at_lower: number;
  units_at_upper: number;
  formula: string;
  version: string;
}

/** A statement that a customer shows. */
export interface HeldStatement {
  statement: string;
}

/** What happened to an item on a day. */
export interface HistoryDay {
  on: string;
  /** Whether the shop entered any bill. */
  open: boolean;
  sold_milli: number;
  returned_milli: number;
  /** Of what was sold, less what was returned. */
  amount_paise: number;
  /** Share of the day (0 to 1) at stock zero; null where no stock was recorded by then. */
  sold_out_share: number | null;
  /** At the end of the day. */
  price_paise: number | null;
  forecast: DayForecast | null;
}

/** The first screen. */
export interface Home {
  /** Go on from here with GET /v1/changes?after=. */
  seq: number;
  as_of: string;
  on: string;
  shop: HomeShop;
  caller: HomeCaller;
  today: HomeToday;
  khata: HomeKhata;
  /** At most ten, the highest priority first. */
  alerts: Array<HomeAlert>;
  alerts_open: number;
  /** Orders to be in within two days, the next first. */
  orders_due: Array<HomeOrder>;
  /** Null where none was made in four weeks. */
  forecast: HomeForecast | null;
  changed: HomeChanged;
  /** With `full=1`. */
  snapshot?: HomeSnapshot | null;
  /** What is worth doing, at most five, the most rupees first. */
  list: Array<HomeThing>;
}

/** An active alert. */
export interface HomeAlert {
  alert_id: string;
  kind: "stock_out" | "low_stock" | "negative_stock" | "expiry" | "slow_stock" | "overdue" | "broken_promise" | "high_risk" | "seasonal_spike" | "price_anomaly" | "cost_anomaly" | "offline_fact";
  subject_id: string;
  subject_name: string;
  stake_paise: number;
  priority: number;
  text: string;
  status: "open" | "snoozed" | "resolved" | "dismissed";
  raised_at: string;
  changed_at: string;
  snoozed_until: string | null;
}

/** Who asks, and what this person may do. */
export interface HomeCaller {
  user_id: string;
  role: "owner" | "staff" | "accountant" | "viewer";
  rights: Array<"sell" | "give_credit" | "move_stock" | "set_price" | "set_rules" | "manage_members">;
}

/** What changed since midnight, by kind. */
export interface HomeChanged {
  since: string;
  counts: Record<string, number>;
}

/** How fresh the forecasts are. */
export interface HomeForecast {
  made_at: string;
  as_of: string;
  items: number;
  model_version: string;
}

/** What is owed to the shop. */
export interface HomeKhata {
  due_paise: number;
  advance_paise: number;
  customers_owing: number;
  customers_overdue: number;
}

/** An order that is to be in soon. */
export interface HomeOrder {
  supplier_id: string;
  name: string;
  visit_on: string;
  order_due_by: string;
}

/** The shop and its rules. */
export interface HomeShop {
  shop_id: string;
  name: string;
  zone: string;
  upi_id: string | null;
  negative_stock: "allow" | "block";
  over_limit: "warn" | "block";
  staff_floor_percent: number;
}

/** All that a new phone starts from. */
export interface HomeSnapshot {
  items: Columns;
  customers: Columns;
  suppliers: Columns;
  lots: Columns;
}

/** Something worth doing; /v1/recommendations has its call and the wording of a model. */
export interface HomeThing {
  key: string;
  kind: "stock_out" | "low_stock" | "negative_stock" | "expiry" | "slow_stock" | "overdue" | "broken_promise" | "high_risk" | "seasonal_spike" | "price_anomaly" | "cost_anomaly";
  subject_id: string;
  subject_name: string;
  stake_paise: number;
  urgent_in_days: number;
  text: string;
  inputs: Record<string, number>;
  arithmetic: string;
}

/** What came in today, returns taken off, and what moved in the khatas. */
export interface HomeToday {
  amount_paise: number;
  bills: number;
  returns: number;
  by_payment: Record<string, number>;
  given_paise: number;
  received_paise: number;
}

/** What was sold under one tariff heading, unit and rate. */
export interface HsnRow {
  /** Basis points: 500 is 5 %. */
  rate_bp: number;
  amount_paise: number;
  taxable_paise: number;
  cgst_paise: number;
  sgst_paise: number;
  igst_paise: number;
  hsn: string;
  /** Unit quantity code of the GST return. */
  unit_code: string;
  quantity_milli: number;
}

/** What a sheet holds; nothing is entered before it is confirmed. */
export interface ImportCard {
  import_id: string;
  status: "preview" | "done" | "undone";
  rows: number;
  bad_rows: number;
  /** Rows that say that none were sold; they are kept as such. */
  zero_rows?: number;
  first_day: string | null;
  last_day: string | null;
  amount_paise: number;
  /** The first fifty: bad rows, and days that are there already. */
  problems: Array<BadRowCard>;
  /** The first fifty. */
  unknown_items: Array<string>;
  unknown_count: number;
  overlap?: OverlapCard | null;
  reading?: ReadingCard | null;
}

/** The step without which nothing is entered. */
export interface ImportConfirmation {
  /** Add the items that the shop does not know. */
  create_items?: boolean;
  /** Only rows that do not exist already, or all. */
  take?: "new" | "all";
}

/** What a sheet changed. */
export interface ImportDone {
  import_id: string;
  status: "preview" | "done" | "undone";
  bills: number;
  created_items: number;
  rows?: number;
  /** Rows that were there already. */
  skipped_rows?: number;
}

/** One row of a sheet, as it would be entered. */
export interface ImportRow {
  row: number;
  state: "sale" | "zero" | "bad";
  reason: string;
  on: string | null;
  item: string;
  item_id: string | null;
  unit: string;
  quantity_milli: number;
  unit_price_paise: number;
  amount_paise: number;
}

/** What of today's dues is expected to be paid in the coming days, from the shop's own past weeks. */
export interface InflowRow {
  days: number;
  expected_paise: number;
  lower_paise: number;
  upper_paise: number;
  /** Share of cases in which the interval holds; 1 where it says nothing. */
  coverage: number;
  /** Past windows it rests on. */
  windows: number;
}

/** An open invitation of the shop. */
export interface InvitationCard {
  invitation_id: string;
  address: string;
  role: "owner" | "staff" | "accountant" | "viewer";
  invited_by: string;
  created_at: string;
  expires_at: string;
}

/** The open invitations of the shop, the newest first. */
export interface InvitationList {
  rows: Array<InvitationCard>;
}

/** An item and its stock. */
export interface ItemCard {
  item_id: string;
  name: string;
  category: string;
  unit: "piece" | "kg" | "l";
  price_paise: number;
  cost_paise: number | null;
  mrp_paise: number | null;
  barcode: string | null;
  hsn: string | null;
  aliases: Array<string>;
  /** Its name by language. */
  names?: Record<string, string>;
  pack_milli: number;
  lead_time_days: number;
  service_level: number;
  reorder_point_milli: number | null;
  supplier_id: string | null;
  shelf_life_days?: number | null;
  known_value: boolean;
  on_hand_milli: number;
  /** Send it as If-Match when you change the item. */
  version: number;
  archived: boolean;
  /** Sold in the last 28 days, less what came back; null outside the list of items. */
  sold_28d_milli?: number | null;
}

/** New values of an item's fields; what is left out stays. Prices change under /v1/pricing or here. */
export interface ItemChange {
  name?: string | null;
  category?: string | null;
  price_paise?: number | null;
  cost_paise?: number | null;
  mrp_paise?: number | null;
  barcode?: string | null;
  hsn?: string | null;
  aliases?: Array<string> | null;
  /** All names by language, in place of those before. */
  names?: Record<string, string> | null;
  pack_milli?: number | null;
  lead_time_days?: number | null;
  service_level?: number | null;
  reorder_point_milli?: number | null;
  supplier_id?: string | null;
  shelf_life_days?: number | null;
  known_value?: boolean | null;
  archived?: boolean | null;
}

/** The demand of one item and the order that follows. */
export interface ItemForecastCard {
  item_id: string;
  /** 'review': show it to a person before ordering. */
  status: "ok" | "review" | "too_little_data";
  source: "model" | "saved" | "statistical" | "none";
  method: string | null;
  confidence: "high" | "medium" | "low" | null;
  made_at: string;
  /** Under which it was kept; null where no model made it, or it follows plans of the caller. */
  forecast_id: string | null;
  days: Array<DayRow>;
  /** Of the sum over the horizon. */
  total_quantiles: Array<QuantileRow>;
  drivers: Array<DriverRow>;
  reorder: Reorder | null;
}

/** An item of the shop that a printed name may stand for. */
export interface ItemGuess {
  item_id: string;
  score: number;
  same_pack: boolean;
  /** Whether it is sure enough to be preselected. */
  automatic: boolean;
  reason: string;
}

/** An item by day, the oldest first. */
export interface ItemHistory {
  item_id: string;
  unit: "piece" | "kg" | "l";
  rows: Array<HistoryDay>;
}

/** What is planned for, or known of, one item. */
export interface ItemPlan {
  item_id: string;
  prices?: Array<PlannedPrice>;
  /** Further columns of the prices table; an unknown value holds the one before. */
  covariates?: Array<KnownColumn>;
}

/** How far ahead everything the shop sells is to be forecast. */
export interface JobQuestion {
  horizon_days?: number;
}

/** A public key (RFC 7517). */
export interface JsonWebKey {
  kty?: "RSA";
  use?: "sig";
  alg?: "RS256";
  kid: string;
  n: string;
  e: string;
}

/** The keys that tokens can be verified with. */
export interface JsonWebKeySet {
  keys: Array<JsonWebKey>;
}

/** A key's replacement, and how long both work. */
export interface KeyRotation {
  overlap_minutes?: number;
}

/** A statement that the shop once signed, compared with today's ledger. */
export interface KhataComparison {
  customer_id: string;
  issued_at: string;
  closing_paise: number;
  shown: number;
  /** Entries written since. */
  later_entries: number;
  /** Empty where the book still holds what was signed. */
  differences: Array<string>;
}

/** A public key that statements are checked with. */
export interface KhataKey {
  key_id: string;
  algorithm?: "Ed25519";
  /** 32 bytes in base64url. */
  public_key: string;
}

/** All keys, those that signed before included. */
export interface KhataKeys {
  keys: Array<KhataKey>;
}

/** A number known for each day, past and ahead: a promotion, the weather, school holidays. */
export interface KnownColumn {
  name: string;
  /** Day of the first value. */
  start: string;
  /** A value a day, no further than the horizon; null where not known. */
  values: Array<number | null>;
}

/** What the cash in hand does not reach for. */
export interface LeftOut {
  item_id: string;
  left_out_milli: number;
  cost_paise: number | null;
  /** Expected profit that is lost with it; null where the cost is unknown. */
  lost_gain_paise: number | null;
  reason: "budget" | "cost_unknown";
}

/** The limit at the counter, with its arithmetic. */
export interface LimitAnswer {
  customer_id: string;
  allowed: boolean;
  balance_paise: number;
  amount_paise: number;
  balance_after_paise: number;
  limit_paise: number | null;
  room_paise: number | null;
  policy: "warn" | "block";
}

/** A credit that may be given or not. */
export interface LimitQuestion {
  /** Whole paise. */
  amount_paise: number;
}

/** A payment that raises the suggested limit; `limit_arithmetic` is the proof, to be recomputed. */
export interface LimitRaiseRow {
  pay_paise: number;
  limit_paise: number;
  probability_30: number;
  limit_arithmetic: Record<string, unknown>;
}

/** A line as it was sold; in a return, quantity and amount are negative. */
export interface LineRow {
  item_id: string;
  /** Thousandths of the item's own unit. */
  quantity_milli: number;
  /** The price of one `unit`. */
  unit_price_paise: number;
  /** The unit it was sold in; null for the item's own. */
  unit?: string | null;
  /** What that unit is, in thousandths of the item's own. */
  unit_milli?: number;
  /** The line's own discount and its share of the bill's. */
  discount_paise: number;
  amount_paise: number;
}

/** The tax of one line. */
export interface LineTaxRow {
  /** Basis points: 500 is 5 %. */
  rate_bp: number;
  amount_paise: number;
  taxable_paise: number;
  cgst_paise: number;
  sgst_paise: number;
  igst_paise: number;
  item_id: string;
  hsn: string;
  quantity_milli: number;
}

/** A sign-in. */
export interface Login {
  email: string;
  password: string;
  device?: string;
  /** A web page gets its refresh token as a cookie that no script reads, sent to POST /v1/auth/refresh alone; a program gets it in the answer. */
  client?: "program" | "web";
  /** From the answer `mfa_required`; sent together with `mfa_code`. */
  challenge?: string | null;
  /** Code of the authenticator app. */
  mfa_code?: string | null;
}

/** The end of a session. */
export interface Logout {
  /** Left out, the session of the access token ends, and a web page's cookie with it. */
  refresh_token?: string | null;
}

/** Items at or below their reorder point, those below zero first. */
export interface LowStockList {
  rows: Array<StockLevel>;
}

/** Who the token says is calling. */
export interface Me {
  user_id: string;
  shop_id: string | null;
  role: "owner" | "staff" | "accountant" | "viewer";
  shops: Array<ShopRole>;
}

/** A person of the shop. */
export interface Member {
  user_id: string;
  name?: string | null;
  role: "owner" | "staff" | "accountant" | "viewer";
}

/** The people of the shop. */
export interface MemberList {
  rows: Array<Member>;
}

/** Lines to add to a draft; an item that is there already is ordered as the larger of the two. */
export interface MoreLines {
  lines: Array<NewOrderLine>;
}

/** The movements entered and the stock after them. */
export interface MovementList {
  movements: Array<MovementRow>;
  stock: Array<StockLevel>;
}

/** A movement as it was entered; it never changes. */
export interface MovementRow {
  movement_id: string;
  item_id: string;
  kind: "purchase" | "sale" | "customer_return" | "supplier_return" | "wastage" | "theft" | "gift" | "own_use" | "count" | "reversal";
  /** Signed: what comes in is positive. */
  quantity_milli: number;
  at: string;
  actor: string;
  /** The person's or key's name, in lists. */
  actor_name?: string | null;
  reason: string | null;
  source: string | null;
  batch_id: string | null;
  unit_cost_paise: number | null;
  /** What an owner may want to know of a movement that came late. */
  flags?: Array<string>;
}

/** A role that a shop offers to the caller. */
export interface MyInvitation {
  invitation_id: string;
  shop_id: string;
  shop_name: string;
  role: "owner" | "staff" | "accountant" | "viewer";
  expires_at: string;
}

/** The open invitations to the caller, the newest first. */
export interface MyInvitationList {
  rows: Array<MyInvitation>;
}

/** A bill under its client's own id. */
export interface NamedSale {
  /** It has happened already: it is taken and flagged (`flags`) where a rule of the shop speaks against it. */
  offline?: boolean;
  /** Server's clock less the device's, measured from a `Date` header; added to the device's time. */
  clock_offset_seconds?: number | null;
  /** Your own id, unique in the shop; it never expires. */
  sale_id: string;
  lines: Array<NewLine>;
  payment?: "cash" | "upi" | "card" | "udhaar";
  /** A bill paid in parts: they sum to its total. With it `payment` is left out. */
  payments?: Array<Paid> | null;
  /** Off the whole bill, shared out over its lines by their amounts. */
  discount_paise?: number;
  /** Required for udhaar. */
  customer_id?: string | null;
  /** Now, where it is left out. */
  sold_at?: string | null;
  /** For udhaar: when it is to be paid; else by the customer's terms. */
  due_on?: string | null;
  /** If sent, it must equal the sum of the lines, discounts taken off. */
  total_paise?: number | null;
  /** The owner's word that this credit may pass the customer's limit. */
  over_limit?: boolean;
}

/** A key for another program: a till, a scale, an accounting program. */
export interface NewApiKey {
  name: string;
  scopes: Array<string>;
  expires_in_days?: number | null;
}

/** A new key; `api_key` is shown this once and goes into the header X-Api-Key. */
export interface NewApiKeyCard {
  key_id: string;
  name: string;
  scopes: Array<string>;
  created_at: string;
  expires_at: string | null;
  revoked: boolean;
  /** The key itself; absent when the request is repeated. */
  api_key?: string | null;
}

/** A delivery lot with its own expiry and printed price. */
export interface NewBatch {
  batch_id?: string | null;
  /** Thousandths of the item's unit. */
  quantity_milli: number;
  expires_on?: string | null;
  mrp_paise?: number | null;
  unit_cost_paise?: number | null;
  /** When it came. Now, where it is left out. */
  at?: string | null;
}

/** Why a bill is cancelled, on its own day; goods, khata and money go back. */
export interface NewCancellation {
  /** It has happened already: it is taken and flagged (`flags`) where a rule of the shop speaks against it. */
  offline?: boolean;
  /** Server's clock less the device's, measured from a `Date` header; added to the device's time. */
  clock_offset_seconds?: number | null;
  /** Your own id of it, among those of bills. */
  cancellation_id?: string | null;
  reason: string;
  at?: string | null;
}

/** How it ended. */
export interface NewClosing {
  outcome: string;
}

/** Goods or money given on udhaar without a bill. */
export interface NewCredit {
  /** It has happened already: it is taken and flagged (`flags`) where a rule of the shop speaks against it. */
  offline?: boolean;
  /** Server's clock less the device's, measured from a `Date` header; added to the device's time. */
  clock_offset_seconds?: number | null;
  /** Your own id, unique in the shop; it never expires: sent again with the same content it is one entry. */
  entry_id?: string | null;
  /** Whole paise. */
  amount_paise: number;
  at?: string | null;
  due_on?: string | null;
  note?: string;
  /** That this credit may pass the limit: an owner's word, or staff's with an approval. */
  over_limit?: boolean;
}

/** A customer to add. */
export interface NewCustomer {
  /** Your own id; one is made where it is left out. */
  customer_id?: string | null;
  name: string;
  phone?: string | null;
  /** Credit limit; null for none. */
  limit_paise?: number | null;
  credit_days?: number;
  /** Whether the customer agreed to be reminded. */
  reminders?: boolean;
}

/** Why the customer does not agree with an entry. */
export interface NewDispute {
  reason: string;
}

/** An item to add. */
export interface NewItem {
  /** Your own id; one is made where it is left out. */
  item_id?: string | null;
  name: string;
  category?: string;
  unit?: "piece" | "kg" | "l";
  /** Paise a unit. */
  price_paise: number;
  cost_paise?: number | null;
  /** Lowest printed maximum retail price; null for loose goods. */
  mrp_paise?: number | null;
  barcode?: string | null;
  hsn?: string | null;
  aliases?: Array<string>;
  /** Its name by language, for texts in that language. */
  names?: Record<string, string>;
  /** Units a supplier's pack holds, in thousandths. */
  pack_milli?: number;
  lead_time_days?: number;
  service_level?: number;
  reorder_point_milli?: number | null;
  supplier_id?: string | null;
  /** Days that fresh goods keep; no more is ordered. */
  shelf_life_days?: number | null;
  /** Whether customers know this item's price by heart. */
  known_value?: boolean;
  opening_stock_milli?: number;
}

/** An item that was added. */
export interface NewItemDone {
  item_id: string;
  name: string;
  category: string;
  unit: "piece" | "kg" | "l";
  price_paise: number;
  cost_paise: number | null;
  mrp_paise: number | null;
  barcode: string | null;
  hsn: string | null;
  aliases: Array<string>;
  /** Its name by language. */
  names?: Record<string, string>;
  pack_milli: number;
  lead_time_days: number;
  service_level: number;
  reorder_point_milli: number | null;
  supplier_id: string | null;
  shelf_life_days?: number | null;
  known_value: boolean;
  on_hand_milli: number;
  /** Send it as If-Match when you change the item. */
  version: number;
  archived: boolean;
  /** Sold in the last 28 days, less what came back; null outside the list of items. */
  sold_28d_milli?: number | null;
  /** Items of nearly the same name: archive the one that is there twice. */
  similar?: Array<SimilarItem>;
}

/** One line of a bill. */
export interface NewLine {
  item_id: string;
  /** Thousandths of `unit`, or of the item's own unit where none is named: 2000 is 2 pieces. */
  quantity_milli: number;
  /** The unit it is sold in, such as `dozen`, `case`, `g`; converted exactly to the item's own. */
  unit?: string | null;
  /** How many a pack or case holds, where it is not the item's own pack. */
  pack_of?: number | null;
  /** The price of one `unit`. Left out, the item's price at the time of the sale. */
  unit_price_paise?: number | null;
  /** Whole paise. */
  discount_paise?: number;
}

/** A person by e-mail address or phone, and the role to give or to offer. */
export interface NewMember {
  email?: string | null;
  phone?: string | null;
  role: "owner" | "staff" | "accountant" | "viewer";
}

/** A member's changed role, or an invitation, which says nothing of whether the address has an account. */
export interface NewMemberDone {
  /** Null where the person was invited. */
  user_id: string | null;
  role: "owner" | "staff" | "accountant" | "viewer";
  invitation_id: string | null;
  state: "member" | "invited";
}

/** Stock that came in or went out, apart from sales. */
export interface NewMovement {
  /** It has happened already: it is taken and flagged (`flags`) where a rule of the shop speaks against it. */
  offline?: boolean;
  /** Server's clock less the device's, measured from a `Date` header; added to the device's time. */
  clock_offset_seconds?: number | null;
  /** Your own id, unique in the shop; it never expires: sent again with the same content it is one movement. */
  movement_id?: string | null;
  item_id: string;
  kind: "purchase" | "supplier_return" | "wastage" | "theft" | "gift" | "own_use";
  /** Thousandths of the item's unit. */
  quantity_milli: number;
  /** The lot that it concerns; left out, lots are chosen by the kind. */
  batch_id?: string | null;
  at?: string | null;
  reason?: string | null;
  /** For a purchase: what one unit cost. */
  unit_cost_paise?: number | null;
  /** For a purchase: what came free with it, as one with ten; it lowers the cost of a unit. */
  free_milli?: number;
}

/** Some movements, entered together: all of them or none. */
export interface NewMovements {
  movements: Array<NewMovement>;
}

/** A draft to make. */
export interface NewOrder {
  /** It has happened already: it is taken and flagged (`flags`) where a rule of the shop speaks against it. */
  offline?: boolean;
  /** Server's clock less the device's, measured from a `Date` header; added to the device's time. */
  clock_offset_seconds?: number | null;
  /** Your own id. Sent again with the same content it gets the first answer, whenever it comes. */
  order_id?: string | null;
  /** Who delivers; null where that is still open. */
  supplier_id?: string | null;
  lines: Array<NewOrderLine>;
  expected_on?: string | null;
  note?: string;
}

/** One item to order. */
export interface NewOrderLine {
  item_id: string;
  /** Thousandths of the item's unit, in whole packs as a rule. */
  quantity_milli: number;
  /** The item's cost where it is left out. */
  unit_cost_paise?: number | null;
}

/** Days to leave a customer in peace: a death in the family, a festival, an illness. */
export interface NewPause {
  start_on: string;
  end_on: string;
  reason: string;
}

/** Money received; more than is owed becomes an advance. */
export interface NewPayment {
  /** It has happened already: it is taken and flagged (`flags`) where a rule of the shop speaks against it. */
  offline?: boolean;
  /** Server's clock less the device's, measured from a `Date` header; added to the device's time. */
  clock_offset_seconds?: number | null;
  /** Your own id, unique in the shop; it never expires: sent again with the same content it is one entry. */
  entry_id?: string | null;
  /** Whole paise. */
  amount_paise: number;
  at?: string | null;
  note?: string;
}

/** A price that is to hold from a day ahead on, until another one is set. */
export interface NewPlannedPrice {
  /** First day, on the shop's calendar: tomorrow or later. */
  from_on: string;
  /** Paise a unit. */
  price_paise: number;
  reason: string;
}

/** A price set by hand. */
export interface NewPrice {
  /** Paise a unit. */
  price_paise: number;
  reason: string;
}

/** A customer's word to pay. */
export interface NewPromise {
  /** It has happened already: it is taken and flagged (`flags`) where a rule of the shop speaks against it. */
  offline?: boolean;
  /** Server's clock less the device's, measured from a `Date` header; added to the device's time. */
  clock_offset_seconds?: number | null;
  /** Your own id of the promise, unique in the shop; it never expires: sent again it is one promise. */
  entry_id?: string | null;
  /** When it was given; now, where it is left out. */
  at?: string | null;
  /** Whole paise. */
  amount_paise: number;
  /** Last day to keep it, on the shop's calendar. */
  pay_by: string;
}

/** A reminder that the shop sends now. */
export interface NewReminder {
  language?: "en" | "hi" | "mr" | "ta" | "bn";
  channel?: "whatsapp" | "sms" | "call" | "in_person";
}

/** Goods of a bill that came back. */
export interface NewReturn {
  /** It has happened already: it is taken and flagged (`flags`) where a rule of the shop speaks against it. */
  offline?: boolean;
  /** Server's clock less the device's, measured from a `Date` header; added to the device's time. */
  clock_offset_seconds?: number | null;
  /** Your own id of the return, among those of bills. */
  return_id?: string | null;
  lines: Array<ReturnedLine>;
  reason: string;
  at?: string | null;
  /** How the money goes back; where it is left out, off what is owed for the bill first, then as paid. */
  refunds?: Array<Paid> | null;
}

/** Why an entry is reversed. */
export interface NewReversal {
  reason: string;
}

/** A bill. */
export interface NewSale {
  /** It has happened already: it is taken and flagged (`flags`) where a rule of the shop speaks against it. */
  offline?: boolean;
  /** Server's clock less the device's, measured from a `Date` header; added to the device's time. */
  clock_offset_seconds?: number | null;
  /** Your own id, unique in the shop. It never expires: the same content again is one bill. */
  sale_id?: string | null;
  lines: Array<NewLine>;
  payment?: "cash" | "upi" | "card" | "udhaar";
  /** A bill paid in parts: they sum to its total. With it `payment` is left out. */
  payments?: Array<Paid> | null;
  /** Off the whole bill, shared out over its lines by their amounts. */
  discount_paise?: number;
  /** Required for udhaar. */
  customer_id?: string | null;
  /** Now, where it is left out. */
  sold_at?: string | null;
  /** For udhaar: when it is to be paid; else by the customer's terms. */
  due_on?: string | null;
  /** If sent, it must equal the sum of the lines, discounts taken off. */
  total_paise?: number | null;
  /** The owner's word that this credit may pass the customer's limit. */
  over_limit?: boolean;
}

/** A part that is taken for the whole due. */
export interface NewSettlement {
  /** What the customer pays; the rest of the balance is written off. */
  paid_paise: number;
  reason: string;
}

/** A shop to register. */
export interface NewShop {
  name: string;
  zone?: string;
  /** State code of ISO 3166-2:IN, for the festival calendar. */
  region?: string | null;
}

/** Who delivers, how fast and on what terms. */
export interface NewSupplier {
  name: string;
  phone?: string | null;
  lead_time_days?: number;
  /** 0 is Monday. */
  visit_weekdays?: Array<number>;
  /** Whole paise. */
  minimum_order_paise?: number;
  credit_days?: number;
  /** How many days before a visit the order must be in. */
  order_days_before?: number;
  /** Until what time on that day, on the shop's clock. */
  order_by?: string;
  /** Where a visit goes that falls on a holiday. */
  on_holiday?: "skipped" | "next_day";
  /** Days without a visit, besides the holidays of the shop's state. */
  closed_on?: Array<string>;
}

/** A due that the shop gives up. */
export interface NewWriteOff {
  /** Whole paise. */
  amount_paise: number;
  reason: string;
}

/** An order to one supplier. */
export interface OrderCard {
  order_id: string;
  state: "draft" | "placed" | "part_received" | "received" | "cancelled";
  supplier_id: string | null;
  supplier_name: string | null;
  lines: Array<OrderLineRow>;
  /** Of the lines whose cost is known. */
  cost_paise: number;
  received_cost_paise: number;
  expected_on: string | null;
  note: string;
  reason: string;
  created_at: string;
  created_by: string;
  placed_at: string | null;
  closed_at: string | null;
  /** The order as a message for the supplier. */
  share_text: string;
  version: number;
}

/** New values of a draft; what is left out stays. */
export interface OrderChange {
  lines?: Array<NewOrderLine> | null;
  expected_on?: string | null;
  note?: string | null;
}

/** Where a bill is not what was ordered: milli-units, or paise a unit for `dearer` and `cheaper`. */
export interface OrderDifference {
  item_id: string;
  kind: "missing" | "more" | "not_ordered" | "dearer" | "cheaper";
  ordered: number;
  got: number;
}

/** One item of an order. */
export interface OrderLineRow {
  item_id: string;
  name: string;
  unit: "piece" | "kg" | "l";
  quantity_milli: number;
  pack_milli: number;
  /** Packs begun: a part of a pack counts as one. */
  packs: number;
  received_milli: number;
  /** What is still to come. */
  open_milli: number;
  unit_cost_paise: number | null;
  cost_paise: number | null;
  received_cost_paise: number;
}

/** Rows that are in the shop's sales already: same day, item, quantity and amount. */
export interface OverlapCard {
  rows: number;
  amount_paise: number;
  day_count: number;
  /** The first fifty. */
  days: Array<DayThere>;
}

/** PageOfApprovalCard */
export interface PageOfApprovalCard {
  rows: Array<ApprovalCard>;
  next_cursor: string | null;
}

/** PageOfBillRow */
export interface PageOfBillRow {
  rows: Array<BillRow>;
  next_cursor: string | null;
}

/** PageOfCountSheetRow */
export interface PageOfCountSheetRow {
  rows: Array<CountSheetRow>;
  next_cursor: string | null;
}

/** PageOfCustomerRow */
export interface PageOfCustomerRow {
  rows: Array<CustomerRow>;
  next_cursor: string | null;
}

/** PageOfEntryRow */
export interface PageOfEntryRow {
  rows: Array<EntryRow>;
  next_cursor: string | null;
}

/** PageOfImportRow */
export interface PageOfImportRow {
  rows: Array<ImportRow>;
  next_cursor: string | null;
}

/** PageOfItemCard */
export interface PageOfItemCard {
  rows: Array<ItemCard>;
  next_cursor: string | null;
}

/** PageOfItemForecastCard */
export interface PageOfItemForecastCard {
  rows: Array<ItemForecastCard>;
  next_cursor: string | null;
}

/** PageOfMovementRow */
export interface PageOfMovementRow {
  rows: Array<MovementRow>;
  next_cursor: string | null;
}

/** PageOfOrderCard */
export interface PageOfOrderCard {
  rows: Array<OrderCard>;
  next_cursor: string | null;
}

/** PageOfPlannedPriceRow */
export interface PageOfPlannedPriceRow {
  rows: Array<PlannedPriceRow>;
  next_cursor: string | null;
}

/** PageOfPriceChangeRow */
export interface PageOfPriceChangeRow {
  rows: Array<PriceChangeRow>;
  next_cursor: string | null;
}

/** PageOfSaleCard */
export interface PageOfSaleCard {
  rows: Array<SaleCard>;
  next_cursor: string | null;
}

/** PageOfSignInRow */
export interface PageOfSignInRow {
  rows: Array<SignInRow>;
  next_cursor: string | null;
}

/** PageOfSnapshotRow */
export interface PageOfSnapshotRow {
  rows: Array<SnapshotRow>;
  next_cursor: string | null;
}

/** PageOfStockAgeRow */
export interface PageOfStockAgeRow {
  rows: Array<StockAgeRow>;
  next_cursor: string | null;
}

/** A part of a payment. */
export interface Paid {
  kind: "cash" | "upi" | "card" | "udhaar";
  /** Whole paise. */
  paise: number;
}

/** What was paid in one way; below zero it went back. */
export interface PaidRow {
  kind: "cash" | "upi" | "card" | "udhaar";
  paise: number;
}

/** A number to send a code to. */
export interface PhoneCode {
  /** In any spelling; kept as +919812345678. */
  phone: string;
}

/** A sign-in with a code. */
export interface PhoneLogin {
  code_id: string;
  code: string;
  device?: string;
  /** A web page gets its refresh token as a cookie that no script reads, sent to POST /v1/auth/refresh alone; a program gets it in the answer. */
  client?: "program" | "web";
}

/** How a draft is sent to the supplier. */
export interface Placing {
  /** The supplier's next visit where it is left out. */
  expected_on?: string | null;
}

/** What an item will sell for on some days of the horizon; on the others today's price holds. */
export interface PlannedPrice {
  from_on: string;
  /** Last day, included. */
  until_on: string;
  /** Paise a unit. */
  price_paise: number;
}

/** A planned price and what became of it. */
export interface PlannedPriceRow {
  plan_id: string;
  item_id: string;
  from_on: string;
  price_paise: number;
  /** The price that held when it was planned. */
  price_before_paise: number;
  reason: string;
  actor: string;
  made_at: string;
  advice_id: string | null;
  /** Refused: when its day came it was above the printed maximum, or the item was deleted. */
  status: "planned" | "applied" | "withdrawn" | "refused";
  settled_at: string | null;
  /** The change of price that it became. */
  change_id: string | null;
  /** Why it was withdrawn or refused. */
  outcome: string;
}

/** What a confirmed bill did. */
export interface Posted {
  bill_id: string;
  movement_ids: Array<string>;
  learned: number;
  /** How many lines went back to the supplier and were taken out of stock. */
  returned?: number;
  order_id?: string | null;
  /** From the order, where one is named. */
  differences?: Array<OrderDifference>;
}

/** One change of a price; it never changes itself. */
export interface PriceChangeRow {
  change_id: string;
  item_id: string;
  at: string;
  on: string;
  before_paise: number;
  after_paise: number;
  actor: string;
  reason: string;
  advice_id: string | null;
  rolls_back: string | null;
}

/** From when on advice is to be followed. */
export interface PriceFrom {
  /** First day, on the shop's calendar: tomorrow or later. */
  from_on: string;
}

/** Which items' prices are in question. */
export interface PriceQuestion {
  item_ids: Array<string>;
  objective?: "profit" | "revenue";
}

/** All promises of a customer, the oldest first, and their count. */
export interface PromiseCard {
  customer_id: string;
  kept: number;
  broken: number;
  open: number;
  rows: Array<PromiseRow>;
}

/** A promise and what became of it; it breaks on the day after its last one. */
export interface PromiseRow {
  promise_id: string;
  customer_id: string;
  amount_paise: number;
  made_at: string;
  pay_by: string;
  outcome: "open" | "kept" | "broken" | "withdrawn";
  /** What an owner may want to know of a promise that came late. */
  flags?: Array<string>;
}

/** A level of the distribution and its value. */
export interface QuantileRow {
  level: number;
  milli: number;
}

/** What can be read in another way: the option that says so, and its choices. */
export interface QuestionCard {
  option: string;
  text: string;
  choices: Array<string>;
}

/** A customer with something overdue, and whether a reminder is worth it: gain = recovered - goodwill. */
export interface QueueRow {
  customer_id: string;
  name: string;
  overdue_paise: number;
  days_past_due: number;
  action: "remind" | "wait" | "talk";
  why: string;
  /** Null where the model did not answer. */
  gain_paise: number | null;
  recovered_paise: number | null;
  goodwill_paise: number | null;
  probability_30: number | null;
  reminders_14: number;
  broken_promises: number;
  send_at: string | null;
  refused: string;
}

/** The lines of one rate together: taxable + cgst + sgst + igst = amount. */
export interface RateTaxRow {
  /** Basis points: 500 is 5 %. */
  rate_bp: number;
  amount_paise: number;
  taxable_paise: number;
  cgst_paise: number;
  sgst_paise: number;
  igst_paise: number;
}

/** The state of each part; `degraded` still answers, with less. */
export interface Readiness {
  status: "ok" | "degraded" | "down";
  parts: Record<string, string>;
}

/** How a sheet was read; another reading can be asked for. */
export interface ReadingCard {
  kind: string;
  sheet: string | null;
  other_sheets: Array<string>;
  heading_row: number;
  dates: string;
  decimals: string;
  columns: Array<ColumnCard>;
  /** Headings of columns that are not used. */
  ignored: Array<string>;
  questions: Array<QuestionCard>;
}

/** Goods that came for an order. */
export interface Receipt {
  /** It has happened already: it is taken and flagged (`flags`) where a rule of the shop speaks against it. */
  offline?: boolean;
  /** Server's clock less the device's, measured from a `Date` header; added to the device's time. */
  clock_offset_seconds?: number | null;
  /** Your own id; its movements are named after it. Sent again with the same content it gets the first answer, whenever it comes. */
  receipt_id?: string | null;
  lines: Array<ArrivedLine>;
  /** Whether nothing more will come of this order. */
  complete?: boolean;
  /** When they came. Now, where it is left out. */
  at?: string | null;
}

/** An order after goods came, and where they differ from what was still to come. */
export interface ReceiptDone {
  order: OrderCard;
  movement_ids: Array<string>;
  differences: Array<DifferenceRow>;
  /** Flags of a delivery that came in late; `order_closed`: see the order. */
  flags?: Array<string>;
}

/** One thing to do today. */
export interface Recommendation {
  /** Names kind and thing; send it to accept or dismiss. */
  key: string;
  kind: "stock_out" | "low_stock" | "negative_stock" | "expiry" | "slow_stock" | "overdue" | "broken_promise" | "high_risk" | "seasonal_spike" | "price_anomaly" | "cost_anomaly";
  subject_id: string;
  subject_name: string;
  stake_paise: number;
  urgent_in_days: number;
  text: string;
  inputs: Record<string, number>;
  /** How the stake follows from the inputs; a division by 1000 is rounded half up, `//` down. */
  arithmetic: string;
  /** Of the arithmetic. */
  version?: "signals-1";
  draft: RequestDraft;
}

/** Whom to remind first; those to leave alone come last. */
export interface RecoveryQueue {
  as_of: string;
  /** Ranked by what is overdue alone, because the model did not answer. */
  degraded: boolean;
  /** Why no model answered; null where one did. */
  reason?: string | null;
  model_version: string | null;
  overdue_customers: number;
  rows: Array<QueueRow>;
}

/** What a refresh changed. */
export interface RefreshDone {
  raised: number;
  resolved: number;
  queued: number;
}

/** Who was registered. */
export interface Registered {
  user_id: string;
  shop_id: string;
  role: "owner" | "staff" | "accountant" | "viewer";
}

/** A person and the first shop. */
export interface Registration {
  email: string;
  password: string;
  name?: string | null;
  shop_name: string;
  zone?: string;
  region?: string | null;
}

/** A text and a payment link, for the shop to send; and when it may be sent. */
export interface Reminder {
  customer_id: string;
  phone: string | null;
  amount_paise: number;
  text: string;
  /** Payment link with the exact amount; draw it as a QR code. */
  upi_link: string | null;
  /** Opens the text in WhatsApp; null without a phone number. */
  whatsapp_link: string | null;
  /** Earliest permitted instant: 08:00 to 19:00 in the shop's zone, at most twice a week, not in a pause; null where there is none within 60 days. */
  send_at: string | null;
  /** Why there is none; empty where there is. */
  refused: string;
}

/** A reminder that was written down as sent. */
export interface ReminderSent {
  event: EventRow;
  reminder: Reminder;
}

/** What to order now: the reorder list's quantity, whatever the horizon of the forecast beside it. */
export interface Reorder {
  order_milli: number;
  /** First day on which the expected demand so far passes the stock. */
  runs_out_on: string | null;
  /** Last day to order so that the goods come before that. */
  order_by: string | null;
  lead_time_days: number;
  arithmetic: Arithmetic;
}

/** What to order, the most urgent first. */
export interface ReorderList {
  starts_on: string;
  /** Days of the lines whose supplier's order says nothing else. */
  horizon_days: number;
  model_version: string | null;
  degraded: boolean;
  /** Why no model answered; null where one did. */
  reason?: string | null;
  rows: Array<ReorderRow>;
  /** In order of id; those from whom something is needed. */
  suppliers: Array<SupplierOrder>;
  /** Sum of the lines whose unit cost is known. */
  cost_paise: number;
  /** What the cash in hand leaves out, where it was given. */
  budget?: BudgetCard | null;
}

/** One line of an order list: order = the arithmetic's order + what was added. */
export interface ReorderRow {
  item_id: string;
  name: string;
  supplier_id: string | null;
  order_milli: number;
  /** Of it, what was added to reach the supplier's minimum. */
  added_milli: number;
  /** What of the item stands in draft orders already. */
  drafted_milli: number;
  packs: number;
  unit_cost_paise: number | null;
  cost_paise: number | null;
  /** Last day to order so that the goods come before they run out; the day on which the order for the supplier's last visit before that is due, where he has visit days. */
  order_by: string | null;
  status: "ok" | "review" | "too_little_data";
  arithmetic: Arithmetic;
}

/** The call that does what is recommended; nothing is done until the shop makes it. */
export interface RequestDraft {
  method: "GET" | "POST";
  path: string;
  body?: Record<string, unknown> | null;
}

/** What came back of one item. */
export interface ReturnedLine {
  item_id: string;
  /** Thousandths of the item's unit. */
  quantity_milli: number;
}

/** How likely a customer is to be late; without a model there are no figures, never invented ones. */
export interface RiskCard {
  customer_id: string;
  as_of: string;
  degraded: boolean;
  /** Why no model answered; null where one did. */
  reason?: string | null;
  risk: RiskFigures | null;
}

/** What the model says of a customer. */
export interface RiskFigures {
  /** Of being more than 30 days past due within the next 30 days. */
  probability_30: number;
  probability_60: number;
  /** 90 % interval of `probability_30`. */
  lower: number;
  upper: number;
  /** Expected days from a purchase to its payment. */
  days_to_pay: number | null;
  due_paise: number;
  /** Part of the due expected within 14 days without a reminder. */
  paid_soon_paise: number;
  /** Whether the figures are mostly the shop's own average. */
  thin_file: boolean;
  reasons: Array<RiskReason>;
  /** Suggested credit limit. */
  limit_paise: number;
  /** Inputs and steps of the limit, the formula and its version. */
  limit_arithmetic: Record<string, unknown>;
  /** The smallest payment tried that raises the limit; null where none does or it was not asked. */
  limit_raise: LimitRaiseRow | null;
  model_version: string;
}

/** One reason; a positive contribution raises the risk. */
export interface RiskReason {
  feature: string;
  text: string;
  contribution: number;
}

/** Why a change of price is reversed. */
export interface Rollback {
  reason: string;
}

/** Some bills in one request, as a phone gathered them. */
export interface SaleBatch {
  sales: Array<NamedSale>;
  /** Post all or none; else each is posted or refused on its own. */
  atomic?: boolean;
}

/** What became of each bill, in the order of the request. */
export interface SaleBatchDone {
  applied: number;
  replayed: number;
  refused: number;
  results: Array<SaleResult>;
}

/** A bill. */
export interface SaleCard {
  sale_id: string;
  sold_at: string;
  /** The shop's own day. */
  sold_on: string;
  /** Empty in a list unless it is asked for with `lines=true`. */
  lines: Array<LineRow>;
  line_count?: number;
  total_paise: number;
  /** The one way of payment; `split` for a bill paid in parts. */
  payment: "cash" | "upi" | "card" | "udhaar" | "split";
  /** What was paid in which way; they sum to the total. */
  payments?: Array<PaidRow>;
  /** The discount on the whole bill, contained in its lines'. */
  discount_paise?: number;
  /** Consecutive within the shop and the financial year; credit notes have a series of their own. Null for imported bills and for cancellations. */
  bill_number?: string | null;
  /** Its place in the series. */
  number?: number | null;
  financial_year?: string;
  /** How it stands. */
  state?: "posted" | "part_returned" | "returned" | "cancelled" | "return" | "cancellation";
  customer_id: string | null;
  /** The bill that this return or cancellation belongs to. */
  returns?: string | null;
  /** Why it was returned or cancelled. */
  reason?: string | null;
  /** Who entered it: the id of a person or a key. */
  actor?: string;
  /** Their name, in lists and single bills. */
  actor_name?: string | null;
  /** When the server entered it, by its own clock. */
  recorded_at?: string | null;
  /** What an owner may want to know of a bill that came late. */
  flags?: Array<string>;
}

/** A bill and what it changed. */
export interface SaleDone {
  sale_id: string;
  sold_at: string;
  /** The shop's own day. */
  sold_on: string;
  /** Empty in a list unless it is asked for with `lines=true`. */
  lines: Array<LineRow>;
  line_count?: number;
  total_paise: number;
  /** The one way of payment; `split` for a bill paid in parts. */
  payment: "cash" | "upi" | "card" | "udhaar" | "split";
  /** What was paid in which way; they sum to the total. */
  payments?: Array<PaidRow>;
  /** The discount on the whole bill, contained in its lines'. */
  discount_paise?: number;
  /** Consecutive within the shop and the financial year; credit notes have a series of their own. Null for imported bills and for cancellations. */
  bill_number?: string | null;
  /** Its place in the series. */
  number?: number | null;
  financial_year?: string;
  /** How it stands. */
  state?: "posted" | "part_returned" | "returned" | "cancelled" | "return" | "cancellation";
  customer_id: string | null;
  /** The bill that this return or cancellation belongs to. */
  returns?: string | null;
  /** Why it was returned or cancelled. */
  reason?: string | null;
  /** Who entered it: the id of a person or a key. */
  actor?: string;
  /** Their name, in lists and single bills. */
  actor_name?: string | null;
  /** When the server entered it, by its own clock. */
  recorded_at?: string | null;
  /** What an owner may want to know of a bill that came late. */
  flags?: Array<string>;
  /** For a bill paid by UPI, where the shop has a UPI id (`upi_id` of its rules). */
  upi?: UpiPayment | null;
  stock: Array<StockAfter>;
  credit?: CreditNote | null;
}

/** What became of one bill of a batch. */
export interface SaleResult {
  /** Its place in the request, from 0. */
  place: number;
  sale_id: string;
  status: "applied" | "replayed" | "refused";
  /** Null where it was refused. */
  sale: SaleDone | null;
  /** Why it was refused. */
  code?: string | null;
  detail?: string | null;
  field?: string | null;
}

/** What was sold by day. */
export interface SalesSummary {
  days: Array<DaySummary>;
  amount_paise: number;
}

/** Both entries of a settlement. */
export interface SettlementDone {
  payment: EntryRow;
  write_off: EntryRow;
  balance_paise: number;
}

/** How a sheet is to be read, where it is not read right by itself. */
export interface SheetOptions {
  /** Headings by field: date, item, name, quantity, unit, price, amount, discount ... */
  columns?: Record<string, string>;
  /** Whether 05/03/24 begins with the day or the month. */
  date_order?: "dmy" | "mdy" | null;
  /** The decimal mark. */
  decimal?: "dot" | "comma" | null;
  /** Name of a workbook's sheet. */
  sheet?: string | null;
  /** Which of Dr and Cr marks a sale. */
  sale_side?: "dr" | "cr" | null;
}

/** A shop and its rules. */
export interface ShopCard {
  shop_id: string;
  name: string;
  zone: string;
  region: string | null;
  negative_stock: "allow" | "block";
  over_limit: "warn" | "block";
  upi_id: string | null;
  staff_floor_percent: number;
  tax_scheme: "regular" | "composition" | "unregistered";
  staff_refund_days: number;
  staff_backdate_days: number;
  staff_count_loss_paise: number;
}

/** A shop of the caller's and the role in it. */
export interface ShopRole {
  shop_id: string;
  name: string;
  role: "owner" | "staff" | "accountant" | "viewer";
}

/** What an owner may choose; what is left out stays. */
export interface ShopRules {
  name?: string | null;
  zone?: string | null;
  region?: string | null;
  /** Whether a sale may pass the recorded stock. */
  negative_stock?: "allow" | "block" | null;
  /** What happens when a credit passes the customer's limit. */
  over_limit?: "warn" | "block" | null;
  upi_id?: string | null;
  /** Lowest price that staff may set or sell at without an owner, in percent of cost; 0: any. */
  staff_floor_percent?: number | null;
  /** How the shop stands to GST: only bills of a regular one show tax. */
  tax_scheme?: "regular" | "composition" | "unregistered" | null;
  /** For how many days after the sale staff may give money back for their own bills without an owner; 0: on the day itself. */
  staff_refund_days?: number | null;
  /** How many days back staff may enter something without an owner. */
  staff_backdate_days?: number | null;
  /** Highest value at cost that a count may write off without an owner. */
  staff_count_loss_paise?: number | null;
}

/** A sign-in of somebody of the shop, or a failed try. */
export interface SignInRow {
  event_id: string;
  user_id: string;
  /** The person's name. */
  name?: string | null;
  kind: "password" | "phone" | "wrong_password" | "wrong_code" | "everywhere_out" | "password_set";
  device: string;
  address: string;
  at: string;
  /** Whether this person had signed in on no device of this name before. */
  new_device: boolean;
}

/** A statement that the customer can check offline, with the published key alone. */
export interface SignedKhata {
  customer_id: string;
  issued_at: string;
  /** Entries of the whole khata; all are in the chain of hashes. */
  entries: number;
  /** How many of the last ones the statement shows. */
  shown: number;
  closing_paise: number;
  head_hash: string;
  key_id: string;
  /** What the QR code holds. */
  statement: string;
  fits_qr: boolean;
}

/** An item that a new one may be the same as. */
export interface SimilarItem {
  item_id: string;
  name: string;
}

/** A forecast as the model gave it; it never changes. */
export interface Snapshot {
  forecast_id: string;
  item_id: string;
  /** Its first day: what was known before that day went in. */
  as_of: string;
  horizon_days: number;
  made_at: string;
  model_version: string;
  /** SHA-256 of all that the model was shown; null for forecasts of before it was kept. */
  data_hash: string | null;
  method: string;
  confidence: "high" | "medium" | "low";
  days: Array<DayRow>;
  total_quantiles: Array<QuantileRow>;
  drivers: Array<DriverRow>;
}

/** What identifies a forecast that was kept. */
export interface SnapshotRow {
  forecast_id: string;
  item_id: string;
  /** Its first day: what was known before that day went in. */
  as_of: string;
  horizon_days: number;
  made_at: string;
  model_version: string;
  /** SHA-256 of all that the model was shown; null for forecasts of before it was kept. */
  data_hash: string | null;
}

/** How long an alert is to be quiet. */
export interface Snooze {
  hours: number;
}

/** Entries between two balances: opening + given - received = closing. */
export interface StatementCard {
  customer_id: string;
  start: string | null;
  end: string | null;
  opening_paise: number;
  given_paise: number;
  received_paise: number;
  closing_paise: number;
  lines: Array<StatementRow>;
}

/** An entry in a statement and the balance after it. */
export interface StatementRow {
  entry: EntryRow;
  day: string;
  effect_paise: number;
  balance_paise: number;
}

/** The stock of an item after the bill. */
export interface StockAfter {
  item_id: string;
  on_hand_milli: number;
  negative: boolean;
}

/** How old and how slow an item's stock is; the oldest counts as sold first. */
export interface StockAgeRow {
  item_id: string;
  name: string;
  state: "moving" | "slow" | "dead";
  on_hand_milli: number;
  /** In the window, which ends yesterday. */
  sold_milli: number;
  window_days: number;
  slow_days: number;
  /** Days that the stock lasts; null where nothing sold. */
  cover_days: number | null;
  /** Null where nothing sold in a year. */
  days_since_sale: number | null;
  oldest_since: string | null;
  ages: Array<AgeBucket>;
  /** The item's cost, or its price where that is not known. */
  unit_value_paise: number;
  value_paise: number;
}

/** The stock of one item. */
export interface StockLevel {
  item_id: string;
  on_hand_milli: number;
  unit: "piece" | "kg" | "l";
  low: boolean;
}

/** A supplier. */
export interface SupplierCard {
  supplier_id: string;
  name: string;
  phone: string | null;
  lead_time_days: number;
  visit_weekdays: Array<number>;
  minimum_order_paise: number;
  credit_days: number;
  order_days_before: number;
  order_by: string;
  on_holiday: "skipped" | "next_day";
  closed_on: Array<string>;
  /** The first visit from tomorrow on, holidays left out. */
  next_visit_on: string | null;
  /** The first visit that can still be ordered for. */
  next_order_visit_on: string | null;
  /** Until when to order for that visit. */
  order_due_by: string | null;
}

/** The suppliers in order of id. */
export interface SupplierList {
  rows: Array<SupplierCard>;
}

/** One supplier's part of an order list, beside his visits and his minimum. */
export interface SupplierOrder {
  supplier_id: string;
  name: string;
  /** The first visit that can still be ordered for. */
  visit_on: string | null;
  /** Until when the order must have reached him. */
  order_due_by: string | null;
  /** Days that the order is to last, from today on. */
  horizon_days: number;
  minimum_order_paise: number;
  /** Cost of what is needed; lines of unknown cost count nothing. */
  needed_paise: number;
  /** Cost with what was added. */
  cost_paise: number;
  minimum: "met" | "filled" | "below" | "cost_unknown";
  /** What is missing to the minimum. */
  short_paise: number;
  reason: string;
  credit_days: number;
  /** The visit's day and the credit days on top. */
  pay_by: string | null;
}

/** A period as the GST return sums it up; a composition or unregistered shop has no tax lines. */
export interface TaxSummary {
  start: string;
  end: string;
  scheme: "regular" | "composition" | "unregistered";
  bills: number;
  returns: number;
  total_paise: number;
  /** Sales to consumers by rate, credit notes taken off (B2CS). */
  consumers: Array<RateTaxRow>;
  /** Of them, the credit notes. */
  credit_notes: Array<RateTaxRow>;
  /** The HSN summary, credit notes taken off. */
  headings: Array<HsnRow>;
  without_rate: Array<Untaxed>;
}

/** Tokens: the access token goes into the Authorization header. */
export interface TokenPair {
  access_token: string;
  /** Empty for a web page, which has it as a cookie. */
  refresh_token: string;
  token_type?: "Bearer";
  expires_in: number;
}

/** An exchange of a refresh token, for the same shop or another one of the person's. */
export interface TokenRefresh {
  /** Left out by a web page: its cookie has it. */
  refresh_token?: string | null;
  shop_id?: string | null;
}

/** An item whose rate is not known: it has no tariff heading, or one of several rates. */
export interface Untaxed {
  item_id: string;
  amount_paise: number;
}

/** How a bill is paid by UPI; the link is the content of the QR code, too. */
export interface UpiPayment {
  uri: string;
  /** Comes back with the payment, to match it by. */
  reference: string;
  amount_paise: number;
}

/** What is wrong with one field. */
export interface FieldProblem {
  /** Dotted path from the body's root, or the name of a parameter. */
  field: string;
  message: string;
}

/** An error. */
export interface Problem {
  /** A URI of the kind of problem. */
  type: string;
  /** Stable word for programs. */
  code: string;
  /** In the language of Accept-Language, where it is one of the shops'. */
  title: string;
  status: number;
  detail: string;
  field?: string | null;
  hint?: string | null;
  errors?: Array<FieldProblem> | null;
  /** What an owner has to approve first. */
  approval_id?: string | null;
  /** What a sign-in sends together with the code that it needs. */
  challenge?: string | null;
  request_id: string;
}

/** A value of a query or a header; what is undefined or null is left out. */
type Plain = string | number | boolean | null | undefined;

const pause = (seconds: number): Promise<void> => new Promise((go) => setTimeout(go, seconds * 1000));

/** Calls the API of one address for one shop. */
export class Client {
  token: string | null = null;
  apiKey: string | null = null;
  timeoutSeconds = 30;
  /** How often a request that met a fault is sent at most. */
  attempts = 3;
  private readonly baseUrl: string;

  constructor(baseUrl: string) {
    this.baseUrl = baseUrl.replace(/\/$/, "");
  }

  private async call<T>(
    method: string,
    path: string,
    query: Record<string, Plain | Array<Plain>>,
    headers: Record<string, Plain>,
    body?: unknown,
  ): Promise<T> {
    const asked = new URLSearchParams();
    for (const [name, value] of Object.entries(query))
      for (const one of Array.isArray(value) ? value : [value]) if (one != null) asked.append(name, String(one));
    const sent: Record<string, string> = {};
    for (const [name, value] of Object.entries(headers)) if (value != null) sent[name] = String(value);
    if (this.token !== null) sent["Authorization"] = `Bearer ${this.token}`;
    else if (this.apiKey !== null) sent["X-Api-Key"] = this.apiKey;
    let data: BodyInit | undefined;
    if (body instanceof FormData) data = body;
    else if (body !== undefined) {
      data = JSON.stringify(body);
      sent["Content-Type"] = "application/json";
    }
    const url = this.baseUrl + path + (asked.size ? `?${asked}` : "");
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.send<T>(url, { method, headers: sent, body: data });
      } catch (error) {
        const last = attempt >= this.attempts;
        if (error instanceof ApiProblem) {
          if (last || (error.status !== 429 && error.status !== 503)) throw error;
          await pause(Math.min(error.retryAfterSeconds ?? attempt, 30));
        } else {
          if (last || (method !== "GET" && !("Idempotency-Key" in sent))) throw error;
          await pause(0.2 * attempt);
        }
      }
    }
  }

  private async send<T>(url: string, request: RequestInit): Promise<T> {
    const answer = await fetch(url, { ...request, signal: AbortSignal.timeout(this.timeoutSeconds * 1000) });
    const text = await answer.text();
    if (!answer.ok) {
      let problem: Record<string, unknown> = { code: "unreadable_answer", detail: answer.statusText };
      try {
        problem = JSON.parse(text) as Record<string, unknown>;
      } catch {
        // not the API's own answer: known errors are raised above
      }
      const word = (name: string): string | null => (typeof problem[name] === "string" ? problem[name] : null);
      const wait = answer.headers.get("Retry-After");
      throw new ApiProblem(
        answer.status, word("code") ?? "unknown", word("detail") ?? "", word("field"), word("hint"),
        word("request_id"), wait === null ? null : Number(wait),
      );
    }
    const json = (answer.headers.get("Content-Type") ?? "").startsWith("application/json");
    return (json ? JSON.parse(text) : text) as T;
  }

  /** Register a person with a first shop; sign in afterwards. */
  async auth_register(body: Registration, options: { idempotency_key?: string } = {}): Promise<Registered> {
    return this.call("POST", `/v1/auth/register`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** Exchange e-mail address and password for tokens. */
  async auth_login(body: Login): Promise<TokenPair> {
    return this.call("POST", `/v1/auth/login`, {  }, {  }, body);
  }

  /** Send a sign-in code to a phone: five at most in ten minutes. */
  async auth_send_code(body: PhoneCode): Promise<CodeSent> {
    return this.call("POST", `/v1/auth/phone/code`, {  }, {  }, body);
  }

  /** Exchange a code for tokens; a new number has no shop yet: open one, or be made a member. */
  async auth_login_by_phone(body: PhoneLogin): Promise<TokenPair> {
    return this.call("POST", `/v1/auth/phone/login`, {  }, {  }, body);
  }

  /** List the devices on which the caller is signed in. */
  async auth_list_devices(): Promise<DeviceList> {
    return this.call("GET", `/v1/auth/devices`, {  }, {  });
  }

  /** Sign a device of the caller's out; its tokens end at once. */
  async auth_end_device(session_id: string): Promise<Done> {
    return this.call("DELETE", `/v1/auth/devices/${encodeURIComponent(session_id)}`, {  }, {  });
  }

  /** Sign every device of the caller's out, this one too. */
  async auth_log_out_everywhere(): Promise<Done> {
    return this.call("POST", `/v1/auth/logout-everywhere`, {  }, {  });
  }

  /** List who of the shop signed in, on which device, and failed tries, the newest first. */
  async auth_list_sign_ins(options: { limit?: number; cursor?: string | null } = {}): Promise<PageOfSignInRow> {
    return this.call("GET", `/v1/auth/sign-ins`, { "limit": options.limit, "cursor": options.cursor }, {  });
  }

  /** Exchange a refresh token for new tokens; sent again within a minute, its answer lost, it gets the same. */
  async auth_refresh(body: TokenRefresh): Promise<TokenPair> {
    return this.call("POST", `/v1/auth/refresh`, {  }, {  }, body);
  }

  /** End the session of a refresh token, or of the access token; its access tokens end with it. */
  async auth_logout(body: Logout): Promise<Done> {
    return this.call("POST", `/v1/auth/logout`, {  }, {  }, body);
  }

  /** Return the keys that tokens can be verified with. */
  async auth_key_set(): Promise<JsonWebKeySet> {
    return this.call("GET", `/v1/auth/jwks.json`, {  }, {  });
  }

  /** Return who is calling, for which shop, and which other shops there are. */
  async auth_who_am_i(): Promise<Me> {
    return this.call("GET", `/v1/auth/me`, {  }, {  });
  }

  /** Open another shop; refresh with its id to get a token for it. */
  async auth_open_shop(body: NewShop, options: { idempotency_key?: string } = {}): Promise<ShopCard> {
    return this.call("POST", `/v1/auth/shops`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** Return the token's shop and its rules. */
  async auth_read_shop(): Promise<ShopCard> {
    return this.call("GET", `/v1/auth/shop`, {  }, {  });
  }

  /** Change the shop's rules. */
  async auth_change_shop(body: ShopRules, options: { idempotency_key?: string } = {}): Promise<ShopCard> {
    return this.call("PATCH", `/v1/auth/shop`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** Return the people of the shop. */
  async auth_list_members(): Promise<MemberList> {
    return this.call("GET", `/v1/auth/members`, {  }, {  });
  }

  /** Change a member's role, or invite a person, who becomes a member by accepting. */
  async auth_set_member(body: NewMember, options: { idempotency_key?: string } = {}): Promise<NewMemberDone> {
    return this.call("POST", `/v1/auth/members`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** List the open invitations of the shop. */
  async auth_list_sent_invitations(): Promise<InvitationList> {
    return this.call("GET", `/v1/auth/members/invitations`, {  }, {  });
  }

  /** Take an invitation back. */
  async auth_withdraw_invitation(invitation_id: string, options: { idempotency_key?: string } = {}): Promise<Done> {
    return this.call("DELETE", `/v1/auth/members/invitations/${encodeURIComponent(invitation_id)}`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() });
  }

  /** List the roles that shops offer to the caller. */
  async auth_list_invitations(): Promise<MyInvitationList> {
    return this.call("GET", `/v1/auth/invitations`, {  }, {  });
  }

  /** Become a member of the shop; refresh with its id to get a token for it. */
  async auth_accept_invitation(invitation_id: string, options: { idempotency_key?: string } = {}): Promise<Member> {
    return this.call("POST", `/v1/auth/invitations/${encodeURIComponent(invitation_id)}/accept`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() });
  }

  /** Refuse an invitation. */
  async auth_decline_invitation(invitation_id: string, options: { idempotency_key?: string } = {}): Promise<Done> {
    return this.call("POST", `/v1/auth/invitations/${encodeURIComponent(invitation_id)}/decline`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() });
  }

  /** Leave a shop; its last owner stays. */
  async auth_leave_shop(shop_id: string, options: { idempotency_key?: string } = {}): Promise<Done> {
    return this.call("POST", `/v1/auth/shops/${encodeURIComponent(shop_id)}/leave`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() });
  }

  /** Take a person out of the shop. */
  async auth_remove_member(user_id: string, options: { idempotency_key?: string } = {}): Promise<Done> {
    return this.call("DELETE", `/v1/auth/members/${encodeURIComponent(user_id)}`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() });
  }

  /** Return the keys that other programs use, without their secrets. */
  async auth_list_api_keys(): Promise<ApiKeyList> {
    return this.call("GET", `/v1/auth/api-keys`, {  }, {  });
  }

  /** Make a key for another program; it is shown in this answer and never again. */
  async auth_create_api_key(body: NewApiKey, options: { idempotency_key?: string } = {}): Promise<NewApiKeyCard> {
    return this.call("POST", `/v1/auth/api-keys`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** Replace a key; the old one works until the overlap is over. */
  async auth_rotate_api_key(key_id: string, body: KeyRotation, options: { idempotency_key?: string } = {}): Promise<NewApiKeyCard> {
    return this.call("POST", `/v1/auth/api-keys/${encodeURIComponent(key_id)}/rotation`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** Take a key back at once. */
  async auth_revoke_api_key(key_id: string, options: { idempotency_key?: string } = {}): Promise<Done> {
    return this.call("DELETE", `/v1/auth/api-keys/${encodeURIComponent(key_id)}`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() });
  }

  /** List what needs or got an owner's approval, newest first; people who are not owners see their own. */
  async auth_list_approvals(options: { status?: "pending" | "approved" | "rejected" | "used" | null; limit?: number; cursor?: string | null } = {}): Promise<PageOfApprovalCard> {
    return this.call("GET", `/v1/auth/approvals`, { "status": options.status, "limit": options.limit, "cursor": options.cursor }, {  });
  }

  /** Return one with the request it is for. */
  async auth_read_approval(approval_id: string): Promise<ApprovalCard> {
    return this.call("GET", `/v1/auth/approvals/${encodeURIComponent(approval_id)}`, {  }, {  });
  }

  /** Let the request pass once; the asker repeats it with the header Approval-Id. */
  async auth_approve(approval_id: string, body: ApprovalDecision, options: { idempotency_key?: string } = {}): Promise<ApprovalCard> {
    return this.call("POST", `/v1/auth/approvals/${encodeURIComponent(approval_id)}/approve`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** Refuse the request. */
  async auth_reject(approval_id: string, body: ApprovalDecision, options: { idempotency_key?: string } = {}): Promise<ApprovalCard> {
    return this.call("POST", `/v1/auth/approvals/${encodeURIComponent(approval_id)}/reject`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** Add an item; items of nearly the same name are pointed out. */
  async inventory_add_item(body: NewItem, options: { idempotency_key?: string } = {}): Promise<NewItemDone> {
    return this.call("POST", `/v1/inventory/items`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** List the items in order of id, or by what was sold of them in the last 28 days. */
  async inventory_list_items(options: { category?: string | null; order?: "id" | "sold"; limit?: number; cursor?: string | null } = {}): Promise<PageOfItemCard> {
    return this.call("GET", `/v1/inventory/items`, { "category": options.category, "order": options.order, "limit": options.limit, "cursor": options.cursor }, {  });
  }

  /** Find items by any of their names, the best fit first. */
  async inventory_search_items(options: { q: string; limit?: number }): Promise<FoundItems> {
    return this.call("GET", `/v1/inventory/search`, { "q": options.q, "limit": options.limit }, {  });
  }

  /** List what is to be counted without what is expected, for a blind count; the count tells the variance. */
  async inventory_read_count_sheet(options: { category?: string | null; limit?: number; cursor?: string | null } = {}): Promise<PageOfCountSheetRow> {
    return this.call("GET", `/v1/inventory/count-sheet`, { "category": options.category, "limit": options.limit, "cursor": options.cursor }, {  });
  }

  /** List the items in stock in order of id: how old the stock is, whether it moves, what it is worth. */
  async inventory_list_ageing(options: { window_days?: number; slow_days?: number; limit?: number; cursor?: string | null } = {}): Promise<PageOfStockAgeRow> {
    return this.call("GET", `/v1/inventory/ageing`, { "window_days": options.window_days, "slow_days": options.slow_days, "limit": options.limit, "cursor": options.cursor }, {  });
  }

  /** Return an item; its ETag begins with its version. */
  async inventory_read_item(item_id: string): Promise<ItemCard> {
    return this.call("GET", `/v1/inventory/items/${encodeURIComponent(item_id)}`, {  }, {  });
  }

  /** Change an item; with If-Match, only if it was not changed meanwhile. */
  async inventory_change_item(item_id: string, body: ItemChange, options: { if_match?: string | null; idempotency_key?: string } = {}): Promise<ItemCard> {
    return this.call("PATCH", `/v1/inventory/items/${encodeURIComponent(item_id)}`, {  }, { "if-match": options.if_match, "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** Return an item by day: sold, returned, share of the day sold out, price, and what was forecast for it. */
  async inventory_read_history(item_id: string, options: { days?: number; start?: string | null; end?: string | null } = {}): Promise<ItemHistory> {
    return this.call("GET", `/v1/inventory/items/${encodeURIComponent(item_id)}/history`, { "days": options.days, "start": options.start, "end": options.end }, {  });
  }

  /** Return the stock of an item. */
  async inventory_read_stock(item_id: string): Promise<StockLevel> {
    return this.call("GET", `/v1/inventory/items/${encodeURIComponent(item_id)}/stock`, {  }, {  });
  }

  /** Enter deliveries, wastage and the like: all of them or none. */
  async inventory_move_stock(body: NewMovements, options: { approval_id?: string | null; idempotency_key?: string } = {}): Promise<MovementList> {
    return this.call("POST", `/v1/inventory/movements`, {  }, { "Approval-Id": options.approval_id, "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** Enter what a device gathered, by its times; each on its own, with a result, or `atomic`: all or none. */
  async inventory_adjust_stock(body: Adjustments, options: { approval_id?: string | null; idempotency_key?: string } = {}): Promise<AdjustmentsDone> {
    return this.call("POST", `/v1/inventory/adjustments`, {  }, { "Approval-Id": options.approval_id, "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** List an item's movements, the newest first. */
  async inventory_list_movements(item_id: string, options: { limit?: number; cursor?: string | null } = {}): Promise<PageOfMovementRow> {
    return this.call("GET", `/v1/inventory/items/${encodeURIComponent(item_id)}/movements`, { "limit": options.limit, "cursor": options.cursor }, {  });
  }

  /** Enter a physical count; staff need an owner's approval to write off more than the shop's limit. */
  async inventory_count_stock(item_id: string, body: Count, options: { approval_id?: string | null; idempotency_key?: string } = {}): Promise<CountResult> {
    return this.call("POST", `/v1/inventory/items/${encodeURIComponent(item_id)}/counts`, {  }, { "Approval-Id": options.approval_id, "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** Take a delivery lot with its own expiry and printed price into stock. */
  async inventory_receive_batch(item_id: string, body: NewBatch, options: { idempotency_key?: string } = {}): Promise<BatchRow> {
    return this.call("POST", `/v1/inventory/items/${encodeURIComponent(item_id)}/batches`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** List an item's lots, the earliest expiry first. */
  async inventory_list_batches(item_id: string): Promise<BatchList> {
    return this.call("GET", `/v1/inventory/items/${encodeURIComponent(item_id)}/batches`, {  }, {  });
  }

  /** List the items at or below their reorder point. */
  async inventory_list_low_stock(): Promise<LowStockList> {
    return this.call("GET", `/v1/inventory/low-stock`, {  }, {  });
  }

  /** List the lots that expire within some days, the earliest first. */
  async inventory_list_expiring(options: { days?: number } = {}): Promise<BatchList> {
    return this.call("GET", `/v1/inventory/expiring`, { "days": options.days }, {  });
  }

  /** Add or replace a supplier. */
  async inventory_save_supplier(supplier_id: string, body: NewSupplier, options: { idempotency_key?: string } = {}): Promise<SupplierCard> {
    return this.call("PUT", `/v1/inventory/suppliers/${encodeURIComponent(supplier_id)}`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** List the suppliers and their next visit days. */
  async inventory_list_suppliers(): Promise<SupplierList> {
    return this.call("GET", `/v1/inventory/suppliers`, {  }, {  });
  }

  /** Make a draft order; nothing is on its way before it is placed. */
  async orders_add_order(body: NewOrder, options: { idempotency_key?: string } = {}): Promise<OrderCard> {
    return this.call("POST", `/v1/orders`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** List the orders, the newest first. */
  async orders_list_orders(options: { state?: "draft" | "placed" | "part_received" | "received" | "cancelled" | null; supplier_id?: string | null; limit?: number; cursor?: string | null } = {}): Promise<PageOfOrderCard> {
    return this.call("GET", `/v1/orders`, { "state": options.state, "supplier_id": options.supplier_id, "limit": options.limit, "cursor": options.cursor }, {  });
  }

  /** Put lines into the supplier's draft, or make one; an item already there is ordered as the larger of the two. */
  async orders_draft_order(body: DraftLines, options: { idempotency_key?: string } = {}): Promise<OrderCard> {
    return this.call("POST", `/v1/orders/draft`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** Return an order. */
  async orders_read_order(order_id: string): Promise<OrderCard> {
    return this.call("GET", `/v1/orders/${encodeURIComponent(order_id)}`, {  }, {  });
  }

  /** Change the lines, the expected day or the note of a draft. */
  async orders_change_order(order_id: string, body: OrderChange, options: { idempotency_key?: string } = {}): Promise<OrderCard> {
    return this.call("PATCH", `/v1/orders/${encodeURIComponent(order_id)}`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** Add lines to a draft. */
  async orders_extend_order(order_id: string, body: MoreLines, options: { idempotency_key?: string } = {}): Promise<OrderCard> {
    return this.call("POST", `/v1/orders/${encodeURIComponent(order_id)}/lines`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** Note that a draft was sent to the supplier: what it asks for counts as on order. */
  async orders_place_order(order_id: string, body: Placing, options: { idempotency_key?: string } = {}): Promise<OrderCard> {
    return this.call("POST", `/v1/orders/${encodeURIComponent(order_id)}/place`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** Take goods of an order into stock, with their lots and costs, and list where they differ from the order. */
  async orders_receive_order(order_id: string, body: Receipt, options: { idempotency_key?: string } = {}): Promise<ReceiptDone> {
    return this.call("POST", `/v1/orders/${encodeURIComponent(order_id)}/receipts`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** Close an order of which nothing more is to come; what came stays in stock. */
  async orders_cancel_order(order_id: string, body: Cancellation, options: { idempotency_key?: string } = {}): Promise<OrderCard> {
    return this.call("POST", `/v1/orders/${encodeURIComponent(order_id)}/cancel`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** Post a bill: the stock falls, and on udhaar the customer's balance rises, together or not at all. */
  async sales_post_sale(body: NewSale, options: { approval_id?: string | null; idempotency_key?: string } = {}): Promise<SaleDone> {
    return this.call("POST", `/v1/sales`, {  }, { "Approval-Id": options.approval_id, "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** List bills and returns, the newest entered first, without their lines unless they are asked for. */
  async sales_list_sales(options: { start?: string | null; end?: string | null; lines?: boolean; payment?: "cash" | "upi" | "card" | "udhaar" | "split" | null; customer_id?: string | null; state?: "posted" | "part_returned" | "returned" | "cancelled" | "return" | "cancellation" | null; on?: string | null; limit?: number; cursor?: string | null } = {}): Promise<PageOfSaleCard> {
    return this.call("GET", `/v1/sales`, { "start": options.start, "end": options.end, "lines": options.lines, "payment": options.payment, "customer_id": options.customer_id, "state": options.state, "on": options.on, "limit": options.limit, "cursor": options.cursor }, {  });
  }

  /** Post up to a hundred bills, each on its own with a result, or `atomic`: all or none. */
  async sales_post_sales(body: SaleBatch, options: { idempotency_key?: string } = {}): Promise<SaleBatchDone> {
    return this.call("POST", `/v1/sales/batch`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** Sum the last days up, today included. */
  async sales_summarise(options: { days?: number } = {}): Promise<SalesSummary> {
    return this.call("GET", `/v1/sales/summary`, { "days": options.days }, {  });
  }

  /** Sum a day up by payment method: what should be in the drawer, what was counted, and what is missing. */
  async sales_close_day(options: { on?: string | null; opening_paise?: number | null; counted_paise?: number | null } = {}): Promise<DayClosing> {
    return this.call("GET", `/v1/sales/closing`, { "on": options.on, "opening_paise": options.opening_paise, "counted_paise": options.counted_paise }, {  });
  }

  /** Keep what was counted in the drawer; a correction is another count, and both stay. */
  async sales_keep_closing(body: DrawerCount, options: { idempotency_key?: string } = {}): Promise<CountedDrawer> {
    return this.call("POST", `/v1/sales/closings`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** List what was counted on some days, by day and time. */
  async sales_list_closings(options: { start: string; end: string }): Promise<CountedDrawers> {
    return this.call("GET", `/v1/sales/closings`, { "start": options.start, "end": options.end }, {  });
  }

  /** Sum the GST of a period up as the return asks for it: consumers by rate, credit notes, tariff headings. */
  async sales_sum_gst_up(options: { start: string; end: string }): Promise<TaxSummary> {
    return this.call("GET", `/v1/sales/gst`, { "start": options.start, "end": options.end }, {  });
  }

  /** Send a sheet of past sales and see how it is read and what it holds; nothing is entered yet. */
  async sales_send_sheet(content: Blob, fileName = "file", options: { columns?: Array<string> | null; date_order?: "dmy" | "mdy" | null; decimal?: "dot" | "comma" | null; sheet?: string | null; sale_side?: "dr" | "cr" | null; idempotency_key?: string } = {}): Promise<ImportCard> {
    const form = new FormData();
    form.set("file", content, fileName);
    return this.call("POST", `/v1/sales/imports`, { "columns": options.columns, "date_order": options.date_order, "decimal": options.decimal, "sheet": options.sheet, "sale_side": options.sale_side }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, form);
  }

  /** Return a sheet as it was seen. */
  async sales_read_import(import_id: string): Promise<ImportCard> {
    return this.call("GET", `/v1/sales/imports/${encodeURIComponent(import_id)}`, {  }, {  });
  }

  /** List the rows of a sheet as they would be entered, in the sheet's order. */
  async sales_list_import_rows(import_id: string, options: { state?: "sale" | "zero" | "bad" | null; limit?: number; cursor?: string | null } = {}): Promise<PageOfImportRow> {
    return this.call("GET", `/v1/sales/imports/${encodeURIComponent(import_id)}/rows`, { "state": options.state, "limit": options.limit, "cursor": options.cursor }, {  });
  }

  /** Read a sheet that is not confirmed yet in another way. */
  async sales_read_sheet_again(import_id: string, body: SheetOptions, options: { idempotency_key?: string } = {}): Promise<ImportCard> {
    return this.call("POST", `/v1/sales/imports/${encodeURIComponent(import_id)}/read`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** Enter a sheet: one bill a day, all of it or nothing; stock is not moved. */
  async sales_confirm_import(import_id: string, body: ImportConfirmation, options: { idempotency_key?: string } = {}): Promise<ImportDone> {
    return this.call("POST", `/v1/sales/imports/${encodeURIComponent(import_id)}/confirm`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** Take an entered sheet back. */
  async sales_undo_import(import_id: string, options: { idempotency_key?: string } = {}): Promise<ImportDone> {
    return this.call("POST", `/v1/sales/imports/${encodeURIComponent(import_id)}/undo`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() });
  }

  /** Return the GST of a bill, taken out of its prices rate by rate; of a return, that of its credit note. */
  async sales_read_tax(sale_id: string, options: { interstate?: boolean } = {}): Promise<BillTax> {
    return this.call("GET", `/v1/sales/${encodeURIComponent(sale_id)}/tax`, { "interstate": options.interstate }, {  });
  }

  /** Return a bill. */
  async sales_read_sale(sale_id: string): Promise<SaleCard> {
    return this.call("GET", `/v1/sales/${encodeURIComponent(sale_id)}`, {  }, {  });
  }

  /** Return the link, and content of the QR code, by which the customer pays this bill exactly. */
  async sales_read_upi(sale_id: string): Promise<UpiPayment> {
    return this.call("GET", `/v1/sales/${encodeURIComponent(sale_id)}/upi`, {  }, {  });
  }

  /** Take goods of a bill back. */
  async sales_give_back(sale_id: string, body: NewReturn, options: { approval_id?: string | null; idempotency_key?: string } = {}): Promise<SaleDone> {
    return this.call("POST", `/v1/sales/${encodeURIComponent(sale_id)}/returns`, {  }, { "Approval-Id": options.approval_id, "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** Cancel a bill on its own day, and return what takes it back: stock, lots, khata and money. */
  async sales_cancel_sale(sale_id: string, body: NewCancellation, options: { approval_id?: string | null; idempotency_key?: string } = {}): Promise<SaleDone> {
    return this.call("POST", `/v1/sales/${encodeURIComponent(sale_id)}/cancel`, {  }, { "Approval-Id": options.approval_id, "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** Send a photograph of a bill: it is cleaned, kept and read into a draft; nothing is posted. */
  async ocr_send_bill(content: Blob, fileName = "file", options: { idempotency_key?: string } = {}): Promise<BillCard> {
    const form = new FormData();
    form.set("image", content, fileName);
    return this.call("POST", `/v1/ocr/bills`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, form);
  }

  /** List bills, the newest first. */
  async ocr_list_bills(options: { limit?: number; cursor?: string | null } = {}): Promise<PageOfBillRow> {
    return this.call("GET", `/v1/ocr/bills`, { "limit": options.limit, "cursor": options.cursor }, {  });
  }

  /** Return a bill's draft, with what to ask about and guesses at its items. */
  async ocr_read_bill(bill_id: string): Promise<BillCard> {
    return this.call("GET", `/v1/ocr/bills/${encodeURIComponent(bill_id)}`, {  }, {  });
  }

  /** Correct fields of a draft; the arithmetic is checked again. */
  async ocr_amend_bill(bill_id: string, body: Amendment, options: { idempotency_key?: string } = {}): Promise<BillCard> {
    return this.call("PATCH", `/v1/ocr/bills/${encodeURIComponent(bill_id)}`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** Read a kept photograph again that could not be read when it came. */
  async ocr_read_again(bill_id: string, options: { idempotency_key?: string } = {}): Promise<BillCard> {
    return this.call("POST", `/v1/ocr/bills/${encodeURIComponent(bill_id)}/read`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() });
  }

  /** Post the confirmed lines into stock, once. */
  async ocr_confirm_bill(bill_id: string, body: Confirmation, options: { idempotency_key?: string } = {}): Promise<Posted> {
    return this.call("POST", `/v1/ocr/bills/${encodeURIComponent(bill_id)}/confirm`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** Forecast the demand of some items, with the order to place now and its arithmetic. */
  async forecast_forecast(body: ForecastQuestion): Promise<ForecastCard> {
    return this.call("POST", `/v1/forecast`, {  }, {  }, body);
  }

  /** Forecast the demand of one item. */
  async forecast_forecast_item(item_id: string, options: { horizon_days?: number; explain?: boolean } = {}): Promise<ForecastCard> {
    return this.call("GET", `/v1/forecast/items/${encodeURIComponent(item_id)}`, { "horizon_days": options.horizon_days, "explain": options.explain }, {  });
  }

  /** List what to order for the whole shop or one supplier, the most urgent first, with each supplier's order. */
  async forecast_reorder(options: { horizon_days?: number | null; supplier_id?: string | null; fill_minimum?: boolean; budget_paise?: number | null } = {}): Promise<ReorderList> {
    return this.call("GET", `/v1/forecast/reorder`, { "horizon_days": options.horizon_days, "supplier_id": options.supplier_id, "fill_minimum": options.fill_minimum, "budget_paise": options.budget_paise }, {  });
  }

  /** List the lots that expire within some days and will probably not all be sold, the most money first. */
  async forecast_list_expiry_risk(options: { days?: number } = {}): Promise<ExpiryRiskList> {
    return this.call("GET", `/v1/forecast/expiry-risk`, { "days": options.days }, {  });
  }

  /** List the forecasts of an item that were kept, the newest first. */
  async forecast_list_snapshots(item_id: string, options: { limit?: number; cursor?: string | null } = {}): Promise<PageOfSnapshotRow> {
    return this.call("GET", `/v1/forecast/items/${encodeURIComponent(item_id)}/snapshots`, { "limit": options.limit, "cursor": options.cursor }, {  });
  }

  /** Return the first forecast that starts on a day; the same bytes whenever it is asked for. */
  async forecast_read_snapshot_of_day(item_id: string, options: { as_of: string; horizon_days?: number }): Promise<Snapshot> {
    return this.call("GET", `/v1/forecast/items/${encodeURIComponent(item_id)}/snapshot`, { "as_of": options.as_of, "horizon_days": options.horizon_days }, {  });
  }

  /** Return a forecast that was kept; it never changes. */
  async forecast_read_snapshot(forecast_id: string): Promise<Snapshot> {
    return this.call("GET", `/v1/forecast/snapshots/${encodeURIComponent(forecast_id)}`, {  }, {  });
  }

  /** Ask for the forecast of everything the shop sells; look at `Location` until it is done. */
  async forecast_start_job(body: JobQuestion, options: { idempotency_key?: string } = {}): Promise<ForecastJob> {
    return this.call("POST", `/v1/forecast/jobs`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** Return how far a job is; each look does the next hundred items. */
  async forecast_look_at_job(job_id: string): Promise<ForecastJob> {
    return this.call("GET", `/v1/forecast/jobs/${encodeURIComponent(job_id)}`, {  }, {  });
  }

  /** Stop a job; what it made is kept. */
  async forecast_cancel_job(job_id: string, options: { idempotency_key?: string } = {}): Promise<ForecastJob> {
    return this.call("POST", `/v1/forecast/jobs/${encodeURIComponent(job_id)}/cancel`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() });
  }

  /** List what a job made so far, in order of item id. */
  async forecast_list_job_results(job_id: string, options: { limit?: number; cursor?: string | null } = {}): Promise<PageOfItemForecastCard> {
    return this.call("GET", `/v1/forecast/jobs/${encodeURIComponent(job_id)}/results`, { "limit": options.limit, "cursor": options.cursor }, {  });
  }

  /** Ask for price advice; nothing changes until it is accepted. */
  async pricing_recommend(body: PriceQuestion, options: { idempotency_key?: string } = {}): Promise<AdviceList> {
    return this.call("POST", `/v1/pricing/recommend`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** Return a piece of advice. */
  async pricing_read_advice(advice_id: string): Promise<AdviceCard> {
    return this.call("GET", `/v1/pricing/advice/${encodeURIComponent(advice_id)}`, {  }, {  });
  }

  /** Take advice: the price changes now. */
  async pricing_accept(advice_id: string, options: { idempotency_key?: string } = {}): Promise<PriceChangeRow> {
    return this.call("POST", `/v1/pricing/advice/${encodeURIComponent(advice_id)}/accept`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() });
  }

  /** Change a price by hand, within the printed maximum; below the shop's floor staff need an owner's approval. */
  async pricing_set_price(item_id: string, body: NewPrice, options: { approval_id?: string | null; idempotency_key?: string } = {}): Promise<PriceChangeRow> {
    return this.call("POST", `/v1/pricing/items/${encodeURIComponent(item_id)}/price`, {  }, { "Approval-Id": options.approval_id, "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** Take a change of price back; both stay in the audit. */
  async pricing_roll_back(change_id: string, body: Rollback, options: { idempotency_key?: string } = {}): Promise<PriceChangeRow> {
    return this.call("POST", `/v1/pricing/changes/${encodeURIComponent(change_id)}/rollback`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** Plan a price from a day ahead on; forecasts and orders know it, and on that day it becomes the price. */
  async pricing_plan_price(item_id: string, body: NewPlannedPrice, options: { approval_id?: string | null; idempotency_key?: string } = {}): Promise<PlannedPriceRow> {
    return this.call("POST", `/v1/pricing/items/${encodeURIComponent(item_id)}/planned-prices`, {  }, { "Approval-Id": options.approval_id, "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** Take advice from a day ahead on. */
  async pricing_plan_advice(advice_id: string, body: PriceFrom, options: { idempotency_key?: string } = {}): Promise<PlannedPriceRow> {
    return this.call("POST", `/v1/pricing/advice/${encodeURIComponent(advice_id)}/plan`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** Take back a planned price that still is to come. */
  async pricing_withdraw_plan(plan_id: string, body: Rollback, options: { idempotency_key?: string } = {}): Promise<PlannedPriceRow> {
    return this.call("POST", `/v1/pricing/planned-prices/${encodeURIComponent(plan_id)}/withdrawal`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** List planned prices and what became of them, the newest first. */
  async pricing_list_planned_prices(options: { item_id?: string | null; limit?: number; cursor?: string | null } = {}): Promise<PageOfPlannedPriceRow> {
    return this.call("GET", `/v1/pricing/planned-prices`, { "item_id": options.item_id, "limit": options.limit, "cursor": options.cursor }, {  });
  }

  /** List changes of prices, the newest first. */
  async pricing_list_changes(options: { item_id?: string | null; limit?: number; cursor?: string | null } = {}): Promise<PageOfPriceChangeRow> {
    return this.call("GET", `/v1/pricing/changes`, { "item_id": options.item_id, "limit": options.limit, "cursor": options.cursor }, {  });
  }

  /** Add a customer. */
  async udhaar_add_customer(body: NewCustomer, options: { idempotency_key?: string } = {}): Promise<CustomerRow> {
    return this.call("POST", `/v1/udhaar/customers`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** List customers in order of id, or the overdue ones by their oldest due day. */
  async udhaar_list_customers(options: { status?: "overdue" | null; limit?: number; cursor?: string | null } = {}): Promise<PageOfCustomerRow> {
    return this.call("GET", `/v1/udhaar/customers`, { "status": options.status, "limit": options.limit, "cursor": options.cursor }, {  });
  }

  /** Find customers by name or phone number, the best fit first. */
  async udhaar_search_customers(options: { q: string; limit?: number }): Promise<FoundCustomers> {
    return this.call("GET", `/v1/udhaar/customers/search`, { "q": options.q, "limit": options.limit }, {  });
  }

  /** Sum up what the whole shop has out on udhaar. */
  async udhaar_read_exposure(): Promise<ExposureCard> {
    return this.call("GET", `/v1/udhaar/exposure`, {  }, {  });
  }

  /** Return a customer's account today: balance, ageing, status. */
  async udhaar_read_customer(customer_id: string): Promise<CustomerCard> {
    return this.call("GET", `/v1/udhaar/customers/${encodeURIComponent(customer_id)}`, {  }, {  });
  }

  /** Change a customer's fields, the limit among them. */
  async udhaar_change_customer(customer_id: string, body: CustomerChange, options: { idempotency_key?: string } = {}): Promise<CustomerRow> {
    return this.call("PATCH", `/v1/udhaar/customers/${encodeURIComponent(customer_id)}`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** Write goods given on udhaar; to pass the limit staff need an owner's approval, unless it is past already. */
  async udhaar_give_credit(customer_id: string, body: NewCredit, options: { approval_id?: string | null; idempotency_key?: string } = {}): Promise<EntryDone> {
    return this.call("POST", `/v1/udhaar/customers/${encodeURIComponent(customer_id)}/credits`, {  }, { "Approval-Id": options.approval_id, "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** Write a payment; more than is owed becomes an advance. */
  async udhaar_receive_payment(customer_id: string, body: NewPayment, options: { approval_id?: string | null; idempotency_key?: string } = {}): Promise<EntryDone> {
    return this.call("POST", `/v1/udhaar/customers/${encodeURIComponent(customer_id)}/payments`, {  }, { "Approval-Id": options.approval_id, "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** Write up to a hundred credits and payments, each on its own with a result, or `atomic`: all or none. */
  async udhaar_write_entries(body: EntryBatch, options: { idempotency_key?: string } = {}): Promise<EntryBatchDone> {
    return this.call("POST", `/v1/udhaar/entries/batch`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** Give up a due. */
  async udhaar_write_off(customer_id: string, body: NewWriteOff, options: { idempotency_key?: string } = {}): Promise<EntryDone> {
    return this.call("POST", `/v1/udhaar/customers/${encodeURIComponent(customer_id)}/write-offs`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** Take a part for the whole due: a payment, and the rest written off, both or neither. */
  async udhaar_settle_dues(customer_id: string, body: NewSettlement, options: { idempotency_key?: string } = {}): Promise<SettlementDone> {
    return this.call("POST", `/v1/udhaar/customers/${encodeURIComponent(customer_id)}/settlement`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** Take an entry back with a reason, staff with an owner's approval; nothing is deleted. */
  async udhaar_reverse_entry(entry_id: string, body: NewReversal, options: { approval_id?: string | null; idempotency_key?: string } = {}): Promise<EntryDone> {
    return this.call("POST", `/v1/udhaar/entries/${encodeURIComponent(entry_id)}/reversal`, {  }, { "Approval-Id": options.approval_id, "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** List a customer's entries, the newest entered first. */
  async udhaar_list_entries(customer_id: string, options: { start?: string | null; end?: string | null; on?: string | null; limit?: number; cursor?: string | null } = {}): Promise<PageOfEntryRow> {
    return this.call("GET", `/v1/udhaar/customers/${encodeURIComponent(customer_id)}/entries`, { "start": options.start, "end": options.end, "on": options.on, "limit": options.limit, "cursor": options.cursor }, {  });
  }

  /** Return the entries of a span of days between their two balances. */
  async udhaar_read_statement(customer_id: string, options: { start?: string | null; end?: string | null } = {}): Promise<StatementCard> {
    return this.call("GET", `/v1/udhaar/customers/${encodeURIComponent(customer_id)}/statement`, { "start": options.start, "end": options.end }, {  });
  }

  /** Ask at the counter whether a credit keeps the limit; nothing is written. */
  async udhaar_check_limit(customer_id: string, body: LimitQuestion): Promise<LimitAnswer> {
    return this.call("POST", `/v1/udhaar/customers/${encodeURIComponent(customer_id)}/limit-check`, {  }, {  }, body);
  }

  /** Return how likely the customer is to be late, with reasons, a suggested limit and what would raise it. */
  async udhaar_read_risk(customer_id: string, options: { what_if?: boolean } = {}): Promise<RiskCard> {
    return this.call("GET", `/v1/udhaar/customers/${encodeURIComponent(customer_id)}/risk`, { "what_if": options.what_if }, {  });
  }

  /** Rank the overdue by what a reminder is worth, each with the instant from which it may be sent. */
  async udhaar_rank_overdue(options: { limit?: number } = {}): Promise<RecoveryQueue> {
    return this.call("GET", `/v1/udhaar/recovery`, { "limit": options.limit }, {  });
  }

  /** Write down a customer's word to pay by a day. */
  async udhaar_add_promise(customer_id: string, body: NewPromise, options: { idempotency_key?: string } = {}): Promise<PromiseRow> {
    return this.call("POST", `/v1/udhaar/customers/${encodeURIComponent(customer_id)}/promises`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** Return a customer's promises: kept, broken, open. */
  async udhaar_list_promises(customer_id: string): Promise<PromiseCard> {
    return this.call("GET", `/v1/udhaar/customers/${encodeURIComponent(customer_id)}/promises`, {  }, {  });
  }

  /** Leave a customer in peace for some days. */
  async udhaar_add_pause(customer_id: string, body: NewPause, options: { idempotency_key?: string } = {}): Promise<EventRow> {
    return this.call("POST", `/v1/udhaar/customers/${encodeURIComponent(customer_id)}/pauses`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** Write down that the customer does not agree with an entry; reminders stop until it is closed. */
  async udhaar_add_dispute(entry_id: string, body: NewDispute, options: { idempotency_key?: string } = {}): Promise<EventRow> {
    return this.call("POST", `/v1/udhaar/entries/${encodeURIComponent(entry_id)}/disputes`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** Settle a dispute, cancel a promise or end a pause; the event itself stays. */
  async udhaar_close_event(event_id: string, body: NewClosing, options: { idempotency_key?: string } = {}): Promise<EventRow> {
    return this.call("POST", `/v1/udhaar/events/${encodeURIComponent(event_id)}/closing`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** Return all promises, reminders, pauses, disputes and closings of a customer. */
  async udhaar_list_events(customer_id: string): Promise<EventList> {
    return this.call("GET", `/v1/udhaar/customers/${encodeURIComponent(customer_id)}/events`, {  }, {  });
  }

  /** Word a reminder of what is overdue, with a UPI link; the shop sends it, not this service. */
  async udhaar_read_reminder(customer_id: string, options: { language?: "en" | "hi" | "mr" | "ta" | "bn" } = {}): Promise<Reminder> {
    return this.call("GET", `/v1/udhaar/customers/${encodeURIComponent(customer_id)}/reminder`, { "language": options.language }, {  });
  }

  /** Write down that the shop sends a reminder now; refused outside 08:00 to 19:00, too often, or in a pause. */
  async udhaar_send_reminder(customer_id: string, body: NewReminder, options: { idempotency_key?: string } = {}): Promise<ReminderSent> {
    return this.call("POST", `/v1/udhaar/customers/${encodeURIComponent(customer_id)}/reminders`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** Publish the keys that statements are checked with. */
  async udhaar_read_khata_keys(): Promise<KhataKeys> {
    return this.call("GET", `/v1/udhaar/khata-keys`, {  }, {  });
  }

  /** Sign a statement that the customer can check offline; `samaan khata verify` does. */
  async udhaar_read_khata(customer_id: string, options: { last?: number | null } = {}): Promise<SignedKhata> {
    return this.call("GET", `/v1/udhaar/customers/${encodeURIComponent(customer_id)}/khata`, { "last": options.last }, {  });
  }

  /** Hold the book against a statement that the customer shows; nothing is written. */
  async udhaar_compare_khata(customer_id: string, body: HeldStatement): Promise<KhataComparison> {
    return this.call("POST", `/v1/udhaar/customers/${encodeURIComponent(customer_id)}/khata/comparison`, {  }, {  }, body);
  }

  /** Return what is worth doing today, the most rupees first, each with its arithmetic. */
  async recommendations_read_day(options: { language?: "en" | "hi" | "hi-Latn" | "bn" | "gu" | "kn" | "mr" | "ta" | "te"; limit?: number } = {}): Promise<Day> {
    return this.call("GET", `/v1/recommendations`, { "language": options.language, "limit": options.limit }, {  });
  }

  /** Accept or dismiss a recommendation; a dismissed one stays away for a week. */
  async recommendations_decide(recommendation: string, body: Decision, options: { idempotency_key?: string } = {}): Promise<DecisionDone> {
    return this.call("POST", `/v1/recommendations/${encodeURIComponent(recommendation)}/decision`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** Return what is active, the highest priority first. */
  async alerts_list_alerts(): Promise<AlertList> {
    return this.call("GET", `/v1/alerts`, {  }, {  });
  }

  /** Look at the shop again: raise what is new, resolve what is over, queue messages if asked. */
  async alerts_refresh(body: AlertRefresh, options: { idempotency_key?: string } = {}): Promise<RefreshDone> {
    return this.call("POST", `/v1/alerts/refresh`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** Fill in what to do about an alert; it is done only when it is sent to its path. */
  async alerts_draft(alert_id: string): Promise<AlertDraft> {
    return this.call("GET", `/v1/alerts/${encodeURIComponent(alert_id)}/draft`, {  }, {  });
  }

  /** Keep an alert quiet for some hours. */
  async alerts_snooze(alert_id: string, body: Snooze, options: { idempotency_key?: string } = {}): Promise<AlertRow> {
    return this.call("POST", `/v1/alerts/${encodeURIComponent(alert_id)}/snooze`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() }, body);
  }

  /** Put an alert away; it comes again only if its cause comes again later. */
  async alerts_dismiss(alert_id: string, options: { idempotency_key?: string } = {}): Promise<AlertRow> {
    return this.call("POST", `/v1/alerts/${encodeURIComponent(alert_id)}/dismiss`, {  }, { "Idempotency-Key": options.idempotency_key ?? crypto.randomUUID() });
  }

  /** Return what changed in the shop after a place in its sequence, or stream it (`Accept: text/event-stream`). */
  async changes_list_changes(options: { after?: number; limit?: number } = {}): Promise<ChangePage> {
    return this.call("GET", `/v1/changes`, { "after": options.after, "limit": options.limit }, {  });
  }

  /** Return the first screen in one answer: today's sums, what is worth doing, alerts, orders due, rights. */
  async home_read_home(options: { language?: "en" | "hi" | "hi-Latn" | "bn" | "gu" | "kn" | "mr" | "ta" | "te"; full?: boolean } = {}): Promise<Home> {
    return this.call("GET", `/v1/home`, { "language": options.language, "full": options.full }, {  });
  }

  /** Tell that the process runs. */
  async health_alive(): Promise<Alive> {
    return this.call("GET", `/health`, {  }, {  });
  }

  /** Tell the state of the parts: 503 only where nothing can be served. */
  async health_ready(): Promise<Readiness> {
    return this.call("GET", `/ready`, {  }, {  });
  }

  /** Return requests and their seconds in the text format of Prometheus. */
  async health_metrics(): Promise<string> {
    return this.call("GET", `/metrics`, {  }, {  });
  }
}
