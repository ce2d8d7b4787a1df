/** Pictures that need no library: a bar of shares and a line of room under a limit. */
import { about, compact, money } from "../core/format";
import { t } from "../core/words";

export interface Part { name: string; value: number; colour: string }

/** Shares of a whole, with their words and figures below: the colours carry nothing alone. */
export function Shares({ parts, label }: { parts: Part[]; label: string }) {
  const whole = parts.reduce((sum, part) => sum + part.value, 0);
  return (
    <figure class="stack tight">
      <div class="bar" role="img" aria-label={`${label}: ${parts.map((part) => `${part.name} ${money(part.value)}`).join(", ")}`}>
        {whole > 0 && parts.filter((part) => part.value > 0).map((part) => <i key={part.name} style={{ width: `${(100 * part.value) / whole}%`, background: part.colour }} />)}
      </div>
      <figcaption class={`figures ${parts.length === 4 ? "four" : ""}`}>
        {parts.map((part) => (
          <div key={part.name} class="figure legend-item">
            <span class="name"><i class="swatch" style={{ background: part.colour }} />{part.name}</span>
            <span class="value">{about(part.value)}</span>
          </div>
        ))}
      </figcaption>
    </figure>
  );
}

export function BalanceLine({ balance, limit }: { balance: number; limit: number }) {
  const share = limit > 0 ? Math.min(Math.max(balance / limit, 0), 1) : 1;
  const over = balance > limit;
  return (
    <div class="bar" role="img" aria-label={t("room_left", { sum: money(Math.max(limit - balance, 0)) })}>
      <i style={{ width: `${share * 100}%`, background: over ? "var(--bad)" : "var(--brand)" }} />
    </div>
  );
}

/** A week of money: one bar a day with its rupees; the table is the same figures. */
export function DayBars({ days, label }: { days: Array<{ name: string; value: number; now?: boolean }>; label: string }) {
  const most = Math.max(...days.map((day) => day.value), 1);
  return (
    <div class="daybars" role="img" aria-label={`${label}: ${days.map((day) => `${day.name} ${money(day.value)}`).join(", ")}`}>
      {days.map((day) => (
        <div key={day.name} class={day.now ? "now" : ""}>
          <small class="num">{compact(day.value)}</small>
          <i style={{ height: `${Math.max((100 * day.value) / most, 1)}%` }} />
          <small>{day.name}</small>
        </div>
      ))}
    </div>
  );
}
