// The optimizers of a MultiOptimizer: which are taken, and which of them trains a variable.
import type { Argument } from "../../check/argument.js";
import { isClass } from "../../check/foreign-objects.js";
import type { Engine } from "../../engine/engine.js";
import type { OptimizerDefinition } from "../../optimizers/definition.js";
import type { Config } from "../config.js";
import { type Composition, type RunOver, runOf } from "../run/run.js";
import type { Target } from "../run/target.js";
import { isLossScale } from "../scale/loss-scale.js";
import { multiArgument } from "./multi-options.js";
import { type Choice, isMultiRun, MultiState } from "./multi-state.js";
import { OptimizersByPath, warnOfIdleKeys } from "./optimizer-map.js";

/** A map, or a function that gives the optimizer of each variable. */
export type MapOrFunction<O extends object, V extends object> = OptimizersByPath<O> | ((variable: V) => O);

/** What a face knows of its optimizers and variables. */
export interface JoinedFace<O extends object, A> {
  /** Its module, such as `"rmsprop"`. */
  readonly module: string;
  isOptimizer(value: unknown): value is O;
  runOf(optimizer: O): RunOver<A>;
  /** What a map looks at; null for a variable that has no path. */
  pathOf(variable: object): string | null;
  /** What to do about a variable that has none. */
  readonly remedy: string;
  /** Whether variables may come at any time. */
  readonly isOpen: boolean;
}

/** An optimizer that can be a part, or an error. */
export function checkedPart<O extends object>(
  face: Pick<JoinedFace<O, never>, "module" | "isOptimizer">,
  argument: Argument,
  received: unknown,
): O {
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

export class JoinedOptimizers<O extends object, A> implements Choice<A> {
  readonly map: MapOrFunction<O, never>;
  readonly #face: JoinedFace<O, A>;
  readonly #optimizers = new Map<RunOver<A>, O>();
  #state: MultiState<A> | null = null;

  constructor(face: JoinedFace<O, A>, map: MapOrFunction<O, never>) {
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
    this.#state = state;
    return { state, parts: state.runs };
  }

  runFor({ key }: Target<A>): RunOver<A> {
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

  /** Those of the map in their order, the default, then those that a function has given. */
  get optimizers(): O[] {
    return (this.#state?.runs ?? []).flatMap((run) => this.#optimizers.get(run) ?? []);
  }

  get lossScaleFactor(): number | null {
    return this.#state?.lossScaleFactor ?? null;
  }

  set lossScaleFactor(factor: number | null) {
    this.#state?.scaleAll(multiArgument("lossScaleFactor").numberOrNull(factor, { above: 0 }));
  }

  #runOf(optimizer: unknown): RunOver<A> {
    const part = checkedPart(this.#face, multiArgument("optimizerMap"), optimizer);
    const run = this.#face.runOf(part);
    run.checkAlive();
    if (!this.#optimizers.has(run)) this.#optimizers.set(run, part);
    return run;
  }
}
