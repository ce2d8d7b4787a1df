/** Prices: what to look at first, planned changes, and what was changed, each undone in one tap. */
import { useState } from "preact/hooks";
import { type Answer, get, post } from "../core/api";
import { dayWithin, moment, money } from "../core/format";
import { items, itemName, isOwner, nameOf } from "../core/shop";
import { sync } from "../core/sync";
import { t } from "../core/words";
import { Icon } from "../parts/icons";
import { Search } from "../parts/input";
import { Empty, Notice, Screen } from "../parts/screen";
import { say } from "../parts/toast";
import { findItems } from "./bill";
import { useAnswer } from "./khata";

export function Prices() {
  const [text, setText] = useState("");
  const [round, setRound] = useState(0);
  const changes = useAnswer(() => get<Answer<"pricing_list_changes">>("/v1/pricing/changes?limit=20"), [round]);
  const planned = useAnswer(() => get<Answer<"pricing_list_planned_prices">>("/v1/pricing/planned-prices?limit=20"), [round]);
  const found = findItems(text, 8);
  const undo = (id: string) => post(`/v1/pricing/changes/${id}/rollback`, { reason: t("set_by_hand") }).then(() => { setRound(round + 1); say(t("undone")); void sync(); }, refuse);
  const withdraw = (id: string) => post(`/v1/pricing/planned-prices/${id}/withdrawal`, { reason: t("set_by_hand") }).then(() => { setRound(round + 1); say(t("undone")); }, refuse);
  const open = planned.answer?.rows.filter((row) => row.status === "planned") ?? [];
  return (
    <Screen title={t("prices")} up="/more">
      <div class="stack">
        <Search value={text} onInput={setText} label={t("search_goods")} />
        {found.length > 0 && (
          <div class="list">
            {found.map((item) => (
              <a key={item.item_id} class="row" href={`/app/goods/${encodeURIComponent(item.item_id)}`}>
                <span class="grow strong">{nameOf(item)}</span>
                <span class="end num">{money(item.price_paise)}<br /><small class="soft">{item.mrp_paise !== null && `MRP ${money(item.mrp_paise)}`}</small></span>
              </a>
            ))}
          </div>
        )}
        {open.length > 0 && (
          <section class="stack tight">
            <h2>{t("planned")}</h2>
            <ul class="list">
              {open.map((row) => (
                <li key={row.plan_id} class="row">
                  <span class="grow"><span class="strong">{itemName(row.item_id)}</span><br /><small class="soft">{t("from_day", { when: dayWithin(row.from_on) })}</small></span>
                  <span class="end num strong">{money(row.price_paise)}</span>
                  {isOwner.value && <button class="iconbutton" aria-label={t("undo")} onClick={() => void withdraw(row.plan_id)}><Icon name="close" /></button>}
                </li>
              ))}
            </ul>
          </section>
        )}
        <section class="stack tight">
          <h2>{t("changed_prices")}</h2>
          {changes.failed && <Notice kind="advice" icon="offline">{changes.failed}</Notice>}
          {changes.answer && !changes.answer.rows.length && <Empty icon="tag" title={t("no_changes")} text={t("no_changes_text")} />}
          {changes.answer && changes.answer.rows.length > 0 && (
            <ul class="list">
              {changes.answer.rows.map((row) => (
                <li key={row.change_id} class="row">
                  <span class="grow"><span class="strong">{itemName(row.item_id)}</span><br /><small class="soft">{moment(row.at)}</small></span>
                  <span class="end num">{money(row.before_paise)} → <span class="strong">{money(row.after_paise)}</span></span>
                  {isOwner.value && !row.rolls_back && items.value.get(row.item_id)?.price_paise === row.after_paise && <button class="button small" onClick={() => void undo(row.change_id)}>{t("undo")}</button>}
                </li>
              ))}
            </ul>
          )}
        </section>
      </div>
    </Screen>
  );
}

export function refuse(error: { detail?: string }): void {
  say(error.detail ?? t("needs_network"));
}
