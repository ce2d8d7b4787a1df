/** Goods: what is on the shelf, what it costs; and the card of a new or changed good. */
import { useState } from "preact/hooks";
import { type Answer, get } from "../core/api";
import { day, money, plainMoney, quantity, readMilli, readMoney, readUnits, unitWord, type Unit } from "../core/format";
import { newId } from "../core/ids";
import { enqueue, isUnsent, rows } from "../core/outbox";
import { go, parameter, path } from "../core/router";
import { match } from "../core/search";
import { frequency, isOwner, items, maySell, nameOf, searchItems, stockOf } from "../core/shop";
import type { Item } from "../core/shapes";
import { language, t } from "../core/words";
import { Icon } from "../parts/icons";
import { Check, Choice, Field, Filters, Search } from "../parts/input";
import { Empty, Notice, Screen } from "../parts/screen";
import { say } from "../parts/toast";
import { useAnswer } from "./khata";

type Show = "all" | "low" | "expiring" | "negative";
const PAGE = 60;

export function isLow(item: Item): boolean {
  const stock = stockOf(item.item_id);
  if (item.reorder_point_milli !== null) return stock <= item.reorder_point_milli;
  return stock <= 0 || (item.sold_28d_milli !== null && item.sold_28d_milli > 0 && stock < item.sold_28d_milli / 14);
}

export function Goods() {
  const [text, setText] = useState("");
  const [show, setShow] = useState<Show>((parameter("show") as Show) ?? "all");
  const [most, setMost] = useState(PAGE);
  const found = searchItems.value
    .map(({ item, key }) => ({ item, score: match(text, key) }))
    .filter(({ item, score }) => score > 0 && (show === "low" ? isLow(item) : show === "negative" ? stockOf(item.item_id) < 0 : true))
    .sort((a, b) => b.score - a.score || frequency(b.item) - frequency(a.item) || a.item.name.localeCompare(b.item.name))
    .map(({ item }) => item);
  return (
    <Screen title={t("goods")} tools={maySell.value && <a class="iconbutton" href="/app/goods/new" aria-label={t("add_good")}><Icon name="plus" /></a>}>
      <div class="stack">
        <Search value={text} onInput={setText} label={t("search_goods")} onEnter={() => found[0] && go(`/goods/${encodeURIComponent(found[0].item_id)}`)} />
        <Filters label={t("show")} value={show} onChange={setShow} options={[["all", t("all")], ["low", t("low")], ["expiring", t("expiring")], ["negative", t("below_zero")]]} />
        {maySell.value && (
          <div class="trio">
            <a class="button" href="/app/count"><Icon name="count" />{t("count")}</a>
            <a class="button" href="/app/order"><Icon name="truck" />{t("order")}</a>
            <a class="button" href="/app/photo"><Icon name="camera" />{t("bill_photo")}</a>
          </div>
        )}
        {show === "expiring" ? <Expiring /> : found.length ? (
          <>
            <div class="list">{found.slice(0, most).map((item) => <GoodRow key={item.item_id} item={item} />)}</div>
            {found.length > most && <button class="button wide" onClick={() => setMost(most + PAGE)}>{t("show_more", { count: found.length - most })}</button>}
          </>
        ) : (
          <Empty icon="goods" title={items.value.size ? t("nothing_found") : t("no_goods")} text={items.value.size ? undefined : t("no_goods_text")}>
            {maySell.value && <a class="button main" href={items.value.size ? "/app/goods/new" : "/app/start"}>{items.value.size ? t("add_good") : t("set_up_shop")}</a>}
          </Empty>
        )}
      </div>
    </Screen>
  );
}

