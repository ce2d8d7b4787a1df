/** The outbox: what happened in the shop, kept on the phone until the server has it. No program deletes from it. */
import { signal } from "@preact/signals";
import { ApiProblem, Unreachable, call, clockOffset, locked, reached } from "./api";
import { database, databaseName, strictly, type StoreName } from "./db";
import { newId } from "./ids";
import { isSealed, seal, unseal } from "./lock";
import { applyAnswer } from "./answers";

export type RowState = "wait" | "parked" | "done" | "cancelled";
export type RowKind =
  | "sale" | "return" | "credit" | "payment" | "promise" | "customer" | "customer_change" | "item" | "item_change"
  | "count" | "movement" | "price" | "decision" | "alert" | "order" | "receipt" | "photo";

export interface Trouble {
  status: number;
  code: string;
  detail: string;
  hint: string | null;
  field: string | null;
  approval_id: string | null;
  /** What the server has now of the fields that this row changes, and of which version. */
  now?: Record<string, unknown>;
  version?: number;
  /** A line of a list was refused: the request itself was answered, so that sending again needs a new key. */
  line?: boolean;
}

export interface OutboxRow {
  n?: number;
  /** Idempotency-Key, and the client's own id of the thing where it has one. */
  id: string;
  kind: RowKind;
  /** When it happened, by this phone's clock. */
  at: string;
  method: "POST" | "PATCH" | "PUT" | "DELETE";
  path: string;
  body: unknown;
  /** Rows that must be on the server first, by id. */
  needs: string[];
  /** What the row is about, for the list of what is unsent: a name, never an id. */
  title: string;
  amount_paise: number | null;
  headers: Record<string, string>;
  photo?: string;
  /** The Idempotency-Key, where it is no longer the id. */
  key?: string;
  /** What the screens must know of it beside its body: a return's payment and customer, a change's values before. */
  about?: Record<string, unknown>;
  state: RowState;
  tries: number;
  trouble: Trouble | null;
  done_at: number | null;
  /** Why a person cancelled it. */
  reason: string;
  app: string;
}

export interface NewRow {
  id?: string;
  kind: RowKind;
  method?: OutboxRow["method"];
  path: string;
  body?: unknown;
  needs?: string[];
  title: string;
  amount_paise?: number | null;
  at?: string;
  headers?: Record<string, string>;
  photo?: Blob;
  about?: Record<string, unknown>;
}

export const APP_VERSION = "1";
const DONE_DAYS = 7;

/** All rows that this phone still shows: unsent ones, and those done within a week. */
export const rows = signal<OutboxRow[]>([]);
/** Rows that cannot be read because the PIN that sealed them was not given. */
export const unreadable = signal(0);
const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("samaan") : null;

export function isUnsent(row: OutboxRow): boolean {
  return row.state === "wait" || row.state === "parked";
}

export function unsentCount(): number {
  return rows.value.filter(isUnsent).length + unreadable.value;
}

/** The fields that mark a fact for the server: told once, at the time it happened, and never changed afterwards. */
export function factFields(): { offline: boolean; clock_offset_seconds: number } {
  return { offline: !reached.value, clock_offset_seconds: Math.round(clockOffset.value / 1000) };
}

/** Keep something that happened; the promise holds once the disk has it. */
export async function enqueue(fresh: NewRow, alongside: StoreName[] = [], also?: (work: ReturnType<typeof strictly>) => void): Promise<OutboxRow> {
  const [row] = await enqueueAll([fresh], alongside, also);
  return row!;
}

/** Keep several things that happened: all of them, or none. */
export async function enqueueAll(fresh: NewRow[], alongside: StoreName[] = [], also?: (work: ReturnType<typeof strictly>) => void): Promise<OutboxRow[]> {
  const made = fresh.map((one) => ({ one, row: rowOf(one) }));
  const sealed = await Promise.all(made.map(({ row }) => seal(row, "id")));
  const work = strictly(database(), ["outbox", "photos", ...alongside]);
  for (const [place, { one, row }] of made.entries()) {
    row.n = await work.objectStore("outbox").add(sealed[place]!);
    if (one.photo) await work.objectStore("photos").put({ id: row.id, at: Date.now(), image: one.photo });
  }
  also?.(work);
  await work.done;
  rows.value = [...rows.value, ...made.map(({ row }) => row)];
  tellOthers();
  onWrite?.();
  return made.map(({ row }) => row);
}

