// The program of one step over all leaves: what `jit` compiles. Whatever depends on a counter is computed both ways and
// chosen from, so that one program serves for every step.

import { type Device, numpy as np, tree } from "@jax-js/jax";
import type { Arguments } from "../check/argument.js";
import { type Config, clipOf } from "../core/config.js";
import type { OptimizerDefinition } from "../optimizers/definition.js";
import { ACCUMULATOR, AVERAGE, type Phase, type Plan, planOf } from "../rule/plan.js";
import { commonScalarNames } from "../rule/rows.js";
import type { Rule } from "../rule/rule.js";
import { refreshScalars, type ScalarValues, scalarsOf } from "../rule/scalars.js";
import { type GraphLearningRate, scheduledRate } from "./learning-rate.js";
import { type ArrayOps, arrayOps, broadcast, whole } from "./ops/ops.js";
import { scoped } from "./ops/scope.js";
import { type ScaledRow, stepRows } from "./step.js";

/** What a program depends on besides the leaves. */
export interface ProgramFacts {
  /** Who speaks in messages. */
  readonly argument: Arguments;
  readonly definition: OptimizerDefinition;
  readonly config: Config;
  readonly learningRate: GraphLearningRate;
  readonly rule: Rule;
  readonly slots: readonly string[];
  /** Whether the leaf of a path decays. */
  readonly decays: (path: string, key: object) => boolean;
  /** Those with the same one share a global norm; without, it has one of its own. */
  readonly norm?: object | undefined;
}

/** Arrays by name. */
type NamedArrays = Record<string, np.Array>;

/** Inputs and outputs of a program. */
export type Arrays = {
  iteration: np.Array;
  learningRate?: np.Array;
  /** The numbers of the whole optimizer. */
  numbers: NamedArrays;
  /** What there is of each leaf: "variable", "gradient" and its slots. */
  leaves: NamedArrays[];
};

/** The slots of a leaf, as the rule calls them. */
export function slotsOf(config: Config, rule: Rule): string[] {
  const { every } = turnsOf(config);
  return [...rule.slots, ...(every > 1 ? [ACCUMULATOR] : []), ...(config.useEma ? [AVERAGE] : [])];
}

/** What a program gives: new variables, or in their place the changes that lead to them. */
export type Kind = "apply" | "update";

/** An optimizer in a program and the leaves that it trains, by their paths and by their places among all of them. */
export interface ProgramPart {
  readonly facts: ProgramFacts;
  readonly paths: readonly string[];
  readonly places: readonly number[];
}

/** From the inputs of each part to its outputs; uses up its inputs. */
export type Program = (inputs: Arrays[]) => Arrays[];

/** The program of these parts. A norm of all gradients is that of all parts. */
export function createProgram(parts: readonly ProgramPart[], device: Device, kind: Kind): Program {
  return (inputs) =>
    scoped((own) => {
      for (const array of tree.leaves(inputs)) own(array);
      const [{ iteration }] = inputs as [Arrays]; // there is one part at least
      // Nothing is less than the least int32: that is known only when the program runs.
      const op = arrayOps(own, device, own(np.less(iteration.ref, whole(LEAST_INT32))));
      const begun = parts.map((part, i) => beginPart(op, part, kind, inputs[i] as Arrays, parts.length > 1)); // one each
      const updated = stepAll(
        op,
        begun.flatMap(({ updating }) => updating),
      );
      const gathered = stepAll(
        op,
        begun.flatMap(({ gathering }) => gathering),
      );
      return begun.map((part) => finishPart(op, part, updated, gathered));
    });
}

/** A row of a program, by the place of its leaf. */
interface LeafRow extends ScaledRow {
  readonly place: number;
}

type Outputs = Readonly<Record<string, np.Array>>;

