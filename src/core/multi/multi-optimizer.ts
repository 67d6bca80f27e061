// What MultiOptimizer is on every face that has one: its state, its members, its config.
import { Verbatim } from "../../check/argument.js";
import { StateError } from "../../check/errors.js";
import { INSPECT, type Inspect } from "../../check/inspect.js";
import { warnOnce } from "../../check/warn.js";
import type { LearningRateLike } from "../../schedules/learning-rate-like.js";
import { OUR_OPTIONS } from "../config.js";
import { runOf } from "../run/run.js";
import { functionNamed } from "../saved-functions.js";
import { type CustomObjects, checkConfig, classOf, type KerasConfig, serializeFunction } from "../serialization.js";
import { type HostState, holdState, stateOf } from "../state/own-state.js";
import type { StateVariable } from "../state/state.js";
import { ownVariables } from "../state/state-variables.js";
import type { JoinedOptimizers, MapOrFunction } from "./joined-optimizers.js";
import { MULTI_OPTIMIZER, type MultiOptions, multiArgument } from "./multi-options.js";
import { OPTIMIZER_MAP, OptimizersByPath, serializeMap } from "./optimizer-map.js";

/** The optimizers of each, whatever their arrays are. */
type Joined = Pick<JoinedOptimizers<object, never>, "map" | "optimizers" | "lossScaleFactor">;

const joinedBy = new WeakMap<object, Joined>();
const joinedOf = (optimizer: object): Joined => joinedBy.get(optimizer) as Joined; // each has some

/**
 * Keeps which optimizers a MultiOptimizer joins, and its own state: Keras' order is its iteration and a learning rate of 0, then
 * all variables of each part.
 */
export function holdMulti(optimizer: object, joined: Joined): void {
  const run = runOf(optimizer);
  joinedBy.set(optimizer, joined);
  holdState(optimizer, {
    argument: multiArgument,
    isBuilt: () => run.built,
    checkUsable: () => run.checkUsable(),
    keep: () => run.state.keepState(),
    list: () => [...ownVariables(run.config.name, run.state).first, ...joined.optimizers.flatMap(variablesOf)],
  } satisfies HostState);
}

/** The parts of an optimizer with their own variables; none of one that is no MultiOptimizer. */
export function partStates(optimizer: object): { readonly className: string; readonly variables: StateVariable[] }[] {
  const parts = joinedBy.get(optimizer)?.optimizers ?? [];
  return parts.map((part) => ({ className: runOf(part).className, variables: variablesOf(part) }));
}

/** The own variables of a part. In Keras, one without variables to train has no numbers of the whole optimizer yet. */
function variablesOf(part: object): StateVariable[] {
  const { targets, definition } = runOf(part).state;
  const list = stateOf(part).list();
  return targets.length > 0 ? list : list.slice(0, list.length - Object.keys(definition.state ?? {}).length);
}

/** What a MultiOptimizer has for itself. */
export abstract class MultiMembers<O extends object> {
  /** The optimizers that it is made of: those of the map in their order, the default, then those that a function has given. */
  get optimizers(): O[] {
    return joinedOf(this).optimizers as O[]; // the face's own
  }

  /** What it was made with. */
  get optimizerMap(): MapOrFunction<O, never> {
    return joinedOf(this).map as MapOrFunction<O, never>; // the face's own
  }

  /** Refused, as in Keras: each part has its own. */
  get learningRate(): never {
    throw withoutRate("read");
  }

  set learningRate(_: LearningRateLike) {
    throw withoutRate("set");
  }

  /** Refused, as in Keras: each part has its own. */
  get learningRateSource(): never {
    throw withoutRate("read");
  }

  /** The largest norm of all gradients together; null for none. */
  get globalClipnorm(): number | null {
    return runOf(this).config.globalClipnorm;
  }

  /** The factor by which `scaleLoss` multiplies and `apply` divides; null for none. To set it sets it on all parts. */
  get lossScaleFactor(): number | null {
    return joinedOf(this).lossScaleFactor;
  }

  set lossScaleFactor(factor: number | null) {
    joinedOf(this).lossScaleFactor = factor;
  }

  /** Keras' own JSON, each part's within it. Of a function it holds the name; `globalClipnorm`, which is ours, is not in it. */
  getConfig(): KerasConfig {
    const { name, globalClipnorm } = runOf(this).config;
    if (globalClipnorm !== null) {
      const facts = `globalClipnorm=${globalClipnorm} is in no config, since Keras has no such argument`;
      warnOnce(`${MULTI_OPTIMIZER}: ${facts}. Make the optimizer with it again where its config is loaded.`);
    }
    const { map } = joinedOf(this);
    const serialized =
      map instanceof OptimizersByPath
        ? serializeMap(map)
        : serializeFunction(multiArgument("optimizerMap"), map, "use an OptimizerMap");
    return { optimizer_map: serialized, loss_scale_factor: this.lossScaleFactor, name };
  }

  /** Its options, step and parts, for a console. @internal */
  [INSPECT](_depth: number, settings: object, inspect: Inspect): string {
    const { config, state } = runOf(this);
    const { name, globalClipnorm, lossScaleFactor } = { ...config, lossScaleFactor: this.lossScaleFactor };
    const shown = { name, lossScaleFactor, globalClipnorm, iterations: state.iterations, optimizers: this.optimizers };
    return `${this.constructor.name} ${inspect(shown, settings)}`;
  }
}

const withoutRate = (verb: string): StateError =>
  new StateError(MULTI_OPTIMIZER, `it has no learningRate to ${verb}. Take those of its parts, in optimizers.`);

/** The arguments of the constructor from a config; a map is one of the classes, a function one of the custom objects. */
export function multiArgumentsFrom(
  config: KerasConfig,
  classes: CustomObjects,
): [optimizerMap: unknown, options: MultiOptions] {
  checkConfig(multiArgument("config"), config);
  multiArgument("config").keys(config, [
    "optimizer_map",
    "loss_scale_factor",
    "name",
    "global_clipnorm",
    ...OUR_OPTIONS,
  ]);
  const { optimizer_map: serialized, loss_scale_factor, global_clipnorm, ...own } = config;
  const argument = multiArgument("optimizer_map");
  const options = { lossScaleFactor: loss_scale_factor, globalClipnorm: global_clipnorm, ...own } as MultiOptions; // checked
  const { class_name, config: named } = Object(serialized);
  if (class_name === "function") return [functionNamed(argument, String(named), classes), options];
  if (class_name !== OPTIMIZER_MAP) {
    const received = class_name === undefined ? serialized : new Verbatim(`one of ${class_name}`);
    throw argument.badKind("be an OptimizerMap or a function", received, "Pass what getConfig() returned.");
  }
  const { type, config: inner } = classOf(argument, serialized, classes);
  return [type.fromConfig(inner, classes), options];
}
