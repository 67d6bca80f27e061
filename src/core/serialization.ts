// Configs as Keras writes them: snake_case, Keras' order, and objects as { module, class_name, config, registered_name }.
// Which optimizer classes there are is in plain/registry.ts.

import { Argument, argumentsOf, Verbatim } from "../check/argument.js";
import { StateError } from "../check/errors.js";
import { camelCase, nearestName, renameKeys, snakeCase } from "../check/names.js";
import { setSpelling } from "../check/spelling.js";
import type { OptimizerDefinition, Option } from "../optimizers/definition.js";
import {
  CosineDecay,
  CosineDecayRestarts,
  ExponentialDecay,
  InverseTimeDecay,
  LearningRateSchedule,
  PiecewiseConstantDecay,
  PolynomialDecay,
} from "../schedules/index.js";
import type { LearningRateLike } from "../schedules/learning-rate-like.js";
import { BASE_OPTIONS, type Config } from "./config.js";
import { definitionOf } from "./optimizer-classes.js";
import { kerasModuleOf } from "./run/run.js";
import { functionNamed, warnOfName } from "./saved-functions.js";

/** A config in Keras' JSON. */
export type KerasConfig = Readonly<Record<string, unknown>>;

/** Classes and functions of one's own by the name that configs use. */
export type CustomObjects = Readonly<Record<string, unknown>>;

/** A class whose constructor checks one object of options. */
export type Constructible<T> = new (options: Readonly<Record<string, unknown>>) => T;

/** An object in Keras' JSON. */
export interface SerializedObject {
  readonly module: string | null;
  readonly class_name: string;
  readonly config: unknown;
  readonly registered_name: string | null;
}

/** An optimizer's config in the order of Keras' `get_config`. */
export function configOf(
  { className, options }: OptimizerDefinition,
  config: Config,
  source: LearningRateLike,
  lossScale: number | null,
): KerasConfig {
  const learningRate = serializeLearningRate(new Argument(className, "learningRate"), source);
  const values: KerasConfig = { ...config, learningRate, lossScaleFactor: lossScale };
  const base = BASE_OPTIONS.map((name) => [snakeCase(name), values[name]]);
  const own = Object.entries(options).flatMap(([name, option]) => {
    const key = keyOf(name, option);
    return key === null ? [] : [[key, config.hyper[name]]];
  });
  return Object.fromEntries([...base, ...own]);
}

/** The key of an option in Keras' JSON; null where Keras does not have it. */
const keyOf = (name: string, { keras }: Option): string | null => (keras === undefined ? snakeCase(name) : keras);

/** The options of a class's constructor from a config; a learning rate that is an object becomes a schedule. */
export function optionsFrom(
  type: { readonly name: string; readonly className?: string },
  config: KerasConfig,
  customObjects: CustomObjects,
): Record<string, unknown> {
  const argument = argumentsOf(type.className ?? type.name);
  checkConfig(argument("config"), config);
  const own = Object.entries(definitionOf(type)?.options ?? {});
  const names = new Map(own.map(([name, option]) => [keyOf(name, option), name]));
  const optionOf = (key: string): string => names.get(key) ?? plainOption(key);
  const options = renameKeys(config, optionOf);
  const { learningRate } = options;
  const isSchedule = learningRate instanceof LearningRateSchedule;
  if (typeof learningRate === "object" && learningRate !== null && !isSchedule) {
    options.learningRate = deserializeLearningRate(argument("learning_rate"), learningRate, customObjects);
  }
  return setSpelling(
    options,
    Object.keys(config).map((key) => [optionOf(key), key]),
  );
}

/** The option of a key in snake_case; any other key stays as it is. */
function plainOption(key: string): string {
  const option = camelCase(key);
  return snakeCase(option) === key ? option : key;
}

/** Throws for anything but an object, and for one that holds a config. */
export function checkConfig(argument: Argument, config: unknown): void {
  if (typeof config !== "object" || config === null || Array.isArray(config)) {
    throw argument.badKind("be an object", config, "Pass what getConfig() returned.");
  }
  if (!("class_name" in config || "className" in config) || !("config" in config)) return;
  const received = new Verbatim("a serialized object, with a class name and a config");
  const remedy = "Pass its config alone; core's deserialize() takes all of it.";
  throw argument.badKind("be what getConfig() returned", received, remedy);
}

/** An optimizer of any face as configs need it. */
export type Configured = { getConfig(): KerasConfig } & ({ readonly className: string } | { getClassName(): string });

/** The name of an optimizer's class in configs. */
export function savedName(optimizer: Configured): string {
  return "getClassName" in optimizer ? optimizer.getClassName() : optimizer.className;
}

/** An optimizer as Keras' `serialize_keras_object` writes it. */
export function serializeOptimizer(optimizer: Configured): SerializedObject {
  return serialized(kerasModuleOf(optimizer), savedName(optimizer), optimizer.getConfig());
}

