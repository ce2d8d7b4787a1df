import { render } from "preact";
import "./styles/base.css";
import "./styles/shell.css";
import "./styles/parts.css";
import { App } from "./app";
import { readCart } from "./core/cart";
import { isOpen } from "./core/db";
import { wake } from "./core/session";
import { speak } from "./core/words";
import { keepShell } from "./core/worker";

/** The charts are no part of the shell: they are fetched when the phone has nothing else to do, and kept. */
function fetchCharts(): void {
  const idle = window.requestIdleCallback ?? ((work: () => void) => setTimeout(work, 3000));
  idle(() => void Promise.allSettled([import("./charts/demand"), import("./charts/price")]), { timeout: 20_000 });
}

async function start(): Promise<void> {
  await Promise.all([speak(), wake()]);
  if (isOpen()) await readCart();
  render(<App />, document.getElementById("app")!);
  keepShell();
  fetchCharts();
}

void start();
