/** Keeps phone and server in step: first the outbox goes out, then what changed comes in; one tab at a time. */
import { signal } from "@preact/signals";
import { ApiProblem, Unreachable, call, clockOffset, get, locked, reached, signedOut } from "./api";
import { database, FETCHED, isOpen, keepMeta, meta, strictly } from "./db";
import { useZone } from "./format";
import { lockState, seal } from "./lock";
import { afterWrite, isUnsent, lockName, readRows, rows, sendAll, tellOthers, whenOthersChange } from "./outbox";
import { type Bill, type Change, type Customer, type Entry, type Home, type Item, rowsOf, type Supplier } from "./shapes";
import { customers, home, readShop } from "./shop";
import { language } from "./words";

const SOON_MS = 15_000;
const CALM_MS = 45_000;
const BACKOFF_MS = [2_000, 4_000, 8_000, 15_000, 30_000, 60_000];
const PAGE = 500;

export const syncing = signal(false);
let again = false;
let failures = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Send and fetch now. Calls while it runs are served by one more round. */
export async function sync(): Promise<void> {
  if (!isOpen() || lockState.value === "locked" || lockState.value === "sign_in") return;
  if (syncing.value) {
    again = true;
    return;
  }
  syncing.value = true;
  clearTimeout(timer);
  let wait = CALM_MS;
  try {
    do {
      again = false;
      await locked(lockName(), round);
    } while (again);
    failures = 0;
  } catch (error) {
    wait = pauseAfter(error);
  } finally {
    syncing.value = false;
    if (rows.value.some((row) => row.state === "wait")) wait = Math.min(wait, SOON_MS);
    timer = setTimeout(() => void sync(), wait);
  }
}

function pauseAfter(error: unknown): number {
  if (error instanceof Unreachable) {
    const step = BACKOFF_MS[Math.min(failures++, BACKOFF_MS.length - 1)]!;
    return Math.max((error.retryAfterSeconds ?? 0) * 1000, step * (0.75 + Math.random() / 2));
  }
  if (!(error instanceof ApiProblem)) console.error("the exchange with the server failed", error);
  return CALM_MS;
}

async function round(): Promise<void> {
  if (!isOpen()) return;
  await readRows();
  if (!(await sendAll())) {
    if (signedOut.value) return;
    throw new Unreachable();
  }
  await pull();
  await keepMeta("clock_offset_ms", clockOffset.value);
}

/** Fetch what changed since the last time; all of it the first time, or when the feed does not reach back that far. */
export async function pull(): Promise<void> {
  const seq = await meta("seq");
  if (seq === undefined) return takeAll();
  try {
    const changed = await takeChanges(seq);
    if (changed || homeIsOld()) await takeHome();
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 410) return takeAll();
    throw error;
  }
}

function homeIsOld(): boolean {
  const kept = home.value;
  if (!kept) return true;
  const done = rows.value.some((row) => row.state === "done" && (row.done_at ?? 0) > kept.at);
  return done || Date.now() - kept.at > 5 * 60_000;
}

async function takeHome(): Promise<void> {
  const fresh = await get<Home>(`/v1/home?language=${language.value}`);
  const kept = { at: Date.now(), home: fresh };
  await keepMeta("home", (await seal(kept)) as never);
  home.value = kept;
  useZone(fresh.shop.zone);
  tellOthers();
}

/** Fetch the whole shop in one request and put it in the place of what is here; the outbox is not touched. */
export async function takeAll(): Promise<void> {
  const fresh = await get<Home>(`/v1/home?full=1&language=${language.value}`);
  const { snapshot, ...rest } = fresh;
  if (!snapshot) throw new Error("the server left the snapshot out");
  const customerRows = await Promise.all(rowsOf<Customer>(snapshot.customers).map((row) => seal(row, "customer_id")));
  const entryRows = await Promise.all(rowsOf<Entry>(snapshot.entries ?? { fields: [], rows: [] }).map((row) => seal(row, "entry_id", "customer_id")));
  const sealedHome = await seal({ at: Date.now(), home: rest });
  const work = strictly(database(), FETCHED);
  await Promise.all((["items", "customers", "entries"] as const).map((store) => work.objectStore(store).clear()));
  for (const item of rowsOf<Item>(snapshot.items)) void work.objectStore("items").put(item);
  for (const row of customerRows) void work.objectStore("customers").put(row);
  for (const row of entryRows) void work.objectStore("entries").put(row);
  void work.objectStore("meta").put(rowsOf<Supplier>(snapshot.suppliers), "suppliers");
  void work.objectStore("meta").put(fresh.seq, "seq");
  void work.objectStore("meta").put(sealedHome, "home");
  await work.done;
  await readShop();
  tellOthers();
}