/** A class of the user's is in no module of Keras, and goes by the name that it is registered under. */
function serialized(module: string | null, class_name: string, config: unknown): SerializedObject {
  return { module, class_name, config, registered_name: module === null ? class_name : null };
}

/** The optimizer of a serialized object, of one of these classes; case does not count, as in Keras. */
export function deserializeOptimizer(argument: Argument, value: unknown, classes: CustomObjects): unknown {
  const { type, config } = classOf(argument, value, classes);
  return type.fromConfig(config, classes);
}

/** The class that a serialized object names, one of these, and its config. */
export function classOf(
  argument: Argument,
  value: unknown,
  classes: CustomObjects,
): { readonly type: Configurable; readonly config: KerasConfig } {
  const { class_name, config } = checkSerialized(argument, value);
  const entry = Object.entries(classes).find(([name]) => name.toLowerCase() === class_name.toLowerCase());
  const found = entry?.[1];
  if (isConfigurable(found)) return { type: found, config: config as KerasConfig }; // it checks what it gets
  const known = Object.entries(classes).flatMap(([name, candidate]) => (isConfigurable(candidate) ? [name] : []));
  throw unknownClass(argument, class_name, known);
}

/** The parts of a serialized object, or an error. */
function checkSerialized(argument: Argument, value: unknown): SerializedObject {
  if (typeof value === "object" && value !== null && "class_name" in value && typeof value.class_name === "string") {
    return { module: null, config: {}, registered_name: null, ...value, class_name: value.class_name };
  }
  throw argument.badKind("be { class_name, config }", value, "Pass what serialize() returned, or Keras' own JSON.");
}

/** An error for a class that is not known, with the names that are. */
function unknownClass(argument: Argument, received: string, known: readonly string[]): RangeError {
  const meant = nearestName(received, known);
  const remedy = `${meant === null ? `Known are ${known.join(", ")}.` : `Did you mean ${meant}?`} Pass classes of your own in customObjects.`;
  return new Argument(argument.owner, "class_name").badValue("be a known class", received, remedy);
}

const SCHEDULES: CustomObjects = {
  ...{ CosineDecay, CosineDecayRestarts, ExponentialDecay },
  ...{ InverseTimeDecay, PiecewiseConstantDecay, PolynomialDecay },
};

function serializeLearningRate(argument: Argument, source: LearningRateLike): unknown {
  if (typeof source === "number") return source;
  if (source instanceof LearningRateSchedule) {
    const { className } = source.constructor as typeof LearningRateSchedule; // which it extends
    const name = className === LearningRateSchedule.className ? source.constructor.name : className;
    const module = Object.hasOwn(SCHEDULES, className) ? "keras.optimizers.schedules" : null;
    return serialized(module, name, source.getConfig());
  }
  return serializeFunction(argument, source, "use a LearningRateSchedule");
}

/** A function as Keras writes it, by its name; without one a StateError says to give it one, or do `instead`. */
export function serializeFunction(
  argument: Argument,
  { name }: { readonly name: string },
  instead: string,
): SerializedObject {
  if (name !== "" && name !== argument.name) {
    warnOfName(argument, name);
    return { ...serialized("builtins", "function", name), registered_name: "function" };
  }
  const problem = "a function without a name cannot be written as JSON";
  throw new StateError(argument.owner, `${problem}. Name it, or ${instead}.`);
}

function deserializeLearningRate(argument: Argument, value: unknown, customObjects: CustomObjects): LearningRateLike {
  const { class_name, config } = checkSerialized(argument, value);
  if (class_name === "function") {
    return functionNamed(argument, String(config), customObjects) as () => number; // asked before each step
  }
  const classes = isOfUser(value) ? customObjects : { ...SCHEDULES, ...customObjects };
  return classNamed(argument, class_name, LearningRateSchedule, classes).fromConfig(config);
}

/** Whether Keras has saved an object of a class of the user's, whatever its name: it is in no module of Keras, or in a package. */
export function isOfUser(serialized: unknown): boolean {
  const { module, registered_name: name } = Object(serialized);
  if (typeof module === "string") return !/^(tf_)?keras\b/.test(module) && module !== "builtins";
  return typeof name === "string" && name.includes(">");
}

/** The one of these classes with a name that extends `base`, or an error. */
export function classNamed<T>(
  argument: Argument,
  name: string,
  base: abstract new (...values: never[]) => T,
  classes: CustomObjects,
): { fromConfig(config: unknown): T } {
  const found = Object.hasOwn(classes, name) ? classes[name] : undefined;
  if (isClassOf(base, found)) return found;
  throw unknownClass(argument, name, Object.keys(classes));
}

function isClassOf<T>(
  base: abstract new (...values: never[]) => T,
  value: unknown,
): value is { fromConfig(config: unknown): T } {
  return typeof value === "function" && value.prototype instanceof base && "fromConfig" in value;
}

interface Configurable {
  fromConfig(config: KerasConfig, customObjects: CustomObjects): unknown;
}

function isConfigurable(value: unknown): value is Configurable {
  return typeof value === "function" && "fromConfig" in value && typeof value.fromConfig === "function";
}
