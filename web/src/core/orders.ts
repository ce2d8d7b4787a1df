/** Orders as this phone knows them: the server's cards, with what is unsent on top. */
import { type Answer } from "./api";
import { newId } from "./ids";
import { enqueue, enqueueAll, factFields, isUnsent, rows, type OutboxRow } from "./outbox";
import { home, itemName, items, suppliers } from "./shop";
import { quantity } from "./format";

export type OrderCard = Answer<"orders_read_order">;
export type OrderLine = OrderCard["lines"][number];
export interface NewLine { item_id: string; quantity_milli: number; unit_cost_paise?: number }
export interface Arrived extends NewLine { expires_on?: string }

function path(id: string): string {
  return `/v1/orders/${encodeURIComponent(id)}`;
}

/** Keep an order, and place it at once if it is not to stay a draft. */
export async function keepOrder(supplier: string | null, lines: NewLine[], place: boolean): Promise<string> {
  const id = newId();
  const title = suppliers.value.find((each) => each.supplier_id === supplier)?.name ?? lines.map((line) => itemName(line.item_id)).join(", ").slice(0, 80);
  const cost = costOf(lines);
  const made = { id, kind: "order" as const, path: "/v1/orders", body: { order_id: id, supplier_id: supplier, lines }, title, amount_paise: cost };
  const placed = { kind: "order" as const, path: `${path(id)}/place`, body: {}, title, amount_paise: cost, needs: [id] };
  await enqueueAll(place ? [made, placed] : [made]);
  return id;
}

function costOf(lines: NewLine[]): number {
  return lines.reduce((sum, line) => sum + Math.round(((line.unit_cost_paise ?? 0) * line.quantity_milli) / 1000), 0);
}

/** Unsent rows of an order must reach the server before the next step of it. */
function needsOf(id: string): string[] {
  return rows.value.filter((row) => isUnsent(row) && of(row, id)).map((row) => row.id);
}

function of(row: OutboxRow, id: string): boolean {
  return row.id === id || row.path.startsWith(`${path(id)}/`) || row.path === path(id);
}

export function changeOrder(card: OrderCard, lines: NewLine[]): Promise<OutboxRow> {
  return enqueue({ kind: "order", method: "PATCH", path: path(card.order_id), body: { lines }, title: titleOf(card), needs: needsOf(card.order_id) });
}
export function placeOrder(card: OrderCard): Promise<OutboxRow> {
  return enqueue({ kind: "order", path: `${path(card.order_id)}/place`, body: {}, title: titleOf(card), amount_paise: card.cost_paise, needs: needsOf(card.order_id) });
}
export function cancelOrder(card: OrderCard, reason: string): Promise<OutboxRow> {
  return enqueue({ kind: "order", path: `${path(card.order_id)}/cancel`, body: { reason }, title: titleOf(card), needs: needsOf(card.order_id) });
}

/** What came: stock grows by it at once, also without the network. */
export function receiveOrder(card: OrderCard, lines: Arrived[], complete: boolean): Promise<OutboxRow> {
  const id = newId();
  const at = new Date().toISOString();
  return enqueue({
    id, kind: "receipt", at, path: `${path(card.order_id)}/receipts`, title: titleOf(card), amount_paise: costOf(lines), needs: needsOf(card.order_id),
    body: { receipt_id: id, lines, complete, at, ...factFields() },
  });
}

export function titleOf(card: OrderCard): string {
  return card.supplier_name ?? card.lines.map((line) => itemName(line.item_id)).join(", ").slice(0, 80);
}

export function orderText(card: OrderCard): string {
  const lines = card.lines.filter((line) => line.open_milli > 0 || card.state === "draft").map((line) => `${itemName(line.item_id)}: ${quantity(line.quantity_milli, line.unit)}`);
  return [`${home.value?.home.shop.name ?? ""}${card.supplier_name ? ` → ${card.supplier_name}` : ""}`, "", ...lines].join("\n");
}

/** An order with the steps that the server's card does not have yet. `at` says when the card was fetched. */
export function orderNow(id: string, kept: OrderCard | null, at: number): OrderCard | null {
  const mine = rows.value.filter((row) => of(row, id) && row.state !== "cancelled" && (isUnsent(row) || (row.done_at ?? 0) > at));
  const made = mine.find((row) => row.id === id);
  let card = kept ?? (made ? cardOf(made) : null);
  if (card) for (const row of mine) card = step(card, row);
  return card;
}

/** All orders, the newest first: those of the server's list and those that wait on this phone. */
export function ordersNow(list: OrderCard[], at: number): OrderCard[] {
  const known = new Set(list.map((card) => card.order_id));
  const own = rows.value.filter((row) => row.kind === "order" && row.path === "/v1/orders" && row.state !== "cancelled" && !known.has(row.id)).reverse();
  return [...own.map((row) => orderNow(row.id, null, at)), ...list.map((card) => orderNow(card.order_id, card, at))].filter((card) => card !== null);
}

function cardOf(row: OutboxRow): OrderCard {
  const body = row.body as { supplier_id: string | null; lines: NewLine[] };
  return {
    order_id: row.id, state: "draft", supplier_id: body.supplier_id, supplier_name: suppliers.value.find((each) => each.supplier_id === body.supplier_id)?.name ?? null,
    lines: body.lines.map(lineOf), cost_paise: costOf(body.lines), received_cost_paise: 0, expected_on: null, note: "", reason: "", created_at: row.at, created_by: "", placed_at: null,
    closed_at: null, share_text: "", version: 0,
  } as OrderCard;
}

function lineOf(line: NewLine): OrderLine {
  const item = items.value.get(line.item_id);
  const pack = item?.pack_milli || 1000;
  return {
    item_id: line.item_id, name: item?.name ?? line.item_id, unit: item?.unit ?? "piece", quantity_milli: line.quantity_milli, pack_milli: pack, packs: Math.round(line.quantity_milli / pack),
    received_milli: 0, open_milli: line.quantity_milli, unit_cost_paise: line.unit_cost_paise ?? null, cost_paise: line.unit_cost_paise === undefined ? null : costOf([line]), received_cost_paise: 0,
  } as OrderLine;
}

function step(card: OrderCard, row: OutboxRow): OrderCard {
  const body = row.body as { lines?: Arrived[]; complete?: boolean; reason?: string } | null;
  if (row.path.endsWith("/place")) return { ...card, state: "placed", placed_at: row.at };
  if (row.path.endsWith("/cancel")) return { ...card, state: "cancelled", closed_at: row.at, reason: body?.reason ?? "" };
  if (row.method === "PATCH" && body?.lines) return { ...card, lines: body.lines.map(lineOf), cost_paise: costOf(body.lines) };
  if (row.kind !== "receipt" || !body?.lines) return card;
  const came = new Map(body.lines.map((line) => [line.item_id, line.quantity_milli]));
  const lines = card.lines.map((line) => {
    const received = line.received_milli + (came.get(line.item_id) ?? 0);
    return { ...line, received_milli: received, open_milli: body.complete ? 0 : Math.max(line.quantity_milli - received, 0) };
  });
  const open = lines.some((line) => line.open_milli > 0);
  return { ...card, lines, state: open ? "part_received" : "received", closed_at: open ? null : row.at };
}
