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
import { stepRows } from "./step.js";

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

/** Uses up its inputs. */
export type Program = (inputs: Arrays) => Arrays;

/** The program for leaves of these paths. */
export function createProgram(facts: ProgramFacts, device: Device, kind: Kind, paths: readonly string[]): Program {
  const { config } = facts;
  const { every, frequency } = turnsOf(config);
  // Without decay and averages the variable enters only where the change is taken from it: zero gives the change itself.
  const wantsChange = kind === "update";
  const startsAtZero = wantsChange && config.weightDecay === null && !config.useEma;

  return (inputs) =>
    scoped((own) => {
      for (const array of tree.leaves(inputs)) own(array);
      const { iteration, learningRate, numbers } = inputs;
      const plansOf = (phase: Phase, without: Phase): Plan[] =>
        paths.map((path, i) => planOfLeaf(facts, path, inputs.leaves[i]?.gradient ? phase : without));
      const updating = plansOf("update", every > 1 ? "clear" : "rest");
      const gathering = every > 1 ? plansOf("gather", "rest") : [];
      // Nothing is less than the least int32: that is known only when the program runs.
      const op = arrayOps(own, device, own(np.less(iteration.ref, whole(LEAST_INT32))));
      const { scalars, state } = scalarsOfUpdate(facts, op, [...updating, ...gathering], inputs);
      const zero = startsAtZero ? op.constant(-0) : null;
      // The names of the leaf.
      const given = inputs.leaves.map(({ gradient, ...leaf }) => {
        const stored = gradient && { gradient: op.stored(gradient) };
        return { ...leaf, ...stored, variable: zero ?? leaf.variable } as NamedArrays;
      });
      const updated = stepLeaves(op, updating, given, scalars);
      const gathered = stepLeaves(op, gathering, given, scalars);
      const updates = own(isNth(iteration, every));
      const overwrites = frequency > 0 ? own(isNth(own(updatesBefore(iteration, every)), frequency)) : null;
      const after = given.map(({ gradient: _, ...before }, i) => {
        const leaf = mapArrays(before, (array, name) => {
          const moved = updated[i]?.[name] ?? array;
          return every > 1 ? op.select(updates, moved, gathered[i]?.[name] ?? array) : moved;
        });
        const { [AVERAGE]: average, variable } = leaf;
        if (overwrites && average && variable) leaf.variable = op.select(overwrites, average, variable);
        if (wantsChange && !startsAtZero)
          leaf.variable = op.sub(leaf.variable as np.Array, before.variable as np.Array); // each leaf has one
        const shape = Object.values(inputs.leaves[i] ?? {})[0]?.shape ?? [];
        return mapArrays(leaf, (array) => broadcast(array, shape));
      });
      return {
        iteration: nextCount(iteration, config),
        ...(learningRate && { learningRate: learningRate.ref }),
        numbers: mapArrays(numbers, (number, name) => op.select(updates, state[name] ?? number, number).ref),
        leaves: after,
      };
    });
}

function planOfLeaf({ config, rule, decays }: ProgramFacts, path: string, phase: Phase): Plan {
  return planOf(rule, {
    ...{ dtype: "float32", phase, accumulate: turnsOf(config).every > 1, unscale: config.lossScaleFactor !== null },
    ...{ clip: clipOf(config), decay: config.weightDecay !== null && decays(path, {}) },
    ...{ average: config.useEma, overwrite: false },
  });
}

/** What a step by these plans makes of each leaf. */
function stepLeaves(op: ArrayOps, plans: readonly Plan[], leaves: readonly NamedArrays[], scalars: NamedArrays) {
  const rows = plans.map((plan, i) => {
    return { plan, arrays: plan.arrays.map((name) => leaves[i]?.[name] as np.Array) }; // a plan lists what is there
  });
  return stepRows(op, rows, scalars);
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
