/** The operator's page: which models serve, how they were judged, whether they still fit. Read only. */
import { useState } from "preact/hooks";
import { get } from "../core/api";
import { count, moment, percent } from "../core/format";
import { say } from "../operator/words";
import { Course, type Origin, Reliability, Series } from "../charts/operator";
import { Icon } from "../parts/icons";
import { Filters, Search } from "../parts/input";
import { Empty, Notice, Screen } from "../parts/screen";
import { useAnswer } from "./khata";

interface Sentence { name: string; passed: boolean; text: string }
interface Gate { execution?: string | null; passed: boolean; sentences: Sentence[] }
interface Version { version: string; aliases: string[]; state: string; trained_until: string | null; data_digest?: string | null; metrics: Record<string, number>; gate: Gate | null }
interface Area {
  summary: string;
  champion: { version: string; trained_until: string | null; data_digest?: string | null; age_days: number | null; limit_days: number | null; too_old: boolean; sentence: string } | null;
  versions: Version[] | null;
  gate: Gate | null;
  backtest: { metric: string; baseline_name: string; windows: Array<{ name: string; model: number; baseline: number }>; series?: Array<{ name: string; wape?: number; origins: Origin[] }> | null } | null;
  calibration: { points: Array<{ nominal: number; observed: number; count?: number | null; low?: number | null; high?: number | null }>; groups?: Array<{ kind: string; name: string; nominal: number; observed: number; count: number }> | null } | null;
  drift: { rows: Array<{ name: string; statistic: string; value: number; limit: number; alarm: boolean }> } | null;
  watch: { nights: Array<{ as_of: string; coverage: number | null; usual: number | null; alarms: number }>; alarms: string[]; fallbacks: Array<{ shop_id: string; since: string; sentence: string }> } | null;
  value: { unit: string; model: number; rules: Array<{ name: string; value: number }>; sentence: string; promised?: number | null; realised?: number | null } | null;
  runs: Array<{ execution: string; state: string; started: string; seconds: number | null; reason: string | null; steps: Array<{ name: string; state: string; seconds: number | null }> }> | null;
}
interface Report { written: string; areas: Record<string, Area> }
type Part = "registry" | "backtest" | "calibration" | "drift" | "value" | "runs";

export function Models() {
  const { answer, failed } = useAnswer(() => get<Report>("/v1/operator/models"));
  const [area, setArea] = useState("demand");
  const [part, setPart] = useState<Part>("registry");
  const shown = answer?.areas[area] ?? null;
  const parts: Part[] = ["registry", "backtest", "calibration", "drift", "value", "runs"];
  return (
    <Screen title={say("models")} up="/more" wide>
      <div class="stack">
        {failed && <Notice kind="advice" icon="alert">{failed}</Notice>}
        {!answer && !failed && <p class="soft">{say("loading")}</p>}
        {answer && (
          <>
            <small class="soft">{say("written_at", { when: moment(answer.written) })}</small>
            {Object.entries(answer.areas).map(([name, each]) => each.champion?.too_old && <Notice key={name} kind="bad" icon="alert"><strong>{areaName(name)}</strong>: {say("too_old", { day: each.champion.trained_until ?? "–", days: each.champion.age_days ?? 0, limit: each.champion.limit_days ?? 0 })}</Notice>)}
            <Filters label={say("models")} value={area} onChange={setArea} options={Object.keys(answer.areas).map((name) => [name, areaName(name)] as const)} />
            <Filters label={say("show")} value={part} onChange={setPart} options={parts.map((name) => [name, say(`part_${name}`)] as const)} />
            {shown && <PartOf key={`${area} ${part}`} area={shown} part={part} name={area} />}
          </>
        )}
      </div>
    </Screen>
  );
}

function areaName(name: string): string {
  return name === "demand" || name === "price" || name === "udhaar" ? say(`area_${name}`) : name;
}

function NotYet() {
  return <Empty icon="chart" title={say("not_measured")} text={say("not_measured_text")} />;
}

function PartOf({ area, part, name }: { area: Area; part: Part; name: string }) {
  if (part === "registry") return <Registry area={area} name={name} />;
  if (part === "backtest") return area.backtest ? <Backtest told={area.backtest} /> : <NotYet />;
  if (part === "calibration") return area.calibration?.points.length ? <Calibration told={area.calibration} /> : <NotYet />;
  if (part === "drift") return area.drift || area.watch ? <Drift area={area} /> : <NotYet />;
  if (part === "value") return area.value ? <Value told={area.value} /> : <NotYet />;
  return area.runs?.length ? <Runs runs={area.runs} /> : <NotYet />;
}

