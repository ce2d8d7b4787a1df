/** Everything else, and the settings of this phone and this shop. */
import { useEffect, useState } from "preact/hooks";
import { type Answer, get, post } from "../core/api";
import { database } from "../core/db";
import { count, moment } from "../core/format";
import { canLock, isPin, lockNow, lockState } from "../core/lock";
import { protect, unprotect } from "../core/protect";
import { unsentCount } from "../core/outbox";
import { changeShop, signOut, who } from "../core/session";
import { customers, home, isOwner, items, maySell, role } from "../core/shop";
import { sync } from "../core/sync";
import { go } from "../core/router";
import { choose, language, LANGUAGES, t, type Word } from "../core/words";
import { Icon, type IconName } from "../parts/icons";
import { Choice, Field } from "../parts/input";
import { Notice, Screen } from "../parts/screen";
import { say } from "../parts/toast";
import { useAnswer } from "./khata";

interface Link { to: string; word: Word; icon: IconName; when: boolean; badge?: number }

export function More() {
  const unsent = unsentCount();
  const links: Link[] = [
    { to: "/close", word: "close_day", icon: "moon", when: role.value !== "viewer" },
    { to: "/bills", word: "bills", icon: "bill", when: true },
    { to: "/order", word: "order", icon: "truck", when: maySell.value },
    { to: "/photo", word: "bill_photo", icon: "camera", when: maySell.value },
    { to: "/count", word: "count", icon: "count", when: maySell.value },
    { to: "/prices", word: "prices", icon: "tag", when: true },
    { to: "/customers", word: "customers", icon: "people", when: true },
    { to: "/owner", word: "dashboard", icon: "chart", when: isOwner.value || role.value === "accountant" },
    { to: "/staff", word: "staff_approvals", icon: "person", when: isOwner.value },
    { to: "/devices", word: "devices", icon: "phone", when: true },
    { to: "/unsent", word: "unsent", icon: "send", when: true, badge: unsent },
    { to: "/settings", word: "settings", icon: "settings", when: true },
  ];
  const leave = async () => {
    try {
      await signOut();
      go("/sign-in", true);
    } catch {
      say(t("unsent_first"), true);
      go("/unsent");
    }
  };
  return (
    <Screen title={t("more")}>
      <div class="stack">
        <p class="soft">{home.value?.home.shop.name} · {t(`role_${role.value}`)}</p>
        <nav class="list" aria-label={t("more")}>
          {links.filter((link) => link.when).map((link) => (
            <a key={link.to} class="row" href={`/app${link.to}`}>
              <span class="lead"><Icon name={link.icon} /></span>
              <span class="grow strong">{t(link.word)}</span>
              {link.badge ? <span class="chip advice">{link.badge}</span> : null}
              <Icon name="turn" className="turn" />
            </a>
          ))}
        </nav>
        {lockState.value === "open" && <button class="button wide" onClick={lockNow}><Icon name="lock" />{t("lock_now")}</button>}
        <button class="button wide" onClick={() => void leave()}><Icon name="out" />{t("sign_out")}</button>
      </div>
    </Screen>
  );
}

export function Settings() {
  const person = who.value;
  return (
    <Screen title={t("settings")} up="/more">
      <div class="stack loose">
        <Choice label={t("language")} value={language.value} onChange={(code) => void choose(code).then(sync)} options={LANGUAGES} />
        {person && person.shops.length > 1 && <Choice label={t("shop")} value={person.shop_id} onChange={(id) => void changeShop(id).then(() => go("/", true), () => say(t("needs_network"), true))} options={person.shops.map((shop) => [shop.shop_id, shop.name] as const)} />}
        {isOwner.value && <Rules />}
        <Pin />
        <OnThisPhone />
      </div>
    </Screen>
  );
}

type Shop = Answer<"auth_read_shop">;

function Rules() {
  const { answer, failed } = useAnswer(() => get<Shop>("/v1/auth/shop"));
  return (
    <section class="card stack">
      <h2>{t("shop_rules")}</h2>
      {failed && <Notice kind="advice" icon="offline">{failed}</Notice>}
      {!answer && !failed && <p class="soft">{t("loading")}</p>}
      {answer && <RulesForm shop={answer} />}
    </section>
  );
}

