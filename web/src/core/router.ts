/** Paths under /app: the address names the screen, so that back, reload and bookmarks work. */
import { signal } from "@preact/signals";

const BASE = "/app";
function here(): string {
  return location.pathname.slice(BASE.length) || "/";
}
export const path = signal(here());
/** How far back lies the first screen of this visit: "back" never leaves the app. */
let depth = 0;

export function go(to: string, replace = false): void {
  if (to !== here()) {
    if (replace) history.replaceState({ depth }, "", BASE + to);
    else history.pushState({ depth: ++depth }, "", BASE + to);
  }
  path.value = to.split("?")[0]!;
  window.scrollTo(0, 0);
}

export function back(otherwise = "/"): void {
  if (depth > 0) history.back();
  else go(otherwise, true);
}

export function parameter(name: string): string | null {
  void path.value;
  return new URLSearchParams(location.search).get(name);
}

addEventListener("popstate", (event) => {
  depth = ((event as PopStateEvent).state as { depth?: number } | null)?.depth ?? 0;
  path.value = here();
});

document.addEventListener("click", (event) => {
  const link = (event.target as Element | null)?.closest?.("a[href]");
  if (!(link instanceof HTMLAnchorElement) || event.defaultPrevented) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || link.target || link.hasAttribute("download")) return;
  if (link.origin !== location.origin || !link.pathname.startsWith(BASE + "/")) return;
  event.preventDefault();
  go(link.pathname.slice(BASE.length) + link.search);
});
