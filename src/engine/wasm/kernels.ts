// Plans become callable functions here: compiled once for each rule and plan, instantiated over one memory.
import { sumModule } from "../../codegen/reduce.js";
import { stepModule } from "../../codegen/wasm.js";
import type { Summand } from "../../rule/norm.js";
import type { Plan } from "../../rule/plan.js";
import type { Rule } from "../../rule/rule.js";

/** One call of a kernel: numbers in, for a reduction a number out. */
export type Run = (...parameters: number[]) => number;

export class Kernels {
  readonly #memory: WebAssembly.Memory;
  // A plan object is looked up first, its key only when the object is new: another optimizer may have made the same plan.
  readonly #steps = new WeakMap<Plan, Run>();
  readonly #byKey = new WeakMap<Rule, Map<string, Run>>();

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
  }

  /** `run(table, tableEnd, scalars)` of codegen/wasm.ts. */
  step(plan: Plan): Run {
    const known = this.#steps.get(plan);
    if (known) return known;
    const run = this.#cached(plan.rule, plan.key, () => stepModule(plan));
    this.#steps.set(plan, run);
    return run;
  }

  /** `run(...addresses, count, scalars)` of codegen/reduce.ts. */
  sum(summand: Summand, plan: Plan): Run {
    return this.#cached(plan.rule, `${summand} ${plan.key}`, () => sumModule(summand, plan));
  }

  #cached(rule: Rule, key: string, make: () => Uint8Array<ArrayBuffer>): Run {
    const ofRule = this.#byKey.get(rule) ?? new Map<string, Run>();
    this.#byKey.set(rule, ofRule);
    const run = ofRule.get(key) ?? this.#compile(make());
    ofRule.set(key, run);
    return run;
  }

  #compile(bytes: Uint8Array<ArrayBuffer>): Run {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory: this.#memory } });
    // The generator exports nothing but this function.
    return instance.exports.run as Run;
  }
}
