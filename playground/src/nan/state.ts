// What is set on the page about NaN - the step that is looked at, and the remedies; all of it is in the address - and the runs that
// come of it.

export interface NanState {
  /** From 1 to STEPS. */
  readonly step: number;
  readonly epsilon: number;
  /** The largest gradient, as Keras' argument has it. */
  readonly clipvalue: number | null;
  readonly centered: boolean;
}

export const STEPS = 140;
/** The gradient of every step. */
export const GRADIENT = 11;
/** Keras' default. */
export const LEARNING_RATE = 0.001;

export const EPSILONS: readonly number[] = [1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1];
export const CLIPS = [null, 1, 0.1, 0.01] as const;

/** Keras' defaults, but for `centered`, at the step that the page is named after. */
export const NAN_INITIAL: NanState = { step: 136, epsilon: 1e-7, clipvalue: null, centered: true };

export const boundedStep = (step: number): number => Math.max(1, Math.min(STEPS, Math.round(step)));

/** Who computes, in the order of the page. */
export const WHOS = ["keras", "tfjs", "rmsprop"] as const;
export type Who = (typeof WHOS)[number];

export interface NanSettings extends Omit<NanState, "step"> {
  readonly gradient: number;
  readonly rho: number;
  readonly steps: number;
}

export const ASKED: Pick<NanSettings, "gradient" | "rho" | "steps"> = { gradient: GRADIENT, rho: 0.9, steps: STEPS };

export interface NanStep {
  /** v: the average of squared gradients. */
  readonly meanSquare: number;
  /** m: the average of gradients; null where they are not centered. */
  readonly mean: number | null;
  /** m² */
  readonly squaredMean: number;
  /** v - m² */
  readonly difference: number;
  /** What the root is taken of. */
  readonly underRoot: number;
  /** What was added to the weight. */
  readonly step: number;
  /** The weight after it, which starts at 0. */
  readonly weight: number;
}

export type NanRuns = Readonly<Record<Who, readonly NanStep[]>>;

/** The first step that is not finite, counted from 1; null where all are. */
export function firstLost(steps: readonly NanStep[]): number | null {
  const i = steps.findIndex(({ step }) => !Number.isFinite(step));
  return i < 0 ? null : i + 1;
}

/** The longest of all steps; NaN where one is. */
export function longest(steps: readonly NanStep[]): number {
  return steps.reduce((most, { step }) => Math.max(most, Math.abs(step)), 0);
}

/** What the address says; whatever is not understood stays as it is at first. */
export function fromFragment(fragment: string): NanState {
  const parts = new URLSearchParams(fragment.replace(/^#/, ""));
  const step = Number(parts.get("step") ?? NAN_INITIAL.step);
  const oneOf = <V>(values: readonly V[], name: string, initial: V): V =>
    values.find((value) => parts.get(name) === String(value)) ?? initial;
  return {
    step: Number.isFinite(step) ? boundedStep(step) : NAN_INITIAL.step,
    epsilon: oneOf(EPSILONS, "epsilon", NAN_INITIAL.epsilon),
    clipvalue: oneOf<number | null>(CLIPS, "clipvalue", NAN_INITIAL.clipvalue),
    centered: oneOf([true, false], "centered", NAN_INITIAL.centered),
  };
}

/** What differs from the beginning. */
export function toFragment(state: NanState): string {
  const names = ["step", "epsilon", "clipvalue", "centered"] as const;
  const changed = names.filter((name) => state[name] !== NAN_INITIAL[name]);
  return new URLSearchParams(changed.map((name) => [name, String(state[name])])).toString();
}