/** What all these rows become; sums over several are added in the order of the leaves. */
function stepAll(op: ArrayOps, rows: readonly LeafRow[]): (row: LeafRow | undefined) => Outputs {
  const ordered = [...rows].sort((a, b) => a.place - b.place);
  const { outputs } = stepRows(op, ordered);
  const byRow = new Map(ordered.map((row, i) => [row, outputs[i] ?? {}]));
  return (row) => (row && byRow.get(row)) ?? {};
}

/** A part whose rows are known. */
interface Begun {
  readonly facts: ProgramFacts;
  readonly kind: Kind;
  readonly inputs: Arrays;
  readonly given: readonly NamedArrays[];
  readonly updating: readonly LeafRow[];
  readonly gathering: readonly LeafRow[];
  /** The numbers of the whole optimizer after an update. */
  readonly state: NamedArrays;
  /** Whether this call is an update. */
  readonly updates: np.Array;
}

/** Without decay and averages a variable enters only where its change is taken from it: zero gives the change itself. */
const startsAtZero = (kind: Kind, { weightDecay, useEma }: Config): boolean =>
  kind === "update" && weightDecay === null && !useEma;

function beginPart(op: ArrayOps, part: ProgramPart, kind: Kind, inputs: Arrays, hasOthers: boolean): Begun {
  const { facts, paths, places } = part;
  const { every } = turnsOf(facts.config);
  const plansOf = (phase: Phase, without: Phase): Plan[] =>
    paths.map((path, i) => planOfLeaf(facts, path, inputs.leaves[i]?.gradient ? phase : without));
  const plans = {
    updating: plansOf("update", every > 1 ? "clear" : "rest"),
    gathering: every > 1 ? plansOf("gather", "rest") : [],
  };
  const { scalars, state } = scalarsOfUpdate(facts, op, [...plans.updating, ...plans.gathering], inputs);
  const zero = startsAtZero(kind, facts.config) ? op.constant(-0) : null;
  const given = inputs.leaves.map(({ gradient, ...leaf }) => {
    const stored = gradient && { gradient: op.stored(gradient) };
    return { ...leaf, ...stored, variable: zero ?? leaf.variable } as NamedArrays; // the names of the leaf
  });
  const updates = op.own(isNth(inputs.iteration, every));
  const rowsOf = (list: readonly Plan[], counts?: np.Array): LeafRow[] =>
    list.map((plan, i) => {
      const arrays = plan.arrays.map((name) => given[i]?.[name] as np.Array); // a plan lists what is there
      return { plan, arrays, scalars, counts, norm: facts.norm ?? facts, place: places[i] ?? 0 };
    });
  return {
    ...{ facts, kind, inputs, given, state, updates },
    // Where parts take turns of different lengths, a norm is that of those whose turn it is.
    updating: rowsOf(plans.updating, every > 1 && hasOthers ? updates : undefined),
    gathering: rowsOf(plans.gathering),
  };
}

type OutputsOf = (row: LeafRow | undefined) => Outputs;

function finishPart(op: ArrayOps, part: Begun, updated: OutputsOf, gathered: OutputsOf): Arrays {
  const { facts, kind, inputs, given, state, updates } = part;
  const { iteration, learningRate, numbers } = inputs;
  const { every, frequency } = turnsOf(facts.config);
  const overwrites = frequency > 0 ? op.own(isNth(op.own(updatesBefore(iteration, every)), frequency)) : null;
  const wantsChange = kind === "update" && !startsAtZero(kind, facts.config);
  const leaves = given.map(({ gradient: _, ...before }, i) => {
    const [moved, kept] = [updated(part.updating[i]), gathered(part.gathering[i])];
    const leaf = mapArrays(before, (array, name) => {
      const after = moved[name] ?? array;
      return every > 1 ? op.select(updates, after, kept[name] ?? array) : after;
    });
    const { [AVERAGE]: average, variable } = leaf;
    if (overwrites && average && variable) leaf.variable = op.select(overwrites, average, variable);
    if (wantsChange) leaf.variable = op.sub(leaf.variable as np.Array, before.variable as np.Array); // each leaf has one
    const shape = Object.values(inputs.leaves[i] ?? {})[0]?.shape ?? [];
    return mapArrays(leaf, (array) => broadcast(array, shape));
  });
  return {
    iteration: nextCount(iteration, facts.config),
    ...(learningRate && { learningRate: learningRate.ref }),
    numbers: mapArrays(numbers, (number, name) => op.select(updates, state[name] ?? number, number).ref),
    leaves,
  };
}

