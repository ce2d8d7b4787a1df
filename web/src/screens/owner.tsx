/** The owner's dashboard for a large screen: several shops side by side, sales, stock, udhaar, forecasts, advice. */
import { useEffect, useState } from "preact/hooks";
import { type Answer, get } from "../core/api";
import { about, count, money, percent, weekday } from "../core/format";
import { who } from "../core/session";
import { balanceOf, customers, dayNow, home, itemName, items, stockOf } from "../core/shop";
import { eachShop, type ShopFigures } from "../core/shops";
import { t } from "../core/words";
import { DayBars, Shares } from "../charts/simple";
import { Empty, Notice, Screen, Why } from "../parts/screen";
import { useAnswer } from "./khata";
import { useKept } from "./item";

export function Owner() {
  return (
    <Screen title={t("dashboard")} up="/more" wide>
      <div class="stack loose">
        {(who.value?.shops.length ?? 0) > 1 && <Shops />}
        <div class="grid2">
          <Sales />
          <Udhaar />
          <Stock />
          <Accuracy />
          <AdviceFollowed />
        </div>
      </div>
    </Screen>
  );
}

function Shops() {
  const [rows, setRows] = useState<ShopFigures[]>([]);
  const [done, setDone] = useState(false);
  useEffect(() => void eachShop((figures) => setRows((before) => [...before, figures])).finally(() => setDone(true)), []);
  return (
    <section class="card stack tight" aria-labelledby="shops">
      <h2 id="shops">{t("shops_side_by_side")}</h2>
      <div class="table">
        <table>
          <thead><tr><th>{t("shop")}</th><th>{t("sold_today")}</th><th>{t("week")}</th><th>{t("udhaar")}</th><th>{t("overdue")}</th><th>{t("alerts")}</th></tr></thead>
          <tbody>{rows.map((row) => <tr key={row.shop_id}><td class="strong">{row.name}</td><td>{money(row.today)}</td><td>{money(row.week)}</td><td>{money(row.due)}</td><td class={row.overdue ? "bad" : ""}>{count(row.overdue)}</td><td>{count(row.alerts)}</td></tr>)}</tbody>
        </table>
      </div>
      {!done && <p class="soft">{t("loading")}</p>}
    </section>
  );
}

function Sales() {
  const { answer, failed } = useKept<Answer<"sales_summarise">>("/v1/sales/summary?days=14");
  const days = answer?.days ?? [];
  const week = days.slice(-7);
  const sum = week.reduce((all, each) => all + each.amount_paise, 0);
  const before = days.slice(-14, -7).reduce((all, each) => all + each.amount_paise, 0);
  return (
    <section class="card stack tight" aria-labelledby="o-sales">
      <h2 id="o-sales">{t("sales_week")}</h2>
      {failed && !answer && <Notice kind="advice" icon="offline">{failed}</Notice>}
      {answer && (
        <>
          <p class="sum">{about(sum)}</p>
          {before > 0 && <p class={sum >= before ? "good" : "soft"}>{t("against_week", { change: `${sum >= before ? "+" : "−"}${percent(Math.abs(sum / before - 1))}` })}</p>}
          <DayBars days={week.map((each) => ({ name: weekday(each.on), value: each.amount_paise, now: each.on === dayNow() }))} label={t("sales_week")} />
          <Margin />
        </>
      )}
    </section>
  );
}

/** Margin of what sold in 28 days, at today's price and cost: goods without a cost are counted apart. */
function Margin() {
  let value = 0, cost = 0, unknown = 0;
  for (const item of items.value.values()) {
    const sold = item.sold_28d_milli ?? 0;
    if (sold <= 0) continue;
    if (item.cost_paise === null) { unknown += 1; continue; }
    value += (sold * item.price_paise) / 1000;
    cost += (sold * item.cost_paise) / 1000;
  }
  if (value === 0) return null;
  return <p>{t("margin_is", { share: percent((value - cost) / value, 1) })} {unknown > 0 && <small class="soft">{t("without_cost", { count: unknown })}</small>}</p>;
}

function Udhaar() {
  const { answer, failed } = useAnswer(() => get<Answer<"udhaar_read_exposure">>("/v1/udhaar/exposure"));
  const worst = useAnswer(() => get<Answer<"udhaar_rank_overdue">>("/v1/udhaar/recovery?limit=5"));
  return (
    <section class="card stack tight" aria-labelledby="o-udhaar">
      <h2 id="o-udhaar">{t("khata_ageing")}</h2>
      {failed && <Notice kind="advice" icon="offline">{failed}</Notice>}
      {answer && (
        <>
          <Ageing />
          <p>{t("expected_in", { days: answer.inflow.days, sum: about(answer.inflow.expected_paise), low: about(answer.inflow.lower_paise), high: about(answer.inflow.upper_paise) })}</p>
        </>
      )}
      {worst.answer && worst.answer.rows.length > 0 && (
        <ul>{worst.answer.rows.map((row) => <li key={row.customer_id} class="split"><a href={`/app/khata/${encodeURIComponent(row.customer_id)}`}>{row.name}</a><span class="num bad">{money(row.overdue_paise)}</span></li>)}</ul>
      )}
    </section>
  );
}

