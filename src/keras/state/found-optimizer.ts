// keras/state/: the optimizer of a file, and where its state lies.
//
// Which optimizer a file holds the state of, whether that is the one that takes it, and where there is none, why. How its state is
// taken is in state-layout.ts.
import { Argument } from "../../check/argument.js";
import { isError, reasonOf } from "../../check/built-ins.js";
import { StateMismatchError } from "../../check/errors.js";
import type { CustomObjects, KerasConfig, SerializedObject } from "../../core/serialization.js";
import { LossScaleOptimizer } from "../../plain/loss-scale.js";
import { MultiOptimizer } from "../../plain/multi/optimizer.js";
import { type AnyOptimizer, get } from "../../plain/registry.js";
import { hostRunOf } from "../../plain/run.js";
import type { Variable } from "../../plain/variable.js";
import { READ_KERAS } from "../errors.js";
import type { Hdf5File } from "../hdf5/read.js";
import { ownVariablesOf, restoreOptimizer, type StateLayout } from "./state-layout.js";

/** The optimizer of a file, or why there is none. */
export interface FoundOptimizer {
  /** Built on the trainable weights, at the step where it was saved; null if there is none, or none that is known. */
  readonly optimizer: AnyOptimizer | null;
  /** Why `optimizer` is null; null if it is not. */
  readonly optimizerProblem: string | null;
}

/** What is asked for: an optimizer, its name or serialized form; null for none. */
export type Asked = AnyOptimizer | SerializedObject | string | null | undefined;

export interface StateSource {
  readonly file: Hdf5File;
  readonly state: StateLayout;
  readonly config: KerasConfig | null;
  /** The trainable weights; null where their order is not known, of which `orderProblem` says why. */
  readonly trained: readonly Variable[] | null;
  readonly orderProblem: string | null;
  /** Why it is a guess which weights are trainable: slots tell, and without slots nothing does. */
  readonly flagsProblem: string | null;
  /** Told how what is taken differs from what was saved. */
  note(text: string): void;
}

const none = (optimizerProblem: string): FoundOptimizer => ({ optimizer: null, optimizerProblem });

/** The optimizer on the trained weights. Throws for an argument that is no optimizer. */
export function findOptimizer(saved: StateSource, asked: Asked, customObjects: CustomObjects): FoundOptimizer {
  const { file, state, config, trained, orderProblem, flagsProblem } = saved;
  if (asked !== undefined && typeof asked !== "string" && typeof asked !== "object") throw notAnOptimizer(asked);
  if (asked === null) return none("It was not asked for: options.optimizer is null.");
  if (state.paths.length === 0) return none("The file holds no optimizer.");
  const identifier = asked ?? serializedIn(config);
  if (!identifier) return none("The file does not say which optimizer it holds. Pass it as options.optimizer.");
  if (trained === null) return none(`${orderProblem} ${orderRemedy(config)}`);
  const made = asked === undefined ? fromConfig(identifier, customObjects) : get(asked as string, customObjects); // or another form, which it checks
  if (typeof made === "string") return none(made);
  const optimizer = made === asked ? made : scaledAs(state, made);
  const inner = optimizer instanceof LossScaleOptimizer ? optimizer.innerOptimizer : optimizer;
  if (asked === undefined && hasPaths(inner)) return left(optimizer, asked, OTHER_PATHS);
  const other = otherOwner(saved, inner.className) ?? otherSlots(saved, asked, optimizer, customObjects);
  if (other !== null) return left(optimizer, asked, other);
  try {
    const notes = restoreOptimizer(optimizer, trained, file, state);
    const isSure = flagsProblem === null || ownVariablesOf(optimizer).all.some(({ of }) => of !== null);
    if (!isSure) return left(optimizer, null, `${flagsProblem} ${orderRemedy(config)}`);
    for (const text of notes) saved.note(text);
    return { optimizer, optimizerProblem: null };
  } catch (error) {
    if (error instanceof StateMismatchError)
      return left(optimizer, asked, reasonOf(error).replace(`${READ_KERAS}: `, ""));
    if (optimizer !== asked) optimizer.dispose();
    throw error;
  }
}

/** Only a model that lists its layers has JSON that says their order. */
function orderRemedy(config: KerasConfig | null): string {
  const list = "Pass options.order, the paths of the trainable weights as model.trainable_variables has them";
  return config === null ? `${list}, or the model's JSON as options.config.` : `${list}.`;
}

function left(optimizer: AnyOptimizer, asked: Asked, problem: string): FoundOptimizer {
  if (optimizer !== asked) optimizer.dispose();
  return none(`Its state was left out: ${problem}`);
}

function notAnOptimizer(asked: unknown): TypeError {
  const remedy = "Pass a new one, its name, its serialized form, or null for the weights alone.";
  return new Argument(READ_KERAS, "options.optimizer").badKind("be an optimizer", asked, remedy);
}

/** How the slots of an optimizer that was passed differ from those of the config that wrote the state, if they do. */
function otherSlots(
  { config, trained }: StateSource,
  asked: Asked,
  optimizer: AnyOptimizer,
  customObjects: CustomObjects,
): string | null {
  const serialized = serializedIn(config);
  if (asked === undefined || !serialized || trained === null) return null;
  const writer = fromConfig(serialized, customObjects);
  if (typeof writer === "string") return null;
  const [theirs, ours] = [writer, optimizer].map((each) => trained.flatMap((variable) => kindsOf(each, variable)));
  writer.dispose();
  if (String(theirs) === String(ours)) return null;
  return `it was saved by one with other options: its slots are ${[...new Set(theirs)].join(", ") || "none"}.`;
}

