/** A bill that is saved: its sum, the change, the UPI code, the receipt. */
import { useEffect, useState } from "preact/hooks";
import { database } from "../core/db";
import { money, moment, quantity, readMoney, unitWord } from "../core/format";
import { unseal } from "../core/lock";
import { rows, type OutboxRow } from "../core/outbox";
import { path } from "../core/router";
import { balanceOf, customers, home, itemName, items, type SaleBody } from "../core/shop";
import { shareText } from "../core/share";
import { upiLink, upiReference } from "../core/upi";
import { t } from "../core/words";
import { Icon } from "../parts/icons";
import { Field } from "../parts/input";
import { Qr } from "../parts/qr";
import { Empty, Notice, Screen } from "../parts/screen";

export function BillDone() {
  const id = path.value.split("/")[3] ?? "";
  const [kept, setKept] = useState<OutboxRow | null>(rows.value.find((row) => row.id === id) ?? null);
  useEffect(() => {
    if (kept) return;
    void database().getFromIndex("outbox", "id", id).then(async (row) => row && setKept(await unseal<OutboxRow>(row)));
  }, [id]);
  const row = rows.value.find((each) => each.id === id) ?? kept;
  if (!row) return <Screen title={t("bill")} up="/"><Empty icon="bill" title={t("nothing_found")} /></Screen>;
  return <Done row={row} />;
}

function Done({ row }: { row: OutboxRow }) {
  const sale = row.body as SaleBody;
  const [given, setGiven] = useState("");
  const shop = home.value?.home.shop;
  const change = (readMoney(given) ?? 0) - sale.total_paise;
  const link = sale.payment === "upi" && shop?.upi_id ? upiLink(shop.upi_id, shop.name, sale.total_paise, upiReference(sale.sale_id)) : null;
  const customer = sale.customer_id ? customers.value.get(sale.customer_id) : undefined;
  return (
    <Screen title={t("bill_saved")} up="/bill">
      <div class="stack">
        <div class="card center stack tight">
          <p class="good cluster center-line"><Icon name="check" /><span class="strong">{row.state === "done" ? t("sent") : t("saved_on_phone")}</span></p>
          <p class="sum">{money(sale.total_paise)}</p>
          <p class="soft">{t(`pay_${sale.payment}`)}{customer && ` · ${customer.name}`}</p>
          {customer && <p class="num">{t("owes_now", { sum: money(balanceOf(customer.customer_id)) })}</p>}
          {row.trouble && <Notice kind="bad" icon="alert">{row.trouble.detail} <a href="/app/unsent">{t("look")}</a></Notice>}
        </div>
        {link && (
          <div class="card center stack tight noprint">
            <Qr text={link} label={t("upi_code", { sum: money(sale.total_paise) })} />
            <p class="soft">{t("scan_to_pay", { name: shop?.name ?? "" })}</p>
          </div>
        )}
        {sale.payment === "upi" && !link && <Notice kind="advice" icon="phone">{t("no_upi_id")} <a href="/app/settings">{t("settings")}</a></Notice>}
        {sale.payment === "cash" && (
          <div class="card noprint stack tight">
            <Field label={t("cash_given")} value={given} onInput={setGiven} inputMode="decimal" />
            {given && <p class="split"><span>{t("change_back")}</span><span class={`strong num ${change < 0 ? "bad" : ""}`}>{money(change)}</span></p>}
          </div>
        )}
        <a class="button main big wide noprint" href="/app/bill">{t("next_bill")}</a>
        <a class="button quiet noprint" href={`/app/bills/${row.id}`}>{t("look_at_bill")}</a>
        <div class="trio noprint">
          <button class="button" onClick={() => void shareText(receiptText(sale, row.at), t("bill"))}><Icon name="share" />{t("share")}</button>
          <button class="button" onClick={() => printOn("58")}><Icon name="print" />58 mm</button>
          <button class="button" onClick={() => printOn("80")}><Icon name="print" />80 mm</button>
        </div>
        <Receipt sale={sale} at={row.at} link={link} />
      </div>
    </Screen>
  );
}

export function printOn(paper: "58" | "80"): void {
  document.body.classList.remove("paper-58", "paper-80");
  document.body.classList.add(`paper-${paper}`);
  print();
}

function unitOf(itemId: string) {
  return items.value.get(itemId)?.unit ?? "piece";
}

function lineSum(line: SaleBody["lines"][number]): number {
  return Math.floor(((line.unit_price_paise ?? 0) * line.quantity_milli + 500) / 1000) - (line.discount_paise ?? 0);
}

export function receiptText(sale: SaleBody, at: string): string {
  const lines = sale.lines.map((line) => `${itemName(line.item_id)}  ${quantity(line.quantity_milli, unitOf(line.item_id))} × ${money(line.unit_price_paise ?? 0)} = ${money(lineSum(line))}`);
  return [home.value?.home.shop.name ?? "", moment(at), "", ...lines, "", `${t("total")}: ${money(sale.total_paise)} (${t(`pay_${sale.payment}`)})`].join("\n");
}

/** The paper slip; on the screen it is not shown. */
export function Receipt({ sale, at, link }: { sale: SaleBody; at: string; link: string | null }) {
  return (
    <section class="receipt" aria-hidden="true">
      <p class="center strong">{home.value?.home.shop.name}</p>
      <p class="center">{moment(at)}</p>
      <hr />
      <table>
        <tbody>
          {sale.lines.map((line) => (
            <tr key={line.item_id}>
              <td>{itemName(line.item_id)}<br />{quantity(line.quantity_milli, unitOf(line.item_id))} × {money(line.unit_price_paise ?? 0)}{unitOf(line.item_id) !== "piece" && `/${unitWord(unitOf(line.item_id))}`}</td>
              <td>{money(lineSum(line))}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <hr />
      <p class="split strong"><span>{t("total")}</span><span>{money(sale.total_paise)}</span></p>
      <p>{t(`pay_${sale.payment}`)}</p>
      {link && <Qr text={link} label="UPI" />}
      <p class="center">{t("thanks")}</p>
    </section>
  );
}
