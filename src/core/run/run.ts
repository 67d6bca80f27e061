// One optimizer at work: its state, who may change it when, the order of a step. What variables and gradients are, a face
// says; what is computed, its engine.
import type { Argument } from "../../check/argument.js";
import { StateError } from "../../check/errors.js";
import { notCloned } from "../../check/inspect.js";
import type { Engine } from "../../engine/engine.js";
import type { OptimizerDefinition } from "../../optimizers/definition.js";
import type { Config } from "../config.js";
import { type DecayExclusion, excluder } from "../weight-decay.js";
import { Calls, checkCount } from "./call.js";
import type { Face } from "./face.js";
import type { Norm } from "./gradient-norms.js";
import { REASONS, type Reason, unbuilt } from "./reasons.js";
import { RunState } from "./run-state.js";
import type { Target } from "./target.js";
import { withUndo } from "./undo.js";

/** Whether a step is made if a gradient is not finite. */
type When = "always" | "ifFinite";

/** What an optimizer of several others is made of. */
export interface Composition<A> {
  readonly state: RunState<A>;
  /** Their runs: more may come. Whatever this one is within, they are within, too. */
  readonly parts: readonly RunOver<A>[];
}

export class Run<V extends object, G, A, E extends Engine<A, never> = Engine<A, never>, C = void> {
  readonly config: Config;
  readonly engine: E;
  readonly state: RunState<A>;
  readonly #gradients: Argument;
  readonly #face: Face<V, G, unknown, A, C>;
  readonly #calls: Calls<unknown, V, A>;
  readonly #parts: readonly RunOver<A>[];
  #decays: (name: string, key: object) => boolean = () => true;
  /** Gives back what the face has made; null for one that is not built. */
  #close: (() => void) | null = null;
  #disposed = false;
  readonly #usually: When;
  /** What code of the user's may run within, and must not change the optimizer under its feet. */
  #within: Reason | null = null;

