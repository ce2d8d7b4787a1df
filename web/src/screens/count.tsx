/** Counting: one good a row, its expected stock hidden, number by number, kept at once. */
import { useEffect, useRef, useState } from "preact/hooks";
import { quantity, readUnits, unitWord } from "../core/format";
import { newId } from "../core/ids";
import { enqueue, factFields, isUnsent, rows } from "../core/outbox";
import { parameter } from "../core/router";
import { dayNow, frequency, items, maySell, nameOf, searchItems, stockOf } from "../core/shop";
import { match } from "../core/search";
import type { Item } from "../core/shapes";
import { dayOf } from "../core/format";
import { t } from "../core/words";
import { Filters, Search } from "../parts/input";
import { Empty, Screen } from "../parts/screen";

type Which = "left" | "all";
const PAGE = 40;

/** What was counted today on this phone, by good. */
function countedToday(): Map<string, { milli: number; before: number | null }> {
  const counted = new Map<string, { milli: number; before: number | null }>();
  for (const row of rows.value) {
    if (row.kind !== "count" || dayOf(row.at) !== dayNow() || (!isUnsent(row) && row.state !== "done")) continue;
    const body = row.body as { adjustments: Array<{ item_id: string; quantity_milli: number }> };
    for (const each of body.adjustments) counted.set(each.item_id, { milli: each.quantity_milli, before: null });
  }
  return counted;
}

export function Count() {
  const only = parameter("item");
  const [text, setText] = useState("");
  const [which, setWhich] = useState<Which>(only ? "all" : "left");
  const [most, setMost] = useState(PAGE);
  const form = useRef<HTMLUListElement>(null);
  const counted = countedToday();
  const shown = searchItems.value
    .filter(({ item, key }) => (only && !text ? item.item_id === only : match(text, key) > 0 && (which === "all" || !counted.has(item.item_id))))
    .map(({ item }) => item)
    .sort((a, b) => (a.category || "~").localeCompare(b.category || "~") || frequency(b) - frequency(a) || a.name.localeCompare(b.name));
  const next = (from: HTMLInputElement) => {
    const boxes = [...(form.current?.querySelectorAll("input") ?? [])];
    const after = boxes[boxes.indexOf(from) + 1];
    after?.focus();
  };
  if (!maySell.value) return <Screen title={t("count")} up="/goods"><Empty icon="lock" title={t("not_yours")} text={t("not_yours_text")} /></Screen>;
  return (
    <Screen title={t("count")} up="/goods">
      <div class="stack">
        <p class="soft">{t("count_how")}</p>
        {!only && <Search value={text} onInput={setText} label={t("search_goods")} />}
        {!only && <Filters label={t("show")} value={which} onChange={setWhich} options={[["left", t("left_to_count")], ["all", t("all")]]} />}
        <p class="strong num" role="status">{t("counted_of", { count: counted.size, all: items.value.size })}</p>
        {shown.length ? (
          <>
            <ul class="list" ref={form}>{shown.slice(0, most).map((item, place) => <CountRow key={item.item_id} item={item} done={counted.get(item.item_id)?.milli ?? null} onNext={next} first={place === 0} />)}</ul>
            {shown.length > most && <button class="button wide" onClick={() => setMost(most + PAGE)}>{t("show_more", { count: shown.length - most })}</button>}
          </>
        ) : <Empty icon="check" title={items.value.size ? t("all_counted") : t("no_goods")} />}
      </div>
    </Screen>
  );
}

function CountRow({ item, done, onNext, first }: { item: Item; done: number | null; onNext: (from: HTMLInputElement) => void; first: boolean }) {
  const [text, setText] = useState("");
  const [kept, setKept] = useState<{ milli: number; before: number } | null>(null);
  const box = useRef<HTMLInputElement>(null);
  /** The number that was kept last: leaving the box after Enter does not keep it twice. */
  const sent = useRef<number | null>(null);
  const milli = readUnits(text, item.unit);
  const wrong = text !== "" && milli === null;
  useEffect(() => {
    if (first && matchMedia("(pointer: fine)").matches) box.current?.focus({ preventScroll: true });
  }, []);
  const keep = async () => {
    if (milli === null || sent.current === milli) return;
    sent.current = milli;
    const id = newId();
    const at = new Date().toISOString();
    const before = stockOf(item.item_id);
    await enqueue({
      id, kind: "count", at, title: item.name, path: "/v1/inventory/adjustments",
      body: { adjustments: [{ movement_id: id, item_id: item.item_id, kind: "count", quantity_milli: milli, at, ...factFields() }], atomic: false },
    });
    setKept({ milli, before });
  };
  const shown = kept?.milli ?? done;
  const difference = kept ? kept.milli - kept.before : 0;
  return (
    <li class="row countrow">
      <label class="grow" for={`count-${item.item_id}`}>
        <span class="strong">{nameOf(item)}</span>
        <br />
        <small class={difference ? "bad num" : "soft num"} aria-live="polite">
          {shown === null ? unitWord(item.unit) : kept && difference ? t("count_differs", { units: `${difference > 0 ? "+" : "−"}${quantity(Math.abs(difference), item.unit)}` }) : t("counted_is", { units: quantity(shown, item.unit) })}
        </small>
      </label>
      <input
        id={`count-${item.item_id}`} ref={box} class="countbox" type="text" inputMode="decimal" enterkeyhint="next" autocomplete="off" maxLength={12} value={text} aria-invalid={wrong ? "true" : undefined}
        onInput={(event) => setText(event.currentTarget.value)} onBlur={() => void keep()}
        onKeyDown={(event) => {
          if (event.key !== "Enter") return;
          event.preventDefault();
          const from = event.currentTarget;
          void keep().then(() => onNext(from));
        }}
      />
    </li>
  );
}