function rowOf(fresh: NewRow): OutboxRow {
  const id = fresh.id ?? newId();
  return {
    id, kind: fresh.kind, at: fresh.at ?? new Date().toISOString(), method: fresh.method ?? "POST", path: fresh.path,
    body: fresh.body ?? null, needs: fresh.needs ?? [], title: fresh.title, amount_paise: fresh.amount_paise ?? null,
    headers: fresh.headers ?? {}, ...(fresh.photo ? { photo: id } : {}), ...(fresh.about ? { about: fresh.about } : {}), state: "wait", tries: 0, trouble: null, done_at: null,
    reason: "", app: APP_VERSION,
  };
}

let onWrite: (() => void) | null = null;
/** Called after each write, to send it soon. */
export function afterWrite(hear: () => void): void {
  onWrite = hear;
}

export function tellOthers(): void {
  channel?.postMessage("changed");
}
/** The PIN was set or taken away: other tabs start again, so that none goes on with the old key. */
export function reloadOthers(): void {
  channel?.postMessage("reload");
}
export function whenOthersChange(hear: () => void): void {
  channel?.addEventListener("message", (event) => (event.data === "reload" ? location.reload() : hear()));
}

/** Read the outbox anew from the disk. */
export async function readRows(): Promise<void> {
  const kept = await database().getAll("outbox");
  const since = Date.now() - DONE_DAYS * 86_400_000;
  const open: OutboxRow[] = [];
  let closed = 0;
  for (const row of kept) {
    const plain = await unseal<OutboxRow>(row);
    if (!plain) closed += 1;
    else if (isUnsent(plain) || (plain.done_at ?? 0) > since) open.push(plain);
  }
  rows.value = open;
  unreadable.value = closed;
}

/** Write a row's new state and show it. */
async function change(row: OutboxRow, changes: Partial<OutboxRow>, stores: StoreName[] = [], also?: (work: ReturnType<typeof strictly>) => Promise<void> | void): Promise<void> {
  const next = { ...row, ...changes };
  const sealed = await seal(next, "id", "n");
  const work = strictly(database(), ["outbox", ...stores]);
  await work.objectStore("outbox").put(sealed);
  await also?.(work);
  await work.done;
  rows.value = rows.value.map((each) => (each.n === row.n ? next : each));
  tellOthers();
}

/** Send a parked row again; `mended` is its body after a person put it right. */
export async function retry(row: OutboxRow, mended?: unknown, headers: Record<string, string> = {}, about = row.about): Promise<void> {
  const body = mended === undefined ? row.body : mended;
  await change(row, { ...(row.trouble?.line ? { key: newId() } : {}), state: "wait", trouble: null, body, headers: { ...row.headers, ...headers }, ...(about ? { about } : {}) });
  onWrite?.();
}

/** A person says that it did not happen, and why; the row stays to be read. */
export async function cancel(row: OutboxRow, reason: string): Promise<void> {
  await locked(lockName(), async () => {
    const now = await database().get("outbox", row.n!);
    const plain = now && (await unseal<OutboxRow>(now));
    if (!plain || !isUnsent(plain)) return;
    await change(plain, { state: "cancelled", reason, done_at: Date.now() });
  });
}

export function lockName(): string {
  return `samaan-sync-${database().name || databaseName("", "")}`;
}

/** Send what waits, in the order it happened. Runs under the lock of one sender; returns false where the server is away. */
export async function sendAll(): Promise<boolean> {
  const kept = await database().getAll("outbox");
  const states = new Map<string, RowState>();
  for (const sealed of kept) {
    const row = await unseal<OutboxRow>(sealed);
    if (!row) continue;
    states.set(row.id, row.state);
    if (row.state !== "wait") continue;
    if (row.needs.some((id) => (states.get(id) ?? "done") !== "done")) continue;
    const after = await sendOne(row);
    if (after === "wait") return false;
    states.set(row.id, after);
  }
  return true;
}

