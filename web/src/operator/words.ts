/** The operator's page speaks English alone, as the pipelines' own sentences do. */
const WORDS = {
  models: "Models", show: "Show", loading: "Loading…", search_item: "Search items", written_at: "Written {when}", too_old: "the champion was trained until {day}, {days} days ago; the limit is {limit} days.",
  area_demand: "Demand", area_price: "Price", area_udhaar: "Udhaar",
  part_registry: "Registry", part_backtest: "Backtest", part_calibration: "Calibration", part_drift: "Drift and freshness", part_value: "Value", part_runs: "Runs",
  not_measured: "Not measured yet", not_measured_text: "The next pipeline run writes it.", champion: "Champion", no_champion: "No champion is registered.", trained_until: "Trained until {day}.", stale: "too old",
  age_days: "{days} days old", data_digest: "Data digest", last_gate: "Last gate", passed: "passed", stopped: "stopped", versions: "Versions", lower_better: "lower is better", model: "Model", window: "Window",
  worst_series: "Worst series", reliability_how: "The dashed line is a model that says exactly how often things happen.", said: "Said", happened: "Happened", cases: "Cases", by_group: "By group", group: "Group",
  live_coverage: "Coverage since, night by night", feature: "Feature", measure: "Measure", value: "Value", limit: "Limit", promised_realised: "Promised {promised}, realised {realised}.", seconds: "{count} s",
  chart_reliability: "Reliability diagram of {count} levels",
} as const;

export function say(word: keyof typeof WORDS, values: Record<string, string | number> = {}): string {
  return WORDS[word].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}
