import type { Unit } from "../core/format";
export interface StarterGood { id: string; name: string; names: Record<string, string>; aliases: string[]; category: string; unit: Unit; price_paise: number }
export function starterGoods(): StarterGood[] { return []; }
