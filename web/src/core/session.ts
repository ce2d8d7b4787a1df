/** Who is signed in on this phone, in which shop. The refresh token is a cookie that no script can read. */
import { signal } from "@preact/signals";
import { type Answer, bindShop, call, claims, get, haveToken, onSessionEnd, post, renew, setToken, type Tokens } from "./api";
import { closeDatabase, database, databaseName, isOpen, useDatabase, wipeFetched } from "./db";
import { allowTries, lockState, useLock } from "./lock";
import { rows, unsentCount } from "./outbox";
import { forgetShop, readShop } from "./shop";
import { startSync, sync, takeAll } from "./sync";

export interface Who {
  shop_id: string;
  user_id: string;
  /** Where a person belongs to several shops. */
  shops: Array<{ shop_id: string; name: string; role: string }>;
}

const KEPT = "samaan-who";
export const who = signal<Who | null>(null);
/** Set where the server ended this device's session and the data were wiped. */
export const wiped = signal(false);
let started = false;

export function deviceName(): string {
  const agent = navigator.userAgent;
  const system = /Android|iPhone|iPad|Windows|Mac OS|Linux/.exec(agent)?.[0] ?? "";
  const browser = /Edg|Firefox|Chrome|Safari/.exec(agent)?.[0]?.replace("Edg", "Edge") ?? "Browser";
  return [browser, system].filter(Boolean).join(", ");
}

/** Open what lies on this phone, without asking the server: the app starts the same without a network. */
export async function wake(): Promise<void> {
  const text = localStorage.getItem(KEPT);
  if (!text) return;
  const kept = JSON.parse(text) as Who;
  await open(kept);
}

async function open(person: Who): Promise<void> {
  bindShop(person.shop_id);
  const name = databaseName(person.shop_id, person.user_id);
  await useDatabase(name);
  useLock(name);
  if (lockState.value === "none") await readShop();
  who.value = person;
  if (!started) {
    started = true;
    onSessionEnd((problem) => {
      if (problem.code === "session_revoked") void wipe();
    });
    startSync();
  } else void sync();
}

export async function signIn(email: string, password: string): Promise<void> {
  await enter(await call<Tokens>("POST", "/v1/auth/login", { email, password, device: deviceName(), client: "web" }, { anonymous: true }));
}

export async function askCode(phone: string): Promise<string> {
  const sent = await call<Answer<"auth_send_code">>("POST", "/v1/auth/phone/code", { phone }, { anonymous: true });
  return sent.code_id;
}

export async function signInByCode(codeId: string, code: string): Promise<void> {
  await enter(await call<Tokens>("POST", "/v1/auth/phone/login", { code_id: codeId, code, device: deviceName(), client: "web" }, { anonymous: true }));
}

/** Make a person and a shop, then sign in. */
export async function register(email: string, password: string, shopName: string, name: string): Promise<void> {
  await call("POST", "/v1/auth/register", { email, password, shop_name: shopName, ...(name ? { name } : {}) }, { anonymous: true, key: crypto.randomUUID() });
  await signIn(email, password);
}

async function enter(tokens: Tokens): Promise<void> {
  bindShop(null);
  setToken(tokens.access_token);
  let me = await get<Answer<"auth_who_am_i">>("/v1/auth/me");
  if (!me.shop_id) {
    const first = me.shops[0];
    if (!first) throw new Error("this person belongs to no shop");
    await renew(first.shop_id);
    me = await get<Answer<"auth_who_am_i">>("/v1/auth/me");
  }
  await settle({ shop_id: me.shop_id!, user_id: me.user_id, shops: me.shops });
}

async function settle(person: Who): Promise<void> {
  localStorage.setItem(KEPT, JSON.stringify(person));
  wiped.value = false;
  await open(person);
  allowTries();
  if (lockState.value === "none") await takeAll();
  void navigator.storage?.persist?.();
}

export async function changeShop(shopId: string): Promise<void> {
  const person = who.value;
  if (!person || person.shop_id === shopId) return;
  await renew(shopId);
  forgetShop();
  await settle({ ...person, shop_id: shopId });
}

/** Sign out; refused while something is unsent. What the server can give again is taken off the phone. */
export async function signOut(): Promise<void> {
  if (unsentCount() > 0) throw new Error("unsent");
  if (haveToken()) await post("/v1/auth/logout", {}).catch(() => undefined);
  setToken(null);
  const name = database().name;
  closeDatabase();
  indexedDB.deleteDatabase(name);
  localStorage.removeItem(`${name}-lock`);
  localStorage.removeItem(KEPT);
  forgetShop();
  who.value = null;
}

/** The owner signed this device out: take everything but the unsent off it. */
async function wipe(): Promise<void> {
  if (!isOpen()) return;
  await wipeFetched(database());
  const unsent = rows.value;
  forgetShop();
  rows.value = unsent;
  wiped.value = true;
}

export function roleInToken(): unknown {
  return claims()["role"];
}
