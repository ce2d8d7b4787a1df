/** Numbers for people: rupees with lakh grouping, quantities without needless zeros, days of the shop's zone. */
import { language, t } from "./words";

const DEFAULT_ZONE = "Asia/Kolkata";
let zone = DEFAULT_ZONE;

export function useZone(wanted: string | undefined): void {
  zone = wanted || DEFAULT_ZONE;
}

function locale(): string {
  const code = language.value === "hi-Latn" ? "en" : language.value;
  return `${code}-IN-u-nu-latn`;
}

const kept = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();
function number(digits: number, least: number): Intl.NumberFormat {
  const name = `${locale()} ${digits} ${least}`;
  let format = kept.get(name) as Intl.NumberFormat | undefined;
  if (!format) {
    format = new Intl.NumberFormat(locale(), { maximumFractionDigits: digits, minimumFractionDigits: least });
    kept.set(name, format);
  }
  return format;
}

/** `12345` paise: `₹123.45`; whole rupees show no paise. */
export function money(paise: number): string {
  const whole = paise % 100 === 0;
  return `${paise < 0 ? "−" : ""}₹${number(2, whole ? 0 : 2).format(Math.abs(paise) / 100)}`;
}

/** Rounded to whole rupees, for figures that are estimates. */
export function about(paise: number): string {
  return `${paise < 0 ? "−" : ""}₹${number(0, 0).format(Math.round(Math.abs(paise) / 100))}`;
}

/** Whole rupees for a narrow place: `12,345`, and from a lakh on in thousands of the language, as `1.2L`. */
export function compact(paise: number): string {
  const rupees = Math.round(paise / 100);
  if (Math.abs(rupees) < 100_000) return number(0, 0).format(rupees);
  return new Intl.NumberFormat(locale(), { notation: "compact", maximumFractionDigits: 1 }).format(rupees);
}

export function count(value: number, digits = 0): string {
  return number(digits, 0).format(value);
}

export type Unit = "piece" | "kg" | "l";

export function unitWord(unit: Unit): string {
  return t(`unit_${unit}`);
}

export function quantity(milli: number, unit: Unit): string {
  return `${number(3, 0).format(milli / 1000)} ${unitWord(unit)}`;
}

export function percent(ratio: number, digits = 0): string {
  return `${number(digits, 0).format(ratio * 100)}%`;
}

function dates(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const name = `${locale()} ${zone} ${JSON.stringify(options)}`;
  let format = kept.get(name) as Intl.DateTimeFormat | undefined;
  if (!format) {
    format = new Intl.DateTimeFormat(locale(), { timeZone: zone, ...options });
    kept.set(name, format);
  }
  return format;
}

export function clock(at: string | number): string {
  // "am" and "pm" are English words: other languages get the clock of 24 hours.
  const twelve = language.value === "en" || language.value === "hi-Latn";
  return dates({ hour: "numeric", minute: "2-digit", hourCycle: twelve ? "h12" : "h23" }).format(new Date(at));
}

/** The shop's own calendar day of an instant, as 2026-11-30. */
export function dayOf(at: string | number | Date): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(new Date(at));
}

/** A day: today, yesterday, or its date. `on` is 2026-11-30. */
export function day(on: string): string {
  const now = Date.now();
  if (on === dayOf(now)) return t("today");
  if (on === dayOf(now - 86_400_000)) return t("yesterday");
  return shortDay(on);
}

export function shortDay(on: string): string {
  const year = on.slice(0, 4) === dayOf(Date.now()).slice(0, 4) ? {} : { year: "numeric" as const };
  return dates({ day: "numeric", month: "short", ...year, timeZone: "UTC" }).format(new Date(`${on}T12:00:00Z`));
}

export function weekday(on: string): string {
  return dates({ weekday: "short", timeZone: "UTC" }).format(new Date(`${on}T12:00:00Z`));
}

/** The same within a sentence: "today" takes no capital there. */
export function dayWithin(on: string): string {
  const said = day(on);
  return said === shortDay(on) ? said : said.toLocaleLowerCase(locale());
}
export function momentWithin(at: string | number): string {
  return `${dayWithin(dayOf(at))}, ${clock(at)}`;
}

export function moment(at: string | number): string {
  return `${day(dayOf(at))}, ${clock(at)}`;
}

/** Read rupees as people type them: "1,20,000", "12.5", native digits; null where it is no sum of money. */
export function readMoney(text: string): number | null {
  const milli = readMilli(text);
  return milli === null || milli % 10 !== 0 ? null : milli / 10;
}

/** Read a quantity: thousandths of the unit; null where it is none. */
export function readMilli(text: string): number | null {
  const plain = latinDigits(text).replaceAll(",", "").replace("₹", "").trim();
  const found = /^(\d{0,9})(?:\.(\d{0,3}))?$/.exec(plain);
  if (!found || (!found[1] && !found[2])) return null;
  return Number(found[1] || 0) * 1000 + Number((found[2] ?? "").padEnd(3, "0"));
}

/** Read a quantity of a unit: pieces come whole. */
export function readUnits(text: string, unit: Unit): number | null {
  const milli = readMilli(text);
  return milli !== null && unit === "piece" && milli % 1000 !== 0 ? null : milli;
}

/** Digits of Indian scripts as Latin ones: each block of ten lies at a known place. */
export function latinDigits(text: string): string {
  return text.replace(/[०-९০-৯૦-૯௦-௯౦-౯೦-೯]/gu, (digit) => String((digit.codePointAt(0)! - 6) & 0xf));
}

/** Write paise or milli-units for an input box: no grouping, no needless zeros. */
export function plainNumber(thousandths: number): string {
  return String(thousandths / 1000);
}
export function plainMoney(paise: number): string {
  return String(paise / 100);
}
