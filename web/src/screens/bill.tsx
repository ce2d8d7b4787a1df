/** A bill: tap the goods, take the money. Three taps from home; nothing here waits for the network. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { add, amountOf, cart, clearCart, finish, keepCustomer, needsOf, setPrice, setQuantity, total, type CartLine } from "../core/cart";
import { money, plainMoney, quantity, readMilli, readMoney, readUnits, unitWord } from "../core/format";
import { go } from "../core/router";
import { match } from "../core/search";
import { balanceOf, frequency, home, items, maySell, nameOf, searchCustomers, searchItems, stockOf } from "../core/shop";
import type { Customer, Item } from "../core/shapes";
import { plural, t } from "../core/words";
import { Icon } from "../parts/icons";
import { Field, Pad, Search, Sheet } from "../parts/input";
import { canScan, Scanner } from "../parts/scanner";
import { Empty, Screen } from "../parts/screen";
import { say } from "../parts/toast";

const TILES = 24;

export function findItems(text: string, most = TILES): Item[] {
  const found = searchItems.value.map(({ item, key }) => ({ item, score: match(text, key) })).filter(({ score }) => score > 0);
  found.sort((a, b) => b.score - a.score || frequency(b.item) - frequency(a.item) || a.item.name.localeCompare(b.item.name));
  return found.slice(0, most).map(({ item }) => item);
}

export function Bill() {
  const [text, setText] = useState("");
  const [weighing, setWeighing] = useState<Item | null>(null);
  const [editing, setEditing] = useState<CartLine | null>(null);
  const [choosing, setChoosing] = useState(false);
  const [scanning, setScanning] = useState(false);
  const [saving, setSaving] = useState(false);
  const [open, setOpen] = useState(false);
  const shown = useMemo(() => findItems(text), [text, searchItems.value]);
  const saved = useRef(false);

  const take = (item: Item) => {
    if (item.unit === "piece") add(item);
    else setWeighing(item);
    if (text) setText("");
  };
  const takeCode = (code: string): boolean => {
    const item = [...items.value.values()].find((each) => each.barcode === code);
    if (item) take(item);
    return item !== undefined;
  };
  useScannerKeys(takeCode);

  const pay = async (payment: "cash" | "upi" | "udhaar", customer?: { customer_id: string; name: string; needs?: string[] }) => {
    if (saved.current) return;
    saved.current = true;
    setSaving(true);
    try {
      const row = await finish(payment, customer);
      go(`/bill/done/${row.id}`, true);
    } catch {
      saved.current = false;
      setSaving(false);
      say(t("not_saved_full"), true);
    }
  };

  if (!maySell.value) return <Screen title={t("bill")} up="/"><Empty icon="lock" title={t("not_yours")} text={t("not_yours_text")} /></Screen>;
  return (
    <Screen title={t("new_bill")} up="/" wide tools={cart.value.length > 0 && (
      <button class="button quiet small tool" onClick={clearCart}>{t("clear")}</button>
    )}>
      <div class="billing">
        <section class="stack" aria-label={t("goods")}>
          <Search value={text} onInput={setText} label={t("search_goods")} onEnter={() => shown[0] && text && take(shown[0])}>
            {canScan() && <button class="iconbutton" aria-label={t("scan")} onClick={() => setScanning(true)}><Icon name="scan" /></button>}
          </Search>
          {shown.length > 0 ? (
            <div class="tiles">
              {shown.map((item) => <Tile key={item.item_id} item={item} onTake={take} />)}
            </div>
          ) : (
            <Empty icon="goods" title={items.value.size ? t("nothing_found") : t("no_goods")}>
              <a class="button" href={`/app/goods/new?name=${encodeURIComponent(text)}`}>{t("add_good")}</a>
            </Empty>
          )}
        </section>
        <section class={`cart ${open ? "open" : ""}`} aria-label={t("bill")}>
          <button class="cartsum" aria-expanded={open} disabled={!cart.value.length} onClick={() => setOpen(!open)}>
            <span class="cluster"><Icon name="up" />{cart.value.length ? plural(cart.value.length, "one_good", "many_goods") : t("tap_goods")}</span>
            <output class="sum" aria-live="polite">{money(total.value)}</output>
          </button>
          {cart.value.length > 0 && (
            <ul class="list">
              {cart.value.map((line) => <Line key={line.item_id} line={line} onEdit={() => setEditing(line)} />)}
            </ul>
          )}
            <div class="pays">
              <button class="button main big" disabled={!cart.value.length || saving} onClick={() => void pay("cash")}>{t("cash")}</button>
              <button class="button big" disabled={!cart.value.length || saving} onClick={() => void pay("upi")}>UPI</button>
              <button class="button big" disabled={!cart.value.length || saving} onClick={() => setChoosing(true)}>{t("udhaar")}</button>
            </div>
        </section>
      </div>
      {weighing && <Weigh item={weighing} onClose={() => setWeighing(null)} />}
      {editing && <EditLine line={editing} onClose={() => setEditing(null)} />}
      {choosing && <ChooseCustomer sum={total.value} onClose={() => setChoosing(false)} onChoose={(customer) => void pay("udhaar", customer)} />}
      {scanning && <Scanner onCode={takeCode} onClose={() => setScanning(false)} />}
    </Screen>
  );
}

/** A barcode scanner types fast and ends with Enter, wherever the focus is. */
function useScannerKeys(take: (code: string) => boolean): void {
  const now = useRef(take);
  now.current = take;
  useEffect(() => {
    let code = "";
    let last = 0;
    const hear = (event: KeyboardEvent) => {
      if (event.target instanceof HTMLInputElement || event.target instanceof HTMLDialogElement) return;
      if (event.timeStamp - last > 80) code = "";
      last = event.timeStamp;
      if (/^[0-9A-Za-z]$/.test(event.key)) code += event.key;
      else if (event.key === "Enter" && code.length >= 6) {
        event.preventDefault();
        if (!now.current(code)) say(t("unknown_code", { code }), true);
        code = "";
      }
    };
    addEventListener("keydown", hear, true);
    return () => removeEventListener("keydown", hear, true);
  }, []);
}