async function takeChanges(after: number): Promise<boolean> {
  let seq = after;
  let any = false;
  for (;;) {
    const page = await get<{ rows: Change[]; next: number; more: boolean }>(`/v1/changes?after=${seq}&limit=${PAGE}`);
    if (page.rows.length) {
      await applyChanges(page.rows, page.next);
      any = true;
    } else if (page.next !== seq) await keepMeta("seq", page.next);
    seq = page.next;
    if (!page.more) break;
  }
  if (any) {
    await readShop();
    tellOthers();
  }
  return any;
}

/** Write a page of changes and its place in the feed in one transaction. */
async function applyChanges(changes: Change[], next: number): Promise<void> {
  const db = database();
  const merged = new Map<string, Customer>();
  const prepared: Array<Write | null> = [];
  for (const change of changes) prepared.push(await prepare(change, merged));
  const work = db.transaction(FETCHED, "readwrite");
  for (const write of prepared) await write?.(work as never);
  void work.objectStore("meta").put(next, "seq");
  await work.done;
}

type Write = (work: ReturnType<typeof strictly>) => Promise<unknown> | undefined;

async function prepare(change: Change, merged: Map<string, Customer>): Promise<Write | null> {
  const { kind, id, deleted, row } = change;
  if (kind === "item") return (work) => (deleted ? work.objectStore("items").delete(id) : mergeItem(work, id, row!));
  if (kind === "stock" && row) return (work) => mergeItem(work, id, { on_hand_milli: row["on_hand_milli"] }, false);
  if (kind === "customer" || kind === "balance") return prepareCustomer(id, deleted, row, merged);
  if (kind === "entry" && row) {
    const sealed = await seal(row as unknown as Entry, "entry_id", "customer_id");
    return (work) => work.objectStore("entries").put(sealed);
  }
  if (kind === "sale" && row) {
    const sealed = await seal(row as unknown as Bill, "sale_id", "sold_on");
    return (work) => work.objectStore("bills").put(sealed);
  }
  if (kind === "price" && row) return mergePrice(row);
  return null;
}

async function mergeItem(work: ReturnType<typeof strictly>, id: string, fresh: Record<string, unknown>, make = true): Promise<void> {
  const before = await work.objectStore("items").get(id);
  if (!before && !make) return;
  const after = { names: null, sold_28d_milli: null, ...before, ...fresh } as Item;
  if (fresh["sold_28d_milli"] == null && before) after.sold_28d_milli = before.sold_28d_milli;
  await work.objectStore("items").put(after);
}

function mergePrice(row: Record<string, unknown>): Write | null {
  const change = row["change"] as { item_id: string; after_paise: number } | null;
  return change ? (work) => mergeItem(work, change.item_id, { price_paise: change.after_paise }, false) : null;
}

/** Names and balances come apart and lie in one row; a sealed row is opened before the transaction begins. */
async function prepareCustomer(id: string, deleted: boolean, row: Record<string, unknown> | null, merged: Map<string, Customer>): Promise<Write | null> {
  if (deleted || !row) return (work) => work.objectStore("customers").delete(id);
  const before = merged.get(id) ?? customers.value.get(id);
  const after = { balance_paise: 0, oldest_due_on: null, credit_days: 30, limit_paise: null, phone: null, reminders: true, name: id, ...before, ...row } as Customer;
  merged.set(id, after);
  const sealed = await seal(after, "customer_id");
  return (work) => work.objectStore("customers").put(sealed);
}
/** Read something from the server and keep it, so that it can be read again without the network. */
export async function cached<T>(path: string): Promise<{ at: number; answer: T } | null> {
  const kept = await database().get("kept", path);
  return kept ? { at: kept.at, answer: kept.answer as T } : null;
}

export async function fetchAndKeep<T>(path: string): Promise<T> {
  const answer = await call<T>("GET", path);
  await database().put("kept", { path, at: Date.now(), answer });
  return answer;
}

/** Begin: after each write, when the network or the screen comes back, and by the clock. */
export function startSync(): void {
  afterWrite(() => void sync());
  whenOthersChange(() => isOpen() && void readShop());
  addEventListener("online", () => {
    failures = 0;
    void sync();
  });
  addEventListener("offline", () => {
    reached.value = false;
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") void sync();
  });
  void sync();
}

export function unsentRows() {
  return rows.value.filter(isUnsent);
}
