// What a hostile call has come to: twins that get plain arguments say what may happen.
import { createRandom } from "../../../examples/shared/random.js";
import { ENTRIES, type Entry } from "./entries.js";
import { ACTIONS, createScene, OPTIONS, release, type Scene, type Setting, stateOf } from "./scene.js";
import { type Place, placesIn, TRICKS } from "./tricks.js";

/** One hostile call: which entry, in which scene, which trick at which of its places, and what user code does. */
export interface Program {
  readonly entry: string;
  readonly setting: Setting;
  readonly trick: string;
  readonly place: number;
  readonly action: string | null;
}

/** What a hostile call has come to. */
export interface Verdict {
  readonly outcome: "did what it says" | "was refused" | "nothing to try" | "wrong";
  /** Whether the user's code was asked, and acted. */
  readonly acted: boolean;
  /** What is wrong, in words. */
  readonly problem: string | null;
}

/** A hostile call was refused and nothing changed, or it did what it says; anything else is wrong. */
export function verdictOf(program: Program): Verdict {
  const entry = ENTRIES[program.entry];
  const trick = TRICKS[program.trick];
  if (entry === undefined || trick === undefined) throw new TypeError("no such program");
  const steps = Math.max(program.setting.steps, entry.steps ?? 0);
  const setting = { ...program.setting, steps };
  const scene = createScene(setting);
  try {
    const args = entry.args(scene);
    const fitting = placesIn(args).filter(({ owner, key, depth }) => trick.fits(owner[key], depth));
    const at = fitting.length === 0 ? -1 : program.place % fitting.length;
    if (at < 0) return { outcome: "nothing to try", acted: false, problem: null };
    let acted = false;
    let took = false;
    const action = ACTIONS[program.action ?? ""];
    trick.apply(fitting[at] as Place, () => {
      if (acted || action === undefined) return;
      acted = true;
      action(scene); // it is refused where a step is under way
      took = true;
    });
    const outcome = outcomeOf(scene, () => entry.call(scene, ...(args as never[])));
    const twin = { entry, setting, trick, at, action: took ? (action ?? null) : null };
    const allowed = allowedOutcomes(twin, outcome.threw);
    if (allowed.includes(outcome.text)) {
      return { outcome: outcome.threw === null ? "did what it says" : "was refused", acted, problem: null };
    }
    const found = `${outcome.threw ?? "did"}:\n${outcome.text}`;
    return {
      outcome: "wrong",
      acted,
      problem: `${JSON.stringify(program)} ${found}\n${["", ...allowed].join("\n--- ")}`,
    };
  } finally {
    release(scene);
  }
}

interface Outcome {
  readonly text: string;
  /** What was thrown; null for nothing. */
  readonly threw: string | null;
}

function outcomeOf(scene: Scene, act: () => string): Outcome {
  try {
    const result = act();
    return { text: `${result}\n${stateOf(scene)}`, threw: null };
  } catch (error) {
    return { text: `threw\n${stateOf(scene)}`, threw: String(error) };
  }
}

interface Twin {
  readonly entry: Entry;
  readonly setting: Setting;
  readonly trick: (typeof TRICKS)[string];
  readonly at: number;
  readonly action: ((scene: Scene) => void) | null;
}

function allowedOutcomes({ entry, setting, trick, at, action }: Twin, threw: string | null): string[] {
  const inScene = (act: (scene: Scene) => string): string => {
    const scene = createScene(setting);
    try {
      return act(scene);
    } finally {
      release(scene);
    }
  };
  if (threw !== null) {
    return [
      inScene((scene) => {
        action?.(scene);
        return `threw\n${stateOf(scene)}`;
      }),
    ];
  }
  if (trick.readings.length === 0) return [inScene((scene) => idleOutcome(scene, entry))];
  const readings = trick.readings.flatMap((reading) =>
    (action === null ? [false] : [true, false]).map((actsFirst) =>
      inScene((scene) => {
        const args = entry.args(scene);
        const place = placesIn(args).filter(({ owner, key, depth }) => trick.fits(owner[key], depth))[at] as Place;
        reading(place);
        if (actsFirst) action?.(scene);
        const outcome = outcomeOf(scene, () => entry.call(scene, ...(args as never[])));
        if (outcome.threw !== null) return "the plain call is refused";
        const [result] = outcome.text.split("\n", 1);
        if (!actsFirst) action?.(scene);
        return `${result}\n${stateOf(scene)}`;
      }),
    ),
  );
  return readings;
}

/** Of a call that has nothing to do, and so does not look at its arguments. */
function idleOutcome(scene: Scene, entry: Entry): string {
  const before = stateOf(scene);
  const { text } = outcomeOf(scene, () => entry.call(scene, ...(entry.args(scene) as never[])));
  return stateOf(scene) === before ? text : "the call changes something";
}

/** Programs drawn by a seed. */
export function* programs(seed: number, count: number): Generator<Program> {
  const random = createRandom(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  for (let i = 0; i < count; i++) {
    yield {
      entry: pick(Object.keys(ENTRIES)),
      setting: { scaled: random() < 0.25, steps: pick([0, 1, 2]), options: Math.floor(random() * OPTIONS.length) },
      trick: pick(Object.keys(TRICKS)),
      place: Math.floor(random() * 1000),
      action: random() < 0.5 ? pick(Object.keys(ACTIONS)) : null,
    };
  }
}
