/** The bill being made. It lies on the disk after each tap, so that a crash in the middle costs nothing. */
import { computed, signal } from "@preact/signals";
import { database, isOpen, keepMeta, meta } from "./db";
import { newId } from "./ids";
import { enqueue, factFields, type OutboxRow } from "./outbox";
import type { Item, Payment } from "./shapes";
import { seal } from "./lock";
import { customers, items, learnt, type SaleBody } from "./shop";

export interface CartLine {
  item_id: string;
  milli: number;
  price_paise: number;
}

export const cart = signal<CartLine[]>([]);
/** Money of a line, half a paisa upwards, as the server reckons it. */
export function amountOf(line: { milli: number; price_paise: number }): number {
  return Math.floor((line.price_paise * line.milli + 500) / 1000);
}
export const total = computed(() => cart.value.reduce((sum, line) => sum + amountOf(line), 0));

function change(lines: CartLine[]): void {
  cart.value = lines;
  if (isOpen()) void keepMeta("cart", lines);
}

export async function readCart(): Promise<void> {
  cart.value = ((await meta("cart")) as CartLine[] | undefined) ?? [];
}

/** What one tap adds: a piece, or for loose goods what a person then says. */
export function add(item: Item, milli = 1000): void {
  const there = cart.value.find((line) => line.item_id === item.item_id);
  if (there) setQuantity(item.item_id, there.milli + milli);
  else change([...cart.value, { item_id: item.item_id, milli, price_paise: item.price_paise }]);
}

export function setQuantity(itemId: string, milli: number): void {
  if (milli <= 0) change(cart.value.filter((line) => line.item_id !== itemId));
  else change(cart.value.map((line) => (line.item_id === itemId ? { ...line, milli: Math.min(milli, 1_000_000_000) } : line)));
}

export function setPrice(itemId: string, price: number): void {
  change(cart.value.map((line) => (line.item_id === itemId ? { ...line, price_paise: price } : line)));
}

export function clearCart(): void {
  change([]);
}

/** Keep the bill. It is saved when this promise holds, with or without the network. */
export async function finish(payment: Payment, customer?: { customer_id: string; name: string; needs?: string[] }): Promise<OutboxRow> {
  const id = newId();
  const at = new Date().toISOString();
  const body: SaleBody = {
    sale_id: id,
    payment,
    ...(customer ? { customer_id: customer.customer_id } : {}),
    lines: cart.value.map((line) => ({ item_id: line.item_id, quantity_milli: line.milli, unit_price_paise: line.price_paise })),
    total_paise: total.value,
    sold_at: at,
    ...factFields(),
  };
  const title = customer?.name ?? cart.value.map((line) => items.value.get(line.item_id)?.name ?? line.item_id).join(", ").slice(0, 80);
  const counts = { ...learnt.value };
  for (const line of cart.value) counts[line.item_id] = (counts[line.item_id] ?? 0) * 0.98 + 1;
  const row = await enqueue(
    { id, kind: "sale", path: "/v1/sales", body, at, title, amount_paise: total.value, needs: customer?.needs ?? [] },
    ["meta"],
    (work) => {
      void work.objectStore("meta").put(counts, "learnt");
      void work.objectStore("meta").put([], "cart");
    },
  );
  learnt.value = counts;
  cart.value = [];
  return row;
}

/** Give credit, take a payment, keep a promise: each is one row of the outbox. */
export async function keepEntry(kind: "credit" | "payment", customer: { customer_id: string; name: string; needs?: string[] }, paise: number, note = ""): Promise<OutboxRow> {
  const id = newId();
  const at = new Date().toISOString();
  return enqueue({
    id, kind, at, title: customer.name, amount_paise: paise, needs: customer.needs ?? [],
    path: kind === "credit" ? `/v1/udhaar/customers/${encodeURIComponent(customer.customer_id)}/credits` : `/v1/udhaar/customers/${encodeURIComponent(customer.customer_id)}/payments`,
    body: { entry_id: id, amount_paise: paise, at, ...(note ? { note } : {}), ...factFields() },
  });
}

/** A customer made on the phone: the id is the phone's own, so that entries can name it at once. */
export async function keepCustomer(name: string, phone: string | null): Promise<{ customer_id: string; name: string; needs: string[] }> {
  const id = newId();
  const customer = { customer_id: id, name, phone, limit_paise: null, credit_days: 30, reminders: true, balance_paise: 0, oldest_due_on: null };
  const sealed = await seal(customer, "customer_id");
  await enqueue(
    { id, kind: "customer", path: "/v1/udhaar/customers", title: name, body: { customer_id: id, name, ...(phone ? { phone } : {}) } },
    ["customers"],
    (work) => void work.objectStore("customers").put(sealed),
  );
  customers.value = new Map([...customers.value, [id, customer]]);
  return { customer_id: id, name, needs: [id] };
}

/** A customer row that is still unsent must reach the server before what names it. */
export async function needsOf(customerId: string): Promise<string[]> {
  const row = await database().getFromIndex("outbox", "id", customerId);
  return row ? [customerId] : [];
}
