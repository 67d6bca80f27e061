// The state of the page as the fragment of its address, and back. What an address says wrongly is left out and told.
import { CODE_WORDS } from "./code/choices.js";
import { explainOf, explainWords } from "./explain/address.js";
import { SURFACES, type SurfaceName } from "./landscape/surfaces.js";
import { picturesOf, pictureWords } from "./options/address.js";
import {
  DIGITS_KINDS,
  DIGITS_RANGES,
  type DigitsState,
  ENGINES,
  INITIAL,
  INPUTS,
  INSIDE_NAMES,
  KINDS,
  type KindName,
  LANDSCAPE_KINDS,
  MAX_RUNS,
  MAX_STEPS,
  type OptionValue,
  type PageState,
  type RunSettings,
  SCHEDULE_NAMES,
  SPEEDS,
  settingsOf,
  TABS,
} from "./settings.js";
import { speedOf, speedWords } from "./speed/address.js";

/** The fragment without `#`: the tab, and what differs from the initial values. */
export function toFragment({ tab, explain, pictures, digits, measured, code, ...landscape }: PageState): string {
  const words = new URLSearchParams({ tab });
  // What was measured tells of someone's machine: only a link to it does so.
  const speed = tab === "speed" ? speedWords(measured) : [];
  const all = [explainWords(explain), pictureWords(pictures), landscapeWords(landscape), digitsWords(digits), speed];
  for (const [name, text] of all.flat()) words.append(name, text);
  if (code !== null) words.append("code", code);
  return words.toString();
}

