/** Fields, search box, number pad and sheets. */
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { t } from "../core/words";
import { Icon } from "./icons";

interface FieldProps {
  label: string;
  value: string;
  onInput: (text: string) => void;
  type?: "text" | "password" | "email" | "tel" | "date";
  hint?: string | undefined;
  error?: string | null | undefined;
  inputMode?: "text" | "decimal" | "numeric" | "tel" | "email";
  autocomplete?: string;
  autofocus?: boolean;
  required?: boolean;
  max?: number;
}

export function Field({ label, value, onInput, type = "text", hint, error, inputMode, autocomplete = "off", autofocus, required, max = 200 }: FieldProps) {
  const id = useId();
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (autofocus) box.current?.focus();
  }, []);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id} ref={box} {...({ type } as { type: "text" })} value={value} inputMode={inputMode} autocomplete={autocomplete} required={required} maxLength={max}
        aria-invalid={error ? "true" : undefined} aria-describedby={error || hint ? `${id}-more` : undefined}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      {(error || hint) && <span id={`${id}-more`} class={error ? "error" : "hint"} role={error ? "alert" : undefined}>{error || hint}</span>}
    </div>
  );
}

export function Choice<T extends string>({ label, value, options, onChange }: { label: string; value: T; options: ReadonlyArray<readonly [T, string]>; onChange: (value: T) => void }) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value as T)}>
        {options.map(([code, word]) => <option key={code} value={code}>{word}</option>)}
      </select>
    </div>
  );
}

export function Check({ label, checked, onChange }: { label: ComponentChildren; checked: boolean; onChange: (on: boolean) => void }) {
  return (
    <label class="check">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
      <span>{label}</span>
    </label>
  );
}

export function Search({ value, onInput, label, onEnter, children, autofocus }: { value: string; onInput: (text: string) => void; label: string; onEnter?: () => void; children?: ComponentChildren; autofocus?: boolean }) {
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (autofocus) box.current?.focus({ preventScroll: true });
  }, []);
  return (
    <div class="search" role="search">
      <Icon name="search" />
      <input
        ref={box} type="search" value={value} placeholder={label} aria-label={label} autocomplete="off" enterkeyhint="search" maxLength={100}
        onInput={(event) => onInput(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") onEnter?.();
          if (event.key === "Escape" && value) onInput("");
        }}
      />
      {children}
    </div>
  );
}

export function Filters<T extends string>({ value, options, onChange, label }: { value: T; options: ReadonlyArray<readonly [T, string]>; onChange: (value: T) => void; label: string }) {
  return (
    <div class="filters" role="group" aria-label={label}>
      {options.map(([code, word]) => (
        <button key={code} class="filter" aria-pressed={value === code} onClick={() => onChange(code)}>{word}</button>
      ))}
    </div>
  );
}

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", ".", "0", "⌫"] as const;

/** A pad of real buttons that a keyboard works as well: digits, point, backspace. */
export function Pad({ value, onInput, onEnter, label, shown }: { value: string; onInput: (text: string) => void; onEnter?: () => void; label: string; shown: string }) {
  const press = (key: string) => {
    if (key === "⌫") onInput(value.slice(0, -1));
    else if (key === ".") onInput(value.includes(".") ? value : `${value || "0"}.`);
    else if (value.replace(".", "").length < 9) onInput(value === "0" ? key : value + key);
  };
  const pressed = useRef(press);
  pressed.current = press;
  const entered = useRef(onEnter);
  entered.current = onEnter;
  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      if (event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey || event.altKey) return;
      if (/^[0-9.]$/.test(event.key)) pressed.current(event.key);
      else if (event.key === "Backspace") pressed.current("⌫");
      else if (event.key === "Enter" && !(event.target instanceof HTMLButtonElement)) entered.current?.();
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", hear);
    return () => removeEventListener("keydown", hear);
  }, []);
  return (
    <div>
      <output class={`padvalue ${value ? "" : "empty0"}`} aria-label={label}>{shown}</output>
      <div class="pad" role="group" aria-label={label}>
        {KEYS.map((key) => (
          <button key={key} type="button" aria-label={key === "⌫" ? t("erase") : key === "." ? t("point") : key} onClick={() => press(key)}>{key}</button>
        ))}
      </div>
    </div>
  );
}

/** A sheet over the screen; the dialog element keeps the focus in it and Escape closes it. */
export function Sheet({ title, onClose, children }: { title: string; onClose: () => void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const element = dialog.current!;
    element.showModal();
    return () => element.close();
  }, []);
  return (
    <dialog
      ref={dialog} class="sheet rise" aria-labelledby={id}
      onCancel={(event) => { event.preventDefault(); onClose(); }}
      onClick={(event) => { if (event.target === dialog.current) onClose(); }}
    >
      <div class="top">
        <h2 id={id}>{title}</h2>
        <button class="iconbutton" aria-label={t("close")} onClick={onClose}><Icon name="close" /></button>
      </div>
      {children}
    </dialog>
  );
}
