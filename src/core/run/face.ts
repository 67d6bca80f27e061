// What a face says of its variables and gradients, and does with a step.
import type { Step } from "../../engine/engine.js";
import type { ArgumentReader, Call } from "./call.js";
import type { Target } from "./target.js";

/**
 * What a face does in its own way. `V` are its variables, `G` gradients as users pass them, `S` as they are kept, `C` what it
 * says of a step beside.
 */
export interface Face<V extends object, G, S, A, C> extends ArgumentReader<S, A> {
  /** Whether a value is what this face calls a variable. */
  isVariable(value: unknown): boolean;
  /** Variables as a run keeps them, or an error for one that cannot be trained. */
  targetsOf(variables: readonly V[]): readonly Target<A>[];
  /** Where variables may come at any time: those of a step that have no slots yet. */
  newcomers?(variables: readonly V[]): readonly V[];
  /** Told when these have got slots. The result gives back what it has made for them. */
  opened?(variables: readonly V[]): () => void;
  /** Gradients in a list of our own, of which nothing is left to read that may run code of the user's. */
  steadied(gradients: readonly G[]): readonly S[];
  /** Makes a step on its engine, with all that belongs to it. One that throws has changed nothing. */
  run(step: Step<A>, call: Call<A>, context: C): void;
  /** Whether every element of every gradient is finite. */
  allFinite?(step: Step<A>): boolean;
  /** Throws when averages cannot be put into the variables. */
  checkAverages?(): void;
}
