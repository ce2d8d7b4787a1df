/** Customers: their cards, apart from their money. */
import { useState } from "preact/hooks";
import { type Answer, get, post } from "../core/api";
import { database } from "../core/db";
import { count, money, percent, plainMoney, readMoney } from "../core/format";
import { seal } from "../core/lock";
import { go, path } from "../core/router";
import { balanceOf, customers, isOwner, maySell } from "../core/shop";
import type { Customer } from "../core/shapes";
import { t } from "../core/words";
import { Icon } from "../parts/icons";
import { Check, Field, Search } from "../parts/input";
import { Empty, Notice, Screen, Why } from "../parts/screen";
import { say } from "../parts/toast";
import { findCustomers } from "./bill";
import { initials, NewCustomer, useAnswer } from "./khata";

export function Customers() {
  const [text, setText] = useState("");
  const [adding, setAdding] = useState(false);
  const found = findCustomers(text, 200);
  return (
    <Screen title={t("customers")} up="/more" tools={maySell.value && <button class="iconbutton" aria-label={t("new_customer")} onClick={() => setAdding(true)}><Icon name="plus" /></button>}>
      <div class="stack">
        <Search value={text} onInput={setText} label={t("search_customers")} />
        {found.length ? (
          <div class="list">
            {found.map((customer) => (
              <a key={customer.customer_id} class="row" href={`/app/customers/${encodeURIComponent(customer.customer_id)}`}>
                <span class="lead" aria-hidden="true">{initials(customer.name)}</span>
                <span class="grow"><span class="strong">{customer.name}</span>{customer.phone && <><br /><small class="soft num">{customer.phone}</small></>}</span>
                <span class="end num">{money(balanceOf(customer.customer_id))}</span>
              </a>
            ))}
          </div>
        ) : <Empty icon="people" title={customers.value.size ? t("nothing_found") : t("no_customers")} text={customers.value.size ? undefined : t("no_customers_text")} />}
      </div>
      {adding && <NewCustomer name={text} onClose={() => setAdding(false)} />}
    </Screen>
  );
}

export function CustomerOne() {
  const customer = customers.value.get(decodeURIComponent(path.value.split("/")[2] ?? ""));
  if (!customer) return <Screen title={t("customers")} up="/customers"><Empty icon="people" title={t("nothing_found")} /></Screen>;
  return <Card key={customer.customer_id} customer={customer} />;
}

function Card({ customer }: { customer: Customer }) {
  const [name, setName] = useState(customer.name);
  const [phone, setPhone] = useState(customer.phone ?? "");
  const [limit, setLimit] = useState(customer.limit_paise !== null ? plainMoney(customer.limit_paise) : "");
  const [days, setDays] = useState(String(customer.credit_days));
  const [reminders, setReminders] = useState(customer.reminders);
  const [trouble, setTrouble] = useState<string | null>(null);
  const digits = phone.replace(/[^\d+]/g, "");
  const wrong = { phone: phone !== "" && !/^\+?\d{7,15}$/.test(digits), limit: limit !== "" && readMoney(limit) === null, days: !/^\d{1,3}$/.test(days) };
  const save = async () => {
    const owner = isOwner.value ? { limit_paise: limit === "" ? null : readMoney(limit), credit_days: Number(days) } : {};
    try {
      const answer = await post<Answer<"udhaar_change_customer">>(`/v1/udhaar/customers/${encodeURIComponent(customer.customer_id)}`, { name: name.trim(), phone: digits || null, reminders, ...owner }, "PATCH");
      const kept = { ...customer, ...answer };
      await database().put("customers", await seal(kept, "customer_id"));
      customers.value = new Map([...customers.value, [customer.customer_id, kept]]);
      say(t("saved"));
      go(`/khata/${encodeURIComponent(customer.customer_id)}`, true);
    } catch (error) {
      setTrouble((error as { detail?: string }).detail ?? t("needs_network"));
    }
  };
  return (
    <Screen title={customer.name} up="/customers">
      <form class="stack" onSubmit={(event) => { event.preventDefault(); if (name.trim() && !wrong.phone && !wrong.limit && !wrong.days) void save(); }}>
        <a class="button wide" href={`/app/khata/${encodeURIComponent(customer.customer_id)}`}><Icon name="khata" />{t("khata")}: {money(balanceOf(customer.customer_id))}</a>
        <Field label={t("name")} value={name} onInput={setName} required />
        <Field label={t("phone_optional")} value={phone} onInput={setPhone} type="tel" inputMode="tel" error={wrong.phone ? t("not_a_phone") : null} />
        {isOwner.value && <Field label={`${t("limit")} (₹)`} value={limit} onInput={setLimit} inputMode="decimal" error={wrong.limit ? t("not_a_number") : null} hint={t("limit_hint")} />}
        {isOwner.value && <Field label={t("credit_days")} value={days} onInput={setDays} inputMode="numeric" error={wrong.days ? t("not_a_number") : null} />}
        <Check label={t("reminders_ok")} checked={reminders} onChange={setReminders} />
        {trouble && <Notice kind="bad" icon="alert">{trouble}</Notice>}
        {maySell.value && <button class="button main wide big">{t("save")}</button>}
        {isOwner.value && <Risk customer={customer} />}
      </form>
    </Screen>
  );
}

/** How likely the due money comes within a month, from this shop's own book. */
function Risk({ customer }: { customer: Customer }) {
  const { answer, failed } = useAnswer(() => get<Answer<"udhaar_read_risk">>(`/v1/udhaar/customers/${encodeURIComponent(customer.customer_id)}/risk`));
  if (failed) return <small class="soft">{failed}</small>;
  if (!answer) return <p class="soft">{t("loading")}</p>;
  const risk = answer.risk;
  return (
    <section class="card stack tight">
      <h2>{t("will_pay")}</h2>
      {!risk ? <p class="soft">{t("too_little_data")}</p> : (
        <>
          <p class="sum">{percent(1 - risk.probability_30)}</p>
          <p class="soft">{t("will_pay_text", { low: percent(1 - risk.upper), high: percent(1 - risk.lower) })}</p>
          {risk.thin_file && <Notice kind="advice" icon="alert">{t("thin_file")}</Notice>}
          <p>{t("limit_suggested", { sum: money(risk.limit_paise) })}</p>
          {risk.reasons.length > 0 && <Why><ul class="pad-bottom">{risk.reasons.map((reason) => <li key={reason.feature} class="split"><span>{reason.text}</span><span class="num soft">{count(reason.contribution, 2)}</span></li>)}</ul></Why>}
        </>
      )}
    </section>
  );
}
