// Every entry of core, with plain arguments for a scene.
import {
  constraints,
  deserialize,
  type FloatArray,
  type Gradient,
  LossScaleOptimizer,
  loadCheckpoint,
  RMSprop,
  saveCheckpoint,
  schedules,
  serialize,
  Variable,
  type VariableLike,
} from "rmsprop";
import { bitsOf, numbersOf } from "../states.js";
import { attempt, createScene, release, type Scene, textOf } from "./scene.js";

/** A call: its arguments for a scene, as trees of plain values, and what it is. */
export interface Entry {
  /** The least number of steps that the scene must have seen. */
  readonly steps?: number;
  readonly args: (scene: Scene) => unknown[];
  /** The result as text. */
  readonly call: (scene: Scene, ...args: never[]) => string;
}

const gradients = (): Gradient[] => [[[...numbersOf(8, 3)], numbersOf(9, 3)], numbersOf(10, 4), numbersOf(11, 5)];
const nothing = (): string => "";
const kept = ({ made }: Scene, ...created: { dispose(): void }[]): void => void made.push(...created);
const weightsOf = ({ optimizer }: Scene): { shape: number[]; value: number[] | Float32Array }[] =>
  optimizer.variables.map(({ shape, value }, i) => ({
    shape: [...shape],
    value: i % 2 === 0 ? [...value].map((number) => number + 1) : Float32Array.from(value, (number) => number / 2),
  }));