function Sentences({ gate }: { gate: Gate }) {
  return (
    <ul class="stack tight">
      {gate.sentences.map((each) => <li key={each.name} class="cluster nowrap"><Icon name={each.passed ? "check" : "close"} className={each.passed ? "good" : "bad"} /><span class="grow" lang="en">{each.text}</span></li>)}
    </ul>
  );
}

function Registry({ area, name }: { area: Area; name: string }) {
  return (
    <div class="grid2">
      <section class="card stack tight">
        <h2>{say("champion")}</h2>
        {area.champion ? (
          <>
            <p class="sum">v{area.champion.version}</p>
            <p>{say("trained_until", { day: area.champion.trained_until ?? "–" })} {area.champion.too_old && <span class="chip bad">{say("stale")}</span>}</p>
            {area.champion.age_days !== null && <p class="soft">{say("age_days", { days: area.champion.age_days })}</p>}
            {area.champion.data_digest && <p class="small soft">{say("data_digest")} <code>{area.champion.data_digest.slice(0, 16)}</code></p>}
          </>
        ) : <p class="soft">{say("no_champion")}</p>}
        {area.gate && <><h3>{say("last_gate")} <span class={`chip ${area.gate.passed ? "good" : "bad"}`}>{area.gate.passed ? say("passed") : say("stopped")}</span></h3><Sentences gate={area.gate} /></>}
        <p class="small soft"><code>samaan registry rollback {name}</code></p>
      </section>
      <section class="card stack tight">
        <h2>{say("versions")}</h2>
        {(area.versions ?? []).map((version) => (
          <details key={version.version} class="why">
            <summary><Icon name="turn" />v{version.version} · {version.trained_until ?? "–"} {version.aliases.map((alias) => <span key={alias} class="chip good">{alias}</span>)} <span class="chip">{version.state}</span></summary>
            <div class="stack tight pad-bottom">
              {version.gate && <Sentences gate={version.gate} />}
              <dl class="facts">{Object.entries(version.metrics).slice(0, 12).map(([metric, figure]) => [<dt key={`${metric}n`}>{metric}</dt>, <dd key={`${metric}v`}>{count(figure, 3)}</dd>])}</dl>
            </div>
          </details>
        ))}
      </section>
    </div>
  );
}

function Backtest({ told }: { told: NonNullable<Area["backtest"]> }) {
  const [text, setText] = useState("");
  const names = told.windows.map((each) => each.name);
  const worst = [...(told.series ?? [])].filter((each) => each.name.toLowerCase().includes(text.toLowerCase())).sort((a, b) => (b.wape ?? 0) - (a.wape ?? 0)).slice(0, 20);
  return (
    <div class="stack">
      <section class="card stack tight">
        <h2>{told.metric} · {say("lower_better")}</h2>
        <Course names={names} values={told.windows.map((each) => each.model)} beside={told.windows.map((each) => each.baseline)} label={told.metric} />
        <div class="legend"><span class="mark-sold">{say("model")}</span><span class="mark-middle">{told.baseline_name}</span></div>
        <div class="table"><table><thead><tr><th>{say("window")}</th><th>{say("model")}</th><th>{told.baseline_name}</th></tr></thead><tbody>{told.windows.map((each) => <tr key={each.name}><td>{each.name}</td><td>{count(each.model, 3)}</td><td>{count(each.baseline, 3)}</td></tr>)}</tbody></table></div>
      </section>
      {told.series && told.series.length > 0 && (
        <section class="stack tight">
          <h2>{say("worst_series")}</h2>
          <Search value={text} onInput={setText} label={say("search_item")} />
          <div class="small-multiples">{worst.map((each) => <figure key={each.name} class="card flat"><figcaption class="split"><span class="strong">{each.name}</span><span class="num soft">{each.wape !== undefined && count(each.wape, 2)}</span></figcaption><Series origins={each.origins} name={each.name} /></figure>)}</div>
        </section>
      )}
    </div>
  );
}

