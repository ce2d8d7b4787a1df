/** Khata: who owes, how much and since when; one customer's book with Gave and Got. */
import { useEffect, useState } from "preact/hooks";
import { type Answer, get, post } from "../core/api";
import { keepCustomer, keepEntry, needsOf } from "../core/cart";
import { database } from "../core/db";
import { day, dayOf, money, moment, readMoney, shortDay } from "../core/format";
import { newId } from "../core/ids";
import { seal, unsealAll } from "../core/lock";
import { enqueue, factFields, isUnsent, rows, type OutboxRow } from "../core/outbox";
import { go, parameter, path } from "../core/router";
import { match } from "../core/search";
import { balanceOf, customers, dayNow, home, isOverdue, maySell, searchCustomers } from "../core/shop";
import type { Customer, Entry } from "../core/shapes";
import { shareText } from "../core/share";
import { language, t } from "../core/words";
import { Icon } from "../parts/icons";
import { Field, Filters, Pad, Search, Sheet } from "../parts/input";
import { Qr } from "../parts/qr";
import { Empty, Notice, Screen } from "../parts/screen";
import { say } from "../parts/toast";
import { BalanceLine } from "../charts/simple";

type Which = "owing" | "overdue" | "all";

export function Khata() {
  const [text, setText] = useState("");
  const [which, setWhich] = useState<Which>((parameter("show") as Which) ?? "owing");
  const [adding, setAdding] = useState(false);
  const on = dayNow();
  const found = searchCustomers.value
    .map(({ customer, key }) => ({ customer, score: match(text, key) }))
    .filter(({ customer, score }) => score > 0 && (text !== "" || which === "all" || (which === "overdue" ? isOverdue(customer, on) : balanceOf(customer.customer_id) !== 0)))
    .map(({ customer }) => customer)
    .sort((a, b) => Number(isOverdue(b, on)) - Number(isOverdue(a, on)) || balanceOf(b.customer_id) - balanceOf(a.customer_id) || a.name.localeCompare(b.name));
  const owed = [...customers.value.keys()].reduce((sum, id) => sum + Math.max(balanceOf(id), 0), 0);
  return (
    <Screen title={t("khata")} tools={maySell.value && <button class="iconbutton" aria-label={t("new_customer")} onClick={() => setAdding(true)}><Icon name="plus" /></button>}>
      <div class="stack">
        <div><p class="soft">{t("you_get")}</p><p class="sum">{money(owed)}</p></div>
        <Search value={text} onInput={setText} label={t("search_customers")} onEnter={() => found[0] && go(`/khata/${encodeURIComponent(found[0].customer_id)}`)} />
        <Filters label={t("show")} value={which} onChange={setWhich} options={[["owing", t("owing")], ["overdue", t("overdue")], ["all", t("all")]]} />
        {found.length ? (
          <div class="list">{found.map((customer) => <CustomerRow key={customer.customer_id} customer={customer} on={on} />)}</div>
        ) : (
          <Empty icon="people" title={customers.value.size ? t("nothing_found") : t("no_customers")} text={customers.value.size ? undefined : t("no_customers_text")}>
            {maySell.value && <button class="button main" onClick={() => setAdding(true)}><Icon name="plus" />{t("new_customer")}</button>}
          </Empty>
        )}
      </div>
      {adding && <NewCustomer name={text} onClose={() => setAdding(false)} />}
    </Screen>
  );
}

export function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  return [...(words[0] ?? "")].slice(0, 1).join("") + [...(words[1] ?? "")].slice(0, 1).join("");
}

function CustomerRow({ customer, on }: { customer: Customer; on: string }) {
  const balance = balanceOf(customer.customer_id);
  const late = isOverdue(customer, on);
  return (
    <a class="row" href={`/app/khata/${encodeURIComponent(customer.customer_id)}`}>
      <span class="lead" aria-hidden="true">{initials(customer.name)}</span>
      <span class="grow">
        <span class="strong">{customer.name}</span>
        {late && <><br /><small class="bad">{t("since", { when: shortDay(customer.oldest_due_on!) })}</small></>}
        {!late && customer.limit_paise !== null && balance > 0 && <><br /><small class="soft">{t("room_left", { sum: money(Math.max(customer.limit_paise - balance, 0)) })}</small></>}
      </span>
      <span class={`end num strong ${late ? "bad" : balance < 0 ? "good" : ""}`}>{money(Math.abs(balance))}{balance < 0 && <><br /><small>{t("advance")}</small></>}</span>
    </a>
  );
}

