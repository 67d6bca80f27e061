// The state of an optimizer in a legacy file: its arrays by their names, which say the kind of slot in three ways.
import type { Hdf5File } from "../hdf5/read.js";
import { namesIn, OPTIMIZER } from "../layout/legacy-attributes.js";
import { isLearningRate, isOfWhole, type StateKind, type StateLayout } from "./state-layout.js";

/** The names that Keras has had for a kind of slot; one of one optimizer may be another kind's of another. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  velocity: ["velocity", "v", "rms", "accumulator"],
  momentum: ["momentum", "m", "moment"],
  average_gradient: ["average_gradient", "mg"],
  velocity_hat: ["velocity_hat", "vhat"],
  accumulator: ["accumulator"],
  accumulated_grad: ["accumulated_grad", "accum_grad"],
  accumulated_delta_var: ["accumulated_delta_var", "accum_var"],
  norm: ["norm", "u", "v"],
  linear: ["linear"],
  average: ["average"],
  gradient_accumulator: ["gradient_accumulator"],
};
const KINDS = new Set(Object.values(NAMES).flat());
/** A number of the whole optimizer, which Keras 3 gives no name of its own. */
const UNNAMED = "variable";
/** Slots that have no names: those of an optimizer that has one kind of them. */
const NAMELESS = "Variable";
const COUNTERS: Readonly<Record<string, string>> = {
  ...{ iter: "iteration", iteration: "iteration", iterations: "iteration" },
  ...{ learning_rate: "learning_rate", step_counter: "step_counter", dynamic_scale: "dynamic_scale" },
};

/** The state in such a file. Slots of one kind are in the order of the trained weights. */
export function legacyState(file: Hdf5File): StateLayout {
  const names = namesIn(file, OPTIMIZER, "weight_names");
  const isSince211 = names.some((name) => /(^|\/)iteration:\d+$/.test(name));
  const isOfKeras2 = names.every(isCounted);
  const byKind = new Map<string, string[]>();
  for (const name of names) {
    const kind = kindOf(name, isSince211) ?? `unknown ${name}`;
    const paths = byKind.get(kind) ?? [];
    paths.push(`${OPTIMIZER}/${name}`);
    byKind.set(kind, paths);
  }
  const notes = [
    ...(isOfKeras2 && !isSince211 && names.some(isOfRmsprop) ? [NOTE] : []),
    ...(byKind.has("iteration") ? [] : [UNCOUNTED]),
  ];
  return {
    paths: names.map((name) => `${OPTIMIZER}/${name}`),
    isOfKeras2,
    isScaled: byKind.has("dynamic_scale"),
    name: null,
    note: notes.join(" ") || null,
    placesFor({ all, inner }) {
      const left = new Map([...byKind].map(([kind, paths]) => [kind, paths.values()]));
      // Keras 2 saves the inner optimizer of a loss scale alone.
      const own = inner !== null && !byKind.has("dynamic_scale") ? inner : all;
      const isOnly = new Set(own.flatMap(({ slot }) => slot ?? [])).size === 1;
      return own.flatMap((variable) => {
        const kind = namesFor(variable, isOnly).find((each) => left.has(each)) ?? "";
        // Keras 2 keeps the learning rate in the config, and Keras 2.2 has no count of the steps of RMSprop.
        if (kind === "" && variable.slot === null && mayBeLeftOut(variable)) return [];
        return [[left.get(kind)?.next().value ?? missing(variable), variable] as const];
      });
    },
  };
}

/** The kinds under which a variable may be there. */
function namesFor(variable: StateKind, isOnlyKind: boolean): readonly string[] {
  const { slot, name } = variable;
  if (slot === null) return [isOfWhole(variable) ? UNNAMED : name];
  return [...(isOnlyKind ? [NAMELESS] : []), ...(NAMES[slot] ?? [])];
}

const mayBeLeftOut = (counter: StateKind): boolean =>
  isLearningRate(counter) || counter.name === "iteration" || isOfWhole(counter);

const NOTE =
  "The state is that of an optimizer before Keras 2.11, which adds epsilon in another place: steps from here on are those of Keras 3.";

const isOfRmsprop = (name: string): boolean => /(^|\/)rms_?prop(_\d+)?\/|\/rms:\d+$/i.test(name);

const UNCOUNTED = "How many steps there were is not in the file: they are counted from 0.";

const missing = ({ name }: StateKind): string => `${OPTIMIZER}/(none for ${name})`;

/** Keras 2 ends the name of each variable with a number, and Keras 3 does not. */
const isCounted = (name: string): boolean => /:\d+$/.test(name);

/**
 * The kind of slot, which a name of Keras 3 has at its end (`"rmsprop/dense_kernel_velocity"`), one since Keras 2.11 before the
 * weight's (`"RMSprop/velocity/dense/kernel:0"`), and an older one as its last segment (`"RMSprop/dense/kernel/rms:0"`). Weights,
 * too, can be named as kinds are.
 */
function kindOf(name: string, isSince211: boolean): string | undefined {
  const segments = name.replace(/:\d+$/, "").split("/");
  const last = segments.at(-1) ?? "";
  const counter = Object.hasOwn(COUNTERS, last) ? COUNTERS[last] : undefined;
  if (!isCounted(name)) return counter ?? KIND_AT_END.exec(last)?.[1] ?? /^(variable)(_\d+)?$/.exec(last)?.[1];
  if (!isSince211) return counter ?? lastKind(last);
  return segments.slice(0, -1).find((segment) => KINDS.has(segment)) ?? counter;
}

const KIND_AT_END = new RegExp(`_(${Object.keys(NAMES).join("|")})$`);

/** Keras before it was TensorFlow's counts slots, with names or without. */
function lastKind(segment: string): string | undefined {
  if (/^Variable(_\d+)?$/.test(segment)) return NAMELESS;
  const kind = segment.replace(/^(m|v|vhat|moment|accumulator)_\d+(_\d+)?$/, "$1");
  return KINDS.has(kind) ? kind : undefined;
}
