/** One short sentence after something was done; also for screen readers. */
import { signal } from "@preact/signals";
import { Icon } from "./icons";

const shown = signal<{ text: string; n: number } | null>(null);
let timer: ReturnType<typeof setTimeout> | undefined;
let n = 0;

export function say(text: string): void {
  shown.value = { text, n: ++n };
  clearTimeout(timer);
  timer = setTimeout(() => (shown.value = null), 4000);
}

export function Toast() {
  return (
    <div role="status" aria-live="polite">
      {shown.value && (
        <div class="toast rise" key={shown.value.n}>
          <Icon name="check" />
          {shown.value.text}
        </div>
      )}
    </div>
  );
}