function GoodRow({ item }: { item: Item }) {
  const stock = stockOf(item.item_id);
  return (
    <a class="row" href={`/app/goods/${encodeURIComponent(item.item_id)}`}>
      <span class="grow">
        <span class="strong">{nameOf(item)}</span><br />
        <small class={stock < 0 ? "bad num" : "soft num"}>{quantity(stock, item.unit)}</small>
        {stock >= 0 && isLow(item) && <> <span class="chip advice">{stock === 0 ? t("none_left") : t("low")}</span></>}
      </span>
      <span class="end num"><span class="strong">{money(item.price_paise)}</span>{item.mrp_paise !== null && item.mrp_paise !== item.price_paise && <><br /><small class="soft">MRP {money(item.mrp_paise)}</small></>}</span>
    </a>
  );
}

function Expiring() {
  const { answer, failed } = useAnswer(() => get<Answer<"inventory_list_expiring">>("/v1/inventory/expiring?days=30"));
  if (failed) return <Notice kind="advice" icon="offline">{failed}</Notice>;
  if (!answer) return <p class="soft">{t("loading")}</p>;
  if (!answer.rows.length) return <Empty icon="check" title={t("nothing_expires")} text={t("nothing_expires_text")} />;
  return (
    <div class="list">
      {answer.rows.map((lot) => {
        const item = items.value.get(lot.item_id);
        return (
          <a key={`${lot.item_id}-${lot.batch_id}`} class="row" href={`/app/goods/${encodeURIComponent(lot.item_id)}`}>
            <span class="grow"><span class="strong">{item ? nameOf(item) : lot.item_id}</span><br /><small class="soft num">{quantity(lot.on_hand_milli, item?.unit ?? "piece")}</small></span>
            <span class="end">{lot.expires_on && <span class="chip advice">{day(lot.expires_on)}</span>}</span>
          </a>
        );
      })}
    </div>
  );
}

const UNITS: Unit[] = ["piece", "kg", "l"];

/** The card of a good: new, or changed. A new one is kept on the phone and sent later. */
export function GoodCard() {
  const id = path.value.endsWith("/edit") ? decodeURIComponent(path.value.split("/")[2] ?? "") : null;
  const item = id ? items.value.get(id) : undefined;
  if (id && !item) return <Screen title={t("goods")} up="/goods"><Empty icon="goods" title={t("nothing_found")} /></Screen>;
  return <Card key={id ?? "new"} item={item} />;
}

