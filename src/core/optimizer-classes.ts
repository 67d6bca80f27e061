// From definitions to classes, for every face: one class a definition, whose own options are properties, as in Keras.
import { Argument } from "../check/argument.js";
import type { OptimizerDefinition } from "../optimizers/definition.js";

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

/** A getter for each own option, such as `optimizer.rho`. Throws a RangeError for one that is called as a member is. */
function showOptions(prototype: object, { className, options }: OptimizerDefinition): void {
  new Argument(className, "options").keys(options, Object.keys(Object(options)));
  for (const name of Object.keys(options)) {
    if (name in prototype) {
      throw new Argument(className, "options").badValue("not be the name of a member", name, "Rename it.");
    }
    Object.defineProperty(prototype, name, {
      get(this: { readonly hyper: Readonly<Record<string, unknown>> }) {
        return this.hyper[name];
      },
    });
  }
}