export function NewCustomer({ name: first, onClose }: { name: string; onClose: () => void }) {
  const [name, setName] = useState(first);
  const [phone, setPhone] = useState("");
  const digits = phone.replace(/[^\d+]/g, "");
  const wrong = phone !== "" && !/^\+?\d{7,15}$/.test(digits);
  const save = async () => {
    const made = await keepCustomer(name.trim(), digits || null);
    onClose();
    go(`/khata/${encodeURIComponent(made.customer_id)}`);
  };
  return (
    <Sheet title={t("new_customer")} onClose={onClose}>
      <form class="stack" onSubmit={(event) => { event.preventDefault(); if (name.trim() && !wrong) void save(); }}>
        <Field label={t("name")} value={name} onInput={setName} autofocus required />
        <Field label={t("phone_optional")} value={phone} onInput={setPhone} type="tel" inputMode="tel" error={wrong ? t("not_a_phone") : null} />
        <button class="button main wide" disabled={!name.trim() || wrong}>{t("save")}</button>
      </form>
    </Sheet>
  );
}

export function KhataOne() {
  const id = decodeURIComponent(path.value.split("/")[2] ?? "");
  const customer = customers.value.get(id);
  if (!customer) return <Screen title={t("khata")} up="/khata"><Empty icon="people" title={t("nothing_found")} /></Screen>;
  return <Book customer={customer} key={id} />;
}

function Book({ customer }: { customer: Customer }) {
  const id = customer.customer_id;
  const [text, setText] = useState("");
  const [sheet, setSheet] = useState<"promise" | "remind" | "statement" | null>(null);
  const [saving, setSaving] = useState(false);
  const paise = readMoney(text) ?? 0;
  const balance = balanceOf(id);
  const late = isOverdue(customer, dayNow());
  const over = customer.limit_paise !== null && balance + paise > customer.limit_paise && paise > 0;
  const keep = async (kind: "credit" | "payment") => {
    if (paise <= 0 || saving) return;
    setSaving(true);
    try {
      await keepEntry(kind, { customer_id: id, name: customer.name, needs: await needsOf(id) }, paise);
      setText("");
      say(t("saved"));
    } catch {
      say(t("not_saved_full"), true);
    } finally {
      setSaving(false);
    }
  };
  return (
    <Screen title={customer.name} up="/khata" wide tools={<a class="iconbutton" aria-label={t("edit")} href={`/app/customers/${encodeURIComponent(id)}`}><Icon name="edit" /></a>}>
      <div class="lookup">
       <div class="stack">
        <div class="split">
          <div>
            <p class="soft">{balance < 0 ? t("you_owe_advance") : t("owes")}</p>
            <p class={`sum ${late ? "bad" : ""}`}>{money(Math.abs(balance))}</p>
          </div>
          <div>
            {late && <span class="chip bad">{t("overdue_since", { when: shortDay(customer.oldest_due_on!) })}</span>}
            {customer.limit_paise !== null && <p class="small soft">{t("limit_is", { sum: money(customer.limit_paise) })}</p>}
          </div>
        </div>
        {customer.limit_paise !== null && <BalanceLine balance={balance} limit={customer.limit_paise} />}
        {maySell.value && (
          <section class="card stack tight" aria-label={t("new_entry")}>
            <Pad value={text} onInput={setText} label={t("amount")} shown={`₹${text || "0"}`} />
            {over && <Notice kind="advice" icon="alert">{t("over_limit_after", { limit: money(customer.limit_paise!) })}</Notice>}
            <div class="pair">
              <button class="button big bad" disabled={paise <= 0 || saving} onClick={() => void keep("credit")}>{t("gave")}</button>
              <button class="button big main" disabled={paise <= 0 || saving} onClick={() => void keep("payment")}>{t("got")}</button>
            </div>
          </section>
        )}
        <div class="trio">
          <button class="button" onClick={() => setSheet("remind")}><Icon name="bell" />{t("remind")}</button>
          <button class="button" onClick={() => setSheet("promise")}><Icon name="wait" />{t("promise")}</button>
          <button class="button" onClick={() => setSheet("statement")}><Icon name="bill" />{t("statement")}</button>
        </div>
       </div>
       <Entries customer={customer} />
      </div>
      {sheet === "promise" && <Promised customer={customer} onClose={() => setSheet(null)} />}
      {sheet === "remind" && <Remind customer={customer} onClose={() => setSheet(null)} />}
      {sheet === "statement" && <Statement customer={customer} onClose={() => setSheet(null)} />}
    </Screen>
  );
}

