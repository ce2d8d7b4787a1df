/** Shapes of what the phone keeps: the API's rows, named for the screens. */
import type * as api from "@client";
import type { Unit } from "./format";

export interface Item {
  item_id: string;
  name: string;
  names: Record<string, string> | null;
  category: string;
  unit: Unit;
  price_paise: number;
  mrp_paise: number | null;
  cost_paise: number | null;
  barcode: string | null;
  aliases: string[];
  pack_milli: number;
  on_hand_milli: number;
  sold_28d_milli: number | null;
  version: number;
  reorder_point_milli: number | null;
  supplier_id: string | null;
  archived?: boolean;
}

export interface Customer {
  customer_id: string;
  name: string;
  phone: string | null;
  limit_paise: number | null;
  credit_days: number;
  reminders: boolean;
  balance_paise: number;
  oldest_due_on: string | null;
}

export type Entry = api.EntryRow & { flags?: string[] };
export type Bill = api.SaleCard & { flags?: string[] };
export type Supplier = api.SupplierCard;
export type Recommendation = api.Recommendation;
export type Payment = "cash" | "upi" | "card" | "udhaar";
export type Role = "owner" | "staff" | "accountant" | "viewer";

export interface Home {
  seq: number;
  as_of: string;
  on: string;
  shop: {
    shop_id: string;
    name: string;
    zone: string;
    upi_id: string | null;
    negative_stock: "allow" | "block";
    over_limit: "warn" | "block";
    staff_floor_percent: number;
  };
  caller: { user_id: string; role: Role; rights: string[] };
  today: {
    amount_paise: number;
    bills: number;
    returns: number;
    by_payment: Record<Payment, number>;
    given_paise: number;
    received_paise: number;
  };
  khata: { due_paise: number; advance_paise: number; customers_owing: number; customers_overdue: number };
  list: Recommendation[];
  alerts: api.AlertRow[];
  alerts_open: number;
  orders_due: Array<{ supplier_id: string; name: string; visit_on: string; order_due_by: string | null }>;
  forecast: { made_at: string; as_of: string; items: number; model_version: string | null } | null;
  snapshot?: Snapshot;
}

export interface Table {
  fields: string[];
  rows: unknown[][];
}

export interface Snapshot {
  items: Table;
  customers: Table;
  suppliers: Table;
  lots: Table;
  entries?: Table | null;
  complete: boolean;
}

export interface Change {
  seq: number;
  kind: string;
  id: string;
  deleted: boolean;
  row: Record<string, unknown> | null;
}

export interface HistoryDay {
  on: string;
  sold_milli: number;
  returned_milli: number;
  amount_paise: number;
  sold_out_share: number | null;
  open: boolean;
  price_paise: number | null;
  forecast: { p10_milli: number; p50_milli: number; p90_milli: number } | null;
}

/** Turn a table in column form into rows. */
export function rowsOf<T>(table: Table): T[] {
  return table.rows.map((row) => Object.fromEntries(table.fields.map((field, place) => [field, row[place]])) as T);
}
