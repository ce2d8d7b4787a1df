/** One good: how it sells and will sell, what to order, what to charge, its lots and movements. */
import type { ComponentType } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { type Answer, get, post } from "../core/api";
import { database } from "../core/db";
import { about, count, dayWithin, moment, momentWithin, money, percent, plainMoney, quantity, readMoney, shortDay, unitWord } from "../core/format";
import { path } from "../core/router";
import { isOwner, items, maySell, nameOf, role, stockOf } from "../core/shop";
import type { HistoryDay, Item } from "../core/shapes";
import { cached, fetchAndKeep } from "../core/sync";
import { t, type Word } from "../core/words";
import { Icon } from "../parts/icons";
import { Field } from "../parts/input";
import { Empty, Facts, Notice, Screen, Why } from "../parts/screen";
import { say } from "../parts/toast";
import { useAnswer } from "./khata";
import type { DemandDay } from "../charts/demand";

type Forecast = Answer<"forecast_forecast_item">;

export function ItemScreen() {
  const id = decodeURIComponent(path.value.split("/")[2] ?? "");
  const item = items.value.get(id);
  if (!item) return <Screen title={t("goods")} up="/goods"><Empty icon="goods" title={t("nothing_found")} /></Screen>;
  return <Good key={id} item={item} />;
}

function Good({ item }: { item: Item }) {
  const stock = stockOf(item.item_id);
  return (
    <Screen title={nameOf(item)} up="/goods" wide tools={maySell.value && <a class="iconbutton" aria-label={t("edit")} href={`/app/goods/${encodeURIComponent(item.item_id)}/edit`}><Icon name="edit" /></a>}>
      <div class="columns stack">
        <div class="stack">
          <section class="card">
            <dl class={`figures ${role.value !== "staff" && item.cost_paise !== null ? "four" : ""}`}>
              <div class="figure"><dt>{t("in_stock")}</dt><dd class={stock < 0 ? "bad" : ""}>{quantity(stock, item.unit)}</dd></div>
              <div class="figure"><dt>{t("price")}</dt><dd>{money(item.price_paise)}</dd></div>
              <div class="figure"><dt>MRP</dt><dd>{item.mrp_paise !== null ? money(item.mrp_paise) : "–"}</dd></div>
              {role.value !== "staff" && item.cost_paise !== null && <div class="figure"><dt>{t("cost")}</dt><dd>{money(item.cost_paise)}</dd></div>}
            </dl>
          </section>
          <Demand item={item} />
        </div>
        <div class="stack">
          {isOwner.value && <Price item={item} />}
          {maySell.value && <a class="button wide" href={`/app/count?item=${encodeURIComponent(item.item_id)}`}><Icon name="count" />{t("count_this")}</a>}
          <Lots item={item} />
          <Movements item={item} />
        </div>
      </div>
    </Screen>
  );
}

/** Read from the server, or what was read last; `at` says when. */
export function useKept<T>(place: string, round = 0): { answer: T | null; at: number | null; failed: string | null } {
  const [state, setState] = useState<{ answer: T | null; at: number | null; failed: string | null }>({ answer: null, at: null, failed: null });
  useEffect(() => {
    let here = true;
    const show = (fresh: Partial<typeof state>) => here && setState((before) => ({ ...before, ...fresh }));
    void cached<T>(place).then((kept) => kept && show({ answer: kept.answer, at: kept.at }));
    fetchAndKeep<T>(place).then((answer) => show({ answer, at: Date.now(), failed: null }), (error: { detail?: string }) => show({ failed: error.detail ?? t("needs_network") }));
    return () => { here = false; };
  }, [place, round]);
  return state;
}

function Demand({ item }: { item: Item }) {
  const base = encodeURIComponent(item.item_id);
  const forecast = useKept<Forecast>(`/v1/forecast/items/${base}?horizon_days=14`);
  const history = useKept<{ rows: HistoryDay[] }>(`/v1/inventory/items/${base}/history?days=28`);
  const [Chart, setChart] = useState<ComponentType<{ days: DemandDay[]; unit: Item["unit"] }> | null>(null);
  useEffect(() => void import("../charts/demand").then((module) => setChart(() => module.DemandChart)), []);
  const card = forecast.answer?.items[0] ?? null;
  const days = useMemo(() => daysOf(history.answer?.rows ?? [], card), [history.answer, card]);
  const old = forecast.at !== null && Date.now() - forecast.at > 3 * 86_400_000;
  return (
    <section class="card stack tight" aria-labelledby="demand">
      <div class="split"><h2 id="demand">{t("how_it_sells")}</h2>{forecast.at !== null && <small class="soft">{t("as_of", { time: momentWithin(forecast.at) })}</small>}</div>
      {card && <p>{sentence(card, item)}</p>}
      {old && <Notice kind="advice" icon="wait">{t("forecast_old")}</Notice>}
      {days.length > 0 && Chart ? <Chart days={days} unit={item.unit} /> : !forecast.failed && !history.failed && <p class="soft">{t("loading")}</p>}
      {days.length === 0 && (forecast.failed ?? history.failed) && <Notice kind="advice" icon="offline">{forecast.failed ?? history.failed}</Notice>}
      {card?.reorder && <Reorder card={card} item={item} />}
      {days.length > 0 && <Why label={t("as_table")}><DemandTable days={days} item={item} /></Why>}
    </section>
  );
}

