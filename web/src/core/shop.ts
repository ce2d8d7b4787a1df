/** The shop as this phone knows it: what the server said last, with what is unsent on top. */
import { computed, signal } from "@preact/signals";
import { database, meta } from "./db";
import { dayOf, useZone } from "./format";
import { unseal, unsealAll } from "./lock";
import { isUnsent, readRows, rows, type OutboxRow } from "./outbox";
import { searchable, type Searchable } from "./search";
import type { Bill, Customer, Home, Item, Role, Supplier } from "./shapes";
import { language } from "./words";

export const items = signal<Map<string, Item>>(new Map());
export const customers = signal<Map<string, Customer>>(new Map());
export const bills = signal<Bill[]>([]);
export const home = signal<{ at: number; home: Home } | null>(null);
export const suppliers = signal<Supplier[]>([]);
export const learnt = signal<Record<string, number>>({});
/** Whether the phone has data of the shop at all. */
export const loaded = signal(false);

/** Read all from the disk into memory; a shop of 2,000 goods takes some tens of milliseconds. */
export async function readShop(): Promise<void> {
  const db = database();
  const [allItems, allCustomers, allBills, keptHome, keptSuppliers, keptLearnt] = await Promise.all([
    db.getAll("items"), db.getAll("customers"), db.getAll("bills"), meta("home"), meta("suppliers"), meta("learnt"),
  ]);
  items.value = new Map(allItems.map((item) => [item.item_id, item]));
  customers.value = new Map((await unsealAll<Customer>(allCustomers)).map((each) => [each.customer_id, each]));
  bills.value = await unsealAll<Bill>(allBills);
  home.value = keptHome ? await unseal<{ at: number; home: Home }>(keptHome as { at: number; home: Home }) : null;
  suppliers.value = keptSuppliers ?? [];
  learnt.value = keptLearnt ?? {};
  useZone(home.value?.home.shop.zone);
  await readRows();
  loaded.value = true;
}

export function forgetShop(): void {
  items.value = new Map();
  customers.value = new Map();
  bills.value = [];
  home.value = null;
  rows.value = [];
  loaded.value = false;
}

export const role = computed<Role>(() => home.value?.home.caller.role ?? "viewer");
export const rights = computed<ReadonlySet<string>>(() => new Set(home.value?.home.caller.rights ?? []));

/** Whether this person may write the shop's day; the server asks again. */
export const maySell = computed(() => role.value === "owner" || role.value === "staff");
export const isOwner = computed(() => role.value === "owner");

export interface SaleBody {
  sale_id: string;
  payment: "cash" | "upi" | "card" | "udhaar";
  customer_id?: string;
  lines: Array<{ item_id: string; quantity_milli: number; unit_price_paise?: number; discount_paise?: number }>;
  total_paise: number;
  [field: string]: unknown;
}

/** What an unsent row does to stock and khata. */
export function effects(row: OutboxRow): { stock: Array<[string, number]>; stockSet: Array<[string, number]>; balance: Array<[string, number]> } {
  const none = { stock: [], stockSet: [], balance: [] };
  const body = row.body as Record<string, unknown>;
  if (row.kind === "sale") {
    const sale = row.body as SaleBody;
    return {
      ...none,
      stock: sale.lines.map((line) => [line.item_id, -line.quantity_milli]),
      balance: sale.payment === "udhaar" && sale.customer_id ? [[sale.customer_id, sale.total_paise]] : [],
    };
  }
  const customer = /\/customers\/([^/]+)\//.exec(row.path)?.[1];
  if (row.kind === "credit" && customer) return { ...none, balance: [[decodeURIComponent(customer), body["amount_paise"] as number]] };
  if (row.kind === "payment" && customer) return { ...none, balance: [[decodeURIComponent(customer), -(body["amount_paise"] as number)]] };
  if (row.kind === "receipt" || row.kind === "return") {
    const lines = body["lines"] as Array<{ item_id: string; quantity_milli: number }>;
    const owes = row.kind === "return" && row.about?.["payment"] === "udhaar" ? (row.about["customer_id"] as string) : null;
    return { ...none, stock: lines.map((line) => [line.item_id, line.quantity_milli]), balance: owes ? [[owes, row.amount_paise ?? 0]] : [] };
  }
  if (row.kind === "count") {
    const counts = (body["adjustments"] ?? []) as Array<{ item_id: string; quantity_milli: number }>;
    return { ...none, stockSet: counts.map((each) => [each.item_id, each.quantity_milli]) };
  }
  return none;
}

