// The slots of a variable: which it has, and their first values.
import { sizeOf } from "../../check/lists.js";
import type { Engine } from "../../engine/engine.js";
import { ACCUMULATOR } from "../../rule/plan.js";
import type { Target } from "./target.js";

/** The arrays of a variable by the names of its slots. */
export type Slots<A> = Readonly<Record<string, A>>;

export class SlotMaker<A> {
  readonly #names: readonly string[];
  readonly #initial: Readonly<Record<string, number | "variable">>;
  readonly #engine: Engine<A, never>;

  constructor(
    names: readonly string[],
    initial: Readonly<Record<string, number | "variable">>,
    engine: Engine<A, never>,
  ) {
    this.#names = names;
    this.#initial = initial;
    this.#engine = engine;
  }

  /** The names of the slots that a variable gets, in the order of Keras. */
  namesFor({ overwriteWithGradient }: Pick<Target<A>, "overwriteWithGradient">): readonly string[] {
    return overwriteWithGradient ? this.#names.filter((name) => name === ACCUMULATOR) : this.#names;
  }

  /** The slots of each variable. Throws, and keeps nothing, when memory runs out. */
  make(targets: readonly Target<A>[]): Slots<A>[] {
    const made: A[] = [];
    try {
      return targets.map((target) => {
        const slots: Record<string, A> = {};
        for (const slot of this.namesFor(target)) {
          slots[slot] = this.#create(target, slot);
          made.push(slots[slot]);
        }
        return slots;
      });
    } catch (error) {
      for (const array of made) this.#engine.free(array);
      throw error;
    }
  }

  #create(target: Target<A>, slot: string): A {
    const array = this.#engine.zeros(target, `${target.name}_${slot}`);
    const initial = this.#initial[slot] ?? 0;
    if (initial === "variable") this.#engine.copy(target.array, array);
    else if (initial !== 0) this.#engine.write(array, new Float64Array(sizeOf(target.shape)).fill(initial));
    return array;
  }
}
