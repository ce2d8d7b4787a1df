/** Sales of the last weeks as bars, the forecast as a band; closed days shaded, sold-out days marked. */
import { useMemo } from "preact/hooks";
import uPlot from "uplot";
import { count, shortDay, type Unit, unitWord } from "../core/format";
import { t } from "../core/words";
import { axes, type Colours, Plot } from "./plot";

export interface DemandDay {
  on: string;
  sold: number | null;
  closed: boolean;
  soldOut: boolean;
  low: number | null;
  middle: number | null;
  high: number | null;
}

export function DemandChart({ days, unit }: { days: DemandDay[]; unit: Unit }) {
  const data = useMemo<uPlot.AlignedData>(() => [
    days.map((_, place) => place),
    days.map((day) => (day.closed ? null : day.sold)),
    days.map((day) => (day.closed ? null : day.high)),
    days.map((day) => (day.closed ? null : day.low)),
    days.map((day) => (day.closed ? null : day.middle)),
  ], [days]);
  const options = useMemo(() => (colours: Colours): Omit<uPlot.Options, "width" | "height"> => ({
    cursor: { show: false },
    scales: { x: { time: false, range: [-0.7, days.length - 0.3] }, y: { range: (_plot, _low, high) => [0, Math.max(high * 1.1, 1)] } },
    axes: axes(colours, { values: (_plot, ticks) => ticks.map((tick) => (days[tick] ? shortDay(days[tick].on) : "")), space: 64, incrs: [7, 14] }, { values: (_plot, ticks) => ticks.map((tick) => count(tick, 1)) }),
    series: [
      {},
      { paths: uPlot.paths.bars!({ size: [0.62, 18] }), fill: colours.brand, stroke: colours.brand, points: { show: false } },
      { stroke: "transparent", points: { show: false } },
      { stroke: "transparent", points: { show: false } },
      { stroke: colours.advice, width: 2.5, points: { show: false } },
    ],
    bands: [{ series: [2, 3], fill: colours.band }],
    hooks: { drawClear: [(plot) => shadeClosed(plot, days, colours)], draw: [(plot) => markSoldOut(plot, days, colours)] },
  }), [days]);
  const sums = days.filter((day) => day.sold !== null && !day.closed);
  const label = t("chart_demand", { days: sums.length, units: `${count(sums.reduce((sum, day) => sum + (day.sold ?? 0), 0), 1)} ${unitWord(unit)}` });
  return (
    <figure class="stack tight">
      <Plot options={options} data={data} label={label} />
      <figcaption class="legend">
        <span class="mark-sold">{t("sold")}</span>
        <span class="mark-band">{t("likely_range")}</span>
        <span class="mark-middle">{t("expected")}</span>
        {days.some((day) => day.closed) && <span class="mark-closed">{t("closed")}</span>}
        {days.some((day) => day.soldOut) && <span class="mark-out">{t("sold_out")}</span>}
      </figcaption>
    </figure>
  );
}

function shadeClosed(plot: uPlot, days: DemandDay[], colours: Colours): void {
  plot.ctx.save();
  plot.ctx.fillStyle = colours.sunk;
  days.forEach((day, place) => {
    if (!day.closed) return;
    const left = plot.valToPos(place - 0.5, "x", true);
    plot.ctx.fillRect(left, plot.bbox.top, plot.valToPos(place + 0.5, "x", true) - left, plot.bbox.height);
  });
  plot.ctx.restore();
}

function markSoldOut(plot: uPlot, days: DemandDay[], colours: Colours): void {
  plot.ctx.save();
  plot.ctx.fillStyle = colours.bad;
  days.forEach((day, place) => {
    if (!day.soldOut) return;
    const size = 3.5 * devicePixelRatio;
    plot.ctx.beginPath();
    plot.ctx.arc(plot.valToPos(place, "x", true), plot.valToPos(day.sold ?? 0, "y", true) - 2.5 * size, size, 0, 2 * Math.PI);
    plot.ctx.fill();
  });
  plot.ctx.restore();
}