function Card({ item }: { item: Item | undefined }) {
  const [name, setName] = useState(item?.name ?? parameter("name") ?? "");
  const known = item && nameOf(item) !== item.name ? nameOf(item) : "";
  const [local, setLocal] = useState(known);
  const [unit, setUnit] = useState<Unit>(item?.unit ?? "piece");
  const [price, setPrice] = useState(item ? plainMoney(item.price_paise) : "");
  const [mrp, setMrp] = useState(item?.mrp_paise ? plainMoney(item.mrp_paise) : "");
  const [cost, setCost] = useState(item?.cost_paise ? plainMoney(item.cost_paise) : "");
  const [stock, setStock] = useState("");
  const [barcode, setBarcode] = useState(item?.barcode ?? "");
  const [archived, setArchived] = useState(item?.archived ?? false);
  const paise = { price: readMoney(price), mrp: mrp ? readMoney(mrp) : null, cost: cost ? readMoney(cost) : null };
  const wrong = { price: paise.price === null, mrp: mrp !== "" && paise.mrp === null, cost: cost !== "" && paise.cost === null, stock: stock !== "" && readUnits(stock, unit) === null };
  const above = paise.mrp !== null && paise.price !== null && paise.price > paise.mrp;
  const ready = name.trim() !== "" && !wrong.price && !wrong.mrp && !wrong.cost && !wrong.stock && !above;

  const others = item?.aliases.filter((alias) => alias !== known) ?? [];
  const names = () => (language.value === "en" || local.trim() === known ? {} : { aliases: [...(local.trim() ? [local.trim()] : []), ...others] });
  const make = async () => {
    const fresh = newId();
    const body = {
      item_id: fresh, name: name.trim(), unit, price_paise: paise.price!, ...(paise.mrp !== null ? { mrp_paise: paise.mrp } : {}),
      ...(paise.cost !== null ? { cost_paise: paise.cost } : {}), ...(barcode ? { barcode } : {}), ...(stock ? { opening_stock_milli: readMilli(stock)! } : {}), ...names(),
    };
    const kept: Item = { names: null, category: "", aliases: [], pack_milli: 1000, sold_28d_milli: null, version: 0, reorder_point_milli: null, supplier_id: null, mrp_paise: null, cost_paise: null, barcode: null, ...body, on_hand_milli: readMilli(stock) ?? 0 };
    await enqueue({ id: fresh, kind: "item", path: "/v1/inventory/items", body, title: name.trim() }, ["items"], (work) => void work.objectStore("items").put(kept));
    items.value = new Map([...items.value, [fresh, kept]]);
    say(t("saved"));
    go(`/goods/${fresh}`, true);
  };
  const change = async () => {
    const before = item!;
    const now: Partial<Item> = { name: name.trim(), mrp_paise: paise.mrp, cost_paise: paise.cost, barcode: barcode || null, archived, ...names() };
    const old: Record<string, unknown> = { archived: false, ...before };
    const body = Object.fromEntries(Object.entries(now).filter(([field, value]) => JSON.stringify(value) !== JSON.stringify(old[field])));
    if (Object.keys(body).length) {
      const kept = { ...before, ...body } as Item;
      const making = rows.value.filter((row) => row.id === before.item_id && isUnsent(row)).map((row) => row.id);
      await enqueue(
        {
          kind: "item_change", method: "PATCH", path: `/v1/inventory/items/${encodeURIComponent(before.item_id)}`, body, title: kept.name, needs: making,
          headers: making.length ? {} : { "If-Match": `"${before.version}"` }, about: Object.fromEntries(Object.keys(body).map((field) => [field, old[field]])),
        },
        ["items"],
        (work) => void work.objectStore("items").put(kept),
      );
      items.value = new Map([...items.value, [kept.item_id, kept]]);
    }
    say(t("saved"));
    go(`/goods/${encodeURIComponent(before.item_id)}`, true);
  };
  return (
    <Screen title={item ? t("change_good") : t("add_good")} up={item ? `/goods/${encodeURIComponent(item.item_id)}` : "/goods"}>
      <form class="stack" onSubmit={(event) => { event.preventDefault(); if (ready) void (item ? change() : make()); }}>
        <Field label={t("name")} value={name} onInput={setName} required autofocus={!item} />
        {language.value !== "en" && <Field label={t("name_in_language")} value={local} onInput={setLocal} />}
        {!item && <Choice label={t("sold_by")} value={unit} onChange={setUnit} options={UNITS.map((code) => [code, unitWord(code)] as const)} />}
        {!item && <Field label={`${t("price")} (₹)`} value={price} onInput={setPrice} inputMode="decimal" required error={price && wrong.price ? t("not_a_number") : above ? t("above_mrp", { mrp: money(paise.mrp!) }) : null} />}
        <Field label="MRP (₹)" value={mrp} onInput={setMrp} inputMode="decimal" error={wrong.mrp ? t("not_a_number") : null} />
        {isOwner.value && <Field label={`${t("cost")} (₹)`} value={cost} onInput={setCost} inputMode="decimal" error={wrong.cost ? t("not_a_number") : null} hint={t("cost_hint")} />}
        {!item && <Field label={`${t("in_stock")} (${unitWord(unit)})`} value={stock} onInput={setStock} inputMode="decimal" error={wrong.stock ? t("not_a_number") : null} />}
        <Field label={t("barcode")} value={barcode} onInput={setBarcode} inputMode="numeric" max={64} />
        {item && <Check label={t("not_sold_now")} checked={archived} onChange={setArchived} />}
        <button class="button main wide big" disabled={!ready}>{t("save")}</button>
      </form>
    </Screen>
  );
}