/** Unsent changes of stock by item and of balance by customer, in the order they happened. */
const unsent = computed(() => {
  const stock = new Map<string, { set: number | null; add: number }>();
  const balance = new Map<string, number>();
  for (const row of rows.value.filter(isUnsent)) {
    const effect = effects(row);
    for (const [id, milli] of effect.stock) stock.set(id, { set: stock.get(id)?.set ?? null, add: (stock.get(id)?.add ?? 0) + milli });
    for (const [id, milli] of effect.stockSet) stock.set(id, { set: milli, add: 0 });
    for (const [id, paise] of effect.balance) balance.set(id, (balance.get(id) ?? 0) + paise);
  }
  return { stock, balance };
});

export function stockOf(itemId: string): number {
  const change = unsent.value.stock.get(itemId);
  return (change?.set ?? items.value.get(itemId)?.on_hand_milli ?? 0) + (change?.add ?? 0);
}

export function balanceOf(customerId: string): number {
  return (customers.value.get(customerId)?.balance_paise ?? 0) + (unsent.value.balance.get(customerId) ?? 0);
}

export function isOverdue(customer: Customer, today: string): boolean {
  return balanceOf(customer.customer_id) > 0 && customer.oldest_due_on !== null && customer.oldest_due_on < today;
}

const SCRIPTS: Record<string, RegExp> = {
  hi: /\p{Script=Devanagari}/u, mr: /\p{Script=Devanagari}/u, bn: /\p{Script=Bengali}/u, gu: /\p{Script=Gujarati}/u,
  ta: /\p{Script=Tamil}/u, te: /\p{Script=Telugu}/u, kn: /\p{Script=Kannada}/u,
};

/** The name of a good in the language of the phone; else a further name that is written in its script. */
export function nameOf(item: Item): string {
  const script = SCRIPTS[language.value];
  return item.names?.[language.value] ?? (script && item.aliases.find((alias) => script.test(alias))) ?? item.name;
}

export function itemName(itemId: string): string {
  const item = items.value.get(itemId);
  return item ? nameOf(item) : itemId;
}

/** Names of goods by search, made once for each change of the list. */
export const searchItems = computed(() => {
  const found: Array<{ item: Item; key: Searchable }> = [];
  for (const item of items.value.values()) {
    if (item.archived) continue;
    found.push({ item, key: searchable(item.name, ...Object.values(item.names ?? {}), ...item.aliases, item.barcode, item.category) });
  }
  return found;
});

export const searchCustomers = computed(() =>
  [...customers.value.values()].map((customer) => ({ customer, key: searchable(customer.name, customer.phone) })),
);

/** How much a good sells: what the server counted in 28 days, and what this phone billed lately. */
export function frequency(item: Item): number {
  return (item.sold_28d_milli ?? 0) / (item.unit === "piece" ? 1000 : 250) + 3 * (learnt.value[item.item_id] ?? 0);
}

/** Sums of today: what the server knew at its last answer, and what this phone has added since. */
export const today = computed(() => {
  const kept = home.value;
  const sums = { amount: 0, bills: 0, given: 0, received: 0, unsentBills: 0, by: { cash: 0, upi: 0, card: 0, udhaar: 0 } };
  if (kept && kept.home.on === dayNow()) {
    const said = kept.home.today;
    Object.assign(sums, { amount: said.amount_paise, bills: said.bills, given: said.given_paise, received: said.received_paise });
    Object.assign(sums.by, said.by_payment);
  }
  for (const row of rows.value) {
    const late = isUnsent(row) || (row.state === "done" && (row.done_at ?? 0) > (kept?.at ?? 0));
    if (!late || dayOfRow(row) !== dayNow()) continue;
    addToday(sums, row);
  }
  return sums;
});

function addToday(sums: { amount: number; bills: number; given: number; received: number; unsentBills: number; by: Record<string, number> }, row: OutboxRow): void {
  if (row.kind === "sale") {
    const sale = row.body as SaleBody;
    sums.amount += sale.total_paise;
    sums.bills += 1;
    sums.by[sale.payment] = (sums.by[sale.payment] ?? 0) + sale.total_paise;
    if (sale.payment === "udhaar") sums.given += sale.total_paise;
    if (isUnsent(row)) sums.unsentBills += 1;
  }
  if (row.kind === "return") {
    const payment = String(row.about?.["payment"] ?? "cash");
    sums.amount += row.amount_paise ?? 0;
    sums.by[payment] = (sums.by[payment] ?? 0) + (row.amount_paise ?? 0);
  }
  const body = row.body as { amount_paise?: number };
  if (row.kind === "credit") sums.given += body.amount_paise ?? 0;
  if (row.kind === "payment") sums.received += body.amount_paise ?? 0;
}

export function dayNow(): string {
  return dayOf(Date.now());
}
function dayOfRow(row: OutboxRow): string {
  return dayOf(row.at);
}
