/** Signing in by password or by a code on the phone; a new shop; and the PIN that opens a locked app. */
import { useState } from "preact/hooks";
import { askCode, register, signIn, signInByCode } from "../core/session";
import { isPin, lockState, triesLeft, unlock } from "../core/lock";
import { go } from "../core/router";
import { choose, language, LANGUAGES, t } from "../core/words";
import { Icon } from "../parts/icons";
import { Choice, Field, Pad } from "../parts/input";
import { Notice } from "../parts/screen";

type Way = "password" | "phone" | "new";

export function SignIn({ reason, onDone }: { reason?: string; onDone?: () => void }) {
  const [way, setWay] = useState<Way>("password");
  return (
    <main id="main" class="signin">
      <div class="stack loose">
        <div class="stack tight center">
          <img src="/app/icon.svg" alt="" width="72" height="72" class="logo" />
          <h1>Samaan Sathi</h1>
          <p class="soft">{t("tagline")}</p>
        </div>
        <Choice label={t("language")} value={language.value} onChange={(code) => void choose(code)} options={LANGUAGES} />
        {reason && <Notice kind="advice" icon="lock">{reason}</Notice>}
        {way === "password" && <ByPassword onDone={onDone} />}
        {way === "phone" && <ByPhone onDone={onDone} />}
        {way === "new" && <NewShop />}
        <div class="stack tight">
          {way !== "password" && <button class="button wide" onClick={() => setWay("password")}><Icon name="lock" />{t("with_password")}</button>}
          {way !== "phone" && <button class="button wide" onClick={() => setWay("phone")}><Icon name="phone" />{t("with_code")}</button>}
          {way !== "new" && !reason && <button class="button quiet wide" onClick={() => setWay("new")}>{t("new_shop")}</button>}
        </div>
      </div>
    </main>
  );
}

function useBusy() {
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const run = async (work: () => Promise<void>) => {
    setBusy(true);
    setTrouble(null);
    try {
      await work();
    } catch (error) {
      const problem = error as { status?: number; detail?: string; hint?: string | null };
      setTrouble(problem.status === 401 ? t("wrong_sign_in") : problem.detail ? [problem.detail, problem.hint].filter(Boolean).join(". ") : t("needs_network"));
    } finally {
      setBusy(false);
    }
  };
  return { busy, trouble, run };
}

function ByPassword({ onDone }: { onDone: (() => void) | undefined }) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const { busy, trouble, run } = useBusy();
  return (
    <form class="stack" onSubmit={(event) => { event.preventDefault(); void run(async () => { await signIn(email.trim(), password); (onDone ?? (() => go("/", true)))(); }); }}>
      <Field label={t("email")} value={email} onInput={setEmail} type="email" inputMode="email" autocomplete="username" required />
      <Field label={t("password")} value={password} onInput={setPassword} type="password" autocomplete="current-password" required />
      {trouble && <Notice kind="bad" icon="alert">{trouble}</Notice>}
      <button class="button main big wide" disabled={busy}>{busy ? t("loading") : t("sign_in")}</button>
    </form>
  );
}

function ByPhone({ onDone }: { onDone: (() => void) | undefined }) {
  const [phone, setPhone] = useState("");
  const [codeId, setCodeId] = useState<string | null>(null);
  const [code, setCode] = useState("");
  const { busy, trouble, run } = useBusy();
  const digits = phone.replace(/[^\d+]/g, "");
  const full = digits.startsWith("+") ? digits : `+91${digits.replace(/^0+/, "").replace(/^91(?=\d{10}$)/, "")}`;
  return (
    <form class="stack" onSubmit={(event) => {
      event.preventDefault();
      void run(async () => {
        if (!codeId) setCodeId(await askCode(full));
        else { await signInByCode(codeId, code.trim()); (onDone ?? (() => go("/", true)))(); }
      });
    }}>
      <Field label={t("phone_number")} value={phone} onInput={setPhone} type="tel" inputMode="tel" autocomplete="tel" required />
      {codeId && <Field label={t("code")} value={code} onInput={setCode} inputMode="numeric" autocomplete="one-time-code" autofocus required hint={t("code_sent", { phone: full })} />}
      {trouble && <Notice kind="bad" icon="alert">{trouble}</Notice>}
      <button class="button main big wide" disabled={busy || digits.length < 7}>{busy ? t("loading") : codeId ? t("sign_in") : t("send_code")}</button>
    </form>
  );
}

function NewShop() {
  const [shop, setShop] = useState("");
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const { busy, trouble, run } = useBusy();
  const short = password !== "" && password.length < 10;
  return (
    <form class="stack" onSubmit={(event) => { event.preventDefault(); void run(async () => { await register(email.trim(), password, shop.trim(), name.trim()); go("/start", true); }); }}>
      <Field label={t("shop_name")} value={shop} onInput={setShop} required autofocus autocomplete="organization" />
      <Field label={t("your_name")} value={name} onInput={setName} autocomplete="name" />
      <Field label={t("email")} value={email} onInput={setEmail} type="email" inputMode="email" autocomplete="username" required />
      <Field label={t("password")} value={password} onInput={setPassword} type="password" autocomplete="new-password" required error={short ? t("password_short") : null} hint={t("password_hint")} />
      {trouble && <Notice kind="bad" icon="alert">{trouble}</Notice>}
      <button class="button main big wide" disabled={busy || short}>{busy ? t("loading") : t("open_shop")}</button>
    </form>
  );
}

/** The PIN that opens the app; nothing of the shop is readable before. */
export function Locked({ onOpen }: { onOpen: () => void }) {
  const [pin, setPin] = useState("");
  const [wrong, setWrong] = useState(false);
  const [busy, setBusy] = useState(false);
  const tryIt = async () => {
    if (!isPin(pin) || busy) return;
    setBusy(true);
    const right = await unlock(pin);
    setBusy(false);
    setPin("");
    setWrong(!right);
    if (right) onOpen();
  };
  if (lockState.value === "sign_in") return <SignIn reason={t("too_many_pins")} onDone={() => undefined} />;
  return (
    <main id="main" class="signin">
      <div class="stack">
        <h1 class="center">{t("enter_pin")}</h1>
        <form class="stack" onSubmit={(event) => { event.preventDefault(); void tryIt(); }}>
          <Pad value={pin} onInput={(text) => setPin(text.replace(/\D/g, "").slice(0, 6))} onEnter={() => void tryIt()} label={t("enter_pin")} shown={"●".repeat(pin.length) || "–"} />
          {wrong && <Notice kind="bad" icon="alert">{t("wrong_pin", { count: triesLeft() })}</Notice>}
          <button class="button main big wide" disabled={!isPin(pin) || busy}>{t("unlock")}</button>
        </form>
      </div>
    </main>
  );
}
