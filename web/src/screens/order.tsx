/** What to order, by supplier: packs and rupees, within the cash at hand; sent on as text. */
import { useMemo, useState } from "preact/hooks";
import { type Answer } from "../core/api";
import { about, count, dayWithin, momentWithin, money, percent, quantity, readMoney } from "../core/format";
import { keepOrder } from "../core/orders";
import { go, parameter } from "../core/router";
import { itemName, items, maySell } from "../core/shop";
import { t } from "../core/words";
import { Icon } from "../parts/icons";
import { Field, Sheet } from "../parts/input";
import { Empty, Facts, Notice, Screen, Why } from "../parts/screen";
import { say } from "../parts/toast";
import { useKept } from "./item";
import { OrderList } from "./orders";

type List = Answer<"forecast_reorder">;
type Row = List["rows"][number];
const ALL_OTHERS = "";

export function Order() {
  const { answer, at, failed } = useKept<List>("/v1/forecast/reorder");
  const only = parameter("supplier");
  const [packs, setPacks] = useState<Record<string, number>>({});
  const [cash, setCash] = useState("");
  const rows = useMemo(() => (answer?.rows ?? []).filter((row) => row.order_milli > 0 && (only === null || row.supplier_id === only)), [answer, only]);
  const afford = useMemo(() => within(rows, cash === "" ? null : readMoney(cash)), [rows, cash]);
  const packsOf = (row: Row) => packs[row.item_id] ?? (afford.has(row.item_id) ? row.packs : 0);
  const groups = groupBy(rows);
  return (
    <Screen title={t("order")} up="/goods" wide>
      <div class="stack">
        <OrderList />
        {rows.length > 0 && <h2>{t("what_to_order")}</h2>}
        {at !== null && answer && <small class="soft">{t("as_of", { time: momentWithin(at) })}</small>}
        {answer?.degraded && <Notice kind="advice" icon="alert">{t("degraded")}</Notice>}
        {!answer && (failed ? <Notice kind="advice" icon="offline">{failed}</Notice> : <p class="soft">{t("loading")}</p>)}
        {answer && rows.length === 0 && <Empty icon="check" title={t("nothing_to_order")} text={t("nothing_to_order_text")} />}
        {rows.length > 0 && <Field label={t("cash_for_order")} value={cash} onInput={setCash} inputMode="decimal" hint={t("cash_for_order_hint")} />}
        {groups.map(([supplier, list]) => <Group key={supplier} supplier={supplier} list={list} answer={answer!} packsOf={packsOf} onPacks={(id, many) => setPacks({ ...packs, [id]: many })} />)}
      </div>
    </Screen>
  );
}

/** The rows that a sum of cash pays for, the dearest shortage first. */
function within(rows: Row[], cash: number | null): Set<string> {
  const chosen = new Set<string>();
  let left = cash;
  const byNeed = [...rows].sort((a, b) => need(b) - need(a));
  for (const row of byNeed) {
    const cost = row.cost_paise ?? 0;
    if (left !== null && cost > left) continue;
    chosen.add(row.item_id);
    if (left !== null) left -= cost;
  }
  return chosen;
}

function need(row: Row): number {
  const demand = Math.max(row.arithmetic.demand_milli, 1);
  return row.arithmetic.shortfall_milli / demand;
}

function groupBy(rows: Row[]): Array<[string, Row[]]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) groups.set(row.supplier_id ?? ALL_OTHERS, [...(groups.get(row.supplier_id ?? ALL_OTHERS) ?? []), row]);
  return [...groups].sort(([a], [b]) => Number(a === ALL_OTHERS) - Number(b === ALL_OTHERS) || a.localeCompare(b));
}

interface GroupProps { supplier: string; list: Row[]; answer: List; packsOf: (row: Row) => number; onPacks: (id: string, packs: number) => void }