/** A list is answered line by line: a line that was refused is no success, although the request was one. */
function refusedWithin(answer: unknown): Trouble | null {
  const results = (answer as { results?: Array<{ status: string; code?: string | null; detail?: string | null; field?: string | null }> } | null)?.results;
  const line = results?.find((each) => each.status === "refused");
  return line ? { status: 422, code: line.code ?? "refused", detail: line.detail ?? "", hint: null, field: line.field ?? null, approval_id: null, line: true } : null;
}

/** Somebody else changed the thing meanwhile. Where they left the fields of this change alone it is sent on top of theirs; else a person chooses. */
async function sendOnTop(row: OutboxRow, refused: ApiProblem): Promise<RowState> {
  const theirs = await call<Record<string, unknown> & { version: number }>("GET", row.path);
  const before = row.about ?? {};
  const version = `"${theirs.version}"`;
  const touched = Object.keys(before).filter((field) => JSON.stringify(theirs[field] ?? null) !== JSON.stringify(before[field] ?? null));
  if (!touched.length && row.headers["If-Match"] !== version) return sendOne({ ...row, headers: { ...row.headers, "If-Match": version } });
  const now = Object.fromEntries(Object.keys(before).map((field) => [field, theirs[field] ?? null]));
  const trouble: Trouble = { status: 412, code: refused.code, detail: refused.detail, hint: refused.hint, field: null, approval_id: null, now, version: theirs.version };
  await change(row, { state: "parked", trouble, tries: row.tries + 1 });
  return "parked";
}

async function sendOne(row: OutboxRow): Promise<RowState> {
  try {
    const answer = await call<unknown>(row.method, row.path, await bodyOf(row), { key: row.key ?? row.id, headers: row.headers });
    const refused = refusedWithin(answer);
    if (refused) {
      await change(row, { state: "parked", trouble: refused, tries: row.tries + 1 });
      return "parked";
    }
    const applied = await applyAnswer(row, answer);
    await change(row, { state: "done", trouble: null, done_at: Date.now(), tries: row.tries + 1 }, applied.stores, applied.write);
    applied.show();
    return "done";
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 412 && row.kind === "item_change") return await sendOnTop(row, error).catch(() => "wait" as const);
    if (error instanceof Unreachable || !(error instanceof ApiProblem)) {
      if (!(error instanceof Unreachable)) console.error("the outbox could not send", error);
      return "wait";
    }
    if (error.status === 401) return "wait";
    const approvalId = (error as ApiProblem & { approvalId?: string | null }).approvalId ?? null;
    const trouble: Trouble = { status: error.status, code: error.code, detail: error.detail, hint: error.hint, field: error.field, approval_id: approvalId };
    await change(row, { state: "parked", trouble, tries: row.tries + 1 });
    return "parked";
  }
}

async function bodyOf(row: OutboxRow): Promise<unknown> {
  if (!row.photo) return row.body ?? undefined;
  const kept = await database().get("photos", row.photo);
  if (!kept) throw new Error("the photo is gone from this phone");
  const form = new FormData();
  form.set("image", kept.image, "bill.jpg");
  return form;
}

/** Seal or open all that lies in the outbox anew, after a PIN was set or taken away. */
export async function resealOutbox(plain: OutboxRow[]): Promise<void> {
  const sealed = await Promise.all(plain.map((row) => seal(row, "id", "n")));
  const work = strictly(database(), ["outbox"]);
  for (const row of sealed) await work.objectStore("outbox").put(row);
  await work.done;
}

export async function allRows(): Promise<OutboxRow[]> {
  const plain = [];
  for (const row of await database().getAll("outbox")) {
    const open = await unseal<OutboxRow>(row);
    if (open) plain.push(open);
    else if (isSealed(row)) throw new Error("a row is sealed by another PIN");
  }
  return plain;
}
