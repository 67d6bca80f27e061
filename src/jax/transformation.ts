// rmsprop(options): Keras' RMSprop as pure functions over trees, in the shape of optax. Checks are here, the compiled
// program is in program.ts.
import { type Device, jit, numpy as np, tree } from "@jax-js/jax";
import { checkKnownKeys } from "../check/arguments.js";
import { badKind, badValue, Verbatim } from "../check/errors.js";
import { warnOnce } from "../check/warn.js";
import { type Config, resolveConfig } from "../core/config.js";
import { LearningRate } from "../core/learning-rate.js";
import { type DecayExclusion, excluder } from "../core/weight-decay.js";
import { ruleOf } from "../optimizers/definition.js";
import { RMSPROP, type RMSpropHyper, type RMSpropOptions } from "../optimizers/rmsprop.js";
import { checkCompilable, type GraphLearningRate } from "./learning-rate.js";
import { deviceOf, numericsOf } from "./ops/numerics.js";
import { type Arrays, createProgram, type ProgramFacts, type ProgramLeaf, type StateSlot, slotsOf } from "./program.js";
import {
  checkMatch,
  checkReferenced,
  checkShape,
  type GradientLeaf,
  type GradientTree,
  gradientLeavesOf,
  isArray,
  type Leaf,
  leavesOf,
  matchingLeaves,
  rebuilt,
  type Tree,
} from "./tree.js";

const OWNER = "rmsprop";

/** All arguments of Keras' RMSprop. */
export interface TransformationOptions extends Omit<RMSpropOptions, "learningRate"> {
  /** A number, a schedule of `schedules`, or a function from the step, an int32 array, to a scalar array. Default 0.001. */
  readonly learningRate?: GraphLearningRate;
  /** Leaves that do not decay, by what their path such as `"layers.0.bias"` contains. */
  readonly excludeFromWeightDecay?: readonly (string | RegExp)[];
}

/** The state of a run: a tree of arrays, so that it can go through `jit`, be saved and be changed. */
export type RMSpropState<P extends Tree = Tree> = {
  /** Calls made so far: an int32 scalar. */
  iteration: np.Array;
  /** A float32 scalar, to be replaced at will; not there with a schedule. */
  learningRate?: np.Array;
  velocity: P;
  momentum?: P;
  averageGradient?: P;
  /** Sums of gradients, under gradient accumulation. */
  accumulator?: P;
  /** Moving averages of the parameters, with `useEma`. */
  average?: P;
};

/**
 * Pure functions. As everywhere in jax-js, a call uses up its arguments: pass `tree.ref(params)` to keep them. One that
 * throws has used up nothing.
 */
export interface Transformation {
  /** The state before the first step. */
  init<P extends Tree>(params: P): RMSpropState<P>;
  /**
   * One step in the shape of optax: `applyUpdates(params, updates)` gives the new parameters. They have the bits of Keras
   * unless weight decay or an average has them rounded once more; `apply` has them always.
   *
   * `params` can be left out where neither weight decay nor averages need them. A gradient may be null: then its leaf stays
   * as it is, as in class RMSprop.
   */
  update<P extends Tree>(gradients: P, state: RMSpropState<P>, params?: P): [updates: P, state: RMSpropState<P>];
  /** As above, with null for the leaves that have no gradient. */
  update<P extends Tree>(
    gradients: GradientTree,
    state: RMSpropState<P>,
    params?: P,
  ): [updates: P, state: RMSpropState<P>];
  /** One step of Keras: from parameters to new parameters. */
  apply<P extends Tree>(gradients: P, state: RMSpropState<P>, params: P): [params: P, state: RMSpropState<P>];
  /** As above, with null for the leaves that have no gradient. */
  apply<P extends Tree>(
    gradients: GradientTree,
    state: RMSpropState<P>,
    params: P,
  ): [params: P, state: RMSpropState<P>];
  /** The loss to differentiate: multiplied by `lossScaleFactor`, if there is one; `update` divides gradients by it. */
  scaleLoss(loss: np.Array): np.Array;
}

/**
 * The RMSprop of Keras 3 for jax-js. Everything happens in the compiled program, counters and learning rate included: a
 * training step that goes through `jit` is compiled once.
 *
 * @example
 * const solver = rmsprop({ learningRate: 0.01, momentum: 0.9 });
 * let state = solver.init(tree.ref(params));
 * const step = jit((params, state) => solver.apply(grad(loss)(tree.ref(params)), state, params));
 * [params, state] = step(params, state);
 */
