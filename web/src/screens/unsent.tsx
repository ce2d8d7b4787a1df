/** What the server does not have yet: what waits, and what it refused, with its words and a way to put it right. */
import { useState } from "preact/hooks";
import { reached, signedOut } from "../core/api";
import { database } from "../core/db";
import { newId } from "../core/ids";
import { money, moment, plainMoney, plainNumber, readMilli, readMoney, readUnits } from "../core/format";
import { cancel, isUnsent, retry, rows, unreadable, unsentCount, type OutboxRow } from "../core/outbox";
import { itemName, items, type SaleBody } from "../core/shop";
import { sync } from "../core/sync";
import { t, type Word } from "../core/words";
import { Icon, type IconName } from "../parts/icons";
import { Field, Sheet } from "../parts/input";
import { Empty, Notice, Screen } from "../parts/screen";
import { say } from "../parts/toast";

const ICONS: Record<OutboxRow["kind"], IconName> = {
  sale: "bill", return: "undo", credit: "khata", payment: "khata", promise: "wait", customer: "person", customer_change: "person", item: "goods", item_change: "goods",
  count: "count", movement: "goods", price: "tag", decision: "spark", alert: "bell", order: "truck", receipt: "goods", photo: "camera",
};

export function Unsent() {
  const [open, setOpen] = useState<OutboxRow | null>(null);
  const waiting = rows.value.filter((row) => row.state === "wait");
  const parked = rows.value.filter((row) => row.state === "parked");
  const past = rows.value.filter((row) => !isUnsent(row)).reverse().slice(0, 50);
  return (
    <Screen title={t("unsent")} up="/more" tools={waiting.length > 0 && <button class="button small tool" onClick={() => void sync()}>{t("send_now")}</button>}>
      <div class="stack loose">
        {signedOut.value && <Notice kind="advice" icon="lock">{t("sign_in_to_send")} <a href="/app/sign-in">{t("sign_in")}</a></Notice>}
        {unreadable.value > 0 && <Notice kind="bad" icon="lock">{t("sealed_rows", { count: unreadable.value })}</Notice>}
        {unsentCount() === 0 && <Empty icon="check" title={t("all_sent")} text={t("all_sent_text")} />}
        {parked.length > 0 && (
          <section class="stack tight">
            <h2>{t("refused_by_server")}</h2>
            {parked.map((row) => <Parked key={row.id} row={row} onOpen={() => setOpen(row)} />)}
          </section>
        )}
        {waiting.length > 0 && (
          <section class="stack tight">
            <h2>{reached.value ? t("is_sent_now") : t("waits_for_network")}</h2>
            <ul class="list">{waiting.map((row) => <Row key={row.id} row={row} />)}</ul>
          </section>
        )}
        {past.length > 0 && (
          <section class="stack tight">
            <h2>{t("sent_lately")}</h2>
            <ul class="list">{past.map((row) => <Row key={row.id} row={row} />)}</ul>
          </section>
        )}
      </div>
      {open && <PutRight row={open} onClose={() => setOpen(null)} />}
    </Screen>
  );
}

function Row({ row }: { row: OutboxRow }) {
  return (
    <li class="row">
      <span class="lead"><Icon name={ICONS[row.kind]} /></span>
      <span class="grow">
        <span class="strong">{t(`kind_${row.kind}`)}</span> {row.title}
        <br /><small class="soft">{moment(row.at)}{row.state === "cancelled" && ` · ${t("cancelled_because", { reason: row.reason })}`}</small>
      </span>
      <span class="end num">{row.amount_paise !== null && money(row.amount_paise)}{row.state === "done" && <Icon name="check" className="turn good" />}</span>
    </li>
  );
}

function Parked({ row, onOpen }: { row: OutboxRow; onOpen: () => void }) {
  const trouble = row.trouble!;
  const asked = trouble.approval_id !== null;
  return (
    <article class="card bad stack tight">
      <div class="split"><h3>{t(`kind_${row.kind}`)} {row.title}</h3>{row.amount_paise !== null && <span class="strong num">{money(row.amount_paise)}</span>}</div>
      <small class="soft">{moment(row.at)}</small>
      {trouble.now ? <p>{t("changed_meanwhile")}</p> : <p lang="en">{trouble.detail}</p>}
      {trouble.hint && !trouble.now && <p class="soft" lang="en">{trouble.hint}</p>}
      {trouble.now && <Conflict row={row} now={trouble.now} />}
      {asked && <Notice kind="advice" icon="people">{t("asked_owner")}</Notice>}
      {!trouble.now && <div class="cluster">
        <button class="button main" onClick={() => void retry(row, undefined, asked ? { "Approval-Id": trouble.approval_id! } : {}).then(() => say(t("sent_again")))}>{t("try_again")}</button>
        <button class="button" onClick={onOpen}>{t("put_right")}</button>
      </div>}
    </article>
  );
}

const FIELDS: Record<string, Word> = { name: "name", aliases: "name_in_language", barcode: "barcode", cost_paise: "cost", archived: "not_sold_now", category: "category" };

function said(field: string, value: unknown): string {
  if (value === null || value === undefined || value === "") return "–";
  if (field.endsWith("_paise")) return money(value as number);
  if (typeof value === "boolean") return t(value ? "yes" : "no");
  return Array.isArray(value) ? value.join(", ") : String(value);
}