/** The kinds of slots that an optimizer has for a variable. */
function kindsOf(optimizer: AnyOptimizer, { overwriteWithGradient }: Variable): readonly string[] {
  return hostRunOf(optimizer).state.kindsFor({ overwriteWithGradient });
}

/** Whether keys of its map are paths as Keras has them. */
function hasPaths(optimizer: AnyOptimizer): boolean {
  const map = optimizer instanceof MultiOptimizer ? optimizer.optimizerMap : null;
  return map !== null && typeof map !== "function" && map.size > 0;
}

const OTHER_PATHS =
  "the keys of its map match paths of Keras, such as model/dense/kernel, where Variables have names, such as dense_kernel. " +
  "Pass options.optimizer, a MultiOptimizer with the same parts in the same order whose keys match these names.";

/** The serialized optimizer of a model that was saved compiled. */
function serializedIn(config: KerasConfig | null): unknown {
  const compiled = config?.compile_config;
  return isObject(compiled) ? ofKeras3(compiled.optimizer) : null;
}

/** The optimizer, or why there is none. */
function fromConfig(identifier: unknown, customObjects: CustomObjects): AnyOptimizer | string {
  if (Object(identifier).config?.dynamic === false) return FIXED_SCALE;
  try {
    return get(identifier as string, customObjects); // which says what is wrong with anything else
  } catch (error) {
    // A class that is not known, or a config that its class does not take: the weights are good all the same.
    return isError(error) ? `The optimizer was left out. ${error.message}` : "The optimizer was left out.";
  }
}

/**
 * A serialized optimizer of Keras 2 as Keras 3 has it: its classes are registered as custom ones, and what says how it runs, not
 * what it computes, is left out. Any other is returned as it is.
 */
function ofKeras3(serialized: unknown): unknown {
  if (!isObject(serialized) || !isObject(serialized.config)) return serialized;
  const className = String(serialized.class_name).replace(/^Custom>/, "");
  const { jit_compile: _, is_legacy_optimizer: isLegacy, dynamic, lr, ...config } = serialized.config;
  if (dynamic === true) return scaledOfKeras3(config);
  const known = { ...serialized, class_name: className };
  if (lr !== undefined) return { ...known, config: { learning_rate: lr, ...config } };
  // Keras 2 registers its own ones as custom.
  return isLegacy === undefined ? known : { ...known, config, registered_name: null };
}

/** A loss scale that grows. */
const scaledOfKeras3 = ({ inner_optimizer: inner, ...config }: KerasConfig): object => ({
  class_name: "LossScaleOptimizer",
  config: { ...config, inner_optimizer: ofKeras3(inner) },
});

const FIXED_SCALE =
  "The optimizer was left out. It has a loss scale of Keras 2 that does not change, which Keras 3 has not.";

const isObject = (value: unknown): value is KerasConfig => typeof value === "object" && value !== null;

/** Under the policy mixed_float16, Keras puts the optimizer of `compile` into a LossScaleOptimizer, which no config says. */
function scaledAs({ isScaled }: StateLayout, optimizer: AnyOptimizer): AnyOptimizer {
  return isScaled && !(optimizer instanceof LossScaleOptimizer) ? new LossScaleOptimizer(optimizer) : optimizer;
}

/** Whose the state is, if it is that of another class than this one; of a loss scale, the inner optimizer's. */
export function otherOwner({ state, config }: Pick<StateSource, "state" | "config">, className: string): string | null {
  const owner = classInConfig(serializedIn(config)) ?? classOfName(state.name);
  if (owner === null || comparable(owner) === comparable(className)) return null;
  return `it is that of ${owner}, not of ${className}.`;
}

/** The class of a serialized optimizer; within a loss scale, the inner one's. */
function classInConfig(serialized: unknown): string | null {
  if (typeof serialized !== "object" || serialized === null || !("class_name" in serialized)) return null;
  const { class_name: name, config } = serialized as { readonly class_name: unknown; readonly config?: unknown };
  if (typeof name !== "string") return null;
  if (!name.startsWith("LossScaleOptimizer")) return name;
  return classInConfig((config as { readonly inner_optimizer?: unknown } | null | undefined)?.inner_optimizer);
}

/** Keras' optimizers. An optimizer that was given no name has that of its class. */
const CLASSES = [
  ...["Adadelta", "Adafactor", "Adagrad", "Adam", "AdamW", "Adamax", "Ftrl", "Lamb", "Lion", "Muon", "Nadam"],
  ...["RMSprop", "SGD", "ScheduleFreeAdamW", "MultiOptimizer"],
];

/** `"rm_sprop"`, `"RMSprop"` and `"adam_2"`: a name is the user's own, unless it is a class's default. */
function classOfName(name: string | null): string | null {
  if (name === null) return null;
  return CLASSES.find((className) => comparable(className) === comparable(name.replace(/_\d+$/, ""))) ?? null;
}

const comparable = (name: string): string => name.replaceAll("_", "").toLowerCase();