  constructor(
    definition: OptimizerDefinition,
    config: Config,
    engine: E,
    faceOf: (state: RunState<A>) => Face<V, G, unknown, A, C>,
    { state, parts }: Composition<A> = { state: new RunState(definition, config, engine), parts: [] },
  ) {
    this.config = config;
    this.#usually = config.skipNonFinite ? "ifFinite" : "always";
    this.engine = engine;
    this.state = state;
    this.#parts = parts;
    this.#gradients = this.state.argument("gradients");
    this.#face = faceOf(this.state);
    this.#calls = new Calls(this.state.argument, this.state, this.#face);
    if (this.#face.newcomers) this.#close = () => undefined;
  }

  /** Keras' name of the class, which complains. */
  get className(): string {
    return this.state.className;
  }

  get built(): boolean {
    return this.#close !== null;
  }

  /** The variables that it trains, in their order. */
  get variables(): V[] {
    return this.state.targets.map(({ key }) => key as V); // the face puts in nothing else
  }

  /** Whether weight decay, where there is any, takes from a variable: not if it was excluded. */
  decays(variable: V): boolean {
    const target = this.state.targets[this.state.indexOf(variable)];
    if (target === undefined) return true;
    return this.#decays(target.name, target.key) && this.#parts.every((part) => part.decays(variable));
  }

  /** Which of its parts trains a variable; -1 for one without parts. */
  partOf(variable: V): number {
    return this.#parts.findIndex(({ state }) => state.indexOf(variable) >= 0);
  }

  exclude(exclusion: DecayExclusion<V>): void {
    const problem = "excludeFromWeightDecay() must come before the optimizer is built: call it before the first step.";
    if (this.state.targets.length > 0) throw new StateError(this.className, problem);
    this.#decays = excluder(this.state.argument, exclusion, (value) => this.#face.isVariable(value));
  }

  /** Leaves out of weight decay what another optimizer does, of which this is a part. */
  excludeAlso(decays: (name: string, key: object) => boolean): void {
    const own = this.#decays;
    this.#decays = (name, key) => own(name, key) && decays(name, key);
  }

  build(variables: readonly V[]): void {
    this.checkUsable();
    if (this.built) return;
    const wanted = this.#items(variables);
    this.checkUsable(); // to read the list may have run code of the user's
    this.admit(wanted);
  }

  /** Makes slots for variables that have none and runs `fn`; takes them away again if it throws. */
  buildThen<T>(variables: readonly V[], fn: () => T): T {
    this.checkUsable();
    const leave = this.admit(this.#items(variables));
    try {
      return fn();
    } catch (error) {
      leave();
      throw error;
    }
  }

  /**
   * One step. Gradients are divided by `lossScale`; null for those of the loss itself. With `"ifFinite"` nothing changes unless
   * all of them are finite; the result says whether it was made, and those that were not are counted.
   */
  step(
    gradients: readonly G[],
    variables: readonly V[] | undefined,
    lossScale: number | null,
    context: C,
    when: When = this.#usually,
  ): boolean {
    this.checkUsable();
    this.#enter("step");
    let leave = nothing;
    try {
      if (this.#isNothing(gradients, variables)) return true;
      // First all that may run code of the user's: lists, which may be proxies or have getters, and rates.
      if (!this.#calls.repeats(gradients, variables)) leave = this.#take(gradients, variables);
      const { state } = this;
      const looked = when === "always" ? null : this.#calls.resolve();
      if (looked !== null && !this.#face.allFinite?.(state.prepare(looked, lossScale))) {
        state.skipped++;
        return false;
      }
      const hasRun = state.ask(this.#calls.variables);
      const call = hasRun || looked === null ? this.#calls.resolve() : looked;
      this.#face.run(state.prepare(call, lossScale), call, context);
      state.commit(call);
      return true;
    } catch (error) {
      leave();
      throw error;
    } finally {
      this.#calls.forget();
      this.#enter(null);
    }
  }

  /**
   * Makes the update of an accumulation that is not full, with the mean of what was gathered. Where nothing was, nothing happens, and
   * the result is false.
   */
  flush(context: C): boolean {
    this.checkUsable();
    const { state } = this;
    if (state.gathered === 0) return false;
    this.checkBuilt("flush");
    this.#enter("step");
    try {
      state.ask();
      this.#face.checkAlive(); // code of the user's may have run
      state.flush((step, call) => {
        if (step.rows.length > 0) this.#face.run(step, call, context);
      });
      return true;
    } finally {
      this.#enter(null);
    }
  }

  /** The norm of a variable's gradient in the last update. */
  gradientNormOf(variable: V): Norm {
    if (this.#face.isVariable(variable)) return this.state.normOf(variable);
    throw this.state.argument("variable").badKind("be a variable", variable, "Pass one that the optimizer trains.");
  }

  /** Computes a loss, within which nothing of the optimizer can be changed. */
  duringLoss<T>(act: () => T): T {
    this.checkUsable();
    this.#enter("loss");
    try {
      return act();
    } finally {
      this.#enter(null);
    }
  }

  /** Replaces variables by their moving averages. Without `useEma` nothing happens. */
  finalize(variables: readonly V[]): void {
    this.checkUsable();
    if (!this.#keepsAverages) return;
    const wanted = this.#items(variables);
    this.checkBuilt("finalizeVariableValues");
    if (!this.#face.newcomers) checkCount(this.state.argument("variables"), wanted, this.state.targets.length);
    this.#face.checkAverages?.();
    const indices = this.#calls.indicesOf(wanted);
    // Of one without steps, as when variables come later, averages are not there yet.
    if (this.#face.newcomers && this.state.calls === 0) return;
    for (const index of indices) {
      const average = this.state.averageOf(index);
      const target = this.state.targets[index];
      if (target && average) this.engine.copy(average, target.array);
    }
  }

  /** Runs `fn` while the variables hold their averages, and puts their values back; of a promise, once it is settled. */
  whileAveraged<T>(fn: () => T): T {
    this.checkUsable();
    if (!this.#keepsAverages) throw new StateError(this.className, "withAverage needs averages. Pass useEma: true.");
    this.state.argument("fn").callable(fn);
    this.checkBuilt("withAverage");
    this.#face.checkAverages?.();
    const restore = this.state.showAverages();
    this.#enter("averages");
    return withUndo(fn, () => {
      this.#enter(null);
      restore();
    });
  }

  /** Throws a StateError after `dispose()`. */
  checkAlive(): void {
    if (this.#disposed) throw new StateError(this.className, `${this.config.name} was disposed. Make a new one.`);
    for (const part of this.#parts) part.checkAlive();
  }

  /** Throws a StateError after `dispose()`, within a step or a loss, and while the variables hold their averages. */
  checkUsable(): void {
    this.checkAlive();
    this.#checkIdle();
  }

  /** Throws unless it is built and all of its variables are alive. */
  checkBuilt(method: string, owner: string = this.className): void {
    this.checkUsable();
    if (!this.built) throw unbuilt(owner, method);
    this.#face.checkAlive();
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#checkIdle();
    this.#close?.();
    this.#close = null;
    this.state.dispose();
    this.#disposed = true;
  }

  #checkIdle(): void {
    if (this.#within !== null) throw new StateError(this.className, REASONS[this.#within]);
    for (const part of this.#parts) part.#checkIdle();
  }

  #enter(reason: Reason | null): void {
    this.#within = reason;
    for (const part of this.#parts) part.#within = reason;
  }

  get #keepsAverages(): boolean {
    return this.config.useEma || this.#parts.some(({ config }) => config.useEma);
  }

  /** Whether a step is asked for that names nothing at all: then Keras does nothing, either. */
  #isNothing(gradients: readonly G[], variables: readonly V[] | undefined): boolean {
    this.#gradients.array(gradients, "Pass one gradient for each variable, in their order.");
    return gradients.length === 0 && (variables?.length ?? 0) === 0;
  }

  /** Takes the arguments of a step. The result takes the slots away again that were made for it. */
  #take(gradients: readonly G[], variables: readonly V[] | undefined): () => void {
    const given = this.#face.steadied(gradients);
    const wanted = variables === undefined ? undefined : this.#items(variables);
    if (wanted === undefined && !this.built) throw unbuilt(this.className, "apply");
    const leave = this.admit(wanted ?? []);
    this.#calls.take(given, wanted);
    return leave;
  }

  /** Makes slots for those that need some, whatever it is within. The result takes them away again. */
  admit(variables: readonly V[]): () => void {
    const wasBuilt = this.built;
    const fresh = wasBuilt ? (this.#face.newcomers?.(variables) ?? []) : variables;
    if (wasBuilt && fresh.length === 0) return nothing;
    const remove = this.#add(this.#face.targetsOf(fresh));
    const leave = (): void => {
      this.#close?.();
      remove();
      if (!wasBuilt) this.#close = null;
    };
    try {
      this.#close = this.#face.opened?.(fresh) ?? nothing;
    } catch (error) {
      leave();
      throw error;
    }
    return leave;
  }

  /** A user's function may say which part trains a variable. */
  #add(targets: readonly Target<A>[]): () => void {
    const within = this.#within;
    try {
      this.#enter(within ?? "step");
      return this.state.add(targets, ({ name, key }) => this.#decays(name, key));
    } finally {
      this.#enter(within); // with parts that have just come
    }
  }

  #items(variables: readonly V[]): V[] {
    return this.state.argument("variables").items(variables, "Pass [variable], even for one.");
  }
}

const nothing = (): void => undefined;

/** A run over such arrays, and one over those of any face. */
export type RunOver<A> = Run<object, unknown, A, Engine<A, never>, unknown>;
export type AnyRun = RunOver<unknown>;

const NOT_CLONED = notCloned("an optimizer's state cannot be cloned: send saveCheckpoint(optimizer, variables)");
const runs = new WeakMap<object, { readonly run: AnyRun; readonly module: string | null }>();

/** Makes `run` the run of an optimizer, by whose object the package finds it; `module` is that of its class in Keras. */
export function holdRun<R extends AnyRun>(
  optimizer: object,
  run: R,
  module: string | null = run.state.definition.module ?? null,
): R {
  runs.set(optimizer, { run, module });
  Object.assign(optimizer, { cloning: NOT_CLONED });
  return run;
}

/** The run of an optimizer of this package. */
export function runOf(optimizer: object): AnyRun {
  return runs.get(optimizer)?.run as AnyRun; // each class holds one
}

/** Keras' module of an optimizer; null for an object of none of Keras' classes. */
export const kerasModuleOf = (optimizer: object): string | null => runs.get(optimizer)?.module ?? null;
