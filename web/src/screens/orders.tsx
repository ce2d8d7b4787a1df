/** One order from draft to shelf: change it, place it, send it on, and take in what comes. */
import { useState } from "preact/hooks";
import { day, moment, money, plainMoney, plainNumber, quantity, readMoney, readUnits } from "../core/format";
import { type Arrived, cancelOrder, changeOrder, type OrderCard, type OrderLine, orderNow, ordersNow, orderText, placeOrder, receiveOrder, titleOf } from "../core/orders";
import { rows } from "../core/outbox";
import { path } from "../core/router";
import { shareText } from "../core/share";
import { isOwner, itemName, maySell } from "../core/shop";
import { plural, t } from "../core/words";
import { Icon } from "../parts/icons";
import { Check, Field, Sheet } from "../parts/input";
import { Empty, Facts, Notice, Screen, Why } from "../parts/screen";
import { say } from "../parts/toast";
import { useKept } from "./item";

const TONES: Record<OrderCard["state"], string> = { draft: "", placed: "advice", part_received: "advice", received: "good", cancelled: "" };

/** Grows when a step of an order reached the server, so that its card is fetched again. */
function sentSteps(): number {
  return rows.value.filter((row) => (row.kind === "order" || row.kind === "receipt") && row.state === "done").length;
}

/** Orders that are open, and the last ones that are not; shown above what to order. */
export function OrderList() {
  const { answer, at } = useKept<{ rows: OrderCard[] }>("/v1/orders?limit=50", sentSteps());
  const all = ordersNow(answer?.rows ?? [], at ?? 0);
  const open = all.filter((card) => card.state !== "received" && card.state !== "cancelled");
  const past = all.filter((card) => !open.includes(card)).slice(0, 20);
  if (!all.length) return null;
  return (
    <section class="stack tight" aria-labelledby="open-orders">
      <h2 id="open-orders">{t("open_orders")}</h2>
      {open.length > 0 ? <div class="list">{open.map((card) => <OrderRow key={card.order_id} card={card} />)}</div> : <p class="soft">{t("no_open_orders")}</p>}
      {past.length > 0 && <Why label={t("past_orders")}><div class="list">{past.map((card) => <OrderRow key={card.order_id} card={card} />)}</div></Why>}
    </section>
  );
}

function OrderRow({ card }: { card: OrderCard }) {
  return (
    <a class="row" href={`/app/orders/${encodeURIComponent(card.order_id)}`}>
      <span class="lead"><Icon name="truck" /></span>
      <span class="grow">
        <span class="strong">{titleOf(card)}</span><br />
        <small class="soft">{moment(card.placed_at ?? card.created_at)} · {plural(card.lines.length, "one_good", "many_goods")}</small>
      </span>
      <span class="end"><span class={`chip ${TONES[card.state]}`}>{t(`order_${card.state}`)}</span>{card.cost_paise > 0 && <><br /><small class="num soft">{money(card.cost_paise)}</small></>}</span>
    </a>
  );
}

export function OrderOne() {
  const id = decodeURIComponent(path.value.split("/")[2] ?? "");
  const kept = useKept<OrderCard>(`/v1/orders/${encodeURIComponent(id)}`, sentSteps());
  const card = orderNow(id, kept.answer, kept.at ?? 0);
  if (!card) return <Screen title={t("order")} up="/order">{kept.failed ? <Empty icon="truck" title={t("nothing_found")} text={kept.failed} /> : <p class="soft" role="status">{t("loading")}</p>}</Screen>;
  return <OrderPage key={`${id} ${card.state}`} card={card} />;
}

