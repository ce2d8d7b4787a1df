/** What the server answered to a sent row takes the place of what the phone assumed, in the same transaction. */
import { database, type StoreName, type strictly } from "./db";
import { isSealed, seal, unseal } from "./lock";
import type { OutboxRow } from "./outbox";
import type { Bill, Customer, Entry, Item } from "./shapes";
import { bills, customers, items } from "./shop";

type Work = ReturnType<typeof strictly>;
export interface Applied {
  stores: StoreName[];
  write: (work: Work) => Promise<void>;
  show: () => void;
}

interface Said {
  stock?: Array<{ item_id: string; on_hand_milli: number }>;
  results?: Array<{ on_hand_milli: number | null; place: number }>;
  credit?: { customer_id: string; balance_paise: number } | null;
  entry?: Entry;
  balance_paise?: number;
  sale_id?: string;
  customer_id?: string;
  item_id?: string;
  price_paise?: number;
  after_paise?: number;
}

export async function applyAnswer(row: OutboxRow, answer: unknown): Promise<Applied> {
  const said = (answer ?? {}) as Said;
  const newItems = itemsAfter(row, said);
  const newCustomers = await customersAfter(row, said);
  const bill = row.kind === "sale" && said.sale_id ? (said as Bill) : null;
  const sealedCustomers = await Promise.all(newCustomers.map((each) => seal(each, "customer_id")));
  const sealedBill = bill && (await seal(bill, "sale_id", "sold_on"));
  const sealedEntry = said.entry && (await seal(said.entry, "entry_id", "customer_id"));
  return {
    stores: ["items", "customers", "bills", "entries"],
    write: async (work) => {
      for (const item of newItems) await work.objectStore("items").put(item);
      for (const customer of sealedCustomers) await work.objectStore("customers").put(customer);
      if (sealedBill) await work.objectStore("bills").put(sealedBill);
      if (sealedEntry) await work.objectStore("entries").put(sealedEntry);
    },
    show: () => {
      if (newItems.length) items.value = new Map([...items.value, ...newItems.map((item) => [item.item_id, item] as const)]);
      if (newCustomers.length) customers.value = new Map([...customers.value, ...newCustomers.map((each) => [each.customer_id, each] as const)]);
      if (bill) bills.value = [...bills.value.filter((each) => each.sale_id !== bill.sale_id), bill];
    },
  };
}

function itemsAfter(row: OutboxRow, said: Said): Item[] {
  const changed = new Map<string, Item>();
  const onHand = (id: string | undefined, milli: number | null) => {
    const item = id && items.value.get(id);
    if (item && milli !== null) changed.set(item.item_id, { ...item, on_hand_milli: milli });
  };
  for (const level of said.stock ?? []) onHand(level.item_id, level.on_hand_milli);
  const sent = (row.body as { adjustments?: Array<{ item_id: string }> } | null)?.adjustments;
  for (const result of said.results ?? []) onHand(sent?.[result.place]?.item_id, result.on_hand_milli);
  if ((row.kind === "item" || row.kind === "item_change") && said.item_id) {
    changed.set(said.item_id, { ...items.value.get(said.item_id), ...(answerItem(said) as Item) });
  }
  if (row.kind === "price" && said.item_id && said.after_paise !== undefined) {
    const item = items.value.get(said.item_id);
    if (item) changed.set(item.item_id, { ...item, price_paise: said.after_paise });
  }
  return [...changed.values()];
}

function answerItem(said: Said): Partial<Item> {
  return { names: null, sold_28d_milli: null, ...(said as unknown as Partial<Item>) };
}

async function customersAfter(row: OutboxRow, said: Said): Promise<Customer[]> {
  const id = said.entry?.customer_id ?? said.credit?.customer_id;
  const balance = said.entry ? said.balance_paise : said.credit?.balance_paise;
  if (row.kind === "customer" || row.kind === "customer_change") return said.customer_id ? [{ ...customers.value.get(said.customer_id), ...(said as unknown as Customer) }] : [];
  if (!id || balance === undefined) return [];
  const shown = customers.value.get(id);
  if (shown) return [{ ...shown, balance_paise: balance }];
  const kept = await database().get("customers", id);
  const open = kept && (isSealed(kept) ? await unseal<Customer>(kept) : kept);
  return open ? [{ ...open, balance_paise: balance }] : [];
}