interface ShownEntry { id: string; kind: string; amount: number; at: string; note: string; unsent: boolean; parked: boolean }

function unsentEntries(id: string): ShownEntry[] {
  const mine = (row: OutboxRow) =>
    row.kind === "sale" ? (row.body as { customer_id?: string; payment: string }).customer_id === id && (row.body as { payment: string }).payment === "udhaar"
      : (row.kind === "credit" || row.kind === "payment") && row.path.includes(`/${encodeURIComponent(id)}/`);
  return rows.value.filter((row) => isUnsent(row) && mine(row)).map((row) => ({
    id: row.id, kind: row.kind === "payment" ? "payment" : "credit", amount: row.amount_paise ?? 0, at: row.at,
    note: row.kind === "sale" ? t("bill") : "", unsent: true, parked: row.state === "parked",
  }));
}

/** The book's newest entries come with its first opening; they stay on the phone for the next one without a network. */
async function fetchEntries(id: string): Promise<void> {
  const page = await get<Answer<"udhaar_list_entries">>(`/v1/udhaar/customers/${encodeURIComponent(id)}/entries?limit=40`);
  const sealed = await Promise.all(page.rows.map((entry) => seal<Entry>(entry as Entry, "entry_id", "customer_id")));
  const work = database().transaction("entries", "readwrite");
  for (const entry of sealed) void work.store.put(entry);
  await work.done;
}

