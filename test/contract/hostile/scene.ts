// What a hostile call may see and change, and what user code does there in the middle of the call. No test framework: larger
// campaigns run it, too.
import { type AnyOptimizer, type FloatArray, LossScaleOptimizer, RMSprop, Variable, type VariableLike } from "rmsprop";
import { bufferOf, elementsIn } from "../forms.js";
import { bitsOf, numbersOf } from "../states.js";

/** What a call may see and change. */
export interface Scene {
  readonly optimizer: AnyOptimizer;
  readonly inner: RMSprop;
  /** Two Variables and an array of the user's. */
  readonly variables: readonly [Variable, Variable, FloatArray];
  /** Of the size of the first, and no part of the optimizer. */
  readonly spare: Variable;
  /** What calls and actions have made. */
  readonly made: { dispose(): void }[];
}

/** Which scene: whether it is scaled, built and trained, and with which options. */
export interface Setting {
  readonly scaled: boolean;
  readonly steps: number;
  readonly options: number;
}

export const OPTIONS = [{}, { momentum: 0.9, useEma: true }, { gradientAccumulationSteps: 2, globalClipnorm: 1 }];

export function createScene({ scaled, steps, options }: Setting): Scene {
  const inner = new RMSprop({ learningRate: 0.1, ...OPTIONS[options % OPTIONS.length] });
  const optimizer = scaled ? new LossScaleOptimizer(inner, { initialScale: 4 }) : inner;
  const variables = [
    new Variable(numbersOf(1, 6), { name: "a", shape: [2, 3] }),
    new Variable(numbersOf(2, 4), { name: "b" }),
    numbersOf(3, 5),
  ] as const;
  const spare = new Variable(numbersOf(4, 6), { name: "spare", shape: [2, 3] });
  for (let i = 0; i < steps; i++) optimizer.apply([numbersOf(5, 6), numbersOf(6, 4), numbersOf(7, 5)], variables);
  return { optimizer, inner, variables, spare, made: [] };
}

export function release({ optimizer, variables, spare, made }: Scene): void {
  for (const each of [optimizer, spare, ...made, ...variables]) if ("dispose" in each) each.dispose();
}

/** Everything that a call may change. */
export function stateOf({ optimizer, inner, variables, spare }: Scene): string {
  const own = attempt(() => optimizer.variables.map(({ path, value }) => `${path} ${bitsOf(value)}`).join("\n"));
  const counters = attempt(() => `${optimizer.built} ${inner.iterations} ${inner.learningRate}`);
  return [own, counters, ...[...variables, spare].map(textOf)].join("\n");
}

/** The numbers alone: what a variable or an array says of itself may be a lie. */
export function textOf(variable: VariableLike): string {
  if (!ArrayBuffer.isView(variable)) return variable.disposed ? "disposed" : bitsOf(variable.value);
  const numbers = elementsIn(variable);
  return numbers.length === 0 ? "transferred" : bitsOf(numbers);
}

export function attempt(act: () => string): string {
  try {
    return act();
  } catch (error) {
    return String(error);
  }
}

/** What user code does when it is asked for a value in the middle of a call. */
export const ACTIONS: Readonly<Record<string, (scene: Scene) => void>> = {
  "makes memory grow": ({ made }) => {
    for (let i = 0; i < 3; i++) made.push(new Variable(new Float32Array(40_000)));
  },
  "disposes of the first variable": ({ variables: [a] }) => a.dispose(),
  "disposes of a gradient": ({ spare }) => spare.dispose(),
  "transfers the array": ({ variables: [, , c] }) => {
    const buffer = bufferOf(c);
    if (buffer.byteLength > 0 && buffer instanceof ArrayBuffer) structuredClone(buffer, { transfer: [buffer] });
  },
  "assigns to a variable": ({ variables: [, b] }) => b.assign([7, 7, 7, 7]),
  "sets the learning rate": ({ inner }) => {
    inner.learningRate = 0.5;
  },
  "disposes of the optimizer": ({ optimizer }) => optimizer.dispose(),
};
