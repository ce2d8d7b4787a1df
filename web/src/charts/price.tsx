/** What each price would sell and bring: prices that a rule forbids are drawn pale. */
import { useMemo } from "preact/hooks";
import type uPlot from "uplot";
import { count, money } from "../core/format";
import { t } from "../core/words";
import { axes, type Colours, Plot } from "./plot";

export interface PricePoint { price: number; units: number; profit: number; legal: boolean }

export function PriceChart({ points, now, advised }: { points: PricePoint[]; now: number; advised: number }) {
  const sorted = useMemo(() => [...points].sort((a, b) => a.price - b.price), [points]);
  const data = useMemo<uPlot.AlignedData>(() => [
    sorted.map((point) => point.price / 100),
    sorted.map((point) => (point.legal ? point.units / 1000 : null)),
    sorted.map((point) => point.units / 1000),
    sorted.map((point) => (point.price === now ? point.units / 1000 : null)),
    sorted.map((point) => (point.price === advised ? point.units / 1000 : null)),
  ], [sorted, now, advised]);
  const options = useMemo(() => (colours: Colours): Omit<uPlot.Options, "width" | "height"> => ({
    cursor: { show: false },
    scales: { x: { time: false }, y: { range: (_plot, _low, high) => [0, Math.max(high * 1.15, 1)] } },
    axes: axes(colours, { values: (_plot, ticks) => ticks.map((tick) => `₹${count(tick, 1)}`) }, { values: (_plot, ticks) => ticks.map((tick) => count(tick, 1)) }),
    series: [
      {},
      { stroke: colours.brand, width: 2.5, points: { show: false } },
      { stroke: colours.line, width: 2, dash: [4, 4], points: { show: false } },
      { stroke: colours.ink, points: { show: true, size: 11, fill: colours.ink }, paths: () => null },
      { stroke: colours.advice, points: { show: true, size: 11, fill: colours.advice }, paths: () => null },
    ],
  }), [sorted]);
  const best = sorted.find((point) => point.price === advised);
  return <Plot options={options} data={data} height={192} label={t("chart_price", { now: money(now), price: money(advised), units: count((best?.units ?? 0) / 1000, 1) })} />;
}
