/** The arithmetic that the API gives with each suggestion, in the words of the phone's language. */
import { count, money, quantity, type Unit } from "../core/format";
import { items } from "../core/shop";
import { t, type Word } from "../core/words";
import { Facts } from "./screen";
import english from "../words/keys";

function known(name: string): Word | null {
  const word = `fact_${name}`;
  return english.has(word) ? (word as Word) : null;
}

function stem(name: string): string {
  return name.replace(/_(paise|milli)$/, "");
}

function value(name: string, figure: number, unit: Unit): string {
  if (name.endsWith("_paise")) return money(figure);
  if (name.endsWith("_milli")) return quantity(figure, unit);
  return count(figure);
}

export function Arithmetic({ formula, inputs, subject }: { formula: string; inputs: Record<string, number>; subject?: string }) {
  const unit = (subject && items.value.get(subject)?.unit) || "piece";
  const rows = Object.entries(inputs).filter(([name]) => known(stem(name))).map(([name, figure]) => [t(known(stem(name))!), value(name, figure, unit)] as [string, string]);
  const first = formula.split(";")[0]!.replace(/\s*\/\s*1000/g, "").replace(/\*/g, "×");
  const said = first.replace(/[a-z_]+[a-z_0-9]*/g, (name) => (known(stem(name)) ? t(known(stem(name))!) : name));
  return (
    <div class="stack tight pad-bottom">
      <Facts rows={rows} />
      <p class="small soft">{said}</p>
    </div>
  );
}
