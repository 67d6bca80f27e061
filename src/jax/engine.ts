// Two engines for class RMSprop: one computes inside jax-js, one in the default engine's kernels.

import { type Device, defaultDevice, jit, numpy as np, tree } from "@jax-js/jax";
import { defaultEngine } from "../engine/default-engine.js";
import type {
  Engine,
  FiniteCheck,
  FloatArray,
  HostArray,
  HostReadable,
  LaterSquares,
  Row,
  ScalarsByType,
} from "../engine/engine.js";
import type { Plan } from "../rule/plan.js";
import { commonScalarNames } from "../rule/rows.js";
import { arrayFrom, arrayOps, broadcast } from "./ops/ops.js";
import { scoped } from "./ops/scope.js";
import { type ScaledRow, stepRows } from "./step.js";
import { isArray } from "./tree.js";
import { replaceArray, Variable } from "./variable.js";

/** What an engine of this face computes on: variables, gradients as they came, slots. */
export type Cell = Variable | HostArray | np.Array;

/** Where class RMSprop computes: `"jax"`, on jax-js' device, or `"core"`: arrays out, one step of core, arrays in. */
export type JaxEngineName = "jax" | "core";

/** An engine of this face. */
export interface JaxEngine extends Engine<Cell>, HostReadable<Cell>, FiniteCheck<Cell> {
  readonly kind: JaxEngineName;
  dispose(): void;
}

export const ENGINES: Readonly<Record<JaxEngineName, () => JaxEngine>> = {
  jax: createArrayEngine,
  core: createStagedEngine,
};

type Program = (scalars: np.Array, arrays: np.Array[][]) => np.Array[][];

/** Each kind of batch becomes one compiled program, to which scalars are an input. */
function createArrayEngine(): JaxEngine {
  const programs = new Map<string, Program & { dispose(): void }>();
  return {
    kind: "jax",
    get name() {
      return `jax-${defaultDevice()}`;
    },
    zeros: ({ shape }, name) => new Variable(np.zeros([...shape]), { name: name.replaceAll("/", "_") }),
    free: (cell) => variableOf(cell).dispose(),
    run({ rows, scalars, squares }) {
      const { groups, groupOf, normOf } = groupsOf(rows, scalars);
      const device = defaultDevice();
      const key = JSON.stringify([device, groupOf, normOf, ...rows.map(({ plan }) => plan.key)]);
      const plans = rows.map(({ plan }) => plan);
      const program = programs.get(key) ?? jit(createProgram(plans, { groupOf, normOf }, device));
      programs.set(key, program);
      // In this engine there is nothing else.
      const inputs = rows.map((row) => row.arrays.map((cell) => (cell as Variable | np.Array).ref));
      const outputs = called(program, np.array(scalarValues(groups)), inputs);
      rows.forEach(({ plan, arrays }, i) => {
        written(plan).forEach((at, j) => {
          const [cell, output] = [arrays[at], outputs[i]?.[j]];
          if (cell && output) replaceArray(variableOf(cell), output);
        });
      });
      const sums = outputs[rows.length] ?? [];
      if (sums.length > 0 && squares) squares.takeLater(laterSquares(sums));
      else for (const sum of sums) sum.dispose();
    },
    allFinite: ({ rows }) => rows.every(({ plan, arrays }) => isFiniteArray(arrays[plan.gradientAt])),
    read: (cell) => variableOf(cell).value,
    expose: (cell) => variableOf(cell).value,
    write: (cell, values) => writeTo(variableOf(cell), values),
    copy: (from, to) => replaceArray(variableOf(to), variableOf(from).ref),
    clone: (cell) => new Variable(variableOf(cell).ref, { name: "clone" }),
    dispose: () => {
      for (const program of programs.values()) program.dispose();
      programs.clear();
    },
  };
}

/** Variables and gradients are read out, stepped by core's kernels and put back; slots stay in core's memory. */
function createStagedEngine(): JaxEngine {
  const engine = defaultEngine();
  const outOf = (cell: Cell): HostArray => {
    if (isArray(cell)) return cell.ref.dataSync() as Float32Array; // gradients were checked
    return cell instanceof Variable ? cell.value : cell;
  };
  return {
    kind: "core",
    name: engine.name,
    // Variables come as arrays of their own, so that is what slots have to lie beside.
    zeros: ({ dtype, shape }, name) => engine.zeros({ dtype, shape, array: new Float32Array() }, name),
    free: (cell) => (cell instanceof Variable ? cell.dispose() : engine.free(outOf(cell))),
    run({ rows, scalars, squares }) {
      const staged = rows.map((row) => ({ ...row, arrays: row.arrays.map(outOf) }));
      const step = { rows: staged, scalars, squares };
      engine.run(step);
      engine.release?.(step);
      rows.forEach(({ plan, arrays }: Row<Cell>, i) => {
        for (const at of written(plan)) {
          const [cell, values] = [arrays[at], staged[i]?.arrays[at]];
          if (cell instanceof Variable && values) writeTo(cell, values as FloatArray); // as they were staged
        }
      });
    },
    allFinite: ({ rows, scalars }) => {
      const staged = rows.map((row) => ({ ...row, arrays: row.arrays.map(outOf) }));
      const step = { rows: staged, scalars };
      const areFinite = engine.allFinite(step);
      engine.release?.(step);
      return areFinite;
    },
    read: (cell) => engine.read(outOf(cell)),
    expose: (cell) => engine.read(outOf(cell)).slice(),
    write: (cell, values) => {
      if (cell instanceof Variable) writeTo(cell, values);
      else engine.write(outOf(cell), values);
    },
    copy: (from, to) => {
      if (to instanceof Variable) writeTo(to, engine.read(outOf(from)));
      else engine.copy(outOf(from), outOf(to));
    },
    clone: (cell) => (cell instanceof Variable ? new Variable(cell.ref, { name: "clone" }) : engine.clone(outOf(cell))),
    dispose: () => undefined,
  };
}