/** What is owed, by how long the customer's oldest due date lies back. */
function Ageing() {
  const sums = [0, 0, 0, 0];
  for (const customer of customers.value.values()) {
    const owed = balanceOf(customer.customer_id);
    if (owed <= 0) continue;
    const late = customer.oldest_due_on ? Math.round((Date.parse(dayNow()) - Date.parse(customer.oldest_due_on)) / 86_400_000) : 0;
    sums[late <= 0 ? 0 : late <= 30 ? 1 : late <= 60 ? 2 : 3]! += owed;
  }
  const names = [t("not_due"), t("late_days", { days: "1–30" }), t("late_days", { days: "31–60" }), t("late_days", { days: "60+" })];
  const colours = ["var(--brand)", "var(--advice-line)", "color-mix(in srgb, var(--bad) 60%, var(--advice-line))", "var(--bad)"];
  return <Shares label={t("khata_ageing")} parts={sums.map((value, place) => ({ name: names[place]!, value, colour: colours[place]! }))} />;
}

function Stock() {
  const rows = [...items.value.values()].map((item) => ({ item, stock: stockOf(item.item_id), daily: (item.sold_28d_milli ?? 0) / 28 }));
  const moving = rows.filter((row) => row.daily > 0 && row.stock > 0);
  const value = rows.reduce((sum, { item, stock }) => sum + Math.max(stock, 0) * (item.cost_paise ?? item.price_paise) / 1000, 0);
  const daily = moving.reduce((sum, { item, daily: pace }) => sum + pace * (item.cost_paise ?? item.price_paise) / 1000, 0);
  const short = rows.filter((row) => row.daily > 0 && row.stock / row.daily < 3).sort((a, b) => a.stock / a.daily - b.stock / b.daily).slice(0, 5);
  return (
    <section class="card stack tight" aria-labelledby="o-stock">
      <h2 id="o-stock">{t("stock_days")}</h2>
      {rows.length === 0 ? <Empty icon="goods" title={t("no_goods")} /> : (
        <>
          <p class="sum">{daily > 0 ? t("days_of_stock", { days: count(value / daily) }) : "–"}</p>
          <p class="soft">{t("stock_worth", { sum: about(value) })}</p>
          {short.length > 0 && <><h3>{t("short_soon")}</h3><ul>{short.map((row) => <li key={row.item.item_id} class="split"><a href={`/app/goods/${encodeURIComponent(row.item.item_id)}`}>{itemName(row.item.item_id)}</a><span class="num">{t("days_of_stock", { days: count(Math.max(row.stock / row.daily, 0), 1) })}</span></li>)}</ul></>}
        </>
      )}
    </section>
  );
}

interface History { rows: Array<{ on: string; sold_milli: number; open: boolean; forecast: { p10_milli: number; p50_milli: number; p90_milli: number } | null }> }

/** Forecasts that were made, against what then sold: of the goods that sell most. */
function Accuracy() {
  const top = [...items.value.values()].sort((a, b) => (b.sold_28d_milli ?? 0) - (a.sold_28d_milli ?? 0)).slice(0, 8);
  const { answer, failed } = useAnswer(() => Promise.all(top.map((item) => get<History>(`/v1/inventory/items/${encodeURIComponent(item.item_id)}/history?days=28`))), [top.length]);
  const seen = answer?.flatMap((history) => history.rows).filter((row) => row.forecast && row.open && row.on < dayNow()) ?? [];
  const sold = seen.reduce((sum, row) => sum + row.sold_milli, 0);
  const missed = seen.reduce((sum, row) => sum + Math.abs(row.sold_milli - row.forecast!.p50_milli), 0);
  const inside = seen.filter((row) => row.sold_milli >= row.forecast!.p10_milli && row.sold_milli <= row.forecast!.p90_milli).length;
  return (
    <section class="card stack tight" aria-labelledby="o-accuracy">
      <h2 id="o-accuracy">{t("accuracy")}</h2>
      {failed && <Notice kind="advice" icon="offline">{failed}</Notice>}
      {!answer && !failed && <p class="soft">{t("loading")}</p>}
      {answer && seen.length === 0 && <Empty icon="chart" title={t("no_accuracy")} text={t("no_accuracy_text")} />}
      {seen.length > 0 && (
        <>
          <p class="sum">{percent(inside / seen.length)}</p>
          <p class="soft">{t("accuracy_text", { days: seen.length })}</p>
          {sold > 0 && <p>{t("missed_by", { share: percent(missed / sold) })}</p>}
        </>
      )}
    </section>
  );
}

function AdviceFollowed() {
  const { answer, failed } = useAnswer(() => get<Answer<"pricing_list_changes">>("/v1/pricing/changes?limit=100"));
  const advised = answer?.rows.filter((row) => row.advice_id !== null && row.rolls_back === null) ?? [];
  const back = answer?.rows.filter((row) => row.rolls_back !== null).length ?? 0;
  return (
    <section class="card stack tight" aria-labelledby="o-advice">
      <h2 id="o-advice">{t("advice_followed")}</h2>
      {failed && <Notice kind="advice" icon="offline">{failed}</Notice>}
      {answer && advised.length === 0 && <p class="soft">{t("no_advice_yet")}</p>}
      {advised.length > 0 && (
        <>
          <p class="sum">{count(advised.length)}</p>
          <p class="soft">{t("advice_text", { back })}</p>
          <Why label={t("as_table")}><ul class="pad-bottom">{advised.slice(0, 10).map((row) => <li key={row.change_id} class="split"><span>{itemName(row.item_id)}</span><span class="num">{money(row.before_paise)} → {money(row.after_paise)}</span></li>)}</ul></Why>
        </>
      )}
      {home.value && <p>{t("open_advice", { count: home.value.home.list.length, sum: about(home.value.home.list.reduce((sum, row) => sum + row.stake_paise, 0)) })}</p>}
    </section>
  );
}
