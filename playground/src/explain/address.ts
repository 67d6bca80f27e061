// The first screen as words of the address, and back.
import { type BOUNDS, bounded, EXPLAIN_INITIAL, type ExplainState, type SliderName, STEPS } from "./state.js";

const SCHEDULE = "CosineDecay";

/** The words of the sliders are Keras' names. */
const WORDS: Readonly<Record<SliderName, string>> = {
  learningRate: "learning_rate",
  rho: "rho",
  momentum: "momentum",
  epsilon: "epsilon",
};
// They are the names of the table itself.
const NUMBERS = Object.entries(WORDS) as [SliderName, string][];

/** What differs from the screen as it opens. */
export function explainWords(state: ExplainState): [string, string][] {
  const numbers = NUMBERS.filter(([name]) => state[name] !== EXPLAIN_INITIAL[name]);
  const { x, y } = state.start;
  const isMoved = x !== EXPLAIN_INITIAL.start.x || y !== EXPLAIN_INITIAL.start.y;
  return [
    ...(isMoved ? [["start", `${x},${y}`] as [string, string]] : []),
    ...numbers.map(([name, word]) => [word, String(state[name])] as [string, string]),
    ...(state.scheduled ? [["schedule", SCHEDULE] as [string, string]] : []),
    ...(state.step === EXPLAIN_INITIAL.step ? [] : [["step", String(state.step)] as [string, string]]),
  ];
}

/** The screen that these words say; `refuse` is called for each that makes no sense. */
export function explainOf(words: URLSearchParams, refuse: (word: string, text: string) => void): ExplainState {
  const read = <T>(word: string, fallback: T, parse: (text: string) => T | null): T => {
    const text = words.get(word);
    const value = text === null ? fallback : parse(text);
    if (value === null) refuse(word, text ?? "");
    return value ?? fallback;
  };
  const number = (name: SliderName): number =>
    read(WORDS[name], EXPLAIN_INITIAL[name], (text) => numberWithin(name, text));
  return {
    ...{ learningRate: number("learningRate"), rho: number("rho") },
    ...{ momentum: number("momentum"), epsilon: number("epsilon") },
    start: read("start", EXPLAIN_INITIAL.start, pointOf),
    scheduled: read("schedule", false, (text) => (text === SCHEDULE ? true : null)),
    step: read("step", EXPLAIN_INITIAL.step, stepOf),
  };
}

function numberWithin(name: keyof typeof BOUNDS, text: string): number | null {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  return bounded(name, value) === value ? value : null;
}

function pointOf(text: string): ExplainState["start"] | null {
  const [x, y, ...rest] = text.split(",");
  const at = { x: numberWithin("x", x ?? ""), y: numberWithin("y", y ?? "") };
  return rest.length > 0 || at.x === null || at.y === null ? null : { x: at.x, y: at.y };
}

function stepOf(text: string): number | null {
  const step = Number(text);
  return /^\d+$/.test(text) && step >= 1 && step <= STEPS ? step : null;
}