function Tile({ item, onTake }: { item: Item; onTake: (item: Item) => void }) {
  const line = cart.value.find((each) => each.item_id === item.item_id);
  const out = stockOf(item.item_id) <= 0;
  return (
    <button class={`tile ${line ? "in" : ""} ${out ? "out" : ""}`} onClick={() => onTake(item)}>
      <span class="name">{nameOf(item)}</span>
      <span class="price">{money(item.price_paise)}{item.unit !== "piece" && ` / ${unitWord(item.unit)}`}{out && ` · ${t("none_left")}`}</span>
      {line && <span class="many">{item.unit === "piece" ? line.milli / 1000 : quantity(line.milli, item.unit)}</span>}
    </button>
  );
}

function Line({ line, onEdit }: { line: CartLine; onEdit: () => void }) {
  const item = items.value.get(line.item_id);
  const name = item ? nameOf(item) : line.item_id;
  const step = item?.unit === "piece" ? 1000 : 250;
  return (
    <li class="cartline">
      <button class="name" onClick={onEdit}>
        <span class="strong">{name}</span>
        <br />
        <small class="soft num">{money(line.price_paise)} · <span class="strong">{money(amountOf(line))}</span></small>
      </button>
      <div class="stepper" role="group" aria-label={name}>
        <button aria-label={t("less")} onClick={() => setQuantity(line.item_id, line.milli - step)}><Icon name="minus" /></button>
        <button class="q" aria-label={t("change_quantity")} onClick={onEdit}>{quantity(line.milli, item?.unit ?? "piece")}</button>
        <button aria-label={t("more_of_it")} onClick={() => setQuantity(line.item_id, line.milli + step)}><Icon name="plus" /></button>
      </div>
    </li>
  );
}

const WEIGHTS = [100, 250, 500, 1000, 2000, 5000];

/** Loose goods: a usual weight in one tap, any other on the pad, or by rupees. */
function Weigh({ item, onClose }: { item: Item; onClose: () => void }) {
  const [text, setText] = useState("");
  const [byMoney, setByMoney] = useState(false);
  const typed = readMilli(text) ?? 0;
  const milli = byMoney ? (item.price_paise > 0 ? Math.round((typed * 100) / item.price_paise) : 0) : typed;
  const done = (weight: number) => {
    if (weight <= 0) return;
    add(item, weight);
    onClose();
  };
  return (
    <Sheet title={nameOf(item)} onClose={onClose}>
      <div class="stack">
        <div class="pair">
          {WEIGHTS.map((weight) => <button key={weight} class="button" onClick={() => done(weight)}>{weigh(weight, item)}</button>)}
        </div>
        <Pad value={text} onInput={setText} onEnter={() => done(milli)} label={byMoney ? t("by_money") : t("quantity")}
          shown={byMoney ? `₹${text || "0"}` : `${text || "0"} ${unitWord(item.unit)}`} />
        <p class="center soft num">{byMoney ? quantity(milli, item.unit) : money(amountOf({ milli, price_paise: item.price_paise }))}</p>
        <div class="pair">
          <button class="button" onClick={() => { setByMoney(!byMoney); setText(""); }}>{byMoney ? t("by_weight") : t("by_money")}</button>
          <button class="button main" disabled={milli <= 0} onClick={() => done(milli)}>{t("add")}</button>
        </div>
      </div>
    </Sheet>
  );
}

