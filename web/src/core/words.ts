/** The words of the screens: one flat file a language, loaded before the first screen is drawn. */
import { signal } from "@preact/signals";
import type en from "../words/word-en.json";

export const LANGUAGES = [
  ["hi", "हिन्दी"],
  ["hi-Latn", "Hinglish"],
  ["en", "English"],
  ["mr", "मराठी"],
  ["bn", "বাংলা"],
  ["gu", "ગુજરાતી"],
  ["ta", "தமிழ்"],
  ["te", "తెలుగు"],
  ["kn", "ಕನ್ನಡ"],
] as const;
export type Language = (typeof LANGUAGES)[number][0];
export type Word = keyof typeof en;

const files = import.meta.glob<{ default: Record<Word, string> }>("../words/word-*.json");
const KEPT = "samaan-language";
export const language = signal<Language>("en");
let words: Record<string, string> = {};
/** Grows with each change of language, so that screens draw again. */
export const spoken = signal(0);

/** Say something in the language of the phone; `{name}` stands for a value. */
export function t(word: Word, values: Record<string, string | number> = {}): string {
  void spoken.value;
  return (words[word] ?? word).replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

/** Say how many: the word for one, or the word for several. */
export function plural(count: number, one: Word, many: Word, values: Record<string, string | number> = {}): string {
  return t(count === 1 ? one : many, { count, ...values });
}

function firstLanguage(): Language {
  const kept = localStorage.getItem(KEPT);
  const wishes = [kept, ...navigator.languages.map((wish) => wish.split("-")[0])];
  for (const wish of wishes) for (const [code] of LANGUAGES) if (code === wish) return code;
  return "en";
}

export async function speak(wanted: Language = firstLanguage()): Promise<void> {
  const file = files[`../words/word-${wanted}.json`];
  if (!file) return;
  words = (await file()).default;
  language.value = wanted;
  spoken.value++;
  document.documentElement.lang = wanted;
}

export async function choose(wanted: Language): Promise<void> {
  await speak(wanted);
  localStorage.setItem(KEPT, wanted);
}
