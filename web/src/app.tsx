/** The app: which screen an address means, the strip of what is unsent, and the tabs. */
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { reached, signedOut } from "./core/api";
import { lockState } from "./core/lock";
import { rows, unsentCount } from "./core/outbox";
import { path } from "./core/router";
import { who, wiped } from "./core/session";
import { home, loaded, maySell } from "./core/shop";
import { sync, syncing } from "./core/sync";
import { plural, spoken, t, type Word } from "./core/words";
import { Icon, type IconName } from "./parts/icons";
import { Toast } from "./parts/toast";
import { Bill } from "./screens/bill";
import { BillDone } from "./screens/done";
import { Khata, KhataOne } from "./screens/khata";
import { Locked, SignIn } from "./screens/signin";
import { Today } from "./screens/today";
import { Unsent } from "./screens/unsent";
import { wakeUnlocked } from "./wake";

type Load = () => Promise<ComponentType>;
/** Screens that are not on the way to the first bill come in files of their own; the shell's cache has them all. */
const LATER: Array<[RegExp, Load]> = [
  [/^\/goods$/, () => import("./screens/goods").then((m) => m.Goods)],
  [/^\/goods\/new$|^\/goods\/[^/]+\/edit$/, () => import("./screens/goods").then((m) => m.GoodCard)],
  [/^\/goods\/[^/]+$/, () => import("./screens/item").then((m) => m.ItemScreen)],
  [/^\/count$/, () => import("./screens/count").then((m) => m.Count)],
  [/^\/order$/, () => import("./screens/order").then((m) => m.Order)],
  [/^\/orders\/[^/]+$/, () => import("./screens/orders").then((m) => m.OrderOne)],
  [/^\/bills$/, () => import("./screens/bills").then((m) => m.Bills)],
  [/^\/bills\/[^/]+$/, () => import("./screens/bills").then((m) => m.BillOne)],
  [/^\/photo$/, () => import("./screens/photo").then((m) => m.Photo)],
  [/^\/photo\/[^/]+$/, () => import("./screens/photo").then((m) => m.PhotoOne)],
  [/^\/prices$/, () => import("./screens/prices").then((m) => m.Prices)],
  [/^\/close$/, () => import("./screens/closing").then((m) => m.Closing)],
  [/^\/customers$/, () => import("./screens/customers").then((m) => m.Customers)],
  [/^\/customers\/[^/]+$/, () => import("./screens/customers").then((m) => m.CustomerOne)],
  [/^\/staff$/, () => import("./screens/people").then((m) => m.Staff)],
  [/^\/devices$/, () => import("./screens/people").then((m) => m.Devices)],
  [/^\/settings$/, () => import("./screens/more").then((m) => m.Settings)],
  [/^\/more$/, () => import("./screens/more").then((m) => m.More)],
  [/^\/start$/, () => import("./screens/start").then((m) => m.Start)],
  [/^\/owner$/, () => import("./screens/owner").then((m) => m.Owner)],
  [/^\/models$/, () => import("./screens/models").then((m) => m.Models)],
];
const FIRST: Array<[RegExp, ComponentType]> = [
  [/^\/$/, Today], [/^\/bill$/, Bill], [/^\/bill\/done\//, BillDone], [/^\/khata$/, Khata], [/^\/khata\/[^/]+$/, KhataOne], [/^\/unsent$/, Unsent],
];
const loadedScreens = new Map<Load, ComponentType>();

export function App() {
  void spoken.value;
  if (path.value === "/sign-in") return <><SignIn {...(who.value ? { reason: t("sign_in_again") } : {})} /><Toast /></>;
  if (!who.value) return <><SignIn /><Toast /></>;
  if (lockState.value === "locked" || lockState.value === "sign_in") return <Locked onOpen={() => void wakeUnlocked()} />;
  if (!home.value && path.value !== "/unsent") return <FirstLoad />;
  if (!loaded.value) return <main id="main" class="signin center"><p class="soft" role="status">{t("loading")}</p></main>;
  return (
    <div class={`frame signed ${path.value === "/bill" || path.value === "/start" ? "focus" : ""}`}>
      <a class="skip" href="#main" onClick={(event) => { event.preventDefault(); document.getElementById("main")?.querySelector<HTMLElement>("a,button,input")?.focus(); }}>{t("to_content")}</a>
      <div class="brandmark" aria-hidden="true"><img src="/app/icon.svg" alt="" width="32" height="32" />Samaan</div>
      <Current />
      <Tabs />
      <Toast />
    </div>
  );
}

/** The phone has nothing of the shop yet: the first data are on the way, or the server is away. */
function FirstLoad() {
  return (
    <main id="main" class="signin">
      <div class="stack center">
        <img src="/app/icon.svg" alt="" width="72" height="72" class="logo" />
        {signedOut.value ? <a class="button main" href="/app/sign-in">{t("sign_in")}</a>
          : syncing.value || reached.value ? <p class="soft" role="status">{t("loading")}</p>
          : <><p role="alert">{t("needs_network")}</p><button class="button main" onClick={() => void sync()}>{t("try_again")}</button></>}
        {unsentCount() > 0 && <a href="/app/unsent">{plural(unsentCount(), "one_unsent", "many_unsent")}</a>}
      </div>
    </main>
  );
}

function Current() {
  const at = path.value;
  const first = FIRST.find(([shape]) => shape.test(at));
  const load = LATER.find(([shape]) => shape.test(at))?.[1];
  const [, redraw] = useState(0);
  const [broken, setBroken] = useState(false);
  useEffect(() => {
    setBroken(false);
    if (!load || loadedScreens.has(load)) return;
    load().then((screen) => { loadedScreens.set(load, screen); redraw((n) => n + 1); }, () => setBroken(true));
  }, [load]);
  const Shown = first?.[1] ?? (load && loadedScreens.get(load));
  return (
    <>
      <Strip />
      {Shown ? <Shown key={at} /> : <main id="main">{broken ? <p role="alert">{t("needs_network")}</p> : load ? <p class="soft" role="status">{t("loading")}</p> : <p>{t("nothing_found")} <a href="/app/">{t("today")}</a></p>}</main>}
    </>
  );
}

/** Stands on every screen while something is not on the server, or the server is away. */
function Strip() {
  const count = unsentCount();
  const parked = rows.value.filter((row) => row.state === "parked").length;
  if (wiped.value) return <a class="strip parked" href="/app/sign-in"><Icon name="lock" /><span class="grow">{t("was_signed_out")}</span></a>;
  if (signedOut.value) return <a class="strip" href="/app/sign-in"><Icon name="lock" /><span class="grow">{count ? t("sign_in_to_send_count", { count }) : t("sign_in_again")}</span></a>;
  if (parked) return <a class="strip parked" href="/app/unsent"><Icon name="alert" /><span class="grow">{plural(parked, "one_refused", "many_refused")}</span><span>{t("look")}</span></a>;
  if (!reached.value) return <a class="strip" href="/app/unsent"><Icon name="offline" /><span class="grow">{t("offline")}{count > 0 && ` · ${plural(count, "one_unsent", "many_unsent")}`}</span></a>;
  if (count) return <a class="strip" href="/app/unsent"><Icon name="wait" /><span class="grow">{plural(count, "one_unsent", "many_unsent")}</span></a>;
  return null;
}

const TABS: Array<[string, Word, IconName]> = [["/", "today", "today"], ["/goods", "goods", "goods"], ["/bill", "bill", "plus"], ["/khata", "khata", "khata"], ["/more", "more", "more"]];

function Tabs() {
  const at = path.value;
  const count = unsentCount();
  return (
    <nav class="tabs" aria-label={t("menu")}>
      {TABS.filter(([to]) => to !== "/bill" || maySell.value).map(([to, word, icon]) => {
        const here = to === "/" ? at === "/" : at === to || at.startsWith(`${to}/`);
        return (
          <a key={to} class={`tab ${to === "/bill" ? "bill" : ""}`} href={`/app${to}`} aria-current={here ? "page" : undefined}>
            {to === "/bill" ? <span class="disc"><Icon name={icon} /></span> : <Icon name={icon} />}
            <span>{t(word)}</span>
            {to === "/more" && count > 0 && <span class="dot" aria-hidden="true">{count}</span>}
          </a>
        );
      })}
    </nav>
  );
}