function Group({ supplier, list, answer, packsOf, onPacks }: GroupProps) {
  const [open, setOpen] = useState<Row | null>(null);
  const about_ = answer.suppliers.find((each) => each.supplier_id === supplier);
  const name = about_?.name ?? t("without_supplier");
  const cost = list.reduce((sum, row) => sum + packsOf(row) * costOfPack(row), 0);
  const chosen = list.filter((row) => packsOf(row) > 0);
  return (
    <section class="stack tight" aria-label={name}>
      <div class="split"><h2>{name}</h2><span class="strong num">{about(cost)}</span></div>
      {about_ && <p class="small soft">{[about_.visit_on && t("comes_on", { when: dayWithin(about_.visit_on) }), about_.order_due_by && t("order_by", { when: momentWithin(about_.order_due_by) }), about_.pay_by && t("pay_by", { when: dayWithin(about_.pay_by) })].filter(Boolean).join(" · ")}</p>}
      {about_ && about_.minimum === "below" && <Notice kind="advice" icon="alert">{t("below_minimum", { sum: money(about_.minimum_order_paise), short: money(about_.short_paise) })}</Notice>}
      <ul class="list">
        {list.map((row) => (
          <li key={row.item_id} class="cartline">
            <button class="name" onClick={() => setOpen(row)}>
              <span class="strong">{itemName(row.item_id)}</span><br />
              <small class="soft num">{t("packs_of", { units: quantity(row.arithmetic.pack_milli, unitOf(row)) })}{row.unit_cost_paise !== null && ` · ${money(costOfPack(row))}`}</small>
            </button>
            <div class="stepper" role="group" aria-label={itemName(row.item_id)}>
              <button aria-label={t("less")} disabled={packsOf(row) === 0} onClick={() => onPacks(row.item_id, packsOf(row) - 1)}><Icon name="minus" /></button>
              <output class="q center">{count(packsOf(row))}</output>
              <button aria-label={t("more_of_it")} onClick={() => onPacks(row.item_id, packsOf(row) + 1)}><Icon name="plus" /></button>
            </div>
          </li>
        ))}
      </ul>
      {maySell.value && <SendOrder supplier={supplier} rows={chosen} packsOf={packsOf} />}
      {open && (
        <Sheet title={itemName(open.item_id)} onClose={() => setOpen(null)}>
          <Why label={t("why")}>
            <Facts rows={[
              [t("fact_demand"), quantity(open.arithmetic.demand_milli, unitOf(open))], [t("fact_on_hand"), quantity(open.arithmetic.on_hand_milli, unitOf(open))],
              [t("fact_shortfall"), quantity(open.arithmetic.shortfall_milli, unitOf(open))], [t("fact_pack"), quantity(open.arithmetic.pack_milli, unitOf(open))],
              [t("fact_days"), count(open.arithmetic.horizon_days)], [t("fact_service_level"), percent(open.arithmetic.service_level)],
            ]} />
          </Why>
          <a class="button wide" href={`/app/goods/${encodeURIComponent(open.item_id)}`}>{t("look")}</a>
        </Sheet>
      )}
    </section>
  );
}

function unitOf(row: Row) {
  return items.value.get(row.item_id)?.unit ?? "piece";
}
function costOfPack(row: Row): number {
  return Math.round(((row.unit_cost_paise ?? 0) * row.arithmetic.pack_milli) / 1000);
}

interface SendProps { supplier: string; rows: Row[]; packsOf: (row: Row) => number }

/** One tap places the order, with or without the network; its page shares it and takes in what comes. */
function SendOrder({ supplier, rows, packsOf }: SendProps) {
  const [busy, setBusy] = useState(false);
  const keep = async (place: boolean) => {
    setBusy(true);
    const lines = rows.map((row) => ({ item_id: row.item_id, quantity_milli: packsOf(row) * row.arithmetic.pack_milli, ...(row.unit_cost_paise !== null ? { unit_cost_paise: row.unit_cost_paise } : {}) }));
    try {
      const id = await keepOrder(supplier === ALL_OTHERS ? null : supplier, lines, place);
      say(t(place ? "order_is_placed" : "order_kept"));
      go(`/orders/${id}`);
    } catch (error) {
      console.error("the order was not kept", error);
      say(t("not_saved_full"), true);
      setBusy(false);
    }
  };
  return (
    <div class="pair">
      <button class="button main" disabled={!rows.length || busy} onClick={() => void keep(true)}><Icon name="check" />{t("place_order")}</button>
      <button class="button" disabled={!rows.length || busy} onClick={() => void keep(false)}>{t("keep_order")}</button>
    </div>
  );
}
