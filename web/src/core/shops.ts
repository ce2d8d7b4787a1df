/** Figures of each shop of a person: one token a shop, asked for in turn, without leaving the shop that is open. */
import { call, renew, tokenFor } from "./api";
import { who } from "./session";
import type { Home } from "./shapes";

export interface ShopFigures {
  shop_id: string;
  name: string;
  today: number;
  week: number;
  due: number;
  overdue: number;
  alerts: number;
}

export async function eachShop(show: (figures: ShopFigures) => void): Promise<void> {
  const person = who.value;
  if (!person) return;
  for (const shop of person.shops) {
    const token = await tokenFor(shop.shop_id);
    const [home, week] = await Promise.all([
      call<Home>("GET", "/v1/home", undefined, { token }),
      call<{ amount_paise: number }>("GET", "/v1/sales/summary?days=7", undefined, { token }),
    ]);
    show({ shop_id: shop.shop_id, name: shop.name, today: home.today.amount_paise, week: week.amount_paise, due: home.khata.due_paise, overdue: home.khata.customers_overdue, alerts: home.alerts_open });
  }
  await renew(person.shop_id);
}
