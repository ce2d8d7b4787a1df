/** What lies on the phone: one database for each shop and person. Names and khata are sealed while a PIN is set. */
import { openDB, type DBSchema, type IDBPDatabase } from "idb";
import type { Bill, Customer, Entry, Home, Item, Supplier } from "./shapes";
import type { OutboxRow } from "./outbox";
import { type Sealed } from "./lock";

export interface Meta {
  home: { at: number; home: Home } | Sealed;
  seq: number;
  clock_offset_ms: number;
  suppliers: Supplier[];
  learnt: Record<string, number>;
  cart: unknown;
  photo_note: string;
  counted: unknown;
}

interface Shape extends DBSchema {
  meta: { key: string; value: unknown };
  items: { key: string; value: Item };
  customers: { key: string; value: Customer | Sealed };
  entries: { key: string; value: Entry | Sealed; indexes: { customer_id: string } };
  bills: { key: string; value: Bill | Sealed; indexes: { sold_on: string } };
  kept: { key: string; value: { path: string; at: number; answer: unknown } };
  outbox: { key: number; value: OutboxRow | Sealed; indexes: { id: string } };
  photos: { key: string; value: { id: string; at: number; image: Blob } };
}

export type Database = IDBPDatabase<Shape>;
export type StoreName = "meta" | "items" | "customers" | "entries" | "bills" | "kept" | "outbox" | "photos";
const STORES: StoreName[] = ["meta", "items", "customers", "entries", "bills", "kept", "outbox", "photos"];
/** What may be fetched again from the server. The outbox and the photos are never among it. */
export const FETCHED: StoreName[] = ["items", "customers", "entries", "bills", "kept", "meta"];

export function databaseName(shopId: string, userId: string): string {
  return `samaan-${shopId}-${userId}`;
}

export async function openDatabase(name: string): Promise<Database> {
  return openDB<Shape>(name, 1, {
    upgrade(db) {
      for (const store of ["meta", "kept"] as const) db.createObjectStore(store, store === "kept" ? { keyPath: "path" } : {});
      db.createObjectStore("items", { keyPath: "item_id" });
      db.createObjectStore("customers", { keyPath: "customer_id" });
      db.createObjectStore("entries", { keyPath: "entry_id" }).createIndex("customer_id", "customer_id");
      db.createObjectStore("bills", { keyPath: "sale_id" }).createIndex("sold_on", "sold_on");
      db.createObjectStore("outbox", { keyPath: "n", autoIncrement: true }).createIndex("id", "id", { unique: true });
      db.createObjectStore("photos", { keyPath: "id" });
    },
    blocking(_old, _next, event) {
      // Another window opens a newer layout: let it, this one opens again at its next start.
      (event.target as IDBDatabase).close();
    },
  });
}

/** Open a transaction whose end means that the disk has it: only then may a screen say "saved". */
export function strictly(db: Database, stores: StoreName[] = STORES) {
  return db.transaction(stores, "readwrite", { durability: "strict" });
}

let current: Database | null = null;

export function database(): Database {
  if (!current) throw new Error("no shop is open on this phone");
  return current;
}

export function isOpen(): boolean {
  return current !== null;
}

export async function useDatabase(name: string): Promise<Database> {
  current?.close();
  current = await openDatabase(name);
  return current;
}

export function closeDatabase(): void {
  current?.close();
  current = null;
}

export async function meta<K extends keyof Meta>(name: K): Promise<Meta[K] | undefined> {
  return (await database().get("meta", name)) as Meta[K] | undefined;
}

export async function keepMeta<K extends keyof Meta>(name: K, value: Meta[K]): Promise<void> {
  await database().put("meta", value, name);
}

/** Forget all that the server can give again; what is unsent stays. */
export async function wipeFetched(db: Database): Promise<void> {
  const work = db.transaction(FETCHED, "readwrite", { durability: "strict" });
  await Promise.all(FETCHED.map((store) => work.objectStore(store).clear()));
  await work.done;
}
