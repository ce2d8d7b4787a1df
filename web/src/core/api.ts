/** The one way to the API: adds the token, renews it once, measures the clock, and tells faults from refusals. */
import { signal } from "@preact/signals";
import { ApiProblem, type Client } from "@client";
import { newId } from "./ids";

export { ApiProblem };
/** What an operation of the generated client answers. */
export type Answer<Operation extends keyof Client> = Client[Operation] extends (...given: never[]) => Promise<infer Got> ? Got : never;

/** The server was not reached, or could not serve just now: nothing is known of what became of the request. */
export class Unreachable extends Error {
  constructor(readonly retryAfterSeconds: number | null = null) {
    super("the server cannot be reached");
  }
}

/** Whether the last request reached the server; `navigator.onLine` is only a hint. */
export const reached = signal(navigator.onLine);
export const signedOut = signal(false);
/** Server's clock minus this phone's, in milliseconds. */
export const clockOffset = signal(0);
let token: string | null = null;
const TIMEOUT_MS = 25_000;
const WAIT: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

interface Options {
  key?: string;
  headers?: Record<string, string>;
  /** Asked for by sign-in itself. */
  anonymous?: boolean;
  /** A token of another shop of this person. */
  token?: string;
}

export function haveToken(): boolean {
  return token !== null;
}

export function setToken(fresh: string | null): void {
  token = fresh;
  if (fresh) signedOut.value = false;
}

/** Who and where a token says it is for; it is the server's own and is checked there. */
export function claims(): Record<string, unknown> {
  const part = token?.split(".")[1];
  if (!part) return {};
  return JSON.parse(decodeURIComponent(escape(atob(part.replaceAll("-", "+").replaceAll("_", "/"))))) as Record<string, unknown>;
}

export async function call<T>(method: string, path: string, body?: unknown, options: Options = {}): Promise<T> {
  if (options.token) return send<T>(method, path, body, options);
  if (!options.anonymous && token === null) await renew();
  const used = token;
  try {
    return await send<T>(method, path, body, options);
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.status !== 401 || options.anonymous) throw error;
    if (token === used) await renew();
    return send<T>(method, path, body, options);
  }
}

export function get<T>(path: string): Promise<T> {
  return call<T>("GET", path);
}

/** Write something that needs the network; what can be written without it goes through the outbox. */
export function post<T>(path: string, body?: unknown, method = "POST"): Promise<T> {
  return call<T>(method, path, body, { key: newId() });
}

async function send<T>(method: string, path: string, body: unknown, options: Options): Promise<T> {
  const headers: Record<string, string> = { ...options.headers };
  if (options.key) headers["Idempotency-Key"] = options.key;
  const bearer = options.token ?? token;
  if (bearer && !options.anonymous) headers["Authorization"] = `Bearer ${bearer}`;
  let data: BodyInit | null = null;
  if (body instanceof FormData) data = body;
  else if (body !== undefined) {
    data = JSON.stringify(body);
    headers["Content-Type"] = "application/json";
  }
  const asked = Date.now();
  let answer: Response;
  let text: string;
  try {
    answer = await fetch(path, { method, headers, body: data, signal: AbortSignal.timeout(TIMEOUT_MS), credentials: "same-origin" });
    text = await answer.text();
  } catch {
    reached.value = false;
    throw new Unreachable();
  }
  noteClock(answer.headers.get("date"), asked);
  const wait = answer.headers.get("retry-after");
  if (WAIT.has(answer.status)) {
    reached.value = answer.status === 429;
    throw new Unreachable(wait ? Number(wait) : null);
  }
  reached.value = true;
  if (!answer.ok) throw problemOf(answer, text);
  return (text ? JSON.parse(text) : null) as T;
}

/** A `Date` header has whole seconds: only an error of more than two is taken for one. */
function noteClock(date: string | null, asked: number): void {
  if (!date) return;
  const offset = Date.parse(date) + 500 - (asked + Date.now()) / 2;
  if (Number.isFinite(offset)) clockOffset.value = Math.abs(offset) > 2000 ? Math.round(offset) : 0;
}

function problemOf(answer: Response, text: string): ApiProblem {
  let problem: Record<string, unknown> = {};
  try {
    problem = JSON.parse(text) as Record<string, unknown>;
  } catch {
    // not the API's own answer: the status is what is known
  }
  const word = (name: string): string | null => (typeof problem[name] === "string" ? (problem[name] as string) : null);
  const thrown = new ApiProblem(answer.status, word("code") ?? `http_${answer.status}`, word("detail") ?? answer.statusText, word("field"), word("hint"), word("request_id"), null);
  return Object.assign(thrown, { approvalId: word("approval_id") });
}

export interface Tokens {
  access_token: string;
  expires_in: number;
}

let renewing: Promise<void> | null = null;
/** The shop that is open: a token of any other shop must never send its outbox. */
let openShop: string | null = null;
export function bindShop(shopId: string | null): void {
  openShop = shopId;
}

/** Renew the token by the cookie that scripts cannot read; one renewal at a time over all tabs. */
export function renew(shopId?: string): Promise<void> {
  renewing ??= locked("samaan-renew", () => renewOnce(shopId)).finally(() => {
    renewing = null;
  });
  return renewing;
}

async function refresh(shopId: string | null): Promise<string> {
  const body = shopId ? { shop_id: shopId } : {};
  return (await send<Tokens>("POST", "/v1/auth/refresh", body, { anonymous: true })).access_token;
}

/** A token of another shop of this person, beside the one in use. */
export function tokenFor(shopId: string): Promise<string> {
  return locked("samaan-renew", () => refresh(shopId));
}

async function renewOnce(shopId?: string): Promise<void> {
  try {
    setToken(await refresh(shopId ?? openShop));
  } catch (error) {
    if (error instanceof ApiProblem && error.status < 500) {
      setToken(null);
      signedOut.value = true;
      ended?.(error);
    }
    throw error;
  }
}

/** Called when the server ended this device's session. */
let ended: ((why: ApiProblem) => void) | null = null;
export function onSessionEnd(hear: (why: ApiProblem) => void): void {
  ended = hear;
}

/** Run alone over all tabs of this browser; plain http pages have no Web Locks and get a lock of this tab alone. */
const queues = new Map<string, Promise<unknown>>();
export async function locked<T>(name: string, work: () => Promise<T>): Promise<T> {
  if (navigator.locks) return navigator.locks.request(name, work) as Promise<T>;
  const before = queues.get(name) ?? Promise.resolve();
  const mine = before.then(work, work);
  queues.set(name, mine.catch(() => undefined));
  return mine;
}