export function rmsprop(options: TransformationOptions = {}): Transformation {
  const { config, learningRate, excluded } = resolve(options);
  const facts: ProgramFacts = {
    ...{ config, learningRate, rule: ruleOf(RMSPROP, config.hyper) },
    decays: excluder(OWNER, excluded, () => false), // it takes names only
  };
  const slots = slotsOf(facts);
  const programs = new Map<string, ReturnType<typeof compiled>>();
  const programOf = (device: Device, kind: "update" | "apply", leaves: readonly ProgramLeaf[]) => {
    const key = JSON.stringify([device, kind, leaves]);
    const program = programs.get(key) ?? compiled(facts, device, kind, leaves);
    programs.set(key, program);
    return program;
  };
  const needsParams = config.weightDecay !== null || config.useEma;

  const run = <P extends Tree>(
    kind: "update" | "apply",
    gradients: GradientTree,
    state: RMSpropState<P>,
    params: P | undefined,
  ) => {
    const leaves = params === undefined ? null : leavesOf(OWNER, "params", params);
    if (leaves === null && (needsParams || kind === "apply")) throw missingParams(kind);
    checkKeys(facts, slots, state);
    const given = gradientLeavesOf(OWNER, "gradients", gradients);
    reportMissing(given);
    const own = leaves ?? leavesOf(OWNER, "state.velocity", state.velocity);
    const modelName = leaves === null ? "state.velocity" : "params";
    checkMatch(OWNER, "gradients", given, own, modelName);
    const before = stateArrays(facts, slots, state, own, modelName);
    const gradient = given.flatMap(({ array }) => array ?? []);
    const inputs = {
      ...before,
      leaves: { ...before.leaves, gradient, ...(leaves && { variable: leaves.map(arrayOf) }) },
    };
    const device = deviceOf([...gradient, before.iteration]);
    const programLeaves = given.map(({ path, array }) => ({ path, hasGradient: array !== null }));
    const after = programOf(device, kind, programLeaves)(inputs);
    const model = params ?? state.velocity;
    return [rebuilt(model, after.leaves.variable ?? []), stateTree(slots, model, after)] as [P, RMSpropState<P>];
  };

  return {
    init(params) {
      const leaves = leavesOf(OWNER, "params", params);
      const zeros = () =>
        rebuilt(
          params,
          leaves.map(({ array }) => np.zeros(array.shape, placeOf(array))),
        );
      const state = {
        iteration: np.array(0, { dtype: np.int32 }),
        ...(typeof learningRate === "number" && { learningRate: np.array(learningRate, { dtype: np.float32 }) }),
        ...Object.fromEntries(slots.map(({ name }) => [name, zeros()])),
      };
      tree.dispose(params);
      return state as RMSpropState<typeof params>;
    },
    update: <P extends Tree>(gradients: GradientTree, state: RMSpropState<P>, params?: P) =>
      run("update", gradients, state, params),
    apply: <P extends Tree>(gradients: GradientTree, state: RMSpropState<P>, params: P) =>
      run("apply", gradients, state, params),
    scaleLoss: (loss) => (config.lossScaleFactor === null ? loss : loss.mul(config.lossScaleFactor)),
  };
}

/** The parameters after `updates`: `params + updates`, leaf by leaf. Uses up both. */
export function applyUpdates<P extends Tree>(params: P, updates: P): P {
  const leaves = leavesOf("applyUpdates", "params", params);
  const given = matchingLeaves("applyUpdates", "updates", updates, leaves, "params");
  return rebuilt(
    params,
    leaves.map(({ array }, i) => array.add(given[i]?.array ?? 0)),
  );
}

const arrayOf = ({ array }: Leaf): np.Array => array;

function compiled(facts: ProgramFacts, device: Device, kind: "update" | "apply", leaves: readonly ProgramLeaf[]) {
  return jit(createProgram(OWNER, facts, numericsOf(device), kind, leaves));
}

