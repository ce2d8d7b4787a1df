/** Closing the day: what the drawer should hold, what it holds, and the day on one page. */
import { useState } from "preact/hooks";
import { type Answer } from "../core/api";
import { money, readMoney, shortDay, weekday } from "../core/format";
import { dayNow, home, today } from "../core/shop";
import { shareText } from "../core/share";
import { plural, t } from "../core/words";
import { DayBars } from "../charts/simple";
import { Icon } from "../parts/icons";
import { Field } from "../parts/input";
import { Notice, Screen, Why } from "../parts/screen";
import { useKept } from "./item";

export function Closing() {
  const sums = today.value;
  const [float, setFloat] = useState("");
  const [drawer, setDrawer] = useState("");
  const week = useKept<Answer<"sales_summarise">>("/v1/sales/summary?days=7");
  const expected = (readMoney(float) ?? 0) + sums.by.cash + sums.received;
  const found = readMoney(drawer);
  const difference = found === null ? null : found - expected;
  const text = [
    `${home.value?.home.shop.name ?? ""}, ${shortDay(dayNow())}`, "", `${t("sold_today")}: ${money(sums.amount)}`, `${t("cash")}: ${money(sums.by.cash)}`, `UPI: ${money(sums.by.upi)}`,
    `${t("udhaar")}: ${money(sums.by.udhaar)}`, `${t("got_back")}: ${money(sums.received)}`, ...(difference === null ? [] : [`${t("difference")}: ${money(difference)}`]),
  ].join("\n");
  const days = week.answer?.days.map((each) => ({ name: weekday(each.on), value: each.on === dayNow() ? sums.amount : each.amount_paise, now: each.on === dayNow() })) ?? [];
  return (
    <Screen title={t("close_day")} up="/more">
      <div class="stack">
        <section class="card stack tight">
          <p class="soft">{t("sold_today")}</p>
          <p class="sum">{money(sums.amount)}</p>
          <p class="soft">{plural(sums.bills, "one_bill", "many_bills")}</p>
          <dl class="figures four">
            <div class="figure"><dt>{t("cash")}</dt><dd>{money(sums.by.cash)}</dd></div>
            <div class="figure"><dt>UPI</dt><dd>{money(sums.by.upi)}</dd></div>
            <div class="figure"><dt>{t("gave")}</dt><dd>{money(sums.given)}</dd></div>
            <div class="figure"><dt>{t("got_back")}</dt><dd>{money(sums.received)}</dd></div>
          </dl>
        </section>
        {sums.unsentBills > 0 && <Notice kind="advice" icon="wait">{t("not_sent_yet", { count: sums.unsentBills })}</Notice>}
        <section class="card stack tight">
          <h2>{t("drawer")}</h2>
          <div class="pair">
            <Field label={t("drawer_start")} value={float} onInput={setFloat} inputMode="decimal" />
            <Field label={t("drawer_now")} value={drawer} onInput={setDrawer} inputMode="decimal" />
          </div>
          <p class="split"><span class="soft">{t("drawer_should")}</span><span class="strong num">{money(expected)}</span></p>
          {difference !== null && <p class="split" role="status"><span>{t("difference")}</span><span class={`strong num ${difference < 0 ? "bad" : "good"}`}>{difference === 0 ? t("fits") : money(difference)}</span></p>}
        </section>
        {days.length > 0 && (
          <section class="card stack tight">
            <h2>{t("week")}</h2>
            <DayBars days={days} label={t("week")} />
            <Why label={t("as_table")}>
              <div class="table"><table><thead><tr><th>{t("day")}</th><th>{t("sold")}</th></tr></thead><tbody>{week.answer!.days.map((each) => <tr key={each.on}><td>{shortDay(each.on)}</td><td>{money(each.on === dayNow() ? sums.amount : each.amount_paise)}</td></tr>)}</tbody></table></div>
            </Why>
          </section>
        )}
        <div class="pair noprint">
          <button class="button main" onClick={() => void shareText(text, t("close_day"))}><Icon name="share" />{t("share")}</button>
          <button class="button" onClick={() => print()}><Icon name="print" />{t("print")}</button>
        </div>
      </div>
    </Screen>
  );
}
