/** Pictures of the operator's page: backtest bars, reliability, coverage by night. Each stands beside its table. */
import { useMemo } from "preact/hooks";
import uPlot from "uplot";
import { say } from "../operator/words";
import { axes, type Colours, Plot } from "./plot";

export function Reliability({ points }: { points: Array<{ nominal: number; observed: number; count?: number | null; low?: number | null; high?: number | null }> }) {
  const sorted = useMemo(() => [...points].sort((a, b) => a.nominal - b.nominal), [points]);
  const data = useMemo<uPlot.AlignedData>(() => [sorted.map((p) => p.nominal), sorted.map((p) => p.nominal), sorted.map((p) => p.observed), sorted.map((p) => p.high ?? null), sorted.map((p) => p.low ?? null)], [sorted]);
  const options = useMemo(() => (colours: Colours): Omit<uPlot.Options, "width" | "height"> => ({
    cursor: { show: false },
    scales: { x: { time: false, range: [0, 1] }, y: { range: [0, 1] } },
    axes: axes(colours),
    series: [{}, { stroke: colours.line, dash: [5, 5], width: 2, points: { show: false } }, { stroke: colours.brand, width: 2, points: { show: true, size: 9, fill: colours.brand } }, { stroke: "transparent", points: { show: false } }, { stroke: "transparent", points: { show: false } }],
    bands: [{ series: [3, 4], fill: colours.band }],
  }), [sorted]);
  return <Plot options={options} data={data} height={208} label={say("chart_reliability", { count: points.length })} />;
}

/** A measure over windows or nights, beside its baseline or its usual value. */
export function Course({ names, values, beside, label }: { names: string[]; values: Array<number | null>; beside: Array<number | null>; label: string }) {
  const data = useMemo<uPlot.AlignedData>(() => [names.map((_, place) => place), values, beside], [names, values, beside]);
  const options = useMemo(() => (colours: Colours): Omit<uPlot.Options, "width" | "height"> => ({
    cursor: { show: false },
    scales: { x: { time: false, range: [-0.5, Math.max(names.length - 0.5, 0.5)] }, y: { range: (_plot, _low, high) => [0, Math.max(high * 1.15, 0.1)] } },
    axes: axes(colours, { values: (_plot, ticks) => ticks.map((tick) => (Number.isInteger(tick) ? (names[tick] ?? "").slice(5, 10) : "")) }),
    series: [{}, { stroke: colours.brand, width: 2.5, points: { show: true, size: 8, fill: colours.brand } }, { stroke: colours.advice, width: 2, dash: [5, 4], points: { show: true, size: 6, fill: colours.advice } }],
  }), [names]);
  return <Plot options={options} data={data} height={192} label={label} />;
}

export interface Origin { origin: string; days: string[]; actual: Array<number | null>; low: number[]; middle: number[]; high: number[] }

/** What sold, as dots, over the band that was forecast, one origin after the other. */
export function Series({ origins, name }: { origins: Origin[]; name: string }) {
  const data = useMemo<uPlot.AlignedData>(() => {
    const days = origins.flatMap((each) => each.days);
    return [days.map((_, place) => place), origins.flatMap((each) => each.high), origins.flatMap((each) => each.low), origins.flatMap((each) => each.middle), origins.flatMap((each) => each.actual)];
  }, [origins]);
  const options = useMemo(() => (colours: Colours): Omit<uPlot.Options, "width" | "height"> => ({
    cursor: { show: false },
    scales: { x: { time: false }, y: { range: (_plot, _low, high) => [0, Math.max(high * 1.1, 1)] } },
    axes: axes(colours, { values: () => [] }, { size: 34 }),
    series: [{}, { stroke: "transparent", points: { show: false } }, { stroke: "transparent", points: { show: false } }, { stroke: colours.advice, width: 2, points: { show: false } }, { paths: () => null, stroke: colours.brand, points: { show: true, size: 5, fill: colours.brand } }],
    bands: [{ series: [1, 2], fill: colours.band }],
  }), [origins]);
  return <Plot options={options} data={data} height={128} label={name} />;
}
