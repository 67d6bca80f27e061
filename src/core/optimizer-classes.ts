// From definitions to classes, for every face: one class a definition, whose own options are properties, as in Keras.
import { Argument } from "../check/argument.js";
import { otherNamesOf } from "../check/names.js";
import type { OptimizerDefinition } from "../optimizers/definition.js";
import { BASE_OPTIONS, OUR_OPTIONS } from "./config.js";
import { runOf } from "./run/run.js";

const definitions = new WeakMap<object, OptimizerDefinition>();

/** The definition of a class, or of the one that it extends; null for a class that is made of none. */
export function definitionOf(type: object | null): OptimizerDefinition | null {
  return type === null ? null : (definitions.get(type) ?? definitionOf(Object.getPrototypeOf(type)));
}

/** What gives the class of a definition: made when it is asked for, and the same one whoever asks again. */
export function classesFrom<C extends { readonly prototype: object }>(
  create: (definition: OptimizerDefinition) => C,
): (definition: OptimizerDefinition) => C {
  const classes = new WeakMap<OptimizerDefinition, C>();
  return (definition) => {
    const known = classes.get(definition);
    if (known !== undefined) return known;
    const created = create(definition);
    Object.defineProperty(created, "name", { value: definition.className });
    showOptions(created.prototype, definition);
    classes.set(definition, created);
    definitions.set(created, definition);
    return created;
  };
}

/**
 * An accessor for each option, such as `optimizer.rho`: it is set when the optimizer is made, and says so to whoever sets it later.
 * Throws a RangeError for an own option that is called as a member is.
 */
function showOptions(prototype: object, { className, options }: OptimizerDefinition): void {
  new Argument(className, "options").keys(options, Object.keys(Object(options)));
  for (const name of Object.keys(options)) {
    if (!(name in prototype)) continue;
    throw new Argument(className, "options").badValue("not be the name of a member", name, "Rename it.");
  }
  const fixed = [...[...BASE_OPTIONS, ...OUR_OPTIONS].filter((name) => !(name in prototype)), ...Object.keys(options)];
  const refuse = (name: string, requirement: string, remedy: string) => (value: unknown) => {
    throw new Argument(className, name).badKind(requirement, value, remedy);
  };
  const remedy = "Make a new optimizer: only learningRate and lossScaleFactor can be set.";
  for (const name of fixed) {
    const get = function (this: object): unknown {
      const { config } = runOf(this);
      return { ...config, ...config.hyper }[name];
    };
    Object.defineProperty(prototype, name, { get, set: refuse(name, "stay as it is", remedy) });
  }
  for (const [name, meant] of otherNamesOf(["learningRate", "lossScaleFactor", ...fixed])) {
    if (name in prototype) continue;
    const set = refuse(name, "be set by its own name", `It is called ${meant} here.`);
    Object.defineProperty(prototype, name, { get: () => undefined, set });
  }
}
