// An optimizer as pure functions over trees, in the shape of optax. Checks are here, the compiled program is in program.ts.
import { type Device, jit, numpy as np, tree } from "@jax-js/jax";
import { checkKnownKeys } from "../check/arguments.js";
import { badKind, badValue, Verbatim } from "../check/errors.js";
import { warnOnce } from "../check/warn.js";
import { BASE_DEFAULTS, resolveConfig } from "../core/config.js";
import { LearningRate } from "../core/learning-rate.js";
import { excluder } from "../core/weight-decay.js";
import type { BaseOptions } from "../optimizers/base-options.js";
import { type OptimizerDefinition, type Options, ruleOf, type Values } from "../optimizers/definition.js";
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

/** What every optimizer takes as pure functions, beside the options of its own. */
export interface GraphOptions extends Omit<BaseOptions, "learningRate"> {
  /** A number, a schedule of `schedules`, or a function from the step, an int32 array, to a scalar array. Default 0.001. */
  readonly learningRate?: GraphLearningRate;
  /** Leaves that do not decay, by what their path such as `"layers.0.bias"` contains. */
  readonly excludeFromWeightDecay?: readonly (string | RegExp)[];
}

/** The state of a run: a tree of arrays, so that it can go through `jit`, be saved and be changed; by slot, one of `params`. */
export type TransformationState<
  Slot extends string = never,
  OptionalSlot extends string = never,
  P extends Tree = Tree,
> = {
  /** Calls made so far: an int32 scalar. */
  iteration: np.Array;
  /** A float32 scalar, to be replaced at will; not there with a schedule. */
  learningRate?: np.Array;
  /** Sums of gradients, under gradient accumulation. */
  accumulator?: P;
  /** Moving averages of the parameters, with `useEma`. */
  average?: P;
} & { [Name in Slot]: P } & { [Name in OptionalSlot]?: P };

/**
 * Pure functions. As everywhere in jax-js, a call uses up its arguments: pass `tree.ref(params)` to keep them. One that
 * throws has used up nothing.
 */
export interface Transformation<Slot extends string = never, OptionalSlot extends string = never> {
  /** The state before the first step. */
  init<P extends Tree>(params: P): TransformationState<Slot, OptionalSlot, P>;
  /**
   * One step in the shape of optax: `applyUpdates(params, updates)` gives the new parameters. They have the bits of Keras
   * unless weight decay or an average has them rounded once more; `apply` has them always.
   *
   * `params` can be left out where neither weight decay nor averages need them. A gradient may be null: then its leaf stays
   * as it is, as in class RMSprop.
   */
  update<P extends Tree>(
    gradients: P,
    state: TransformationState<Slot, OptionalSlot, P>,
    params?: P,
  ): [updates: P, state: TransformationState<Slot, OptionalSlot, P>];
  /** As above, with null for the leaves that have no gradient. */
  update<P extends Tree>(
    gradients: GradientTree,
    state: TransformationState<Slot, OptionalSlot, P>,
    params?: P,
  ): [updates: P, state: TransformationState<Slot, OptionalSlot, P>];
  /** One step of Keras: from parameters to new parameters. */
  apply<P extends Tree>(
    gradients: P,
    state: TransformationState<Slot, OptionalSlot, P>,
    params: P,
  ): [params: P, state: TransformationState<Slot, OptionalSlot, P>];
  /** As above, with null for the leaves that have no gradient. */
  apply<P extends Tree>(
    gradients: GradientTree,
    state: TransformationState<Slot, OptionalSlot, P>,
    params: P,
  ): [params: P, state: TransformationState<Slot, OptionalSlot, P>];
  /** The loss to differentiate: multiplied by `lossScaleFactor`, if there is one; `update` divides gradients by it. */
  scaleLoss(loss: np.Array): np.Array;
}

/**
 * An optimizer of this definition as a function from options to pure functions. Everything happens in the compiled program,
 * counters and learning rate included: a training step that goes through `jit` is compiled once.
 */
export function defineTransformation<const O extends Options, Fact extends string = never>(
  definition: OptimizerDefinition<O, Fact>,
): (options?: GraphOptions & Partial<Values<O>>) => Transformation {
  return (options = {}) => createTransformation(definition, options);
}

