// The own variables of a MultiOptimizer, to be saved and restored: its counters, then those of its parts, each under the
// number of its part.
import type * as tf from "@tensorflow/tfjs-core";
import type { MultiState } from "../../core/multi/multi-state.js";
import type { Target } from "../../core/run/target.js";
import { ownVariables } from "../../core/state/state-variables.js";
import type { TensorRun } from "../run.js";
import { counterName, SavedState, type StateName } from "../state/saved-state.js";
import {
  checkedRestore,
  type NamedTensor,
  type SavedWeight,
  savedWeights,
  stateMismatch,
  Weights,
} from "../state/weights.js";

export class SavedParts extends SavedState {
  readonly #run: TensorRun;
  readonly #state: MultiState<tf.Tensor>;
  readonly #weights = new Weights();

  constructor(run: TensorRun) {
    super(run);
    this.#run = run;
    this.#state = run.state as MultiState<tf.Tensor>; // of a MultiOptimizer
  }

  override async values(): Promise<SavedWeight[]> {
    const parts = this.#parts.map(async ({ saved }, part) =>
      (await saved.values()).map((weight) => ({ ...weight, name: this.#nameIn(part, weight.name) })),
    );
    return (await Promise.all([savedWeights({ counters: this.#counters(), slots: [] }), ...parts])).flat();
  }

  override tensorsOf(values: readonly SavedWeight[]): NamedTensor[] {
    return this.#weights.named(values);
  }

  override namesFor(trained: readonly tf.Variable[]): StateName[] {
    return [...this.#counters().map(counterName), ...this.partNames(trained).flatMap(({ variables }) => variables)];
  }

  override partNames(trained: readonly tf.Variable[]): { className: string; variables: StateName[] }[] {
    const runs = trained.map((variable) => this.#runFor(variable));
    return this.#parts.map((run, part) => {
      const names = run.saved.namesFor(trained.filter((_, i) => runs[i] === run));
      const variables = names.map((each) => ({ ...each, savedName: this.#nameIn(part, each.savedName) }));
      return { className: run.className, variables };
    });
  }

  override checked(read: readonly SavedWeight[]): () => void {
    this.#run.checkUsable();
    const argument = this.#state.argument("weights");
    const own = { counters: this.#counters(), slots: [] };
    const rest = read.slice(own.counters.length);
    const parts = this.#parts.map(({ saved }, part) => {
      const prefix = this.#nameIn(part, "");
      const weights = rest.flatMap((weight) =>
        weight.name.startsWith(prefix) ? { ...weight, name: weight.name.slice(prefix.length) } : [],
      );
      return { saved, weights };
    });
    if (parts.reduce((count, { weights }) => count + weights.length, 0) < rest.length) {
      const expected = parts.map((_, part) => ({ name: this.#nameIn(part, "..."), variable: { shape: [] } }));
      throw stateMismatch(argument, [...own.counters, ...expected], read);
    }
    const { restore } = checkedRestore(argument, own, read.slice(0, own.counters.length));
    const restores = [restore, ...parts.map(({ saved, weights }) => saved.checked(weights))];
    return () => {
      for (const put of restores) put();
    };
  }

  /** Its parts do. */
  override giveTo(): () => void {
    return () => undefined;
  }

  override awaited(variables: readonly tf.Variable[]): tf.Variable[] {
    const fresh = variables.filter(({ trainable }) => trainable);
    return this.#parts.flatMap((run) => run.saved.awaited(fresh.filter((each) => this.#runFor(each) === run)));
  }

  override checkNothingWaits(): void {
    for (const { saved } of this.#parts) saved.checkNothingWaits();
  }

  override replacing<T>(fn: () => T): T {
    return this.#parts.reduce(
      (act, { saved }) =>
        () =>
          saved.replacing(act),
      fn,
    )();
  }

  override dispose(): void {
    this.#weights.dispose();
  }

  get #parts(): TensorRun[] {
    return this.#state.runs as TensorRun[]; // of this face
  }

  #runFor(variable: tf.Variable): unknown {
    const part = this.#run.partOf(variable);
    const { name, shape } = variable;
    const target: Target<tf.Tensor> = {
      key: variable,
      name,
      shape,
      dtype: "float32",
      array: variable,
      overwriteWithGradient: false,
    };
    return part < 0 ? this.#state.runFor(target) : this.#parts[part];
  }

  #nameIn(part: number, name: string): string {
    return `${this.#run.config.name}/${part}/${name}`;
  }

  #counters() {
    const { first } = ownVariables(this.#run.config.name, this.#state);
    return first.map((variable, i) => ({ name: i === 0 ? "iter" : variable.path, variable }));
  }
}
