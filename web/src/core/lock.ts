/** The app lock: a PIN wraps the key that seals names and khata on this phone. The key itself never lies on it. */
import { signal } from "@preact/signals";

/** A row whose content is sealed; its keys stay readable so that the database can find it. */
export interface Sealed {
  sealed: { iv: Uint8Array<ArrayBuffer>; data: ArrayBuffer };
  [key: string]: unknown;
}

interface KeptLock {
  salt: number[];
  wrapped: number[];
  rounds: number;
  wrong: number;
}

const ROUNDS = 310_000;
const TRIES = 5;
export type LockState = "none" | "locked" | "open" | "sign_in";
export const lockState = signal<LockState>("none");
let dataKey: CryptoKey | null = null;
let name = "";

function kept(): KeptLock | null {
  const text = localStorage.getItem(`${name}-lock`);
  return text ? (JSON.parse(text) as KeptLock) : null;
}

function keep(lock: KeptLock): void {
  localStorage.setItem(`${name}-lock`, JSON.stringify(lock));
}

/** Look at the lock of a shop's data; the data of a locked shop cannot be read before `unlock`. */
export function useLock(database: string): void {
  name = database;
  dataKey = null;
  const lock = kept();
  lockState.value = !lock ? "none" : lock.wrong >= TRIES ? "sign_in" : "locked";
}

async function wrappingKey(pin: string, salt: Uint8Array<ArrayBuffer>, rounds: number): Promise<CryptoKey> {
  const typed = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveKey"]);
  return crypto.subtle.deriveKey({ name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds }, typed, { name: "AES-KW", length: 256 }, false, [
    "wrapKey",
    "unwrapKey",
  ]);
}

export function isPin(text: string): boolean {
  return /^\d{4,6}$/.test(text);
}

export function canLock(): boolean {
  return typeof crypto !== "undefined" && crypto.subtle !== undefined;
}

/** Choose a PIN: make the key, wrap it. The caller seals what lies on the phone afterwards. */
export async function setPin(pin: string): Promise<void> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const fresh = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, true, ["encrypt", "decrypt"]);
  const wrapped = await crypto.subtle.wrapKey("raw", fresh, await wrappingKey(pin, salt, ROUNDS), "AES-KW");
  keep({ salt: [...salt], wrapped: [...new Uint8Array(wrapped)], rounds: ROUNDS, wrong: 0 });
  await unlock(pin);
}

/** Try a PIN; after five wrong ones the person signs in before the next try. */
export async function unlock(pin: string): Promise<boolean> {
  const lock = kept();
  if (!lock || lockState.value === "sign_in") return false;
  // Counted before the try: closing the app in the middle of one gives no free one.
  keep({ ...lock, wrong: lock.wrong + 1 });
  try {
    const wrapping = await wrappingKey(pin, new Uint8Array(lock.salt), lock.rounds);
    dataKey = await crypto.subtle.unwrapKey("raw", new Uint8Array(lock.wrapped), wrapping, "AES-KW", "AES-GCM", false, ["encrypt", "decrypt"]);
  } catch {
    if (lock.wrong + 1 >= TRIES) lockState.value = "sign_in";
    return false;
  }
  keep({ ...lock, wrong: 0 });
  lockState.value = "open";
  return true;
}

export function triesLeft(): number {
  return TRIES - (kept()?.wrong ?? 0);
}

/** A person who has signed in may try PINs again. */
export function allowTries(): void {
  const lock = kept();
  if (!lock) return;
  keep({ ...lock, wrong: 0 });
  if (lockState.value === "sign_in") lockState.value = "locked";
}

/** Take the PIN away. The caller has written everything in the open before. */
export function forgetLock(): void {
  localStorage.removeItem(`${name}-lock`);
  lockState.value = "none";
}

/** Write in the open from now on; what is sealed can still be read. */
export function sealNoMore(): void {
  lockState.value = "none";
}

export function lockNow(): void {
  if (lockState.value !== "open") return;
  dataKey = null;
  lockState.value = "locked";
}

export function isSealed(row: object): row is Sealed {
  return "sealed" in row;
}

/** Seal a row while a PIN is set; `keys` stay readable. */
export async function seal<T extends object>(row: T, ...keys: Array<keyof T & string>): Promise<T | Sealed> {
  if (lockState.value === "none" || !dataKey) return row;
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, dataKey, new TextEncoder().encode(JSON.stringify(row)));
  return { ...Object.fromEntries(keys.filter((key) => row[key] !== undefined).map((key) => [key, row[key]])), sealed: { iv, data } };
}

/** Read a row; null where it is sealed by a key that is not at hand. */
export async function unseal<T extends object>(row: T | Sealed): Promise<T | null> {
  if (!isSealed(row)) return row;
  if (!dataKey) return null;
  try {
    const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: row.sealed.iv }, dataKey, row.sealed.data);
    const { sealed: _, ...keys } = row;
    return { ...(JSON.parse(new TextDecoder().decode(plain)) as T), ...keys };
  } catch {
    return null;
  }
}

export async function unsealAll<T extends object>(rows: Array<T | Sealed>): Promise<T[]> {
  const open = await Promise.all(rows.map((row) => unseal<T>(row)));
  return open.filter((row): row is Awaited<T> & T => row !== null);
}
