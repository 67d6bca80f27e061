// What MultiOptimizer is on every face that has one: its options and config, its members, and how a variable finds its part.
import { type Argument, argumentsOf, Verbatim } from "../../check/argument.js";
import { StateError } from "../../check/errors.js";
import { isClass } from "../../check/foreign-objects.js";
import { INSPECT, type Inspect } from "../../check/inspect.js";
import { warnOnce } from "../../check/warn.js";
import type { Engine } from "../../engine/engine.js";
import type { OptimizerDefinition } from "../../optimizers/definition.js";
import type { LearningRateLike } from "../../schedules/learning-rate-like.js";
import type { Config } from "../config.js";
import { type AnyRun, type Composition, runOf } from "../run/run.js";
import type { Target } from "../run/target.js";
import { functionNamed } from "../saved-functions.js";
import { isLossScale } from "../scale/loss-scale.js";
import { type CustomObjects, checkConfig, classOf, type KerasConfig, serializeFunction } from "../serialization.js";
import { type HostState, holdState, stateOf } from "../state/own-state.js";
import type { StateVariable } from "../state/state.js";
import { ownVariables } from "../state/state-variables.js";
import { type Choice, isMultiRun, MultiState, type PartRun } from "./multi-state.js";
import { OPTIMIZER_MAP, OptimizersByPath, serializeMap, warnOfIdleKeys } from "./optimizer-map.js";

/** Keras' name of the class. */
const MULTI_OPTIMIZER = "MultiOptimizer";

const multiArgument = argumentsOf(MULTI_OPTIMIZER);

/** The options of `MultiOptimizer`. */
export interface MultiOptions {
  /** The loss was multiplied by this, so gradients are divided by it: set on all parts, whatever they had. Default null. */
  readonly lossScaleFactor?: number | null | undefined;
  /**
   * Largest L2 norm of all gradients of all parts together; off when null, 0 or less. The parts may not clip by themselves
   * then. Keras has no such argument: it is in no config.
   */
  readonly globalClipnorm?: number | null | undefined;
  /** A name without `/`. Default `"multi_optimizer"`. */
  readonly name?: string | undefined;
}

const OPTIONS: readonly string[] = ["lossScaleFactor", "name", "globalClipnorm"];

/** It has Keras' own variables of an optimizer, an iteration and a learning rate of 0, and no rule. */
export const MULTI: OptimizerDefinition = {
  className: MULTI_OPTIMIZER,
  module: "keras.optimizers",
  options: {},
  base: { learningRate: 0 },
  rule: { slots: [], scalars: [], update: () => ({}) },
};

/** The options as those of an optimizer, with no others among them. */
export function optionsOfMulti(options: MultiOptions): MultiOptions {
  multiArgument("options").keys(options, OPTIONS);
  return { ...options, name: options.name ?? "multi_optimizer" };
}

/** A map, or a function that gives the optimizer of each variable. */
export type MapOrFunction<O extends object, V extends object> = OptimizersByPath<O> | ((variable: V) => O);

/** What a face knows of its optimizers and variables. */
export interface PartsFace<O extends object> {
  /** Its module, such as `"rmsprop"`. */
  readonly module: string;
  isOptimizer(value: unknown): value is O;
  /** What a map looks at; null for a variable that has no path. */
  pathOf(variable: object): string | null;
  /** What to do about a variable that has none. */
  readonly remedy: string;
  /** Whether variables may come at any time. */
  readonly isOpen: boolean;
}

/** An optimizer that can be a part, or an error. */
export function checkedPart<O extends object>(face: PartsFace<O>, argument: Argument, received: unknown): O {
  const isObject = typeof received === "object" && received !== null;
  if (isObject && isLossScale(received)) {
    const remedy = "Wrap the MultiOptimizer in it instead.";
    throw argument.badKind("not be a LossScaleOptimizer", received, remedy);
  }
  if (!face.isOptimizer(received)) {
    const remedy = isClass(received) ? "Make one with new." : "Pass new SGD(), for example.";
    throw argument.badKind(`be an optimizer of "${face.module}"`, received, remedy);
  }
  if (isMultiRun(runOf(received))) {
    throw argument.badKind("not be a MultiOptimizer", received, "Pass its parts themselves.");
  }
  return received;
}

/** The parts of one MultiOptimizer, and which of them trains a variable. */
export class Parts<O extends object, A> implements Choice<A> {
  readonly map: MapOrFunction<O, never>;
  readonly #face: PartsFace<O>;
  readonly #optimizers = new Map<PartRun<A>, O>();

  constructor(face: PartsFace<O>, map: MapOrFunction<O, never>) {
    if (!(map instanceof OptimizersByPath) && (typeof map !== "function" || isClass(map))) {
      const remedy = "Pass new OptimizerMap(defaultOptimizer, { pattern: optimizer }).";
      throw multiArgument("optimizerMap").badKind("be an OptimizerMap or a function", map, remedy);
    }
    this.map = map;
    this.#face = face;
  }

  get isOpen(): boolean {
    return this.#face.isOpen;
  }

