/** Setting and taking away the PIN: everything with names and khata is written again, sealed or in the open. */
import { database, strictly } from "./db";
import { forgetLock, isSealed, seal, sealNoMore, setPin, unsealAll } from "./lock";
import { allRows, lockName, reloadOthers, resealOutbox } from "./outbox";
import { locked } from "./api";
import type { Bill, Customer, Entry, Home } from "./shapes";
import { home } from "./shop";

interface Open { customers: Customer[]; entries: Entry[]; bills: Bill[] }

async function readOpen(): Promise<Open> {
  const db = database();
  return {
    customers: await unsealAll<Customer>(await db.getAll("customers")),
    entries: await unsealAll<Entry>(await db.getAll("entries")),
    bills: await unsealAll<Bill>(await db.getAll("bills")),
  };
}

async function write(open: Open, kept: { at: number; home: Home } | null): Promise<void> {
  const customers = await Promise.all(open.customers.map((row) => seal(row, "customer_id")));
  const entries = await Promise.all(open.entries.map((row) => seal(row, "entry_id", "customer_id")));
  const bills = await Promise.all(open.bills.map((row) => seal(row, "sale_id", "sold_on")));
  const sealedHome = kept && (await seal(kept));
  const work = strictly(database(), ["customers", "entries", "bills", "kept", "meta"]);
  for (const row of customers) void work.objectStore("customers").put(row);
  for (const row of entries) void work.objectStore("entries").put(row);
  for (const row of bills) void work.objectStore("bills").put(row);
  void work.objectStore("kept").clear();
  if (sealedHome) void work.objectStore("meta").put(sealedHome, "home");
  await work.done;
}

export async function protect(pin: string): Promise<void> {
  await locked(lockName(), async () => {
    const open = await readOpen();
    const rows = await allRows();
    await setPin(pin);
    await write(open, home.value);
    await resealOutbox(rows);
  });
  reloadOthers();
}

/** The lock is forgotten last: a crash in between leaves rows of both kinds, and the PIN that opens them. */
export async function unprotect(): Promise<void> {
  await locked(lockName(), async () => {
    const open = await readOpen();
    sealNoMore();
    await write(open, home.value);
    // A row may have been sealed while this ran: look again until all lie in the open.
    for (;;) {
      await resealOutbox(await allRows());
      if (!(await database().getAll("outbox")).some(isSealed)) break;
    }
    forgetLock();
  });
  reloadOthers();
}
