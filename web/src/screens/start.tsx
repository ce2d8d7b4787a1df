/** The first run of a new shop: its language, its goods (a starter list, or a sheet), then the first bill. */
import { useEffect, useState } from "preact/hooks";
import { type Answer, post } from "../core/api";
import { money, plainMoney, readMoney } from "../core/format";
import { newId } from "../core/ids";
import { enqueueAll } from "../core/outbox";
import { go } from "../core/router";
import { fold } from "../core/search";
import { home, items, maySell } from "../core/shop";
import { sync } from "../core/sync";
import type { Item } from "../core/shapes";
import { choose, language, LANGUAGES, t } from "../core/words";
import { Icon } from "../parts/icons";
import { Choice, Field, Search } from "../parts/input";
import { Empty, Notice, Screen } from "../parts/screen";
import { say } from "../parts/toast";
import type { StarterGood } from "../starter/starter";

export function Start() {
  const [step, setStep] = useState<"language" | "goods" | "list" | "sheet" | "upi">("language");
  if (!maySell.value) return <Screen title={t("set_up_shop")} up="/"><Empty icon="lock" title={t("not_yours")} text={t("not_yours_text")} /></Screen>;
  return (
    <Screen title={t("set_up_shop")} up="/">
      {step === "language" && (
        <div class="stack">
          <p class="strong">{t("welcome", { name: home.value?.home.shop.name ?? "" })}</p>
          <Choice label={t("language")} value={language.value} onChange={(code) => void choose(code)} options={LANGUAGES} />
          <button class="button main big wide" onClick={() => setStep("goods")}>{t("next")}</button>
        </div>
      )}
      {step === "goods" && (
        <div class="stack">
          <h2>{t("where_goods")}</h2>
          <button class="card row" onClick={() => setStep("list")}><span class="lead"><Icon name="goods" /></span><span class="grow"><span class="strong">{t("from_list")}</span><br /><small class="soft">{t("from_list_text")}</small></span><Icon name="turn" className="turn" /></button>
          <button class="card row" onClick={() => setStep("sheet")}><span class="lead"><Icon name="bill" /></span><span class="grow"><span class="strong">{t("from_sheet")}</span><br /><small class="soft">{t("from_sheet_text")}</small></span><Icon name="turn" className="turn" /></button>
          <button class="button quiet wide" onClick={() => go("/", true)}>{t("later")}</button>
        </div>
      )}
      {step === "list" && <StarterList onDone={() => setStep("upi")} />}
      {step === "sheet" && <SheetImport onDone={() => setStep("upi")} />}
      {step === "upi" && <UpiStep />}
    </Screen>
  );
}

interface Picked { price: string; on: boolean }

function StarterList({ onDone }: { onDone: () => void }) {
  const [goods, setGoods] = useState<StarterGood[] | null>(null);
  const [picked, setPicked] = useState<Record<string, Picked>>({});
  const [text, setText] = useState("");
  const [saving, setSaving] = useState(false);
  useEffect(() => void import("../starter/starter").then((module) => setGoods(module.starterGoods())), []);
  if (!goods) return <p class="soft">{t("loading")}</p>;
  const wanted = fold(text);
  const shown = goods.filter((good) => !wanted || fold([good.name, ...Object.values(good.names), ...good.aliases].join(" ")).includes(wanted));
  const chosen = goods.filter((good) => picked[good.id]?.on);
  const groups = [...new Set(shown.map((good) => good.category))];
  const set = (id: string, fresh: Partial<Picked>) => setPicked({ ...picked, [id]: { ...(picked[id] ?? { price: "", on: false }), ...fresh } });
  const save = async () => {
    setSaving(true);
    const made = chosen.map((good) => ({ good, item: itemOf(good, readMoney(picked[good.id]!.price) ?? good.price_paise) }));
    await enqueueAll(
      made.map(({ item }) => ({
        id: newId(), kind: "item" as const, path: "/v1/inventory/items", title: item.name,
        body: { item_id: item.item_id, name: item.name, names: item.names ?? {}, aliases: item.aliases, category: item.category, unit: item.unit, price_paise: item.price_paise },
      })),
      ["items"],
      (work) => { for (const { item } of made) void work.objectStore("items").put(item); },
    );
    items.value = new Map([...items.value, ...made.map(({ item }) => [item.item_id, item] as const)]);
    say(t("goods_added", { count: made.length }));
    onDone();
  };
  return (
    <div class="stack">
      <p class="soft">{t("pick_goods")}</p>
      <Search value={text} onInput={setText} label={t("search_goods")} />
      {groups.map((group) => (
        <section key={group} class="stack tight">
          <h2>{t(`category_${group}` as never)}</h2>
          <ul class="list">{shown.filter((good) => good.category === group).map((good) => <StarterRow key={good.id} good={good} picked={picked[good.id]} onChange={(fresh) => set(good.id, fresh)} />)}</ul>
        </section>
      ))}
      <div class="cartbar"><button class="button main big wide" disabled={!chosen.length || saving} onClick={() => void save()}>{t("add_goods", { count: chosen.length })}</button></div>
    </div>
  );
}