function createTransformation(definition: OptimizerDefinition, options: GraphOptions): Transformation {
  const facts = factsOf(definition, options);
  const { owner, config, learningRate } = facts;
  const slots = slotsOf(facts);
  const numbers = definition.state ?? {};
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
    state: TransformationState<never, never, P>,
    params: P | undefined,
  ) => {
    if (params === undefined && (needsParams || kind === "apply")) throw missingParams(owner, kind);
    checkKeys(facts, slots, state);
    const given = gradientLeavesOf(owner, "gradients", gradients);
    reportMissing(owner, given);
    const [model, name] = modelOf(slots, state, params, gradients);
    const own = leavesOf(owner, name, model);
    checkMatch(owner, "gradients", given, own, name);
    const before = stateArrays(facts, slots, state, own, name);
    const gradient = given.flatMap(({ array }) => array ?? []);
    const inputs = {
      ...before,
      leaves: { ...before.leaves, gradient, ...(params !== undefined && { variable: own.map(arrayOf) }) },
    };
    const device = deviceOf([...gradient, before.iteration]);
    const programLeaves = given.map(({ path, array }) => ({ path, hasGradient: array !== null }));
    const after = programOf(device, kind, programLeaves)(inputs);
    const moved = rebuilt(model, after.leaves.variable ?? []);
    return [moved, stateTree(slots, model, after)] as [P, TransformationState<never, never, P>];
  };

  return {
    init(params) {
      const leaves = leavesOf(owner, "params", params);
      const initial = definition.initial?.(config.hyper) ?? {};
      const filled = (slot: string) =>
        rebuilt(
          params,
          leaves.map(({ array }) => np.full(array.shape, initial[slot] ?? 0, placeOf(array))),
        );
      const scalarOf = (value: number) => np.array(value, { dtype: np.float32 });
      const state = {
        iteration: np.array(0, { dtype: np.int32 }),
        ...(typeof learningRate === "number" && { learningRate: scalarOf(learningRate) }),
        ...Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, scalarOf(value)])),
        ...Object.fromEntries(slots.map(({ slot, name }) => [name, filled(slot)])),
      };
      tree.dispose(params);
      return state as TransformationState<never, never, typeof params>;
    },
    update: <P extends Tree>(gradients: GradientTree, state: TransformationState<never, never, P>, params?: P) =>
      run("update", gradients, state, params),
    apply: <P extends Tree>(gradients: GradientTree, state: TransformationState<never, never, P>, params: P) =>
      run("apply", gradients, state, params),
    scaleLoss: (loss) => (config.lossScaleFactor === null ? loss : loss.mul(config.lossScaleFactor)),
  };
}

/** The tree whose structure and shapes all others must have, and what it is called. */
function modelOf<P extends Tree>(
  slots: readonly StateSlot[],
  state: TransformationState<never, never, P>,
  params: P | undefined,
  gradients: GradientTree,
): [model: P, name: string] {
  if (params !== undefined) return [params, "params"];
  const [slot] = slots;
  if (slot !== undefined) return [treesOf(state)[slot.name] as P, `state.${slot.name}`]; // its keys were checked
  return [gradients as P, "gradients"]; // which are looked at next
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
  return jit(createProgram(facts, numericsOf(device), kind, leaves));
}

/** An error when no leaf has a gradient, else a warning that names those without one. */
function reportMissing(owner: string, leaves: readonly GradientLeaf[]): void {
  const missing = leaves.filter(({ array }) => array === null).map(({ path }) => path || "the only leaf");
  if (missing.length === 0) return;
  const names = missing.join(", ");
  if (missing.length < leaves.length) {
    warnOnce(`${owner}: no gradients for ${names}; these leaves stay as they are.`);
    return;
  }
  const remedy = "Check that the loss depends on the parameters.";
  const received = new Verbatim(`none for ${names}`);
  throw badValue({ owner, argument: "gradients", requirement: "not all be null", received, remedy });
}

function placeOf(array: np.Array): { device?: Device; dtype: np.Array["dtype"] } {
  return { dtype: np.float32, ...(array instanceof np.Array && { device: array.device }) };
}

