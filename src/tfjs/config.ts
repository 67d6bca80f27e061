// Configs as TensorFlow.js hands them over when it loads a model, and the classes and functions that they name.
import { isPlainObject } from "../check/built-ins.js";
import { renameKeys, snakeCase } from "../check/names.js";
import { definitionOf } from "../core/optimizer-classes.js";
import { type CustomObjects, type KerasConfig, optionsFrom } from "../core/serialization.js";
import type { OptimizerDefinition } from "../optimizers/definition.js";

const known = new Map<string, unknown>();

/** Makes schedules and functions of one's own known to every config. */
export function addCustomObjects(customObjects: CustomObjects): void {
  for (const [name, value] of Object.entries(customObjects)) known.set(name, value);
}

/** A class of optimizers. */
export interface Configurable {
  new (options: Record<string, unknown>): unknown;
  readonly name: string;
  readonly className?: string;
}

/**
 * The config of `fromConfig(config)`, or of `fromConfig(cls, config)` as TensorFlow.js calls it, where all keys of the file are in
 * camelCase: there, and within objects, they are spelt as in Keras again.
 */
export function kerasConfig(first: unknown, second: unknown): KerasConfig {
  const calledByTf = typeof first === "function";
  const config = (calledByTf ? second : first) as KerasConfig; // what is none is refused
  if (typeof config !== "object" || config === null || Array.isArray(config)) return config;
  const { customObjects: _, ...own } = config; // TensorFlow.js adds them
  const spell = (key: string): string => (calledByTf ? snakeCase(key) : key);
  return Object.fromEntries(Object.entries(own).map(([key, value]) => [spell(key), respelt(spell(key), value)]));
}

/** A value whose keys are spelt as in Keras, but for those of an OptimizerMap, which are the user's. */
function respelt(key: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => respelt("", item));
  if (!isPlainObject(value)) return value;
  const isMap = key === "optimizer_map" && !("config" in value);
  const entries = Object.entries(value).map(([own, item]) => {
    const name = isMap ? own : snakeCase(own);
    return [name, respelt(isMap ? "" : name, item)];
  });
  return Object.fromEntries(entries);
}

/** The schedules and functions that the config of these arguments of `fromConfig` may name. */
export function objectsFor(first: unknown, second: CustomObjects): CustomObjects {
  return { ...Object.fromEntries(known), ...(typeof first === "function" ? {} : second) };
}

/** What `own.fromConfig(config, customObjects)` gives, or `fromConfig(cls, config)` as TensorFlow.js calls it. */
export function createFromConfig(
  own: Configurable,
  first: Configurable | KerasConfig,
  second: KerasConfig | CustomObjects,
): unknown {
  const type = typeof first === "function" ? first : own; // TensorFlow.js passes the class that it found
  const config = withOurNames(kerasConfig(first, second), definitionOf(type));
  return new type(optionsFrom(type, config, objectsFor(first, second)));
}

/**
 * The config of an optimizer's namesake in `tf.train` under our names; any other as it is. Theirs is known by what it always
 * has - all options, by its names - and by the names of ours that it never has.
 */
function withOurNames(config: KerasConfig, definition: OptimizerDefinition | null): KerasConfig {
  const ours = definition?.namesake?.options ?? {};
  if (typeof config !== "object" || config === null) return config;
  const theirs = new Map(Object.entries(ours).map(([their, our]) => [our, their]));
  const has = (name: string): boolean => name in config;
  const hasAll = Object.entries(definition?.options ?? {}).every(
    ([name, { keras }]) => keras === null || has(theirs.get(name) ?? name),
  );
  if (theirs.size === 0 || !hasAll || [...theirs.keys()].some(has)) return config;
  return renameKeys(config, (key) => ours[key] ?? key);
}