/** The state of a fragment, and a sentence for each part of it that was not understood. */
export function fromFragment(fragment: string): { readonly state: PageState; readonly problems: readonly string[] } {
  const words = new URLSearchParams(fragment.replace(/^#/, ""));
  const problems: string[] = [];
  const refuse = (name: string, text: string | null): void => {
    problems.push(`${name} cannot be ${quoted(text)}`);
  };
  const choice = <T>(name: string, known: readonly T[], fallback: T): T => {
    const text = words.get(name);
    const found = text === null ? fallback : known.find((value) => String(value) === text);
    if (found === undefined) refuse(name, text);
    return found ?? fallback;
  };
  const given = words.getAll("run");
  if (given.length > MAX_RUNS) problems.push(`only ${MAX_RUNS} optimizers can run at a time`);
  const runs = given.slice(0, MAX_RUNS).flatMap((text) => runOf(text, LANDSCAPE_KINDS, problems) ?? []);
  const state = {
    // Without a tab it is the one that has such settings.
    tab: choice("tab", TABS, LANDSCAPE_WORDS.some((name) => words.has(name)) ? "landscape" : INITIAL.tab),
    explain: explainOf(words, refuse),
    pictures: picturesOf(words, refuse),
    // They are the names of the table itself.
    surface: choice("surface", Object.keys(SURFACES) as SurfaceName[], INITIAL.surface),
    speed: choice("speed", SPEEDS, INITIAL.speed),
    until: untilOf(words.get("until"), problems),
    at: atOf(words.get("at"), problems),
    inside: choice("inside", INSIDE_NAMES, INITIAL.inside),
    runs: runs.length > 0 ? runs : INITIAL.runs,
    digits: {
      ...digitsOf(words, problems),
      inputs: choice("inputs", INPUTS, INITIAL.digits.inputs),
      engine: choice("engine", ENGINES, INITIAL.digits.engine),
    },
    measured: speedOf(words, refuse),
    code: choice("code", CODE_WORDS, INITIAL.code),
  };
  return { state, problems };
}

const SINGLES = ["surface", "speed", "until", "at", "inside"] as const;
const LANDSCAPE_WORDS = [...SINGLES, "run"];

/** All runs where one of them differs. */
function landscapeWords(landscape: Pick<PageState, (typeof SINGLES)[number] | "runs">): [string, string][] {
  const singles = SINGLES.filter((name) => landscape[name] !== INITIAL[name]);
  const texts = landscape.runs.map(runText);
  const isInitial = texts.join() === INITIAL.runs.map(runText).join();
  return [
    ...singles.map((name) => [name, String(landscape[name])] as [string, string]),
    ...(isInitial ? [] : texts.map((text) => ["run", text] as [string, string])),
  ];
}

function untilOf(text: string | null, problems: string[]): number {
  if (text === null) return INITIAL.until;
  const until = Number(text);
  if (Number.isInteger(until) && until >= 1 && until <= MAX_STEPS) return until;
  problems.push(`until cannot be ${quoted(text)}`);
  return INITIAL.until;
}

function atOf(text: string | null, problems: string[]): number | null {
  const at = Number(text ?? Number.NaN);
  if (Number.isInteger(at) && at >= 0 && at <= MAX_STEPS) return at;
  if (text !== null) problems.push(`at cannot be ${quoted(text)}`);
  return null;
}

const COUNTS = ["epochs", "batchSize", "seed"] as const;
const CHOICES = ["inputs", "engine"] as const;
const SIDES = ["one", "two"] as const;

/** What differs from the initial values of the tab Digits. */
function digitsWords(digits: DigitsState): [string, string][] {
  const texts = SIDES.map((name, i) => [name, runText(digits.contestants[i] as RunSettings)] as [string, string]);
  const initial = INITIAL.digits.contestants.map(runText);
  const counts = COUNTS.filter((name) => digits[name] !== INITIAL.digits[name]);
  return [
    ...texts.filter(([, text], i) => text !== initial[i]),
    ...counts.map((name) => [name, String(digits[name])] as [string, string]),
    ...CHOICES.filter((name) => digits[name] !== INITIAL.digits[name]).map(
      (name) => [name, digits[name]] as [string, string],
    ),
  ];
}

function digitsOf(words: URLSearchParams, problems: string[]): Omit<DigitsState, (typeof CHOICES)[number]> {
  const contestant = (i: 0 | 1): RunSettings => {
    const text = words.get(SIDES[i]);
    return (text === null ? null : runOf(text, DIGITS_KINDS, problems)) ?? INITIAL.digits.contestants[i];
  };
  const count = (name: (typeof COUNTS)[number]): number => {
    const text = words.get(name);
    if (text === null) return INITIAL.digits[name];
    const value = countOf(name, text);
    if (value === null) problems.push(`${name} cannot be ${quoted(text)}`);
    return value ?? INITIAL.digits[name];
  };
  const contestants = [contestant(0), contestant(1)] as const;
  return { contestants, epochs: count("epochs"), batchSize: count("batchSize"), seed: count("seed") };
}

/** A whole number within the range of its name, or null. */
export function countOf(name: keyof typeof DIGITS_RANGES, text: string): number | null {
  const [least, greatest] = DIGITS_RANGES[name];
  const value = Number(text);
  return /^\d+$/.test(text) && value >= least && value <= greatest ? value : null;
}

/** The settings of an optimizer as one word. */
export function runText({ kind, options, schedule, ...own }: RunSettings): string {
  const initial = settingsOf(kind);
  const changed = Object.entries(options).filter(([key, value]) => value !== initial.options[key]);
  const words = changed.map(([key, value]) => `${key}:${typeof value === "string" ? escaped(value) : value}`);
  if (schedule === "constant") return [kind, ...words].join("~");
  const lists = (["boundaries", "values"] as const).map((key) => `${key}:${own[key].join(",")}`);
  const parts = schedule === "PiecewiseConstantDecay" ? lists : [`decaySteps:${own.decaySteps}`];
  return [kind, ...words, `schedule:${schedule}`, ...parts].join("~");
}

/** The settings in such a word, if they are of one of these kinds. */
export function runOf(text: string, kinds: readonly KindName[], problems: string[]): RunSettings | null {
  const [name = "", ...parts] = text.split("~");
  const kind = kinds.find((candidate) => candidate === name);
  if (kind) return parts.reduce((run, part) => withPart(run, part, problems), settingsOf(kind));
  problems.push(`there is no optimizer ${quoted(name)}`);
  return null;
}

function withPart(run: RunSettings, part: string, problems: string[]): RunSettings {
  const [key = "", ...rest] = part.split(":");
  const text = rest.join(":");
  const changed = SCHEDULE_PARTS.get(key)?.(text) ?? optionPart(run, key, text);
  if (changed) return { ...run, ...changed };
  problems.push(`${quoted(key)} cannot be ${quoted(text)}`);
  return run;
}

const SCHEDULE_PARTS: ReadonlyMap<string, (text: string) => Partial<RunSettings> | null> = new Map([
  ["schedule", schedulePart],
  ["decaySteps", stepsPart],
  ["boundaries", (text: string) => listPart("boundaries", text)],
  ["values", (text: string) => listPart("values", text)],
]);

function schedulePart(text: string): Partial<RunSettings> | null {
  const schedule = SCHEDULE_NAMES.find((name) => name === text);
  return schedule ? { schedule } : null;
}

function stepsPart(text: string): Partial<RunSettings> | null {
  const decaySteps = finite(text);
  return decaySteps !== undefined && decaySteps > 0 ? { decaySteps } : null;
}

function listPart(key: "boundaries" | "values", text: string): Partial<RunSettings> | null {
  const numbers = text.split(",").flatMap((word) => finite(word) ?? []);
  return numbers.length === text.split(",").length ? { [key]: numbers } : null;
}

function optionPart(run: RunSettings, key: string, text: string): Partial<RunSettings> | null {
  const option = KINDS[run.kind].options.find((candidate) => candidate.key === key);
  const value = option && (option.nullable && text === "null" ? null : READ[typeof option.initial]?.(text));
  return value === undefined ? null : { options: { ...run.options, [key]: value } };
}

/** The value that a text means, by the type of the option's initial value; that of None is a number. */
const READ: Readonly<Partial<Record<string, (text: string) => OptionValue | undefined>>> = {
  boolean: flagOf,
  number: finite,
  object: finite,
  string: unescaped,
};

function flagOf(text: string): boolean | undefined {
  return text === "true" ? true : text === "false" ? false : undefined;
}

function finite(text: string): number | undefined {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** A name may hold what parts are separated by. */
function escaped(text: string): string {
  return encodeURIComponent(text).replaceAll("~", "%7E");
}

function unescaped(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function quoted(text: string | null): string {
  const shown = text ?? "";
  return JSON.stringify(shown.length > 40 ? `${shown.slice(0, 40)}…` : shown);
}
