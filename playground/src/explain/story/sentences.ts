// What a step means, in a sentence or two, generated from its numbers.
import { type ExplainState, STEPS } from "../state.js";
import { ACT_WORDS, type Act } from "./acts.js";
import { short, times } from "./format.js";
import { LIMIT, type StepNumbers } from "./numbers.js";
import { at, type Paths } from "./paths.js";

export interface Told {
  readonly numbers: StepNumbers;
  readonly act: Act | null;
  readonly state: ExplainState;
  readonly paths: Paths;
}

export function sentenceOf(told: Told): string {
  const { numbers, act } = told;
  if (![numbers.step.x, numbers.step.y].every(Number.isFinite)) return "The numbers have become too large for float32.";
  return SENTENCES[act?.kind ?? "downhill"](told);
}

const SENTENCES: Readonly<Record<Act["kind"], (told: Told) => string>> = {
  equal: descent,
  carried: descent,
  downhill: (told) => `${comparison(told)}${largeEpsilon(told)}`,
  kick,
  overshoot: ({ state }) =>
    `Momentum adds ${short(state.momentum)} of each step to the next, which carries the point past the minimum and back.`,
  swing,
  rest: ({ numbers, paths, state }) =>
    `The schedule has brought the learning rate down to ${short(numbers.rate)}, and the swings shrink with it. ` +
    lossesOf(paths, state.step),
  arrived: ({ state }) =>
    `The point has come to rest. With ρ = ${short(state.rho)}, v still remembers how steep the slope was: no kick within ${STEPS} steps.`,
};

function descent(told: Told): string {
  return hasArrived(told) ? waiting(told) : `${comparison(told)}${firstStep(told)}`;
}

/** How much the gradients differ, and how much the steps. */
function comparison({ numbers: { gradient, step } }: Told): string {
  const [gradients, steps] = [differenceOf(gradient), differenceOf(step)];
  if (gradients === null || steps === null) return "One of the two gradients is zero.";
  const said =
    steps < 1.02 ? "; the steps are equal" : `, the steps by ${steps < gradients ? "only " : ""}${times(steps)}`;
  return `The gradients differ by a factor of ${times(gradients)}${said}.`;
}

function differenceOf({ x, y }: StepNumbers["step"]): number | null {
  return x === 0 || y === 0 ? null : Math.max(Math.abs(x / y), Math.abs(y / x));
}

function firstStep({ state: { step, rho } }: Told): string {
  if (step > 1 || rho === 0) return "";
  return ` v starts at 0, so the first step is 1 ∕ √(1 − ρ) = ${times(1 / Math.sqrt(1 - rho))} learning rates long.`;
}

function largeEpsilon({ state, numbers: { meanSquare } }: Told): string {
  const isLarge = state.epsilon > Math.min(meanSquare.x, meanSquare.y);
  return isLarge ? " ε is larger than v, so it sets the step size, and RMSprop becomes more like SGD." : "";
}

/** Whether there is nothing left to do along y, and something along x. */
function hasArrived({ numbers: { step, rate } }: Told): boolean {
  return Math.abs(step.y) < rate / 20;
}

function waiting({ numbers: { effective }, state: { rho } }: Told): string {
  const growth = rho > 0 ? 100 * (1 / Math.sqrt(rho) - 1) : 0;
  const forgets = `y has arrived. Its gradient is almost 0, so v shrinks and y’s effective rate grows by ${times(growth)}% a step.`;
  if (effective.y <= LIMIT.y) return forgets;
  return `${forgets} It is above ${short(LIMIT.y)}, where steps overshoot further and further: a kick is building up.`;
}

function kick({ numbers: { effective }, state: { scheduled } }: Told): string {
  if (effective.x > LIMIT.x * 1.25 && effective.y <= LIMIT.y)
    return `Now v has forgotten x, too: its effective rate is ${short(effective.x)}, and above ${short(LIMIT.x)} each step overshoots further than the last.`;
  if (effective.y > LIMIT.y)
    return `v has forgotten how steep y is: the effective rate is ${short(effective.y)}, and above ${short(LIMIT.y)} each step overshoots further than the last.`;
  const next = scheduled ? "" : " until v forgets again";
  return `The kick has filled v again: the effective rate along y is down to ${short(effective.y)}, and the swings shrink${next}.`;
}

function swing({ numbers: { rate }, paths, state: { step } }: Told): string {
  return (
    `Each step is one learning rate long, to and fro across the minimum: the point stays half a step, ${short(rate / 2)}, away. ` +
    lossesOf(paths, step)
  );
}

/** Who is lower, and by how much. */
function lossesOf({ rmsprop, sgd }: Paths, step: number): string {
  const ratio = at(rmsprop, "loss", step) / at(sgd, "loss", step);
  if (ratio > 2) return `SGD’s loss is ${times(ratio)} times lower by now.`;
  if (ratio < 1 / 2) return `SGD’s loss is ${times(1 / ratio)} times higher.`;
  return "SGD’s loss is about the same.";
}

/** A step as a screen reader says it. */
export function spokenStep(step: number, act: Act | null, paths: Paths | null): string {
  const loss = (name: keyof Paths): string => (paths ? short(at(paths[name], "loss", step)) : "");
  const losses = paths ? `. Loss: RMSprop ${loss("rmsprop")}, SGD ${loss("sgd")}` : "";
  return `Step ${step} of ${STEPS}${act ? `: ${ACT_WORDS[act.kind]}` : ""}${losses}`;
}

/** What the bars of the effective rates show beside them. */
export const ABOUT_RATES: string =
  `SGD has one rate for both. Past the mark (${LIMIT.x} along x, ${LIMIT.y} along y) each step overshoots ` +
  "further than the last.";
