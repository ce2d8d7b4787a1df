/** A photo of a supplier's bill: kept at once, read by the server, checked by a person, then taken into stock. */
import { useEffect, useRef, useState } from "preact/hooks";
import { type Answer, get, post } from "../core/api";
import { day, money, moment, plainMoney, plainNumber, quantity, readMilli, readMoney } from "../core/format";
import { enqueue, isUnsent, rows } from "../core/outbox";
import { go, path } from "../core/router";
import { items, itemName, maySell, nameOf } from "../core/shop";
import { sync } from "../core/sync";
import { t } from "../core/words";
import { Icon } from "../parts/icons";
import { Check, Field, Search, Sheet } from "../parts/input";
import { Empty, Notice, Screen } from "../parts/screen";
import { say } from "../parts/toast";
import { findItems } from "./bill";
import { useAnswer } from "./khata";

const LONGEST_SIDE = 2000;

/** Photos of phones have 4 MB and more: 2,000 pixels are what reading needs. Taking it again removes the place too. */
async function shrink(file: Blob): Promise<Blob> {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d")!.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return new Promise((done, fail) => canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error("no picture"))), "image/jpeg", 0.85));
}

export function Photo() {
  const input = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const waiting = rows.value.filter((row) => row.kind === "photo" && isUnsent(row));
  const { answer } = useAnswer(() => get<Answer<"ocr_list_bills">>("/v1/ocr/bills?limit=20"), [waiting.length]);
  const take = async (file: File | undefined) => {
    if (!file) return;
    setBusy(true);
    try {
      await enqueue({ kind: "photo", path: "/v1/ocr/bills", title: t("bill_photo"), photo: await shrink(file) });
      say(t("photo_kept"));
      void sync();
    } catch {
      say(t("not_a_picture"), true);
    } finally {
      setBusy(false);
      if (input.current) input.current.value = "";
    }
  };
  if (!maySell.value) return <Screen title={t("bill_photo")} up="/goods"><Empty icon="lock" title={t("not_yours")} text={t("not_yours_text")} /></Screen>;
  return (
    <Screen title={t("bill_photo")} up="/goods">
      <div class="stack">
        <p class="soft">{t("photo_how")}</p>
        <input ref={input} type="file" accept="image/*" capture="environment" class="hidden-text" tabIndex={-1} aria-hidden="true" onChange={(event) => void take(event.currentTarget.files?.[0])} />
        <button class="button main big wide" disabled={busy} onClick={() => input.current?.click()}><Icon name="camera" />{busy ? t("loading") : t("take_photo")}</button>
        {waiting.length > 0 && <Notice kind="advice" icon="wait">{t("photos_wait", { count: waiting.length })}</Notice>}
        {answer && answer.rows.length > 0 && (
          <section class="stack tight">
            <h2>{t("photos")}</h2>
            <div class="list">
              {answer.rows.map((bill) => (
                <a key={bill.bill_id} class="row" href={`/app/photo/${bill.bill_id}`}>
                  <span class="lead"><Icon name="bill" /></span>
                  <span class="grow">{moment(bill.created_at)}</span>
                  <span class={`chip ${bill.status === "confirmed" ? "good" : "advice"}`}>{t(`photo_${bill.status}`)}</span>
                </a>
              ))}
            </div>
          </section>
        )}
        {answer && !answer.rows.length && !waiting.length && <Empty icon="camera" title={t("no_photos")} text={t("no_photos_text")} />}
      </div>
    </Screen>
  );
}

interface Num { value: number | null; confidence?: number }
interface DraftLine { description: { value: string | null }; quantity: Num; rate: Num; amount: Num; rate_unit_milli?: number }
interface Draft {
  kind?: string;
  supplier: { value: string | null };
  number: { value: string | null };
  bill_date: { value: string | null };
  total: Num;
  lines: DraftLine[];
  violations: unknown[];
}
type Card = Answer<"ocr_read_bill">;

export function PhotoOne() {
  const id = path.value.split("/")[2] ?? "";
  const [card, setCard] = useState<Card | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const read = () => get<Card>(`/v1/ocr/bills/${id}`).then(setCard, (error: { detail?: string }) => setFailed(error.detail ?? t("needs_network")));
  useEffect(() => void read(), [id]);
  const again = () => post<Card>(`/v1/ocr/bills/${id}/read`).then(setCard, (error: { detail?: string }) => setFailed(error.detail ?? t("needs_network")));
  return (
    <Screen title={t("bill_photo")} up="/photo">
      {failed && <Notice kind="bad" icon="alert">{failed}</Notice>}
      {!card && !failed && <p class="soft">{t("loading")}</p>}
      {card?.status === "unread" && (
        <Empty icon="camera" title={t("photo_unread")} text={t("photo_unread_text")}><button class="button" onClick={() => void again()}>{t("try_again")}</button></Empty>
      )}
      {card?.draft && card.status !== "unread" && <CheckDraft key={card.bill_id} card={card} />}
    </Screen>
  );
}

interface Chosen { item_id: string | null; quantity: string; rate: string }

