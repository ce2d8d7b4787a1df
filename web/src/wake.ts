/** What happens once the PIN was given: read the shop, then exchange with the server. */
import { readCart } from "./core/cart";
import { readShop } from "./core/shop";
import { sync } from "./core/sync";

export async function wakeUnlocked(): Promise<void> {
  await readShop();
  await readCart();
  void sync();
}