function factsOf(definition: OptimizerDefinition, options: GraphOptions): ProgramFacts {
  const owner = definition.className.toLowerCase();
  checkKnownKeys(owner, options, Object.keys({ ...options }));
  const { excludeFromWeightDecay: names = [], learningRate: given, ...others } = options;
  const source = given ?? definition.base?.learningRate ?? BASE_DEFAULTS.learningRate;
  checkCompilable(owner, source);
  // Numbers, and what is no learning rate at all, are core's to check.
  const isGraph = typeof source === "function";
  const config = resolveConfig(definition, { ...others, learningRate: isGraph ? 0 : source });
  const rate = isGraph ? source : new LearningRate(owner, source).source;
  return {
    ...{ owner, definition, config, rule: ruleOf(definition, config.hyper) },
    learningRate: typeof source === "number" ? (rate as number) : source, // rounded
    decays: excluder(owner, { names }, () => false), // it takes names only
  };
}

function missingParams(owner: string, kind: string): TypeError {
  const requirement = kind === "apply" ? "be given" : "be given with weightDecay or useEma";
  const remedy = `Call ${kind}(gradients, state, params).`;
  return badKind({ owner, argument: "params", requirement, received: undefined, remedy });
}

/** Throws unless the state has what these options keep. */
function checkKeys(facts: ProgramFacts, slots: readonly StateSlot[], state: object): void {
  const { owner } = facts;
  const names = [...scalarNames(facts), ...slots.map(({ name }) => name)];
  const given = typeof state === "object" && state !== null ? Object.keys(state) : [];
  if (names.length !== given.length || !names.every((name) => given.includes(name))) {
    const requirement = `have the keys ${names.join(", ")}`;
    const received = new Verbatim(given.join(", ") || "none");
    const remedy = "Pass what init() or the last call gave, of the same options.";
    throw badValue({ owner, argument: "state", requirement, received, remedy });
  }
}

function stateArrays(
  facts: ProgramFacts,
  slots: readonly StateSlot[],
  state: TransformationState,
  model: readonly Leaf[],
  modelName: string,
): Arrays {
  const { owner } = facts;
  const slotArrays = slots.map(({ name, slot }) => {
    const leaves = matchingLeaves(owner, `state.${name}`, treesOf(state)[name] as Tree, model, modelName);
    return [slot, leaves.map(arrayOf)];
  });
  const scalarAt = (name: string): np.Array => checkedScalar(owner, name, treesOf(state)[name] as np.Array);
  const { iteration = "", ...others } = Object.fromEntries(scalarNames(facts).map((name) => [name, scalarAt(name)]));
  const { learningRate, ...numbers } = others;
  return {
    ...{ iteration: iteration as np.Array, numbers, leaves: Object.fromEntries(slotArrays) }, // it is always there
    ...(learningRate && { learningRate }),
  };
}

/** A state by names, whichever slots it has. */
function treesOf(state: TransformationState): Readonly<Record<string, Tree | undefined>> {
  return state;
}

/** The scalars of a state. */
function scalarNames({ learningRate, definition }: ProgramFacts): string[] {
  const own = Object.keys(definition.state ?? {});
  return ["iteration", ...(typeof learningRate === "number" ? ["learningRate"] : []), ...own];
}

function checkedScalar(owner: string, name: string, array: np.Array): np.Array {
  const argument = `state.${name}`;
  const dtype = name === "iteration" ? np.int32 : np.float32;
  if (!isArray(array) || array.dtype !== dtype) {
    const received = isArray(array) ? new Verbatim(array.dtype) : array;
    const remedy = `Make it with np.array(value, { dtype: np.${dtype} }).`;
    throw badKind({ owner, argument, requirement: `be an array of ${dtype}`, received, remedy });
  }
  checkReferenced(owner, argument, array);
  checkShape(owner, argument, array, [], "a scalar");
  return array;
}

function stateTree<P extends Tree>(
  slots: readonly StateSlot[],
  model: P,
  { iteration, learningRate, numbers, leaves }: Arrays,
): TransformationState<never, never, P> {
  const trees = slots.map(({ name, slot }) => [name, rebuilt(model, leaves[slot] ?? [])]);
  // The counters and slots of these options.
  return { iteration, ...(learningRate && { learningRate }), ...numbers, ...Object.fromEntries(trees) } as ReturnType<
    typeof stateTree<P>
  >;
}
