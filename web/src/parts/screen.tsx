/** The frame of a screen: its head with one h1, the way back, and its content. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { back, path } from "../core/router";
import { t } from "../core/words";
import { Icon, type IconName } from "./icons";

interface ScreenProps {
  title: string;
  /** Where "back" leads when this is the first screen of the visit; without it there is no way back. */
  up?: string;
  tools?: ComponentChildren;
  wide?: boolean;
  children: ComponentChildren;
}

export function Screen({ title, up, tools, wide, children }: ScreenProps) {
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Samaan Sathi`;
  }, [title]);
  useEffect(() => {
    // A new screen is read from its heading; a field that asks for the focus keeps it.
    if (!document.activeElement || document.activeElement === document.body) head.current?.focus({ preventScroll: true });
  }, [path.value]);
  return (
    <>
      <header class="head">
        {up !== undefined && (
          <button class="iconbutton" aria-label={t("back")} onClick={() => back(up)}>
            <Icon name="back" />
          </button>
        )}
        <h1 tabIndex={-1} ref={head}>{title}</h1>
        {tools}
      </header>
      <main id="main" class={wide ? "wide" : ""}>{children}</main>
    </>
  );
}

export function Empty({ icon, title, text, children }: { icon: IconName; title: string; text?: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <Icon name={icon} />
      <h2>{title}</h2>
      {text && <p>{text}</p>}
      {children}
    </div>
  );
}

export function Notice({ kind = "", icon, children }: { kind?: "" | "bad" | "advice"; icon?: IconName; children: ComponentChildren }) {
  return (
    <div class={`notice ${kind}`} role={kind === "bad" ? "alert" : undefined}>
      {icon && <Icon name={icon} />}
      <div class="grow">{children}</div>
    </div>
  );
}

/** The arithmetic behind a figure, folded. */
export function Why({ children, label }: { children: ComponentChildren; label?: string }) {
  return (
    <details class="why">
      <summary>
        <Icon name="turn" />
        {label ?? t("why")}
      </summary>
      {children}
    </details>
  );
}

export function Facts({ rows }: { rows: Array<[string, ComponentChildren]> }) {
  return (
    <dl class="facts">
      {rows.map(([name, value]) => [<dt key={`${name}-n`}>{name}</dt>, <dd key={`${name}-v`}>{value}</dd>])}
    </dl>
  );
}
