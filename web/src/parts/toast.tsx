/** One short sentence after something was done; also for screen readers. */
import { signal } from "@preact/signals";
import { Icon } from "./icons";

const shown = signal<{ text: string; bad: boolean; n: number } | null>(null);
let timer: ReturnType<typeof setTimeout> | undefined;
let n = 0;

export function say(text: string, bad = false): void {
  shown.value = { text, bad, n: ++n };
  clearTimeout(timer);
  timer = setTimeout(() => (shown.value = null), 4000);
}

export function Toast() {
  return (
    <div role="status" aria-live="polite">
      {shown.value && (
        <div class="toast rise" key={shown.value.n}>
          <Icon name={shown.value.bad ? "alert" : "check"} />
          {shown.value.text}
        </div>
      )}
    </div>
  );
}