function OrderPage({ card }: { card: OrderCard }) {
  const [receiving, setReceiving] = useState(false);
  const [cancelling, setCancelling] = useState(false);
  const open = card.state === "placed" || card.state === "part_received";
  return (
    <Screen title={titleOf(card)} up="/order" tools={card.state !== "cancelled" && <button class="iconbutton" aria-label={t("share")} onClick={() => void shareText(orderText(card), t("order"))}><Icon name="share" /></button>}>
      <div class="stack">
        <section class="card stack tight">
          <p class="split"><span class={`chip ${TONES[card.state]}`}>{t(`order_${card.state}`)}</span><span class="soft">{moment(card.closed_at ?? card.placed_at ?? card.created_at)}</span></p>
          {card.cost_paise > 0 && <p class="sum">{money(card.cost_paise)}</p>}
          {card.expected_on && open && <p class="soft">{t("comes_on", { when: day(card.expected_on) })}</p>}
          {card.reason && <p class="soft">{card.reason}</p>}
        </section>
        {receiving ? <Receive card={card} onDone={() => setReceiving(false)} /> : card.state === "draft" ? <Draft card={card} /> : <Lines card={card} />}
        {maySell.value && open && !receiving && <button class="button main big wide" onClick={() => setReceiving(true)}><Icon name="goods" />{t("goods_came")}</button>}
        {maySell.value && (open || card.state === "draft") && !receiving && <button class="button quiet" onClick={() => setCancelling(true)}>{t("cancel_order")}</button>}
      </div>
      {cancelling && <Cancel card={card} onClose={() => setCancelling(false)} />}
    </Screen>
  );
}

function Lines({ card }: { card: OrderCard }) {
  return (
    <ul class="list">
      {card.lines.map((line) => (
        <li key={line.item_id} class="row">
          <span class="grow"><span class="strong">{itemName(line.item_id)}</span><br /><small class="soft num">{line.unit_cost_paise !== null && isOwner.value && `${money(line.unit_cost_paise)} · `}{card.state === "placed" ? t("ordered_units", { units: quantity(line.quantity_milli, line.unit) }) : t("came_of", { came: quantity(line.received_milli, line.unit), ordered: quantity(line.quantity_milli, line.unit) })}</small></span>
          <span class="end">{difference(line, card)}</span>
        </li>
      ))}
    </ul>
  );
}

function difference(line: OrderLine, card: OrderCard) {
  if (card.state === "placed" || card.state === "cancelled") return null;
  if (line.received_milli > line.quantity_milli) return <span class="chip advice">{t("came_more")}</span>;
  if (line.received_milli === line.quantity_milli) return <Icon name="check" className="turn good" />;
  return <span class={`chip ${line.open_milli > 0 ? "advice" : "bad"}`}>{line.open_milli > 0 ? t("still_open", { units: quantity(line.open_milli, line.unit) }) : t("came_less")}</span>;
}

/** A draft: packs can still be changed; placing it is what the supplier gets. */
function Draft({ card }: { card: OrderCard }) {
  const [packs, setPacks] = useState<Record<string, number>>({});
  const lines = card.lines.map((line) => ({ line, milli: line.item_id in packs ? packs[line.item_id]! * line.pack_milli : line.quantity_milli }));
  const changed = lines.some(({ line, milli }) => milli !== line.quantity_milli);
  const left = lines.filter(({ milli }) => milli > 0);
  const place = async () => {
    if (changed) await changeOrder(card, left.map(({ line, milli }) => ({ item_id: line.item_id, quantity_milli: milli, ...(line.unit_cost_paise !== null ? { unit_cost_paise: line.unit_cost_paise } : {}) })));
    await placeOrder(card);
    say(t("order_is_placed"));
  };
  const packsOf = (line: OrderLine, milli: number) => Math.round(milli / line.pack_milli);
  return (
    <>
      <ul class="list">
        {lines.map(({ line, milli }) => (
          <li key={line.item_id} class="cartline">
            <div class="name"><span class="strong">{itemName(line.item_id)}</span><br /><small class="soft num">{t("packs_of", { units: quantity(line.pack_milli, line.unit) })}</small></div>
            <div class="stepper" role="group" aria-label={itemName(line.item_id)}>
              <button aria-label={t("less")} disabled={milli <= 0} onClick={() => setPacks({ ...packs, [line.item_id]: packsOf(line, milli) - 1 })}><Icon name="minus" /></button>
              <output class="q center">{packsOf(line, milli)}</output>
              <button aria-label={t("more_of_it")} onClick={() => setPacks({ ...packs, [line.item_id]: packsOf(line, milli) + 1 })}><Icon name="plus" /></button>
            </div>
          </li>
        ))}
      </ul>
      {maySell.value && <button class="button main big wide" disabled={!left.length} onClick={() => void place()}><Icon name="check" />{t("place_order")}</button>}
    </>
  );
}