function StarterRow({ good, picked, onChange }: { good: StarterGood; picked: Picked | undefined; onChange: (fresh: Partial<Picked>) => void }) {
  const on = picked?.on ?? false;
  const name = good.names[language.value] ?? good.name;
  const wrong = on && picked!.price !== "" && readMoney(picked!.price) === null;
  return (
    <li class="row">
      <label class="check grow"><input type="checkbox" checked={on} onChange={(event) => onChange({ on: event.currentTarget.checked, price: picked?.price || plainMoney(good.price_paise) })} /><span>{name}</span></label>
      {on ? <input class="countbox" type="text" inputMode="decimal" aria-label={`${t("price")}: ${name}`} value={picked!.price} aria-invalid={wrong ? "true" : undefined} onInput={(event) => onChange({ price: event.currentTarget.value })} /> : <span class="end num soft">{money(good.price_paise)}</span>}
    </li>
  );
}

function itemOf(good: StarterGood, price: number): Item {
  return {
    item_id: good.id, name: good.name, names: good.names, aliases: good.aliases, category: good.category, unit: good.unit, price_paise: price, mrp_paise: null, cost_paise: null,
    barcode: null, pack_milli: 1000, on_hand_milli: 0, sold_28d_milli: null, version: 0, reorder_point_milli: null, supplier_id: null,
  };
}

type Import = Answer<"sales_send_sheet">;

/** A sheet of past sales: looked through first, entered after a yes. */
function SheetImport({ onDone }: { onDone: () => void }) {
  const [preview, setPreview] = useState<Import | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const failed = (error: { detail?: string }) => setTrouble(error.detail ?? t("needs_network"));
  const send = (file: File | undefined) => {
    if (!file) return;
    setBusy(true);
    setTrouble(null);
    const form = new FormData();
    form.set("file", file, file.name);
    post<Import>("/v1/sales/imports", form).then(setPreview, failed).finally(() => setBusy(false));
  };
  const confirm = () => {
    setBusy(true);
    post(`/v1/sales/imports/${preview!.import_id}/confirm`, { create_items: true }).then(() => { void sync(); onDone(); }, failed).finally(() => setBusy(false));
  };
  return (
    <div class="stack">
      <p class="soft">{t("sheet_how")}</p>
      <div class="field"><label for="sheet">{t("choose_sheet")}</label><input id="sheet" type="file" accept=".csv,.tsv,.xlsx,.txt,text/csv" disabled={busy} onChange={(event) => send(event.currentTarget.files?.[0])} /></div>
      {busy && <p class="soft" role="status">{t("loading")}</p>}
      {trouble && <Notice kind="bad" icon="alert">{trouble}</Notice>}
      {preview && (
        <section class="card stack tight">
          <h2>{t("sheet_found", { rows: preview.rows })}</h2>
          <p class="num">{money(preview.amount_paise)}</p>
          {preview.bad_rows > 0 && <Notice kind="advice" icon="alert">{t("sheet_bad", { count: preview.bad_rows })}</Notice>}
          {preview.problems.slice(0, 5).map((problem) => <small key={problem.row} class="soft">{problem.row}: {problem.reason}</small>)}
          {preview.unknown_count > 0 && <p>{t("sheet_new_goods", { count: preview.unknown_count })}</p>}
          <button class="button main wide" disabled={busy || preview.rows === 0} onClick={confirm}>{t("take_it")}</button>
        </section>
      )}
    </div>
  );
}

function UpiStep() {
  const [upi, setUpi] = useState("");
  const good = upi === "" || /^[\w.-]{2,256}@[A-Za-z]{2,64}$/.test(upi.trim());
  const save = () => (upi ? post("/v1/auth/shop", { upi_id: upi.trim() }, "PATCH").then(() => sync(), () => say(t("needs_network"), true)) : Promise.resolve()).then(() => go("/bill", true));
  return (
    <form class="stack" onSubmit={(event) => { event.preventDefault(); if (good) void save(); }}>
      <Field label={t("upi_id")} value={upi} onInput={setUpi} hint={t("upi_id_hint")} error={good ? null : t("not_a_upi")} />
      <button class="button main big wide" disabled={!good}>{t("first_bill")}</button>
    </form>
  );
}