function RulesForm({ shop }: { shop: Shop }) {
  const [name, setName] = useState(shop.name);
  const [upi, setUpi] = useState(shop.upi_id ?? "");
  const [stock, setStock] = useState(shop.negative_stock);
  const [limit, setLimit] = useState(shop.over_limit);
  const [trouble, setTrouble] = useState<string | null>(null);
  const good = upi === "" || /^[\w.-]{2,256}@[A-Za-z]{2,64}$/.test(upi.trim());
  const save = () => post("/v1/auth/shop", { name: name.trim(), upi_id: upi.trim() || null, negative_stock: stock, over_limit: limit }, "PATCH").then(() => { say(t("saved")); void sync(); }, (error: { detail?: string }) => setTrouble(error.detail ?? t("needs_network")));
  return (
    <form class="stack" onSubmit={(event) => { event.preventDefault(); if (good && name.trim()) void save(); }}>
      <Field label={t("shop_name")} value={name} onInput={setName} required />
      <Field label={t("upi_id")} value={upi} onInput={setUpi} hint={t("upi_id_hint")} error={good ? null : t("not_a_upi")} />
      <Choice label={t("rule_stock")} value={stock} onChange={setStock} options={[["allow", t("rule_stock_allow")], ["block", t("rule_stock_block")]]} />
      <Choice label={t("rule_limit")} value={limit} onChange={setLimit} options={[["warn", t("rule_limit_warn")], ["block", t("rule_limit_block")]]} />
      {trouble && <Notice kind="bad" icon="alert">{trouble}</Notice>}
      <button class="button main">{t("save")}</button>
    </form>
  );
}

/** The app lock: set, or taken away. */
function Pin() {
  const [pin, setPin] = useState("");
  const [busy, setBusy] = useState(false);
  const set = async () => {
    setBusy(true);
    await protect(pin);
    setPin("");
    setBusy(false);
    say(t("pin_set"));
  };
  if (!canLock()) return <section class="card stack tight"><h2>{t("app_lock")}</h2><p class="soft">{t("no_lock_here")}</p></section>;
  return (
    <section class="card stack tight">
      <h2>{t("app_lock")}</h2>
      <p class="soft">{t("app_lock_text")}</p>
      {lockState.value === "open" ? (
        <button class="button" disabled={busy} onClick={() => void unprotect().then(() => say(t("pin_off")))}>{t("take_pin_off")}</button>
      ) : (
        <form class="cluster end-line" onSubmit={(event) => { event.preventDefault(); if (isPin(pin)) void set(); }}>
          <div class="grow"><Field label={t("new_pin")} value={pin} onInput={(text) => setPin(text.replace(/\D/g, ""))} type="password" inputMode="numeric" max={6} autocomplete="new-password" /></div>
          <button class="button main" disabled={!isPin(pin) || busy}>{t("set")}</button>
        </form>
      )}
    </section>
  );
}

/** What lies on this phone, and what of it is safe. */
function OnThisPhone() {
  const [kept, setKept] = useState<{ entries: number; bytes: number | null; safe: boolean } | null>(null);
  useEffect(() => {
    void (async () => {
      const entries = await database().count("entries");
      const estimate = await navigator.storage?.estimate?.();
      setKept({ entries, bytes: estimate?.usage ?? null, safe: (await navigator.storage?.persisted?.()) ?? false });
    })();
  }, []);
  return (
    <section class="card stack tight">
      <h2>{t("on_this_phone")}</h2>
      <dl class="facts">
        <dt>{t("goods")}</dt><dd>{count(items.value.size)}</dd>
        <dt>{t("customers")}</dt><dd>{count(customers.value.size)}</dd>
        <dt>{t("entries")}</dt><dd>{count(kept?.entries ?? 0)}</dd>
        <dt>{t("unsent")}</dt><dd>{count(unsentCount())}</dd>
        {kept?.bytes != null && <><dt>{t("space")}</dt><dd>{count(kept.bytes / 1_000_000, 1)} MB</dd></>}
        {home.value && <><dt>{t("last_exchange")}</dt><dd>{moment(home.value.at)}</dd></>}
      </dl>
      {kept && !kept.safe && <p class="small soft">{t("not_persistent")}</p>}
      {kept && !kept.safe && <button class="button" onClick={() => void navigator.storage?.persist?.().then((safe) => { setKept({ ...kept, safe }); say(safe ? t("saved") : t("install_first")); })}>{t("make_persistent")}</button>}
    </section>
  );
}
