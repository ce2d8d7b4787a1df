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

async function start(): Promise<void> {
  await Promise.all([speak(), wake()]);
  if (isOpen()) await readCart();
  render(<App />, document.getElementById("app")!);
  keepShell();
}

void start();