/** An error when no leaf has a gradient, else a warning that names those without one. */
function reportMissing(leaves: readonly GradientLeaf[]): void {
  const missing = leaves.filter(({ array }) => array === null).map(({ path }) => path || "the only leaf");
  if (missing.length === 0) return;
  const names = missing.join(", ");
  if (missing.length < leaves.length) {
    warnOnce(`${OWNER}: no gradients for ${names}; these leaves stay as they are.`);
    return;
  }
  const remedy = "Check that the loss depends on the parameters.";
  const received = new Verbatim(`none for ${names}`);
  throw badValue({ owner: OWNER, argument: "gradients", requirement: "not all be null", received, remedy });
}

function placeOf(array: np.Array): { device?: Device; dtype: np.Array["dtype"] } {
  return { dtype: np.float32, ...(array instanceof np.Array && { device: array.device }) };
}

function resolve(options: TransformationOptions): {
  config: Config<RMSpropHyper>;
  learningRate: GraphLearningRate;
  excluded: Pick<DecayExclusion<object>, "names">;
} {
  checkKnownKeys(OWNER, options, Object.keys({ ...options }));
  const { excludeFromWeightDecay: names = [], learningRate = 0.001, ...others } = options;
  const isNumber = typeof learningRate === "number";
  checkCompilable(OWNER, learningRate);
  // Numbers, and what is no learning rate at all, are core's to check.
  const isGraph = typeof learningRate === "function";
  const config = resolveConfig(RMSPROP, { ...others, learningRate: isGraph ? 0 : learningRate });
  const rate = isGraph ? learningRate : new LearningRate(OWNER, learningRate).source;
  return { config, learningRate: isNumber ? (rate as number) : learningRate, excluded: { names } };
}

function missingParams(kind: string): TypeError {
  const requirement = kind === "apply" ? "be given" : "be given with weightDecay or useEma";
  const remedy = `Call ${kind}(gradients, state, params).`;
  return badKind({ owner: OWNER, argument: "params", requirement, received: undefined, remedy });
}

/** Throws unless the state has what these options keep. */
function checkKeys({ learningRate }: ProgramFacts, slots: readonly StateSlot[], state: RMSpropState): void {
  const names = [
    "iteration",
    ...(typeof learningRate === "number" ? ["learningRate"] : []),
    ...slots.map(({ name }) => name),
  ];
  const given = typeof state === "object" && state !== null ? Object.keys(state) : [];
  if (names.length !== given.length || !names.every((name) => given.includes(name))) {
    const requirement = `have the keys ${names.join(", ")}`;
    const received = new Verbatim(given.join(", ") || "none");
    const remedy = "Pass what init() or the last call gave, of the same options.";
    throw badValue({ owner: OWNER, argument: "state", requirement, received, remedy });
  }
}

function stateArrays(
  { learningRate }: ProgramFacts,
  slots: readonly StateSlot[],
  state: RMSpropState,
  model: readonly Leaf[],
  modelName: string,
): Arrays {
  const slotArrays = slots.map(({ name, slot }) => {
    const leaves = matchingLeaves(OWNER, `state.${name}`, state[name] as Tree, model, modelName);
    return [slot, leaves.map(arrayOf)];
  });
  const scalars = ["iteration", ...(typeof learningRate === "number" ? ["learningRate"] : [])].map((name) => {
    return [name, checkedScalar(name, state[name as "iteration"])];
  });
  // The names were checked above.
  return { ...Object.fromEntries(scalars), leaves: Object.fromEntries(slotArrays) } as Arrays;
}

function checkedScalar(name: string, array: np.Array): np.Array {
  const argument = `state.${name}`;
  const dtype = name === "iteration" ? np.int32 : np.float32;
  if (!isArray(array) || array.dtype !== dtype) {
    const received = isArray(array) ? new Verbatim(array.dtype) : array;
    const remedy = `Make it with np.array(value, { dtype: np.${dtype} }).`;
    throw badKind({ owner: OWNER, argument, requirement: `be an array of ${dtype}`, received, remedy });
  }
  checkReferenced(OWNER, argument, array);
  checkShape(OWNER, argument, array, [], "a scalar");
  return array;
}

function stateTree<P extends Tree>(
  slots: readonly StateSlot[],
  model: P,
  { iteration, learningRate, leaves }: Arrays,
): RMSpropState<P> {
  const trees = slots.map(({ name, slot }) => [name, rebuilt(model, leaves[slot] ?? [])]);
  return { iteration, ...(learningRate && { learningRate }), ...Object.fromEntries(trees) } as RMSpropState<P>;
}