export const ENTRIES: Readonly<Record<string, Entry>> = {
  apply: {
    args: ({ variables }) => [gradients(), [...variables]],
    call: ({ optimizer }, given: Gradient[], variables: VariableLike[]) =>
      nothing.call(optimizer.apply(given, variables)),
  },
  "apply with Variables": {
    args: ({ variables: [a, b, c], spare }) => [
      [spare, b, null],
      [a, b, c],
    ],
    call: ({ optimizer }, given: Gradient[], variables: VariableLike[]) =>
      nothing.call(optimizer.apply(given, variables)),
  },
  applyGradients: {
    args: ({ variables }) => [gradients().map((gradient, i) => [gradient, variables[i]])],
    call: ({ optimizer }, pairs: [Gradient, VariableLike][]) => String(optimizer.applyGradients(pairs)),
  },
  build: {
    args: ({ variables }) => [[...variables]],
    call: ({ optimizer }, variables: VariableLike[]) => nothing.call(optimizer.build(variables)),
  },
  minimize: {
    args: ({ variables }) => [{ value: 1, gradients: gradients() }, [...variables]],
    call: ({ optimizer }, result: { value: number; gradients: Gradient[] }, variables: VariableLike[]) =>
      nothing.call(optimizer.minimize(() => result, variables)),
  },
  setWeights: {
    steps: 1,
    args: (scene) => [weightsOf(scene)],
    call: ({ optimizer }, weights: []) => nothing.call(optimizer.setWeights(weights)),
  },
  loadOwnVariables: {
    steps: 1,
    args: (scene) => [Object.fromEntries(weightsOf(scene).map((weight, i) => [i, weight]))],
    call: ({ optimizer }, store: Record<string, []>) => nothing.call(optimizer.loadOwnVariables(store)),
  },
  "a slot's assign": {
    steps: 1,
    args: ({ optimizer }) => [[...(optimizer.variables.at(-1)?.value ?? [])].map((number) => number + 1)],
    call: ({ optimizer }, values: number[]) => nothing.call(optimizer.variables.at(-1)?.assign(values)),
  },
  finalizeVariableValues: {
    steps: 1,
    args: ({ variables }) => [[...variables]],
    call: ({ optimizer }, variables: VariableLike[]) => nothing.call(optimizer.finalizeVariableValues(variables)),
  },
  excludeFromWeightDecay: {
    args: ({ variables: [a] }) => [{ variables: [a], names: ["b", /^v/] }],
    call: ({ inner, variables }, exclusion: object) => {
      inner.excludeFromWeightDecay(exclusion);
      Object.defineProperty(variables[0], "shape", { value: [2, 3] }); // build would refuse another one
      return attempt(() => {
        inner.build(variables);
        return String(variables.map((variable) => inner.decays(variable)));
      });
    },
  },
  statelessApply: {
    steps: 1,
    args: (scene) => [weightsOf(scene), gradients(), [numbersOf(12, 6), [1, 2, 3, 4], numbersOf(13, 5)]],
    call: ({ optimizer }, weights: [], given: Gradient[], values: []) =>
      JSON.stringify(optimizer.statelessApply(weights, given, values).map((list) => list.map((each) => bitsOf(each)))),
  },
  loadCheckpoint: {
    args: ({ optimizer, variables }) => {
      const saved = createScene({ scaled: optimizer instanceof LossScaleOptimizer, steps: 2, options: 0 });
      const bytes =
        attemptBytes(() => saveCheckpoint(optimizer, variables)) ?? saveCheckpoint(saved.optimizer, saved.variables);
      release(saved);
      return [bytes, [...variables]];
    },
    call: ({ optimizer }, bytes: Uint8Array, variables: VariableLike[]) =>
      JSON.stringify(loadCheckpoint(bytes, optimizer, variables).metadata),
  },
  "new Variable": {
    args: () => [[[1, 2], Float32Array.of(3, 4)], { shape: [4], dtype: "float64", name: "made", trainable: false }],
    call: (scene, value: number[][], options: object) => {
      const variable = new Variable(value, options);
      kept(scene, variable);
      return `${variable.name} ${variable.trainable} [${variable.shape}] ${variable.dtype} ${textOf(variable)}`;
    },
  },
  "new Variable of an array": {
    args: () => [Float64Array.of(1, 2, 3), { name: "made" }],
    call: (scene, value: FloatArray, options: object) => {
      const variable = new Variable(value, options);
      kept(scene, variable);
      return `[${variable.shape}] ${variable.dtype} ${textOf(variable)}`;
    },
  },
  ...Object.fromEntries(
    (["assign", "assignAdd", "assignSub"] as const).flatMap((method) =>
      [() => [[1, 2, 3], Float64Array.of(4, 5, 6)], () => numbersOf(14, 6)].map((value, i): [string, Entry] => [
        `${method} of ${i === 0 ? "rows" : "an array"}`,
        {
          args: () => [value()],
          call: ({ variables: [a] }, given: number[]) => String(a[method](given)),
        },
      ]),
    ),
  ),
  "new RMSprop": {
    args: () => [{ learningRate: 0.5, rho: 0.25, centered: true, name: "made" }],
    call: (scene, options: object) => {
      const optimizer = new RMSprop(options);
      kept(scene, optimizer);
      return JSON.stringify(optimizer.getConfig());
    },
  },
  "new PiecewiseConstantDecay": {
    args: () => [{ boundaries: [1, 2], values: [1, 0.5, 0.25], name: "made" }],
    call: (_, options: { boundaries: number[]; values: number[] }) => {
      const schedule = new schedules.PiecewiseConstantDecay(options);
      return `${[0, 1, 2, 3].map((step) => schedule.call(step))} ${JSON.stringify(schedule.getConfig())}`;
    },
  },
  "new MinMaxNorm, and its call": {
    args: () => [{ minValue: 0.5, maxValue: 0.75, rate: 0.5, axis: [0, 1] }, numbersOf(15, 12), [3, 4]],
    call: (_, options: object, weights: FloatArray, shape: number[]) => {
      const constraint = new constraints.MinMaxNorm(options);
      return `${bitsOf(constraint.call(weights, shape))} ${JSON.stringify(constraint.getConfig())}`;
    },
  },
  deserialize: {
    args: () => {
      const learningRate = new schedules.PiecewiseConstantDecay({ boundaries: [2], values: [1, 2] });
      return [JSON.parse(JSON.stringify(serialize(new RMSprop({ learningRate, rho: 0.5, clipnorm: 1 }))))];
    },
    call: (scene, config: unknown) => {
      const optimizer = deserialize(config);
      kept(scene, optimizer);
      return JSON.stringify(serialize(optimizer));
    },
  },
};

function attemptBytes(act: () => Uint8Array): Uint8Array | null {
  try {
    return act();
  } catch {
    return null;
  }
}
