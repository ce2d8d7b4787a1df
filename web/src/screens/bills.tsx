/** Bills of a day, one bill with its receipt, and goods that come back. */
import { useState } from "preact/hooks";
import { clock, money, plainNumber, quantity, readUnits, unitWord } from "../core/format";
import { newId } from "../core/ids";
import { enqueue, factFields, isUnsent, rows } from "../core/outbox";
import { go, parameter, path } from "../core/router";
import { bills, customers, dayNow, itemName, items, maySell, type SaleBody } from "../core/shop";
import { dayOf } from "../core/format";
import type { Bill } from "../core/shapes";
import { plural, t } from "../core/words";
import { Icon } from "../parts/icons";
import { Field } from "../parts/input";
import { Empty, Notice, Screen } from "../parts/screen";
import { say } from "../parts/toast";
import { useKept } from "./item";
import { printOn, Receipt, receiptText } from "./done";
import { shareText } from "../core/share";

interface Shown extends Bill { unsent: boolean }

function sentBills(): number {
  return rows.value.filter((row) => (row.kind === "sale" || row.kind === "return") && row.state === "done").length;
}

/** A bill of the outbox in the form of the server's. */
function unsentBills(on: string): Shown[] {
  return rows.value.filter((row) => row.kind === "sale" && isUnsent(row) && dayOf(row.at) === on).map((row) => ({ ...asBill(row.body as SaleBody, row.at), unsent: true }));
}

function asBill(sale: SaleBody, at: string): Bill {
  const lines = sale.lines.map((line) => ({ ...line, unit_price_paise: line.unit_price_paise ?? 0, discount_paise: line.discount_paise ?? 0, amount_paise: Math.floor(((line.unit_price_paise ?? 0) * line.quantity_milli + 500) / 1000) - (line.discount_paise ?? 0) }));
  return { sale_id: sale.sale_id, sold_at: at, sold_on: dayOf(at), lines, total_paise: sale.total_paise, payment: sale.payment, customer_id: sale.customer_id ?? null, returns: null, recorded_at: null, line_count: lines.length, flags: [] } as unknown as Bill;
}

export function Bills() {
  const [on, setOn] = useState(parameter("on") ?? dayNow());
  const { answer, failed } = useKept<{ rows: Bill[]; next_cursor: string | null }>(`/v1/sales?start=${on}&end=${on}&lines=true&limit=100`, sentBills());
  const known = new Map<string, Shown>();
  for (const bill of [...(answer?.rows ?? []), ...bills.value.filter((each) => each.sold_on === on)]) if (bill.lines.length) known.set(bill.sale_id, { ...bill, unsent: false });
  for (const bill of unsentBills(on)) known.set(bill.sale_id, bill);
  const shown = [...known.values()].sort((a, b) => b.sold_at.localeCompare(a.sold_at));
  return (
    <Screen title={t("bills")} up="/more">
      <div class="stack">
        <Field label={t("day")} type="date" value={on} onInput={(day) => day && setOn(day)} />
        {!answer && failed && <Notice kind="advice" icon="offline">{failed}</Notice>}
        {shown.length === 0 ? <Empty icon="bill" title={t("no_bills")} text={t("no_bills_text")} /> : <div class="list">{shown.map((bill) => <BillRow key={bill.sale_id} bill={bill} />)}</div>}
      </div>
    </Screen>
  );
}

function BillRow({ bill }: { bill: Shown }) {
  const customer = bill.customer_id ? customers.value.get(bill.customer_id)?.name : null;
  return (
    <a class="row" href={`/app/bills/${encodeURIComponent(bill.returns ?? bill.sale_id)}`}>
      <span class="lead"><Icon name={bill.returns ? "undo" : "bill"} /></span>
      <span class="grow">
        <span class="strong">{bill.returns ? t("kind_return") : (customer ?? bill.lines.slice(0, 2).map((line) => itemName(line.item_id)).join(", "))}</span>
        {bill.unsent && <> <span class="chip advice">{t("unsent_one")}</span></>}
        <br /><small class="soft">{clock(bill.sold_at)} · {t(`pay_${bill.payment}`)} · {plural(bill.lines.length, "one_good", "many_goods")}</small>
      </span>
      <span class={`end num strong ${bill.returns ? "bad" : ""}`}>{money(bill.total_paise)}</span>
    </a>
  );
}

