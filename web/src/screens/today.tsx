/** Today: what was sold, who owes, and what is worth doing, each with its rupees and its reason. */
import { useState } from "preact/hooks";
import { about, clock, dayOf, dayWithin, momentWithin, money } from "../core/format";
import { enqueue } from "../core/outbox";
import { go } from "../core/router";
import type { Home, Recommendation } from "../core/shapes";
import { dayNow, home, itemName, items, maySell, today } from "../core/shop";
import { sync, syncing } from "../core/sync";
import { plural, t, type Word } from "../core/words";
import { Arithmetic } from "../parts/arithmetic";
import { Icon, type IconName } from "../parts/icons";
import { Empty, Screen, Why } from "../parts/screen";
import { say } from "../parts/toast";

const ICONS: Partial<Record<Recommendation["kind"], IconName>> = {
  stock_out: "truck", low_stock: "truck", seasonal_spike: "truck", negative_stock: "count", expiry: "wait", slow_stock: "tag", price_anomaly: "tag",
  cost_anomaly: "tag", overdue: "khata", broken_promise: "khata", high_risk: "khata",
};
const ACTIONS: Partial<Record<Recommendation["kind"], Word>> = {
  stock_out: "do_order", low_stock: "do_order", seasonal_spike: "do_order", negative_stock: "do_count", expiry: "do_price", slow_stock: "do_price",
  price_anomaly: "do_price", cost_anomaly: "do_price", overdue: "do_remind", broken_promise: "do_remind", high_risk: "do_look",
};

export function Today() {
  const kept = home.value;
  return (
    <Screen title={kept?.home.shop.name ?? t("today")} wide tools={
      <button class="iconbutton" aria-label={t("refresh")} disabled={syncing.value} onClick={() => void sync()}><Icon name="refresh" /></button>
    }>
      <div class="columns stack">
        <div class="stack">
          <Sales />
          {kept && <Khata home={kept.home} />}
          {kept && kept.home.orders_due.length > 0 && <OrdersDue home={kept.home} />}
          {items.value.size === 0 && maySell.value && <FirstGoods />}
        </div>
        <Advice />
      </div>
    </Screen>
  );
}

function Sales() {
  const sums = today.value;
  const kept = home.value;
  return (
    <section class="card" aria-labelledby="sold">
      <div class="split">
        <h2 id="sold" class="soft">{t("sold_today")}</h2>
        {kept && <small class="soft">{t("as_of", { time: dayOf(kept.at) === dayNow() ? clock(kept.at) : momentWithin(kept.at) })}</small>}
      </div>
      <p class="sum">{money(sums.amount)}</p>
      <p class="soft"><a href="/app/bills">{plural(sums.bills, "one_bill", "many_bills")}</a>{sums.unsentBills > 0 && ` · ${t("not_sent_yet", { count: sums.unsentBills })}`}</p>
      <dl class="figures top-gap">
        <div class="figure"><dt>{t("cash")}</dt><dd>{money(sums.by.cash)}</dd></div>
        <div class="figure"><dt>UPI</dt><dd>{money(sums.by.upi)}</dd></div>
        <div class="figure"><dt>{t("udhaar")}</dt><dd>{money(sums.by.udhaar)}</dd></div>
      </dl>
    </section>
  );
}

function Khata({ home: said }: { home: Home }) {
  return (
    <a class="card row" href="/app/khata">
      <span class="lead"><Icon name="khata" /></span>
      <span class="grow">
        <span class="strong">{t("udhaar_out", { sum: money(said.khata.due_paise) })}</span><br />
        <small class={said.khata.customers_overdue ? "bad" : "soft"}>
          {said.khata.customers_overdue ? plural(said.khata.customers_overdue, "one_overdue", "many_overdue") : plural(said.khata.customers_owing, "one_owes", "many_owe")}
        </small>
      </span>
      <Icon name="turn" className="turn" />
    </a>
  );
}

function OrdersDue({ home: said }: { home: Home }) {
  return (
    <section class="stack tight">
      <h2>{t("orders_due")}</h2>
      <div class="list">
        {said.orders_due.map((order) => (
          <a key={order.supplier_id} class="row" href={`/app/order?supplier=${encodeURIComponent(order.supplier_id)}`}>
            <span class="lead"><Icon name="truck" /></span>
            <span class="grow"><span class="strong">{order.name}</span><br /><small class="soft">{order.order_due_by ? t("order_by", { when: momentWithin(order.order_due_by) }) : t("comes_on", { when: dayWithin(order.visit_on) })}</small></span>
            <Icon name="turn" className="turn" />
          </a>
        ))}
      </div>
    </section>
  );
}

function FirstGoods() {
  return (
    <section class="card stack">
      <h2>{t("no_goods")}</h2>
      <p class="soft">{t("no_goods_text")}</p>
      <a class="button main" href="/app/start">{t("set_up_shop")}</a>
    </section>
  );
}

function Advice() {
  const [put, setPut] = useState<string[]>([]);
  const kept = home.value;
  const list = kept?.home.list.filter((row) => !put.includes(row.key)) ?? [];
  return (
    <section class="stack tight" aria-labelledby="worth">
      <h2 id="worth">{t("worth_doing")}</h2>
      {list.length === 0 && <div class="card flat"><Empty icon="check" title={t("nothing_to_do")} text={t("nothing_to_do_text")} /></div>}
      {list.map((row) => <Thing key={row.key} row={row} onPut={() => setPut([...put, row.key])} />)}
    </section>
  );
}

/** Where a recommendation is acted on. */
export function placeOf(row: Recommendation): string {
  const subject = encodeURIComponent(row.subject_id);
  if (row.kind === "stock_out" || row.kind === "low_stock" || row.kind === "seasonal_spike") return `/order?item=${subject}`;
  if (row.kind === "negative_stock") return `/count?item=${subject}`;
  if (row.kind === "expiry") return "/goods?show=expiring";
  if (row.kind === "overdue" || row.kind === "high_risk") return `/khata/${subject}`;
  if (row.kind === "broken_promise") {
    const customer = /customers\/([^/]+)/.exec(row.draft.path)?.[1];
    return customer ? `/khata/${customer}` : "/khata";
  }
  return `/goods/${subject}`;
}

function Thing({ row, onPut }: { row: Recommendation; onPut: () => void }) {
  const decide = async (choice: "accepted" | "dismissed") => {
    await enqueue({ kind: "decision", path: `/v1/recommendations/${encodeURIComponent(row.key)}/decision`, body: { choice }, title: row.subject_name });
    onPut();
    if (choice === "accepted") go(placeOf(row));
    else say(t("put_away"));
  };
  return (
    <article class="card advice">
      <div class="stack tight">
        <div class="split top">
          <h3 class="cluster nowrap grow"><Icon name={ICONS[row.kind] ?? "spark"} /><span class="grow">{items.value.has(row.subject_id) ? itemName(row.subject_id) : row.subject_name}</span></h3>
          {row.stake_paise > 0 && <span class="strong num">{about(row.stake_paise)}</span>}
        </div>
        <p>{row.text}</p>
        {maySell.value && (
          <div class="cluster">
            <button class="button main" onClick={() => void decide("accepted")}>{t(ACTIONS[row.kind] ?? "do_look")}</button>
            <button class="button quiet" onClick={() => void decide("dismissed")}>{t("not_now")}</button>
          </div>
        )}
        <Why><Arithmetic formula={row.arithmetic} inputs={row.inputs} subject={row.subject_id} /></Why>
      </div>
    </article>
  );
}