function planOfLeaf({ config, rule, decays }: ProgramFacts, path: string, phase: Phase): Plan {
  return planOf(rule, {
    ...{ dtype: "float32", phase, accumulate: turnsOf(config).every > 1, unscale: config.lossScaleFactor !== null },
    ...{ clip: clipOf(config), norm: false, decay: config.weightDecay !== null && decays(path, {}) },
    ...{ average: config.useEma, overwrite: false },
  });
}

/** The scalars that plans need in an update, and the numbers of the whole optimizer after it. */
function scalarsOfUpdate(facts: ProgramFacts, op: ArrayOps, plans: readonly Plan[], inputs: Arrays) {
  const { argument, definition, config } = facts;
  const { iteration, learningRate: given, numbers: state } = inputs;
  const { every } = turnsOf(config);
  const learningRate = given ?? scheduledRate(argument("learningRate"), op, facts.learningRate, iteration);
  const isFirst = op.own(np.less(iteration.ref, whole(every)));
  // The momentum of the average is another one until the first update is done: both are there.
  const [before, later] = [fixedScalars(facts, 0), fixedScalars(facts, 1)];
  const fixed = commonScalarNames(plans).map((name) => {
    const [a, b] = [before.get(name), later.get(name)];
    return [name, Object.is(a, b) ? op.constant(b) : op.select(isFirst, op.constant(a), op.constant(b))];
  });
  const scalars = { ...Object.fromEntries(fixed), learningRate };
  if (!definition.perStep) return { scalars, state };
  const update = op.own(updatesBefore(iteration, every).add(whole(1)).astype(np.float32));
  const moved = definition.perStep(op, config.hyper, { learningRate, update, state });
  return { scalars: { ...scalars, ...moved.scalars }, state: moved.state ?? state };
}

/** The scalars that do not depend on the call, after so many updates. */
function fixedScalars({ definition, config, rule }: ProgramFacts, updates: number): ScalarValues {
  const values = scalarsOf("float32", config, definition.constants?.(config.hyper) ?? {}, rule.scalars);
  refreshScalars(values, config, 0, updates);
  values.set("lossScale", config.lossScaleFactor ?? 1);
  return values;
}

const LEAST_INT32 = -(2 ** 31);
const GREATEST_INT32 = 2 ** 31 - 1;

/** How many calls an update takes, and how many updates until averages overwrite the variables: 0 if they never do. */
function turnsOf({ gradientAccumulationSteps, useEma, emaOverwriteFrequency }: Config) {
  return { every: gradientAccumulationSteps || 1, frequency: (useEma && emaOverwriteFrequency) || 0 };
}

/**
 * The count after one more call. An int32 ends at 2^31 - 1: from there the last counts come again and again, as many as
 * accumulation and overwriting need to go on in their turns.
 */
function nextCount(iteration: np.Array, config: Config): np.Array {
  const { every, frequency } = turnsOf(config);
  const turn = every * (frequency || 1);
  const isLast = np.equal(iteration.ref, whole(GREATEST_INT32));
  return iteration.ref.add(np.where(isLast, whole(1 - Math.min(turn, GREATEST_INT32)), whole(1)));
}

/** Whether the call after `count` others is one of every n-th. */
const isNth = (count: np.Array, n: number): np.Array => np.equal(count.ref.add(whole(1)).mod(whole(n)), whole(0));

const updatesBefore = (iteration: np.Array, every: number): np.Array => np.floorDivide(iteration.ref, whole(every));

function mapArrays(arrays: NamedArrays, fn: (array: np.Array, name: string) => np.Array): NamedArrays {
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, fn(array, name)]));
}
