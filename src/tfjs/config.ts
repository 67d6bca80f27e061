// Configs as TensorFlow.js hands them over when it loads a model, and the classes and functions that they name.
import { renameKeysDeep, snakeCase } from "../optimizer/names.js";
import { type CustomObjects, type KerasConfig, optionsFrom } from "../optimizer/serialization.js";

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

/** What `own.fromConfig(config, customObjects)` gives, or `fromConfig(cls, config)` as TensorFlow.js calls it. */
export function createFromConfig(
  own: Configurable,
  first: Configurable | KerasConfig,
  second: KerasConfig | CustomObjects,
): unknown {
  const calledByTf = typeof first === "function";
  const type = calledByTf ? (first as Configurable) : own; // TensorFlow.js passes the class that it found
  const [config, customObjects] = calledByTf ? [second, {}] : [first as KerasConfig, second];
  return new type(optionsOf(type.className ?? type.name, config, customObjects));
}

/** A constructor's options. TensorFlow.js turns all keys of a saved config into camelCase, and adds its custom objects. */
function optionsOf(owner: string, config: KerasConfig, customObjects: CustomObjects): Record<string, unknown> {
  if (typeof config !== "object" || config === null) return optionsFrom(owner, config, customObjects); // refuses it
  const { customObjects: _, ...own } = config;
  const keras = renameKeysDeep(own, snakeCase) as KerasConfig; // an object stays one
  return optionsFrom(owner, keras, { ...Object.fromEntries(known), ...customObjects });
}