function weigh(milli: number, item: Item): string {
  if (milli >= 1000) return quantity(milli, item.unit);
  return `${milli} ${t(item.unit === "kg" ? "unit_g" : "unit_ml")}`;
}

function EditLine({ line, onClose }: { line: CartLine; onClose: () => void }) {
  const item = items.value.get(line.item_id);
  const [many, setMany] = useState(String(line.milli / 1000));
  const [price, setPriceText] = useState(plainMoney(line.price_paise));
  const milli = readUnits(many, item?.unit ?? "piece");
  const paise = readMoney(price);
  const aboveMrp = item?.mrp_paise != null && paise !== null && paise > item.mrp_paise;
  const save = () => {
    if (milli === null || paise === null) return;
    setPrice(line.item_id, paise);
    setQuantity(line.item_id, milli);
    onClose();
  };
  return (
    <Sheet title={item ? nameOf(item) : line.item_id} onClose={onClose}>
      <form class="stack" onSubmit={(event) => { event.preventDefault(); save(); }}>
        <Field label={`${t("quantity")} (${unitWord(item?.unit ?? "piece")})`} value={many} onInput={setMany} inputMode="decimal" autofocus error={milli === null ? t("not_a_number") : null} />
        <Field label={`${t("price")} (₹)`} value={price} onInput={setPriceText} inputMode="decimal"
          error={paise === null ? t("not_a_number") : aboveMrp ? t("above_mrp", { mrp: money(item!.mrp_paise!) }) : null} />
        <div class="pair">
          <button type="button" class="button bad" onClick={() => { setQuantity(line.item_id, 0); onClose(); }}>{t("remove")}</button>
          <button class="button main" disabled={milli === null || paise === null || aboveMrp}>{t("done")}</button>
        </div>
      </form>
    </Sheet>
  );
}

interface Chosen { customer_id: string; name: string; needs?: string[] }

export function findCustomers(text: string, most = 30): Customer[] {
  const found = searchCustomers.value.map(({ customer, key }) => ({ customer, score: match(text, key) })).filter(({ score }) => score > 0);
  found.sort((a, b) => b.score - a.score || balanceOf(b.customer.customer_id) - balanceOf(a.customer.customer_id) || a.customer.name.localeCompare(b.customer.name));
  return found.slice(0, most).map(({ customer }) => customer);
}

/** Who takes it on credit: each with the balance and the room that is left. */
export function ChooseCustomer({ sum, onClose, onChoose }: { sum: number; onClose: () => void; onChoose: (customer: Chosen) => void }) {
  const [text, setText] = useState("");
  const found = findCustomers(text);
  const choose = async (customer: Customer) => onChoose({ customer_id: customer.customer_id, name: customer.name, needs: await needsOf(customer.customer_id) });
  return (
    <Sheet title={t("who_takes")} onClose={onClose}>
      <div class="stack">
        <Search value={text} onInput={setText} label={t("search_customers")} onEnter={() => found[0] && text && void choose(found[0])} />
        {found.length > 0 && (
          <div class="list">
            {found.map((customer) => {
              const balance = balanceOf(customer.customer_id);
              const over = customer.limit_paise !== null && balance + sum > customer.limit_paise;
              return (
                <button key={customer.customer_id} class="row" onClick={() => void choose(customer)}>
                  <span class="grow"><span class="strong">{customer.name}</span>{over && <><br /><span class="chip advice">{t("over_limit_after", { limit: money(customer.limit_paise!) })}</span></>}</span>
                  <span class="end num"><small class="soft">{t("owes")}</small><br />{money(balance)}</span>
                </button>
              );
            })}
          </div>
        )}
        {text.trim() && (
          <button class="button wide" onClick={() => void keepCustomer(text.trim(), null).then(onChoose)}>
            <Icon name="plus" />{t("new_customer_named", { name: text.trim() })}
          </button>
        )}
        {!found.length && !text && <p class="soft">{t("no_customers_hint")}</p>}
        {home.value?.home.shop.over_limit === "block" && <small class="soft">{t("limit_blocks")}</small>}
      </div>
    </Sheet>
  );
}
