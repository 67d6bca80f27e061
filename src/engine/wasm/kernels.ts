// Plans become callable functions here: compiled once for each rule and plan, instantiated over one memory.
import { stepModule } from "../../kernel/wasm/step.js";
import { sumModule } from "../../kernel/wasm/sum.js";
import { widenModule } from "../../kernel/wasm/widen.js";
import type { HalfFormat } from "../../rule/half.js";
import type { Summand } from "../../rule/norm.js";
import type { Plan } from "../../rule/plan.js";
import type { Rule } from "../../rule/rule.js";
import { cached } from "../cached.js";
import type { LinearMemory } from "./memory/linear-memory.js";

/** A kernel: `run` computes the rows of a table; `id` and `bytes` are for other threads. */
export interface Kernel {
  readonly id: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Whether it writes to the arrays of its rows; sums stay in the table. */
  readonly updates: boolean;
  readonly run: (table: number, tableEnd: number, scalars: number) => void;
}

/** Scalars that fit the block of memory that kernels read them from. */
export const MAX_SCALARS = 64;

export class WasmKernels {
  readonly #memory: LinearMemory;
  // By the key of a plan: another optimizer may have made the same one.
  readonly #byKey = new WeakMap<Rule, Map<string, Kernel>>();
  readonly #widening = new Map<HalfFormat, Kernel>();
  #made = 0;

  constructor(memory: LinearMemory) {
    this.#memory = memory;
  }

  /** The step of a plan, for a table of kernel/wasm/step.ts. */
  step(plan: Plan): Kernel {
    if (plan.scalars.length > MAX_SCALARS) {
      throw new RangeError(
        `rmsprop: a rule may have ${MAX_SCALARS} scalars at most; this one needs ${plan.scalars.length}.`,
      );
    }
    return this.#cached(plan.rule, plan.key, true, () => stepModule(plan, this.#memory.shared));
  }

  /** The sums of a plan, for a table of kernel/wasm/sum.ts. */
  sum(summand: Summand, plan: Plan): Kernel {
    const key = `${summand} ${plan.key}`;
    return this.#cached(plan.rule, key, false, () => sumModule(summand, plan, this.#memory.shared));
  }

  /** Numbers of two bytes as float32: `run(from, end, to)` of kernel/wasm/widen.ts. */
  widening(format: HalfFormat): Kernel {
    return cached(this.#widening, format, () => this.#compile(widenModule(format, this.#memory.shared), true));
  }

  #cached(rule: Rule, key: string, updates: boolean, make: () => Uint8Array<ArrayBuffer>): Kernel {
    const ofRule = cached(this.#byKey, rule, () => new Map<string, Kernel>());
    return cached(ofRule, key, () => this.#compile(make(), updates));
  }

  #compile(bytes: Uint8Array<ArrayBuffer>, updates: boolean): Kernel {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory: this.#memory.memory } });
    // The generator exports nothing but this function.
    return { id: ++this.#made, bytes, updates, run: instance.exports.run as Kernel["run"] };
  }
}
