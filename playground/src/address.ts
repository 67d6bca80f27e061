// The state of the page as the fragment of its address, and back. What an address says wrongly is left out and told.
import { SURFACES, type SurfaceName } from "./landscape/surfaces.js";
import {
  INITIAL,
  KINDS,
  type KindName,
  MAX_RUNS,
  type PageState,
  type RunSettings,
  SCHEDULE_NAMES,
  SPEEDS,
  settingsOf,
  TABS,
} from "./settings.js";

/** The fragment without `#`: what differs from the initial values only. */
export function toFragment({ tab, surface, speed, runs }: PageState): string {
  const words = new URLSearchParams({ tab, surface, speed: String(speed) });
  for (const run of runs) words.append("run", runText(run));
  return words.toString();
}

/** The state of a fragment, and a sentence for each part of it that was not understood. */
export function fromFragment(fragment: string): { readonly state: PageState; readonly problems: readonly string[] } {
  const words = new URLSearchParams(fragment.replace(/^#/, ""));
  const problems: string[] = [];
  const choice = <T>(name: string, known: readonly T[], fallback: T): T => {
    const text = words.get(name);
    const found = text === null ? fallback : known.find((value) => String(value) === text);
    if (found === undefined) problems.push(`${name} cannot be ${quoted(text)}`);
    return found ?? fallback;
  };
  const given = words.getAll("run");
  if (given.length > MAX_RUNS) problems.push(`only ${MAX_RUNS} optimizers can run at a time`);
  const runs = given.slice(0, MAX_RUNS).flatMap((text) => runOf(text, problems) ?? []);
  const state = {
    tab: choice("tab", TABS, INITIAL.tab),
    // They are the names of the table itself.
    surface: choice("surface", Object.keys(SURFACES) as SurfaceName[], INITIAL.surface),
    speed: choice("speed", SPEEDS, INITIAL.speed),
    runs: runs.length > 0 ? runs : INITIAL.runs,
  };
  return { state, problems };
}

function runText({ kind, options, schedule, decaySteps }: RunSettings): string {
  const initial = settingsOf(kind);
  const changed = Object.entries(options).filter(([key, value]) => value !== initial.options[key]);
  const own = changed.map(([key, value]) => `${key}:${value}`);
  return [kind, ...own, ...(schedule === "constant" ? [] : [`schedule:${schedule}`, `decaySteps:${decaySteps}`])].join(
    "~",
  );
}

function runOf(text: string, problems: string[]): RunSettings | null {
  const [name = "", ...parts] = text.split("~");
  if (!Object.hasOwn(KINDS, name)) {
    problems.push(`there is no optimizer ${quoted(name)}`);
    return null;
  }
  // It is a name of the table, as was seen just now.
  return parts.reduce((run, part) => withPart(run, part, problems), settingsOf(name as KindName));
}

function withPart(run: RunSettings, part: string, problems: string[]): RunSettings {
  const [key = "", ...rest] = part.split(":");
  const text = rest.join(":");
  const schedule = SCHEDULE_NAMES.find((name) => name === text);
  if (key === "schedule" && schedule) return { ...run, schedule };
  const number = text === "" ? Number.NaN : Number(text);
  if (key === "decaySteps" && number > 0 && Number.isFinite(number)) return { ...run, decaySteps: number };
  const option = KINDS[run.kind].options.find((candidate) => candidate.key === key);
  const isFlag = typeof option?.initial === "boolean";
  const value = isFlag ? flagOf(text) : option?.nullable && text === "null" ? null : finite(number);
  if (option && value !== undefined) return { ...run, options: { ...run.options, [key]: value } };
  problems.push(`${quoted(key)} cannot be ${quoted(text)}`);
  return run;
}

function flagOf(text: string): boolean | undefined {
  return text === "true" ? true : text === "false" ? false : undefined;
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

function quoted(text: string | null): string {
  const shown = text ?? "";
  return JSON.stringify(shown.length > 40 ? `${shown.slice(0, 40)}…` : shown);
}
