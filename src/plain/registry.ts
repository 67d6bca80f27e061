// Optimizers by name and by config: get, serialize, deserialize. The form of configs is in core/serialization.ts.
import { Argument } from "../check/argument.js";
import {
  type CustomObjects,
  deserializeOptimizer,
  isOfUser,
  type SerializedObject,
  serializeOptimizer,
} from "../core/serialization.js";
import { byClassName } from "../optimizers/index.js";
import { LossScaleOptimizer } from "./loss-scale.js";
import { MultiOptimizer } from "./multi/optimizer.js";
import { HostOptimizer } from "./optimizer.js";
import { hostClassOf, type Optimizer } from "./optimizer-class.js";

/** An optimizer that this package knows, or one that was passed as a custom object. */
export type AnyOptimizer = Optimizer | LossScaleOptimizer;

/** The optimizer's class and config as Keras writes them: `{ module, class_name, config, registered_name }`. */
export function serialize(optimizer: AnyOptimizer): SerializedObject {
  if (isOptimizer(optimizer)) return serializeOptimizer(optimizer);
  const remedy = 'Pass an optimizer of "rmsprop".';
  throw new Argument("serialize", "optimizer").badKind("be an optimizer", optimizer, remedy);
}

/**
 * The reverse of `serialize`; Keras' own JSON is taken, too. The optimizer's state is fresh.
 *
 * @param customObjects optimizer classes, schedule classes and functions of one's own, by name
 */
export function deserialize(config: unknown, customObjects: CustomObjects = {}): AnyOptimizer {
  const own = isOfUser(config) ? {} : { ...byClassName(hostClassOf), LossScaleOptimizer, MultiOptimizer };
  const classes = { ...own, ...customObjects };
  const argument = new Argument("deserialize", "config");
  const optimizer = deserializeOptimizer(argument, config, classes);
  if (isOptimizer(optimizer)) return optimizer;
  throw argument.badKind("give an optimizer", optimizer, "Look at what its fromConfig returns.");
}

/**
 * An optimizer from its name (`"rmsprop"`), its serialized form, or itself, which is returned as it is. Custom objects are those
 * of `deserialize`.
 */
export function get(
  identifier: string | SerializedObject | AnyOptimizer,
  customObjects: CustomObjects = {},
): AnyOptimizer {
  if (isOptimizer(identifier)) return identifier;
  const serialized = typeof identifier === "string" ? { class_name: identifier, config: {} } : identifier;
  return deserialize(serialized, customObjects);
}

/** Whether a value is an optimizer of this package or one made with it. */
export function isOptimizer(value: unknown): value is AnyOptimizer {
  return value instanceof HostOptimizer || value instanceof LossScaleOptimizer;
}