function Entries({ customer }: { customer: Customer }) {
  const [kept, setKept] = useState<Entry[]>([]);
  const id = customer.customer_id;
  const sent = rows.value.filter((row) => row.state === "done").length;
  const [fetched, setFetched] = useState(0);
  useEffect(() => void fetchEntries(id).then(() => setFetched((round) => round + 1), () => undefined), [id, sent]);
  useEffect(() => {
    void database().getAllFromIndex("entries", "customer_id", id).then(async (found) => setKept(await unsealAll<Entry>(found)));
  }, [id, sent, customer, fetched]);
  const shown: ShownEntry[] = [
    ...unsentEntries(id),
    ...kept.map((entry) => ({ id: entry.entry_id, kind: entry.kind, amount: entry.amount_paise, at: entry.at, note: entry.note || entry.reason, unsent: false, parked: false })),
  ].sort((a, b) => b.at.localeCompare(a.at)).slice(0, 40);
  return (
    <section class="stack tight" aria-labelledby="entries">
      <h2 id="entries">{t("entries")}</h2>
      {shown.length === 0 ? <p class="soft">{t("no_entries")}</p> : (
        <ul class="list">
          {shown.map((entry) => (
            <li key={entry.id} class="row">
              <span class="grow">
                <span class="strong">{t(entry.kind === "credit" ? "gave" : entry.kind === "payment" ? "got" : entry.kind === "reversal" ? "reversed" : "written_off")}</span>
                {entry.unsent && <> <span class={`chip ${entry.parked ? "bad" : "advice"}`}>{entry.parked ? t("refused") : t("unsent_one")}</span></>}
                <br /><small class="soft">{moment(entry.at)}{entry.note && !entry.note.includes(":") && ` · ${entry.note}`}</small>
              </span>
              <span class={`end num strong ${entry.kind === "credit" ? "" : "good"}`}>{entry.kind === "credit" ? "+" : "−"}{money(entry.amount)}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Promised({ customer, onClose }: { customer: Customer; onClose: () => void }) {
  const balance = balanceOf(customer.customer_id);
  const [amount, setAmount] = useState(balance > 0 ? String(balance / 100) : "");
  const [on, setOn] = useState(dayOf(Date.now() + 7 * 86_400_000));
  const paise = readMoney(amount);
  const save = async () => {
    const id = newId();
    const at = new Date().toISOString();
    await enqueue({
      id, kind: "promise", at, title: customer.name, amount_paise: paise, needs: await needsOf(customer.customer_id),
      path: `/v1/udhaar/customers/${encodeURIComponent(customer.customer_id)}/promises`,
      body: { entry_id: id, amount_paise: paise, pay_by: on, at, ...factFields() },
    });
    say(t("saved"));
    onClose();
  };
  return (
    <Sheet title={t("promise")} onClose={onClose}>
      <form class="stack" onSubmit={(event) => { event.preventDefault(); if (paise) void save(); }}>
        <Field label={t("amount")} value={amount} onInput={setAmount} inputMode="decimal" error={amount && !paise ? t("not_a_number") : null} autofocus />
        <Field label={t("pays_by")} value={on} onInput={setOn} type="date" />
        <button class="button main wide" disabled={!paise || !on}>{t("save")}</button>
      </form>
    </Sheet>
  );
}

/** Read something that only the server has; says so where there is no network. */
export function useAnswer<T>(ask: () => Promise<T>, on: unknown[] = []): { answer: T | null; failed: string | null } {
  const [answer, setAnswer] = useState<T | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  useEffect(() => {
    let here = true;
    ask().then((got) => here && (setAnswer(got), setFailed(null)), (error: Error & { detail?: string }) => here && setFailed(error.detail ?? t("needs_network")));
    return () => { here = false; };
  }, on);
  return { answer, failed };
}

function Remind({ customer, onClose }: { customer: Customer; onClose: () => void }) {
  const base = `/v1/udhaar/customers/${encodeURIComponent(customer.customer_id)}`;
  const { answer, failed } = useAnswer(() => get<Answer<"udhaar_read_reminder">>(`${base}/reminder?language=${language.value}`));
  const note = () => void post(`${base}/reminders`, { channel: "whatsapp" }).catch(() => undefined);
  return (
    <Sheet title={t("remind")} onClose={onClose}>
      {failed && <Notice kind="advice" icon="offline">{failed}</Notice>}
      {!answer && !failed && <p class="soft">{t("loading")}</p>}
      {answer && (
        <div class="stack">
          {answer.refused ? <Notice kind="advice" icon="alert">{answer.refused}</Notice> : <p class="card flat">{answer.text}</p>}
          {!answer.refused && answer.upi_link && <Qr text={answer.upi_link} label={t("upi_code", { sum: money(answer.amount_paise) })} />}
          {!answer.refused && (
            <div class="pair">
              {answer.whatsapp_link && <a class="button main" href={answer.whatsapp_link} target="_blank" rel="noopener noreferrer" onClick={note}>WhatsApp</a>}
              <button class="button" onClick={() => { note(); void shareText(answer.text, customer.name); }}><Icon name="share" />{t("share")}</button>
            </div>
          )}
        </div>
      )}
    </Sheet>
  );
}

function Statement({ customer, onClose }: { customer: Customer; onClose: () => void }) {
  const base = `/v1/udhaar/customers/${encodeURIComponent(customer.customer_id)}`;
  const { answer, failed } = useAnswer(async () => {
    const [card, khata] = await Promise.all([get<Answer<"udhaar_read_statement">>(`${base}/statement`), get<Answer<"udhaar_read_khata">>(`${base}/khata?last=5`)]);
    return { card, khata };
  });
  const text = answer && [
    `${home.value?.home.shop.name}`, customer.name, "",
    ...answer.card.lines.slice(-20).map((line) => `${shortDay(line.day)}  ${line.effect_paise > 0 ? "+" : "−"}${money(Math.abs(line.effect_paise))}  ${money(line.balance_paise)}`),
    "", `${t("owes")}: ${money(answer.card.closing_paise)}`,
  ].join("\n");
  return (
    <Sheet title={t("statement")} onClose={onClose}>
      {failed && <Notice kind="advice" icon="offline">{failed}</Notice>}
      {!answer && !failed && <p class="soft">{t("loading")}</p>}
      {answer && text && (
        <div class="stack">
          <div class="table">
            <table>
              <thead><tr><th>{t("day")}</th><th>{t("gave")}</th><th>{t("got")}</th><th>{t("balance")}</th></tr></thead>
              <tbody>
                {answer.card.lines.slice(-12).map((line) => (
                  <tr key={line.entry.entry_id}><td>{day(line.day)}</td><td>{line.effect_paise > 0 && money(line.effect_paise)}</td><td>{line.effect_paise <= 0 && money(-line.effect_paise)}</td><td>{money(line.balance_paise)}</td></tr>
                ))}
              </tbody>
            </table>
          </div>
          <p class="split strong"><span>{t("owes")}</span><span class="num">{money(answer.card.closing_paise)}</span></p>
          {answer.khata.fits_qr && <><Qr text={answer.khata.statement} label={t("signed_code")} /><p class="small soft center">{t("signed_code_text")}</p></>}
          <div class="pair">
            <button class="button main" onClick={() => void shareText(text, customer.name)}><Icon name="share" />{t("share")}</button>
            <button class="button" onClick={() => print()}><Icon name="print" />{t("print")}</button>
          </div>
        </div>
      )}
    </Sheet>
  );
}