export function BillOne() {
  const id = decodeURIComponent(path.value.split("/")[2] ?? "");
  const kept = useKept<Bill>(`/v1/sales/${encodeURIComponent(id)}`, sentBills());
  const row = rows.value.find((each) => each.id === id && each.kind === "sale");
  const bill = bills.value.find((each) => each.sale_id === id && each.lines.length) ?? kept.answer ?? (row ? asBill(row.body as SaleBody, row.at) : null);
  if (!bill) return <Screen title={t("bill")} up="/bills">{kept.failed ? <Empty icon="bill" title={t("nothing_found")} text={kept.failed} /> : <p class="soft" role="status">{t("loading")}</p>}</Screen>;
  return <BillPage key={id} bill={bill} />;
}

function unitOf(itemId: string) {
  return items.value.get(itemId)?.unit ?? "piece";
}

interface Sold { item_id: string; sold: number; paid: number; back: number; refunded: number; price: number }

/** What of a bill can still come back: what was sold, less what came back already, also what is unsent of it. */
function soldOf(bill: Bill, since: Bill[]): Sold[] {
  const sums = new Map<string, Sold>();
  const sum = (id: string, price: number) => sums.get(id) ?? sums.set(id, { item_id: id, sold: 0, paid: 0, back: 0, refunded: 0, price }).get(id)!;
  for (const line of bill.lines) {
    const one = sum(line.item_id, line.unit_price_paise);
    one.sold += line.quantity_milli;
    one.paid += line.amount_paise;
  }
  const known = new Map([...since, ...bills.value].filter((each) => each.returns === bill.sale_id && each.lines.length).map((each) => [each.sale_id, each]));
  for (const earlier of known.values()) {
    for (const line of earlier.lines) {
      const one = sum(line.item_id, line.unit_price_paise);
      one.back -= line.quantity_milli;
      one.refunded -= line.amount_paise;
    }
  }
  for (const row of rows.value.filter((each) => each.kind === "return" && isUnsent(each) && each.path.includes(`/${encodeURIComponent(bill.sale_id)}/`))) {
    for (const line of (row.body as { lines: Array<{ item_id: string; quantity_milli: number }> }).lines) {
      const one = sum(line.item_id, 0);
      one.back += line.quantity_milli;
      one.refunded = Math.floor((one.paid * one.back) / one.sold);
    }
  }
  return [...sums.values()];
}

function BillPage({ bill }: { bill: Bill }) {
  const [back, setBack] = useState(false);
  const since = useKept<{ rows: Bill[] }>(`/v1/sales?start=${bill.sold_on}&lines=true&limit=100`, sentBills());
  const sold = soldOf(bill, since.answer?.rows ?? []);
  const refunded = sold.reduce((sum, one) => sum + one.refunded, 0);
  const customer = bill.customer_id ? customers.value.get(bill.customer_id) : undefined;
  const left = sold.some((one) => one.back < one.sold);
  const sale = { ...bill, customer_id: bill.customer_id ?? undefined } as unknown as SaleBody;
  return (
    <Screen title={t("bill")} up="/bills">
      <div class="stack">
        <section class="card stack tight noprint">
          <p class="split"><span class="soft">{clock(bill.sold_at)} · {t(`pay_${bill.payment}`)}</span>{refunded > 0 && <span class="chip bad">{t("came_back_sum", { sum: money(refunded) })}</span>}</p>
          <p class="sum">{money(bill.total_paise)}</p>
          {customer && <a href={`/app/khata/${encodeURIComponent(customer.customer_id)}`}>{customer.name}</a>}
        </section>
        {back ? <TakeBack bill={bill} sold={sold} onDone={() => setBack(false)} /> : (
          <>
            <ul class="list noprint">
              {sold.map((one) => (
                <li key={one.item_id} class="row">
                  <span class="grow"><span class="strong">{itemName(one.item_id)}</span><br /><small class="soft num">{quantity(one.sold, unitOf(one.item_id))} × {money(one.price)}{one.back > 0 && ` · ${t("came_back", { units: quantity(one.back, unitOf(one.item_id)) })}`}</small></span>
                  <span class="end num strong">{money(one.paid)}</span>
                </li>
              ))}
            </ul>
            <div class="trio noprint">
              <button class="button" onClick={() => void shareText(receiptText(sale, bill.sold_at), t("bill"))}><Icon name="share" />{t("share")}</button>
              <button class="button" onClick={() => printOn("58")}><Icon name="print" />58 mm</button>
              <button class="button" onClick={() => printOn("80")}><Icon name="print" />80 mm</button>
            </div>
            {maySell.value && left && <button class="button wide noprint" onClick={() => setBack(true)}><Icon name="undo" />{t("take_back")}</button>}
          </>
        )}
        <Receipt sale={sale} at={bill.sold_at} link={null} />
      </div>
    </Screen>
  );
}

