// Configs as TensorFlow.js hands them over when it loads a model, and the classes and functions that they name.
import { renameKeysDeep, snakeCase } from "../check/names.js";
import { type CustomObjects, type KerasConfig, optionsFrom } from "../core/serialization.js";

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
  return Object.fromEntries(Object.entries(own).map(([key, value]) => [spell(key), renameKeysDeep(value, snakeCase)]));
}

/** What `own.fromConfig(config, customObjects)` gives, or `fromConfig(cls, config)` as TensorFlow.js calls it. */
export function createFromConfig(
  own: Configurable,
  first: Configurable | KerasConfig,
  second: KerasConfig | CustomObjects,
): unknown {
  const calledByTf = typeof first === "function";
  const type = calledByTf ? (first as Configurable) : own; // TensorFlow.js passes the class that it found
  const customObjects = { ...Object.fromEntries(known), ...(calledByTf ? {} : second) };
  return new type(optionsFrom(type.className ?? type.name, kerasConfig(first, second), customObjects));
}
