// The program of one step over all leaves: what `jit` compiles. Whatever depends on a counter is computed both ways and
// chosen from, so that one program serves for every step.
import { numpy as np } from "@jax-js/jax";
import { type Config, clipOf } from "../core/config.js";
import type { Moved, OptimizerDefinition } from "../optimizers/definition.js";
import { ACCUMULATOR, AVERAGE, type Phase, type Plan, planOf } from "../rule/plan.js";
import type { Rule } from "../rule/rule.js";
import { refreshScalars, scalarsOf } from "../rule/scalars.js";
import { type GraphLearningRate, scheduledRate } from "./learning-rate.js";
import type { Numerics } from "./ops/numerics.js";
import { arrayOps } from "./ops/ops.js";
import { scalarOps } from "./ops/scalar-ops.js";
import { type Scope, scoped } from "./ops/scope.js";
import { type ArrayRow, type Context, stepRows } from "./step.js";

/** What a program depends on besides the leaves. */
export interface ProgramFacts {
  /** Who speaks in messages. */
  readonly owner: string;
  readonly definition: OptimizerDefinition;
  readonly config: Config;
  readonly learningRate: GraphLearningRate;
  readonly rule: Rule;
  /** Whether the leaf of a path decays. */
  readonly decays: (path: string, key: object) => boolean;
}

/**
 * Inputs and outputs of a program: counters, and one array a leaf under "variable" and each slot, and under "gradient" for
 * the leaves that have one.
 */
export type Arrays = {
  iteration: np.Array;
  learningRate?: np.Array;
  /** The numbers of the whole optimizer. */
  numbers: Record<string, np.Array>;
  leaves: Record<string, np.Array[]>;
};

const STATE_NAMES: Readonly<Record<string, string>> = { [ACCUMULATOR]: "accumulator", [AVERAGE]: "average" };

/** A slot as the rule calls it, and as the state does. */
export interface StateSlot {
  readonly slot: string;
  readonly name: string;
}

/** The slots of a run. */
export function slotsOf({ config, rule }: ProgramFacts): StateSlot[] {
  const slots = [
    ...rule.slots,
    ...((config.gradientAccumulationSteps ?? 0) > 1 ? [ACCUMULATOR] : []),
    ...(config.useEma ? [AVERAGE] : []),
  ];
  return slots.map((slot) => ({ slot, name: STATE_NAMES[slot] ?? slot }));
}

/** A leaf of the parameters, and whether it has a gradient in this call. */
export interface ProgramLeaf {
  readonly path: string;
  readonly hasGradient: boolean;
}

/** The program as a function that uses up its inputs. `update` gives changes in the place of variables. */
export function createProgram(
  facts: ProgramFacts,
  numerics: Numerics,
  kind: "update" | "apply",
  paths: readonly ProgramLeaf[],
): (inputs: Arrays) => Arrays {
  const { owner, config, rule, decays } = facts;
  const slots = slotsOf(facts).map(({ slot }) => slot);
  const every = config.gradientAccumulationSteps || 1;
  const plansOf = (phase: Phase, without: Phase): Plan[] =>
    paths.map(({ path, hasGradient }) =>
      planOf(rule, {
        ...{ dtype: "float32", phase: hasGradient ? phase : without, accumulate: every > 1 },
        ...{ unscale: hasGradient && config.lossScaleFactor !== null },
        ...{ clip: clipOf(config), decay: config.weightDecay !== null && decays(path, {}) },
        ...{ average: config.useEma, overwrite: false },
      }),
    );
  const updating = plansOf("update", every > 1 ? "clear" : "rest");
  const gathering = plansOf("gather", "rest");
  // Where each leaf's gradient stands among those that there are.
  const gradientAt = paths.map((_, i) => paths.slice(0, i).filter(({ hasGradient }) => hasGradient).length);
  // Without decay and averages the variable enters only where the change is taken from it: zero gives the change itself.
  const wantsChange = kind === "update";
  const isPlain = config.weightDecay === null && !config.useEma;

  return ({ iteration, learningRate, numbers, leaves: given }) =>
    scoped((scope) => {
      const all = [iteration, learningRate, ...Object.values(numbers), ...Object.values(given).flat()];
      for (const array of all) if (array) scope.own(array);
      // Nothing is less than the least int32: that is known only when the program runs.
      const op = arrayOps(scope, numerics, scope.own(np.less(iteration.ref, whole(LEAST_INT32))));
      const rate =
        learningRate ?? // with a number there always is one
        scheduledRate(owner, scope, numerics, op, facts.learningRate as Exclude<GraphLearningRate, number>, iteration);
      const { scalars, state } = scalarsOfUpdate(facts, scope, numerics, op, { iteration, rate, numbers });
      const context: Context = { scope, numerics, op, scalars };
      const zero = wantsChange && isPlain ? op.constant(-0) : null;
      const arraysAt = (i: number): Record<string, np.Array> =>
        Object.fromEntries(
          ["variable", "gradient", ...slots].map((name) => {
            const leaf =
              name === "variable" && zero ? zero : given[name]?.[name === "gradient" ? (gradientAt[i] ?? 0) : i];
            return [name, leaf as np.Array]; // of a leaf without a gradient, nobody asks for it
          }),
        );
      const rowsOf = (plans: readonly Plan[]): ArrayRow[] => plans.map((plan, i) => ({ plan, arrays: arraysAt(i) }));
      const stepped = stepRows(context, rowsOf(updating));
      const waited = every > 1 ? stepRows(context, rowsOf(gathering)) : [];
      const updates = scope.own(isNth(iteration.ref, every));
      const overwrites = overwriteMask(config, iteration, every);
      if (overwrites) scope.own(overwrites);
      const leaves = paths.map((_, i) => {
        const old = arraysAt(i);
        const chosen = (name: string): np.Array => {
          const now = stepped[i]?.[name] ?? old[name];
          return every > 1
            ? op.select(updates, now as np.Array, waited[i]?.[name] ?? (old[name] as np.Array))
            : (now as np.Array);
        };
        const after = Object.fromEntries(["variable", ...slots].map((name) => [name, chosen(name)]));
        const average = after[AVERAGE];
        if (overwrites && average) after.variable = op.select(overwrites, average, after.variable as np.Array);
        if (wantsChange && !isPlain) after.variable = op.sub(after.variable as np.Array, old.variable as np.Array);
        const shape = shapeAt(given, i, gradientAt[i] ?? 0);
        return Object.fromEntries(Object.entries(after).map(([name, array]) => [name, broadcast(array, shape)]));
      });
      const lists = ["variable", ...slots].map((name) => [name, leaves.map((leaf) => leaf[name] as np.Array)]);
      const counters = {
        iteration: nextCount(iteration, config, every),
        ...(learningRate && { learningRate: learningRate.ref }),
      };
      const after = Object.entries(numbers).map(([name, number]) => {
        return [name, op.select(updates, state[name] ?? number, number).ref];
      });
      return { ...counters, numbers: Object.fromEntries(after), leaves: Object.fromEntries(lists) };
    });
}