interface Came { many: string; cost: string; expires: string }

/** What came, line by line: the open quantity stands in the box, and only what differs is typed. */
function Receive({ card, onDone }: { card: OrderCard; onDone: () => void }) {
  const open = card.lines.filter((line) => line.open_milli > 0);
  const [came, setCame] = useState<Record<string, Came>>(() => Object.fromEntries(open.map((line) => [line.item_id, { many: plainNumber(line.open_milli), cost: line.unit_cost_paise !== null ? plainMoney(line.unit_cost_paise) : "", expires: "" }])));
  const [complete, setComplete] = useState(false);
  const set = (id: string, fresh: Partial<Came>) => setCame({ ...came, [id]: { ...came[id]!, ...fresh } });
  const read = open.map((line) => ({ line, typed: came[line.item_id]!, milli: readUnits(came[line.item_id]!.many || "0", line.unit), cost: came[line.item_id]!.cost === "" ? undefined : readMoney(came[line.item_id]!.cost) }));
  const short = read.some(({ line, milli }) => milli !== null && milli < line.open_milli);
  const good = read.every(({ milli, cost }) => milli !== null && cost !== null) && read.some(({ milli }) => (milli ?? 0) > 0);
  const save = async () => {
    const lines: Arrived[] = read.filter(({ milli }) => (milli ?? 0) > 0).map(({ line, typed, milli, cost }) => ({ item_id: line.item_id, quantity_milli: milli!, ...(cost != null ? { unit_cost_paise: cost } : {}), ...(typed.expires ? { expires_on: typed.expires } : {}) }));
    await receiveOrder(card, lines, short && complete);
    say(t("taken_in"));
    onDone();
  };
  return (
    <form class="stack" onSubmit={(event) => { event.preventDefault(); if (good) void save(); }}>
      <h2>{t("what_came")}</h2>
      {read.map(({ line, typed, milli, cost }) => (
        <fieldset key={line.item_id} class="card flat stack tight plainbox">
          <legend class="hidden-text">{itemName(line.item_id)}</legend>
          <div class="split"><span class="strong">{itemName(line.item_id)}</span><small class="soft num">{t("ordered_units", { units: quantity(line.open_milli, line.unit) })}</small></div>
          <Field label={`${t("quantity")} (${t(`unit_${line.unit}`)})`} value={typed.many} inputMode="decimal" onInput={(many) => set(line.item_id, { many })} error={milli === null ? t("not_a_number") : null} />
          <Why label={t("cost_and_expiry")}>
            <div class="pair pad-bottom">
              {isOwner.value && <Field label={`${t("cost")} (₹)`} value={typed.cost} inputMode="decimal" onInput={(text) => set(line.item_id, { cost: text })} error={cost === null ? t("not_a_number") : null} />}
              <Field label={t("expiry_day")} type="date" value={typed.expires} onInput={(expires) => set(line.item_id, { expires })} />
            </div>
          </Why>
        </fieldset>
      ))}
      {short && <Check label={t("rest_will_not_come")} checked={complete} onChange={setComplete} />}
      <div class="pair">
        <button type="button" class="button" onClick={onDone}>{t("back")}</button>
        <button class="button main" disabled={!good}>{t("take_into_stock")}</button>
      </div>
    </form>
  );
}

function Cancel({ card, onClose }: { card: OrderCard; onClose: () => void }) {
  const [reason, setReason] = useState("");
  const good = reason.trim().length >= 3;
  return (
    <Sheet title={t("cancel_order")} onClose={onClose}>
      <form class="stack" onSubmit={(event) => { event.preventDefault(); if (good) void cancelOrder(card, reason.trim()).then(onClose); }}>
        {card.state === "part_received" && <Notice kind="advice" icon="goods">{t("what_came_stays")}</Notice>}
        <Facts rows={[[t("order"), titleOf(card)]]} />
        <Field label={t("reason")} value={reason} onInput={setReason} autofocus />
        <button class="button bad wide" disabled={!good}>{t("cancel_order")}</button>
      </form>
    </Sheet>
  );
}