/** Money goes back by what was paid: in cash, or off the khata of a bill on udhaar. */
function TakeBack({ bill, sold, onDone }: { bill: Bill; sold: Sold[]; onDone: () => void }) {
  const [many, setMany] = useState<Record<string, string>>({});
  const [reason, setReason] = useState("");
  const read = sold.filter((one) => one.back < one.sold).map((one) => ({ one, milli: readUnits(many[one.item_id] || "0", unitOf(one.item_id)), most: one.sold - one.back }));
  const wrong = read.some(({ milli, most }) => milli === null || milli > most);
  const refund = read.reduce((sum, { one, milli }) => sum + Math.floor((one.paid * (one.back + (milli ?? 0))) / one.sold) - one.refunded, 0);
  const good = !wrong && reason.trim().length >= 3 && read.some(({ milli }) => (milli ?? 0) > 0);
  const save = async () => {
    const id = newId();
    const at = new Date().toISOString();
    const lines = read.filter(({ milli }) => (milli ?? 0) > 0).map(({ one, milli }) => ({ item_id: one.item_id, quantity_milli: milli! }));
    const needs = rows.value.filter((row) => isUnsent(row) && (row.id === bill.sale_id || (row.kind === "return" && row.path.includes(bill.sale_id)))).map((row) => row.id);
    await enqueue({
      id, kind: "return", at, path: `/v1/sales/${encodeURIComponent(bill.sale_id)}/returns`, title: lines.map((line) => itemName(line.item_id)).join(", ").slice(0, 80), amount_paise: -refund, needs,
      body: { return_id: id, lines, reason: reason.trim(), at, ...factFields() }, about: { payment: bill.payment, customer_id: bill.customer_id },
    });
    say(t("saved"));
    onDone();
    go(`/bills/${encodeURIComponent(bill.sale_id)}`);
  };
  return (
    <form class="stack" onSubmit={(event) => { event.preventDefault(); if (good) void save(); }}>
      <h2>{t("what_comes_back")}</h2>
      {read.map(({ one, milli, most }) => (
        <div key={one.item_id} class="card flat stack tight">
          <div class="split"><span class="strong">{itemName(one.item_id)}</span><button type="button" class="button small" onClick={() => setMany({ ...many, [one.item_id]: plainNumber(most) })}>{t("all_of", { units: quantity(most, unitOf(one.item_id)) })}</button></div>
          <Field label={`${t("quantity")} (${unitWord(unitOf(one.item_id))})`} value={many[one.item_id] ?? ""} inputMode="decimal" onInput={(text) => setMany({ ...many, [one.item_id]: text })} error={milli === null ? t("not_a_number") : milli > most ? t("at_most", { units: quantity(most, unitOf(one.item_id)) }) : null} />
        </div>
      ))}
      <Field label={t("reason")} value={reason} onInput={setReason} />
      <p class="split"><span class="soft">{bill.payment === "udhaar" ? t("off_the_khata") : t("give_back")}</span><output class="sum">{money(refund)}</output></p>
      <div class="pair">
        <button type="button" class="button" onClick={onDone}>{t("back")}</button>
        <button class="button main" disabled={!good}>{t("take_back")}</button>
      </div>
    </form>
  );
}
