// The state of an optimizer in a legacy file: its arrays by their names, which say the kind of slot in three ways.
import type { StateVariable } from "../../core/state/state.js";
import { LossScaleOptimizer } from "../../plain/loss-scale.js";
import type { Hdf5File } from "../hdf5/read.js";
import { namesIn, OPTIMIZER } from "../layout/legacy-attributes.js";
import { isLearningRate, listOf, type StateLayout } from "./state-layout.js";

/** Kinds of slots by the names that Keras has had for them. */
const KINDS: Readonly<Record<string, string>> = {
  ...{ rms: "velocity", v: "velocity", velocity: "velocity", accumulator: "velocity" },
  ...{ m: "momentum", momentum: "momentum", moment: "momentum" },
  ...{ mg: "average_gradient", average_gradient: "average_gradient" },
  ...{ vhat: "velocity_hat", velocity_hat: "velocity_hat" },
  ...{ average: "average", gradient_accumulator: "gradient_accumulator" },
};
/** Slots that have no names: those of an optimizer that has one kind of them. */
const NAMELESS = "Variable";
const COUNTERS: Readonly<Record<string, string>> = {
  ...{ iter: "iteration", iteration: "iteration", iterations: "iteration" },
  ...{ learning_rate: "learning_rate", step_counter: "step_counter", dynamic_scale: "dynamic_scale" },
};

/** The state in such a file. Slots of one kind are in the order of the trained weights. */
export function legacyState(file: Hdf5File): StateLayout {
  const names = namesIn(file, OPTIMIZER, "weight_names");
  const byKind = new Map<string, string[]>();
  for (const name of names) {
    const kind = kindOf(name);
    const paths = byKind.get(kind) ?? [];
    paths.push(`${OPTIMIZER}/${name}`);
    byKind.set(kind, paths);
  }
  return {
    paths: names.map((name) => `${OPTIMIZER}/${name}`),
    isScaled: byKind.has("dynamic_scale"),
    name: null,
    note:
      [
        ...(names.some(isBefore211) && byKind.has("velocity") ? [NOTE] : []),
        ...(byKind.has("iteration") ? [] : [UNCOUNTED]),
      ].join(" ") || null,
    placesFor(optimizer) {
      const left = new Map([...byKind].map(([kind, paths]) => [kind, paths.values()]));
      // Keras 2 saves the inner optimizer of a loss scale alone.
      const isBare = optimizer instanceof LossScaleOptimizer && !byKind.has("dynamic_scale");
      const own = listOf(isBare ? optimizer.innerOptimizer : optimizer);
      const isOnly = new Set(own.flatMap(({ slot }) => slot ?? [])).size === 1;
      return own.flatMap((variable) => {
        const kind = variable.slot === null ? variable.name : isOnly && byKind.has(NAMELESS) ? NAMELESS : variable.slot;
        // Keras 2 keeps the learning rate in the config, and Keras 2.2 has no count of the steps of RMSprop.
        if ((isLearningRate(variable) || kind === "iteration") && !left.has(kind)) return [];
        return [[left.get(kind)?.next().value ?? missing(variable), variable] as const];
      });
    },
  };
}

/** Before Keras 2.11 the kind of slot is last in a name, or there is none. */
const isBefore211 = (name: string): boolean =>
  /\/((rms|mg|m|v|vhat|momentum)|(m|v|vhat|moment|accumulator|Variable)(_\d+)*):\d+$/.test(name);

const NOTE =
  "The state is that of an optimizer before Keras 2.11, which adds epsilon in another place: steps from here on are those of Keras 3.";

const UNCOUNTED = "How many steps there were is not in the file: they are counted from 0.";

const missing = ({ name }: StateVariable): string => `${OPTIMIZER}/(none for ${name})`;

/** `"RMSprop/dense/kernel/rms:0"`, `"RMSprop/velocity/dense/kernel:0"` and `"rmsprop/dense_kernel_velocity"` are of one kind. */
function kindOf(name: string): string {
  const segments = name.replace(/:\d+$/, "").split("/");
  const last = segments.at(-1) ?? "";
  if (Object.hasOwn(COUNTERS, last)) return COUNTERS[last] ?? last;
  // Keras before it was TensorFlow's counts slots, with names or without.
  const [, counted] = /^(m|v|vhat|moment|accumulator)_\d+(?:_\d+)?$/.exec(last) ?? [];
  if (counted !== undefined) return KINDS[counted] ?? counted;
  if (/^Variable(_\d+)?$/.test(last)) return NAMELESS;
  const kind = [last, ...segments.slice(0, 3)].find((segment) => Object.hasOwn(KINDS, segment));
  if (kind !== undefined) return KINDS[kind] ?? kind;
  const [, end] = /_(velocity_hat|average_gradient|gradient_accumulator|velocity|momentum|average)$/.exec(last) ?? [];
  return end ?? `unknown ${name}`;
}