/** All scalars of an update by name, and the numbers of the whole optimizer after it. */
function scalarsOfUpdate(
  facts: ProgramFacts,
  scope: Scope,
  numerics: Numerics,
  op: Context["op"],
  now: { readonly iteration: np.Array; readonly rate: np.Array; readonly numbers: Arrays["numbers"] },
): Moved<np.Array> & { readonly state: Arrays["numbers"] } {
  const { definition, config } = facts;
  const every = config.gradientAccumulationSteps || 1;
  const fixed = scalarArrays(facts, op, now.rate, scope.own(isFirst(now.iteration, every)));
  if (!definition.perStep) return { scalars: fixed, state: now.numbers };
  const count = np.floorDivide(now.iteration.ref, whole(every)).add(whole(1));
  const update = scope.own(count.astype(np.float32));
  const { scalars, state = now.numbers } = definition.perStep(scalarOps(scope, numerics, op), config.hyper, {
    ...{ learningRate: now.rate, update, state: now.numbers },
  });
  return { scalars: { ...fixed, ...scalars }, state };
}

/** All scalars by name. The momentum of the average is another one until the first update is done: both are there. */
function scalarArrays(
  { definition, config, rule }: ProgramFacts,
  op: Context["op"],
  learningRate: np.Array,
  first: np.Array,
): Record<string, np.Array> {
  const at = (iterations: number) => {
    const values = scalarsOf("float32", config, definition.constants?.(config.hyper) ?? {}, rule.scalars);
    refreshScalars(values, config, 0, iterations);
    values.set("lossScale", config.lossScaleFactor ?? 1);
    return values;
  };
  const [before, later] = [at(0), at(1)];
  const names = [...rule.scalars, "lossScale", "accumulationSteps", "clipnorm", "clipvalue", "minusClipvalue"];
  const others = ["globalClipnorm", "inverseGlobalClipnorm", "weightDecay", "emaMomentum", "oneMinusEmaMomentum"];
  const entries = [...names, ...others].map((name) => {
    const [a, b] = [before.get(name), later.get(name)];
    return [name, Object.is(a, b) ? op.constant(b) : op.select(first, op.constant(a), op.constant(b))] as const;
  });
  return { ...Object.fromEntries(entries), learningRate };
}

/** The shape of a leaf, of whatever there is of it. */
function shapeAt({ gradient, ...others }: Arrays["leaves"], i: number, gradientAt: number): readonly number[] {
  const arrays = Object.values(others).flatMap((leaves) => leaves[i] ?? []);
  return (arrays[0] ?? gradient?.[gradientAt])?.shape ?? [];
}

const LEAST_INT32 = -(2 ** 31);
const GREATEST_INT32 = 2 ** 31 - 1;

/**
 * The count after one more call. An int32 ends at 2^31 - 1: from there the last counts come again and again, as many as
 * accumulation and overwriting need to go on in their turns.
 */
function nextCount(iteration: np.Array, { useEma, emaOverwriteFrequency }: Config, every: number): np.Array {
  const turn = every * ((useEma && emaOverwriteFrequency) || 1);
  const isLast = np.equal(iteration.ref, whole(GREATEST_INT32));
  return iteration.ref.add(np.where(isLast, whole(1 - Math.min(turn, GREATEST_INT32)), whole(1)));
}

/** Whether no update was made before. */
function isFirst(iteration: np.Array, every: number): np.Array {
  return np.less(iteration.ref, whole(every));
}

/** Whether the call after `count` others is one of every n-th. */
function isNth(count: np.Array, n: number): np.Array {
  return np.equal(count.add(whole(1)).mod(whole(n)), whole(0));
}

function overwriteMask(config: Config, iteration: np.Array, every: number): np.Array | null {
  const { useEma, emaOverwriteFrequency: frequency } = config;
  if (!useEma || !frequency) return null;
  return isNth(np.floorDivide(iteration.ref, whole(every)), frequency);
}

/** As the counters are: under vmap, a plain number would turn them into floats. */
function whole(value: number): np.Array {
  return np.array(value, { dtype: np.int32 });
}

/** A reference to an array of this shape: a constant stands for every element. */
function broadcast(array: np.Array, shape: readonly number[]): np.Array {
  return array.ndim === shape.length ? array.ref : np.broadcastTo(array.ref, [...shape]);
}
