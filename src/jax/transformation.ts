// An optimizer as pure functions over trees, in the shape of optax. Checks are here, the compiled program is in program.ts.

import { jit, numpy as np, tree } from "@jax-js/jax";
import { Argument, argumentsOf, Verbatim } from "../check/argument.js";
import { warnOnce } from "../check/warn.js";
import { resolveConfig } from "../core/config.js";
import { LearningRate } from "../core/learning-rate.js";
import { excluder } from "../core/weight-decay.js";
import type { BaseOptions } from "../optimizers/base-options.js";
import { type OptimizerDefinition, type Options, ruleOf, type Values } from "../optimizers/definition.js";
import { ACCUMULATOR, AVERAGE } from "../rule/plan.js";
import { checkCompilable, checkRate, type GraphLearningRate } from "./learning-rate.js";
import { deviceOf } from "./ops/numerics.js";
import { scalar, whole } from "./ops/ops.js";
import { type Arrays, createProgram, type Kind, type Program, type ProgramFacts, slotsOf } from "./program.js";
import {
  checkedScalar,
  checkMatch,
  type GradientLeaf,
  type GradientTree,
  gradientLeavesOf,
  type Model,
  matchingLeaves,
  modelOf,
  rebuilt,
  type Tree,
} from "./tree.js";

/** What every optimizer takes as pure functions, beside the options of its own. */
export interface GraphOptions extends Omit<BaseOptions, "learningRate"> {
  /** A number, a schedule of `schedules`, or a function from the step, an int32 array, to a scalar array. Default 0.001. */
  readonly learningRate?: GraphLearningRate | undefined;
  /** Leaves that do not decay, by what their path such as `"layers.0.bias"` contains. */
  readonly excludeFromWeightDecay?: readonly (string | RegExp)[] | undefined;
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
  /**
   * The state before the first step.
   *
   * @param learningRate in place of that of the options: a float32 scalar, which the state takes. It is not read, so it can be
   *   what `vmap` makes of an array of rates: `vmap((rate, params) => solver.init(params, rate), [0, null])`.
   */
  init<P extends Tree>(params: P, learningRate?: np.Array): TransformationState<Slot, OptionalSlot, P>;
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
): (options?: GraphOptions & { readonly [Name in keyof O]?: Values<O>[Name] | undefined }) => Transformation {
  return (options = {}) => createTransformation(definition, options);
}

/** A state by names, whichever slots it has. */
type State = Readonly<Record<string, Tree>> & { readonly iteration: np.Array };

function createTransformation(definition: OptimizerDefinition, options: GraphOptions): Transformation {
  const facts = factsOf(definition, options);
  const { argument, config, slots } = facts;
  const programs = new Map<string, Program>();
  const needsParams = config.weightDecay !== null || config.useEma;

  const stepOf =
    (kind: Kind) =>
    (gradients: GradientTree, state: State, params?: Tree): [Tree, State] => {
      if (params === undefined && (needsParams || kind === "apply")) throw missingParams(argument("params"), kind);
      checkKeys(facts, state);
      const given = gradientLeavesOf(argument("gradients"), gradients);
      reportMissing(argument("gradients"), given);
      const model = modelFor(facts, gradients, state, params);
      checkMatch(argument("gradients"), given, model);
      const variable = params === undefined ? [] : model.leaves;
      const inputs = inputsOf(facts, state, model, { gradient: given, variable });
      const device = deviceOf([...given.flatMap(({ array }) => array ?? []), inputs.iteration]);
      const paths = given.map(({ path }) => path);
      const key = JSON.stringify([device, kind, paths]);
      const program = programs.get(key) ?? jit(createProgram(facts, device, kind, paths));
      programs.set(key, program);
      const { leaves: after, numbers, ...counters } = program(inputs);
      const treeOf = (name: string) => rebuilt(model, (_, i) => after[i]?.[name] as np.Array); // each leaf has all
      return [treeOf("variable"), { ...counters, ...numbers, ...slotTrees(slots, treeOf) }];
    };

  return {
    init: (params: Tree, learningRate?: np.Array) => initialState(facts, params, learningRate),
    update: stepOf("update"),
    apply: stepOf("apply"),
    scaleLoss: (loss) => (config.lossScaleFactor === null ? loss : loss.mul(config.lossScaleFactor)),
  } as Transformation; // its types tell trees apart that are all trees here
}

function initialState(facts: ProgramFacts, params: Tree, rate?: np.Array): State {
  const { argument, definition, config, learningRate, slots } = facts;
  const model = modelOf(argument("params"), params);
  if (rate !== undefined) checkRate(argument("learningRate"), rate, learningRate);
  const initial = definition.initial?.(config.hyper) ?? {};
  const numbers = Object.entries(definition.state ?? {}).map(([name, value]) => [name, scalar(value)]);
  const state = {
    iteration: whole(0),
    ...(typeof learningRate === "number" && { learningRate: rate ?? scalar(learningRate) }),
    ...Object.fromEntries(numbers),
    ...slotTrees(slots, (slot) => rebuilt(model, ({ array }) => firstSlot(array, initial[slot] ?? 0))),
  };
  tree.dispose(params);
  return state;
}

function firstSlot(array: np.Array, initial: number | "variable"): np.Array {
  return initial === "variable" ? array.ref : filledLike(array, initial);
}