  /** What a run of them all is made with: what is in the map comes first, each once, its default last. */
  composed(definition: OptimizerDefinition, config: Config, engine: Engine<A, never>): Composition<A> {
    const { map } = this;
    const state = new MultiState(definition, config, engine, this);
    const known = map instanceof OptimizersByPath ? [...map.values(), map.defaultOptimizer] : [];
    state.join(known.map((optimizer) => this.#runOf(optimizer)));
    return { state, parts: state.runs as unknown as AnyRun[] }; // theirs are the arrays of this face
  }

  runFor({ key }: Target<A>): PartRun<A> {
    const { map } = this;
    // What a function returns is checked; its variables are those of the face.
    if (!(map instanceof OptimizersByPath)) return this.#runOf(map(key as never));
    const path = this.#face.pathOf(key);
    if (path !== null) return this.#runOf(map.get(path));
    const remedy = `${this.#face.remedy} Or give MultiOptimizer a function.`;
    throw multiArgument("variables").badKind("have paths, by which an OptimizerMap knows them", key, remedy);
  }

  looked(targets: readonly Target<A>[]): void {
    if (!(this.map instanceof OptimizersByPath)) return;
    warnOfIdleKeys(
      this.map,
      targets.flatMap(({ key }) => this.#face.pathOf(key) ?? []),
    );
  }

  /** The optimizers of these runs. */
  optimizersOf(runs: readonly PartRun<A>[]): O[] {
    return runs.flatMap((run) => this.#optimizers.get(run) ?? []);
  }

  #runOf(optimizer: unknown): PartRun<A> {
    const part = checkedPart(this.#face, multiArgument("optimizerMap"), optimizer);
    const run = runOf(part) as unknown as PartRun<A>; // the face's own, whose arrays are these
    run.checkAlive();
    if (!this.#optimizers.has(run)) this.#optimizers.set(run, part);
    return run;
  }
}

/** What each of them is made of. */
interface Held {
  readonly parts: Parts<object, never>;
  readonly state: MultiState<never>;
}

const held = new WeakMap<object, Held>();
const heldBy = (optimizer: object): Held => held.get(optimizer) as Held; // each has one

/**
 * Keeps what a MultiOptimizer is made of, and its own state: Keras' order is its iteration and a learning rate of 0, then all
 * variables of each part.
 */
export function holdMulti<A>(optimizer: object, parts: Parts<object, A>): void {
  const run = runOf(optimizer);
  const state = run.state as unknown as MultiState<never>; // as `composed` has made it
  held.set(optimizer, { parts: parts as unknown as Parts<object, never>, state }); // no array of it is looked at
  holdState(optimizer, {
    argument: multiArgument,
    isBuilt: () => run.built,
    checkUsable: () => run.checkUsable(),
    keep: () => state.keepState(),
    list: () => {
      const own = ownVariables(run.config.name, state).first;
      return [...own, ...partsOf(optimizer).flatMap(variablesOf)];
    },
  } satisfies HostState);
}

/** The parts of an optimizer with their own variables; none of one that is no MultiOptimizer. */
export function partStates(optimizer: object): { readonly className: string; readonly variables: StateVariable[] }[] {
  if (!held.has(optimizer)) return [];
  return partsOf(optimizer).map((part) => ({ className: runOf(part).className, variables: variablesOf(part) }));
}

/** The own variables of a part. In Keras, one without variables to train has no numbers of the whole optimizer yet. */
function variablesOf(part: object): StateVariable[] {
  const { targets, definition } = runOf(part).state;
  const list = stateOf(part).list();
  return targets.length > 0 ? list : list.slice(0, list.length - Object.keys(definition.state ?? {}).length);
}

/** The parts of a MultiOptimizer so far. */
const partsOf = (optimizer: object): object[] => {
  const { parts, state } = heldBy(optimizer);
  return parts.optimizersOf(state.runs);
};

/** What a MultiOptimizer has for itself. */
export abstract class MultiMembers<O extends object> {
  /** The optimizers that it is made of: those of the map in their order, the default, then those that a function has given. */
  get optimizers(): O[] {
    return partsOf(this) as O[]; // the face's own
  }

  /** What it was made with. */
  get optimizerMap(): MapOrFunction<O, never> {
    return heldBy(this).parts.map as MapOrFunction<O, never>; // the face's own
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
    return heldBy(this).state.lossScaleFactor;
  }

  set lossScaleFactor(factor: number | null) {
    heldBy(this).state.scaleAll(multiArgument("lossScaleFactor").numberOrNull(factor, { above: 0 }));
  }

  /** Keras' own JSON, each part's within it. Of a function it holds the name; `globalClipnorm`, which is ours, is not in it. */
  getConfig(): KerasConfig {
    const { name, globalClipnorm } = runOf(this).config;
    if (globalClipnorm !== null) {
      const facts = `globalClipnorm=${globalClipnorm} is in no config, since Keras has no such argument`;
      warnOnce(`${MULTI_OPTIMIZER}: ${facts}. Make the optimizer with it again where its config is loaded.`);
    }
    const { map } = heldBy(this).parts;
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
  multiArgument("config").keys(config, ["optimizer_map", "loss_scale_factor", "name", "global_clipnorm"]);
  const { optimizer_map: serialized, loss_scale_factor, name, global_clipnorm } = config;
  const argument = multiArgument("optimizer_map");
  const options = { lossScaleFactor: loss_scale_factor, name, globalClipnorm: global_clipnorm } as MultiOptions; // checked
  const { class_name, config: named } = Object(serialized);
  if (class_name === "function") return [functionNamed(argument, String(named), classes), options];
  if (class_name !== OPTIMIZER_MAP) {
    const received = class_name === undefined ? serialized : new Verbatim(`one of ${class_name}`);
    throw argument.badKind("be an OptimizerMap or a function", received, "Pass what getConfig() returned.");
  }
  const { type, config: inner } = classOf(argument, serialized, classes);
  return [type.fromConfig(inner, classes), options];
}
