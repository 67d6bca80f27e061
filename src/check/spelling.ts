// How the keys of options were spelt in the config that they come from: a message about a key is in its user's own spelling.
import { snakeCase } from "./names.js";

const spellings = new WeakMap<object, ReadonlyMap<string, string>>();

/** Marks options as those of a config; `keys` has its own by the names of the options that they became. */
export function setSpelling<T extends object>(options: T, keys: Iterable<readonly [option: string, key: string]>): T {
  spellings.set(options, new Map(keys));
  return options;
}

/** Whether options come from a config. */
export const isFromConfig = (options: object): boolean => spellings.has(options);

/** What their user calls an option; one that is not among them, as Keras' configs do if they come from one. */
export function spelt(options: object, option: string): string {
  const keys = spellings.get(options);
  return keys === undefined ? option : (keys.get(option) ?? snakeCase(option));
}