/** Sums that are kept until they are read or replaced. */
function laterSquares(sums: readonly np.Array[]): LaterSquares {
  return {
    read: () => sums.map((sum) => Number(sum.ref.item())),
    free: () => {
      for (const sum of sums) sum.dispose();
    },
  };
}

/** Whether all elements of a gradient are finite; of none, they are. */
function isFiniteArray(gradient: Cell | undefined): boolean {
  if (!isArray(gradient) || gradient.size === 0) return true;
  return np.all(np.isfinite(gradient.ref)).item() !== 0;
}

/** What a program gives; the references are given back when it cannot be compiled. */
function called(program: Program, ...inputs: Parameters<Program>): np.Array[][] {
  try {
    return program(...inputs);
  } catch (error) {
    tree.dispose(inputs);
    throw error;
  }
}

/** Every array but the gradient may be written. */
const written = (plan: Plan): number[] => plan.arrays.flatMap((_, at) => (at === plan.gradientAt ? [] : [at]));

/** Plans of rows that have the same scalars. */
interface Group {
  readonly scalars: ScalarsByType;
  readonly plans: Plan[];
}

/** Of each row of a step the place of its group, and of those that it shares a global norm with. */
interface Grouping {
  readonly groupOf: readonly number[];
  readonly normOf: readonly number[];
}

/** The groups of the rows of a step, one for each optimizer in it. */
function groupsOf(rows: readonly Row<Cell>[], ofStep: ScalarsByType): Grouping & { readonly groups: Group[] } {
  const groups = new Map<ScalarsByType, Group>();
  for (const { plan, scalars = ofStep } of rows) {
    const group = groups.get(scalars) ?? { scalars, plans: [] };
    groups.set(scalars, group);
    group.plans.push(plan);
  }
  const [order, norms] = [[...groups.keys()], [...new Set(rows.map(({ norm }) => norm))]];
  return {
    groups: [...groups.values()],
    groupOf: rows.map((row) => order.indexOf(row.scalars ?? ofStep)),
    normOf: rows.map(({ norm }) => norms.indexOf(norm)),
  };
}

/** The program of a batch; takes references, gives new arrays for everything that may be written, and the sums of squares last. */
function createProgram(plans: readonly Plan[], { groupOf, normOf }: Grouping, device: Device): Program {
  const plansIn = (group: number): Plan[] => plans.filter((_, i) => groupOf[i] === group);
  const names = [...new Set(groupOf)].map((group) => commonScalarNames(plansIn(group)));
  const norms = plans.map(() => ({}));
  return (scalars, inputs) =>
    scoped((own) => {
      for (const array of [scalars, ...inputs.flat()]) own(array);
      const scalarAt = (i: number) => own(scalars.ref.slice(i));
      const op = arrayOps(own, device, own(np.less(scalarAt(names.flat().length).ref, 0)));
      let next = 0;
      const common = names.map((list) => Object.fromEntries(list.map((name) => [name, scalarAt(next++)])));
      const rows = plans.map((plan, i): ScaledRow => {
        return { plan, arrays: inputs[i] ?? [], scalars: common[groupOf[i] ?? 0] ?? {}, norm: norms[normOf[i] ?? 0] };
      });
      const { outputs, sums } = stepRows(op, rows);
      const after = outputs.map((moved, i) => {
        const { plan, arrays } = rows[i] as ScaledRow; // an index of the list
        return written(plan).map((at) => {
          const before = arrays[at] as np.Array; // an index of the list
          return broadcast(moved[plan.arrays[at] ?? ""] ?? before, before.shape);
        });
      });
      return [...after, sums.map((sum) => sum.ref)];
    });
}

/** All scalars of each group, and a 1: see `never` of `arrayOps`. */
function scalarValues(groups: readonly Group[]): Float32Array {
  const values = groups.flatMap(({ plans, scalars }) =>
    commonScalarNames(plans).map((name) => scalars.float32.get(name)),
  );
  return Float32Array.of(...values, 1);
}

function writeTo(variable: Variable, values: ArrayLike<number>): void {
  replaceArray(variable, arrayFrom(values, variable.shape));
}

/** In the engine of jax-js everything is a variable: `zeros` makes nothing else. */
function variableOf(cell: Cell): Variable {
  return cell as Variable; // as said above
}