/** On the device of an array, which one inside `jit` does not tell. */
function filledLike(array: np.Array, value: number): np.Array {
  return np.full(array.shape, value, { dtype: np.float32, ...(array instanceof np.Array && { device: array.device }) });
}

/** The parameters after `updates`: `params + updates`, leaf by leaf. Uses up both. */
export function applyUpdates<P extends Tree>(params: P, updates: P): P {
  const model = modelOf(new Argument("applyUpdates", "params"), params);
  const changes = matchingLeaves(new Argument("applyUpdates", "updates"), updates, model);
  return rebuilt(model, ({ array }, i) => array.add(changes[i]?.array ?? 0)) as P; // which the model is
}

const STATE_NAMES: Readonly<Record<string, string>> = { [ACCUMULATOR]: "accumulator", [AVERAGE]: "average" };

/** A slot as the state calls it. */
const nameInState = (slot: string): string => STATE_NAMES[slot] ?? slot;

function slotTrees(slots: readonly string[], treeOf: (slot: string) => Tree): Record<string, Tree> {
  return Object.fromEntries(slots.map((slot) => [nameInState(slot), treeOf(slot)]));
}

/** The tree whose structure and shapes all others must have. */
function modelFor({ argument, slots: [slot] }: ProgramFacts, gradients: unknown, state: State, params?: Tree): Model {
  if (params !== undefined) return modelOf(argument("params"), params);
  if (slot === undefined) return modelOf(argument("gradients"), gradients);
  const name = nameInState(slot);
  return modelOf(argument("state").field(name), state[name]);
}

/** An error when no leaf has a gradient, else a warning that names those without one. */
function reportMissing(argument: Argument, leaves: readonly GradientLeaf[]): void {
  const missing = leaves.filter(({ array }) => array === null).map(({ path }) => path || "the only leaf");
  if (missing.length === 0) return;
  const names = missing.join(", ");
  if (missing.length < leaves.length) {
    warnOnce(`${argument.owner}: no gradients for ${names}; these leaves stay as they are.`);
    return;
  }
  const received = new Verbatim(`none for ${names}`);
  throw argument.badValue("not all be null", received, "Check that the loss depends on the parameters.");
}

function factsOf(definition: OptimizerDefinition, options: GraphOptions): ProgramFacts {
  const argument = argumentsOf(definition.className.toLowerCase());
  argument("options").keys(options, Object.keys({ ...options }));
  const { excludeFromWeightDecay: names = [], learningRate: given, ...others } = options;
  checkCompilable(argument("learningRate"), given);
  // Numbers, and what is no learning rate at all, are core's to check.
  const isGraph = typeof given === "function";
  const config = resolveConfig(
    definition,
    isGraph || given === undefined ? others : { ...others, learningRate: given },
  );
  const rule = ruleOf(definition, config.hyper);
  return {
    ...{ argument, definition, config, rule, slots: slotsOf(config, rule) },
    // What is left is no function.
    learningRate: isGraph
      ? given
      : (new LearningRate(argument("learningRate"), config.learningRate).source as GraphLearningRate),
    decays: excluder(argument, { names }, () => false), // it takes names only
  };
}

function missingParams(argument: Argument, kind: Kind): TypeError {
  const requirement = kind === "apply" ? "be given" : "be given with weightDecay or useEma";
  return argument.badKind(requirement, undefined, `Call ${kind}(gradients, state, params).`);
}

/** Throws unless the state has what these options keep. */
function checkKeys(facts: ProgramFacts, state: unknown): void {
  const { argument, slots } = facts;
  const names = [...scalarsInState(facts), ...slots.map(nameInState)];
  const given = typeof state === "object" && state !== null ? Object.keys(state) : [];
  if (names.length !== given.length || !names.every((name) => given.includes(name))) {
    const received = new Verbatim(given.join(", ") || "none");
    const remedy = "Pass what init() or the last call gave, of the same options.";
    throw argument("state").badValue(`have the keys ${names.join(", ")}`, received, remedy);
  }
}

type LeafLists = Readonly<Record<string, readonly GradientLeaf[]>>;

/** The inputs of a program: the state, whose keys were checked, and what else there is of leaves. */
function inputsOf(facts: ProgramFacts, state: State, model: Model, others: LeafLists): Arrays {
  const given = facts.argument("state");
  const ofSlots = facts.slots.map((slot) => {
    const name = nameInState(slot);
    return [slot, matchingLeaves(given.field(name), state[name], model)] as const;
  });
  const lists = Object.entries({ ...Object.fromEntries(ofSlots), ...others });
  const leaves = model.leaves.map((_, i) =>
    Object.fromEntries(lists.flatMap(([name, { [i]: leaf }]) => (leaf?.array ? [[name, leaf.array]] : []))),
  );
  const scalars = scalarsInState(facts).map((name) => {
    return [name, checkedScalar(given.field(name), state[name], name === "iteration" ? np.int32 : np.float32)];
  });
  const { iteration, learningRate, ...numbers } = Object.fromEntries(scalars);
  return { iteration, ...(learningRate && { learningRate }), numbers, leaves };
}

/** The names of the scalars of a state. */
function scalarsInState({ learningRate, definition }: ProgramFacts): string[] {
  const own = Object.keys(definition.state ?? {});
  return ["iteration", ...(typeof learningRate === "number" ? ["learningRate"] : []), ...own];
}