function CheckDraft({ card }: { card: Card }) {
  const draft = card.draft as unknown as Draft;
  const [lines, setLines] = useState<Chosen[]>(() => draft.lines.map((line, place) => {
    const guess = card.guesses[place]?.[0];
    // A dozen's rate is not a piece's cost: the bill says how much its rate is for.
    const cost = line.rate.value === null ? "" : plainMoney(Math.round((line.rate.value * 1000) / (line.rate_unit_milli ?? 1000)));
    return { item_id: guess?.automatic ? guess.item_id : null, quantity: line.quantity.value !== null ? plainNumber(Math.abs(line.quantity.value)) : "", rate: cost };
  }));
  const [reviewed, setReviewed] = useState(false);
  const [choosing, setChoosing] = useState<number | null>(null);
  const [trouble, setTrouble] = useState<{ text: string; duplicate: boolean } | null>(null);
  const goesBack = (line: DraftLine) => draft.kind === "credit_note" || (line.quantity.value ?? 0) < 0;
  const allBack = draft.lines.length > 0 && draft.lines.every(goesBack);
  const asked = card.fields_to_ask.length > 0;
  const ready = lines.some((line) => line.item_id) && lines.every((line) => !line.item_id || readMilli(line.quantity)) && (!asked || reviewed);
  const sum = lines.reduce((all, line, place) => all + Math.round(((readMoney(line.rate) ?? 0) * (readMilli(line.quantity) ?? 0)) / 1000) * (goesBack(draft.lines[place]!) && !allBack ? -1 : 1), 0);
  const set = (place: number, fresh: Partial<Chosen>) => setLines(lines.map((line, at) => (at === place ? { ...line, ...fresh } : line)));
  const confirm = (duplicate = false) => {
    const body = {
      reviewed, duplicate,
      lines: lines.flatMap((line, place) => (line.item_id ? [{ line: place, item_id: line.item_id, quantity_milli: readMilli(line.quantity)!, ...(readMoney(line.rate) !== null ? { unit_cost_paise: readMoney(line.rate) } : {}) }] : [])),
    };
    post(`/v1/ocr/bills/${card.bill_id}/confirm`, body).then(
      () => { say(t("taken_in")); void sync(); go("/photo", true); },
      (error: { detail?: string; code?: string }) => setTrouble({ text: error.detail ?? t("needs_network"), duplicate: error.code === "duplicate_bill" || /duplicate|before/.test(error.detail ?? "") }),
    );
  };
  if (card.status === "confirmed") return <Empty icon="check" title={t("photo_confirmed")} text={card.confirmed_at ? moment(card.confirmed_at) : undefined} />;
  return (
    <div class="stack">
      <section class="card">
        <h2>{draft.supplier.value ?? t("unknown_supplier")}</h2>
        <p class="soft">{[draft.number.value, draft.bill_date.value && day(draft.bill_date.value)].filter(Boolean).join(" · ")}</p>
        <dl class="figures top-gap">
          <div class="figure"><dt>{t("total_printed")}</dt><dd>{draft.total.value !== null ? money(draft.total.value) : "–"}</dd></div>
          <div class="figure"><dt>{t("lines_sum")}</dt><dd class={draft.total.value !== null && Math.abs(sum - (allBack ? Math.abs(draft.total.value) : draft.total.value)) > 100 ? "bad" : "good"}>{money(sum)}</dd></div>
        </dl>
      </section>
      {card.note && <Notice kind="advice" icon="alert">{card.note}</Notice>}
      <ul class="stack tight">
        {draft.lines.map((line, place) => (
          <li key={place} class="card flat stack tight">
            <p class="strong">{line.description.value ?? "–"} {goesBack(line) && <span class="chip advice">{t("to_supplier")}</span>}</p>
            <button class={`button wide ${lines[place]!.item_id ? "" : "bad"}`} onClick={() => setChoosing(place)}>{lines[place]!.item_id ? itemName(lines[place]!.item_id!) : t("choose_good")}</button>
            <div class="pair">
              <Field label={t("quantity")} value={lines[place]!.quantity} onInput={(quantity) => set(place, { quantity })} inputMode="decimal" error={lines[place]!.item_id && !readMilli(lines[place]!.quantity) ? t("not_a_number") : null} />
              <Field label={`${t("cost")} (₹)`} value={lines[place]!.rate} onInput={(rate) => set(place, { rate })} inputMode="decimal" />
            </div>
          </li>
        ))}
      </ul>
      {asked && <Check label={t("i_checked", { count: card.fields_to_ask.length })} checked={reviewed} onChange={setReviewed} />}
      {trouble && <Notice kind="bad" icon="alert">{trouble.text}{trouble.duplicate && <> <button class="button small" onClick={() => confirm(true)}>{t("still_take")}</button></>}</Notice>}
      <button class="button main big wide" disabled={!ready} onClick={() => confirm()}>{t(allBack ? "to_supplier" : "take_into_stock")}</button>
      {choosing !== null && <ChooseGood guesses={(card.guesses[choosing] ?? []).map((guess) => guess.item_id)} onClose={() => setChoosing(null)} onChoose={(id) => { set(choosing, { item_id: id }); setChoosing(null); }} />}
    </div>
  );
}

export function ChooseGood({ guesses, onClose, onChoose }: { guesses: string[]; onClose: () => void; onChoose: (itemId: string | null) => void }) {
  const [text, setText] = useState("");
  const found = text ? findItems(text, 12) : guesses.flatMap((id) => items.value.get(id) ?? []);
  return (
    <Sheet title={t("choose_good")} onClose={onClose}>
      <div class="stack">
        <Search value={text} onInput={setText} label={t("search_goods")} autofocus />
        <div class="list">{found.map((item) => <button key={item.item_id} class="row" onClick={() => onChoose(item.item_id)}><span class="grow strong">{nameOf(item)}</span><span class="end num soft">{quantity(item.on_hand_milli, item.unit)}</span></button>)}</div>
        <button class="button quiet" onClick={() => onChoose(null)}>{t("not_stock")}</button>
      </div>
    </Sheet>
  );
}