function sentence(card: Forecast["items"][number], item: Item): string {
  if (card.status === "too_little_data") return t("too_little_data");
  const middle = card.total_quantiles.find((each) => each.level === 0.5) ?? card.total_quantiles[Math.floor(card.total_quantiles.length / 2)];
  if (!middle) return t("too_little_data");
  const round = item.unit === "piece" ? Math.round(middle.milli / 1000) : Math.round(middle.milli / 100) / 10;
  return t("forecast_says", { days: card.days.length, units: `${count(round, 1)} ${unitWord(item.unit)}`, confidence: t(`confidence_${card.confidence ?? "low"}`) });
}

function daysOf(rows: HistoryDay[], card: Forecast["items"][number] | null): DemandDay[] {
  const past = rows.map((row) => ({ on: row.on, sold: (row.sold_milli - row.returned_milli) / 1000, closed: !row.open, soldOut: (row.sold_out_share ?? 0) > 0.5, low: null, middle: null, high: null }));
  const last = past.at(-1)?.on ?? "";
  const ahead = (card?.days ?? []).filter((each) => each.on > last).map((each) => {
    const at = (level: number) => each.quantiles.reduce((best, q) => (Math.abs(q.level - level) < Math.abs(best.level - level) ? q : best), each.quantiles[0]!);
    const levels = each.quantiles.length > 0;
    return { on: each.on, sold: null, closed: levels && at(0.9).milli === 0, soldOut: false, low: levels ? at(0.1).milli / 1000 : null, middle: each.mean_milli / 1000, high: levels ? at(0.9).milli / 1000 : null };
  });
  return [...past, ...ahead];
}

function Reorder({ card, item }: { card: Forecast["items"][number]; item: Item }) {
  const advice = card.reorder!;
  const facts = advice.arithmetic;
  return (
    <div class="stack tight">
      <p class="split">
        <span class="strong">{advice.order_milli > 0 ? t("order_now", { units: quantity(advice.order_milli, item.unit) }) : t("enough")}</span>
        {advice.runs_out_on && <span class="chip advice">{t("runs_out", { when: dayWithin(advice.runs_out_on) })}</span>}
      </p>
      <Why>
        <div class="pad-bottom">
          <Facts rows={[
            [t("fact_demand"), quantity(facts.demand_milli, item.unit)], [t("fact_on_hand"), quantity(facts.on_hand_milli, item.unit)],
            [t("fact_shortfall"), quantity(facts.shortfall_milli, item.unit)], [t("fact_pack"), quantity(facts.pack_milli, item.unit)],
            [t("fact_days"), count(facts.horizon_days)], [t("fact_service_level"), percent(facts.service_level)],
          ]} />
        </div>
      </Why>
    </div>
  );
}

