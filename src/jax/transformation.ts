// An optimizer as pure functions over trees, in the shape of optax. Checks are here, the compiled program is in program.ts.

import { jit, type numpy as np, tree } from "@jax-js/jax";
import { Argument, type Arguments, argumentsOf } from "../check/argument.js";
import { resolveConfig } from "../core/config.js";
import { LearningRate } from "../core/learning-rate.js";
import { excluder } from "../core/weight-decay.js";
import type { BaseOptions } from "../optimizers/base-options.js";
import { type OptimizerDefinition, type Options, ruleOf, type Values } from "../optimizers/definition.js";
import { checkCompilable, type GraphLearningRate } from "./learning-rate.js";
import { deviceOf } from "./ops/numerics.js";
import { type Arrays, createProgram, type Kind, type Program, type ProgramFacts, slotsOf } from "./program.js";
import { checkKeys, initialState, inputsOf, nameInState, type State, stateAfter } from "./state.js";
import {
  checkMatch,
  type GradientTree,
  gradientLeavesOf,
  type Model,
  matchingLeaves,
  modelOf,
  rebuilt,
  reportMissing,
  type Tree,
} from "./tree.js";

/** What every optimizer takes as pure functions, beside the options of its own. */
export interface GraphOptions extends Omit<BaseOptions, "learningRate" | "skipNonFinite" | "trackNorm"> {
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
  /** Sums of gradients, under gradient accumulation; of Adagrad and Ftrl, which have this slot themselves, theirs. */
  accumulator?: P;
  /** Sums of gradients, under gradient accumulation, where `accumulator` is a slot. */
  gradientAccumulator?: P;
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

function createTransformation(definition: OptimizerDefinition, options: GraphOptions): Transformation {
  const facts = resolveFacts(definition, options);
  const { argument, config } = facts;
  const programs = new Map<string, Program>();
  const needsParams = config.weightDecay !== null || config.useEma;

  const stepOf =
    (kind: Kind) =>
    (gradients: GradientTree, state: State, params?: Tree): [Tree, State] => {
      if (params === undefined && (needsParams || kind === "apply")) throw missingParams(argument("params"), kind);
      checkKeys(facts, argument("state"), state);
      const given = gradientLeavesOf(argument("gradients"), gradients);
      reportMissing(argument("gradients"), given);
      const model = modelFor(facts, gradients, state, params);
      checkMatch(argument("gradients"), given, model);
      const variable = params === undefined ? [] : model.leaves;
      const inputs = inputsOf(facts, argument("state"), state, model, { gradient: given, variable });
      const device = deviceOf([...given.flatMap(({ array }) => array ?? []), inputs.iteration]);
      const paths = given.map(({ path }) => path);
      const key = JSON.stringify([device, kind, paths]);
      const part = { facts, paths, places: paths.map((_, i) => i) };
      const program = programs.get(key) ?? jit(createProgram([part], device, kind));
      programs.set(key, program);
      const [outputs] = program([inputs]) as [Arrays]; // of one part
      const treeOf = (name: string) => rebuilt(model, (_, i) => outputs.leaves[i]?.[name] as np.Array); // each leaf has all
      return [treeOf("variable"), stateAfter(facts, outputs, treeOf)];
    };

  const transformation = {
    init(params: Tree, learningRate?: np.Array) {
      const state = initialState(facts, modelOf(argument("params"), params), learningRate);
      tree.dispose(params);
      return state;
    },
    update: stepOf("update"),
    apply: stepOf("apply"),
    scaleLoss: (loss) => (config.lossScaleFactor === null ? loss : loss.mul(config.lossScaleFactor)),
  } as Transformation; // its types tell trees apart that are all trees here
  held.set(transformation, facts);
  return transformation;
}

const held = new WeakMap<object, ProgramFacts>();

/** What a transformation of this package was made of; null for anything else. */
export function heldFactsOf(value: unknown): ProgramFacts | null {
  return typeof value === "object" && value !== null ? (held.get(value) ?? null) : null;
}

/** The parameters after `updates`: `params + updates`, leaf by leaf. Uses up both. */
export function applyUpdates<P extends Tree>(params: P, updates: P): P {
  const model = modelOf(new Argument("applyUpdates", "params"), params);
  const changes = matchingLeaves(new Argument("applyUpdates", "updates"), updates, model);
  return rebuilt(model, ({ array }, i) => array.add(changes[i]?.array ?? 0)) as P; // which the model is
}

/** The tree whose structure and shapes all others must have. */
function modelFor(facts: ProgramFacts, gradients: unknown, state: State, params?: Tree): Model {
  const { argument, slots } = facts;
  const [slot] = slots;
  if (params !== undefined) return modelOf(argument("params"), params);
  if (slot === undefined) return modelOf(argument("gradients"), gradients);
  const name = nameInState(slot, slots);
  return modelOf(argument("state").field(name), state[name]);
}

function resolveFacts(definition: OptimizerDefinition, options: GraphOptions): ProgramFacts {
  const argument = argumentsOf(definition.className.toLowerCase());
  argument("options").keys(options, Object.keys({ ...options }));
  const { excludeFromWeightDecay: names = [], learningRate: given, ...others } = options;
  refuseCounted(argument, { ...others });
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

/** Throws for options of the classes, which count and keep numbers: pure functions have nowhere to. */
function refuseCounted(argument: Arguments, options: Readonly<Record<string, unknown>>): void {
  const remedies = {
    skipNonFinite: "Choose between the old and the new trees with np.where(), or use the class.",
    trackNorm: "Take the norm of the gradients beside the step, or use the class.",
  };
  for (const [name, remedy] of Object.entries(remedies)) {
    const received = options[name];
    if (received !== undefined && received !== false)
      throw argument(name).badKind("be left out of pure functions", received, remedy);
  }
}

/** What is said where the parameters are missing. */
export function missingParams(argument: Argument, kind: Kind): TypeError {
  const requirement = kind === "apply" ? "be given" : "be given with weightDecay or useEma";
  return argument.badKind(requirement, undefined, `Call ${kind}(gradients, state, params).`);
}
