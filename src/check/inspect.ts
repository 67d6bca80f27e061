// How objects of this package show themselves in a console, and what they say where they would be cloned without their memory.

/** The method by which Node, Bun and Deno print an object. */
export const INSPECT: unique symbol = Symbol.for("nodejs.util.inspect.custom");

/** Prints a value as the console would, with its settings. */
export type Inspect = (value: unknown, settings: object) => string;

/** A field that no platform clones, and whose reason it prints: "Symbol(...) could not be cloned". */
export const notCloned = (reason: string): symbol => Symbol(reason);
