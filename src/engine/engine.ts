// engine/: who computes.
//
// The contract between an optimizer and what computes for it. An engine knows arrays and devices, not maths: it takes a
// plan, makes a program of `rule/step.ts`, and runs it over the arrays of each row.
//
// - `run` computes or queues; it never waits for a device. What can be read at once is an interface of its own.
// - Whatever can fail (compiling, memory) fails in `run` before the first array changes.
// - The same rows and scalars give the same bits in every engine that says `exact`.
import type { DType, Plan } from "../rule/plan.js";
import type { ScalarValues } from "../rule/scalars.js";

/** An array of float32 or float64 numbers. */
export type FloatArray = Float32Array | Float64Array;

/** An array in an engine's memory. */
export interface Storage {
  readonly dtype: DType;
  readonly length: number;
  /** The memory belongs to another storage, of which this is a part. */
  readonly borrowed: boolean;
  /** What it lies in: the same object as long as that lives, though the buffer may be another one after it has grown. */
  readonly memory: object;
  /** The first byte of it in that memory. */
  readonly address: number;
  /** A live view. It may go stale when memory grows: ask for it again rather than keep it. Throws once it was freed. */
  readonly view: FloatArray;
  /** The view, for a user to keep: from now on only `free` gives the memory back, not the garbage collector. */
  expose(): FloatArray;
  /** Whether a buffer is that memory, now or before it has grown. */
  owns(buffer: ArrayBufferLike): boolean;
  /** Gives the memory back. The storage must not be used afterwards. */
  free(): void;
}

/** What the js and wasm engines compute on: their own memory, or an array of the user's, updated in place. */
export type HostArray = Storage | FloatArray;

/** One variable's part in a step: the arrays that its plan lists, in that order; there is one at least. */
export interface Row<A> {
  readonly plan: Plan;
  readonly arrays: A[];
  /** Its scalars, in a step of several optimizers; else they are those of the step. */
  readonly scalars?: ScalarsByType | undefined;
  /** Rows of a global norm share it with those that have the same one; in a step of one optimizer with all. */
  readonly norm?: object | undefined;
}

/** What an array of zeros is made for. */
export interface Like<A> {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly array: A;
}

/** The scalars of a step in each type of variable. */
export type ScalarsByType = Readonly<Record<DType, ScalarValues>>;

/**
 * One step. An engine may keep what it has prepared for the rows: their list is never changed, only replaced by another one,
 * and norms run over them in its order. Rows that share a norm come first.
 */
export interface Step<A> {
  readonly rows: readonly Row<A>[];
  readonly scalars: ScalarsByType;
}

/** `Context` is what a face says of a step beside its rows and scalars. */
export interface Engine<A, Context = void> {
  readonly name: string;
  /** An array of zeros like a variable, where the engine can best use both. Its owner frees it. */
  zeros(variable: Like<A>, name: string): A;
  free(array: A): void;
  run(step: Step<A>, context: Context): void;
  /** This step will not run again. */
  release?(step: Step<A>): void;
  write(array: A, values: ArrayLike<number>): void;
  copy(from: A, to: A): void;
  /** The present values as an array of their own. Its owner frees it. */
  clone(array: A): A;
}

/** What an engine has whose arrays can be read at once. */
export interface HostReadable<A> {
  /** The present values; the caller must not keep or change them. */
  read(array: A): FloatArray;
  /** The present values, for a user to keep: a live view where there is one. */
  expose(array: A): FloatArray;
}

/** What an engine has that can tell at once whether a step may be made. */
export interface FiniteCheck<A> {
  /** Whether every element of every gradient of a step is finite. */
  allFinite(step: Step<A>): boolean;
}

/** What core needs of an engine besides running steps: memory for variables. */
export interface HostEngine extends Engine<HostArray>, HostReadable<HostArray>, FiniteCheck<HostArray> {
  /** Memory of its own for these numbers, which may themselves lie in the memory of the engine. */
  allocate(dtype: DType, values: ArrayLike<number>): Storage;
  /** A view of this engine's memory as a storage that outlives growth; null for a view of other memory. */
  pin(view: FloatArray): Storage | null;
}