/** Two people changed the same field: both values, and a person picks. */
function Conflict({ row, now }: { row: OutboxRow; now: Record<string, unknown> }) {
  const mine = row.body as Record<string, unknown>;
  const keepMine = () => retry(row, undefined, { "If-Match": `"${row.trouble!.version}"` }, now).then(() => say(t("sent_again")));
  const keepTheirs = async () => {
    const item = items.value.get(decodeURIComponent(row.path.split("/").at(-1) ?? ""));
    await cancel(row, t("kept_theirs"));
    if (!item) return;
    const kept = { ...item, ...now, version: row.trouble!.version! };
    await database().put("items", kept);
    items.value = new Map([...items.value, [kept.item_id, kept]]);
  };
  return (
    <>
      <div class="table"><table>
        <thead><tr><th>{t("field")}</th><th>{t("mine")}</th><th>{t("theirs")}</th></tr></thead>
        <tbody>{Object.keys(mine).map((field) => <tr key={field}><td>{FIELDS[field] ? t(FIELDS[field]) : field === "mrp_paise" ? "MRP" : field}</td><td class="strong">{said(field, mine[field])}</td><td class="strong">{said(field, now[field])}</td></tr>)}</tbody>
      </table></div>
      <div class="pair">
        <button class="button main" onClick={() => void keepMine()}>{t("keep_mine")}</button>
        <button class="button" onClick={() => void keepTheirs()}>{t("keep_theirs")}</button>
      </div>
    </>
  );
}

/** Change what was refused, or say that it did not happen. */
function PutRight({ row, onClose }: { row: OutboxRow; onClose: () => void }) {
  const [reason, setReason] = useState("");
  return (
    <Sheet title={t(`kind_${row.kind}`)} onClose={onClose}>
      <div class="stack">
        {row.kind === "count" && <CountFix row={row} onClose={onClose} />}
        {row.kind === "sale" && <SaleFix row={row} onClose={onClose} />}
        {(row.kind === "credit" || row.kind === "payment") && <AmountFix row={row} onClose={onClose} />}
        <form class="card flat stack tight" onSubmit={(event) => { event.preventDefault(); if (reason.trim().length >= 3) void cancel(row, reason.trim()).then(onClose); }}>
          <h3>{t("did_not_happen")}</h3>
          <Field label={t("reason")} value={reason} onInput={setReason} hint={t("reason_kept")} />
          <button class="button bad wide" disabled={reason.trim().length < 3}>{t("cancel_it")}</button>
        </form>
      </div>
    </Sheet>
  );
}

function SaleFix({ row, onClose }: { row: OutboxRow; onClose: () => void }) {
  const sale = row.body as SaleBody;
  const [lines, setLines] = useState(sale.lines.map((line) => ({ ...line, many: plainNumber(line.quantity_milli), price: plainMoney(line.unit_price_paise ?? 0) })));
  const good = lines.every((line) => readMilli(line.many) !== null && readMoney(line.price) !== null);
  const save = () => {
    const fixed = lines.map(({ many, price, ...line }) => ({ ...line, quantity_milli: readMilli(many)!, unit_price_paise: readMoney(price)! })).filter((line) => line.quantity_milli > 0);
    const total = fixed.reduce((sum, line) => sum + Math.floor((line.unit_price_paise * line.quantity_milli + 500) / 1000), 0);
    void retry(row, { ...sale, lines: fixed, total_paise: total }).then(onClose);
  };
  return (
    <form class="stack tight" onSubmit={(event) => { event.preventDefault(); if (good) save(); }}>
      {lines.map((line, place) => (
        <fieldset key={line.item_id} class="plain stack tight">
          <legend class="strong">{itemName(line.item_id)}</legend>
          <div class="pair">
            <Field label={t("quantity")} value={line.many} inputMode="decimal" onInput={(many) => setLines(lines.map((each, at) => (at === place ? { ...each, many } : each)))} error={readMilli(line.many) === null ? t("not_a_number") : null} />
            <Field label={`${t("price")} (₹)`} value={line.price} inputMode="decimal" onInput={(price) => setLines(lines.map((each, at) => (at === place ? { ...each, price } : each)))} error={readMoney(line.price) === null ? t("not_a_number") : null} />
          </div>
        </fieldset>
      ))}
      <button class="button main wide" disabled={!good}>{t("send_put_right")}</button>
    </form>
  );
}

function CountFix({ row, onClose }: { row: OutboxRow; onClose: () => void }) {
  const [first] = (row.body as { adjustments: Array<{ item_id: string; quantity_milli: number }> }).adjustments;
  const unit = items.value.get(first?.item_id ?? "")?.unit ?? "piece";
  const [text, setText] = useState(plainNumber(first?.quantity_milli ?? 0));
  const milli = readUnits(text, unit);
  return (
    <form class="stack tight" onSubmit={(event) => { event.preventDefault(); if (milli !== null) void retry(row, { ...(row.body as object), adjustments: [{ ...first, movement_id: newId(), quantity_milli: milli }] }).then(onClose); }}>
      <Field label={`${t("quantity")} (${t(`unit_${unit}`)})`} value={text} onInput={setText} inputMode="decimal" error={milli === null ? t("not_a_number") : null} />
      <button class="button main wide" disabled={milli === null}>{t("send_put_right")}</button>
    </form>
  );
}

function AmountFix({ row, onClose }: { row: OutboxRow; onClose: () => void }) {
  const body = row.body as { amount_paise: number };
  const [text, setText] = useState(plainMoney(body.amount_paise));
  const paise = readMoney(text);
  return (
    <form class="stack tight" onSubmit={(event) => { event.preventDefault(); if (paise) void retry(row, { ...body, amount_paise: paise }).then(onClose); }}>
      <Field label={`${t("amount")} (₹)`} value={text} onInput={setText} inputMode="decimal" error={paise ? null : t("not_a_number")} />
      <button class="button main wide" disabled={!paise}>{t("send_put_right")}</button>
    </form>
  );
}