function DemandTable({ days, item }: { days: DemandDay[]; item: Item }) {
  const show = (units: number | null) => (units === null ? "" : count(units, item.unit === "piece" ? 0 : 2));
  return (
    <div class="table">
      <table>
        <thead><tr><th>{t("day")}</th><th>{t("sold")}</th><th>{t("expected")}</th><th>{t("likely_range")}</th></tr></thead>
        <tbody>
          {days.map((each) => (
            <tr key={each.on}><td>{shortDay(each.on)}</td><td>{each.closed ? t("closed") : show(each.sold)}</td><td>{show(each.middle)}</td><td>{each.low !== null && each.high !== null && !each.closed ? `${show(each.low)}–${show(each.high)}` : ""}</td></tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

type Advice = Answer<"pricing_recommend">["rows"][number];

function Price({ item }: { item: Item }) {
  const [advice, setAdvice] = useState<Advice | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const ask = () => {
    setBusy(true);
    post<Answer<"pricing_recommend">>("/v1/pricing/recommend", { item_ids: [item.item_id] }).then(
      (answer) => setAdvice(answer.rows[0] ?? null),
      (error: { detail?: string }) => setTrouble(error.detail ?? t("needs_network")),
    ).finally(() => setBusy(false));
  };
  return (
    <section class="card stack tight" aria-labelledby="price">
      <h2 id="price">{t("price")}</h2>
      <SetPrice item={item} />
      {!advice && <button class="button wide" disabled={busy} onClick={ask}><Icon name="spark" />{busy ? t("loading") : t("advise_price")}</button>}
      {trouble && <Notice kind="advice" icon="alert">{trouble}</Notice>}
      {advice && <Advised item={item} advice={advice} onTaken={() => setAdvice(null)} />}
    </section>
  );
}

async function showPrice(item: Item, paise: number): Promise<void> {
  const kept = { ...item, price_paise: paise };
  await database().put("items", kept);
  items.value = new Map([...items.value, [item.item_id, kept]]);
  say(t("price_set", { price: money(paise) }));
}

export function SetPrice({ item }: { item: Item }) {
  const [text, setText] = useState(plainMoney(item.price_paise));
  const [trouble, setTrouble] = useState<string | null>(null);
  const paise = readMoney(text);
  const changed = paise !== null && paise !== item.price_paise;
  const above = item.mrp_paise !== null && paise !== null && paise > item.mrp_paise;
  const set = () => {
    post(`/v1/pricing/items/${encodeURIComponent(item.item_id)}/price`, { price_paise: paise, reason: t("set_by_hand") }).then(
      () => { setTrouble(null); return showPrice(item, paise!); },
      (error: { detail?: string }) => setTrouble(error.detail ?? t("needs_network")),
    );
  };
  return (
    <form class="cluster end-line" onSubmit={(event) => { event.preventDefault(); if (changed && !above) set(); }}>
      <div class="grow"><Field label={`${t("selling_price")} (₹)`} value={text} onInput={setText} inputMode="decimal" error={paise === null ? t("not_a_number") : above ? t("above_mrp", { mrp: money(item.mrp_paise!) }) : trouble} /></div>
      <button class="button main" disabled={!changed || above}>{t("set")}</button>
    </form>
  );
}

function Advised({ item, advice, onTaken }: { item: Item; advice: Advice; onTaken: () => void }) {
  const [Chart, setChart] = useState<ComponentType<{ points: Array<{ price: number; units: number; profit: number; legal: boolean }>; now: number; advised: number }> | null>(null);
  useEffect(() => void import("../charts/price").then((module) => setChart(() => module.PriceChart)), []);
  const points = useMemo(() => advice.candidates.map((each) => ({ price: each.price_paise, units: each.units_milli, profit: each.profit_paise, legal: each.legal })), [advice]);
  const accept = () => {
    post<Answer<"pricing_accept">>(`/v1/pricing/advice/${encodeURIComponent(advice.advice_id)}/accept`).then(
      (change) => { onTaken(); return showPrice(item, change.after_paise); },
      (error: { detail?: string }) => say(error.detail ?? t("needs_network")),
    );
  };
  return (
    <div class="stack tight">
      <p class="strong">{advice.action === "change" ? t("price_advice", { price: money(advice.price_paise) }) : t("price_hold")}</p>
      <p><span class={`chip ${advice.grade === "A" || advice.grade === "B" ? "good" : "advice"}`}>{t("evidence")} {advice.grade}</span> <small class="soft">{t(`grade_${advice.grade}` as Word)}</small></p>
      {advice.action === "change" && <p class="soft">{t("gain_week", { sum: about(advice.gain_paise_per_week), low: about(advice.gain_lower_paise_per_week), high: about(advice.gain_upper_paise_per_week) })}</p>}
      {points.length > 1 && Chart && <Chart points={points} now={item.price_paise} advised={advice.price_paise} />}
      {advice.action === "change" && <button class="button main" onClick={accept}>{t("take_price", { price: money(advice.price_paise) })}</button>}
      <Why>
        <div class="table pad-bottom">
          <table>
            <thead><tr><th>{t("price")}</th><th>{t("units_week")}</th><th>{t("profit_week")}</th></tr></thead>
            <tbody>{points.map((each) => <tr key={each.price} class={each.legal ? "" : "soft"}><td>{money(each.price)}{!each.legal && ` · ${t("not_allowed")}`}</td><td>{count(each.units / 1000, 1)}</td><td>{about(each.profit)}</td></tr>)}</tbody>
          </table>
        </div>
      </Why>
    </div>
  );
}

function Lots({ item }: { item: Item }) {
  const { answer } = useAnswer(() => get<Answer<"inventory_list_batches">>(`/v1/inventory/items/${encodeURIComponent(item.item_id)}/batches`), [item.item_id]);
  const lots = answer?.rows.filter((lot) => lot.on_hand_milli > 0) ?? [];
  if (!lots.length) return null;
  return (
    <section class="stack tight">
      <h2>{t("lots")}</h2>
      <ul class="list">
        {lots.map((lot) => (
          <li key={lot.batch_id} class="row">
            <span class="grow">{lot.expires_on ? t("expires_on", { when: dayWithin(lot.expires_on) }) : t("no_expiry")}<br /><small class="soft">{t("came_on", { when: momentWithin(lot.received_at) })}</small></span>
            <span class="end num strong">{quantity(lot.on_hand_milli, item.unit)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Movements({ item }: { item: Item }) {
  const { answer } = useAnswer(() => get<Answer<"inventory_list_movements">>(`/v1/inventory/items/${encodeURIComponent(item.item_id)}/movements?limit=8`), [item.item_id, item.on_hand_milli]);
  if (!answer?.rows.length) return null;
  return (
    <section class="stack tight">
      <h2>{t("movements")}</h2>
      <ul class="list">
        {answer.rows.map((move) => (
          <li key={move.movement_id} class="row">
            <span class="grow">{t(`move_${move.kind}`)}<br /><small class="soft">{moment(move.at)}</small></span>
            <span class={`end num strong ${move.quantity_milli > 0 ? "good" : ""}`}>{move.quantity_milli > 0 ? "+" : "−"}{quantity(Math.abs(move.quantity_milli), item.unit)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
