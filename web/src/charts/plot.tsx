/** uPlot in a box that follows its width; the picture has a sentence, and its table stands below it. */
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

export function Plot({ options, data, label, height = 224 }: { options: (colours: Colours) => Omit<uPlot.Options, "width" | "height">; data: uPlot.AlignedData; label: string; height?: number }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = box.current!;
    const width = () => Math.max(element.clientWidth, 200);
    const plot = new uPlot({ ...options(coloursOf(element)), width: width(), height, legend: { show: false } }, data, element);
    const seen = new ResizeObserver(() => plot.setSize({ width: width(), height }));
    seen.observe(element);
    return () => {
      seen.disconnect();
      plot.destroy();
    };
  }, [data, options, height]);
  return <div class="chart" ref={box} role="img" aria-label={label} />;
}

export interface Colours { ink: string; soft: string; line: string; brand: string; advice: string; band: string; bad: string; sunk: string }

function coloursOf(element: Element): Colours {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const advice = colour("advice-line");
  return { ink: colour("ink"), soft: colour("soft"), line: colour("line"), brand: colour("brand"), advice: colour("advice"), band: `${advice}66`, bad: colour("bad"), sunk: colour("sunk") };
}

export function axes(colours: Colours, x: Partial<uPlot.Axis> = {}, y: Partial<uPlot.Axis> = {}): uPlot.Axis[] {
  const font = "12px system-ui, sans-serif";
  const base = { stroke: colours.soft, font, ticks: { stroke: colours.line, size: 4 } };
  return [
    { ...base, grid: { show: false }, size: 30, ...x },
    { ...base, grid: { stroke: colours.line, width: 1 }, size: 44, ...y },
  ];
}