function Calibration({ told }: { told: NonNullable<Area["calibration"]> }) {
  return (
    <div class="grid2">
      <section class="card stack tight">
        <h2>{say("part_calibration")}</h2>
        <Reliability points={told.points} />
        <p class="small soft">{say("reliability_how")}</p>
        <div class="table"><table><thead><tr><th>{say("said")}</th><th>{say("happened")}</th><th>{say("cases")}</th></tr></thead><tbody>{told.points.map((each) => <tr key={each.nominal}><td>{percent(each.nominal, 1)}</td><td>{percent(each.observed, 1)}</td><td>{each.count != null && count(each.count)}</td></tr>)}</tbody></table></div>
      </section>
      {told.groups && told.groups.length > 0 && (
        <section class="card stack tight">
          <h2>{say("by_group")}</h2>
          <div class="table"><table><thead><tr><th>{say("group")}</th><th>{say("said")}</th><th>{say("happened")}</th><th>{say("cases")}</th></tr></thead><tbody>{told.groups.map((each) => <tr key={`${each.kind} ${each.name} ${each.nominal}`}><td>{each.kind} {each.name}</td><td>{percent(each.nominal)}</td><td>{percent(each.observed, 1)}</td><td>{count(each.count)}</td></tr>)}</tbody></table></div>
        </section>
      )}
    </div>
  );
}

function Drift({ area }: { area: Area }) {
  const nights = area.watch?.nights ?? [];
  return (
    <div class="grid2">
      {area.watch && (
        <section class="card stack tight">
          <h2>{say("live_coverage")}</h2>
          {nights.length > 0 ? <Course names={nights.map((each) => each.as_of)} values={nights.map((each) => each.coverage)} beside={nights.map((each) => each.usual)} label={say("live_coverage")} /> : <p class="soft">{say("not_measured")}</p>}
          {area.watch.alarms.map((alarm) => <Notice key={alarm} kind="bad" icon="alert"><span lang="en">{alarm}</span></Notice>)}
          {area.watch.fallbacks.map((each) => <Notice key={each.shop_id + each.since} kind="advice" icon="alert"><span lang="en">{each.sentence}</span></Notice>)}
        </section>
      )}
      {area.drift && (
        <section class="card stack tight">
          <h2>{say("part_drift")}</h2>
          <div class="table"><table><thead><tr><th>{say("feature")}</th><th>{say("measure")}</th><th>{say("value")}</th><th>{say("limit")}</th></tr></thead><tbody>{area.drift.rows.map((each) => <tr key={each.name + each.statistic} class={each.alarm ? "bad" : ""}><td>{each.name}</td><td>{each.statistic}</td><td>{count(each.value, 3)}</td><td>{count(each.limit, 3)}</td></tr>)}</tbody></table></div>
        </section>
      )}
    </div>
  );
}

function Value({ told }: { told: NonNullable<Area["value"]> }) {
  return (
    <section class="card stack tight">
      <h2 lang="en">{told.unit}</h2>
      <p class="sum">{count(told.model)}</p>
      <p lang="en">{told.sentence}</p>
      <dl class="facts">{told.rules.map((rule) => [<dt key={`${rule.name}n`} lang="en">{rule.name}</dt>, <dd key={`${rule.name}v`}>{count(rule.value)}</dd>])}</dl>
      {told.promised != null && <p>{say("promised_realised", { promised: count(told.promised), realised: told.realised != null ? count(told.realised) : "–" })}</p>}
    </section>
  );
}

function Runs({ runs }: { runs: NonNullable<Area["runs"]> }) {
  return (
    <div class="stack tight">
      {runs.map((run) => (
        <details key={run.execution} class="why card flat">
          <summary><Icon name="turn" />{moment(run.started)} <span class={`chip ${run.state === "Succeeded" ? "good" : "bad"}`}>{run.state}</span> <span class="num soft">{run.seconds !== null && say("seconds", { count: count(run.seconds, 1) })}</span></summary>
          {run.reason && <Notice kind="bad" icon="alert"><span lang="en">{run.reason}</span></Notice>}
          <dl class="facts pad-bottom">{run.steps.map((step) => [<dt key={`${step.name}n`}>{step.name} <span class="chip">{step.state}</span></dt>, <dd key={`${step.name}v`}>{step.seconds !== null && say("seconds", { count: count(step.seconds, 1) })}</dd>])}</dl>
        </details>
      ))}
    </div>
  );
}
